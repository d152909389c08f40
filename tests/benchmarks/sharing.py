"""Rows about many at once: threads that append in a `with` block, and processes that append without one."""

from __future__ import annotations

import itertools
import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from tests.benchmarks.bench import SOURCE, Bench
from tests.benchmarks.data import typed
from tests.benchmarks.measure import alternately, profiled, seconds
from tests.benchmarks.result import Measured, Quantity, Result
from timeline import Assertion, Timeline

__all__ = ["processes", "threads"]

_THREADS: Final = 16
_PROCESSES: Final = 4
_SIZE: Final = 10_000
"""In a log of so many events, or of what the run has, if that is less."""
_PROCESS: Final = "tests.benchmarks.process"


def _log(bench: Bench, name: str) -> Path:
    """A log of its own, to append to."""
    path = bench.new(name)
    shutil.copy(bench.log(min(bench.events, _SIZE)), path)
    return path


def _fresh(bench: Bench) -> Iterator[Assertion]:
    """Events of the log again and again, under marks of their own."""
    some = list(typed(bench.data(min(bench.events, _SIZE)), "n < 500"))
    for number in itertools.count():
        for mark, event in some:
            yield Assertion(event, id=f"{mark}-again-{number}", known=event.occurred)


def threads(bench: Bench) -> Measured:
    """Appends of one event by sixteen threads, and by one, within one block."""
    fresh = _fresh(bench)
    each = max(1, bench.asks // 2)
    with Timeline.open(_log(bench, "threads")) as tl, ThreadPoolExecutor(_THREADS) as pool:

        def append(some: Sequence[Assertion]) -> None:
            for one in some:
                tl.append(one, source=SOURCE)

        def by_one() -> float:
            some = list(itertools.islice(fresh, each))
            return seconds(lambda: append(some)) / each

        def by_all() -> float:
            shares = [list(itertools.islice(fresh, each)) for _ in range(_THREADS)]
            return seconds(lambda: list(pool.map(append, shares))) / (each * _THREADS)

        append(list(itertools.islice(fresh, each)))
        many, one = alternately(bench.rounds, by_all, by_one)
        explained = profiled(lambda: append(list(itertools.islice(fresh, each))))
    ratio = one / many
    result = Result(
        row="threads",
        what=f"appends of one event by {_THREADS} threads inside a `with` block",
        against="the same by one thread",
        ours=str(Quantity(1 / many, "commits/s")),
        theirs=str(Quantity(1 / one, "commits/s")),
        ratio=ratio,
        target="≥ 3 (aim 4)",
        met=ratio >= 3,
        note="Each append is a commit of its own, with an id that is looked up.",
    )
    return Measured(result, lambda: explained)


def processes(bench: Bench) -> Measured:
    """Appends of one event by four processes, and by one, each call opening the file."""
    path, number = _log(bench, "processes"), itertools.count()
    waits: list[float] = []

    def together(several: int) -> float:
        """How long each append takes, all processes together."""
        marks = [f"p{next(number)}" for _ in range(several)]
        command = [sys.executable, "-m", _PROCESS, "append", str(path), str(bench.asks)]
        running = [
            subprocess.Popen([*command, mark], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for mark in marks
        ]
        for one in running:
            assert one.stdout is not None
            one.stdout.readline()
        for one in running:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        told = [json.loads(one.communicate()[0]) for one in running]
        assert not any(one.returncode for one in running)
        if several > 1:
            waits.extend(wait for one in told for wait in one["waits"])
        took = max(one["ended"] for one in told) - min(one["began"] for one in told)
        return float(took / (several * bench.asks))

    many, one = alternately(bench.rounds, partial(together, _PROCESSES), partial(together, 1))
    ratio = one / many
    median = statistics.median(waits)
    slow = sorted(waits)[int(len(waits) * 0.99)] / median
    result = Result(
        row="processes",
        what=f"appends of one event by {_PROCESSES} processes outside a `with` block",
        against="the same by one process",
        ours=str(Quantity(1 / many, "commits/s")),
        theirs=str(Quantity(1 / one, "commits/s")),
        ratio=ratio,
        target="≥ 0.5, p99 ≤ 20 × p50 (aim 0.7 and 10 ×)",
        met=ratio >= 0.5 and slow <= 20,
        note=f"Of the four, p50 is {Quantity(median, 's')}, p99 {slow:.1f} times as long.",
    )
    return Measured(result)
