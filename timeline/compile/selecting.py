"""The events that a rule is about, taken from the typed tables in one shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs

from timeline.compile.statements import statement
from timeline.compile.tables import TypedTable
from timeline.vocabulary import EventType

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
    others, by the parameters `ids` and `read_as`. `tables` are those that are read in place of typed tables,
    by type.
    """

    narrow: bool
    same: bool
    tables: Mapping[str, str]

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
            f"    FROM {self.tables.get(kind.name, table.layout.table)}{mended}\n"
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
