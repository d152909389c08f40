"""What moves from one moment to another in all states that some records may enter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import attrs

from timeline.moment.planes import keys_of
from timeline.records import Record
from timeline.values import NotAllowed, UnknownEntity
from timeline.vocabulary import NOTHING, Plain, State, StateType, field_lines

if TYPE_CHECKING:
    from timeline.moment.moment import Moment
    from timeline.moment.violations import Violation

_KEYS: Final = 300
"""Of how many keys it is told what moves; a few records speak of more."""


@attrs.frozen(kw_only=True)
class Move(Plain):
    """A field of a state that says otherwise at another moment: in words, and by which positions there."""

    state: str
    who: tuple[str, ...]
    names: tuple[str, ...]
    field: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    because: tuple[int, ...]
    unsettled: tuple[int, ...]


def moves(before: Moment, after: Moment, records: Iterable[Record]) -> tuple[tuple[Move, ...], int]:
    """What moves in the states that records enter: what these say, or what unsettles them.

    Also how many more keys there are, which were not looked at. The moments may be of what-ifs, and of other
    sources.
    """
    counts = keys_of(after.catalogue.states.values(), records, {})
    keys = sorted(counts, key=lambda one: (-counts[one], one[0].name, one[1]))
    found: list[Move] = []
    for kind, key in keys[:_KEYS]:
        found += _moved(kind, _state(before, kind, key), _state(after, kind, key))
    return tuple(found), max(0, len(keys) - _KEYS)


def _state(moment: Moment, kind: StateType, key: Sequence[str]) -> State | None:
    """The state of a key; None where nobody knows whom it is of, or both of a pair are one."""
    with suppress(UnknownEntity, NotAllowed):
        state: State = moment.of(kind.cls, *key)
        return state
    return None


def _moved(kind: StateType, before: State | None, after: State | None) -> Iterable[Move]:
    for field in kind.folds:
        told = [_told(one, field) for one in (before, after)]
        shown = after or before
        if told[0] != told[1] and shown is not None:
            yield Move(
                state=kind.name,
                who=shown.who,
                names=tuple(map(shown.named, shown.who)),
                field=field,
                before=told[0][0],
                after=told[1][0],
                because=() if after is None else tuple(one.position for one in after.because[field]),
                unsettled=told[1][1],
            )


def _told(state: State | None, field: str) -> tuple[Any, ...]:
    if state is None:
        return (NOTHING,), ()
    return tuple(field_lines(state, field)), tuple(one.position for one in state.unsettled[field])


def turned(before: Moment, after: Moment, most: int = 200) -> tuple[list[Violation], list[Violation]]:
    """What does not add up at one moment only: at the later of the two, and at the earlier."""
    first, second = (
        {
            (one.rule, one.certain, tuple(each.position for each in one.records)): one
            for one in moment.check(most=most).violations
        }
        for moment in (before, after)
    )
    return (
        [one for sign, one in second.items() if sign not in first],
        [one for sign, one in first.items() if sign not in second],
    )
