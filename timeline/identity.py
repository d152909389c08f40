"""The ids of records that were given none, and those that records of older versions would have today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import UUID

import msgspec

from timeline.codec import content_id
from timeline.log import Log
from timeline.record import Record
from timeline.tables import Layout

__all__ = ["IDS_TODAY", "derived_id", "ids_today"]

IDS_TODAY: Final = Layout("ids_today", {"id": "UUID", "position": "BIGINT"})
"""The table: by what other ids records are found, as their events have them today."""


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


def ids_today(log: Log, records: Iterable[Record]) -> Iterator[tuple[UUID, int]]:
    """Of records with a derived id, that which their events would be given today, where it is another.

    Each with the position of its record.
    """
    said = [one for one in records if one.event is not None and one.ref is None]
    targets = log.ids_at({one.target for one in said if one.target is not None})
    for record in said:
        if record.event is None:
            continue
        kind = record.event.__timeline__
        own: dict[str, Any] = {
            "kind": record.kind,
            "target": None if record.target is None else targets[record.target],
            "occurred": record.event.occurred.text,
            "credence": record.credence,
        }
        names = (*kind.formerly, kind.name)
        if record.id in {derived_id(type_=name, data=record.data, **own) for name in names}:
            today = derived_id(type_=kind.name, data=log.codec.write(record.event), **own)
            if today != record.id:
                yield today, record.position
