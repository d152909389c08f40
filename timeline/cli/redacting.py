"""The verb that takes out of a file what the law wants forgotten."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from timeline.cli.formats import answer
from timeline.cli.opening import alone
from timeline.cli.options import FILE, DryRun, Output
from timeline.cli.screen import answering, dry_told, progressing
from timeline.formats import Table

if TYPE_CHECKING:
    from timeline.formats import Page
    from timeline.maintenance import Redaction

__all__ = ["register"]

_MOST: Final = 20
"""How much of what else mentions somebody is told one by one."""


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(redact)


def redact(
    *records: str,
    reason: str,
    actor: Annotated[str | None, Parameter(show_default=False)] = None,
    dry_run: DryRun = False,
    file: Output = FILE,
) -> int:
    """Take out of the file what records say, for good; their place and their digests are kept.

    It tells what else mentions the same entities. Backups and exports made before still hold everything.

    Example: timeline redact A14 --reason 'erasure asked for on 2026-01-31' --db ai.duckdb

    Parameters
    ----------
    records
        Marks, ids or positions.
    reason
        Why; it stays in the log.
    actor
        Who does it; by default the user of this computer. It stays in the log.
    dry_run
        Change nothing; show what would be redacted, and what else mentions the same.
    """
    with progressing() as progress:
        found = alone(file.db, write=True).redact(
            *records, reason=reason, actor=actor or getpass.getuser(), progress=progress, dry_run=dry_run
        )
    with answering("nothing was redacted" if dry_run else "it is redacted all the same"):
        answer(file, found.as_dict, lambda: _as_table(found), lambda page: _shown(page, found))
    dry_told(dry_run)
    return 0


def _as_table(found: Redaction) -> Table:
    """A row for each record that is redacted, then one for each that may be about the same."""
    done = zip(found.records, found.accounts, strict=True)
    return Table(
        ("what", "place", "text", "account"),
        [
            *(("redacted", f"#{record}", None, account) for record, account in done),
            *(("mention", one.place, one.text, None) for one in found.mentions),
        ],
    )


def _shown(page: Page, found: Redaction) -> None:
    for record, account in zip(found.records, found.accounts, strict=True):
        page.line(f"#{record} is redacted, by #{account}")
    if found.mentions:
        page.line("still there, and it may be about the same:")
        for one in found.mentions[:_MOST]:
            page.line(f"  {one}", hang=4)
        if len(found.mentions) > _MOST:
            page.line(f"  and {len(found.mentions) - _MOST:,} more; --json lists all of them")
    page.line("backups, exports and other copies made before still hold everything")
    page.line(f"head {found.head}", whole=True)
