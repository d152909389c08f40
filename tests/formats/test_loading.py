"""Loading files of events: all of them or none, twice the same as once, and every fault told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.reuse import in_memory
from timeline import Timeline
from timeline.errors import BadText, FaultyFile
from timeline.formats import DateReading, Loaded, load_files, read_json
from timeline.formats.loading import load
from timeline.vocabulary import Catalogue, Event as AnyEvent

SEEDS = Path(__file__).parents[2] / "seeds"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ROUND = """
- funding_round: A14
  occurred: [2018..2022-11]
  company: OpenAI
  investors: [Microsoft]
  amount: 1bn USD
"""

Write = Callable[..., Path]


@pytest.fixture
def tl() -> Iterator[Timeline]:
    with in_memory(clock=lambda: NOW) as timeline:
        yield timeline


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of events; without a head of its own, under `events:`."""

    def written(text: str, name: str = "events.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text if "events:" in text else f"events:\n{text}", encoding="utf-8")
        return path

    return written


def faults(tl: Timeline, *paths: Path, **how: Any) -> list[str]:
    """The faults in files, without the folder; nothing was written."""
    before = tl.as_of().basis.position
    with pytest.raises(FaultyFile) as caught:
        load(tl, paths, **how)
    assert tl.as_of().basis.position == before
    assert str(caught.value).startswith(f"{len(caught.value.faults)} fault")
    return [fault.replace(f"{paths[0].parent}/", "") for fault in caught.value.faults]


def one_event(tl: Timeline, path: Path) -> AnyEvent:
    load(tl, [path])
    event = next(iter(tl.as_of().records())).event
    assert event is not None
    return event


def counts(loaded: Loaded) -> list[tuple[int, int]]:
    return [(len(file.commit.records), len(file.commit.unchanged)) for file in loaded.files]


# What is read


def test_every_scalar_is_text_and_an_unquoted_interval_is_a_date(tl: Timeline, write: Write) -> None:
    path = write(
        """
- exclusivity_deal: X
  occurred: [..2022-11]
  grantor: NO
  grantee: 007
  scope: 2022-11-30
  until: [2025..2026]
"""
    )
    event: Any = one_event(tl, path)
    assert (event.occurred.text, event.until.text) == ("[..2022-11]", "[2025..2026]")
    assert (event.grantor, event.grantee, event.scope) == ("no", "007", "2022-11-30")


@pytest.mark.parametrize(("text", "flag"), [("true", True), ("yes", True), ("no", False), ("False", False)])
def test_flags_are_read_as_people_write_them(tl: Timeline, write: Write, text: str, flag: bool) -> None:
    path = write(f"- ceo_appointment:\n  occurred: 2022\n  company: A\n  person: B\n  interim: {text}\n")
    event: Any = one_event(tl, path)
    assert event.interim is flag


@pytest.mark.parametrize("blank", ["", "~", "null", "# nothing known"])
def test_a_field_left_blank_is_one_of_which_nothing_is_known(tl: Timeline, write: Write, blank: str) -> None:
    path = write(
        f"- funding_round: A\n  occurred: 2022\n  company: A\n  investors: {blank}\n  amount: {blank}\n"
    )
    event: Any = one_event(tl, path)
    assert (event.investors, event.amount) == ((), None)


def test_one_entity_needs_no_list_and_a_quoted_null_is_a_name(tl: Timeline, write: Write) -> None:
    path = write("- funding_round: A\n  occurred: 2022\n  company: 'null'\n  investors: Ann\n  amount:\n")
    event: Any = one_event(tl, path)
    assert (event.company, event.investors) == ("null", ("ann",))


def test_an_entry_names_its_sources_in_several_ways(tl: Timeline, write: Write) -> None:
    path = write(
        """
source: {title: The article, published: 2025-05~}
sources:
  axios: {publisher: Axios, published: [2023-11-20..2023-11-21]}
  board: {title: Statement, url: https://example.org}
events:
- ceo_ousting: A
  occurred: 2023
  company: OpenAI
  person: Sam
  at: ¶7
- ceo_ousting: B
  occurred: 2023
  company: OpenAI
  person: Ann
  source: [axios, board]
- ceo_ousting: C
  occurred: 2023
  company: OpenAI
  person: Bo
  source: {publisher: CRN, locator: page 3}
- ceo_ousting: D
  occurred: 2023
  company: OpenAI
  person: Cy
  source: A plain title
  known: 2024-01-01
  credence: rumoured
  note: of own
  actor: me
"""
    )
    load(tl, [path])
    first, second, third, fourth = tl.as_of().records()
    assert [str(source) for source in first.sources] == ["The article 2025-05~ ¶7"]
    assert [source.publisher for source in second.sources] == ["Axios", None]
    assert second.known_at == datetime(2023, 11, 21, 23, 59, 59, 999999, tzinfo=UTC)
    assert str(third.source) == "CRN page 3"
    assert (str(fourth.source), fourth.credence, fourth.note, fourth.actor) == (
        "A plain title",
        "rumoured",
        "of own",
        "me",
    )
    assert f"{fourth.known_at:%Y-%m-%d}" == "2024-01-01"


CITED = """
sources:
  circuit: {{publisher: Weekly of circuits, published: 2024-05-20}}
  ledger: {{title: Quell leaves, published: 2024-09-03}}
events:
- ceo_ousting: A
  occurred: 2023
  company: OpenAI
  person: Sam
  source: {source}
- ceo_ousting: B
  occurred: 2023
  company: OpenAI
  person: Ann
  source: {source}
"""


@pytest.mark.parametrize(
    ("title", "name"),
    [("circuit weekly", "circuit"), ("Weekly of Circuits", "circuit"), ("Quell leaves", "ledger")],
)
def test_a_title_near_a_named_source_is_told_once_and_taken(
    tl: Timeline, write: Write, title: str, name: str
) -> None:
    """Near the name, or as what it names says; the file is loaded all the same."""
    path = write(CITED.format(source=title))
    loaded = load(tl, [path])
    (hint,) = loaded.hints
    assert str(hint) == (
        f"{path}:10: source: {title!r} is no name in `sources`, so it is taken as a title, without a date; "
        f"did you mean {name!r}? A title goes as {{title: …}}"
    )
    assert {str(record.source) for record in tl.as_of().records()} == {title}


@pytest.mark.parametrize("source", ["Another paper", "{title: circuit weekly}", "circuit", "[ledger]", ""])
def test_a_source_that_is_near_none_or_said_to_be_a_title_is_told_of_no_name(
    tl: Timeline, write: Write, source: str
) -> None:
    assert load(tl, [write(CITED.format(source=source))], dry_run=True).hints == ()


def test_where_no_sources_are_named_none_is_told(tl: Timeline, write: Write) -> None:
    assert load(tl, [write(ROUND + "  source: circuit weekly\n")]).hints == ()
    assert load(tl, [SEEDS]).hints == ()


def test_entries_correct_retract_and_attest_by_mark(tl: Timeline, write: Write) -> None:
    path = write(
        f"""{ROUND}
- funding_round: P1
  corrects: A14
  occurred: 2019-07-22
  company: OpenAI
  investors: [Microsoft]
  amount: 1bn USD
- attests: P1
  source: {{publisher: Fortune, published: 2019-07-22}}
- retracts: P1
  id: P2
  known: same
"""
    )
    load(tl, [path])
    assert [(one.kind, one.ref, one.target) for one in tl.as_of().records()] == [
        ("assertion", "A14", None),
        ("correction", "P1", 1),
        ("attestation", None, 2),
        ("retraction", "P2", 2),
    ]


# What is written


def test_dates_may_be_phrases_seen_from_the_day_of_the_source(tl: Timeline, write: Write) -> None:
    """Or from a day that is said; how each was read is told, and what may be two days is refused."""
    path = write("""
sources:
  courier: {publisher: Port Tavish Courier, published: "12 March 2024"}
  vague: {title: A yearbook, published: 2024}
events:
- {funding_round: Z1, occurred: last month, company: Acme, amount: , investors: , source: courier}
- {project_announced: Z2, occurred: today, project: Quay, planned: in two months, source: [vague, courier]}
- {funding_round: Z3, occurred: late 2023, company: Acme, amount: , investors: , source: vague, known: Jan-24}
""")
    published = DateReading(["phrases"], dateline="published")
    loaded = load(tl, [path], dates=published, dry_run=True)
    assert [str(one) for one in loaded.dates] == [
        "'12 March 2024' is 2024-03-12: that day",
        "'last month' (said 2024-03-12) is 2024-02: the calendar month before that of the day it was said",
        "'today' (said 2024-03-12) is 2024-03-12: today, seen from the day it was said",
        "'in two months' (said 2024-03-12) is 2024-05: the calendar month 2 months after the day it was said",
        "'Jan-24' is 2024-01: January 2024; 24 taken for 2024",
        "'late 2023' is [2023-09..2023-12]: the last third of the year 2023",
    ]
    load(tl, [path], dates=published)
    assert [str(one.occurred) for one in tl.as_of().records()] == [
        "2024-02",
        "2024-03-12",
        "[2023-09..2023-12]",
    ]
    days = "2021-04-03 or 2021-03-04"
    two = write("- {funding_round: Z4, occurred: 3/4/2021, company: Acme, amount: , investors: }", "two.yaml")
    assert faults(tl, two, dates=published) == [
        f"two.yaml:2: occurred: '3/4/2021' may be {days}; say whether the day or the month comes first"
    ]
    depends = "depends on the day on which it was said"
    vague = write("""
- {ceo_resignation: Z5, occurred: last month, company: A, person: B, source: {title: A, published: 2024}}
""")
    assert faults(tl, vague, dates=published) == [
        f"events.yaml:3: occurred: 'last month' {depends}; say that with dateline"
    ]
    load(tl, [vague, two], dates=DateReading(["phrases", "day/month/year"], dateline="2024-05-01"))
    assert [str(one.occurred) for one in tl.as_of().records()][3:] == ["2024-04", "2021-04-03"]
    with pytest.raises(BadText, match="'soon' is no day, and the dateline of a phrase is one"):
        load(tl, [vague], dates=DateReading(["phrases"], dateline="soon"))


def test_a_folder_is_loaded_in_order_of_file_name_each_file_one_commit(tl: Timeline, write: Write) -> None:
    write(ROUND.replace("A14", "B"), "02.yml")
    write(ROUND, "01.yaml")
    path = write("not loaded", "notes.txt")
    loaded = load(tl, [path.parent])
    assert [Path(file.path).name for file in loaded.files] == ["01.yaml", "02.yml"]
    assert [record.ref for record in tl.as_of().records()] == ["A14", "B"]
    assert tl.sql("SELECT last_position FROM commits").rows == ((1,), (2,))


def test_loading_the_seeds_twice_changes_nothing(tl: Timeline) -> None:
    first = load(tl, [SEEDS])
    digest = tl.sql("SELECT digest FROM commits").rows
    again = load(tl, [SEEDS])
    assert counts(again) == [(0, new) for new, _ in counts(first)]
    assert tl.sql("SELECT digest FROM commits").rows == digest


def test_a_dry_run_tells_what_would_be_and_writes_nothing(tl: Timeline, write: Write) -> None:
    load(tl, [write(ROUND)])
    path = write(
        ROUND
        + ROUND.replace("A14", "B").replace("[2018..2022-11]", "2019").replace("1bn", "about 1bn")
        + ROUND.replace("A14", "C").replace("[2018..2022-11]", "2024")
    )
    loaded = load(tl, [path], dry_run=True)
    assert counts(loaded) == [(2, 1)]
    assert [str(one) for one in loaded.lookalikes] == ["B (#2) looks like A14 (#1): attest it instead?"]
    assert tl.as_of().basis.position == 1


def test_a_dry_run_tells_conflicts_instead_of_raising(tl: Timeline, write: Write) -> None:
    load(tl, [write(ROUND)])
    loaded = load(tl, [write(ROUND.replace("1bn", "2bn"))], dry_run=True)
    (fault,) = loaded.faults
    assert (fault.line, fault.field) == (3, "funding_round")
    assert "amount: $1bn → $2bn" in fault.problem


def test_other_texts_make_another_event_not_a_lookalike(tl: Timeline) -> None:
    assert load(tl, [SEEDS], dry_run=True).lookalikes == ()


def test_a_second_source_under_the_same_mark_is_an_attestation(tl: Timeline, write: Write) -> None:
    load(tl, [write(ROUND + "  source: One paper\n")])
    load(tl, [write(ROUND + "  source: Another paper\n")])
    assert [record.kind for record in tl.as_of().records()] == ["assertion", "attestation"]


# Amending


def test_a_changed_entry_is_a_conflict_unless_amended(tl: Timeline, write: Write) -> None:
    load(tl, [write(ROUND)])
    changed = write(ROUND.replace("1bn", "2bn"))
    (fault,) = faults(tl, changed)
    assert "already says something else" in fault
    assert "--amend" in fault
    load(tl, [changed], amend=True)
    assert [(one.kind, one.target) for one in tl.as_of().records()] == [
        ("assertion", None),
        ("correction", 1),
    ]


def test_an_amended_entry_is_known_afterwards_with_amend_or_without(tl: Timeline, write: Write) -> None:
    load(tl, [write(ROUND)])
    changed = write(ROUND.replace("1bn", "2bn"))
    load(tl, [changed], amend=True)
    assert counts(load(tl, [changed])) == [(0, 1)]
    assert counts(load(tl, [changed], amend=True)) == [(0, 1)]


def test_an_entry_amended_again_corrects_the_amendment(tl: Timeline, write: Write) -> None:
    for amount in ("1bn", "2bn", "3bn"):
        load(tl, [write(ROUND.replace("1bn", amount))], amend=True)
    assert [one.target for one in tl.as_of().records()] == [None, 1, 2]
    state: Any = tl.as_of().between("microsoft", "openai")
    assert str(state.invested["microsoft"]) == "$3bn"


def test_amending_what_another_mark_corrects_is_refused(tl: Timeline, write: Write) -> None:
    correction = ROUND.replace("A14", "P1") + "  corrects: A14\n"
    load(tl, [write(ROUND + correction.replace("1bn", "2bn"))])
    (fault,) = faults(tl, write(ROUND.replace("1bn", "3bn")), amend=True)
    assert "corrected by P1 (#2)" in fault


def test_a_correction_can_be_amended(tl: Timeline, write: Write) -> None:
    correction = ROUND.replace("A14", "P1") + "  corrects: A14\n"
    load(tl, [write(ROUND + correction.replace("1bn", "2bn"))])
    load(tl, [write(ROUND + correction.replace("1bn", "3bn"))], amend=True)
    assert [one.target for one in tl.as_of().records()] == [None, 1, 2]


# Faults


def test_all_faults_of_all_files_are_told_and_nothing_is_written(tl: Timeline, write: Write) -> None:
    good = write(ROUND, "1.yaml")
    bad = write(
        """
- funding_round: B
  occurred: 2022-13
  company:
  investors: [A]
  amount: -5 USD
- ceo_ousting: C
  occurred: 2022
  company: A
  person: B
  known: 2999
- retracts: nobody
""",
        "2.yaml",
    )
    worse = write("events:\n- ceo_ousting: {\n", "3.yaml")
    found = faults(tl, good, bad, worse, Path("nowhere.yaml"))
    assert [fault.split(": ")[:2] for fault in found] == [
        ["2.yaml:4", "occurred"],
        ["2.yaml:5", "company"],
        ["2.yaml:7", "amount"],
        ["2.yaml:12", "known"],
        ["3.yaml:3", "not YAML"],
        ["nowhere.yaml", "cannot be read"],
    ]


BAD = [
    ("- fundng_round: A\n", 2, "there is no event type 'fundng_round'; did you mean funding_round?"),
    ("- occurred: 2022\n  company: A\n", 2, "an entry begins with its type, not with 'occurred'"),
    ("- a text\n", 2, "this is no entry"),
    ("- ceo_ousting: 14\n", 2, "ceo_ousting: '14' is digits alone"),
    ("- ceo_ousting: [a, b]\n", 2, "ceo_ousting: ['a', 'b'] is no id"),
    ("- ceo_ousting: A\n  occurred: 2022\n  company: A\n", 2, "person: is missing; it takes a name or id"),
    ("- ceo_ousting: A\n  id: B\n", 3, "id: goes after the type: `ceo_ousting: MARK`"),
    ("- ceo_ousting: A\n  retracts: B\n", 3, "retracts: begins an entry of its own"),
    ("- ceo_ousting: A\n  occured: 2022\n", 3, "did you mean occurred?"),
    ("- ceo_ousting: A\n  occurred: soon\n", 3, "occurred: 'soon' is not a date"),
    ("- ceo_ousting: A\n  occurred: [2018, 2019]\n", 3, "occurred: '[2018, 2019]' is not a date"),
    ("- ceo_ousting: A\n  occurred: 2022/2021\n", 3, "occurred: '2022/2021' is not a date"),
    ("- ceo_ousting: A\n  occurred: {a: b}\n", 3, "is not a date"),
    ("- ceo_ousting: A\n  company:\n", 3, "company: is left blank; it takes a name or id"),
    ("- ceo_ousting: A\n  company: [a, b]\n", 3, "company: ['a', 'b'] is not a text"),
    ("- ceo_appointment: A\n  interim: maybe\n", 3, "interim: 'maybe' is neither true nor false"),
    ("- funding_round: A\n  investors: {a: b}\n", 3, "investors: {'a': 'b'} is not a list"),
    ("- funding_round: A\n  amount: 5 XXX\n", 3, "'XXX' is no currency"),
    ("- right_granted: A\n  form: blokc\n", 3, "form: 'blokc' is not one of first refusal"),
    ("- figure_reported: A\n  occurred: 2022\n  of: x\n  measure: y\n", 2, "number: give either a number or"),
    ("- ceo_ousting: A\n  credence: report\n", 3, "credence: 'report' is no credence"),
    ("- ceo_ousting: A\n  known: same\n", 3, "known: 'same' means as what is corrected or retracted"),
    ("- ceo_ousting: A\n  at: page 3\n", 3, "at: is a place in one source, and there are 0"),
    ("- ceo_ousting: A\n  source: {titel: x}\n", 3, "source.titel: is no field of a source"),
    ("- ceo_ousting: A\n  source: {published: 2022}\n", 3, "source: names no source"),
    ("- ceo_ousting: A\n  corrects:\n", 3, "corrects: None names no record"),
    ("- retracts: A\n  company: B\n", 3, "company: is no part of a retraction"),
    ("- attests: A\n", 2, "source: is missing: which source says the same?"),
    ("- ceo_ousting: A\n  company: B\n  company: C\n", 4, "'company' is there twice, first in line 3"),
    ("- ceo_ousting: &A\n  company: *A\n", 3, "an alias (*A) is not read here"),
    ("- ceo_ousting: !!python/name:os.system A\n", 2, "a tag ("),
    ("- ceo_ousting: A\n\tcompany: B\n", 3, "not YAML"),
    ("events: []\n---\nevents: []\n", 3, "a second document begins"),
    ("events: []\nevent: []\n", 2, "event: is no part of a file; they are source, sources, events"),
    ("events: {a: b}\n", 1, "events: is a list"),
    ("events: []\nsources: [a]\n", 2, "sources: is a mapping"),
    ("events: " + "[" * 50 + "\n", 1, "nested more than 20 deep"),
]


@pytest.mark.parametrize(("text", "line", "problem"), BAD)
def test_a_fault_names_file_line_and_what_would_work(
    tl: Timeline, write: Write, text: str, line: int, problem: str
) -> None:
    found = faults(tl, write(text))
    assert any(fault.startswith(f"events.yaml:{line}: ") and problem in fault for fault in found), found


def test_a_misspelt_name_of_a_source_is_a_fault_not_a_title(tl: Timeline, write: Write) -> None:
    path = write(f"sources: {{axios: {{publisher: Axios}}}}\nevents: {ROUND}  source: axois\n")
    assert "no source 'axois'; did you mean 'axios'?" in faults(tl, path)[0]


def test_a_file_without_events_is_a_fault(tl: Timeline, tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text("")
    assert "holds no events" in faults(tl, path)[0]
    assert "holds no *.yaml" in faults(tl, tmp_path.joinpath("none"), **_made(tmp_path / "none"))[0]


def _made(folder: Path) -> dict[str, Any]:
    folder.mkdir()
    return {}


def test_a_file_that_is_not_utf8_is_a_fault_with_its_line(tl: Timeline, tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"events:\n- ceo_ousting: \xe9\n")
    assert faults(tl, path) == ["latin.yaml:2: is not UTF-8; save it as UTF-8"]


def test_what_refers_to_an_entry_at_fault_is_not_a_fault_itself(tl: Timeline, write: Write) -> None:
    first = write(ROUND.replace("1bn USD", "much"), "1.yaml")
    second = write("- retracts: A14\n- retracts: ceo\n", "2.yaml")
    found = faults(tl, first, second)
    assert [fault.split(":")[1] for fault in found] == ["7", "3"]
    assert "no record 'ceo'" in found[1]


def test_what_may_stand_beyond_the_end_of_a_broken_file_is_not_missed(tl: Timeline, write: Write) -> None:
    first = write("events:\n- ceo_ousting: A\n  note: a: b\n", "1.yaml")
    second = write("- retracts: A14\n", "2.yaml")
    (fault,) = faults(tl, first, second)
    assert "a text with ': ' in it goes in quotes" in fault


def test_a_mark_used_for_two_things_is_a_fault_also_when_amending(tl: Timeline, write: Write) -> None:
    path = write(ROUND + ROUND.replace("1bn", "2bn"))
    assert "the id A14 is taken by" in faults(tl, path, amend=True)[0]


CIRCLES = [
    ("- retracts: R1\n  id: R1\n", ["retracts: no record 'R1'"]),
    ("- attests: R1\n  id: R1\n  source: x\n", ["attests: no record 'R1'"]),
    (ROUND.replace("A14", "M1") + "  corrects: M1\n", ["corrects: no record 'M1'"]),
    (
        ROUND.replace("A14", "M1") + "  corrects: M2\n" + ROUND.replace("A14", "M2") + "  corrects: M1\n",
        ["corrects: no record 'M2'", "corrects: no record 'M1'"],
    ),
]


@pytest.mark.parametrize(("text", "problems"), CIRCLES)
def test_entries_that_speak_of_themselves_are_at_fault(
    tl: Timeline, write: Write, text: str, problems: list[str]
) -> None:
    found = faults(tl, write(ROUND + text))
    assert len(found) == len(problems)
    assert all(problem in fault for problem, fault in zip(problems, found, strict=True)), found
    assert len(load(tl, [write(ROUND + text)], dry_run=True).faults) == len(problems)


def test_json_that_speaks_of_itself_is_at_fault(tl: Timeline) -> None:
    read = read_json(b'{"retracts": "R1", "id": "R1"}', tl.catalogue, "-")
    with pytest.raises(FaultyFile, match="retracts: no record 'R1'"):
        load_files(tl, [read])


def test_what_follows_from_a_fault_by_way_of_another_is_not_told(tl: Timeline, write: Write) -> None:
    broken = ROUND.replace("1bn USD", "much")
    chain = ROUND.replace("A14", "B") + "  corrects: A14\n" + ROUND.replace("A14", "C") + "  corrects: B\n"
    (fault,) = faults(tl, write(broken + chain))
    assert "amount" in fault
    (fault,) = faults(tl, write(chain))
    assert "no record 'A14'" in fault


def test_a_mark_used_for_two_things_is_one_fault(tl: Timeline, write: Write) -> None:
    (fault,) = faults(tl, write(ROUND + ROUND.replace("1bn", "2bn")))
    assert "the id A14 is taken by" in fault


def test_events_left_blank_and_an_empty_standard_input_are_faults(tl: Timeline, tmp_path: Path) -> None:
    path = tmp_path / "blank.yaml"
    path.write_text("events:\n")
    assert "holds no events" in faults(tl, path)[0]
    for text in (b"", b" \n", b"[]"):
        assert "holds no events" in str(read_json(text, Catalogue.find(), "-").faults[0])


def test_a_name_that_fits_two_is_told_at_its_field(tl: Timeline, write: Write) -> None:
    named = "- entity_named: N{0}\n  occurred: 2020\n  entity: acme-{0}\n  name: Acme\n"
    path = write(named.format(1) + named.format(2) + ROUND.replace("OpenAI", "acme"))
    assert [fault for fault in faults(tl, path) if "company: 'acme' fits acme-1 and acme-2" in fault]


# JSON


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "ceo_ousting", "id": "A", "occurred": "2022", "company": "A", "person": "B"}',
        '[{"type": "ceo_appointment", "occurred": "2022", "company": "A", "person": "B", "interim": true}]',
        '{"occurred": "2022", "company": "A", "person": "B", "type": "ceo_ousting"}\n\n{"retracts": "A"}\n',
    ],
)
def test_json_is_one_object_a_list_or_one_after_the_other(text: str) -> None:
    read = read_json(text.encode(), Catalogue.find(), "-")
    assert read.faults == ()
    assert read.said


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "-:1: not JSON"),
        ('{"type": "ceo_ousting",\n "type": "x"}', "-:1: 'type' is there twice in one object"),
        ("[1]", "-:1: this is no entry"),
        ('{"type": "ceo_ousting", "occurred": NaN}', "-:1: NaN is no JSON"),
        ('{"a": 1}', "-:1: there is no event type 'a'"),
        ("[" * 100_000, "-:1: lists and objects are nested too deep"),
    ],
)
def test_bad_json_is_told_with_its_line(text: str, fault: str) -> None:
    assert str(read_json(text.encode(), Catalogue.find(), "-").faults[0]).startswith(fault)


def test_of_very_many_faults_the_first_thousand_are_told(tmp_path: Path) -> None:
    """The others are counted; a file that is wrong all over is told of at once."""
    entry = "- funding_round: r{0}\n  occurred: 2020\n  company: A\n  kompany{0}: B\n"
    path = tmp_path / "many.yaml"
    path.write_text("events:\n" + "".join(entry.format(number) for number in range(1_500)))
    faults = load(Timeline.open(tmp_path / "t.duckdb"), [path], dry_run=True).faults
    assert len(faults) == 1_001
    assert re.fullmatch(r".*many\.yaml:[0-9]+: and [0-9,]+ more up to here", str(faults[-1]))
    with pytest.raises(FaultyFile, match=r"^4,500 faults, nothing was written"):
        load(Timeline.open(tmp_path / "t.duckdb"), [path])
