"""Rows about size: the most memory that is held, and how figures grow with the log."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.benchmarks.bench import Bench
from tests.benchmarks.data import pairs
from tests.benchmarks.measure import alternately, median_time, peak_memory, seconds
from tests.benchmarks.plot import Series, draw
from tests.benchmarks.result import Measured, Quantity, Result
from timeline import Timeline

__all__ = ["growth", "memory_of_import", "memory_of_load", "memory_of_replay"]

_FLAT: Final = 1.5
_IMPORT: Final = 4e9
_ONE_BY_ONE: Final = 1_000_000
"""How many events are appended or read one by one at most, since ten times as many take half an hour."""
_STEPS: Final = 4
_LEAST: Final = 50


def _peak(bench: Bench, what: str, events: int) -> float:
    path = bench.log(events) if what == "replay" else bench.new(what)
    return peak_memory("tests.benchmarks.process", what, str(path), str(bench.data(events)))


def _memory(bench: Bench, what: str, row: str, said: str, target: str, most: float) -> Measured:
    events = bench.events if what == "import" else min(bench.events, _ONE_BY_ONE)
    whole, tenth = _peak(bench, what, events), _peak(bench, what, events // 10)
    result = Result(
        row=row,
        what=f"memory of {said}, {events:,} events",
        against="the same at a tenth of the size",
        ours=str(Quantity(whole, "B")),
        theirs=str(Quantity(tenth, "B")),
        ratio=whole / tenth,
        target=target,
        met=whole / tenth <= _FLAT and whole <= most,
        note="The most that the process ever held, Python and DuckDB's buffers included.",
    )
    return Measured(result)


def memory_of_replay(bench: Bench) -> Measured:
    """Asking for every relationship, one after the other."""
    return _memory(bench, "replay", "memory-replay", "`m.all`", f"flat (≤ {_FLAT})", float("inf"))


def memory_of_load(bench: Bench) -> Measured:
    """Appending typed events in commits of a thousand."""
    return _memory(bench, "load", "memory-load", "appending typed events", f"flat (≤ {_FLAT})", float("inf"))


def memory_of_import(bench: Bench) -> Measured | None:
    """Importing whole tables."""
    if not hasattr(Timeline, "append_table"):
        return None
    target = f"flat (≤ {_FLAT}), and < 4 GB"
    return _memory(bench, "import", "memory-import", "`append_table`", target, _IMPORT)


def growth(bench: Bench) -> Measured:
    """How long loading and asking take, and how large the file is, at four sizes a factor of ten apart."""
    tenths = [bench.events // 10**step for step in reversed(range(_STEPS))]
    sizes = [size for size in tenths if size >= _LEAST]
    series = [
        Series("loading", "s"),
        Series("file", "B"),
        Series("one relationship", "s"),
        Series("all relationships", "s"),
    ]
    for size in sizes:
        path = bench.log(size, amended=False)
        figures = (bench.loading(size), path.stat().st_size, *_asked(bench, path, size))
        series = [one.then(size, figure) for one, figure in zip(series, figures, strict=True)]
    draw(series, bench.folder / "growth.svg")
    result = Result(
        row="growth",
        what=f"growth, {' to '.join(f'{size:,}' for size in (sizes[0], sizes[-1]))} events",
        against="",
        ours="; ".join(
            f"{one.name} ~ n^{one.exponent:.2f}, ^{one.last:.2f} in the last step" for one in series
        ),
        theirs="",
        ratio=None,
        target="the exponents are said",
        met=None,
        note="; ".join(f"{one.name} {', '.join(map(str, one.quantities))}" for one in series) + ".",
    )
    return Measured(result)


def _asked(bench: Bench, path: Path, size: int) -> tuple[float, float]:
    """How long it takes to ask for one relationship (p50), and for all of them."""
    some = pairs(bench.data(size), 5, 50, bench.asks)
    with Timeline.open(path, read_only=True) as tl:
        moment = tl.as_of("2016")
        one = median_time(lambda who: moment.between(*who), some)
        count = "SELECT count(COLUMNS(*)) FROM relationship_as_of('2016')"
        return one, alternately(bench.rounds, lambda: seconds(lambda: tl.sql(count)))[0]
