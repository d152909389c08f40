"""How tables are laid out and filled: for each event type one of all that was said, a view of what stands."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, get_args

import attrs
import msgspec

from timeline.compile.statements import expanded, literal, quoted
from timeline.records import Record
from timeline.values import CURRENCIES, NUMBER, Bound, Money, When, plain, stored_instant
from timeline.vocabulary import EventType, Field, Kind


@attrs.frozen
class _Column:
    """A column of a typed table: its name, its SQL type, and which part of a field it holds."""

    name: str
    part: str
    type: str
    read: Callable[[Any], Any]

    def value(self, given: Any) -> Any:
        """What it holds for the value of a field, as plain JSON has it."""
        return None if given is None else self.read(given)


@attrs.frozen
class Layout:
    """A table, its name quoted, and the SQL types of its columns, by name and in order."""

    table: str
    types: Mapping[str, str]
    structure: str = attrs.field(init=False)
    """What `columns` gives, as a text of SQL that `from_json` takes."""

    insert: str = attrs.field(init=False)
    """The SQL that adds rows; its parameter is a JSON object of columns, each a list of values."""

    @structure.default
    def _structure(self) -> str:
        lists = {name: [_in_json(kind)] for name, kind in self.types.items()}
        return "'" + msgspec.json.encode(lists).decode().replace("'", "''") + "'"

    @insert.default
    def _insert(self) -> str:
        # VALUES, since of a mere parameter DuckDB would work out the lists while it plans, value by value
        return f"""\
