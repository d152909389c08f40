"""Who is tied to whom as plain rows: nodes that keep their places whatever the date, and ties as of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from timeline.plot.layout import placed
from timeline.record import Record
from timeline.state import State
from timeline.wording import answer_lines, is_empty, label

__all__ = ["Dot", "Network", "Tie", "network"]


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
