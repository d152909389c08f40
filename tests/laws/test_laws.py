"""The laws of time, tried on histories of all kinds; one group of tests a law."""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import assume, example, given, settings, strategies as st

from tests import oracle, strategies
from tests.ledger import (
    NOW,
    CEOAppointment,
    Clock,
    EntityNamed,
    ExclusivityDeal,
    ExclusivityEnd,
    FundingRound,
    LeaseBegun,
    LeaseEnded,
    Ledger,
    Noted,
    Organisation,
    PlanMade,
    Relationship,
    opened,
)
from tests.oracle import END, READINGS, Dated, Point, Reading, Said
from tests.strategies import MICROSECOND, History, days, histories, points
from timeline import Assertion, Attestation, Correction, Money, Record, Retraction, Source, Timeline, When
from timeline.errors import (
    AlreadySuperseded,
    AmbiguousName,
    BadText,
    BadWhen,
    FutureKnown,
    IdConflict,
    NaiveDatetime,
    UnboundedPoint,
    UnknownEntity,
    WrongBasis,
)
from timeline.records import canonical

PURE = settings(max_examples=200)
"""For tests that open no timeline."""

EVER = "9998"
READ = st.sampled_from(READINGS)
FEW_POINTS = st.lists(points(), min_size=3, max_size=5)


def note(occurred: str = "2020", text: str | None = None, **more: Any) -> Noted:
    """A note about acme."""
    return Noted(occurred, subject="acme", topic="mood", text=text, **more)


def places(records: Iterable[Record]) -> set[int]:
    """The positions of records."""
    return {record.position for record in records}


def ledger(tl: Timeline, valid: str | datetime = EVER, **how: Any) -> Ledger:
    """What is noted about acme."""
    return tl.as_of(valid, **how).of(Ledger, "acme")


def all_noted(tl: Timeline, known: datetime | None = None, position: int | None = None) -> set[int]:
    """The positions of all notes about acme that stand."""
    moment = tl.as_of(EVER, known=known, position=position, dates="earliest")
    return places(moment.of(Ledger, "acme").because["notes"])


# L1. Bounds


@PURE
@given(strategies.dates())
def test_l1_a_date_runs_from_its_first_to_its_last_instant(dated: Dated) -> None:
    """Every date has the first and last instant of what it names, in UTC, both inclusive."""
    when = When(dated.text)
    assert (when.earliest, when.latest) == (dated.earliest, dated.latest)


@PURE
@given(st.integers(1, 9998), st.sampled_from(sorted(strategies.PARTS)), st.integers(1, 12))
def test_l1_parts_of_a_year_are_whole_months(year: int, part: int, month: int) -> None:
    """Quarters are 33 to 36, half-years 40 and 41; leap years are those of the Gregorian calendar."""
    for text, months in (
        (f"{year:04}", (1, 12)),
        (f"{year:04}-{part}", strategies.PARTS[part]),
        (f"{year:04}-{month:02}", (month, month)),
    ):
        wanted = strategies.months(text, year, *months)
        assert (When(text).earliest, When(text).latest) == (wanted.earliest, wanted.latest)


@PURE
@given(strategies.aware(), strategies.days())
def test_l1_python_dates_are_read_as_text_is(instant: datetime, dated: Dated) -> None:
    """An aware datetime is one instant, a date the whole day in UTC, and a naive datetime is refused."""
    assert When.read(instant).earliest == When.read(instant).latest == instant
    whole = When.read(date.fromisoformat(dated.text))
    assert (whole.earliest, whole.latest) == (dated.earliest, dated.latest)
    with pytest.raises(NaiveDatetime):
        When.read(instant.replace(tzinfo=None))


@PURE
@given(strategies.plain_dates(), st.integers(21, 32))
def test_l1_what_cannot_be_read_is_refused_where_it_fails(dated: Dated, season: int) -> None:
    """Seasons and other parts of a year are refused, with the place of the fault and what would work."""
    with pytest.raises(BadWhen) as caught:
        When(f"{dated.text[:4]}-{season}")
    assert caught.value.position == 5
    assert caught.value.hint


@given(st.lists(strategies.dates(), min_size=1, max_size=8))
def test_l1_bounds_are_stored_as_they_are(several: list[Dated]) -> None:
    """In the file a date has the same bounds, in UTC, infinite where it has none."""
    with opened() as tl:
        tl.append(*(Assertion(note(one.text), id=f"n{i}") for i, one in enumerate(several)))
        rows = tl.sql("SELECT earliest::VARCHAR, latest::VARCHAR FROM records ORDER BY position").rows
    assert list(rows) == [
        (_stored(one.earliest, "-infinity"), _stored(one.latest, "infinity")) for one in several
    ]


def _stored(instant: datetime | None, unbounded: str) -> str:
    if instant is None:
        return unbounded
    text = instant.strftime("%Y-%m-%d %H:%M:%S.%f")
    return text.rstrip("0").removesuffix(".")


# L2. As of


@given(st.lists(points(), min_size=1, max_size=4))
def test_l2_the_point_is_the_last_instant_of_the_date(several: list[Dated]) -> None:
    """`as_of` a date is its close: what happens at its last instant counts, what happens after does not."""
    with opened() as tl:
        for number, one in enumerate(several):
            after = one.end + MICROSECOND
            tl.append(
                Assertion(note(When.read(one.end).text), id=f"a{number}"),
                Assertion(note(When.read(after).text), id=f"b{number}"),
            )
        for number, one in enumerate(several):
            for asked in (one.text, When(one.text), one.end):
                moment = tl.as_of(asked)
                assert moment.basis.point == one.end
            counted = places(tl.as_of(one.text).of(Ledger, "acme").because["notes"])
            assert 2 * number + 1 in counted
            assert 2 * number + 2 not in counted


@given(strategies.ranges().filter(lambda one: one.latest is None))
def test_l2_the_point_must_be_finite(dated: Dated) -> None:
    """A date without an end is no point, neither on the valid nor on the known axis."""
    with opened() as tl:
        with pytest.raises(UnboundedPoint, match="valid"):
            tl.as_of(dated.text)
        with pytest.raises(UnboundedPoint, match="known"):
            tl.as_of("2020", known=dated.text)


def test_l2_now_is_read_once(tl: Timeline, clock: Clock) -> None:
    """Without a date the point is now, by one reading of the clock for all that is asked of the Moment."""
    tl.append(note("2026-01-01T12:00"), note("2026-01-01T12:01"))
    reads = clock.reads
    moment = tl.as_of()
    clock.wait(days=1)
    assert moment.of(Ledger, "acme").notes == moment.of(Ledger, "acme").notes == 1
    assert moment.basis.point == NOW
    assert clock.reads == reads + 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("2023-11-17", "end of 2023-11-17"),
        ("2023", "2023-12-31"),
        ("2023-11-17T10:00Z", "2023-11-17T10:00"),
    ],
)
def test_l2_output_says_the_point(tl: Timeline, asked: str, said: str) -> None:
    """What is printed says which instant is meant, and that it is in UTC."""
    tl.append(note())
    text = str(tl.as_of(asked).of(Ledger, "acme"))
    assert said in text
    assert "UTC" in text


