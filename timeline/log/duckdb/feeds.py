"""The derived table that states are read from: what each event contributes to which slot of which key."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from timeline.compile import Layout
from timeline.records import Codec, Record, canonical
from timeline.values import NUMBER, Money, plain, stored_instant
from timeline.vocabulary import Event, Feeding, Fold, kind_of, read_as, what_feeds

FEEDS: Final = Layout(
    "feeds",
    {
        "state": "VARCHAR",
        "field": "VARCHAR",
        "a": "VARCHAR",
        "b": "VARCHAR",
        "slot": "VARCHAR",
        "jointly": "BOOLEAN",
        "position": "BIGINT",
        "origin": "BIGINT",
        "earliest": "TIMESTAMP",
        "latest": "TIMESTAMP",
        "known_at": "TIMESTAMP",
        "closes": "BOOLEAN",
        "value": "VARCHAR",
        "names": "VARCHAR",
        "until_latest": "TIMESTAMP",
        "amount": NUMBER,
        "currency": "VARCHAR",
        "inexact": "BOOLEAN",
        "rest": "UBIGINT",
    },
)
_AS_WRITTEN: Final[Mapping[str, str]] = {}


def feed_rows(
    codec: Codec, records: Iterable[Record], ids: Mapping[str, str] = _AS_WRITTEN
) -> Iterator[tuple[Any, ...]]:
    """The rows of the table `feeds` that records add, in the order of its columns, as plain JSON has them.

    Where `ids` are given, they are the rows that the records would add if those stood for others in them.

    `slot` is the JSON list of the values of `per=`. `value` is what the field shows of the event, `names`
    what the event opens, or closes if it names anything, each as text. Denied records add none; one that
    cannot be read adds, to each key that it may feed, a row of no field.
    """
    fed: dict[type[Event], list[tuple[str, Feeding]]] = {}
    for record in records:
        if record.problem is not None and record.credence != "denied":
            yield from _unread_rows(codec, record, ids)
        said = what_feeds(record.event, record.credence)
        if said is None:
            continue
        event = read_as(said, ids)
        cls = type(event)
        if cls not in fed:
            states = codec.catalogue.states.values()
            fed[cls] = [(state.name, feeding) for state in states for feeding in state.feeding(cls)]
        told = _told(record, event)
        for name, feeding in fed[cls]:
            places = feeding.places(event)
            taken = _taken(codec, feeding, event) if places else ()
            for key, slot, jointly in places:
                a, b = key if len(key) > 1 else (key[0], "")
                slot_text = _listed(slot) if slot else "[]"
                yield (name, feeding.field, a, b, slot_text, jointly, *told, *taken, behind_eighth(a))


def _unread_rows(codec: Codec, record: Record, ids: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    kind = codec.catalogue.events.get(record.type or "")
    entities = sorted({ids.get(one, one) for one in record.entities})
    states = codec.catalogue.states.values()
    for state in (one for one in states if kind is not None and any(one.feeding(kind.cls))):
        nothing: tuple[None, ...] = (None,) * 6
        at = (record.position, record.origin, "-infinity", "infinity", stored_instant(record.known_at))
        for key in itertools.combinations(entities, len(state.keys)):
            a, b = (*key, "")[:2]
            yield (state.name, "", a, b, "[]", False, *at, False, *nothing, behind_eighth(a))


@functools.lru_cache(maxsize=65_536)
def behind_eighth(ident: str) -> int:
    """What stands in an id behind its eighth character, as a number, the first eight bytes of it."""
    return int.from_bytes(ident[8:16].encode()[:8].ljust(8, b"\0"))


def _told(record: Record, event: Event) -> tuple[Any, ...]:
    """What all rows of a record have in common."""
    occurred = event.occurred
    return (
        record.position,
        record.origin,
        stored_instant(occurred.earliest, "-infinity"),
        stored_instant(occurred.latest),
        stored_instant(record.known_at),
    )


def _taken(codec: Codec, feeding: Feeding, event: Event) -> tuple[Any, ...]:
    """What a field takes from the event: closes, value, names, until_latest, amount, currency, inexact."""
    fold, feed, closes = feeding.fold, feeding.feed, feeding.closes
    given = feed.value(event)
    value = names = until = None
    if fold.takes == "value" and not closes:
        value = _text(codec, feeding.given(event))
        until = feeding.term(event)
    if fold.kind == "held" and feed.attribute is not None:
        names = _text(codec, given)
    end = None if until is None else stored_instant(until.latest)
    return (closes, value, names, end, *_amount(fold, given))


@functools.lru_cache(maxsize=4_096)
def _listed(values: tuple[str | None, ...]) -> str:
    return canonical(values)


def _amount(fold: Fold, given: Any) -> tuple[str | None, str | None, bool | None]:
    if fold.takes != "amount" or given is None:
        return None, None, None
    if isinstance(given, Money):
        return plain(given.value), given.currency, given.bound != "exactly"
    return plain(given), None, None


def _text(codec: Codec, value: Any) -> str | None:
    """A value as text, the same for the same value."""
    if isinstance(value, Event):
        told = {"occurred": value.occurred.text, "type": value.__timeline__.name}
        return f'{{"data":{codec.write(value)},{canonical(told)[1:]}'
    kind = kind_of(value)
    told = value if kind is None else kind.write(value)
    return told if told is None or isinstance(told, str) else canonical(told)
