"""What of a chain is in view at a basis: known, within its position, let through; and what of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from timeline.basis import Basis
from timeline.record import Record
from timeline.source import Source
from timeline.standing import Link, decided, overruled

__all__ = ["Sifted", "judged", "sifted"]


@attrs.frozen
class Sifted:
    """The positions of the records in view, and by which those of them that do not stand are overruled."""

    seen: frozenset[int]
    overruled: Mapping[int, int]

    @property
    def standing(self) -> frozenset[int]:
        """The positions of those that stand."""
        return self.seen - self.overruled.keys()


def sifted(chain: Iterable[Record], basis: Basis) -> Sifted:
    """What of a chain is in view at a basis: known there, within its position, let through; and what stands.

    `chain` are all records that speak of one first record, directly or through others, and that one. Whatever
    speaks of a record comes after it, so one pass from the last to the first settles which are let through.
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
    positions = frozenset(link.position for link in seen)
    return Sifted(positions, overruled(links, positions))


def judged(chains: Iterable[Iterable[Record]], basis: Basis) -> Sifted:
    """The same of several chains together."""
    found = [sifted(chain, basis) for chain in chains]
    seen = frozenset(position for one in found for position in one.seen)
    return Sifted(seen, {position: by for one in found for position, by in one.overruled.items()})
