"""Whose state an event enters, and which slot of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeVar

import attrs

from timeline.values import When
from timeline.vocabulary.event import Event
from timeline.vocabulary.folds import Feed, Fold

Key = tuple[str, ...]
Slot = tuple[Any, ...]
_NO_SLOTS: Final[tuple[Slot, ...]] = ((),)


class Contribution(NamedTuple):
    """One place that an event enters: the entity or pair (in id order), and the values of `per=`.

    `jointly` says whether an attribute that holds a part of it names several entities.
    """

    key: Key
    slot: Slot
    jointly: bool


E = TypeVar("E", bound=Event)


def what_feeds(event: E | None, credence: str) -> E | None:
    """The event of a record as far as it feeds states; none where the record says none, or denies it."""
    return None if credence == "denied" else event


@attrs.frozen
class Way:
    """One way in which an event gives keys: the attribute behind each part of them.

    `slots` says for each name in `per=` which part of the key it is, or None where it is no part of it.
    `lists` are the attributes with a share in the place that may name several entities.
    """

    parts: tuple[str, ...]
    slots: tuple[int | None, ...]
    lists: tuple[str, ...]

    def given(self, event: Event, key: Key) -> Sequence[Slot]:
        """The entities of a key in the order of the parts, however an event names them there."""
        parts = self.parts
        one = getattr(event, parts[0])
        if not isinstance(one, tuple):
            one = (one,)
        if len(parts) == 1:
            return (key,) if key[0] in one else ()
        other = getattr(event, parts[1])
        if not isinstance(other, tuple):
            other = (other,)
        first, second = key
        if second in one and first in other:
            both = first in one and second in other
            return (key, (second, first)) if both else ((second, first),)
        return (key,) if first in one and second in other else ()

    def jointly(self, event: Event) -> bool:
        """Whether an attribute with a share in the place names several entities."""
        for name in self.lists:
            several = getattr(event, name)
            if len(several) > 1 and len(set(several)) > 1:
                return True
        return False


@attrs.frozen
class Feeding:
    """How one event class feeds one field of a state."""

    field: str
    fold: Fold
    feed: Feed
    closes: bool
    ways: tuple[Way, ...] = attrs.field(init=False)
    """A pair has no order, so that each two attributes make one way; one entity alone makes no pair."""
    _single: Callable[[Event], Slot] | None = attrs.field(init=False)
    """What reads the parts of the key and the slot, where an event enters one place at most.

    That is: there is one way, and no attribute in it holds several values.
    """

    @ways.default
    def _ways(self) -> tuple[Way, ...]:
        found: dict[frozenset[str], Way] = {}
        for parts in itertools.product(*self.fold.sides):
            if len(set(parts)) == len(parts) or self.feed.type.field(parts[0]).kind.several:
                found.setdefault(frozenset(parts), _way(self.feed, self.fold, parts))
        return tuple(found.values())

    @_single.default
    def _one_place(self) -> Callable[[Event], Slot] | None:
        names = [name for way in self.ways for name in (*way.parts, *self.fold.per)]
        kind = self.feed.type
        if len(self.ways) != 1 or any(kind.dates(name) or kind.field(name).kind.several for name in names):
            return None
        read = attrgetter(*names)
        return read if len(names) > 1 else lambda event: (read(event),)

    @classmethod
    def all(cls, field: str, fold: Fold) -> Iterator[Feeding]:
        """How each event class that feeds a field does so, where it can give a key at all."""
        for feeds, closes in ((fold.feeds, False), (fold.ends, True)):
            for feed in feeds:
                feeding = cls(field, fold, feed, closes)
                if feeding.ways:
                    yield feeding

    def given(self, event: Event) -> Any:
        """What the field holds by an event that opens or decides it."""
        return self.feed.value(event) if self.fold.gives is None else getattr(event, self.fold.gives)

    def term(self, event: Event) -> When | None:
        """The date until which what an event opens is held, if it sets one."""
        found: When | None = None
        if self.fold.until is not None and not self.closes:
            found = getattr(event, self.fold.until)
        return found

    def places(self, event: Event) -> Sequence[Contribution]:
        """Every place that an event enters, each once."""
        if self._single is not None:
            values = self._single(event)
            key = _key(values[: len(self.fold.sides)])
            return () if key is None else (Contribution(key, values[len(key) :], False),)
        found: dict[tuple[Key, Slot], bool] = {}
        for way in self.ways:
            jointly = way.jointly(event)
            for given in itertools.product(*[_all(event, name) for name in way.parts]):
                key = _key(given)
                if key is not None:
                    for slot in self._slots(event, way, given) if way.slots else _NO_SLOTS:
                        found[key, slot] = jointly or found.get((key, slot), False)
        return [Contribution(key, slot, jointly) for (key, slot), jointly in found.items()]

    def slots(self, event: Event, key: Key) -> Iterable[tuple[Slot, bool]]:
        """The slots of one key that an event enters, each once with whether jointly; as `places` has them."""
        if self._single is not None:
            values = self._single(event)
            if values[: len(key)] != key and values[1::-1] != key:
                return ()
            return ((values[len(key) :], False),)
        found: dict[Slot, bool] = {}
        for way in self.ways:
            several = way.given(event, key)
            if not several:
                continue
            jointly = way.jointly(event)
            if len(self.ways) == len(several) == 1:
                return [(slot, jointly) for slot in self._slots(event, way, several[0])]
            for given in several:
                for slot in self._slots(event, way, given):
                    found[slot] = found.get(slot, False) or jointly
        return found.items()

    def _slots(self, event: Event, way: Way, given: Slot) -> Iterable[Slot]:
        if None not in way.slots:
            return (tuple([given[part] for part in way.slots if part is not None]),)
        taken = [
            _keyed(event, name) if part is None else given[part]
            for name, part in zip(self.fold.per, way.slots, strict=True)
        ]
        if not any(isinstance(value, tuple) for value in taken):
            return (tuple(taken),)
        return itertools.product(*[value if isinstance(value, tuple) else (value,) for value in taken])


def _way(feed: Feed, fold: Fold, parts: tuple[str, ...]) -> Way:
    bound = len(set(parts)) == len(parts)
    names = [name for name in (*parts, *fold.per) if not feed.type.dates(name)]
    shares = {name: feed.type.field(name).kind for name in names}
    return Way(
        parts,
        tuple(parts.index(name) if bound and name in parts else None for name in fold.per),
        tuple(name for name, kind in shares.items() if kind.several and kind.names_entities),
    )


def _key(given: Slot) -> Key | None:
    """The key that values make, in id order; None where one is missing or both are the same."""
    if len(given) == 1:
        return None if given[0] is None else given
    one, other = given
    if one is None or other is None or one == other:
        return None
    return given if one < other else (other, one)


def _keyed(event: Event, name: str) -> Any:
    """What a mapping is keyed by: the value of an attribute, a date by its text."""
    value = getattr(event, name)
    return value.text if isinstance(value, When) else value


def _all(event: Event, name: str) -> Slot:
    value = getattr(event, name)
    return value if isinstance(value, tuple) else (value,)
