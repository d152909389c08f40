"""The date of a question, wherever it is given, and what happened within it where it is long."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from timeline.cli.opening import given, is_now, keywords
from timeline.cli.options import Point

if TYPE_CHECKING:
    from timeline.engine import Timeline

__all__ = ["changes_within", "dated"]


def dated(words: Sequence[str], point: Point) -> tuple[str | None, tuple[str, ...]]:
    """The date and those asked about: the first word is the date, unless `--as-of` gives it.

    A first word that reads as a date takes the place of a date from the environment.

    Raises:
        NotAllowed: if no date is given, or nothing at all.
    """
    from timeline.errors import NotAllowed

    if point.as_of is None:
        if not words:
            raise NotAllowed("say when and of whom, as in `timeline as-of 2023-11-18 openai`")
        return words[0], tuple(words[1:])
    if words and given("as_of", point.as_of) and _is_date(words[0]):
        return words[0], tuple(words[1:])
    return None, tuple(words)


def _is_date(word: str) -> bool:
    from timeline.errors import BadWhen
    from timeline.when import When

    try:
        When.read(word)
    except BadWhen:
        return is_now(word)
    return True


def changes_within(
    timeline: Timeline, state: str, who: Sequence[str], date: str | None, point: Point
) -> str | None:
    """How many changes lie within a date that is longer than a day, and how to see them; None for others."""
    from timeline.when import When

    text = point.as_of if date is None else date
    if text is None or is_now(text):
        return None
    valid = When.read(text)
    if valid.earliest is None or valid.latest is None or valid.earliest.date() == valid.latest.date():
        return None
    found = timeline.history(state, *who, **keywords(point), during=valid)
    count = sum(one.begins is not None and one.begins != found.span.first for one in found.periods)
    if not count:
        return None
    told = f"{count} change{'' if count == 1 else 's'} within {valid}"
    return f"{told}: timeline history {shlex.join([state, *who, '--during', valid.text, *_flags(point)])}"


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
    return [word for name, value in flags if value is not None for word in (f"--{name}", value)]
