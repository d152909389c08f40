"""The documentation is true: its code runs, its links lead somewhere, and it leaves nothing public out."""

from __future__ import annotations

import contextlib
import doctest
import importlib
import inspect
import io
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import attrs
import duckdb
import pytest

import timeline
from tests.reference import PAGES, members
from timeline import Timeline, declare
from timeline.cli import main
from timeline.formats.loading import load
from timeline.values import errors
from timeline.vocabulary import Catalogue

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
FILES: Final = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
WRITTEN: Final = {DOCS / "reference" / name for name in PAGES}
FLAGS: Final = doctest.ELLIPSIS | doctest.REPORT_NDIFF
SHELL: Final = {
    "COLUMNS": "110",
    "FORCE_COLOR": "",
    "LC_ALL": "C",
    "NO_COLOR": "1",
    "PYTHONUTF8": "1",
    "TERM": "dumb",
    "TTY_COMPATIBLE": "0",
}
LANGUAGES: Final = {"python", "console", "sql", "yaml", "toml", "text"}

_FENCE: Final = re.compile(r"^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED: Final = re.compile(r"# (?P<file>[\w./-]+\.(?:py|yaml|toml))\n")
_LINK: Final = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_COMMAND: Final = re.compile(r"^\$ (?P<command>(?:.*\\\n)*.+)\n(?P<output>(?:(?!\$ ).*\n?)*)", re.MULTILINE)
_EXPORT: Final = re.compile(r"export (?P<name>\w+)=(?P<value>\S+)")
_NOT_RUN: Final = re.compile(r"make |source |timeline explore|curl ")

every_page: Final = pytest.mark.parametrize("page", FILES, ids=lambda one: str(one.relative_to(ROOT)))


@attrs.frozen
class Block:
    """A block of code in a page, and the line of the page at which it begins."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """The name under which it is saved, where its first line is a comment that gives one."""
        named = _NAMED.match(self.text)
        return named["file"] if named else None


@attrs.frozen
class Reader:
    """Who follows a page: the folder they are in, their names in Python, what they exported in the shell."""

    folder: Path
    names: dict[str, Any]
    exported: dict[str, str] = attrs.field(factory=dict)


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = _FENCE.finditer(text)
    return [Block(one["language"], one["text"], text.count("\n", 0, one.start()) + 2) for one in found]


@pytest.fixture
def place(tmp_path: Path, seeded: str, remembered: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder as a user has it after `make demo`, in which a page is run; what it imports is forgotten."""
    shutil.copy(seeded, tmp_path / "ai.duckdb")
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    (tmp_path / "docs").mkdir()
    for one in DOCS.glob("*.yaml"):
        shutil.copy(one, tmp_path / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for name in ("TIMELINE_DB", "TIMELINE_CATALOGUE"):
        monkeypatch.delenv(name, raising=False)
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if getattr(sys.modules[name], "__file__", None) is None or _inside(sys.modules[name], tmp_path):
            del sys.modules[name]


def _inside(module: types.ModuleType, folder: Path) -> bool:
    return Path(module.__file__ or "").is_relative_to(folder)


# Running the pages


def _run_python(block: Block, where: str, reader: Reader) -> None:
    """Run a block: by its prompts where it has any, else as a script."""
    if ">>> " not in block.text:
        exec(compile("\n" * (block.line - 1) + block.text, where, "exec"), reader.names)  # noqa: S102
        return
    test = doctest.DocTestParser().get_doctest(block.text, {}, where, where, block.line - 1)
    test.globs = reader.names
    report = io.StringIO()
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.write, clear_globs=False)
    if report.getvalue():
        pytest.fail(report.getvalue(), pytrace=False)


def _run_console(block: Block, where: str, reader: Reader) -> None:
    """Run the commands of a block, as a shell in an activated environment would."""
    commands = list(_COMMAND.finditer(block.text))
    assert commands, f"{where}: a console block has lines that begin with `$ `"
    for one in commands:
        if exported := _EXPORT.fullmatch(one["command"]):
            reader.exported[exported["name"]] = exported["value"]
        elif not _NOT_RUN.match(one["command"]):
            _compare(one["command"], one["output"], _shell(one["command"], reader, one["output"]), where)


def _shell(command: str, reader: Reader, shown: str = "") -> str:
    """What a command prints: its answer, then its messages; it fails only where the page shows an error."""
    words = shlex.split(command.replace("\\\n", " "))
    plain = words[0] == "timeline" and "$(" not in command and not {"|", "<", ">", "&&"} & set(words)
    code, answer, messages = _here(words[1:], reader) if plain else _in_bash(command, reader)
    assert "Traceback (most recent call last)" not in messages, f"{command}\n{messages}"
    assert bool(code) == ("error: " in shown), f"{command}\n{messages}"
    return answer + messages


def _here(words: list[str], reader: Reader) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `timeline`, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, SHELL | reader.exported),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main(words)
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


