"""The price series of every asset of the settings, read from the archive."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import replace

import numpy as np

from eventstudy.archive import answers as archive
from eventstudy.calendars import Calendar, named_calendar, session_date
from eventstudy.config.model import Config
from eventstudy.errors import CannotEstimate
from eventstudy.prices.assets import atoms, entry_of
from eventstudy.prices.baskets import geometric_basket, leave_out
from eventstudy.prices.source import UNASKED
from eventstudy.records import PriceSeries, SessionArray

LONGEST_CLOSURE = 15  # days that a venue may be closed at a stretch, golden weeks included


class PriceBook:
    """Prices of every asset of a config, read from the archive once each.

    Parameters
    ----------
    config : Config
    connection : sqlite3.Connection
    """

    def __init__(self, config: Config, connection: sqlite3.Connection) -> None:
        self._config = config
        self._connection = connection
        self._loaded: dict[str, PriceSeries] = {}

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
            When a basket has nothing left, or no session in common.
        """
        entry = entry_of(self._config, asset)
        if entry.basket is None:
            if asset not in self._loaded:
                assert entry.source is not None  # AssetConfig requires a source or a basket
                found = archive.load(self._connection, entry.source, entry.symbol or asset, asset=asset)
                self._loaded[asset] = on_calendar(found, named_calendar(entry.calendar)) if entry.calendar else found
            return self._loaded[asset]
        members = entry.basket.members
        weights = entry.basket.weights or {member: 1.0 / len(members) for member in members}
        if entry.basket.leave_one_out and explains is not None:
            made_of = {name: atoms(self._config, name) for name in weights}
            shared = frozenset.intersection(*made_of.values())
            weights = leave_out(asset, weights, made_of, atoms(self._config, explains) - shared)
        return geometric_basket(asset, entry.basket.constant, weights, {name: self.series(name) for name in weights})


def on_calendar(series: PriceSeries, calendar: Calendar) -> PriceSeries:
    """`series` on the sessions of its venue: closes to the minute, half days included, and holes where bars lack.

    A session without a bar stays, with no price; a bar without a session is left out. Both are noted.
    """
    first, last = session_date(series.sessions[0]), session_date(series.sessions[-1])
    sessions, instants = calendar.sessions(first, last)
    if not sessions.size or last - session_date(sessions[-1]) > dt.timedelta(days=LONGEST_CLOSURE):
        known = f"ends on {sessions[-1]}" if sessions.size else "has no session there"
        raise CannotEstimate(
            f"the calendar of {series.asset} {known}, its prices on {last}; upgrade exchange_calendars, or leave "
            "`calendar` out"
        )
    asked = ~_unasked(sessions, series)
    sessions, instants = sessions[asked], instants[asked]
    prices = np.full(sessions.size, np.nan)
    here, there = np.isin(sessions, series.sessions), np.isin(series.sessions, sessions)
    prices[here] = series.prices[there]
    notes = list(series.notes)
    for days, what in (
        (sessions[~here], "sessions without a bar"),
        (series.sessions[~there], "bars without a session"),
    ):
        if days.size:
            shown = ", ".join(str(day) for day in days[:5])
            notes.append(f"{series.asset}: {what}: {shown}{f' and {days.size - 5} more' if days.size > 5 else ''}")
    return replace(series, sessions=sessions, instants=instants, prices=prices, notes=tuple(notes))


def _unasked(sessions: SessionArray, series: PriceSeries) -> np.ndarray:
    """Mask of the sessions in stretches that nobody asked for: the archive gives the first bar after one no price."""
    out = np.zeros(sessions.size, dtype=bool)
    gaps = np.diff(series.sessions) > np.timedelta64(UNASKED, "D")
    for i in (np.flatnonzero(gaps & np.isnan(series.prices[1:])) + 1).tolist():
        out |= (sessions > series.sessions[i - 1]) & (sessions < series.sessions[i])
    return out
