"""The rows of a table as statements: what the caller says of all of them, and what each says itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

import attrs

from timeline.admission.columns import OCCURRED, Column, Columns, RowFault, wrong
from timeline.admission.staging import GIVEN, Given
from timeline.records import Assertion, Names
from timeline.values import (
    CREDENCES,
    BadText,
    BadWhen,
    Credence,
    FutureKnown,
    InvalidData,
    NotAllowed,
    Source,
    TimelineError,
    When,
    optional_text,
)
from timeline.vocabulary import EventType, Field

_CHUNK: Final = 10_000
"""How many rows are judged and written together."""


@attrs.frozen(kw_only=True)
class Terms:
    """How all rows of a table are said: as what, on whose word, known since when, by whom.

    `known` is the name of a column, or a date; `id` the name of a column, or None.
    """

    kind: EventType
    sources: tuple[Source, ...]
    known: str | When
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


def _known(known: Any, given: Given) -> str | When:
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

    statements: Sequence[Assertion]
    rows: Sequence[int]
    called: Mapping[int, Mapping[str, str]]
    faults: Sequence[RowFault]


@attrs.frozen(kw_only=True)
class EventTable:
    """A table as it is said; `names` learns whom its ids mean that have names beside them."""

    given: Given
    terms: Terms
    fields: Mapping[str, Column]
    named: frozenset[str]
    known: Column | None
    ids: Column | None

    @classmethod
    def of(cls, given: Given, terms: Terms, names: Names) -> Self:
        """The table with readers for its columns.

        Raises:
            InvalidData: if it has columns that the type does not, lacks some that it needs, or has one of a
                type that its field cannot be read from.
        """
        columns = Columns(given, terms.kind)
        _check_columns(columns, terms)
        present = [field for field in terms.kind.fields if given.says(field)]
        named = [field for field in present if _named(columns, field)]
        fields = {OCCURRED: columns.dates(OCCURRED, nullable=False)}
        for field in present:
            fields[field.name] = (
                columns.entities(field, names, declared=terms.declared)
                if field in named
                else columns.of(field)
            )
        columns.met((fields[field.name] for field in named), names)
        own = isinstance(terms.known, str) and terms.known != OCCURRED
        return cls(
            given=given,
            terms=terms,
            fields=fields,
            named=frozenset(field.name for field in named),
            known=columns.dates(str(terms.known), nullable=False) if own else None,
            ids=None if terms.id is None else columns.ids(terms.id),
        )

    def batches(self) -> Iterator[Batch]:
        """All rows in order, some at a time."""
        columns = [*self.fields.values(), *filter(None, (self.known, self.ids))]
        selected = ", ".join(one.sql for one in columns)
        result = self.given.connection.execute(f"SELECT {selected} FROM {GIVEN}")
        row = 1
        while rows := result.fetchmany(_CHUNK):
            read = [one.read(values) for one, values in zip(columns, zip(*rows, strict=True), strict=True)]
            yield self._batch(row, read, sound=not any(one.readings.wrong for one in columns))
            row += len(rows)

    def _batch(self, row: int, read: Sequence[Sequence[Any]], *, sound: bool) -> Batch:
        """The rows from one on, their values read column by column; all are `sound`, or may not be."""
        statements: list[Assertion] = []
        rows: list[int] = []
        called: dict[int, dict[str, str]] = {}
        faults: list[RowFault] = []
        for number, values in enumerate(zip(*read, strict=True), row):
            if not sound and (found := list(wrong(values))):
                faults += [(number, name, reason) for name, reason in found]
                continue
            given = dict(zip(self.fields, values, strict=False))
            if self.named and (names := self._names(given)):
                called[len(statements)] = names
            try:
                statements.append(self._statement(given, values))
            except InvalidData as problem:
                kind = f"{self.terms.kind.name}."
                faults += [(number, path.removeprefix(kind), reason) for path, reason in problem.problems]
            except TimelineError as problem:
                faults.append((number, self.terms.kind.name, str(problem)))
            else:
                rows.append(number)
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

    def _statement(self, given: dict[str, Any], values: Sequence[Any]) -> Assertion:
        terms = self.terms
        occurred = given.pop(OCCURRED)
        known: Any = terms.known
        if known == OCCURRED:
            known = occurred
        elif self.known is not None:
            known = values[len(self.fields)]
        return Assertion(
            terms.kind.cls(occurred, **given),
            source=terms.sources,
            known=known,
            credence=terms.credence,
            actor=terms.actor,
            note=terms.note,
            id=None if self.ids is None else values[-1],
        )


def _named(columns: Columns, field: Field) -> bool:
    """Whether the table has a column of names beside one of ids."""
    return field.names_entities and any(columns.has(name) for name in columns.beside(field))


def _check_columns(columns: Columns, terms: Terms) -> None:
    """See that each column is one that is read, and that none that is needed is missing."""
    kind = terms.kind
    fields = [OCCURRED, *(field.name for field in kind.fields)]
    needed = [OCCURRED, *(field.name for field in kind.fields if field.required)]
    taken = {*fields, *(name for field in kind.fields for name in columns.beside(field))}
    taken |= {str(terms.known), str(terms.id)}
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
