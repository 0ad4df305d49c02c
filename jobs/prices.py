"""Prices by hand: plan a pull, pull, and put a file into the archive; the work behind `eventstudy prices`."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from eventstudy import __version__
from eventstudy.archive import answers as archive
from eventstudy.archive import coverage as cover
from eventstudy.archive.bars import DAILY, Bars, read
from eventstudy.archive.carry import carry
from eventstudy.archive.confirmations import confirm as write_confirmation
from eventstudy.archive.coverage import Span
from eventstudy.archive.flags import all_flags
from eventstudy.archive.read import reading as archive_reading
from eventstudy.archive.restatements import leaves_behind
from eventstudy.archive.verify import calendars_of
from eventstudy.config.model import Config, content_hash
from eventstudy.database.connection import open_database, translated
from eventstudy.errors import InputError
from eventstudy.evidence.flags import Flag
from eventstudy.evidence.rules import LONGEST_GAP
from eventstudy.hints import hint
from eventstudy.prices.assets import symbols_of
from eventstudy.prices.at_hand import place_of
from eventstudy.records import Event, Snapshot
from eventstudy.store import ledger, states
from eventstudy.store.write import EVENT_COLUMNS
from jobs.plan import symbols_needed
from jobs.pull import Faults, Key, pull, spans

SHOWN = 5  # days named in a message
YEARS = 10  # of prices, where no event says how many


def wanted(
    config: Config,
    events: Sequence[Event],
    names: Sequence[str],
    span: tuple[dt.date | None, dt.date | None],
    now: dt.datetime,
) -> dict[Key, tuple[Span, ...]]:
    """What to pull: days of every symbol.

    Parameters
    ----------
    config : Config
    events : sequence of Event
    names : sequence of str
        Assets of the settings, or ``SOURCE:SYMBOL``; empty for all that the events need.
    span : (date or None, date or None)
        First and last day; where both are None, those that the events need, or the last ten years of a symbol that
        no event needs.
    now : datetime
    """
    due = [event for event in events if event.kind != "context" and event.latest <= now]
    needed = spans(config, due, now)
    today = now.date()
    keys = dict.fromkeys(key for name in names for key in series_of(config, name, lambda: now)) if names else needed
    if span == (None, None):
        back = (today - dt.timedelta(days=365 * YEARS), today)
        return {key: needed.get(key, (back,)) for key in keys}
    first, last = span[0] or today - dt.timedelta(days=365 * YEARS), span[1] or today
    if first > today:
        raise InputError(f"the range starts after today ({today})", where="--from", value=str(first), remedy="wait")
    if first > last:
        raise InputError(
            f"the range ends ({last}) before it starts ({first})",
            where="--to",
            remedy="say with --from where it starts",
        )
    return {key: ((first, min(last, today)),) for key in keys}


def plan(database: Path, days: Mapping[Key, Sequence[Span]], now: dt.datetime, bar: str) -> list[tuple[str, str, Span]]:
    """The questions that a pull would ask; reads the archive where there is one, and writes nothing."""
    if not database.exists():
        return [(*key, span) for key, own in days.items() for span in cover.join(own)]
    from eventstudy.archive.read import reading

    with reading(database) as connection:
        return [
            (*key, span)
            for key, own in days.items()
            for span in cover.missing(connection, (*key, bar), own, now.date())
        ]


def pull_prices(
    config: Config,
    days: Mapping[Key, Sequence[Span]],
    *,
    now: Callable[[], dt.datetime],
    talk: Callable[[str], None],
    bar: str,
) -> tuple[Faults, int]:
    """Pull under the lock of the database; return the faults, and the number of bars that are new or revised.

    Raises
    ------
    LockHeld, StoreError
        As `jobs.nightly.run`.
    """
    with ledger.lock(config.database):
        db = open_database(config.database)
        try:
            with translated(config.database):
                started = now()
                ledger.close_interrupted(db, started)
                record = ledger.Run(
                    trigger="prices",
                    started_at=started,
                    code_version=__version__,
                    config_hash=content_hash(config.model_dump(mode="json")),
                    versions={},
                )
                before = _count(db.conn)
                faults = pull(config, db, record, days, now=now, stop=lambda: False, talk=talk, bar=bar)
                counts = {"ok": 0, "skipped": 0, "failed": 0}
                status = "ok" if not faults else "failed" if len(faults) == len(days) else "partial"
                record.finish(db, now(), status, counts)
                return faults, _count(db.conn) - before
        finally:
            db.close()


def put(database: Path, snapshot: Snapshot, now: dt.datetime) -> int:
    """Append an imported snapshot; return the number of bars that are new or changed.

    The file settles the days between its rows, but none of a long stretch without any. Where it shows that history was
    rebased, what is stored from before its first row was so too.

    Raises
    ------
    InputError
        When prices that are stored from after its last row would be left in another unit.
    """
    key = (snapshot.source, snapshot.symbol, snapshot.bar)
    with ledger.writing(database) as connection:
        if day := leaves_behind(connection, snapshot):
            problem = f"the file restates the prices up to {day}, and later ones are stored in their old unit"
            raise InputError(problem, where=snapshot.symbol, remedy="import a file that has those too")
        rows, start = 0, archive.first_session(connection, key)
        for first, last in _runs(snapshot):
            part = replace(snapshot.between(first, last), reach=(first, last))
            asked = (min(start or first, first), last)
            rows += archive.save(connection, part, asked=asked, fetched_at=now, whole=snapshot, is_complete=False)
            start = last + dt.timedelta(days=1)
        return rows


def confirm(config: Config, asset: str, day: dt.date, *, by: str, reason: str, now: dt.datetime) -> list[str]:
    """Write down that a person confirms the price of an asset on a day; the next pass studies what rests on it again.

    Returns
    -------
    list of str
        What was in doubt, in words.

    Raises
    ------
    InputError
        When the price of that day is not in doubt.
    """
    key = _one_series(config, asset, now)
    with ledger.writing(config.database) as connection:
        bars, own = _doubted(config, connection, key, asset, day)
        write_confirmation(connection, key, bars, own, by=by, reason=reason, at=now)
        why = f"price of {asset} on {day} confirmed"
        needed = {
            event_id: symbols_needed(config, json.loads(dict(zip(EVENT_COLUMNS, state.row, strict=True))["assets"]))
            for event_id, state in states.event_states(connection).items()
        }
        states.put_pending(
            connection, [(event_id, why) for event_id, rests_on in needed.items() if key[:2] in rests_on]
        )
        return [flag.what for flag in own]


def doubted(config: Config, asset: str, day: dt.date, now: dt.datetime) -> list[str]:
    """What `confirm` would confirm, in words; it writes nothing, and raises as that does."""
    key = _one_series(config, asset, now)
    with archive_reading(config.database) as connection:
        return [flag.what for flag in _doubted(config, connection, key, asset, day)[1]]


def _one_series(config: Config, asset: str, now: dt.datetime) -> tuple[str, str, str]:
    keys = series_of(config, asset, lambda: now)
    if len(keys) > 1:
        names = ", ".join(f"{source}:{symbol}" for source, symbol in keys)
        raise InputError("it is made of several series", where="ASSET", value=asset, remedy=f"name one of {names}")
    return (*keys[0], DAILY)


def _doubted(
    config: Config, connection: sqlite3.Connection, key: tuple[str, str, str], asset: str, day: dt.date
) -> tuple[Bars, list[Flag]]:
    """The bars of a series, and why that of a day is in doubt."""
    bars = read(connection, key)
    calendar = calendars_of(config).get(key[:2], "")
    every = [flag for flag in all_flags(connection, key, bars, calendar=calendar) if flag.is_doubt]
    own = [flag for flag in every if flag.session == np.datetime64(day, "D")]
    if not own:
        days = ", ".join(dict.fromkeys(str(flag.session) for flag in every[:SHOWN]))
        remedy = f"in doubt are {days}" if days else "none of its prices is"
        raise InputError(f"the price of {asset} is not in doubt", where="DATE", value=str(day), remedy=remedy)
    return bars, own


def carry_over(database: Path, folder: Path) -> dict[str, int]:
    """Write the archive of another version, which `eventstudy query` of that version left in `folder`."""
    with ledger.writing(database) as connection:
        return carry(connection, folder)


def _runs(snapshot: Snapshot) -> list[Span]:
    """The days from the first to the last row of every stretch of rows without a long gap."""
    days = sorted(snapshot.sessions.astype("datetime64[D]").tolist())
    return cover.join([(day, day) for day in days], gap=dt.timedelta(days=LONGEST_GAP))


def series_of(config: Config, name: str, now: Callable[[], dt.datetime]) -> list[Key]:
    """Every (source, symbol) of an asset of the settings, or the one of a symbol, ``USDMXN`` or ``ecb:USDMXN``.

    Raises
    ------
    InputError
        When there is no such asset or source.
    """
    source, colon, symbol = name.partition(":")
    if name not in config.assets and colon:
        if source not in config.sources:
            remedy = hint(source, config.sources, f"known are {', '.join(config.sources)}")
            raise InputError("there is no such source", where="SYMBOL", value=name, remedy=remedy)
        if not symbol.strip():
            raise InputError("no symbol after the colon", where="SYMBOL", value=name, remedy="write ecb:EURUSD")
        return [(source, symbol)]
    return sorted(symbols_of(config, name)) if name in config.assets else [place_of(config, name, now, "ASSET")]


def _count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select count(*) from bar_versions").fetchone()[0])
