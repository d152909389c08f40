"""Arguments of what is public, held against their annotations before anything is done with them.

Dates, sources and whatever else is read from several forms have readers of their own, which say what they
take; here is what has none: texts, numbers, switches, choices, functions, lists of these.
"""

from __future__ import annotations

import collections.abc
import functools
import inspect
import os
import re
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal, TypeVar

from timeline.values.errors import BadText, NotAllowed
from timeline.values.text import either

T = TypeVar("T")
Progress = Callable[[str, int, int | None], Any]
"""Is told how far something is that may take long: the stage, and how many of how many are done."""

Fits = Callable[[Any], bool]
_READ: Final = {"When", "Source", "Record"}
"""What has a reader: where one of these is taken among others, so is all that reads as one."""
_STEADY: Final = frozenset({str, type, types.NoneType})
"""Of these classes, all fit an annotation or none does."""
_MOST: Final = 2**63 - 1
_LONG: Final = 120
_HALF: Final = re.compile("[\ud800-\udfff]")


def checked(thing: T) -> T:
    """A function, or a class with all that is public in it, that refuses arguments which it does not take.

    Raises, when it is called:
        NotAllowed: if an argument is nothing that its annotation names.
        BadText: if a text cannot be kept.
    """
    if isinstance(thing, type):
        for name, member in list(vars(thing).items()):
            if name.startswith("_"):
                continue
            if isinstance(member, classmethod):
                setattr(thing, name, classmethod(_checking(member.__func__)))
            elif inspect.isfunction(member):
                setattr(thing, name, _checking(member))
        return thing
    return typing.cast("T", _checking(typing.cast("Callable[..., Any]", thing)))


def _checking(function: Callable[..., Any]) -> Callable[..., Any]:
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    passed: tuple[tuple[type, ...], tuple[int, ...]] = (), ()

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal passed
        kinds, texts = passed
        if not kwargs and (*map(type, args),) == kinds:
            for index in texts:
                if not args[index].isascii():
                    break
            else:
                return function(*args)
        checks = _checks(function)
        given = [_held(name, value, checks) for name, value in zip(names, args, strict=False)]
        named = {name: _held(name, value, checks) for name, value in kwargs.items()}
        for name in kwargs.keys() - (_taken(function) or kwargs.keys()):
            raise TypeError(f"{function.__qualname__}() got an unexpected keyword argument {name!r}")
        if not kwargs and _by_class(names, args, checks):
            kinds = tuple(map(type, args))
            passed = kinds, tuple(index for index, kind in enumerate(kinds) if kind is str)
        return function(*given, *args[len(given) :], **named)

    return call


def _by_class(names: Sequence[str], args: Sequence[Any], checks: Mapping[str, tuple[Fits, str]]) -> bool:
    """Whether all others of the classes of some that fit do too, so that a hot path need not ask again."""
    return all(
        name not in checks or (type(value) in _STEADY and not checks[name][1].endswith("path"))
        for name, value in zip(names, args, strict=False)
    )


def _held(name: str, value: Any, checks: Mapping[str, tuple[Fits, str]]) -> Any:
    """An argument that is what its annotation says; what can be gone through once only, as a tuple."""
    if (check := checks.get(name)) is None:
        return value
    fits, words = check
    held = tuple(value) if isinstance(value, Iterator) else value
    if not words.endswith("path"):
        for text in held if isinstance(held, list | tuple | set | frozenset) else (held,):
            if isinstance(text, str) and not text.isascii() and _HALF.search(text) is not None:
                raise BadText(text, "holds a half of a character, which no file can keep")
    if not fits(held):
        raise NotAllowed(f"{name}={shown(value)}: it takes {words}")
    return held


@functools.cache
def _checks(function: Callable[..., Any]) -> dict[str, tuple[Fits, str]]:
    """By name of a parameter that has no reader, whether a value fits it, and what it takes in words."""
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        annotation = _resolved(parameter.annotation, function.__globals__)
        if parameter.kind is parameter.VAR_KEYWORD:
            for taken in typing.get_args(annotation):
                found |= typing.get_type_hints(taken)
        elif parameter.kind is not parameter.VAR_POSITIONAL and name not in {"self", "cls"}:
            found[name] = annotation
    checks = {name: (_fits(one), _words(one)) for name, one in found.items()}
    return {name: (fits, words) for name, (fits, words) in checks.items() if fits is not None}


@functools.cache
def _taken(function: Callable[..., Any]) -> frozenset[str]:
    """The keywords of a function that takes some as a typed dictionary; none where Python minds them."""
    parameters = inspect.signature(function).parameters
    for parameter in parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            several = typing.get_args(_resolved(parameter.annotation, function.__globals__))
            return frozenset(key for one in several for key in (*parameters, *one.__annotations__))
    return frozenset()


