"""The static SQL of the package: named statements, each with a sentence, in `sql/*.sql`."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Final

from timeline.numbers import NUMBER

__all__ = ["statement"]

_NAME: Final = re.compile(r"^-- name: (.+)\n(?:-- .*\n)+", re.MULTILINE)


@functools.cache
def _file(file: str) -> dict[str, str]:
    text = resources.files("timeline").joinpath("sql", f"{file}.sql").read_text("utf-8")
    _, *pieces = _NAME.split(text)
    return {
        name: sql.strip().replace(":type_of_numbers", NUMBER)
        for name, sql in zip(pieces[::2], pieces[1::2], strict=True)
    }


def statement(file: str, name: str) -> str:
    """The SQL text of that name; the type of columns of numbers is filled in.

    Raises:
        KeyError: if the file has no such statement.
    """
    return _file(file)[name]
