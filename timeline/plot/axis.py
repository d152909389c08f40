"""The stretch of time that a picture shows, with its ticks, and how times and records are told in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs

from timeline.records import Record
from timeline.values import Basis, Source, Span, bound, printable

_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9998, 12, 31, tzinfo=UTC)
_ALONE: Final = timedelta(days=30)
_LABELS: Final = 9
"""How many ticks there are at most, about."""
_UNITS: Final = ((5 * 365, "year", 365, "%Y"), (100, "month", 30, "%b %Y"), (0, "day", 1, "%Y-%m-%d"))
"""From how many days on time is told in which unit, how many days that has, and how it is written."""


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


def time_ticks(axis: Axis, field: str, **look: Any) -> dict[str, Any]:
    """A field as time along an axis: its ticks are years, months or days, never without the year.

    Each is a tick of its own unit, so that no two labels are the same.
    """
    days = (axis.last - axis.first).days
    unit, length, form = next(one[1:] for one in _UNITS if days >= one[0])
    step = max(1, -(-days // (length * _LABELS)))
    count = _LABELS if unit == "year" else {"interval": unit, "step": step}
    overlap = {"labelOverlap": "greedy", "labelSeparation": 12}
    ticks = {"title": None, "format": form, "tickCount": count, **overlap}
    scale = {"type": "utc", "domain": [iso(axis.first), iso(axis.last)], "nice": False}
    return {"field": field, "type": "temporal", "scale": scale, "axis": ticks | look}


def where(basis: Basis) -> str:
    """Where a picture is taken from, as its subtitle says it."""
    return printable(f"{basis}, {basis.records}")


def short(text: str, most: int) -> str:
    """Text of so many signs at most, with … where it is cut.

    >>> short("change into another", 10)
    'change in…'
    """
    clean = printable(text)
    return clean if len(clean) <= most else f"{clean[: max(most - 1, 0)].rstrip()}…"


def iso(instant: datetime) -> str:
    """An instant as charts read it, in UTC."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sources(records: Iterable[Record]) -> tuple[Source, ...]:
    """On whose word records stand, each once."""
    return tuple(dict.fromkeys(source for record in records for source in record.sources))


def span_words(begins: datetime | None, ends: datetime | None) -> str:
    """From when to when, in words."""
    return f"{bound(begins)} – {bound(ends)}"


def tooltip(text: str, when: str, records: Sequence[Record]) -> str:
    """What is shown of something when it is pointed at: what, when, which records, on whose word."""
    said = "; ".join(
        f"{one.publisher or one.title or ''} {one.url or ''}".strip() for one in sources(records)
    )
    behind = " ".join(record.label for record in records)
    return printable(" · ".join(filter(None, (text, when, behind, said and f"sources: {said}"))))
