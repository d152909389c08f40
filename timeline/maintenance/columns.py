"""Columns of the log, and lists beside it, against what follows from the columns that digests cover."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from timeline.compile import TypedTable, is_date, quoted
from timeline.log import Log, hidden_row
from timeline.maintenance.report import Fault
from timeline.records import hidden
from timeline.values import TimelineError, When, folded, stored_instant
from timeline.vocabulary import Event

_CHUNK: Final = 10_000
_DAY: Final = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"


def unread(log: Log, positions: Iterable[int | None]) -> dict[int, Fault]:
    """By position, those of some records that cannot be read, each as a fault."""
    wanted = sorted({position for position in positions if position is not None})
    found: dict[int, Fault] = {}
    for start in range(0, len(wanted), _CHUNK):
        for position, record in log.at(wanted[start : start + _CHUNK]).items():
            if record.problem is not None:
                problem = f"it cannot be read: {record.problem}"
                found[position] = Fault("log", position, problem, unreadable=True)
    return found


def not_json(log: Log) -> Iterator[Fault]:
    """Records whose sources or names are no JSON."""
    yield from unread(log, (position for (position,) in run(log, "no json"))).values()


def not_declared(log: Log) -> Iterator[Fault]:
    """Records of types, or of versions of them, that the vocabulary does not have."""
    known = {name: kind.version for name, kind in log.codec.catalogue.names.items()}
    rows = run(log, "not in the vocabulary", list(known), list(known.values()))
    yield from unread(log, (position for (position,) in rows)).values()


def odd(log: Log, table: TypedTable) -> list[int]:
    """The positions of rows of a typed table for which SQL cannot vouch that the event is read.

    Where Python checks events of the type by itself, those of all rows.
    """
    cls = table.type.cls
    own = getattr(cls, "__attrs_post_init__", None) is not getattr(Event, "__attrs_post_init__", None)
    checked = own or any(one.validator is not None for one in attrs.fields(cls))
    vouched = [is_date("occurred", "earliest"), *map(table.sound, table.type.fields)]
    where = "true" if checked else f"NOT ({' AND '.join(vouched)})"
    rows: list[Any] = log.connection.execute(
        f"SELECT position FROM {table.layout.table} WHERE {where} ORDER BY position"
    ).fetchall()
    return [position for (position,) in rows]


_PAGE: Final = 100_000
PART: Final = 1_000_000
"""How many positions are looked at together."""

Totals = dict[int, tuple[int, int]]
"""By part, how many rows there are, and the sum of their hashes."""

_KEY: Final = secrets.token_hex(16)
"""Goes into every hash, so that nobody can make rows of equal hashes."""


def run(log: Log, name: str, *parameters: Any) -> list[Any]:
    """The rows that a named statement about integrity gives."""
    return log.run(name, *parameters, file="integrity")


def paged(log: Log, name: str) -> Iterator[Any]:
    """The rows that a named statement gives, asked for page by page, from one number until before another."""
    page = 0
    while rows := run(log, name, page, page + _PAGE):
        yield from rows
        page += _PAGE


def hashed(values: Iterable[str]) -> str:
    """SQL for the hash of a row with these values."""
    return f"hash({', '.join([repr(_KEY), *values])})"


def totals(log: Log, rows: str, parameters: Iterable[Any] = ()) -> Totals:
    """The totals of a query by part; its columns are `position` and `hash`."""
    found = log.connection.execute(
        f"SELECT position // {PART}, count(*), sum(hash) FROM ({rows}) GROUP BY ALL",
        list(parameters),
    ).fetchall()
    return {part: (count, whole) for part, count, whole in found}


def added(one: Totals, other: Totals) -> Totals:
    """The totals of two queries together."""
    whole = dict(one)
    for part, (count, hashes) in other.items():
        before = whole.get(part, (0, 0))
        whole[part] = (before[0] + count, before[1] + hashes)
    return whole


def differing(
    log: Log, key: str, expected: str, found: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> Iterator[tuple[Any, str]]:
    """The keys of rows that differ in two queries, each with whether it is missing, too many or changed."""
    sums = f"{key} AS key, count(*) AS rows, sum(hash) AS hashes"
    rows = log.connection.execute(
        f"""SELECT coalesce(expected.key, found.key) AS key,
            CASE WHEN found.key IS NULL THEN 'missing' WHEN expected.key IS NULL THEN 'extra' ELSE 'other' END
        FROM (SELECT {sums} FROM ({expected}) GROUP BY ALL) AS expected
        FULL JOIN (SELECT {sums} FROM ({found}) GROUP BY ALL) AS found ON expected.key = found.key
        WHERE (expected.rows, expected.hashes) IS DISTINCT FROM (found.rows, found.hashes)
        ORDER BY key""",
        parameters,
    )
    yield from rows.fetchall()


def unlike(
    log: Log,
    table: str,
    expected: str,
    found: str,
    told: Mapping[str, str],
    parameters: Sequence[Any] | Mapping[str, Any] = (),
) -> Iterator[Fault]:
    """Rows of a table made from the log that differ from what is expected; `told` says how in words."""
    for position, how in differing(log, "position", expected, found, parameters):
        yield Fault(table, position, told[how], derived=True)


def how(what: str) -> dict[str, str]:
    """What is told of something that is missing, too much, or otherwise."""
    return {
        "missing": f"{what} is missing",
        "extra": f"{what} is there and follows from nothing",
        "other": f"{what} is not as it follows from the log",
    }


_STAMP: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z?"


def rows(log: Log) -> Iterator[Fault]:
    """Records that do not have what their kind needs, or whose chain is not the one they belong to."""
    for (position,) in run(log, "kinds"):
        yield Fault("log", position, "it is of no kind, or has not what its kind needs")
    for (position,) in run(log, "known too late"):
        yield Fault("log", position, "it is said to be known later than it was recorded")
    for (position,) in run(log, "origins"):
        yield Fault("log", position, "its origin is not the first record of its chain")


def bounds(log: Log) -> Iterator[Fault]:
    """Records whose first and last instant are not those of their date."""
    wrong = list(_out_of_bounds(log, "log", "occurred", "earliest", "latest"))
    odd = unread(log, wrong)
    for position in wrong:
        yield odd.get(position) or Fault("log", position, "its earliest and latest are not those of its date")


def typed_bounds(log: Log, table: TypedTable) -> Iterator[Fault]:
    """Rows of a typed table in which the instants of a date beside `occurred` are not those of it."""
    for text, earliest, latest in table.dates:
        for position in _out_of_bounds(log, table.layout.table, text, earliest, latest):
            problem = f"{earliest} and {latest} are not those of {text}"
            yield Fault(table.layout.table, position, problem, derived=True)


def _out_of_bounds(log: Log, table: str, text: str, earliest: str, latest: str) -> Iterator[int]:
    """The positions of rows whose instants do not follow from a date.

    Plain ones, and one of two plain ones, are looked at in SQL, others in Python.
    """
    given = {"given": text, "earliest": earliest, "latest": latest}
    columns = ", ".join(f"{quoted(column)} AS {name}" for name, column in given.items())
    log.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE odd_dates AS
        SELECT row_number() OVER () AS n, given, earliest, latest FROM (
            SELECT *,
                CASE WHEN regexp_full_match(given, '\\[{_DAY}\\.\\.{_DAY}\\]')
                    THEN string_split(given[2:-2], '..') ELSE [given, given] END AS ends,
                {_start("ends[1]")} AS start, {_start("ends[2]")} AS until
            FROM (SELECT {columns} FROM {table} GROUP BY ALL)
        )
        WHERE NOT coalesce(
            start >= TIMESTAMP '0001-01-01' AND until < TIMESTAMP '9999-01-01' AND earliest = start
            AND (ends[1] = ends[2] OR start < until)
            AND latest = CASE length(ends[2])
                WHEN 4 THEN until + INTERVAL 1 YEAR - INTERVAL 1 MICROSECOND
                WHEN 7 THEN until + INTERVAL 1 MONTH - INTERVAL 1 MICROSECOND
                WHEN 10 THEN until + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND
                ELSE until
            END, false)"""
    )
    wrong = [n for n, given, *stored in paged(log, "page of dates") if _bounds(given) != stored]
    if not wrong:
        return
    found = log.connection.execute(
        f"""SELECT position FROM {table} AS held SEMI JOIN (
            FROM temp.odd_dates WHERE n IN (SELECT unnest(?::BIGINT[]))
        ) AS odd ON (odd.given, odd.earliest, odd.latest)
            IS NOT DISTINCT FROM (held.{quoted(text)}, held.{quoted(earliest)}, held.{quoted(latest)})
        ORDER BY position""",
        [wrong],
    )
    yield from (position for (position,) in found.fetchall())


