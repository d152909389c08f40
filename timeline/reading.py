"""Files of events, read: YAML as people write it, and JSON as programs do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from timeline.catalogue import Catalogue
from timeline.citations import Citations
from timeline.entries import Reader, Said
from timeline.faults import Fault, Faults, nearest
from timeline.jsontext import entries
from timeline.yamlfile import BadYaml, Node, parse

__all__ = ["ReadFile", "faulty", "read_file", "read_json", "read_text"]

_PARTS: Final = ("source", "sources", "events")


@attrs.frozen
class ReadFile:
    """The entries of a file as they were read, the faults in it, and the marks of entries at fault."""

    path: str
    said: tuple[Said, ...] = ()
    faults: tuple[Fault, ...] = ()
    refused: frozenset[str] = frozenset()


def faulty(path: str, problem: str) -> ReadFile:
    """A file that could not be read at all."""
    return ReadFile(path, faults=(Fault(path, 0, None, problem),))


def read_file(path: str, catalogue: Catalogue) -> ReadFile:
    """The entries of a YAML file; `-` is standard input."""
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as problem:
        return faulty(path, f"cannot be read: {(problem.strerror or str(problem)).lower()}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        return ReadFile(path, faults=(Fault(path, line, None, "is not UTF-8; save it as UTF-8"),))
    return read_text(text, catalogue, path)


def read_text(text: str, catalogue: Catalogue, path: str) -> ReadFile:
    """The entries of a YAML text; `path` is what faults call it."""
    faults = Faults(path)
    try:
        root = parse(text)
    except BadYaml as bad:
        return _unread(path, bad)
    citations = Citations(faults)
    parts = {entry.key: entry.node for entry in root.entries}
    if root.kind != "mapping" or "events" not in parts:
        faults.add(
            root.line, None, "holds no events; write `events:` and entries below it, each with a dash"
        )
    for entry in root.entries:
        if entry.key not in _PARTS:
            problem = f"is no part of a file; they are {', '.join(_PARTS)}{nearest(entry.key, _PARTS)}"
            faults.add(entry.line, entry.key, problem)
    if "sources" in parts:
        citations.name(parts["sources"])
    if "source" in parts:
        citations.default = citations.read(parts["source"])
    reader = Reader(catalogue, faults, citations)
    said = [reader.read(node) for node in _entries(parts.get("events", Node(1, None)), faults)]
    found = tuple(one for one in said if one is not None)
    return ReadFile(path, found, tuple(faults.found), frozenset(reader.refused))


def read_json(text: str, catalogue: Catalogue, path: str) -> ReadFile:
    """The entries of a JSON text: objects with `type`, `id`, `occurred` and the fields of the type."""
    faults = Faults(path)
    try:
        nodes = entries(text)
    except BadYaml as bad:
        return _unread(path, bad)
    reader = Reader(catalogue, faults, Citations(faults))
    found = tuple(one for one in map(reader.read, nodes) if one is not None)
    return ReadFile(path, found, tuple(faults.found), frozenset(reader.refused))


def _unread(path: str, bad: BadYaml) -> ReadFile:
    return ReadFile(path, faults=tuple(Fault(path, line, None, what) for line, what in bad.problems))


def _entries(node: Node, faults: Faults) -> Sequence[Node]:
    if node.kind != "list" and not node.blank:
        problem = "is a list; each entry begins with a dash, as in `- funding_round: A14`"
        faults.add(node.line, "events", problem)
    return node.items
