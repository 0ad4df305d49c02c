"""Where the prices are that an article speaks of: assets of the settings, or symbols of their sources."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eventstudy.config.model import AssetConfig, Config
from eventstudy.draft.wanted import Wanted
from eventstudy.gazetteer.tables import main_index
from eventstudy.prices.ecb import bundled

# The formula of the ICE US dollar index, on euro reference rates.
DOLLAR_BASKET = {"EURUSD": -0.576, "USDJPY": 0.136, "GBPUSD": -0.119, "USDCAD": 0.091, "USDSEK": 0.042, "USDCHF": 0.036}
DOLLAR_CONSTANT = 50.14348112
DOLLAR = "dollar-index"
_FRESH = dt.timedelta(days=10)  # a rate must have been fixed so shortly before


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """An asset of the draft.

    Attributes
    ----------
    asset : str
        Its name in the settings.
    wanted : Wanted
    words : str
        What to know of it: the source, the direction of its quotation, what it only stands for.
    added : dict
        Assets that the settings must get for it, as the settings write them; empty where they have it.
    benchmark : str
        What its returns may be measured against, and why; empty where nothing is known.
    """

    asset: str
    wanted: Wanted
    words: str
    added: dict[str, dict[str, Any]] = field(default_factory=dict)
    benchmark: str = ""

    @property
    def needs_network(self) -> bool:
        """Whether its prices are asked of Yahoo."""
        return any(value.get("source") == "yahoo" for value in self.added.values())


class Places:
    """Finds where things are quoted.

    Parameters
    ----------
    config : Config or None
        None: no settings are at hand, and those that the draft writes have both the ECB's rates and Yahoo.
    day : date
        Of the announcement.
    """

    def __init__(self, config: Config | None, day: dt.date) -> None:
        self.config, self.day = config, day
        kinds = (
            {name: source.kind for name, source in config.sources.items()}
            if config
            else {"ecb": "ecb", "yahoo": "yahoo"}
        )
        self.ecb = next((name for name, kind in kinds.items() if kind == "ecb"), "")
        self.yahoo = next((name for name, kind in kinds.items() if kind == "yahoo"), "")
        self.assets: Mapping[str, AssetConfig] = config.assets if config else {}

    def quoted(self, one: Wanted) -> Quoted | str:
        """Where a price is; or why it is nowhere, as a clause."""
        kind = one.entry.kind
        found = self._defined(one)
        if found is not None:
            return found
        if kind == "pair":
            return self._rate(one)
        if kind == "basket":
            return self._dollar(one)
        if not one.entry.symbol:
            return f"{one.entry.title}: {one.entry.note or 'no source at hand has it'}"
        if not self.yahoo:
            return (
                f"{one.entry.title}: no source of the settings has it; with a source of kind yahoo: {one.entry.symbol}"
            )
        return Quoted(
            asset=one.entry.symbol,
            wanted=one,
            words=f"{one.entry.title}, asked of Yahoo when prices are pulled",
            added={one.entry.symbol: {"source": self.yahoo, "title": one.entry.title}},
            benchmark=self._benchmark(one),
        )

    def _defined(self, one: Wanted) -> Quoted | None:
        """An asset of the settings that is it, or stands for it."""
        symbols = {one.entry.symbol, one.entry.key, one.entry.key[3:] + one.entry.key[:3]} - {""}
        symbols |= {f"{symbol}=X" for symbol in symbols if one.entry.kind == "pair"}
        for name, asset in self.assets.items():
            if asset.basket is None and (asset.symbol or name) in symbols:
                reason = self._no_rate(asset.symbol or name) if asset.source == self.ecb else ""
                if reason:
                    continue
                turned = one.entry.kind == "pair" and (asset.symbol or name)[:3] != one.entry.key[:3]
                words = "quoted the other way round" if turned else one.entry.note
                return Quoted(asset=name, wanted=one, words=words, benchmark=self._benchmark(one))
        if one.entry.kind != "basket":
            return None
        for name, asset in self.assets.items():
            if re.search(r"\bdollar[ -](?:spot )?index\b", f"{name} {asset.title}", re.IGNORECASE):
                proxy = asset.basket is not None or "proxy" in asset.title.lower()
                words = (
                    f"a proxy: {asset.title or name} is not {one.entry.title}"
                    if proxy or one.entry.key != "DXY"
                    else ""
                )
                return Quoted(asset=name, wanted=one, words=words)
        return None

    def _rate(self, one: Wanted) -> Quoted | str:
        symbol, why = one.entry.key, ""
        if self.ecb:
            why = self._no_rate(symbol)
            if not why:
                return Quoted(
                    asset=symbol,
                    wanted=one,
                    words="; ".join(filter(None, (one.entry.note, "fixings of the ECB"))),
                    added={symbol: {"source": self.ecb, "title": one.entry.title}},
                    benchmark=self._benchmark(one),
                )
        if self.yahoo:
            name = symbol if symbol not in self.assets else one.entry.symbol
            return Quoted(
                asset=name,
                wanted=one,
                words="; ".join(filter(None, (one.entry.note, why, "asked of Yahoo when prices are pulled"))),
                added={name: {"source": self.yahoo, "symbol": one.entry.symbol, "title": one.entry.title}},
            )
        return f"{symbol}: {why or 'no source of the settings has it'}"

    def _dollar(self, one: Wanted) -> Quoted | str:
        if self.ecb:
            parts = {symbol: {"source": self.ecb} for symbol in DOLLAR_BASKET if symbol not in self.assets}
            basket = {"constant": DOLLAR_CONSTANT, "weights": dict(DOLLAR_BASKET)}
            title = "the US dollar index (proxy on ECB fixings)"
            other = f"; Yahoo's symbol is {one.entry.symbol}" if one.entry.symbol else ""
            return Quoted(
                asset=DOLLAR,
                wanted=one,
                words=f"a proxy: the formula of the ICE index on ECB fixings, not {one.entry.title}{other}",
                added={DOLLAR: {"title": title, "basket": basket}, **parts},
            )
        if self.yahoo:
            proxy = f"a proxy: the ICE index, not {one.entry.title}" if one.entry.key != "DXY" else "the ICE index"
            added = {"DX-Y.NYB": {"source": self.yahoo, "title": "the ICE US dollar index"}}
            return Quoted(asset="DX-Y.NYB", wanted=one, words=proxy, added=added)
        return f"{one.entry.title}: no source of the settings has it"

    def _no_rate(self, symbol: str) -> str:
        """Why the ECB has no rate of a pair about the day; empty where it has one."""
        history = bundled()
        for code in (symbol[:3], symbol[3:]):
            if code == "EUR":
                continue
            if code not in history.rates:
                return f"the ECB has no rate of {code}"
            have = history.sessions[np.isfinite(history.rates[code])]
            if np.datetime64(self.day, "D") - np.timedelta64(_FRESH.days, "D") > have[-1] < history.sessions[-1]:
                return f"the ECB's rate of {code} ends on {have[-1]}"
            if np.datetime64(self.day, "D") < have[0]:
                return f"the ECB's rate of {code} begins on {have[0]}"
        return ""

    def _benchmark(self, one: Wanted) -> str:
        """What a price may be measured against."""
        if one.entry.kind == "company" and (market := main_index(one.entry.country or "US")):
            return f"{market.symbol} ({market.title}), the market of {one.entry.title}"
        if one.entry.kind == "index" and one.entry.key not in ("ACWI", "^VIX"):
            return "ACWI (MSCI's world index, as a fund)" if self.yahoo else ""
        if (
            one.entry.kind == "pair"
            and "dollar-factor" in self.assets
            and "USD" in (one.entry.key[:3], one.entry.key[3:])
        ):
            return "dollar-factor, the dollar against the other currencies"
        return ""
