"""The laws once more, slow and plain, written from their text: what the engine is held against.

Nothing here uses the engine. A log is a list of `Said`, positions without gaps; what stands in it, and what
that adds up to, is worked out from the definitions, by recursion and by trying.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Literal

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
END: Final = datetime.max.replace(tzinfo=UTC)
Reading = Literal["latest", "earliest"]
READINGS: Final[tuple[Reading, ...]] = ("latest", "earliest")
NOBODY: Final = "nobody"


@dataclass(frozen=True)
class Dated:
    """A date as text with the span that it is made to have; None is unbounded."""

    text: str
    earliest: datetime | None
    latest: datetime | None

    @property
    def start(self) -> datetime:
        """The first instant, or the beginning of time."""
        return BEGINNING if self.earliest is None else self.earliest

    @property
    def end(self) -> datetime:
        """The last instant, or the end of time."""
        return END if self.latest is None else self.latest

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Both."""
        return self.start, self.end


@dataclass(frozen=True)
class Said:
    """One record: what was said, in its place."""

    position: int
    kind: str
    known_at: datetime
    target: int | None = None
    type: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    occurred: Dated | None = None
    credence: str = "reported"
    sources: tuple[str, ...] = ()
    whole: bool = False


Log = Sequence[Said]


# On whose word


@dataclass(frozen=True)
class Word:
    """A filter: without some sources, only those, of some credences; of each, () leaves nothing out."""

    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    credence: tuple[str, ...] = ()

    def passes(self, one: Said, sources: Sequence[str]) -> bool:
        """Whether a record that rests on these sources is let through."""
        trusted = [name for name in sources if name not in self.without]
        return (
            (not self.credence or one.credence in self.credence)
            and (bool(trusted) or not sources)
            and (not self.only or any(name in self.only for name in trusted))
        )


ANYBODY: Final = Word()


def vouching(view: Log, one: Said) -> list[str]:
    """On whom a record rests: its own sources, and those of the attestations of it that stand."""
    attested = [
        each
        for each in view
        if each.kind == "attestation" and each.target == one.position and decider(view, each.position) is None
    ]
    return [name for each in (one, *attested) for name in each.sources]


# Standing: law 8


def seen(log: Log, known: datetime = END, position: int | None = None, word: Word = ANYBODY) -> list[Said]:
    """The records that are known by then, within the position, and let through.

    What is said of a record comes after it, so the last one is looked at first.
    """
    last = len(log) if position is None else position
    view: list[Said] = []
    for one in reversed(log):
        if one.known_at <= known and one.position <= last and word.passes(one, vouching(view, one)):
            view.insert(0, one)
    return view


def decider(view: Log, target: int) -> Said | None:
    """What decides about a record: the highest correction or retraction of it that is not undone."""
    about = [one for one in view if one.kind in ("correction", "retraction") and one.target == target]
    valid = [one for one in about if not undone(view, one)]
    return max(valid, key=lambda one: one.position, default=None)


def undone(view: Log, one: Said) -> bool:
    """Whether a retraction that is not whole decides about it."""
    by = decider(view, one.position)
    return by is not None and by.kind == "retraction" and not by.whole


def stands(log: Log, view: Log, one: Said) -> bool:
    """Whether a record of the log, in view, stands."""
    if decider(view, one.position) is not None:
        return False
    if one.kind not in ("correction", "retraction"):
        return True
    return _decides(view, one) and (
        one.kind == "retraction" or all(_decides(view, older) for older in _corrected(log, one))
    )


def _decides(view: Log, one: Said) -> bool:
    """Whether a correction or retraction decides about its target."""
    assert one.target is not None
    return decider(view, one.target) == one


def _corrected(log: Log, one: Said) -> list[Said]:
    """The corrections that a correction goes back to."""
    assert one.target is not None
    older = log[one.target - 1]
    return [older, *_corrected(log, older)] if older.kind == "correction" else []


def standing(
    log: Log, known: datetime = END, position: int | None = None, word: Word = ANYBODY
) -> list[Said]:
    """The records that stand at (known, position), on the word of somebody."""
    view = seen(log, known, position, word)
    return [one for one in view if stands(log, view, one)]


def origin(log: Log, one: Said) -> int:
    """The position of the first record of the chain."""
    while one.target is not None:
        one = log[one.target - 1]
    return one.position


# Who is who: law 12

_ENTITIES: Final = ("company", "grantee", "grantor", "holder", "investors", "person", "subject")
"""The fields of the tests' own events that hold entities."""


