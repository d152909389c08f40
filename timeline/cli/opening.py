"""Opening the timeline that a verb is about, and asking it at the point that is meant."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from timeline.cli.piping import check_streamed
from timeline.cli.screen import err

if TYPE_CHECKING:
    from timeline.cli.options import Point
    from timeline.engine import Timeline
    from timeline.moment import Moment
    from timeline.values import Basis, When

__all__ = [
    "PATIENCE",
    "alone",
    "aside",
    "asked",
    "basis_told",
    "bounded",
    "bounds",
    "bounds_told",
    "catalogue_name",
    "check_there",
    "given",
    "is_now",
    "keywords",
    "opened",
    "written",
]

PATIENCE = 5.0
"""For how many seconds to wait for a file that others hold."""


def catalogue_name() -> str | None:
    """The vocabulary that the environment names, if it names one."""
    return os.environ.get("TIMELINE_CATALOGUE") or None


def opened(path: str, *, write: bool) -> Timeline:
    """The timeline in a file; only writing makes one that is not there.

    Raises:
        NotATimeline: if it is to be read and is not there.
    """
    from timeline.cli.options import DEFAULT
    from timeline.engine import Timeline

    check_streamed(path, "a timeline", "`timeline import -` reads an export from standard input")
    if path == DEFAULT and not write:
        check_there(path)
    return Timeline.open(path, read_only=not write, catalogue=catalogue_name(), lock_timeout=PATIENCE)


def alone(path: str, *, write: bool = False) -> Timeline:
    """The same for a verb that needs no vocabulary: where none is found that fits, the log alone.

    Why that is so is told as a message.

    Raises:
        NotATimeline: if it is to be read and is not there.
    """
    from timeline.engine import Timeline
    from timeline.values import CatalogueError

    try:
        return opened(path, write=write)
    except CatalogueError as problem:
        timeline = Timeline.open(path, read_only=not write, catalogue=False, lock_timeout=PATIENCE)
        err().line(f"without a vocabulary: {str(problem).partition(chr(10))[0]}", hang=2)
        return timeline


def check_there(path: str) -> None:
    """Refuse a file that is not there, saying how to name one where none was named.

    Raises:
        NotATimeline: if it is not there.
    """
    from timeline.cli.options import DEFAULT
    from timeline.values import NotATimeline

    if not Path(path).exists():
        named = path != DEFAULT or given("db", path)
        advice = "" if named else "; say which with --db, or in TIMELINE_DB"
        raise NotATimeline(path, f"there is no such file{advice}")


@contextmanager
def written(path: str, *, dry_run: bool = False) -> Iterator[Timeline]:
    """The timeline to write to, held; where writing fails, a file that was made for it is not left behind.

    Raises:
        OlderTimeline: if nothing is to be written and it is in an older format, which writing would bring up.
    """
    from timeline.values import TimelineError

    new = path != ":memory:" and not os.path.lexists(path)
    if dry_run and not new and path != ":memory:":
        opened(path, write=False).close()
    with opened(path, write=True) as timeline:
        try:
            yield timeline
        except BaseException:
            with suppress(TimelineError, OSError):
                if new and timeline.as_of().basis.position == 0:
                    Path(path).unlink()
            raise


def asked(timeline: Timeline, valid: str | None, point: Point, *, silent: bool = False) -> Moment:
    """The moment that is meant; `now` and `today` are the present.

    In which zone, and on which earlier basis, is told as a message, unless `silent`.

    Raises:
        NotAllowed: if the date has no end, or the position is neither a position nor a date.
    """
    from timeline.values import NotAllowed, UnboundedPoint, When

    valid = point.as_of if valid is None else valid
    now = valid is None or is_now(valid)
    when = None if now or valid is None else When.read(valid)
    if when is not None and when.latest is None:
        raise NotAllowed(f"valid needs a date that ends, and {when.text!r} does not; say `now` to mean now")
    try:
        moment = timeline.as_of(when, **keywords(point))
    except UnboundedPoint as problem:
        remedy = "say `now` to mean now" if problem.axis == "valid" else f"leave out --{problem.axis}"
        raise NotAllowed(
            f"{problem.axis} needs a date that ends, and {problem.text!r} does not; {remedy}"
        ) from None
    if point.tz is not None and not silent:
        err().line(f"the point asked about is {_in_both(moment.basis)}")
    if point.position is not None and not silent:
        basis_told(timeline, moment.basis.position)
    return moment


def _in_both(basis: Basis) -> str:
    """The point of a basis in its zone, and in UTC beside it."""
    from timeline.values import When, close_of

    point = When.read(basis.point)
    return f"{close_of(point, basis.zone)}, {close_of(point)}"


def keywords(point: Point) -> dict[str, Any]:
    """The point as the keywords of `as_of`, but for the date; `now` limits neither what is known nor held."""
    known, position = (
        None if text is None or is_now(text) else text for text in (point.known, point.position)
    )
    return {
        "known": known,
        "dates": point.dates,
        "position": asking_position(position),
        "without": point.without,
        "only": point.only,
        "credence": point.credence,
        "tz": point.tz,
    }


def is_now(text: str) -> bool:
    """Whether a text means the present."""
    return text.strip().lower() in {"now", "today"}


def given(name: str, value: str | Sequence[str] | None) -> bool:
    """Whether a part of the point was given by the environment, so that it may be left aside."""
    from timeline.cli.options import parted

    said = os.environ.get(f"TIMELINE_{name.upper()}")
    if said is None or value is None:
        return False
    return said == value if isinstance(value, str) else parted(said) == list(value)


def aside(point: Point, *names: str) -> Point:
    """A point without those of some parts that the environment gave, for a question that they do not fit."""
    from timeline.cli.options import POINT

    parts = {name: getattr(POINT, name) for name in names if given(name, getattr(point, name))}
    return attrs.evolve(point, **parts)


def bounded(timeline: Timeline, point: Point) -> Moment:
    """The moment meant by a question that a date bounds only where it is given.

    On which earlier basis is told as a message.
    """
    moment = asked(timeline, None, point, silent=True)
    if point.position is not None:
        basis_told(timeline, moment.basis.position)
    return moment


def bounds(moment: Moment, point: Point) -> str:
    """What bounds such an answer, in words; empty where nothing does."""
    return moment.basis.limits if point.as_of is None else str(moment.basis)


def bounds_told(moment: Moment, point: Point, found: str = "") -> None:
    """Tell, as a message, what bounds such an answer, after what was `found` if that is to be said."""
    if told := ", ".join(filter(None, (found, bounds(moment, point)))):
        err().line(told, hang=2)


def basis_told(timeline: Timeline, position: int) -> None:
    """Tell, as a message, that an answer is on an earlier basis than all that the log holds."""
    head = timeline.head().position
    if position < head:
        err().line(f"on an earlier basis: records 1–{position} of {head}")


def asking_position(text: str | None) -> int | When | None:
    """A position, or a date; of four digits alone a date, unless led by #."""
    from timeline.values import BadWhen, NotAllowed, When

    if text is None:
        return None
    digits = text.strip().removeprefix("#")
    number = digits.isdecimal() and digits.isascii() and (len(digits) != 4 or text.strip() != digits)
    if number:
        return int(digits[:20])
    try:
        return When.read(text)
    except BadWhen:
        raise NotAllowed(
            f"--position takes a position or a date, such as 14 or 2023-11-18, and {text!r} is neither"
        ) from None
