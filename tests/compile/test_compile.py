"""States in SQL give what the Python executor gives, on every history."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import attrs
import duckdb
import pytest
from attrs import frozen
from hypothesis import given, strategies as st

from events import CEOAppointment, Organisation
from tests import ledger, made_up, oracle, strategies
from tests.reuse import in_memory
from tests.strategies import History, histories
from timeline import Moment, Retraction, Timeline
from timeline.declare import (
    Entity,
    EntityState,
    Event,
    Money,
    When,
    event_type,
    held,
    last,
    money,
    state_type,
)
from timeline.errors import NotAllowed, TimelineError
from timeline.log.duckdb import writing
from timeline.records import Statement
from timeline.values import Reading
from timeline.vocabulary import Catalogue, Fold, StateType

SEEDS = Path(__file__).parents[2] / "seeds"


def _without_python(kind: StateType) -> Any:
    """The state with only those folds that run in SQL."""
    kept = {name: one for name, one in kind.folds.items() if one.kind != "fold"}
    hints = {name: kind.cls.__annotations__[name] for name in kept}
    body = {"__doc__": kind.doc, "__annotations__": hints, "__module__": kind.cls.__module__, **kept}
    return state_type("book")(type("Book", (EntityState,), body))


LEDGER = ledger.CATALOGUE.states["ledger"]
BOOK = _without_python(LEDGER)
CATALOGUE = Catalogue.of(
    *(kind.cls for kind in ledger.CATALOGUE.events.values()),
    *(kind.cls for kind in ledger.CATALOGUE.states.values()),
    BOOK,
)


@given(histories(), st.data())
def test_both_executors_agree_on_every_history(history: History, data: st.DataObject) -> None:
    """At any (valid, known, position) and reading of dates, all in SQL is each in Python."""
    assert_agreement(CATALOGUE, history, history.statements, data)


@given(histories(strategies.wide(["acme", "bolt", "crux", "ann"]), least=4, most=10), st.data())
def test_both_executors_agree_on_who_is_who(history: History, data: st.DataObject) -> None:
    """Also where entities are the same as others, in one place and not in another, and chains of them."""
    assert_agreement(CATALOGUE, history, history.statements, data)


@given(made_up.vocabularies(), st.data())
def test_both_executors_agree_on_every_vocabulary(made: made_up.Vocabulary, data: st.DataObject) -> None:
    """Also for states of all folds that nobody thought of, over fields of any name and kind."""
    catalogue, history = made.catalogue(), data.draw(made.histories())
    assert_agreement(catalogue, history, made_up.statements(history, catalogue), data)


@event_type("taken", says="{holder} takes {room}")
@frozen(kw_only=True)
class Taken(Event):
    """Somebody takes a room, named or not, for a rent, disclosed or not."""

    room: Entity
    holder: Entity | None = None
    rent: Money | None = attrs.field(default=None, converter=money)


@event_type("left", says="{holder} leaves {room}")
@frozen(kw_only=True)
class Left(Event):
    """The one named leaves a room."""

    room: Entity
    holder: Entity


@state_type("room")
class Room(EntityState):
    """Who has a room, since when, and at what rent."""

    holder: Entity | None = held(starts=Taken.holder, ends=Left.holder, of="room")
    since: When | None = held(starts=Taken.holder, ends=Left.holder, of="room", gives=Event.occurred)
    rent: Money | None = last(Taken.rent, of="room")
    rents: Mapping[str, Money | None] = last(Taken.rent, of="room", per="holder")


def test_what_is_taken_may_be_nothing() -> None:
    """An end that names somebody closes nothing that names nobody; an amount not disclosed is no amount."""
    with Timeline.open(":memory:", catalogue=Catalogue.of(Taken, Left, Room), clock=ledger.Clock()) as tl:
        tl.append(
            Taken("2020-01-01", room="attic", holder="ann", rent="$5"),
            Taken("2020-02-01", room="attic"),
            Left("2020-03-01", room="attic", holder="ann"),
        )
        moment = tl.as_of()
        (found,) = moment.all(Room)
        assert found == moment.of(Room, "attic")
        assert (found.since, found.rent) == (When("2020-02-01"), None)


def assert_agreement(
    catalogue: Catalogue, history: History, statements: Iterable[Statement], data: st.DataObject
) -> None:
    """At drawn points, all states of a catalogue in SQL are what each is in Python.

    Whatever has its spans by then, and however often they were made anew.
    """
    said = list(statements)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(said)), max_size=3)) | {0, len(said)})
    tail = data.draw(st.sampled_from([0, 2, 1_000]))
    with (
        patch.object(writing, "_TAIL", tail),
        Timeline.open(":memory:", catalogue=catalogue, clock=ledger.Clock()) as tl,
    ):
        for first, last in itertools.pairwise(cuts):
            tl.append(*said[first:last])
        ids = {name: one for one, name in tl.sql("SELECT id, name FROM entities ORDER BY id")}
        entities = sorted(ids.values())
        for valid in data.draw(strategies.moments(history)):
            known = data.draw(st.sampled_from([None, *history.knowns]))
            position = data.draw(st.integers(0, len(history.log)))
            reading: Reading = data.draw(st.sampled_from(["latest", "earliest"]))
            moment = tl.as_of(valid, known=known, position=position, dates=reading)
            read_as = oracle.read_as(history.log, known or oracle.END, position)
            same = {ids[one]: ids[other] for one, other in read_as.items()}
            for kind in catalogue.compiled:
                found = {state.who: state for state in moment.all(kind.name)}
                asked: set[tuple[str, ...]] = set()
                for who in itertools.combinations(entities, kind.arity):
                    if len({same.get(one, one) for one in who}) < kind.arity:
                        with pytest.raises(NotAllowed, match="are both"):
                            moment.of(kind.name, *who)
                        continue
                    expected = moment.of(kind.name, *who)
                    assert expected.who == tuple(sorted(same.get(one, one) for one in who))
                    asked.add(expected.who)
                    if expected.who in found:
                        assert found[expected.who] == expected
                    else:
                        assert not any(expected.because.values())
                        assert not any(expected.unsettled.values())
                assert found.keys() <= asked
            assert_agreement_in_view(
                tl.as_of(valid, known=known, dates=reading, credence=["reported"]), entities
            )
        retracted = data.draw(st.integers(1, len(history.log)))
        world = tl
        with suppress(TimelineError):  # what is retracted already cannot be again
            world = tl.what_if(Retraction(retracted))
        assert_agreement_in_view(world.as_of(data.draw(st.sampled_from(["2019", "2021"]))), entities)


def assert_agreement_in_view(moment: Moment, entities: Sequence[str]) -> None:
    """Of a part of the log, or of what is supposed on top of it, states in SQL are what each is in Python."""
    for kind in moment.catalogue.compiled:
        found = {state.who: state for state in moment.all(kind.name)}
        for who in itertools.combinations(entities, kind.arity):
            with suppress(NotAllowed):  # both of a pair may be one
                expected = moment.of(kind.name, *who)
                told = any(expected.because.values()) or any(expected.unsettled.values())
                assert found.get(expected.who, None if told else expected) == expected


@pytest.fixture(scope="module")
def tl(seeded: str) -> Timeline:
    """The seeds."""
    return Timeline.open(seeded, read_only=True)


@pytest.mark.parametrize("valid", ["2022-06-01", "2023-11-18", "2025-06", "2026-11-01"])
@pytest.mark.parametrize("known", [None, "then"])
def test_both_executors_agree_on_the_seeds(tl: Timeline, valid: str, known: str | None) -> None:
    """Every state of the vocabulary, of everybody that the seeds speak of."""
    with tl:
        moment = tl.as_of(valid, known=known)
        for kind in tl.catalogue.compiled:
            for state in moment.all(kind.cls):
                assert state == moment.of(kind.cls, *state.who)


def test_a_state_with_a_fold_in_python_is_refused_as_a_whole(tmp_path: Path) -> None:
    """It has no table in the file; one at a time it can be asked for."""
    timeline = Timeline.open(tmp_path / "t.duckdb", catalogue=CATALOGUE)
    with pytest.raises(NotAllowed, match="one at a time"):
        timeline.as_of().all("ledger")
    assert any(isinstance(one, Fold) and one.kind == "fold" for one in LEDGER.folds.values())


QUERIES = {
    "where the picture then was wrong": """
        SELECT a, b, t.rounds AS rounds_then, n.rounds AS rounds_now
        FROM relationship_as_of('2022-01-01', known := 'then') t
        FULL JOIN relationship_as_of('2022-01-01') n USING (a, b)
        WHERE t.rounds <> n.rounds
    """,
    "a month-end series": """
        SELECT day, r.rounds
        FROM (
            SELECT last_day(d) AS day
            FROM range(DATE '2022-11-01', DATE '2023-03-01', INTERVAL 1 month) t(d)
        ),
            relationship_as_of(day) r
        WHERE a = 'microsoft' AND b = 'openai'
        ORDER BY day
    """,
    "at a position": "SELECT count(*) FROM relationship_as_of('2025', position := 0)",
    "now": "SELECT ceo FROM organisation WHERE organisation = 'openai'",
}
ANSWERS: dict[str, list[tuple[Any, ...]]] = {
    "where the picture then was wrong": [("microsoft", "openai", 1, 2)],
    "a month-end series": [
        ("2022-11-30", 2),
        ("2022-12-31", 2),
        ("2023-01-31", 3),
        ("2023-02-28", 3),
    ],
    "at a position": [(0,)],
    "now": [("sam-altman",)],
}


@pytest.mark.parametrize("query", QUERIES)
def test_any_client_asks_for_states(tl: Timeline, query: str) -> None:
    """Without this package, the macros and views of states answer."""
    with duckdb.connect(tl.path, read_only=True) as connection:
        rows = connection.execute(QUERIES[query]).fetchall()
    shown = [tuple(one if isinstance(one, int | str) else str(one) for one in row) for row in rows]
    assert shown == ANSWERS[query]


@pytest.mark.parametrize(
    ("point", "problem"),
    [
        ("TIMESTAMP '2020-01-01 00:00:00'", "cast it"),
        ("'20'", "is no point"),
        ("'2020-13'", "out of range|Conversion"),
        ("NULL", "a point is needed"),
        ("2020.5", "is no point"),
        ("'infinity'::TIMESTAMPTZ", "a point has an end"),
        ("'2020', known := '-infinity'::TIMESTAMPTZ", "a point has an end"),
        ("'2020', position := 'infinity'::TIMESTAMPTZ", "a point has an end"),
    ],
)
def test_what_is_no_point_is_refused_with_what_would_work(tl: Timeline, point: str, problem: str) -> None:
    """A plain TIMESTAMP may be a midnight that was meant as a day, so it is not guessed at."""
    with pytest.raises(NotAllowed, match=problem):
        tl.sql(f"FROM relationship_as_of({point})")


@pytest.mark.parametrize("argument", ["dates := 'middle'", "known := 'now'", "position := 'x'"])
def test_other_arguments_are_checked_too(tl: Timeline, argument: str) -> None:
    """A misspelt word does not silently mean the default."""
    with pytest.raises(NotAllowed):
        tl.sql(f"FROM relationship_as_of('2025', {argument})")


@pytest.mark.parametrize(
    "point",
    [
        "'2023'",
        "'2023-12'",
        "'2023-12-31'",
        "DATE '2023-12-31'",
        "TIMESTAMPTZ '2023-12-31 23:59:59.999999+00'",
        "TIMESTAMPTZ '2024-01-01 01:59:59.999999+02'",
    ],
)
def test_a_point_is_the_close_of_what_is_given(tl: Timeline, point: str) -> None:
    """A year, a month and a day end at the same instant, whatever the zone of the session."""
    query = f"SELECT timeline_point({point})::VARCHAR"
    assert tl.sql(query).rows == (("2023-12-31 23:59:59.999999",),)


@event_type("key_taken", says="{room} is opened[ by {holder}]")
@frozen(kw_only=True)
class KeyTaken(Event):
    """Somebody, who may not be named, takes the key of a room."""

    room: Entity
    desk: str
    holder: Entity | None = None


@event_type("key_returned", says="{room} is locked by {holder}")
@frozen(kw_only=True)
class KeyReturned(Event):
    """Somebody returns the key of a room."""

    room: Entity
    holder: Entity


@state_type("lock")
class Lock(EntityState):
    """At which desk the key of a room is."""

    desk: str | None = held(starts=KeyTaken.holder, ends=KeyReturned.holder, of="room", gives=KeyTaken.desk)


def test_an_end_that_names_somebody_closes_no_start_that_names_nobody() -> None:
    """Also where a start before that one named the same; so in a state and in its periods."""
    with Timeline.open(":memory:", catalogue=Catalogue.of(KeyTaken, KeyReturned, Lock)) as tl:
        tl.append(
            KeyTaken("2020-01-01", room="East", desk="a", holder="Ann"),
            KeyTaken("2020-02-01", room="East", desk="b"),
            KeyReturned("2020-03-01", room="East", holder="Ann"),
        )
        assert tl.as_of("2021").of(Lock, "East").desk == "b"
        assert [state.desk for state in tl.as_of("2021").all(Lock)] == ["b"]
        assert [desk for (desk,) in tl.sql("SELECT value FROM lock_periods ORDER BY valid_from")] == [
            "a",
            "b",
        ]


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    """Of two on one day the later said decides, though the earlier is corrected afterwards."""
    with in_memory() as timeline:
        for person in "Ann", "Bob":
            timeline.append(CEOAppointment("2020-01-01", company="Acme", person=person), id=person)
        timeline.correct("Ann", CEOAppointment("2020-01-01", company="Acme", person="Cy"))
        moment = timeline.as_of("2021")
        (state,) = (one for one in moment.all(Organisation) if one.who == ("acme",))
        assert state.ceo == moment.of(Organisation, "acme").ceo == "bob"
        assert timeline.sql("SELECT value FROM organisation_periods WHERE field = 'ceo'").rows == (("bob",),)
