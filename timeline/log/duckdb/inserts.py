"""Adding rows to tables through one connection, whose plans are kept."""

from __future__ import annotations

import gc
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final

import duckdb

from timeline.compile import Layout, literal, quoted

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
