"""The stored bars of the assets of a config."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from eventstudy.archive import answers, bars
from eventstudy.archive.book import calendar_of
from eventstudy.archive.confirmations import confirmed_bars
from eventstudy.archive.state import has_bars, state_before
from eventstudy.archive.verify import altered
from eventstudy.config.model import Config
from eventstudy.instants import stamp_of
from eventstudy.prices.assets import entry_of
from eventstudy.records import Int64Array
from eventstudy.study.clock.bars import SIZES
from eventstudy.study.clock.table import Rows, Span

SECOND = 1_000_000_000  # nanoseconds


NEAR = 4 * 86_400 * SECOND  # of an announcement: bars so near to it are those that its windows need
FIELDS = {"open": bars.OPEN, "high": bars.HIGH, "low": bars.LOW, "close": bars.CLOSE, "volume": bars.VOLUME}
# Calendars of daily prices → whose hours bars have.
BY_THE_MINUTE = {"fx-london": "fx"}


@dataclass(slots=True, kw_only=True)
class BarArchive:
    """The stored bars of the assets of a config, each series read once.

    Attributes
    ----------
    config : Config
    connection : sqlite3.Connection
    """

    config: Config
    connection: sqlite3.Connection
    _read: dict[tuple[str, str, str], Rows] = field(default_factory=dict)
    _owners: dict[tuple[str, str, str], Int64Array] = field(default_factory=dict)
    _altered: dict[tuple[str, str, str], str | None] = field(default_factory=dict)

    def rows(self, asset: str, bar: str, near: Span) -> tuple[Rows, str]:
        """Bars of an asset as stored, and their size: `bar` itself, or finer ones where only these are near."""
        size = self.size(asset, bar, near)
        return self._series(asset, size), size

    def size(self, asset: str, bar: str, near: Span) -> str:
        """Size of the bars of an asset that are there near an announcement: `bar` itself, or that of finer ones."""
        first, last = (near[0] - NEAR) // SECOND, (near[1] + NEAR) // SECOND
        sizes = (bar, *_finer(bar))
        return next((s for s in sizes if has_bars(self.connection, self.key(asset, s), first, last)), bar)

    def state(self, asset: str, size: str, until: int) -> str:
        """What tells the stored bars of an asset that start before an instant, UTC nanoseconds; empty without any."""
        found = state_before(self.connection, self.key(asset, size), until // SECOND)
        return repr(found) if any(found) else ""

    def confirmed(self, asset: str, bar: str) -> tuple[str, ...]:
        """``ASSET:START`` of every stored bar of an asset that a person confirmed, as it is now."""
        key = self.key(asset, bar)
        starts = self._series(asset, bar).starts // SECOND
        return tuple(
            f"{asset}:{stamp_of(at)}" for at in confirmed_bars(self.connection, key, starts, self._owners[key])
        )

    def key(self, asset: str, bar: str) -> tuple[str, str, str]:
        """The series of an asset."""
        entry = entry_of(self.config, asset)
        return entry.source or "", entry.symbol or asset, bar

    def wrong(self, asset: str, bar: str) -> str | None:
        """What shows that stored bars are not those that came; None where they are."""
        self._series(asset, bar)
        return self._altered[self.key(asset, bar)]

    def calendar(self, asset: str) -> str:
        """Whose hours the bars of an asset have; empty where nobody says."""
        entry = entry_of(self.config, asset)
        if entry.basket is not None:
            return ""
        name = calendar_of(self.connection, asset, entry)
        if not name and entry.calendar is None:
            found = (answers.calendar_of(self.connection, self.key(asset, bar)) for bar in SIZES)
            name = next(filter(None, found), "")
        return BY_THE_MINUTE.get(name, name)

    def _series(self, asset: str, bar: str) -> Rows:
        key = self.key(asset, bar)
        if key not in self._read:
            stored = bars.versions(self.connection, bars.series_of(self.connection, key))
            self._altered[key] = altered(self.connection, key, stored=stored)
            found = bars.read(self.connection, key, stored=stored)
            fields = found.values  # an array of ours
            self._owners[key] = found.owners
            self._read[key] = Rows(
                starts=found.labels * SECOND,
                columns={name: np.ascontiguousarray(fields[:, j]) for name, j in FIELDS.items()},
            )
        return self._read[key]


def _finer(bar: str) -> Iterator[str]:
    """Sizes that a bar can be made of, the longest first."""
    for size, minutes in sorted(SIZES.items(), key=lambda item: -item[1]):
        if minutes < SIZES[bar] and SIZES[bar] % minutes == 0:
            yield size
