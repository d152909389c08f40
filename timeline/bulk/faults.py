"""What is wrong with the rows of a table, gathered so that all of it is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import duckdb

from timeline.bulk.imported import FEW
from timeline.bulk.lookups import add
from timeline.bulk.shapes import Problem
from timeline.errors import BadRows

__all__ = ["RowFault", "RowFaults"]

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
