"""Text charts: pictures of characters, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from timeline.plot.bars import Bar, Due, Lanes, Mark
from timeline.plot.chart import Axis, short, ticks_in_letters

_BLOCKS: Final = {"sure": "█", "unsettled": "▒", "possible": "░"}
_WIDEST: Final = 44
_SIGNS: Final = {
    "█": "so",
    "▒": "may be otherwise",
    "░": "may be so",
    "◆": "event",
    "◇": "imprecise",
    "□": "planned date",
    "○→": "slipped",
    "×": "given up",
    "│": "as of",
}


@attrs.frozen
class _Sheet:
    """Lines of signs to draw on, one a lane."""

    lines: Mapping[str, list[str]]
    axis: Axis
    room: int

    def column(self, instant: datetime) -> int:
        """Where an instant stands."""
        return min(int(self.axis.part(instant) * self.room), self.room - 1)

    def _fill(self, lane: str, begins: datetime | None, ends: datetime | None, sign: str) -> None:
        """Draw a sign all through a stretch of time."""
        if (shown := self.axis.cut(begins, ends)) is not None:
            for place in range(self.column(shown[0]), self.column(shown[1]) + 1):
                self.lines[lane][place] = sign

    def bars(self, bars: Iterable[Bar]) -> None:
        """Draw what lasts."""
        for bar in bars:
            self._fill(bar.lane, bar.begins, bar.ends, _BLOCKS[bar.sure])

    def spans(self, marks: Iterable[Mark]) -> None:
        """Draw through which time each event that is behind no bar may have happened."""
        for mark in marks:
            if mark.imprecise and not mark.group:
                self._fill(mark.lane, mark.earliest, mark.latest, _BLOCKS["possible"])

    def marks(self, marks: Iterable[Mark]) -> None:
        """Draw what happens; an exact date is not hidden by others."""
        for mark in sorted(marks, key=lambda mark: not mark.imprecise):
            at = mark.latest or mark.earliest
            if at is not None and self.axis.cut(at, at) is not None:
                self.lines[mark.lane][self.column(at)] = "◇" if mark.imprecise else "◆"

    def dues(self, dues: Iterable[Due]) -> None:
        """Draw what was planned, and how it slipped."""
        for due in dues:
            ends = [when.latest for when in (due.before, due.after) if when is not None]
            places = [
                self.column(one) for one in ends if one is not None and self.axis.cut(one, one) is not None
            ]
            line = self.lines[due.lane]
            for place in range(min(places, default=0), max(places, default=-1) + 1):
                line[place] = "─"
            signs = "○→" if due.after is not None else "×"
            for place, sign in zip(places, signs if due.slipped else "□□", strict=False):
                line[place] = sign


def lanes_in_letters(lanes: Lanes, axis: Axis, point: datetime, width: int) -> list[str]:
    """A timeline in letters: a line a lane, under an axis of years."""
    names = lanes.names
    head = min(_WIDEST, max((len(name) for name in names), default=0), max(width // 2, 12))
    room = max(width - head - 2, 20)
    drawn = {name: [" "] * room for name in names}
    sheet = _Sheet(drawn, axis, room)
    sheet.bars(lanes.bars)
    sheet.spans(lanes.marks)
    sheet.marks(lanes.marks)
    sheet.dues(lanes.dues)
    if axis.cut(point, point) is not None:
        for line in drawn.values():
            at = sheet.column(point)
            line[at] = "│" if line[at] == " " else line[at]
    lines = [f"{short(name, head):{head}}  {''.join(drawn[name])}".rstrip() for name in names]
    signs = {sign for line in drawn.values() for sign in line}
    legend = "   ".join(f"{sign} {words}" for sign, words in _SIGNS.items() if sign[0] in signs)
    return [f"{'':{head}}  {ticks_in_letters(axis, room)}", *(lines or ["nothing recorded"]), "", legend]


def columns(names: Sequence[str], rows: Iterable[Mapping[str, str] | Sequence[str]], width: int) -> list[str]:
    """Rows under the names of their columns, each cut to its part of a width."""
    several = [list(row.values()) if isinstance(row, Mapping) else list(row) for row in rows]
    widest = [max(len(name), *(len(row[at]) for row in several), 0) for at, name in enumerate(names)]
    spare = max(width - 2 * (len(names) - 1), 10 * len(names))
    while sum(widest) > spare and max(widest) > 10:
        widest[widest.index(max(widest))] -= 1
    return [
        "  ".join(f"{short(cell, most):{most}}" for cell, most in zip(row, widest, strict=True)).rstrip()
        for row in ([*names], *several)
    ]
