"""What a row of the benchmark comes to, and the page that holds all of them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final

import attrs

__all__ = ["Measured", "Quantity", "Result", "machine", "page", "read", "write"]

_MACHINE: Final = Path("/proc/cpuinfo")
_PACKAGES: Final = ("timeline", "duckdb", "eventsourcing", "msgspec", "attrs", "cattrs")
_SMALL: Final = 10


@attrs.frozen
class Quantity:
    """A figure with its unit: seconds, bytes, or so many a second.

    >>> print(Quantity(0.0123, "s"), Quantity(21_537, "events/s"), Quantity(1.5e9, "B"))
    12.3 ms 21,500 events/s 1.50 GB
    """

    value: float
    unit: str

    def __str__(self) -> str:
        if self.unit == "s" and self.value < 1:
            return f"{_rounded(self.value * 1000)} ms"
        if self.unit == "B":
            return f"{self.value / 1e9:.2f} GB" if self.value >= 1e9 else f"{_rounded(self.value / 1e6)} MB"
        return f"{_rounded(self.value)} {self.unit}"


def _rounded(value: float) -> str:
    """Three digits, as far as they are before the point."""
    if value >= 100:
        digits = 10 ** (len(str(int(value))) - 3)
        return f"{round(value / digits) * digits:,}"
    return f"{value:.3g}"


@attrs.frozen(kw_only=True)
class Result:
    """One row: our figure, what it is measured against in the same run, the target, and whether it is met.

    `ratio` is said as the target says it; `met` is None where there is nothing to reach. `note` says how it
    was measured, or why there is no figure.
    """

    row: str
    what: str
    against: str
    ours: str
    theirs: str
    ratio: float | None
    target: str
    met: bool | None
    note: str = ""


@attrs.frozen
class Measured:
    """A result, and how to find out where the time of our side goes."""

    result: Result
    explain: Callable[[], str] | None = None


def machine(events: int) -> dict[str, str]:
    """What the figures depend on besides the code."""
    text = _MACHINE.read_text() if _MACHINE.exists() else ""
    models = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return {
        "processor": f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores",
        "date": date.today().isoformat(),  # noqa: DTZ011  (the day on which a person ran it)
        "Python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
        "events": f"{events:,}",
    }


def write(path: Path, results: Iterable[Result]) -> None:
    """Keep results, by row, beside those of other rows measured earlier."""
    kept = read(path) | {one.row: one for one in results}
    path.write_text(json.dumps([attrs.asdict(one) for one in kept.values()], indent=1))


def read(path: Path) -> dict[str, Result]:
    """The results kept, by row."""
    found = json.loads(path.read_text()) if path.exists() else []
    return {one["row"]: Result(**one) for one in found}


def page(results: Mapping[str, Result], facts: Mapping[str, str], about: str) -> str:
    """The page of the reference, in Markdown."""
    head = ["row", "against", "ours", "the other", "ratio", "to reach", "met"]
    lines = ["# Benchmarks", "", "<!-- Written by `make bench`. -->", "", about, ""]
    lines += [*(f"- {name}: {value}" for name, value in facts.items()), ""]
    lines += [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for one in results.values():
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        met = {None: "", True: "yes", False: "no"}[one.met]
        lines.append(
            f"| {one.what} | {one.against} | {one.ours} | {one.theirs} | {ratio} | {one.target} | {met} |"
        )
    notes = [f"- {one.what}: {one.note}" for one in results.values() if one.note]
    return "\n".join([*lines, "", *notes, ""])
