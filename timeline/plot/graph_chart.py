"""The graph of pairs as a chart: entities as dots at places of their own, what ties them as lines."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from timeline.plot.bars import Sureness
from timeline.plot.chart import Row, Theme, along, as_given, coloured, haloed, layer, layered, short, tooltip
from timeline.plot.graph_layout import Place, labelled, placed
from timeline.records import Record
from timeline.vocabulary import State, StateType, field_lines, is_empty, label

Naming = Callable[[Iterable[str]], Mapping[str, str]]


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

    `chief` is the field with the most records; `sure` says whether that holds, holds and may be otherwise, or
    only may be so. `heads` are those of both whom an arrow points at: whom its events name last, where the
    state tells a first from a last.
    """

    one: str
    other: str
    chief: str
    lines: tuple[str, ...]
    sure: Sureness
    heads: frozenset[str]
    records: tuple[Record, ...]


@attrs.frozen
class Network:
    """The nodes, and the ties between them; `all` also has those of the `left` entities not drawn.

    `names` has the names of all, by id, and `pairs` are those of the nodes that anything ever tied.
    """

    nodes: tuple[Dot, ...]
    ties: tuple[Tie, ...]
    all: tuple[Tie, ...]
    names: Mapping[str, str]
    left: int
    pairs: tuple[tuple[str, str], ...]


def network(
    kind: StateType, ever: Iterable[State], now: Iterable[State], most: int, named: Naming
) -> Network:
    """The graph of pairs: laid out by all that ever tied them, drawn by what does as of a date.

    Of more than `most` entities, those with the most ties over all time are drawn. `named` gives, for ids of
    entities, the names that they had.
    """
    weights: dict[tuple[str, str], float] = {}
    for state in ever:
        records = {record.position for several in state.because.values() for record in several}
        records |= {record.position for several in state.unsettled.values() for record in several}
        if records:
            weights[state.who[0], state.who[1]] = len(records)
    degree = Counter(one for pair in weights for one in pair)
    drawn = set(sorted(degree, key=lambda one: (-degree[one], one))[:most])
    within = {pair: weight for pair, weight in weights.items() if drawn.issuperset(pair)}
    places = placed(drawn, within)
    ties: list[Tie] = []
    for state in now:
        tie = _tie(kind, state)
        if tie is not None:
            ties.append(tie)
    drawable = [tie for tie in ties if drawn.issuperset((tie.one, tie.other))]
    tied = Counter(one for tie in drawable for one in (tie.one, tie.other))
    names = named({*drawn, *(one for tie in ties for one in (tie.one, tie.other))})
    nodes = tuple(
        Dot(entity=one, name=names[one], x=x, y=y, ties=tied[one]) for one, (x, y) in sorted(places.items())
    )
    left = len(degree) - len(drawn)
    return Network(nodes, tuple(drawable), tuple(ties), names, left, tuple(sorted(within)))


def _tie(kind: StateType, state: State) -> Tie | None:
    """What ties a pair; None where all is over, or nothing was said."""
    holding = [name for name, value in state.values().items() if not is_empty(value)]
    fields = holding or [name for name in state.values() if state.unsettled[name]]
    if not fields:
        return None
    behind = {name: state.because[name] or state.unsettled[name] for name in fields}
    chief = max(fields, key=lambda name: len(behind[name]))
    return Tie(
        one=state.who[0],
        other=state.who[1],
        chief=chief,
        lines=tuple(_lines(state, fields)),
        sure="possible" if not holding else "unsettled" if state.unsettled[chief] else "sure",
        heads=frozenset(_heads(kind, chief, state.who, behind[chief])),
        records=tuple({record.position: record for name in fields for record in behind[name]}.values()),
    )


def _heads(kind: StateType, field: str, who: Sequence[str], records: Iterable[Record]) -> Iterator[str]:
    """Whom the events behind a field name on the second side of a pair, if the sides are not alike."""
    one, other = kind.folds[field].sides
    if not set(one).isdisjoint(other):
        return
    for record in records:
        for feeding in kind.feeding(type(record.event)) if record.event is not None else ():
            if feeding.field == field and record.event is not None:
                for way in feeding.ways:
                    yield from (given[1] for given in way.given(record.event, (who[0], who[1])))


def _lines(state: State, fields: Iterable[str]) -> Iterable[str]:
    for name in fields:
        yield f"{label(name)}: {'; '.join(field_lines(state, name))}"


_WIDTH: Final = 900
_MARGIN: Final = 70
_HUES: Final = 5
_OTHER: Final = "other"
_LINE: Final = 13
_SIGNS: Final = 26
_HEAD: Final = 10
"""How long the head of an arrow is."""
_LOOKS: Final[Mapping[Sureness, tuple[list[int], float]]] = {
    "sure": ([1, 0], 1.0),
    "unsettled": ([1, 0], 0.4),
    "possible": ([5, 4], 1.0),
}
"""How a tie is dashed, and how strong it is."""


