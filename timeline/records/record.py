"""What may be said to the log, and what the log holds of it."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

import attrs
import msgspec

from timeline.values import (
    BadText,
    Credence,
    Frame,
    Framed,
    InLines,
    Line,
    Source,
    When,
    checked,
    doubts,
    optional_text,
    printable,
    read_credence,
)
from timeline.vocabulary import Event, spoken_of

S = TypeVar("S", bound="BaseStatement")
RecordKind = Literal["assertion", "correction", "retraction", "attestation", "redaction"]
_DOES: Final[Mapping[RecordKind, str]] = {
    "correction": "corrects",
    "retraction": "retracts",
    "attestation": "attests",
    "redaction": "redacts",
}
WHOLE: Final = '{"whole":true}'
"""The data of a whole retraction; a plain one has none."""
NOT_BACK: Final = " whole, so that what that replaced does not come back"
"""How a whole retraction is told from a plain one."""
LEFT: Final = "no longer stood, and is left as it is"
"""What is told of a record that was to be retracted with its commit, and does not stand."""


@attrs.frozen(kw_only=True, repr=False)
class Record:
    """What was said, in its place in the log.

    `occurred` and `event` are None for a retraction, attestation or redaction, and for what is redacted;
    `target` is the position of what those, and corrections, speak of. `origin` is the position of the first
    record of the correction chain. `type` is what the type is called today, `version` that which was written.
    `known_at` and `recorded_at` are aware UTC instants. `names` holds, by
    entity, the name as given; `entities` are the ids of all that it speaks of, in the order of its fields.
    `supposed` says that it is in no log: a what-if has it on top of one. Read without a vocabulary, a record
    has no event, and what it says is in `data` and `summary`. Where what
    is stored of it cannot be read, `problem` says why, and it has no event either.
    """

    position: int
    id: UUID
    ref: str | None
    kind: RecordKind
    type: str | None
    version: int | None
    occurred: When | None
    known_at: datetime
    recorded_at: datetime
    sources: tuple[Source, ...]
    credence: Credence
    actor: str | None
    note: str | None
    target: int | None
    origin: int
    data: str | None
    names: Mapping[str, str] = attrs.field(eq=False)
    event: Event | None
    summary: str = attrs.field(eq=False)
    supposed: bool = attrs.field(default=False, eq=False)
    problem: str | None = attrs.field(default=None, eq=False)
    entities: tuple[str, ...] = attrs.field(eq=False)

    @property
    def source(self) -> Source | None:
        """The first source, or None."""
        return self.sources[0] if self.sources else None

    @entities.default
    def _entities(self) -> tuple[str, ...]:
        return () if self.event is None else tuple(dict.fromkeys(spoken_of(self.event)))

    @property
    def whole(self) -> bool:
        """Whether it is a retraction after which what its target replaced does not come back."""
        return self.kind == "retraction" and self.data == WHOLE

    @property
    def place(self) -> str:
        """Its position for people: `#14`, or `supposed #14` where it is in no log."""
        return f"supposed #{self.position}" if self.supposed else f"#{self.position}"

    @property
    def label(self) -> str:
        """How people point at it: `#14`, or `A14 (#14)` where it has an id of its own."""
        return f"{self.ref} ({self.place})" if self.ref else self.place

    @property
    def undoing(self) -> str:
        """What was done to the record that it supersedes: `retracted by A14 (#14)`."""
        done = {"correction": "corrected", "retraction": "retracted", "redaction": "redacted"}
        return f"{done.get(self.kind, self.kind)} by {self.label}"

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; instants in ISO 8601, UTC. Data that cannot be read are a text."""
        return {
            "position": self.position,
            "id": str(self.id),
            "ref": self.ref,
            "kind": self.kind,
            "type": self.type,
            "version": self.version,
            "occurred": None if self.occurred is None else self.occurred.text,
            "known_at": self.known_at.isoformat(),
            "recorded_at": self.recorded_at.isoformat(),
            "sources": [source.as_dict() for source in self.sources],
            "credence": self.credence,
            "actor": self.actor,
            "note": self.note,
            "target": self.target,
            "data": self._plain_data(),
            "summary": self.summary,
            **({"supposed": True} if self.supposed else {}),
            **({"problem": self.problem} if self.problem else {}),
        }

    def _plain_data(self) -> Any:
        try:
            return None if self.data is None else msgspec.json.decode(self.data)
        except ValueError:
            return self.data

    def __str__(self) -> str:
        unread = f" (it cannot be read: {self.problem})" if self.problem else ""
        when = f"{self.occurred.words}: " if self.occurred else ""
        return printable(f"{self.label} {when}{self.summary}{unread}")

    def __repr__(self) -> str:
        when = f" {self.occurred}" if self.occurred else ""
        return f"<Record {self.label}{when}, {self.type or self.kind}>"


