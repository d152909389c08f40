"""`python -m tests.same [--histories N] [--values] [--show N]`: see that the engine answers as it did before.

The engine of an earlier commit and the one at hand are told the same and asked the same, and what they answer
is compared. What is meant to differ is listed in `listed.yaml`. Ends with an error if anything else does.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.metadata
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.same.compare import Comparison, Listed
from tests.same.environment import COMMIT, ROOT, Engine, at_hand, before
from tests.same.units import SCENARIOS, SEEDS

__all__ = ["main"]

CACHE: Final = ROOT / ".cache" / "same" / COMMIT
PROCESSES: Final = 2
_ASKING: Final = ("answer_old", "contents", "histories", "questions", "units", "vocabulary", "worker")


def main(arguments: list[str]) -> None:
    """Ask both, compare, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.same", description=__doc__)
    parser.add_argument("--histories", type=int, default=2000, help="how many random histories")
    parser.add_argument("--values", action="store_true", help="compare values alone, whatever the words")
    parser.add_argument("--show", type=int, default=10, help="how many answers that differ are shown")
    given = parser.parse_args(arguments)
    for path in SCENARIOS:
        if not path.exists():
            print(f"without the scenarios of {path.name}, which are not there", flush=True)
    comparison = Comparison(Listed.read(), values_only=given.values, shown=given.show)
    with TemporaryDirectory(prefix="timeline-same-") as folder:
        old = _kept(given.histories)
        new = _answered(at_hand(), given.histories, Path(folder))
        for one, other in zip(_shares(old), _shares(new), strict=True):
            comparison.add_all(_lines(one), _lines(other))
    print(*comparison.first, comparison, sep="\n")
    if comparison.differing:
        raise SystemExit(1)


def _kept(histories: int) -> Path:
    """What the engine of before answers; it is asked once, as long as the questions are the same."""
    folder = CACHE / _fingerprint(histories)
    if not folder.exists():
        engine = before(CACHE)
        with TemporaryDirectory(dir=CACHE) as making:
            Path(making, "answers").mkdir()
            _answered(engine, histories, Path(making, "answers")).rename(folder)
    return folder


def _fingerprint(histories: int) -> str:
    """What the answers of before depend on, in short."""
    read = [Path(__file__).with_name(f"{name}.py") for name in _ASKING] + [*SEEDS, *SCENARIOS]
    found = hashlib.sha256(
        f"{COMMIT} {histories} {platform.python_version()} {importlib.metadata.version('duckdb')}".encode()
    )
    for path in read:
        found.update(path.read_bytes() if path.exists() else b"")
    return found.hexdigest()[:16]


def _answered(engine: Engine, histories: int, folder: Path) -> Path:
    """What an engine answers, in a folder with a file for each share."""
    began, used = time.monotonic(), _used()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "TIMELINE"))
    }
    asking = [
        subprocess.Popen(
            [
                *(str(engine.python), "-P", "-m", "tests.same.worker", "--adapter", engine.adapter),
                *("--engine", str(engine.folder), "--histories", str(histories), "--to", str(path)),
                *("--share", str(share), str(PROCESSES)),
            ],
            cwd=engine.folder,
            env=kept,
        )
        for share, path in enumerate(_shares(folder))
    ]
    ended = [one.wait() for one in asking]
    if any(ended):
        raise SystemExit(
            f"the engine in {engine.folder} could not be asked: its processes ended with {ended}"
        )
    spent = f"{time.monotonic() - began:.0f} s, {_used() - used:.0f} s of them computing"
    print(f"asked the engine in {os.path.relpath(engine.folder)}: {spent}", flush=True)
    return folder


def _shares(folder: Path) -> list[Path]:
    return [folder / f"{share}.jsonl.gz" for share in range(PROCESSES)]


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from file


if __name__ == "__main__":
    main(sys.argv[1:])
