"""The laws by example: every scenario of `../shared/scenarios`, where it is there, comes out right."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from timeline import Assertion, Correction, Retraction, Timeline
from timeline.catalogue import Catalogue
from timeline.errors import AlreadySuperseded
from timeline.record import Statement

FILE: Final = Path(__file__).parents[2] / "shared" / "scenarios" / "scenarios.json.gz"
CHUNKS: Final = 20
FIELDS: Final = ("rounds", "invested", "exclusivities")
Json = dict[str, Any]


def scenarios() -> list[Json]:
    """All scenarios, or none where the file is not there."""
    if not FILE.exists():
        return []
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        found: list[Json] = json.load(file)["scenarios"]
    return found


SCENARIOS: Final = scenarios()


def statements(say: list[Json], catalogue: Catalogue) -> Iterator[tuple[Statement, bool]]:
    """What a scenario says, each with whether it is to be refused; marks are `s` and the position."""
    position = 0
    for one in say:
        position += "refused" not in one
        mark = f"s{position}" if "refused" not in one else None
        if one["do"] == "retract":
            statement: Statement = Retraction(f"s{one['of']}", known=one["known"], id=mark)
        else:
            event = catalogue.event(one["type"]).cls(one["occurred"], **one["data"])
            if one["do"] == "append":
                statement = Assertion(event, known=one["known"], id=mark)
            else:
                statement = Correction(f"s{one['of']}", event, known=one["known"], id=mark)
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


def answer(timeline: Timeline, ask: Json) -> Json:
    """What the timeline answers, in the form of a scenario."""
    moment = timeline.as_of(ask["valid"], known=ask["known"], dates=ask["dates"], position=ask["position"])
    if "organisation" in ask:
        led = moment.of("organisation", ask["organisation"])
        return {"ceo": led.ceo, "unsettled": ["ceo"] if led.unsettled["ceo"] else []}
    tie = moment.between(*ask["relationship"])
    return {
        "rounds": tie.rounds,
        "invested": {investor: funds(value.as_dict()) for investor, value in tie.invested.items()},
        "exclusivities": sorted(list(slot) for slot in tie.exclusivities),
        "unsettled": sorted(field for field in FIELDS if tie.unsettled[field]),
    }


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


@pytest.mark.skipif(not SCENARIOS, reason=f"there is no {FILE}")
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_scenarios_come_out_right(chunk: int) -> None:
    """Every question of every scenario has the expected answer, through the public surface."""
    wrong = []
    asked = 0
    for scenario in SCENARIOS[chunk::CHUNKS]:
        with Timeline.open(":memory:", clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as timeline:
            say(timeline, scenario)
            for ask in scenario["ask"]:
                asked += 1
                got = answer(timeline, ask)
                if got != expected(ask):
                    wrong.append((scenario["name"], ask, got))
    assert asked
    assert not wrong, f"{len(wrong)} of {asked} come out wrong, such as {wrong[0]}"
