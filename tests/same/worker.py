"""`python -m tests.same.worker`: what one engine answers to a share of all questions, as lines of JSON.

Each line is what was asked and what came of it; the driver reads the answers of two engines side by side.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import attrs

import events
import timeline
from tests.same.histories import Json
from tests.same.units import Unit, units

__all__ = ["main", "told"]

SALTED: Final = frozenset({"digest", "salt", "head"})
"""What no two logs have alike, as each record has a salt of its own."""

_DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b")


def main(arguments: list[str]) -> None:
    """Answer every question of a share, and write the answers to a file."""
    parser = argparse.ArgumentParser(prog="python -m tests.same.worker", description=__doc__)
    parser.add_argument("--adapter", required=True, help="the module that knows how this engine is asked")
    parser.add_argument("--engine", type=Path, required=True, help="the folder that the engine must be in")
    parser.add_argument("--histories", type=int, required=True, help="how many random histories there are")
    parser.add_argument("--share", type=int, nargs=2, required=True, help="which share, of how many")
    parser.add_argument("--to", type=Path, required=True, help="the file of answers, compressed")
    given = parser.parse_args(arguments)
    for package in (timeline, events):
        if not Path(str(package.__file__)).is_relative_to(given.engine):
            raise SystemExit(f"what is asked is {package.__file__}, and not what is in {given.engine}")
    adapter = importlib.import_module(given.adapter)
    share, of = given.share
    with gzip.open(given.to, "wt", encoding="utf-8", compresslevel=1) as file:
        for number, unit in enumerate(units(given.histories)):
            if number // 2 % of == share:  # two, as the vocabularies take turns
                for line in _answers(adapter, unit):
                    file.write(line + "\n")


def _answers(adapter: Any, unit: Unit) -> Iterator[str]:
    now = datetime.fromisoformat(unit.commits[0]["at"])
    with adapter.opened(unit.vocabulary, lambda: now) as log:
        for commit in unit.commits:
            now = datetime.fromisoformat(commit["at"])
            marks = [one.get("id") for one in commit.get("say", ())]
            yield _line(unit, {"ask": "append", "say": marks}, told(lambda: adapter.say(log, commit)))  # noqa: B023
        for question in unit.questions:
            yield _line(unit, question, _asked(adapter, log, question))


def _asked(adapter: Any, log: Any, question: Json) -> Json:
    if question["ask"] != "what_if":
        return told(lambda: adapter.ASKED[question["ask"]](log, question))

    def supposed() -> Any:
        with adapter.supposing(log, question) as world:
            return [_asked(adapter, world, one) for one in question["then"]]

    return told(supposed)


def _line(unit: Unit, question: Json, answer: Json) -> str:
    line = {"unit": unit.name, "question": question, "answer": answer}
    return json.dumps(line, ensure_ascii=False, sort_keys=True)


def told(answer: Any) -> Json:
    """What came of a question: values and words, or how it was refused."""
    try:
        found = answer()
    except Exception as error:  # noqa: BLE001  (that one engine fails where the other does not is the finding)
        return {"refused": type(error).__name__, "words": _unsalted(str(error))}
    several = found if isinstance(found, list | tuple) else [found]
    return {"values": plain(found), "words": [_unsalted(str(one)) for one in several if _speaks(one)]}


def _unsalted(text: str) -> str:
    return _DIGEST.sub("(digest)", text)


def _speaks(one: Any) -> bool:
    """Whether an answer has words of its own."""
    return not isinstance(one, Mapping) and any("__str__" in vars(kind) for kind in type(one).__mro__[:-1])


def plain(value: Any) -> Any:
    """An answer as JSON has it."""
    if hasattr(value, "as_dicts"):
        return sorted(
            (plain(row) for row in value.as_dicts()), key=lambda row: json.dumps(row, sort_keys=True)
        )
    if hasattr(value, "as_dict"):
        return plain(value.as_dict())
    if isinstance(value, Mapping):
        return {_key(key): plain(one) for key, one in value.items() if key not in SALTED}
    if hasattr(value, "text") and hasattr(value, "earliest"):
        return value.text
    if attrs.has(type(value)):
        return {field.name: plain(getattr(value, field.name)) for field in attrs.fields(type(value))}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value


def _key(key: Any) -> str:
    return key if isinstance(key, str) else json.dumps(plain(key), ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1:])
