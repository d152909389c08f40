"""A file and the vocabulary that it is opened with: found, told apart, changed, and done without."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, Literal

import attrs
import duckdb
import pytest
from hypothesis import given, strategies as st

from tests import made_up, strategies
from tests.ledger import Clock
from tests.oracle import Dated
from tests.records.test_filters import HALF
from timeline import Correction, Timeline
from timeline.cli import run
from timeline.declare import Entity, EntityState, Event, count, event_type, first, last, state_type
from timeline.errors import CatalogueError, NotAllowed, NotDerived, OtherVocabulary
from timeline.formats.loading import load
from timeline.vocabulary import Catalogue

ROOT = Path(__file__).parents[2]


def _event(name: str, fields: dict[str, Any], **how: Any) -> Any:
    """An event type with these fields, each a hint, or a hint and a default."""
    hints = {one: hint[0] if isinstance(hint, tuple) else hint for one, hint in fields.items()}
    given = {one: hint[1] for one, hint in fields.items() if isinstance(hint, tuple)}
    body = {"__doc__": "Something.", "__module__": __name__, "__annotations__": hints, **given}
    made = attrs.frozen(kw_only=True)(type("Made", (Event,), body))
    return event_type(name, says=how.pop("says", "something"), **how)(made)


def _state(name: str, *, usual: bool = False, **folds: Any) -> Any:
    """A state with these folds."""
    body = {"__doc__": "Something.", "__module__": __name__, "__annotations__": dict.fromkeys(folds, Any)}
    return state_type(name, usual=usual)(type("Made", (EntityState,), body | folds))


def _opened(path: Path, catalogue: Catalogue | Literal[False], **how: Any) -> Timeline:
    return Timeline.open(path, catalogue=catalogue, clock=Clock(), **how)


# What is declared


def test_the_usual_state_is_meant_where_none_is_named() -> None:
    """Or the only one; among several, none is, and no two can be the usual one."""
    said = _event("said", {"who": Entity})
    plain, other = (_state(name, times=count(said, of="who")) for name in ("plain", "other"))
    usual, too = (_state(name, usual=True, times=count(said, of="who")) for name in ("usual", "too"))
    for states, meant in ((), None), ((plain,), plain), ((plain, other), None), ((plain, usual), usual):
        assert Catalogue.of(said, *states).usual(1) is (meant and meant.__timeline__)
    with pytest.raises(
        CatalogueError, match="one state of one entity can be the usual one, not usual and too"
    ):
        Catalogue.of(said, usual, too)


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


@pytest.mark.parametrize(
    ("module", "code", "told"),
    [
        ("__init__", "def (", "SyntaxError"),
        ("__init__", "import no_such_thing", "No module named 'no_such_thing'"),
        ("__init__", "import broken.no_such_thing", "No module named 'broken.no_such_thing'"),
        ("__init__", "raise RuntimeError('one\\ntwo')", "RuntimeError: one"),
        ("__init__", "raise SystemExit(3)", "SystemExit: 3"),
        ("more", "raise RuntimeError('one')", "RuntimeError: one"),
    ],
)
def test_a_vocabulary_that_cannot_be_imported_is_an_error_of_ours(
    module: str,
    code: str,
    told: str,
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In Python and at the command line, where what needs none works all the same."""
    package = tmp_path / "broken"
    package.mkdir()
    (package / "__init__.py").write_text(_VOCABULARY.replace("import helping", ""))
    (package / f"{module}.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIMELINE_CATALOGUE", "broken")
    monkeypatch.delitem(sys.modules, "broken", raising=False)
    with pytest.raises(CatalogueError) as refused:
        Timeline.open(":memory:")
    assert run(["check", "--db", str(path)]) == 2
    shown = capsys.readouterr()
    for part in ("the vocabulary 'broken", str(package), told):
        assert part in str(refused.value)
        assert part in _unbroken(shown.err)
    assert shown.out == ""
    assert run(["head", "--db", str(path)]) == 0
    assert capsys.readouterr().out.startswith("2:")


# One that does not fit

