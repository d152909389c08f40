"""`python -m tests.packaging`: build wheel and sdist, install the wheel into an empty venv, and use it there.

Nothing of the checkout is in reach of what is tried. It ends with an error at the first thing that fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["main", "missing"]

ROOT: Final = Path(__file__).parents[1]
SHIPPED: Final = ("timeline", "events", "seeds")
_PIP: Final = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
_APPEND: Final = "append ceo_appointment --occurred 2022 --company Acme --person Ann"


def main() -> None:
    """Build, install, use."""
    with tempfile.TemporaryDirectory(prefix="timeline-wheel-") as folder:
        place = Path(folder)
        _run([*_PIP, "wheel", "--no-deps", "--wheel-dir", str(place), str(ROOT)], ROOT)
        (wheel,) = place.glob("timeline-*.whl")
        if lacking := missing(zipfile.ZipFile(wheel).namelist()):
            raise SystemExit(f"{wheel.name} lacks {', '.join(lacking)}")
        print(f"{wheel.name}: {_sdist(place)} and the wheel are whole")
        _try(wheel, place)


def _sdist(place: Path) -> str:
    """The name of the sdist, which has the same files, for whoever builds from it."""
    build = "import sys; from hatchling.build import build_sdist; print(build_sdist(sys.argv[1]))"
    tools = place / "tools"
    _run([*_PIP, "install", "--target", str(tools), "hatchling>=1.27"], ROOT)
    name = _run([sys.executable, "-c", build, str(place)], ROOT, PYTHONPATH=str(tools)).split()[-1]
    with tarfile.open(place / name) as archive:
        names = {one.partition("/")[2] for one in archive.getnames()}
    if lacking := sorted({*_sources(), "pyproject.toml", "README.md", "LICENSE"} - names):
        raise SystemExit(f"{name} lacks {', '.join(lacking)}")
    return name


def _try(wheel: Path, place: Path) -> None:
    """Use what the wheel installs, warnings being errors, in a folder that has nothing else."""
    home = place / "venv"
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    python, command = str(scripts / "python"), str(scripts / "timeline")
    _run([python, *_PIP[1:], "install", str(wheel)], place)
    work = place / "work"
    work.mkdir()
    imported = "import timeline, events, timeline.cli; print(timeline.__file__)"
    where = _run([python, "-W", "error", "-c", imported], work).strip()
    if not Path(where).is_relative_to(home):
        raise SystemExit(f"the checkout is in reach: {where}")
    for arguments, shown in (
        ("--version", "0."),
        (_APPEND, "Ann becomes CEO of Acme"),
        ("as-of 2023 acme", "ceo"),
        ("demo", "87 records"),
        ("verify --db ai.duckdb", "87 records"),
    ):
        found = _run([command, *arguments.split()], work)
        if shown not in found:
            raise SystemExit(f"timeline {arguments} does not say {shown!r}:\n{found}")
    print("installed alone, it imports without a warning, appends, answers, and shows the demo")


def missing(names: Sequence[str]) -> list[str]:
    """What a wheel with files of these names lacks of what it has to have."""
    wanted = {f"events/{one}" if one.startswith("seeds/") else one for one in _sources()}
    return sorted(wanted - {*names})


def _sources() -> set[str]:
    """The files that are shipped, as the checkout has them: modules, SQL, types, seeds."""
    found = (path for top in SHIPPED for path in (ROOT / top).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


def _run(command: Sequence[str], place: Path, **environment: str) -> str:
    """What a command prints; its failure ends this program."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "TIMELINE_DB"}}
    done = subprocess.run(
        command, cwd=place, env=kept | environment, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
