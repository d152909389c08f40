"""Names that were taken for another's, and those that look like none or like several: told at every door."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from events import CEOAppointment, EntityNamed, FundingRound
from timeline import Timeline
from timeline.cli import run
from timeline.formats.loading import load
from timeline.values import is_placeholder, listed, seems_a_list

NOBODY = [
    *(
        "nan",
        "NaN",
        "N/A",
        "n.a.",
        "#N/A",
        "<NA>",
        "None",
        "null",
        "unknown",
        "Unknown.",
        "(unknown)",
        "[undisclosed]",
    ),
    *("Undisclosed Investors", "undisclosed investor(s)", "Various angel investors", "an undisclosed buyer"),
    *("not disclosed", "Not Available", "TBD", "various", "others", "-", "--", "?", "...", "…", "#", "_"),
    *("unbekannt", "néant", "неизвестно", "不明", "Anonymous"),
]
SOMEBODY = [
    "Unknown Worlds",
    "Nan Goldin",
    "!!!",
    "X",
    "Na Hong-jin",
    "The Others Club",
    "Private Eye",
    "None Such",
    "007",
]
LISTS = {
    "Vest, Wolf and Yew": ("Vest", "Wolf", "Yew"),
    "Vest, Wolf, and Yew": ("Vest", "Wolf", "Yew"),
    "Vest; Wolf": ("Vest", "Wolf"),
    "Vest / Wolf": ("Vest", "Wolf"),
    "Acme, Inc., Bolt Ltd": ("Acme, Inc.", "Bolt Ltd"),
    "東京、大阪": ("東京", "大阪"),
}
ONE = [
    "Smith, Inc.",
    "Ernst & Young",
    "Johnson and Johnson",
    "Tiffany & Co.",
    "John Smith, Jr., M.D.",
    "AC/DC",
    "1,000 Friends",
]


@pytest.mark.parametrize("name", NOBODY)
def test_what_says_that_nobody_is_known_looks_like_no_name(name: str) -> None:
    """In whatever case and brackets, and in some languages."""
    assert is_placeholder(name)


@pytest.mark.parametrize("name", SOMEBODY)
def test_names_that_only_begin_alike_are_names(name: str) -> None:
    """Also those of one letter, or of none."""
    assert not is_placeholder(name)


@pytest.mark.parametrize("name", LISTS)
def test_names_that_are_parted_look_like_a_list(name: str) -> None:
    """By the marks that part lists; what stands behind a name is part of it."""
    assert seems_a_list(name)
    assert listed(name) == LISTS[name]


@pytest.mark.parametrize("name", ONE)
def test_names_of_firms_look_like_one(name: str) -> None:
    """An "and" alone parts nothing, nor does a comma before what is no name."""
    assert not seems_a_list(name)


Told = tuple[list[tuple[str, tuple[str, ...]]], list[str], list[tuple[str, ...]]]
"""Entities with their spellings, what looks like no name, and what looks like lists."""


def _told(one: Any) -> Told:
    spellings = [(each.entity, tuple(each.names)) for each in one.spellings]
    return spellings, list(one.placeholders), [each.lists for each in one.new_entities if each.lists]


def _in_python(path: Path, investors: Sequence[str]) -> Told:
    event = FundingRound("2021", company="ACME corp", investors=investors, amount="$1")
    dry = Timeline.open(path).append(event, dry_run=True)
    commit = Timeline.open(path).append(event)
    assert _told(dry) == _told(commit)
    assert commit.as_dict()["placeholders"] == list(commit.placeholders)
    return _told(commit)


def _as_table(path: Path, investors: Sequence[str]) -> Told:
    rows = pa.table(
        {"occurred": ["2021"], "company": ["ACME corp"], "investors": [list(investors)], "amount": ["$1"]}
    )
    return _told(Timeline.open(path).append_table(FundingRound, rows, known="occurred"))


def _as_file(path: Path, investors: Sequence[str]) -> Told:
    file = path.with_suffix(".yaml")
    named = f"  company: ACME corp\n  investors: {json.dumps(list(investors))}\n  amount: $1\n"
    file.write_text(f"events:\n- funding_round: a\n  occurred: 2021\n{named}")
    dry = load(Timeline.open(path), [file], dry_run=True).files[0].commit
    commit = load(Timeline.open(path), [file]).files[0].commit
    assert _told(dry) == _told(commit)
    return _told(commit)


def _at_the_command_line(path: Path, investors: Sequence[str]) -> Told:
    words = ["append", "funding_round", "--occurred", "2021", "--company", "ACME corp", "--amount", "$1"]
    for one in investors:
        words += ["--investors", one]
    shown, sys.stdout = sys.stdout, io.StringIO()
    try:
        assert run([*words, "--json", "--db", str(path)]) == 0
        told = json.loads(sys.stdout.getvalue())
    finally:
        sys.stdout = shown
    spellings = [(one["entity"], tuple(one["names"])) for one in told["spellings"]]
    lists = [tuple(one["lists"]) for one in told["new_entities"] if one["lists"]]
    return spellings, told["placeholders"], lists


@pytest.mark.parametrize("door", [_in_python, _as_table, _as_file, _at_the_command_line])
def test_how_names_were_read_is_told_at_every_door(
    door: Callable[[Path, Sequence[str]], Told], tmp_path: Path
) -> None:
    """What was taken for an entity spelt otherwise, what looks like no name, and what looks like a list."""
    path = tmp_path / "t.duckdb"
    Timeline.open(path).append(
        CEOAppointment("2020", company="Acme Corp", person="Ann Lee"),
        EntityNamed("2019", entity="bolt", name="Bolt & Co"),
    )
    investors = [
        "Bolt Co",
        "undisclosed investors",
        "N/A",
        "Vest, Wolf and Yew",
        "Ann Lee and Bolt Co.",
        "Wolf & Co",
    ]
    spellings, placeholders, lists = door(path, investors)
    assert spellings == [("acme-corp", ("Acme Corp", "ACME corp")), ("bolt", ("Bolt & Co", "Bolt Co"))]
    assert placeholders == ["undisclosed investors", "N/A"]
    assert lists == [("Vest", "Wolf", "Yew"), ("ann-lee", "bolt")]
    assert door(path, investors) == ([], [], [])


def test_the_command_line_tells_how_names_were_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also in a dry run; what follows is written all the same."""
    into = ["--company", "Acme", "--db", str(tmp_path / "t.duckdb")]
    assert run(["append", "ceo_appointment", "--occurred", "2020", "--person", "Bo", *into]) == 0
    for flags in ([], ["--dry-run"]):
        into[1] = "ACME" if flags else "acme!"
        named = ["--person", "nan" if flags else "tbd, unknown"]
        capsys.readouterr()
        assert run(["append", "ceo_appointment", "--occurred", "2021", *named, *into, *flags]) == 0
        told = capsys.readouterr().err
        assert f"taken as one, spelt otherwise: acme: Acme, {into[1]}" in told
        assert (
            "'nan' looks like no name" if flags else "looks like a list: did you mean tbd and unknown?"
        ) in told


