"""Money that goes into organisations, or is promised to."""

from __future__ import annotations

from attrs import field, frozen

from timeline.declare import Entity, Event, Money, entities, event_type, money


@event_type("funding_round", says="{company} raises money[ from {investors}][: {amount}]")
@frozen(kw_only=True)
class FundingRound(Event):
    """An organisation takes in money from investors, in one deal.

    Name every investor known, or none. Leave the amount empty where it was not disclosed; it is the round's,
    not each investor's. A sum over several rounds is a `claimed_total`, a promise an `investment_plan`.
    """

    company: Entity
    investors: tuple[Entity, ...] = field(converter=entities)
    amount: Money | None = field(converter=money)


@event_type(
    "investment_plan",
    says="{plan}, a plan of {partners} to invest[ {amount}][ over {term}][ in {purpose}]"
    "[, announced by {announced_by}]",
)
@frozen(kw_only=True)
class InvestmentPlan(Event):
    """Organisations make public that they mean to invest, together or alone; nothing has been paid yet.

    `plan` is an entity, so that later events can speak of it. `partners` are the organisations that take
    part, `announced_by` the people or organisations that present it. `term` is how long the plan runs, in
    words ("four years"). A plan restated with other figures is a further event under the same `plan`.
    """

    plan: Entity
    partners: tuple[Entity, ...] = field(converter=entities)
    amount: Money | None = field(converter=money)
    term: str | None = None
    purpose: str | None = None
    announced_by: tuple[Entity, ...] = field(default=(), converter=entities)


@event_type("claimed_total", says="{investors} said to have put {amount} into {company}[ over {term}]")
@frozen(kw_only=True)
class ClaimedTotal(Event):
    """Someone states what investors have put into an organisation altogether.

    It is there to be checked against the funding rounds and is never added to them. `occurred` is the date as
    of which it is stated; `term` is how long the money took, in words ("six years").
    """

    company: Entity
    investors: tuple[Entity, ...] = field(converter=entities)
    amount: Money | None = field(converter=money)
    term: str | None = None
