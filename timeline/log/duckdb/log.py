"""The log in its file: reading records, and writing commits with all that is derived from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

import attrs
import duckdb
import msgspec

from timeline.compile import Layout, asking, filled, key_number, quoted, selection, statement
from timeline.log.duckdb.instances import Inserts
from timeline.log.duckdb.query import Rows, taken
from timeline.log.duckdb.sharing import Kept
from timeline.log.head import Head
from timeline.records import (
    FOREVER,
    NOBODY,
    WHOLE,
    Codec,
    Fit,
    Hidden,
    Link,
    Record,
    Samenesses,
    fits_in,
    near_in,
)
from timeline.values import Basis, InvalidData, Source, Span, TimelineError, When, folded, stored_instant
from timeline.vocabulary import Event, StateType

if TYPE_CHECKING:
    from timeline.log.duckdb.feeds import Query
    from timeline.log.duckdb.writing import Unwritten

A = TypeVar("A")
T = TypeVar("T")

_MET: Final = 65_536
"""Of so many sources at most it is kept that the log has them."""
_SPAN: Final = 1_000_000
"""How many digests are in hand at once."""
_RANGE: Final = 20_000
"""How many rows of feeds are worked out at a time where states of all keys are read one by one."""
_PASSES: Final = 100
"""About how often the log is gone through for the records of all keys at most, if it is large."""
_ALL: Final = FOREVER - 1
"""The base of a log of which nothing is cut off."""
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_END: Final = datetime.max.replace(tzinfo=UTC)
_EVER: Final = datetime(9998, 12, 31, tzinfo=UTC)


@attrs.frozen
class Layer:
    """A tail on top of a log: the databases in which the log with it is read, and it alone is written.

    What lies behind `base` is supposed, and `head` is where the log then ends.
    """

    read: str
    write: str
    base: int
    head: Head


def _instant(value: datetime | str) -> datetime:
    """A stored instant; DuckDB gives one before the year 1, or after 9999, as a text."""
    if isinstance(value, str):
        return _BEGINNING if value.endswith("(BC)") else _END
    return value.replace(tzinfo=UTC)


def _within(value: datetime | str) -> None:
    if isinstance(value, str):
        raise InvalidData([("known_at", f"{value} is outside the years 1 to 9998")])


def _question(state: StateType, basis: Basis, plain: str | None, which: str = "true") -> Query:
    """The SQL that asks a state at a basis, in order of key, and its parameters; `plain` of `selection`."""
    order = ", ".join(map(quoted, state.keys))
    sql = selection(state, "given", plain=plain)
    return f"FROM ({sql}) WHERE {which} ORDER BY {order}", asking(basis)


_UNREADABLE: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TimelineError,
    TypeError,
    ValueError,
)
"""What comes of stored values that this package did not write, or wrote when it read others."""


def _tried(read: Callable[[A], T], stored: A) -> tuple[T | None, str | None]:
    """What is read of something stored; None where it cannot be, and why."""
    try:
        return read(stored), None
    except _UNREADABLE as problem:
        said = str(problem) if isinstance(problem, TimelineError) else f"{type(problem).__name__}: {problem}"
        return None, said


def _cites(text: str) -> list[tuple[UUID, str | None]]:
    return [(UUID(cite["source"]), cite["locator"]) for cite in msgspec.json.decode(text)]


def _source(said: Sequence[str | None]) -> Source:
    title, publisher, url, published = said
    return Source(title, publisher=publisher, url=url, published=published)


def _names(text: str) -> dict[str, str]:
    return msgspec.json.decode(text, type=dict[str, str])


class Log:
    """The log behind one connection, in one transaction; the codec says how its events are read.

    Where it is appended to, `kept` has what the appends before it have left at hand: where the log ends,
    which sources it has, and how rows are added. With a `layer` it has a tail that is nowhere in the file.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        codec: Codec,
        sources: dict[UUID, Source],
        kept: Kept | None = None,
        layer: Layer | None = None,
    ) -> None:
        self.connection = connection
        self.codec = codec
        self._sources = sources
        self._sources_unread: dict[UUID, str] = {}
        self._kept = Kept() if kept is None else kept
        self._inserts: Inserts = self._at_hand("inserts", lambda: Inserts(connection))
        self._sources_there: set[UUID] = self._at_hand("sources", set)
        self._sources_met: set[UUID] = set()
        self._layer = layer
        self._end: Head | None = None if layer is None else layer.head
        self._spanned: int | None = None
        self.began = Head()
        """Where the log ended when the transaction began, and `present` that instant: of one that appends."""
        self.present = _BEGINNING
        self.others: Sequence[Any] = ()
        """What other threads request that is to be appended in the same transaction."""
        self.held = False
        """Whether the file is held beyond the transaction, so that spans can be made when it is let go."""
        self.proposed: list[Unwritten] | None = None
        """What is written, where that is to be proposed to a log which others share, and taken back here."""
        self.unread = False
        """Whether nobody reads what is written before it is proposed, so that it need not be written here."""
        self.whole = False
        """Whether what is proposed rests on all that the log holds."""
        self.behind = False
        """Whether spans are to be made then."""

    def _at_hand(self, key: str, make: Callable[[], T]) -> T:
        found: T | None = self._kept.get(key)
        if found is None:
            found = make()
            self._kept.keep(key, found)
        return found

    def settle(self) -> None:
        """Keep what was met and written, now that the transaction is done."""
        if len(self._sources_there) > _MET:
            self._sources_there.clear()
        self._sources_there.update(self._sources_met)
        if self._end is not None:
            self._kept.keep_written("head", self._end)
        if self._spanned is not None:
            self._kept.keep_written("base", self._spanned)

    def run(self, name: str, *parameters: Any, file: str = "log") -> list[Any]:
        """The rows that a named statement gives."""
        return self.connection.execute(statement(file, name), list(parameters)).fetchall()

    # Writing

    @property
    def in_file(self) -> bool:
        """Whether all of it is in the file, and what is written goes there."""
        return self._layer is None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Within it, tables are those that are written, where others are read."""
        if self._layer is None:
            yield
            return
        self.connection.execute(f"USE {self._layer.write}")
        try:
            yield
        finally:
            self.connection.execute(f"USE {self._layer.read}")

    def add(self, layout: Layout, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, each value as plain JSON has it, to a table."""
        with self._writing():
            self._inserts.add(layout, rows)

    def write(self, name: str, *parameters: Any, file: str = "log") -> None:
        """Run a named statement that writes; it reads nothing but what it writes to."""
        self.write_by(statement(file, name), *parameters)

    def write_by(self, sql: str, *parameters: Any) -> None:
        """The same of a statement that is worked out."""
        with self._writing():
            self.connection.execute(sql, list(parameters))

    def end_at(self, head: Head) -> None:
        """Take note of where the log ends now that a commit is written."""
        self._end = head

    # Reading

    def head(self) -> Head:
        """Where the log ends now."""
        return self._end or self._kept.until_changed("head", self._head)

    def _head(self) -> Head:
        rows = self.run("head")
        return Head(rows[0][0], _instant(rows[0][1]), rows[0][2]) if rows else Head()

    def base_of_spans(self) -> int:
        """Up to where all that states are fed has its spans."""
        if self._spanned is None:
            self._spanned = self._kept.until_changed(
                "base", lambda: int(self.run("base", file="schema")[0][0])
            )
        return self._spanned

    def spanned_to(self, base: int) -> None:
        """Take note that all up to there now has its spans."""
        self.write("based", base, file="schema")
        self._spanned = base

    def lacking(self, sources: Iterable[UUID]) -> set[UUID]:
        """Those of the sources that the log has not."""
        unmet = set(sources) - self._sources_there - self._sources_met
        if unmet:
            self._sources_met.update(ident for (ident,) in self.run("known sources", list(map(str, unmet))))
        return unmet - self._sources_met

    def unknown(self, entities: Iterable[str]) -> set[str]:
        """Those of some ids that no entity has."""
        return {one for (one,) in self.run("unknown", list(entities), file="entities")}

    def position_at(self, instant: datetime) -> int:
        """The last position recorded by an instant; 0 if there is none."""
        return int(self.run("position at", instant.replace(tzinfo=None))[0][0])

    def with_ids(self, ids: Iterable[UUID]) -> dict[UUID, list[int]]:
        """Of those ids that the log knows, the positions of whose they are: of the record that has it, first.

        Behind it come those of older versions that would have it today, in order.
        """
        wanted = [str(one) for one in ids]
        found: dict[UUID, list[int]] = {}
        for ident, position, _ in self.run("with ids", wanted) if wanted else ():
            found.setdefault(ident, []).append(position)
        return found

    def ids_at(self, positions: Iterable[int]) -> dict[int, UUID]:
        """The ids of the records at these positions."""
        wanted = list(positions)
        return dict(self.run("ids at", wanted)) if wanted else {}

    def at(self, positions: Iterable[int]) -> dict[int, Record]:
        """The records at these positions."""
        wanted = list(positions)
        rows = self.run("records at", wanted) if wanted else []
        return {record.position: record for record in self._built(rows)}

    def get(self, wanted: UUID | int) -> Record | None:
        """The record of that id or position, or None."""
        position = wanted if isinstance(wanted, int) else self.with_ids([wanted]).get(wanted, [0])[0]
        return self.at([position]).get(position)

    def records(
        self,
        *,
        after: int,
        upto: int,
        types: Sequence[str] = (),
        entities: Sequence[Sequence[str]] = (),
        text: str | None = None,
        stands: bool = False,
        span: Span | None = None,
        possibly: bool = False,
    ) -> list[Record]:
        """Records in order of position: what `concerning` finds of types and entities, speaking of a text.

        With a span, those of events that surely lie in it, or possibly.
        """
        places = None
        if types or entities:
            places = self.concerning(after=after, upto=upto, types=types, entities=entities)
        asked = {"after": after, "upto": upto, "places": places, "text": text}
        within = {
            "first": stored_instant(span.first, "-infinity") if span else None,
            "last": stored_instant(span.last) if span else None,
        }
        sql = statement("log", "records")
        asked |= {"stands": stands, "possibly": possibly, **within}
        return list(self._built(self.connection.execute(sql, asked).fetchall()))

    def concerning(
        self,
        *,
        after: int,
        upto: int,
        types: Sequence[str],
        entities: Sequence[Sequence[str]],
        sameness: bool = False,
        most: int = _ALL,
    ) -> list[int]:
        """The first positions of records that are of one of the types, if any, and touch all of the entities.

        Of each entity all ids are given; with `sameness`, what says that one is the same as another counts,
        whatever the types. So does what corrects, retracts or attests such a record: whatever goes back to
        the same origin and comes after it.
        """
        asked = {
            "after": after,
            "upto": upto,
            "types": self._stored(types),
            "entities": [list(one) for one in entities],
            "sameness": sameness,
            "most": most,
        }
        sql = statement("log", "concerning")
        return [position for (position,) in self.connection.execute(sql, asked).fetchall()]

    def feeding(self, state: StateType, key: Sequence[str]) -> list[int]:
        """The positions of all records that feed one key of a state, whether they stand or not, in order."""
        a, b = key if len(key) > 1 else (key[0], "")
        rows = self.connection.execute(filled("log", "feeding", state), [state.name, a, b, key_number(a, b)])
        return sorted({position for (position,) in rows.fetchall()})

    def compiled(self, state: StateType, basis: Basis, size: int) -> Iterator[list[dict[str, Any]]]:
        """The rows of a compiled state at a basis, by key: whatever anything was said of; so many at a time.

        They are asked for by ranges of keys, since DuckDB holds an answer as a whole before it orders it.
        Until all are read, the connection can do nothing else.
        """
        for sql, asked in self.questions(state, basis):
            result = self.connection.execute(sql, asked)
            columns = [column[0] for column in result.description or ()]
            while rows := result.fetchmany(size):
                yield [dict(zip(columns, row, strict=True)) for row in rows]

    def questions(self, state: StateType, basis: Basis) -> Iterator[Query]:
        """The SQL that asks a compiled state of all keys at a basis, range by range, and its parameters."""
        if basis.filter:
            yield self.question(state, basis)
            return
        key = quoted(state.keys[0])
        which = f"{key} > $behind AND ($through IS NULL OR {key} <= $through)"
        sql, asked = _question(state, basis, self._plain(basis), which)
        for behind, through in self.ranges(state, max(_RANGE, basis.position // _PASSES)):
            yield sql, asked | {"behind": behind, "through": through}

    def ranges(self, state: StateType, size: int) -> list[tuple[str, str | None]]:
        """Ranges of first ids, behind one and up to another or without end, with so many rows of feeds each.

        They hold every id there may be: that of an entity of which nothing was said may stand for another.
        """
        sql = filled("log", "ranges", state)
        ends = [end for (end,) in self.connection.execute(sql, [state.name, size]).fetchall()][:-1]
        return list(zip(["", *ends], [*ends, None], strict=True))

    def table(self, state: StateType, basis: Basis) -> Rows:
        """The same, as a result that other tools can take."""
        sql, asked = self.question(state, basis)
        return taken(self.connection.sql(sql, params=asked))

    def question(self, state: StateType, basis: Basis) -> Query:
        """The SQL that asks a compiled state of all keys at a basis, in order of key, and its parameters."""
        if basis.filter:
            return self._shadowed(state, basis)
        return _question(state, basis, self._plain(basis))

    def _settled(self) -> bool:
        changed = statement("spans", "changed").rstrip(";")
        sql = statement("log", "settled").replace(":changed", changed)
        return self.connection.execute(sql).fetchall() == [(True,)]

    def _plain(self, basis: Basis) -> str | None:
        """Whether spans were made for what is asked at a basis, as SQL; None if nothing came after them."""
        if basis.known is not None or basis.dates != "latest" or basis.position < self.head().position:
            return "false"
        return None if self._settled() else "true"

    def _shadowed(self, state: StateType, basis: Basis) -> Query:
        """The same by the filter of the basis."""
        from timeline.log.duckdb.feeds import LeftOut, Shadows

        cited = self.all_sources() if basis.filter.without or basis.filter.only else ()
        left_out = LeftOut.by(basis.filter, cited)
        ids = self.samenesses().ids(basis)
        places = self.speaking_of(ids, state.event_types, 1, self.head().position) if ids else ()
        reread = list(self.at(places).values())
        rows = self.connection.execute(*left_out.several()).fetchall()
        origins = {*(one.origin for one in reread), *(origin for (origin,) in rows)}
        chains = self.said_of(origins).values() if origins else ()
        shadows = Shadows(left_out=left_out, chains=chains, reread=reread)
        return shadows.question(state, basis, self.codec, ids)

    def names_of(self, entities: Iterable[str]) -> dict[str, tuple[str, list[int]]]:
        """The name that each entity was first given, and the positions of the naming events that name it."""
        found: dict[str, tuple[str, list[int]]] = {}
        rows = self.run("names of", list(entities))
        for entity, name, _ in (row for row in rows if row[2] is None):
            found[entity] = (name, [])
        for entity, _, position in (row for row in rows if row[2] is not None):
            found[entity][1].append(position)
        return found

    def superseded(self, positions: Iterable[int]) -> dict[int, int]:
        """Those positions that do not stand at the head, each with what superseded it."""
        return dict(self.run("superseded", list(positions)))

    def digests(self, first: int, last: int) -> Iterator[str]:
        """The digests of records in order, each led by its length, as texts of many one behind the other."""
        for start in range(first, last + 1, _SPAN):
            for (text,) in self.run("digests", start, min(start + _SPAN - 1, last)):
                yield text

    def find_entities(self) -> None:
        """Make `temp.given_names` and `temp.mentioned`: names and entities as they follow from records."""
        self.run("given names")
        self.run("mentioned")

    def chains(self, origins: Iterable[int]) -> dict[int, list[Link]]:
        """By origin, all records of a correction chain as far as their standing goes."""
        found: dict[int, list[Link]] = {}
        for position, kind, target, known_at, origin, whole in self.run("chains", list(origins), WHOLE):
            found.setdefault(origin, []).append(Link(position, kind, target, _instant(known_at), whole))
        return found

    def said_of(self, origins: Iterable[int], held: Iterable[Record] = ()) -> dict[int, list[Record]]:
        """By origin, the first record of a chain of corrections and all that was said of it, in order.

        Where all those first records are among what is `held`, only what was said later is read.
        """
        wanted = set(origins)
        found = {one.position: [one] for one in held if one.position in wanted}
        if found.keys() != wanted:
            found = {}
        for record in self._built(self.run("said later of" if found else "said of", list(wanted))):
            found.setdefault(record.origin, []).append(record)
        return found

    def denied(self, types: Sequence[str], entities: Sequence[str]) -> list[Record]:
        """The records of some types that deny what they tell of all of some entities, in order."""
        positions = self.denying(types, entities)
        found = self.at(positions) if positions else {}
        return [found[position] for position in positions]

    def denying(self, types: Sequence[str], entities: Sequence[str]) -> list[int]:
        """The positions of the records that `denied` gives, in order."""
        return [position for (position,) in self.run("denied", self._stored(types), list(entities))]

    def all_sources(self) -> list[Source]:
        """Every source that the log cites and that can be read."""
        found = (_tried(_source, row)[0] for row in self.run("all sources" if self.in_file else "cited"))
        return [source for source in found if source is not None]

    def attestations(self, positions: Iterable[int]) -> dict[int, list[Record]]:
        """By position of the record attested, its attestations in order."""
        pairs = self.run("attestations", list(positions))
        records = self.at(position for position, _ in pairs)
        found: dict[int, list[Record]] = {}
        for position, target in pairs:
            found.setdefault(target, []).append(records[position])
        return found

    def fits(self, ids: Iterable[str], folds: Iterable[str]) -> list[Fit]:
        """The entities with one of these ids, or a name that folds to one of those."""
        wanted, folds = list(ids), set(folds)
        if not wanted and not folds:
            return []
        rows = self.run("fit names", wanted, list(folds))
        namings = [position for _, _, _, position, naming in rows if naming]
        gone = {position for position, _ in self.run("superseded", namings)} if namings else ()
        return fits_in((row for row in rows if not (row[4] and row[3] in gone)), folds)

    def samenesses(self) -> Samenesses:
        """All that was said of which entities are the same, whether it stands or not.

        Without a vocabulary it cannot be told, and each entity is taken for itself.
        """
        if not self.codec.catalogue.known:
            return NOBODY
        return self.samenesses_at([position for (position,) in self.run("said", file="sameness")])

    def samenesses_at(self, positions: Sequence[int]) -> Samenesses:
        """What the records at these positions, and others of their chains, say of that."""
        if not positions:
            return NOBODY
        origins = {record.origin for record in self.at(positions).values()}
        return Samenesses.of(self.said_of(origins), self.hidden(positions))

    def same(self, entities: Iterable[str]) -> dict[str, str]:
        """By id, whom those of some entities that are the same as another are read as now."""
        return dict(self.run("read as", list(entities), file="sameness"))

    def digests_at(self, positions: Sequence[int]) -> dict[int, str]:
        """By position, the digest of each record."""
        return dict(self.run("digests at", list(positions)))

    def circle(self, entity: str) -> list[str]:
        """All ids that are read as the same as one now, and itself."""
        return [one for (one,) in self.run("circle", entity, file="sameness")]

    def speaking_of(self, entities: Iterable[str], types: Iterable[str], first: int, last: int) -> list[int]:
        """The positions, between two, of events of some types that speak of any of some entities."""
        kinds = self._stored(types)
        rows = self.run("speaking of", list(entities), kinds, first, last, file="sameness")
        return [position for (position,) in rows]

    def near(
        self, names: Mapping[str, str], likeness: float, unlike: str
    ) -> dict[str, list[tuple[str, str]]]:
        """For each name, at most three entities with a name near to it, nearest first, each with that name.

        `names` maps each name to an entity not to be found. Two names are near only if they are the same
        without what the pattern `unlike` finds in them. `likeness` is the least Jaro-Winkler similarity,
        0 to 1, of names without case and punctuation.
        """
        folds = {folded(name): name for name in names}
        besides = [names[one] for one in folds.values()]
        return near_in(self.run("near names", list(folds), besides, likeness, unlike), folds)

    def _stored(self, types: Iterable[str]) -> list[str]:
        """The names under which events of some types may be stored."""
        return self.codec.catalogue.stored(types)

    def _built(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[Record]:
        """Records from their stored columns."""
        rows = list(rows)
        known, kinds = self.codec.catalogue.known, self.codec.catalogue.names
        cited = [_tried(_cites, row[13]) for row in rows]
        self._load_sources({ident for cites, _ in cited for ident, _ in cites or ()})
        entities = {} if known else dict(self.run("entities at", [row[0] for row in rows]))
        for row, (cites, uncited) in zip(rows, cited, strict=True):
            (position, ident, ref, kind, type_, version, occurred, known_at, recorded_at) = row[:9]
            (credence, actor, note, target, _, names, data, origin, summary) = row[9:]
            event, unread, when = None, None, None
            if type_ is not None and data is not None:
                if known:
                    event, unread = _tried(self._event, (type_, version, occurred, data))
                when = _tried(When.read, occurred)[0] if event is None else event.occurred
            called, unnamed = _tried(_names, names)
            sources, unknown = _tried(self._cited, cites or ())
            outside = _tried(_within, known_at)[1]
            problem = unread or uncited or unknown or unnamed or outside
            more: dict[str, Any] = {} if known else {"entities": tuple(entities[position])}
            if problem is not None:
                spoken_of = dict(self.run("entities at", [position]))[position]
                more = {"problem": problem, "entities": tuple(spoken_of)}
            yield Record(
                position=position,
                id=ident,
                ref=ref,
                kind=kind,
                type=kinds[type_].name if type_ in kinds else type_,
                version=version,
                occurred=when,
                known_at=_instant(known_at),
                recorded_at=_instant(recorded_at),
                sources=sources or (),
                credence=credence,
                actor=actor,
                note=note,
                target=target,
                origin=origin,
                data=data,
                names=called or {},
                event=None if problem else event,
                summary=summary,
                supposed=self._layer is not None and position > self._layer.base,
                **more,
            )

    def _event(self, stored: tuple[str, int, str, str]) -> Event:
        return self.codec.stored(*stored)

    def _load_sources(self, ids: set[UUID]) -> None:
        missing = [str(one) for one in ids - self._sources.keys()]
        if missing:
            for ident, *said in self.run("fetch sources", missing):
                source, problem = _tried(_source, said)
                if source is None:
                    self._sources_unread[ident] = f"cannot be read: {problem}"
                else:
                    self._sources[ident] = source

    def _cited(self, cites: Iterable[tuple[UUID, str | None]]) -> tuple[Source, ...]:
        cites = list(cites)
        for ident, _ in cites:
            if ident not in self._sources:
                problem = self._sources_unread.get(ident, "is missing")
                raise InvalidData([("source", f"{ident} {problem}")])
        return tuple(
            attrs.evolve(self._sources[ident], locator=locator) if locator else self._sources[ident]
            for ident, locator in cites
        )

    def hidden(self, positions: Iterable[int]) -> list[Hidden]:
        """Where in the (known, position) plane these records do not stand."""
        return [
            Hidden(position, _instant(start), None if end.year > _EVER.year else _instant(end), by, low, high)
            for position, start, end, by, low, high in self.run("hidden of", list(positions))
        ]
