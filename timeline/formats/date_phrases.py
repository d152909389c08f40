"""Dates as people say them: what a phrase may mean, seen from the day on which it was said."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final

import attrs

from timeline.values import BadText, BadWhen, Stretch, When, moved

_LONGEST: Final = 200
EXAMPLES: Final = (
    "earlier this year",
    "late 2023",
    "early March 2024",
    "last Friday",
    "two weeks ago",
    "in the past six years",
    "Q3 2024",
    "by the end of the year",
    "20 January 2025",
)

_Said = tuple[Stretch, str]
_Match = re.Match[str]
_DAY: Final = timedelta(days=1)
_ENDS_IN_YEAR: Final = re.compile(r"\b([0-9]{4})$")
_HAS_YEAR: Final = re.compile(r"[0-9]{4}")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_COUNTED: Final = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty"""
_NUMBERS: Final = {word: count for count, word in enumerate(_COUNTED.split(), start=1)} | {"a": 1, "an": 1}
_ORDER: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_PARTS: Final = {
    "early": 0, "beginning of": 0, "start of": 0, "early in": 0,
    "mid": 1, "middle of": 1, "the middle of": 1,
    "late": 2, "end of": 2, "late in": 2,
}  # fmt: skip
_NAMES: Final = ("the first third", "the second third", "the last third")
_NAME: Final = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_NUMBER: Final = "|".join((r"[0-9]{1,3}", *sorted(_NUMBERS, key=len, reverse=True)))
_UNIT: Final = r"day|week|month|quarter|year|decade"


