"""Dates read in a time zone and instants told there: what is told is read as what was meant."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from events import CEOAppointment
from tests import strategies
from tests.ledger import opened
from tests.moment.test_history import HISTORIES, keys
from tests.oracle import READINGS, Dated, Reading
from tests.reuse import in_memory
from tests.strategies import MICROSECOND, History, histories
from timeline import Timeline, When
from timeline.cli import run
from timeline.errors import NotAllowed
from timeline.moment import Violation
from timeline.values import Span, bound, close_in, close_of, day_in, iso, last_in, zone
from timeline.values.zones import first_in

NAMES: Final = (
    "UTC",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Africa/Monrovia",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "America/Havana",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Toronto",
    "America/Juneau",
    "Asia/Manila",
    "Australia/Lord_Howe",
    "Europe/Amsterdam",
    "Antarctica/Troll",
)
"""Offsets of half and of quarter hours and of seconds; days that are skipped, shown twice, or begin late."""
ZONES: Final = st.sampled_from(NAMES).map(ZoneInfo)
INSTANTS: Final = st.datetimes(datetime(1, 1, 1), datetime(9998, 12, 31)) | st.datetimes(  # noqa: DTZ001
    datetime(1840, 1, 1),  # noqa: DTZ001
    datetime(2040, 1, 1),  # noqa: DTZ001
)
DAYS: Final = st.dates(date(1840, 1, 1), date(2040, 12, 31))


def written(told: str, there: ZoneInfo) -> str:
    """An instant as it is told, as a date: the end of a day is that day, a day that begins its midnight."""
    if told.startswith("end of "):
        return told.removeprefix("end of ")
    begins = first_in(When(told), there)
    assert begins is not None
    return told if "T" in told else When.read(begins).text


def utc(text: str) -> datetime:
    """An instant of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "name", "first", "last"),
    [
        ("2023-11-17", "America/New_York", "2023-11-17T05:00", "2023-11-18T04:59:59.999999"),
        ("2023", "Asia/Kolkata", "2022-12-31T18:30", "2023-12-31T18:29:59.999999"),
        ("2023-11-05T01:30", "America/New_York", "2023-11-05T05:30", "2023-11-05T06:30"),
        ("2023-11-05", "America/New_York", "2023-11-05T04:00", "2023-11-06T04:59:59.999999"),
        ("[2023-11-17T10:00Z..2023-11-17]", "Asia/Kolkata", "2023-11-17T10:00", "2023-11-17T18:29:59.999999"),
        ("2023-11-17/2023-11-17T10:00+01:00", "America/New_York", "2023-11-17T05:00", "2023-11-17T09:00"),
        ("2023-11-17T10:00/2023-11-17T11:00", "Asia/Tokyo", "2023-11-17T01:00", "2023-11-17T02:00"),
        ("1960-01-01", "Africa/Monrovia", "1960-01-01T00:44:30", "1960-01-02T00:44:29.999999"),
        ("1919-03-30", "America/Toronto", "1919-03-30T05:00", "1919-03-31T04:29:59.999999"),
        ("1919-03-31", "America/Toronto", "1919-03-31T04:30", "1919-04-01T03:59:59.999999"),
        ("1880-01-01", "America/New_York", "1880-01-01T04:56:02", "1880-01-02T04:56:01.999999"),
        ("2011-12-29/2011-12-30", "Pacific/Apia", "2011-12-29T10:00", "2011-12-30T09:59:59.999999"),
        ("0001", "Asia/Tokyo", "0001-01-01T00:00", "0001-12-31T14:41:00.999999"),
        ("9998", "America/New_York", "9998-01-01T05:00", "9998-12-31T23:59:59.999999"),
    ],
)  # fmt: skip
def test_a_date_is_read_from_its_first_instant_to_its_last(
    text: str, name: str, first: str, last: str
) -> None:
    """By the clocks of the zone, as they were then; an end that says its own zone keeps it."""
    when, there = When(text), zone(name)
    assert first_in(when, there) == utc(first)
    assert last_in(when, there) == utc(last)
    span = Span(during=text, zone=there)
    exact: dict[str, Any] = span.as_dict()
    told = Span(**exact)
    assert (told.first, told.last) == (span.first, span.last) == (utc(first), utc(last))


