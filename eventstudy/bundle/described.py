"""Announcements, settings and the environment of a bundle, as plain values and back."""

from __future__ import annotations

import dataclasses
import platform
import sys
from collections.abc import Mapping
from typing import Any

from eventstudy import __version__
from eventstudy.config.model import Config
from eventstudy.config.sources import KINDS
from eventstudy.instants import parse, stamp
from eventstudy.records import Event

_INSTANTS = ("earliest", "latest", "stated")
_LISTS = ("assets", "tags", "claims")


def event_row(event: Event) -> dict[str, Any]:
    """An announcement as plain values."""
    row = dataclasses.asdict(event)
    for name in _INSTANTS:
        row[name] = stamp(row[name]) if row[name] else None
    return row


def event_of(row: Mapping[str, Any]) -> Event:
    """The announcement that `event_row` wrote down."""
    instants = {name: parse(row[name]) if row[name] else None for name in _INSTANTS}
    return Event(**{**row, **instants, **{name: tuple(row[name]) for name in _LISTS}})


def settings_row(config: Config) -> dict[str, Any]:
    """The settings that bear on results, without addresses, paths and secrets."""
    return {
        "version": config.version,
        "sources": {name: _source(found) for name, found in config.sources.items()},
        "assets": {name: _plain(found) for name, found in config.assets.items()},
        "studies": [_plain(study) for study in config.all_studies],
        "releases": list(config.releases),
    }


def _source(settings: Any) -> dict[str, Any]:
    # what a source of another distribution is needs that distribution, and its prices are at hand
    kind = settings.kind if settings.kind in KINDS else "files"
    out = {"kind": kind, **({"path": "bundled"} if kind in ("files", "factors") else {})}
    return {**out, **({"currency": settings.currency} if kind == "files" and settings.currency else {})}


def _plain(section: Any) -> Any:
    """A section as it is written, windows as [start, end]."""
    return _windows(section.model_dump(mode="json", exclude_unset=True))


def _windows(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"start", "end"}:
            return [value["start"], value["end"]]
        return {name: _windows(part) for name, part in value.items()}
    return [_windows(part) for part in value] if isinstance(value, list) else value


def environment(libraries: Mapping[str, str]) -> dict[str, str]:
    """What numbers may depend on beside settings and prices."""
    return {
        "eventstudy": __version__,
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "machine": platform.machine(),
        "system": platform.system(),
        **libraries,
    }
