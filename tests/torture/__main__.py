"""`python -m tests.torture [--kills N] [--seed N]`: kill what writes, press on it, break it; with figures."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.torture import inputs
from tests.torture.faults import FAULTS, Skipped, tried
from tests.torture.kills import kill_again_and_again
from tests.torture.stress import stress

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Try everything, and print what came of it; ends with an error at the first promise that is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many processes are killed")
    parser.add_argument("--minutes", type=float, default=15, help="how long at most, for the kills")
    parser.add_argument(
        "--stress", type=float, default=60, help="how many seconds threads and processes press"
    )
    parser.add_argument("--seed", type=int, help="what chance begins with; else another each time")
    given = parser.parse_args(arguments)
    seed = random.SystemRandom().getrandbits(32) if given.seed is None else given.seed
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="timeline-torture-") as folder:
        Path(folder).chmod(0o755)
        print(f"seed {seed}", flush=True)
        kills = kill_again_and_again(Path(folder), given.kills, seed, given.minutes)
        print(kills, flush=True)
        if kills.kills < given.kills:
            print(
                f"after {given.minutes:g} minutes there was no time for the other {given.kills - kills.kills}"
            )
        pressed = stress(
            str(Path(folder, "stress.duckdb")), processes=4, threads=8, seconds=given.stress, seed=seed
        )
        print(f"4 processes of 8 threads for {given.stress:g} s:\n{pressed}", flush=True)
        print(inputs.tried(Path(folder)), flush=True)
        outcomes = [tried(Path(folder), fault) for fault in FAULTS]
    for fault, outcome in zip(FAULTS, outcomes, strict=True):
        name = fault.__name__.replace("_", " ")
        print(f"skipped: {name}: {outcome}" if isinstance(outcome, Skipped) else str(outcome))
    skipped = sum(isinstance(outcome, Skipped) for outcome in outcomes)
    print(f"{len(FAULTS) - skipped} faults tried, {skipped} skipped; {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
