"""Whom the entities of a table are: ids where another column gives the name, else ids or names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import duckdb

from timeline.admission.bulk.columns import BLANK, Columns, add
from timeline.admission.bulk.shapes import Problem, Value, listing
from timeline.admission.bulk.staging import GIVEN, ROW
from timeline.compile import literal
from timeline.log import Log
from timeline.records import Names, canonical
from timeline.values import TimelineError, clean_name, folded
from timeline.vocabulary import Field

_WHO: Final = (
    ("field", "VARCHAR"),
    ("given", "VARCHAR"),
    ("called", "VARCHAR"),
    ("entity", "VARCHAR"),
    ("entity_json", "VARCHAR"),
    ("piece", "VARCHAR"),
    ("shown", "VARCHAR"),
    ("name", "VARCHAR"),
    ("folded", "VARCHAR"),
    ("first_row", "BIGINT"),
    ("problem", "VARCHAR"),
)
_GAP: Final = "holds an empty place where an entity is needed"


def called(field: Field) -> str:
    """The column that gives the name of the entity whose id a field holds."""
    return f"{field.name}_name"


@attrs.frozen
class Party:
    """A field of entities and where it stands in the table: its texts, and their names if those are ids."""

    prefix: str
    field: Field
    given: str
    called: str | None

    @property
    def several(self) -> bool:
        """Whether it holds a list."""
        return self.field.kind.several

    @property
    def group(self) -> str:
        """The part of the look-up that its texts are in: its own if they are ids, else that of all names."""
        return self.prefix if self.called is not None else ""


def party(columns: Columns, prefix: str, field: Field) -> Party:
    """A field of entities as the table gives it.

    Raises:
        InvalidData: if a column is of another type than text, or lists of ids have names beside them.
    """
    name = called(field)
    beside = name if columns.has(name) else None
    if not field.kind.several:
        return Party(
            prefix, field, columns.text(field.name), None if beside is None else columns.text(beside)
        )
    if beside is not None:
        raise columns.refuse(
            beside, "goes with one entity, not with a list; name them in a table of their own"
        )
    return Party(prefix, field, columns.texts(field.name), None)


def look_up(log: Log, parties: Sequence[Party], *, declared: bool) -> Names:
    """Make the look-up `who` of all that the parties are called, in the order in which they are spoken of.

    Ids that come with names are taken first, so that the other columns may use either.
    """
    connection = log.connection
    connection.execute(f"CREATE TEMP TABLE who ({', '.join(f'{name} {kind}' for name, kind in _WHO)})")
    _ask(connection, parties)
    asked = connection.execute(
        'SELECT "field", given, called, first_row FROM temp.asked ORDER BY n'
    ).fetchall()
    connection.execute("DROP TABLE temp.asked")
    cleaned = {text: _cleaned(text) for _, given, name, _ in asked for text in (given, name)}
    names = Names(log, [one for one in cleaned.values() if isinstance(one, str)])
    meant = [
        _meant(group, cleaned[given], cleaned[name], names, declared=declared)
        for group, given, name, _ in asked
    ]
    rows = [
        [group, given, name, *one.columns(names, first_row)]
        for (group, given, name, first_row), one in zip(asked, meant, strict=True)
    ]
    add(connection, "who", _WHO, rows)
    return names


def _ask(connection: duckdb.DuckDBPyConnection, parties: Sequence[Party]) -> None:
    """Collect what entities are called, each once, ids with their names before all else."""
    parts = [_asked(index, one) for index, one in enumerate(parties)]
    source = (
        " UNION ALL ".join(parts) or "SELECT '' AS field, '' AS given, '' AS called, 0 AS place WHERE FALSE"
    )
    connection.execute(
        f"""CREATE TEMP TABLE asked AS
        SELECT row_number() OVER (ORDER BY "field" = '', called IS NULL, min(place)) AS n,
            "field", given, called, min(place) >> 30 AS first_row
        FROM ({source}) GROUP BY "field", given, called"""
    )


def _asked(index: int, one: Party) -> str:
    """Every text of a party, with its place: row, then field, then place in the list, in one number."""
    group, place = literal(one.group), f"({ROW} << 30) + ({index} << 22)"
    if one.several:
        listed = f"unnest({one.given}) AS given, generate_subscripts({one.given}, 1) AS k"
        inner = f"SELECT {ROW}, {listed} FROM {GIVEN} AS given"
        return (
            f"SELECT {group} AS field, given, NULL AS called, min({place} + least(k, 4194303)) AS place "
            f"FROM ({inner}) WHERE given IS NOT NULL GROUP BY given"
        )
    name = one.called or "NULL"
    return (
        f"SELECT {group} AS field, {one.given} AS given, {name} AS called, min({place}) AS place "
        f"FROM {GIVEN} AS given WHERE {one.given} IS NOT NULL GROUP BY {one.given}, {name}"
    )


def _cleaned(text: str | None) -> str | TimelineError | None:
    try:
        return None if text is None else clean_name(text)
    except TimelineError as problem:
        return problem


@attrs.frozen
class _Meant:
    """Whom a text means, the name that goes with it if that is not the id, or why it means nobody."""

    entity: str | None = None
    name: str | None = None
    problem: str | None = None

    def columns(self, names: Names, first_row: int) -> list[str | None]:
        """The columns of `who` behind what was given."""
        entity, name = self.entity, self.name
        if entity is None:
            return [None, None, None, None, None, None, str(first_row), self.problem]
        piece = None if name is None else f"{_sortable(entity)}\t{canonical({entity: name})[1:-1]}"
        shown, fold = name or names.shown(entity), None if name is None else folded(name)
        return [entity, canonical(entity), piece, shown, name, fold, str(first_row), None]


def _meant(group: str, text: Any, called: Any, names: Names, *, declared: bool) -> _Meant:
    """Whom a text means, beside a name if it is an id; both clean, or the error for what cannot be read."""
    for one in (text, called):
        if isinstance(one, TimelineError):
            return _Meant(problem=str(one))
    try:
        if group:
            entity = names.exact_or_new(text, called, declared=declared)
            return _Meant(entity, None if called == entity else called)
        entity = names.found_or_new(text, declared=declared)
    except TimelineError as problem:
        return _Meant(problem=str(problem))
    return _Meant(entity, None if text == entity else text)


def _sortable(entity: str) -> str:
    """An id as text that sorts, by code point, as RFC 8785 sorts ids."""
    return entity.encode("utf-16-be").hex()


# In SQL


def value(one: Party) -> Value:
    """A field of entities, once it is looked up."""
    return _list(one) if one.several else _single(one)


def _single(one: Party) -> Value:
    who, prefix = f"{one.prefix}_who", one.prefix
    names = f" AND {who}.called IS NOT DISTINCT FROM {one.called}" if one.called is not None else ""
    same = f"{who}.field = {literal(one.group)} AND {who}.given = {one.given}{names}"
    join = f"LEFT JOIN temp.who AS {who} ON {same}"
    problems = [Problem(one.field.name, f"{who}.problem")]
    if not one.field.nullable:
        problems.append(Problem(one.field.name, f"CASE WHEN {one.given} IS NULL THEN {literal(BLANK)} END"))
    return Value(
        selected={
            prefix: f"{who}.entity",
            f"{prefix}_json": f"{who}.entity_json",
            f"{prefix}_piece": f"{who}.piece",
            f"{prefix}_shown": f"{who}.shown",
        },
        joins=(join,),
        problems=tuple(problems),
        stored=(prefix,),
        json=f"coalesce({prefix}_json, 'null')",
        words=f"coalesce({prefix}_shown, 'somebody')",
        said=f"{prefix} IS NOT NULL",
    )


def _list(one: Party) -> Value:
    """A list: of one or two looked up as they are, of more by row."""
    first, second, lists = (f"{one.prefix}_{name}" for name in ("first", "second", "lists"))
    prefix, given = one.prefix, one.given
    joins = (
        f"LEFT JOIN temp.who AS {first} ON {first}.field = '' AND {first}.given = {given}[1]",
        f"LEFT JOIN temp.who AS {second} ON {second}.field = '' AND {second}.given = {given}[2]",
        f"LEFT JOIN temp.{lists} AS {lists} ON {lists}.row = given.{ROW}",
    )

    def chosen(none: str, single: str, both: str, several: str) -> str:
        once = f"CASE WHEN {first}.entity = {second}.entity THEN {single} ELSE {both} END"
        return (
            f"CASE len({given}) WHEN 0 THEN {none} WHEN 1 THEN {single} WHEN 2 THEN {once} ELSE {several} END"
        )

    piece = f"coalesce({first}.piece, {second}.piece)"
    shown = f"coalesce({first}.name, {second}.name, {first}.shown)"
    none = "[]::VARCHAR[]"
    pieces = chosen(
        none,
        f"CASE WHEN {piece} IS NULL THEN {none} ELSE [{piece}] END",
        f"CASE WHEN {piece} IS NULL THEN {none} WHEN {first}.piece IS NULL OR {second}.piece IS NULL "
        f"THEN [{piece}] ELSE [{first}.piece, {second}.piece] END",
        f"{lists}.pieces",
    )
    alone = f"concat('[', {first}.entity_json, ']')"
    together = f"concat('[', {first}.entity_json, ',', {second}.entity_json, ']')"
    blank = f"CASE WHEN list_position({given}, NULL) > 0 THEN {literal(_GAP)} END"
    found = f"coalesce({blank}, {first}.problem, {second}.problem)"
    reason = f"CASE WHEN len({given}) > 2 THEN {lists}.problem WHEN len({given}) > 0 THEN {found} END"
    return Value(
        selected={
            prefix: chosen(
                none, f"[{first}.entity]", f"[{first}.entity, {second}.entity]", f"{lists}.entities"
            ),
            f"{prefix}_json": chosen("'[]'", alone, together, f"{lists}.json"),
            f"{prefix}_pieces": pieces,
            f"{prefix}_words": chosen(
                "'somebody'", shown, f"concat({first}.shown, ' and ', {second}.shown)", f"{lists}.words"
            ),
        },
        joins=joins,
        problems=(Problem(one.field.name, reason),),
        stored=(prefix,),
        json=f"coalesce({prefix}_json, '[]')",
        words=f"{prefix}_words",
        said=f"len({prefix}) > 0",
    )


def list_up(connection: duckdb.DuckDBPyConnection, one: Party) -> None:
    """Make the look-up of lists of three or more entities, by row, each entity once and in order."""
    lists = f"{one.prefix}_lists"
    inner = f"SELECT {ROW}, {one.given} AS given FROM {GIVEN} AS given WHERE len({one.given}) > 2"
    blank = literal(_GAP)
    connection.execute(
        f"""CREATE TEMP TABLE {lists} AS
        SELECT row, entities, pieces,
            '[' || array_to_string(jsons, ',') || ']' AS json, {listing("shown")} AS words, problem
        FROM (
            SELECT row, list(entity ORDER BY k) AS entities, list(entity_json ORDER BY k) AS jsons,
                list(shown ORDER BY k) AS shown, list(piece ORDER BY k) FILTER (piece IS NOT NULL) AS pieces,
                min(problem) AS problem
            FROM (
                SELECT row, coalesce(who.entity, one.given, '') AS entity, min(k) AS k,
                    arg_min(entity_json, k) AS entity_json,
                    coalesce(arg_min(name, k) FILTER (name IS NOT NULL), arg_min(shown, k)) AS shown,
                    arg_min(piece, k) FILTER (piece IS NOT NULL) AS piece,
                    min(CASE WHEN one.given IS NULL THEN {blank} ELSE who.problem END) AS problem
                FROM (
                    SELECT {ROW} AS row, unnest(given) AS given, generate_subscripts(given, 1) AS k
                    FROM ({inner})
                ) AS one LEFT JOIN temp.who AS who ON who.given = one.given AND who.field = ''
                GROUP BY ALL
            ) GROUP BY row
        )"""
    )
