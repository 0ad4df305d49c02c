"""The calendar of what Yahoo quotes: by the ending of the symbol, else by the exchange that the answer names."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from eventstudy.calendars import ExchangeCalendar, named_calendar

FARTHEST = 3  # hours between a venue's clock and that of an answer, whose zone may be one nearby
_SOME_DAY = dt.datetime(2024, 1, 15, 12, tzinfo=dt.UTC)

# Ending of a symbol → the venue whose hours and holidays it has. Where exchange_calendars lacks a venue, one with the
# same holidays and hours stands in (Shenzhen, Kosdaq, the NSE in Mumbai, Taipei); without such a one there is no row.
SUFFIXES: dict[str, str] = {
    "AS": "XAMS",
    "AT": "ASEX",
    "AX": "XASX",
    "BA": "XBUE",
    "BD": "XBUD",
    "BK": "XBKK",
    "BO": "XBOM",
    "BR": "XBRU",
    "CL": "XBOG",
    "CME": "CMES",
    "CMX": "CMES",
    "CN": "XTSE",
    "CO": "XCSE",
    "DE": "XETR",
    "DU": "XDUS",
    "F": "XFRA",
    "HE": "XHEL",
    "HK": "XHKG",
    "HM": "XHAM",
    "IC": "XICE",
    "IL": "XLON",
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
    "NE": "XTSE",
    "NS": "XBOM",
    "NYB": "IEPA",
    "NYM": "CMES",
    "NZ": "XNZE",
    "OL": "XOSL",
    "PA": "XPAR",
    "PR": "XPRA",
    "PS": "XPHS",
    "RG": "XRIS",
    "RO": "XBSE",
    "SA": "BVMF",
    "SG": "XSTU",
    "SI": "XSES",
    "SN": "XSGO",
    "SR": "XSAU",
    "SS": "XSHG",
    "ST": "XSTO",
    "SW": "XSWX",
    "SZ": "XSHG",
    "T": "XTKS",
    "TA": "XTAE",
    "TL": "XTAL",
    "TO": "XTSE",
    "TW": "XTAI",
    "TWO": "XTAI",
    "V": "XTSE",
    "VI": "XWBO",
    "VS": "XLIT",
    "WA": "XWAR",
}

# ``exchangeName`` of an answer → the same; for symbols without an ending, which are American shares, and indices.
EXCHANGES: dict[str, str] = {
    **dict.fromkeys(
        # Nasdaq, its funds and indices, NYSE, American, Arca, Cboe BZX, over the counter; indices of S&P and Dow Jones
        ["NMS", "NGM", "NCM", "NAS", "NIM", "NYQ", "NYS", "ASE", "PCX", "BTS", "PNK", "OQB", "OQX", "OEM", "OBB"],
        "XNYS",
    ),
    "SNP": "XNYS",
    "DJI": "XNYS",
    "AMS": "XAMS",
    "ASX": "XASX",
    "ATH": "ASEX",
    "BRU": "XBRU",
    "BSE": "XBOM",
    "BUD": "XBUD",
    "BUE": "XBUE",
    "CBT": "CMES",
    "CME": "CMES",
    "CMX": "CMES",
    "CPH": "XCSE",
    "EBS": "XSWX",
    "FGI": "XLON",  # indices of FTSE
    "FRA": "XFRA",
    "GER": "XETR",
    "HEL": "XHEL",
    "HKG": "XHKG",
    "ICE": "XICE",
    "ISE": "XDUB",
    "IST": "XIST",
    "JKT": "XIDX",
    "JNB": "XJSE",
    "JPX": "XTKS",
    "KLS": "XKLS",
    "KOE": "XKRX",
    "KSC": "XKRX",
    "LIS": "XLIS",
    "LSE": "XLON",
    "MCE": "XMAD",
    "MCX": "XMOS",
    "MEX": "XMEX",
    "MIL": "XMIL",
    "NSI": "XBOM",
    "NYM": "CMES",
    "NZE": "XNZE",
    "OSA": "XTKS",  # indices of Nikkei
    "OSL": "XOSL",
    "PAR": "XPAR",
    "PHS": "XPHS",
    "PRA": "XPRA",
    "SAO": "BVMF",
    "SAU": "XSAU",
    "SES": "XSES",
    "SET": "XBKK",
    "SGO": "XSGO",
    "SHH": "XSHG",
    "SHZ": "XSHG",
    "STO": "XSTO",
    "TAI": "XTAI",
    "TLV": "XTAE",
    "TOR": "XTSE",
    "TWO": "XTAI",
    "VAN": "XTSE",
    "VIE": "XWBO",
    "WSE": "XWAR",
}

# ``fullExchangeName``, where the short name is one that we do not know.
FULL_NAMES: dict[str, str] = {
    **dict.fromkeys(("NasdaqGS", "NasdaqGM", "NasdaqCM", "NYSE", "NYSE American", "NYSEArca", "OTC Markets"), "XNYS"),
    "COMEX": "CMES",
    "Copenhagen": "XCSE",
    "HKSE": "XHKG",
    "Helsinki": "XHEL",
    "LSE": "XLON",
    "Milan": "XMIL",
    "NY Mercantile": "CMES",
    "Osaka": "XTKS",
    "Paris": "XPAR",
    "Shanghai": "XSHG",
    "Shenzhen": "XSHG",
    "Stockholm": "XSTO",
    "Swiss": "XSWX",
    "Taiwan": "XTAI",
    "Tokyo": "XTKS",
    "Toronto": "XTSE",
    "XETRA": "XETR",
}

_KINDS = {"CURRENCY": "fx-london", "CRYPTOCURRENCY": "24/7"}
# The one future of its exchange that trades to the end of its day; and those that stop hours before that of theirs, of
# which only Yahoo's own bars tell the sessions.
_EARLY = ("ZC", "ZS", "ZW", "ZL", "ZM", "ZO", "ZR", "KE", "HE", "LE", "GF")
_FUTURES = {"DX=F": "IEPA", **dict.fromkeys([f"{root}=F" for root in _EARLY], "")}
_AMERICAN = re.compile(r"[A-Z]{1,5}(-[A-Z]{1,2})?")  # GS, BRK-B; not ^GSPC, BTC-USD, ES=F


def calendar_of(symbol: str, meta: Mapping[str, Any]) -> str:
    """Name of the calendar of a symbol; empty where neither it nor the answer's ``meta`` tells one.

    Parameters
    ----------
    symbol : str
    meta : mapping
        ``chart.result[0].meta`` of an answer.
    """
    by_kind = _KINDS.get(str(meta.get("instrumentType")))
    if by_kind:
        return by_kind
    if symbol in _FUTURES:
        return _FUTURES[symbol]
    _, dot, ending = symbol.rpartition(".")
    if dot and ending in SUFFIXES:
        return SUFFIXES[ending]
    exchange = str(meta.get("exchangeName") or "")
    if not exchange:  # an answer cut down to what yfinance needs
        is_american = meta.get("exchangeTimezoneName") == "America/New_York" and _AMERICAN.fullmatch(symbol)
        return "XNYS" if is_american else ""
    return EXCHANGES.get(exchange) or FULL_NAMES.get(str(meta.get("fullExchangeName")), "")


def another_symbol(symbol: str, meta: Mapping[str, Any]) -> str | None:
    """Which other symbol an answer names than the one that was asked for; None for none."""
    own = str(meta.get("symbol") or symbol)
    return None if own.upper() == symbol.upper() else f"the answer is of {own}"


def another_venue(symbol: str, meta: Mapping[str, Any]) -> str:
    """Why an answer may be of another venue than that of the symbol, by their clocks; empty when nothing tells so."""
    _, dot, ending = symbol.rpartition(".")
    calendar = named_calendar(SUFFIXES[ending]) if dot and ending in SUFFIXES else None
    zone = meta.get("exchangeTimezoneName")
    if not zone or not isinstance(calendar, ExchangeCalendar):
        return ""
    _, there = calendar.ordinary_close()
    apart = abs(_SOME_DAY.astimezone(ZoneInfo(there)).hour - _SOME_DAY.astimezone(ZoneInfo(str(zone))).hour)
    return f"the answer is of {zone}, {symbol} of {there}" if min(apart, 24 - apart) > FARTHEST else ""
