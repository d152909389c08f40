"""Files of events as trees of texts that know their lines, out of YAML or JSON, and what is wrong in which.

Nothing is guessed to be a date, a number or a yes or no. Read is YAML 1.1 without tags and aliases, one
document a file, in which an empty value, `~` and `null` are None; and JSON: one object, a list of them, or
one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs
import yaml

from timeline.values import BadWhen, FaultyFile, TimelineError, clipped, nearest

_MOST: Final = 1_000
_LOADER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_DEEPEST: Final = 20
_ENTRY: Final = 3  # how many lists and mappings enclose an entry: the text, the file, its events


@attrs.frozen
class EntryFault:
    """What is wrong in a file: where, in which field, and what would work.

    `undated` is the text that was to be a date, where that is what is wrong; `count` is how many it stands
    for, where that is more than itself.
    """

    path: str
    line: int
    field: str | None
    problem: str
    undated: str | None = None
    count: int = 1

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"file": self.path, "line": self.line, "field": self.field, "problem": self.problem}

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return clipped(": ".join(part for part in (where, self.field, self.problem) if part))


@attrs.define
class EntryFaults:
    """The faults of one file so far."""

    path: str
    _found: list[EntryFault] = attrs.field(factory=list, init=False)
    _more: list[int] = attrs.field(factory=list, init=False)

    def add(self, line: int, field: str | None, problem: object) -> None:
        """Note a fault; of very many, those behind the first thousand are counted only."""
        if self.full:
            self._more.append(line)
        else:
            undated = problem.text if type(problem) is BadWhen else None
            self._found.append(EntryFault(self.path, line, field, str(problem), undated))

    @property
    def full(self) -> bool:
        """Whether as many are noted as anybody reads."""
        return len(self._found) >= _MOST

    def told(self) -> tuple[EntryFault, ...]:
        """The faults, and how many there are beyond those."""
        if not self._more:
            return tuple(self._found)
        count = len(self._more)
        problem = f"and {count:,} more up to here"
        return (*self._found, EntryFault(self.path, max(self._more), None, problem, count=count))

    def nearest(self, name: str, names: Iterable[str]) -> str:
        """A hint at the name that may be meant, or nothing."""
        found = [] if self.full else nearest(name, names, 1)
        return f"; did you mean {found[0]}?" if found else ""

    @contextmanager
    def noted(self, line: int, field: str | None) -> Iterator[None]:
        """Note what goes wrong inside as a fault of a field."""
        try:
            yield
        except TimelineError as problem:
            self.add(line, field, problem)

    def __len__(self) -> int:
        return len(self._found) + len(self._more)


def at_fault(faults: Iterable[EntryFault]) -> FaultyFile:
    """The error for faults of files, with how many they are."""
    several = list(faults)
    return FaultyFile([str(one) for one in several], sum(one.count for one in several))


@attrs.frozen
class Node:
    """A value and its line: a text or None, a list of nodes, or the entries of a mapping in order."""

    line: int
    value: str | tuple[Node, ...] | tuple[Key, ...] | None
    kind: str = "text"

    @property
    def text(self) -> str | None:
        """Its text; None where it is empty or none."""
        return self.value if isinstance(self.value, str) else None

    @property
    def items(self) -> tuple[Node, ...]:
        """The nodes of a list; empty where it is none."""
        return self.value if self.kind == "list" else ()  # type: ignore[return-value]

    @property
    def entries(self) -> tuple[Key, ...]:
        """The entries of a mapping; empty where it is none."""
        return self.value if self.kind == "mapping" else ()  # type: ignore[return-value]

    @property
    def blank(self) -> bool:
        """Whether it is left empty."""
        return self.value is None

    def plain(self) -> Any:
        """As texts, lists and mappings."""
        if self.kind == "list":
            return [node.plain() for node in self.items]
        if self.kind == "mapping":
            return {entry.key: entry.node.plain() for entry in self.entries}
        return self.value


@attrs.frozen
class Key:
    """A key of a mapping, its line, and what it holds."""

    key: str
    line: int
    node: Node


@attrs.define
class _Open:
    """A list or mapping that is being read."""

    line: int
    kind: str
    nodes: list[Node] = attrs.field(factory=list)

    def closed(self, faults: EntryFaults) -> Node:
        if self.kind == "list":
            return Node(self.line, tuple(self.nodes), "list")
        entries: dict[str, Key] = {}
        for key, value in zip(self.nodes[::2], self.nodes[1::2], strict=False):
            if key.text is None:
                faults.add(key.line, None, "a key has to be a text")
            elif key.text in entries:
                first = entries[key.text].line
                faults.add(key.line, None, f"{key.text!r} is there twice, first in line {first}")
            else:
                entries[key.text] = Key(key.text, key.line, value)
        return Node(self.line, tuple(entries.values()), "mapping")


def parse_yaml(text: str, faults: EntryFaults) -> tuple[Node, bool]:
    """The one document of a text, and whether it was read to its end; if not, what came before is kept."""
    tree = _Tree(faults)
    whole = False
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            tree.take(event)
        whole = True
    except _TooDeep as problem:
        tree.fault(problem.line, f"lists and mappings are nested more than {_DEEPEST} deep")
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        tree.fault(0 if mark is None else mark.line + 1, _why(problem))
    except yaml.YAMLError as problem:
        line = text.count("\n", 0, getattr(problem, "position", 0)) + 1
        tree.fault(line, f"not YAML: {getattr(problem, 'reason', problem)}")
    return tree.root(), whole


class _TooDeep(Exception):
    """Lists and mappings are nested deeper than any file of events needs."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


