"""The verb `date`, and how dates that are phrases are read wherever they are: what a phrase may mean."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
from cyclopts import Parameter

from timeline.cli.opening import FILE, Output
from timeline.cli.screen import DASH, answer, err, error_told, text_of
from timeline.formats import Table
from timeline.values import (
    DAY_FIRST,
    MONTH_FIRST,
    YEARS_FROM,
    BadText,
    NotAllowed,
    Proposal,
    dateline_day,
    proposals,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@Parameter(name="*", group="Dates")
@attrs.frozen(kw_only=True)
class DateOptions:
    """How dates are read that are written as people write them.

    Parameters
    ----------
    dateline
        The day on which phrases were said, as of an article; for rows also the column that says it, for
        files of events `published`. For `date` it is today in UTC, unless given.
    day_first
        Take 03/04/2021 for 3 April.
    month_first
        Take 03/04/2021 for 4 March.
    years_from
        The first of the hundred years that years of two digits are of; 1969, unless given.
    """

    dateline: str | None = None
    day_first: bool = False
    month_first: bool = False
    years_from: int | None = None

    @property
    def order(self) -> str | None:
        """The form of dates in figures that is said to be so.

        Raises:
            NotAllowed: if both are.
        """
        if self.day_first and self.month_first:
            raise NotAllowed("--day-first and --month-first: either, or neither")
        return DAY_FIRST if self.day_first else MONTH_FIRST if self.month_first else None

    @property
    def given(self) -> Mapping[str, Any]:
        """What is said of that, as a recipe has it."""
        several = {"dateline": self.dateline, "years_from": self.years_from}
        return {name: one for name, one in several.items() if one is not None}


DATING: Final = DateOptions()


def date(*phrase: Annotated[str, DASH], dating: DateOptions = DATING, file: Output = FILE) -> int:
    """What a phrase for a date may mean, as dates to write down; `append` itself never guesses.

    What is ambiguous is proposed in every reading.

    Example: timeline date "earlier this year" --dateline 2025-05-01

    Parameters
    ----------
    phrase
        Words, such as "late 2023", "last Friday", "in the past six years", "by the end of the year"; `-` is
        standard input, with a phrase in each line.
    """
    text = text_of(" ".join(phrase), "phrase for a date")
    day = _day(dating.dateline)
    if phrase == ("-",):
        return _several(text, day, dating, file)
    proposed = _proposed(text, day, dating)
    found = [one.as_dict() for one in proposed]
    answer(
        file,
        lambda: {"text": text, "dateline": day.isoformat(), "proposals": found},
        lambda: Table.of(*found),
        lambda page: page.table(Table.of(*map(_dated, proposed))),
    )
    if len(found) > 1 and file.for_people:
        err().line("it may mean any of these; say which")
    return 0


def _several(text: str, day: dt.date, dating: DateOptions, file: Output) -> int:
    """Tell what the phrase in each line may mean, and which cannot be read."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found: list[tuple[str, tuple[Proposal, ...], str | None]] = []
    for line in lines:
        try:
            found.append((line, _proposed(line, day, dating), None))
        except BadText as problem:
            found.append((line, (), problem.problem))
    told = [
        {"text": line, "dateline": day.isoformat(), "proposals": [one.as_dict() for one in several]}
        | ({} if problem is None else {"problem": problem})
        for line, several, problem in found
    ]
    rows = [(line, one) for line, several, _ in found for one in several]
    answer(
        file,
        lambda: told,
        lambda: Table.of(*({"text": line} | one.as_dict() for line, one in rows)),
        lambda page: page.table(Table.of(*({"text": line} | _dated(one) for line, one in rows))),
    )
    ambiguous = [line for line, several, _ in found if len(several) > 1]
    if ambiguous and file.for_people:
        err().line(
            f"{len(ambiguous)} may mean several dates: {', '.join(map(repr, ambiguous[:5]))}; say which"
        )
    unread = [f"{line!r} {problem}" for line, _, problem in found if problem is not None]
    if unread:
        error_told("\n".join([f"{len(unread)} of {len(found)} cannot be read", *unread]))
    return 65 if unread else 0


def _proposed(text: str, day: dt.date, dating: DateOptions) -> tuple[Proposal, ...]:
    years = YEARS_FROM if dating.years_from is None else dating.years_from
    first = None if dating.order is None else dating.order == DAY_FIRST
    return proposals(text, day, day_first=first, years_from=years)


def _dated(one: Proposal) -> dict[str, Any]:
    """A proposal for people."""
    bounds = {"earliest": _bound(one.when.earliest), "latest": _bound(one.when.latest)}
    return one.as_dict() | {"date": one.when, **bounds}


def _bound(instant: dt.datetime | None) -> dt.datetime | dt.date | None:
    """An instant for people: where a day begins or closes, that day."""
    whole = instant is not None and instant.time() in {dt.time.min, dt.time.max}
    return instant.date() if instant is not None and whole else instant


def _day(text: str | None) -> dt.date:
    """The day meant; today, unless given.

    Raises:
        NotAllowed: if it is no single day.
    """
    return dateline_day(None if text == "today" else text)
