"""What is asked of every page."""

from __future__ import annotations

from typing import Any


def serious(violations: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What axe-core finds that is serious or critical: by which rule, and where first."""
    return [
        (one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in {"serious", "critical"}
    ]
