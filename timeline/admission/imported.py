"""What became of a table of events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import attrs

from timeline.records import Fallen, Lookalike, NewEntity, Spellings
from timeline.values import BadRows

FEW: Final = 1000
"""How many of anything are told one by one."""

_LISTED: Final = ("fallen", "lookalikes")


@attrs.frozen(kw_only=True)
class Imported:
    """One call of `append_table`: the records that it added, from `first` to `last`, and what it met.

    `count` is how many those are; where it is 0 nothing was written, and `first` and `last` are None. Of the
    rows, `folded` said what an earlier row said, and `unchanged` what the log said already. `attested` of the
    records are attestations: the source was new for what the log said. `fallen` is what was said again
    without ids and no longer stands. Of this, `new_entities`, `spellings`, `placeholders` (as of a `Commit`)
    and `lookalikes` the first thousand are listed; `new_entity_count` and `spelling_count` count all.
    """

    first: int | None
    last: int | None
    count: int
    attested: int
    folded: int
    unchanged: int
    fallen: tuple[Fallen, ...]
    new_entities: tuple[NewEntity, ...]
    new_entity_count: int
    spellings: tuple[Spellings, ...]
    spelling_count: int
    placeholders: tuple[str, ...]
    lookalikes: tuple[Lookalike, ...]
    head: int
    recorded_at: datetime
    digest: str

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        told = attrs.asdict(self, filter=lambda field, _: field.name not in _LISTED)
        listed = {name: [one.as_dict() for one in getattr(self, name)] for name in _LISTED}
        return told | listed | {"recorded_at": self.recorded_at.isoformat()}

    def __len__(self) -> int:
        return self.count

    def __str__(self) -> str:
        counts = [
            (self.attested, "attestation among them", "attestations among them"),
            (self.folded, "row said the same as another", "rows said the same as others"),
            (self.unchanged, "row was known already", "rows were known already"),
            (len(self.fallen), "of what they say no longer stands", "of what they say no longer stand"),
            (self.new_entity_count, "new entity", "new entities"),
            (self.spelling_count, "entity under several names", "entities under several names"),
            (len(self.placeholders), "name looks like none", "names look like none"),
            (len(self.lookalikes), "record looks like an earlier one", "records look like earlier ones"),
        ]
        told = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
        return "; ".join([self._records(), *told])

    def _records(self) -> str:
        if self.count > 1:
            return f"{self.count:,} records, #{self.first} to #{self.last}"
        return f"1 record, #{self.first}" if self.count else "nothing new"


RowFault = tuple[int, str, str]
"""The number of a row, a column, and what is wrong with it."""


class RowFaults:
    """The faults of a table so far: the first thousand, and how many rows are at fault."""

    def __init__(self) -> None:
        self._told: list[RowFault] = []
        self._rows = 0
        self._last = 0

    def add(self, found: Iterable[RowFault]) -> None:
        """Note faults, those of one row together."""
        for one in found:
            if one[0] != self._last:
                self._last = one[0]
                self._rows += 1
            if self._rows <= FEW:
                self._told.append(one)

    def check(self) -> None:
        """See that there are none.

        Raises:
            BadRows: if there are any, with the first thousand and how many rows are at fault.
        """
        if self._rows:
            raise BadRows(sorted(self._told)[:FEW], self._rows)
