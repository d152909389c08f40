"""The verb that reads dates as people say them: date."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from cyclopts import App, Parameter

from timeline.cli.formats import answer
from timeline.cli.options import FILE, Output
from timeline.cli.piping import DASH, text_of
from timeline.cli.screen import err
from timeline.formats import Table

__all__ = ["register"]


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(date)


def date(
    *words: Annotated[str, DASH],
    dateline: Annotated[str | None, Parameter(show_default=False)] = None,
    file: Output = FILE,
) -> int:
    """What a phrase for a date may mean, as dates to write down; `append` itself never guesses.

    What is ambiguous is proposed in every reading.

    Example: timeline date "earlier this year" --dateline 2025-05-01

    Parameters
    ----------
    words
        The phrase, such as "late 2023", "last Friday", "in the past six years", "by the end of the year", or
        `-` for standard input.
    dateline
        The day on which it was said, as of an article; today in UTC, unless given.
    """
    from timeline.formats import proposals

    text = text_of(" ".join(words), "phrase for a date")
    day = _day(dateline)
    proposed = proposals(text, day)
    found = [one.as_dict() for one in proposed]
    answer(
        file,
        lambda: {"text": text, "dateline": day.isoformat(), "proposals": found},
        lambda: Table.of(*found),
        lambda page: page.table(
            tuple(found[0]),
            [(one.when, _bound(one.when.earliest), _bound(one.when.latest), one.read_as) for one in proposed],
        ),
    )
    if len(found) > 1 and file.format == "table":
        err().line("it may mean any of these; say which")
    return 0


def _bound(instant: dt.datetime | None) -> dt.datetime | dt.date | None:
    """An instant for people: where a day begins or closes, that day."""
    whole = instant is not None and instant.time() in {dt.time.min, dt.time.max}
    return instant.date() if instant is not None and whole else instant


def _day(text: str | None) -> dt.date:
    """The day meant; today, unless given.

    Raises:
        NotAllowed: if it is no single day.
    """
    from timeline.values import NotAllowed, When

    if text is None or text == "today":
        return dt.datetime.now(dt.UTC).date()
    when = When.read(text)
    if when.earliest is None or when.latest is None or when.earliest.date() != when.latest.date():
        raise NotAllowed(f"--dateline takes a day, such as 2025-05-01, and {text!r} is longer")
    return when.earliest.date()
