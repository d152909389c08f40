"""The verb that tells the vocabulary: types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import attrs
from cyclopts import App, Parameter

from timeline.cli.formats import answer
from timeline.cli.opening import catalogue_name
from timeline.cli.options import FILE, Output
from timeline.cli.screen import out
from timeline.formats import of_event_type, of_state_type, of_types
from timeline.values import labelled

if TYPE_CHECKING:
    from timeline.formats import Page
    from timeline.vocabulary import Catalogue, EventType, Field, StateType

__all__ = ["register"]


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(types)


def types(
    name: str | None = None,
    /,
    *,
    yaml: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
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
    from timeline.vocabulary import Catalogue

    catalogue = Catalogue.find(catalogue_name())
    if yaml:
        _template(catalogue, name, file)
    elif name is None:
        _all_types(catalogue, file)
    elif name in catalogue.states:
        _state_type(catalogue, name, file)
    else:
        _event_type(catalogue.event(name), file)
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
    import inspect

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
    import inspect

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
