"""A file and the vocabulary that it is opened with: found, told apart, changed, and done without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from timeline.catalogue import Catalogue
from timeline.declare import Entity, Event, event_type
from timeline.errors import CatalogueError

ROOT = Path(__file__).parent.parent


def _event(name: str, fields: dict[str, Any], **how: Any) -> type[Event]:
    """An event type with these fields, each a hint, or a hint and a default."""
    hints = {one: hint[0] if isinstance(hint, tuple) else hint for one, hint in fields.items()}
    given = {one: hint[1] for one, hint in fields.items() if isinstance(hint, tuple)}
    body = {"__doc__": "Something.", "__module__": __name__, "__annotations__": hints, **given}
    made = attrs.frozen(kw_only=True)(type("Made", (Event,), body))
    return event_type(name, says=how.pop("says", "something"), **how)(made)


# What is declared


@pytest.mark.parametrize(
    "word",
    [
        *("source", "known", "credence", "actor", "note", "id", "strict", "unless", "dry_run"),
        *("type", "at", "corrects", "retracts", "attests"),
    ],
)
def test_a_field_named_as_what_a_record_says_of_itself_is_refused_where_it_is_declared(word: str) -> None:
    with pytest.raises(CatalogueError, match=rf"Made\.{word}: '{word}' means what a record says of itself"):
        _event("clash", {word: str})


@pytest.mark.parametrize("former", ["sold", "bought", "given", "no name"])
def test_a_former_name_that_is_taken_is_refused(former: str) -> None:
    """By another type, by the former name of one, or by the type itself."""

    def declare() -> Catalogue:
        sold = _event("sold", {"seller": Entity}, formerly=former)
        return Catalogue.of(sold, _event("bought", {}), _event("got", {}, formerly="given"))

    with pytest.raises(CatalogueError, match="former"):
        declare()


# Where it is found

_VOCABULARY = """
from attrs import frozen
from timeline.declare import Entity, Event, event_type
import helping

@event_type("lent", says="{book} is lent")
@frozen(kw_only=True)
class Lent(Event):
    \"\"\"A book is lent.\"\"\"
    book: Entity
"""


def _timeline(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The console script, as it is installed."""
    script = Path(sys.executable).with_name("timeline")
    return subprocess.run([script, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def _unbroken(message: str) -> str:
    """A message without the breaks of its lines."""
    return message.replace("\n  ", " ")


def test_a_vocabulary_in_the_current_folder_is_found_at_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by Python, and before one that is installed; what lies beside it is found by it alone."""
    monkeypatch.setenv("TIMELINE_CATALOGUE", "events")
    assert "funding_round" in _timeline("types", "--json", cwd=tmp_path).stdout
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "some.yaml").write_text("events: []")
    (tmp_path / "attrs.py").write_text("raise SystemExit('taken from the current folder')")
    (tmp_path / "helping.py").write_text("")
    assert "funding_round" in _timeline("types", "--json", cwd=tmp_path).stdout
    (tmp_path / "events" / "__init__.py").write_text(_VOCABULARY)
    found = _timeline("types", "--json", cwd=tmp_path)
    assert '"lent"' in found.stdout, found.stderr
    assert "funding_round" not in found.stdout
    (tmp_path / "events" / "__init__.py").write_text("from attrs import frozen")
    refused = _timeline("types", cwd=tmp_path)
    assert refused.returncode == 2
    assert f"the package 'events' ({tmp_path / 'events' / '__init__.py'})" in refused.stderr.replace(
        "\n  ", ""
    )
