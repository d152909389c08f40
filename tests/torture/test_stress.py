"""The stress test in short; in full it is `python -m tests.torture.stress`."""

from __future__ import annotations

from pathlib import Path

from tests.torture.stress import stress


def test_threads_of_several_processes_lose_nothing(tmp_path: Path) -> None:
    """Every acknowledged append is there once, every condition held, and every follower saw everything."""
    figures = stress(str(tmp_path / "stress.duckdb"), processes=3, threads=3, seconds=2, seed=1)
    assert figures.records > 3
