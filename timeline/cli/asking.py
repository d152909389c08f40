"""The verbs that ask what was so, and why: as-of, explain, diff, what-if; and in SQL: sql, shell."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from timeline.cli.opening import alone, check_state, elsewhere, opened, state_for
from timeline.cli.options import FILE, FieldName, Output, Several, StateName, Who
from timeline.cli.point import (
    POINT,
    SECOND,
    Point,
    Second,
    asked,
    changes_within,
    dated,
    hints_told,
    moment_at,
)
from timeline.cli.screen import DASH, answer, err, error_told, out, read_in, rows_told, text_of
from timeline.formats import of_diff, of_explanation, of_state

if TYPE_CHECKING:
    from timeline.log import Rows
    from timeline.vocabulary import Catalogue, State

_LEAVES: Final = frozenset({".quit", ".exit", "exit", "quit"})
_HELPS: Final = frozenset({".help", "help", "?"})
_UNFINISHED: Final = "the statement above is not finished: end it with `;`, or leave with Ctrl-D"
_GREETING: Final = "one SELECT at a time, with `;` at its end; `exit` or Ctrl-D leaves"


def register(app: App) -> None:
    """Add the verbs to a command line."""
    for verb in (as_of, explain, diff, what_if, sql, shell):
        app.command(verb)


def as_of(
    *words: str,
    state: str | None = None,
    show_sql: bool = False,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What was so at the end of a date: of one entity, or between two.

    Example: timeline as-of 2023-11-18 acme globex --known then

    Parameters
    ----------
    words
        The date, such as 2023, 2023-11, 2023-11-18 or `now`, unless --as-of gives it; then one entity or
        two, by id or any name they ever had.
    state
        Which state, of those in `timeline types`; the usual one for one entity or two, unless given.
    show_sql
        Give the SQL that answers it, for any DuckDB client, instead of the answer.
    """
    point, who = dated(words, point)
    with opened(file.db) as timeline:
        moment = asked(timeline, point)
        kind = state or state_for(timeline.catalogue, len(who))
        found = moment.of(kind, *who)
        hints = [] if show_sql else [changes_within(moment, file, point, kind, who)]
        if file.for_people and not show_sql and state is None:
            hints.append(elsewhere(moment, kind, who))
    if show_sql:
        _sql_behind(found, timeline.catalogue, point, file)
    else:
        answer(file, found.as_dict, lambda: of_state(found), lambda page: page.state(found))
        hints_told(*hints)
    return 0


def _how(file: Output) -> str:
    return "json" if file.json else f"format {file.format}"


def _sql_behind(found: State, catalogue: Catalogue, point: Point, file: Output) -> None:
    from timeline.compile import question
    from timeline.values import NotAllowed

    if file.format != "table":
        raise NotAllowed(f"--show-sql gives SQL, and --{_how(file)} an answer; leave one out")
    if point.filtered:
        raise NotAllowed(
            "--show-sql gives the macro of a state, which takes no --without, --only or --credence"
        )
    if found.__timeline__ not in catalogue.compiled:
        raise NotAllowed(f"{found.__timeline__.name} has a fold in Python only and does not run in SQL")
    for line in question(found, pinned=point.position is not None).splitlines():
        out().line(line, whole=True)