def _said(record: Record) -> str:
    """A record, with what it does to another, and which."""
    if record.target is None:
        return str(record)
    return f"{record}, {_DOES[record.kind]} #{record.target}{NOT_BACK if record.whole else ''}"


Reference = Record | UUID | str | int
"""What names a record: itself, its id (yours or the UUID), or its position (a number, or digits alone)."""


def _sources(value: Any) -> tuple[Source, ...] | None:
    return None if value is None else Source.read_all(value)


def _known(value: Any) -> When | Literal["same"] | None:
    if value is None or (isinstance(value, str) and value == "same"):
        return value  # type: ignore[return-value]
    return When.read(value)


def _whole(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadText(value, "is neither True nor False, whether a retraction is whole")
    return value


@attrs.frozen(kw_only=True)
class BaseStatement:
    """The envelope of whatever is said; None means: as the call that says it."""

    source: tuple[Source, ...] | None = attrs.field(default=None, converter=_sources)
    known: When | Literal["same"] | None = attrs.field(default=None, converter=_known)
    credence: Credence | None = attrs.field(default=None, converter=attrs.converters.optional(read_credence))
    actor: str | None = attrs.field(default=None, converter=optional_text)
    note: str | None = attrs.field(default=None, converter=optional_text)
    id: UUID | str | None = None


_ENVELOPE: Final = tuple(field.name for field in attrs.fields(BaseStatement))
_said_in: Final = operator.attrgetter(*_ENVELOPE)


@functools.cache
def _names(cls: type[BaseStatement]) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(cls))


@attrs.frozen
class Assertion(BaseStatement):
    """That an event happened."""

    event: Event


@attrs.frozen
class Correction(BaseStatement):
    """That a record was wrong, and what is right: a whole new event of the same type."""

    target: Reference
    event: Event


@attrs.frozen
class Retraction(BaseStatement):
    """That a record should not have been said at all.

    What a retracted correction replaced comes back, unless the retraction is `whole`.
    """

    target: Reference
    whole: bool = attrs.field(default=False, kw_only=True, converter=_whole)


@attrs.frozen
class Attestation(BaseStatement):
    """That another source says what a record says."""

    target: Reference


Statement = Assertion | Correction | Retraction | Attestation


def within(statement: S, call: BaseStatement) -> S:
    """A statement with what a call says of whatever it does not say itself; all of that has been read."""
    given = _said_in(call)
    if not any(given):
        return statement
    cls: Any = type(statement)
    new: S = cls.__new__(cls)
    for name in _names(cls):
        object.__setattr__(new, name, getattr(statement, name))
    for name, other in zip(_ENVELOPE, given, strict=True):
        if other is not None and getattr(new, name) is None:
            object.__setattr__(new, name, other)
    return new


@attrs.frozen
class NewEntity:
    """An entity that a commit spoke of first, with the ids of entities whose names are near.

    Those are known already, or spoken of first by the same commit. `lists` has what its name seems to list:
    names or, where all of those are known, ids.
    """

    id: str
    name: str
    near: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


@attrs.frozen
class Spellings:
    """An entity that is called by several names, which were taken as one; first the one that was there."""

    entity: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.entity}: {', '.join(self.names)}"


@attrs.frozen
class Ignored:
    """What was said again of a known record in other words, and changed nothing."""

    record: Record
    field: str
    stored: str | None
    given: str | None

    def __str__(self) -> str:
        stays = "empty" if self.stored is None else repr(self.stored)
        return f"{self.record.label}: its {self.field} stays {stays}, not {self.given!r}"


