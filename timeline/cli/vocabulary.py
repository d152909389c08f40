"""The verbs that tell what there is to write and, in SQL, to ask: types, schema, date, sql, shell; demo."""

from __future__ import annotations

import inspect
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
from cyclopts import Parameter

from timeline.cli.opening import FILE, Output, alone, catalogue
from timeline.cli.screen import DASH, answer, as_json, err, error_told, out, rows_told, text_of
from timeline.cli.typed import example, template
from timeline.formats import Table, of_event_type, of_state_type, of_types
from timeline.values import CatalogueError, Line, NotAllowed, TimelineError, labelled

if TYPE_CHECKING:
    from timeline.vocabulary import Catalogue, EventType, Field, StateType

_COLUMNS: Final = """
SELECT schema_name AS "schema", table_name AS "table", column_name AS "column", data_type AS "type"
FROM duckdb_columns() WHERE NOT internal ORDER BY schema_name, table_name, column_index
"""
_LEAVES: Final = frozenset({".quit", ".exit", "exit", "quit"})
_HELPS: Final = frozenset({".help", "help", "?"})
_UNFINISHED: Final = "the statement above is not finished: end it with `;`, or leave with Ctrl-D"
_GREETING: Final = "one SELECT at a time, with `;` at its end; `exit` or Ctrl-D leaves"


def types(name: str | None = None, /, *, yaml: bool = False, file: Output = FILE) -> int:
    """The event types, states and rules of the vocabulary, or what one type or state holds.

    Example: timeline types TYPE

    Parameters
    ----------
    name
        An event type or a state.
    yaml
        Give an entry of the event type to be filled in, for a file to load.
    """
    known = catalogue()
    if yaml:
        return _template(known, name, file)
    told, table, lines = (
        _all_types(known)
        if name is None
        else _state_type(known.states[name])
        if name in known.states
        else _event_type(known.event(name))
    )
    answer(file, lambda: told, lambda: table, lines)
    return 0


def _template(catalogue: Catalogue, name: str | None, file: Output) -> int:
    if name is None or file.format != "table":
        raise NotAllowed("--yaml goes with one event type, as in `timeline types TYPE --yaml`")
    kind = catalogue.event(name)
    kind.check_said()
    for line in template(kind).splitlines():
        out().line(line, whole=True)
    return 0


def _all_types(catalogue: Catalogue) -> tuple[dict[str, Any], Table, Iterable[Line]]:
    says = {
        "events": {name: kind.summary for name, kind in sorted(catalogue.events.items())},
        "states": {name: kind.summary for name, kind in sorted(catalogue.states.items())},
        "rules": {name: rule.says for name, rule in catalogue.rules.items()},
    }

    def lines() -> Iterator[Line]:
        for title, several in says.items():
            yield Line.of((title.title(), "head"))
            yield from labelled([(name, [[text]]) for name, text in several.items()])

    return says, of_types(says), lines()


def _event_type(kind: EventType) -> tuple[dict[str, Any], Table, Iterable[Line]]:
    fields = [attrs.asdict(field, recurse=False) | {"kind": field.kind.name} for field in kind.fields]
    former = {"formerly": list(kind.formerly), "retired": kind.retired}
    doc = inspect.cleandoc(kind.doc)
    told = {"name": kind.name, "version": kind.version, **former, "doc": doc, "fields": fields}

    def lines() -> Iterator[Line]:
        former = f", formerly {', '.join(kind.formerly)}" if kind.formerly else ""
        retired = ", retired: only read" if kind.retired else ""
        rows = [("occurred", [["when it happened: a date, as known; needed"]])]
        rows += [(field.name, [[f"{field.takes}; {_needed(field)}"]]) for field in kind.fields]
        yield from _described(kind.name, f"version {kind.version}{former}{retired}", kind.doc, rows)
        if not kind.retired:
            yield Line.of()
            yield Line.of(f"Example: timeline append {kind.name} {example(kind)}", hang=4)

    return told, of_event_type(kind), lines()


def _described(
    name: str, what: str, doc: str, rows: Sequence[tuple[str, Sequence[Sequence[str]]]]
) -> Iterator[Line]:
    """A type: what it is, its docstring, and what there is to say of each field."""
    yield Line.of((name, "head"), f" ({what})")
    yield from (Line.of(" ".join(part.split()), indent=2, hang=2) for part in doc.split("\n\n"))
    yield Line.of()
    yield from labelled(rows)


def _needed(field: Field) -> str:
    if not field.required:
        return "optional"
    return "blank if it is not known" if field.may_be_blank else "needed"


def _state_type(kind: StateType) -> tuple[dict[str, Any], Table, Iterable[Line]]:
    fed = {field: list(fold.types) for field, fold in kind.folds.items()}
    told = {"name": kind.name, "entities": kind.arity, "doc": inspect.cleandoc(kind.doc), "fields": fed}
    what = f"a state of {'one entity' if kind.arity == 1 else 'two entities'}"
    rows = [(field, [[f"from {', '.join(feeds)}"]]) for field, feeds in fed.items()]
    return told, of_state_type(kind), _described(kind.name, what, kind.doc, rows)


def schema(type_: Annotated[str | None, Parameter(name="TYPE")] = None, /, *, file: Output = FILE) -> int:
    """The tables and columns of the file; or of an event type the JSON Schema of what `append -` takes.

    Example: timeline schema TYPE

    Parameters
    ----------
    type_
        An event type.
    """
    if type_ is not None:
        from timeline.formats import json_schema

        if file.format not in {"table", "json"}:
            raise NotAllowed("the schema of a type is JSON; leave out --format")
        as_json(json_schema(catalogue().event(type_.replace("-", "_"))))
        return 0
    rows_told(file, alone(file.db).sql(_COLUMNS))
    return 0


def demo() -> int:
    """Show what a timeline answers, by the demonstration of the vocabulary, in a file of its own here.

    A vocabulary has one if its package has a module `demo`, with a function `demo` that is given the page to
    write on.

    Example: timeline demo
    """
    from timeline.vocabulary import Catalogue, imported, submodule

    name = Catalogue.find().name
    found = submodule(name, "demo")
    if found is None:
        raise CatalogueError(
            f"the vocabulary {name!r} has no demonstration; `timeline init` makes an empty file"
        )
    imported(found).demo(out())
    return 0


def sql(query: Annotated[str, DASH], /, *, timeout: float = 60.0, file: Output = FILE) -> int:
    """The result of one SELECT over the file; it cannot write.

    Example: timeline sql 'SELECT type, count(*) FROM log GROUP BY ALL'

    Parameters
    ----------
    query
        The SELECT; times are UTC. `-` is standard input.
    timeout
        After how many seconds to stop it.
    """
    rows_told(file, alone(file.db).sql(text_of(query, "SELECT"), timeout=timeout))
    return 0


def shell(*, ours: bool = False, file: Output = FILE) -> int:
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
        return _run(client, timeline.file)
    failed = False
    for query in _queries():
        try:
            rows_told(file, timeline.sql(query))
        except TimelineError as problem:
            error_told(str(problem))
            failed = True
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
