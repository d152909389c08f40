"""What a page is asked for, and what it answers: a page, a file, or where else to look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from timeline.records import Record
from timeline.web.urls import Urls, Viewed

if TYPE_CHECKING:
    from timeline.engine import Timeline
    from timeline.moment import Moment


@attrs.frozen(kw_only=True)
class Sheet:
    """A page: its title, the template that shows it, what that shows, and what gives it as plain JSON."""

    title: str
    template: str
    shown: Mapping[str, Any]
    told: Callable[[], Any]


@attrs.frozen(kw_only=True)
class Download:
    """A file in the place of a page."""

    name: str
    kind: str
    content: str | bytes


@attrs.frozen(kw_only=True)
class Elsewhere:
    """The address of the page that answers."""

    url: str


@attrs.frozen(kw_only=True)
class Question:
    """What a page is asked for: of which timeline, at which point, and the rest of its address.

    `timeline` has what is supposed on top of what is `recorded`.
    """

    timeline: Timeline
    recorded: Timeline
    viewed: Viewed
    parts: Mapping[str, str]
    asked: Mapping[str, str]

    @property
    def urls(self) -> Urls:
        """Addresses as looked at from the same point."""
        return Urls(self.viewed)

    def moment(self) -> Moment:
        """The moment that is looked at."""
        return self.viewed.moment(self.timeline)

    def text(self, name: str) -> str:
        """A parameter, without blanks around it."""
        return self.asked.get(name, "").strip()

    def who(self) -> tuple[str, ...]:
        """Whom the page is about: one entity, or two."""
        return tuple(self.parts[name] for name in ("a", "b") if name in self.parts)


Answer = Sheet | Download | Elsewhere
Asks = Callable[[Question], Answer]


@attrs.frozen(kw_only=True)
class LogLine:
    """A record in a list, and what overrules it."""

    record: Record
    by: Record | None

    @property
    def told(self) -> dict[str, Any]:
        """As plain JSON values."""
        by = None if self.by is None else self.by.position
        return self.record.as_dict() | {"stands": by is None, "superseded_by": by}


def listed(records: Sequence[Record], moment: Moment) -> list[LogLine]:
    """Records in a list, each with what overrules it at a moment."""
    gone = moment.superseded(records)
    return [LogLine(record=one, by=gone.get(one.position)) for one in records]
