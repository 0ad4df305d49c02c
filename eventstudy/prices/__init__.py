"""Prices as evidence: sources, the append-only archive, and assets made of both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from eventstudy.config.sources import KINDS, PLUGINS, SourceConfig
from eventstudy.errors import ConfigError, InputError
from eventstudy.prices.source import Source
from eventstudy.registry import installed, load


def open_source(name: str, settings: SourceConfig, now: Callable[[], dt.datetime]) -> Source:
    """The source called `name`, as the config describes it.

    Parameters
    ----------
    name : str
    settings : SourceConfig
    now : callable
        Gives the present UTC instant; a bar that is not finished by then is left out.

    Raises
    ------
    ConfigError
        When a plug-in is not there, cannot be loaded, or refuses its settings.
    """
    kind = KINDS.get(settings.kind)
    if kind is not None:
        source: Source = load(kind.open)(name, settings, now)
        return source
    return _plugin(name, settings, now)


def _plugin(name: str, settings: SourceConfig, now: Callable[[], dt.datetime]) -> Source:
    """A source that another distribution brings."""
    kinds = installed(PLUGINS)
    where = f"sources.{name}"
    if settings.kind not in kinds:
        raise ConfigError(
            "there is no such kind of source",
            where=f"{where}.kind",
            value=settings.kind,
            remedy=f"known are {', '.join((*KINDS, *sorted(kinds)))}; install the package that brings it",
        )
    entry = kinds[settings.kind]
    try:
        source: Source = entry.load()(name, settings.options, now)
    except InputError as error:
        key = f"{where}.{error.where}" if error.where else where
        raise ConfigError(error.problem, where=key, value=error.value, remedy=error.remedy) from error
    except Exception as error:  # a plug-in that stumbles must be named, not shown as a fault of ours
        raise ConfigError(
            f"the plug-in {entry.value} cannot be used ({type(error).__name__}: {error})",
            where=f"{where}.kind",
            value=settings.kind,
            remedy=f"ask its makers; the entry point is in the group {PLUGINS}",
        ) from error
    lacks = [part for part in ("name", "version", "facts", "fetch") if not hasattr(source, part)]
    if lacks:
        raise ConfigError(
            f"the plug-in {entry.value} gives no source: it has no {', '.join(lacks)}",
            where=f"{where}.kind",
            value=settings.kind,
            remedy="see docs/prices.md for what a source must have",
        )
    return source
