"""Money over time as plain rows: a step for as long as a sum stays the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal

import attrs

from timeline.errors import CatalogueError
from timeline.funds import Funds
from timeline.history import History, Period
from timeline.numbers import exactly
from timeline.record import Record
from timeline.state import StateType
from timeline.wording import key_words, label

__all__ = ["Sum", "money_field", "steps"]

Knowledge = Literal["now", "then"]


@attrs.frozen(kw_only=True)
class Sum:
    """A sum in one currency from one instant until before another, wholly and jointly given taken together.

    `known` says by what was known: by all that the basis shows, or at each instant by what was known at it.
    `key` is that of the slot in words, or of the field; `currency` is empty where no amount was disclosed.
    """

    known: Knowledge
    key: str
    currency: str
    begins: datetime | None
    ends: datetime | None
    amount: Decimal
    funds: Funds
    unsettled: bool
    records: tuple[Record, ...]


def money_field(state: StateType, field: str | None) -> str:
    """The field that adds up money: the one named, else the first.

    Raises:
        CatalogueError: if there is no such field, or it adds up no money.
    """
    several = [name for name, fold in state.folds.items() if fold.sums_money]
    if field is None and several:
        return several[0]
    if field is None or field not in several:
        asked = f"{state.name}.{field} adds up no money" if field else f"{state.name} adds up no money"
        raise CatalogueError(f"{asked}; fields that do: {', '.join(several) or 'none'}")
    return field


def steps(found: History, field: str, known: Knowledge) -> Iterator[Sum]:
    """The steps of a history, of each key and currency, from the first sum on."""
    begun: dict[str, set[str]] = {}
    for period in found:
        for key, funds in _sums(period, found, field).items():
            amounts = _amounts(funds)
            before = begun.setdefault(key, set())
            before.update(amounts)
            for currency in sorted(before) or [""]:
                yield Sum(
                    known=known,
                    key=key,
                    currency=currency,
                    begins=period.begins,
                    ends=period.ends,
                    amount=amounts.get(currency, Decimal(0)),
                    funds=funds,
                    unsettled=bool(period.unsettled[field]),
                    records=period.because[field],
                )


def _sums(period: Period, found: History, field: str) -> Mapping[str, Funds]:
    value = period.values[field]
    if isinstance(value, Funds):
        return {} if value == Funds() else {label(field): value}
    return {key_words(key, found.named): funds for key, funds in value.items()}


def _amounts(funds: Funds) -> Mapping[str, Decimal]:
    with exactly():
        return {
            currency: funds.wholly.get(currency, Decimal(0)) + funds.jointly.get(currency, Decimal(0))
            for currency in {**funds.wholly, **funds.jointly}
        }
