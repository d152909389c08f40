"""What a name stands for: the entities that it fits, out of the rows that were looked up for it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

import attrs

__all__ = ["Fit", "NameRow", "fits_in", "near_in"]


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
