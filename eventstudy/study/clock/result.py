"""Studies by the minute on files and frames: what was found, for programs and people."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.calendars import trading_hours
from eventstudy.errors import DataError, EventStudyError, InputError
from eventstudy.records import Int64Array
from eventstudy.study.clock.bars import Bars
from eventstudy.study.clock.document import document, event_dict, instant, judge
from eventstudy.study.clock.hours import Market
from eventstudy.study.clock.reaction import ClockEvent, ClockReaction, find_overlaps, react, snapped
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.table import BarTable, FrameBars, Rows, bars_of, read_clock_events

SYMBOLS_AT_ONCE = 8  # whose bars are in memory together
AROUND = dt.timedelta(days=10)  # sessions known before the first bar and after the last


@dataclass(frozen=True, kw_only=True)
class ClockResult:
    """A finished study by the minute.

    Attributes
    ----------
    spec : ClockSpec
    rows : tuple of dict
        The events as the JSON has them, in the order of the table.
    warnings : tuple of str
    """

    spec: ClockSpec
    rows: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]

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
            out += [{**head, **_flat(window, row)} for window in row["windows"] or [None]]
        return pd.DataFrame(out)

    def to_dict(self) -> dict[str, Any]:
        """The document that ``eventstudy study --bar`` prints as JSON."""
        return document(self.spec.to_dict(), self.rows, self.warnings)

    def summary(self) -> str:
        """Text for people: a line per event, asset and window."""
        lines = [
            f"Event study by the minute: bars of {self.spec.bar}, {self.spec.reference_sessions} reference sessions",
            f"{'event':<20} {'asset':<8} {'window':>12} {'move':>9} {'paced t':>8} {'p':>8} {'Holm':>8}  verdict",
        ]
        for row in self.rows:
            for window in row["windows"] or [None]:
                found = _flat(window, row)
                label = f"[{','.join(window['window'])}]" if window else ""
                numbers = (
                    f"{100 * found['move']:>8.2f}%" if found["move"] is not None else f"{'':>9}",
                    *(f"{found[name]:>8.{d}f}" if found[name] is not None else f"{'':>8}" for name, d in _DIGITS),
                )
                end = found["reason"] or found["verdict"]
                lines.append(f"{row['event_id'][:20]:<20} {row['asset'][:8]:<8} {label:>12} {' '.join(numbers)}  {end}")
        return "\n".join([*lines, *(f"Note: {text}" for text in self.warnings)])

    def __str__(self) -> str:
        return self.summary()


_DIGITS = (("paced_t", 2), ("paced_p", 4), ("p_adjusted", 4))


def _flat(window: dict[str, Any] | None, row: dict[str, Any]) -> dict[str, Any]:
    if window is None:
        none = dict.fromkeys(("window", "move", "clock_t", "clock_p", "paced_t", "paced_p", "p_adjusted"))
        return {**none, "verdict": "not computable", "reason_code": None, "reason": row["reason"]}
    clock, paced = window["clock"] or {}, window["paced"] or {}
    return {
        "window": ":".join(window["window"]),
        "move": window["move"],
        "clock_t": clock.get("t"),
        "clock_p": clock.get("p_value"),
        "paced_t": paced.get("t"),
        "paced_p": paced.get("p_value"),
        "p_adjusted": window["p_adjusted"],
        "verdict": window["verdict"],
        "reason_code": window["reason_code"],
        "reason": window["reason"],
    }


def run_clock_study(bars: pd.DataFrame | BarTable, events: pd.DataFrame, spec: ClockSpec) -> ClockResult:
    """Study announcements by the minute (methods-intraday, H1 to H12).

    Parameters
    ----------
    bars : DataFrame or BarTable
        Long (``symbol, start, open, high, low, close, volume``) or wide (start, then a column of closes per symbol);
        starts carry an offset or Z.
    events : DataFrame
        ``event_id, asset, announced_at``, or ``earliest, latest``; optionally ``calendar, zone, group, benchmark``.
    spec : ClockSpec

    Returns
    -------
    ClockResult

    Raises
    ------
    InputError
        When bars, events or settings as a whole cannot be used. One bad event never raises: it has its reason.
    """
    table: BarTable = FrameBars(bars) if isinstance(bars, pd.DataFrame) else bars
    found, reasons = read_clock_events(events, spec.calendar)
    known = table.symbols
    if spec.benchmark is not None and spec.benchmark not in known:
        raise DataError("there is no such symbol", where="benchmark", value=spec.benchmark, remedy=_shown(known))
    by_asset: dict[str, list[int]] = defaultdict(list)
    for i, event in enumerate(found):
        if not reasons[i] and event.asset not in known:
            reasons[i] = f"there is no symbol {event.asset!r} in the bars"
        name = event.benchmark or spec.benchmark
        if not reasons[i] and name is not None and name not in known:
            reasons[i] = f"there is no symbol {name!r} in the bars for its benchmark"
        if not reasons[i]:
            by_asset[event.asset].append(i)
    warnings: list[str] = []
    benchmarks = sorted(
        {n for i in range(len(found)) if not reasons[i] and (n := found[i].benchmark or spec.benchmark) is not None}
    )
    explained_by = dict(table.rows(benchmarks))
    out: list[dict[str, Any] | None] = [None] * len(found)
    assets = sorted(by_asset)
    markets = _Markets()
    for start in range(0, len(assets), SYMBOLS_AT_ONCE):
        for symbol, rows in table.rows(assets[start : start + SYMBOLS_AT_ONCE]):
            for i, row in _one_asset(
                symbol, rows, [(i, found[i]) for i in by_asset[symbol]], spec, explained_by, markets, warnings
            ):
                out[i] = row
    for i, event in enumerate(found):
        if out[i] is None:
            reaction = ClockReaction(event=event, bars=None, place=None, windows=(), reason=reasons[i] or "no bars")
            out[i] = event_dict(reaction, spec)
    rows_ = [row for row in out if row is not None]
    judge(rows_, spec)
    return ClockResult(spec=spec, rows=tuple(rows_), warnings=tuple(dict.fromkeys([*table.warnings, *warnings])))


class _Markets:
    """Markets by calendar over the days that are asked for, each made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, dt.date, dt.date], Market] = {}
        self._benchmarks: dict[tuple[str, int], Bars] = {}

    def of(self, name: str, instants: Int64Array) -> Market:
        first, last = (np.datetime64(int(t), "ns").astype("datetime64[D]").item() for t in (instants[0], instants[-1]))
        # whole years, so that assets with the same calendar share it
        days = dt.date(first.year - 1, 12, 1), dt.date(last.year + 1, 1, 31)
        key = (name, *days)
        if key not in self._made:
            self._made[key] = Market.of(name, trading_hours(name, *days))
        return self._made[key]

    def benchmark(self, name: str, rows: Rows, bars: Bars, spec: ClockSpec) -> Bars:
        """Bars of a benchmark in the market of an asset; the newest few are kept."""
        key = (name, id(bars.market))
        if key not in self._benchmarks:
            if len(self._benchmarks) >= SYMBOLS_AT_ONCE:
                self._benchmarks.pop(next(iter(self._benchmarks)))
            self._benchmarks[key] = bars_of(name, rows, bars.market, spec.bar, [])
        return self._benchmarks[key]


