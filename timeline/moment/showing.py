"""One record in full: what it says, on whose word, whether it stands, its chain, and what it feeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from timeline.log import Log
from timeline.records import Record, judged, known_on, record_line
from timeline.values import Basis, InLines, Line, Part, Source, When, bound, iso, labelled
from timeline.vocabulary import Event, State, StateType, label, read_as, what_feeds, worded

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_MOST: Final = 50
"""How many keys at most are looked at for what a record feeds; a few records speak of hundreds."""


@attrs.frozen
class Fed:
    """A state that rests on a record now: of whom, under which names, and which of its fields."""

    state: str
    who: tuple[str, ...]
    names: tuple[str, ...]
    fields: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"state": self.state, "who": list(self.who), "fields": list(self.fields)}

    def __str__(self) -> str:
        return f"{self.state} {' – '.join(self.names)}: {', '.join(map(label, self.fields))}"


@attrs.frozen(kw_only=True, repr=False)
class Shown(InLines):
    """A record in full, as a moment shows it.

    `by` is what overrules it there, None where it stands; `seen` is whether it is in view at all. `chain` has
    what else goes back to the same first record, in order, each with what overrules it; `feeds` the states
    that rest on it at the moment, and `unread` how many keys of states were not looked at, since there are so
    many. `names` has the names of entities at the moment, by id.
    """

    record: Record
    basis: Basis
    seen: bool
    by: Record | None
    chain: tuple[tuple[Record, Record | None], ...]
    feeds: tuple[Fed, ...]
    unread: int
    names: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; bounds of dates are instants in ISO 8601, UTC, None where there is none."""
        return self.record.as_dict() | {
            "bounds": _bounds(self.record.occurred),
            "in_view": self.seen,
            "stands": self.seen and self.by is None,
            "superseded_by": None if self.by is None else self.by.position,
            "chain": [
                {
                    "position": one.position,
                    "kind": one.kind,
                    "target": one.target,
                    "summary": one.summary,
                    "note": one.note,
                    "superseded_by": None if by is None else by.position,
                }
                for one, by in self.chain
            ],
            "feeds": [one.as_dict() for one in self.feeds],
            "feeds_unread": self.unread,
            "basis": self.basis.as_dict(),
        }

    def parts(self) -> Iterator[tuple[str, Sequence[Sequence[Part]]]]:
        """What there is to say of it, each under a word: a line, or several, in parts."""
        zone = self.basis.zone
        yield "record", [[self._kind]]
        yield "stands", [self._standing(zone)]
        yield from self._event(zone)
        yield "known", [[_since(self.record, zone)]]
        if self.record.credence != "reported":
            yield "credence", [[self.record.credence]]
        for name in ("actor", "note"):
            if told := getattr(self.record, name):
                yield name, [[told]]
        if self.record.sources:
            several = self.record.sources
            yield f"source{'s' if len(several) > 1 else ''}", [[source_line(one)] for one in several]
        ref: Part = (f"  from {self.record.ref}" if self.record.ref else "", "aside")
        yield "id", [[str(self.record.id), ref]]
        if self.chain:
            yield "chain", [_linked(one, by, zone) for one, by in self.chain]
        fed: list[list[Part]] = [[str(one)] for one in self.feeds]
        if self.unread:
            fed.append([(f"… and perhaps of {self.unread:,} more keys, not looked at", "aside")])
        if fed:
            yield "feeds", fed

    def lines(self) -> Iterator[Line]:
        """All of it, line by line."""
        yield Line.of((f"{self.record.label} {self.record.summary}", "head"))
        yield from labelled(list(self.parts()))

    @property
    def _kind(self) -> str:
        one = self.record
        said = one.kind if one.type is None else f"{one.kind} of {one.type}, version {one.version}"
        aimed = "" if one.target is None else f", about #{one.target}"
        whole = ", whole" if one.whole else ""
        return f"{'supposed ' if one.supposed else ''}{said}{aimed}{whole}, at {one.place}"

    def _standing(self, zone: ZoneInfo | None) -> Sequence[Part]:
        if not self.seen:
            return [("not in view here", "doubt"), f", {self.basis}"]
        if self.by is None:
            return ["yes"]
        note = f": {self.by.note}" if self.by.note else ""
        return [(f"no, {self.by.undoing}", "doubt"), f", known {known_on(self.by.known_at, zone)}{note}"]

    def _event(self, zone: ZoneInfo | None) -> Iterator[tuple[str, Sequence[Sequence[Part]]]]:
        one = self.record
        if one.problem is not None:
            yield "problem", [[(f"it cannot be read: {one.problem}", "doubt")]]
        if one.occurred is not None:
            yield "occurred", [_dated(one.occurred, zone)]
        if one.event is None:
            if one.problem is not None and one.data is not None:
                yield "data", [[one.data]]
            return
        named = self._named
        for field in one.event.__timeline__.fields:
            value = getattr(one.event, field.name)
            if value is None or value == ():
                continue
            yield (
                label(field.name),
                [_dated(value, zone) if isinstance(value, When) else [worded(value, named)]],
            )

    def _named(self, text: str) -> str:
        """An id with the name that it has, where that says more."""
        name = self.names.get(text, text)
        return name if name == text else f"{name} ({text})"


