"""The history of a key, worked out from its dossier: over valid time, over known time, or as known then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

import attrs

from timeline.log import Log
from timeline.moment.dossier import Dossier
from timeline.moment.history import Axis, History, periods
from timeline.moment.replay import ordered
from timeline.moment.turns import Seen, Turn, sampled, turns
from timeline.records import Record, sifted
from timeline.values import TICK, Basis, Span
from timeline.vocabulary import Kind, StateType

__all__ = ["chronicle"]


def chronicle(
    dossier: Dossier, log: Log, basis: Basis, *, field: str | None, axis: Axis, span: Span
) -> History:
    """The history of a key at a basis, of one field or of all.

    Over valid time the point of the basis does not matter; as known "then", each instant is told by what was
    known at it. Over known time it is that of the answer at that point, as far as it was known by the basis.
    """
    then = basis.then and axis == "valid"
    if then:
        basis = attrs.evolve(basis, known=None, known_point=None)
    fields = tuple(dossier.state.folds) if field is None else (field,)
    ids = dossier.same.ids(basis)
    entities = {*dossier.key, *(one for record in dossier.records for one in record.entities)}
    entities |= {ids[one] for one in entities if one in ids}
    return History(
        state=dossier.state,
        who=tuple(sorted(ids.get(one, one) for one in dossier.key)),
        field=field,
        axis=axis,
        basis=basis,
        then=then,
        span=span,
        names=dossier.naming.shown(entities, basis, ids),
        periods=tuple(periods(_turns(dossier, log, basis, fields, axis, then), axis, field, span)),
    )


def _turns(
    dossier: Dossier, log: Log, basis: Basis, fields: Sequence[str], axis: Axis, then: bool
) -> Iterator[Turn]:
    if axis == "valid" and not then:
        yield from turns(dossier.view(basis), fields, basis.dates)
        return
    limit = basis.known_point
    instants = {one for one in dossier.knowns(basis) if limit is None or one <= limit}
    if then:
        instants |= _datings(dossier.records)

    def look(at: datetime) -> Seen:
        view = dossier.view(attrs.evolve(basis, known_point=at))
        return view.at(at if then else basis.point, basis.dates).of(fields)

    causes = partial(_causes, _Learned.read(dossier, log, basis), then)
    yield from sampled(instants, fields, look, causes)


def _datings(records: Iterable[Record]) -> set[datetime]:
    """Every instant at which what the records tell may begin or end, by date or by term."""
    found: set[datetime | None] = set()
    for record in records:
        if record.event is None:
            continue
        found |= {record.event.occurred.earliest, record.event.occurred.latest}
        for field in record.event.__timeline__.fields:
            when = getattr(record.event, field.name) if field.kind is Kind.WHEN else None
            if when is not None and when.latest is not None:
                found.add(when.latest + TICK)
    return {one for one in found if one is not None}


@attrs.frozen
class _Learned:
    """By origin, all that was said that may change what stands; and the basis that it is looked at from.

    `state` is the state whose fields it may change, and `same` are the origins of what says who is the same.
    """

    state: StateType
    said: Mapping[int, Sequence[Record]]
    same: Collection[int]
    basis: Basis

    @classmethod
    def read(cls, dossier: Dossier, log: Log, basis: Basis) -> _Learned:
        """What the log holds of the records of a key."""
        chains = dossier.chains or log.said_of({record.origin for record in dossier.records}, dossier.records)
        return cls(dossier.state, {**chains, **dossier.same.chains}, dossier.same.chains.keys(), basis)

    def until(self, field: str) -> str | None:
        """The field of an event that holds the term of what it opens in a field of the state."""
        return self.state.folds[field].until

    def feeding(self, fields: Sequence[str]) -> list[int]:
        """The origins of what enters some fields of the state, and of what says who is the same."""
        return [
            origin
            for origin, several in self.said.items()
            if origin in self.same
            or any(
                feeding.field in fields
                for one in several
                if one.event is not None
                for feeding in self.state.feeding(type(one.event))
            )
        ]

    def at(self, instant: datetime, origins: Iterable[int]) -> list[Record]:
        """What became known at an instant of some chains, and is in view then."""
        basis = attrs.evolve(self.basis, known_point=instant)
        return [
            one
            for origin in origins
            if any(one.known_at == instant for one in self.said.get(origin, ()))
            for one in self._in_view(self.said[origin], basis)
            if one.known_at == instant
        ]

    def _in_view(self, chain: Sequence[Record], basis: Basis) -> list[Record]:
        """What of a chain is in view; by a filter attestations too, since by these it lets through."""
        seen = sifted(chain, basis).seen
        return [one for one in chain if one.position in seen and (basis.filter or one.kind != "attestation")]


def _causes(
    learned: _Learned, due: bool, at: datetime, before: Seen, now: Seen, changed: Sequence[str]
) -> tuple[Record, ...]:
    """The records that changed some fields at an instant: what became known then, and what is now `due`.

    As over valid time, a value changes by the records that it now rests on and did not before, or by one
    whose term has run out; where it stays the same, by those that unsettle it or no longer do.
    """
    told = learned.at(at, learned.feeding(changed))
    moved: dict[int, Record] = {}
    reasons: list[Record] = []
    for name in changed:
        rested, rests = ({one.position: one for one in seen.because[name]} for seen in (before, now))
        doubts, doubted = ({one.position: one for one in seen.unsettled[name]} for seen in (before, now))
        if before.values[name] != now.values[name]:
            dated, gone = _apart(rests, rested), _apart(rested, rests)
            reasons += [one for one in rests.values() if due and _ran_out(learned.until(name), one, at)]
        else:
            dated, gone = [*_apart(doubts, doubted), *_apart(doubted, doubts)], []
        reasons += [one for one in dated if due and (not told or _dated(one, at))]
        moved |= {one.position: one for one in (*dated, *gone)}
    reasons += learned.at(at, {one.origin for one in moved.values()}) if told else []
    reasons = reasons or told or list(moved.values())
    return ordered([tuple(reasons or [one for name in changed for one in now.because[name]]), ()])


def _apart(some: Mapping[int, Record], others: Mapping[int, Record]) -> list[Record]:
    """The records that are among some and not among others."""
    return [one for place, one in some.items() if place not in others]


def _dated(record: Record, at: datetime) -> bool:
    """Whether an event may have happened, or surely has, from an instant on."""
    when = record.occurred
    return when is not None and at in {when.earliest, when.latest}


def _ran_out(until: str | None, record: Record, at: datetime) -> bool:
    """Whether the term of an event, the date in a field, runs out at an instant."""
    when = None if until is None else getattr(record.event, until, None)
    return when is not None and when.latest is not None and when.latest + TICK == at
