"""What a log holds of what a question is about: whom names mean, and all of one key of a state, at one go."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import attrs

from timeline.log.duckdb.log import Log
from timeline.log.duckdb.session import Session
from timeline.log.duckdb.sharing import Kept
from timeline.records import NOBODY, Evidence, Hidden, Names, Naming, NewEntity, Record, Samenesses
from timeline.values import Basis, NotAllowed, clean_name
from timeline.vocabulary import StateType


@attrs.frozen(eq=False)
class KeyRecords:
    """The records of one key up to a head, and what tells at any basis up to there which of them stand.

    They are those of every key that this one may be the same as, by what `same` holds. `worked_out` is room
    for what follows from them, and is kept as long as they are.
    """

    state: StateType
    key: tuple[str, ...]
    head: int
    evidence: Evidence
    naming: Naming
    same: Samenesses
    worked_out: dict[Hashable, Any] = attrs.field(factory=dict, init=False)


def once(session: Session) -> AbstractContextManager[object]:
    """Within it the file is opened once, if nobody holds it."""
    return session.reading() if session.kept() is None else nullcontext()


def meant(session: Session, texts: Sequence[str], expected: Sequence[NewEntity] = ()) -> Sequence[str]:
    """The ids of the entities meant; `expected` are such as are about to be made.

    Raises:
        UnknownEntity, AmbiguousName: if a name fits nobody, or two.
    """
    if not texts:
        return ()

    def read() -> Sequence[str]:
        with session.reading() as log:
            names = Names(log, texts)
            names.expect(expected)
            return [names.known(text) for text in texts]

    kept = None if expected else session.kept()
    return read() if kept is None else kept.until_changed(("ids", *texts), read)


def key_of(
    session: Session, state: StateType, who: Sequence[str], expected: Sequence[NewEntity] = ()
) -> tuple[str, ...]:
    """The ids of those meant, one or two, a pair in id order.

    Raises:
        UnknownEntity, AmbiguousName: as `meant`.
        NotAllowed: if the state is of another number of entities, or both names mean the same.
    """
    if len(who) != state.arity:
        wanted = "one entity" if state.arity == 1 else "two entities"
        raise NotAllowed(f"{state.name} is the state of {wanted}; {len(who)} given")
    key = tuple(sorted(meant(session, [clean_name(one) for one in who], expected)))
    if len(set(key)) < len(key):
        raise NotAllowed(f"{' and '.join(map(repr, who))} are both {key[0]}; a pair takes two entities")
    return key


def records_of(
    session: Session,
    state: StateType,
    who: Sequence[str],
    basis: Basis,
    expected: Sequence[NewEntity] = (),
) -> KeyRecords:
    """What is held of those meant, as `key_records`.

    Raises:
        UnknownEntity, AmbiguousName, NotAllowed: as `key_of`.
    """
    with once(session):
        return key_records(session, state, key_of(session, state, who, expected), basis)


def key_records(session: Session, state: StateType, key: tuple[str, ...], basis: Basis) -> KeyRecords:
    """What is held of a key: what is kept of that, if it reaches far enough; else read anew, and kept."""
    kept = session.kept()
    place = (state, key, bool(basis.filter))
    found: KeyRecords | None = None if kept is None else kept.get(place)
    if found is not None and found.head >= basis.position:
        return found
    with session.reading() as log:
        found = _read(log, state, key, basis, samenesses(log, kept))
    if kept is not None:
        kept.keep(place, found)
    return found


def _read(log: Log, state: StateType, key: tuple[str, ...], basis: Basis, same: Samenesses) -> KeyRecords:
    positions = _feeding(log, state, key, same)
    found = log.at(positions) if positions else {}
    records = [found[position] for position in positions]
    entities = {*key, *(one for record in records for one in record.entities)}
    return KeyRecords(
        state=state,
        key=key,
        head=basis.position,
        evidence=evidence(log, records, filtered=bool(basis.filter)),
        naming=naming(log, entities, same),
        same=same.about(same.kin(entities)) if same else same,
    )


def _feeding(log: Log, state: StateType, key: tuple[str, ...], same: Samenesses) -> list[int]:
    """The positions of all records that feed a key of a state, or any that it may be the same as."""
    if not same:
        return log.feeding(state, key)
    keys = {tuple(sorted(one)) for one in itertools.product(*(sorted(same.kin([one])) for one in key))}
    return sorted({position for one in keys for position in log.feeding(state, one)})


def samenesses(log: Log, kept: Kept | None) -> Samenesses:
    """All that the log holds of which entities are the same: what is kept of it, or read anew."""
    return log.samenesses() if kept is None else kept.until_changed("samenesses", log.samenesses)


def evidence(log: Log, records: Sequence[Record], *, filtered: bool) -> Evidence:
    """What the log holds that tells which of some records stand, at bases with a filter or at others."""
    hidden: dict[int, list[Hidden]] = {}
    if records and not filtered:
        for one in log.hidden([record.position for record in records]):
            hidden.setdefault(one.position, []).append(one)
    chains = log.said_of({one.origin for one in records}, records) if records and filtered else {}
    return Evidence(records, hidden, chains)


def naming(log: Log, entities: Iterable[str], same: Samenesses = NOBODY) -> Naming:
    """What the log holds of the names of some entities, and of whomever they may be the same as."""
    found = log.names_of(same.kin(entities) if same else entities)
    positions = sorted({position for _, named in found.values() for position in named})
    records = log.at(positions) if positions else {}
    first = {entity: name for entity, (name, _) in found.items()}
    return Naming(first, evidence(log, [records[one] for one in positions], filtered=False))
