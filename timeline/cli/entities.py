"""The verb that tells who the log speaks of: entities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cyclopts import App

from timeline.cli.formats import answer
from timeline.cli.opening import bounded, bounds_told, opened
from timeline.cli.options import FILE, POINT, Output, Point
from timeline.formats import of_entities

if TYPE_CHECKING:
    from timeline.formats import Page
    from timeline.moment import Listed

__all__ = ["register"]


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(entities)


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
    with opened(file.db, write=False) as timeline:
        moment = bounded(timeline, point)
        found = moment.entities(text, by_then=point.as_of is not None)
    answer(
        file,
        lambda: [one.as_dict() for one in found],
        lambda: of_entities(found),
        lambda page: _shown(page, found),
    )
    if file.format == "table":
        bounds_told(moment, point, "" if found else "no entities")
    return 0


def _shown(page: Page, found: Iterable[Listed]) -> None:
    for one in found:
        read_as = "" if one.read_as is None else f" = {one.read_as}"
        page.line((one.id, "bold"), read_as, f"  {one.told}", hang=4)
