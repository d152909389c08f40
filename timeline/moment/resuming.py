"""What is open of a slot in which what was held before comes back."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from timeline.values import END

if TYPE_CHECKING:
    from timeline.moment.replay import Entry


class Open:
    """The starts of a slot that are still open, the newest last, as events are taken in and time goes on.

    `decisive` is the start that is held, or was held last if it has run out, or else the end of that.
    `turned` is what made it so: an event, or the start whose term ran out. `settled` is the last event that
    changed anything.
    """

    def __init__(self) -> None:
        self._starts: list[tuple[datetime, Entry]] = []
        self._first_out = END
        self.decisive: Entry | None = None
        self.turned: Entry | None = None
        self.settled: Entry | None = None

    def take(self, entry: Entry, at: datetime) -> None:
        """Take in an event at an instant, none before those of another."""
        self._run_out(at)
        if entry.feeding.closes:
            self._end(entry)
            return
        out = entry.runs_out or END
        if out > at:
            self._starts.append((out, entry))
            self._first_out = min(self._first_out, out)
        elif self._starts:
            return
        self.decisive = self.turned = self.settled = entry

    def value(self, at: datetime) -> Any:
        """What is held at an instant, none before those of events."""
        self._run_out(at)
        return self._starts[-1][1].given if self._starts else None

    def _end(self, entry: Entry) -> None:
        """Close the newest open start that an end names, or if it names none, what is held.

        Where all have run out, that is the one that was held last.
        """
        held = self.decisive
        over = [held] if held is not None and not held.feeding.closes else []
        several = [one for _, one in self._starts] or over
        if entry.feeding.feed.attribute is not None and entry.value is not None:
            several = [one for one in several if one.value == entry.value]
        if several:
            self.settled = entry
            self._leave_out(several[-1], entry)

    def _run_out(self, at: datetime) -> None:
        """Leave out what has run out by an instant."""
        if at < self._first_out:
            return
        for _, gone in sorted((one for one in self._starts if one[0] <= at), key=itemgetter(0)):
            self._leave_out(gone, gone)
        self._first_out = min((out for out, _ in self._starts), default=END)

    def _leave_out(self, gone: Entry, by: Entry) -> None:
        """Leave out a start, by what makes that so."""
        held = self.decisive
        self._starts = [one for one in self._starts if one[1] is not gone]
        if gone is held:
            self.turned = by
            self.decisive = self._starts[-1][1] if self._starts else by
