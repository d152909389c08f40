"""What things are called."""

from __future__ import annotations

from attrs import frozen

from timeline.declare import Entity, Event, event_type


@event_type("entity_named", says="{entity} is called {name}", naming=("entity", "name"))
@frozen(kw_only=True)
class EntityNamed(Event):
    """An entity has a name from some time on; it is shown under the last one that it had by then.

    Needed only where the id is not the name in small letters, or where names would collide: an entity exists
    as soon as an event speaks of it.
    """

    entity: Entity
    name: str


@event_type("entity_renamed", says="{entity} is now called {name}", naming=("entity", "name"))
@frozen(kw_only=True)
class EntityRenamed(Event):
    """An entity takes another name; it can still be found under the former ones."""

    entity: Entity
    name: str


@event_type("same_entity", says="{entity} is the same as {as_}", sameness=("entity", "as_"))
@frozen(kw_only=True)
class SameEntity(Event):
    """Two ids were one entity all along; what was said of the one is read as said of the other.

    Not for a merger, which happens: it is about what this log calls things. It holds at every date, wherever
    the record is known and stands; retracting it parts the two again. Unless its source has a date, say since
    when it was known that they are one: otherwise that is from now on, and as known before they are two.
    """

    entity: Entity
    as_: Entity
