"""What of a log is in view at a point: its records, whom they speak of, and what of it does not add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from events import CEOAppointment, CEOResignation, EntityNamed, FigureReported, FundingRound
from tests import oracle, strategies
from tests.compile.test_compile import CATALOGUE
from tests.ledger import Clock, Noted
from tests.oracle import READINGS
from tests.records.test_filters import CONTENT, Asked, askings, opened
from tests.reuse import in_memory
from tests.strategies import History, histories
from timeline import Timeline
from timeline.errors import NotAllowed, UnknownSource, WrongBasis
from timeline.moment import Violation, in_view, view
from timeline.moment.view import ViewInSql
from timeline.records import Record

WIDE = histories(CONTENT, least=3)


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """Two who lead Acme at once by what the Post says, known a year late, and a name that came later."""
    with in_memory(clock=Clock()) as timeline:
        timeline.append(
            CEOAppointment("2019", company="Acme", person="Ann"), source="Herald", known="2019-12-31", id="a"
        )
        timeline.append(
            CEOAppointment("2021-06", company="Acme", person="Bob"), source="Post", known="2022", id="b"
        )
        timeline.append(
            CEOResignation("2023", company="Acme", person="Ann"), source="Herald", known="2023-12-31", id="c"
        )
        timeline.append(EntityNamed("2022", entity="acme", name="Acme Works"), source="Post", known="2022")
        yield timeline


def marks(records: Iterable[Record]) -> list[str | None]:
    return [one.ref for one in records]


def basis_of(one: Asked) -> dict[str, Any]:
    """The keywords of a point of a history but for its date."""
    return {"known": one.known, "position": one.position, "dates": one.dates, **one.words}


# Records


@given(WIDE, st.data())
def test_the_records_shown_are_those_in_view(history: History, data: st.DataObject) -> None:
    """Those that are known and within the position, and those of them that stand, as worked out by hand."""
    with in_memory(CATALOGUE, clock=Clock()) as timeline:
        timeline.append(*history.statements)
        everything = list(timeline.as_of().records())
        for known, position in data.draw(st.lists(st.sampled_from(strategies.planes(history)), max_size=4)):
            asked: Any = {"known": known, "position": position}
            moment = timeline.as_of(**asked)
            assert list(timeline.as_of(**asked).records()) == [
                one for one in everything if moment.basis.sees(one)
            ]
            standing = [one.position for one in oracle.standing(list(history.log), known, position)]
            assert [one.position for one in timeline.as_of(**asked).records(stands=True)] == standing
            fallen = {one.position for one in timeline.as_of(**asked).records()} - set(standing)
            assert moment.superseded(everything).keys() == fallen


@given(askings())
def test_what_is_left_out_of_a_query_is_what_is_not_in_view(one: Asked) -> None:
    """As the parts of it; of records shown in Python the same, and in a what-if that supposes nothing."""
    with opened(one.history) as timeline:
        basis, everything = one.moment(timeline).basis, list(timeline.as_of().records())
        with timeline._session.in_file() as log:
            sql = ViewInSql.of(log, basis)
            gone, unseen = (
                {
                    row[0]
                    for row in log.connection.execute(
                        f"WITH {', '.join(sql.parts)} FROM {name}",
                        {name: one for name, one in sql.asked.items() if f"${name}" in " ".join(sql.parts)},
                    ).fetchall()
                }
                for name in ("gone", "unseen")
            )
            view = in_view(log, basis, everything)
        there = {record.position for record in everything if basis.sees(record)}
        assert [record.position for record in view.records] == sorted(there - unseen) == one.seen()
        assert [record.position for record in view.standing] == sorted(there - gone) == one.standing()
        with timeline.what_if() as world:
            assert list(world.as_of(**basis_of(one)).records(stands=True)) == list(view.standing)


@given(WIDE, st.data())
def test_by_a_date_is_until_that_date(history: History, data: st.DataObject) -> None:
    """By either reading of dates, whatever began before."""
    with in_memory(CATALOGUE, clock=Clock()) as timeline:
        timeline.append(*history.statements)
        for point in data.draw(strategies.moments(history)):
            for dates in READINGS:
                by_then: list[Record] = list(timeline.as_of(point, dates=dates).records(by_then=True))
                assert by_then == list(timeline.as_of(dates=dates).records(until=point))


def test_a_date_keeps_what_had_happened_by_its_close(tl: Timeline) -> None:
    assert marks(tl.as_of("2021").records(types="ceo_appointment", by_then=True)) == ["a", "b"]
    assert marks(tl.as_of("2021-06-15").records(by_then=True)) == ["a"]
    assert marks(tl.as_of("2021-06-15", dates="earliest").records(by_then=True)) == ["a", "b"]
    assert marks(tl.as_of("2021", known="then").records(by_then=True)) == ["a"]
    assert marks(tl.as_of("2023", without="post").records(since="2021", by_then=True)) == ["c"]
    assert marks(tl.as_of("0001").records(by_then=True)) == marks(tl.as_of(position=0).records()) == []


def test_what_no_longer_stood_is_told_as_of_then(tl: Timeline) -> None:
    """Nothing that came later overrules it."""
    tl.retract("b", known="2024", source="Herald", id="gone")
    assert marks(tl.as_of().records(stands=True, types="ceo_appointment")) == ["a", "gone"]
    assert marks(tl.as_of(known="2023").records(stands=True, types="ceo_appointment")) == ["a", "b"]
    assert marks(tl.as_of(without="herald").records(stands=True, types="ceo_appointment")) == ["b"]
    records = list(tl.as_of().records())
    assert {place: one.position for place, one in tl.as_of().superseded(records).items()} == {2: 5}
    assert tl.as_of(position=4).superseded(records) == tl.as_of(known="2023").superseded(records) == {}


def test_what_is_no_point_is_refused_everywhere(tl: Timeline) -> None:
    with pytest.raises(UnknownSource, match="nobody"):
        tl.as_of(without="nobody")
    with pytest.raises(WrongBasis):
        tl.as_of(position=5)
    with pytest.raises(NotAllowed, match="time zone"):
        tl.as_of(tz="Europe/Pariss")


# Who there is


@given(WIDE, st.data())
def test_who_was_spoken_of_by_a_position_is_whom_a_log_up_to_it_speaks_of(
    history: History, data: st.DataObject
) -> None:
    """As many records, names and samenesses; at the end, the same as without a point."""
    statements = history.statements
    position = data.draw(st.integers(0, len(statements)))
    with (
        in_memory(CATALOGUE, clock=Clock()) as timeline,
        in_memory(CATALOGUE, clock=Clock()) as before,
    ):
        if statements[:position]:
            before.append(*statements[:position])
        timeline.append(*statements[:position])
        timeline.append(*statements[position:])
        assert timeline.as_of(position=position).entities() == before.as_of().entities()
        assert (
            timeline.as_of(position=len(statements), known="9998").entities() == timeline.as_of().entities()
        )
        assert list(timeline.as_of(position=position).check()) == list(before.as_of().check())
        records = list(timeline.as_of().records())
        for known in history.knowns:
            listed = {one.id: one.records for one in timeline.as_of(known=known).entities()}
            seen = [one for one in records if one.known_at <= known]
            assert listed == {
                name: sum(name in one.entities for one in seen)
                for name in {name for one in seen for name in one.entities}
            }


@given(askings())
def test_whom_a_filter_leaves_is_whom_the_records_speak_of(one: Asked) -> None:
    with opened(one.history) as timeline:
        spoken = {name for record in timeline.as_of(**basis_of(one)).records() for name in record.entities}
        assert {listed.id for listed in timeline.as_of(**basis_of(one)).entities()} == spoken


def test_who_was_known_then_and_under_which_names(tl: Timeline) -> None:
    assert [one.id for one in tl.as_of(known="2021").entities()] == ["acme", "ann"]
    assert [one.id for one in tl.as_of(without="post").entities()] == ["acme", "ann"]
    assert [one.id for one in tl.as_of(known="2021").entities("works")] == ["acme"]
    (acme,) = tl.as_of().entities("acme")
    assert [one.name for one in acme.names] == ["Acme", "Acme Works"]
    (acme,) = tl.as_of("2022-06").entities("acme", by_then=True)
    assert ([one.name for one in acme.names], acme.name) == (["Acme"], "Acme")
    (acme,) = tl.as_of("2022-06", dates="earliest").entities("acme", by_then=True)
    assert [one.name for one in acme.names] == ["Acme", "Acme Works"]
    (acme,) = tl.as_of(without="post").entities("acme")
    assert acme.told == "Acme; 2 records, #1 to #3"


# What does not add up


def test_what_does_not_add_up_had_begun_by_then(tl: Timeline) -> None:
    """Once both had begun, surely or perhaps; the end, which is told later, may come later."""

    def found(**asked: Any) -> list[bool]:
        return [one.certain for one in tl.as_of(**asked).check(rules="one_ceo", by_then="valid" in asked)]

    assert found() == found(valid="2021-06") == found(valid="2025") == [True]
    assert found(valid="2021-05") == found(valid="2021-06-29") == []
    assert found(valid="2021-06-01", dates="earliest") == [True]
    assert found(valid="0001") == found(position=0) == found(valid="2022", known="then") == []
    assert found(without="post") == found(only="herald") == found(credence="rumoured") == []
    assert found(only=["herald", "post"]) == [True]
    counts = tl.as_of("2020").check(by_then=True).counts
    assert not any(one.certain or one.possible for one in counts.values())


def test_what_comes_later_hides_nothing_that_had_begun(tl: Timeline) -> None:
    """Each event is told with one of those that it does not go with, and that is one that had begun."""

    def figure(occurred: str, number: str) -> FigureReported:
        return FigureReported(occurred, of="Acme", measure="users", number=number, period="2018")

    tl.append(figure("2019", "5"), figure("2020", "7"), figure("2024", "5"))
    assert [len(one.records) for one in tl.as_of("2020").check(rules="figures", by_then=True)] == [2]
    assert [len(one.records) for one in tl.as_of().check(rules="figures")] == [3]
    for occurred in "2020", "[2020..2024]", "2020-05":
        tl.append(FundingRound(occurred, company="Bolt", investors=["Cy"], amount="$5"))
    (one,) = tl.as_of("2021").check(rules="lookalikes", by_then=True)
    assert [record.occurred.text for record in one.records if record.occurred] == ["2020", "2020-05"]
    tl.append(CEOAppointment("2000-05~", company="Dot", person="Eve"))
    tl.append(CEOAppointment("2000", company="Dot", person="Fay"))
    tl.append(CEOAppointment("2002", company="Dot", person="Gus"))
    tl.append(CEOResignation("2004", company="Dot", person="Eve"))
    assert [one.certain for one in tl.as_of("2001").check(rules="one_ceo", by_then=True)] == [False]


@given(histories(CONTENT, revised=False, least=4), st.data())
def test_a_filter_judges_as_if_the_rest_had_not_been_said(history: History, data: st.DataObject) -> None:
    """Where nothing is corrected: what does not add up without somebody's word is what does not else."""
    words = [data.draw(st.sampled_from(["herald", "post"])) for _ in history.log]
    said = [evolve(one, source=word) for one, word in zip(history.statements, words, strict=True)]
    rest = [one for one, word in zip(said, words, strict=True) if word != "post"]
    with (
        in_memory(CATALOGUE, clock=Clock()) as timeline,
        in_memory(CATALOGUE, clock=Clock()) as other,
    ):
        timeline.append(Noted("2000", subject="acme", topic="mood"), source="post")
        timeline.append(*said)
        other.append(*rest)
        without, alone = timeline.as_of(without="post").check(), other.as_of().check()
        assert without.counts == alone.counts
        assert [told_apart(one) for one in without] == [told_apart(one) for one in alone]