def _resolved(annotation: Any, known: Mapping[str, Any]) -> Any:
    """An annotation; Any where it names what only type checkers import, but for what reports progress."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, {"Progress": Progress, **known})  # noqa: S307  (our own source)
    except NameError:
        return Any


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in {types.UnionType, typing.Union}:
        return tuple(one for each in typing.get_args(annotation) for one in _alternatives(each))
    if typing.get_origin(annotation) is typing.Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    return (annotation,)


def _fits(annotation: Any) -> Fits | None:
    """Whether a value is what an annotation says; None where that is not for here to say."""
    several = _alternatives(annotation)
    read = _READ.intersection(one.__name__ for one in several if isinstance(one, type))
    if read and len(several) > 1:
        return None
    paths = any(typing.get_origin(one) is os.PathLike for one in several)
    checks = [_is_named if paths and one is str else _form(one)[0] for one in several]
    if None in checks:
        return None
    known = [one for one in checks if one is not None]
    return lambda value: any(check(value) for check in known)


def _words(annotation: Any) -> str:
    """What an annotation takes, in words."""
    return either(dict.fromkeys(_form(one)[1] for one in _alternatives(annotation)))


def _form(one: Any) -> tuple[Fits | None, str]:
    """Whether a value is what one alternative says, None where others say that; and it in words."""
    origin, within = typing.get_origin(one), typing.get_args(one)
    if origin is Literal:
        others = [choice for choice in within if not isinstance(choice, str)]
        texts = len(others) < len(within)  # which it may be, who reads it says
        quoted = (f'"{choice}"' if isinstance(choice, str) else repr(choice) for choice in within)
        return lambda value: (texts and isinstance(value, str)) or any(value is one for one in others), (
            " or ".join(quoted)
        )
    if origin is type:
        return lambda value: isinstance(value, type), "a class"
    if origin is collections.abc.Callable:
        return callable, "a function"
    if origin is os.PathLike:
        return _is_path, "a path"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(within)
    if origin is tuple and within and within[-1] is not ...:
        return _fits_each([_fits(part) for part in within]), f"a tuple of {len(within)}"
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return _several(origin, within)
    if one in _PLAIN:
        return _PLAIN[one]
    named = f"a {getattr(one, '__name__', one)}"
    if isinstance(one, type) and one not in {object, Any}:
        return lambda value: isinstance(value, one), named
    return None, named


def _is_path(value: Any) -> bool:
    if not isinstance(value, os.PathLike):
        return False
    path = os.fspath(value)
    return isinstance(path, str) and _names_a_file(path)


def _is_named(value: Any) -> bool:
    return isinstance(value, str) and _names_a_file(value)


def _names_a_file(text: str) -> bool:
    """Whether a file may be called so; the system has names that are no Unicode."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _mapping(within: tuple[Any, ...]) -> tuple[Fits, str]:
    """Whether a value is a mapping of this to that."""
    keys, values = map(_fits, within or (Any, Any))
    parts = [_words(part) for part in within if part is not Any]

    def fits(value: Any) -> bool:
        return (
            isinstance(value, Mapping)
            and (keys is None or all(map(keys, value)))
            and (values is None or all(map(values, value.values())))
        )

    return fits, f"a mapping of {' to '.join(parts)}" if len(parts) > 1 else "a mapping"


def _several(origin: type, within: tuple[Any, ...]) -> tuple[Fits, str]:
    """Whether a value is several of something; each is looked at where that does not use it up."""
    each = _fits(within[0]) if within else None

    def fits(value: Any) -> bool:
        if not isinstance(value, origin) or isinstance(value, str | bytes | bytearray):
            return False
        return each is None or not isinstance(value, Collection) or all(map(each, value))

    if origin is tuple and within:
        return fits, "a tuple of texts" if within[0] is str else "a tuple"
    return fits, f"several of {_words(within[0])}" if within else "several"


def _fits_each(checks: Sequence[Fits | None]) -> Fits:
    """Whether a value is a tuple of so many, each of which fits."""

    def fits(value: Any) -> bool:
        if not isinstance(value, tuple) or len(value) != len(checks):
            return False
        return all(check is None or check(one) for check, one in zip(checks, value, strict=True))

    return fits


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MOST


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= float("inf")


_NONE: Final[tuple[Fits, str]] = lambda value: value is None, "None"
_PLAIN: Final[Mapping[Any, tuple[Fits, str]]] = {
    str: (lambda value: isinstance(value, str), "a text"),
    int: (_is_whole, "a whole number"),
    float: (_is_number, "a number"),
    bool: (lambda value: isinstance(value, bool), "True or False"),
    types.NoneType: _NONE,
    None: _NONE,
}


def shown(value: Any) -> str:
    """A value in a message: as it is written where that is short and plain, else by its type."""
    if isinstance(value, type):
        return value.__name__
    if value is None or isinstance(value, bool | float | Decimal):
        return repr(value)
    if isinstance(value, int) and abs(value) < 10**40:
        return repr(value)
    if isinstance(value, str) and len(value) <= _LONG:
        return repr(value)
    return f"<{type(value).__name__}>"