def _in_bash(command: str, reader: Reader) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command line."""
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    result = subprocess.run(
        ["bash", "-c", command],  # noqa: S607
        cwd=reader.folder,
        env={**os.environ, **SHELL, "PATH": paths, **reader.exported},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    return result.returncode, result.stdout, result.stderr


def _compare(command: str, wanted: str, got: str, where: str) -> None:
    """See that output is as shown; blanks at line ends and around it do not matter, `...` is anything."""
    want, have = (_trimmed(text) for text in (wanted, got))
    example = doctest.Example(command + "\n", want)
    checker = doctest.OutputChecker()
    if want.strip() and not checker.check_output(want, have, doctest.ELLIPSIS):
        pytest.fail(f"{where}: $ {command}\n{checker.output_difference(example, have, FLAGS)}", pytrace=False)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) + "\n"


def _run_sql(block: Block, where: str, reader: Reader) -> None:
    """Run queries through the package and through a plain client; each gives the same, and something."""
    path = reader.folder / "ai.duckdb"
    queries = [one.query for one in duckdb.extract_statements(block.text)]
    with duckdb.connect(str(path), read_only=True) as connection:
        plain = [len(connection.execute(query).fetchall()) for query in queries]
    with Timeline.open(path) as timeline:
        ours = [len(timeline.sql(query).rows) for query in queries]
    assert all(ours), f"{where} gives no rows"
    assert ours == plain


def _run_yaml(block: Block, where: str, reader: Reader) -> None:
    """Load a file that the page does not name, without writing."""
    path = reader.folder / "unnamed.yaml"
    path.write_text(block.text, encoding="utf-8")
    loaded = load(Timeline.open(reader.folder / "ai.duckdb"), [path], dry_run=True)
    assert not loaded.faults, f"{where}: {loaded.faults}"


RUNNERS: Final[dict[str, Callable[[Block, str, Reader], None]]] = {
    "python": _run_python,
    "console": _run_console,
    "sql": _run_sql,
    "yaml": _run_yaml,
}


def _runs(page: Path) -> bool:
    """Whether there is anything in a page to be run or saved."""
    return any(block.file is not None or block.language in RUNNERS for block in blocks(page))


@pytest.fixture(scope="session")
def head(seeded: str) -> str:
    """Where the log of the demonstration ends."""
    return _head(Path(seeded).parent)


@pytest.mark.parametrize(
    "page", [one for one in FILES if _runs(one)], ids=lambda one: str(one.relative_to(ROOT))
)
def test_the_code_of_a_page_runs_and_prints_what_it_shows(page: Path, place: Path, head: str) -> None:
    """All blocks of a page, in order and in one folder and namespace, do what the page says.

    They leave the file of the demonstration as it was, since other pages show what it answers.
    """
    module = types.ModuleType(f"page_{page.stem.replace('-', '_')}")
    sys.modules[module.__name__] = module
    reader = Reader(place, module.__dict__)
    for block in blocks(page):
        if block.file is not None:
            saved = place / block.file
            saved.parent.mkdir(parents=True, exist_ok=True)
            saved.write_text(block.text, encoding="utf-8")
            importlib.invalidate_caches()
        elif block.language in RUNNERS:
            RUNNERS[block.language](block, f"{page.relative_to(ROOT)}:{block.line}", reader)
    assert _head(place) == head


def _head(place: Path) -> str:
    return str(Timeline.open(place / "ai.duckdb", read_only=True).head())


@every_page
def test_every_block_says_in_which_language_it_is(page: Path) -> None:
    """No block escapes the tests by naming no language, or one that is not run."""
    assert {block.language for block in blocks(page)} <= LANGUAGES
    assert page.read_text(encoding="utf-8").count("\n```") % 2 == 0


def test_the_files_of_events_in_the_docs_can_be_loaded(place: Path) -> None:
    """The examples beside the pages load into a file with the seeds."""
    for path in DOCS.glob("*.yaml"):
        assert not load(Timeline.open(place / "ai.duckdb"), [path], dry_run=True).faults


def test_the_script_of_the_readme_may_run_twice(place: Path) -> None:
    """What it says under the same mark is said once."""
    script = next(block for block in blocks(ROOT / "README.md") if block.language == "python")
    outputs = []
    for _ in range(2):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            _run_python(script, "README.md", Reader(place, {}))
        outputs.append(printed.getvalue())
    assert outputs[0] == outputs[1]
    assert outputs[0].count("\n") > 10


def test_the_readme_shows_what_the_demo_prints(place: Path) -> None:
    """Its sample of `make demo` is what the demonstration prints."""
    (place / "ai.duckdb").unlink()
    sample = next(block for block in blocks(ROOT / "README.md") if block.language == "text")
    _compare("timeline demo", f"...{sample.text}...", _shell("timeline demo", Reader(place, {})), "README.md")


def test_the_readme_names_the_targets_of_make() -> None:
    """`make demo` and `make test` are there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"\bmake (demo|test|docs)\b", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"demo", "test"} <= set(named)
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)


