"""Studies by the minute on files and frames: what was found, for programs and people."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.calendars import extended_hours, trading_hours
from eventstudy.errors import DataError, EventStudyError, InputError
from eventstudy.records import Int64Array
from eventstudy.study.clock.aggregate import Member, Series, averages, series_of
from eventstudy.study.clock.announcements import read_clock_events
from eventstudy.study.clock.bars import Bars
from eventstudy.study.clock.document import document, event_dict, judge
from eventstudy.study.clock.doubts import ON_FILES, with_doubts
from eventstudy.study.clock.hours import Market
from eventstudy.study.clock.overlaps import find_overlaps, later_ones, placed
from eventstudy.study.clock.parquet import bars_in
from eventstudy.study.clock.plain import instant
from eventstudy.study.clock.reaction import ClockEvent, ClockReaction, react, snapped
from eventstudy.study.clock.sizes import bars_of
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.summary import flat, summary
from eventstudy.study.clock.table import (
    EVER,
    SYMBOLS_AT_ONCE,
    BarTable,
    FrameBars,
    Rows,
    Span,
)
from eventstudy.tables.table import Table

MOST_DOUBTS = 5  # of a symbol that are told one by one
FAR = 400 * 86_400_000_000_000  # nanoseconds: of an announcement farther from all bars no session is looked up


@dataclass(frozen=True, kw_only=True)
class ClockResult:
    """A finished study by the minute.

    Attributes
    ----------
    spec : ClockSpec
    rows : tuple of dict
        The events as the JSON has them, in the order of the table.
    warnings : tuple of str
    members : tuple of Member
        What each of the events adds to averages.
    characteristics : DataFrame
        Columns of the table of events that may explain the moves.
    """

    spec: ClockSpec
    rows: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    members: tuple[Member, ...] = ()
    characteristics: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def n_refused(self) -> int:
        """Windows without a test, and events without any window."""
        return sum(
            sum(window["reason_code"] is not None for window in row["windows"]) if row["windows"] else 1
            for row in self.rows
        )

    @cached_property
    def events(self) -> pd.DataFrame:
        """A row per event, asset and window: move, paced t and p, and the verdict or the reason."""
        out = []
        for row in self.rows:
            head = {name: row[name] for name in ("event_id", "asset", "group", "announced_at", "session")}
            out += [{**head, **flat(window, row)} for window in row["windows"] or [None]]
        return pd.DataFrame(out)

    @cached_property
    def averages(self) -> dict[str, Any]:
        """``aggregate``, ``group_differences`` and ``regressions`` of the document (H13)."""
        return averages(self.members, self.spec, self.characteristics)

    @cached_property
    def aggregate(self) -> pd.DataFrame:
        """A row per group and window: the mean move with its interval, and the word."""
        return pd.DataFrame(
            [
                {
                    "group": group["group"],
                    **{k: v for k, v in row.items() if k not in ("tests", "moves", "paced", "left_out", "caar_ci")},
                    "window": ":".join(row["window"]),
                    "caar_low": row["caar_ci"][0],
                    "caar_high": row["caar_ci"][1],
                }
                for group in self.averages["aggregate"]
                for row in group["windows"]
            ]
        )

    @cached_property
    def tests(self) -> pd.DataFrame:
        """A row per group, window and test of the paced moves, and of the moves; which of them holds, and why."""
        return pd.DataFrame(
            [
                {"group": group["group"], "window": ":".join(row["window"]), "of": of, **test}
                for group in self.averages["aggregate"]
                for row in group["windows"]
                for of, tests in (("paced", row["tests"]), ("moves", row["moves"]["tests"]))
                for test in tests
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """The document that ``eventstudy study --bar`` prints as JSON."""
        return document(self.spec.to_dict(), self.rows, self.warnings, self.averages)

    def summary(self) -> str:
        """Text for people: a line per event, asset and window, and of many events one per window."""
        return summary(self.spec, self.rows, self.averages["aggregate"] if len(self.rows) > 1 else (), self.warnings)

    def __str__(self) -> str:
        return self.summary()


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What else is known to have happened to an asset; instants are sorted, UTC nanoseconds.

    Attributes
    ----------
    own : Int64Array
        Announcements of the asset, those that are studied included: a pace is not measured across one.
    masks : Int64Array
        These, and scheduled releases: a reference session with one in its window is passed over.
    near : tuple of (str, int)
        Id and instant of announcements that are not in the table, but may share bars with those that are.
    """

    own: Int64Array
    masks: Int64Array
    near: tuple[tuple[str, int], ...] = ()


