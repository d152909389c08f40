"""Sums are exact, whatever decimal context the caller has, and of any size."""

from __future__ import annotations

import decimal
from decimal import Decimal

import pytest

from timeline import Money
from timeline.values import Funds, exactly


@pytest.mark.parametrize("precision", [1, 4, 28])
def test_a_sum_does_not_depend_on_the_context(precision: int) -> None:
    """Nothing is rounded, even where the context of the caller is narrow."""
    amounts = [Money("123456789.000001 USD"), Money("999999999999999999999999 USD")]
    with decimal.localcontext(decimal.Context(prec=precision)):
        funds = Funds.of((amount, False) for amount in amounts)
    assert funds.wholly["USD"] == Decimal("1000000000000000123456788.000001")


def test_a_sum_of_any_size_can_be_shown() -> None:
    """A sum may be larger than any one amount that is accepted."""
    funds = Funds.of([(Money("999999999999999999999999 USD"), False)] * 3)
    assert str(funds) == "$2,999,999,999,999,999,999,999,997"


def test_what_is_not_known_of_a_sum_is_counted() -> None:
    """Undisclosed amounts are counted, inexact ones are in the sum and counted too."""
    funds = Funds.of([(None, False), (Money("up to $1bn"), False), (Money("2m SEK"), True)])
    assert str(funds) == "$1bn + 2m SEK jointly + 1 undisclosed (1 inexact)"


def test_the_exact_context_ends_with_its_block() -> None:
    """The context of the caller comes back."""
    before = decimal.getcontext().prec
    with exactly():
        assert decimal.getcontext().prec > before
    assert decimal.getcontext().prec == before
