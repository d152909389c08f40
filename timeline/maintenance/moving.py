"""Copies of a timeline, and its log as JSON Lines or Parquet, with every stored column, salt and digest."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import attrs
import duckdb
import msgspec

from timeline.compile import literal, quoted
from timeline.log import (
    FORMAT,
    OLDEST,
    STORED,
    File,
    Log,
    Session,
    connect,
    is_address,
    schema,
    selected,
    shapes,
    unreleased,
    written_with,
)
from timeline.maintenance.files import fresh, placed, pour, pour_all, pour_log, swapped, telling
from timeline.maintenance.report import Faults, Report, read_head
from timeline.maintenance.verifying import check_commits, check_records, check_sources, verify
from timeline.records import Codec
from timeline.values import FaultyCopy, FileFailed, NewerTimeline, NotAllowed, Progress, escaped
from timeline.vocabulary import Kept

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
    for name in STORED:
        result = log.connection.execute(f"SELECT to_json(one)::VARCHAR FROM ({selected(name)}) AS one")
        while rows := result.fetchmany(_CHUNK):
            yield "".join(f'{{"{name}":{escaped(text)}}}\n' for (text,) in rows).encode()


def _write_parquet(log: Log, folder: Path) -> None:
    (folder / HEADING).write_bytes(msgspec.json.encode({"timeline": heading(log)}))
    with connect() as writer:
        for name in STORED:
            file = literal(str(folder / f"{name}{PARQUET}"))
            into = f"COPY (FROM poured) TO {file} (FORMAT parquet, COMPRESSION zstd)"
            pour(log.connection, selected(name), writer, into)


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
    with telling(str(place)):
        try:
            if not streamed and place.is_dir():
                said, batches = _of_parquet(place)
            else:
                lines = _standard_input() if streamed else _importing_lines(place)
                said, batches = read_heading(str(place), next(lines, b"")), _batches(str(place), lines)
            count = 0
            for name, rows in batches:
                layout = STORED[name]
                log.connection.execute(layout.insert, [layout.columns(rows)])
                count += len(rows)
                progress("reading", count, None)
            _check(log, place)
        except duckdb.Error as problem:
            raise FaultyCopy(str(place), [str(problem).partition("\n")[0]]) from None
    schema.keep_shapes(log.connection, said.shapes)
    schema.check_vocabulary(log.connection, log.codec.catalogue, str(place), said.catalogue)
    schema.rebuild(log.connection, log.codec, timeline, progress)
    progress("verifying", 0, None)
    report = verify(Log(log.connection, log.codec, {}), said.head, progress)
    if not report.faithful or report.head != said.head:
        told = f"it ends at {report.head}, and says that it ends at {said.head}"
        ended = () if report.head == said.head else (told,)
        raise FaultyCopy(str(place), [*ended, *map(str, report.faults)])
    return report


def _check(log: Log, place: Path) -> None:
    """See that the log is as it was written, before anything is derived from it."""
    faults = Faults()
    for check in check_records, check_commits, check_sources:
        faults.add(check(Log(log.connection, log.codec, {})))
    if faults.kept:
        raise FaultyCopy(str(place), list(map(str, faults.kept)))


def _importing_lines(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        yield from file


def _standard_input() -> Iterator[bytes]:
    if sys.stdin is None:
        raise FileFailed("-", "standard input is closed")
    yield from sys.stdin.buffer


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
        columns = STORED[name].types
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
        for name, layout in STORED.items():
            file = literal(str(place / f"{name}{PARQUET}"))
            columns = ", ".join(map(quoted, layout.types))
            result = reader.execute(f"SELECT {columns} FROM read_parquet({file})")
            while rows := result.fetchmany(_CHUNK):
                yield name, rows


def backup(session: Session, target: str | os.PathLike[str], *, force: bool, dry_run: bool) -> Report:
    """Copy a timeline as it is now to a new file, and verify the copy; gives the report on it.

    With `force` the copy takes the place of the timeline that is there; with `dry_run` none is kept.

    Raises:
        NotAllowed: if there is a file already and no `force`.
        FaultyCopy: if the copy is not whole, as the timeline itself is not; none is left.
        FileFailed: if it cannot be written.
    """
    if is_address(target):
        raise NotAllowed(f"{target} is the address of a log; `timeline push` carries commits there")
    other = File.at(target, read_only=False, lock_timeout=session.file.lock_timeout)
    if other.in_memory:
        raise NotAllowed(f"{os.fspath(target)} is no file; name one")
    if other.key == session.file.key:
        raise NotAllowed(f"{os.fspath(target)} is the open file itself; name another")
    reports: list[Report] = []

    def write(draft: Path) -> None:
        with session.in_file() as log:
            reports.append(_copied(log, session.codec, draft, session.file.path))

    if force and other.exists:
        swapped(other, session.codec, lambda _, draft: write(draft), source=session.file.key, dry_run=dry_run)
    else:
        with placed(Path(other.key), session.file.key, dry_run=dry_run) as draft:
            write(draft)
    return reports[0]


def _copied(log: Log, codec: Codec, draft: Path, path: str) -> Report:
    """Copy what the log holds and all that is derived to a new file; derived anew where it does not fit."""
    with fresh(draft, codec) as copy:
        if codec.catalogue.known and schema.fits(log.connection, codec):
            pour_all(log, copy)
        else:
            pour_log(log, copy)
            schema.rebuild(copy.connection, codec, path)
        report = verify(copy, str(log.head()))
        if not report.faithful:
            raise FaultyCopy(path, [str(fault) for fault in report.faults])
    return report


def heading(log: Log) -> dict[str, Any]:
    """What an export says of itself: its format, where the log ends, and how much there is."""
    records, commits = log.run("counts")[0]
    kept = (key for key in shapes(log.connection).items() if key[0][0] == "event")
    return {
        "format": FORMAT,
        "catalogue": written_with(log.connection),
        "shapes": [[*key[1:], shape] for key, shape in sorted(kept)],
        "head": str(log.head()),
        "records": records,
        "commits": commits,
    }


@attrs.frozen(kw_only=True)
class Heading:
    """What an export says of itself.

    Where the log ends, the vocabulary that it was written with, and the shapes of event types that it keeps.
    """

    head: str
    catalogue: str
    shapes: Kept


def read_heading(path: str, text: bytes) -> Heading:
    """What an export says of itself; `text` is that, in JSON.

    Raises:
        FaultyCopy: if it does not say it, or is in a format that no release wrote.
        NewerTimeline: if a newer version of this package wrote it.
    """
    try:
        said = msgspec.json.decode(text)["timeline"]
        format_, head = int(said["format"]), said["head"]
        read_head(head)
        shapes = {("event", str(name), int(at)): str(shape) for name, at, shape in said.get("shapes", ())}
        catalogue = str(said.get("catalogue"))
    except (
        *(msgspec.DecodeError, AttributeError, LookupError, TypeError, ValueError, OverflowError),
        RecursionError,
    ):
        raise FaultyCopy(
            path, ["it does not begin with what an export says of itself; `timeline load` takes tables"]
        ) from None
    if format_ < OLDEST:
        raise FaultyCopy(path, [unreleased(format_)])
    if format_ > FORMAT:
        raise NewerTimeline(path, f"an export in format {format_}", f"format {FORMAT}")
    return Heading(head=str(head), catalogue=catalogue, shapes=shapes)
