"""On whose word: what is left out is left out before standing, so that what it replaced comes back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings, strategies as st

from events import CEOAppointment, FundingRound, Organisation, Relationship
from tests import oracle, strategies
from tests.compile.test_compile import CATALOGUE
from tests.ledger import Clock, Ledger
from tests.oracle import READINGS, Reading
from tests.reuse import in_memory
from tests.strategies import History, histories
from timeline import Moment, Source, Timeline
from timeline.errors import BadText, NotAllowed, UnknownEntity, UnknownSource
from timeline.records import Record
from timeline.values import CREDENCES
from timeline.vocabulary import State, StateType


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """A figure of the Herald, corrected by the Post, and an appointment that a third and a fourth tell."""
    with in_memory() as timeline:
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
    assert str(moment.basis) == "end of 2022-12-31 UTC, without Post, reported only"
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


def test_a_correction_that_goes_back_to_what_is_not_in_view_does_not_stand() -> None:
    """Whether that is not known there or left out, one verb says what the others say."""

    def led(person: str) -> CEOAppointment:
        return CEOAppointment("2020", company="Acme", person=person)

    with in_memory() as timeline:
        timeline.append(led("Ann"), id="a", known="2021", source="Herald")
        timeline.correct("a", led("Bob"), id="c1", known="2023", source="Post")
        timeline.correct("c1", led("Cyd"), id="c2", known="2021", source="Herald")
        everything: Any = {"credence": ["reported"]}
        for basis in {"known": "2022"}, {"known": "2022", **everything}, {"without": "Post"}:
            moment = timeline.as_of(**basis)
            (told,) = moment.all(Organisation)
            assert told.ceo == moment.of(Organisation, "acme").ceo == "ann"
            (why,) = moment.explain(Organisation, "acme", field="ceo").fields
            assert [reason.record.ref for reason in why.because] == ["a"]
            assert "Bob" not in str(moment.explain(Organisation, "acme"))
            assert [one.ref for one in timeline.as_of(**basis).records(stands=True)] == ["a"]
        for basis in {}, everything:
            assert timeline.as_of(**basis).of(Organisation, "acme").ceo == "cyd"
        assert "Ann" not in str(timeline.as_of(only="Post").explain(Organisation, "acme"))


HALF = settings(max_examples=max(1, settings().max_examples // 2))
"""For properties of which each example costs much."""
NAMES = ["acme", "bolt", "crux", "ann"]
CONTENT = strategies.wide(NAMES)
EVERYBODY = ["herald", "post", "gazette"]
HISTORIES = histories(
    st.one_of(CONTENT, strategies.NOTES, strategies.LEADERS), least=4, most=10, sources=EVERYBODY
)
FILTERS: st.SearchStrategy[dict[str, tuple[str, ...]]] = st.fixed_dictionaries(
    {
        "without": st.sampled_from([(), ("herald",), ("herald", "post")]),
        "only": st.sampled_from([(), ("post",), ("post", "herald")]),
        "credence": st.sampled_from([(), ("reported",), ("reported", "denied"), ("confirmed", "rumoured")]),
    }
)


@frozen
class Asked:
    """A point of a history, on somebody's word: as keywords, and as the oracle takes it."""

    history: History
    valid: datetime
    known: datetime | None
    position: int
    dates: Reading
    words: dict[str, tuple[str, ...]]

    def moment(self, timeline: Timeline) -> Moment:
        """The moment."""
        words: Any = self.words
        return timeline.as_of(self.valid, known=self.known, position=self.position, dates=self.dates, **words)

    @property
    def point(self) -> oracle.Point:
        """The point, for the oracle."""
        return oracle.Point(self.valid, self.dates)

    @property
    def view(self) -> tuple[datetime, int, oracle.Word]:
        """What is in view, for the oracle."""
        return self.known or oracle.END, self.position, oracle.Word(**self.words)

    def seen(self) -> list[int]:
        """The positions of the records in view."""
        return [one.position for one in oracle.seen(self.history.log, *self.view)]

    def standing(self) -> list[int]:
        """The positions of the records that stand."""
        return [one.position for one in oracle.standing(self.history.log, *self.view)]


