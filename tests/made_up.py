"""Vocabularies that nobody wrote: event types and states drawn by Hypothesis, and histories told in them.

Every vocabulary has the same kinds of fields under other names, some of which SQL or our own SQL uses
itself. An event type has the fields that say whose it is, and some of the others.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs
from attrs import field, frozen
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests import strategies
from tests.ledger import SameEntity
from tests.strategies import Content, History
from timeline.declare import (
    Entity,
    EntityState,
    Event,
    Money,
    PairState,
    When,
    count,
    decimal,
    entities,
    event_type,
    first,
    held,
    last,
    money,
    optional_when,
    state_type,
    texts,
    total,
)
from timeline.records import Statement
from timeline.vocabulary import Catalogue

_NAMES: Final = [
    *("order", "position", "value", "slot", "names", "knowing", "point", "field", "known_at", "entry"),
    *("earliest", "latest", "told", "one", "a", "b", "place_a", "said", "log", "closes", "select", "ask"),
    *("each_0", "until_latest", "currency", "data", "kind", "upto", "feed", "rank", "dates", "valid"),
]
"""Names of fields; the columns of none of them have the name of another."""
_EVENTS: Final = ["entry", "told", "order", "answer", "outcome"]
_STATES: Final = ["select", "rank", "counts", "point"]
_FIELDS: Final = ["value", "position", "number", "slot", "field", "point", "known", "funds", "sums", "group"]

_WHO: Final = ['O\'Brien & "Sons"', "Ünal\\Çelik", "日本"]
_TEXTS: Final = ["it's", '"so"', "a\\b", "é 😀", "two\nlines", "null", "[]", "a\u2028b", "{0}"]
_NUMBERS: Final = [
    Decimal(text) for text in ("-1.5", "0", "0.000001", "100", "-987654321987654321.5", "2.50")
]
_AMOUNTS: Final = ["0", "0.000001", "2.5", "100", "123456789123456789.123456"]
_TERMS: Final = strategies.plain_dates() | strategies.instants() | strategies.ranges()


@frozen
class _Part:
    """A kind of field: its annotation, its converter, and what it may hold."""

    hint: Any
    holds: SearchStrategy[Any]
    converter: Any = None


def _several(names: Sequence[str]) -> SearchStrategy[Any]:
    return st.lists(st.sampled_from(names), max_size=3, unique=True).map(tuple)


_MONEY: Final = st.fixed_dictionaries(
    {
        "value": st.sampled_from(_AMOUNTS),
        "currency": st.sampled_from(["USD", "EUR"]),
        "bound": st.sampled_from(["exactly", "exactly", "up to", "over", "about"]),
    }
)
_KEYS: Final = {
    "who": _Part(Entity, st.sampled_from(_WHO)),
    "whom": _Part(Entity | None, st.none() | st.sampled_from(_WHO)),
    "all": _Part(tuple[Entity, ...], _several(_WHO), entities),
    "others": _Part(tuple[Entity, ...], _several(_WHO), entities),
    "topic": _Part(str, st.sampled_from(_TEXTS[:3])),
    "mood": _Part(str | None, st.none() | st.sampled_from(_TEXTS)),
    "tags": _Part(tuple[str, ...], _several(_TEXTS), texts),
}
_VALUES: Final = {
    "term": _Part(When | None, st.none() | _TERMS, optional_when),
    "due": _Part(When | None, st.none() | _TERMS, optional_when),
    "sum": _Part(Money | None, st.none() | _MONEY, money),
    "fee": _Part(Money | None, _MONEY, money),
    "number": _Part(Decimal | None, st.none() | st.sampled_from(_NUMBERS), decimal),
    "flag": _Part(bool | None, st.none() | st.booleans()),
    "note": _Part(str | None, st.none() | st.sampled_from(_TEXTS)),
}
_PARTS: Final = {**_KEYS, **_VALUES}
_ALIKE: Final = [("who", "whom"), ("all", "others"), ("topic", "mood", "note"), ("tags",), ("term", "due"),
                 ("sum", "fee"), ("number",), ("flag",)]  # fmt: skip
"""The fields that one fold may draw from: a fold shows values of one kind."""
_ENTITIES: Final = ["who", "whom", "all", "others"]


@frozen
class Kind:
    """An event type: its name and the fields it has, by what they are for, and how it came to be so."""

    name: str
    fields: Mapping[str, str]
    upcasts: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
    formerly: tuple[str, ...] = ()

    def build(self) -> type[Event]:
        """The class."""
        parts = {name: _PARTS[use] for use, name in self.fields.items()}
        converted = {name: field(converter=part.converter) for name, part in parts.items() if part.converter}
        hints = {name: part.hint for name, part in parts.items()}
        body = {"__doc__": "Something.", "__module__": __name__, "__annotations__": hints, **converted}
        made = frozen(kw_only=True)(type("Made", (Event,), body))
        how: Any = {"version": 1 + len(self.upcasts), "upcasts": self.upcasts, "formerly": self.formerly}
        return event_type(self.name, says="something", **how)(made)

    @property
    def content(self) -> SearchStrategy[Content]:
        """What such an event may say."""
        return st.tuples(
            st.just(self.name),
            st.fixed_dictionaries({name: _PARTS[use].holds for use, name in self.fields.items()}),
        )


@frozen
class Told:
    """A field of a state: its fold, with the names of event types and fields.

    `feeds` and `ends` hold, by event type, the field taken from it; None for the event itself, and a text in
    a list of one for a constant.
    """

    name: str
    fold: str
    feeds: Mapping[str, str | list[str] | None]
    of: Any
    how: Mapping[str, Any]
    ends: Mapping[str, str | None] = attrs.field(factory=dict)

    def build(self, events: Mapping[str, type[Event]]) -> Any:
        """The fold."""
        feeds = tuple(_taken(events[event], given) for event, given in self.feeds.items())
        how = {**self.how, "of": self.of}
        if self.fold == "count":
            return count(*feeds, **how)
        if self.fold == "total":
            return total(feeds[0], **how)
        if self.fold == "held":
            gives = how.pop("gives", None)
            if gives is not None:
                event = Event if gives == "occurred" else events[next(iter(self.feeds))]
                how["gives"] = getattr(event, gives)
            ends = tuple(_taken(events[event], given) for event, given in self.ends.items())
            return held(starts=feeds, ends=ends, **how)
        return {"first": first, "last": last}[self.fold](feeds, **how)


def _taken(event: type[Event], given: str | list[str] | None) -> Any:
    return event if given is None else {event: given[0]} if isinstance(given, list) else getattr(event, given)


@frozen
class Vocabulary:
    """Event types and states as drawn, beside the one that says who is who; `catalogue` makes the classes."""

    kinds: tuple[Kind, ...]
    states: Mapping[str, tuple[bool, tuple[Told, ...]]]

    def catalogue(self) -> Catalogue:
        """The vocabulary as the engine takes it."""
        events = {kind.name: kind.build() for kind in self.kinds}
        states = [_state(name, pair, fields, events) for name, (pair, fields) in self.states.items()]
        return Catalogue.of(*events.values(), SameEntity, *states)

    @property
    def content(self) -> SearchStrategy[Content]:
        """What may be said in it."""
        return st.one_of([kind.content for kind in self.kinds])

    def upgraded(self, renamed: Mapping[str, str], added: Mapping[str, str]) -> Vocabulary:
        """A newer version of it, in which event types and fields are called otherwise, and some are added.

        `renamed` are the new names by the old ones, `added` what fields are for by the names of event types.
        """
        kinds = []
        for kind in self.kinds:
            use = added.get(kind.name)
            new = {} if use is None or use in kind.fields else {use: f"added_{use}"}
            fields = {use: renamed.get(name, name) for use, name in kind.fields.items()} | new
            later = functools.partial(_later, renamed=renamed, added=tuple(new.values()))
            former = (*kind.formerly, kind.name) if kind.name in renamed else kind.formerly
            kinds.append(Kind(renamed.get(kind.name, kind.name), fields, (*kind.upcasts, later), former))
        states = {
            name: (pair, tuple(attrs.evolve(one, **_renamed(one, renamed)) for one in told))
            for name, (pair, told) in self.states.items()
        }
        return Vocabulary(tuple(kinds), states)

    def histories(self) -> SearchStrategy[History]:
        """What may happen in it, also that one is another; half of it in dates that meet."""
        same = strategies.samenesses(_WHO)
        by_name = {kind.name: kind.content for kind in self.kinds} | {"same_entity": same}
        few = st.sampled_from(
            [strategies.day(2020, 6, number) for number in (1, 2)]
            + [strategies.months("2020-06", 2020, 6, 6), strategies.months("2020", 2020, 1, 12)]
        )
        return strategies.histories(
            self.content | same,
            when=few | strategies.dates(),
            least=3,
            most=10,
            same_type=by_name.__getitem__,
        )


def _later(data: dict[str, Any], *, renamed: Mapping[str, str], added: Sequence[str]) -> dict[str, Any]:
    return {renamed.get(name, name): value for name, value in data.items()} | dict.fromkeys(added)


def _renamed(told: Told, renamed: Mapping[str, str]) -> dict[str, Any]:
    """A field of a state with other names of event types and fields; texts of its own are kept."""

    def named(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(named, value))
        return renamed.get(value, value) if isinstance(value, str) else value

    return {
        "feeds": {named(name): named(value) for name, value in told.feeds.items()},
        "ends": {named(name): named(value) for name, value in told.ends.items()},
        "of": named(told.of),
        "how": {name: named(value) for name, value in told.how.items()},
    }


@st.composite
def upgrades(draw: DrawFn, vocabulary: Vocabulary) -> Vocabulary:
    """A newer version of a vocabulary."""
    kinds = [kind.name for kind in vocabulary.kinds]
    names = sorted({name for kind in vocabulary.kinds for name in kind.fields.values()})
    renamed = draw(st.sets(st.sampled_from(names), max_size=3) | st.sets(st.sampled_from(kinds), min_size=1))
    added = draw(st.dictionaries(st.sampled_from(kinds), st.sampled_from(sorted(_VALUES)), max_size=2))
    return vocabulary.upgraded({name: f"{name}_later" for name in renamed}, added)


def _state(name: str, pair: bool, fields: Sequence[Told], events: Mapping[str, type[Event]]) -> Any:
    folds = {one.name: one.build(events) for one in fields}
    hints = {one: Mapping[Any, Any] if fold.keyed else Any for one, fold in folds.items()}
    base = PairState if pair else EntityState
    body = {"__doc__": "What follows.", "__module__": __name__, "__annotations__": hints, **folds}
    return state_type(name)(type("Made", (base,), body))


def statements(history: History, catalogue: Catalogue) -> Iterator[Statement]:
    """What to append for a history told in a vocabulary."""
    return (strategies.statement(one, catalogue) for one in history.log)


@st.composite
def vocabularies(draw: DrawFn) -> Vocabulary:
    """A few event types, a state of one entity and one of two, with every fold but `fold` among them."""
    names = dict(zip(_PARTS, draw(st.permutations(_NAMES)), strict=False))
    kinds = []
    for name in draw(st.permutations(_EVENTS))[: draw(st.integers(2, 3))]:
        own = draw(st.sets(st.sampled_from(sorted(_VALUES)), min_size=4))
        kinds.append(Kind(name, {use: names[use] for use in _PARTS if use in _KEYS or use in own}))
    states = {}
    for pair, name in zip((False, True), draw(st.permutations(_STATES)), strict=False):
        fields = [field for field in draw(st.permutations(_FIELDS)) if field != name]
        folds = ["count", "total", "first", "last", "held", "held"]
        chosen = draw(st.permutations(folds))[: draw(st.integers(3, 5))]
        told = [draw(_told(field, fold, kinds, pair)) for field, fold in zip(fields, chosen, strict=False)]
        states[name] = (pair, tuple(told))
    return Vocabulary(tuple(kinds), states)


@st.composite
def _told(draw: DrawFn, name: str, fold: str, kinds: list[Kind], pair: bool) -> Told:
    """A field of a state."""
    most = len(kinds) - (fold == "held")
    feeding = draw(st.permutations(kinds))[: draw(st.integers(1, most))]
    names = kinds[0].fields
    sides, per = draw(_keys(pair))
    how: dict[str, Any] = {}
    if per:
        how["per"] = tuple(names[use] for use in per)
    of = tuple(tuple(names[use] for use in side) for side in sides)
    feeds: dict[str, Any] = {kind.name: None for kind in feeding}
    ends: dict[str, str | None] = {}
    if fold == "total":
        kind = feeding[0]
        feeds = {kind.name: kind.fields[draw(st.sampled_from(_summed(kind)))]} if _summed(kind) else {}
        fold = "total" if feeds else "count"
        feeds = feeds or {kind.name: None}
    if fold in {"first", "last", "held"}:
        feeds = draw(_shown(feeding))
    if fold == "held":
        for use in ("term", "due"):
            if all(use in kind.fields for kind in feeding) and draw(st.booleans()):
                how["until"] = kinds[0].fields.get(use) or feeding[0].fields[use]
                break
        common = [use for use in _PARTS if all(use in kind.fields for kind in feeding)]
        gives = draw(st.none() | st.sampled_from(["occurred", *common]))
        if gives is not None:
            how["gives"] = "occurred" if gives == "occurred" else feeding[0].fields[gives]
        naming = [use for group in _ALIKE for use in group if _names_one(feeds, feeding, group)]
        for kind in kinds:
            uses = [use for use in naming if use in kind.fields]
            if kind.name not in feeds and draw(st.sampled_from([True, True, False])):
                closed = draw(st.sampled_from([*uses, *uses, None]))
                ends[kind.name] = None if closed is None else kind.fields[closed]
    return Told(name, fold, feeds, of if pair else of[0], how, ends)


def _summed(kind: Kind) -> list[str]:
    return [use for use in ("sum", "fee", "number") if use in kind.fields]


def _names_one(feeds: Mapping[str, Any], feeding: Sequence[Kind], group: Sequence[str]) -> bool:
    """Whether all feeds take a field of this group."""
    return all(
        isinstance(feeds[kind.name], str) and feeds[kind.name] in [kind.fields.get(use) for use in group]
        for kind in feeding
    )


@st.composite
def _keys(draw: DrawFn, pair: bool) -> tuple[list[list[str]], list[str]]:
    """Whose state a fold is, and its slots: no name in `per` that both entities of a pair come from."""
    side = st.lists(st.sampled_from(_ENTITIES), min_size=1, max_size=2, unique=True)
    sides = [draw(side) for _ in range(2 if pair else 1)]
    both = set(sides[0]) & set(sides[1]) if pair else set()
    free = [use for use in _KEYS if use not in both]
    taken = [use for use in sides[0] if use not in both]
    first_of = st.lists(st.sampled_from(free), max_size=2, unique=True)
    shared = st.lists(st.sampled_from(taken), max_size=1) if taken else st.just([])
    per = list(dict.fromkeys([*draw(shared), *draw(first_of)]))
    return sides, per if draw(st.booleans()) else []


@st.composite
def _shown(draw: DrawFn, feeding: Sequence[Kind]) -> dict[str, Any]:
    """What `first`, `last` or `held` take of the events: themselves, a field of one kind, or a text."""
    groups = [group for group in _ALIKE if all(set(group) & set(kind.fields) for kind in feeding)]
    how = draw(st.sampled_from(["event", "text", *groups, *groups]))
    if how == "event":
        return {kind.name: None for kind in feeding}
    if how == "text":
        return {kind.name: [draw(st.sampled_from(_TEXTS))] for kind in feeding}
    return {
        kind.name: kind.fields[draw(st.sampled_from([use for use in how if use in kind.fields]))]
        for kind in feeding
    }
