"""Recipes: how the rows of a table are read as events, kept beside the data as a small file of YAML."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import attrs
import cattrs

from timeline.admission import FLOATS, ReadFrom, Telling, Tellings, Texts, Told, exact, named_columns
from timeline.formats.cells import DATES, NUMBERS, date_said, number_said, split
from timeline.formats.nodes import EntryFaults, Node, at_fault, parse_yaml
from timeline.formats.table_files import FileLayout, TableFile, fault, is_table, table_file
from timeline.values import (
    CURRENCIES,
    BadText,
    InvalidData,
    NotAllowed,
    Source,
    clean_text,
    either,
    is_placeholder,
    nearest,
)
from timeline.vocabulary import Catalogue, EventType, Field, Kind

RECIPE_ENDING: Final = ".load.yaml"
"""What the name of a recipe ends with; before that it is called like its table."""

OWN: Final = (
    *("source", "publisher", "url", "published", "locator", "credence", "note"),
    *("known", "id", "corrects", "retracts", "whole"),
)
"""What a row may say of its record."""

_SOURCE: Final = OWN[:5]
_TERMS: Final = ("known", "credence", "note", "actor")
_OCCURRED: Final = Field(name="occurred", kind=Kind.WHEN, required=True, nullable=False)
_OWN_KINDS: Final[Mapping[str, Kind]] = {"known": Kind.WHEN, "published": Kind.WHEN}
_TEMPLATE: Final = re.compile(r"\{([^{}]*)\}")
_IN_CURRENCY: Final = re.compile(r"(.+\S) +([A-Z]{3})")

Value = str | tuple[str, ...]


@attrs.frozen(kw_only=True)
class Recipe:
    """How the rows of a table are read as events of one type, or of several.

    `columns` gives by field what it is read from: a column, a column and a currency (`raised USD`), or a
    text with columns in braces (`{raised}m USD`), which says nothing where the first of them is blank.
    `constants` gives what is the same for all rows. Both also say what is said of each record: its source,
    publisher, url, published, locator, credence, note, known and, of a column, id. `events` gives by type
    further columns, of that type alone; a row tells such an event if it has a date for it.
    `dates` are the forms of dates, in the order in which they are tried; `numbers` is a number in their form;
    `missing` are texts that mean nothing is known; `lists` is what stands between the texts of a list. A row
    in which one of the columns `skip_if_blank` is blank is left out. The rest is as in `FileLayout`.
    """

    type: str | None = None
    events: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)
    columns: Mapping[str, str] = attrs.field(factory=dict)
    constants: Mapping[str, Value] = attrs.field(factory=dict)
    dates: tuple[str, ...] = ()
    numbers: str | None = None
    missing: tuple[str, ...] = ()
    lists: str | None = None
    skip_if_blank: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: int | None = None

    def __attrs_post_init__(self) -> None:
        """See that forms are some that are read.

        Raises:
            NotAllowed: if one is not.
        """
        for what, given, there in (("dates", self.dates, DATES), ("numbers", (self.numbers,), NUMBERS)):
            for one in given:
                if one is not None and one not in there:
                    near = nearest(one, there, 1)
                    hint = f"; did you mean {near[0]}?" if near else ""
                    raise NotAllowed(f"{what}: {one!r} is no form; they are {', '.join(there)}{hint}")

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
            if isinstance(problem.exceptions[0], NotAllowed):
                raise problem.exceptions[0] from None
            raise InvalidData(list(_problems(problem))) from None

    def as_yaml(self) -> str:
        """The recipe as `read` reads it."""
        lines: list[str] = []
        for key in KEYS:
            said = getattr(self, key)
            if said in (None, (), {}):
                continue
            lines += _yaml(key, said, "")
        return "\n".join(lines) + "\n"

    @property
    def layout(self) -> FileLayout:
        """How the file is laid out."""
        return FileLayout(
            encoding=self.encoding, delimiter=self.delimiter, sheet=self.sheet, header=self.header
        )

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
        if not self._sources_by_row and (cited := self._cited):
            said["source"] = Source(cited.pop("source", None), **cited)
        return said

    @property
    def says_known(self) -> bool:
        """Whether it says since when rows were known: of all of them, or in a column."""
        several = (self.constants, self.columns, *self.events.values())
        return any("known" in told for told in several)

    @property
    def _cited(self) -> dict[str, Any]:
        return {name: _one(self.constants[name]) for name in _SOURCE if name in self.constants}

    @property
    def _sources_by_row(self) -> bool:
        """Whether rows say something of their source, so that what is constant of it is said with that."""
        return any(name in _SOURCE for told in (self.columns, *self.events.values()) for name in told)

    def told(self, catalogue: Catalogue) -> Callable[[Mapping[str, str]], Tellings]:
        """Gives, for the columns of a table with their types in SQL, as what its rows are told.

        Raises:
            UnknownType: if a type is none of the catalogue, with the nearest names.
        """
        kinds = [catalogue.event(name) for name in self.types]
        return lambda columns: _Reading(self, columns).tellings(kinds)

    def unread(self, catalogue: Catalogue, columns: Iterable[str]) -> list[str]:
        """The columns that nothing is read from."""
        names = list(columns)
        tellings = self.told(catalogue)(dict.fromkeys(names, "VARCHAR"))
        read = {one for telling in tellings.types.values() if telling for one in _read_from(telling)}
        return [one for one in names if one not in read and one not in self.skip_if_blank]


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


def _read_from(telling: Telling) -> Iterator[str]:
    for one in telling.read.values():
        yield from (one,) if isinstance(one, str) else one.columns


def _lines(node: Node, before: str) -> Iterator[tuple[str, int]]:
    for entry in node.entries:
        yield f"{before}{entry.key}", entry.line
        yield from _lines(entry.node, f"{before}{entry.key}.")


@attrs.frozen
class _Piece:
    """A part of what a field is read from: a column, or a text between columns."""

    text: str
    is_column: bool


@attrs.define
class _Reading:
    """A recipe on its way to the columns of one table; what does not fit is collected."""

    recipe: Recipe
    columns: Mapping[str, str]
    problems: list[tuple[str, str]] = attrs.field(factory=list, init=False)

    def tellings(self, kinds: Sequence[EventType]) -> Tellings:
        """As what the rows are told.

        Raises:
            InvalidData: if the recipe speaks of columns or fields that are not there, with the nearest names.
        """
        recipe = self.recipe
        whole = recipe.type is not None
        types = {kind: Telling(read=self._of(kind), others=False, whole=whole) for kind in kinds}
        taken = {name for kind in kinds for name in _targets(kind)} | {*OWN}
        self._strays("columns", recipe.columns, taken, kinds)
        self._strays(
            "constants", recipe.constants, (taken | {"actor"}) - {"id", "corrects", "retracts"}, kinds
        )
        for kind in kinds:
            own = recipe.events.get(kind.name, {})
            self._strays(f"events.{kind.name}", own, {*_targets(kind), *OWN}, [kind])
        for kind, telling in types.items():
            self._lacking(kind, telling.read)
        for one in recipe.skip_if_blank:
            if one not in self.columns:
                self.problems.append(("skip_if_blank", self._no_column(one)))
        if self.problems:
            raise InvalidData(self.problems)
        return Tellings(types=types, needed=recipe.skip_if_blank, spare=True)

    def _lacking(self, kind: EventType, read: Mapping[str, object]) -> None:
        told = {path.rpartition(".")[2] for path, _ in self.problems}
        for name, field in _targets(kind).items():
            if field.required and name not in read and name not in told:
                problem = f"is missing; it takes {field.takes}: say which column it is read from"
                self.problems.append((f"{kind.name}.{name}", problem))

    def _strays(
        self, where: str, told: Iterable[str], taken: Iterable[str], kinds: Sequence[EventType]
    ) -> None:
        names = sorted(taken)
        for name in told:
            if name not in names:
                near = nearest(name, names, 1)
                fields = dict.fromkeys(field.name for kind in kinds for field in kind.fields)
                hint = f"did you mean {near[0]}?" if near else f"they are occurred, {', '.join(fields)}"
                self.problems.append((f"{where}.{name}", f"is no field; {hint}"))

    def _of(self, kind: EventType) -> dict[str, str | ReadFrom]:
        """What the fields of a type are read from, and what is said of its records."""
        targets = _targets(kind)
        own = self.recipe.events.get(kind.name, {})
        read: dict[str, str | ReadFrom] = {}
        for name, field in (targets | {name: _own(name) for name in OWN if name not in targets}).items():
            where = f"events.{kind.name}.{name}" if name in own else f"columns.{name}"
            said = own.get(name, self.recipe.columns.get(name))
            if said is not None:
                parts = self._parts(where, said, field)
                if parts is not None:
                    read[name] = self._drawn(field, parts)
            elif name in self.recipe.constants and self._said_by_row(name, targets):
                constant = self.recipe.constants[name]
                read[name] = ReadFrom((), _always(constant if field.kind.several else _one(constant)))
            elif name in self.columns and name in targets:
                read[name] = self._drawn(field, [_Piece(name, is_column=True)])
            elif field.required and field.may_be_blank:
                read[name] = ReadFrom((), _nothing)
        return _with_currencies(kind, read)

    def _said_by_row(self, name: str, targets: Mapping[str, Field]) -> bool:
        """Whether a constant is said with each row, and not of all of them at once."""
        return name in targets or (name in _SOURCE and self.recipe._sources_by_row)

    def _parts(self, where: str, said: str, field: Field) -> list[_Piece] | None:
        """What a field is read from, part by part; None where it names a column that is not there."""
        if said in self.columns:
            return [_Piece(said, is_column=True)]
        if _TEMPLATE.search(said):
            pieces = _TEMPLATE.split(said)
            parts = [_Piece(one, is_column=bool(place % 2)) for place, one in enumerate(pieces) if one]
        elif field.kind is Kind.MONEY and (money := _IN_CURRENCY.fullmatch(said)) and money[2] in CURRENCIES:
            parts = [_Piece(money[1], is_column=True), _Piece(f" {money[2]}", is_column=False)]
        else:
            parts = [_Piece(said, is_column=True)]
        missing = [one.text for one in parts if one.is_column and one.text not in self.columns]
        self.problems += [(where, self._no_column(name)) for name in missing]
        return None if missing else parts

    def _no_column(self, name: str) -> str:
        near = nearest(name, self.columns, 2)
        hint = f"did you mean {either(near)}?" if near else f"they are {', '.join(self.columns)}"
        return f"{name!r} is no column; {hint}"

    def _drawn(self, field: Field, parts: Sequence[_Piece]) -> str | ReadFrom:
        """From what a field is drawn; a column that is no text is read as what it is."""
        names = tuple(dict.fromkeys(one.text for one in parts if one.is_column))
        kind = self.columns[names[0]]
        if len(parts) == 1 and kind != "VARCHAR" and (field.kind not in _AS_TEXT or kind.endswith("]")):
            return names[0]
        floats = [self.columns[name] in FLOATS for name in names]
        return ReadFrom(names, _hearing(self.recipe, field.kind, parts, names, floats))


_AS_TEXT: Final = (Kind.TEXT, Kind.ENTITY)
"""The kinds that a column of any type may be read for, by its texts."""


def _own(name: str) -> Field:
    return Field(name=name, kind=_OWN_KINDS.get(name, Kind.TEXT), required=False, nullable=True)


def _targets(kind: EventType) -> dict[str, Field]:
    """What a row may say of an event: date and fields, the names beside ids, the currencies of amounts."""
    found = {"occurred": _OCCURRED} | {field.name: field for field in kind.fields}
    for field in kind.fields:
        if field.kind is Kind.ENTITY:
            found.setdefault(f"{field.name}_name", _own(f"{field.name}_name"))
        elif field.kind is Kind.MONEY:
            found.setdefault(f"{field.name}_currency", _own(f"{field.name}_currency"))
    return found


def _nothing(_: Texts) -> None:
    """Nothing is known, in any row."""


def _always(said: Value) -> Callable[[Texts], Value]:
    return lambda _: said


def _one(said: Value) -> str:
    """A constant that is one text.

    Raises:
        NotAllowed: if it is a list.
    """
    if not isinstance(said, str):
        raise NotAllowed(f"constants: {', '.join(said)} is a list, where one text is needed")
    return said


def _hearing(
    recipe: Recipe, kind: Kind, parts: Sequence[_Piece], names: Sequence[str], floats: Sequence[bool]
) -> Callable[[Texts], Value | None]:
    """What the texts of some columns say together, for a field of a kind."""
    nothing = {one.strip().casefold() for one in recipe.missing} | {""}
    lone = len(parts) == 1

    def cell(text: str | None, inexact: bool) -> str | None:
        if text is None or text.strip().casefold() in nothing:
            return None
        if inexact:
            text = exact(text)
        if kind in _EXACT and is_placeholder(text.strip()):
            raise BadText(text, "looks as if nothing is known; if it says so, name it under missing")
        return number_said(text, recipe.numbers) if kind in _NUMERIC else text

    def heard(texts: Texts) -> Value | None:
        cells = {name: cell(text, inexact) for name, text, inexact in zip(names, texts, floats, strict=True)}
        first = cells[names[0]]
        if first is None:
            return None
        if lone:
            return _value_of(recipe, kind, first, nothing)
        whole = [(cells[one.text] or "").strip() if one.is_column else one.text for one in parts]
        return _value_of(recipe, kind, "".join(whole).strip(), nothing)

    return heard


def _value_of(recipe: Recipe, kind: Kind, text: str, nothing: Container[str]) -> Value:
    """What a text says, for a field of a kind."""
    if kind is Kind.WHEN:
        return date_said(text, recipe.dates)
    if kind.several and recipe.lists is not None:
        return tuple(one for one in split(text, recipe.lists) if one.casefold() not in nothing)
    return (text,) if kind.several else text


_NUMERIC: Final = (Kind.MONEY, Kind.DECIMAL)
_EXACT: Final = (*_NUMERIC, Kind.WHEN)


def _with_currencies(kind: EventType, read: dict[str, str | ReadFrom]) -> dict[str, str | ReadFrom]:
    """Amounts and their currencies, where both are drawn, as amounts in a currency."""
    for field in kind.fields:
        amount, currency = read.get(field.name), read.get(f"{field.name}_currency")
        if field.kind is Kind.MONEY and isinstance(amount, ReadFrom) and isinstance(currency, ReadFrom):
            del read[f"{field.name}_currency"]
            read[field.name] = _in_currency(amount, currency)
    return read


def _in_currency(amount: ReadFrom, currency: ReadFrom) -> ReadFrom:
    width = len(amount.columns)

    def heard(texts: Texts) -> Value | None:
        told = amount.hear(texts[:width])
        code = currency.hear(texts[width:]) if told is not None else None
        return told if not isinstance(told, str) or code is None else f"{told} {code}"

    return ReadFrom(amount.columns + currency.columns, heard)


def _texts(said: Any, _: Any) -> tuple[str, ...]:
    several = said if isinstance(said, list | tuple) else (said,)
    return tuple(clean_text(one) for one in several)


def _text(said: Any, _: Any) -> str:
    if not isinstance(said, str):
        raise InvalidData([("", "is one text")])
    return said


def _value(said: Any, _: Any) -> Value:
    return tuple(map(str, said)) if isinstance(said, list | tuple) else str(said)


_CONVERTER: Final = cattrs.Converter(forbid_extra_keys=True, prefer_attrib_converters=False)
_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook_func(lambda hint: hint == tuple[str, ...], _texts)
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


def recipe_beside(path: str) -> str:
    """Where the recipe of a table lies: beside it, `table.load.yaml` for `table.csv.gz`."""
    place = Path(path)
    return str(place.with_name(place.name.removesuffix(".gz").rpartition(".")[0] + RECIPE_ENDING))


def reading_of(
    catalogue: Catalogue,
    what: Any,
    rows: Any,
    columns: Mapping[str, str] | None,
    said: Mapping[str, Any],
    id: str | None,  # noqa: A002  (as `append_table` calls it)
) -> tuple[Told, Any, dict[str, Any]]:
    """What `append_table` was given: how rows are read, the rows, and what is said of all of them.

    What the call says comes before what a recipe says.

    Raises:
        NotAllowed: if columns are given beside several types, or a recipe.
        FaultyFile: if rows are a file that cannot be read.
    """
    recipe = what if isinstance(what, Recipe) else None
    if columns is not None:
        if recipe is not None or isinstance(what, Mapping):
            raise NotAllowed("columns= goes with one type; a recipe, or several types, say their own")
        own = {} if id is None else {"id": id}
        recipe = Recipe(type=catalogue.declared(what).name, columns={**own, **columns})
    elif recipe is not None and id is not None:
        raise NotAllowed("a recipe says which column gives ids; leave out id=")
    terms = dict(said) | {"id": None if recipe is not None else id}
    if recipe is not None:
        terms |= {name: one for name, one in recipe.terms.items() if said[name] is None}
    if isinstance(rows, os.PathLike) or (isinstance(rows, str) and _names_a_file(rows)):
        rows = table_file(os.fspath(rows), None if recipe is None else recipe.layout)
    if isinstance(rows, TableFile):
        rows = rows.rows
    return (named_columns(catalogue, what) if recipe is None else recipe.told(catalogue)), rows, terms


def _names_a_file(text: str) -> bool:
    """Whether a text is the path of a table, and no SELECT."""
    return is_table(text) and text.split(maxsplit=1)[0].lower() not in {"select", "from", "with"}
