"""Whatever is changed in the file behind the engine's back is found, and where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import attrs
import duckdb
import pytest
from hypothesis import given, settings, strategies as st

from tests import strategies
from tests.ledger import CATALOGUE, Clock, EntityNamed, event, opened
from tests.log.test_schema import NEW, _old_file
from tests.strategies import History, histories
from timeline import Assertion, Attestation, Correction, Retraction, Source, Timeline
from timeline.compile import FUNDS, quoted
from timeline.errors import BadWhen, NotAllowed
from timeline.log import File, Log, Session
from timeline.maintenance import Report, verify
from timeline.maintenance.columns import _out_of_bounds
from timeline.maintenance.report import Fault
from timeline.records import Codec
from timeline.values import When, stored_instant

CODEC: Final = Codec(CATALOGUE)
UNTOLD: Final = {("meta", "written_by"), ("meta", "catalogue"), ("meta", "base")}
"""Columns that say what made the file, and from where on spans are to be made; nothing else follows."""

_OTHER: Final = {
    "USMALLINT": "xor({}, 1)",
    FUNDS.replace(", 10", ",10"): "CASE WHEN {0} IS NULL THEN {{'wholly': MAP {{}}, 'jointly': MAP {{}}, "
    "'undisclosed': 0, 'inexact': 0}} END",
    "UBIGINT": "xor({}, 1)",
    "BIGINT": "CASE WHEN {0} < 1000000 THEN {0} + 1 ELSE {0} - 1 END",
    "INTEGER": "coalesce({0}, 0) + 1",
    "DECIMAL(38,10)": "coalesce({0}, 0) + 1",
    "BOOLEAN": "NOT coalesce({0}, false)",
    "UUID": "'00000000-0000-4000-8000-000000000000'",
    "VARCHAR": "coalesce({0}, '') || 'x'",
    "VARCHAR[]": "list_append({0}, 'x')",
    "TIMESTAMP": "CASE WHEN isfinite({0}) THEN {0} + INTERVAL 1 MICROSECOND ELSE TIMESTAMP '2020-01-01' END",
}
"""By type of a column, another value for it."""


def _filled(path: Path, *, same: bool = True) -> None:
    """A timeline with something in every table and every column; of spans and of who is who, if `same`."""
    paper = Source(
        "The Acme Papers",
        publisher="Gazette",
        url="https://example.org/a",
        published="2020-02",
        locator="p. 3",
    )
    with opened(Clock(), str(path)) as tl:
        tl.append(
            Assertion(
                event("noted", "2020", subject="Acme Inc", topic="mood", text="up", number="1.50"), id="n1"
            ),
            Assertion(EntityNamed("2020-03", entity="Acme Inc", name="Acme")),
            Assertion(event("noted", "[..2019]", subject="bolt", topic="mood"), credence="denied"),
            source=[paper, "Somebody"],
            actor="ann",
            note="a first look",
        )
        tl.append(
            Assertion(
                event(
                    "lease_begun", "2021-05~", subject="Acme", holder="Ann Lee", room="east", until="2022-06"
                ),
                id="l1",
            ),
            Assertion(
                event("lease_begun", "2021-06-07T08:09:10Z", subject="Acme", holder="Cyd", room="west"),
                id="l2",
            ),
            Assertion(event("plan_made", "2021", subject="Acme", planned="2030")),
            Assertion(event("emptied", "2021", subject="Acme", room="north")),
            known="2021-12",
        )
        tl.append(
            Correction(
                "l1",
                event("lease_begun", "2021-05-02", subject="Acme", holder="Ann Lee", room="east"),
                id="l3",
            ),
            note="the day",
        )
        tl.append(Retraction("l2", id="r1"), Attestation("n1", source="Another paper"), actor="bob")
        tl.append(Retraction("r1"))
        tl.append(
            Assertion(
                event(
                    "funding_round", "2020", company="Acme", investors=["Bolt", "Dee"], amount="about $1.5bn"
                ),
                id="f0",
            ),
            Assertion(event("ceo_appointment", "2020", company="Acme", person="Ann Lee")),
            Assertion(event("ceo_ousting", "2021", company="Acme", person="Ann Lee")),
            Assertion(
                event("exclusivity_deal", "2020", grantor="Acme", grantee="Bolt", scope="cloud", until="2023")
            ),
            Assertion(event("exclusivity_end", "2021", grantor="Acme", grantee="Bolt", scope="cloud")),
            Assertion(event("lease_ended", "2021", subject="Acme", room="east", holder="Ann Lee")),
        )
        rows = """SELECT 'Firm ' || n AS company, ['Bolt', 'Fund ' || n % 3] AS investors,
            n::DECIMAL(38, 6) AS amount, 'USD' AS amount_currency, DATE '2015-01-01' + n::INTEGER AS occurred
            FROM range(1, 41) AS t(n)"""
        tl.append_table(
            CATALOGUE.event("funding_round").cls, rows, source="Table", known="occurred", actor="cyd"
        )
        if same:
            tl.rebuild()
            tl.append(
                event("noted", "2020", subject="Acme Incorporated", topic="mood", text="up"),
                event("same_entity", "2020", entity="Acme Incorporated", as_="Acme Inc"),
                source="Table",
            )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file in which all is as it was written."""
    path = tmp_path_factory.mktemp("integrity") / "original.duckdb"
    _filled(path)
    return path


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    """A copy of it, to be tampered with."""
    return Path(shutil.copy(original, tmp_path / "copy.duckdb"))


