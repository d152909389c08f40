"""The fields of events: what kinds there are, and how what is given for one is read."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final, Literal

import attrs
import msgspec

from timeline.values import (
    BadText,
    CatalogueError,
    Entity,
    Funds,
    Money,
    TimelineError,
    When,
    Whenever,
    clean_name,
    clean_text,
    kept,
    plain,
)


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


def _flagged(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadText(value, "is neither true nor false")
    return value


def _same(value: Any) -> Any:
    return value


@attrs.frozen(kw_only=True, eq=False)
class Kind:
    """What a field of an event holds, and all that follows from it; the kinds there are stand below.

    How a kind lies in tables is said in `compile/tables.py`; all else asks for it here.
    """

    name: str
    noun: str
    """What it is, in the middle of a sentence."""
    takes: str
    """What is to be given for it, and in what form."""
    sample: Any
    """A value that would do, as given."""
    hint: Any
    """The annotation of its fields, but for `| None`."""
    holds: type
    """The class of its values."""
    read: Callable[[Any], Any]
    """Reads what was given; what it refuses is a TimelineError."""
    write: Callable[[Any], Any] = _same
    """A value as plain JSON, as the log has it."""
    words: Callable[[Any], str] = str
    """A value in words; entities and texts are told by name."""
    heard: Callable[[Any], Any] = _same
    """What a text of a file or table gives to `read`."""
    json: tuple[str, ...] = ("string",)
    """The types of JSON that a value may be given as."""
    converter: str | None = None
    """The converter that reads it as soon as it is given, by its name in `timeline.declare`."""
    names_entities: bool = False
    several: bool = False
    """Whether it holds a tuple, of none too."""
    keys: bool = False
    """Whether what it holds may tell things apart: as a key of a state or of a rule."""
    sums: type | None = None
    """The class of what its values add up to; None if they cannot be added."""
    bracketed: bool = False
    """Whether square brackets in a text of it are its own, and make no list."""

    ENTITY: ClassVar[Kind]
    ENTITIES: ClassVar[Kind]
    TEXT: ClassVar[Kind]
    TEXTS: ClassVar[Kind]
    WHEN: ClassVar[Kind]
    MONEY: ClassVar[Kind]
    DECIMAL: ClassVar[Kind]
    FLAG: ClassVar[Kind]

    def __repr__(self) -> str:
        return f"Kind.{self.name.upper()}"


Kind.ENTITY = Kind(
    name="entity",
    noun="an entity",
    takes="a name or id",
    sample="Acme",
    hint=Entity,
    holds=str,
    read=clean_name,
    names_entities=True,
    keys=True,
)
Kind.ENTITIES = Kind(
    name="entities",
    noun="entities",
    takes="names or ids, as in [Acme, Bolt]",
    sample="Acme",
    hint=tuple[Entity, ...],
    holds=tuple,
    read=entities,
    write=list,
    json=("array",),
    converter="entities",
    names_entities=True,
    several=True,
    keys=True,
)
Kind.TEXT = Kind(
    name="text",
    noun="text",
    takes="a text",
    sample="a few words",
    hint=str,
    holds=str,
    read=clean_text,
    keys=True,
)
Kind.TEXTS = Kind(
    name="texts",
    noun="texts",
    takes="texts, as in [one, another]",
    sample="a few words",
    hint=tuple[str, ...],
    holds=tuple,
    read=texts,
    write=list,
    json=("array",),
    converter="texts",
    several=True,
    keys=True,
)
Kind.WHEN = Kind(
    name="when",
    noun="a date",
    takes="a date, such as 2018 or 2018-01-31 or [2018..2022-11]",
    sample="2025",
    hint=When,
    holds=When,
    read=when,
    write=lambda value: value.text,
    words=lambda value: value.words,
    converter="when",
    bracketed=True,
)
Kind.MONEY = Kind(
    name="money",
    noun="an amount of money",
    takes="an amount, such as 2.5m EUR or up to $1bn",
    sample="$1bn",
    hint=Money,
    holds=Money,
    read=money,
    write=lambda value: dict(sorted(value.as_dict().items())),
    converter="money",
    sums=Funds,
)
Kind.DECIMAL = Kind(
    name="decimal",
    noun="a number",
    takes="a number",
    sample="100",
    hint=Decimal,
    holds=Decimal,
    read=decimal,
    write=plain,
    words=lambda value: f"{value:,f}",
    json=("number", "string"),
    converter="decimal",
    sums=Decimal,
)
Kind.FLAG = Kind(
    name="flag",
    noun="yes or no",
    takes="true or false",
    sample=True,
    hint=bool,
    holds=bool,
    read=_flagged,
    words=lambda value: "yes" if value else "no",
    heard=flag,
    json=("boolean",),
)
KINDS: Final = tuple(kind for kind in vars(Kind).values() if isinstance(kind, Kind))
"""All kinds of fields."""

_BY_HINT: Final[Mapping[Any, Kind]] = {kind.hint: kind for kind in KINDS}
_BY_CLASS: Final[Mapping[type, Kind]] = {kind.holds: kind for kind in KINDS if not kind.keys}


def kind_of(value: object) -> Kind | None:
    """The kind that a value by itself is of; None if it is an entity, a text, several, or none at all."""
    return _BY_CLASS.get(type(value))


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
        return self.kind.names_entities

    @property
    def takes(self) -> str:
        """What it takes, in words."""
        return f"one of {', '.join(self.choices)}" if self.choices else self.kind.takes

    @property
    def may_be_blank(self) -> bool:
        """Whether it may be left empty where nothing is known of it."""
        return self.nullable or self.kind.several

    @property
    def shape(self) -> dict[str, Any]:
        """What a file keeps of it: its kind, and what it may hold and holds by default, as plain JSON."""
        kind = f"{self.kind.name} or nothing" if self.nullable else self.kind.name
        choices = {"choices": sorted(self.choices)} if self.choices else {}
        default = {} if self.default is None else {"default": self.default}
        return {"kind": kind, **choices, **default}


def read_field(field: Field, value: Any) -> Any:
    """The value that a field holds for what was given, without sameness of names.

    Raises:
        TimelineError: if it does not fit, saying what is wrong with the value.
    """
    if value is None:
        if field.nullable:
            return None
        raise BadText(value, "is given, but a value is needed")
    read = field.kind.read(value.strip() if field.choices and isinstance(value, str) else value)
    if field.choices and read not in field.choices:
        raise BadText(value, f"is not one of {', '.join(field.choices)}")
    return read


def written(kind: Kind, value: Any) -> Any:
    """The value of a field of a kind as plain JSON, as the log has it."""
    return None if value is None else kind.write(value)


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
        return _BY_HINT[hint], nullable, ()
    except (KeyError, TypeError):
        one = ", ".join(kind.hint.__name__ for kind in KINDS if not kind.several)
        several = " or ".join(typing.get_args(kind.hint)[0].__name__ for kind in KINDS if kind.several)
        wanted = f"{one}, Literal, or a tuple of {several}"
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
        if kind.converter is not None and attribute.converter is None:
            converter = "optional_when" if nullable and kind is Kind.WHEN else kind.converter
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
