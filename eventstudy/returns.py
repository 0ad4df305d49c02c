"""From prices to returns on one clock, and from returns to the event-time grid that a model takes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.errors import CannotEstimate
from eventstudy.records import (
    Float64Array,
    InstantArray,
    Int64Array,
    PriceSeries,
    Returns,
    Sample,
    SessionArray,
    StudySpec,
)

# Prices at most this long apart count as taken together: an auction, or a fixing half an hour before a close.
SYNCHRONOUS_MINUTES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSeries:
    """Returns of an asset, and of its benchmark over the same spans of time.

    Attributes
    ----------
    asset : str
    sessions, instants : arrays
        Shape (n,), of the asset's source.
    prices : Float64Array
        Shape (n,).
    y : Float64Array
        Shape (n,), decimal returns from the session before; NaN where either price is missing.
    x : Float64Array
        Shape (n, p), benchmark returns over exactly the asset's close-to-close interval; p is 0 or 1.
    stale : numpy.ndarray of bool
        Shape (n,): the benchmark had no new price in that interval, so its return counts as 0 and arrives later.
    notes : tuple of str
    marks : tuple of (numpy.datetime64, str)
        Bars of the asset and of its benchmark that look wrong; see `PriceSeries.marks`.
    """

    asset: str
    sessions: SessionArray
    instants: InstantArray
    prices: Float64Array
    y: Float64Array
    x: Float64Array
    stale: np.ndarray
    notes: tuple[str, ...]
    marks: tuple[tuple[np.datetime64, str], ...] = ()


def returns_of(prices: Float64Array, kind: Returns) -> Float64Array:
    """One-session returns, shape (n,); the first is NaN, and so is one with a missing price at either end.

    A price after a gap gives no return: it would cover several sessions, and prices are never filled forward,
    which would make false zero returns (methods.md A4, A6).
    """
    out = np.full(prices.size, np.nan)
    growth = prices[1:] / prices[:-1]
    out[1:] = np.log(growth) if kind == "log" else growth - 1.0
    return out


def return_series(asset: PriceSeries, benchmark: PriceSeries | None, kind: Returns) -> ReturnSeries:
    """Returns of `asset`, with `benchmark` measured from the last price before each of the asset's instants.

    Parameters
    ----------
    asset : PriceSeries
    benchmark : PriceSeries or None
    kind : {"simple", "log"}
        Used for both, as they must agree (methods.md A2).
    """
    _check(asset)
    n = asset.sessions.size
    notes = asset.notes
    x = np.empty((n, 0))
    stale = np.zeros(n, dtype=bool)
    if benchmark is not None:
        _check(benchmark)
        position = np.searchsorted(benchmark.instants, asset.instants, side="right") - 1
        x = _over_the_hours_of(asset, benchmark, position, kind)[:, None]
        notes = (*notes, *_asynchrony(asset, benchmark, benchmark.instants, position))
        stale[1:] = (position[1:] == position[:-1]) & np.isfinite(x[1:, 0])
    return ReturnSeries(
        asset=asset.asset,
        sessions=asset.sessions,
        instants=asset.instants,
        prices=asset.prices,
        y=returns_of(asset.prices, kind),
        x=x,
        stale=stale,
        notes=notes,
        marks=(*asset.marks, *(benchmark.marks if benchmark is not None else ())),
    )


def _over_the_hours_of(asset: PriceSeries, benchmark: PriceSeries, position: Int64Array, kind: Returns) -> Float64Array:
    """Returns of `benchmark` over the asset's close-to-close intervals; `position` is its last price by each close.

    A missing price of the benchmark's is never bridged: it may stand where the prices before and after it are in
    different units, or belong to different years.
    """
    if not benchmark.prices.size:
        return np.full(position.size, np.nan)
    known = position >= 0
    level = np.where(known, benchmark.prices[np.maximum(position, 0)], np.nan)
    # beyond the benchmark's own last price nothing is known: a return of zero there would be invented
    level[asset.instants > benchmark.instants[-1]] = np.nan
    missing = np.cumsum(np.isnan(benchmark.prices))[np.maximum(position, 0)]
    out = returns_of(level, kind)
    out[1:][missing[1:] != missing[:-1]] = np.nan
    return out


def _check(series: PriceSeries) -> None:
    """Refuse what would become a false return."""
    for labels in (series.sessions, series.instants):  # an instant that is no time compares as false, and is refused
        if not (labels[1:] > labels[:-1]).all():
            raise CannotEstimate(f"the sessions of {series.asset} are out of order, or one stands twice")
    wrong = ~np.isnan(series.prices) & ~((series.prices > 0) & np.isfinite(series.prices))
    if wrong.any():
        raise CannotEstimate(f"{series.asset} has a price that is no positive number on {series.sessions[wrong][0]}")


def _asynchrony(
    asset: PriceSeries, benchmark: PriceSeries, instants: InstantArray, position: Int64Array
) -> tuple[str, ...]:
    """Say it when the benchmark's prices are taken well before the asset's (design section 5)."""
    known = position >= 0
    if not known.any():
        return ()
    age = np.median((asset.instants[known] - instants[position[known]]).astype("timedelta64[m]").astype(np.int64))
    if age <= SYNCHRONOUS_MINUTES:
        return ()
    note = (
        f"the price of {benchmark.asset} is some {age / 60:.0f} hours older than that of {asset.asset}: what it did in "
        "those hours is not taken out, and arrives a session later; a benchmark of the asset's own hours is better"
    )
    return (note,)


def sample_at(series: ReturnSeries, day0: Sequence[int], spec: StudySpec, lead_in: int = 0) -> Sample:
    """The event-time grid around each index of `day0`; NaN where the data do not reach.

    Parameters
    ----------
    series : ReturnSeries
    day0 : sequence of int
        Positions of event day τ = 0, length n.
    spec : StudySpec
    lead_in : int
        Sessions wanted before the estimation window, for models with lags.
    """
    tau = np.arange(spec.estimation.start - lead_in, spec.event_window.end + 1)
    index = np.asarray(day0, dtype=np.int64)[:, None] + tau[None, :]
    inside = (index >= 0) & (index < series.y.size)
    safe = np.clip(index, 0, series.y.size - 1)
    return Sample(
        tau=tau,
        y=np.where(inside, series.y[safe], np.nan),
        x=np.where(inside[:, :, None], series.x[safe], np.nan),
        estimation=spec.estimation,
        event_window=spec.event_window,
    )


def fingerprint(series: ReturnSeries, used: slice) -> str:
    """SHA-256 of the sessions, instants, prices, returns and marks of `used`, the same on any machine.

    Dates go in as ISO text, numbers as big-endian doubles with one NaN.
    """
    days = series.sessions[used]
    text = [*np.datetime_as_string(days), *np.datetime_as_string(series.instants[used], unit="s")]
    text += [words for day, words in series.marks if days.size and days[0] <= day <= days[-1]]
    numbers = np.column_stack([series.prices[used], series.y[used], series.x[used]])
    canonical = np.where(np.isnan(numbers), np.nan, numbers).astype(">f8")
    return hashlib.sha256("\n".join(text).encode() + canonical.tobytes()).hexdigest()
