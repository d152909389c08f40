"""What differs between the answers of two engines, and which of it is meant to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, Self

import yaml
from attrs import Factory, define, field, frozen

from tests.same.histories import Json

__all__ = ["Comparison", "Difference", "Listed", "differences"]

LISTED: Final = Path(__file__).with_name("listed.yaml")
WORDS: Final = frozenset({"words", "summary", "message"})
"""The keys under which an answer has texts for people; what they say is compared apart from values."""
_NOTHING: Final = "(nothing)"


@frozen
class Difference:
    """One value that is another now: where in the answer, what it was and what it is."""

    path: str
    old: Any
    new: Any

    @property
    def worded(self) -> bool:
        """Whether it is a text for people."""
        return not WORDS.isdisjoint(self.path.split("."))

    def __str__(self) -> str:
        return f"    {self.path}\n      old {_short(self.old)}\n      new {_short(self.new)}"


def differences(old: Any, new: Any, path: str = "") -> Iterator[Difference]:
    """Where two answers differ, each place at which they do."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        pairs = [(key, old.get(key, _NOTHING), new.get(key, _NOTHING)) for key in {**old, **new}]
    elif isinstance(old, list) and isinstance(new, list):
        pairs = [(str(place), *both) for place, both in enumerate(zip_longest(old, new, fillvalue=_NOTHING))]
    else:
        if old != new or isinstance(old, bool) != isinstance(new, bool):
            yield Difference(path, old, new)
        return
    for key, one, other in pairs:
        yield from differences(one, other, f"{path}.{key}" if path else key)


@frozen
class Listed:
    """What is meant to differ, as written by hand: single differences, and words that became others."""

    differences: Sequence[Mapping[str, str]] = ()
    rewordings: Sequence[Mapping[str, str]] = ()

    @classmethod
    def read(cls, path: Path = LISTED) -> Self:
        """The list of a file, each entry of which has to say why."""
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        listed = cls(found["differences"], found["rewordings"])
        for entry in (*listed.differences, *listed.rewordings):
            if not entry.get("reason"):
                raise SystemExit(f"{path.name}: {entry} has no reason")
        return listed

    def has(self, question: Json, one: Difference) -> bool:
        """Whether a difference is meant."""
        if one.worded and isinstance(one.old, str) and self.reworded(one.old) == one.new:
            return True
        return any(_fits(entry, question, one) for entry in self.differences)

    def reworded(self, text: str) -> str:
        """A text of before in the words of today."""
        for entry in self.rewordings:
            text = re.sub(entry["was"], entry["now"], text)
        return text


def _fits(entry: Mapping[str, str], question: Json, one: Difference) -> bool:
    """Whether an entry speaks of a difference: by what is asked, the place, and the values if it has them."""
    return (
        entry.get("ask", question["ask"]) == question["ask"]
        and fnmatchcase(json.dumps(question, sort_keys=True), entry.get("asked", "*"))
        and fnmatchcase(one.path, entry["path"])
        and ("old" not in entry or fnmatchcase(_text(one.old), str(entry["old"])))
        and ("new" not in entry or fnmatchcase(_text(one.new), str(entry["new"])))
    )


@define
class Comparison:
    """The answers of two engines side by side, counted, with the first that differ."""

    listed: Listed
    values_only: bool
    shown: int
    compared: int = 0
    equal: int = 0
    as_listed: int = 0
    differing: int = 0
    first: list[str] = field(default=Factory(list))

    def add_all(self, old: Iterable[str], new: Iterable[str]) -> None:
        """Compare two runs of lines, which answer the same questions in the same order."""
        for one, other in zip(old, new, strict=True):
            self.add(one, other)

    def add(self, old: str, new: str) -> None:
        """Compare two lines."""
        self.compared += 1
        if old == new:
            self.equal += 1
            return
        before, after = json.loads(old), json.loads(new)
        asked = {"unit": before["unit"], "question": before["question"]}
        if asked != {"unit": after["unit"], "question": after["question"]}:
            raise SystemExit(f"the two engines were not asked the same: {_short(asked)}")
        found = list(differences(before["answer"], after["answer"]))
        if self.values_only:
            found = [one for one in found if not one.worded]
        unlisted = [one for one in found if not self.listed.has(asked["question"], one)]
        if not found:
            self.equal += 1
        elif not unlisted:
            self.as_listed += 1
        else:
            self.differing += 1
            if self.differing <= self.shown:
                self.first.append(_told(asked, unlisted))

    def __str__(self) -> str:
        return (
            f"{self.compared:,} answers compared: {self.equal:,} equal, {self.as_listed:,} differ as listed, "
            f"{self.differing:,} differ"
        )


def _told(asked: Json, found: Sequence[Difference]) -> str:
    question = json.dumps(asked["question"], ensure_ascii=False)
    more = [f"    and {len(found) - 3} more"] if len(found) > 3 else []
    return "\n".join([f"  {asked['unit']}: {question}", *map(str, found[:3]), *more])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"
