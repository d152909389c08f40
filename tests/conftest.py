"""How the tests run: Hypothesis profiles, a clock that stands still, a timeline to say things to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.asking import SEEDS, Asking
from tests.ledger import Clock, opened
from tests.reuse import copy_what_is_laid_out
from timeline import Timeline
from timeline.cli import run
from timeline.log.duckdb.sharing import Shared

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_SLOW_SETUP = [HealthCheck.too_slow]
_FEW = 4
"""How many examples of each law `make test` tries; `make laws` tries more."""

settings.register_profile("dev", max_examples=_FEW, deadline=None, suppress_health_check=_SLOW_SETUP)
settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    max_examples=_FEW,
    deadline=None,
    suppress_health_check=_SLOW_SETUP,
)
settings.register_profile("laws", max_examples=40, deadline=None, suppress_health_check=_SLOW_SETUP)
settings.register_profile("long", max_examples=400, deadline=None, suppress_health_check=_SLOW_SETUP)
_UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
settings.register_profile(
    "mutants", settings.get_profile("ci"), max_examples=10, phases=_UNSHRUNK, report_multiple_bugs=False
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

copy_what_is_laid_out()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at noon of 2026-01-01, UTC, until it is set."""
    return Clock()


@pytest.fixture
def tl(clock: Clock) -> Iterator[Timeline]:
    """An empty timeline in memory, of the tests' own vocabulary, by that clock."""
    with opened(clock) as timeline:
        yield timeline


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path of a file with the seeds in it, which nothing is written to; it is known to the process."""
    path = tmp_path_factory.mktemp("seeded") / "ai.duckdb"
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        assert run(["load", str(SEEDS), "--db", str(path)]) == 0
    known = Timeline.open(path, read_only=True)
    yield known.path
    known.close()


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files once opened are known to the process for as long as a test runs, as where a timeline is kept.

    Else each command looks anew whether anything in a file stands in for what SQL means.
    """
    kept: list[Shared] = []
    of = Shared.of

    def remember(key: str) -> Shared:
        kept.append(of(key))
        return kept[-1]

    monkeypatch.setattr(Shared, "of", remember)


@pytest.fixture
def ask(
    seeded: str, remembered: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Asking:
    """What runs commands on that file."""
    monkeypatch.setenv("TIMELINE_DB", seeded)
    return Asking(capsys)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser of nobody."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("there is no Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield found
        found.close()
