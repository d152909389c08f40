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
