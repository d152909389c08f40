"""What the verbs of the command line share: which file, which point, and where output goes."""

from __future__ import annotations

import errno
import io
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Final, Literal

import attrs
from cyclopts import Parameter

if TYPE_CHECKING:
    from rich.console import Console

    from timeline.condition import Condition
    from timeline.engine import Timeline
    from timeline.likeness import Several
    from timeline.moment import Moment
    from timeline.record import Commit, NewEntity
    from timeline.render import Page

__all__ = [
    "ENVELOPE",
    "FILE",
    "FLAGS",
    "POINT",
    "WITHIN",
    "Envelope",
    "File",
    "Point",
    "Within",
    "answering",
    "as_json",
    "asked",
    "asking_position",
    "catalogue_name",
    "commit_told",
    "console",
    "discard",
    "err",
    "names_told",
    "opened",
    "out",
    "progressing",
    "waiting",
    "written",
]

_DEFAULT: Final = "timeline.duckdb"
PATIENCE = 5.0
"""For how many seconds to wait for a file that others hold."""


def _of(group: str, text: str) -> Parameter:
    return Parameter(group=group, help=text)


def _several(group: str, text: str) -> Parameter:
    return Parameter(group=group, negative=(), show_default=False, help=text)


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
        str | None,
        Parameter(
            group="Point",
            help="Only what this log held up to a position, or by the close of a date.",
            allow_leading_hyphen=True,
        ),
    ] = None
    without: Annotated[
        tuple[str, ...],
        _several(
            "Point", "Leave out what rests on this source alone: a title, publisher or url; repeatable."
        ),
    ] = ()
    only: Annotated[
        tuple[str, ...], _several("Point", "Keep only what rests on this source; repeatable.")
    ] = ()
    credence: Annotated[
        tuple[Literal["confirmed", "reported", "rumoured", "denied"], ...],
        _several("Point", "Keep only what is as sure as this; repeatable."),
    ] = ()

    @property
    def filtered(self) -> bool:
        """Whether anything is left out by source or credence."""
        return bool(self.without or self.only or self.credence)

    def everywhere(self) -> Point:
        """The same up to the end of the log."""
        return attrs.evolve(self, position=None)


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Within:
    """The span of time that an answer is restricted to."""

    during: Annotated[str | None, _of("Span", "Only within this date: 2023, 2023-11.")] = None
    since: Annotated[str | None, _of("Span", "Only from the first instant of this date on.")] = None
    until: Annotated[
        str | None, _of("Span", "Only up to the last instant of this date; `now` is the present.")
    ] = None

    def as_arguments(self) -> dict[str, Any]:
        """As the keywords of `history` and `records`."""
        now = self.until is not None and self.until.strip().lower() == "now"
        return {
            "during": self.during,
            "since": self.since,
            "until": datetime.now(UTC) if now else self.until,
        }


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
    unless_type: Annotated[
        tuple[str, ...],
        Parameter(
            group="Condition",
            negative=(),
            show_default=False,
            help="Refuse it if the log has a record of this event type; repeatable.",
        ),
    ] = ()
    unless_entity: Annotated[
        tuple[str, ...],
        Parameter(
            group="Condition",
            negative=(),
            show_default=False,
            help="Refuse it if the log has a record that touches this entity; repeated, all of them.",
        ),
    ] = ()
    unless_after: Annotated[
        int | None,
        Parameter(group="Condition", help="Refuse it only for records after this position, or for any."),
    ] = None

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
        return {"source": sources or None, **rest, "unless": self._condition()}

    def _condition(self) -> Condition | None:
        from timeline.condition import Condition

        if not self.unless_type and not self.unless_entity and self.unless_after is None:
            return None
        types = [one.replace("-", "_") for one in self.unless_type]
        return Condition(types=types, entities=self.unless_entity, after=self.unless_after or 0)


FILE: Final = File()
POINT: Final = Point()
ENVELOPE: Final = Envelope()
WITHIN: Final = Within()
FLAGS: Final = tuple(field.name for field in attrs.fields(Envelope))
"""The flags that an envelope takes, which no field of an event can be called."""


def catalogue_name() -> str | None:
    """The vocabulary that the environment names, if it names one."""
    return os.environ.get("TIMELINE_CATALOGUE") or None


def out() -> Page:
    """The page that answers go to."""
    from timeline.render import Page

    return Page.on(_stdout())


def err() -> Page:
    """The page that messages go to."""
    from timeline.render import Page

    return Page.on(io.StringIO() if sys.stderr is None else _Messages(sys.stderr))


def console() -> Console | None:
    """What help is written to: without escapes where no colours are wanted, else as usual."""
    if not os.environ.get("NO_COLOR"):
        return None
    from rich.console import Console

    return Console(color_system=None)


