"""A log in a file, as what several share: what a timeline is pushed from, or pulled into."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from uuid import UUID

import attrs

from timeline.log.contract import Moved, Placement, Proposed, Row, Segment, together
from timeline.log.duckdb import schema
from timeline.log.duckdb.receiving import came, origin_of, receive, type_of
from timeline.log.duckdb.session import Session, Undone
from timeline.log.duckdb.stored import rows_between, sources_of
from timeline.log.duckdb.writing import Unwritten, write_commits
from timeline.log.head import Head
from timeline.records import NewEntity
from timeline.vocabulary import Kept, kept

_PAUSE: Final = 0.05
"""How long other processes are left alone with the file between two looks at it, in seconds."""


@attrs.frozen
class FileLog:
    """The log of a file in use; it keeps the contract of shared logs.

    Calls are told again where their commits are as long as it lives: a connection to a file is not lost.
    """

    session: Session
    _calls: dict[UUID, Placement] = attrs.field(factory=dict, init=False)

    @property
    def address(self) -> str:
        """The path of the file."""
        return self.session.file.path

    @property
    def name(self) -> str:
        """Where it is, whoever names it how."""
        return self.session.file.key

    def head(self) -> Head:
        """Where it ends now."""
        return self.session.head()

    def append(self, *proposals: Proposed) -> list[Placement] | Moved:
        """Give proposals their places, all of them or none, once nobody else writes."""
        placed: list[Placement] = []
        moved: Moved | None = None
        with suppress(Undone), self.session.appending() as log:
            for one in together(proposals):
                if one.call in self._calls:
                    found = self._calls[one.call]
                    placed.append(Placement(found.first, found.head, again=True))
                    continue
                head = log.head()
                since = rows_between(log, "log", one.expected, head.position)
                abouts = {int(row[0]): type_of(row) for row in since}
                missing = {origin_of(row) for row in since} - abouts.keys()
                abouts |= {record.position: record.type for record in log.at(missing).values()}
                if log.with_ids(one.ids) or one.rests_on(
                    came(since, (abouts[origin_of(row)] for row in since))
                ):
                    moved = Moved(head.position)
                    raise Undone
                records = one.placed(head, self.session.present())
                spoken = {entity for record in records for entity in record.entities}
                new = [NewEntity(entity, entity) for entity in log.unknown(spoken)]
                commit = Unwritten(records=records, entities=new, actor=one.actor, note=one.note)
                [now] = write_commits(log, [commit], head)
                placed.append(Placement(head.position + 1, now))
        if moved is None:
            self._calls.update((one.call, found) for one, found in zip(proposals, placed, strict=True))
        return moved or placed

    def batches(self, after: int, *, size: int = 10_000) -> Iterator[Segment]:
        """The commits behind a position, in order; about so many records at a time."""
        upto = self.head().position
        while after < upto:
            with self.session.reading() as log:
                commits = _together(rows_between(log, "commits", after, upto), size)
                last = int(commits[-1][1])
                rows = rows_between(log, "log", after, last)
                batch = Segment(sources_of(log, rows), commits, rows)
            yield batch
            after = last

    def wait(self, after: int, timeout: float) -> bool:
        """Wait until it reaches beyond a position, at most so many seconds; whether it does."""
        until = time.monotonic() + timeout
        while self.head().position <= after:
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(left, _PAUSE))
        return True

    def bring(self, batch: Segment) -> Head:
        """Take in commits of another log as they are, with their digests; where it ends then."""
        with self.session.appending() as log:
            return receive(log, batch, self.address)

    def shapes(self) -> Kept:
        """The shapes of event types that it keeps; of its own vocabulary, of those that it holds."""
        with self.session.reading() as log:
            own = {key for key in kept(log.codec.catalogue) if key[0] == "event"}
            used = {("event", name, at) for name, at, _ in schema.types_in_use(log.connection)}
            found = schema.shapes(log.connection)
            return {key: one for key, one in found.items() if key[0] == "event" and key not in own - used}

    def keep_shapes(self, shapes: Kept) -> None:
        """Have it keep these too, where it lacks them."""
        with self.session.writing() as log:
            schema.keep_shapes(log.connection, {**shapes, **schema.shapes(log.connection)})

    def close(self) -> None:
        """Let go of it: the file is open for each call only."""


def _together(commits: list[Row], size: int) -> list[Row]:
    """The first of some commits that come to so many records."""
    first = int(commits[0][0])
    enough = (place for place, row in enumerate(commits, 1) if int(row[1]) - first + 1 >= size)
    return commits[: next(enough, len(commits))]
