"""Finding the package of a vocabulary by its name: in the current folder, then among what is installed."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Final

from timeline.values import CatalogueError

DEFAULT: Final = "events"
"""The name of the package, where nothing names one."""


def configured() -> str:
    """The name that TIMELINE_CATALOGUE gives, else an entry point, else the default.

    Raises:
        CatalogueError: if several entry points give one.
    """
    named = os.environ.get("TIMELINE_CATALOGUE")
    if named:
        return named
    from importlib.metadata import entry_points  # which takes longer to import than the rest of this module

    found = sorted(entry.value for entry in entry_points(group="timeline.catalogue"))
    if len(found) > 1:
        raise CatalogueError(
            f"several packages offer a catalogue ({', '.join(found)}); name one with catalogue="
        )
    return found[0] if found else DEFAULT


def imported(name: str) -> ModuleType:
    """The package or module of that name.

    One in the current folder is taken before one that is installed, as Python does where it is not started
    by a script; the folder is looked at for nothing else, and not at all where Python is told to be safe.

    Raises:
        CatalogueError: if there is no such package, or it cannot be imported.
    """
    top = name.partition(".")[0]
    try:
        with _here() as folder:
            spec = None if folder is None or top in sys.modules else _spec(top, folder)
            if spec is not None:
                _load(spec)
            return importlib.import_module(name)
    except CatalogueError:
        raise
    except (Exception, SystemExit) as problem:
        if isinstance(problem, ModuleNotFoundError) and f"{name}.".startswith(f"{problem.name}."):
            raise CatalogueError(f"there is no package {name!r} to take the vocabulary from") from None
        said = f"{type(problem).__name__}: {problem}".partition("\n")[0]
        raise CatalogueError(f"the vocabulary {name!r}{_found(top)} cannot be imported: {said}") from problem


def submodule(package: str, name: str) -> str | None:
    """The full name of a module of a package, which is imported already; None if it has no such module."""
    full = f"{package}.{name}"
    return full if hasattr(sys.modules[package], "__path__") and find_spec(full) else None


def _found(top: str) -> str:
    """Where a package is, in words; nothing where that cannot be told."""
    with suppress(Exception), _here() as folder:
        spec = (None if folder is None else _spec(top, folder)) or find_spec(top)
        if spec is not None and spec.origin is not None:
            return f" ({spec.origin})"
    return ""


def place_of(package: ModuleType) -> str:
    """Where a package is."""
    file: str | None = getattr(package, "__file__", None)
    return file or ", ".join(getattr(package, "__path__", ["made by hand"]))


@contextmanager
def _here() -> Iterator[str | None]:
    """The current folder, in which meanwhile is found what is found nowhere else; None if it is not to be."""
    try:
        folder = None if sys.flags.safe_path else os.getcwd()  # noqa: PTH109  (a text, as in the path)
    except OSError:
        folder = None
    added = folder is not None and folder not in sys.path and "" not in sys.path
    if folder is not None and added:
        sys.path.append(folder)
    try:
        yield folder
    finally:
        if folder is not None and added and folder in sys.path:
            sys.path.remove(folder)


def _spec(top: str, folder: str) -> ModuleSpec | None:
    """What would be imported from a folder; a folder of files that is no package is nothing."""
    if not top.isidentifier():
        return None
    spec = PathFinder.find_spec(top, [folder])
    return None if spec is None or spec.loader is None else spec


def _load(spec: ModuleSpec) -> None:
    """Import a package; if it fails, no trace of it is left."""
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        if spec.loader is not None:
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(spec.name, None)
        raise
