"""What is retracted together, in one commit: what rests on one source alone, or what a commit said."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from timeline.log import LeftOut, Log
from timeline.records import Link, Record, Retraction, content_id, superseded
from timeline.values import AlreadySuperseded, Filter, NotAllowed, Source, UnknownRecord, WrongTarget

_FEW: Final = 3
_ORDER: Final = {"retraction": 0, "correction": 1, "assertion": 1, "attestation": 2}
"""Of what rests on a source alone, what is retracted first: what others may rest on again by that."""

Pick = Callable[[Sequence[Record]], Record | None]
"""Which of the records of a chain that stand is retracted next, if any."""


@attrs.frozen
class Together:
    """Retractions that are made together, in order, and what was to be retracted and stands no more."""

    statements: tuple[Retraction, ...] = ()
    superseded: tuple[Record, ...] = ()


def resting_on(log: Log, cited: Any, *, whole: bool, sources: Iterable[Source]) -> Together:
    """The retractions after which nothing that stands rests on a source alone; what comes back included.

    `sources` are those whose word the retractions are. Where that is the same source's, what it retracted
    itself stays retracted.

    Raises:
        NotAllowed: if no source is named.
        UnknownSource: if the log cites none of that name.
    """
    filter_ = Filter(without=cited, only=(), credence=())
    if not filter_:
        raise NotAllowed("resting_on= names no source: give a Source, or the title, publisher or url of one")
    every = log.all_sources()
    filter_.check(every)
    own = bool(said := list(sources)) and all(map(filter_.distrusts, said))
    origins = log.connection.execute(*LeftOut.by(filter_, every).origins()).fetchall()

    def pick(standing: Sequence[Record]) -> Record | None:
        alone = [
            one
            for one in standing
            if not filter_.passes(one.credence, _vouching(one, standing))
            and not (own and one.kind == "retraction")
        ]
        return min(alone, key=lambda one: (_ORDER[one.kind], -one.position), default=None)

    chains = log.said_of(origin for (origin,) in origins).values() if origins else ()
    return Together(tuple(_retractions(chains, pick, whole=whole)))


def said_by(log: Log, position: int, *, whole: bool) -> Together:
    """The retractions that undo a commit, which is named by the position of any of its records.

    All that it said and stands is retracted, and what of it comes back by that; what others have superseded
    since is left as it is.

    Raises:
        NotAllowed: if what is given is no position.
        UnknownRecord: if the log has no such position.
        AlreadySuperseded: if nothing of it stands.
        WrongTarget: if all that it says is what was redacted.
    """
    if isinstance(position, bool) or not isinstance(position, int):
        raise NotAllowed(f"commit={position!r}: it is the position of any record of the commit")
    if not 1 <= position <= log.head().position:
        raise UnknownRecord(position)
    ((first, last),) = log.run("commit of", position)
    records = [one for one in log.records(after=first - 1, upto=last) if one.kind != "redaction"]
    chains = list(log.said_of({one.origin for one in records}).values()) if records else []
    fallen = {place: by for chain in chains for place, by in superseded([*map(Link.of, chain)]).items()}
    said = {one.position for one in records}
    if records and said <= fallen.keys():
        _refuse(log, first, last, [fallen[one.position] for one in records])
    if not records:
        raise WrongTarget(f"{_named(first, last)} says what is redacted, which stays")

    def pick(standing: Sequence[Record]) -> Record | None:
        there = [one for one in standing if one.position in said]
        return max(there, key=lambda one: one.position, default=None)

    statements = tuple(_retractions(chains, pick, whole=whole))
    done = {one.target for one in statements}
    left = [one for one in records if one.position not in done and _superseded_since(one, fallen, said)]
    return Together(statements, tuple(left))


def _superseded_since(record: Record, fallen: Mapping[int, int], said: Container[int]) -> bool:
    """Whether what supersedes a record of a commit is another's word."""
    return record.position in fallen and fallen[record.position] not in said


def _refuse(log: Log, first: int, last: int, superseders: Sequence[int]) -> None:
    several = [one for one in dict.fromkeys(superseders) if not first <= one <= last]
    told = [one.undoing for one in log.at(several[:_FEW]).values()]
    more = [f"{len(several) - _FEW} more"] if len(several) > _FEW else []
    by = ", ".join([*told, *more])
    raise AlreadySuperseded(_named(first, last), by, "nothing of it is left to retract")


def _named(first: int, last: int) -> str:
    return f"the commit of #{first}" + (f" to #{last}" if last > first else "")


def _vouching(record: Record, standing: Sequence[Record]) -> Iterator[Source]:
    """On whom a record rests: its own sources, and those of its attestations that stand."""
    yield from record.sources
    for one in standing:
        if one.kind == "attestation" and one.target == record.position:
            yield from one.sources


def _retractions(chains: Iterable[Sequence[Record]], pick: Pick, *, whole: bool) -> Iterator[Retraction]:
    """What is retracted of some chains, the latest records first as far as that can be."""
    several = [list(_picked(chain, pick, whole=whole)) for chain in chains]
    for _, statement in heapq.merge(*several, key=lambda one: -one[0]):
        yield statement


def _picked(chain: Sequence[Record], pick: Pick, *, whole: bool) -> Iterator[tuple[int, Retraction]]:
    """What is retracted of a chain, one by one, each looked for in what then stands."""
    links = [Link.of(record) for record in chain]
    done: set[int] = set()
    while True:
        fallen = superseded(links)
        standing = [one for one in chain if one.position not in fallen and one.position not in done]
        record = pick([one for one in standing if one.kind != "redaction"])
        if record is None:
            return
        wholly = whole and record.kind == "correction"
        done.add(record.position)
        links.append(
            Link(links[-1].position + 1, "retraction", record.position, record.known_at, whole=wholly)
        )
        yield record.position, Retraction(record.position, whole=wholly, id=_own_id(record, chain))


def _own_id(record: Record, chain: Sequence[Record]) -> Any:
    """The id of a retraction where one of the same record was retracted itself; else it is derived."""
    before = sum(one.kind == "retraction" and one.target == record.position for one in chain)
    return content_id(kind="retraction", target=str(record.id), again=str(before)) if before else None
