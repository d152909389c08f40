"""What must hold between events: rules, declared beside the vocabulary that they are about."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Literal, get_args

import attrs

from timeline.values import CatalogueError, checked, shown
from timeline.vocabulary.event import Event, EventType
from timeline.vocabulary.fields import Kind
from timeline.vocabulary.folds import Feed, feeds_of, names_of

Unended = Literal["stays", "replaced", "unknown"]
Texts = Mapping[str, tuple[str, ...]]


@attrs.frozen(repr=False)
class Rule:
    """What must hold, under a name of its own and in one sentence."""

    refuses: ClassVar[bool] = False
    """Whether a log that has to add up refuses what surely violates it."""
    core: ClassVar[int | None] = None
    """How many of its records, the first ones, make a violation the one that it is; None for all."""
    contests: ClassVar[bool] = True
    """Whether the records of a violation say otherwise of one thing, so that they contest each other."""
    by_id: ClassVar[bool] = False
    """Whether a record of any type may have a part in a violation by the id it was given."""
    needed: ClassVar[tuple[str, ...]] = ()
    """The fields of which each names event types that have a part in every violation."""

    name: str
    says: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    @property
    def types(self) -> tuple[str, ...]:
        """The names of the event types that it is about; none if it is about all."""
        return self._types

    @functools.cached_property
    def _types(self) -> tuple[str, ...]:
        names = (field.name for field in attrs.fields(type(self)))
        return tuple(dict.fromkeys(name for field in names for name in self._named(field)))

    @property
    def needs(self) -> tuple[tuple[str, ...], ...]:
        """Of each of these groups of event types, a record of one has a part in every violation."""
        return tuple(self._named(field) for field in self.needed)

    def _named(self, field: str) -> tuple[str, ...]:
        """The names of the event types that a field of it holds."""
        held = getattr(self, field)
        several = held if isinstance(held, tuple) else (held,)
        kinds = (one.type if isinstance(one, Feed | Named) else one for one in several)
        return tuple(kind.name for kind in kinds if isinstance(kind, EventType))

    @checked
    def concerns(self, type_: str | None, id_: str | None) -> bool:
        """Whether a record may have a part in a violation of it, by its type and the id it was given."""
        return not self.types or type_ in self.types or (self.by_id and id_ is not None)


@attrs.frozen(kw_only=True, repr=False)
class AtMostOne(Rule):
    """At most one holder at a time of whatever the fields in `per` name together.

    `starts` and `ends` give the holder. `until` is the field that holds the term of a start. `unended` says
    what becomes of a holder of whom no end is recorded. Events count if their texts are among those of
    `only`, by field.
    """

    refuses = True
    core = 2
    needed = ("starts",)

    starts: Feed
    ends: tuple[Feed, ...]
    per: tuple[str, ...]
    until: str | None
    unended: Unended
    only: Texts


@attrs.frozen
class Named:
    """Events of a type, and the fields by which they say what they are about."""

    type: EventType
    key: tuple[str, ...]


@attrs.frozen(kw_only=True, repr=False)
class NothingAfter(Rule):
    """After one of `ends` no event of `then` about the same thing, unless one of `but` lies between.

    Ends count if their texts are among those of `only`, by field.
    """

    refuses = True
    needed = ("ends", "then")

    ends: tuple[Named, ...]
    then: tuple[Named, ...]
    but: tuple[Named, ...]
    only: Texts


@attrs.frozen(kw_only=True, repr=False)
class TermInOrder(Rule):
    """No term, a date held by one of these fields, ends before its event."""

    refuses = True
    contests = False

    terms: tuple[Feed, ...]


@attrs.frozen(kw_only=True, repr=False)
class SumsUp(Rule):
    """An amount claimed of the entity in `of`, given by those in `by`, is the sum of the parts till then."""

    refuses = True
    core = 1
    needed = ("claim", "parts")

    claim: Feed
    parts: Feed
    of: str
    by: str


@attrs.frozen(kw_only=True, repr=False)
class Agree(Rule):
    """Figures of the same key and period do not exclude each other.

    `figure` is an event type, `values` are its fields of money or numbers, `bound` the field that says how
    exact a number is, `period` the date that a figure covers; where it is empty, when the event occurred.
    """

    refuses = True
    needed = ("figure",)

    figure: EventType
    per: tuple[str, ...]
    period: str
    values: tuple[str, ...]
    bound: str | None


@attrs.frozen(kw_only=True, repr=False)
class Opposed(Rule):
    """No record that stands is opposed by an event that names its id, in the field of `marks`."""

    by_id: ClassVar[bool] = True
    needed = ("marks",)

    marks: Feed


class Denied(Rule):
    """Nothing that a denied record says is said by another one that stands."""


class Lookalikes(Rule):
    """No two records tell one event."""

    contests = False


class Ordered(Rule):
    """The order of two events that a field of a state depends on is certain."""

    contests = False


class Ending(Rule):
    """What ends something finds it held; but for the plan of an entity, which may come about unplanned."""

    contests = False


@checked
def at_most_one(
    name: str,
    says: str,
    *,
    starts: Any,
    ends: Any,
    per: str | tuple[str, ...],
    until: str | None = None,
    unended: Unended = "stays",
    only: Mapping[str, Sequence[str]] | None = None,
) -> Rule:
    """At most one holder at a time, as of what only one can have.

    `starts` and `ends` are attributes that hold the holder, such as `Loan.reader`; `per` names the
    fields that say of what. A holder of whom no end is recorded "stays", is "replaced" by the next one, or
    has left at a time "unknown", so that two at once are only possible; so are two who are "replaced" and
    began with the very same span, of which nothing tells which came first. `only` limits it to events with
    one of some texts in a field, case aside.

    Raises:
        CatalogueError: if a field is misnamed.
    """
    if unended not in get_args(Unended):
        raise CatalogueError(f"unended={shown(unended)}: it is one of {', '.join(get_args(Unended))}")
    opening, closing, key = _attribute(starts), _attributes(ends), names_of(per)
    for feed in (opening, *closing):
        _check_key(feed.type, (*key, str(feed.attribute), *(only or ())))
    if until is not None:
        _check_kind(Feed(opening.event, until), {Kind.WHEN}, "a date")
    return AtMostOne(
        name, says, starts=opening, ends=closing, per=key, until=until, unended=unended, only=_texts(only)
    )


@checked
def nothing_after(
    name: str,
    says: str,
    *,
    ends: Any,
    then: Any,
    but: Any = (),
    per: str | tuple[str, ...] = (),
    only: Mapping[str, Sequence[str]] | None = None,
) -> Rule:
    """No event of `then` after one of `ends`, unless one of `but` has come between.

    Each is an event type, whose fields named by `per` say what it is about; or an attribute, such as
    `Loan.reader`, that says it alone. `only` limits the ends, as in `at_most_one`.

    Raises:
        CatalogueError: if a field is misnamed, or nothing says what an event is about.
    """
    key = names_of(per)
    ending, following, between = (_named(given, key) for given in (ends, then, but))
    for one in ending:
        _check_key(one.type, tuple(only or ()))
    return NothingAfter(name, says, ends=ending, then=following, but=between, only=_texts(only))


@checked
def term_in_order(name: str, says: str, *terms: Any) -> Rule:
    """No term ends before its event; `terms` are attributes, such as `Loan.due`.

    Raises:
        CatalogueError: if one is no date.
    """
    feeds = _attributes(terms)
    for feed in feeds:
        _check_kind(feed, {Kind.WHEN}, "a date")
    return TermInOrder(name, says, terms=feeds)


@checked
def sums_up(name: str, says: str, *, claim: Any, parts: Any, of: str, by: str) -> Rule:
    """A claimed amount is what the parts recorded by its date come to.

    `claim` and `parts` are attributes of money; `of` names the entity that takes, `by` those that give, in
    both events. Amounts not disclosed may be anything, and inexact ones what their bound allows.

    Raises:
        CatalogueError: if a field is misnamed.
    """
    claimed, added = _attribute(claim), _attribute(parts)
    for feed in (claimed, added):
        _check_kind(feed, {Kind.MONEY}, "money")
        _check_kind(Feed(feed.event, of), {Kind.ENTITY}, "an entity")
        _check_kind(Feed(feed.event, by), {Kind.ENTITIES}, "entities")
    return SumsUp(name, says, claim=claimed, parts=added, of=of, by=by)


@checked
def agree(
    name: str,
    says: str,
    figure: type[Event],
    *,
    per: str | tuple[str, ...],
    period: str,
    values: tuple[str, ...],
    bound: str | None = None,
) -> Rule:
    """Figures of one key and period do not exclude each other, as far as their bounds go.

    Raises:
        CatalogueError: if a field is misnamed.
    """
    key = names_of(per)
    (of,) = feeds_of(figure)
    _check_key(of.type, (*key, *(() if bound is None else (bound,))))
    _check_kind(Feed(figure, period), {Kind.WHEN}, "a date")
    for value in values:
        _check_kind(Feed(figure, value), {Kind.MONEY, Kind.DECIMAL}, "an amount or a number")
    return Agree(name, says, figure=of.type, per=key, period=period, values=values, bound=bound)


@checked
def opposed(name: str, says: str, marks: Any) -> Rule:
    """No record is opposed by an event whose attribute `marks` holds its id.

    Raises:
        CatalogueError: if the attribute holds no text.
    """
    feed = _attribute(marks)
    _check_kind(feed, {Kind.TEXT}, "text")
    return Opposed(name, says, marks=feed)


EVERYWHERE: Final[tuple[Rule, ...]] = (
    Denied("denied", "What one record denies, no other says."),
    Lookalikes("lookalikes", "No two records tell one event; where they do, the second is an attestation."),
    Ordered("order", "The order of events that a state depends on is certain."),
    Ending("ends", "An end has something to end: somebody appointed, something granted."),
)
"""The rules of every vocabulary; `term_in_order` of every `until` that ends what is held is one too."""


def _attributes(given: Any) -> tuple[Feed, ...]:
    feeds = feeds_of(given)
    for feed in feeds:
        if feed.attribute is None:
            raise CatalogueError(f"{feed.type.name}: name an attribute of it, as in Loan.reader")
    return feeds


def _attribute(given: Any) -> Feed:
    feeds = _attributes(given)
    if len(feeds) != 1:
        raise CatalogueError(f"{shown(given)}: name one attribute, as in Loan.reader")
    return feeds[0]


def _named(given: Any, key: tuple[str, ...]) -> tuple[Named, ...]:
    found = []
    for feed in feeds_of(given):
        own = key if feed.attribute is None else (feed.attribute,)
        if not own:
            raise CatalogueError(f"{feed.type.name}: say with per= which fields tell what it is about")
        _check_key(feed.type, own)
        found.append(Named(feed.type, own))
    return tuple(found)


def _check_key(event: EventType, names: tuple[str, ...]) -> None:
    for name in names:
        if not event.field(name).kind.keys:
            raise CatalogueError(f"{event.name}.{name} holds neither entities nor text, so it is no key")


def _check_kind(feed: Feed, kinds: set[Kind], wanted: str) -> None:
    if feed.type.field(str(feed.attribute)).kind not in kinds:
        raise CatalogueError(f"{feed.type.name}.{feed.attribute} does not hold {wanted}")


def _texts(only: Mapping[str, Sequence[str]] | None) -> Texts:
    return {field: tuple(text.casefold() for text in texts) for field, texts in (only or {}).items()}
