"""Which of the records about one thing stand: with some of them in view, and at every (known, position)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from datetime import datetime
from typing import Final, Self, TypeVar

import attrs

from timeline.records.record import Record, RecordKind
from timeline.values import Basis, Source

S = TypeVar("S")
P = TypeVar("P")
E = TypeVar("E")
FOREVER: Final = 2**63 - 1
"""The position that bounds what is hidden from some position on."""


@attrs.frozen
class Link:
    """What standing depends on: a record's place, kind, target and when it was known.

    `whole` is for a retraction after which what its target replaced does not come back.
    """

    position: int
    kind: RecordKind
    target: int | None
    known_at: datetime
    whole: bool = False

    @classmethod
    def of(cls, record: Record) -> Self:
        """A record as far as standing goes."""
        return cls(record.position, record.kind, record.target, record.known_at, record.whole)


Row = tuple[int, datetime, datetime | None, int]
"""Of a chain: position of the record, known from, known to (None is unbounded), superseded by."""


@attrs.frozen
class Hidden:
    """A rectangle of the (known, position) plane in which a record does not stand, though it is seen.

    Both sides are half-open; `known_to` None and `position_to` FOREVER are unbounded. `by` is the position of
    the record that superseded it there.
    """

    position: int
    known_from: datetime
    known_to: datetime | None
    by: int
    position_from: int
    position_to: int

    def covers(self, known: datetime | None, position: int) -> bool:
        """Whether it holds where this much is known (None: all there is), up to a position."""
        return (
            self.position_from <= position < self.position_to
            and (known is None or self.known_from <= known)
            and (self.known_to is None or (known is not None and known < self.known_to))
        )


def decided(seen: Iterable[Link]) -> dict[int, Link]:
    """By the position of a target, the correction or retraction that decides about it.

    It is the highest-positioned one that is not undone: a retraction that is not whole, deciding about it,
    undoes one. `seen` are the records in view. Whatever speaks of a record comes after it, so one pass from
    the last record to the first settles everything.
    """
    deciders: dict[int, Link] = {}
    for link in sorted(seen, key=lambda link: -link.position):
        if link.kind not in {"correction", "retraction"} or link.target is None:
            continue
        about = deciders.get(link.position)
        undone = about is not None and about.kind == "retraction" and not about.whole
        if link.target not in deciders and not undone:
            deciders[link.target] = link
    return deciders


def superseded(chain: Sequence[Link], known: datetime | None = None) -> dict[int, int]:
    """Of a chain, the records known by then that do not stand, each with what superseded it there.

    `chain` are all records that speak of one first record, directly or through others, and that record;
    without `known`, all of it is known.
    """
    return overruled(chain, {link.position for link in chain if known is None or link.known_at <= known})


def overruled(chain: Sequence[Link], seen: Collection[int]) -> dict[int, int]:
    """Of a chain, the records in view that do not stand, each with what superseded it.

    `chain` is all of it, and `seen` has the positions of those in view: by what is known, by position, by a
    filter. What is not in view decides about nothing, and is a link still: a correction that goes back to it
    does not stand. A redacted record stands nowhere.
    """
    links = {link.position: link for link in chain}
    deciders = decided(link for link in chain if link.position in seen)
    redacted = {link.target: link.position for link in chain if link.kind == "redaction"}
    found = (
        (link.position, redacted.get(link.position) or _superseder(link, deciders, links))
        for link in chain
        if link.position in seen
    )
    return {position: by for position, by in found if by is not None}


def _superseder(link: Link, deciders: Mapping[int, Link], links: Mapping[int, Link]) -> int | None:
    """What decides about a record, or in its stead about one that it goes back to; None if it stands."""
    if link.position in deciders:
        return deciders[link.position].position
    current: Link | None = link
    while current is not None and current.kind in {"correction", "retraction"} and current.target is not None:
        decider = deciders.get(current.target)
        if decider is not current:
            return current.position if decider is None else decider.position
        if current.kind == "retraction":
            break
        current = links.get(current.target)
    return None


def swept(
    columns: Iterable[tuple[P, Collection[S]]], begun: dict[S, P], end: E
) -> Iterator[tuple[S, P, P | E]]:
    """From where until before where on an axis something is so; `columns` has what is so from each place on.

    What is so before the first place is in `begun`, by since where; what is so from the last place on, is so
    until the `end`.
    """
    for place, here in columns:
        for ended in [one for one in begun if one not in here]:
            yield ended, begun.pop(ended), place
        for one in here:
            begun.setdefault(one, place)
    for still, since in begun.items():
        yield still, since, end


def column(chain: Sequence[Link]) -> set[Row]:
    """What is hidden, over the known axis, for a log that ends with the last of this chain.

    `chain` are records that speak of one first record, directly or through others, and that record.
    """
    knowns = sorted({link.known_at for link in chain})
    columns = ((known, superseded(chain, known).items()) for known in knowns)
    return {(position, since, until, by) for (position, by), since, until in swept(columns, {}, None)}


def hidden(
    chain: Sequence[Link], before: Iterable[Hidden] = (), new: AbstractSet[int] | None = None
) -> Iterator[Hidden]:
    """The rectangles in which the records of one chain, in order of position, do not stand.

    `before` are those of the chain without its `new` positions; by default all of them are new. A redacted
    record stands nowhere; what it decides about others holds as before.
    """
    redacted = {link.target: link.position for link in chain if link.kind == "redaction"}
    said = [link for link in chain if link.kind != "redaction"]
    for row in _decided_rows(said, [row for row in before if row.position not in redacted], new):
        if row.position not in redacted:
            yield row
    for link in said:
        if link.position in redacted:
            by = redacted[link.position]
            yield Hidden(link.position, link.known_at, None, by, link.position, FOREVER)


def _decided_rows(
    chain: Sequence[Link], before: Iterable[Hidden], new: AbstractSet[int] | None
) -> Iterator[Hidden]:
    """The same, by corrections and retractions alone."""
    open_rows: dict[Row, int] = {}
    for row in before:
        if row.position_to == FOREVER:
            open_rows[row.position, row.known_from, row.known_to, row.by] = row.position_from
        else:
            yield row
    columns = (
        (newest.position, column(chain[: index + 1]))
        for index, newest in enumerate(chain)
        if new is None or newest.position in new
    )
    for hidden_row, since, until in swept(columns, open_rows, FOREVER):
        yield Hidden(*hidden_row, since, until)


@attrs.frozen
class InView:
    """The positions of the records in view, and by which those of them that do not stand are overruled."""

    seen: frozenset[int]
    overruled: Mapping[int, int]

    @property
    def standing(self) -> frozenset[int]:
        """The positions of those that stand."""
        return self.seen - self.overruled.keys()


@attrs.frozen
class View:
    """Records in view at a basis, in the order given.

    `overruled` has, of these and perhaps others, those that do not stand, each with by what.
    """

    records: tuple[Record, ...]
    overruled: Mapping[int, int]

    @property
    def standing(self) -> tuple[Record, ...]:
        """Those that stand."""
        return tuple(one for one in self.records if one.position not in self.overruled)


@attrs.frozen
class Evidence:
    """All that tells, at any basis, which of some records stand.

    Without a filter these are the rectangles in which each is hidden, by position; with one it takes, by
    origin, the chains of all that was said of each.
    """

    records: Sequence[Record]
    hidden: Mapping[int, Sequence[Hidden]]
    chains: Mapping[int, Sequence[Record]]

    def view(self, basis: Basis) -> View:
        """What a basis shows of the records."""
        found = self.at(basis)
        return View(tuple(one for one in self.records if one.position in found.seen), found.overruled)

    def at(self, basis: Basis) -> InView:
        """What is in view at a basis, known there, within its position and let through; what of it stands."""
        if basis.filter:
            return judged(self.chains.values(), basis)
        known, upto = basis.known_point, basis.position
        seen = [one.position for one in self.records if basis.sees(one)]
        overruled = {
            position: one.by
            for position in (seen if self.hidden else ())
            for one in self.hidden.get(position, ())
            if one.covers(known, upto)
        }
        return InView(frozenset(seen), overruled)


def judged(chains: Iterable[Iterable[Record]], basis: Basis) -> InView:
    """What of some chains is in view at a basis, and what stands, judged anew.

    A chain are all records that speak of one first record, directly or through others, and that one.
    """
    seen: set[int] = set()
    gone: dict[int, int] = {}
    for chain in chains:
        links, through = _let_through(chain, basis)
        seen |= through
        gone |= overruled(links, through)
    return InView(frozenset(seen), gone)


def _let_through(chain: Iterable[Record], basis: Basis) -> tuple[Sequence[Link], set[int]]:
    """A chain as far as standing goes, and the positions of what of it is in view.

    Whatever speaks of a record comes after it, so one pass from the last to the first settles which are let
    through.
    """
    links: list[Link] = []
    seen: list[Link] = []
    attested: dict[int | None, list[Source]] = {}
    for record in sorted(chain, key=lambda record: -record.position):
        link = Link.of(record)
        links.append(link)
        if not basis.sees(record):
            continue
        if not basis.filter.passes(record.credence, (*record.sources, *attested.get(link.position, ()))):
            continue
        if link.kind == "attestation" and link.position not in decided(seen):
            attested.setdefault(link.target, []).extend(record.sources)
        seen.append(link)
    return links, {link.position for link in seen}
