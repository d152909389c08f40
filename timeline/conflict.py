"""What is the matter when an id is used again for other content."""

from __future__ import annotations

from typing import Any

from timeline.event import Event
from timeline.record import Record

__all__ = ["event_differences", "remedy"]


def event_differences(stored: Event, given: Event) -> list[str]:
    """How two events differ, field by field, as texts."""
    old, new = stored.__timeline__, given.__timeline__
    if old is not new:
        return [f"type: {old.name} → {new.name}"]
    fields = ["occurred", *(field.name for field in new.fields)]
    pairs = [(field, getattr(stored, field), getattr(given, field)) for field in fields]
    return [f"{field}: {_shown(was)} → {_shown(now)}" for field, was, now in pairs if was != now]


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nobody"
    return "nothing" if value is None else str(value)


def remedy(event: Event | None, existing: Record) -> str:
    """The call that would say this event in place of what a record with the same id says."""
    mark = existing.ref or existing.position
    if event is None or existing.type != event.__timeline__.name:
        return "give the new one an id of its own"
    values = {field.name: getattr(event, field.name) for field in event.__timeline__.fields}
    fields = "".join(
        f", {name}={_code(value)}" for name, value in values.items() if value not in (None, (), False)
    )
    return (
        f"to correct it: tl.correct({mark!r}, {type(event).__name__}({event.occurred.text!r}{fields})), "
        "or load with --amend"
    )


def _code(value: Any) -> str:
    if isinstance(value, tuple):
        return repr([str(one) for one in value])
    return repr(value) if isinstance(value, bool) else repr(str(value))
