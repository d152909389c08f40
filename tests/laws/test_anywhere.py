"""The same answer on any machine: in any time zone and locale, and in any decimal context of the caller."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PLACES: list[tuple[str, str, dict[str, Any]]] = [
    ("UTC", "C.UTF-8", {}),
    ("Pacific/Chatham", "POSIX", {"prec": 1, "rounding": "ROUND_UP", "Emax": 9, "Emin": -9, "traps": []}),
]
"""Zones, locales, and decimal contexts."""


def _begun(folder: Path, zone: str, locale: str, decimals: dict[str, Any]) -> subprocess.Popen[str]:
    folder.mkdir()
    place = {"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment = os.environ | place | {"DECIMALS": json.dumps(decimals)}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.anywhere", str(folder)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_neither_zone_nor_locale_nor_decimal_context_reaches_an_answer(tmp_path: Path) -> None:
    """What is said at every door is stored, answered, drawn and told alike."""
    begun = [_begun(tmp_path / str(number), *place) for number, place in enumerate(PLACES)]
    told = []
    for one in begun:
        out, err = one.communicate()
        assert one.returncode == 0, err
        told.append([answer.replace(one.args[-1], "FOLDER") for answer in json.loads(out)])  # type: ignore[index]
    for here, place in zip(told[1:], PLACES[1:], strict=True):
        assert here == told[0], place
