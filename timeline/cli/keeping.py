"""The verbs about the file itself: verify, head, rebuild."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from timeline.cli.formats import answer
from timeline.cli.opening import alone, check_there, opened
from timeline.cli.options import FILE, DryRun, Output
from timeline.cli.piping import DASH, text_of
from timeline.cli.screen import answering, progressing
from timeline.formats import Table, of_report

if TYPE_CHECKING:
    from timeline.formats import Page

__all__ = ["register"]


def register(app: App) -> None:
    """Add the verbs to a command line."""
    app.command(verify)
    app.command(head)
    app.command(rebuild)


def verify(
    *,
    since: Annotated[str | None, Parameter(show_default=False), DASH] = None,
    file: Output = FILE,
) -> int:
    """See that nothing was changed: every digest, the order of the log, and all that is derived from it.

    It ends with 1 if anything is at fault, and tells where, and what can be done about it.

    Example: timeline verify --since "$(cat head.txt)" --db ai.duckdb

    Parameters
    ----------
    since
        A head kept elsewhere, as `timeline head` prints it: history before it has to be unchanged; `-` is
        standard input.
    """
    kept = None if since is None else text_of(since, "head")
    report = alone(file.db).verify(kept)
    answer(file, report.as_dict, lambda: of_report(report), lambda page: _shown(page, str(report)))
    return 0 if report.ok else 1


def head(*, file: Output = FILE) -> int:
    """Where the log ends, as one word to keep elsewhere: its last position, and the digest of all before.

    Example: timeline head --db ai.duckdb > head.txt
    """
    found = alone(file.db).head()
    answer(file, found.as_dict, lambda: Table.of(found.as_dict()), lambda page: _shown(page, str(found)))
    return 0


def _shown(page: Page, text: str) -> None:
    for line in text.splitlines():
        page.line(line, whole=True)


def rebuild(
    *,
    dry_run: DryRun = False,
    file: Output = FILE,
) -> int:
    """Make all that is derived from the log anew: typed tables, states, names, what does not stand.

    Example: timeline rebuild --db ai.duckdb

    Parameters
    ----------
    dry_run
        Write nothing; show what differs from what the log gives, and so would change.
    """
    check_there(file.db)
    if dry_run:
        faults = [one for one in opened(file.db, write=False).verify().faults if one.derived]
        told = [str(one) for one in faults] or ["all that is derived is as it would be made anew"]
        answer(
            file,
            lambda: [one.as_dict() for one in faults],
            lambda: Table.of(*(one.as_dict() for one in faults)),
            lambda page: _shown(page, "\n".join(told)),
        )
        return 0
    timeline = opened(file.db, write=True)
    with progressing() as progress:
        timeline.rebuild(progress=progress)
    with answering("it is made anew all the same"):
        made = {"path": timeline.path, "head": str(timeline.head())}
        line = f"{timeline.path}: all that is derived is made anew"
        answer(file, lambda: made, lambda: Table.of(made), lambda page: page.line(line))
    return 0
