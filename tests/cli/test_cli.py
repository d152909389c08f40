"""The command line: every verb, every exit code, and nothing that steers the terminal."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from timeline import Timeline
from timeline.cli import GROUPS, app, code, opening, run
from timeline.cli.typed import SaidOptions, dispatch, example, samples, template
from timeline.errors import BadWhen, LockedFile, TimelineError, UnknownRecord
from timeline.formats.reading import read_text
from timeline.vocabulary import Catalogue, Event, EventType

SEEDS = Path(__file__).parents[2] / "seeds"
VERBS = (
    "init",
    "load",
    "append",
    "correct",
    "retract",
    "attest",
    "as-of",
    "diff",
    "explain",
    "what-if",
    "sources",
    "single-sourced",
    "log",
    "check",
    "types",
    "sql",
    "demo",
)
ROUND = ("append", "funding_round", "--occurred", "2022", "--company", "Acme", "--investors", "Ann Lee")


class Shell:
    """Runs commands in a folder and keeps what they wrote."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """What a command writes to standard output; it ends with the code."""
        found = run(arguments)
        self.out, self.err = self._capsys.readouterr()
        assert found == code, (self.out, self.err)
        return self.out

    def json(self, *arguments: str) -> Any:
        """What a command answers in JSON."""
        return json.loads(self(*arguments, "--json"))

    def fails(self, *arguments: str, code: int) -> str:
        """The message of a command that fails with a code; nothing is written to standard output."""
        self(*arguments, code=code)
        assert self.out == ""
        assert self.err.startswith("error: ")
        assert "Traceback" not in self.err
        return self.err


@pytest.fixture
def shell(
    remembered: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIMELINE_CATALOGUE", raising=False)
    monkeypatch.setenv("TIMELINE_DB", "test.duckdb")
    return Shell(capsys)


@pytest.fixture
def seeds(shell: Shell, seeded: str, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("TIMELINE_DB", seeded)
    return shell


def said(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Put a text on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


# Help


WHEN = "when it happened, a date such as 2018, 2018-01-31 or [2018..2022-11]"
CEO = ("append", "ceo_appointment", "--company", "Acme")
MISUSED = [
    (
        CEO,
        f"--occurred is missing: {WHEN}",
        "--person is missing: a name or id",
        "try `timeline append ceo_appointment --help`",
    ),
    (
        (*CEO, "--occured", "2020", "--person", "Ann"),
        f"--occurred is missing: {WHEN}; did you mean it by --occured?",
    ),
    ((*CEO, "--occurred"), f"--occurred has no value: {WHEN}"),
    (
        (*CEO, "--occurred", "2020", "--person", "Ann", "Lee"),
        "unexpected argument 'Lee'; a text of several words goes in quotes: --person 'Ann Lee'",
    ),
    (
        (*ROUND, "Bo"),
        "unexpected argument 'Bo'; --investors may be repeated: --investors 'Ann Lee' --investors Bo",
    ),
    (("sql", "SELECT", "1"), "unexpected argument '1'; a text of several words goes in quotes"),
    (("redact", "A1"), "--reason is missing: why; it stays in the log"),
    (("explain", "organisation", "--field"), "--field has no value: one field of it only"),
    (
        ("plot", "graph", "--most"),
        "--most has no value: how many entities at most; those with the most ties over all time are drawn",
        "try `timeline plot graph --help`",
    ),
]


@pytest.mark.parametrize(("words", "lines"), [(words, lines) for words, *lines in MISUSED])
def test_a_wrong_call_is_told_with_what_would_work(
    shell: Shell, words: tuple[str, ...], lines: list[str]
) -> None:
    told = shell.fails(*words, code=2).removeprefix("error: ").splitlines()
    assert told[: len(lines)] == lines


def test_every_verb_is_listed(shell: Shell) -> None:
    listed = shell("--help")
    assert all(f" {verb} " in listed for verb in VERBS)
    assert set(VERBS) <= set(app)


def test_verbs_are_listed_in_groups_each_once(shell: Shell) -> None:
    """With where to start, and the verbs of a group in an order of use."""
    listed = shell("--help")
    assert "Start with `timeline demo`" in listed
    assert re.findall(r"^╭─ ([\w ]+) ─", listed, re.MULTILINE) == [*GROUPS, "Flags"]
    shown = re.findall(r"^│ ([\w-]+) ", listed, re.MULTILINE)
    assert [verb for verb in shown if not verb.startswith("-")] == [
        verb for verbs in GROUPS.values() for verb in verbs
    ]
    assert sorted(verb for verbs in GROUPS.values() for verb in verbs) == sorted(
        verb for verb in app if not verb.startswith("-") and app[verb].show
    )


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_every_verb_has_an_example(shell: Shell, verb: str) -> None:
    assert f"Example: timeline {verb}" in shell(verb, "--help")


def test_help_breaks_lines_where_the_terminal_ends() -> None:
    """And not where its source does; in a process of its own, since the width is looked at once."""

    def shown(verb: str) -> str:
        command = [sys.executable, "-m", "timeline.cli", verb, "--help"]
        environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", check=True, env=environment
        ).stdout

    whole = "unless --as-of gives it; then one entity or two, by id or any name they ever had."
    assert whole in shown("what-if")
    assert "and gives the answers in the format asked for; it is taken" in shown("shell")


def test_the_help_of_a_type_lists_its_flags(shell: Shell) -> None:
    listed = shell("append", "ceo-appointment", "--help")
    assert all(
        flag in listed for flag in ("--occurred", "--company", "--interim", "--no-interim", "--source")
    )


# init, load


def test_init_makes_a_timeline_and_leaves_one_that_is_there(shell: Shell) -> None:
    assert "is a new timeline" in shell("init")
    shell(*ROUND)
    assert "is a timeline already" in shell("init")
    assert len(shell.json("log")) == 1
    assert shell.json("init", "--db", "other.duckdb")["made"] is True


def test_load_tells_new_and_known_and_new_entities(shell: Shell) -> None:
    first = shell("load", str(SEEDS))
    assert "01-article.yaml  " in first
    assert "new entities" in shell.err
    assert all(" 0 new ·" in line for line in shell("load", str(SEEDS)).splitlines())
    assert shell.err == ""


def test_of_two_new_names_that_are_near_the_later_is_told(shell: Shell) -> None:
    """In one file, and in files loaded together; and nothing of those that are not near."""
    entry = "events:\n- ceo_ousting: {}\n  occurred: 2022\n  company: {}\n  person: Y\n"
    for mark, name in enumerate(("Zephyrine", "Zephyrine Robotics", "Bolt"), 1):
        Path(f"{mark}.yaml").write_text(entry.format(f"m{mark}", name))
    Path("all.yaml").write_text(
        "".join(Path(f"{mark}.yaml").read_text().removeprefix("events:\n" * (mark > 1)) for mark in (1, 2, 3))
    )
    for files in (["all.yaml"], ["1.yaml", "2.yaml", "3.yaml"]):
        shell("load", *files, "--dry-run")
        assert shell.err.splitlines() == [
            "new entity Zephyrine Robotics (zephyrine-robotics): is it zephyrine?",
            "3 new entities: Zephyrine (zephyrine), Y (y), Bolt (bolt)",
        ]


def test_a_title_near_the_name_of_a_source_is_told(shell: Shell) -> None:
    """As a message, also where the answer is JSON; it is no error."""
    entry = (
        "events:\n- ceo_ousting: A\n  occurred: 2022\n  company: X\n  person: Y\n  source: circuit weekly\n"
    )
    Path("a.yaml").write_text("sources:\n  circuit: {publisher: Weekly, published: 2024}\n" + entry)
    for form in ((), ("--json",)):
        shell("load", "a.yaml", "--dry-run", *form)
        assert shell.err.startswith("a.yaml:8: source: 'circuit weekly' is no name in `sources`")


def test_the_seeds_name_nobody_nearly_as_another(shell: Shell) -> None:
    shell("load", str(SEEDS), "--dry-run")
    assert "is it" not in shell.err


def test_a_dry_run_leaves_no_file(shell: Shell) -> None:
    assert "would be new" in shell("load", str(SEEDS), "--dry-run")
    assert not Path("test.duckdb").exists()


def test_a_dry_run_does_not_bring_a_file_up_to_date(shell: Shell) -> None:
    """What is in an older format stays so until something is written."""
    shell("init")
    path = Path("test.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET format = 3")
    before = path.read_bytes()
    said = ("append", "ceo_ousting", "--occurred", "2022", "--company", "Acme", "--person", "Bo")
    for command in ("load", str(SEEDS)), said:
        assert "is in format 3, older than" in shell.fails(*command, "--dry-run", code=1)
        assert path.read_bytes() == before


def test_what_is_at_fault_leaves_no_file(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.yaml").write_text("events:\n- ceo_ousting: A\n")
    assert "a.yaml:2: occurred: is missing" in shell.fails("load", "a.yaml", code=65)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"type": "\xff"}')))
    assert "-:1: is not UTF-8" in shell.fails("append", "-", code=65)
    assert not Path("test.duckdb").exists()


def test_load_and_what_if_read_standard_input(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `-`; what else looks like a flag is none, and no file."""
    text = "events:\n- ceo_ousting:\n  company: Acme\n  person: Bo\n  occurred: 2020\n"
    said(monkeypatch, text)
    assert "1 new" in shell("load", "-")
    said(monkeypatch, text.replace("Bo", "Cy"))
    assert "-  1 would be new" in shell("load", "--dry-run", "-")
    assert "Did you mean --dry-run?" in shell.fails("load", "-", "--dry-rn", code=2)
    assert "Unknown option: -x" in shell.fails("load", "-x", code=2)
    said(monkeypatch, text.replace("Bo", "Cy"))
    assert "supposing 1 record" in shell("what-if", "now", "acme", "--load", "-")


