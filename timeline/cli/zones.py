"""Points read in a time zone: the close of a day as it is somewhere, as an exact instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from timeline.when import When

__all__ = ["known_in", "local", "told", "zone"]

_ZONED: Final = re.compile(r"T.*(?:Z|[+-][0-9]{2}(?::[0-9]{2})?)$")


def zone(name: str) -> tzinfo:
    """The time zone of a name in the IANA database.

    Raises:
        NotAllowed: if there is no such zone.
    """
    from zoneinfo import ZoneInfo, available_timezones

    from timeline.errors import NotAllowed

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        pass
    from difflib import get_close_matches

    near = get_close_matches(name, available_timezones())
    hint = f"did you mean {' or '.join(near)}?" if near else "name one such as Europe/Paris"
    raise NotAllowed(f"there is no time zone {name!r}; {hint}")


def local(when: When, name: str | None) -> When:
    """The point of a date as it is in a zone, an exact instant; one that says its own zone stays as it is.

    >>> from timeline.when import When
    >>> print(local(When("2023-11-17"), "America/New_York"))
    2023-11-18T04:59:59.999999Z
    """
    from timeline.when import When

    if name is None:
        return when
    there = zone(name)
    if when.latest is None or _ZONED.search(when.text):
        return when
    there_then = when.latest.replace(tzinfo=there, fold=1)
    return When.read(there_then.astimezone(UTC))


def known_in(known: str | None, name: str | None) -> When | str | None:
    """What was known by the close of a date, that day being of a zone; `then` stays as it is."""
    from timeline.when import When

    if known is None or name is None or known.strip().lower() == "then":
        return known
    return local(When.read(known), name)


def told(instant: datetime, name: str) -> str:
    """An instant in a zone, and in UTC beside it.

    >>> told(datetime(2023, 11, 18, 4, 59, 59, tzinfo=UTC), "America/New_York")
    '2023-11-17 23:59:59 America/New_York (2023-11-18 04:59:59 UTC)'
    """
    there, here = instant.astimezone(zone(name)), instant.astimezone(UTC)
    return f"{there:%Y-%m-%d %H:%M:%S} {name} ({here:%Y-%m-%d %H:%M:%S} UTC)"
