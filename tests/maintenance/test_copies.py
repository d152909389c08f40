"""Backups, and the log moved elsewhere: the same bytes in every column, or nothing."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings

from tests.ledger import Clock, event, opened
from tests.log.test_schema import NEW, OLD, OldSale, Seller
from tests.maintenance.test_integrity import _filled
from tests.strategies import History, histories
from timeline import Money, Timeline
from timeline.cli import run
from timeline.errors import (
    FaultyCopy,
    FileFailed,
    LockedFile,
    NewerTimeline,
    NotAllowed,
    NotATimeline,
    OtherVocabulary,
)
from timeline.log import FORMAT

STORED = ("log", "commits", "sources", "entities", "entity_names", "hidden")
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A timeline with something in every table and every column, and beside it the same as JSON Lines."""
    path = tmp_path_factory.mktemp("copies") / "t.duckdb"
    _filled(path)
    with opened(Clock(), str(path)) as tl:
        tl.export(path.with_name("e.jsonl"))
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """A copy of that timeline."""
    return Path(shutil.copy(filled, tmp_path))


def _held(path: Path) -> list[list[str]]:
    """All rows of the tables of a file, each as text."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
            "WHERE table_name <> 'meta' ORDER BY 1"
        ).fetchall()
        return [
            [table, *sorted(map(str, connection.execute(f"FROM {table}").fetchall()))] for (table,) in tables
        ]


# Backup


def test_a_backup_holds_the_same_and_verifies(path: Path, tmp_path: Path) -> None:
    """Every row of every table, also those that are derived."""
    copy = tmp_path / "copy.duckdb"
    with opened(Clock(), str(path)) as tl:
        report = tl.backup(copy)
        assert (report.ok, report.head) == (True, str(tl.head()))
    assert _held(copy) == _held(path)
    with opened(Clock(), str(copy)) as tl:
        assert tl.verify(report.head).ok
        tl.append(event("noted", "2020", subject="Acme Inc", topic="mood"))
        assert tl.verify(report.head).ok
    assert {one.name for one in tmp_path.iterdir()} == {"t.duckdb", "copy.duckdb"}


def test_a_backup_is_of_one_moment_while_others_append(path: Path, tmp_path: Path) -> None:
    """What is appended meanwhile is in it as whole commits, or not at all."""
    with opened(Clock(), str(path)) as tl:
        stop = threading.Event()

        def append() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                tl.append(*(event("noted", "2020", subject=f"s{number}", topic=topic) for topic in "ab"))

        before = tl.head().position
        writer = threading.Thread(target=append)
        writer.start()
        reports = [tl.backup(tmp_path / f"{number}.duckdb") for number in range(3)]
        stop.set()
        writer.join()
        assert all(one.ok and (one.records - before) % 2 == 0 for one in reports)
        assert all(tl.verify(one.head).ok for one in reports)


def test_a_backup_takes_no_place_unasked(path: Path, tmp_path: Path) -> None:
    """With `force` it takes that of a timeline, which nobody may have open, and of nothing else."""
    copy, text = tmp_path / "copy.duckdb", tmp_path / "text"
    text.write_text("mine")
    with opened(Clock(), str(copy)) as other, opened(Clock(), str(path)) as tl:
        with pytest.raises(NotAllowed, match=r"copy\.duckdb already"):
            tl.backup(copy)
        with pytest.raises(NotAllowed, match="with"):
            tl.backup(copy, force=True)
        other.close()
        tl.backup(copy, force=True)
        for target in path, ":memory:":
            with pytest.raises(NotAllowed, match=r"is the open file itself|is no file"):
                tl.backup(target, force=True)
        with pytest.raises(NotATimeline):
            tl.backup(text, force=True)
    assert (text.read_text(), _held(copy)) == ("mine", _held(path))
    assert {one.name for one in tmp_path.iterdir()} == {"t.duckdb", "copy.duckdb", "text"}


def test_a_timeline_that_is_not_whole_gives_no_backup(path: Path, tmp_path: Path) -> None:
    """The faults are told, and no copy is left, nor is one taken away."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE log SET note = 'changed' WHERE position = 2")
    with opened(Clock(), str(path)) as tl, pytest.raises(FaultyCopy, match="#2"):
        tl.backup(tmp_path / "copy.duckdb")
    assert [one.name for one in tmp_path.iterdir()] == ["t.duckdb"]
    with opened(Clock(), str(path)) as tl, pytest.raises(NotATimeline, match="there is no folder"):
        tl.backup(tmp_path / "t.duckdb" / "copy.duckdb")


