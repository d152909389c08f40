"""Dates as people and programs write them, in figures and letters, as the engine reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from timeline.values.errors import BadWhen
from timeline.values.when import When

YEARS_FROM: Final = 1969
"""The first of the hundred years that years of two digits are of, unless said: 69 is 1969, and 68 is 2068.

So reads `%y` of `strptime` (POSIX)."""

DAY_FIRST: Final = "day/month/year"
MONTH_FIRST: Final = "month/day/year"
NAME: Final = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
"""The names of months, in small letters."""

Figured = tuple[str, str]
"""A date as the engine reads it, and what was taken for granted in reading it, if anything."""

_Match = re.Match[str]
_HYPHENS: Final = str.maketrans(dict.fromkeys("\u2010\u2011\ufe63\uff0d", "-"))
_DAY: Final = timedelta(days=1)
_TIME: Final = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?(?: ?([ap])\.?m\.?)?"
_CLOCK: Final = rf"(?:[ T]+(?i:{_TIME}))?"
_DAY_MONTH: Final = re.compile(rf"([0-9]{{1,2}})([./ -])([0-9]{{1,2}})\2'?([0-9]{{4}}|[0-9]{{2}}){_CLOCK}")
_MONTH: Final = re.compile(r"([0-9]{1,2})[./-]([0-9]{4})")
_YEAR_FIRST: Final = re.compile(
    rf"([0-9]{{4}})(?:([./ -])([0-9]{{1,2}})?(?:\2([0-9]{{1,2}})?)?)?(?:(?<=[0-9]){_CLOCK})?"
)
_RUN: Final = re.compile(rf"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}}){_CLOCK}")
_COUNTED: Final = re.compile(r"([0-9]{1,7})(\.[0-9]{1,20})?")
_SPACED: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)(.*)"
)
_MIDNIGHT: Final = re.compile(r"00:00(?::00(?:\.0+)?)?")
_ZEROS: Final = re.compile(r"\+?([0-9]{4})-(?:00-00|([0-9]{2})-(00)|([0-9]{2}-[0-9]{2}))(T00:00:00Z)?")
_FAKE_LEAP_DAY: Final = 60
_LAST_COUNTED: Final = 2_958_465


def as_it_is(text: str) -> Figured | None:
    """A date that means one thing as it stands, if the engine reads it, or as good as that.

    A time of day may be behind a blank, in UTC; midnight there is how programs write a day, and taken for
    one. Zeros for a month or a day that is not known leave it out; with a sign before it, midnight is the day
    (the data model of Wikidata).

    >>> as_it_is("2017-04-04 10:30"), as_it_is("+1957-00-00T00:00:00Z")[0], as_it_is("4 April 2017")
    (('2017-04-04T10:30', ''), '1957', None)
    """
    if _reads(text):
        return text, ""
    plain, note = text.translate(_HYPHENS), ""
    if (spaced := _SPACED.fullmatch(plain)) is not None:
        day, clock, zone = spaced.groups()
        midnight = _MIDNIGHT.fullmatch(clock) and not zone
        plain = day if midnight else f"{day}T{clock}{zone.strip().replace('UTC', 'Z')}"
    elif (zeros := _ZEROS.fullmatch(plain)) is not None and (plain[0] == "+" or not zeros[4]):
        plain = "-".join(filter(None, (zeros[1], zeros[4] or zeros[2])))
        note = "the day" if zeros[4] else "00 is what is not known"
    return (plain, note) if plain != text and _reads(plain) else None


def _reads(text: str) -> bool:
    try:
        When(text)
    except BadWhen:
        return False
    return True


def whole_year(year: str, years_from: int) -> tuple[str, str]:
    """A year of two digits in full, and how it was taken; one of four as it is.

    >>> whole_year("17", 1969), whole_year("69", 1969)[0], whole_year("2017", 1969)
    (('2017', '17 taken for 2017'), '1969', ('2017', ''))
    """
    if len(year) != 2:
        return year, ""
    full = years_from + (int(year) - years_from) % 100
    return f"{full:04}", f"{year} taken for {full:04}"


def in_form(text: str, form: str, years_from: int = YEARS_FROM) -> Figured | None:
    """A date out of a text in one of `FORMS`; None if it is written otherwise.

    >>> in_form("31.1.20", "day/month/year"), in_form("2014-3-", "year/month/day")
    (('2020-01-31', '20 taken for 2020'), ('2014-03', ''))
    >>> in_form("43831", "excel")[0], in_form("43831.4375", "excel")[0], in_form("60", "excel")
    ('2020-01-01', '2020-01-01T10:30:00', None)
    """
    read = FORMS[form](text.translate(_HYPHENS), years_from)
    known = None if read is None else as_it_is(read[0])
    return None if read is None or known is None else (known[0], read[1])


def _ordered(order: str) -> Callable[[str, int], Figured | None]:
    """Reads days and months before the year, in an order."""

    def read(text: str, years_from: int) -> Figured | None:
        if (month := _MONTH.fullmatch(text)) is not None:
            return f"{month[2]}-{int(month[1]):02}", ""
        if (found := _DAY_MONTH.fullmatch(text)) is None:
            return None
        parts = dict(zip(order, (found[1], found[3]), strict=True))
        year, note = whole_year(found[4], years_from)
        return _clocked([year, parts["m"], parts["d"]], found.groups()[4:]), note

    return read


def _year_first(text: str, _: int) -> Figured | None:
    if (found := _YEAR_FIRST.fullmatch(text)) is None or (found[3] is None and found[4] is not None):
        return None
    return _clocked([found[1], found[3], found[4]], found.groups()[4:]), ""


def _in_one_run(text: str, _: int) -> Figured | None:
    found = _RUN.fullmatch(text)
    return None if found is None else (_clocked(found.groups()[:3], found.groups()[3:]), "")


def _clocked(parts: Sequence[str | None], clock: Sequence[str | None]) -> str:
    """Year, month and day, as far as they are given, and a time of day that is not midnight."""
    year, *rest = (one for one in parts if one is not None)
    told = "-".join([year, *(f"{int(one):02}" for one in rest)])
    hour, minute, second, half = clock
    if hour is None:
        return told
    hours = int(hour) if half is None else int(hour) % 12 + 12 * (half in "pP")
    time = f"{hours:02}:{minute}:{second or '00'}"
    return told if time == "00:00:00" else f"{told}T{time}"


def with_clock(text: str) -> tuple[str, Callable[[date], str]] | None:
    """What stands before a time of day, and what gives a day with that time in UTC; None if there is none.

    >>> head, at = with_clock("12 march 2014 5:30 pm")
    >>> head, at(date(2014, 3, 12))
    ('12 march 2014', '2014-03-12T17:30:00')
    """
    found = _TIMED.fullmatch(text)
    if found is None:
        return None
    return found[1], lambda day: _clocked(day.isoformat().split("-"), found.groups()[1:])


def _counted(epoch: date, told: str) -> Callable[[str, int], Figured | None]:
    """Reads numbers of days as sheets of Excel hold them; the fraction is the time of day, to a millisecond.

    Counted from 1900 there is a 29 February 1900, which there was not, so that days before it are one less.
    """

    def read(text: str, _: int) -> Figured | None:
        found = _COUNTED.fullmatch(text)
        days = int(found[1]) if found is not None else 0
        if found is None or days > _LAST_COUNTED or (epoch.year < 1904 and days in {0, _FAKE_LEAP_DAY}):
            return None
        days += epoch.year < 1904 and days < _FAKE_LEAP_DAY
        milliseconds = round(Decimal(found[2] or "0") * 86_400_000)
        midnight = datetime(epoch.year, epoch.month, epoch.day, tzinfo=UTC) + days * _DAY
        when = (midnight + timedelta(milliseconds=milliseconds)).replace(tzinfo=None)
        note = f"a number of days as Excel has them, {told}"
        return (when.date().isoformat() if not milliseconds else when.isoformat()), note

    return read


FORMS: Final[Mapping[str, Callable[[str, int], Figured | None]]] = {
    DAY_FIRST: _ordered("dm"),
    MONTH_FIRST: _ordered("md"),
    "year/month/day": _year_first,
    "yearmonthday": _in_one_run,
    "excel": _counted(date(1899, 12, 30), "counted from 1900"),
    "excel-1904": _counted(date(1904, 1, 1), "counted from 1904"),
}
"""What reads dates in figures, by the form in which they are written."""


# Dates within phrases

_TIMED: Final = re.compile(rf"(.+?)(?: at|,)? (?i:{_TIME})(?: (?:utc|gmt))?")
_IN_PHRASE: Final = re.compile(
    r"(?<![\w./-])[0-9]{1,2}([./-])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})(?![\w/-]|\.[0-9])"
)
_DAY_NAMED: Final = re.compile(
    rf"\b([0-9]{{1,2}})(?:[ ./-]+({NAME})\.?[ ./-]+([0-9]{{4}})|([ ./-])({NAME})\.?\4'?([0-9]{{2}}))\b"
    rf"(?![:-]| (?:{NAME})\b)"
)
_NAMED_DAY: Final = re.compile(rf"\b({NAME})([./-])([0-9]{{1,2}})\2'?([0-9]{{4}}|[0-9]{{2}})\b")
_MONTH_SHORT: Final = re.compile(rf"\b({NAME})(?:\.?-|\.? ?')([0-9]{{2}})\b(?!-)")


def in_full(text: str, *, day_first: bool | None, years_from: int) -> tuple[str, list[str]]:
    """A phrase in small letters with the dates in it written out, and what was taken for granted in that.

    >>> in_full("by 17-jan-05 or jan-17", day_first=None, years_from=1969)
    ('by 17 jan 2005 or jan 2017', ['05 taken for 2005', '17 taken for 2017'])
    >>> in_full("by 3/4/2021", day_first=True, years_from=1969)
    ('by 2021-04-03', ['3/4/2021 with the day first'])
    """
    notes: list[str] = []

    def year(text: str) -> str:
        full, note = whole_year(text, years_from)
        notes.extend([note] if note else [])
        return full

    def figures(found: _Match) -> str:
        form = DAY_FIRST if day_first else MONTH_FIRST
        read = None if day_first is None else in_form(found[0], form, years_from)
        if read is None:
            head, between, last = found[0].rpartition(found[1])
            return f"{head}{between}{year(last)}"
        first = f"{found[0]} with the {'day' if day_first else 'month'} first"
        notes.append("; ".join(filter(None, (first, read[1]))))
        return read[0]

    text = _IN_PHRASE.sub(figures, text)
    text = _DAY_NAMED.sub(
        lambda found: f"{found[1]} {found[2] or found[5]} {year(found[3] or found[6])}", text
    )
    text = _NAMED_DAY.sub(lambda found: f"{found[1]} {found[3]} {year(found[4])}", text)
    return _MONTH_SHORT.sub(lambda found: f"{found[1]} {year(found[2])}", text), notes
