"""Answers as tables for other tools: rows under columns of declared kinds, for pandas, Polars and Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar

import attrs

from timeline.values.errors import MissingExtra
from timeline.values.text import InLines, Line, as_json_text, shortened

if TYPE_CHECKING:
    from pandas import DataFrame as PandasFrame
    from polars import DataFrame as PolarsFrame
    from pyarrow import Table as ArrowTable

Kind = Literal["text", "number", "truth", "instant", "texts", "numbers", "any"]
"""What a column holds; "any" is of one of the others, as its values are, or text where they are mixed."""

_PANDAS: Final = {"text": "str", "number": "Int64", "truth": "boolean", "instant": "datetime64[us, UTC]"}
_PLAIN: Final[Mapping[type, Kind]] = {str: "text", bool: "truth", int: "number"}


@attrs.frozen
class Frame:
    """The rows of an answer, under the names of its columns, each with what it holds.

    Instants are aware, in UTC; None is what is absent or unbounded.
    """

    columns: Mapping[str, Kind]
    rows: Sequence[Sequence[Any]]

    def _told(self) -> Iterator[tuple[str, Kind, list[Any]]]:
        """Each column with its name and kind, none of them "any"."""
        for place, (name, kind) in enumerate(self.columns.items()):
            values = [row[place] for row in self.rows]
            yield (name, *_told(values)) if kind == "any" else (name, kind, values)

    def arrow(self) -> ArrowTable:
        """The rows as a table of pyarrow."""
        pa = _imported("pyarrow")
        kinds = {
            "text": pa.string(),
            "number": pa.int64(),
            "truth": pa.bool_(),
            "instant": pa.timestamp("us", tz="UTC"),
            "texts": pa.list_(pa.string()),
            "numbers": pa.list_(pa.int64()),
        }
        found: ArrowTable = pa.table(
            {name: pa.array(values, kinds[kind]) for name, kind, values in self._told()}
        )
        return found

    def pl(self) -> PolarsFrame:
        """The rows as a data frame of Polars."""
        pl = _imported("polars")
        kinds = {
            "text": pl.String(),
            "number": pl.Int64(),
            "truth": pl.Boolean(),
            "instant": pl.Datetime("us", "UTC"),
            "texts": pl.List(pl.String()),
            "numbers": pl.List(pl.Int64()),
        }
        found: PolarsFrame = pl.DataFrame(
            [pl.Series(name, values, kinds[kind]) for name, kind, values in self._told()]
        )
        return found

    def df(self) -> PandasFrame:
        """The rows as a data frame of pandas."""
        pd = _imported("pandas")
        return pd.DataFrame(
            {
                name: pd.Series(values, dtype=_PANDAS.get(kind, "object"))
                for name, kind, values in self._told()
            }
        )


def _told(values: Sequence[Any]) -> tuple[Kind, list[Any]]:
    """Values as those of one kind, as text if they are of several."""
    types = {type(one) for one in values if one is not None}
    if len(types) == 1 and (kind := _PLAIN.get(*types)) is not None:
        return kind, list(values)
    return "text", [one if one is None or isinstance(one, str) else _text(one) for one in values]


def _text(value: Any) -> str:
    return f"{value}" if isinstance(value, Decimal | timedelta) else as_json_text(value)


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise MissingExtra(name, None) from None


class Framed:
    """What has rows that other tools take, with the names and kinds of its columns.

    None of these tools is needed for anything else.
    """

    __slots__ = ()

    def as_table(self) -> Frame:
        """Its rows, under its columns."""
        raise NotImplementedError

    def arrow(self) -> ArrowTable:
        """Its rows as a table of pyarrow.

        Raises:
            MissingExtra: if pyarrow is not installed.
        """
        return self.as_table().arrow()

    def pl(self) -> PolarsFrame:
        """Its rows as a data frame of Polars.

        Raises:
            MissingExtra: if Polars is not installed.
        """
        return self.as_table().pl()

    def df(self) -> PandasFrame:
        """Its rows as a data frame of pandas.

        Raises:
            MissingExtra: if pandas is not installed.
        """
        return self.as_table().df()


T = TypeVar("T")


class Several(tuple[T, ...], InLines, Framed):
    """Several answers of a kind, in order: a tuple that other tools take as a table."""

    __slots__ = ()
    what: ClassVar[str]
    columns: ClassVar[Mapping[str, Kind]]

    def cells(self) -> Iterable[Sequence[Any]]:
        """The rows of all, under the columns."""
        raise NotImplementedError

    def as_table(self) -> Frame:
        """Their rows, under the columns."""
        return Frame(self.columns, list(self.cells()))

    def lines(self) -> Iterator[Line]:
        """How many there are, and each on a line; of very many, the first."""
        yield Line.of((f"{len(self):,} {self.what}", "head"))
        yield from (Line.of(line, indent=2) for line in shortened([str(one) for one in self]))

    def __repr__(self) -> str:
        return f"<{len(self):,} {self.what}>"
