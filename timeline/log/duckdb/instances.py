"""Instances of DuckDB, each as all of ours are, and adding rows through their connections."""

from __future__ import annotations

import functools
import gc
import hashlib
import os
import re
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import attrs
import duckdb

from timeline.compile import Layout, literal, made, quoted, statement
from timeline.values import StandIn

Config = Mapping[str, str | bool | int | float | list[str]]
_NOTHING: Final[Config] = {}
STORAGE: Final[Config] = {"storage_compatibility_version": "v1.5.0", "default_block_size": "65536"}
"""How a file is stored.

In blocks of 64 kB, a quarter of DuckDB's own: small timelines, with some columns in each of many tables, take
a third of the room; with 16 kB a large one takes a third more, and three times as long to write.
"""


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

    @property
    def digest(self) -> bytes:
        """All of it in 32 bytes."""
        return hashlib.sha256(b"%d %d " % (self.device, self.number) + self.content).digest()

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


_FEW: Final = 100
"""Up to so many rows DuckDB's appender, which plans next to nothing, is quicker than a new statement."""
_MANY: Final = 5_000
"""Beyond so many rows reading the literal takes longer than planning anew."""


class Inserts:
    """Adds rows through one connection. The statement of a table that gets rows again is planned only once.

    DuckDB takes no parameters for a prepared statement but as literals, which is what the rows become.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._prepared: dict[str, str | None] = {}

    def add(self, layout: Layout, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, each value as plain JSON has it, to a table."""
        if not rows:
            return
        if layout.insert in self._prepared and len(rows) <= _MANY:
            self._connection.execute(f"EXECUTE {self._name(layout)}({literal(layout.columns(rows))})")
        elif len(rows) > _FEW:
            self._connection.execute(layout.insert, [layout.columns(rows)])
        else:
            with self._connection.appender(layout.table) as appender:
                appender.append_rows(rows)
        self._prepared.setdefault(layout.insert, None)

    def _name(self, layout: Layout) -> str:
        """The name of the prepared statement."""
        name = self._prepared[layout.insert]
        if name is None:
            name = quoted(f"insert {list(self._prepared).index(layout.insert)}")
            self._connection.execute(f"PREPARE {name} AS {layout.insert}")
            self._prepared[layout.insert] = name
        return name


class _Uncollected:
    """A context in which Python looks for no cycles; may be entered by several threads, and twice by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._was_on = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._users:
                self._was_on = gc.isenabled()
                gc.disable()
            self._users += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._users -= 1
            if not self._users and self._was_on:
                gc.enable()


uncollected: Final = _Uncollected()
"""A context in which Python looks for no cycles, as long as anybody is in it.

An append makes some hundred objects for each event, hardly any of them in a cycle; Python would look through
them, and through all that the caller holds, many times a commit.
"""
