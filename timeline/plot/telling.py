"""What rows of pictures share: dates and sources as words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from timeline.basis import Basis
from timeline.escaping import printable
from timeline.record import Record
from timeline.source import Source
from timeline.zones import bound

__all__ = ["EPOCH", "iso", "short", "sources", "span_words", "spec_of", "tooltip", "where"]

EPOCH: Final = datetime(1, 1, 1, tzinfo=UTC)
_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"


def where(basis: Basis) -> str:
    """Where a picture is taken from, as its subtitle says it."""
    return printable(f"{basis}, position {basis.position}")


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


def spec_of(title: str, subtitle: Sequence[str], **parts: Any) -> dict[str, Any]:
    """A chart in Vega-Lite, titled.

    Marks that nothing is said of stay dumb: Vega would tell their data, dates in the zone of the machine.
    """
    head = {"text": title, "subtitle": list(subtitle)}
    return {"$schema": _SCHEMA, "title": head, **_silent(parts)}


def _silent(part: dict[str, Any]) -> dict[str, Any]:
    if "mark" in part:
        told = "description" in part["encoding"]
        return part if told else {**part, "mark": {**part["mark"], "aria": False}}
    return {
        name: [_silent(one) for one in value] if name in {"layer", "vconcat"} else value
        for name, value in part.items()
    }
