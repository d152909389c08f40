"""What parties are at odds about."""

from __future__ import annotations

from attrs import field, frozen

from timeline.declare import Entity, Event, entities, event_type


@event_type("dispute_opened", says="dispute of {parties} over {subject}[: {detail}]")
@frozen(kw_only=True)
class DisputeOpened(Event):
    """Parties are at odds over a subject from now on, or are said to be still.

    A dispute is known by its subject and parties: use the same words to speak of it again, here and in what
    follows. One that is before a court or an authority is a `proceeding_opened`.
    """

    parties: tuple[Entity, ...] = field(converter=entities)
    subject: str
    detail: str | None = None


@event_type("position_taken", says="{held_by} on {subject} ({parties}): {stance}[, contesting {contests}]")
@frozen(kw_only=True)
class PositionTaken(Event):
    """Someone takes a position on what parties dispute, or contradicts what is recorded.

    `held_by` may be a party or an outsider, such as a newspaper. `contests` is the id of the record that is
    contradicted ("A22"), if it is one; where that record is plainly wrong, correct it instead.
    """

    parties: tuple[Entity, ...] = field(converter=entities)
    subject: str
    held_by: Entity
    stance: str
    contests: str | None = None


@event_type("dispute_settled", says="dispute of {parties} over {subject} is settled[: {outcome}]")
@frozen(kw_only=True)
class DisputeSettled(Event):
    """Parties are no longer at odds over a subject, by agreement or because it lapsed."""

    parties: tuple[Entity, ...] = field(converter=entities)
    subject: str
    outcome: str | None = None
