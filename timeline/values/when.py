"""Dates as people know them: a year, a quarter, a day, an instant, or something in between.

Read are levels 0 and 1 of EDTF, the Extended Date/Time Format (Library of Congress; ISO 8601-2), without
seasons, plus `[a..b]`, quarters (33 to 36) and half-years (40 and 41), for the years 0001 to 9998, in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, final

from attrs import field, frozen

from timeline.values.arguments import checked
from timeline.values.date_mistakes import YEARS, mistake, month_fault, reach
from timeline.values.errors import BadWhen, NaiveDatetime, NotAllowed, NotAWhen

_Span = tuple[datetime | None, datetime | None]
_Match = re.Match[str]

_FIRST_YEAR: Final = 1
_LAST_YEAR: Final = 9998
_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?[?~%]?")
_DECADE: Final = re.compile(r"([0-9]{2}(?:[0-9]X|XX))[?~%]?")
_SOME_DAY: Final = re.compile(r"([0-9]{4})-(?:([0-9]{2})-XX|XX(?:-XX)?)[?~%]?")
_INSTANT: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6})0*)?)?"
    r"(?:Z|([+-])([0-9]{2})(?::([0-9]{2}))?)?"
)
_ONE_OF: Final = re.compile(r"\[([^\[\]]*?)\.\.([^\[\]]*)\]")
_ODD_END: Final = re.compile(r"[0-9]{1,2}/.*|.*/[0-9]{1,2}|[A-Za-z].*", re.DOTALL)
_MONTHS: Final = (
    {f"{month:02}": (month, month) for month in range(1, 13)}
    | {"33": (1, 3), "34": (4, 6), "35": (7, 9), "36": (10, 12)}
    | {"40": (1, 6), "41": (7, 12)}
)
PARTS_OF_YEAR: Final = {
    "33": "first quarter",
    "34": "second quarter",
    "35": "third quarter",
    "36": "fourth quarter",
    "40": "first half",
    "41": "second half",
}
"""How people call the quarters and half-years of EDTF."""
_PART: Final = re.compile(r"\b([0-9]{4})-(3[3-6]|4[01])\b")
_DAYS: Final = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _stripped(text: str) -> str:
    if isinstance(text, str):
        return str.strip(text)
    year = type(text) is int and _FIRST_YEAR <= text <= _LAST_YEAR
    hint = f'write "{text:04}"' if year else 'write a text such as "2018"'
    written = hex(text) if type(text) is int and abs(text) > 10**24 else repr(text)
    raise NotAWhen(written, 0, f"it is of type {type(text).__name__}", hint)


@final
@frozen
class When:
    """A date as written, with its first and last instant.

    `earliest` and `latest` are aware datetimes in UTC, both inclusive, at microsecond resolution; None is
    unbounded. A date is the whole day in UTC; a time without an offset is UTC; `a/b` means within, as
    `[a..b]` does; `?`, `~` and `%` are kept and widen nothing. Two are equal if they are written alike.
    Raises `BadWhen`, which tells the place of the fault and what would work.

    >>> When("2023-01").latest
    datetime.datetime(2023, 1, 31, 23, 59, 59, 999999, tzinfo=datetime.timezone.utc)
    >>> When("2019-33~").same_span(When("[2019-01..2019-03]"))
    True
    >>> print(When("2018/..").latest)
    None
    >>> When("2018-13")
    Traceback (most recent call last):
    timeline.errors.BadWhen: '2018-13' is not a date: there is no month 13 at character 6; months are 01 to 12
    """

    text: str = field(converter=_stripped)
    earliest: datetime | None = field(init=False, eq=False, repr=False)
    latest: datetime | None = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        earliest, latest = _span(self.text)
        object.__setattr__(self, "earliest", earliest)
        object.__setattr__(self, "latest", latest)

    def __str__(self) -> str:
        return self.text

    @classmethod
    def read(cls, value: Whenever) -> When:
        """Give the `When` of a text, a date, or a datetime with a time zone, which is turned into UTC.

        Raises `NaiveDatetime` for a datetime without a time zone and `BadWhen` for all else.

        >>> print(When.read(datetime(2023, 11, 22, 6, tzinfo=UTC)))
        2023-11-22T06:00:00Z
        """
        if isinstance(value, When):
            return value
        if isinstance(value, date) and value != value:
            raise NotAWhen(repr(value), 0, "it is no date at all", "leave it out where none is known")
        if isinstance(value, datetime):
            return cls(_instant_text(value))
        return cls(value.isoformat() if isinstance(value, date) else value)

    @classmethod
    @checked
    def phrase(
        cls,
        text: str,
        *,
        dateline: Whenever | None = None,
        day_first: bool | None = None,
        years_from: int | None = None,
    ) -> When:
        """Give the date that a phrase means, as said on a day: today in UTC, unless it is given.

        Read are phrases such as "earlier this year", "late 2023" and "17-Jan-05", and all that reads as a
        date. `day_first` says what 03/04/2025 is; years of two digits are of the hundred years that begin
        with `years_from`, 1969 unless given. What a phrase may mean, where that is several dates, is what
        `timeline.values.proposals` gives.

        >>> print(When.phrase("earlier this year", dateline="2025-05-01"))
        [2025-01-01..2025-05-01]
        >>> When.phrase("March", dateline="2025-05-01")
        Traceback (most recent call last):
        timeline.errors.BadText: 'March' may be 2025-03 or 2026-03; write the one that is meant

        Raises:
            BadText: if it cannot be read, or may mean several dates, with those.
            BadWhen: if the dateline is no date.
            NotAllowed: if it is longer than a day.
        """
        from timeline.values.date_phrases import only_proposal
        from timeline.values.written_dates import YEARS_FROM

        years = YEARS_FROM if years_from is None else years_from
        return only_proposal(text, dateline_day(dateline), day_first=day_first, years_from=years).when

    @property
    def words(self) -> str:
        """It as people read it: as written, but with the parts of a year in words.

        >>> When("2022-35").words
        'third quarter of 2022'
        >>> When("[2022-41..2023]").words
        '[second half of 2022..2023]'
        """
        return _PART.sub(lambda found: f"{PARTS_OF_YEAR[found[2]]} of {found[1]}", self.text)

    @property
    def is_exact(self) -> bool:
        """Whether it names a single instant."""
        return self.earliest == self.latest

    def same_span(self, other: Whenever) -> bool:
        """Whether both have the same first and the same last instant, however they are written."""
        other = When.read(other)
        return self.earliest == other.earliest and self.latest == other.latest


Whenever = When | str | date
"""What is read as a date: a `When`, a text, a `date`, or a `datetime` with a time zone."""


def optional_when(value: Whenever | None) -> When | None:
    """Read a date or nothing; a converter for fields of type `When | None`."""
    return None if value is None else When.read(value)


def dateline_day(dateline: Whenever | None) -> date:
    """Give the day on which something was said: that given, or today in UTC.

    Raises `NotAllowed` if it is longer than a day, and `BadWhen` if it is no date.
    """
    if dateline is None:
        return datetime.now(UTC).date()
    when = When.read(dateline)
    if when.earliest is None or when.latest is None or when.earliest.date() != when.latest.date():
        raise NotAllowed(f"a dateline is a day, such as 2025-05-01, and {when} is longer")
    return when.earliest.date()


def _instant_text(value: datetime) -> str:
    """Write an aware datetime in UTC, as in 2023-11-22T06:00:00Z."""
    if value.utcoffset() is None:
        raise NaiveDatetime(value)
    try:
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
    except OverflowError:
        raise BadWhen(value.isoformat(), 0, "the year in UTC is out of range", YEARS) from None


@lru_cache(maxsize=65_536)
def _span(text: str) -> _Span:
    """Give the first and the last instant of a stripped text."""
    if (plain := _DATE.fullmatch(text)) is not None:
        return _date(plain)
    if text.startswith("["):
        return _one_of(text)
    return _interval(text) if "/" in text else _single(text, 0, len(text))


def _single(text: str, start: int, stop: int) -> _Span:
    """Read the one date between two places of a text."""
    for pattern, read in _FORMS:
        if (found := pattern.fullmatch(text, start, stop)) is not None:
            return read(found)
    raise _fault(text, start, stop)


def _date(found: _Match) -> _Span:
    """Read YYYY, YYYY-MM or YYYY-MM-DD, where MM may be a quarter or a half-year if no day follows."""
    if found[3] is not None:
        year, month, day = _day(found)
        first = datetime(year, month, day, tzinfo=UTC)
        return first, datetime(year, month, day, 23, 59, 59, 999_999, UTC)
    year = _number(found, 1, "year", _FIRST_YEAR, _LAST_YEAR, YEARS)
    if found[2] is None:
        return _months(year, 1, 12)
    if (part := _MONTHS.get(found[2])) is None:
        raise month_fault(found)
    return _months(year, *part)


def _months(year: int, first: int, last: int) -> _Span:
    end = _month_length(year, last)
    return datetime(year, first, 1, tzinfo=UTC), datetime(year, last, end, 23, 59, 59, 999_999, UTC)


def _month_length(year: int, month: int) -> int:
    """Give the number of days of a month in the proleptic Gregorian calendar."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap else _DAYS[month]


