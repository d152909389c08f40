"""The verb that tells two moments apart: diff."""

from __future__ import annotations

from typing import Annotated

import attrs
from cyclopts import App, Parameter

from timeline.cli.dates import changes_within, hints_told
from timeline.cli.formats import answer
from timeline.cli.opening import asked, opened
from timeline.cli.options import FILE, POINT, Output, Point
from timeline.cli.states import check_state
from timeline.formats import of_diff

__all__ = ["register"]


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(diff)


def diff(
    state: str,
    /,
    *who: str,
    to_as_of: str | None = None,
    to_known: str | None = None,
    to_position: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    exit_code: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What differs between two moments, and why: a new event, we learned, we corrected.

    The first moment is what --as-of, --known and --position say. The second is the same but for what the
    flags that begin with --to- say; without any, it is the same date as all is known now.

    Example: timeline diff STATE acme globex --as-of 2021 --known 2023-01-01 --to-known 2023-02-01

    Parameters
    ----------
    state
        One of the states in `timeline types`.
    who
        One entity, or two for a pair.
    to_as_of
        The date asked about in comparison; `now` is the present.
    to_known
        What was known in comparison: a date, `then`, or `now` for all that is known.
    to_position
        What the log held in comparison: a position, a date, or `now` for all that it holds.
    exit_code
        End with 1 if anything differs, as git does.
    """
    second = attrs.evolve(
        point,
        known=point.known if to_known is None else to_known,
        position=point.position if to_position is None else to_position,
    )
    if (to_as_of, to_known, to_position) == (None, None, None):
        second = attrs.evolve(point, known=None, position=None)
    with opened(file.db, write=False) as timeline:
        check_state(timeline, "diff", state, who)
        first = asked(timeline, None, point)
        found = first.diff(asked(timeline, to_as_of, second), state, *who)
        asking = ((None, point), (to_as_of, second))
        hints = [changes_within(timeline, file, state, who, date, one) for date, one in asking]
    answer(file, found.as_dict, lambda: of_diff(found), lambda page: page.lines(found.lines()))
    hints_told(*hints)
    return int(exit_code and bool(found))
