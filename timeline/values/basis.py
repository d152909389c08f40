"""The point that a question is asked at: valid, known, position, and how imprecise dates are read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

import attrs

from timeline.values.errors import BadText, UnboundedPoint
from timeline.values.source import EVERYBODY, Filter
from timeline.values.text import printable
from timeline.values.when import When
from timeline.values.zones import BEGINNING, close_in, close_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Reading = Literal["latest", "earliest"]


class Placed(Protocol):
    """What has a place in the log, as far as a basis judges it: a record."""

    @property
    def position(self) -> int:
        """Its place in the log."""

    @property
    def known_at(self) -> datetime:
        """When the world could know, in UTC."""

    @property
    def occurred(self) -> When | None:
        """When what it says happened, if it says that anything did."""


@attrs.frozen(kw_only=True)
class Basis:
    """Where an answer is taken from, so that it can be taken again.

    `valid` is the date asked about; the point is its last instant. `known` is None for all that the log
    holds, else the date whose last instant bounds what was known; `then` says that it was given as "then",
    so that it goes with `valid`. `position` is the last record in view.
    `dates` says when an event of imprecise date counts: once it has surely happened ("latest"), or as soon
    as it may have ("earliest"). `filter` says on whose word. `zone` is the one that dates were read in and
    instants are told in, None being UTC; it changes no answer.
    """

    valid: When
    known: When | None
    dates: Reading
    position: int
    point: datetime
    known_point: datetime | None
    filter: Filter
    supposed: int
    zone: ZoneInfo | None = attrs.field(eq=False)
    then: bool = attrs.field(eq=False)

    @classmethod
    def at(
        cls,
        valid: When,
        known: Any,
        dates: str,
        position: int,
        filter_: Filter = EVERYBODY,
        *,
        supposed: int = 0,
        zone: ZoneInfo | None = None,
    ) -> Basis:
        """The basis for a question as a caller puts it; `known` may be "then", a date, or None.

        Dates that do not say their own zone are of `zone`.

        Raises:
            UnboundedPoint: if a date has no last instant.
            BadWhen: if `known` is no date.
            BadText: if `dates` is neither "latest" nor "earliest".
        """
        if dates not in {"latest", "earliest"}:
            raise BadText(dates, 'is no reading of dates; it is "latest" or "earliest"')
        point = close_in(valid, zone)
        then = isinstance(known, str) and known == "then"
        knowing = point if then else None if known is None else close_in(When.read(known), zone)
        return cls(
            valid=point,
            known=knowing,
            dates=dates,  # type: ignore[arg-type]
            position=position,
            point=_finite("valid", point),
            known_point=None if knowing is None else _finite("known", knowing),
            filter=filter_,
            supposed=supposed,
            zone=zone,
            then=then,
        )

    def in_utc(self) -> Basis:
        """The same, told in UTC."""
        return attrs.evolve(self, zone=None)

    def sees(self, record: Placed) -> bool:
        """Whether a record is in view: known there, and within the position."""
        known = self.known_point
        return record.position <= self.position and (known is None or record.known_at <= known)

    def reaches(self, record: Placed) -> bool:
        """Whether the event of a record has happened by the point, its date read as the basis says."""
        when = self.counts_at(record)
        return when is not None and when <= self.point

    def counts_at(self, record: Placed) -> datetime | None:
        """From when on the event of a record counts, its date read as the basis says; None if never."""
        when = record.occurred
        if when is None:
            return None
        return when.latest if self.dates == "latest" else when.earliest or BEGINNING

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "valid": self.valid.text,
            "known": None if self.known is None else self.known.text,
            "dates": self.dates,
            "position": self.position,
            "point": self.point.isoformat(),
            **self.filter.as_dict(),
            **({"supposed": self.supposed} if self.supposed else {}),
        }

    @property
    def records(self) -> str:
        """Which records of the log are in view, in words.

        >>> Basis.at(When("2022"), None, "latest", 26).records
        'records 1–26'
        """
        place = self.position - self.supposed
        return f"records 1–{place}" if place > 1 else "record 1" if place else "no records"

    @property
    def limits(self) -> str:
        """What bounds the answer beside the date asked about, in words; empty where nothing does."""
        parts = []
        if self.known is not None:
            then = self.known == self.valid
            parts.append("as known then" if then else f"as known at {close_of(self.known, self.zone)}")
        if self.dates == "earliest":
            parts.append("dates read at their earliest")
        if self.filter:
            parts.append(str(self.filter))
        if self.supposed:
            parts.append(f"supposing {self.supposed} record{'s' if self.supposed > 1 else ''}")
        return ", ".join(parts)

    def __str__(self) -> str:
        return printable(", ".join(filter(None, (close_of(self.valid, self.zone), self.limits))))


def _finite(axis: str, when: When) -> datetime:
    if when.latest is None:
        raise UnboundedPoint(axis, when.text)
    return when.latest
