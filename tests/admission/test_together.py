"""Appends of threads that wait are written together, and are as if made one after the other."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from hypothesis import given, strategies as st
from hypothesis.strategies import DrawFn

from tests.ledger import NOW, CEOAppointment, Clock, EntityNamed, Noted, SameEntity, opened
from tests.strategies import histories, wide
from timeline import Commit, Condition, Correction, Retraction, Timeline, TimelineError
from timeline.errors import IdConflict
from timeline.records import Statement

PATIENCE: Final = 60.0
NAMES: Final = ("acme", "bolt", "crux", "Bolt", "Bolt Ltd", "Acme  Inc")


Outcome = Commit | tuple[str, str]


@attrs.frozen
class Call:
    """One append; by a timeline of its own, unless it is that of the others."""

    said: tuple[Any, ...]
    how: Mapping[str, Any] = attrs.field(factory=dict)
    tl: Timeline | None = None

    def outcome(self, tl: Timeline) -> Outcome:
        """What comes of it: the commit, whose digest is drawn by lot aside, or the error in words."""
        try:
            return attrs.evolve((self.tl or tl).append(*self.said, **self.how), digest="")
        except (TimelineError, ZeroDivisionError, KeyboardInterrupt) as problem:
            return type(problem).__name__, str(problem)


@contextmanager
def waiting(tl: Timeline, calls: Sequence[Call]) -> Iterator[list[Future[Outcome]]]:
    """Calls of a thread each, which wait in this order until the block is left; another writes meanwhile."""
    begun, over = threading.Event(), threading.Event()

    def dawdle(_: object) -> None:
        begun.set()
        assert over.wait(PATIENCE)

    with ThreadPoolExecutor(len(calls) + 1) as pool:
        first = Call((Noted("1999", subject="keeper", topic="mood"),), {"unless": dawdle})
        pool.submit(first.outcome, tl)
        try:
            assert begun.wait(PATIENCE)
            coming: list[Future[Outcome]] = []
            for call in calls:
                coming.append(pool.submit(call.outcome, tl))
                await_queue(tl, len(coming))
            yield coming
        finally:
            over.set()


def await_queue(tl: Timeline, length: int) -> None:
    """Wait until so many threads wait to write."""
    while len(tl._session.file.shared.writers._queue) < length:
        time.sleep(0.0005)


def at_once(tl: Timeline, calls: Sequence[Call]) -> list[Outcome]:
    """What comes of calls that wait together."""
    with waiting(tl, calls) as coming:
        pass
    return [one.result() for one in coming]


def in_turn(tl: Timeline, calls: Sequence[Call]) -> list[Outcome]:
    """What comes of the same calls one after the other."""
    tl.append(Noted("1999", subject="keeper", topic="mood"))
    return [call.outcome(tl) for call in calls]


def words(outcomes: Sequence[Outcome]) -> list[str]:
    """Of each refusal what it is; nothing of each commit."""
    return ["" if isinstance(one, Commit) else one[0] for one in outcomes]


def log(tl: Timeline) -> list[tuple[Any, ...]]:
    """All that the log says, but for what is drawn by lot."""
    return [
        *tl.sql("SELECT * EXCLUDE (salt, digest) FROM log ORDER BY position").rows,
        *tl.sql("SELECT * EXCLUDE (digest) FROM commits ORDER BY first_position").rows,
        *tl.sql("FROM entities ORDER BY ALL").rows,
        *tl.sql("FROM entity_names ORDER BY ALL").rows,
    ]


CONDITIONS: Final = st.builds(
    Condition,
    types=st.sampled_from([None, Noted, "ceo_appointment"]),
    entities=st.lists(st.sampled_from(["acme", "Bolt", "crux"]), max_size=2, unique=True),
    after=st.integers(0, 9),
)
HOW: Final = st.fixed_dictionaries(
    {},
    optional={
        "unless": CONDITIONS | st.just(lambda moment: moment.basis.position > 6),
        "note": st.sampled_from(["a", "b"]),
        "actor": st.just("me"),
        "strict": st.booleans(),
        "dry_run": st.sampled_from([False, False, True]),
    },
)
NAMINGS: Final = st.builds(
    EntityNamed, st.just("2020"), entity=st.sampled_from(NAMES), name=st.sampled_from(["Volt", "Ac Me"])
)
PLAIN: Final = NAMINGS | st.builds(
    Noted, st.just("2020"), subject=st.sampled_from(NAMES), topic=st.sampled_from(["price", "mood"])
)


@st.composite
def stories(draw: DrawFn) -> tuple[list[Statement], list[Call]]:
    """What is there before, and calls that get in each other's way: the same twice, what is gone already."""
    history = draw(histories(wide(["acme", "bolt", "crux"]), least=3, most=8, sources=("Post", "Wire")))
    statements = history.statements
    cut = draw(st.integers(1, len(statements)))
    some = st.sampled_from(statements[cut:] or statements) | PLAIN
    said = st.lists(some, min_size=1, max_size=2).map(tuple)
    return statements[:cut], draw(st.lists(st.builds(Call, said, HOW), min_size=2, max_size=6))


