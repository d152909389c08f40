"""What the records add up to at one point: declared as folds, held as frozen values."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal, TypeVar, cast

import attrs

from timeline.values import (
    Basis,
    CatalogueError,
    Entity,
    Frame,
    Framed,
    InLines,
    Kind,
    Line,
    UnknownField,
    When,
    checked,
    nearest,
    shown,
)
from timeline.vocabulary.event import Event, check_declared, in_short
from timeline.vocabulary.feeding import Feeding
from timeline.vocabulary.fields import hints_of
from timeline.vocabulary.folds import Feed, Fold
from timeline.vocabulary.words import answer_lines, heading, is_empty, plain_value, slots, state_lines

_UNIONS: Final = {typing.Union, types.UnionType}


def unfit(fold: Fold, hint: Any) -> str | None:
    """What is wrong with the annotation of a field, or None; it may leave out that there may be no value.

    What `fold` gives is not known, so that any annotation fits it.
    """
    if fold.keyed != _is_mapping(hint):
        return "a fold with per= is a Mapping, one without is not"
    key, value = (None, hint) if not fold.keyed else _slots(hint)
    given = "a text" if len(fold.per) == 1 else f"a tuple of {len(fold.per)}"
    if fold.keyed and not _fits(str if len(fold.per) == 1 else tuple, key, len(fold.per)):
        return f"per= makes each key {given}, and the annotation {_shown(key)}"
    for one in _given(fold):
        if not _fits(one, value):
            return f"{fold.kind} gives {one.__name__}, and the annotation is {_shown(value)}"
    return None


def _is_mapping(hint: Any) -> bool:
    origin = typing.get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _slots(hint: Any) -> tuple[Any, Any]:
    """What a mapping has as keys and as values, as far as its annotation says."""
    parts = typing.get_args(hint)
    return parts if len(parts) == 2 else (Any, Any)


def _given(fold: Fold) -> tuple[type, ...]:
    """The classes of what a fold gives, as far as known."""
    if fold.takes is None:
        return ()
    if fold.takes == "event":
        return (int,)
    if fold.takes == "amount":
        return (cast("type", fold.sum_class),)
    return tuple(dict.fromkeys(_taken(feed, fold.gives) for feed in fold.feeds))


def _taken(feed: Feed, gives: str | None) -> type:
    """The class of what is taken of an event."""
    name = gives or feed.attribute
    if name is None:
        return feed.event if feed.constant is None else str
    return When if name == "occurred" else feed.type.field(name).kind.holds


def _fits(given: type, hint: Any, length: int | None = None) -> bool:
    """Whether what is of a class, a tuple perhaps of some length, may be of a type; if in doubt, it may."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in _UNIONS:
        return any(_fits(given, part, length) for part in parts)
    if origin is Literal:
        return any(isinstance(part, given) for part in parts)
    if given is tuple and origin is tuple and length is not None and ... not in parts:
        return len(parts) == length
    kind = origin or hint
    if kind is Any or not isinstance(kind, type):
        return True
    try:
        return issubclass(given, kind) or (given is int and kind is float)
    except TypeError:  # a protocol, or the like
        return True


def _shown(hint: Any) -> str:
    if typing.get_origin(hint) in _UNIONS:
        return " | ".join(map(_shown, typing.get_args(hint)))
    if hint is types.NoneType:
        return "None"
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


Given = Mapping[str, Iterable[Any]]


