"""The verbs that ask what was so, and why, and how it ran: as-of, explain, diff, what-if, history, slips."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal

import attrs
from cyclopts import Parameter

from timeline.cli.opening import (
    FILE,
    FieldName,
    Output,
    Several,
    StateName,
    Who,
    check_state,
    elsewhere,
    opened,
    state_for,
)
from timeline.cli.point import POINT, SECOND, WITHIN, Point, Second, Within, hints_told
from timeline.cli.screen import answer, err, out, read_in
from timeline.formats import of_answer
from timeline.values import NotAllowed, UnknownEntity

if TYPE_CHECKING:
    from timeline.vocabulary import Catalogue, State

Words = Annotated[
    str,
    Parameter(
        help="The date, such as 2023, 2023-11, 2023-11-18 or `now`, unless --as-of gives it; then one entity "
        "or two, by id or any name they ever had."
    ),
]
KindName = Annotated[
    str | None,
    Parameter(
        help="Which state, of those in `timeline types`; the usual one for one entity or two, unless given."
    ),
]


def as_of(
    *words: Words, state: KindName = None, show_sql: bool = False, point: Point = POINT, file: Output = FILE
) -> int:
    """What was so at the end of a date: of one entity, or between two.

    Example: timeline as-of 2023-11-18 acme globex --known then

    Parameters
    ----------
    show_sql
        Give the SQL that answers it, for any DuckDB client, instead of the answer.
    """
    point, who = point.with_date(words)
    with opened(file.db) as timeline:
        moment = point.asked(timeline)
        kind = state or state_for(timeline.catalogue, len(who))
        found = moment.of(kind, *who)
        hints = [] if show_sql else [point.changes(moment, file, kind, who)]
        if file.for_people and not show_sql and state is None:
            hints.append(elsewhere(moment, kind, who))
    if show_sql:
        _sql_behind(found, timeline.catalogue, point, file)
    else:
        answer(file, found.as_dict, lambda: of_answer(found), lambda page: page.state(found))
        hints_told(*hints)
    return 0


def _how(file: Output) -> str:
    return "json" if file.json else f"format {file.format}"


def _sql_behind(found: State, catalogue: Catalogue, point: Point, file: Output) -> None:
    from timeline.compile import question

    if file.format != "table":
        raise NotAllowed(f"--show-sql gives SQL, and --{_how(file)} an answer; leave one out")
    if point.filtered:
        raise NotAllowed(
            "--show-sql gives the macro of a state, which takes no --without, --only or --credence"
        )
    if found.__timeline__ not in catalogue.compiled:
        raise NotAllowed(f"{found.__timeline__.name} has a fold in Python only and does not run in SQL")
    for line in question(found, pinned=point.position is not None).splitlines():
        out().line(line, whole=True)


def explain(
    state: StateName, /, *who: Who, field: FieldName = None, point: Point = POINT, file: Output = FILE
) -> int:
    """Why a state is what it is: the records behind it, what they replaced, and who says so.

    Example: timeline explain STATE acme --field FIELD --as-of 2023-11-18
    """
    with opened(file.db) as timeline:
        check_state(timeline, "explain", state, who)
        moment = point.asked(timeline)
        why = moment.explain(state, *who, field=field)
        hint = point.changes(moment, file, state, who, field)
    zone = read_in(file, point.tz)
    answer(file, why.as_dict, lambda: of_answer(why, zone), lambda page: page.explanation(why))
    hints_told(hint)
    return 0


def diff(
    state: StateName,
    /,
    *who: Who,
    second: Second = SECOND,
    exit_code: bool = False,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What differs between two moments, and why: a new event, we learned, we corrected.

    The first moment is what --as-of, --known and --position say. The second is the same but for what the
    flags that begin with --to- say; without any, it is the same date as all is known now.

    Example: timeline diff STATE acme globex --as-of 2021 --known 2023-01-01 --to-known 2023-02-01

    Parameters
    ----------
    exit_code
        End with 1 if anything differs, as git does.
    """
    with opened(file.db) as timeline:
        check_state(timeline, "diff", state, who)
        pairs = [(one.asked(timeline), one) for one in (point, second.after(point))]
        found = pairs[0][0].diff(pairs[1][0], state, *who)
        hints = [one.changes(moment, file, state, who) for moment, one in pairs]
    answer(file, found.as_dict, lambda: of_answer(found), found.lines())
    hints_told(*hints)
    return int(exit_code and bool(found))


