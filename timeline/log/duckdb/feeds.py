"""What each event contributes to which slot of which key; and states without what a filter leaves out."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from timeline.compile import Layout, asking, part, quoted, selection, statement
from timeline.records import Codec, Ids, Record, canonical, judged, source_id
from timeline.values import NUMBER, Basis, Filter, Money, Source, plain, stored_instant
from timeline.vocabulary import Event, Feeding, Fold, StateType, kind_of, read_as, what_feeds

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
                yield (name, feeding.field, a, b, slot_text, jointly, *told, *taken)


def _unread_rows(codec: Codec, record: Record, ids: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    kind = codec.catalogue.events.get(record.type or "")
    entities = sorted({ids.get(one, one) for one in record.entities})
    states = codec.catalogue.states.values()
    for state in (one for one in states if kind is not None and any(one.feeding(kind.cls))):
        nothing: tuple[None, ...] = (None,) * 6
        at = (record.position, record.origin, "-infinity", "infinity", stored_instant(record.known_at))
        for key in itertools.combinations(entities, len(state.keys)):
            a, b = (*key, "")[:2]
            yield (state.name, "", a, b, "[]", False, *at, False, *nothing)


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


_NOTHING: Final = "SELECT NULL::BIGINT AS position, NULL::BIGINT AS origin WHERE FALSE"
Query = tuple[str, dict[str, Any]]


@attrs.frozen
class LeftOut:
    """What a filter leaves out as far as each record by itself tells, as SQL and its parameters."""

    sql: str
    asked: Mapping[str, Any]

    @classmethod
    def by(cls, filter_: Filter, sources: Iterable[Source]) -> LeftOut:
        """What a filter leaves out of a log that cites these sources."""
        parts: list[str] = []
        asked: dict[str, Any] = {}
        if filter_.credence:
            parts.append(statement("shadows", "unbelieved"))
            asked["credence"] = list(filter_.credence)
        if filter_.without or filter_.only:
            parts.append(statement("shadows", "unvouched"))
            cited = list(sources)
            asked["without"] = [str(source_id(one)) for one in cited if filter_.distrusts(one)]
            asked["only"] = [str(source_id(one)) for one in cited if filter_.relies_on(one)]
            asked["picky"] = bool(filter_.only)
        return cls("\n    UNION ALL\n".join(one.rstrip(";") for one in parts) or _NOTHING, asked)

    def several(self) -> Query:
        """What gives the first records that are judged with all that was said of them."""
        return f"WITH {self.part}\n{statement('shadows', 'several')}", dict(self.asked)

    def origins(self) -> Query:
        """What gives the first records of all chains of which any is left out by itself."""
        return f"WITH {self.part}\nSELECT DISTINCT origin FROM left_out ORDER BY origin", dict(self.asked)

    @property
    def part(self) -> str:
        """The same as a part of a query, under the name `left_out`."""
        return part("left_out", self.sql)


@attrs.frozen(kw_only=True)
class Shadows:
    """What is read in place of the rows of the file.

    Of `chains`, all that was said of some first records, what stands in view by a filter; else what that does
    not leave out. `reread` are those records that speak of entities that are read as others.
    """

    left_out: LeftOut
    chains: Iterable[Sequence[Record]]
    reread: Sequence[Record]

    def question(self, state: StateType, basis: Basis, codec: Codec, ids: Ids) -> Query:
        """The SQL that asks a compiled state of all keys at a basis, in order of key, and its parameters.

        `ids` says which ids are read as others there.
        """
        apart = [record for chain in self.chains for record in chain]
        standing = judged(self.chains, basis).standing
        anew = [one for one in self.reread if one.position in standing]
        rows = [row for row in feed_rows(codec, anew, ids) if row[0] == state.name]
        passed = {one.position for one in self.reread}
        gone = f"WITH {self.left_out.part}\n{statement('shadows', 'gone').rstrip(';')}"
        fed = statement("shadows", "fed").rstrip(";").replace(":structure", FEEDS.structure)
        order = ", ".join(map(quoted, state.keys))
        sql = selection(state, "given", plain="false", gone=gone, fed=fed)
        return f"{sql}\nORDER BY {order}", {
            **self.left_out.asked,
            **asking(basis),
            "apart": [record.position for record in apart],
            "fallen": sorted({one.position for one in apart if one.position not in standing} | passed),
            "anew": FEEDS.columns(rows),
        }
