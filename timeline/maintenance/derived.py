"""Typed tables, feeds, look-ups and the layout of the file against what the log and the vocabulary give."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Self
from uuid import UUID

import attrs
import duckdb

from timeline.compile import (
    SPAN_TABLES,
    Layout,
    TypedTable,
    contributed,
    contributions,
    doubts_anew,
    quoted,
    span_table,
    spans_anew,
    statement,
    strange_keys,
)
from timeline.log import FEEDS, IDS_TODAY, SHAPES, TABLES, Log, anew, connect, feed_rows, ids_today, schema
from timeline.maintenance.columns import (
    PART,
    Totals,
    added,
    differing,
    hashed,
    odd as odd_rows,
    run,
    totals,
    unlike,
    unread,
)
from timeline.maintenance.report import Fault
from timeline.records import Codec, Record, Samenesses
from timeline.vocabulary import kept

_CHUNK: Final = 10_000
_HOW: Final = {
    "missing": "its row is missing",
    "extra": "there is a row that follows from no record",
    "other": "its row is not as it follows from the log",
}
_FED: Final = {
    "missing": "what it contributes to states is missing",
    "extra": "it contributes nothing to states, and there is a row that says it does",
    "other": "what it contributes to states is not as it follows from the log",
}
_ENVELOPE: Final = (
    "position",
    "id",
    "ref",
    "kind",
    "occurred",
    "earliest",
    "latest",
    "known_at",
    "recorded_at",
    "credence",
)


def typed(log: Log, older: Iterable[str]) -> Iterator[Fault]:
    """Rows of typed tables that are missing, too many, or not what the log says, and records that are unread.

    `older` are the types of which the log holds events of an older version.
    """
    faults = list(_differing_rows(log, older))
    odd = unread(log, (fault.position for fault in faults))
    for fault in faults:
        if fault.position not in odd:
            yield fault
    for kind in log.codec.catalogue.events.values():
        if kind.name not in older:
            odd |= unread(log, odd_rows(log, TypedTable.of(kind)))
    yield from (odd[position] for position in sorted(odd))


def _differing_rows(log: Log, older: Iterable[str]) -> Iterator[Fault]:
    """Rows of typed tables that are missing, too many, or not what the log says."""
    stored = hashed([*_ENVELOPE, "data"])
    whole = f"SELECT type, position, {stored} AS hash FROM log WHERE data IS NOT NULL AND type IS NOT NULL"
    expected: dict[str, Totals] = {}
    for name, part, count, hashes in log.connection.execute(
        f"SELECT type, position // {PART}, count(*), sum(hash) FROM ({whole}) GROUP BY ALL"
    ).fetchall():
        expected.setdefault(name, {})[part] = (count, hashes)
    for name, kind in log.codec.catalogue.events.items():
        table = TypedTable.of(kind)
        if name in older:
            yield from _read_anew(log, table)
            continue
        said = f"SELECT position, {_as_said(table)} AS hash FROM {table.layout.table}"
        found, due = totals(log, said), expected.get(name, {})
        for part in sorted(found.keys() | due.keys()):
            if found.get(part) != due.get(part):
                mine = f"SELECT * FROM ({whole}) WHERE type = $name AND position // {PART} = $part"
                theirs = f"SELECT * FROM ({said}) WHERE position // {PART} = $part"
                asked = {"name": name, "part": part}
                yield from unlike(log, table.layout.table, mine, theirs, _HOW, asked)


def _read_anew(log: Log, table: TypedTable) -> Iterator[Fault]:
    """The same for a type of which some events have to be brought up to date first."""
    anew = _Anew.of(log, table.layout, "typed_anew")
    for records in _chunks(log, table.type.name):
        anew.fill(table.rows(records))
        yield from unread(log, (one.position for one in records if one.problem is not None)).values()
    row = f"SELECT position, {hashed(map(quoted, table.layout.types))} AS hash"
    held = table.layout.table
    yield from unlike(log, held, f"{row} FROM {anew.layout.table}", f"{row} FROM {held}", _HOW)


@attrs.frozen
class _Anew:
    """A temporary table that is laid out as one of the file, and filled with what that should hold."""

    log: Log
    layout: Layout

    @classmethod
    def of(cls, log: Log, layout: Layout, name: str) -> Self:
        """An empty one, of this name."""
        log.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM {layout.table} LIMIT 0")
        return cls(log, attrs.evolve(layout, table=f"temp.{name}"))

    def fill(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows."""
        if several := list(rows):
            self.log.connection.execute(self.layout.insert, [self.layout.columns(several)])


