"""What organisations set out to do, how it goes, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from timeline.declare import (
    Entity,
    EntityState,
    Event,
    Money,
    When,
    count,
    entities,
    event_type,
    held,
    last,
    money,
    optional_when,
    state_type,
)

Pace = Literal["ahead", "on plan", "slow", "stalled"]


@event_type(
    "project_announced",
    says="{project} becomes known as a plan[ of {partners}][, for {planned}][, at {budget}]"
    "[, against {rivals}]",
)
@frozen(kw_only=True)
class ProjectAnnounced(Event):
    """An intention becomes public: to build, to release, to change something.

    Like every event of a project it names the `partners` who pursue it, so that it reaches what ties them,
    and the `rivals` at whom it is aimed, if any. `planned` is when it is meant to be done; it never comes
    true by the clock. Money that is only to be invested is an `investment_plan`.
    """

    project: Entity
    partners: tuple[Entity, ...] = field(default=(), converter=entities)
    rivals: tuple[Entity, ...] = field(default=(), converter=entities)
    planned: When | None = field(default=None, converter=optional_when)
    budget: Money | None = field(default=None, converter=money)


@event_type("project_started", says="{project} starts[, by {partners}][, against {rivals}]")
@frozen(kw_only=True)
class ProjectStarted(Event):
    """Work on a project begins, announced before or not."""

    project: Entity
    partners: tuple[Entity, ...] = field(default=(), converter=entities)
    rivals: tuple[Entity, ...] = field(default=(), converter=entities)


@event_type("project_progressed", says="{project} goes on[ ({pace})][: {detail}]")
@frozen(kw_only=True)
class ProjectProgressed(Event):
    """How a project under way gets on; `pace` against what was meant."""

    project: Entity
    partners: tuple[Entity, ...] = field(default=(), converter=entities)
    rivals: tuple[Entity, ...] = field(default=(), converter=entities)
    pace: Pace | None = None
    detail: str | None = None


@event_type("project_postponed", says="{project} is postponed[ to {planned}][: {reason}]")
@frozen(kw_only=True)
class ProjectPostponed(Event):
    """A project is put off, to another date (`planned`), a vague one, or with none given."""

    project: Entity
    partners: tuple[Entity, ...] = field(default=(), converter=entities)
    rivals: tuple[Entity, ...] = field(default=(), converter=entities)
    planned: When | None = field(default=None, converter=optional_when)
    reason: str | None = None


@event_type("project_resumed", says="{project} is taken up again[, planned for {planned}]")
@frozen(kw_only=True)
class ProjectResumed(Event):
    """A project that was put off or had stopped goes on, perhaps with another planned date."""

    project: Entity
    partners: tuple[Entity, ...] = field(default=(), converter=entities)
    rivals: tuple[Entity, ...] = field(default=(), converter=entities)
    planned: When | None = field(default=None, converter=optional_when)


@event_type("project_completed", says="{project} is completed[: {result}]")
@frozen(kw_only=True)
class ProjectCompleted(Event):
    """A project reaches its end; what then comes to market is a `product_launch` too."""

    project: Entity
    partners: tuple[Entity, ...] = field(default=(), converter=entities)
    rivals: tuple[Entity, ...] = field(default=(), converter=entities)
    result: str | None = None


@event_type("project_cancelled", says="{project} is cancelled[: {reason}]")
@frozen(kw_only=True)
class ProjectCancelled(Event):
    """A project is given up for good."""

    project: Entity
    partners: tuple[Entity, ...] = field(default=(), converter=entities)
    rivals: tuple[Entity, ...] = field(default=(), converter=entities)
    reason: str | None = None


STATUS: Mapping[type[Event], str] = {
    ProjectAnnounced: "announced",
    ProjectStarted: "started",
    ProjectProgressed: "under way",
    ProjectPostponed: "postponed",
    ProjectResumed: "resumed",
    ProjectCompleted: "completed",
    ProjectCancelled: "cancelled",
}
"""What a project is after an event of each type."""


@state_type("project")
class Project(EntityState):
    """Where a project stands, for when it is planned, and who has had part in it.

    `planned` is empty where the last date was taken back and when the project is over. `partners` and
    `rivals` give, for each, where the project stood when last they were named with it.
    """

    status: str | None = last(STATUS, of="project")
    planned: When | None = held(
        starts=(ProjectAnnounced.planned, ProjectPostponed.planned, ProjectResumed.planned),
        ends=(ProjectCompleted, ProjectCancelled),
        of="project",
        due="planned",
        met=ProjectCompleted,
    )
    postponed: int = count(ProjectPostponed, of="project")
    partners: Mapping[Entity, str] = last(STATUS, per="partners", of="project")
    rivals: Mapping[Entity, str] = last(STATUS, per="rivals", of="project")