@given(stories())
def test_appends_of_many_threads_are_as_if_made_one_after_the_other(
    story: tuple[list[Statement], list[Call]],
) -> None:
    """The same commits, the same refusals, the same log; and all that is derived from it fits."""
    before, calls = story
    with opened() as one, opened() as other:
        for tl in one, other:
            for statement in before:
                tl.append(statement)
        assert at_once(one, calls) == in_turn(other, calls)
        assert log(one) == log(other)
        report = one.verify()
        assert report.ok, str(report)


def note(number: object, subject: str = "Acme") -> Noted:
    """Something to append."""
    return Noted("2020", subject=subject, topic="mood", text=str(number))


def commits(tl: Timeline) -> list[tuple[int, int]]:
    """The first and the last position of each commit."""
    return list(tl.sql("SELECT first_position, last_position FROM commits ORDER BY ALL").rows)


def test_each_append_is_a_commit_of_its_own_in_the_order_of_arrival(tl: Timeline) -> None:
    """With its own positions, note, actor and digest, which follows from the one before."""
    hows = [{"note": f"n{one}", "actor": f"a{one}"} for one in range(5)]
    calls = [Call((note(how), note(f"{how} too")), how) for how in hows]
    found = at_once(tl, calls)
    assert [[record.position for record in one.records] for one in found if isinstance(one, Commit)] == [
        [2 * one, 2 * one + 1] for one in range(1, 6)
    ]
    assert commits(tl) == [(1, 1), *((2 * one, 2 * one + 1) for one in range(1, 6))]
    told = tl.sql("SELECT note, actor FROM commits WHERE note IS NOT NULL ORDER BY ALL").rows
    assert list(told) == [(f"n{one}", f"a{one}") for one in range(5)]
    assert tl.verify().ok


def test_appends_that_wait_are_written_in_one_transaction(tl: Timeline) -> None:
    """However many they are; what is written in this process is counted by transactions."""
    shared = tl._session.file.shared
    before = shared.written
    at_once(tl, [Call((note(one),)) for one in range(8)])
    assert shared.written == before + 2


def test_each_is_judged_by_what_stands_before_it(tl: Timeline) -> None:
    """Of several that may be made once only the first is; a condition, an id and a target all count."""
    tl.append(note("old"), id="old")
    free = Condition(types=CEOAppointment, entities="Acme")
    claims = [
        Call((CEOAppointment("2020", company="Acme", person=one),), {"unless": free}) for one in ("Ann", "Bo")
    ]
    same = [Call((note(one),), {"id": "one"}) for one in ("x", "y", "x")]
    gone = [Call((Retraction("old", note=one),)) for one in ("first", "second")]
    corrected = [Call((Correction("old", note("new")),))]
    met = at_once(tl, [*claims, *same, *gone, *corrected])
    assert words(met) == ["", "AppendConflict", "", "IdConflict", "", "", "", "AlreadySuperseded"]
    again = met[4]
    assert isinstance(again, Commit)
    assert [one.ref for one in again.unchanged] == ["one"]


def test_what_a_condition_is_asked_of_holds_those_before_it(tl: Timeline) -> None:
    """Also where they say that two are the same, and where the position is one of theirs."""

    def about_acme(after: int) -> dict[str, Any]:
        return {"unless": Condition(types=Noted, entities="Acme", after=after)}

    met = at_once(
        tl,
        [
            Call((note(1, "Bolt"),)),
            Call((SameEntity("2020", entity="bolt", as_="Acme"),)),
            Call((note(2),), about_acme(0)),
            Call((note(3),), about_acme(2)),
            Call((note(4),), about_acme(3)),
            Call((note(5),), about_acme(3)),
            Call((note(6),), {"unless": Condition(after=99)}),
        ],
    )
    assert words(met) == ["", "", "AppendConflict", "AppendConflict", "", "AppendConflict", "WrongBasis"]


def test_a_name_means_what_it_means_after_those_before_it(tl: Timeline) -> None:
    """Where they take it from somebody, or give it."""
    tl.append(EntityNamed("2020", entity="Acme", name="Volt"), id="named")
    met = at_once(
        tl,
        [
            Call((Retraction("named"),)),
            Call((note(2, "Volt"),)),
            Call((EntityNamed("2020", entity="Bolt", name="Watt"),)),
            Call((note(3, "Watt"),)),
        ],
    )
    assert words(met) == [""] * 4
    subjects = [record.event.subject for record in tl.as_of().records() if isinstance(record.event, Noted)]
    assert subjects == ["keeper", "volt", "bolt"]


