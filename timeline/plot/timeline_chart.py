"""The timeline of a state as a chart: bars, marks, arrows, and the line of the point asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from timeline.plot.axis import Axis, iso, short, span_words, spec_of, tooltip
from timeline.plot.bars import Bar, Due, Lanes, Mark
from timeline.plot.palette import Theme, coloured, config, on_top
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

Row = dict[str, Any]


def timeline_chart(
    title: str, subtitle: Sequence[str], lanes: Lanes, axis: Axis, point: datetime, theme: Theme
) -> dict[str, Any]:
    """The chart, in the inks of a theme."""
    names = lanes.names
    place = {name: index for index, name in enumerate(names)}
    hues = coloured([bar.field for bar in lanes.bars], theme)
    layers = [
        _stripes(names, axis, theme),
        *_bars(lanes.bars, place, axis, hues),
        *_hatching(lanes.bars, place, axis, theme),
        *_spans(lanes.marks, place, axis, theme),
        *_words(lanes.bars, place, axis, hues),
        *_point(point, axis, len(names), theme),
        *_dues(lanes.dues, place, axis, theme),
        *_marks(lanes.marks, place, axis, theme),
        _labels(names, theme),
    ]
    return spec_of(
        title,
        subtitle,
        width=_WIDTH,
        height=max(len(names), 1) * _STEP,
        config=config(theme),
        padding=16,
        layer=[one for one in layers if one],
    )


def _x(axis: Axis, field: str = "from") -> Row:
    return {
        "field": field,
        "type": "temporal",
        "scale": {"type": "utc", "domain": [iso(axis.first), iso(axis.last)], "nice": False},
        "axis": {
            "title": None,
            "orient": "top",
            "grid": True,
            "tickCount": 9,
            "labelOverlap": True,
            "format": axis.format,
        },
    }


def _y(names: int, field: str = "y") -> Row:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [-0.5, max(names, 1) - 0.5], "reverse": True, "nice": False, "zero": False},
        "axis": None,
    }


def _layer(mark: Row, rows: Sequence[Row], axis: Axis, names: int, **encoding: Any) -> Row:
    """A layer of marks, or nothing where there are no rows."""
    if not rows:
        return {}
    return {
        "mark": {"clip": True, **mark},
        "data": {"values": list(rows)},
        "encoding": {"x": _x(axis), "y": _y(names), **encoding},
    }


def _stripes(names: Sequence[str], axis: Axis, theme: Theme) -> Row:
    rows = [{"from": iso(axis.first), "to": iso(axis.last), "y": index} for index in range(len(names) or 1)]
    mark = {"type": "rule", "stroke": theme.line, "strokeWidth": 1}
    return _layer(mark, rows, axis, len(names), x2={"field": "to"})


def _labels(names: Sequence[str], theme: Theme) -> Row:
    rows = [{"label": short(name, _LABEL), "says": name, "y": index} for index, name in enumerate(names)]
    if not rows:
        rows = [{"label": "nothing recorded", "says": "nothing recorded", "y": 0}]
    return {
        "mark": {"type": "text", "align": "right", "fontSize": 11.5, "color": theme.ink, "clip": False},
        "data": {"values": rows},
        "encoding": {
            "x": {"value": -10},
            "y": _y(len(names)),
            "text": {"field": "label"},
            "description": {"field": "says"},
        },
    }


def _bars(
    bars: Sequence[Bar], place: Mapping[str, int], axis: Axis, hues: Mapping[str, str]
) -> Iterator[Row]:
    """The bars of each field in its hue; those that may have begun fade in."""
    for field, hue in hues.items():
        for sure, fill in (("possible", _fading(hue, 0.06, 0.75)), ("sure", hue), ("unsettled", hue)):
            rows = []
            for bar in bars:
                shown = axis.cut(bar.begins, bar.ends) if (bar.field, bar.sure) == (field, sure) else None
                if shown is not None:
                    start, stop = _seen(*shown, axis) if sure == "sure" else shown
                    says = tooltip(
                        f"{bar.lane}: {bar.text}" + (f" ({bar.doubt})" if bar.doubt else ""),
                        span_words(bar.begins, bar.ends),
                        bar.records,
                    )
                    rows.append({"from": iso(start), "to": iso(stop), "y": place[bar.lane], "says": says})
            mark = {"type": "bar", "height": _THICK * 2, "color": fill, "opacity": 0.92}
            if sure == "unsettled":
                mark |= {"fillOpacity": 0.35, "stroke": hue, "strokeWidth": 1}
            yield _layer(mark, rows, axis, len(place), x2={"field": "to"}, description={"field": "says"})


def _seen(start: datetime, stop: datetime, axis: Axis) -> tuple[datetime, datetime]:
    """A stretch of time made so long that it is seen."""
    least = (axis.last - axis.first) * _NARROW
    return (start, stop) if stop - start >= least else (start, start + least)


def _fading(hue: str, first: float, last: float, *, both: bool = False) -> Row:
    """A gradient from left to right; with `both`, rising to the middle and falling again."""
    red, green, blue = (int(hue[place : place + 2], 16) for place in (1, 3, 5))
    stops = [(0.0, first), (0.5, last), (1.0, first)] if both else [(0.0, first), (1.0, last)]
    shades = [
        {"offset": offset, "color": f"rgba({red},{green},{blue},{opacity})"} for offset, opacity in stops
    ]
    return {"gradient": "linear", "x1": 0, "x2": 1, "y1": 0, "y2": 0, "stops": shades}


def _hatching(bars: Sequence[Bar], place: Mapping[str, int], axis: Axis, theme: Theme) -> Iterator[Row]:
    rows = []
    step = 1 / _STROKES
    for bar in bars:
        shown = axis.cut(bar.begins, bar.ends) if bar.sure == "unsettled" else None
        if shown is None:
            continue
        first, last = map(axis.part, shown)
        count = int((last - first) / step)
        for index in range(count):
            left = first + index * (last - first) / count
            right = min(left + step, last)
            middle = place[bar.lane]
            rows.append(
                {
                    "from": iso(axis.at(left)),
                    "to": iso(axis.at(right)),
                    "y": middle + _THICK / _STEP,
                    "y2": middle - _THICK / _STEP,
                }
            )
    mark = {"type": "rule", "stroke": theme.ink, "strokeWidth": 1, "opacity": 0.6}
    yield _layer(mark, rows, axis, len(place), x2={"field": "to"}, y2={"field": "y2"})


def _words(
    bars: Sequence[Bar], place: Mapping[str, int], axis: Axis, hues: Mapping[str, str]
) -> Iterator[Row]:
    """What a bar says, inside it, where its lane does not say it and there is room."""
    rows = []
    for bar in bars:
        shown = axis.cut(bar.begins, bar.ends) if bar.sure == "sure" and not _is_event(bar) else None
        if shown is None:
            continue
        room = int(((axis.part(shown[1]) - axis.part(shown[0])) * _WIDTH - 14) / _PER_SIGN)
        text = short(bar.text, room)
        if room >= min(len(bar.text), 5):
            rows.append(
                {"from": iso(shown[0]), "y": place[bar.lane], "text": text, "ink": on_top(hues[bar.field])}
            )
    mark = {"type": "text", "align": "left", "dx": 9, "fontSize": 11}
    ink = {"field": "ink", "type": "nominal", "scale": None}
    yield _layer(mark, rows, axis, len(place), text={"field": "text"}, color=ink)


def _is_event(bar: Bar) -> bool:
    return hasattr(bar.value, "__timeline__")


def _spans(marks: Sequence[Mark], place: Mapping[str, int], axis: Axis, theme: Theme) -> Iterator[Row]:
    """The span of each imprecise date, faded to its ends."""
    rows = []
    for mark in marks:
        shown = axis.cut(mark.earliest, mark.latest) if not mark.group else None
        if shown is not None and axis.part(shown[1]) - axis.part(shown[0]) > 1 / 100:
            rows.append(_span_row(mark, shown, place))
    look = {"type": "bar", "height": _THICK * 2, "color": _fading(theme.faint, 0.04, 0.5, both=True)}
    yield _layer(look, rows, axis, len(place), x2={"field": "to"}, description={"field": "says"})


def _span_row(mark: Mark, shown: tuple[datetime, datetime], place: Mapping[str, int]) -> Row:
    return {
        "from": iso(shown[0]),
        "to": iso(shown[1]),
        "y": place[mark.lane],
        "says": tooltip(mark.text, mark.when.words, [mark.record]),
    }


def _marks(marks: Sequence[Mark], place: Mapping[str, int], axis: Axis, theme: Theme) -> Iterator[Row]:
    """Every event where it has surely happened, or else may have first; hollow if its date is imprecise."""
    for imprecise in (True, False):
        rows = []
        for mark in marks:
            at = mark.latest or mark.earliest
            shown = None if at is None or mark.imprecise is not imprecise else axis.cut(at, at)
            if shown is not None:
                rows.append(_span_row(mark, shown, place))
        look = {
            "type": "point",
            "shape": "diamond",
            "size": 52 if imprecise else 62,
            "filled": True,
            "fill": theme.ground if imprecise else theme.ink,
            "stroke": theme.ink if imprecise else theme.ground,
            "strokeWidth": 1.5 if imprecise else 1,
            "opacity": 1,
        }
        yield _layer(look, rows, axis, len(place), description={"field": "says"})


def _dues(dues: Sequence[Due], place: Mapping[str, int], axis: Axis, theme: Theme) -> Iterator[Row]:
    """Slips as arrows from date to date; a date given up is crossed out."""
    shafts: list[Row] = []
    heads: list[Row] = []
    ends: list[Row] = []
    dropped: list[Row] = []
    for due in dues:
        start, stop = (None if when is None else when.latest for when in (due.before, due.after))
        records = [] if due.record is None else [due.record]
        row = {"y": place[due.lane], "says": tooltip(f"{due.lane}: {due.text}", "", records)}
        if due.slipped and start is not None and stop is not None:
            shafts.append(row | {"from": iso(start), "to": iso(stop)})
            heads.append(row | {"from": iso(stop), "angle": 90 if stop > start else -90})
            ends.append(row | {"from": iso(start), "shape": "circle"})
        elif start is not None and due.slipped:
            dropped.append(row | {"from": iso(start), "shape": _CROSS})
        elif start is not None or stop is not None:
            ends.append(row | {"from": iso(start or stop), "shape": "square"})  # type: ignore[arg-type]
    rule = {"type": "rule", "stroke": theme.point, "strokeWidth": 2}
    yield _layer(rule, shafts, axis, len(place), x2={"field": "to"}, description={"field": "says"})
    hollow = {"type": "point", "size": 70, "filled": False, "stroke": theme.point, "strokeWidth": 2}
    shape = {"field": "shape", "type": "nominal", "scale": None}
    cross = hollow | {"opacity": 1, "xOffset": 16}
    yield _layer(cross, dropped, axis, len(place), shape=shape, description={"field": "says"})
    yield _layer(hollow | {"opacity": 1}, ends, axis, len(place), shape=shape, description={"field": "says"})
    head = {"type": "point", "shape": "triangle-up", "size": 110, "filled": True, "fill": theme.point}
    angle = {"field": "angle", "type": "quantitative", "scale": None}
    yield _layer(head | {"opacity": 1}, heads, axis, len(place), angle=angle, description={"field": "says"})


_CROSS: Final = "M-0.7,-0.7L0.7,0.7M-0.7,0.7L0.7,-0.7"


def _point(point: datetime, axis: Axis, names: int, theme: Theme) -> Iterator[Row]:
    """The line of the point asked about."""
    if axis.cut(point, point) is None:
        return
    rows = [{"from": iso(point), "y": -0.5, "y2": max(names, 1) - 0.5, "says": f"as of {bound(point)} (UTC)"}]
    rule = {"type": "rule", "stroke": theme.point, "strokeWidth": 1.5, "strokeDash": [5, 3]}
    yield _layer(rule, rows, axis, names, y2={"field": "y2"}, description={"field": "says"})
    word = {"type": "text", "align": "center", "dy": _SHIFT * 3, "fontSize": 11, "color": theme.point}
    bottom = [{"from": iso(point), "y": max(names, 1) - 0.5, "text": "as of"}]
    yield _layer(word | {"clip": False}, bottom, axis, names, text={"field": "text"})