def run_clock_study(
    bars: pd.DataFrame | BarTable, events: pd.DataFrame, spec: ClockSpec, others: Mapping[str, Others] | None = None
) -> ClockResult:
    """Study announcements by the minute (methods-intraday, H1 to H13).

    Parameters
    ----------
    bars : DataFrame or BarTable
        Long (``symbol, start, open, high, low, close, volume``) or wide (start, then a column of closes per symbol);
        starts carry an offset or Z.
    events : DataFrame
        ``event_id, asset, announced_at``, or ``earliest, latest``; optionally ``calendar, zone, group, benchmark``;
        other columns may explain the moves.
    spec : ClockSpec
    others : mapping of str to Others, optional
        Asset → what else happened to it; of those that are not named, the announcements of the table.

    Returns
    -------
    ClockResult

    Raises
    ------
    InputError
        When bars, events or settings as a whole cannot be used. One bad event never raises: it has its reason.
    """
    table: BarTable = FrameBars(bars) if isinstance(bars, pd.DataFrame) else bars
    found, reasons, characteristics = read_clock_events(events, spec.calendar)
    for name in spec.regress:
        if name not in characteristics.columns:
            known = ", ".join(map(str, characteristics.columns)) or "none"
            raise DataError(
                "there is no such column", where="regress", value=name, remedy=f"further columns are {known}"
            )
    run = _Run(table=table, spec=spec, found=found, reasons=reasons, others=others or {})
    rows, members = run.everything()
    judge(rows, spec)
    return ClockResult(
        spec=spec,
        rows=tuple(rows),
        warnings=tuple(dict.fromkeys([*table.warnings, *run.warnings])),
        members=tuple(members),
        characteristics=characteristics,
    )


def run_by_clock(
    bars: pd.DataFrame | Table | Path | str,
    events: pd.DataFrame | Table,
    spec: ClockSpec | None,
    *,
    bar: str,
    settings: Mapping[str, Any],
) -> ClockResult:
    """Study bars in a frame, a table, or Parquet files, by `spec` with the settings that are given besides.

    Raises
    ------
    InputError
        As of `run_clock_study`, and for a setting that there is not.
    """
    known = ClockSpec.__slots__
    for name in settings:
        if name not in known:
            raise InputError("there is no such setting", where=name, remedy=f"settings are {', '.join(known)}")
    spec = ClockSpec(bar=bar, **settings) if spec is None else replace(spec, bar=bar, **settings)
    table: BarTable
    if isinstance(bars, (str, Path)):
        found = bars_in(Path(bars), "prices")
        if found is None:
            raise DataError("not Parquet", where="prices", value=str(bars), remedy="read it with pandas")
        table = found
    else:
        table = FrameBars(_frame(bars), "prices")
    return run_clock_study(table, _frame(events), spec)


def _frame(table: pd.DataFrame | Table) -> pd.DataFrame:
    """A table under its names; one whose rows are named by their times, with these as its first column."""
    if isinstance(table, Table):
        return table.frame.set_axis(list(table.header), axis=1)
    return table.reset_index() if isinstance(table.index, pd.DatetimeIndex) else table


