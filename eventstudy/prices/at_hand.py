"""Assets that no settings define, by the symbols that their sources have."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator

from eventstudy.config.model import AssetConfig, Config
from eventstudy.errors import InputError, SourceError, UnknownSymbol
from eventstudy.hints import hint
from eventstudy.prices import open_source

ASKED = ("yahoo",)  # kinds of source that only the network can tell; they are believed until prices are pulled
SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.^=-]{0,24}")


def with_symbols(config: Config, names: Iterable[str], now: Callable[[], dt.datetime]) -> Config:
    """The settings with an asset for each of the `names` that is none but a symbol of a source.

    ``USDMXN`` and ``ecb:USDMXN`` are both understood; sources that need no network are tried first.

    Raises
    ------
    InputError
        For a name that no source has, with what was perhaps meant.
    """
    assets = dict(config.assets)
    for name in names:
        if name not in assets:
            source, symbol = place_of(config, name, now)
            assets[name] = AssetConfig(source=source, symbol=symbol, title="" if symbol == name else symbol)
    return config.model_copy(update={"assets": assets})


def place_of(config: Config, name: str, now: Callable[[], dt.datetime], where: str = "--asset") -> tuple[str, str]:
    """The source that has a symbol, and the symbol, where the settings have no asset of this name.

    Raises
    ------
    InputError
        For a name that no source has, and for ``GBP/USD`` where there is ``GBPUSD``.
    """
    plain = name.replace("/", "")
    has_other = plain != name and (plain in config.assets or next(_places(config, plain, now), None) is not None)
    found = None if has_other else next(_places(config, name, now), None)
    if found is None:
        remedy = f"did you mean {plain!r}?" if has_other else _remedy(config, name, now)
        raise InputError("unknown asset", where=where, value=name, remedy=remedy)
    return found


def _places(config: Config, name: str, now: Callable[[], dt.datetime]) -> Iterator[tuple[str, str]]:
    """Sources that have the symbol, and the symbol; those on a network last."""
    source, colon, symbol = name.partition(":")
    at_hand = {source: config.sources[source]} if colon and source in config.sources else dict(config.sources)
    symbol = symbol if colon and source in config.sources else name
    for key, settings in sorted(at_hand.items(), key=lambda item: item[1].kind in ASKED):
        if settings.kind in ASKED:
            if SYMBOL.fullmatch(symbol):
                yield key, symbol
            continue
        day = now().date()
        try:
            open_source(key, settings.model_copy(update={"live": False}), now).fetch(symbol, day, day)
        except UnknownSymbol:
            continue
        except SourceError:
            pass  # it has the symbol, and no price of this day; or says what is wrong when prices are pulled
        yield key, symbol


def _remedy(config: Config, name: str, now: Callable[[], dt.datetime]) -> str:
    """The name that was perhaps meant: spelt otherwise, or nearly one that is defined."""
    plain = re.sub(r"[^A-Za-z0-9]", "", name).upper()
    if plain != name and plain not in config.assets and next(_places(config, plain, now), None):
        return f"did you mean {plain!r}?"
    known = f"known are {', '.join(config.assets)}, and the symbols of {', '.join(config.sources)}"
    return hint(name, config.assets, known)
