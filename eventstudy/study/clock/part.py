"""A part of a study by the minute: some assets with their announcements, measured by one process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from eventstudy.calendars import extended_hours, trading_hours
from eventstudy.errors import DataError, EventStudyError
from eventstudy.records import Int64Array
from eventstudy.study.clock.aggregate import Member, Series, series_of
from eventstudy.study.clock.bars import Bars
from eventstudy.study.clock.document import event_dict
from eventstudy.study.clock.doubts import ON_FILES, with_doubts
from eventstudy.study.clock.hours import Market
from eventstudy.study.clock.overlaps import find_overlaps, later_ones, placed
from eventstudy.study.clock.plain import instant
from eventstudy.study.clock.reaction import ClockEvent, ClockReaction, react, snapped
from eventstudy.study.clock.sizes import bars_of
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.table import SYMBOLS_AT_ONCE, BarTable, Rows, Span

MOST_DOUBTS = 5  # of a symbol that are told one by one
FAR = 400 * 86_400_000_000_000  # nanoseconds: of an announcement farther from all bars no session is looked up

Described = tuple[dict[str, Any], Member]  # an announcement as the document has it, and what it adds to averages


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTask:
    """A part before it is measured.

    Attributes
    ----------
    table : BarTable
        Of these assets and what explains them, at least.
    spec : ClockSpec
    span : tuple of int
        First and last announcement of the whole study: what explains is read for all of it, whatever the parts are.
    runs : tuple of (tuple of str, tuple of int)
        Assets that are read together, and the span that they are read for.
    events : mapping of str to tuple of (int, ClockEvent)
        Asset → its announcements with their place in the table: all of them, as one bears on another.
    others : mapping of str to Others
    """

    table: BarTable
    spec: ClockSpec
    span: Span
    runs: tuple[tuple[tuple[str, ...], Span], ...]
    events: Mapping[str, tuple[tuple[int, ClockEvent], ...]]
    others: Mapping[str, Others]

    @property
    def explaining(self) -> set[str]:
        """Benchmarks and factors of its announcements."""
        return explaining(self.spec, (event for found in self.events.values() for _, event in found))

    def with_table(self, table: BarTable) -> ClockTask:
        """The same with another table."""
        return replace(self, table=table)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPart:
    """A part that is measured.

    Attributes
    ----------
    rows : dict of int to tuple
        Place in the table → the announcement as the document has it, and what it adds to averages.
    again : tuple of str
        Assets that need earlier bars than were read.
    explaining, read, warnings : tuple of str
        What was said of the bars of benchmarks and factors, of those of the assets, and of what was made of them.
    confirmed : set of str
        Bars in doubt that `confirm` names.
    wrong_size : tuple of (str, object, str) or None
        Problem, value and remedy of the first bars that are none of the size that is studied.
    """

    rows: dict[int, Described]
    again: tuple[str, ...]
    explaining: tuple[str, ...]
    read: tuple[str, ...]
    warnings: tuple[str, ...]
    confirmed: set[str]
    wrong_size: tuple[str, Any, str] | None


def measure_part(task: ClockTask) -> ClockPart:
    """Measure the announcements of a part, one run of assets after the other."""
    told = task.table.warnings
    begun = len(told)
    part = _Measuring(task=task)
    explained = len(told)
    rows: dict[int, Described] = {}
    again = []
    for assets, span in task.runs:
        for symbol, bars in task.table.rows(assets, span):
            places, events = zip(*task.events[symbol], strict=True)
            found = part.reactions(symbol, bars, events)
            if bars.is_cut and any(part.looks_further_back(reaction) for reaction in found):
                again.append(symbol)
            else:
                rows.update(zip(places, part.described(found), strict=True))
    return ClockPart(
        rows=rows,
        again=tuple(again),
        explaining=tuple(told[begun:explained]),
        read=tuple(told[explained:]),
        warnings=tuple(part.warnings),
        confirmed=part.confirmed,
        wrong_size=part.wrong_size,
    )


def nothing(event: ClockEvent, reason: str, spec: ClockSpec) -> Described:
    """An announcement that cannot be studied."""
    reaction = ClockReaction(event=event, bars=None, place=None, windows=(), reason=reason)
    return event_dict(reaction, spec), _member(reaction, ())


def explaining(spec: ClockSpec, events: Iterable[ClockEvent]) -> set[str]:
    """Benchmarks and factors of some announcements."""
    own = (event.benchmark or spec.benchmark for event in events)
    return {*spec.factors, *filter(None, own)}


@dataclass(kw_only=True)
class _Measuring:
    """A part while it is measured, and what was found on the way."""

    task: ClockTask
    warnings: list[str] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)
    wrong_size: tuple[str, Any, str] | None = None

    def __post_init__(self) -> None:
        self.spec, self.table = self.task.spec, self.task.table
        self.markets = _Markets(self)

    def explaining(self) -> dict[str, Rows]:
        """Rows of every benchmark and factor."""
        names = self.task.explaining
        return dict(self.table.rows(sorted(names), self.task.span)) if names else {}

    def looks_further_back(self, reaction: ClockReaction) -> bool:
        """Whether a window found fewer sessions, or bars of a pace, than it looked for."""
        return not reaction.windows or any(
            window.found.size < self.spec.reference_sessions or np.isnan(window.found.pace).any()
            for window in reaction.windows
            if window.is_measured
        )

    def reactions(self, symbol: str, rows: Rows, events: Sequence[ClockEvent]) -> list[ClockReaction]:
        """The announcements of one asset, measured."""
        by_calendar: dict[str, Bars] = {}
        reactions = []
        own = np.sort(np.array([event.earliest for event in events], dtype=np.int64))
        others = self.task.others.get(symbol) or Others(own=own, masks=own)
        for event in events:
            try:
                name = event.calendar or ""
                if name not in by_calendar:
                    by_calendar[name] = self.bars_of(symbol, rows, self.markets.of(name, rows.starts, own))
                reactions.append(self._react(event, by_calendar[name], others))
            except EventStudyError as error:
                if isinstance(error, DataError) and error.where == "bar":
                    self.wrong_size = self.wrong_size or (error.problem, error.value, error.remedy)
                reactions.append(ClockReaction(event=event, bars=None, place=None, windows=(), reason=str(error)))
        return reactions

    def described(self, found: Sequence[ClockReaction]) -> Iterator[Described]:
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
        if measured is None or measured.bars is None or measured.event.asset not in self.task.others:
            return
        for name, at in self.task.others[measured.event.asset].near:
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


class _Markets:
    """Markets by calendar over the days that are asked for, each made once, and benchmarks and factors in them."""

    def __init__(self, part: _Measuring) -> None:
        self._explaining, self._part = part.explaining(), part
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
            hours = (extended_hours if self._part.spec.extended else trading_hours)(name, *days)
            self._made[key] = Market.of(name, hours)
        return self._made[key]

    def other(self, name: str, market: Market) -> Bars:
        """Bars of a benchmark or factor in the market of an asset; the newest few are kept."""
        key = (name, id(market))
        if key not in self._bars:
            if name not in self._explaining:
                raise DataError(f"there are no bars of {name} near it")
            if len(self._bars) >= SYMBOLS_AT_ONCE:
                self._bars.pop(next(iter(self._bars)))
            self._bars[key] = self._part.bars_of(name, self._explaining[name], market)
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
