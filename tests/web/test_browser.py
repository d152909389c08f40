"""The explorer in a real browser: moving through both times, news, and nothing complained of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from events import CEOAppointment
from timeline import Timeline

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")


@pytest.fixture(scope="module")
def served(seeded: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Where the verb serves a file of its own, and that file."""
    path = tmp_path_factory.mktemp("served") / "ai.duckdb"
    shutil.copy(seeded, path)
    command = [sys.executable, "-m", "timeline.cli", "explore", "--port", "0", "--db", str(path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stderr.readline())
        assert found is not None
        yield found[0], path
        process.terminate()
        process.stderr.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser of nobody."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser, served: tuple[str, Path]) -> Iterator[Page]:
    """A page that complains of nothing, and asks nobody else."""
    where, _ = served
    one = browser.new_page(base_url=where)
    complaints: list[str] = []
    elsewhere: list[str] = []
    one.on("console", lambda said: complaints.append(said.text))
    one.on("pageerror", lambda problem: complaints.append(str(problem)))
    one.on("request", lambda asked: None if asked.url.startswith(where) else elsewhere.append(asked.url))
    yield one
    one.close()
    assert complaints == []
    assert elsewhere == []


def shows(page: Page, name: str, text: str) -> None:
    """Wait until a state on a page says that of a field."""
    from playwright.sync_api import expect

    told = page.locator(f"dl.fields dt:text-is('{name}') + dd p").first
    expect(told).to_have_text(text, timeout=15_000)


def test_a_slider_moves_through_valid_time_and_the_arrows_from_change_to_change(page: Page) -> None:
    """Without leaving the page; the address says where one is, and going back goes back."""
    page.goto("/state/organisation/openai?as_of=2023-11-16")
    shows(page, "ceo", "Sam Altman")
    slider = page.locator("input[type=range][name=as_of]")
    slider.evaluate("one => { one.value = Number(one.value) + 2; one.dispatchEvent(new Event('input')); }")
    page.wait_for_url(re.compile("as_of=2023-11-18"))
    shows(page, "ceo", "Mira Murati")
    page.locator("main").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("as_of=2023-11-20"))
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile("as_of=2023-11-17"))
    page.go_back()
    page.wait_for_url(re.compile("as_of=2023-11-20"))
    shows(page, "ceo", "Emmett Shear")


def test_a_slider_moves_through_what_was_known(page: Page) -> None:
    """As of one date."""
    page.goto("/state/relationship/microsoft/openai?as_of=2022&known=2022")
    shows(page, "invested", "Microsoft: $1bn")
    slider = page.locator("input[type=range][name=known]")
    slider.evaluate("one => { one.value = one.max; one.dispatchEvent(new Event('input')); }")
    shows(page, "invested", "Microsoft: $1bn + 1 undisclosed")
    assert "known=" in page.url


def test_why_opens_and_stays_open_on_the_way(page: Page) -> None:
    """And leads to the record."""
    page.goto("/state/organisation/openai?as_of=2023-11-18")
    page.locator("dt:text-is('ceo') + dd summary").click()
    assert "because" in page.locator("dt:text-is('ceo') + dd details").inner_text()
    page.locator("main").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("as_of=2023-11-20"))
    page.locator("dt:text-is('ceo') + dd a.mark").first.click()
    page.wait_for_url(re.compile("/record/"))
    assert "as_of=2023-11-20" in page.url
    assert page.locator("h1").inner_text().startswith("P7a")


def test_what_is_appended_is_told_on_a_page_that_is_open(page: Page, served: tuple[str, Path]) -> None:
    """And shown when it is asked for."""
    page.goto("/entity/openai")
    page.wait_for_timeout(1_500)
    Timeline.open(served[1]).append(CEOAppointment("2030", company="OpenAI", person="Ann Lee"))
    page.locator("#news button").wait_for(timeout=15_000)
    assert page.locator("#news button").inner_text() == "1 new record: show"
    page.locator("#news button").click()
    page.locator("ol.records").get_by_text("Ann Lee becomes CEO").first.wait_for()


@pytest.mark.parametrize("width", [360, 900, 1400])
def test_no_page_is_wider_than_the_screen(page: Page, width: int) -> None:
    """Tables scroll by themselves."""
    page.set_viewport_size({"width": width, "height": 800})
    for url in (
        *("/", "/log", "/state/relationship/microsoft/openai?as_of=2023", "/record/A14", "/check", "/types"),
        *("/sql?q=FROM+records", "/sources", "/entity/openai"),
    ):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
