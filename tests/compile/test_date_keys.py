"""Mappings keyed by dates: when it occurred, or a date that an event holds, by its text."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import pytest
from attrs import field, frozen
from hypothesis import given, strategies as st

from tests.reuse import in_memory
from timeline import Timeline
from timeline.declare import (
    Entity,
    EntityState,
    Event,
    When,
    count,
    decimal,
    event_type,
    held,
    last,
    optional_when,
    state_type,
    total,
)
from timeline.errors import CatalogueError
from timeline.vocabulary import Catalogue


@event_type("slip_told", says="{project} is to be done {due} for {cost}")
@frozen(kw_only=True)
class SlipTold(Event):
    """A project is said to be done at some date."""

    project: Entity
    due: When | None = field(default=None, converter=optional_when)
    cost: Decimal | None = field(default=None, converter=decimal)


@event_type("slip_over", says="{project} is not to be done {due} any more")
@frozen(kw_only=True)
class SlipOver(Event):
    """Nobody speaks of that date any more."""

    project: Entity
    due: When | None = field(default=None, converter=optional_when)


@state_type("schedule")
class Schedule(EntityState):
    """What was said of the dates of a project."""

    told: Mapping[str, int] = count(SlipTold, per="due", of="project")
    costs: Mapping[str, Decimal] = total(SlipTold.cost, per="occurred", of="project")
    latest: Mapping[tuple[str, str], Decimal | None] = last(
        SlipTold.cost, per=("occurred", "due"), of="project"
    )
    open: Mapping[str, SlipTold] = held(starts=SlipTold, ends=SlipOver, per="due", of="project")


Dates = Literal["latest", "earliest"]
CATALOGUE = Catalogue.of(SlipTold, SlipOver, Schedule)
DATES = st.sampled_from(["2019", "2019-06", "[2018..2020]", "2020-02-29", "../2021"])
DUE = DATES | st.none()
SAID = st.lists(
    st.builds(SlipTold, DATES, project=st.just("x"), due=DUE, cost=st.sampled_from([None, 1, "2.50"]))
    | st.builds(SlipOver, DATES, project=st.just("x"), due=DUE),
    min_size=1,
    max_size=8,
)


def test_a_date_is_a_key_by_its_text() -> None:
    """As it was written; a correction of the date moves what was said to the other key."""
    with in_memory(CATALOGUE) as tl:
        tl.append(SlipTold("2019", project="x", due="2021", cost=3), id="one", known="2019")
        tl.append(SlipTold("2020-05", project="x", due="2021-06", cost=4), known="2020-05")
        tl.append(SlipTold("2020-05", project="x", cost=5), known="2020-05")
        state = tl.as_of("2020").of(Schedule, "x")
        assert state.told == {"2021": 1, "2021-06": 1, None: 1}
        assert state.costs == {"2019": 3, "2020-05": 9}
        assert state.latest["2020-05", "2021-06"] == 4
        tl.correct("one", occurred="2018", due="2022")
        state = tl.as_of("2020").of(Schedule, "x")
        assert (list(state.told), list(state.costs)) == (["2021-06", "2022", None], ["2018", "2020-05"])
        rows = tl.sql("SELECT costs FROM schedule_as_of('2020')").rows
        assert rows == (({"2018": 3, "2020-05": 9},),)


@given(SAID, DATES, st.sampled_from(["latest", "earliest"]))
def test_both_executors_agree_on_them(said: list[Event], point: str, dates: Dates) -> None:
    """In the answer of one, and of all."""
    with in_memory(CATALOGUE) as tl:
        for event in said:
            tl.append(event)
        _assert_agreement(tl, point.removeprefix("../").strip("[]").split("..")[-1], dates)


def _assert_agreement(tl: Timeline, point: str, dates: Dates) -> None:
    moment = tl.as_of(point, dates=dates)
    one, every = moment.of(Schedule, "x"), list(moment.all(Schedule))
    assert every == [one] if every else not one.because and not one.unsettled
    again = tl.sql(f"SELECT DISTINCT field FROM schedule_slots_as_of('{point}', dates := '{dates}')").rows
    assert {name for (name,) in again} == {name for name, value in one.values().items() if value}


@pytest.mark.parametrize("name", ["cost", "nothing"])
def test_what_is_neither_text_entity_nor_date_is_no_key(name: str) -> None:
    """A number is none, and a field that is not there is named."""

    class Odd(EntityState):
        """Keyed by what is no key."""

        told: Mapping[str, int] = count(SlipTold, per=name, of="project")

    with pytest.raises(CatalogueError, match=name):
        state_type("odd")(Odd)
