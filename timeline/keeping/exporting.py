"""The log as JSON Lines or Parquet: every stored column, salt and digest of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from timeline.errors import FileFailed, NotAllowed
from timeline.escaping import escaped
from timeline.instances import connect
from timeline.keeping.files import placed
from timeline.keeping.pouring import pour
from timeline.keeping.stored import TABLES, heading, selected
from timeline.log import Log
from timeline.session import Session
from timeline.statements import literal

__all__ = ["HEADING", "LINES", "PARQUET", "export"]

LINES: Final = ".jsonl"
PARQUET: Final = ".parquet"
HEADING: Final = "timeline.json"
"""The file, in a folder of Parquet, of what the export says of itself."""

_CHUNK: Final = 10_000


def export(session: Session, path: str | os.PathLike[str], *, dry_run: bool) -> str:
    """Write the log to a file of JSON Lines or a folder of Parquet files, by the end of its name; its head.

    The path `-` is standard output, as JSON Lines. With `dry_run` nothing is kept.

    Raises:
        NotAllowed: if the name ends otherwise, or there is something already.
        FileFailed: if it cannot be written.
    """
    if path == "-":
        return _streamed(session, dry_run=dry_run)
    target = Path(path)
    if target.suffix not in {LINES, PARQUET}:
        raise NotAllowed(f"{target} is to end with {LINES}, for JSON Lines, or {PARQUET}, a folder")
    with placed(target, session.file.key, dry_run=dry_run) as draft, session.in_file() as log:
        if target.suffix == LINES:
            with draft.open("wb") as file:
                file.writelines(_lines(log))
        else:
            draft.mkdir()
            _write_parquet(log, draft)
        return str(log.head())


def _streamed(session: Session, *, dry_run: bool) -> str:
    """Write the log to standard output, or nothing; its head."""
    if sys.stdout is None:
        raise FileFailed("-", "standard output is closed")
    with session.in_file() as log:
        if not dry_run:
            sys.stdout.buffer.writelines(_lines(log))
            sys.stdout.buffer.flush()
        return str(log.head())


def _lines(log: Log) -> Iterator[bytes]:
    """One object a line: what the export says of itself, then the rows, each under the name of its table."""
    yield msgspec.json.encode({"timeline": heading(log)}) + b"\n"
    for name in TABLES:
        result = log.connection.execute(f"SELECT to_json(one)::VARCHAR FROM ({selected(name)}) AS one")
        while rows := result.fetchmany(_CHUNK):
            yield "".join(f'{{"{name}":{escaped(text)}}}\n' for (text,) in rows).encode()


def _write_parquet(log: Log, folder: Path) -> None:
    (folder / HEADING).write_bytes(msgspec.json.encode({"timeline": heading(log)}))
    with connect() as writer:
        for name in TABLES:
            file = literal(str(folder / f"{name}{PARQUET}"))
            into = f"COPY (FROM poured) TO {file} (FORMAT parquet, COMPRESSION zstd)"
            pour(log.connection, selected(name), writer, into)
