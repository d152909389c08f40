"""What was made to do harm does none: no traceback, no hang, no memory without end, no SQL, no escapes."""

from __future__ import annotations

import inspect
import json
import random
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from hypothesis import given, settings, strategies as st

from events import ExclusivityDeal
from tests.hostile import FILES, KEYWORDS, TEXTS, files, keyword_catalogue
from tests.ledger import CATALOGUE
from timeline import Source, Timeline, plot
from timeline.cli import run
from timeline.errors import CatalogueError, NotAllowed
from timeline.formats import read_json
from timeline.formats.reading import read_text
from timeline.values import as_json_text, errors, printable
from timeline.values.text import LONGEST

ROOT: Final = Path(__file__).parents[1]
CODES: Final = {0, 1, 2, 65, 75, 130, 141}
APPEND: Final = "append ceo_appointment --company Acme --person Bo --occurred"

WRITES: Final = (
    "CREATE TEMP TABLE t AS SELECT 1",
    "CREATE OR REPLACE VIEW log AS SELECT 1",
    "CREATE MACRO m() AS 1",
    "CREATE TEMP SEQUENCE s",
    "CREATE SECRET s (TYPE s3)",
    "ALTER TABLE log ADD COLUMN x INTEGER",
    "COMMENT ON TABLE log IS 'x'",
    "VACUUM",
    "ANALYZE",
    "EXPLAIN ANALYZE DELETE FROM log",
    "PREPARE p AS DELETE FROM log",
    "SELECT 1; -- a comment\nDELETE FROM log",
    "/* SELECT 1 */ DELETE FROM log",
    "SELECT * INTO t FROM log",
    "SELECT * FROM (DELETE FROM log RETURNING *)",
    "WITH x AS MATERIALIZED (UPDATE log SET note = 'y' RETURNING *) FROM x",
    "FROM query('DELETE FROM log')",
    "FROM query('SELECT 1; DELETE FROM log')",
    "FROM force_checkpoint()",
    "BEGIN",
    "ROLLBACK",
    "PIVOT log ON type USING count(*)",
)
"""What would write, in every disguise; PIVOT makes a type of its own."""

REACHES: Final = (
    "FROM read_blob('/etc/passwd')",
    "FROM read_json('/etc/passwd')",
    "FROM read_csv('/dev/stdin')",
    "FROM sniff_csv('/etc/passwd')",
    "FROM parquet_metadata('/etc/passwd')",
    "FROM read_duckdb('/etc/passwd')",
    "FROM read_text('data:,hello')",
    "FROM query('FROM read_text(''/etc/passwd'')')",
    "FROM query_table('/etc/passwd')",
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''/etc/passwd'')'))",
    "DESCRIBE '/etc/passwd'",
    "SUMMARIZE '/etc/passwd'",
    "SELECT getenv('HOME')",
    "FROM duckdb_secrets()",
    "FROM which_secret('s3://x', 's3')",
    "FROM duckdb_extensions()",
    "FROM postgres_scan('host=localhost', 'a', 'b')",
    "FROM sqlite_scan('x', 'y')",
    "FROM arrow_scan(1, 2, 3)",
    "FROM pandas_scan(1)",
    "WITH x AS (COPY log TO '/tmp/stolen.csv') FROM x",
    "WITH x AS (COPY log TO '/tmp/stolen.parquet' (FORMAT parquet, RETURN_STATS)) FROM x",
    "EXPORT DATABASE '/tmp/stolen'",
    "IMPORT DATABASE '/tmp/stolen'",
    "COPY FROM DATABASE t TO other",
    "ATTACH ':memory:' AS other",
    "DETACH t",
    "USE memory",
)
"""What would read or write another file, the environment, the memory of the process or the network."""

