"""The timeline of a state as a chart: bars, marks, arrows, and the line of the point asked about."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from timeline.plot.bars import Bar, Due, DueKind, Lanes, Mark, drawn_at, is_imprecise
from timeline.plot.chart import (
    PER_SIGN,
    Axis,
    Row,
    Theme,
    as_given,
    beside,
    coloured,
    haloed,
    iso,
    lane,
    layer,
    layered,
    on_top,
    rgb,
    short,
    span_words,
    time_ticks,
    tooltip,
)
from timeline.values import TICK, bound, clipped, printable

_WIDTH: Final = 860
_STEP: Final = 24
_THICK: Final = 7.5
_STROKES: Final = 130
"""How many strokes of hatching would fill the whole width."""
_NARROW: Final = 1 / 240
"""The part of the width that the shortest bar takes, so that it is seen."""
_LABEL: Final = 54
_SHIFT: Final = 3
_SHAPES: Final[Mapping[DueKind, str]] = {
    "planned": "square",
    "slipped": "circle",
    "put off": "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0M-0.4,0L0.4,0",
    "given up": "M-0.7,-0.7L0.7,0.7M-0.7,0.7L0.7,-0.7",
    "done": "M-0.8,0L-0.2,0.7L0.8,-0.8",
}
"""What is drawn where a planned date stands: put off is a ring with a stroke in it, and done a tick."""


_OVER: Final = {"put off", "given up"}
"""What came of a date to which another may have slipped, so that it is drawn over the arrow."""


def timeline_chart(lanes: Lanes, axis: Axis, point: datetime, theme: Theme) -> Row:
    """The chart, in the inks of a theme."""
    names = lanes.names
    canvas = _Canvas(axis, theme, point, {name: index for index, name in enumerate(names)})
    alone = [mark for mark in lanes.marks if not mark.group]
    layers = [
        canvas.stripes(),
        *canvas.bars(lanes.bars),
        canvas.hatching(lanes.bars),
        canvas.spans(alone, lanes.dues),
        *canvas.line(),
        canvas.words(lanes.bars, lanes.marks),
        *canvas.sentences(alone),
        *canvas.dues(lanes.dues),
        *canvas.marks(lanes.marks),
        canvas.labels(names),
    ]
    return layered(_WIDTH, max(len(names), 1) * _STEP, layers)


@attrs.frozen
class _Canvas:
    """What the layers are drawn on: time from left to right, and lanes by name from the top down."""

    axis: Axis
    theme: Theme
    point: datetime
    place: dict[str, int]

    def _layer(self, mark: Row, rows: Sequence[Row], **encoding: Any) -> Row:
        """A layer of marks at their instants, or from one instant to another; nothing without rows."""
        x = time_ticks(self.axis, "from", _WIDTH, orient="top", grid=True)
        ends = {"x2": {"field": "to"}} if rows and "to" in rows[0] else {}
        return layer(mark, rows, x=x, y=lane(len(self.place)), **ends, **encoding)

    def stripes(self) -> Row:
        """A line for each lane."""
        first, last = iso(self.axis.first), iso(self.axis.last)
        rows = [{"from": first, "to": last, "y": index} for index in range(len(self.place) or 1)]
        return self._layer({"type": "rule", "stroke": self.theme.line, "strokeWidth": 1}, rows)

    def labels(self, names: Sequence[str]) -> Row:
        """The name of each lane, left of it."""
        rows = [{"label": _cut(name), "says": name, "y": index} for index, name in enumerate(names)]
        mark = {"type": "text", "align": "right", "fontSize": 11.5, "color": self.theme.ink}
        nothing = [{"label": "nothing recorded", "says": "nothing recorded", "y": 0}]
        text = {"field": "label"}
        return layer(mark, rows or nothing, x={"value": -10}, y=lane(len(names)), text=text)

    def bars(self, bars: Sequence[Bar]) -> Iterator[Row]:
        """The bars of each field in its hue; those that may have begun fade in, what is later is dashed."""
        for field, hue in self._hues(bars).items():
            for sure, fill in (("possible", _fading(hue, 0.06, 0.75)), ("sure", hue), ("unsettled", hue)):
                rows: dict[bool, list[Row]] = {False: [], True: []}
                for bar in bars:
                    if (bar.field, bar.sure) == (field, sure):
                        for later, start, stop in self._pieces(bar):
                            ends = self._seen(start, stop) if sure == "sure" else (start, stop)
                            rows[later].append(self._row(bar.lane, *ends) | {"says": _told(bar)})
                mark = {"type": "bar", "height": _THICK * 2, "color": fill, "fillOpacity": 0.92}
                if sure == "unsettled":
                    mark |= {"fillOpacity": 0.35, "stroke": hue, "strokeWidth": 1}
                yield self._layer(mark, rows[False])
                dashed = {"fillOpacity": 0.18, "stroke": hue, "strokeWidth": 1.2, "strokeDash": [5, 4]}
                yield self._layer(mark | dashed, rows[True])

    def _pieces(self, bar: Bar) -> Iterator[tuple[bool, datetime, datetime]]:
        """What is shown of a bar: up to the point asked about, and what is later."""
        after = self.point + TICK
        for later, begins, ends in (
            (False, bar.begins, after if bar.ends is None else min(bar.ends, after)),
            (True, after if bar.begins is None else max(bar.begins, after), bar.ends),
        ):
            if begins is None or ends is None or begins < ends:
                shown = self.axis.cut(begins, ends)
                if shown is not None:
                    yield later, *shown

    def _hues(self, bars: Sequence[Bar]) -> dict[str, str]:
        return dict(coloured([bar.field for bar in bars], self.theme))

    def _row(self, name: str, start: datetime, stop: datetime) -> Row:
        return {"from": iso(start), "to": iso(stop), "y": self.place[name]}

    def _seen(self, start: datetime, stop: datetime) -> tuple[datetime, datetime]:
        """A stretch of time made so long that it is seen."""
        return start, min(max(stop, start + (self.axis.last - self.axis.first) * _NARROW), self.axis.last)

    def hatching(self, bars: Sequence[Bar]) -> Row:
        """Strokes through what may be otherwise."""
        rows = []
        step, half = 1 / _STROKES, _THICK / _STEP
        for bar in bars:
            shown = self.axis.cut(bar.begins, bar.ends) if bar.sure == "unsettled" else None
            first, last = (0.0, 0.0) if shown is None else map(self.axis.part, shown)
            count, middle = int((last - first) / step), self.place[bar.lane]
            for index in range(count):
                left = first + index * (last - first) / count
                ends = self.axis.at(left), self.axis.at(min(left + step, last))
                rows.append(self._row(bar.lane, *ends) | {"y": middle + half, "y2": middle - half})
        mark = {"type": "rule", "stroke": self.theme.ink, "strokeWidth": 1, "strokeOpacity": 0.6}
        return self._layer(mark, rows, y2={"field": "y2"})

    def words(self, bars: Sequence[Bar], marks: Sequence[Mark]) -> Row:
        """What a bar says, inside it, where its lane does not say it and there is room before a mark."""
        hues = self._hues(bars)
        marked: dict[str, list[datetime]] = {}
        for one in marks:
            marked.setdefault(one.lane, []).extend([] if one.at is None else [one.at])
        for several in marked.values():
            several.sort()
        rows = []
        for bar in bars:
            if bar.sure != "sure" or hasattr(bar.value, "__timeline__"):
                continue
            for later, start, stop in self._pieces(bar):
                others = marked.get(bar.lane, [])
                free = min([stop, *others[bisect_right(others, start) :][:1]])
                room = int(((self.axis.part(free) - self.axis.part(start)) * _WIDTH - 14) / PER_SIGN)
                if room >= min(len(bar.text), 5):
                    ink = self.theme.ink if later else on_top(hues[bar.field])
                    said = {"text": short(bar.text, room), "ink": ink}
                    rows.append({"from": iso(start), "y": self.place[bar.lane]} | said)
                    break
        mark = {"type": "text", "align": "left", "dx": 9, "fontSize": 11}
        return self._layer(mark, rows, text={"field": "text"}, color=as_given("ink"))

    def sentences(self, marks: Sequence[Mark]) -> Iterator[Row]:
        """What happened, beside its mark, as far as there is room before the next."""
        lanes: dict[str, list[tuple[datetime, str]]] = {}
        for mark in marks:
            if mark.at is not None and self._shows(mark.at):
                lanes.setdefault(mark.lane, []).append((mark.at, mark.text))
        room = int(_WIDTH / PER_SIGN)
        rows = []
        for name, several in lanes.items():
            places = {int(self.axis.part(at) * room): (at, text) for at, text in sorted(several)}
            for place, text in beside(list(places), [text for _, text in places.values()], room):
                at = places[place - 2][0]
                rows.append({"from": iso(at), "y": self.place[name], "text": text})
        look = {"type": "text", "align": "left", "dx": 9, "fontSize": 11, "color": self.theme.ink}
        for one in (look | haloed(self.theme), look):
            yield self._layer(one, rows, text={"field": "text"})

    def spans(self, marks: Sequence[Mark], dues: Sequence[Due]) -> Row:
        """The span of each imprecise date, faded to its ends."""
        rows = []
        happened = [(mark.lane, mark.when, _happened(mark)) for mark in marks]
        planned = [(due.lane, when, _due(due)) for due in dues for when in due.dates]
        once = {(name, when): says for name, when, says in (*planned, *happened)}
        for (name, when), says in once.items():
            shown = self.axis.cut(when.earliest, when.latest) if is_imprecise(when) else None
            if shown is not None and self.axis.part(shown[1]) - self.axis.part(shown[0]) > 1 / 100:
                rows.append(self._row(name, *shown) | {"says": says})
        faded = _fading(self.theme.faint, 0.04, 0.3, both=True)
        return self._layer({"type": "bar", "height": _THICK * 2, "color": faded}, rows)

    def marks(self, marks: Sequence[Mark]) -> Iterator[Row]:
        """Every event in the middle of its date; hollow if that is more than a day."""
        ink, ground = self.theme.ink, self.theme.ground
        for imprecise in (True, False):
            rows = []
            for mark in marks:
                at = mark.at
                if at is not None and mark.imprecise is imprecise and self._shows(at):
                    rows.append({"from": iso(at), "y": self.place[mark.lane], "says": _happened(mark)})
            look = {"type": "point", "shape": "diamond", "filled": True, "opacity": 1}
            if imprecise:
                look |= {"size": 52, "fill": ground, "stroke": ink, "strokeWidth": 1.5}
            else:
                look |= {"size": 62, "fill": ink, "stroke": ground, "strokeWidth": 1}
            yield self._layer(look, rows)

    def dues(self, dues: Sequence[Due]) -> Iterator[Row]:
        """Slips as arrows from date to date; what was put off, given up or done by a sign of its own."""
        shafts: list[Row] = []
        heads: list[Row] = []
        ends: list[Row] = []
        over: list[Row] = []
        for due in dues:
            at, to = (None if when is None else drawn_at(when) for when in (due.when, due.to))
            row = {"y": self.place[due.lane], "says": _due(due)}
            if at is not None and self._shows(at):
                several = over if due.kind in _OVER else ends
                several.append(row | {"from": iso(at), "shape": _SHAPES[due.kind]})
            if to is not None and self._shows(to):
                heads.append(row | {"from": iso(to), "angle": -90 if at is not None and to < at else 90})
            if at is not None and to is not None and (shown := self.axis.cut(min(at, to), max(at, to))):
                shafts.append(row | {"from": iso(shown[0]), "to": iso(shown[1])})
        ink = self.theme.point
        yield self._layer({"type": "rule", "stroke": ink, "strokeWidth": 2}, shafts)
        hollow = {"type": "point", "size": 70, "filled": False, "stroke": ink, "strokeWidth": 2, "opacity": 1}
        yield self._layer(hollow, ends, shape=as_given("shape"))
        head = {"type": "point", "shape": "triangle-up", "size": 110, "filled": True, "fill": ink}
        angle = {"field": "angle", "type": "quantitative", "scale": None}
        yield self._layer(head | {"opacity": 1}, heads, angle=angle)
        yield self._layer(hollow | {"fill": self.theme.ground}, over, shape=as_given("shape"))

    def _shows(self, at: datetime) -> bool:
        return self.axis.cut(at, at) is not None

    def line(self) -> Iterator[Row]:
        """The line of the point asked about."""
        if not self._shows(self.point):
            return
        bottom, ink = max(len(self.place), 1) - 0.5, self.theme.point
        says = f"as of {bound(self.point)} (UTC)"
        rule = {"type": "rule", "stroke": ink, "strokeWidth": 1.5, "strokeDash": [5, 3]}
        rows = [{"from": iso(self.point), "y": -0.5, "y2": bottom, "says": says}]
        yield self._layer(rule, rows, y2={"field": "y2"})
        word = {"type": "text", "align": "center", "dy": _SHIFT * 3, "fontSize": 11, "color": ink}
        rows = [{"from": iso(self.point), "y": bottom, "text": "as of"}]
        yield self._layer(word, rows, text={"field": "text"})


def _cut(name: str) -> str:
    """The name of a lane, in the middle of which is cut what has no room: its end tells it from others."""
    return clipped(printable(name), _LABEL)


def _told(bar: Bar) -> str:
    """What a bar says when it is pointed at."""
    doubt = f" ({bar.doubt})" if bar.doubt else ""
    return tooltip(f"{bar.lane}: {bar.text}{doubt}", span_words(bar.begins, bar.ends), bar.records)


def _happened(mark: Mark) -> str:
    """What a mark says when it is pointed at."""
    return tooltip(mark.text, mark.when.words, [mark.record])


def _due(due: Due) -> str:
    """What a planned date says when it is pointed at."""
    return tooltip(f"{due.lane}: {due.text}", "", [] if due.record is None else [due.record])


def _fading(hue: str, first: float, last: float, *, both: bool = False) -> Row:
    """A gradient from left to right; with `both`, rising to the middle and falling again."""
    stops = [(0.0, first), (0.5, last), (1.0, first)] if both else [(0.0, first), (1.0, last)]
    colour = ",".join(map(str, rgb(hue)))
    shades = [{"offset": offset, "color": f"rgba({colour},{opacity})"} for offset, opacity in stops]
    return {"gradient": "linear", "x1": 0, "x2": 1, "y1": 0, "y2": 0, "stops": shades}
