"""What names a record: the id or mark it is given, and what points at it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from timeline.records.codec import content_id, mark_id
from timeline.records.record import Assertion, Record, Reference, Statement
from timeline.records.standing import FOREVER
from timeline.values import BadText, UnknownRecord, clean_name

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