INSERT INTO {self.table}
SELECT unnest(COLUMNS(*)) FROM (
    SELECT unnest(from_json(given, {self.structure})) FROM (VALUES ($1::VARCHAR)) AS handed_over(given)
);
"""  # noqa: S608

    def columns(self, rows: Sequence[Sequence[Any]]) -> str:
        """Rows as the parameter that `insert` takes."""
        several = zip(*rows, strict=True) if rows else [()] * len(self.types)
        return msgspec.json.encode(dict(zip(self.types, several, strict=True))).decode()


def _in_json(kind: str) -> Any:
    return [kind.removesuffix("[]")] if kind.endswith("[]") else kind


def is_text(text: str) -> str:
    """SQL that vouches that a text is clean as it stands: printable ASCII, not all of it blanks."""
    return f"regexp_full_match({text}, '[ -~]*[!-~][ -~]*')"


def is_name(text: str) -> str:
    """SQL that vouches that a name is clean as it stands."""
    bare = f"regexp_full_match({text}, '[!-~]([ -~]*[!-~])?')"
    return f"({bare} AND NOT system.main.contains({text}, '  ') AND strlen({text}) <= 300)"


def is_date(text: str, earliest: str) -> str:
    """SQL that vouches for a plain date; that its first instant is right is looked at elsewhere."""
    day, time = "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z"
    plain_date = f"regexp_full_match({text}, '{day}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{time}')"
    return f"coalesce({plain_date} AND year({earliest}) BETWEEN 1 AND 9998, false)"


def _same(value: Any) -> Any:
    return value


Part = Callable[[str], str]
"""The column of a field that has something behind the name of the field, or `""`, as SQL."""


@attrs.frozen(kw_only=True)
class Laid:
    """How the fields of a kind lie in tables, and how SQL and Python read them there."""

    parts: Mapping[str, tuple[str, Callable[[Any], Any]]]
    """By what stands behind the name of the field, the SQL type of a column and its value, as plain JSON."""
    sound: Callable[[Part, Field], str]
    """SQL that vouches that a value which is not NULL is read as it stands; `false` has Python look."""
    text: Callable[[Part], str] = lambda part: part("")
    """SQL for a value as text, the same for the same value."""
    text_is_json: bool = False
    """Whether that text is JSON as it stands; if not, it is a text in JSON."""
    typed: Callable[[str], str] = _same
    """SQL that makes of that text what a state shows."""
    shown: Callable[[Any], Any] = _same
    """The value of a state for what DuckDB gives for that."""

    def json(self, part: Part) -> str:
        """SQL for the canonical JSON of a field."""
        text = self.text(part)
        return f"coalesce({text if self.text_is_json else f'to_json({text})::VARCHAR'}, 'null')"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(literal, texts))


def _number(part: Part) -> str:
    return expanded("timeline_plain_number", part(""))


def _money(part: Part) -> str:
    """An amount as JSON; of one that has lost a part, what is left, so that it is seen."""
    nothing = " AND ".join(f"{part(one)} IS NULL" for one in LAID[Kind.MONEY].parts)
    told = f"{{'bound': {part('_bound')}, 'currency': {part('_currency')}, 'value': {_number(part)}}}"
    return f"CASE WHEN NOT ({nothing}) THEN to_json({told})::VARCHAR END"


def _several(sound: Callable[[str], str]) -> Laid:
    return Laid(
        parts={"": ("VARCHAR[]", list)},
        sound=lambda part, _: (
            f"len(list_filter({part('')}, lambda one: NOT coalesce({sound('one')}, false))) = 0"
        ),
        text=lambda part: f"to_json({part('')})::VARCHAR",
        text_is_json=True,
        typed=lambda text: f"from_json({text}, '[\"VARCHAR\"]')",
        shown=tuple,
    )


LAID: Final[Mapping[Kind, Laid]] = {
    Kind.ENTITY: Laid(parts={"": ("VARCHAR", _same)}, sound=lambda part, _: is_name(part(""))),
    Kind.ENTITIES: _several(is_name),
    Kind.TEXT: Laid(
        parts={"": ("VARCHAR", _same)},
        sound=lambda part, field: (
            f"{part('')} IN ({_listed(field.choices)})" if field.choices else is_text(part(""))
        ),
    ),
    Kind.TEXTS: _several(is_text),
    Kind.WHEN: Laid(
        parts={
            "": ("VARCHAR", lambda value: value.text),
            "_earliest": ("TIMESTAMP", lambda value: stored_instant(value.earliest, "-infinity")),
            "_latest": ("TIMESTAMP", lambda value: stored_instant(value.latest)),
        },
        sound=lambda part, _: is_date(part(""), part("_earliest")),
        shown=When.read,
    ),
    Kind.MONEY: Laid(
        parts={
            "": (NUMBER, lambda value: plain(value.value)),
            "_currency": ("VARCHAR", lambda value: value.currency),
            "_bound": ("VARCHAR", lambda value: value.bound),
        },
        sound=lambda part, _: (
            f"({part('')} >= 0 AND {part('_bound')} IN ({_listed(get_args(Bound))}) "
            f"AND {part('_currency')} IN ({_listed(CURRENCIES)}))"
        ),
        text=_money,
        text_is_json=True,
        typed=lambda text: (
            f"CASE WHEN {text} IS NOT NULL THEN {{'amount': ({text} ->> 'value')::{NUMBER}, "
            f"'currency': {text} ->> 'currency', 'bound': {text} ->> 'bound'}} END"
        ),
        shown=lambda value: Money(value["amount"], value["currency"], bound=value["bound"]),
    ),
    Kind.DECIMAL: Laid(
        parts={"": (NUMBER, plain)},
        sound=lambda part, _: f"{part('')} IS NOT NULL",
        text=_number,
        typed=lambda text: f"{text}::{NUMBER}",
        shown=lambda value: Decimal(plain(value)),
    ),
    Kind.FLAG: Laid(
        parts={"": ("BOOLEAN", _same)},
        sound=lambda part, _: f"{part('')} IS NOT NULL",
        text=lambda part: f"{part('')}::VARCHAR",
        text_is_json=True,
        typed=lambda text: f"{text}::BOOLEAN",
    ),
}
"""How each kind of field lies in tables."""


def columns_of(field: Field) -> Iterator[_Column]:
    """The typed columns of one field."""
    for part, (kind, value) in LAID[field.kind].parts.items():
        yield _Column(field.name + part, part, kind, value)


_ENVELOPE: Final = (
    ("position", "BIGINT"),
    ("id", "UUID"),
    ("ref", "VARCHAR"),
    ("kind", "VARCHAR"),
    ("occurred", "VARCHAR"),
    ("earliest", "TIMESTAMP"),
    ("latest", "TIMESTAMP"),
    ("known_at", "TIMESTAMP"),
    ("recorded_at", "TIMESTAMP"),
    ("credence", "VARCHAR"),
)
_TAKEN: Final = frozenset(name for name, _ in _ENVELOPE)


def _envelope(record: Record, occurred: When) -> list[Any]:
    return [
        record.position,
        record.id,
        record.ref,
        record.kind,
        occurred.text,
        stored_instant(occurred.earliest, "-infinity"),
        stored_instant(occurred.latest),
        stored_instant(record.known_at),
        stored_instant(record.recorded_at),
        record.credence,
    ]


@attrs.frozen
class TypedTable:
    """The typed table of one event type, in schema `said`, and its view in `main`."""

    type: EventType

    @classmethod
    @functools.lru_cache(maxsize=1_024)
    def of(cls, kind: EventType) -> TypedTable:
        """The table of an event type, its plan made once."""
        return cls(kind)

    @property
    def columns(self) -> list[_Column]:
        """The typed columns, after those of the envelope.

        A field whose name the envelope takes gets an underscore behind it.
        """
        found = [column for field in self.type.fields for column in columns_of(field)]
        return [attrs.evolve(c, name=f"{c.name}_") if c.name in _TAKEN else c for c in found]

    def named(self, field: str, part: str = "") -> str:
        """The column of a field, or of one of its parts (`_latest`, `_currency` …), quoted."""
        name = field + part
        return quoted(f"{name}_" if name in _TAKEN else name)

    def text(self, name: str) -> str:
        """SQL for the value of a field as text, the same for the same value; NULL where there is none."""
        return LAID[self.type.field(name).kind].text(functools.partial(self.named, name))

    def json(self, field: Field) -> str:
        """SQL for the canonical JSON of a field."""
        return LAID[field.kind].json(functools.partial(self.named, field.name))

    def sound(self, field: Field) -> str:
        """SQL that vouches that a field is read as it stands; never NULL."""
        sound = f"coalesce({LAID[field.kind].sound(functools.partial(self.named, field.name), field)}, false)"
        return f"({self.named(field.name)} IS NULL OR {sound})" if field.nullable else sound

    @property
    def dates(self) -> list[tuple[str, str, str]]:
        """The columns of each field that is a date: as written, its first and its last instant."""
        names = [field.name for field in self.type.fields if "_earliest" in LAID[field.kind].parts]
        taken = {name: f"{name}_" if name in _TAKEN else name for name in names}
        return [(taken[name], f"{name}_earliest", f"{name}_latest") for name in names]

    def create(self) -> str:
        """The SQL that makes the table and the view."""
        layout = ",\n".join(f"    {quoted(name)} {kind}" for name, kind in self.layout.types.items())
        return f"CREATE OR REPLACE TABLE {self.layout.table} (\n{layout}\n);\n{self.view()}"

    def view(self) -> str:
        """The SQL that makes the view of what stands now and is not denied."""
        name = quoted(self.type.name)
        return f"""\
CREATE OR REPLACE VIEW main.{name} AS
FROM said.{name} AS event
WHERE credence <> 'denied'
    AND NOT EXISTS (FROM main.superseded WHERE superseded.position = event.position)
ORDER BY event.position;
"""

    @functools.cached_property
    def layout(self) -> Layout:
        """The table and its columns."""
        types = dict(_ENVELOPE) | {column.name: column.type for column in self.columns}
        return Layout(f"said.{quoted(self.type.name)}", types)

    @functools.cached_property
    def _values(self) -> list[tuple[Callable[[Any], Any], list[Callable[[Any], Any]]]]:
        """For each field how it is got, and how the value of each of its columns follows."""
        return [
            (operator.attrgetter(field.name), [column.read for column in columns_of(field)])
            for field in self.type.fields
        ]

    def rows(self, records: Sequence[Record]) -> list[list[Any]]:
        """The rows that records add, each value as plain JSON has it."""
        rows = []
        for record in records:
            event = record.event
            if event is None:
                continue
            row = _envelope(record, event.occurred)
            for get, parts in self._values:
                given = get(event)
                row += [None if given is None else part(given) for part in parts]
            rows.append(row)
        return rows
