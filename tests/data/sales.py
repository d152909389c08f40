"""Writes `sales-of-version-1.jsonl`, a log of an older vocabulary: `python -m tests.data.sales`."""

from __future__ import annotations

from pathlib import Path

from tests.test_schema import OLD, OldSale
from timeline import Timeline

if __name__ == "__main__":
    target = Path(__file__).with_name("sales-of-version-1.jsonl")
    target.unlink(missing_ok=True)
    with Timeline.open(":memory:", catalogue=OLD) as tl:
        tl.append(OldSale("2020", seller="Ann", price="$5"), id="s1", source="Gazette")
        tl.correct("s1", OldSale("2020", seller="Ann", price="$7"), id="s2")
        tl.append(OldSale("2021", seller="Bo", price="$9"), note="from the ledger")
        tl.export(target)
