"""What asks pages: a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser of nobody."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield found
        found.close()


def serious(violations: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What axe-core finds that is serious or critical: by which rule, and where first."""
    return [
        (one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in {"serious", "critical"}
    ]
