"""What bad input gets: an error that names the thing and what would work, and nothing written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, strategies as st

from tests.ledger import CATALOGUE, EntityNamed, FundingRound, LeaseBegun, Ledger, Noted, event, opened
from timeline import Assertion, Money, Retraction, Source, Timeline, When
from timeline.errors import (
    AlreadySuperseded,
    AmbiguousName,
    BadMoney,
    BadText,
    BadWhen,
    CatalogueError,
    FutureKnown,
    IdConflict,
    InvalidData,
    LockedFile,
    NaiveDatetime,
    NewerTimeline,
    NotAllowed,
    NotATimeline,
    ReadOnlyTimeline,
    TimelineError,
    UnboundedPoint,
    UnknownEntity,
    UnknownRecord,
    UnknownType,
    WrongTarget,
)
from timeline.records import Codec
from timeline.vocabulary import Catalogue

CODEC = Codec(CATALOGUE)


def note(occurred: Any = "2020", subject: str = "acme", **more: Any) -> Noted:
    """A note, about acme unless said otherwise."""
    return Noted(occurred, **{"subject": subject, "topic": "mood", **more})


@contextmanager
def refused(tl: Timeline, kind: type[TimelineError], *words: str) -> Iterator[None]:
    """The block fails with that error, whose message has all these words, and the log is as it was."""
    everything = "SELECT (SELECT count(*) FROM {}), (SELECT max(digest) FROM commits)"
    tables = ("log", "commits", "sources", "entities", "entity_names", "hidden", "said.noted")
    before = [tl.sql(everything.format(table)).rows for table in tables]
    with pytest.raises(kind) as caught:
        yield
    assert type(caught.value) is kind
    message = str(caught.value)
    for word in words:
        assert word in message
    assert not message.endswith(".")
    assert [tl.sql(everything.format(table)).rows for table in tables] == before


# Dates


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("2023-02-30", 8, "28 days"),
        ("2023-13", 5, "01 to 12"),
        ("2020/2019", 5, "earlier date first"),
        ("[2020-05..2020-04]", 10, "earlier date first"),
        ("2021-21", 5, "quarter"),
        ("soon", 0, "2018-01-31"),
        ("", 0, "2018"),
        ("0000", 0, "0001 to 9998"),
        ("9999", 0, "0001 to 9998"),
        ("2020-01-01T25:00", 11, "00 to 23"),
        ("2020-01-01T10:60", 14, "00 to 59"),
        ("٢٠٢٠", 0, "2018"),
        ("2020\x00", 4, "2018"),
        ("'; DROP TABLE log; --", 0, "2018"),
    ],
)
def test_an_impossible_date_is_refused_at_its_fault(tl: Timeline, text: str, place: int, hint: str) -> None:
    """As the date of an event, of a term, of a publication, as `known` and as a point: the same error."""
    asks: list[Callable[[], object]] = [
        lambda: tl.append(note(text)),
        lambda: tl.append(LeaseBegun("2020", subject="acme", holder="ann", room="east", until=text)),
        lambda: tl.append(note(), source=Source("Gazette", published=text)),
        lambda: tl.append(note(), known=text),
        lambda: tl.as_of(text),
        lambda: tl.as_of("2020", known=text),
    ]
    for ask in asks:
        with pytest.raises(BadWhen) as caught:
            ask()
        assert caught.value.position == place
        assert hint in str(caught.value)
    assert tl.as_of().basis.position == 0


def test_a_naive_datetime_is_refused(tl: Timeline) -> None:
    """Without a zone a datetime names no instant, wherever it is given."""
    naive = datetime(2020, 1, 1)  # noqa: DTZ001
    tl.append(note())
    asks: list[Callable[[], object]] = [
        lambda: tl.append(note(naive)),
        lambda: tl.append(note(), known=naive),
        lambda: tl.as_of(naive),
        lambda: tl.as_of("2020", known=naive),
        lambda: tl.as_of("2020", position=naive),
    ]
    for ask in asks:
        with refused(tl, NaiveDatetime, "tzinfo=datetime.UTC"):
            ask()


@pytest.mark.parametrize("text", ["2020/..", "[2020..]", "2020/"])
def test_an_infinite_point_is_refused(tl: Timeline, text: str) -> None:
    """A point needs a date that ends."""
    tl.append(note())
    for valid, known in ((text, None), ("2020", text)):
        with refused(tl, UnboundedPoint, text):
            tl.as_of(valid, known=known)
    with refused(tl, UnboundedPoint, text, "position"):
        tl.as_of("2020", position=text)


@given(
    st.text(max_size=12)
    | st.integers()
    | st.floats()
    | st.none()
    | st.binary(max_size=3)
    | st.lists(st.integers())
)
def test_whatever_is_no_date_is_refused_as_such(value: Any) -> None:
    """No value makes the reading of dates fail otherwise than with its own error."""
    try:
        read = When.read(value)
    except BadWhen as problem:
        read = None
        told = str(problem)
    if read is None:
        assert "is not a date" in told
    else:
        assert (read.earliest is not None) or (read.latest is not None)


# Events


def test_an_unknown_event_type_is_refused(tl: Timeline) -> None:
    """A name that the catalogue lacks gets the nearest ones; a class of another vocabulary is refused."""
    with refused(tl, UnknownType, "funding_rond", "funding_round"):
        tl.catalogue.event("funding_rond")
    with refused(tl, UnknownType, "notd", "noted"):
        list(tl.as_of().records(types=["notd"]))
    with refused(tl, UnknownType, "legder", "ledger"):
        tl.as_of().of("legder", "acme")
    small = Catalogue.of(Noted)
    with Timeline.open(":memory:", catalogue=small) as other, refused(other, CatalogueError, "EntityNamed"):
        other.append(note(), EntityNamed("2020", entity="acme", name="Acme"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"subject": "acme", "topic": "mood", "colour": "red"}, ["noted.colour", "no field", "topic"]),
        ({"subject": "acme"}, ["noted.topic", "missing"]),
        ({"subject": "", "topic": "mood"}, ["noted.subject", "blank"]),
        ({"subject": "acme", "topic": 7}, ["noted.topic", "7", "text"]),
        ({"subject": "acme", "topic": "mood", "number": 0.5}, ["noted.number", "not exact"]),
        ({"subject": None, "topic": None}, ["noted.subject", "noted.topic"]),
    ],
)
def test_data_that_does_not_fit_is_refused_with_its_paths(data: dict[str, Any], words: list[str]) -> None:
    """Unknown, missing and wrong fields are told with their paths, all at once."""
    with pytest.raises(InvalidData) as caught:
        CODEC.read("noted", "2020", data)
    for word in words:
        assert word in str(caught.value)


def test_what_is_no_event_is_refused(tl: Timeline) -> None:
    """A text or a mapping is neither an event nor a statement."""
    for value in ("funding_round", {"type": "noted"}, None, 7):
        with refused(tl, NotAllowed, repr(value)):
            tl.append(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("-5 USD", ["negative"]),
        ("$-5", ["negative"]),
        ({"value": "-5", "currency": "USD"}, ["negative"]),
        ("5 XYZ", ["XYZ", "currency", "ISO 4217"]),
        ("5 usd", ["usd", "USD"]),
        ("5", ["currency"]),
        ({"value": 0.5, "currency": "USD"}, ["float"]),
        ({"value": "NaN", "currency": "USD"}, ["NaN"]),
        ("1e9 USD", ["exponent"]),
    ],
)
def test_a_negative_amount_or_unknown_currency_is_refused(amount: Any, words: list[str]) -> None:
    """The error shows the amount, what is wrong with it, and what would work."""
    with pytest.raises(BadMoney) as caught:
        FundingRound("2020", company="acme", investors=["bolt"], amount=amount)
    for word in words:
        assert word in str(caught.value)
    with pytest.raises(BadMoney, match="negative"):
        Money(Decimal(-1), "USD")


# Names


def test_an_unknown_entity_in_a_question_gets_the_nearest_names(tl: Timeline) -> None:
    """A question about nobody names who is near, or says that nobody is."""
    tl.append(note(subject="Microsoft"))
    with refused(tl, UnknownEntity, "Mircosoft", "nearest", "Microsoft"):
        tl.as_of().of(Ledger, "Mircosoft")
    with refused(tl, UnknownEntity, "zzz"):
        tl.as_of().between("zzz", "Microsoft")
    with refused(tl, UnknownEntity, "Mircosoft", "Microsoft"):
        list(tl.as_of().records(entities=["Mircosoft"]))
    with refused(tl, BadText, "blank"):
        tl.as_of().of(Ledger, " ")


def test_a_name_that_fits_two_is_refused(tl: Timeline) -> None:
    """Both are named, and that the id would tell them apart."""
    tl.append(
        EntityNamed("2020", entity="bank-1", name="First Bank"),
        EntityNamed("2020", entity="bank-2", name="First Bank"),
    )
    with refused(tl, AmbiguousName, "first bank", "bank-1", "bank-2", "id"):
        tl.as_of().of(Ledger, "first bank")
    with refused(tl, AmbiguousName, "bank-1", "bank-2"):
        tl.append(note(subject="First-Bank"))


def test_one_is_no_pair(tl: Timeline) -> None:
    """A pair takes two entities, whatever names they are given by."""
    tl.append(note(), note(subject="bolt"))
    with refused(tl, NotAllowed, "acme", "two"):
        tl.as_of().between("acme", "ACME")
    with refused(tl, NotAllowed, "relationship", "two"):
        tl.as_of().of("relationship", "acme")
    with refused(tl, NotAllowed, "ledger", "one"):
        tl.as_of().of(Ledger, "acme", "bolt")


# Statements about records


def test_a_correction_of_what_does_not_exist_is_refused(tl: Timeline) -> None:
    """By position, mark or id."""
    tl.append(note())
    wrong: list[Any] = [0, 2, -1, 2**70, "A9", "7", "12345678-1234-5678-1234-567812345678", None, 1.5, ""]
    for target in wrong:
        with refused(tl, UnknownRecord, repr(target)):
            tl.correct(target, note(text="b"))
        with refused(tl, UnknownRecord, repr(target)):
            tl.retract(target)
        with refused(tl, UnknownRecord, repr(target)):
            tl.record(target)


def test_a_correction_of_what_no_longer_stands_is_refused(tl: Timeline) -> None:
    """The error names by which it was superseded."""
    tl.append(note(), id="A1")
    tl.correct("A1", note(text="b"), id="A2")
    with refused(tl, AlreadySuperseded, "A1 (#1)", "A2 (#2)"):
        tl.correct("A1", note(text="c"))
    with refused(tl, AlreadySuperseded, "A1 (#1)", "A2 (#2)"):
        tl.attest("A1", source="Gazette")


def test_a_correction_of_another_type_is_refused(tl: Timeline) -> None:
    """It says of which type the record is; a retraction says no event, so it cannot be corrected."""
    tl.append(note())
    with refused(tl, WrongTarget, "#1", "noted", "entity_named", "retract"):
        tl.correct(1, EntityNamed("2020", entity="acme", name="Acme"))
    tl.retract(1)
    with refused(tl, WrongTarget, "#2", "retraction"):
        tl.correct(2, note())


def test_an_id_used_again_for_other_content_is_refused(tl: Timeline) -> None:
    """What differs is shown, and the correction that would say it."""
    tl.append(note(text="up"), id="A1")
    with refused(tl, IdConflict, "A1 (#1)", "up → down", "tl.correct('A1'"):
        tl.append(note(text="down"), id="A1")
    with refused(tl, IdConflict, "A1 (#1)"):
        tl.retract("A1", id="A1")
    with refused(tl, NotAllowed, "id="):
        tl.append(note(), note("2021"), id="A2")


def test_known_in_the_future_is_refused(tl: Timeline) -> None:
    """So is a publication in the future; it says what time it is."""
    tl.append(note())
    with refused(tl, FutureKnown, "2030", "2026-01-01"):
        tl.append(note("2021"), known="2030")
    with refused(tl, FutureKnown, "2030", "publication"):
        tl.append(note("2021"), source={"title": "Gazette", "published": "2030"})


def test_one_bad_statement_leaves_all_unwritten(tl: Timeline) -> None:
    """A commit is written whole or not at all."""
    tl.append(note())
    with refused(tl, UnknownRecord, "B7"):
        tl.append(note("2021"), note("2022", subject="bolt"), Retraction("B7"), source="Gazette")
    with refused(tl, IdConflict):
        tl.append(note("2021"), Assertion(note("2022"), id="x"), Assertion(note("2023"), id="x"))
    assert len(tl.append(note("2021")).records) == 1


# Files


def test_a_file_that_is_no_timeline_is_refused(tmp_path: Path) -> None:
    """A text file, another database, a folder, and a path whose folder is missing; none is changed."""
    text = tmp_path / "notes.txt"
    text.write_text("hello\n" * 2000)
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE prices (n INTEGER)")
    for path, word in (
        (text, "notes.txt"),
        (other, "prices"),
        (tmp_path, "folder"),
        (tmp_path / "no" / "x.duckdb", "no folder"),
    ):
        content = path.read_bytes() if path.is_file() else None
        for read_only in (False, True):
            with pytest.raises(NotATimeline, match=word) as caught:
                opened(path=str(path), read_only=read_only)
            assert str(path) in str(caught.value)
        assert content is None or path.read_bytes() == content
    assert sorted(one.name for one in tmp_path.iterdir()) == ["notes.txt", "other.duckdb"]


def test_a_file_to_be_read_has_to_be_there(tmp_path: Path) -> None:
    """Reading makes no file."""
    with pytest.raises(NotATimeline, match="no such file"):
        opened(path=str(tmp_path / "new.duckdb"), read_only=True)
    assert not list(tmp_path.iterdir())


def test_an_empty_database_becomes_a_timeline(tmp_path: Path) -> None:
    """A database that holds nothing at all may be written to, unless it is to be read only."""
    path = tmp_path / "empty.duckdb"
    duckdb.connect(str(path)).close()
    with pytest.raises((NotATimeline, ReadOnlyTimeline), match=r"empty\.duckdb"):
        opened(path=str(path), read_only=True)
    assert opened(path=str(path)).append(note()).head == 1


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A file with a timeline in it."""
    place = str(tmp_path / "acme.duckdb")
    with opened(path=place) as tl:
        tl.append(
            Assertion(FundingRound("2020", company="acme", investors=["bolt"], amount="10 USD"), id="A1"),
            FundingRound("2021", company="acme", investors=["bolt"], amount="5 USD"),
        )
        tl.correct("A1", FundingRound("2020", company="acme", investors=["bolt"], amount="7.50 USD"))
    return place


