"""Forgetting by law: what a record says is taken out of the file, and that it was there is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import attrs
import duckdb

from timeline.compile import quoted, statement
from timeline.log import STORED, Log, Session, Unwritten, schema, write_commits
from timeline.maintenance.files import fresh, pour_log, swapped
from timeline.maintenance.verifying import verify
from timeline.moment import Cursor, ReadTo
from timeline.records import (
    GENESIS,
    Record,
    Reference,
    canonical,
    record_digest_sql,
    reference,
    streamed_digest,
)
from timeline.values import (
    FaultyCopy,
    NotAllowed,
    Progress,
    UnknownRecord,
    WrongCursor,
    WrongTarget,
    clean_text,
)
from timeline.vocabulary import Plain

_BLANK: Final[Mapping[str, str]] = {
    "id": "uuid()",
    "sources": "'[]'",
    "names": "'{}'",
    "entities": "[]",
    "summary": "'redacted'",
    **dict.fromkeys(("ref", "occurred", "earliest", "latest", "actor", "note", "salt"), "NULL"),
    "data": "CASE WHEN kind = 'retraction' THEN data END",
}
"""The columns of a record that are taken from it, and what is there instead; a whole retraction stays one."""


@attrs.frozen
class Mention(Plain):
    """What else in the log speaks of an entity, or has a text in it: its place, and what it says."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@attrs.frozen(kw_only=True)
class Redaction(Plain):
    """What became of a redaction.

    `records` are the positions of those that say nothing any more, `accounts` of those that say who took what
    they said, when and why; `mentions` is what else still speaks of whom those were about.
    """

    records: tuple[int, ...]
    accounts: tuple[int, ...]
    actor: str
    reason: str
    recorded_at: datetime
    mentions: tuple[Mention, ...]
    head: str


def redact(
    session: Session,
    references: Iterable[Reference],
    *,
    reason: str,
    actor: str,
    progress: Progress,
    dry_run: bool,
) -> Redaction:
    """Write the file anew without what some records say, and put it in the place of the old one.

    With `dry_run` the old one stays.

    Raises:
        BadText: if the reason or the actor is blank.
        NotAllowed: if the timeline is in memory, or this thread holds it, or no record is named.
        UnknownRecord: if the log holds no such record.
        WrongTarget: if a record is redacted already, or says that another is.
        FaultyCopy: if the log does not verify; the file is as it was.
        LockedFile: if others hold the file.
    """
    why, who = clean_text(reason), clean_text(actor)
    if session.file.in_memory:
        raise NotAllowed("a timeline in memory leaves nothing to redact; close it")
    wanted, done = [reference(one) for one in references], []
    now = session.present()

    def write(old: Log, draft: Path) -> None:
        targets = _targets(old, wanted)
        try:
            with fresh(draft, session.codec) as new:
                done.append(_written(old, new, targets, who, why, now, progress))
        except duckdb.DataError as problem:
            raise FaultyCopy("the log", [str(problem).partition("\n")[0]]) from None
        if not dry_run:
            _clean_cursors(old, session.file.key)

    swapped(session.file, session.codec, write, dry_run=dry_run)
    return done[0]


def _clean_cursors(log: Log, path: str) -> None:
    """Have cursors of before, beside the file, say no id of a record, which follows from what that said."""
    for cursor in Cursor.beside(path):
        with suppress(WrongCursor):
            place = cursor.read()
            if (
                place is None
                or place.id is None
                or log.ids_at([place.position]).get(place.position) != place.id
            ):
                continue
            cursor.save(ReadTo(place.position, log.digests_at([place.position])[place.position]))


def _targets(log: Log, wanted: Iterable[Any]) -> list[Record]:
    """The records meant, with the retractions and attestations of them, which say the same again."""
    found: dict[int, Record] = {}
    for one in wanted:
        record = log.get(one)
        if record is None:
            raise UnknownRecord(one)
        if record.kind == "redaction":
            raise WrongTarget(f"{record.label} says that #{record.target} is redacted, which stays")
        found[record.position] = record
    if not found:
        raise NotAllowed("say which records are to be redacted")
    for target, by in log.run("already", list(found), file="redaction"):
        raise WrongTarget(f"#{target} is redacted already, by #{by}")
    for chain in log.said_of({record.origin for record in found.values()}).values():
        for record in chain:
            if record.kind in {"retraction", "attestation"} and record.target in found:
                found.setdefault(record.position, record)
    for target, _ in log.run("already", list(found), file="redaction"):
        del found[target]
    return [found[position] for position in sorted(found)]