def _one_asset(
    symbol: str,
    rows: Rows,
    events: Sequence[tuple[int, ClockEvent]],
    spec: ClockSpec,
    explained_by: dict[str, Rows],
    markets: _Markets,
    warnings: list[str],
) -> Iterable[tuple[int, dict[str, Any]]]:
    """The announcements of one asset, as the document has them."""
    by_calendar: dict[str, Bars] = {}
    reactions: list[tuple[int, ClockReaction]] = []
    own = np.sort(np.array([event.earliest for _, event in events], dtype=np.int64))
    for i, event in events:
        calendar = event.calendar or ""
        try:
            if calendar not in by_calendar:
                market = markets.of(calendar, rows.starts)
                by_calendar[calendar] = bars_of(symbol, rows, market, spec.bar, warnings)
                _note_left_out(by_calendar[calendar], warnings)
            bars = by_calendar[calendar]
            name = event.benchmark or spec.benchmark
            benchmark = (
                None if name is None or name == symbol else markets.benchmark(name, explained_by[name], bars, spec)
            )
            at = snapped(event.earliest, spec.snap_seconds)
            if at != event.earliest:
                warnings.append(f"{event.event_id}: {instant(event.earliest)} was set to {instant(at)}")
            others = own[own != event.earliest] if spec.mask_events else None
            reaction = react(event, at, bars, spec, benchmark=benchmark, own_events=others, masks=others)
            reason = _outside(bars, at)
            if reason is not None:
                reaction = ClockReaction(event=event, bars=bars, place=None, windows=(), reason=reason)
        except InputError as error:
            if error.where == "bar":
                raise
            reaction = ClockReaction(event=event, bars=None, place=None, windows=(), reason=str(error))
        except EventStudyError as error:
            reaction = ClockReaction(event=event, bars=None, place=None, windows=(), reason=str(error))
        reactions.append((i, reaction))
    overlaps = find_overlaps([reaction for _, reaction in reactions])
    for k, (i, reaction) in enumerate(reactions):
        yield i, event_dict(replace(reaction, overlaps=overlaps.get(k, ())), spec)


def _outside(bars: Bars, at: int) -> str | None:
    """Why an announcement lies outside the data; None where it does not."""
    if not bars.starts.size:
        return "no bar lies inside a session of the calendar"
    if at < bars.starts[0]:
        return f"the announcement is before the first bar, {instant(bars.starts[0])}; give earlier bars"
    if at > bars.ends[-1] + AROUND // dt.timedelta(microseconds=1) * 1000:
        return f"the announcement is after the last bar, which ends {instant(bars.ends[-1])}; give later bars"
    return None


def _note_left_out(bars: Bars, warnings: list[str]) -> None:
    for why, n in bars.left_out.items():
        warnings.append(f"{bars.symbol}: {n} rows {why} are no bars")


def _shown(known: frozenset[str]) -> str:
    names = sorted(known)
    return f"symbols are {', '.join(names[:8])}{' …' if len(names) > 8 else ''}"