@attrs.frozen
class Proposal:
    """A date that a phrase may mean, and how the phrase was read."""

    when: When
    read_as: str

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; the bounds in ISO 8601, UTC."""
        bounds = {"earliest": self.when.earliest, "latest": self.when.latest}
        told = {name: None if one is None else one.isoformat() for name, one in bounds.items()}
        return {"date": self.when.text, **told, "read_as": self.read_as}


def proposals(text: str, dateline: date) -> tuple[Proposal, ...]:
    """What a phrase may mean when said on a day: one date, or several where it is ambiguous.

    >>> [str(one.when) for one in proposals("earlier this year", date(2025, 5, 1))]
    ['[2025-01-01..2025-05-01]']
    >>> [str(one.when) for one in proposals("03/04/2025", date(2025, 5, 1))]
    ['2025-04-03', '2025-03-04']

    Raises:
        BadText: if it cannot be read, with phrases that can.
    """
    written = text.strip()
    try:
        return (Proposal(When(written), "a date as it is written"),)
    except BadWhen:
        pass
    try:
        if ".." in written or len(written) > _LONGEST:
            raise BadText(text, "is no phrase for a date")
        found = _read(_plain(written), dateline)
        told = {stretch.edtf: how for stretch, how in reversed(found)}
        return tuple(Proposal(When(edtf), how) for edtf, how in reversed(told.items()))
    except (ValueError, OverflowError) as problem:
        known = isinstance(problem, BadText)
        why = "is no phrase for a date that is known here" if known else "leads to a day that is not there"
        raise BadText(text, f"{why}; what can be read is such as {', '.join(EXAMPLES)}") from None


def _plain(text: str) -> str:
    """A phrase in small letters, without what changes nothing."""
    text = re.sub(r"[\s,]+", " ", text.casefold().replace("’", "'").replace("–", "-").replace("—", "-"))
    return text.strip(" .")


def _read(text: str, dateline: date) -> Sequence[_Said]:
    """What a phrase may mean: by the first rule that fits it.

    Raises:
        BadText: if none does.
    """
    text = re.sub(r"^(?:(?:in|on|during|within|over|at|sometime|some time) )+(?=.)", "", text)
    text = text.removeprefix("the ")
    for pattern, rule in _RULES:
        if (found := pattern.fullmatch(text)) is not None:
            return rule(found, dateline)
    raise BadText(text, "is no phrase for a date")


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word]


def _month(word: str) -> int:
    return next(i for i, name in enumerate(_MONTHS, start=1) if name.lower().startswith(word[:3]))


# Phrases about other phrases


def _about(found: _Match, dateline: date) -> Sequence[_Said]:
    mark = "?" if found[1] in {"possibly", "probably", "perhaps", "maybe"} else "~"
    word = "uncertain" if mark == "?" else "about"
    return [(attrs.evolve(one, mark=mark), f"{word}: {how}") for one, how in _read(found[2], dateline)]


def _part(found: _Match, dateline: date) -> Sequence[_Said]:
    """A third of a stretch; while it goes on, also what of it had passed, since most is told afterwards."""
    which = _PARTS[found[1].replace("-", " ").strip()]
    said: list[_Said] = []
    for one, how in _read(found[2], dateline):
        third, name = one.part(which), f"{_NAMES[which]} of {how}"
        first, last = third.bounds
        if first <= dateline < last:
            said.append((Stretch(first, dateline), f"{name}, up to the day it was said"))
            name = f"{name}, all of it"
        said.append((third, name))
    return said


def _wholes(text: str, dateline: date) -> Sequence[_Said]:
    """What a phrase may mean where its beginning counts, or all of it: whatever goes on the longest."""
    return list({one.first: (one, how) for one, how in _read(text, dateline)}.values())


def _by(found: _Match, dateline: date) -> Sequence[_Said]:
    said = _read(found[1], dateline)
    return [(Stretch(None, one.last), f"any time up to the end of: {how}") for one, how in said]


def _before(found: _Match, dateline: date) -> Sequence[_Said]:
    said = _wholes(found[1], dateline)
    return [(Stretch(None, one.bounds[0] - _DAY), f"any time before: {how}") for one, how in said]


def _after(found: _Match, dateline: date) -> Sequence[_Said]:
    said = _wholes(found[1], dateline)
    return [(Stretch(one.bounds[1] + _DAY, None), f"any time after: {how}") for one, how in said]


def _since(found: _Match, dateline: date) -> Sequence[_Said]:
    said = [(one, how) for one, how in _wholes(found[1], dateline) if one.bounds[0] <= dateline]
    if not said:
        raise ValueError("since the future")
    word = "any time up to the day it was said, from the first day of"
    return [(Stretch(one.first, dateline), f"{word}: {how}") for one, how in said]


def _between(found: _Match, dateline: date) -> Sequence[_Said]:
    year = _ENDS_IN_YEAR.search(found[2])
    shared = f" {year[1]}" if year and not _HAS_YEAR.search(found[1]) else ""
    begins, ends = _wholes(f"{found[1]}{shared}", dateline), _read(found[2], dateline)
    several = [
        (Stretch(one.first, other.last), f"from {how}, to {why}")
        for one, how in begins
        for other, why in ends
        if one.bounds[0] <= other.bounds[1]
    ]
    if not several:
        raise ValueError("it ends before it begins")
    return several


# Phrases seen from the dateline


def _day_named(found: _Match, dateline: date) -> Sequence[_Said]:
    shift = {"yesterday": -1, "today": 0, "now": 0, "tomorrow": 1}[found[1]]
    return [(Stretch.day(dateline + shift * _DAY), f"{found[1]}, seen from the day it was said")]


def _ago(found: _Match, dateline: date) -> Sequence[_Said]:
    sign = -1 if found[3] in {"ago", "earlier"} else 1
    unit, count = found[2], _number(found[1])
    how = f"the {'' if unit == 'day' else 'calendar '}{unit} {count} {unit}{'' if count == 1 else 's'}"
    where = "before" if sign < 0 else "after"
    stretch = Stretch.around(unit, moved(dateline, sign * count, unit))
    return [(stretch, f"{how} {where} the day it was said")]


def _past(found: _Match, dateline: date) -> Sequence[_Said]:
    count, unit = _number(found[2] or "one"), found[3]
    told = unit if count == 1 else f"{count} {unit}s"
    if found[1] in {"past", "last"}:
        how = f"the {told} up to the day it was said"
        return [(Stretch(moved(dateline, -count, unit), dateline), how)]
    return [(Stretch(dateline, moved(dateline, count, unit)), f"the {told} from the day it was said on")]


def _near(found: _Match, dateline: date) -> Sequence[_Said]:
    shift = {"last": -1, "previous": -1, "next": 1, "coming": 1}.get(found[1] or "this", 0)
    unit = found[2]
    word = ("before that of", "of", "after that of")[shift + 1]
    stretch = Stretch.around(unit, moved(Stretch.around(unit, dateline).bounds[0], shift, unit))
    return [(stretch, f"the calendar {unit} {word} the day it was said")]


def _side(found: _Match, dateline: date) -> Sequence[_Said]:
    unit = found[2]
    first, last = Stretch.around(unit, dateline).bounds
    if found[1] == "earlier":
        return [(Stretch(first, dateline), f"from the first day of that {unit} up to the day it was said")]
    return [(Stretch(dateline, last), f"from the day it was said to the last day of that {unit}")]


def _weekday(found: _Match, dateline: date) -> Sequence[_Said]:
    number = next(i for i, name in enumerate(_WEEKDAYS) if name.startswith(found[2][:3]))
    back = (dateline.weekday() - number) % 7
    before = Stretch.day(dateline - (back or 7) * _DAY), f"the last {_WEEKDAYS[number].title()} before"
    after = Stretch.day(dateline + (7 - back) * _DAY), f"the next {_WEEKDAYS[number].title()} after"
    here = (Stretch.day(dateline), f"the {_WEEKDAYS[number].title()} that was")
    several = [before, after] if back else [here, before, after]
    said = {"last": [before], "past": [before], "next": [after]}.get(found[1] or "", several)
    return [(one, f"{how} the day it was said") for one, how in said]


def _bare(make: Callable[[int], Stretch], name: str, which: str, dateline: date) -> Sequence[_Said]:
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


# Phrases that say a year


def _day_of(found: _Match, dateline: date) -> Sequence[_Said]:
    number, month = int(found["day"]), _month(found["month"])
    if found["year"]:
        return [(Stretch.day(date(int(found["year"]), month, number)), "that day")]
    name = f"{number} {_MONTHS[month - 1]}"
    return _bare(lambda year: Stretch.day(date(year, month, number)), name, "", dateline)


def _month_of(found: _Match, dateline: date) -> Sequence[_Said]:
    month = _month(found[2])
    if found[3]:
        return [(Stretch.months(int(found[3]), month, month), f"{_MONTHS[month - 1]} {found[3]}")]
    which = found[1] or ""
    return _bare(lambda year: Stretch.months(year, month, month), _MONTHS[month - 1], which, dateline)


def _year(found: _Match, _: date) -> Sequence[_Said]:
    year = int(found[1])
    return [(Stretch.years(year, year), f"the year {year}")]


def _digits(found: _Match, _: date) -> Sequence[_Said]:
    one, other, year = int(found[1]), int(found[3]), int(found[4])
    days = [(other, one, "day, month, year")]
    if found[2] != ".":
        days.append((one, other, "month, day, year"))
    days = [one for one in days if one[0] <= 12]
    said = [(Stretch.day(date(year, month, day)), f"read as {how}") for month, day, how in days]
    if not said:
        raise ValueError("there is no such month")
    return said


def _year_first(found: _Match, _: date) -> Sequence[_Said]:
    return [(Stretch.day(date(int(found[1]), int(found[2]), int(found[3]))), "read as year, month, day")]


def _decade(found: _Match, dateline: date) -> Sequence[_Said]:
    begin = int(found[1])
    if len(found[1]) == 2:
        begin += dateline.year // 100 * 100
        begin -= 100 if begin > dateline.year else 0
    return [(Stretch.years(begin, begin + 9), f"the decade from {begin} to {begin + 9}")]


def _century(found: _Match, _: date) -> Sequence[_Said]:
    last = int(found[1]) * 100
    return [(Stretch.years(last - 99, last), f"a century, from the year {last - 99} to {last}")]


def _quarter(found: _Match, dateline: date) -> Sequence[_Said]:
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


def _season(found: _Match, dateline: date) -> Sequence[_Said]:
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


_DAY_NUMBER: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_PART_WORDS: Final = "early in|late in|early|late|mid|beginning of|start of|middle of|end of"
_OF_YEAR: Final = r"(?: (?:of |in )?(?:(?P<year>[0-9]{4})|(?P<this>this year|the year)))?"
_YEAR: Final = r"(?:of |in )?([0-9]{4})"
_PHRASES: Final[tuple[tuple[str, Callable[[_Match, date], Sequence[_Said]]], ...]] = (
    (r"(possibly|probably|perhaps|maybe|around|about|approximately|roughly|circa|ca?\.?) (.+)", _about),
    (r"between (.+) and (.+)", _between),
    (r"from (.+) (?:to|until|till|through) (.+)", _between),
    (r"(?:by|until|till|up to|no later than|not after) (?:the )?(?:end|close) of (.+)", _by),
    (r"(?:by|until|till|up to|no later than|not after) (.+)", _by),
    (r"(?:before|prior to|earlier than) (.+)", _before),
    (r"(?:after|later than) (.+)", _after),
    (r"(?:ever )?since (.+)", _since),
    (r"(earlier|later) (?:in )?(?:this|the) (week|month|quarter|year|decade)", _side),
    (rf"(?!(?:{_PART_WORDS}) - )(.+) (?:to|-) (.+)", _between),
    (rf"({_PART_WORDS})[ -]+(?:the )?(.+)", _part),
    (r"(yesterday|today|now|tomorrow)", _day_named),
    (rf"({_NUMBER}) ({_UNIT})s? (ago|earlier|later|from now)", _ago),
    (rf"(past|last|next|coming) ({_NUMBER}) ({_UNIT})s?", _past),
    (rf"(past)() ({_UNIT})", _past),
    (rf"(?:(last|previous|this|current|next|coming) )?({_UNIT})", _near),
    (rf"(?:(last|past|this|next) )?({'|'.join(_WEEKDAYS)}|mon|tues?|wed|thurs?|fri|sat|sun)", _weekday),
    (rf"{_DAY_NUMBER} (?:of )?(?P<month>{_NAME})\.?(?: (?P<year>[0-9]{{4}}))?", _day_of),
    (rf"(?P<month>{_NAME})\.? {_DAY_NUMBER}(?: (?P<year>[0-9]{{4}}))?", _day_of),
    (rf"(?:(last|this|next) )?({_NAME})\.?(?: {_YEAR})?", _month_of),
    (r"(?:year )?([0-9]{4})", _year),
    (r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})", _digits),
    (r"([0-9]{4})[./-]([0-9]{1,2})[./-]([0-9]{1,2})", _year_first),
    (r"'?((?:[0-9]{2})?[0-9]0)'?s", _decade),
    (r"([0-9]{1,2})(?:st|nd|rd|th) century", _century),
    (rf"(?:(?P<kind>[qh])(?P<number>[1-4])|(?P<order>{'|'.join(_ORDER)}) quarter){_OF_YEAR}", _quarter),
    (rf"(?P<order>first|second|1st|2nd) (?P<kind>half)(?P<number>){_OF_YEAR}", _quarter),
    (r"(?P<year>[0-9]{4})[ -]?(?P<kind>[qh])(?P<number>[1-4])(?P<order>)(?P<this>)", _quarter),
    (rf"(?:(last|this|next) )?(spring|summer|autumn|fall|winter)(?: {_YEAR})?", _season),
)
_RULES: Final = tuple((re.compile(pattern), rule) for pattern, rule in _PHRASES)
