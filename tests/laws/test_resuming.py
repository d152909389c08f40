"""What was held before comes back: laws by example, in Python, in SQL and through time."""

from __future__ import annotations

import subprocess
import sys
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from tests import ledger
from tests.compile.test_compile import CATALOGUE
from tests.ledger import Emptied, LeaseBegun, LeaseEnded
from tests.reuse import in_memory
from tests.strategies import MICROSECOND
from timeline import Timeline
from timeline.declare import EntityState, Event, held, state_type
from timeline.errors import CatalogueError

CLIENT: Final = Path(sys.executable).parent / "duckdb"
Spans = list[tuple[str | None, str, str | None, list[int]]]


def _comes(day: str, holder: str, until: str | None = None) -> Event:
    return LeaseBegun(day, subject="Acme", holder=holder, room="east", until=until)


def _goes(day: str, holder: str | None = None) -> Event:
    return LeaseEnded(day, subject="Acme", holder=holder, room="east")


def _empty(day: str) -> Event:
    return Emptied(day, subject="Acme", room="east")


ANN: Final = _comes("2020-01-01", "Ann")
STORIES: Final[dict[str, tuple[list[Event], Spans]]] = {
    "ended": (
        [ANN, _comes("2020-03-01", "Bob"), _goes("2020-05-01", "Bob")],
        [("ann", "2020-01-01", "2020-03-01", [1]), ("bob", "2020-03-01", "2020-05-01", [2]),
         ("ann", "2020-05-01", None, [3])],
    ),
    "run out": (
        [ANN, _comes("2020-03-01", "Bob", "2020-04")],
        [("ann", "2020-01-01", "2020-03-01", [1]), ("bob", "2020-03-01", "2020-04-30", [2]),
         ("ann", "2020-05-01", None, [2])],
    ),
    "ended by whoever names nothing, one after the other": (
        [ANN, _comes("2020-03-01", "Bob"), _empty("2020-05-01"), _empty("2020-06-01")],
        [("ann", "2020-01-01", "2020-03-01", [1]), ("bob", "2020-03-01", "2020-05-01", [2]),
         ("ann", "2020-05-01", "2020-06-01", [3])],
    ),
    "the one beneath is ended first": (
        [ANN, _comes("2020-03-01", "Bob"), _goes("2020-04-01", "Ann"), _goes("2020-05-01", "Bob")],
        [("ann", "2020-01-01", "2020-03-01", [1]), ("bob", "2020-03-01", "2020-05-01", [2])],
    ),
    "the one beneath runs out first": (
        [_comes("2020-01-01", "Ann", "2020-03"), _comes("2020-02-01", "Bob", "2020-05")],
        [("ann", "2020-01-01", "2020-02-01", [1]), ("bob", "2020-02-01", "2020-05-31", [2])],
    ),
    "two on top of it run out at once": (
        [ANN, _comes("2020-02-01", "Bob", "2020-03"), _comes("2020-02-10", "Cyd", "2020-03")],
        [("ann", "2020-01-01", "2020-02-01", [1]), ("bob", "2020-02-01", "2020-02-10", [2]),
         ("cyd", "2020-02-10", "2020-03-31", [3]), ("ann", "2020-04-01", None, [3])],
    ),
    "the newest that is named goes": (
        [ANN, _comes("2020-02-01", "Bob"), _comes("2020-03-01", "Ann"), _goes("2020-04-01", "Ann"),
         _goes("2020-05-01", "Bob")],
        [("ann", "2020-01-01", "2020-02-01", [1]), ("bob", "2020-02-01", "2020-03-01", [2]),
         ("ann", "2020-03-01", "2020-04-01", [3]), ("bob", "2020-04-01", "2020-05-01", [4]),
         ("ann", "2020-05-01", None, [5])],
    ),
    "a term that is over before it begins": (
        [ANN, _comes("2020-03-01", "Bob", "2019"), _empty("2020-05-01")],
        [("ann", "2020-01-01", "2020-05-01", [1])],
    ),
    "an end of what has run out already": (
        [ANN, _comes("2020-02-01", "Bob", "2020-03"), _goes("2020-05-01", "Bob")],
        [("ann", "2020-01-01", "2020-02-01", [1]), ("bob", "2020-02-01", "2020-03-31", [2]),
         ("ann", "2020-04-01", None, [2])],
    ),
}  # fmt: skip
"""By what happens: the events, and who is held from which day through which other, and by what."""


