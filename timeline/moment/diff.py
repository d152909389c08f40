"""What differs between two moments, and why: new events, what we learned or corrected, terms that ran out."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, get_args
from uuid import UUID

import attrs

from timeline.moment.key import KeyView
from timeline.moment.replay import Entry
from timeline.records import Record, record_line as told
from timeline.values import Frame, Framed, InLines, Kind, Line, NotAllowed, labelled, printable
from timeline.vocabulary import (
    Event,
    Feeding,
    Slot,
    State,
    all_said,
    field_lines,
    key_words,
    label,
    marks,
    one_line,
    plain_value,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_COLUMNS: Final[Mapping[str, Kind]] = {
    "what": "text",
    "fields": "any",
    "before": "text",
    "after": "text",
    "position": "number",
    "summary": "text",
    "superseded_by": "number",
}
CauseKind = Literal["new event", "ran out", "we learned", "we corrected", "identity"]
CAUSES: Final[tuple[str, ...]] = get_args(CauseKind)


@attrs.frozen
class _Place:
    """Where an event enters a field, counted or not: how it feeds it, the slot, and what it gives there."""

    feeding: Feeding = attrs.field(eq=id)
    slot: Slot
    value: Any

    @property
    def field(self) -> str:
        """The field that it enters."""
        return self.feeding.field


@attrs.frozen
class _Role:
    """A place whose event counts at the point, or may; `running` tells whether its term, if any, runs."""

    place: _Place
    counted: bool
    doubtful: bool
    running: bool


@attrs.frozen
class Side:
    """One of the two moments: the state there, and what its basis shows of it."""

    state: State
    view: KeyView

    @functools.cached_property
    def places(self) -> Mapping[UUID, frozenset[_Place]]:
        """By id of the records that stand and enter the state, every place that its event enters."""
        found: dict[UUID, set[_Place]] = {}
        for place, entry in self._placed():
            found.setdefault(entry.record.id, set()).add(place)
        return {ident: frozenset(several) for ident, several in found.items()}

    @property
    def roles(self) -> Mapping[UUID, frozenset[_Role]]:
        """By id of the record, the roles that it plays there; those that play none are left out."""
        at, dates = self.state.basis.point, self.state.basis.dates
        found: dict[UUID, set[_Role]] = {}
        for place, entry in self._placed():
            counted = (entry.latest if dates == "latest" else entry.earliest) <= at
            doubtful = entry.earliest <= at < entry.latest
            if counted or doubtful:
                running = entry.runs_out is None or entry.runs_out > at
                role = _Role(place, counted, doubtful, running)
                found.setdefault(entry.record.id, set()).add(role)
        return {ident: frozenset(several) for ident, several in found.items()}

    @property
    def superseders(self) -> Mapping[UUID, int | None]:
        """By id of the records in view, the position of what superseded it; None where it stands."""
        view = self.view.view
        return {record.id: view.overruled.get(record.position) for record in view.records}

    def _placed(self) -> Iterator[tuple[_Place, Entry]]:
        for slots in self.view.entries.values():
            for slot, several in slots.items():
                for entry in several:
                    yield _Place(entry.feeding, slot, entry.value), entry


@attrs.frozen(kw_only=True)
class Cause:
    """A record whose part in some fields differs, and why.

    `gained` says whether it has a part at the second moment only (True), at the first only (False), or
    another one at each (None). `by` is the position of what superseded it where it does not stand.
    """

    record: Record
    kind: CauseKind
    fields: tuple[str, ...]
    gained: bool | None
    by: int | None

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; the record by position."""
        return {
            "kind": self.kind,
            "record": self.record.position,
            "summary": self.record.summary,
            "fields": list(self.fields),
            "gained": self.gained,
            "superseded_by": self.by,
        }

    def told(self, zone: ZoneInfo | None = None) -> str:
        """It in words, since when known in UTC or a zone."""
        sign = "~" if self.gained is None else "+" if self.gained else "-"
        by = "" if self.by is None else f", superseded by #{self.by}"
        note = f": {self.record.note}" if self.record.note and self.kind == "we corrected" else ""
        fields = ", ".join(map(label, self.fields))
        return printable(f"{sign} {told(self.record, zone)}{by}{note} ({fields})")

    def __str__(self) -> str:
        return self.told()