# L3. Reading of imprecise dates


@given(histories(when=strategies.dates(2020, 2021)), READ, st.data())
def test_l3_an_event_counts_by_the_bound_in_use(
    history: History, dates: Reading, data: st.DataObject
) -> None:
    """By `latest` an event counts once it has surely happened, by `earliest` as soon as it may have."""
    with opened() as tl:
        tl.append(*history.statements)
        for at in data.draw(strategies.moments(history)):
            state = ledger(tl, at, dates=dates)
            wanted = oracle.ledger(history.log, "acme", Point(at, dates))
            assert places(state.because["notes"]) == wanted.because["notes"]
            for field in ("notes", "notes_by", "number"):
                assert getattr(state, field) == wanted.values[field]


@given(strategies.dates(), strategies.dates(), FEW_POINTS)
def test_l3_a_term_includes_the_date_it_names(begun: Dated, until: Dated, several: list[Dated]) -> None:
    """A term runs while point ≤ until.latest, in both readings; one that ends before its event never runs."""
    with opened() as tl:
        tl.append(LeaseBegun(begun.text, subject="acme", holder="ann", room="east", until=until.text))
        asked = [at.end for at in several]
        if until.latest is not None:
            asked += [until.latest, until.latest + MICROSECOND]
        for point, dates in itertools.product(asked, READINGS):
            runs = _counts(begun, point, dates) and point <= until.end
            assert (tl.as_of(point, dates=dates).of(Ledger, "acme").tenant == "ann") is runs


def _counts(dated: Dated, point: datetime, dates: Reading) -> bool:
    return dated.start <= point if dates == "earliest" else dated.latest is not None and dated.latest <= point


def test_l3_the_two_readings_by_example(tl: Timeline) -> None:
    """Some time in 2019 has happened by mid-2019 in one reading, and not yet in the other."""
    tl.append(note("2019"))
    assert ledger(tl, "2019-06", dates="latest").notes == 0
    assert ledger(tl, "2019-06", dates="earliest").notes == 1
    assert ledger(tl, "2018", dates="earliest").notes == 0
    assert ledger(tl, "2019", dates="latest").notes == 1
    with pytest.raises(BadText, match="earliest"):
        tl.as_of("2019", dates="middle")  # type: ignore[arg-type]


# L4. Unsettled


@given(histories(when=strategies.dates(2020, 2021)), READ, st.data())
def test_l4_a_state_names_what_is_unsettled_and_by_what(
    history: History, dates: Reading, data: st.DataObject
) -> None:
    """A field is unsettled by just those that may have happened, or whose order could change the value."""
    with opened() as tl:
        tl.append(*history.statements)
        for at in data.draw(strategies.moments(history)):
            state = ledger(tl, at, dates=dates)
            wanted = oracle.ledger(history.log, "acme", Point(at, dates))
            got = {field: places(state.unsettled[field]) for field in wanted.unsettled}
            assert got == wanted.unsettled


@given(strategies.dates(), points(), READ)
def test_l4a_what_may_have_happened_leaves_it_unsettled(dated: Dated, at: Dated, dates: Reading) -> None:
    """While earliest ≤ point < latest, whatever an event feeds is unsettled, in both readings."""
    several = {at.end}
    for bound in (dated.earliest, dated.latest):
        several |= {bound - MICROSECOND, bound, bound + MICROSECOND} if bound else set()
    with opened() as tl:
        tl.append(note(dated.text))
        for point in several:
            state = ledger(tl, point, dates=dates)
            doubtful = dated.start <= point < dated.end
            for field in ("notes", "notes_by", "number", "opening", "latest", "latest_by", "story"):
                assert bool(state.unsettled[field]) is doubtful
            assert not state.unsettled["tenant"]


TENTH = strategies.day(2020, 6, 10)


@given(strategies.dates(2020, 2020), strategies.dates(2020, 2020), READ)
@example(Dated(f"2020/{TENTH.text}T00:00", When("2020").earliest, TENTH.earliest), TENTH, "latest")
@example(TENTH, Dated(f"{TENTH.text}T00:00/2020", TENTH.earliest, When("2020").latest), "earliest")
@example(Dated("2020", When("2020").earliest, When("2020").latest), TENTH, "latest")
def test_l4b_uncertain_order_leaves_it_unsettled(one: Dated, other: Dated, dates: Reading) -> None:
    """Where dates overlap without being the same, what their order decides is unsettled if values differ."""
    with opened() as tl:
        for subject, texts in (("acme", ("up", "down")), ("bolt", ("up", "up"))):
            for number, (when, text) in enumerate(zip((one, other), texts, strict=True)):
                tl.append(Noted(when.text, subject=subject, topic="mood", text=text, number=number))
            state = tl.as_of(EVER, dates=dates).of(Ledger, subject)
            both = all(_counts(when, state.basis.point, dates) for when in (one, other))
            overlap = one.start <= other.end and other.start <= one.end
            doubtful = both and overlap and one.span != other.span and texts[0] != texts[1]
            may_be_to_come = any(when.latest is None for when in (one, other))
            assert bool(state.unsettled["latest"]) is (doubtful or may_be_to_come)
            assert bool(state.unsettled["opening"]) is (doubtful or may_be_to_come)
            assert bool(state.unsettled["notes"]) is may_be_to_come
            assert bool(state.unsettled["number"]) is may_be_to_come


@given(strategies.dates(2020, 2020), strategies.dates(2020, 2020), st.booleans())
@example(Dated("2020", When("2020").earliest, When("2020").latest), TENTH, False)
@example(TENTH, Dated("2020", When("2020").earliest, When("2020").latest), True)
def test_l4b_an_end_of_uncertain_order_leaves_it_unsettled(begun: Dated, ended: Dated, named: bool) -> None:
    """Whether a tenant has left is unsettled where the end may have come before or after the start."""
    assume(begun.latest is not None and ended.latest is not None)
    with opened() as tl:
        tl.append(
            LeaseBegun(begun.text, subject="acme", holder="ann", room="east"),
            LeaseEnded(ended.text, subject="acme", room="east", holder="ann" if named else None),
        )
        state = ledger(tl)
        closed = begun.end <= ended.end
        assert state.tenant == (None if closed else "ann")
        overlap = (
            begun.span != ended.span
            and (begun if closed else ended).end >= (ended if closed else begun).start
        )
        assert places(state.unsettled["tenant"]) == ({1 if closed else 2} if overlap else set())


