"""Rows about questions of time: why, and what differs between two moments."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

from events import Relationship
from tests.benchmarks.bench import Bench
from tests.benchmarks.data import pairs
from tests.benchmarks.measure import alternately, median_time, profiled
from tests.benchmarks.result import Measured, Quantity, Result
from timeline import Timeline

__all__ = ["differing", "explained", "measured"]

_YEAR: Final = "2016"
_LIMIT: Final = 0.05
Pair = tuple[str, str]


def explained(bench: Bench) -> Measured:
    """Why a relationship that was never asked for is what it is."""
    with Timeline.open(bench.log(bench.events), read_only=True) as tl:
        moment = tl.as_of(_YEAR)
        return measured(
            bench, tl, "explain", "why one relationship is so", lambda who: moment.explain(Relationship, *who)
        )


def differing(bench: Bench) -> Measured:
    """What differs in a relationship that was never asked for, between two moments."""
    with Timeline.open(bench.log(bench.events), read_only=True) as tl:
        before, after = tl.as_of("2014", known="then"), tl.as_of(_YEAR)
        return measured(
            bench,
            tl,
            "diff",
            "what differs in one relationship between two moments",
            lambda who: before.diff(after, Relationship, *who),
        )


def measured(bench: Bench, tl: Timeline, row: str, what: str, ask: Callable[[Pair], object]) -> Measured:
    """A question about one pair, each never asked before, beside its state as of a date."""
    left = itertools.cycle(pairs(bench.data(bench.events), 5, 50, 2 * bench.asks * bench.rounds))
    moment = tl.as_of(_YEAR)

    def ours() -> float:
        return median_time(ask, itertools.islice(left, bench.asks))

    def theirs() -> float:
        return median_time(lambda who: moment.between(*who), itertools.islice(left, bench.asks))

    mine, other = alternately(bench.rounds, ours, theirs)
    some = pairs(bench.data(bench.events), 51, 100, bench.asks)
    told = profiled(lambda: [ask(who) for who in some])
    result = Result(
        row=row,
        what=f"{what}, never asked before, p50",
        against="its state as of a date, never asked before",
        ours=str(Quantity(mine, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=mine / other,
        target="≤ 50 ms",
        met=mine <= _LIMIT,
        note=f"Pairs of 5 to 50 events in a log of {bench.events:,}, each asked once.",
    )
    return Measured(result, lambda: told)
