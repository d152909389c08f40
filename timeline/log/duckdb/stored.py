"""The tables that a log is made of, and by which it moves: their columns, and rows as plain JSON has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from timeline.compile import Layout, quoted
from timeline.log.duckdb.log import Log
from timeline.log.duckdb.writing import COMMITS, LOG, SOURCES

STORED: Final = {"sources": SOURCES, "commits": COMMITS, "log": LOG}
"""Their layouts, by name."""

_ORDER: Final = {"log": "position", "commits": "first_position", "sources": "id"}
_ASIS: Final = frozenset({"BIGINT", "INTEGER", "VARCHAR", "VARCHAR[]"})


def selected(name: str, which: str = "true") -> str:
    """The SELECT that gives the rows of a table in order, in types that JSON has too."""
    columns = ", ".join(_plain(column, kind) for column, kind in STORED[name].types.items())
    return f"SELECT {columns} FROM {name} WHERE {which} ORDER BY {_ORDER[name]}"  # noqa: S608


def _plain(column: str, kind: str) -> str:
    return quoted(column) if kind in _ASIS else f"{quoted(column)}::VARCHAR AS {quoted(column)}"


def rows_between(log: Log, name: str, after: int, upto: int) -> list[Any]:
    """The rows of records or commits that begin behind a position, up to another."""
    which = f"{_ORDER[name]} > $1 AND {_ORDER[name]} <= $2"
    return log.connection.execute(selected(name, which), [after, upto]).fetchall()


def sources_of(log: Log, rows: Iterable[Sequence[Any]]) -> list[Any]:
    """The rows of the sources that some rows of records cite."""
    wanted = sorted(cited(rows))
    return log.connection.execute(selected("sources", "list_contains($1::UUID[], id)"), [wanted]).fetchall()


def cited(rows: Iterable[Sequence[Any]]) -> set[str]:
    """The ids of the sources that some rows of records cite."""
    at = list(LOG.types).index("sources")
    texts = {row[at] for row in rows}
    return {one["source"] for text in texts for one in msgspec.json.decode(text)}


def column(layout: Layout, name: str, rows: Iterable[Sequence[Any]]) -> Iterator[Any]:
    """The values of one column of some rows of a table."""
    at = list(layout.types).index(name)
    return (row[at] for row in rows)
