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

BEFORE: Final = 28
"""How many digits a number may have before the point."""

BEHIND: Final = 10
"""How many digits it may have behind the point."""

NUMBER: Final = f"DECIMAL({BEFORE + BEHIND}, {BEHIND})"
"""The SQL type of columns of numbers."""

PLAIN: Final = rf"[0-9]{{1,{BEFORE}}}(\.[0-9]{{1,{BEHIND}}})?"
"""What texts are numbers that can be kept as they stand, none of them negative; a regular expression."""

_LARGE: Final = f"has more than {BEFORE} digits before the point, and no more can be kept"
_BITS: Final = 4 * BEFORE
"""No integer of more bits has so few digits; to write a long one as digits takes long."""
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


def kept(value: Decimal | int | str) -> Decimal | str:
    """The number that a text or a number says, with no zeros at its end, or why it cannot be kept."""
    if isinstance(value, int) and value.bit_length() > _BITS:
        return _LARGE
    with exactly():
        try:
            number = Decimal(value)
        except (InvalidOperation, TypeError, ValueError):
            return "is not a number"
    if not number.is_finite():
        return "is not a finite number"
    if number and number.adjusted() >= BEFORE:
        return _LARGE
    if number and (number.adjusted() < -BEHIND or len(plain(number).partition(".")[2]) > BEHIND):
        return f"has more than {BEHIND} decimals, and no more can be kept"
    return Decimal(plain(number))


def plain(value: Decimal) -> str:
    """Give the shortest plain text of a finite number, without an exponent.

    >>> plain(Decimal("2.50")), plain(Decimal("1E+3")), plain(Decimal("-0.00"))
    ('2.5', '1000', '0')
    """
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text
