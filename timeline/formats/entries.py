"""Entries of a file of events: how each is read into a statement, and what it holds, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

import attrs

from timeline.formats.date_reading import DateReading
from timeline.formats.nodes import EntryFault, EntryFaults, Key, Node
from timeline.records import Assertion, Attestation, Correction, Retraction, Statement, read_id, reference
from timeline.values import (
    CREDENCES,
    BadText,
    InvalidData,
    NotAllowed,
    Source,
    UnknownType,
    When,
    dateline_day,
    folded,
    nearest,
    optional_text,
)
from timeline.vocabulary import Catalogue, Event, EventType, Field, Kind, flag, read_field

_AS_WRITTEN: Final = DateReading()
_FIELDS: Final = tuple(field.name for field in attrs.fields(Source))


def dated(node: Node) -> str | None:
    """The text of a date; YAML takes an unquoted `[a..b]` for a list."""
    if node.kind == "list":
        return f"[{', '.join(str(item.plain()) for item in node.items)}]"
    if node.kind == "mapping":
        raise BadText(node.plain(), "is not a date; write one such as 2018 or 2018-01-31")
    return node.text


class Citations:
    """The sources that a file names, and the one that its entries have unless they say another."""

    def __init__(self, faults: EntryFaults, dates: DateReading = _AS_WRITTEN) -> None:
        self._faults = faults
        self._dates = dates.of("published")
        self._named: dict[str, Source] = {}
        self._hints: dict[str, EntryFault] = {}
        self._titles: set[str] = set()
        self.default: tuple[Source, ...] = ()

    @property
    def hints(self) -> tuple[EntryFault, ...]:
        """What was taken as a title and may be meant as a name of the file's own; each once."""
        return tuple(self._hints.values())

    def name(self, node: Node) -> None:
        """Take the sources that entries may name."""
        if node.kind != "mapping" and not node.blank:
            self._faults.add(node.line, "sources", "is a mapping of a name to each source")
        for entry in node.entries:
            source = self._source(entry.node, f"sources.{entry.key}", named=False)
            if source is not None:
                self._named[entry.key] = source

    def read(self, node: Node) -> tuple[Source, ...]:
        """One source, several, or none where it is left blank."""
        several = node.items if node.kind == "list" else () if node.blank else (node,)
        found = [self._source(one, "source", named=True) for one in several]
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def located(self, sources: tuple[Source, ...], at: Key) -> tuple[Source, ...]:
        """The sources with the place in them; a place fits one source only."""
        if at.node.blank:
            return sources
        with self._faults.noted(at.line, "at"):
            if len(sources) == 1:
                return (attrs.evolve(sources[0], locator=optional_text(at.node.plain())),)
            problem = f"is a place in one source, and there are {len(sources)}"
            self._faults.add(at.line, "at", f"{problem}; give each as {{title: …, locator: …}}")
        return sources

    def _source(self, node: Node, field: str, *, named: bool) -> Source | None:
        if node.kind == "mapping":
            return self._described(node, field)
        if node.text is None:
            self._faults.add(node.line, field, "names no source; give one of `sources`, or a mapping")
            return None
        if named and node.text in self._named:
            return self._named[node.text]
        meant = nearest(node.text, self._named, 1, 0.8) if named and not self._faults.full else []
        if meant:
            problem = f"no source {node.text!r}; did you mean {meant[0]!r}? A title goes as {{title: …}}"
            self._faults.add(node.line, field, problem)
            return None
        with self._faults.noted(node.line, field):
            source = Source(node.text)
            if named:
                self._hint(node.line, field, node.text)
            return source
        return None

    def _hint(self, line: int, field: str, title: str) -> None:
        """Note of a title that it is near a name of the file's own, or says what a named source says."""
        if title in self._titles:
            return
        self._titles.add(title)
        text = folded(title)
        by_text = {folded(name): name for name in self._named}
        for name, source in self._named.items():
            if text in {folded(said) for said in (source.title, source.publisher) if said}:
                by_text[text] = name
        near = nearest(text, by_text, 1)
        if near:
            problem = f"{title!r} is no name in `sources`, so it is taken as a title, without a date"
            hint = f"did you mean {by_text[near[0]]!r}? A title goes as {{title: …}}"
            self._hints[title] = EntryFault(self._faults.path, line, field, f"{problem}; {hint}")

    def _described(self, node: Node, field: str) -> Source | None:
        values: dict[str, Any] = {}
        before = len(self._faults)
        for entry in node.entries:
            path = f"{field}.{entry.key}"
            with self._faults.noted(entry.line, path):
                if entry.key == "published":
                    text = dated(entry.node)
                    read = self._dates.read(text) if text and self._dates else text
                    values["published"] = None if read is None else When.read(read)
                elif entry.key in _FIELDS:
                    values[entry.key] = optional_text(entry.node.plain())
                else:
                    problem = f"is no field of a source; they are {', '.join(_FIELDS)}"
                    self._faults.add(entry.line, path, problem + self._faults.nearest(entry.key, _FIELDS))
        if len(self._faults) > before:
            return None
        try:
            return Source(**values)
        except BadText as problem:
            self._faults.add(node.line, field, problem.problem)
            return None


