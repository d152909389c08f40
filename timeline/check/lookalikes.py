"""What in new records looks like what was there, or like each other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from timeline.basis import Basis
from timeline.check.running import Inspection
from timeline.log import Log
from timeline.record import Lookalike
from timeline.rules import Lookalikes
from timeline.when import When

__all__ = ["lookalikes"]

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
