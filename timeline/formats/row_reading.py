"""What the rows of a table tell by a recipe: which field is drawn from which columns, and what texts say."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import attrs

from timeline.admission import FLOATS, ReadFrom, Telling, Tellings, Texts, Told, exact, named_columns
from timeline.formats.cells import number_said, split
from timeline.formats.date_reading import DateReading
from timeline.formats.recipes import OWN, SOURCE, Recipe, Value, one_text
from timeline.formats.table_files import is_table, table_file
from timeline.formats.table_rows import TableFile
from timeline.values import CURRENCIES, BadText, InvalidData, NotAllowed, either, is_placeholder, nearest
from timeline.vocabulary import Catalogue, EventType, Field, Kind

_OCCURRED: Final = Field(name="occurred", kind=Kind.WHEN, required=True, nullable=False)
_OWN_KINDS: Final[Mapping[str, Kind]] = {"known": Kind.WHEN, "published": Kind.WHEN}
_TEMPLATE: Final = re.compile(r"\{([^{}]*)\}")
_IN_CURRENCY: Final = re.compile(r"(.+\S) +([A-Z]{3})")


def told_by(recipe: Recipe, catalogue: Catalogue) -> Callable[[Mapping[str, str]], Tellings]:
    """Gives, for the columns of a table with their types in SQL, as what its rows are told by a recipe.

    Raises:
        UnknownType: if a type is none of the catalogue, with the nearest names.
    """
    kinds = [catalogue.event(name) for name in recipe.types]
    return lambda columns: _Reading(recipe, columns).tellings(kinds)


def unread_by(recipe: Recipe, catalogue: Catalogue, columns: Iterable[str]) -> list[str]:
    """The columns that nothing is read from by a recipe."""
    names = list(columns)
    tellings = told_by(recipe, catalogue)(dict.fromkeys(names, "VARCHAR"))
    read = {one for telling in tellings.types.values() if telling for one in _read_from(telling)}
    read |= {*recipe.skip_if_blank, recipe.dateline or ""}
    return [one for one in names if one not in read]


def _read_from(telling: Telling) -> Iterator[str]:
    for one in telling.read.values():
        yield from (one,) if isinstance(one, str) else one.columns


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
    dates: DateReading = attrs.field(init=False)
    day: date | None = attrs.field(default=None, init=False)
    """The day from which phrases are seen, where no column says it."""

    def __attrs_post_init__(self) -> None:
        self.dates = self.recipe.date_reading
        said = self.recipe.dateline
        if said is not None and not any("phrases" in forms for forms in self.recipe.dates.values()):
            self.problems.append(("dateline", "is what phrases are seen from: say dates: phrases too"))
        if said is not None and said not in self.columns:
            try:
                self.day = self.dates.day(said)
            except BadText:
                self.problems.append(("dateline", f"{self._no_column(said)}; or a day, as in 2025-05-01"))

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
        columns = {self.recipe.dateline or ""} | {
            one for telling in types.values() for one in _read_from(telling)
        }
        for one in self.recipe.dates:
            if one and one not in columns | taken:
                read = sorted(columns)
                near = nearest(one, read, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"they are {', '.join(read)}"
                self.problems.append(("dates", f"{one!r} is no column that is read; {hint}"))
        for kind, telling in types.items():
            self._lacking(kind, telling.read)
        for one in recipe.skip_if_blank:
            if one not in self.columns:
                self.problems.append(("skip_if_blank", self._no_column(one)))
        if self.problems:
            raise InvalidData(self.problems)
        return Tellings(types=types, needed=recipe.skip_if_blank, spare=True, dates=self.dates.found)

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
                read[name] = ReadFrom((), _always(constant if field.kind.several else one_text(constant)))
            elif name in self.columns and name in targets:
                read[name] = self._drawn(field, [_Piece(name, is_column=True)])
            elif field.required and field.may_be_blank:
                read[name] = ReadFrom((), _nothing)
        return _with_currencies(kind, read)

    def _said_by_row(self, name: str, targets: Mapping[str, Field]) -> bool:
        """Whether a constant is said with each row, and not of all of them at once."""
        return name in targets or (name in SOURCE and self.recipe.sources_by_row)

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
        kind, lone = self.columns[names[0]], len(parts) == 1
        dates = self.dates.of(names[0], field.name)
        counted = field.kind is Kind.WHEN and dates and not kind.startswith(("DATE", "TIMESTAMP"))
        if lone and kind != "VARCHAR" and not counted and (field.kind not in _AS_TEXT or kind.endswith("]")):
            return names[0]
        text = _text_of(self.recipe, field.kind, parts, names, [self.columns[one] in FLOATS for one in names])
        if field.kind is not Kind.WHEN:
            return ReadFrom(names, _heard(text, lambda said, _: _value_of(self.recipe, field.kind, said)))
        seen = self.recipe.dateline
        if seen is None or seen not in self.columns or not dates.phrases:
            return ReadFrom(names, _heard(text, lambda said, _: dates.read(said, self.day)))
        days, nothing = self.dates.of(seen), _missing(self.recipe)

        def read(said: str, texts: Texts) -> str:
            day = (texts[-1] or "").strip()
            return dates.read(said, None if day.casefold() in nothing else days.day(day))

        return ReadFrom((*names, seen), _heard(text, read))


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


def _heard(
    text: Callable[[Texts], str | None], value: Callable[[str, Texts], Value]
) -> Callable[[Texts], Value | None]:
    """What texts say, out of what they say together; None where that is nothing."""
    return lambda texts: None if (said := text(texts)) is None else value(said, texts)


def _text_of(
    recipe: Recipe, kind: Kind, parts: Sequence[_Piece], names: Sequence[str], floats: Sequence[bool]
) -> Callable[[Texts], str | None]:
    """What the texts of some columns, and others behind them, say together, for a field of a kind."""
    nothing = _missing(recipe)

    def cell(text: str | None, inexact: bool) -> str | None:
        if text is None or text.strip().casefold() in nothing:
            return None
        if inexact:
            text = exact(text)
        if kind in _EXACT and is_placeholder(text.strip()):
            raise BadText(text, "looks as if nothing is known; if it says so, name it under missing")
        return number_said(text, recipe.numbers) if kind in _NUMERIC else text

    def said(texts: Texts) -> str | None:
        cells = {name: cell(text, inexact) for name, text, inexact in zip(names, texts, floats, strict=False)}
        first = cells[names[0]]
        if first is None or len(parts) == 1:
            return first
        return "".join(
            (cells[one.text] or "").strip() if one.is_column else one.text for one in parts
        ).strip()

    return said


def _missing(recipe: Recipe) -> Container[str]:
    return {one.strip().casefold() for one in recipe.missing} | {""}


def _value_of(recipe: Recipe, kind: Kind, text: str) -> Value:
    """What a text says, for a field of a kind that is no date."""
    if kind.several and recipe.lists is not None:
        return tuple(one for one in split(text, recipe.lists) if one.casefold() not in _missing(recipe))
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
    return (named_columns(catalogue, what) if recipe is None else told_by(recipe, catalogue)), rows, terms


def _names_a_file(text: str) -> bool:
    """Whether a text is the path of a table, and no SELECT."""
    return is_table(text) and text.split(maxsplit=1)[0].lower() not in {"select", "from", "with"}
