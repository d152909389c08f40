"""The contract of logs that several machines share, put to each kind there is."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from tests.ledger import CATALOGUE, Clock, event, opened
from tests.log.contract.conftest import Make
from tests.strategies import History, histories
from timeline import Assertion, Correction, Timeline
from timeline.errors import DivergedLog, FaultyCopy, NotAllowed, ReadOnlyTimeline
from timeline.log import FileLog, Head, MemoryLog, Moved, Proposed, Segment, SharedLog
from timeline.records import read_id


def _opened(log: SharedLog, **how: Any) -> Timeline:
    return Timeline.open(log, catalogue=CATALOGUE, replica=":memory:", **how)


def _note(text: str, about: str = "acme", when: str = "2020") -> Any:
    return event("noted", when, subject=about, topic="talk", text=text)


def _judged(log: SharedLog, *said: Any, **more: Any) -> Proposed:
    """What would be proposed to a log as it is now."""
    scratch = opened()
    here = FileLog(scratch._session)
    for batch in log.batches(0):
        here.bring(batch)
    commit = scratch.append(*said)
    new = frozenset(one.id for one in commit.new_entities)
    return Proposed(expected=commit.records[0].position - 1, records=commit.records, new=new, **more)


def _rows(log: SharedLog) -> tuple[list[Any], list[Any], list[Any]]:
    batches = list(log.batches(0))
    sources = {str(row[0]): tuple(row) for batch in batches for row in batch.sources}
    commits = [tuple(map(str, row)) for batch in batches for row in batch.commits]
    return sorted(sources.values()), commits, [str(row) for batch in batches for row in batch.log]


def test_an_empty_log(shared: SharedLog) -> None:
    """It ends at 0, with the digest that the first commit is chained to, and holds nothing."""
    assert shared.head() == Head()
    assert list(shared.batches(0)) == []
    assert not shared.wait(0, 0)
    assert shared.shapes() == {}
    assert shared.name
    assert shared.address


def test_what_one_appends_others_read(shared: SharedLog) -> None:
    """Through replicas of their own: records, corrections, names, the chain; and each verifies."""
    with _opened(shared) as one, _opened(shared) as other:
        said = one.append(_note("first"), source="Gazette", id="A1")
        assert other.record("A1") == said.records[0]
        changed = other.correct("A1", text="second")
        assert one.record(2) == changed.records[0]
        assert one.record(2).target == 1
        other.retract(2, note="a slip")
        assert [record.place for record in one.as_of().records(stands=True)] == ["#1", "#3"]
        assert one.head() == other.head() == shared.head()
        assert one.verify(str(other.head())).ok
        assert other.verify().ok


def test_what_is_known_already_is_not_proposed(shared: SharedLog) -> None:
    """Said again, by another, under the same id: nothing is written."""
    with _opened(shared) as one, _opened(shared) as other:
        one.append(_note("first"), id="A1")
        again = other.append(_note("first"), id="A1")
        assert (len(again.records), len(again.unchanged)) == (0, 1)
        assert shared.head().position == 1


def test_a_call_repeated_finds_its_commit(shared: SharedLog) -> None:
    """As after a connection was lost between the commit and the answer."""
    proposal = _judged(shared, _note("first"))
    made, again = shared.append(proposal), shared.append(proposal)
    assert isinstance(made, list)
    assert isinstance(again, list)
    assert [(one.first, one.head, one.again) for one in again] == [(1, made[0].head, True)]
    assert not made[0].again
    assert shared.head() == made[0].head


def test_others_came_that_do_not_matter(shared: SharedLog) -> None:
    """Then it is placed behind them: its positions, also those by which it speaks of itself, move."""
    proposal = _judged(shared, Assertion(_note("mine"), id="M1"), Assertion(_note("more"), id="M2"))
    first = proposal.records[0]
    about = attrs.evolve(
        first,
        position=2,
        id=read_id("M3")[0],
        ref="M3",
        kind="correction",
        target=1,
        origin=1,
        event=_note("better"),
    )
    proposal = attrs.evolve(proposal, records=[first, about], new=frozenset())
    shared.append(_judged(shared, _note("theirs")), _judged_behind(shared, 1))
    found = shared.append(proposal)
    assert isinstance(found, list)
    assert (found[0].first, found[0].head.position) == (3, 4)
    with _opened(shared) as tl:
        assert tl.record("M3").target == 3
        assert tl.record("M3").origin == 3
        assert tl.verify().ok


def _judged_behind(log: SharedLog, more: int) -> Proposed:
    """A second one, judged right behind a first of so many records."""
    one = _judged(log, _note("behind it"))
    records = [
        attrs.evolve(record, position=record.position + more, origin=record.origin + more)
        for record in one.records
    ]
    return attrs.evolve(one, expected=one.expected + more, records=records, new=frozenset())


@pytest.mark.parametrize("how", ["whole", "id", "chain", "bearing", "named", "new"])
def test_others_came_that_matter(shared: SharedLog, how: str) -> None:
    """Then nothing is written, and it is to be judged again."""
    with _opened(shared) as tl:
        tl.append(_note("there"), id="T1")
        tl.append(event("entity_named", "2020", entity="acme", name="Acme Inc"))
        mine = _judged(shared, Assertion(_note("mine"), id="M1"))
        match how:
            case "whole":
                mine = attrs.evolve(mine, whole=True)
                tl.append(_note("theirs"))
            case "id":
                tl.append(_note("theirs"), id="M1")
            case "chain":
                record = attrs.evolve(mine.records[0], kind="correction", target=1, origin=1)
                mine = attrs.evolve(mine, records=[record])
                tl.correct("T1", text="better")
            case "bearing":
                mine = attrs.evolve(mine, bearing=frozenset({"entity_named"}))
                tl.retract(2)
            case "named":
                mine = _judged(shared, _note("mine", "ACME"))
                tl.append(_note("theirs", "Acme"))
            case _:
                mine = _judged(shared, _note("mine", "bolt"))
                tl.append(_note("theirs", "bolt"))
        before = shared.head()
        assert shared.append(mine) == Moved(before.position)
        assert shared.head() == before


def test_all_of_several_or_none(shared: SharedLog) -> None:
    """The second is refused: the first is not there either."""
    first = _judged(shared, Assertion(_note("first"), id="A1"))
    second = attrs.evolve(
        _judged_behind(shared, 1), records=[attrs.evolve(first.records[0], position=2, origin=2)]
    )
    assert isinstance(shared.append(first, second), Moved)
    assert shared.head() == Head()
    placed = shared.append(first, _judged_behind(shared, 1))
    assert isinstance(placed, list)
    assert [one.first for one in placed] == [1, 2]


def test_several_stay_together(shared: SharedLog) -> None:
    """Whatever came bears on all of them: the second may speak of what the first has made."""
    with _opened(shared) as tl:
        tl.append(_note("there"), id="T1")
        first = _judged(shared, Assertion(_note("first"), id="A1"))
        second = _judged_behind(shared, 1)
        about = attrs.evolve(second.records[0], kind="correction", target=1, origin=1)
        second = attrs.evolve(second, records=[about])
        tl.correct("T1", text="theirs")
        before = shared.head()
        assert shared.append(first, second) == Moved(before.position)
        assert shared.head() == before
        tl.append_all([[Assertion(_note("one"), id="B1")], [Correction("B1", _note("two"))]])
        assert tl.record(4).target == 3
        assert tl.verify().ok


def test_a_clock_that_is_ahead_or_behind(shared: SharedLog, clock: Clock) -> None:
    """The log's own clock counts, it never goes back, and nothing is known later than it is recorded."""
    with _opened(shared) as tl:
        ahead, behind = Clock(), Clock()
        ahead.wait(40_000)
        behind.wait(-40_000)
        for other in ahead, behind:
            with _opened(shared, clock=other) as mine:
                mine.append(_note(f"by {other()}"))
                clock.wait(1)
        times = [(record.known_at, record.recorded_at) for record in tl.as_of().records()]
        assert times == sorted(times)
        assert all(known <= recorded for known, recorded in times)
        assert tl.verify().ok


