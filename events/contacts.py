"""Who meets, announces and says what, and how others see them."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from timeline.declare import Entity, Event, entities, event_type

Cadence = Literal["daily", "weekly", "monthly", "quarterly", "yearly", "irregular", "ended"]
Sentiment = Literal["positive", "neutral", "negative"]
Aspect = Literal["sentiment", "standing", "outlook", "strategy", "rivalry", "conduct"]


@event_type(
    "announcement", says="announced by {made_by}: {what}[ (about {about})][, in the absence of {absent}]"
)
@frozen(kw_only=True)
class Announcement(Event):
    """Someone makes something public; whether it ever comes true is another matter.

    It stays when what was announced never happens. `about` are those whom it concerns, `absent` those who
    were conspicuously missing. What has an event type of its own (a plan, a project, an office taken) is
    recorded as that, and as this besides only where the announcing itself matters.
    """

    made_by: tuple[Entity, ...] = field(converter=entities)
    what: str
    about: tuple[Entity, ...] = field(default=(), converter=entities)
    absent: tuple[Entity, ...] = field(default=(), converter=entities)


@event_type(
    "meeting",
    says="contact of {people}[, for {organisations}][: {occasion}][, in {place}][, because of {caused_by}]",
)
@frozen(kw_only=True)
class Meeting(Event):
    """People are in contact, by arrangement or chance, once or over a while.

    Name the people and the organisations they act for, so that it reaches what ties those; leave either empty
    where it is unknown.
    """

    people: tuple[Entity, ...] = field(converter=entities)
    organisations: tuple[Entity, ...] = field(converter=entities)
    occasion: str | None = None
    place: str | None = None
    caused_by: str | None = None


@event_type(
    "cadence_changed", says="contact of {people} is now {cadence}[ ({medium})][, for {organisations}]"
)
@frozen(kw_only=True)
class CadenceChanged(Event):
    """How often people are in contact becomes another; name them and the organisations they act for."""

    people: tuple[Entity, ...] = field(converter=entities)
    organisations: tuple[Entity, ...] = field(converter=entities)
    cadence: Cadence
    medium: str | None = None


@event_type("remark", says="{made_by} on {about}: {words}[ ({sentiment})][, because of {caused_by}]")
@frozen(kw_only=True)
class Remark(Event):
    """Someone named says something about others, in public or as reported; give the gist in your own words.

    What the source itself thinks is an `assessment`.
    """

    made_by: Entity
    about: tuple[Entity, ...] = field(converter=entities)
    words: str
    sentiment: Sentiment | None = None
    caused_by: str | None = None


@event_type(
    "assessment", says="{aspect} of {about}: {judgement}[, according to {made_by}][, because of {caused_by}]"
)
@frozen(kw_only=True)
class Assessment(Event):
    """How things look to an observer: a soft claim for which there is no harder event type.

    `aspect` says on what: how those named feel about each other, their standing, the outlook, their strategy,
    rivalry, or conduct. `made_by` is who judges, empty where it is the source itself. `caused_by` is what is
    held to have brought it about, in words or as the id of a record ("A17").
    """

    about: tuple[Entity, ...] = field(converter=entities)
    aspect: Aspect
    judgement: str
    made_by: Entity | None = None
    caused_by: str | None = None
