"""A record in words."""

from __future__ import annotations

from timeline.record import Record
from timeline.wording import printable

__all__ = ["told"]


def told(record: Record) -> str:
    """A record on one line: place, date, what it says, on whose word and since when known."""
    sources = f" [{'; '.join(map(str, record.sources))}]" if record.sources else ""
    when = f"{record.occurred} " if record.occurred else ""
    credence = "" if record.credence == "reported" else f", {record.credence}"
    return printable(
        f"{record.label} {when}{record.summary}{sources}, known {record.known_at.date()}{credence}"
    )
