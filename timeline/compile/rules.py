"""Each kind of rule as one SELECT that finds what violates it."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import attrs

from timeline.compile.selecting import Selecting, comparison, literals, part, union
from timeline.compile.spans import NONE, codes, contribution, numbered
from timeline.compile.statements import statement
from timeline.compile.tables import TypedTable, columns_of
from timeline.vocabulary import (
    Agree,
    AtMostOne,
    Catalogue,
    Denied,
    Ending,
    Feed,
    Fold,
    Lookalikes,
    Named,
    NothingAfter,
    Opposed,
    Ordered,
    Rule,
    StateType,
    SumsUp,
    TermInOrder,
)

_ENDED: Final = "SELECT key FROM ended"
_CLAIMED: Final = "SELECT key FROM claimed"


@attrs.frozen
class Asked:
    """What a query is made for: a vocabulary, the types of which anything is denied, and how much is told.

    Lookalikes are told of `types`, and of records after the parameter `since`.

    With `narrow`, only events that speak of an entity in the parameter `touched` are looked at, and of those
    every pair is told. Else each event is told once, with one of those that it does not go with. With
    `about`, only what a record at one of the positions in that parameter may have a part in is told. With
    `same`, ids are read as others. `gone` are the parts that say what does not stand, the last of them by
    that name.
    """

    catalogue: Catalogue
    denials: Sequence[str]
    types: Collection[str]
    narrow: bool
    about: bool
    same: bool
    gone: Sequence[str]

    @property
    def selecting(self) -> Selecting:
        """How events are selected."""
        return Selecting(self.narrow, self.same)

    def union(self, selects: Iterable[str]) -> str:
        """Several selections as the part `said`, by key."""
        return union(selects, about=self.about)

    @property
    def each(self) -> str:
        """Whether every pair is told, in SQL."""
        return str(self.narrow).lower()


def queries(rule: Rule, asked: Asked) -> Iterable[str]:
    """The SQL that gives the violations of a rule, each time `$most` of them and their number.

    The parameters are `known`, `upto` and `most`, and by when events have begun: `point`, read `early` or
    not.
    """
    for parts in _parts(rule, asked):
        before = ",\n".join([*asked.gone, part("mended"), *parts])
        yield f"WITH {before}\n{statement('rules', 'told')}"


def bounds(rule: Rule, asked: Asked) -> Iterable[str]:
    """The SQL that gives the instants from which on events count that may violate a rule together.

    Between two of them the violations that have begun are the same. The parameters are those of `queries`,
    but for `most`.
    """
    told = "opposing" if isinstance(rule, Opposed) else "counting"
    for parts in _parts(rule, asked):
        before = ",\n".join([*asked.gone, part("mended"), *parts])
        yield f"WITH {before}\n{statement('rules', told)}"


@functools.singledispatch
def _parts(rule: Rule, asked: Asked) -> Iterable[Sequence[str]]:
    """For each query of a rule its parts, the last of which is `found`."""
    raise NotImplementedError(rule)


@_parts.register
def _(rule: AtMostOne, asked: Asked) -> Iterable[Sequence[str]]:
    def events(feed: Feed, *, closes: bool) -> str:
        table = TypedTable.of(feed.type)
        until = "NULL" if rule.until is None or closes else table.named(rule.until, "_latest")
        holder = asked.selecting.column(feed.type, str(feed.attribute))
        columns = {
            "key": asked.selecting.key(feed.type, rule.per),
            "holder": holder,
            "closes": str(closes).lower(),
            "until_latest": f"coalesce({until}::TIMESTAMP, 'infinity')",
        }
        where = [f"{holder} IS NOT NULL", *_only(table, rule.only)]
        return asked.selecting(feed.type, columns, where, ordered=True)

    starts, ends = events(rule.starts, closes=False), [events(feed, closes=True) for feed in rule.ends]
    said = asked.union([starts, *ends])
    stays = str(rule.unended == "stays").lower()
    how = "replaced" if rule.unended == "replaced" else "stays"
    met = part(how, "met", stays=stays, each=asked.each)
    yield said, part("tenure"), met, part("overlaps", "found")


@_parts.register
def _(rule: NothingAfter, asked: Asked) -> Iterable[Sequence[str]]:
    def events(role: str, several: Iterable[Named]) -> Iterable[str]:
        for one in several:
            key = asked.selecting.key(one.type, one.key)
            columns = {"key": key, "part": f"'{role}'"}
            limits = _only(TypedTable.of(one.type), rule.only) if role == "ends" else [f"{key} IN ({_ENDED})"]
            yield asked.selecting(one.type, columns, limits, ordered=True)

    ended = union(events("ends", rule.ends), "ended")
    said = asked.union(["FROM ended", *events("then", rule.then), *events("but", rule.but)])
    yield (
        ended,
        said,
        part("followed", "met", each=asked.each),
        part("place"),
        part("pairs", "found"),
    )


@_parts.register
def _(rule: TermInOrder, asked: Asked) -> Iterable[Sequence[str]]:
    if rule.terms:
        said = union(
            asked.selecting(
                feed.type, {"term": TypedTable.of(feed.type).named(str(feed.attribute), "_latest")}
            )
            for feed in rule.terms
        )
        yield said, part("terms", "found")


@_parts.register
def _(rule: SumsUp, asked: Asked) -> Iterable[Sequence[str]]:
    def events(feed: Feed, *, claims: bool) -> str:
        table = TypedTable.of(feed.type)
        columns = {
            "claims": str(claims).lower(),
            "key": asked.selecting.column(feed.type, rule.of),
            "givers": asked.selecting.column(feed.type, rule.by),
            "currency": table.named(str(feed.attribute), "_currency"),
            **_bounds(table, str(feed.attribute), table.named(str(feed.attribute), "_bound")),
        }
        where = () if claims else (f"{columns['key']} IN ({_CLAIMED})",)
        return asked.selecting(feed.type, columns, where)

    claimed = union([events(rule.claim, claims=True)], "claimed")
    said = asked.union(["FROM claimed", events(rule.parts, claims=False)])
    yield claimed, said, part("claim"), part("sums", "found")


@_parts.register
def _(rule: Agree, asked: Asked) -> Iterable[Sequence[str]]:
    table = TypedTable.of(rule.figure)
    period = [f"coalesce({table.named(rule.period, at)}, {at[1:]})" for at in ("_earliest", "_latest")]
    given = f"{table.named(rule.period)} IS NOT NULL"
    key = [asked.selecting.key(rule.figure, [name]) for name in rule.per]

    def events(value: str) -> str:
        parts = {column.part for column in columns_of(rule.figure.field(value))}
        bound = None if rule.bound is None else table.named(rule.bound)
        own = table.named(value, "_bound") if "_bound" in parts else bound
        unit = table.named(value, "_currency") if "_currency" in parts else f"'{value}'"
        columns = {
            "key": f"[{', '.join(f'({one})::VARCHAR' for one in (*key, unit, given, *period))}]",
            "one_time": f"{given} OR earliest::DATE = latest::DATE",
            **_bounds(table, value, own or "NULL"),
        }
        return asked.selecting(rule.figure, columns, [f"{table.named(value)} IS NOT NULL"])

    yield asked.union(map(events, rule.values)), part("figures", "found")


@_parts.register
def _(rule: Opposed, asked: Asked) -> Iterable[Sequence[str]]:
    mark = TypedTable.of(rule.marks.type).named(str(rule.marks.attribute))
    said = union([asked.selecting(rule.marks.type, {"mark": mark}, [f"{mark} IS NOT NULL"])])
    about = "list_has_any([log.position, said.position], $about::BIGINT[])" if asked.about else "true"
    yield said, part("opposed", "found", about=about)


@_parts.register
def _(_rule: Denied, asked: Asked) -> Iterable[Sequence[str]]:
    for name in asked.denials:
        like = comparison(asked.catalogue.event(name), asked.selecting, asked.catalogue.rules.values())
        columns = {**like.columns, "denied": "credence = 'denied'"}
        said = asked.union([asked.selecting(asked.catalogue.event(name), columns, denied=True)])
        met = part("denied", "met", alike=like.agreed, same=like.same)
        yield said, met, part("place"), part("pairs", "found")


@_parts.register
def _(_rule: Lookalikes, asked: Asked) -> Iterable[Sequence[str]]:
    for kind in asked.catalogue.events.values():
        if kind.entities and kind.name in asked.types:
            like = comparison(kind, asked.selecting, asked.catalogue.rules.values())
            said = union([asked.selecting(kind, like.columns)])
            met = part("alike", "met", alike=like.alike, differing=like.differing)
            yield (
                said,
                part("brief"),
                part("long"),
                met,
                part("place"),
                part("lookalikes", "found"),
            )


@_parts.register
def _(_rule: Ordered, asked: Asked) -> Iterable[Sequence[str]]:
    parts, found = [], []
    for number, state in enumerate(asked.catalogue.states.values()):
        fields = codes(state, "first", "last", "held")
        if fields != NONE:
            entering, order, upon, same = (
                f"{one}_{number}" for one in ("entering", "order", "upon", "same_span")
            )
            kinds = {f"{kind}_fields": codes(state, kind) for kind in ("first", "held")}
            parts += [
                _entering(entering, state, fields, asked),
                part("order", order, entering=entering, **kinds),
                part("upon", upon, entering=entering, held_fields=kinds["held_fields"]),
                part("same span", same, upon=upon),
            ]
            found += [order, same]
    if found:
        every = " UNION ".join(f"FROM {name}" for name in found)
        yield *_reread(asked), *parts, f"found AS MATERIALIZED ({every})"


@_parts.register
def _(_rule: Ending, asked: Asked) -> Iterable[Sequence[str]]:
    parts, found = [], []
    for number, state in enumerate(asked.catalogue.states.values()):
        held = ", ".join(str(code) for code, (_, fold) in numbered(state) if _is_ended(fold))
        if held:
            entering, upon = f"entering_{number}", f"upon_{number}"
            parts.append(_entering(entering, state, held, asked))
            parts.append(part("upon", upon, entering=entering, held_fields=held))
            found.append(upon)
    if found:
        every = " UNION ALL ".join(f"FROM {name}" for name in found)
        yield *_reread(asked), *parts, part("idle", "found", every=every)


def _is_ended(fold: Fold) -> bool:
    """Whether what it holds has to be there for its ends to happen: all but the one plan of an entity.

    What nobody had planned may come about, or be called off.
    """
    return fold.kind == "held" and (fold.due is None or fold.keyed)


def _entering(called: str, state: StateType, fields: str, asked: Asked) -> str:
    """What enters some fields of a state, given by their numbers, with ids as they are read."""
    return part("entering", called, contributed=contribution(state, same=asked.same), fields=fields)


def _reread(asked: Asked) -> Sequence[str]:
    """What events contribute with ids read as others, if any are."""
    return [part("rereading"), part("refed")] if asked.same else []


def _only(table: TypedTable, only: Mapping[str, Sequence[str]]) -> list[str]:
    """The conditions that texts are among some."""
    return [f"lower({table.named(field)}) IN ({literals(texts)})" for field, texts in only.items()]


def _bounds(table: TypedTable, value: str, bound: str) -> dict[str, str]:
    """What an amount or number is at face value, at least and at most; an open end is NULL.

    They are whole numbers of any size, in tenths of the last decimal that is kept, so that a tenth more or
    less is exact.
    """
    digits = f"replace({table.named(value)}::VARCHAR, '.', '')"
    tenth, face = f"({digits})::BIGNUM", f"({digits} || '0')::BIGNUM"
    about = f"WHEN 'about' THEN {{}}({face} - {tenth}, {face} + {tenth}) ELSE {face} END"
    least = f"CASE {bound} WHEN 'up to' THEN NULL {about.format('least')}"
    most = f"CASE {bound} WHEN 'over' THEN NULL {about.format('greatest')}"
    return {"face": face, "least_said": least, "most_said": most}
