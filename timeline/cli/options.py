"""What the verbs of the command line share: their flags, which file and which point they say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import attrs
from cyclopts import Parameter

if TYPE_CHECKING:
    from timeline.admission import Condition

__all__ = [
    "DEFAULT",
    "ENVELOPE",
    "FILE",
    "FLAGS",
    "POINT",
    "WITHIN",
    "DryRun",
    "Output",
    "Point",
    "SaidOptions",
    "Within",
    "flag",
    "parted",
]

DEFAULT: Final = "timeline.duckdb"
"""The file that is meant where none is named."""


_SAID_OF_IT: Final = ("source", "publisher", "published", "url", "at", "known", "credence", "note", "actor")


def flag(name: str, value: str) -> list[str]:
    """A flag with its value, as words; together where the value would be taken for a flag, or is blank."""
    word = f"--{name.strip('_').replace('_', '-')}"
    return [f"{word}={value}"] if not value or value.startswith("-") else [word, value]


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
    return parted(text)


def parted(text: str) -> list[str]:
    """What the environment gives with semicolons between."""
    return [part.strip() for part in text.split(";") if part.strip()]


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Output:
    """Which timeline, and in which format to answer."""

    db: Annotated[
        str,
        Parameter(
            env_var="TIMELINE_DB",
            group="Output",
            help="The timeline's DuckDB file.",
            allow_leading_hyphen=True,
        ),
    ] = DEFAULT
    json: Annotated[
        bool, Parameter(negative=(), group="Output", help="Answer in JSON.", show_default=False)
    ] = False
    form: Annotated[
        Literal["table", "json", "jsonl", "csv", "markdown"] | None,
        Parameter(name="--format", group="Output", help="The format of the answer; a table, unless said."),
    ] = None

    @property
    def format(self) -> str:
        """The format of the answer; `--json` is short for `--format json`.

        Raises:
            NotAllowed: if both are given and differ.
        """
        from timeline.values import NotAllowed

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
    known: Annotated[
        str | None,
        _asked("KNOWN", "Only what was known by the end of this date; `then`: of the date asked about."),
    ] = None
    dates: Annotated[
        Literal["latest", "earliest"],
        _asked("DATES", "An imprecise date counts at its latest, once surely past, or at its earliest."),
    ] = "latest"
    position: Annotated[
        str | None,
        _asked("POSITION", "Only what this log held up to a position, or by the end of a date."),
    ] = None
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
    tz: Annotated[
        str | None,
        _asked(
            "TZ",
            "The zone, such as Europe/Paris, to read the dates asked about and tell instants in; else UTC.",
        ),
    ] = None

    @property
    def filtered(self) -> bool:
        """Whether anything is left out by source or credence."""
        return bool(self.without or self.only or self.credence)

    @property
    def limited(self) -> bool:
        """Whether anything bounds the answer: a date, what was known or held, or on whose word."""
        return self.filtered or (self.as_of, self.known, self.position) != (None, None, None)

    def everywhere(self) -> Point:
        """The same up to the end of the log."""
        return attrs.evolve(self, position=None)


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Within:
    """The span of time that an answer is restricted to."""

    during: Annotated[str | None, _of("Span", "Only within this date: 2023, 2023-11.")] = None
    since: Annotated[
        str | None, _of("Span", "Only from the first instant of this date on; `now` is the present.")
    ] = None
    until: Annotated[
        str | None, _of("Span", "Only up to the last instant of this date; `now` is the present.")
    ] = None

    def as_arguments(self) -> dict[str, Any]:
        """As the keywords of `history` and `records`.

        Raises:
            NotAllowed: if it is to be within an instant.
        """
        from timeline.cli.opening import is_now
        from timeline.values import NotAllowed

        now = datetime.now(UTC)
        if self.during is not None and is_now(self.during):
            raise NotAllowed(
                f"--during takes a stretch of time, such as {now:%Y-%m}, and {self.during!r} is an instant; "
                "--since and --until take it"
            )
        ends = (("since", self.since), ("until", self.until))
        return {
            "during": self.during,
            **{name: now if text is not None and is_now(text) else text for name, text in ends},
        }


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class SaidOptions:
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
    id: Annotated[str | None, _of("Record", "An id of your own, such as A14.")] = None
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
        from timeline.values import NotAllowed, Source

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

    def as_flags(self, **instead: str) -> list[str]:
        """What is said of the record, as flags, but for its id."""
        given = {name: getattr(self, name) for name in _SAID_OF_IT} | instead
        return [
            word
            for name, value in given.items()
            for one in (value if isinstance(value, tuple) else (value,))
            if one is not None
            for word in flag(name, one)
        ]

    def _condition(self) -> Condition | None:
        from timeline.admission import Condition

        if not self.unless_type and not self.unless_entity and self.unless_after is None:
            return None
        types = [one.replace("-", "_") for one in self.unless_type]
        return Condition(types=types, entities=self.unless_entity, after=self.unless_after or 0)


DryRun = Annotated[bool, Parameter(negative=(), show_default=False)]
"""Whether nothing is written, and what would be is shown."""
FILE: Final = Output()
POINT: Final = Point()
ENVELOPE: Final = SaidOptions()
WITHIN: Final = Within()
FLAGS: Final = tuple(field.name for field in attrs.fields(SaidOptions))
"""The flags that an envelope takes, which no field of an event can be called."""
