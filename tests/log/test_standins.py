"""Nothing in a file stands in for a function, a type, a table or a view that our SQL means."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from tests.ledger import CATALOGUE, Clock, Noted, Organisation, event, opened
from tests.maintenance.test_integrity import _filled
from timeline import Timeline
from timeline.cli import run
from timeline.compile import made
from timeline.errors import StandIn, TimelineError
from timeline.log.duckdb.instances import _listing

PLANTED: Final = (
    "CREATE MACRO sha256(x) AS (SELECT digest FROM log LIMIT 1)",
    "CREATE MACRO list_sort(x) AS []",
    'CREATE MACRO "List_Value"(x, y) AS []',
    "CREATE MACRO hash(x, y, z) AS 1",
    'CREATE MACRO "||"(a, b) AS a',
    'CREATE MACRO "~~"(a, b) AS true',
    'CREATE MACRO "+"(a, b) AS a',
    "CREATE MACRO count_star() AS 0",
    "CREATE MACRO current_database() AS 'elsewhere'",
    "CREATE MACRO lower(x) AS 'x'",
    "CREATE MACRO duckdb_tables() AS TABLE SELECT 'log' AS table_name",
    "CREATE MACRO duckdb_functions() AS TABLE SELECT 1 AS one",
    "CREATE MACRO range(x) AS TABLE SELECT 1",
    "CREATE TYPE json AS ENUM ('a')",
    "CREATE SCHEMA temp",
    "ALTER TABLE hidden RENAME TO obscured; CREATE VIEW hidden AS FROM obscured WHERE false",
    "ALTER TABLE meta RENAME TO kept; CREATE VIEW meta AS FROM kept",
    "ALTER TABLE feeds RENAME TO kept; CREATE VIEW feeds AS FROM kept WHERE false",
    "ALTER TABLE said.noted RENAME TO kept; CREATE VIEW said.noted AS FROM said.kept WHERE false",
    "ALTER TABLE spans.ledger RENAME TO kept; CREATE VIEW spans.ledger AS FROM spans.kept WHERE false",
    "DROP VIEW superseded; CREATE TABLE superseded AS SELECT 1 AS position, 2 AS superseded_by",
    "DROP VIEW records; CREATE TABLE records AS FROM log",
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A timeline with something in every table."""
    path = tmp_path_factory.mktemp("standins") / "t.duckdb"
    _filled(path)
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(filled, tmp_path / "t.duckdb"))


@pytest.mark.parametrize("sql", PLANTED, ids=[sql[:40] for sql in PLANTED])
def test_what_stands_in_for_something_is_refused(path: Path, sql: str) -> None:
    """Whether it is opened to be read or to be written, and before anything in it runs."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)
    for read_only in False, True:
        with pytest.raises(StandIn, match=r"DROP (MACRO|TYPE|SCHEMA|VIEW|TABLE) "):
            opened(path=str(path), read_only=read_only)


def test_it_is_found_while_a_timeline_is_in_use(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each call sees it, as the file has changed; dropped as the error says, it is gone."""
    tl = opened(path=str(path))
    head = tl.head()
    tl.append(event("noted", "2024", subject="Acme", topic="after"))
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE MACRO sha256(x) AS 'x'; UPDATE log SET note = 'forged' WHERE position = 1")
    calls: tuple[Callable[[], Any], ...] = (
        lambda: tl.verify(str(head)),
        lambda: tl.as_of().of(Organisation, "acme"),
        lambda: tl.append(event("noted", "2025", subject="Acme", topic="again")),
        lambda: tl.backup(path.with_name("copy.duckdb")),
        lambda: tl.redact(1, reason="r", actor="a"),
    )
    for call in calls:
        with pytest.raises(StandIn) as caught:
            call()
    assert run(["verify", "--db", str(path)]) == 1
    assert "sha256" in capsys.readouterr().err
    with duckdb.connect(str(path)) as connection:
        connection.execute(str(caught.value).rpartition(": ")[2])
    assert not tl.verify(str(head)).intact


def test_every_function_and_type_of_duckdb_is_known() -> None:
    """Whatever its name, but those of our own macros, which nothing of ours means."""
    own = {name.lower() for kind, name in made() if kind == "MACRO"}
    with duckdb.connect() as connection:
        listed = connection.execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()
        connection.execute("ATTACH ':memory:' AS other; USE other")
        planted = set()
        for (name,) in listed:
            with suppress(duckdb.Error):
                connection.execute(f"""CREATE MACRO "{name.replace('"', '""')}"() AS 1""")
                planted.add(name.lower())
        found = {row[2].lower() for row in connection.execute(_listing()).fetchall()}
    assert len(planted) > 1_000
    assert found == planted - own