# L5. Order of replay


@given(histories(when=strategies.dates(2020, 2021)), READ, st.data())
def test_l5_events_are_replayed_by_bound_then_origin(
    history: History, dates: Reading, data: st.DataObject
) -> None:
    """By the bound in use, then by the first record of the chain: a correction takes its target's place."""
    with opened() as tl:
        tl.append(*history.statements)
        for at in data.draw(strategies.moments(history)):
            state = ledger(tl, at, dates=dates)
            wanted = oracle.ledger(history.log, "acme", Point(at, dates)).values
            planned = wanted["planned"]
            assert state.values() == wanted | {"planned": planned and When(planned.text)}


@given(st.permutations(["a", "b", "c", "d"]), st.integers(0, 3), READ)
def test_l5_ties_are_taken_in_the_order_of_origins(texts: list[str], corrected: int, dates: Reading) -> None:
    """Events with the very same span are in the order they were said, corrections in their target's place."""
    with opened() as tl:
        tl.append(*(note("2020", text) for text in texts))
        tl.correct(corrected + 1, note("2020~", "new"))
        wanted = ["new" if index == corrected else text for index, text in enumerate(texts)]
        state = ledger(tl, dates=dates)
        assert list(state.story) == wanted
        assert (state.opening, state.latest) == (wanted[0], wanted[-1])
        assert not state.unsettled["latest"]


def test_l5_the_reading_decides_the_order(tl: Timeline) -> None:
    """What began first is not always over first."""
    tl.append(note("2020", "year"), note("2020-03", "march"))
    assert ledger(tl, dates="latest").story == ("march", "year")
    assert ledger(tl, dates="earliest").story == ("year", "march")


# L6. Known


KNOWN = st.none() | strategies.dates(2024, 2026)


@given(st.lists(st.tuples(KNOWN, st.lists(KNOWN, max_size=3), st.floats(-400, 400)), min_size=1, max_size=5))
def test_l6_known_at_is_given_or_published_or_recorded(
    said: list[tuple[Dated | None, list[Dated | None], float]],
) -> None:
    """What is given counts, else the earliest publication, else now; never later than it is recorded.

    What begins in the future is refused, and `recorded_at` never decreases, even if the clock goes back.
    """
    clock = Clock(datetime(2025, 6, 1, 12, tzinfo=UTC))
    latest = datetime(1, 1, 1, tzinfo=UTC)
    with opened(clock) as tl:
        for number, (given_, published, wait) in enumerate(said):
            clock.wait(wait)
            now = max(latest, clock.now)
            dates = [None if one is None else one.text for one in published]
            sources = [Source(f"source {index}", published=one) for index, one in enumerate(dates)]
            statement = Assertion(
                note(), id=f"n{number}", source=sources or None, known=given_ and given_.text
            )
            if any(one is not None and one.start > now for one in (given_, *published)):
                with pytest.raises(FutureKnown):
                    tl.append(statement)
                continue
            (record,) = tl.append(statement).records
            assert record.recorded_at == now
            assert record.known_at == oracle.known_at(given_, published, now) <= record.recorded_at
            assert tl.record(record.position) == record
            latest = now


@given(histories(), FEW_POINTS, days(2017, 2025))
def test_l6_known_limits_what_is_seen(history: History, several: list[Dated], known: Dated) -> None:
    """As known at K, an answer rests on the records with known_at ≤ K alone; "then" is K = valid."""
    with opened() as tl:
        tl.append(*history.statements)
        for at in several:
            for asked, until in ((known.text, known.end), ("then", at.end), (None, END)):
                state = ledger(tl, at.text, known=asked)
                wanted = oracle.ledger(history.log, "acme", Point(at.end, "latest"), known=until)
                assert {field: places(state.because[field]) for field in wanted.because} == wanted.because
                assert state.notes == wanted.values["notes"]


def test_l6_known_includes_the_very_instant(tl: Timeline) -> None:
    """What became known at the last instant of K is known at K."""
    tl.append(note(), known="2024-05-03")
    assert ledger(tl, known="2024-05-03").notes == 1
    assert ledger(tl, known="2024-05-03T23:59:59.999998").notes == 0


def test_l6_revisions_inherit_nothing_unless_told_so(tl: Timeline, clock: Clock) -> None:
    """A correction is known when it is said, and `known="same"` takes the target's."""
    tl.append(note(), known="2020-01-01", source=Source("a", published="2019"), credence="confirmed")
    clock.wait(days=1)
    (plain,) = tl.correct(1, note(text="b")).records
    clock.wait(days=1)
    (same,) = tl.correct(2, note(text="c"), known="same").records
    (retraction,) = tl.retract(3).records
    assert plain.known_at == plain.recorded_at < clock.now == retraction.known_at
    assert (plain.sources, plain.credence) == ((), "reported")
    assert same.known_at == plain.known_at


def test_l6_an_attestation_never_moves_known_at(tl: Timeline) -> None:
    """One more source, however early, leaves it as it was known."""
    tl.append(note(), known="2022")
    tl.attest(1, source=Source("early", published="2019"), known="2019-06")
    assert tl.record(1).known_at == When("2022").latest
    assert ledger(tl, known="2021").notes == 0
    assert ledger(tl, known="2022").notes == 1


@pytest.mark.parametrize("what", [{"known": "2026-01-02"}, {"source": Source("a", published="2026-01-02")}])
def test_l6_the_future_is_not_known(tl: Timeline, clock: Clock, what: dict[str, Any]) -> None:
    """What begins to be known tomorrow is refused today, and taken tomorrow."""
    with pytest.raises(FutureKnown, match="2026-01-02"):
        tl.append(note(), **what)
    assert tl.as_of().basis.position == 0
    clock.wait(days=0.5)
    assert tl.append(note(), **what).records[0].known_at == clock.now


# L7. Basis


@given(histories(least=2), histories(), st.data())
def test_l7_what_is_appended_later_changes_no_answer(
    before: History, after: History, data: st.DataObject
) -> None:
    """The same question at the same basis has the same answer, that of a log that ended there."""
    at = data.draw(points())
    asked: dict[str, Any] = {
        "known": data.draw(st.none() | days(2017, 2025).map(lambda one: one.text)),
        "dates": data.draw(READ),
    }
    cut = len(before.log)
    with opened() as tl, opened() as ended:
        tl.append(*before.statements)
        ended.append(*before.statements)
        moment = tl.as_of(at.text, **asked)
        first = moment.of(Ledger, "acme")
        tl.append(*(_moved(one, cut) for one in after.log))
        again = moment.of(Ledger, "acme")
        later = tl.as_of(at.text, **asked, position=cut).of(Ledger, "acme")
        there = ended.as_of(at.text, **asked).of(Ledger, "acme")
        assert first == again == later == there
        assert str(first) == str(again) == str(later) == str(there)
        assert tl.as_of().basis.position == cut + len(after.log)


