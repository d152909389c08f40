"""Tables at the command line: how their rows are read as events, what is told of that, what is proposed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
from cyclopts import Parameter

from timeline.cli.dating import DateOptions
from timeline.cli.opening import Credence, Output, Several, catalogue, flag_of, written
from timeline.cli.progress import progressing
from timeline.cli.screen import answer, answering, check_streamed, err, error_told
from timeline.cli.writing import news_told
from timeline.formats import of_faults, of_sample
from timeline.values import BadRows, InvalidData, NotAllowed, doubts, few

if TYPE_CHECKING:
    from timeline.formats import LoadedTable, Page, Recipe, TableFile

_PAIRS: Final = re.compile(r",(?=\s*\w+(?:\.\w+)?\s*=)")
_QUOTED: Final = re.compile(r"'(.*)' looks as if nothing is known")
_NAMED: Final = {"map": "columns", "set": "constants", "type_": "type"}
_RECORD: Final = ("source", "publisher", "published", "url", "known", "credence", "note", "actor")


@Parameter(name="*", group="Table")
@attrs.frozen(kw_only=True)
class TableOptions:
    """How the rows of a table are read as events; a recipe beside it says the same.

    Parameters
    ----------
    type_
        The type of event that each row tells.
    map
        What each field is read from, as in person=name,occurred=date,amount="raised USD"; repeatable. Of rows
        that tell two events, with the type before the field, as in TYPE.occurred=from,OTHER.occurred=to.
    set
        What is the same in all rows, as in scope=cloud; repeatable.
    recipe
        The file of the recipe, if it is not that beside the table.
    write_recipe
        Write what is proposed, or given by flags, beside the table as a recipe, and load nothing.
    dates
        How dates are written: iso, day/month/year, month/day/year, year/month/day, yearmonthday, excel or
        excel-1904 (numbers of days), words, or phrases, seen from a dateline; of one column as in
        end=excel; repeatable. Files of events take it too.
    numbers
        How numbers are written, by an example: 1,234.5 or 1.234,5 or 1'234.5 or 12,34,567.8.
    missing
        A text that means that nothing is known, as in N/A; repeatable.
    lists
        What stands between the texts of a list, as in ;
    skip_if_blank
        Leave out rows in which this column is blank; repeatable, and several with commas.
    kind
        What a file is, whatever it is called: csv, tsv, jsonl, json, parquet, xlsx and so on.
    rows
        Where in a file of JSON the list of objects is, as in results.bindings, if it is not the only one.
    encoding
        The encoding of the file, if it is not found out: utf-8, utf-16, cp1252, latin-1.
    delimiter
        What stands between cells, if it is not found out.
    sheet
        The sheet, if it is not the first.
    header
        The line that names the columns, if it is not the first.
    source
        The source of all rows, a title.
    publisher
        Who published it.
    published
        When it was published.
    url
        Where it is on the web.
    known
        Since when the world could know: `occurred` if each event was known when it happened, or a date.
    credence
        How sure they are; reported, unless said.
    note
        A remark of your own.
    actor
        Who says it to the log.
    """

    type_: str | None = None
    map: Annotated[Several, Parameter(allow_leading_hyphen=True)] = ()
    set: Several = ()
    recipe: str | None = None
    write_recipe: bool = False
    dates: Several = ()
    numbers: str | None = None
    missing: Annotated[Several, Parameter(allow_leading_hyphen=True)] = ()
    lists: str | None = None
    skip_if_blank: Several = ()
    kind: Annotated[str | None, Parameter(name="--as")] = None
    rows: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: int | None = None
    source: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    known: str | None = None
    credence: Credence | None = None
    note: str | None = None
    actor: str | None = None

    def said(self) -> dict[str, Any]:
        """What is given, as a recipe has it.

        Raises:
            NotAllowed: if what goes by pairs is no pair.
        """
        given = {field.name: getattr(self, field.name) for field in attrs.fields(TableOptions)}
        found = {name: one for name, one in given.items() if one not in (None, (), False)}
        found.pop("recipe", None)
        found.pop("write_recipe", None)
        found.pop("kind", None)
        constants = _pairs("set", found.pop("set", ())) | {
            name: found.pop(name) for name in _RECORD if name in found
        }
        columns, events = _pairs("map", found.pop("map", ())), dict[str, dict[str, str]]()
        for name in [name for name in columns if "." in name]:
            kind, _, field = name.partition(".")
            events.setdefault(kind.strip(), {})[field.strip()] = columns.pop(name)
        if "skip_if_blank" in found:
            found["skip_if_blank"] = [
                name.strip() for one in found["skip_if_blank"] for name in one.split(",") if name.strip()
            ]
        found |= {"columns": columns} if columns else {}
        found |= {"events": events} if events else {}
        found |= {"constants": constants} if constants else {}
        return {_NAMED.get(name, name): one for name, one in found.items()}


TABLE: Final = TableOptions()


def _pairs(name: str, given: Several) -> dict[str, str]:
    """What is said by `field=text`, several with commas between.

    Raises:
        NotAllowed: if it is said otherwise.
    """
    found = {}
    for pair in (pair for one in given for pair in _PAIRS.split(one)):
        field, equals, text = pair.partition("=")
        if not (equals and field.strip() and text.strip()):
            raise NotAllowed(f"{flag_of(name)} takes field=text, as in person=name, not {pair!r}")
        found[field.strip()] = text.strip()
    return found


def is_told_as_table(path: str, options: TableOptions) -> bool:
    """Whether a file is read as a table: it is one, or is said to be."""
    from timeline.formats import is_table, recipe_beside

    said = (options.type_, options.recipe, options.kind, options.write_recipe)
    if any(said) or is_table(path):
        return True
    return path.endswith(".json") and (bool(options.map) or Path(recipe_beside(path)).is_file())


def load_table(path: str, options: TableOptions, dating: DateOptions, file: Output, *, dry_run: bool) -> int:
    """Load a table; where it is not said of which event its rows tell, propose how to say it."""
    from timeline.formats import LoadedTable, table_file, unread_by

    recipe, beside = _recipe(path, options, dating)
    table = table_file(path, attrs.evolve(recipe.layout, kind=options.kind))
    sketch = options.write_recipe and not recipe.columns
    if sketch or not (recipe.type or recipe.events):
        return _propose(table, recipe, options, file)
    if options.write_recipe:
        return _write_recipe(path, recipe, file)
    known = catalogue()
    try:
        unread = unread_by(recipe, known, table.columns)
    except InvalidData as problem:
        several = [f"{where}: {what}" for where, what in problem.problems]
        error_told("\n".join([f"{path} does not fit what is said of it", *several]))
        return 65
    if not recipe.says_known:
        raise NotAllowed(
            "since when were the rows known? Give --known occurred (each when it happened), or --known and a "
            "date, or --map known=COLUMN"
        )
    try:
        with progressing() as progress, written(file.db, dry_run=dry_run) as timeline:
            imported = timeline.append_table(recipe, table, dry_run=dry_run, progress=progress)
    except BadRows as problem:
        _faults_told(problem, recipe)
        return 65
    loaded = LoadedTable(
        table=table,
        recipe=recipe,
        beside=beside,
        unread=unread,
        imported=imported,
        dry_run=dry_run,
    )
    _table_told(loaded, file)
    if imported.faulty:
        _faults_told(BadRows(imported.faults, imported.faulty, path), recipe)
        return 65
    return 0


def _recipe(path: str, options: TableOptions, dating: DateOptions) -> tuple[Recipe, str | None]:
    """The recipe of a table: what flags say, and where they do not, the file of one; and that file.

    Raises:
        FaultyFile: if the file cannot be read.
    """
    from timeline.formats import Recipe, recipe_beside

    said, beside = {**options.said(), **dating.given}, options.recipe
    if path != "-" and beside is None and Path(recipe_beside(path)).is_file() and "type" not in said:
        beside = recipe_beside(path)
    if beside is None:
        return _ordered(Recipe.of(said), dating.order), None
    recipe, flags = Recipe.read(beside), Recipe.of(said)
    changes: dict[str, Any] = {name: getattr(flags, name) for name in said}
    if "type" in said:
        changes["events"] = {}
    elif "events" in said:
        changes["type"] = None
    for name in ("columns", "constants"):
        if name in said:
            changes[name] = {**getattr(recipe, name), **getattr(flags, name)}
    return _ordered(attrs.evolve(recipe, **changes), dating.order), beside


def _ordered(recipe: Recipe, order: str | None) -> Recipe:
    """A recipe by which dates in figures are of that form, where it says no other of their column."""
    if order is None:
        return recipe
    dates = {"": (), **recipe.dates}
    return attrs.evolve(recipe, dates={name: (*forms, order) for name, forms in dates.items()})


def _table_told(loaded: LoadedTable, file: Output) -> None:
    """Tell what loading a table did, or would; in rows, its first records or what is at fault."""
    imported = loaded.imported
    new = imported.count and not loaded.dry_run
    with answering("it is written to the timeline all the same" if new else "nothing was written"):
        rows = of_faults if imported.faulty else of_sample
        answer(file, loaded.as_dict, lambda: rows(loaded), loaded.lines())
    err().lines(doubts(loaded.table.notes))
    if file.format != "json":
        if file.format != "table":
            err().lines(doubts(imported.lookalikes))
        news_told([imported])


def _faults_told(problem: BadRows, recipe: Recipe) -> None:
    """Tell what is wrong with the rows of a table, the same thing once, and what can be done about blanks."""
    head, *_ = str(problem).splitlines()
    error_told("\n".join([head, *_grouped(problem), *_remedies(problem, recipe)]))


_LISTED: Final = 40
"""How many things that are wrong are told, each with its rows."""


def _grouped(problem: BadRows) -> Iterator[str]:
    """What is wrong, and in which rows; what is the same in several is told once."""
    groups: dict[tuple[str, str], list[int]] = {}
    for row, column, reason in problem.rows:
        groups.setdefault((column, reason), []).append(row)
    for (column, reason), (first, *rest) in [*groups.items()][:_LISTED]:
        also = f" (so in {len(rest):,} more: {few([*map(str, rest)][:100], ', ')})" if rest else ""
        where = f"{problem.path}:{first}" if problem.path else f"row {first}"
        yield ": ".join(part for part in (where, column, reason) if part) + also
    if len(groups) > _LISTED:
        yield f"… and {len(groups) - _LISTED:,} more things in other rows; --dry-run --json lists them"
    if (untold := problem.count - len({row for row, _, _ in problem.rows})) > 0:
        yield f"… and {untold:,} more rows"


def _remedies(problem: BadRows, recipe: Recipe) -> Iterator[str]:
    blank = dict.fromkeys(column for _, column, reason in problem.rows if reason.startswith("is left blank"))
    columns = [one for one in blank if one not in recipe.skip_if_blank]
    if columns:
        yield f"to leave out rows without it: --skip-if-blank {shlex.quote(','.join(columns))}"
    found = (_QUOTED.match(reason) for _, _, reason in problem.rows)
    unknown = {one[1].casefold(): one[1] for one in found if one is not None}
    if unknown:
        flags = " ".join(f"--missing {shlex.quote(text)}" for text in list(unknown.values())[:10])
        yield f"to take them for not known: {flags}"


def _propose(table: TableFile, recipe: Recipe, options: TableOptions, file: Output) -> int:
    """Propose a recipe for a table of which no type is said."""
    from timeline.formats import proposed_recipe

    known = catalogue()
    said = {row.get("type") for row in table.head(20)} if "type" in table.columns else set()
    if said & {*known.names}:
        raise NotAllowed(f"{table.path} holds events, each with its type: timeline append - < {table.path}")
    text = proposed_recipe(table, known, recipe)
    if options.write_recipe:
        return _written(table.path, text, file)
    err().lines(doubts(table.notes))
    with answering("nothing was written"):
        answer(
            file,
            lambda: {"recipe": text},
            None,
            lambda page: _shown(page, text),
        )
    error_told(
        f"{table.path}: of which event its rows tell is not said; give --type and --map, or keep the recipe "
        "above beside it (--write-recipe) and fill it in"
    )
    return 2


def _shown(page: Page, text: str) -> None:
    for line in text.splitlines():
        page.line(line, whole=True)


def _write_recipe(path: str, recipe: Recipe, file: Output) -> int:
    return _written(path, recipe.as_yaml(), file)


def _written(path: str, text: str, file: Output) -> int:
    """Keep a recipe beside its table.

    Raises:
        NotAllowed: if there is one already, or the table is standard input.
    """
    from timeline.formats import recipe_beside

    check_streamed(path, "a table with a recipe beside it", "save it first, or give --type and --map")

    place = Path(recipe_beside(path))
    try:
        with place.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise NotAllowed(f"{place} is there already; change it, or move it away") from None
    told = {"recipe": str(place)}
    line = f"{place} is written; fill it in, then: timeline load {shlex.quote(path)} --dry-run"
    answer(file, lambda: told, None, lambda page: page.line(line))
    return 0