def test_load_tells_faults_and_conflicts(shell: Shell) -> None:
    Path("a.yaml").write_text("events:\n- ceo_ousting: A\n  occurred: 2022\n  company: X\n  person: Y\n")
    shell("load", "a.yaml")
    Path("a.yaml").write_text("events:\n- ceo_ousting: A\n  occurred: 2023\n  company: X\n  person: Y\n")
    assert "a.yaml:2: ceo_ousting: A (#1) already says something else" in shell.fails(
        "load", "a.yaml", code=65
    )
    assert "occurred: 2022 → 2023" in shell("load", "a.yaml", "--dry-run", code=65)
    assert shell.err == "error: 1 fault, nothing was written\n"
    assert shell("load", "a.yaml", "--amend").startswith("a.yaml  1 new")
    assert "needs a file or a folder" in shell.fails("load", code=2)


# append, correct, retract, attest


def test_append_takes_typed_flags_and_an_envelope(shell: Shell) -> None:
    done = shell.json(
        *ROUND, "--investors", "Bo", "--amount", "$1bn", "--id", "acme-1", "--source", "Gazette",
        "--published", "2022-04", "--publisher", "Acme", "--at", "page 3", "--credence", "confirmed",
        "--note", "seen", "--actor", "me",
    )  # fmt: skip
    (record,) = done["records"]
    assert record["data"]["investors"] == ["ann-lee", "bo"]
    assert record["data"]["amount"]["value"] == "1000000000"
    assert record["ref"] == "acme-1"
    assert record["sources"] == [
        {"title": "Gazette", "publisher": "Acme", "published": "2022-04", "locator": "page 3"}
    ]
    assert (record["credence"], record["note"], record["actor"]) == ("confirmed", "seen", "me")
    assert [one["id"] for one in done["new_entities"]] == ["acme", "ann-lee", "bo"]


def test_append_again_changes_nothing_and_says_so(shell: Shell) -> None:
    shell(*ROUND, "--id", "acme-1")
    assert "acme-1 (#1) is known already" in shell(*ROUND, "--id", "acme-1")


