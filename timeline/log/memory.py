"""A shared log in memory, for as long as somebody has it: what threads of one process share, and tests."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from timeline.log.contract import Moved, Placement, Proposed, Row, Segment, together
from timeline.log.duckdb.receiving import came, id_of, origin_of, type_of, verified
from timeline.log.duckdb.stored import cited
from timeline.log.duckdb.writing import CommitRows, source_row
from timeline.log.head import Head
from timeline.records import source_id
from timeline.values import now
from timeline.vocabulary import Kept


class MemoryLog:
    """Such a log; it keeps the contract of shared logs."""

    address = ":memory:"

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self.name = str(uuid.uuid4())
        self._clock = clock
        self._changed = threading.Condition()
        self._head = Head()
        self._log: list[Row] = []
        self._commits: list[Row] = []
        self._sources: list[Row] = []
        self._ids: set[UUID] = set()
        self._calls: dict[UUID, Placement] = {}
        self._shapes: dict[tuple[str, str, int], str] = {}

    def head(self) -> Head:
        """Where it ends now."""
        return self._head

    def append(self, *proposals: Proposed) -> list[Placement] | Moved:
        """Give proposals their places, all of them or none."""
        with self._changed:
            before, commits, sources = self._head, len(self._commits), len(self._sources)
            placed: list[Placement] = []
            for one in together(proposals):
                found = self._placed(one)
                if found is None:
                    self._head = before
                    self._ids.difference_update(map(id_of, self._log[before.position :]))
                    del self._log[before.position :], self._commits[commits:], self._sources[sources:]
                    return Moved(before.position)
                placed.append(found)
            self._calls |= {one.call: found for one, found in zip(proposals, placed, strict=True)}
            self._changed.notify_all()
            return placed

    def _placed(self, proposal: Proposed) -> Placement | None:
        """Where a proposal is now; None if it has to be judged again."""
        if proposal.call in self._calls:
            found = self._calls[proposal.call]
            return Placement(found.first, found.head, again=True)
        since = self._log[proposal.expected :]
        about = (type_of(self._log[origin_of(row) - 1]) for row in since)
        if not proposal.ids.isdisjoint(self._ids) or proposal.rests_on(came(since, about)):
            return None
        rows = CommitRows(self._head)
        records = proposal.placed(self._head, self._clock())
        log = rows.take(records)
        head = rows.seal(proposal.actor, proposal.note)
        sources = {source_id(one): one for record in records for one in record.sources}
        first = self._head.position + 1
        self._take(Segment([source_row(*one) for one in sources.items()], rows.sealed, log), head)
        return Placement(first, head)

    def _take(self, batch: Segment, head: Head) -> None:
        known = {str(row[0]) for row in self._sources}
        self._sources += [row for row in batch.sources if str(row[0]) not in known]
        self._commits += batch.commits
        self._log += batch.log
        self._ids.update(map(id_of, batch.log))
        self._head = head

    def batches(self, after: int, *, size: int = 10_000) -> Iterator[Segment]:
        """The commits behind a position, in order; about so many records at a time."""
        several: list[Row] = []
        upto = self._head.position
        for row in list(self._commits):
            if not after < int(row[0]) <= upto:
                continue
            several.append(row)
            if int(row[1]) - int(several[0][0]) + 1 >= size:
                yield self._batch(several)
                several = []
        if several:
            yield self._batch(several)

    def _batch(self, commits: list[Row]) -> Segment:
        rows = self._log[int(commits[0][0]) - 1 : int(commits[-1][1])]
        wanted = cited(rows)
        return Segment([row for row in list(self._sources) if str(row[0]) in wanted], commits, rows)

    def wait(self, after: int, timeout: float) -> bool:
        """Wait until it reaches beyond a position, at most so many seconds; whether it does."""
        with self._changed:
            return self._changed.wait_for(lambda: self._head.position > after, timeout)

    def bring(self, batch: Segment) -> Head:
        """Take in commits of another log as they are, with their digests; where it ends then."""
        with self._changed:
            self._take(batch, verified(self._head, batch, self.address))
            self._changed.notify_all()
            return self._head

    def shapes(self) -> Kept:
        """The shapes of event types that it keeps."""
        return dict(self._shapes)

    def keep_shapes(self, shapes: Kept) -> None:
        """Have it keep these too, where it lacks them."""
        with self._changed:
            self._shapes = {**shapes, **self._shapes}

    def close(self) -> None:
        """Let go of it; it is gone once nobody has it."""
