"""Answers as lines for a terminal or a pipe; what the log holds never steers the terminal."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from timeline.formats.tables import Table, read_columns
from timeline.records import Record, record_line
from timeline.values import Basis, Line, Tone, printable
from timeline.vocabulary import State, field_lines, label, marks

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from timeline.moment import Explanation

_DIM: Final = "dim"
_DOUBT: Final = "yellow"
_STYLES: Final[Mapping[Tone, str]] = {
    "": "",
    "head": "bold",
    "label": "bold",
    "aside": _DIM,
    "doubt": _DOUBT,
    "contest": "red",
}
"""How a screen shows what a part of a line is."""


@attrs.frozen
class Page:
    """Lines written to a console: wrapped to its width on a terminal, else each whole."""

    console: Console

    @classmethod
    def on(cls, file: Any, width: int | None = None) -> Page:
        """A page on a file; colours on a terminal only, and not where NO_COLOR is set."""
        plain = bool(os.environ.get("NO_COLOR"))
        system: Any = {"color_system": None} if plain else {}
        return cls(Console(file=file, width=width, markup=False, highlight=False, emoji=False, **system))

    @property
    def _width(self) -> int | None:
        return self.console.width if self.console.is_terminal else None

    def line(
        self,
        *parts: str | Text | tuple[str, str],
        indent: int = 0,
        hang: int | None = None,
        whole: bool = False,
    ) -> None:
        """One line; where it has to be wrapped, the rest hangs `hang` columns in; a `whole` one is not."""
        text = Text.assemble(*map(_safe, parts))
        width = None if whole else self._width
        for index, piece in enumerate(self._wrapped(text, width, indent, indent if hang is None else hang)):
            margin = indent if index == 0 or hang is None else hang
            self.console.print(Text.assemble(" " * margin, piece), soft_wrap=True)

    def _wrapped(self, text: Text, width: int | None, indent: int, hang: int) -> list[Text]:
        """A text in lines of a width; the first has more or less room than those that hang."""
        if width is None:
            return [text]
        first = text.wrap(self.console, max(width - indent, 10))[0]
        rest = text[len(first.plain) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
        lines = [first, *(rest.wrap(self.console, max(width - hang, 10)) if rest else ())]
        for line in lines:
            line.rstrip()
        return lines

    def lines(self, several: Iterable[Line]) -> None:
        """The lines of an answer."""
        for one in several:
            parts = ((text, _STYLES[tone]) for text, tone in one.parts)
            self.line(*parts, indent=one.indent, hang=one.hang)

    def table(self, table: Table) -> None:
        """Columns under their names, as people read them; in a pipe as wide as need be, without padding.

        On a terminal that is too narrow for all of them, those in the middle are left out, and that is told.
        """
        columns = read_columns(table)
        if self._width is None:
            self.console.out("\n".join(_aligned(list(zip(*columns, strict=True)))), highlight=False)
            return
        from rich import table as rich

        shown = _fitting([_least(column) for column in columns], self._width)
        drawn = rich.Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
        kept = [["…"] * len(columns[0]) if place is None else columns[place] for place in shown]
        for column in kept:
            drawn.add_column(Text(column[0]), overflow="fold", min_width=_least(column))
        for row in zip(*(column[1:] for column in kept), strict=True):
            drawn.add_row(*map(Text, row))
        self.block(drawn)
        if None in shown:
            told = f"{len(columns)} columns, of which {len(shown) - 1} have room; a pipe has all"
            self.line((told, _DIM))

    def block(self, renderable: Any, widest: int = 100_000) -> None:
        """Anything rich can draw, without blanks at the ends of lines."""
        if self._width is not None:
            self.console.print(renderable, width=min(self._width, widest))
            return
        drawn = Console(file=io.StringIO(), width=widest, color_system=None, highlight=False, markup=False)
        with drawn.capture() as captured:
            drawn.print(renderable)
        for row in captured.get().splitlines():
            self.line(row.rstrip())

    # Answers

    def supposed(self, world: State, recorded: State) -> None:
        """A state in a what-if, and what is recorded where that is otherwise."""
        self.state(world)
        for name, value in world.values().items():
            if value != getattr(recorded, name):
                told = "; ".join(field_lines(recorded, name))
                behind = "".join(f"  {marks(several)}" for several in (recorded.because[name],) if several)
                self.line(("≠ ", _DOUBT), f"{label(name)}, as recorded: {told}", (behind, _DIM), hang=4)

    def state(self, state: State) -> None:
        """A state: what was said of it, with the records behind each field."""
        self.lines(state.lines())
        self.foot(state.basis, doubtful=bool(state.unsettled))

    def foot(self, basis: Basis, *, doubtful: bool) -> None:
        """What the signs mean, and on which basis the answer stands."""
        legend = "? may or may not have happened by then   " if doubtful else ""
        supposed = f" and {basis.supposed} supposed" if basis.supposed else ""
        self.line((f"{legend}{basis.records}{supposed}", _DIM), indent=2)

    def explanation(self, why: Explanation) -> None:
        """Why each field is what it is."""
        self.lines(why.lines())
        self.foot(why.state.basis, doubtful=any(one.unsettled for one in why.fields))

    def records(
        self, records: Iterable[Record], superseded: Mapping[int, Record], zone: ZoneInfo | None = None
    ) -> None:
        """Records, one a line, with what no longer stands marked; since when known in UTC or a zone."""
        for record in records:
            by = superseded.get(record.position)
            parts = [record_line(record, zone)]
            if record.kind == "correction":
                parts.append(f"corrects #{record.target}")
            if by is not None:
                parts.append(by.undoing)
            self.line((", ".join(parts), _DIM if by is not None else ""), hang=4)


_GAP: Final = 2
_NARROW: Final = 12
"""No column is made narrower, so that words are not broken into letters."""


def _least(column: Sequence[str]) -> int:
    """How wide a column is at least."""
    return min(_NARROW, max(map(cell_len, column)))


def _fitting(widths: Sequence[int], room: int) -> list[int | None]:
    """Which columns have room, by their places; None is where some in the middle are left out.

    >>> _fitting([5, 5, 5, 5], 100)
    [0, 1, 2, 3]
    >>> _fitting([5, 5, 5, 5], 22)
    [0, 1, None, 3]
    """
    if sum(widths) + _GAP * (len(widths) - 1) <= room:
        return list(range(len(widths)))
    left = room - 1
    front, back = 0, len(widths)
    while front < back:
        place = front if front <= len(widths) - back else back - 1
        left -= widths[place] + _GAP
        if left < 0 and (front or back < len(widths)):
            break
        front, back = (front + 1, back) if place == front else (front, back - 1)
    return [*range(front), None, *range(back, len(widths))]


def _safe(part: str | Text | tuple[str, str]) -> Text:
    """A part of a line without what could steer a terminal."""
    if isinstance(part, Text):
        if not part.plain.isprintable():
            part = part.copy()
            part.plain = printable(part.plain)
        return part
    text, style = (part, "") if isinstance(part, str) else part
    return Text(printable(text), style)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of texts as lines, their columns below one another, without blanks at the ends."""
    sizes = [[cell_len(text) for text in row] for row in rows]
    widths = [max(several) for several in zip(*sizes, strict=True)]
    for row, own in zip(rows, sizes, strict=True):
        padded = (text + " " * (width - size) for text, size, width in zip(row, own, widths, strict=True))
        yield "  ".join(padded).rstrip()
