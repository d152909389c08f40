"""Moving a log to where it lies too: what it holds beyond that, with the same digests."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from timeline.log import SharedLog, verified
from timeline.values import DivergedLog, FaultyCopy, NotAllowed, Progress


@attrs.frozen(kw_only=True)
class Carried:
    """What was carried from a log to another: how many records and commits, and the head of both now."""

    source: str
    target: str
    records: int
    commits: int
    head: str

    def as_dict(self) -> dict[str, object]:
        """As plain JSON values."""
        return attrs.asdict(self)

    def __str__(self) -> str:
        moved = f"{self.records:,} records in {self.commits:,} commits" if self.commits else "nothing new"
        return f"{moved} from {self.source} to {self.target}, head {self.head}"


def carried(source: SharedLog, target: SharedLog, progress: Progress, *, dry_run: bool) -> Carried:
    """Bring a log what another holds beyond it; both are the same log then. It may be done again at any time.

    Each batch is taken whole: what was carried stays, should the next one fail. With `dry_run` none is, once
    it is seen that it follows.

    Raises:
        DivergedLog: if the one is not the beginning of the other, saying from where on.
        NotAllowed: if both are the same, or the target holds more.
    """
    if source.name == target.name:
        raise NotAllowed(f"{source.address} is both; name another")
    there, here = target.head(), source.head()
    if there.position > here.position:
        _check_follows(source, target)
        raise NotAllowed(f"{target.address} holds more than {source.address}: carry that over first")
    if there.position == here.position and there != here:
        _check_follows(source, target)
    if there == here:
        return Carried(source=source.address, target=target.address, records=0, commits=0, head=str(here))
    if not dry_run:
        target.keep_shapes(source.shapes())
    commits, here = 0, there
    for batch in source.batches(there.position):
        try:
            here = verified(here, batch, source.address) if dry_run else target.bring(batch)
        except FaultyCopy:
            _check_follows(source, target)
            raise
        commits += len(batch.commits)
        progress("carrying", here.position - there.position, None)
    records = here.position - there.position
    return Carried(
        source=source.address, target=target.address, records=records, commits=commits, head=str(here)
    )


def _check_follows(source: SharedLog, target: SharedLog) -> None:
    """See that two logs agree as far as both go.

    Raises:
        DivergedLog: if they do not.
    """
    agreed = 0
    for one, other in zip(_commits(source), _commits(target), strict=False):
        if one != other:
            told = [f"they differ from #{agreed + 1} on"]
            raise DivergedLog(target.address, source.address, agreed, told)
        agreed = one[0]


def _commits(log: SharedLog) -> Iterator[tuple[int, str]]:
    """The last position and the digest of each commit, in order."""
    for batch in log.batches(0):
        for row in batch.commits:
            yield int(row[1]), str(row[5])
