"""What if: a world is a copy to which the statements were appended, and nothing is written."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from events import CEOAppointment, EntityNamed, FundingRound, Organisation, Relationship
from tests.compile.test_compile import CATALOGUE
from tests.records.test_filters import CONTENT, EVERYBODY, FILTERS, HALF, Asked, askings, opened
from tests.reuse import in_memory
from tests.strategies import History, histories
from timeline import Assertion, Attestation, Correction, Moment, Retraction, Timeline
from timeline.compile import quoted
from timeline.errors import (
    AlreadySuperseded,
    IdConflict,
    NotAllowed,
    UnknownEntity,
    UnknownRecord,
    UnknownSource,
    WrongBasis,
)
from timeline.log.duckdb import world as world_module, writing
from timeline.moment.what_if import Supposing
from timeline.plot import graph

NAMINGS = st.tuples(
    st.just("entity_named"),
    st.fixed_dictionaries(
        {"entity": st.sampled_from(["acme", "bolt"]), "name": st.sampled_from(["Ac Me", "Volt", "Crux 2"])}
    ),
)


def content(moment: Moment, kind: str, who: tuple[str, ...]) -> tuple[Any, ...] | str:
    """All that a state tells, but where it was asked; or why there is none."""
    try:
        state = moment.of(kind, *who)
    except NotAllowed as problem:
        return str(problem)
    return state.who, state.values(), state.because, state.unsettled, state.names


def assert_same(world: Moment, copy: Moment, entities: list[str]) -> None:
    """Every state of everybody is the same, one at a time and all at once."""
    for kind in CATALOGUE.states.values():
        for who in itertools.combinations(entities, kind.arity):
            assert content(world, kind.name, who) == content(copy, kind.name, who)
    for kind in CATALOGUE.compiled:
        ours, theirs = (
            [state.as_dict() | {"basis": None} for state in one.all(kind.name)] for one in (world, copy)
        )
        assert ours == theirs


_UNLIKE = {"meta", "shapes", "commits", "foldings", "letters", "feeds"}
"""What the file says of itself, what has no spans, and commits: there may be two for one of the world."""
_THERE = """
    SELECT table_schema, table_name, list(column_name ORDER BY column_index)
    FROM (
        SELECT schema_name AS table_schema, table_name, column_name, column_index FROM duckdb_columns()
        WHERE NOT internal AND database_name = current_database() AND schema_name IN ('main', 'said')
    )
    GROUP BY ALL ORDER BY ALL
