"""Taking in commits as another log has them: they have to follow what is there, and are added as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from timeline.log.contract import Came, Row, Segment
from timeline.log.duckdb import schema
from timeline.log.duckdb.ids import IDS_TODAY, ids_today
from timeline.log.duckdb.log import Log
from timeline.log.duckdb.stored import column
from timeline.log.duckdb.writing import COMMITS, LOG, SOURCES, CommitRows, Writer
from timeline.log.head import Head
from timeline.records import CommitDigest, canonical, record_digest
from timeline.values import FaultyCopy
from timeline.vocabulary import older

_AT: Final = {name: place for place, name in enumerate(LOG.types)}
_COVERED: Final = _AT["salt"]
"""How many columns, from the first on, a digest covers as they are."""


def verified(after: Head, batch: Segment, address: str) -> Head:
    """Where a log ends that ended at a head, with a batch behind it.

    Raises:
        FaultyCopy: if a digest is not that of what it covers, or the batch does not follow the head.
    """
    head = after
    for first, last, recorded_at, actor, note, digest in batch.commits:
        rows = batch.log[int(first) - after.position - 1 : int(last) - after.position]
        expected = range(head.position + 1, int(last) + 1)
        if int(first) != head.position + 1 or [int(row[0]) for row in rows] != list(expected):
            raise FaultyCopy(address, [f"its commit at #{first} does not come behind #{head.position}"])
        digests = [_digest(row, address) for row in rows]
        whole, recorded = CommitDigest(head.digest), _instant(recorded_at)
        whole.add(digests)
        if whole.closed(int(first), int(last), recorded, actor, note) != digest:
            told = f"its commit at #{first} is not chained to what is known up to #{head.position}"
            raise FaultyCopy(address, [told])
        head = Head(int(last), recorded, digest)
    if len(batch.log) != head.position - after.position:
        raise FaultyCopy(address, ["some of its records belong to no commit"])
    return head


def _digest(row: Row, address: str) -> str:
    """The digest of a record, seen to be that of its columns unless it is redacted."""
    digest, salt = str(row[_AT["digest"]]), row[_AT["salt"]]
    if salt is None:
        return digest
    covered = [None if one is None else str(one) for one in row[:_COVERED]]
    texts = [*covered, canonical(row[_AT["entities"]]), row[_AT["summary"]]]
    if record_digest(texts, salt) != digest:
        raise FaultyCopy(address, [f"its record #{row[0]} does not give the digest that it has"])
    return digest


def _instant(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def came(rows: Sequence[Row], about: Iterator[str | None]) -> Iterator[Came]:
    """What rows of records may change for others; `about` gives the type that the chain of each is about."""
    for row, type_ in zip(rows, about, strict=True):
        yield Came(
            id=id_of(row),
            origin=origin_of(row),
            about=type_,
            names=row[_AT["names"]] != "{}",
            entities=row[_AT["entities"]],
        )


def id_of(row: Row) -> UUID:
    """The id that a row of a record has."""
    return UUID(str(row[_AT["id"]]))


def type_of(row: Row) -> str | None:
    """The type that a row of a record has."""
    found: str | None = row[_AT["type"]]
    return found


def origin_of(row: Row) -> int:
    """The first position of its chain."""
    return int(row[_AT["origin"]])


def receive(log: Log, batch: Segment, address: str) -> Head:
    """Add a batch behind the head of a log, and what follows from it.

    Must run under the writer lock, in a transaction that writes.

    Raises:
        FaultyCopy: as `verified`.
        OtherVocabulary: if it holds events that the vocabulary does not have, or has otherwise.
    """
    before = log.head()
    head = verified(before, batch, address)
    lacking = log.lacking(UUID(str(row[0])) for row in batch.sources)
    log.add(SOURCES, [row for row in batch.sources if UUID(str(row[0])) in lacking])
    log.add(LOG, batch.log)
    log.add(COMMITS, batch.commits)
    log.end_at(head)
    _derive(log, batch, before, head, address)
    return head


def _derive(log: Log, batch: Segment, before: Head, head: Head, address: str) -> None:
    catalogue = log.codec.catalogue
    types = column(LOG, "type", batch.log), column(LOG, "version", batch.log)
    used = {(name, int(version), 1) for name, version in zip(*types, strict=True) if name is not None}
    if any(
        name not in catalogue.names or version > catalogue.names[name].version for name, version, _ in used
    ):
        schema.check_vocabulary(log.connection, catalogue, address)
    outdated = older(catalogue, sorted(used))
    records = log.records(after=before.position, upto=head.position)
    writer = Writer(log)
    writer.derive(records)
    writer.feed_each(records)
    log.add(IDS_TODAY, list(ids_today(log, [one for one in records if one.type in outdated])))
    mentioned = {entity for record in records for entity in record.entities}
    new = set(log.unknown(mentioned))
    for first, last in zip(
        column(COMMITS, "first_position", batch.commits),
        column(COMMITS, "last_position", batch.commits),
        strict=True,
    ):
        several = records[int(first) - before.position - 1 : int(last) - before.position]
        rows = CommitRows(before)
        rows.meet(several)
        introduced = [entity for entity in rows.mentioned if entity in new]
        writer.introduce(rows.introduced(introduced))
        new.difference_update(introduced)
    writer.reread(before.position + 1, head.position)
    writer.keep_up(head.position)
