"""The timeline of a state as a chart: bars, marks, arrows, and the line of the point asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from timeline.plot.bars import Bar, Due, Lanes, Mark
from timeline.plot.chart import (
    Axis,
    Row,
    Theme,
    as_given,
    coloured,
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
from timeline.values import bound

_WIDTH: Final = 860
_STEP: Final = 24
_THICK: Final = 7.5
_STROKES: Final = 130
"""How many strokes of hatching would fill the whole width."""
_NARROW: Final = 1 / 240
"""The part of the width that the shortest bar takes, so that it is seen."""
_PER_SIGN: Final = 6.3
_LABEL: Final = 54
_SHIFT: Final = 3
_CROSS: Final = "M-0.7,-0.7L0.7,0.7M-0.7,0.7L0.7,-0.7"


def timeline_chart(lanes: Lanes, axis: Axis, point: datetime, theme: Theme) -> Row:
    """The chart, in the inks of a theme."""
    names = lanes.names
    canvas = _Canvas(axis, theme, {name: index for index, name in enumerate(names)})
    layers = [
        canvas.stripes(),
        *canvas.bars(lanes.bars),
        canvas.hatching(lanes.bars),
        canvas.spans(lanes.marks),
        canvas.words(lanes.bars),
        *canvas.point(point),
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
    place: dict[str, int]

    def _layer(self, mark: Row, rows: Sequence[Row], **encoding: Any) -> Row:
        """A layer of marks at their instants, or from one instant to another; nothing without rows."""
        x = time_ticks(self.axis, "from", orient="top", grid=True)
        ends = {"x2": {"field": "to"}} if rows and "to" in rows[0] else {}
        return layer({"clip": True, **mark}, rows, x=x, y=lane(len(self.place)), **ends, **encoding)

    def stripes(self) -> Row:
        """A line for each lane."""
        first, last = iso(self.axis.first), iso(self.axis.last)
        rows = [{"from": first, "to": last, "y": index} for index in range(len(self.place) or 1)]
        return self._layer({"type": "rule", "stroke": self.theme.line, "strokeWidth": 1}, rows)

    def labels(self, names: Sequence[str]) -> Row:
        """The name of each lane, left of it."""
        rows = [{"label": short(name, _LABEL), "says": name, "y": index} for index, name in enumerate(names)]
        mark = {"type": "text", "align": "right", "fontSize": 11.5, "color": self.theme.ink, "clip": False}
        nothing = [{"label": "nothing recorded", "says": "nothing recorded", "y": 0}]
        text = {"field": "label"}
        return layer(mark, rows or nothing, x={"value": -10}, y=lane(len(names)), text=text)

    def bars(self, bars: Sequence[Bar]) -> Iterator[Row]:
        """The bars of each field in its hue; those that may have begun fade in."""
        for field, hue in self._hues(bars).items():
            for sure, fill in (("possible", _fading(hue, 0.06, 0.75)), ("sure", hue), ("unsettled", hue)):
                rows = [
                    self._row(bar.lane, *(self._seen(*shown) if sure == "sure" else shown))
                    | {"says": _told(bar)}
                    for bar in bars
                    if (bar.field, bar.sure) == (field, sure)
                    and (shown := self.axis.cut(bar.begins, bar.ends)) is not None
                ]
                mark = {"type": "bar", "height": _THICK * 2, "color": fill, "opacity": 0.92}
                if sure == "unsettled":
                    mark |= {"fillOpacity": 0.35, "stroke": hue, "strokeWidth": 1}
                yield self._layer(mark, rows)

    def _hues(self, bars: Sequence[Bar]) -> dict[str, str]:
        return dict(coloured([bar.field for bar in bars], self.theme))

    def _row(self, name: str, start: datetime, stop: datetime) -> Row:
        return {"from": iso(start), "to": iso(stop), "y": self.place[name]}

    def _seen(self, start: datetime, stop: datetime) -> tuple[datetime, datetime]:
        """A stretch of time made so long that it is seen."""
        return start, max(stop, start + (self.axis.last - self.axis.first) * _NARROW)

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
        mark = {"type": "rule", "stroke": self.theme.ink, "strokeWidth": 1, "opacity": 0.6}
        return self._layer(mark, rows, y2={"field": "y2"})

    def words(self, bars: Sequence[Bar]) -> Row:
        """What a bar says, inside it, where its lane does not say it and there is room."""
        hues = self._hues(bars)
        rows = []
        for bar in bars:
            is_event = hasattr(bar.value, "__timeline__")
            shown = self.axis.cut(bar.begins, bar.ends) if bar.sure == "sure" and not is_event else None
            if shown is None:
                continue
            part = self.axis.part(shown[1]) - self.axis.part(shown[0])
            room = int((part * _WIDTH - 14) / _PER_SIGN)
            if room >= min(len(bar.text), 5):
                said = {"text": short(bar.text, room), "ink": on_top(hues[bar.field])}
                rows.append({"from": iso(shown[0]), "y": self.place[bar.lane]} | said)
        mark = {"type": "text", "align": "left", "dx": 9, "fontSize": 11}
        return self._layer(mark, rows, text={"field": "text"}, color=as_given("ink"))

    def spans(self, marks: Sequence[Mark]) -> Row:
        """The span of each imprecise date, faded to its ends."""
        rows = []
        for mark in marks:
            shown = self.axis.cut(mark.earliest, mark.latest) if not mark.group else None
            if shown is not None and self.axis.part(shown[1]) - self.axis.part(shown[0]) > 1 / 100:
                rows.append(self._row(mark.lane, *shown) | {"says": _happened(mark)})
        faded = _fading(self.theme.faint, 0.04, 0.5, both=True)
        return self._layer({"type": "bar", "height": _THICK * 2, "color": faded}, rows)

    def marks(self, marks: Sequence[Mark]) -> Iterator[Row]:
        """Every event where it has surely happened, or may have first; hollow if its date is imprecise."""
        ink, ground = self.theme.ink, self.theme.ground
        for imprecise in (True, False):
            rows = []
            for mark in marks:
                at = mark.latest or mark.earliest
                if at is not None and mark.imprecise is imprecise and self.axis.cut(at, at) is not None:
                    rows.append({"from": iso(at), "y": self.place[mark.lane], "says": _happened(mark)})
            look = {"type": "point", "shape": "diamond", "filled": True, "opacity": 1}
            if imprecise:
                look |= {"size": 52, "fill": ground, "stroke": ink, "strokeWidth": 1.5}
            else:
                look |= {"size": 62, "fill": ink, "stroke": ground, "strokeWidth": 1}
            yield self._layer(look, rows)

    def dues(self, dues: Sequence[Due]) -> Iterator[Row]:
        """Slips as arrows from date to date; a date given up is crossed out."""
        shafts: list[Row] = []
        heads: list[Row] = []
        ends: list[Row] = []
        dropped: list[Row] = []
        for due in dues:
            start, stop = (None if when is None else when.latest for when in (due.before, due.after))
            records = [] if due.record is None else [due.record]
            row = {"y": self.place[due.lane], "says": tooltip(f"{due.lane}: {due.text}", "", records)}
            if due.slipped and start is not None and stop is not None:
                shafts.append(row | {"from": iso(start), "to": iso(stop)})
                heads.append(row | {"from": iso(stop), "angle": 90 if stop > start else -90})
                ends.append(row | {"from": iso(start), "shape": "circle"})
            elif start is not None and due.slipped:
                dropped.append(row | {"from": iso(start), "shape": _CROSS})
            elif (only := start or stop) is not None:
                ends.append(row | {"from": iso(only), "shape": "square"})
        ink = self.theme.point
        yield self._layer({"type": "rule", "stroke": ink, "strokeWidth": 2}, shafts)
        hollow = {"type": "point", "size": 70, "filled": False, "stroke": ink, "strokeWidth": 2, "opacity": 1}
        yield self._layer(hollow | {"xOffset": 16}, dropped, shape=as_given("shape"))
        yield self._layer(hollow, ends, shape=as_given("shape"))
        head = {"type": "point", "shape": "triangle-up", "size": 110, "filled": True, "fill": ink}
        angle = {"field": "angle", "type": "quantitative", "scale": None}
        yield self._layer(head | {"opacity": 1}, heads, angle=angle)

    def point(self, point: datetime) -> Iterator[Row]:
        """The line of the point asked about."""
        if self.axis.cut(point, point) is None:
            return
        bottom, ink = max(len(self.place), 1) - 0.5, self.theme.point
        says = f"as of {bound(point)} (UTC)"
        rule = {"type": "rule", "stroke": ink, "strokeWidth": 1.5, "strokeDash": [5, 3]}
        rows = [{"from": iso(point), "y": -0.5, "y2": bottom, "says": says}]
        yield self._layer(rule, rows, y2={"field": "y2"})
        word = {"type": "text", "align": "center", "dy": _SHIFT * 3, "fontSize": 11, "color": ink}
        rows = [{"from": iso(point), "y": bottom, "text": "as of"}]
        yield self._layer(word | {"clip": False}, rows, text={"field": "text"})


def _told(bar: Bar) -> str:
    """What a bar says when it is pointed at."""
    doubt = f" ({bar.doubt})" if bar.doubt else ""
    return tooltip(f"{bar.lane}: {bar.text}{doubt}", span_words(bar.begins, bar.ends), bar.records)


def _happened(mark: Mark) -> str:
    """What a mark says when it is pointed at."""
    return tooltip(mark.text, mark.when.words, [mark.record])


def _fading(hue: str, first: float, last: float, *, both: bool = False) -> Row:
    """A gradient from left to right; with `both`, rising to the middle and falling again."""
    stops = [(0.0, first), (0.5, last), (1.0, first)] if both else [(0.0, first), (1.0, last)]
    colour = ",".join(map(str, rgb(hue)))
    shades = [{"offset": offset, "color": f"rgba({colour},{opacity})"} for offset, opacity in stops]
    return {"gradient": "linear", "x1": 0, "x2": 1, "y1": 0, "y2": 0, "stops": shades}
