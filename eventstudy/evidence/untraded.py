"""Days on which nothing was traded, though a price stands there: of one series, and of all in a table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from eventstudy.records import Float64Array, Int64Array

HABIT = 0.01  # share of such bars among the others, from which on they are usual: a share that hardly trades
CHANCE = 0.02  # expected days on which all series stand still, by how often each does: fewer are no chance
MOST_DAYS = 0.1  # share of days; more are how somebody fills a table
COLUMNS = 16  # looked at together


def untraded_bars(
    close: Float64Array, ranges: tuple[Float64Array, Float64Array, Float64Array], volume: Float64Array
) -> Iterator[tuple[int, int, str]]:
    """Runs of bars that repeat the close before and have neither range nor, where it is told, volume.

    None where such bars are usual.

    Parameters
    ----------
    close, volume : Float64Array
        Shape (n,); NaN where a number is not known.
    ranges : tuple of Float64Array
        Open, high and low, the same.
    """
    stands = np.append(False, close[1:] == close[:-1])
    if not stands.any():
        return
    is_told = np.isfinite(ranges[1]) & np.isfinite(ranges[2])
    has_range = is_told & ~((ranges[1] == close) & (ranges[2] == close))
    is_idle = stands & ~has_range & (np.where(is_told, ~(volume > 0), volume == 0) | _is_flat(close, ranges))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_idle.view(np.int8), [0])))).reshape(-1, 2)
    for first, end in edges.tolist():
        others = int(is_idle.sum()) - (end - first)
        if others <= HABIT * close.size and (has_range | (volume > 0))[~is_idle].mean() > 1.0 - HABIT:
            yield first, end, f"{close[first]:g} as the day before" + (", volume 0" if volume[first] == 0 else "")


def _is_flat(close: Float64Array, ranges: tuple[Float64Array, Float64Array, Float64Array]) -> np.ndarray:
    flat: np.ndarray = np.logical_and.reduce([column == close for column in ranges])
    return flat


def unmoved_rows(returns: NDArray[np.floating]) -> Int64Array:
    """Rows of a table in which no return is other than zero, where that is no chance: copies of the day before.

    Parameters
    ----------
    returns : array of float
        Shape (T, S); NaN where one is missing.
    """
    days, series = returns.shape
    rows = np.arange(days)
    for start in range(0, series, COLUMNS):  # few columns leave few rows to look at
        some = returns[:, start : start + COLUMNS][rows]
        rows = rows[((some == 0) | ~np.isfinite(some)).all(axis=1)]
    rows = rows[np.isfinite(returns[rows]).sum(axis=1) >= 2]
    if not 0 < rows.size <= MOST_DAYS * days:
        return rows[:0]
    usual = ((returns == 0).sum(axis=0) - (returns[rows] == 0).sum(axis=0)) / days
    often = np.log(np.maximum(usual, 1.0 / days))
    expected = np.log(days) + (np.isfinite(returns[rows]) * often).sum(axis=1)
    found: Int64Array = rows[expected < np.log(CHANCE)]
    return found
