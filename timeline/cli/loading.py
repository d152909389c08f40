"""The verb `load`: files of events, and tables that are read as events by a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import attrs

from timeline.cli.advice import advised
from timeline.cli.dating import DATING, DateOptions
from timeline.cli.opening import FILE, Output, catalogue, flag_of, written
from timeline.cli.progress import progressing
from timeline.cli.screen import DASH, answer, answering, err, error_told
from timeline.cli.tables import TABLE, TableOptions, is_told_as_table, load_table
from timeline.cli.writing import news_told
from timeline.formats import of_loaded
from timeline.values import NotAllowed, doubts

if TYPE_CHECKING:
    from timeline.formats import DateReading, Loaded


def load(
    paths: Annotated[tuple[str, ...], DASH] = (),
    /,
    *,
    dry_run: bool = False,
    amend: bool = False,
    table: TableOptions = TABLE,
    dating: DateOptions = DATING,
    file: Output = FILE,
) -> int:
    """Load YAML files of events, or all of a folder, or a table; loading twice changes nothing.

    Each file is one commit. A table (CSV, TSV, JSON, Parquet, Excel) is read by flags, or by a recipe beside
    it: `table.load.yaml` for `table.csv`. Without either a recipe is proposed.
    If anything is wrong in any file, all of it is told and nothing is written.

    Example: timeline load seeds/ --dry-run --db ai.duckdb

    Parameters
    ----------
    paths
        Files or folders, or one table; `-` is standard input, a table if --as says of which kind.
    dry_run
        Write nothing; show what would be new, what is known, what is at fault, and what looks like what.
    amend
        Take an entry changed under the same id as a correction of its record.
    """
    from timeline.formats import RECIPE_ENDING

    if not paths:
        raise NotAllowed("load needs a file or a folder, as in `timeline load seeds/`")
    if recipes := [path for path in paths if path.endswith(RECIPE_ENDING)]:
        raise NotAllowed(f"{recipes[0]} is the recipe of a table; load the table that lies beside it")
    if any(is_told_as_table(path, table) for path in paths):
        if len(paths) > 1 or amend:
            what = "--amend is for files of events" if amend else "a table is loaded by itself"
            raise NotAllowed(f"{what}: load {paths[0]} alone")
        return load_table(paths[0], table, dating, file, dry_run=dry_run)
    if given := [
        flag_of(name)
        for name in attrs.asdict(table)
        if name != "dates" and getattr(table, name) != getattr(TABLE, name)
    ]:
        raise NotAllowed(f"{', '.join(given)}: for tables, and {paths[0]} is called like none")
    return _load_events(paths, _dates(table, dating), file, dry_run=dry_run, amend=amend)


def _dates(table: TableOptions, dating: DateOptions) -> DateReading:
    """How the dates of files of events are read; as the engine reads them, unless anything else is said."""
    from timeline.formats import DateReading

    forms = [*table.dates, *([dating.order] if dating.order else [])]
    if dating.given and not forms:
        raise NotAllowed("--dateline and --years-from go with --dates phrases")
    return DateReading(forms, **dating.given)


def _load_events(
    paths: tuple[str, ...], dates: DateReading, file: Output, *, dry_run: bool, amend: bool
) -> int:
    from timeline.formats import at_fault, load_files, read_files

    with progressing() as progress:
        files = [*map(advised, read_files(paths, catalogue(), progress, dates))]
        faulty = any(one.faults for one in files)
        for one in files:
            if one.faults and one.path.endswith(".json"):
                err().line(
                    f"{one.path} is read as a file of events; of a table in it, --as json reads the rows"
                )
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
