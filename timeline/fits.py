"""What a name stands for: the entities that it fits, out of the rows that were looked up for it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

import attrs

__all__ = ["Book", "Fit", "NameRow", "fits_in", "near_in"]


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


@attrs.frozen
class Book:
    """All names that a log has up to its head, in memory: by how they are folded, and by entity."""

    _by_fold: Mapping[str, Sequence[NameRow]]
    _namings: Mapping[str, Sequence[NameRow]]
    _first: Mapping[str, str]

    @classmethod
    def of(cls, rows: Iterable[NameRow], first: Mapping[str, str]) -> Book:
        """The book of names as they are stored, and of the name first given to each entity."""
        by_fold: dict[str, list[NameRow]] = {}
        namings: dict[str, list[NameRow]] = {}
        for row in rows:
            entity, _, fold, _, naming = row
            by_fold.setdefault(fold, []).append(row)
            if naming:
                namings.setdefault(entity, []).append(row)
        return cls(by_fold, namings, first)

    def fitting(self, ids: Iterable[str], folds: Iterable[str]) -> list[NameRow]:
        """What a look-up gives: rows of folded names, of naming events of ids, and of ids themselves."""
        known = [one for one in ids if one in self._first]
        found = [row for fold in folds for row in self._by_fold.get(fold, ())]
        found += [row for one in known for row in self._namings.get(one, ())]
        return [*dict.fromkeys(found), *((one, self._first[one], one, 0, False) for one in known)]

    def names(self, entities: Iterable[str]) -> dict[str, tuple[str, list[int]]]:
        """The name that each entity was first given, and the positions of the naming events that name it."""
        return {
            one: (self._first[one], [row[3] for row in self._namings.get(one, ())])
            for one in entities
            if one in self._first
        }
