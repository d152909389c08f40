"""What a caller says of all rows of a table at once, and which columns the table may have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

import attrs

from timeline.admission.bulk.amounts import beside
from timeline.admission.bulk.parties import called
from timeline.admission.bulk.staging import Given
from timeline.values import (
    CREDENCES,
    BadText,
    BadWhen,
    FutureKnown,
    InvalidData,
    NotAllowed,
    Source,
    When,
    optional_text,
)
from timeline.vocabulary import EventType, Kind

_OCCURRED: Final = "occurred"


@attrs.frozen(kw_only=True)
class Terms:
    """How all rows of a table are said: as what, on whose word, known since when, by whom.

    `known` is the name of a column, or a date; `id` the name of a column, or None.
    """

    kind: EventType
    sources: tuple[Source, ...]
    known: str | When
    id: str | None
    credence: str
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
        credence: str | None,
        actor: str | None,
        note: str | None,
        declared: bool,
        now: datetime,
    ) -> Self:
        """The terms as a caller puts them, for the table that was given.

        Raises:
            NotAllowed: if the type names entities or says who is who, or `known` or `id` is neither a column
                nor what it may be.
            InvalidData: if the table has columns that the type does not, or lacks some that it needs.
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
        terms._check_columns(given)
        terms._check_published()
        return terms

    def _check_columns(self, given: Given) -> None:
        """See that each column is one that is read, and that none that is needed is missing."""
        fields = [_OCCURRED, *(field.name for field in self.kind.fields)]
        needed = [_OCCURRED, *(field.name for field in self.kind.fields if field.required)]
        taken = {*fields, *self._beside(), self.known, self.id}
        problems = [
            (f"{self.kind.name}.{name}", f"is no field; they are {', '.join(fields)}")
            for name in given.columns
            if name not in taken
        ]
        problems += [
            (f"{self.kind.name}.{name}", "is missing: give it a column")
            for name in needed
            if name not in given.columns
        ]
        if problems:
            raise InvalidData(problems)

    def _beside(self) -> Iterator[str]:
        """The columns that say more about another one."""
        for field in self.kind.fields:
            if field.kind is Kind.ENTITY:
                yield called(field)
            elif field.kind is Kind.MONEY:
                yield from beside(field)

    def _check_published(self) -> None:
        known = [("known", self.known)] if isinstance(self.known, When) else []
        for what, when in [*known, *(("publication", source.published) for source in self.sources)]:
            if when is not None and when.earliest is not None and when.earliest > self.now:
                raise FutureKnown(what, when.text, f"{self.now:%Y-%m-%d %H:%M}")


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
