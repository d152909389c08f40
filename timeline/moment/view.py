"""What a basis shows: the records in view, which of them stand, and how whom they speak of is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self

import attrs

from timeline.compile import statement
from timeline.log import LeftOut, Log, evidence
from timeline.records import Evidence, Record, judged
from timeline.values import Basis

_EVER: Final = datetime(9998, 12, 31)  # noqa: DTZ001  (naive UTC, as in the file)


@attrs.frozen
class View:
    """Records in view at a basis, in the order given.

    `overruled` has, of these and perhaps others, those that do not stand, each with by what.
    """

    records: tuple[Record, ...]
    overruled: Mapping[int, int]

    @classmethod
    def of(cls, log: Log, basis: Basis, records: Iterable[Record]) -> Self:
        """Those of some records of a log that are in view."""
        within = [one for one in records if basis.sees(one)]
        return cls.at(basis, evidence(log, within, filtered=bool(basis.filter)))

    @classmethod
    def at(cls, basis: Basis, evidence: Evidence) -> Self:
        """The same of records of which it is known what tells whether they stand."""
        found = evidence.at(basis)
        return cls(tuple(one for one in evidence.records if one.position in found.seen), found.overruled)

    @property
    def standing(self) -> tuple[Record, ...]:
        """Those that stand."""
        return tuple(one for one in self.records if one.position not in self.overruled)


def attesting(log: Log, basis: Basis, records: Iterable[Record]) -> Mapping[int, Sequence[Record]]:
    """By position of each of some records, the attestations of it that stand at a basis."""
    attested = log.attestations([one.position for one in records])
    found: dict[int, list[Record]] = {}
    for one in View.of(log, basis, [one for several in attested.values() for one in several]).standing:
        found.setdefault(one.target or 0, []).append(one)
    return found


@attrs.frozen
class ViewInSql:
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
