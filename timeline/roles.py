"""What role a record plays in the fields of a state at one point: for telling two points apart."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import datetime
from typing import Any

import attrs

from timeline.basis import Reading
from timeline.contribution import Slot
from timeline.replay import END, Entries
from timeline.state import StateType

__all__ = ["Part", "Role", "places", "roles"]


@attrs.frozen
class Part:
    """Where an event enters a field, counted or not: the slot, and what it opens, closes or gives."""

    field: str
    slot: Slot
    closes: bool
    value: Any


@attrs.frozen
class Role:
    """A place whose event counts at the point, or may; `running` tells whether its term, if any, runs."""

    place: Part
    counted: bool
    doubtful: bool
    running: bool


def places(entries: Entries) -> Iterator[tuple[int, Part]]:
    """By position of the record, each place that an event enters."""
    for field, slots in entries.items():
        for slot, several in slots.items():
            for entry in several:
                yield entry.record.position, Part(field, slot, entry.closes, entry.value)


def roles(
    state: StateType, entries: Entries, at: datetime, dates: Reading, without: Container[int]
) -> Iterator[tuple[int, Role]]:
    """By position of the record, each role that it plays at a point, an aware UTC instant.

    Records at positions in `without` play none.
    """
    for field, slots in entries.items():
        term = state.folds[field].until
        for slot, several in slots.items():
            for entry in several:
                counted = (entry.latest if dates == "latest" else entry.earliest) <= at
                doubtful = entry.earliest <= at < entry.latest
                if (counted or doubtful) and entry.record.position not in without:
                    until = None if term is None or entry.closes else getattr(entry.event, term)
                    running = until is None or (until.latest or END) >= at
                    place = Part(field, slot, entry.closes, entry.value)
                    yield entry.record.position, Role(place, counted, doubtful, running)
