"""What to try where something was refused: a command, for those who are at the command line."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from timeline.formats import EntryFault, ReadFile
    from timeline.values import TimelineError

__all__ = ["advised", "told"]

_LONGEST: Final = 60
"""How long a phrase for a date can be."""


def told(problem: TimelineError) -> str:
    """An error in words, with what to try where it is about a date that can be proposed."""
    from timeline.values import BadWhen

    return f"{problem}{_for_date(problem.text)}" if type(problem) is BadWhen else str(problem)


def advised(file: ReadFile) -> ReadFile:
    """A file that was read, its faults with what to try."""
    return attrs.evolve(file, faults=tuple(map(_advised, file.faults)))


def _advised(fault: EntryFault) -> EntryFault:
    if fault.undated is None:
        return fault
    return attrs.evolve(fault, problem=f"{fault.problem}{_for_date(fault.undated)}")


def _for_date(text: str) -> str:
    """The command that proposes dates for a phrase; nothing for what is no phrase."""
    from timeline.formats import proposals
    from timeline.values import BadText

    if len(text) > _LONGEST:
        return ""
    today = datetime.now(UTC).date()
    try:
        now, before = (proposals(text, day) for day in (today, today - timedelta(days=400)))
    except BadText:
        return ""
    command = f"; try `timeline date {shlex.quote(text)}`"
    return command if now == before else f"{command}, with --dateline and the day on which it was said"
