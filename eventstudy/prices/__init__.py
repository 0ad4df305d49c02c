"""Prices as evidence: sources, the append-only archive, and assets made of both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from eventstudy.config import SourceConfig
from eventstudy.prices.source import Source


def open_source(name: str, settings: SourceConfig, now: Callable[[], dt.datetime]) -> Source:
    """The source called `name`, as the config describes it.

    Parameters
    ----------
    name : str
    settings : SourceConfig
    now : callable
        Gives the present UTC instant; a bar that is not finished by then is left out.
    """
    if settings.kind == "ecb":
        from eventstudy.prices.ecb import EcbSource

        return EcbSource(name=name)
    from eventstudy.prices.yahoo import YahooSource

    return YahooSource(
        name=name, endpoint=settings.endpoint, cache_dir=settings.cache, timeout=settings.timeout, now=now
    )
