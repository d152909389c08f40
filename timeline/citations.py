"""The sources that entries of a file name: by a name of the file's own, a title, or a mapping."""

from __future__ import annotations

import difflib
from typing import Any, Final

import attrs

from timeline.entity import folded, optional_text
from timeline.errors import BadText
from timeline.faults import EntryFault, EntryFaults
from timeline.source import Source
from timeline.when import When
from timeline.yamlfile import Key, Node

__all__ = ["Citations", "dated"]

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

    def __init__(self, faults: EntryFaults) -> None:
        self._faults = faults
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
        meant = (
            difflib.get_close_matches(node.text, self._named, 1, 0.8)
            if named and not self._faults.full
            else []
        )
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
        near = difflib.get_close_matches(text, by_text, 1)
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
                    values["published"] = None if text is None else When.read(text)
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
