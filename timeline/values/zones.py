"""Dates read in a time zone, and instants told there; without one, in UTC."""

from __future__ import annotations

import functools
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from timeline.values.errors import NotAllowed
from timeline.values.nearest_names import nearest
from timeline.values.when import When

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

TICK: Final = timedelta(microseconds=1)
"""The resolution of instants."""
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
"""The first instant that there is."""
END: Final = datetime.max.replace(tzinfo=UTC)
"""The last instant that there is; no date reaches it."""
_LAST_OF_DATES: Final = datetime(9998, 12, 31, 23, 59, 59, 999_999, UTC)
_LAST: Final = time(23, 59, 59, 999_999)
_MINUTE: Final = timedelta(minutes=1)
_ALWAYS: Final = "…"
_ZONED: Final = re.compile(r"T.*(?:Z|[+-][0-9]{2}(?::[0-9]{2})?)$")


def zone(name: str | None) -> ZoneInfo | None:
    """The time zone of a name in the IANA database; None stays None, which is UTC.

    Raises:
        NotAllowed: if there is no such zone.
    """
    if name is None:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise NotAllowed(f"there is no time zone {name!r}; {_hint(name)}")


def _hint(name: object) -> str:
    from zoneinfo import available_timezones

    names = available_timezones()
    if not names:
        return "this machine has no database of them, and `pip install tzdata` brings one"
    near = nearest(str(name), names)
    return f"did you mean {' or '.join(near)}?" if near else "name one such as Europe/Paris"


# Reading


def first_in(when: When, there: ZoneInfo | None) -> datetime | None:
    """The first instant of a date as it is in a zone; an end that says its own zone stays as it is.

    Where the clocks show it twice, it is the first time; where they skip it, the instant at which they do.

    >>> print(first_in(When("2023-11-17"), zone("America/New_York")))
    2023-11-17 05:00:00+00:00
    """
    if there is None or when.earliest is None or _ZONED.search(_ends(when.text)[0]):
        return when.earliest
    return _instant(when.earliest, there, last=False)


def last_in(when: When, there: ZoneInfo | None) -> datetime | None:
    """The last instant of a date as it is in a zone; an end that says its own zone stays as it is.

    Where the clocks show it twice, it is the second time; where they skip it, the last instant before.

    >>> print(last_in(When("2023-11-17"), zone("America/New_York")))
    2023-11-18 04:59:59.999999+00:00
    """
    if there is None or when.latest is None or _ZONED.search(_ends(when.text)[1]):
        return when.latest
    return _instant(when.latest, there, last=True)


def close_in(when: When, there: ZoneInfo | None) -> When:
    """A date as a point in a zone: its last instant there. Without a zone, or without an end, the same.

    >>> print(close_in(When("2023-11-17"), zone("America/New_York")))
    2023-11-18T04:59:59.999999Z
    """
    latest = last_in(when, there)
    return when if latest is None or latest == when.latest else When.read(latest)


def _ends(text: str) -> tuple[str, str]:
    """What a date says of its first and of its last instant."""
    if "/" in text:
        first, _, last = text.partition("/")
        return first, last
    first, two, last = text.strip("[]").partition("..")
    return (first, last) if two else (text, text)


