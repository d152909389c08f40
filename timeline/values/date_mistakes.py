"""What is wrong with a text that is no date, and what would work."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Final

from timeline.values.errors import BadWhen

YEARS: Final = "years run from 0001 to 9998, in UTC"
_Match = re.Match[str]
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED: Final = rf"(?P<month>(?i:{'|'.join(_MONTHS)})[a-z]*)\.?"


def _years(found: _Match) -> str:
    """How years are written of which the last has two digits."""
    year, last = found["year"], found["last"]
    if last > year[2:] or last == "00" == f"{int(year) + 1:02}"[2:]:
        end = int(year[:2]) + (last == "00")
        years = f"{year}/{end:02}{last}, for some time within those years"
        month = f"{year}-{last} for the month, or " if "01" <= last <= "12" else ""
        return f"write {month}{years}"
    return f"write {year}-{last}" if "01" <= last <= "12" else "write both years in full, as in 2018/2019"


def _part(found: _Match) -> str:
    """How a quarter or a half-year in letters is written."""
    number = int(found["part"]) + (32 if found["kind"] in "Qq" else 39)
    return f"write {found['year']}-{number}"


def _month(found: _Match) -> str:
    """How a month in letters is written."""
    month = f"{found['year']}-{_MONTHS.index(found['month'][:3].lower()) + 1:02}"
    return f"write {month}" if found["day"] is None else f"write {month}-{int(found['day']):02}"


_MISTAKES: Final[tuple[tuple[str, str, str | Callable[[_Match], str]], ...]] = (
    (r"()\Z", "nothing is written", "write a date, such as 2018 or 2018-01-31"),
    (r"()\.\.\Z", "neither end is given", "give at least one, as in 2018/.. or [..2018]"),
    (
        r"()(?i:unknown|undisclosed|none|null|nan|nat|n/?a|tb[acd]|[?-])\.?\Z",
        "nothing is known",
        "leave it out, or write between which dates it was, as in [2018..2020]",
    ),
    (r"(?P<year>[0-9]{4})[/–—](?P<at>)(?P<last>[0-9]{2})\Z", "a year of two digits", _years),
    (
        r"()(?P<kind>[QqHh])(?P<part>[1-4])[ /-]*(?P<year>[0-9]{4})\Z",
        "a part of the year in letters",
        _part,
    ),
    (
        r"(?P<year>[0-9]{4})[ /-]*(?P<at>)(?P<kind>[QqHh])(?P<part>[1-4])\Z",
        "a part of the year in letters",
        _part,
    ),
    (
        rf"()(?:(?P<day>[0-9]{{1,2}})[a-z]{{0,2}}[ .-]*)?(?:of )?{_NAMED}[ ,-]*(?P<year>[0-9]{{4}})\Z",
        "a month in letters",
        _month,
    ),
    (
        rf"()(?:on )?{_NAMED} (?P<day>[0-9]{{1,2}})[a-z]{{0,2}},? +(?P<year>[0-9]{{4}})\Z",
        "a month in letters",
        _month,
    ),
    (
        r"(?i:the )?([0-9]{3})0['’]?s\Z",
        "a decade in letters",
        lambda found: f"write {found[1]}X",
    ),
    (
        rf"(){_NAMED}[ -]*['’]?[0-9]{{2}}\Z",
        "a year of two digits, or none",
        "write 2018-03 for a month and 2018-03-31 for a day",
    ),
    (rf"()[0-9]{{1,2}}[a-z]{{0,2}}[. ]*{_NAMED}\Z", "no year", "write 2018-01-31"),
    (
        r"(?i:the )?([0-9]{1,2})(?:st|nd|rd|th) (?i:century|c\.?)\Z",
        "a century in letters",
        lambda found: f"write {int(found[1]) - 1:02}XX",
    ),
    (
        r"()(?i:fy|fiscal|financial)",
        "a year that begins in another month",
        "write its first and last month, as in [2018-07..2019-06]",
    ),
    (
        r"()(?i:spring|summer|autumn|fall|winter)\b",
        "a season, whose months depend on the place",
        "write a quarter, 2018-33 to 2018-36, or the months, as in [2018-06..2018-08]",
    ),
    (
        r"()(?i:early|mid|middle of|late|beginning of|end of)\b",
        "a part that has no bounds",
        "write the months that are meant, as in [2018-05..2018-08]",
    ),
    (
        r"()(?i:circa|ca?\b\.?|about|around|approx\.?|approximately|[~≈]) *[0-9]{4}",
        "a word or sign for about",
        "put ~ at the end, as in 2018~",
    ),
    (
        r"()(?i:since|from|after|[>≥]=?|until|till|up to|before|by|[<≤]=?) *[0-9]",
        "a word or sign for a bound",
        "write [2018..] for from then on, [..2018] for up to then, or [2018..2020]",
    ),
    (r"[0-9-]{4,10}(\+|-\Z)", "an end that is left open", "write 2018/.. for from then on"),
    (
        r"[0-9-]{4,10}(,| +(?i:to|or|and|through|until)\b)",
        "two dates",
        "write both, as in [2018..2019] for some time between",
    ),
    (r"[0-9]+ *()(?i:bce?|b\.c\.)", "a year before the first", YEARS),
    (r"[0-9]{4} *()(?i:ad|ce)\b", "a word", "leave it out: all years are of that era"),
    (r"()[0-9]{1,2}[./][0-9]{4}\Z", "the year is not first", "write 2018-01"),
    (r"[0-9]{4}([.])[0-9]{1,2}\Z", "no hyphen", "write 2018-01"),
    (r"()[0-9]{1,2}\Z", "a year of two digits", "write four, as in 1999"),
    (r"()(?:[0-9]{5}|[0-9]{9,})\Z", "a number", "write the date that it stands for, as in 2018-01-31"),
    (r"[0-9]{4}-?()[Ww][0-9]", "a week", "write its first and last day, as in [2018-01-29..2018-02-04]"),
    (r"[0-9]{4}-()[0-9]{3}\Z", "a day by its number in the year", "write 2018-01-31"),
    (r"()(?:T[0-9]|[0-9]{1,2}:)", "a time without a day", "write 2018-01-31T09:30Z"),
    (r"[0-9-]{10}T()[0-9]:", "an hour of one digit", "write two, as in 2018-01-31T09:30Z"),
    (r"[0-9-]{10}T[0-9]{2}(\Z|Z)", "no minutes", "write them too, as in 2018-01-31T09:00Z"),
    (r"[^T]*T[0-9:.]+[+-][0-9]{2}()[0-9]{2}\Z", "no ':' in the offset", "write it like +05:30"),
    (r"[^T]*T[0-9:.]+( +)[+-]", "a blank before the offset", "leave it out, as in 2018-01-31T09:30+05:30"),
    (r"[^T]*T[0-9:.]+( *)[A-Za-z]{2}", "a zone in letters", "write its offset, as in +01:00"),
    (r"[0-9-]{10}(Z)\Z", "a zone without a time", "leave it out: a date is the whole day in UTC"),
    (r"[0-9-]{7,10}/()[0-9]{2}\Z", "an end in short", "write both ends in full, as in 2018-06-15/2018-06-16"),
    (
        r"[0-9-]*([^\x00-\x7f–—])",
        "a sign that dates have not",
        "write 2018-01-31, in digits 0 to 9 and with hyphens",
    ),
    (r"()[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}\Z", "the year is not first", "write 2018-01-31"),
    (r"[0-9]{4}([./])[0-9]{1,2}[./][0-9]{1,2}", "no hyphen", "write 2018-01-31"),
    (r"[0-9]{4}()[0-9]{2,4}(?:T|\Z)", "no hyphen", "write 2018-01-31"),
    (r"[0-9]{4}\s*([-–—])\s*[0-9]{4}\Z", "two years", "write 2018/2019"),
    (r"[^/]*/[^/]*(/)", "a second '/'", "write 2018/2020, or a day as 2018-01-31"),
    (r"()Y-?[0-9]", "a year of more than four digits", YEARS),
    (r"()[-−+][0-9]", "a year with a sign", YEARS),
    (r"()\{", "a set", "write the first and the last, as in [2018..2020]"),
    (r"\[.*?(,)", "a list", "write the first and the last, as in [2018..2020]"),
    (r"\[[^\]]*(\[)", "a second bracket", "write [2018..2020]"),
    (r"\[[^\]]*?(/)", "unexpected '/'", "write [2018..2020], or 2018/2020 without brackets"),
    (r"\[[^\]]*(\Z)", "no closing bracket", "write [2018..2020]"),
    (r"\[.*?\](.)", "something after the bracket", "end with ']', as in [2018..2020]"),
    (r"\[.*?(\])", "only one date in brackets", "write [2018..2020], or the date without brackets"),
    (r"[^T]*?(\.\.)", "unexpected '..'", "write [2018..2020], [2018..] or [..2018]"),
    (r"[0-9-]{10}([ t])[0-9]", "no 'T'", "put a T between date and time, as in 2018-01-31T09:30Z"),
    (
        r"[^T]*T[0-9:]+\.[0-9]{6}0*([1-9])",
        "what is finer than a microsecond",
        "leave it out: at most six decimals of a second are kept",
    ),
    (r"[^T]*T[^?~%]*([?~%])", "a qualifier", "leave it out: a date with a time is exact"),
    (r"()[?~%]", "a leading qualifier", "put it at the end, as in 2018-06~"),
    (r"[0-9X-]+[?~%]([?~%])", "a second qualifier", "write % for uncertain and approximate"),
    (r"[0-9X-]+([?~%])", "a qualifier inside", "put it at the end, as in 2018-06~"),
    (r"[0-9-]*(x)", "a small 'x'", "write a capital X, as in 201X"),
    (r"[0-9]?(X)", "too many unspecified digits", "write 201X or 20XX, or both ends, as in [1000..1999]"),
    (r"[0-9]{4}-()[0-9](?:-|\Z)", "a month of one digit", "write two, as in 2018-01-31"),
    (r"[0-9]{4}-[0-9]{2}-()[0-9]\Z", "a day of one digit", "write two, as in 2018-01-31"),
    (r"[0-9]{2}[0-9X]X(-)", "a month of an unspecified year", "write 201X or 2018-XX"),
    (
        r"(?:[0-9]{4}[- ]|[0-9]{1,2}[ .]*)?((?!X)[A-Za-z]{2})",
        "a word",
        "write months as numbers, as in 2018-01-31, and about 2018 as 2018~",
    ),
)


def mistake(text: str, start: int, stop: int) -> BadWhen | None:
    """Give the error for a mistake that people are known to make in that part of a text, or None."""
    for pattern, problem, hint in _MISTAKES:
        if (found := re.compile(pattern, re.DOTALL).match(text, start, stop)) is not None:
            place = found.start("at" if "at" in found.re.groupindex else 1)
            return BadWhen(text, place, problem, hint if isinstance(hint, str) else hint(found))
    return None


def reach(text: str, start: int, stop: int) -> int:
    """Tell how far that part of a text goes on as some date would."""
    return max(found.end() for form in _beginnings() if (found := form.match(text, start, stop)))


def month_fault(found: re.Match[str]) -> BadWhen:
    """Give the error for a month of a date without a day."""
    text, year, month = found.string, found[1], found[2]
    problem, hint = f"there is no month {month}", "months are 01 to 12"
    if "21" <= month <= "24":
        problem = f"{month} is a season, whose months depend on the place"
        hint = f"write a quarter, {year}-33 to {year}-36, or the months, as in [{year}-06..{year}-08]"
    elif "25" <= month <= "41":
        problem = f"{month} is a part of the year that is not read"
        hint = "quarters are 33 to 36, half-years 40 and 41"
    if not "21" <= month <= "24" and int(month) > int(year[2:]):
        hint = f"{hint}, and the years up to {year[:2]}{month} are written {year}/{year[:2]}{month}"
    return BadWhen(text, found.start(2), problem, hint)


def _beginning(template: str) -> re.Pattern[str]:
    """Give a pattern for as much of a template, in which 0 is any digit, as a text begins with."""
    pattern = ""
    for sign in reversed(template):
        pattern = f"(?:{'[0-9]' if sign == '0' else re.escape(sign)}{pattern})?"
    return re.compile(pattern)


_TIMES: Final = ("T00:00", "T00:00:00", *(f"T00:00:00.{'0' * digits}" for digits in range(1, 7)))


@functools.cache
def _beginnings() -> tuple[re.Pattern[str], ...]:
    """Give the patterns of all that dates begin with, made once a text is wrong."""
    days = ("000X", "00XX", "0000-XX-XX", "0000-00-XX")
    times = (f"0000-00-00{time}{offset}" for time in _TIMES for offset in ("+00:00", "-00:00", "Z"))
    return tuple(_beginning(template) for template in (*days, *times))
