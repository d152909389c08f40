"""The verbs that ask: as-of, explain, log, sql; and demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from timeline.cli.dates import changes_within, dated, hints_told
from timeline.cli.following import following
from timeline.cli.formats import answer, read_in
from timeline.cli.opening import alone, aside, asked, bounded, bounds_told, opened
from timeline.cli.options import FILE, POINT, WITHIN, Output, Point, Within
from timeline.cli.piping import DASH, text_of
from timeline.cli.screen import out
from timeline.cli.states import check_state, elsewhere, state_for
from timeline.formats import Table, of_explanation, of_records, of_state

if TYPE_CHECKING:
    from timeline.vocabulary import Catalogue, State

__all__ = ["register"]


def register(app: App) -> None:
    """Add the verbs to a command line."""
    app.command(as_of, name="as-of")
    app.command(explain)
    app.command(log)
    app.command(sql)
    app.command(demo)


def as_of(
    *words: str,
    state: str | None = None,
    show_sql: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
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
    valid, who = dated(words, point)
    with opened(file.db, write=False) as timeline:
        moment = asked(timeline, valid, point)
        kind = state or state_for(timeline.catalogue, len(who))
        found = moment.of(kind, *who)
        hints = [] if show_sql else [changes_within(timeline, file, kind, who, valid, point)]
        if file.format == "table" and not show_sql and state is None:
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
    state: str,
    /,
    *who: str,
    field: str | None = None,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """Why a state is what it is: the records behind it, what they replaced, and who says so.

    Example: timeline explain STATE acme --field FIELD --as-of 2023-11-18

    Parameters
    ----------
    state
        One of the states in `timeline types`.
    who
        One entity, or two for a pair.
    field
        One field of it only.
    """
    with opened(file.db, write=False) as timeline:
        check_state(timeline, "explain", state, who)
        why = asked(timeline, None, point).explain(state, *who, field=field)
        hint = changes_within(timeline, file, state, who, None, point, field)
    answer(
        file,
        why.as_dict,
        lambda: of_explanation(why, read_in(file, point.tz)),
        lambda page: page.explanation(why),
    )
    hints_told(hint)
    return 0


def log(
    *,
    type_: Annotated[tuple[str, ...], Parameter(name="--type", negative=())] = (),
    entity: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    after: int = 0,
    text: str | None = None,
    stands: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    span: Within = WITHIN,
    follow: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    cursor: str | None = None,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """The records in the order in which they were said: all of them, unless something is asked for.

    With --as-of, those of events that had happened by then; with --known, --position and the like, what was
    known, held, and is let through, and what no longer stood there is marked.

    Example: timeline log --type TYPE --entity acme --stands --as-of 2022 --known then

    Parameters
    ----------
    type_
        Of this event type only; may be repeated.
    entity
        Speaking of this entity; repeated, of all of them.
    after
        After this position only.
    text
        With this text in the sentence, a name, the note or the id; case does not matter.
    stands
        Only what still stands: neither corrected nor retracted.
    follow
        Go on with what is appended, until interrupted; with --json, each record on a line.
    cursor
        With --follow, go on where the last one under this name was interrupted.
    """
    zone = read_in(file, point.tz)
    if follow or cursor is not None:
        point = aside(point, "as_of", "known", "position", "without", "only", "credence")
        chosen = stands or text is not None or span != WITHIN or point.limited
        _check_follow(follow=follow, chosen=chosen)
        return following(type_, entity, after, cursor, zone, file)
    with alone(file.db) as timeline:
        moment = bounded(timeline, point)
        found = moment.records(
            types=type_ or None,
            entities=entity,
            after=after,
            text=text,
            stands=stands,
            by_then=point.as_of is not None,
            **span.as_arguments(),
        )
        records = list(found)
        superseded = moment.superseded(records)
    answer(
        file,
        lambda: [record.as_dict() | _standing(superseded.get(record.position)) for record in records],
        lambda: of_records(records, superseded, zone),
        lambda page: page.records(records, superseded, zone),
    )
    if file.format == "table":
        bounds_told(moment, point, "" if records else "no records")
    return 0


def _check_follow(*, follow: bool, chosen: bool) -> None:
    from timeline.values import NotAllowed

    if not follow:
        raise NotAllowed("--cursor goes with --follow")
    if chosen:
        raise NotAllowed(
            "--follow tells all that is appended, by types and entities alone: leave out --text, --stands, "
            "spans, --as-of, --known, --position, --without, --only and --credence"
        )


def _standing(by: int | None) -> dict[str, Any]:
    return {"stands": by is None, "superseded_by": by}


def sql(query: Annotated[str, DASH], /, *, file: Output = FILE) -> int:
    """The result of one SELECT over the file; it cannot write.

    Example: timeline sql 'SELECT type, count(*) FROM log GROUP BY ALL'

    Parameters
    ----------
    query
        The SELECT; times are UTC. `-` is standard input.
    """
    rows = alone(file.db).sql(text_of(query, "SELECT"))
    answer(file, rows.as_dicts, lambda: Table(rows.columns, rows))
    return 0


def demo() -> int:
    """Show what a timeline answers, by the demonstration of the vocabulary, in a file of its own here.

    A vocabulary has one if its package has a module `demo`, with a function `demo` that is given the page to
    write on.

    Example: timeline demo
    """
    from timeline.values import CatalogueError
    from timeline.vocabulary import Catalogue, imported, submodule

    name = Catalogue.find().name
    found = submodule(name, "demo")
    if found is None:
        raise CatalogueError(
            f"the vocabulary {name!r} has no demonstration; `timeline init` makes an empty file"
        )
    imported(found).demo(out())
    return 0
