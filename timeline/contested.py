"""Which records that stand say otherwise than those that answers rest on, by the rules of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from timeline.basis import Basis
from timeline.by_field import ByField
from timeline.log import Log
from timeline.record import Record

__all__ = ["Contesting"]

Violated = Mapping[int, Sequence[Mapping[int, Record]]]
"""By position of a record, all records of each violation that it is part of, by position."""


class Contesting:
    """What the records behind some answers violate together with others, at the basis of the answers.

    It is looked up once, when first asked for: rules take far longer than answers.
    """

    def __init__(
        self,
        basis: Basis,
        records: Iterable[Record],
        reading: Callable[[], AbstractContextManager[Log]],
    ) -> None:
        self._basis = basis
        self._records = {record.position: record for record in records}
        self._reading = reading
        self._found: Violated | None = None

    def of(self, because: ByField) -> ByField:
        """By field, the records that contest those behind it."""
        return ByField(because.fields, lambda: self._of(because)) if because else because

    def settle(self, others: Iterable[Contesting] = ()) -> None:
        """Look up what is asked for, and with it what others at the same basis want."""
        alike = [one for one in others if one._found is None and one._is_where(self)]
        wanted = [self, *alike] if self._found is None else alike
        if wanted:
            found = self._looked_up({at: one for each in wanted for at, one in each._records.items()})
            for one in wanted:
                one._found = found

    def _is_where(self, other: Contesting) -> bool:
        return self._basis == other._basis and self._reading == other._reading

    def _looked_up(self, records: Mapping[int, Record]) -> Violated:
        from timeline.check.running import contested

        with self._reading() as log:
            return contested(log, self._basis, records)

    def _of(self, because: ByField) -> dict[str, list[Record]]:
        self.settle()
        violated = self._found or {}
        found: dict[str, list[Record]] = {}
        for field, several in because.items():
            mine = {record.position for record in several}
            others = {
                at: one
                for position in mine
                for together in violated.get(position, ())
                for at, one in together.items()
                if at not in mine
            }
            if others:
                found[field] = [others[at] for at in sorted(others)]
        return found
