"""The event and state types of a vocabulary, and its rules, by name."""

from __future__ import annotations

import hashlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Final, Literal, TypeVar

import attrs

from timeline.values import CatalogueError, UnknownType, nearest
from timeline.vocabulary.event import Event, EventType
from timeline.vocabulary.folds import Feed
from timeline.vocabulary.packages import configured, imported, place_of
from timeline.vocabulary.rules import EVERYWHERE, Rule, TermInOrder
from timeline.vocabulary.state import State, StateType

T = TypeVar("T")
RESERVED: Final = frozenset(
    {
        "commits",
        "entities",
        "entity_names",
        "feeds",
        "foldings",
        "hidden",
        "ids_today",
        "letters",
        "log",
        "meta",
        "records",
        "refeeds",
        "rereads",
        "sameness",
        "shapes",
        "sources",
        "superseded",
        "timeline",
        "entity",
    }
)


@attrs.frozen(repr=False)
class Catalogue:
    """A vocabulary: its event types, state types and rules, each by name.

    `name` is the package it was found in, and `place` where that is; "inline" where it was made from classes.
    Behind the rules declared come those of every vocabulary.
    """

    name: str
    events: Mapping[str, EventType]
    states: Mapping[str, StateType]
    rules: Mapping[str, Rule]
    place: str = "made from classes"
    known: bool = True
    """Whether there is a vocabulary at all; without one, nothing can be found in it."""

    names: Mapping[str, EventType] = attrs.field(init=False, eq=False, repr=False)
    """The event types by every name that they have or had."""

    @names.default
    def _names(self) -> Mapping[str, EventType]:
        former = {before: event for event in self.events.values() for before in event.formerly}
        return {**self.events, **former}

    def __repr__(self) -> str:
        told = (f"{len(self.events)} event types", f"{len(self.states)} states", f"{len(self.rules)} rules")
        return f"<Catalogue {self.name}: {', '.join(told)}>"

    @classmethod
    def none(cls) -> Catalogue:
        """No vocabulary: whatever is to be found in it is refused."""
        return cls("none", {}, {}, {}, place="none", known=False)

    def check_known(self, what: str) -> None:
        """See that there is a vocabulary, which something needs.

        Raises:
            CatalogueError: if there is none.
        """
        if not self.known:
            raise CatalogueError(
                f"{what} needs the vocabulary, and the timeline was opened with catalogue=False"
            )

    @classmethod
    def of(
        cls,
        *types: type[Event] | type[State],
        rules: Iterable[Rule] = (),
        name: str = "inline",
        place: str = "made from classes",
    ) -> Catalogue:
        """A catalogue of these event and state classes, and of rules about them.

        Raises:
            CatalogueError: if a name is taken twice, a class is not registered, an event that a state or a
                rule needs is missing, or a chain of upcasts has a gap.
        """
        events: dict[str, EventType] = {}
        states: dict[str, StateType] = {}
        for one in types:
            registered: Any = vars(one).get("__timeline__")
            if isinstance(registered, EventType):
                _add(events, registered, one)
            elif isinstance(registered, StateType):
                _add(states, registered, one)
            else:
                raise CatalogueError(f"{one!r} is not registered: decorate it with event_type or state_type")
        _check(events, states)
        return cls(name, events, states, _ruled(rules, events, states), place)

    @classmethod
    def find(cls, catalogue: Catalogue | ModuleType | str | Literal[False] | None = None) -> Catalogue:
        """The catalogue itself, that of a package (or the name of one), or the default one; False for none.

        Without an argument TIMELINE_CATALOGUE names the package, else the entry point `timeline.catalogue`,
        else it is `events`. A package in the current folder comes before one that is installed. Its module
        `demo`, if it has one, is its demonstration, and declares nothing.

        Raises:
            CatalogueError: if there is no such package, or it declares no event types.
        """
        if isinstance(catalogue, Catalogue):
            return catalogue
        if catalogue is False:
            return cls.none()
        if not isinstance(catalogue, ModuleType | str | None):
            raise CatalogueError(f"catalogue={catalogue!r}: it is a package, its name, a Catalogue, or False")
        given = catalogue or configured()
        package = given if isinstance(given, ModuleType) else imported(given)
        modules = _modules(package)
        found = _declared(modules)
        if not any(issubclass(one, Event) for one in found):
            raise CatalogueError(
                f"the package {package.__name__!r} ({place_of(package)}) declares no event types; "
                "name the vocabulary with catalogue= or TIMELINE_CATALOGUE"
            )
        return cls.of(*found, rules=_rules(modules), name=package.__name__, place=place_of(package))

    def event(self, name: str) -> EventType:
        """The event type of that name, or that formerly had it.

        Raises:
            UnknownType: if there is none, with the nearest names.
            CatalogueError: if there is no vocabulary.
        """
        self.check_known(f"the event type {name!r}")
        return _named("event", name, self.names, self.events)

    def type_name(self, event: str | type[Event]) -> str:
        """The name of an event type, given by a name that it has or had, or by its class.

        Without a vocabulary, a name is taken as it is.

        Raises:
            UnknownType: if there is none of that name, with the nearest names.
            CatalogueError: if it does not have the class.
        """
        if isinstance(event, str):
            return self.event(event).name if self.known else event
        return self.declared(event).name

    def declared(self, event: type[Event]) -> EventType:
        """The event type of a class.

        Raises:
            CatalogueError: if it does not have the class, or there is no vocabulary.
        """
        self.check_known("an event")
        kind: Any = getattr(event, "__timeline__", None)
        if not isinstance(kind, EventType) or self.events.get(kind.name) is not kind:
            raise CatalogueError(f"{event!r} is not in the catalogue {self.name}")
        return kind

    def stored(self, types: Iterable[str]) -> list[str]:
        """The names under which records of some types may be stored: those, and their former ones."""
        several = {name: self.names[name].formerly if name in self.names else () for name in types}
        return [one for name, former in several.items() for one in (name, *former)]

    def state(self, state: str | type[State]) -> StateType:
        """The state type of that name or class.

        Raises:
            UnknownType: if the catalogue has none such, with the nearest names.
            CatalogueError: if there is no vocabulary.
        """
        self.check_known("a state")
        if isinstance(state, str):
            return _named("state", state, self.states, self.states)
        registered: Any = getattr(state, "__timeline__", None)
        if isinstance(registered, StateType) and self.states.get(registered.name) is registered:
            return registered
        raise UnknownType("state", getattr(state, "__name__", repr(state)), list(self.states)[:3])

    def rule(self, name: str) -> Rule:
        """The rule of that name.

        Raises:
            UnknownType: if there is none, with the nearest names.
            CatalogueError: if there is no vocabulary.
        """
        self.check_known("a rule")
        return _named("rule", name, self.rules, self.rules)

    def pair_state(self) -> StateType:
        """The usual pair state, else the only one.

        Raises:
            CatalogueError: if there is neither.
        """
        self.check_known("a state")
        found = self.usual(2)
        if found is None:
            count = sum(state.arity == 2 for state in self.states.values())
            raise CatalogueError(f"`between` needs one pair state; {self.name} has {count}: use `of`")
        return found

    def usual(self, arity: int) -> StateType | None:
        """The state of so many entities that is meant where none is named: the usual, else the only one."""
        several = [state for state in self.states.values() if state.arity == arity]
        found = [state for state in several if state.usual] or several
        return found[0] if len(found) == 1 else None

    @property
    def compiled(self) -> tuple[StateType, ...]:
        """The states that can be asked for in SQL: those with no fold in Python only."""
        return tuple(
            state for state in self.states.values() if all(fold.part for fold in state.folds.values())
        )

    @property
    def uncompiled(self) -> tuple[str, ...]:
        """The names of the states that cannot, having a fold in Python only."""
        return tuple(name for name, state in self.states.items() if state not in self.compiled)

    @property
    def naming(self) -> tuple[EventType, ...]:
        """The event types that give an entity a name."""
        return tuple(event for event in self.events.values() if event.naming is not None)

    @property
    def sameness(self) -> tuple[EventType, ...]:
        """The event types that say which entities are the same."""
        return tuple(event for event in self.events.values() if event.sameness is not None)

    @property
    def fingerprint(self) -> str:
        """A digest of all that what is derived depends on: names, versions, fields in their order, folds."""
        events = [
            (event.name, event.version, event.formerly, [field.name for field in event.fields], event.shape)
            for _, event in sorted(self.events.items())
        ]
        states = [(state.name, state.shape) for _, state in sorted(self.states.items())]
        return hashlib.sha256(repr((events, states)).encode()).hexdigest()


