"""Dates as people say them, seen from a dateline."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, strategies as st

from timeline import When
from timeline.cli import run
from timeline.errors import BadText, NotAllowed
from timeline.values import Stretch, moved, proposals
from timeline.values.date_phrases import EXAMPLES

DATELINE = date(2025, 5, 1)
"""A Thursday."""
READ = {
    "earlier this year": ["[2025-01-01..2025-05-01]"],
    "later this year": ["[2025-05..2025-12]"],
    "last month": ["2025-04"],
    "next quarter": ["2025-35"],
    "late 2023": ["[2023-09..2023-12]"],
    "mid-2024": ["[2024-05..2024-08]"],
    "early March": ["[2025-03-01..2025-03-10]", "[2026-03-01..2026-03-10]"],
    "early March 2024": ["[2024-03-01..2024-03-10]"],
    "the end of February 2024": ["[2024-02-21..2024-02-29]"],
    "spring 2025": ["[2025-03..2025-05]"],
    "winter 2024": ["[2024-12..2025-02]", "[2023-12..2024-02]"],
    "the 1990s": ["199X"],
    "the '90s": ["199X"],
    "the 20th century": ["[1901..2000]"],
    "early 1990s": ["[1990..1992]"],
    "in the past six years": ["[2019-05-01..2025-05-01]"],
    "over the past decade": ["[2015-05-01..2025-05-01]"],
    "within the next 2 months": ["[2025-05-01..2025-07-01]"],
    "since 2019": ["[2019-01-01..2025-05-01]"],
    "by the end of the year": ["[..2025]"],
    "by 2030": ["[..2030]"],
    "Q3 2024": ["2024-35"],
    "the third quarter of 2024": ["2024-35"],
    "first half of 2024": ["[2024-01..2024-06]"],
    "yesterday": ["2025-04-30"],
    "last Friday": ["2025-04-25"],
    "Friday": ["2025-04-25", "2025-05-02"],
    "next Thursday": ["2025-05-08"],
    "two weeks ago": ["[2025-04-14..2025-04-20]"],
    "three months ago": ["2025-02"],
    "around 2018": ["2018~"],
    "around mid-2024": ["[2024-05~..2024-08~]"],
    "possibly in 2019": ["2019?"],
    "before November 2022": ["[..2022-10]"],
    "after 2020": ["[2021..]"],
    "20 January 2025": ["2025-01-20"],
    "Jan 20, 2025": ["2025-01-20"],
    "the 20th of January": ["2025-01-20", "2026-01-20"],
    "29 February": ["2024-02-29", "2028-02-29"],
    "03/04/2025": ["2025-04-03", "2025-03-04"],
    "13/04/2025": ["2025-04-13"],
    "03.04.2025": ["2025-04-03"],
    "2025/3/4": ["2025-03-04"],
    "between 2018 and 2020": ["[2018..2020]"],
    "from March to May 2024": ["[2024-03..2024-05]"],
    "late 2018 to early 2020": ["[2018-09..2020-04]"],
    "early to mid 2024": ["[2024-01..2024-08]"],
    "March - May 2024": ["[2024-03..2024-05]"],
    "late last year": ["[2024-09..2024-12]"],
    "mid-2025": ["2025-05-01", "[2025-05..2025-08]"],
    "early 2025": ["[2025-01..2025-04]"],
    "around mid-2025": ["2025-05-01~", "[2025-05~..2025-08~]"],
    "mid this quarter": ["2025-05-01", "[2025-05-01..2025-05-30]"],
    "by mid-2025": ["[..2025-05-01]", "[..2025-08]"],
    "before mid-2025": ["[..2025-04]"],
    "after mid-2025": ["[2025-09..]"],
    "since mid-2025": ["2025-05-01"],
    "March": ["2025-03", "2026-03"],
    "last spring": ["[2024-03..2024-05]"],
    "2018-03~": ["2018-03~"],
    "03-MAR-2006": ["2006-03-03"],
    "12.March 2014": ["2014-03-12"],
    "Jan-17": ["2017-01"],
    "Jan '17": ["2017-01"],
    "Jan 17": ["2025-01-17", "2026-01-17"],
    "17-Jan-05": ["2005-01-17"],
    "17 Jan 69": ["1969-01-17"],
    "17-Jan": ["2025-01-17", "2026-01-17"],
    "Jan-17-68": ["2068-01-17"],
    "03/04/21": ["2021-04-03", "2021-03-04"],
    "2017-04-04 10:30": ["2017-04-04T10:30"],
    "2017-04-04 00:00:00": ["2017-04-04"],
    "2017\u201104\u201104": ["2017-04-04"],
    "3\u2011March\u20112006": ["2006-03-03"],
    "+1957-00-00T00:00:00Z": ["1957"],
    "+1957-08-00T00:00:00Z": ["1957-08"],
    "+1957-08-05T00:00:00Z": ["1957-08-05"],
    "1957-00-00": ["1957"],
    "over the weekend": ["[2025-04-26..2025-04-27]"],
    "this weekend": ["[2025-04-26..2025-04-27]", "[2025-05-03..2025-05-04]"],
    "next weekend": ["[2025-05-03..2025-05-04]"],
    "around Christmas 2022": ["2022-12-25~"],
    "New Year's Eve": ["2024-12-31", "2025-12-31"],
    "in two months": ["2025-07"],
    "in a week's time": ["[2025-05-05..2025-05-11]"],
    "three years after 2019": ["2022"],
    "two days before 3 May 2024": ["2024-05-01"],
    "a month after Q1 2024": ["[2024-02..2024-04]"],
    "since the second quarter of 2024": ["[2024-04-01..2025-05-01]"],
    "1958 or 1959": ["[1958..1959]"],
    "1958 or 1963": ["1958", "1963"],
    "12 Mar 2014 10:30": ["2014-03-12T10:30:00"],
    "March 12, 2014 at 5:30 PM": ["2014-03-12T17:30:00"],
    "1/4/2023 12:00:00 AM": ["2023-04-01", "2023-01-04"],
    "yesterday, 9:05": ["2025-04-30T09:05:00"],
}  # fmt: skip
UNREAD = [
    "", "soon", "a few years ago", "around the corner",
    "30 February 2024", "13/13/2025", "since next year", "between 2020 and 2018",
    "99999 years ago", "900 decades ago", "Q5 2024", "earlier", "around", "before before", "0 January 2024",
    "2010\u201312", "Jan 17-20", "March 2014 10:30", "circa 2014 10:30", "3 May 2014 25:00",
]  # fmt: skip
UNITS = ["day", "week", "month", "quarter", "year", "decade"]
datelines = st.dates(date(1000, 1, 1), date(3000, 1, 1))


def texts(phrase: str, dateline: date = DATELINE) -> list[str]:
    """The dates that a phrase may mean."""
    return [one.when.text for one in proposals(phrase, dateline)]


def holds(when: When, day: date) -> bool:
    """Whether a day lies within a date."""
    begun = when.earliest is None or when.earliest.date() <= day
    return begun and (when.latest is None or day <= when.latest.date())


@pytest.mark.parametrize("phrase", READ)
def test_a_phrase_is_read(phrase: str) -> None:
    """As written in capitals, too; each reading is told."""
    capitals = phrase if phrase[:1].isdigit() or "T00" in phrase else phrase.upper()
    assert texts(phrase) == texts(capitals) == READ[phrase]
    assert all(one.read_as for one in proposals(phrase, DATELINE))


@pytest.mark.parametrize("phrase", UNREAD)
def test_what_is_not_known_is_refused_with_examples(phrase: str) -> None:
    with pytest.raises(BadText, match="what can be read is such as earlier this year"):
        proposals(phrase, DATELINE)


def test_what_counts_from_an_event_says_that_its_date_is_needed() -> None:
    needed = "counts from 'merger', which is no date; write when that was, as in 'three years after 2019-03'"
    with pytest.raises(BadText, match=needed):
        proposals("three years after the merger", DATELINE)


@given(st.dates(date(1, 1, 1), date(9998, 12, 31)), st.integers(1, 9899), datelines)
def test_a_year_of_two_digits_is_of_a_hundred_years_that_can_be_said(
    day: date, begin: int, dateline: date
) -> None:
    """And what it was taken for is told."""
    assume((day.month, day.day) != (2, 29))
    (found,) = proposals(f"{day.day}-{day:%b}-{day.year % 100:02}", dateline, years_from=begin)
    year = int(found.when.text[:4])
    assert begin <= year < begin + 100
    assert (year - day.year) % 100 == 0
    assert f"{day.year % 100:02} taken for {year:04}" in found.read_as


@given(st.dates(date(1, 1, 1), date(9998, 12, 31)), datelines, st.booleans(), st.sampled_from("./-"))
def test_days_and_months_are_told_apart_where_their_order_is_said(
    day: date, dateline: date, first: bool, mark: str
) -> None:
    """Alone and within a phrase; otherwise what may be two days is refused, with both."""
    parts = [str(day.day), str(day.month)][:: 1 if first else -1]
    text = mark.join([*parts, f"{day.year:04}"])
    that_day, by = (When.phrase(f"{lead}{text}", dateline=dateline, day_first=first) for lead in ("", "by "))
    assert that_day == When(day.isoformat())
    assert by.latest == that_day.latest
    if mark == "/" and day.day != day.month and day.day <= 12:
        with pytest.raises(BadText, match=f"may be .*{day}.*; say whether the day or the month comes first"):
            When.phrase(text, dateline=dateline)


def test_a_phrase_that_means_one_date_is_that_date() -> None:
    """Seen from a day; what is no phrase, no day, or ambiguous is refused."""
    assert When.phrase("earlier this year", dateline="2025-05-01").text == "[2025-01-01..2025-05-01]"
    assert When.phrase("2018-06").text == "2018-06"
    with pytest.raises(BadText, match="may be 2025-03 or 2026-03; write the one that is meant"):
        When.phrase("March", dateline=date(2025, 5, 1))
    with pytest.raises(NotAllowed, match="a dateline is a day, such as 2025-05-01, and 2025 is longer"):
        When.phrase("March", dateline="2025")


@pytest.mark.parametrize("phrase", EXAMPLES)
def test_the_examples_are_read(phrase: str) -> None:
    assert texts(phrase)


@given(st.text("0123456789 abcdefghijklmnopqrstuvwxyz-/.'~", max_size=20), datelines)
def test_nothing_but_refusal_comes_of_any_text(phrase: str, dateline: date) -> None:
    try:
        found = proposals(phrase, dateline)
    except BadText:
        return
    assert found
    assert all(When(one.when.text) == one.when for one in found)


@given(datelines, datelines)
def test_a_day_in_words_is_that_day(day: date, dateline: date) -> None:
    """However it is written, and also in numbers, where another day may be meant besides."""
    iso = day.isoformat()
    assert texts(f"{day.day} {day:%B} {day.year}", dateline) == [iso]
    assert texts(f"{day:%b} {day.day}, {day.year}", dateline) == [iso]
    assert iso in texts(f"{day.day}/{day.month}/{day.year}", dateline)
    assert iso in texts(f"{day.month}/{day.day}/{day.year}", dateline)


@given(st.integers(1, 60), st.sampled_from(UNITS), datelines)
def test_what_is_counted_from_the_dateline_holds_the_day_counted(
    count: int, unit: str, dateline: date
) -> None:
    (ago,) = proposals(f"{count} {unit}s ago", dateline)
    assert holds(ago.when, moved(dateline, -count, unit))
    (past,) = proposals(f"in the past {count} {unit}s", dateline)
    assert holds(past.when, dateline)
    assert holds(past.when, moved(dateline, -count, unit))
    assert not holds(past.when, dateline + timedelta(days=1))


@given(
    st.sampled_from([*["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]]),
    datelines,
)
def test_a_day_of_the_week_is_within_a_week(name: str, dateline: date) -> None:
    (last,), (after,) = texts(f"last {name}", dateline), texts(f"next {name}", dateline)
    assert f"{date.fromisoformat(last):%A}" == f"{date.fromisoformat(after):%A}" == name
    assert 1 <= (dateline - date.fromisoformat(last)).days <= 7
    assert 1 <= (date.fromisoformat(after) - dateline).days <= 7


@given(
    st.sampled_from(["{0:%B} {0.year}", "{0.year}", "{0.year}0s", "Q2 {0.year}", "last month", "next year"]),
    datelines,
)
def test_early_mid_and_late_are_all_of_it(shape: str, dateline: date) -> None:
    """One after the other, without a gap; before and after lie outside of it.

    That part in which it is said is also proposed up to that day.
    """
    phrase = shape.format(dateline) if "0s" not in shape else f"{dateline.year // 10}0s"
    ((whole,), *parts) = (
        [one.when for one in proposals(f"{lead}{phrase}", dateline)]
        for lead in ("", "early ", "mid-", "late ")
    )
    for part in parts:
        *passed, all_of_it = part
        assert [one.latest and one.latest.date() for one in passed] == [dateline] * len(passed)
        assert {one.earliest for one in passed} <= {all_of_it.earliest}
        ended = all_of_it.latest is None or all_of_it.latest.date() == dateline
        assert bool(passed) == (holds(all_of_it, dateline) and not ended)
    early, mid, late = (part[-1] for part in parts)
    assert (early.earliest, late.latest) == (whole.earliest, whole.latest)
    tick = timedelta(microseconds=1)
    assert early.latest is not None
    assert mid.latest is not None
    assert (early.latest + tick, mid.latest + tick) == (mid.earliest, late.earliest)
    (before,), (after,) = proposals(f"before {phrase}", dateline), proposals(f"after {phrase}", dateline)
    assert before.when.latest is not None
    assert whole.latest is not None
    assert (before.when.latest + tick, whole.latest + tick) == (whole.earliest, after.when.earliest)


@given(datelines, datelines, st.sampled_from(["", "~", "?"]))
def test_a_stretch_is_written_with_its_bounds(one: date, other: date, mark: str) -> None:
    first, last = sorted((one, other))
    when = When(Stretch(first, last, mark).edtf)
    assert when.earliest is not None
    assert when.latest is not None
    assert (when.earliest.date(), when.latest.date()) == (first, last)
    assert When(Stretch(first, None, mark).edtf).earliest == when.earliest
    assert When(Stretch(None, last, mark).edtf).latest == when.latest


def test_the_verb_proposes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["date", "03/04/2025", "--dateline", "2025-05-01"]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["date", "2025-04-03", "2025-03-04"]
    assert "say which" in err
    assert out.splitlines()[1].split()[1:3] == ["2025-04-03", "2025-04-03"]
    assert run(["date", "late", "2023", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["proposals"]
    assert (found["date"], found["earliest"]) == ("[2023-09..2023-12]", "2023-09-01T00:00:00+00:00")
    assert run(["date", "soon"]) == 65
    assert run(["date", "today", "--dateline", "2025"]) == 2


@pytest.mark.parametrize(
    ("phrase", "dateline"),
    [
        ("march", date(1, 1, 1)),
        ("29 february", date(3, 1, 1)),
        ("winter", date(9998, 12, 31)),
        ("q1", date.max),
        ("possibly " * 1_500 + "2020", date(2020, 1, 1)),
        ("..2020", date(2020, 1, 1)),
        ("2021..", date(2020, 1, 1)),
    ],
)
def test_what_leads_out_of_time_or_nowhere_is_told(phrase: str, dateline: date) -> None:
    """Also phrases without end, and dates that are open."""
    with pytest.raises(BadText):
        proposals(phrase, dateline)


def test_a_part_before_a_dash_is_a_part() -> None:
    """And no end of a span."""
    assert [str(one.when) for one in proposals("mid - 2020", date(2021, 1, 1))] == ["[2020-05..2020-08]"]
