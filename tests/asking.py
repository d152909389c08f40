"""What tests of the command line ask with: commands on a file that holds the seeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from timeline.cli import run

__all__ = ["SEEDS", "Asking"]

SEEDS = Path(__file__).parent.parent / "seeds"


class Asking:
    """Runs commands on the seeds."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.err = ""

    def __call__(self, *words: str, code: int = 0) -> str:
        """What a command answers; it ends with the code."""
        self._capsys.readouterr()
        assert run(words) == code, self._capsys.readouterr()
        out, self.err = self._capsys.readouterr()
        return out

    def basis(self, *words: str) -> dict[str, Any]:
        """The basis of an answer."""
        return dict(json.loads(self(*words, "--json"))["basis"])
