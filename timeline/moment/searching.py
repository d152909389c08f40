"""The records of a log that a question asks for."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from timeline.log import Log
from timeline.moment.view import View
from timeline.records import Record
from timeline.values import Basis, Span


@attrs.frozen
class Sought:
    """What records are asked for: types by name, entities by id, after what position, a text, a span."""

    types: Sequence[str]
    entities: Sequence[str]
    after: int
    text: str | None
    span: Span
    by_then: bool = attrs.field(kw_only=True)

    def found(self, log: Log, basis: Basis, *, stands: bool) -> Sequence[Record]:
        """Those in view at a basis, or those that stand there, in order of position."""
        same = log.samenesses()
        limited = basis.known is not None or bool(basis.filter) or basis.position < log.head().position
        found = log.records(
            after=self.after,
            upto=basis.position,
            types=self.types,
            entities=[same.circle(one, basis) for one in self.entities],
            text=self.text,
            stands=stands and not limited,
            span=self.span,
            possibly=basis.dates == "earliest",
        )
        if self.by_then:
            found = [one for one in found if basis.reaches(one)]
        if not limited:
            return found
        view = View.of(log, basis, found)
        return view.standing if stands else view.records
