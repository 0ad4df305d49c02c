"""What a study of an announcement by the minute rests on."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eventstudy.prices.assets import entry_of
from eventstudy.records import Event
from eventstudy.study.clock.bar_archive import FIELDS, SECOND, BarArchive
from eventstudy.study.clock.bars import SIZES
from eventstudy.study.clock.result import Others
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.table import LATER, Rows, Span

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
    for name in dict.fromkeys((*request.event.assets, *explaining(request.spec))):
        rows, sizes[name], reason = _bars(name, request, archive)
        if rows is not None:
            found[name] = rows
            confirmed += archive.confirmed(name, request.spec.bar)
        calendars[name] = archive.calendar(name)
        if reason is None and not calendars[name] and name in request.event.assets:
            reason = f"nobody says when {name} is traded; set its `calendar`, for example XNYS or fx"
        if reason is not None:
            reasons[name] = reason
    return Arranged(bars=found, calendars=calendars, reasons=reasons, confirmed=tuple(confirmed), sizes=sizes)


def explaining(spec: ClockSpec) -> list[str]:
    """Assets whose moves explain those of others."""
    return [name for name in (spec.benchmark, *spec.factors) if name is not None]


def _bars(asset: str, request: ClockRequest, archive: BarArchive) -> tuple[Rows | None, str, str | None]:
    """Its bars, the size of those that are stored, and why there are none."""
    bar = request.spec.bar
    entry = entry_of(archive.config, asset)
    if entry.basket is not None:
        return None, bar, f"{asset} is a basket, which has no bars of its own; study what it is made of"
    rows, size = archive.rows(asset, bar, request.span)
    if wrong := archive.wrong(asset, size):
        return None, size, f"the stored bars of {asset} are not those that came: {wrong}"
    rows = _until(rows, request.span[1] + LATER)
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


def inputs_of(request: ClockRequest, found: Arranged) -> str:
    """SHA-256 of all that a result rests on beside code and settings: equal inputs, equal result."""
    digest = hashlib.sha256(repr(request.event).encode())
    context = sorted((e.event_id, e.title, e.earliest, e.latest) for e in request.context)
    digest.update(repr((context, sorted(found.calendars.items()), sorted(found.reasons.items()))).encode())
    for asset in request.event.assets:
        others = earlier(request, asset)
        digest.update(others.own.tobytes() + others.masks.tobytes() + repr(others.near).encode())
        digest.update(repr([(e["event_id"], e["title"], e["minutes"]) for e in near(request, asset)]).encode())
    digest.update(repr(found.confirmed).encode())
    for asset, rows in sorted(found.bars.items()):
        digest.update(asset.encode() + rows.starts.tobytes())
        for name in FIELDS:
            digest.update(np.ascontiguousarray(rows.columns[name]).tobytes())
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
