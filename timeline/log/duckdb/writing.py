"""Writing to the log: commits, and all that is derived from their records."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import attrs

from timeline.compile import Layout, TypedTable, catching_up, derivation
from timeline.log.duckdb.feeds import FEEDS, feed_rows
from timeline.log.duckdb.ids import note, reread
from timeline.log.duckdb.log import Log
from timeline.log.head import Head
from timeline.records import (
    CommitDigest,
    Hidden,
    NewEntity,
    Record,
    hidden,
    record_digest,
    record_texts,
    source_id,
)
from timeline.values import Source, TimelineError, folded, stored_instant

_TOGETHER: Final = 500_000
"""How many records are derived from together."""
_MANY: Final = 2_000
"""Of how many records of one type it is quicker to work out by SQL what they contribute."""
_TAIL: Final = 2_000
"""Of so many of the last records, or some part of all, states are folded when they are asked for."""
_PART: Final = 500
"""A five-hundredth."""
_HELD: Final = 20
"""So many times as much while somebody holds the file: done together, or for a question, each costs less."""

Check = Callable[[Log, Sequence[NewEntity]], None]
"""Raises an error where an append must not be made, by the log and the entities that it would make."""

LOG: Final = Layout(
    "log",
    {
        "position": "BIGINT",
        "id": "UUID",
        "ref": "VARCHAR",
        "kind": "VARCHAR",
        "type": "VARCHAR",
        "version": "INTEGER",
        "occurred": "VARCHAR",
        "known_at": "TIMESTAMP",
        "recorded_at": "TIMESTAMP",
        "credence": "VARCHAR",
        "actor": "VARCHAR",
        "note": "VARCHAR",
        "target": "BIGINT",
        "sources": "VARCHAR",
        "names": "VARCHAR",
        "data": "VARCHAR",
        "salt": "VARCHAR",
        "digest": "VARCHAR",
        "origin": "BIGINT",
        "earliest": "TIMESTAMP",
        "latest": "TIMESTAMP",
        "entities": "VARCHAR[]",
        "summary": "VARCHAR",
    },
)


COMMITS: Final = Layout(
    "commits",
    {
        "first_position": "BIGINT",
        "last_position": "BIGINT",
        "recorded_at": "TIMESTAMP",
        "actor": "VARCHAR",
        "note": "VARCHAR",
        "digest": "VARCHAR",
    },
)


SOURCES: Final = Layout(
    "sources",
    {
        "id": "UUID",
        "title": "VARCHAR",
        "publisher": "VARCHAR",
        "url": "VARCHAR",
        "published": "VARCHAR",
    },
)


@attrs.frozen(kw_only=True)
class Unwritten:
    """A commit that is not written yet: its records, the entities new with it, and what is said of it."""

    records: Sequence[Record]
    entities: Sequence[NewEntity]
    actor: str | None
    note: str | None


def write_commits(log: Log, several: Sequence[Unwritten], after: Head) -> list[Head]:
    """Add commits one after the other, all their rows together; gives where the log ends with each.

    Several must be small. Must run under the writer lock, in a transaction that writes.
    """
    heads: list[Head] = []
    few = all(len(one.entities) < 2 for one in several)  # of more, names near to each other are looked for
    if log.proposed is not None and log.unread and few:
        log.proposed += several
        return [Head(one.records[-1].position, one.records[-1].recorded_at) for one in several]
    if len(several) == 1:
        (one,) = several
        writer = CommitWriter(log, after)
        writer.add(one.records)
        return [writer.close(one.entities, actor=one.actor, note=one.note)]
    commits: list[CommitRows] = []
    rows: list[list[Any]] = []
    for one in several:
        commits.append(CommitRows(heads[-1] if heads else after))
        rows += commits[-1].take(one.records)
        heads.append(commits[-1].seal(one.actor, one.note))
    if not several:
        return heads
    log.add(LOG, rows)
    together = Writer(log)
    records = [record for one in several for record in one.records]
    together.follow(records)
    together.feed_each(records)
    log.add(COMMITS, [row for commit in commits for row in commit.sealed])
    pairs = list(zip(commits, several, strict=True))
    together.introduce(
        row for commit, one in pairs for row in commit.introduced(new.id for new in one.entities)
    )
    together.reread(records[0].position, records[-1].position)
    together.keep_up(records[-1].position)
    log.end_at(heads[-1])
    return heads


class CommitRows:
    """The rows of one commit behind a head: its records, some at a time, and in the end itself."""

    def __init__(self, after: Head) -> None:
        self._first = after.position + 1
        self._digest = CommitDigest(after.digest)
        self._named: dict[str, str] = {}
        self._last: Record | None = None
        self.mentioned: dict[str, int] = {}
        """The entities that the records speak of, each with the position of the first that does."""
        self.sealed: list[list[Any]] = []
        """The row of the commit, once it is sealed."""

    def take(self, records: Sequence[Record]) -> list[list[Any]]:
        """Take the next records into the commit; gives their rows of the log."""
        drawn = secrets.token_hex(16 * len(records))
        salts = [drawn[start : start + 32] for start in range(0, len(drawn), 32)]
        texts = [record_texts(record) for record in records]
        digests = [record_digest(own, salt) for own, salt in zip(texts, salts, strict=True)]
        self._digest.add(digests)
        self.meet(records)
        return [_log_row(*row) for row in zip(records, texts, salts, digests, strict=True)]

    def meet(self, records: Sequence[Record]) -> None:
        """Note of whom the next records speak, and by which names."""
        self._last = records[-1]
        for record in records:
            for entity in record.entities:
                self.mentioned.setdefault(entity, record.position)
            for entity, name in record.names.items():
                self._named.setdefault(entity, name)

    def seal(self, actor: str | None, note: str | None) -> Head:
        """Close the commit, now that all its records are there; gives where the log ends with it."""
        last = self._last
        if last is None:
            raise ValueError("a commit without records")
        digest = self._digest.closed(self._first, last.position, last.recorded_at, actor, note)
        stamp = stored_instant(last.recorded_at)
        self.sealed = [[self._first, last.position, stamp, actor, note, digest]]
        return Head(last.position, last.recorded_at, digest)

    def introduced(self, entities: Iterable[str]) -> Iterator[tuple[str, str | None, int]]:
        """Of entities new with the commit: each, the name first given to it, and where it is first met."""
        for one in entities:
            yield one, self._named.get(one), self.mentioned[one]


class CommitWriter:
    """Adds one commit to a log, some records at a time, and all that follows from them.

    Must run under the writer lock, in a transaction that writes.
    """

    def __init__(self, log: Log, after: Head) -> None:
        self._log = log
        self._writer = Writer(log)
        self.rows = CommitRows(after)
        self._first = after.position + 1
        self._together: dict[str, int] = {}
        self._proposed: list[Record] = []

    def add(self, records: Sequence[Record]) -> None:
        """Add the next records, which come right behind those before."""
        if self._log.proposed is not None:
            self._proposed += records
        self._log.add(LOG, self.rows.take(records))
        self._writer.follow(records)
        self._feed(records)

    def _feed(self, records: Sequence[Record]) -> None:
        """Write what the records contribute to states; of a type of which there are many, in the end."""
        counts = Counter(record.type for record in records if record.type is not None)
        for name, count in counts.items():
            if count >= _MANY:
                self._together.setdefault(name, records[0].position)
        self._writer.feed_each(record for record in records if record.type not in self._together)

    def close(self, entities: Sequence[NewEntity], *, actor: str | None, note: str | None) -> Head:
        """Write down the commit, with a digest chained to the head before, and the entities new with it."""
        head = self.rows.seal(actor, note)
        self._log.add(COMMITS, self.rows.sealed)
        self._writer.introduce(self.rows.introduced(one.id for one in entities))
        for name, first in self._together.items():
            self._writer.feed(first, head.position, name)
        self._writer.reread(self._first, head.position)
        self._writer.keep_up(head.position)
        self._log.end_at(head)
        if self._log.proposed is not None:
            new = Unwritten(records=self._proposed, entities=entities, actor=actor, note=note)
            self._log.proposed.append(new)
        return head


class Writer:
    """Writes what follows from records; must run under the writer lock, in a transaction that writes."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._names: set[tuple[str, str]] = set()

    def follow(self, records: Sequence[Record]) -> None:
        """Write what follows from new records: their sources, and what `derive` writes."""
        self.add_sources(source for record in records for source in record.sources)
        self.derive(records)

    def introduce(self, entities: Iterable[tuple[str, str | None, int]]) -> None:
        """Write new entities; those without a name are called by their id."""
        several = list(entities)
        self.add_rows("add entities", [[one, name or one, str(position)] for one, name, position in several])
        self.name_by_ids((one, position) for one, name, position in several if name is None)

    def name_by_ids(self, mentions: Iterable[tuple[str, int]]) -> None:
        """Let entities that were first spoken of by their id be called by it; each with where that was."""
        rows = [[one, one, folded(one), str(position), "false"] for one, position in mentions]
        self.add_rows("add names", rows)

    def derive(self, records: Sequence[Record]) -> None:
        """Write what follows from records of the log: names, typed rows, what is hidden, who is who."""
        self.add_rows("add names", list(name_rows(records, self._names)))
        note(self._log, records)
        self._hide(records)
        by_type: dict[str, list[Record]] = {}
        for record in records:
            if record.event is not None:
                by_type.setdefault(record.event.__timeline__.name, []).append(record)
        for name, several in by_type.items():
            table = TypedTable.of(self._log.codec.catalogue.event(name))
            self._log.add(table.layout, table.rows(several))

    def add_sources(self, cited: Iterable[Source]) -> None:
        """Write the sources that the log has not seen before."""
        sources = {source_id(source): source for source in dict.fromkeys(cited)}
        new = self._log.lacking(sources)
        rows = [source_row(ident, sources[ident]) for ident in sources if ident in new]
        self.add_rows("add sources", rows)

    def feed_each(self, records: Iterable[Record]) -> None:
        """Write what records contribute to states, one by one."""
        self._log.add(FEEDS, list(feed_rows(self._log.codec, records)))

    def feed(self, first: int, last: int, type_name: str) -> None:
        """Write what the records at these positions contribute, if of that type and of its version now.

        Half a million at a time, so that what they take in memory does not grow with the table.
        """
        catalogue = self._log.codec.catalogue
        derived = derivation(catalogue, catalogue.event(type_name))
        if derived is None:
            return
        for start in range(first, last + 1, _TOGETHER):
            self._log.write_by(derived, start, min(start + _TOGETHER - 1, last))

    def reread(self, first: int, last: int) -> None:
        """Write how records are read as of others, once all else of the newest, from `first` on, is there."""
        reread(self._log, first, last)

    def keep_up(self, head: int) -> None:
        """Give spans to what has none, if that is much, now that the log ends at `head`."""
        if not self._log.in_file:
            return
        tail = head - self._log.base_of_spans()
        much = max(_TAIL, head // _PART)
        if tail > much * (_HELD if self._log.held else 1):
            self.catch_up(head)
            tail = 0
        self._log.behind = tail > much

    def catch_up(self, head: int) -> None:
        """Give spans to all that states are fed, up to the head, in the slots that anything new enters.

        Raises:
            TimelineError: if two keys or slots have the same number of 64 bits.
        """
        connection = self._log.connection
        for state in self._log.codec.catalogue.states.values():
            find, make, alike, forget = catching_up(state)
            connection.execute(find)
            connection.execute(make)
            if connection.execute(alike).fetchall() != [(0,)]:
                raise TimelineError(f"two keys or slots of {state.name} have the same number")
            connection.execute(forget)
        self._log.spanned_to(head)

    def add_rows(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a named statement that takes rows by column, each value as a text; unless there are none."""
        if rows:
            self._log.write(name, *(list(each) for each in zip(*rows, strict=True)))

    def _hide(self, records: Sequence[Record]) -> None:
        """Bring `hidden` up to date for the chains that these records, the newest of the log, belong to."""
        touched = sorted({record.origin for record in records if record.kind != "assertion"})
        if not touched:
            return
        chains = self._log.chains(touched)
        before: dict[int, list[Hidden]] = {}
        origins = {link.position: origin for origin, chain in chains.items() for link in chain}
        for one in self._log.hidden(origins):
            before.setdefault(origins[one.position], []).append(one)
        new = {record.position for record in records}
        rows = [row for origin, chain in chains.items() for row in hidden(chain, before.get(origin, ()), new)]
        self._log.write("drop hidden", list(origins))
        self.add_rows("add hidden", [hidden_row(row) for row in rows])


def _log_row(record: Record, texts: Sequence[str | None], salt: str, digest: str) -> list[Any]:
    occurred = record.occurred
    bounds = (
        (None, None)
        if occurred is None
        else (
            stored_instant(occurred.earliest, "-infinity"),
            stored_instant(occurred.latest),
        )
    )
    *front, _, summary = texts  # the list of entities goes in as a list, not as its text
    return [
        *front,
        salt,
        digest,
        record.origin,
        *bounds,
        record.entities,
        summary,
    ]


def log_columns(record: Record) -> dict[str, Any]:
    """What a row of `log` has of a record by itself, by column: all but what its place and a salt give."""
    row = dict(zip(LOG.types, _log_row(record, record_texts(record), "", ""), strict=True))
    return {name: value for name, value in row.items() if name not in {"salt", "digest", "recorded_at"}}


def source_row(ident: UUID, source: Source) -> list[str | None]:
    """A row of `sources`."""
    published = None if source.published is None else source.published.text
    return [str(ident), source.title, source.publisher, source.url, published]


def name_rows(records: Sequence[Record], told: set[tuple[str, str]] | None = None) -> Iterator[list[str]]:
    """The names that records give to entities: as they were spoken of, and by naming events.

    What is `told` already is left out of the former, and put there.
    """
    seen: set[tuple[str, str]] = set() if told is None else told
    for record in records:
        for entity, name in record.names.items():
            if (entity, name) not in seen:
                seen.add((entity, name))
                yield [entity, name, folded(name), str(record.position), "false"]
        if record.event is None or record.credence == "denied":
            continue
        if record.event.__timeline__.naming is not None:
            entity, name = (getattr(record.event, field) for field in record.event.__timeline__.naming)
            yield [entity, name, folded(name), str(record.position), "true"]


def hidden_row(row: Hidden) -> list[str]:
    """A row of `hidden`, its values as texts."""
    return [
        str(row.position),
        stored_instant(row.known_from),
        stored_instant(row.known_to),
        str(row.by),
        str(row.position_from),
        str(row.position_to),
    ]
