"""Announcements of the service by the minute: bars of the archive, arranged for `run_clock_study`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from eventstudy.database.reading import Row
from eventstudy.errors import InputError
from eventstudy.instants import stamp
from eventstudy.study.clock.aggregate import Member
from eventstudy.study.clock.arranged import Arranged, ClockRequest, arrange, earlier, explaining, near
from eventstudy.study.clock.bar_archive import BarArchive
from eventstudy.study.clock.part import Others
from eventstudy.study.clock.primary import primary_of
from eventstudy.study.clock.result import ClockResult, run_clock_study
from eventstudy.study.clock.table import Rows, Span
from eventstudy.study.clock.tape import bars_about


@dataclass(slots=True)
class _Table:
    """The bars that one announcement needs, as `run_clock_study` reads them."""

    given: Mapping[str, Rows]
    bar: str
    warnings: list[str] = field(default_factory=list)

    @property
    def symbols(self) -> frozenset[str]:
        return frozenset(self.given)

    @property
    def confirming(self) -> str:
        return f"`eventstudy prices confirm {{symbol}} {{start}} --bar {self.bar}`"

    def at_once(self, span: Span) -> int:  # noqa: ARG002  # all are in memory
        return max(len(self.given), 1)

    def rows(self, symbols: Sequence[str], span: Span) -> Iterator[tuple[str, Rows]]:  # noqa: ARG002
        yield from ((symbol, self.given[symbol]) for symbol in symbols)


def study(request: ClockRequest, found: Arranged) -> list[Row]:
    """The rows of ``events`` of the document, one per asset, with three keys more.

    ``context`` (scheduled releases and other announcements near it, with the distance in minutes), ``tape`` (the bars
    about the announcement: start, open, high, low, close) and ``placebo`` (the paced moves of the primary window).
    """
    event, span = request.event, request.span
    reasons = dict(found.reasons)
    rows: dict[str, Row] = {}
    warnings: list[str] = []
    members: dict[str, Member] = {}
    studied = [asset for asset in event.assets if asset not in reasons]
    if studied:
        try:
            result = _run([request], found, studied, {asset: earlier(request, asset) for asset in studied})
            rows, warnings = {row["asset"]: row for row in result.rows}, list(result.warnings)
            members = {member.asset: member for member in result.members}
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
        titles = {other.event_id: other.title for other in request.announced.get(asset, ())}
        row["overlaps"] = [{**other, "title": titles.get(other["event_id"], "")} for other in row["overlaps"]]
        row["context"] = list(near(request, asset))
        row["placebo"] = _paced_moves(members.get(asset), row)
        row["tape"] = list(bars_about(found.bars.get(asset), row, span[0]))
    return [rows[asset] for asset in event.assets]


def _paced_moves(member: Member | None, row: Row) -> list[float] | None:
    """The move of the primary window, then the reference moves, each for its pace and in units of the day's."""
    found = primary_of(row)
    if member is None or not member.series or found is None or found["paced"] is None:
        return None
    series = member.series[row["windows"].index(found)]
    moves = series.moves / series.pace * series.pace[0]
    return [float(move) for move in moves if np.isfinite(move)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Announcements of one asset that were studied together.

    Attributes
    ----------
    places : sequence of int
        Which of the announcements these are.
    rows : sequence of dict
        As the document has them.
    members : sequence of Member
        What each adds to averages.
    warnings : sequence of str
    """

    places: Sequence[int]
    rows: Sequence[Row]
    members: Sequence[Member]
    warnings: Sequence[str] = ()


def study_together(asset: str, requests: Sequence[ClockRequest], archive: BarArchive) -> Iterator[Together]:
    """Announcements of one asset, those that rest on bars of the same sizes at once."""
    groups: dict[tuple[str, ...], list[int]] = {}
    arranged = [arrange(request, archive) for request in requests]
    for k, (request, found) in enumerate(zip(requests, arranged, strict=True)):
        if asset in found.reasons:
            reason = found.reasons[asset]
            member = Member(event_id=request.event.event_id, asset=asset, group=None, series=(), reason=reason)
            yield Together(places=[k], rows=[_nothing(request, asset, reason)], members=[member])
            continue
        bearing = {asset, *explaining(request.spec)} & set(found.bars)  # not what else was announced with it
        sizes = (f"{name}:{found.sizes[name]}" for name in sorted(bearing))
        groups.setdefault(tuple(sizes), []).append(k)
    for places in groups.values():
        last = max(places, key=lambda k: requests[k].span[1])  # its bars are those of the others, and more
        chosen = [requests[k] for k in places]
        result = _run(chosen, arranged[last], [asset], {asset: chosen[0].others[asset]})
        yield Together(places=places, rows=result.rows, members=result.members, warnings=result.warnings)


def _run(
    requests: Sequence[ClockRequest], found: Arranged, studied: Sequence[str], others: Mapping[str, Others]
) -> ClockResult:
    spec = requests[0].spec
    spec = replace(
        spec,
        benchmark=spec.benchmark if spec.benchmark in found.bars else None,
        factors=spec.factors if all(name in found.bars for name in spec.factors) else (),
        confirm=found.confirmed,
        regress=(),
    )
    table = pd.DataFrame(
        [
            {
                "event_id": request.event.event_id,
                "asset": asset,
                "earliest": stamp(request.event.earliest),
                "latest": stamp(request.event.latest),
                "calendar": found.calendars[asset],
                "zone": request.event.zone or "UTC",
            }
            for request in requests
            for asset in studied
        ]
    )
    return run_clock_study(_Table(found.bars, spec.bar), table, spec, others)


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
