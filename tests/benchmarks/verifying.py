"""The row about verifying a whole log."""

from __future__ import annotations

from typing import Final

import duckdb

from tests.benchmarks.bench import Bench
from tests.benchmarks.measure import alternately, profiled, seconds
from tests.benchmarks.result import Measured, Quantity, Result
from timeline import Timeline

__all__ = ["verify"]

_BOUND: Final = 60.0
_OF: Final = 10_000_000
_FLOOR: Final = "SELECT count(*) FROM log WHERE sha256(concat(data, names, sources, summary)) = ''"


def verify(bench: Bench) -> Measured:
    """Every digest, the chain, and all that is derived; and SHA-256 over the long texts of the log alone."""
    path = bench.log(bench.events)

    def ours() -> float:
        with Timeline.open(path, read_only=True) as tl:
            return seconds(lambda: _sound(tl))

    def theirs() -> float:
        with duckdb.connect(str(path), read_only=True) as connection:
            return seconds(lambda: connection.execute(_FLOOR).fetchall())

    mine, other = alternately(min(bench.rounds, 3), ours, theirs)
    result = Result(
        row="verify",
        what=f"`verify`, of a log of {bench.events:,}",
        against="SHA-256 over its texts, in SQL, and nothing else",
        ours=str(Quantity(mine, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=mine / other,
        target="≤ 60 s for 10,000,000",
        met=mine * _OF / bench.events <= _BOUND,
    )
    return Measured(result, lambda: profiled(ours))


def _sound(tl: Timeline) -> None:
    report = tl.verify()
    assert report.ok, str(report)
