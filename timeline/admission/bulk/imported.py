"""What became of a table of events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
import duckdb

from timeline.admission.bulk.columns import add
from timeline.admission.bulk.shapes import Problem
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

_LAYOUT: Final = (("row", "BIGINT"), ("col", "VARCHAR"), ("reason", "VARCHAR"))


class RowFaults:
    """The faults of a table so far, in `temp.faults`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        connection.execute(f"CREATE TEMP TABLE faults ({', '.join(' '.join(one) for one in _LAYOUT)})")

    def find(self, problems: Sequence[Problem]) -> None:
        """Note the problems of all rows, as the view `read` gives them."""
        if not problems:
            return
        names = ", ".join(f"'{index}'" for index in range(len(problems)))
        reasons = ", ".join(f"problem_{index}" for index in range(len(problems)))
        columns = ", ".join("'" + problem.column.replace("'", "''") + "'" for problem in problems)
        anything = f"coalesce({reasons})" if len(problems) > 1 else reasons
        self._connection.execute(
            f"""INSERT INTO temp.faults
            SELECT row, ([{columns}])[k + 1], reason
            FROM (
                SELECT row, unnest([{names}])::INTEGER AS k, unnest([{reasons}]) AS reason
                FROM (SELECT row, {reasons} FROM temp.read) WHERE {anything} IS NOT NULL
            ) WHERE reason IS NOT NULL
            """
        )

    def add(self, found: Iterable[RowFault]) -> None:
        """Note faults of single rows."""
        add(self._connection, "faults", _LAYOUT, [[str(row), column, why] for row, column, why in found])

    def forget(self, rows: Iterable[int]) -> None:
        """Take rows for sound after all."""
        self._connection.execute(
            "DELETE FROM temp.faults WHERE row IN (SELECT unnest(?::BIGINT[]))", [list(rows)]
        )

    def check(self) -> None:
        """See that there are none.

        Raises:
            BadRows: if there are any, with the first thousand and how many rows are at fault.
        """
        [(count,)] = self._connection.execute("SELECT count(DISTINCT row) FROM temp.faults").fetchall()
        if count:
            told = self._connection.execute(
                f"SELECT DISTINCT row, col, reason FROM temp.faults ORDER BY ALL LIMIT {FEW}"
            ).fetchall()
            raise BadRows(told, count)
