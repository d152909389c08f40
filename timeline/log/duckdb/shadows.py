"""Compiled states over other rows than those of the file: without what is left out, with what is supposed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from timeline.compile import asking, quoted, selection, statement
from timeline.log.duckdb.feeds import FEEDS, feed_rows
from timeline.records import Codec, Ids, Record, judged, source_id
from timeline.values import Basis, Filter, Source
from timeline.vocabulary import StateType

_NOTHING: Final = "SELECT NULL::BIGINT AS position, NULL::BIGINT AS origin WHERE FALSE"
Query = tuple[str, dict[str, Any]]


def _part(name: str, sql: str) -> str:
    return f"{name} AS NOT MATERIALIZED (\n    {sql.rstrip(';')}\n)"


@attrs.frozen
class LeftOut:
    """What a filter leaves out as far as each record by itself tells, as SQL and its parameters."""

    sql: str
    asked: Mapping[str, Any]

    @classmethod
    def by(cls, filter_: Filter, sources: Iterable[Source]) -> LeftOut:
        """What a filter leaves out of a log that cites these sources."""
        parts: list[str] = []
        asked: dict[str, Any] = {}
        if filter_.credence:
            parts.append(statement("shadows", "unbelieved"))
            asked["credence"] = list(filter_.credence)
        if filter_.without or filter_.only:
            parts.append(statement("shadows", "unvouched"))
            cited = list(sources)
            asked["without"] = [str(source_id(one)) for one in cited if filter_.distrusts(one)]
            asked["only"] = [str(source_id(one)) for one in cited if filter_.relies_on(one)]
            asked["picky"] = bool(filter_.only)
        return cls("\n    UNION ALL\n".join(one.rstrip(";") for one in parts) or _NOTHING, asked)

    def several(self, base: int) -> Query:
        """What gives the first records, up to a base, that are judged with all that was said of them."""
        return f"WITH {self.part}\n{statement('shadows', 'several')}", {**self.asked, "base": base}

    def origins(self) -> Query:
        """What gives the first records of all chains of which any is left out by itself."""
        return f"WITH {self.part}\nSELECT DISTINCT origin FROM left_out ORDER BY origin", dict(self.asked)

    @property
    def part(self) -> str:
        """The same as a part of a query, under the name `left_out`."""
        return _part("left_out", self.sql)


@attrs.frozen(kw_only=True)
class Shadows:
    """What is read in place of the rows of the file.

    Nothing behind `base`; of `chains`, all that was said of some first records, what stands in view by a
    filter; else what that does not leave out; and `supposed` on top. `reread` are those records that speak of
    entities that are read as others.
    """

    base: int
    left_out: LeftOut
    chains: Iterable[Sequence[Record]]
    reread: Sequence[Record]
    supposed: Sequence[Record]

    def question(self, state: StateType, basis: Basis, codec: Codec, ids: Ids) -> Query:
        """The SQL that asks a compiled state of all keys at a basis, in order of key, and its parameters.

        `ids` says which ids are read as others there.
        """
        apart = [record for chain in self.chains for record in chain]
        standing = judged(self.chains, basis).standing
        anew = [one for one in (*self.reread, *self.supposed) if one.position in standing]
        rows = [row for row in feed_rows(codec, anew, ids) if row[0] == state.name]
        passed = {one.position for one in self.reread}
        feeds = statement("shadows", "feeds").replace(":structure", FEEDS.structure)
        parts = [
            self.left_out.part,
            _part("feeds", feeds),
            _part("hidden", statement("shadows", "hidden")),
            _part("ask", statement("shadows", "ask")),
        ]
        order = ", ".join(map(quoted, state.keys))
        return f"{selection(state, asked=parts)}\nORDER BY {order}", {
            **self.left_out.asked,
            **asking(basis),
            "base": self.base,
            "apart": [record.position for record in apart],
            "fallen": sorted({one.position for one in apart if one.position not in standing} | passed),
            "anew": FEEDS.columns(rows),
        }