def _moved(one: Said, by: int) -> Any:
    target = None if one.target is None else one.target + by
    return strategies.statement(
        Said(
            one.position + by, one.kind, one.known_at, target, one.type, one.data, one.occurred, one.credence
        )
    )


@given(histories(least=2), st.lists(days(2018, 2023), min_size=1, max_size=3))
def test_l7_every_position_is_a_log_that_ended_there(history: History, several: list[Dated]) -> None:
    """On the basis of position N the answer is what the first N records come to."""
    with opened() as tl:
        tl.append(*history.statements)
        for position in range(len(history.log) + 1):
            for at in several:
                state = ledger(tl, at.text, position=position)
                wanted = oracle.ledger(history.log, "acme", Point(at.end, "latest"), position=position)
                assert state.values()["notes"] == wanted.values["notes"]
                assert state.tenants == wanted.values["tenants"]
                assert {field: places(state.because[field]) for field in wanted.because} == wanted.because
        for wrong in (-1, len(history.log) + 1):
            with pytest.raises(WrongBasis, match=str(wrong)):
                tl.as_of("2020", position=wrong)


@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=6), st.lists(st.integers(-1, 20), min_size=1, max_size=4)
)
def test_l7_a_date_as_position_is_the_last_recorded_by_its_close(
    waits: list[float], asked: list[int]
) -> None:
    """`position=` a date means the last position recorded by the end of it."""
    clock = Clock(datetime(2025, 1, 1, tzinfo=UTC))
    recorded = []
    with opened(clock) as tl:
        for number, wait in enumerate(waits):
            clock.wait(wait)
            tl.append(Assertion(note(), id=f"n{number}"))
            recorded.append(clock.now)
        for number in asked:
            when = (datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=number)).date()
            close = datetime(when.year, when.month, when.day, tzinfo=UTC) + timedelta(days=1) - MICROSECOND
            wanted = sum(one <= close for one in recorded)
            assert tl.as_of("2020", position=when.isoformat()).basis.position == wanted


# L8. Standing


NOTES_ONLY = strategies.NOTES


@given(histories(NOTES_ONLY, least=3, most=9), st.data())
def test_l8_what_stands_is_as_defined_everywhere(history: History, data: st.DataObject) -> None:
    """Over all of the (known, position) plane, what stands is what the definition says."""
    with opened() as tl:
        tl.append(*history.statements)
        rows = tl.sql("SELECT position, known_from, known_to, position_from, position_to FROM hidden").rows
        for known, position in strategies.planes(history):
            view = {one.position for one in oracle.seen(history.log, known, position)}
            stand = {one.position for one in oracle.standing(history.log, known, position)}
            assert sorted(_hidden(rows, known, position)) == sorted(view - stand)
        events = {one.position for one in history.log if one.type and one.credence != "denied"}
        for known, position in data.draw(st.lists(st.sampled_from(strategies.planes(history)), max_size=8)):
            stand = {one.position for one in oracle.standing(history.log, known, position)}
            assert all_noted(tl, known, position) == stand & events


def _hidden(rows: Sequence[tuple[Any, ...]], known: datetime, position: int) -> list[int]:
    naive = known.replace(tzinfo=None)
    return [row[0] for row in rows if row[1] <= naive < row[2] and row[3] <= position < row[4]]


@given(histories(NOTES_ONLY, least=3, most=7), st.data())
def test_l8_only_what_stands_may_be_revised(history: History, data: st.DataObject) -> None:
    """A record that does not stand cannot be corrected, retracted or attested; one that stands can."""
    stand = {one.position for one in oracle.standing(history.log)}
    with opened() as tl:
        tl.append(*history.statements)
        assert places(tl.as_of().records(stands=True)) == stand
        for one in history.log:
            if one.position in stand:
                continue
            for statement in (
                Correction(f"s{one.position}", note(text="new")),
                Retraction(one.position),
                Attestation(one.position, source="another"),
            ):
                if one.kind == "retraction" and isinstance(statement, Correction):
                    continue
                with pytest.raises(
                    AlreadySuperseded, match=rf"s{one.position} \(#{one.position}\)"
                ) as caught:
                    tl.append(statement)
                assert caught.value.by
        assert tl.as_of().basis.position == len(history.log)
        target = data.draw(st.sampled_from(sorted(stand)))
        tl.attest(target, source="another")
        tl.retract(target)
        with pytest.raises(AlreadySuperseded):
            tl.retract(target, id="once more")


def test_l8_the_error_names_by_which(tl: Timeline) -> None:
    """Who tries to revise what was corrected is told by which record."""
    tl.append(Assertion(note(), id="A1"))
    tl.correct("A1", note(text="b"), id="A2")
    with pytest.raises(AlreadySuperseded, match=r"A1 \(#1\).*corrected by A2 \(#2\)"):
        tl.correct("A1", note(text="c"))


@given(histories(NOTES_ONLY, least=4, most=9), st.integers(1, 8))
def test_l8_hidden_is_the_same_however_it_is_worked_out(history: History, cut: int) -> None:
    """In one commit, in several, or rebuilt from the log: what is hidden is the same."""
    everything = "SELECT * FROM hidden ORDER BY ALL"
    with opened() as tl, opened() as parted:
        tl.append(*history.statements)
        parted.append(*history.statements[:cut])
        if history.statements[cut:]:
            parted.append(*history.statements[cut:])
        rows = tl.sql(everything).rows
        assert parted.sql(everything).rows == rows
        parted.rebuild()
        assert parted.sql(everything).rows == rows


@given(histories(NOTES_ONLY, least=3, most=9))
def test_l8_typed_views_hold_what_stands_now(history: History) -> None:
    """The table in `said` holds every event, the view of its name those that stand and are not denied."""
    with opened() as tl:
        tl.append(*history.statements)
        events = {one.position for one in history.log if one.type}
        assert {row[0] for row in tl.sql("SELECT position FROM said.noted")} == events
        stand = {
            one.position for one in oracle.standing(history.log) if one.type and one.credence != "denied"
        }
        assert {row[0] for row in tl.sql("SELECT position FROM noted")} == stand
        records = tl.sql("SELECT position, stands FROM records").rows
        everywhere = {one.position for one in oracle.standing(history.log)}
        assert {position for position, stands in records if stands} == everywhere


# L9. Late news is not a correction


