"""Events to canonical JSON text and back, brought up to date on the way, and the ids of records."""

from __future__ import annotations

import functools
import hashlib
import operator
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import attrs
import cattrs
import msgspec
from cattrs.gen import make_dict_structure_fn
from cattrs.preconf.msgspec import make_converter

from timeline.records.record import Assertion, Record, Reference, Statement
from timeline.records.standing import FOREVER
from timeline.values import (
    BadText,
    CatalogueError,
    InvalidData,
    Source,
    TimelineError,
    UnknownRecord,
    When,
    clean_name,
)
from timeline.vocabulary import Catalogue, Event, EventType, Field, read_field, written

MARKS: Final = UUID("6f3c1c0e-5d0b-5c8e-9a43-0c6d2e9f1a01")
"""The namespace of the ids that marks stand for."""

CONTENT: Final = UUID("6f3c1c0e-5d0b-5c8e-9a43-0c6d2e9f1a02")
"""The namespace of the ids that are derived from content."""

_CONVERTER: Final = make_converter(forbid_extra_keys=True)
_SOURCES: Final = UUID("6f3c1c0e-5d0b-5c8e-9a43-0c6d2e9f1a03")


def canonical(value: Any) -> str:
    """JSON text in the canonical form of RFC 8785; holds texts, true, false, null, lists and mappings only.

    >>> canonical({"b": None, "a": ["é"]})
    '{"a":["é"],"b":null}'
    """
    text = msgspec.json.encode(value, order="deterministic")
    return (text if text.isascii() else msgspec.json.encode(_sorted(value))).decode()


def _sorted(value: Any) -> Any:
    """Mappings in the order of RFC 8785: by UTF-16 code units of their keys; all text in NFC."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        normal = {_sorted(key): _sorted(one) for key, one in value.items()}
        return {key: normal[key] for key in sorted(normal, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_sorted(one) for one in value]
    return value


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _uuid5(namespace: bytes, name: str) -> UUID:
    """As `uuid.uuid5` (RFC 9562), in half the time."""
    number = int.from_bytes(hashlib.sha1(namespace + name.encode(), usedforsecurity=False).digest()[:16])
    return UUID(int=number & ~(0xF000 << 64 | 0xC000 << 48) | 5 << 76 | 0x8000 << 48)


def mark_id(ref: str) -> UUID:
    """The id that a mark of the user's own stands for (UUIDv5)."""
    return _uuid5(MARKS.bytes, ref)


def content_id(**content: Any) -> UUID:
    """The id of a record that was given none, derived from its content (UUIDv5)."""
    return _uuid5(CONTENT.bytes, canonical(content))


@functools.lru_cache(maxsize=4_096)
def source_id(source: Source) -> UUID:
    """The id of a source, derived from all that it says but its locator (UUIDv5)."""
    return stored_source_id(attrs.evolve(source, locator=None).as_dict())


def stored_source_id(said: Mapping[str, str]) -> UUID:
    """The id of a source from all that it says, by field, as texts."""
    return _uuid5(_SOURCES.bytes, canonical(said))


_KEPT: Final = 4_096
"""Of so many values of a field it is kept how they are written."""


def _writer(field: Field) -> tuple[Callable[[Event], Any], Callable[[Any], str]]:
    """How a field is written: how its value is got, and its JSON text led by its name."""

    @functools.lru_cache(maxsize=_KEPT)
    def write(value: Any) -> str:
        return f'"{field.name}":{msgspec.json.encode(written(field.kind, value)).decode()}'

    return operator.attrgetter(field.name), write


