"""Parts of the calendar as people name them: a weekday, a month, a quarter, a season, a holiday, a decade."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

from timeline.values.span import Stretch
from timeline.values.written_dates import NAME

Said = tuple[Stretch, str]
"""The days that a phrase may mean, and how it was read."""

Rule = Callable[[re.Match[str], date], Sequence[Said]]
"""Gives what a phrase of some form may mean, seen from a day."""

_Match = re.Match[str]
_DAY: Final = timedelta(days=1)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_HOLIDAYS: Final = {
    "new year": (1, 1), "new year's": (1, 1), "new year's day": (1, 1), "valentine's day": (2, 14),
    "halloween": (10, 31), "christmas eve": (12, 24), "christmas": (12, 25), "christmas day": (12, 25),
    "boxing day": (12, 26), "new year's eve": (12, 31),
}  # fmt: skip
_ORDER: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


def _month(word: str) -> int:
    return next(i for i, name in enumerate(_MONTHS, start=1) if name.lower().startswith(word[:3]))


def _weekday(found: _Match, dateline: date) -> Sequence[Said]:
    number = next(i for i, name in enumerate(_WEEKDAYS) if name.startswith(found[2][:3]))
    back = (dateline.weekday() - number) % 7
    before = Stretch.day(dateline - (back or 7) * _DAY), f"the last {_WEEKDAYS[number].title()} before"
    after = Stretch.day(dateline + (7 - back) * _DAY), f"the next {_WEEKDAYS[number].title()} after"
    here = (Stretch.day(dateline), f"the {_WEEKDAYS[number].title()} that was")
    several = [before, after] if back else [here, before, after]
    said = {"last": [before], "past": [before], "next": [after]}.get(found[1] or "", several)
    return [(one, f"{how} the day it was said") for one, how in said]


def _bare(make: Callable[[int], Stretch], name: str, which: str, dateline: date) -> Sequence[Said]:
    """What comes every year: the last one begun by then, and the next; both, unless one is meant."""
    years = range(dateline.year - 8, dateline.year + 9)
    stretches = [one for year in years if (one := _made(make, year)) is not None]
    begun = [one for one in stretches if one.bounds[0] <= dateline]
    ended = [one for one in begun if one.bounds[1] < dateline]
    coming = next((one for one in stretches if one.bounds[0] > dateline), None)
    if coming is None or not begun or not ended:
        raise ValueError("it is at the edge of time")
    if which == "last":
        return [(ended[-1], f"the last {name} that was over by the day it was said")]
    said = [] if which == "next" else [(begun[-1], f"the last {name} begun by the day it was said")]
    return [*said, (coming, f"the next {name} after the day it was said")]


def _made(make: Callable[[int], Stretch], year: int) -> Stretch | None:
    try:
        return make(year)
    except ValueError:
        return None  # as of 29 February in most years


def _day_of(found: _Match, dateline: date) -> Sequence[Said]:
    number, month = int(found["day"]), _month(found["month"])
    if found["year"]:
        return [(Stretch.day(date(int(found["year"]), month, number)), "that day")]
    name = f"{number} {_MONTHS[month - 1]}"
    return _bare(lambda year: Stretch.day(date(year, month, number)), name, "", dateline)


def _month_of(found: _Match, dateline: date) -> Sequence[Said]:
    month = _month(found[2])
    if found[3]:
        return [(Stretch.months(int(found[3]), month, month), f"{_MONTHS[month - 1]} {found[3]}")]
    which = found[1] or ""
    return _bare(lambda year: Stretch.months(year, month, month), _MONTHS[month - 1], which, dateline)


def _year(found: _Match, _: date) -> Sequence[Said]:
    year = int(found[1])
    return [(Stretch.years(year, year), f"the year {year}")]


def _digits(found: _Match, _: date) -> Sequence[Said]:
    one, other, year = int(found[1]), int(found[3]), int(found[4])
    days = [(other, one, "day, month, year")]
    if found[2] != ".":
        days.append((one, other, "month, day, year"))
    days = [one for one in days if one[0] <= 12]
    said = [(Stretch.day(date(year, month, day)), f"read as {how}") for month, day, how in days]
    if not said:
        raise ValueError("there is no such month")
    return said


def _year_first(found: _Match, _: date) -> Sequence[Said]:
    return [(Stretch.day(date(int(found[1]), int(found[2]), int(found[3]))), "read as year, month, day")]


def _decade(found: _Match, dateline: date) -> Sequence[Said]:
    begin = int(found[1])
    if len(found[1]) == 2:
        begin += dateline.year // 100 * 100
        begin -= 100 if begin > dateline.year else 0
    return [(Stretch.years(begin, begin + 9), f"the decade from {begin} to {begin + 9}")]


def _century(found: _Match, _: date) -> Sequence[Said]:
    last = int(found[1]) * 100
    return [(Stretch.years(last - 99, last), f"a century, from the year {last - 99} to {last}")]


def _quarter(found: _Match, dateline: date) -> Sequence[Said]:
    groups = found.groupdict()
    half = (groups["kind"] or "q")[0] == "h"
    number = _ORDER.get(groups["order"] or "", 0) or int(groups["number"])
    width, most = (6, 2) if half else (3, 4)
    if number > most:
        raise ValueError("there is no such part of a year")
    first = (number - 1) * width + 1
    year = groups["year"] or (str(dateline.year) if groups["this"] else "")
    if year:
        name = f"{'half-year' if half else 'quarter'} {number} of {year}"
        return [(Stretch.months(int(year), first, first + width - 1), name)]
    name = f"{'half-year' if half else 'quarter'} {number}"
    return _bare(lambda year: Stretch.months(year, first, first + width - 1), name, "", dateline)


def _season(found: _Match, dateline: date) -> Sequence[Said]:
    month = _SEASONS[found[2]]

    def make(year: int) -> Stretch:
        if month < 12:
            return Stretch.months(year, month, month + 2)
        return Stretch(date(year, 12, 1), Stretch.months(year + 1, 2, 2).last)

    if not found[3]:
        said = _bare(make, found[2], found[1] or "", dateline)
    elif month < 12:
        said = [(make(int(found[3])), f"{found[2]} of that year")]
    else:
        said = [
            (make(int(found[3])), "the winter that begins in that year"),
            (make(int(found[3]) - 1), "the winter that ends in that year"),
        ]
    return [(one, f"{how}, in the northern hemisphere") for one, how in said]


def _weekend(found: _Match, dateline: date) -> Sequence[Said]:
    """Saturday and Sunday: the weekend itself while it lasts, else the last one; both, where it is unsure."""
    saturday = dateline - (dateline.weekday() - 5) % 7 * _DAY
    here = dateline.weekday() > 4
    last = Stretch(saturday, saturday + _DAY), "the last weekend begun by the day it was said"
    before = Stretch(saturday - 7 * _DAY, saturday - 6 * _DAY), "the weekend before that"
    after = Stretch(saturday + 7 * _DAY, saturday + 8 * _DAY), "the next weekend after the day it was said"
    said = {"last": [before if here else last], "past": [last], "next": [after], "coming": [after]}
    return said.get(found[1] or "", [last] if here or not found[1] else [last, after])


def _holiday(found: _Match, dateline: date) -> Sequence[Said]:
    month, number = _HOLIDAYS[found[2]]

    def make(year: int) -> Stretch:
        return Stretch.day(date(year, month, number))

    name = found[2].title().replace("'S", "'s")
    if found[3]:
        return [(make(int(found[3])), f"{name} of that year")]
    return _bare(make, name, found[1] or "", dateline)


_DAY_NUMBER: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_OF_YEAR: Final = r"(?: (?:of |in )?(?:(?P<year>[0-9]{4})|(?P<this>this year|the year)))?"
_YEAR: Final = r"(?:of |in )?([0-9]{4})"
PHRASES: Final[tuple[tuple[str, Rule], ...]] = (
    (rf"(?:(last|past|this|next) )?({'|'.join(_WEEKDAYS)}|mon|tues?|wed|thurs?|fri|sat|sun)", _weekday),
    (rf"{_DAY_NUMBER}[ -](?:of )?(?P<month>{NAME})\.?(?: (?P<year>[0-9]{{4}}))?", _day_of),
    (rf"(?P<month>{NAME})\.? {_DAY_NUMBER}(?: (?P<year>[0-9]{{4}}))?", _day_of),
    (rf"(?:(last|this|next) )?({NAME})\.?(?: {_YEAR})?", _month_of),
    (r"(?:year )?([0-9]{4})", _year),
    (r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})", _digits),
    (r"([0-9]{4})[./-]([0-9]{1,2})[./-]([0-9]{1,2})", _year_first),
    (r"'?((?:[0-9]{2})?[0-9]0)'?s", _decade),
    (r"([0-9]{1,2})(?:st|nd|rd|th) century", _century),
    (rf"(?:(?P<kind>[qh])(?P<number>[1-4])|(?P<order>{'|'.join(_ORDER)}) quarter){_OF_YEAR}", _quarter),
    (rf"(?P<order>first|second|1st|2nd) (?P<kind>half)(?P<number>){_OF_YEAR}", _quarter),
    (r"(?P<year>[0-9]{4})[ -]?(?P<kind>[qh])(?P<number>[1-4])(?P<order>)(?P<this>)", _quarter),
    (rf"(?:(last|this|next) )?(spring|summer|autumn|fall|winter)(?: {_YEAR})?", _season),
    (r"(?:(last|past|this|next|coming) )?(?:weekend|week-end)", _weekend),
    (rf"(?:(last|this|next) )?({'|'.join(sorted(_HOLIDAYS, key=len, reverse=True))})(?: {_YEAR})?", _holiday),
)
"""What is read, by a regular expression each, in small letters; the first that fits counts."""