@dataclass(kw_only=True)
class _Run:
    """A study while it is made: a few symbols at a time, and what was found on the way."""

    table: BarTable
    spec: ClockSpec
    found: Sequence[ClockEvent]
    reasons: list[str]
    others: Mapping[str, Others] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)
    wrong_sizes: list[DataError] = field(default_factory=list)

    def everything(self) -> tuple[list[dict[str, Any]], list[Member]]:
        """The events as the document has them, and what each adds to averages."""
        by_asset = self._by_asset()
        spans = {asset: _span_of([self.found[i] for i in places]) for asset, places in by_asset.items()}
        self.markets = _Markets(self, _joined(spans.values()))
        out: dict[int, tuple[dict[str, Any], Member]] = {}
        again = []
        # announcements of about the same time are studied by the same bars
        assets = sorted(by_asset, key=lambda asset: (spans[asset], asset))
        at_once = self.table.at_once(_joined(spans.values()))
        for start in range(0, len(assets), at_once):
            some = assets[start : start + at_once]
            for symbol, rows in self.table.rows(some, _joined(spans[asset] for asset in some)):
                found = self._reactions(symbol, rows, [self.found[i] for i in by_asset[symbol]])
                if rows.is_cut and any(self._looks_further_back(reaction) for reaction in found):
                    again.append(symbol)
                else:
                    out.update(zip(by_asset[symbol], self._described(found), strict=True))
        if again:
            self.markets = _Markets(self, EVER)
            for symbol, rows in self.table.rows(again, EVER):
                found = self._reactions(symbol, rows, [self.found[i] for i in by_asset[symbol]])
                out.update(zip(by_asset[symbol], self._described(found), strict=True))
        if self.wrong_sizes and all(row["status"] == "skipped" for row, _ in out.values()):
            raise self.wrong_sizes[0]
        left = sorted(set(self.spec.confirm) - self.confirmed)
        if left and not self.table.confirming:  # of an archive, what is confirmed was in doubt
            remedy = "name one as SYMBOL:START, of a symbol that the study reads"
            raise DataError("no price is in doubt there", where="confirm", value=left[0], remedy=remedy)
        for i, event in enumerate(self.found):
            if i not in out:
                out[i] = self._nothing(event, self.reasons[i] or f"there are no bars of {event.asset} near it")
        rows, members = zip(*(out[i] for i in range(len(self.found))), strict=True)
        return list(rows), list(members)

    def _by_asset(self) -> dict[str, list[int]]:
        known, spec = self.table.symbols, self.spec
        for where, names in (("benchmark", [spec.benchmark] if spec.benchmark else []), ("factors", spec.factors)):
            for name in names:
                if name not in known:
                    raise DataError("there is no such symbol", where=where, value=name, remedy=_shown(known))
        by_asset: dict[str, list[int]] = defaultdict(list)
        for i, event in enumerate(self.found):
            if not self.reasons[i] and event.asset not in known:
                self.reasons[i] = f"there is no symbol {event.asset!r} in the bars; {_shown(known)}"
            if not self.reasons[i] and event.benchmark is not None and event.benchmark not in known:
                self.reasons[i] = f"there is no symbol {event.benchmark!r} in the bars for its benchmark"
            if not self.reasons[i]:
                by_asset[event.asset].append(i)
        return by_asset

    def _looks_further_back(self, reaction: ClockReaction) -> bool:
        """Whether a window found fewer sessions, or bars of a pace, than it looked for."""
        return not reaction.windows or any(
            window.found.size < self.spec.reference_sessions or np.isnan(window.found.pace).any()
            for window in reaction.windows
            if window.is_measured
        )

    def explaining(self, span: Span) -> dict[str, Rows]:
        """Rows of every benchmark and factor."""
        names = {*self.spec.factors}
        for i, event in enumerate(self.found):
            if not self.reasons[i] and (name := event.benchmark or self.spec.benchmark) is not None:
                names.add(name)
        return dict(self.table.rows(sorted(names), span)) if names else {}

    def _nothing(self, event: ClockEvent, reason: str) -> tuple[dict[str, Any], Member]:
        reaction = ClockReaction(event=event, bars=None, place=None, windows=(), reason=reason)
        return event_dict(reaction, self.spec), _member(reaction, ())

    def _reactions(self, symbol: str, rows: Rows, events: Sequence[ClockEvent]) -> list[ClockReaction]:
        """The announcements of one asset, measured."""
        by_calendar: dict[str, Bars] = {}
        reactions = []
        own = np.sort(np.array([event.earliest for event in events], dtype=np.int64))
        others = self.others.get(symbol) or Others(own=own, masks=own)
        for event in events:
            try:
                name = event.calendar or ""
                if name not in by_calendar:
                    by_calendar[name] = self.bars_of(symbol, rows, self.markets.of(name, rows.starts, own))
                reactions.append(self._react(event, by_calendar[name], others))
            except EventStudyError as error:
                if isinstance(error, DataError) and error.where == "bar":
                    self.wrong_sizes.append(error)
                reactions.append(ClockReaction(event=event, bars=None, place=None, windows=(), reason=str(error)))
        return reactions

    def _described(self, found: Sequence[ClockReaction]) -> Iterator[tuple[dict[str, Any], Member]]:
        """The same as the document has them, and what each adds to averages."""
        together = [*found, *self._neighbours(found)]
        overlaps = find_overlaps(together)
        earlier = [later_ones(together, find_overlaps(together, w)) for w in range(len(self.spec.windows))]
        for k, reaction in enumerate(found):
            series = tuple(series_of(window, has_earlier=k in earlier[w]) for w, window in enumerate(reaction.windows))
            out = replace(reaction, overlaps=overlaps.get(k, ()))
            yield event_dict(out, self.spec), _member(out, series)

    def _neighbours(self, found: Sequence[ClockReaction]) -> Iterator[ClockReaction]:
        """Announcements of the asset that are not in the table, as far as it takes to tell whose bars they share."""
        measured = next((reaction for reaction in found if reaction.bars is not None), None)
        if measured is None or measured.bars is None or measured.event.asset not in self.others:
            return
        for name, at in self.others[measured.event.asset].near:
            yield placed(replace(measured.event, event_id=name, earliest=at, latest=at), measured.bars, self.spec)

    def bars_of(self, symbol: str, rows: Rows, market: Market) -> Bars:
        """The bars of a symbol in a market, with those marked whose price is in doubt."""
        bars = bars_of(symbol, rows, market, self.spec.bar, self.warnings)
        bars, confirmed = with_doubts(bars, self.spec.confirm, self.table.confirming or ON_FILES)
        self.confirmed |= confirmed
        own = {f"{symbol}:{instant(start)}" for start in bars.starts.tolist()} if confirmed else set()
        self.warnings += [
            f"{symbol}: the bar of {self.spec.bar} that is made of the one at {name.removeprefix(f'{symbol}:')}, which "
            "a person confirmed, is confirmed with it"
            for name in sorted(confirmed - own)
        ]
        told = [f"price in doubt: {words}" for words in bars.doubts.values()]
        more = [f"{symbol}: {len(told) - MOST_DOUBTS} more bars are in doubt"] if len(told) > MOST_DOUBTS else []
        self.warnings += [*told[:MOST_DOUBTS], *more]
        self.warnings += [
            f"{symbol}: 1 row {why} is no bar" if n == 1 else f"{symbol}: {n} rows {why} are no bars"
            for why, n in bars.left_out.items()
        ]
        return bars

    def _react(self, event: ClockEvent, bars: Bars, others: Others) -> ClockReaction:
        spec, symbol = self.spec, bars.symbol
        own, masks = (instants[instants != event.earliest] for instants in (others.own, others.masks))
        at = snapped(event.earliest, spec.snap_seconds)
        if at != event.earliest:
            self.warnings.append(f"{event.event_id}: {instant(event.earliest)} was set to {instant(at)}")
        name = event.benchmark or spec.benchmark
        reaction = react(
            event,
            at,
            bars,
            spec,
            benchmark=self.markets.other(name, bars.market) if name is not None and name != symbol else None,
            factors=[self.markets.other(factor, bars.market) for factor in spec.factors if factor != symbol],
            own_events=own if spec.mask_events else None,
            masks=masks if spec.mask_events else None,
            known_events=None if spec.mask_events else masks,
        )
        reason = _outside(bars, at)
        return replace(reaction, reason=reason) if reason and reaction.status == "skipped" else reaction


