"""What comes in and goes out through pipes: `-` in place of a text or a file is standard input."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any, Final

from cyclopts import Parameter

__all__ = ["DASH", "UnknownFlag", "begin", "check_streamed", "text_of"]

_plain: ContextVar[Sequence[str]] = ContextVar("plain", default=())
"""The words of a call behind `--`, which are no flags whatever they look like."""


def begin(words: Sequence[str]) -> None:
    """Take in the words of a call before it is made."""
    _plain.set(words[words.index("--") :] if "--" in words else ())


class UnknownFlag(ValueError):
    """A word that looks like a flag where none of that name is taken."""

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(word)


def _no_flag(_type: Any, value: Any) -> None:
    """See that no word looks like a flag, `-` and what is behind `--` aside."""
    for word in (value,) if isinstance(value, str) else value or ():
        if word.startswith("-") and word not in {"-", *_plain.get()}:
            raise UnknownFlag(word)


DASH: Final = Parameter(allow_leading_hyphen=True, validator=_no_flag)
"""A word, or several, that may be `-`."""


def text_of(word: str, what: str) -> str:
    """A text as it is given, or all of standard input if that is `-`.

    Raises:
        BadText: if standard input is closed, is no text or holds nothing; `what` says what is lacking.
    """
    from timeline.formats import ReadFile, standard_input
    from timeline.values import BadText

    if word != "-":
        return word
    raw = standard_input()
    if isinstance(raw, ReadFile):
        raise BadText(word, raw.faults[0].problem)
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise BadText(word, "is standard input, and that is not UTF-8") from None
    if not text or "\0" in text:
        lacking = "has a NUL in it" if text else f"holds no {what}"
        raise BadText(word, f"is standard input, and that {lacking}")
    return text


def check_streamed(path: str, what: str, instead: str) -> None:
    """Refuse `-` where a file is needed, with what to do instead.

    Raises:
        NotAllowed: if it is that.
    """
    from timeline.values import NotAllowed

    if path == "-":
        raise NotAllowed(f"{what} is a file, and `-` is none; {instead}")
