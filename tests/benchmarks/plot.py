"""The picture of how figures grow with the log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from tests.benchmarks.measure import exponent
from tests.benchmarks.result import Quantity

__all__ = ["Series", "draw"]


@attrs.frozen
class Series:
    """One figure at several sizes of the log."""

    name: str
    unit: str
    sizes: tuple[int, ...] = ()
    figures: tuple[float, ...] = ()

    def then(self, size: int, figure: float) -> Series:
        """With one more size."""
        return attrs.evolve(self, sizes=(*self.sizes, size), figures=(*self.figures, figure))

    @property
    def quantities(self) -> list[Quantity]:
        """The figures with their unit."""
        return [Quantity(figure, self.unit) for figure in self.figures]

    @property
    def exponent(self) -> float:
        """The p of `figure ~ size ** p`."""
        return exponent(self.sizes, self.figures) if len(self.sizes) > 1 else float("nan")


def draw(several: Sequence[Series], path: Path) -> None:
    """Draw each series in a field of its own, both axes logarithmic, into an SVG file."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "timeline"
    picture = Figure(figsize=(10, 2.8), layout="constrained")
    for field, one in zip(picture.subplots(1, len(several)), several, strict=True):
        scale, unit = (1e6, "MB") if one.unit == "B" else (1, one.unit)
        field.loglog(one.sizes, [figure / scale for figure in one.figures], marker="o", color="tab:blue")
        field.set_title(f"{one.name}, {unit}: ~ n^{one.exponent:.2f}", fontsize=9)
        field.set_xlabel("events", fontsize=8)
        field.tick_params(labelsize=8)
        field.grid(which="major", linewidth=0.3)
    picture.savefig(path, metadata={"Date": None})
