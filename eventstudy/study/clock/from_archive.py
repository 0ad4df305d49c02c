"""Announcements of the service by the minute: bars of the archive, arranged for `run_clock_study`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from eventstudy.database.reading import Row
from eventstudy.errors import InputError
from eventstudy.instants import stamp
from eventstudy.study.clock.arranged import Arranged, ClockRequest, earlier, explaining, near
from eventstudy.study.clock.result import ClockResult, run_clock_study
from eventstudy.study.clock.table import Rows, Span
from eventstudy.study.clock.tape import bars_about


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
    without = {name: reasons[name] for name in explaining(request.spec) if name in reasons}
    for asset in event.assets:
        if asset not in rows:
            rows[asset] = _nothing(request, asset, reasons[asset])
        row = rows[asset]
        row["remarks"] = [
            *(f"{reason}: it explains nothing" for name, reason in without.items() if name != asset),
            *(text for text in warnings if text.startswith((f"{asset}:", f"price in doubt: {asset}"))),
        ]
        row["context"] = list(near(request, asset))
        row["tape"] = list(bars_about(found.bars.get(asset), row, span[0]))
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
    others = {asset: earlier(request, asset) for asset in studied}
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