@given(
    st.lists(st.tuples(days(), st.text("ab", max_size=1)), min_size=2, max_size=6, unique_by=lambda x: x[0]),
    st.data(),
)
def test_l9_when_it_was_recorded_does_not_matter(said: list[tuple[Dated, str]], data: st.DataObject) -> None:
    """An event takes its place by its date, however late it was recorded."""
    order = data.draw(st.permutations(said))
    with opened() as early, opened() as late:
        early.append(
            *(note(one.text, f"{text}{one.text}") for one, text in sorted(said, key=lambda x: x[0].start))
        )
        for one, text in order:
            late.append(note(one.text, f"{text}{one.text}"))
        for at, _ in said:
            one_, other = ledger(early, at.text), ledger(late, at.text)
            assert one_.values() == other.values()


@given(days(2019, 2019), days(2020, 2020), days(2021, 2021), days(2018, 2022))
def test_l9_it_ended_is_not_it_never_was(begun: Dated, ended: Dated, asked: Dated, known: Dated) -> None:
    """An end leaves the time before it as it was; a retraction takes it all back, from when it is known."""
    deal = {"grantor": "acme", "grantee": "bolt", "scope": "cloud"}
    with opened() as tl:
        tl.append(Assertion(ExclusivityDeal(begun.text, **deal), id="deal"), known="2019")
        tl.append(Assertion(ExclusivityEnd(ended.text, **deal), id="end"), known=ended.text)
        between = [begun.text, ended.earliest and ended.earliest - MICROSECOND]
        for at in between:
            assert tl.as_of(at).between("acme", "bolt").exclusivities
        assert not tl.as_of(asked.text).between("acme", "bolt").exclusivities
        seen = tl.as_of(asked.text, known=known.text).between("acme", "bolt").exclusivities
        assert bool(seen) is (
            When("2019").latest is not None and END.replace(2019, 12, 31) <= known.end < ended.end
        )

        tl.retract("end", known=asked.text)
        assert tl.as_of(EVER).between("acme", "bolt").exclusivities
        assert not tl.as_of(EVER, known=ended.text).between("acme", "bolt").exclusivities

        tl.retract("deal", known=asked.text)
        for at in (*between, asked.text):
            assert not tl.as_of(at).between("acme", "bolt").exclusivities
        assert tl.as_of(begun.text, known="2019").between("acme", "bolt").exclusivities


def test_l9_an_event_of_long_ago_takes_its_place(tl: Timeline) -> None:
    """What is said in 2025 about 2019 is before what was said in 2020 about 2020."""
    tl.append(CEOAppointment("2020-03-01", company="acme", person="bob"), known="2020-03-01")
    tl.append(CEOAppointment("2019-01-01", company="acme", person="ann"), known="2025-01-01")
    assert tl.as_of("2019-06").of(Organisation, "acme").ceo == "ann"
    assert tl.as_of("2019-06", known="2020-04").of(Organisation, "acme").ceo is None
    assert tl.as_of("2021").of(Organisation, "acme").ceo == "bob"


# L10. Plans are not facts


@given(strategies.plain_dates(), strategies.dates(), READ)
@example(strategies.day(2020, 1, 1), strategies.day(2021, 1, 1), "latest")
def test_l10_a_planned_date_never_comes_true(made: Dated, planned: Dated, dates: Reading) -> None:
    """Before, at and after its date a plan is a plan, and nothing else changes; a term does run out."""
    asked = {datetime(2030, 1, 1, tzinfo=UTC)}
    for bound in (made.earliest, made.latest, planned.earliest, planned.latest):
        asked |= {bound - MICROSECOND, bound, bound + MICROSECOND} if bound else set()
    with opened() as tl:
        tl.append(
            PlanMade(made.text, subject="acme", planned=planned.text),
            LeaseBegun("2001", subject="acme", holder="ann", room="east", until=planned.text),
        )
        for at in asked:
            state = ledger(tl, at, dates=dates)
            counted = _counts(made, at, dates)
            assert state.planned == (When(planned.text) if counted else None)
            assert (state.notes, state.number, state.latest) == (0, Decimal(0), None)
            assert bool(state.unsettled["planned"]) is (made.start <= at < made.end)
            assert state.tenants == ({"east": "ann"} if at <= planned.end else {})


# L11. Identity


@given(histories(least=2))
def test_l11_loading_twice_changes_nothing(history: History) -> None:
    """The same ids with the same content change nothing, whether or not records or targets still stand."""
    with opened() as tl:
        first = tl.append(*history.statements)
        head = tl.as_of().basis.position
        again = tl.append(*history.statements)
        assert places(first.records) == places(again.unchanged)
        assert not again.records
        assert (again.head, again.digest) == (head, first.digest)
        assert tl.as_of().basis.position == head
        for statement in history.statements:
            assert not tl.append(statement).records


@given(histories(revised=False, least=2))
def test_l11_derived_ids_are_equal_across_logs(history: History) -> None:
    """Without an id of its own, a record's is derived from its content alone: equal in every log."""
    statements: list[Any] = [
        Assertion(one.event, credence=one.credence)
        for one in history.statements
        if isinstance(one, Assertion)
    ]
    with opened() as tl, opened(Clock(datetime(2024, 1, 1, tzinfo=UTC))) as other:
        said = tl.append(*statements)
        for statement in reversed(statements):
            other.append(statement)
        assert {one.id for one in tl.as_of().records()} == {one.id for one in other.as_of().records()}
        content = {(one.event, one.credence) for one in statements}
        assert len(said.records) == len(content) == len({one.id for one in said.records})
        assert {one.id.version for one in said.records} == {5}


def test_l11_what_says_otherwise_has_another_id(tl: Timeline) -> None:
    """Kind, target, type, data, date and credence make the id; note, actor, source and known do not."""
    ids = {
        record.id
        for commit in (
            tl.append(note()),
            tl.append(note("2020~")),
            tl.append(note(text="a")),
            tl.append(PlanMade("2020", subject="acme")),
            tl.append(note(), credence="rumoured"),
            tl.correct(2, note()),
            tl.correct(3, note()),
            tl.retract(1),
            tl.retract(4),
        )
        for record in commit.records
    }
    assert len(ids) == 9


def test_l11_another_source_is_an_attestation(tl: Timeline) -> None:
    """Two papers that tell the same event are one record with two sources."""
    tl.append(note(), source="Gazette")
    commit = tl.append(note(), source=["Gazette", "Herald"])
    (attestation,) = commit.records
    assert (attestation.kind, attestation.target) == ("attestation", 1)
    assert [str(one) for one in attestation.sources] == ["Herald"]
    assert ledger(tl).notes == 1
    again = tl.append(note(), source="Herald")
    assert not again.records
    assert places(again.unchanged) == {1}
    assert not tl.attest(1, source="Gazette").records
    assert not tl.attest(1, source="Herald").records


def test_l11_what_no_longer_stands_cannot_get_a_source(tl: Timeline) -> None:
    """To say again what was retracted takes an id of its own, and the error says so."""
    tl.append(note(), source="Gazette")
    tl.retract(1)
    assert not tl.append(note(), source="Gazette").records
    with pytest.raises(AlreadySuperseded, match="an id of its own"):
        tl.append(note(), source="Herald")
    assert tl.append(note(), source="Herald", id="again").records


