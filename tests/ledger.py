"""A small vocabulary of the tests' own: events and states that use every fold, and a clock one can set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import attrs
from attrs import field, frozen

from tests.reuse import in_memory
from timeline import Timeline
from timeline.declare import (
    Entity,
    EntityState,
    Event,
    Funds,
    Money,
    PairState,
    When,
    count,
    decimal,
    entities,
    event_type,
    first,
    fold,
    held,
    last,
    money,
    optional_when,
    state_type,
    total,
)
from timeline.vocabulary import Catalogue

# Deals and leaders, with the fields that the scenarios fix.


@event_type("funding_round", says="{investors} put {amount} into {company}")
@frozen(kw_only=True)
class FundingRound(Event):
    """Investors put money into a company."""

    company: Entity
    investors: tuple[Entity, ...] = field(converter=entities)
    amount: Money | None = field(default=None, converter=money)


@event_type("exclusivity_deal", says="{grantor} binds itself to {grantee} in {scope}[ until {until}]")
@frozen(kw_only=True)
class ExclusivityDeal(Event):
    """One party binds itself to another."""

    grantor: Entity
    grantee: Entity
    scope: str
    until: When | None = field(default=None, converter=optional_when)


@event_type("exclusivity_end", says="{grantor} is no longer bound to {grantee} in {scope}")
@frozen(kw_only=True)
class ExclusivityEnd(Event):
    """One party is free again."""

    grantor: Entity
    grantee: Entity
    scope: str


@event_type("ceo_appointment", says="{person} leads {company}")
@frozen(kw_only=True)
class CEOAppointment(Event):
    """Someone comes to lead a company."""

    company: Entity
    person: Entity


@event_type("ceo_ousting", says="{company} removes {person}")
@frozen(kw_only=True)
class CEOOusting(Event):
    """Someone no longer leads a company."""

    company: Entity
    person: Entity


# A ledger of rooms and notes, for the folds that those leave out.


@event_type("noted", says="{subject} on {topic}: [{text}][ {number}]")
@frozen(kw_only=True)
class Noted(Event):
    """Something is noted about a subject."""

    subject: Entity
    topic: str
    text: str | None = None
    number: Decimal | None = field(default=None, converter=decimal)


@event_type("lease_begun", says="{holder} takes {room} of {subject}[ until {until}]")
@frozen(kw_only=True)
class LeaseBegun(Event):
    """A tenant takes a room."""

    subject: Entity
    holder: Entity
    room: str
    until: When | None = field(default=None, converter=optional_when)


@event_type("lease_ended", says="[{holder} ]leaves {room} of {subject}")
@frozen(kw_only=True)
class LeaseEnded(Event):
    """A tenant leaves a room: the one named, or whoever has it."""

    subject: Entity
    room: str
    holder: Entity | None = None


@event_type("emptied", says="{room} of {subject} is emptied")
@frozen(kw_only=True)
class Emptied(Event):
    """A room is emptied, whoever has it."""

    subject: Entity
    room: str


@event_type("plan_made", says="{subject} plans {planned}")
@frozen(kw_only=True)
class PlanMade(Event):
    """Something is planned for a date, or for none."""

    subject: Entity
    planned: When | None = field(default=None, converter=optional_when)


@event_type("entity_named", says="{entity} is called {name}", naming=("entity", "name"))
@frozen(kw_only=True)
class EntityNamed(Event):
    """An entity has a name."""

    entity: Entity
    name: str


@event_type("same_entity", says="{entity} is the same as {as_}", sameness=("entity", "as_"))
@frozen(kw_only=True)
class SameEntity(Event):
    """Two ids were one entity all along."""

    entity: Entity
    as_: Entity


@state_type("organisation", usual=True)
class Organisation(EntityState):
    """Who leads a company."""

    ceo: Entity | None = held(starts=CEOAppointment.person, ends=(CEOOusting.person,), of="company")


@state_type("relationship", usual=True)
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


def _told(story: tuple[str, ...], note: Noted) -> tuple[str, ...]:
    return (*story, note.text or "")


@state_type("ledger")
class Ledger(EntityState):
    """What is noted about a subject, and who has its rooms."""

    notes: int = count(Noted, of="subject")
    notes_by: Mapping[str, int] = count(Noted, per="topic", of="subject")
    number: Decimal | Any = total(Noted.number, of="subject")
    opening: str | None = first(Noted.text, of="subject")
    opening_by: Mapping[str, str | None] = first(Noted.text, per="topic", of="subject")
    latest: str | None = last(Noted.text, of="subject")
    latest_by: Mapping[str, str | None] = last(Noted.text, per="topic", of="subject")
    deed: str | None = last({LeaseBegun: "begun", LeaseEnded: "ended", Emptied: "emptied"}, of="subject")
    tenant: Entity | None = held(
        starts=LeaseBegun.holder, ends=(LeaseEnded.holder, Emptied), of="subject", until="until"
    )
    tenants: Mapping[str, Entity] = held(
        starts=LeaseBegun.holder,
        ends=(LeaseEnded.holder, Emptied),
        per="room",
        of="subject",
        until="until",
    )
    room: str | None = held(
        starts=LeaseBegun.holder, ends=LeaseEnded.holder, of="subject", gives=LeaseBegun.room
    )
    planned: When | None = last(PlanMade.planned, of="subject")
    story: tuple[str, ...] = fold(_told, (), over=Noted, of="subject")


CATALOGUE: Final = Catalogue.of(
    FundingRound,
    ExclusivityDeal,
    ExclusivityEnd,
    CEOAppointment,
    CEOOusting,
    Noted,
    LeaseBegun,
    LeaseEnded,
    Emptied,
    PlanMade,
    EntityNamed,
    SameEntity,
    Organisation,
    Relationship,
    Ledger,
    name="tests.ledger",
)

NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)


@attrs.define
class Clock:
    """A clock that shows what it is set to, and counts how often it is read."""

    now: datetime = NOW
    reads: int = 0

    def __call__(self) -> datetime:
        """The time it shows."""
        self.reads += 1
        return self.now

    def wait(self, days: float) -> None:
        """Move it by some days, back if negative."""
        self.now += timedelta(days=days)


def opened(clock: Clock | None = None, path: str = ":memory:", **how: Any) -> Timeline:
    """A timeline of this vocabulary, by a clock of its own if none is given."""
    if path == ":memory:":
        return in_memory(CATALOGUE, clock=clock or Clock(), **how)
    return Timeline.open(path, catalogue=CATALOGUE, clock=clock or Clock(), **how)


def event(name: str, occurred: str, /, **data: Any) -> Event:
    """An event of this vocabulary by the name of its type."""
    return CATALOGUE.event(name).cls(occurred, **data)
