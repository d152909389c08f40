"""A row about following one relationship through time."""

from __future__ import annotations

import itertools

from events import Relationship
from tests.benchmarks.bench import Bench
from tests.benchmarks.data import pairs
from tests.benchmarks.measure import alternately, median_time, profiled
from tests.benchmarks.result import Measured, Quantity, Result
from timeline import Timeline

__all__ = ["history"]


def history(bench: Bench) -> Measured:
    """The history of a relationship that was never asked for, and one answer about another such."""
    left = itertools.cycle(pairs(bench.data(bench.events), 5, 50, 2 * bench.asks * bench.rounds))
    with Timeline.open(bench.log(bench.events), read_only=True) as tl:
        moment = tl.as_of()

        def ours() -> float:
            return median_time(
                lambda who: tl.as_of().history(Relationship, *who), itertools.islice(left, bench.asks)
            )

        def one_answer() -> float:
            return median_time(lambda who: moment.between(*who), itertools.islice(left, bench.asks))

        mine, other = alternately(bench.rounds, ours, one_answer)
        some = pairs(bench.data(bench.events), 51, 100, bench.asks)
        told = profiled(lambda: [tl.as_of().history(Relationship, *who) for who in some])
    result = Result(
        row="history",
        what="history of one relationship never asked before, all fields, p50",
        against="one answer about such a relationship, `m.between`",
        ours=str(Quantity(mine, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=mine / other,
        target="≤ 50 ms",
        met=mine <= 0.05,
        note=f"Pairs of 5 to 50 events in a log of {bench.events:,}, each asked once.",
    )
    return Measured(result, lambda: told)
