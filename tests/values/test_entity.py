"""When two spellings of a name are one, and the ids that names make."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from timeline.errors import BadText
from timeline.values import clean_name, folded, slug

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf"]), min_size=1, max_size=12)

SAME = [
    ("OpenAI", "Open AI", "open-ai", "OPENAI", "Open.AI"),
    ("Allen & Co.", "allen co", "ALLEN, CO"),
    ("ﬁrst", "First"),
    ("Straße", "STRASSE"),
    ("百度 公司", "百度公司"),
    ("M", "m", "M.", "(m)"),
    ("Disney+", "disney＋", "DISNEY+.", "(Disney+)"),
    ("A+B Ltd", "A + B Ltd", "a#b ltd", "#A +b ltd"),
]
DIFFERENT = [
    ("C", "C++", "C#"),
    ("काम", "कम"),
    ("X", "Y"),
    ("!!!", "???"),
    ("Ann Lee", "Аnn Lee"),
    ("Acme 1", "Acme 2"),
    ("A+", "A"),
    ("Disney+", "Disney", "Disney#", "Disney++"),
    ("Canal+ Group", "Canal Group"),
    ("V3++", "V3"),
]


@pytest.mark.parametrize("names", SAME)
def test_case_punctuation_and_spacing_do_not_matter(names: tuple[str, ...]) -> None:
    """Spellings of one name fold to one text."""
    assert len({folded(name) for name in names}) == 1


@pytest.mark.parametrize("names", DIFFERENT)
def test_what_tells_names_apart_is_kept(names: tuple[str, ...]) -> None:
    """Letters, digits and vowel marks always count, other marks where nothing else is left."""
    assert len({folded(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("OpenAI", "openai"),
        ("Allen & Co.", "allen-co"),
        ("Société Générale", "societe-generale"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("Disney+", "disney-plus"),
        ("V3++ Été+", "v3-plus-plus-ete-plus"),
        ("A+B #1", "a-b-1"),
        ("+", "plus"),
        ("काम", "काम"),
        ("百度", "百度"),
        ("!?", "u21-u3f"),
        ("23andMe", "23andme"),
    ],
)
def test_an_id_is_made_of_the_words_of_the_name(name: str, id_: str) -> None:
    """Lower case, joined by hyphens, accents left out."""
    assert slug(name) == id_


@given(NAMES)
def test_every_name_folds_and_makes_an_id(name: str) -> None:
    """Neither is ever empty."""
    try:
        clean = clean_name(name)
    except BadText:
        assert not name.strip()
        return
    assert folded(clean)
    assert slug(clean)
    assert folded(clean.upper().lower()) == folded(clean.upper())
