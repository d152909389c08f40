"""What a log keeps that many machines share: proposals find their place in it, and it tells what it holds."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

import attrs

from timeline.log.head import Head
from timeline.records import Record
from timeline.vocabulary import Kept

Row = Sequence[Any]
"""A row of a table of the log: its columns in order, each as plain JSON has it."""


@attrs.frozen(kw_only=True)
class Proposed:
    """A commit that was judged where a log ended at `expected`, and waits for its place.

    Its records have the positions right behind that, and the time at which they were judged; the log gives
    them others, if need be. `call` names the call that proposes it: proposed again, as after a connection was
    lost, it is told where it is already. `new` are the entities that come with it, and `bearing` the names of
    the types by which it is told whom a name means. With `whole`, anything that came since bears on it.
    """

    expected: int
    records: Sequence[Record]
    actor: str | None = None
    note: str | None = None
    call: UUID = attrs.field(factory=uuid.uuid4)
    new: frozenset[str] = frozenset()
    bearing: frozenset[str] = frozenset()
    whole: bool = False

    @property
    def names(self) -> bool:
        """Whether it rests on whom names mean, or makes somebody new."""
        return bool(self.new) or any(record.names for record in self.records)

    @property
    def ids(self) -> frozenset[UUID]:
        """The ids of its records."""
        return frozenset(record.id for record in self.records)

    @property
    def chains(self) -> frozenset[int]:
        """The first positions of those chains in the log that its records belong to."""
        return frozenset(record.origin for record in self.records if record.origin <= self.expected)

    def rests_on(self, others: Iterable[Came]) -> bool:
        """Whether it would have to be judged again now that others have come since it was."""
        ids, chains, names = self.ids, self.chains, self.names
        return any(
            self.whole
            or other.id in ids
            or other.origin in chains
            or other.about in self.bearing
            or (names and (other.names or not self.new.isdisjoint(other.entities)))
            for other in others
        )

    def placed(self, after: Head, present: datetime) -> list[Record]:
        """Its records in their place behind a head, recorded at the present, which never goes back."""
        recorded = max(present, after.recorded_at or present)
        shift = after.position - self.expected

        def moved(position: int) -> int:
            return position + shift if position > self.expected else position

        return [
            attrs.evolve(
                one,
                position=one.position + shift,
                target=None if one.target is None else moved(one.target),
                origin=moved(one.origin),
                known_at=recorded if one.known_at == one.recorded_at else min(one.known_at, recorded),
                recorded_at=recorded,
            )
            for one in self.records
        ]


def together(proposals: Sequence[Proposed]) -> Sequence[Proposed]:
    """Several proposals, each judged right behind the one before: they stay together only where they are."""
    return [attrs.evolve(one, whole=True) for one in proposals] if len(proposals) > 1 else proposals


@attrs.frozen(kw_only=True)
class Came:
    """What a record that came meanwhile may change for others.

    `about` is the type of the event that it or its chain is about, and `names` whether it calls anybody so.
    """

    id: UUID
    origin: int
    about: str | None
    names: bool
    entities: Sequence[str]


@attrs.frozen
class Placement:
    """Where a commit is: its first position, and where the log ended with it; `again` if it was there."""

    first: int
    head: Head
    again: bool = False

    @property
    def ended(self) -> dict[str, Any]:
        """Where and when the log ended with it, as commits and imports tell that."""
        head = self.head
        return {"head": head.position, "recorded_at": head.recorded_at, "digest": head.digest}


@attrs.frozen
class Moved:
    """Something that bears on a proposal came since it was judged: the log ends there now."""

    position: int


@attrs.frozen
class Segment:
    """Whole commits that follow one another, with their records and the sources that these cite first."""

    sources: Sequence[Row]
    commits: Sequence[Row]
    log: Sequence[Row]


@runtime_checkable
class SharedLog(Protocol):
    """A log that proposals are appended to, and that replicas follow. Safe for several threads.

    What it tells of is durable, and stays as it is but for redactions.
    """

    @property
    def address(self) -> str:
        """Where it is, for people; without a password."""

    @property
    def name(self) -> str:
        """What tells it from every other log: the same for all who have it open, and as long as it lives."""

    def head(self) -> Head:
        """Where it ends now."""

    def append(self, *proposals: Proposed) -> list[Placement] | Moved:
        """Give proposals their places, all of them or none, and tell them once they are durable.

        Of several, each was judged right behind the one before; whatever came meanwhile bears on them.
        """

    def batches(self, after: int, *, size: int = 10_000) -> Iterator[Segment]:
        """The commits behind a position at which one ends, in order; about so many records at a time."""

    def wait(self, after: int, timeout: float) -> bool:
        """Wait until it reaches beyond a position, at most so many seconds; whether it does."""

    def bring(self, batch: Segment) -> Head:
        """Take in commits of another log as they are, with their digests; where it ends then.

        Raises:
            FaultyCopy: if they do not follow what it holds.
        """

    def shapes(self) -> Kept:
        """The shapes of event types that it keeps."""

    def keep_shapes(self, shapes: Kept) -> None:
        """Have it keep these too, where it lacks them."""

    def close(self) -> None:
        """Let go of it."""