@pytest.mark.parametrize("story", STORIES)
def test_what_was_held_before_comes_back(story: str) -> None:
    """A history tells by what, and the periods in SQL tell the same; a view of all says what one says."""
    events, told = STORIES[story]
    with in_memory(CATALOGUE, clock=ledger.Clock()) as tl:
        tl.append(*events)
        history = tl.as_of().history("book", "acme", field="guest")
        found: Spans = []
        for who, several in groupby(history, key=lambda one: one.value):
            first, *others = several
            last = [first, *others][-1]
            if who is not None:
                opened_by = [record.position for record in first.opened_by]
                found.append((who, _first(first.begins), _last(last.ends), opened_by))
        assert found == told
        query = (
            "SELECT value, valid_from, nullif(valid_to, 'infinity'), opened_by "
            "FROM book_periods WHERE field = $1 ORDER BY valid_from"
        )
        for field in "guest", "guests":
            rows = tl.sql(query, [field]).rows
            assert [(who, _first(since), _last(upto), [by]) for who, since, upto, by in rows] == told
        for day in {since for _, since, _, _ in told}:
            moment = tl.as_of(day)
            assert list(moment.all("book")) == [moment.of("book", "acme")]


def _first(begins: Any) -> str:
    return f"{begins:%Y-%m-%d}"


def _last(ends: Any) -> str | None:
    return None if ends is None else f"{ends - MICROSECOND:%Y-%m-%d}"


def test_the_reason_is_who_is_held_or_the_last_end() -> None:
    """Also where the term of the last has run out; an end after that is the reason."""
    with in_memory(CATALOGUE, clock=ledger.Clock()) as tl:
        tl.append(
            _comes("2020-01-01", "Ann", "2020-06"),
            _comes("2020-02-01", "Bob", "2020-03"),
            _goes("2020-08-01", "Bob"),
            _goes("2020-09-01", "Ann"),
        )
        reasons = {}
        for month in "2020-02", "2020-04", "2020-07", "2020-08", "2020-10":
            state = tl.as_of(month).of("book", "acme")
            assert list(tl.as_of(month).all("book")) == [state]
            reasons[month] = [record.position for record in state.because["guest"]]
        assert reasons == {"2020-02": [2], "2020-04": [1], "2020-07": [1], "2020-08": [1], "2020-10": [4]}


@pytest.mark.parametrize(
    ("events", "doubts"),
    [
        ([_comes("2020", "Ann"), _comes("2020-06-01", "Bob")], [2]),
        ([_comes("2020-06", "Ann"), _comes("2020", "Bob"), _goes("2021-02-01", "Bob")], []),
        ([_comes("2020", "Cyd"), _comes("2020-12-31T23:59:59Z/2021-01-05", "Ann"),
          _comes("2021-03-01", "Bob"), _goes("2021-04-01", "Bob")], [1]),
        ([_comes("2020", "Ann"), _comes("2020-06", "Ann"), _goes("2021-02-01", "Ann")], []),
        ([ANN, _comes("2020-03-01", "Bob"), _goes("2020", None)], [2]),
    ],
    ids=["who is held", "gone since", "what lies beneath", "the same either way", "what the end ended"],
)  # fmt: skip
def test_what_comes_back_is_unsettled_by_the_order_of_what_lies_beneath(
    events: list[Event], doubts: list[int]
) -> None:
    """What changed the slot last, and who is held, may have come before what they came after."""
    with in_memory(CATALOGUE, clock=ledger.Clock()) as tl:
        tl.append(*events)
        state = tl.as_of("2022").of("book", "acme")
        assert [record.position for record in state.unsettled["guest"]] == doubts
        assert list(tl.as_of("2022").all("book")) == [state]


