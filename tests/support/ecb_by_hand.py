"""The ECB's history read with the standard library and numpy alone: what the program's numbers are held against."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import importlib.resources
import io
import zipfile
from zoneinfo import ZoneInfo

import numpy as np

DOLLAR_INDEX = {
    "EURUSD": -0.576,
    "USDJPY": 0.136,
    "GBPUSD": -0.119,
    "USDCAD": 0.091,
    "USDSEK": 0.042,
    "USDCHF": 0.036,
}
FACTOR = ("EUR", "JPY", "GBP", "CAD", "SEK", "CHF", "AUD", "NZD", "NOK", "SGD", "KRW", "MXN", "PLN", "ZAR")


@functools.cache
def table() -> tuple[list[dt.date], dict[str, np.ndarray]]:
    """Dates, oldest first, and units of each currency per euro."""
    packed = importlib.resources.files("currency_converter") / "eurofxref-hist.zip"
    with zipfile.ZipFile(io.BytesIO(packed.read_bytes())) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    lines = sorted(csv.DictReader(io.StringIO(text)), key=lambda line: line["Date"])
    codes = [code for code in lines[0] if code and code != "Date"]
    rates = {c: np.array([float(line[c]) if line[c] not in ("", "N/A") else np.nan for line in lines]) for c in codes}
    rates["EUR"] = np.ones(len(lines))
    return [dt.date.fromisoformat(line["Date"]) for line in lines], rates


def price(asset: str) -> np.ndarray:
    _, rates = table()
    if asset == "dollar-index":
        logs = [weight * np.log(price(pair)) for pair, weight in DOLLAR_INDEX.items()]
        return 50.14348112 * np.exp(np.sum(logs, axis=0))
    return rates[asset[3:]] / rates[asset[:3]]


def factor(asset: str) -> np.ndarray:
    """The dollar factor without the currencies of `asset`, as prices of one dollar basket."""
    _, rates = table()
    own = {code for pair in (DOLLAR_INDEX if asset == "dollar-index" else [asset]) for code in (pair[:3], pair[3:])}
    kept = [code for code in FACTOR if code not in own]
    return np.exp(np.mean([np.log(rates["USD"] / rates[code]) for code in kept], axis=0))


def simple_returns(prices: np.ndarray) -> np.ndarray:
    return np.concatenate([[np.nan], prices[1:] / prices[:-1] - 1.0])


def day0(announced: dt.datetime) -> int:
    """Position of the first fixing, 14:15 in Frankfurt, strictly after the announcement."""
    dates, _ = table()
    berlin = ZoneInfo("Europe/Berlin")
    near = range(next(i for i, d in enumerate(dates) if d >= announced.date() - dt.timedelta(days=10)), len(dates))
    return next(i for i in near if dt.datetime.combine(dates[i], dt.time(14, 15), berlin) > announced)
