"""What of a log is in view at a basis: known, within the position, let through; and what of that stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self

import attrs

from timeline.compile import statement
from timeline.log import LeftOut, Log
from timeline.records import Record, judged
from timeline.values import Basis

__all__ = ["Sieve", "Sight"]

_EVER: Final = datetime(9998, 12, 31)  # noqa: DTZ001  (naive UTC, as in the file)


@attrs.frozen
class Sight:
    """Records in view at a basis, in the order given; and by what those that do not stand are overruled."""

    records: tuple[Record, ...]
    overruled: Mapping[int, int]

    @classmethod
    def of(cls, log: Log, basis: Basis, records: Iterable[Record]) -> Self:
        """Those of some records of a log that are in view."""
        seen = tuple(one for one in records if basis.sees(one))
        if not basis.filter:
            hidden = log.hidden([one.position for one in seen]) if seen else ()
            known, upto = basis.known_point, basis.position
            return cls(seen, {one.position: one.by for one in hidden if one.covers(known, upto)})
        found = judged(log.said_of({one.origin for one in seen}).values() if seen else (), basis)
        return cls(tuple(one for one in seen if one.position in found.seen), found.overruled)

    @property
    def standing(self) -> tuple[Record, ...]:
        """Those that stand."""
        return tuple(one for one in self.records if one.position not in self.overruled)


@attrs.frozen
class Sieve:
    """What a basis leaves out of the log of a file, as parts of a query under it, and their parameters.

    `left_out` has what a filter does not let through by itself; `unseen` all that it does not let through;
    `gone` that and what does not stand there.
    """

    parts: Sequence[str]
    asked: Mapping[str, Any]

    @classmethod
    def of(cls, log: Log, basis: Basis) -> Self:
        """What a basis leaves out.

        The chains of which a filter leaves anything out, or of which anything is supposed, are judged as a
        whole.
        """
        filter_, base = basis.filter, log.base
        upto = basis.position if base is None else min(basis.position, base)
        left_out = LeftOut.by(filter_, log.all_sources() if filter_.without or filter_.only else ())
        origins = set(log.supposed_of)
        if filter_:
            origins |= {row[0] for row in log.connection.execute(*left_out.several(upto)).fetchall()}
        chains = log.said_of(origins).values() if origins else ()
        found = judged(chains, basis)
        apart = [one.position for chain in chains for one in chain]
        known = basis.known_point
        asked = {
            **left_out.asked,
            "apart": apart,
            "dropped": [position for position in apart if position not in found.seen],
            "fallen": list(found.overruled),
            "known": _EVER if known is None else known.replace(tzinfo=None),
            "upto": basis.position,
        }
        parts = [left_out.part, *(_part(name) for name in ("unseen", "gone"))]
        if base is not None:
            parts.insert(0, _part("hidden", "shadows"))
            asked["base"] = base
        return cls(parts, asked)


def _part(name: str, file: str = "sight") -> str:
    return f"{name} AS MATERIALIZED (\n    {statement(file, name).rstrip(';')}\n)"
