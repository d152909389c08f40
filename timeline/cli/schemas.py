"""The verb that tells other tools what there is: the tables of the file, or the shape of an event in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cyclopts import App

from timeline.cli.formats import answer
from timeline.cli.opening import alone, catalogue_name
from timeline.cli.options import FILE, Output
from timeline.cli.screen import as_json
from timeline.formats import Table

if TYPE_CHECKING:
    from timeline.vocabulary import EventType, Field

__all__ = ["json_schema", "register"]

_COLUMNS: Final = """
SELECT schema_name AS "schema", table_name AS "table", column_name AS "column", data_type AS "type"
FROM duckdb_columns() WHERE NOT internal ORDER BY schema_name, table_name, column_index
"""
_TEXT: Final = {"type": "string"}
_SOURCE: Final = {
    "type": "object",
    "properties": dict.fromkeys(("title", "publisher", "published", "url", "locator"), _TEXT),
    "additionalProperties": False,
}


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(schema)


def schema(type_: str | None = None, /, *, file: Output = FILE) -> int:
    """The tables and columns of the file; or of an event type the JSON Schema of what `append -` takes.

    Example: timeline schema TYPE

    Parameters
    ----------
    type_
        An event type.
    """
    if type_ is not None:
        from timeline.values import NotAllowed
        from timeline.vocabulary import Catalogue

        if file.format not in {"table", "json"}:
            raise NotAllowed("the schema of a type is JSON; leave out --format")
        as_json(json_schema(Catalogue.find(catalogue_name()).event(type_.replace("-", "_"))))
        return 0
    rows = alone(file.db).sql(_COLUMNS)
    answer(file, rows.as_dicts, lambda: Table(rows.columns, rows))
    return 0


def json_schema(kind: EventType) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an event of a type, as `append -` and files take it."""
    from timeline.formats import ENVELOPE, may_be_blank
    from timeline.values import CREDENCES

    envelope: dict[str, Any] = dict.fromkeys((*ENVELOPE, "id", "corrects"), _TEXT)
    envelope["credence"] = {"enum": list(CREDENCES)}
    one = {"anyOf": [_TEXT, _SOURCE]}
    envelope["source"] = {"anyOf": [*one["anyOf"], {"type": "array", "items": one}]}
    needed = [field.name for field in kind.fields if field.required and not may_be_blank(field)]
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
    from timeline.formats import may_be_blank, takes

    blank = not field.required or may_be_blank(field)
    if field.choices:
        return {"enum": [*field.choices, *([None] if blank else [])]}
    kinds = [*field.kind.json, *(["null"] if blank else [])]
    told: dict[str, Any] = {"type": kinds if len(kinds) > 1 else kinds[0], "description": takes(field)}
    return told | ({"items": _TEXT} if field.kind.several else {})
