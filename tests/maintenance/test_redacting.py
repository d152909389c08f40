"""What is redacted is gone from every byte of the file, and the chain of digests holds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from tests.ledger import Clock, Noted, event, opened
from tests.maintenance.test_integrity import CODEC, edited
from timeline import Assertion, Source, Timeline
from timeline.cli import run
from timeline.errors import AlreadySuperseded, BadText, LockedFile, NotAllowed, UnknownRecord, WrongTarget
from timeline.log import File, Session

SECRET = "Zacharias-Quellwasser"  # noqa: S105  (a name)


def _said(path: Path, clock: Clock) -> None:
    """Three commits: the second speaks of somebody who is to be forgotten, in every column there is."""
    paper = Source(f"On {SECRET}", publisher="Gazette", locator=f"p. {SECRET}")
    with opened(clock, str(path)) as tl:
        tl.append(event("noted", "2019", subject="Acme", topic="mood", text="up"), source="Gazette")
        tl.append(
            Assertion(
                event("noted", "2020-02-03", subject=SECRET, topic=f"{SECRET} a", text=f"{SECRET} b"),
                id=f"mark-{SECRET}",
                source=[paper, "Table"],
            ),
            Assertion(event("noted", "2021", subject="Bolt", topic="mood"), note="kept"),
            actor="ann",
            note=f"as {SECRET} asked",
        )
        tl.attest(2, source="Another")
        tl.append(*(event("noted", "2022", subject=f"s{number}", topic="t") for number in range(50)))


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That timeline."""
    path = tmp_path_factory.mktemp("said") / "t.duckdb"
    _said(path, Clock())
    return path


@pytest.fixture
def path(said: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(said, tmp_path))


