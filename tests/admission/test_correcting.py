"""A correction by the fields that change."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from events import CEOAppointment, FundingRound, Organisation
from tests.reuse import in_memory
from timeline import Timeline
from timeline.errors import AlreadySuperseded, BadMoney, InvalidData, NotAllowed, UnknownField, WrongTarget


@pytest.fixture
def paid() -> Iterator[Timeline]:
    """A round that was told wrongly."""
    with in_memory() as tl:
        event = FundingRound("2020-03", company="Acme", investors=["Bolt"], amount="$40m")
        tl.append(event, id="r", source="Herald")
        yield tl


def test_what_is_not_given_is_taken_from_the_record(paid: Timeline) -> None:
    """The fields, and nothing that the record says of itself."""
    commit = paid.correct("r", amount="up to $500bn", occurred="2020", note="the filing")
    (record,) = commit.records
    wanted = FundingRound("2020", company="acme", investors=["bolt"], amount="up to $500bn")
    assert record.event == wanted
    assert (record.kind, record.target, record.note, record.sources) == ("correction", 1, "the filing", ())
    assert "500bn" in str(paid.as_of("2021").of(Organisation, "acme").raised)
    with pytest.raises(AlreadySuperseded):
        paid.correct("r", amount="$1")


def test_a_field_may_be_left_blank_and_the_rest_be_said_anew(paid: Timeline) -> None:
    (record,) = paid.correct("r", amount=None).records
    assert record.event == FundingRound("2020-03", company="acme", investors=["bolt"], amount=None)
    (again,) = paid.correct(record, source="Post").records
    assert again.event == record.event


def test_a_slip_is_told_with_the_nearest_names(paid: Timeline) -> None:
    with pytest.raises(UnknownField, match="no field 'amout'; did you mean amount"):
        paid.correct("r", amout="$1")
    with pytest.raises((BadMoney, InvalidData)):
        paid.correct("r", amount="much")
    with pytest.raises(NotAllowed, match="this corrects nothing in r"):
        paid.correct("r", amount="$40m", actor="me")
    event = CEOAppointment("2020", company="Acme", person="Ann")
    with pytest.raises(NotAllowed, match="amount"):
        paid.correct("r", event, amount="$1")  # type: ignore[call-overload]
    paid.retract("r", id="gone")
    with pytest.raises(WrongTarget, match="a retraction, which cannot be corrected"):
        paid.correct("gone", amount="$1")


def test_a_keyword_that_nobody_takes_is_refused(paid: Timeline) -> None:
    """Where keywords are passed on, too."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'sources'"):
        paid.append(sources="Herald")  # type: ignore[call-arg]


def test_of_what_was_corrected_twice_the_last_word_is_named(paid: Timeline) -> None:
    """Not the correction between, which no longer stands either."""
    paid.correct("r", amount="$41m")
    paid.correct(2, amount="$42m")
    late: list[Callable[[], object]] = [
        lambda: paid.correct("r", amount="$43m"),
        lambda: paid.retract("r"),
        lambda: paid.retract(2),
    ]
    for say in late:
        with pytest.raises(AlreadySuperseded, match=r"(correct|retract) #3 instead"):
            say()
