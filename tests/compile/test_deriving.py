"""What SQL derives from the typed tables is what Python feeds to the states, row by row."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests import ledger, made_up, strategies
from tests.reuse import in_memory
from tests.strategies import History, histories
from timeline.admission import Admission
from timeline.compile import contributed, derivation
from timeline.log import File, Log, Session
from timeline.log.duckdb import writing
from timeline.records import Codec, Statement
from timeline.vocabulary import Catalogue

SEEDS = Path(__file__).parents[2] / "seeds"


@contextmanager
def written(path: str | Path, catalogue: Catalogue) -> Iterator[Log]:
    """The log of a file, in a transaction that writes."""
    file = File.at(path, read_only=False, lock_timeout=1)
    session = Session(file, Codec(catalogue), ledger.Clock())
    with session.held():
        session.prepare()
        with session.writing() as log:
            yield log


def fed(log: Log) -> Counter[tuple[Any, ...]]:
    """The rows of `feeds`, with how often each is there."""
    return Counter(log.connection.execute("FROM feeds").fetchall())


def assert_derived(log: Log) -> None:
    """All rows, made anew in two parts, are those that were there."""
    expected = fed(log)
    log.connection.execute("DELETE FROM feeds")
    head = log.head().position
    for kind in log.codec.catalogue.events.values():
        sql = derivation(log.codec.catalogue, kind)
        if sql is not None:
            for first, last in ((1, head // 2), (head // 2 + 1, head)):
                log.connection.execute(sql, [first, last])
    assert fed(log) == expected


def assert_all_derived(catalogue: Catalogue, statements: Iterable[Statement]) -> None:
    """What is said in a vocabulary gives the same rows either way."""
    with written(":memory:", catalogue) as log:
        Admission(log, log.head(), ledger.NOW, declared=False).admit(list(statements), actor=None, note=None)
        assert_derived(log)


@given(histories(strategies.ANYTHING | strategies.DEALS | strategies.LEADERS))
def test_both_ways_give_the_same_rows_for_every_history(history: History) -> None:
    """Also of what is corrected, retracted or denied."""
    assert_all_derived(ledger.CATALOGUE, history.statements)


@given(histories(strategies.wide(["acme", "bolt", "crux", "ann"]), least=4, most=10), st.data())
def test_what_is_read_as_of_others_is_the_same_after_rebuild(history: History, data: st.DataObject) -> None:
    """However the history came in, in one commit or in several."""
    cuts = data.draw(st.sets(st.integers(1, len(history.log)))) | {0, len(history.log)}
    with in_memory(ledger.CATALOGUE, clock=ledger.Clock()) as tl:
        for first, last in itertools.pairwise(sorted(cuts)):
            tl.append(*history.statements[first:last])
        fed = contributed(ledger.CATALOGUE.states.values())
        tables = ("sameness", "rereads", "refeeds", f"({fed})", "hidden")
        before = [Counter(map(str, tl.sql(f"SELECT * FROM {table}"))) for table in tables]
        tl.rebuild()
        assert [Counter(map(str, tl.sql(f"SELECT * FROM {table}"))) for table in tables] == before


@given(made_up.vocabularies(), st.data())
def test_both_ways_give_the_same_rows_in_every_vocabulary(
    made: made_up.Vocabulary, data: st.DataObject
) -> None:
    """Whatever the fields are called, and for quotes, line breaks, large and negative numbers in them."""
    catalogue = made.catalogue()
    assert_all_derived(catalogue, made_up.statements(data.draw(made.histories()), catalogue))


@pytest.fixture
def seeds(seeded: str, tmp_path: Path) -> Path:
    """A file with the seeds."""
    return Path(shutil.copy(seeded, tmp_path))


def test_both_ways_give_the_same_rows_for_the_seeds(seeds: Path) -> None:
    """In the vocabulary that this package comes with."""
    with written(seeds, Catalogue.find("events")) as log:
        assert fed(log)
        assert_derived(log)


def test_rows_are_the_same_however_many_are_derived_together(
    seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seventeen records at a time give what all of them together do."""
    catalogue = Catalogue.find("events")
    with written(seeds, catalogue) as log:
        expected = fed(log)
        log.connection.execute("DELETE FROM feeds")
        monkeypatch.setattr(writing, "_TOGETHER", 17)
        for name in catalogue.events:
            writing.Writer(log).feed(1, log.head().position, name)
        assert fed(log) == expected


@pytest.mark.parametrize("size", [1, 7, 1_000_000])
def test_ranges_of_keys_hold_every_key_once_and_in_order(seeds: Path, size: int) -> None:
    """So that states of all keys may be asked for range by range."""
    with written(seeds, Catalogue.find("events")) as log:
        for state in log.codec.catalogue.compiled:
            fed = f"SELECT DISTINCT a FROM ({contributed([state])}) WHERE state = $1 ORDER BY a"
            keys = [key for (key,) in log.connection.execute(fed, [state.name]).fetchall()]
            ranges = log.ranges(state, size)
            held = [
                [key for key in keys if after < key and not (upto and key > upto)] for after, upto in ranges
            ]
            assert [key for several in held for key in several] == keys
            assert all(held)
            assert (ranges[0][0], ranges[-1][1]) == ("", None)
            assert len(ranges) == 1 if size > 1_000 else len(ranges) > 1