@pytest.fixture(scope="module")
def redacted(said: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A copy in which somebody is forgotten, held open to be tampered with and to have that taken back."""
    path = shutil.copy(said, tmp_path_factory.mktemp("redacted"))
    opened(Clock(), str(path)).redact(2, reason="asked to", actor="ann")
    session = Session(File.at(path, read_only=False, lock_timeout=1), CODEC, Clock())
    with session.held():
        yield session


def _bytes(path: Path) -> bytes:
    """The bytes of every file beside a file, and itself."""
    return b"".join(one.read_bytes() for one in sorted(path.parent.iterdir()))


def test_no_byte_of_what_is_redacted_is_left(path: Path, clock: Clock) -> None:
    """Nor of its names, mark, sources, note and salt, nor beside the file; the chain still verifies."""
    tl = opened(clock, str(path))
    before, head = list(tl.as_of().records()), str(tl.head())
    gone = tl.record(2)
    salt, digest = tl.sql("SELECT salt, digest FROM log WHERE position = 2").rows[0]
    with duckdb.connect(str(path)) as connection:
        connection.execute("CHECKPOINT")
    assert salt.encode() in _bytes(path)
    found = tl.redact(2, reason="asked to", actor="ann")
    for text in SECRET, SECRET.lower(), "zacharias", salt, str(gone.id), "p. Z":
        assert text.encode() not in _bytes(path), text
    assert gone.id.bytes not in _bytes(path)
    assert gone.id.bytes[::-1] not in _bytes(path)
    assert [one.name for one in path.parent.iterdir()] == ["t.duckdb"]
    report = tl.verify(head)
    assert (report.faults, report.redacted) == ((), 2)
    assert "2 redacted" in str(report)
    assert (found.records, found.accounts) == ((2, 4), (55, 56))
    assert tl.sql("SELECT digest FROM log WHERE position = 2").rows == ((digest,),)
    left = tl.record(2)
    assert (left.kind, left.type, left.known_at, left.recorded_at) == (
        gone.kind,
        gone.type,
        gone.known_at,
        gone.recorded_at,
    )
    assert (left.event, left.data, left.ref, left.sources, left.summary) == (None, None, None, (), "redacted")
    others = [one for one in before if one.position not in {2, 4}]
    assert [one for one in tl.as_of().records() if one.position in {o.position for o in others}] == others


def test_who_when_and_why_is_a_record(path: Path, clock: Clock, redacted: Session) -> None:
    """It is chained like any other, and is followed like any other."""
    tl = opened(clock, str(path))
    tl.redact(2, reason="asked to", actor="ann")
    account = tl.record(55)
    assert (account.kind, account.target, account.actor, account.note) == ("redaction", 2, "ann", "asked to")
    assert account.recorded_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert [one.position for one in tl.follow(after=54, timeout=0)] == [55, 56]
    for edit in "actor = 'bob'", "note = 'for fun'", "target = 3", "data = NULL", "data = '{}'":
        assert not edited(redacted, f"UPDATE log SET {edit} WHERE position = 55").intact, edit
    assert tl.verify().ok
    assert edited(redacted).ok


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE log SET type = 'emptied' WHERE position = 2",
        "UPDATE log SET known_at = '2001-01-01' WHERE position = 2",
        "UPDATE log SET note = 'x' WHERE position = 2",
        "UPDATE log SET id = uuid() WHERE position = 2",
        "UPDATE log SET digest = repeat('0', 64) WHERE position = 2",
        "UPDATE commits SET note = 'x' WHERE first_position = 2",
        "UPDATE commits SET actor = 'x' WHERE first_position = 2",
        "UPDATE log SET data = NULL, salt = NULL WHERE position = 1",
        "DELETE FROM log WHERE position = 2",
    ],
)
def test_what_is_left_is_covered_too(redacted: Session, edit: str) -> None:
    """A change in what is left of a redacted record is found, and a redaction that nobody says."""
    assert not edited(redacted, edit).intact


def test_it_feeds_nothing_and_stands_nowhere(path: Path, clock: Clock) -> None:
    """On no basis, and nothing more can be said of it; what it had corrected stays corrected."""
    tl = opened(clock, str(path))
    with tl:
        tl.correct(1, event("noted", "2019", subject="Acme", topic="mood", text="down"), note="c")
        tl.retract(3)
    tl.redact(2, 55, reason="asked to", actor="ann")
    assert tl.sql("SELECT position, stands FROM records WHERE position IN (1, 2, 55) ORDER BY 1").rows == (
        (1, False),
        (2, False),
        (55, False),
    )
    assert SECRET.lower() not in {one.id for one in tl.as_of().entities()}
    for position in 2, 54, 55, 59:
        assert tl.sql(
            f"SELECT count(*) FROM records_as_of('2030-01-01', \"position\" := {position}) "
            "WHERE position IN (1, 2, 55)"
        ).rows[0][0] == (0 if position >= 55 else 1)
    for call in tl.retract, tl.attest:
        with pytest.raises((AlreadySuperseded, WrongTarget)):
            call(2, source="x")
    with pytest.raises((AlreadySuperseded, WrongTarget)):
        tl.correct(2, Noted("2020", subject="Acme", topic="x"))
    with pytest.raises(WrongTarget, match="stays"):
        tl.retract(59)
    assert tl.as_of().check().violations is not None
    with tl.what_if(event("noted", "2023", subject="Acme", topic="x")) as world:
        assert len(list(world.as_of().records())) == 60
    tl.append(event("noted", "2024", subject="Acme", topic="y"))
    tl.rebuild()
    assert tl.verify().ok


def test_what_else_mentions_them_is_listed(path: Path, clock: Clock) -> None:
    """Other records, commits and sources that have a name of the same entity, or the note, in them."""
    tl = opened(clock, str(path))
    tl.append(
        event("noted", "2025", subject=SECRET, topic="again"), source=f"{SECRET} Times", note=f"of {SECRET}"
    )
    found = tl.redact(2, reason="asked to", actor="ann")
    assert [one.place for one in found.mentions] == ["#55", "the commit of #55", "a source"]
    again = tl.redact(55, reason="asked to", actor="ann")
    assert again.mentions == ()
    assert SECRET.encode() not in _bytes(path)
    assert tl.verify().ok


def test_what_cannot_be_redacted_is_told(path: Path, clock: Clock) -> None:
    """And the file stays as it is."""
    tl = opened(clock, str(path), lock_timeout=0.1)
    head = tl.head()
    with pytest.raises(UnknownRecord):
        tl.redact(99, reason="r", actor="a")
    for reason, actor in (" ", "a"), ("r", ""):
        with pytest.raises(BadText, match="blank"):
            tl.redact(2, reason=reason, actor=actor)
    with pytest.raises(NotAllowed, match="which records"):
        tl.redact(reason="r", actor="a")
    with pytest.raises(NotAllowed, match="with"), tl:
        tl.redact(2, reason="r", actor="a")
    with opened(clock) as other, pytest.raises(NotAllowed, match="memory"):
        other.redact(1, reason="r", actor="a")
    with duckdb.connect(str(path), read_only=True), pytest.raises(LockedFile):
        tl.redact(2, reason="r", actor="a")
    assert tl.head() == head
    assert [one.name for one in path.parent.iterdir()] == ["t.duckdb"]
    tl.redact(2, reason="r", actor="a")
    with pytest.raises(WrongTarget, match="already"):
        tl.redact(2, reason="r", actor="a")
    with pytest.raises(WrongTarget, match="stays"):
        tl.redact(55, reason="r", actor="a")


def test_a_redacted_log_moves_and_is_copied(path: Path, clock: Clock, tmp_path: Path) -> None:
    """With the same head, and the redaction in it."""
    tl = opened(clock, str(path))
    tl.redact(2, reason="r", actor="a")
    tl.export(tmp_path / "e.jsonl")
    with opened(clock) as other:
        report = other.import_log(tmp_path / "e.jsonl")
    assert (report.redacted, report.head) == (2, str(tl.head()))


def test_redacting_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It tells what else mentions them, and that copies are another matter."""
    db = str(tmp_path / "t.duckdb")
    for year in "2020", "2021":
        said = ["--occurred", year, "--company", "Acme", "--person", "Ann"]
        assert run(["append", "ceo_appointment", *said, "--db", db]) == 0
    assert run(["redact", "1", "--db", db]) == 2
    capsys.readouterr()
    assert run(["redact", "1", "--reason", "asked to", "--actor", "bob", "--db", db]) == 0
    told = capsys.readouterr().out
    assert "#2: Ann becomes CEO of Acme" in told
    assert "backups" in told
    assert run(["log", "--db", db]) == 0
    assert run(["verify", "--db", db]) == 0
    assert "1 redacted" in capsys.readouterr().out
    assert run(["redact", "2", "--reason", "r", "--actor", "b", "--json", "--db", db]) == 0
    assert Timeline.open(db).verify().ok
