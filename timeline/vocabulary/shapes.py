"""The shapes of event types and states that a file keeps, and how a vocabulary differs from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from timeline.vocabulary.catalogue import Catalogue
from timeline.vocabulary.event import EventType

Kept = Mapping[tuple[str, str, int], str]
"""Shapes in JSON, by whether they are of an `event` or a `state`, by name and version."""

Used = Iterable[tuple[str, int, int]]
"""The event types and versions of which a log holds records that say something, and how many."""

_FEW: Final = 8
"""How many fields of a type, or fields that differ, are told."""


def kept(catalogue: Catalogue) -> Kept:
    """The shapes of a vocabulary."""
    events = {("event", one.name, one.version): one.shape for one in catalogue.events.values()}
    states = {("state", one.name, 1): one.shape for one in catalogue.states.values()}
    return {key: msgspec.json.encode(one, order="sorted").decode() for key, one in (events | states).items()}


def unlike(catalogue: Catalogue, used: Used, shapes: Kept) -> list[str]:
    """Why a vocabulary cannot read a log, given the shapes of what that holds: a line for each type."""
    found = []
    for name, version, count in used:
        fields = _fields(shapes.get(("event", name, version)))
        told = f"{name}, {_several(count)} of version {version}"
        kind = catalogue.names.get(name)
        if kind is None:
            found.append(f"{told}: it lacks the type{_listed(fields)}")
        elif version > kind.version:
            more = "" if fields is None else f"; {_joined(_differences(kind.shape['fields'], fields))}"
            found.append(f"{told}: it knows the type up to version {kind.version}{more}")
        elif version == kind.version and fields is not None:
            differences = list(_differences(fields, kind.shape["fields"]))
            if differences:
                found.append(f"{told}: {_joined(differences)}")
    return found


def stale(catalogue: Catalogue, shapes: Kept) -> list[str]:
    """What of a vocabulary is otherwise than what is derived was made for, a line for each type or state."""
    found = []
    for key, text in kept(catalogue).items():
        sort, name, version = key
        what = f"the state {name}" if sort == "state" else f"the event type {name}"
        if key not in shapes:
            others = any(one[:2] == key[:2] for one in shapes)
            found.append(f"{what} is {f'at version {version}' if others else 'new'}")
        elif shapes[key] != text:
            before, now = _fields(shapes[key]), _fields(text)
            if before is None or now is None:
                found.append(f"{what}: what the file keeps of its shape cannot be read")
                continue
            differences = list(_differences(before, now))
            found.append(f"{what}: {_joined(differences or ['it says otherwise whom it is about'])}")
    return found


class _Shape(msgspec.Struct):
    fields: dict[str, dict[str, Any]]


def _fields(shape: str | None) -> Mapping[str, Mapping[str, Any]] | None:
    """The fields of a shape; None if it was not kept, or cannot be read."""
    try:
        return None if shape is None else msgspec.json.decode(shape, type=_Shape).fields
    except (msgspec.MsgspecError, RecursionError):
        return None


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """How fields differ, field by field."""
    for name in before.keys() - now.keys():
        yield f"field {name} is gone"
    for name in now:
        if name not in before:
            yield f"field {name} is added ({_told(now[name])})"
            continue
        for part in before[name].keys() | now[name].keys():
            was, is_ = (_worded(one.get(part)) for one in (before[name], now[name]))
            if was != is_:
                yield f"field {name}: {part} {was} → {is_}"


def _told(field: Mapping[str, Any]) -> str:
    """A field in words; of a fold, what it is."""
    default = f", default {field['default']}" if "default" in field else ""
    choices = f", one of {_worded(field['choices'])}" if "choices" in field else ""
    return f"{field.get('kind') or field.get('fold')}{choices}{default}"


def _worded(value: Any) -> str:
    if value is None:
        return "none"
    return ", ".join(map(_worded, value)) if isinstance(value, list) else str(value)


def _listed(fields: Mapping[str, Any] | None) -> str:
    return (
        f"; its fields: {_joined(f'{name} ({_told(one)})' for name, one in fields.items())}" if fields else ""
    )


def _joined(several: Iterable[str]) -> str:
    told = sorted(several)
    more = f", and {len(told) - _FEW} more" if len(told) > _FEW else ""
    return f"{', '.join(told[:_FEW])}{more}"


def _several(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"


def older(catalogue: Catalogue, used: Used) -> set[str]:
    """The types of which a log holds records under an older version or a former name."""
    types: dict[str, EventType] = {**catalogue.names}
    return {
        types[name].name
        for name, version, _ in used
        if name in types and (version < types[name].version or name != types[name].name)
    }
