"""The point of a question at the command line: by flags, from the environment, in a zone; and dry runs."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from tests.asking import Asking
from tests.ledger import Organisation, Relationship, event, opened
from timeline import When
from timeline.errors import NotAllowed
from timeline.values import close_in, zone

SEEDS = Path(__file__).parents[2] / "seeds"
STATE = ("organisation", "openai")


def test_the_date_is_the_first_word_or_a_flag(ask: Asking) -> None:
    assert ask.basis("as-of", "2023-11-18", "openai") == ask.basis("as-of", "openai", "--as-of", "2023-11-18")
    ask("what-if", "openai", "--as-of", "2023-11-18", "--retract", "P7d")
    ask("as-of", code=2)
    ask("as-of", "2022", "openai", "--as-of", "2023", code=1)


@pytest.mark.parametrize(
    "asked",
    [
        ("as-of", "openai"),
        ("explain", *STATE),
        ("diff", *STATE),
        ("slips", "project", "Stargate data centre"),
        ("history", *STATE),
        ("history", *STATE, "--axis", "known"),
        ("sources",),
        ("single-sourced",),
        ("what-if", "openai", "--retract", "P7d"),
        ("check",),
        ("log",),
        ("log", "--stands", "--since", "2022"),
        ("entities",),
        ("plot", "timeline", *STATE),
        ("plot", "money", *STATE),
        ("plot", "changes", *STATE),
        ("plot", "graph"),
    ],
    ids=" ".join,
)
def test_the_environment_gives_the_point(
    ask: Asking, asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the answer that the flags give."""
    point = {"AS_OF": "2023-11-18", "KNOWN": "2023-11-30", "DATES": "earliest", "POSITION": "70"}
    if asked[0] == "history":
        del point["KNOWN" if "--axis" in asked else "AS_OF"]
    flags = [word for name, value in point.items() for word in (f"--{name.lower().replace('_', '-')}", value)]
    by_flags = ask(*asked, *flags, "--format", "jsonl")
    assert "on an earlier basis: records 1–70 of " in ask.err
    for name, value in point.items():
        monkeypatch.setenv(f"TIMELINE_{name}", value)
    assert ask(*asked, "--format", "jsonl") == by_flags


