"""Opening the timeline that a verb is about, and which state of it is meant."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from timeline.cli.options import DEFAULT, given
from timeline.cli.screen import check_streamed, err

if TYPE_CHECKING:
    from timeline.engine import Timeline
    from timeline.moment import Moment
    from timeline.vocabulary import Catalogue

PATIENCE = 5.0
"""For how many seconds to wait for a file that others hold."""


def catalogue() -> Catalogue:
    """The vocabulary that the environment names, else the one that is installed.

    Raises:
        CatalogueError: if there is none, or it is none.
    """
    from timeline.vocabulary import Catalogue

    return Catalogue.find(_named())


def _named() -> str | None:
    return os.environ.get("TIMELINE_CATALOGUE") or None


def opened(path: str, *, write: bool = False) -> Timeline:
    """The timeline in a file; only writing makes one that is not there.

    Raises:
        NotATimeline: if it is to be read and is not there.
    """
    from timeline.engine import Timeline

    check_streamed(path, "a timeline", "`timeline import -` reads an export from standard input")
    if path == DEFAULT and not write:
        check_there(path)
    return Timeline.open(path, read_only=not write, catalogue=_named(), lock_timeout=PATIENCE)


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
        opened(path).close()
    with opened(path, write=True) as timeline:
        try:
            yield timeline
        except BaseException:
            with suppress(TimelineError, OSError):
                if new and timeline.as_of().basis.position == 0:
                    Path(path).unlink()
            raise


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