def _written(
    old: Log, new: Log, targets: Sequence[Record], actor: str, reason: str, now: datetime, progress: Progress
) -> Redaction:
    """Fill a new log from an old one, without what some records say, and add who took that, when and why."""
    positions = [record.position for record in targets]
    progress("copying", 0, None)
    blanked = [first for (first,) in old.run("repeating", positions, file="redaction")]
    _pour(old, new, positions, blanked)
    head = old.head()
    stamp = max(now, head.recorded_at or now)
    left = _left(new, positions, blanked)
    accounts = [
        _account(record, head.position + number, left[record.position], actor, reason, stamp)
        for number, record in enumerate(targets, 1)
    ]
    commit = Unwritten(records=accounts, entities=(), actor=actor, note=reason)
    (after,) = write_commits(new, [commit], head)
    schema.rebuild(new.connection, new.codec, "the new file", progress)
    progress("verifying", 0, None)
    report = verify(Log(new.connection, new.codec, {}), str(head), progress)
    if not report.faithful:
        raise FaultyCopy("the log", list(map(str, report.faults)))
    return Redaction(
        records=tuple(positions),
        accounts=tuple(one.position for one in accounts),
        actor=actor,
        reason=reason,
        recorded_at=stamp,
        mentions=_mentions(old, new, targets, head.position),
        head=str(after),
    )


def _pour(old: Log, new: Log, positions: Sequence[int], blanked: Sequence[int]) -> None:
    """Copy what everything else follows from; what is to go never reaches the new file."""
    gone = f"position IN ({', '.join(map(str, positions))})"
    columns = [
        f"CASE WHEN {gone} THEN {_BLANK[name]} ELSE {quoted(name)} END AS {quoted(name)}"
        if name in _BLANK
        else quoted(name)
        for name in STORED["log"].types
    ]
    noted = f"first_position IN ({', '.join(map(str, blanked)) or 'NULL'})"
    selects = {
        "log": f"SELECT {', '.join(columns)} FROM log",
        "commits": f"SELECT * REPLACE (CASE WHEN {noted} THEN NULL ELSE note END AS note) FROM commits",
    }
    pour_log(old, new, selects)


def _left(new: Log, positions: Sequence[int], blanked: Sequence[int]) -> dict[int, dict[str, str]]:
    """By position, the digests of what is left of a record, and of its commit if that lost its note."""
    covered = record_digest_sql()
    found: dict[int, dict[str, str]] = {
        position: {"record": digest}
        for position, digest in new.connection.execute(
            f"SELECT position, {covered} FROM log WHERE position IN (SELECT unnest(?::BIGINT[]))",
            [list(positions)],
        ).fetchall()
    }
    for first, last, recorded_at, actor, note, before in new.run("commits", list(blanked), file="redaction"):
        digests = new.digests(first, last)
        digest = streamed_digest(before or GENESIS, digests, first, last, recorded_at, actor, note)
        for position in positions:
            if first <= position <= last:
                found[position]["commit"] = digest
    return found


def _account(
    record: Record, position: int, left: Mapping[str, str], actor: str, reason: str, now: datetime
) -> Record:
    """The record that says who took what another said, when and why."""
    return Record(
        position=position,
        id=uuid4(),
        ref=None,
        kind="redaction",
        type=None,
        version=None,
        occurred=None,
        known_at=now.astimezone(UTC),
        recorded_at=now.astimezone(UTC),
        sources=(),
        credence="reported",
        actor=actor,
        note=reason,
        target=record.position,
        origin=record.origin,
        data=canonical(left),
        names={},
        event=None,
        summary=f"redacted: #{record.position}",
    )


def _mentions(old: Log, new: Log, targets: Sequence[Record], upto: int) -> tuple[Mention, ...]:
    """What else mentions whom the records are about, under any name, or repeats their mark or note."""
    entities = sorted({entity for record in targets for entity in record.entities})
    texts = {name for (name,) in old.run("names", entities, file="redaction")} | set(entities)
    texts |= {text for record in targets for text in (record.ref, record.note) if text}
    asked = {"entities": entities, "texts": sorted(texts)}
    rows = new.connection.execute(statement("redaction", "mentions"), asked).fetchall()
    own = {f"#{upto + number}" for number in range(1, len(targets) + 1)}
    own |= {f"the commit of #{upto + 1}"}
    return tuple(Mention(place, text) for place, text in rows if place not in own)
