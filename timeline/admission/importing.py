"""Appending a table: its rows are judged and written some at a time, as one commit, or not at all."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

import attrs

from timeline.admission.admission import Admission
from timeline.admission.columns import OCCURRED
from timeline.admission.staging import Given, RowFault, staged
from timeline.admission.table import Batch, EventTable, Told, tables_of, together
from timeline.log import Check, CommitWriter, Head, Log, uncollected
from timeline.records import (
    Assertion,
    Correction,
    Fallen,
    Lookalike,
    Names,
    NewEntity,
    Record,
    Retraction,
    Spellings,
)
from timeline.values import (
    AlreadySuperseded,
    AmbiguousName,
    BadRows,
    FutureKnown,
    IdConflict,
    NotAllowed,
    Progress,
    ReadDate,
    TimelineError,
    UnknownEntity,
    UnknownRecord,
    WrongTarget,
    clean_name,
)

FEW: Final = 1000
"""How many of anything are told one by one."""

_LISTED: Final = ("fallen", "lookalikes", "dates")
_SAMPLE: Final = 10


@attrs.frozen(kw_only=True)
class Imported:
    """One call of `append_table`: the records that it added, from `first` to `last`, and what it met.

    `count` is how many those are; where it is 0 nothing was written, and `first` and `last` are None. Of the
    rows, `folded` said what an earlier row said, and `unchanged` what the log said already. `attested` of the
    records are attestations: the source was new for what the log said. `fallen` is what was said again
    without ids and no longer stands. Of this, `new_entities`, `spellings`, `placeholders` (as of a `Commit`)
    and `lookalikes` the first thousand are listed; `new_entity_count` and `spelling_count` count all.

    `rows` is how many rows were judged; `left_out` how many more were not, since they are blank, or something
    needed is. `sample` are the first ten records, each with its row. `dates` are the first thousand texts
    that say less than the date they were taken for, each with how it was read. Of a dry run, which writes
    nothing, all is told as it would be, and `faults` tells (number, column, reason) of the first thousand
    rows at fault, `faulty` how many are.
    """

    first: int | None
    last: int | None
    count: int
    attested: int
    folded: int
    unchanged: int
    fallen: tuple[Fallen, ...]
    new_entities: tuple[NewEntity, ...]
    new_entity_count: int
    spellings: tuple[Spellings, ...]
    spelling_count: int
    placeholders: tuple[str, ...]
    lookalikes: tuple[Lookalike, ...]
    head: int
    recorded_at: datetime
    digest: str
    rows: int
    left_out: int
    sample: tuple[tuple[int, Record], ...]
    dates: tuple[ReadDate, ...] = ()
    faults: tuple[RowFault, ...] = ()
    faulty: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        told = attrs.asdict(self, filter=lambda field, _: field.name not in {*_LISTED, "sample"})
        listed = {name: [one.as_dict() for one in getattr(self, name)] for name in _LISTED}
        sample = [{"row": row, **record.as_dict()} for row, record in self.sample]
        return told | listed | {"sample": sample, "recorded_at": self.recorded_at.isoformat()}

    def __len__(self) -> int:
        return self.count

    def __str__(self) -> str:
        counts = [
            (self.attested, "attestation among them", "attestations among them"),
            (self.folded, "row said the same as another", "rows said the same as others"),
            (self.unchanged, "row was known already", "rows were known already"),
            (self.left_out, "row left out", "rows left out"),
            (len(self.fallen), "of what they say no longer stands", "of what they say no longer stand"),
            (self.new_entity_count, "new entity", "new entities"),
            (self.spelling_count, "entity under several names", "entities under several names"),
            (len(self.placeholders), "name looks like none", "names look like none"),
            (len(self.lookalikes), "record looks like an earlier one", "records look like earlier ones"),
        ]
        told = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
        return "; ".join([self._records(), *told])

    def _records(self) -> str:
        if self.count > 1:
            return f"{self.count:,} records, #{self.first} to #{self.last}"
        return f"1 record, #{self.first}" if self.count else "nothing new"


class RowFaults:
    """The faults of a table so far: those of the first thousand rows, and how many rows are at fault."""

    def __init__(self) -> None:
        self._told: list[RowFault] = []
        self.rows = 0

    @property
    def told(self) -> tuple[RowFault, ...]:
        """The first thousand, in the order of the rows."""
        return tuple(sorted(self._told)[:FEW])

    def add(self, found: Sequence[RowFault]) -> None:
        """Note all faults of some rows."""
        if self.rows < FEW:
            self._told += found
        self.rows += len({row for row, _, _ in found})


Alike = Callable[[Log, int, int, Collection[str]], tuple[Lookalike, ...]]
"""Gives what in the records between two positions, of these types, looks like earlier ones."""


def import_table(
    log: Log,
    told: Told,
    rows: Any,
    progress: Progress,
    *,
    present: datetime,
    alike: Alike,
    check: Check | None = None,
    dry_run: bool = False,
    **terms: Any,
) -> Imported:
    """Append the rows of a table as one commit; must run under the writer lock, in its transaction.

    `present` is the time by the clock; `alike` tells what in the new records looks like earlier ones; `terms`
    are the keywords of `Terms.of`. `check` may refuse what is new, once all rows are found right.

    Raises:
        BadRows: if any row cannot be appended, and this is no `dry_run`; the caller rolls back.
        NotAllowed: if the type is retired, and any row new.
        InvalidData: if a column cannot be read at all.
        TimelineError: as `staged` and `Terms.of`.
    """
    head = log.head()
    progress("reading", 0, None)
    with staged(rows) as given:
        now = max(present, head.recorded_at or present)
        names = Names(log, ())
        tellings = told(given.columns)
        whole = given.without_blanks(tellings.needed)
        tables = tables_of(whole, tellings, names, now=now, **terms)
        progress("checking", 0, given.count)
        importing = Importing(log, head, tables, names, whole)
        importing.left_out = given.count - whole.count + given.unread.blank
        for batch in together([table.batches() for table in tables]):
            with uncollected:
                importing.take(batch)
            progress("writing", min(importing.rows, given.count), given.count)
        imported = importing.finish(progress, alike, check, dry_run=dry_run)
        return attrs.evolve(imported, dates=tuple(islice(tellings.dates.values(), FEW)))


class Importing:
    """A table on its way into the log, behind a head; as one of events of each type that it tells."""

    def __init__(
        self, log: Log, head: Head, tables: Sequence[EventTable], names: Names, given: Given
    ) -> None:
        self._log = log
        self._given = given
        self._head = head
        self._tables = {table.terms.kind.cls: table for table in tables}
        self._terms = tables[0].terms
        self._names = names
        self._writer = CommitWriter(log, head)
        self._faults = RowFaults()
        self._faults.add(given.unread.faults)
        self._sample: list[tuple[int, Record]] = []
        self._rows_of_new = array("q")
        self._attested = 0
        self._folded = 0
        self._unchanged = 0
        self._fallen: dict[int, Fallen] = {}
        self.rows = 0
        self.left_out = 0

    @property
    def _last(self) -> int:
        """The position of the last record written."""
        return self._head.position + len(self._rows_of_new)

    def take(self, batch: Batch) -> None:
        """Judge some rows and write what is new, for good only if no row is at fault."""
        terms = self._terms
        self.rows = max([self.rows, *batch.rows[-1:]])
        admission = Admission(
            self._log,
            attrs.evolve(self._head, position=self._last),
            terms.now,
            declared=terms.declared,
        )
        faults = admission.judge(batch.statements, self._names, batch.called)
        rows = admission.new_from
        found = list(batch.faults)
        for index, problem in faults.items():
            statement = batch.statements[index]
            if isinstance(problem, NotAllowed) and _retired(statement):
                raise problem
            found += self._told(batch.rows[index], statement, problem, rows, batch)
        self._faults.add(found)
        if admission.new:
            self._writer.add(admission.new)
            few = zip(rows[: _SAMPLE - len(self._sample)], admission.new, strict=False)
            self._sample += [(batch.rows[index], record) for index, record in few]
            self._rows_of_new.extend(batch.rows[index] for index in rows)
        self._attested += sum(record.kind == "attestation" for record in admission.new)
        folded = sum(position > self._head.position for position in admission.repeated)
        self._folded += folded
        self._unchanged += len(admission.repeated) - folded
        self._fallen |= admission.fallen

    def _told(
        self,
        row: int,
        statement: Assertion | Correction | Retraction,
        problem: TimelineError,
        rows: list[int],
        batch: Batch,
    ) -> Iterator[RowFault]:
        """The faults of a row that cannot be admitted: each column, and why."""
        terms, table = self._terms, self._table(statement)
        column = terms.id or ("id" if "id" in table.own else table.given.column(OCCURRED))
        if isinstance(problem, FutureKnown):
            known = terms.known if isinstance(terms.known, str) else "known"
            column = known if problem.what == "known" else "published"
        elif isinstance(problem, UnknownRecord | WrongTarget | AlreadySuperseded) and not isinstance(
            statement, Assertion
        ):
            column = "retracts" if isinstance(statement, Retraction) else "corrects"
        elif isinstance(problem, UnknownEntity | AmbiguousName) and not isinstance(statement, Retraction):
            found = self._unnamed(statement)
            yield from ((row, table.given.column(name), reason) for name, reason in found)
            return
        elif isinstance(problem, IdConflict) and problem.position > self._head.position:
            place = problem.position - self._head.position - 1
            before = len(self._rows_of_new)
            first = self._rows_of_new[place] if place < before else batch.rows[rows[place - before]]
            differences = "; ".join(problem.differences)
            called = "row" if self._given.path is None else "line"
            told = f"{called} {first} already says something else under this id ({differences})"
            yield row, column, f"{told}; give each an id of its own"
            return
        yield row, column, str(problem)

    def _table(self, statement: Assertion | Correction | Retraction) -> EventTable:
        """The table that a statement comes from."""
        kind = None if isinstance(statement, Retraction) else type(statement.event)
        return next(iter(self._tables.values())) if kind is None else self._tables[kind]

    def _unnamed(self, statement: Assertion | Correction) -> Iterator[tuple[str, str]]:
        """The fields of a statement whose names mean nobody, or two; each with why."""
        event = statement.event
        for field in event.__timeline__.entities:
            value = getattr(event, field)
            for text in value if isinstance(value, tuple) else filter(None, [value]):
                try:
                    self._names.found_or_new(clean_name(text), declared=self._terms.declared)
                except TimelineError as problem:
                    yield field, str(problem)
                    break

    def finish(
        self, progress: Progress, alike: Alike, check: Check | None, *, dry_run: bool = False
    ) -> Imported:
        """Close the commit, now that all rows were taken.

        Raises:
            BadRows: if any was at fault, and this is no dry run.
        """
        terms, log, names = self._terms, self._log, self._names
        if self._faults.rows and not dry_run:
            raise BadRows(self._faults.told, self._faults.rows, self._given.path)
        first, last = self._head.position + 1, self._last
        count = last - first + 1
        mentioned = self._writer.rows.mentioned
        names.new = [one for one in names.new if one.id in mentioned]
        if check is not None and count:
            check(log, names.new)
        head = self._head
        if count:
            progress("states", 0, count)
            head = self._writer.close(names.new, actor=terms.actor, note=terms.note)
            progress("done", count, count)
        several = names.spellings() if count else []
        kinds = [table.terms.kind.name for table in self._tables.values()]
        return Imported(
            first=first if count else None,
            last=last if count else None,
            count=count,
            attested=self._attested,
            folded=self._folded,
            unchanged=self._unchanged,
            fallen=tuple(self._fallen[position] for position in sorted(self._fallen)[:FEW]),
            new_entities=names.with_near_misses()[:FEW],
            new_entity_count=len(names.new),
            spellings=tuple(several[:FEW]),
            spelling_count=len(several),
            placeholders=tuple(names.placeholders() if count else ())[:FEW],
            lookalikes=alike(log, first, last, kinds) if count else (),
            head=head.position,
            recorded_at=terms.now,
            digest=head.digest,
            rows=self._given.count,
            left_out=self.left_out,
            sample=tuple(self._sample),
            faults=self._faults.told,
            faulty=self._faults.rows,
        )


def _retired(statement: Assertion | Correction | Retraction) -> bool:
    return not isinstance(statement, Retraction) and statement.event.__timeline__.retired
