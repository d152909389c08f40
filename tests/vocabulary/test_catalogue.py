"""What every event type and every state of the vocabulary has to fulfil."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import attrs
import duckdb
import msgspec
import pytest

import events
from timeline.compile import TypedTable
from timeline.errors import InvalidData
from timeline.moment.replay import replay
from timeline.records import Codec
from timeline.vocabulary import KINDS, Catalogue, Event, EventType, Field, Kind, StateType, sentence

CATALOGUE: Final = Catalogue.find()
CODEC: Final = Codec(CATALOGUE)

every_event: Final = pytest.mark.parametrize("kind", CATALOGUE.events.values(), ids=CATALOGUE.events)
every_state: Final = pytest.mark.parametrize("state", CATALOGUE.states.values(), ids=CATALOGUE.states)

FULL: Final[dict[Kind, Any]] = {kind: kind.sample for kind in KINDS} | {
    Kind.ENTITIES: ["Acme", "Bolt & Co."],
    Kind.TEXTS: ["one", "two"],
    Kind.WHEN: "2025-07~",
    Kind.MONEY: {"value": "1500000", "currency": "EUR", "bound": "over"},
    Kind.DECIMAL: "12.5",
}
BARE: Final[dict[Kind, Any]] = FULL | {Kind.ENTITIES: [], Kind.TEXTS: [], Kind.FLAG: False}
WRONG: Final[dict[Kind, list[Any]]] = {kind: [{"a": "b"}] for kind in KINDS} | {
    Kind.ENTITY: [" ", 7, "a\0b", "x" * 301],
    Kind.ENTITIES: [[" "], 7, {"a": "b"}],
    Kind.TEXT: ["", 7, "a\0b"],
    Kind.TEXTS: [[""], 7],
    Kind.WHEN: ["soon", "2025-13", 2025],
    Kind.MONEY: ["-1 USD", "1", "1 XYZ", {"value": "1"}],
    Kind.DECIMAL: ["much", 0.5, "NaN", "0.00000000001"],
    Kind.FLAG: ["yes", 1],
}
# What a type asks for over and above its fields.
ONLY: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "figure_reported": ({"number": "1"}, {"amount": None}),
}


def value_of(field: Field, samples: dict[Kind, Any]) -> Any:
    return field.choices[-1] if field.choices else samples[field.kind]


def bare(kind: EventType) -> dict[str, Any]:
    """All fields of a type with as little in them as it takes."""
    values = {f.name: None if f.nullable else value_of(f, BARE) for f in kind.fields if f.required}
    return {"occurred": "2024"} | values | ONLY.get(kind.name, ({}, {}))[0]


def full(kind: EventType) -> dict[str, Any]:
    """All fields of a type with something in them."""
    values = {f.name: value_of(f, FULL) for f in kind.fields}
    return {"occurred": "2024-02-29"} | values | ONLY.get(kind.name, ({}, {}))[1]


def told(event: Event) -> str:
    return sentence(event, str)


def described(cls: type) -> str:
    return inspect.getdoc(cls) or ""


def refused(kind: EventType, values: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidData) as caught:
        CODEC.structure(kind, values)
    return [path for path, _ in caught.value.problems]


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@every_event
def test_an_event_type_is_called_like_its_class(kind: EventType) -> None:
    assert kind.name == snake_case(kind.cls.__name__)


@every_event
def test_an_event_type_says_when_to_use_it(kind: EventType) -> None:
    text = described(kind.cls)
    assert re.match(r"[A-Z].*[^.]\.$", text.split("\n\n")[0], re.DOTALL), text
    assert text != described(Event)


@every_event
def test_an_event_is_frozen(kind: EventType) -> None:
    event = CODEC.structure(kind, full(kind))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.occurred = event.occurred  # type: ignore[misc]


@every_event
@pytest.mark.parametrize("sample", [bare, full])
def test_an_event_is_told_in_a_sentence(
    kind: EventType, sample: Callable[[EventType], dict[str, Any]]
) -> None:
    text = told(CODEC.structure(kind, sample(kind)))
    assert text == " ".join(text.split())
    assert not re.search(r"[\[\]{}]|None|\(\)| [,:;.)]|[:,]$|\( ", text), text


@every_event
def test_a_sentence_tells_every_field_that_has_to_be_given(kind: EventType) -> None:
    """With every field filled nothing is "unknown"; amounts are told even where they may be left out."""
    event = CODEC.structure(kind, full(kind))
    text = told(event)
    assert "unknown" not in text
    told_fields = {name for part, _ in kind.says.parts for name in re.findall(r"{(\w+)}", part)}
    untold = {
        f.name for f in kind.fields if f.name not in told_fields and (f.required or f.kind is Kind.MONEY)
    }
    assert not untold


@every_event
@pytest.mark.parametrize("sample", [bare, full])
def test_an_event_comes_back_from_the_log_as_it_went_in(
    kind: EventType, sample: Callable[[EventType], dict[str, Any]]
) -> None:
    event = CODEC.structure(kind, sample(kind))
    data = CODEC.write(event)
    again = CODEC.stored(kind.name, kind.version, event.occurred.text, data)
    assert again == event
    assert CODEC.write(again) == data


@every_event
def test_data_holds_every_field_in_order_defaults_too(kind: EventType) -> None:
    data = msgspec.json.decode(CODEC.write(CODEC.structure(kind, bare(kind))))
    assert list(data) == sorted(field.name for field in kind.fields)


@every_event
def test_an_unknown_field_is_refused_by_name(kind: EventType) -> None:
    assert refused(kind, full(kind) | {"colour": "red"}) == [f"{kind.name}.colour"]


@every_event
def test_each_missing_field_is_refused_by_name(kind: EventType) -> None:
    needed = [field.name for field in kind.fields if field.required]
    for name in ("occurred", *needed):
        values = full(kind)
        del values[name]
        assert refused(kind, values) == [f"{kind.name}.{name}"]


@every_event
def test_a_field_without_default_may_be_empty_only_if_it_says_so(kind: EventType) -> None:
    for field in kind.fields:
        if not field.nullable:
            assert refused(kind, full(kind) | {field.name: None}) == [f"{kind.name}.{field.name}"]


@every_event
def test_what_does_not_fit_a_field_is_refused_with_its_path(kind: EventType) -> None:
    for field in kind.fields:
        wrong = ["no such choice", 7] if field.choices else WRONG[field.kind]
        for value in wrong:
            assert refused(kind, full(kind) | {field.name: value}) == [f"{kind.name}.{field.name}"], value


@every_event
def test_all_that_is_wrong_is_told_at_once(kind: EventType) -> None:
    names = [field.name for field in kind.fields]
    values = {"occurred": "soon"} | {
        field.name: "no such choice" if field.choices else WRONG[field.kind][0] for field in kind.fields
    }
    assert sorted(refused(kind, values)) == sorted(f"{kind.name}.{name}" for name in ("occurred", *names))


@every_event
def test_each_older_version_has_an_upcast_to_the_next(kind: EventType) -> None:
    assert len(kind.upcasts) == kind.version - 1


@every_event
def test_the_columns_of_an_event_need_no_quotes_in_sql(kind: EventType) -> None:
    """No field is called like a column of the envelope, or like a word that SQL keeps for itself."""
    fields = {field.name for field in kind.fields}
    columns = [column.name for column in TypedTable(kind).columns]
    assert not [name for name in columns if name.endswith("_") and name not in fields]
    with duckdb.connect() as sql:
        row = ", ".join(f'1 AS "{name}"' for name in columns)
        found = sql.sql(f"SELECT {', '.join(columns)} FROM (SELECT {row})")
        assert found.columns == columns


@every_event
def test_an_event_type_says_who_is_who_or_feeds_a_state(kind: EventType) -> None:
    fed = {name for state in CATALOGUE.states.values() for name in state.event_types}
    assert (kind.name in fed) != (kind.naming is not None or kind.sameness is not None)


@every_event
def test_an_event_is_about_somebody(kind: EventType) -> None:
    assert any(field.names_entities for field in kind.fields)


def test_the_package_offers_each_type_under_its_class() -> None:
    offered = {event.cls.__name__ for event in CATALOGUE.events.values()}
    offered |= {state.cls.__name__ for state in CATALOGUE.states.values()}
    assert events.__all__ == sorted(offered)
    assert all(getattr(events, name).__name__ == name for name in events.__all__)


@every_state
def test_a_state_is_called_like_its_class_and_says_what_it_tells(state: StateType) -> None:
    assert state.name == snake_case(state.cls.__name__)
    assert re.match(r"[A-Z].*[^.]\.$", described(state.cls).split("\n\n")[0], re.DOTALL)


@every_state
def test_a_state_is_made_of_folds_that_sql_can_do_too(state: StateType) -> None:
    assert state.folds
    assert not [name for name, fold in state.folds.items() if fold.kind == "fold"]


@every_state
def test_a_state_of_which_nothing_was_said_is_empty(state: StateType) -> None:
    who = ("acme", "bolt")[: state.arity]
    answer = replay(state, who, [], datetime(2024, 1, 1, tzinfo=UTC), "latest")
    assert list(answer.values) == list(state.folds)
    assert not any(answer.because.values())
    assert not any(answer.unsettled.values())
    for name, fold in state.folds.items():
        empty = {} if fold.keyed else answer.values[name]
        assert answer.values[name] == empty
        assert fold.keyed or fold.kind == "total" or answer.values[name] in {None, 0}


@every_state
def test_the_fields_of_a_state_need_no_quotes_in_sql(state: StateType) -> None:
    with duckdb.connect() as sql:
        row = ", ".join(f'1 AS "{name}"' for name in state.folds)
        found = sql.sql(f"SELECT {', '.join(state.folds)} FROM (SELECT {row})")
        assert found.columns == list(state.folds)
