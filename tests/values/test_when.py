"""What dates are read, what span they name, and how the rest is refused."""

from __future__ import annotations

import copy
import pickle
import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given, strategies as st

from timeline.errors import BadWhen, NaiveDatetime
from timeline.values import When

# Texts with their first and last instant, written as day or as instant; None is unbounded.
GOOD: list[tuple[str, str | None, str | None]] = [
    ("2018", "2018-01-01", "2018-12-31"),
    ("0001", "0001-01-01", "0001-12-31"),
    ("9998", "9998-01-01", "9998-12-31"),
    ("2023-01", "2023-01-01", "2023-01-31"),
    ("2024-02", "2024-02-01", "2024-02-29"),
    ("1900-02", "1900-02-01", "1900-02-28"),
    ("2000-02", "2000-02-01", "2000-02-29"),
    ("2023-11-17", "2023-11-17", "2023-11-17"),
    ("2024-02-29", "2024-02-29", "2024-02-29"),
    ("1984?", "1984-01-01", "1984-12-31"),
    ("2004-06~", "2004-06-01", "2004-06-30"),
    ("2004-06-11%", "2004-06-11", "2004-06-11"),
    ("201X", "2010-01-01", "2019-12-31"),
    ("20XX", "2000-01-01", "2099-12-31"),
    ("201X?", "2010-01-01", "2019-12-31"),
    ("2004-XX", "2004-01-01", "2004-12-31"),
    ("1985-04-XX", "1985-04-01", "1985-04-30"),
    ("1985-XX-XX", "1985-01-01", "1985-12-31"),
    ("2019-33", "2019-01-01", "2019-03-31"),
    ("2019-34", "2019-04-01", "2019-06-30"),
    ("2019-35", "2019-07-01", "2019-09-30"),
    ("2019-36", "2019-10-01", "2019-12-31"),
    ("2019-40", "2019-01-01", "2019-06-30"),
    ("2019-41~", "2019-07-01", "2019-12-31"),
    ("1964/2008", "1964-01-01", "2008-12-31"),
    ("2004-06/2006-08", "2004-06-01", "2006-08-31"),
    ("2004-02-01/2005", "2004-02-01", "2005-12-31"),
    ("2005-06-15/2005", "2005-06-15", "2005-12-31"),
    ("2019-33/2019-34?", "2019-01-01", "2019-06-30"),
    ("1984~/2004-06%", "1984-01-01", "2004-06-30"),
    ("1985/..", "1985-01-01", None),
    ("1985/", "1985-01-01", None),
    ("../1985-04", None, "1985-04-30"),
    ("/1985-04", None, "1985-04-30"),
    ("[2018..2020]", "2018-01-01", "2020-12-31"),
    ("[2019-06..2019-08]", "2019-06-01", "2019-08-31"),
    ("[2018..]", "2018-01-01", None),
    ("[..2018-06~]", None, "2018-06-30"),
    ("2018-01-01T10:30", "2018-01-01T10:30:00", "2018-01-01T10:30:00"),
    ("2018-01-01T10:30:15Z", "2018-01-01T10:30:15", "2018-01-01T10:30:15"),
    ("2018-01-01T10:30:15.5Z", "2018-01-01T10:30:15.500000", "2018-01-01T10:30:15.500000"),
    ("2018-01-01T10:30:15.000001", "2018-01-01T10:30:15.000001", "2018-01-01T10:30:15.000001"),
    ("2018-01-01T00:30+01", "2017-12-31T23:30:00", "2017-12-31T23:30:00"),
    ("2018-01-01T00:30+05:30", "2017-12-31T19:00:00", "2017-12-31T19:00:00"),
    ("2018-01-01T23:30:00-08:00", "2018-01-02T07:30:00", "2018-01-02T07:30:00"),
    ("2018-01-01T10:00/2018-01-01T11:00Z", "2018-01-01T10:00:00", "2018-01-01T11:00:00"),
    ("[2018..2018-01-01T11:00:00.5]", "2018-01-01", "2018-01-01T11:00:00.500000"),
    ("[2018-01-01T11:00:00.5..2018]", "2018-01-01T11:00:00.500000", "2018-12-31"),
]

