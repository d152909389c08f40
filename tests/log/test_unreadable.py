"""What one record cannot be read for hides no other: it is named, and there are ways out."""

from __future__ import annotations

from collections.abc import Sequence
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


def _spoil(path: Path, column: str, stored: str, *, digests: bool) -> None:
    """Change the first record by a plain client, its digest and those that cover it too, or not."""
    with duckdb.connect(str(path)) as client:
        client.execute(f"UPDATE log SET {column} = ? WHERE position = 1", [stored])
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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a record each of two subjects, and another of the first."""
    with opened(path=str(tmp_path / "t.duckdb")) as tl:
        for number, subject in enumerate(("Acme", "Bolt", "Acme"), 1):
            tl.append(_said(number, subject), id=f"n{number}")
    return tmp_path / "t.duckdb"


def _numbers(tl: Timeline, subject: str) -> object:
    return tl.as_of("2030").of(Ledger, subject).values()["number"]


@pytest.mark.parametrize(("column", "stored", "why"), SPOILED)
def test_an_unreadable_record_hides_no_other(path: Path, column: str, stored: str, why: str) -> None:
    """All are listed and moved, it is named, what needs it says so, and others are corrected and redacted."""
    _spoil(path, column, stored, digests=True)
    tl = opened(path=str(path))
    spoilt, *others = tl.as_of().records()
    assert (spoilt.event, [one.problem for one in others]) == (None, [None, None])
    assert spoilt.problem
    assert why in spoilt.problem
    assert spoilt.as_dict()["problem"] == spoilt.problem
    assert why in str(spoilt)
    assert list(tl.follow(timeout=0)) == [spoilt, *others]
    assert [one.position for one in tl.as_of().records(entities=["acme"])] == [1, 3]
    assert [position for position, *_ in tl.sql("SELECT * EXCLUDE (known_at, occurred) FROM records")] == [
        1,
        2,
        3,
    ]
    assert {one.id for one in tl.as_of().entities()} == {"acme", "bolt"}
    for rebuilt in False, True:
        if rebuilt:
            tl.rebuild()
        with pytest.raises(UnreadableRecord, match="n1") as told:
            _numbers(tl, "Acme")
        assert told.value.position == 1
        assert _numbers(tl, "Bolt") == 2
        (fault,) = [one for one in tl.verify().faults if one.unreadable]
        assert (fault.position, fault.unreadable) == (1, True)
        assert why in str(fault)
    assert not tl.verify().ok
    assert tl.verify().intact
    head = str(tl.head())
    tl.export(path.with_name("out.jsonl"))
    moved = opened(path=str(path.with_name("in.duckdb")))
    assert moved.import_log(path.with_name("out.jsonl")).head == head
    assert tl.backup(path.with_name("copy.duckdb")).head == head
    tl.correct("n2", _said(5, "Bolt"))
    assert _numbers(tl, "Bolt") == 5
    tl.redact("n3", reason="asked for", actor="Ann")
    assert [one.problem is None for one in tl.as_of().records()] == [False, True, True, True, True]


@pytest.mark.parametrize(("column", "stored"), [("type", "unheard"), ("version", "99")])
def test_a_record_that_no_vocabulary_knows_hides_no_other(path: Path, column: str, stored: str) -> None:
    """Where a plain client has made it one of another type or version, all are listed and it is named."""
    _spoil(path, column, stored, digests=True)
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


@pytest.mark.parametrize(("asked", "found"), [("without", ["acme"]), ("only", ["bolt"])])
def test_filters_pass_over_sources_that_are_no_json(tmp_path: Path, asked: str, found: list[str]) -> None:
    """A record whose sources cannot be read rests on none that a filter could name."""
    path = tmp_path / "t.duckdb"
    tl = opened(path=str(path))
    for company, source in (("Acme", "one"), ("Bolt", "two")):
        tl.append(event("ceo_appointment", "2021", company=company, person=f"{company} Head"), source=source)
    _spoil(path, "sources", "oops", digests=True)
    moment = tl.as_of("2030", without=["two"]) if asked == "without" else tl.as_of("2030", only=["two"])
    rows = list(moment.table(Organisation))
    assert [company for company, ceo, *_ in rows if ceo] == found


@pytest.mark.parametrize("way", ["correct", "retract", "redact"])
@pytest.mark.parametrize("rebuilt", [False, True])
def test_there_are_ways_out_of_an_unreadable_record(path: Path, way: str, rebuilt: bool) -> None:
    """Corrected, retracted or redacted it is needed no more."""
    _spoil(path, *SPOILED[0][:2], digests=True)
    tl = opened(path=str(path))
    if rebuilt:
        tl.rebuild()
    if way == "correct":
        tl.correct("n1", _said(4, "Acme"))
    elif way == "retract":
        tl.retract("n1")
    else:
        tl.redact("n1", reason="asked for", actor="Ann")
    assert _numbers(tl, "Acme") == (7 if way == "correct" else 3)
    assert tl.verify().ok is (way == "redact")


def test_a_record_that_was_changed_can_be_redacted_alone(path: Path) -> None:
    """Where digests do not fit what is stored, it is named for both, and nothing is copied with it."""
    _spoil(path, *SPOILED[2][:2], digests=False)
    tl = opened(path=str(path))
    assert [(fault.position, fault.unreadable) for fault in tl.verify().faults] == [(1, False), (1, True)]
    with pytest.raises(FaultyCopy, match="#1"):
        tl.redact("n3", reason="asked for", actor="Ann")
    tl.redact("n1", reason="asked for", actor="Ann")
    assert tl.verify().ok


def test_one_that_is_derived_alike_is_named_too(path: Path) -> None:
    """Where a table has the value that the log has, and neither can be read."""
    _spoil(path, "data", '{"number":"1","subject":"acme","text":null,"topic":""}', digests=True)
    with duckdb.connect(str(path)) as client:
        client.execute("UPDATE said.noted SET topic = '' WHERE position = 1")
    faults = opened(path=str(path)).verify().faults
    assert [(one.position, one.unreadable) for one in faults if one.what == "log"] == [(1, True)]