def read_as(
    log: Log, known: datetime = END, position: int | None = None, word: Word = ANYBODY
) -> dict[str, str]:
    """Whom ids are read as at (known, position), those that are read as others."""
    targets, _ = _samenesses(log, standing(log, known, position, word))
    return {one: _end(targets, one) for one in targets}


def contradicts_itself(log: Log) -> bool:
    """Whether, all being known, an entity would be the same as itself, as two others, or in a circle."""
    return _samenesses(log, standing(log))[1]


def _samenesses(log: Log, view: Log) -> tuple[dict[str, str], bool]:
    """Of which entity each is said to be the same, in the order of origins; and whether that is at odds."""
    said = [one for one in view if one.type == "same_entity" and one.credence != "denied"]
    targets: dict[str, str] = {}
    odd = False
    for one in sorted(said, key=lambda one: origin(log, one)):
        entity, as_ = one.data["entity"], one.data["as_"]
        way, steps = as_, 0
        while way != entity and way in targets and steps <= len(targets):
            way, steps = targets[way], steps + 1
        if way == entity or targets.get(entity, as_) != as_:
            odd = True
        else:
            targets[entity] = as_
    return targets, odd


def _end(targets: Mapping[str, str], one: str) -> str:
    return _end(targets, targets[one]) if one in targets else one


def with_ids(said: Said, ids: Mapping[str, str]) -> Said:
    """A record with ids read as others, each of several once."""
    data = dict(said.data)
    for name in _ENTITIES:
        value = data.get(name)
        if isinstance(value, tuple):
            data[name] = tuple(dict.fromkeys(ids.get(one, one) for one in value))
        elif value is not None:
            data[name] = ids.get(value, value)
    return replace(said, data=data)


# Answers at a point: laws 3 to 5


@dataclass(frozen=True)
class Entry:
    """An event in one slot of a field: what it sets, or whom it ends (None: whoever is there)."""

    said: Said
    origin: int
    value: Any
    closes: bool = False
    until: Dated | None = None
    gives: Any = None

    @property
    def when(self) -> Dated:
        """When it happened."""
        assert self.said.occurred is not None
        return self.said.occurred


@dataclass(frozen=True)
class Point:
    """A point and a reading of imprecise dates."""

    at: datetime
    dates: Reading

    def counts(self, entry: Entry) -> bool:
        """Whether an event counts by now."""
        return self.bound(entry) <= self.at and (self.dates == "earliest" or entry.when.latest is not None)

    def bound(self, entry: Entry) -> datetime:
        """The bound in use."""
        return entry.when.end if self.dates == "latest" else entry.when.start

    def counted(self, entries: Iterable[Entry]) -> list[Entry]:
        """Those that count, in the order of replay."""
        return sorted(filter(self.counts, entries), key=lambda one: (self.bound(one), one.origin))

    def straddling(self, entries: Iterable[Entry]) -> set[int]:
        """The positions of those that may or may not have happened."""
        return {one.said.position for one in entries if one.when.start <= self.at < one.when.end}


@dataclass(frozen=True)
class Found:
    """A value, and the positions of the records behind it and of those that leave it unsettled."""

    value: Any
    present: bool
    because: frozenset[int]
    unsettled: frozenset[int]


Rule = Callable[[Point, Sequence[Entry]], Found]


def _found(value: Any, present: bool, because: Iterable[Entry], unsettled: Iterable[int]) -> Found:
    return Found(value, present, frozenset(one.said.position for one in because), frozenset(unsettled))


def number_of(point: Point, entries: Sequence[Entry]) -> Found:
    """How many count."""
    counted = point.counted(entries)
    return _found(len(counted), bool(counted), counted, point.straddling(entries))


def sum_of(point: Point, entries: Sequence[Entry]) -> Found:
    """What they add up to."""
    counted = point.counted(entries)
    value = sum((one.value for one in counted if one.value is not None), Decimal(0))
    return _found(value, bool(counted), counted, point.straddling(entries))


def funds(point: Point, entries: Sequence[Entry]) -> Found:
    """What amounts add up to; the value of an entry is (amount and currency or None, jointly)."""
    counted = point.counted(entries)
    sums: dict[str, dict[str, Decimal]] = {"wholly": {}, "jointly": {}}
    undisclosed = 0
    for one in counted:
        amount, jointly = one.value
        if amount is None:
            undisclosed += 1
            continue
        into = sums["jointly" if jointly else "wholly"]
        into[amount[1]] = into.get(amount[1], Decimal(0)) + amount[0]
    return _found({**sums, "undisclosed": undisclosed}, bool(counted), counted, point.straddling(entries))


