"""New records that may tell what another one tells already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from timeline.engine import Timeline
from timeline.entity import folded
from timeline.event import Event
from timeline.fields import Kind
from timeline.record import Commit, Record
from timeline.when import When

__all__ = ["Lookalike", "lookalikes"]


@attrs.frozen
class Lookalike:
    """A new record, and an earlier one that looks like the same event."""

    record: Record
    like: Record

    def __str__(self) -> str:
        return f"{self.record.label} looks like {self.like.label}: attest it instead?"


def lookalikes(timeline: Timeline, commits: Sequence[Commit]) -> Iterator[Lookalike]:
    """The assertions of commits not written that look like what stands, or like each other.

    Two records look alike if they are of one type, speak of the same entities, may have happened at the same
    time, and no text that both give differs. Amounts and numbers may differ: reports of one event do.
    """
    new = [record for commit in commits for record in commit.records]
    types = {record.type for record in new if record.kind == "assertion" and record.type}
    replaced = {record.target for record in new if record.kind in {"correction", "retraction"}}
    before = timeline.records(types=sorted(types), stands=True) if types else ()
    met: dict[tuple[str | None, frozenset[str]], list[Record]] = {}
    fresh = {record.position for record in new if record.kind == "assertion"}
    for record in (*before, *new):
        if record.event is None or record.position in replaced:
            continue
        others = met.setdefault((record.type, frozenset(record.entities)), [])
        if record.position in fresh:
            yield from _first(Lookalike(record, other) for other in others if _alike(record, other))
        others.append(record)


def _first(found: Iterable[Lookalike]) -> Iterator[Lookalike]:
    for one in found:
        yield one
        return


def _alike(one: Record, other: Record) -> bool:
    if one.event is None or other.event is None or not _overlap(one.event.occurred, other.event.occurred):
        return False
    return all(_agree(one.event, other.event, name) for name in _texts(one.event))


def _overlap(one: When, other: When) -> bool:
    def begins_by_end_of(left: When, right: When) -> bool:
        return left.earliest is None or right.latest is None or left.earliest <= right.latest

    return begins_by_end_of(one, other) and begins_by_end_of(other, one)


def _texts(event: Event) -> Iterator[str]:
    return (field.name for field in event.__timeline__.fields if field.kind is Kind.TEXT)


def _agree(one: Event, other: Event, field: str) -> bool:
    left, right = getattr(one, field), getattr(other, field)
    return left is None or right is None or folded(left) == folded(right)
