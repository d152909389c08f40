"""The history of a key, worked out from its dossier: over valid time, over known time, or as known then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

import attrs

from timeline.basis import Basis
from timeline.between import Span
from timeline.courses import Seen, Turn, sampled, turns
from timeline.dossier import Dossier
from timeline.fields import Kind
from timeline.history import Axis, History, periods
from timeline.log import Log
from timeline.record import Record
from timeline.replay import ordered
from timeline.view import sifted
from timeline.zones import TICK

__all__ = ["chronicle"]


def chronicle(
    dossier: Dossier, log: Log, basis: Basis, *, field: str | None, axis: Axis, then: bool, span: Span
) -> History:
    """The history of a key at a basis, of one field or of all.

    Over valid time the point of the basis does not matter; with `then`, each instant is told by what was
    known at it. Over known time it is that of the answer at that point.
    """
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
    instants = set(dossier.knowns(basis))
    if then:
        instants |= _datings(dossier.records)

    def look(at: datetime) -> Seen:
        view = dossier.view(attrs.evolve(basis, known_point=at))
        return view.at(at if then else basis.point, basis.dates).of(fields)

    causes = partial(_causes, _Learned.read(dossier, log, basis))
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
    """By origin, all that was said that may change what stands; and the basis that it is looked at from."""

    said: Mapping[int, Sequence[Record]]
    basis: Basis

    @classmethod
    def read(cls, dossier: Dossier, log: Log, basis: Basis) -> _Learned:
        """What the log holds of the records of a key."""
        chains = dossier.chains or log.said_of({record.origin for record in dossier.records}, dossier.records)
        return cls({**chains, **dossier.same.chains}, basis)

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
    learned: _Learned, at: datetime, before: Seen, now: Seen, changed: Sequence[str]
) -> tuple[Record, ...]:
    """The records that changed some fields at an instant: what became known then, else what is now due."""
    old, new = ({record.position: record for record in _behind(seen, changed)} for seen in (before, now))
    differing = {place: record for place, record in (old | new).items() if (place in old) != (place in new)}
    told = learned.at(at, {record.origin for record in differing.values()})
    told = told or learned.at(at, learned.said)
    if not told:
        gained = [record for place, record in differing.items() if place in new]
        told = gained or list(differing.values())
    return ordered([tuple(told or [one for name in changed for one in now.because[name]]), ()])


def _behind(seen: Seen, fields: Iterable[str]) -> Iterator[Record]:
    for name in fields:
        yield from seen.because[name]
        yield from seen.unsettled[name]
