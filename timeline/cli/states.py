"""Which state is meant where none is named, and in which there is something."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from timeline.engine import Timeline
    from timeline.moment import Moment
    from timeline.vocabulary import Catalogue

__all__ = ["check_state", "elsewhere", "state_for"]


def state_for(catalogue: Catalogue, count: int) -> str:
    """The state that is meant where none is named.

    Raises:
        NotAllowed: if none is for that many entities, or which one has to be said.
    """
    from timeline.values import NotAllowed

    if count == 2:
        return catalogue.pair_state().name
    if count != 1:
        raise NotAllowed(f"as-of takes one entity or two, as in `timeline as-of now acme`; {count} given")
    usual = catalogue.usual(1)
    if usual is None:
        single = ", ".join(name for name, kind in catalogue.states.items() if kind.arity == 1)
        raise NotAllowed(f"say which state, with --state: {single or 'there is none of one entity'}")
    return usual.name


def elsewhere(moment: Moment, state: str, who: Sequence[str]) -> str | None:
    """In which other states there is something where one has nothing, and how to ask; None if in none."""
    if _holds(moment, state, who):
        return None
    found = _holding(moment, who)
    if not found:
        return None
    flags = ", or ".join(f"--state {name}" for name in found)
    return f"nothing is recorded as {state}, but as {' and '.join(found)}: add {flags}"


def check_state(timeline: Timeline, verb: str, state: str, who: Sequence[str]) -> None:
    """Refuse a word that names no state; where it means an entity, with the states to ask of that.

    Raises:
        UnknownType: if it names none.
    """
    from timeline.values import TimelineError, UnknownType

    catalogue, several = timeline.catalogue, (state, *who)
    if state in catalogue.states:
        return
    kinds: list[str] = []
    with suppress(TimelineError):
        moment, usual = timeline.as_of(), catalogue.state(state_for(catalogue, len(several)))
        moment.key(usual.name, several)
        kinds = _holding(moment, several) or [usual.name]
    if not kinds:
        catalogue.state(state)
    raise UnknownType("state", state, [f"`timeline {verb} {shlex.join([one, *several])}`" for one in kinds])


def _holding(moment: Moment, who: Sequence[str]) -> list[str]:
    """The states of so many entities in which something is recorded."""
    kinds = moment.catalogue.states.items()
    return [name for name, kind in kinds if kind.arity == len(who) and _holds(moment, name, who)]


def _holds(moment: Moment, state: str, who: Sequence[str]) -> bool:
    found = moment.of(state, *who)
    return bool(found.because or found.unsettled)
