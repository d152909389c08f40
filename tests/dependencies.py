"""What the package depends on, as pyproject.toml and the metadata of what is installed have it."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path
from typing import Final

__all__ = ["declared", "licence"]

_PYPROJECT: Final = Path(__file__).parents[1] / "pyproject.toml"


def declared() -> dict[str, list[str]]:
    """The names of the dependencies: those of the package under "", else of the extra that needs them."""
    project = tomllib.loads(_PYPROJECT.read_text(encoding="utf-8"))["project"]
    several = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: [re.split(r"[<>=~!\[; ]", one)[0] for one in found] for extra, found in several.items()}


def licence(name: str) -> str:
    """The licence that the metadata of an installed package names: SPDX, a classifier, or a line."""
    told = metadata(name)
    if expression := told.get_all("License-Expression"):
        return str(expression[0])
    found = [one for one in told.get_all("Classifier") or () if one.startswith("License ::")]
    if found:
        return str(found[0]).rpartition(" :: ")[2]
    return str((told.get_all("License") or ["not named"])[0]).partition("\n")[0]
