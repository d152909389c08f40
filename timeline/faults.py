"""What is wrong in files of events, gathered so that all of it is told at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import attrs

from timeline.errors import TimelineError

__all__ = ["Fault", "Faults", "nearest"]


@attrs.frozen
class Fault:
    """What is wrong in a file: where, in which field, and what would work."""

    path: str
    line: int
    field: str | None
    problem: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return ": ".join(part for part in (where, self.field, self.problem) if part)


@attrs.define
class Faults:
    """The faults of one file so far."""

    path: str
    found: list[Fault] = attrs.field(factory=list)

    def add(self, line: int, field: str | None, problem: object) -> None:
        """Note a fault."""
        self.found.append(Fault(self.path, line, field, str(problem)))

    @contextmanager
    def noted(self, line: int, field: str | None) -> Iterator[None]:
        """Note what goes wrong inside as a fault of a field."""
        try:
            yield
        except TimelineError as problem:
            self.add(line, field, problem)

    def __len__(self) -> int:
        return len(self.found)


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the name that may be meant, or nothing."""
    found = difflib.get_close_matches(name, list(names), 1)
    return f"; did you mean {found[0]}?" if found else ""
