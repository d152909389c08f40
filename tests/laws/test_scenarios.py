"""The laws by example: every scenario of `../shared/scenarios`, where they are there, comes out right."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve, frozen
from hypothesis import settings

from tests.reuse import in_memory
from timeline import Assertion, Correction, Moment, Retraction, Source, Timeline, When
from timeline.errors import AlreadySuperseded
from timeline.records import Statement
from timeline.vocabulary import Catalogue

FOLDER: Final = Path(__file__).parents[3] / "shared" / "scenarios"
FILES: Final = ("scenarios", "scenarios-more")
CHUNKS: Final = 30
FIELDS: Final = ("rounds", "invested", "exclusivities")
Json = dict[str, Any]


def scenarios() -> list[Json]:
    """All scenarios, or none where the files are not there."""
    found: list[Json] = []
    for name in FILES:
        path = FOLDER / f"{name}.json.gz"
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as file:
                found += json.load(file)["scenarios"]
    return found


SCENARIOS: Final = scenarios()


def statements(say: list[Json], catalogue: Catalogue) -> Iterator[tuple[Statement, bool]]:
    """What a scenario says, each with whether it is to be refused; marks are `s` and the position."""
    position = 0
    for one in say:
        position += "refused" not in one
        envelope: Json = {
            "known": one["known"],
            "id": f"s{position}" if "refused" not in one else None,
            "source": Source(publisher=one["source"]) if "source" in one else None,
            "credence": one.get("credence"),
        }
        if one["do"] == "retract":
            statement: Statement = Retraction(f"s{one['of']}", whole=one.get("whole", False), **envelope)
        else:
            event = catalogue.event(one["type"]).cls(one["occurred"], **one["data"])
            if one["do"] == "append":
                statement = Assertion(event, **envelope)
            else:
                statement = Correction(f"s{one['of']}", event, **envelope)
        yield statement, "refused" in one


def say(timeline: Timeline, scenario: Json) -> None:
    """Append what a scenario says, as few commits as its refusals allow."""
    waiting: list[Statement] = []
    for statement, refused in statements(scenario["say"], timeline.catalogue):
        if not refused:
            waiting.append(statement)
            continue
        timeline.append(*waiting)
        waiting = []
        with pytest.raises(AlreadySuperseded):
            timeline.append(statement)
    timeline.append(*waiting)


def at(timeline: Timeline, ask: Json) -> Moment:
    """Where a question is asked."""
    basis = {name: ask[name] for name in ("known", "dates", "position")}
    words = {name: ask[name] for name in ("without", "only", "credence") if name in ask}
    return timeline.as_of(ask["valid"], **basis, **words)


def answer(timeline: Timeline, ask: Json) -> Json:
    """What the timeline answers, in the form of a scenario."""
    moment = at(timeline, ask)
    if "organisation" in ask:
        return told_of(moment.of("organisation", ask["organisation"]))
    return told_of(moment.between(*ask["relationship"]))


def told_of(state: Any) -> Json:
    """A state in the form of a scenario."""
    if len(state.who) == 1:
        return {"ceo": state.ceo, "unsettled": ["ceo"] if state.unsettled["ceo"] else []}
    return {
        "rounds": state.rounds,
        "invested": {investor: funds(value.as_dict()) for investor, value in state.invested.items()},
        "exclusivities": sorted(list(slot) for slot in state.exclusivities),
        "unsettled": sorted(field for field in FIELDS if state.unsettled[field]),
    }


def answer_among_all(timeline: Timeline, ask: Json) -> Json:
    """The same, found among all entities or pairs; whom they leave out has the empty state."""
    state = "organisation" if "organisation" in ask else "relationship"
    who = sorted([ask[state]] if isinstance(ask[state], str) else ask[state])
    found = (one for one in at(timeline, ask).all(state) if list(one.who) == who)
    return next(map(told_of, found), nothing(ask))


ASKED: Final = """
    SELECT asked.number, {columns}, map_keys(state.unsettled) AS unsettled
    FROM (
        SELECT
            unnest($1::INTEGER[]) AS number,
            unnest($2::VARCHAR[])::TIMESTAMPTZ AS day,
            unnest($3::VARCHAR[])::TIMESTAMPTZ AS world,
            unnest($4::VARCHAR[]) AS reading,
            unnest($5::BIGINT[]) AS place,
            unnest($6::VARCHAR[][]) AS who
    ) AS asked,
        {state}_as_of(day, known := world, dates := reading, position := place) AS state
    WHERE [{keys}] = who