class ByField(Mapping[str, tuple[Any, ...]]):
    """Records by field: it holds the fields of which there is something to say, in the order declared.

    Any other field of the state gives `()`, and anything else is an `UnknownField`, which is a KeyError.
    A function that is given in place of them is asked when anything is first asked of it.
    """

    __slots__ = ("_fields", "_given")

    def __init__(self, fields: Sequence[str], given: Given | Callable[[], Given]) -> None:
        self._fields = tuple(fields)
        self._given = given if callable(given) else self._told(given)

    def _told(self, found: Given) -> dict[str, tuple[Any, ...]]:
        return {field: tuple(found[field]) for field in self._fields if found.get(field)}

    @property
    def _found(self) -> dict[str, tuple[Any, ...]]:
        if callable(self._given):
            self._given = self._told(self._given())
        return self._given

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that may be asked for."""
        return self._fields

    def of(self, fields: Sequence[str]) -> ByField:
        """The same of some of the fields only."""
        return ByField(fields, self._found)

    def __getitem__(self, field: str) -> tuple[Any, ...]:
        if isinstance(field, str):
            found = self._found.get(field)
            if found is not None:
                return found
            if field in self._fields:
                return ()
        near = nearest(field, self._fields)
        raise UnknownField(field, near or self._fields)

    def __contains__(self, field: object) -> bool:
        return isinstance(field, str) and field in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        told = (f"{field}: {' '.join(one.place for one in several)}" for field, several in self.items())
        return f"<{'; '.join(told) or 'nothing'}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._fields, self._found)


S = TypeVar("S", bound="State")
Answered = Literal["held", "ended", "unsettled", "nothing recorded"]
_COLUMNS: Final[Mapping[str, Kind]] = {
    "field": "text",
    "key": "text",
    "value": "any",
    "records": "numbers",
    "unsettled": "numbers",
    "contested": "numbers",
}


@attrs.frozen(kw_only=True, eq=False, repr=False)
class StateType:
    """What the engine knows of one state type: its name, and its folds by field."""

    name: str
    cls: type[State]
    arity: int
    folds: Mapping[str, Fold]
    usual: bool = False
    """Whether it is meant where no state of so many entities is named."""

    _feeding: dict[type[Event], list[Feeding]] = attrs.field(init=False)

    @_feeding.default
    def _by_event(self) -> dict[type[Event], list[Feeding]]:
        found: dict[type[Event], list[Feeding]] = {}
        for field, fold in self.folds.items():
            for feeding in Feeding.all(field, fold):
                found.setdefault(feeding.feed.event, []).append(feeding)
        return found

    def feeding(self, event: type[Event]) -> Sequence[Feeding]:
        """How an event class feeds the fields of the state."""
        return self._feeding.get(event, ())

    def plan(self, field: str | None) -> str:
        """The field that holds plans: the one named, else the only one.

        Raises:
            CatalogueError: if there is no such field, it holds no plan, or several do.
        """
        several = [name for name, fold in self.folds.items() if fold.due is not None]
        if field is None and len(several) == 1:
            return several[0]
        if field is None or field not in several:
            asked = f"{self.name}.{field} holds no plan" if field else f"say which plan of {self.name}"
            raise CatalogueError(f"{asked}; those that do: {', '.join(several) or 'none'}")
        return field

    @property
    def shape(self) -> dict[str, Any]:
        """What a file keeps of it, as plain JSON: whose it is, and how each field is folded."""
        fields = {field: fold.shape for field, fold in self.folds.items()}
        return {"of": "two entities" if self.arity > 1 else "one entity", "fields": fields}

    def __repr__(self) -> str:
        return f"<StateType {self.name}: {len(self.folds)} fields>"

    @property
    def doc(self) -> str:
        """What it tells, in the words of the class."""
        return (self.cls.__doc__ or "").strip()

    @property
    def summary(self) -> str:
        """What it tells, in short."""
        return in_short(self.doc)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that say whose state a row is: `a` and `b` for a pair, else the name of the state."""
        return ("a", "b") if self.arity > 1 else (self.name,)

    @property
    def event_types(self) -> tuple[str, ...]:
        """The names of all event types that feed it."""
        return tuple(dict.fromkeys(name for fold in self.folds.values() for name in fold.types))


