"""Refusing what surely violates a rule, before it is committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from timeline.errors import DoesNotAddUp
from timeline.log import Log
from timeline.rules import Rule
from timeline.statements import statement

if TYPE_CHECKING:
    from timeline.check.running import Found

__all__ = ["adding_up"]

_FEW: Final = 1_000
"""Of up to so many entities, only what speaks of them is looked at."""


@contextmanager
def adding_up(log: Log, *, strict: bool) -> Iterator[None]:
    """Have what is written meanwhile add up, if `strict`; within the transaction that writes it.

    Raises:
        DoesNotAddUp: if a rule is surely violated that was not before; the caller rolls back.
    """
    before = log.head().position if strict else 0
    yield
    if strict:
        from timeline.check.running import violations

        after = log.head().position
        told = list(_new(log, before, after))
        if told:
            raise DoesNotAddUp(violations(log, told, known=None, position=after))


def _new(log: Log, before: int, after: int) -> Iterator[tuple[Rule, Found]]:
    """What surely violates a rule up to a position, and did not up to an earlier one."""
    rows = log.connection.execute(statement("rules", "touched"), [before]).fetchall()
    types = {name for name, _ in rows}
    entities = sorted({entity for _, several in rows for entity in several})
    touched = entities if len(entities) <= _FEW else None
    for rule in log.codec.catalogue.rules.values():
        if not rule.refuses or types.isdisjoint(rule.types):
            continue
        now = _certain(log, rule, after, touched)
        then = _cores(log, rule, _certain(log, rule, before, touched)) if now else []
        for one, core in zip(now, _cores(log, rule, now), strict=True):
            if not any(core <= known for known in then):
                yield rule, one


def _certain(log: Log, rule: Rule, position: int, touched: Sequence[str] | None) -> list[Found]:
    from timeline.check.running import found

    several, _ = found(log, rule, position=position, touched=touched)
    return [one for one in several if one.certain]


def _cores(log: Log, rule: Rule, several: Iterable[Found]) -> list[frozenset[int]]:
    """What makes each violation the one that it is: the origins of its records, or of the first of them."""
    cores = [one.positions[: rule.core] for one in several]
    wanted = sorted({position for core in cores for position in core})
    origins = dict(log.connection.execute(statement("rules", "origins"), [wanted]).fetchall())
    return [frozenset(origins[position] for position in core) for core in cores]
