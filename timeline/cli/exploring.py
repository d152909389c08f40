"""The verbs for a browser: explore, which serves the timeline, and report, which writes it to one file."""

from __future__ import annotations

import secrets
import webbrowser
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter
from cyclopts.validators import Number

from timeline.cli.opening import DEFAULT, catalogue_named, opened
from timeline.cli.point import POINT, Point
from timeline.cli.screen import err

_PORT: Final = 8765
Database = Annotated[str, Parameter(env_var="TIMELINE_DB", allow_leading_hyphen=True)]


def explore(
    *,
    db: Database = DEFAULT,
    host: str = "127.0.0.1",
    port: Annotated[int, Parameter(validator=Number(gte=0, lte=65_535))] = _PORT,
    token: str | None = None,
    allow_write: bool = False,
    open_: Annotated[bool, Parameter(name="--open")] = False,
) -> int:
    """Look at the timeline in a browser, until interrupted: it is served on this machine, to read only.

    The file is opened for each page, so that others can write to it meanwhile.

    Example: timeline explore --open --db ai.duckdb

    Parameters
    ----------
    db
        The timeline's DuckDB file.
    host
        The address to serve at; another than one of this machine alone needs a token, and is given one.
    port
        The port; 0 is any that is free.
    token
        What is to be in the address of the first page asked for, which the verb tells.
    allow_write
        Let what is supposed on a page be written from there.
    open_
        Open the first page in the browser.
    """
    from timeline.web import LOOPBACK, serve

    opened(db).close()
    if token is None and host not in LOOPBACK:
        token = secrets.token_urlsafe(16)

    def ready(url: str) -> None:
        where = f"{url}?token={token}" if token else url
        err().line(f"{Path(db).name} is served at {where} (Ctrl-C ends it)", whole=True)
        if open_:
            webbrowser.open(where)

    serve(
        db,
        catalogue=catalogue_named(),
        host=host,
        port=port,
        token=token,
        allow_write=allow_write,
        ready=ready,
    )
    return 0


def report(
    path: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    title: str | None = None,
    point: Point = POINT,
    db: Database = DEFAULT,
) -> int:
    """Write the timeline to one HTML file, to send: states, log, contradictions, sources and pictures.

    It opens as of a date, as known at another, and shows any other two dates by itself, without asking
    anybody. The position, and the sources left out, bound what is in it.

    Example: timeline report ai.html --as-of 2023-11-18

    Parameters
    ----------
    path
        The file to write, .html.
    title
        What stands above it; the name of the timeline's file, unless given.
    db
        The timeline's DuckDB file.
    """
    from timeline.web import report as written

    with opened(db) as timeline:
        saved = written(point.bounding(timeline), path, title=title or Path(db).stem)
    err().line(f"{saved} is written, {saved.stat().st_size:,} bytes")
    return 0
