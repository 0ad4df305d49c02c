"""What the settings call an asset, resolved: which symbols of which sources it needs."""

from __future__ import annotations

import re

from eventstudy.config.model import AssetConfig, Config
from eventstudy.errors import InputError
from eventstudy.hints import hint
from eventstudy.prices.yahoo.venues import SUFFIXES


def symbols_of(config: Config, asset: str) -> frozenset[tuple[str, str]]:
    """Every (source, symbol) that must be pulled to price `asset`."""
    entry = entry_of(config, asset)
    if entry.basket is None:
        assert entry.source is not None  # AssetConfig requires a source or a basket
        return frozenset({(entry.source, entry.symbol or asset)})
    return frozenset().union(*(symbols_of(config, part) for part in (*entry.basket.weights, *entry.basket.members)))


def atoms(config: Config, asset: str) -> frozenset[str]:
    """The currencies, or the symbols where there is no pair, that an asset's price is made of."""
    out: set[str] = set()
    for source, symbol in symbols_of(config, asset):
        out |= set(_pair(config.sources[source].kind, symbol) or (symbol,))
    return frozenset(out)


def _pair(kind: str, symbol: str) -> tuple[str, str] | None:
    """The two currencies of a symbol that is a rate."""
    found = re.fullmatch(r"([A-Z]{3})/?([A-Z]{3})" if kind == "ecb" else r"([A-Z]{3})?([A-Z]{3})=X", symbol)
    return (found[1] or "USD", found[2]) if found else None  # Yahoo's JPY=X is the yen in dollars


def entry_of(config: Config, asset: str) -> AssetConfig:
    """The settings of an asset.

    Raises
    ------
    InputError
        When the settings do not define it.
    """
    if asset not in config.assets:
        remedy = hint(asset, config.assets, f"known are {', '.join(config.assets)}")
        raise InputError("unknown asset", where="asset", value=asset, remedy=remedy)
    return config.assets[asset]


# Venues whose shares are quoted in dollars and in euros.
VENUES = {
    "USD": ("XNYS", "CMES", "IEPA"),
    "EUR": (
        *("XAMS", "ASEX", "XBRU", "XDUB", "XDUS", "XETR", "XFRA", "XHAM", "XHEL", "XLIS", "XMAD", "XMIL", "XPAR"),
        *("XSTU", "XTAL", "XWBO", "XRIS", "XLIT"),
    ),
}  # fmt: skip
# Indices of Yahoo's, which no ending places.
INDICES = {
    "USD": ("^GSPC", "^DJI", "^IXIC", "^NDX", "^RUT", "^VIX", "^NYA", "^TNX", "^FVX", "^TYX", "^IRX"),
    "EUR": ("^GDAXI", "^STOXX50E", "^FCHI", "^AEX", "^IBEX", "^BFX", "^MDAXI", "^ATX", "^STOXX"),
}


def currencies(config: Config, asset: str) -> frozenset[str]:
    """The currencies that an asset's price is made of, as far as its symbols and settings say."""
    out: set[str] = set()
    for source, symbol in symbols_of(config, asset):
        settings = config.sources[source]
        pair = _pair(settings.kind, symbol)
        if pair:
            out |= set(pair)
        elif settings.kind == "yahoo":
            _, dot, ending = symbol.rpartition(".")
            coin = re.fullmatch(r".+-([A-Z]{3})", symbol)
            venue = SUFFIXES.get(ending, "") if dot else "" if symbol.startswith("^") else "XNYS"
            out |= {name for name in VENUES if venue in VENUES[name] or symbol in INDICES[name]} - {coin and "USD"}
            out |= {coin[1]} if coin else set()
        elif settings.currency:
            out.add(settings.currency)
    return frozenset(out)
