"""What is imported when: nothing heavy before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

import timeline

HEAVY = ("cattrs", "duckdb", "matplotlib", "msgspec", "pendulum", "rich", "yaml")


def imported(code: str) -> set[str]:
    """Those of the heavy packages that are imported once that code has run."""
    told = f"{code}\nimport sys\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_package_itself_imports_nothing_heavy() -> None:
    assert imported("import timeline") == set()


def test_the_engine_imports_what_it_answers_with_alone() -> None:
    """No clock, no screen, no files of seeds."""
    assert imported("from timeline import Timeline") == {"cattrs", "duckdb", "msgspec"}


def test_help_needs_no_engine() -> None:
    code = "from timeline.cli import run\nrun(['--help'])"
    assert not imported(code) & {"cattrs", "duckdb", "msgspec", "pendulum", "yaml"}


@pytest.mark.parametrize("name", timeline.__all__)
def test_every_public_name_is_there(name: str) -> None:
    value = getattr(timeline, name)
    assert value.__name__ == name
    assert name in dir(timeline)


@pytest.mark.parametrize("name", ["nothing", "__path_of_nothing__", "moment_"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'timeline' has no attribute '{name}'"):
        getattr(timeline, name)
