"""The events that a rule is about, in one shape; and when two of them may tell the same event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import attrs

from timeline.compile.statements import literal, quoted, statement
from timeline.compile.tables import TypedTable, columns_of
from timeline.vocabulary import Agree, EventType, Field, Kind, Rule

_BETWEEN = "chr(31)"
_BEGUN = "CASE WHEN $early THEN earliest ELSE latest END <= $point::TIMESTAMP"


def part(name: str, called: str | None = None, **slots: str) -> str:
    """A part out of `rules.sql` as a common table expression, under its own name or another."""
    sql = statement("rules", name).rstrip(";")
    for slot, value in slots.items():
        sql = re.sub(rf":{slot}\b", value.replace("\\", r"\\"), sql)
    return f"{called or name} AS MATERIALIZED (\n    {sql}\n)"


@attrs.frozen
class Selecting:
    """Selects the events of types that stand at the basis.

    With `narrow`, only those that speak of an entity in the parameter `touched`; with `same`, ids are read as
    others, by the parameters `ids` and `read_as`.
    """

    narrow: bool
    same: bool

    def __call__(
        self,
        kind: EventType,
        columns: Mapping[str, str],
        where: Iterable[str] = (),
        *,
        ordered: bool = False,
        denied: bool = False,
    ) -> str:
        """A SELECT of columns, with place and span; `ordered` with the place in the order of replay.

        `begun` says whether an event has happened by the parameter `point`, its date read `early` or not.
        What is denied is left out, unless `denied`.
        """
        table = TypedTable.of(kind)
        asked = ["known_at <= $known", "position <= $upto", "position NOT IN (FROM gone)"]
        asked += [] if denied else ["credence <> 'denied'"]
        asked += [_touching(table)] if self.narrow else []
        asked += where
        values = [f"{value} AS {name}" for name, value in columns.items()]
        values += ["coalesce(mended.origin, position) AS origin"] if ordered else []
        values.append(f"{_BEGUN} AS begun")
        mended = " LEFT JOIN mended USING (position)" if ordered else ""
        return (
            f"SELECT {', '.join(values)}, position, earliest, latest\n"  # noqa: S608
            f"    FROM {table.layout.table}{mended}\n"
            f"    WHERE {' AND '.join(asked)}"
        )

    def column(self, kind: EventType, name: str) -> str:
        """The value of a field, entities as they are read."""
        table, field = TypedTable.of(kind), kind.field(name)
        column = table.named(name)
        if not self.same or not field.names_entities:
            return column
        if field.kind.several:
            return f"list_distinct(list_transform({column}, lambda one: {_read('one')}))"
        return _read(column)

    def key(self, kind: EventType, fields: Iterable[str]) -> str:
        """The values of some fields as one text, the same for the same thing; NULL where one is missing."""
        return f" || {_BETWEEN} || ".join(self._key(kind, name) for name in fields)

    def _key(self, kind: EventType, name: str) -> str:
        column, held = self.column(kind, name), kind.field(name).kind
        if held.several:
            return f"array_to_string(list_sort({column}), {_BETWEEN})"
        return column if held.names_entities else f"lower({column})"

    def spoken_of(self, kind: EventType) -> str:
        """All entities of an event as one number, the same for the same ones in the same fields.

        It adds up hashes of 64 bits, since lists and texts take ten times as long to be brought together.
        """
        return " + ".join(
            f"coalesce(list_sum(list_transform({column}, lambda one: hash(one, {place}))), 0)::HUGEINT"
            if kind.field(name).kind.several
            else f"CASE WHEN {column} IS NULL THEN 0 ELSE hash({column}, {place}) END::HUGEINT"
            for place, name in enumerate(kind.entities)
            for column in [self.column(kind, name)]
        )


def union(selects: Iterable[str], called: str = "said", *, about: bool = False) -> str:
    """Several such as one common table expression.

    With `about`, only those of a key that a record at one of the positions in the parameter `about` has.
    """
    every = "\n    UNION ALL BY NAME\n    ".join(selects)
    if not about:
        return f"{called} AS MATERIALIZED (\n    {every}\n)"
    return f"""\
