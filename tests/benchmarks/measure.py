"""Measuring: ours and the other side by turns, medians of several rounds, peaks of memory, profiles."""

from __future__ import annotations

import cProfile
import io
import json
import math
import os
import pstats
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, TypeVar

import duckdb

__all__ = [
    "alternately",
    "explained",
    "exponent",
    "import_times",
    "median_time",
    "peak_memory",
    "profiled",
    "seconds",
    "started",
]

T = TypeVar("T")

_LINES: Final = 25
_PEAK: Final = """
import re, runpy, sys
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
print("peak", re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def seconds(run: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def alternately(rounds: int, *sides: Callable[[], float]) -> list[float]:
    """The median of what each side says it took, asked by turns so that a busy machine is busy for all."""
    taken: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for side, found in zip(sides, taken, strict=True):
            found.append(side())
    return [statistics.median(found) for found in taken]


def median_time(run: Callable[[T], object], things: Iterable[T]) -> float:
    """The median time of calls with one thing each, in seconds."""
    return statistics.median(seconds(partial(run, thing)) for thing in things)


def started(*arguments: str) -> float:
    """How many seconds this Python takes from start to end, given these arguments.

    What it imports is compiled before, as that of an installed package is.
    """
    command = [sys.executable, *arguments]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    _started(command, env)
    return seconds(lambda: _started(command, env))


def _started(command: list[str], env: dict[str, str]) -> None:
    subprocess.run(command, check=True, capture_output=True, env=env)


def peak_memory(module: str, *arguments: str) -> float:
    """The most memory that a module, run as a process of its own, ever held, in bytes."""
    command = [sys.executable, "-c", _PEAK, module, *arguments]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(told.stdout.split()[-1]) * 1024


def exponent(sizes: Sequence[float], figures: Sequence[float]) -> float:
    """The p of `figure ~ size ** p`, by least squares over logarithms."""
    xs, ys = [math.log(size) for size in sizes], [math.log(figure) for figure in figures]
    return statistics.linear_regression(xs, ys).slope


def profiled(run: Callable[[], object]) -> str:
    """Where the time of a call goes: the functions that took most of it themselves."""
    profile, told = cProfile.Profile(), io.StringIO()
    profile.runcall(run)
    pstats.Stats(profile, stream=told).strip_dirs().sort_stats("tottime").print_stats(_LINES)
    return "\n".join(line for line in told.getvalue().splitlines() if line.strip())


def import_times(*arguments: str) -> str:
    """The modules that take longest to import by themselves, in microseconds."""
    command = [sys.executable, "-X", "importtime", *arguments]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    lines = [line for line in told.splitlines() if line.startswith("import time:") and "[us]" not in line]
    lines.sort(key=lambda line: -int(line.split(":")[1].split("|")[0]))
    return "\n".join(lines[:_LINES])


def explained(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The operators of a query that took longest, in seconds, with the rows they gave."""
    told = connection.execute(f"EXPLAIN (ANALYZE, FORMAT json) {query}").fetchall()[0][1]
    found: list[tuple[float, str]] = []
    steps = list(json.loads(told)["operator"])
    while steps:
        step = steps.pop()
        steps += step.get("children", [])
        detail = " ".join(map(str, step["extra_info"].values())).replace("\n", " ")[:90]
        found.append((step["timing"], f"{step['intermediate_rows']:>10} {step['type']} {detail}"))
    found.sort(reverse=True)
    return "\n".join(f"{taken:8.3f} {line}" for taken, line in found[:_LINES])
