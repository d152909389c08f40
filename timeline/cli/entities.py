"""The verb that tells who the log speaks of: entities."""

from __future__ import annotations

from cyclopts import App

from timeline.cli.options import FILE, File, as_json, err, opened, out

__all__ = ["register"]


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(entities)


def entities(text: str | None = None, /, *, file: File = FILE) -> int:
    """Who the log speaks of: ids, names over time, how many records, and whom they are read as.

    Example: timeline entities altman

    Parameters
    ----------
    text
        Only those with this text in their id or in any name; case and punctuation do not matter.
    """
    found = opened(file.db, write=False).entities(text)
    if file.json:
        as_json([one.as_dict() for one in found])
        return 0
    page = out()
    for one in found:
        read_as = "" if one.read_as is None else f" = {one.read_as}"
        page.line((one.id, "bold"), read_as, f"  {one.told_names}; {one.told_records}", hang=4)
    if not found:
        err().line("no entities")
    return 0
