"""Values that SQL cannot vouch for, each distinct one read once in Python and looked up by all rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import duckdb

from timeline.bulk.staging import GIVEN
from timeline.errors import TimelineError

__all__ = ["Reader", "add", "read_distinct"]

Reader = Callable[[Any], Sequence[Any]]
"""Reads a value into the columns of its look-up."""

_CHUNK: Final = 10_000


def read_distinct(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    value: str,
    where: str,
    read: Reader,
    columns: Sequence[tuple[str, str]],
) -> bool:
    """Make the look-up `temp.name`: `value`, what was read of it, and in `problem` why it cannot be read.

    Tells whether there is anything to look up: a value of a row for which `where` holds.
    """
    connection.execute(
        f"CREATE TEMP TABLE {name}_asked AS SELECT row_number() OVER () AS n, value "
        f"FROM (SELECT DISTINCT {value} AS value FROM {GIVEN} AS given WHERE {where})"
    )
    kind = dict(
        connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE temp.{name}_asked)").fetchall()
    )
    layout = [("value", kind["value"]), *columns, ("problem", "VARCHAR")]
    connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(f'{one} {kind}' for one, kind in layout)})")
    [(count,)] = connection.execute(f"SELECT count(*) FROM temp.{name}_asked").fetchall()
    for start in range(0, count, _CHUNK):
        asked = connection.execute(
            f"SELECT value FROM temp.{name}_asked WHERE n > ? AND n <= ?", [start, start + _CHUNK]
        ).fetchall()
        add(connection, name, layout, [_looked_up(one, read, len(columns)) for (one,) in asked])
    connection.execute(f"DROP TABLE temp.{name}_asked")
    return bool(count)


def add(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    layout: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Add rows to a temporary table, handed over column by column."""
    for start in range(0, len(rows), _CHUNK):
        columns = [list(column) for column in zip(*rows[start : start + _CHUNK], strict=True)]
        values = ", ".join(
            f"unnest(${index}::{'VARCHAR[][]' if kind == 'VARCHAR[]' else 'VARCHAR[]'})::{kind}"
            for index, (_, kind) in enumerate(layout, start=1)
        )
        connection.execute(f"INSERT INTO temp.{name} SELECT {values}", columns)


def _looked_up(value: Any, read: Reader, width: int) -> Sequence[Any]:
    try:
        return [value, *read(value), None]
    except TimelineError as problem:
        return [value, *[None] * width, str(problem)]