def test_plus_and_sharp_tell_names_apart_at_every_door(tmp_path: Path) -> None:
    """Disney+ is launched by Disney: two, whether they are said in Python, in a table or asked for in SQL."""
    path = tmp_path / "t.duckdb"
    with Timeline.open(path) as tl:
        tl.append(CEOAppointment("2020", company="Disney+", person="Ann"), known="2021")
        commit = tl.append(CEOAppointment("2020", company="Disney", person="Bo"), known="2021")
        assert [(one.id, one.near) for one in commit.new_entities] == [
            ("disney", ("disney-plus",)),
            ("bo", ()),
        ]
        rows = (
            "SELECT '2021' AS occurred, unnest(['DISNEY+.', 'disney', 'C#', 'C']) AS company, 'Cy' AS person"
        )
        told = tl.append_table(CEOAppointment, rows, known="occurred")
        assert [one.id for one in told.new_entities] == ["cy", "c-sharp", "c"]
        assert [one.entity for one in told.spellings] == ["disney-plus"]
        for name, meant in (
            ("disney＋", "disney-plus"),
            ("(Disney)", "disney"),
            ("C#", "c-sharp"),
        ):
            assert tl.as_of().of("organisation", name).who == (meant,)
            assert tl.sql("SELECT entity($1)", [name]).rows == ((meant,),)


def test_a_name_that_an_older_id_does_not_say_is_found_still(tmp_path: Path) -> None:
    """Ids that are stored stay: `disney` is found by its names, and by itself."""
    path = tmp_path / "t.duckdb"
    with Timeline.open(path) as tl:
        tl.append(EntityNamed("2019", entity="disney", name="Disney+"), known="2021")
        commit = tl.append(CEOAppointment("2020", company="Disney+", person="Bo"), known="2021")
        assert [one.id for one in commit.new_entities] == ["bo"]
        assert tl.as_of().of("organisation", "DISNEY+").who == ("disney",)
        tl.rebuild()
        assert tl.as_of().of("organisation", "Disney+").who == ("disney",)
        assert tl.verify().ok
