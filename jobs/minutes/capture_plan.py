"""Which intraday bars are due to be captured: decided from the settings and from what was captured before; light."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from eventstudy.bar_sizes import MINUTES
from eventstudy.config.model import CapturesConfig, Config
from eventstudy.instants import stamp
from eventstudy.records import Event

Key = tuple[str, str]  # (source, symbol)

# Days that bars of each size are served for; Yahoo's walls, which other free sources share or undercut.
WALL_DAYS: Mapping[str, int] = {"1m": 30, "5m": 60, "15m": 60, "30m": 60, "1h": 730}

_DAY = dt.timedelta(days=1)

Place = tuple[str, str, str, str]  # event, source, symbol, bar
Done = tuple[str, dt.date]  # newest due_at that is done, and the last day that was asked for then
_NEVER: Done = ("", dt.date.min)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Bars to ask for, from the day `start` to the day `end`."""

    event_id: str
    source: str
    symbol: str
    bar: str
    due_at: str
    start: dt.date
    end: dt.date

    @property
    def place(self) -> Place:
        """What it is of, whenever it is done."""
        return self.event_id, self.source, self.symbol, self.bar


Collected = Mapping[tuple[str, str, str], tuple[dt.date, dt.date]]  # source, symbol, bar → days that are there


def planned(config: Config) -> tuple[CapturesConfig, dict[str, int]]:
    """The settings with the bars of the studies by the minute, and how many weekdays back each of these reaches.

    That is for the reference sessions, for holidays among them, and for the sessions that the pace of the first needs.
    """
    deep: dict[str, int] = {}
    for study in config.clock_studies:
        deep[study.bar] = max(deep.get(study.bar, 0), study.reference_sessions * 11 // 10 + 5)
    bars = tuple(dict.fromkeys((*config.captures.bars, *deep)))
    return config.captures.model_copy(update={"bars": bars}), deep


def recent(
    settings: CapturesConfig, events: Sequence[Event], now: dt.datetime, endless: Collection[str] = ()
) -> list[Event]:
    """The announcements that any bars may still be had of; all of them where a source drops none."""
    oldest = now - dt.timedelta(days=max((WALL_DAYS[bar] for bar in settings.bars), default=0))
    if endless:
        oldest = dt.datetime.min.replace(tzinfo=dt.UTC)
    return [event for event in events if oldest < event.latest <= now and event.kind != "context"]


def due(
    settings: CapturesConfig,
    events: Sequence[Event],
    symbols: Callable[[Event], Sequence[Key]],
    bars: Mapping[str, Collection[str]],
    done: Mapping[Place, Done],
    now: dt.datetime,
    deep: Mapping[str, int] | None = None,
    collected: Collected | None = None,
    endless: Collection[str] = (),
) -> list[Capture]:
    """What should be captured now, in the order of the events.

    Each announcement has moments: `after` it, and once the last of its days is over. The newest moment that has come
    is due unless it is done; one that could not be done stays due until the wall. No day is asked for again once it
    was over when it was asked for.

    Parameters
    ----------
    settings : CapturesConfig
    events : sequence of Event
    symbols : callable
        (source, symbol) of everything that the studies of an event rest on.
    bars : mapping
        Source → sizes of bars that it gives.
    done : mapping
        What was captured before.
    now : datetime
        UTC.
    deep : mapping of str to int, optional
        Bar → weekdays before an announcement that a study by the minute reads.
    collected : mapping, optional
        What is there of every series that is collected all the time, and is not asked for again.
    endless : collection of str
        Sources that drop no bars, such as files.
    """
    out: dict[Place, Capture] = {}
    deep, collected = deep or {}, collected or {}
    for event in recent(settings, events, now, endless):
        for bar in settings.bars:
            wall = now - dt.timedelta(days=WALL_DAYS[bar])
            if not wall < event.latest and not endless:
                continue
            moments = _moments(settings, event)
            moment = max((at for at in moments if at <= stamp(now)), default=None)
            wanted = _weekday(event.earliest.date(), -max(settings.days, deep.get(bar, 0)))
            # the session after belongs to the windows of a study by the minute
            last = min(_weekday(event.latest.date(), max(settings.days, 2 if bar in deep else 0)), now.date())
            if moment is None:
                continue
            for source, symbol in symbols(event):
                size = given(bar, bars.get(source, ()))
                if size is None or (source not in endless and not wall < event.latest):
                    continue
                first = wanted if source in endless else max(wanted, wall.date() + _DAY)
                known = done.get((event.event_id, source, symbol, size), _NEVER)
                if known[0] not in moments:  # captured when the announcement, or the settings, had another time
                    known = _NEVER
                start = max(first, known[1])
                there = collected.get((source, symbol, size))
                if there is not None and there[0] <= start <= there[1]:
                    start = there[1]
                if moment > known[0] and start <= last:
                    place = (event.event_id, source, symbol, size)
                    same = out.get(place)  # what bars of another size are made of as well
                    out[place] = Capture(
                        event_id=event.event_id,
                        source=source,
                        symbol=symbol,
                        bar=size,
                        due_at=moment,
                        start=min(start, same.start) if same else start,
                        end=max(last, same.end) if same else last,
                    )
    return list(out.values())


def given(bar: str, sizes: Collection[str]) -> str | None:
    """The size of bars to ask a source for: `bar`, or else the longest of its sizes that such bars can be made of."""
    finer = [size for size in sizes if size in MINUTES and MINUTES[bar] % MINUTES[size] == 0]
    return max(finer, key=MINUTES.__getitem__, default=None)


def done_before(connection: sqlite3.Connection) -> dict[Place, Done]:
    """What was captured, by what it is of: when it was due, and the day that the next question begins with."""
    found = connection.execute(
        "select event_id, source, symbol, bar, due_at, iif(reason is null, asked_to, asked_from) from captures "
        "order by done_at"  # the newest counts
    )
    return {(e, s, y, b): (due_at, dt.date.fromisoformat(to)) for e, s, y, b, due_at, to in found}


def _moments(settings: CapturesConfig, event: Event) -> list[str]:
    """The moments of `event`, as text that sorts."""
    over = dt.datetime.combine(_weekday(event.latest.date(), settings.days) + _DAY, dt.time(), dt.UTC)
    return [stamp(moment) for moment in (*(event.latest + span for span in settings.after), over)]


def _weekday(day: dt.date, steps: int) -> dt.date:
    """The day `steps` days after `day` (before it when negative), Saturdays and Sundays not counted."""
    step = _DAY if steps > 0 else -_DAY
    left = abs(steps)
    while left:
        day += step
        left -= day.weekday() < 5
    return day
