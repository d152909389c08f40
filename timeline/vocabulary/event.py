"""What happened: the base of all event types, how a type is declared, and the sentence that tells it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, TypeVar

import attrs

from timeline.values import (
    CatalogueError,
    InvalidData,
    NotAllowed,
    TimelineError,
    UnknownField,
    When,
    checked,
    nearest,
    shown,
)
from timeline.vocabulary.fields import Field, Kind, fields_of, read_field, when
from timeline.vocabulary.sentences import Sentence

E = TypeVar("E", bound="Event")
Upcast = Callable[[dict[str, Any]], dict[str, Any]]
_KEYWORDS: Final = frozenset(
    {
        *("source", "known", "credence", "actor", "note", "id", "strict", "unless", "dry_run"),
        *("type", "at", "corrects", "retracts", "attests"),
    }
)
"""What says something of a record, and not of its event: keywords of `append`, and words in files."""


def in_short(doc: str) -> str:
    """The first paragraph of what a class says of itself, on one line."""
    return " ".join(doc.split("\n\n", maxsplit=1)[0].split())


def check_declared(name: str, cls: type, says: str) -> None:
    """See that a class has a name that its tables can have, and says of itself what it `says`."""
    if not name.isidentifier() or name != name.lower():
        raise CatalogueError(f"{name!r} is no snake_case name for {cls.__name__}")
    if not cls.__doc__:
        raise CatalogueError(f"{cls.__name__} needs a docstring that says {says}")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class EventType:
    """What the engine knows of one event type: its registered name, version, fields and wording.

    `formerly` are the names that it had before, under which records of it may be stored; one that is
    `retired` is only read.
    """

    name: str
    version: int
    cls: type[Event]
    fields: tuple[Field, ...]
    says: Sentence
    upcasts: tuple[Upcast, ...]
    naming: tuple[str, str] | None
    sameness: tuple[str, str] | None
    formerly: tuple[str, ...]
    retired: bool
    entities: tuple[str, ...] = attrs.field(init=False)
    """The names of the fields that hold entities."""

    @entities.default
    def _entities(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields if field.names_entities)

    def __repr__(self) -> str:
        return f"<EventType {self.name}, version {self.version}: {len(self.fields)} fields>"

    @property
    def doc(self) -> str:
        """When to use it, in the words of the class."""
        return (self.cls.__doc__ or "").strip()

    @property
    def summary(self) -> str:
        """When to use it, in short; of one that is retired, that it is."""
        return f"{in_short(self.doc)} (retired: only read)" if self.retired else in_short(self.doc)

    @property
    def shape(self) -> dict[str, Any]:
        """What a file keeps of it, as plain JSON: its fields, and which of them say who is who."""
        says = {"naming": self.naming, "sameness": self.sameness}
        fields = {field.name: field.shape for field in self.fields}
        return {"fields": fields, **{name: list(said) for name, said in says.items() if said is not None}}

    def check_said(self) -> None:
        """See that such events are still said.

        Raises:
            NotAllowed: if the type is retired.
        """
        if self.retired:
            raise NotAllowed(f"{self.name} is retired: such events are only read; say it with another type")

    def dates(self, name: str) -> bool:
        """Whether an attribute is a date: when it occurred, or a field."""
        return name == "occurred" or self.field(name).kind is Kind.WHEN

    def field(self, name: str) -> Field:
        """The field of that name.

        Raises:
            CatalogueError: if there is none.
        """
        for one in self.fields:
            if one.name == name:
                return one
        raise CatalogueError(
            f"{self.name} has no field {name!r}; it has {', '.join(f.name for f in self.fields)}"
        )


@attrs.frozen
class Event:
    """Something that happened, and when, as far as known.

    `occurred` is positional and read as `When` reads dates; all that a subtype adds is by keyword.
    """

    __timeline__: ClassVar[EventType]
    __plain__: ClassVar[tuple[Field, ...]] = ()

    occurred: When = attrs.field(converter=when)

    def __attrs_post_init__(self) -> None:
        """Clean the fields that no converter reads; all problems are told together."""
        problems: list[tuple[str, str]] = []
        for field in self.__plain__:
            given = getattr(self, field.name)
            try:
                read = read_field(field, given)
            except TimelineError as problem:
                problems.append((f"{self.__timeline__.name}.{field.name}", str(problem)))
                continue
            if read is not given:
                object.__setattr__(self, field.name, read)
        if problems:
            raise InvalidData(problems)


@checked
def event_type(
    name: str,
    *,
    says: str,
    version: int = 1,
    upcasts: Sequence[Upcast] = (),
    naming: tuple[str, str] | None = None,
    sameness: tuple[str, str] | None = None,
    formerly: str | Sequence[str] = (),
    retired: bool = False,
) -> Callable[[type[E]], type[E]]:
    """Register an event class, itself `attrs.frozen(kw_only=True)`, under a snake_case name.

    `says` is the sentence that tells such an event: `{field}` is replaced by the field, and what stands in
    square brackets is left out where a field in it is empty. `upcasts` turn the data of version 1 into
    version 2, of 2 into 3, and so on, up to `version`. `naming` names the fields that hold an entity and
    the name that the event gives it. `sameness` names the fields that hold an entity and the one that it
    is; no state draws on such events. `formerly` is the name that the type had before, or several: what was
    said under it is read as of this type. Of a type that is `retired` nothing more is said.

    Raises:
        CatalogueError: when the module is imported, if the class does not fit what is said of it.
    """

    def register(cls: type[E]) -> type[E]:
        if not (isinstance(cls, type) and issubclass(cls, Event) and cls is not Event):
            raise CatalogueError(f"{shown(cls)} is no class of events, which derives from Event")
        check_declared(name, cls, "when to use it")
        if "__attrs_attrs__" not in vars(cls):
            raise CatalogueError(f"{cls.__name__} needs @attrs.frozen(kw_only=True)")
        fields = tuple(_fields(cls))
        before = (formerly,) if isinstance(formerly, str) else tuple(formerly)
        if name in before or not all(isinstance(one, str) and one.isidentifier() for one in before):
            raise CatalogueError(f"{name} cannot formerly have been called {formerly!r}")
        sentence = Sentence.parse(says, {field.name for field in fields} | {"occurred"})
        _check_names(name, fields, naming, sameness)
        cls.__timeline__ = EventType(
            name=name,
            version=version,
            cls=cls,
            fields=fields,
            says=sentence,
            upcasts=tuple(upcasts),
            naming=naming,
            sameness=sameness,
            formerly=before,
            retired=retired,
        )
        cls.__plain__ = tuple(field for field in fields if field.kind.converter is None)
        return cls

    return register


def _fields(cls: type[Any]) -> Iterable[Field]:
    """The fields of a class, none of which is called as what a record says of itself."""
    for field in fields_of(cls):
        if field.name in _KEYWORDS:
            problem = f"{field.name!r} means what a record says of itself"
            raise CatalogueError(f"{cls.__name__}.{field.name}: {problem}; call the field otherwise")
        yield field


def _check_names(
    name: str, fields: Sequence[Field], naming: Sequence[str] | None, sameness: Sequence[str] | None
) -> None:
    for one in naming or ():
        if one not in {field.name for field in fields}:
            raise CatalogueError(f"{name} has no field {one!r} to name by")
    single = {field.name for field in fields if field.kind is Kind.ENTITY and not field.nullable}
    for one in sameness or ():
        if one not in single:
            raise CatalogueError(f"{name} has no field {one!r} that holds one entity, to tell who is who")


def spoken_of(event: Event) -> Iterable[str]:
    """The names or ids of entities in an event, as given."""
    for name in event.__timeline__.entities:
        value = getattr(event, name)
        yield from value if isinstance(value, tuple) else () if value is None else (value,)


def amended(event: E, changes: Mapping[str, Any]) -> E:
    """The event with some fields changed, each given in any form that it reads; the rest stays as it is.

    Raises:
        UnknownField: if it has no such field, with the nearest names.
        InvalidData: if a value cannot be read.
    """
    names = ("occurred", *(field.name for field in event.__timeline__.fields))
    for name in changes:
        if name not in names:
            raise UnknownField(name, nearest(name, names) or names)
    return attrs.evolve(event, **changes)


def read_as(event: E, ids: Mapping[str, str]) -> E:
    """The event with ids read as others, each of several once; the same one if it speaks of none of them.

    What the class checks is not checked again: it was said of others, and is to be read all the same.
    """
    if not ids:
        return event
    changes: dict[str, Any] = {}
    for name in event.__timeline__.entities:
        value = getattr(event, name)
        if isinstance(value, tuple):
            read: Any = tuple(dict.fromkeys(ids.get(one, one) for one in value))
        else:
            read = ids.get(value, value)
        if read != value:
            changes[name] = read
    if not changes:
        return event
    read_event = copy.copy(event)
    for name, value in changes.items():
        object.__setattr__(read_event, name, value)
    return read_event