# Links


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    """Every link to a file of the project finds it, and the heading it names."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in (one["target"] for one in _LINK.finditer(prose)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in _anchors(aim), f"{target}: there is no such heading"


def _anchors(page: Path) -> set[str]:
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_readme() -> None:
    """Following links from the README one comes to every page."""
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = (
            one["target"].partition("#")[0] for one in _LINK.finditer(page.read_text(encoding="utf-8"))
        )
        waiting += [(page.parent / one).resolve() for one in targets if one and not re.match(r"[a-z]+:", one)]
    assert reached >= set(FILES)


# Completeness


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_reference_follows_from_the_code(name: str) -> None:
    """What `make docs` writes is what is there."""
    stored = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert stored == PAGES[name](), f"docs/reference/{name} is behind the code: run `make docs`"


def test_the_errors_that_a_page_lists_are_errors() -> None:
    """Each entry under `Raises` names classes of errors, however its docstring is wrapped."""
    text = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    listed = [
        one
        for block in re.findall(r"^Raises:\n\n((?:- .*\n)+)", text, re.MULTILINE)
        for one in block.splitlines()
    ]
    assert len(listed) > 50
    for one in listed:
        names, _, why = one.removeprefix("- ").partition(": ")
        assert why
        assert all(hasattr(errors, name.strip("`")) for name in names.split(", ")), one


PUBLIC: Final = [(module, name) for module in (timeline, declare) for name in module.__all__]


@pytest.mark.parametrize(("module", "name"), PUBLIC, ids=[f"{m.__name__}.{n}" for m, n in PUBLIC])
def test_a_public_name_is_described(module: types.ModuleType, name: str) -> None:
    """Every public name has a docstring, methods included, and is spoken of in pages written by hand."""
    thing = getattr(module, name)
    if name != "Entity":
        assert inspect.getdoc(thing)
    if isinstance(thing, type):
        own = dict(members(thing))
        described = (types.FunctionType, classmethod, staticmethod, property)
        undescribed = [key for key, one in own.items() if isinstance(one, described) and not one.__doc__]
        assert not undescribed
    texts = (page.read_text(encoding="utf-8") for page in FILES if page not in WRITTEN)
    assert any(re.search(rf"\b{name}\b", text) for text in texts)


@pytest.mark.parametrize("name", errors.__all__)
def test_an_error_is_described(name: str) -> None:
    """Every error class says what it means and is on the page of errors."""
    assert getattr(errors, name).__doc__
    assert f"`{name}`" in (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")


def test_every_event_type_and_state_is_in_the_vocabulary() -> None:
    """The page of the vocabulary has a heading for each."""
    text = (DOCS / "reference" / "vocabulary.md").read_text(encoding="utf-8")
    catalogue = Catalogue.find("events")
    assert set(re.findall(r"^###+ `(\w+)`$", text, re.MULTILINE)) == {*catalogue.events, *catalogue.states}


def test_every_table_and_column_of_the_file_is_described(seeded: str) -> None:
    """The page of the file names all tables and views of its own, and their columns."""
    text = (DOCS / "reference" / "file.md").read_text(encoding="utf-8")
    sections = re.split(r"^### `([\w<>]+)`$", text, flags=re.MULTILINE)
    described = dict(zip(sections[1::2], sections[2::2], strict=True))
    with duckdb.connect(seeded, read_only=True) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'main'"
        ).fetchall()
    catalogue = Catalogue.find("events")
    types_ = {*catalogue.events, *catalogue.states}
    periods = {f"{state}_periods": state for state in catalogue.states}
    missing = [
        f"{table}.{column}"
        for table, column in columns
        if table not in types_ and column != periods.get(table)
        if f"`{column}`" not in described.get("<state>_periods" if table in periods else table, "")
    ]
    assert not missing


def test_every_macro_is_described(seeded: str) -> None:
    """The page of macros names all that may be called, and what their arguments are called."""
    text = (DOCS / "reference" / "macros.md").read_text(encoding="utf-8")
    with duckdb.connect(seeded, read_only=True) as connection:
        macros = connection.execute(
            "SELECT DISTINCT function_name, parameters FROM duckdb_functions() "
            "WHERE NOT internal AND NOT starts_with(function_name, 'timeline_') "
            "AND NOT ends_with(function_name, '_periods') "
            "AND (NOT ends_with(function_name, '_slots_as_of') OR function_name = 'relationship_slots_as_of')"
        ).fetchall()
    assert len(macros) > 15
    for name, parameters in macros:
        assert re.search(rf"`{name}[`(]", text), name
        assert name == "contains" or all(parameter in text for parameter in parameters), name


FIELD: Final = (
    "append-only",
    "audit trail",
    "bitemporal",
    "event sourcing",
    "lineage",
    "projection",
    "provenance",
    "retraction",
    "time travel",
    "transaction time",
    "upsert",
    "valid time",
)
"""The words that people of this field search for."""


@pytest.mark.parametrize("term", FIELD)
def test_the_glossary_has_the_words_of_the_field(term: str) -> None:
    """Each has an entry of its own, which says what it is here."""
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^\*\*([^*]+)\*\*: (.+)$", text, re.MULTILINE))
    assert len({name.lower(): said for name, said in entries.items()}[term].split()) > 8


def _dates(heading: str) -> list[list[str]]:
    """The rows of the table under a heading of the page on dates."""
    text = (DOCS / "reference" / "dates.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    assert rows
    return rows


def test_dates_are_read_as_the_page_says() -> None:
    """Each form has the first and the last instant that the table gives."""
    for written, _, earliest, latest in _dates("What is read"):
        when = timeline.When(written.strip("`"))
        told = [str(one.replace(tzinfo=None)) if one else "unbounded" for one in (when.earliest, when.latest)]
        assert [written, *told] == [written, earliest, latest]


def test_dates_are_refused_as_the_page_says() -> None:
    """Each form is refused with the words that the table gives."""
    for written, message in _dates("What is refused"):
        with pytest.raises(errors.BadWhen) as caught:
            timeline.When(written.strip("`"))
        assert str(caught.value).partition(" is not a date: ")[2] == message


# Docstrings

MODULES: Final = sorted(
    one.name for one in pkgutil.walk_packages(timeline.__path__, "timeline.") if "__main__" not in one.name
)


@pytest.mark.parametrize("name", ["timeline", *MODULES])
def test_the_examples_in_docstrings_run(name: str) -> None:
    """The doctests of each module hold."""
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        failed = doctest.testmod(importlib.import_module(name), optionflags=FLAGS).failed
    assert not failed, report.getvalue()
