"""What is wrong in files of events, gathered so that all of it is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs

from timeline.values import BadWhen, FaultyFile, TimelineError, clipped, nearest

_MOST: Final = 1_000


@attrs.frozen
class EntryFault:
    """What is wrong in a file: where, in which field, and what would work.

    `undated` is the text that was to be a date, where that is what is wrong; `count` is how many it stands
    for, where that is more than itself.
    """

    path: str
    line: int
    field: str | None
    problem: str
    undated: str | None = None
    count: int = 1

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"file": self.path, "line": self.line, "field": self.field, "problem": self.problem}

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return clipped(": ".join(part for part in (where, self.field, self.problem) if part))


@attrs.define
class EntryFaults:
    """The faults of one file so far."""

    path: str
    _found: list[EntryFault] = attrs.field(factory=list, init=False)
    _more: list[int] = attrs.field(factory=list, init=False)

    def add(self, line: int, field: str | None, problem: object) -> None:
        """Note a fault; of very many, those behind the first thousand are counted only."""
        if self.full:
            self._more.append(line)
        else:
            undated = problem.text if type(problem) is BadWhen else None
            self._found.append(EntryFault(self.path, line, field, str(problem), undated))

    @property
    def full(self) -> bool:
        """Whether as many are noted as anybody reads."""
        return len(self._found) >= _MOST

    def told(self) -> tuple[EntryFault, ...]:
        """The faults, and how many there are beyond those."""
        if not self._more:
            return tuple(self._found)
        count = len(self._more)
        problem = f"and {count:,} more up to here"
        return (*self._found, EntryFault(self.path, max(self._more), None, problem, count=count))

    def nearest(self, name: str, names: Iterable[str]) -> str:
        """A hint at the name that may be meant, or nothing."""
        found = [] if self.full else nearest(name, names, 1)
        return f"; did you mean {found[0]}?" if found else ""

    @contextmanager
    def noted(self, line: int, field: str | None) -> Iterator[None]:
        """Note what goes wrong inside as a fault of a field."""
        try:
            yield
        except TimelineError as problem:
            self.add(line, field, problem)

    def __len__(self) -> int:
        return len(self._found) + len(self._more)


def at_fault(faults: Iterable[EntryFault]) -> FaultyFile:
    """The error for faults of files, with how many they are."""
    several = list(faults)
    return FaultyFile([str(one) for one in several], sum(one.count for one in several))
