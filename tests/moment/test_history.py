"""Histories: what they hold at a point is what `as_of` answers there, and they change no more often."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from events import (
    CEOAppointment,
    CEOOusting,
    ExclusivityDeal,
    FundingRound,
    Organisation,
    Relationship,
    SameEntity,
)
from tests import ledger, strategies
from tests.compile.test_compile import CATALOGUE
from tests.compile.test_spans import _points
from tests.ledger import opened
from tests.oracle import READINGS, Dated, Reading, Said
from tests.reuse import in_memory
from tests.strategies import MICROSECOND, History, histories
from timeline import Timeline
from timeline.cli import run
from timeline.compile import contributed
from timeline.errors import BadText, CatalogueError, NotAllowed
from timeline.moment import Period
from timeline.moment.history import KnownPeriod
from timeline.vocabulary import State, StateType, is_empty

HISTORIES = histories(strategies.ANYTHING | strategies.DEALS | strategies.LEADERS)
READ = st.sampled_from(READINGS)


def fed(tl: Timeline) -> Iterable[tuple[str, str, str]]:
    """The names of states and whatever they are of."""
    return tl.sql(
        f"SELECT DISTINCT state, a, b FROM ({contributed(tl.catalogue.states.values())}) ORDER BY ALL"
    )


def keys(tl: Timeline) -> Iterator[tuple[StateType, tuple[str, ...]]]:
    """Every state with whatever it is of."""
    for name, a, b in fed(tl):
        kind = ledger.CATALOGUE.states[name]
        yield kind, (a, b)[: kind.arity]


def datings(one: Said) -> set[datetime]:
    """When what a record tells may begin, surely has, or has run out."""
    until = {given.end + MICROSECOND for given in one.data.values() if isinstance(given, Dated)}
    return until | {one.occurred.start, one.occurred.end} if one.occurred else until


def told(values: dict[str, Any], unsettled: Any) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """An answer to compare: values, and the positions of what leaves them unsettled."""
    return dict(values), {name: [one.position for one in unsettled[name]] for name in values}


def of_state(state: State) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """The answer of a state."""
    return told(state.values(), state.unsettled)


def of_period(period: Period | None) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """The answer of a period."""
    assert period is not None
    return told(dict(period.values), period.unsettled)


def see_that_they_are_minimal(periods: Sequence[Period]) -> None:
    """They tile all of time; each holds an instant and differs from the one before, by what opened it."""
    assert periods[0].begins is None
    assert not periods[0].opened_by
    assert not periods[0].changed
    assert periods[-1].ends is None
    assert periods[-1].closed_by == ()
    for one, other in itertools.pairwise(periods):
        assert one.ends == other.begins
        assert one.ends is not None
        assert one.begins is None or one.begins < one.ends
        assert one.closed_by == other.opened_by
        assert other.opened_by
        (old, doubts), (new, doubted) = of_period(one), of_period(other)
        changed = {name for name in old if old[name] != new[name] or doubts[name] != doubted[name]}
        assert changed == set(other.changed) != set()


@given(HISTORIES, READ, st.data())
def test_a_history_holds_at_any_point_what_as_of_answers_there(
    history: History, dates: Reading, data: st.DataObject
) -> None:
    """At any known and position and in both readings, of all fields and of one; and it is minimal."""
    asked: dict[str, Any] = {
        "known": data.draw(st.sampled_from([None, *history.knowns])),
        "position": data.draw(st.sampled_from([len(history.log)]) | st.integers(0, len(history.log))),
        "dates": dates,
    }
    with opened() as tl:
        tl.append(*history.statements)
        moments = [tl.as_of(at, **asked) for at in _points(history)]
        for kind, who in keys(tl):
            found = tl.as_of(**asked).history(kind.cls, *who)
            see_that_they_are_minimal(found.periods)
            field = data.draw(st.sampled_from(sorted(kind.folds)))
            single = tl.as_of(**asked).history(kind.name, *who, field=field)
            see_that_they_are_minimal(single.periods)
            for moment in moments:
                state = moment.of(kind.cls, *who)
                assert of_period(found.at(moment.basis.point)) == of_state(state), moment
                one = single.at(moment.basis.point)
                assert one is not None
                assert (one.value, one.unsettled[field]) == (state.values()[field], state.unsettled[field])


@given(HISTORIES, READ, st.data())
def test_along_known_time_it_is_what_as_of_answers_by_what_was_known(
    history: History, dates: Reading, data: st.DataObject
) -> None:
    """At one valid point, for every known; each period rests on what became known as it began."""
    at = data.draw(st.sampled_from(_points(history)))
    asked: dict[str, Any] = {
        "position": data.draw(st.integers(0, len(history.log))),
        "dates": dates,
    }
    with opened() as tl:
        tl.append(*history.statements)
        for kind, who in keys(tl):
            found = tl.as_of(at, **asked).history(kind.cls, *who, axis="known")
            see_that_they_are_minimal(found.periods)
            assert all({one.known_at for one in period.opened_by} <= {period.begins} for period in found)
            for known in (one + step for one in history.knowns for step in (timedelta(), MICROSECOND)):
                state = tl.as_of(at, known=known, **asked).of(kind.cls, *who)
                assert of_period(found.at(known)) == of_state(state), known


@given(HISTORIES, READ)
def test_as_known_then_it_is_what_could_be_said_at_each_instant(history: History, dates: Reading) -> None:
    """What was so at a point by what was known at that very point, and on which records it rests.

    A period opens by what became known at that instant, or what is then due; never by what was replaced.
    """
    with opened() as tl:
        tl.append(*history.statements)
        points = {*_points(history), *history.knowns}
        for kind, who in keys(tl):
            found = tl.as_of(known="then", dates=dates).history(kind.cls, *who)
            see_that_they_are_minimal(found.periods)
            for period in found.periods[1:]:
                assert period.begins is not None
                moment = tl.as_of(period.begins, known="then", dates=dates)
                assert period.because == moment.of(kind.cls, *who).because
                replaced = moment.superseded(period.opened_by)
                for one in period.opened_by:
                    due = period.begins in datings(history.log[one.position - 1])
                    assert one.known_at == period.begins or (due and one.position not in replaced)
            for at in points:
                state = tl.as_of(at, known="then", dates=dates).of(kind.cls, *who)
                assert of_period(found.at(at)) == of_state(state), at


@given(HISTORIES, READ)
def test_what_was_known_all_along_was_so_then_as_it_is_now(history: History, dates: Reading) -> None:
    """Then a history as known then has the same periods, opened and closed by the same records."""
    known = min(history.knowns) - timedelta(days=365 * 50)
    log = [dataclasses.replace(one, known_at=known) for one in history.log]
    with opened() as tl:
        tl.append(*History(tuple(log)).statements)
        for kind, who in keys(tl):
            now, then = (
                [one for one in found if one.begins is not None and one.begins > known]
                for found in (
                    tl.as_of(dates=dates).history(kind.cls, *who),
                    tl.as_of(dates=dates, known="then").history(kind.cls, *who),
                )
            )
            for one, other in zip(now, then, strict=True):
                assert one == other
                assert (of_period(one), one.because) == (of_period(other), other.because)


@given(HISTORIES, READ, st.data())
def test_a_span_keeps_of_a_history_what_lies_in_it(
    history: History, dates: Reading, data: st.DataObject
) -> None:
    """Periods are cut to it and lose nothing else; what was held adds up to all of it."""
    span = data.draw(strategies.ranges(bounded=True) | strategies.plain_dates())
    assert span.earliest
    assert span.latest
    ends = span.latest + MICROSECOND
    with opened() as tl:
        tl.append(*history.statements)
        for kind, who in keys(tl):
            whole = tl.as_of(dates=dates).history(kind.cls, *who)
            found = tl.as_of(dates=dates).history(kind.cls, *who, during=span.text)
            kept = [
                one
                for one in whole
                if (one.begins is None or one.begins < ends)
                and (one.ends is None or one.ends > span.earliest)
            ]
            assert [of_period(one) for one in found] == [of_period(one) for one in kept]
            assert [(one.opened_by, one.closed_by) for one in found] == [
                (one.opened_by, one.closed_by) for one in kept
            ]
            assert (found[0].begins, found[-1].ends) == (span.earliest, ends)
            assert all(one.ends == other.begins for one, other in itertools.pairwise(found))
            assert sum((one.lasted for one in found if one.lasted), timedelta()) == ends - span.earliest
            for name in (name for name, fold in kind.folds.items() if not fold.keyed):
                lasted = [one.lasted or timedelta() for one in found.held() if one.field == name]
                assert sum(lasted, timedelta()) == ends - span.earliest


@pytest.fixture
def board() -> Iterator[Timeline]:
    """A chief executive whose ousting was known a month late and told wrongly at first."""
    with in_memory() as tl:
        tl.append(CEOAppointment("2019-03", company="Acme", person="Ann"), known="2019-04", id="ann")
        tl.append(CEOAppointment("2021-06-10", company="Acme", person="Bob"), known="2021-07-10", id="bob")
        tl.correct(
            "bob", CEOAppointment("2021-06-01", company="Acme", person="Bob"), known="2021-08", id="bob-2"
        )
        tl.append(CEOOusting("2022-01-05", company="Acme", person="Bob"), known="2022-01-06", id="out")
        yield tl


def marks(periods: Sequence[Period]) -> list[tuple[Any, list[str | None], list[str | None]]]:
    """Values, what opened them and what closed them, by mark."""
    return [
        (one.value, [record.ref for record in one.opened_by], [record.ref for record in one.closed_by])
        for one in periods
    ]


def test_who_led_from_when_to_when_and_by_which_records(board: Timeline) -> None:
    """Each change opens a period twice: when it may have happened, and when it surely has."""
    found = board.as_of().history(Organisation, "acme", field="ceo")
    assert marks(found.periods) == [
        (None, [], ["ann"]),
        (None, ["ann"], ["ann"]),
        ("ann", ["ann"], ["bob-2"]),
        ("ann", ["bob-2"], ["bob-2"]),
        ("bob", ["bob-2"], ["out"]),
        ("bob", ["out"], ["out"]),
        (None, ["out"], []),
    ]
    assert str(found).splitlines() == [
        "Acme: ceo (UTC)",
        "  …                 – 2019-03-01         nothing recorded",
        "  2019-03-01        – end of 2019-03-31  unsettled         #1  ? #1",
        "  end of 2019-03-31 – end of 2021-06-01  Ann               #1",
        "  end of 2021-06-01 – end of 2022-01-05  Bob               #3",
        "  end of 2022-01-05 – …                  ended             #4",
    ]


def test_how_an_answer_changed_as_more_became_known(board: Timeline) -> None:
    """Of one date; the correction moves the day back over it."""
    found = board.as_of("2021-06-05").history(Organisation, "acme", field="ceo", axis="known")
    assert marks(found.periods) == [
        (None, [], ["ann"]),
        ("ann", ["ann"], ["bob-2"]),
        ("bob", ["bob-2"], []),
    ]
    assert isinstance(found[1], KnownPeriod)
    assert found[1].known_from == datetime(2019, 4, 30, 23, 59, 59, 999999, UTC)
    assert str(found).splitlines()[0] == "Acme: ceo, at end of 2021-06-05 UTC, by what was known"
    assert found.as_dict()["periods"][0]["known_to"] == "2019-04-30T23:59:59.999999+00:00"


def test_on_whose_word_a_history_rests(board: Timeline) -> None:
    """Filters leave out what they leave out of an answer."""
    board.append(CEOAppointment("2020", company="Acme", person="Cyd"), source="Herald", credence="rumoured")
    assert "cyd" in {one.value for one in board.as_of().history(Organisation, "acme", field="ceo")}
    for sifted in {"without": "herald"}, {"credence": "reported"}:
        found = board.as_of(**sifted).history(Organisation, "acme", field="ceo")  # type: ignore[arg-type]
        assert "cyd" not in {one.value for one in found}
        known = board.as_of("2020", **sifted).history(Organisation, "acme", field="ceo", axis="known")  # type: ignore[arg-type]
        assert [one.value for one in known] == [None, "ann"]


def test_a_term_is_closed_by_the_record_that_set_it() -> None:
    """The day it names is in it."""
    with in_memory() as tl:
        tl.append(
            ExclusivityDeal("2020", grantor="Ann", grantee="Bob", scope="cloud", until="2020-06"), id="x"
        )
        tl.append(
            ExclusivityDeal("2021", grantor="Ann", grantee="Bob", scope="cloud", until="2021-06"), id="y"
        )
        tl.append(ExclusivityDeal("2022-01-01T10:00", grantor="Ann", grantee="Bob", scope="cloud"), id="z")
        tl.retract("z")
        tl.append(
            ExclusivityDeal("2022-01-01T10:00", grantor="Ann", grantee="Bob", scope="cloud", until="2022-01"),
            id="w",
        )
        last = tl.as_of().history(Relationship, "ann", "bob", field="exclusivities")[-1]
        assert [one.ref for one in last.opened_by] == ["w"]
        assert last.begins == datetime(2022, 2, 1, tzinfo=UTC)
        assert last.value == {}


def test_how_long_something_was_held(board: Timeline) -> None:
    """Within a span, with how much of it is uncertain; without bounds it is not said."""
    held = (
        board.as_of().history(Organisation, "acme", field="ceo", since="2021-06", until="2022-01-05").held()
    )
    day = timedelta(days=1)
    assert [(one.value, one.lasted, one.unsettled) for one in held] == [
        ("ann", day - MICROSECOND, day - MICROSECOND),
        ("bob", 218 * day, day - MICROSECOND),
        (None, MICROSECOND, timedelta()),
    ]
    ever = board.as_of().history(Organisation, "acme", field="ceo").held()
    assert {one.value: one.lasted for one in ever}[None] is None
    board.append(FundingRound("2021-07-01", company="Acme", investors=["Dee"], amount="$5"))
    funds = board.as_of().history(Relationship, "acme", "dee", field="invested", during="2021-07").held()
    assert [(one.key, str(one.value), one.lasted) for one in funds] == [("dee", "$5", 30 * day + MICROSECOND)]


@pytest.mark.parametrize(
    ("point", "asked"), [({}, {}), ({"known": "then"}, {}), ({"valid": "2022-02"}, {"axis": "known"})]
)
def test_of_one_field_nothing_is_told_of_others(
    board: Timeline, point: dict[str, Any], asked: dict[str, Any]
) -> None:
    """Whichever way it runs: the values of periods, and how long each was held."""
    found = board.as_of(**point).history(Organisation, "acme", field="ceo", **asked)
    for period in found:
        assert {*period.values} == {"ceo"} >= {*period.because, *period.unsettled}
    assert {one.field for one in found.held()} == {"ceo"}


def test_what_is_told_of_all_fields_is_what_changed() -> None:
    """Of a mapping, the slots that did."""
    with in_memory() as tl:
        deal = ExclusivityDeal("2020-01-01", grantor="Ann", grantee="Bob", scope="cloud", until="2020-06-30")
        tl.append(deal, FundingRound("2020-03-01", company="Ann", investors=["Bob"], amount="$5"))
        told = str(tl.as_of().history(Relationship, "ann", "bob", since="2020"))
    deal_told = "exclusivities: Ann grants Bob exclusivity (cloud) until 2020-06-30"
    assert told.splitlines() == [
        "Ann – Bob: relationship, since 2020 (UTC)",
        "  2020-01-01        – end of 2020-01-01  exclusivities: unsettled                  #1  ? #1",
        f"  end of 2020-01-01 – end of 2020-03-01  {deal_told}  #1",
        "  end of 2020-03-01 – 2020-07-01         rounds: 1",
        "                                         invested: Bob: $5                         #2",
        f"  2020-07-01        – …                  {deal_told}: ended  #1",
    ]


def test_what_a_fold_in_python_has_gathered_is_nothing_recorded_at_first() -> None:
    """And unsettled while the first event may or may not have happened; never unknown."""
    with opened() as tl:
        tl.append(ledger.event("noted", "2020", subject="Acme", topic="mood", text="good"))
        found = tl.as_of().history(ledger.Ledger, "acme", field="story")
    assert [row.lines for row in found.rows] == [("nothing recorded",), ("unsettled",), ("good",)]


@pytest.mark.parametrize(
    "asked",
    [
        {"axis": "time"},
        {"axis": "known", "during": "2020"},
        {"during": "2020", "since": "2019"},
        {"since": "2021", "until": "2020"},
    ],
)
def test_what_does_not_go_together_is_refused(board: Timeline, asked: dict[str, Any]) -> None:
    """Before anything is read."""
    with pytest.raises(NotAllowed):
        board.as_of().history(Organisation, "acme", **asked)
    with pytest.raises(NotAllowed, match='known="then" does not go with axis="known"'):
        board.as_of(known="then").history(Organisation, "acme", axis="known")
    with pytest.raises(CatalogueError, match="no field 'boss'"):
        board.as_of().history(Organisation, "acme", field="boss")


def test_of_whom_nothing_was_said_the_history_is_one_empty_period(board: Timeline) -> None:
    """Known entities that nothing ties."""
    found = board.as_of().history(Relationship, "ann", "bob")
    assert len(found) == 1
    assert str(found).splitlines()[1].split("  ") == ["", "… – …", "nothing recorded"]


@given(histories(least=2), strategies.ranges() | strategies.plain_dates(), READ)
def test_records_of_a_span_are_those_that_surely_or_possibly_lie_in_it(
    history: History, span: Dated, dates: Reading
) -> None:
    """Surely: from first to last instant within it; possibly: an instant of it in common."""
    events = [one for one in history.log if one.occurred is not None]
    with opened() as tl:
        tl.append(*history.statements)
        found = {one.position for one in tl.as_of(dates=dates).records(during=span.text)}
    wanted = set()
    for one in events:
        assert one.occurred is not None
        start, end = one.occurred.span
        surely = span.start <= start and end <= span.end
        if surely or (dates == "earliest" and start <= span.end and span.start <= end):
            wanted.add(one.position)
    assert found == wanted


def test_records_since_and_until_dates() -> None:
    """Both included; what has no event is in no span."""
    with in_memory() as tl:
        for year in 2019, 2020, 2021:
            tl.append(CEOAppointment(str(year), company="Acme", person="Ann"), id=f"y{year}", note="a remark")
        tl.retract("y2020", id="gone")
        assert [one.ref for one in tl.as_of().records(since="2020")] == ["y2020", "y2021"]
        assert [one.ref for one in tl.as_of().records(until="2020")] == ["y2019", "y2020"]
        assert [one.ref for one in tl.as_of().records(since="2020", until="2020", stands=True)] == []
        assert [one.ref for one in tl.as_of(dates="earliest").records(since="2020-06")] == ["y2020", "y2021"]
        assert [one.ref for one in tl.as_of().records(text="REMARK", during="2021")] == ["y2021"]
        assert len(list(tl.as_of().records())) == 4
        with pytest.raises(BadText):
            tl.as_of(dates="middle").records()  # type: ignore[arg-type]
        with pytest.raises(NotAllowed):
            tl.as_of().records(during="2020", until="2021")


def test_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The history in words, what was held within a span, and the same in JSON."""
    path = str(tmp_path / "t.duckdb")
    tl = Timeline.open(path)
    tl.append(CEOAppointment("2019-03-01", company="Acme", person="Ann"))
    tl.append(CEOAppointment("2021-06-01T10:30", company="Acme", person="Bob"))
    asked = ["history", "organisation", "acme", "--field", "ceo", "--db", path]
    assert run([*asked, "--during", "2021"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Acme: ceo, during 2021 (UTC)",
        "  2021-01-01          – 2021-06-01T10:30:00  Ann  #1",
        "  2021-06-01T10:30:00 – 2022-01-01           Bob  #2",
        "",
        "held",
        "  Ann: 151 days 10 hours 30 minutes",
        "  Bob: 213 days 13 hours 30 minutes",
    ]
    assert run([*asked, "--since", "2021-06", "--until", "now", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["values"]["ceo"] for one in told["periods"]] == ["ann", "bob"]
    assert told["held"][0]["lasted"] == 10.5 * 3600
    assert run([*asked, "--axis", "known", "--as-of", "now"]) == 0
    assert "by what was known" in capsys.readouterr().out
    assert run([*asked, "--axis", "known", "--known", "then"]) == 2
    assert run(["log", "--until", "2020", "--db", path]) == 0
    assert capsys.readouterr().out.startswith("#1 2019-03-01 Ann becomes CEO of Acme")


@given(HISTORIES, READ, st.data())
def test_the_periods_of_sql_are_those_of_a_history_without_what_is_unsettled(
    history: History, dates: Reading, data: st.DataObject
) -> None:
    """Of every field without slots, wherever it has a value: the same from when to when."""
    known = data.draw(st.sampled_from([None, *history.knowns]))
    with in_memory(CATALOGUE, clock=ledger.Clock()) as tl:
        tl.append(*history.statements)
        for name, a, b in fed(tl):
            kind = CATALOGUE.states[name]
            if kind not in CATALOGUE.compiled:
                continue
            who = (a, b)[: kind.arity]
            keys_ = " AND ".join(f'"{key}" = ?' for key in kind.keys)
            for field in (one for one, fold in kind.folds.items() if not fold.keyed):
                sql = f"""
                    SELECT valid_from, valid_to FROM {name}_periods(known := ?::TIMESTAMPTZ, dates := ?)
                    WHERE {keys_} AND field = ? AND value <> '0' ORDER BY valid_from
                """
                asked = [known and known.isoformat(), dates, *who, field]
                wanted = [tuple(row) for row in tl.sql(sql, asked)]
                found = tl.as_of(known=known, dates=dates).history(name, *who, field=field)
                told = [(_start(one), _stop(one), one.value) for one in found if not is_empty(one.value)]
                assert _joined(told) == wanted, field


def _start(period: Period) -> datetime:
    return datetime.min if period.begins is None else period.begins.replace(tzinfo=None)  # noqa: DTZ901


def _stop(period: Period) -> datetime:
    return datetime.max if period.ends is None else period.ends.replace(tzinfo=None)  # noqa: DTZ901


def _joined(several: list[tuple[datetime, datetime, Any]]) -> list[tuple[datetime, datetime]]:
    """From when to when a value held, whatever was unsettled."""
    found: list[tuple[datetime, datetime, Any]] = []
    for start, stop, value in several:
        if found and found[-1][1] == start and found[-1][2] == value:
            found.append((found.pop()[0], stop, value))
        else:
            found.append((start, stop, value))
    return [(start, stop) for start, stop, _ in found]


def test_who_is_read_as_another_opens_a_period_of_known_time() -> None:
    """By the record that says so, and by the one that takes it back."""
    with in_memory() as tl:
        tl.append(CEOAppointment("2019", company="Acme Inc", person="Ann"), known="2019", id="ann")
        tl.append(CEOAppointment("2018", company="Acme", person="Bob"), known="2018", id="bob")
        tl.append(SameEntity("2020", entity="acme-inc", as_="acme"), known="2021", id="same")
        tl.retract("same", known="2022", id="parted")
        found = tl.as_of("2020").history(Organisation, "acme", field="ceo", axis="known")
        assert marks(found.periods) == [
            (None, [], ["bob"]),
            ("bob", ["bob"], ["same"]),
            ("ann", ["same"], ["parted"]),
            ("bob", ["parted"], []),
        ]
        along = tl.as_of(known="2021").history(Organisation, "acme", field="ceo")
        assert [one.value for one in along if not one.unsettled["ceo"]] == [None, "bob", "ann"]
