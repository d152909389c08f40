"""Events as they enter a state: which slot of which field, and from when to when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from timeline.records import Record
from timeline.values import BEGINNING, END, TICK
from timeline.vocabulary import Event, Feeding, Slot, StateType, read_as, what_feeds

_AS_WRITTEN: Final[Mapping[str, str]] = {}


class Entry(NamedTuple):
    """One event as it enters one slot of one fold; unbounded dates are the ends of time.

    A tuple, since it is made and sorted more often than anything else here.
    """

    record: Record
    event: Event
    feeding: Feeding
    jointly: bool
    origin: int
    earliest: datetime
    latest: datetime

    @property
    def value(self) -> Any:
        """What its fold takes from the event."""
        return self.feeding.feed.value(self.event)

    @property
    def given(self) -> Any:
        """What its field holds by it."""
        return self.feeding.given(self.event)

    @property
    def runs_out(self) -> datetime | None:
        """The first instant at which what it opens has run out, if it sets a term."""
        return runs_out(self.feeding, self.event)

    def begins_with(self, other: Entry) -> bool:
        """Whether its date is the very same span, so that the order of both is certain."""
        return self.earliest == other.earliest and self.latest == other.latest


Entries = Mapping[str, Mapping[Slot, Sequence[Entry]]]
"""The events that enter a state, by field and slot."""


def entered(
    state: StateType, who: Sequence[str], records: Iterable[Record], ids: Mapping[str, str] = _AS_WRITTEN
) -> Entries:
    """By field and slot, the events that enter the state of `who`, with ids read as others."""
    key = tuple(sorted(who))
    found: dict[str, dict[Slot, list[Entry]]] = {}
    if len(set(key)) < len(key):
        return found
    for record in records:
        said = what_feeds(record.event, record.credence)
        if said is None:
            continue
        event = read_as(said, ids)
        earliest, latest = event.occurred.earliest or BEGINNING, event.occurred.latest or END
        for feeding in state.feeding(type(event)):
            for slot, jointly in feeding.slots(event, key):
                entry = Entry(record, event, feeding, jointly, record.origin, earliest, latest)
                slots = found.setdefault(feeding.field, {})
                if slot in slots:
                    slots[slot].append(entry)
                else:
                    slots[slot] = [entry]
    return found


def surely(record: Record) -> tuple[datetime, int]:
    """From when on what a record tells has surely happened, and its place among others of that instant."""
    latest = None if record.occurred is None else record.occurred.latest
    return latest or END, record.origin


def runs_out(feeding: Feeding, event: Event) -> datetime | None:
    """The first instant at which what an event opens has run out, if it sets a term that ends."""
    until = feeding.term(event)
    return None if until is None or until.latest is None else until.latest + TICK


def sortable(slot: Slot) -> tuple[tuple[bool, str], ...]:
    """By what slots are ordered: as texts, what is not given last."""
    return tuple((part is None, str(part)) for part in slot)
