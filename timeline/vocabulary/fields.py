"""The fields of events: what kinds there are, and how what is given for one is read."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal

import attrs
import msgspec

from timeline.values import (
    BadText,
    CatalogueError,
    Entity,
    Money,
    TimelineError,
    When,
    Whenever,
    clean_name,
    clean_text,
    kept,
    plain,
)

__all__ = [
    "Field",
    "Kind",
    "decimal",
    "entities",
    "fields_of",
    "flag",
    "hints_of",
    "money",
    "read_field",
    "texts",
    "when",
    "written",
]


class Kind(Enum):
    """What a field of an event holds; decides how it is read, stored and laid out in columns."""

    ENTITY = "entity"
    ENTITIES = "entities"
    TEXT = "text"
    TEXTS = "texts"
    WHEN = "when"
    MONEY = "money"
    DECIMAL = "decimal"
    FLAG = "flag"


@attrs.frozen(kw_only=True)
class Field:
    """One field of an event type."""

    name: str
    kind: Kind
    required: bool
    nullable: bool
    choices: tuple[str, ...] = ()
    default: str | None = None
    """What it holds where nothing is given, as JSON; None where something has to be given."""

    names_entities: bool = attrs.field(init=False)
    """Whether it holds entities."""

    @names_entities.default
    def _holds_entities(self) -> bool:
        return self.kind in {Kind.ENTITY, Kind.ENTITIES}

    @property
    def converted(self) -> bool:
        """Whether a converter of its own reads it."""
        return self.kind in _CONVERTED

    @property
    def shape(self) -> dict[str, Any]:
        """What a file keeps of it: its kind, and what it may hold and holds by default, as plain JSON."""
        kind = f"{self.kind.value} or nothing" if self.nullable else self.kind.value
        choices = {"choices": sorted(self.choices)} if self.choices else {}
        default = {} if self.default is None else {"default": self.default}
        return {"kind": kind, **choices, **default}


def when(value: Whenever) -> When:
    """Read a date; a converter for fields of type `When`."""
    return When.read(value)


def money(value: Money | str | Mapping[str, Any] | None) -> Money | None:
    """Read an amount or nothing; a converter for fields of type `Money | None`."""
    return None if value is None else Money.read(value)


def decimal(value: Decimal | str | int | None) -> Decimal | None:
    """Read an exact number or nothing; a converter for fields of type `Decimal | None`.

    Raises:
        BadText: for floats, for what is no number, and for over 28 digits before the point or 10 behind it.
    """
    if value is None:
        return None
    if isinstance(value, float | bool):
        raise BadText(value, "is not exact; write the number as text")
    if not isinstance(value, Decimal | int | str):
        raise BadText(value, "is not a number")
    number = kept(value.strip().replace("_", "") if isinstance(value, str) else value)
    if isinstance(number, str):
        raise BadText(value, number)
    return number


def entities(value: Iterable[str] | str) -> tuple[Entity, ...]:
    """One entity or several, in the order given, each once; a converter for fields of several entities."""
    return _several(value, clean_name)


def texts(value: Iterable[str] | str) -> tuple[str, ...]:
    """One text or several, in the order given, each once; a converter for fields of several texts."""
    return _several(value, clean_text)


def _several(value: Iterable[str] | str, clean: Callable[[object], str]) -> tuple[str, ...]:
    if isinstance(value, Mapping) or not isinstance(value, str | Iterable):
        raise BadText(value, "is not a list of texts")
    several = (value,) if isinstance(value, str) else value
    return tuple(dict.fromkeys(clean(one) for one in several))


_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}


def flag(text: object) -> bool:
    """The flag that a text of a file or table says: true, false, yes or no, in whatever case.

    Raises:
        BadText: if it says neither.
    """
    said = _FLAGS.get(text.lower()) if isinstance(text, str) else None
    if said is None:
        raise BadText(text, "is neither true nor false")
    return said


_READERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    Kind.ENTITY: clean_name,
    Kind.ENTITIES: entities,
    Kind.TEXT: clean_text,
    Kind.TEXTS: texts,
    Kind.WHEN: when,
    Kind.MONEY: money,
    Kind.DECIMAL: decimal,
}
_CONVERTED: Final = {
    Kind.ENTITIES: "entities",
    Kind.TEXTS: "texts",
    Kind.WHEN: "when",
    Kind.MONEY: "money",
    Kind.DECIMAL: "decimal",
}


def read_field(field: Field, value: Any) -> Any:
    """The value that a field holds for what was given, without sameness of names.

    Raises:
        TimelineError: if it does not fit, saying what is wrong with the value.
    """
    if value is None:
        if field.nullable:
            return None
        raise BadText(value, "is given, but a value is needed")
    if field.kind is Kind.FLAG:
        if not isinstance(value, bool):
            raise BadText(value, "is neither true nor false")
        return value
    read = _READERS[field.kind](value.strip() if field.choices and isinstance(value, str) else value)
    if field.choices and read not in field.choices:
        raise BadText(value, f"is not one of {', '.join(field.choices)}")
    return read


def _same(value: Any) -> Any:
    return value


_WRITERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    Kind.WHEN: lambda value: value.text,
    Kind.MONEY: lambda value: dict(sorted(value.as_dict().items())),
    Kind.DECIMAL: plain,
    Kind.ENTITIES: list,
    Kind.TEXTS: list,
}


def written(kind: Kind, value: Any) -> Any:
    """The value of a field of a kind as plain JSON, as the log has it."""
    return None if value is None else _WRITERS.get(kind, _same)(value)


_KINDS: Final[dict[Any, Kind]] = {
    Entity: Kind.ENTITY,
    tuple[Entity, ...]: Kind.ENTITIES,
    str: Kind.TEXT,
    tuple[str, ...]: Kind.TEXTS,
    When: Kind.WHEN,
    Money: Kind.MONEY,
    Decimal: Kind.DECIMAL,
    bool: Kind.FLAG,
}


def _kind(hint: Any, where: str) -> tuple[Kind, bool, tuple[str, ...]]:
    """The kind of a field, whether it may be None, and the texts it may hold, from its annotation."""
    nullable = False
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        parts = [part for part in typing.get_args(hint) if part is not types.NoneType]
        nullable = len(parts) < len(typing.get_args(hint))
        hint = parts[0] if len(parts) == 1 else hint
    if typing.get_origin(hint) is Literal:
        return Kind.TEXT, nullable, typing.get_args(hint)
    try:
        return _KINDS[hint], nullable, ()
    except (KeyError, TypeError):
        wanted = "Entity, str, When, Money, Decimal, bool, Literal, or a tuple of Entity or str"
        raise CatalogueError(f"{where} is annotated {hint!r}; a field of an event is {wanted}") from None


def hints_of(cls: type[Any], *, include_extras: bool = False) -> dict[str, Any]:
    """The annotations of a class.

    Raises:
        CatalogueError: if one cannot be read.
    """
    try:
        return typing.get_type_hints(cls, include_extras=include_extras)
    except (NameError, SyntaxError, TypeError, AttributeError) as problem:
        raise CatalogueError(f"{cls.__name__} has an annotation that cannot be read: {problem}") from None


def fields_of(cls: type[Any]) -> Iterable[Field]:
    """The fields of an event class, from its annotations; `occurred` is not among them.

    Raises:
        CatalogueError: if one is annotated as no field of an event can be, or lacks its converter.
    """
    hints = hints_of(cls, include_extras=True)
    for attribute in attrs.fields(cls):
        if attribute.name == "occurred":
            continue
        kind, nullable, choices = _kind(hints[attribute.name], f"{cls.__name__}.{attribute.name}")
        if kind in _CONVERTED and attribute.converter is None:
            converter = "optional_when" if nullable and kind is Kind.WHEN else _CONVERTED[kind]
            wanted = f"field(converter={converter}), so that text is read"
            raise CatalogueError(f"{cls.__name__}.{attribute.name} needs {wanted}")
        field = Field(
            name=attribute.name,
            kind=kind,
            required=attribute.default is attrs.NOTHING,
            nullable=nullable,
            choices=choices,
        )
        yield field if field.required else attrs.evolve(field, default=_default(attribute, field))


def _default(attribute: attrs.Attribute[Any], field: Field) -> str:
    """The default of an attribute as JSON; of one that is worked out, or would be refused, its code."""
    given: Any = attribute.default
    if isinstance(given, attrs.Factory):  # type: ignore[arg-type]
        if given.takes_self:
            return f"worked out by {getattr(given.factory, '__name__', 'a function')}"
        given = given.factory()
    try:
        return msgspec.json.encode(written(field.kind, read_field(field, given))).decode()
    except TimelineError:
        return repr(given)