def _member(reaction: ClockReaction, series: tuple[Series, ...]) -> Member:
    event = reaction.event
    reason = reaction.why if reaction.status == "skipped" else None
    return Member(event_id=event.event_id, asset=event.asset, group=event.group, series=series, reason=reason)


def _span_of(events: Sequence[ClockEvent]) -> Span:
    return min(event.earliest for event in events), max(event.latest for event in events)


def _joined(spans: Iterable[Span]) -> Span:
    first, last = zip(*spans, strict=True) if (spans := list(spans)) else ((0,), (0,))
    return min(first), max(last)


class _Markets:
    """Markets by calendar over the days that are asked for, each made once, and benchmarks and factors in them."""

    def __init__(self, run: _Run, span: Span) -> None:
        self._explaining, self._run = run.explaining(span), run
        self._made: dict[tuple[str, dt.date, dt.date], Market] = {}
        self._bars: dict[tuple[str, int], Bars] = {}

    def of(self, name: str, starts: Int64Array, events: Int64Array) -> Market:
        """The market of a calendar about some bars, and about the announcements that are not far from them."""
        near = events[(events > starts[0] - FAR) & (events < starts[-1] + FAR)]
        ends = min([starts[0], *near]), max([starts[-1], *near])
        first, last = (np.datetime64(int(t), "ns").astype("datetime64[D]").item() for t in ends)
        # whole years, so that assets with the same calendar share it
        days = dt.date(first.year - 1, 12, 1), dt.date(last.year + 1, 1, 31)
        key = (name, *days)
        if key not in self._made:
            hours = (extended_hours if self._run.spec.extended else trading_hours)(name, *days)
            self._made[key] = Market.of(name, hours)
        return self._made[key]

    def other(self, name: str, market: Market) -> Bars:
        """Bars of a benchmark or factor in the market of an asset; the newest few are kept."""
        key = (name, id(market))
        if key not in self._bars:
            if len(self._bars) >= SYMBOLS_AT_ONCE:
                self._bars.pop(next(iter(self._bars)))
            self._bars[key] = self._run.bars_of(name, self._explaining[name], market)
        return self._bars[key]


def _outside(bars: Bars, at: int) -> str | None:
    """Why an announcement lies outside the data; None where it does not."""
    if not bars.starts.size:
        if "outside every session" not in bars.left_out:
            shown = ", ".join(f"{n} rows are {why}" for why, n in bars.left_out.items()) or "there is no row"
            return f"no row of {bars.symbol} is a bar: {shown}; give closing prices above zero"
        return "no bar lies inside a session of the calendar; check the calendar, and the offsets of the bars"
    if at < bars.starts[0]:
        return f"the announcement is before the first bar, {instant(bars.starts[0])}; give earlier bars"
    if at >= bars.ends[-1]:
        return f"the announcement is after the last bar, which ends {instant(bars.ends[-1])}; give later bars"
    return None


def _shown(known: frozenset[str]) -> str:
    names = sorted(known)
    return f"symbols are {', '.join(names[:8])}{' …' if len(names) > 8 else ''}"
