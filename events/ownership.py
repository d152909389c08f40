"""Who owns whom, and what legal shape an organisation has."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import attrs
from attrs import field, frozen

from events.figures import Bound
from timeline.declare import Entity, Event, InvalidData, Money, decimal, entities, event_type, money

Change = Literal["legal form", "merger", "spin-off", "listing", "insolvency", "dissolution"]


def _percent(_event: Event, attribute: attrs.Attribute[Any], value: Decimal | None) -> None:
    if value is not None and not 0 <= value <= 100:
        raise InvalidData([(f"stake_reported.{attribute.name}", f"{value} is no percentage from 0 to 100")])


@event_type("stake_reported", says="{holder} holds [{bound} ]{share} % of {company}")
@frozen(kw_only=True)
class StakeReported(Event):
    """What part of a company someone holds from this date on, as reported.

    `share` is in percent, empty where it is unknown; 0 says that nothing is left. `bound` is empty where the
    share is exact. The money that went in is a `funding_round`.
    """

    holder: Entity
    company: Entity
    share: Decimal | None = field(converter=decimal, validator=_percent)
    bound: Bound | None = None


@event_type("acquisition_agreed", says="{buyer} agrees to buy {company}[ for {price}]")
@frozen(kw_only=True)
class AcquisitionAgreed(Event):
    """A buyer and a company, or its owners, agree on its purchase; it is not closed yet."""

    buyer: Entity
    company: Entity
    price: Money | None = field(default=None, converter=money)


@event_type("acquisition_closed", says="{buyer} buys {company}[ for {price}]")
@frozen(kw_only=True)
class AcquisitionClosed(Event):
    """A purchase of a company is done: it belongs to the buyer.

    Use it alone where only the purchase itself is known.
    """

    buyer: Entity
    company: Entity
    price: Money | None = field(default=None, converter=money)


@event_type("acquisition_abandoned", says="{buyer} does not buy {company}[: {reason}]")
@frozen(kw_only=True)
class AcquisitionAbandoned(Event):
    """An agreed or intended purchase of a company falls through."""

    buyer: Entity
    company: Entity
    reason: str | None = None


@event_type("team_acquisition", says="{buyer} takes on [{extent} of ]the team of {company}[, with {people}]")
@frozen(kw_only=True)
class TeamAcquisition(Event):
    """An organisation takes on the people of a company and leaves the company itself.

    `people` are those known by name, `extent` how much of the team, in words ("most"). A fee paid for it is
    an `agreement_signed`; the purchase of the company an `acquisition_closed`.
    """

    buyer: Entity
    company: Entity
    people: tuple[Entity, ...] = field(default=(), converter=entities)
    extent: str | None = None


@event_type("restructured", says="{organisation} changes ({change}): {result}[, with {others}]")
@frozen(kw_only=True)
class Restructured(Event):
    """An organisation gets another legal shape: form, merger, spin-off, listing, insolvency, dissolution.

    `result` is what it is afterwards ("public-benefit corporation"), `others` who is party to it. A change
    that is only meant is a project.
    """

    organisation: Entity
    change: Change
    result: str
    others: tuple[Entity, ...] = field(default=(), converter=entities)


DEALS: Mapping[type[Event], str] = {
    AcquisitionAgreed: "agreed",
    AcquisitionClosed: "closed",
    AcquisitionAbandoned: "abandoned",
    TeamAcquisition: "team taken on",
}
"""What is last said of a purchase, by the event that says it."""
