"""Earnings dates as events: one per symbol and quarter, however often the date is moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from eventstudy.config.feeds import FeedConfig
from eventstudy.config.model import Config
from eventstudy.errors import EventStudyError
from eventstudy.events.items import Item, Reading, identity, make_item
from eventstudy.events.known import Known

if TYPE_CHECKING:
    from eventstudy.prices.yahoo.earnings import EarningsDate

# A company reports every three months: two dates nearer to each other than this are the same report.
SAME_REPORT = dt.timedelta(days=45)


def read_earnings(config: Config, feed: FeedConfig, now: dt.datetime, known: Mapping[str, Known]) -> Reading:
    """The dates of every asset of the feed, or of all assets of its source.

    A symbol that cannot be asked for is a problem, and its events stay as they are stored. A date to come that Yahoo
    no longer gives is gone; a past one that it no longer lists is not.
    """
    from eventstudy.prices import open_source
    from eventstudy.prices.yahoo import earnings as yahoo_earnings
    from eventstudy.prices.yahoo.source import YahooSource

    assert feed.source is not None  # FeedConfig requires it
    source = open_source(feed.source, config.sources[feed.source], lambda: now)
    assert isinstance(source, YahooSource)  # Config requires it
    names = feed.assets or tuple(name for name, asset in config.assets.items() if asset.source == feed.source)
    symbols = {config.assets[name].symbol or name: name for name in names}
    reading = Reading(is_whole=False)
    if feed.scope == "market":
        first, last = now.date() - dt.timedelta(days=feed.days), now.date() + dt.timedelta(days=feed.days)
        try:
            dates = yahoo_earnings.market_wide(source, first, last)
        except EventStudyError as error:
            reading.refuse(error)
            return reading
        for symbol, asset in symbols.items():
            mine = [date for date in dates if date.symbol == symbol]
            _put(reading, mine, symbol, asset, config, feed, known, (now, _midnight(last)))
        return reading
    for symbol, asset in symbols.items():
        try:
            dates = yahoo_earnings.by_symbol(source, symbol)
        except EventStudyError as error:
            reading.refuse(error)
            continue
        _put(reading, dates, symbol, asset, config, feed, known, (now, dt.datetime.max.replace(tzinfo=dt.UTC)))
    return reading


def _put(
    reading: Reading,
    dates: Sequence[EarningsDate],
    symbol: str,
    asset: str,
    config: Config,
    feed: FeedConfig,
    known: Mapping[str, Known],
    seen: tuple[dt.datetime, dt.datetime],
) -> None:
    """The items of one symbol; of two dates of one report the earlier counts."""
    stem = f"{identity(symbol.lower())}-earnings"
    mine = {event_id: k.event.earliest for event_id, k in known.items() if event_id.startswith(f"{stem}-")}
    found: dict[str, Item] = {}
    refused: set[str] = set()
    for date in sorted(dates, key=lambda date: date.at):
        event_id = _report(date.at, mine) or _new_id(f"{stem}-{_quarter(date.at)}", mine)
        mine.setdefault(event_id, date.at)
        if event_id in found:
            continue
        said = {
            "id": event_id,
            "title": f"{date.company or config.assets[asset].title or symbol} reports results",
            "announced_at": date.at.date().isoformat() if date.is_day else date.at.isoformat(),
            "zone": str(date.at.tzinfo) if date.is_day else None,
            "assets": [asset],
            "tags": ["earnings"],
            "note": "Time as Yahoo gives it; before the day it is an estimate.",
        }
        try:
            found[event_id] = make_item(said, f"{feed.source}: {symbol}", feed, config.assets)
        except EventStudyError as error:
            reading.refuse(error, event_id)
            refused.add(event_id)
    reading.items += found.values()
    is_there = found.keys() | refused
    reading.gone |= {e for e, at in mine.items() if e in known and seen[0] < at < seen[1] and e not in is_there}


def _report(at: dt.datetime, mine: Mapping[str, dt.datetime]) -> str | None:
    """The known report that a date belongs to: the nearest one, if it is near."""
    near = [(abs(at - other), event_id) for event_id, other in mine.items()]
    distance, event_id = min(near, default=(SAME_REPORT, None))
    return event_id if distance < SAME_REPORT else None


def _new_id(wanted: str, mine: Mapping[str, dt.datetime]) -> str:
    """`wanted`, or, where another report of that quarter has it, the same with a letter."""
    return next(e for e in (wanted, *(f"{wanted}-{letter}" for letter in "bcdefgh")) if e not in mine)


def _quarter(at: dt.datetime) -> str:
    """The last calendar quarter that ended before `at`, which a report is about as a rule."""
    year, quarter = at.year, (at.month - 1) // 3
    return f"{year}q{quarter}" if quarter else f"{year - 1}q4"


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
