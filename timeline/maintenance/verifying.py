"""Verifying a timeline: every check, what it finds, and what keeps it from being made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import duckdb

from timeline.compile import TypedTable, statement
from timeline.log import Head, Log, schema
from timeline.maintenance import chain, columns as following, columns as unread, derived
from timeline.maintenance.columns import run
from timeline.maintenance.report import Fault, Faults, Report, read_head
from timeline.values import TimelineError
from timeline.vocabulary import older

T = TypeVar("T")
_Check = Callable[[], Iterator[Fault]]
_UNREADABLE: Final = (duckdb.Error, TimelineError, ValueError, LookupError, TypeError)
"""What comes of values that no engine wrote, and of blocks of the file that are damaged."""


def verify(log: Log, since: str | None) -> Report:
    """What a verification of the log finds, and of all that is derived; in the caller's transaction.

    Raises:
        NotAllowed: if `since` is no head.
    """
    kept = None if since is None else read_head(since)
    faults = Faults()
    for check in (*_of_log(log, kept), *_of_derived(log)):
        faults.add(_told(log, check))
    records, commits = _read(log, (0, 0), lambda: log.run("counts")[0])
    return Report(
        records=records,
        commits=commits,
        redacted=_read(log, 0, lambda: int(run(log, "redacted")[0][0])),
        head=str(_read(log, Head(), log.head)),
        since=since,
        alone=not log.codec.catalogue.known,
        faults=tuple(faults.kept),
        more=faults.more,
    )


def _told(log: Log, check: _Check) -> Iterator[Fault]:
    """What a check finds; also that it could not be made, as what is stored cannot be read."""
    try:
        yield from check()
    except _UNREADABLE as problem:
        yield Fault("file", None, f"it holds what cannot be read: {str(problem).partition(chr(10))[0]}")
        _begin_again(log)


def _read(log: Log, otherwise: T, read: Callable[[], T]) -> T:
    """What can be read, or something else where that fails."""
    try:
        return read()
    except _UNREADABLE:
        _begin_again(log)
        return otherwise


def _begin_again(log: Log) -> None:
    """Begin a new transaction: what fails ends the one it is in, and the other checks are to be made."""
    log.connection.execute("ROLLBACK")
    log.connection.execute("BEGIN TRANSACTION READ ONLY")


def _of_log(log: Log, kept: tuple[int, str] | None) -> Iterator[_Check]:
    """The checks of what is hashed, and of the columns of the log that follow from that."""
    yield lambda: _described(log)
    yield lambda: chain.records(log)
    yield lambda: chain.commits(log)
    if kept is not None:
        yield lambda: chain.history(log, *kept)
    yield lambda: unread.not_json(log)
    yield lambda: chain.sources(log)
    yield lambda: following.rows(log)
    yield lambda: following.bounds(log)


def _of_derived(log: Log) -> Iterator[_Check]:
    """The checks of what can be made anew; of what depends on the vocabulary only where it is this one."""
    catalogue = log.codec.catalogue
    yield lambda: following.entities(log)
    yield lambda: following.hidden_rows(log)
    if not catalogue.known:
        yield lambda: derived.layout(log, whole=False)
        return
    if not _read(log, False, lambda: _fits(log)):
        problem = f"what is derived fits another vocabulary than {catalogue.name}, or another version"
        yield lambda: iter([Fault("meta", None, problem, derived=True)])
        yield lambda: derived.layout(log, whole=False)
        return
    tables = [TypedTable.of(kind) for kind in catalogue.events.values()]
    none: set[str] = set()
    outdated = _read(log, none, lambda: _older(log))
    yield lambda: derived.layout(log, whole=True)
    yield lambda: following.names(log, (one for one in tables if one.type.naming is not None))
    yield lambda: unread.not_declared(log)
    yield lambda: derived.typed(log, outdated)
    for table in tables:
        if table.dates:
            yield lambda table=table: following.typed_bounds(log, table)  # type: ignore[misc]
    yield lambda: derived.feeds(log, outdated)
    yield lambda: derived.sameness(log)
    yield lambda: derived.ids(log, outdated)
    yield lambda: derived.shapes(log)


def _described(log: Log) -> Iterator[Fault]:
    """Whether the file says once, and rightly, in which format it is."""
    rows = log.connection.execute(statement("schema", "description")).fetchall()
    if [row[0] for row in rows] != [schema.FORMAT]:
        yield Fault("meta", None, f"it should say, once, that the file is in format {schema.FORMAT}")


def _fits(log: Log) -> bool:
    """Whether what is derived was made for this vocabulary, as far as the file says for which."""
    said = log.connection.execute(statement("schema", "description")).fetchall()
    return bool(said) and schema.fits(log.connection, log.codec)


def _older(log: Log) -> set[str]:
    """The types of which the log holds events under an older version or a former name."""
    return older(log.codec.catalogue, schema.types_in_use(log.connection))