def _named(what: str, name: str, known: Mapping[str, T], meant: Iterable[str]) -> T:
    """What is known by a name; where nothing is, those that are meant perhaps are told."""
    if name not in known:
        raise UnknownType(what, name, nearest(name, meant))
    return known[name]


def _add(known: dict[str, Any], registered: Any, cls: type) -> None:
    other = known.setdefault(registered.name, registered)
    if other is not registered:
        raise CatalogueError(
            f"{registered.name!r} is taken twice: by {other.cls.__name__} and {cls.__name__}"
        )


def _check_former(events: Mapping[str, EventType]) -> None:
    former: dict[str, str] = dict.fromkeys(events, "another type")
    for event in events.values():
        for before in event.formerly:
            if former.setdefault(before, event.name) != event.name:
                taken = f"{former[before]} is or was called so"
                raise CatalogueError(f"{before!r} cannot be the former name of {event.name}: {taken}")


def _check_usual(states: Mapping[str, StateType]) -> None:
    for whose, arity in ("one entity", 1), ("two entities", 2):
        usual = [name for name, state in states.items() if state.usual and state.arity == arity]
        if len(usual) > 1:
            raise CatalogueError(f"one state of {whose} can be the usual one, not {' and '.join(usual)}")


def _check(events: Mapping[str, EventType], states: Mapping[str, StateType]) -> None:
    _check_former(events)
    for event in events.values():
        if event.version < 1 or len(event.upcasts) != event.version - 1:
            raise CatalogueError(
                f"{event.name} is at version {event.version} and needs {max(event.version - 1, 0)} upcasts, "
                f"one for each older version; it has {len(event.upcasts)}"
            )
        if event.name in RESERVED:
            raise CatalogueError(
                f"{event.name!r} is a name that the file itself needs; call the event otherwise"
            )
    _check_usual(states)
    for state in states.values():
        for name in state.event_types:
            if name not in events:
                raise CatalogueError(f"the state {state.name} draws on {name}, which the catalogue lacks")
            if events[name].sameness is not None:
                raise CatalogueError(f"the state {state.name} draws on {name}, which says who is who only")
        _check_name(state.name, events, states)