DEADLINE = ("append", "deadline_set", "--organisation", "Acme", "--goal", "ship it", "--occurred", "2024")


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_every_verb_that_writes_tells_what_looks_like_what_was_there(
    shell: Shell, dry: tuple[str, ...]
) -> None:
    """That it may be told twice, or that sources disagree; and that what is said again was taken back."""
    shell(*DEADLINE, "--due", "2025", "--id", "a")
    shell(*DEADLINE, "--due", "2026", "--id", "b", *dry)
    told = "b (#2) looks like a (#1) but for due (2025, 2026): sources disagree\n"
    assert told in shell.err
    Path("more.yaml").write_text(
        "events:\n- deadline_set: b\n  organisation: Acme\n  goal: ship it\n  occurred: 2024\n  due: 2026\n"
    )
    if dry:
        assert told in shell("load", "more.yaml", *dry)
        found = shell.json("load", "more.yaml", *dry)["lookalikes"]
        assert found == [{"position": 2, "ref": "b", "like": 1, "differing": ["due"]}]
    else:
        shell("retract", "a")
        shell("append", "deadline_set", "--occurred", "2024-05", *DEADLINE[2:6], "--due", "2026")
        assert "#4 looks like b (#2): attest it instead?\n" in shell.err
        found = shell.json("correct", "4", "--due", "2027")["lookalikes"]
        assert found == [{"position": 5, "ref": None, "like": 2, "differing": ["due"]}]
        shell("retract", "5")
        shell("retract", "4")
        again = shell("append", "deadline_set", "--occurred", "2024-05", *DEADLINE[2:6], "--due", "2026")
        told = "#4 was retracted by #7: to say it again, give it an id of its own, or retract #7"
        assert told in " ".join(again.split())
        fields = "organisation: Acme\n  goal: ship it\n  occurred: 2024-05\n  due: 2026\n"
        Path("again.yaml").write_text(f"events:\n- deadline_set:\n  {fields}")
        for flags in ((), ("--dry-run",)):
            again = shell("load", "again.yaml", *flags)
            assert "0 known already · 1 no longer standing" in again
            assert told in " ".join(again.split())
            assert "known #4" not in again


def pasted(shell: Shell, message: str) -> str:
    """Run the command that a message gives."""
    command = message.partition(": timeline ")[2].partition(", and ")[0]
    return shell(*shlex.split(command))


def test_what_is_said_otherwise_under_an_id_is_told_with_the_command_that_says_it(shell: Shell) -> None:
    """With all that differs, and what was given of the source."""
    given = ("--amount", "$2bn", "--id", "acme-1", "--source", "The Herald", "--at", "page 3")
    shell(*ROUND, "--id", "acme-1", "--amount", "$1bn", "--credence", "rumoured")
    problem = shell.fails(*ROUND, "--investors", "Bo Ek", *given, code=65)
    assert problem.endswith(
        "; to correct it: timeline correct acme-1 --investors 'Ann Lee' --investors 'Bo Ek' --amount '$2bn' "
        "--source 'The Herald' --at 'page 3' --credence reported\n"
    )
    assert "Acme raises money from Ann Lee and Bo Ek: $2bn" in pasted(shell, problem)
    problem = shell.fails(*ROUND, "--amount=", "--id", "acme-1", code=65)
    assert problem.endswith("it no longer stands; to say it anew, give it an id of its own, with --id\n")
    ousting = ("append", "ceo_ousting", "--occurred", "2020", "--company", "Acme", "--person", "Bo")
    problem = shell.fails(*ousting, "--id", "acme-1", code=65)
    assert problem.endswith("give the new one an id of its own, with --id\n")


