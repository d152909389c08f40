"""The verbs that write: init, append, correct, retract, attest; and what came of it."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
from cyclopts import Parameter

from timeline.cli.advice import advised
from timeline.cli.opening import FILE, Output, Several, catalogue, opened, written
from timeline.cli.screen import answer, answering, err, out
from timeline.cli.typed import ENVELOPE, HELP, SaidOptions, dispatch, flags_of
from timeline.formats import of_commits
from timeline.values import IdConflict, Line, NotAllowed, WrongTarget, doubts, few, zone

if TYPE_CHECKING:
    from timeline.admission import Imported
    from timeline.engine import Timeline
    from timeline.records import Commit, Lookalike, NewEntity, Record
    from timeline.vocabulary import Event

RecordId = Annotated[str, Parameter(help="Its id or its position.")]
Tokens = Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]
Word = Annotated[str | None, Parameter(allow_leading_hyphen=True)]
TypeWord = Annotated[str | None, Parameter(name="TYPE", allow_leading_hyphen=True)]

_MOST: Final = 20
_TOLD: Final = (
    *("head", "digest", "records", "unchanged", "superseded", "fallen"),
    *("lookalikes", "new_entities", "spellings", "placeholders"),
)
"""What JSON tells of a commit, in this order."""


def init(*, dry_run: bool = False, file: Output = FILE) -> int:
    """Make an empty timeline, in a file or in PostgreSQL; one that is there already stays as it is.

    Example: timeline init --db ai.duckdb

    Parameters
    ----------
    dry_run
        Write nothing; show what would be.
    """
    there = _is_there(file.db, make=not dry_run)
    if dry_run and not there:
        path, known, state = file.db, catalogue(), "would be a new timeline"
    else:
        timeline = opened(file.db, write=not dry_run)
        path, known = timeline.path, timeline.catalogue
        state = "is a timeline already" if there else "is a new timeline"
    told = {"path": path, "catalogue": known.name, "made": not there and not dry_run}
    line = f"{path} {state}, for the {len(known.events)} event types of {known.name}"
    with answering("the timeline is there all the same"):
        answer(file, lambda: told, None, lambda page: page.line(line))
    return 0


def _is_there(place: str, *, make: bool) -> bool:
    """Whether there is anything where a timeline is to be; in PostgreSQL it is made, if it is to be."""
    from timeline.log import is_address, make_at

    if not is_address(place):
        return Path(place).exists()
    made = make_at(place) if make else None
    return made is None


def append(type_: TypeWord = None, /, *tokens: Tokens, file: Output = FILE) -> int:
    """Append an event by the flags of its type, or events in JSON from standard input (`-`).

    `timeline append TYPE --help` lists the flags of a type, `timeline types` the types. In JSON:
    one object, a list, or one after the other, with `type`, `occurred`, the fields of the type, and `id`,
    `source`, `known`, `credence`, `note`, `corrects`, or else `retracts` (and `whole`) or `attests`.

    Example: timeline append TYPE --occurred 2022 --FIELD Acme --id acme-1
    """
    if type_ is None or type_ in HELP:
        return _verb_help(append, "append [TYPE | -] [FLAGS]", asked=type_ is not None)
    if type_ == "-":
        return _append_json(tokens, file)
    if type_.startswith("-"):
        raise NotAllowed(f"the type comes first, as in `timeline append TYPE {type_} …`")

    def run(event: Event, envelope: SaidOptions) -> int:
        arguments = envelope.as_arguments()
        try:
            return _said(file, lambda tl: tl.append(event, **arguments), dry_run=envelope.dry_run)
        except IdConflict as problem:
            told = _remedy(problem, event, envelope)
            raise IdConflict(problem.record, problem.differences, told) from None

    kind = catalogue().event(type_.replace("-", "_"))
    return dispatch(f"append {kind.name}", kind, tokens, None, run)


def _remedy(problem: IdConflict, event: Event, envelope: SaidOptions) -> str:
    """What would say an event under an id that is taken, as commands."""
    taken = shlex.quote(str(problem.reference))
    if problem.how == "retract":
        return f"to say so: timeline retract {taken} --known same, and append it again with --id"
    if problem.how != "correct":
        return f"{problem.remedy}, with --id"
    differing = {one.partition(": ")[0] for one in problem.differences}
    credence = {"credence": envelope.credence or "reported"} if "credence" in differing else {}
    flags = [*flags_of(event, differing), *envelope.as_flags(**credence)]
    return f"to correct it: timeline correct {taken} {shlex.join(flags)}".rstrip()


def _said(file: Output, say: Callable[[Timeline], Commit], *, dry_run: bool, faulty: bool = False) -> int:
    """Say something to the timeline and tell what came of it, or would."""
    with written(file.db, dry_run=dry_run, faulty=faulty) as timeline:
        commit = say(timeline)
        alike = timeline.lookalikes(commit)
    _commit_told(commit, alike, file, dry_run=dry_run)
    return 0


def _append_json(tokens: tuple[str, ...], file: Output) -> int:
    from timeline.formats import ReadFile, at_fault, load_files, read_json, standard_input

    dry_run = tokens == ("--dry-run",)
    if tokens and not dry_run:
        raise NotAllowed(f"append - takes everything from standard input, not {tokens[0]}")
    raw = standard_input()
    read = advised(raw if isinstance(raw, ReadFile) else read_json(raw, catalogue(), "-"))

    def say(timeline: Timeline) -> Commit:
        loaded = load_files(timeline, [read], dry_run=dry_run)
        if loaded.faults:
            raise at_fault(loaded.faults)
        return loaded.files[0].commit

    return _said(file, say, dry_run=dry_run, faulty=bool(read.faults))


def correct(record: Word = None, /, *tokens: Tokens, file: Output = FILE) -> int:
    """Say that a record was wrong, and what is right; fields not given stay as they are.

    RECORD is an id or a position; `timeline correct A14 --help` lists the flags of its type. To leave
    a field blank, give it an empty text.

    Example: timeline correct acme-1 --occurred 2022-03 --note 'month found' --source 'Acme Gazette'
    """
    if record is None or record in HELP:
        return _verb_help(correct, "correct RECORD [FLAGS]", asked=record is not None)
    if record.startswith("-"):
        raise NotAllowed(f"the record comes first, as in `timeline correct A14 {record} …`")
    found = opened(file.db).record(record)
    if found.event is None:
        raise WrongTarget(f"{found.label} is {_a(found.kind)}, which cannot be corrected; retract it instead")

    def run(event: Event, envelope: SaidOptions) -> int:
        arguments = envelope.as_arguments()
        if event == found.event and not attrs.evolve(envelope, actor=None).as_flags():
            hint = f"`timeline correct {record} --help` lists the flags"
            raise NotAllowed(f"this corrects nothing in {found.label}: say what is right; {hint}")
        return _said(file, lambda tl: tl.correct(found, event, **arguments), dry_run=envelope.dry_run)

    return dispatch(f"correct {record}", found.event.__timeline__, tokens, found.event, run)


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def retract(
    record: RecordId | None = None,
    /,
    *,
    resting_on: Several = (),
    commit: int | None = None,
    whole: bool = False,
    envelope: SaidOptions = ENVELOPE,
    file: Output = FILE,
) -> int:
    """Say that a record should not have been said at all; what a correction replaced comes back.

    Instead of a record: what rests on the word of a source alone, or all that a commit said; --dry-run lists
    it first.

    Example: timeline retract acme-1 --note 'never happened'

    Parameters
    ----------
    resting_on
        A source, by title, publisher or url: what rests on its word alone; repeated, on theirs.
    commit
        The position of any record of a commit: what it said and still stands.
    whole
        What a retracted correction replaced does not come back.
    """
    if [record is None, not resting_on, commit is None].count(False) != 1:
        raise NotAllowed("retract takes a RECORD, or --resting-on SOURCE, or --commit POSITION: one of these")
    meant = {"record": record, "resting_on": resting_on or None, "commit": commit}
    about: dict[str, Any] = {name: value for name, value in meant.items() if value is not None}
    about |= envelope.as_arguments() | {"whole": whole}
    return _said(file, lambda tl: tl.retract(**about), dry_run=envelope.dry_run)


def attest(record: RecordId, /, *, envelope: SaidOptions = ENVELOPE, file: Output = FILE) -> int:
    """Say that another source says what a record says.

    Example: timeline attest acme-1 --source 'The Daily Acme' --published 2022-04-02
    """
    arguments = envelope.as_arguments()
    return _said(file, lambda tl: tl.attest(record, **arguments), dry_run=envelope.dry_run)


def _verb_help(verb: Callable[..., int], usage: str, *, asked: bool) -> int:
    """The help of a verb whose flags depend on what it is about."""
    page = out() if asked else err()
    page.line(f"Usage: timeline {usage}")
    page.line()
    for paragraph in (inspect.getdoc(verb) or "").split("\n\n"):
        page.line(" ".join(paragraph.split()))
        page.line()
    return 0 if asked else 2


def _commit_told(commit: Commit, alike: Sequence[Lookalike], file: Output, *, dry_run: bool) -> None:
    """Tell what a commit did, or would."""
    from timeline.records import record_line

    new = commit.records and not dry_run
    told = commit.as_dict() | {"lookalikes": [one.as_dict() for one in alike]}
    lines = commit.lines(partial(record_line, zone=zone("UTC")))
    done = "it is written to the timeline all the same" if new else "nothing was new"
    with answering(done, done, dry_run=dry_run):
        answer(file, lambda: {name: told[name] for name in _TOLD}, lambda: of_commits((None, commit)), lines)
    if file.format != "json":
        err().lines(doubts(alike))
        news_told([commit])


def news_told(several: Sequence[Commit | Imported]) -> None:
    """Tell whom commits speak of first, how names in them were read, and of what is now one as of when."""
    page = err()
    entities = [one for commit in several for one in commit.new_entities]
    untold = sum(getattr(one, "new_entity_count", len(one.new_entities)) for one in several) - len(entities)
    page.lines(_entities(entities, untold))
    spellings = [one for commit in several for one in commit.spellings]
    page.lines(doubts([f"taken as one, spelt otherwise: {one}" for one in spellings], _MOST))
    names = dict.fromkeys(name for commit in several for name in commit.placeholders)
    page.lines(doubts([f"{name!r} looks like no name, and was taken for one" for name in names], _MOST))
    page.lines(_sameness([one for commit in several for one in getattr(commit, "records", ())]))


def _entities(entities: Sequence[NewEntity], untold: int = 0) -> Iterator[Line]:
    """Entities spoken of for the first time; first those near to one before them, as a warning.

    `untold` is how many more there are.
    """
    place = {one.id: index for index, one in enumerate(entities)}
    others = []
    doubtful = []
    for index, one in enumerate(entities):
        near = [each for each in one.near if place.get(each, -1) < index]
        if near:
            doubtful.append(f"new entity {_called(one)}: is it {' or '.join(near)}?")
        else:
            others.append(_called(one))
    yield from doubts(doubtful, _MOST)
    if others:
        noun = "entity" if len(others) + untold == 1 else "entities"
        told = few([*others, *[""] * untold], ", ")
        yield Line.of((f"{len(others) + untold:,} new {noun}: {told}", "aside"), hang=2)
    lists = [(_called(one), few(one.lists, " and ")) for one in entities if one.lists]
    listing = [f"new entity {one} looks like a list: did you mean {each}?" for one, each in lists]
    yield from doubts(listing, _MOST)


def _called(one: NewEntity) -> str:
    return one.name if one.name == one.id else f"{one.name} ({one.id})"


def _sameness(records: Iterable[Record]) -> Iterator[Line]:
    """Of what says that two are one and is known from now on only, what does not follow from it."""
    from timeline.records import Sameness

    found = [Sameness.of(one) for one in records if one.known_at == one.recorded_at]
    lines = [
        f"as known before {one.record.known_at.date()}, {one.entity} and {one.same_as} are two; "
        "--known says since when it was known that they are one"
        for one in found
        if one is not None
    ]
    return doubts(lines, _MOST, "")
