"""The verbs about whose word things rest on: sources, single-sourced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import attrs
from cyclopts import App, Parameter

from timeline.cli.dates import changes_within, events_within, hints_told
from timeline.cli.formats import answer, read_in
from timeline.cli.opening import asked, opened
from timeline.cli.options import FILE, POINT, Output, Point
from timeline.cli.screen import err
from timeline.formats import Table, of_single_sourced, of_sources

if TYPE_CHECKING:
    from timeline.formats import Page
    from timeline.moment import Moment

__all__ = ["register"]

_Several = Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)]


def register(app: App) -> None:
    """Add the verbs to a command line."""
    app.command(sources)
    app.command(single_sourced, name="single-sourced")


def sources(*, point: Point = POINT, file: Output = FILE) -> int:
    """The sources, with how many records that stand rest on each, and how many on it alone.

    Example: timeline sources --as-of 2023
    """
    with opened(file.db, write=False) as timeline:
        moment = asked(timeline, None, point)
        found = moment.sources()
        hint = events_within(timeline, file, point)
    answer(
        file,
        lambda: [attrs.asdict(one) for one in found],
        lambda: of_sources(found),
        lambda page: _relied(page, moment, of_sources(found)),
    )
    if not found and file.format == "table":
        err().line("no sources")
    hints_told(hint)
    return 0


def _relied(page: Page, moment: Moment, table: Table) -> None:
    page.line((f"sources, {moment.basis}", "bold"))
    if table.rows:
        page.table(table.columns, table.rows)


def single_sourced(
    state: str | None = None,
    /,
    *who: str,
    type_: Annotated[_Several, Parameter(name="--type")] = (),
    entity: _Several = (),
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
    with opened(file.db, write=False) as timeline:
        found = asked(timeline, None, point).single_sourced(state, *who, types=type_ or None, entities=entity)
        if state is None:
            hint = events_within(timeline, file, point, type_, entity)
        else:
            hint = changes_within(timeline, file, state, who, None, point)
    answer(
        file,
        found.as_dict,
        lambda: of_single_sourced(found, read_in(file, point.tz)),
        lambda page: page.lines(found.lines()),
    )
    hints_told(hint)
    return 0
