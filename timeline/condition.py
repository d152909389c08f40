"""What must not have been said for an append to be made."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from timeline.entity import clean_name
from timeline.errors import NotAllowed
from timeline.event import Event

__all__ = ["Condition", "Types", "checked_position", "several_names", "several_types"]

Types = str | type[Event] | Iterable[str | type[Event]] | None
"""Event types, by name or class: one, several, or None for any."""


def several_types(value: Types) -> tuple[str | type[Event], ...]:
    """Those types, each by name or class; none of them stands for any.

    Raises:
        NotAllowed: if they are nothing of the kind.
    """
    if value is None:
        return ()
    if isinstance(value, str | type):
        return (value,)
    if not isinstance(value, Iterable):
        raise NotAllowed(f"types are names or classes of events, not of type {type(value).__name__}")
    return tuple(value)


def several_names(value: str | Iterable[str]) -> tuple[str, ...]:
    """Those names or ids, one or several.

    Raises:
        BadText: if one is blank or no text.
        NotAllowed: if they are nothing of the kind.
    """
    if not isinstance(value, Iterable):
        raise NotAllowed(f"entities are names or ids, not of type {type(value).__name__}")
    return tuple(clean_name(one) for one in ([value] if isinstance(value, str) else value))


def checked_position(value: int) -> int:
    """The position after which to look.

    Raises:
        NotAllowed: if it is none, nor 0.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotAllowed(f"after={value!r}: it is a position, 0 or more")
    return value


@attrs.frozen(kw_only=True)
class Condition:
    """Records that must not be there for an append to be made: `append(…, unless=Condition(…))`.

    Meant are those after a position, such as `moment.basis.position`, that are of one of the types (by
    default any) and touch all of the entities, given by id or name; and what corrects, retracts or attests
    such a record. Who is the same as an entity counts as that one, and so does what says so.

    Raises:
        NotAllowed: if `after` is no position.
    """

    types: tuple[str | type[Event], ...] = attrs.field(default=None, converter=several_types)
    entities: tuple[str, ...] = attrs.field(default=(), converter=several_names)
    after: int = attrs.field(default=0, converter=checked_position)
