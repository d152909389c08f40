"""The report: one file, in which any two days show what the engine answers, and which asks nobody."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from events import CEOAppointment
from tests.ledger import Clock
from tests.web.conftest import serious
from tests.web.test_pages import Links, own
from timeline import Moment, Timeline
from timeline.errors import FileFailed, NotAllowed
from timeline.vocabulary import State, field_lines, label
from timeline.web import report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["own"]
LONGEST: Final = 300_000
Told = tuple[list[str], ...]
READ: Final = """([valid, known]) => {
  for (const [id, day] of [["valid", valid], ["known", known]]) {
    const field = document.getElementById(id);
    field.value = day;
    field.dispatchEvent(new Event("change"));
  }
  const marks = (behind) => {
    const found = { "": [], "unsettled by": [], "contested by": [] };
    let word = "";
    for (const one of behind.children) {
      if (one.matches("span")) word = one.textContent; else found[word].push(one.textContent);
    }
    return Object.values(found);
  };
  const rows = (chosen) => [...document.querySelectorAll(chosen)].filter((one) => !one.hidden);
  return {
    states: [...document.querySelectorAll(".state")].map((one) => [
      one.querySelector("h3 small").textContent,
      one.querySelector("h3 span").textContent,
      Object.fromEntries([...one.querySelectorAll("dd")].filter((field) => !field.hidden).map((field) => [
        field.previousElementSibling.textContent,
        [[...field.querySelectorAll("p:not(.marks)")].map((line) => line.textContent),
         ...marks(field.querySelector(".marks"))],
      ])),
    ]),
    log: rows("#main > .records > li").map(
      (one) => [one.value, one.querySelector("[data-slot]").textContent]),
    sources: rows("tbody tr").map((one) => [...one.cells].map((cell) => cell.textContent)),
    checks: rows(".violation").map((one) => [one.querySelector("p").textContent,
      [...one.querySelectorAll("a")].map((link) => link.textContent)]),
  };
}"""


@pytest.fixture(scope="module")
def written(seeded: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the seeds."""
    with Timeline.open(seeded, read_only=True) as tl:
        return report(tl.as_of("2023-11-18"), tmp_path_factory.mktemp("report") / "ai.html", title="AI")


@pytest.fixture
def page(browser: Browser, written: Path) -> Iterator[Page]:
    """The report in a browser, which complains of nothing, and asks nobody."""
    one = browser.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    one.on("console", lambda said: complaints.append(said.text))
    one.on("pageerror", lambda problem: complaints.append(str(problem)))
    one.on("request", lambda request: asked.append(request.url))
    one.goto(written.as_uri())
    yield one
    one.close()
    assert complaints == []
    assert {url.partition("#")[0] for url in asked} == {written.as_uri()}


def told(state: State, labels: Mapping[int, str]) -> dict[str, Told]:
    """What a state says, as it is to stand on the page."""
    return {
        label(field): (
            field_lines(state, field),
            *([one.label for one in by[field]] for by in (state.because, state.unsettled, state.contested)),
        )
        for field in state.__timeline__.folds
        if state.because[field] or state.unsettled[field]
    }


def days(seeded: str, number: int) -> list[tuple[date, date]]:
    """So many pairs of days: some by chance, some at which something changes or the day before."""
    chance = random.Random(7)  # noqa: S311
    with Timeline.open(seeded, read_only=True) as tl:
        records = list(tl.as_of().records())
    dated = [one.occurred for one in records if one.occurred is not None]
    valid = [at.date() for one in dated for at in (one.earliest, one.latest) if at is not None]
    known = [one.known_at.date() for one in records]

    def some(of: list[date]) -> date:
        if chance.random() < 0.6:
            return chance.choice(of) - timedelta(days=chance.choice([0, 0, 1]))
        return min(of) + timedelta(days=chance.randrange((max(of) - min(of)).days + 60))

    return [(some(valid), some(known)) for _ in range(number)]


def there(tl: Timeline, valid: date, known: date) -> Moment:
    return tl.as_of(valid.isoformat(), known=known.isoformat())


def test_any_two_days_show_what_the_engine_answers(page: Page, seeded: str) -> None:
    """Every state, the log, and the sources, at fifty pairs of days."""
    asked: list[tuple[Any, Moment, list[State]]] = []
    with Timeline.open(seeded, read_only=True) as tl:
        everything = list(tl.as_of().records())
        labels = {one.position: one.label for one in everything}
        for valid, known in days(seeded, 50):
            shown: Any = page.evaluate(READ, [valid.isoformat(), known.isoformat()])
            moment = there(tl, valid, known)
            gone = moment.superseded(everything)
            assert shown["log"] == [
                [one.position, gone[one.position].undoing if one.position in gone else ""]
                for one in moment.records()
            ]
            assert sorted(shown["sources"]) == sorted(
                [one.source, str(one.records), str(one.alone)] for one in moment.as_of("9998-12-31").sources()
            )
            several = [one for kind in tl.catalogue.states.values() for one in moment.all(kind.cls)]
            asked.append((shown["states"], moment, several))
    for shown, moment, several in asked:  # what contests is looked up for all of them, as the file is let go
        found = {
            (one.__timeline__.name, " – ".join(map(one.named, one.who))): told(one, labels) for one in several
        }
        got = {
            (kind.replace(" ", "_"), names): {field: tuple(one) for field, one in fields.items()}
            for kind, names, fields in shown
            if fields
        }
        assert got == {key: said for key, said in found.items() if said}, str(moment)


