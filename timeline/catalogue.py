"""The event and state types of a vocabulary, and its rules, by name."""

from __future__ import annotations

import difflib
import hashlib
import importlib
import os
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Final

import attrs

from timeline.errors import CatalogueError, UnknownType
from timeline.event import Event, EventType
from timeline.folds import Feed
from timeline.rules import EVERYWHERE, Rule, TermInOrder
from timeline.state import PairState, State, StateType

__all__ = ["Catalogue"]

DEFAULT: Final = "events"
RESERVED: Final = frozenset(
    {
        "commits",
        "entities",
        "entity_names",
        "feeds",
        "foldings",
        "hidden",
        "letters",
        "log",
        "meta",
        "records",
        "refeeds",
        "rereads",
        "sameness",
        "sources",
        "superseded",
        "timeline",
        "entity",
    }
)


@attrs.frozen
class Catalogue:
    """A vocabulary: its event types, state types and rules, each by name.

    `name` is the package it was found in, or "inline" where it was made from classes. Behind the rules
    declared come those of every vocabulary.
    """

    name: str
    events: Mapping[str, EventType]
    states: Mapping[str, StateType]
    rules: Mapping[str, Rule]

    @classmethod
    def of(
        cls, *types: type[Event] | type[State], rules: Iterable[Rule] = (), name: str = "inline"
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
        return cls(name, events, states, _ruled(rules, events, states))

    @classmethod
    def find(cls, catalogue: Catalogue | ModuleType | str | None = None) -> Catalogue:
        """The catalogue itself, that of a package (or the name of one), or the default one.

        Without an argument TIMELINE_CATALOGUE names the package, else the entry point `timeline.catalogue`,
        else it is `events`.

        Raises:
            CatalogueError: if there is no such package, or it declares no event types.
        """
        if isinstance(catalogue, Catalogue):
            return catalogue
        given = catalogue or _configured()
        package = given if isinstance(given, ModuleType) else _import(given)
        modules = _modules(package)
        found = _declared(modules)
        if not any(issubclass(one, Event) for one in found):
            raise CatalogueError(
                f"the package {package.__name__!r} ({_place(package)}) declares no event types; "
                "name the vocabulary with catalogue= or TIMELINE_CATALOGUE"
            )
        return cls.of(*found, rules=_rules(modules), name=package.__name__)

    def event(self, name: str) -> EventType:
        """The event type of that name.

        Raises:
            UnknownType: if there is none, with the nearest names.
        """
        if name not in self.events:
            raise UnknownType("event", name, difflib.get_close_matches(name, self.events, 3))
        return self.events[name]

    def state(self, state: str | type[State]) -> StateType:
        """The state type of that name or class.

        Raises:
            UnknownType: if the catalogue has none such, with the nearest names.
        """
        if isinstance(state, str):
            if state not in self.states:
                raise UnknownType("state", state, difflib.get_close_matches(state, self.states, 3))
            return self.states[state]
        registered: Any = getattr(state, "__timeline__", None)
        if isinstance(registered, StateType) and self.states.get(registered.name) is registered:
            return registered
        raise UnknownType("state", getattr(state, "__name__", repr(state)), list(self.states)[:3])

    def rule(self, name: str) -> Rule:
        """The rule of that name.

        Raises:
            UnknownType: if there is none, with the nearest names.
        """
        if name not in self.rules:
            raise UnknownType("rule", name, difflib.get_close_matches(name, self.rules, 3))
        return self.rules[name]

    def pair_state(self) -> StateType:
        """The pair state named `relationship`, else the only pair state.

        Raises:
            CatalogueError: if there is neither.
        """
        pairs = {name: state for name, state in self.states.items() if issubclass(state.cls, PairState)}
        if "relationship" in pairs:
            return pairs["relationship"]
        if len(pairs) != 1:
            raise CatalogueError(f"`between` needs one pair state; {self.name} has {len(pairs)}: use `of`")
        return next(iter(pairs.values()))

    @property
    def compiled(self) -> tuple[StateType, ...]:
        """The states that can be asked for in SQL: those with no fold in Python only."""
        folds = {name: {fold.kind for fold in state.folds.values()} for name, state in self.states.items()}
        return tuple(state for name, state in self.states.items() if "fold" not in folds[name])

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
        """A digest of all that the derived tables depend on: names, versions, fields, sentences."""
        parts = [
            (
                event.name,
                event.version,
                event.naming,
                event.sameness,
                event.says.parts,
                [attrs.astuple(f) for f in event.fields],
            )
            for _, event in sorted(self.events.items())
        ]
        folds = [(state.name, state.arity, list(_specs(state))) for _, state in sorted(self.states.items())]
        return hashlib.sha256(repr((parts, folds)).encode()).hexdigest()


def _specs(state: StateType) -> Iterable[object]:
    """All that the derived tables of a state depend on."""
    for field, fold in state.folds.items():
        feeds = [
            [(feed.type.name, feed.attribute, feed.constant) for feed in feeds]
            for feeds in (fold.feeds, fold.ends)
        ]
        yield field, fold.kind, feeds, fold.gives, fold.per, fold.until, fold.sides


def _add(known: dict[str, Any], registered: Any, cls: type) -> None:
    other = known.setdefault(registered.name, registered)
    if other is not registered:
        raise CatalogueError(
            f"{registered.name!r} is taken twice: by {other.cls.__name__} and {cls.__name__}"
        )


def _check(events: Mapping[str, EventType], states: Mapping[str, StateType]) -> None:
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
    for state in states.values():
        for name in state.event_types:
            if name not in events:
                raise CatalogueError(f"the state {state.name} draws on {name}, which the catalogue lacks")
            if events[name].sameness is not None:
                raise CatalogueError(f"the state {state.name} draws on {name}, which says who is who only")
        if state.name in events or state.name in RESERVED:
            raise CatalogueError(f"{state.name!r} is taken: by an event or by the file itself")
        if (periods := f"{state.name}_periods") in {*events, *states}:
            raise CatalogueError(f"{periods!r} is taken: the periods of the state {state.name} are called so")


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


def _configured() -> str:
    named = os.environ.get("TIMELINE_CATALOGUE")
    if named:
        return named
    from importlib.metadata import entry_points  # which takes longer to import than the rest of this module

    found = sorted(entry.value for entry in entry_points(group="timeline.catalogue"))
    if len(found) > 1:
        raise CatalogueError(
            f"several packages offer a catalogue ({', '.join(found)}); name one with catalogue="
        )
    return found[0] if found else DEFAULT


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as problem:
        if problem.name is not None and name.split(".", maxsplit=1)[0] == problem.name.split(".")[0]:
            raise CatalogueError(f"there is no package {name!r} to take the vocabulary from") from None
        raise


def _place(package: ModuleType) -> str:
    return package.__file__ or ", ".join(getattr(package, "__path__", ["?"]))


def _modules(package: ModuleType) -> Sequence[ModuleType]:
    """A package and its modules, in order of name.

    A package whose `__init__` declares nothing of ours is foreign: its modules are not imported.
    """
    if not hasattr(package, "__path__") or not any(map(_registered, vars(package).values())):
        return [package]
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."))
    return [package, *(importlib.import_module(name) for name in names)]


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
