"""What changed between two moments as a chart: before, an arrow, after, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from timeline.moment import Cause, Change, Diff, Side
from timeline.plot.chart import Row, Theme, as_given, coloured, lane, layer, layered, short, tooltip
from timeline.records import Record
from timeline.values import clipped, printable
from timeline.vocabulary import Event, State, is_empty, key_words, label, one_line


@attrs.frozen(kw_only=True)
class Shift:
    """A field or a slot of it that differs: in words before and after, and the causes."""

    lane: str
    before: str
    after: str
    causes: tuple[Cause, ...]

    @property
    def why(self) -> str:
        """Why it differs, in words, with the records."""
        kinds: dict[str, list[Record]] = {}
        for cause in self.causes:
            kinds.setdefault(cause.kind, []).append(cause.record)
        told = [f"{kind} {_few(records)}" for kind, records in kinds.items()]
        return ", ".join(told) or "unsettled otherwise"


def shifts(found: Diff, first: Side, second: Side) -> Iterator[Shift]:
    """The rows of a diff, in the order of the fields."""
    for change in found.changes:
        if not isinstance(change.before, Mapping):
            yield _shift(change, label(change.field), None, found, first, second)
            continue
        keys = dict.fromkeys((*change.before, *change.after))
        differing = [key for key in keys if change.before.get(key) != change.after.get(key)]
        for key in differing or [None]:
            slot = "" if key is None else f": {key_words(key, found.after.named)}"
            yield _shift(change, printable(f"{label(change.field)}{slot}"), key, found, first, second)


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
        before, after = f"{before} ({old.occurred.words})", f"{after} ({new.occurred.words})"
    return Shift(lane=lane, before=before, after=after, causes=tuple(causes))


def _enters(cause: Cause, field: str, slot: tuple[Any, ...], first: Side, second: Side) -> bool:
    return any(
        place.field == field and place.slot == slot
        for side in (first, second)
        for place in side.places.get(cause.record.id, ())
    )


def _words(value: Any, key: Any, state: State, *, doubtful: bool) -> str:
    """A value in words; "–" where there is none."""
    one = value.get(key) if key is not None else value
    mark = " ?" if doubtful and key is None else ""
    if isinstance(one, Mapping):
        return f"{len(one)} as before{mark}" if one else f"–{mark}"
    return f"–{mark}" if is_empty(one) else printable(one_line(one, state.named)) + mark


def _few(records: Sequence[Record]) -> str:
    """Records as `#14 #38`, each once; of many, the first."""
    several = list(dict.fromkeys(record.label for record in records))
    more = f" and {len(several) - _MOST} more" if len(several) > _MOST else ""
    return f"{' '.join(several[:_MOST])}{more}"


_MOST: Final = 4
_STEP: Final = 24
_BEFORE, _ARROW, _AFTER, _WHY, _WIDTH = 0, 300, 350, 660, 800
_SIGNS: Final = 44
_LABEL: Final = 54
KINDS: Final = ("new event", "ran out", "we learned", "we corrected", "identity")


def changes_chart(heads: tuple[str, str], shifts: Sequence[Shift], theme: Theme) -> Row:
    """The chart, in the inks of a theme; `heads` are the two moments in words."""
    hues = coloured(KINDS, theme)
    rows = [_row(index, shift, hues, theme) for index, shift in enumerate(shifts)]
    lines = max(len(rows), 1)
    y, hue = lane(lines), {"color": as_given("hue")}
    faint, ink = {"color": theme.faint}, {"color": theme.ink}

    def texts(rows: Sequence[Row], field: str, x: float, look: Row, **more: Any) -> Row:
        mark = {"type": "text", "align": "left", "fontSize": 11.5, "clip": False, **look}
        return layer(mark, rows, x={"value": x}, y=y, text={"field": field}, **more)

    point = {"type": "point", "shape": "triangle-right", "filled": True, "size": 90, "opacity": 1}
    x, x2 = {"value": _ARROW}, {"value": _ARROW + 26}
    layers = [
        texts(rows, "label", -10, ink | {"align": "right"}),
        texts(rows, "before", _BEFORE, faint),
        texts(rows, "after", _AFTER, ink),
        texts(rows, "why", _WHY, {}, **hue),
        layer({"type": "rule", "strokeWidth": 2.5}, rows, x=x, x2=x2, y=y, **hue),
        layer(point, rows, x={"value": _ARROW + 29}, y=y, **hue),
        *(
            texts([{"y": -0.9, "text": short(text, _SIGNS)}], "text", x, faint | {"fontStyle": "italic"})
            for text, x in ((heads[0], _BEFORE), (heads[1], _AFTER), ("why", _WHY))
        ),
    ]
    if not rows:
        layers.append(texts([{"y": 0, "text": "nothing differs"}], "text", _BEFORE, ink))
    return layered(_WIDTH, lines * _STEP, layers)


def _row(index: int, shift: Shift, hues: Mapping[str, str], theme: Theme) -> Row:
    says = f"{shift.lane}: {shift.before} → {shift.after} ({shift.why})"
    kinds = {cause.kind for cause in shift.causes}
    return {
        "y": index,
        "label": clipped(shift.lane, _LABEL),
        "before": short(shift.before, _SIGNS),
        "after": short(shift.after, _SIGNS),
        "why": short(shift.why, _SIGNS),
        "hue": next((hues[kind] for kind in KINDS if kind in kinds), theme.faint),
        "says": tooltip(says, "", [cause.record for cause in shift.causes]),
    }