def test_a_timeline_of_a_newer_version_is_refused(path: str) -> None:
    """It says which format it found, which it reads, and to upgrade."""
    with duckdb.connect(path) as connection:
        connection.execute("UPDATE meta SET format = 99, written_by = 'timeline 42'")
    content = Path(path).read_bytes()
    for read_only in (False, True):
        with pytest.raises(NewerTimeline) as caught:
            opened(path=path, read_only=read_only)
        for word in (path, "99", "timeline 42", "upgrade"):
            assert word in str(caught.value)
    assert Path(path).read_bytes() == content


def test_a_log_of_types_that_the_catalogue_lacks_is_refused(path: str) -> None:
    """Another vocabulary cannot take over a file that holds what it does not know."""
    with pytest.raises(CatalogueError, match="funding_round"):
        Timeline.open(path, catalogue=Catalogue.of(Noted))
    with opened(path=path) as tl:
        assert tl.as_of().basis.position == 3


def test_a_read_only_timeline_is_not_written(path: str) -> None:
    """Opened with read_only=True it answers, and refuses whatever writes."""
    with opened(path=path, read_only=True) as tl:
        assert tl.as_of().between("acme", "bolt").rounds == 2
        for act in (lambda: tl.append(note()), lambda: tl.retract("A1"), tl.rebuild):
            with refused(tl, ReadOnlyTimeline, path, "read_only"):
                act()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind root")
