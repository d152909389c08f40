"""The ids of a table's rows: given, or derived from what they say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from timeline.bulk.columns import BLANK, Columns
from timeline.bulk.shapes import Problem, Value, is_name, json_text
from timeline.codec import CONTENT, MARKS
from timeline.reference import read_id
from timeline.statements import literal

__all__ = ["content_id", "given_ids", "uuid5"]

_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def uuid5(namespace: UUID, name: str) -> str:
    """The UUID of version 5 for a text (RFC 9562), as SQL; `name` is SQL and used once."""
    raw = "".join(f"\\x{byte:02x}" for byte in namespace.bytes)
    variant = "substr('89ab89ab89ab89ab', 1 + instr('123456789abcdef', substr(h, 17, 1)), 1)"
    parts = f"substr(h, 1, 12) || concat('5', substr(h, 14, 3), {variant}, substr(h, 18, 15))"
    return f"list_transform([sha1('{raw}'::BLOB || encode({name}))], lambda h: ({parts})::UUID)[1]"


def content_id(type_name: str, credence: str, data: str, occurred: str) -> str:
    """The id that a row without one gets: that of an assertion with this content."""
    pieces = [
        literal(f'{{"credence":"{credence}","data":'),
        data,
        literal(',"kind":"assertion","occurred":'),
        json_text(occurred),
        literal(f',"target":null,"type":"{type_name}"}}'),
    ]
    return uuid5(CONTENT, " || ".join(pieces))


def given_ids(columns: Columns, column: str) -> Value:
    """A column of ids: `ident` the UUIDs, `ref` the marks that are none.

    Raises:
        InvalidData: if it is of another type than VARCHAR or UUID.
    """
    hint = "digits alone mean positions: give each a letter, as in 'round-' || n"
    kind = columns.given.columns[column]
    given = columns.text(column, "UUID", hint=hint) + ("::VARCHAR" if kind == "UUID" else "")
    is_uuid = f"CASE WHEN strlen({given}) = 36 THEN regexp_full_match({given}, '{_UUID}') ELSE FALSE END"
    is_mark = (
        f"{is_name(given)} AND strlen({given}) <> 36 AND NOT starts_with({given}, '#') "
        f"AND NOT regexp_full_match({given}, '[0-9]+')"
    )
    sound, mark = f"({is_mark} OR {is_uuid})", uuid5(MARKS, given)
    joins = columns.looked_up("odd_id", given, sound, _read, ("ident", "UUID"), ("ref", "VARCHAR"))
    looked_up = "WHEN odd_id.value IS NOT NULL THEN odd_id.{0} " if joins else ""
    ident = f"CASE {looked_up.format('ident')}WHEN {is_uuid} THEN TRY_CAST({given} AS UUID) ELSE {mark} END"
    ref = f"CASE {looked_up.format('ref')}WHEN {is_uuid} THEN NULL ELSE {given} END"
    problems = [Problem(column, f"CASE WHEN {given} IS NULL THEN {literal(BLANK)} END")]
    if joins:
        problems.append(Problem(column, "odd_id.problem"))
    return Value(
        selected={"ident": ident, "ref": ref},
        joins=joins,
        problems=tuple(problems),
        stored=("ident", "ref"),
        json="ref",
        words="ref",
        said="TRUE",
    )


def _read(given: str) -> list[Any]:
    ident, ref = read_id(given)
    return [str(ident), ref]
