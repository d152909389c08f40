"""What courts and authorities are busy with."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from timeline.declare import Entity, Event, entities, event_type

ProceedingForm = Literal["lawsuit", "investigation", "arbitration", "merger review", "insolvency", "other"]


@event_type(
    "proceeding_opened",
    says="{matter} ({form}) is brought against {against} by {brought_by}[ before {forum}]",
)
@frozen(kw_only=True)
class ProceedingOpened(Event):
    """A lawsuit, an investigation or the like begins.

    `matter` is the name under which it is spoken of, the same when it closes. `brought_by` are the claimants
    or the authority, `forum` the court. A quarrel that nobody has taken to one is a `dispute_opened`.
    """

    matter: str
    form: ProceedingForm
    brought_by: tuple[Entity, ...] = field(converter=entities)
    against: tuple[Entity, ...] = field(converter=entities)
    forum: Entity | None = None


@event_type("proceeding_closed", says="{matter} of {brought_by} against {against} is closed[: {outcome}]")
@frozen(kw_only=True)
class ProceedingClosed(Event):
    """A lawsuit, an investigation or the like ends: by judgement, settlement, withdrawal."""

    matter: str
    brought_by: tuple[Entity, ...] = field(converter=entities)
    against: tuple[Entity, ...] = field(converter=entities)
    outcome: str | None = None