def test_the_environment_gives_sources_between_semicolons(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMELINE_WITHOUT", "Los Angeles Times; Axios")
    assert ask.basis("as-of", "2022", "openai")["without"] == ["Los Angeles Times", "Axios"]


def test_a_word_takes_the_place_of_the_date_of_the_environment(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMELINE_AS_OF", "2023")
    assert ask.basis("as-of", "openai")["valid"] == "2023"
    assert ask.basis("as-of", "2022", "openai")["valid"] == "2022"
    monkeypatch.setenv("TIMELINE_KNOWN", "2022")
    ask("history", *STATE, "--axis", "known")
    ask("history", *STATE, "--as-of", "2022", code=2)


def test_what_is_appended_is_followed_whatever_the_point(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A point that is asked for is refused, one of the environment left aside."""
    for flags in ("--as-of", "2023"), ("--known", "then"), ("--position", "4"), ("--without", "Axios"):
        ask("log", "--follow", *flags, code=2)
        assert "--follow tells all that is appended" in ask.err
    monkeypatch.setattr("timeline.cli.checking._follow", lambda *_: 0)
    for name, value in {
        "AS_OF": "2023",
        "KNOWN": "then",
        "POSITION": "4",
        "WITHOUT": "Axios; Fortune",
    }.items():
        monkeypatch.setenv(f"TIMELINE_{name}", value)
    ask("log", "--follow")
    ask("log", "--follow", "--known", "2023", code=2)


def test_a_list_says_what_bounds_it(ask: Asking) -> None:
    ask("log", "--as-of", "2022", "--known", "then")
    assert ask.err.strip() == "end of 2022-12-31 UTC, as known then"
    ask("log", "--type", "funding_round", "--as-of", "1999")
    assert ask.err.strip() == "no records, end of 1999-12-31 UTC"
    ask("entities", "--position", "60")
    assert ask.err.startswith("on an earlier basis: records 1–60 of ")
    ask("entities", "nobody at all", "--without", "Axios")
    assert ask.err.strip() == "no entities, without Axios"
    assert "0 certain" in (told := ask("check", "--as-of", "2025-06", "--dates", "earliest"))
    assert told.strip().endswith("end of 2025-06-30 UTC, dates read at their earliest")
    ask("log")
    assert ask.err == ""


def test_a_long_date_says_how_much_changed_within_it(ask: Asking) -> None:
    """The command that it names shows the changes it counts; a day says nothing."""
    ask("as-of", "2023-11", "openai", "--dates", "earliest")
    told, _, command = ask.err.strip().replace("\n  ", " ").partition(": ")
    words = command.split()
    assert words[:2] == ["timeline", "history"]
    periods = json.loads(ask(*words[1:], "--json"))["periods"]
    assert told == f"{len(periods) - 1} changes within 2023-11"
    ask("as-of", "2023-11", "openai", "--dates", "earliest", "--tz", "Europe/Paris")
    assert told in ask.err
    ask("as-of", "2023-11-18", "openai")
    assert ask.err == ""


@pytest.mark.parametrize(
    "asked",
    [
        ("explain", *STATE, "--field", "ceo", "--as-of", "2023-11"),
        ("explain", *STATE, "--as-of", "2023-11", "--without", "Axios", "--position", "80"),
        ("what-if", "2023-11", "openai", "--retract", "P7d"),
        ("diff", *STATE, "--as-of", "2023-11", "--to-as-of", "2023-12-24"),
        ("diff", *STATE, "--as-of", "2023-10-24", "--to-as-of", "2023-11"),
        ("slips", "project", "OpenAI open-weight model", "--as-of", "2025-06"),
        ("single-sourced", *STATE, "--as-of", "2023-11", "--tz", "Asia/Tokyo"),
        ("single-sourced", "--type", "ceo_appointment", "--as-of", "2023-11", "--known", "then"),
        ("sources", "--as-of", "2023", "--dates", "earliest"),
        ("plot", "changes", *STATE, "--as-of", "2023-10-24", "--to-as-of", "2023-11"),
    ],
    ids=" ".join,
)
def test_whatever_is_asked_of_a_long_date_says_how_much_happened_in_it(
    ask: Asking, asked: tuple[str, ...]
) -> None:
    """With a command that shows as much; of a day nothing is said, nor where programs read."""
    ask(*asked)
    last = ask.err.replace("\n  ", " ").strip().splitlines()[-1]
    told, _, command = last.removeprefix("as recorded, ").partition(": timeline ")
    words = shlex.split(command)
    found = json.loads(ask(*words, "--json"))
    count = len(found) if words[0] == "log" else len(found["periods"]) - 1
    plural = "" if count == 1 else "s"
    what = "event" if words[0] == "log" else "change"
    assert count > 0
    assert told.startswith(f"{count} {what}{plural} within 20")
    ask(*asked, "--format", "jsonl")
    assert " within " not in ask.err
    days = {"2023-11": "2023-11-18", "2025-06": "2025-06-18", "2023": "2023-11-18"}
    ask(*(days.get(word, word) for word in asked))
    assert " within " not in ask.err


def test_now_is_the_present_in_spans_too(ask: Asking) -> None:
    """And where it limits nothing; within it, nothing can be."""
    assert ask("log", "--since", "now") == ""
    assert ask("log", "--until", "now") == ask("log", "--as-of", "today")
    ask("history", *STATE, "--since", "now", "--until", "today")
    assert ask("as-of", "2023", "openai", "--known", "now", "--position", "now") == ask(
        "as-of", "2023", "openai"
    )
    diff = ("diff", *STATE, "--as-of", "2023", "--known", "2023-11-19")
    assert ask(*diff, "--to-known", "now", "--to-position", "now") == ask(*diff)
    for verb in (("log",), ("history", *STATE), ("plot", "timeline", *STATE)):
        ask(*verb, "--during", "now", code=2)
        assert "'now' is an instant; --since and --until take it" in ask.err


def test_a_day_closes_where_it_is(ask: Asking) -> None:
    basis = ask.basis("as-of", "2023-11-17", "openai", "--tz", "America/New_York")
    assert basis["point"] == "2023-11-18T04:59:59.999999+00:00"
    assert "end of 2023-11-17 America/New_York, 2023-11-18T04:59:59.999999 UTC" in ask.err
    assert ask.basis("as-of", "2023-11-17T12:00Z", "openai", "--tz", "Asia/Tokyo")["point"][11:13] == "12"
    ask("as-of", "2023", "openai", "--tz", "Europe/Pariss", code=2)
    assert "did you mean Europe/Paris" in ask.err


@given(
    st.dates(date(2012, 1, 1), date(2037, 12, 31)),
    st.sampled_from(["America/New_York", "Asia/Kathmandu", "Europe/Paris", "Pacific/Kiritimati", "UTC"]),
)
def test_the_close_of_a_day_somewhere_is_the_last_instant_of_it(day: date, name: str) -> None:
    """In that zone it is still the day asked about, and a microsecond later it is not."""
    found = close_in(When.read(day), zone(name))
    assert found.latest is not None
    there = found.latest.astimezone(ZoneInfo(name))
    assert there.date() == day
    assert there.time().isoformat() == "23:59:59.999999"


def test_a_zone_is_known() -> None:
    with pytest.raises(NotAllowed, match="no time zone"):
        zone("../x")
    assert close_in(When("2023"), zone(None)) == When("2023")
    found = close_in(When("2023-01-01T10:00"), zone("Asia/Tokyo"))
    assert found.latest == datetime(2023, 1, 1, 1, tzinfo=UTC)


def test_a_dry_run_writes_nothing(ask: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells what would be written, and fails as the deed would."""
    path = tmp_path / "t.duckdb"
    monkeypatch.setenv("TIMELINE_DB", str(path))
    event = (
        "append",
        "ceo_ousting",
        "--occurred",
        "2022",
        "--company",
        "Acme",
        "--person",
        "Bo",
        "--id",
        "b1",
    )
    assert "would be a new timeline" in ask("init", "--dry-run")
    told = ask(*event, "--dry-run")
    assert not path.exists()
    assert ask(*event).replace("#1", "") == told.replace("#1", "")
    dry = [
        ("correct", "b1", "--occurred", "2023"),
        ("retract", "b1"),
        ("attest", "b1", "--source", "Gazette"),
        ("rebuild",),
        ("init",),
        ("append", "ceo_ousting", "--occurred", "2022", "--company", "Zeta", "--person", "Bo"),
    ]
    before = ask("head")
    for words in dry:
        assert ask(*words, "--dry-run")
    assert ask("head") == before
    ask("correct", "b1", "--dry-run", code=2)
    ask("retract", "b2", "--dry-run", code=1)
    assert len(json.loads(ask("log", "--json"))) == 1


def test_whose_state_it_is_and_one_side_of_a_comparison() -> None:
    """A moment tells the key by class or name of the state, and by any name of those meant."""
    with opened() as tl:
        tl.append(event("ceo_appointment", "2020", company="Acme Inc", person="Ann"))
        tl.append(event("funding_round", "2020", company="Acme Inc", investors=["Bolt"], amount="$1m"))
        moment = tl.as_of()
        for state in Organisation, "organisation":
            assert moment.key(state, ["Acme Inc"]) == moment.key(state, "acme-inc") == ("acme-inc",)
            assert moment.side(state, "Acme Inc").state == moment.of(Organisation, "acme-inc")
        assert moment.key(Relationship, ("bolt", "Acme Inc")) == ("acme-inc", "bolt")
        assert moment.side("relationship", ("bolt", "Acme Inc")).state == moment.between("bolt", "acme-inc")
        with pytest.raises(NotAllowed):
            moment.key(Relationship, "bolt")