def graph_chart(found: Network, theme: Theme) -> Row:
    """The chart, in the inks of a theme."""
    height = int(min(900, max(320, 120 * math.sqrt(max(len(found.nodes), 1)))))
    wide, high = _WIDTH - 2 * _MARGIN, height - 4 * _LINE
    at = {node.entity: (_MARGIN + node.x * wide, _LINE * 2 + node.y * high) for node in found.nodes}
    places = {"x": along("x", 0, _WIDTH), "y": along("y", 0, height, down=True)}
    layers = [
        *_tie_layers(found, at, places, theme),
        _arrows(found, at, places, theme),
        *_dots(found.nodes, at, places, theme),
        _labels(found, at, (_WIDTH, height), places, theme),
    ]
    if not found.nodes:
        nothing = [{"x": _WIDTH / 2, "y": height / 2, "text": "nothing recorded"}]
        layers = [layer({"type": "text", "color": theme.faint}, nothing, text={"field": "text"}, **places)]
    return layered(_WIDTH, height, layers)


def _tie_layers(
    found: Network, at: Mapping[str, Place], places: Mapping[str, Row], theme: Theme
) -> Iterator[Row]:
    """The ties in the hues of what most of them are about; those that may be so are dashed."""
    hues = _hues(found, theme)
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
    for sure, (dash, strong) in _LOOKS.items():
        mark = {"type": "rule", "opacity": crowd * strong, "strokeDash": dash}
        alike = [row for row in rows if row["sure"] == sure]
        yield layer(mark, alike, **places, **ends, size=size, color=color)


def _hues(found: Network, theme: Theme) -> Mapping[str, str]:
    """The hues of what most ties are about, and that of all others."""
    fields = [name for name, _ in Counter(label(tie.chief) for tie in found.ties).most_common(_HUES)]
    return {**coloured(fields, theme), _OTHER: theme.faint}


def _arrows(found: Network, at: Mapping[str, Place], places: Mapping[str, Row], theme: Theme) -> Row:
    """The heads of ties that go from one to another, at the dots that they go to."""
    hues, nodes = _hues(found, theme), {node.entity: node for node in found.nodes}
    rows = []
    for tie in found.ties:
        for head in sorted(tie.heads):
            (x, y), (x2, y2) = at[tie.other if head == tie.one else tie.one], at[head]
            far = math.hypot(x2 - x, y2 - y) or 1.0
            back = (_size(nodes[head], len(nodes)) + _HEAD / 2) / far
            rows.append(
                {
                    "x": x2 - (x2 - x) * back,
                    "y": y2 - (y2 - y) * back,
                    "angle": math.degrees(math.atan2(x2 - x, y - y2)),
                    "ink": hues.get(label(tie.chief), hues[_OTHER]),
                }
            )
    look = {"type": "point", "shape": "triangle-up", "filled": True, "size": _HEAD**2, "opacity": 1}
    angle = {"field": "angle", "type": "quantitative", "scale": None}
    return layer(look, rows, **places, angle=angle, color=as_given("ink"))


def _line(tie: Tie, at: Mapping[str, Place], hues: Mapping[str, str], found: Network) -> Row:
    chief = label(tie.chief)
    (x, y), (x2, y2) = at[tie.one], at[tie.other]
    text = f"{found.names[tie.one]} – {found.names[tie.other]}: {'; '.join(tie.lines)}"
    return {
        "x": x,
        "y": y,
        "x2": x2,
        "y2": y2,
        "kind": chief if chief in hues else _OTHER,
        "width": 1.2 + 1.3 * math.log2(len(tie.records) + 1),
        "sure": tie.sure,
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
    found: Network, at: Mapping[str, Place], frame: Place, places: Mapping[str, Row], theme: Theme
) -> Row:
    """Names where there is room for them, those with the most ties first."""
    several = sorted(found.nodes, key=lambda node: (-node.ties, node.entity))
    stood = labelled(
        {node.entity: short(node.name, _SIGNS) for node in several},
        {node.entity: (at[node.entity], _size(node, len(several))) for node in several},
        [(at[tie.one], at[tie.other]) for tie in found.ties],
        frame,
    )
    rows = [
        {
            "x": stood[node.entity][0],
            "y": stood[node.entity][1],
            "text": short(node.name, _SIGNS),
            "ink": theme.ink if node.ties else theme.faint,
        }
        for node in several
        if node.entity in stood
    ]
    look = {"type": "text", "fontSize": 11}
    under = look | haloed(theme)
    told = {**places, "text": {"field": "text"}}
    both = [layer(under, rows, **told), layer(look, rows, **told, color=as_given("ink"))]
    return {"layer": both} if rows else {}
