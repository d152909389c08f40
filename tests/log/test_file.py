"""Opening the file: who may, who waits, and what is said when it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import attrs
import duckdb
import pytest

from events import CEOAppointment, FundingRound, Organisation
from timeline import Assertion, Commit, Moment, Timeline
from timeline.errors import IdConflict, LockedFile, NotATimeline, ReadOnlyTimeline
from timeline.log import Rows
from timeline.log.duckdb import writing
from timeline.records import GENESIS, CommitDigest, record_digest, record_texts


def test_several_threads_append_without_gaps_or_losses(tmp_path: Path) -> None:
    """Every append is there once, positions have no gap, and recorded_at never decreases."""
    tl = Timeline.open(tmp_path / "t.duckdb", lock_timeout=60)
    with tl, ThreadPoolExecutor(4) as pool:
        commits = list(pool.map(lambda n: _appoint(tl, n), range(24)))
    positions = sorted(commit.records[0].position for commit in commits)
    assert positions == list(range(1, 25))
    stamps = [record.recorded_at for record in Timeline.open(tl.path).as_of().records()]
    assert stamps == sorted(stamps)


def test_threads_that_each_open_the_file_get_in_turn(tmp_path: Path) -> None:
    """Without a `with` block readers and writers of one process share the file call by call."""
    path = tmp_path / "t.duckdb"
    Timeline.open(path)

    def work(n: int) -> str:
        tl = Timeline.open(path, lock_timeout=60)
        _appoint(tl, n)
        return tl.as_of().of(Organisation, f"Company {n}").ceo or ""

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(12))) == [f"person-{n}" for n in range(12)]


def test_a_second_process_is_told_who_holds_the_file(tmp_path: Path) -> None:
    """The error of a process that waited in vain names the process that holds the file."""
    path = tmp_path / "t.duckdb"
    with Timeline.open(path):
        script = f"from timeline import Timeline; Timeline.open({str(path)!r}, lock_timeout=0.1)"
        result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "LockedFile" in result.stderr
    assert f"process {os.getpid()}" in result.stderr


def test_other_processes_get_in_between_calls(tmp_path: Path) -> None:
    """Outside a `with` block the file is let go after each call."""
    path = tmp_path / "t.duckdb"
    tl = Timeline.open(path)
    _appoint(tl, 1)
    script = (
        "from timeline import Timeline; from events import CEOAppointment\n"
        f"tl = Timeline.open({str(path)!r})\n"
        "print(tl.append(CEOAppointment('2021', company='Other', person='Bo')).records[0].position)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "2"
    assert len(list(tl.as_of().records())) == 2


def test_a_plain_duckdb_connection_in_this_process_is_named_as_the_holder(tmp_path: Path) -> None:
    """DuckDB keeps one configuration a process; the error says that this process has the file open."""
    path = tmp_path / "t.duckdb"
    tl = Timeline.open(path, lock_timeout=0.1)
    connection = duckdb.connect(str(path), read_only=True)
    with pytest.raises(LockedFile, match="a DuckDB connection of its own"):
        tl.as_of()
    connection.close()
    assert tl.as_of().basis.position == 0


def test_a_timeline_opened_for_reading_refuses_to_write(tmp_path: Path) -> None:
    """`read_only=True` answers questions and refuses appends."""
    path = tmp_path / "t.duckdb"
    _appoint(Timeline.open(path), 1)
    with Timeline.open(path, read_only=True) as tl:
        assert tl.as_of().of(Organisation, "Company 1").ceo == "person-1"
        with pytest.raises(ReadOnlyTimeline, match="read_only=True"):
            _appoint(tl, 2)


def test_reading_makes_no_file(tmp_path: Path) -> None:
    """A path that is not there is an error when it is to be read only, and stays absent."""
    with pytest.raises(NotATimeline, match="there is no such file"):
        Timeline.open(tmp_path / "t.duckdb", read_only=True)
    assert not (tmp_path / "t.duckdb").exists()


def test_writing_makes_no_file_anew(tmp_path: Path) -> None:
    """A timeline whose file is gone says so, and leaves no empty file behind."""
    timeline = Timeline.open(tmp_path / "t.duckdb")
    (tmp_path / "t.duckdb").unlink()
    with pytest.raises(NotATimeline, match="there is no such file any more"):
        _appoint(timeline, 1)
    assert not (tmp_path / "t.duckdb").exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 20_000])
def test_another_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    """A file that is no DuckDB file is named, and not a byte of it changes."""
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    if content:
        with pytest.raises(NotATimeline, match="notes"):
            Timeline.open(path)
        assert path.read_bytes() == content
    else:
        with pytest.raises(NotATimeline):
            Timeline.open(path, read_only=True)


def test_another_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A DuckDB database with tables of its own is no timeline and gets none."""
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE sales (amount INTEGER)")
    with pytest.raises(NotATimeline, match="sales"):
        Timeline.open(path)
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == [("sales",)]


