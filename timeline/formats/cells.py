"""How the texts of a table are written, and what they say as the engine reads it: numbers and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from timeline.values import BadText, either, plain

NUMBERS: Final = ("1234.5", "1,234.5", "1.234,5", "1 234,5", "1'234.5", "1234,5", "12,34,567.8")
"""How numbers may be written, each by an example."""

_EXPONENT: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,3}")
_SPACES: Final = "\u00a0\u2009\u202f "


def number_said(text: str, form: str | None) -> str:
    """A number as the engine reads it, out of one that is written in some form; what is none as it is.

    >>> number_said("1.234,50", "1.234,5"), number_said("1.75e6", None), number_said("$5m", "1,234.5")
    ('1234.50', '1750000', '$5m')
    >>> number_said("1,500,000", None), number_said("1,30,00,000", None)
    ('1500000', '13000000')

    Raises:
        BadText: if it is a number of another form, or may be one of several, with those.
    """
    text = text.strip()
    if _EXPONENT.fullmatch(text) is not None:
        return plain(Decimal(text))
    if form is None and _PLAIN.fullmatch(text):
        return text
    forms = numbers_fit([text])
    read = form if form is not None and _pattern(form).fullmatch(text) else None
    if form is None and forms in _CLEAR:
        read = forms[0]
    if read is None:
        if forms:
            told = f"is no number as they are written here; is it {either(forms)}? Say so with numbers"
            raise BadText(text, told)
        return text
    found = _pattern(read).fullmatch(text)
    sign, whole, fraction = found.groups() if found is not None else ("", text, None)
    return sign + re.sub(r"[^0-9]", "", whole) + (f".{fraction}" if fraction else "")


_LAKHS: Final = "12,34,567.8"
_CLEAR: Final = (["1,234.5"], [_LAKHS])
"""The forms that are read unless another is said, where a number can be of no other."""
_PLAIN: Final = re.compile(r"[-+]?[0-9]*\.?[0-9]*")


def _pattern(form: str) -> re.Pattern[str]:
    """What numbers of a form are: a sign, what stands before the point, and behind it."""
    if form == _LAKHS:
        return re.compile(r"(-?)([0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}|[0-9]+)(?:\.([0-9]+))?")
    group, point = form[1] if not form[1].isdigit() else "", form[-2]
    between = f"[{_SPACES}]" if group == " " else re.escape(group)
    whole = rf"[0-9]{{1,3}}(?:{between}[0-9]{{3}})+|[0-9]+" if group else "[0-9]+"
    return re.compile(rf"(-?)({whole})(?:{re.escape(point)}([0-9]+))?")


def numbers_fit(texts: Iterable[str]) -> list[str]:
    """The forms in which all of some texts are numbers; of two that say the same of all, the first."""
    several = [text for one in texts if not _EXPONENT.fullmatch(text := one.strip())]
    found = [form for form in NUMBERS if all(_pattern(form).fullmatch(text) for text in several)]
    return [form for form in found if form != _LAKHS or "1,234.5" not in found]


def split(text: str, between: str) -> tuple[str, ...]:
    """The texts of a list, without the blanks around them; those of nothing else are left out."""
    return tuple(one for part in text.split(between) if (one := part.strip()))