def _stdout() -> IO[str]:
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed")
    return sys.stdout


class _Messages:
    """Standard error; what it does not take is lost, since there is nowhere to say so."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            discard(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            discard(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def discard(stream: IO[str] | None) -> None:
    """Let what a stream still holds go nowhere, so that nothing fails again when the process ends."""
    if stream is None:
        return
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def answering(done: str) -> Iterator[None]:
    """Give an answer; an error in that says what was done all the same."""
    try:
        yield
        _stdout().flush()
    except OSError as problem:
        problem.add_note(done)
        raise


def as_json(value: Any, *, indent: int | None = 2) -> None:
    """Write a value to standard output as JSON; what it has no number for is null."""
    stream = _stdout()
    escaped = not (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")
    text = json.dumps(_plain(value), ensure_ascii=escaped, indent=indent, default=str, allow_nan=False)
    stream.write(f"{text}\n")


def _plain(value: Any) -> Any:
    """A value without what JSON has not: numbers that are none, and keys that are no texts."""
    from timeline.money import plain

    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else None
    return value


@contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """A line on a terminal that says how far things are; nothing elsewhere."""
    console = err().console
    if not console.is_terminal or console.color_system is None:
        yield lambda _: None
        return
    from rich.text import Text

    with console.status(Text("opening")) as status:
        yield lambda text: status.update(Text(text))


@contextmanager
def progressing() -> Iterator[Callable[[str, int, int | None], None]]:
    """The same, of so many records of all of them."""
    with waiting() as tell:
        yield lambda stage, done, of: tell(f"{stage} {done:,}{'' if of is None else f' of {of:,}'}")


def opened(path: str, *, write: bool) -> Timeline:
    """The timeline in a file; only writing makes one that is not there."""
    from timeline.engine import Timeline

    return Timeline.open(path, read_only=not write, catalogue=catalogue_name(), lock_timeout=PATIENCE)


@contextmanager
def written(path: str) -> Iterator[Timeline]:
    """The timeline to write to, held; where writing fails, a file that was made for it is not left behind."""
    from timeline.errors import TimelineError

    new = path != ":memory:" and not os.path.lexists(path)
    with opened(path, write=True) as timeline:
        try:
            yield timeline
        except BaseException:
            with suppress(TimelineError, OSError):
                if new and timeline.as_of().basis.position == 0:
                    Path(path).unlink()
            raise


def asked(timeline: Timeline, valid: str | None, point: Point) -> Moment:
    """The moment that is meant; `now` and `today` are the present.

    Raises:
        NotAllowed: if the date has no end, or the position is neither a position nor a date.
    """
    from timeline.errors import NotAllowed, UnboundedPoint
    from timeline.when import When

    now = valid is None or valid.strip().lower() in {"now", "today"}
    when = None if now or valid is None else When.read(valid)
    if when is not None and when.latest is None:
        raise NotAllowed(f"valid needs a date that ends, and {when.text!r} does not; say `now` to mean now")
    try:
        return timeline.as_of(
            when,
            known=point.known,
            dates=point.dates,
            position=asking_position(point.position),
            without=point.without,
            only=point.only,
            credence=point.credence,
        )
    except UnboundedPoint as problem:
        remedy = "say `now` to mean now" if problem.axis == "valid" else f"leave out --{problem.axis}"
        raise NotAllowed(
            f"{problem.axis} needs a date that ends, and {problem.text!r} does not; {remedy}"
        ) from None


def asking_position(text: str | None) -> int | str | None:
    """A position, or a date; of four digits alone a date, unless led by #."""
    from timeline.errors import BadWhen, NotAllowed
    from timeline.when import When

    if text is None:
        return None
    digits = text.strip().removeprefix("#")
    number = digits.isdecimal() and digits.isascii() and (len(digits) != 4 or text.strip() != digits)
    if number:
        return int(digits[:20])
    try:
        When.read(text)
    except BadWhen:
        raise NotAllowed(
            f"--position takes a position or a date, such as 14 or 2023-11-18, and {text!r} is neither"
        ) from None
    return text


def names_told(entities: Sequence[NewEntity], listing: Sequence[Several]) -> None:
    """Tell of entities spoken of for the first time, as a message."""
    page = err()
    page.new_entities(entities)
    page.several(listing)


def commit_told(commit: Commit, listing: Sequence[Several], file: File) -> None:
    """Tell what a commit did: records on standard output, new entities as a message."""
    with answering("it is written to the timeline all the same" if commit.records else "nothing was new"):
        _commit_told(commit, file)
    if not file.json:
        names_told(commit.new_entities, listing)


def _commit_told(commit: Commit, file: File) -> None:
    if not file.json:
        out().commit(commit)
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
