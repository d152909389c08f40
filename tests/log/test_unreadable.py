"""What one record cannot be read for hides no other: it is named, and there are ways out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pytest

from tests.ledger import Ledger, Noted, Organisation, event, opened
from timeline import Source, Timeline
from timeline.errors import FaultyCopy, UnreadableRecord
from timeline.records import GENESIS, record_digest_sql, streamed_digest

SPOILED = [
    ("data", '{"number":"1e99","subject":"acme","text":null,"topic":"size"}', "28 digits"),
    (
        "data",
        '{"number":null,"subject":"acme","text":null,"topic":"size","what":1}',
        "noted.what: is no field",
    ),
    ("data", '{"number":NaN', "malformed"),
    ("data", "null", "TypeError"),
    ("occurred", "soon", "'soon' is not a date"),
    ("sources", "oops", "malformed"),
    ("names", "oops", "malformed"),
    ("known_at", "0044-03-15 (BC) 00:00:00", "outside the years"),
]
"""A column, what is in it, and why that cannot be read."""


def _said(number: int, subject: str) -> Noted:
    return Noted(f"202{number}", subject=subject, topic="size", number=number)


def _spoil(path: Path, *spoiled: tuple[str, str], digests: bool) -> None:
    """Change the first records by a plain client, their digests and those that cover them too, or not."""
    with duckdb.connect(str(path)) as client:
        for position, (column, stored) in enumerate(spoiled, 1):
            client.execute(f"UPDATE log SET {column} = ? WHERE position = ?", [stored, position])
        if digests:
            client.execute(f"UPDATE log SET digest = {record_digest_sql()}")
            previous = GENESIS
            for first, last, *said in client.execute(
                "SELECT first_position, last_position, recorded_at, actor, note FROM commits ORDER BY 1"
            ).fetchall():
                previous = streamed_digest(previous, _led(client, first, last), first, last, *said)
                client.execute("UPDATE commits SET digest = ? WHERE first_position = ?", [previous, first])


def _led(client: duckdb.DuckDBPyConnection, first: int, last: int) -> Sequence[str]:
    sql = "SELECT '64:' || digest FROM log WHERE position BETWEEN ? AND ? ORDER BY position"
    return [led for (led,) in client.execute(sql, [first, last]).fetchall()]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a record each of two subjects, and another of the first."""
    path = tmp_path_factory.mktemp("unreadable") / "t.duckdb"
    with opened(path=str(path)) as tl:
        for number, subject in enumerate(("Acme", "Bolt", "Acme"), 1):
            tl.append(_said(number, subject), id=f"n{number}")
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoiled."""
    return Path(shutil.copy(sound, tmp_path))


def _numbers(tl: Timeline, subject: str) -> object:
    return tl.as_of("2030").of(Ledger, subject).values()["number"]


def test_unreadable_records_hide_no_others(tmp_path: Path) -> None:
    """All are listed and moved, each is named, what needs one says so; others are corrected and redacted."""
    path, spoilt = tmp_path / "t.duckdb", [f"acme-{number}" for number in range(1, len(SPOILED) + 1)]
    with opened(path=str(path)) as tl:
        for number, subject in enumerate([*spoilt, "bolt", spoilt[0]], 1):
            tl.append(_said(number % 10, subject), id=f"n{number}")
    _spoil(path, *((column, stored) for column, stored, _ in SPOILED), digests=True)
    with opened(path=str(path)) as tl:
        _assert_told(tl, dict(zip(spoilt, (why for *_, why in SPOILED), strict=True)))
        tl.export(path.with_name("out.jsonl"))
        assert tl.backup(path.with_name("copy.duckdb")).head == str(tl.head())
        moved = opened()
        assert moved.import_log(path.with_name("out.jsonl")).head == str(tl.head())
        tl.correct("n9", _said(5, "Bolt"))
        assert _numbers(tl, "Bolt") == 5
    tl.redact("n10", reason="asked for", actor="Ann")
    assert [one.problem is None for one in tl.as_of().records()] == [False] * len(SPOILED) + [True] * 4


def _assert_told(tl: Timeline, spoilt: Mapping[str, str]) -> None:
    """See that what cannot be read, by its subject, is told wherever it is met, and all else is answered."""
    records = list(tl.as_of().records())
    for one, why in zip(records, spoilt.values(), strict=False):
        assert one.event is None
        assert one.problem is not None
        assert why in one.problem
        assert one.as_dict()["problem"] == one.problem
        assert why in str(one)
    assert [one.problem for one in records[len(spoilt) :]] == [None, None]
    assert list(tl.follow(timeout=0)) == records
    assert [one.position for one in tl.as_of().records(entities=["acme-1"])] == [1, len(spoilt) + 2]
    found = tl.sql("SELECT * EXCLUDE (known_at, occurred) FROM records")
    assert [position for position, *_ in found] == [one.position for one in records]
    assert {one.id for one in tl.as_of().entities()} == {*spoilt, "bolt"}
    for rebuilt in False, True:
        if rebuilt:
            tl.rebuild()
        for position, subject in enumerate(spoilt, 1):
            with pytest.raises(UnreadableRecord, match=f"n{position}") as told:
                _numbers(tl, subject)
            assert told.value.position == position
        assert _numbers(tl, "Bolt") == len(spoilt) + 1
        report = tl.verify()
        assert (report.ok, report.intact) == (False, True)
        faults = sorted((one.position or 0, str(one)) for one in report.faults if one.unreadable)
        assert [position for position, _ in faults] == [*range(1, len(spoilt) + 1)]
        for (_, fault), why in zip(faults, spoilt.values(), strict=True):
            assert why in fault


@pytest.mark.parametrize(("column", "stored"), [("type", "unheard"), ("version", "99")])
def test_a_record_that_no_vocabulary_knows_hides_no_other(path: Path, column: str, stored: str) -> None:
    """Where a plain client has made it one of another type or version, all are listed and it is named."""
    _spoil(path, (column, stored), digests=True)
    tl = opened(path=str(path))
    assert [one.problem is None for one in tl.as_of().records()] == [False, True, True]
    assert _numbers(tl, "Bolt") == 2
    assert [one.position for one in tl.verify().faults if one.unreadable] == [1]


def test_a_source_that_cannot_be_read_hides_no_record(tmp_path: Path) -> None:
    """What cites it is named, and filters by source answer of the others."""
    path = tmp_path / "t.duckdb"
    tl = opened(path=str(path))
    tl.append(_said(1, "Acme"), source=Source("one", published="2021"))
    tl.append(_said(2, "Bolt"), source=Source("two", published="2022"))
    with duckdb.connect(str(path)) as client:
        client.execute("UPDATE sources SET published = 'soon' WHERE title = 'one'")
    assert [one.problem is None for one in tl.as_of().records()] == [False, True]
    assert _numbers(tl, "Bolt") == 2
    assert not tl.verify().ok


def test_filters_pass_over_sources_that_are_no_json(tmp_path: Path) -> None:
    """A record whose sources cannot be read rests on none that a filter could name."""
    path = tmp_path / "t.duckdb"
    tl = opened(path=str(path))
    for company, source in (("Acme", "one"), ("Bolt", "two")):
        tl.append(event("ceo_appointment", "2021", company=company, person=f"{company} Head"), source=source)
    _spoil(path, ("sources", "oops"), digests=True)
    for moment, found in (
        (tl.as_of("2030", without=["two"]), ["acme"]),
        (tl.as_of("2030", only=["two"]), ["bolt"]),
    ):
        assert [company for company, ceo, *_ in moment.table(Organisation) if ceo] == found


@pytest.mark.parametrize("rebuilt", [False, True])
def test_there_are_ways_out_of_an_unreadable_record(tmp_path: Path, rebuilt: bool) -> None:
    """Corrected, retracted or redacted it is needed no more."""
    path, subjects = tmp_path / "t.duckdb", ("Acme", "Bolt", "Crux")
    with opened(path=str(path)) as tl:
        for number, subject in enumerate((*subjects, *subjects), 1):
            tl.append(_said(number, subject), id=f"n{number}")
    _spoil(path, *[SPOILED[0][:2]] * 3, digests=True)
    with opened(path=str(path)) as tl:
        if rebuilt:
            tl.rebuild()
        tl.correct("n1", _said(9, "Acme"))
        assert _numbers(tl, "Acme") == 13
        tl.retract("n2")
        assert _numbers(tl, "Bolt") == 5
        with pytest.raises(UnreadableRecord, match="n3"):
            _numbers(tl, "Crux")
    tl.redact("n3", reason="asked for", actor="Ann")
    assert _numbers(tl, "Crux") == 6
    assert {fault.position for fault in tl.verify().faults} == {1, 2}
    tl.redact("n1", "n2", reason="asked for", actor="Ann")
    assert tl.verify().ok


def test_a_record_that_was_changed_can_be_redacted_alone(path: Path) -> None:
    """Where digests do not fit what is stored, it is named for both, and nothing is copied with it."""
    _spoil(path, SPOILED[2][:2], digests=False)
    tl = opened(path=str(path))
    assert [(fault.position, fault.unreadable) for fault in tl.verify().faults] == [(1, False), (1, True)]
    with pytest.raises(FaultyCopy, match="#1"):
        tl.redact("n3", reason="asked for", actor="Ann")
    tl.redact("n1", reason="asked for", actor="Ann")
    assert tl.verify().ok


def test_one_that_is_derived_alike_is_named_too(path: Path) -> None:
    """Where a table has the value that the log has, and neither can be read."""
    _spoil(path, ("data", '{"number":"1","subject":"acme","text":null,"topic":""}'), digests=True)
    with duckdb.connect(str(path)) as client:
        client.execute("UPDATE said.noted SET topic = '' WHERE position = 1")
    faults = opened(path=str(path)).verify().faults
    assert [(one.position, one.unreadable) for one in faults if one.what == "log"] == [(1, True)]
