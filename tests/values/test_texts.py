"""Texts are kept exactly as they are given, at every door."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from events import ExclusivityDeal
from tests.reuse import in_memory
from timeline import Source, Timeline
from timeline.errors import BadText, InvalidData
from timeline.formats import load_files, read_json
from timeline.formats.reading import read_text

BLANKS: Final = st.text(" \t\n\u00a0\u2003", max_size=3)
TEXTS: Final = st.tuples(BLANKS, st.text("aé\u0301. \t", min_size=1, max_size=4), BLANKS).map("".join)


def _in_python(tl: Timeline, text: str, mark: str) -> None:
    deal = ExclusivityDeal("2021", grantor="Acme", grantee="Bolt", scope=text)
    tl.append(deal, source=Source(title=text), note=text, id=mark)


def _as_table(tl: Timeline, text: str, mark: str) -> None:
    row = {"occurred": ["2021"], "grantor": ["Acme"], "grantee": ["Bolt"], "scope": [text], "mark": [mark]}
    tl.append_table(ExclusivityDeal, pa.table(row), known="2021", id="mark", source=Source(text), note=text)


def _as_select(tl: Timeline, text: str, mark: str) -> None:
    scope = f"'{text}'"
    named = f"'Acme' AS grantor, 'Bolt' AS grantee, {scope} AS scope, '{mark}' AS mark"
    rows = f"SELECT '2021' AS occurred, {named}"
    tl.append_table(ExclusivityDeal, rows, known="2021", id="mark", source=Source(text), note=text)


def _as_json(tl: Timeline, text: str, mark: str) -> None:
    said = {"occurred": "2021", "grantor": "Acme", "grantee": "Bolt", "scope": text}
    entry = {"type": "exclusivity_deal", **said, "id": mark, "note": text, "source": {"title": text}}
    load_files(tl, [read_json(json.dumps(entry).encode(), tl.catalogue, "-")])


def _as_yaml(tl: Timeline, text: str, mark: str) -> None:
    quoted = json.dumps(text)
    entry = (
        f"- exclusivity_deal: {mark}\n  occurred: 2021\n  grantor: Acme\n  grantee: Bolt\n  scope: {quoted}\n"
    )
    said = f"events:\n{entry}  note: {quoted}\n  source: {{title: {quoted}}}\n"
    load_files(tl, [read_text(said, tl.catalogue, "x.yaml")])


DOORS: Final = (_in_python, _as_table, _as_select, _as_json, _as_yaml)


@pytest.fixture(scope="module")
def opened() -> Iterator[list[Timeline]]:
    """A timeline for each door."""
    with ExitStack() as held:
        yield [held.enter_context(in_memory()) for _ in DOORS]


@given(TEXTS)
def test_blanks_at_the_ends_of_a_text_are_kept(opened: list[Timeline], text: str) -> None:
    """Of fields, notes and titles; a text of blanks alone is none, and is refused."""
    kept, told = unicodedata.normalize("NFC", text), set()
    mark = f"m{opened[0].head().position}"
    for tl, door in zip(opened, DOORS, strict=True):
        if not text.strip():
            with pytest.raises((BadText, InvalidData)):
                _in_python(tl, text, mark)
            return
        door(tl, text, mark)
        record = tl.record(mark)
        assert record.event is not None
        assert record.event.scope == kept  # type: ignore[attr-defined]
        assert (record.note, record.sources[0].title) == (kept, kept)
        stored = tl.sql("SELECT scope FROM said.exclusivity_deal WHERE position = $1", [record.position])
        assert stored.rows == ((kept,),)
        told.add(record.data)
    assert len(told) == 1


def test_a_choice_is_read_without_the_blanks_around_it() -> None:
    """It is one of few words, and no text of anybody's own."""
    from events import RightGranted

    with in_memory() as tl:
        right = RightGranted("2021", holder="Acme", grantor="Bolt", form=" option ", subject=" x ")  # type: ignore[arg-type]
        (record,) = tl.append(right).records
    assert record.data is not None
    assert json.loads(record.data)["form"] == "option"
    assert json.loads(record.data)["subject"] == " x "