# Texts, the index of the fault, and a word of what would work.
BAD: list[tuple[str, int, str]] = [
    ("", 0, "2018"),
    ("2018-13", 5, "01 to 12"),
    ("2018-00", 5, "01 to 12"),
    ("2018-13-01", 5, "01 to 12"),
    ("2019-33-05", 5, "01 to 12"),
    ("2019-33-XX", 5, "01 to 12"),
    ("2023-02-30", 8, "28 days"),
    ("2023-06-00", 8, "30 days"),
    ("1900-02-29", 8, "28 days"),
    ("2018-06-31?", 8, "30 days"),
    ("2019-21", 5, "2019-33 to 2019-36"),
    ("2019-22", 5, "[2019-06..2019-08]"),
    ("2019-24~", 5, "[2019-06..2019-08]"),
    ("2019-25", 5, "33 to 36"),
    ("2019-32", 5, "33 to 36"),
    ("2019-37", 5, "40 and 41"),
    ("2019-39", 5, "40 and 41"),
    ("2019-42", 5, "01 to 12"),
    ("2018-01-01T24:00", 11, "00 to 23"),
    ("2018-01-01T10:60", 14, "00 to 59"),
    ("2018-01-01T10:00:60", 17, "00 to 59"),
    ("2018-02-29T10:00", 8, "28 days"),
    ("2018-01-01T10:00+24:00", 17, "23:59"),
    ("2018-01-01T10:00+05:60", 20, "00 to 59"),
    ("2018-01-01T10:00+1", 18, "T09:30Z"),
    ("2018-01-01T10:00+0530", 19, "+05:30"),
    ("2018-01-01T10:00 +05:30", 16, "leave it out"),
    ("2018-01-01T9:00", 11, "write two"),
    ("09:30", 0, "2018-01-31T09:30Z"),
    ("2018-01-01T10", 13, "T09:00Z"),
    ("2018-01-01T1030", 13, "T09:30Z"),
    ("2018-01-01T10:00:00.", 20, "T09:30Z"),
    ("2018-01-01T10:00:00,5", 19, "T09:30Z"),
    ("2018-01-01T10:00:00.1234567", 26, "six decimals"),
    ("2018-01-01T10:00z", 16, "T09:30Z"),
    ("2018-01-01T10:00 CET", 16, "+01:00"),
    ("2018-01-01 10:00", 10, "T between"),
    ("2018-01-01t10:00", 10, "T between"),
    ("2018-01-01Z", 10, "leave it out"),
    ("2018-01-01T10:00?", 16, "exact"),
    ("2018-01-01T10:00Z~", 17, "exact"),
    ("2004?-06", 4, "at the end"),
    ("2004-06?-11", 7, "at the end"),
    ("~2018", 0, "at the end"),
    ("2018?~", 5, "%"),
    ("20180101", 4, "2018-01-31"),
    ("201801", 4, "2018-01-31"),
    ("20180101T103000", 4, "2018-01-31"),
    ("31/12/2018", 0, "2018-01-31"),
    ("1/2/18", 0, "2018-01-31"),
    ("31.12.2018", 0, "2018-01-31"),
    ("31-12-2018", 0, "2018-01-31"),
    ("2018/01/02", 4, "2018-01-31"),
    ("2018.01.02", 4, "2018-01-31"),
    ("2018-1-5", 5, "2018-01-31"),
    ("2018-2019", 4, "2018/2019"),
    ("May 2018", 0, "write 2018-05"),
    ("31 Dec 2018", 0, "write 2018-12-31"),
    ("Dec. 31st, 2018", 0, "write 2018-12-31"),
    ("Mar-18", 0, "2018-03 for a month"),
    ("15 June", 0, "2018-01-31"),
    ("1990-92", 5, "1990/1992"),
    ("1990–92", 5, "write 1990/1992"),
    ("2018/19", 5, "write 2018/2019"),
    ("2011/12", 5, "write 2011-12 for the month, or 2011/2012"),
    ("1999/00", 5, "write 1999/2000"),
    ("2018/01", 5, "write 2018-01"),
    ("2018-06-15/16", 11, "both ends in full"),
    ("01/2018", 0, "2018-01"),
    ("2018.01", 4, "2018-01"),
    ("2018 to 2019", 4, "[2018..2019]"),
    ("2018, 2019", 4, "[2018..2019]"),
    ("since 2018", 0, "[2018..]"),
    ("<2018", 0, "[..2018]"),
    ("2018+", 4, "2018/.."),
    ("Q1 2020", 0, "write 2020-33"),
    ("2020-Q4", 5, "write 2020-36"),
    ("2020H2", 4, "write 2020-41"),
    ("FY2019", 0, "[2018-07..2019-06]"),
    ("spring 2020", 0, "2018-33"),
    ("mid-2020", 0, "[2018-05..2018-08]"),
    ("2020s", 0, "write 202X"),
    ("the 1990s", 4, "write 199X"),
    ("19th century", 0, "write 18XX"),
    ("circa 2018", 0, "2018~"),
    ("unknown", 0, "[2018..2020]"),
    ("n/a", 0, "[2018..2020]"),
    ("500 BC", 4, "0001 to 9998"),
    ("2018 AD", 5, "leave it out"),
    ("2018-W05", 5, "[2018-01-29..2018-02-04]"),
    ("2018-031", 5, "2018-01-31"),
    ("43831", 0, "2018-01-31"),
    ("2018年1月", 4, "2018-01-31"),
    ("2018-May", 5, "2018-01-31"),
    ("yesterday", 0, "2018-01-31"),
    ("Y170000002", 0, "0001 to 9998"),
    ("-0045", 0, "0001 to 9998"),
    ("+2018", 0, "0001 to 9998"),
    ("0000", 0, "0001 to 9998"),
    ("9999", 0, "0001 to 9998"),
    ("9999-12-31T00:00", 0, "0001 to 9998"),
    ("2018/9999", 5, "0001 to 9998"),
    ("000X", 0, "0001 to 9998"),
    ("00XX", 0, "0001 to 9998"),
    ("999X", 0, "0001 to 9998"),
    ("99XX", 0, "0001 to 9998"),
    ("0001-01-01T00:30+01:00", 16, "0001 to 9998"),
    ("9998-12-31T23:30-01:00", 16, "0001 to 9998"),
    ("1XXX", 1, "201X or 20XX"),
    ("XXXX", 0, "201X or 20XX"),
    ("201X-XX", 4, "201X"),
    ("201X-05", 4, "201X"),
    ("201x", 3, "201X"),
    ("2004-1X", 6, "2018-01-31"),
    ("2004-XX-05", 8, "2018-01-31"),
    ("201X/2023", 3, "2010-01-01"),
    ("2004-06/2004-08-XX", 16, "2004-08-31"),
    ("{2018..2020}", 0, "[2018..2020]"),
    ("[2018,2019]", 5, "[2018..2020]"),
    ("[2018]", 5, "[2018..2020]"),
    ("[2018..2019", 11, "[2018..2020]"),
    ("[2018..2019]?", 12, "]"),
    ("[2018/2019]", 5, "[2018..2020]"),
    ("[[2018..2019]", 1, "[2018..2020]"),
    ("[2018..2019-13]", 12, "01 to 12"),
    ("[2018.. 2019]", 7, "2018-01-31"),
    ("2018..2019", 4, "[2018..2020]"),
    ("..", 0, "at least one"),
    ("../..", 0, "at least one"),
    ("/", 0, "at least one"),
    ("/..", 0, "at least one"),
    ("../", 0, "at least one"),
    ("[..]", 0, "at least one"),
    ("2019/2018", 5, "earlier date first"),
    ("[2019..2018-06]", 7, "earlier date first"),
    ("2018-01-01T10:00/2018-01-01T09:59", 17, "earlier date first"),
    ("2018/2019-13", 10, "01 to 12"),
    ("2018/2019/2020", 9, "2018/2020"),
    ("2018 / 2019", 4, "2018-01-31"),
    ("2018-", 4, "2018/.."),
    ("18", 0, "1999"),
    ("2018\n2019", 4, "2018-01-31"),
    ("2018\x00", 4, "2018-01-31"),
    ("2018-01-01 ok", 10, "2018-01-31"),
    ("２０１８", 0, "2018-01-31"),
    ("201٨", 3, "2018-01-31"),
]

