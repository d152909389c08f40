"""Whether an append may be made, by what the log holds at the moment of writing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from timeline.log import Log
from timeline.records import Names, NewEntity, Record
from timeline.values import AppendConflict, NotAllowed, WrongBasis, clean_name
from timeline.vocabulary import Event, State

Types = str | type[Event] | Iterable[str | type[Event]] | None
"""Event types, by name or class: one, several, or None for any."""


def several_types(value: Types) -> tuple[str | type[Event], ...]:
    """Those types, each by name or class; none of them stands for any.

    Raises:
        NotAllowed: if they are nothing of the kind.
    """
    if value is None:
        return ()
    if isinstance(value, str | type):
        return (value,)
    if not isinstance(value, Iterable):
        raise NotAllowed(f"types are names or classes of events, not of type {type(value).__name__}")
    return tuple(value)


def several_names(value: str | Iterable[str]) -> tuple[str, ...]:
    """Those names or ids, one or several.

    Raises:
        BadText: if one is blank or no text.
        NotAllowed: if they are nothing of the kind.
    """
    if not isinstance(value, Iterable):
        raise NotAllowed(f"entities are names or ids, not of type {type(value).__name__}")
    return tuple(clean_name(one) for one in ([value] if isinstance(value, str) else value))


def checked_position(value: int) -> int:
    """The position after which to look.

    Raises:
        NotAllowed: if it is none, nor 0.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotAllowed(f"after={value!r}: it is a position, 0 or more")
    return value


@attrs.frozen(kw_only=True)
class Condition:
    """Records that must not be there for an append to be made: `append(…, unless=Condition(…))`.

    Meant are those after a position, such as `moment.basis.position`, that are of one of the types (by
    default any) and touch all of the entities, given by id or name; and what corrects, retracts or attests
    such a record. Who is the same as an entity counts as that one, and so does what says so.

    Raises:
        NotAllowed: if `after` is no position.
    """

    types: tuple[str | type[Event], ...] = attrs.field(default=None, converter=several_types)
    entities: tuple[str, ...] = attrs.field(default=(), converter=several_names)
    after: int = attrs.field(default=0, converter=checked_position)


Asked = Callable[[Any], object]
Unless = Condition | Asked | Iterable[Condition | Asked]
"""What must not be so: conditions, or functions of the Moment of writing that give something then."""

_MOST: Final = 100
"""How many records in the way an error has."""


@attrs.frozen
class Guard:
    """Refuses an append where what must not be so is so.

    Is called under the writer lock, in the transaction that writes, before anything is written.
    """

    conditions: tuple[Condition | Asked, ...]
    _moment: Callable[[Sequence[NewEntity]], object]
    _type_name: Callable[[str | type[Event]], str]

    @classmethod
    def of(
        cls,
        unless: Unless | None,
        *,
        moment: Callable[[Sequence[NewEntity]], object],
        type_name: Callable[[str | type[Event]], str],
    ) -> Guard | None:
        """The guard that refuses whatever is given; None if nothing is.

        `moment` gives the timeline as of now, with entities that are new, and `type_name` the name of a type
        that the catalogue has.

        Raises:
            NotAllowed: if it is neither a condition nor a function, nor several of these.
        """
        if unless is None:
            return None
        several = isinstance(unless, Iterable) and not isinstance(unless, Condition | str)
        conditions: Iterable[Any] = unless if several else (unless,)  # type: ignore[assignment]
        conditions = tuple(conditions)
        for one in conditions:
            if not (isinstance(one, Condition) or callable(one)):
                raise NotAllowed(f"unless={one!r}: it is a Condition, or a function of a Moment")
        return cls(conditions, moment, type_name)

    @property
    def asks_the_log(self) -> bool:
        """Whether it asks no function, which may ask for anything, but the log alone."""
        return all(isinstance(one, Condition) for one in self.conditions)

    def __call__(self, log: Log, coming: Sequence[NewEntity]) -> None:
        """See that nothing is in the way; `coming` are the entities that the append would make.

        Raises:
            AppendConflict: if something is, with the records that are.
            UnknownType, UnknownEntity, AmbiguousName, WrongBasis: if a condition cannot be read.
        """
        for one in self.conditions:
            if isinstance(one, Condition):
                self._check(one, log, coming)
            else:
                _check_answer(one(self._moment(coming)))

    def _check(self, condition: Condition, log: Log, coming: Sequence[NewEntity]) -> None:
        head = log.head().position
        if condition.after > head:
            raise WrongBasis(condition.after, head)
        names = Names(log, condition.entities)
        names.expect(coming)
        positions = log.concerning(
            after=condition.after,
            upto=head,
            types=[self._type_name(one) for one in condition.types],
            entities=[log.circle(names.known(one)) for one in condition.entities],
            sameness=True,
            most=_MOST,
        )
        if positions:
            records = log.at(positions)
            said = f"after position {condition.after} was said" if condition.after else "the log already says"
            raise AppendConflict(said, [records[one] for one in positions])


def _check_answer(answer: object) -> None:
    found = tuple(answer) if isinstance(answer, Iterator) else answer
    records = {record.position: record for record in _records_in(found)}
    if records if isinstance(found, State) else found:
        said = "unless= finds" if records else f"unless= gives {found!r}"
        raise AppendConflict(said, [records[position] for position in sorted(records)[:_MOST]])


def _records_in(found: Any) -> Iterator[Record]:
    """The records in an answer: itself, those behind a state, or those in a collection."""
    if isinstance(found, Record):
        yield found
    elif isinstance(found, State):
        yield from _records_in(found.because)
    elif isinstance(found, Mapping):
        yield from _records_in(found.values())
    elif isinstance(found, Iterable) and not isinstance(found, str | bytes):
        for one in found:
            yield from _records_in(one)
