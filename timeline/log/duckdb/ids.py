"""By which other ids records are found, and which are read as others: kept in tables of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from timeline.compile import Layout
from timeline.log.duckdb.feeds import FEEDS, feed_rows
from timeline.log.duckdb.log import Log
from timeline.records import NOBODY, Record, Reread, Sameness, Samenesses, derived_id
from timeline.values import stored_instant

IDS_TODAY: Final = Layout("ids_today", {"id": "UUID", "position": "BIGINT"})
"""The table: by what other ids records are found, as their events have them today."""


def ids_today(log: Log, records: Iterable[Record]) -> Iterator[tuple[UUID, int]]:
    """Of records with a derived id, that which their events would be given today, where it is another.

    Each with the position of its record.
    """
    said = [one for one in records if one.event is not None and one.ref is None]
    targets = log.ids_at({one.target for one in said if one.target is not None})
    for record in said:
        if record.event is None:
            continue
        kind = record.event.__timeline__
        own: dict[str, Any] = {
            "kind": record.kind,
            "target": None if record.target is None else targets[record.target],
            "occurred": record.event.occurred.text,
            "credence": record.credence,
        }
        names = (*kind.formerly, kind.name)
        if record.id in {derived_id(type_=name, data=record.data, **own) for name in names}:
            today = derived_id(type_=kind.name, data=log.codec.write(record.event), **own)
            if today != record.id:
                yield today, record.position


_SAMENESS: Final = Layout(
    "sameness", {"position": "BIGINT", "entity": "VARCHAR", "same_as": "VARCHAR", "read_as": "VARCHAR"}
)
_WHERE: Final = {
    "known_from": "TIMESTAMP",
    "known_to": "TIMESTAMP",
    "position_from": "BIGINT",
    "position_to": "BIGINT",
}
_REREADS: Final = Layout("rereads", {"position": "BIGINT", "entities": "VARCHAR[]", **_WHERE})
_REFEEDS: Final = Layout("refeeds", {**FEEDS.types, **_WHERE})
TABLES: Final = (_SAMENESS, _REREADS, _REFEEDS)
"""The tables that are worked out of who is who."""
_CHUNK: Final = 10_000
Rows = Sequence[tuple[Any, ...]]


def note(log: Log, records: Iterable[Record]) -> None:
    """Write down what records say of which entities are the same, whether it stands or not."""
    said = [one for one in map(Sameness.of, records) if one is not None]
    log.add(_SAMENESS, [(one.record.position, one.entity, one.same_as, None) for one in said])


def reread(log: Log, first: int, last: int) -> None:
    """Work out how records are read, once all is there of those from `first` to `last`, the newest.

    That changes for what is new, and for what speaks of entities whose sameness is said or overruled there.
    """
    same = log.samenesses() if log.codec.catalogue.sameness else NOBODY
    if not same:
        return
    changed = {one.entity for one in same.said if _changed(same, one, first)}
    if changed:
        resolve(log, same)
    types = _feeding_types(log)
    found = set(log.speaking_of(same.leading_to(changed), types, 1, last))
    found |= set(log.speaking_of(same.renamed, types, first, last))
    for positions in _chunks(found):
        rereads, refeeds = _read_again(log, same, positions)
        for name in "forget rereads", "forget refeeds":
            log.write(name, positions, file="sameness")
        log.add(_REREADS, rereads)
        log.add(_REFEEDS, refeeds)


def anew(log: Log, same: Samenesses, last: int) -> Iterator[tuple[Layout, Rows]]:
    """All rows that these tables should have for a log that says this, up to a position, some at a time."""
    if not same:
        return
    yield _SAMENESS, _resolved(same)
    for positions in _chunks(log.speaking_of(same.renamed, _feeding_types(log), 1, last)):
        rereads, refeeds = _read_again(log, same, positions)
        yield _REREADS, rereads
        yield _REFEEDS, refeeds


def _feeding_types(log: Log) -> list[str]:
    """The types of events that feed any state."""
    return sorted({name for state in log.codec.catalogue.states.values() for name in state.event_types})


def _chunks(positions: Iterable[int]) -> Iterator[list[int]]:
    several = sorted(positions)
    return (several[start : start + _CHUNK] for start in range(0, len(several), _CHUNK))


def _changed(same: Samenesses, one: Sameness, first: int) -> bool:
    """Whether anything new says it or is about it."""
    return any(record.position >= first for record in same.chains[one.record.origin])


def resolve(log: Log, same: Samenesses) -> None:
    """Say anew whom entities are read as now."""
    log.write("forget", file="sameness")
    log.add(_SAMENESS, _resolved(same))


def _resolved(same: Samenesses) -> Rows:
    now = same.now()
    return [(place := one.record.position, one.entity, one.same_as, now.get(place)) for one in same.said]


def _read_again(log: Log, same: Samenesses, positions: list[int]) -> tuple[Rows, Rows]:
    """How the records at some positions are read, and what they contribute then."""
    rereads: list[tuple[Any, ...]] = []
    refeeds: list[tuple[Any, ...]] = []
    ways: dict[frozenset[str], list[Reread]] = {}
    for record in log.at(positions).values():
        renamed = same.renamed.intersection(record.entities)
        found = ways.get(frozenset(renamed))
        if found is None:
            found = ways[frozenset(renamed)] = list(same.rectangles(renamed))
        for one in found:
            ids, where = dict(one.ids), _where(one)
            entities = list(dict.fromkeys(ids.get(entity, entity) for entity in record.entities))
            rereads.append((record.position, entities, *where))
            refeeds += [(*row, *where) for row in feed_rows(log.codec, [record], ids)]
    return rereads, refeeds


def _where(one: Reread) -> tuple[Any, ...]:
    known_from, known_to = stored_instant(one.known_from), stored_instant(one.known_to)
    return known_from, known_to, one.position_from, one.position_to
