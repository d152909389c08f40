"""Numbers that are told about organisations and products."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from attrs import field, frozen

from timeline.declare import (
    Entity,
    Event,
    InvalidData,
    Money,
    When,
    decimal,
    event_type,
    money,
    optional_when,
)

Bound = Literal["up to", "over", "about"]


@event_type(
    "figure_reported",
    says="{of}: [{bound} ][{number}][{amount}] {measure}[ in {period}][, of {organisation}]",
)
@frozen(kw_only=True)
class FigureReported(Event):
    """A number is told: users, revenue, headcount, valuation and the like.

    `of` is what was measured, a product say, and `organisation` whose that is, if it is another. `measure` is
    free text; use the same words for what is to be compared ("weekly users", "revenue", "headcount",
    "valuation"). Give either `number`, with its `bound` where it is not exact, or an `amount` of money, which
    says itself how exact it is. `period` is the time that it covers; `occurred` when it held or was told.
    Money that changes hands has events of its own.
    """

    of: Entity
    measure: str
    number: Decimal | None = field(default=None, converter=decimal)
    amount: Money | None = field(default=None, converter=money)
    bound: Bound | None = None
    period: When | None = field(default=None, converter=optional_when)
    organisation: Entity | None = None

    def __attrs_post_init__(self) -> None:
        """Clean the fields, and see that there is exactly one figure."""
        super().__attrs_post_init__()
        if (self.number is None) == (self.amount is None):
            raise InvalidData([("figure_reported.number", "give either a number or an amount of money")])
        if self.amount is not None and self.bound is not None:
            raise InvalidData(
                [("figure_reported.bound", f"goes with a number; say it in the amount: '{self.bound} …'")]
            )
