"""Timelines in memory that are laid out once, and emptied to be used again.

Laying one out costs more than most tests do with it; `make laws` lays out each anew.
"""

from __future__ import annotations

import functools
import os
from typing import Any, Final, cast
from unittest.mock import patch

import duckdb

from timeline import Timeline
from timeline.compile import literal, quoted
from timeline.log.duckdb import file, instances
from timeline.vocabulary import Catalogue

_EACH_ANEW: Final = os.environ.get("HYPOTHESIS_PROFILE") in {"laws", "long"}
_LAID_OUT: Final = {"foldings", "letters", "meta", "shapes"}
"""Tables that a new timeline has something in, which nothing that is said changes."""
_THERE: Final = """
    SELECT schema_name, table_name, estimated_size FROM duckdb_tables() WHERE NOT internal
    UNION ALL SELECT schema_name, view_name, NULL FROM duckdb_views() WHERE NOT internal ORDER BY 1, 2
"""


class Reused:
    """Timelines in memory of one vocabulary."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._names: list[tuple[str, str]] = []

    def opened(self, **how: Any) -> Timeline:
        """An empty one."""
        with patch.object(file, "connect", self._connect):
            timeline = Timeline.open(":memory:", catalogue=self._catalogue, **how)
        if not self._names:
            self._names = [(schema, name) for schema, name, _ in timeline.sql(_THERE).rows]
        return timeline

    def _connect(self, path: str = ":memory:", **how: Any) -> duckdb.DuckDBPyConnection:
        if path != ":memory:" or _EACH_ANEW:
            return instances.connect(path, **how)
        while self._idle:
            if self._emptied(used := self._idle.pop()):
                return cast("duckdb.DuckDBPyConnection", _Kept(used, self._idle))
            used.close()
        return cast("duckdb.DuckDBPyConnection", _Kept(instances.connect(path, **how), self._idle))

    def _emptied(self, used: duckdb.DuckDBPyConnection) -> bool:
        """Whether nothing is left of what was said; not where that has changed how it is laid out."""
        found = used.execute(_THERE).fetchall()
        names = [(schema, name) for schema, name, _ in found]
        kinds = ", ".join(literal(kind.name) for kind in self._catalogue.sameness) or "NULL"
        if names != self._names or used.execute(f"FROM log WHERE type IN ({kinds}) LIMIT 1").fetchall():
            return False
        for schema, name, size in found:
            if size and name not in _LAID_OUT:
                used.execute(f"DELETE FROM {quoted(schema)}.{quoted(name)}")
        used.execute("CHECKPOINT")
        return True


_USED: Final[dict[int, Reused]] = {}


def in_memory(catalogue: Catalogue | None = None, **how: Any) -> Timeline:
    """An empty timeline of a vocabulary, or of `events`."""
    meant = catalogue or _events()
    return _USED.setdefault(id(meant), Reused(meant)).opened(**how)


@functools.cache
def _events() -> Catalogue:
    return Catalogue.find("events")


class _Kept:
    """An instance of DuckDB that is kept where it would be closed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, idle: list[duckdb.DuckDBPyConnection]) -> None:
        self._connection = connection
        self._idle = idle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def close(self) -> None:
        """Keep it for who comes next."""
        self._idle.append(self._connection)