"""


def told(timeline: Timeline, schema: str, name: str, columns: list[str]) -> list[tuple[Any, ...]]:
    """All rows of a table, but for what is drawn by lot, and when they were written."""
    own = [quoted(one) for one in columns if one not in {"recorded_at", "salt", "digest", "known_at"}]
    return timeline.sql(f"SELECT {', '.join(own)} FROM {schema}.{quoted(name)} ORDER BY ALL").rows  # type: ignore[return-value]


def assert_asked_alike(world: Timeline, copy: Timeline) -> None:
    """Whatever SQL can be put to a timeline is answered alike, and what does not add up is told alike."""
    for schema, name, columns in copy.sql(_THERE):
        if name not in _UNLIKE:
            assert told(world, schema, name, columns) == told(copy, schema, name, columns), name
    assert world.as_of().entities() == copy.as_of().entities()
    ours, theirs = (json.dumps(one.as_of().check().as_dict() | {"basis": None}) for one in (world, copy))
    assert ours.replace("supposed #", "#").replace(', "supposed": true', "") == theirs


@HALF
@given(
    askings(
        histories(st.one_of(CONTENT, NAMINGS), least=4, sources=EVERYBODY),
        st.just(dict[str, tuple[str, ...]]()) | FILTERS,
    ),
    st.data(),
)
def test_a_world_is_a_copy_to_which_it_was_appended(one: Asked, data: st.DataObject) -> None:
    """On top of what was there, or of an earlier basis of a log that went on; at any basis, by any filter.

    What is said in one commit is said in one world: names in it are read by all that it names. The spans of
    the log reach as far as it does, less far than the basis, or further.
    """
    tail = data.draw(st.sampled_from([0, 1, 2, 2_000]))
    with patch.object(writing, "_TAIL", tail):
        _assert_a_copy(one, data)


def _assert_a_copy(one: Asked, data: st.DataObject) -> None:
    history, log = one.history, one.history.log
    cut = data.draw(st.integers(1, len(log)))
    cuts = data.draw(st.sampled_from([(cut,), (cut, min(cut + 2, len(log)))]))
    begun_with, *parts = itertools.pairwise((0, *cuts, len(log)))
    parted = [history.statements[start:stop] for start, stop in parts]
    with opened(History(log[slice(*begun_with)])) as copy, opened(History(log[:cut])) as begun:
        for statements in parted:
            copy.append(*statements)
        entities = [entity for (entity,) in copy.sql("SELECT id FROM entities ORDER BY id")]
        first, *more = parted
        world = data.draw(st.sampled_from([begun.what_if(*first), copy.what_if(*first, position=cut)]))
        for statements in more:
            world = world.what_if(*statements)
        assert_asked_alike(world, copy)
        assert list(world.as_of().records()) == list(copy.as_of().records())
        assert list(world.as_of().records(stands=True)) == list(copy.as_of().records(stands=True))
        assert [record.position for record in world.supposed] == list(range(cut + 1, len(log) + 1))
        there = evolve(one, position=max(cut, one.position))
        assert_same(there.moment(world), there.moment(copy), entities)
        assert list(begun.as_of().records()) == list(copy.as_of().records())[:cut]


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """A round, corrected, the correction withdrawn; and an appointment."""
    with in_memory() as timeline:
        timeline.append(
            FundingRound("2020", company="Acme", investors=["Ann"], amount="$5"), source="Post", id="r"
        )
        timeline.correct("r", FundingRound("2020", company="Acme", investors=["Ann"], amount="$7"), id="c")
        timeline.append(CEOAppointment("2021", company="Acme", person="Ann"), source="Gazette", id="ceo")
        timeline.retract("c", id="w", note="a slip")
        yield timeline


def put_in(timeline: Timeline, **asked: Any) -> object:
    """What Ann put into Acme, in dollars."""
    return timeline.as_of(**asked).between("acme", "ann").invested["ann"].wholly.get("USD")


def test_a_retraction_of_a_retraction_is_that_it_was_not_said(tl: Timeline) -> None:
    """As if the record had not been withdrawn; the log can be read meanwhile, and says what it said."""
    with tl.what_if(Retraction("w")) as world:
        assert put_in(world) == 7
        assert put_in(tl) == put_in(world, position=4) == 5
        tl.retract("r")
        assert put_in(world) == 7
    assert len(list(tl.as_of().records())) == 5


def test_what_is_supposed_is_marked(tl: Timeline) -> None:
    """In the basis, in the records and where they are pointed at, in words and as plain values."""
    world = tl.what_if(CEOAppointment("2022", company="Acme", person="Bob"), Retraction("r"))
    assert [str(one) for one in world.supposed] == [
        "supposed #5 2022: Bob becomes CEO of Acme",
        "supposed #6 retracted: Acme raises money from Ann: $5",
    ]
    state = world.as_of("2023").of(Organisation, "acme")
    assert str(state.basis) == "end of 2023-12-31 UTC, supposing 2 records"
    assert state.basis.as_dict()["supposed"] == 2
    assert "Bob  supposed #5" in str(state)
    assert world.as_of(position=5).basis.supposed == 1
    assert world.as_of(position=5).as_of("2023").basis.supposed == 1
    assert "supposed" not in tl.as_of().basis.as_dict()
    assert "supposed" not in tl.as_of().records()[0].as_dict()
    assert world.supposed[0].as_dict()["supposed"] is True
    assert "supposed #5" in str(world.as_of("2023").explain(Organisation, "acme", field="ceo"))
    assert tl.supposed == ()
    assert "supposing 2 records" in repr(world)


def test_a_world_without_statements_is_the_log(tl: Timeline) -> None:
    """At its head, or as it was."""
    assert tl.what_if().as_of("2023").of(Organisation, "acme") == tl.as_of("2023").of(Organisation, "acme")
    assert put_in(tl.what_if(position=2)) == 7
    assert list(tl.what_if(position=2).as_of().records()) == list(tl.as_of().records())[:2]
    assert list(tl.what_if(position=0).as_of().records()) == []


def test_what_could_not_be_appended_cannot_be_supposed(tl: Timeline) -> None:
    """With the same errors; and nothing is left of it."""
    for statement, problem in (
        (Retraction("c"), AlreadySuperseded),
        (Retraction("nothing"), UnknownRecord),
        (Assertion(CEOAppointment("2021", company="Acme", person="Bob"), id="ceo"), IdConflict),
        (Attestation("r"), NotAllowed),
    ):
        with pytest.raises(problem):
            tl.what_if(statement)
    with pytest.raises(WrongBasis):
        tl.what_if(position=9)
    assert len(list(tl.as_of().records())) == 4


def test_nothing_is_written(tl: Timeline) -> None:
    """Whichever way it is tried."""
    world = tl.what_if(Retraction("w"))
    event = FundingRound("2020", company="Acme", investors=["Bob"], amount=None)
    for tried in (
        lambda: world.append(event),
        lambda: world.retract("r"),
        lambda: world.append_table(FundingRound, "SELECT 1", known="occurred"),
        lambda: world.append_all([[Assertion(event)]]),
        world.rebuild,
    ):
        with pytest.raises(NotAllowed, match="writes nothing"):
            tried()
    for asked in world.verify, world.follow:
        with pytest.raises(NotAllowed, match="nowhere in the file"):
            asked()


def test_a_world_is_asked_by_sql(tl: Timeline) -> None:
    """By tables, views and macros of states, also at another basis; it writes and reads nothing else."""
    world = tl.what_if(CEOAppointment("2022", company="Acme", person="Bob"), Retraction("w"))
    asked = "SELECT ceo FROM organisation_as_of(?) WHERE organisation = entity('Acme')"
    assert [world.sql(asked, [year]).rows for year in ("2021", "2022")] == [(("ann",),), (("bob",),)]
    assert tl.sql(asked, ["2022"]).rows == (("ann",),)
    assert world.sql("SELECT amount FROM funding_round").rows[0][0] == 7
    periods = "SELECT opened_by FROM organisation_periods(position := 4) WHERE field = 'ceo'"
    assert world.sql(periods).rows == tl.sql(periods).rows == ((3,),)
    assert world.sql("SELECT count(*) FROM query_table('organ' || 'isation')").rows == ((2,),)
    with pytest.raises(NotAllowed, match="exactly one SELECT"):
        world.sql("DELETE FROM log")
    for query in "WITH gone AS (DELETE FROM memory.main.log RETURNING 1) FROM gone", "FROM 'nothing.csv'":
        with pytest.raises(NotAllowed):
            world.sql(query)
    assert [source for (source,) in tl.what_if(position=1).sql("SELECT title FROM sources")] == ["Post"]


def test_a_world_tells_whom_it_speaks_of_and_what_does_not_add_up(tl: Timeline) -> None:
    """As the log would, were it said; and is drawn like any timeline."""
    world = tl.what_if(
        FundingRound("2020-05", company="Bolt", investors=["Ann"], amount="$5"),
        FundingRound("2020-05", company="Bolt", investors=["Ann"], amount="$6"),
    )
    assert [one.id for one in world.as_of().entities()] == ["acme", "ann", "bolt"]
    assert [one.id for one in tl.as_of().entities()] == ["acme", "ann"]
    assert any("supposed #5" in str(one) for one in world.as_of().check().violations)
    drawn, without = (graph(one.as_of("2021")).svg() for one in (world, tl))
    assert "Bolt" in drawn
    assert "Bolt" not in without


def test_a_world_stays_as_it_is_when_spans_are_made_behind_its_base(tmp_path: Path) -> None:
    """While the file is held, so that the world is kept, and what it is read from moves on."""
    said = [CEOAppointment(str(year), company="Acme", person=f"P{year}") for year in range(2000, 2010)]
    with patch.object(writing, "_TAIL", 0), Timeline.open(tmp_path / "t.duckdb") as timeline:
        timeline.append(*said[:5])
        world = timeline.what_if(said[9])
        asked = "SELECT ceo, ceo_since FROM organisation_as_of('2015') WHERE organisation = 'acme'"
        told = world.sql(asked).rows
        assert told == (("p2009", "2009"),)
        for one in said[5:9]:
            timeline.append(one, one.__class__("2030", company="Acme", person="Later"))
            assert world.sql(asked).rows == told
            assert world.as_of("2015").of(Organisation, "acme").ceo == "p2009"
            assert world.as_of("2004").of(Organisation, "acme").ceo == "p2004"
            assert next(state.ceo for state in world.as_of("2004").all(Organisation)) == "p2004"
        databases = "SELECT count(*) FROM duckdb_databases() WHERE database_name LIKE 'what if%'"
        assert timeline.sql(databases).rows[0][0] > 0
        del world
        assert timeline.sql(databases).rows == ((0,),)


def test_names_are_those_of_the_world(tl: Timeline) -> None:
    """New entities are known in it alone, and of an earlier basis only those that were spoken of by then."""
    world = tl.what_if(
        CEOAppointment("2022", company="Acme", person="Bob Stone"),
        EntityNamed("2022", entity="Acme", name="Ajax"),
    )
    assert world.as_of("2023").of(Organisation, "ajax").ceo == "bob-stone"
    assert world.as_of("2023").of(Organisation, "acme").named("acme") == "Ajax"
    assert world.as_of("2021").of(Organisation, "acme").named("acme") == "Acme"
    with pytest.raises(UnknownEntity):
        tl.as_of().of(Organisation, "ajax")
    with pytest.raises(UnknownEntity, match="Bob Stone"):
        world.as_of().of(Organisation, "bob stome")
    tl.append(CEOAppointment("2024", company="Bolt", person="Cy"))
    with pytest.raises(UnknownEntity):
        world.as_of().of(Organisation, "bolt")
    again = tl.what_if(CEOAppointment("2024", company="B.O.L.T.", person="Dee"), position=4)
    state = again.as_of().of(Organisation, "bolt")
    assert [state.named(one) for one in state.who] == ["B.O.L.T."]


def test_ids_and_sources_are_those_of_the_world(tl: Timeline) -> None:
    """A record is found by its mark, what is known already changes nothing, and sources can be left out."""
    event = CEOAppointment("2022", company="Acme", person="Bob")
    world = tl.what_if(Assertion(event, id="b"), source="Herald", known="2022")
    assert world.record("b").position == 5
    assert world.what_if(Assertion(event, id="b"), source="Herald").supposed == world.supposed
    assert world.as_of("2023", without="Herald").of(Organisation, "acme").ceo == "ann"
    assert world.as_of("2023", known="2021").of(Organisation, "acme").ceo is None


def test_all_states_are_those_of_the_world(tl: Timeline) -> None:
    """As states and as a table, of whom it speaks and of others."""
    tl.append(FundingRound("2020", company="Bolt", investors=["Cy"], amount="$1"))
    world = tl.what_if(Correction("r", FundingRound("2020", company="Acme", investors=["Bob"], amount="$9")))
    assert [state.who for state in world.as_of().all(Relationship)] == [("acme", "bob"), ("bolt", "cy")]
    rows = world.as_of().table(Relationship).as_dicts()
    assert [(row["a"], row["b"], row["rounds"]) for row in rows] == [("acme", "bob", 1), ("bolt", "cy", 1)]


def test_a_world_holds_no_file_and_needs_no_leave_to_write(tmp_path: Path) -> None:
    """Of a file that is only read; while a world is there, others may write."""
    path = tmp_path / "t.duckdb"
    Timeline.open(path).append(CEOAppointment("2021", company="Acme", person="Ann"), id="ceo")
    with Timeline.open(path, read_only=True).what_if(Retraction("ceo")) as world:
        Timeline.open(path).append(CEOAppointment("2022", company="Acme", person="Bob"))
        assert world.as_of().of(Organisation, "acme").ceo is None
        with Timeline.open(path, read_only=True) as reader:
            assert reader.as_of().of(Organisation, "acme").ceo == "bob"
            assert world.as_of().of(Organisation, "acme").ceo is None
            assert reader.what_if(Retraction("ceo")).as_of("2021").of(Organisation, "acme").ceo is None
            assert reader.as_of("2021").of(Organisation, "acme").ceo == "ann"


def test_worlds_are_told_apart_and_followed_through_time(tl: Timeline) -> None:
    """From the log, from each other, along valid time; and what is denied in one is told there."""
    world = tl.what_if(CEOAppointment("2022", company="Acme", person="Bob"), known="2022")
    other = tl.what_if(CEOAppointment("2022", company="Acme", person="Cy"), known="2022")
    changes = tl.as_of("2023").diff(world.as_of("2023"), Organisation, "acme")
    assert "supposed #5" in str(changes)
    assert "Cy" in str(world.as_of("2023").diff(other.as_of("2023"), Organisation, "acme"))
    periods = world.as_of().history(Organisation, "acme", field="ceo")
    assert list(dict.fromkeys(period.value for period in periods if period.value)) == ["ann", "bob"]
    assert [one.position for one in world.as_of().records(during="2022")] == [5]
    denied = tl.what_if(CEOAppointment("2021", company="Acme", person="Ann"), credence="denied", id="no")
    assert "supposed #5" in str(denied.as_of("2023").explain(Organisation, "acme", field="ceo"))


def test_what_is_denied_later_than_the_base_of_a_world_is_none_of_its_reasons(tl: Timeline) -> None:
    """Whether it is at a position at which the world has a record of its own, or behind all of them."""
    early = tl.what_if(CEOAppointment("2022", company="Acme", person="Bob"), known="2022", position=1)
    late = tl.what_if(CEOAppointment("2022", company="Acme", person="Bob"), known="2022")
    told = [str(world.as_of("2023").explain(Organisation, "acme", field="ceo")) for world in (early, late)]
    for _ in range(3):
        tl.append(CEOAppointment("2021", company="Acme", person="Ann"), credence="denied")
    for world, before in zip((early, late), told, strict=True):
        assert str(world.as_of("2023").explain(Organisation, "acme", field="ceo")) == before


def test_what_was_redacted_since_is_told_by_no_world(tmp_path: Path) -> None:
    """Though it was asked before."""
    timeline = Timeline.open(tmp_path / "t.duckdb")
    timeline.append(CEOAppointment("2021", company="Acme", person="Ann"), id="secret")
    world = timeline.what_if(CEOAppointment("2020", company="Acme", person="Dot"))
    assert world.as_of().of(Organisation, "acme").ceo == "ann"
    timeline.redact("secret", reason="a test", actor="Eve")
    assert world.as_of().of(Organisation, "acme").ceo == "dot"


def test_a_world_is_laid_out_anew_for_who_met_it_before_spans_were_made(tmp_path: Path) -> None:
    """Whatever others have made of it meanwhile."""
    with patch.object(writing, "_TAIL", 0), Timeline.open(tmp_path / "t.duckdb") as timeline:
        timeline.append(CEOAppointment("2021", company="Acme", person="Ann"))
        session = timeline.what_if(CEOAppointment("2022", company="Acme", person="Bob"))._session
        assert isinstance(session, Supposing)
        instance = session.file.shared.instance
        assert instance is not None
        with session.file.connected(write=False) as one, session.file.connected(write=False) as other:
            early = session.world.enter(one, instance, session.codec)
            timeline.append(CEOAppointment("2023", company="Acme", person="Cy"))
            assert not session.world.holds(other, early)
            late = session.world.enter(other, instance, session.codec)
            assert session.world.holds(other, late)
            assert not session.world.holds(one, early)
            assert session.world.enter(one, instance, session.codec) is late


@pytest.mark.parametrize("name", ["what if 1", "what if 2 says", "What If 3", 'a "quoted" one'])
def test_a_file_may_be_called_like_a_world(tmp_path: Path, name: str) -> None:
    """Or whatever else."""
    numbers = patch.object(world_module, "_numbers", itertools.count(1))
    with numbers, Timeline.open(tmp_path / f"{name}.duckdb") as timeline:
        timeline.append(CEOAppointment("2021", company="Acme", person="Ann"))
        worlds = [timeline.what_if(CEOAppointment("2022", company="Acme", person=who)) for who in "BCDE"]
        assert [world.as_of().of(Organisation, "acme").ceo for world in worlds] == ["b", "c", "d", "e"]


def test_sources_are_those_that_a_world_cites(tl: Timeline) -> None:
    """Not what came behind its base, to be counted or left out."""
    early = tl.what_if(CEOAppointment("2022", company="Acme", person="Bob"), source="Herald", position=1)
    assert [one.source for one in early.as_of().sources()] == ["Herald", "Post"]
    with pytest.raises(UnknownSource):
        early.as_of(without="Gazette")
