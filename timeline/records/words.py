"""Periods in words: from when to when, what was so, and by which records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs

from timeline.records.record import Record
from timeline.values import Kind, Line, Several, bound, day_in, named, printable
from timeline.vocabulary import NOTHING, UNSETTLED, answer_lines, label, marks

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_WIDE: Final = 40
"""Up to so many columns, the records behind a line stand in one below the other."""
_LAST: Final = time(23, 59, 59, 999_999)
Named = Callable[[str], str]


RECORD_COLUMNS: Final[Mapping[str, Kind]] = {
    "position": "number",
    "ref": "text",
    "occurred": "text",
    "known_at": "instant",
    "credence": "text",
    "summary": "text",
    "sources": "text",
}
"""What every table says of a record."""


def record_cells(one: Record) -> tuple[Any, ...]:
    """A record under these columns."""
    occurred = None if one.occurred is None else one.occurred.text
    sources = "; ".join(map(str, one.sources))
    return one.position, one.ref, occurred, one.known_at, one.credence, one.summary, sources


class Records(Several[Record]):
    """Records, in order."""

    __slots__ = ()
    what: ClassVar[str] = "records"
    columns: ClassVar[Mapping[str, Kind]] = {
        **RECORD_COLUMNS,
        "id": "text",
        "kind": "text",
        "type": "text",
        "target": "number",
        "actor": "text",
        "note": "text",
    }

    def cells(self) -> Iterator[tuple[Any, ...]]:
        """A row for each."""
        for one in self:
            yield *record_cells(one), str(one.id), one.kind, one.type, one.target, one.actor, one.note


@attrs.frozen
class Row:
    """One line, or several, of a history: its bounds in words, what is so, and the records behind it.

    Where several fields are told, each line begins with the name of one.
    """

    begins: str
    ends: str
    lines: tuple[str, ...]
    opened: str
    doubts: str


@attrs.define
class Told:
    """What is told of a period: its bounds, and what was so in it, by which records."""

    begins: datetime | None
    ends: datetime | None
    values: Mapping[str, Any]
    unsettled: Mapping[str, tuple[Record, ...]]
    opened_by: tuple[Record, ...]


def rows(
    periods: Iterable[Told], fields: Sequence[str], named: Named, zone: ZoneInfo | None
) -> Iterator[Row]:
    """The periods in words, by the clocks of a zone; of several fields, those that differ from before.

    A period in which no day closes and no value changes is told with the one before: the hours of a day on
    which something may or may not have happened yet.
    """
    before: Told | None = None
    for period in _merged(periods):
        lines: list[str] = []
        doubts: dict[int, Record] = {}
        for name in fields:
            said = _said(period, before, name, named)
            if said is None:
                continue
            doubtful = " ?" if period.unsettled[name] and said != [UNSETTLED] else ""
            lines += said if len(fields) == 1 else [f"{label(name)}: {line}{doubtful}" for line in said]
            doubts |= {record.position: record for record in period.unsettled[name]}
        shown = [doubts[place] for place in sorted(doubts)]
        yield Row(
            bound(period.begins, zone),
            bound(period.ends, zone),
            tuple(lines or [NOTHING]),
            marks(period.opened_by),
            f"? {marks(shown)}" if shown else "",
        )
        before = period


def _merged(periods: Iterable[Told]) -> Iterator[Told]:
    """The periods to tell, in order."""
    last: Told | None = None
    for period in periods:
        if last is not None:
            if period.values == last.values and (_within_a_day(period) or _as_sure(period, last)):
                last.ends = period.ends
                continue
            yield last
        last = period
    if last is not None:
        yield last


def _as_sure(one: Told, other: Told) -> bool:
    """Whether the same records leave both unsettled."""
    return all(_places(one, name) == _places(other, name) for name in {*one.unsettled, *other.unsettled})


def _places(period: Told, field: str) -> list[int]:
    return [record.position for record in period.unsettled[field]]


def _within_a_day(period: Told) -> bool:
    """Whether no day closes in a period."""
    if period.begins is None or period.ends is None:
        return False
    return datetime.combine(period.begins.date(), _LAST, period.begins.tzinfo) >= period.ends


def _said(period: Told, before: Told | None, field: str, named: Named) -> list[str] | None:
    """A field in words; None where it is as before, or nothing was ever said of it."""
    value, doubts = period.values[field], period.unsettled[field]
    if before is None:
        lines = answer_lines(value, named, (), doubts)
        return None if lines == [NOTHING] else lines
    old = before.values[field]
    if old == value and _places(period, field) == _places(before, field):
        return None
    if isinstance(value, Mapping):
        return _slots(value, old, doubts, named)
    return answer_lines(value, named, () if value == old else period.opened_by, doubts)


def _slots(
    value: Mapping[Any, Any], old: Mapping[Any, Any], doubts: Sequence[Record], named: Named
) -> list[str]:
    """Those slots of a mapping that differ from before."""
    differing = {key: one for key, one in value.items() if key not in old or old[key] != one}
    ended = {key: one for key, one in old.items() if key not in value}
    lines = answer_lines(differing, named, (), ()) if differing else []
    lines += [f"{line}: ended" for line in (answer_lines(ended, named, (), ()) if ended else [])]
    return lines or answer_lines({}, named, (), doubts)


def period_lines(title: str, several: Sequence[Row]) -> Iterator[Line]:
    """A history line by line: its title, and its rows aligned."""
    first = max((len(row.begins) for row in several), default=0)
    second = max((len(row.ends) for row in several), default=0)
    width = min(_WIDE, max((len(line) for row in several for line in row.lines), default=0))
    yield Line.of((title, "head"))
    for row in several:
        head = f"{row.begins:{first}} – {row.ends:{second}}"
        for line in row.lines[:-1]:
            yield Line.of(f"{head}  {line}", indent=2, hang=6)
            head = " " * len(head)
        notes = [f"{row.lines[-1]:{width}}", row.opened, row.doubts]
        yield Line.of("  ".join([head, *filter(None, notes)]), indent=2, hang=6)


def record_line(record: Record, zone: ZoneInfo | None = None) -> str:
    """A record on one line: place, date, what it says, on whose word and since when known."""
    sources = f" [{'; '.join(map(str, record.sources))}]" if record.sources else ""
    when = f"{record.occurred.words} " if record.occurred else ""
    credence = "" if record.credence == "reported" else f", {record.credence}"
    known = known_on(record.known_at, zone)
    return printable(f"{record.label} {when}{record.summary}{sources}, known {known}{credence}")


def known_on(instant: datetime, zone: ZoneInfo | None) -> str:
    """The day since which something is known; where that is not one of UTC, with the zone.

    >>> from datetime import UTC, datetime
    >>> from timeline.values.zones import zone
    >>> known_on(datetime(2023, 11, 17, 23, 59, tzinfo=UTC), zone("Asia/Tokyo"))
    '2023-11-18 Asia/Tokyo'
    """
    day = day_in(instant, zone)
    return f"{day}" if zone is None else f"{day} {named(zone)}"
