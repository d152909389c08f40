"""The JSON Schema of an event type, as it stands in files."""

from __future__ import annotations

from typing import Any, Final

from timeline.formats.entries import ENVELOPE
from timeline.values import (
    CREDENCES,
)
from timeline.vocabulary import EventType, Field

_TEXT: Final = {"type": "string"}
_SOURCE: Final = {
    "type": "object",
    "properties": dict.fromkeys(("title", "publisher", "published", "url", "locator"), _TEXT),
    "additionalProperties": False,
}


def json_schema(kind: EventType) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an event of a type, as `append -` and files take it."""
    envelope: dict[str, Any] = dict.fromkeys((*ENVELOPE, "id", "corrects"), _TEXT)
    envelope["credence"] = {"enum": list(CREDENCES)}
    one = {"anyOf": [_TEXT, _SOURCE]}
    envelope["source"] = {"anyOf": [*one["anyOf"], {"type": "array", "items": one}]}
    needed = [field.name for field in kind.fields if field.required and not field.may_be_blank]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.name,
        "description": " ".join(kind.doc.split()),
        "type": "object",
        "properties": {
            "type": {"const": kind.name},
            "occurred": {"type": "string", "description": "when it happened, in EDTF"},
            **{field.name: _field(field) for field in kind.fields},
            **envelope,
        },
        "required": ["type", "occurred", *needed],
        "additionalProperties": False,
    }


def _field(field: Field) -> dict[str, Any]:
    blank = not field.required or field.may_be_blank
    if field.choices:
        return {"enum": [*field.choices, *([None] if blank else [])]}
    kinds = [*field.kind.json, *(["null"] if blank else [])]
    told: dict[str, Any] = {"type": kinds if len(kinds) > 1 else kinds[0], "description": field.takes}
    return told | ({"items": _TEXT} if field.kind.several else {})
