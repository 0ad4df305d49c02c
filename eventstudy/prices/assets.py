"""What the settings call an asset, resolved: which symbols of which sources it needs."""

from __future__ import annotations

import re

from eventstudy.config.model import AssetConfig, Config
from eventstudy.errors import InputError


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
        is_ecb = config.sources[source].kind == "ecb"
        pair = re.fullmatch(r"([A-Z]{3})/?([A-Z]{3})" if is_ecb else r"([A-Z]{3})?([A-Z]{3})=X", symbol)
        out |= {pair[1] or "USD", pair[2]} if pair else {symbol}  # Yahoo's JPY=X is the yen in dollars
    return frozenset(out)


def entry_of(config: Config, asset: str) -> AssetConfig:
    """The settings of an asset.

    Raises
    ------
    InputError
        When the settings do not define it.
    """
    if asset not in config.assets:
        raise InputError("unknown asset", where="asset", value=asset, remedy=f"known are {', '.join(config.assets)}")
    return config.assets[asset]
