"""What is supposed on top of a log, and what follows from that for standing and for names."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from uuid import UUID

import attrs

from timeline.log import Head, name_rows
from timeline.records import Hidden, Link, NameRow, NewEntity, Record, hidden, superseded
from timeline.values import folded


@attrs.frozen(kw_only=True, slots=False)
class Supposed:
    """Records that are only supposed, in order, on top of a log up to a base.

    `entities` are those first spoken of in them; `chains` holds, by origin, all that was said, there or here,
    of each record that they are about, as far as standing goes.
    """

    base: Head
    records: tuple[Record, ...] = ()
    entities: tuple[NewEntity, ...] = ()
    chains: Mapping[int, Sequence[Link]] = attrs.field(factory=dict)

    @property
    def head(self) -> Head:
        """Where the log would end; its digest is that of the log, since nothing is written."""
        if not self.records:
            return self.base
        last = self.records[-1]
        return Head(last.position, last.recorded_at, self.base.digest)

    def upto(self, position: int) -> Supposed:
        """The same without what is supposed behind a position."""
        records = tuple(one for one in self.records if one.position <= position)
        spoken = {entity for one in records for entity in one.entities}
        chains = {
            origin: [link for link in chain if link.position <= position]
            for origin, chain in self.chains.items()
        }
        touched = {one.origin for one in records}
        return attrs.evolve(
            self,
            records=records,
            entities=tuple(one for one in self.entities if one.id in spoken),
            chains={origin: chain for origin, chain in chains.items() if origin in touched},
        )

    def adding(
        self,
        records: Sequence[Record],
        entities: Sequence[NewEntity],
        chains: Mapping[int, Sequence[Link]],
    ) -> Supposed:
        """The same with more records on top; `chains` are those that the new ones belong to, without them."""
        joined = {origin: list(chain) for origin, chain in chains.items()}
        for one in records:
            joined.setdefault(one.origin, []).append(Link.of(one))
        return attrs.evolve(
            self,
            records=(*self.records, *(attrs.evolve(one, supposed=True) for one in records)),
            entities=(*self.entities, *entities),
            chains={**self.chains, **joined},
        )

    @functools.cached_property
    def by_position(self) -> Mapping[int, Record]:
        """The records by position."""
        return {one.position: one for one in self.records}

    @functools.cached_property
    def positions(self) -> Mapping[UUID, int]:
        """The positions of the records by id."""
        return {one.id: one.position for one in self.records}

    @functools.cached_property
    def first_names(self) -> Mapping[str, str]:
        """The names that entities are first called by here."""
        return {one.id: one.name for one in self.entities}

    @functools.cached_property
    def standing(self) -> Mapping[int, bool]:
        """By position of the records in the chains, whether each stands at the head."""
        found: dict[int, bool] = {}
        for chain in self.chains.values():
            fallen = superseded(chain)
            found |= {link.position: link.position not in fallen for link in chain}
        return found

    @functools.cached_property
    def hidden(self) -> Mapping[int, Sequence[Hidden]]:
        """By position of the records in the chains, where each does not stand."""
        found: dict[int, list[Hidden]] = {
            link.position: [] for chain in self.chains.values() for link in chain
        }
        for chain in self.chains.values():
            for one in hidden(chain):
                found[one.position].append(one)
        return found

    @functools.cached_property
    def names(self) -> Sequence[NameRow]:
        """What names stand for here, but for those of naming events that do not stand."""
        return [row for row in self.all_names if not row[4] or self.standing[row[3]]]

    @functools.cached_property
    def all_names(self) -> Sequence[NameRow]:
        """What names stand for here."""
        mentioned = {entity: one.position for one in reversed(self.records) for entity in one.entities}
        ids = [
            (one.id, one.id, folded(one.id), mentioned[one.id], False)
            for one in self.entities
            if one.id == one.name
        ]
        given = [
            (entity, name, fold, int(position), naming == "true")
            for entity, name, fold, position, naming in name_rows(self.records)
        ]
        return [*ids, *given]
