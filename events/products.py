"""What organisations bring to market."""

from __future__ import annotations

from attrs import field, frozen

from timeline.declare import Entity, Event, entities, event_type


@event_type("product_launch", says="{product} is launched by {makers}[: {detail}]")
@frozen(kw_only=True)
class ProductLaunch(Event):
    """A product becomes available to others than its makers, for the first time or in another form.

    That it is going to is a project.
    """

    product: Entity
    makers: tuple[Entity, ...] = field(converter=entities)
    detail: str | None = None
