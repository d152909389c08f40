"""The verbs that write: init, load, append, correct, retract, attest."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
from cyclopts import App, Parameter

from timeline.cli.advice import advised
from timeline.cli.commits import commit_told, loaded_told
from timeline.cli.opening import catalogue, opened, written
from timeline.cli.options import ENVELOPE, FILE, Output, RecordId, SaidOptions, Several
from timeline.cli.screen import DASH, answer, answering, err, error_told, out, waiting

if TYPE_CHECKING:
    from timeline.engine import Timeline
    from timeline.formats import ReadFile
    from timeline.records import Commit
    from timeline.values import IdConflict
    from timeline.vocabulary import Event

Tokens = Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]
Word = Annotated[str | None, Parameter(allow_leading_hyphen=True)]
TypeWord = Annotated[str | None, Parameter(name="TYPE", allow_leading_hyphen=True)]


def register(app: App) -> None:
    """Add the verbs to a command line."""
    for verb in (init, load, retract, attest):
        app.command(verb)
    app.command(append, help_flags=[])
    app.command(correct, help_flags=[])


def init(*, dry_run: bool = False, file: Output = FILE) -> int:
    """Make an empty timeline; one that is there already stays as it is.

    Example: timeline init --db ai.duckdb

    Parameters
    ----------
    dry_run
        Write nothing; show what would be.
    """
    there = Path(file.db).exists()
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


def load(
    paths: Annotated[tuple[str, ...], DASH] = (),
    /,
    *,
    dry_run: bool = False,
    amend: bool = False,
    file: Output = FILE,
) -> int:
    """Load YAML files of events, or all of a folder, each file as one commit; loading twice changes nothing.

    If anything is wrong in any file, all of it is told and nothing is written.

    Example: timeline load seeds/ --dry-run --db ai.duckdb

    Parameters
    ----------
    paths
        Files or folders; `-` is standard input.
    dry_run
        Write nothing; show what would be new, what is known, what is at fault, and what looks like what.
    amend
        Take an entry changed under the same id as a correction of its record.
    """
    from timeline.formats import at_fault, load_files, read_files

    if not paths:
        return _usage("load needs a file or a folder, as in `timeline load seeds/`")
    with waiting() as progress:
        files = [*map(advised, read_files(paths, catalogue(), progress))]
        with written(_place(file.db, files, dry_run=dry_run), dry_run=dry_run) as timeline:
            loaded = load_files(timeline, files, amend=amend, dry_run=dry_run, progress=progress)
            if not loaded.dry_run:
                alike = timeline.lookalikes(*(one.commit for one in loaded.files))
                loaded = attrs.evolve(loaded, lookalikes=alike)
    loaded_told(loaded, file)
    if not loaded.faults:
        return 0
    error_told(at_fault(loaded.faults).head)
    return 65


def _place(path: str, files: Sequence[ReadFile], *, dry_run: bool) -> str:
    """Where to judge what was read: in the file, unless nothing will be written and it is not there."""
    in_vain = dry_run or any(file.faults for file in files)
    return ":memory:" if in_vain and not Path(path).exists() else path


def append(type_: TypeWord = None, /, *tokens: Tokens, file: Output = FILE) -> int:
    """Append an event by the flags of its type, or events in JSON from standard input (`-`).

    `timeline append TYPE --help` lists the flags of a type, `timeline types` the types. In JSON:
    one object, a list, or one after the other, with `type`, `occurred`, the fields of the type, and `id`,
    `source`, `known`, `credence`, `note`, `corrects`, or else `retracts` (and `whole`) or `attests`.

    Example: timeline append TYPE --occurred 2022 --FIELD Acme --id acme-1
    """
    from timeline.cli.typed import HELP, dispatch
    from timeline.values import IdConflict

    if type_ is None or type_ in HELP:
        return _verb_help(append, "append [TYPE | -] [FLAGS]", asked=type_ is not None)
    if type_ == "-":
        return _append_json(tokens, file)
    if type_.startswith("-"):
        return _usage(f"the type comes first, as in `timeline append TYPE {type_} …`")

    def run(event: Event, envelope: SaidOptions) -> int:
        try:
            return _said(
                file, lambda timeline: timeline.append(event, **envelope.as_arguments()), envelope.dry_run
            )
        except IdConflict as problem:
            told = _remedy(problem, event, envelope)
            raise IdConflict(problem.record, problem.differences, told) from None

    kind = catalogue().event(type_.replace("-", "_"))
    return dispatch(f"append {kind.name}", kind, tokens, None, run)


def _remedy(problem: IdConflict, event: Event, envelope: SaidOptions) -> str:
    """What would say an event under an id that is taken, as commands."""
    from timeline.cli.typed import flags_of

    taken = shlex.quote(str(problem.reference))
    if problem.how == "retract":
        return f"to say so: timeline retract {taken} --known same, and append it again with --id"
    if problem.how != "correct":
        return f"{problem.remedy}, with --id"
    differing = {one.partition(": ")[0] for one in problem.differences}
    credence = {"credence": envelope.credence or "reported"} if "credence" in differing else {}
    flags = [*flags_of(event, differing), *envelope.as_flags(**credence)]
    return f"to correct it: timeline correct {taken} {shlex.join(flags)}".rstrip()


def _said(file: Output, say: Callable[[Timeline], Commit], dry_run: bool) -> int:
    """Say something to the timeline and tell what came of it, or would."""
    path = file.db if not dry_run or Path(file.db).exists() else ":memory:"
    with written(path, dry_run=dry_run) as timeline:
        commit = say(timeline)
        alike = timeline.lookalikes(commit)
    commit_told(commit, alike, file, dry_run=dry_run)
    return 0


def _append_json(tokens: tuple[str, ...], file: Output) -> int:
    from timeline.formats import ReadFile, at_fault, load_files, read_json, standard_input

    dry_run = tokens == ("--dry-run",)
    if tokens and not dry_run:
        return _usage(f"append - takes everything from standard input, not {tokens[0]}")
    raw = standard_input()
    read = raw if isinstance(raw, ReadFile) else read_json(raw, catalogue(), "-")
    read = advised(read)
    told = attrs.evolve(file, db=_place(file.db, [read], dry_run=dry_run))

    def say(timeline: Timeline) -> Commit:
        loaded = load_files(timeline, [read], dry_run=dry_run)
        if loaded.faults:
            raise at_fault(loaded.faults)
        return loaded.files[0].commit

    return _said(told, say, dry_run)


def correct(record: Word = None, /, *tokens: Tokens, file: Output = FILE) -> int:
    """Say that a record was wrong, and what is right; fields not given stay as they are.

    RECORD is an id or a position; `timeline correct A14 --help` lists the flags of its type. To leave
    a field blank, give it an empty text.

    Example: timeline correct acme-1 --occurred 2022-03 --note 'month found' --source 'Acme Gazette'
    """
    from timeline.cli.typed import HELP, dispatch
    from timeline.values import NotAllowed, WrongTarget

    if record is None or record in HELP:
        return _verb_help(correct, "correct RECORD [FLAGS]", asked=record is not None)
    if record.startswith("-"):
        return _usage(f"the record comes first, as in `timeline correct A14 {record} …`")
    found = opened(file.db).record(record)
    if found.event is None:
        raise WrongTarget(f"{found.label} is {_a(found.kind)}, which cannot be corrected; retract it instead")

    def run(event: Event, envelope: SaidOptions) -> int:
        arguments = envelope.as_arguments()
        if event == found.event and not attrs.evolve(envelope, actor=None).as_flags():
            hint = f"`timeline correct {record} --help` lists the flags"
            raise NotAllowed(f"this corrects nothing in {found.label}: say what is right; {hint}")
        return _said(file, lambda timeline: timeline.correct(found, event, **arguments), envelope.dry_run)

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
        return _usage("retract takes a RECORD, or --resting-on SOURCE, or --commit POSITION: one of these")
    arguments = envelope.as_arguments()

    def say(timeline: Timeline) -> Commit:
        if record is not None:
            return timeline.retract(record, whole=whole, **arguments)
        if commit is not None:
            return timeline.retract(commit=commit, whole=whole, **arguments)
        return timeline.retract(resting_on=resting_on, whole=whole, **arguments)

    return _said(file, say, envelope.dry_run)


def attest(record: RecordId, /, *, envelope: SaidOptions = ENVELOPE, file: Output = FILE) -> int:
    """Say that another source says what a record says.

    Example: timeline attest acme-1 --source 'The Daily Acme' --published 2022-04-02
    """
    return _said(file, lambda timeline: timeline.attest(record, **envelope.as_arguments()), envelope.dry_run)


def _usage(problem: str) -> int:
    error_told(problem)
    return 2


def _verb_help(verb: Callable[..., int], usage: str, *, asked: bool) -> int:
    """The help of a verb whose flags depend on what it is about."""
    import inspect

    page = out() if asked else err()
    page.line(f"Usage: timeline {usage}")
    page.line()
    for paragraph in (inspect.getdoc(verb) or "").split("\n\n"):
        page.line(" ".join(paragraph.split()))
        page.line()
    return 0 if asked else 2
