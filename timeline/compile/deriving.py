"""The table `feeds` by SQL, from the typed tables: for many records at once."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.compile.statements import quoted
from timeline.compile.tables import TypedTable
from timeline.vocabulary import Catalogue, EventType, Feeding, Way


def derivation(catalogue: Catalogue, kind: EventType) -> str | None:
    """The SQL that adds to `feeds` what the events of one type contribute; None if they feed no state.

    Its parameters are the first and the last position.
    """
    fed = contributions(catalogue, kind)
    return None if fed is None else f"INSERT INTO feeds {fed}"


def contributions(catalogue: Catalogue, kind: EventType) -> str | None:
    """The SELECT that gives what the events of one type contribute, with the parameters of `derivation`.

    Its own columns have a blank in their names, which no field can have.
    """
    branches = [
        _branch(name, feeding, TypedTable(kind))
        for name, state in sorted(catalogue.states.items())
        for feeding in state.feeding(kind.cls)
    ]
    if not branches:
        return None
    return f"""\
WITH told AS MATERIALIZED (
    SELECT said.*, log.origin AS "told origin", log.data AS "told data"
    FROM said.{quoted(kind.name)} AS said JOIN log USING (position)
    WHERE said.position BETWEEN $1 AND $2 AND said.credence <> 'denied'
        AND log.position BETWEEN $1 AND $2 AND log.type = '{kind.name}'
)
{"UNION ALL".join(branches)}"""  # noqa: S608


def _branch(state: str, feeding: Feeding, table: TypedTable) -> str:
    """The rows for one field; each place of an event once, also where several ways lead to it."""
    several = len(feeding.ways) > 1 or any(_crossed(way) for way in feeding.ways)
    places = "UNION ALL".join(_way(feeding, way, table, whole=not several) for way in feeding.ways)
    record = {"origin": '"told origin"', "earliest": "earliest", "latest": "latest", "known_at": "known_at"}
    taken = {**record, **_taken(feeding, table)}
    columns = ", ".join(f"{value} AS {name}" for name, value in taken.items())
    source = f"({_once(places)}) JOIN told USING (position)" if several else f"({places})"
    return f"""
SELECT
    '{state}' AS state, '{feeding.field}' AS field, "place a" AS a, "place b" AS b, "place slot" AS slot,
    "place jointly" AS jointly, position, {columns}
FROM {source}
"""  # noqa: S608


def _once(places: str) -> str:
    """Each place of an event once; what it tells is joined only then, as long texts take long to group."""
    return f"""
    SELECT "place a", "place b", "place slot", position, bool_or("place jointly") AS "place jointly"
    FROM ({places})
    GROUP BY ALL
"""  # noqa: S608


def _crossed(way: Way) -> bool:
    """Whether two lists give the two of a pair, so that they may give it twice."""
    return len(set(way.parts)) > 1 and set(way.parts) <= set(way.lists)


def _way(feeding: Feeding, way: Way, table: TypedTable, *, whole: bool) -> str:
    """The places that one way in which an event gives keys leads to; with all the event tells, if `whole`."""
    lists: list[str] = []
    values = [_each(table, name, lists) for name in way.parts]
    slots = [
        _each(table, name, lists) if part is None else values[part]
        for name, part in zip(feeding.fold.per, way.slots, strict=True)
    ]
    slot = f"to_json([{', '.join(slots)}])::VARCHAR" if slots else "'[]'"
    several = [_differ(f"told.{table.named(name)}") for name in way.lists]
    if len(values) == 1:
        a, b, real = values[0], "''", f"{values[0]} IS NOT NULL"
    else:
        one, other = values
        a, b = f"least({one}, {other})", f"greatest({one}, {other})"
        real = f"{one} {'<' if len(set(way.parts)) == 1 else '<>'} {other}"
    told = f"told.*{_without(lists)}" if whole else "told.position"
    return f"""
    SELECT
        {told}, {a} AS "place a", {b} AS "place b", {slot} AS "place slot",
        {" OR ".join(several) or "false"} AS "place jointly"
    FROM {_unnested(lists)} AS told
    WHERE {real}
"""  # noqa: S608


def _differ(values: str) -> str:
    """Whether a list has different values; most have one, or two that differ, which is soon seen."""
    return (
        f"CASE WHEN len({values}) < 2 THEN false WHEN {values}[1] <> {values}[2] THEN true "
        f"ELSE len(list_distinct({values})) > 1 END"
    )


def _each(table: TypedTable, name: str, lists: list[str]) -> str:
    """An entity, text or date of an attribute: the column, or each of its list, which is noted."""
    column = f"told.{name if name == 'occurred' else table.named(name)}"
    if table.type.dates(name) or not table.type.field(name).kind.several:
        return column
    lists.append(column)
    return f'told."each {len(lists)}"'


def _unnested(lists: Sequence[str]) -> str:
    """The events, each as often as it has values in these lists; without joins, which DuckDB is slow at."""
    source = "told"
    for number, column in enumerate(lists, 1):
        source = f'(SELECT told.*, unnest({column}) AS "each {number}" FROM {source} AS told)'  # noqa: S608
    return source


def _without(lists: Sequence[str]) -> str:
    """What leaves out again the columns that hold the values of these lists."""
    each = ", ".join(f'"each {number}"' for number in range(1, len(lists) + 1))
    return f" EXCLUDE ({each})" if lists else ""


def _taken(feeding: Feeding, table: TypedTable) -> dict[str, str]:
    """What a field takes from the events; as `feeds` does it in Python for few."""
    fold, feed, closes = feeding.fold, feeding.feed, feeding.closes
    value = names = until = amount = currency = inexact = "NULL"
    if fold.takes == "value" and not closes:
        if feed.constant is not None and fold.gives is None:
            value = "'" + feed.constant.replace("'", "''") + "'"
        else:
            shown = fold.gives or feed.attribute
            value = _event(table) if shown is None else _text(table, shown)
        until = "NULL" if fold.until is None else table.named(fold.until, "_latest")
    if fold.kind == "held" and feed.attribute is not None:
        names = _text(table, feed.attribute)
    if fold.takes == "amount" and feed.attribute is not None:
        amount = table.named(feed.attribute)
        if fold.sums_money:
            currency = table.named(feed.attribute, "_currency")
            inexact = f"{table.named(feed.attribute, '_bound')} <> 'exactly'"
    return {
        "closes": str(closes).lower(),
        "value": value,
        "names": names,
        "until_latest": until,
        "amount": amount,
        "currency": currency,
        "inexact": inexact,
    }


def _event(table: TypedTable) -> str:
    """A whole event as text."""
    told = """'{"data":' || "told data" || ',"occurred":' || to_json(occurred) || ',"type":'"""
    return f"""{told} || '"{table.type.name}"}}'"""


def _text(table: TypedTable, name: str) -> str:
    """The value of a field, or when the event occurred, as text."""
    return name if name == "occurred" else table.text(name)
