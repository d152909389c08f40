"""The notebook of the documentation runs, and what its cells show is whole and safe."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def test_every_cell_runs_and_shows_something() -> None:
    """All cells in order; the last expression of each is shown as a notebook would."""
    names: dict[str, Any] = {}
    shown = [_run("".join(cell["source"]), names) for cell in _cells()]
    loaded, *pages = [page for page in shown if page is not None]
    assert "40 new" in loaded
    assert len(pages) == 8
    assert all("OpenAI" in page and "<script" not in page for page in pages)
    assert sum("<svg" in page for page in pages) == 4


def test_it_is_kept_without_outputs() -> None:
    """What cells give is not kept, so that the file changes with its text only."""
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in _cells())


def _cells() -> list[dict[str, Any]]:
    return [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def _run(source: str, names: dict[str, Any]) -> str | None:
    """Run a cell; gives back what it shows as HTML, if it shows any."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, str(NOTEBOOK), "exec"), names)  # noqa: S102
    if not isinstance(last, ast.Expr):
        return None
    value = eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names)  # noqa: S307
    if hasattr(value, "_repr_mimebundle_"):
        return str(value._repr_mimebundle_()["text/html"])
    return str(value._repr_html_()) if hasattr(value, "_repr_html_") else None
