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
    def last(self) -> float:
        """The p between the two largest sizes, where fixed costs weigh least."""
        return exponent(self.sizes[-2:], self.figures[-2:]) if len(self.sizes) > 1 else float("nan")

    @property
    def exponent(self) -> float:
        """The p of `figure ~ size ** p`."""
        return exponent(self.sizes, self.figures) if len(self.sizes) > 1 else float("nan")


def draw(several: Sequence[Series], path: Path) -> None:
    """Draw each series in a field of its own, both axes logarithmic, into an SVG file with text as text."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter, NullLocator

    mpl.rcParams.update({"svg.hashsalt": "timeline", "svg.fonttype": "none", "font.size": 8})
    picture = Figure(figsize=(10, 2.8), layout="constrained")
    for field, one in zip(picture.subplots(1, len(several)), several, strict=True):
        field.loglog(one.sizes, one.figures, marker="o", markersize=4, color="tab:blue")
        for size, figure, quantity in zip(one.sizes, one.figures, one.quantities, strict=True):
            field.annotate(str(quantity), (size, figure), (-3, 5), textcoords="offset points", ha="right")
        middle = (max(one.figures) * min(one.figures)) ** 0.5
        reach = (max(one.sizes) / min(one.sizes)) ** 0.6
        field.set_ylim(middle / reach, middle * reach)
        field.set_xlim(min(one.sizes) / 10, max(one.sizes) * 2)
        field.set_title(f"{one.name}, ~ n^{one.exponent:.2f}", fontsize=9)
        field.set_xlabel("events")
        field.yaxis.set_major_formatter(NullFormatter())
        field.yaxis.set_minor_locator(NullLocator())
        field.xaxis.set_minor_locator(NullLocator())
        field.grid(linewidth=0.3)
    picture.savefig(path, metadata={"Date": None})
