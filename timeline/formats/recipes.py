"""Recipes: how the rows of a table are read as events, kept beside the data as a small file of YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

import attrs
import cattrs

from timeline.formats.cells import NUMBERS
from timeline.formats.date_reading import DateReading, forms_by_column
from timeline.formats.nodes import EntryFaults, Node, at_fault, parse_yaml
from timeline.formats.table_rows import FileLayout, fault
from timeline.values import YEARS_FROM, InvalidData, NotAllowed, Source, clean_text, nearest

RECIPE_ENDING: Final = ".load.yaml"
"""What the name of a recipe ends with; before that it is called like its table."""

OWN: Final = (
    *("source", "publisher", "url", "published", "locator", "credence", "note"),
    *("known", "id", "corrects", "retracts", "whole"),
)
"""What a row may say of its record."""

SOURCE: Final = OWN[:5]
_LAST_HUNDRED: Final = 9899
_TERMS: Final = ("known", "credence", "note", "actor")
Value = str | tuple[str, ...]


@attrs.frozen(kw_only=True)
class Recipe:
    """How the rows of a table are read as events of one type, or of several.

    `columns` gives by field what it is read from: a column, a column and a currency (`raised USD`), or a
    text with columns in braces (`{raised}m USD`), which says nothing where the first of them is blank.
    `constants` gives what is the same for all rows. Both also say what is said of each record: its source,
    publisher, url, published, locator, credence, note, known and, of a column, id. `events` gives by type
    further columns, of that type alone; a row tells such an event if it has a date for it.
    `dates` are the forms of dates, in the order in which they are tried, by column where they are a mapping,
    with those of all others under ""; `dateline` is the column, or the day, from which phrases are seen;
    `years_from` the first of the hundred years that years of two digits are of. `numbers` is a number in
    their form; `missing` are texts that mean nothing is known; `lists` is what stands between the texts of a
    list. A row in which one of the columns `skip_if_blank` is blank is left out. The rest is as in
    `FileLayout`.
    """

    type: str | None = None
    events: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)
    columns: Mapping[str, str] = attrs.field(factory=dict)
    constants: Mapping[str, Value] = attrs.field(factory=dict)
    dates: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=forms_by_column)
    dateline: str | None = None
    years_from: int | None = None
    numbers: str | None = None
    missing: tuple[str, ...] = ()
    lists: str | None = None
    skip_if_blank: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: int | None = None
    rows: str | None = None

    def __attrs_post_init__(self) -> None:
        """See that the form of numbers is one that is read, and a hundred years can begin as is said.

        Raises:
            NotAllowed: if not.
        """
        if self.numbers is not None and self.numbers not in NUMBERS:
            near = nearest(self.numbers, NUMBERS, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise NotAllowed(f"numbers: {self.numbers!r} is no form; they are {', '.join(NUMBERS)}{hint}")
        if self.years_from is not None and not 1 <= self.years_from <= _LAST_HUNDRED:
            raise NotAllowed(f"years_from: {self.years_from} is no year in which a hundred begin; as in 1969")

    @classmethod
    def read(cls, path: str) -> Self:
        """The recipe in a file.

        Raises:
            FaultyFile: if it cannot be read, or says what no recipe does, with the line of each fault.
        """
        try:
            text = Path(path).read_text("utf-8-sig")
        except (OSError, ValueError) as problem:
            raise fault(path, f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
        faults = EntryFaults(path)
        root, _ = parse_yaml(text, faults)
        if root.kind != "mapping":
            faults.add(
                root.line, None, "is no recipe: write `type:` and, below `columns:`, what is read from what"
            )
        lines = dict(_lines(root, ""))
        for key, line in lines.items():
            if "." not in key and key not in KEYS:
                said = f"is no part of a recipe; they are {', '.join(KEYS)}"
                faults.add(line, key, said + faults.nearest(key, KEYS))
        recipe = None
        if not len(faults):
            try:
                recipe = cls.of(root.plain())
            except InvalidData as problem:
                for where, why in problem.problems:
                    faults.add(lines.get(where, root.line), where, why)
            except NotAllowed as problem:
                key, _, what = str(problem).partition(": ")
                faults.add(lines.get(key, root.line), key, what)
        if recipe is None:
            raise at_fault(faults.told())
        return recipe

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """The recipe that plain texts, lists and mappings say.

        Raises:
            InvalidData: if it says what no recipe does, or otherwise than it can.
            NotAllowed: if dates or numbers have a form that is not read.
        """
        try:
            return _CONVERTER.structure({key: one for key, one in said.items() if one is not None}, cls)
        except cattrs.ClassValidationError as problem:
            for one in problem.exceptions:
                if isinstance(one, NotAllowed):
                    raise one from None
            raise InvalidData(list(_problems(problem))) from None

    def as_yaml(self) -> str:
        """The recipe as `read` reads it."""
        lines: list[str] = []
        for key in KEYS:
            said = getattr(self, key)
            if said in (None, (), {}):
                continue
            if key == "dates" and {*said} == {""}:
                said = said[""]
            lines += _yaml(key, said, "")
        return "\n".join(lines) + "\n"

    @property
    def layout(self) -> FileLayout:
        """How the file is laid out."""
        names = [field.name for field in attrs.fields(FileLayout) if field.name != "kind"]
        return FileLayout(**{name: getattr(self, name) for name in names})

    @property
    def date_reading(self) -> DateReading:
        """How its dates are read."""
        years = YEARS_FROM if self.years_from is None else self.years_from
        return DateReading(self.dates, dateline=self.dateline, years_from=years)

    @property
    def types(self) -> tuple[str, ...]:
        """The names of the types of the events, in order.

        Raises:
            NotAllowed: if there is none, or both `type` and `events` are given.
        """
        if (self.type is None) == (not self.events):
            raise NotAllowed("a recipe says either type, or events, each with its own columns")
        return tuple(self.events) if self.type is None else (self.type,)

    @property
    def terms(self) -> dict[str, Any]:
        """What is said of all records, as keywords of `append_table`."""
        said: dict[str, Any] = {name: self.constants[name] for name in _TERMS if name in self.constants}
        if not self.sources_by_row and (cited := self.cited):
            said["source"] = Source(cited.pop("source", None), **cited)
        return said

    @property
    def says_known(self) -> bool:
        """Whether it says since when rows were known: of all of them, or in a column."""
        several = (self.constants, self.columns, *self.events.values())
        return any("known" in told for told in several)

    @property
    def cited(self) -> dict[str, Any]:
        """What is the same of the source of all rows."""
        return {name: one_text(self.constants[name]) for name in SOURCE if name in self.constants}

    @property
    def sources_by_row(self) -> bool:
        """Whether rows say something of their source, so that what is constant of it is said with that."""
        return any(name in SOURCE for told in (self.columns, *self.events.values()) for name in told)


KEYS: Final = tuple(field.name for field in attrs.fields(Recipe))
"""What a recipe may say."""


def _yaml(key: str, said: Any, indent: str) -> Iterator[str]:
    if isinstance(said, Mapping):
        yield f"{indent}{scalar(key)}:"
        for name, one in said.items():
            yield from _yaml(name, one, indent + "  ")
    elif isinstance(said, tuple):
        yield f"{indent}{scalar(key)}: [{', '.join(map(scalar, said))}]"
    else:
        yield f"{indent}{scalar(key)}: {scalar(str(said))}"


def scalar(text: str) -> str:
    """A text as YAML has it: in quotes, if it may be taken for something else."""
    plain = re.fullmatch(r"[^\W_][\w ./+()-]*", text) and text == text.strip()
    return text if plain and text.lower() not in _NULLS else json.dumps(text, ensure_ascii=False)


_NULLS: Final = ("null", "~")


def _lines(node: Node, before: str) -> Iterator[tuple[str, int]]:
    for entry in node.entries:
        yield f"{before}{entry.key}", entry.line
        yield from _lines(entry.node, f"{before}{entry.key}.")


def _texts(said: Any, _: Any) -> tuple[str, ...]:
    several = said if isinstance(said, list | tuple) else (said,)
    return tuple(clean_text(one) for one in several)


def _text(said: Any, _: Any) -> str:
    if not isinstance(said, str):
        raise InvalidData([("", "is one text")])
    return said


def _forms(said: Any, _: Any) -> Mapping[str, tuple[str, ...]]:
    if isinstance(said, Mapping):
        return forms_by_column({name: _texts(one, None) for name, one in said.items()})
    return forms_by_column(_texts(said, None))


def _value(said: Any, _: Any) -> Value:
    return tuple(map(str, said)) if isinstance(said, list | tuple) else str(said)


_CONVERTER: Final = cattrs.Converter(forbid_extra_keys=True, prefer_attrib_converters=False)
_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook_func(lambda hint: hint == tuple[str, ...], _texts)
_CONVERTER.register_structure_hook_func(lambda hint: hint == Mapping[str, tuple[str, ...]], _forms)
_CONVERTER.register_structure_hook_func(lambda hint: hint == Value, _value)


def _problems(problem: BaseException, before: str = "") -> Iterator[tuple[str, str]]:
    """What cattrs found, as (key, what is wrong)."""
    if isinstance(problem, cattrs.ForbiddenExtraKeysError):
        for key in sorted(problem.extra_fields):
            near = nearest(key, KEYS, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield key, f"is no part of a recipe; they are {', '.join(KEYS)}{hint}"
    elif isinstance(problem, cattrs.BaseValidationError):
        for one in problem.exceptions:
            yield from _problems(one, before + _place(one))
    elif isinstance(problem, InvalidData):
        yield before.removesuffix("."), problem.problems[0][1]
    else:
        yield before.removesuffix("."), f"cannot be read: {problem}"


def _place(problem: BaseException) -> str:
    for note in getattr(problem, "__notes__", ()):
        name = getattr(note, "name", None) or getattr(note, "index", None)
        if name is not None:
            return f"{name}."
    return ""


def one_text(said: Value) -> str:
    """A constant that is one text.

    Raises:
        NotAllowed: if it is a list.
    """
    if not isinstance(said, str):
        raise NotAllowed(f"constants: {', '.join(said)} is a list, where one text is needed")
    return said


def recipe_beside(path: str) -> str:
    """Where the recipe of a table lies: beside it, `table.load.yaml` for `table.csv.gz`."""
    place = Path(path)
    return str(place.with_name(place.name.removesuffix(".gz").rpartition(".")[0] + RECIPE_ENDING))
