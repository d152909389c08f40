"""The verbs about whose word things rest on: sources, single-sourced."""

from __future__ import annotations

from typing import Annotated

import attrs
from cyclopts import App, Parameter

from timeline.cli.options import FILE, POINT, File, Point, as_json, asked, err, opened, out

__all__ = ["register"]

_Several = Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)]


def register(app: App) -> None:
    """Add the verbs to a command line."""
    app.command(sources)
    app.command(single_sourced, name="single-sourced")


def sources(*, as_of: str | None = None, point: Point = POINT, file: File = FILE) -> int:
    """The sources, with how many records that stand rest on each, and how many on it alone.

    Example: timeline sources --as-of 2023

    Parameters
    ----------
    as_of
        The date asked about; the present, unless given.
    """
    found = asked(opened(file.db, write=False), as_of, point).sources()
    if file.json:
        as_json([attrs.asdict(one) for one in found])
    elif found:
        out().table(("source", "records", "alone"), [attrs.astuple(one) for one in found])
    else:
        err().line("no sources")
    return 0


def single_sourced(
    state: str | None = None,
    /,
    *who: str,
    type_: Annotated[_Several, Parameter(name="--type")] = (),
    entity: _Several = (),
    as_of: str | None = None,
    point: Point = POINT,
    file: File = FILE,
) -> int:
    """What rests on the word of one source alone: records, or fields of a state.

    Example: timeline single-sourced organisation openai --as-of 2023-11-18

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
    as_of
        The date asked about; the present, unless given.
    """
    moment = asked(opened(file.db, write=False), as_of, point)
    found = moment.single_sourced(state, *who, types=type_ or None, entities=entity)
    if file.json:
        as_json(found.as_dict())
    else:
        out().single_sourced(found)
    return 0
