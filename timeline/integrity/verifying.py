"""Verifying a timeline: every check, what it finds, and what keeps it from being made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb

from timeline import schema
from timeline.errors import TimelineError
from timeline.integrity import chain, derived, following
from timeline.integrity.report import Fault, Faults, Report, read_head
from timeline.log import Log
from timeline.statements import statement
from timeline.tables import Table

__all__ = ["verify"]

_Check = Callable[[], Iterator[Fault]]


def verify(log: Log, since: str | None) -> Report:
    """What a verification of the log finds, and of all that is derived; in the caller's transaction.

    Raises:
        NotAllowed: if `since` is no head.
    """
    kept = None if since is None else read_head(since)
    faults = Faults()
    for check in (*_of_log(log, kept), *_of_derived(log)):
        faults.add(_told(log, check))
    head = log.head()
    counts = log.connection.execute("SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM commits)")
    [(records, commits)] = counts.fetchall()
    return Report(
        records=records,
        commits=commits,
        head=str(head),
        since=since,
        faults=tuple(faults.kept),
        more=faults.more,
    )


def _told(log: Log, check: _Check) -> Iterator[Fault]:
    """What a check finds; also that it could not be made, as what is stored cannot be read."""
    try:
        yield from check()
    except (duckdb.Error, TimelineError, ValueError, LookupError, TypeError) as problem:
        yield Fault("file", None, f"it holds what cannot be read: {str(problem).partition(chr(10))[0]}")
        log.connection.execute("ROLLBACK")  # what fails ends the transaction, and the others are to be told
        log.connection.execute("BEGIN TRANSACTION READ ONLY")


def _described(log: Log) -> Iterator[Fault]:
    """Whether the file says once, and rightly, in which format it is."""
    rows = log.connection.execute(statement("schema", "description")).fetchall()
    if [row[0] for row in rows] != [schema.FORMAT]:
        yield Fault("meta", None, f"it should say, once, that the file is in format {schema.FORMAT}")


def _fits(log: Log) -> bool:
    """Whether what is derived was made for this vocabulary, as far as the file says for which."""
    said = log.connection.execute(statement("schema", "description")).fetchall()
    return bool(said) and schema.fits(log.connection, log.codec)


def _of_log(log: Log, kept: tuple[int, str] | None) -> Iterator[_Check]:
    """The checks of what is hashed, and of the columns of the log that follow from that."""
    yield lambda: _described(log)
    yield lambda: chain.records(log)
    yield lambda: chain.commits(log)
    if kept is not None:
        yield lambda: chain.history(log, *kept)
    yield lambda: chain.sources(log)
    yield lambda: following.rows(log)
    yield lambda: following.bounds(log)


def _of_derived(log: Log) -> Iterator[_Check]:
    """The checks of what can be made anew; of what depends on the vocabulary only where it is this one."""
    catalogue = log.codec.catalogue
    yield lambda: following.entities(log)
    yield lambda: following.hidden_rows(log)
    if not _fits(log):
        problem = f"what is derived fits another vocabulary than {catalogue.name}, or another version"
        yield lambda: iter([Fault("meta", None, problem, derived=True)])
        return
    tables = [Table.of(kind) for kind in catalogue.events.values()]
    versions = {name: kind.version for name, kind in catalogue.events.items()}
    older = {
        name for name, oldest, _ in schema.types_in_use(log.connection) if oldest < versions.get(name, oldest)
    }
    yield lambda: derived.layout(log)
    yield lambda: following.names(log, (one for one in tables if one.type.naming is not None))
    yield lambda: derived.typed(log, older)
    for table in tables:
        if table.dates:
            yield lambda table=table: following.typed_bounds(log, table)  # type: ignore[misc]
    yield lambda: derived.feeds(log, older)