def what_if(
    *words: Words,
    retract: Several = (),
    whole: bool = False,
    load: Annotated[Several, Parameter(allow_leading_hyphen=True)] = (),
    state: KindName = None,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What would be so, had something not been said or something else been; nothing is written.

    Example: timeline what-if 2023-12-01 acme --state STATE --retract A14

    Parameters
    ----------
    retract
        Suppose that this record had not been said: its id or position; may be repeated.
    whole
        What a correction so retracted replaced does not come back.
    load
        Suppose what a file says, one as for `timeline load`, `-` being standard input; may be repeated.
    """
    from timeline.formats import read_statements
    from timeline.records import Retraction

    if not retract and not load:
        raise NotAllowed("what-if supposes something: give --retract RECORD, or --load FILE")
    if whole and not retract:
        raise NotAllowed("--whole is said of what --retract names; in a file, of an entry: `whole: true`")
    point, who = point.with_date(words)
    timeline = opened(file.db)
    statements = [
        *(Retraction(one, whole=whole) for one in retract),
        *read_statements(load, timeline.catalogue),
    ]
    with timeline:
        recorded = point.asked(timeline)
        world = timeline.what_if(*statements, position=recorded.basis.position)
        kind = state or state_for(timeline.catalogue, len(who))
        supposed = attrs.evolve(point, position=None).moment(world).of(kind, *who)
        found = None
        with suppress(UnknownEntity):  # of whom the what-if speaks first
            found = recorded.of(kind, *who)
        hint = point.changes(recorded, file, kind, who)
    answer(
        file,
        lambda: {
            "supposed": [one.as_dict() for one in world.supposed],
            "state": supposed.as_dict(),
            "recorded": None if found is None else found.as_dict(),
        },
        lambda: of_answer(supposed),
        lambda page: page.state(supposed) if found is None else page.supposed(supposed, found),
    )
    hints_told(hint and f"as recorded, {hint}")
    return 0


def history(
    state: StateName,
    /,
    *who: Who,
    field: FieldName = None,
    axis: Literal["valid", "known"] = "valid",
    span: Within = WITHIN,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """From when to when what was so; or how the answer for one date changed as more became known.

    Example: timeline history STATE acme --field FIELD --during 2023

    Parameters
    ----------
    axis
        Along valid time, or along known time: how the answer for one date changed.
    """
    timeline = opened(file.db)
    check_state(timeline, "history", state, who)
    point = point.aside("known" if axis == "known" else "as_of")
    if axis == "valid" and point.dated:
        raise NotAllowed("--as-of goes with --axis known; along valid time, say --during, --since or --until")
    found = point.bounding(timeline).history(state, *who, field=field, axis=axis, **span.as_arguments())
    zone = read_in(file, point.tz)
    answer(file, found.as_dict, lambda: of_answer(found, zone), found.lines())
    return 0


def slips(
    state: str, /, *who: Who, field: str | None = None, point: Point = POINT, file: Output = FILE
) -> int:
    """What was planned for when, every slip of that, and what came of it.

    Example: timeline slips STATE "Harbour works"

    Parameters
    ----------
    state
        A state with a field that holds plans.
    field
        The field that is meant, where several hold plans.
    """
    with opened(file.db) as timeline:
        check_state(timeline, "slips", state, who)
        moment = point.asked(timeline)
        found = moment.plans(state, *who, field=field)
        name = timeline.catalogue.state(state).plan(field)
        hint = point.changes(moment, file, state, who, name)
    answer(
        file,
        lambda: [plan.as_dict() for plan in found],
        lambda: of_answer(found, read_in(file, point.tz)),
        (line for plan in found for line in plan.lines()),
    )
    if not found and file.for_people:
        err().line("nothing is planned")
    hints_told(hint)
    return 0
