"""Where a log ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from timeline.records import GENESIS


@attrs.frozen
class Head:
    """Where a log ends: position, when that was recorded, and the digest that covers all of it.

    As text it is one word, `position:digest`, to be kept elsewhere and given to `verify`.
    """

    position: int = 0
    recorded_at: datetime | None = None
    digest: str = GENESIS

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; `head` is the one word."""
        recorded = None if self.recorded_at is None else self.recorded_at.isoformat()
        return {
            "head": str(self),
            "position": self.position,
            "recorded_at": recorded,
            "digest": self.digest,
        }

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"
