"""Where the entities of a graph lie, and where their names have room: geometry, without chance."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


Box = tuple[float, float, float, float]
Line = tuple[Place, Place]
_PER_SIGN: Final = 6.2
_HIGH: Final = 15
_RINGS: Final = (4.0, 11.0, 20.0, 32.0)
_TURNS: Final = (0, 8, 12, 4, 14, 10, 2, 6, 15, 1, 9, 7, 13, 11, 3, 5)
"""The directions in which a name is tried, in sixteenths of a turn from the right: straight ones first."""
_NEAR: Final = 240.0


def labelled(
    texts: Mapping[str, str], dots: Mapping[str, tuple[Place, float]], lines: Sequence[Line], frame: Place
) -> dict[str, Place]:
    """The middle of each text by its dot, in order, where there is room for it within a frame.

    `dots` are the middles of dots and their radius. No text lies over a dot or another text; nor over a line,
    where that can be, else over as few as can be.
    """
    around = {name: _around(place, size) for name, (place, size) in dots.items()}
    taken: list[Box] = []
    found: dict[str, Place] = {}
    for name, text in texts.items():
        place, size = dots[name]
        others = [*taken, *(box for other, box in around.items() if other != name)]
        near = [line for line in lines if _meet(_frame(line), _around(place, _NEAR))]
        best: tuple[int, Place, Box] | None = None
        for middle, box in _tries(text, place, size):
            if not _inside(box, frame) or any(_meet(box, one) for one in others):
                continue
            crossed = sum(_crosses(line, box) for line in near)
            if best is None or crossed < best[0]:
                best = crossed, middle, box
            if not crossed:
                break
        if best is not None:
            taken.append(best[2])
            found[name] = best[1]
    return found


def _tries(text: str, place: Place, size: float) -> Iterator[tuple[Place, Box]]:
    """Where a text may stand by its dot: its middle, and the box it fills."""
    half, high = len(text) * _PER_SIGN / 2, _HIGH / 2
    for ring in _RINGS:
        for turn in _TURNS:
            angle = turn * math.tau / 16
            x = place[0] + math.cos(angle) * (size + ring) + _side(math.cos(angle)) * half
            y = place[1] + math.sin(angle) * (size + ring) + _side(math.sin(angle)) * high
            yield (x, y), (x - half, y - high, x + half, y + high)


def _side(part: float) -> int:
    return 0 if abs(part) < 0.01 else 1 if part > 0 else -1


def _around(place: Place, size: float) -> Box:
    return (place[0] - size, place[1] - size, place[0] + size, place[1] + size)


def _frame(line: Line) -> Box:
    (a, b), (c, d) = line
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _inside(box: Box, frame: Place) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= frame[0] and box[3] <= frame[1]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _crosses(line: Line, box: Box) -> bool:
    """Whether a line has a part in a box (Liang and Barsky, 1984)."""
    (x, y), (x2, y2) = line
    enters, leaves = 0.0, 1.0
    for step, room in (
        (x - x2, x - box[0]),
        (x2 - x, box[2] - x),
        (y - y2, y - box[1]),
        (y2 - y, box[3] - y),
    ):
        if step == 0:
            if room < 0:
                return False
            continue
        part = room / step
        if step < 0:
            enters = max(enters, part)
        else:
            leaves = min(leaves, part)
    return enters < leaves