def test_what_does_not_add_up_follows_what_was_known(page: Page, seeded: str) -> None:
    """As a check at the same basis tells it."""
    with Timeline.open(seeded, read_only=True) as tl:
        for valid, known in days(seeded, 4):
            shown: Any = page.evaluate(READ, [valid.isoformat(), known.isoformat()])
            violations = there(tl, valid, known).check().violations
            expected = [[one.message, [record.label for record in one.records]] for one in violations]
            assert sorted(shown["checks"]) == sorted(expected)


def test_it_moves_by_buttons_keys_and_address(page: Page, written: Path) -> None:
    """And says where it is."""
    from playwright.sync_api import expect

    section = page.locator(".state", has=page.locator("h3:has-text('OpenAI'):has-text('organisation')")).first
    ceo = section.locator("dt:text-is('ceo') + dd p").first
    assert page.locator("#as-of").inner_text() == "2023-11-18"
    assert ceo.inner_text() == "Mira Murati"
    page.locator("[data-step=valid][data-by='1']").click()
    assert page.locator("#as-of").inner_text() == "2023-11-20"
    assert ceo.inner_text() == "Emmett Shear"
    page.locator("[data-step=valid][data-by='-1']").click()
    assert page.locator("#as-of").inner_text() == "2023-11-17"
    page.locator("#valid-slider").focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#as-of").inner_text() == "2023-11-16"
    assert ceo.inner_text() == "Sam Altman"
    assert page.url.endswith("#as_of=2023-11-16&known=" + page.locator("#as-known").inner_text())
    page.goto(f"{written.as_uri()}#as_of=2022-06-01&known=2022-06-01")
    assert page.locator("#as-known").inner_text() == "2022-06-01"
    page.goto(f"{written.as_uri()}#as_of=nonsense&known=2022-06-01")
    page.locator("#play").click()
    before = page.locator("#as-of").inner_text()
    expect(page.locator("#as-of")).not_to_have_text(before, timeout=15_000)
    page.locator("#play").click()
    assert page.locator("#play").inner_text() == "Play"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_by_all(browser: Browser, written: Path, scheme: Any) -> None:
    """Nothing serious or critical, as axe-core judges."""
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(color_scheme=scheme)
    page.goto(written.as_uri())
    assert serious(Axe().run(page).response["violations"]) == []
    page.close()


def test_without_script_it_is_a_document(browser: Browser, written: Path) -> None:
    """Which says what it says of the two days; nothing in it waits for a script, on any screen."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written.as_uri())
    assert not page.locator(".both").is_visible()
    text = page.locator("main").inner_text()
    assert "As of the end of 2023-11-18" in text
    assert "Mira Murati" in text
    for width in (360, 900, 1400):
        page.set_viewport_size({"width": width, "height": 800})
        sizes = [page.locator("html").evaluate("one => one.scrollWidth")]
        assert sizes <= [width]
    context.close()


def test_it_is_one_small_file_that_lets_nothing_run(written: Path, seeded: str) -> None:
    """By its own policy: two scripts, one of them data, and one style, each by its hash."""
    text = written.read_text("utf-8")
    assert len(text.encode()) <= LONGEST
    reader = Links()
    reader.feed(text)
    assert not [one for one in reader.links if not one.startswith(("#", "https://", "http://"))]
    assert [tag for tag, _ in reader.tags if tag in {"link", "img", "iframe", "object", "form"}] == []
    assert len([tag for tag, _ in reader.tags if tag in {"script", "style"}]) == 3
    assert "unsafe" not in text.partition("</head>")[0]
    assert "default-src 'none'" in text


def test_whatever_is_said_is_text(own: Path, browser: Browser, tmp_path: Path) -> None:
    """Names, notes, ids and addresses that are markup, or would run, are neither."""
    with Timeline.open(own) as tl:
        tl.append(CEOAppointment("2021", company="</script><script>alert(2)</script>", person="<!--"))
        target = report(tl.as_of(), tmp_path / "own.html", title="</title><script>alert(3)</script>")
    reader = Links()
    reader.feed(target.read_text("utf-8"))
    assert {tag for tag, _ in reader.tags}.isdisjoint({"b'", "i", "img"})
    assert len([tag for tag, _ in reader.tags if tag == "script"]) == 2
    assert not [found for _, found in reader.tags if any(one.startswith("on") for one in found)]
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("dialog", lambda said: complaints.append(said.message))
    page.goto(target.as_uri())
    page.locator("[data-step=valid][data-by='-1']").click()
    assert "</script><script>alert(2)</script>" in page.locator("main").inner_text()
    assert page.locator("h1").inner_text() == "</title><script>alert(3)</script>"
    page.close()
    assert complaints == []


def test_a_report_is_of_little_and_has_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty log has one; too much has none, nor has a file that is none."""
    with Timeline.open(":memory:", clock=Clock()) as tl:
        assert "nobody" in report(tl.as_of(), tmp_path / "empty.html").read_text("utf-8")
        tl.append(CEOAppointment("2021", company="Acme", person="Ann"), known="2022")
        early = report(tl.as_of("2020", known="2020"), tmp_path / "early.htm").read_text("utf-8")
        assert 'As of the end of <time id="as-of">2020-12-31</time>' in early
        assert "Ann" in early
        with pytest.raises(NotAllowed, match=r"saved as \.html"):
            report(tl.as_of(), tmp_path / "report.pdf")
        with pytest.raises(FileFailed):
            report(tl.as_of(), tmp_path / "nowhere" / "report.html")
