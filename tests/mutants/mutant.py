"""A mutant: one change in the engine's code, found by the words around it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

import attrs

__all__ = ["LIST", "Mutant", "Sources", "Subject", "Unplaced", "note", "subjects"]

LIST: Final = Path(__file__).with_name("mutants.toml")
_CHANGE: Final = re.compile(r"\[-((?:(?!\[-).)*?)-\]\{\+(.*?)\+\}", re.DOTALL)

Sources = Mapping[Path, str]
"""The text of each file of the engine, by path."""


class Unplaced(Exception):
    """The words of a mutant are found nowhere, or in several places."""


@attrs.frozen(kw_only=True)
class Mutant:
    """What is changed, between what, and the tests by which it was noticed."""

    id: str
    before: str
    old: str
    new: str
    behind: str
    tests: tuple[str, ...]

    @classmethod
    def of(cls, entry: Mapping[str, str | Sequence[str]]) -> Self:
        """A mutant as the list has it: its change is written `before [-old-]{+new+} behind`."""
        change = str(entry["change"])
        (found,) = _CHANGE.finditer(change)
        old, new = found.groups()
        before, behind = change[: found.start()], change[found.end() :]
        return cls(
            id=str(entry["id"]),
            before=before,
            old=old,
            new=new,
            behind=behind,
            tests=tuple(entry["tests"]),
        )

    def placed(self, sources: Sources) -> tuple[Path, str]:
        """The file in which the words are found, however broken into lines, and its text with the change.

        Raises:
            Unplaced: if they are not found in exactly one place.
        """
        words = re.compile(f"{_loosely(self.before)}({_loosely(self.old)}){_loosely(self.behind)}")
        found = [(path, one) for path, text in sources.items() for one in words.finditer(text)]
        if len(found) != 1:
            raise Unplaced(f"found in {len(found)} places" if found else "gone")
        ((path, one),) = found
        return path, sources[path][: one.start(1)] + self.new + sources[path][one.end(1) :]


def _loosely(text: str) -> str:
    return r"\s+".join(map(re.escape, re.split(r"\s+", text)))


@attrs.frozen
class Subject:
    """A part of the engine: its mutants, and the files of tests that may notice what others let through."""

    name: str
    mutants: tuple[Mutant, ...]
    files: tuple[str, ...]


def subjects() -> list[Subject]:
    """All that the list has."""
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return [
        Subject(name, tuple(Mutant.of(one) for one in each["mutants"]), tuple(each["files"]))
        for name, each in listed.items()
    ]


def note(mutant: Mutant, test: str) -> None:
    """Write into the list that a mutant was noticed by a test."""
    entry = re.compile(rf'(^id = "{mutant.id}"\n.*?^tests = )\[.*?\]', re.DOTALL | re.MULTILINE)
    name = test.rpartition("::")[2]
    noted = entry.sub(lambda found: f'{found[1]}["{name}"]', LIST.read_text(encoding="utf-8"), count=1)
    LIST.write_text(noted, encoding="utf-8")
