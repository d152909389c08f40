"""The verb that checks: what does not add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from timeline.cli.formats import answer, read_in
from timeline.cli.opening import bounded, bounds, opened
from timeline.cli.options import FILE, POINT, Output, Point
from timeline.formats import of_check

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from timeline.formats import Page
    from timeline.moment import Findings, Violation

__all__ = ["register"]

_MOST: Final = 100


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(check)


def check(
    *,
    rule: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    certain: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    most: int = _MOST,
    point: Point = POINT,
    file: Output = FILE,
) -> int:
    """What does not add up: which records violate which rule, when, and who says so.

    It ends with 1 if anything is surely violated, and with 0 where at most something may be. All of it is
    told; with --as-of, what has begun by then: that of which all events have happened, surely or, with
    `--dates earliest`, perhaps.

    Example: timeline check --rule order --as-of 2024 --known 2024

    Parameters
    ----------
    rule
        This rule only; may be repeated. `timeline types` lists them.
    certain
        Only what surely violates a rule, wherever in their spans the dates lie.
    most
        Tell at most so many violations of each rule; all are counted.
    """
    zone = read_in(file, point.tz)
    with opened(file.db, write=False) as timeline:
        moment = bounded(timeline, point)
        found = moment.check(rules=rule or None, most=most, by_then=point.as_of is not None)
    if certain:
        found = found.only_certain()
    says = {name: timeline.catalogue.rules[name].says for name in found.counts}

    def told(page: Page) -> None:
        _told(page, found, says, zone)
        page.line(", ".join(filter(None, (_sum(found.certain, found.possible), bounds(moment, point)))))

    answer(file, found.as_dict, lambda: of_check(found, zone), told)
    return 1 if found.certain else 0


def _told(page: Page, found: Findings, says: dict[str, str], zone: ZoneInfo | None) -> None:
    """The violations by rule, each with its records, who says them side by side."""
    for name, count in found.counts.items():
        several = [one for one in found if one.rule == name]
        if not several:
            continue
        page.line((name, "bold"), f": {says[name]}", hang=2)
        for one in several:
            _violation(page, one, zone)
        if left := count.certain + count.possible - len(several):
            page.line((f"… and {left:,} more", "dim"), indent=2)
        page.line()


def _violation(page: Page, one: Violation, zone: ZoneInfo | None) -> None:
    from timeline.records import record_line as told
    from timeline.values import named

    style = "red" if one.certain else "yellow"
    when = one.period_in(zone) if zone is None else f"{one.period_in(zone)} {named(zone)}"
    sure = "certain" if one.certain else "possible"
    page.line((sure, style), f"  {when}  {one.message}", indent=2, hang=4)
    for record, sources in zip(one.records, one.sources, strict=True):
        page.line(told(record, zone), indent=4, hang=6)
        if also := ", ".join(map(str, sources[len(record.sources) :])):
            page.line(("also said by ", "dim"), also, indent=6, hang=8)


def _sum(certain: int, possible: int) -> str:
    if not certain and not possible:
        return "nothing that does not add up"
    return f"{certain:,} certain, {possible:,} possible"