@attrs.frozen(kw_only=True)
class Change:
    """A field that differs: its value at both moments, and the records that left it unsettled there."""

    field: str
    before: Any
    after: Any
    unsettled_before: tuple[Record, ...]
    unsettled_after: tuple[Record, ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; records by position."""
        return {
            "field": self.field,
            "before": plain_value(self.before),
            "after": plain_value(self.after),
            "unsettled_before": [record.position for record in self.unsettled_before],
            "unsettled_after": [record.position for record in self.unsettled_after],
        }


@attrs.frozen(repr=False)
class Diff(InLines, Framed):
    """What differs between two moments in one state.

    `changes` are the fields whose value differs, or what leaves them unsettled; `causes` the records whose
    part in any field differs, each once: also where the value is the same, for another reason.
    """

    before: State
    after: State
    changes: tuple[Change, ...]
    causes: tuple[Cause, ...]

    def __bool__(self) -> bool:
        return bool(self.changes or self.causes)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "state": self.after.__timeline__.name,
            "who": list(self.after.who),
            "before": self.before.basis.as_dict(),
            "after": self.after.basis.as_dict(),
            "changes": [change.as_dict() for change in self.changes],
            "causes": [cause.as_dict() for cause in self.causes],
        }

    def as_table(self) -> Frame:
        """A row for each field that differs, then one for each record that is a cause."""
        rows: list[tuple[Any, ...]] = []
        for change in self.changes:
            before, after = (
                all_said(value, state.named)
                for value, state in ((change.before, self.before), (change.after, self.after))
            )
            rows.append(("changed", change.field, before, after, None, None, None))
        for one in self.causes:
            by = None if one.by is None else one.by
            record = one.record.position, one.record.summary
            rows.append((one.kind, list(one.fields), None, None, *record, by))
        return Frame(_COLUMNS, rows)

    def __repr__(self) -> str:
        number = f"{len(self.changes)} fields differ"
        return f"<Diff {' '.join(self.after.who)}, {self.before.basis} – {self.after.basis}: {number}>"

    def lines(self) -> Iterator[Line]:
        """What differs, field by field, and the records that are the causes."""
        return _lines(self)


def difference(first: Side, second: Side) -> Diff:
    """What differs between two moments of one state.

    Raises:
        NotAllowed: if they read dates otherwise, or listen to others.
    """
    one, other = first.state.basis, second.state.basis
    if one.dates != other.dates:
        raise NotAllowed(f"the moments read dates otherwise ({one.dates}, {other.dates}); take one reading")
    if one.filter != other.filter:
        raise NotAllowed("the moments listen to other sources; take one filter for both")
    changes = tuple(_changes(first.state, second.state))
    return Diff(first.state, second.state, changes, tuple(_causes(first, second)))


def _changes(before: State, after: State) -> Iterator[Change]:
    for field, old in before.values().items():
        new = getattr(after, field)
        doubts = before.unsettled[field], after.unsettled[field]
        if old != new or _ids(doubts[0]) != _ids(doubts[1]):
            yield Change(
                field=field, before=old, after=new, unsettled_before=doubts[0], unsettled_after=doubts[1]
            )


def _ids(records: Iterable[Record]) -> set[UUID]:
    return {record.id for record in records}


def _causes(first: Side, second: Side) -> Iterator[Cause]:
    before, after = first.roles, second.roles
    superseders = first.superseders, second.superseders
    places = first.places, second.places
    known = {record.id: record for side in (first, second) for record in side.view.held}
    for ident in sorted({*before, *after}, key=lambda one: known[one].position):
        old, new = before.get(ident, frozenset()), after.get(ident, frozenset())
        if old == new:
            continue
        differing = {role.place.field for role in old ^ new}
        terms_only = _counted(old) == _counted(new)
        yield Cause(
            record=known[ident],
            kind=_kind(known[ident], superseders, places, terms_only=terms_only),
            fields=tuple(field for field in first.state.__timeline__.folds if field in differing),
            gained=None if old and new else bool(new),
            by=next((one[ident] for one in superseders if one.get(ident) is not None), None),
        )


def _kind(
    record: Record,
    superseders: Sequence[Mapping[UUID, int | None]],
    places: Sequence[Mapping[UUID, frozenset[_Place]]],
    *,
    terms_only: bool,
) -> CauseKind:
    """Why the role of a record differs; `terms_only` where nothing differs but whether its terms run."""
    if not all(record.id in one for one in superseders):
        return "we corrected" if record.kind == "correction" else "we learned"
    if any(one[record.id] is not None for one in superseders):
        return "we corrected"
    if places[0].get(record.id) != places[1].get(record.id):
        return "identity"
    return "ran out" if terms_only else "new event"


def _counted(roles: Iterable[_Role]) -> set[_Role]:
    """Roles but for whether their terms run."""
    return {attrs.evolve(role, running=True) for role in roles}


# Words


def _lines(diff: Diff) -> Iterator[Line]:
    after = diff.after
    yield Line.of((" – ".join(map(after.named, after.who)), "head"))
    yield Line.of(f"from {_where(diff.before)}", indent=2)
    yield Line.of(f"to   {_where(after)}", indent=2)
    if not diff:
        yield Line.of("nothing differs", indent=2)
        return
    yield from labelled(
        [(label(one.field), [[text] for text in _change_lines(one, diff)]) for one in diff.changes]
    )
    if not diff.changes:
        yield Line.of("the values are the same, for other reasons", indent=2)
    for kind in CAUSES:
        causes = [cause for cause in diff.causes if cause.kind == kind]
        if causes:
            yield Line.of("read as another:" if kind == "identity" else f"{kind}:", indent=2)
            yield from (Line.of(cause.told(after.basis.zone), indent=4) for cause in causes)


def _where(state: State) -> str:
    return f"{state.basis}, {state.basis.records}"


def _change_lines(change: Change, diff: Diff) -> Iterator[str]:
    """A field that differs; of a mapping, the slots that do."""
    before, after = change.before, change.after
    doubts = _doubts(change.unsettled_before, change.unsettled_after)
    if not isinstance(before, Mapping):
        was, now = (_worded(state, change.field) for state in (diff.before, diff.after))
        yield _step(before, after, was, now) + doubts
        return
    keys = [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]
    for key in keys:
        given = after[key] if key in after else before[key]
        head = "" if isinstance(given, Event) else f"{key_words(key, diff.after.named)}: "
        if key in before and key in after:
            was, now = (
                one_line(value[key], state.named)
                for value, state in ((before, diff.before), (after, diff.after))
            )
            yield printable(head) + _step(before[key], after[key], was, now)
        else:
            named = (diff.after if key in after else diff.before).named
            yield printable(f"{'+' if key in after else '-'} {head}{one_line(given, named)}")
    if doubts or not keys:
        yield f"as before{doubts}" if not keys else doubts.strip()


def _worded(state: State, field: str) -> str:
    """A value as the answer of the state says it: if it is empty, ended, unsettled, or nothing recorded."""
    return "; ".join(field_lines(state, field))


def _step(old: Any, new: Any, was: str, now: str) -> str:
    """From one value to another; events that read alike with their dates."""
    if was == now and isinstance(old, Event) and isinstance(new, Event):
        was, now = f"{was} ({old.occurred.words}", f"{new.occurred.words})"
    return printable(f"{was} → {now}" if old != new else was)


def _doubts(before: Sequence[Record], after: Sequence[Record]) -> str:
    """How far what leaves a field unsettled differs."""
    if _ids(before) == _ids(after):
        return ""
    return f"  ? {marks(before) or 'settled'} → {marks(after) or 'settled'}"
