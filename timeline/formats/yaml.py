"""YAML as a tree of texts that know their lines: nothing is guessed to be a date, a number or a yes or no.

Read is YAML 1.1 without tags and aliases, one document a file. An empty value, `~` and `null` are None.
"""

from __future__ import annotations

from typing import Any, Final

import attrs
import yaml

_LOADER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_DEEPEST: Final = 20
_ENTRY: Final = 3  # how many lists and mappings enclose an entry: the text, the file, its events


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

    def closed(self, problems: list[tuple[int, str]]) -> Node:
        if self.kind == "list":
            return Node(self.line, tuple(self.nodes), "list")
        entries: dict[str, Key] = {}
        for key, value in zip(self.nodes[::2], self.nodes[1::2], strict=False):
            if key.text is None:
                problems.append((key.line, "a key has to be a text"))
            elif key.text in entries:
                first = entries[key.text].line
                problems.append((key.line, f"{key.text!r} is there twice, first in line {first}"))
            else:
                entries[key.text] = Key(key.text, key.line, value)
        return Node(self.line, tuple(entries.values()), "mapping")


@attrs.frozen
class Document:
    """What a text holds: its root, the (line, problem)s in it, and whether it was read to the end."""

    root: Node
    problems: tuple[tuple[int, str], ...]
    whole: bool


def parse(text: str) -> Document:
    """The one document of a text; where it stops being YAML, what came before is kept."""
    reading = _Tree()
    whole = False
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reading.take(event)
        whole = True
    except _TooDeep as problem:
        reading.fault(problem.line, f"lists and mappings are nested more than {_DEEPEST} deep")
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        reading.fault(0 if mark is None else mark.line + 1, _told(problem))
    except yaml.YAMLError as problem:
        line = text.count("\n", 0, getattr(problem, "position", 0)) + 1
        reading.fault(line, f"not YAML: {getattr(problem, 'reason', problem)}")
    return Document(reading.root(), tuple(reading.problems), whole)


class _TooDeep(Exception):
    """Lists and mappings are nested deeper than any file of events needs."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


class _Tree:
    """Builds the tree from the events of the parser."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, str]] = []
        self._stack = [_Open(1, "list")]

    def fault(self, line: int, problem: str) -> None:
        self.problems.append((line, problem))

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if getattr(event, "tag", None) not in {None, "!"}:
            self.fault(line, f"a tag ({event.tag}) is not read here; write the text in quotes")
        if isinstance(event, yaml.AliasEvent):
            text = f"*{event.anchor}"
            self.fault(
                line, f"an alias ({text}) is not read here; write it out, or in quotes if it is a text"
            )
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
            self._add(self._stack.pop().closed(self.problems))

    def _add(self, node: Node) -> None:
        self._stack[-1].nodes.append(node)

    def root(self) -> Node:
        """The document; of one that broke off, all but the entry in which it did."""
        del self._stack[_ENTRY:]
        while len(self._stack) > 1:
            self._add(self._stack.pop().closed(self.problems))
        found = self._stack[0].nodes
        if len(found) > 1:
            self.fault(found[1].line, "a second document begins; make it a file of its own")
        return found[0] if found else Node(1, None)


def _told(problem: yaml.MarkedYAMLError) -> str:
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
