"""How the texts of a table are written, and what they say as the engine reads it: dates, numbers, lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from timeline.formats.date_phrases import proposals
from timeline.values import BadText, BadWhen, When, either, plain

DATES: Final = ("iso", "day/month/year", "month/day/year", "year/month/day", "yearmonthday", "words")
"""How dates may be written; those that the engine reads itself are always read."""

NUMBERS: Final = ("1234.5", "1,234.5", "1.234,5", "1 234,5", "1'234.5", "1234,5")
"""How numbers may be written, each by an example."""

_CLOCK: Final = r"(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?)?"
_SIGN: Final = r"[./ -]"
_FORMS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "day/month/year": (re.compile(rf"([0-9]{{1,2}})({_SIGN})([0-9]{{1,2}})\2([0-9]{{4}}){_CLOCK}"), "dsmy"),
    "month/day/year": (re.compile(rf"([0-9]{{1,2}})({_SIGN})([0-9]{{1,2}})\2([0-9]{{4}}){_CLOCK}"), "msdy"),
    "year/month/day": (re.compile(rf"([0-9]{{4}})({_SIGN})([0-9]{{1,2}})\2([0-9]{{1,2}}){_CLOCK}"), "ysmd"),
    "yearmonthday": (re.compile(rf"([0-9]{{4}})()([0-9]{{2}})([0-9]{{2}}){_CLOCK}"), "ysmd"),
}
_MONTH: Final = re.compile(r"([0-9]{1,2})[./-]([0-9]{4})")
_SPACED: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)(.*)"
)
_MIDNIGHT: Final = re.compile(r"00:00(?::00(?:\.0+)?)?")
_HYPHENED: Final = re.compile(r"([0-9]{1,2})[-/. ]([^\W\d]{3,9})[-/. ,]+([0-9]{4})")
_DATELINES: Final = (date(2000, 1, 1), date(2001, 5, 20))
"""Two days: what a phrase means on both of them it means whenever it was said."""

_EXPONENT: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,3}")
_SPACES: Final = "\u00a0\u2009\u202f "


def date_said(text: str, forms: Sequence[str]) -> str:
    """A date as the engine reads it, out of one written in one of some forms.

    >>> date_said("31.1.2020", ["day/month/year"]), date_said("2020-01", [])
    ('2020-01-31', '2020-01')
    >>> date_said("circa 1962", ["words"])
    '1962~'

    Raises:
        BadText: if it is written otherwise, with how it may be meant.
    """
    text = text.strip()
    found = _as_it_is(text)
    for form in forms if found is None else ():
        found = _in_words(text) if form == "words" else _in_form(text, form)
        if found is not None:
            break
    if found is None:
        raise BadText(text, _no_date(text, forms))
    return found


def _as_it_is(text: str) -> str | None:
    """A date as it is written, if the engine reads it; a time of day may be behind a blank, in UTC.

    Midnight behind a blank is how programs write a day, and taken for one.
    """
    if (spaced := _SPACED.fullmatch(text)) is not None:
        day, clock, zone = spaced.groups()
        midnight = _MIDNIGHT.fullmatch(clock) and not zone
        text = day if midnight else f"{day}T{clock}{zone.strip().replace('UTC', 'Z')}"
    try:
        When(text)
    except BadWhen:
        return None
    return text


def _in_form(text: str, form: str) -> str | None:
    if form == "iso":
        return None
    pattern, order = _FORMS[form]
    if (found := pattern.fullmatch(text)) is not None:
        parts = dict(zip(order, found.groups(), strict=False))
        told = f"{parts['y']}-{int(parts['m']):02}-{int(parts['d']):02}"
        hour, minute, second = found.groups()[len(order) :]
        if hour is not None and (int(hour), minute, second or "00") != (0, "00", "00"):
            told += f"T{int(hour):02}:{minute}:{second or '00'}"
        return _as_it_is(told)
    if form in {"day/month/year", "month/day/year"} and (month := _MONTH.fullmatch(text)) is not None:
        return _as_it_is(f"{month[2]}-{int(month[1]):02}")
    return None


def _in_words(text: str) -> str | None:
    """A date in words that means one thing, whenever it was said."""
    text = _HYPHENED.sub(r"\1 \2 \3", text)
    try:
        first, second = (proposals(text, day) for day in _DATELINES)
    except BadText:
        return None
    return first[0].when.text if len(first) == 1 and first == second else None


def _no_date(text: str, forms: Sequence[str]) -> str:
    """Why a text is no date, and in which forms it would be one."""
    fitting = [form for form in DATES if form not in forms and _fits(text, form)]
    if fitting:
        return f"is no date as they are written here; is it {either(fitting)}? Say so with dates"
    try:
        When(text)
    except BadWhen as problem:
        return f"is not a date: {problem.problem} at character {problem.position + 1}; {problem.hint}"
    return "is not a date"


def _fits(text: str, form: str) -> bool:
    return (_in_words(text) if form == "words" else _in_form(text, form)) is not None


def dates_fit(texts: Iterable[str]) -> list[str]:
    """The forms in which all of some texts are dates: `iso` alone, if the engine reads all of them."""
    several = list(texts)
    if all(_as_it_is(text.strip()) for text in several):
        return ["iso"]
    rest = [text.strip() for text in several if _as_it_is(text.strip()) is None]
    return [form for form in DATES if all(_fits(text, form) for text in rest)]


def number_said(text: str, form: str | None) -> str:
    """A number as the engine reads it, out of one that is written in some form; what is none as it is.

    >>> number_said("1.234,50", "1.234,5"), number_said("1.75e6", None), number_said("$5m", "1,234.5")
    ('1234.50', '1750000', '$5m')
    >>> number_said("1,500,000", None)
    '1500000'

    Raises:
        BadText: if it is a number of another form, or may be one of several, with those.
    """
    text = text.strip()
    if _EXPONENT.fullmatch(text) is not None:
        return plain(Decimal(text))
    if form is None and _PLAIN.fullmatch(text):
        return text
    forms = numbers_fit([text])
    read = form if form in forms else _USUAL if form is None and forms == [_USUAL] else None
    if read is None:
        if forms:
            told = f"is no number as they are written here; is it {either(forms)}? Say so with numbers"
            raise BadText(text, told)
        return text
    found = _pattern(read).fullmatch(text)
    sign, whole, fraction = found.groups() if found is not None else ("", text, None)
    return sign + re.sub(r"[^0-9]", "", whole) + (f".{fraction}" if fraction else "")


_USUAL: Final = "1,234.5"
_PLAIN: Final = re.compile(r"[-+]?[0-9]*\.?[0-9]*")


def _pattern(form: str) -> re.Pattern[str]:
    """What numbers of a form are: a sign, what stands before the point, and behind it."""
    group, point = form[1] if not form[1].isdigit() else "", form[-2]
    between = f"[{_SPACES}]" if group == " " else re.escape(group)
    whole = rf"[0-9]{{1,3}}(?:{between}[0-9]{{3}})+|[0-9]+" if group else "[0-9]+"
    return re.compile(rf"(-?)({whole})(?:{re.escape(point)}([0-9]+))?")


def numbers_fit(texts: Iterable[str]) -> list[str]:
    """The forms in which all of some texts are numbers."""
    several = [text for one in texts if not _EXPONENT.fullmatch(text := one.strip())]
    return [form for form in NUMBERS if all(_pattern(form).fullmatch(text) for text in several)]


def split(text: str, between: str) -> tuple[str, ...]:
    """The texts of a list, without the blanks around them; those of nothing else are left out."""
    return tuple(one for part in text.split(between) if (one := part.strip()))
