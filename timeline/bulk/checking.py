"""Rows of event types that check more than each field by itself: made into events one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from timeline.bulk.claims import Claims
from timeline.bulk.faults import RowFault, RowFaults
from timeline.errors import InvalidData, TimelineError
from timeline.event import Event, EventType
from timeline.fields import decimal, entities, money, texts, when
from timeline.log import Log
from timeline.when import optional_when

__all__ = ["check_events"]

_CHUNK: Final = 10_000
_CONVERTERS: Final = {
    entities,
    texts,
    when,
    optional_when,
    money,
    decimal,
    None,
}


def check_events(log: Log, claims: Claims, count: int, faults: RowFaults) -> None:
    """Make every row without a fault into an event, where its class has checks or converters of its own."""
    if not _has_checks(claims.terms.kind):
        return
    for start in range(0, count, _CHUNK):
        rows = log.connection.execute(
            """SELECT row, occurred, data FROM temp.claims
            WHERE row > ? AND row <= ? AND row NOT IN (SELECT row FROM temp.faults) ORDER BY row""",
            [start, start + _CHUNK],
        ).fetchall()
        faults.add(_faults(log, claims.terms.kind, rows))


def _has_checks(kind: EventType) -> bool:
    """Whether making an event does more than read its fields."""
    own = kind.cls.__attrs_post_init__ is not Event.__attrs_post_init__
    return own or any(one.validator or one.converter not in _CONVERTERS for one in attrs.fields(kind.cls))


def _faults(log: Log, kind: EventType, rows: list[Any]) -> Iterator[RowFault]:
    for row, occurred, data in rows:
        try:
            event = log.codec.stored(kind.name, kind.version, occurred, data)
        except InvalidData as problem:
            for path, reason in problem.problems:
                yield row, path.removeprefix(f"{kind.name}."), reason
        except TimelineError as problem:
            yield row, kind.name, str(problem)
        else:
            if log.codec.write(event) != data:
                yield row, kind.name, f"{kind.cls.__name__} makes something else of it; append it by itself"
