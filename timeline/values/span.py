"""A span of valid time that a question is restricted to."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs

from timeline.values.errors import NotAllowed
from timeline.values.when import When, optional_when
from timeline.values.zones import TICK, first_in, last_in, named

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@attrs.frozen(kw_only=True)
class Span:
    """A span of time: `during` a date, or from the first instant of `since` to the last one of `until`.

    `first` and `last` are both inclusive; None is unbounded. Dates that do not say their own zone are of
    `zone`, None being UTC.

    >>> print(Span(since="2023", until="2023-06").last)
    2023-06-30 23:59:59.999999+00:00

    Raises:
        BadWhen, NaiveDatetime: if a date cannot be read.
        NotAllowed: if `during` comes with another, or it ends before it begins.
    """

    during: When | None = attrs.field(default=None, converter=optional_when)
    since: When | None = attrs.field(default=None, converter=optional_when)
    until: When | None = attrs.field(default=None, converter=optional_when)
    zone: ZoneInfo | None = None

    def __attrs_post_init__(self) -> None:
        if self.during is not None and (self.since is not None or self.until is not None):
            raise NotAllowed("during= names a whole span; it goes with neither since= nor until=")
        if self.first is not None and self.last is not None and self.last < self.first:
            if self.during is not None:
                raise NotAllowed(f"no instant of {self.during} is shown by the clocks of {named(self.zone)}")
            raise NotAllowed(f"a span since {self.since} until {self.until} ends before it begins")

    @property
    def first(self) -> datetime | None:
        """Its first instant."""
        begin = self.during or self.since
        return None if begin is None else first_in(begin, self.zone)

    @property
    def last(self) -> datetime | None:
        """Its last instant."""
        end = self.during or self.until
        return None if end is None else last_in(end, self.zone)

    @property
    def ends(self) -> datetime | None:
        """The first instant after it."""
        return None if self.last is None else self.last + TICK

    def __bool__(self) -> bool:
        return any((self.during, self.since, self.until))

    def as_dict(self) -> dict[str, str]:
        """As plain JSON values, read in a zone as exact instants in UTC; what is not given is left out."""
        if self.zone is None:
            return {name: when.text for name, when in self._given}
        first, last = (None if one is None else When.read(one).text for one in (self.first, self.last))
        said = {"during": f"{first or '..'}/{last or '..'}", "since": first, "until": last}
        return {name: said[name] or when.text for name, when in self._given}

    @property
    def _given(self) -> list[tuple[str, When]]:
        several = [(name, getattr(self, name)) for name in ("during", "since", "until")]
        return [(name, when) for name, when in several if when is not None]

    def __str__(self) -> str:
        return " ".join(f"{name} {when}" for name, when in self._given)


_DAY: Final = timedelta(days=1)


@attrs.frozen
class Stretch:
    """Days from a first to a last one, both inclusive; None is unbounded. `mark` is `~`, `?` or nothing.

    >>> Stretch(date(2023, 1, 1), date(2023, 3, 31)).edtf
    '2023-33'
    >>> Stretch.months(2023, 3, 5).edtf
    '[2023-03..2023-05]'
    """

    first: date | None
    last: date | None
    mark: str = ""

    @classmethod
    def day(cls, day: date) -> Stretch:
        """One day."""
        return cls(day, day)

    @classmethod
    def months(cls, year: int, first: int, last: int) -> Stretch:
        """From a month to a month of a year."""
        return cls(date(year, first, 1), date(year, last, monthrange(year, last)[1]))

    @classmethod
    def years(cls, first: int, last: int) -> Stretch:
        """From a year to a year."""
        return cls(date(first, 1, 1), date(last, 12, 31))

    @classmethod
    def around(cls, unit: str, day: date) -> Stretch:
        """The calendar week (Monday to Sunday), month, quarter, year or decade that a day lies in."""
        if unit == "day":
            return cls.day(day)
        if unit == "week":
            monday = day - day.weekday() * _DAY
            return cls(monday, monday + 6 * _DAY)
        if unit == "month":
            return cls.months(day.year, day.month, day.month)
        if unit == "quarter":
            begin = (day.month - 1) // 3 * 3 + 1
            return cls.months(day.year, begin, begin + 2)
        if unit == "year":
            return cls.years(day.year, day.year)
        begin = day.year // 10 * 10
        return cls.years(begin, begin + 9)

    def part(self, which: int) -> Stretch:
        """The first (0), second (1) or last (2) third of it, in whole months or years where it has them.

        >>> Stretch.years(2023, 2023).part(2).edtf
        '[2023-09..2023-12]'
        """
        first, last = self.bounds
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
            count = last.year - first.year + 1
            if count == 1:
                return Stretch.months(first.year, which * 4 + 1, which * 4 + 4)
            low, high = _third(count, which)
            return Stretch.years(first.year + low, first.year + high - 1)
        length = (last - first).days + 1
        if first.day == 1 and length <= 31 and (last + _DAY).day == 1:
            high = (10, 20, length)[which]
            return Stretch(first + which * 10 * _DAY, first + (high - 1) * _DAY)
        low, high = _third(length, which)
        return Stretch(first + low * _DAY, first + max(high - 1, low) * _DAY)

    @property
    def bounds(self) -> tuple[date, date]:
        """Its first and its last day.

        Raises:
            ValueError: if it is unbounded.
        """
        if self.first is None or self.last is None:
            raise ValueError("it has no bounds")
        return self.first, self.last

    @property
    def edtf(self) -> str:
        """How it is written as a date."""
        if self.first is None or self.last is None:
            ends = (_end(self.first, ends=False), _end(self.last, ends=True))
            return f"[{'..'.join(f'{one}{self.mark}' if one else '' for one in ends)}]"
        return self._whole(self.first, self.last)

    def _whole(self, first: date, last: date) -> str:
        if first == last:
            return f"{first.isoformat()}{self.mark}"
        for unit in ("month", "year", "decade", "quarter"):
            if Stretch.around(unit, first) == Stretch(first, last):
                return f"{_named(unit, first)}{self.mark}"
        for places in (4, 7):
            low, high = first.isoformat()[:places], last.isoformat()[:places]
            if _reaches(low, first, last=False) and _reaches(high, last, last=True):
                return f"[{low}{self.mark}..{high}{self.mark}]"
        return f"[{first.isoformat()}{self.mark}..{last.isoformat()}{self.mark}]"


def _third(length: int, which: int) -> tuple[int, int]:
    """Where a third begins, and where the next one would."""
    return which * length // 3, (which + 1) * length // 3


def _named(unit: str, day: date) -> str:
    year = f"{day.year:04}"
    if unit == "quarter":
        return f"{year}-{33 + (day.month - 1) // 3}"
    return {"month": f"{year}-{day.month:02}", "year": year, "decade": f"{year[:3]}X"}[unit]


def _reaches(text: str, day: date, *, last: bool) -> bool:
    """Whether a year or month begins, or ends, with a day."""
    whole = Stretch.around("year" if len(text) == 4 else "month", day)
    return day == (whole.last if last else whole.first)


def _end(day: date | None, *, ends: bool) -> str:
    if day is None:
        return ""
    text = day.isoformat()
    return next((text[:places] for places in (4, 7) if _reaches(text[:places], day, last=ends)), text)


def moved(day: date, count: int, unit: str) -> date:
    """A day so many units later, or earlier; the last day of a month where that has no such day.

    >>> moved(date(2024, 2, 29), -1, "year")
    datetime.date(2023, 2, 28)
    """
    if unit in {"day", "week"}:
        return day + count * (7 if unit == "week" else 1) * _DAY
    months = count * {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit]
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
