"""The verbs that list and check: log, entities, sources, single-sourced, check."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
from cyclopts import Parameter

from timeline.cli.opening import FILE, Output, Several, alone, opened
from timeline.cli.point import POINT, WITHIN, Point, Within, hints_told
from timeline.cli.progress import progressing
from timeline.cli.screen import answer, as_json, err, out, paged, read_in
from timeline.formats import of_answer, of_records, of_shown
from timeline.values import NotAllowed

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from timeline.formats import Page
    from timeline.moment import Listed, Moment, Sources
    from timeline.records import Record

_MOST: Final = 100


def log(
    *,
    type_: Annotated[Several, Parameter(name="--type")] = (),
    entity: Several = (),
    after: int = 0,
    text: str | None = None,
    stands: bool = False,
    span: Within = WITHIN,
    limit: int | None = None,
    reverse: bool = False,
    follow: bool = False,
    cursor: str | None = None,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """The records in the order in which they were said: all of them, unless something is asked for.

    With --as-of, those of events that had happened by then; with --known, --position and the like, what was
    known, held, and is let through, and what no longer stood there is marked.

    Example: timeline log --type TYPE --entity acme --stands --as-of 2022 --known then

    Parameters
    ----------
    type_
        Of this event type only; may be repeated.
    entity
        Speaking of this entity; repeated, of all of them.
    after
        After this position only.
    text
        With this text in the sentence, a name, the note or the id; case does not matter.
    stands
        Only what still stands: neither corrected nor retracted.
    limit
        So many of them at most: the first, or with --reverse the last.
    reverse
        The last one first.
    follow
        Go on with what is appended, until interrupted; with --json, each record on a line.
    cursor
        With --follow, go on where the last one under this name was interrupted.
    """
    zone = read_in(file, point.tz)
    if limit is not None and limit < 0:
        raise NotAllowed(f"--limit {limit}: it is a number, 0 or more")
    if follow or cursor is not None:
        point = point.aside("as_of", "known", "position", "without", "only", "credence")
        chosen = stands or text is not None or span != WITHIN or point.limited or limit is not None or reverse
        _check_follow(follow=follow, chosen=chosen)
        return _follow(type_, entity, after, cursor, zone, file)
    with alone(file.db) as timeline:
        moment = point.bounding(timeline)
        found = moment.records(
            types=type_ or None,
            entities=entity,
            after=after,
            text=text,
            stands=stands,
            by_then=point.dated,
            limit=None if reverse else limit,
            **span.as_arguments(),
        )
        records = list(found)
        if reverse:
            records = records[::-1][:limit]
        superseded = moment.superseded(records)
    with paged(file, len(records)):
        _log_told(file, records, superseded, zone)
    point.bounds_told(file, moment, "" if records else "no records")
    return 0


def _log_told(
    file: Output, records: Sequence[Record], superseded: Mapping[int, Record], zone: ZoneInfo | None
) -> None:
    answer(
        file,
        lambda: [record.as_dict() | _standing(superseded.get(record.position)) for record in records],
        lambda: of_records(records, superseded, zone),
        lambda page: page.records(records, superseded, zone),
    )


def _check_follow(*, follow: bool, chosen: bool) -> None:
    if not follow:
        raise NotAllowed("--cursor goes with --follow")
    if chosen:
        raise NotAllowed(
            "--follow tells all that is appended, by types and entities alone: leave out --text, --stands, "
            "--limit, --reverse, spans, --as-of, --known, --position, --without, --only and --credence"
        )


def _standing(by: Record | None) -> dict[str, Any]:
    return {"stands": by is None, "superseded_by": None if by is None else by.position}


def _follow(
    types: Sequence[str],
    entities: Sequence[str],
    after: int,
    cursor: str | None,
    zone: ZoneInfo | None,
    file: Output,
) -> int:
    """Show records as they come; in JSON one a line, each written out before the next is waited for."""
    if file.format not in {"table", "json", "jsonl"}:
        raise NotAllowed(f"--follow has no end, and gives lines or jsonl, not {file.format}")
    timeline = alone(file.db)
    with closing(timeline.follow(after, types=types, entities=entities, cursor=cursor)) as records:
        for record in records:
            if file.for_people:
                out().records([record], {}, zone)
            else:
                as_json(record.as_dict(), indent=None)
            sys.stdout.flush()
    return 0


def show(record: str, /, *, point: Point = POINT, file: Output = FILE) -> int:
    """One record in full: what it says, on whose word, whether it stands, its chain, and what it feeds.

    It feeds the states that rest on it, at --as-of or now.

    Example: timeline show A14

    Parameters
    ----------
    record
        Its id, or its position.
    """
    with opened(file.db) as timeline:
        moment = point.asked(timeline)
        found = moment.show(record)
    answer(file, found.as_dict, lambda: of_shown(found), found.lines())
    return 0


def entities(text: str | None = None, /, *, point: Point = POINT, file: Output = FILE) -> int:
    """Who the log speaks of: ids, names over time, how many records, and whom they are read as.

    All of that, unless something is asked for: with --as-of, the names that they had by then; with --known,
    --position and the like, whom and what the records speak of that were known, held, and are let through.

    Example: timeline entities acme --known 2023

    Parameters
    ----------
    text
        Only those with this text in their id or in any name; case and punctuation do not matter.
    """
    with opened(file.db) as timeline:
        moment = point.bounding(timeline)
        found = moment.entities(text, by_then=point.dated)
    told = [one.as_dict() for one in found]
    answer(file, lambda: told, lambda: of_answer(found), lambda page: _entities_told(page, found))
    point.bounds_told(file, moment, "" if found else "no entities")
    return 0


def _entities_told(page: Page, found: Iterable[Listed]) -> None:
    for one in found:
        read_as = "" if one.read_as is None else f" = {one.read_as}"
        page.line((one.id, "bold"), read_as, f"  {one.told}", hang=4)


def sources(*, point: Point = POINT, file: Output = FILE) -> int:
    """The sources, with how many records that stand rest on each, and how many on it alone.

    Example: timeline sources --as-of 2023
    """
    with opened(file.db) as timeline:
        moment = point.asked(timeline)
        found = moment.sources()
        hint = point.events(moment, file)
    told = [attrs.asdict(one) for one in found]
    answer(file, lambda: told, lambda: of_answer(found), lambda page: _relied(page, moment, found))
    if not found and file.for_people:
        err().line("no sources")
    hints_told(hint)
    return 0


def _relied(page: Page, moment: Moment, found: Sources) -> None:
    page.line((f"sources, {moment.basis}", "bold"))
    if found:
        page.table(of_answer(found))


def single_sourced(
    state: str | None = None,
    /,
    *who: str,
    type_: Annotated[Several, Parameter(name="--type")] = (),
    entity: Several = (),
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What rests on the word of one source alone: records, or fields of a state.

    Example: timeline single-sourced STATE acme --as-of 2023-11-18

    Parameters
    ----------
    state
        A state, to be told those of its fields; without it, records are told.
    who
        Whose state it is: one entity, or two.
    type_
        Records of this event type only; may be repeated.
    entity
        Records that speak of this entity; repeated, of all of them.
    """
    with opened(file.db) as timeline:
        moment = point.asked(timeline)
        found = moment.single_sourced(state, *who, types=type_ or None, entities=entity)
        if state is None:
            hint = point.events(moment, file, type_, entity)
        else:
            hint = point.changes(moment, file, state, who)
    zone = read_in(file, point.tz)
    answer(file, found.as_dict, lambda: of_answer(found, zone), found.lines())
    hints_told(hint)
    return 0


def check(
    *, rule: Several = (), certain: bool = False, most: int = _MOST, point: Point = POINT, file: Output = FILE
) -> int:
    """What does not add up: which records violate which rule, when, and who says so.

    It ends with 1 if anything is surely violated, and with 0 where at most something may be. All of it is
    told; with --as-of, what has begun by then: that of which all events have happened, surely or, with
    `--dates earliest`, perhaps.

    Example: timeline check --rule order --as-of 2024 --known 2024

    Parameters
    ----------
    rule
        This rule only; may be repeated. `timeline types` lists them.
    certain
        Only what surely violates a rule, wherever in their spans the dates lie.
    most
        Tell at most so many violations of each rule; all are counted.
    """
    zone = read_in(file, point.tz)
    with opened(file.db) as timeline, progressing() as progress:
        moment = point.bounding(timeline)
        found = moment.check(rules=rule or None, most=most, by_then=point.dated, progress=progress)
    if certain:
        found = found.only_certain()
    answer(file, found.as_dict, lambda: of_answer(found, zone), found.lines(zone, point.bounds(moment)))
    return 1 if found.certain else 0
