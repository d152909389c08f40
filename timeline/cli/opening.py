"""Which timeline a verb is about, how it answers, and which state is meant."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import attrs
from cyclopts import Parameter

from timeline.cli.screen import check_streamed, err
from timeline.values import CatalogueError, NotAllowed, NotATimeline, TimelineError, UnknownType

if TYPE_CHECKING:
    from timeline.engine import Timeline
    from timeline.moment import Moment
    from timeline.vocabulary import Catalogue

PATIENCE = 5.0
"""For how many seconds to wait for a file that others hold."""
DEFAULT: Final = "timeline.duckdb"
"""The file that is meant where none is named."""

PLAIN: Final = Parameter(negative=(), show_default=lambda value: value or None)
"""What holds of every flag, unless it says otherwise: there is none for its contrary."""

Credence = Literal["confirmed", "reported", "rumoured", "denied"]
FieldName = Annotated[str | None, Parameter(help="One field of it only.")]
Several = tuple[str, ...]
StateName = Annotated[str, Parameter(help="One of the states in `timeline types`.")]
Who = Annotated[str, Parameter(help="One entity, or two for a pair.")]


def flag_of(name: str) -> str:
    """The flag of a field.

    >>> flag_of("type_"), flag_of("to_as_of")
    ('--type', '--to-as-of')
    """
    return f"--{name.strip('_').replace('_', '-')}"


def flag(name: str, value: str) -> list[str]:
    """A flag with its value, as words; together where the value would be taken for a flag, or is blank."""
    word = flag_of(name)
    return [f"{word}={value}"] if not value or value.startswith("-") else [word, value]


def parted(text: str) -> list[str]:
    """What the environment gives with semicolons between."""
    return [part.strip() for part in text.split(";") if part.strip()]


def given(name: str, value: str | Sequence[str] | None) -> bool:
    """Whether the environment gave the value of a flag, so that it may be left aside."""
    said = os.environ.get(f"TIMELINE_{name.upper()}")
    if said is None or value is None:
        return False
    return said == value if isinstance(value, str) else parted(said) == list(value)


@Parameter(name="*", group="Output")
@attrs.frozen(kw_only=True)
class Output:
    """Which timeline, and in which format to answer.

    Parameters
    ----------
    db
        The timeline's DuckDB file, or the address of a log that is shared: postgresql://…
    json
        Answer in JSON.
    form
        The format of the answer; a table, unless said.
    """

    db: Annotated[str, Parameter(env_var="TIMELINE_DB", allow_leading_hyphen=True)] = DEFAULT
    json: bool = False
    form: Annotated[
        Literal["table", "json", "jsonl", "csv", "tsv", "markdown", "html"] | None, Parameter(name="--format")
    ] = None

    @property
    def format(self) -> str:
        """The format of the answer; `--json` is short for `--format json`.

        Raises:
            NotAllowed: if both are given and differ.
        """
        if self.json and self.form not in {None, "json"}:
            raise NotAllowed(f"--json is short for --format json, and --format {self.form} is given too")
        return "json" if self.json else self.form or "table"

    @property
    def for_people(self) -> bool:
        """Whether a person is to read the answer, so that more may be told beside it."""
        return self.format == "table"


FILE: Final = Output()


def catalogue() -> Catalogue:
    """The vocabulary that the environment names, else the one that is installed.

    Raises:
        CatalogueError: if there is none, or it is none.
    """
    from timeline.vocabulary import Catalogue

    return Catalogue.find(catalogue_named())


def catalogue_named() -> str | None:
    """The vocabulary that the environment names, None if it names none."""
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
    return Timeline.open(path, read_only=not write, catalogue=catalogue_named(), lock_timeout=PATIENCE)


def alone(path: str, *, write: bool = False) -> Timeline:
    """The same for a verb that needs no vocabulary: where none is found that fits, the log alone.

    Why that is so is told as a message.

    Raises:
        NotATimeline: if it is to be read and is not there.
    """
    from timeline.engine import Timeline

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
    if not Path(path).exists():
        named = path != DEFAULT or given("db", path)
        advice = "" if named else "; say which with --db, or in TIMELINE_DB"
        raise NotATimeline(path, f"there is no such file{advice}")


@contextmanager
def written(path: str, *, dry_run: bool = False, faulty: bool = False) -> Iterator[Timeline]:
    """The timeline to write to, held; where writing fails, a file that was made for it is not left behind.

    None is made where nothing will be written: then what is said is judged in memory.

    Raises:
        OlderTimeline: if nothing is to be written and it is in an older format, which writing would bring up.
    """
    from timeline.log import is_address

    shared = is_address(path)
    if (dry_run or faulty) and not shared and not Path(path).exists():
        path = ":memory:"
    new = path != ":memory:" and not shared and not os.path.lexists(path)
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
