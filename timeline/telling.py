"""A record in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from timeline.escaping import printable
from timeline.record import Record
from timeline.zones import day_in, named

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["known_on", "told"]


def told(record: Record, zone: ZoneInfo | None = None) -> str:
    """A record on one line: place, date, what it says, on whose word and since when known."""
    sources = f" [{'; '.join(map(str, record.sources))}]" if record.sources else ""
    when = f"{record.occurred} " if record.occurred else ""
    credence = "" if record.credence == "reported" else f", {record.credence}"
    known = known_on(record.known_at, zone)
    return printable(f"{record.label} {when}{record.summary}{sources}, known {known}{credence}")


def known_on(instant: datetime, zone: ZoneInfo | None) -> str:
    """The day since which something is known; where that is not one of UTC, with the zone.

    >>> from datetime import UTC, datetime
    >>> from timeline.zones import zone
    >>> known_on(datetime(2023, 11, 17, 23, 59, tzinfo=UTC), zone("Asia/Tokyo"))
    '2023-11-18 Asia/Tokyo'
    """
    day = day_in(instant, zone)
    return f"{day}" if zone is None else f"{day} {named(zone)}"
