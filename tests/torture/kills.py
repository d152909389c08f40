"""Killing a process that writes, at random, and looking at what is left."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import attrs

from tests.ledger import CATALOGUE
from tests.torture.child import OPERATIONS, work
from timeline import Timeline

__all__ = ["Killed", "Kills", "kill_again_and_again", "killed_once"]

_PATIENCE: Final = 120.0
_TOGETHER: Final = 10
"""So many kills fall on one file, which grows meanwhile."""


@attrs.frozen
class Killed:
    """What one process did before it was killed: what it was in the middle of, and what it acknowledged.

    `begun` is the operation with the number of records that it was to add, None if it was between two.
    """

    begun: tuple[str, int] | None
    heads: tuple[str, ...]


@attrs.define
class Kills:
    """What came of many kills."""

    kills: int = 0
    acknowledged: int = 0
    found: int = 0
    completed: int = 0
    slowest: float = 0.0
    amid: Counter[str] = attrs.field(factory=Counter)

    def __str__(self) -> str:
        amid = ", ".join(f"{number} amid {name}" for name, number in sorted(self.amid.items()))
        return (
            f"{self.kills} kills survived ({amid})\n"
            f"{self.acknowledged:,} writes acknowledged, {self.found:,} found; "
            f"{self.completed} more were whole without being acknowledged, none in part\n"
            f"slowest opening after a kill {self.slowest:.2f} s"
        )


def killed_once(path: Path, chance: random.Random, amid: str | None) -> Killed:
    """Let a process write to a file and kill it: amid an operation of that name, or whenever it may be."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torture.child"])
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(str(path), chance.getrandbits(32), theirs), daemon=True)
    process.start()
    theirs.close()
    begun: tuple[str, int] | None = None
    heads: list[str] = []
    deadline = time.monotonic() + (chance.uniform(0, 1.5) if amid is None else _PATIENCE)
    while ours.poll(max(0.0, deadline - time.monotonic())):
        begun = _noted(ours, heads)
        if amid is not None and begun is not None and begun[0] == amid:
            time.sleep(chance.choice([0, 0.001, 0.01, 0.1, 0.3]) * chance.random())
            break
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    while True:  # what it had said before it died is still in the pipe
        try:
            begun = _noted(ours, heads)
        except EOFError:
            break
    assert process.exitcode == -signal.SIGKILL, f"it ended by itself: {process.exitcode}"
    return Killed(begun, tuple(heads))


def _noted(pipe: Connection, heads: list[str]) -> tuple[str, int] | None:
    """Read one message: what has begun, or None where something was acknowledged."""
    said: tuple[Any, ...] = pipe.recv()
    if said[0] == "begin":
        return said[1], said[2]
    heads.append(said[2])
    return None


def examined(path: Path, before: str, killed: Killed, into: Kills) -> str:
    """See that a file is as it should be after a kill; gives its head.

    It opens, every head that was acknowledged is there, behind the last of them is nothing, or the whole of
    what had begun, and all of it verifies: digests, positions, and what is derived.
    """
    start = time.perf_counter()
    with Timeline.open(path, catalogue=CATALOGUE) as tl:
        into.slowest = max(into.slowest, time.perf_counter() - start)
        ends = dict(tl.sql("SELECT last_position, digest FROM commits").rows)
        for head in killed.heads:
            position, _, digest = head.partition(":")
            assert position == "0" or ends.get(int(position)) == digest, (
                f"{head} was acknowledged and is lost"
            )
            into.found += 1
        last = int((killed.heads[-1] if killed.heads else before).partition(":")[0])
        now = tl.head()
        more = now.position - last
        whole = 0 if killed.begun is None else killed.begun[1]
        assert more in {0, whole}, f"{more} records are there of {killed.begun}"
        into.completed += more > 0
        report = tl.verify(killed.heads[-1] if killed.heads else before)
        assert report.ok, str(report)
        assert report.records == now.position
    into.kills += 1
    into.acknowledged += len(killed.heads)
    into.amid[killed.begun[0] if killed.begun else "nothing"] += 1
    return str(now)


def kill_again_and_again(folder: Path, number: int, seed: int, minutes: float) -> Kills:
    """Kill so many processes, or as many as there is time for, and look at the file after each."""
    deadline = time.monotonic() + minutes * 60
    chance, kills = random.Random(seed), Kills()
    for index in range(number):
        if time.monotonic() > deadline:
            break
        path = folder / f"killed-{index // _TOGETHER}.duckdb"
        if index % _TOGETHER == 0:
            for old in folder.glob("killed-*"):
                old.unlink()
            Timeline.open(path, catalogue=CATALOGUE)
            head = "0:" + "0" * 64
        amid = chance.choice([None, *OPERATIONS])
        head = examined(path, head, killed_once(path, chance, amid), kills)
    return kills
