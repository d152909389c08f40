"""Texts for spreadsheets, which take a cell that begins like a formula for one and run it."""

from __future__ import annotations

from typing import Final

__all__ = ["defused"]

_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""What a formula begins with for one program or another, also in full width (OWASP, "CSV Injection")."""


def defused(text: str) -> str:
    """The text as a cell that no spreadsheet runs: with `'` before it where it begins like a formula.

    A plain number stays one, also below zero. Blanks before a formula do not hide it.

    >>> defused("=1+1"), defused("-2.5"), defused("Acme")
    ("'=1+1", '-2.5', 'Acme')
    """
    if not (text.startswith(_BEGINS) or text.lstrip().startswith(_BEGINS)):
        return text
    return text if _is_number(text) else f"'{text}"


def _is_number(text: str) -> bool:
    whole, _, part = text.removeprefix("-").partition(".")
    digits = whole + part
    return digits.isascii() and digits.isdigit() and bool(whole)
