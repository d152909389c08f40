"""Which of some names are near to one that was given."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: object, names: Iterable[str], most: int = 3, likeness: float = 0.6) -> list[str]:
    """At most so many of the names near to one, the nearest first; `likeness` is from 0 to 1, for equal.

    >>> nearest("glabex", ["globex", "acme"])
    ['globex']
    """
    from difflib import get_close_matches  # it takes a while, and is needed where something is misspelt only

    return get_close_matches(name, list(names), most, likeness) if isinstance(name, str) else []