ENVELOPE: Final = ("source", "at", "known", "credence", "note", "actor")
"""What an entry may say of the record itself, beside the fields of its type."""

_ABOUT: Final = {"retracts": "a retraction", "attests": "an attestation"}
PUBLISHED: Final = "published"
"""The dateline that is the day on which the source of an entry was published."""

_RESERVED: Final = frozenset({*ENVELOPE, *_ABOUT, "corrects", "id", "type"})
_OCCURRED: Final = Field(name="occurred", kind=Kind.WHEN, required=True, nullable=False)


@attrs.frozen
class Said:
    """An entry that was read: its statement, its mark, and in which line it and each of its fields are."""

    statement: Statement
    mark: str | None
    path: str
    line: int
    lines: Mapping[str, int]

    @property
    def event(self) -> Event | None:
        """The event that it tells; None for a retraction or attestation."""
        return self.statement.event if isinstance(self.statement, Assertion | Correction) else None

    @property
    def target(self) -> str | None:
        """The mark, id or position of the record that it speaks of, as written."""
        return None if isinstance(self.statement, Assertion) else str(self.statement.target)


class Reader:
    """Reads the entries of one file; the marks of those at fault are kept in `refused`."""

    def __init__(
        self,
        catalogue: Catalogue,
        faults: EntryFaults,
        citations: Citations,
        dates: DateReading = _AS_WRITTEN,
    ) -> None:
        self._catalogue = catalogue
        self._faults = faults
        self._citations = citations
        self._dates = dates
        self._day = None if dates.dateline == PUBLISHED else dates.day(dates.dateline)
        self.refused: set[str] = set()

    def read(self, node: Node) -> Said | None:
        """The statement of an entry; None if anything is wrong with it."""
        before = len(self._faults)
        head = self._head(node)
        if head is None:
            return None
        cells = {entry.key: entry for entry in node.entries if entry is not head}
        about = head.key in _ABOUT
        mark = self._mark(cells.get("id") if about else head)
        target = self._target(head if about else cells.get("corrects"))
        if about:
            self._check_about(head, cells)
        envelope = self._envelope(head, cells)
        event = None if about else self._event(head, cells, self._dateline(envelope["source"]))
        whole = self._whole(cells.get("whole") if head.key == "retracts" else None)
        if len(self._faults) > before:
            self.refused |= {mark} if mark else set()
            return None
        lines = {entry.key: entry.line for entry in node.entries}
        statement = _statement(head.key, event, target, whole=whole)
        return Said(attrs.evolve(statement, id=mark, **envelope), mark, self._faults.path, head.line, lines)

    def _head(self, node: Node) -> Key | None:
        """The part that says what this is: the first one, else the only one that can be."""
        if not node.entries:
            hint = "write `TYPE: A14`, its type and an id of your own, and its fields below"
            self._faults.add(node.line, None, f"this is no entry; {hint}")
            return None
        first = node.entries[0]
        heads = {*self._catalogue.names, *_ABOUT}
        named = [entry for entry in node.entries if entry.key in heads]
        if first.key in heads or len(named) == 1:
            return first if first.key in heads else named[0]
        problem: object = f"an entry begins with its type, not with {first.key!r}"
        if first.key not in _RESERVED | {"occurred"}:
            try:
                self._catalogue.event(first.key)
            except UnknownType as unknown:
                problem = unknown
        self._faults.add(first.line, None, problem)
        self.refused |= {first.node.text} if first.node.text else set()
        return None

    def _mark(self, entry: Key | None) -> str | None:
        if entry is None or entry.node.blank:
            return None
        with self._faults.noted(entry.line, entry.key):
            if entry.node.text is None:
                raise BadText(entry.node.plain(), "is no id; write one text, such as A14")
            read_id(entry.node.text)
        return entry.node.text

    def _target(self, entry: Key | None) -> str:
        if entry is None:
            return ""
        with self._faults.noted(entry.line, entry.key):
            if entry.node.text is None:
                raise BadText(entry.node.plain(), "names no record; give its id, or a position: '#14'")
            reference(entry.node.text)
        return entry.node.text or ""

    def _whole(self, entry: Key | None) -> bool:
        """Whether a retraction is whole; left blank, it is not."""
        if entry is None or entry.node.blank:
            return False
        with self._faults.noted(entry.line, entry.key):
            return flag(entry.node.plain())
        return False

    def _check_about(self, head: Key, cells: Mapping[str, Key]) -> None:
        for name, entry in cells.items():
            takes = ("id", *ENVELOPE, *(("whole",) if head.key == "retracts" else ()))
            if name not in takes:
                known = ", ".join(takes)
                self._faults.add(entry.line, name, f"is no part of {_ABOUT[head.key]}; it takes {known}")
        if head.key == "attests" and "source" not in cells and not self._citations.default:
            self._faults.add(head.line, "source", "is missing: which source says the same?")

    def _dateline(self, sources: Sequence[Source]) -> date | None:
        """The day from which the phrases of an entry are seen: that said, or on which its source appeared."""
        if self._day is not None or self._dates.dateline is None:
            return self._day
        for one in sources:
            if one.published is not None:
                try:
                    return dateline_day(one.published)
                except NotAllowed:
                    continue
        return None

    def _dated(self, name: str, text: str | None, day: date | None) -> str | None:
        """The date that a text of a field is, as the engine reads it."""
        return self._dates.of(name).read(text, day) if text and self._dates else text

    def _event(self, head: Key, cells: Mapping[str, Key], day: date | None) -> Event | None:
        kind = self._catalogue.event(head.key)
        before = len(self._faults)
        fields = {"occurred": _OCCURRED} | {field.name: field for field in kind.fields}
        values: dict[str, Any] = {}
        for name, entry in cells.items():
            if name in fields and entry.node.blank and not fields[name].may_be_blank:
                self._faults.add(entry.line, name, f"is left blank; it takes {fields[name].takes}")
            elif name in fields:
                with self._faults.noted(entry.line, name):
                    values[name] = self._value(fields[name], entry.node, day)
            elif name not in {*ENVELOPE, "corrects"}:
                self._faults.add(entry.line, name, self._stray(kind, name, fields))
        for name, field in fields.items():
            if field.required and name not in cells:
                unknown = "; leave it blank if it is not known" if field.may_be_blank else ""
                self._faults.add(head.line, name, f"is missing; it takes {field.takes}{unknown}")
        if len(self._faults) > before:
            return None
        try:
            return kind.cls(values.pop("occurred"), **values)
        except InvalidData as problem:
            for path, what in problem.problems:
                name = path.rpartition(".")[2]
                self._faults.add(cells[name].line if name in cells else head.line, name, what)
            return None

    def _stray(self, kind: EventType, name: str, fields: Mapping[str, Field]) -> str:
        if name == "id":
            return f"goes after the type: `{kind.name}: MARK`"
        if name in _ABOUT:
            return f"begins an entry of its own: `- {name}: MARK`"
        known = ", ".join(fields)
        hint = self._faults.nearest(name, (*fields, *ENVELOPE, "corrects"))
        return f"is no field of {kind.name}; they are {known}{hint}"

    def _envelope(self, head: Key, cells: Mapping[str, Key]) -> dict[str, Any]:
        """What the entry says of its record."""
        sources = self._citations.default
        if "source" in cells:
            sources = self._citations.read(cells["source"].node)
        if "at" in cells:
            sources = self._citations.located(sources, cells["at"])
        found: dict[str, Any] = {"source": sources}
        targeted = head.key in _ABOUT or "corrects" in cells
        for name, cell in cells.items():
            with self._faults.noted(cell.line, name):
                if name == "known":
                    found["known"] = self._known(cell.node, self._dateline(sources), targeted=targeted)
                elif name == "credence":
                    found["credence"] = self._credence(cell.node)
                elif name in {"note", "actor"}:
                    found[name] = optional_text(cell.node.plain())
        return found

    def _credence(self, node: Node) -> str | None:
        text = node.plain()
        if text is not None and text not in CREDENCES:
            hint = self._faults.nearest(str(text), CREDENCES)
            raise BadText(text, f"is no credence; it is one of {', '.join(CREDENCES)}{hint}")
        return node.text

    def _value(self, field: Field, node: Node, day: date | None) -> Any:
        """What a field holds for what is written."""
        if node.blank:
            return () if field.kind.several else None
        if field.kind is Kind.WHEN:
            return read_field(field, field.kind.heard(self._dated(field.name, dated(node), day)))
        return read_field(field, field.kind.heard(dated(node) if field.kind.bracketed else node.plain()))

    def _known(self, node: Node, day: date | None, *, targeted: bool) -> When | Literal["same"] | None:
        text = dated(node)
        if text == "same":
            if not targeted:
                raise BadText(
                    text, "means as what is corrected or retracted; this is neither, so give a date"
                )
            return "same"
        read = self._dated("known", text, day)
        return None if read is None else When.read(read)


def _statement(head: str, event: Event | None, target: str, *, whole: bool) -> Statement:
    if event is None:
        return Retraction(target, whole=whole) if head == "retracts" else Attestation(target)
    return Correction(target, event) if target else Assertion(event)