def test_a_failed_append_leaves_nothing(tmp_path: Path) -> None:
    """What fails in the middle of an append leaves no record, name or entity behind."""
    tl = Timeline.open(tmp_path / "t.duckdb")
    tl.append(FundingRound("2020", company="A", investors=[], amount=None), id="r1")
    tables = ["log", "commits", "entities", "entity_names", "sources", "hidden", "said.funding_round"]
    before = [tl.sql(f"SELECT count(*) FROM {table}").rows for table in tables]
    with pytest.raises(ValueError, match="r1"):
        tl.append(FundingRound("2021", company="B", investors=["New One"], amount="$1"), source="S", id="r1")
    assert [tl.sql(f"SELECT count(*) FROM {table}").rows for table in tables] == before


def _appoint(tl: Timeline, n: int) -> Commit:
    return tl.append(CEOAppointment("2020", company=f"Company {n}", person=f"Person {n}"))


def test_a_closed_timeline_in_memory_is_gone() -> None:
    """It says so, instead of being empty."""
    timeline = Timeline.open(":memory:")
    timeline.close()
    for ask in (timeline.head, timeline.as_of, timeline.rebuild):
        with pytest.raises(NotATimeline, match="it was closed"):
            ask()


def test_what_is_kept_of_appends_holds_whatever_comes_between(tmp_path: Path) -> None:
    """Sources, head and digests are right after appends that failed, dry runs, imports and rebuilds."""

    def event(n: int) -> Assertion:
        said = CEOAppointment("2019-07-22", company=f"Company {n}", person=f"Person {n}")
        return Assertion(said, source=f"Paper {n}", id=f"f{n}")

    path = tmp_path / "t.duckdb"
    with Timeline.open(path) as tl, Timeline.open(path) as other:
        tl.append(event(1))
        tl.append_all([[event(2)], [event(2), event(3)]], dry_run=True)
        with pytest.raises(IdConflict):
            tl.append(event(3), attrs.evolve(event(1), event=event(4).event))
        heads = [tl.append(event(2)).head, other.append(event(3)).head]
        rows = "SELECT '2020' AS occurred, 'Company 5' AS company, 'Person 5' AS person"
        other.append_table(CEOAppointment, rows, known="2020")
        tl.rebuild()
        heads += [tl.append(event(4)).head, other.append(event(1), event(4), event(5)).head]
        cited = tl.sql("SELECT title FROM sources ORDER BY title").rows
        records = list(tl.as_of().records())
        commits = tl.sql("SELECT digest FROM commits ORDER BY first_position").rows
    with duckdb.connect(str(path), read_only=True) as plain:
        salts = [salt for (salt,) in plain.execute("SELECT salt FROM log ORDER BY position").fetchall()]
    digests = [record_digest(record_texts(one), salt) for one, salt in zip(records, salts, strict=True)]
    chained = GENESIS
    for (digest,), one, own in zip(commits, records, digests, strict=True):
        commit = CommitDigest(chained)
        commit.add([own])
        chained = commit.closed(one.position, one.position, one.recorded_at, None, None)
        assert digest == chained
    assert heads == [2, 3, 5, 6]
    assert cited == tuple((f"Paper {n}",) for n in range(1, 6))