def _bounds(when: When | None) -> list[str | None] | None:
    return None if when is None else [iso(when.earliest), iso(when.latest)]


def _dated(when: When, zone: ZoneInfo | None) -> Sequence[Part]:
    """A date in words, and between which instants it lies, if that is more than it says."""
    first, last = (None if one is None else bound(one, zone) for one in (when.earliest, when.latest))
    bounds = f"from {first} to {last}" if first and last else f"from {first} on" if first else f"until {last}"
    return [when.words, (f"  {bounds}" if first or last else "", "aside")]


def _since(record: Record, zone: ZoneInfo | None) -> str:
    recorded = record.recorded_at.replace(microsecond=0)
    return f"{bound(record.known_at, zone)}, recorded {bound(recorded, zone)}"


def source_line(source: Source) -> str:
    """All that a source says of itself, on one line.

    >>> source_line(Source("A deal", publisher="Post", url="https://example.org/1", locator="p. 2"))
    'A deal, Post, p. 2, https://example.org/1'
    """
    published = None if source.published is None else source.published.words
    told = (source.title, source.publisher, published, source.locator, source.url)
    return ", ".join(filter(None, told))


def _linked(record: Record, by: Record | None, zone: ZoneInfo | None) -> Sequence[Part]:
    does = {"correction": "corrects ", "retraction": "retracts ", "attestation": "attests "}
    aimed = f"{does.get(record.kind, '')}#{record.target}: " if record.target is not None else ""
    told = f"{aimed}{record_line(record, zone)}{f': {record.note}' if record.note else ''}"
    return [told, ("" if by is None else f", {by.undoing}", "doubt")]


def shown(
    log: Log,
    basis: Basis,
    record: Record,
    state_of: Callable[[StateType, tuple[str, ...]], State],
    naming: Callable[[Iterable[str]], Mapping[str, str]],
) -> Shown:
    """A record as a basis shows it; `state_of` gives a state there, and `naming` the names of entities."""
    chain = log.said_of([record.origin]).get(record.origin, [record])
    found = judged([chain], basis)
    by_position = {one.position: one for one in chain}

    def overruled(one: Record) -> Record | None:
        return by_position.get(found.overruled.get(one.position, 0))

    seen = record.position in found.seen
    stands = seen and overruled(record) is None
    feeds, unread = _fed(log, basis, record, state_of) if stands else ((), 0)
    entities = {*record.entities, *(one for fed in feeds for one in fed.who)}
    names = naming(entities)
    return Shown(
        record=record,
        basis=basis,
        seen=seen,
        by=overruled(record),
        chain=tuple(
            (one, overruled(one))
            for one in chain
            if one.position != record.position and one.position in found.seen
        ),
        feeds=tuple(attrs.evolve(one, names=tuple(names.get(who, who) for who in one.who)) for one in feeds),
        unread=unread,
        names=names,
    )


def _fed(
    log: Log,
    basis: Basis,
    record: Record,
    state_of: Callable[[StateType, tuple[str, ...]], State],
) -> tuple[tuple[Fed, ...], int]:
    """The states that rest on a record, and how many keys were not looked at."""
    said = what_feeds(record.event, record.credence)
    if said is None:
        return (), 0
    event = read_as(said, log.samenesses().ids(basis))
    keys = list(fed_keys(log.codec.catalogue.states.values(), event))
    found = []
    for state, key in keys[:_MOST]:
        because = state_of(state, key).because
        fields = tuple(
            field for field in state.folds if any(one.position == record.position for one in because[field])
        )
        if fields:
            found.append(Fed(state.name, key, key, fields))
    return tuple(found), max(0, len(keys) - _MOST)


def fed_keys(states: Iterable[StateType], event: Event) -> Iterator[tuple[StateType, tuple[str, ...]]]:
    """Whose states an event enters, each once."""
    for state in states:
        places = (place for feeding in state.feeding(type(event)) for place in feeding.places(event))
        for key in dict.fromkeys(place.key for place in places):
            yield state, key
