"""Sums of money that keep what is not known about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from timeline.errors import BadMoney
from timeline.money import Money, worded_amount
from timeline.numbers import exactly, plain

__all__ = ["Funds"]

_TWO: Final = 2


def _amounts(given: Any) -> Iterator[tuple[Money | None, bool]]:
    """Amounts, each with whether it was given jointly.

    Raises:
        BadMoney: if anything is none such.
    """
    hint = "give amounts, or None, each with whether it was given jointly"
    if not isinstance(given, Iterable):
        raise BadMoney(given, f"it is of type {type(given).__name__}", hint)
    for one in given:
        if not (isinstance(one, tuple) and len(one) == _TWO and isinstance(one[0], Money | None)):
            raise BadMoney(one, "it is no amount with whether it was given jointly", hint)
        yield one[0], bool(one[1])


@attrs.frozen
class Funds:
    """Amounts added up per currency, and what could not be added.

    `wholly` is what was given by one alone, `jointly` what several gave together (each share unknown).
    `undisclosed` counts the events without an amount, `inexact` the amounts that were "up to", "over" or
    "about"; those are in the sums at their stated value.
    """

    wholly: Mapping[str, Decimal] = attrs.field(factory=dict)
    jointly: Mapping[str, Decimal] = attrs.field(factory=dict)
    undisclosed: int = 0
    inexact: int = 0

    @classmethod
    def of(cls, amounts: Iterable[tuple[Money | None, bool]]) -> Funds:
        """The sum of amounts, each with whether it was given jointly; None is an amount not disclosed."""
        return cls().plus(amounts)

    def plus(self, amounts: Iterable[tuple[Money | None, bool]]) -> Funds:
        """The sum of these and of more amounts, given as to `of`."""
        wholly, jointly = dict(self.wholly), dict(self.jointly)
        undisclosed, inexact = self.undisclosed, self.inexact
        with exactly():
            for amount, joint in _amounts(amounts):
                if amount is None:
                    undisclosed += 1
                    continue
                into = jointly if joint else wholly
                into[amount.currency] = into.get(amount.currency, Decimal(0)) + amount.value
                inexact += amount.bound != "exactly"
        return Funds(wholly, jointly, undisclosed, inexact)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values, amounts as decimal texts by currency."""
        return {
            "wholly": {currency: plain(value) for currency, value in sorted(self.wholly.items())},
            "jointly": {currency: plain(value) for currency, value in sorted(self.jointly.items())},
            "undisclosed": self.undisclosed,
            "inexact": self.inexact,
        }

    def __str__(self) -> str:
        parts = [worded_amount(value, currency) for currency, value in sorted(self.wholly.items())]
        parts += [
            f"{worded_amount(value, currency)} jointly" for currency, value in sorted(self.jointly.items())
        ]
        if self.undisclosed:
            parts.append(f"{self.undisclosed} undisclosed")
        text = " + ".join(parts) or "nothing"
        return f"{text} ({self.inexact} inexact)" if self.inexact else text
