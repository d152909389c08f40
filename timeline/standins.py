"""What in a file stands in for a function, a type or a table that our SQL means by its name."""

from __future__ import annotations

import functools
import re
from typing import Final

import duckdb

from timeline.errors import StandIn
from timeline.statements import literal, made, quoted, statement

__all__ = ["refuse_stand_ins"]

_LISTED: Final = {":macros": "MACRO", ":tables": "TABLE", ":views": "VIEW"}
"""What is put into the statement: the names of what every timeline has of a kind."""


def refuse_stand_ins(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    """See that names mean in a file what they mean without it: DuckDB looks into the file first.

    Raises:
        StandIn: if it holds a macro or a type called like one of DuckDB, anything else in the place of a
            table or a view of a timeline, or a trigger.
    """
    for kind, place, name, meant in connection.execute(_listing()).fetchall():
        called = quoted(name) if kind == "schema" else f"{quoted(place)}.{quoted(name)}"
        raise StandIn(path, kind, called, meant)


@functools.cache
def _listing() -> str:
    """The SQL that lists them; all in it is a full name, a literal or a comparison."""
    names: dict[str, set[str]] = {kind: set() for kind in _LISTED.values()}
    for kind, name in made():
        names[kind].add(name)
    listed = {mark: ", ".join(map(literal, sorted(names[kind]))) for mark, kind in _LISTED.items()}
    return re.sub("|".join(listed), lambda found: listed[found[0]], statement("standins", "found"))