def told_apart(one: Violation) -> tuple[Any, ...]:
    """A violation without the positions of its records."""
    return one.rule, one.certain, one.valid_from, one.valid_to, [each.event for each in one.records]


def test_money_is_summed_on_the_word_of_some(tl: Timeline) -> None:
    """An attestation that a filter leaves out is not among those who say it."""
    tl.append(FundingRound("2020", company="Bolt", investors=["Cy"], amount="$5"), source="Post", id="r")
    tl.append(FundingRound("2020", company="Bolt", investors=["Cy"], amount="$7"), source="Post", id="s")
    tl.attest("r", source="Herald")
    (one,) = tl.as_of().check(rules="lookalikes")
    assert [len(several) for several in one.sources] == [2, 1]
    (one,) = tl.as_of(only="post").check(rules="lookalikes")
    assert [len(several) for several in one.sources] == [1, 1]


@given(askings(), st.integers(0, 6), st.integers(0, 5), st.booleans(), st.integers(1, 3))
def test_so_many_records_are_the_first_of_all(
    one: Asked, limit: int, after: int, stands: bool, window: int
) -> None:
    """By any filter, at any basis, however many are looked through at a time."""
    with opened(one.history) as timeline, patch.object(view, "_WINDOW", window):
        moment = one.moment(timeline)
        everything = list(moment.records(after=after, stands=stands))
        assert list(moment.records(after=after, stands=stands, limit=limit)) == everything[:limit]
