"""What is asked of a log: every question, at many points, through every filter; as plain JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

from tests.same import contents
from tests.same.contents import EVENTS, OWN
from tests.same.histories import PUBLISHERS, History, Json, Shared

__all__ = ["of_history", "of_log", "of_scenario", "of_seeds"]

STATES: Final[Mapping[str, Sequence[str]]] = {
    EVENTS: ("organisation", "person", "project", "relationship"),
    OWN: ("organisation", "harbour", "relationship"),
}
"""The states that can be asked of everybody at once."""
FIELDS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    EVENTS: {
        "organisation": ("ceo", "raised", "figures", "offices"),
        "person": ("offices", "ceo_last_said"),
        "project": ("status", "planned", "partners"),
        "relationship": ("invested", "exclusivities", "rounds", "rights", "disputes"),
    },
    OWN: {
        "organisation": ("ceo",),
        "relationship": ("invested", "exclusivities", "rounds"),
        "harbour": ("ship", "ships", "price_by", "works"),
        "story": ("told",),
    },
}
_FED: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    EVENTS: {
        "organisation": ("funding", "figure", "deadline", "stake", "product", "acquisition", "restructured"),
        "person": ("ceo", "office"),
        "project": ("project",),
        "relationship": ("funding", "exclusivity", "right", "agreement", "acquisition", "dispute", "project"),
    },
    OWN: {
        "organisation": ("ceo",),
        "harbour": ("measured", "berth", "harbour", "works"),
        "story": ("measured",),
        "relationship": ("funding", "exclusivity"),
    },
}
"""By what, as the names of event types begin, states are fed; not by that alone."""
_CAST: Final = {"person": "people", "project": "things"}
_PLANS: Final[Mapping[str, Mapping[str, str | None]]] = {
    EVENTS: {"project": None, "organisation": "deadlines", "relationship": "deadlines"},
    OWN: {"harbour": None},
}
"""The states that hold plans, and in which field where it has to be said."""
RULES: Final[Mapping[str, Sequence[str]]] = {
    EVENTS: (
        "one_ceo",
        "exclusive",
        "completed",
        "cancelled",
        "claimed_total",
        "figures",
        "terms",
        "order",
        "ends",
    ),
    OWN: ("one_ship", "closed", "term", "numbers", "denied", "order", "ends"),
}
_POINTS: Final = ("2021", "2022-40", "2023", "2025")
_TABLES: Final = {EVENTS: ("funding_round", "project_postponed"), OWN: ("measured", "berth_taken")}


def of_history(shared: Shared, history: History) -> Iterator[Json]:
    """What is asked about the entities of one history."""
    return _Asker(shared, history).questions()


class _Asker:
    """Who asks about one history, by chance that begins with its name."""

    def __init__(self, shared: Shared, history: History) -> None:
        self.vocabulary = shared.vocabulary
        self.said = history.said
        self.cast = history.cast
        self.head = sum(len(one["say"]) for one in shared.commits)
        self.marks = [one["id"] for one in history.said]
        self.chance = Random(f"asked of {self.marks[0]}")
        events = [one for one in history.said if "data" in one and "alone" not in one]
        dates = [one["occurred"] for one in events]
        self.dates = [one for one in dates if not one.endswith(("/", "..", "..]"))]
        self.met = [self._spoken_of(one["data"]) for one in events if one["type"] != "same_entity"]
        self.subjects = {one["type"].partition("_")[0] for one in events}

    def questions(self) -> Iterator[Json]:
        """What is cheap of everybody, and of what is dear a part, by chance."""
        chance = self.chance
        for state, who in self._keys():
            here = {"state": state, "who": who}
            for _ in range(5):
                yield {"ask": "of", **here, "at": self._at()}
            yield from chance.sample(list(self._histories(state, who)), 3)
            yield self._diff(state, who)
            if state in _PLANS[self.vocabulary]:
                yield {"ask": "plans", **here, "field": _PLANS[self.vocabulary][state], "at": self._at()}
            field = chance.choice([None, *FIELDS[self.vocabulary][state]])
            dear = [{"ask": "explain", **here, "field": field, "at": self._at()}]
            dear.append({"ask": "whole", **here, "at": self._at()})
            yield from self._sometimes(0.1, dear)
        one, other = self._two()
        yield {"ask": "between", "who": [other, one], "at": {"valid": "2023"}, "then": contents.point(chance)}
        yield from chance.sample(list(self._records()), 1)
        single = [
            {"ask": "single_sourced", "state": "relationship", "who": [one, other], "at": self._at()},
            {"ask": "single_sourced", "entities": [one], "at": self._at()},
            {"ask": "record", "record": chance.choice(self.marks)},
            {"ask": "of", "state": "organisation", "who": [one[:-1]], "at": {"valid": "2023"}},
        ]
        yield from self._sometimes(0.3, single)
        yield from self._sometimes(0.05, list(self._what_ifs()))

    def _sometimes(self, share: float, asked: Sequence[Json]) -> Iterator[Json]:
        return (one for one in asked if self.chance.random() < share)

    def _keys(self) -> Iterator[tuple[str, list[str]]]:
        """Whose states are asked: of two, and of one, by id or by a name."""
        chance, states = self.chance, _FED[self.vocabulary]
        fed = [one for one in states if not self.subjects.isdisjoint(states[one])]
        for state in chance.sample(fed, min(2, len(fed))) or ["relationship"]:
            if state == "relationship":
                yield state, self._two()
            else:
                one = self._one_of(getattr(self.cast, _CAST.get(state, "organisations")))
                yield state, [chance.choice([one, one.replace("-", " ").upper()])]

    def _two(self) -> list[str]:
        """Two organisations, such as an event has met, in either order."""
        ours = self.cast.organisations
        met = [two for several in self.met if len(two := [one for one in several if one in ours]) > 1]
        return self.chance.sample(self.chance.choice(met) if met else ours, 2)

    def _one_of(self, several: Sequence[str]) -> str:
        """One of some entities, more likely one of whom more is said."""
        spoken = [one for met in self.met for one in met if one in several]
        return self.chance.choice(spoken or several)

    def _spoken_of(self, data: Json) -> list[str]:
        """Of whom an event speaks, by id."""
        texts = [one for value in data.values() for one in (value if isinstance(value, list) else [value])]
        ids = {str(one).lower().replace(" ", "-") for one in texts}
        return [one for one in self.cast.everybody if one in ids]

    def _at(self) -> Json:
        """A point: a date near to what happened or any other, what was known or held by then, a filter."""
        chance = self.chance
        found: Json = {
            "valid": chance.choice([*chance.sample(self.dates, min(4, len(self.dates))), *_POINTS])
        }
        if chance.random() < 0.35:
            found["known"] = chance.choice(["then", self._known()])
        if chance.random() < 0.3:
            found["dates"] = "earliest"
        if chance.random() < 0.3:
            found["position"] = chance.choice([chance.randint(0, self.head), "2024-02"])
        if chance.random() < 0.15:
            found["tz"] = chance.choice(["Europe/Paris", "Asia/Kolkata"])
        return found | self._filter()

    def _filter(self) -> Json:
        chance = self.chance
        publisher = chance.choice(PUBLISHERS)
        filters: list[Json] = [
            {"without": publisher},
            {"only": [publisher, chance.choice(PUBLISHERS)]},
            {"credence": ["confirmed", "reported"]},
            {"without": publisher, "credence": "rumoured"},
        ]
        return chance.choice(filters) if chance.random() < 0.25 else {}

    def _known(self) -> str:
        return f"{self.chance.randint(2018, 2024)}-{self.chance.randint(1, 12):02}"

    def _histories(self, state: str, who: list[str]) -> Iterator[Json]:
        chance = self.chance
        field = chance.choice([None, *FIELDS[self.vocabulary][state]])
        here = {"ask": "history", "state": state, "who": who, "field": field}
        limits = {"dates": chance.choice(["latest", "earliest"]), **self._filter()}
        yield here
        yield {**here, "at": limits, "known": chance.choice(["then", self._known()])}
        yield {**here, "at": limits | {"position": chance.randint(0, self.head)}, "during": "2020/2021"}
        yield {**here, "axis": "known", "at": limits | {"valid": contents.point(chance)}}
        yield {**here, "since": chance.choice(["2019-06", "2021"]), "until": "2022-33"}

    def _diff(self, state: str, who: list[str]) -> Json:
        """A comparison on one basis but for one axis, or with another filter, which is refused."""
        at = self._at()
        axis = self.chance.choice(["valid", "valid", "known", "known", "position", "position", "without"])
        other = {"valid": "2024", "known": self._known(), "position": self.chance.randint(0, self.head)}
        other["without"] = "Post"
        return {"ask": "diff", "state": state, "who": who, "at": at, "other": at | {axis: other[axis]}}

    def _records(self) -> Iterator[Json]:
        chance = self.chance
        types = [one["type"] for one in self.said if "type" in one and one["type"] != "no_such_type"]
        for several in (self.cast.organisations, self.cast.people):
            entity = self._one_of(several)
            yield {"ask": "records", "entities": entity}
            yield {"ask": "records", "entities": [entity], "stands": True, **self._filter()}
        yield {"ask": "records", "types": types[:2], "entities": self.cast.organisations[0], "as_of": "2021"}
        yield {"ask": "records", "text": self.marks[0], "known": self._known(), "stands": True}
        yield {
            "ask": "records",
            "entities": self.cast.organisations[0],
            "during": self._known(),
            "dates": chance.choice(["latest", "earliest"]),
            "position": chance.randint(0, self.head),
        }
        yield {"ask": "entities", "text": self.cast.organisations[0].split("-")[0]}
        yield {"ask": "follow", "entities": self.cast.organisations[1], "after": self.head // 2}

    def _what_ifs(self) -> Iterator[Json]:
        """What else would be so, if something were said on top of it all, or of an earlier position."""
        chance = self.chance
        one, other = self._two()
        rounds = {"company": one, "investors": [other], "amount": "3bn USD"}
        same = {"entity": other, "as_": next(name for name in self.cast.organisations if name != other)}
        supposed: list[Json] = [
            {"do": "assertion", "type": "funding_round", "occurred": contents.date(chance), "data": rounds},
            {"do": "assertion", "type": "same_entity", "occurred": "2019", "data": same},
            {"do": "retraction", "of": chance.choice(self.marks)},
        ]
        then: list[Json] = [
            {"ask": "of", "state": "relationship", "who": [one, other], "at": self._at()},
            {"ask": "of", "state": "organisation", "who": [one], "at": self._at()},
            {
                "ask": "explain",
                "state": "relationship",
                "who": [one, other],
                "at": self._at(),
                "field": "rounds",
            },
            {"ask": "history", "state": "organisation", "who": [one], "field": "ceo"},
            {"ask": "records", "entities": one, "stands": True},
        ]
        for suppose in supposed:
            position = chance.choice([None, None, chance.randint(0, self.head)])
            yield {"ask": "what_if", "suppose": [suppose], "position": position, "then": then}


def of_log(vocabulary: str, chance: Random, head: int, *, everything: bool) -> Iterator[Json]:
    """What is asked about a log as a whole: all there is to ask, or of what is dear a part, by chance."""
    points: list[Json] = [
        {"valid": "2021-06"},
        {"valid": "2021", "known": "then", "dates": "earliest"},
        {"valid": contents.point(chance), "known": "2021-03", "position": chance.randint(0, head)},
        {"valid": "2022", "without": chance.choice(PUBLISHERS), "credence": ["confirmed", "reported"]},
    ]
    limits = {name: points[2][name] for name in ("known", "position")}
    states = STATES[vocabulary]
    everybody: list[Json] = [{"ask": "all", "state": one, "at": chance.choice(points)} for one in states]
    everybody += [{"ask": "table", "state": one, "at": chance.choice(points)} for one in states]
    rules: list[Json] = [
        {"ask": "check", "rules": one, "at": chance.choice(points)} for one in RULES[vocabulary]
    ]
    rules += [{"ask": "check", "rules": one, "at": points[1], "by_then": True} for one in RULES[vocabulary]]
    dear: list[Json] = [
        {"ask": "records"},
        {"ask": "records", "stands": True, **limits},
        {"ask": "records", "stands": True, "as_of": "2020", "dates": "earliest"},
        {"ask": "entities"},
        {"ask": "entities", "as_of": "2020", **limits, "only": "Post"},
        {"ask": "single_sourced", "at": points[0], "types": "funding_round"},
        {"ask": "follow", "after": 0, "types": ["funding_round", "same_entity"]},
        *({"ask": "sources", "at": one} for one in points),
    ]
    sql: list[Json] = [{"ask": "sql", "query": query} for query in _queries(vocabulary)]
    if everything:
        yield from (*everybody, *rules, *dear, *sql)
        yield from ({"ask": "check"}, {"ask": "check", "most": 2}, {"ask": "verify"})
        yield {"ask": "retract", "resting_on": "Post"}
        yield from ({"ask": "retract", "commit": one, "whole": True} for one in (1, head // 2))
    else:
        for several, most in ((everybody, 2), (rules, 2), (dear, 2), (sql, 4)):
            yield from chance.sample(several, most)


def _queries(vocabulary: str) -> Iterator[str]:
    for state in STATES[vocabulary]:
        yield f"FROM {state}"
        yield f"FROM {state}_periods"
        yield f"FROM {state}_periods(known := '2021')"
        yield f"FROM {state}_as_of('2021-03', known := 'then', dates := 'earliest')"
        yield f"FROM {state}_as_of('2022', position := 100)"
    for table in _TABLES[vocabulary]:
        yield f"FROM said.{table}"
        yield f"FROM {table}"
    yield "FROM records"
    yield "FROM records_as_of('2021', known := '2022')"
    yield "FROM entities"
    yield "FROM entity_names"
    yield "FROM sources"
    yield "FROM hidden"
    yield "SELECT first_position, last_position, actor, note FROM commits"


def of_scenario(asked: Sequence[Json]) -> Iterator[Json]:
    """What a scenario asks, and how what it asks about ran."""
    yield from asked
    keys = {(one["state"], *sorted(one["who"])) for one in asked}
    for state, *who in sorted(keys):
        yield {"ask": "history", "state": state, "who": who}
        yield {"ask": "history", "state": state, "who": who, "axis": "known", "at": {"valid": "2022"}}


def of_seeds(entities: Sequence[str], head: int) -> Iterator[Json]:
    """What is asked about the seeds: the same of everybody, and of each with the two who matter most."""
    points: list[Json] = [
        {"valid": "2019"},
        {"valid": "2023-11-18"},
        {"valid": "2023-11", "known": "then", "dates": "earliest"},
        {"valid": "2025-06", "position": head // 2},
        {"valid": "2025-06", "without": "Axios"},
    ]
    keys: list[tuple[str, list[str]]] = [("relationship", ["Microsoft", "OpenAI"])]
    keys += [("organisation", [one]) for one in entities] + [("person", [one]) for one in entities]
    keys += [("relationship", ["OpenAI", one]) for one in entities if one != "OpenAI"]
    for state, who in keys:
        for at in points:
            yield {"ask": "of", "state": state, "who": who, "at": at}
        yield {"ask": "explain", "state": state, "who": who, "at": points[1]}
        yield {"ask": "history", "state": state, "who": who}
        yield {"ask": "history", "state": state, "who": who, "axis": "known", "at": {"valid": "2023"}}
        yield {"ask": "diff", "state": state, "who": who, "at": points[0], "other": points[1]}
    for one in entities:
        yield {"ask": "plans", "state": "project", "who": [one], "field": None, "at": points[3]}