CONFIGURES: Final = (
    "INSTALL httpfs FROM community",
    "FORCE INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '/tmp/x.duckdb_extension'",
    "UPDATE EXTENSIONS",
    "SET threads = 1",
    "RESET threads",
    "SET VARIABLE x = 1",
    "SET SESSION schema = 'said'",
    "CALL enable_logging()",
    "FROM enable_logging()",
    "FROM enable_profiling()",
)
"""What would change how DuckDB itself works."""

CALLS: Final = [
    "{}",
    "--{} x",
    "as-of {} Acme",
    "as-of now {}",
    "as-of now Acme --state {}",
    "as-of now Acme --known {}",
    "as-of now Acme --position {}",
    "as-of now Acme --only {}",
    "as-of now Acme --credence {}",
    "as-of now Acme --db {}",
    "explain {} Acme",
    "explain organisation Acme --field {}",
    "history organisation {}",
    "history organisation Acme --axis {}",
    "history organisation Acme --during {}",
    "slips project {}",
    "slips {} Acme --field {}",
    "diff organisation {}",
    "diff organisation Acme --to-as-of {}",
    "diff organisation Acme --to-position {}",
    "check --rule {}",
    "check --known {}",
    "check --most {}",
    "verify --since {}",
    "verify --db {}",
    "head {}",
    "rebuild --db {}/x",
    "init --db {}/x",
    "entities {}",
    "sources --without {}",
    "single-sourced {}",
    "what-if now Acme --retract {}",
    "what-if now Acme --load {}",
    "what-if now {} --retract a1",
    "log --type {}",
    "log --entity {}",
    "log --after {}",
    "log --text {}",
    "log --since {}",
    "log --follow --type {}x",
    "log --cursor {}",
    "types {} --yaml",
    "sql {}",
    "load {}",
    "append {}",
    f"{APPEND} {{}}",
    f"{APPEND} 2022 --note {{}}",
    f"{APPEND} 2022 --id {{}}",
    f"{APPEND} 2022 --source {{}}",
    f"{APPEND} 2022 --unless-type {{}}",
    f"{APPEND} 2022 --unless-entity {{}}",
    f"{APPEND} 2022 --unless-after {{}}",
    "correct a1 --occurred {}",
    "retract {}",
    "attest a1 --source {}",
    "backup {}",
    "restore {} --db {}x",
    "export {}",
    "export {}.jsonl",
    "import {} --db {}x",
    "redact {} --reason x",
    "redact nobody --reason {}",
    "redact nobody --reason x --actor {}",
    "plot timeline {} Acme",
    "plot timeline organisation {}",
    "plot timeline organisation Acme --output {}",
    "plot timeline organisation Acme --output {}.svg",
    "plot timeline organisation Acme --most {}",
    "plot money organisation Acme --field {}",
    "plot changes organisation Acme --to-known {}",
    "plot graph {}",
    "plot graph --as-of {}",
    "date {}",
    "date 2020 --dateline {}",
    "schema {}",
    "completion {}",
    "as-of now Acme --tz {}",
    "as-of now Acme --format {}",
]
"""Every verb, with a place for what is hostile."""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A timeline of the default vocabulary, with a record and a note that would turn text round."""
    known = Timeline.open(tmp_path_factory.mktemp("hostile") / "t.duckdb")
    assert run([*APPEND.split(), "2021", "--id", "a1", "--note", "a\u202eb", "--db", known.path]) == 0
    yield known.path
    known.close()


# SQL


def test_sql_cannot_write_reach_out_or_configure(db: str, tmp_path: Path) -> None:
    """In every disguise, also where the file is open for writing; afterwards all goes on."""
    with Timeline.open(tmp_path / "w.duckdb", catalogue=CATALOGUE) as writing:
        writing.rebuild()
        for timeline in (Timeline.open(db), writing):
            before = timeline.sql("SELECT count(*), max(digest) FROM commits").rows
            for query in (*WRITES, *REACHES, *CONFIGURES):
                with pytest.raises(NotAllowed):
                    timeline.sql(query)
            assert timeline.sql("SELECT count(*), max(digest) FROM commits").rows == before
    assert not any(Path("/tmp").glob("stolen*"))  # noqa: S108  (named in the queries)


def test_a_query_nested_without_end_is_refused(db: str) -> None:
    """DuckDB limits how deep an expression goes."""
    timeline = Timeline.open(db)
    for deep in ("(" * 20_000 + "1" + ")" * 20_000, "1+" * 20_000 + "1", "[" * 5_000 + "]" * 5_000):
        with pytest.raises(NotAllowed, match="depth"):
            timeline.sql(f"SELECT {deep}")


def test_words_of_sql_are_names_like_others() -> None:
    """Of event types, fields and states: they are said, asked for, followed, checked and verified."""
    catalogue = keyword_catalogue(KEYWORDS)
    with Timeline.open(":memory:", catalogue=catalogue) as tl:
        for word in KEYWORDS:
            said: Any = catalogue.event(f"{word}_said").cls
            met: Any = catalogue.event(word).cls
            first = tl.append(
                said("2020", subject="acme", **{word: "v"}), met("2020", subject="acme", whom="bolt")
            )
            tl.correct(first.records[0], said("2021", subject="acme", **{word: "w"}))
        moment = tl.as_of("2022")
        for word in KEYWORDS:
            single, pair = f"{word}_state", f"{word}_pair"
            assert moment.of(single, "acme").values() == {word: 1, "per_value": {"w": 1}, "latest": "w"}
            assert moment.of(pair, "acme", "bolt").values() == {word: 1}
            assert len(tl.as_of().history(single, "acme", field=word).periods) > 0
            assert tl.sql(f'SELECT "{word}" FROM "{word}_said"').rows == (("w",),)
            assert tl.sql(f'SELECT "{word}" FROM "{single}_as_of"(DATE \'2022-01-01\')').rows == ((1,),)
        assert not tl.as_of().check()
        assert tl.verify().ok


@pytest.mark.parametrize("word", ["values", "occurred", "who", "because", "log", "records", "É"])
def test_names_that_cannot_be_used_are_refused_when_declared(word: str) -> None:
    """In words, before anything is said with them."""
    with pytest.raises(CatalogueError):
        keyword_catalogue((word,))


# The command line


def is_harmless(shown: str) -> bool:
    """Whether a terminal does nothing with a text but show it."""
    return all(
        mark == "\n" or unicodedata.category(mark) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for mark in shown
    )


@pytest.mark.parametrize("call", CALLS)
def test_hostile_arguments_get_an_answer_or_a_message(
    call: str, db: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With one of the documented codes; nothing of them reaches a terminal but what can be shown.

    Two texts for each verb, so that all of them come up; `make laws` gives each more.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIMELINE_DB", db)
    many = min(settings().max_examples // 3, len(TEXTS))
    for text in random.Random(call).sample(TEXTS, many):  # noqa: S311  (chance, not secrets)
        assert run([part.replace("{}", text) for part in call.split()]) in CODES
        shown = capsys.readouterr()
        assert is_harmless(shown.out)
        assert is_harmless(shown.err)
        assert max(map(len, shown.err.splitlines()), default=0) <= LONGEST + len("error: ")


UNSEEN: Final = (
    "\u061c\u200b\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\ufff9\U000e0041\U000e007f"
)
"""What turns text round or passes unseen, and may be in a text of the log."""

ANSWERS: Final = (
    "log",
    "log --text a",
    "as-of now Acme Bolt",
    "explain relationship Acme Bolt",
    "history relationship Acme Bolt",
    "diff relationship Acme Bolt --as-of 2020 --to-as-of 2022",
    "entities",
    "check",
    "sources",
    "single-sourced",
    "single-sourced relationship Acme Bolt",
    "what-if now Acme Bolt --retract 1",
    "verify",
    "head",
    "types",
    "types exclusivity_deal",
    "schema",
    "sql FROM/**/said.exclusivity_deal",
    "sql SELECT/**/chr(155)||chr(127)||chr(8238)||chr(133),*/**/FROM/**/log",
    "plot changes relationship Acme Bolt --to-as-of 2023 --as-of 2020",
    "plot timeline relationship Acme Bolt",
    "plot graph",
    "attest 1 --source b\u202e --dry-run",
    "complete -- log --text a",
    "complete -- retract ",
)
"""Verbs that answer from a log."""


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A timeline with such marks in every text that may hold them."""
    path = str(tmp_path_factory.mktemp("unseen") / "t.duckdb")
    text = f"a{UNSEEN}b"
    told = Source(title=text, publisher=text, url=f"https://example.org/{text}", locator=text)
    with Timeline.open(path) as timeline:
        deal = ExclusivityDeal("2021", grantor="Acme", grantee="Bolt", scope=text)
        timeline.append(deal, source=told, note=text, actor=text, id="a1")
        timeline.append(evolve(deal, occurred="2022"), note=text)
    yield timeline.path
    timeline.close()


