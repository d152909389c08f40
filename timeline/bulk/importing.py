"""Appending a table: moved in, read, checked, compared with what is there, and written, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from timeline.arguments import Progress
from timeline.bulk.attesting import attest
from timeline.bulk.checking import check_events
from timeline.bulk.claims import Claims
from timeline.bulk.faults import RowFaults
from timeline.bulk.imported import FEW, Imported
from timeline.bulk.repeats import fallen, find_repeats
from timeline.bulk.spelling import respell
from timeline.bulk.staging import Given, staged
from timeline.bulk.terms import Terms
from timeline.bulk.writing import Place, write_derived, write_log, write_typed
from timeline.event import EventType
from timeline.log import Head, Log
from timeline.record import Lookalike
from timeline.writing import Check, Writer

__all__ = ["import_table"]

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
