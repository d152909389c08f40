"""Timelines that are laid out once: emptied to be used again in memory, or copied from one like them.

Laying one out costs more than most tests do with it; `make laws` lays out each anew.
"""

from __future__ import annotations

import functools
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final, cast
from unittest.mock import patch

import duckdb

from timeline import Timeline
from timeline.compile import literal, quoted
from timeline.log.duckdb import file, instances, schema
from timeline.records import Codec
from timeline.vocabulary import Catalogue, kept

_EACH_ANEW: Final = os.environ.get("HYPOTHESIS_PROFILE") in {"laws", "long"}
_LAID_OUT: Final = {"foldings", "letters", "meta", "shapes"}
"""Tables that a new timeline has something in, which nothing that is said changes but the base of spans."""
_THERE: Final = """
    SELECT schema_name, table_name, estimated_size FROM duckdb_tables()
    WHERE NOT internal AND database_name = current_database()
    UNION ALL SELECT schema_name, view_name, NULL FROM duckdb_views()
    WHERE NOT internal AND database_name = current_database() ORDER BY 1, 2
"""


_WORLDS: Final = "SELECT database_name FROM duckdb_databases() WHERE database_name LIKE 'what if %'"


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
        for (world,) in used.execute(_WORLDS).fetchall():
            used.execute(f"DETACH {quoted(world)}")
        found = used.execute(_THERE).fetchall()
        names = [(schema, name) for schema, name, _ in found]
        if names != self._names:
            return False
        for inside, name, size in found:
            if size and name not in _LAID_OUT:
                used.execute(f"DELETE FROM {quoted(inside)}.{quoted(name)}")
        used.execute("UPDATE meta SET base = 0")
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


class Copied:
    """Lays out timelines by copying one that was laid out for the same vocabulary, from the second on."""

    def __init__(self) -> None:
        self._lay_out, self._connect = schema.create, instances.connect
        self._folder = tempfile.TemporaryDirectory(prefix="timeline-laid-out-")
        self._asked: Counter[str] = Counter()
        self._made: dict[str, str] = {}

    def create(self, connection: duckdb.DuckDBPyConnection, codec: Codec, written_by: str) -> None:
        """As `schema.create`."""
        catalogue = codec.catalogue
        like = repr((catalogue.name, schema.FORMAT, schema._stamp(catalogue), sorted(kept(catalogue))))
        self._asked[like] += 1
        ((into, readable),) = connection.execute(
            "SELECT current_database(), current_setting('allowed_directories')"
        ).fetchall()
        allowed = any(self._folder.name in one for one in readable)
        if not (catalogue.known and allowed) or self._asked[like] == 1:
            self._lay_out(connection, codec, written_by)
            return
        if like not in self._made:
            self._made[like] = str(Path(self._folder.name) / f"{len(self._made)}.duckdb")
            with self._connect(self._made[like]) as laid_out:
                self._lay_out(laid_out, codec, written_by)
        connection.execute(f"ATTACH {literal(self._made[like])} AS laid_out (READ_ONLY)")
        connection.execute(f"COPY FROM DATABASE laid_out TO {quoted(into)}; DETACH laid_out;")
        connection.execute("UPDATE meta SET written_by = $1", [written_by])

    def connect(self, path: str = ":memory:", **how: Any) -> duckdb.DuckDBPyConnection:
        """As `instances.connect`; where there is no file yet, what was laid out may be read from it."""
        config = dict(how.get("config", {}))
        if config.pop("enable_external_access", None) is None or (path != ":memory:" and Path(path).exists()):
            return self._connect(path, **how)
        connection = self._connect(path, **how | {"config": config, "locked": False})
        connection.execute(f"SET allowed_directories = [{literal(self._folder.name)}]")
        connection.execute("SET enable_external_access = false")
        if how.get("locked"):
            connection.execute("SET lock_configuration = true")
        return connection


def copy_what_is_laid_out() -> None:
    """Have timelines of this process laid out so, unless each is to be laid out anew."""
    if not _EACH_ANEW:
        copied = Copied()
        for place, name in (schema, "create"), (file, "connect"), (instances, "connect"):
            setattr(place, name, getattr(copied, name))
