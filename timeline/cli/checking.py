"""The verb that checks: what does not add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from timeline.cli.options import FILE, File, as_json, asking_position, opened, out

if TYPE_CHECKING:
    from timeline.render import Page
    from timeline.violation import Findings, Violation

__all__ = ["register"]

_MOST: Final = 100


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(check)


def check(
    *,
    rule: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    certain: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    known: str | None = None,
    position: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    most: int = _MOST,
    file: File = FILE,
) -> int:
    """What does not add up: which records violate which rule, when, and who says so.

    It ends with 1 if anything is surely violated, and with 0 where at most something may be.

    Example: timeline check --rule exclusive --known 2024

    Parameters
    ----------
    rule
        This rule only; may be repeated. `timeline types` lists them.
    certain
        Only what surely violates a rule, wherever in their spans the dates lie.
    known
        Only what was known by the close of this date.
    position
        Only what this log held up to a position, or by the close of a date.
    most
        Tell at most so many violations of each rule; all are counted.
    """
    timeline = opened(file.db, write=False)
    found = timeline.check(rules=rule or None, known=known, position=asking_position(position), most=most)
    if certain:
        found = found.only_certain()
    if file.json:
        as_json(found.as_dict())
    else:
        _told(found, {name: timeline.catalogue.rules[name].says for name in found.counts})
    return 1 if found.certain else 0


def _told(found: Findings, says: dict[str, str]) -> None:
    """The violations by rule, each with its records, who says them side by side."""
    page = out()
    for name, count in found.counts.items():
        several = [one for one in found if one.rule == name]
        if not several:
            continue
        page.line((name, "bold"), f": {says[name]}", hang=2)
        for one in several:
            _violation(page, one)
        if left := count.certain + count.possible - len(several):
            page.line((f"… and {left:,} more", "dim"), indent=2)
        page.line()
    page.line(_sum(found.certain, found.possible))


def _violation(page: Page, one: Violation) -> None:
    from timeline.telling import told

    style = "red" if one.certain else "yellow"
    page.line(
        ("certain" if one.certain else "possible", style), f"  {one.period}  {one.message}", indent=2, hang=4
    )
    for record, sources in zip(one.records, one.sources, strict=True):
        page.line(told(record), indent=4, hang=6)
        if also := ", ".join(map(str, sources[len(record.sources) :])):
            page.line(("also said by ", "dim"), also, indent=6, hang=8)


def _sum(certain: int, possible: int) -> str:
    if not certain and not possible:
        return "nothing that does not add up"
    return f"{certain:,} certain, {possible:,} possible"
