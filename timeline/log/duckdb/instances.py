"""Instances of DuckDB, each as all of ours are: the machine's time zone does not reach them."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Final

import duckdb

from timeline.compile import literal, made, quoted, statement
from timeline.values import StandIn

Config = Mapping[str, str | bool | int | float | list[str]]
_NOTHING: Final[Config] = {}


def connect(
    path: str = ":memory:", *, config: Config = _NOTHING, read_only: bool = False, locked: bool = False
) -> duckdb.DuckDBPyConnection:
    """A new instance, on a file or in memory, whose zone is UTC; if `locked`, its configuration stays so.

    Raises:
        duckdb.Error: if the file cannot be opened.
    """
    connection = duckdb.connect(path, read_only=read_only, config=dict(config))
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    if locked:
        connection.execute("SET lock_configuration = true")
    return connection


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
