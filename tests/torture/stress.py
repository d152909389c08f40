"""Many threads in many processes on one file, for a while: nothing is lost, doubled or out of place.

`python -m tests.torture.stress --seconds 60` runs it in full, and prints figures. Each thread appends,
corrects and reads in turn. An append names in its own data the condition that it is made under, so that the
log tells by itself, at the end, whether every condition held.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import attrs

from tests.ledger import CATALOGUE, CEOAppointment, Ledger, Noted, Organisation
from timeline import Commit, Condition, Moment, Record, Timeline
from timeline.errors import AlreadySuperseded, AppendConflict, LockedFile

__all__ = ["Figures", "check", "stress"]

SUBJECTS: Final = ("Ash", "Beech", "Cedar")
COMPANY: Final = "Grove"
PATIENCE: Final = 30.0
MODULE: Final = "tests.torture.stress"


def timeline(path: str) -> Timeline:
    """The timeline in a file, by the clock of the machine."""
    return Timeline.open(path, catalogue=CATALOGUE, lock_timeout=PATIENCE)


@attrs.define
class Worker:
    """One thread: what it was told by the timeline, and for how long it waited."""

    tl: Timeline
    name: str
    chance: random.Random
    acknowledged: list[tuple[str, int]] = attrs.field(factory=list)
    waits: dict[str, list[float]] = attrs.field(factory=lambda: collections.defaultdict(list))
    happened: collections.Counter[str] = attrs.field(factory=collections.Counter)
    faults: list[str] = attrs.field(factory=list)
    _numbers: Iterator[int] = attrs.field(factory=lambda: iter(range(10**9)))

    def work(self, until: float) -> None:
        """Do one thing after the other; each kind once, whatever the time."""
        things = (self.note, self.correct, self.claim, self.read)
        for one in things:
            self.do(one)
        while time.time() < until:
            self.do(self.chance.choice(things))

    def do(self, one: Callable[[], None]) -> None:
        """Do a thing, and note how long it took and how it came out."""
        began = time.perf_counter()
        try:
            one()
            self.happened[one.__name__] += 1
        except (AppendConflict, AlreadySuperseded):
            self.happened["conflict"] += 1
        except LockedFile:
            self.happened["locked out"] += 1
        self.waits[one.__name__].append(time.perf_counter() - began)

    def note(self) -> None:
        """Append to a subject, if nothing came to it since it was read, and say after which position."""
        subject = self.chance.choice(SUBJECTS)
        head = self.tl.as_of().basis.position
        event = Noted("2020", subject=subject, topic=self.name, text=f"after {head}")
        condition = Condition(types=Noted, entities=subject, after=head)
        self.said(lambda mark: self.tl.append(event, id=mark, unless=condition))

    def correct(self) -> None:
        """Correct what stands of a subject, under the same condition."""
        subject = self.chance.choice(SUBJECTS)
        moment = self.tl.as_of()
        standing = moment.of(Ledger, subject).because.get("notes", ())
        if not standing:
            return
        head = moment.basis.position
        event = Noted("2020", subject=subject, topic=self.name, text=f"after {head}")
        condition = Condition(types=Noted, entities=subject, after=head)
        target = self.chance.choice(standing)
        self.said(lambda mark: self.tl.correct(target, event, id=mark, unless=condition))

    def claim(self) -> None:
        """Take an office of a day, if nobody holds it then, by a function of the moment of writing."""
        day = f"2020-{self.chance.randint(1, 12):02}-{self.chance.randint(1, 28):02}"
        event = CEOAppointment(day, company=f"{COMPANY} {day}", person=self.name)

        def held(moment: Moment) -> object:
            return moment.as_of(day).of(Organisation, f"{COMPANY} {day}").ceo

        self.said(lambda mark: self.tl.append(event, id=mark, unless=held))

    def read(self) -> None:
        """Ask the same twice on one basis; the answer is the same, whatever is appended meanwhile."""
        moment = self.tl.as_of()
        subject = self.chance.choice(SUBJECTS)
        one = moment.of(Ledger, subject)
        again = self.tl.as_of(moment.basis.valid, position=moment.basis.position).of(Ledger, subject)
        if one.as_dict() != again.as_dict():
            self.faults.append(f"{moment} answered twice otherwise of {subject}: {one} / {again}")

    def said(self, say: Callable[[str], Commit]) -> None:
        """Say something under a mark of its own, again if what comes back gets lost; note what is told."""
        mark = f"{self.name}-{next(self._numbers)}"
        commit = say(mark)
        while self.chance.random() < 0.2:
            self.happened["acknowledgement lost"] += 1
            with suppress(LockedFile):
                commit = say(mark)
        record = (*commit.records, *commit.unchanged)[0]
        self.acknowledged.append((mark, record.position))


def work(path: str, process: int, threads: int, seconds: float, seed: int) -> dict[str, Any]:
    """The work of one process, on threads of its own; each waits call by call for the file."""
    tl = timeline(path)
    until = time.time() + seconds
    workers = [
        Worker(tl, f"p{process}t{number}", random.Random(f"{seed} {process} {number}"))
        for number in range(threads)
    ]
    followed: list[int] = []
    stop = threading.Event()
    with ThreadPoolExecutor(threads + 1) as pool:
        following = pool.submit(lambda: followed.extend(one.position for one in tl.follow(stop=stop)))
        for one in [pool.submit(worker.work, until) for worker in workers]:
            one.result()
        stop.set()
        following.result()
    happened: collections.Counter[str] = collections.Counter()
    waits: dict[str, list[float]] = collections.defaultdict(list)
    for worker in workers:
        happened += worker.happened
        for kind, taken in worker.waits.items():
            waits[kind] += taken
    return {
        "acknowledged": [pair for worker in workers for pair in worker.acknowledged],
        "faults": [fault for worker in workers for fault in worker.faults],
        "happened": happened,
        "least": min(sum(worker.happened[kind] for kind in waits) for worker in workers),
        "waits": waits,
        "followed": followed,
    }


@attrs.frozen(kw_only=True)
class Figures:
    """What came of it: the records, by kind what happened, and how long each thing took, in seconds."""

    records: int
    processes: Sequence[dict[str, Any]]

    def __str__(self) -> str:
        happened: collections.Counter[str] = collections.Counter()
        waits: dict[str, list[float]] = collections.defaultdict(list)
        for one in self.processes:
            happened.update(one["happened"])
            for kind, taken in one["waits"].items():
                waits[kind] += taken
        told = [f"{self.records} records", ", ".join(f"{n} {kind}" for kind, n in sorted(happened.items()))]
        for kind, taken in sorted(waits.items()):
            many = statistics.quantiles(taken, n=100) if len(taken) > 1 else taken * 99
            told.append(
                f"{kind}: median {many[49]:.3f} s, 99% within {many[98]:.3f} s, longest {max(taken):.3f} s"
            )
        shares = [sum(one["happened"].values()) for one in self.processes]
        told.append(
            f"done by each process: {shares}; least by any thread: {min(p['least'] for p in self.processes)}"
        )
        return "\n".join(told)


def stress(path: str, *, processes: int, threads: int, seconds: float, seed: int) -> Figures:
    """Work on a file that is not there yet, with all these threads; what came of it, once it is checked.

    Raises:
        AssertionError: if anything was lost, doubled or out of place.
    """
    tl = timeline(path)
    begun = [(f"first-{one}", tl.append(_first(one), id=f"first-{one}").head) for one in SUBJECTS]
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                MODULE,
                "--work",
                path,
                str(process),
                str(threads),
                str(seconds),
                str(seed),
            ],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        for process in range(processes)
    ]
    told = [one.communicate() for one in running]
    assert all(one.returncode == 0 for one in running), "a process failed"
    results = [json.loads(text) for text, _ in told]
    with tl:
        records = check(tl, begun, results)
    return Figures(records=records, processes=results)


def _first(subject: str) -> Noted:
    return Noted("2020", subject=subject, topic="first", text="after 0")


def check(tl: Timeline, begun: Sequence[tuple[str, int]], results: Sequence[dict[str, Any]]) -> int:
    """See that the log is what was acknowledged, and that every condition held; how many records it has."""
    records = list(tl.as_of().records())
    assert [record.position for record in records] == list(range(1, len(records) + 1)), "there are gaps"
    marks = [record.ref for record in records]
    assert len(set(marks)) == len(marks), "an append is there twice"
    stamps = [record.recorded_at for record in records]
    assert stamps == sorted(stamps), "recorded_at goes back"
    place = {record.ref: record.position for record in records}
    for one in results:
        assert one["faults"] == []
        for mark, position in one["acknowledged"]:
            assert place.get(mark) == position, (
                f"{mark} was acknowledged at {position} and is at {place.get(mark)}"
            )
        followed = one["followed"]
        assert followed == list(range(1, len(followed) + 1)), "a follower missed something or met it twice"
    acknowledged = {mark for mark, _ in (*begun, *(pair for one in results for pair in one["acknowledged"]))}
    assert acknowledged == set(marks), "something is there that was never acknowledged"
    _check_conditions(records)
    return len(records)


def _check_conditions(records: Sequence[Record]) -> None:
    """See that nothing came to a subject between a note and its basis, and that no office is held twice."""
    last: dict[str, int] = {}
    offices: set[str] = set()
    for record in records:
        event = record.event
        if isinstance(event, Noted):
            based = int((event.text or "").removeprefix("after "))
            assert last.get(event.subject, 0) <= based < record.position, (
                f"{record} was appended all the same"
            )
            last[event.subject] = record.position
        elif isinstance(event, CEOAppointment):
            assert event.company not in offices, f"{event.company} was given twice"
            offices.add(event.company)


def main() -> None:
    """Run it as the command line says."""
    if sys.argv[1:2] == ["--work"]:
        path, process, threads, seconds, seed = sys.argv[2:]
        print(json.dumps(work(path, int(process), int(threads), float(seconds), int(seed))))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        figures = stress(str(Path(folder) / "stress.duckdb"), **vars(given))
    print(figures)


if __name__ == "__main__":
    main()
