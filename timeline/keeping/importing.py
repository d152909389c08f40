"""A log read in from an export, into an empty timeline: all of it, just as it was, or none."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec

from timeline import schema
from timeline.arguments import Progress
from timeline.errors import FaultyCopy, FileFailed, NotAllowed
from timeline.instances import connect
from timeline.integrity import chain
from timeline.integrity.report import Faults, Report
from timeline.integrity.verifying import verify
from timeline.keeping.exporting import HEADING, PARQUET
from timeline.keeping.stored import TABLES, Heading, read_heading
from timeline.log import Log
from timeline.statements import literal, quoted

__all__ = ["import_log"]

_CHUNK: Final = 10_000
Batch = tuple[str, Sequence[Sequence[Any]]]
"""The name of a table, and some of its rows."""


def import_log(log: Log, path: str | os.PathLike[str], timeline: str, progress: Progress) -> Report:
    """Read in an export, derive what follows and verify it all; in the caller's transaction.

    Raises:
        NotAllowed: if the timeline holds something, or there is no export at that path.
        FaultyCopy: if anything in the export is not as it was written.
        NewerTimeline: if a newer version of this package wrote it.
        OtherVocabulary: if it holds events that the vocabulary does not have, or has otherwise.
    """
    if log.head().position or log.run("counts") != [(0, 0)]:
        raise NotAllowed(f"{timeline} holds records already; import into a file that holds nothing")
    place, streamed = Path(path), path == "-"
    if not streamed and not place.exists():
        raise NotAllowed(f"there is no {place}")
    try:
        if not streamed and place.is_dir():
            said, batches = _of_parquet(place)
        else:
            said, batches = _of_lines(str(place), _standard_input() if streamed else _lines(place))
        count = 0
        for name, rows in batches:
            layout = TABLES[name]
            log.connection.execute(layout.insert, [layout.columns(rows)])
            count += len(rows)
            progress("reading", count, None)
        _check(log, place)
    except duckdb.Error as problem:
        raise FaultyCopy(str(place), [str(problem).partition("\n")[0]]) from None
    except OSError as problem:
        raise FileFailed(str(place), (problem.strerror or str(problem)).lower()) from None
    schema.keep_shapes(log.connection, said.shapes)
    schema.check_vocabulary(log.connection, log.codec.catalogue, str(place), said.catalogue)
    schema.rebuild(log.connection, log.codec, timeline, progress)
    progress("verifying", 0, None)
    report = verify(Log(log.connection, log.codec, {}), said.head)
    if not report.faithful or report.head != said.head:
        told = f"it ends at {report.head}, and says that it ends at {said.head}"
        ended = () if report.head == said.head else (told,)
        raise FaultyCopy(str(place), [*ended, *map(str, report.faults)])
    return report


def _check(log: Log, place: Path) -> None:
    """See that the log is as it was written, before anything is derived from it."""
    faults = Faults()
    for check in chain.records, chain.commits, chain.sources:
        faults.add(check(Log(log.connection, log.codec, {})))
    if faults.kept:
        raise FaultyCopy(str(place), list(map(str, faults.kept)))


def _lines(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        yield from file


def _standard_input() -> Iterator[bytes]:
    if sys.stdin is None:
        raise FileFailed("-", "standard input is closed")
    yield from sys.stdin.buffer


def _of_lines(path: str, lines: Iterator[bytes]) -> tuple[Heading, Iterator[Batch]]:
    return read_heading(path, next(lines, b"")), _batches(path, lines)


def _batches(path: str, lines: Iterator[bytes]) -> Iterator[Batch]:
    """The rows of JSON Lines, some at a time."""
    rows: list[list[Any]] = []
    before: str | None = None
    for number, line in enumerate(lines, 2):
        name, row = _row(path, number, line)
        if before is not None and (name != before or len(rows) >= _CHUNK):
            yield before, rows
            rows = []
        before = name
        rows.append(row)
    if before is not None:
        yield before, rows


def _row(path: str, number: int, line: bytes) -> tuple[str, list[Any]]:
    """The table that a line is of, and its columns."""
    with suppress(
        *(msgspec.DecodeError, UnicodeDecodeError, RecursionError),
        *(AttributeError, LookupError, TypeError, ValueError),
    ):
        ((name, said),) = msgspec.json.decode(line).items()
        columns = TABLES[name].types
        if said.keys() == columns.keys():
            return name, [said[column] for column in columns]
    raise FaultyCopy(path, [f"line {number} is no row of an export"])


def _of_parquet(place: Path) -> tuple[Heading, Iterator[Batch]]:
    try:
        text = (place / HEADING).read_bytes()
    except FileNotFoundError:
        raise FaultyCopy(str(place), [f"it has no {HEADING}"]) from None
    return read_heading(str(place), text), _of_files(place)


def _of_files(place: Path) -> Iterator[Batch]:
    """The rows of a folder of Parquet files, some at a time."""
    with connect() as reader:
        for name, layout in TABLES.items():
            file = literal(str(place / f"{name}{PARQUET}"))
            columns = ", ".join(map(quoted, layout.types))
            result = reader.execute(f"SELECT {columns} FROM read_parquet({file})")
            while rows := result.fetchmany(_CHUNK):
                yield name, rows
