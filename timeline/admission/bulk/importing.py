"""Appending a table: moved in, read, checked, compared with what is there, and written, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any, Final

import attrs

from timeline.admission.bulk.claims import Claims
from timeline.admission.bulk.columns import add
from timeline.admission.bulk.imported import FEW, Imported, RowFault, RowFaults
from timeline.admission.bulk.repeats import attest, fallen, find_repeats
from timeline.admission.bulk.staging import Given, staged
from timeline.admission.bulk.terms import Terms
from timeline.admission.bulk.writing import Place, write_derived, write_log, write_typed
from timeline.log import Check, Head, Log, Writer
from timeline.records import Lookalike, canonical
from timeline.values import InvalidData, Progress, TimelineError, optional_when
from timeline.vocabulary import Event, EventType, decimal, entities, money, sentence, texts, when

_CHUNK: Final = 10_000
_CONVERTERS: Final = {
    entities,
    texts,
    when,
    optional_when,
    money,
    decimal,
    None,
}


def check_events(log: Log, claims: Claims, count: int, faults: RowFaults) -> None:
    """Make every row without a fault into an event, where its class has checks or converters of its own."""
    if not _has_checks(claims.terms.kind):
        return
    for start in range(0, count, _CHUNK):
        rows = log.connection.execute(
            """SELECT row, occurred, data FROM temp.claims
            WHERE row > ? AND row <= ? AND row NOT IN (SELECT row FROM temp.faults) ORDER BY row""",
            [start, start + _CHUNK],
        ).fetchall()
        faults.add(_faults(log, claims.terms.kind, rows))


def _has_checks(kind: EventType) -> bool:
    """Whether making an event does more than read its fields."""
    own = kind.cls.__attrs_post_init__ is not Event.__attrs_post_init__
    return own or any(one.validator or one.converter not in _CONVERTERS for one in attrs.fields(kind.cls))


def _faults(log: Log, kind: EventType, rows: list[Any]) -> Iterator[RowFault]:
    for row, occurred, data in rows:
        try:
            event = log.codec.stored(kind.name, kind.version, occurred, data)
        except InvalidData as problem:
            for path, reason in problem.problems:
                yield row, path.removeprefix(f"{kind.name}."), reason
        except TimelineError as problem:
            yield row, kind.name, str(problem)
        else:
            if log.codec.write(event) != data:
                yield row, kind.name, f"{kind.cls.__name__} makes something else of it; append it by itself"


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
    for row, occurred, data, given, names in told:
        first: dict[str, str] = {}
        for one, several, called_ in zip(claims.parties, given, names, strict=True):
            for text in several:
                entity, name = who.get((one.group, text, called_), (None, None))
                if entity is not None and name is not None:
                    first.setdefault(entity, name)
        event = log.codec.stored(kind.name, kind.version, occurred, data)
        summary = sentence(event, lambda one, first=first: first.get(one) or claims.found.shown(one))  # type: ignore[misc]
        found.append([str(row), canonical(first), summary])
    add(log.connection, "respelled", _LAYOUT, found)


Alike = Callable[[Log, int, int, Collection[str]], tuple[Lookalike, ...]]
"""Gives what in the records between two positions, of these types, looks like earlier ones."""


def import_table(
    log: Log,
    kind: EventType,
    rows: Any,
    progress: Progress,
    *,
    present: datetime,
    alike: Alike,
    check: Check | None = None,
    **terms: Any,
) -> Imported:
    """Append the rows of a table as one commit; must run under the writer lock, in its transaction.

    `present` is the time by the clock; `alike` tells what in the new records looks like earlier ones; `terms`
    are the keywords of `Terms.of`. `check` may refuse what is new, once all rows are found right.

    Raises:
        BadRows: if any row cannot be appended; the caller rolls back.
        InvalidData: if a column cannot be read at all.
        TimelineError: as `staged` and `Terms.of`.
    """
    head = log.head()
    progress("reading", 0, None)
    given = staged(log.connection, rows)
    now = max(present, head.recorded_at or present)
    return _imported(log, given, Terms.of(kind, given, now=now, **terms), head, progress, alike, check)


def _imported(
    log: Log, given: Given, terms: Terms, head: Head, progress: Progress, alike: Alike, check: Check | None
) -> Imported:
    count = given.count
    progress("checking", 0, count)
    claims = Claims.of(log, terms, given)
    faults = RowFaults(log.connection)
    faults.find(claims.problems)
    check_events(log, claims, count, faults)
    repeats = find_repeats(log, claims, faults)
    attested = attest(log, claims, faults)
    faults.check()
    respell(log, claims)
    left_out = repeats.folded + repeats.known - attested
    place = Place(head, count - left_out, attested, gaps=bool(repeats.folded or repeats.known))
    if place.count > attested:
        terms.kind.check_said()
    if check is not None and place.count:
        check(log, claims.found.new)
    progress("writing", 0, place.count)
    new_head = _written(log, claims, place, count, progress) if place.count else head
    several = claims.found.spellings() if place.count else []
    nobody = claims.found.placeholders() if place.count else {}
    return Imported(
        first=place.first if place.count else None,
        last=place.last if place.count else None,
        count=place.count,
        attested=attested,
        folded=repeats.folded,
        unchanged=repeats.known - attested,
        fallen=fallen(log, claims, FEW) if repeats.known else (),
        new_entities=claims.found.with_near_misses()[:FEW],
        new_entity_count=len(claims.found.new),
        spellings=tuple(several[:FEW]),
        spelling_count=len(several),
        placeholders=tuple(nobody)[:FEW],
        lookalikes=alike(log, place.first, place.last, [terms.kind.name]) if place.count else (),
        head=new_head.position,
        recorded_at=terms.now,
        digest=new_head.digest,
    )


def _written(log: Log, claims: Claims, place: Place, rows: int, progress: Progress) -> Head:
    place.settle(log, rows)
    head = write_log(log, claims, place)
    write_typed(log, claims, place)
    write_derived(log, claims, place)
    progress("states", 0, place.count)
    writer = Writer(log)
    writer.feed(place.first, place.last, claims.terms.kind.name)
    writer.reread(place.first, place.last)
    progress("done", place.count, place.count)
    return head
