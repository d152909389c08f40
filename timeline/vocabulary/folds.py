"""Declaring how one field of a state follows from events."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeVar, cast, overload

import attrs

from timeline.values import CatalogueError, Funds, Money, checked, shown
from timeline.vocabulary.event import Event, EventType
from timeline.vocabulary.fields import Kind

T = TypeVar("T")
Side = str | tuple[str, ...]
Of = Side | tuple[Side, Side]
Takes = Literal["event", "amount", "value"]


@attrs.frozen
class _Sort:
    """What follows from the kind of a fold, but for how it folds.

    `takes` says what of an event it needs: only that there is one, an amount to add, or a value to give.
    `part` is the part of `spans.sql` that folds it. In Python only, it has neither.
    """

    takes: Takes | None
    part: str | None


SORTS: Final[Mapping[str, _Sort]] = {
    "count": _Sort("event", "decided"),
    "total": _Sort("amount", "decided"),
    "first": _Sort("value", "decided"),
    "last": _Sort("value", "decided"),
    "held": _Sort("value", "decided"),
    "fold": _Sort(None, None),
}
"""What kinds of folds there are."""


@attrs.frozen
class Feed:
    """One event type that feeds a fold, and what of it: the event itself, an attribute, or a fixed text."""

    event: type[Event]
    attribute: str | None = None
    constant: str | None = None

    @property
    def type(self) -> EventType:
        """The registered type of the event."""
        return self.event.__timeline__

    def value(self, event: Event) -> Any:
        """What this feed takes from an event."""
        if self.constant is not None:
            return self.constant
        return event if self.attribute is None else getattr(event, self.attribute)


@attrs.frozen(kw_only=True, eq=False)
class Fold:
    """How one field of a state follows; made by `count`, `total`, `first`, `last`, `held` or `fold`.

    `feeds` are the events taken in (for `held`: what opens), `ends` what closes. `sides` says whose state it
    is: one side for an entity, two for a pair, each the attributes that may hold it. Where what is held is
    a plan, `due` is the attribute that holds the planned date, and `met` are the ends that fulfil it.
    """

    kind: str
    feeds: tuple[Feed, ...]
    ends: tuple[Feed, ...] = ()
    gives: str | None = None
    per: tuple[str, ...] = ()
    until: str | None = None
    due: str | None = None
    met: tuple[type[Event], ...] = ()
    of: Of = ()
    sides: tuple[tuple[str, ...], ...] = ()
    step: Callable[[Any, Event], Any] | None = None
    initial: Any = None

    @property
    def takes(self) -> Takes | None:
        """What of an event it needs, which is also what it gives; None where it is a function in Python."""
        return SORTS[self.kind].takes

    @property
    def part(self) -> str | None:
        """The part of the SQL of spans that folds it; None where that is done in Python only."""
        return SORTS[self.kind].part

    @property
    def keyed(self) -> bool:
        """Whether the field is a mapping, with one slot for each value of `per`."""
        return bool(self.per)

    def key(self, slot: tuple[Any, ...]) -> Any:
        """What a mapping lists a slot under: the value of `per`, or all values of several; else None."""
        return None if not self.per else slot[0] if len(self.per) == 1 else slot

    @property
    def lasts(self) -> bool:
        """Whether it tells of what lasts: what is held, or the last word where that is no event by itself."""
        return self.kind == "held" or (self.kind == "last" and self.value_kind is not None)

    @property
    def sums_money(self) -> bool:
        """Whether it adds up amounts of money, so that its value is `Funds`."""
        return self.takes == "amount" and self.sum_class is Funds

    @property
    def sum_class(self) -> type | None:
        """The class of what the values that it takes add up to; None if they are nothing to be added."""
        feed = self.feeds[0]
        return None if feed.attribute is None else feed.type.field(feed.attribute).kind.sums

    @property
    def value_kind(self) -> Kind | None:
        """What kind of value it gives where it takes one; None for an event."""
        feed = self.feeds[0]
        name = self.gives or feed.attribute
        if feed.constant is not None and self.gives is None:
            return Kind.TEXT
        return None if name is None else Kind.WHEN if name == "occurred" else feed.type.field(name).kind

    @property
    def shape(self) -> dict[str, Any]:
        """What a file keeps of it, as plain JSON: all that what is derived depends on."""

        def told(feeds: tuple[Feed, ...]) -> list[list[str | None]]:
            return [[feed.type.name, feed.attribute, feed.constant] for feed in feeds]

        whole = {
            "fold": self.kind,
            "from": told(self.feeds),
            "ends": told(self.ends),
            "gives": self.gives,
            "per": list(self.per),
            "until": self.until,
            "of": [list(side) for side in self.sides],
        }
        return {name: value for name, value in whole.items() if value}

    @property
    def types(self) -> tuple[str, ...]:
        """The names of the event types that feed it."""
        return tuple(dict.fromkeys(feed.type.name for feed in (*self.feeds, *self.ends)))

    def bound(self, arity: int) -> Fold:
        """This fold for a state of `arity` entities, every name in it checked.

        Raises:
            CatalogueError: if it names a field that some event lacks, or that cannot be used so.
        """
        if not self.feeds:
            raise CatalogueError(f"{self.kind} takes an event type at least, or an attribute of one")
        if self.kind == "total":
            self._check_total()
        if self.kind == "held":
            self._check_ends()
        sides = _sides(self.of, arity)
        seen: set[str] = set()
        for feed in (*self.feeds, *self.ends):
            if feed.type.name in seen:
                raise CatalogueError(f"{feed.type.name} feeds the same fold twice")
            seen.add(feed.type.name)
            _check_keys(feed.type, sides, self.per)
        for feed in self.feeds:
            if self.due is not None and feed.type.field(self.due).kind is not Kind.WHEN:
                raise CatalogueError(
                    f"{feed.type.name}.{self.due} is no date, so nothing can be planned for it"
                )
            if self.until is not None and feed.type.field(self.until).kind is not Kind.WHEN:
                raise CatalogueError(f"{feed.type.name}.{self.until} is no date, so it cannot be a term")
            if self.gives is not None and self.gives != "occurred":
                feed.type.field(self.gives)
        return attrs.evolve(self, sides=sides)

    def _check_total(self) -> None:
        """See that there is something to add up: one attribute, of money or numbers."""
        if len(self.feeds) != 1 or self.sum_class is None:
            raise CatalogueError("total takes one attribute, of money or decimal numbers")

    def _check_ends(self) -> None:
        """See that an end can name what is held, and that what fulfils a plan ends it."""
        if any(feed.attribute for feed in self.ends) and not all(feed.attribute for feed in self.feeds):
            raise CatalogueError("an end that names something needs a start that names it too")
        for event in self.met:
            if event not in {feed.event for feed in self.ends}:
                raise CatalogueError(f"met={event.__name__} is to be among the ends")


def _sides(of: Of, arity: int) -> tuple[tuple[str, ...], ...]:
    if arity == 1:
        names = (of,) if isinstance(of, str) else of
        if not names or not all(isinstance(name, str) for name in names):
            raise CatalogueError(
                f"of={of!r}: the state of one entity takes an attribute, or several to draw on"
            )
        return (cast("tuple[str, ...]", names),)
    if isinstance(of, str) or len(of) != arity or not all(of):
        raise CatalogueError(f"of={of!r}: the state of a pair takes two attributes")
    return tuple((side,) if isinstance(side, str) else side for side in of)


def _check_keys(event: EventType, sides: tuple[tuple[str, ...], ...], per: tuple[str, ...]) -> None:
    for name in (name for side in sides for name in side):
        if not event.field(name).names_entities:
            raise CatalogueError(f"{event.name}.{name} holds no entity, so no state can be of it")
    for name in per:
        if not (event.dates(name) or event.field(name).kind.keys):
            raise CatalogueError(f"{event.name}.{name} cannot be a key: per= takes entities, texts and dates")
        if sum(name in side for side in sides) > 1:
            raise CatalogueError(f"per={name!r} is ambiguous: both entities of the pair come from it")


def feeds_of(given: Any) -> tuple[Feed, ...]:
    """Read event classes, attributes of them, mappings of class to text, and tuples of these."""
    if isinstance(given, tuple):
        return tuple(feed for one in given for feed in feeds_of(one))
    if isinstance(given, Mapping):
        return tuple(_as_text(event, text) for event, text in given.items())
    if isinstance(given, type) and issubclass(given, Event) and "__timeline__" in vars(given):
        return (Feed(given),)
    if isinstance(given, types.MemberDescriptorType) and given.__objclass__ is Event:
        raise CatalogueError(f"{given.__name__} is of every event: name the event type, whose value holds it")
    if (
        isinstance(given, types.MemberDescriptorType)
        and issubclass(given.__objclass__, Event)
        and "__timeline__" in vars(given.__objclass__)
    ):
        return (Feed(given.__objclass__, given.__name__),)
    raise CatalogueError(f"{shown(given)} is no event type, attribute of one, or mapping of types to texts")


def _attribute(given: Any) -> str:
    feeds = feeds_of(given)
    if len(feeds) != 1 or feeds[0].attribute is None:
        raise CatalogueError(f"gives={shown(given)}: name one attribute, as in Loan.reader")
    return feeds[0].attribute


def _as_text(event: Any, text: Any) -> Feed:
    """An event type that gives a text of its own."""
    for feed in feeds_of(event):
        if feed.attribute is None and isinstance(text, str):
            return attrs.evolve(feed, constant=text)
    raise CatalogueError(f"{shown(event)}: {shown(text)}: a mapping gives a text for each event type")


def names_of(given: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """Read one name, several, or none."""
    return () if given is None else (given,) if isinstance(given, str) else given


@overload
def count(*events: type[Event], of: Of) -> int: ...
@overload
def count(*events: type[Event], of: Of, per: str | tuple[str, ...]) -> Mapping[Any, int]: ...
@checked
def count(*events: type[Event], of: Of, per: str | tuple[str, ...] | None = None) -> Any:
    """The number of events."""
    return Fold(kind="count", feeds=feeds_of(events), of=of, per=names_of(per))


@overload
def total(attribute: Money | None, *, of: Of) -> Funds: ...
@overload
def total(attribute: Money | None, *, of: Of, per: str | tuple[str, ...]) -> Mapping[Any, Funds]: ...
@overload
def total(attribute: Any, *, of: Of) -> Any: ...
@overload
def total(attribute: Any, *, of: Of, per: str | tuple[str, ...]) -> Mapping[Any, Any]: ...
@checked
def total(attribute: Any, *, of: Of, per: str | tuple[str, ...] | None = None) -> Any:
    """The sum of an attribute: `Funds` for money, a Decimal for numbers."""
    return Fold(kind="total", feeds=feeds_of(attribute), of=of, per=names_of(per))


@overload
def first(value: Mapping[Any, str], *, of: Of) -> str | None: ...
@overload
def first(value: Mapping[Any, str], *, of: Of, per: str | tuple[str, ...]) -> Mapping[Any, str]: ...
@overload
def first(value: type[T] | tuple[type[T], ...], *, of: Of) -> T | None: ...
@overload
def first(value: type[T] | tuple[type[T], ...], *, of: Of, per: str | tuple[str, ...]) -> Mapping[Any, T]: ...
@overload
def first(value: tuple[T, ...], *, of: Of) -> T | None: ...
@overload
def first(value: tuple[T, ...], *, of: Of, per: str | tuple[str, ...]) -> Mapping[Any, T]: ...
@overload
def first(value: T, *, of: Of) -> T | None: ...
@overload
def first(value: T, *, of: Of, per: str | tuple[str, ...]) -> Mapping[Any, T]: ...
@checked
def first(value: Any, *, of: Of, per: str | tuple[str, ...] | None = None) -> Any:
    """What the first event gives: the event, an attribute of it, or a text for its type."""
    return Fold(kind="first", feeds=feeds_of(value), of=of, per=names_of(per))


@overload
def last(value: Mapping[Any, str], *, of: Of) -> str | None: ...
@overload
def last(value: Mapping[Any, str], *, of: Of, per: str | tuple[str, ...]) -> Mapping[Any, str]: ...
@overload
def last(value: type[T] | tuple[type[T], ...], *, of: Of) -> T | None: ...
@overload
def last(value: type[T] | tuple[type[T], ...], *, of: Of, per: str | tuple[str, ...]) -> Mapping[Any, T]: ...
@overload
def last(value: tuple[T, ...], *, of: Of) -> T | None: ...
@overload
def last(value: tuple[T, ...], *, of: Of, per: str | tuple[str, ...]) -> Mapping[Any, T]: ...
@overload
def last(value: T, *, of: Of) -> T | None: ...
@overload
def last(value: T, *, of: Of, per: str | tuple[str, ...]) -> Mapping[Any, T]: ...
@checked
def last(value: Any, *, of: Of, per: str | tuple[str, ...] | None = None) -> Any:
    """What the last event gives: the event, an attribute of it, or a text for its type."""
    return Fold(kind="last", feeds=feeds_of(value), of=of, per=names_of(per))


@checked
def held(
    *,
    starts: Any,
    ends: Any = (),
    of: Of,
    per: str | tuple[str, ...] | None = None,
    until: str | None = None,
    gives: Any = None,
    due: str | None = None,
    met: Any = (),
) -> Any:
    """What a starting event opened, that no later ending event closed and whose `until` has not passed.

    `starts` names what is opened: an event type (the event is the value) or an attribute. `ends` names what
    closes: an event type closes whatever is held; an attribute only what it names, or whatever is held where
    it is empty. `gives` makes another attribute of the opener the value. For plans, `due` names the
    attribute that holds the date planned, and `met` those of the ends that say that it was done. An end that
    names something needs a start that names it too.
    """
    given = None if gives is None else "occurred" if gives is Event.occurred else _attribute(gives)
    return Fold(
        kind="held",
        feeds=feeds_of(starts),
        ends=feeds_of(ends),
        of=of,
        per=names_of(per),
        until=until,
        gives=given,
        due=due,
        met=tuple(feed.event for feed in feeds_of(met)),
    )


@checked
def fold(step: Callable[[T, Any], T], initial: T, *, over: Any, of: Of) -> T:
    """Anything: `step(value, event)` for each event in order, from `initial`; in Python only, not as SQL."""
    return cast("T", Fold(kind="fold", feeds=feeds_of(over), of=of, step=step, initial=initial))
