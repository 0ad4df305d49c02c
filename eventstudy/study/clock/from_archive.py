"""Announcements of the service by the minute: bars of the archive, arranged for `run_clock_study`."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.archive import answers, bars
from eventstudy.archive.book import calendar_of
from eventstudy.archive.verify import altered
from eventstudy.config.model import Config
from eventstudy.database.reading import Row
from eventstudy.errors import InputError
from eventstudy.instants import stamp
from eventstudy.prices.assets import entry_of
from eventstudy.records import Event
from eventstudy.study.clock.bars import SIZES
from eventstudy.study.clock.result import ClockResult, Others, run_clock_study
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.table import LATER, Rows, Span

SECOND = 1_000_000_000  # nanoseconds
NEAR = 4 * 86_400 * SECOND  # of an announcement: bars so near to it are those that its windows need
TAPE = (-60, 120)  # minutes about the announcement
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
    _altered: dict[tuple[str, str, str], str | None] = field(default_factory=dict)

    def rows(self, asset: str, bar: str, near: Span) -> tuple[Rows, str]:
        """Bars of an asset as stored, and their size: `bar` itself, or finer ones where only these are near."""
        for size in (bar, *_finer(bar)):
            rows = self._series(asset, size)
            first, last = np.searchsorted(rows.starts, [near[0] - NEAR, near[1] + NEAR])
            if last > first:
                return rows, size
        return self._series(asset, bar), bar

    def key(self, asset: str, bar: str) -> tuple[str, str, str]:
        """The series of an asset."""
        entry = entry_of(self.config, asset)
        return entry.source or "", entry.symbol or asset, bar

    def wrong(self, asset: str, bar: str) -> str | None:
        """What shows that stored bars are not those that came; None where they are."""
        key = self.key(asset, bar)
        if key not in self._altered:
            self._altered[key] = altered(self.connection, key)
        return self._altered[key]

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
            found = bars.read(self.connection, key)
            fields = found.values  # noqa: PD011  # an array of ours
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
        return _ns(self.event.earliest), _ns(self.event.latest)


@dataclass(slots=True)
class _Table:
    """The bars that one announcement needs, as `run_clock_study` reads them."""

    given: Mapping[str, Rows]
    warnings: list[str] = field(default_factory=list)

    @property
    def symbols(self) -> frozenset[str]:
        return frozenset(self.given)

    def at_once(self, span: Span) -> int:  # noqa: ARG002  # all are in memory
        return max(len(self.given), 1)

    def rows(self, symbols: Sequence[str], span: Span) -> Iterator[tuple[str, Rows]]:  # noqa: ARG002
        yield from ((symbol, self.given[symbol]) for symbol in symbols)


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
    """

    bars: Mapping[str, Rows]
    calendars: Mapping[str, str]
    reasons: Mapping[str, str]


def arrange(request: ClockRequest, archive: BarArchive) -> Arranged:
    """Bars up to what the last window of an announcement can need, or why an asset has none."""
    found: dict[str, Rows] = {}
    calendars: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for name in dict.fromkeys((*request.event.assets, *_explaining(request.spec))):
        rows, reason = _bars(name, request, archive)
        if rows is not None:
            found[name] = rows
        calendars[name] = archive.calendar(name)
        if reason is None and not calendars[name] and name in request.event.assets:
            reason = f"nobody says when {name} is traded; set its `calendar`, for example XNYS or fx"
        if reason is not None:
            reasons[name] = reason
    return Arranged(bars=found, calendars=calendars, reasons=reasons)


def _explaining(spec: ClockSpec) -> list[str]:
    return [name for name in (spec.benchmark, *spec.factors) if name is not None]


def _bars(asset: str, request: ClockRequest, archive: BarArchive) -> tuple[Rows | None, str | None]:
    bar = request.spec.bar
    entry = entry_of(archive.config, asset)
    if entry.basket is not None:
        return None, f"{asset} is a basket, which has no bars of its own; study what it is made of"
    rows, size = archive.rows(asset, bar, request.span)
    if wrong := archive.wrong(asset, size):
        return None, f"the stored bars of {asset} are not those that came: {wrong}"
    rows = _until(rows, request.span[1] + LATER)
    if not rows.starts.size:
        source = archive.config.sources[entry.source or ""]
        if source.kind == "ecb":
            return None, f"{asset} has one fixing a day and no bars; name a source that has bars"
        return None, f"no {bar} bars of {asset} are stored; `captures: standing: [{bar}]` collects them from now on"
    return rows, None


def _until(rows: Rows, last: int) -> Rows:
    n = int(np.searchsorted(rows.starts, last))
    return Rows(starts=rows.starts[:n], columns={name: values[:n] for name, values in rows.columns.items()})


