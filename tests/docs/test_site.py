"""The documentation as a site: all pages are in its menu, its links hold, and all it loads is its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urldefrag

import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
LOADED: Final = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What a page of the site loads, where it leads, and what can be led to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.anchors: set[str] = {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        given = dict(attrs)
        if (loaded := given.get(LOADED.get(tag, ""))) and given.get("rel") != "canonical":
            self.loads.append(loaded)
        if tag == "a" and (led := given.get("href")):
            self.leads.append(led)
        self.anchors.update(one for one in (given.get("id"), given.get("name")) if one)


def _menu(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    else:
        for one in entry.values() if isinstance(entry, dict) else entry:
            yield from _menu(one)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    """The pages of the site, built without a warning, the first page first."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    shutil.copytree(ROOT / "docs", folder / "docs")
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    first = folder / "site" / "index.html"
    pages = [first, *(path for path in first.parent.rglob("*.html") if path != first)]
    return {path: Page(path) for path in pages if path.name != "404.html"}


def test_every_page_is_in_the_menu_once() -> None:
    """The menu has all pages of the documentation, and no other."""
    listed = sorted(_menu(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]))
    there = sorted(str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md"))
    assert listed == there


def test_the_site_has_every_page(site: dict[Path, Page]) -> None:
    """As many pages come out as are written."""
    assert len(site) == len(list((ROOT / "docs").rglob("*.md")))


def test_links_between_the_pages_of_the_site_hold(site: dict[Path, Page]) -> None:
    """Each leads to a page, and to a place in it, that is there."""
    broken = []
    for path, page in site.items():
        for link in page.leads:
            target, anchor = urldefrag(link)
            if re.match(r"[a-z]+:", target):
                continue
            aim = (path.parent / unquote(target)).resolve() if target else path
            if not aim.exists() or (aim in site and unquote(anchor) not in site[aim].anchors):
                broken.append(f"{path.name}: {link}")
    assert not broken


def test_the_site_loads_nothing_from_elsewhere(site: dict[Path, Page]) -> None:
    """Scripts, fonts, styles and pictures are its own."""
    for path, page in site.items():
        assert page.loads
        assert not [one for one in page.loads if re.match(r"([a-z]+:)?//", one)], path
    styles = list((next(iter(site)).parent / "assets").rglob("*.css"))
    assert styles
    assert not [
        path for path in styles if re.search(r"(@import|url\()\s*['\"]?(https?:)?//", path.read_text())
    ]
