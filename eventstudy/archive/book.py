"""The price series of every asset of the settings, read from the archive."""

from __future__ import annotations

import datetime as dt
import functools
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from eventstudy.archive import answers as archive
from eventstudy.archive.bars import DAILY, Key, series_of, versions
from eventstudy.archive.from_minutes import with_minutes
from eventstudy.archive.verify import altered
from eventstudy.calendars import Calendar, ExchangeCalendar, named_calendar, session_date
from eventstudy.config.calendar_names import NONE, resolved
from eventstudy.config.model import AssetConfig, Config
from eventstudy.errors import AlteredPrices, CannotEstimate
from eventstudy.evidence.misplaced import week_from_sunday
from eventstudy.prices.assets import atoms, entry_of
from eventstudy.prices.baskets import geometric_basket, leave_out
from eventstudy.prices.source import UNASKED
from eventstudy.records import PriceSeries, SessionArray


class PriceBook:
    """Prices of every asset of a config, read from the archive once each.

    Parameters
    ----------
    config : Config
    connection : sqlite3.Connection
    as_of : datetime, optional
        Prices as they were known then; now when None.
    """

    def __init__(self, config: Config, connection: sqlite3.Connection, *, as_of: dt.datetime | None = None) -> None:
        self._config = config
        self._connection = connection
        self._as_of = as_of
        self._loaded: dict[str, PriceSeries] = {}
        self._venues: dict[str, set[Key]] = {}
        self._closures: dict[tuple[str, np.datetime64], bool] = {}

    def series(self, asset: str, *, explains: str | None = None) -> PriceSeries:
        """Prices of `asset`.

        Parameters
        ----------
        asset : str
        explains : str, optional
            The asset whose returns `asset` is the benchmark of; a leave-one-out basket leaves its currencies out.

        Raises
        ------
        SourceError
            When the archive holds nothing of a symbol.
        CannotEstimate
            When a basket has nothing left, or no session in common; `AlteredPrices` when stored bars are not those that
            came.
        """
        entry = entry_of(self._config, asset)
        if entry.basket is None:
            if asset not in self._loaded:
                self._loaded[asset] = self._load(asset, entry)
            return self._loaded[asset]
        members = entry.basket.members
        weights = entry.basket.weights or {member: 1.0 / len(members) for member in members}
        if entry.basket.leave_one_out and explains is not None:
            made_of = {name: atoms(self._config, name) for name in weights}
            shared = frozenset.intersection(*made_of.values())
            weights = leave_out(asset, weights, made_of, atoms(self._config, explains) - shared)
        return geometric_basket(asset, entry.basket.constant, weights, {name: self.series(name) for name in weights})

    def _load(self, asset: str, entry: AssetConfig) -> PriceSeries:
        """The series of an asset on its calendar: that of the settings, or the one that its source names."""
        key = _key(asset, entry)
        stored = versions(self._connection, series_of(self._connection, key))
        if wrong := altered(self._connection, key, stored=stored):
            raise AlteredPrices(asset, wrong)
        own = entry.calendar or ""
        found = archive.load(
            self._connection, key[0], key[1], asset=asset, as_of=self._as_of, calendar=own, stored=stored
        )
        name = calendar_of(self._connection, asset, entry)
        if not name:
            odd = week_from_sunday(found.sessions) if entry.calendar is None else None
            return found if odd is None else replace(found, notes=(*found.notes, odd))
        calendar = named_calendar(name)
        if isinstance(calendar, ExchangeCalendar):
            found = with_minutes(self._connection, key, found, calendar, as_of=self._as_of)
        # one file has the fixings of all currencies, and no hours tell them apart: only of a venue do several testify
        is_closed = functools.partial(self._is_closed, name) if isinstance(calendar, ExchangeCalendar) else None
        return on_calendar(found, calendar, is_closed)

    def _is_closed(self, name: str, day: np.datetime64) -> bool:
        """Whether no asset of a venue has a price on a day, though it has three or more assets."""
        if name not in self._venues:
            named = {
                _key(asset, entry)
                for asset, entry in self._config.assets.items()
                if entry.basket is None and calendar_of(self._connection, asset, entry) == name
            }
            stored = {key for key in named if archive.is_known(self._connection, key)}
            self._venues[name] = stored | archive.series_on(self._connection, name)
        if (name, day) not in self._closures:
            self._closures[name, day] = archive.is_closure(self._connection, self._venues[name], day)
        return self._closures[name, day]


def calendar_of(connection: sqlite3.Connection, asset: str, entry: AssetConfig) -> str:
    """Name of the calendar of an asset of the settings: as set there, else as its source says; empty for none."""
    if entry.calendar is not None:
        return "" if entry.calendar == NONE else resolved(entry.calendar)
    return archive.calendar_of(connection, _key(asset, entry))


def _key(asset: str, entry: AssetConfig) -> Key:
    assert entry.source is not None  # AssetConfig requires a source or a basket
    return entry.source, entry.symbol or asset, DAILY


def on_calendar(
    series: PriceSeries, calendar: Calendar, is_closed: Callable[[np.datetime64], bool] | None = None
) -> PriceSeries:
    """`series` on the sessions of its venue: closes to the minute, half days included, and holes where bars lack.

    A session without a bar stays, with no price; a bar without a session is left out; a session that `is_closed`
    knows better is none. Each is marked, and so noted by results that use its days. Before the first day that the
    calendar knows the bars stay as they are.

    Raises
    ------
    CannotEstimate
        When the prices reach beyond the last day that the calendar knows.
    """
    first, last = session_date(series.sessions[0]), session_date(series.sessions[-1])
    if last > calendar.last_day:
        raise CannotEstimate(
            f"the calendar of {series.asset} ends on {calendar.last_day}, its prices on {last}; upgrade "
            "exchange_calendars, or set `calendar: none` to go by its bars"
        )
    sessions, instants = calendar.sessions(max(first, calendar.first_day), last)
    keep = ~_unasked(sessions, series)
    shut = [day for day in sessions[keep & ~np.isin(sessions, series.sessions)] if is_closed and is_closed(day)]
    keep &= ~np.isin(sessions, np.array(shut, dtype="datetime64[D]"))
    earlier = series.sessions < np.datetime64(calendar.first_day, "D")
    sessions = np.concatenate([series.sessions[earlier], sessions[keep]])
    instants = np.concatenate([series.instants[earlier], instants[keep]])
    prices = np.full(sessions.size, np.nan)
    here, there = np.isin(sessions, series.sessions), np.isin(series.sessions, sessions)
    prices[here] = series.prices[there]
    marks = [
        *series.marks,
        *((day, f"{series.asset}: no bar of {day}, a session of its venue") for day in sessions[~here]),
        *(
            (day, f"{series.asset}: a bar of {day}, no session of its venue, left out")
            for day in series.sessions[~there]
        ),
        *((day, f"{series.asset}: no asset of its venue has a bar of {day}, taken for a day off") for day in shut),
    ]
    return replace(series, sessions=sessions, instants=instants, prices=prices, marks=tuple(marks))


def _unasked(sessions: SessionArray, series: PriceSeries) -> np.ndarray:
    """Mask of the sessions in stretches that nobody asked for: the archive gives the first bar after one no price."""
    out = np.zeros(sessions.size, dtype=bool)
    gaps = np.diff(series.sessions) > np.timedelta64(UNASKED, "D")
    for i in (np.flatnonzero(gaps & np.isnan(series.prices[1:])) + 1).tolist():
        out |= (sessions > series.sessions[i - 1]) & (sessions < series.sessions[i])
    return out
