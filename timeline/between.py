"""A span of valid time that a question is restricted to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from timeline.errors import NotAllowed
from timeline.when import When, Whenever
from timeline.zones import TICK, first_in, last_in, named

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["Span", "check_axis"]


def _optional(value: Whenever | None) -> When | None:
    return None if value is None else When.read(value)


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

    during: When | None = attrs.field(default=None, converter=_optional)
    since: When | None = attrs.field(default=None, converter=_optional)
    until: When | None = attrs.field(default=None, converter=_optional)
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


def check_axis(axis: str, valid: object, known: object, span: Span) -> None:
    """See that a history is asked along one axis, and at a point of the other."""
    if axis not in {"valid", "known"}:
        raise NotAllowed(f'axis={axis!r}: it is "valid" or "known"')
    if axis == "known" and (known is not None or span):
        what = "known=" if known is not None else "a span of valid time"
        raise NotAllowed(f'{what} does not go with axis="known", which is asked at one point: valid=')
    if axis == "valid" and valid is not None:
        raise NotAllowed(
            'valid= goes with axis="known"; along valid time, during=, since= and until= restrict'
        )