def test_files_and_their_copies_are_stored_in_small_blocks(tmp_path: Path) -> None:
    """A timeline of a few events is no larger than its many tables make it; so is a backup, or an import."""
    path, copy, export, other = (tmp_path / name for name in ("t.duckdb", "c.duckdb", "e.jsonl", "o.duckdb"))
    with Timeline.open(path) as tl, Timeline.open(other) as imported:
        _appoint(tl, 1)
        tl.backup(copy)
        tl.export(export)
        imported.import_log(export)
    for one in path, copy, other:
        with duckdb.connect(str(one), read_only=True) as connection:
            (found,) = connection.execute("SELECT block_size FROM pragma_database_size()").fetchall()
        assert found == (65_536,)


def _left_without_spans(path: str) -> int:
    """How many records at the end of a log have no spans yet."""
    with duckdb.connect(path, read_only=True) as connection:
        ((left,),) = connection.execute("SELECT (SELECT max(position) FROM log) - base FROM meta").fetchall()
    return int(left)


def test_who_holds_the_file_has_spans_made_in_the_end(tmp_path: Path) -> None:
    """When it is let go, and not between its appends; of few records not at all."""
    with Timeline.open(tmp_path / "t.duckdb") as tl:
        _appoint(tl, 1)
    assert _left_without_spans(tl.path) == 1
    with (
        patch.object(writing, "_TAIL", 2),
        Timeline.open(tl.path) as held,
    ):
        for number in range(2, 6):
            _appoint(held, number)
        told = str(held.as_of("2030").of(Organisation, "Company 5"))
        with held._session.reading() as log:
            assert log.base_of_spans() == 0
    assert _left_without_spans(tl.path) == 0
    assert str(tl.as_of("2030").of(Organisation, "Company 5")) == told
    assert tl.verify().ok


def test_spans_are_made_for_who_asks_of_everybody(tmp_path: Path) -> None:
    """While the file is held: of many records, before they are folded; if that fails, they are folded."""
    with patch.object(writing, "_TAIL", 2), Timeline.open(tmp_path / "t.duckdb") as tl:

        def by_sql(_: Moment) -> Rows:
            return tl.sql("FROM organisation_as_of('2030') ORDER BY ALL")

        def asked(moment: Moment) -> Rows:
            return moment.table(Organisation)

        def everybody(moment: Moment) -> list[Organisation]:
            return list(moment.all(Organisation))

        for ask in by_sql, asked, everybody:
            for _ in range(3):
                _appoint(tl, tl.head().position + 1)
            with patch.object(writing.Writer, "catch_up", side_effect=duckdb.IOException("no room")):
                told = ask(tl.as_of("2030"))
            for _ in range(3):
                _appoint(tl, tl.head().position + 1)
            again = ask(tl.as_of("2030"))
            assert len(again) == len(told) + 3
            with tl._session.reading() as log:
                assert log.base_of_spans() == tl.head().position


def test_what_keeps_spans_from_being_made_in_the_end_takes_nothing_back(tmp_path: Path) -> None:
    """Who lets go of the file is not troubled by it; the next append makes them."""
    tl = Timeline.open(tmp_path / "t.duckdb")
    with (
        patch.object(writing, "_TAIL", 2),
        patch.object(
            writing.Writer, "catch_up", side_effect=duckdb.OutOfRangeException("too much")
        ) as failing,
        tl,
    ):
        for number in range(1, 6):
            _appoint(tl, number)
    failing.assert_called_once()
    assert _left_without_spans(tl.path) == 5
    with patch.object(writing, "_TAIL", 2):
        _appoint(tl, 6)
    assert _left_without_spans(tl.path) == 0
    assert tl.verify().ok
