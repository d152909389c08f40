"""Who the log speaks of, under which names and how often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import attrs

from timeline.compile import statement
from timeline.log import Log, naming
from timeline.moment.view import ViewInSql, rows_of
from timeline.values import Basis, Kind, Several, When, folded, printable, stored_instant
from timeline.vocabulary import Plain


@attrs.frozen
class Called(Plain):
    """A name of an entity, since when it has it (None where it was spoken of by it), and by which record."""

    name: str
    since: When | None
    position: int


@attrs.frozen(kw_only=True)
class Listed(Plain):
    """An entity: its id, the name it has at the time asked about, on whosever word, and all that it ever had.

    `records` counts those in view that speak of it by this id, standing or not; `first` and `last` are the
    positions of the first and last of them. `read_as` is whom it is read as there, None where it is itself.
    """

    id: str
    name: str
    names: tuple[Called, ...]
    records: int
    first: int
    last: int
    read_as: str | None

    def __str__(self) -> str:
        read_as = "" if self.read_as is None else f", read as {self.read_as}"
        return printable(f"{self.name} ({self.id}){read_as}: {self.told}")

    @property
    def told(self) -> str:
        """Its names and how many records speak of it."""
        return "; ".join(filter(None, (self.told_names, self.told_records)))

    @property
    def told_names(self) -> str:
        """Its names, each with since when it has it."""
        return ", ".join(
            one.name if one.since is None else f"{one.name} since {one.since}" for one in self.names
        )

    @property
    def told_records(self) -> str:
        """How many records speak of it, and which are the first and the last of them."""
        if self.records == 1:
            return f"1 record, #{self.first}"
        return f"{self.records:,} records, #{self.first} to #{self.last}"


class Entities(Several[Listed]):
    """Entities, in order of id."""

    __slots__ = ()
    what: ClassVar[str] = "entities"
    columns: ClassVar[Mapping[str, Kind]] = {
        "id": "text",
        "name": "text",
        "names": "texts",
        "records": "number",
        "first": "number",
        "last": "number",
        "read_as": "text",
    }

    def cells(self) -> Iterator[tuple[Any, ...]]:
        """A row for each."""
        for one in self:
            names = [name.name for name in one.names]
            yield one.id, one.name, names, one.records, one.first, one.last, one.read_as


def entities_of(log: Log, basis: Basis, text: str | None, *, by_then: bool) -> list[Listed]:
    """The entities that records in view at a basis speak of, in order of id, or those with a text in a name.

    All ids and names are searched for the text, whose case and punctuation do not matter. With `by_then`, the
    names are those that they had by the point.
    """
    view = ViewInSql.of(log, basis)
    same = log.samenesses()
    ids = same.ids(basis)
    given = None if text is None else text.strip().lower()
    rows = _asked(log, view, "spoken of", text=None if text is None else folded(text), given=given)
    wanted = [entity for entity, *_ in rows]
    shown = naming(log, wanted, same).shown(wanted, basis, ids)
    point = stored_instant(basis.point if by_then else None)
    early = basis.dates == "earliest"
    called: dict[str, dict[str, Called]] = {}
    named = _asked(
        log, view, "called", wanted=wanted, first=[row[2] for row in rows], point=point, early=early
    )
    for entity, name, since, position in named:
        known = called.setdefault(entity, {})
        if name not in known or known[name].since is None:
            known[name] = Called(name, None if since is None else When(since), position)
    return [
        Listed(
            id=entity,
            name=shown[entity],
            names=tuple(called.get(entity, {}).values()),
            records=count,
            first=first,
            last=last,
            read_as=ids.get(entity),
        )
        for entity, count, first, last in rows
    ]


def _asked(log: Log, view: ViewInSql, name: str, **asked: Any) -> list[Any]:
    """The rows that a named statement gives of what is in view."""
    sql = f"WITH {', '.join(view.parts)}\n{statement('entities', name)}"
    return rows_of(log, sql, {**view.asked, **asked})