def last_of(point: Point, entries: Sequence[Entry]) -> Found:
    """What the last one gives."""
    counted = point.counted(entries)
    if not counted:
        return _found(None, False, (), point.straddling(entries))
    decisive = counted[-1]
    doubts = {
        one.said.position
        for one in counted
        if one.when.span != decisive.when.span
        and one.when.end >= decisive.when.start
        and one.value != decisive.value
    }
    return _found(decisive.value, True, [decisive], point.straddling(entries) | doubts)


def first_of(point: Point, entries: Sequence[Entry]) -> Found:
    """What the first one gives."""
    counted = point.counted(entries)
    if not counted:
        return _found(None, False, (), point.straddling(entries))
    decisive = counted[0]
    doubts = {
        one.said.position
        for one in counted
        if one.when.span != decisive.when.span
        and one.when.start <= decisive.when.end
        and one.value != decisive.value
    }
    return _found(decisive.value, True, [decisive], point.straddling(entries) | doubts)


def held_by(point: Point, entries: Sequence[Entry]) -> Found:
    """What a start opened, that no later end closed and whose term has not passed."""

    def after(opener: Entry | None, one: Entry) -> tuple[Entry | None, bool]:
        """What is open after an event, and whether the event did anything."""
        if not one.closes:
            return one, True
        if opener is not None and one.value in (None, opener.value):
            return None, True
        return opener, False

    def shown(opener: Entry | None) -> Any:
        if opener is None or (opener.until is not None and point.at > opener.until.end):
            return None
        return opener.value if opener.gives is None else opener.gives

    opener: Entry | None = None
    decisive: Entry | None = None
    counted = point.counted(entries)
    for one in counted:
        opener, did = after(opener, one)
        decisive = one if did else decisive
    value = shown(opener)
    doubts = set()
    for one in counted:
        if decisive is None or one.when.span == decisive.when.span or one.when.end < decisive.when.start:
            continue
        if shown(after(opener, one)[0]) != value:
            doubts.add(one.said.position)
    because = [] if decisive is None else [decisive]
    return _found(value, value is not None, because, point.straddling(entries) | doubts)


def _slotted(
    rule: Rule, point: Point, entries: Iterable[tuple[Any, Entry]]
) -> tuple[dict[Any, Any], frozenset[int], frozenset[int]]:
    slots: dict[Any, list[Entry]] = {}
    for slot, entry in entries:
        slots.setdefault(slot, []).append(entry)
    found = {slot: rule(point, several) for slot, several in slots.items()}
    because = frozenset().union(*(one.because for one in found.values()))
    unsettled = frozenset().union(*(one.unsettled for one in found.values()))
    return {slot: one.value for slot, one in found.items() if one.present}, because, unsettled


@dataclass(frozen=True)
class Answer:
    """The fields of a state, with the positions behind each and of those that leave it unsettled."""

    values: dict[str, Any] = field(default_factory=dict)
    because: dict[str, frozenset[int]] = field(default_factory=dict)
    unsettled: dict[str, frozenset[int]] = field(default_factory=dict)

    def plain(self, name: str, rule: Rule, point: Point, entries: Iterable[Entry]) -> None:
        """Work out a field of one value."""
        found = rule(point, list(entries))
        self.values[name], self.because[name], self.unsettled[name] = (
            found.value,
            found.because,
            found.unsettled,
        )

    def keyed(self, name: str, rule: Rule, point: Point, entries: Iterable[tuple[Any, Entry]]) -> None:
        """Work out a field of one value a slot."""
        self.values[name], self.because[name], self.unsettled[name] = _slotted(rule, point, entries)


def _events(log: Log, known: datetime, position: int | None, word: Word, *types: str) -> list[Said]:
    """The standing events of some types that are not denied."""
    found = standing(log, known, position, word)
    ids = read_as(log, known, position, word)
    return [with_ids(one, ids) for one in found if one.type in types and one.credence != "denied"]