def _start(date: str) -> str:
    """SQL for the first instant of a plain date; NULL of any other text."""
    whole = f"{date} || CASE length({date}) WHEN 4 THEN '-01-01' WHEN 7 THEN '-01' ELSE '' END"
    return f"""CASE
        WHEN regexp_full_match({date}, '{_DAY}') THEN TRY_CAST({whole} AS TIMESTAMP)
        WHEN regexp_full_match({date}, '{_STAMP}') THEN TRY_CAST(rtrim({date}, 'Z') AS TIMESTAMP)
    END"""


def _bounds(text: str | None) -> list[str | None] | None:
    """The instants that a date should have, as stored; None if it is no date."""
    if text is None:
        return [None, None]
    try:
        when = When(text)
    except TimelineError:
        return None
    return [stored_instant(when.earliest, "-infinity"), stored_instant(when.latest)]


def entities(log: Log) -> Iterator[Fault]:
    """Entities that are missing or that nobody speaks of, and those not as they were first spoken of."""
    log.find_entities()
    row = f"SELECT id, {hashed(['id', 'name', 'first_position'])} AS hash"
    for ident, fault in differing(log, "id", f"{row} FROM temp.mentioned", f"{row} FROM entities"):
        yield Fault("entities", None, how(f"the entity {ident!r}")[fault], derived=True)


