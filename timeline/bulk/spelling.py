"""Rows that call one entity by several names, told in Python as a single append would tell them."""

from __future__ import annotations

from typing import Final

from timeline.bulk.claims import Claims
from timeline.bulk.lookups import add
from timeline.codec import canonical
from timeline.log import Log
from timeline.wording import sentence

__all__ = ["respell"]

_CHUNK: Final = 10_000
_LAYOUT: Final = (("row", "BIGINT"), ("names", "VARCHAR"), ("summary", "VARCHAR"))


def respell(log: Log, claims: Claims) -> None:
    """See that rows which spell an entity in several ways keep, and tell, the first name that is no id."""
    mixed, named = claims.mixed(), "SELECT 1 FROM temp.who WHERE name IS NOT NULL LIMIT 1"
    if mixed is None or not log.connection.execute(named).fetchall():
        return
    rows = log.connection.execute(f"SELECT row FROM temp.read WHERE {mixed} ORDER BY row").fetchall()
    if not rows:
        return
    log.connection.execute(f"CREATE TEMP TABLE respelled ({', '.join(map(' '.join, _LAYOUT))})")
    for start in range(0, len(rows), _CHUNK):
        _respell(log, claims, [row for (row,) in rows[start : start + _CHUNK]])
    claims.lay_out(log, respelled=True)


def _respell(log: Log, claims: Claims, rows: list[int]) -> None:
    given = [one.given if one.several else f"[{one.given}]" for one in claims.parties]
    called = [one.called or "NULL" for one in claims.parties]
    told = log.connection.execute(
        f"""SELECT claims.row, claims.occurred, claims.data, given.texts, given.called
        FROM temp.claims AS claims JOIN (
            SELECT given."#", [{", ".join(given)}] AS texts, [{", ".join(called)}]::VARCHAR[] AS called
            FROM temp.given AS given
        ) AS given ON given."#" = claims.row
        WHERE claims.row IN (SELECT unnest(?::BIGINT[])) ORDER BY claims.row""",
        [rows],
    ).fetchall()
    who = {
        (group, text, called_): (entity, name)
        for group, text, called_, entity, name in log.connection.execute(
            'SELECT "field", given, called, entity, name FROM temp.who WHERE problem IS NULL'
        ).fetchall()
    }
    kind, found = claims.terms.kind, []
    for row, occurred, data, texts, names in told:
        first: dict[str, str] = {}
        for one, several, called_ in zip(claims.parties, texts, names, strict=True):
            for text in several:
                entity, name = who.get((one.group, text, called_), (None, None))
                if entity is not None and name is not None:
                    first.setdefault(entity, name)
        event = log.codec.stored(kind.name, kind.version, occurred, data)
        summary = sentence(event, lambda one, first=first: first.get(one) or claims.found.shown(one))  # type: ignore[misc]
        found.append([str(row), canonical(first), summary])
    add(log.connection, "respelled", _LAYOUT, found)