"""


def answers_in_sql(one: Told) -> list[Json]:
    """What the macros answer to each question without a filter; whom they leave out has the empty state."""
    asks = questions(one, filtered=False)
    found = [nothing(ask) for ask in asks]
    for state, keys, fields in (
        ("organisation", "organisation", ("ceo",)),
        ("relationship", "a, b", FIELDS),
    ):
        asked = [
            (
                number,
                instant(ask["valid"]),
                None if ask["known"] is None else instant(ask["known"]),
                ask["dates"],
                ask["position"],
                sorted([ask[state]] if isinstance(ask[state], str) else ask[state]),
            )
            for number, ask in enumerate(asks)
            if state in ask
        ]
        if not asked:
            continue
        query = ASKED.format(state=state, keys=keys, columns=", ".join(f"state.{name}" for name in fields))
        rows = one.timeline.sql(query, [list(column) for column in zip(*asked, strict=True)])
        for number, *values, unsettled in rows:
            found[number] = dict(zip(fields, values, strict=True))
            found[number]["unsettled"] = sorted(name for name in fields if name in unsettled)
            if state == "relationship":
                found[number] |= read(found[number])
    return found


def questions(one: Told, *, filtered: bool = True) -> list[Json]:
    """What a scenario asks, or what of it without a filter."""
    return [
        ask for ask in one.scenario["ask"] if filtered or not {"without", "only", "credence"} & ask.keys()
    ]


def nothing(ask: Json) -> Json:
    """The empty state that a question is about."""
    empty = {"rounds": 0, "invested": {}, "exclusivities": []} if "relationship" in ask else {"ceo": None}
    return {**empty, "unsettled": []}


def instant(text: str) -> str:
    """The point that a date of a question means."""
    latest = When.read(text).latest
    assert latest is not None
    return latest.isoformat()


def read(row: Json) -> Json:
    """The mappings of a row, as DuckDB hands them over, in the form of a scenario."""
    investments = {investor: {**value} for investor, value in row["invested"].items()}
    for value in investments.values():
        assert value.pop("inexact") == 0
    deals = [[key["grantor"], key["scope"]] for key in row["exclusivities"]["key"]]
    return {"invested": investments, "exclusivities": sorted(deals)}


def funds(value: Mapping[str, Any]) -> Json:
    """Funds with amounts as decimals."""
    sums = {
        part: {code: Decimal(text) for code, text in value[part].items()} for part in ("wholly", "jointly")
    }
    return {**sums, "undisclosed": value["undisclosed"]}


def expected(ask: Json) -> Json:
    """What a scenario expects, amounts as decimals."""
    wanted = dict(ask["expect"])
    if "invested" in wanted:
        wanted["invested"] = {investor: funds(value) for investor, value in wanted["invested"].items()}
    return wanted


@frozen
class Told:
    """A scenario and the timeline that it is said to."""

    scenario: Json
    timeline: Timeline


@pytest.fixture(scope="module", params=range(CHUNKS))
def told(request: pytest.FixtureRequest) -> Iterator[list[Told]]:
    """Some of the scenarios, each in a timeline of its own."""
    if not SCENARIOS:
        pytest.skip(f"there is no {FOLDER}")
    with ExitStack() as keep:
        found = []
        for scenario in SCENARIOS[request.param :: CHUNKS]:
            timeline = keep.enter_context(in_memory(clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)))
            say(timeline, scenario)
            found.append(Told(scenario, timeline))
        yield found


def some(told: list[Told]) -> list[Told]:
    """A third of the scenarios; in `make laws` and for mutants, which try ten examples and more, all."""
    return told if settings().max_examples >= 10 else told[::3]


def assert_right(
    told: list[Told], answers: Callable[[Told], Iterable[Json]], *, filtered: bool = True
) -> None:
    """Every question of every scenario has the expected answer."""
    wrong = []
    asked = 0
    for one in told:
        for ask, got in zip(questions(one, filtered=filtered), answers(one), strict=True):
            asked += 1
            if got != expected(ask):
                wrong.append((one.scenario["name"], ask, got))
    assert asked
    assert not wrong, f"{len(wrong)} of {asked} come out wrong, such as {wrong[0]}"


def test_scenarios_come_out_right(told: list[Told]) -> None:
    """In Python, one entity or pair at a time, through the public surface."""
    assert_right(told, lambda one: (answer(one.timeline, ask) for ask in questions(one)))


def test_scenarios_come_out_right_in_sql(told: list[Told]) -> None:
    """Through the macros of the states, all questions of a scenario without a filter in one query each.

    That both give the same is tried on histories of all kinds too, so that a third of the scenarios will do.
    """
    assert_right(some(told), answers_in_sql, filtered=False)


def test_scenarios_come_out_right_among_all(told: list[Told]) -> None:
    """As one of all states, one question of each scenario, with a filter where any has one."""

    def asked(one: Told) -> list[Json]:
        return sorted(questions(one), key=lambda ask: len(ask.keys() & {"without", "only", "credence"}))[-1:]

    picked = [evolve(one, scenario={**one.scenario, "ask": asked(one)}) for one in some(told)]
    assert_right(picked, lambda one: (answer_among_all(one.timeline, ask) for ask in questions(one)))
