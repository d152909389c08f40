"""Rows about starting."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.benchmarks.bench import Bench
from tests.benchmarks.measure import alternately, import_times, started
from tests.benchmarks.result import Measured, Quantity, Result

__all__ = ["asked_once", "help_page", "imports"]

_DEPENDENCIES: Final = "import attrs, cattrs, cattrs.preconf.msgspec, duckdb, msgspec"
_ENGINE: Final = "from timeline import Timeline"
_EXTRA: Final = 0.05
_HELP: Final = 0.3
_ONCE: Final = 0.7
_SEEDS: Final = Path(__file__).parents[2] / "seeds"


def imports(bench: Bench) -> Measured:
    """The import of the engine, and of what it needs alone."""
    ours, theirs = alternately(
        bench.rounds, lambda: started("-c", _ENGINE), lambda: started("-c", _DEPENDENCIES)
    )
    result = Result(
        row="start",
        what=f"`{_ENGINE}`",
        against="importing its dependencies alone",
        ours=str(Quantity(ours, "s")),
        theirs=str(Quantity(theirs, "s")),
        ratio=ours / theirs,
        target="within 50 ms",
        met=ours - theirs <= _EXTRA,
        note="Each a Python process from start to end.",
    )
    return Measured(result, lambda: import_times("-c", _ENGINE))


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


def asked_once(bench: Bench) -> Measured:
    """`timeline as-of` over the seeds: import, open, answer, print."""
    path = bench.folder / "seeds.duckdb"
    if not path.exists():
        started("-m", "timeline.cli", "load", str(_SEEDS), "--db", str(path))
    question = ("-m", "timeline.cli", "as-of", "2023-11-18", "microsoft", "openai", "--db", str(path))
    ours, bare = alternately(
        bench.rounds,
        lambda: started(*question),
        lambda: started("-c", "pass"),
    )
    result = Result(
        row="ask-once",
        what="`timeline as-of` over the seeds",
        against="a Python that does nothing",
        ours=str(Quantity(ours, "s")),
        theirs=str(Quantity(bare, "s")),
        ratio=ours / bare,
        target="≤ 700 ms",
        met=ours <= _ONCE,
    )
    return Measured(result, lambda: import_times(*question))
