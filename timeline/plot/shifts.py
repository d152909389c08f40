"""What changed between two moments as plain rows: a row for each field or slot, with what made it so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from timeline.diff import Cause, Change, Diff, Side
from timeline.escaping import printable
from timeline.event import Event
from timeline.state import State
from timeline.wording import is_empty, key_words, label, one_line

__all__ = ["Shift", "shifts"]


@attrs.frozen(kw_only=True)
class Shift:
    """A field or a slot of it that differs: in words before and after, and the causes."""

    field: str
    lane: str
    before: str
    after: str
    causes: tuple[Cause, ...]

    @property
    def why(self) -> str:
        """Why it differs, in words."""
        return " and ".join(dict.fromkeys(cause.kind for cause in self.causes)) or "unsettled otherwise"


def shifts(found: Diff, first: Side, second: Side) -> Iterator[Shift]:
    """The rows of a diff, in the order of the fields."""
    for change in found.changes:
        if not isinstance(change.before, Mapping):
            yield _shift(change, label(change.field), None, found, first, second)
            continue
        keys = dict.fromkeys((*change.before, *change.after))
        differing = [key for key in keys if change.before.get(key) != change.after.get(key)]
        for key in differing or [None]:
            name = label(change.field) if key is None else f"{label(change.field)}: {_key(key, found)}"
            yield _shift(change, printable(name), key, found, first, second)


def _key(key: Any, found: Diff) -> str:
    return key_words(key, found.after.named)


def _shift(change: Change, lane: str, key: Any, found: Diff, first: Side, second: Side) -> Shift:
    """A row; `key` is the slot that differs, None for the whole field."""
    causes = [cause for cause in found.causes if change.field in cause.fields]
    if key is not None:
        slot = key if isinstance(key, tuple) else (key,)
        own = [cause for cause in causes if _enters(cause, change.field, slot, first, second)]
        causes = own or causes
    before, after = (
        _words(value, key, state, doubtful=bool(doubts))
        for value, state, doubts in (
            (change.before, found.before, change.unsettled_before),
            (change.after, found.after, change.unsettled_after),
        )
    )
    old, new = (value.get(key) if key is not None else value for value in (change.before, change.after))
    if before == after and isinstance(old, Event) and isinstance(new, Event):
        before, after = f"{before} ({old.occurred})", f"{after} ({new.occurred})"
    return Shift(field=change.field, lane=lane, before=before, after=after, causes=tuple(causes))


def _enters(cause: Cause, field: str, slot: tuple[Any, ...], first: Side, second: Side) -> bool:
    return any(
        place.field == field and place.slot == slot
        for side in (first, second)
        for place in side.view.places(cause.record.id)
    )


def _words(value: Any, key: Any, state: State, *, doubtful: bool) -> str:
    """A value in words; "–" where there is none."""
    one = value.get(key) if key is not None else value
    mark = " ?" if doubtful and key is None else ""
    if isinstance(one, Mapping):
        return f"{len(one)} as before{mark}" if one else f"–{mark}"
    return f"–{mark}" if is_empty(one) else printable(one_line(one, state.named)) + mark
