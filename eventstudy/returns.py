"""From prices to returns on one clock: an asset's own, and those of what explains it over the same spans of time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import CannotEstimate
from eventstudy.prices.source import UNASKED
from eventstudy.records import Float64Array, InstantArray, Int64Array, PriceSeries, Returns, SessionArray

# Prices at most this long apart count as taken together: an auction, or a fixing half an hour before a close.
SYNCHRONOUS_MINUTES = 30


@dataclass(frozen=True, kw_only=True)
class ReturnSeries:
    """Returns of an asset, and of its benchmark, factors or peers over the same spans of time.

    Attributes
    ----------
    asset : str
    sessions, instants : arrays
        Shape (n,), of the asset's source.
    prices : Float64Array
        Shape (n,).
    y : Float64Array
        Shape (n,), decimal returns from the session before, or from the last one with a price where returns are lumped;
        NaN where either price is missing.
    x : Float64Array
        Shape (n, p), returns of what explains the asset over exactly the intervals of `y`; NaN throughout for one that
        is left out.
    span : Int64Array or None
        Shape (n,), sessions that each return covers, 0 without one; None where all cover one.
    stale : numpy.ndarray of bool
        Shape (n,): the benchmark had no new price in that interval, so its return counts as 0 and arrives later.
    notes : tuple of str
    marks : tuple of (numpy.datetime64, str)
        Bars of the asset and of what explains it that look wrong; see `PriceSeries.marks`.
    doubts : mapping of int to str
        Position of every return that a price in doubt would make, of the asset or of what explains it → its words.
    """

    asset: str
    sessions: SessionArray
    instants: InstantArray
    prices: Float64Array
    y: Float64Array
    x: Float64Array
    span: Int64Array | None
    stale: np.ndarray
    notes: tuple[str, ...]
    marks: tuple[tuple[np.datetime64, str], ...] = ()
    doubts: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def is_known(self) -> NDArray[np.bool_]:
        """On which sessions the asset has a return, and so has all that explains it; shape (n,)."""
        taking_part = ~np.isnan(self.x).all(axis=0)
        known: NDArray[np.bool_] = np.isfinite(self.y) & np.isfinite(self.x[:, taking_part]).all(axis=1)
        return known if taking_part.any() or not self.x.shape[1] else np.zeros_like(known)

    @cached_property
    def last_known(self) -> np.datetime64 | None:
        """Instant of the last session that `is_known`; None without one."""
        known = self.instants[self.is_known]
        return known[-1] if known.size else None

    @cached_property
    def _labels(self) -> tuple[NDArray[np.bytes_], NDArray[np.bytes_]]:
        """Sessions and instants as ISO text, each with the end of its line; thousands of series are kept in a pass."""
        sessions, instants = np.datetime_as_string(self.sessions), np.datetime_as_string(self.instants, unit="s")
        return np.char.add(sessions.astype("S10"), b"\n"), np.char.add(instants.astype("S19"), b"\n")

    @cached_property
    def _numbers(self) -> NDArray[np.float64]:
        """Prices and returns as big-endian doubles with one NaN, a row per session."""
        numbers = np.column_stack([self.prices, self.y, self.x])
        return np.where(np.isnan(numbers), np.nan, numbers).astype(">f8")

    def fingerprint(self, used: slice) -> str:
        """SHA-256 of the sessions, instants, prices, returns and marks of `used`, the same on any machine.

        Dates go in as ISO text, numbers as big-endian doubles with one NaN. The series keeps both: many events read it.
        """
        days = self.sessions[used]
        sessions, instants = self._labels
        marks = [words.encode() for day, words in self.marks if days.size and days[0] <= day <= days[-1]]
        text = b"".join([sessions[used].tobytes(), instants[used].tobytes(), b"\n".join(marks)])
        return hashlib.sha256(text.removesuffix(b"\n") + self._numbers[used].tobytes()).hexdigest()


def return_series(
    asset: PriceSeries, explained_by: Sequence[PriceSeries | None], kind: Returns, *, is_lumped: bool = False
) -> ReturnSeries:
    """Returns of `asset`, with those of others measured from their last price before each of the asset's instants.

    A price after a gap gives no return, unless returns are lumped: it would cover several sessions, and prices are
    never filled forward, which would make false zero returns (methods.md A4, A6).

    Parameters
    ----------
    asset : PriceSeries
    explained_by : sequence of PriceSeries or None
        Benchmark, factors or peers; None for one that is left out, as an asset is among its own peers.
    kind : {"simple", "log"}
        Used for all, as they must agree (methods.md A2).
    is_lumped : bool
        Whether a return covers all sessions since the last price (methods.md A5). None bridges a stretch that nobody
        asked a source for.
    """
    _check(asset)
    n = asset.sessions.size
    notes, marks = list(asset.notes), list(asset.marks)
    stale = np.zeros(n, dtype=bool)
    span = _spans(asset) if is_lumped else None
    before = np.arange(n) - (1 if span is None else np.maximum(span, 1))
    x = np.full((n, len(explained_by)), np.nan)
    doubts = _doubted(asset, np.arange(n), before)
    for j, other in enumerate(explained_by):
        if other is None:
            continue
        _check(other)
        position = np.searchsorted(other.instants, asset.instants, side="right") - 1
        x[:, j] = _over_the_hours_of(asset, other, position, before, kind)
        notes += _asynchrony(asset, other, other.instants, position)
        stale[1:] |= (position[1:] == position[before[1:]]) & np.isfinite(x[1:, j])
        marks += other.marks
        doubts = {**_doubted(other, position, before), **doubts}  # those of the asset are told first
    y = _growth(asset.prices, before, kind)
    if span is not None:
        y[span == 0] = np.nan
        x[span == 0] = np.nan
        y[list(doubts)] = np.nan  # a return over a price in doubt may lead from one unit to another
    return ReturnSeries(
        asset=asset.asset,
        sessions=asset.sessions,
        instants=asset.instants,
        prices=asset.prices,
        y=y,
        x=x,
        span=span,
        stale=stale,
        notes=tuple(dict.fromkeys(notes)),
        marks=tuple(marks),
        doubts=doubts,
    )


def _doubted(series: PriceSeries, position: Int64Array, before: Int64Array) -> dict[int, str]:
    """The returns that lead to, over or from a price of `series` in doubt, with the words of the last such price.

    Parameters
    ----------
    series : PriceSeries
        Of the asset, or of what explains it.
    position : Int64Array
        Shape (n,), place in `series` of its last price by each of the asset's instants.
    before : Int64Array
        Shape (n,), where each return of the asset begins.
    """
    if not series.doubts:
        return {}
    days = np.array([day for day, _ in series.doubts], dtype="datetime64[D]")
    at, is_there = np.searchsorted(series.sessions, days), np.isin(days, series.sessions)
    words = {i: text for i, here, (_, text) in zip(at.tolist(), is_there, series.doubts, strict=True) if here}
    places = np.array(sorted(words), dtype=np.int64)
    first = np.where(before >= 0, position[np.maximum(before, 0)], 0)  # of the first price that a return rests on
    upto = np.searchsorted(places, position, side="right")
    inside = np.flatnonzero(upto > np.searchsorted(places, first, side="left"))
    return {i: words[int(places[upto[i] - 1])] for i in inside.tolist()}


def _growth(level: Float64Array, before: Int64Array, kind: Returns) -> Float64Array:
    """Returns from the sessions `before` to each session, shape (n,); NaN for the first, and with a missing price."""
    out = np.full(level.size, np.nan)
    growth = level[1:] / level[before[1:]]
    out[1:] = np.log(growth) if kind == "log" else growth - 1.0
    return out


def _spans(asset: PriceSeries) -> Int64Array:
    """Sessions since the last price; 0 where there is none, or a stretch in between that nobody asked for."""
    found = np.nan_to_num(spans(asset.prices)).astype(np.int64)
    breaks = np.cumsum(np.diff(asset.sessions, prepend=asset.sessions[:1]) > np.timedelta64(UNASKED, "D"))
    found[(found > 1) & (breaks != breaks[np.arange(found.size) - found])] = 0
    return found


def _over_the_hours_of(
    asset: PriceSeries, other: PriceSeries, position: Int64Array, before: Int64Array, kind: Returns
) -> Float64Array:
    """Returns of `other` over the asset's intervals from `before`; `position` is its last price by each close.

    A missing price of its own is not bridged within one session of the asset's: it may stand where the prices before
    and after it are in different units, or belong to different years.
    """
    if not other.prices.size:
        return np.full(position.size, np.nan)
    known = position >= 0
    level = np.where(known, other.prices[np.maximum(position, 0)], np.nan)
    # beyond the other's own last price nothing is known: a return of zero there would be invented
    level[asset.instants > other.instants[-1]] = np.nan
    missing = np.cumsum(np.isnan(other.prices))[np.maximum(position, 0)]
    out = _growth(level, before, kind)
    is_next = before[1:] == np.arange(before.size - 1)
    out[1:][is_next & (missing[1:] != missing[before[1:]])] = np.nan
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


def spans(prices: Float64Array) -> Float64Array:
    """Sessions since the last trade, d: 1 when the session before had one too; NaN without a trade or an earlier one.

    Parameters
    ----------
    prices : Float64Array
        Shape (T,), NaN on sessions without a trade.
    """
    out = np.full(prices.shape, np.nan)
    traded = np.flatnonzero(np.isfinite(prices))
    out[traded[1:]] = np.diff(traded)
    return out
