"""Cells that a spreadsheet would run are texts, and all others stay as they are."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.spreadsheet import defused


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1+1",
        "-",
        "--1",
        "-1e5",
        "-.5",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u00a0=1",
        "＝1",
    ],
)
def test_what_begins_like_a_formula_is_a_text(text: str) -> None:
    """Also behind blanks, and in full width."""
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Acme", "a=b", "2020-01-01", "1.5", "-5", "-2.50", "'=1", "[2020..]"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    """Numbers below zero stay numbers."""
    assert defused(text) == text


@given(st.text(max_size=12))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    """Whatever the text, its cell begins with a harmless character or is a number; the text is all there."""
    cell = defused(text)
    assert cell.endswith(text)
    assert cell in {text, f"'{text}"}
    if cell.lstrip()[:1] in set("=+-@\t\r\n"):
        assert float(cell) <= 0 or not cell.strip()


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8")), min_size=1))
def test_defusing_goes_through_csv(texts: list[str]) -> None:
    """What is written comes back, with at most a mark before each cell."""
    page = io.StringIO(newline="")
    csv.writer(page).writerow(map(defused, texts))
    (row,) = csv.reader(io.StringIO(page.getvalue(), newline=""))
    assert row == list(map(defused, texts))
