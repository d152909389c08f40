"""A process that writes: it says what it is about to do, does it, and acknowledges it, until it is killed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from typing import Final

from tests.ledger import CATALOGUE, FundingRound, Noted
from timeline import Assertion, Correction, Timeline
from timeline.records import Commit, Statement

__all__ = ["OPERATIONS", "work", "write_and_wait"]

_MANY: Final = 1_000
_ROWS: Final = 2_000


def work(path: str, seed: int, pipe: Connection) -> None:
    """Write to a timeline at random; tells of each operation when it begins, and the head when it is done."""
    chance = random.Random(seed)
    while True:
        with Timeline.open(path, catalogue=CATALOGUE) as tl:
            for _ in range(chance.randint(1, 12)):
                name = chance.choice(list(OPERATIONS))
                number, run = OPERATIONS[name](tl, chance)
                pipe.send(("begin", name, number))
                run()
                pipe.send(("done", name, str(tl.head())))


def write_and_wait(path: str, commits: int, pipe: Connection) -> None:
    """Make some commits, tell the head after each, and then hold the file until killed."""
    with Timeline.open(path, catalogue=CATALOGUE) as tl:
        for number in range(commits):
            tl.append(
                *(Noted("2020", subject="Acme", topic="mood", text=f"{number}-{one}") for one in range(50))
            )
            pipe.send(str(tl.head()))
        pipe.recv()


Operation = Callable[[Timeline, random.Random], tuple[int, Callable[[], object]]]
"""Makes ready to do something: how many records it will add, and what does it."""


def _note(chance: random.Random) -> Noted:
    day = f"{chance.randint(2000, 2025)}-{chance.randint(1, 12):02}"
    subject, text = f"Firm {chance.randint(1, 500)}", str(chance.random())
    return Noted(day, subject=subject, topic="mood", text=text)


def _single(tl: Timeline, chance: random.Random) -> tuple[int, Callable[[], Commit]]:
    return 1, lambda: tl.append(_note(chance), source="Somebody")


def _many(tl: Timeline, chance: random.Random) -> tuple[int, Callable[[], Commit]]:
    notes: list[Statement] = [Assertion(_note(chance)) for _ in range(_MANY)]
    return _MANY, lambda: tl.append(*notes, actor="many")


def _corrections(tl: Timeline, chance: random.Random) -> tuple[int, Callable[[], Commit]]:
    standing = [record for record in _last(tl) if record[1]]
    chosen = chance.sample(standing, min(len(standing), 20))
    said: list[Statement] = [Correction(position, _note(chance)) for position, _ in chosen]
    return len(said), lambda: tl.append(*said, note="found wrong")


def _last(tl: Timeline) -> Iterator[tuple[int, bool]]:
    """Positions of notes near the head, each with whether it stands."""
    yield from tl.sql(
        "SELECT position, stands FROM records WHERE type = 'noted' ORDER BY position DESC LIMIT 200"
    ).rows


def _table(tl: Timeline, chance: random.Random) -> tuple[int, Callable[[], object]]:
    mark = chance.getrandbits(64)
    rows = f"""SELECT 'Firm ' || n % 700 AS company, ['Fund ' || n % 50] AS investors,
        n::DECIMAL(38, 6) AS amount, 'USD' AS amount_currency,
        DATE '2010-01-01' + (n % 5000)::INTEGER AS occurred, '{mark:x}-' || n AS mark
        FROM range({_ROWS}) AS t(n)"""
    return _ROWS, lambda: tl.append_table(FundingRound, rows, known="occurred", id="mark", source="Table")


def _rebuild(tl: Timeline, _: random.Random) -> tuple[int, Callable[[], None]]:
    return 0, tl.rebuild


def _checkpoint(tl: Timeline, _: random.Random) -> tuple[int, Callable[[], None]]:
    def run() -> None:
        with tl._session.file.connected(write=True) as connection:
            connection.execute("CHECKPOINT")

    return 0, run


OPERATIONS: Final[Mapping[str, Operation]] = {
    "single": _single,
    "many": _many,
    "corrections": _corrections,
    "table": _table,
    "rebuild": _rebuild,
    "checkpoint": _checkpoint,
}
