"""The verb that draws: plot, with a picture each for what runs, money, changes and who is tied to whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
from cyclopts import App, Parameter
from cyclopts.validators import Number

from timeline.cli.opening import FILE, Output, StateName, Who, check_state, opened
from timeline.cli.point import POINT, SECOND, WITHIN, Point, Second, Within, hints_told
from timeline.cli.progress import progressing
from timeline.cli.screen import answer, check_streamed, err
from timeline.formats import Table

if TYPE_CHECKING:
    from timeline.formats import Page
    from timeline.plot import Picture


@Parameter(name="*", group="Picture")
@attrs.frozen(kw_only=True)
class Drawing:
    """Where a picture goes, and on what ground.

    Parameters
    ----------
    output
        The file to write: .png, .svg or .html; without it, a text chart on the terminal.
    dark
        Dark, or light; a page is as the reader's screen is, unless said.
    """

    output: Annotated[str | None, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)] = None
    dark: Annotated[bool | None, Parameter(negative="--light")] = None


DRAWING: Final = Drawing()
Most = Annotated[int | None, Parameter(group="Picture", validator=Number(gte=1))]


def _timeline(
    state: StateName,
    /,
    *who: Who,
    most: Most = None,
    span: Within = WITHIN,
    drawing: Drawing = DRAWING,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What was so and when: bars for what lasts, marks for events, arrows for plans that slipped.

    Example: timeline plot timeline STATE acme globex -o deal.html

    Parameters
    ----------
    most
        How many lanes at most; those with the most records are drawn.
    """
    from timeline import plot

    timeline = opened(file.db)
    check_state(timeline, "plot timeline", state, who)
    moment = point.bounding(timeline)
    with _drawing():
        found = plot.timeline(moment, state, *who, **_limit(most), **span.as_arguments())
    return _given(found, drawing, file)


def money(
    state: str,
    /,
    *who: Who,
    field: str | None = None,
    most: Most = None,
    drawing: Drawing = DRAWING,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """Money over time, stepped: by what is known now, and by what was known then.

    Example: timeline plot money STATE acme globex -o money.svg

    Parameters
    ----------
    state
        A state with a field that adds up money.
    field
        The field that is meant, where several add up money.
    most
        How many keys at most; those with the largest sums are drawn.
    """
    from timeline import plot

    timeline = opened(file.db)
    check_state(timeline, "plot money", state, who)
    moment = point.bounding(timeline)
    with _drawing():
        found = plot.money(moment, state, *who, field=field, **_limit(most))
    return _given(found, drawing, file)


def changes(
    state: StateName,
    /,
    *who: Who,
    second: Second = SECOND,
    drawing: Drawing = DRAWING,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What changed between two moments: before, after, and why.

    The second moment is the same but for what the flags that begin with --to- say; without any, it is the
    same date as all is known now.

    Example: timeline plot changes STATE acme --as-of 2023-11-16 --to-as-of 2023-11-18
    """
    from timeline import plot

    timeline = opened(file.db)
    check_state(timeline, "plot changes", state, who)
    with timeline:
        pairs = [(one.asked(timeline), one) for one in (point, second.after(point))]
        found = plot.changes(pairs[0][0], pairs[1][0], state, *who)
        hints = [one.changes(moment, file, state, who) for moment, one in pairs]
    code = _given(found, drawing, file)
    hints_told(*hints)
    return code


def graph(
    state: str | None = None,
    /,
    *,
    most: Most = None,
    drawing: Drawing = DRAWING,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """Who is tied to whom as of a date; entities keep their places whatever the date.

    Example: timeline plot graph --as-of 2024 -o ties.png

    Parameters
    ----------
    state
        A state of pairs; the usual one, unless given.
    most
        How many entities at most; those with the most ties over all time are drawn.
    """
    from timeline import plot

    timeline = opened(file.db)
    moment = point.bounding(timeline)
    with _drawing():
        found = plot.graph(moment, state, **_limit(most))
    return _given(found, drawing, file)


@contextmanager
def _drawing() -> Iterator[None]:
    """Say on a terminal that a picture is drawn, if it takes long."""
    with progressing() as progress:
        progress("drawing", 0, None)
        yield


def _limit(most: int | None) -> dict[str, Any]:
    """How much is drawn, where it is said."""
    return {} if most is None else {"most": most}


def _given(picture: Picture, drawing: Drawing, file: Output) -> int:
    """Save a picture, or print it."""
    if drawing.output is not None:
        check_streamed(drawing.output, "a picture", "without -o it goes to standard output, as a text chart")
        with _drawing():
            picture.save(drawing.output, dark=drawing.dark)
        err().line(f"{drawing.output} is written")
    if drawing.output is None or file.format != "table":
        table = picture.table()
        told = {"title": picture.title, "subtitle": list(picture.subtitle), "rows": table}
        answer(file, lambda: told, lambda: Table.of(*table), lambda page: _shown(page, picture))
    return 0


def _shown(page: Page, picture: Picture) -> None:
    title, *rest = picture.text(page.console.width if page.console.is_terminal else 110).splitlines()
    page.line((title, "bold"))
    for line in rest:
        page.line(line, whole=True)


plot: Final = App(
    name="plot",
    help="Draw a picture: PNG, SVG or HTML, or a text chart on the terminal.",
    help_format="plaintext",
    group_commands="Pictures",
)
for picture in (_timeline, money, changes, graph):
    plot.command(picture)
