"""What is wrong with a text that is no date, and what would work."""

from __future__ import annotations

import functools
import re
from typing import Final

from timeline.errors import BadWhen

__all__ = ["YEARS", "mistake", "month_fault", "reach"]

YEARS: Final = "years run from 0001 to 9998, in UTC"
_MISTAKES: Final = (
    (r"()\Z", "nothing is written", "write a date, such as 2018 or 2018-01-31"),
    (r"()\.\.\Z", "neither end is given", "give at least one, as in 2018/.. or [..2018]"),
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
            return BadWhen(text, found.start(1), problem, hint)
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
