"""That the benchmark runs: each row at a small size, nothing of it timed."""

from __future__ import annotations

import pytest

from tests.benchmarks.__main__ import ROWS, measured
from tests.benchmarks.asking import both_answers
from tests.benchmarks.bench import Bench
from tests.benchmarks.data import MIX, Shape, typed
from tests.benchmarks.result import page, read, write

_EVENTS = 600


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A run over a small log, everything measured once."""
    return Bench(tmp_path_factory.mktemp("benchmark"), _EVENTS, rounds=1, asks=2)


def test_the_shares_of_the_mix_are_a_whole() -> None:
    assert sum(part.share for part in MIX) == 100


def test_the_log_has_the_events_that_its_shape_says(bench: Bench) -> None:
    """Each event once, in order, of every type of the mix, and of no more entities than there are."""
    found = list(typed(bench.data(_EVENTS)))
    assert [mark for mark, _ in found] == [f"e{n}" for n in range(_EVENTS)]
    assert {type(event) for _, event in found} == {part.cls for part in MIX}
    imprecise = sum(len(event.occurred.text) != len("2005-01-01") for _, event in found)
    assert _EVENTS / 20 < imprecise < _EVENTS / 5
    assert Shape(_EVENTS).entities == 40


@pytest.mark.parametrize("row", ROWS)
def test_every_row_runs_and_the_page_has_it(row: str, bench: Bench) -> None:
    """A row gives figures of both sides, and stands on the page as it was measured."""
    kept = bench.folder / "results.json"
    write(kept, measured([row], bench, profile=False))
    one = read(kept).get(row)
    if one is None:
        pytest.skip("what it measures is not there yet")
    assert one.ratio is None or one.ratio > 0
    lines = page({row: one}, {"processor": "one"}, "About.").splitlines()
    assert sum(line.startswith(f"| {one.what} | {one.against} | {one.ours} |") for line in lines) == 1


@pytest.mark.parametrize("point", ["2008-06-30", "2016-12-31", "2024-02-29"])
def test_what_is_written_by_hand_gives_the_same_answer(point: str, bench: Bench) -> None:
    """Else the ratio to it would say nothing."""
    ours, by_hand = both_answers(bench, point)
    assert len(ours) > 40
    assert ours == by_hand
