"""What is asked of a moment: one point, given once, for every question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_type

import pytest

from events import CEOAppointment, CEOResignation, Organisation, Relationship
from tests.ledger import Clock
from tests.reuse import in_memory
from timeline import Timeline
from timeline.moment import Findings, History


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """Ann and then Bob, which was known a year late, while Ann was still there."""
    with in_memory(clock=Clock()) as timeline:
        timeline.append(CEOAppointment("2019", company="Acme", person="Ann"), known="2019-12-31", id="a")
        timeline.append(CEOAppointment("2021", company="Acme", person="Bob"), known="2022", id="b")
        timeline.append(CEOResignation("2023", company="Acme", person="Ann"), known="2023-12-31", id="e")
        yield timeline


def test_the_date_of_a_moment_limits_what_is_of_all_time_by_then_only(tl: Timeline) -> None:
    moment = tl.as_of("2020")
    assert [one.ref for one in moment.records()] == ["a", "b", "e"]
    assert [one.ref for one in moment.records(by_then=True)] == ["a"]
    assert len(moment.entities()) == len(moment.entities(by_then=True)) == 3
    assert moment.check(rules="one_ceo").certain == 1
    assert not moment.check(rules="one_ceo", by_then=True)


def test_a_moment_shows_no_record_that_came_later(tl: Timeline) -> None:
    before = tl.as_of()
    tl.retract("b", id="c")
    assert [one.ref for one in before.records()] == [one.ref for one in before.records(stands=True)]
    assert [one.ref for one in tl.as_of().records(stands=True)] == ["a", "e", "c"]


def test_known_then_goes_with_every_date(tl: Timeline) -> None:
    """Of a question, of another date on the same basis, and at each instant of a history."""
    moment = tl.as_of("2021", known="then")
    assert moment.of(Organisation, "acme").ceo == "ann"
    assert moment.as_of("2022").of(Organisation, "acme").ceo == "bob"
    assert moment.as_of("2022", known="2021").of(Organisation, "acme").ceo == "ann"
    found = moment.history(Organisation, "acme", field="ceo")
    assert [str(one.begins)[:10] for one in found if one.value == "bob"] == ["2022-12-31"]
    assert not moment.check(rules="one_ceo")
    assert moment.as_of("2024").check(rules="one_ceo").certain == 1


def test_along_known_time_nothing_is_told_that_was_not_known_yet(tl: Timeline) -> None:
    found = tl.as_of("2022", known="2022-06").history(Organisation, "acme", field="ceo", axis="known")
    assert [one.value for one in found] == [None, "ann"]
    assert found[-1].ends is None
    assert len(tl.as_of("2022").history(Organisation, "acme", field="ceo", axis="known")) == 3


def test_a_type_checker_is_told_what_comes_back(tl: Timeline) -> None:
    """By the class of a state, of one, of a pair and of all."""
    moment = tl.as_of("2022")
    pair = moment.between("acme", "bob", Relationship)
    assert_type(pair, Relationship)
    assert pair == assert_type(moment.between("acme", "bob"), Any)
    assert_type(moment.of(Organisation, "acme"), Organisation)
    assert_type(next(moment.all(Organisation)), Organisation)
    assert_type(moment.history(Organisation, "acme"), History)
    assert_type(moment.check(), Findings)
