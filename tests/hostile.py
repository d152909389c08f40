"""Texts and files that were made to do harm, and a vocabulary whose words are those of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from timeline.declare import Entity, EntityState, Event, PairState, count, event_type, last, state_type
from timeline.vocabulary import Catalogue

__all__ = ["FILES", "KEYWORDS", "TEXTS", "bomb", "files", "keyword_catalogue"]

KEYWORDS: Final = (
    *("select", "table", "order", "group", "user", "where", "union", "when", "end", "all", "cast", "limit"),
    *("column", "primary", "natural", "offset", "window", "returning", "view", "index", "do", "text", "date"),
    *("timestamp", "null", "true", "data", "value", "valid"),
)
"""Names that are reserved, or mean something, in SQL or in the file itself."""

TEXTS: Final = (
    "\ud800",
    "a\x00b",
    "\u202eabc",
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\x9b31m",
    "\u2028",
    "",
    "  ",
    "\n",
    "'; DROP TABLE log; --",
    '"; DROP TABLE log --',
    "[bold]x[/bold]",
    "<script>alert(1)</script>",
    "--",
    "--db",
    "-x",
    "-1",
    "9" * 5000,
    "-" + "9" * 50,
    "1e309",
    "nan",
    "٢٠٢٠",
    "%s%n{}",
    "../../etc/passwd",
    "/",
    "x" * 100_000,
)
"""Arguments: half a surrogate pair, NUL, escapes, what turns text round, options, numbers, paths, length."""


def bomb(levels: int = 9) -> str:
    """YAML that aliases would multiply to nine to the power of its levels."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join([*lines, f"events: *a{levels - 1}", ""])


def files(many: int) -> Mapping[str, bytes]:
    """Files of events, YAML or JSON, by what is wrong with them; of many of which there are so many."""
    head = b"events:\n- ceo_appointment: a\n  occurred: "
    rest = b"\n  company: A\n  person: B\n"
    return {
        "aliases": bomb().encode(),
        "deep lists": b"events: " + b"[" * many,
        "deep mappings": b"{a: " * many,
        "deep blocks": b"- " * many,
        "a long line": head + b"2020\n  company: " + b"x" * many + b"\n  person: B\n",
        "a long date": head + b'"[' + b"2020," * (many // 5) + b']"' + rest,
        "a huge number": head + b"9" * many + rest,
        "NUL": b"\0" * many,
        "no UTF-8": bytes(range(256)) * (many // 256 + 1),
        "UTF-16": "events: []".encode("utf-16"),
        "marks of byte order": b"\xef\xbb\xbf" * (many // 3),
        "a tag that runs": b"events: !!python/object/apply:os.system [id]\n",
        "merge keys": b"events:\n- <<: {a: b}\n",
        "escapes": b'events:\n- "\\e[31m\\u202e\\0": a\n',
        "no end of a text": b'events: "' + b"x" * many,
    }


FILES: Final = tuple(files(1))
"""What is wrong with them, each."""


def keyword_catalogue(words: tuple[str, ...]) -> Catalogue:
    """An event type of each name with a field of that name, and states of that name and field."""
    return Catalogue.of(*(kind for word in words for kind in _kinds(word)))


def _kinds(word: str) -> tuple[type[Any], ...]:
    said = _event(f"{word}_said", {"subject": Entity, word: str}, f"{{subject}}: {{{word}}}")
    met = _event(word, {"subject": Entity, "whom": Entity}, "{subject} meets {whom}")
    folds = {word: count(said, of="subject"), "per_value": count(said, per=word, of="subject")}
    folds["latest"] = last(getattr(said, word), of="subject")
    hints = {word: int, "per_value": Mapping[str, int], "latest": str | None}
    single = _made(EntityState, folds, hints)
    pair = _made(PairState, {word: count(met, of=("subject", "whom"))}, {word: int})
    return said, met, state_type(f"{word}_state")(single), state_type(f"{word}_pair")(pair)


def _event(name: str, hints: Mapping[str, Any], says: str) -> type[Event]:
    made: type[Event] = _made(Event, {}, hints)
    return event_type(name, says=says)(frozen(kw_only=True)(made))


def _made(base: type[Any], values: Mapping[str, Any], hints: Mapping[str, Any]) -> type[Any]:
    about = {"__doc__": "Made up.", "__module__": __name__, "__annotations__": dict(hints)}
    return type("MadeUp", (base,), {**about, **values})
