"""The point that a question is asked at: its flags, once for every verb, and the moment that they mean."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import attrs
from cyclopts import Parameter

from timeline.cli.opening import Credence, Output, Several, flag, given, parted
from timeline.cli.screen import err
from timeline.values import BadWhen, NotAllowed, UnboundedPoint, UnknownEntity, When, close_of

if TYPE_CHECKING:
    from timeline.engine import Timeline
    from timeline.moment import Moment


def _one(name: str) -> Parameter:
    """A part of the point, which the environment may give too."""
    return Parameter(env_var=f"TIMELINE_{name}", allow_leading_hyphen=True)


def _more(name: str) -> Parameter:
    """A part of the point that may be repeated; in the environment, with semicolons between."""
    return Parameter(env_var=f"TIMELINE_{name}", env_var_split=lambda _type, text, **_how: parted(text))


@Parameter(name="*", group="Point")
@attrs.frozen(kw_only=True)
class Point:
    """The point that a question is asked at; what is not given comes from the environment.

    Parameters
    ----------
    as_of
        The date asked about, at its close; the present, unless given.
    known
        Only what was known by the end of this date; `then`: of the date asked about.
    dates
        An imprecise date counts at its latest, once surely past, or at its earliest.
    position
        Only what this log held up to a position, or by the end of a date.
    without
        Leave out what rests on this source alone: a title, publisher or url; repeatable.
    only
        Keep only what rests on this source; repeatable.
    credence
        Keep only what is as sure as this; repeatable.
    tz
        The zone, such as Europe/Paris, to read the dates asked about and tell instants in; else UTC.
    """

    as_of: Annotated[str | None, _one("AS_OF")] = None
    known: Annotated[str | None, _one("KNOWN")] = None
    dates: Annotated[Literal["latest", "earliest"], _one("DATES")] = "latest"
    position: Annotated[str | None, _one("POSITION")] = None
    without: Annotated[Several, _more("WITHOUT")] = ()
    only: Annotated[Several, _more("ONLY")] = ()
    credence: Annotated[tuple[Credence, ...], _more("CREDENCE")] = ()
    tz: Annotated[str | None, _one("TZ")] = None

    @property
    def dated(self) -> bool:
        """Whether a date is given."""
        return self.as_of is not None

    @property
    def filtered(self) -> bool:
        """Whether anything is left out by source or credence."""
        return bool(self.without or self.only or self.credence)

    @property
    def limited(self) -> bool:
        """Whether anything bounds the answer: a date, what was known or held, or on whose word."""
        return self.filtered or (self.as_of, self.known, self.position) != (None, None, None)

    def aside(self, *names: str) -> Point:
        """It without those of some parts that the environment gave, for a question that they do not fit."""
        parts = {name: getattr(POINT, name) for name in names if given(name, getattr(self, name))}
        return attrs.evolve(self, **parts)

    def with_date(self, words: Sequence[str]) -> tuple[Point, tuple[str, ...]]:
        """It with its date, and those asked about: the first word is the date, unless `--as-of` gives it.

        A first word that reads as a date takes the place of a date from the environment.

        Raises:
            NotAllowed: if no date is given, or nothing at all.
        """
        if self.as_of is None and not words:
            raise NotAllowed("say when and of whom, as in `timeline as-of 2023-11-18 acme`")
        if self.as_of is None or (words and given("as_of", self.as_of) and _is_date(words[0])):
            return attrs.evolve(self, as_of=words[0]), tuple(words[1:])
        return self, tuple(words)

    def asked(self, timeline: Timeline) -> Moment:
        """The moment that is meant; in which zone, and on which earlier basis, is told as a message."""
        moment = self.moment(timeline)
        if self.tz is not None:
            when, there = When.read(moment.basis.point), moment.basis.zone
            err().line(f"the point asked about is {close_of(when, there)}, {close_of(when)}")
        self._basis_told(timeline, moment)
        return moment

    def bounding(self, timeline: Timeline) -> Moment:
        """The same for a question that a date bounds only where it is given: in which zone is not told."""
        moment = self.moment(timeline)
        self._basis_told(timeline, moment)
        return moment

    def _basis_told(self, timeline: Timeline, moment: Moment) -> None:
        """Tell, as a message, that an answer is on an earlier basis than all that the log holds."""
        head = 0 if self.position is None else timeline.head().position
        if moment.basis.position < head:
            err().line(f"on an earlier basis: {moment.basis.records} of {head}")

    def moment(self, timeline: Timeline) -> Moment:
        """The moment that is meant; `now` is the present, and limits neither what is known nor held.

        Raises:
            NotAllowed: if a date has no end, or the position is neither a position nor a date.
        """
        when, known, position = (
            None if text is None or is_now(text) else text for text in (self.as_of, self.known, self.position)
        )
        rest = {name: getattr(self, name) for name in ("dates", "without", "only", "credence", "tz")}
        try:
            return timeline.as_of(when, known=known, position=_position(position), **rest)
        except UnboundedPoint as problem:
            remedy = "say `now` to mean now" if problem.axis == "valid" else f"leave out --{problem.axis}"
            raise NotAllowed(
                f"{problem.axis} needs a date that ends, and {problem.text!r} does not; {remedy}"
            ) from None

    def bounds(self, moment: Moment) -> str:
        """What bounds an answer, in words; empty where nothing does."""
        return str(moment.basis) if self.dated else moment.basis.limits

    def bounds_told(self, file: Output, moment: Moment, found: str = "") -> None:
        """Tell people, as a message, what bounds an answer, after what was `found` if that is to be said."""
        told = ", ".join(filter(None, (found, self.bounds(moment))))
        if told and file.for_people:
            err().line(told, hang=2)

    def changes(
        self, moment: Moment, file: Output, state: str, who: Sequence[str], field: str | None = None
    ) -> str | None:
        """How many changes of a state lie within a date that is longer than a day, and how to see them.

        None for other dates, for entities that the log does not know, and in formats that are not for people.
        """
        if (within := self._long(file)) is None:
            return None
        try:
            found = moment.history(state, *who, field=field, during=within)
        except UnknownEntity:
            return None
        count = sum(one.begins is not None and one.begins != found.span.first for one in found.periods)
        only = [] if field is None else ["--field", field]
        return self._within(count, "change", within, ["history", state, *who, *only])

    def events(
        self, moment: Moment, file: Output, types: Sequence[str] = (), entities: Sequence[str] = ()
    ) -> str | None:
        """How many records that stand are of events within its date, and how to see them; as `changes`."""
        if (within := self._long(file)) is None:
            return None
        found = moment.records(types=types or None, entities=entities, stands=True, during=within)
        then = attrs.evolve(self, known=within.text if self.known == "then" else self.known)
        words = ["log", *_flags(type=types, entity=entities), "--stands"]
        return then._within(len(list(found)), "event", within, words)

    def _long(self, file: Output) -> When | None:
        """The date asked about, where it is longer than a day and the answer is for people."""
        if not file.for_people or self.as_of is None or is_now(self.as_of):
            return None
        within = When.read(self.as_of)
        if within.earliest is None or within.latest is None:
            return None
        return within if within.earliest.date() != within.latest.date() else None

    def _within(self, count: int, what: str, within: When, words: Sequence[str]) -> str | None:
        """So many of what, and the command that shows them at the same point; None for none."""
        rest = attrs.asdict(self, filter=lambda one, value: one.name != "as_of" and value != one.default)
        command = shlex.join([*words, "--during", within.text, *_flags(**rest)])
        many = f"{count} {what}{'' if count == 1 else 's'}"
        return f"{many} within {within}: timeline {command}" if count else None


@Parameter(name="*", allow_leading_hyphen=True)
@attrs.frozen(kw_only=True)
class Second:
    """The second point of a comparison: the same as the first, but for what is given.

    Parameters
    ----------
    to_as_of
        The date asked about in comparison; `now` is the present.
    to_known
        What was known in comparison: a date, `then`, or `now` for all that is known.
    to_position
        What the log held in comparison: a position, a date, or `now` for all that it holds.
    """

    to_as_of: str | None = None
    to_known: str | None = None
    to_position: str | None = None

    def after(self, first: Point) -> Point:
        """It as a point; where nothing is given, the same date as all is known now."""
        given = attrs.asdict(self, filter=lambda _, value: value is not None)
        said = {name.removeprefix("to_"): value for name, value in given.items()}
        return attrs.evolve(first, **(said or {"known": None, "position": None}))


@Parameter(name="*", group="Span")
@attrs.frozen(kw_only=True)
class Within:
    """The span of time that an answer is restricted to.

    Parameters
    ----------
    during
        Only within this date: 2023, 2023-11.
    since
        Only from the first instant of this date on; `now` is the present.
    until
        Only up to the last instant of this date; `now` is the present.
    """

    during: str | None = None
    since: str | None = None
    until: str | None = None

    def as_arguments(self) -> dict[str, Any]:
        """As the keywords of `history` and `records`.

        Raises:
            NotAllowed: if it is to be within an instant.
        """
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


POINT: Final = Point()
SECOND: Final = Second()
WITHIN: Final = Within()


def is_now(text: str) -> bool:
    """Whether a text means the present."""
    return text.strip().lower() in {"now", "today"}


def _is_date(word: str) -> bool:
    try:
        When.read(word)
    except BadWhen:
        return is_now(word)
    return True


def _position(text: str | None) -> int | When | None:
    """A position, or a date; of four digits alone a date, unless led by #."""
    if text is None:
        return None
    digits = text.strip().removeprefix("#")
    if digits.isdecimal() and digits.isascii() and (len(digits) != 4 or text.strip() != digits):
        return int(digits[:20])
    try:
        return When.read(text)
    except BadWhen:
        raise NotAllowed(
            f"--position takes a position or a date, such as 14 or 2023-11-18, and {text!r} is neither"
        ) from None


def _flags(**values: str | Sequence[str]) -> list[str]:
    """Flags with their values; those of which there are several, one after the other."""
    several = ((name, [value] if isinstance(value, str) else value) for name, value in values.items())
    return [word for name, value in several for one in value for word in flag(name, one)]


def hints_told(*hints: str | None) -> None:
    """Tell, as messages, what there is to see beside the answer, each once."""
    for hint in dict.fromkeys(filter(None, hints)):
        err().line(hint, hang=2)