def inputs_of(request: ClockRequest, found: Arranged) -> str:
    """SHA-256 of all that a result rests on beside code and settings: equal inputs, equal result."""
    digest = hashlib.sha256(repr(request.event).encode())
    near = sorted((e.event_id, e.title, e.earliest, e.latest) for e in request.context)
    digest.update(repr((near, sorted(found.calendars.items()), sorted(found.reasons.items()))).encode())
    for asset in request.event.assets:
        others = _earlier(request, asset)
        digest.update(others.own.tobytes() + others.masks.tobytes())
        digest.update(repr([(e["event_id"], e["title"], e["minutes"]) for e in _near(request, asset)]).encode())
    for asset, rows in sorted(found.bars.items()):
        digest.update(asset.encode() + rows.starts.tobytes())
        for name in FIELDS:
            digest.update(np.ascontiguousarray(rows.columns[name]).tobytes())
    return digest.hexdigest()


def others_of(events: Iterable[Event]) -> Others:
    """When else something happened; an announcement whose minute is not known says nothing."""
    known = [(e.kind == "context", _ns(e.earliest)) for e in events if e.is_exact]
    own = np.unique(np.array([at for is_context, at in known if not is_context], dtype=np.int64))
    return Others(own=own, masks=np.unique(np.array([at for _, at in known], dtype=np.int64)))


def _earlier(request: ClockRequest, asset: str) -> Others:
    """What happened to an asset by the announcement: what comes later bears on no reference session."""
    found, at = request.others[asset], request.span[0]
    return Others(own=found.own[found.own <= at], masks=found.masks[found.masks <= at])


def study(request: ClockRequest, found: Arranged) -> list[Row]:
    """The rows of ``events`` of the document, one per asset, with three keys more.

    ``context`` (scheduled releases and other announcements near it, with the distance in minutes), ``tape`` (the bars
    about the announcement: start, open, high, low, close) and ``zone`` (of the venue).
    """
    event, span = request.event, request.span
    reasons = dict(found.reasons)
    rows: dict[str, Row] = {}
    warnings: list[str] = []
    studied = [asset for asset in event.assets if asset not in reasons]
    if studied:
        try:
            result = _run(request, found, studied)
            rows, warnings = {row["asset"]: row for row in result.rows}, list(result.warnings)
        except InputError as error:
            reasons |= dict.fromkeys(studied, str(error))
    explaining = {name: reasons[name] for name in _explaining(request.spec) if name in reasons}
    for asset in event.assets:
        if asset not in rows:
            rows[asset] = _nothing(request, asset, reasons[asset])
        row = rows[asset]
        row["remarks"] = [
            *(f"{reason}: it explains nothing" for name, reason in explaining.items() if name != asset),
            *(text for text in warnings if text.startswith((f"{asset}:", f"price in doubt: {asset}"))),
        ]
        row["context"] = list(_near(request, asset))
        row["tape"] = list(_tape(found.bars.get(asset), _centre(row, span[0])))
    return [rows[asset] for asset in event.assets]


def _run(request: ClockRequest, found: Arranged, studied: Sequence[str]) -> ClockResult:
    event, spec = request.event, request.spec
    spec = replace(
        spec,
        benchmark=spec.benchmark if spec.benchmark in found.bars else None,
        factors=spec.factors if all(name in found.bars for name in spec.factors) else (),
    )
    table = pd.DataFrame(
        {
            "event_id": event.event_id,
            "asset": studied,
            "earliest": stamp(event.earliest),
            "latest": stamp(event.latest),
            "calendar": [found.calendars[asset] for asset in studied],
            "zone": event.zone or "UTC",
        }
    )
    others = {asset: _earlier(request, asset) for asset in studied}
    return run_clock_study(_Table(found.bars), table, spec, others)


def _nothing(request: ClockRequest, asset: str, reason: str) -> Row:
    event = request.event
    return {
        "event_id": event.event_id,
        "asset": asset,
        "group": None,
        "announced_at": stamp(event.earliest),
        "announced_until": None if event.is_exact else stamp(event.latest),
        **dict.fromkeys(("session", "is_open", "hours", "price_before", "opening_gap", "mixed_bar", "path", "minutes")),
        "status": "skipped",
        "reason": reason,
        "overlaps": [],
        "windows": [],
    }


def _near(request: ClockRequest, asset: str) -> Iterator[dict[str, Any]]:
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


def _centre(row: Row, at: int) -> int:
    """The instant from which minutes are counted: the announcement, or the opening after it."""
    if row["is_open"] or row["hours"] is None:
        return at
    return max(_ns(dt.datetime.fromisoformat(row["hours"]["opens"])), at)


def _tape(rows: Rows | None, at: int) -> Iterator[list[Any]]:
    if rows is None:
        return
    minute = 60 * SECOND
    first, last = np.searchsorted(rows.starts, [at + TAPE[0] * minute, at + TAPE[1] * minute])
    for i in range(int(first), int(last)):
        values = [float(rows.columns[name][i]) for name in ("open", "high", "low", "close")]
        if np.isfinite(values[-1]):
            yield [int(rows.starts[i]) // SECOND, *(v if np.isfinite(v) else None for v in values)]


def _ns(moment: dt.datetime) -> int:
    return int(moment.timestamp()) * SECOND
