"""Which calendar what Yahoo quotes has: by the ending of its symbol, else by the exchange that the answer names."""

from __future__ import annotations

from typing import Any

import pytest

from eventstudy.calendars import named_calendar
from eventstudy.prices.yahoo.venues import EXCHANGES, FULL_NAMES, SUFFIXES, calendar_of

NEW_YORK = "America/New_York"


def meta(exchange: str = "", kind: str = "EQUITY", full: str = "", zone: str = NEW_YORK) -> dict[str, Any]:
    return {
        "instrumentType": kind,
        "exchangeName": exchange,
        "fullExchangeName": full,
        "exchangeTimezoneName": zone,
    }


@pytest.mark.parametrize(
    ("symbol", "answer", "name"),
    [
        ("BARC.L", meta("LSE"), "XLON"),
        ("0700.HK", meta("HKG"), "XHKG"),
        ("7203.T", meta("JPX"), "XTKS"),
        ("005930.KS", meta("KSC"), "XKRX"),
        ("600519.SS", meta("SHH"), "XSHG"),
        ("000001.SZ", meta("SHZ"), "XSHG"),
        ("INFY.NS", meta("NSI"), "XBOM"),
        ("PETR4.SA", meta("SAO"), "BVMF"),
        ("TEL.PS", meta("PHS"), "XPHS"),
        ("OPAP.AT", meta("ATH"), "ASEX"),
        ("GS", meta("NYQ"), "XNYS"),
        ("AAPL", meta("NMS"), "XNYS"),
        ("SPY", meta("PCX", "ETF"), "XNYS"),
        ("BRK-B", meta("NYQ"), "XNYS"),
        ("OGZPY", meta("PNK"), "XNYS"),
        ("VFINX", meta("NAS", "MUTUALFUND"), "XNYS"),
        ("GS", meta(), "XNYS"),  # an answer that names no exchange
        ("GS", meta(zone="Europe/London"), ""),
        ("^GSPC", meta("SNP", "INDEX"), "XNYS"),
        ("^DJI", meta("DJI", "INDEX"), "XNYS"),
        ("^N225", meta("OSA", "INDEX"), "XTKS"),
        ("^GDAXI", meta("GER", "INDEX"), "XETR"),
        ("^FTSE", meta("FGI", "INDEX"), "XLON"),
        ("^HSI", meta("HKG", "INDEX"), "XHKG"),
        ("^VIX", meta("CXI", "INDEX"), ""),
        ("DX-Y.NYB", meta("NYB", "INDEX"), "IEPA"),
        ("ES=F", meta("CME", "FUTURE"), "CMES"),
        ("CL=F", meta("NYM", "FUTURE"), "CMES"),
        ("GC=F", meta("CMX", "FUTURE"), "CMES"),
        ("CLZ26.NYM", meta("NYM", "FUTURE"), "CMES"),
        ("DX=F", meta("NYB", "FUTURE"), "IEPA"),
        ("ZC=F", meta("CBT", "FUTURE"), ""),  # grains stop at 13:20
        ("KC=F", meta("NYB", "FUTURE"), ""),  # coffee at 13:30
        ("EURUSD=X", meta("CCY", "CURRENCY"), "fx-london"),
        ("BTC-USD", meta("CCC", "CRYPTOCURRENCY", zone="UTC"), "24/7"),
        ("ANY", meta("???", full="Tokyo"), "XTKS"),
        ("ANY", meta("???", full="Nowhere"), ""),
        ("ANY.UNKNOWN", meta("???"), ""),
    ],
)
def test_what_yahoo_quotes_has_the_calendar_of_its_venue(symbol: str, answer: dict[str, Any], name: str) -> None:
    assert calendar_of(symbol, answer) == name


@pytest.mark.parametrize("name", sorted({*SUFFIXES.values(), *EXCHANGES.values(), *FULL_NAMES.values()}))
def test_every_venue_of_the_tables_is_a_calendar(name: str) -> None:
    assert named_calendar(name) is not None