def test_a_write_protected_file_is_not_written(path: str) -> None:
    """A file that permissions protect answers, and says why it cannot be written."""
    Path(path).chmod(0o444)
    with opened(path=path) as tl:
        assert tl.as_of().between("acme", "bolt").rounds == 2
        with pytest.raises(ReadOnlyTimeline, match="permission"):
            tl.append(note())


HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def held(path: str) -> Iterator[int]:
    """Another process holds the file meanwhile; its id."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            assert process.stdout.readline() == "held\n"
            yield process.pid
        finally:
            process.stdin.close()


def test_a_locked_file_names_who_holds_it(path: str) -> None:
    """After waiting for lock_timeout the error names the process, and what would help."""
    with held(path) as holder:
        for read_only in (False, True):
            with pytest.raises(LockedFile, match=rf"(?s){holder}.*lock_timeout") as caught:
                opened(path=path, lock_timeout=0.2, read_only=read_only)
            assert path in str(caught.value)


def test_a_file_locked_later_names_who_holds_it(path: str) -> None:
    """So does a call on a timeline that was opened before; it works again when the file is free."""
    tl = opened(path=path, lock_timeout=0.2)
    with held(path) as holder:
        for act in (lambda: tl.append(note()), tl.as_of):
            with pytest.raises(LockedFile, match=str(holder)):
                act()
    assert tl.as_of().basis.position == 3
    assert tl.append(note()).head == 4


# Hostile texts

HOSTILE = [
    "Robert'); DROP TABLE log;--",
    "\"quoted\" 'twice' `thrice`",
    "$1 ?1 %s {0} {subject}",
    "back\\slash \\u0000 \\n",
    "🏳️‍🌈 emoji",
    "e\u0301 combining",
    "null",
    "true",
    "[1, 2]",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "-",
    "...",
    "#1",
]


@pytest.mark.parametrize("name", ["\u202eright to left\u202c", "Ann\u200b Lee", "\u200b", "\ufeffAcme"])
def test_a_name_with_invisible_characters_is_refused(tl: Timeline, name: str) -> None:
    """It would pass for another name; in a note such characters are kept."""
    with pytest.raises(InvalidData, match="invisible"):
        note(subject=name)
    assert tl.append(note(), note=name + "x").records[0].note


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(tl: Timeline, text: str) -> None:
    """Whatever may be said is kept as it is said, found again by it, and does nothing else."""
    tl.append(note(subject="acme"))
    commit = tl.append(
        Noted("2021", subject=text, topic=text, text=text),
        source=Source(text, publisher=text, url=text, locator=text),
        actor=text,
        note=text,
    )
    (record,) = commit.records
    stored = tl.record(record.position)
    assert stored == record
    assert stored.note == stored.actor
    state = tl.as_of().of(Ledger, text)
    assert state.notes == 1
    assert list(state.notes_by) == [state.latest] == [record.note]
    assert str(state)
    assert tl.as_of().of(Ledger, "acme").notes == 1
    assert not tl.append(Noted("2021", subject=text, topic=text, text=text)).records


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\x1bb", "\x07", "\x7f"])
def test_text_that_cannot_be_kept_is_refused(tl: Timeline, text: str) -> None:
    """NUL, half of a surrogate pair and control characters are refused wherever text is given."""
    tl.append(note())
    asks: list[Callable[[], object]] = [
        lambda: tl.append(note("2021"), note=text),
        lambda: tl.append(note("2021"), actor=text),
        lambda: tl.append(note("2021"), source=text),
        lambda: tl.append(note("2021"), id=text),
        lambda: tl.as_of().of(Ledger, text),
        lambda: tl.record(text),
    ]
    for ask in asks:
        with refused(tl, BadText):
            ask()
    with pytest.raises((BadText, UnknownEntity)):
        tl.as_of().records(entities=[text])
    for fields in ({"subject": text}, {"topic": text}, {"text": text}):
        with refused(tl, InvalidData, "noted."):
            tl.append(note("2021", **fields))


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_kept_or_refused(name: str, text: str) -> None:
    """No text makes an append fail otherwise than with our own error; what is kept is found again."""
    with opened() as tl:
        try:
            (record,) = tl.append(Noted("2020", subject=name, topic="mood", text=text), note=text).records
        except TimelineError:
            assert tl.as_of().basis.position == 0
            return
        assert tl.record(1) == record
        assert tl.as_of().of(Ledger, name).because["notes"] == (record,)


def test_very_long_texts(tl: Timeline) -> None:
    """A note may be long; a name may not."""
    long = "ab " * 33_333 + "c"
    (record,) = tl.append(note(text=long), note=long).records
    assert tl.record(1) == record
    assert tl.record(1).note == long
    with refused(tl, InvalidData, "300"):
        tl.append(note(subject="x" * 301))
    tl.append(note(subject="x" * 300))
    with refused(tl, BadText, "300"):
        tl.as_of().of(Ledger, "x" * 100_000)


# Other clients


def test_any_client_reads_the_file(path: str) -> None:
    """Without this package: records, log, the typed table, and a view whose plain sum is right."""
    with duckdb.connect(path, read_only=True) as connection:

        def rows(query: str) -> list[Any]:
            return connection.execute(query).fetchall()

        assert rows("SELECT sum(amount) FROM funding_round") == [(Decimal("12.5"),)]
        assert rows("SELECT sum(amount) FROM said.funding_round") == [(Decimal("22.5"),)]
        assert rows("SELECT position FROM log ORDER BY position") == [(1,), (2,), (3,)]
        assert rows("SELECT position, ref, stands, superseded_by FROM records ORDER BY position") == [
            (1, "A1", False, 3),
            (2, None, True, None),
            (3, None, True, None),
        ]
        assert rows("SELECT company, investors, amount_currency FROM funding_round LIMIT 1") == [
            ("acme", ["bolt"], "USD")
        ]
        columns = [row[0] for row in rows("DESCRIBE records")]
        for column in (
            "id",
            "ref",
            "type",
            "occurred",
            "earliest",
            "latest",
            "known_at",
            "entities",
            "summary",
        ):
            assert column in columns


def test_sql_cannot_write_or_reach_out(tl: Timeline, tmp_path: Path) -> None:
    """One SELECT is answered; all else is refused, and nothing is written anywhere."""
    tl.append(note())
    target = tmp_path / "stolen.csv"
    for query in (
        "DELETE FROM log",
        "SELECT 1; DELETE FROM log",
        "COMMIT; DELETE FROM log",
        "CREATE TABLE x (n INTEGER)",
        "WITH gone AS (DELETE FROM log RETURNING *) SELECT * FROM gone",
        f"COPY log TO '{target}'",
        f"ATTACH '{target}'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SET enable_external_access = true",
        "PRAGMA version",
        "nonsense",
        "",
    ):
        with refused(tl, NotAllowed):
            tl.sql(query)
    assert not target.exists()
    assert list(tl.sql("SELECT count(*) FROM log WHERE position = ?", [1])) == [(1,)]


def test_events_of_the_vocabulary_are_made_by_name() -> None:
    """The helper of these tests makes what the class makes."""
    assert event("noted", "2020", subject="acme", topic="mood") == note()
