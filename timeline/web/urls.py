"""Every address of the explorer: how one is read, and how one is written, the whole point in it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote, urlencode

import attrs

from timeline.formats import at_fault, read_json
from timeline.records import Statement
from timeline.values import BadText

if TYPE_CHECKING:
    from timeline.engine import Timeline
    from timeline.moment import Moment
    from timeline.vocabulary import Catalogue

_POINT: Final = ("as_of", "known", "dates", "position", "tz")
_SEVERAL: Final = ("without", "only", "credence", "suppose")
_LONG: Final = 19
"""So many digits are more than any position has."""
_SECOND: Final = ("to_as_of", "to_known")


@attrs.frozen(kw_only=True)
class Viewed:
    """The point in time of a page, as its address says it, and a second one to compare it with.

    What the address leaves out is empty: the present, all that is known, the newest position. `suppose` are
    entries of a file of events, as JSON, that are only supposed.
    """

    as_of: str = ""
    known: str = ""
    dates: str = ""
    position: str = ""
    tz: str = ""
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    credence: tuple[str, ...] = ()
    suppose: tuple[str, ...] = ()
    to_as_of: str = ""
    to_known: str = ""

    @classmethod
    def read(cls, asked: Iterable[tuple[str, str]]) -> Self:
        """What the parameters of an address say of the point; blanks say nothing."""
        several: dict[str, list[str]] = {}
        for name, value in asked:
            if value.strip():
                several.setdefault(name, []).append(value.strip())
        said: dict[str, Any] = {name: several[name][-1] for name in (*_POINT, *_SECOND) if name in several}
        said |= {name: tuple(several[name]) for name in _SEVERAL if name in several}
        return cls(**said)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The parameters of an address that say it."""
        return (*_POINT, *_SEVERAL, *_SECOND)

    @property
    def plain(self) -> Viewed:
        """The same point by what is recorded, on whoever's word."""
        return attrs.evolve(self, without=(), only=(), credence=(), suppose=())

    def supposing(self, timeline: Timeline) -> Timeline:
        """A timeline with what is supposed on top, up to the position looked at; itself, if that is nothing.

        Raises:
            FaultyFile: if it cannot be read.
            TimelineError: as `Timeline.append`, for what could not be said.
        """
        if not self.suppose:
            return timeline
        said = statements_of(self.suppose, timeline.catalogue)
        return timeline.what_if(*said, position=_position(self.position))

    def moment(self, timeline: Timeline) -> Moment:
        """The moment that is looked at.

        Raises:
            TimelineError: as `Timeline.as_of`.
        """
        return timeline.as_of(
            _said(self.as_of),
            known=_said(self.known),
            dates=self.dates or "latest",  # type: ignore[arg-type]
            position=None if timeline.supposed else _position(self.position),
            without=self.without,
            only=self.only,
            credence=self.credence,  # type: ignore[arg-type]
            tz=self.tz or None,
        )

    @property
    def second(self) -> Viewed | None:
        """The point to compare with, None if there is none: the same but for what the address says of it."""
        if not (self.to_as_of or self.to_known):
            return None
        as_of, known = self.to_as_of or self.as_of, self.to_known or self.known
        return attrs.evolve(self, as_of=as_of, known=known, to_as_of="", to_known="")

    def parameters(self, **more: Any) -> list[tuple[str, str]]:
        """The parameters of an address that says the same, but for some of them; None leaves one out."""
        found: list[tuple[str, str]] = []
        for name in (*_POINT, *_SEVERAL, *_SECOND):
            value = more.pop(name, getattr(self, name))
            found += [(name, one) for one in ([value] if isinstance(value, str) else value or ()) if one]
        found += [(name, str(value)) for name, value in more.items() if value not in (None, "", False)]
        return found


def statements_of(entries: Iterable[str], catalogue: Catalogue) -> list[Statement]:
    """What entries of a file of events say, each a JSON text.

    Raises:
        FaultyFile: if anything in them cannot be read, with all that cannot.
    """
    read = [read_json(one.encode(), catalogue, "supposed") for one in entries]
    faults = [fault for one in read for fault in one.faults]
    if faults:
        raise at_fault(faults)
    return [said.statement for one in read for said in one.said]


def _said(text: str) -> str | None:
    """A date as it is written; None where nothing limits: the present, or all that is known."""
    return None if text in {"", "now"} else text


def _position(text: str) -> int | str | None:
    if _said(text) is None:
        return None
    return int(text) if text.isdecimal() and text.isascii() and len(text) < _LONG else text


class _Page:
    """The address of a page of a `Urls`: a function of what comes behind its name, and of its parameters."""

    def __init__(self, *parts: str) -> None:
        self._parts = parts

    def __get__(self, urls: Urls, _owner: type[Urls]) -> Callable[..., str]:
        return functools.partial(urls.to, *self._parts)


@attrs.frozen
class Urls:
    """Writes the addresses of all pages, as looked at from one point."""

    viewed: Viewed

    def to(self, *parts: str | int, **more: Any) -> str:
        """A page by the parts of its path, from this point but for other parameters."""
        return self.at("/" + "/".join(quote(str(part), safe="") for part in parts), **more)

    def at(self, path: str, **more: Any) -> str:
        """The same page at another point, or with other parameters."""
        asked = urlencode(self.viewed.parameters(**more))
        return f"{path}?{asked}" if asked else path

    home = _Page()
    state = _Page("state")
    entity = _Page("entity")
    record = _Page("record")
    log = _Page("log")
    sources = _Page("sources")
    say = _Page("say")
    moves = _Page("moves")
    check = _Page("check")
    search = _Page("search")
    sql = _Page("sql")
    types = _Page("types")
    picture = _Page("picture")

    def source(self, name: str, **more: Any) -> str:
        """What rests on a source."""
        return self.to("source", name=name, **more)

    def ask(self) -> str:
        """Where the form goes that asks of names."""
        return "/ask"

    def static(self, name: str) -> str:
        """A style sheet or a script."""
        return f"/static/{name}"

    def live(self) -> str:
        """Where it is told that more was appended."""
        return "/live"


def page_of(asked: Mapping[str, str], name: str) -> int:
    """A number in an address that pages are counted by; 0 if it is not there.

    Raises:
        BadText: if it is no number.
    """
    text = asked.get(name, "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < _LONG):
        raise BadText(text, f"is no number, and {name} is one")
    return int(text)
