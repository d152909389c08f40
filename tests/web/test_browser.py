"""The explorer in a real browser: moving through both times, news, and nothing complained of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from events import CEOAppointment
from tests.web.conftest import serious
from timeline import Timeline

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_read_by_all(page: Page, scheme: Any) -> None:
    """Nothing serious or critical, as axe-core judges."""
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    for url in (
        *(
            "/?as_of=2023-11-18",
            "/state/relationship/microsoft/openai?as_of=2023&without=Axios",
            "/record/A14",
        ),
        *("/log", "/sources", "/check", "/types/funding_round", "/sql?q=FROM+records", "/entity/openai"),
        *("/say?type=funding_round", "/moves?without=Axios"),
    ):
        page.goto(url)
        assert serious(Axe().run(page).response["violations"]) == [], url


def test_the_graph_keeps_its_places_while_lines_come_and_go(page: Page) -> None:
    """The same lines, at the same places, are told otherwise at another date."""
    page.goto("/?as_of=2022-06")
    tie = page.locator("#tie-openai--windsurf, #tie-windsurf--openai").first
    assert tie.get_attribute("class") == "tie none"
    places = "() => [...document.querySelectorAll('.graph circle')].map((one) => [one.cx.baseVal.value])"
    before = page.evaluate(places)
    page.evaluate("document.querySelector('.graph svg').dataset.same = 'yes'")
    slider = page.locator("input[type=range][name=as_of]")
    slider.evaluate("one => { one.value = one.max; one.dispatchEvent(new Event('input')); }")
    page.wait_for_url(re.compile(r"as_of=20[23]\d-"))
    expect_class(page, "openai--windsurf", "tie so")
    assert page.locator(".graph svg").get_attribute("data-same") == "yes"
    assert page.evaluate(places) == before


def test_it_plays_from_change_to_change(page: Page) -> None:
    """Until it is stopped."""
    page.goto("/state/organisation/openai?as_of=2023-11-16")
    page.locator("nav.steps button").first.click()
    page.wait_for_url(re.compile("as_of=2023-11-20"), timeout=20_000)
    page.locator("nav.steps button").first.click()
    assert page.locator("nav.steps button").first.inner_text() == "Play"


def test_a_date_is_read_as_it_is_typed(page: Page) -> None:
    """With its bounds under the field."""
    from playwright.sync_api import expect

    page.goto("/say?type=ceo_appointment")
    page.locator("#f-occurred").fill("2018~")
    expect(page.locator("#h-occurred")).to_contain_text("to 2018-12-31", timeout=15_000)
    page.locator("#f-occurred").fill("wombat")
    expect(page.locator("#h-occurred")).to_contain_text("is not a date", timeout=15_000)


def expect_class(page: Page, ident: str, looks: str) -> None:
    """Wait until a line of the graph looks so."""
    from playwright.sync_api import expect

    expect(page.locator(f"#tie-{ident}")).to_have_class(looks, timeout=15_000)
