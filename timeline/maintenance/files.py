"""New files: written beside their place, forced to disk, and put there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

import attrs
import duckdb

from timeline.compile import quoted
from timeline.log import (
    STORAGE,
    Access,
    File,
    Log,
    connect,
    drafting,
    failing,
    keep_shapes,
    schema,
    shapes,
    written_with,
)
from timeline.moment import to_disk
from timeline.records import Codec
from timeline.values import FileFailed, NotAllowed, TimelineError, refusal


@contextmanager
def placed(target: Path, source: str, *, dry_run: bool = False) -> Iterator[Path]:
    """A path beside a target to write a file or a folder to, which at the end becomes the target.

    It is never more open than its source, a file. With `dry_run` it is gone at the end.

    Raises:
        NotAllowed: if there is something at the target.
        FileFailed: if it cannot be written.
    """
    taken = f"there is something at {target} already; name another place"
    if os.path.lexists(target):
        raise NotAllowed(taken)
    with telling(str(target)), drafting(target) as draft:
        yield draft
        if dry_run:
            return
        _settle(draft, Access.of(source))
        try:
            if draft.is_dir():
                draft.rename(target)
            else:
                os.link(draft, target)  # unlike a renaming, it never takes the place of a file
        except FileExistsError:
            raise NotAllowed(taken) from None
        to_disk(target.parent)


def _settle(path: Path, access: Access | None) -> None:
    """Make a new file, or a folder and its files, no more open than may be, and force it to disk."""
    if access is not None:
        access.limit(path)
    for one in (*(path.iterdir() if path.is_dir() else ()), path):
        to_disk(one)


@contextmanager
def fresh(path: Path, codec: Codec) -> Iterator[Log]:
    """The log of a new timeline file, empty and laid out, in a transaction that is done at the end.

    Raises:
        FileFailed: if it cannot be written.
    """
    with failing(str(path)), connect(str(path), config=STORAGE) as connection:
        connection.execute("BEGIN TRANSACTION")
        schema.create(connection, codec, f"timeline {version('timeline')}")
        yield Log(connection, codec, {})
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")


def swapped(
    file: File,
    codec: Codec,
    write: Callable[[Log, Path], None],
    *,
    source: str | None = None,
    dry_run: bool = False,
) -> None:
    """Have a new file written in the place of an old one, which nobody else has open meanwhile.

    `write` is given the log of the old file, in a transaction that reads, and a path for the new one.
    That is no more open than the old one, nor than the `source` that it is a copy of.
    With `dry_run` it is gone at the end, and the old file stays.

    Raises:
        LockedFile: if others hold the old file longer than its `lock_timeout`.
        TimelineError: whatever `write` raises; the old file is as it was then.
    """
    place = Path(file.key)
    with file.alone() as connection, telling(file.path), drafting(place) as draft, failing(file.path):
        connection.execute("CHECKPOINT")
        connection.execute("BEGIN TRANSACTION READ ONLY")
        write(Log(connection, codec, {}), draft)
        connection.execute("COMMIT")
        if dry_run:
            return
        wal = Path(f"{place}.wal")
        if wal.exists() and wal.stat().st_size:
            raise FileFailed(file.path, "its WAL is still there after a checkpoint")
        shutil.copymode(place, draft)
        if source is not None and (access := Access.of(source)) is not None:
            access.limit(draft)
        _settle(draft, Access.of(place))
        draft.replace(place)
        to_disk(place.parent)


@contextmanager
def telling(path: str) -> Iterator[None]:
    """Tell what the system refuses as an error of ours.

    Raises:
        FileFailed: if the file at that path, or one that it needs, cannot be read or written.
    """
    try:
        yield
    except OSError as problem:
        if isinstance(problem, TimelineError):
            raise
        raise FileFailed(path, refusal(problem)) from None


_WHOLE: Final = {"log": "FROM log ORDER BY position", "commits": "FROM commits ORDER BY first_position"}


@attrs.frozen
class _Poured:
    """What a query gives, as an Arrow stream that is begun once; DuckDB asks for it several times."""

    capsule: object

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.capsule


def pour(source: duckdb.DuckDBPyConnection, query: str, target: duckdb.DuckDBPyConnection, into: str) -> None:
    """Run a statement, `into`, that reads the rows of a query on another connection as `poured`."""
    target.register("poured", _Poured(source.sql(query).__arrow_c_stream__()))
    try:
        target.execute(into)
    finally:
        target.unregister("poured")


def pour_all(source: Log, target: Log) -> None:
    """Fill the tables of a timeline that is laid out and empty from another of the same layout."""
    tables = target.connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() "
        "WHERE database_name = current_database() AND NOT internal AND NOT temporary"
    ).fetchall()
    for inside, name in tables:
        table = f"{quoted(inside)}.{quoted(name)}"
        target.connection.execute(f"DELETE FROM {table}")
        pour(source.connection, f"FROM {table}", target.connection, f"INSERT INTO {table} FROM poured")


def pour_log(source: Log, target: Log, selects: Mapping[str, str] = _WHOLE) -> None:
    """Fill a timeline that is laid out and empty with what all else follows from; `selects` give the rows.

    The sources that these do not cite are left behind.
    """
    target.run("redescribe", written_with(source.connection), "", file="schema")
    keep_shapes(target.connection, shapes(source.connection))
    for name, query in selects.items():
        pour(source.connection, query, target.connection, f"INSERT INTO {name} FROM poured")
    cited = [f"'{one}'" for (one,) in target.run("cited", file="redaction")]
    query = f"FROM sources WHERE id IN ({', '.join(cited) or 'NULL'})"
    pour(source.connection, query, target.connection, "INSERT INTO sources FROM poured")
