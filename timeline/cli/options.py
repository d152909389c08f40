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
    from timeline.when import When

__all__ = [
    "ENVELOPE",
    "FILE",
    "FLAGS",
    "POINT",
    "TOLD",
    "WITHIN",
    "Dates",
    "Envelope",
    "File",
    "Known",
    "Point",
    "Position",
    "Told",
    "Within",
    "Zone",
    "answering",
    "as_json",
    "asked",
    "asking_position",
    "basis_told",
    "catalogue_name",
    "commit_told",
    "console",
    "discard",
    "err",
    "given",
    "is_now",
    "names_told",
    "opened",
    "out",
    "progressing",
    "stdout",
    "waiting",
    "written",
]

_DEFAULT: Final = "timeline.duckdb"
PATIENCE = 5.0
"""For how many seconds to wait for a file that others hold."""


def _of(group: str, text: str) -> Parameter:
    return Parameter(group=group, help=text)


def _asked(name: str, text: str) -> Parameter:
    """A part of the point, which the environment may give too."""
    return Parameter(group="Point", env_var=f"TIMELINE_{name}", help=text, allow_leading_hyphen=True)


def _asked_several(name: str, text: str) -> Parameter:
    """A part of the point that may be repeated; in the environment, with semicolons between."""
    return Parameter(
        group="Point",
        env_var=f"TIMELINE_{name}",
        env_var_split=_parted,
        negative=(),
        show_default=False,
        help=text,
    )


def _parted(_type: Any, text: str, **_how: Any) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


Known = Annotated[
    str | None,
    _asked("KNOWN", "Only what was known by the close of this date; `then`: of the date asked about."),
]
Dates = Annotated[
    Literal["latest", "earliest"],
    _asked("DATES", "An imprecise date counts at its latest, once surely past, or at its earliest."),
]
Position = Annotated[
    str | None,
    _asked("POSITION", "Only what this log held up to a position, or by the close of a date."),
]
Zone = Annotated[
    str | None,
    _asked("TZ", "The time zone that dates asked about are read in, such as Europe/Paris; UTC, unless said."),
]


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

    @property
    def format(self) -> str:
        """The format of the answer."""
        return "json" if self.json else "table"


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Told(File):
    """Which timeline, and in which format to answer."""

    form: Annotated[
        Literal["table", "json", "jsonl", "csv", "markdown"] | None,
        Parameter(name="--format", group="File", help="The format of the answer; a table, unless said."),
    ] = None

    @property
    def format(self) -> str:
        """The format of the answer; `--json` is short for `--format json`.

        Raises:
            NotAllowed: if both are given and differ.
        """
        from timeline.errors import NotAllowed

        if self.json and self.form not in {None, "json"}:
            raise NotAllowed(f"--json is short for --format json, and --format {self.form} is given too")
        return "json" if self.json else self.form or "table"


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Point:
    """The point that a question is asked at; what is not given comes from the environment."""

    as_of: Annotated[
        str | None, _asked("AS_OF", "The date asked about, at its close; the present, unless given.")
    ] = None
    known: Known = None
    dates: Dates = "latest"
    position: Position = None
    without: Annotated[
        tuple[str, ...],
        _asked_several(
            "WITHOUT", "Leave out what rests on this source alone: a title, publisher or url; repeatable."
        ),
    ] = ()
    only: Annotated[
        tuple[str, ...], _asked_several("ONLY", "Keep only what rests on this source; repeatable.")
    ] = ()
    credence: Annotated[
        tuple[Literal["confirmed", "reported", "rumoured", "denied"], ...],
        _asked_several("CREDENCE", "Keep only what is as sure as this; repeatable."),
    ] = ()
    tz: Zone = None

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
    dry_run: Annotated[
        bool,
        Parameter(
            group="Record", negative=(), show_default=False, help="Write nothing; show what would be written."
        ),
    ] = False
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
        return {
            "source": sources or None,
            **rest,
            "unless": self._condition(),
            "dry_run": self.dry_run,
        }

    def _condition(self) -> Condition | None:
        from timeline.condition import Condition

        if not self.unless_type and not self.unless_entity and self.unless_after is None:
            return None
        types = [one.replace("-", "_") for one in self.unless_type]
        return Condition(types=types, entities=self.unless_entity, after=self.unless_after or 0)


