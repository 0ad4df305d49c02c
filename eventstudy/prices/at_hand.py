"""Assets that no settings define, by the symbols that their sources have."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator

from eventstudy.config.model import AssetConfig, Config
from eventstudy.errors import InputError, SourceError, UnknownSymbol
from eventstudy.hints import hint, nearest
from eventstudy.prices import open_source

# Kinds of source that only the network can tell: believed until prices are pulled, but for a near miss.
ASKED = ("yahoo",)
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
    keys, symbol = _sources(config, name)
    defined = _defined(config)
    is_near_miss = symbol not in defined and bool(nearest(symbol, defined))
    for key in sorted(keys, key=lambda key: config.sources[key].kind in ASKED):
        is_on_network = config.sources[key].kind in ASKED
        if is_on_network and not SYMBOL.fullmatch(symbol):
            continue
        is_believed = is_on_network and not is_near_miss
        unknown = None if is_believed else _unknown(config, key, symbol, now)
        if unknown is None:
            yield key, symbol
        else:
            is_near_miss = is_near_miss or bool(unknown.meant)


def _defined(config: Config) -> list[str]:
    """Names and symbols of the settings."""
    return list(dict.fromkeys([*config.assets, *(a.symbol for a in config.assets.values() if a.symbol)]))


def _sources(config: Config, name: str) -> tuple[list[str], str]:
    """The sources that are asked for a name, and for what: ``ecb:USDMXN`` names both."""
    source, colon, symbol = name.partition(":")
    return ([source], symbol) if colon and source in config.sources else ([*config.sources], name)


def _unknown(config: Config, key: str, symbol: str, now: Callable[[], dt.datetime]) -> UnknownSymbol | None:
    """What a source says that has never heard of a symbol; it is asked once."""
    day = now().date()
    once = config.sources[key].model_copy(update={"live": False, "attempts": 1})
    try:
        open_source(key, once, now).fetch(symbol, day, day)
    except UnknownSymbol as error:
        return error
    except SourceError:
        pass  # it has the symbol, and no price of this day; or says what is wrong when prices are pulled
    return None


def _remedy(config: Config, name: str, now: Callable[[], dt.datetime]) -> str:
    """The name that was perhaps meant: spelt otherwise, or nearly one that is defined or that a source has."""
    plain = re.sub(r"[^A-Za-z0-9]", "", name).upper()
    if plain != name and plain not in config.assets and next(_places(config, plain, now), None):
        return f"did you mean {plain!r}?"
    keys, symbol = _sources(config, name)
    heard = [_unknown(config, key, symbol, now) for key in keys if config.sources[key].kind not in ASKED]
    known = f"known are {', '.join(config.assets)}, and the symbols of {', '.join(config.sources)}"
    return hint(symbol, [*_defined(config), *(error.meant for error in heard if error and error.meant)], known)
