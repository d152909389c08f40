"""The row about finding one record by its id, and what each structure for it costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from tests.benchmarks.bench import Bench
from tests.benchmarks.measure import median_time, profiled, seconds
from tests.benchmarks.result import Measured, Quantity, Result
from timeline import Timeline

__all__ = ["by_id"]

_STRUCTURES: Final = {
    "none": (
        "CREATE TABLE ids (id UUID, position BIGINT)",
        "INSERT INTO ids FROM drawn ORDER BY position",
        "SELECT position FROM ids WHERE id = $1",
    ),
    "sorted": (
        "CREATE TABLE ids (id UUID, position BIGINT)",
        "INSERT INTO ids FROM drawn ORDER BY id",
        "SELECT position FROM ids WHERE id = $1",
    ),
    "sorted by 32 bits of its hash": (
        "CREATE TABLE ids (bits UINTEGER, position BIGINT)",
        "INSERT INTO ids SELECT (hash(id) >> 32)::UINTEGER, position FROM drawn ORDER BY ALL",
        "SELECT position FROM ids WHERE bits = (hash($1::UUID) >> 32)::UINTEGER",
    ),
    "primary key": (
        "CREATE TABLE ids (id UUID PRIMARY KEY, position BIGINT)",
        "INSERT INTO ids FROM drawn ORDER BY position",
        "SELECT position FROM ids WHERE id = $1",
    ),
}


def by_id(bench: Bench) -> Measured:
    """Finding a record by mark, and a position by id through every structure that was thought of."""
    step = max(1, bench.events // bench.asks)
    marks = [f"e{number}" for number in range(0, bench.events, step)]
    with Timeline.open(bench.log(bench.events), read_only=True) as tl:
        ours = median_time(tl.record, marks)
        explained = profiled(lambda: [tl.record(mark) for mark in marks])
    prices = {name: _price(bench, steps) for name, steps in _STRUCTURES.items()}
    cheapest = min(found for found, _, _ in prices.values())
    told = "; ".join(
        f"{name}: {Quantity(found, 's')}, {Quantity(bench.events / built, 'rows/s')} to fill, "
        f"{Quantity(size, 'B')}"
        for name, (found, built, size) in prices.items()
    )
    result = Result(
        row="by-id",
        what=f"finding a record by its mark, p50, in a log of {bench.events:,}",
        against="the quickest structure measured, id to position alone",
        ours=str(Quantity(ours, "s")),
        theirs=str(Quantity(cheapest, "s")),
        ratio=ours / cheapest,
        target="said, with its price",
        met=None,
        note=told + ".",
    )
    return Measured(result, lambda: explained)


def _price(bench: Bench, steps: Sequence[str]) -> tuple[float, float, float]:
    """The median time to find one, the time to fill it in bulk, and the size of the file."""
    layout, fill, find = steps
    path: Path = bench.new("ids")
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TEMP TABLE drawn AS SELECT md5(n::VARCHAR)::UUID AS id, n AS position "
            f"FROM range({bench.events}) AS numbered(n)"
        )
        some = f"SELECT id FROM drawn WHERE position % {max(1, bench.events // bench.asks)} = 0"
        asked = connection.execute(some).fetchall()
        connection.execute(layout)
        built = seconds(lambda: connection.execute(fill))
        connection.execute("CHECKPOINT")
        size = path.stat().st_size
        connection.execute(find, asked[0])
        found = median_time(lambda one: connection.execute(find, one).fetchall(), asked)
    return found, built, size
