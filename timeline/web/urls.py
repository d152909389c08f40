"""Every address of the explorer: how one is read, and how one is written, the whole point in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote, urlencode

import attrs

from timeline.values import BadText

if TYPE_CHECKING:
    from timeline.engine import Timeline
    from timeline.moment import Moment

_POINT: Final = ("as_of", "known", "dates", "position", "tz")
_SEVERAL: Final = ("without", "only", "credence")
_LONG: Final = 19
"""So many digits are more than any position has."""
_SECOND: Final = ("to_as_of", "to_known")


@attrs.frozen(kw_only=True)
class Viewed:
    """The point in time of a page, as its address says it, and a second one to compare it with.

    What the address leaves out is empty: the present, all that is known, the newest position.
    """

    as_of: str = ""
    known: str = ""
    dates: str = ""
    position: str = ""
    tz: str = ""
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    credence: tuple[str, ...] = ()
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

    def moment(self, timeline: Timeline) -> Moment:
        """The moment that is looked at.

        Raises:
            TimelineError: as `Timeline.as_of`.
        """
        return timeline.as_of(
            _said(self.as_of),
            known=_said(self.known),
            dates=self.dates or "latest",  # type: ignore[arg-type]
            position=_position(self.position),
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


def _said(text: str) -> str | None:
    """A date as it is written; None where nothing limits: the present, or all that is known."""
    return None if text in {"", "now"} else text


def _position(text: str) -> int | str | None:
    if _said(text) is None:
        return None
    return int(text) if text.isdecimal() and text.isascii() and len(text) < _LONG else text


@attrs.frozen
class Urls:
    """Writes the addresses of all pages, as looked at from one point."""

    viewed: Viewed

    def _to(self, *parts: str, **more: Any) -> str:
        return self.at("/" + "/".join(quote(part, safe="") for part in parts), **more)

    def at(self, path: str, **more: Any) -> str:
        """The same page at another point, or with other parameters."""
        asked = urlencode(self.viewed.parameters(**more))
        return f"{path}?{asked}" if asked else path

    def home(self, **more: Any) -> str:
        """What the timeline holds."""
        return self._to(**more)

    def ask(self) -> str:
        """Where the form goes that asks of names."""
        return "/ask"

    def state(self, kind: str, *who: str, **more: Any) -> str:
        """A state of one entity or two."""
        return self._to("state", kind, *who, **more)

    def entity(self, entity: str, **more: Any) -> str:
        """An entity, and what it is tied to."""
        return self._to("entity", entity, **more)

    def record(self, position: int | str, **more: Any) -> str:
        """One record in full."""
        return self._to("record", str(position), **more)

    def log(self, **more: Any) -> str:
        """The records, some at a time."""
        return self._to("log", **more)

    def sources(self, **more: Any) -> str:
        """The sources, and how much rests on each."""
        return self._to("sources", **more)

    def source(self, name: str, **more: Any) -> str:
        """What rests on a source."""
        return self._to("source", name=name, **more)

    def check(self, **more: Any) -> str:
        """What does not add up."""
        return self._to("check", **more)

    def search(self, **more: Any) -> str:
        """What a text is found in."""
        return self._to("search", **more)

    def sql(self, **more: Any) -> str:
        """A query."""
        return self._to("sql", **more)

    def types(self, name: str = "", **more: Any) -> str:
        """The vocabulary, or one type or state of it."""
        return self._to("types", *([name] if name else []), **more)

    def picture(self, what: str, *parts: str, **more: Any) -> str:
        """A picture as SVG."""
        return self._to("picture", what, *parts, **more)

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
