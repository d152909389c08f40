"""What the records add up to at one point: declared as folds, held as frozen values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import attrs

from timeline.annotations import unfit
from timeline.arguments import checked, shown
from timeline.basis import Basis
from timeline.by_field import ByField
from timeline.contribution import Feeding
from timeline.entity import Entity
from timeline.errors import CatalogueError
from timeline.escaping import lines_as_html
from timeline.event import Event
from timeline.fields import hints_of
from timeline.folds import Fold
from timeline.wording import heading, lines, plain_value

__all__ = ["EntityState", "PairState", "State", "StateType", "state_type"]

S = TypeVar("S", bound="State")


@attrs.frozen(kw_only=True, eq=False)
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

    @property
    def doc(self) -> str:
        """What it tells, in the words of the class."""
        return (self.cls.__doc__ or "").strip()

    @property
    def summary(self) -> str:
        """What it tells, in short."""
        return " ".join(self.doc.split("\n\n", maxsplit=1)[0].split())

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that say whose state a row is: `a` and `b` for a pair, else the name of the state."""
        return ("a", "b") if self.arity > 1 else (self.name,)

    @property
    def event_types(self) -> tuple[str, ...]:
        """The names of all event types that feed it."""
        return tuple(dict.fromkeys(name for fold in self.folds.values() for name in fold.types))


@attrs.frozen(kw_only=True, repr=False)
class State:
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

    def __str__(self) -> str:
        title = heading([self.named(one) for one in self.who], str(self.basis))
        return "\n".join(
            (title, *lines(self.values(), self.named, self.because, self.unsettled, self.contested))
        )

    def _repr_html_(self) -> str:
        return lines_as_html(str(self))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {' '.join(self.who)}, {self.basis}, position {self.basis.position}>"


class EntityState(State):
    """The base of states of one entity."""

    __slots__ = ()


class PairState(State):
    """The base of states of an unordered pair of entities."""

    __slots__ = ()


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
        if not name.isidentifier() or name != name.lower():
            raise CatalogueError(f"{name!r} is no snake_case name for {cls.__name__}")
        if "__timeline__" in vars(cls):
            raise CatalogueError(f"{cls.__name__} is a state already, called {cls.__timeline__.name}")
        if not cls.__doc__:
            raise CatalogueError(f"{cls.__name__} needs a docstring that says what it tells")
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
