"""SQL over the file: one SELECT, which can neither write nor reach other files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import duckdb

from timeline.errors import NotAllowed
from timeline.tables import quoted

__all__ = ["Rows", "run_select"]

_ZONED: Final = "TIMESTAMP WITH TIME ZONE"


@attrs.frozen
class Rows:
    """The rows of a result, all of them, with the names of their columns; timestamps are naive UTC."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_dict(self) -> dict[str, list[Any]]:
        """Each column as a list, by name."""
        return {name: [row[index] for row in self.rows] for index, name in enumerate(self.columns)}

    def as_dicts(self) -> list[dict[str, Any]]:
        """Each row as a mapping of column to value."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def run_select(connection: duckdb.DuckDBPyConnection, query: str, parameters: Any = None) -> Rows:
    """The result of one SELECT, in the caller's read-only transaction.

    Raises:
        NotAllowed: if it is not exactly one SELECT, or DuckDB refuses it.
    """
    if not isinstance(query, str) or any("\ud800" <= mark <= "\udfff" for mark in query):
        raise NotAllowed(f"sql takes the text of one SELECT, not {query!r}")
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise NotAllowed("sql takes exactly one SELECT; to write, use append, correct or retract")
        select = statements[0].query.strip().removesuffix(";")
        result = connection.execute(select, parameters)
        columns = [(column[0], str(column[1])) for column in result.description or ()]
        if any(kind == _ZONED for _, kind in columns):
            result = connection.execute(_without_zones(select, columns), parameters)
        return Rows(tuple(name for name, _ in columns), tuple(result.fetchall()))
    except duckdb.Error as problem:
        raise NotAllowed(f"DuckDB refuses the query: {problem}") from None


def _without_zones(query: str, columns: Sequence[tuple[str, str]]) -> str:
    """The query with zoned timestamps as naive UTC, since DuckDB's client cannot give them without pytz."""
    parts = [
        f"make_timestamp(epoch_us({quoted(name)})) AS {quoted(name)}" if kind == _ZONED else quoted(name)
        for name, kind in columns
    ]
    return f"SELECT {', '.join(parts)} FROM (\n{query}\n) AS zoned"  # noqa: S608
