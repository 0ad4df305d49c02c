"""From an instant to the first session that could react.

A session belongs to a source as well as to a venue. Every calendar here gives, for a range of dates, the session
labels and the UTC instants at which their prices are taken; the rule is the same for all: event day τ = 0 is the
first session whose price is taken **strictly after** the announcement.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import warnings
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from eventstudy.errors import CannotEstimate, InputError
from eventstudy.records import Event, InstantArray, SessionArray

# Sessions that exchange_calendars 4.13.2 wrongly holds open; (first, last) dates, both included.
CLOSED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "XHKG": (
        ("2023-09-01", "2023-09-01", "typhoon Saola; gerrymanoim/exchange_calendars#600"),
        ("2023-09-08", "2023-09-08", "black rainstorm; gerrymanoim/exchange_calendars#600"),
    ),
    "XTAI": (("2024-10-31", "2024-10-31", "typhoon Kong-rey"),),
    "XJSE": (("2024-05-29", "2024-05-29", "general election, a public holiday"),),
    "XMOS": (("2022-02-28", "2022-03-23", "stock trading suspended by the Bank of Russia"),),
}


class Calendar(Protocol):
    """Sessions of one venue or source."""

    def sessions(self, start: dt.date, end: dt.date) -> tuple[SessionArray, InstantArray]:
        """Session labels in [start, end] and the UTC instants at which their prices are taken."""
        ...


@dataclass(frozen=True, slots=True)
class FixingCalendar:
    """ECB euro reference rates: 14:15 Europe/Berlin on every TARGET day.

    TARGET has been closed since 2002 on 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December (in
    1999-2001 a few days differed; sources with data of those years carry their own sessions).
    """

    def sessions(self, start: dt.date, end: dt.date) -> tuple[SessionArray, InstantArray]:
        """TARGET days and their fixings."""
        days = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + 1)
        closed = {np.datetime64(d, "D") for year in range(start.year, end.year + 1) for d in target_holidays(year)}
        labels = np.array([d for d in days[np.is_busday(days)] if d not in closed], dtype="datetime64[D]")
        return labels, at_local_time(labels, dt.time(14, 15), "Europe/Berlin")


@dataclass(frozen=True, slots=True)
class FxWeekCalendar:
    """Spot foreign exchange: the week runs from Sunday 17:00 to Friday 17:00 New York; a day ends at 17:00."""

    def sessions(self, start: dt.date, end: dt.date) -> tuple[SessionArray, InstantArray]:
        """Monday to Friday, each ending at 17:00 New York."""
        days = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + 1)
        labels = days[np.is_busday(days)]
        return labels, at_local_time(labels, dt.time(17, 0), "America/New_York")


@dataclass(frozen=True, slots=True)
class ExchangeCalendar:
    """A stock exchange by its MIC, from exchange_calendars, less the closures that it misses."""

    mic: str

    def sessions(self, start: dt.date, end: dt.date) -> tuple[SessionArray, InstantArray]:
        """Trading days and their closes, early closes included."""
        calendar = _exchange(self.mic)
        closes = calendar.closes
        labels = closes.index.to_numpy().astype("datetime64[D]")
        instants = closes.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[ns]")
        keep = (labels >= np.datetime64(start, "D")) & (labels <= np.datetime64(end, "D"))
        for first, last, _why in CLOSED.get(self.mic, ()):
            keep &= ~((labels >= np.datetime64(first)) & (labels <= np.datetime64(last)))
        return labels[keep], instants[keep]

    def hours(self, start: dt.date, end: dt.date) -> tuple[InstantArray, InstantArray]:
        """UTC instants at which the sessions in [start, end] open and close."""
        labels, closes = self.sessions(start, end)
        opens = _exchange(self.mic).opens
        every = opens.index.to_numpy().astype("datetime64[D]")
        instants = opens.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[ns]")
        return instants[np.searchsorted(every, labels)], closes


def named_calendar(name: str) -> Calendar:
    """The calendar called `name`: ``ecb``, ``fx`` (24/5), or a MIC such as ``XNYS``.

    Raises
    ------
    InputError
        For a name that nobody knows.
    """
    if name == "ecb":
        return FixingCalendar()
    if name == "fx":
        return FxWeekCalendar()
    import exchange_calendars

    if name not in exchange_calendars.get_calendar_names():
        raise InputError("unknown calendar", where="calendar", value=name, remedy="use ecb, fx or a MIC such as XNYS")
    return ExchangeCalendar(exchange_calendars.resolve_alias(name))  # HKEX is XHKG, whose closures are known here


# Yahoo's ending of a symbol → the venue whose hours and holidays it has. Where Yahoo has one ending for a venue that
# exchange_calendars lacks, the one with the same holidays stands in (Shenzhen, Kosdaq, the NSE in Mumbai, Taipei).
VENUES: dict[str, str] = {
    "AS": "XAMS",
    "AT": "ASEX",
    "AX": "XASX",
    "BA": "XBUE",
    "BD": "XBUD",
    "BK": "XBKK",
    "BO": "XBOM",
    "BR": "XBRU",
    "CO": "XCSE",
    "DE": "XETR",
    "F": "XFRA",
    "HE": "XHEL",
    "HK": "XHKG",
    "IC": "XICE",
    "IR": "XDUB",
    "IS": "XIST",
    "JK": "XIDX",
    "JO": "XJSE",
    "KL": "XKLS",
    "KQ": "XKRX",
    "KS": "XKRX",
    "L": "XLON",
    "LS": "XLIS",
    "MC": "XMAD",
    "ME": "XMOS",
    "MI": "XMIL",
    "MX": "XMEX",
    "NS": "XBOM",
    "NZ": "XNZE",
    "OL": "XOSL",
    "PA": "XPAR",
    "PR": "XPRA",
    "SA": "BVMF",
    "SI": "XSES",
    "SN": "XSGO",
    "SR": "XSAU",
    "SS": "XSHG",
    "ST": "XSTO",
    "SW": "XSWX",
    "SZ": "XSHG",
    "T": "XTKS",
    "TA": "XTAE",
    "TO": "XTSE",
    "TW": "XTAI",
    "TWO": "XTAI",
    "V": "XTSE",
    "VI": "XWBO",
    "WA": "XWAR",
}
_AMERICAN = re.compile(r"[A-Z]{1,5}(-[A-Z])?")  # GS, BRK-B; not ^GSPC, BTC-USD, ES=F


def venue_of(symbol: str) -> str | None:
    """Name of the calendar that a Yahoo symbol trades on; None where the symbol does not say it.

    Used to find sessions without a bar; the sessions of a study are those of `calendar:` in the settings, or of the
    source, so that no result depends on this table.
    """
    if symbol.endswith("=X"):
        return "fx"
    _, dot, ending = symbol.rpartition(".")
    if dot:
        return VENUES.get(ending)
    return "XNYS" if _AMERICAN.fullmatch(symbol) else None


def ordinary_close(symbol: str, day: dt.date) -> dt.time | None:
    """Local time at which the venue of a Yahoo symbol closes on ordinary days, if it closes early on `day`.

    None on an ordinary day, for a symbol that names no venue, and for a venue that cannot be looked up.
    """
    venue = venue_of(symbol)
    if venue in (None, "fx"):
        return None
    try:
        calendar = _exchange(str(venue))
    except InputError:
        return None
    if np.datetime64(day) not in calendar.early_closes.to_numpy().astype("datetime64[D]"):
        return None
    time: dt.time = calendar.close_times[-1][1]
    return time


def first_after(instants: InstantArray, moment: dt.datetime) -> int:
    """Index of the first of `instants` strictly after `moment`; ``len(instants)`` when there is none."""
    return int(np.searchsorted(instants, to_instant(moment), side="right"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """One way to place an announcement on the sessions of an asset.

    Attributes
    ----------
    name : str
        ``main`` (as stated, else the earliest instant) or ``latest``.
    index : int
        Position of event day τ = 0 among the sessions.
    session : numpy.datetime64
    """

    name: str
    index: int
    session: np.datetime64


def align(event: Event, sessions: SessionArray, instants: InstantArray) -> tuple[Alignment, ...]:
    """The main alignment, and a second one when another minute of the interval falls into another session.

    Raises
    ------
    CannotEstimate
        When no session follows the announcement, or none precedes it.
    """
    if sessions.size == 0:
        raise CannotEstimate("there is no session at all in the prices")
    main, earliest, latest = (first_after(instants, t) for t in (event.announced_at, event.earliest, event.latest))
    if main == 0:
        raise CannotEstimate(f"the first price in the archive is of {sessions[0]}, after the announcement")
    if main >= sessions.size:
        raise CannotEstimate(f"no price has been taken after the announcement yet; the last session is {sessions[-1]}")
    out = [Alignment(name="main", index=main, session=sessions[main])]
    for name, index in (("earliest", earliest), ("latest", latest)):
        if index != main and 0 < index < sessions.size:
            out.append(Alignment(name=name, index=index, session=sessions[index]))
    return tuple(out)


def to_instant(moment: dt.datetime) -> np.datetime64:
    """A tz-aware datetime as a UTC datetime64[ns]."""
    if moment.tzinfo is None:
        raise InputError("a time without a zone", value=moment.isoformat(), remedy="attach one")
    return np.datetime64(moment.astimezone(dt.UTC).replace(tzinfo=None), "ns")


def session_date(session: np.datetime64) -> dt.date:
    """A session label as a plain date."""
    day: dt.date = session.astype("datetime64[D]").item()
    return day


def at_local_time(labels: SessionArray, time: dt.time, zone: str) -> InstantArray:
    """UTC instants of a local clock time on each date, daylight saving included.

    A time that the clocks leapt over is the moment of the leap; of one that came twice, the first counts.
    """
    import pandas as pd

    since_midnight = np.timedelta64((time.hour * 60 + time.minute) * 60 + time.second, "s")
    local = pd.DatetimeIndex(labels.astype("datetime64[s]") + since_midnight).tz_localize(
        zone, nonexistent="shift_forward", ambiguous=np.ones(labels.size, dtype=bool)
    )
    return local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[ns]")


def local_time(instants: InstantArray, zone: str) -> InstantArray:
    """What clocks in `zone` show at UTC instants; the inverse of `at_local_time`."""
    import pandas as pd

    local = pd.DatetimeIndex(instants).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return local.to_numpy().astype("datetime64[ns]")


@functools.cache
def target_holidays(year: int) -> tuple[dt.date, ...]:
    """Closing days of TARGET in `year`, rules in force since 2002."""
    from dateutil.easter import easter as easter_sunday

    easter: dt.date = easter_sunday(year)
    return (
        dt.date(year, 1, 1),
        easter - dt.timedelta(days=2),
        easter + dt.timedelta(days=1),
        dt.date(year, 5, 1),
        dt.date(year, 12, 25),
        dt.date(year, 12, 26),
    )


@functools.cache
def _exchange(mic: str) -> Any:
    """The calendar of a venue over all the years that its holidays are known for, whatever today is."""
    import pandas as pd
    from exchange_calendars import calendar_utils

    # get_calendar() raises for years outside a venue's bounds and does not tell them; its table of classes does
    factory = calendar_utils._default_calendar_factories[calendar_utils.resolve_alias(mic)]  # noqa: SLF001
    first = max(filter(None, (pd.Timestamp("1990-01-01"), factory.bound_min())))
    last = min(filter(None, (pd.Timestamp("2035-12-31"), factory.bound_max())))
    with warnings.catch_warnings():
        # exchange_calendars 4.13.2 uses what pandas 3 deprecates; nothing in it depends on us
        warnings.simplefilter("ignore")
        try:
            return factory(start=first, end=last)
        except (ValueError, NotImplementedError):
            raise InputError(
                "exchange_calendars cannot build this calendar", where="calendar", value=mic, remedy="leave it out"
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingHours:
    """When a market is open.

    Attributes
    ----------
    zone : str
        IANA name of its zone.
    labels : SessionArray
        Shape (S,).
    opens, closes, break_starts, break_ends : InstantArray
        Shape (S,), UTC; NaT on sessions without a break.
    """

    zone: str
    labels: SessionArray
    opens: InstantArray
    closes: InstantArray
    break_starts: InstantArray
    break_ends: InstantArray


def trading_hours(name: str, start: dt.date, end: dt.date) -> TradingHours:
    """Opening hours of the sessions labelled `start` to `end` of a calendar: ``fx``, ``24/7`` or a MIC.

    Raises
    ------
    InputError
        For a name that nobody knows, and for fixings, which are one price a day.
    """
    if name in ("fx", "24/7"):
        days = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + 1)
        labels = days if name == "24/7" else days[np.is_busday(days)]
        zone, time = ("UTC", dt.time(0)) if name == "24/7" else ("America/New_York", dt.time(17))
        ends = labels + np.timedelta64(1 if name == "24/7" else 0, "D")
        closes, opens = (at_local_time(days, time, zone) for days in (ends, ends - np.timedelta64(1, "D")))
        none = np.full(labels.size, np.datetime64("NaT", "ns"))
        return TradingHours(zone=zone, labels=labels, opens=opens, closes=closes, break_starts=none, break_ends=none)
    calendar = named_calendar(name)
    if not isinstance(calendar, ExchangeCalendar):
        raise InputError("has one price a day", where="calendar", value=name, remedy="use fx or a MIC such as XNYS")
    labels, closes = calendar.sessions(start, end)
    schedule = _exchange(calendar.mic).schedule
    rows = np.searchsorted(schedule.index.to_numpy().astype("datetime64[D]"), labels)
    opens, starts, ends = (
        schedule[column].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[ns]")[rows]
        for column in ("open", "break_start", "break_end")
    )
    return TradingHours(
        zone=str(_exchange(calendar.mic).tz),
        labels=labels,
        opens=opens,
        closes=closes,
        break_starts=starts,
        break_ends=ends,
    )
