"""The verbs about the file itself: verify, head, rebuild."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from timeline.cli.options import FILE, File, answering, as_json, opened, out, progressing

__all__ = ["register"]


def register(app: App) -> None:
    """Add the verbs to a command line."""
    app.command(verify)
    app.command(head)
    app.command(rebuild)


def verify(
    *,
    since: Annotated[str | None, Parameter(show_default=False)] = None,
    file: File = FILE,
) -> int:
    """See that nothing was changed: every digest, the order of the log, and all that is derived from it.

    It ends with 1 if anything is at fault, and tells where, and what can be done about it.

    Example: timeline verify --since "$(cat head.txt)" --db ai.duckdb

    Parameters
    ----------
    since
        A head kept elsewhere, as `timeline head` prints it: history before it has to be unchanged.
    """
    report = opened(file.db, write=False).verify(since)
    if file.json:
        as_json(report.as_dict())
    else:
        for line in str(report).splitlines():
            out().line(line, whole=True)
    return 0 if report.ok else 1


def head(*, file: File = FILE) -> int:
    """Where the log ends, as one word to keep elsewhere: its last position, and the digest of all before.

    Example: timeline head --db ai.duckdb > head.txt
    """
    found = opened(file.db, write=False).head()
    if file.json:
        as_json(found.as_dict())
    else:
        out().line(str(found), whole=True)
    return 0


def rebuild(*, file: File = FILE) -> int:
    """Make all that is derived from the log anew: typed tables, states, names, what does not stand.

    Example: timeline rebuild --db ai.duckdb
    """
    from pathlib import Path

    from timeline.errors import NotATimeline

    if not Path(file.db).exists():
        raise NotATimeline(file.db, "there is no such file")
    timeline = opened(file.db, write=True)
    with progressing() as progress:
        timeline.rebuild(progress=progress)
    with answering("it is made anew all the same"):
        if file.json:
            as_json({"path": timeline.path, "head": str(timeline.head())})
        else:
            out().line(f"{timeline.path}: all that is derived is made anew")
    return 0
