"""The sentence that tells an event, as SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from timeline.bulk.shapes import Value, concatenated
from timeline.sentence import Sentence
from timeline.statements import literal

__all__ = ["told"]

_HOLE: Final = re.compile(r"\{(\w+)\}")


def told(sentence: Sentence, values: Mapping[str, Value]) -> str:
    """SQL for the sentence, by field the value it is told with."""
    return concatenated(_part(part, values, optional=optional) for part, optional in sentence.parts)


def _part(part: str, values: Mapping[str, Value], *, optional: bool) -> str:
    pieces = _HOLE.split(part)
    texts = [
        f"({values[piece].words})" if index % 2 else literal(piece)
        for index, piece in enumerate(pieces)
        if piece
    ]
    said = [f"({values[name].said})" for name in pieces[1::2]]
    if not optional or not said:
        return concatenated(texts)
    return f"CASE WHEN {' AND '.join(said)} THEN {concatenated(texts)} ELSE '' END"
