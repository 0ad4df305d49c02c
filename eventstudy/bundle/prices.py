"""The prices that results rest on, as the files that `eventstudy prices import` brings into an archive as they were."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Collection, Mapping

from eventstudy.archive.book import calendar_of
from eventstudy.calendars import ExchangeCalendar, named_calendar
from eventstudy.config.model import Config
from eventstudy.prices.assets import entry_of, symbols_of

Key = tuple[str, str]  # source and symbol

# Of a source and symbol, until an instant; bars of less than a day where the fourth value says so.
_QUERIES = {
    "snapshots": "select * from snapshots where source = ?1 and symbol = ?2 and (?4 or bar = '1d') "
    "and fetched_at <= ?3 order by snapshot_id",
    "bars": "select b.* from bars b join snapshots n using (snapshot_id) where b.source = ?1 and b.symbol = ?2 "
    "and (?4 or b.bar = '1d') and n.fetched_at <= ?3 order by b.bar, coalesce(b.starts, b.session), snapshot_id",
    "rebases": "select s.source, s.symbol, s.bar, r.* from rebases r join series s using (series_id) "
    "join snapshots n using (snapshot_id) where s.source = ?1 and s.symbol = ?2 and (?4 or s.bar = '1d') "
    "and n.fetched_at <= ?3 order by r.snapshot_id, r.field, r.first_label",
    "flags": "select s.source, s.symbol, s.bar, f.* from bar_flags f join series s using (series_id) "
    "join snapshots n using (snapshot_id) where s.source = ?1 and s.symbol = ?2 and (?4 or s.bar = '1d') "
    "and n.fetched_at <= ?3 order by f.snapshot_id, f.label, f.rule",
    "confirmations": "select s.source, s.symbol, s.bar, c.* from confirmed_prices c join series s using (series_id) "
    "join snapshots n using (snapshot_id) where s.source = ?1 and s.symbol = ?2 and (?4 or s.bar = '1d') "
    "and n.fetched_at <= ?3 and c.confirmed_at <= ?3 order by c.snapshot_id, c.label, c.rule",
}


def needed(config: Config, connection: sqlite3.Connection, assets: Collection[str]) -> dict[Key, bool]:
    """Every source and symbol that bears on results of `assets`: theirs, and those that tell when a venue was shut.

    True where bars of less than a day bear on them too.
    """
    own: set[Key] = set()
    found: set[Key] = set()
    venues: set[str] = set()
    for asset in assets:
        own |= symbols_of(config, asset)
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
    return {key: key in own for key in sorted(own | found)}


def written(connection: sqlite3.Connection, keys: Mapping[Key, bool], as_of: str) -> dict[str, bytes]:
    """All that was known of the series: every answer, and every version of every bar; by the name of its file.

    Parameters
    ----------
    connection : sqlite3.Connection
    keys : mapping
        As of `needed`.
    as_of : str
        The last instant of which an answer, or a confirmation, is packed.
    """
    out: dict[str, bytes] = {}
    for name, query in _QUERIES.items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for i, (key, is_whole) in enumerate(keys.items()):
            cursor = connection.execute(query, (*key, as_of, is_whole))
            if i == 0:
                writer.writerow([column[0] for column in cursor.description])
            # a float by its shortest text that gives the same bits again
            writer.writerows([["" if v is None else v for v in row] for row in cursor])
        out[f"prices/{name}.csv"] = text.getvalue().encode()
    return out
