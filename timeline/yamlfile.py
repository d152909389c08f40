"""YAML as a tree of texts that know their lines: nothing is guessed to be a date, a number or a yes or no.

Read is YAML 1.1 without tags and aliases, one document a file. An empty value, `~` and `null` are None.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import yaml

__all__ = ["BadYaml", "Entry", "Node", "parse"]

_LOADER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_DEEPEST: Final = 20


class BadYaml(Exception):
    """A text is not YAML that is read here; `problems` are (line, what is wrong)."""

    def __init__(self, *problems: tuple[int, str]) -> None:
        self.problems = problems
        super().__init__(problems)


@attrs.frozen
class Node:
    """A value and its line: a text or None, a list of nodes, or the entries of a mapping in order."""

    line: int
    value: str | tuple[Node, ...] | tuple[Entry, ...] | None
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
    def entries(self) -> tuple[Entry, ...]:
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
class Entry:
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
        entries: dict[str, Entry] = {}
        for key, value in zip(self.nodes[::2], self.nodes[1::2], strict=True):
            if key.text is None:
                problems.append((key.line, "a key has to be a text"))
            elif key.text in entries:
                first = entries[key.text].line
                problems.append((key.line, f"{key.text!r} is there twice, first in line {first}"))
            else:
                entries[key.text] = Entry(key.text, key.line, value)
        return Node(self.line, tuple(entries.values()), "mapping")


def parse(text: str) -> Node:
    """The one document of a text.

    Raises:
        BadYaml: if it is no YAML, or uses tags, aliases, a key twice, or several documents.
    """
    problems: list[tuple[int, str]] = []
    try:
        found = list(_documents(yaml.parse(text, Loader=_LOADER), problems))
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise BadYaml(*problems, (0 if mark is None else mark.line + 1, _told(problem))) from None
    except yaml.YAMLError as problem:
        line = text.count("\n", 0, getattr(problem, "position", 0)) + 1
        raise BadYaml(*problems, (line, f"not YAML: {getattr(problem, 'reason', problem)}")) from None
    if len(found) > 1:
        problems.append((found[1].line, "a second document begins; make it a file of its own"))
    if problems:
        raise BadYaml(*problems)
    return found[0] if found else Node(1, None)


def _documents(events: Iterator[Any], problems: list[tuple[int, str]]) -> Iterator[Node]:
    stack: list[_Open] = [_Open(1, "list")]
    for event in events:
        line = event.start_mark.line + 1
        if getattr(event, "tag", None) not in {None, "!"}:
            problems.append((line, f"a tag ({event.tag}) is not read here; write the text in quotes"))
        if isinstance(event, yaml.AliasEvent):
            problems.append(
                (line, f"an alias (*{event.anchor}) is not read here; write it out, or in quotes")
            )
            stack[-1].nodes.append(Node(line, None))
        elif isinstance(event, yaml.ScalarEvent):
            empty = event.style in {None, ""} and event.value in _NULLS
            stack[-1].nodes.append(Node(line, None if empty else event.value))
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            if len(stack) > _DEEPEST:
                raise BadYaml((line, f"lists and mappings are nested more than {_DEEPEST} deep"))
            stack.append(_Open(line, "list" if isinstance(event, yaml.SequenceStartEvent) else "mapping"))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            closed = stack.pop().closed(problems)
            stack[-1].nodes.append(closed)
        elif isinstance(event, yaml.DocumentEndEvent):
            yield from _drained(stack[0].nodes)


def _drained(nodes: list[Node]) -> Sequence[Node]:
    taken = tuple(nodes)
    nodes.clear()
    return taken


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
