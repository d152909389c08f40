"""The verbs that ask how things ran: history, and slips."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from cyclopts import App

from timeline.cli.opening import check_state, opened
from timeline.cli.options import FILE, FieldName, Output, StateName, Who
from timeline.cli.point import POINT, WITHIN, Point, Within, aside, asked, bounded, changes_within, hints_told
from timeline.cli.screen import answer, err, read_in
from timeline.formats import of_history, of_plans

if TYPE_CHECKING:
    from timeline.formats import Page
    from timeline.moment import History, Holding


def register(app: App) -> None:
    """Add the verbs to a command line."""
    for verb in (history, slips):
        app.command(verb)


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
    from timeline.values import NotAllowed

    timeline = opened(file.db)
    check_state(timeline, "history", state, who)
    point = aside(point, "known" if axis == "known" else "as_of")
    if axis == "valid" and point.dated:
        raise NotAllowed("--as-of goes with --axis known; along valid time, say --during, --since or --until")
    found = bounded(timeline, point).history(state, *who, field=field, axis=axis, **span.as_arguments())
    answer(
        file,
        lambda: found.as_dict() | ({"held": [one.as_dict() for one in found.held()]} if found.span else {}),
        lambda: of_history(found, read_in(file, point.tz)),
        lambda page: _shown(found, page),
    )
    return 0


def _shown(found: History, page: Page) -> None:
    page.lines(found.lines())
    if found.field is None or found.span.first is None or found.span.last is None:
        return
    page.line()
    page.line(("held", "bold"))
    for one in found.held():
        page.line(f"{_what(one, found)}: {_long(one)}", indent=2, hang=6)


def slips(
    state: str,
    /,
    *who: Who,
    field: str | None = None,
    point: Point = POINT,
    file: Output = FILE,
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
        moment = asked(timeline, point)
        found = moment.plans(state, *who, field=field)
        name = timeline.catalogue.state(state).plan(field)
        hint = changes_within(moment, file, point, state, who, name)
    answer(
        file,
        lambda: [plan.as_dict() for plan in found],
        lambda: of_plans(found, read_in(file, point.tz)),
        lambda page: page.lines(line for plan in found for line in plan.lines()),
    )
    if not found and file.for_people:
        err().line("nothing is planned")
    hints_told(hint)
    return 0


def _what(one: Holding, found: History) -> str:
    from timeline.vocabulary import value_lines

    if one.value is None:
        return "no value"
    value = one.value if one.key is None else {one.key: one.value}
    return "; ".join(value_lines(value, found.named))


def _long(one: Holding) -> str:
    """How long something was held, in days and hours."""
    text = lasting(one.lasted or timedelta())
    return f"{text}, of which {lasting(one.unsettled)} uncertain" if one.unsettled else text


def lasting(time: timedelta) -> str:
    """A stretch of time in days, hours and minutes, to the nearest minute.

    >>> lasting(timedelta(days=2, hours=3, seconds=20))
    '2 days 3 hours'
    """
    minutes = round(time / timedelta(minutes=1))
    parts = (minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute")
    words = [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number]
    return " ".join(words) or "less than a minute"
