"""The graph of pairs as a chart: entities as dots, what ties them as lines."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from timeline.plot.axis import short, spec_of, tooltip
from timeline.plot.layout import placed
from timeline.plot.palette import Theme, coloured, config
from timeline.records import Record
from timeline.vocabulary import State, answer_lines, is_empty, label


@attrs.frozen(kw_only=True)
class Dot:
    """An entity at its place in a square of side 1; `ties` is how many it has as of the date."""

    entity: str
    name: str
    x: float
    y: float
    ties: int


@attrs.frozen(kw_only=True)
class Tie:
    """What ties two entities as of the date: the fields that hold something, and the records behind them.

    `sure` is False where nothing holds yet and something may. `chief` is the field with the most records.
    """

    one: str
    other: str
    fields: tuple[str, ...]
    chief: str
    lines: tuple[str, ...]
    sure: bool
    records: tuple[Record, ...]


@attrs.frozen
class Network:
    """The nodes, and the ties between them; `all` also has those of the `left` entities not drawn."""

    nodes: tuple[Dot, ...]
    ties: tuple[Tie, ...]
    all: tuple[Tie, ...]
    left: int


def network(
    ever: Iterable[State], now: Iterable[State], most: int, named: Callable[[str], str] = str
) -> Network:
    """The graph of pairs: laid out by all that ever tied them, drawn by what does as of a date.

    Of more than `most` entities, those with the most ties over all time are drawn.
    """
    weights: dict[tuple[str, str], float] = {}
    names: dict[str, str] = {}
    for state in ever:
        records = {record.position for several in state.because.values() for record in several}
        records |= {record.position for several in state.unsettled.values() for record in several}
        if records:
            weights[state.who[0], state.who[1]] = len(records)
            names |= {one: state.named(one) for one in state.who}
    degree = Counter(one for pair in weights for one in pair)
    drawn = set(sorted(degree, key=lambda one: (-degree[one], one))[:most])
    places = placed(drawn, {pair: weight for pair, weight in weights.items() if drawn.issuperset(pair)})
    ties: list[Tie] = []
    for state in now:
        names |= {one: state.named(one) for one in state.who}
        tie = _tie(state)
        if tie is not None:
            ties.append(tie)
    drawable = [tie for tie in ties if drawn.issuperset((tie.one, tie.other))]
    tied = Counter(one for tie in drawable for one in (tie.one, tie.other))
    nodes = tuple(
        Dot(entity=one, name=names.get(one, named(one)), x=x, y=y, ties=tied[one])
        for one, (x, y) in sorted(places.items())
    )
    return Network(nodes, tuple(drawable), tuple(ties), len(degree) - len(drawn))


def _tie(state: State) -> Tie | None:
    """What ties a pair; None where all is over, or nothing was said."""
    holding = [name for name, value in state.values().items() if not is_empty(value)]
    fields = holding or [name for name in state.values() if state.unsettled[name]]
    if not fields:
        return None
    behind = {name: _behind(state, name) for name in fields}
    return Tie(
        one=state.who[0],
        other=state.who[1],
        fields=tuple(fields),
        chief=max(fields, key=lambda name: len(behind[name])),
        lines=tuple(_lines(state, fields)),
        sure=bool(holding),
        records=tuple({record.position: record for name in fields for record in behind[name]}.values()),
    )


def _behind(state: State, name: str) -> Sequence[Record]:
    by: Mapping[str, tuple[Record, ...]] = state.because
    return by[name] or state.unsettled[name]


def _lines(state: State, fields: Iterable[str]) -> Iterable[str]:
    for name in fields:
        told = answer_lines(getattr(state, name), state.named, state.because[name], state.unsettled[name])
        yield f"{label(name)}: {'; '.join(told)}"


_MARGIN: Final = 70
_HUES: Final = 5
_OTHER: Final = "other"
_PER_SIGN: Final = 6.2
_LINE: Final = 13
_SIGNS: Final = 26

Row = dict[str, Any]
Box = tuple[float, float, float, float]


def graph_chart(title: str, subtitle: Sequence[str], found: Network, theme: Theme) -> Row:
    """The chart, in the inks of a theme."""
    width = 900
    height = int(min(900, max(320, 120 * math.sqrt(max(len(found.nodes), 1)))))
    at = {
        node.entity: (
            _MARGIN + node.x * (width - 2 * _MARGIN),
            _LINE * 2 + node.y * (height - 4 * _LINE),
        )
        for node in found.nodes
    }
    fields = [name for name, _ in Counter(label(tie.chief) for tie in found.ties).most_common(_HUES)]
    hues = dict(coloured(fields, theme)) | {_OTHER: theme.faint}
    lines = [_line(tie, at, hues, found) for tie in found.ties]
    scale = {
        axis: {"scale": {"domain": [0, most], "nice": False, "zero": False, **more}, "axis": None}
        for axis, most, more in (("x", width, {}), ("y", height, {"reverse": True}))
    }
    shown = list(dict.fromkeys(row["kind"] for row in lines))
    layers = [
        *_graph_chart_lines(lines, scale, [one for one in hues if one in shown], hues),
        *_dots(found.nodes, at, scale, theme),
        _labels(found.nodes, at, (width, height), scale, theme),
    ]
    if not found.nodes:
        nothing = [{"x": width / 2, "y": height / 2, "text": "nothing recorded"}]
        layers = [_layer({"type": "text", "color": theme.faint}, nothing, scale, text={"field": "text"})]
    return spec_of(
        title,
        subtitle,
        width=width,
        height=height,
        config=config(theme),
        padding=16,
        layer=[one for one in layers if one],
    )


def _layer(mark: Row, rows: Sequence[Row], scale: Mapping[str, Row], **encoding: Any) -> Row:
    if not rows:
        return {}
    x, y = ({"field": one, "type": "quantitative", **scale[one]} for one in ("x", "y"))
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": {"x": x, "y": y, **encoding}}


def _line(tie: Tie, at: Mapping[str, tuple[float, float]], hues: Mapping[str, str], found: Network) -> Row:
    names = {node.entity: node.name for node in found.nodes}
    chief = label(tie.chief)
    (x, y), (x2, y2) = at[tie.one], at[tie.other]
    text = f"{names[tie.one]} – {names[tie.other]}: {'; '.join(tie.lines)}"
    return {
        "x": x,
        "y": y,
        "x2": x2,
        "y2": y2,
        "kind": chief if chief in hues else _OTHER,
        "width": 1.2 + 1.3 * math.log2(len(tie.records) + 1),
        "sure": "so" if tie.sure else "may be so",
        "says": tooltip(short(text, 900), "", tie.records[:12]),
    }


def _graph_chart_lines(
    rows: Sequence[Row], scale: Mapping[str, Row], fields: Sequence[str], hues: Mapping[str, str]
) -> Iterator[Row]:
    crowd = 0.85 if len(rows) < 60 else 0.55
    for sure, dash in (("so", [1, 0]), ("may be so", [5, 4])):
        yield _layer(
            {"type": "rule", "opacity": crowd, "strokeDash": dash},
            [row for row in rows if row["sure"] == sure],
            scale,
            x2={"field": "x2"},
            y2={"field": "y2"},
            size={"field": "width", "type": "quantitative", "scale": None},
            description={"field": "says"},
            color={
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": list(fields), "range": [hues[one] for one in fields]},
                "legend": {
                    "title": "colour: what most records are about",
                    "titleLimit": 0,
                    "orient": "bottom",
                    "symbolType": "stroke",
                    "columns": 6,
                },
            },
        )


def _size(node: Dot, crowd: int) -> float:
    """The radius of a dot."""
    return (3.5 if crowd > 80 else 5.5) + (1.1 if crowd > 80 else 1.8) * math.sqrt(node.ties)


def _dots(
    nodes: Sequence[Dot], at: Mapping[str, tuple[float, float]], scale: Mapping[str, Row], theme: Theme
) -> Iterator[Row]:
    """Entities; those that nothing ties as of the date are hollow."""
    for tied in (False, True):
        rows = []
        for node in nodes:
            if bool(node.ties) is tied:
                x, y = at[node.entity]
                size = math.pi * _size(node, len(nodes)) ** 2
                number = f"{node.ties} ties" if node.ties != 1 else "1 tie"
                says = tooltip(
                    f"{node.name} ({node.entity})", number if tied else "no tie as of the date", []
                )
                rows.append({"x": x, "y": y, "size": size, "says": says})
        look: Row = {"type": "point", "opacity": 1, "strokeWidth": 1.5}
        if tied:
            look |= {"fill": theme.ink, "stroke": theme.ground}
        else:
            look |= {"fill": theme.ground, "stroke": theme.line}
        size_of = {"field": "size", "type": "quantitative", "scale": None}
        yield _layer(look, rows, scale, size=size_of, description={"field": "says"})


def _labels(
    nodes: Sequence[Dot],
    at: Mapping[str, tuple[float, float]],
    frame: tuple[float, float],
    scale: Mapping[str, Row],
    theme: Theme,
) -> Row:
    """Names where there is room for them, those with the most ties first."""
    dots = {node.entity: _round(at[node.entity], _size(node, len(nodes))) for node in nodes}
    taken: list[Box] = []
    rows = []
    for node in sorted(nodes, key=lambda node: (-node.ties, node.entity)):
        text = short(node.name, _SIGNS)
        others = [box for entity, box in dots.items() if entity != node.entity]
        for x, y, box in _tries(text, at[node.entity], _size(node, len(nodes))):
            if _inside(box, frame) and not any(_meet(box, one) for one in (*taken, *others)):
                taken.append(box)
                rows.append({"x": x, "y": y, "text": text, "ink": theme.ink if node.ties else theme.faint})
                break
    look = {"type": "text", "fontSize": 11, "stroke": theme.ground, "strokeWidth": 3, "strokeJoin": "round"}
    ink = {"field": "ink", "type": "nominal", "scale": None}
    under = _layer(look, rows, scale, text={"field": "text"})
    over = _layer({"type": "text", "fontSize": 11}, rows, scale, text={"field": "text"}, color=ink)
    return {"layer": [under, over]} if rows else {}


def _tries(text: str, place: tuple[float, float], size: float) -> Iterator[tuple[float, float, Box]]:
    """Where a name may stand by its dot: the middle of the text, and the box it fills."""
    x, y = place
    wide = len(text) * _PER_SIGN
    beside, above = size + 4 + wide / 2, size + 4 + _LINE / 2
    for dx, dy in (
        (beside, 0),
        (-beside, 0),
        (0, -above),
        (0, above),
        (beside, -above / 2),
        (-beside, -above / 2),
        (beside, above / 2),
        (-beside, above / 2),
    ):
        a, b = x + dx, y + dy
        yield a, b, (a - wide / 2, b - _LINE / 2, a + wide / 2, b + _LINE / 2)


def _round(place: tuple[float, float], size: float) -> Box:
    return (place[0] - size, place[1] - size, place[0] + size, place[1] + size)


def _inside(box: Box, frame: tuple[float, float]) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= frame[0] and box[3] <= frame[1]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
