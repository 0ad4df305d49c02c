"""Characteristics of all assets, as they were known before a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.records import Float64Array, Int64Array
from eventstudy.tables import dates
from eventstudy.tables.options import Options
from eventstudy.tables.table import Table

SINCE_EVER = np.datetime64("0001-01-01", "D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Universe:
    """Characteristics in rows, in the order of their days.

    Attributes
    ----------
    names : tuple of str
        Of the characteristics.
    columns : Int64Array
        Shape (n,), column of the asset in the market.
    days : NDArray
        Shape (n,), from when on they were known; the first of all days where the table has no dates.
    values : Float64Array
        Shape (n, characteristics).
    is_dated : bool
    """

    names: tuple[str, ...]
    columns: Int64Array
    days: np.ndarray
    values: Float64Array
    is_dated: bool

    def known_before(self, day: np.datetime64) -> tuple[Int64Array, Float64Array]:
        """Assets of which everything was known before `day`, and their latest characteristics."""
        rows = np.flatnonzero((self.days < day) & np.isfinite(self.values).all(axis=1))
        columns, latest = np.unique(self.columns[rows][::-1], return_index=True)
        return columns, self.values[rows[::-1][latest]]


def universe_of(given: pd.DataFrame | Table, names: tuple[str, ...]) -> Universe:
    """Read the characteristics of the assets `names`, and pass over others.

    Raises
    ------
    DataError
        When there is no column of assets or of numbers, or no asset has a price.
    """
    table = given.frame.set_axis(list(given.header), axis=1) if isinstance(given, Table) else given
    if "asset" not in table.columns:
        raise DataError("there is no column asset", where="match", remedy="columns are asset, date, size and so on")
    rest = [column for column in table.columns if column not in ("asset", "date")]
    if not rest:
        raise DataError("there is no characteristic", where="match", remedy="add a column of numbers such as size")
    values = table[rest].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    empty = [str(name) for name, known in zip(rest, np.isfinite(values).any(axis=0), strict=True) if not known]
    if empty:
        raise DataError("the column has no number", where="match", value=empty[0], remedy="drop it, or fill it in")
    is_dated = "date" in table.columns
    days = (
        dates.parse(table["date"], Options()).days
        if is_dated
        else np.full(len(table), SINCE_EVER, dtype="datetime64[D]")
    )
    place = {name: j for j, name in enumerate(names)}
    columns = np.array([place.get(str(asset).strip(), -1) for asset in table["asset"]], dtype=np.int64)
    if not (columns >= 0).any():
        raise DataError("none of its assets has a price", where="match", remedy="name columns of the prices")
    rows = np.flatnonzero(columns >= 0)
    rows = rows[np.argsort(days[rows], kind="stable")]
    return Universe(
        names=tuple(map(str, rest)), columns=columns[rows], days=days[rows], values=values[rows], is_dated=is_dated
    )


def cells_of(values: Float64Array, groups: int) -> Int64Array:
    """The portfolio of every asset: `groups` by the first characteristic, within each as many by the next, and so on.

    Parameters
    ----------
    values : Float64Array
        Shape (n, characteristics).
    """
    cells = np.zeros(len(values), dtype=np.int64)
    for column in values.T:
        inner = np.zeros_like(cells)
        for cell in np.unique(cells):
            own = np.flatnonzero(cells == cell)
            rank = np.empty(own.size, dtype=np.int64)
            rank[np.argsort(column[own], kind="stable")] = np.arange(own.size)
            inner[own] = rank * groups // own.size
        cells = cells * groups + inner
    return cells
