"""Random histories, the same for the same seed: what is said of a few entities, wrongly, again and otherwise.

Several of them, each of entities of its own, share a log, since to lay out a log takes longer than to ask it.
All is plain JSON, and nothing of the engine is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from attrs import define, field, frozen

from tests.same import contents
from tests.same.contents import TYPES, Cast

__all__ = ["TOGETHER", "History", "Json", "Shared", "histories"]

Json = dict[str, Any]

TOGETHER: Final = 40
"""How many histories share a log."""
PUBLISHERS: Final = ("Post", "Gazette", "Herald")
_BEGIN: Final = datetime(2024, 1, 1, 12, tzinfo=UTC)
_ENVELOPE: Final = {"actor": "Ann", "note": "in passing", "source": "Bulletin", "credence": "confirmed"}
_SLIP: Final = 0.015
"""How often a statement is one to be refused."""


@frozen
class History:
    """What is said of some entities, in order."""

    cast: Cast
    said: Sequence[Json]


@frozen
class Shared:
    """Histories that share a log: the vocabulary they are told in, and the commits that tell them."""

    name: str
    vocabulary: str
    histories: Sequence[History]
    commits: Sequence[Json]


def histories(count: int, seed: int) -> Iterator[Shared]:
    """So many histories, in logs of both vocabularies by turns."""
    for number, first in enumerate(range(0, count, TOGETHER)):
        vocabulary = (contents.EVENTS, contents.OWN)[number % 2]
        yield _shared(first, min(TOGETHER, count - first), vocabulary, Random(f"{seed} {first}"))


def _shared(first: int, count: int, vocabulary: str, chance: Random) -> Shared:
    taken: set[str] = set()
    told = [
        _Teller(chance, vocabulary, Cast.drawn(chance, taken), f"h{first + number}").told()
        for number in range(count)
    ]
    name = f"histories {first} to {first + count - 1}"
    return Shared(name, vocabulary, told, list(_commits(chance, [list(one.said) for one in told])))


def _commits(chance: Random, waiting: list[list[Json]]) -> Iterator[Json]:
    """The statements of all histories, those of each in order, in commits of different sizes."""
    now = _BEGIN
    for say in _parted(chance, _merged(chance, waiting)):
        picked = {name: value for name, value in _ENVELOPE.items() if chance.random() < 0.15}
        yield {"at": now.isoformat(), "say": say, **picked}
        now += timedelta(days=chance.randint(0, 20), minutes=chance.randint(0, 90))


def _parted(chance: Random, said: Iterator[Json]) -> Iterator[list[Json]]:
    """Statements in pieces, those that are to be refused each alone, as a commit is refused as a whole."""
    piece: list[Json] = []
    size = 1
    for one in said:
        alone = one.get("alone", False)
        if piece and (alone or len(piece) >= size):
            yield piece
            piece, size = [], chance.choice([1, 60, 120, 200])
        piece.append(one)
        if alone:
            yield piece
            piece = []
    if piece:
        yield piece


def _merged(chance: Random, waiting: list[list[Json]]) -> Iterator[Json]:
    while waiting := [one for one in waiting if one]:
        one = chance.choice(waiting)
        for _ in range(min(len(one), chance.randint(1, 4))):
            yield one.pop(0)


@define
class _Said:
    """A statement of which it has to be known whether it stands."""

    id: str
    kind: str
    type: str | None
    known: str
    target: _Said | None
    whole: bool
    data: Json = field(factory=dict)
    occurred: str = ""


@define
class _Teller:
    """Who makes up a history, statement by statement."""

    chance: Random
    vocabulary: str
    cast: Cast
    mark: str
    log: list[_Said] = field(factory=list)

    def told(self) -> History:
        """A history of 5 to 25 statements."""
        chance, types = self.chance, list(TYPES[self.vocabulary])
        subjects = chance.sample(sorted({one.partition("_")[0] for one in types}), chance.randint(1, 3))
        favoured = [one for one in types if one.partition("_")[0] in subjects]
        marks = [f"{self.mark}.{number + 1}" for number in range(chance.randint(5, 25))]
        return History(
            self.cast,
            [self._statement(mark, chance.choice([favoured, favoured, favoured, types])) for mark in marks],
        )

    def _statement(self, id_: str, types: Sequence[str]) -> Json:
        chance = self.chance
        if self.log and chance.random() < _SLIP:
            return self._slip(id_)
        targets = [one for one in self.log if self._stands(one)]
        what = chance.random()
        if what < 0.02:
            return self._same(id_)
        if what < 0.55 or not targets:
            return self._event(id_, "assertion", chance.choice(types), None)
        target = chance.choice([chance.choice(targets), targets[-1]])
        if what < 0.75 and target.type is not None and target.type != "same_entity":
            return self._event(id_, "correction", target.type, target)
        if what < 0.88 or target.kind == "attestation":
            return self._retraction(id_, target)
        said = _Said(id_, "attestation", None, self._known(), target, whole=False)
        return self._keep(said, source=self._source())

    def _event(self, id_: str, kind: str, type_: str, target: _Said | None) -> Json:
        """An event that is asserted, or put right in some of its fields."""
        chance = self.chance
        data = contents.event(chance, self.cast, self.vocabulary, type_)
        occurred = contents.date(chance)
        if target is not None:
            kept = chance.random() < 0.6
            changed = set(chance.sample(sorted(data), min(len(data), chance.randint(0, 2))))
            data = {**data, **{name: value for name, value in target.data.items() if name not in changed}}
            occurred = target.occurred if kept and changed else occurred
        said = _Said(id_, kind, type_, self._known(), target, False, data, occurred)
        return self._keep(said)

    def _same(self, id_: str) -> Json:
        """That one organisation is one named before it, so that nobody is read as themselves."""
        later = self.chance.randrange(1, len(self.cast.organisations))
        entity, as_ = self.cast.organisations[later], self.chance.choice(self.cast.organisations[:later])
        standing = [one for one in self.log if one.type == "same_entity" and self._stands(one)]
        if any(one.data["entity"] == entity for one in standing):
            return self._event(id_, "assertion", "funding_round", None)
        data = {"entity": entity, "as_": as_}
        return self._keep(_Said(id_, "assertion", "same_entity", self._known(), None, False, data, "2019"))

    def _retraction(self, id_: str, target: _Said) -> Json:
        whole = target.type is not None and self.chance.random() < 0.4
        known = max(self._known(), target.known) if whole else self._known()
        return self._keep(_Said(id_, "retraction", None, known, target, whole))

    def _slip(self, id_: str) -> Json:
        """What is refused, for one reason or another; it changes nothing of what stands."""
        chance = self.chance
        fallen = [one for one in self.log if not self._stands(one)]
        events = [one for one in self.log if one.type is not None and self._stands(one)]
        type_ = chance.choice(list(TYPES[self.vocabulary]))
        data = contents.event(chance, self.cast, self.vocabulary, type_)
        again = {"do": "assertion", "type": type_, "occurred": contents.date(chance), "data": data}
        slips: list[Json] = [
            {"do": "retraction", "of": "nobody"},
            {**again, "known": "2049-01"},
            {**again, "occurred": "2021-13-45"},
            {**again, "type": "no_such_type"},
            {**again, "data": {**data, "no_such_field": "1"}},
            {**again, "credence": "surely"},
            {"do": "attestation", "of": self.log[0].id},
            *({"do": "retraction", "of": one.id} for one in fallen[-2:]),
            *({**again, "do": "correction", "of": one.id} for one in events[-1:] if one.type != type_),
            *({**again, "id": one.id} for one in events[-1:] if one.type != type_),
        ]
        return {"id": id_, **chance.choice(slips), "alone": True}

    def _keep(self, said: _Said, **envelope: Any) -> Json:
        """Take a statement into the log, and put it as JSON."""
        chance = self.chance
        self.log.append(said)
        found: Json = {"do": said.kind, "id": said.id, "known": said.known, **envelope}
        if said.type is not None:
            found |= {"type": said.type, "occurred": said.occurred, "data": said.data}
        if said.target is not None:
            found["of"] = said.target.id
        if said.whole:
            found["whole"] = True
        if chance.random() < 0.6 and "source" not in found:
            found["source"] = self._source()
        if chance.random() < 0.35:
            found["credence"] = chance.choice(["confirmed", "reported", "rumoured", "denied"])
        if chance.random() < 0.1:
            found["note"] = chance.choice(["a slip", "as heard"])
        return found

    def _known(self) -> str:
        chance = self.chance
        return f"{chance.randint(2018, 2023)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"

    def _source(self) -> Any:
        chance, publisher = self.chance, self.chance.choice(PUBLISHERS)
        cited = {"title": f"No. {chance.randint(1, 4)}", "publisher": publisher, "locator": "p. 3"}
        dated = {"publisher": publisher, "published": f"2023-0{chance.randint(1, 9)}"}
        return chance.choice([publisher, publisher, cited, dated, [publisher, chance.choice(PUBLISHERS)]])

    # What stands when all is known

    def _decider(self, one: _Said) -> _Said | None:
        """The last correction or retraction of it that is not undone itself."""
        about = [other for other in self.log if other.target is one and other.kind != "attestation"]
        return next((other for other in reversed(about) if not self._undone(other)), None)

    def _undone(self, one: _Said) -> bool:
        decider = self._decider(one)
        return decider is not None and decider.kind == "retraction" and not decider.whole

    def _stands(self, one: _Said) -> bool:
        if self._decider(one) is not None:
            return False
        while one.target is not None and one.kind != "attestation":
            if self._decider(one.target) is not one:
                return False
            if one.kind == "retraction":
                return True
            one = one.target
        return True
