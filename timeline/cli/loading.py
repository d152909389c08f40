"""The verb `load`: files of events, and tables that are read as events by a recipe."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
from cyclopts import Parameter

from timeline.cli.advice import advised
from timeline.cli.opening import FILE, Credence, Output, Several, catalogue, flag_of, written
from timeline.cli.screen import DASH, answer, answering, err, error_told, progressing, waiting
from timeline.cli.writing import news_told
from timeline.formats import of_faults, of_loaded, of_sample
from timeline.values import BadRows, InvalidData, NotAllowed, doubts, few

if TYPE_CHECKING:
    from timeline.formats import Loaded, LoadedTable, Page, Recipe, TableFile

_PAIRS: Final = re.compile(r",(?=\s*\w+\s*=)")
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
        What each field is read from, as in person=name,occurred=date,amount="raised USD"; repeatable.
    set
        What is the same in all rows, as in scope=cloud; repeatable.
    recipe
        The file of the recipe, if it is not that beside the table.
    write_recipe
        Write what is proposed, or given by flags, beside the table as a recipe, and load nothing.
    dates
        How dates are written: iso, day/month/year, month/day/year, year/month/day, yearmonthday or words;
        repeatable.
    numbers
        How numbers are written, by an example: 1,234.5 or 1.234,5 or 1'234.5.
    missing
        A text that means that nothing is known, as in N/A; repeatable.
    lists
        What stands between the texts of a list, as in ;
    skip_if_blank
        Leave out rows in which this column is blank; repeatable, and several with commas.
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
        constants = _pairs("set", found.pop("set", ())) | {
            name: found.pop(name) for name in _RECORD if name in found
        }
        columns = _pairs("map", found.pop("map", ()))
        if "skip_if_blank" in found:
            found["skip_if_blank"] = [
                name.strip() for one in found["skip_if_blank"] for name in one.split(",") if name.strip()
            ]
        found |= {"columns": columns} if columns else {}
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


def load(
    paths: Annotated[tuple[str, ...], DASH] = (),
    /,
    *,
    dry_run: bool = False,
    amend: bool = False,
    table: TableOptions = TABLE,
    file: Output = FILE,
) -> int:
    """Load YAML files of events, or all of a folder, or a table; loading twice changes nothing.

    Each file is one commit. A table (CSV, TSV, JSON Lines, Parquet, Excel) is read by flags, or by a recipe
    beside it: `table.load.yaml` for `table.csv`. Without either a recipe is proposed.
    If anything is wrong in any file, all of it is told and nothing is written.

    Example: timeline load seeds/ --dry-run --db ai.duckdb

    Parameters
    ----------
    paths
        Files or folders, or one table; `-` is standard input.
    dry_run
        Write nothing; show what would be new, what is known, what is at fault, and what looks like what.
    amend
        Take an entry changed under the same id as a correction of its record.
    """
    from timeline.formats import RECIPE_ENDING, is_table

    if not paths:
        raise NotAllowed("load needs a file or a folder, as in `timeline load seeds/`")
    if recipes := [path for path in paths if path.endswith(RECIPE_ENDING)]:
        raise NotAllowed(f"{recipes[0]} is the recipe of a table; load the table that lies beside it")
    if any(map(is_table, paths)) or table.type_ is not None or table.recipe is not None:
        if len(paths) > 1 or amend:
            what = "--amend is for files of events" if amend else "a table is loaded by itself"
            raise NotAllowed(f"{what}: load {paths[0]} alone")
        return _load_table(paths[0], table, file, dry_run=dry_run)
    if given := [
        flag_of(name) for name in attrs.asdict(table) if getattr(table, name) != getattr(TABLE, name)
    ]:
        raise NotAllowed(f"{', '.join(given)}: for tables, and {paths[0]} is called like none")
    return _load_events(paths, file, dry_run=dry_run, amend=amend)


def _load_events(paths: tuple[str, ...], file: Output, *, dry_run: bool, amend: bool) -> int:
    from timeline.formats import at_fault, load_files, read_files

    with waiting() as progress:
        files = [*map(advised, read_files(paths, catalogue(), progress))]
        faulty = any(one.faults for one in files)
        with written(file.db, dry_run=dry_run, faulty=faulty) as timeline:
            loaded = load_files(timeline, files, amend=amend, dry_run=dry_run, progress=progress)
            if not loaded.dry_run:
                alike = timeline.lookalikes(*(one.commit for one in loaded.files))
                loaded = attrs.evolve(loaded, lookalikes=alike)
    _loaded_told(loaded, file)
    if not loaded.faults:
        return 0
    error_told(at_fault(loaded.faults).head)
    return 65


def _loaded_told(loaded: Loaded, file: Output) -> None:
    """Tell what loading files did, or would; in rows, the records of all of them or what is at fault."""
    commits = [one.commit for one in loaded.files]
    new = any(one.records for one in commits) and not loaded.dry_run
    with answering("it is written to the timeline all the same" if new else "nothing was written"):
        answer(file, loaded.as_dict, lambda: of_loaded(loaded), loaded.lines())
    err().lines(doubts(loaded.hints))
    if file.format != "json":
        if file.format != "table":
            err().lines(doubts(loaded.lookalikes))
        news_told(commits)
        err().lines(doubts([ignored for one in commits for ignored in one.ignored]))


# Tables


def _load_table(path: str, options: TableOptions, file: Output, *, dry_run: bool) -> int:
    from timeline.formats import LoadedTable, table_file

    recipe, beside = _recipe(path, options)
    table = table_file(path, recipe.layout)
    sketch = options.write_recipe and not recipe.columns
    if sketch or not (recipe.type or recipe.events):
        return _propose(table, recipe, options, file)
    if options.write_recipe:
        return _write_recipe(path, recipe, file)
    known = catalogue()
    try:
        unread = recipe.unread(known, table.columns)
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


def _recipe(path: str, options: TableOptions) -> tuple[Recipe, str | None]:
    """The recipe of a table: what flags say, and where they do not, the file of one; and that file.

    Raises:
        FaultyFile: if the file cannot be read.
    """
    from timeline.formats import Recipe, recipe_beside

    said, beside = options.said(), options.recipe
    if beside is None and Path(recipe_beside(path)).is_file() and "type" not in said:
        beside = recipe_beside(path)
    if beside is None:
        return Recipe.of(said), None
    recipe, flags = Recipe.read(beside), Recipe.of(said)
    changes: dict[str, Any] = {name: getattr(flags, name) for name in said}
    if "type" in said:
        changes["events"] = {}
    for name in ("columns", "constants"):
        if name in said:
            changes[name] = {**getattr(recipe, name), **getattr(flags, name)}
    return attrs.evolve(recipe, **changes), beside


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
        NotAllowed: if there is one already.
    """
    from timeline.formats import recipe_beside

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
