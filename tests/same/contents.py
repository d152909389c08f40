"""What random histories speak of: by vocabulary the event types, and for each field what it may hold.

It is written out rather than read from the vocabularies, so that the same seed gives the same histories
whatever engine is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final

from attrs import frozen

__all__ = ["TYPES", "Cast", "date", "event", "point"]

EVENTS: Final = "events"
OWN: Final = "tests.same.vocabulary"
_SYLLABLES: Final = [
    first + last for first in "bdfgklmnprstvz" for last in ("a", "e", "i", "o", "u", "an", "or")
]


@frozen
class Cast:
    """Of whom a history speaks, by id."""

    organisations: Sequence[str]
    people: Sequence[str]
    things: Sequence[str]

    @classmethod
    def drawn(cls, chance: Random, taken: set[str]) -> Cast:
        """Some entities of names that nobody has yet."""

        def several(least: int, most: int) -> list[str]:
            found: list[str] = []
            wanted = chance.randint(least, most)
            while len(found) < wanted:
                name = "-".join("".join(chance.sample(_SYLLABLES, chance.randint(2, 3))) for _ in range(2))
                if name not in taken:
                    taken.add(name)
                    found.append(name)
            return found

        return cls(several(2, 4), several(2, 3), several(1, 2))

    @property
    def everybody(self) -> list[str]:
        """All of them."""
        return [*self.organisations, *self.people, *self.things]


Draw = Callable[[Random, Cast], Any]


def _spelt(chance: Random, entity: str) -> str:
    """An entity by its id, or by its name in one spelling or another."""
    name = entity.replace("-", " ")
    return chance.choice([entity, entity, entity, entity, name.title(), name.upper()])


def _organisation(chance: Random, cast: Cast) -> str:
    return _spelt(chance, chance.choice(cast.organisations))


def _person(chance: Random, cast: Cast) -> str:
    return _spelt(chance, chance.choice(cast.people))


def _thing(chance: Random, cast: Cast) -> str:
    return _spelt(chance, chance.choice(cast.things))


def _organisations(chance: Random, cast: Cast) -> list[str]:
    most = min(3, len(cast.organisations))
    return [_spelt(chance, one) for one in chance.sample(cast.organisations, chance.randint(1, most))]


def _people(chance: Random, cast: Cast) -> list[str]:
    return [_spelt(chance, one) for one in chance.sample(cast.people, chance.randint(1, 2))]


def _money(chance: Random, cast: Cast) -> Any:
    value = chance.choice(["1", "2.5", "10", "0.25", "1200000"])
    currency = chance.choice(["USD", "USD", "EUR"])
    bound = chance.choice(["", "", "", "up to ", "over ", "about "])
    exact = {"value": value, "currency": currency}
    return chance.choice([exact, f"{bound}{value}bn {currency}", f"{bound}{value} {currency}"])


def _number(chance: Random, cast: Cast) -> str:
    return chance.choice(["1", "2.50", "-3", "0.000001", "500000000", "12345678901234567.25"])


def _share(chance: Random, cast: Cast) -> str:
    return chance.choice(["0", "12.5", "49", "100"])


def _yes(chance: Random, cast: Cast) -> bool:
    return chance.random() < 0.5


def _among(*texts: str) -> Draw:
    return lambda chance, _: chance.choice(texts)


def _some(*texts: str) -> Draw:
    return lambda chance, _: chance.sample(texts, chance.randint(0, len(texts)))


def _perhaps(draw: Draw, share: float = 0.5) -> Draw:
    """What may be left empty."""
    return lambda chance, cast: draw(chance, cast) if chance.random() < share else None


def _none_or(draw: Draw) -> Draw:
    """Several, or none."""
    return lambda chance, cast: draw(chance, cast) if chance.random() < 0.6 else []


# Dates


def _day(chance: Random) -> str:
    month, day = chance.choice([(1, 1), (3, 31), (6, 15), (6, 30), (7, 1), (12, 31), (0, 0), (0, 0)])
    return (
        f"{chance.randint(2019, 2022)}-{month or chance.randint(1, 12):02}-{day or chance.randint(1, 28):02}"
    )


def _instant(chance: Random) -> str:
    offset = chance.choice(["", "Z", "+05:30", "-08:00"])
    return f"{_day(chance)}T{chance.randint(0, 23):02}:{chance.choice(['00', '30', '59:07'])}{offset}"


def _month(chance: Random) -> str:
    return f"{chance.randint(2019, 2022)}-{chance.randint(1, 12):02}"


def _year(chance: Random) -> str:
    return str(chance.randint(2019, 2022))


def _part(chance: Random) -> str:
    return f"{_year(chance)}-{chance.choice([33, 34, 35, 36, 40, 41])}"


def _closed(chance: Random) -> str:
    return chance.choice([_day, _day, _day, _month, _month, _year, _part, _instant])(chance)


def date(chance: Random) -> str:
    """A date of an event: exact or not, perhaps within bounds, open at an end, uncertain."""
    what = chance.random()
    if what < 0.75:
        found = _closed(chance)
        return found + chance.choice("?~%") if "T" not in found and chance.random() < 0.15 else found
    if what < 0.9:
        first, last = (
            f"{chance.randint(2018, 2020)}-{chance.randint(1, 12):02}",
            f"{chance.randint(2021, 2022)}",
        )
        return chance.choice([f"{first}/{last}", f"[{first}..{last}]"])
    return chance.choice(["[..{}]", "{}/..", "{}/", "[{}..]", "../{}"]).format(_month(chance))


def point(chance: Random) -> str:
    """A date to ask about, which ends."""
    return chance.choice([_day, _month, _year, _part, _instant])(chance)


def _term(chance: Random, cast: Cast) -> str:
    return chance.choice([_day, _month, _year, _instant])(chance)


def _planned(chance: Random, cast: Cast) -> str:
    return chance.choice([_day, _month, _part, _year])(chance) + chance.choice(["", "", "~"])


# Fields

_PARTNERS: Final = {"partners": _none_or(_organisations), "rivals": _none_or(_organisations)}
_PURCHASE: Final = {"buyer": _organisation, "company": _organisation}
_LEADER: Final = {"company": _organisation, "person": _person}
_OFFICE: Final = {
    "organisation": _organisation,
    "office": _among("treasurer", "director"),
    "person": _perhaps(_person, 0.8),
    "appointed_by": _perhaps(_organisation, 0.2),
}
_EXCLUSIVE: Final = {"grantor": _organisation, "grantee": _organisation, "scope": _among("cloud", "chips")}
_RIGHT: Final = {
    "holder": _organisation,
    "grantor": _organisation,
    "form": _among("option", "block"),
    "subject": _among("shares", "the board"),
}
_GOAL: Final = {
    "organisation": _organisation,
    "goal": _among("profit", "a licence"),
    "towards": _none_or(_organisations),
}
_PARTIES: Final = {"parties": _organisations, "subject": _among("prices", "models")}
_CONTACT: Final = {"people": _none_or(_people), "organisations": _organisations}
_MATTER: Final = {
    "matter": _among("the suit", "the probe"),
    "brought_by": _organisations,
    "against": _organisations,
}
_ROUND: Final = {
    "company": _organisation,
    "investors": _none_or(_organisations),
    "amount": _perhaps(_money, 0.8),
}
_REASON: Final = _perhaps(_among("costs", "it's late"))
_NAMED: Final = {"name": _among("Alpha {}", "{} & Sons", "New {}")}
_ALL: Final[Draw] = lambda chance, cast: chance.choice(cast.everybody)  # noqa: E731

Fields = Mapping[str, Draw]
_EVERYWHERE: Final[Mapping[str, Fields]] = {
    "funding_round": _ROUND,
    "exclusivity_deal": {**_EXCLUSIVE, "until": _perhaps(_term)},
    "exclusivity_end": _EXCLUSIVE,
    "entity_named": {"entity": _ALL, **_NAMED},
}
TYPES: Final[Mapping[str, Mapping[str, Fields]]] = {
    EVENTS: {
        **_EVERYWHERE,
        "entity_renamed": {"entity": _ALL, **_NAMED},
        "investment_plan": {
            "plan": _thing,
            "partners": _organisations,
            "amount": _perhaps(_money),
            "purpose": _perhaps(_among("mines", "ports")),
            "announced_by": _none_or(_people),
        },
        "claimed_total": {
            "company": _organisation,
            "investors": _organisations,
            "amount": _perhaps(_money, 0.8),
            "term": _perhaps(_among("six years")),
        },
        "right_granted": {**_RIGHT, "until": _perhaps(_term)},
        "right_exercised": _RIGHT,
        "right_waived": _RIGHT,
        "right_ended": _RIGHT,
        "deadline_set": {**_GOAL, "due": _term, "consequence": _perhaps(_among("a fine"))},
        "deadline_met": _GOAL,
        "agreement_signed": {
            **_PARTIES,
            "form": _among("licence", "loan"),
            "provider": _perhaps(_organisation),
            "amount": _perhaps(_money),
            "until": _perhaps(_term),
        },
        "agreement_ended": {**_PARTIES, "reason": _REASON},
        "announcement": {
            "made_by": _people,
            "what": _among("a venture", "a split"),
            "about": _none_or(_organisations),
            "absent": _none_or(_people),
        },
        "meeting": {**_CONTACT, "occasion": _perhaps(_among("a fair")), "place": _perhaps(_among("Rome"))},
        "cadence_changed": {**_CONTACT, "cadence": _among("daily", "monthly", "ended")},
        "remark": {
            "made_by": _person,
            "about": _organisations,
            "words": _among("well done", "far too late"),
            "sentiment": _perhaps(_among("positive", "negative")),
        },
        "assessment": {
            "about": _organisations,
            "aspect": _among("outlook", "rivalry"),
            "judgement": _among("good", "bad"),
            "made_by": _perhaps(_person),
        },
        "dispute_opened": {**_PARTIES, "detail": _perhaps(_among("how much"))},
        "position_taken": {**_PARTIES, "held_by": _organisation, "stance": _among("for", "against")},
        "dispute_settled": {**_PARTIES, "outcome": _perhaps(_among("a draw"))},
        "figure_reported": {
            "of": _organisation,
            "measure": _among("users", "revenue"),
            "number": _number,
            "bound": _perhaps(_among("up to", "over", "about"), 0.3),
            "period": _perhaps(_planned, 0.4),
        },
        "ceo_appointment": {**_LEADER, "interim": _yes},
        "ceo_ousting": _LEADER,
        "ceo_resignation": _LEADER,
        "office_taken": {
            **_OFFICE,
            "seat": _perhaps(_among("chair", "observer"), 0.3),
            "voting": _perhaps(_yes, 0.3),
        },
        "office_left": _OFFICE,
        "stake_reported": {
            "holder": _organisation,
            "company": _organisation,
            "share": _perhaps(_share, 0.8),
            "bound": _perhaps(_among("over"), 0.2),
        },
        "acquisition_agreed": {**_PURCHASE, "price": _perhaps(_money)},
        "acquisition_closed": {**_PURCHASE, "price": _perhaps(_money)},
        "acquisition_abandoned": {**_PURCHASE, "reason": _REASON},
        "team_acquisition": {**_PURCHASE, "people": _none_or(_people), "extent": _perhaps(_among("most"))},
        "restructured": {
            "organisation": _organisation,
            "change": _among("listing", "merger", "dissolution"),
            "result": _among("public", "private"),
            "others": _none_or(_organisations),
        },
        "proceeding_opened": {
            **_MATTER,
            "form": _among("lawsuit", "other"),
            "forum": _perhaps(_organisation),
        },
        "proceeding_closed": {**_MATTER, "outcome": _perhaps(_among("a fine"))},
        "product_launch": {"product": _thing, "makers": _organisations, "detail": _perhaps(_among("beta"))},
        "project_announced": {
            "project": _thing,
            **_PARTNERS,
            "planned": _perhaps(_planned, 0.8),
            "budget": _perhaps(_money),
        },
        "project_started": {"project": _thing, **_PARTNERS},
        "project_progressed": {
            "project": _thing,
            **_PARTNERS,
            "pace": _perhaps(_among("ahead", "slow")),
            "detail": _perhaps(_among("walls up")),
        },
        "project_postponed": {
            "project": _thing,
            **_PARTNERS,
            "planned": _perhaps(_planned),
            "reason": _REASON,
        },
        "project_resumed": {"project": _thing, **_PARTNERS, "planned": _perhaps(_planned)},
        "project_completed": {"project": _thing, **_PARTNERS, "result": _perhaps(_among("as meant"))},
        "project_cancelled": {"project": _thing, **_PARTNERS, "reason": _REASON},
    },
    OWN: {
        **_EVERYWHERE,
        "ceo_appointment": _LEADER,
        "ceo_ousting": _LEADER,
        "measured": {
            "of": _organisation,
            "what": _among("depth", "fee"),
            "number": _perhaps(_number),
            "price": _perhaps(_money),
            "text": _perhaps(_among("low", "high", 'it\'s "so-so"\n')),
            "tags": _some("é", "[]", "two words"),
            "sure": _perhaps(_yes),
            "bound": _perhaps(_among("up to", "over", "about"), 0.3),
            "period": _perhaps(_planned, 0.4),
        },
        "berth_taken": {
            "of": _organisation,
            "ship": _thing,
            "berth": _among("east", "west"),
            "until": _perhaps(_term),
        },
        "berth_left": {"of": _organisation, "berth": _among("east", "west"), "ship": _perhaps(_thing)},
        "harbour_closed": {"of": _organisation},
        "works_planned": {"of": _organisation, "planned": _perhaps(_planned, 0.8)},
        "works_done": {"of": _organisation},
    },
}


def event(chance: Random, cast: Cast, vocabulary: str, type_: str) -> dict[str, Any]:
    """The fields of an event of a type, without its date; what is empty is mostly left out."""
    fields = TYPES[vocabulary][type_]
    data = {name: draw(chance, cast) for name, draw in fields.items()}
    if "name" in data and "entity" in data:
        data["name"] = data["name"].format(data["entity"].replace("-", " ").title())
    needed = {"amount", "share"}
    return {
        name: value
        for name, value in data.items()
        if value is not None or name in needed or chance.random() < 0.2
    }
