"""The verb that supposes: what-if."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from cyclopts import App, Parameter

from timeline.cli.dates import changes_within, dated, hints_told
from timeline.cli.formats import answer
from timeline.cli.opening import asked, opened
from timeline.cli.options import FILE, POINT, Output, Point
from timeline.cli.states import state_for
from timeline.formats import of_state

__all__ = ["register"]

_Several = Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)]


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(what_if, name="what-if")


def what_if(
    *words: str,
    retract: _Several = (),
    whole: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    load: Annotated[_Several, Parameter(allow_leading_hyphen=True)] = (),
    state: str | None = None,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What would be so, had something not been said or something else been; nothing is written.

    Example: timeline what-if 2023-12-01 acme --state STATE --retract A14

    Parameters
    ----------
    words
        The date, such as 2023, 2023-11, 2023-11-18 or `now`, unless --as-of gives it; then one entity or
        two, by id or any name they ever had.
    retract
        Suppose that this record had not been said: its id or position; may be repeated.
    whole
        What a correction so retracted replaced does not come back.
    load
        Suppose what a file says, one as for `timeline load`, `-` being standard input; may be repeated.
    state
        Which state, of those in `timeline types`; the usual one for one entity or two, unless given.
    """
    from timeline.formats import read_statements
    from timeline.records import Retraction
    from timeline.values import NotAllowed, UnknownEntity

    if not retract and not load:
        raise NotAllowed("what-if supposes something: give --retract RECORD, or --load FILE")
    if whole and not retract:
        raise NotAllowed("--whole is said of what --retract names; in a file, of an entry: `whole: true`")
    valid, who = dated(words, point)
    timeline = opened(file.db, write=False)
    statements = [
        *(Retraction(one, whole=whole) for one in retract),
        *read_statements(load, timeline.catalogue),
    ]
    with timeline:
        recorded = asked(timeline, valid, point)
        world = timeline.what_if(*statements, position=recorded.basis.position)
        kind = state or state_for(timeline.catalogue, len(who))
        supposed = asked(world, valid, point.everywhere(), silent=True).of(kind, *who)
        found = None
        with suppress(UnknownEntity):  # of whom the what-if speaks first
            found = recorded.of(kind, *who)
        hint = changes_within(timeline, file, kind, who, valid, point)
    answer(
        file,
        lambda: {
            "supposed": [one.as_dict() for one in world.supposed],
            "state": supposed.as_dict(),
            "recorded": None if found is None else found.as_dict(),
        },
        lambda: of_state(supposed),
        lambda page: page.state(supposed) if found is None else page.supposed(supposed, found),
    )
    hints_told(hint and f"as recorded, {hint}")
    return 0
