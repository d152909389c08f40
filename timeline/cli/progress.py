"""How far something is that takes long: a line on a terminal, with a bar, a count and how many a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING, Final

from timeline.cli.screen import err
from timeline.values import Progress

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

_PATIENCE: Final = 1.0
"""For how many seconds nothing is shown: what takes no longer needs no bar."""
_SETTLED: Final = 0.5
"""After how many seconds of a stage its rate is told."""


class _Bar:
    """What is being done and how far it is, drawn once it takes longer than a second."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._timer = Timer(_PATIENCE, self._begin)
        self._timer.daemon = True
        self._stage, self._done = "opening", 0
        self._of: int | None = None
        self._since = self._at = time.monotonic()
        self._from = 0

    def tell(self, stage: str, done: int, of: int | None) -> None:
        """Take in the stage, and how many of how many are done."""
        self._at = time.monotonic()
        if stage != self._stage:
            self._since, self._from = self._at, done
        self._stage, self._done, self._of = stage, done, of

    @property
    def told(self) -> str:
        """How many of how many are done, and how many a second, as far as that can be told."""
        passed, count = self._at - self._since, self._done - self._from
        parts = [f"{self._done:,}{'' if self._of is None else f' of {self._of:,}'}"] if self._done else []
        parts += [f"{count / passed:,.0f}/s"] if count > 0 and passed > _SETTLED else []
        return " · ".join(parts)

    def drawn(self) -> RenderableType:
        """The line as it is now."""
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        line = Table.grid(padding=(0, 1))
        bar = ProgressBar(self._of, self._done, width=30, pulse=not self._of)
        line.add_row(self._stage, bar, self.told)
        return line

    def begin(self) -> None:
        """Draw it in a second."""
        self._timer.start()

    def _begin(self) -> None:
        from rich.live import Live

        self._live = Live(
            console=self._console,
            get_renderable=self.drawn,
            refresh_per_second=5,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def end(self) -> None:
        """Draw it no more."""
        self._timer.cancel()
        self._timer.join()
        if self._live is not None:
            self._live.stop()


@contextmanager
def progressing() -> Iterator[Progress]:
    """What is told how far something is, to be shown on a terminal if it takes long; nowhere else."""
    console = err().console
    if not console.is_terminal or console.color_system is None:
        yield lambda *_: None
        return
    bar = _Bar(console)
    bar.begin()
    try:
        yield bar.tell
    finally:
        bar.end()
