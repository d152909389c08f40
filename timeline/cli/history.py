"""The verbs that ask how things ran: history, and slips."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from cyclopts import App

from timeline.cli.dates import changes_within, hints_told
from timeline.cli.formats import answer, read_in
from timeline.cli.opening import aside, asked, basis_told, is_now, keywords, opened
from timeline.cli.options import FILE, POINT, WITHIN, Output, Point, Within
from timeline.cli.screen import err
from timeline.cli.states import check_state
from timeline.formats import of_history, of_plans

if TYPE_CHECKING:
    from timeline.formats import Page
    from timeline.moment import History, Holding
    from timeline.values import When

__all__ = ["register"]


def register(app: App) -> None:
    """Add the verbs to a command line."""
    app.command(history)
    app.command(slips)


def history(
    state: str,
    /,
    *who: str,
    field: str | None = None,
    axis: Literal["valid", "known"] = "valid",
    span: Within = WITHIN,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """From when to when what was so; or how the answer for one date changed as more became known.

    Example: timeline history STATE acme --field FIELD --during 2023

    Parameters
    ----------
    state
        One of the states in `timeline types`.
    who
        One entity, or two for a pair.
    field
        One field of it only.
    axis
        Along valid time, or along known time: how the answer for one date changed.
    """
    timeline = opened(file.db, write=False)
    check_state(timeline, "history", state, who)
    point = aside(point, "known" if axis == "known" else "as_of")
    moment = timeline.as_of(_at(point), **keywords(point))
    found = moment.history(state, *who, field=field, axis=axis, **span.as_arguments())
    if point.position is not None:
        basis_told(timeline, found.basis.position)
    answer(
        file,
        lambda: found.as_dict() | ({"held": [one.as_dict() for one in found.held()]} if found.span else {}),
        lambda: of_history(found, read_in(file, point.tz)),
        lambda page: _shown(found, page),
    )
    return 0


def _at(point: Point) -> When | None:
    """The date that a history along known time is of."""
    from timeline.values import When

    if point.as_of is None or is_now(point.as_of):
        return None
    return When.read(point.as_of)


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
    *who: str,
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
    who
        One entity, or two for a pair.
    field
        The field that is meant, where several hold plans.
    """
    with opened(file.db, write=False) as timeline:
        check_state(timeline, "slips", state, who)
        found = asked(timeline, None, point).plans(state, *who, field=field)
        name = timeline.catalogue.state(state).plan(field)
        hint = changes_within(timeline, file, state, who, None, point, name)
    answer(
        file,
        lambda: [plan.as_dict() for plan in found],
        lambda: of_plans(found, read_in(file, point.tz)),
        lambda page: page.lines(line for plan in found for line in plan.lines()),
    )
    if not found and file.format == "table":
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
