"""`python -m tests.benchmarks [rows…] [--events N] [--folder PATH] [--rounds N] [--profile]`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from tests.benchmarks import (
    asking,
    checking,
    columns,
    finding,
    following,
    growing,
    questions,
    sharing,
    starting,
    supposing,
    verifying,
    writing,
)
from tests.benchmarks.bench import Bench
from tests.benchmarks.result import Measured, Result, machine, page, read, write

__all__ = ["ROWS", "main", "measured"]

ROWS: Final[Mapping[str, Callable[[Bench], Measured | None]]] = {
    "append": writing.append_to_peer,
    "append-arrow": writing.append_to_arrow,
    "import": writing.import_table,
    "single": writing.single,
    "threads": sharing.threads,
    "processes": sharing.processes,
    "by-id": finding.by_id,
    "one": asking.one_pair,
    "one-macro": asking.one_pair_by_macro,
    "moved": asking.moved,
    "history": following.history,
    "all": asking.all_pairs,
    "floor": asking.floor,
    **columns.ROWS,
    "one-slots": columns.one_by_slots,
    "corrected": asking.corrected,
    "explain": questions.explained,
    "diff": questions.differing,
    "check": checking.check,
    "verify": verifying.verify,
    "replay": asking.replayed,
    "what-if": supposing.what_if,
    "memory-replay": growing.memory_of_replay,
    "memory-load": growing.memory_of_load,
    "memory-import": growing.memory_of_import,
    "growth": growing.growth,
    "start": starting.imports,
    "help": starting.help_page,
    "ask-once": starting.asked_once,
}
_REFERENCE: Final = Path(__file__).parents[2] / "docs" / "reference"
_ABOUT: Final = """\
How fast it is and how much memory it takes, each row beside a floor or a peer measured in the same run, by turns.
Figures are medians; ratios are said as the target says them.
The log is drawn from the vocabulary: 30 % funding rounds, 15 % exclusivities, 15 % meetings, 10 % remarks, \
10 % offices, 8 % chief executives, 7 % disputes, 5 % stakes.
Its events fall on some entities far more often than on others, on a tenth as many pairs as there are events.
10 % of the dates are years, months or `[a..b]`; 1 % of the events are corrected or retracted.
`python -m tests.benchmarks --help` tells how to measure single rows, or a smaller log.

![How loading, the file and answers grow with the log](growth.svg)"""  # noqa: E501


def measured(names: Iterable[str], bench: Bench, *, profile: bool) -> list[Result]:
    """The results of some rows, each printed as soon as it is there; with where the time goes, if missed."""
    found = []
    for name in names:
        measurement = ROWS[name](bench)
        if measurement is None:
            print(f"{name}: cannot be measured yet")
            continue
        one = measurement.result
        found.append(one)
        ratio = "" if one.ratio is None else f"ratio {one.ratio:.2f}, "
        verdict = {None: "", True: " met", False: " NOT MET"}[one.met]
        print(f"{name}: {one.ours} | {one.theirs} | {ratio}to reach {one.target}{verdict}", flush=True)
        if one.note:
            print(f"    {one.note}")
        if profile and one.met is not True and measurement.explain is not None:
            print(measurement.explain(), flush=True)
    return found


def main(arguments: list[str]) -> None:
    """Measure, print, and write the page of the reference where every row is there."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[[], *ROWS], help="all of them, if none is named")
    parser.add_argument("--events", type=int, default=10_000_000, help="how large the log is")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured")
    parser.add_argument("--asks", type=int, default=30, help="how many questions or commits a round takes")
    parser.add_argument("--folder", type=Path, help="where data and results stay; else they go")
    parser.add_argument("--profile", action="store_true", help="print where the time of missed rows goes")
    given = parser.parse_args(arguments)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="timeline-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        bench = Bench(folder, given.events, given.rounds, given.asks)
        kept = folder / f"results-{given.events}.json"
        write(kept, measured(given.rows or ROWS, bench, profile=given.profile))
        _publish(read(kept), bench)
    finally:
        if given.folder is None:
            shutil.rmtree(folder)


def _publish(results: Mapping[str, Result], bench: Bench) -> None:
    """Write the page of the reference, if every row has been measured."""
    missing = [name for name in ROWS if name not in results]
    if missing:
        print(f"the page is not written: no {', '.join(missing)}")
        return
    ordered = {name: results[name] for name in ROWS}
    (_REFERENCE / "benchmarks.md").write_text(page(ordered, machine(bench.events), _ABOUT))
    shutil.copy(bench.folder / "growth.svg", _REFERENCE / "growth.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