def _instant(clock: datetime, there: ZoneInfo, *, last: bool) -> datetime:
    """When the clocks of a zone show a time; no earlier and no later than dates can be."""
    try:
        early, late = (clock.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError:
        return BEGINNING if clock.year == 1 else _LAST_OF_DATES
    if late < early:  # skipped: PEP 495 has the earlier fold read by the offset before
        early = _turn(clock, there, late, early)
        late = early - TICK
    return min(late if last else early, _LAST_OF_DATES)


def _turn(clock: datetime, there: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first instant at which the clocks of a zone are past a time that they skip."""
    shown = clock.replace(tzinfo=None)
    while after - before > TICK:
        middle = before + (after - before) // 2
        if middle.astimezone(there).replace(tzinfo=None) > shown:
            after = middle
        else:
            before = middle
    return after


# Telling


def named(there: ZoneInfo | None) -> str:
    """The name of a zone."""
    return "UTC" if there is None else there.key


def bound(instant: datetime | None, there: ZoneInfo | None = None) -> str:
    """An instant in words: midnight as the date that begins, a last instant as the end of its date.

    Others are written so that they are read as a date in the same zone; where its clocks show them twice,
    with their offset. Of a midnight shown twice, the first is the one that begins the date.

    >>> bound(datetime(2023, 11, 17, 23, 59, 59, 999999, UTC))
    'end of 2023-11-17'
    >>> bound(datetime(2023, 11, 17, tzinfo=UTC))
    '2023-11-17'
    >>> bound(datetime(2023, 11, 5, 5, 30, tzinfo=UTC), zone("America/New_York"))
    '2023-11-05T01:30:00-04:00'
    """
    if instant is None:
        return _ALWAYS
    local = _local(instant, there)
    begins = local is not None and local.time() == time()
    told = _clock(instant, there, last=not begins)
    for when, words in ((f"T{time()}", ""), (f"T{_LAST}", "end of ")):
        if told.endswith(when):
            return f"{words}{told.removesuffix(when)}"
    return told


def _clock(instant: datetime, there: ZoneInfo | None, *, last: bool = True) -> str:
    """An instant by the clocks of a zone; with its offset where that is not read as the same instant.

    Of times shown twice, the `last` is meant, or the first.
    """
    local = _local(instant, there)
    if local is None:
        return f"{instant.replace(tzinfo=None).isoformat()}Z"
    clock = local.replace(tzinfo=None)
    if there is None or _instant(local, there, last=last) == instant:
        return clock.isoformat()
    offset = local.utcoffset()
    if offset is None or offset % _MINUTE:
        return f"{instant.replace(tzinfo=None).isoformat()}Z"
    return local.isoformat()


def _local(instant: datetime, there: ZoneInfo | None) -> datetime | None:
    """An instant of UTC in a zone; None where no date there is so early."""
    try:
        return instant.astimezone(there or UTC)
    except OverflowError:
        return None


def close_of(when: When, there: ZoneInfo | None = None) -> str:
    """A point in words, always with its zone.

    >>> close_of(When("2023-11-17"))
    'end of 2023-11-17 UTC'
    >>> close_of(When("2023-11-18T04:59:59.999999Z"), zone("America/New_York"))
    'end of 2023-11-17 America/New_York'
    """
    if when.latest is None:
        return f"{when.words} {named(there)}"
    if there is None and when.earliest != when.latest:
        return f"end of {when.latest.date()} UTC"
    told = _clock(when.latest, there)
    close = f"T{_LAST}"
    words = f"end of {told.removesuffix(close)}" if told.endswith(close) else told
    return f"{words} {named(there)}"


def day_in(instant: datetime, there: ZoneInfo | None) -> date:
    """The day of an instant by the calendar of a zone."""
    return (_local(instant, there) or instant).date()


def iso(instant: datetime | None, there: ZoneInfo | None = None) -> str | None:
    """An instant with its offset in a zone; with that of UTC where it has seconds, which ISO 8601 has not."""
    local = None if instant is None else _local(instant, there)
    if instant is None or local is None:
        return None if instant is None else instant.isoformat()
    offset = local.utcoffset()
    return (instant if offset is None or offset % _MINUTE else local).isoformat()


@functools.lru_cache(maxsize=65_536)
def stored_instant(instant: datetime | None, unbounded: str = "infinity") -> str:
    """An instant as the text of a naive UTC TIMESTAMP; None as the given infinity."""
    if instant is None:
        return unbounded
    text = instant.replace(tzinfo=None).isoformat(sep=" ")
    return text.rstrip("0") if "." in text else text


def now() -> datetime:
    """The present by the machine's clock, in UTC."""
    import pendulum

    return pendulum.now("UTC")
