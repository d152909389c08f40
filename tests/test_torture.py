"""That what is promised of crashes and faults holds: the quick form of `python -m tests.torture`."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.ledger import CATALOGUE
from tests.torture.faults import FAULTS, Outcome, Skipped, flipped, tried
from tests.torture.kills import Kills, examined, killed_once
from timeline import Timeline

LOSING: Final = {"the WAL is lost", "garbage in place of the WAL", "a byte of the WAL is flipped"}
"""Faults that take with them what was in the WAL alone."""


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    """And nothing is there in part, wherever the process was."""
    path, kills = tmp_path / "killed.duckdb", Kills()
    Timeline.open(path, catalogue=CATALOGUE)
    head, chance = "0:" + "0" * 64, random.Random(7)  # noqa: S311  (chance, not secrets)
    for amid in ("many", "table", "rebuild"):
        head = examined(path, head, killed_once(path, chance, amid), kills)
    assert kills.kills == 3
    assert kills.acknowledged == kills.found
    assert str(kills).startswith("3 kills survived (")


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.__name__ for fault in FAULTS])
def test_every_fault_is_told_in_words(fault: Callable[[Path], Outcome], tmp_path: Path) -> None:
    """Never by a traceback; and of what was acknowledged no more is lost than must be."""
    if fault is flipped:
        fault = partial(flipped, times=6)
    tmp_path.parent.chmod(0o755)
    tmp_path.parent.parent.chmod(0o755)
    tmp_path.chmod(0o755)
    outcome = tried(tmp_path, fault)
    if isinstance(outcome, Skipped):
        pytest.skip(str(outcome))
    assert outcome.told
    assert outcome.found == outcome.acknowledged or outcome.fault in LOSING
