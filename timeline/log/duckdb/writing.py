"""Writing to the log: commits, and all that is derived from their records."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from timeline.compile import Layout, TypedTable, derivation
from timeline.log.duckdb.feeds import FEEDS, feed_rows
from timeline.log.duckdb.ids import note, reread
from timeline.log.duckdb.log import Head, Log
from timeline.records import (
    Hidden,
    NewEntity,
    Record,
    commit_digest,
    hidden,
    record_digest,
    record_texts,
    source_id,
)
from timeline.values import Source, folded, stored_instant

_TOGETHER: Final = 500_000
"""How many records are derived from together."""

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


def write_commit(
    log: Log,
    records: Sequence[Record],
    entities: Sequence[NewEntity],
    *,
    actor: str | None,
    note: str | None,
    after: Head,
) -> Head:
    """Add one commit, as `Writer.write`."""
    return Writer(log).write(records, entities, actor=actor, note=note, after=after)


class Writer:
    """Adds commits to a log; must run under the writer lock, in a transaction that writes."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def write(
        self,
        records: Sequence[Record],
        entities: Sequence[NewEntity],
        *,
        actor: str | None,
        note: str | None,
        after: Head,
    ) -> Head:
        """Add one commit: its records, what is derived from them, and a digest chained to the head before."""
        salts = [secrets.token_hex(16) for _ in records]
        texts = [record_texts(record) for record in records]
        digests = [record_digest(own, salt) for own, salt in zip(texts, salts, strict=True)]
        first, last = records[0], records[-1]
        digest = commit_digest(after.digest, digests, first, last, actor, note)
        self._log.add(LOG, [_log_row(*row) for row in zip(records, texts, salts, digests, strict=True)])
        stamp = stored_instant(last.recorded_at)
        self._log.run("add commit", first.position, last.position, stamp, actor, note, digest)
        mentioned, named = _first_mentions(records), _first_names(records)
        rows = [[new.id, named.get(new.id, new.id), str(mentioned[new.id])] for new in entities]
        self._add("add entities", rows)
        self.name_by_ids((new.id, mentioned[new.id]) for new in entities if new.id not in named)
        self.add_sources(source for record in records for source in record.sources)
        self.derive(records)
        self.feed_each(records)
        self.reread(first.position, last.position)
        head = Head(last.position, last.recorded_at, digest)
        self._log.end_at(head)
        return head

    def name_by_ids(self, mentions: Iterable[tuple[str, int]]) -> None:
        """Let entities that were first spoken of by their id be called by it; each with where that was."""
        self._add(
            "add names", [[one, one, folded(one), str(position), "false"] for one, position in mentions]
        )

    def derive(self, records: Sequence[Record]) -> None:
        """Write what follows from records of the log: names, typed rows, what is hidden, who is who."""
        self._add("add names", list(name_rows(records)))
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
        self._add("add sources", [_source_row(ident, sources[ident]) for ident in sources if ident in new])

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
            self._log.connection.execute(derived, [start, min(start + _TOGETHER - 1, last)])

    def reread(self, first: int, last: int) -> None:
        """Write how records are read as of others, once all else of the newest, from `first` on, is there."""
        reread(self._log, first, last)

    def _add(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._log.run(name, *(list(each) for each in zip(*rows, strict=True)))

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
        self._log.run("drop hidden", touched)
        self._add("add hidden", [hidden_row(row) for row in rows])


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


def _first_mentions(records: Sequence[Record]) -> dict[str, int]:
    return {entity: record.position for record in reversed(records) for entity in record.entities}


def _first_names(records: Sequence[Record]) -> dict[str, str]:
    """By entity, the first name that any of these records gives it."""
    return {entity: name for record in reversed(records) for entity, name in record.names.items()}


def _source_row(ident: UUID, source: Source) -> list[str | None]:
    published = None if source.published is None else source.published.text
    return [str(ident), source.title, source.publisher, source.url, published]


def name_rows(records: Sequence[Record]) -> Iterator[list[str]]:
    """The names that records give to entities: as they were spoken of, and by naming events."""
    seen: set[tuple[str, str]] = set()
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
