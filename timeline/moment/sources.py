"""On whose word what a basis shows rests, and how much of it on one source alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final
from uuid import UUID

import attrs
import msgspec

from timeline.compile import statement
from timeline.log import Log
from timeline.moment.view import ViewInSql, attesting, in_view, rows_of
from timeline.records import RECORD_COLUMNS, Record, record_cells, source_id
from timeline.values import Basis, Frame, Framed, InLines, Kind, Line, Several, Source, folded, stored_instant
from timeline.vocabulary import Plain, State, label

Vouched = tuple[Record, Mapping[str, str]]
"""A record that stands, and those who vouch for it: by name as it is compared, the name."""


@attrs.frozen
class Leaning:
    """What rests on the word of one source alone: records, of a state with the `fields` that rest on them.

    `source` is its publisher, or if it has none its title or url: two articles of one publisher are one word.
    """

    source: str
    records: tuple[Record, ...]
    fields: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        fields = {"fields": list(self.fields)} if self.fields else {}
        return {"source": self.source, **fields, "records": [one.as_dict() for one in self.records]}


_COLUMNS: Final[Mapping[str, Kind]] = {
    "source": "text",
    "fields": "texts",
    **{name: kind for name, kind in RECORD_COLUMNS.items() if name != "sources"},
}


@attrs.frozen(repr=False)
class SingleSourced(InLines, Framed, Plain):
    """What rests on one source alone at a basis, by source; that on which most rests comes first."""

    basis: Basis
    by_source: tuple[Leaning, ...]

    def __iter__(self) -> Iterator[Leaning]:
        return iter(self.by_source)

    def __len__(self) -> int:
        return len(self.by_source)

    def as_table(self) -> Frame:
        """A row for each record, under the source that it rests on."""
        rows = [
            (one.source, list(one.fields), *record_cells(record)[:-1])
            for one in self.by_source
            for record in one.records
        ]
        return Frame(_COLUMNS, rows)

    def lines(self) -> Iterator[Line]:
        """What rests on each source, by source."""
        yield Line.of((f"on one source alone, {self.basis}", "head"))
        for one in self.by_source:
            what = f": {', '.join(map(label, one.fields))}" if one.fields else ""
            yield Line.of(f"{one.source}{what}", indent=2)
            yield from (Line.of(str(each), indent=4) for each in one.records)
        if not self.by_source:
            yield Line.of("nothing", indent=2)


@attrs.frozen
class Relied:
    """How many records that stand rest on the word of a source, and how many of them on that alone."""

    source: str
    records: int
    alone: int


class Sources(Several[Relied]):
    """Sources, that on which most rests first."""

    __slots__ = ()
    what: ClassVar[str] = "sources"
    columns: ClassVar[Mapping[str, Kind]] = {"source": "text", "records": "number", "alone": "number"}

    def cells(self) -> Iterator[tuple[Any, ...]]:
        """A row for each."""
        return ((one.source, one.records, one.alone) for one in self)


def records_of_one(log: Log, basis: Basis, types: Sequence[str] | None, ids: Sequence[str]) -> SingleSourced:
    """The records of some types, touching all of some entities, that rest on one source alone."""
    alone: dict[str, list[Record]] = {}
    for record, words in _vouched(log, basis, _told(log, basis, types, ids)):
        if len(words) == 1:
            alone.setdefault(next(iter(words.values())), []).append(record)
    return _by_source(basis, [Leaning(source, tuple(several)) for source, several in alone.items()])


def fields_of_one(log: Log, state: State) -> SingleSourced:
    """The fields of a state of which all records rest on one and the same source alone."""
    involved = {one.position: one for several in state.because.values() for one in several}
    words = {record.position: vouching for record, vouching in _vouched(log, state.basis, involved.values())}
    found: dict[str, list[str]] = {}
    for field, because in state.because.items():
        everybody = [words[one.position] for one in because]
        together = {fold: name for one in everybody for fold, name in one.items()}
        if len(together) == 1 and all(everybody):
            found.setdefault(next(iter(together.values())), []).append(field)
    leanings = []
    for source, fields in found.items():
        behind = sorted({one.position for field in fields for one in state.because[field]})
        leanings.append(Leaning(source, tuple(involved[one] for one in behind), tuple(fields)))
    return _by_source(state.basis, leanings)


def relied_on(log: Log, basis: Basis) -> Sources:
    """Every source that the log cites, with how many records that stand rest on it; the most first.

    Records that nobody attests are counted by what they cite, since many cite the same.
    """
    cited = log.all_sources()
    counts = {folded(_name(one)): [0, 0] for one in cited}
    names = {folded(_name(one)): _name(one) for one in cited}
    by_id = {source_id(one): one for one in cited}
    view = ViewInSql.of(log, basis)
    asked = {
        **view.asked,
        "point": stored_instant(basis.point),
        "early": basis.dates == "earliest",
    }
    parts = f"WITH {', '.join(view.parts)}\n"
    for text, number in rows_of(log, parts + statement("sources", "relied on"), asked):
        told = (by_id[one] for one in _ids(text) if one in by_id)
        _count(counts, {folded(_name(one)) for one in told if not basis.filter.distrusts(one)}, number)
    attested = [place for (place,) in rows_of(log, parts + statement("sources", "attested"), asked)]
    records = [one for one in log.at(attested).values() if one.credence != "denied" and basis.reaches(one)]
    for _, words in _vouched(log, basis, records):
        _count(counts, words.keys(), 1)
    relied = [Relied(names[fold], several, alone) for fold, (several, alone) in counts.items()]
    return Sources(sorted(relied, key=lambda one: (-one.records, one.source)))


def _ids(text: str) -> list[UUID]:
    """The sources that a record cites, as they are stored; none where that cannot be read."""
    with suppress(ValueError, LookupError, TypeError):
        return [UUID(one["source"]) for one in msgspec.json.decode(text)]
    return []


def _count(counts: Mapping[str, list[int]], folds: Collection[str], number: int) -> None:
    """Count so many records that rest on the word of some sources."""
    for fold in folds:
        counts[fold][0] += number
        counts[fold][1] += number if len(folds) == 1 else 0


def _by_source(basis: Basis, leanings: Iterable[Leaning]) -> SingleSourced:
    return SingleSourced(basis, tuple(sorted(leanings, key=lambda one: (-len(one.records), one.source))))


def _told(log: Log, basis: Basis, types: Sequence[str] | None, ids: Sequence[str]) -> list[Record]:
    """The records of events that have happened by the point of a basis, and are not denied."""
    same = log.samenesses()
    circles = [same.circle(one, basis) for one in ids]
    found = log.records(after=0, upto=basis.position, types=types or (), entities=circles)
    return [
        one
        for one in found
        if one.credence != "denied"
        and basis.reaches(one)
        and all(set(circle).intersection(one.entities) for circle in circles)
    ]


def _vouched(log: Log, basis: Basis, records: Iterable[Record]) -> Iterator[Vouched]:
    """Those of the records that stand at a basis, each with who vouches for it there."""
    standing = in_view(log, basis, records).standing
    attested = attesting(log, basis, standing)
    for record in standing:
        sources = (one for said in (record, *attested.get(record.position, ())) for one in said.sources)
        yield record, {folded(_name(one)): _name(one) for one in sources if not basis.filter.distrusts(one)}


def _name(source: Source) -> str:
    """Whose word a source is."""
    return source.publisher or source.title or source.url or ""