@attrs.frozen
class Lookalike:
    """A record, and an earlier one that may tell the same event.

    `differing` are the fields of amounts, numbers or a date in which the two cannot both be right: then the
    sources disagree. Else the one may be told twice, and an attestation would say that.
    """

    record: Record
    like: Record
    differing: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; the records by position, and the id given to the one."""
        return {
            "position": self.record.position,
            "ref": self.record.ref,
            "like": self.like.position,
            "differing": list(self.differing),
        }

    def __str__(self) -> str:
        told = f"{self.record.label} looks like {self.like.label}"
        if not self.differing:
            return f"{told}: attest it instead?"
        figures = ", ".join(f"{name.replace('_', ' ')} {self._values(name)}" for name in self.differing)
        return f"{told} but for {figures}: sources disagree"

    def _values(self, name: str) -> str:
        like, own = (_figure(getattr(one.event, name)) for one in (self.like, self.record))
        return f"({like}, {own})"


def _figure(value: Any) -> str:
    return f"{value:,f}" if isinstance(value, Decimal) else str(value)


@attrs.frozen
class Fallen:
    """What was said again without an id of its own, changed nothing, and no longer stands; and by what."""

    record: Record
    by: Record

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; the records by position."""
        return {"record": self.record.position, "by": self.by.position}

    def __str__(self) -> str:
        return (
            f"{self.record.label} was {self.by.undoing}: "
            f"to say it again, give it an id of its own, or retract {self.by.place}"
        )


@attrs.frozen(kw_only=True, repr=False)
class Commit(InLines, Framed):
    """One call of `append` or its like: the records it added, and what it found known already.

    `spellings` are the names that were taken for an entity spelt otherwise, and `placeholders` the names that
    look like none (unknown, undisclosed, N/A, nan); both are told of what is new, and neither is refused.
    Where nothing was new, `records` is empty, nothing was written, and `digest` is that of the head.
    Of what is `unchanged`, `fallen` tells what was said without an id and no longer stands.
    `superseded` is what of a commit that was to be retracted did not stand any more, and is left as it is.
    """

    records: tuple[Record, ...] = ()
    unchanged: tuple[Record, ...] = ()
    superseded: tuple[Record, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    fallen: tuple[Fallen, ...] = ()
    new_entities: tuple[NewEntity, ...] = ()
    spellings: tuple[Spellings, ...] = ()
    placeholders: tuple[str, ...] = ()
    head: int
    recorded_at: datetime
    digest: str
    _lookalikes: tuple[Lookalike, ...] | None = attrs.field(default=None, eq=False)

    @property
    def positions(self) -> range:
        """The positions of its records."""
        return range(self.records[0].position, self.records[-1].position + 1) if self.records else range(0)

    @property
    def types(self) -> set[str]:
        """The types of the events that its records tell."""
        return {record.type for record in self.records if record.type is not None}

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "records": [record.as_dict() for record in self.records],
            "unchanged": [record.as_dict() for record in self.unchanged],
            "ignored": [
                attrs.asdict(one, recurse=False) | {"record": one.record.position} for one in self.ignored
            ],
            "fallen": [one.as_dict() for one in self.fallen],
            "new_entities": [attrs.asdict(one) for one in self.new_entities],
            "spellings": [attrs.asdict(one) for one in self.spellings],
            "placeholders": list(self.placeholders),
            "superseded": [record.position for record in self.superseded],
            "head": self.head,
            "recorded_at": self.recorded_at.isoformat(),
            "digest": self.digest,
        }

    @checked
    def lines(self, told: Callable[[Record], str] | None = None) -> Iterator[Line]:
        """What it added, each record as `told`, and what it left as it was; of very much, the first."""
        for record in self.records:
            yield Line.of(_said(record) if told is None else told(record), hang=4)
        fallen = {one.record.position for one in self.fallen}
        for record in self.unchanged:
            if record.position not in fallen:
                yield Line.of((f"{record.label} is known already", "aside"))
        if not (self.records or self.unchanged):
            yield Line.of(("nothing was said", "aside"))
        left = [f"{record.label} {LEFT}" for record in self.superseded]
        for several in (self.fallen, left, self.ignored):
            yield from doubts(several)

    def as_table(self) -> Frame:
        """A row for each record that it added."""
        from timeline.records.words import Records

        return Records(self.records).as_table()

    def __repr__(self) -> str:
        ends = dict.fromkeys(record.place for record in (*self.records[:1], *self.records[-1:]))
        said = " to ".join(ends) or "nothing new"
        known = f", {len(self.unchanged)} known already" if self.unchanged else ""
        return f"<Commit {said}{known}, head {self.head}>"

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)
