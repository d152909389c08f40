"""How the columns of a table are read: what is selected of each, and what its values say, each read once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast, get_args

import attrs

from timeline.admission.staging import FLOATS, NO_ZONE, ROW, Given, date_text, exact
from timeline.compile import quoted
from timeline.records import Names, reference
from timeline.values import (
    CREDENCES,
    NUMBER,
    BadMoney,
    BadText,
    Bound,
    InvalidData,
    Money,
    TimelineError,
    When,
    clean_name,
    clean_text,
)
from timeline.vocabulary import EventType, Field, Kind, flag, read_field

BLANK: Final = "is left blank, and a value is needed"
OCCURRED: Final = "occurred"

_GAP: Final = "holds an empty place where an entity is needed"
_INTEGERS: Final = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
)
_HUGE: Final = frozenset({"HUGEINT", "UHUGEINT", "BIGNUM"})
_TAKEN: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.TEXT: (),
    Kind.ENTITY: (),
    Kind.FLAG: ("BOOLEAN",),
}
"""The types of columns that are taken for a kind beside VARCHAR; for others whole numbers and BOOLEAN."""
_KEPT: Final = 100_000
"""Of so many values of a column at most it is kept what they say."""

Faults = tuple[tuple[str, str], ...]
"""What is wrong with a value: the column, and the reason."""


@attrs.frozen
class Wrong:
    """A value that cannot be read, and why."""

    faults: Faults


class Misread(Exception):
    """A value cannot be read, for what stands in some column."""

    def __init__(self, column: str, reason: str) -> None:
        self.fault = (column, reason)
        super().__init__(column, reason)


class Readings(dict[Hashable, Any]):
    """By value as it is given, what it says; read when it is first asked for."""

    def __init__(self, column: str, read: Callable[[Any], Any], blank: Any) -> None:
        super().__init__()
        self._column = column
        self._read = read
        self._blank = blank
        self.wrong = False
        """Whether any value was wrong by now."""

    def __missing__(self, given: Hashable) -> Any:
        try:
            found = self._blank if given is None else self._read(given)
        except TimelineError as problem:
            found = Wrong(((self._column, str(problem)),))
        except Misread as problem:
            found = Wrong((problem.fault,))
        self.wrong = self.wrong or isinstance(found, Wrong)
        self[given] = found
        return found

    def trim(self) -> None:
        """Forget what was read, where that has become much."""
        if len(self) > _KEPT:
            self.clear()


@attrs.frozen
class Column:
    """A column, or several of which one says more about the other: what is selected, and how it is read."""

    sql: str
    readings: Readings
    listed: bool = False
    """Whether a list is selected."""
    pair: Callable[[Any], tuple[str | None, str | None]] = tuple
    """Of a column of ids with names beside them: what is selected as an id and a name."""

    def read(self, given: Iterable[Any]) -> list[Any]:
        """What the values of some rows say; of those that cannot be read, what is wrong."""
        self.readings.trim()
        if self.listed:
            given = (None if one is None else tuple(one) for one in given)
        return list(map(self.readings.__getitem__, given))


def column(
    name: str, sql: str, read: Callable[[Any], Any], *, nullable: bool, listed: bool = False
) -> Column:
    """A column whose blanks say nothing, or are wrong."""
    return Column(sql, Readings(name, read, None if nullable else Wrong(((name, BLANK),))), listed)


def beside(field: Field) -> Iterator[str]:
    """The columns that may say more about that of a field."""
    if field.kind is Kind.ENTITY:
        yield f"{field.name}_name"
    elif field.kind is Kind.MONEY:
        yield from (f"{field.name}_currency", f"{field.name}_bound")


@attrs.frozen
class Columns:
    """The columns of a table, as those of one event type."""

    given: Given
    type: EventType

    def of(self, field: Field) -> Column:
        """The column of a field, with those that say more about it.

        Raises:
            InvalidData: if it is of a type that the field cannot be read from.
        """
        if field.name in self.given.drawn:
            return self._drawn(field)
        if field.kind.several:
            return self._several(field)
        if field.kind is Kind.WHEN:
            return self.dates(field.name, nullable=field.nullable)
        if field.kind is Kind.MONEY:
            return self._money(field)
        if field.kind is Kind.DECIMAL:
            sql, _, heard = self._number(field.name)
            return column(field.name, sql, lambda one: read_field(field, heard(one)), nullable=field.nullable)
        kinds = _TAKEN.get(field.kind, (*_INTEGERS, "BOOLEAN"))
        hint = f"cast it to {kinds[0] if len(kinds) == 1 else 'VARCHAR'}"
        sql = self._text(field.name, *kinds, hint=hint)

        def read(given: str) -> Any:
            return read_field(field, field.kind.heard(given))

        return column(field.name, f"{sql}::VARCHAR", read, nullable=field.nullable)

    def _drawn(self, field: Field) -> Column:
        """The column of a field that is drawn from several, or from texts that are written otherwise."""
        several = field.kind.several

        def read(said: str | tuple[str, ...]) -> Any:
            return read_field(field, said if several else field.kind.heard(said))

        return self._heard(field.name, read, nullable=field.may_be_blank, blank=() if several else None)

    def _heard(
        self, name: str, read: Callable[[Any], Any], *, nullable: bool, blank: object = None
    ) -> Column:
        hear = self.given.drawn[name].hear

        def heard(texts: tuple[str | None, ...]) -> Any:
            said = hear(texts)
            if said is not None:
                return read(said)
            if not nullable:
                raise Misread(name, BLANK)
            return blank

        return Column(quoted(name), Readings(name, heard, None), listed=True)

    def has(self, name: str) -> bool:
        """Whether the table has a column of that name which is not a field of the type."""
        return name in self.given.columns and all(name != one.name for one in self.type.fields)

    def dates(self, name: str, *, nullable: bool) -> Column:
        """A column of dates: texts as `When` reads them, days, or instants with a time zone."""
        if name in self.given.drawn:
            return self._heard(name, When.read, nullable=nullable)
        if self.given.columns[name].startswith("TIMESTAMP"):
            return column(name, self._date(name), _day_or_instant, nullable=nullable)
        return column(name, self._date(name), When.read, nullable=nullable)

    def own(self, name: str) -> Column:
        """A column in which rows say something of their records."""
        if name in {"known", "published"}:
            return self.dates(name, nullable=True)
        if name == "id":
            return self.ids(name, nullable=True)
        if name in self.given.drawn:
            return self._heard(name, _OWN_READ.get(name, clean_text), nullable=True)
        if name in {"corrects", "retracts"}:
            sql = f"{self._text(name, 'UUID', *_INTEGERS)}::VARCHAR"
            return column(name, sql, _reference, nullable=True)
        if name == "whole":
            sql = f"{self._text(name, 'BOOLEAN', hint='cast it to BOOLEAN')}::VARCHAR"
            return column(name, sql, flag, nullable=True)
        return column(name, self._text(name), _OWN_READ.get(name, clean_text), nullable=True)

    def ids(self, name: str, *, nullable: bool) -> Column:
        """A column of ids: texts, or UUIDs; they are read where statements are."""
        if name in self.given.drawn:
            return self._heard(name, str, nullable=nullable)
        hint = "digits alone mean positions: give each a letter, as in 'round-' || n"
        sql = f"{self._text(name, 'UUID', hint=hint)}::VARCHAR"

        return column(name, sql, str, nullable=nullable)

    def entities(self, field: Field, names: Names, *, declared: bool) -> Column:
        """A column of exact ids and one of names beside it: it gives both, and `names` learns them."""
        (called,) = beside(field)
        sql, pair = self._pairs(field.name, called)

        def read(given: Any) -> tuple[str, str | None] | None:
            said, name = pair(given)
            if said is None:
                if not field.nullable:
                    raise Misread(field.name, BLANK)
                return None
            entity, name = clean_name(said), None if name is None else clean_name(name)
            return names.exact_or_new(entity, name, declared=declared), name

        blank = None if field.nullable else Wrong(((field.name, BLANK),))
        return Column(sql, Readings(field.name, read, blank), listed=True, pair=pair)

    def _pairs(self, name: str, called: str) -> tuple[str, Callable[[Any], tuple[Any, Any]]]:
        """What is selected of ids and the names beside them, and how it is parted into an id and a name."""
        drawn = self.given.drawn
        if name not in drawn or called not in drawn:
            given = f"[{self._text(name)}, {self._text(called)}]"
            return f"CASE WHEN {quoted(name)} IS NOT NULL THEN {given} END", tuple
        width = len(drawn[name].columns)

        def pair(texts: Any) -> tuple[Any, Any]:
            return drawn[name].hear(texts[:width]), drawn[called].hear(texts[width:])

        return f"list_concat({quoted(name)}, {quoted(called)})", pair

    def met(self, columns: Iterable[Column], names: Names) -> None:
        """Read ids with names beside them before all else, in their order; those that have names first."""
        several = list(columns)
        if not several:
            return
        pairs = " UNION ALL ".join(
            f"SELECT {one.sql} AS pair, {ROW} AS row, {place} AS place FROM {self.given.table}"
            for place, one in enumerate(several)
        )
        first = (
            f"SELECT pair, place, min(row) AS row FROM ({pairs}) WHERE pair IS NOT NULL GROUP BY pair, place"
        )
        found = self.given.asked(f"SELECT place, pair FROM ({first}) ORDER BY row, place")
        told = [(several[place], given, several[place].pair(tuple(given))) for place, given in found]
        told = [one for one in told if one[2][0] is not None]
        told.sort(key=lambda one: one[2][1] is None)
        names.meet(text for *_, pair in told for text in map(_clean, pair) if text is not None)
        for one, given, _ in told:
            one.read([given])

    def _refuse(self, name: str, problem: str) -> InvalidData:
        return InvalidData([(f"{self.type.name}.{name}", problem)])

    def _selected(self, name: str) -> str:
        return "NULL::VARCHAR" if name in self.given.empty else quoted(name)

    def _text(self, name: str, *kinds: str, hint: str = "cast it to VARCHAR") -> str:
        """A column of texts, or of one of some other types."""
        kind, sql = self.given.columns[name], self._selected(name)
        if kind in {"VARCHAR", *kinds}:
            return sql
        if kind.startswith("ENUM"):
            return f"{sql}::VARCHAR"
        raise self._refuse(name, f"is {kind}; {hint}")

    def _several(self, field: Field) -> Column:
        """A column of lists of texts; a text is a list of one, and nothing is an empty list."""
        name, sql = field.name, self._selected(field.name)
        kind = self.given.columns[name]
        filled = f"SELECT 1 FROM {self.given.table} WHERE len({sql}) > 0 LIMIT 1"
        if kind.endswith("]") and kind != "VARCHAR[]" and not self.given.asked(filled):
            sql = "NULL::VARCHAR[]"
        elif kind != "VARCHAR[]":
            one = self._text(name, hint="cast it to VARCHAR[]")
            sql = f"CASE WHEN {one} IS NOT NULL THEN [{one}] END"

        def read(given: tuple[str | None, ...]) -> Any:
            if field.names_entities and None in given:
                raise Misread(name, _GAP)
            return read_field(field, given)

        return Column(sql, Readings(name, read, ()), listed=True)

    def _number(self, name: str) -> tuple[str, bool, Callable[[str], str]]:
        """A column of numbers, or texts that may be some, as texts; whether it is of numbers; how to read it.

        Floats are read where they are exactly what they say.
        """
        kind, sql = self.given.columns[name], self._selected(name)
        if kind in _INTEGERS | _HUGE:
            return f"{sql}::VARCHAR", True, str
        if kind in FLOATS:
            return f"CASE WHEN NOT isnan({sql}) THEN {sql}::DOUBLE::VARCHAR END", True, exact
        if kind.startswith("DECIMAL"):
            text = f"{sql}::VARCHAR"
            short = f"rtrim(rtrim({text}, '0'), '.')"
            return f"CASE WHEN contains({text}, '.') THEN {short} ELSE {text} END", True, str
        return self._text(name, hint=f"cast it to {NUMBER}"), False, str

    def _money(self, field: Field) -> Column:
        """A column of amounts: texts such as `1bn USD`, or numbers beside a column for their currency."""
        name = field.name
        currency, bound = beside(field)
        number, exactly, heard = self._number(name)
        if not self.has(currency):
            if self.has(bound):
                problem = f"goes with a column {currency}; or write amounts like 'up to $1bn'"
                raise self._refuse(bound, problem)
            if exactly:
                raise self._refuse(name, f"is a number; give its currency too, in a column {currency}")
            return column(name, number, Money.read, nullable=field.nullable)
        limit = self._text(bound) if self.has(bound) else "NULL::VARCHAR"
        sql = f"CASE WHEN {number} IS NOT NULL THEN [{number}, {self._text(currency)}, {limit}] END"

        def read(given: tuple[str, str | None, str | None]) -> Money:
            value, code, limited = given
            if code is None:
                raise Misread(currency, BLANK)
            if limited is not None and limited not in get_args(Bound):
                problem = BadText(limited, f"is no bound; give {', '.join(get_args(Bound))}")
                raise Misread(bound, str(problem))
            try:
                Money(0, code)
            except BadMoney as problem:
                raise Misread(currency, str(BadText(code, f"is no currency; {problem.hint}"))) from None
            return Money(heard(value), code, cast("Bound", limited or "exactly"))

        return column(name, sql, read, nullable=field.nullable, listed=True)

    def _date(self, name: str) -> str:
        """A column of dates as texts."""
        kind, sql = self.given.columns[name], self._selected(name)
        if kind == "DATE" or kind.startswith("TIMESTAMP"):
            return date_text(sql, kind)
        return self._text(name, hint="cast it to VARCHAR, as in 2018, 2018-01 or 2018-01-31, or to DATE")


def _day_or_instant(text: str) -> When:
    if " " in text:
        raise BadText(text, NO_ZONE)
    return When.read(text)


def _reference(text: str) -> str:
    reference(text)
    return text


def _credence(text: str) -> str:
    if text not in CREDENCES:
        raise BadText(text, f"is no credence; it is one of {', '.join(CREDENCES)}")
    return text


_OWN_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "corrects": _reference,
    "retracts": _reference,
    "whole": flag,
    "credence": _credence,
}
"""How texts are read in which rows say something of their records; others are texts."""


def _clean(text: str | None) -> str | None:
    try:
        return None if text is None else clean_name(text)
    except TimelineError:
        return None


def wrong(values: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the values of a row: each column, and the reason."""
    for one in values:
        if isinstance(one, Wrong):
            yield from one.faults
