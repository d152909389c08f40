"""JSON Schema of event types."""

from __future__ import annotations

import json

import pytest

from timeline.cli.typed import samples
from timeline.formats import json_schema, read_json
from timeline.vocabulary import Catalogue


@pytest.mark.parametrize("name", sorted(Catalogue.find("events").events))
def test_a_schema_asks_for_what_append_asks_for(name: str) -> None:
    """An event of all that it needs is read, and none lacking any of that."""
    catalogue = Catalogue.find("events")
    kind = catalogue.event(name)
    told = json_schema(kind)
    assert {"type", "occurred", *(field.name for field in kind.fields)} <= set(told["properties"])
    assert told["properties"]["type"] == {"const": name}
    event = {"type": name} | {
        field: [value] if told["properties"][field].get("type") == "array" else value
        for field, value in samples(kind).items()
    }
    assert set(told["required"]) <= set(event)
    assert read_json(json.dumps(event).encode(), catalogue, "-").faults == ()
    for field in told["required"]:
        lacking = {key: value for key, value in event.items() if key != field}
        assert read_json(json.dumps(lacking).encode(), catalogue, "-").faults
