"""The states of a vocabulary as SQL: their macros and views."""

from __future__ import annotations

from collections.abc import Iterator

from timeline.catalogue import Catalogue
from timeline.compile import as_of_macro, now_view
from timeline.spans import periods_macro, periods_view

__all__ = ["state_macros"]


def state_macros(catalogue: Catalogue, *, same: bool) -> Iterator[str]:
    """The SQL that makes what is asked for a state, for each of those that run in SQL.

    With `same`, ids are read as others where they are; without, it is quicker planned, and right as long as
    the log says of no entity that it is another.
    """
    for state in catalogue.compiled:
        yield as_of_macro(state, same=same) + now_view(state)
        yield periods_macro(state, same=same) + periods_view(state)