@pytest.mark.parametrize("call", ANSWERS)
def test_what_passes_unseen_reaches_no_screen(
    call: str, unseen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In no format of any verb; JSON has it as escapes, and so means the same."""
    words = [word.replace("/**/", " ") for word in call.split(" ")]
    forms = (
        ("table", "json", "csv", "jsonl", "markdown")
        if call in {"log", "schema"}
        else ("table", "json", "csv")
    )
    for form in forms[:1] if call.startswith(("plot", "complete")) else forms:
        flags = [] if call.startswith(("plot", "complete")) else ["--format", form]
        run([*words, *flags, *([] if call.startswith("complete") else ["--db", unseen])])
        shown = capsys.readouterr()
        assert is_harmless(shown.out.replace("\r\n", "\n"))
        assert is_harmless(shown.err)
        if call == "log" and form.startswith("json"):
            first = json.loads(shown.out)[0] if form == "json" else json.loads(shown.out.splitlines()[0])
            assert first["note"] == f"a{UNSEEN}b"


def test_what_python_prints_holds_nothing_unseen(unseen: str) -> None:
    """Answers as text, in a prompt and in a notebook."""
    with Timeline.open(unseen) as tl:
        record, moment = tl.record("a1"), tl.as_of("2023", without=[tl.record("a1").sources[0]])
        who = ("relationship", "Acme", "Bolt")
        repeated = tl.append(record.event, id="a1", note="otherwise")  # type: ignore[arg-type]
        for told in (
            *(
                record,
                *record.sources,
                repeated,
                moment,
                moment.table("relationship"),
                tl.head(),
                tl.verify(),
            ),
            *(
                moment.between("Acme", "Bolt"),
                moment.explain(*who),
                tl.as_of().history(*who),
                tl.as_of().check(),
            ),
            *(
                tl.as_of("2020").diff(tl.as_of("2023"), *who),
                moment.sources(),
                moment.single_sourced(),
                *tl.as_of().entities(),
            ),
        ):
            shown = told._repr_html_() if hasattr(told, "_repr_html_") else ""
            assert is_harmless(f"{told}{told!r}{shown}")


def test_copies_for_others_hold_nothing_unseen(
    unseen: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """An export, which may be read on a screen, and pages and pictures that stand alone."""
    assert run(["export", "-", "--db", unseen]) == 0
    exported = capsysbinary.readouterr().out.decode()
    assert is_harmless(exported)
    lines = [json.loads(line) for line in exported.splitlines()]
    assert [one["log"]["note"] for one in lines if "log" in one] == [f"a{UNSEEN}b"] * 2
    picture = plot.timeline(Timeline.open(unseen).as_of(), "relationship", "Acme", "Bolt")
    for name in ("p.html", "p.svg"):
        text = picture.save(tmp_path / name).read_text(encoding="utf-8")
        assert is_harmless(text)


@given(st.text())
def test_json_for_a_screen_is_the_same_json(text: str) -> None:
    """Also of halves of surrogate pairs; and nothing in it steers a terminal."""
    shown = as_json_text({text: [text]}, indent=2)
    assert json.loads(shown) == {text: [text]}
    assert is_harmless(shown)
    assert is_harmless(printable(text))


# Files


@given(
    st.text()
    | st.recursive(st.text(max_size=5), lambda one: st.lists(one) | st.dictionaries(st.text(), one)).map(repr)
)
def test_any_text_is_read_or_told(text: str) -> None:
    """As YAML and as JSON: what cannot be read is a fault with its place, never an error."""
    for read in (read_text(text, CATALOGUE, "x"), read_json(text.encode(errors="replace"), CATALOGUE, "x")):
        assert read.said or read.faults


@given(st.binary())
def test_any_bytes_are_read_or_told(raw: bytes) -> None:
    """Whatever their encoding."""
    read = read_json(raw, CATALOGUE, "x")
    assert read.said or read.faults


BOUNDED: Final = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from timeline.cli import run
for path in sys.argv[2:]:
    print(run(["load", path, "--db", sys.argv[1]]), flush=True)
"""


def test_hostile_files_are_told_within_bounds(tmp_path: Path) -> None:
    """Of memory and time: each is bad data, whatever aliases, depth or length would make of it."""
    paths = []
    for name, content in files(100_000).items():
        paths.append(tmp_path / f"{name}.yaml")
        paths[-1].write_bytes(content)
    command = [sys.executable, "-c", BOUNDED, str(tmp_path / "t.duckdb"), *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["65"] * len(FILES)
    assert "Traceback" not in done.stderr
    assert is_harmless(done.stderr)


# Names

SCRIPTS: Final = [
    "東京",
    "Москва",
    "القاهرة",
    "ירושלים",
    "ไทย",
    "한국",
    "हिन्दी",
    "Ελλάς",
    "🏢",
    "👩‍👩‍👧",
    "Ünïçødé",
    "ꙮ",
]


@pytest.mark.parametrize("name", SCRIPTS)
def test_names_in_every_script_are_names(name: str) -> None:
    """Found again by the name, and by the id made of it."""
    with Timeline.open(":memory:", catalogue=CATALOGUE) as tl:
        noted: Any = CATALOGUE.event("noted").cls
        (new,) = tl.append(noted("2020", subject=name, topic='"; DROP TABLE log --')).new_entities
        assert tl.as_of().of("ledger", name).values()["notes"] == 1
        assert tl.as_of().of("ledger", new.id).values()["notes"] == 1
        assert tl.verify().ok


# Errors

GIVEN: Final[dict[str, Any]] = {
    "Sequence[str]": ["\u202e" * 900] * 900,
    "Sequence[object]": ["\u202e" * 900] * 900,
    "Sequence[Any]": ["\u202e" * 900] * 900,
    "Sequence[tuple[str, str]]": [("\u202e" * 900, "x" * 900)] * 900,
    "Sequence[tuple[int, str, str]]": [(1, "\u202e" * 900, "x" * 900)] * 900,
    "int": 10**900,
    "int | None": 10**900,
    "float": 1.5,
    "bool": True,
}


ERRORS: Final = [
    kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.TimelineError) and not name.startswith("_")
]


@pytest.mark.parametrize("kind", ERRORS)
def test_no_error_has_a_line_without_end(kind: type[Any]) -> None:
    """Whatever is given, every error tells it in lines that a screen can be given."""
    named = {
        name: GIVEN.get(str(one.annotation), "\u2028" * 9_000)
        for name, one in [*inspect.signature(kind.__init__).parameters.items()][1:]
        if one.kind is not one.VAR_POSITIONAL and one.kind is not one.VAR_KEYWORD
    }
    problem = kind(**named) if named else kind("\u202e" * 9_000)
    assert is_harmless(str(problem))
    assert all(len(line) <= LONGEST for line in str(problem).split("\n"))