@given(
    st.sampled_from(
        [
            note("2021"),
            note(text="other"),
            note(number="1"),
            PlanMade("2020", subject="acme"),
            Noted("2020", subject="bolt", topic="mood"),
        ]
    )
)
def test_l11_the_same_id_for_something_else_is_a_conflict(other: Any) -> None:
    """An id used again for other content is refused, showing what differs."""
    with opened() as tl:
        tl.append(note(), id="A1", known="2022")
        with pytest.raises(IdConflict, match="A1"):
            tl.append(other, id="A1", known="2022")
        assert tl.as_of().basis.position == 1


def test_l11_a_conflict_shows_the_correction_that_would_say_it(tl: Timeline) -> None:
    """The message holds a call that works as it is printed."""
    tl.append(note(text="up"), id="A1")
    with pytest.raises(IdConflict, match=r"text: up → down") as caught:
        tl.append(note(text="down", number="2"), id="A1")
    call = str(caught.value).partition("to correct it: ")[2].rpartition(", or ")[0]
    eval(call, {"tl": tl, "Noted": Noted})  # noqa: S307  (what a reader would paste)
    assert (ledger(tl).latest, ledger(tl).number) == ("down", Decimal(2))


def pasted(problem: pytest.ExceptionInfo[IdConflict], tl: Timeline) -> None:
    """Do what a message says that would say it."""
    call = str(problem.value).partition(": tl.")[2].rpartition(", ")[0]
    eval(f"tl.{call}", {"tl": tl, "Noted": Noted})  # noqa: S307  (what a reader would paste)


def test_l11_a_conflict_over_the_envelope_says_it_by_a_correction(tl: Timeline) -> None:
    """Of a record without a mark, by its position; that it could be known earlier, or is less sure."""
    tl.append(note(), known="2021")
    with pytest.raises(IdConflict, match=r"known: 2021.*tl\.correct\(1, .*known='2020-12-31'") as caught:
        tl.append(note(), known="2020")
    pasted(caught, tl)
    assert ledger(tl, known="2020").notes == 1
    tl.append(note("2021"), id="A1")
    with pytest.raises(IdConflict, match="credence='denied'") as caught:
        tl.append(note("2021"), id="A1", credence="denied")
    pasted(caught, tl)
    assert tl.record(4).credence == "denied"


def test_l11_what_was_known_only_later_is_said_by_a_retraction(tl: Timeline) -> None:
    """A correction would leave what it corrects where that is known and the correction is not yet."""
    tl.append(note(), known="2020")
    with pytest.raises(IdConflict, match="say it again with an id of its own") as caught:
        tl.append(note(), known="2021")
    pasted(caught, tl)
    tl.append(note(), known="2021", id="A1")
    assert [ledger(tl, known=known).notes for known in ("2020", "2021")] == [0, 1]


def test_l11_what_no_longer_stands_is_said_anew_under_an_id_of_its_own(tl: Timeline) -> None:
    """A correction of it would be refused."""
    tl.append(note(text="up"), id="A1")
    tl.retract("A1", known="2021")
    with pytest.raises(IdConflict, match="no longer stands; to say it anew, give it an id of its own"):
        tl.append(note(text="down"), id="A1")
    with pytest.raises(IdConflict, match="retract that one, and then give the new one an id of its own"):
        tl.retract("A1", known="2020")


@pytest.mark.parametrize(
    "first",
    [{"known": "2021"}, {"source": Source("a", published="2021")}, {}],
    ids=["given", "published", "now"],
)
def test_l11_another_known_is_a_conflict(tl: Timeline, first: dict[str, Any]) -> None:
    """The same id said to be known at another time is refused; the same time, or none, changes nothing."""
    tl.append(note(), id="A1", **first)
    with pytest.raises(IdConflict, match="known"):
        tl.append(note(), id="A1", known="2022")
    assert not tl.append(note(), id="A1").records
    assert not tl.append(note(), id="A1", **first).records


def test_l11_another_known_by_same_is_a_conflict(tl: Timeline) -> None:
    """A correction said again, now `known="same"`, is refused where the target was known at another time."""
    tl.append(note(), known="2020")
    tl.correct(1, note(text="b"), known="2021")
    with pytest.raises(IdConflict, match="known"):
        tl.correct(1, note(text="b"), known="same")
    assert not tl.correct(1, note(text="b"), known="2021").records


def test_l11_a_differing_note_or_actor_is_reported(tl: Timeline) -> None:
    """A note or actor in other words is told of and changes nothing."""
    tl.append(note(), note="one", actor="me")
    commit = tl.append(note(), note="two", actor="you")
    assert not commit.records
    assert [(one.field, one.stored, one.given) for one in commit.ignored] == [
        ("note", "one", "two"),
        ("actor", "me", "you"),
    ]
    assert (tl.record(1).note, tl.record(1).actor) == ("one", "me")
    assert not tl.append(note(), note="one").ignored


@given(st.text("0123456789", min_size=1, max_size=12))
def test_l11_digits_alone_are_no_mark(digits: str) -> None:
    """A mark of digits alone would read as a position, and is refused."""
    with opened() as tl:
        with pytest.raises(BadText, match="position"):
            tl.append(note(), id=digits)
        assert tl.as_of().basis.position == 0


@given(st.text("A1#é -", min_size=1, max_size=6))
def test_l11_a_record_is_found_by_the_mark_it_was_given(mark: str) -> None:
    """Whatever is taken as a mark names that record from then on, and no other."""
    with opened() as tl:
        tl.append(note(text="first"))
        try:
            (record,) = tl.append(note(text="second"), id=mark).records
        except BadText:
            return
        assert record.ref is not None
        assert (
            tl.record(mark).position == tl.record(record.ref).position == tl.record(record.id).position == 2
        )


def test_l11_an_id_may_be_a_uuid(tl: Timeline) -> None:
    """A UUID is taken as it is, as an object or as text."""
    ident = UUID("12345678-1234-5678-1234-567812345678")
    (record,) = tl.append(note(), id=ident).records
    assert (record.id, record.ref) == (ident, None)
    assert not tl.append(note(), id=str(ident)).records
    assert tl.record(str(ident)).position == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


def _nfc(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_nfc(key): _nfc(one) for key, one in value.items()}
    return [_nfc(one) for one in value] if isinstance(value, list) else value


def _keys(value: Any) -> Iterable[tuple[int, int]]:
    if isinstance(value, dict):
        yield len(value), len({_nfc(key) for key in value})
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(one)


