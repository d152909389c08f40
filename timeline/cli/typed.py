"""Flags for what is said: for a record, and for the fields of an event type, made from its declaration."""

from __future__ import annotations

import inspect
import itertools
import shlex
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
from cyclopts import App, Parameter

from timeline.cli.advice import told
from timeline.cli.opening import FILE, PLAIN, Credence, Several, flag, flag_of
from timeline.cli.screen import console
from timeline.values import BadText, CatalogueError, InvalidData, NotAllowed, Source, TimelineError, When

if TYPE_CHECKING:
    from timeline.admission import Condition
    from timeline.vocabulary import Event, EventType, Field

HELP: Final = frozenset({"--help", "-h"})

_ENVELOPE: Final = (
    ("source", "a title, or {title: …, publisher: …, published: …, url: …}, or a list of these"),
    ("at", "the place in the source"),
    ("known", "since when the world could know, if not since the source was published"),
    ("credence", "confirmed, reported (unless said), rumoured, denied"),
    ("note", "a remark of your own"),
    ("corrects", "the id of the record that this one takes the place of"),
)

_ENTITIES: Final = ("Acme", "Bolt", "Crux")

_SAID_OF_IT: Final = ("source", "publisher", "published", "url", "at", "known", "credence", "note", "actor")


@Parameter(name="*", group="Record")
@attrs.frozen(kw_only=True)
class SaidOptions:
    """What a record says of itself, beside the event.

    Parameters
    ----------
    source
        Its source, a title; repeatable.
    publisher
        Who published the source.
    published
        When the source was published.
    url
        Where the source is on the web.
    at
        The place in the source: a page, a paragraph.
    known
        Since when the world could know; else the publication counts, else now.
    credence
        How sure it is; reported, unless said.
    note
        A remark of your own.
    actor
        Who says it to the log.
    id
        An id of your own, such as A14.
    dry_run
        Write nothing; show what would be written.
    unless_type
        Refuse it if the log has a record of this event type; repeatable.
    unless_entity
        Refuse it if the log has a record that touches this entity; repeated, all of them.
    unless_after
        Refuse it only for records after this position, or for any.
    """

    source: Several = ()
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    at: str | None = None
    known: str | None = None
    credence: Credence | None = None
    note: str | None = None
    actor: str | None = None
    id: str | None = None
    dry_run: bool = False
    unless_type: Annotated[Several, Parameter(group="Condition")] = ()
    unless_entity: Annotated[Several, Parameter(group="Condition")] = ()
    unless_after: Annotated[int | None, Parameter(group="Condition")] = None

    def as_arguments(self) -> dict[str, Any]:
        """As the keywords of `append`.

        Raises:
            NotAllowed: if flags that describe one source meet several.
        """
        about = {"publisher": self.publisher, "published": self.published, "url": self.url}
        given = {name: value for name, value in (about | {"locator": self.at}).items() if value is not None}
        if given and len(self.source) > 1:
            raise NotAllowed("--publisher, --published, --url and --at are of one source; there are several")
        sources = [Source(*self.source, **given)] if given else [Source(title) for title in self.source]
        rest = {name: getattr(self, name) for name in ("known", "credence", "note", "actor", "id", "dry_run")}
        return {"source": sources or None, "unless": self._condition(), **rest}

    def as_flags(self, **instead: str) -> list[str]:
        """What is said of the record, as flags, but for its id."""
        given = {name: getattr(self, name) for name in _SAID_OF_IT} | instead
        return [
            word
            for name, value in given.items()
            for one in (value if isinstance(value, tuple) else (value,))
            if one is not None
            for word in flag(name, one)
        ]

    def _condition(self) -> Condition | None:
        from timeline.admission import Condition

        if not self.unless_type and not self.unless_entity and self.unless_after is None:
            return None
        types = [one.replace("-", "_") for one in self.unless_type]
        return Condition(types=types, entities=self.unless_entity, after=self.unless_after or 0)


ENVELOPE: Final = SaidOptions()
FLAGS: Final = tuple(field.name for field in attrs.fields(SaidOptions))
"""The flags that an envelope takes, which no field of an event can be called."""

Run = Callable[["Event", SaidOptions], int]


