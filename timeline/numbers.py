"""Exact numbers, whatever context the caller has: which can be kept, how they are written and added up."""

from __future__ import annotations

from contextlib import AbstractContextManager
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from typing import Final

__all__ = ["BEFORE", "BEHIND", "NUMBER", "PLAIN", "exactly", "excess", "plain", "read_number"]

BEFORE: Final = 28
"""How many digits a number may have before the point."""

BEHIND: Final = 10
"""How many digits it may have behind the point."""

NUMBER: Final = f"DECIMAL({BEFORE + BEHIND}, {BEHIND})"
"""The SQL type of columns of numbers."""

PLAIN: Final = rf"[0-9]{{1,{BEFORE}}}(\.[0-9]{{1,{BEHIND}}})?"
"""What texts are numbers that can be kept as they stand, none of them negative; a regular expression."""

_EXACT: Final = Context(
    prec=100,
    rounding=ROUND_HALF_EVEN,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[DivisionByZero, Inexact, InvalidOperation, Overflow],
)


def exactly() -> AbstractContextManager[Context]:
    """A context in which decimals are read and added without rounding, whatever context the caller has."""
    return localcontext(_EXACT)


def read_number(value: Decimal | int | str) -> Decimal | None:
    """The number that a text or a number says, exactly; None if it says none."""
    with exactly():
        try:
            return Decimal(value)
        except (InvalidOperation, TypeError, ValueError):
            return None


def excess(number: Decimal) -> str | None:
    """Why a number cannot be kept, None if it can."""
    if not number.is_finite():
        return "is not a finite number"
    if number and number.adjusted() >= BEFORE:
        return f"has more than {BEFORE} digits before the point, and no more can be kept"
    if number and (number.adjusted() < -BEHIND or len(plain(number).partition(".")[2]) > BEHIND):
        return f"has more than {BEHIND} decimals, and no more can be kept"
    return None


def plain(value: Decimal) -> str:
    """Give the shortest plain text of a finite number, without an exponent.

    >>> plain(Decimal("2.50")), plain(Decimal("1E+3")), plain(Decimal("-0.00"))
    ('2.5', '1000', '0')
    """
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text