@PURE
@given(JSON)
def test_l11_canonical_text_is_that_of_rfc_8785(value: Any) -> None:
    """Canonical JSON is what RFC 8785 makes of the value in NFC."""
    assume(all(before == after for before, after in _keys(value)))
    assert canonical(value) == rfc8785.dumps(_nfc(value)).decode()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {
                "\u20ac": "",
                "\r": "",
                "\uff21": "",
                "\ufb33": "",
                "1": "",
                "\U0001f600": "",
                "\x80": "",
                "\xf6": "",
            },
            None,
        ),
        ({"a\u0301": "1", "b": "2"}, {"b": "2", "\xe1": "1"}),
    ],
)
def test_l11_keys_are_in_the_order_of_utf_16(one: dict[str, str], other: dict[str, str] | None) -> None:
    """Keys are sorted by UTF-16 code units, in NFC."""
    assert canonical(one) == rfc8785.dumps(other or _nfc(one)).decode()


@given(histories(strategies.ANYTHING | strategies.DEALS, least=2, revised=False))
def test_l11_stored_data_is_canonical(history: History) -> None:
    """The data of a record, as stored and hashed, is canonical JSON: RFC 8785, NFC, no floats."""
    with opened() as tl:
        tl.append(*history.statements)
        for (data,) in tl.sql("SELECT data FROM log"):
            assert data == rfc8785.dumps(_nfc(json.loads(data, parse_float=_no_float))).decode()


def _no_float(text: str) -> Any:
    raise AssertionError(f"{text} is a float")


@given(st.decimals(0, 10**12, places=6))
def test_l11_a_number_is_the_same_however_it_is_written(number: Decimal) -> None:
    """2.50 is 2.5: trailing zeros and exponents make no other record."""
    plain = format(number, "f")
    written = [plain, plain.rstrip("0").removesuffix(".") if "." in plain else plain, number.normalize()]
    with opened() as tl:
        tl.append(note(number=number))
        for one in written:
            assert not tl.append(note(number=one)).records
        text = json.loads(tl.record(1).data or "")["number"]
        assert Decimal(text) == number
        assert "E" not in text
        assert not (text.endswith("0") and "." in text)
        round_ = FundingRound("2020", company="acme", investors=["bolt"], amount=Money(number, "USD"))
        tl.append(round_)
        assert not tl.append(
            FundingRound("2020", company="acme", investors=["bolt"], amount=f"{plain} USD")
        ).records


@given(st.sampled_from(["café", "Ångström", "한글", "ﬁ"]), st.sampled_from(["NFC", "NFD"]))
def test_l11_text_is_the_same_however_it_is_composed(text: str, form: Any) -> None:
    """Text is kept in NFC, so that a composed and a decomposed letter make one record."""
    with opened() as tl:
        tl.append(note(text=text))
        assert not tl.append(note(text=unicodedata.normalize(form, text))).records
        assert ledger(tl).latest == unicodedata.normalize("NFC", text)


# L12. Entities


WORDS = st.lists(st.text("abcdefgh", min_size=2, max_size=5), min_size=1, max_size=3)


@st.composite
def spellings(draw: st.DrawFn, words: Sequence[str]) -> str:
    """Another spelling of a name: other case, punctuation and spacing."""
    cased = [draw(st.sampled_from([word, word.upper(), word.capitalize()])) for word in words]
    gaps = [draw(st.sampled_from([" ", "", "-", "  ", ". ", "_", " & "])) for _ in words]
    return "".join(itertools.chain(*zip(cased, gaps, strict=True))).strip() + draw(
        st.sampled_from(["", ".", "!"])
    )


@given(WORDS, st.data())
def test_l12_case_punctuation_and_spacing_do_not_matter(words: list[str], data: st.DataObject) -> None:
    """However a name is spelled, it means the entity first called so; the name as given is kept beside it."""
    first, second, asked = (data.draw(spellings(words)) for _ in range(3))
    with opened() as tl:
        (said,) = tl.append(Noted("2020", subject=first, topic="mood")).records
        commit = tl.append(Noted("2021", subject=second, topic="mood"))
        assert not commit.new_entities
        state = tl.as_of().of(Ledger, asked)
        assert state.notes == 2
        cleaned, entity = " ".join(first.split()), state.who[0]
        assert dict(said.names) == ({} if cleaned == entity else {entity: cleaned})
        assert json.loads(said.data or "")["subject"] == state.who[0]


def test_l12_where_nothing_else_is_left_punctuation_matters(tl: Timeline) -> None:
    """C, C++ and C# are three, in whatever case."""
    commit = tl.append(
        *(Noted("2020", subject=name, topic="mood") for name in ("C", "C++", "C#", "c", "c++"))
    )
    assert [one.name for one in commit.new_entities] == ["C", "C++", "C#"]
    assert len({tl.as_of().of(Ledger, name).who for name in ("C", "c++", "C#")}) == 3


def test_l12_what_fits_two_is_refused_naming_both(tl: Timeline) -> None:
    """A name of two entities is refused in a question and in an append; the id of either works."""
    tl.append(
        EntityNamed("2020", entity="ga-bank", name="First Bank"),
        EntityNamed("2020", entity="tx-bank", name="First Bank"),
    )
    for act in (
        lambda: tl.as_of().of(Ledger, "first bank"),
        lambda: tl.append(Noted("2020", subject="First Bank", topic="mood")),
        lambda: list(tl.as_of().records(entities=["First Bank"])),
    ):
        with pytest.raises(AmbiguousName, match="ga-bank and tx-bank"):
            act()
    assert tl.as_of().of(Ledger, "tx-bank").who == ("tx-bank",)


def test_l12_an_exact_id_wins_over_any_name(tl: Timeline) -> None:
    """An id means its entity, even if it is another's name."""
    tl.append(Noted("2020", subject="alpha", topic="mood"))
    tl.append(
        EntityNamed("2020", entity="beta", name="alpha"), EntityNamed("2020", entity="beta", name="Alpha")
    )
    assert tl.as_of().of(Ledger, "alpha").who == ("alpha",)
    assert tl.as_of().of(Ledger, "alpha").notes == 1
    with pytest.raises(AmbiguousName, match="alpha and beta"):
        tl.as_of().of(Ledger, "ALPHA")


def test_l12_naming_events_of_a_commit_are_read_first(tl: Timeline) -> None:
    """Whom a name means does not depend on where in the commit the name is given."""
    commit = tl.append(
        Noted("2020", subject="Big Blue", topic="mood"),
        EntityNamed("2019", entity="ibm", name="Big Blue"),
        Noted("2020", subject="IBM", topic="price"),
    )
    assert [one.id for one in commit.new_entities] == ["ibm"]
    assert tl.as_of().of(Ledger, "big-blue").notes == 2