class _Tree:
    """Builds the tree from the events of the parser."""

    def __init__(self, faults: EntryFaults) -> None:
        self._faults = faults
        self._stack = [_Open(1, "list")]

    def fault(self, line: int, problem: str) -> None:
        self._faults.add(line, None, problem)

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if getattr(event, "tag", None) not in {None, "!"}:
            self.fault(line, f"a tag ({event.tag}) is not read here; write the text in quotes")
        if isinstance(event, yaml.AliasEvent):
            text = f"*{event.anchor}"
            hint = "write it out, or in quotes if it is a text"
            self.fault(line, f"an alias ({text}) is not read here; {hint}")
            self._add(Node(line, text))
        elif isinstance(event, yaml.ScalarEvent):
            empty = event.style in {None, ""} and event.value in _NULLS
            self._add(Node(line, None if empty else event.value))
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            if len(self._stack) > _DEEPEST:
                raise _TooDeep(line)
            self._stack.append(
                _Open(line, "list" if isinstance(event, yaml.SequenceStartEvent) else "mapping")
            )
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self._add(self._stack.pop().closed(self._faults))

    def _add(self, node: Node) -> None:
        self._stack[-1].nodes.append(node)

    def root(self) -> Node:
        """The document; of one that broke off, all but the entry in which it did."""
        del self._stack[_ENTRY:]
        while len(self._stack) > 1:
            self._add(self._stack.pop().closed(self._faults))
        found = self._stack[0].nodes
        if len(found) > 1:
            self.fault(found[1].line, "a second document begins; make it a file of its own")
        return found[0] if found else Node(1, None)


def _why(problem: yaml.MarkedYAMLError) -> str:
    what = problem.problem or problem.context or "not YAML"
    hints = {
        "mapping values are not allowed": "a text with ': ' in it goes in quotes",
        "cannot start any token": "a text that begins like this goes in quotes",
        "found character '\\t'": "indent with spaces, not tabs",
        "did not find expected": "see that the lines of an entry are indented alike and brackets closed",
        "could not find expected ':'": "write `field: value`, a blank after the colon",
    }
    hint = next((hint for part, hint in hints.items() if part in what), None)
    return f"not YAML: {what}" + (f"; {hint}" if hint else "")


class BadJson(ValueError):
    """A text is not JSON that is read here; `line` and `problem` say where and why."""

    def __init__(self, line: int, problem: str) -> None:
        self.line, self.problem = line, problem
        super().__init__(line, problem)


class _Twice(ValueError):
    """A key is there twice."""


def parse_json(text: str) -> tuple[Node, ...]:
    """The entries of a JSON text, as a YAML file would have them: the type with the mark first.

    Raises:
        BadJson: if it is not JSON, or has a key twice.
    """
    return tuple(_entry(value, line) for value, line in _objects(text))


def _objects(text: str) -> Iterator[tuple[Any, int]]:
    decoder = json.JSONDecoder(
        object_pairs_hook=_pairs, parse_float=str, parse_int=str, parse_constant=_not_a_number
    )
    place = _skipped(text, 0)
    while place < len(text):
        line = text.count("\n", 0, place) + 1
        try:
            value, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError as problem:
            what = f"not JSON: {problem.msg.lower()}, column {problem.colno}"
            raise BadJson(problem.lineno, what) from None
        except ValueError as problem:
            raise BadJson(line, str(problem)) from None
        except RecursionError:
            raise BadJson(line, "lists and objects are nested too deep") from None
        for one in value if isinstance(value, list) else [value]:
            yield one, line
        place = _skipped(text, end)


def _skipped(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(f"{key!r} is there twice in one object")
        found[key] = value
    return found


def _not_a_number(text: str) -> Any:
    raise _Twice(f"{text} is no JSON")


def _entry(value: Any, line: int) -> Node:
    if not isinstance(value, dict):
        return _node(value, line)
    rest = dict(value)
    if "type" in rest:
        head = {str(rest.pop("type")): rest.pop("id", None)}
        rest = head | rest
    elif "retracts" in rest or "attests" in rest:
        name = "retracts" if "retracts" in rest else "attests"
        rest = {name: rest.pop(name)} | rest
    return _node(rest, line)


def _node(value: Any, line: int) -> Node:
    if isinstance(value, dict):
        return Node(line, tuple(Key(key, line, _node(one, line)) for key, one in value.items()), "mapping")
    if isinstance(value, list):
        return Node(line, tuple(_node(one, line) for one in value), "list")
    if isinstance(value, bool):
        return Node(line, "true" if value else "false")
    return Node(line, value)