def test_a_file_that_another_process_has_is_not_replaced(path: Path, tmp_path: Path) -> None:
    """Whoever has it open keeps it, and is named."""
    copy = tmp_path / "copy.duckdb"
    with opened(Clock(), str(path)) as tl:
        tl.backup(copy)
    with (
        duckdb.connect(str(copy)),
        opened(Clock(), str(path), lock_timeout=0.1) as tl,
        pytest.raises(LockedFile, match="PID"),
    ):
        tl.backup(copy, force=True)


# Export and import


@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
def test_what_is_exported_is_imported_byte_for_byte(path: Path, tmp_path: Path, ending: str) -> None:
    """The log, its commits and sources, and all that follows, with the same head."""
    export, copy = tmp_path / f"e{ending}", tmp_path / "copy.duckdb"
    with opened(Clock(), str(path)) as tl:
        head = tl.export(export)
        assert head == str(tl.head())
    with opened(Clock(), str(copy)) as tl:
        report = tl.import_log(export)
        assert (report.ok, report.head, str(tl.head())) == (True, head, head)
        assert tl.verify(head).ok
    with opened(Clock(), str(path)) as tl:
        tl.rebuild()
    assert _held(copy) == _held(path)


@settings(max_examples=2)
@given(histories())
def test_every_history_moves(tmp_path_factory: pytest.TempPathFactory, history: History) -> None:
    """Whatever was said, in both formats."""
    folder = tmp_path_factory.mktemp("moves")
    with opened(Clock(), str(folder / "t.duckdb")) as tl:
        tl.append(*history.statements)
        head = tl.head()
        for ending in ".jsonl", ".parquet":
            tl.export(folder / f"e{ending}")
            with opened(Clock()) as other:
                other.import_log(folder / f"e{ending}")
                assert other.head() == head
                assert list(other.as_of().records()) == list(tl.as_of().records())


def test_an_export_of_nothing_moves_too(tmp_path: Path) -> None:
    """An empty log has a head like any other."""
    for ending in ".jsonl", ".parquet":
        with opened(Clock(), str(tmp_path / "t.duckdb")) as tl:
            tl.export(tmp_path / f"e{ending}")
            assert tl.import_log(tmp_path / f"e{ending}").records == 0


@pytest.fixture
def lines(filled: Path, tmp_path: Path) -> Path:
    """That timeline as JSON Lines."""
    return Path(shutil.copy(filled.with_name("e.jsonl"), tmp_path))


def _refused(export: Path, error: type[Exception], match: str) -> None:
    with opened(Clock()) as tl:
        with pytest.raises(error, match=match):
            tl.import_log(export)
        assert tl.head().position == 0
        assert tl.sql("SELECT count(*) FROM log").rows == ((0,),)


@pytest.mark.parametrize("what", ["timeline", "sources", "commits", "log"])
def test_a_line_changed_or_lost_is_found(lines: Path, what: str) -> None:
    """An export of which anything is missing or other than written is refused as a whole."""
    whole = lines.read_text().splitlines(keepends=True)
    number = next(number for number, line in enumerate(whole) if line.startswith(f'{{"{what}":'))
    lines.write_text("".join(whole[:number] + whole[number + 1 :]))
    _refused(lines, FaultyCopy, "not whole")
    said: dict[str, Any] = json.loads(whole[number])
    column = {"timeline": "head", "sources": "title", "commits": "actor", "log": "note"}[what]
    said[what][column] = f"{said[what][column]}0"
    lines.write_text("".join([*whole[:number], json.dumps(said) + "\n", *whole[number + 1 :]]))
    _refused(lines, FaultyCopy, "not whole")


@pytest.mark.parametrize(
    "line", ["{}", "[]", "nothing", '{"log": {}}', '{"other": {}}', '{"log": 1}', "\udcff"]
)
def test_a_line_that_is_none_is_told(lines: Path, line: str) -> None:
    """With its number."""
    with lines.open("ab") as file:
        file.write(line.encode(errors="surrogateescape") + b"\n")
    number = len(lines.read_bytes().splitlines())
    _refused(lines, FaultyCopy, f"line {number} is no row")


def test_what_is_no_export_is_refused(lines: Path, path: Path, tmp_path: Path) -> None:
    """Also one that is not there, and one of a newer format."""
    _refused(tmp_path / "nothing.jsonl", NotAllowed, "there is no")
    _refused(path, FaultyCopy, "does not begin with")
    _refused(tmp_path, FaultyCopy, r"no timeline\.json")
    first, *others = lines.read_text().splitlines(keepends=True)
    lines.write_text("".join([first.replace(f'"format":{FORMAT}', f'"format":{FORMAT + 1}'), *others]))
    _refused(lines, NewerTimeline, f"format {FORMAT + 1}")
    lines.write_text("".join([first.replace('"head":"', '"head":"x'), *others]))
    _refused(lines, FaultyCopy, "does not begin with")