years = st.integers(1, 9998)
days = st.dates(date(1, 1, 1), date(9998, 12, 31))
qualifiers = st.sampled_from(["", "?", "~", "%"])
instants = st.datetimes(datetime(1, 1, 2), datetime(9998, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
singles = st.one_of(
    st.builds("{:04}{}".format, years, qualifiers),
    st.builds("{:%m}".format, days).flatmap(
        lambda m: st.builds("{:04}-{}{}".format, years, st.just(m), qualifiers)
    ),
    st.builds("{:04}-{}{}".format, years, st.sampled_from([33, 34, 35, 36, 40, 41]), qualifiers),
    st.builds("{}{}".format, days, qualifiers),
    st.builds(lambda at: at.isoformat(), instants),
)
unspecified = st.one_of(
    st.builds("{:03}X{}".format, st.integers(1, 998), qualifiers),
    st.builds("{:02}XX{}".format, st.integers(1, 98), qualifiers),
    st.builds("{:04}-XX{}".format, years, qualifiers),
    st.builds("{:04}-{:02}-XX".format, years, st.integers(1, 12)),
)
ends = st.one_of(singles, st.sampled_from(["", ".."]))


def _spans(first: str, last: str) -> bool:
    """Whether an interval between these has an end, and runs forwards."""
    earliest = None if first in {"", ".."} else When(first).earliest
    latest = None if last in {"", ".."} else When(last).latest
    return earliest <= latest if earliest and latest else bool(earliest or latest)


intervals = st.tuples(ends, ends).filter(lambda pair: _spans(*pair)).map("/".join)
dates = st.one_of(singles, unspecified, intervals)


def _first(text: str | None) -> datetime | None:
    return text and datetime.fromisoformat(text).replace(tzinfo=UTC)  # type: ignore[return-value]


def _last(text: str | None) -> datetime | None:
    last = _first(text)
    if last is None or text is None or "T" in text:
        return last
    return last + timedelta(days=1, microseconds=-1)


@pytest.mark.parametrize(("text", "earliest", "latest"), GOOD)
def test_a_date_runs_from_its_first_to_its_last_instant(
    text: str, earliest: str | None, latest: str | None
) -> None:
    when = When(text)
    assert (when.earliest, when.latest) == (_first(earliest), _last(latest))
    assert str(when) == when.text == text


@pytest.mark.parametrize(("text", "position", "hint"), BAD)
def test_a_fault_is_told_with_its_place_and_what_would_work(text: str, position: int, hint: str) -> None:
    with pytest.raises(BadWhen) as caught:
        When(text)
    assert (caught.value.text, caught.value.position) == (text, position)
    assert hint in caught.value.hint
    advised = re.match(r"write ([0-9\[][0-9X~./\[\]-]*)(?=,|\Z| for)", caught.value.hint)
    assert advised is None or When(advised[1])


@pytest.mark.parametrize("text", [text for text, _, _ in BAD])
def test_what_hints_show_as_an_example_can_be_read(text: str) -> None:
    with pytest.raises(BadWhen) as caught:
        When(text)
    for example in re.findall(r"(?:write|as in|such as) (\[?[0-9][^ ,]*)", caught.value.hint):
        When(example)


def test_surrounding_space_is_no_part_of_a_date() -> None:
    assert When(" 2018\n") == When("2018")
    with pytest.raises(BadWhen) as caught:
        When("  2018-13 ")
    assert (caught.value.text, caught.value.position) == ("2018-13", 5)


def test_quarters_are_read_where_seasons_are_refused() -> None:
    with pytest.raises(BadWhen, match=r"season.*at character 6; .*2019-33 to 2019-36"):
        When("2019-21")


def test_dates_are_equal_if_they_are_written_alike() -> None:
    assert When("2018") == When("2018")
    assert hash(When("2018")) == hash(When("2018"))
    assert When("2018") != When("2018?")
    assert When("2018").same_span(When("2018?"))
    assert When("2018").same_span(When("2018-01-01/2018-12-31"))
    assert not When("2018").same_span(When("2018/.."))
    assert repr(When("2018")) == "When(text='2018')"


@pytest.mark.parametrize(
    ("text", "exact"),
    [("2018-01-01T10:00", True), ("2018-01-01", False), ("2018/..", False), ("../2018", False)],
)
def test_only_an_instant_is_exact(text: str, exact: bool) -> None:
    assert When(text).is_exact is exact


def test_a_date_cannot_be_changed_and_survives_copying() -> None:
    when = When("2018/..")
    with pytest.raises(FrozenInstanceError):
        when.text = "2019"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        when.latest = when.earliest  # type: ignore[misc]
    for twin in (copy.deepcopy(when), pickle.loads(pickle.dumps(when))):  # noqa: S301
        assert twin == when
        assert twin.same_span(when)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (When("2018~"), "2018~"),
        ("2018", "2018"),
        (date(2018, 1, 31), "2018-01-31"),
        (datetime(2023, 11, 22, 6, tzinfo=UTC), "2023-11-22T06:00:00Z"),
        (datetime(2023, 11, 22, 6, 0, 0, 5, tzinfo=UTC), "2023-11-22T06:00:00.000005Z"),
        (datetime(2023, 11, 22, 6, tzinfo=timezone(timedelta(hours=-8))), "2023-11-22T14:00:00Z"),
    ],
)
def test_python_dates_are_read_as_text_in_utc(value: When | str | date, text: str) -> None:
    assert When.read(value).text == text


