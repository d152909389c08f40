"""The Python executor: what each fold comes to, against the definitions and by example."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from tests import oracle, strategies
from tests.ledger import (
    CATALOGUE,
    CEOAppointment,
    CEOOusting,
    Emptied,
    ExclusivityDeal,
    FundingRound,
    LeaseBegun,
    LeaseEnded,
    Noted,
    event,
)
from tests.oracle import READINGS, Point, Reading, Said
from tests.strategies import History
from timeline import Record, When
from timeline.moment.replay import Answer, replay
from timeline.values import Funds
from timeline.vocabulary import Event

PURE = settings(max_examples=100)
POINTS = st.lists(strategies.points(), min_size=1, max_size=4)


def record(
    position: int, happened: Event, *, origin: int | None = None, credence: Any = "reported"
) -> Record:
    """A record of an event; only its place and what happened matter here."""
    known = datetime(2024, 1, 1, tzinfo=UTC)
    return Record(
        position=position,
        id=UUID(int=position),
        ref=None,
        kind="assertion",
        type=happened.__timeline__.name,
        version=1,
        occurred=happened.occurred,
        known_at=known,
        recorded_at=known,
        sources=(),
        credence=credence,
        actor=None,
        note=None,
        target=None,
        origin=origin or position,
        data=None,
        names={},
        event=happened,
        summary="",
    )


def records(log: Sequence[Said]) -> list[Record]:
    """The standing events of a log as records."""
    return [
        record(
            one.position,
            event(one.type, one.occurred.text, **strategies.data_of(one.data)),
            origin=oracle.origin(log, one),
            credence=one.credence,
        )
        for one in oracle.standing(log)
        if one.occurred is not None
    ]


def folded(state: str, who: tuple[str, ...], several: Sequence[Record], at: str, dates: Reading) -> Answer:
    """The fields of a state at a point."""
    point = When(at).latest
    assert point is not None
    return replay(CATALOGUE.state(state), who, several, point, dates)


def agrees(got: Answer, wanted: oracle.Answer) -> None:
    """Whether reasons and doubts are the same, field by field."""
    for field, because in wanted.because.items():
        assert {one.position for one in got.because[field]} == because, field
        assert {one.position for one in got.unsettled[field]} == wanted.unsettled[field], field


@PURE
@given(strategies.histories(), POINTS, st.sampled_from(READINGS))
def test_ledger_is_as_defined(history: History, points: list[oracle.Dated], dates: Reading) -> None:
    """Counts, totals, firsts, lasts, what is held, and why, come to what the laws say."""
    said = records(history.log)
    for at in points:
        got = folded("ledger", ("acme",), said, at.text, dates)
        wanted = oracle.ledger(history.log, "acme", Point(at.end, dates))
        planned = wanted.values["planned"]
        assert dict(got.values) == wanted.values | {"planned": planned and When(planned.text)}
        agrees(got, wanted)


@PURE
@given(strategies.histories(strategies.DEALS, least=3, most=10), POINTS, st.sampled_from(READINGS))
def test_relationship_is_as_defined(history: History, points: list[oracle.Dated], dates: Reading) -> None:
    """Rounds, money and exclusivity between two come to what the laws say, whichever is named first."""
    said = records(history.log)
    for at in points:
        for pair in (("acme", "bolt"), ("bolt", "crux")):
            got = folded("relationship", pair, said, at.text, dates)
            wanted = oracle.relationship(history.log, pair, Point(at.end, dates))
            invested = {
                who: {
                    "wholly": dict(one.wholly),
                    "jointly": dict(one.jointly),
                    "undisclosed": one.undisclosed,
                }
                for who, one in got.values["invested"].items()
            }
            assert got.values["rounds"] == wanted.values["rounds"]
            assert invested == wanted.values["invested"]
            assert set(got.values["exclusivities"]) == wanted.values["exclusivities"]
            agrees(got, wanted)


@PURE
@given(strategies.histories(strategies.LEADERS, least=2), POINTS, st.sampled_from(READINGS))
def test_organisation_is_as_defined(history: History, points: list[oracle.Dated], dates: Reading) -> None:
    """Who leads comes to what the laws say."""
    said = records(history.log)
    for at in points:
        got = folded("organisation", ("acme",), said, at.text, dates)
        wanted = oracle.organisation(history.log, "acme", Point(at.end, dates))
        assert got.values["ceo"] == wanted.values["ceo"]
        agrees(got, wanted)


@PURE
@given(strategies.histories(), strategies.points(), st.randoms(use_true_random=False))
def test_the_order_of_records_given_does_not_matter(history: History, at: oracle.Dated, random: Any) -> None:
    """Events are put in order by their dates and origins, not by how they come."""
    said = records(history.log)
    mixed = list(said)
    random.shuffle(mixed)
    one, other = (folded("ledger", ("acme",), several, at.text, "latest") for several in (said, mixed))
    assert (one.values, one.unsettled) == (other.values, other.unsettled)


def test_nothing_said_is_the_empty_state() -> None:
    """Without records, counts are 0, sums empty and the rest None."""
    got = folded("ledger", ("acme",), [], "2024", "latest")
    assert got.values["notes"] == 0
    assert got.values["number"] == 0
    assert got.values["tenant"] is None
    assert got.values["tenants"] == {}
    assert not any(got.because.values())


def test_denied_records_feed_nothing() -> None:
    """What is denied is in the log and in no state, nor does it leave a state unsettled."""
    said = [record(1, Noted("2020", subject="acme", topic="price"), credence="denied")]
    for at in ("2019", "2020-06", "2021"):
        got = folded("ledger", ("acme",), said, at, "latest")
        assert got.values["notes"] == 0
        assert not got.unsettled["notes"]


@pytest.mark.parametrize("credence", ["confirmed", "reported", "rumoured"])
def test_all_that_is_not_denied_feeds(credence: str) -> None:
    """Confirmed, reported or rumoured makes no difference to a fold."""
    said = [record(1, Noted("2020", subject="acme", topic="price"), credence=credence)]
    assert folded("ledger", ("acme",), said, "2020", "latest").values["notes"] == 1


def test_an_amount_of_several_is_jointly_theirs() -> None:
    """A round of several investors is each one's jointly, and not shared out."""
    said = [
        record(1, FundingRound("2020", company="acme", investors=["bolt"], amount="1 USD")),
        record(2, FundingRound("2020", company="acme", investors=["bolt", "crux"], amount="over 2 USD")),
        record(3, FundingRound("2020", company="acme", investors=["bolt", "bolt"], amount="4 USD")),
        record(4, FundingRound("2020", company="acme", investors=["bolt"], amount=None)),
    ]
    got = folded("relationship", ("acme", "bolt"), said, "2020", "latest")
    assert got.values["rounds"] == 4
    assert got.values["invested"]["bolt"] == Funds(
        {"USD": Decimal(5)}, {"USD": Decimal(2)}, undisclosed=1, inexact=1
    )


