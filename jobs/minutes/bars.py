"""Bars of a pass, and what happened to each asset."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eventstudy.config.model import Config
from eventstudy.events import releases
from eventstudy.prices.assets import currencies
from eventstudy.records import Event
from eventstudy.store.collections import live_events
from eventstudy.study.clock.arranged import others_of
from eventstudy.study.clock.bar_archive import BarArchive
from eventstudy.study.clock.part import Others


@dataclass(slots=True, kw_only=True)
class Bars:
    """Bars of a pass, and what happened to each asset."""

    archive: BarArchive
    by_asset: Mapping[str, Sequence[Event]]
    releases: Sequence[Event]
    concerned: dict[str, Others] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Config, connection: sqlite3.Connection) -> Bars:
        """All that is stored, and all events that are known."""
        events = live_events(connection)
        by_asset: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            for asset in event.assets if event.kind != "context" else ():
                by_asset[asset].append(event)
        return cls(
            archive=BarArchive(config=config, connection=connection),
            by_asset=by_asset,
            releases=[event for event in events if event.kind == "context"],
        )

    def others(self, asset: str) -> Others:
        """When an asset was announced something about, and when releases came that may move its price."""
        if asset not in self.concerned:
            config = self.archive.config
            coins = currencies(config, asset)
            banks = [releases.BANKS[key].currency in coins for key in config.releases]
            known = [
                e
                for key, is_ours in zip(config.releases, banks, strict=True)
                if is_ours
                for e in releases.releases(key)
            ]
            bearing = [e for e in self.releases if not e.concerns or e.concerns in coins]
            self.concerned[asset] = others_of((*self.by_asset.get(asset, ()), *bearing, *known))
        return self.concerned[asset]
