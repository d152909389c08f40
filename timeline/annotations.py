"""Whether the annotation of a field of a state fits what its fold gives."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from timeline.fields import Kind
from timeline.folds import Feed, Fold
from timeline.funds import Funds
from timeline.money import Money
from timeline.when import When

__all__ = ["unfit"]

_UNIONS: Final = {typing.Union, types.UnionType}
_HELD: Final[Mapping[Kind, type]] = {
    Kind.ENTITY: str,
    Kind.ENTITIES: tuple,
    Kind.TEXT: str,
    Kind.TEXTS: tuple,
    Kind.WHEN: When,
    Kind.MONEY: Money,
    Kind.DECIMAL: Decimal,
    Kind.FLAG: bool,
}


def unfit(fold: Fold, hint: Any) -> str | None:
    """What is wrong with the annotation of a field, or None; it may leave out that there may be no value.

    What `fold` gives is not known, so that any annotation fits it.
    """
    if fold.keyed != _is_mapping(hint):
        return "a fold with per= is a Mapping, one without is not"
    key, value = (None, hint) if not fold.keyed else _slots(hint)
    given = "a text" if len(fold.per) == 1 else f"a tuple of {len(fold.per)}"
    if fold.keyed and not _fits(str if len(fold.per) == 1 else tuple, key, len(fold.per)):
        return f"per= makes each key {given}, and the annotation {_shown(key)}"
    for one in _given(fold):
        if not _fits(one, value):
            return f"{fold.kind} gives {one.__name__}, and the annotation is {_shown(value)}"
    return None


def _is_mapping(hint: Any) -> bool:
    origin = typing.get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _slots(hint: Any) -> tuple[Any, Any]:
    """What a mapping has as keys and as values, as far as its annotation says."""
    parts = typing.get_args(hint)
    return parts if len(parts) == 2 else (Any, Any)


def _given(fold: Fold) -> tuple[type, ...]:
    """The classes of what a fold gives, as far as known."""
    if fold.kind == "fold":
        return ()
    if fold.kind == "count":
        return (int,)
    if fold.kind == "total":
        return (Funds if fold.sums_money else Decimal,)
    return tuple(dict.fromkeys(_taken(feed, fold.gives) for feed in fold.feeds))


def _taken(feed: Feed, gives: str | None) -> type:
    """The class of what is taken of an event."""
    name = gives or feed.attribute
    if name is None:
        return feed.event if feed.constant is None else str
    return When if name == "occurred" else _HELD[feed.type.field(name).kind]


def _fits(given: type, hint: Any, length: int | None = None) -> bool:
    """Whether what is of a class, a tuple perhaps of some length, may be of a type; if in doubt, it may."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in _UNIONS:
        return any(_fits(given, part, length) for part in parts)
    if origin is Literal:
        return any(isinstance(part, given) for part in parts)
    if given is tuple and origin is tuple and length is not None and ... not in parts:
        return len(parts) == length
    kind = origin or hint
    if kind is Any or not isinstance(kind, type):
        return True
    try:
        return issubclass(given, kind) or (given is int and kind is float)
    except TypeError:  # a protocol, or the like
        return True


def _shown(hint: Any) -> str:
    if typing.get_origin(hint) in _UNIONS:
        return " | ".join(map(_shown, typing.get_args(hint)))
    if hint is types.NoneType:
        return "None"
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)
