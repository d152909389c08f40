"""What is the matter when an id is used again for other content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs

from timeline.records import Record
from timeline.values import IdConflict, When
from timeline.vocabulary import Event


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


@attrs.frozen(kw_only=True)
class Again:
    """What is said under an id that a record has: the event, and what of the envelope was given."""

    event: Event | None
    known: datetime | None = None
    credence: str = "reported"
    stands: bool = True


def conflict(existing: Record, differences: Sequence[str], again: Again) -> IdConflict:
    """The error for an id used again for other content, with what would say it.

    A correction takes a record's place only from when it is known, so what is known later, or corrects
    something, cannot be moved by one.
    """
    mark = existing.position if (existing.ref or "-").startswith("-") else existing.ref

    def told(remedy: str, how: str = "anew", reference: object = None) -> IdConflict:
        return IdConflict(existing.label, differences, remedy, how, reference, existing.position)

    event, known = again.event, again.known
    if event is None or existing.type != event.__timeline__.name:
        undone = "retract that one, and then " if existing.kind == "retraction" and again.stands else ""
        return told(f"{undone}give the new one an id of its own")
    if not again.stands:
        return told("it no longer stands; to say it anew, give it an id of its own")
    moved = all(one.startswith("known: ") for one in differences)
    if moved and known is not None and (known > existing.known_at or existing.kind == "correction"):
        remedy = f"to say so: tl.retract({mark!r}, known='same'), and say it again with an id of its own"
        return told(remedy, "retract", mark)
    call = f"tl.correct({mark!r}, {_call(event)}{_envelope(again)})"
    return told(f"to correct it: {call}, or load with --amend", "correct", mark)


def _call(event: Event) -> str:
    values = {field.name: getattr(event, field.name) for field in event.__timeline__.fields}
    fields = "".join(
        f", {name}={_code(value)}" for name, value in values.items() if value not in (None, (), False)
    )
    return f"{type(event).__name__}({event.occurred.text!r}{fields})"


def _envelope(again: Again) -> str:
    known = "" if again.known is None else f", known={_day(again.known)!r}"
    return known if again.credence == "reported" else f"{known}, credence={again.credence!r}"


def _day(known: datetime) -> str:
    """An instant as the shortest date with that close; else as it is."""
    day = When(known.date().isoformat())
    return day.text if day.latest == known else When.read(known).text


def _code(value: Any) -> str:
    if isinstance(value, tuple):
        return repr([str(one) for one in value])
    return repr(value) if isinstance(value, bool) else repr(str(value))
