"""`python -m tests.mutants [--only SUBJECT] [--sample N]`: put each mutant in, and see a test fail."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import attrs

from tests.mutants.mutant import Mutant, Sources, Unplaced, note, subjects
from tests.mutants.tree import Tests, Tree, sources

__all__ = ["main"]

_EVERY: Final = 25
"""After how many mutants it is told how far it is."""
_WITHIN: Final = 300
"""After how many seconds a mutant is taken for one that never comes to an end."""


@attrs.frozen
class Trial:
    """What mutants are tried with: the engine's text, its tests, and copies of the project."""

    sources: Sources
    tests: Tests
    trees: SimpleQueue[Tree]

    @classmethod
    def of(cls, folder: Path, workers: int) -> Trial:
        """With a copy for each of some workers, in a folder."""
        trees: SimpleQueue[Tree] = SimpleQueue()
        for _ in range(workers):
            trees.put(Tree.made(folder))
        return cls(sources(), Tests.found(), trees)

    @contextmanager
    def _tree(self) -> Iterator[Tree]:
        tree = self.trees.get()
        try:
            yield tree
        finally:
            self.trees.put(tree)

    def tried(self, mutant: Mutant, files: Sequence[str]) -> tuple[str, str]:
        """What became of a mutant, and by what."""
        try:
            path, text = mutant.placed(self.sources)
        except Unplaced as problem:
            return "gone", str(problem)
        with self._tree() as tree:
            with tree.mutated(path, text):
                if (by := tree.failing(self.tests.named(mutant.tests), within=_WITHIN)) is not None:
                    return "killed", by
                by = tree.failing([self.tests.file(one) for one in files])
            if by is None:
                return "survived", str(path)
            if "::" in by and tree.failing([by]) is not None:
                raise SystemExit(f"{by} fails without any mutant")
            return "killed by others", by

    def sound(self, mutants: Sequence[Mutant]) -> None:
        """See that the tests pass as long as there is no mutant."""
        names = [name for one in mutants for name in one.tests]
        with self._tree() as tree:
            if (by := tree.failing(self.tests.named(names))) is not None:
                raise SystemExit(f"{by} fails without any mutant")


def main(arguments: list[str]) -> None:
    """Try the mutants; ends with an error if one survives, or is not found."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", help="one subject alone")
    parser.add_argument("--sample", type=int, help="so many of all, evenly spread")
    parser.add_argument("--find", action="store_true", help="only see that each is found in the code")
    parser.add_argument("--note", action="store_true", help="list the other tests that noticed one")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many at a time")
    given = parser.parse_args(arguments)
    chosen = [
        (mutant, subject.files)
        for subject in subjects()
        if given.only in {None, subject.name}
        for mutant in subject.mutants
    ]
    count = min(given.sample or len(chosen), len(chosen))
    chosen = [chosen[number * len(chosen) // count] for number in range(count)]
    if given.find:
        _find([mutant for mutant, _ in chosen])
        return
    began = time.monotonic()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="timeline-mutants-") as folder:
        trial = Trial.of(Path(folder), given.workers)
        trial.sound([mutant for mutant, _ in chosen])
        with ThreadPoolExecutor(given.workers) as pool:
            for (mutant, _), (outcome, by) in zip(
                chosen, pool.map(lambda one: trial.tried(*one), chosen), strict=True
            ):
                outcomes[outcome] += 1
                if outcome == "killed by others" and given.note:
                    note(mutant, by)
                if outcome != "killed":
                    print(f"{mutant.id} {outcome}: {by}", flush=True)
                if outcomes.total() % _EVERY == 0:
                    print(f"{outcomes.total()} of {count} in {time.monotonic() - began:.0f} s", flush=True)
    told = ", ".join(f"{outcomes[one]} {one}" for one in ("killed", "killed by others", "survived", "gone"))
    print(f"{told}; {time.monotonic() - began:.0f} s")
    if outcomes["survived"] or outcomes["gone"]:
        raise SystemExit(1)


def _find(mutants: Sequence[Mutant]) -> None:
    """See that each mutant is found."""
    text, lost = sources(), 0
    for mutant in mutants:
        try:
            mutant.placed(text)
        except Unplaced as problem:
            lost += 1
            print(f"{mutant.id}: {problem}")
    print(f"{len(mutants) - lost} found, {lost} gone")
    if lost:
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