def dispatch(verb: str, kind: EventType, tokens: Sequence[str], known: Event | None, run: Run) -> int:
    """Read flags for a type's fields and a record's envelope, and run with the event they make.

    What is not given is as in `known`, if there is such an event.
    """
    for field in kind.fields:
        if field.name in {*FLAGS, "db", "json", "help"}:
            hint = "which is a flag of its own here; give such events as JSON: `timeline append -`"
            raise CatalogueError(f"{kind.name} has a field {field.name!r}, {hint}")
    sub = App(
        name=f"timeline {verb}",
        help_format="plaintext",
        version_flags=[],
        help_flags=[],
        default_parameter=PLAIN,
    )
    sub.default(_command(kind, known, run))
    sub.help = _help(verb, kind, known)
    if not HELP.isdisjoint(tokens):
        sub.help_print([], console=console())
        return 0
    found = sub(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    return found if isinstance(found, int) else 0


def _help(verb: str, kind: EventType, known: Event | None) -> str:
    doc = "\n\n".join(" ".join(paragraph.split()) for paragraph in kind.doc.split("\n\n"))
    rest = "What is not given stays as it is." if known is not None else ""
    flags = "--occurred 2022-03" if known is not None else example(kind)
    return "\n\n".join(part for part in (doc, rest, f"Example: timeline {verb} {flags}") if part)


def template(kind: EventType) -> str:
    """An entry of a type to be filled in, as YAML; what may be left out is commented out."""
    lines = [("- ", kind.name, "an id of your own, such as A14")]
    lines.append(("  ", "occurred", "when it happened: 2018, 2018-01-31, [2018..2022-11]"))
    needed = samples(kind)
    for field in kind.fields:
        if field.required:
            rest = "; blank if it is not known" if field.may_be_blank else ""
        else:
            rest = "; this or another of these is needed" if field.name in needed else ""
        lines.append(("  " if field.required else "  # ", field.name, field.takes + rest))
    lines += [("  # ", name, text) for name, text in _ENVELOPE]
    width = max(len(lead) + len(name) for lead, name, _ in lines) + 2
    return "\n".join(["events:", *(f"{f'{lead}{name}:':{width}}# {text}" for lead, name, text in lines)])


def samples(kind: EventType) -> dict[str, Any]:
    """Values that would do for a type, by field; each entity is another one."""
    names = itertools.chain(_ENTITIES, (f"{_ENTITIES[0]} {number}" for number in itertools.count(2)))

    def sample(field: Field) -> Any:
        return next(names) if field.names_entities else _sample(field)

    needed = {"occurred": "2022-03"} | {field.name: sample(field) for field in kind.fields if field.required}
    try:
        _event(kind, needed, None)
    except InvalidData as problem:
        lacking = {path.rpartition(".")[2] for path, _ in problem.problems}
        needed |= {field.name: sample(field) for field in kind.fields if field.name in lacking}
    return needed


def example(kind: EventType) -> str:
    """Flags that would do for a type."""
    return " ".join(
        flag_of(name) if value is True else f"{flag_of(name)} {shlex.quote(value)}"
        for name, value in samples(kind).items()
    )


def flags_of(event: Event, names: Container[str]) -> list[str]:
    """Some fields of an event as flags; what is blank is given as such."""
    fields = ("occurred", *(field.name for field in event.__timeline__.fields))
    return [word for name in fields if name in names for word in _words(name, getattr(event, name))]


def _words(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [flag_of(name if value else f"no_{name}")]
    several = value if isinstance(value, tuple) and value else ("" if value in (None, ()) else value,)
    return [word for one in several for word in flag(name, str(one))]


def _sample(field: Field) -> Any:
    return field.choices[0] if field.choices else field.kind.sample


def _command(kind: EventType, known: Event | None, run: Run) -> Callable[..., int]:
    """A function with a keyword for each field, such as cyclopts takes."""

    def command(*, envelope: SaidOptions = ENVELOPE, **given: Any) -> int:
        values = {name: value for name, value in given.items() if value is not None and name != "file"}
        return run(_event(kind, values, known), envelope)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter(
            name,
            keyword,
            annotation=annotation,
            default=inspect.Parameter.empty if needed and known is None else None,
        )
        for name, annotation, needed in _flags(kind)
    ]
    for name, group in (("envelope", ENVELOPE), ("file", FILE)):
        parameters.append(inspect.Parameter(name, keyword, annotation=type(group), default=group))
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


def _flags(kind: EventType) -> Iterator[tuple[str, Any, bool]]:
    """The name and annotation of the flag of each field, and whether it has to be given."""
    when = "When it happened, a date such as 2018, 2018-01-31 or [2018..2022-11]."
    yield "occurred", Annotated[str | None, Parameter(help=when, group="Event")], True
    for field in kind.fields:
        yield field.name, _annotation(field), field.required and not field.may_be_blank


def _annotation(field: Field) -> Any:
    hint = field.takes.partition(", as in")[0]
    text = f"{hint[0].upper()}{hint[1:]}"
    if field.kind.holds is bool:
        contrary = flag_of(f"no_{field.name}")
        return Annotated[bool | None, Parameter(help=f"{text}.", group="Event", negative=contrary)]
    if field.kind.several:
        several = Parameter(help=f"{text}; may be repeated.", group="Event", consume_multiple=False)
        return Annotated[tuple[str, ...] | None, several]
    return Annotated[str | None, Parameter(help=f"{text}.", group="Event", allow_leading_hyphen=True)]


def _event(kind: EventType, given: Mapping[str, Any], known: Event | None) -> Event:
    """An event of a type from flags; an empty text leaves a field blank.

    Raises:
        InvalidData: with all that is wrong, by flag.
    """
    from timeline.vocabulary import amended

    fields = {field.name: field for field in kind.fields}
    values: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
    for name, value in given.items():
        try:
            values[name] = _read(fields.get(name), value)
        except TimelineError as problem:
            problems.append((flag_of(name), told(problem)))
    for name, field in fields.items():
        if known is None and field.required and name not in values and field.may_be_blank:
            values[name] = _read(field, "")
    if problems:
        raise InvalidData(problems)
    return kind.cls(values.pop("occurred"), **values) if known is None else amended(known, values)


def _read(field: Field | None, value: Any) -> Any:
    from timeline.vocabulary import read_field

    if field is None:
        return When.read(value)
    if value not in {"", ("",)}:
        return read_field(field, value)
    if not field.may_be_blank:
        raise BadText("", "is blank, and a value is needed")
    return () if field.kind.several else None