def _chunks(log: Log, type_name: str) -> Iterator[list[Record]]:
    """The records of a type, some at a time."""
    top = run(log, "top")[0][0]
    for start in range(0, top, _CHUNK):
        found = log.records(after=start, upto=min(start + _CHUNK, top), types=[type_name])
        records = [record for record in found if record.type == type_name]
        if records:
            yield records


def _as_said(table: TypedTable) -> str:
    """The hash of a row, its typed columns as the data of the log that they stand for."""
    fields = sorted(table.type.fields, key=lambda field: field.name)
    parts = [
        part
        for index, field in enumerate(fields)
        for part in (f"'{',' if index else '{'}\"{field.name}\":'", f"({table.json(field)})")
    ]
    data = f"concat({', '.join([*parts, chr(39) + '}' + chr(39)])})" if parts else "'{}'"
    return hashed([*_ENVELOPE, data])


def feeds(log: Log, older: Iterable[str]) -> Iterator[Fault]:
    """Records whose contributions to states are missing, too many, or not what follows from them."""
    catalogue, older = log.codec.catalogue, set(older)
    _feed_anew(log, older)
    anew = f"SELECT {_columns(FEEDS)} FROM temp.feeds_anew"
    due = totals(log, _with_hash(anew))
    selected = {
        name: sql
        for name, kind in catalogue.events.items()
        if name not in older and (sql := contributions(catalogue, kind)) is not None
    }
    held = dict(run(log, "positions of types"))
    top, base = run(log, "top")[0][0], log.base_of_spans()
    spans = [(start, min(start + PART - 1, top)) for start in range(0, top + 1, PART)]
    for name, sql in selected.items():
        for first, last in spans:
            if name in held and held[name][0] <= last and held[name][1] >= first:
                due = added(due, totals(log, _with_hash(sql), [first, last]))
    contributions_ = contributed(catalogue.states.values())
    found = totals(log, _with_hash(contributions_))
    for part in sorted(found.keys() | due.keys()):
        if found.get(part) == due.get(part):
            continue
        first, last = part * PART, (part + 1) * PART - 1
        within = f"SELECT * FROM ({anew}) WHERE position BETWEEN $1 AND $2"
        mine = " UNION ALL ".join(
            f"SELECT {_columns(FEEDS)} FROM ({sql})" for sql in (within, *selected.values())
        )
        theirs = f"SELECT * FROM ({contributions_}) WHERE position BETWEEN $1 AND $2"
        keys = differing(log, "state || ' ' || position", _with_hash(mine), _with_hash(theirs), [first, last])
        wrong = sorted((int(place), name, how) for key, how in keys for name, place in [key.split()])
        odd = unread(log, (position for position, _, _ in wrong))
        told = dict.fromkeys(
            (span_table(catalogue.states[name]) if position <= base else "feeds", position, how)
            for position, name, how in wrong
            if position not in odd
        )
        for table, position, how in told:
            yield Fault(table, position, _FED[how], derived=True)


def spans(log: Log) -> Iterator[Fault]:
    """Records whose spans in states are missing, too many, or not what follows from what these are fed."""
    for state in log.codec.catalogue.states.values():
        for (count,) in log.connection.execute(strange_keys(state)).fetchall():
            if count:
                problem = f"{count} are not as they should be"
                yield Fault(span_table(state, " keys"), None, problem, derived=True)
        for what, expected in (("", spans_anew(state)), (" doubts", doubts_anew(state))):
            columns = list(SPAN_TABLES[what])
            mine, theirs = (
                f"SELECT place AS position, {hashed(columns)} AS hash FROM ({rows})"
                for rows in (expected, f"FROM {span_table(state, what)}")
            )
            yield from unlike(log, span_table(state, what), mine, theirs, _HOW)


def _feed_anew(log: Log, older: Iterable[str]) -> None:
    """Make `temp.feeds_anew`: what the records of types with older events contribute, read in Python."""
    anew = _Anew.of(log, FEEDS, "feeds_anew")
    for name in older:
        for records in _chunks(log, name):
            anew.fill(feed_rows(log.codec, records))


def sameness(log: Log) -> Iterator[Fault]:
    """Records whose reading as of other entities is missing, too much, or not what follows from them."""
    top = run(log, "top")[0][0]
    made = {layout.table: _Anew.of(log, layout, f"{layout.table}_anew") for layout in TABLES}
    for layout, rows in anew(log, _said_same(log), top):
        made[layout.table].fill(rows)
    for table, into in made.items():
        mine, theirs = (_with_hash(f"FROM {one}", into.layout) for one in (into.layout.table, table))
        yield from unlike(log, table, mine, theirs, _HOW)


