"""What the digests of records and commits cover."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from timeline.records.codec import canonical, source_id
from timeline.records.record import Record
from timeline.values import Source, stored_instant

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
    position, ident, ref, *alike, data, entities, summary = texts
    own = _led((position, ident, ref)), _led_alike(*alike), _led((data, entities, summary, salt))
    return hashlib.sha256(b"".join(own)).hexdigest()


@functools.lru_cache(maxsize=4_096)
def _led_alike(*texts: str | None) -> bytes:
    """The same of texts that many records have alike."""
    return _led(texts)


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
