"""The graph of pairs as a chart: entities as dots at places of their own, what ties them as lines."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from timeline.plot.chart import Row, Theme, along, as_given, coloured, layer, layered, short, tooltip
from timeline.records import Record
from timeline.vocabulary import State, field_lines, is_empty, label


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

    `sure` is False where nothing holds yet and something may, and `settled` where that or any of what holds
    may be otherwise. `chief` is the field with the most records.
    """

    one: str
    other: str
    chief: str
    lines: tuple[str, ...]
    sure: bool
    settled: bool
    records: tuple[Record, ...]


@attrs.frozen
class Network:
    """The nodes, and the ties between them; `all` also has those of the `left` entities not drawn.

    `pairs` are those of the nodes that anything ever tied.
    """

    nodes: tuple[Dot, ...]
    ties: tuple[Tie, ...]
    all: tuple[Tie, ...]
    left: int
    pairs: tuple[tuple[str, str], ...]


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
    drawn_weights = {pair: weight for pair, weight in weights.items() if drawn.issuperset(pair)}
    places = placed(drawn, drawn_weights)
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
    left = len(degree) - len(drawn)
    return Network(nodes, tuple(drawable), tuple(ties), left, tuple(sorted(drawn_weights)))


def _tie(state: State) -> Tie | None:
    """What ties a pair; None where all is over, or nothing was said."""
    holding = [name for name, value in state.values().items() if not is_empty(value)]
    fields = holding or [name for name in state.values() if state.unsettled[name]]
    if not fields:
        return None
    behind = {name: state.because[name] or state.unsettled[name] for name in fields}
    return Tie(
        one=state.who[0],
        other=state.who[1],
        chief=max(fields, key=lambda name: len(behind[name])),
        lines=tuple(_lines(state, fields)),
        sure=bool(holding),
        settled=not any(state.unsettled[name] for name in fields),
        records=tuple({record.position: record for name in fields for record in behind[name]}.values()),
    )


def _lines(state: State, fields: Iterable[str]) -> Iterable[str]:
    for name in fields:
        yield f"{label(name)}: {'; '.join(field_lines(state, name))}"


Place = tuple[float, float]
_GOLDEN: Final = math.pi * (3 - math.sqrt(5))
_ROUNDS: Final = 150
_REACH: Final = 2.5
"""Beyond so many times their wanted distance, nodes do not push each other away."""
_GRAVITY: Final = 0.035


def placed(nodes: Iterable[str], ties: Mapping[tuple[str, str], float]) -> dict[str, Place]:
    """A place for each node in a square of side 1, those that are tied near each other.

    Springs along the ties, repulsion between near nodes, and a pull to the middle (after Fruchterman and
    Reingold, 1991, with a grid of cells); from a spiral, without chance. `ties` have a weight.

    >>> placed(["a"], {})
    {'a': (0.5, 0.5)}
    """
    degree = Counter(one for pair in ties for one in pair)
    order = sorted(set(nodes), key=lambda node: (-degree[node], node))
    index = {node: place for place, node in enumerate(order)}
    springs = [
        (index[one], index[other], 0.6 + 0.4 * math.log1p(weight))
        for (one, other), weight in sorted(ties.items())
    ]
    xs = [math.sqrt(place + 0.5) * math.cos(place * _GOLDEN) for place in range(len(order))]
    ys = [math.sqrt(place + 0.5) * math.sin(place * _GOLDEN) for place in range(len(order))]
    heat = 1.5
    for _ in range(_ROUNDS):
        _move(xs, ys, springs, heat)
        heat *= 0.975
    return dict(zip(order, zip(_stretched(xs), _stretched(ys), strict=True), strict=True))


def _move(xs: list[float], ys: list[float], springs: Sequence[tuple[int, int, float]], heat: float) -> None:
    """Move every node a little, by no more than `heat`; nodes want to be 1 apart."""
    dx, dy = [-_GRAVITY * x for x in xs], [-_GRAVITY * y for y in ys]
    _push(xs, ys, dx, dy)
    for one, other, weight in springs:
        ax, ay = xs[one] - xs[other], ys[one] - ys[other]
        pull = math.hypot(ax, ay) * weight * 0.25
        dx[one] -= ax * pull
        dy[one] -= ay * pull
        dx[other] += ax * pull
        dy[other] += ay * pull
    for node, (x, y) in enumerate(zip(dx, dy, strict=True)):
        length = math.hypot(x, y)
        if length > 0:
            part = min(length, heat) / length
            xs[node] += x * part
            ys[node] += y * part