def test_what_users_add_of_their_own_is_theirs(path: Path) -> None:
    """Tables, views, macros, types and schemas by names that mean nothing yet."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """CREATE TABLE mine (a INTEGER); CREATE VIEW ours AS FROM mine;
            CREATE MACRO my_sum(a, b) AS a + b;
            CREATE TYPE mood AS ENUM ('up'); CREATE SCHEMA own; CREATE MACRO own.lower(x) AS x;
            CREATE TABLE own.log (a INTEGER)"""
        )
    tl = opened(path=str(path))
    assert tl.verify().ok
    tl.rebuild()
    assert tl.sql("SELECT my_sum(1, 2)").rows == ((3,),)


def test_our_sql_means_no_view_and_no_macro_of_the_file(path: Path) -> None:
    """So whatever is done to them, the engine answers and writes as before; and `verify` tells of each."""
    tl = opened(path=str(path))
    before = _answers(tl)
    with duckdb.connect(str(path)) as connection:
        _drop_all(connection)
        connection.execute("CREATE VIEW superseded AS SELECT 1 AS position, 1 AS superseded_by")
        connection.execute("CREATE MACRO timeline_dates(dates) AS 'latest'")
        connection.execute("CREATE MACRO timeline_plain_number(given) AS '0'")
        connection.execute("CREATE MACRO contains(whole, part) AS true")
    assert _answers(tl) == before
    report = tl.verify()
    assert report.intact
    told = {fault.what for fault in report.faults}
    assert told >= {"superseded", "records", "entity", "contains", "timeline_dates"}
    tl.append(event("noted", "2024", subject="Acme", topic="after"))
    rows = "SELECT '2025' AS occurred, 'Acme' AS subject, 'x' AS topic, 2.5 AS number"
    tl.append_table(Noted, rows, source="Table", known="2025")
    assert {fault.what for fault in tl.verify().faults} == told
    tl.rebuild()
    assert tl.verify().ok


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE hidden CASCADE",
        "DROP TABLE said.noted CASCADE",
        "DROP TABLE spans.organisation CASCADE",
        "ALTER TABLE said.noted ADD COLUMN more INTEGER",
        "ALTER TABLE log ADD COLUMN more INTEGER",
        "DROP VIEW organisation; CREATE TABLE organisation AS SELECT 1 AS mine",
        "UPDATE shapes SET shape = '{\"fields\": {\"topic\": 3}}'; UPDATE meta SET fingerprint = ''",
    ],
)
def test_a_file_whose_tables_somebody_changed_is_told_in_our_words(path: Path, sql: str) -> None:
    """Whatever is asked of it, or said."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)
    for read_only in True, False:
        with suppress(TimelineError):
            tl = opened(path=str(path), read_only=read_only)
            for ask in (
                lambda tl=tl: tl.append(event("noted", "2024", subject="Acme", topic="other")),
                lambda tl=tl: tl.append(event("same_entity", "2024", entity="Bolt", as_="Acme")),
                lambda tl=tl: list(tl.as_of().all(Organisation)),
                lambda tl=tl: list(tl.as_of().records(stands=True)),
                lambda tl=tl: tl.rebuild(),
            ):
                with suppress(TimelineError):
                    ask()


def _drop_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop all views and macros of a file."""
    views = connection.execute(
        "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"
    ).fetchall()
    for schema, name in views:
        connection.execute(f'DROP VIEW "{schema}"."{name}"')
    macros = connection.execute(
        "SELECT DISTINCT function_name, function_type FROM duckdb_functions() WHERE NOT internal"
    ).fetchall()
    for name, kind in macros:
        connection.execute(f'DROP MACRO {"TABLE" if kind == "table_macro" else ""} "{name}"')


def test_what_is_the_same_is_said_though_views_and_macros_are_gone(tmp_path: Path) -> None:
    """Also for the first time, when what asks states is made anew."""
    tl = opened(path=str(tmp_path / "t.duckdb"))
    tl.append(event("ceo_appointment", "2024", company="Acme Inc", person="Ann Lee"))
    with duckdb.connect(tl.path) as connection:
        _drop_all(connection)
    tl.append(event("same_entity", "2024", entity="Acme Inc", as_="Acme"))
    assert tl.as_of().of(Organisation, "Acme").ceo == "ann-lee"
    tl.rebuild()
    assert tl.verify().ok


def _answers(tl: Timeline) -> list[Any]:
    """What each kind of question gives."""
    moment = tl.as_of()
    return [
        *(list(moment.all(state.name)) for state in CATALOGUE.compiled),
        list(tl.as_of(credence=["reported"]).all(Organisation)),
        str(tl.as_of().history(Organisation, "acme-inc")),
        [str(one) for one in tl.as_of().check().violations],
        list(tl.as_of().records(stands=True)),
        list(tl.as_of().records(text="acme")),
        tl.as_of().entities(),
        tl.as_of().entities(text="ac"),
        str(moment.explain(Organisation, "acme-inc")),
        moment.sources(),
    ]


def test_a_table_in_the_way_of_a_view_of_a_type_is_told(path: Path) -> None:
    """What is made anew takes no table of somebody's away; the error names it."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP VIEW noted; CREATE TABLE noted AS SELECT 1 AS mine")
    with pytest.raises(TimelineError, match="noted"):
        opened(path=str(path)).rebuild()


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    """Also one that SQL means something by; one that DuckDB cannot tell apart from a schema is refused."""
    for name in "log", "temp", "main", "system", "records":
        tl = opened(Clock(), str(tmp_path / f"{name}.duckdb"))
        tl.append(event("noted", "2024", subject="Acme", topic="after"))
        assert tl.verify().ok
    for name in "Said", "spans":
        with pytest.raises(TimelineError, match=name):
            opened(Clock(), str(tmp_path / f"{name}.duckdb"))
        assert not (tmp_path / f"{name}.duckdb").exists()
