"""What posts a person has."""

from __future__ import annotations

from collections.abc import Mapping

from events.leadership import CEOAppointment, CEOOusting, CEOResignation, OfficeLeft, OfficeTaken
from timeline.declare import Entity, EntityState, Event, held, last, state_type


@state_type("person")
class Person(EntityState):
    """What posts a person has.

    `ceo_last_said` gives, for each company, what was last said of the person as its chief executive; that
    someone else has taken over since is told by the company (`Organisation.ceo`).
    """

    offices: Mapping[tuple[Entity, str], OfficeTaken] = held(
        starts=OfficeTaken, ends=OfficeLeft, per=("organisation", "office"), of="person"
    )
    ceo_last_said: Mapping[Entity, Event] = last(
        (CEOAppointment, CEOOusting, CEOResignation), per="company", of="person"
    )