def test_batches_end_where_commits_end(shared: SharedLog) -> None:
    """Whatever their size, together they are the log; from any commit on."""
    with _opened(shared) as tl:
        for number in range(4):
            tl.append(*(_note(f"{number} {one}") for one in range(3)), source=f"Gazette {number}")
    whole = _rows(shared)
    for size in 1, 3, 4, 100:
        several = list(shared.batches(0, size=size))
        assert [row for batch in several for row in batch.commits] == list(
            next(iter(shared.batches(0))).commits
        )
        assert len(several) == {1: 4, 3: 4, 4: 2, 100: 1}[size]
        assert all(len(batch.sources) for batch in several)
    assert [int(row[0]) for batch in shared.batches(6) for row in batch.commits] == [7, 10]
    assert _rows(shared) == whole


def test_a_log_moves_with_its_digests(make: Make) -> None:
    """From one to another, some at a time, also behind what was brought before."""
    one, other = make(), make()
    with _opened(one) as tl:
        tl.append(
            _note(
                "first",
            ),
            source=["Gazette", {"title": "Herald", "locator": "p. 3"}],
            actor="Ann",
            note="é",
        )
        for batch in one.batches(0):
            assert other.bring(batch) == one.head()
        tl.append(_note("it's\n雪", 'Zoë & "Sons"', "[2019..2020-03]"))
        tl.retract(1)
        for batch in one.batches(1, size=1):
            other.bring(batch)
    assert _rows(one) == _rows(other)
    with _opened(other) as tl:
        assert tl.verify(str(one.head())).ok


