"""Instances of DuckDB, each as all of ours are: the machine's time zone does not reach them."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping
from contextlib import closing, suppress
from io import FileIO
from pathlib import Path
from typing import Final

import attrs
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


_SIZE: Final = 3 * 4096
"""The main header, and two of the database, of which the newer one counts."""
_DESCRIPTORS: Final = Path("/dev/fd")


@attrs.frozen
class Headers:
    """Which file there was at a path, and the bytes at its beginning."""

    device: int
    number: int
    content: bytes

    @classmethod
    def read(cls, path: str) -> Headers | None:
        """Those of the file at a path; None if it has none yet, or where the system cannot be asked so."""
        there = _stat(path)
        if there is None or not there.st_size or not _DESCRIPTORS.exists():
            return None
        content = _content(there)
        if content is None:
            with suppress(OSError), closing(FileIO(path)) as file:
                content = os.pread(file.fileno(), _SIZE, 0)
        return None if content is None else cls(there.st_dev, there.st_ino, content)

    def still_hold(self, path: str) -> bool:
        """Whether the same file has the same headers, now that this process has opened it."""
        there = _stat(path)
        if there is None or (there.st_dev, there.st_ino) != (self.device, self.number):
            return False
        return _content(there) in {self.content, None}


def _stat(path: str) -> os.stat_result | None:
    try:
        return Path(path).stat()
    except OSError:
        return None


def _content(there: os.stat_result) -> bytes | None:
    """The headers, through a descriptor that this process has of the file; None if it has none.

    One opened and closed for this would give away all locks that the process has on the file (POSIX).
    """
    for one in _DESCRIPTORS.iterdir():
        with suppress(OSError, ValueError):
            if os.path.samestat(os.fstat(int(one.name)), there):
                return os.pread(int(one.name), _SIZE, 0)
    return None