def ledger(
    log: Log,
    subject: str,
    point: Point,
    known: datetime = END,
    position: int | None = None,
    word: Word = ANYBODY,
) -> Answer:
    """The state `ledger` of a subject."""
    subject = read_as(log, known, position, word).get(subject, subject)

    def entry(one: Said, value: Any, **more: Any) -> Entry:
        return Entry(one, origin(log, one), value, **more)

    def of(*types: str) -> list[Said]:
        return [one for one in _events(log, known, position, word, *types) if one.data["subject"] == subject]

    def lease(one: Said, gives: Any = None, *, term: bool = True) -> Entry:
        if one.type == "lease_begun":
            return entry(one, one.data["holder"], until=one.data.get("until") if term else None, gives=gives)
        return entry(one, one.data.get("holder"), closes=True)

    notes = of("noted")
    deeds = of("lease_begun", "lease_ended", "emptied")
    told = {"lease_begun": "begun", "lease_ended": "ended", "emptied": "emptied"}
    answer = Answer()
    texts = [entry(one, one.data.get("text")) for one in notes]
    by_topic = [(one.said.data["topic"], one) for one in texts]
    answer.plain("notes", number_of, point, texts)
    answer.keyed("notes_by", number_of, point, by_topic)
    answer.plain("number", sum_of, point, [entry(one, one.data.get("number")) for one in notes])
    answer.plain("opening", first_of, point, texts)
    answer.keyed("opening_by", first_of, point, by_topic)
    answer.plain("latest", last_of, point, texts)
    answer.keyed("latest_by", last_of, point, by_topic)
    answer.plain("deed", last_of, point, [entry(one, told[one.type]) for one in deeds])
    answer.plain("tenant", held_by, point, [lease(one) for one in deeds])
    answer.keyed("tenants", held_by, point, [(one.data["room"], lease(one)) for one in deeds])
    rooms = [
        lease(one, one.data["room"], term=False)
        for one in deeds
        if one.type in ("lease_begun", "lease_ended")
    ]
    answer.plain("room", held_by, point, rooms)
    answer.plain("planned", last_of, point, [entry(one, one.data.get("planned")) for one in of("plan_made")])
    answer.values["story"] = tuple(one.value or "" for one in point.counted(texts))
    return answer


def relationship(
    log: Log,
    pair: tuple[str, str],
    point: Point,
    known: datetime = END,
    position: int | None = None,
    word: Word = ANYBODY,
) -> Answer:
    """The state `relationship` of a pair; of exclusivities, those in force."""
    ids = read_as(log, known, position, word)
    one, other = pair = ids.get(pair[0], pair[0]), ids.get(pair[1], pair[1])
    rounds: list[Entry] = []
    shares: list[tuple[Any, Entry]] = []
    for said in _events(log, known, position, word, "funding_round"):
        investors, company = set(said.data["investors"]), said.data["company"]
        amount = said.data.get("amount")
        for investor in (one, other):
            if investor in investors and company in pair and company != investor:
                value = (amount, len(investors) > 1)
                rounds.append(Entry(said, origin(log, said), None))
                shares.append((investor, Entry(said, origin(log, said), value)))
    deals = [
        (
            (said.data["grantor"], said.data["scope"]),
            Entry(
                said,
                origin(log, said),
                None if said.type == "exclusivity_end" else said.occurred,
                closes=said.type == "exclusivity_end",
                until=said.data.get("until"),
                gives=None if said.type == "exclusivity_end" else (said.occurred, tuple(said.data.items())),
            ),
        )
        for said in _events(log, known, position, word, "exclusivity_deal", "exclusivity_end")
        if {said.data["grantor"], said.data["grantee"]} == {one, other}
    ]
    answer = Answer()
    answer.plain("rounds", number_of, point, rounds)
    answer.keyed("invested", funds, point, shares)
    answer.keyed("exclusivities", held_by, point, deals)
    answer.values["exclusivities"] = set(answer.values["exclusivities"])
    return answer


def organisation(
    log: Log,
    company: str,
    point: Point,
    known: datetime = END,
    position: int | None = None,
    word: Word = ANYBODY,
) -> Answer:
    """The state `organisation` of a company."""
    company = read_as(log, known, position, word).get(company, company)
    entries = [
        Entry(said, origin(log, said), said.data["person"], closes=said.type == "ceo_ousting")
        for said in _events(log, known, position, word, "ceo_appointment", "ceo_ousting")
        if said.data["company"] == company
    ]
    answer = Answer()
    answer.plain("ceo", held_by, point, entries)
    return answer


# When the world could know: law 6


def known_at(given: Dated | None, published: Sequence[Dated | None], recorded_at: datetime) -> datetime:
    """When the world could know: what is given, else the earliest publication, else when it is recorded."""
    if given is not None:
        return min(given.end, recorded_at)
    dates = [one.end for one in published if one is not None]
    return min([*dates, recorded_at])