def _tampered(batch: Segment, column: int, value: Any) -> Segment:
    row = list(batch.log[0])
    row[column] = value
    return attrs.evolve(batch, log=[row, *batch.log[1:]])


def test_what_does_not_follow_is_not_brought(make: Make) -> None:
    """A record that was changed, a commit that is missing or there already, another history."""
    one, other, third = make(), make(), make()
    with _opened(one) as tl, _opened(third) as different:
        tl.append(_note("first"))
        tl.append(_note("second"))
        different.append(_note("otherwise"))
    first, second = one.batches(0, size=1)
    for wrong in (
        second,
        _tampered(first, 15, "{}"),
        attrs.evolve(first, log=[]),
        attrs.evolve(first, commits=[]),
    ):
        with pytest.raises(FaultyCopy):
            other.bring(wrong)
        assert other.head() == Head()
    other.bring(first)
    with pytest.raises(FaultyCopy):
        other.bring(first)
    with pytest.raises(FaultyCopy):
        third.bring(second)


def test_a_log_that_is_another_is_not_followed(make: Make) -> None:
    """One that was restored to before, or went another way since: refused aloud, and nothing is merged."""
    one, other, shorter = make(), make(), make()
    with _opened(one) as tl, _opened(other) as different:
        tl.append(_note("first"))
        different.append(_note("otherwise"))
        different.append(_note("and more"))
    tl = _opened(one)
    with tl:
        tl.append(_note("second"))
        for log in other, shorter:
            object.__setattr__(tl._session, "upstream", log)
            with pytest.raises(DivergedLog, match="Find out which"):
                tl.head()
        object.__setattr__(tl._session, "upstream", one)
        assert tl.verify().ok


def test_waiting_ends_when_something_comes(shared: SharedLog) -> None:
    """And not before."""
    proposal = _judged(shared, _note("first"))
    assert not shared.wait(0, 0.05)
    later = threading.Timer(0.2, lambda: shared.append(proposal))
    later.start()
    assert shared.wait(0, 20)
    later.join()
    assert shared.head().position == 1


def test_following_across_replicas(shared: SharedLog) -> None:
    """What another appends comes, once each, in order."""
    with _opened(shared) as one, _opened(shared) as other:
        said = threading.Thread(target=lambda: [other.append(_note(f"{n}")) for n in range(5)])
        said.start()
        found = []
        for record in one.follow(timeout=20):
            found.append(record.position)
            if len(found) == 5:
                break
        said.join()
        assert found == [1, 2, 3, 4, 5]


def test_shapes_are_kept_once(shared: SharedLog) -> None:
    """Those of the types that were told; what is there is not told otherwise."""
    with _opened(shared) as tl:
        tl.append(_note("first"))
        [(key, shape)] = ((key, one) for key, one in shared.shapes().items() if key[1] == "noted")
    shared.keep_shapes({key: "{}", ("event", "other", 1): '{"fields": {}}'})
    assert shared.shapes()[key] == shape
    assert ("event", "other", 1) in shared.shapes()


def test_many_writers_at_once(shared: SharedLog) -> None:
    """Of one entity, each with a replica of its own: all is there once, in one chain, and adds up."""

    def write(number: int) -> None:
        with _opened(shared) as tl:
            for one in range(4):
                tl.append(
                    _note(f"{number} {one}", f"Acme {one % 2}"),
                    id=f"{number}/{one}",
                )

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with _opened(shared) as tl:
        records = list(tl.as_of().records())
        assert sorted(str(record.ref) for record in records) == sorted(
            f"{n}/{one}" for n in range(4) for one in range(4)
        )
        assert {entity for record in records for entity in record.entities} == {"acme-0", "acme-1"}
        assert tl.verify().ok