def _push(xs: Sequence[float], ys: Sequence[float], dx: list[float], dy: list[float]) -> None:
    """Push near nodes away from each other; only those in neighbouring cells can be near."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for node, (x, y) in enumerate(zip(xs, ys, strict=True)):
        cells[math.floor(x / _REACH), math.floor(y / _REACH)].append(node)
    for (column, row), several in cells.items():
        for east, south in ((0, 0), (1, 0), (-1, 1), (0, 1), (1, 1)):
            near = cells.get((column + east, row + south), ())
            for one in several:
                for other in near:
                    if (east or south) or one < other:
                        _apart(one, other, xs, ys, dx, dy)


def _apart(
    one: int, other: int, xs: Sequence[float], ys: Sequence[float], dx: list[float], dy: list[float]
) -> None:
    ax, ay = xs[one] - xs[other], ys[one] - ys[other]
    square = ax * ax + ay * ay
    if square > _REACH * _REACH:
        return
    if square < 1e-6:
        ax, ay, square = 1e-3 * (one - other), 1e-3, 1e-3
    push = 0.6 / square
    dx[one] += ax * push
    dy[one] += ay * push
    dx[other] -= ax * push
    dy[other] -= ay * push


def _stretched(several: Sequence[float]) -> list[float]:
    """Numbers from 0 to 1, in their proportions."""
    least, most = min(several, default=0.0), max(several, default=0.0)
    if most - least < 1e-9:
        return [0.5] * len(several)
    return [round((one - least) / (most - least), 6) for one in several]


_WIDTH: Final = 900
_MARGIN: Final = 70
_HUES: Final = 5
_OTHER: Final = "other"
_PER_SIGN: Final = 6.2
_LINE: Final = 13
_SIGNS: Final = 26

Box = tuple[float, float, float, float]


def graph_chart(found: Network, theme: Theme) -> Row:
    """The chart, in the inks of a theme."""
    height = int(min(900, max(320, 120 * math.sqrt(max(len(found.nodes), 1)))))
    wide, high = _WIDTH - 2 * _MARGIN, height - 4 * _LINE
    at = {node.entity: (_MARGIN + node.x * wide, _LINE * 2 + node.y * high) for node in found.nodes}
    places = {"x": along("x", 0, _WIDTH), "y": along("y", 0, height, down=True)}
    layers = [
        *_tie_layers(found, at, places, theme),
        *_dots(found.nodes, at, places, theme),
        _labels(found.nodes, at, (_WIDTH, height), places, theme),
    ]
    if not found.nodes:
        nothing = [{"x": _WIDTH / 2, "y": height / 2, "text": "nothing recorded"}]
        layers = [layer({"type": "text", "color": theme.faint}, nothing, text={"field": "text"}, **places)]
    return layered(_WIDTH, height, layers)


def _tie_layers(
    found: Network, at: Mapping[str, Place], places: Mapping[str, Row], theme: Theme
) -> Iterator[Row]:
    """The ties in the hues of what most of them are about; those that may be so are dashed."""
    fields = [name for name, _ in Counter(label(tie.chief) for tie in found.ties).most_common(_HUES)]
    hues = {**coloured(fields, theme), _OTHER: theme.faint}
    rows = [_line(tie, at, hues, found) for tie in found.ties]
    shown = {row["kind"] for row in rows}
    domain = [one for one in hues if one in shown]
    color = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": domain, "range": [hues[one] for one in domain]},
        "legend": {
            "title": "colour: what most records are about",
            "titleLimit": 0,
            "orient": "bottom",
            "symbolType": "stroke",
            "columns": 6,
        },
    }
    ends = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
    size = {"field": "width", "type": "quantitative", "scale": None}
    crowd = 0.85 if len(rows) < 60 else 0.55
    for sure, dash in (("so", [1, 0]), ("may be so", [5, 4])):
        mark = {"type": "rule", "opacity": crowd, "strokeDash": dash}
        alike = [row for row in rows if row["sure"] == sure]
        yield layer(mark, alike, **places, **ends, size=size, color=color)


def _line(tie: Tie, at: Mapping[str, Place], hues: Mapping[str, str], found: Network) -> Row:
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


def _size(node: Dot, crowd: int) -> float:
    """The radius of a dot."""
    return (3.5 if crowd > 80 else 5.5) + (1.1 if crowd > 80 else 1.8) * math.sqrt(node.ties)


def _dots(
    nodes: Sequence[Dot], at: Mapping[str, Place], places: Mapping[str, Row], theme: Theme
) -> Iterator[Row]:
    """Entities; those that nothing ties as of the date are hollow."""
    for tied in (False, True):
        rows = []
        for node in (node for node in nodes if bool(node.ties) is tied):
            x, y = at[node.entity]
            number = f"{node.ties} tie{'' if node.ties == 1 else 's'}" if tied else "no tie as of the date"
            says = tooltip(f"{node.name} ({node.entity})", number, [])
            rows.append({"x": x, "y": y, "size": math.pi * _size(node, len(nodes)) ** 2, "says": says})
        fill, stroke = (theme.ink, theme.ground) if tied else (theme.ground, theme.line)
        look = {"type": "point", "opacity": 1, "strokeWidth": 1.5, "fill": fill, "stroke": stroke}
        size = {"field": "size", "type": "quantitative", "scale": None}
        yield layer(look, rows, **places, size=size)


def _labels(
    nodes: Sequence[Dot], at: Mapping[str, Place], frame: Place, places: Mapping[str, Row], theme: Theme
) -> Row:
    """Names where there is room for them, those with the most ties first."""
    dots = {node.entity: _around(at[node.entity], _size(node, len(nodes))) for node in nodes}
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
    look = {"type": "text", "fontSize": 11}
    under = look | {"stroke": theme.ground, "strokeWidth": 3, "strokeJoin": "round"}
    told = {**places, "text": {"field": "text"}}
    both = [layer(under, rows, **told), layer(look, rows, **told, color=as_given("ink"))]
    return {"layer": both} if rows else {}


def _tries(text: str, place: Place, size: float) -> Iterator[tuple[float, float, Box]]:
    """Where a name may stand by its dot: the middle of the text, and the box it fills."""
    x, y = place
    wide = len(text) * _PER_SIGN
    beside, above = size + 4 + wide / 2, size + 4 + _LINE / 2
    straight = (beside, 0), (-beside, 0), (0, -above), (0, above)
    slanted = ((side, half) for half in (-above / 2, above / 2) for side in (beside, -beside))
    for dx, dy in (*straight, *slanted):
        a, b = x + dx, y + dy
        yield a, b, (a - wide / 2, b - _LINE / 2, a + wide / 2, b + _LINE / 2)


def _around(place: Place, size: float) -> Box:
    return (place[0] - size, place[1] - size, place[0] + size, place[1] + size)


def _inside(box: Box, frame: Place) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= frame[0] and box[3] <= frame[1]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
