"""Assets that no settings define, by the symbols that their sources have."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Iterator

from eventstudy.config.model import AssetConfig, Config
from eventstudy.errors import InputError, SourceError, UnknownSymbol
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
            found = next(_places(config, name, now), None)
            if found is None:
                raise InputError("unknown asset", where="--asset", value=name, remedy=_remedy(config, name, now))
            assets[name] = AssetConfig(source=found[0], symbol=found[1], title="" if found[1] == name else found[1])
    return config.model_copy(update={"assets": assets})


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
    plain = re.sub(r"[^A-Za-z0-9]", "", name)
    alike = next(
        (known for known in config.assets if re.sub(r"[^A-Za-z0-9]", "", known).lower() == plain.lower()), None
    )
    if alike is None and plain.upper() != name and next(_places(config, plain.upper(), now), None):
        alike = plain.upper()
    near = difflib.get_close_matches(name, config.assets, n=1)
    if alike or near:
        return f"did you mean {alike or near[0]!r}?"
    return f"known are {', '.join(config.assets)}, and the symbols of {', '.join(config.sources)}"