def test_a_condition_holds_across_replicas(shared: SharedLog) -> None:
    """Of several that are made only unless somebody was before, one is made."""
    from timeline import Condition
    from timeline.errors import AppendConflict

    made: list[str] = []

    def claim(name: str) -> None:
        with _opened(shared) as tl, suppress(AppendConflict):
            tl.append(_note(name), unless=Condition(types=["noted"]))
            made.append(name)

    threads = [threading.Thread(target=claim, args=(name,)) for name in ("Ann", "Bo", "Cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert shared.head().position == 1


def test_read_only(shared: SharedLog) -> None:
    """It follows, and appends nothing."""
    with _opened(shared) as tl, _opened(shared, read_only=True) as reader:
        tl.append(_note("first"))
        assert len(list(reader.as_of().records())) == 1
        with pytest.raises(ReadOnlyTimeline):
            reader.append(_note("second"))
        assert shared.head().position == 1


def test_what_is_written_anew_is_not_the_log(shared: SharedLog) -> None:
    """What follows from it is; nothing is imported into a replica, or redacted there."""
    with _opened(shared) as tl:
        tl.append(_note("first"))
        tl.rebuild()
        assert tl.verify().ok
        for change in (
            lambda: tl.redact(1, reason="because", actor="Ann"),
            lambda: tl.import_log("-"),
        ):
            with pytest.raises(NotAllowed):
                change()
        assert tl.head() == shared.head()


def test_a_dry_run_proposes_nothing(shared: SharedLog) -> None:
    """Of an append, a table, and several batches."""
    with _opened(shared) as tl:
        assert len(tl.append(_note("first"), dry_run=True).records) == 1
        rows = [{"occurred": "2020", "subject": "acme", "topic": "talk", "text": "one"}]
        noted = CATALOGUE.event("noted").cls
        assert tl.append_table(noted, rows, known="occurred", dry_run=True).count == 1
        assert len(tl.append_all([[Assertion(_note("first"))]], dry_run=True)) == 1
        assert shared.head() == Head()


def test_tables_and_batches(shared: SharedLog) -> None:
    """They are told in their places, which may be behind what others said meanwhile."""
    noted = CATALOGUE.event("noted").cls
    with _opened(shared) as tl, _opened(shared) as other:
        rows = [
            {"occurred": "2020", "subject": "acme", "topic": "talk", "text": f"row {one}"} for one in range(3)
        ]
        imported = tl.append_table(noted, rows, source="Table", known="occurred")
        assert (imported.first, imported.last, imported.digest) == (1, 3, shared.head().digest)
        told = other.append_all(
            [[Assertion(_note("one"))], [Assertion(_note("two")), Assertion(_note("three"))]]
        )
        assert [list(one.commit.positions) for one in told] == [[4], [5, 6]]
        assert told[-1].commit.digest == shared.head().digest
        assert tl.verify().ok


@given(histories(), st.lists(st.booleans(), min_size=8, max_size=8))
def test_a_shared_log_answers_as_a_file(history: History, turns: list[bool]) -> None:
    """Whoever of two says what: records, states, what is said of whom; and both verify."""
    log = MemoryLog()
    alone = opened()
    with _opened(log) as one, _opened(log) as other:
        for statement, turn in zip(history.statements, turns, strict=False):
            (one if turn else other).append(statement)
            alone.append(statement)
        for tl in one, other:
            assert list(tl.as_of().records()) == [
                attrs.evolve(mine, recorded_at=theirs.recorded_at)
                for mine, theirs in zip(alone.as_of().records(), tl.as_of().records(), strict=True)
            ]
            for moment in "2021", "2026":
                for state in (one.name for one in CATALOGUE.compiled):
                    assert _values(tl, moment, state) == _values(alone, moment, state)
            assert tl.as_of().entities() == alone.as_of().entities()
            assert tl.verify().ok


def _values(tl: Timeline, moment: str, state: str) -> list[Any]:
    return [(one.who, one.values(), one.unsettled) for one in tl.as_of(moment).all(state)]
