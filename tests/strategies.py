"""Dates, points and histories for the laws to be tried on.

Dates are made together with the span that they are meant to have, and histories together with the log that
they are meant to become, so that nothing of the engine is needed to know what is right.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from attrs import frozen
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests import oracle
from tests.ledger import CATALOGUE
from tests.oracle import Dated, Said
from timeline import Assertion, Attestation, Correction, Retraction
from timeline.records import Statement
from timeline.vocabulary import Catalogue

FIRST, LAST = 2019, 2022
MICROSECOND: Final = timedelta(microseconds=1)
PARTS: Final = {33: (1, 3), 34: (4, 6), 35: (7, 9), 36: (10, 12), 40: (1, 6), 41: (7, 12)}

# Dates


def months(text: str, year: int, first: int, last: int) -> Dated:
    """Whole months of a year, under some text."""
    end = datetime(year, last, calendar.monthrange(year, last)[1], tzinfo=UTC)
    return Dated(text, datetime(year, first, 1, tzinfo=UTC), end + timedelta(days=1) - MICROSECOND)


def day(year: int, month: int, number: int) -> Dated:
    """A day."""
    start = datetime(year, month, number, tzinfo=UTC)
    return Dated(f"{year:04}-{month:02}-{number:02}", start, start + timedelta(days=1) - MICROSECOND)


@st.composite
def days(draw: DrawFn, first: int = FIRST, last: int = LAST) -> Dated:
    """A day of some years; half of them in a few days, so that they meet."""
    year = draw(st.integers(first, last))
    month = draw(st.sampled_from([1, 2, 6, 6, 7, 12]) | st.integers(1, 12))
    length = calendar.monthrange(year, month)[1]
    return day(year, month, draw(st.sampled_from([1, 15, length]) | st.integers(1, length)))


@st.composite
def instants(draw: DrawFn, first: int = FIRST, last: int = LAST) -> Dated:
    """An instant, in UTC or at an offset, to the minute or finer."""
    start = draw(days(first, last)).start
    local = start + timedelta(minutes=draw(st.integers(0, 24 * 60 - 1)))
    finer = draw(st.sampled_from(["", ":00", ":07", ":07.5", ":59.999999"]))
    if finer:
        local += timedelta(seconds=float(finer[1:3]), microseconds=int(finer[4:].ljust(6, "0") or 0))
    offset = draw(st.sampled_from([None, 0, 60, -480, 330]))
    zone = "" if offset is None else "Z" if offset == 0 else _offset(offset)
    instant = local - timedelta(minutes=offset or 0)
    return Dated(f"{local:%Y-%m-%dT%H:%M}{finer}{zone}", instant, instant)


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@st.composite
def plain_dates(draw: DrawFn, first: int = FIRST, last: int = LAST) -> Dated:
    """A year, a part of it, a month or a day, perhaps uncertain, approximate, or partly unspecified."""
    year = draw(st.integers(first, last))
    month = draw(st.integers(1, 12))
    part = draw(st.sampled_from(sorted(PARTS)))
    made = draw(
        st.sampled_from(
            [
                months(f"{year:04}", year, 1, 12),
                months(f"{year:04}-XX", year, 1, 12),
                months(f"{year:04}-{month:02}", year, month, month),
                months(f"{year:04}-{month:02}-XX", year, month, month),
                months(f"{year:04}-{part}", year, *PARTS[part]),
            ]
        )
        | days(first, last)
    )
    return Dated(made.text + draw(st.sampled_from(["", "", "", "?", "~", "%"])), made.earliest, made.latest)


@st.composite
def ranges(draw: DrawFn, first: int = FIRST, last: int = LAST, *, bounded: bool = False) -> Dated:
    """Within two dates, or on one side of one: `a/b`, `[a..b]`, `a/..`, `[..b]` and so on."""
    ends = (plain_dates(first, last) | instants(first, last)).filter(lambda one: "X" not in one.text)
    start, end = draw(ends), draw(ends)
    if end.end < start.start:
        start, end = end, start
    shapes = [f"{start.text}/{end.text}", f"[{start.text}..{end.text}]"]
    after = [f"{start.text}/..", f"{start.text}/", f"[{start.text}..]"]
    before = [f"../{end.text}", f"/{end.text}", f"[..{end.text}]"]
    text = draw(st.sampled_from(shapes if bounded else [*shapes, *shapes, *after, *before]))
    return Dated(
        text,
        None if text in before else start.earliest,
        None if text in after else end.latest,
    )


def dates(first: int = FIRST, last: int = LAST) -> SearchStrategy[Dated]:
    """Any date that can be read."""
    decade = st.just(Dated("201X", datetime(2010, 1, 1, tzinfo=UTC), months("", 2019, 12, 12).latest))
    return plain_dates(first, last) | days(first, last) | instants(first, last) | ranges(first, last) | decade


def points(first: int = FIRST - 1, last: int = LAST + 1) -> SearchStrategy[Dated]:
    """Any date that ends."""
    return dates(first, last).filter(lambda one: one.latest is not None)


def aware(first: int = FIRST, last: int = LAST) -> SearchStrategy[datetime]:
    """Datetimes of any fixed zone."""
    zones = st.sampled_from([UTC, timezone(timedelta(hours=-8)), timezone(timedelta(hours=5, minutes=30))])
    return st.datetimes(datetime(first, 1, 1), datetime(last, 12, 31), timezones=zones)  # noqa: DTZ001


# What happens

Content = tuple[str, Mapping[str, Any]]
SUBJECT: Final = "acme"
_PEOPLE: Final = st.sampled_from(["ann", "bob", "cyd"])
_ROOMS: Final = st.sampled_from(["east", "west"])
_COMPANIES: Final = ["acme", "bolt", "crux"]
_UNTIL: Final = st.none() | plain_dates() | instants()


def _content(kind: str, **fields: SearchStrategy[Any]) -> SearchStrategy[Content]:
    return st.tuples(st.just(kind), st.fixed_dictionaries(fields))


NOTES: Final = _content(
    "noted",
    subject=st.just(SUBJECT),
    topic=st.sampled_from(["price", "mood"]),
    text=st.sampled_from(["up", "down", None]),
    number=st.none() | st.sampled_from([Decimal("1.5"), Decimal(2), Decimal("0.000001")]),
)
LEASES: Final = (
    _content("lease_begun", subject=st.just(SUBJECT), holder=_PEOPLE, room=_ROOMS, until=_UNTIL)
    | _content("lease_begun", subject=st.just(SUBJECT), holder=_PEOPLE, room=_ROOMS)
    | _content("lease_ended", subject=st.just(SUBJECT), room=_ROOMS, holder=_PEOPLE | st.none())
    | _content("emptied", subject=st.just(SUBJECT), room=_ROOMS)
)
PLANS: Final = _content("plan_made", subject=st.just(SUBJECT), planned=st.none() | plain_dates())


@st.composite
def _deals(draw: DrawFn, names: Sequence[str] = _COMPANIES) -> Content:
    one, other = draw(st.permutations(names))[:2]
    scope = draw(st.sampled_from(["cloud", "chips"]))
    what = draw(st.sampled_from(["funding_round", "exclusivity_deal", "exclusivity_end"]))
    if what == "funding_round":
        investors = draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
        amounts = st.none() | st.tuples(
            st.sampled_from([Decimal(1), Decimal("2.5")]), st.sampled_from(["USD", "EUR"])
        )
        return what, {"company": one, "investors": tuple(investors), "amount": draw(amounts)}
    deal = {"grantor": one, "grantee": other, "scope": scope}
    return what, deal if what == "exclusivity_end" else {**deal, "until": draw(_UNTIL)}


DEALS: Final = _deals()
LEADERS: Final = st.tuples(
    st.sampled_from(["ceo_appointment", "ceo_ousting"]),
    st.fixed_dictionaries({"company": st.just(SUBJECT), "person": _PEOPLE}),
)
ANYTHING: Final = NOTES | LEASES | PLANS


def samenesses(names: Sequence[str]) -> SearchStrategy[Content]:
    """That one of some entities is another."""
    pairs = st.permutations(names).map(lambda drawn: {"entity": drawn[0], "as_": drawn[1]})
    return st.tuples(st.just("same_entity"), pairs)


def wide(names: Sequence[str]) -> SearchStrategy[Content]:
    """Anything that may be said of some entities, so that much is said of each, and that one is another."""
    who = st.sampled_from(names)
    about = st.tuples(who, ANYTHING | LEADERS).map(lambda drawn: (drawn[1][0], _about(drawn[0], drawn[1][1])))
    return st.one_of(samenesses(names), samenesses(names), _deals(names), _deals(names), about)


def _about(who: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: who if value == SUBJECT else value for name, value in data.items()}


def data_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an event as a caller would give it."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, Dated):
            found[name] = value.text
        elif name == "amount" and value is not None:
            found[name] = {"value": str(value[0]), "currency": value[1]}
        else:
            found[name] = value
    return found


# Histories


@frozen
class History:
    """Statements in order, and the log that they are to become; marks are `s` and the position."""

    log: tuple[Said, ...]

    @property
    def statements(self) -> list[Statement]:
        """What to append."""
        return [statement(one) for one in self.log]

    @property
    def knowns(self) -> list[datetime]:
        """All that was ever newly known, and a moment before, in order."""
        found = {one.known_at for one in self.log}
        return sorted(found | {min(found) - MICROSECOND})


def statement(one: Said, catalogue: Catalogue = CATALOGUE) -> Statement:
    """What to append for a record, in a vocabulary."""
    envelope: dict[str, Any] = {
        "known": one.known_at,
        "id": f"s{one.position}",
        "credence": one.credence,
        "source": one.sources,
    }
    if one.kind == "retraction":
        return Retraction(f"s{one.target}", whole=one.whole, **envelope)
    if one.kind == "attestation":
        return Attestation(f"s{one.target}", **envelope)
    assert one.occurred is not None
    made = catalogue.event(one.type).cls(one.occurred.text, **data_of(one.data))
    if one.kind == "correction":
        return Correction(f"s{one.target}", made, **envelope)
    return Assertion(made, **envelope)


@st.composite
def histories(
    draw: DrawFn,
    content: SearchStrategy[Content] = ANYTHING,
    *,
    when: SearchStrategy[Dated] | None = None,
    most: int = 8,
    least: int = 1,
    revised: bool = True,
    same_type: Callable[[str], SearchStrategy[Content]] | None = None,
    sources: Sequence[str] = (),
) -> History:
    """A history: events in any order of dates, corrected and retracted again and again, known at any time.

    Only what stands is corrected or retracted, and no entity made two others, so that all of it is accepted.
    Corrections may be known before what they correct, which makes rivals: at an earlier `known` two
    corrections of one record are in view. Retractions may be whole.
    `same_type` gives the content of an event type, for corrections; else it is picked out of `content`.
    With `sources`, each record is on the word of some of these or of nobody, of any credence, and some are
    attested; the first of all cites everybody.
    """
    again = same_type or (lambda name: content.filter(_of_type(name)))
    when = dates() if when is None else when
    knowns = days(FIRST - 1, LAST + 2)
    cited = st.lists(st.sampled_from(sources), max_size=2, unique=True) if sources else st.just([])
    credences = ["reported"] * 7 + ["denied", *(["confirmed", "rumoured"] if sources else ())]
    log: list[Said] = [_first(tuple(sources))] if sources else []
    for _ in range(draw(st.integers(least, most))):
        position = len(log) + 1
        known_at = draw(knowns).end
        targets = [one for one in oracle.standing(log) if not sources or one.position > 1]
        revisable = st.sampled_from(targets) | st.just(targets[-1]) if targets else st.none()
        target = draw(st.none() | revisable) if revised else None
        kind = (
            "assertion" if target is None else draw(st.sampled_from(_kinds(target, attested=bool(sources))))
        )
        said = Said(
            position,
            kind,
            known_at,
            None if target is None else target.position,
            credence=draw(st.sampled_from(credences)) if sources or kind != "retraction" else "reported",
            sources=tuple(draw(cited)),
        )
        if kind == "attestation":
            said = replace(said, sources=said.sources or (draw(st.sampled_from(sources)),))
        elif kind == "retraction":
            assert target is not None
            if target.type and draw(st.booleans()):
                corrected = target.kind == "correction"
                known_at = max(known_at, target.known_at) if corrected else known_at
                said = replace(said, whole=True, known_at=known_at)
        else:
            type_, data = draw(content if target is None else again(target.type))
            said = replace(said, type=type_, data=data, occurred=draw(when))
        _keep(log, said)
    return History(tuple(log))


def _first(sources: tuple[str, ...]) -> Said:
    """A note about nobody else, on the word of all."""
    note = {"subject": "elsewhere", "topic": "mood", "text": None, "number": None}
    known = day(FIRST - 1, 1, 1)
    return Said(1, "assertion", known.end, None, "noted", note, known, sources=sources)


def _kinds(target: Said, *, attested: bool) -> list[str]:
    """What may be said of a record that stands."""
    kinds = ["correction", "retraction"] if target.type else ["retraction"]
    return [*kinds, "attestation"] if attested and target.kind != "attestation" else kinds


def _keep(log: list[Said], said: Said) -> None:
    """Take a record into a log, if that can be said in it."""
    if not oracle.contradicts_itself([*log, said]):
        log.append(said)


def moments(history: History) -> SearchStrategy[list[datetime]]:
    """A few points to ask about: the bounds of what is said, a microsecond to either side, and far ahead."""
    told: set[datetime] = {datetime(LAST + 5, 1, 1, tzinfo=UTC)}
    for one in history.log:
        dated = [one.occurred, *one.data.values()]
        for bound in (
            bound for when in dated if isinstance(when, Dated) for bound in (when.earliest, when.latest)
        ):
            if bound is not None:
                told |= {bound - MICROSECOND, bound, bound + MICROSECOND}
    return (
        st.lists(st.sampled_from(sorted(told)), min_size=3, max_size=6, unique=True)
        if len(told) > 3
        else st.just(sorted(told))
    )


def _of_type(wanted: str) -> Callable[[Content], bool]:
    return lambda content: content[0] == wanted


def planes(history: History) -> Sequence[tuple[datetime, int]]:
    """Every (known, position) at which anything may differ."""
    return [(known, position) for known in history.knowns for position in range(len(history.log) + 1)]
