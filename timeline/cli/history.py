"""The verbs that ask how things ran: history, and slips."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from cyclopts import App

from timeline.cli.options import (
    FILE,
    POINT,
    WITHIN,
    File,
    Point,
    Within,
    as_json,
    asked,
    asking_position,
    err,
    opened,
    out,
)

if TYPE_CHECKING:
    from timeline.history import History, Holding
    from timeline.render import Page

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
    as_of: str | None = None,
    span: Within = WITHIN,
    point: Point = POINT,
    file: File = FILE,
) -> int:
    """From when to when what was so; or how the answer for one date changed as more became known.

    Example: timeline history organisation openai --field ceo --during 2023

    Parameters
    ----------
    state
        One of the states in `timeline types`, such as organisation or relationship.
    who
        One entity, or two for a pair.
    field
        One field of it only.
    axis
        Along valid time, or along known time: how the answer for one date changed.
    as_of
        With `--axis known`, the date asked about; the present, unless given.
    """
    found = opened(file.db, write=False).history(
        state,
        *who,
        field=field,
        axis=axis,
        valid=None if as_of == "now" else as_of,
        known=point.known,
        dates=point.dates,
        position=asking_position(point.position),
        without=point.without,
        only=point.only,
        credence=point.credence,
        **span.as_arguments(),
    )
    if file.json:
        as_json(found.as_dict() | ({"held": [one.as_dict() for one in found.held()]} if found.span else {}))
    else:
        _shown(found, out())
    return 0


def _shown(found: History, page: Page) -> None:
    title, *lines = str(found).splitlines()
    page.line((title, "bold"))
    for line in lines:
        page.line(line, hang=6)
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
    as_of: str | None = None,
    point: Point = POINT,
    file: File = FILE,
) -> int:
    """What was planned for when, every slip of that, and what came of it.

    Example: timeline slips project "OpenAI open-weight model"

    Parameters
    ----------
    state
        A state with a field that holds plans, such as project.
    who
        One entity, or two for a pair.
    field
        The field that is meant, where several hold plans.
    as_of
        The date asked about; the present, unless given.
    """
    moment = asked(opened(file.db, write=False), as_of, point)
    found = moment.plans(state, *who, field=field)
    if file.json:
        as_json([plan.as_dict() for plan in found])
        return 0
    page = out()
    for plan in found:
        page.line((plan.title, "bold"))
        for line in plan.lines:
            page.line(line, indent=2, hang=4)
    if not found:
        err().line("nothing is planned")
    return 0


def _what(one: Holding, found: History) -> str:
    from timeline.wording import value_lines

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
