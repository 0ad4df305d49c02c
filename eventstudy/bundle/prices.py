"""The prices that results rest on, as the files that `eventstudy prices import` brings into an archive as they were."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Collection

from eventstudy.archive.book import calendar_of
from eventstudy.calendars import ExchangeCalendar, named_calendar
from eventstudy.config.model import Config
from eventstudy.prices.assets import entry_of, symbols_of

Key = tuple[str, str]  # source and symbol

_QUERIES = {
    "snapshots": "select * from snapshots where source = ? and symbol = ? order by snapshot_id",
    "bars": "select * from bars where source = ? and symbol = ? order by bar, coalesce(starts, session), snapshot_id",
    "rebases": "select s.source, s.symbol, s.bar, r.* from rebases r join series s using (series_id) "
    "where source = ? and symbol = ? order by r.snapshot_id, r.field, r.first_label",
    "flags": "select s.source, s.symbol, s.bar, f.* from bar_flags f join series s using (series_id) "
    "where source = ? and symbol = ? order by f.snapshot_id, f.label, f.rule",
    "confirmations": "select s.source, s.symbol, s.bar, c.* from confirmed_prices c join series s using (series_id) "
    "where source = ? and symbol = ? order by c.snapshot_id, c.label, c.rule",
}


def needed(config: Config, connection: sqlite3.Connection, assets: Collection[str]) -> list[Key]:
    """Every source and symbol that bears on results of `assets`: theirs, and those that tell when a venue was shut."""
    found: set[Key] = set()
    venues: set[str] = set()
    for asset in assets:
        found |= symbols_of(config, asset)
        entry = entry_of(config, asset)
        parts = (*entry.basket.weights, *entry.basket.members) if entry.basket else (asset,)
        venues |= {calendar_of(connection, part, entry_of(config, part)) for part in parts}
    shut = {name for name in venues if name and isinstance(named_calendar(name), ExchangeCalendar)}
    for asset, entry in config.assets.items():
        if entry.basket is None and shut and calendar_of(connection, asset, entry) in shut:
            found |= symbols_of(config, asset)
    for name in shut:
        told = "select distinct source, symbol from snapshots where calendar = ?"
        found |= set(connection.execute(told, (name,)).fetchall())
    return sorted(found)


def written(connection: sqlite3.Connection, keys: Collection[Key]) -> dict[str, bytes]:
    """All that is stored of the series: every answer, and every version of every bar; by the name of its file."""
    out: dict[str, bytes] = {}
    for name, query in _QUERIES.items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for i, key in enumerate(keys):
            cursor = connection.execute(query, key)
            if i == 0:
                writer.writerow([column[0] for column in cursor.description])
            # a float by its shortest text that gives the same bits again
            writer.writerows([["" if v is None else v for v in row] for row in cursor])
        out[f"prices/{name}.csv"] = text.getvalue().encode()
    return out
