"""What the verbs of the command line share: which file, which point, and where output goes."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import attrs
from cyclopts import Parameter

if TYPE_CHECKING:
    from timeline.engine import Timeline
    from timeline.moment import Moment
    from timeline.record import Commit
    from timeline.render import Page

__all__ = [
    "ENVELOPE",
    "FILE",
    "FLAGS",
    "POINT",
    "Envelope",
    "File",
    "Point",
    "as_json",
    "asked",
    "catalogue_name",
    "commit_told",
    "err",
    "opened",
    "out",
]

_DEFAULT: Final = "timeline.duckdb"
PATIENCE = 5.0
"""For how many seconds to wait for a file that others hold."""


def _of(group: str, text: str) -> Parameter:
    return Parameter(group=group, help=text)


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class File:
    """Which timeline, and how to answer."""

    db: Annotated[str, Parameter(env_var="TIMELINE_DB", group="File", help="The timeline's DuckDB file.")] = (
        _DEFAULT
    )
    json: Annotated[
        bool, Parameter(negative=(), group="File", help="Answer in JSON.", show_default=False)
    ] = False


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Point:
    """The point that a question is asked at, but for the date itself."""

    known: Annotated[
        str | None,
        _of("Point", "Only what was known by the close of this date; `then`: of the date asked about."),
    ] = None
    dates: Annotated[
        Literal["latest", "earliest"],
        _of("Point", "An imprecise date counts at its latest, once surely past, or at its earliest."),
    ] = "latest"
    position: Annotated[
        str | None, _of("Point", "Only what this log held up to a position, or by the close of a date.")
    ] = None


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Envelope:
    """What a record says of itself, beside the event."""

    source: Annotated[
        tuple[str, ...],
        Parameter(group="Record", negative=(), show_default=False, help="Its source, a title; repeatable."),
    ] = ()
    publisher: Annotated[str | None, _of("Record", "Who published the source.")] = None
    published: Annotated[str | None, _of("Record", "When the source was published.")] = None
    url: Annotated[str | None, _of("Record", "Where the source is on the web.")] = None
    at: Annotated[str | None, _of("Record", "The place in the source: a page, a paragraph.")] = None
    known: Annotated[
        str | None, _of("Record", "Since when the world could know; else the publication counts, else now.")
    ] = None
    credence: Annotated[
        Literal["confirmed", "reported", "rumoured", "denied"] | None,
        _of("Record", "How sure it is; reported, unless said."),
    ] = None
    note: Annotated[str | None, _of("Record", "A remark of your own.")] = None
    actor: Annotated[str | None, _of("Record", "Who says it to the log.")] = None
    id: Annotated[str | None, _of("Record", "A mark of your own, such as A14.")] = None

    def as_arguments(self) -> dict[str, Any]:
        """As the keywords of `append`.

        Raises:
            NotAllowed: if flags that describe one source meet several.
        """
        from timeline.errors import NotAllowed
        from timeline.source import Source

        about = {"publisher": self.publisher, "published": self.published, "url": self.url}
        given = {name: value for name, value in (about | {"locator": self.at}).items() if value is not None}
        if given and len(self.source) > 1:
            raise NotAllowed("--publisher, --published, --url and --at are of one source; there are several")
        sources = [Source(*self.source, **given)] if given else [Source(title) for title in self.source]
        rest = {name: getattr(self, name) for name in ("known", "credence", "note", "actor", "id")}
        return {"source": sources or None, **rest}


FILE: Final = File()
POINT: Final = Point()
ENVELOPE: Final = Envelope()
FLAGS: Final = tuple(field.name for field in attrs.fields(Envelope))
"""The flags that an envelope takes, which no field of an event can be called."""


def catalogue_name() -> str | None:
    """The vocabulary that the environment names, if it names one."""
    return os.environ.get("TIMELINE_CATALOGUE") or None


def out() -> Page:
    """The page that answers go to."""
    from timeline.render import Page

    return Page.on(sys.stdout)


def err() -> Page:
    """The page that messages go to."""
    from timeline.render import Page

    return Page.on(sys.stderr)


def as_json(value: Any) -> None:
    """Write a value to standard output as JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def opened(path: str, *, write: bool) -> Timeline:
    """The timeline in a file; only writing makes one that is not there."""
    from timeline.engine import Timeline

    return Timeline.open(path, read_only=not write, catalogue=catalogue_name(), lock_timeout=PATIENCE)


def asked(timeline: Timeline, valid: str | None, point: Point) -> Moment:
    """The moment that is meant; `now` and `today` are the present."""
    now = valid is None or valid.strip().lower() in {"now", "today"}
    return timeline.as_of(
        None if now else valid, known=point.known, dates=point.dates, position=_position(point.position)
    )


def _position(text: str | None) -> int | str | None:
    """A position, or a date; of four digits alone a date, unless led by #."""
    if text is None:
        return None
    digits = text.strip().removeprefix("#")
    number = digits.isdecimal() and digits.isascii() and (len(digits) != 4 or text.strip() != digits)
    return int(digits) if number else text


def commit_told(commit: Commit, file: File) -> None:
    """Tell what a commit did: records on standard output, new entities as a message."""
    if not file.json:
        out().commit(commit)
        err().new_entities(commit.new_entities)
        return
    as_json(
        {
            "head": commit.head,
            "digest": commit.digest,
            "records": [record.as_dict() for record in commit.records],
            "unchanged": [record.as_dict() for record in commit.unchanged],
            "new_entities": [attrs.asdict(one) for one in commit.new_entities],
        }
    )
