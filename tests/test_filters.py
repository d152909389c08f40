"""On whose word: what is left out is left out before standing, so that what it replaced comes back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from events import CEOAppointment, FundingRound, Organisation, Relationship
from tests import oracle, strategies
from tests.oracle import READINGS
from tests.strategies import Content, History, histories
from tests.test_compile import CATALOGUE
from tests.vocabulary import Clock, Ledger, Noted
from timeline import Attestation, Moment, Retraction, Source, Timeline
from timeline.errors import BadText, NotAllowed, UnknownSource
from timeline.record import Statement


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """A figure of the Herald, corrected by the Post, and an appointment that a third and a fourth tell."""
    with Timeline.open(":memory:") as timeline:
        timeline.append(
            FundingRound("2020", company="Acme", investors=["Ann"], amount="$5"),
            source=Source("A story", publisher="The Herald"),
            id="r",
        )
        timeline.correct(
            "r",
            FundingRound("2020", company="Acme", investors=["Ann"], amount="$7"),
            source=Source(publisher="Post", url="post.example"),
            id="c",
        )
        timeline.append(CEOAppointment("2021", company="Acme", person="Ann"), source="Gazette", id="ceo")
        timeline.attest("ceo", source="Courier", id="also")
        yield timeline


def put_in(timeline: Timeline, **asked: object) -> object:
    """What Ann put into Acme, in dollars."""
    state = timeline.as_of(**asked).between("acme", "ann")  # type: ignore[arg-type]
    return state.invested["ann"].wholly.get("USD") if state.invested else None


def test_what_a_left_out_correction_replaced_comes_back(tl: Timeline) -> None:
    """By publisher, title, url or Source, whatever case and punctuation."""
    assert put_in(tl) == 7
    for name in "post", "POST", "post.example", Source(publisher="Post", url="post.example", locator="p. 2"):
        assert put_in(tl, without=name) == 5
    assert put_in(tl, without="a STORY!") == 7
    assert put_in(tl, without=["post", "the herald"]) is None
    assert put_in(tl, only="the herald") == 5
    assert put_in(tl, only="post") == 7


def test_all_at_once_are_filtered_too(tl: Timeline) -> None:
    """As states, and as a table for other tools."""
    moment = tl.as_of(without="post")
    assert list(moment.all(Relationship)) == [moment.between("acme", "ann")]
    (row,) = moment.table(Relationship).as_dicts()
    assert row["because"] == {"invested": [1], "rounds": [1]}


def test_a_record_rests_on_its_attestations_too(tl: Timeline) -> None:
    """Until the attestation is withdrawn, or where it is not in view."""

    def ceo(**asked: object) -> object:
        return tl.as_of(**asked).of(Organisation, "acme").ceo  # type: ignore[arg-type]

    assert ceo(without="gazette") == ceo(only="courier") == "ann"
    assert ceo(without=["gazette", "courier"]) is None
    assert ceo(without="gazette", position=3) is None
    tl.retract("also")
    assert ceo(without="gazette") is None
    assert ceo(without="gazette", position=4) == "ann"


def test_credence_sifts_before_standing(tl: Timeline) -> None:
    """A rumoured correction does not replace what is confirmed, for those who want that only."""
    said = FundingRound("2022", company="Bolt", investors=["Ann"], amount="$1")
    tl.append(said, credence="confirmed", id="b")
    tl.correct("b", FundingRound("2022", company="Bolt", investors=["Ann"], amount="$2"), credence="rumoured")

    def funds(*credence: str) -> object:
        return tl.as_of(credence=credence).of(Organisation, "bolt").raised.wholly  # type: ignore[arg-type]

    assert funds() == {"USD": 2}
    assert funds("confirmed") == {"USD": 1}
    assert funds("rumoured") == {"USD": 2}
    assert funds("reported") == {}
    assert funds("reported", "confirmed") == {"USD": 1}


def test_the_answer_says_on_whose_word(tl: Timeline) -> None:
    """In its basis, in words and as plain values."""
    moment = tl.as_of("2022", without="Post", credence="reported")
    assert str(moment.basis) == "close of 2022 (2022-12-31, UTC), without Post, reported only"
    assert moment.basis.as_dict()["without"] == ["Post"]
    assert "only" not in moment.basis.as_dict()


def test_a_slip_of_the_pen_is_no_answer(tl: Timeline) -> None:
    """A source that the log does not cite is refused, with those of nearly that name."""
    with pytest.raises(UnknownSource, match="did you mean Gazette"):
        tl.as_of(without="Gazete")
    with pytest.raises(UnknownSource, match="no source 'Nobody'"):
        tl.as_of(only=["Post", "Nobody"])
    with pytest.raises(BadText, match="is no credence"):
        tl.as_of(credence="sure")  # type: ignore[arg-type]


CONTENT = strategies.wide(["acme", "bolt", "crux", "ann"])
EVERYBODY = ["herald", "post", "gazette"]
FILTERS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    without=st.sampled_from([(), "herald", ("herald", "post")]),
    only=st.sampled_from([(), "post", ("post", "herald")]),
    credence=st.sampled_from([(), "reported", ("reported", "denied")]),
)


@st.composite
def told(draw: st.DrawFn, content: st.SearchStrategy[Content] = CONTENT) -> tuple[History, list[Statement]]:
    """A history, each statement on somebody's word or nobody's; others attest some, and withdraw that."""
    history = draw(histories(content))
    several = st.lists(st.sampled_from(EVERYBODY), max_size=2, unique=True)
    statements: list[Statement] = [evolve(one, source=draw(several)) for one in history.statements]
    standing = oracle.standing(history.log)
    for number, one in enumerate(draw(st.lists(st.sampled_from(standing), max_size=4)) if standing else ()):
        mark = f"a{number}"
        source = draw(st.sampled_from(EVERYBODY))
        statements.append(Attestation(f"s{one.position}", source=source, known=one.known_at, id=mark))
        if draw(st.booleans()):
            statements.append(Retraction(mark))
    return history, statements


def opened(statements: list[Statement]) -> Timeline:
    """A timeline of what is told, which cites everybody."""
    timeline = Timeline.open(":memory:", catalogue=CATALOGUE, clock=Clock())
    timeline.append(Noted("2000", subject="acme", topic="mood"), source=EVERYBODY)
    timeline.append(*statements)
    return timeline


def assert_agreement(timeline: Timeline, moment: Moment) -> None:
    """All states in SQL are what each is in Python."""
    entities = [entity for (entity,) in timeline.sql("SELECT id FROM entities ORDER BY id")]
    for kind in CATALOGUE.compiled:
        found = {state.who: state for state in moment.all(kind.name)}
        asked: set[tuple[str, ...]] = set()
        for who in itertools.combinations(entities, kind.arity):
            try:
                expected = moment.of(kind.name, *who)
            except NotAllowed:  # both are one there
                continue
            asked.add(expected.who)
            if expected.who in found:
                assert found[expected.who] == expected
            else:
                assert not any(expected.because.values())
                assert not any(expected.unsettled.values())
        assert found.keys() <= asked


@given(told(), st.data())
def test_both_executors_agree_by_any_filter(
    said: tuple[History, list[Statement]], data: st.DataObject
) -> None:
    """At any (valid, known, position) and reading of dates, all in SQL is each in Python."""
    history, statements = said
    with opened(statements) as timeline:
        for valid in data.draw(strategies.moments(history))[:2]:
            moment = timeline.as_of(
                valid,
                known=data.draw(st.sampled_from([None, *history.knowns])),
                position=data.draw(st.integers(0, len(statements) + 1)),
                dates=data.draw(st.sampled_from(READINGS)),
                **data.draw(FILTERS),
            )
            assert_agreement(timeline, moment)


@given(told())
def test_leaving_out_all_sources_leaves_nothing(said: tuple[History, list[Statement]]) -> None:
    """Of what rests on any, one at a time and all at once."""
    _, statements = said
    with opened([one if one.source else evolve(one, source="post") for one in statements]) as timeline:
        moment = timeline.as_of("2030", without=EVERYBODY)
        assert not any(moment.of(Ledger, "acme").because.values())
        for kind in CATALOGUE.compiled:
            assert list(moment.all(kind.name)) == []
