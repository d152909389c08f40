"""Dates as people say them: what a phrase may mean, seen from the day on which it was said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

import attrs

from timeline.values.calendar_phrases import PHRASES, Rule, Said
from timeline.values.errors import BadText
from timeline.values.span import Stretch, moved
from timeline.values.text import either
from timeline.values.when import When
from timeline.values.written_dates import YEARS_FROM, as_it_is, in_full, with_clock

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
    "over the weekend",
)

_Match = re.Match[str]
_DAY: Final = timedelta(days=1)
_ENDS_IN_YEAR: Final = re.compile(r"\b([0-9]{4})$")
_HAS_YEAR: Final = re.compile(r"[0-9]{4}")
_COUNTED: Final = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty"""
_NUMBERS: Final = {word: count for count, word in enumerate(_COUNTED.split(), start=1)} | {"a": 1, "an": 1}
_PARTS: Final = {
    "early": 0, "beginning of": 0, "start of": 0, "early in": 0,
    "mid": 1, "middle of": 1, "the middle of": 1,
    "late": 2, "end of": 2, "late in": 2,
}  # fmt: skip
_NAMES: Final = ("the first third", "the second third", "the last third")
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


@attrs.frozen
class ReadDate:
    """A date that a text was read as, seen from a day, if from any; and how it was read."""

    text: str
    dateline: date | None
    when: When
    read_as: str

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        day = None if self.dateline is None else self.dateline.isoformat()
        return {"text": self.text, "dateline": day, "date": self.when.text, "read_as": self.read_as}

    def __str__(self) -> str:
        seen = "" if self.dateline is None else f" (said {self.dateline})"
        return f"{self.text!r}{seen} is {self.when}: {self.read_as}"


def proposals(
    text: str, dateline: date, *, day_first: bool | None = None, years_from: int = YEARS_FROM
) -> tuple[Proposal, ...]:
    """What a phrase may mean when said on a day: one date, or several where it is ambiguous.

    `day_first` says what 03/04/2025 is, if that is known. Years of two digits are of the hundred years that
    begin with `years_from`.

    >>> [str(one.when) for one in proposals("earlier this year", date(2025, 5, 1))]
    ['[2025-01-01..2025-05-01]']
    >>> [str(one.when) for one in proposals("03/04/2025", date(2025, 5, 1))]
    ['2025-04-03', '2025-03-04']
    >>> [str(one.when) for one in proposals("03/04/2025", date(2025, 5, 1), day_first=True)]
    ['2025-04-03']

    Raises:
        BadText: if it cannot be read, with phrases that can, or with what is needed.
    """
    written = text.strip()
    if (known := as_it_is(written)) is not None:
        return (Proposal(When(known[0]), _joined("a date as it is written", known[1])),)
    try:
        if ".." in written or len(written) > _LONGEST:
            raise BadText(text, "is no phrase for a date")
        plain, notes = in_full(_plain(written), day_first=day_first, years_from=years_from)
        known = as_it_is(plain) if notes else None
        if known is not None:
            return (Proposal(When(known[0]), _joined(*notes)),)
        if (timed := with_clock(plain)) is not None:
            return tuple(_timed(*timed, dateline, notes))
        told = {stretch.edtf: how for stretch, how in reversed(_read(plain, dateline))}
        return tuple(Proposal(When(edtf), _joined(how, *notes)) for edtf, how in reversed(told.items()))
    except _Undated as problem:
        raise BadText(text, str(problem)) from None
    except (ValueError, OverflowError) as problem:
        known_here = isinstance(problem, BadText)
        why = (
            "is no phrase for a date that is known here" if known_here else "leads to a day that is not there"
        )
        raise BadText(text, f"{why}; what can be read is such as {', '.join(EXAMPLES)}") from None


def _timed(head: str, at: Callable[[date], str], dateline: date, notes: Sequence[str]) -> Iterator[Proposal]:
    """A phrase with a time of day, of a day."""
    for stretch, how in _read(head, dateline):
        first, last = stretch.bounds
        if first != last or stretch.mark:
            raise BadText(head, "is no phrase for a day")
        yield Proposal(When(at(first)), _joined(how, *notes))


