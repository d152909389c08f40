"""How the dates of a file are written: in which forms, seen from which day; and how each was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Self

import attrs

from timeline.values import (
    DAY_FIRST,
    FORMS,
    MONTH_FIRST,
    YEARS_FROM,
    BadText,
    BadWhen,
    NotAllowed,
    Proposal,
    ReadDate,
    When,
    as_it_is,
    dateline_day,
    either,
    in_form,
    nearest,
    only_proposal,
)

DATES: Final = ("iso", *FORMS, "words", "phrases")
"""How dates may be written; those that the engine reads itself are always read."""

EITHER: Final = ((DAY_FIRST, MONTH_FIRST), ("excel", "excel-1904"))
"""Forms of which a text may have one as well as the other."""

_MOST: Final = 1_000
"""How many texts are told of, each with how it was read."""
_DATELINES: Final = (date(2000, 1, 1), date(2001, 5, 20))
"""Two days: what a phrase means on both of them it means whenever it was said."""


def forms_by_column(said: Mapping[str, Any] | Iterable[str] | str | None) -> Mapping[str, tuple[str, ...]]:
    """The forms of dates by column, those of all others under "": out of a mapping, or of texts.

    A text is a form of all columns, or has that of one behind the name of the column: `end=excel`.

    Raises:
        NotAllowed: if one is no form.
    """
    if isinstance(said, Mapping):
        several = [(name, form) for name, told in said.items() for form in _several(told)]
    else:
        texts = [one.rpartition("=") for one in _several(said)]
        several = [(name.strip(), form.strip()) for name, _, form in texts]
    found: dict[str, tuple[str, ...]] = {}
    for name, form in several:
        if form not in DATES:
            near = nearest(form, DATES, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise NotAllowed(f"dates: {form!r} is no form; they are {', '.join(DATES)}{hint}")
        found[name] = (*found.get(name, ()), form)
    return found


def _several(said: Any) -> Sequence[str]:
    return () if said is None else (said,) if isinstance(said, str) else tuple(said)


@attrs.frozen
class DateReading:
    """How the dates of a file are read: the forms in which they are written, and the day they are seen from.

    `forms` are by column or field, those of all others under "", and tried in order, phrases last. `dateline`
    is a day, or the name of what holds it. `years_from` is the first of the hundred years that years of two
    digits are of. `found` is added to on the way: how each text was read that says less than its date.
    """

    forms: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=forms_by_column)
    dateline: str | None = attrs.field(default=None, kw_only=True)
    years_from: int = attrs.field(default=YEARS_FROM, kw_only=True)
    found: dict[tuple[str, date | None], ReadDate] = attrs.field(
        factory=dict, kw_only=True, eq=False, repr=False
    )

    def __bool__(self) -> bool:
        return any(self.forms.values())

    @property
    def phrases(self) -> bool:
        """Whether dates may be phrases, seen from a day."""
        return "phrases" in self.forms.get("", ())

    def of(self, *names: str) -> Self:
        """The same for one column, by the first of some names for it that forms are said for."""
        known = next((name for name in names if name in self.forms), "")
        return attrs.evolve(self, forms={"": self.forms.get(known, ())}, found=self.found)

    def day(self, text: str | None) -> date | None:
        """The dateline that a text says, in any of the forms but phrases.

        Raises:
            BadText: if it is no day.
        """
        if text is None or not text.strip():
            return None
        forms = [form for form in self.forms.get("", ()) if form in FORMS]
        read = _figured(text.strip(), forms, self.years_from)
        try:
            return dateline_day(text if read is None else read[0])
        except (BadWhen, NotAllowed):
            raise BadText(text, "is no day, and the dateline of a phrase is one") from None

    def read(self, text: str, dateline: date | None = None) -> str:
        """A date as the engine reads it, out of one written in one of the forms, seen from a day.

        >>> DateReading(["day/month/year"]).read("31.1.2020"), DateReading().read("2020-01")
        ('2020-01-31', '2020-01')
        >>> DateReading(["phrases"]).read("late last year", date(2024, 3, 1))
        '[2023-09..2023-12]'

        Raises:
            BadText: if it is written otherwise, or ambiguous, with how it may be meant.
        """
        text = text.strip()
        forms = self.forms.get("", ())
        figured = _figured(text, forms, self.years_from)
        if figured is not None:
            when, how = figured
        else:
            one = self._phrase(text, forms, dateline)
            when, how = one.when.text, one.read_as
        if how and len(self.found) < _MOST:
            self.found.setdefault((text, dateline), ReadDate(text, dateline, When(when), how))
        return when

    def _phrase(self, text: str, forms: Sequence[str], dateline: date | None) -> Proposal:
        day_first = next((form == DAY_FIRST for form in forms if form in {DAY_FIRST, MONTH_FIRST}), None)

        def read(day: date) -> Proposal:
            return only_proposal(text, day, day_first=day_first, years_from=self.years_from)

        if "phrases" in forms and dateline is not None:
            return read(dateline)
        one = _always(read) if {*forms} & {"words", "phrases"} else None
        if one is None and "phrases" in forms and read(_DATELINES[0]):
            raise BadText(text, "depends on the day on which it was said; say that with dateline")
        if one is None:
            raise BadText(text, _no_date(text, forms))
        return one


def _figured(text: str, forms: Iterable[str], years_from: int) -> tuple[str, str] | None:
    """A date as it stands, or in the first of some forms that fits it; and how it was read."""
    found = as_it_is(text)
    for form in forms if found is None else ():
        found = in_form(text, form, years_from) if form in FORMS else None
        if found is not None:
            break
    return found


def _always(read: Callable[[date], Proposal]) -> Proposal | None:
    """What a phrase means, if it means one thing whenever it was said."""
    try:
        first, second = map(read, _DATELINES)
    except BadText:
        return None
    return first if first == second else None


def _no_date(text: str, forms: Sequence[str]) -> str:
    """Why a text is no date, and in which forms it would be one."""
    fitting = [form for form in DATES if form not in forms and _fits(text, form)]
    fitting = [form for form in fitting if form != "phrases" or fitting == ["phrases"]]
    if fitting:
        return f"is no date as they are written here; is it {either(fitting)}? Say so with dates"
    try:
        When(text)
    except BadWhen as problem:
        return f"is not a date: {problem.problem} at character {problem.position + 1}; {problem.hint}"
    return "is not a date"


def _fits(text: str, form: str) -> bool:
    """Whether a text may well be a date of a form: a number of days is, if it has five digits."""
    if form in FORMS:
        return in_form(text, form) is not None and (form[:5] != "excel" or len(text.partition(".")[0]) == 5)
    try:
        found = [only_proposal(text, day) for day in _DATELINES]
    except BadText:
        return False
    return form == "phrases" or (form == "words" and found[0] == found[1])


def mixed_dates(texts: Sequence[str]) -> list[str]:
    """The forms in which most of some texts are dates, if two thirds are: those of the most texts first.

    Of two forms that no text tells apart, both are given.
    """
    rest = [one.strip() for one in texts if as_it_is(one.strip()) is None]
    found: list[str] = []
    while rest:
        fitting = {form: [one for one in rest if _fits(one, form)] for form in DATES}
        best = max(DATES, key=lambda form: len(fitting[form]))
        if not fitting[best]:
            break
        pair = next((pair for pair in EITHER if best == pair[0]), (best,))
        found += [form for form in pair if fitting[form] == fitting[best]]
        rest = [one for one in rest if one not in fitting[best]]
    return found if 3 * len(rest) <= len(texts) else []


def dates_fit(texts: Iterable[str]) -> list[str]:
    """The forms in which all of some texts are dates: `iso` alone, if the engine reads all of them."""
    rest = [one for text in texts if as_it_is(one := text.strip()) is None]
    return [form for form in DATES if all(_fits(text, form) for text in rest)] if rest else ["iso"]