@pytest.mark.parametrize("text", ["2023/..", "[2023..]", "2023/"])
def test_what_is_unbounded_stays_so(text: str) -> None:
    there = zone("Asia/Kolkata")
    span = Span(during=text, zone=there)
    assert (span.first, span.last, span.ends) == (utc("2022-12-31T18:30"), None, None)
    assert span.as_dict() == {"during": "2022-12-31T18:30:00Z/.."}
    assert Span(since="../2023", zone=there).as_dict() == {"since": "../2023"}
    assert Span(until=text, zone=there).as_dict() == {"until": text}
    assert close_in(When(text), there) == When(text)
    assert bound(None, there) == "…"


@given(DAYS, ZONES)
def test_a_day_somewhere_is_all_that_its_clocks_call_so(day: date, there: ZoneInfo) -> None:
    """From its first instant to its last; a day that they skip has none."""
    first, last = first_in(When.read(day), there), last_in(When.read(day), there)
    assert first is not None
    assert last is not None
    if last < first:
        assert last == first - MICROSECOND
        assert day_in(last, there) < day < day_in(first, there)
        return
    assert day_in(first, there) == day_in(last, there) == day
    assert day_in(first - MICROSECOND, there) < day < day_in(last + MICROSECOND, there)


@given(INSTANTS, st.sampled_from([0, 1, 30, 59, 999_999]), ZONES)
def test_an_instant_as_told_is_read_as_that_instant(clock: datetime, micro: int, there: ZoneInfo) -> None:
    """In the zone that it is told in, to the microsecond; by its offset also where clocks show it twice."""
    instant = clock.replace(microsecond=micro, tzinfo=UTC)
    read = When(written(bound(instant, there), there))
    assert last_in(read, there) == instant
    close = close_of(When.read(instant), there)
    assert close.endswith(f" {there.key}")
    assert last_in(When(close.removesuffix(f" {there.key}").removeprefix("end of ")), there) == instant
    shown = iso(instant, there)
    assert shown is not None
    assert When(shown).latest == instant


@pytest.mark.parametrize("name", NAMES)
def test_an_instant_about_a_change_of_clocks_is_read_as_itself(name: str) -> None:
    """At each hour of the days on which clocks somewhere changed, and the instant before it."""
    there = ZoneInfo(name)
    changed = (
        "2023-11-05",
        "2023-03-12",
        "1972-01-07",
        "2011-12-30",
        "1919-03-31",
        "1883-11-18",
        "1867-10-18",
    )
    for day in changed:
        for half in range(-48, 96):
            for step in (timedelta(), MICROSECOND):
                instant = utc(day) + half * timedelta(minutes=30) - step
                assert last_in(When(written(bound(instant, there), there)), there) == instant


def test_a_time_shown_twice_is_told_by_its_offset() -> None:
    there = zone("America/New_York")
    assert bound(utc("2023-11-05T05:30"), there) == "2023-11-05T01:30:00-04:00"
    assert bound(utc("2023-11-05T06:30"), there) == "2023-11-05T01:30:00"
    havana = zone("America/Havana")
    assert bound(utc("2023-11-05T04:00"), havana) == "2023-11-05"
    assert bound(utc("2023-11-05T05:00"), havana) == "2023-11-05T00:00:00-05:00"
    assert close_of(When("2023-11-05T05:00Z"), havana) == "2023-11-05T00:00:00 America/Havana"
    assert bound(utc("1883-11-18T16:57"), there) == "1883-11-18T16:57:00Z"
    assert bound(utc("0001-01-01T00:00"), there) == "0001-01-01T00:00:00Z"
    assert iso(utc("1960-01-01T00:00"), zone("Africa/Monrovia")) == "1960-01-01T00:00:00+00:00"
    assert close_of(When("2018/..")) == "2018/.. UTC"