def verified(path: Path, since: str | None = None) -> Report:
    """What verifying a file finds."""
    file = File.at(path, read_only=True, lock_timeout=1)
    with Session(file, CODEC, Clock()).reading() as log:
        return verify(log, since)


@pytest.fixture(scope="module")
def session(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A copy of it that is held open, to be tampered with and to have that taken back."""
    path = shutil.copy(original, tmp_path_factory.mktemp("held") / "held.duckdb")
    session = Session(File.at(path, read_only=False, lock_timeout=1), CODEC, Clock())
    with session.held():
        yield session


def edited(session: Session, *edits: str) -> Report:
    """What verifying finds after some edits, which are taken back; each has to change something."""
    reports: list[Report] = []
    with suppress(_Undone), session.writing() as log:
        for edit in edits:
            assert log.connection.execute(edit).fetchall() != [(0,)], f"changes nothing: {edit}"
        reports.append(verify(log, None))
        raise _Undone
    return reports[0]


class _Undone(Exception):
    """What was changed is to be taken back."""


def tampered(path: Path, *edits: str) -> None:
    """Change a file by SQL, behind the engine's back."""
    with duckdb.connect(str(path)) as connection:
        for edit in edits:
            assert connection.execute(edit).fetchall() != [(0,)], f"changes nothing: {edit}"


def asked(path: Path, query: str) -> list[Any]:
    """The rows of a query, behind the engine's back."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def places(report: Report, what: str) -> set[int | None]:
    """The positions at which something is wrong in a table."""
    return {fault.position for fault in report.faults if fault.what == what}


def _columns() -> Iterator[tuple[str, str, str]]:
    """Every column of every table of the file, with its type."""
    with opened(Clock()) as tl:
        rows = tl.sql(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE NOT internal AND database_name = current_database() "
            "AND (schema_name, table_name) IN (SELECT schema_name, table_name FROM duckdb_tables()) "
            "ORDER BY ALL"
        ).rows
    for schema, table, column, kind in rows:
        yield (table if schema == "main" else f"{schema}.{quoted(table)}"), column, kind


COLUMNS: Final = sorted(set(_columns()))
LOG: Final = {"log", "commits", "sources", "meta"}
"""The tables that nothing can be made anew from but a copy."""

DERIVED: Final = {
    table: [(column, kind) for other, column, kind in COLUMNS if other == table]
    for table, _, _ in COLUMNS
    if table not in LOG and table != "ids_today"
}
"""By table that is made anew from the log and holds anything, its columns with their types."""


def held(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Those of them that hold anything: not every state is of anybody, nor doubtful."""
    found = {table: columns for table, columns in DERIVED.items() if asked(path, f"FROM {table} LIMIT 1")}
    empty = DERIVED.keys() - found.keys()
    assert all(table.startswith("spans.") for table in empty)
    assert any(table.endswith(' doubts"') for table in found)
    return found


def _key(table: str) -> str:
    """The column that tells where in a table one is."""
    if table.startswith("spans."):
        return "NULL" if table.endswith(' keys"') else "place"
    if table == "commits":
        return "first_position"
    return "NULL" if table in {"entities", "foldings", "letters", "meta", "shapes", "sources"} else "position"


def test_an_untouched_file_is_as_it_was_written(original: Path) -> None:
    """Nothing is at fault, and the head is that of the log."""
    report = verified(original)
    assert report.ok
    assert report
    assert report.intact
    assert report.faults == ()
    assert (report.records, report.commits) == (59, 8)
    assert report.head == str(Timeline.open(original, read_only=True, catalogue=CATALOGUE).head())
    assert str(report) == f"all is as it was written: 59 records in 8 commits\nhead {report.head}"
    assert verified(original, report.head).ok


def _edit(path: Path, table: str, column: str, kind: str) -> tuple[str, int | None]:
    """SQL that gives some row of a table another value in a column, and the place of the row."""
    query = f"SELECT rowid, {_key(table)} FROM {table} ORDER BY rowid"
    valued = query.replace("ORDER", f"WHERE {quoted(column)} IS NOT NULL ORDER")
    rows = asked(path, valued) or asked(path, query)
    rowid, position = rows[len(rows) // 3]
    given = f"coalesce({quoted(column)}, 'infinity')" if kind == "TIMESTAMP" else quoted(column)
    other = "coalesce(target, 1) + 1" if column == "target" else _OTHER[kind].format(given)
    return f"UPDATE {table} SET {quoted(column)} = {other} WHERE rowid = {rowid}", position


def _assert_placed(report: Report, table: str, column: str, position: int | None) -> None:
    """A fault is told where the row was, or where it is said to be now."""
    moved = column in {"position", "place", "first_position"} and position is not None
    assert places(report, table) & (
        {position, position + 1} if moved and position is not None else {position}
    )


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [one for one in COLUMNS if one[0] in LOG],
    ids=[f"{table}.{column}" for table, column, _ in COLUMNS if table in LOG],
)
def test_every_edited_value_of_the_log_is_found(
    table: str, column: str, kind: str, original: Path, session: Session
) -> None:
    """In every column, and in the row in which it was edited; it cannot be mended."""
    edit, position = _edit(original, table, column, kind)
    report = edited(session, edit)
    if (table, column) in UNTOLD:
        assert report.ok
        return
    _assert_placed(report, table, column, position)
    assert report.intact is (column == "fingerprint")


@pytest.mark.parametrize("index", range(max(len(columns) for columns in DERIVED.values())))
def test_every_edited_value_of_what_is_derived_is_found(index: int, original: Path, session: Session) -> None:
    """In one column of every table at a time, and in the row in which it was edited; the log is intact."""
    chosen = {table: columns[index] for table, columns in held(original).items() if index < len(columns)}
    edits = {table: _edit(original, table, *column) for table, column in chosen.items()}
    report = edited(session, *(edit for edit, _ in edits.values()))
    for table, (_, position) in edits.items():
        _assert_placed(report, table, chosen[table][0], position)
    assert report.intact


def _first(path: Path, table: str) -> tuple[int, int | None]:
    rowid, position = asked(path, f"SELECT rowid, {_key(table)} FROM {table} ORDER BY rowid LIMIT 1")[0]
    return rowid, position


@pytest.mark.parametrize("table", sorted(LOG))
def test_every_removed_row_of_the_log_is_found(table: str, original: Path, session: Session) -> None:
    """Where it was; of a commit, where the next begins; of a source, where it is cited."""
    rowid, position = _first(original, table)
    found = edited(session, f"DELETE FROM {table} WHERE rowid = {rowid}")
    assert {"commits": 4, "sources": 1}.get(table, position) in places(found, table)
    assert not found.intact
    if table == "log":
        assert Fault("log", position, "the record is missing") in found.faults


@pytest.mark.parametrize("table", sorted(LOG))
def test_every_added_row_of_the_log_is_found(table: str, original: Path, session: Session) -> None:
    """A copy of one that is there, which is the hardest to tell from it."""
    rowid, position = _first(original, table)
    found = edited(session, f"INSERT INTO {table} FROM {table} WHERE rowid = {rowid}")
    assert position in places(found, table)
    assert not found.intact


@pytest.mark.parametrize("spans", [False, True])
@pytest.mark.parametrize(
    "edit", ["DELETE FROM {0} WHERE rowid = {1}", "INSERT INTO {0} FROM {0} WHERE rowid = {1}"]
)
def test_every_removed_or_added_row_of_what_is_derived_is_found(
    edit: str, spans: bool, original: Path, session: Session
) -> None:
    """Of every table, where it was or is: of spans, and of what they follow from."""
    rows = {table: _first(original, table) for table in held(original) if table.startswith("spans.") is spans}
    found = edited(session, *(edit.format(table, rowid) for table, (rowid, _) in rows.items()))
    assert {table for table, (_, position) in rows.items() if position not in places(found, table)} == set()
    assert found.intact


def test_what_a_record_contributes_is_one_fault(session: Session) -> None:
    """Whether its key is another, its value, or both."""
    for edit in ("a = a || '-2'", "value = 'x'", "a = 'x', value = 'x'"):
        report = edited(session, f"UPDATE feeds SET {edit}")
        assert [one.position for one in report.faults if one.what == "feeds"] == [58]


def test_who_is_who_is_worked_out_of_the_log(original: Path, session: Session) -> None:
    """And not of the table that is to be verified, which may hold nothing of it any more."""
    tables = ("sameness", "rereads", "refeeds")
    due = {
        table: {position for (position,) in asked(original, f"SELECT position FROM {table}")}
        for table in tables
    }
    found = edited(session, *(f"DELETE FROM {table}" for table in tables))
    assert all(due.values())
    assert {table: places(found, table) for table in tables} == due
    assert {fault.what for fault in found.faults} == set(tables)


@pytest.mark.parametrize(
    "columns", ["position", "position, recorded_at, known_at, salt", "position, digest, salt", "data"]
)
def test_swapped_records_are_found(columns: str, session: Session) -> None:
    """Two records of one commit that change places, with or without what was written of their places."""
    theirs = ", ".join(
        f"{name} = (SELECT {name} FROM other WHERE place <> log.position)" for name in columns.split(", ")
    )
    found = edited(
        session,
        "CREATE TEMP TABLE other AS SELECT position AS place, * FROM log WHERE position IN (20, 21)",
        f"UPDATE log SET {theirs} WHERE position IN (20, 21)",
    )
    assert {20, 21} <= places(found, "log")
    assert not found.intact


def test_commits_in_another_order_are_found(session: Session) -> None:
    """Two whole commits that change places, their records with them."""
    moved = "CASE WHEN position = 8 THEN 10 ELSE position - 1 END"
    found = edited(
        session,
        f"UPDATE log SET position = {moved} WHERE position BETWEEN 8 AND 10",
        "UPDATE commits SET first_position = 10, last_position = 10 WHERE last_position = 8",
        "UPDATE commits SET first_position = 8, last_position = 9 WHERE first_position = 9",
    )
    assert {8, 10} <= places(found, "commits")
    assert {8, 9, 10} <= places(found, "log")


_CUT: Final = (
    "DELETE FROM log WHERE position > 17",
    "DELETE FROM commits WHERE last_position > 17",
    "DELETE FROM said.funding_round WHERE position > 17",
    "DELETE FROM feeds WHERE position > 17",
    "DELETE FROM sources WHERE title = 'Table'",
    "DELETE FROM entities WHERE first_position > 17",
    "DELETE FROM entity_names WHERE position > 17",
)


def test_only_a_kept_head_tells_that_the_last_commits_are_gone(tmp_path: Path) -> None:
    """Where all of them and all that was derived of them is removed, nothing of it is left to be found."""
    copy = tmp_path / "plain.duckdb"
    _filled(copy, same=False)
    kept, early = (
        verified(copy).head,
        asked(copy, "SELECT digest FROM commits WHERE last_position = 17")[0][0],
    )
    tampered(copy, *_CUT)
    assert verified(copy).ok
    assert verified(copy, f"17:{early}").ok
    found = verified(copy, kept)
    assert [(fault.what, fault.position, fault.derived) for fault in found.faults] == [("commits", 57, False)]
    assert "cut short" in found.faults[0].problem


def test_only_a_kept_head_tells_that_all_was_written_anew(original: Path, tmp_path: Path) -> None:
    """A log that says something else from the start has digests of its own."""
    other = tmp_path / "other.duckdb"
    _filled(other)
    assert verified(other).ok
    found = verified(other, verified(original).head)
    assert [(fault.what, fault.position) for fault in found.faults] == [("commits", 59)]
    assert "another digest" in found.faults[0].problem


@pytest.mark.parametrize("since", ["", "59", "59:abc", "x:" + "0" * 64, "-1:" + "0" * 64, None])
def test_a_head_that_is_none_is_refused(since: str | None, original: Path) -> None:
    """Rather than that nothing is compared; without one, nothing is."""
    if since is None:
        assert verified(original, since).ok
        return
    with pytest.raises(NotAllowed, match="position:digest"):
        verified(original, since)


def test_an_empty_timeline_is_as_it_was_written(tl: Timeline) -> None:
    """Its head is position 0, and all that comes later has that before it."""
    head = str(tl.head())
    assert head == "0:" + "0" * 64
    assert tl.verify().ok
    tl.append(event("noted", "2020", subject="acme", topic="mood"))
    assert tl.verify(head).ok


@pytest.mark.parametrize("derived", [True, False])
def test_a_report_of_faults_is_false(derived: bool) -> None:
    """So `if tl.verify():` asks what it seems to, also where only what is derived is at fault."""
    fault = Fault("log", 1, "was changed", derived)
    report = Report(
        records=1, commits=1, redacted=0, head="", since=None, alone=False, faults=(fault,), more=0
    )
    assert not report
    assert attrs.evolve(report, faults=())


def test_a_view_or_macro_that_says_something_else_is_found(copy: Path) -> None:
    """What people ask the file by is derived, and a rebuild makes it anew."""
    tampered(
        copy,
        "CREATE OR REPLACE VIEW records AS SELECT position, 'nothing' AS summary FROM log",
        "CREATE OR REPLACE MACRO entity(given) AS 'acme'",
        "CREATE OR REPLACE VIEW superseded AS SELECT position, superseded_by FROM hidden",
    )
    found = verified(copy)
    assert {fault.what for fault in found.faults} == {"records", "entity", "superseded"}
    assert found.intact
    Timeline.open(copy, catalogue=CATALOGUE).rebuild()
    assert verified(copy).ok


def test_a_rebuild_mends_what_is_derived(copy: Path) -> None:
    """Every table of it, gone altogether."""
    tampered(copy, *(f"DELETE FROM {table}" for table in held(copy)))
    assert verified(copy).intact
    Timeline.open(copy, catalogue=CATALOGUE).rebuild()
    assert verified(copy).faults == ()


def test_what_cannot_be_read_is_a_fault_like_others(copy: Path) -> None:
    """And keeps no other fault from being told."""
    tampered(
        copy,
        "UPDATE log SET sources = '[' WHERE position = 2",
        "UPDATE log SET data = '{' WHERE position = 18",
        "DELETE FROM hidden",
    )
    found = verified(copy)
    assert {2, 18} <= places(found, "log")
    assert places(found, "hidden")
    assert not places(found, "file")


def test_very_many_faults_are_counted(copy: Path) -> None:
    """The first thousand are told."""
    tampered(
        copy,
        "INSERT INTO log SELECT 100 + n AS position, log.* EXCLUDE (position) FROM log, range(1200) AS t(n) "
        "WHERE position = 1",
    )
    found = verified(copy)
    assert len(found.faults) == 1000
    assert found.more > 1200
    assert str(found).splitlines()[0].startswith(f"{1000 + found.more:,} faults in 1,259 records")


def test_older_versions_are_brought_up_to_date_to_be_compared(tmp_path: Path) -> None:
    """A record of an older version has a row of the present one."""
    path = _old_file(tmp_path)
    with Timeline.open(path, catalogue=NEW) as tl:
        assert tl.verify().ok
    tampered(
        path,
        "UPDATE said.sale SET amount = 6 WHERE position = 1",
        "UPDATE spans.seller SET value = 'x' WHERE place = 2",
    )
    found = Timeline.open(path, catalogue=NEW, read_only=True).verify()
    assert {(fault.what, fault.position) for fault in found.faults} == {
        ('said."sale"', 1),
        ('spans."seller"', 2),
    }


def test_without_the_vocabulary_the_log_is_verified_alone(copy: Path) -> None:
    """And what is at fault in it is found; of what is derived nothing is said."""
    alone = Timeline.open(copy, catalogue=False)
    report = alone.verify(str(alone.head()))
    assert report.ok
    assert report.alone
    assert "the log alone" in str(report)
    tampered(copy, "UPDATE log SET note = 'x' WHERE position = 3", "DELETE FROM feeds")
    assert {(fault.what, fault.position) for fault in alone.verify().faults} == {("log", 3)}


def test_a_report_is_plain_json(copy: Path) -> None:
    """As the command line gives it."""
    tampered(copy, "UPDATE log SET note = 'x' WHERE position = 3")
    told = json.loads(json.dumps(verified(copy).as_dict()))
    assert (told["ok"], told["intact"], told["more"]) == (False, False, 0)
    assert told["faults"][0]["what"] == "log"
    assert told["faults"][0]["position"] == 3


@given(histories(strategies.ANYTHING | strategies.DEALS | strategies.LEADERS))
def test_every_history_verifies(history: History) -> None:
    """Whatever is said, corrected and retracted, in one commit or in several."""
    with opened(Clock()) as tl:
        for one in history.statements:
            tl.append(one)
        tl.append(*history.statements)
        assert tl.verify().faults == ()
    with opened(Clock()) as tl:
        tl.append(*history.statements)
        assert tl.verify().faults == ()


def _flip(draw: Callable[[Any], Any], text: str) -> str:
    """A text with one character changed, put in or left out."""
    place: int = draw(st.integers(0, len(text)))
    put_in: str = draw(st.sampled_from(["", "x", "0", " ", '"', "é", "\n", "\U0001f600"]))
    left_out: int = draw(st.integers(0, 1))
    return text[:place] + put_in + text[place + left_out :]


TEXTS: Final = [column for table, column, kind in COLUMNS if table == "log" and kind == "VARCHAR"]


@settings(max_examples=2 * settings().max_examples)
@given(data=st.data())
def test_no_flipped_character_of_the_log_goes_unseen(
    original: Path, session: Session, data: st.DataObject
) -> None:
    """Wherever in whatever text of whatever record."""
    column = data.draw(st.sampled_from(TEXTS))
    texts = dict(
        asked(original, f"SELECT position, {quoted(column)} FROM log WHERE {quoted(column)} IS NOT NULL")
    )
    position = data.draw(st.sampled_from(sorted(texts)))
    flipped = _flip(data.draw, texts[position])
    if flipped == texts[position]:
        return
    with suppress(_Undone), session.writing() as log:
        log.connection.execute(f"UPDATE log SET {quoted(column)} = ? WHERE position = ?", [flipped, position])
        found = places(verify(log, None), "log")
        raise _Undone
    assert position in found


# Dates and their instants


_PLAIN: Final = st.from_regex(r"(19|20)[0-9]{2}(-[01][0-9](-[0-3][0-9])?)?", fullmatch=True)
_TEXTS: Final = (
    strategies.dates().map(lambda one: one.text)
    | st.builds("[{}..{}]".format, _PLAIN, _PLAIN)
    | _PLAIN
    | st.text("0129-.[]T:Z~?", max_size=24)
)


_STORED: Final = (
    _TEXTS.map(lambda text: (text, text, text))
    | st.tuples(_PLAIN, _PLAIN).map(lambda ends: (f"[{ends[0]}..{ends[1]}]", *ends))
    | st.tuples(_PLAIN, _PLAIN).map(lambda two: (two[0], *two))
    | st.tuples(_PLAIN, _PLAIN).map(lambda two: (two[1], *two))
)
"""A date, and the two dates whose first and last instant are stored with it."""


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(_STORED, min_size=5, max_size=30))
def test_every_instant_that_does_not_follow_from_its_date_is_told(dates: list[tuple[str, str, str]]) -> None:
    """What SQL makes of plain dates is what they are read as; some have the instants of others."""
    rows = [
        (place, text, (_read(one) or (None, None))[0], (_read(other) or (None, None))[1])
        for place, (text, one, other) in enumerate(dates)
    ]
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE TABLE t (position BIGINT, d VARCHAR, first TIMESTAMP, last TIMESTAMP)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
        found = list(_out_of_bounds(Log(connection, CODEC, {}), "t", "d", "first", "last"))
    assert found == [place for place, text, *stored in rows if list(_read(text) or ()) != stored]


def _read(text: str) -> tuple[str, str] | None:
    """The instants of a date, as they are stored; None if it is none."""
    try:
        when = When(text)
    except BadWhen:
        return None
    return stored_instant(when.earliest, "-infinity"), stored_instant(when.latest)
