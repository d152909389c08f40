"""Whom a name means, and under which name an entity is shown."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import attrs

from timeline.records.record import NewEntity, Spellings
from timeline.records.standing import Evidence
from timeline.values import (
    EVERYBODY,
    AmbiguousName,
    Basis,
    UnknownEntity,
    clean_name,
    folded,
    is_placeholder,
    listed,
    seems_a_list,
    slug,
)
from timeline.vocabulary import Event


@attrs.frozen
class Fit:
    """One fit for a name in the log: the entity, the name as it has it, and whether it is the id itself."""

    entity: str
    name: str
    folded: str
    exact: bool


NameRow = tuple[str, str, str, int, bool]
"""What a name stands for: the entity, the name, as it is folded, its position, whether by a naming event."""


def fits_in(rows: Iterable[NameRow], folds: Container[str]) -> list[Fit]:
    """What names that were looked up stand for; at position 0 are ids that are known, with first names."""
    ordered = sorted(rows, key=lambda row: row[3])
    fits = {
        Fit(entity, name, fold, False): None for entity, name, fold, at, _ in ordered if at and fold in folds
    }
    last = {entity: name for entity, name, _, at, naming in ordered if naming or not at}
    return [*(Fit(row[0], last[row[0]], row[0], True) for row in ordered if not row[3]), *fits]


def near_in(
    rows: Iterable[tuple[str, str, str]], folds: Mapping[str, str]
) -> dict[str, list[tuple[str, str]]]:
    """By name, the entities found near it, each with its own; `folds` gives the name behind a folded one."""
    found: dict[str, list[tuple[str, str]]] = {}
    for fold, entity, name in rows:
        found.setdefault(folds[fold], []).append((entity, name))
    return found


_HINT: Final = 0.7
_LIKENESS: Final = 0.9
_COMPARED: Final = 100
_ALL: Final = "(?s)."
_BUT_NUMBERS: Final = "[^0-9]"


class Register(Protocol):
    """What the log knows of names."""

    def fits(self, ids: Iterable[str], folds: Iterable[str]) -> Sequence[Fit]:
        """The entities with one of these ids, or a name that folds to one of those."""

    def same(self, entities: Iterable[str]) -> Mapping[str, str]:
        """By id, whom those of some entities that are the same as another are read as now."""

    def near(
        self, names: Mapping[str, str], likeness: float, unlike: str
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """For each name, entities (but the one it maps to) of nearly that name, each with it.

        What the pattern `unlike` finds in them may be unlike; the rest is the same.
        """


def asked_for(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """What a register is asked for to find out whom texts mean: ids, and folded names."""
    return [*texts, *map(slug, texts)], list(dict.fromkeys(map(folded, texts)))


class Names:
    """Finds out whom names mean; in an append, takes unknown names as new entities.

    An exact id wins over any name. Else names are compared as `folded` leaves them.
    """

    def __init__(self, register: Register, texts: Iterable[str]) -> None:
        self._register = register
        self._ids: set[str] = set()
        self._by_fold: dict[str, dict[str, dict[str, None]]] = {}
        self._spelt: dict[str, dict[str, None]] = {}
        self._placeholders: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._met: set[str] = set()
        self._meant: dict[str, str] = {}
        self.new: list[NewEntity] = []
        self.meet(texts)

    def meet(self, texts: Iterable[str]) -> None:
        """Look up whom texts may mean, those that were not met before."""
        wanted = [text for text in dict.fromkeys(texts) if text not in self._met]
        if not wanted:
            return
        self._met.update(wanted)
        for fit in self._register.fits(*asked_for(wanted)):
            if fit.exact:
                self._ids.add(fit.entity)
                self._shown[fit.entity] = fit.name
            else:
                self._call(fit.entity, fit.name)

    def give(self, entity: str, name: str) -> None:
        """Note that an entity has a name."""
        self._call(entity, name)
        self._shown[entity] = name

    def _call(self, entity: str, name: str) -> None:
        self._meant.clear()
        self._by_fold.setdefault(folded(name), {}).setdefault(entity, {})[name] = None

    def shown(self, entity: str) -> str:
        """The name last given to an entity, or its id."""
        return self._shown.get(entity, entity)

    def find(self, text: str) -> str | None:
        """The id of the entity meant, or None if nobody is.

        Raises:
            AmbiguousName: if it fits two.
        """
        if text in self._ids:
            return text
        fits = self._by_fold.get(folded(text), ())
        if len(fits) > 1:
            raise AmbiguousName(text, sorted(fits))
        return next(iter(fits), None)

    def known(self, text: str) -> str:
        """The id of the entity meant by a question; of two that are the same now, the one they are read as.

        Raises:
            UnknownEntity: if nobody is meant, with the nearest names.
            AmbiguousName: if it fits two.
        """
        try:
            entity = self.find(text)
        except AmbiguousName as problem:
            same = self._register.same(problem.entities)
            entity, *others = {same.get(one, one) for one in problem.entities}
            if others:
                raise
        if entity is None:
            raise UnknownEntity(text, self._nearest(text))
        return entity

    def found_or_new(self, text: str, *, declared: bool) -> str:
        """The id of the entity meant by an append; an unknown name makes a new one.

        Raises:
            UnknownEntity: if nobody is meant and entities have to be declared.
            AmbiguousName: if it fits two.
        """
        entity = self._meant.get(text)
        if entity is not None:
            return entity
        entity = self.find(text)
        if entity is not None:
            self._note(entity, text)
            self._meant[text] = entity
            return entity
        if declared:
            raise UnknownEntity(text, self._nearest(text), declared=True)
        base = slug(text)
        entity, count = base, 1
        while entity in self._ids:
            count += 1
            entity = f"{base}-{count}"
            self._ids.update(fit.entity for fit in self._register.fits([entity], ()))
        self._ids.add(entity)
        self.give(entity, text)
        self.new.append(NewEntity(entity, text))
        self._note(entity, text)
        return entity

    def _note(self, entity: str, name: str) -> None:
        """Note if an entity is called by a name that looks like none, or that it was not called by before."""
        if is_placeholder(name):
            self._placeholders[name] = entity
        called = self._by_fold.get(folded(name), {}).get(entity, {})
        if name != entity and name not in called:
            first = next((one for one in called if one != entity or slug(name) != entity), name)
            self._spelt.setdefault(entity, {first: None})[name] = None

    def exact_or_new(self, entity: str, name: str | None, *, declared: bool) -> str:
        """The id itself, of an entity that has that name; one that is not known makes a new entity.

        Raises:
            UnknownEntity: if it is not known and entities have to be declared.
        """
        if entity not in self._ids:
            if declared:
                raise UnknownEntity(entity, self._nearest(entity), declared=True)
            self._ids.add(entity)
            self.give(entity, name or entity)
            self.new.append(NewEntity(entity, name or entity))
            self._note(entity, name or entity)
        elif name is not None:
            self._note(entity, name)
            self._call(entity, name)
        return entity

    def spellings(self) -> list[Spellings]:
        """The entities that were called otherwise than before, each with what it was called."""
        return [Spellings(entity, tuple(names)) for entity, names in self._spelt.items() if len(names) > 1]

    def placeholders(self) -> dict[str, str]:
        """The names that look like none, each with the entity that it was taken for."""
        return dict(self._placeholders)

    def behind(self) -> Names:
        """Names for an append that comes behind: all that is known here is known to it, and nothing new."""
        names = Names(self._register, ())
        names._ids, names._met, names._shown = set(self._ids), set(self._met), dict(self._shown)
        names._by_fold = {
            fold: {entity: dict(called) for entity, called in fits.items()}
            for fold, fits in self._by_fold.items()
        }
        return names

    def hear(self, entities: Iterable[NewEntity], named: Iterable[Mapping[str, str]]) -> None:
        """Take in what an append has made, and whom its records call how."""
        self.expect(entities)
        for names in named:
            for entity, name in names.items():
                self._call(entity, name)

    def expect(self, entities: Iterable[NewEntity]) -> None:
        """Take entities that are about to be made as known."""
        for one in entities:
            self._ids.add(one.id)
            self.give(one.id, one.name)

    def _nearest(self, text: str) -> list[str]:
        near = self._register.near({text: ""}, _HINT, _ALL).get(text, ())
        return [name if slug(name) == entity else f"{name} ({entity})" for entity, name in near]

    def with_near_misses(self) -> tuple[NewEntity, ...]:
        """The new entities, each with known ones of nearly the same name; asks the log, once it has them.

        Names with other numbers in them mean others. In a bulk load, which nobody reads name by name, only
        the first hundred are compared.
        """
        compared = {one.name: one.id for one in self.new[:_COMPARED]}
        near = self._register.near(compared, _LIKENESS, _BUT_NUMBERS) if compared else {}
        lists = self._lists()
        return tuple(
            attrs.evolve(
                one,
                near=tuple(entity for entity, _ in near.get(one.name, ()) if entity != one.id),
                lists=lists.get(one.id, ()),
            )
            for one in self.new
        )

    def _lists(self) -> dict[str, tuple[str, ...]]:
        """By id, what the names of new entities seem to list: known ids, or names parted like lists."""
        parts = {one.id: listed(one.name) for one in self.new[:_COMPARED]}
        self.meet(part for several in parts.values() for part in several)
        lists = {one.id: listed(one.name) for one in self.new if seems_a_list(one.name)}
        for entity, several in parts.items():
            known = [min(self._by_fold.get(folded(part), ()), default=entity) for part in several]
            if known and entity not in known:
                lists[entity] = tuple(dict.fromkeys(known))
        return lists


def with_ids(
    event: Event, names: Names, before: Mapping[str, str], called: Mapping[str, str], *, declared: bool
) -> tuple[Event, dict[str, str]]:
    """The event with ids in place of names, and by id the name as given where it is another.

    `before` has names that are settled: by name, whom the same record meant when it was first said; `called`
    by field the name that is given beside an id.
    """
    given: dict[str, str] = {}

    def resolve(text: str) -> str:
        name = clean_name(text)
        entity = before.get(name) or names.found_or_new(name, declared=declared)
        if entity != text:
            given.setdefault(entity, text)
        return entity

    changes: dict[str, Any] = {}
    for field in event.__timeline__.entities:
        value = getattr(event, field)
        if value is None:
            continue
        entity = (
            tuple(dict.fromkeys([resolve(one) for one in value]))
            if isinstance(value, tuple)
            else resolve(value)
        )
        if field in called and called[field] != entity:
            given.setdefault(str(entity), called[field])
        if entity != value:
            changes[field] = entity
    return attrs.evolve(event, **changes) if changes else event, given


def named_by(event: Event) -> tuple[str, str] | None:
    """The entity and the name that a naming event gives it."""
    naming = event.__timeline__.naming
    return None if naming is None else (getattr(event, naming[0]), getattr(event, naming[1]))


@attrs.frozen
class Naming:
    """How some entities are called, whatever the sources: the name first given to each, and what names it."""

    first: Mapping[str, str]
    namings: Evidence

    def shown(self, entities: Iterable[str], basis: Basis, ids: Mapping[str, str]) -> dict[str, str]:
        """By entity, its name as of a basis: the last given by then, else the one it was first called by.

        An entity that was first spoken of by its id has the first name ever given to it. Those that `ids`
        read as others have the names of those, who are shown too, and give them theirs.
        """
        given: dict[str, list[tuple[datetime, int, str]]] = {}
        for record in self.namings.view(attrs.evolve(basis, filter=EVERYBODY)).standing:
            named = None if record.event is None else named_by(record.event)
            at = basis.counts_at(record)
            if named is not None and at is not None and record.credence != "denied":
                given.setdefault(ids.get(named[0], named[0]), []).append((at, record.origin, named[1]))
        several = set(entities)
        shown = {}
        for entity in several | {ids[one] for one in several if one in ids}:
            meant = ids.get(entity, entity)
            known = sorted(given.get(meant, ()))
            by_then = [name for at, _, name in known if at <= basis.point]
            first = self.first.get(meant, meant)
            shown[entity] = by_then[-1] if by_then else known[0][2] if known and first == meant else first
        return shown