@pytest.mark.parametrize("name", ["Mars/Olympus", "../x", "", "America", "x" * 5_000, "\0"])
def test_a_zone_has_to_be_known(name: str) -> None:
    with pytest.raises(NotAllowed, match="there is no time zone"):
        zone(name)


def test_where_there_are_no_zones_it_says_how_to_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneinfo.available_timezones", set)
    with pytest.raises(NotAllowed, match="pip install tzdata"):
        zone("Mars/Olympus")


def test_a_day_that_clocks_skipped_is_no_span() -> None:
    with pytest.raises(NotAllowed, match="no instant of 2011-12-30 is shown by the clocks of Pacific/Apia"):
        Span(during="2011-12-30", zone=zone("Pacific/Apia"))
    with pytest.raises(NotAllowed, match="ends before it begins"):
        Span(since="2023-11-17T12:00Z", until="2023-11-17", zone=zone("Pacific/Kiritimati"))


@pytest.mark.parametrize(
    ("first", "last", "name", "told"),
    [
        ("2023-01-01", "2025-06-01", "UTC", "2023-01-01..2025-05-31"),
        ("2023-01-01", "2025-05-31T23:59:59.999999", "UTC", "2023-01-01..2025-05-31"),
        ("2023-01-01", "2025-06-01", "Asia/Tokyo", "2023-01-01T09:00..2025-06-01T08:59"),
        ("2022-12-31T15:00", "2025-05-31T15:00", "Asia/Tokyo", "2023-01-01..2025-05-31"),
        ("2023-01-01T10:30:07", "2023-01-02T10:31", "UTC", "2023-01-01T10:30:07..2023-01-02T10:30"),
        ("2023-11-05T05:30", "2023-11-05T06:30:00.000001", "America/New_York",
         "2023-11-05T01:30:00-04:00..2023-11-05T01:30"),
    ],
)  # fmt: skip
def test_a_violation_is_told_by_days_or_minutes_or_else_exactly(
    first: str, last: str, name: str, told: str
) -> None:
    begins, ends = utc(first), utc(last)
    found = Violation(
        rule="x", certain=True, message="", valid_from=begins, valid_to=ends, records=(), sources=()
    )
    assert found.period_in(zone(name)) == told
    assert name != "UTC" or found.period == told


# What is asked


@given(HISTORIES, ZONES, st.sampled_from(READINGS))
def test_the_bounds_of_a_history_as_told_are_where_the_answer_changes(
    history: History, there: ZoneInfo, dates: Reading
) -> None:
    """Asked there, in the same zone, the answer is what begins; the instant before, what was before."""
    with opened() as tl:
        tl.append(*history.statements)
        for kind, who in keys(tl):
            found = tl.as_of(dates=dates, tz=there.key).history(kind.cls, *who)
            assert [one.begins for one in found] == [
                one.begins for one in tl.as_of(dates=dates).history(kind.cls, *who)
            ]
            before = found[0]
            for period in found.periods[1:]:
                told = bound(period.begins, there)
                moment = tl.as_of(written(told, there), dates=dates, tz=there.key)
                assert moment.of(kind.cls, *who).values() == dict(period.values), told
                assert found.at(written(told, there)) == period
                moment = moment.as_of(moment.basis.point - MICROSECOND)
                assert moment.of(kind.cls, *who).values() == dict(before.values), told
                before = period