def test_l12_declared_entities_only() -> None:
    """With entities="declared" what was never named is refused, with the nearest names."""
    with opened(entities="declared") as tl:
        tl.append(EntityNamed("2019", entity="acme", name="Acme Corporation"))
        tl.append(Noted("2020", subject="ACME corporation", topic="mood"))
        with pytest.raises(UnknownEntity, match=r"(?s)Acme Corporation.*declared"):
            tl.append(Noted("2020", subject="Acme Corporatoin", topic="mood"))
        commit = tl.append(
            Noted("2021", subject="Bolt", topic="mood"), EntityNamed("2019", entity="bolt", name="Bolt")
        )
        assert len(commit.records) == 2
        assert tl.as_of().of(Ledger, "acme").notes == 1


def test_l12_new_entities_are_listed_with_near_misses(tl: Timeline) -> None:
    """A commit lists whom it spoke of first, each with known entities of nearly the same name."""
    tl.append(Noted("2020", subject="Microsoft", topic="mood"))
    commit = tl.append(
        Noted("2020", subject="Mircosoft", topic="mood"), Noted("2020", subject="Zebra", topic="mood")
    )
    assert [(one.id, one.name, one.near) for one in commit.new_entities] == [
        ("mircosoft", "Mircosoft", ("microsoft",)),
        ("zebra", "Zebra", ()),
    ]


def test_l12_names_with_other_numbers_are_no_near_misses(tl: Timeline) -> None:
    """A number tells names apart; a misspelling beside the same number is a near miss all the same."""
    tl.append(Noted("2020", subject="Falcon Fund 3", topic="mood"))
    commit = tl.append(
        Noted("2020", subject="Falcon Fund 4", topic="mood"),
        Noted("2020", subject="Falcno Fund 3", topic="mood"),
    )
    assert [one.near for one in commit.new_entities] == [(), ("falcon-fund-3",)]
    with pytest.raises(UnknownEntity, match="Falcon Fund 3"):
        tl.as_of().of(Ledger, "Falcon Fund 5")


def test_l12_an_unknown_name_in_a_question_is_an_error(tl: Timeline) -> None:
    """A question about nobody known is refused with the nearest names."""
    tl.append(Noted("2020", subject="Microsoft", topic="mood"))
    for act in (
        lambda: tl.as_of().of(Ledger, "Mircosoft"),
        lambda: tl.as_of().between("Mircosoft", "Microsoft"),
        lambda: list(tl.as_of().records(entities=["Mircosoft"])),
    ):
        with pytest.raises(UnknownEntity, match="Microsoft"):
            act()


def test_l12_a_name_taken_back_means_nobody(tl: Timeline) -> None:
    """What a retracted naming gave is no name any more, and is not offered as the nearest either."""
    tl.append(Noted("2020", subject="acme", topic="mood"))
    tl.append(EntityNamed("2020", entity="acme", name="Zorkmid"), id="naming")
    assert tl.as_of().of(Ledger, "zorkmid").who == ("acme",)
    tl.retract("naming")
    with pytest.raises(UnknownEntity) as caught:
        tl.as_of().of(Ledger, "zorkmid")
    assert not caught.value.near


def test_l12_names_in_a_question_are_those_at_the_head(tl: Timeline) -> None:
    """A name given later works on an earlier basis too; nothing said by then is the empty state."""
    tl.append(Noted("2020", subject="acme", topic="mood"), known="2020")
    tl.append(EntityNamed("2024", entity="acme", name="Bolt"), known="2024")
    assert tl.as_of(known="2020", position=1).of(Ledger, "Bolt").notes == 1
    empty = tl.as_of("2019", position=0).of(Ledger, "Bolt")
    assert (empty.who, empty.notes, empty.tenants) == (("acme",), 0, {})


@given(
    st.lists(st.tuples(days(), st.sampled_from(["One", "Two", "Three"])), min_size=1, max_size=4),
    points(),
    READ,
)
def test_l12_names_hold_from_their_dates(named: list[tuple[Dated, str]], at: Dated, dates: Reading) -> None:
    """An entity is shown under the last name given by the point asked about, and found under all of them."""
    with opened() as tl:
        tl.append(Noted("2010", subject="acme", topic="mood"))
        tl.append(
            *(
                Assertion(EntityNamed(one.text, entity="acme", name=name), id=f"n{i}")
                for i, (one, name) in enumerate(named)
            )
        )
        ordered = sorted(
            ((one.end if dates == "latest" else one.start, name) for one, name in named),
            key=lambda pair: pair[0],
        )
        by_then = [name for bound, name in ordered if bound <= at.end]
        shown = tl.as_of(at.text, dates=dates).of(Ledger, "acme").named("acme")
        assert shown == (by_then[-1] if by_then else ordered[0][1])
        for _, name in named:
            assert tl.as_of(at.text).of(Ledger, name).who == ("acme",)


def test_l12_a_later_name_is_not_shown_for_the_time_before_it(tl: Timeline) -> None:
    """Until it is renamed, an entity goes by the name that it was first called by."""
    tl.append(Noted("2010", subject="Acme Corp", topic="mood"))
    tl.append(EntityNamed("2023-07", entity="Acme Corp", name="Zenith"))
    assert tl.as_of("2015").of(Ledger, "zenith").named("acme-corp") == "Acme Corp"
    assert tl.as_of("2024").of(Ledger, "acme corp").named("acme-corp") == "Zenith"


def test_l11_what_was_said_of_a_name_is_said_again_of_the_same(tl: Timeline) -> None:
    """Saying a record again changes nothing, even where its name has come to fit two."""
    said = Assertion(Noted("2010", subject="Mercury", topic="mood"), id="m")
    tl.append(said)
    tl.append(EntityNamed("2011", entity="mercury-bank", name="Mercury"))
    assert [record.ref for record in tl.append(said).unchanged] == ["m"]
    with pytest.raises(AmbiguousName):
        tl.append(Noted("2012", subject="Mercury", topic="mood"))


def test_l11_an_attestation_said_again_names_the_same_source(tl: Timeline) -> None:
    """Another source under the id of an attestation is other content."""
    tl.append(Noted("2010", subject="acme", topic="mood"), id="x")
    tl.attest("x", source="One", id="a")
    assert [record.ref for record in tl.attest("x", source="One", id="a").unchanged] == ["a"]
    with pytest.raises(IdConflict, match="One → Two"):
        tl.attest("x", source="Two", id="a")


def test_l12_two_that_nothing_ties_have_the_empty_state(tl: Timeline) -> None:
    """Two known entities without anything between them are no error; what was never said is not "none"."""
    tl.append(Noted("2020", subject="acme", topic="mood"), Noted("2020", subject="bolt", topic="mood"))
    tie = tl.as_of().between("acme", "bolt")
    assert isinstance(tie, Relationship)
    assert (tie.rounds, tie.invested, tie.exclusivities) == (0, {}, {})
    assert "nothing recorded" in str(tie)
    assert tie == tl.as_of().between("bolt", "acme")
