"""All of a timeline over both times, as it is told at two days, and as data that tell it of any others."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import attrs

from timeline.moment.planes import Patch, Plane, Wording
from timeline.moment.violations import Violation
from timeline.records import Record
from timeline.values import day_in
from timeline.vocabulary import label

if TYPE_CHECKING:
    from timeline.moment.moment import Moment

Told = Sequence[object] | None
Row = tuple[str, Told]
_EPOCH: Final = date(1970, 1, 1).toordinal()
_EVER: Final = "9998-12-31"
_NEVER: Final = date.min
_VIOLATIONS: Final = 200
"""How many violations of a rule are told at most."""


@attrs.frozen
class Calendar:
    """The days on which anything may change along both times; a place is how many of them have come."""

    valid: Sequence[date]
    known: Sequence[date]

    @classmethod
    def of(cls, planes: Iterable[Plane], knowns: Iterable[date]) -> Calendar:
        """Those of some states, and of what is known otherwise."""
        valid, known = set[date](), set(knowns)
        for patch in (patch for plane in planes for several in _layers(plane) for patch in several):
            valid |= {patch.valid_from or _NEVER, patch.valid_to or _NEVER}
            known |= {patch.known_from or _NEVER, patch.known_to or _NEVER}
        return cls(sorted(valid - {_NEVER}), sorted(known - {_NEVER}))

    def box(self, patch: Patch) -> list[int]:
        """Between which places a patch lies: of valid time, and of known time."""
        return [
            *_between(self.valid, patch.valid_from, patch.valid_to),
            *_between(self.known, patch.known_from, patch.known_to),
        ]


def _between(days: Sequence[date], first: date | None, last: date | None) -> tuple[int, int]:
    start = 0 if first is None else bisect_right(days, first)
    return start, len(days) + 1 if last is None else bisect_right(days, last)


def _layers(plane: Plane) -> Iterator[Sequence[Patch]]:
    yield plane.names
    yield from plane.fields.values()


def _number(day: date) -> int:
    """A day as the script counts days."""
    return day.toordinal() - _EPOCH


class Overview:
    """All that a moment has in view, over both times: states, log, violations, sources.

    `pair` are the days of the moment, and `states`, `log`, `checks` and `sources` what is told at these;
    `data` is what tells it of any others. A row of the log, of a violation or of a source has a name, and the
    texts in it, None where it is not there.
    """

    def __init__(self, moment: Moment) -> None:
        self._moment, zone = moment, moment.basis.zone
        self.planes, self.left = moment.planes()
        self._records = list(moment.as_of(known=_EVER).records())
        self._days = Calendar.of(self.planes, (day_in(one.known_at, zone) for one in self._records))
        known, last = moment.basis.known_point, max(self._days.known, default=_NEVER)
        valid = day_in(moment.basis.point, zone)
        self.pair = valid, max(last, valid) if known is None else day_in(known, zone)
        self._place = [bisect_right(self._days.valid, self.pair[0]), self._known(self.pair[1])]
        self._said: dict[Wording, int] = {}
        self._runs: dict[str, list[tuple[int, int, Sequence[object]]]] = {}
        self.labels = {one.position: one.label for one in self._records}
        self.states = [self._state(plane) for plane in self.planes]
        there = [moment.as_of(_EVER, known=day.isoformat()) for day in (_NEVER, *self._days.known)]
        self.log, self.checks, self.sources = self._log(there), self._checks(there), self._sources(there)

    def _known(self, day: date) -> int:
        return bisect_right(self._days.known, day)

    @property
    def data(self) -> dict[str, Any]:
        """What tells of any two days, as plain JSON: texts once, patches by places, rows by runs of them."""
        return {
            "pair": list(map(_number, self.pair)),
            "days": [list(map(_number, several)) for several in (self._days.valid, self._days.known)],
            "labels": self.labels,
            "said": [attrs.astuple(one) for one in self._said],
            "states": [one["patches"] for one in self.states],
            "rows": self._runs,
        }

    def _state(self, plane: Plane) -> dict[str, Any]:
        """A state at the two days that the page opens at, and its patches for the script."""
        now = [(name, self._at(patches)) for name, patches in plane.fields.items()]
        layers = [
            [[*self._days.box(one), self._place_of(one.said)] for one in several]
            for several in _layers(plane)
        ]
        return {
            "kind": label(plane.state.name),
            "names": " – ".join(self._at(plane.names).lines),
            "fields": [(label(name), said) for name, said in now],
            "patches": layers,
        }

    def _place_of(self, said: Wording) -> int:
        return self._said.setdefault(said, len(self._said))

    def _at(self, patches: Iterable[Patch]) -> Wording:
        valid, known = self._place
        boxes = ((self._days.box(one), one.said) for one in patches)
        return next(said for (a, b, c, d), said in boxes if a <= valid < b and c <= known < d)

    # Rows, which come and go by what is known alone

    def _row(self, name: str, told: Sequence[Told]) -> Row:
        """A row with what is told in it at each place of known time, and at that where the page opens."""
        start = 0
        runs = self._runs[name] = []
        for one, several in groupby(told):
            end = start + len(list(several))
            if one is not None:
                runs.append((start, end, one))
            start = end
        return name, told[self._place[1]]

    def _log(self, there: Sequence[Moment]) -> list[tuple[Record, Row]]:
        """The records, with what was done to them."""
        gone = [one.superseded(self._records) for one in there]
        seen = [one.basis.sees for one in there]
        found = []
        for record in self._records:
            told: list[Told] = [
                None if not sees(record) else [by[record.position].undoing if record.position in by else ""]
                for sees, by in zip(seen, gone, strict=True)
            ]
            found.append((record, self._row(f"r{record.position}", told)))
        return found

    def _checks(self, there: Sequence[Moment]) -> list[tuple[Violation, Row]]:
        """What does not add up."""
        told: list[dict[tuple[object, ...], Violation]] = []
        for day, each in zip((_NEVER, *self._days.known), there, strict=True):
            rules = self._concerned(day)
            new = each.check(rules=rules, most=_VIOLATIONS).violations
            same = [one for one in told[-1].values() if one.rule not in rules] if told else []
            told.append({_sign(one): one for one in (*same, *new)})
        place = {name: number for number, name in enumerate(self._moment.catalogue.rules)}
        every = {sign: one for each in told for sign, one in each.items()}
        every = dict(sorted(every.items(), key=lambda one: (place[one[1].rule], not one[1].certain)))
        return [
            (one, self._row(f"c{number}", [[] if sign in each else None for each in told]))
            for number, (sign, one) in enumerate(every.items())
        ]

    def _concerned(self, day: date) -> list[str]:
        """The rules of which what became known on a day may change the violations."""
        zone, catalogue = self._moment.basis.zone, self._moment.catalogue
        origins = {one.origin for one in self._records if day_in(one.known_at, zone) == day}
        learned = {(one.type, one.ref) for one in self._records if one.origin in origins}
        same = any(one is not None and catalogue.event(one).sameness is not None for one, _ in learned)
        return [
            rule.name
            for rule in catalogue.rules.values()
            if same or any(rule.concerns(*one) for one in learned)
        ]

    def _sources(self, there: Sequence[Moment]) -> list[tuple[str, Row]]:
        """The sources, and how much rests on each."""
        told = [{one.source: [one.records, one.alone] for one in each.sources()} for each in there]
        every = dict.fromkeys(name for each in reversed(told) for name in each)
        return [
            (name, self._row(f"q{number}", [each.get(name) for each in told]))
            for number, name in enumerate(every)
        ]


def _sign(one: Violation) -> tuple[object, ...]:
    """What tells violations apart."""
    return one.rule, one.certain, one.message, one.period, *(record.position for record in one.records)
