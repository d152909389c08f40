"""Declarations that do not hold together fail when the module is imported, saying what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NewType, Protocol

import pytest
from attrs import field, frozen

from timeline.declare import (
    Entity,
    EntityState,
    Event,
    Funds,
    Money,
    PairState,
    When,
    count,
    decimal,
    entities,
    event_type,
    first,
    fold,
    held,
    last,
    money,
    state_type,
    total,
)
from timeline.errors import CatalogueError


@event_type("hire", says="{company} hires {person}")
@frozen(kw_only=True)
class Hire(Event):
    """Somebody starts to work for a company."""

    company: Entity
    person: Entity
    role: str = "staff"
    pay: Money | None = field(default=None, converter=money)
    days: Decimal | None = field(default=None, converter=decimal)
    helpers: tuple[Entity, ...] = field(default=(), converter=entities)


@event_type("leave", says="{person} leaves {company}")
@frozen(kw_only=True)
class Leave(Event):
    """Somebody stops."""

    company: Entity
    person: Entity


DECLARATIONS: list[tuple[str, Callable[[], Any]]] = [
    ("has no field 'companny'", lambda: count(Hire, of="companny")),
    ("has no field 'rank'", lambda: count(Hire, of="company", per="rank")),
    ("has no field 'until'", lambda: held(starts=Hire, until="until", of="company")),
    ("is no date", lambda: held(starts=Hire, until="role", of="company")),
    ("holds no entity", lambda: count(Hire, of="role")),
    ("is no event type", lambda: count(Hire, of="company") and last("Hire", of="company")),
    ("needs a start that names", lambda: held(starts=Hire, ends=Leave.person, of="company")),
    ("total takes one attribute", lambda: total(Hire.role, of="company")),
    ("takes one attribute", lambda: total((Hire.role, Hire.person), of="company")),
    ("met=Leave is to be among the ends", lambda: held(starts=Hire, met=Leave, of="company")),
    ("feeds the same fold twice", lambda: held(starts=Hire, ends=Hire, of="company")),
]


@pytest.mark.parametrize(("problem", "declare"), DECLARATIONS, ids=[problem for problem, _ in DECLARATIONS])
def test_a_misdeclared_fold_is_refused(problem: str, declare: Callable[[], Any]) -> None:
    """The error says what is wrong, and, but for what is no event type at all, of which field."""
    where = "" if problem == "is no event type" else "^Sample.field: "
    with pytest.raises(CatalogueError, match=f"{where}.*{problem}"):
        _state(EntityState, declare, Any)


def test_a_misnamed_attribute_fails_at_once() -> None:
    """Attributes are those of the class, so Python itself finds the slip."""
    with pytest.raises(AttributeError, match="persn"):
        held(starts=Hire.persn, of="company")  # type: ignore[attr-defined]


def test_a_pair_takes_two_attributes() -> None:
    """`of` of a pair state names two sides."""
    with pytest.raises(CatalogueError, match="two attributes"):
        _state(PairState, lambda: count(Hire, of="company"), int)


def test_a_key_may_not_be_either_entity_of_the_pair() -> None:
    """Where both entities come from one attribute, a key of that attribute would be ambiguous."""
    with pytest.raises(CatalogueError, match="ambiguous"):
        _state(PairState, lambda: count(Hire, of=("person", "person"), per="person"), Mapping[str, int])


def test_a_keyed_fold_is_annotated_as_a_mapping() -> None:
    """The annotation and the fold agree on whether there are slots."""
    with pytest.raises(CatalogueError, match="per= is a Mapping"):
        _state(EntityState, lambda: count(Hire, of="company", per="person"), int)


ANNOTATIONS: list[tuple[Callable[[], Any], Any, str]] = [
    (lambda: count(Hire, of="company"), str | None, "count gives int, and the annotation is str | None"),
    (lambda: count(Hire, of="company", per="role"), Mapping[str, str], "count gives int, .* is str"),
    (lambda: count(Hire, of="company", per="role"), Mapping[int, int], "each key a text, .* int"),
    (
        lambda: count(Hire, of="company", per=("role", "person")),
        Mapping[str, int],
        "each key a tuple of 2, and the annotation str",
    ),
    (
        lambda: count(Hire, of="company", per=("role", "person")),
        Mapping[tuple[str, str, str], int],
        "each key a tuple of 2",
    ),
    (lambda: total(Hire.pay, of="company"), Money, "total gives Funds, and the annotation is Money"),
    (lambda: total(Hire.days, of="company"), int, "total gives Decimal, and the annotation is int"),
    (lambda: last(Hire, of="company"), Leave | None, "last gives Hire, and the annotation is Leave | None"),
    (lambda: last((Hire, Leave), of="company"), Leave, "last gives Hire"),
    (lambda: last({Hire: "in", Leave: "out"}, of="company"), bool, "last gives str"),
    (lambda: first(Hire.person, of="company"), When | None, "first gives str"),
    (lambda: held(starts=Hire.person, gives=Event.occurred, of="company"), Entity, "held gives When"),
    (lambda: held(starts=Hire.person, gives=Hire.pay, of="company"), Funds, "held gives Money"),
    (lambda: last(Hire.days, of="company"), Literal["a", "b"], "last gives Decimal"),
]


@pytest.mark.parametrize(("declare", "hint", "problem"), ANNOTATIONS, ids=[one[2] for one in ANNOTATIONS])
def test_an_annotation_that_does_not_fit_is_refused(
    declare: Callable[[], Any], hint: Any, problem: str
) -> None:
    """The error says what the fold gives, and what the annotation says."""
    with pytest.raises(CatalogueError, match=rf"Sample\.field: .*{problem}"):
        _state(EntityState, declare, hint)


class _Sized(Protocol):
    def __len__(self) -> int: ...


@pytest.mark.parametrize(
    ("declare", "hint"),
    [
        (lambda: count(Hire, of="company"), float),
        (lambda: count(Hire, of="company"), object),
        (lambda: count(Hire, of="company", per="role"), Mapping[Any, Any]),
        (lambda: count(Hire, of="company", per="role"), dict[Literal["staff", "board"], int]),
        (lambda: count(Hire, of="company", per="role"), Counter[str]),
        (lambda: count(Hire, of="company", per=("role", "person")), Mapping[tuple[str, ...], int]),
        (lambda: count(Hire, of="company", per=("role", "person")), Mapping[tuple[Any, Any] | None, int]),
        (lambda: last((Hire, Leave), of="company"), Event | None),
        (lambda: last((Hire, Leave), of="company"), Hire | Leave | None),
        (lambda: last(Hire.role, of="company"), Literal["staff", "board"] | None),
        (lambda: last(Hire.role, of="company"), _Sized),
        (lambda: last(Hire.role, of="company"), NewType("Role", str) | None),
        (lambda: last(Hire.role, of="company"), Sequence[str]),
        (lambda: last(Hire.helpers, of="company"), tuple[Entity, ...] | None),
        (lambda: last(Hire.helpers, of="company"), Sequence[Entity]),
        (lambda: fold(lambda value, _: value, "", over=Hire, of="company"), bytes),
    ],
)
def test_an_annotation_that_may_fit_is_taken(declare: Callable[[], Any], hint: Any) -> None:
    """Whatever a type checker would take, and what cannot be judged without one."""
    assert _state(EntityState, declare, hint)


def test_an_event_needs_converters_where_text_is_read() -> None:
    """A date without its converter would let text through as it is."""
    with pytest.raises(CatalogueError, match=r"field\(converter=optional_when\)"):

        @event_type("plan", says="plan")
        @frozen(kw_only=True)
        class Plan(Event):
            """A plan."""

            planned: When | None = None


@pytest.mark.parametrize("says", ["{nobody} acts", "[{company} acts", "{company}] acts"])
def test_a_sentence_names_fields_and_closes_its_brackets(says: str) -> None:
    """A template that cannot be told is found when the module is imported."""
    with pytest.raises(CatalogueError, match="sentence"):

        @event_type("act", says=says)
        @frozen(kw_only=True)
        class Act(Event):
            """An act."""

            company: Entity


def test_a_fold_of_any_kind_is_declared_with_a_step() -> None:
    """`fold` takes a function of value and event."""
    state = _state(EntityState, lambda: fold(lambda value, _: value + 1, 0, over=Hire, of="company"), int)
    assert state.__timeline__.folds["field"].kind == "fold"


@pytest.mark.parametrize(
    ("name", "doc", "problem"),
    [
        ("Sample", "A state.", "'Sample' is no snake_case name for Sample"),
        ("sample", None, "Sample needs a docstring"),
    ],
)
def test_a_state_needs_a_name_and_a_docstring(name: str, doc: str | None, problem: str) -> None:
    """Each is told by itself, and what is right is not told."""
    with pytest.raises(CatalogueError, match=problem) as caught:
        state_type(name)(type("Sample", (EntityState,), {"__doc__": doc}))
    assert ("docstring" in str(caught.value)) == (doc is None)


def test_an_event_needs_a_name_attrs_and_a_docstring() -> None:
    """Each is told by itself."""

    class Act(Event):
        """An act."""

    bare = frozen(kw_only=True)(type("Act", (Event,), {}))
    for name, cls, problem in (
        ("Act", Act, "'Act' is no snake_case name for Act$"),
        ("act", Act, r"Act needs @attrs.frozen\(kw_only=True\)$"),
        ("act", bare, "Act needs a docstring that says when to use it$"),
    ):
        with pytest.raises(CatalogueError, match=problem):
            event_type(name, says="act")(cls)


def _state(base: type[Any], declare: Callable[[], Any], hint: Any) -> Any:
    body = {"__doc__": "A state.", "__annotations__": {"field": hint}, "field": declare()}
    return state_type("sample")(type("Sample", (base,), body))
