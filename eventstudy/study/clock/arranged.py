"""What a study of an announcement by the minute rests on."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eventstudy.calendars import extended_hours, trading_hours
from eventstudy.errors import InputError
from eventstudy.prices.assets import entry_of
from eventstudy.records import Event
from eventstudy.study.clock.bar_archive import SECOND, BarArchive
from eventstudy.study.clock.bars import SIZES
from eventstudy.study.clock.part import Others
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.table import LATER, Rows, Span

WEEK = dt.timedelta(days=7)
WEEKEND = 4 * 86_400 * SECOND  # with a holiday: news in a shut market shares the opening that follows
TAPE = (-60, 120)  # minutes about the announcement that a page shows


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRequest:
    """An announcement to study.

    Attributes
    ----------
    event : Event
    spec : ClockSpec
    context : sequence of Event
        Scheduled releases near it that may explain its moves.
    others : mapping of str to Others
        Asset → when else something happened to it, on earlier sessions too.
    announced : mapping of str to sequence of Event
        Asset → announcements of it.
    """

    event: Event
    spec: ClockSpec
    context: Sequence[Event]
    others: Mapping[str, Others]
    announced: Mapping[str, Sequence[Event]]

    @property
    def span(self) -> Span:
        """The announcement, UTC nanoseconds."""
        return nanoseconds_of(self.event.earliest), nanoseconds_of(self.event.latest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """What a study of an announcement rests on.

    Attributes
    ----------
    bars : mapping of str to Rows
        Of its assets, benchmark and factors that have any.
    calendars : mapping of str to str
        Asset → whose hours its bars have.
    reasons : mapping of str to str
        Asset → why it cannot be studied, or explains nothing.
    confirmed : tuple of str
        ``ASSET:START`` of bars in doubt that a person confirmed.
    sizes : mapping of str to str
        Asset → size of its bars as they are stored: that of the study, or a finer one that those are made of.
    """

    bars: Mapping[str, Rows]
    calendars: Mapping[str, str]
    reasons: Mapping[str, str]
    confirmed: tuple[str, ...] = ()
    sizes: Mapping[str, str] = field(default_factory=dict)


def arrange(request: ClockRequest, archive: BarArchive) -> Arranged:
    """Bars up to what the last window of an announcement can need, or why an asset has none."""
    found: dict[str, Rows] = {}
    calendars: dict[str, str] = {}
    reasons: dict[str, str] = {}
    confirmed: list[str] = []
    sizes: dict[str, str] = {}
    until = until_of(request, archive)
    for name in _names(request):
        rows, sizes[name], reason = _bars(name, request, archive, until)
        if rows is not None:
            found[name] = rows
            confirmed += archive.confirmed(name, sizes[name])
        calendars[name] = archive.calendar(name)
        if reason is None and not calendars[name] and name in request.event.assets:
            reason = f"nobody says when {name} is traded; set its `calendar`, for example XNYS or fx"
        if reason is not None:
            reasons[name] = reason
    return Arranged(bars=found, calendars=calendars, reasons=reasons, confirmed=tuple(confirmed), sizes=sizes)


def _names(request: ClockRequest) -> list[str]:
    """Assets of the event, and those whose moves explain theirs."""
    return list(dict.fromkeys((*request.event.assets, *explaining(request.spec))))


def until_of(request: ClockRequest, archive: BarArchive) -> int:
    """UTC nanoseconds from which on no bar bears on an announcement.

    Its windows end in the session of the announcement, or in the one after; the bars of one session more tell whether
    the last price of a window is to be trusted.
    """
    spec, at = request.spec, request.span[1]
    further = 1 + any(window.at(at).is_next for window in spec.windows)
    day = request.event.latest.date()
    ends = [at]
    for name in {archive.calendar(asset) for asset in request.event.assets}:
        closes = np.empty(0, dtype=np.int64)
        with contextlib.suppress(InputError):  # a study says what is wrong with a calendar
            hours = (extended_hours if spec.extended else trading_hours)(name, day - WEEK, day + 5 * WEEK)
            closes = hours.closes.astype("datetime64[ns]").astype(np.int64)
        place = int(np.searchsorted(closes, at, side="right")) + further
        ends.append(int(closes[place]) if place < closes.size else at + LATER)
    return max(ends)


def explaining(spec: ClockSpec) -> list[str]:
    """Assets whose moves explain those of others."""
    return [name for name in (spec.benchmark, *spec.factors) if name is not None]


def _bars(asset: str, request: ClockRequest, archive: BarArchive, until: int) -> tuple[Rows | None, str, str | None]:
    """Its bars, the size of those that are stored, and why there are none."""
    bar = request.spec.bar
    entry = entry_of(archive.config, asset)
    if entry.basket is not None:
        return None, bar, f"{asset} is a basket, which has no bars of its own; study what it is made of"
    rows, size = archive.rows(asset, bar, request.span)
    if wrong := archive.wrong(asset, size):
        return None, size, f"the stored bars of {asset} are not those that came: {wrong}"
    rows = _until(rows, until)
    if not rows.starts.size:
        source = archive.config.sources[entry.source or ""]
        if source.kind == "ecb":
            return None, bar, f"{asset} has one fixing a day and no bars; name a source that has bars"
        if source.kind == "files":
            return None, bar, f"the files of {entry.source} gave no bars of {asset} near it; {_remedy(source.bar, bar)}"
        return (
            None,
            bar,
            f"no {bar} bars of {asset} are stored; `captures: standing: [{bar}]` collects them from now on",
        )
    return rows, size, None


def _why_none(asset: str, archive: BarArchive) -> tuple[str, str]:
    """What the reason why an asset has no bars depends on."""
    source = archive.config.sources[entry_of(archive.config, asset).source or ""]
    return source.kind, source.bar


def _remedy(own: str, bar: str) -> str:
    """What to do about files of bars of size `own` that have none for a study of `bar`."""
    minutes = SIZES.get(own)
    if minutes is None:
        return f"they hold prices of a day; name a source that has bars of {bar}"
    if SIZES[bar] % minutes:
        return f"of bars of {own} none of {bar} can be made: write bar: {own} in the study, or give finer ones"
    return "give bars up to the announcement and of 20 sessions before it"


def _until(rows: Rows, last: int) -> Rows:
    n = int(np.searchsorted(rows.starts, last))
    return Rows(starts=rows.starts[:n], columns={name: values[:n] for name, values in rows.columns.items()})


def others_of(events: Iterable[Event]) -> Others:
    """When else something happened; an announcement whose minute is not known says nothing."""
    known = [(e.kind == "context", nanoseconds_of(e.earliest)) for e in events if e.is_exact]
    own = np.unique(np.array([at for is_context, at in known if not is_context], dtype=np.int64))
    return Others(own=own, masks=np.unique(np.array([at for _, at in known], dtype=np.int64)))


def nanoseconds_of(moment: dt.datetime) -> int:
    """UTC nanoseconds of an instant, in whole seconds."""
    return int(moment.timestamp()) * SECOND


def inputs_of(request: ClockRequest, archive: BarArchive) -> str:
    """SHA-256 of all that a result rests on beside code and settings: equal inputs, equal result.

    It reads no bar: an announcement is looked at night after night, and its bars seldom are others.
    """
    digest = hashlib.sha256(repr(request.event).encode())
    digest.update(repr(sorted((e.event_id, e.title, e.earliest, e.latest) for e in request.context)).encode())
    for asset in request.event.assets:
        others = earlier(request, asset)
        digest.update(others.own.tobytes() + others.masks.tobytes() + repr(others.near).encode())
        digest.update(repr([(e["event_id"], e["title"], e["minutes"]) for e in near(request, asset)]).encode())
    until = until_of(request, archive)
    for asset in _names(request):
        digest.update(repr((asset, archive.calendar(asset), until)).encode())
        if entry_of(archive.config, asset).source is not None:
            size = archive.size(asset, request.spec.bar, request.span)
            digest.update(repr((size, archive.state(asset, size, until) or _why_none(asset, archive))).encode())
    return digest.hexdigest()


def earlier(request: ClockRequest, asset: str) -> Others:
    """What happened to an asset by the announcement, as what comes later bears on no reference session; and near it."""
    found, at = request.others[asset], request.span[0]
    return Others(
        own=found.own[found.own <= at], masks=found.masks[found.masks <= at], near=tuple(_neighbours(request, asset))
    )


def _neighbours(request: ClockRequest, asset: str) -> Iterator[tuple[str, int]]:
    """Other announcements of an asset whose windows may share bars with those of the event."""
    for other in request.announced.get(asset, ()):
        if other.event_id != request.event.event_id and other.is_exact:
            at = nanoseconds_of(other.earliest)
            if abs(at - request.span[0]) <= WEEKEND:
                yield other.event_id, at


def near(request: ClockRequest, asset: str) -> Iterator[dict[str, Any]]:
    """What else happened from an hour before the announcement to the end of its longest window in minutes."""
    event = request.event
    ends = [w.end for w in (w.at(request.span[0]) for w in request.spec.windows) if isinstance(w.end, int)]
    first, last = TAPE[0], max([TAPE[1], *ends])
    for other in {e.event_id: e for e in (*request.context, *request.announced.get(asset, ()))}.values():
        minutes = (other.earliest - event.earliest).total_seconds() / 60
        if other.event_id != event.event_id and other.is_exact and first <= minutes <= last:
            yield {
                "event_id": other.event_id,
                "title": other.title,
                "is_context": other.kind == "context",
                "minutes": minutes,
            }