@given(
    histories(strategies.ANYTHING, least=2), ZONES, strategies.ranges() | strategies.plain_dates()
)  # fmt: skip
def test_a_span_in_a_zone_is_that_of_its_exact_instants(
    history: History, there: ZoneInfo, span: Dated
) -> None:
    """In histories and among records, along valid time and in both readings."""
    try:
        exact: dict[str, Any] = Span(during=span.text, zone=there).as_dict()
    except NotAllowed:
        return
    with opened() as tl:
        tl.append(*history.statements)
        for dates in READINGS:
            found = tl.as_of(dates=dates, tz=there.key).records(during=span.text)
            assert list(found) == list(tl.as_of(dates=dates).records(**exact))
        for kind, who in keys(tl):
            told = tl.as_of(tz=there.key).history(kind.cls, *who, during=span.text)
            again = tl.as_of().history(kind.cls, *who, **exact)
            assert told.periods == again.periods
            assert told.as_dict() == again.as_dict()


def test_python_asks_in_a_zone_as_the_command_line_does() -> None:
    """All dates of a question are of the zone; the answers are told there and kept in UTC."""
    with in_memory() as tl:
        tl.append(CEOAppointment("2023-11-17", company="Acme", person="Ann"), known="2023-11-18")
        there = "America/New_York"
        moment = tl.as_of("2023-11-17", known="2023-11-17", tz=there)
        assert moment.basis.point == utc("2023-11-18T04:59:59.999999") == moment.basis.known_point
        assert str(moment.basis) == f"end of 2023-11-17 {there}, as known then"
        later = moment.as_of("2023-11-18", known="2023-11-19")
        assert later.basis.point == utc("2023-11-19T04:59:59.999999")
        assert str(later.basis) == f"end of 2023-11-18 {there}, as known at end of 2023-11-19 {there}"
        assert "known 2023-11-18 America/New_York" in str(later.explain("organisation", "acme", field="ceo"))
        assert moment.basis.as_dict()["point"] == "2023-11-18T04:59:59.999999+00:00"
        found = tl.as_of(tz=there).history("organisation", "acme", field="ceo")
        assert str(found).splitlines() == [
            f"Acme: ceo ({there})",
            "  …                          – 2023-11-17T18:59:59.999999  nothing recorded",
            "  2023-11-17T18:59:59.999999 – …                           Ann               #1",
        ]
        with pytest.raises(NotAllowed):
            tl.as_of(tz="Mars/Olympus")
        with pytest.raises(NotAllowed):
            tl.as_of(tz=3)  # type: ignore[arg-type]


def test_a_position_by_a_date_is_of_the_zone() -> None:
    with in_memory() as tl:
        tl.append(CEOAppointment("2023-11-17", company="Acme", person="Ann"))
        recorded = tl.record(1).recorded_at
        there = ZoneInfo("Pacific/Kiritimati")
        day = recorded.astimezone(there).date()
        assert tl.as_of(position=str(day), tz=there.key).basis.position == 1
        assert tl.as_of(position=str(day - timedelta(days=1)), tz=there.key).basis.position == 0


# The command line


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Timeline:
    """A log of two who led Acme, the second known to the microsecond."""
    path = str(tmp_path / "t.duckdb")
    monkeypatch.setenv("TIMELINE_DB", path)
    tl = Timeline.open(path)
    tl.append(CEOAppointment("2019-03-01", company="Acme", person="Ann"), known="2019-03-02")
    tl.append(
        CEOAppointment("2023-11-05T05:30:00.000007Z", company="Acme", person="Bob"),
        known="2023-11-06T00:00:00.25Z",
        source="Gazette",
    )
    return tl


def _answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    assert run(words) == code, capsys.readouterr()
    out, err = capsys.readouterr()
    return out, err


