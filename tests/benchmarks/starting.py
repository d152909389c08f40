"""The row about starting."""

from __future__ import annotations

from typing import Final

from tests.benchmarks.bench import Bench
from tests.benchmarks.measure import alternately, import_times, started
from tests.benchmarks.result import Measured, Quantity, Result

__all__ = ["help_page", "imports"]

_DEPENDENCIES: Final = "import attrs, cattrs, cattrs.preconf.msgspec, duckdb, msgspec, pendulum"
_EXTRA: Final = 0.05
_HELP: Final = 0.3


def imports(bench: Bench) -> Measured:
    """`import timeline`, and the import of what it needs alone."""
    ours, theirs = alternately(
        bench.rounds, lambda: started("-c", "import timeline"), lambda: started("-c", _DEPENDENCIES)
    )
    result = Result(
        row="start",
        what="`import timeline`",
        against="importing its dependencies alone",
        ours=str(Quantity(ours, "s")),
        theirs=str(Quantity(theirs, "s")),
        ratio=ours / theirs,
        target="within 50 ms",
        met=ours - theirs <= _EXTRA,
        note="Each a Python process from start to end.",
    )
    return Measured(result, lambda: import_times("-c", "import timeline"))


def help_page(bench: Bench) -> Measured:
    """`timeline --help`."""
    ours, bare = alternately(
        bench.rounds,
        lambda: started("-m", "timeline.cli", "--help"),
        lambda: started("-c", "pass"),
    )
    result = Result(
        row="help",
        what="`timeline --help`",
        against="a Python that does nothing",
        ours=str(Quantity(ours, "s")),
        theirs=str(Quantity(bare, "s")),
        ratio=ours / bare,
        target="≤ 300 ms",
        met=ours <= _HELP,
    )
    return Measured(result, lambda: import_times("-m", "timeline.cli", "--help"))