_MOOD = Literal["good", "bad"]
LENT = _event("lent", {"book": Entity, "reader": Entity, "mood": (_MOOD, "good")})
LOST = _event("lost", {"book": Entity})
READER = _state("copy", reader=last(LENT.reader, of="book"))
WRITTEN = Catalogue.of(LENT, LOST, READER, name="library")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that holds two records of one type, and none of another."""
    path = tmp_path / "t.duckdb"
    with _opened(path, WRITTEN) as tl:
        tl.append(LENT("2020", book="Emma", reader="Ann"), id="l1")
        tl.append(LENT("2021", book="Emma", reader="Bob"), actor="me")
    return path


def _later(data: dict[str, Any]) -> dict[str, Any]:
    return data


_OTHERS = {
    "a type is lacking": (LOST, "lent, 2 records of version 1: it lacks the type; its fields: book (entity)"),
    "a field is added": (
        _event(
            "lent", {"book": Entity, "reader": Entity, "mood": (_MOOD, "good"), "shelf": (str | None, None)}
        ),
        "lent, 2 records of version 1: field shelf is added (text or nothing, default null)",
    ),
    "a field is gone": (_event("lent", {"book": Entity, "reader": Entity}), "field mood is gone"),
    "a field is of another kind": (
        _event("lent", {"book": Entity, "reader": str, "mood": (_MOOD, "good")}),
        "field reader: kind entity → text",
    ),
    "a field may be empty": (
        _event("lent", {"book": Entity, "reader": Entity | None, "mood": (_MOOD, "good")}),
        "field reader: kind entity → entity or nothing",
    ),
    "other choices": (
        _event("lent", {"book": Entity, "reader": Entity, "mood": (Literal["good", "ill"], "good")}),
        "field mood: choices bad, good → good, ill",
    ),
    "another default": (
        _event("lent", {"book": Entity, "reader": Entity, "mood": (_MOOD, "bad")}),
        'field mood: default "good" → "bad"',
    ),
}


def _package(monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue) -> None:
    """Have the command line take a vocabulary by name."""
    module = ModuleType("made_up_package")
    kinds: tuple[Any, ...] = (*catalogue.events.values(), *catalogue.states.values())
    vars(module).update({f"Kind{number}": one.cls for number, one in enumerate(kinds)})
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv("TIMELINE_CATALOGUE", module.__name__)


@pytest.mark.parametrize("what", _OTHERS)
def test_a_vocabulary_that_is_not_the_one_of_the_file_is_refused_at_every_door(
    what: str, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To be written and to be read only, in Python and at the command line; the file stays as it is."""
    kind, told = _OTHERS[what]
    other = Catalogue.of(kind, _state("copy", times=count(kind, of="book")), name="other")
    before = path.read_bytes()
    for read_only in True, False:
        with pytest.raises(OtherVocabulary) as refused:
            _opened(path, other, read_only=read_only)
        for part in (told, "does not fit the vocabulary other", "last written with library", "formerly="):
            assert part in str(refused.value)
    _package(monkeypatch, other)
    db = ["--db", str(path)]
    for verb in (
        ["as-of", "2022", "Emma", "--state", "copy"],
        ["history", "copy", "Emma"],
        ["check"],
        ["entities"],
        ["rebuild"],
        ["retract", "l1"],
    ):
        assert run([*verb, *db]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert "does not fit the vocabulary made_up_package" in shown.err
    assert path.read_bytes() == before


def test_a_vocabulary_that_is_older_than_the_file_is_refused(tmp_path: Path) -> None:
    """With the fields by which the newer version differs."""
    path = tmp_path / "t.duckdb"
    newer = _event("lent", {"book": Entity, "shelf": str}, version=2, upcasts=[_later])
    with _opened(path, Catalogue.of(newer)) as tl:
        tl.append(newer("2020", book="Emma", shelf="A"))
    with pytest.raises(
        OtherVocabulary, match=r"knows the type up to version 1; field shelf is added \(text\)"
    ):
        _opened(path, Catalogue.of(_event("lent", {"book": Entity})))


def test_a_type_of_which_the_log_holds_nothing_may_change_freely(path: Path) -> None:
    """Also one of which all was redacted; the file is laid out anew when it is next written."""
    changed = _event("lost", {"place": str})
    other = Catalogue.of(LENT, changed, READER)
    with pytest.raises(NotDerived, match="the event type lost: field book is gone, field place is added"):
        _opened(path, other, read_only=True)
    with _opened(path, other) as tl:
        tl.append(changed("2020", place="here"))
        assert tl.verify().ok
    tl = _opened(path, other)
    tl.redact(3, reason="asked for", actor="me")
    assert _opened(path, WRITTEN).verify().ok


def test_where_only_states_differ_a_writing_open_derives_anew_and_a_reading_one_says_so(path: Path) -> None:
    """So that Python and SQL never answer otherwise."""
    other = Catalogue.of(LENT, LOST, _state("copy", reader=first(LENT.reader, of="book")))
    with pytest.raises(NotDerived, match=r"the state copy: field reader: fold last → first; open it once"):
        _opened(path, other, read_only=True)
    new = Catalogue.of(LENT, LOST, READER, _state("lender", times=count(LENT, of="reader")))
    with pytest.raises(NotDerived, match="the state lender is new"):
        _opened(path, new, read_only=True)
    with _opened(path, other) as tl:
        assert tl.as_of("2022").of("copy", "Emma").reader == "ann"
        assert tl.sql("SELECT reader FROM copy").rows == (("ann",),)
    _opened(path, other, read_only=True)


def test_sentences_docs_and_rules_never_count(path: Path) -> None:
    """The same fields in another order and another sentence are the same vocabulary."""
    again = _event(
        "lent", {"reader": Entity, "book": Entity, "mood": (_MOOD, "good")}, says="{reader} has {book}"
    )
    same = Catalogue.of(again, LOST, _state("copy", reader=last(again.reader, of="book")))
    assert _opened(path, same, read_only=True).as_of("2022").of("copy", "Emma").reader == "bob"


def test_the_file_keeps_the_shapes_of_what_it_holds(path: Path, tmp_path: Path) -> None:
    """Of each version; they move with an export, a backup and a redaction."""
    newer = _event("lent", {"book": Entity}, version=2, upcasts=[lambda data: {"book": data["book"]}])
    with _opened(path, Catalogue.of(newer)) as tl:
        tl.append(newer("2022", book="Emma"))
        tl.export(tmp_path / "e.jsonl")
        tl.backup(tmp_path / "copy.duckdb")
    with _opened(tmp_path / "moved.duckdb", Catalogue.of(newer)) as moved:
        moved.import_log(tmp_path / "e.jsonl")
    _opened(path, Catalogue.of(newer)).redact("l1", reason="asked for", actor="me")
    for one in path, tmp_path / "copy.duckdb", tmp_path / "moved.duckdb":
        with duckdb.connect(str(one), read_only=True) as connection:
            rows = connection.execute(
                "SELECT version, shape FROM shapes WHERE name = 'lent' ORDER BY ALL"
            ).fetchall()
        assert [version for version, _ in rows] == [1, 2]
        assert json.loads(rows[0][1])["fields"]["mood"] == {
            "kind": "text",
            "choices": ["bad", "good"],
            "default": '"good"',
        }
        other = _event("lent", {"reader": Entity})
        with pytest.raises(OtherVocabulary, match="field book is added"):
            _opened(one, Catalogue.of(other))


def test_an_export_says_what_it_was_written_with(path: Path, tmp_path: Path) -> None:
    """So that another vocabulary is refused, and nothing is taken in."""
    _opened(path, WRITTEN).export(tmp_path / "e.jsonl")
    kind, told = _OTHERS["a field is added"]
    with _opened(tmp_path / "new.duckdb", Catalogue.of(kind)) as tl:
        with pytest.raises(OtherVocabulary) as refused:
            tl.import_log(tmp_path / "e.jsonl")
        assert told in str(refused.value)
        assert "last written with library" in str(refused.value)
        assert tl.head().position == 0


# Without one


def _alone(path: Path) -> Iterator[Timeline]:
    for read_only in True, False:
        yield _opened(path, False, read_only=read_only)


def test_a_log_is_read_alone_whatever_its_vocabulary(path: Path, tmp_path: Path) -> None:
    """Records as text, followed, in SQL, copied, exported and verified; what needs the vocabulary says so."""
    for tl in _alone(path):
        one = tl.record("l1")
        assert (one.event, one.type, str(one.occurred), one.entities) == (
            None,
            "lent",
            "2020",
            ("emma", "ann"),
        )
        assert one.data == '{"book":"emma","mood":"good","reader":"ann"}'
        assert one.summary == "something"
        assert [
            record.position for record in tl.as_of().records(types="lent", entities="Emma", during="2021")
        ] == [2]
        assert [record.position for record in tl.follow(timeout=0)] == [1, 2]
        assert tl.sql("SELECT reader FROM lent ORDER BY position").rows == (("ann",), ("bob",))
        assert tl.verify(str(tl.head())).ok
        needing: Any = (
            lambda tl: tl.append(LENT("2020", book="Emma", reader="Ann")),
            lambda tl: tl.retract(1),
            lambda tl: tl.retract(commit=1),
            lambda tl: tl.retract(resting_on="Gazette"),
            lambda tl: tl.lookalikes(),
            lambda tl: tl.what_if(LENT("2020", book="Emma", reader="Ann")),
            lambda tl: tl.append_table(LENT, "SELECT 1", known="2020"),
            lambda tl: tl.as_of().of("copy", "Emma"),
            lambda tl: tl.as_of().between("Emma", "Ann"),
            lambda tl: next(tl.as_of().all(READER)),
            lambda tl: tl.as_of().history("copy", "Emma"),
            lambda tl: tl.as_of().sources(),
            lambda tl: tl.as_of().single_sourced(),
            lambda tl: tl.as_of().check(),
            lambda tl: tl.as_of().check(rules="order"),
            lambda tl: tl.as_of().entities(),
            lambda tl: tl.rebuild(),
            lambda tl: tl.import_log(tmp_path / "none.jsonl"),
        )
        for ask in needing:
            with pytest.raises(CatalogueError, match="was opened with catalogue=False"):
                ask(tl)
    tl.export(tmp_path / "e.jsonl")
    assert tl.backup(tmp_path / "copy.duckdb").ok
    for copy in path, tmp_path / "copy.duckdb":
        with _opened(copy, WRITTEN) as again:
            assert again.as_of("2022").of(READER, "Emma").reader == "bob"
            assert again.verify().ok
    with pytest.raises(CatalogueError, match="a new timeline needs the vocabulary"):
        _opened(tmp_path / "new.duckdb", False)
    assert not (tmp_path / "new.duckdb").exists()


def test_a_record_is_redacted_without_the_vocabulary(path: Path) -> None:
    """Nothing of it is left; what is derived comes back with the vocabulary, and until then is not there."""
    tl = _opened(path, False)
    tl.redact("l1", reason="asked for", actor="me")
    assert [record.summary for record in tl.as_of().records()] == ["redacted", "something", "redacted: #1"]
    assert tl.verify().ok
    assert b"Ann" not in path.read_bytes()
    with pytest.raises(NotAllowed, match="lent"):
        tl.sql("FROM lent")
    with pytest.raises(NotDerived, match="nothing is derived yet; open it once"):
        _opened(path, WRITTEN, read_only=True)
    with pytest.raises(OtherVocabulary):
        _opened(path, Catalogue.of(LOST))
    with _opened(path, WRITTEN) as again:
        assert again.verify().ok
        assert again.as_of("2022").of(READER, "Emma").reader == "bob"


# Retired and renamed


def test_a_retired_type_is_read_and_no_more_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Python, in a table and in a what-if; what is there already is found, and may be retracted."""
    retired = _event("lent", {"book": Entity, "reader": Entity, "mood": (_MOOD, "good")}, retired=True)
    catalogue = Catalogue.of(retired, LOST, _state("copy", reader=last(retired.reader, of="book")))
    with _opened(path, catalogue) as tl:
        again = tl.append(retired("2020", book="Emma", reader="Ann"), id="l1")
        assert (again.records, [one.ref for one in again.unchanged]) == ((), ["l1"])
        new = retired("2022", book="Emma", reader="Ann")
        table = "SELECT '2022' AS occurred, 'Emma' AS book, 'Ann' AS reader, 'good' AS mood"
        for say in (
            lambda: tl.append(new),
            lambda: tl.correct("l1", new),
            lambda: tl.what_if(new),
            lambda: tl.append_table(retired, table, known="2022"),
        ):
            with pytest.raises(NotAllowed, match="lent is retired: such events are only read"):
                say()
        tl.retract("l1")
        assert tl.as_of("2022").of("copy", "Emma").reader == "bob"


def test_a_renamed_type_is_read_under_its_new_name(path: Path) -> None:
    """By its records, its states, its table and its types; an old name means the new type."""
    fields = {"book": Entity, "reader": Entity, "mood": (_MOOD, "good")}
    borrowed = _event("borrowed", fields, formerly="lent")
    catalogue = Catalogue.of(borrowed, LOST, _state("copy", reader=last(borrowed.reader, of="book")))
    with _opened(path, catalogue) as tl:
        tl.append(borrowed("2022", book="Emma", reader="Cy"))
        tl.correct("l1", borrowed("2020-02", book="Emma", reader="Ann"))
        for name in "borrowed", "lent", borrowed:
            assert [one.type for one in tl.as_of().records(types=name)] == ["borrowed"] * 4
        assert [one.position for one in tl.follow(types=["borrowed"], timeout=0)] == [1, 2, 3, 4]
        assert tl.as_of("2021").of("copy", "Emma").reader == "bob"
        assert tl.sql("SELECT reader FROM copy").rows == (("cy",),)
        assert tl.sql("SELECT count(*) FROM said.borrowed").rows == ((4,),)
        denial = tl.append(borrowed("2021", book="Emma", reader="Bob"), credence="denied").records[0]
        found = [{one.position for one in violation.records} for violation in tl.as_of().check()]
        assert {2, denial.position} in found
        assert tl.verify().ok
        tl.rebuild()
        assert tl.verify().ok
    with pytest.raises(OtherVocabulary, match="borrowed, 3 records of version 1: it lacks the type"):
        _opened(path, WRITTEN)


def test_a_type_that_is_retired_is_not_proposed_without_saying_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where types are listed, told one by one, given as entries, or completed."""
    retired = _event("given", {"book": Entity}, retired=True, formerly="gave")
    _package(monkeypatch, Catalogue.of(retired, LOST))
    for arguments, code, told in (
        (["types"], 0, "(retired: only read)"),
        (["types", "given"], 0, "given (version 1, formerly gave, retired: only read)"),
        (["types", "given", "--json"], 0, '"retired": true'),
        (["types", "given", "--yaml"], 2, "given is retired"),
        (["append", "given", "--occurred", "2020", "--book", "B", "--db", ":memory:"], 2, "given is retired"),
    ):
        assert run(arguments) == code
        shown = capsys.readouterr()
        assert told in shown.out + shown.err
    assert run(["complete", "--", "append", ""]) == 0
    assert capsys.readouterr().out.split() == ["lost"]


@pytest.mark.parametrize("what", ["other", "none", "changed"])
def test_verbs_that_need_no_vocabulary_open_the_log_alone(
    what: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it does not fit, is not to be found, or has other folds; they say so, and do what they do."""
    monkeypatch.setenv("TIMELINE_CATALOGUE", "no_such_package")
    if what != "none":
        changed = _state("copy", reader=first(LENT.reader, of="book"))
        _package(monkeypatch, Catalogue.of(LOST) if what == "other" else Catalogue.of(LENT, LOST, changed))
    db = ["--db", str(path)]
    for arguments, told in (
        (["log", "--type", "lent", "--json"], '"data": {'),
        (["sql", "SELECT count(*) AS n FROM lent", "--json"], '"n": 2'),
        (["schema", "--json"], '"lent"'),
        (["head"], "2:"),
        (["verify"], "the log alone"),
        (["export", str(tmp_path / "e.jsonl")], "exported"),
        (["backup", str(tmp_path / "copy.duckdb")], "verified"),
        (["restore", str(tmp_path / "copy.duckdb"), "--force"], "verified"),
        (["redact", "l1", "--reason", "asked for"], "is redacted"),
    ):
        assert run([*arguments, *db]) == 0
        shown = capsys.readouterr()
        assert told in shown.out
        written = what == "changed" and arguments[0] == "redact"
        assert written or "without a vocabulary: " in shown.err
    with _opened(path, WRITTEN) as tl:
        assert tl.verify().ok
        assert tl.as_of("2022").of(READER, "Emma").reader == "bob"


# Said again after an upgrade


def _again(path: Path, catalogue: Catalogue, said: Sequence[Any], corrected: int) -> None:
    """Say everything again, the last of it as a correction, in a newer vocabulary: nothing is new."""
    with _opened(path, catalogue) as tl:
        *events, right = [catalogue.event(name).cls(when, **data) for name, when, data in said]
        commit = tl.append(*events, Correction(corrected, right))
        assert commit.records == ()
        assert len(commit.unchanged) == tl.head().position


@HALF
@given(st.data())
def test_what_is_said_again_after_upgrades_is_nothing_new(data: st.DataObject) -> None:
    """Fields added and renamed, event types renamed, several times over: it has the id that it would have."""
    vocabulary = data.draw(made_up.vocabularies())
    if data.draw(st.booleans()):
        vocabulary = attrs.evolve(vocabulary, states={})
    contents = data.draw(st.lists(vocabulary.content, min_size=1, max_size=3))
    name, right = data.draw(vocabulary.content.filter(lambda one: one not in contents))
    of_type = [one for one in contents if one[0] == name] or [(name, right)]
    said = [
        (kind, data.draw(strategies.dates()).text, {one: _plain(value) for one, value in content.items()})
        for kind, content in (*contents, of_type[0], (name, right))
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.duckdb"
        catalogue = vocabulary.catalogue()
        *events, right_event = [catalogue.event(kind).cls(when, **given) for kind, when, given in said]
        with _opened(path, catalogue) as tl:
            tl.append(*events)
            corrected = tl.append(events[-1]).unchanged[0].position
            if not tl.append(Correction(corrected, right_event)).records:
                return
        for _ in range(2):
            newer = data.draw(made_up.upgrades(vocabulary))
            said = [_upgraded(one, vocabulary, newer) for one in said]
            vocabulary = newer
            _again(path, newer.catalogue(), said, corrected)
        assert _opened(path, newer.catalogue()).verify().ok


def _plain(value: Any) -> Any:
    return value.text if isinstance(value, Dated) else value


def _upgraded(
    said: tuple[str, str, dict[str, Any]], before: made_up.Vocabulary, now: made_up.Vocabulary
) -> tuple[str, str, dict[str, Any]]:
    name, when, given = said
    place = [kind.name for kind in before.kinds].index(name)
    return now.kinds[place].name, when, now.kinds[place].upcasts[-1](given)


def test_what_is_said_again_after_an_upgrade_is_attested_imported_and_redacted_like_others(
    tmp_path: Path,
) -> None:
    """By append and by append_table; of several that say it, the earliest that stands is meant."""
    path = tmp_path / "t.duckdb"
    table = "SELECT * FROM (VALUES ('2020', 'Emma', {0}), ('2021', 'Emma', {0})) AS t(occurred, book{1})"
    old = _event("lent", {"book": Entity, "reader": str | None})
    with _opened(path, Catalogue.of(old)) as tl:
        tl.append(*(old(year, book="Emma", reader=None) for year in ("2020", "2021")), known="2022")
    new = _event(
        "borrowed",
        {"book": Entity, "shelf": (str | None, None)},
        version=2,
        upcasts=[lambda data: {"book": data["book"]}],
        formerly="lent",
    )
    again = new("2020", book="Emma")
    with _opened(path, Catalogue.of(new)) as tl:
        imported = tl.append_table(new, table.format("NULL::VARCHAR", ", shelf"), known="2022")
        assert (imported.count, imported.unchanged) == (0, 2)
        attested = tl.append_table(
            new, table.format("NULL::VARCHAR", ", shelf"), known="2022", source="Gazette"
        )
        assert (attested.count, attested.attested) == (2, 2)
        assert tl.append(again, source="Gazette").records == ()
        assert [one.target for one in tl.append(again, source="Herald").records] == [1]
        own = tl.append(again, id="mine")
        tl.retract(1)
        assert tl.append(again).unchanged[0].position == 1
        assert [one.ref for one in own.records] == ["mine"]
        assert tl.record(tl.record(1).id).position == 1
    ids = _opened(path, Catalogue.of(new)).sql("SELECT position FROM ids_today ORDER BY ALL").rows
    assert ids == ((1,), (2,))
    tl = _opened(path, Catalogue.of(new))
    tl.redact(1, reason="asked for", actor="me")
    assert tl.sql("SELECT position FROM ids_today").rows == ((2,),)
    assert tl.verify().ok
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE ids_today SET id = uuid()")
    assert [(one.what, one.position) for one in tl.verify().faults] == [("ids_today", 2)]
    tl.rebuild()
    assert tl.verify().ok


def test_of_records_that_say_the_same_the_earliest_that_stands_is_meant(path: Path) -> None:
    """Where it was said twice, as it had been before such ids were known, none is said a third time."""
    kind = _event("noted", {"book": Entity})
    newer = _event("noted", {"book": Entity, "shelf": (str | None, None)}, version=2, upcasts=[_shelved])
    first_of, second = kind("2020", book="Emma"), newer("2020", book="Emma")
    table = "SELECT '2020' AS occurred, 'Emma' AS book"
    folder = path.with_name("n.duckdb")
    with _opened(folder, Catalogue.of(kind)) as tl:
        tl.append(first_of, known="2022")
    today = "UPDATE ids_today SET id = uuid()"
    _opened(folder, Catalogue.of(newer))
    with duckdb.connect(str(folder)) as connection:
        connection.execute(today)
    with _opened(folder, Catalogue.of(newer)) as tl:
        assert len(tl.append(second, known="2022").records) == 1
        tl.rebuild()
        assert tl.append(second).unchanged[0].position == 1
        tl.retract(1)
        assert tl.append(second).unchanged[0].position == 2
        assert tl.append_table(newer, table, known="2022").count == 0
        assert [one.target for one in tl.append(second, source="Herald").records] == [2]
        tl.retract(2)
        assert tl.append(second).unchanged[0].position == 2


def _shelved(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "shelf": None}


def test_a_file_is_loaded_again_after_a_type_was_renamed(path: Path) -> None:
    """With the names of the types as they were: its entries are known already."""
    entries = path.with_name("e.yaml")
    entries.write_text("events:\n- lent:\n  occurred: 2019\n  book: Emma\n  reader: Dee\n")
    with _opened(path, WRITTEN) as tl:
        assert len(load(tl, [entries]).files[0].commit.records) == 1
    borrowed = _event(
        "borrowed", {"book": Entity, "reader": Entity, "mood": (_MOOD, "good")}, formerly="lent"
    )
    with _opened(path, Catalogue.of(borrowed)) as tl:
        assert load(tl, [entries]).files[0].commit.records == ()
        entries.write_text(entries.read_text().replace("lent", "borrowed"))
        assert [one.position for one in load(tl, [entries]).files[0].commit.unchanged] == [3]


def test_a_timeline_that_is_open_tells_that_another_vocabulary_has_derived_anew(path: Path) -> None:
    """It neither answers nor appends by folds that those in SQL are no more."""
    other = Catalogue.of(LENT, LOST, _state("copy", reader=first(LENT.reader, of="book")))
    before, same = _opened(path, WRITTEN), _opened(path, WRITTEN, read_only=True)
    again = _opened(path, other)
    told = "it was derived for another one since it was opened"
    for tl in before, same:
        for ask in (
            lambda tl: tl.as_of("2022").of("copy", "Emma"),
            lambda tl: tl.sql("FROM copy"),
            lambda tl: list(tl.as_of().records()),
        ):
            with pytest.raises(NotDerived, match=told):
                ask(tl)
    with pytest.raises(NotDerived, match=told):
        before.append(LENT("2022", book="Emma", reader="Cy"))
    assert again.as_of("2022").of("copy", "Emma").reader == "ann"
    assert again.append(LENT("2022", book="Emma", reader="Cy")).records
    assert again.verify().ok
    assert _opened(path, WRITTEN).as_of("2022").of("copy", "Emma").reader == "cy"
