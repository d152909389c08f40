"""What in a commit looks like what was there: records that may tell the same event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import attrs

from timeline.admission import Imported
from timeline.log import Log, Session
from timeline.moment.checking import Inspection
from timeline.records import Commit, Lookalike
from timeline.values import Basis, NotAllowed, When
from timeline.vocabulary import Lookalikes

_ANY: Final = When("2000")
"""The date of a basis, which does not matter to rules: they hold at every date."""
_MOST: Final = 1_000


def lookalikes(log: Log, first: int, last: int, types: Collection[str]) -> tuple[Lookalike, ...]:
    """The first thousand records between two positions that look like an earlier one, as the log was then.

    It is what the rule `lookalikes` tells of them; `types` are those of the records.
    """
    if not types:
        return ()
    view = Inspection(log, Basis.at(_ANY, None, "latest", last), since=first - 1, types=types)
    (rule,) = (one for one in log.codec.catalogue.rules.values() if isinstance(one, Lookalikes))
    found = sorted(view.found(rule)[0], key=lambda one: one.positions[1])[:_MOST]
    records = log.at({position for one in found for position in one.positions})
    return tuple(
        Lookalike(records[one.positions[1]], records[one.positions[0]], one.differing) for one in found
    )


def compared(log: Log, commits: Sequence[Commit]) -> list[Commit]:
    """Commits, with what in each of them looks like what was there."""
    several = [one for one in commits if one.records]
    if not several:
        return [attrs.evolve(one, lookalikes=()) for one in commits]
    first, last = min(one.positions[0] for one in several), max(one.positions[-1] for one in several)
    found = lookalikes(log, first, last, {name for one in several for name in one.types})
    return [
        attrs.evolve(one, lookalikes=tuple(like for like in found if like.record.position in one.positions))
        for one in commits
    ]


def lookalikes_of(session: Session, commits: Iterable[Commit | Imported]) -> tuple[Lookalike, ...]:
    """What in commits looks like what was there or like each other; in each at most a thousand records.

    Raises:
        NotAllowed: if something is no commit; in a what-if.
    """
    found: list[Lookalike] = []
    unknown: list[Commit] = []
    for one in commits:
        if not isinstance(one, Commit | Imported):
            raise NotAllowed(f"commits are asked of, as append gives them, not {type(one).__name__}")
        told = one.lookalikes if isinstance(one, Imported) else one._lookalikes
        if told is not None:
            found += told
        elif isinstance(one, Commit):
            unknown.append(one)
    if any(one.records for one in unknown):
        with session.in_file() as log:
            found += (like for one in compared(log, unknown) for like in one._lookalikes or ())
    return tuple(found)
