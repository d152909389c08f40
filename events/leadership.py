"""Who leads and serves an organisation."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from timeline.declare import Entity, Event, event_type

Seat = Literal["chair", "director", "observer"]


@event_type("ceo_appointment", says="{person} becomes [{interim} ]CEO of {company}")
@frozen(kw_only=True)
class CEOAppointment(Event):
    """A person takes office as chief executive, for good or in the interim.

    `occurred` is the day in office; that it was agreed or announced earlier is an `announcement`. Whoever
    held the office before is replaced by it.
    """

    company: Entity
    person: Entity
    interim: bool = False


@event_type("ceo_ousting", says="{company} removes {person} as CEO")
@frozen(kw_only=True)
class CEOOusting(Event):
    """A chief executive is removed by others."""

    company: Entity
    person: Entity


@event_type("ceo_resignation", says="{person} resigns as CEO of {company}")
@frozen(kw_only=True)
class CEOResignation(Event):
    """A chief executive leaves of their own accord."""

    company: Entity
    person: Entity


@event_type(
    "office_taken",
    says="{person} becomes [{voting} ]{office} at {organisation}[, appointed by {appointed_by}]",
)
@frozen(kw_only=True)
class OfficeTaken(Event):
    """A person takes an office other than chief executive: an executive post, a seat on a board.

    Leave `person` empty where an office is filled by someone not named. `seat` is what a seat on the board
    is, `voting` whether it has a vote, and `appointed_by` who may fill it, such as an investor.
    """

    organisation: Entity
    office: str
    person: Entity | None = None
    seat: Seat | None = None
    voting: bool | None = None
    appointed_by: Entity | None = None


@event_type(
    "office_left", says="{person} is no longer {office} at {organisation}[, appointed by {appointed_by}]"
)
@frozen(kw_only=True)
class OfficeLeft(Event):
    """A person leaves an office, or it is given up; it names what the taking named.

    An office that was announced and never taken up is a retraction of the taking, not this.
    """

    organisation: Entity
    office: str
    person: Entity | None = None
    appointed_by: Entity | None = None
