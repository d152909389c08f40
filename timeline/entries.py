"""Entries of a file of events, each read into a statement; all that is wrong with one is told at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from timeline.admission import read_id, reference
from timeline.catalogue import Catalogue
from timeline.entity import optional_text
from timeline.errors import BadText, CatalogueError, InvalidData, TimelineError, UnknownType
from timeline.event import Event, EventType
from timeline.fields import Field, Kind, read_field
from timeline.record import CREDENCES, Assertion, Attestation, Correction, Retraction, Statement
from timeline.source import Source
from timeline.when import When
from timeline.yamlfile import Entry, Node

__all__ = ["Fault", "Reader", "Said", "check_envelope", "dated"]

ENVELOPE: Final = ("at", "source", "known", "credence", "note", "actor")
_TARGETS: Final = ("corrects", "retracts", "attests")
_RESERVED: Final = frozenset({*ENVELOPE, *_TARGETS, "id", "type"})
_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}
_SOURCE_FIELDS: Final = tuple(field.name for field in attrs.fields(Source))
_TAKES: Final = {
    Kind.ENTITY: "a name or id",
    Kind.ENTITIES: "names or ids, as in [Microsoft, OpenAI]",
    Kind.TEXT: "a text",
    Kind.TEXTS: "texts, as in [one, another]",
    Kind.WHEN: "a date, such as 2018 or 2018-01-31",
    Kind.MONEY: "an amount, such as 2.5m EUR",
    Kind.DECIMAL: "a number",
    Kind.FLAG: "true or false",
}


@attrs.frozen
class Fault:
    """What is wrong in a file: where, in which field, and what would work."""

    path: str
    line: int
    field: str | None
    problem: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return ": ".join(part for part in (where, self.field, self.problem) if part)


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
        return getattr(self.statement, "event", None)


def check_envelope(kind: EventType) -> None:
    """See that no field of a type is called like a part of the envelope.

    Raises:
        CatalogueError: if one is, so that an entry could not tell them apart.
    """
    taken = sorted(field.name for field in kind.fields if field.name in _RESERVED)
    if taken:
        raise CatalogueError(
            f"{kind.name} has a field called {taken[0]}, which in a file or on the command line means the "
            "record's own; rename the field, or append such events from Python"
        )


def dated(node: Node) -> str | None:
    """The text of a date; YAML takes an unquoted `[a..b]` for a list."""
    if node.kind == "list":
        return f"[{', '.join(str(item.plain()) for item in node.items)}]"
    if node.kind == "mapping":
        raise BadText(node.plain(), f"is not a date; write {_TAKES[Kind.WHEN]}")
    return node.text


def _near(name: str, names: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(names), 1)
    return f"; did you mean {found[0]}?" if found else ""


class Reader:
    """Reads the entries of one file; what is wrong is added to `faults`, marks at fault to `refused`."""

    def __init__(self, catalogue: Catalogue, path: str, faults: list[Fault], refused: set[str]) -> None:
        self._catalogue = catalogue
        self._path = path
        self._faults = faults
        self._refused = refused
        self._sources: dict[str, Source] = {}
        self._default: tuple[Source, ...] = ()

    def _fault(self, line: int, field: str | None, problem: object) -> None:
        self._faults.append(Fault(self._path, line, field, str(problem)))

    # Sources

    def name_sources(self, node: Node) -> None:
        """Take the sources that entries may name."""
        if node.kind != "mapping" and not node.blank:
            self._fault(node.line, "sources", "is a mapping of a name to each source")
        for entry in node.entries:
            source = self._source(entry.node, f"sources.{entry.key}")
            if source is not None:
                self._sources[entry.key] = source

    def default_source(self, node: Node) -> None:
        """Take the source of entries that name none."""
        self._default = self._sources_of(node)

    def _sources_of(self, node: Node) -> tuple[Source, ...]:
        several = node.items if node.kind == "list" else () if node.blank else (node,)
        found = [self._source(one, "source") for one in several]
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def _source(self, node: Node, field: str) -> Source | None:
        """A source by its name, as a mapping of its fields, or by its title alone."""
        if node.kind == "mapping":
            return self._described(node, field)
        if node.text is None:
            self._fault(node.line, field, "names no source: give a name from `sources`, or a mapping")
        elif field == "source" and node.text in self._sources:
            return self._sources[node.text]
        elif field == "source" and difflib.get_close_matches(node.text, self._sources, 1, 0.8):
            hint = f"did you mean {difflib.get_close_matches(node.text, self._sources, 1)[0]}?"
            self._fault(node.line, field, f"no source {node.text!r}; {hint} Else write {{title: …}}")
        else:
            try:
                return Source(node.text)
            except TimelineError as problem:
                self._fault(node.line, field, problem)
        return None

    def _described(self, node: Node, field: str) -> Source | None:
        values: dict[str, Any] = {}
        before = len(self._faults)
        for entry in node.entries:
            path = f"{field}.{entry.key}"
            if entry.key not in _SOURCE_FIELDS:
                near = _near(entry.key, _SOURCE_FIELDS)
                known = ", ".join(_SOURCE_FIELDS)
                self._fault(entry.line, path, f"is no field of a source; they are {known}{near}")
                continue
            try:
                if entry.key == "published":
                    text = dated(entry.node)
                    values["published"] = None if text is None else When.read(text)
                else:
                    values[entry.key] = optional_text(entry.node.plain())
            except TimelineError as problem:
                self._fault(entry.line, path, problem)
        if len(self._faults) > before:
            return None
        try:
            return Source(**values)
        except BadText as problem:
            self._fault(node.line, field, problem.problem)
            return None

    # Entries

    def read(self, node: Node) -> Said | None:
        """The statement of an entry; None if anything is wrong with it."""
        before = len(self._faults)
        head = self._head(node)
        if head is None:
            return None
        cells = {entry.key: entry for entry in node.entries if entry is not head}
        mark = self._mark(head if head.key not in _TARGETS else cells.get("id"))
        event = None if head.key in _TARGETS else self._event(head, cells)
        envelope = self._envelope(head, cells)
        target = self._target(head if head.key in _TARGETS else cells.get("corrects"))
        if len(self._faults) > before:
            if mark is not None:
                self._refused.add(mark)
            return None
        statement: Statement
        if event is not None:
            of = Assertion(event) if target is None else Correction(target, event)
            statement = attrs.evolve(of, id=mark, **envelope)
        else:
            kind = Retraction if head.key == "retracts" else Attestation
            statement = kind(target or "", id=mark, **envelope)
        lines = {entry.key: entry.line for entry in node.entries}
        return Said(statement, mark, self._path, head.line, lines)

    def _head(self, node: Node) -> Entry | None:
        """The entry that says what this is: the first one, else the only one that names a type."""
        if not node.entries:
            self._fault(node.line, None, "is no entry; write `funding_round: A14` and its fields below it")
            return None
        heads = {*self._catalogue.events, "retracts", "attests"}
        first = node.entries[0]
        if first.key in heads:
            return first
        named = [entry for entry in node.entries if entry.key in heads]
        if len(named) == 1:
            return named[0]
        try:
            self._catalogue.event(first.key)
        except UnknownType as problem:
            self._fault(first.line, None, problem)
        return None

    def _mark(self, entry: Entry | None) -> str | None:
        if entry is None or entry.node.blank:
            return None
        try:
            read_id(entry.node.plain())
        except TimelineError as problem:
            self._fault(entry.line, entry.key, problem)
        return entry.node.text

    def _target(self, entry: Entry | None) -> str | None:
        if entry is None:
            return None
        text = entry.node.text
        try:
            if text is None:
                raise BadText(text, "names no record; give its mark, in quotes if it begins with #")
            reference(text)
        except TimelineError as problem:
            self._fault(entry.line, entry.key, problem)
        return text

    def _event(self, head: Entry, cells: Mapping[str, Entry]) -> Event | None:
        kind = self._catalogue.event(head.key)
        check_envelope(kind)
        before = len(self._faults)
        fields = {"occurred": _OCCURRED} | {field.name: field for field in kind.fields}
        values: dict[str, Any] = {}
        for name, entry in cells.items():
            if name in fields:
                try:
                    values[name] = _value(fields[name], entry.node)
                except TimelineError as problem:
                    self._fault(entry.line, name, problem)
            elif name not in {*ENVELOPE, "corrects"}:
                self._fault(entry.line, name, _stray(name, fields))
        for name, field in fields.items():
            if field.required and name not in cells:
                self._fault(head.line, name, f"is missing; it takes {_takes(field)}")
        if len(self._faults) > before:
            return None
        try:
            return kind.cls(values.pop("occurred"), **values)
        except InvalidData as problem:
            for path, what in problem.problems:
                name = path.rpartition(".")[2]
                self._fault(cells[name].line if name in cells else head.line, name, what)
            return None

    def _envelope(self, head: Entry, cells: Mapping[str, Entry]) -> dict[str, Any]:
        if head.key in _TARGETS:
            for name in cells.keys() - {*ENVELOPE, "id"}:
                what = "a retraction" if head.key == "retracts" else "an attestation"
                known = ", ".join((*ENVELOPE, "id"))
                self._fault(cells[name].line, name, f"is no part of {what}; it takes {known}")
        sources = self._default if "source" not in cells else self._sources_of(cells["source"].node)
        found: dict[str, Any] = {"source": self._located(sources, cells.get("at"))}
        for name, read in (("known", _known), ("credence", _credence), ("note", _text), ("actor", _text)):
            if name in cells:
                try:
                    found[name] = read(cells[name].node)
                except TimelineError as problem:
                    self._fault(cells[name].line, name, problem)
        if found.get("known") == "same" and head.key != "retracts" and "corrects" not in cells:
            self._fault(cells["known"].line, "known", "'same' means as what is corrected or retracted; give a date")
        return {name: value for name, value in found.items() if value not in (None, ())}

    def _located(self, sources: Sequence[Source], at: Entry | None) -> tuple[Source, ...]:
        """The sources with the place in them; a place fits one source only."""
        if at is None or at.node.blank:
            return tuple(sources)
        if len(sources) != 1:
            problem = f"is a place in one source, and there are {len(sources)}"
            self._fault(at.line, "at", f"{problem}; write {{title: …, locator: …}} for each")
            return tuple(sources)
        try:
            return (attrs.evolve(sources[0], locator=_text(at.node)),)
        except TimelineError as problem:
            self._fault(at.line, "at", problem)
            return ()


_OCCURRED: Final = Field(name="occurred", kind=Kind.WHEN, required=True, nullable=False)


def _value(field: Field, node: Node) -> Any:
    """What a field holds for what is written."""
    if node.blank:
        if field.kind in {Kind.ENTITIES, Kind.TEXTS}:
            return ()
        if field.nullable:
            return None
        raise BadText(None, "") if False else _Blank(field)
    if field.kind is Kind.WHEN:
        return read_field(field, dated(node))
    if field.kind is Kind.FLAG:
        flag = _FLAGS.get((node.text or "").lower())
        return read_field(field, node.plain() if flag is None else flag)
    return read_field(field, node.plain())


def _takes(field: Field) -> str:
    what = f"one of {', '.join(field.choices)}" if field.choices else _TAKES[field.kind]
    open_ended = field.nullable or field.kind in {Kind.ENTITIES, Kind.TEXTS}
    return f"{what}; leave it blank if it is not known" if open_ended else what