@st.composite
def askings(draw: st.DrawFn, content: st.SearchStrategy[History] = HISTORIES, words: Any = FILTERS) -> Asked:
    """Some point of some history, half of the time at the head with all known."""
    history = draw(content)
    return Asked(
        history,
        draw(strategies.moments(history))[0],
        draw(st.none() | st.sampled_from(history.knowns)),
        draw(st.just(len(history.log)) | st.integers(0, len(history.log))),
        draw(st.sampled_from(READINGS)),
        draw(words),
    )


def opened(history: History) -> Timeline:
    """A timeline of a history."""
    timeline = in_memory(CATALOGUE, clock=Clock())
    timeline.append(*history.statements)
    return timeline


def assert_agreement(timeline: Timeline, moment: Moment) -> None:
    """All states in SQL are what each is in Python."""
    entities = [entity for (entity,) in timeline.sql("SELECT id FROM entities ORDER BY id")]
    for kind in CATALOGUE.compiled:
        found = {state.who: state for state in moment.all(kind.name)}
        assert len(list(moment.table(kind.name))) == len(found)
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


def places(records: Iterable[Record]) -> set[int]:
    """The positions of records."""
    return {record.position for record in records}


def assert_as_defined(state: State, wanted: oracle.Answer) -> None:
    """What a state rests on, and by what it is unsettled, is what the laws say."""
    for field, because in wanted.because.items():
        assert places(state.because[field]) == because, field
        assert places(state.unsettled[field]) == wanted.unsettled[field], field


def of_each(one: Asked, timeline: Timeline) -> Iterator[tuple[State, oracle.Answer]]:
    """The states of the oracle, of everybody known, each with what the laws say."""
    log, moment = one.history.log, one.moment(timeline)
    ids = oracle.read_as(log, *one.view)
    known = [name for (name,) in timeline.sql("SELECT id FROM entities ORDER BY id") if name in NAMES]
    for name in known:
        yield moment.of("ledger", name), oracle.ledger(log, name, one.point, *one.view)
        yield moment.of("organisation", name), oracle.organisation(log, name, one.point, *one.view)
    for pair in itertools.combinations(known, 2):
        if ids.get(pair[0], pair[0]) != ids.get(pair[1], pair[1]):
            yield moment.between(*pair), oracle.relationship(log, pair, one.point, *one.view)


@HALF
@given(askings())
def test_every_answer_is_as_defined_by_any_filter(one: Asked) -> None:
    """At any (valid, known, position) and reading of dates: records, states, what tells of them, and SQL."""
    with opened(one.history) as timeline:
        moment = one.moment(timeline)
        basis: Any = {"known": one.known, "position": one.position, **one.words}
        assert [record.position for record in timeline.as_of(**basis).records()] == one.seen()
        assert [record.position for record in timeline.as_of(**basis).records(stands=True)] == one.standing()
        assert moment.superseded(timeline.as_of().records()).keys() == set(one.seen()) - set(one.standing())
        assert_agreement(timeline, moment)
        for state, wanted in of_each(one, timeline):
            assert_as_defined(state, wanted)
        for violation in timeline.as_of(**basis).check():
            assert places(violation.records) <= set(one.standing())


@given(askings(), st.sampled_from(["ledger", "organisation", "relationship"]), st.data())
def test_what_tells_of_an_answer_says_the_same(one: Asked, state: str, data: st.DataObject) -> None:
    """Explanations, both histories and comparisons agree with it, and tell only what is in view."""
    with opened(one.history) as timeline:
        found = [told for told, _ in of_each(one, timeline) if told.__timeline__.name == state]
        if found:
            assert_told_alike(one, timeline, data.draw(st.sampled_from(found)), data)