every_{called} AS NOT MATERIALIZED (
    {every}
),
{called} AS MATERIALIZED (
    FROM every_{called}
    WHERE key IN (SELECT key FROM every_{called} WHERE position IN (SELECT unnest($about::BIGINT[])))
)"""  # noqa: S608


def literals(texts: Iterable[str]) -> str:
    """Texts as SQL literals in a row."""
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)


def _read(column: str) -> str:
    """An id as it is read."""
    return f"coalesce(map($ids::VARCHAR[], $read_as::VARCHAR[])[{column}], {column})"


def _touching(table: TypedTable) -> str:
    found = [
        f"list_has_any({table.named(name)}, $touched)"
        if table.type.field(name).kind.several
        else f"list_contains($touched, {table.named(name)})"
        for name in table.type.entities
    ]
    return f"({' OR '.join(found) or 'true'})"


_INEXACT = "'up to', 'about', 'over'"


@attrs.frozen
class Comparison:
    """The columns by which the events of a type are compared, and how, as SQL over `one` and `other`.

    Compared are events that speak of the same entities in the same fields, at dates that may be the same.
    They are `alike`, two reports of one event, if nothing that both give tells two things apart but figures:
    amounts and numbers, or else one date. Texts do by more than case and punctuation. `differing` are the
    names of the figures that cannot both be right. They are `agreed` if no date is among these, and `same` if
    they tell the very same.
    """

    columns: Mapping[str, str]
    alike: str
    agreed: str
    differing: str
    same: str


def comparison(kind: EventType, selecting: Selecting, rules: Iterable[Rule]) -> Comparison:
    """How events of a type are compared.

    By rules `agree` the period of a figure tells what it is about, and the bound of a number is part of it.
    """
    figures = [rule for rule in rules if isinstance(rule, Agree) and rule.figure.name == kind.name]
    periods = {rule.period for rule in figures}
    bounds = {name: rule.bound for rule in figures if rule.bound for name in rule.values}
    table = TypedTable.of(kind)
    columns, same, told = {"key": selecting.spoken_of(kind)}, [], []
    amounts: dict[str, str] = {}
    dates: dict[str, str] = {}
    for field in kind.fields:
        shown = _columns(field)
        for part, name in shown.items():
            own = table.named(field.name, part)
            own = selecting.column(kind, field.name) if field.names_entities else own
            columns[name] = _bare(own, field.kind) if field.name not in bounds.values() else own
            same.append(f"one.{name} IS NOT DISTINCT FROM other.{name}")
        if field.kind.sums is not None:
            amounts[field.name] = _apart(shown, bounds.get(field.name))
        elif "_earliest" in shown:
            starts, ends = shown["_earliest"], shown["_latest"]
            apart = f"(one.{starts} > other.{ends} OR other.{starts} > one.{ends})"
            if field.name in periods:
                told.append(f"coalesce(NOT {apart}, true)")
            else:
                dates[field.name] = apart
        elif not field.names_entities and field.name not in bounds.values():
            told += _agrees(field, shown[""])
    several = [*amounts.items(), *dates.items()]
    differing = ", ".join(f"CASE WHEN {apart} THEN {literal(name)} END" for name, apart in several)
    late = " + ".join(f"coalesce({apart}, false)::INTEGER" for apart in dates.values()) or "0"
    large = " OR ".join(f"coalesce({apart}, false)" for apart in amounts.values()) or "false"
    alike = [*told, f"({late} = 0 OR {late} = 1 AND NOT ({large}))"]
    return Comparison(
        columns,
        alike=" AND ".join(alike),
        agreed=" AND ".join([*told, f"{late} = 0"]),
        differing=f"list_filter([{differing}]::VARCHAR[], lambda name: name IS NOT NULL)",
        same=" AND ".join(same),
    )


def _columns(field: Field) -> dict[str, str]:
    """By part of a field, the names of its columns among those that are compared."""
    return {column.part: quoted(f"{field.name} {at}") for at, column in enumerate(columns_of(field))}


def _agrees(field: Field, shown: str) -> Iterator[str]:
    """Whether what is no figure may tell one thing; of several texts one in common is enough."""
    if field.kind.several:
        yield f"(list_has_any(one.{shown}, other.{shown}) OR len(one.{shown}) = 0 OR len(other.{shown}) = 0)"
    else:
        yield f"coalesce(one.{shown} = other.{shown}, true)"


def _apart(shown: Mapping[str, str], bound: str | None) -> str:
    """Whether two amounts or numbers that both are given cannot both be right, as far as their bounds go."""
    value, unit = shown[""], shown.get("_currency")
    limit = shown.get("_bound") or ("" if bound is None else quoted(f"{bound} 0"))
    apart = f"one.{value} <> other.{value}"
    if limit:
        least, most = (
            {
                side: f"{side}.{value}::DOUBLE * {_share(f'{side}.{limit}', *shares)}"
                for side in ("one", "other")
            }
            for shares in (("0", "0.9", "1"), ("1", "1.1", "'infinity'::DOUBLE"))
        )
        near = "1.000000001"
        apart = (
            f"CASE WHEN (lower(one.{limit}) IN ({_INEXACT}) OR lower(other.{limit}) IN ({_INEXACT})) IS TRUE "
            f"THEN {least['one']} > {most['other']} * {near} OR {least['other']} > {most['one']} * {near} "
            f"ELSE {apart} END"
        )
    if unit is not None:
        apart = f"(one.{unit} <> other.{unit} OR {apart})"
    return f"({apart})"


def _share(limit: str, up_to: str, about: str, over: str) -> str:
    """By the bound of a figure, one of three numbers; 1 if it is exact."""
    shares = f"WHEN 'up to' THEN {up_to} WHEN 'about' THEN {about} WHEN 'over' THEN {over} ELSE 1"
    return f"CASE lower({limit}) {shares} END"


def _bare(column: str, kind: Kind) -> str:
    """Texts without case, punctuation and spacing; all else as it is."""
    if kind.names_entities or not kind.keys:
        return column
    if kind.several:
        return f"list_transform({column}, lambda one: {_bare('one', Kind.TEXT)})"
    return rf"lower(regexp_replace({column}, '[^\pL\pN\pM]', '', 'g'))"
