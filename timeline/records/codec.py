"""Events and records as the texts that are stored: canonical JSON and back, and the digests over them."""

from __future__ import annotations

import functools
import hashlib
import operator
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import attrs
import cattrs
import msgspec
from cattrs.gen import make_dict_structure_fn
from cattrs.preconf.msgspec import make_converter

from timeline.records.record import Record
from timeline.values import CatalogueError, InvalidData, Source, TimelineError, When, stored_instant
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


def _writer(field: Field) -> tuple[str, Callable[[Event], Any], Callable[[Any], str]]:
    """How a field is written: what leads its value, how that is got, and its JSON text."""

    @functools.lru_cache(maxsize=_KEPT)
    def write(value: Any) -> str:
        return msgspec.json.encode(written(field.kind, value)).decode()

    return f'"{field.name}":', operator.attrgetter(field.name), write


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
        return f"{{{','.join([led + write(get(event)) for led, get, write in writers])}}}"

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


GENESIS: Final = "0" * 64
"""The digest that the first commit of a log is chained to."""

COVERED: Final[Mapping[str, str]] = {
    "position": "position::VARCHAR",
    "id": "id::VARCHAR",
    "ref": "ref",
    "kind": "kind",
    "type": "type",
    "version": "version::VARCHAR",
    "occurred": "occurred",
    "known_at": "known_at::VARCHAR",
    "recorded_at": "recorded_at::VARCHAR",
    "credence": "credence",
    "actor": "actor",
    "note": "note",
    "target": "target::VARCHAR",
    "sources": "sources",
    "names": "names",
    "data": "data",
    "entities": "to_json(entities)::VARCHAR",
    "summary": "summary",
    "salt": "salt",
}
"""The columns of a record that its digest covers, in order, each with the SQL of its text."""

_ALWAYS: Final = frozenset(
    {
        "position",
        "id",
        "kind",
        "known_at",
        "recorded_at",
        "credence",
        "sources",
        "names",
        "entities",
        "summary",
    }
)
"""Those of them that are never absent."""


def record_texts(record: Record) -> list[str | None]:
    """The columns of a record that its digest covers, as the texts that are stored."""
    return [
        str(record.position),
        str(record.id),
        record.ref,
        record.kind,
        record.type,
        None if record.version is None else str(record.version),
        None if record.occurred is None else record.occurred.text,
        stored_instant(record.known_at),
        stored_instant(record.recorded_at),
        record.credence,
        record.actor,
        record.note,
        None if record.target is None else str(record.target),
        _cited(record.sources),
        canonical(dict(record.names)) if record.names else "{}",
        record.data,
        _listed(record.entities),
        record.summary,
    ]


@functools.lru_cache(maxsize=4_096)
def _listed(entities: tuple[str, ...]) -> str:
    return canonical(entities)


@functools.lru_cache(maxsize=4_096)
def _cited(sources: tuple[Source, ...]) -> str:
    return canonical([{"source": str(source_id(one)), "locator": one.locator} for one in sources])


def _led(texts: Sequence[str | None]) -> bytes:
    """Texts one behind the other, each led by its length in bytes; an absent one is `~`."""
    whole = "".join(["~" if text is None else f"{len(text)}:{text}" for text in texts])
    if not whole.isascii():
        whole = "".join(["~" if text is None else f"{len(text.encode())}:{text}" for text in texts])
    return whole.encode()


def record_digest(texts: Sequence[str | None], salt: str) -> str:
    """The digest of a record: SHA-256 over its texts and a salt of its own, as hexadecimal digits."""
    return hashlib.sha256(_led((*texts, salt))).hexdigest()


def record_digest_sql() -> str:
    """SQL for the digest of a row of `log`."""
    parts = [_led_sql(text, always=name in _ALWAYS) for name, text in COVERED.items()]
    return f"sha256(concat({', '.join(parts)}))"


def _led_sql(text: str, *, always: bool) -> str:
    """SQL for arguments of `concat`: a text led by its length, or `~` if it is absent."""
    if always:
        return f"strlen({text}), ':', {text}"
    return f"coalesce(strlen({text}) || ':', '~'), {text}"  # `concat` takes NULL for nothing


class CommitDigest:
    """The digest of a commit, chained to the one before it, over its records in order and its own fields."""

    def __init__(self, previous: str) -> None:
        self._whole = hashlib.sha256(_led([previous]))

    def add(self, digests: Sequence[str]) -> None:
        """Take the digests of the next records."""
        self._whole.update(_led(digests))

    def add_led(self, text: str) -> None:
        """Take those of the next records as one text, each led by its length."""
        self._whole.update(text.encode())

    def closed(
        self, first: int, last: int, recorded_at: datetime, actor: str | None, note: str | None
    ) -> str:
        """The digest, now that all records are there; the positions are those of the first and the last."""
        self._whole.update(_led([str(first), str(last), stored_instant(recorded_at), actor, note]))
        return self._whole.hexdigest()


def streamed_digest(
    previous: str,
    led: Iterable[str],
    first: int,
    last: int,
    recorded_at: datetime,
    actor: str | None,
    note: str | None,
) -> str:
    """The digest of a commit; `led` are texts as `CommitDigest.add_led` takes them."""
    digest = CommitDigest(previous)
    for text in led:
        digest.add_led(text)
    return digest.closed(first, last, recorded_at, actor, note)
