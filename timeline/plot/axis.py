"""The stretch of time that a picture shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from timeline.between import Span

__all__ = ["Axis"]

_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9998, 12, 31, tzinfo=UTC)
_ALONE: Final = timedelta(days=30)
_YEARS: Final = 5 * 365
_MONTHS: Final = 100


@attrs.frozen
class Axis:
    """From which instant to which a picture shows time; what is unbounded is cut there."""

    first: datetime
    last: datetime

    @classmethod
    def around(cls, instants: Sequence[datetime], point: datetime, span: Span) -> Axis:
        """What holds all instants, and the point asked about unless it is far from all, within a span."""
        known = sorted(instants) or [point]
        first, last = known[0], known[-1]
        room = max(last - first, _ALONE)
        if first - point <= room and point - last <= room:
            first, last = min(first, point), max(last, point)
        edge = max(last - first, _ALONE) / 33
        first, last = max(_FIRST + edge, first) - edge, min(_LAST - edge, last) + edge
        first, last = span.first or first, span.ends or last
        return cls(first, last if last > first else first + _ALONE)

    @property
    def format(self) -> str:
        """How dates are written along it: as years, months or days, never without the year."""
        days = (self.last - self.first).days
        return "%Y" if days > _YEARS else "%b %Y" if days > _MONTHS else "%Y-%m-%d"

    def cut(self, begins: datetime | None, ends: datetime | None) -> tuple[datetime, datetime] | None:
        """The part of a stretch of time that is shown; None where none is."""
        start = self.first if begins is None else max(begins, self.first)
        stop = self.last if ends is None else min(ends, self.last)
        return (start, stop) if start <= stop and start <= self.last and stop >= self.first else None

    def part(self, instant: datetime) -> float:
        """How far along an instant lies: 0 at the first, 1 at the last."""
        return (instant - self.first) / (self.last - self.first)

    def at(self, part: float) -> datetime:
        """The instant that lies so far along."""
        return self.first + (self.last - self.first) * min(max(part, 0.0), 1.0)
