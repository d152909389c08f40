"""Verifying a timeline: every check in its order; and those of the log against its digests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeVar

import attrs
import duckdb

from timeline.compile import TypedTable
from timeline.log import Head, Log, schema
from timeline.maintenance import columns, derived
from timeline.maintenance.columns import paged, run
from timeline.maintenance.report import Fault, Faults, Report, read_head
from timeline.records import GENESIS, record_digest_sql, stored_source_id, streamed_digest
from timeline.values import Progress, TimelineError
from timeline.vocabulary import older

T = TypeVar("T")
_Check = Callable[[], Iterator[Fault]]
_UNREADABLE: Final = (duckdb.Error, TimelineError, ValueError, LookupError, TypeError)
"""What comes of values that no engine wrote, and of blocks of the file that are damaged."""


def verify(log: Log, since: str | None, progress: Progress = lambda *_: None) -> Report:
    """What a verification of the log finds, and of all that is derived; in the caller's transaction.

    `progress` is called with the stage, and of commits with the positions that were reached.

    Raises:
        NotAllowed: if `since` is no head.
    """
    kept = None if since is None else read_head(since)
    faults = Faults()
    progress("verifying records", 0, None)
    for check in _of_log(log, kept, progress):
        faults.add(_told(log, check))
    for done, check in enumerate(_of_derived(log)):
        progress("verifying what is derived", done, None)
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


def _of_log(log: Log, kept: tuple[int, str] | None, progress: Progress) -> Iterator[_Check]:
    """The checks of what is hashed, and of the columns of the log that follow from that."""
    yield lambda: _described(log)
    yield lambda: check_records(log)
    yield lambda: check_commits(log, progress)
    if kept is not None:
        yield lambda: check_head(log, *kept)
    yield lambda: columns.not_json(log)
    yield lambda: check_sources(log)
    yield lambda: columns.rows(log)
    yield lambda: columns.bounds(log)


def _of_derived(log: Log) -> Iterator[_Check]:
    """The checks of what can be made anew; of what depends on the vocabulary only where it is this one."""
    catalogue = log.codec.catalogue
    yield lambda: columns.entities(log)
    yield lambda: columns.hidden_rows(log)
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
    yield lambda: columns.names(log, (one for one in tables if one.type.naming is not None))
    yield lambda: columns.not_declared(log)
    yield lambda: derived.typed(log, outdated)
    for table in tables:
        if table.dates:
            yield lambda table=table: columns.typed_bounds(log, table)  # type: ignore[misc]
    yield lambda: derived.feeds(log, outdated)
    yield lambda: derived.spans(log)
    yield lambda: derived.sameness(log)
    yield lambda: derived.ids(log, outdated)
    yield lambda: derived.shapes(log)


def _described(log: Log) -> Iterator[Fault]:
    """Whether the file says once, and rightly, in which format it is."""
    rows = log.run("description", file="schema")
    if [row[0] for row in rows] != [schema.FORMAT]:
        yield Fault("meta", None, f"it should say, once, that the file is in format {schema.FORMAT}")


def _fits(log: Log) -> bool:
    """Whether what is derived was made for this vocabulary, as far as the file says for which."""
    said = log.run("description", file="schema")
    return bool(said) and schema.fits(log.connection, log.codec)


def _older(log: Log) -> set[str]:
    """The types of which the log holds events under an older version or a former name."""
    return older(log.codec.catalogue, schema.types_in_use(log.connection))


_TOGETHER: Final = 100_000
_LED: Final = 67
"""How many characters a record has in the text of several: a digest of 64, led by its length."""
_BEGINNING: Final = datetime(1, 1, 1)  # noqa: DTZ001  (naive UTC, as the file has it)


def check_records(log: Log) -> Iterator[Fault]:
    """Records whose columns do not give the digest that is stored with them.

    Those of one that is redacted give what the record says that took what it said.
    """
    found = record_digest_sql()
    wrong = log.connection.execute(
        f"""SELECT position FROM (
            SELECT position, found FROM (SELECT position, digest, {found} AS found FROM log)
            WHERE digest <> found
        ) ANTI JOIN (
            SELECT target AS position, data ->> 'record' AS found FROM log
            WHERE kind = 'redaction' AND position > target
        ) USING (position, found) ORDER BY position"""
    ).fetchall()
    for (position,) in wrong:
        yield Fault(
            "log", position, "what is stored does not give its digest, so something in it was changed"
        )


@attrs.frozen
class _Commit:
    """A row of `commits`."""

    first: int
    last: int
    recorded_at: datetime
    actor: str | None
    note: str | None
    digest: str
    left: frozenset[str] = frozenset()
    """The digests of what is left of it, where redactions took its note."""

    def chained(self, previous: str, led: Iterator[str] | Sequence[str]) -> bool:
        """Whether its digest covers the one before, these records and its own fields."""
        found = streamed_digest(previous, led, self.first, self.last, self.recorded_at, self.actor, self.note)
        return found == self.digest or (self.note is None and found in self.left)

    @property
    def span(self) -> str:
        return f"of #{self.first} to #{self.last}" if self.last > self.first else f"of #{self.first}"


def check_commits(log: Log, progress: Progress = lambda *_: None) -> Iterator[Fault]:
    """Gaps between commits, commits out of order, those whose digest does not follow, records of none."""
    top, previous = run(log, "top")[0][0], _Commit(1, 0, _BEGINNING, None, None, GENESIS)
    for batch in _batches(_ordered(log)):
        start = batch[0].first
        text = "" if len(batch) == 1 else "".join(log.digests(start, batch[-1].last))
        for one in batch:
            yield from _placed(one, previous)
            own = text[(one.first - start) * _LED : (one.last - start + 1) * _LED]
            if not (own and one.chained(previous.digest, [own])):
                yield from _unchained(log, one, previous, top)
            previous = one
        progress("verifying commits", previous.last, top)
    for (position,) in run(log, "beyond", previous.last):
        yield Fault("log", position, "it belongs to no commit, so it was added or its commit was removed")


def _ordered(log: Log) -> Iterator[_Commit]:
    """The commits in the order of their positions."""
    run(log, "commits in order")
    left: dict[int, set[str]] = {}
    for first, digest in run(log, "notes taken"):
        left.setdefault(first, set()).add(digest)
    for one in (_Commit(*row) for row in paged(log, "page of commits")):
        yield attrs.evolve(one, left=frozenset(left[one.first])) if one.first in left else one


def _batches(ordered: Iterator[_Commit]) -> Iterator[list[_Commit]]:
    """Commits that follow one another, as many as are looked at together; a large one by itself."""
    batch: list[_Commit] = []
    for one in ordered:
        follows = bool(batch) and one.first == batch[-1].last + 1 <= one.last
        if batch and not (follows and one.last - batch[0].first < _TOGETHER):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _placed(one: _Commit, previous: _Commit) -> Iterator[Fault]:
    """What is wrong with where and when a commit comes."""
    if one.first != previous.last + 1:
        due = f"it begins at #{one.first} where #{previous.last + 1} is due"
        yield Fault("commits", one.first, f"{due}, so a commit was removed, added or changed")
    if one.last < one.first:
        yield Fault("commits", one.first, f"it ends at #{one.last}, before it begins")
    if one.recorded_at < previous.recorded_at:
        yield Fault("commits", one.first, "it was recorded before the commit that it follows")


def _unchained(log: Log, one: _Commit, previous: _Commit, top: int) -> Iterator[Fault]:
    """Why the digest of a commit does not follow; nothing if it does, its records being read one by one."""
    first, last = max(one.first, 1), min(one.last, top)
    if one.chained(previous.digest, log.digests(first, last)):
        return
    for position, number in run(log, "repeated", first, last):
        yield Fault("log", position, f"there are {number} records at this position")
    for start, end in run(log, "missing", first - 1, last, one.last + 1):
        several = f"the records from here to #{end} are missing" if end > start else "the record is missing"
        yield Fault("log", start, several)
    yield Fault(
        "commits",
        one.first,
        f"the digest {one.span} does not cover the commit before, its records and itself",
    )


def check_head(log: Log, position: int, digest: str) -> Iterator[Fault]:
    """Whether the log ever ended where a head that was kept says."""
    if not position and digest == GENESIS:
        return
    found = [row for (row,) in run(log, "digest of", position)]
    if not found:
        yield Fault(
            "commits", position, "no commit ends at the head given, so the log was cut short or written anew"
        )
    elif digest not in found:
        yield Fault(
            "commits", position, "the head given had another digest, so history before it was changed"
        )


def check_sources(log: Log) -> Iterator[Fault]:
    """Sources that are cited and missing, cited by nobody, there twice, or not what their id says."""
    for ident, position in run(log, "uncited and missing sources"):
        if position is None:
            yield Fault("sources", None, f"source {ident} is cited by no record, so it was added or changed")
        else:
            yield Fault("sources", position, f"source {ident}, which the record cites, is missing")
    for (ident,) in run(log, "repeated sources"):
        yield Fault("sources", None, f"source {ident} is there more than once")
    run(log, "sources in order")
    for ident, *said in paged(log, "page of sources"):
        texts = dict(zip(("title", "publisher", "url", "published"), said, strict=True))
        if stored_source_id({name: text for name, text in texts.items() if text is not None}) != ident:
            yield Fault("sources", None, f"source {ident} does not say what its id stands for")