def only_proposal(
    text: str, dateline: date, *, day_first: bool | None = None, years_from: int = YEARS_FROM
) -> Proposal:
    """What a phrase means when said on a day, as `proposals` reads it.

    Raises:
        BadText: if it cannot be read, or may mean several dates, with those.
    """
    found = proposals(text, dateline, day_first=day_first, years_from=years_from)
    if len(found) == 1:
        return found[0]
    dates = either(one.when for one in found)
    in_figures = all("month, " in one.read_as for one in found)
    how = "say whether the day or the month comes first" if in_figures else "write the one that is meant"
    raise BadText(text, f"may be {dates}; {how}")


class _Undated(ValueError):
    """A phrase counts from something that has no date in it."""


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def _plain(text: str) -> str:
    """A phrase in small letters, without what changes nothing."""
    text = re.sub("[\u2010-\u2014]", "-", text.casefold().replace("’", "'"))
    return re.sub(r"[\s,]+", " ", text).strip(" .")


def _read(text: str, dateline: date) -> Sequence[Said]:
    """What a phrase may mean: by the first rule that fits it.

    Raises:
        BadText: if none does.
    """
    bare = re.sub(r"^(?:(?:in|on|during|within|over|at|sometime|some time) )+(?=.)", "", text)
    bare = text if _IN.fullmatch(text) else bare.removeprefix("the ")
    for pattern, rule in _RULES:
        if (found := pattern.fullmatch(bare)) is not None:
            return rule(found, dateline)
    raise BadText(text, "is no phrase for a date")


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word]


# Phrases about other phrases


def _about(found: _Match, dateline: date) -> Sequence[Said]:
    mark = "?" if found[1] in {"possibly", "probably", "perhaps", "maybe"} else "~"
    word = "uncertain" if mark == "?" else "about"
    return [(attrs.evolve(one, mark=mark), f"{word}: {how}") for one, how in _read(found[2], dateline)]


def _part(found: _Match, dateline: date) -> Sequence[Said]:
    """A third of a stretch; while it goes on, also what of it had passed, since most is told afterwards."""
    which = _PARTS[found[1].replace("-", " ").strip()]
    said: list[Said] = []
    for one, how in _read(found[2], dateline):
        third, name = one.part(which), f"{_NAMES[which]} of {how}"
        first, last = third.bounds
        if first <= dateline < last:
            said.append((Stretch(first, dateline), f"{name}, up to the day it was said"))
            name = f"{name}, all of it"
        said.append((third, name))
    return said


def _wholes(text: str, dateline: date) -> Sequence[Said]:
    """What a phrase may mean where its beginning counts, or all of it: whatever goes on the longest."""
    return list({one.first: (one, how) for one, how in _read(text, dateline)}.values())


def _by(found: _Match, dateline: date) -> Sequence[Said]:
    said = _read(found[1], dateline)
    return [(Stretch(None, one.last), f"any time up to the end of: {how}") for one, how in said]


def _before(found: _Match, dateline: date) -> Sequence[Said]:
    said = _wholes(found[1], dateline)
    return [(Stretch(None, one.bounds[0] - _DAY), f"any time before: {how}") for one, how in said]


def _after(found: _Match, dateline: date) -> Sequence[Said]:
    said = _wholes(found[1], dateline)
    return [(Stretch(one.bounds[1] + _DAY, None), f"any time after: {how}") for one, how in said]


def _since(found: _Match, dateline: date) -> Sequence[Said]:
    said = [(one, how) for one, how in _wholes(found[1], dateline) if one.bounds[0] <= dateline]
    if not said:
        raise ValueError("since the future")
    word = "any time up to the day it was said, from the first day of"
    return [(Stretch(one.first, dateline), f"{word}: {how}") for one, how in said]


def _between(found: _Match, dateline: date) -> Sequence[Said]:
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


def _or(found: _Match, dateline: date) -> Sequence[Said]:
    """One of two that follow each other is all of both; of others there may be days between."""
    return [
        (Stretch(one.first, other.last), f"{how}, or {why}")
        for one, how in _wholes(found[1], dateline)
        for other, why in _wholes(found[2], dateline)
        if one.bounds[1] + _DAY == other.bounds[0]
    ] or [*_read(found[1], dateline), *_read(found[2], dateline)]