def test_a_datetime_without_time_zone_is_refused() -> None:
    with pytest.raises(NaiveDatetime, match="has no time zone"):
        When.read(datetime(2018, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (2018, '2018 is not a date: it is of type int; write "2018"'),
        (45, 'write "0045"'),
        (True, 'True is not a date: it is of type bool; write a text such as "2018"'),
        (None, 'type NoneType; write a text such as "2018"'),
        (2018.0, 'type float; write a text such as "2018"'),
        (b"2018", 'type bytes; write a text such as "2018"'),
        pytest.param(10**5000, 'type int; write a text such as "2018"', id="huge"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(value: Any, message: str) -> None:
    for read in (When.read, When):
        with pytest.raises(BadWhen) as caught:
            read(value)
        assert message in str(caught.value)
        assert isinstance(pickle.loads(pickle.dumps(caught.value)), BadWhen)  # noqa: S301


@pytest.mark.parametrize(
    "value",
    [
        date(9999, 1, 1),
        datetime(9999, 6, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-8))),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_python_dates_out_of_the_years_are_refused(value: date) -> None:
    with pytest.raises(BadWhen, match="0001 to 9998"):
        When.read(value)


@given(dates)
def test_the_first_instant_is_not_after_the_last(text: str) -> None:
    when = When(text)
    assert when.earliest is not None or when.latest is not None
    if when.earliest and when.latest:
        assert when.earliest <= when.latest
    for bound in (when.earliest, when.latest):
        assert bound is None or (bound.tzinfo is UTC and type(bound) is datetime)


@given(dates)
def test_reading_what_is_written_gives_the_same_date(text: str) -> None:
    when = When.read(text)
    assert str(when) == text
    assert When.read(str(when)) == when
    assert When.read(when) is when


@given(days)
def test_a_day_lies_in_its_month_year_decade_and_century(day: date) -> None:
    instant = When.read(day)
    year = f"{day.year:04}"
    wider = [
        year,
        f"{year}-{day:%m}",
        f"{year}-XX",
        f"{year}-{day:%m}-XX",
        f"{year}-{33 + (day.month - 1) // 3}",
    ]
    wider.append(f"{year}-{40 + (day.month - 1) // 6}")
    wider += [f"{year[:3]}X"] if 10 <= day.year < 9990 else []
    wider += [f"{year[:2]}XX"] if 100 <= day.year < 9900 else []
    for text in wider:
        span = When(text)
        assert span.earliest is not None
        assert instant.earliest is not None
        assert span.latest is not None
        assert instant.latest is not None
        assert span.earliest <= instant.earliest < instant.latest <= span.latest


@given(st.integers(1, 998))
def test_a_decade_is_its_ten_years(tens: int) -> None:
    assert When(f"{tens:03}X").same_span(When(f"{tens:03}0/{tens:03}9"))


@given(years, st.sampled_from([("33", "40"), ("34", "40"), ("35", "41"), ("36", "41")]))
def test_a_quarter_begins_or_ends_its_half_year(year: int, parts: tuple[str, str]) -> None:
    quarter, half = (When(f"{year:04}-{part}") for part in parts)
    assert (quarter.earliest == half.earliest) != (quarter.latest == half.latest)


@given(singles, singles)
def test_one_of_and_within_run_from_the_first_of_the_one_to_the_last_of_the_other(a: str, b: str) -> None:
    first, last = When(a), When(b)
    assert first.earliest is not None
    assert last.latest is not None
    if last.latest < first.earliest:
        for text, place in ((f"{a}/{b}", len(a) + 1), (f"[{a}..{b}]", len(a) + 3)):
            with pytest.raises(BadWhen) as caught:
                When(text)
            assert caught.value.position == place
        return
    for text in (f"{a}/{b}", f"[{a}..{b}]"):
        assert (When(text).earliest, When(text).latest) == (first.earliest, last.latest)


@given(singles)
def test_an_open_end_leaves_only_that_end_unbounded(text: str) -> None:
    when = When(text)
    for onwards in (f"{text}/..", f"{text}/", f"[{text}..]"):
        assert (When(onwards).earliest, When(onwards).latest) == (when.earliest, None)
    for until in (f"../{text}", f"/{text}", f"[..{text}]"):
        assert (When(until).earliest, When(until).latest) == (None, when.latest)


@given(days, qualifiers)
def test_a_qualifier_is_kept_and_widens_nothing(day: date, qualifier: str) -> None:
    when = When(f"{day}{qualifier}")
    assert when.text.endswith(qualifier)
    assert when.same_span(When(f"{day}"))


@given(instants, offsets)
def test_an_offset_names_the_same_instant(instant: datetime, offset: timezone) -> None:
    there = When(instant.astimezone(offset).isoformat())
    assert there.is_exact
    assert there.earliest == instant
    assert When.read(instant.astimezone(offset)).same_span(there)


@given(st.text())
def test_arbitrary_text_is_read_or_refused_with_a_place_in_it(text: str) -> None:
    _read_or_refuse(text)


@given(st.text(alphabet="0123456789-/.[]TZ:+?~%X, ", max_size=30))
def test_text_of_the_signs_of_dates_is_read_or_refused(text: str) -> None:
    _read_or_refuse(text)


@given(dates, st.data())
def test_a_date_with_one_sign_changed_is_read_or_refused(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    sign = data.draw(st.sampled_from([*"0123456789-/.[]TZ:+?~%X, \n\x00٣", ""]))
    _read_or_refuse(text[:place] + sign + text[place + 1 :])


def _read_or_refuse(text: str) -> None:
    stripped, refusal = text.strip(), None
    try:
        when = When(text)
    except BadWhen as fault:
        refusal = fault
    if refusal is not None:
        assert refusal.text == stripped
        assert 0 <= refusal.position <= len(stripped)
        assert str(refusal)
    else:
        assert when.text == stripped
        assert when.earliest is None or when.latest is None or when.earliest <= when.latest
        assert re.fullmatch(r"[0-9XTZ:+?~%./\[\]-]+", stripped)