@attrs.frozen(kw_only=True, repr=False)
class State(InLines, Framed):
    """The base of all states.

    `who` are the ids asked about, a pair in id order, and `basis` where the answer was taken from.
    `because` gives, by field, the records that a value rests on; `unsettled` those that may yet change it:
    because they may or may not have happened by then, or because their order is not certain; `contested`
    those that stand and by a rule of the vocabulary say otherwise than what it rests on. They hold only the
    fields of which there is something to say; any other gives `()`.
    `names` holds the names to show entities under at that point.
    """

    __timeline__: ClassVar[StateType]

    who: tuple[Entity, ...]
    basis: Basis
    because: ByField
    unsettled: ByField
    contested: ByField = attrs.field(eq=False)
    names: Mapping[Entity, str] = attrs.field(eq=False)

    @checked
    def named(self, entity: Entity) -> str:
        """The name of an entity as of the point asked about."""
        return self.names.get(entity, entity)

    def values(self) -> dict[str, Any]:
        """The declared fields and their values, in the order declared."""
        return {name: getattr(self, name) for name in self.__timeline__.folds}

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; records by position."""
        return {
            "state": self.__timeline__.name,
            "who": list(self.who),
            "basis": self.basis.as_dict(),
            "values": {name: plain_value(value) for name, value in self.values().items()},
            "because": _positions(self.because),
            "unsettled": _positions(self.unsettled),
            "contested": _positions(self.contested),
        }

    def lines(self) -> Iterator[Line]:
        """What it says, line by line: the fields of which anything was said, and the records behind them."""
        yield heading([self.named(one) for one in self.who], str(self.basis))
        yield from state_lines(self.values(), self.named, self.because, self.unsettled, self.contested)

    def as_table(self) -> Frame:
        """A row for each slot of a field; records by position."""
        rows = []
        for field, value in self.values().items():
            told = (self.because, self.unsettled, self.contested)
            behind = [[record.position for record in records[field]] for records in told]
            rows += [(field, key, one, *behind) for key, one in slots(value)]
        return Frame(_COLUMNS, rows)

    @checked
    def answered(self, field: str) -> Answered:
        """What the value of a field comes from, which tells one None from another.

        "unsettled" where a record leaves it open, "held" where it has a value, "ended" where it has none
        since records ended it, or say so, and "nothing recorded" where none says anything of it by then.

        Raises:
            UnknownField: if the state has no such field.
        """
        because, unsettled = self.because[field], self.unsettled[field]
        if unsettled:
            return "unsettled"
        if not because:
            return "nothing recorded"
        return "ended" if is_empty(getattr(self, field)) else "held"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {' '.join(self.who)}, {self.basis}, {self.basis.records}>"


class EntityState(State):
    """The base of states of one entity."""

    __slots__ = ()


class PairState(State):
    """The base of states of an unordered pair of entities."""

    __slots__ = ()


def field_lines(state: State, field: str) -> list[str]:
    """A field in words: nothing recorded, ended, or unsettled where it has no value."""
    return answer_lines(getattr(state, field), state.named, state.because[field], state.unsettled[field])


def _positions(records: ByField) -> dict[str, list[int]]:
    return {field: [record.position for record in several] for field, several in records.items()}


@checked
def state_type(name: str, *, usual: bool = False) -> Callable[[type[S]], type[S]]:
    """Register a state class, whose annotated fields are folds, under a snake_case name.

    The `usual` one is meant where no state of one entity, or of two, is named.

    Raises:
        CatalogueError: when the module is imported, if a fold names what an event does not have, or an
            annotation does not fit its fold.
    """

    def register(cls: type[S]) -> type[S]:
        if not (isinstance(cls, type) and issubclass(cls, EntityState | PairState)) or cls in {
            EntityState,
            PairState,
        }:
            raise CatalogueError(
                f"{shown(cls)} is no class of states, which derives from EntityState or PairState"
            )
        if "__timeline__" in vars(cls):
            raise CatalogueError(f"{cls.__name__} is a state already, called {cls.__timeline__.name}")
        check_declared(name, cls, "what it tells")
        arity = 2 if issubclass(cls, PairState) else 1
        declared = {field: value for field, value in vars(cls).items() if isinstance(value, Fold)}
        for field in declared:
            if field.lower() in dir(State):
                problem = f"every state has {field.lower()!r} of its own"
                raise CatalogueError(f"{cls.__name__}.{field}: {problem}; call it otherwise")
            if field.lower() in (("a", "b") if arity > 1 else (name,)):
                problem = f"{field.lower()!r} is the column of its tables that says whose state a row is"
                raise CatalogueError(f"{cls.__name__}.{field}: {problem}; call it otherwise")
        hints = hints_of(cls) if declared else {}
        folds = {
            field: _bound(f"{cls.__name__}.{field}", hints.get(field), value, arity)
            for field, value in declared.items()
        }
        built = attrs.frozen(cls, kw_only=True, repr=False, these={field: attrs.field() for field in folds})
        built.__timeline__ = StateType(name=name, cls=built, arity=arity, folds=folds, usual=usual)
        return built

    return register


def _bound(where: str, hint: Any, value: Fold, arity: int) -> Fold:
    """A fold for the state of so many entities, checked against the annotation of its field."""
    if hint is None:
        raise CatalogueError(f"{where} needs a type annotation")
    try:
        bound = value.bound(arity)
    except CatalogueError as misdeclared:
        raise CatalogueError(f"{where}: {misdeclared}") from None
    problem = unfit(bound, hint)
    if problem is not None:
        raise CatalogueError(f"{where}: {problem}")
    return bound
