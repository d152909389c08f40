"""What the digests of records and commits cover."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from timeline.codec import canonical, source_id
from timeline.record import Record
from timeline.tables import stored_instant

__all__ = ["GENESIS", "commit_digest", "record_digest", "record_texts"]

GENESIS: Final = "0" * 64
"""The digest that the first commit of a log is chained to."""


def record_texts(record: Record) -> list[str | None]:
    """The columns of a record that its digest covers, as the texts that are stored."""
    sources = [{"source": str(source_id(source)), "locator": source.locator} for source in record.sources]
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
        canonical(sources),
        canonical(dict(record.names)),
        record.data,
    ]


def _digest(texts: Iterable[str | None]) -> str:
    """SHA-256 over texts, each led by its length in bytes; an absent one is `~`."""
    raws = (None if text is None else text.encode() for text in texts)
    whole = b"".join(b"~" if raw is None else b"%d:%s" % (len(raw), raw) for raw in raws)
    return hashlib.sha256(whole).hexdigest()


def record_digest(texts: Sequence[str | None], salt: str) -> str:
    """The digest of a record: SHA-256 over its texts and a salt of its own, as hexadecimal digits."""
    return _digest([*texts, salt])


def commit_digest(
    previous: str, digests: Sequence[str], first: Record, last: Record, actor: str | None, note: str | None
) -> str:
    """The digest of a commit, chained to the one before it, over its records in order and its own fields."""
    own = [str(first.position), str(last.position), stored_instant(last.recorded_at), actor, note]
    return _digest([previous, *digests, *own])
