"""The periods of states in SQL say what is so at every point, and no more often than it changes."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from attrs import frozen
from hypothesis import given, strategies as st

from tests import ledger, strategies
from tests.compile.test_compile import CATALOGUE
from tests.ledger import Clock, ExclusivityDeal, FundingRound, LeaseBegun, LeaseEnded, Noted
from tests.oracle import Dated
from tests.reuse import in_memory
from tests.strategies import History, histories
from timeline import Moment, Retraction, Timeline
from timeline.compile import contributed
from timeline.declare import Entity, EntityState, Event, count, event_type, last, state_type
from timeline.errors import CatalogueError, NotAllowed
from timeline.values import Reading
from timeline.vocabulary import Catalogue, Fold, State, StateType, plain_value

FIRST: Final = datetime.min  # noqa: DTZ901
"""How a period that has always been begins, in Python."""
OPEN: Final = datetime.max  # noqa: DTZ901
"""How a period that has not ended ends, in Python."""
Row = dict[str, Any]
Slots = dict[tuple[str, str], set[int]]


def _shown(value: Any) -> str | None:
    """A value of a slot as the column shows it."""
    told = plain_value(value)
    if isinstance(value, Event):
        told = {"type": told.pop("type"), "occurred": told.pop("occurred"), "data": told}
    if told is None or isinstance(told, str):
        return told
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _slot(key: Any) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=False)


def _told(state: State, field: str, fold: Fold) -> dict[str, str | None]:
    """By slot, what a field of a state has a value for."""
    value = getattr(state, field)
    if fold.keyed:
        return {_slot(key): _shown(one) for key, one in value.items()}
    present = state.because[field] and (fold.kind != "held" or value is not None)
    return {"[]": _shown(value)} if present else {}


def _points(history: History) -> list[datetime]:
    """Every instant at which something may change, one before it, and one between it and the next."""
    told = {datetime(year, 1, 1, tzinfo=UTC) for year in (strategies.FIRST - 10, strategies.LAST + 10)}
    for one in history.log:
        for when in (one.occurred, *one.data.values()):
            if isinstance(when, Dated):
                bounds = (when.earliest, when.latest, when.latest and when.latest + strategies.MICROSECOND)
                told |= {bound for bound in bounds if bound}
    between = {a + (b - a) / 2 for a, b in itertools.pairwise(sorted(told))}
    return sorted({one - strategies.MICROSECOND for one in told} | told | between)


def _periods(tl: Timeline, kind: StateType, **asked: Any) -> dict[tuple[str, ...], list[Row]]:
    """By key, the rows of the macro, in order."""
    sql = f"""
        FROM {kind.name}_periods(known := $known::TIMESTAMPTZ, dates := $dates, "position" := $position)
        ORDER BY {", ".join(kind.keys)}, field, slot, valid_from
    """
    rows = tl.sql(sql, asked).as_dicts()
    found = defaultdict(list)
    for row in rows:
        found[tuple(row[key] for key in kind.keys)].append(row)
    return found


def _feeding(tl: Timeline, kind: StateType) -> dict[tuple[str, ...], Slots]:
    """By key, the positions of the records that feed each slot."""
    found: dict[tuple[str, ...], Slots] = {}
    fed = contributed([kind])
    for a, b, field, slot, place in tl.sql(
        f"SELECT a, b, field, slot, position FROM ({fed}) WHERE state = $1", [kind.name]
    ):
        found.setdefault((a, b)[: kind.arity], defaultdict(set))[field, slot].add(place)
    return found


def _see_that_they_are_minimal(rows: list[Row], feeding: Slots) -> None:
    """Each holds an instant; of one slot none overlap, and where two touch one closes as the other opens."""
    for row in rows:
        places = feeding[row["field"], row["slot"]]
        assert row["valid_from"] < row["valid_to"]
        assert row["opened_by"] in places
        assert row["closed_by"] is None if row["valid_to"] == OPEN else row["closed_by"] in places
    for one, other in itertools.pairwise(rows):
        if (one["field"], one["slot"]) == (other["field"], other["slot"]):
            assert one["valid_to"] <= other["valid_from"]
            if one["valid_to"] == other["valid_from"]:
                assert one["value"] != other["value"]
                assert one["closed_by"] == other["opened_by"]


@given(histories(strategies.ANYTHING | strategies.DEALS | strategies.LEADERS), st.data())
def test_periods_say_what_is_so_at_every_point(history: History, data: st.DataObject) -> None:
    """At any (known, position) and reading of dates, they hold of each slot what the state at a point has."""
    known = data.draw(st.sampled_from([None, *history.knowns]))
    position = data.draw(st.sampled_from([len(history.log)]) | st.integers(0, len(history.log)))
    dates: Reading = data.draw(st.sampled_from(["latest", "earliest"]))
    with in_memory(CATALOGUE, clock=Clock()) as tl:
        tl.append(*history.statements)
        moments = [tl.as_of(at, known=known, dates=dates, position=position) for at in _points(history)]
        for kind in CATALOGUE.compiled:
            asked = {"known": known and known.isoformat(), "dates": dates, "position": position}
            periods = _periods(tl, kind, **asked)
            feeding = _feeding(tl, kind)
            assert periods.keys() <= feeding.keys()
            for who, slots in feeding.items():
                rows = periods[who]
                _see_that_they_are_minimal(rows, slots)
                for moment in moments:
                    state = moment.of(kind.name, *who)
                    at = moment.basis.point.replace(tzinfo=None)
                    for field, fold in kind.folds.items():
                        told = {
                            row["slot"]: row["value"]
                            for row in rows
                            if row["field"] == field and row["valid_from"] <= at < row["valid_to"]
                        }
                        assert told == _told(state, field, fold), (moment.basis, field)


def _shown_periods(tl: Timeline, name: str, field: str) -> list[tuple[Any, ...]]:
    """The periods of a field: slot, value, days (`valid_to` the last day), opened and closed by."""
    rows = tl.sql(
        f"SELECT slot, value, valid_from, valid_to, opened_by, closed_by FROM {name}_periods "
        "WHERE field = $1 ORDER BY slot, valid_from",
        [field],
    )
    return [
        (slot, value, f"{start:%Y-%m-%d}", f"{end - strategies.MICROSECOND:%Y-%m-%d}", opened, closed)
        for slot, value, start, end, opened, closed in rows
    ]


def _lease(day: str, holder: str, until: str | None = None) -> LeaseBegun:
    return LeaseBegun(day, subject="Acme", holder=holder, room="east", until=until)


def _leaves(day: str, holder: str | None = None) -> LeaseEnded:
    return LeaseEnded(day, subject="Acme", room="east", holder=holder)


@pytest.fixture
def book() -> Any:
    """A timeline with a state of its own folds in SQL, empty."""
    with in_memory(CATALOGUE, clock=Clock()) as tl:
        yield tl


@pytest.mark.parametrize(
    ("events", "periods"),
    [
        ((_lease("2020-01-01", "Ann"),), [("ann", "2020-01-01", "9999-12-31", 1, None)]),
        (
            (_lease("2020-01-01", "Ann"), _leaves("2020-02-01", "Bob"), _leaves("2020-03-01")),
            [("ann", "2020-01-01", "2020-03-01", 1, 3)],
        ),
        (
            (_lease("2020-01-01", "Ann", "2020-05"), _leaves("2020-07-01")),
            [("ann", "2020-01-01", "2020-05-31", 1, 1)],
        ),
        (
            (_lease("2020-01-01", "Ann", "2020-05"), _leaves("2020-03-01")),
            [("ann", "2020-01-01", "2020-03-01", 1, 2)],
        ),
        (
            (_lease("2020-01-01", "Ann", "2020-05"), _lease("2020-03-01", "Bob")),
            [("ann", "2020-01-01", "2020-03-01", 1, 2), ("bob", "2020-03-01", "9999-12-31", 2, None)],
        ),
        ((_lease("2020-01-01", "Ann", "2019"),), []),
        (
            (_lease("2020-01-01", "Ann"), _lease("2020-03-01", "Ann"), _leaves("2020-04-01")),
            [("ann", "2020-01-01", "2020-04-01", 1, 3)],
        ),
        (
            (_lease("2020-01-01", "Ann"), _lease("2020-03-01", "Bob"), _lease("2020-03-01", "Ann")),
            [("ann", "2020-01-01", "9999-12-31", 1, None)],
        ),
        ((_lease("2020-01-01", "Ann"), _leaves("2020-01-01", "Ann")), []),
        ((_lease("2020/..", "Ann"),), []),
    ],
    ids=[
        "open",
        "an end that names another, and one that names nobody",
        "a term, and an end behind it",
        "an end within the term",
        "another start within the term",
        "a term that is over before",
        "the same again",
        "another for no time at all",
        "over at once",
        "a start that never surely happens",
    ],
)
def test_what_is_held_lasts_until_what_ends_it(
    book: Timeline, events: tuple[Event, ...], periods: list[tuple[Any, ...]]
) -> None:
    """Another start, an end that fits, or the term, whose last day counts; by which record is told."""
    book.append(*events)
    assert _shown_periods(book, "book", "tenants") == [('["east"]', *one) for one in periods]


def test_a_sum_that_does_not_change_is_one_period(book: Timeline) -> None:
    """An amount of nothing, or a number that is missing, begins no new period; several at once begin one."""
    numbers = [("2020-01-01", "2.50"), ("2020-02-01", None), ("2020-03-01", "1"), ("2020-03-01", "1")]
    book.append(*(Noted(day, subject="Acme", topic="x", number=one) for day, one in numbers[:3]))
    book.append(Noted(numbers[3][0], subject="Acme", topic="y", number=numbers[3][1]))
    assert _shown_periods(book, "book", "number") == [
        ("[]", "2.5", "2020-01-01", "2020-03-01", 1, 4),
        ("[]", "4.5", "2020-03-01", "9999-12-31", 4, None),
    ]
    assert [row[1:] for row in _shown_periods(book, "book", "notes")] == [
        ("1", "2020-01-01", "2020-02-01", 1, 2),
        ("2", "2020-02-01", "2020-03-01", 2, 4),
        ("4", "2020-03-01", "9999-12-31", 4, None),
    ]


def test_money_is_shown_with_what_is_not_known_of_it(book: Timeline) -> None:
    """Every currency runs on, also where a round is of another, or of none."""
    for day, investors, amount in [
        ("2020-01-01", ["Ann"], "about $5"),
        ("2020-02-01", ["Ann", "Bob"], "7 EUR"),
        ("2020-03-01", ["Ann"], None),
        ("2020-04-01", ["Ann"], "$0.50"),
    ]:
        book.append(FundingRound(day, company="Acme", investors=investors, amount=amount))
    rows = book.sql(
        "SELECT value FROM relationship_periods WHERE b = 'ann' AND field = 'invested' ORDER BY valid_from"
    )
    assert [value for (value,) in rows] == [
        '{"inexact":1,"jointly":{},"undisclosed":0,"wholly":{"USD":"5"}}',
        '{"inexact":1,"jointly":{"EUR":"7"},"undisclosed":0,"wholly":{"USD":"5"}}',
        '{"inexact":1,"jointly":{"EUR":"7"},"undisclosed":1,"wholly":{"USD":"5"}}',
        '{"inexact":1,"jointly":{"EUR":"7"},"undisclosed":1,"wholly":{"USD":"5.5"}}',
    ]


def test_what_may_always_have_been_has_always_been_in_the_earliest_reading(book: Timeline) -> None:
    """A date without a beginning has no instant from which it may have happened."""
    book.append(Noted("../2020", subject="Acme", topic="x"))
    query = "SELECT valid_from FROM book_periods(dates := $1) WHERE field = 'notes'"
    assert book.sql(query, ["earliest"]).rows == ((FIRST,),)
    assert book.sql(query, ["latest"]).rows == ((datetime(2020, 12, 31, 23, 59, 59, 999999),),)  # noqa: DTZ001


def test_the_view_is_the_macro_without_arguments(book: Timeline) -> None:
    """All being known, at the head, by the latest bound; an earlier basis still gives what it gave."""
    book.append(Noted("2020", subject="Acme", topic="x", text="up"), id="n", known="2021")
    book.correct("n", Noted("2020", subject="Acme", topic="x", text="down"), known="2022")
    query = "SELECT value FROM {} WHERE field = 'latest'"
    for asked, value in [
        ("book_periods", "down"),
        ("book_periods()", "down"),
        ("book_periods(known := '2021')", "up"),
        ('book_periods("position" := 1)', "up"),
    ]:
        assert book.sql(query.format(asked)).rows == ((value,),)
    assert book.sql(query.format("book_periods(known := '2020')")).rows == ()


@pytest.mark.parametrize("argument", ["known := 'then'", "known := 'now'", "dates := 'middle'"])
def test_arguments_that_mean_nothing_here_are_refused(book: Timeline, argument: str) -> None:
    """A period has no one point, so nothing is known then."""
    book.append(Noted("2020", subject="Acme", topic="x"))
    with pytest.raises(NotAllowed):
        book.sql(f"FROM book_periods({argument})")


@pytest.mark.parametrize("question", ["periods()", "as_of('2021')", "slots_as_of('2021')"])
def test_a_condition_on_the_key_reaches_the_table(tmp_path: Path, question: str) -> None:
    """Of the spans of states only those of the key are taken on, not those of all."""
    path = tmp_path / "t.duckdb"
    with ledger.opened(path=str(path)) as tl:
        companies = [f"c{number}" for number in range(3_000)]
        rounds = [FundingRound("2020", company=one, investors=["Ann", "Bob"]) for one in companies]
        tl.append(
            *rounds, *(ExclusivityDeal("2020", grantor=one, grantee="Ann", scope="x") for one in companies)
        )
        tl.rebuild()
    with duckdb.connect(str(path), read_only=True) as connection:
        profile = tmp_path / "profile.json"
        connection.execute(f"PRAGMA enable_profiling = 'json'; PRAGMA profiling_output = '{profile}'")
        asked = f"FROM relationship_{question} WHERE a = 'ann' AND b = 'c7'"
        assert connection.execute(asked).fetchall()
        connection.execute("PRAGMA disable_profiling")
    scanned = list(_scanned([json.loads(profile.read_text())]))
    assert scanned
    assert max(scanned) <= 3


def _scanned(nodes: list[dict[str, Any]]) -> Iterator[int]:
    """How many rows a query took from the table of spans, each time that it read up to when they decide."""
    for node in nodes:
        told = node.get("extra_info", {})
        if "spans.relationship" in str(told.get("Table")) and {"upto", "idle"} & set(told["Projections"]):
            yield node["intermediate_rows"]
        yield from _scanned([*node.get("children", ()), *node.get("operator", ())])


@state_type("book_periods")
class Taken(EntityState):
    """A state that is called like the periods of another."""

    notes: int = count(Noted, of="subject")


def test_a_state_called_like_the_periods_of_another_is_refused() -> None:
    """Both would be views of one name."""
    with pytest.raises(CatalogueError, match="'book_periods' is taken"):
        Catalogue.of(*(one.cls for one in CATALOGUE.events.values()), CATALOGUE.states["book"].cls, Taken)


def test_the_periods_of_a_state_that_is_gone_are_gone_too(tmp_path: Path) -> None:
    """The vocabulary decides which there are, also when it changes."""
    events = [one.cls for one in CATALOGUE.events.values()]
    path = tmp_path / "t.duckdb"
    Timeline.open(path, catalogue=CATALOGUE).close()
    with Timeline.open(path, catalogue=Catalogue.of(*events, CATALOGUE.states["organisation"].cls)) as tl:
        assert tl.sql("FROM organisation_periods").rows == ()
        for gone in "book_periods", "book_periods()":
            with pytest.raises(NotAllowed):
                tl.sql(f"FROM {gone}")


def _notes(moment: Moment) -> tuple[int, list[int]]:
    """How many notes there are of Acme, asked for alone and among all."""
    return moment.of("book", "acme").values()["notes"], [one.values()["notes"] for one in moment.all("book")]


def test_filters_and_what_is_supposed_read_spans(book: Timeline) -> None:
    """Once they are made, also where something does not stand."""
    for source, text in [("Herald", "a"), ("Post", "b"), ("Times", "c")]:
        book.append(Noted("2019", subject="Acme", topic="x", text=text), id=text, source=source)
    book.retract("c")
    book.rebuild()
    assert _notes(book.as_of("2022", without="Post")) == (1, [1])
    assert _notes(book.as_of("2022", only=["Post", "Herald"])) == (2, [2])
    supposing = book.what_if(Noted("2020", subject="Acme", topic="x", text="d"), source="Guess")
    assert _notes(supposing.as_of("2022")) == (3, [3])
    assert _notes(supposing.as_of("2022", without="Herald")) == (2, [2])
    assert _notes(book.what_if(Retraction("a")).as_of("2022")) == (1, [1])


@event_type("measured", says="{what} is measured")
@frozen(kw_only=True)
class Measured(Event):
    """Something is measured."""

    what: Entity
    size: str


def _states(order: Sequence[str]) -> Catalogue:
    """A vocabulary of one state whose fields are declared in some order, and of one with very many."""
    given = {"sizes": count(Measured, of="what"), "last": last(Measured.size, of="what")}
    kinds = {"sizes": int, "last": str | None}

    def state(name: str, folds: dict[str, Any], hints: dict[str, Any]) -> Any:
        told = {"__doc__": "What is known of it.", "__annotations__": hints, "__module__": __name__, **folds}
        return state_type(name)(type(name.title(), (EntityState,), told))

    many = [f"field_{number}" for number in range(300)]
    return Catalogue.of(
        Measured,
        state("sized", {one: given[one] for one in order}, {one: kinds[one] for one in order}),
        state("many", {one: count(Measured, of="what") for one in many}, dict.fromkeys(many, int)),
    )


def test_the_order_in_which_fields_are_declared_does_not_matter(tmp_path: Path) -> None:
    """A file that cannot be written is read with another one; and there may be more than 255 fields."""
    path = tmp_path / "t.duckdb"
    with Timeline.open(path, catalogue=_states(["sizes", "last"])) as tl:
        tl.append(Measured("2020", what="Mast", size="tall"))
        tl.rebuild()
    tl = Timeline.open(path, catalogue=_states(["last", "sizes"]), read_only=True)
    (one,) = tl.as_of().all("sized")
    assert one.values() == tl.as_of().of("sized", "mast").values() == {"last": "tall", "sizes": 1}
    (many,) = tl.as_of().all("many")
    assert set(many.values().values()) == {1}


@state_type("book_slots")
class Slotted(EntityState):
    """A state that is called like the slots of another."""

    notes: int = count(Noted, of="subject")


def test_a_state_called_like_the_slots_of_another_is_refused() -> None:
    """Both would have a macro of one name."""
    with pytest.raises(CatalogueError, match="'book_slots' is taken"):
        Catalogue.of(*(one.cls for one in CATALOGUE.events.values()), CATALOGUE.states["book"].cls, Slotted)
