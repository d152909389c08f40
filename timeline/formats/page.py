"""Answers as lines for a terminal or a pipe; what the log holds never steers the terminal."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from timeline.records import (
    LEFT,
    Commit,
    NewEntity,
    Record,
    Spellings,
    record_line as told,
)
from timeline.values import Basis, Line, Tone, clipped, few, plain, printable, zone
from timeline.vocabulary import State, answer_lines, label, marks

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from timeline.formats.loading import Loaded, LoadedFile
    from timeline.moment import Explanation

_DAY: Final = timedelta(days=1)
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
_MOST: Final = 20
_MOST_FAULTS: Final = 100


def cell(value: Any) -> str:
    """One value of a table as text on one line; what is absent is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal) and value.is_finite():
        return plain(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{cell(key)}: {cell(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value))
    return printable(str(value))


def read_cell(value: Any) -> str:
    """The same as people read it: the end of a day is that day, and whole days are without hours."""
    if isinstance(value, datetime) and value.time() == time.max:
        return f"{value.date()}"
    if isinstance(value, timedelta) and value % _DAY == timedelta(0):
        return f"{value // _DAY} day{'' if value == _DAY else 's'}"
    if isinstance(value, list | tuple):
        return ", ".join(map(read_cell, value))
    return cell(value)


def field_lines(state: State, field: str) -> list[str]:
    """A field in words: nothing recorded, ended, or unsettled where it has no value."""
    return answer_lines(getattr(state, field), state.named, state.because[field], state.unsettled[field])


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

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Columns under their names, as people read them; in a pipe as wide as need be, without padding."""
        if self._width is None:
            read = ([read_cell(value) for value in row] for row in rows)
            self.console.out("\n".join(_aligned([[*map(printable, columns)], *read])), highlight=False)
            return
        from rich.table import Table

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for name in columns:
            table.add_column(Text(printable(name)), overflow="fold")
        for row in rows:
            table.add_row(*(Text(read_cell(value)) for value in row))
        self.block(table)

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
        self,
        records: Iterable[Record],
        superseded: Mapping[int, int],
        zone: ZoneInfo | None = None,
    ) -> None:
        """Records, one a line, with what no longer stands marked; since when known in UTC or a zone."""
        for record in records:
            by = superseded.get(record.position)
            parts = [told(record, zone)]
            if record.kind == "correction":
                parts.append(f"corrects #{record.target}")
            if by is not None:
                parts.append(f"superseded by #{by}")
            self.line((", ".join(parts), _DIM if by is not None else ""), hang=4)

    def commit(self, commit: Commit) -> None:
        """What a commit added, and what it left as it was."""
        for record in commit.records:
            self.line(told(record, zone("UTC")), hang=4)
        fallen = {one.record.position for one in commit.fallen}
        for record in commit.unchanged:
            if record.position not in fallen:
                self.line((f"{record.label} is known already", _DIM))
        if not (commit.records or commit.unchanged):
            self.line(("nothing was said", _DIM))
        self.doubts(commit.fallen)
        self.doubts([f"{record.label} {LEFT}" for record in commit.superseded])
        self.doubts(commit.ignored)

    def doubts(self, several: Sequence[object], most: int = _MOST_FAULTS, style: str = _DOUBT) -> None:
        """What may be meant otherwise, or came to nothing: of very many, the first."""
        for text in shortened([str(one) for one in several], most):
            self.line((text, style), hang=4)

    # Loading

    def loaded(self, loaded: Loaded) -> None:
        """What became of each file; of a dry run, of each entry."""
        verb = "would be " if loaded.dry_run else ""
        for file in loaded.files:
            new, fallen = len(file.commit.records), len(file.commit.fallen)
            counts = [f"{new} {verb}new", f"{len(file.commit.unchanged) - fallen} known already"]
            counts += [f"{fallen} no longer standing"] if fallen else []
            self.line((file.path, "bold"), f"  {' · '.join(counts)}")
            if loaded.dry_run:
                self._entries(file)
            self.doubts(file.commit.fallen)
        self.doubts(loaded.lookalikes)
        self.doubts(loaded.faults, style="red")

    def _entries(self, file: LoadedFile) -> None:
        for record in file.commit.records:
            head = f"corrects #{record.target} with" if record.kind == "correction" else "new"
            self.line((head, "green"), " ", told(record, zone("UTC")), indent=2, hang=6)
        fallen = {one.record.position for one in file.commit.fallen}
        for record in (one for one in file.commit.unchanged if one.position not in fallen):
            self.line((f"known {record.label}: {record.summary}", _DIM), indent=2, hang=6)

    def new_entities(self, entities: Sequence[NewEntity]) -> None:
        """Entities spoken of for the first time; first those near to one before them, as a warning."""
        place = {one.id: index for index, one in enumerate(entities)}
        near = {
            one.id: [each for each in one.near if place.get(each, -1) < index]
            for index, one in enumerate(entities)
        }
        doubtful = [one for one in entities if near[one.id]]
        self.doubts(
            [f"new entity {_entity(one)}: is it {' or '.join(near[one.id])}?" for one in doubtful], _MOST
        )
        others = [_entity(one) for one in entities if not near[one.id]]
        if others:
            noun = "entity" if len(others) == 1 else "entities"
            self.line((f"{len(others)} new {noun}: {few(others, ', ')}", _DIM), hang=2)
        listing = [(_entity(one), few(one.lists, " and ")) for one in entities if one.lists]
        self.doubts(
            [f"new entity {one} looks like a list: did you mean {each}?" for one, each in listing], _MOST
        )

    def names(self, spellings: Sequence[Spellings], placeholders: Sequence[str]) -> None:
        """Names that were taken for an entity spelt otherwise, and those that look like none."""
        self.doubts([f"taken as one, spelt otherwise: {one}" for one in spellings], _MOST)
        self.doubts([f"{name!r} looks like no name, and was taken for one" for name in placeholders], _MOST)


def shortened(lines: Sequence[str], most: int = _MOST_FAULTS) -> list[str]:
    """The first of many lines, and how many more there are."""
    told, rest = [clipped(line) for line in lines[:most]], len(lines) - most
    return [*told, f"… and {rest} more"] if rest > 0 else told


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


def _entity(one: NewEntity) -> str:
    return one.name if one.name == one.id else f"{one.name} ({one.id})"
