"""How the house stands: its rooms, files, lines and names, and how often a call moves from room to room.

`python -m tests.figures` (`make figures`) prints each figure beside what is to be reached.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

import attrs

import timeline
from events import FundingRound, Relationship
from timeline import Timeline

__all__ = ["ASIDE", "HOUSE", "LIMITS", "ROOMS", "Figure", "classes", "figures", "imports", "modules", "moves"]

HOUSE: Final = Path(timeline.__file__).parent
ROOMS: Final = (
    "values",
    "vocabulary",
    "records",
    "compile",
    "log",
    "admission",
    "moment",
    "maintenance",
    "formats",
    "engine",
    "plot",
    "web",
    "cli",
)
"""Each may import those before it."""

ASIDE: Final = frozenset({"values", "vocabulary", "records", "compile"})
"""Rooms of pure values and functions, which a call may enter without being counted."""

_CLOSES: Final = "closes"

LIMITS: Final = {
    "modules directly under timeline/": 4,
    "folders directly under timeline/": 12,
    "modules in all": 130,
    "lines of Python": 27_500,
    "imports of a lower room from a higher": 0,
    "rooms that an append enters": 3,
    "moves of an append": 6,
    "rooms that a question enters": 3,
    "moves of a question": 6,
    "files that decide what ends a tenure": 3,
    "classes that share a name": 0,
}
"""What is to be reached, at most."""


@attrs.frozen
class Figure:
    """One figure, and what it counts, where that is worth a look."""

    name: str
    value: int
    told: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether it is as it should be."""
        return self.value <= LIMITS[self.name]


def modules() -> dict[str, Path]:
    """The modules of the package, by dotted name below `timeline`; that of a package is the package's."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(HOUSE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room_of(module: str) -> str:
    """The room that a module is in; the faces of vocabularies and errors are in the rooms they open."""
    first = module.split(".", maxsplit=1)[0]
    return {"declare": "vocabulary", "errors": "values"}.get(first, first)


def imports() -> Iterator[tuple[str, str]]:
    """What the modules of the package import of it, also within functions and for type checkers."""
    for module, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("timeline."):
                yield module, node.module.removeprefix("timeline.")
            elif isinstance(node, ast.ImportFrom) and node.module == "timeline":
                yield from ((module, alias.name) for alias in node.names)
            elif isinstance(node, ast.Import):
                names = (alias.name for alias in node.names if alias.name.startswith("timeline."))
                yield from ((module, name.removeprefix("timeline.")) for name in names)


def upward() -> tuple[str, ...]:
    """Imports of a lower room from a higher one."""
    found = set()
    for one, other in imports():
        here, there = room_of(one), room_of(other)
        if here in ROOMS and there in ROOMS and ROOMS.index(here) < ROOMS.index(there):
            found.add(f"{one} imports {other}")
    return tuple(sorted(found))


def classes() -> dict[str, list[str]]:
    """The modules that have a class of a name, by name."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(module)
    return found


def deciding() -> tuple[str, ...]:
    """The files, of Python or SQL, in which it plays a part whether an event closes what another opened."""
    found = []
    for path in sorted([*HOUSE.rglob("*.py"), *HOUSE.rglob("*.sql")]):
        text = path.read_text("utf-8")
        if path.suffix == ".py":
            tokens = tokenize.generate_tokens(io.StringIO(text).readline)
            said = any(one.type == tokenize.NAME and one.string == _CLOSES for one in tokens)
        else:
            said = re.search(rf"\b{_CLOSES}\b", re.sub(r"--.*", "", text)) is not None
        if said:
            found.append(str(path.relative_to(HOUSE)))
    return tuple(found)


def moves(call: Callable[[], Any]) -> list[str]:
    """The rooms that a call enters one after the other, returns not counted."""
    entered: list[str] = []
    stack: list[str] = ["engine"]

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event not in {"call", "return"}:
            return
        path = Path(frame.f_code.co_filename)
        inside = path.is_relative_to(HOUSE)
        room = room_of(path.relative_to(HOUSE).with_suffix("").parts[0]) if inside else ""
        here = stack[-1] if not inside or room in ASIDE else room
        if event == "return":
            if len(stack) > 1:
                stack.pop()
            return
        if here != stack[-1]:
            entered.append(here)
        stack.append(here)

    sys.setprofile(look)
    try:
        call()
    finally:
        sys.setprofile(None)
    return entered


def _asked() -> Iterator[tuple[str, list[str]]]:
    """The moves of a warm append of one event, and of one question that is read anew."""
    with Timeline.open(":memory:") as tl:
        first = FundingRound("2019-07-22", company="Acme", investors=["Globex"], amount="1bn USD")
        tl.append(first, source="The Daily")
        tl.as_of().of(Relationship, "acme", "globex")
        second = FundingRound("2021", company="Acme", investors=["Globex"], amount="2bn USD")
        yield "an append", moves(lambda: tl.append(second, source="The Daily"))
        yield "a question", moves(lambda: tl.as_of("2022").of(Relationship, "acme", "globex"))


def figures() -> Iterator[Figure]:
    """All figures of the house."""
    top = [one for one in HOUSE.iterdir() if not one.name.startswith(("_", ".")) or one.name == "__init__.py"]
    files = tuple(sorted(one.name for one in top if one.suffix == ".py"))
    folders = tuple(sorted(one.name for one in top if one.is_dir()))
    yield Figure("modules directly under timeline/", len(files), files)
    yield Figure("folders directly under timeline/", len(folders), folders)
    yield Figure("modules in all", len(modules()))
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in modules().values())
    yield Figure("lines of Python", lines)
    yield Figure("imports of a lower room from a higher", len(upward()), upward())
    for what, entered in _asked():
        rooms = tuple(dict.fromkeys(entered))
        yield Figure(f"rooms that {what} enters", len(rooms), rooms)
        yield Figure(f"moves of {what}", len(entered), tuple(entered) if len(entered) < 20 else ())
    yield Figure("files that decide what ends a tenure", len(deciding()), deciding())
    shared = {name: several for name, several in classes().items() if len(several) > 1}
    told = tuple(f"{name} in {', '.join(several)}" for name, several in shared.items())
    yield Figure("classes that share a name", len(shared), told)


def main() -> int:
    """Print every figure; the exit code says whether all are met."""
    found = list(figures())
    for one in found:
        mark = " " if one.met else "!"
        print(f"{mark} {one.name:42} {one.value:8,}   to reach {LIMITS[one.name]:8,}")
        for told in one.told:
            print(f"      {told}")
    sql = sum(len(path.read_text("utf-8").splitlines()) for path in HOUSE.rglob("*.sql"))
    print(f"  {'lines of SQL, counted beside':42} {sql:8,}")
    return int(not all(one.met for one in found))


if __name__ == "__main__":
    sys.exit(main())
