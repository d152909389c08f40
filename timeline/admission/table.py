"""The rows of a table as statements: what the caller says of all of them, and what each says itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

import attrs

from timeline.admission.columns import (
    BLANK,
    OCCURRED,
    Column,
    Columns,
    Misread,
    Wrong,
    beside,
    wrong,
)
from timeline.admission.staging import ROW, Given, ReadFrom, RowFault
from timeline.records import Assertion, Correction, Names, Retraction
from timeline.values import (
    CREDENCES,
    BadText,
    BadWhen,
    Credence,
    FutureKnown,
    InvalidData,
    NotAllowed,
    ReadDate,
    Source,
    TimelineError,
    When,
    optional_text,
)
from timeline.vocabulary import EventType, Field

_KNOWN: Final = "known"
_SOURCE: Final = ("source", "publisher", "url", "published", "locator")
_OWN: Final = (*_SOURCE, "credence", "note", _KNOWN, "id", "corrects", "retracts", "whole")
"""The columns in which a row says of its record what the call says of all; where it is blank, that holds."""
_AMENDING: Final = ("corrects", "retracts", "whole")
_CHUNK: Final = 10_000
"""How many rows are judged and written together."""


@attrs.frozen(kw_only=True)
class Terms:
    """How all rows of a table are said: as what, on whose word, known since when, by whom.

    `known` is the name of a column, or a date, or None where a column `known` says it; `id` the name of a
    column, or None. What a row says itself comes first.
    """

    kind: EventType
    sources: tuple[Source, ...]
    known: str | When | None
    id: str | None
    credence: Credence
    actor: str | None
    note: str | None
    declared: bool
    now: datetime

    @classmethod
    def of(
        cls,
        kind: EventType,
        given: Given,
        *,
        source: Any,
        known: Any,
        id: str | UUID | None,  # noqa: A002  (as `append` calls it)
        credence: Credence | None,
        actor: str | None,
        note: str | None,
        declared: bool,
        now: datetime,
    ) -> Self:
        """The terms as a caller puts them, for the table that was given.

        Raises:
            NotAllowed: if the type names entities or says who is who, or `known` or `id` is neither a column
                nor what it may be.
            FutureKnown: if `known` or a publication begins in the future.
        """
        if kind.naming is not None:
            problem = "gives names, which the other rows of a commit are read by"
            raise NotAllowed(f"{kind.name} {problem}: append such events one by one, with append")
        if kind.sameness is not None:
            problem = "says who is who, which is held against all that was said of that"
            raise NotAllowed(f"{kind.name} {problem}: append such events one by one, with append")
        if credence is not None and credence not in CREDENCES:
            raise BadText(credence, f"is no credence; it is one of {', '.join(CREDENCES)}")
        if id is not None and id not in given.columns:
            raise NotAllowed(f"id={id!r} is no column of the table; they are {', '.join(given.columns)}")
        terms = cls(
            kind=kind,
            sources=Source.read_all(source),
            known=_known(known, given),
            id=None if id is None else str(id),
            credence=credence or "reported",
            actor=optional_text(actor),
            note=optional_text(note),
            declared=declared,
            now=now,
        )
        dates = [("publication", source.published) for source in terms.sources]
        for what, when in [*dates, *([("known", terms.known)] if isinstance(terms.known, When) else [])]:
            if when is not None and when.earliest is not None and when.earliest > now:
                raise FutureKnown(what, when.text, f"{now:%Y-%m-%d %H:%M}")
        return terms


def _known(known: Any, given: Given) -> str | When | None:
    if known is None and _KNOWN in given.columns:
        return None
    if known is None or (isinstance(known, str) and known == "same"):
        raise NotAllowed(
            'known= is needed: a column, a date, or "occurred" if each row was known when it occurred'
        )
    if isinstance(known, str) and known in given.columns:
        return known
    try:
        return When.read(known)
    except BadWhen as problem:
        columns = ", ".join(given.columns)
        raise NotAllowed(f"known={known!r} is neither a column ({columns}) nor a date: {problem}") from None


@attrs.frozen(kw_only=True)
class Batch:
    """Some rows as statements, each with its number; of those that cannot be read, what is wrong.

    `called` has by place, for statements that give any, the names beside ids, by field.
    """

    statements: Sequence[Assertion | Correction | Retraction]
    rows: Sequence[int]
    called: Mapping[int, Mapping[str, str]]
    faults: Sequence[RowFault]


@attrs.frozen(kw_only=True)
class EventTable:
    """A table as it is said; `names` learns whom its ids mean that have names beside them.

    `fields` are the columns of the event, `named` those with names beside, `own` what rows say of themselves.
    """

    given: Given
    terms: Terms
    fields: Mapping[str, Column]
    named: frozenset[str]
    own: Mapping[str, Column]

    @classmethod
    def of(cls, given: Given, terms: Terms, names: Names) -> Self:
        """The table with readers for its columns.

        Raises:
            NotAllowed: if the call reads ids, or since when rows are known, from another column than that of
                this name, or rows of several types have a column that goes with one.
            InvalidData: if it has columns that the type does not, lacks some that it needs, or has one of a
                type that its field cannot be read from.
        """
        columns = Columns(given, terms.kind)
        if not given.whole and (amending := [name for name in _AMENDING if columns.has(name)]):
            raise NotAllowed(f"a column {amending[0]} goes with one type of events, not with several")
        own = {name: columns.own(name) for name in _OWN if columns.has(name)}
        for name, meant in (("id", terms.id), (_KNOWN, terms.known)):
            if isinstance(meant, str) and meant not in {name, OCCURRED} and name in own:
                raise NotAllowed(
                    f"{name}={meant!r}, and a column {name} would go unread; leave one of them out"
                )
        if terms.id is not None:
            own["id"] = columns.ids(terms.id, nullable=False)
        if isinstance(terms.known, str) and terms.known != OCCURRED:
            own[_KNOWN] = columns.dates(terms.known, nullable=False)
        _check_columns(columns, terms)
        present = [field for field in terms.kind.fields if given.says(field)]
        named = [field for field in present if _named(columns, field)]
        fields = {OCCURRED: columns.dates(OCCURRED, nullable=not given.whole)}
        for field in present:
            fields[field.name] = (
                columns.entities(field, names, declared=terms.declared)
                if field in named
                else columns.of(field)
            )
        columns.met((fields[field.name] for field in named), names)
        return cls(
            given=given,
            terms=terms,
            fields=fields,
            named=frozenset(field.name for field in named),
            own=own,
        )

    def batches(self) -> Iterator[Batch]:
        """All rows in order, some at a time."""
        columns = [*self.fields.values(), *self.own.values()]
        selected = ", ".join(one.sql for one in columns)
        result = self.given.connection.cursor().execute(f"SELECT {ROW}, {selected} FROM {self.given.table}")
        while rows := result.fetchmany(_CHUNK):
            numbers, *values = zip(*rows, strict=True)
            read = [one.read(given) for one, given in zip(columns, values, strict=True)]
            yield self._batch(numbers, read, sound=not any(one.readings.wrong for one in columns))

    def _batch(self, numbers: Sequence[int], read: Sequence[Sequence[Any]], *, sound: bool) -> Batch:
        """Rows of these numbers, their values read column by column; all are `sound`, or may not be."""
        statements: list[Assertion | Correction | Retraction] = []
        rows: list[int] = []
        called: dict[int, dict[str, str]] = {}
        faults: list[RowFault] = []
        statement: Assertion | Correction | Retraction
        width, whole = len(self.fields), self.given.whole
        for number, values in zip(numbers, zip(*read, strict=True), strict=True):
            if not whole and values[0] is None:
                continue
            own = dict(zip(self.own, values[width:], strict=True)) if self.own else {}
            retracts = own.get("retracts") is not None
            if not sound and (found := list(wrong(values[width:] if retracts else values))):
                faults += [(number, name, reason) for name, reason in found]
                continue
            try:
                if retracts:
                    statement = self._retraction(own, values[:width])
                else:
                    given = dict(zip(self.fields, values, strict=False))
                    names = self._names(given) if self.named else None
                    statement = self._assertion(given, own)
                    if names:
                        called[len(statements)] = names
            except Misread as problem:
                faults.append((number, *problem.fault))
            except InvalidData as problem:
                kind = f"{self.terms.kind.name}."
                faults += [(number, path.removeprefix(kind), reason) for path, reason in problem.problems]
            except TimelineError as problem:
                faults.append((number, self.terms.kind.name, str(problem)))
            else:
                statements.append(statement)
                rows.append(number)
        faults = [(number, self.given.column(name), reason) for number, name, reason in faults]
        return Batch(statements=statements, rows=rows, called=called, faults=faults)

    def _names(self, given: dict[str, Any]) -> dict[str, str]:
        """The names beside ids, by field; what is given keeps the ids alone."""
        found = {}
        for name in self.named:
            if given[name] is not None:
                given[name], called = given[name]
                if called is not None:
                    found[name] = called
        return found

    def _assertion(self, given: dict[str, Any], own: Mapping[str, Any]) -> Assertion | Correction:
        """What a row says: an event, or what is right where a record was wrong."""
        occurred = given.pop(OCCURRED)
        event = self.terms.kind.cls(occurred, **given)
        envelope = self._envelope(own, occurred)
        target = own.get("corrects")
        if own.get("whole"):
            raise Misread("whole", "goes with retracts")
        return Assertion(event, **envelope) if target is None else Correction(target, event, **envelope)

    def _retraction(self, own: Mapping[str, Any], values: Sequence[Any]) -> Retraction:
        """What a row retracts; it tells no event, and corrects nothing."""
        told = [
            name
            for name, value in zip(self.fields, values, strict=True)
            if value not in (None, (), False) and not isinstance(value, Wrong)
        ]
        if told or own.get("corrects") is not None:
            other = ", ".join(told) or "corrects"
            raise Misread(
                "retracts", f"goes with no event: leave {other} blank, or say it in a row of its own"
            )
        return Retraction(own["retracts"], whole=bool(own.get("whole")), **self._envelope(own, None))

    def _envelope(self, own: Mapping[str, Any], occurred: When | None) -> dict[str, Any]:
        """What is said of the record of a row."""
        terms, whole = self.terms, self.given.whole or "id" not in own
        known = own.get(_KNOWN)
        if known is None:
            known = occurred if terms.known == OCCURRED else terms.known
            if known is None:
                raise Misread(_KNOWN, BLANK)
        cited = {name: own[name] for name in _SOURCE if own.get(name) is not None}
        return {
            "source": (_cited(tuple(cited.items())),) if cited else terms.sources,
            "known": known,
            "credence": own.get("credence") or terms.credence,
            "actor": terms.actor,
            "note": own.get("note") or terms.note,
            "id": own.get("id") if whole or own["id"] is None else f"{own['id']}/{terms.kind.name}",
        }


@functools.lru_cache(maxsize=4_096)
def _cited(said: tuple[tuple[str, Any], ...]) -> Source:
    """The source that a row names, by what it says of it."""
    values = dict(said)
    try:
        return Source(values.pop("source", None), **values)
    except TimelineError as problem:
        raise Misread(next(iter(dict(said))), str(problem)) from None


def _named(columns: Columns, field: Field) -> bool:
    """Whether the table has a column of names beside one of ids."""
    return field.names_entities and any(columns.has(name) for name in beside(field))


def _takes(kind: EventType, terms: Mapping[str, Any]) -> set[str]:
    """The columns that are read for events of a type."""
    fields = {OCCURRED, *(field.name for field in kind.fields)}
    more = {name for field in kind.fields for name in beside(field)}
    return {*fields, *more, *_OWN, str(terms[_KNOWN]), str(terms["id"])}


def _check_columns(columns: Columns, terms: Terms) -> None:
    """See that each column is one that is read, and that none that is needed is missing."""
    kind = terms.kind
    fields = [OCCURRED, *(field.name for field in kind.fields)]
    needed = [OCCURRED, *(field.name for field in kind.fields if field.required)]
    taken = _takes(kind, {_KNOWN: terms.known, "id": terms.id})
    given = columns.given.columns
    problems = [
        (f"{kind.name}.{name}", f"is no field; they are {', '.join(fields)}")
        for name in given
        if name not in taken
    ]
    problems += [
        (f"{kind.name}.{name}", "is missing: give it a column") for name in needed if name not in given
    ]
    if problems:
        raise InvalidData(problems)


@attrs.frozen(kw_only=True)
class Telling:
    """How the rows of a table tell events of a type: by field, what it is read from.

    With `others`, fields that are not in it are read from the column of their own name. Where not `whole`,
    rows without a date tell no such event.
    """

    read: Mapping[str, str | ReadFrom]
    others: bool = True
    whole: bool = False


@attrs.frozen(kw_only=True)
class Tellings:
    """As what rows are told, in order; None says that fields are called like their columns.

    Rows in which one of `needed` is left blank are left out. With `spare`, columns may go unread. `dates` is
    added to on the way: how dates were read that say less than what they were taken for.
    """

    types: Mapping[EventType, Telling | None]
    needed: tuple[str, ...] = ()
    spare: bool = False
    dates: Mapping[Any, ReadDate] = attrs.field(factory=dict)


Told = Callable[[Mapping[str, str]], Tellings]
"""Gives, for the columns of a table with their types in SQL, as what its rows are told."""


def tables_of(given: Given, told: Tellings, names: Names, **terms: Any) -> Sequence[EventTable]:
    """The table as one of events of each type that it tells.

    Raises:
        InvalidData: if it has a column that no type takes, and as `EventTable.of`.
        NotAllowed: as `Terms.of`, and if a field is read from a column that is not there.
    """
    parts = {}
    for kind, one in told.types.items():
        takes = _takes(kind, terms) if one is not None and one.others else ()
        parts[kind] = given if one is None else given.part(kind.name, one.read, takes, whole=one.whole)
    tables = [EventTable.of(part, Terms.of(kind, part, **terms), names) for kind, part in parts.items()]
    taken = {part.column(name) for part in parts.values() for name in part.columns}
    kinds = " or ".join(kind.name for kind in told.types)
    unread = [(name, f"is no field of {kinds}") for name in given.columns if name not in taken]
    if unread and not told.spare:
        raise InvalidData(unread)
    return tables


def together(several: Sequence[Iterator[Batch]]) -> Iterator[Batch]:
    """The batches of several tables of the same rows as one: row by row, in the order of the tables."""
    if len(several) == 1:
        yield from several[0]
        return
    for batches in zip(*several, strict=True):
        places = sorted(
            (row, part, place) for part, one in enumerate(batches) for place, row in enumerate(one.rows)
        )
        yield Batch(
            statements=[batches[part].statements[place] for _, part, place in places],
            rows=[row for row, _, _ in places],
            called={
                index: batches[part].called[place]
                for index, (_, part, place) in enumerate(places)
                if place in batches[part].called
            },
            faults=[fault for one in batches for fault in one.faults],
        )
