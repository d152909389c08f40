"""Records by field of a state: those fields of which there is something to say."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from timeline.errors import UnknownField

__all__ = ["ByField"]

_FEW: Final = 3
Given = Mapping[str, Iterable[Any]]


class ByField(Mapping[str, tuple[Any, ...]]):
    """Records by field: it holds the fields of which there is something to say, in the order declared.

    Any other field of the state gives `()`, and anything else is an `UnknownField`, which is a KeyError.
    A function that is given in place of them is asked when anything is first asked of it.
    """

    __slots__ = ("_fields", "_given")

    def __init__(self, fields: Sequence[str], given: Given | Callable[[], Given]) -> None:
        self._fields = tuple(fields)
        self._given = given if callable(given) else self._told(given)

    def _told(self, found: Given) -> dict[str, tuple[Any, ...]]:
        return {field: tuple(found[field]) for field in self._fields if found.get(field)}

    @property
    def _found(self) -> dict[str, tuple[Any, ...]]:
        if callable(self._given):
            self._given = self._told(self._given())
        return self._given

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that may be asked for."""
        return self._fields

    def of(self, fields: Sequence[str]) -> ByField:
        """The same of some of the fields only."""
        return ByField(fields, self._found)

    def __getitem__(self, field: str) -> tuple[Any, ...]:
        if isinstance(field, str):
            found = self._found.get(field)
            if found is not None:
                return found
            if field in self._fields:
                return ()
        near = difflib.get_close_matches(field, self._fields, _FEW) if isinstance(field, str) else ()
        raise UnknownField(field, near or self._fields)

    def __contains__(self, field: object) -> bool:
        return isinstance(field, str) and field in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        told = (f"{field}: {' '.join(one.place for one in several)}" for field, several in self.items())
        return f"<{'; '.join(told) or 'nothing'}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._fields, self._found)