def assert_told_alike(one: Asked, timeline: Timeline, found: State, data: st.DataObject) -> None:
    """That of one state."""
    state, moment = found.__timeline__.name, one.moment(timeline)
    explanation = moment.explain(state, *found.who)
    assert explanation.state == found
    for why in explanation.fields:
        for reason in (*why.because, *why.unsettled):
            withdrawn = [each for told in reason.withdrawn for each in (told.record, told.by)]
            assert places([*reason.replaced, *withdrawn]) <= set(one.seen())
            assert places([reason.record, *reason.attestations]) <= set(one.standing())
        assert places(why.denials) <= set(one.standing())
    basis: Any = {"position": one.position, "dates": one.dates, **one.words}
    along = timeline.as_of(known=one.known, **basis).history(state, *found.who).at(one.valid)
    assert along is not None
    assert (along.values, along.unsettled) == (found.values(), found.unsettled)
    learned = list(timeline.as_of(one.valid, **basis).history(state, *found.who, axis="known"))
    (there,) = [one_ for one_ in learned if one_.holds(one.known or learned[-1].begins or one.valid)]
    assert there.values == found.values()
    for period in learned[1:]:
        assert period.begins is not None
        assert places(period.opened_by) <= set(evolve(one, known=period.begins).seen())
    other = evolve(one, known=data.draw(st.sampled_from(one.history.knowns)))
    ids = oracle.read_as(one.history.log, *other.view)
    if len({ids.get(name, name) for name in found.who}) < len(found.who):
        return  # both are one there
    difference = moment.diff(other.moment(timeline), state, *found.who)
    for cause in difference.causes:
        assert cause.record.position in {*one.standing(), *other.standing()}
        stands = [cause.record.position in each.standing() for each in (one, other)]
        assert cause.gained == (None if all(stands) else stands[1]) or all(stands)


@HALF
@given(askings(words=st.just({})), st.data())
def test_a_filter_that_leaves_nothing_out_changes_nothing(one: Asked, data: st.DataObject) -> None:
    """What states, records, explanations and histories tell without it, they tell with it."""
    everything = evolve(one, words={"credence": CREDENCES})
    with opened(one.history) as timeline:

        def told(asked: Asked, kind: StateType, who: tuple[str, ...]) -> list[Any]:
            """All that is told of one state, but where it was asked."""
            moment = asked.moment(timeline)
            basis: Any = {"position": asked.position, "dates": asked.dates, **asked.words}
            return [
                moment.explain(kind.name, *who).as_dict() | {"basis": None},
                *timeline.as_of(known=asked.known, **basis).history(kind.name, *who).as_dict()["periods"],
                *timeline.as_of(asked.valid, **basis)
                .history(kind.name, *who, axis="known")
                .as_dict()["periods"],
            ]

        plain, sifted = (each.moment(timeline) for each in (one, everything))
        for kind in CATALOGUE.compiled:
            assert told_by(plain.all(kind.name)) == told_by(sifted.all(kind.name))
        kind = data.draw(st.sampled_from([*CATALOGUE.states.values()]))
        who = tuple(data.draw(st.permutations(NAMES))[: kind.arity])
        with suppress(NotAllowed, UnknownEntity):
            assert told(one, kind, who) == told(everything, kind, who)


def told_by(states: Iterable[State]) -> list[dict[str, Any]]:
    """States but for where they were asked."""
    return [state.as_dict() | {"basis": None} for state in states]


@given(HISTORIES)
def test_leaving_out_all_sources_leaves_nothing(history: History) -> None:
    """Of what rests on any, one at a time and all at once."""
    cited = [replace(one, sources=one.sources or ("post",)) for one in history.log]
    with opened(History(tuple(cited))) as timeline:
        moment = timeline.as_of("2030", without=EVERYBODY)
        assert not any(moment.of(Ledger, "elsewhere").because.values())
        for kind in CATALOGUE.compiled:
            assert list(moment.all(kind.name)) == []