def test_nobody_is_in_a_pair_with_itself() -> None:
    """A round that a company puts into itself and shares with another counts once for the two."""
    said = [record(1, FundingRound("2020", company="acme", investors=["acme", "bolt"], amount="2 USD"))]
    got = folded("relationship", ("acme", "bolt"), said, "2020", "latest")
    assert got.values["rounds"] == 1
    assert set(got.values["invested"]) == {"bolt"}


def test_a_later_start_replaces_what_is_held() -> None:
    """There is one value at a time; the end of the one replaced does nothing."""
    said = [
        record(1, CEOAppointment("2020-01-01", company="acme", person="ann")),
        record(2, CEOAppointment("2020-03-01", company="acme", person="bob")),
        record(3, CEOOusting("2020-05-01", company="acme", person="ann")),
    ]
    assert folded("organisation", ("acme",), said, "2020-02", "latest").values["ceo"] == "ann"
    assert folded("organisation", ("acme",), said, "2020-06", "latest").values["ceo"] == "bob"


def test_an_end_that_names_nothing_closes_whatever_is_held() -> None:
    """An end by type, or with its name left empty, closes what is there; one that names another does not."""
    begun = record(1, LeaseBegun("2020-01-01", subject="acme", holder="ann", room="east"))
    ends = {
        "acme": Emptied("2020-02-01", subject="acme", room="east"),
        "whoever": LeaseEnded("2020-02-01", subject="acme", room="east"),
        "ann": LeaseEnded("2020-02-01", subject="acme", room="east", holder="ann"),
    }
    for end in ends.values():
        got = folded("ledger", ("acme",), [begun, record(2, end)], "2020", "latest")
        assert got.values["tenants"] == {}
        assert [one.position for one in got.because["tenants"]] == [2]
    other = record(2, LeaseEnded("2020-02-01", subject="acme", room="east", holder="bob"))
    got = folded("ledger", ("acme",), [begun, other], "2020", "latest")
    assert got.values["tenants"] == {"east": "ann"}
    assert [one.position for one in got.because["tenants"]] == [1]


def test_a_term_that_has_run_out_leaves_its_opener_as_the_reason() -> None:
    """The reason is the opener, until an end closes the slot after all."""
    deal = record(1, ExclusivityDeal("2020", grantor="acme", grantee="bolt", scope="cloud", until="2021"))
    got = folded("relationship", ("acme", "bolt"), [deal], "2022", "latest")
    assert got.values["exclusivities"] == {}
    assert [one.position for one in got.because["exclusivities"]] == [1]


def test_gives_makes_another_attribute_the_value() -> None:
    """What is held may be told by another attribute than the one ends name."""
    begun = record(1, LeaseBegun("2020-01-01", subject="acme", holder="ann", room="east"))
    assert folded("ledger", ("acme",), [begun], "2020", "latest").values["room"] == "east"
