"""When two records of one type may tell the same event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from timeline.compile.selecting import Selecting
from timeline.compile.statements import literal, quoted
from timeline.compile.tables import TypedTable, columns_of
from timeline.vocabulary import Agree, EventType, Field, Kind, Rule

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
