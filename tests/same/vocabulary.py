"""A small vocabulary that both engines read: the types of the scenarios, and states that use every fold."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from attrs import field, frozen

from timeline.declare import (
    Entity,
    EntityState,
    Event,
    Funds,
    Money,
    PairState,
    Rule,
    When,
    agree,
    at_most_one,
    count,
    decimal,
    entities,
    event_type,
    first,
    fold,
    held,
    last,
    money,
    nothing_after,
    optional_when,
    state_type,
    term_in_order,
    texts,
    total,
)


@event_type("funding_round", says="{company} takes [{amount} ]from {investors}")
@frozen(kw_only=True)
class FundingRound(Event):
    """A company takes money."""

    company: Entity
    investors: tuple[Entity, ...] = field(converter=entities)
    amount: Money | None = field(default=None, converter=money)


@event_type("exclusivity_deal", says="{grantor} is bound to {grantee}: {scope}[ until {until}]")
@frozen(kw_only=True)
class ExclusivityDeal(Event):
    """One binds itself to another."""

    grantor: Entity
    grantee: Entity
    scope: str
    until: When | None = field(default=None, converter=optional_when)


@event_type("exclusivity_end", says="{grantor} is free of {grantee}: {scope}")
@frozen(kw_only=True)
class ExclusivityEnd(Event):
    """One is free of another again."""

    grantor: Entity
    grantee: Entity
    scope: str


@event_type("ceo_appointment", says="{person} takes the lead of {company}")
@frozen(kw_only=True)
class CEOAppointment(Event):
    """Someone takes the lead."""

    company: Entity
    person: Entity


@event_type("ceo_ousting", says="{person} loses the lead of {company}")
@frozen(kw_only=True)
class CEOOusting(Event):
    """Someone loses the lead."""

    company: Entity
    person: Entity


@event_type(
    "measured", says="{of}: {what}[, {bound}][ {number}][ costs {price}][, in words {text}][, as {tags}]"
)
@frozen(kw_only=True)
class Measured(Event):
    """Something is measured, priced or described."""

    of: Entity
    what: str
    number: Decimal | None = field(default=None, converter=decimal)
    price: Money | None = field(default=None, converter=money)
    text: str | None = None
    tags: tuple[str, ...] = field(default=(), converter=texts)
    sure: bool | None = None
    bound: Literal["up to", "over", "about"] | None = None
    period: When | None = field(default=None, converter=optional_when)


@event_type("berth_taken", says="{ship} takes {berth} of {of}[ until {until}]", formerly="berth_let")
@frozen(kw_only=True)
class BerthTaken(Event):
    """A ship takes a berth."""

    of: Entity
    ship: Entity
    berth: str
    until: When | None = field(default=None, converter=optional_when)


@event_type("berth_left", says="[{ship} ]leaves {berth} of {of}")
@frozen(kw_only=True)
class BerthLeft(Event):
    """A ship leaves a berth: the one named, or whichever lies there."""

    of: Entity
    berth: str
    ship: Entity | None = None


@event_type("harbour_closed", says="{of} is closed")
@frozen(kw_only=True)
class HarbourClosed(Event):
    """All ships have to leave."""

    of: Entity


@event_type("works_planned", says="works on {of} are planned[ for {planned}]")
@frozen(kw_only=True)
class WorksPlanned(Event):
    """Works are planned for a date, or for none."""

    of: Entity
    planned: When | None = field(default=None, converter=optional_when)


@event_type("works_done", says="works on {of} are done")
@frozen(kw_only=True)
class WorksDone(Event):
    """Works are done."""

    of: Entity


@event_type("entity_named", says="{entity} is called {name}", naming=("entity", "name"))
@frozen(kw_only=True)
class EntityNamed(Event):
    """An entity has a name."""

    entity: Entity
    name: str


@event_type("same_entity", says="{entity} is none other than {as_}", sameness=("entity", "as_"))
@frozen(kw_only=True)
class SameEntity(Event):
    """Two ids mean one entity."""

    entity: Entity
    as_: Entity


@state_type("organisation")
class Organisation(EntityState):
    """Who leads."""

    ceo: Entity | None = held(starts=CEOAppointment.person, ends=(CEOOusting.person,), of="company")


@state_type("relationship")
class Relationship(PairState):
    """What ties two."""

    rounds: int = count(FundingRound, of=("investors", "company"))
    invested: Mapping[Entity, Funds] = total(
        FundingRound.amount, per="investors", of=("investors", "company")
    )
    exclusivities: Mapping[tuple[Entity, str], ExclusivityDeal] = held(
        starts=ExclusivityDeal,
        ends=ExclusivityEnd,
        per=("grantor", "scope"),
        until="until",
        of=("grantor", "grantee"),
    )


@state_type("harbour")
class Harbour(EntityState):
    """What was measured of a harbour, which ships lie there, and what works are planned."""

    measured: int = count(Measured, of="of")
    measured_by: Mapping[str, int] = count(Measured, per="what", of="of")
    number: Decimal | Any = total(Measured.number, of="of")
    price_by: Mapping[str, Funds] = total(Measured.price, per="what", of="of")
    first_text: str | None = first(Measured.text, of="of")
    first_by: Mapping[str, Measured] = first(Measured, per="what", of="of")
    last_number: Decimal | None = last(Measured.number, of="of")
    last_by: Mapping[str, str | None] = last(Measured.text, per="what", of="of")
    news: str | None = last({BerthTaken: "taken", BerthLeft: "left", HarbourClosed: "closed"}, of="of")
    ship: Entity | None = held(
        starts=BerthTaken.ship, ends=(BerthLeft.ship, HarbourClosed), of="of", until="until"
    )
    ships: Mapping[str, Entity] = held(
        starts=BerthTaken.ship, ends=(BerthLeft.ship,), per="berth", of="of", until="until"
    )
    berth: str | None = held(starts=BerthTaken.ship, ends=BerthLeft.ship, of="of", gives=BerthTaken.berth)
    works: When | None = held(
        starts=WorksPlanned.planned, ends=WorksDone, of="of", due="planned", met=WorksDone
    )


def _longer(story: tuple[str, ...], event: Measured) -> tuple[str, ...]:
    return (*story, event.text or event.what)


@state_type("story")
class Story(EntityState):
    """What was said of a harbour, one thing after another: a fold in Python only."""

    told: tuple[str, ...] = fold(_longer, (), over=Measured, of="of")


RULES: Final[tuple[Rule, ...]] = (
    at_most_one(
        "one_ship",
        "A berth has at most one ship at a time.",
        starts=BerthTaken.ship,
        ends=BerthLeft.ship,
        per=("of", "berth"),
        until="until",
    ),
    nothing_after(
        "closed",
        "A closed harbour takes no ships.",
        ends=HarbourClosed,
        then=BerthTaken,
        per="of",
    ),
    term_in_order("term", "No ship is to leave before it comes.", BerthTaken.until),
    agree(
        "numbers",
        "One thing has one number.",
        Measured,
        per=("of", "what"),
        period="period",
        values=("number", "price"),
        bound="bound",
    ),
)