def names(log: Log, namings: Iterable[TypedTable]) -> Iterator[Fault]:
    """Names of entities that are missing, that nobody gave, or that are folded wrongly."""
    log.find_entities()
    expected = [
        "SELECT entity, name, position, false AS naming FROM temp.given_names",
        "SELECT id, id, first_position, false FROM temp.mentioned WHERE name = id",
    ]
    for table in namings:
        entity, name = map(table.named, table.type.naming or ())
        expected.append(
            f"SELECT {entity}, {name}, position, true FROM {table.layout.table} WHERE credence <> 'denied'"
        )
    row = f"SELECT *, {hashed(['entity', 'name', 'position', 'naming'])} AS hash"
    whole = f"{row} FROM ({' UNION ALL '.join(expected)})"
    told = how("a name that it gives")
    yield from unlike(log, "entity_names", whole, f"{row} FROM entity_names", told)
    run(log, "folded names")
    for name, fold, position in paged(log, "page of folded names"):
        if folded(name) != fold:
            yield Fault("entity_names", position, f"the name {name!r} is folded wrongly", derived=True)


def hidden_rows(log: Log) -> Iterator[Fault]:
    """Records of which it is not said, or said wrongly, where they do not stand."""
    run(log, "hidden anew")
    touched = [origin for (origin,) in run(log, "corrected")]
    for start in range(0, len(touched), _CHUNK):
        chains = log.chains(touched[start : start + _CHUNK])
        anew = [hidden_row(row) for chain in chains.values() for row in hidden(chain)]
        if anew:
            run(log, "add hidden", *map(list, zip(*anew, strict=True)))
    columns = ["position", "known_from", "known_to", "superseded_by", "position_from", "position_to"]
    row = f"SELECT position, {hashed(columns)} AS hash"
    told = how("where it does not stand")
    yield from unlike(log, "hidden", f"{row} FROM temp.hidden_anew", f"{row} FROM hidden", told)
