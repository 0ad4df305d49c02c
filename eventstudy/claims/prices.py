"""Prices of one asset as claims speak of them: as quoted, with lows and highs where there are any."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eventstudy.archive import bars as archive
from eventstudy.archive.bars import CLOSE, DAILY, HIGH, LOW, OPEN, SPLIT, Bars, Key
from eventstudy.archive.book import PriceBook, calendar_of
from eventstudy.archive.flags import all_flags
from eventstudy.bar_sizes import MINUTES
from eventstudy.calendars import to_instant, trading_hours
from eventstudy.claims.assets import StoredAsset
from eventstudy.config.model import AssetConfig, Config
from eventstudy.errors import InputError
from eventstudy.records import Float64Array, InstantArray, SessionArray

COVERED = 0.9  # share of a session that bars must cover for its low to be known
NO_HOURS = 360  # minutes of a session whose hours are not known
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Daily prices of an asset, as quoted.

    Attributes
    ----------
    sessions : SessionArray
        Shape (n,).
    instants : InstantArray
        Shape (n,), when the closes were taken.
    close, low, high, open : Float64Array
        Shape (n,), NaN where there is none.
    splits : Float64Array
        Shape (n,), product of the splits that came later: 2 where a printed price was twice what stands here.
    doubts : mapping
        Session → why its price is in doubt.
    is_fixing : bool
        Whether there is one price a day, which is no close.
    key : Key or None
        Source, symbol and bar; None for a basket.
    calendar : str
    """

    sessions: SessionArray
    instants: InstantArray
    close: Float64Array
    low: Float64Array
    high: Float64Array
    open: Float64Array
    splits: Float64Array
    doubts: Mapping[np.datetime64, str]
    is_fixing: bool
    key: Key | None
    calendar: str

    def day_after(self, moment: dt.datetime) -> int:
        """Position of the first session whose price was taken after `moment`; n when there is none yet."""
        return int(np.searchsorted(self.instants, to_instant(moment), side="right"))

    @property
    def source(self) -> str:
        """Where the prices are from."""
        return f"{self.key[0]}:{self.key[1]}" if self.key else "a basket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Bars of one session.

    Attributes
    ----------
    size : int
        Minutes of a bar.
    starts : InstantArray
        Shape (n,).
    close, low, high : Float64Array
        Shape (n,); where a source has no lows and highs, the close stands for both.
    is_whole : bool
        Whether they cover the session, so that a low is that of the day.
    """

    size: int
    starts: InstantArray
    close: Float64Array
    low: Float64Array
    high: Float64Array
    is_whole: bool

    @property
    def ends(self) -> InstantArray:
        """When each bar was over."""
        ends: InstantArray = self.starts + np.timedelta64(self.size, "m")
        return ends


class Reader:
    """Reads prices of stored assets from the archive, each once, as they were known at one time.

    Parameters
    ----------
    connection : sqlite3.Connection
    assets : mapping
        Stored assets by name.
    as_of : datetime, optional
        Now when None.
    """

    def __init__(
        self, connection: sqlite3.Connection, assets: Mapping[str, StoredAsset], as_of: dt.datetime | None = None
    ) -> None:
        self.connection, self.assets, self.as_of = connection, assets, as_of
        self.entries = {name: AssetConfig.model_validate(dict(asset.settings)) for name, asset in assets.items()}
        # What a book asks of the settings is the assets alone.
        self.book = PriceBook(Config.model_construct(assets=self.entries, sources={}), connection, as_of=as_of)
        self._found: dict[str, Prices] = {}

    def prices(self, name: str) -> Prices:
        """Daily prices of an asset.

        Raises
        ------
        SourceError, CannotEstimate
            When there are none.
        """
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def _read(self, name: str) -> Prices:
        series = self.book.series(name)
        entry = self.entries[name]
        n = series.sessions.size
        nothing = np.full(n, np.nan)
        doubts = dict(series.doubts)
        if entry.basket is not None:
            parts = [self.entries[part] for part in (*entry.basket.weights, *entry.basket.members)]
            names = [*entry.basket.weights, *entry.basket.members]
            calendars = {calendar_of(self.connection, *pair) for pair in zip(names, parts, strict=True)}
            return Prices(
                sessions=series.sessions,
                instants=series.instants,
                close=series.prices,
                low=nothing,
                high=nothing,
                open=nothing,
                splits=np.ones(n),
                doubts=doubts,
                is_fixing=calendars == {"ecb"},
                key=None,
                calendar="",
            )
        assert entry.source is not None  # AssetConfig requires a source or a basket
        key = (entry.source, entry.symbol or name, DAILY)
        calendar = calendar_of(self.connection, name, entry)
        bars = archive.read(self.connection, key, as_of=self.as_of)
        columns = {j: _on(series.sessions, bars, j) for j in (CLOSE, LOW, HIGH, OPEN)}
        for column in columns.values():
            column[np.isnan(series.prices)] = np.nan  # in doubt, or after days that nobody asked for
        splits = _on(series.sessions, bars, SPLIT)
        later = np.cumprod(np.where(np.isfinite(splits) & (splits > 0), splits, 1.0)[::-1])[::-1]
        return Prices(
            sessions=series.sessions,
            instants=series.instants,
            close=columns[CLOSE],
            low=columns[LOW],
            high=columns[HIGH],
            open=columns[OPEN],
            splits=np.concatenate([later[1:], [1.0]])[:n],
            doubts=doubts,
            is_fixing=calendar == "ecb",
            key=key,
            calendar=calendar,
        )

    def minutes(self, prices: Prices, place: int) -> Minutes | None:
        """Bars of the session at `place`, the finest that there are; None without any."""
        if prices.key is None:
            return None
        session = prices.sessions[place]
        first = int(session.astype("datetime64[s]").astype(np.int64)) - DAY_SECONDS
        for bar, size in MINUTES.items():
            key = (*prices.key[:2], bar)
            bars = archive.read(self.connection, key, as_of=self.as_of, between=(first, first + 3 * DAY_SECONDS))
            bars = bars.at(bars.sessions == session)
            if not bars.size:
                continue
            doubtful = [f.label for f in all_flags(self.connection, key, bars, self.as_of) if f.is_doubt or f.removes]
            bars = bars.at(np.isfinite(bars.values[:, CLOSE]) & ~np.isin(bars.labels, doubtful))
            if bars.size:
                return _minutes(bars, size, prices.calendar)
        return None


def _minutes(bars: Bars, size: int, calendar: str) -> Minutes:
    close = bars.values[:, CLOSE]
    low, high = (np.where(np.isfinite(bars.values[:, j]), bars.values[:, j], close) for j in (LOW, HIGH))
    day = bars.sessions[0].astype(object)
    length = float(NO_HOURS)
    if calendar:
        try:
            hours = trading_hours(calendar, day, day)
            if hours.labels.size:
                length = float((hours.closes[0] - hours.opens[0]) / np.timedelta64(1, "m"))
        except InputError:  # fixings, and London's day, have no hours
            length = NO_HOURS * 2.0
    return Minutes(
        size=size,
        starts=bars.labels.astype("datetime64[s]").astype("datetime64[ns]"),
        close=close,
        low=low,
        high=high,
        is_whole=bool(bars.size * size >= COVERED * length),
    )


def _on(sessions: SessionArray, bars: Bars, column: int) -> Float64Array:
    """A column of bars on sessions; NaN where there is no bar."""
    out = np.full(sessions.size, np.nan)
    here, there = np.isin(sessions, bars.sessions), np.isin(bars.sessions, sessions)
    out[here] = bars.values[there, column]
    return out
