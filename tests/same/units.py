"""All that is told and asked, in units: a log each, and the questions put to it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

import yaml
from attrs import frozen

from tests.same import questions
from tests.same.contents import EVENTS, OWN
from tests.same.histories import TOGETHER, Json, Shared, histories

__all__ = ["SCENARIOS", "SEEDS", "Unit", "units"]

_ROOT: Final = Path(__file__).parents[2]
SCENARIOS: Final = tuple(
    _ROOT.parent / "shared" / "scenarios" / f"{name}.json.gz" for name in ("scenarios", "scenarios-more")
)
SEEDS: Final = sorted((_ROOT / "seeds").glob("*.yaml"))
SEED: Final = 14
_WHOLLY: Final = 16
"""Of so many logs of random histories, one of each vocabulary is asked all that can be asked of it."""
_LATE: Final = "2026-11-30T12:00:00+00:00"


@frozen
class Unit:
    """A log, as the commits that fill it, and what is asked of it then."""

    name: str
    vocabulary: str
    commits: Sequence[Json]
    questions: Sequence[Json]


def units(count: int) -> Iterator[Unit]:
    """The seeds, the scenarios as far as they are there, tables, and so many random histories."""
    yield _seeds()
    yield from _scenarios()
    yield _tables()
    for number, shared in enumerate(histories(count, SEED)):
        yield _random(shared, everything=number % _WHOLLY < 2)


def _random(shared: Shared, *, everything: bool) -> Unit:
    asked = [one for history in shared.histories for one in questions.of_history(shared, history)]
    head = sum(len(one["say"]) for one in shared.commits)
    asked += questions.of_log(shared.vocabulary, Random(shared.name), head, everything=everything)
    return Unit(shared.name, shared.vocabulary, shared.commits, asked)


# Scenarios


def _scenarios() -> Iterator[Unit]:
    """Several scenarios to a log, each of entities, sources and ids of its own."""
    for path in SCENARIOS:
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as file:
                told = json.load(file)["scenarios"]
            for first in range(0, len(told), TOGETHER):
                yield _together(path.name.partition(".")[0], first, told[first : first + TOGETHER])


def _together(name: str, first: int, scenarios: Sequence[Json]) -> Unit:
    said: list[Json] = []
    asked: list[Json] = []
    head = 0
    for number, scenario in enumerate(scenarios, first):
        place = Place(str(number), head)
        said += place.statements(scenario["say"])
        asked += questions.of_scenario([place.question(one) for one in scenario["ask"]])
        head += sum("refused" not in one for one in scenario["say"])
    asked += [
        {"ask": "all", "state": state, "at": {"valid": "2021"}} for state in ("organisation", "relationship")
    ]
    commits = [{"at": _LATE, "say": several} for several in _parted(said)]
    return Unit(f"{name} {first} to {first + len(scenarios) - 1}", OWN, commits, asked)


def _parted(said: Sequence[Json]) -> Iterator[list[Json]]:
    """Statements in as few commits as their refusals allow: what is to be refused has no id."""
    waiting: list[Json] = []
    for one in said:
        if "id" in one:
            waiting.append(one)
        else:
            yield from filter(None, (waiting, [one]))
            waiting = []
    if waiting:
        yield waiting


@frozen
class Place:
    """Where a scenario is in a log that it shares: the suffix of all its names, and the records before it."""

    suffix: str
    offset: int

    def statements(self, say: Sequence[Json]) -> Iterator[Json]:
        """What a scenario says; ids are by position, and what is to be refused has none."""
        position = 0
        for one in say:
            statement: Json = {name: one[name] for name in _KEPT if name in one}
            statement["do"] = _DOES[one["do"]]
            if "data" in one:
                statement["data"] = {field: self.own(value, field) for field, value in one["data"].items()}
            if "source" in one:
                statement["source"] = self.own(one["source"])
            if "of" in one:
                statement["of"] = self.id(one["of"])
            if "refused" not in one:
                position += 1
                statement["id"] = self.id(position)
            yield statement

    def question(self, ask: Json) -> Json:
        """What a scenario asks: a state, of whom, and where."""
        at = {
            name: ask[name] for name in ("valid", "known", "dates", "credence") if ask.get(name) is not None
        }
        at |= {name: self.own(ask[name]) for name in ("without", "only") if name in ask}
        if ask["position"] is not None:
            at["position"] = self.offset + ask["position"]
        state = "organisation" if "organisation" in ask else "relationship"
        who = [ask[state]] if isinstance(ask[state], str) else ask[state]
        return {"ask": "of", "state": state, "who": self.own(who), "at": at}

    def id(self, position: int) -> str:
        """The id of a record by its position in the scenario."""
        return f"s{self.suffix}.{position}"

    def own(self, value: Any, field: str = "") -> Any:
        """An entity or a source, or several, under a name of its own; a scope or an amount is as it was."""
        if isinstance(value, list):
            return [self.own(one) for one in value]
        return value if field in {"scope", "until", "amount"} else f"{value}-{self.suffix}"


_KEPT: Final = ("type", "occurred", "known", "credence", "whole")
_DOES: Final = {"append": "assertion", "correct": "correction", "retract": "retraction"}


# Tables


def _tables() -> Unit:
    """Many events at once, twice in part, corrected and retracted, and with rows that cannot be."""
    rounds, measures = {"table": "funding_round", "id": "id"}, {"table": "measured"}
    commits: list[Json] = [
        {**rounds, "source": "Post", "rows": _ROUNDS.format(first=0, last=400)},
        {**measures, "source": "Gazette", "rows": _MEASURES.format(first=0, last=400)},
        {**rounds, "source": "Post", "rows": _ROUNDS.format(first=380, last=420)},
        {**measures, "source": "Gazette", "rows": _MEASURES.format(first=-3, last=3)},
        {**measures, "rows": "SELECT 'x' AS occurred, 'y' AS of, 'z' AS nothing"},
        {"say": [{"do": "retraction", "of": "k7"}, {"do": "attestation", "of": "k8", "source": "Herald"}]},
    ]
    asked: list[Json] = []
    for number in range(7):
        for at in ({"valid": "2020"}, {"valid": "2023", "known": "then", "dates": "earliest"}):
            asked.append({"ask": "of", "state": "harbour", "who": [f"Port {number}"], "at": at})
            who = [f"Port {number}", "North 1"]
            asked.append({"ask": "of", "state": "relationship", "who": who, "at": at})
            asked.append({"ask": "history", "state": "relationship", "who": who, "at": {}})
    asked += questions.of_log(OWN, Random("tables"), 800, everything=True)
    return Unit("tables", OWN, [{"at": _LATE, "known": "occurred", **one} for one in commits], asked)


_ROUNDS: Final = """
    SELECT
        'k' || i AS id,
        DATE '2019-01-01' + (i * 37 % 1400)::INTEGER AS occurred,
        'Port ' || (i % 7) AS company,
        ['North ' || (i % 5), 'south'] AS investors,
        CASE WHEN i % 9 > 0 THEN i * 1.5 END AS amount,
        CASE WHEN i % 9 > 0 THEN 'USD' END AS amount_currency
    FROM range({first}, {last}) AS one(i)