def ids(log: Log, outdated: Iterable[str]) -> Iterator[Fault]:
    """Records of older versions that are not found by the id that they would have today, or by another."""
    due: dict[int, set[UUID]] = {}
    for name in outdated:
        for records in _chunks(log, name):
            for ident, position in ids_today(log, records):
                due.setdefault(position, set()).add(ident)
    found: dict[int, list[UUID]] = {}
    for ident, position in log.connection.execute(f"FROM {IDS_TODAY.table}").fetchall():
        found.setdefault(position, []).append(ident)
    for position in sorted(due.keys() | found.keys()):
        if sorted(due.get(position, ())) != sorted(found.get(position, ())):
            problem = "the id that it would have today is not as it follows from the log"
            yield Fault(IDS_TODAY.table, position, problem, derived=True)


def shapes(log: Log) -> Iterator[Fault]:
    """Shapes that are not kept as the vocabulary has them, and kept ones of which the log holds nothing."""
    declared = kept(log.codec.catalogue)
    held = {("event", name, version) for name, version, _ in schema.types_in_use(log.connection)}
    rows = [((sort, name, version), shape) for sort, name, version, shape in log.run("shapes", file="schema")]
    wrong = {key for key in declared if [shape for other, shape in rows if other == key] != [declared[key]]}
    wrong |= {key for key, _ in rows if key not in declared and key not in held}
    for _, name, version in sorted(wrong):
        problem = f"the shape of {name}, version {version}, is not as the vocabulary has it"
        yield Fault(SHAPES.table, None, problem, derived=True)


def _said_same(log: Log) -> Samenesses:
    """What the log says of which entities are the same, by the log itself."""
    types = log.codec.catalogue.stored(kind.name for kind in log.codec.catalogue.sameness)
    return log.samenesses_at([position for (position,) in run(log, "of types", types)])


def _columns(layout: Layout) -> str:
    return ", ".join(f"{quoted(name)}::{kind} AS {quoted(name)}" for name, kind in layout.types.items())


def _with_hash(rows: str, layout: Layout = FEEDS) -> str:
    values = [f"{quoted(name)}::{kind}" for name, kind in layout.types.items()]
    state = "state, " if layout is FEEDS else ""
    return f"SELECT {state}position, {hashed(values)} AS hash FROM ({rows})"


def layout(log: Log, *, whole: bool) -> Iterator[Fault]:
    """Tables, views and macros that are not as this package makes them, and tables of Unicode likewise.

    Unless it is the whole of them, only those tables that are never made anew.
    """
    fresh = _fresh(log.codec)
    held = _laid_out(log.connection)
    for place, made in sorted(fresh.made.items()):
        kind, where, name = place
        if (whole or (kind == "table" and name in _KEPT)) and held.get(place) != made:
            problem = f"the {kind} is {'not laid out as it should be' if place in held else 'missing'}"
            called = name if where == "main" else f"{where}.{quoted(name)}"
            yield Fault(called, None, problem, derived=kind != "table" or name not in _KEPT)
    for table, rows in fresh.rows.items() if whole else ():
        if log.connection.execute(_all(table)).fetchall() != rows:
            yield Fault(table, None, "it is not as this version of Unicode has it", derived=True)


_KEPT: Final = frozenset(
    {"meta", "log", "commits", "sources", "entities", "entity_names", "hidden", "shapes"}
)
"""The tables that are never made anew."""


@attrs.frozen
class _Fresh:
    """A new timeline: how its tables, views and macros are made, and the rows that it has from the start."""

    made: dict[tuple[str, str, str], str]
    rows: dict[str, list[tuple[str, ...]]]


@functools.lru_cache(maxsize=4)
def _fresh(codec: Codec) -> _Fresh:
    """A new timeline."""
    with connect() as connection:
        schema.create(connection, codec, "")
        rows = {table: connection.execute(_all(table)).fetchall() for table in ("foldings", "letters")}
        return _Fresh(_laid_out(connection), rows)


def _laid_out(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], str]:
    rows = connection.execute(statement("integrity", "laid out")).fetchall()
    return {(kind, place, name): _told_alike(made) for kind, place, name, made in rows}


def _told_alike(made: str) -> str:
    """How something is made, what is left out in order: DuckDB tells it now so, now otherwise."""
    return _LEFT_OUT.sub(lambda found: f"EXCLUDE ({', '.join(sorted(found[1].split(', ')))})", made)


_LEFT_OUT: Final = re.compile(r"EXCLUDE \(([^()]*)\)")


def _all(table: str) -> str:
    return f"FROM {table} ORDER BY ALL"