def _day(found: _Match) -> tuple[int, int, int]:
    """Give year, month and day of the first three groups."""
    year = _number(found, 1, "year", _FIRST_YEAR, _LAST_YEAR, YEARS)
    month = _number(found, 2, "month", 1, 12, "months are 01 to 12")
    length = _month_length(year, month)
    return year, month, _number(found, 3, "day", 1, length, f"that month has {length} days")


def _number(found: _Match, group: int, unit: str, low: int, high: int, hint: str) -> int:
    number = int(found[group])
    if not low <= number <= high:
        raise BadWhen(found.string, found.start(group), f"there is no {unit} {found[group]}", hint)
    return number


def _decade(found: _Match) -> _Span:
    """Read YYYX, a decade, or YYXX, a hundred years."""
    first, last = (int(found[1].replace("X", digit)) for digit in "09")
    if first < _FIRST_YEAR or last > _LAST_YEAR:
        raise BadWhen(found.string, found.start(), f"there are no years {found[1]}", YEARS)
    return _months(first, 1, 12)[0], _months(last, 1, 12)[1]


def _some_day(found: _Match) -> _Span:
    """Read YYYY-MM-XX as the month, and YYYY-XX and YYYY-XX-XX as the year."""
    year = _number(found, 1, "year", _FIRST_YEAR, _LAST_YEAR, YEARS)
    if found[2] is None:
        return _months(year, 1, 12)
    month = _number(found, 2, "month", 1, 12, "months are 01 to 12")
    return _months(year, month, month)


