"""The verbs that tell what there is to write: types, schema, date; and demo."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
from cyclopts import App, Parameter

from timeline.cli.opening import alone, catalogue
from timeline.cli.options import FILE, Output
from timeline.cli.screen import DASH, answer, as_json, err, out, rows_told, text_of
from timeline.formats import Table, of_event_type, of_state_type, of_types
from timeline.values import labelled

if TYPE_CHECKING:
    from timeline.formats import Page, Proposal
    from timeline.vocabulary import Catalogue, EventType, Field, StateType

_COLUMNS: Final = """
SELECT schema_name AS "schema", table_name AS "table", column_name AS "column", data_type AS "type"
FROM duckdb_columns() WHERE NOT internal ORDER BY schema_name, table_name, column_index
"""


def register(app: App) -> None:
    """Add the verbs to a command line."""
    for verb in (types, schema, date, demo):
        app.command(verb)


def types(
    name: str | None = None,
    /,
    *,
    yaml: bool = False,
    file: Output = FILE,
) -> int:
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
        _template(known, name, file)
    elif name is None:
        _all_types(known, file)
    elif name in known.states:
        _state_type(known, name, file)
    else:
        _event_type(known.event(name), file)
    return 0


def _template(catalogue: Catalogue, name: str | None, file: Output) -> None:
    from timeline.cli.typed import template
    from timeline.values import NotAllowed

    if name is None or file.format != "table":
        raise NotAllowed("--yaml goes with one event type, as in `timeline types TYPE --yaml`")
    kind = catalogue.event(name)
    kind.check_said()
    for line in template(kind).splitlines():
        out().line(line, whole=True)


def _all_types(catalogue: Catalogue, file: Output) -> None:
    def value() -> dict[str, dict[str, str]]:
        return {
            "events": {name: kind.summary for name, kind in sorted(catalogue.events.items())},
            "states": {name: kind.summary for name, kind in sorted(catalogue.states.items())},
            "rules": {name: rule.says for name, rule in catalogue.rules.items()},
        }

    answer(file, value, lambda: of_types(catalogue), lambda page: _types_told(page, catalogue))


def _types_told(page: Page, catalogue: Catalogue) -> None:
    for title, kinds in (("Events", catalogue.events), ("States", catalogue.states)):
        page.line((title, "bold"))
        page.lines(labelled([(name, [[kind.summary]]) for name, kind in sorted(kinds.items())]))  # type: ignore[attr-defined]
    page.line(("Rules", "bold"))
    page.lines(labelled([(name, [[rule.says]]) for name, rule in catalogue.rules.items()]))


def _event_type(kind: EventType, file: Output) -> None:
    def value() -> dict[str, Any]:
        fields = [attrs.asdict(field, recurse=False) | {"kind": field.kind.name} for field in kind.fields]
        doc = inspect.cleandoc(kind.doc)
        former = {"formerly": list(kind.formerly), "retired": kind.retired}
        return {"name": kind.name, "version": kind.version, **former, "doc": doc, "fields": fields}

    answer(file, value, lambda: of_event_type(kind), lambda page: _event_type_told(page, kind))


def _event_type_told(page: Page, kind: EventType) -> None:
    from timeline.cli.typed import example
    from timeline.formats import takes

    former = f", formerly {', '.join(kind.formerly)}" if kind.formerly else ""
    retired = ", retired: only read" if kind.retired else ""
    page.line((kind.name, "bold"), f" (version {kind.version}{former}{retired})")
    for paragraph in kind.doc.split("\n\n"):
        page.line(" ".join(paragraph.split()), indent=2)
    page.line()
    rows = [("occurred", [["when it happened: a date, as known; needed"]])]
    rows += [(field.name, [[f"{takes(field)}; {_needed(field)}"]]) for field in kind.fields]
    page.lines(labelled(rows))
    if not kind.retired:
        page.line()
        page.line(f"Example: timeline append {kind.name} {example(kind)}", hang=4)


def _needed(field: Field) -> str:
    from timeline.formats import may_be_blank

    if not field.required:
        return "optional"
    return "blank if it is not known" if may_be_blank(field) else "needed"


def _state_type(catalogue: Catalogue, name: str, file: Output) -> None:
    kind = catalogue.states[name]
    fed = {field: list(fold.types) for field, fold in kind.folds.items()}

    def value() -> dict[str, Any]:
        return {"name": name, "entities": kind.arity, "doc": inspect.cleandoc(kind.doc), "fields": fed}

    answer(file, value, lambda: of_state_type(kind), lambda page: _state_type_told(page, kind, fed))


def _state_type_told(page: Page, kind: StateType, fed: Mapping[str, list[str]]) -> None:
    page.line((kind.name, "bold"), f" (a state of {'one entity' if kind.arity == 1 else 'two entities'})")
    for paragraph in kind.doc.split("\n\n"):
        page.line(" ".join(paragraph.split()), indent=2)
    page.line()
    page.lines(labelled([(field, [[f"from {', '.join(feeds)}"]]) for field, feeds in fed.items()]))


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
        from timeline.values import NotAllowed

        if file.format not in {"table", "json"}:
            raise NotAllowed("the schema of a type is JSON; leave out --format")
        as_json(json_schema(catalogue().event(type_.replace("-", "_"))))
        return 0
    rows_told(file, alone(file.db).sql(_COLUMNS))
    return 0


def date(
    *phrase: Annotated[str, DASH],
    dateline: str | None = None,
    file: Output = FILE,
) -> int:
    """What a phrase for a date may mean, as dates to write down; `append` itself never guesses.

    What is ambiguous is proposed in every reading.

    Example: timeline date "earlier this year" --dateline 2025-05-01

    Parameters
    ----------
    phrase
        Words, such as "late 2023", "last Friday", "in the past six years", "by the end of the year", or
        `-` for standard input.
    dateline
        The day on which it was said, as of an article; today in UTC, unless given.
    """
    from timeline.formats import proposals

    text = text_of(" ".join(phrase), "phrase for a date")
    day = _day(dateline)
    proposed = proposals(text, day)
    found = [one.as_dict() for one in proposed]
    answer(
        file,
        lambda: {"text": text, "dateline": day.isoformat(), "proposals": found},
        lambda: Table.of(*found),
        lambda page: page.table(Table.of(*map(_dated, proposed))),
    )
    if len(found) > 1 and file.for_people:
        err().line("it may mean any of these; say which")
    return 0


def _dated(one: Proposal) -> dict[str, Any]:
    """A proposal for people."""
    bounds = {"earliest": _bound(one.when.earliest), "latest": _bound(one.when.latest)}
    return one.as_dict() | {"date": one.when, **bounds}


def _bound(instant: dt.datetime | None) -> dt.datetime | dt.date | None:
    """An instant for people: where a day begins or closes, that day."""
    whole = instant is not None and instant.time() in {dt.time.min, dt.time.max}
    return instant.date() if instant is not None and whole else instant


def _day(text: str | None) -> dt.date:
    """The day meant; today, unless given.

    Raises:
        NotAllowed: if it is no single day.
    """
    from timeline.values import NotAllowed, When

    if text is None or text == "today":
        return dt.datetime.now(dt.UTC).date()
    when = When.read(text)
    if when.earliest is None or when.latest is None or when.earliest.date() != when.latest.date():
        raise NotAllowed(f"--dateline takes a day, such as 2025-05-01, and {text!r} is longer")
    return when.earliest.date()


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