class Codec:
    """Reads and writes the events of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._writers = {
            name: [_writer(field) for field in sorted(kind.fields, key=_name)]
            for name, kind in catalogue.events.items()
        }
        self._readers: dict[str, Callable[[Mapping[str, Any], type[Event]], Event]] = {}

    def write(self, event: Event) -> str:
        """The canonical data of an event: every field but `occurred`, defaults written out."""
        writers = self._writers[event.__timeline__.name]
        return f"{{{','.join([write(get(event)) for get, write in writers])}}}"

    def read(
        self, type_name: str, occurred: When | str, data: Mapping[str, Any], version: int | None = None
    ) -> Event:
        """An event from its data; that of an older version is brought up to date first.

        Raises:
            UnknownType: if the catalogue has no such event type.
            CatalogueError: if it knows the type only up to an older version.
            InvalidData: if fields are unknown, missing or wrong, each with its path.
        """
        kind = self.catalogue.event(type_name)
        if version is not None and version > kind.version:
            raise CatalogueError(
                f"{type_name} is stored at version {version}, and {self.catalogue.name} knows it up to "
                f"{kind.version}: use a newer vocabulary"
            )
        current = dict(data)
        for upcast in kind.upcasts[(version or kind.version) - 1 :]:
            current = upcast(current)
        return self.structure(kind, {"occurred": occurred, **current})

    def structure(self, kind: EventType, values: Mapping[str, Any]) -> Event:
        """An event from all its fields, `occurred` among them.

        Raises:
            InvalidData: if fields are unknown, missing or wrong, each with its path.
        """
        read = self._readers.get(kind.name)
        if read is None:
            read = self._readers[kind.name] = _reader(kind)
        try:
            return read(values, kind.cls)
        except cattrs.BaseValidationError as problem:
            raise InvalidData(_problems(kind, problem, values)) from None

    def stored(self, type_name: str, version: int, occurred: str, data: str) -> Event:
        """An event from its stored columns."""
        return self.read(type_name, occurred, msgspec.json.decode(data), version)


def _name(field: Field) -> str:
    return field.name


def _reader(kind: EventType) -> Callable[[Mapping[str, Any], type[Event]], Event]:
    """What makes events of a type: each field is read as its kind says, unknown ones are refused."""
    overrides: dict[str, Any] = {
        field.name: cattrs.override(struct_hook=_hook(field)) for field in kind.fields
    }
    overrides["occurred"] = cattrs.override(struct_hook=lambda value, _: When.read(value))
    return make_dict_structure_fn(kind.cls, _CONVERTER, _cattrs_forbid_extra_keys=True, **overrides)


def _hook(field: Field) -> Any:
    return lambda value, _: read_field(field, value)


def _problems(kind: EventType, problem: BaseException, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What cattrs found, as (path, what is wrong), in the order of the fields."""
    if isinstance(problem, cattrs.ClassValidationError):
        with_notes, without = problem.group_exceptions()
        found = [(f"{kind.name}.{note.name}", _told(error, note.name)) for error, note in with_notes]
        return found + [pair for error in without for pair in _problems(kind, error, values)]
    if isinstance(problem, cattrs.ForbiddenExtraKeysError):
        known = ", ".join(["occurred", *(field.name for field in kind.fields)])
        return [
            (f"{kind.name}.{name}", f"is no field; they are {known}") for name in sorted(problem.extra_fields)
        ]
    if isinstance(problem, InvalidData):
        return list(problem.problems)
    if isinstance(problem, KeyError):
        return [(f"{kind.name}.{problem.args[0]}", "is missing")]
    return [(kind.name, str(problem))]


def _told(error: BaseException, name: str) -> str:
    if isinstance(error, KeyError) and not isinstance(error, TimelineError):
        return "is missing"
    return str(error) if isinstance(error, TimelineError) else f"{type(error).__name__}: {error} ({name})"


Given = tuple[UUID, str | None]
"""An id, and the mark that it was given as, if it was one."""


def read_id(value: UUID | str) -> Given:
    """The id that a caller gives a record, and the mark it was given as, if it is no UUID.

    Raises:
        BadText: if it is blank, or digits alone (those mean positions).
    """
    if isinstance(value, UUID):
        return value, None
    mark = clean_name(value)
    if mark.removeprefix("#").isdecimal():
        raise BadText(value, "is digits alone, which mean a position; give the id a letter")
    if mark.startswith("#"):
        raise BadText(value, "begins with #, which points at a position; leave it out")
    try:
        return UUID(mark) if len(mark) == 36 else mark_id(mark), mark if len(mark) != 36 else None
    except ValueError:
        return mark_id(mark), mark


def reference(value: Reference) -> UUID | int:
    """What a reference to a record comes to: an id or a position.

    Raises:
        UnknownRecord: if it is neither a record, an id, a mark nor a position, which begin at 1.
    """
    if isinstance(value, Record):
        return value.id
    if isinstance(value, UUID):
        return value
    if isinstance(value, str) and value.strip():
        digits = value.strip().removeprefix("#")
        if not (digits.isdecimal() and digits.isascii()):
            return read_id(value)[0]
        position = int(digits[:20])
    else:
        position = value if isinstance(value, int) and not isinstance(value, bool) else 0
    if 1 <= position < FOREVER:
        return position
    raise UnknownRecord(value)


def given_id(statement: Statement) -> Given | None:
    """The id and mark that a statement is given, if any, once it is seen that its target can be read too."""
    given = None if statement.id is None else read_id(statement.id)
    if not isinstance(statement, Assertion):
        reference(statement.target)
    return given


def derived_id(
    *,
    kind: str,
    target: UUID | None,
    type_: str | None,
    data: str | None,
    occurred: str | None,
    credence: str,
    **more: Any,
) -> UUID:
    """The id of a record that was given none, derived from all that it says."""
    return content_id(
        kind=kind,
        target=None if target is None else str(target),
        type=type_,
        data=None if data is None else msgspec.json.decode(data),
        occurred=occurred,
        credence=credence,
        **more,
    )