def _counted_from(found: _Match, dateline: date) -> Sequence[Said]:
    """So many units before or after another date."""
    count, unit, base = _number(found[1]), found[2], found[4]
    sign = -1 if found[3] in {"before", "prior to"} else 1
    try:
        said = _wholes(base, dateline)
    except BadText:
        counted = f"{found[1]} {unit}{'' if count == 1 else 's'} {found[3]}"
        problem = f"counts from {base!r}, which is no date; write when that was, as in '{counted} 2019-03'"
        raise _Undated(problem) from None
    told = f"the {'' if unit == 'day' else 'calendar '}{unit} {count} {unit}{'' if count == 1 else 's'}"
    several = []
    for one, how in said:
        first, last = (Stretch.around(unit, moved(day, sign * count, unit)) for day in one.bounds)
        several.append(
            (Stretch(first.first, last.last), f"{told} {'before' if sign < 0 else 'after'}: {how}")
        )
    return several


# Phrases seen from the dateline


def _day_named(found: _Match, dateline: date) -> Sequence[Said]:
    shift = {"yesterday": -1, "today": 0, "now": 0, "tomorrow": 1}[found[1]]
    return [(Stretch.day(dateline + shift * _DAY), f"{found[1]}, seen from the day it was said")]


def _ago(found: _Match, dateline: date) -> Sequence[Said]:
    sign = -1 if found[3] in {"ago", "earlier"} else 1
    return _from_then(_number(found[1]), found[2], sign, dateline)


def _in(found: _Match, dateline: date) -> Sequence[Said]:
    return _from_then(_number(found[1]), found[2], 1, dateline)


def _from_then(count: int, unit: str, sign: int, dateline: date) -> Sequence[Said]:
    how = f"the {'' if unit == 'day' else 'calendar '}{unit} {count} {unit}{'' if count == 1 else 's'}"
    where = "before" if sign < 0 else "after"
    stretch = Stretch.around(unit, moved(dateline, sign * count, unit))
    return [(stretch, f"{how} {where} the day it was said")]


def _past(found: _Match, dateline: date) -> Sequence[Said]:
    count, unit = _number(found[2] or "one"), found[3]
    told = unit if count == 1 else f"{count} {unit}s"
    if found[1] in {"past", "last"}:
        how = f"the {told} up to the day it was said"
        return [(Stretch(moved(dateline, -count, unit), dateline), how)]
    return [(Stretch(dateline, moved(dateline, count, unit)), f"the {told} from the day it was said on")]


def _near(found: _Match, dateline: date) -> Sequence[Said]:
    shift = {"last": -1, "previous": -1, "next": 1, "coming": 1}.get(found[1] or "this", 0)
    unit = found[2]
    word = ("before that of", "of", "after that of")[shift + 1]
    stretch = Stretch.around(unit, moved(Stretch.around(unit, dateline).bounds[0], shift, unit))
    return [(stretch, f"the calendar {unit} {word} the day it was said")]


def _side(found: _Match, dateline: date) -> Sequence[Said]:
    unit = found[2]
    first, last = Stretch.around(unit, dateline).bounds
    if found[1] == "earlier":
        return [(Stretch(first, dateline), f"from the first day of that {unit} up to the day it was said")]
    return [(Stretch(dateline, last), f"from the day it was said to the last day of that {unit}")]


_PART_WORDS: Final = "early in|late in|early|late|mid|beginning of|start of|middle of|end of"
_IN: Final = re.compile(rf"in ({_NUMBER}) ({_UNIT})(?:s|'s time|s' time)?")
_PHRASES: Final[tuple[tuple[str, Rule], ...]] = (
    (_IN.pattern, _in),
    (
        rf"({_NUMBER}) ({_UNIT})s? (after|later than|from|since|before|prior to) (?!now$)(?:the )?(.+)",
        _counted_from,
    ),
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
    (r"(?:either )?(.+?) or (.+)", _or),
    (rf"({_PART_WORDS})[ -]+(?:the )?(.+)", _part),
    (r"(yesterday|today|now|tomorrow)", _day_named),
    (rf"({_NUMBER}) ({_UNIT})s? (ago|earlier|later|from now)", _ago),
    (rf"(past|last|next|coming) ({_NUMBER}) ({_UNIT})s?", _past),
    (rf"(past)() ({_UNIT})", _past),
    (rf"(?:(last|previous|this|current|next|coming) )?({_UNIT})", _near),
    *PHRASES,
)
_RULES: Final = tuple((re.compile(pattern), rule) for pattern, rule in _PHRASES)