def test_a_refusal_is_raised_where_it_belongs_and_the_rest_is_written(tl: Timeline) -> None:
    """The object that one thread gets is no other's."""
    errors: list[BaseException] = []

    def take(person: str) -> None:
        try:
            tl.append(note(person), id="same")
        except IdConflict as problem:
            errors.append(problem)

    with waiting(tl, [Call((note("first"),), {"id": "same"})]):
        threads = [threading.Thread(target=take, args=(one,)) for one in ("ann", "bo")]
        for number, thread in enumerate(threads, 2):
            thread.start()
            await_queue(tl, number)
    for thread in threads:
        thread.join()
    assert len(errors) == len({id(one) for one in errors}) == 2
    assert commits(tl) == [(1, 1), (2, 2)]


def test_the_clock_is_read_for_each_and_never_goes_back() -> None:
    """What is recorded later is recorded at the same instant or after it."""
    ticks = iter([0, 0, 5, 3, 9, 1, *range(10, 99)])
    origin = datetime(2026, 1, 1, tzinfo=UTC)
    with opened(clock=lambda: origin + timedelta(days=next(ticks))) as tl:  # type: ignore[arg-type]
        at_once(tl, [Call((note(one),)) for one in range(5)])
        stamps = [record.recorded_at for record in tl.as_of().records()]
    assert stamps == sorted(stamps)
    assert len(set(stamps)) > 2


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Timeline]:
    """A timeline in a file, which is held."""
    with opened(path=str(tmp_path / "t.duckdb"), lock_timeout=PATIENCE) as tl:
        yield tl


def beside(tl: Timeline, **how: Any) -> Timeline:
    """Another timeline on the same file."""
    return Timeline.open(
        tl.path, catalogue=tl.catalogue, **{"clock": Clock(), "lock_timeout": PATIENCE, **how}
    )


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("problem", [ZeroDivisionError, KeyboardInterrupt])
def test_what_goes_wrong_with_one_is_its_own(
    held: Timeline, place: int, problem: type[BaseException]
) -> None:
    """Where its clock breaks, or it is interrupted, amid the others: those are written all the same."""
    readings = 0

    def clock() -> datetime:
        nonlocal readings
        readings += 1
        if readings > (1 if place == 0 else 0):
            raise problem("no time")
        return NOW

    calls = [Call((note(one),)) for one in range(4)]
    calls[place] = attrs.evolve(calls[place], tl=beside(held, clock=clock))
    met = at_once(held, calls)
    if problem is KeyboardInterrupt and place:  # it is raised in the thread of whoever writes
        assert met.pop(0) == ("KeyboardInterrupt", "no time")
        assert met.pop(place - 1) == ("KeyboardInterrupt", "no time")
    else:
        assert met.pop(place) == (problem.__name__, "no time")
    assert words(met) == [""] * len(met)
    assert held.head().position == 1 + len(met)
    assert held.verify().ok


def test_where_a_commit_fails_nobody_is_told_that_it_was_made(held: Timeline) -> None:
    """The disk fails at the end: all that were in it get the error, and nothing of it is kept."""
    held.append(note(0), source="Post")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    calls = [Call((note(one, f"new {one}"),), {"source": "Wire"}) for one in range(3)]
    try:
        with waiting(held, calls) as coming:
            size = Path(f"{held.path}.wal").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, hard))
        met = [one.result() for one in coming]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert words(met) == ["FileFailed"] * 3
    kept = held._session.file.kept
    assert kept is not None
    assert [kept.get(key) for key in ("head", "sources", "inserts", "fingerprint")] == [None] * 4
    assert held.head().position == 1
    assert words(at_once(held, calls)) == [""] * 3
    assert [record.position for record in held.as_of().records()] == [1, 2, 3, 4, 5]
    assert [one for (one,) in held.sql("SELECT title FROM sources ORDER BY ALL").rows] == ["Post", "Wire"]
    assert held.verify().ok


def test_who_waits_in_vain_has_appended_nothing(held: Timeline) -> None:
    """And those behind are not held up by that."""
    hasty = beside(held, lock_timeout=0.05)
    with waiting(held, [Call((note(1),))]) as coming:
        assert words([Call((note(2),)).outcome(hasty)]) == ["LockedFile"]
    assert words([one.result() for one in coming]) == [""]
    assert held.head().position == 2


def test_what_is_not_for_others_to_do_is_done_by_each_itself(tl: Timeline) -> None:
    """A condition in Python is asked in the thread that gave it, on top of those before it."""
    asked: list[tuple[str, int]] = []

    def ask(moment: Any) -> None:
        asked.append((threading.current_thread().name, moment.basis.position))

    found: list[str] = []

    def append() -> None:
        found.append(threading.current_thread().name)
        tl.append(note("asked"), unless=ask)

    with waiting(tl, [Call((note(1),)), Call((note(2),))]):
        thread = threading.Thread(target=append)
        thread.start()
        await_queue(tl, 3)
    thread.join()
    assert asked == [(found[0], 3)]
