"""The date of a question, wherever it is given, and what happened within it where it is long."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from timeline.cli.opening import given, is_now, keywords
from timeline.cli.options import Output, Point, flag
from timeline.cli.screen import err

if TYPE_CHECKING:
    from timeline.engine import Timeline
    from timeline.values import When

__all__ = ["changes_within", "dated", "events_within", "hints_told"]


def dated(words: Sequence[str], point: Point) -> tuple[str | None, tuple[str, ...]]:
    """The date and those asked about: the first word is the date, unless `--as-of` gives it.

    A first word that reads as a date takes the place of a date from the environment.

    Raises:
        NotAllowed: if no date is given, or nothing at all.
    """
    from timeline.values import NotAllowed

    if point.as_of is None:
        if not words:
            raise NotAllowed("say when and of whom, as in `timeline as-of 2023-11-18 acme`")
        return words[0], tuple(words[1:])
    if words and given("as_of", point.as_of) and _is_date(words[0]):
        return words[0], tuple(words[1:])
    return None, tuple(words)


def _is_date(word: str) -> bool:
    from timeline.values import BadWhen, When

    try:
        When.read(word)
    except BadWhen:
        return is_now(word)
    return True


def changes_within(
    timeline: Timeline,
    file: Output,
    state: str,
    who: Sequence[str],
    date: str | None,
    point: Point,
    field: str | None = None,
) -> str | None:
    """How many changes of a state lie within a date that is longer than a day, and how to see them.

    None for other dates, for entities that the log does not know, and in formats that are not for people.
    """
    from timeline.values import UnknownEntity

    within = _long(file, date, point)
    if within is None:
        return None
    try:
        found = timeline.as_of(**keywords(point)).history(state, *who, field=field, during=within)
    except UnknownEntity:
        return None
    count = sum(one.begins is not None and one.begins != found.span.first for one in found.periods)
    only = [] if field is None else ["--field", field]
    words = ["history", state, *who, *only, "--during", within.text, *_flags(point)]
    return _told(count, "change", within, words)


def events_within(
    timeline: Timeline, file: Output, point: Point, types: Sequence[str] = (), entities: Sequence[str] = ()
) -> str | None:
    """How many records that stand are of events within the date of a point, and how to see them; as above."""
    within = _long(file, None, point)
    if within is None:
        return None
    point = attrs.evolve(point, known=within.text if point.known == "then" else point.known)
    moment = timeline.as_of(**keywords(point))
    found = moment.records(types=types or None, entities=entities, stands=True, during=within)
    several = [("type", types), ("entity", entities)]
    flags = [word for name, values in several for one in values for word in flag(name, one)]
    words = ["log", *flags, "--stands", "--during", within.text, *_flags(point)]
    return _told(len(list(found)), "event", within, words)


def _long(file: Output, date: str | None, point: Point) -> When | None:
    """The date asked about, where it is longer than a day and the answer is for people."""
    from timeline.values import When

    text = point.as_of if date is None else date
    if file.format != "table" or text is None or is_now(text):
        return None
    within = When.read(text)
    if within.earliest is None or within.latest is None or within.earliest.date() == within.latest.date():
        return None
    return within


def _told(count: int, what: str, within: When, words: Sequence[str]) -> str | None:
    if not count:
        return None
    return f"{count} {what}{'' if count == 1 else 's'} within {within}: timeline {shlex.join(words)}"


def _flags(point: Point) -> list[str]:
    """What else limits the question, as flags."""
    flags = [
        ("known", point.known),
        ("dates", None if point.dates == "latest" else point.dates),
        ("position", point.position),
        ("tz", point.tz),
    ]
    several = [("without", point.without), ("only", point.only), ("credence", point.credence)]
    flags += [(name, one) for name, values in several for one in values]
    return [word for name, value in flags if value is not None for word in flag(name, value)]


def hints_told(*hints: str | None) -> None:
    """Tell, as messages, what there is to see beside the answer, each once."""
    for hint in dict.fromkeys(filter(None, hints)):
        err().line(hint, hang=2)
