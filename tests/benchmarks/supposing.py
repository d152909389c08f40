"""The row about what-if: what it costs, and how that grows with the log."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

from events import ExclusivityDeal, FundingRound
from tests.benchmarks.bench import Bench
from tests.benchmarks.data import pairs
from tests.benchmarks.measure import alternately, median_time, profiled
from tests.benchmarks.result import Measured, Quantity, Result
from timeline import Retraction, Timeline

__all__ = ["what_if"]

_FLAT: Final = 1.5
_TIMES: Final = 100
_LARGE: Final = 1_000_000
_LEAST: Final = 600


def what_if(bench: Bench) -> Measured:
    """Three statements supposed and one question asked, on a log and on one a hundred times as small."""
    large = min(bench.events, _LARGE)
    small = max(large // _TIMES, _LEAST)
    with (
        Timeline.open(bench.log(large), read_only=True) as whole,
        Timeline.open(bench.log(small), read_only=True) as part,
    ):
        mine, other = alternately(
            bench.rounds, *(_asked(bench, tl, size) for tl, size in ((whole, large), (part, small)))
        )
        told = profiled(_asked(bench, whole, large))
    result = Result(
        row="what-if",
        what=f"what-if of three statements with one question, in a log of {large:,}, p50",
        against=f"the same in a log of {small:,}",
        ours=str(Quantity(mine, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=mine / other,
        target=f"flat (≤ {_FLAT})",
        met=mine / other <= _FLAT,
        note="A round and an exclusivity between two, another record retracted, and what ties the two then.",
    )
    return Measured(result, lambda: told)


def _asked(bench: Bench, tl: Timeline, size: int) -> Callable[[], float]:
    """What gives the median time of some questions, each about another pair."""
    drawn = itertools.cycle(pairs(bench.data(size), 5, 50, 2 * bench.asks * bench.rounds))
    marks = itertools.cycle(f"e{number}" for number in range(8, size, 100))

    def ask(who: tuple[str, str]) -> None:
        one, other = who
        world = tl.what_if(
            FundingRound("2015", company=one, investors=[other], amount="$1m"),
            ExclusivityDeal("2015", grantor=one, grantee=other, scope="cloud"),
            Retraction(next(marks)),
        )
        world.as_of("2016").between(one, other)

    return lambda: median_time(ask, itertools.islice(drawn, bench.asks))