def _check_name(name: str, events: Mapping[str, EventType], states: Mapping[str, StateType]) -> None:
    """See that a state, its periods and its slots are not called like anything else."""
    if name in events or name in RESERVED:
        raise CatalogueError(f"{name!r} is taken: by an event or by the file itself")
    if (periods := f"{name}_periods") in {*events, *states}:
        raise CatalogueError(f"{periods!r} is taken: the periods of the state {name} are called so")
    if (slots := f"{name}_slots") in states:
        raise CatalogueError(f"{slots!r} is taken: {slots}_as_of gives the slots of the state {name}")


def _ruled(
    declared: Iterable[Rule], events: Mapping[str, EventType], states: Mapping[str, StateType]
) -> Mapping[str, Rule]:
    """Rules by name, and behind them those of every vocabulary."""
    rules: dict[str, Rule] = {}
    for rule in (
        *declared,
        TermInOrder("terms", "No term ends before it begins.", terms=_terms(states)),
        *EVERYWHERE,
    ):
        if rules.setdefault(rule.name, rule) is not rule:
            raise CatalogueError(
                f"the rule {rule.name!r} is declared twice; every vocabulary has some of its own"
            )
        for name in rule.types:
            if name not in events:
                raise CatalogueError(f"the rule {rule.name} is about {name}, which the catalogue lacks")
    return rules


def _terms(states: Mapping[str, StateType]) -> tuple[Feed, ...]:
    """The dates that end what a state holds."""
    found = {
        Feed(feed.event, fold.until)
        for state in states.values()
        for fold in state.folds.values()
        for feed in fold.feeds
        if fold.until is not None
    }
    return tuple(sorted(found, key=lambda feed: (feed.type.name, str(feed.attribute))))


def _modules(package: ModuleType) -> Sequence[ModuleType]:
    """A package and its modules, in order of name.

    A package whose `__init__` declares nothing of ours is foreign: its modules are not imported. Nor is its
    demonstration, which is a user of the timeline as others are.
    """
    if not hasattr(package, "__path__") or not any(map(_registered, vars(package).values())):
        return [package]
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."))
    return [package, *(imported(name) for name in names if name != f"{package.__name__}.demo")]


def _declared(modules: Iterable[ModuleType]) -> Sequence[type[Any]]:
    """The event and state classes that modules define, in order of module name."""
    seen = {value: None for module in modules for value in vars(module).values() if _registered(value)}
    return sorted(seen, key=lambda cls: cls.__module__)


def _rules(modules: Iterable[ModuleType]) -> Sequence[Rule]:
    """The rules that modules list under the name RULES, each once."""
    found: dict[int, Rule] = {}
    for module in modules:
        listed = getattr(module, "RULES", ())
        if isinstance(listed, tuple):
            found |= {id(one): one for one in listed if isinstance(one, Rule)}
    return list(found.values())


def _registered(value: object) -> bool:
    return isinstance(value, type) and isinstance(vars(value).get("__timeline__"), EventType | StateType)
