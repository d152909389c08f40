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
        """Look it up, and with it what others of the same log wait for."""
        wanted = [one for one in (self, *others) if one._found is None and one._reading == self._reading]
        if wanted:
            from timeline.check.running import contested

            with self._reading() as log:
                found = contested(log, [(one._basis, one._records) for one in wanted])
            for one, violated in zip(wanted, found, strict=True):
                one._found = violated

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
