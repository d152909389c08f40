"""The row about checking every rule over the whole log."""

from __future__ import annotations

from typing import Final

from tests.benchmarks.bench import Bench
from tests.benchmarks.measure import alternately, profiled, seconds
from tests.benchmarks.result import Measured, Quantity, Result
from timeline import Timeline

__all__ = ["check"]

_MOST: Final = 30.0
_OF: Final = 10_000_000
_ALL: Final = "SELECT count(*), sum(rounds) FROM relationship_as_of('2016')"


def check(bench: Bench) -> Measured:
    """Every rule of the vocabulary over the whole log, its violations counted and the first of them told."""
    with Timeline.open(bench.log(bench.events), read_only=True) as tl:
        ours, theirs = alternately(
            bench.rounds, lambda: seconds(tl.as_of().check), lambda: seconds(lambda: tl.sql(_ALL))
        )
        found = tl.as_of().check()
        explained = profiled(tl.as_of().check)
    result = Result(
        row="check",
        what=f"checking all {len(found.counts)} rules",
        against="all relationships at one date, counted",
        ours=str(Quantity(ours, "s")),
        theirs=str(Quantity(theirs, "s")),
        ratio=ours / theirs,
        target="≤ 30 s at ten million",
        met=ours <= _MOST * max(1.0, bench.events / _OF),
        note=f"{found.certain:,} certain and {found.possible:,} possible violations, "
        f"{len(found):,} of them told: what is drawn at random adds up badly.",
    )
    return Measured(result, lambda: explained)