def test_a_dry_run_of_an_import_takes_nothing_in(lines: Path, tmp_path: Path) -> None:
    """It gives the report that the import would."""
    with opened(Clock(), str(tmp_path / "empty.duckdb")) as tl:
        would = tl.import_log(lines, dry_run=True)
        assert tl.head().position == 0
        assert tl.import_log(lines) == would


def test_a_timeline_that_holds_something_takes_no_import(lines: Path, path: Path) -> None:
    """Nothing is merged."""
    with opened(Clock(), str(path)) as tl, pytest.raises(NotAllowed, match="holds records already"):
        tl.import_log(lines)


def test_an_export_goes_only_where_nothing_is(path: Path, lines: Path, tmp_path: Path) -> None:
    """And says by the end of its name what it is."""
    with opened(Clock(), str(path)) as tl:
        with pytest.raises(NotAllowed, match="already"):
            tl.export(lines)
        with pytest.raises(NotAllowed, match="is to end with"):
            tl.export(tmp_path / "e.csv")
        with pytest.raises(FileFailed):
            tl.export(tmp_path / "no" / "e.jsonl")


# An older vocabulary


def test_a_stored_log_of_an_older_vocabulary_is_read_by_a_newer_one() -> None:
    """Its events are brought up to date, as they are asked for and in the tables; what is stored stays."""
    with Timeline.open(":memory:", catalogue=NEW) as tl:
        report = tl.import_log(DATA / "sales-of-version-1.jsonl")
        assert (report.ok, report.records) == (True, 3)
        assert tl.as_of("2022").of(Seller, "Ann").last_amount == Money("$7")
        assert [one.version for one in tl.as_of().records(types="sale")] == [1, 1, 1]
        assert tl.record("s1").data == '{"price":"$5","seller":"ann"}'
        assert tl.sql("SELECT sum(amount), count(buyer) FROM sale").as_dicts()[0].values()
        assert [int(row[0]) for row in tl.sql("SELECT amount FROM sale ORDER BY position")] == [7, 9]


def test_the_stored_log_is_what_the_older_vocabulary_says(tmp_path: Path) -> None:
    """Its script makes the same claims; only salts, times and digests are of their day."""
    with Timeline.open(":memory:", catalogue=OLD) as tl:
        tl.import_log(DATA / "sales-of-version-1.jsonl")
        assert tl.append(OldSale("2020", seller="Ann", price="$5"), id="s1").records == ()
    with (
        pytest.raises(OtherVocabulary, match="sale, 3 records of version 1: it lacks the type"),
        opened(Clock()) as other,
    ):
        other.import_log(DATA / "sales-of-version-1.jsonl")


# At the command line


def test_a_log_moves_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exported, imported, copied and put back, with the same head."""
    db, copy, moved = (str(tmp_path / f"{name}.duckdb") for name in ("t", "copy", "moved"))
    said = ["--occurred", "2020", "--company", "Acme", "--person", "Ann"]
    assert run(["append", "ceo_appointment", *said, "--db", db]) == 0
    assert run(["backup", copy, "--db", db]) == 0
    assert run(["backup", copy, "--db", db]) == 2
    assert run(["export", str(tmp_path / "e.jsonl"), "--db", db]) == 0
    assert run(["export", str(tmp_path / "e.parquet"), "--db", db, "--json"]) == 0
    assert run(["import", str(tmp_path / "e.jsonl"), "--db", moved]) == 0
    assert run(["import", str(tmp_path / "e.jsonl"), "--db", moved]) == 2
    assert run(["import", str(tmp_path / "nothing.jsonl"), "--db", str(tmp_path / "none.duckdb")]) == 2
    assert not (tmp_path / "none.duckdb").exists()
    assert run(["append", "ceo_appointment", *said[:2], "--company", "B", "--person", "C", "--db", db]) == 0
    assert run(["restore", copy, "--db", db]) == 2
    assert run(["restore", copy, "--db", db, "--force"]) == 0
    shutil.rmtree(tmp_path / "e.parquet")
    capsys.readouterr()
    for one in db, copy, moved:
        assert run(["head", "--db", one]) == 0
    assert len(set(capsys.readouterr().out.split())) == 1
