"""Studies of days that were drawn from returns as they were: what closed forms take for normal and independent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy.errors import InputError
from eventstudy.records import Float64Array

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 30  # days of an asset


def abnormal(returns: pd.DataFrame) -> Float64Array:
    """Returns less the mean of each asset, shape (days, assets).

    Raises
    ------
    InputError
        When an asset has too few of them to draw from.
    """
    found = returns.to_numpy(dtype=np.float64)
    counts = np.isfinite(found).sum(axis=0)
    if not counts.size or counts.min() < FEWEST:
        value = {str(name): int(count) for name, count in zip(returns.columns, counts, strict=True) if count < FEWEST}
        raise InputError("too few days", where="returns", value=value, remedy=f"give {FEWEST} of each asset or more")
    found = np.where(np.isfinite(found), found, np.nan)
    return np.asarray(found - np.nanmean(found, axis=0), dtype=np.float64)


def deviation(days: Float64Array) -> float:
    """Standard deviation of one event's day, of an asset that is any of these."""
    return float(np.sqrt(np.nanmean(np.nanvar(days, axis=0, ddof=1))))


def correlation(returns: pd.DataFrame) -> float:
    """Mean correlation between two assets on the days that both have, 0 where it is below; 0 of a single asset."""
    between = returns.corr().to_numpy()[np.triu_indices(returns.shape[1], 1)]
    return max(float(between.mean()), 0.0) if between.size else 0.0


def means(
    days: Float64Array, events: int, length: int, draws: int, *, one_date: bool, rng: np.random.Generator
) -> Float64Array:
    """Mean abnormal return of each of so many studies, over windows of `length` days that are drawn.

    Parameters
    ----------
    one_date : bool
        Each study has one date, and assets that differ; else every event has an asset and a date of its own.

    Raises
    ------
    InputError
        When there are fewer assets than events of one date.
    """
    windows = np.lib.stride_tricks.sliding_window_view(days, length, axis=0).sum(axis=-1)
    if not one_date:
        places = rng.integers(windows.shape[1], size=(draws, events))
        drawn = np.empty(places.shape)
        for place, column in enumerate(windows.T):
            is_here = places == place
            drawn[is_here] = rng.choice(column[np.isfinite(column)], int(is_here.sum()))
        return np.asarray(drawn.mean(axis=1), dtype=np.float64)
    dates = np.flatnonzero(np.isfinite(windows).sum(axis=1) >= events)
    if not dates.size:
        remedy = f"give {events} assets or more that have prices on the same days, or leave out one_date"
        raise InputError("more events than assets", where="one_date", value=days.shape[1], remedy=remedy)
    found = windows[rng.choice(dates, draws)]
    order = np.argsort(np.where(np.isfinite(found), rng.random(found.shape), np.inf), axis=1)[:, :events]
    return np.asarray(np.take_along_axis(found, order, axis=1).mean(axis=1), dtype=np.float64)