FILE: Final = File()
TOLD: Final = Told()
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

    return Page.on(stdout())


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


def stdout() -> IO[str]:
    """The stream that answers go to.

    Raises:
        OSError: if it is closed.
    """
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
        stdout().flush()
    except OSError as problem:
        problem.add_note(done)
        raise


def as_json(value: Any, *, indent: int | None = 2) -> None:
    """Write a value to standard output as JSON; what it has no number for is null."""
    stream = stdout()
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
    from timeline.cli.zones import known_in, local, told
    from timeline.errors import NotAllowed, UnboundedPoint
    from timeline.when import When

    valid = point.as_of if valid is None else valid
    now = valid is None or is_now(valid)
    when = None if now or valid is None else When.read(valid)
    if when is not None and when.latest is None:
        raise NotAllowed(f"valid needs a date that ends, and {when.text!r} does not; say `now` to mean now")
    try:
        moment = timeline.as_of(
            None if when is None else local(when, point.tz),
            known=known_in(point.known, point.tz),
            dates=point.dates,
            position=asking_position(point.position, point.tz),
            without=point.without,
            only=point.only,
            credence=point.credence,
        )
    except UnboundedPoint as problem:
        remedy = "say `now` to mean now" if problem.axis == "valid" else f"leave out --{problem.axis}"
        raise NotAllowed(
            f"{problem.axis} needs a date that ends, and {problem.text!r} does not; {remedy}"
        ) from None
    if point.tz is not None:
        err().line(f"the point asked about is {told(moment.basis.point, point.tz)}")
    if point.position is not None:
        basis_told(timeline, moment.basis.position)
    return moment


def is_now(text: str) -> bool:
    """Whether a text means the present."""
    return text.strip().lower() in {"now", "today"}


def given(name: str, text: str | None) -> bool:
    """Whether a part of the point was given by the environment, so that it may be left aside."""
    return text is not None and os.environ.get(f"TIMELINE_{name.upper()}") == text


def basis_told(timeline: Timeline, position: int) -> None:
    """Tell, as a message, that an answer is on an earlier basis than all that the log holds."""
    head = timeline.head().position
    if position < head:
        err().line(f"on an earlier basis: position {position} of {head}")


def asking_position(text: str | None, tz: str | None = None) -> int | When | None:
    """A position, or a date; of four digits alone a date, unless led by #."""
    from timeline.cli.zones import local
    from timeline.errors import BadWhen, NotAllowed
    from timeline.when import When

    if text is None:
        return None
    digits = text.strip().removeprefix("#")
    number = digits.isdecimal() and digits.isascii() and (len(digits) != 4 or text.strip() != digits)
    if number:
        return int(digits[:20])
    try:
        return local(When.read(text), tz)
    except BadWhen:
        raise NotAllowed(
            f"--position takes a position or a date, such as 14 or 2023-11-18, and {text!r} is neither"
        ) from None


def names_told(entities: Sequence[NewEntity], listing: Sequence[Several]) -> None:
    """Tell of entities spoken of for the first time, as a message."""
    page = err()
    page.new_entities(entities)
    page.several(listing)


def commit_told(commit: Commit, listing: Sequence[Several], file: File, *, dry_run: bool) -> None:
    """Tell what a commit did, or would: records on standard output, new entities as a message."""
    new = commit.records and not dry_run
    with answering("it is written to the timeline all the same" if new else "nothing was new"):
        _commit_told(commit, file)
    if dry_run:
        err().line("a dry run: nothing was written")
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
