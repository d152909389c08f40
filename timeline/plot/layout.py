"""Where the nodes of a graph stand: the same nodes and ties always give the same places."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

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
    degree: dict[str, int] = defaultdict(int)
    for one, other in ties:
        degree[one] += 1
        degree[other] += 1
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
        _round(xs, ys, springs, heat)
        heat *= 0.975
    return dict(zip(order, _in_square(xs, ys), strict=True))


def _round(xs: list[float], ys: list[float], springs: Sequence[tuple[int, int, float]], heat: float) -> None:
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


def _in_square(xs: Sequence[float], ys: Sequence[float]) -> list[Place]:
    return list(zip(_stretched(xs), _stretched(ys), strict=True))


def _stretched(several: Sequence[float]) -> list[float]:
    """Numbers from 0 to 1, in their proportions."""
    least, most = min(several, default=0.0), max(several, default=0.0)
    if most - least < 1e-9:
        return [0.5] * len(several)
    return [round((one - least) / (most - least), 6) for one in several]