@pytest.mark.parametrize("axis", ["valid", "known"])
@pytest.mark.parametrize("name", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_a_bound_as_printed_can_be_asked_at(
    acme: Timeline, axis: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Along both axes, with --as-of or with --known."""
    out, _ = _answer(
        capsys, "history", "organisation", "acme", "--field", "ceo", "--axis", axis, "--tz", name
    )
    title, *rows = out.splitlines()
    assert name in title
    assert len(rows) == 3
    told = [re.split(r" +– +| {2,}", row.strip()) for row in rows]
    asked: Sequence[str] = ("--as-of", "now", "--known") if axis == "known" else ("--as-of",)
    for (_, ends, value, *_), (begins, _, following, *_) in itertools.pairwise(told):
        assert ends == begins
        at = close_in(When(written(begins, ZoneInfo(name))), zone(name)).latest
        assert at is not None
        before = When.read(at - MICROSECOND).text
        for text, wanted in ((written(begins, ZoneInfo(name)), following), (before, value)):
            shown, _ = _answer(capsys, "as-of", "acme", *asked, text, "--tz", name, "--json")
            assert str(json.loads(shown)["values"]["ceo"]).title() == wanted.replace(
                "nothing recorded", "None"
            )


def test_what_is_told_names_the_zone_and_machines_are_told_utc(
    acme: Timeline, capsys: pytest.CaptureFixture[str]
) -> None:
    state, there = ("organisation", "acme"), ("--tz", "Asia/Tokyo")
    shown, _ = _answer(capsys, "log", *there)
    assert shown.splitlines()[0].endswith("known 2019-03-03 Asia/Tokyo")
    assert shown.splitlines()[1].endswith("known 2023-11-06 Asia/Tokyo")
    assert "known 2023-11-06" in _answer(capsys, "explain", *state, *there, "--field", "ceo")[0]
    diff, told = _answer(capsys, "diff", *state, "--as-of", "2019", "--to-as-of", "2023-11-05", *there)
    assert "from end of 2019-12-31 Asia/Tokyo" in diff
    assert told.splitlines()[0].endswith("end of 2019-12-31 Asia/Tokyo, 2019-12-31T14:59:59.999999 UTC")
    for words in (
        ("history", *state, "--field", "ceo"),
        ("explain", *state, "--field", "ceo"),
        ("log",),
        ("single-sourced",),
    ):
        markdown = _answer(capsys, *words, *there, "--format", "markdown")[0]
        assert "+09:00" in markdown
        assert "+00:00" not in markdown
        for form in ("json", "jsonl", "csv"):
            told = _answer(capsys, *words, *there, "--format", form)[0]
            assert "+00:00" in told
            assert "+09:00" not in told


def test_spans_are_of_the_zone(acme: Timeline, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of history and of log; `now` and what says its own zone stay as they are."""

    def bounds(*words: str) -> list[str]:
        out, _ = _answer(capsys, "history", "organisation", "acme", *words, "--json")
        periods = json.loads(out)["periods"]
        return [periods[0]["valid_from"], periods[-1]["valid_to"]]

    there = ("--tz", "America/New_York")
    assert bounds("--during", "2023-11-17", *there) == [
        "2023-11-17T05:00:00+00:00",
        "2023-11-18T05:00:00+00:00",
    ]
    assert bounds("--since", "2023-11-17T00:00Z", *there)[0] == "2023-11-17T00:00:00+00:00"
    assert bounds("--until", "now", *there)[1][:3] == "202"
    day = ("log", "--during", "2023-11-05T01:30", "--format", "csv")
    assert "Bob" in _answer(capsys, *day, *there)[0]
    assert "Bob" not in _answer(capsys, *day, "--tz", "UTC")[0]
    _answer(capsys, "log", "--during", "2011-12-30", "--tz", "Pacific/Apia", code=2)
    for verb in (("history", "organisation", "acme"), ("log",), ("check",)):
        assert "there is no time zone" in _answer(capsys, *verb, "--tz", "Mars/Olympus", code=2)[1]


def test_verbs_that_ask_nothing_pass_by_the_zone_of_the_environment(
    acme: Timeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = {words: _answer(capsys, *words) for words in (("entities",), ("head",), ("verify",), ("types",))}
    monkeypatch.setenv("TIMELINE_TZ", "Asia/Tokyo")
    for words, answered in here.items():
        assert _answer(capsys, *words) == answered
    shown: Any = _answer(capsys, "log")[0]
    assert "Asia/Tokyo" in shown
