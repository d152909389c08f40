"""Whose state an event enters, and which slot of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import attrs

from timeline.event import Event
from timeline.fields import Kind
from timeline.folds import Feed, Fold

__all__ = ["Contribution", "Feeding", "Way"]

Key = tuple[str, ...]
Slot = tuple[Any, ...]
_SEVERAL: Final = frozenset({Kind.ENTITIES, Kind.TEXTS})
_NO_SLOTS: Final[tuple[Slot, ...]] = ((),)


class Contribution(NamedTuple):
    """One place that an event enters: the entity or pair (in id order), and the values of `per=`.

    `jointly` says whether an attribute that holds a part of it names several entities.
    """

    key: Key
    slot: Slot
    jointly: bool


@attrs.frozen
class Way:
    """One way in which an event gives keys: the attribute behind each part of them.

    `slots` says for each name in `per=` which part of the key it is, or None where it is no part of it.
    `lists` are the attributes with a share in the place that may name several entities.
    """

    parts: tuple[str, ...]
    slots: tuple[int | None, ...]
    lists: tuple[str, ...]


@attrs.frozen
class Feeding:
    """How one event class feeds one field of a state."""

    field: str
    fold: Fold
    feed: Feed
    closes: bool
    ways: tuple[Way, ...] = attrs.field(init=False)
    _single: bool = attrs.field(init=False)
    """Whether an event enters one place at most: one way, and no attribute in it holds several values."""

    @ways.default
    def _ways(self) -> tuple[Way, ...]:
        return tuple(_way(self.feed, self.fold, parts) for parts in itertools.product(*self.fold.sides))

    @_single.default
    def _enters_one_place(self) -> bool:
        names = {name for way in self.ways for name in (*way.parts, *self.fold.per)}
        return len(self.ways) == 1 and not any(self.feed.type.field(name).kind in _SEVERAL for name in names)

    @classmethod
    def all(cls, field: str, fold: Fold) -> Iterator[Feeding]:
        """How each event class that feeds a field does so."""
        for feeds, closes in ((fold.feeds, False), (fold.ends, True)):
            for feed in feeds:
                yield cls(field, fold, feed, closes)

    def places(self, event: Event) -> Sequence[Contribution]:
        """Every place that an event enters, each once."""
        if self._single:
            key = _key(tuple([getattr(event, name) for name in self.ways[0].parts]))
            slot = tuple([getattr(event, name) for name in self.fold.per])
            return () if key is None else (Contribution(key, slot, False),)
        found: dict[tuple[Key, Slot], bool] = {}
        for way in self.ways:
            jointly = any(len(set(getattr(event, name))) > 1 for name in way.lists)
            for given in itertools.product(*[_all(event, name) for name in way.parts]):
                key = _key(given)
                if key is not None:
                    for slot in self._slots(event, way, given) if way.slots else _NO_SLOTS:
                        found[key, slot] = jointly or found.get((key, slot), False)
        return [Contribution(key, slot, jointly) for (key, slot), jointly in found.items()]

    def _slots(self, event: Event, way: Way, given: Slot) -> Iterable[Slot]:
        return itertools.product(
            *[
                _all(event, name) if part is None else (given[part],)
                for name, part in zip(self.fold.per, way.slots, strict=True)
            ]
        )


def _way(feed: Feed, fold: Fold, parts: tuple[str, ...]) -> Way:
    bound = len(set(parts)) == len(parts)
    shares = dict.fromkeys((*parts, *fold.per))
    return Way(
        parts,
        tuple(parts.index(name) if bound and name in parts else None for name in fold.per),
        tuple(name for name in shares if feed.type.field(name).kind is Kind.ENTITIES),
    )


def _key(given: Slot) -> Key | None:
    """The key that values make, in id order; None where one is missing or both are the same."""
    if len(given) == 1:
        return None if given[0] is None else given
    one, other = given
    if one is None or other is None or one == other:
        return None
    return given if one < other else (other, one)


def _all(event: Event, name: str) -> Slot:
    value = getattr(event, name)
    return value if isinstance(value, tuple) else (value,)