def explain(
    state: StateName,
    /,
    *who: Who,
    field: FieldName = None,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """Why a state is what it is: the records behind it, what they replaced, and who says so.

    Example: timeline explain STATE acme --field FIELD --as-of 2023-11-18
    """
    with opened(file.db) as timeline:
        check_state(timeline, "explain", state, who)
        moment = asked(timeline, point)
        why = moment.explain(state, *who, field=field)
        hint = changes_within(moment, file, point, state, who, field)
    zone = read_in(file, point.tz)
    answer(file, why.as_dict, lambda: of_explanation(why, zone), lambda page: page.explanation(why))
    hints_told(hint)
    return 0


def diff(
    state: StateName,
    /,
    *who: Who,
    second: Second = SECOND,
    exit_code: bool = False,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What differs between two moments, and why: a new event, we learned, we corrected.

    The first moment is what --as-of, --known and --position say. The second is the same but for what the
    flags that begin with --to- say; without any, it is the same date as all is known now.

    Example: timeline diff STATE acme globex --as-of 2021 --known 2023-01-01 --to-known 2023-02-01

    Parameters
    ----------
    exit_code
        End with 1 if anything differs, as git does.
    """
    with opened(file.db) as timeline:
        check_state(timeline, "diff", state, who)
        pairs = [(asked(timeline, one), one) for one in (point, second.after(point))]
        found = pairs[0][0].diff(pairs[1][0], state, *who)
        hints = [changes_within(moment, file, one, state, who) for moment, one in pairs]
    answer(file, found.as_dict, lambda: of_diff(found), lambda page: page.lines(found.lines()))
    hints_told(*hints)
    return int(exit_code and bool(found))


def what_if(
    *words: str,
    retract: Several = (),
    whole: bool = False,
    load: Annotated[Several, Parameter(allow_leading_hyphen=True)] = (),
    state: str | None = None,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What would be so, had something not been said or something else been; nothing is written.

    Example: timeline what-if 2023-12-01 acme --state STATE --retract A14

    Parameters
    ----------
    words
        The date, such as 2023, 2023-11, 2023-11-18 or `now`, unless --as-of gives it; then one entity or
        two, by id or any name they ever had.
    retract
        Suppose that this record had not been said: its id or position; may be repeated.
    whole
        What a correction so retracted replaced does not come back.
    load
        Suppose what a file says, one as for `timeline load`, `-` being standard input; may be repeated.
    state
        Which state, of those in `timeline types`; the usual one for one entity or two, unless given.
    """
    from timeline.formats import read_statements
    from timeline.records import Retraction
    from timeline.values import NotAllowed, UnknownEntity

    if not retract and not load:
        raise NotAllowed("what-if supposes something: give --retract RECORD, or --load FILE")
    if whole and not retract:
        raise NotAllowed("--whole is said of what --retract names; in a file, of an entry: `whole: true`")
    point, who = dated(words, point)
    timeline = opened(file.db)
    statements = [
        *(Retraction(one, whole=whole) for one in retract),
        *read_statements(load, timeline.catalogue),
    ]
    with timeline:
        recorded = asked(timeline, point)
        world = timeline.what_if(*statements, position=recorded.basis.position)
        kind = state or state_for(timeline.catalogue, len(who))
        supposed = moment_at(world, point.everywhere()).of(kind, *who)
        found = None
        with suppress(UnknownEntity):  # of whom the what-if speaks first
            found = recorded.of(kind, *who)
        hint = changes_within(recorded, file, point, kind, who)
    answer(
        file,
        lambda: {
            "supposed": [one.as_dict() for one in world.supposed],
            "state": supposed.as_dict(),
            "recorded": None if found is None else found.as_dict(),
        },
        lambda: of_state(supposed),
        lambda page: page.state(supposed) if found is None else page.supposed(supposed, found),
    )
    hints_told(hint and f"as recorded, {hint}")
    return 0


def sql(query: Annotated[str, DASH], /, *, file: Output = FILE) -> int:
    """The result of one SELECT over the file; it cannot write.

    Example: timeline sql 'SELECT type, count(*) FROM log GROUP BY ALL'

    Parameters
    ----------
    query
        The SELECT; times are UTC. `-` is standard input.
    """
    rows_told(file, alone(file.db).sql(text_of(query, "SELECT")))
    return 0


def shell(
    *,
    ours: bool = False,
    file: Output = FILE,
) -> int:
    """A prompt for SQL over the file, which cannot write: the `duckdb` on the path, or a small one of ours.

    Ours takes statements that end with a semicolon, from a terminal or from standard input, and gives the
    answers in the format asked for; it is taken where there is no `duckdb`, and where a format is asked for.
    While the shell of DuckDB is open, nobody else can write to the file; ours lets go of it each time.

    Example: echo 'SELECT count(*) FROM log;' | timeline shell --ours

    Parameters
    ----------
    ours
        Take the small one, also where there is a `duckdb`.
    """
    timeline = alone(file.db)
    client = None if ours or file.json or file.form is not None else shutil.which("duckdb")
    if client is not None:
        return _run(client, file.db)
    failed = False
    for query in _queries():
        failed |= not _answered(file, timeline.sql, query)
    return int(failed and not sys.stdin.isatty())


def _run(client: str, path: str) -> int:
    """Run DuckDB's own shell on the file; an interrupt is for it alone."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        asked = [client, "-readonly", "-cmd", "SET TimeZone = 'UTC'", str(Path(path).resolve())]
        return subprocess.run(asked, check=False).returncode  # noqa: S603
    finally:
        signal.signal(signal.SIGINT, before)


def _queries() -> Iterator[str]:
    """Statements as they come, each up to a semicolon that ends a line; the last of a file may lack it."""
    waiting: list[str] = []
    someone = sys.stdin is not None and sys.stdin.isatty()
    if someone:
        import readline  # noqa: F401  (gives `input` a history)

        err().line(_GREETING)
    while (line := _line(someone, "     ...> " if waiting else "timeline> ")) is not None:
        word = line.strip().lower()
        if not waiting and word in _LEAVES:
            return
        if someone and word in _LEAVES | _HELPS:
            err().line(_UNFINISHED if waiting else _GREETING)
            continue
        if word:
            waiting.append(line)
        if line.rstrip().endswith(";"):
            yield "\n".join(waiting)
            waiting = []
    if waiting and not someone:
        yield "\n".join(waiting)


def _line(someone: bool, prompt: str) -> str | None:
    """A line of standard input, asked for with a prompt of someone; None at the end."""
    try:
        return input(prompt if someone else "")
    except (EOFError, RuntimeError):
        return None


def _answered(file: Output, ask: Callable[[str], Rows], query: str) -> bool:
    """Answer one statement; what is wrong with it is told, and the next one is asked for."""
    from timeline.values import TimelineError

    try:
        rows = ask(query)
    except TimelineError as problem:
        error_told(str(problem))
        return False
    rows_told(file, rows)
    return True
