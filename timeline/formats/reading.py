"""Files of events, read: YAML as people write it, and JSON as programs do."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs

from timeline.formats.date_reading import DateReading
from timeline.formats.entries import Citations, Reader, Said
from timeline.formats.nodes import BadJson, EntryFault, EntryFaults, Node, parse_json, parse_yaml
from timeline.values import ReadDate
from timeline.vocabulary import Catalogue

_PARTS: Final = ("source", "sources", "events")


@attrs.frozen
class ReadFile:
    """The entries of a file as they were read, the faults in it, and the marks of entries at fault.

    `whole` is false where the file could not be read to its end, so that entries may be missing. `hints` are
    of what was read and may be meant otherwise; `dates` tells how dates were read that say less than the date
    they were taken for.
    """

    path: str
    said: tuple[Said, ...] = ()
    faults: tuple[EntryFault, ...] = ()
    refused: frozenset[str] = frozenset()
    whole: bool = True
    hints: tuple[EntryFault, ...] = ()
    dates: tuple[ReadDate, ...] = ()


def faulty(path: str, problem: str, line: int = 0) -> ReadFile:
    """A file that could not be read at all."""
    return ReadFile(path, faults=(EntryFault(path, line, None, problem),), whole=False)


def read_file(path: str, catalogue: Catalogue, dates: DateReading | None = None) -> ReadFile:
    """The entries of a YAML file, its dates read as is said; `-` is standard input.

    Raises:
        BadText: if the dateline is neither a day nor `published`.
    """
    raw = standard_input() if path == "-" else _bytes(path)
    if isinstance(raw, ReadFile):
        return raw
    text = _decoded(path, raw)
    return text if isinstance(text, ReadFile) else read_text(text, catalogue, path, dates)


def standard_input() -> bytes | ReadFile:
    """All of standard input, or a file with a fault where it is closed."""
    if sys.stdin is None:
        return faulty("-", "cannot be read: standard input is closed")
    try:
        return sys.stdin.buffer.read()
    except OSError as problem:
        return _unreadable("-", problem)


def _bytes(path: str) -> bytes | ReadFile:
    try:
        return Path(path).read_bytes()
    except OSError as problem:
        return _unreadable(path, problem)
    except ValueError:  # NUL, or half of a surrogate pair
        return faulty(path, "cannot be read: no file can be called so")


def _unreadable(path: str, problem: OSError) -> ReadFile:
    return faulty(path, f"cannot be read: {(problem.strerror or str(problem)).lower()}")


def _decoded(path: str, raw: bytes) -> str | ReadFile:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        return faulty(path, "is not UTF-8; save it as UTF-8", raw.count(b"\n", 0, problem.start) + 1)


def read_text(text: str, catalogue: Catalogue, path: str, dates: DateReading | None = None) -> ReadFile:
    """The entries of a YAML text; `path` is what faults call it."""
    faults = EntryFaults(path)
    root, whole = parse_yaml(text, faults)
    read = attrs.evolve(dates or DateReading(), found={})
    citations = Citations(faults, read)
    parts = {entry.key: entry.node for entry in root.entries}
    if whole and ("events" not in parts or parts["events"].blank):
        problem = "holds no events; write `events:` and entries below it, each with a dash"
        faults.add(root.line, None, problem)
    for entry in root.entries:
        if entry.key not in _PARTS:
            problem = f"is no part of a file; they are {', '.join(_PARTS)}{faults.nearest(entry.key, _PARTS)}"
            faults.add(entry.line, entry.key, problem)
    if "sources" in parts:
        citations.name(parts["sources"])
    if "source" in parts:
        citations.default = citations.read(parts["source"])
    reader = Reader(catalogue, faults, citations, read)
    said = _said(reader, _entries(parts.get("events", Node(1, None)), faults))
    refused, read_as = frozenset(reader.refused), tuple(read.found.values())
    return ReadFile(path, said, faults.told(), refused, whole, citations.hints, read_as)


def read_json(raw: bytes, catalogue: Catalogue, path: str) -> ReadFile:
    """The entries of a JSON text: objects with `type`, `id`, `occurred` and the fields of the type."""
    faults = EntryFaults(path)
    text = _decoded(path, raw)
    if isinstance(text, ReadFile):
        return text
    try:
        nodes = parse_json(text)
    except BadJson as bad:
        return faulty(path, bad.problem, bad.line)
    if not nodes:
        return faulty(path, "holds no events; give one JSON object for each, or a list of them")
    reader = Reader(catalogue, faults, Citations(faults))
    return ReadFile(path, _said(reader, nodes), faults.told(), frozenset(reader.refused))


def _said(reader: Reader, nodes: Iterable[Node]) -> tuple[Said, ...]:
    return tuple(one for one in map(reader.read, nodes) if one is not None)


def _entries(node: Node, faults: EntryFaults) -> Sequence[Node]:
    if node.kind != "list" and not node.blank:
        problem = "is a list; each entry begins with a dash, as in `- TYPE: A14`"
        faults.add(node.line, "events", problem)
    return node.items
