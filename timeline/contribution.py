"""Whose state an event enters, and which slot of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import attrs

from timeline.event import Event
from timeline.folds import Fold

__all__ = ["Contribution", "contributions"]

Key = tuple[str, ...]
Slot = tuple[Any, ...]


@attrs.frozen
class Contribution:
    """One place that an event enters: the entity or pair (in id order), and the values of `per=`.

    `jointly` says whether an attribute that holds a part of it names several entities.
    """

    key: Key
    slot: Slot
    jointly: bool


def contributions(fold: Fold, event: Event) -> Iterator[Contribution]:
    """Every place that an event enters in a fold, each once."""
    found: dict[tuple[Key, Slot], bool] = {}
    for key, names in _bindings(fold, event):
        binding = dict(zip(names, key, strict=True)) if len(set(names)) == len(names) else {}
        holders = {*names, *fold.per}
        jointly = any(
            len(set(_all(event, name))) > 1
            for name in holders
            if event.__timeline__.field(name).names_entities
        )
        parts = [(binding[name],) if name in binding else _all(event, name) for name in fold.per]
        for slot in itertools.product(*parts):
            found[key, slot] = found.get((key, slot), False) or jointly
    return (Contribution(key, slot, jointly) for (key, slot), jointly in found.items())


def _bindings(fold: Fold, event: Event) -> Iterator[tuple[Key, tuple[str, ...]]]:
    """Each key that the attributes of `of=` give, with the attribute that gives each part of it."""
    for names in itertools.product(*fold.sides):
        for given in itertools.product(*(_all(event, name) for name in names)):
            parts = sorted(zip(given, names, strict=True)) if None not in given else []
            if parts and len(set(given)) == len(given):
                yield tuple(one for one, _ in parts), tuple(name for _, name in parts)


def _all(event: Event, name: str) -> Slot:
    value = getattr(event, name)
    return value if isinstance(value, tuple) else (value,)
