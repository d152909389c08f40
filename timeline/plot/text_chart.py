"""Text charts: pictures of characters, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from textwrap import wrap
from typing import Final

import attrs

from timeline.plot.bars import Bar, Due, DueKind, Lanes, Mark, drawn_at, is_imprecise
from timeline.plot.chart import LEAST, Axis, beside, short, ticks_in_letters
from timeline.values import When, clipped, printable

_BLOCKS: Final = {"sure": "█", "unsettled": "▒", "possible": "░"}
_LATER: Final = "╌"
_ENDS: Final[Mapping[DueKind, str]] = {
    "planned": "□",
    "slipped": "○",
    "put off": "⊖",
    "given up": "×",
    "done": "✓",
}
_WIDEST: Final = 44
_NARROWEST: Final = 24
_TIED: Final = "\0"
_SIGNS: Final = {
    "█": "so",
    "▒": "may be otherwise",
    "░": "may be so",
    _LATER: "after the date",
    "◆": "event",
    "◇": "imprecise",
    "□": "planned date",
    "○→": "slipped",
    "⊖": "put off, no date given",
    "×": "given up",
    "✓": "done",
    "│": "as of",
}


@attrs.frozen
class _Sheet:
    """Lines of signs to draw on, one a lane."""

    lines: Mapping[str, list[str]]
    axis: Axis
    point: datetime
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
        """Draw what lasts: what it is where there is room, and dashed what is after the date asked about."""
        for bar in bars:
            self._fill(bar.lane, bar.begins, bar.ends, _BLOCKS[bar.sure])
            if bar.ends is None or bar.ends > self.point:
                self._fill(bar.lane, max(bar.begins or self.point, self.point), bar.ends, _LATER)

    def words(self, bars: Iterable[Bar], marks: Iterable[Mark]) -> None:
        """Write what bars say into them, where lanes do not, and what happened beside marks."""
        for bar in bars:
            shown = self.axis.cut(bar.begins, bar.ends)
            if bar.sure == "sure" and shown is not None and not hasattr(bar.value, "__timeline__"):
                first = self.column(shown[0]) + 1
                free = self._free(bar.lane, first, self.column(shown[1]), {"█", _LATER}) - 2
                if free >= min(len(bar.text), LEAST):
                    self._write(bar.lane, first, f" {short(bar.text, free)} ")
        lanes: dict[str, dict[int, str]] = {}
        for mark in marks:
            if not mark.group and mark.at is not None and self.axis.cut(mark.at, mark.at) is not None:
                lanes.setdefault(mark.lane, {})[self.column(mark.at)] = mark.text
        for name, several in lanes.items():
            places = sorted(several)
            for place, text in beside(places, [several[one] for one in places], self.room):
                self._write(name, place - 1, f" {text} "[: self.room - place + 1])

    def _free(self, lane: str, first: int, last: int, over: set[str]) -> int:
        """How many places of a line from one on may be written over."""
        line = self.lines[lane]
        return next((at - first for at in range(first, last) if line[at] not in over), last - first)

    def _write(self, lane: str, first: int, text: str) -> None:
        self.lines[lane][first : first + len(text)] = text

    def spans(self, marks: Iterable[Mark], dues: Iterable[Due]) -> None:
        """Draw through which time each imprecise date runs that is behind no bar."""
        dated = [(mark.lane, mark.when) for mark in marks if not mark.group]
        for lane, when in (*dated, *((due.lane, when) for due in dues for when in due.dates)):
            if is_imprecise(when):
                self._fill(lane, when.earliest, when.latest, _BLOCKS["possible"])

    def marks(self, marks: Iterable[Mark]) -> None:
        """Draw what happens; an exact date is not hidden by others."""
        for mark in sorted(marks, key=lambda mark: not mark.imprecise):
            if mark.at is not None and self.axis.cut(mark.at, mark.at) is not None:
                self.lines[mark.lane][self.column(mark.at)] = "◇" if mark.imprecise else "◆"

    def dues(self, dues: Sequence[Due]) -> None:
        """Draw what was planned, how it slipped, and what came of it."""
        shown = [(due, self._shown(due.when), self._shown(due.to)) for due in dues]
        for due, at, to in shown:
            if at is not None and to is not None:
                self.lines[due.lane][min(at, to) : max(at, to)] = "─" * abs(to - at)
        for due, at, to in shown:
            head = "←" if at is not None and to is not None and to < at else "→"
            for place, sign in ((at, _ENDS[due.kind]), (to, head)):
                if place is not None:
                    self.lines[due.lane][place] = sign

    def _shown(self, when: When | None) -> int | None:
        at = None if when is None else drawn_at(when)
        return None if at is None or self.axis.cut(at, at) is None else self.column(at)


def lanes_in_letters(lanes: Lanes, axis: Axis, point: datetime, width: int) -> list[str]:
    """A timeline in letters: a line a lane, under an axis of dates."""
    names = lanes.names
    widest = max((len(name) for name in names), default=0)
    head = min(_WIDEST, widest, max(width // 2, 12))
    room = max(width - head - 2, _NARROWEST)
    drawn = {name: [" "] * room for name in names}
    sheet = _Sheet(drawn, axis, point, room)
    sheet.bars(lanes.bars)
    sheet.spans(lanes.marks, lanes.dues)
    if axis.cut(point, point) is not None:
        for line in drawn.values():
            at = sheet.column(point)
            line[at] = "│" if line[at] == " " else line[at]
    sheet.marks(lanes.marks)
    sheet.dues(lanes.dues)
    signs = {sign for line in drawn.values() for sign in line}
    sheet.words(lanes.bars, lanes.marks)
    lines = [f"{clipped(name, head):{head}}  {''.join(drawn[name])}".rstrip() for name in names]
    told = [f"{sign} {words}" for sign, words in _SIGNS.items() if sign[0] in signs]
    legend = wrap("   ".join(one.replace(" ", _TIED) for one in told), width)
    return [
        f"{'':{head}}  {ticks_in_letters(axis, room)}",
        *(lines or ["nothing recorded"]),
        "",
        *(line.replace(_TIED, " ") for line in legend),
    ]


def columns(names: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> list[str]:
    """Rows under the names of their columns; a cell with no room goes on below."""
    several = [list(names), *([printable(cell) for cell in row] for row in rows)]
    widest = [max(map(len, cells)) for cells in zip(*several, strict=True)]
    spare = max(width - 2 * (len(names) - 1), 10 * len(names))
    while sum(widest) > spare and max(widest) > 10:
        widest[widest.index(max(widest))] -= 1
    lines = []
    for row in several:
        cells = [wrap(cell, most) for cell, most in zip(row, widest, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            line = "  ".join(f"{part:{most}}" for part, most in zip(parts, widest, strict=True))
            lines.append(line.rstrip())
    return lines