def _instant(found: _Match) -> _Span:
    """Read a date-time; without an offset it is in UTC."""
    year, month, day = _day(found)
    hour = _number(found, 4, "hour", 0, 23, "hours are 00 to 23")
    minute = _number(found, 5, "minute", 0, 59, "minutes are 00 to 59")
    second = _number(found, 6, "second", 0, 59, "seconds are 00 to 59") if found[6] else 0
    micro = int(found[7].ljust(6, "0")) if found[7] else 0
    instant = datetime(year, month, day, hour, minute, second, micro, UTC)
    if found[8]:
        instant = _in_utc(found, instant)
    return instant, instant


def _in_utc(found: _Match, local: datetime) -> datetime:
    """Take the offset off a local time."""
    hours = _number(found, 9, "offset of hours", 0, 23, "offsets are up to 23:59")
    minutes = _number(found, 10, "offset of minutes", 0, 59, "minutes are 00 to 59") if found[10] else 0
    shift = timedelta(hours=hours, minutes=minutes)
    try:
        instant = local - shift if found[8] == "+" else local + shift
    except OverflowError:
        instant = datetime.max.replace(tzinfo=UTC)
    if instant.year > _LAST_YEAR:
        raise BadWhen(found.string, found.start(8), "the offset leads out of the years", YEARS)
    return instant


def _one_of(text: str) -> _Span:
    """Read `[a..b]`, one of whose ends may be missing."""
    if (found := _ONE_OF.fullmatch(text)) is None:
        raise _fault(text, 0, len(text))
    return _within(text, found.span(1), found.span(2), ("",))


def _interval(text: str) -> _Span:
    """Read `a/b`, one of whose ends may be open (`..`) or unknown (nothing)."""
    middle = text.index("/")
    if "/" in text[middle + 1 :] or _ODD_END.fullmatch(text):
        raise _fault(text, 0, len(text))
    return _within(text, (0, middle), (middle + 1, len(text)), ("", ".."))


def _within(text: str, first: tuple[int, int], last: tuple[int, int], unbounded: tuple[str, ...]) -> _Span:
    """Give what lies between two ends, each the place of a date or of a mark for no bound."""
    earliest = None if text[slice(*first)] in unbounded else _end(text, *first)[0]
    latest = None if text[slice(*last)] in unbounded else _end(text, *last)[1]
    if earliest is None and latest is None:
        raise BadWhen(text, 0, "neither end is given", "give at least one, as in 2018/.. or [..2018]")
    if earliest is not None and latest is not None and latest < earliest:
        raise BadWhen(text, last[0], "the end lies before the start", "write the earlier date first")
    return earliest, latest


def _end(text: str, start: int, stop: int) -> _Span:
    """Read an end of an interval; unspecified digits there are level 2 of EDTF, and not read."""
    earliest, latest = span = _single(text, start, stop)
    if (place := text.find("X", start, stop)) >= 0 and earliest and latest:
        hint = f"write {earliest.date()} or {latest.date()}"
        raise BadWhen(text, place, "unspecified digits at an end", hint)
    return span


def _fault(text: str, start: int, stop: int) -> BadWhen:
    """Give the error for a text that has no known form: a known mistake, or the first sign out of place."""
    if (known := mistake(text, start, stop)) is not None:
        return known
    place = reach(text, start, stop)
    for pattern, read in _FORMS:
        if (whole := pattern.fullmatch(text, start, place)) is not None:
            read(whole)
    problem = f"unexpected {text[place]!r}" if place < stop else "something is missing"
    return BadWhen(text, place, problem, "write a date such as 2018, 2018-01-31 or 2018-01-31T09:30Z")


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[_Match], _Span]], ...]] = (
    (_DATE, _date),
    (_INSTANT, _instant),
    (_DECADE, _decade),
    (_SOME_DAY, _some_day),
)
