"""Writes what older code would have to hand over to newer: `python -m tests.data.sales`.

`sales-of-version-1.jsonl` is a log of an older vocabulary; `sales-of-format-N.duckdb.gz` and
`figures-of-format-N.duckdb.gz` are files of the format in use, kept from then on for the formats to come.
What is there already stays.
"""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

from tests.log.test_schema import FIGURES, LARGEST, OLD, Figure, OldSale
from timeline import Timeline
from timeline.log import FORMAT

_HERE = Path(__file__).parent


def _log(target: Path) -> None:
    with Timeline.open(":memory:", catalogue=OLD) as tl:
        tl.append(OldSale("2020", seller="Ann", price="$5"), id="s1", source="Gazette")
        tl.correct("s1", OldSale("2020", seller="Ann", price="$7"), id="s2")
        tl.append(OldSale("2021", seller="Bo", price="$9"), note="from the ledger")
        tl.export(target)


def _file(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sales.duckdb")
        with Timeline.open(path, catalogue=OLD) as tl:
            tl.append(OldSale("2020", seller="Ann", price="$5"), id="s1", source="Gazette")
            tl.correct("s1", OldSale("2020", seller="Ann", price="$7"), id="s2")
            tl.append(OldSale("2021", seller="The House of Bo", price="$9"), note="from the ledger")
            tl.append(OldSale("2021~", seller="Bo-Łi", price="$9"), OldSale("2022", seller="Ann", price="$1"))
            tl.retract("s2")
            tl.attest(4, source="Herald")
        target.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def _figures(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "figures.duckdb")
        with Timeline.open(path, catalogue=FIGURES) as tl:
            tl.append(*(Figure("2020", payer="Ann", amount=f"${one}", score=None) for one in LARGEST))
            rows = ", ".join(f"{one}::DECIMAL(38, 6)" for one in LARGEST)
            scores = f"SELECT 'Ann' AS payer, '2021' AS occurred, NULL AS amount, unnest([{rows}]) AS score"
            tl.append_table(Figure, scores, known="occurred")
        target.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


if __name__ == "__main__":
    targets = {
        _HERE / "sales-of-version-1.jsonl": _log,
        _HERE / f"sales-of-format-{FORMAT}.duckdb.gz": _file,
        _HERE / f"figures-of-format-{FORMAT}.duckdb.gz": _figures,
    }
    for target, make in targets.items():
        if not target.exists():
            make(target)