def test_another_known_is_told_with_the_command_that_says_it(shell: Shell) -> None:
    """By position, where there is no mark."""
    ousting = ("append", "ceo_ousting", "--occurred", "2020", "--company", "Acme", "--person", "Bo")
    shell(*ousting, "--known", "2022")
    problem = shell.fails(*ousting, "--known", "2021", code=65)
    assert problem.endswith("; to correct it: timeline correct 1 --known 2021\n")
    assert "known 2021-12-31" in pasted(shell, problem)
    shell(*ousting, "--id", "a", "--known", "2022")
    problem = shell.fails(*ousting, "--id", "a", "--known", "2023", code=65)
    assert problem.endswith("timeline retract a --known same, and append it again with --id\n")
    assert "retracted" in pasted(shell, problem)


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "ceo_ousting", "id": "j", "occurred": "2020", "company": "Acme", "person": "Bo"}',
        '[{"type": "ceo_ousting", "occurred": "2020", "company": "Acme", "person": "Bo", "note": "n"}]',
        '{"type": "ceo_ousting", "occurred": "2020", "company": "Acme", "person": "Bo", "at": null}',
    ],
)
def test_append_reads_json_from_standard_input(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    said(monkeypatch, text)
    assert "Acme removes Bo as CEO" in shell("append", "-")
    said(monkeypatch, '{"type": "funding_round", "occured": "2020"}')
    assert "did you mean occurred?" in shell.fails("append", "-", code=65)


def test_correct_keeps_what_is_not_given(shell: Shell) -> None:
    shell(*ROUND, "--amount", "$1bn", "--id", "acme-1")
    (record,) = shell.json("correct", "acme-1", "--occurred", "2022-03", "--note", "month found")["records"]
    assert (record["kind"], record["target"], record["occurred"]) == ("correction", 1, "2022-03")
    assert record["data"]["investors"] == ["ann-lee"]
    (record,) = shell.json("correct", "#2", "--amount", "", "--investors", "")["records"]
    assert (record["data"]["amount"], record["data"]["investors"]) == (None, [])
    assert "corrected by #2" in shell.fails("correct", "acme-1", "--occurred", "2023", code=65)


def test_two_that_are_one_from_now_on_only_are_told_to_be_two_before(shell: Shell) -> None:
    """Not where it is said, or follows from the source, since when it was known, nor of other events."""
    same = ("append", "same_entity", "--occurred", "2020", "--entity", "Acme", "--as", "Bolt")
    Path("a.yaml").write_text("events:\n- {same_entity: a, occurred: 2020, entity: Acme, as_: Bolt}\n")
    wanted = r"as known before \d{4}-\d\d-\d\d, acme and bolt are two; --known says since when .*\n"
    for arguments in ((*same, "--dry-run"), ("load", "a.yaml", "--dry-run"), (*same, "--id", "a")):
        shell(*arguments)
        assert re.search(wanted, shell.err)
    shell("correct", "a", "--known", "2022")
    assert shell.err == ""
    shell(
        "append",
        "same_entity",
        "--occurred",
        "2020",
        "--entity",
        "C",
        "--as",
        "D",
        "--source",
        "x",
        "--published",
        "2022",
    )
    assert "are two" not in shell.err
    shell(*ROUND)
    assert "are two" not in shell.err


def test_retract_and_attest_name_a_record(shell: Shell) -> None:
    shell(*ROUND, "--id", "acme-1")
    assert "also said" in shell("attest", "acme-1", "--source", "The Daily", "--published", "2022-05")
    assert "needs a source" in shell.fails("attest", "acme-1", code=2)
    assert "retracted" in shell("retract", "acme-1", "--note", "never happened")
    assert "which cannot be corrected" in shell.fails("correct", "3", "--occurred", "2022", code=65)
    assert "no record 'nope'" in shell.fails("retract", "nope", code=1)


# as-of, explain, log, types, sql


def test_as_of_says_the_point_and_the_basis(seeds: Shell) -> None:
    shown = seeds("as-of", "2022-06-01", "microsoft", "OpenAI", "--known", "then")
    assert shown.startswith("Microsoft – OpenAI, end of 2022-06-01 UTC, as known then\n")
    assert "Microsoft: $1bn  #" in shown
    assert "nothing recorded of 20 other fields" in shown
    assert "records 1–" in shown
    assert "none" not in shown.lower()


def test_as_of_takes_one_entity_a_state_and_a_position(seeds: Shell) -> None:
    assert seeds.json("as-of", "2023-11-18", "OpenAI", "--known", "then")["values"]["ceo"] == "mira-murati"
    assert seeds.json("as-of", "now", "Sam Altman", "--state", "person")["state"] == "person"
    empty = seeds("as-of", "2023-11-18", "OpenAI", "--position", "0")
    assert empty.splitlines()[1:] == ["  nothing recorded", "  no records"]
    early = seeds.json("as-of", "2020", "microsoft", "openai", "--position", "40", "--dates", "earliest")
    assert early["basis"]["dates"] == "earliest"
    assert early["values"]["rounds"] == 1


def test_where_nothing_is_recorded_other_states_are_told(seeds: Shell) -> None:
    """Unless one was named; the answer stays that of the state that is meant."""
    shown = seeds("as-of", "2023-11-18", "Sam Altman")
    assert shown.splitlines()[1] == "  nothing recorded"
    assert seeds.err == "nothing is recorded as organisation, but as person: add --state person\n"
    for arguments in (
        ("2023-11-18", "Sam Altman", "--state", "organisation"),
        ("2023-11-18", "openai"),
        ("1999", "Sam Altman"),
        ("2023-11-18", "openai", "chatgpt"),
    ):
        seeds("as-of", *arguments)
        assert seeds.err == ""


def test_an_entity_where_a_state_comes_first_is_told_the_state(seeds: Shell) -> None:
    """Each that holds something of it, as a command to paste; whatever is no entity is refused as ever."""
    for verb in ("explain", "history", "slips", "diff", "plot changes"):
        message = seeds.fails(*verb.split(), "Mira Murati", code=2)
        assert f"did you mean `timeline {verb} person 'Mira Murati'`?" in message
    told = seeds.fails("explain", "OpenAI", "--field", "ceo", code=2)
    assert told == (
        "error: there is no state type 'OpenAI'; did you mean `timeline explain organisation OpenAI`?\n"
    )
    told = seeds.fails("explain", "openai", "microsoft", code=2)
    assert "did you mean `timeline explain relationship openai microsoft`?" in told
    assert "did you mean organisation?" in seeds.fails("explain", "organization", "openai", code=2)
    assert "`timeline types` lists them" in seeds.fails("explain", "openai", "x", "y", code=2)


def test_what_is_unsettled_or_ended_is_said_so(seeds: Shell) -> None:
    shown = seeds("as-of", "2020", "microsoft", "openai", "--position", "40")
    assert "rounds          unsettled  ? #17" in shown
    assert "? may or may not have happened by then" in shown
    assert "exclusivities      ended  #" in seeds("as-of", "2026-05-01", "microsoft", "openai")


def test_explain_gives_the_records_and_what_they_replaced(seeds: Shell) -> None:
    shown = seeds("explain", "organisation", "openai", "--field", "plans", "--as-of", "2025-06-01")
    assert "because P11a (#" in shown
    assert "corrects A30 (#" in shown
    why = seeds.json("explain", "organisation", "openai", "--field", "ceo", "--as-of", "2023-11-18")
    assert why["why"][0]["value"] == "mira-murati"
    assert "no record speaks of it" in seeds("explain", "organisation", "openai", "--field", "put_in")


def test_log_filters_records_and_marks_what_does_not_stand(seeds: Shell) -> None:
    rounds = seeds("log", "--type", "funding_round", "--entity", "OpenAI").splitlines()
    standing = seeds("log", "--type", "funding_round", "--entity", "OpenAI", "--stands").splitlines()
    assert [line for line in rounds if "corrected by " not in line] == standing
    assert [one["stands"] for one in seeds.json("log", "--after", "86")] == [True]
    assert [one["ref"] for one in seeds.json("log", "--text", "RECAPITALISED")] == []
    assert {one["type"] for one in seeds.json("log", "--text", "chatgpt is launched")} == {"product_launch"}
    assert seeds("log", "--after", "100000") == ""
    assert seeds.err == "no records\n"


def test_types_lists_and_describes_events_and_states(shell: Shell) -> None:
    assert "  funding_round " in shell("types")
    described = shell("types", "funding_round")
    assert "investors  names or ids" in described
    assert "Example: timeline append funding_round" in described
    assert "ceo_appointment" in shell("types", "organisation")
    assert shell.json("types", "funding_round")["fields"][0]["kind"] == "entity"
    assert shell.json("types")["states"].keys() >= {"organisation", "relationship"}
    assert "did you mean funding_round?" in shell.fails("types", "fundng_round", code=2)


@pytest.mark.parametrize("kind", Catalogue.find().events.values(), ids=lambda kind: kind.name)
def test_the_example_of_every_type_reads_as_an_event(kind: EventType) -> None:
    found: list[Event] = []

    def keep(event: Event, _: SaidOptions) -> int:
        found.append(event)
        return 0

    assert dispatch("append", kind, shlex.split(example(kind)), None, keep) == 0
    assert [type(one) for one in found] == [kind.cls]


def test_the_example_of_a_type_names_each_entity_once() -> None:
    catalogue = Catalogue.find("events")
    for kind in catalogue.events.values():
        found = samples(kind)
        named = [found[field.name] for field in kind.fields if field.names_entities and field.name in found]
        assert len(set(named)) == len(named)
    assert example(catalogue.events["meeting"]) == "--occurred 2022-03 --people Acme --organisations Bolt"
    assert example(catalogue.events["same_entity"]) == "--occurred 2022-03 --entity Acme --as Bolt"


def test_a_picture_that_is_written_is_told(seeds: Shell, tmp_path: Path) -> None:
    path = str(tmp_path / "ties.svg")
    assert seeds("plot", "graph", "--most", "3", "--output", path) == ""
    assert seeds.err == f"{path} is written\n"


def test_sql_gives_a_table_or_json(seeds: Shell) -> None:
    query = "SELECT occurred, company FROM funding_round ORDER BY occurred"
    assert seeds("sql", query).splitlines()[:2] == ["occurred    company", "2019-07-22  openai"]
    assert seeds.json("sql", query)[0] == {"occurred": "2019-07-22", "company": "openai"}
    assert "exactly one SELECT" in seeds.fails("sql", "DELETE FROM log", code=2)
    assert "DuckDB refuses" in seeds.fails("sql", "SELECT * FROM nothing", code=2)


ASKED = [
    ("2023-11-18", "Microsoft", "OpenAI", "--known", "then"),
    ("2023-11", "microsoft", "openai", "--dates", "earliest", "--position", "60", "--known", "2025"),
    ("2023-11-18", "openai", "--known", "2023-11-16"),
    ("2023/2024", "openai"),
    ("now", "openai"),
    ("2024", "Sam Altman", "--state", "person"),
]


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_the_sql_that_is_shown_gives_the_answer_in_any_client(seeds: Shell, asked: tuple[str, ...]) -> None:
    answer = seeds.json("as-of", *asked)
    question, macro = duckdb.extract_statements(seeds("as-of", *asked, "--show-sql"))
    with duckdb.connect(os.environ["TIMELINE_DB"], read_only=True) as client:

        def asks() -> list[Any]:
            (row,) = client.sql(question).fetchall()
            return [*row[: len(answer["who"])], row[-2], row[-1]]

        assert asks() == [*answer["who"], answer["because"], answer["unsettled"]]
        client.execute(macro)
        assert asks() == [*answer["who"], answer["because"], answer["unsettled"]]
        client.execute(
            macro.query.replace(" AS because,\n    list_", " AS reasons, 'mine' AS because,\n    list_")
        )
        assert asks()[-2] == "mine"


def test_the_sql_of_an_answer_pins_it_only_where_that_was_asked(seeds: Shell) -> None:
    shown = seeds("as-of", "2023", "openai", "--show-sql")
    assert """\nFROM "organisation_as_of"('2023')\nWHERE "organisation" = 'openai';\n""" in shown
    pinned = seeds("as-of", "2023", "openai", "--position", "40", "--show-sql")
    assert """('2023', "position" := 40)\n""" in pinned
    assert "leave one out" in seeds.fails("as-of", "2023", "openai", "--show-sql", "--json", code=2)


def test_a_state_in_python_has_no_sql_to_show(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMELINE_CATALOGUE", "tests.ledger")
    shell("init")
    shell("append", "noted", "--occurred", "2022", "--subject", "Ann", "--topic", "x")
    asked = ("as-of", "now", "Ann", "--state", "ledger")
    assert "does not run in SQL" in shell.fails(*asked, "--show-sql", code=2)


def test_a_remedy_can_be_pasted_whatever_the_mark(shell: Shell) -> None:
    shell("init")
    said = ("append", "funding_round", "--occurred", "2020", "--company", "Acme", "--investors", "Inv")
    for number, mark in enumerate(("-m1", "m2 $(x)"), 1):
        shell(*said, f"--id={mark}", "--amount", f"${number}")
        told = shell.fails(*said, f"--id={mark}", "--amount", "$9", code=65)
        command = shlex.split(told[told.index("timeline correct") :].splitlines()[0])
        assert command[2] == ("1" if number == 1 else mark)
        shell(*command[1:])


def test_early_dates_are_drawn_and_told(shell: Shell) -> None:
    shell("init")
    said = (
        "append",
        "funding_round",
        "--company",
        "Acme",
        "--investors",
        "Inv",
        "--id",
        "k1",
        "--occurred",
        "0030",
    )
    shell(*said, "--amount", "$1", "--known", "0900-01-01")
    assert "Acme" in shell("plot", "money", "organisation", "Acme")
    assert "Acme" in shell("plot", "timeline", "organisation", "Acme")
    told = shell.fails(*said, "--amount", "$2", "--known", "0900-01-02", code=65)
    assert "0900-01-0" in told


def test_wide_answers_are_not_cut_in_a_pipe(shell: Shell) -> None:
    shell("init")
    (_, value) = shell("sql", f"SELECT '{'x' * 500}' AS wide").splitlines()
    assert value == "x" * 500


# Failures

WRONG = [
    (("as-of", "soon", "openai"), 65, "'soon' is not a date"),
    (("as-of", "2023-13", "openai"), 65, "there is no month 13"),
    (("as-of", "2023/2022", "openai"), 65, "is not a date"),
    (("as-of", "2023/..", "openai"), 2, "needs a date that ends, and '2023/..' does not; say `now`"),
    (("as-of", "2023", "openai", "--known", "2023/.."), 2, "leave out --known"),
    (("as-of", "2023", "openai", "--position", "x"), 2, "takes a position or a date"),
    (("as-of", "2023", "openai", "--position", "-1"), 2, "takes a position or a date"),
    (("types", "--yaml"), 2, "goes with one event type"),
    (("as-of", "2023", "openia"), 1, "the nearest names are OpenAI"),
    (("as-of", "2023"), 2, "one entity or two"),
    (("as-of", "2023", "openai", "--position", "999"), 2, "runs from 0"),
    (("as-of", "2023", "openai", "--state", "organization"), 2, "did you mean organisation?"),
    (("as-of", "2023", "openai", "--dates", "never"), 2, "never"),
    (("as-of", "2023", "openai", "OpenAI"), 2, "a pair takes two entities"),
    (("explain", "organisation", "openai", "--field", "nope"), 2, "has no field 'nope'"),
    (("log", "--type", "nope"), 2, "no event type 'nope'"),
    (("nope",), 2, "nope"),
    (("append", "fundng_round"), 2, "did you mean funding_round?"),
    (("append", "ceo_ousting", "--occurred", "2022"), 2, "--company"),
    (("append", "--occurred", "2022"), 2, "the type comes first"),
    ((*ROUND, "--amount", "-5 USD"), 65, "--amount: '-5 USD' is not an amount"),
    ((*ROUND, "--amount", "5 XXX"), 65, "'XXX' is no currency"),
    ((*ROUND, "--known", "2999"), 65, "lies in the future"),
    ((*ROUND, "--id", "14"), 65, "is digits alone"),
    ((*ROUND, "--source", "a", "--source", "b", "--at", "p"), 2, "there are several"),
    (("log", "--db", "missing.duckdb"), 1, "there is no such file"),
    (("log", "--db", "."), 1, "it is a folder"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), WRONG)
def test_bad_input_is_told_with_an_exit_code(
    seeds: Shell, arguments: tuple[str, ...], code: int, message: str
) -> None:
    assert message in seeds.fails(*arguments, code=code)
    assert not Path("missing.duckdb").exists()


@pytest.mark.parametrize("verb", ["log", "rebuild"])
def test_where_no_file_was_named_it_is_told_how_to_name_one(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """By a flag or in the environment; where one was named, that advice is left out."""
    assert shell.fails(verb, code=1) == "error: test.duckdb is not a timeline: there is no such file\n"
    monkeypatch.delenv("TIMELINE_DB")
    missing = "error: timeline.duckdb is not a timeline: there is no such file"
    assert shell.fails(verb, code=1) == f"{missing}; say which with --db, or in TIMELINE_DB\n"
    monkeypatch.setenv("TIMELINE_DB", "timeline.duckdb")
    assert shell.fails(verb, code=1) == f"{missing}\n"


DATES = [
    ("spring 2021", "; try `timeline date 'spring 2021'`"),
    ("early 2019", "; try `timeline date 'early 2019'`"),
    ("June 2022", "; try `timeline date 'June 2022'`"),
    ("last Friday", "; try `timeline date 'last Friday'`, with --dateline and the day on which it was said"),
    ("soon", ""),
    ("2018-13", ""),
    ("early " * 50 + "2019", ""),
]


@pytest.mark.parametrize(("phrase", "advice"), DATES)
def test_a_phrase_for_a_date_is_refused_with_the_verb_that_reads_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, phrase: str, advice: str
) -> None:
    """Wherever a date can be given; not in Python, and not where that verb could not read it."""
    Path("a.yaml").write_text(f"events:\n- ceo_ousting: A\n  occurred: {phrase}\n  company: B\n  person: C\n")
    said(monkeypatch, json.dumps({"type": "ceo_ousting", "occurred": phrase, "company": "B", "person": "C"}))
    for arguments in (
        ("append", "funding_round", "--occurred", phrase, "--company", "B", "--investors", "C", "--amount="),
        ("append", "ceo_ousting", "--occurred", "2020", "--company", "B", "--person", "C", "--known", phrase),
        ("load", "a.yaml"),
        ("append", "-"),
    ):
        (message, *_) = shell.fails(*arguments, code=65).splitlines()[-1:]
        assert "is not a date: " in message
        assert message.partition("; ")[2].partition("; ")[2] == advice.removeprefix("; ")
    with pytest.raises(BadWhen) as caught:
        Timeline.open(":memory:").as_of(phrase)
    assert "timeline date" not in str(caught.value)


def test_what_is_no_timeline_is_refused(shell: Shell) -> None:
    Path("test.duckdb").write_text("just a text, long enough to be read as a header of a file " * 100)
    assert "is not a timeline" in shell.fails("log", code=1)
    assert "is not a timeline" in shell.fails(*ROUND, code=1)


def test_a_file_that_others_hold_names_the_process(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell("init")
    monkeypatch.setattr(opening, "PATIENCE", 0.2)
    script = "import duckdb, sys; c = duckdb.connect('test.duckdb'); print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "1\n"
        assert f"process {holder.pid}" in shell.fails("log", code=75)
        holder.communicate("")


def test_check_tells_what_does_not_add_up_and_ends_with_1_where_it_is_certain(shell: Shell) -> None:
    """What is only possible ends with 0, and `--certain` leaves it out."""
    deal = ("append", "exclusivity_deal", "--grantor", "Acme", "--scope", "cloud", "--publisher", "Herald")
    shell(*deal, "--occurred", "2020", "--grantee", "Bolt", "--until", "2020-06", "--id", "a")
    assert shell("check").endswith("0 certain, 1 possible\n")
    assert shell("check", "--certain") == "nothing that does not add up\n"
    assert shell("check", "--rule", "exclusive") == "nothing that does not add up\n"
    shell(*deal, "--occurred", "2019", "--grantee", "Crux", "--id", "b")
    told = shell("check", "--rule", "exclusive", "--rule", "terms", code=0).splitlines()
    assert told[0] == "exclusive: Within an exclusive scope there is no other grantee while it is in force."
    assert told[1] == "  possible  2020-01-01..2020-06-30  Acme, cloud: Crux and Bolt at once"
    assert [line.split()[0] for line in told[2:4]] == ["b", "a"]
    assert "[Herald]" in told[2]
    shell(*deal, "--occurred", "2021", "--grantee", "Dent", "--id", "c")
    assert "certain" in shell("check", code=1)
    assert shell.json("check", "--position", "2")["counts"]["exclusive"]["certain"] == 0
    assert "no rule type 'exclusiv'; did you mean exclusive?" in shell.fails(
        "check", "--rule", "exclusiv", code=2
    )


def test_every_error_has_an_exit_code() -> None:
    assert code(LockedFile("x", "process 1", 5)) == 75
    assert code(UnknownRecord("x")) == 1
    assert code(TimelineError("x")) == 1


def test_a_vocabulary_is_named_by_the_environment(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMELINE_CATALOGUE", "no_such_package")
    assert "no package 'no_such_package'" in shell.fails("types", code=2)


@pytest.mark.parametrize(
    "entry",
    [
        "- retracts: R\n  id: R\n",
        "- ceo_ousting: R\n  corrects: R\n  occurred: 2022\n  company: A\n  person: B\n",
    ],
)
def test_a_load_that_fails_leaves_no_file_and_never_says_that_it_wrote(shell: Shell, entry: str) -> None:
    Path("a.yaml").write_text(
        f"events:\n- ceo_appointment: G\n  occurred: 2022\n  company: A\n  person: B\n{entry}"
    )
    assert "no record 'R'" in shell.fails("load", "a.yaml", code=65)
    assert [one.name for one in Path().iterdir()] == ["a.yaml"]
    shell("init")
    shell.fails("load", "a.yaml", code=65)
    assert shell.json("log") == []


def test_what_fails_to_be_said_leaves_no_file(shell: Shell) -> None:
    shell.fails(*ROUND, "--known", "2999", code=65)
    shell.fails("retract", "nobody", code=1)
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("text", ["", " \n", "[]"])
def test_an_empty_standard_input_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    said(monkeypatch, text)
    assert "holds no events" in shell.fails("append", "-", code=65)


def test_a_correction_that_says_nothing_is_refused(shell: Shell) -> None:
    shell(*ROUND, "--id", "a")
    for flags in ((), ("--occurred", "2022"), ("--id", "b", "--actor", "me")):
        assert "corrects nothing in a (#1)" in shell.fails("correct", "a", *flags, code=2)
    assert len(shell.json("log")) == 1
    shell("correct", "a", "--credence", "denied")
    assert len(shell.json("log")) == 2


def test_json_is_strict_and_decimals_are_short(shell: Shell) -> None:
    shell("init")
    query = "SELECT 'nan'::DOUBLE AS n, '-inf'::DOUBLE AS i, [1e9::DECIMAL(18, 6)] AS d"
    shell("sql", query, "--json")
    shell("sql", query, "--json")
    assert json.loads(shell("sql", query, "--json"), parse_constant=pytest.fail) == [
        {"n": None, "i": None, "d": ["1000000000"]}
    ]
    assert shell("sql", "SELECT 1e9::DECIMAL(18, 6) AS amount").splitlines()[1] == "1000000000"


def test_a_note_said_again_in_other_words_is_told_without_none(shell: Shell) -> None:
    shell(*ROUND, "--id", "a")
    assert "its note stays empty, not 'new'" in shell(*ROUND, "--id", "a", "--note", "new")


def test_of_very_many_faults_and_names_the_first_are_told(shell: Shell) -> None:
    Path("a.yaml").write_text("events:\n" + "- nonsense: A\n" * 250)
    lines = shell.fails("load", "a.yaml", code=65).splitlines()
    assert (lines[0], len(lines)) == ("error: 250 faults, nothing was written", 102)
    assert "150 more" in lines[-1]
    entry = "- ceo_ousting: M{0}\n  occurred: 2022\n  company: Companyname{0}\n  person: Personname{0}\n"
    Path("a.yaml").write_text("events:\n" + "".join(entry.format(one) for one in range(100, 150)))
    shell("load", "a.yaml")
    assert shell.err.count("\n") == 1
    assert shell.err.startswith("100 new entities: Companyname100 (companyname100), ")
    assert re.search(r", … and [89][0-9] more\n\Z", shell.err)
    Path("a.yaml").write_text("events:\n" + "".join(entry.format(one) for one in range(500, 550)))
    shell("load", "a.yaml")
    assert len(shell.err.splitlines()) <= 22


def test_a_name_that_lists_two_known_ones_is_asked_about(shell: Shell) -> None:
    shell(*ROUND, "--investors", "Bo")
    shell("append", "ceo_ousting", "--occurred", "2022", "--company", "Acme", "--person", "Ann Lee and Bo")
    assert "Ann Lee and Bo (ann-lee-and-bo) looks like a list: did you mean ann-lee and bo?" in shell.err
    shell("append", "ceo_ousting", "--occurred", "2022", "--company", "Acme", "--person", "Cy and Di")
    assert "did you mean" not in shell.err


@pytest.mark.parametrize("kind", Catalogue.find().events.values(), ids=lambda kind: kind.name)
def test_the_template_of_every_type_reads_once_filled_in(kind: EventType) -> None:
    text = template(kind)
    for name, value in {kind.name: "A1", **samples(kind)}.items():
        filled = "true" if value is True else str(value)
        text = re.sub(rf"^(- |  )(?:# )?{name}: *#.*$", rf"\g<1>{name}: {filled}", text, flags=re.MULTILINE)
    read = read_text(text, Catalogue.find(), "x.yaml")
    assert read.faults == ()
    assert [type(one.event) for one in read.said] == [kind.cls]
    blank = read_text(template(kind), Catalogue.find(), "x.yaml")
    assert all("is left blank" in one.problem or "give" in one.problem for one in blank.faults)


def test_types_gives_a_template(shell: Shell) -> None:
    assert shell("types", "funding_round", "--yaml").startswith("events:\n- funding_round: ")
    assert "did you mean funding_round?" in shell.fails("types", "fundng_round", "--yaml", code=2)


# The terminal


def test_what_the_log_holds_never_steers_the_terminal(shell: Shell) -> None:
    hostile = "[red]Acme[/red] [link=x]"
    shell(
        "append",
        "ceo_ousting",
        "--occurred",
        "2022",
        "--company",
        hostile,
        "--person",
        "Ann",
        "--note",
        "a\nb \u202e\u2028",
    )
    for arguments in (("log",), ("as-of", "now", hostile), ("explain", "organisation", hostile)):
        shown = shell(*arguments)
        assert "[red]Acme[/red]" in shown
        assert "\u202e" not in shown
        assert "\x1b" not in shown
    escaped = shell("sql", "SELECT chr(27) || '[31mred' AS x")
    assert "\x1b" not in escaped


def test_a_process_answers_in_plain_text_without_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, "TIMELINE_DB": "x.duckdb", "COLUMNS": "20"}

    def process(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "timeline.cli", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    failed = process("log")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == "error: x.duckdb is not a timeline: there is no such file\n"
    assert process("init").returncode == 0
    done = process(*ROUND)
    assert done.returncode == 0
    assert done.stdout.startswith("#1 2022 Acme raises money from Ann Lee, known ")
    assert done.stdout.count("\n") == 1
    assert Timeline.open(tmp_path / "x.duckdb", read_only=True).record(1).type == "funding_round"


STREAMS = [
    ("timeline log >&-", 1, "", "error: the answer cannot be written: standard output is closed\n"),
    ("timeline log > /dev/full", 1, "", "error: the answer cannot be written: no space left on device\n"),
    ("timeline log 2>&-", 0, "#1 ", ""),
    ("timeline log --nonsense 2> /dev/full", 2, "", ""),
    (
        "timeline append - <&-",
        65,
        "",
        "error: 1 fault, nothing was written\n-: cannot be read: standard input is",
    ),
    (
        "timeline append ceo_ousting --occurred 2021 --company Acme --person Zoë > /dev/full",
        1,
        "",
        "is written to",
    ),
    ("timeline append ceo_ousting --occurred 2021 --company Acme --person Zoë >&-", 1, "", "is written to"),
    ("TIMELINE_AS_OF= TIMELINE_KNOWN=' ' TIMELINE_POSITION= TIMELINE_TZ= timeline log", 0, "Zoë", ""),
    ("PYTHONIOENCODING=ascii timeline log", 0, "Zo\\xeb", ""),
    ("PYTHONIOENCODING=ascii timeline log --json", 0, "Zo\\u00eb", ""),
    ("timeline sql 'FROM range(100000)' | head -1; [[ ${PIPESTATUS[0]} =~ ^(0|141)$ ]]", 0, "range", ""),
    ("timeline sql 'FROM range(100000)' --json | head -1; [[ ${PIPESTATUS[0]} =~ ^(0|141)$ ]]", 0, "[", ""),
]


@pytest.mark.parametrize(("command", "code", "answer", "message"), STREAMS)
def test_streams_that_are_closed_full_or_narrow_make_no_traceback(
    shell: Shell, command: str, code: int, answer: str, message: str
) -> None:
    shell("append", "ceo_ousting", "--occurred", "2022", "--company", "Acme", "--person", "Zoë")
    main = f"{shlex.quote(sys.executable)} -m timeline.cli"
    done = subprocess.run(
        ["bash", "-c", command.replace("timeline", main, 1)],  # noqa: S607
        capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONPATH": str(SEEDS.parent)},
    )  # fmt: skip
    assert done.returncode == code, done
    assert answer in done.stdout
    assert message in done.stderr
    assert message or not done.stderr
    assert "Traceback" not in done.stderr
    assert len(shell.json("log")) == (2 if "is written" in message else 1)


# On whose word, and what if


def test_a_question_is_asked_on_the_word_of_some(seeds: Shell) -> None:
    asked = ("as-of", "2022", "microsoft", "openai")
    assert seeds.json(*asked)["values"]["rounds"] == 2
    assert seeds.json(*asked, "--without", "Los Angeles Times")["values"]["rounds"] == 1
    assert seeds.json(*asked, "--only", "fortune", "--only", "the verge")["values"]["rounds"] == 1
    found = seeds.json(*asked, "--credence", "confirmed", "--credence", "rumoured")
    assert found["basis"]["credence"] == ["confirmed", "rumoured"]
    assert "did you mean Tech Titans Tussle: " in seeds.fails(*asked, "--without", "tech titans", code=1)
    assert "takes no --without" in seeds.fails(*asked, "--without", "axios", "--show-sql", code=2)


def test_sources_are_listed_with_what_rests_on_them(seeds: Shell) -> None:
    found = {one["source"]: one for one in seeds.json("sources")}
    assert found["Axios"]["records"] > found["Axios"]["alone"] > 0
    point, header, *_ = seeds("sources").splitlines()
    assert point.startswith("sources, ")
    assert header.split() == ["source", "records", "alone"]
    assert sum(one["records"] for one in seeds.json("sources", "--as-of", "1900")) == 0


def test_what_rests_on_one_source_is_told(seeds: Shell) -> None:
    told = seeds("single-sourced", "--type", "ceo_appointment", "--entity", "openai")
    assert "\n  OpenAI\n    P0a (#41) 2019-03: Sam Altman becomes CEO of OpenAI\n" in told
    (leaning,) = seeds.json("single-sourced", "organisation", "openai", "--as-of", "2023-11-18")["by_source"]
    assert (leaning["source"], leaning["fields"]) == ("OpenAI", ["products"])
    assert "nothing" in seeds("single-sourced", "--as-of", "1900")


def test_what_if_a_record_had_not_been_said(seeds: Shell) -> None:
    asked = ("what-if", "2023-12-01", "sam altman", "--state", "person", "--retract", "P7d")
    assert seeds(*asked).splitlines()[-1] == "≠ offices, as recorded: nothing recorded"
    found = seeds.json(*asked)
    assert [one["target"] for one in found["supposed"]] == [55]
    assert found["recorded"]["values"]["offices"] == {}
    assert found["state"]["values"]["offices"].keys() == {"microsoft / research lead"}
    assert "supposes something" in seeds.fails("what-if", "2023", "openai", code=2)
    assert "no longer stands" in seeds.fails("what-if", "2023", "openai", "--retract", "P7c", code=65)


def test_what_if_a_file_were_loaded(seeds: Shell) -> None:
    Path("more.yaml").write_text(
        "events:\n- ceo_appointment: z\n  occurred: 2024\n  company: New\n  person: Ann\n"
    )
    told = seeds("what-if", "2025", "new", "--load", "more.yaml")
    assert "New, end of 2025-12-31 UTC, supposing 1 record" in told
    assert "supposed #88" in told
    assert seeds.json("what-if", "2025", "new", "--load", "more.yaml")["recorded"] is None
    Path("more.yaml").write_text("events:\n- ceo_appointment: z\n")
    assert "more.yaml:2" in seeds.fails("what-if", "2025", "new", "--load", "more.yaml", code=65)
    assert seeds.json("log", "--after", "87") == []
