"""Refusing what surely violates a rule, before it is committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from timeline.compile import statement
from timeline.log import Log
from timeline.values import Basis, DoesNotAddUp, When
from timeline.vocabulary import Rule

if TYPE_CHECKING:
    from timeline.moment.checking import Found, Inspection

__all__ = ["adding_up"]

_ANY: Final = When("2000")
"""The date of a basis, which does not matter to rules: they hold at every date."""
_FEW: Final = 1_000
"""Of up to so many entities, only what speaks of them is looked at."""


@contextmanager
def adding_up(log: Log) -> Iterator[None]:
    """Have what is written meanwhile add up; within the transaction that writes it.

    Raises:
        DoesNotAddUp: if a rule is surely violated that was not before; the caller rolls back.
    """
    from timeline.moment.checking import Inspection

    before = _head(log)
    yield
    touched, rules = _touched(log, before)
    now, then = (
        Inspection(log, Basis.at(_ANY, None, "latest", position), touched)
        for position in (_head(log), before)
    )
    told = [(rule, one) for rule in rules for one in _new(rule, now, then)]
    if told:
        raise DoesNotAddUp(now.violations(told))


def _head(log: Log) -> int:
    """The last position, read anew: `log.head()` may be what was kept of it."""
    rows = log.run("head")
    return int(rows[0][0]) if rows else 0


def _touched(log: Log, before: int) -> tuple[list[str] | None, list[Rule]]:
    """The entities that what is new may be about, None for very many, and the rules that it may violate."""
    catalogue = log.codec.catalogue
    rows = log.connection.execute(statement("rules", "touched"), [before]).fetchall()
    types = {catalogue.names[name].name for name, _ in rows if name in catalogue.names}
    known = any(catalogue.events[name].sameness is not None for name in types)
    rules = [
        rule
        for rule in catalogue.rules.values()
        if rule.refuses and (known or not types.isdisjoint(rule.types))
    ]
    if not rules:
        return [], []
    entities = sorted(log.samenesses().kin(entity for _, several in rows for entity in several))
    return (entities if len(entities) <= _FEW else None), rules


def _new(rule: Rule, now: Inspection, then: Inspection) -> Iterator[Found]:
    """What surely violates a rule now, and did not then."""
    several = _certain(rule, now)
    before = _cores(now.log, rule, _certain(rule, then)) if several else []
    for one, core in zip(several, _cores(now.log, rule, several), strict=True):
        if not any(core <= known for known in before):
            yield one


def _certain(rule: Rule, view: Inspection) -> list[Found]:
    several, _ = view.found(rule)
    return [one for one in several if one.certain]


def _cores(log: Log, rule: Rule, several: Iterable[Found]) -> list[frozenset[int]]:
    """What makes each violation the one that it is: the origins of its records, or of the first of them."""
    cores = [one.positions[: rule.core] for one in several]
    wanted = sorted({position for core in cores for position in core})
    origins = dict(log.connection.execute(statement("rules", "origins"), [wanted]).fetchall())
    return [frozenset(origins[position] for position in core) for core in cores]