"""
_MEASURES: Final = """
    SELECT
        printf('%d-%02d', 2019 + i % 4, 1 + i % 12) AS occurred,
        'Port ' || (i % 7) AS of,
        'depth' AS what,
        (i * 0.5)::DECIMAL(9, 1) AS number,
        CASE WHEN i % 3 = 0 THEN 'deep' END AS text,
        ['a', 'b' || (i % 2)] AS tags
    FROM range({first}, {last}) AS one(i)
"""


# Seeds


def _seeds() -> Unit:
    commits = [{"at": _LATE, "say": list(_entries(path))} for path in SEEDS]
    said = [one for commit in commits for one in commit["say"]]
    return Unit("seeds", EVENTS, commits, list(questions.of_seeds(_NAMED, len(said))))


_NAMED: Final = (
    "Microsoft",
    "OpenAI",
    "Sam Altman",
    "Satya Nadella",
    "Greg Brockman",
    "Inflection AI",
    "Oracle",
    "SoftBank",
    "ChatGPT",
    "Windsurf",
    "stargate-plan",
    "stargate-data-centre",
)


def _entries(path: Path) -> Iterator[Json]:
    """The statements of a file of seeds; as much of the format is read as the seeds use."""
    file = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  (all texts)
    sources = file.get("sources", {})
    for entry in file["events"]:
        (type_, mark), *fields = entry.items()
        given = {name: _value(value) for name, value in fields}
        named = given.pop("source", [])
        cited = [sources[one] for one in ([named] if isinstance(named, str) else named)]
        located = {"locator": given.pop("at")} if "at" in given else {}
        statement: Json = {name: given.pop(name) for name in _SAID if name in given}
        statement["source"] = [{**one, **located} for one in cited or [file["source"]]]
        if type_ == "retracts":
            yield {"do": "retraction", "of": mark, **statement}
            continue
        if target := given.pop("corrects", None):
            statement["of"] = target
        does = "correction" if target else "assertion"
        statement["occurred"] = given.pop("occurred")
        yield {"do": does, "type": type_, "id": mark, "data": given, **statement}


_SAID: Final = ("id", "known", "credence", "note")
_WORDS: Final[Mapping[str, Any]] = {"": None, "true": True, "false": False}


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return f"[{value[0]}]" if ".." in value[0] else value
    bare = value.replace("_", "")
    return bare if bare.isdigit() else _WORDS.get(value, value)