def test_a_plan_does_not_resume() -> None:
    """A slip is no start on top of another."""
    fold = held(starts=LeaseBegun.holder, of="subject", due="until", resumes=True)
    body = {"__doc__": "Who comes.", "__annotations__": {"guest": str | None}, "guest": fold}
    with pytest.raises(CatalogueError, match="a plan does not resume"):
        state_type("coming")(type("Coming", (EntityState,), body))


def test_a_file_made_without_it_is_derived_anew(tmp_path: Path) -> None:
    """Whether a field resumes is part of its shape."""
    kinds = [kind.cls for kind in CATALOGUE.events.values()]

    def catalogue(*, resumes: bool) -> Any:
        fold = held(starts=LeaseBegun.holder, ends=LeaseEnded.holder, of="subject", resumes=resumes)
        body = {"__doc__": "Who comes.", "__annotations__": {"guest": str | None}, "guest": fold}
        return type(CATALOGUE).of(*kinds, state_type("coming")(type("Coming", (EntityState,), body)))

    path = tmp_path / "t.duckdb"
    for resumes, expected in (False, None), (True, "ann"), (False, None):
        with Timeline.open(path, catalogue=catalogue(resumes=resumes), clock=ledger.Clock()) as tl:
            tl.append(*STORIES["ended"][0])
            (state,) = tl.as_of().all("coming")
            assert state.values() == {"guest": expected}
            assert tl.verify().faults == ()


def test_an_older_client_reads_what_comes_back(tmp_path: Path) -> None:
    """As of many dates at once, whatever has its spans, and with dates at their earliest."""
    path = tmp_path / "t.duckdb"
    with Timeline.open(path, catalogue=CATALOGUE, clock=ledger.Clock()) as tl:
        tl.append(_comes("2020", "Ann"), _comes("2021-02-01", "Bob", "2021-06"))
        tl.rebuild()
        tl.append(_comes("2021-03/2021-05", "Cyd", "2021-07"), _goes("2021-10"))
    query = """
        SELECT dates, last_day(day), guest, guests, unsettled::JSON
        FROM (VALUES ('latest'), ('earliest')) AS reading(dates),
            range(DATE '2020-06-01', DATE '2021-12-01', INTERVAL 1 month) AS months(day),
            book_as_of(last_day(day), dates := dates)
        ORDER BY ALL
    """
    with duckdb.connect(path, read_only=True) as connection:
        expected = connection.execute(f"SELECT md5(string_agg(told::VARCHAR, '|')) FROM ({query}) AS told")
        (digest,) = expected.fetchall()[0]
        guests = [
            (f"{day:%Y-%m}", who)
            for dates, day, who, *_ in connection.execute(query).fetchall()
            if dates == "latest"
        ]
        assert guests == [
            *((f"2020-{month:02}", None) for month in range(6, 12)),
            *((month, "ann") for month in ("2020-12", "2021-01")),
            *((f"2021-{month:02}", "bob") for month in (2, 3, 4)),
            *((f"2021-{month:02}", "cyd") for month in (5, 6, 7)),
            *((f"2021-{month:02}", "ann") for month in (8, 9)),
            *((f"2021-{month:02}", None) for month in (10, 11)),
        ]
    told = subprocess.run(
        [CLIENT, "-init", "/dev/null", "-readonly", "-noheader", "-list", path, "-c",
         f"SELECT md5(string_agg(told::VARCHAR, '|')) FROM ({query}) AS told"],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert told.stdout.strip() == digest
