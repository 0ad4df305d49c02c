"""From placed events to fits and abnormal returns, in chunks, so that memory does not grow with the windows' length."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Generic, TypeVar

import numpy as np

from eventstudy.abnormal import Abnormal, abnormal_returns, cumulate
from eventstudy.errors import DataError
from eventstudy.inference.panel import Placebo
from eventstudy.models import MODELS, reach
from eventstudy.models.thin import spans
from eventstudy.records import Fit, Float64Array, Int64Array, Sample
from eventstudy.spec import StudySpec, Window
from eventstudy.study.frame import Market, Missing
from eventstudy.study.placing import Placed

CHUNK = 4096  # events at a time: some 30 MB of returns, which stay near the cores
# Models fitted one event at a time by iteration: too slow to re-estimate on every placebo day.
ITERATIVE = ("garch", "egarch", "huber", "theil-sen")

Part = TypeVar("Part", Fit, Abnormal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where the numbers of every usable event are: columns of returns, and the sessions of its event time.

    Attributes
    ----------
    y : Float64Array
        Shape (T, S), returns of all assets.
    span : Float64Array or None
        Shape (T, S), sessions since the last trade.
    rows, columns : Int64Array
        Shape (n,), session of day 0 and column of the asset.
    factors : Int64Array
        Shape (n, p), columns of the regressors; a column of -1 is left out of a peer portfolio.
    tau : Int64Array
        Shape (T',), event time of the samples.
    """

    y: Float64Array
    span: Float64Array | None
    rows: Int64Array
    columns: Int64Array
    factors: Int64Array
    tau: Int64Array

    def sample(self, spec: StudySpec, events: slice | Int64Array, shift: int | Int64Array = 0) -> Sample:
        """Returns of some events around day 0, or around a day `shift` sessions later; NaN beyond the data."""
        rows = np.asarray(self.rows[events] + shift)
        index = rows[:, None] + self.tau[None, :]
        outside = (index < 0) | (index >= len(self.y))
        safe = np.clip(index, 0, len(self.y) - 1)
        factors = self.factors[events]
        y = self.y[safe, self.columns[events][:, None]]
        x = self.y[safe[:, :, None], factors[:, None, :]]
        y[outside], x[outside] = np.nan, np.nan
        x[np.broadcast_to((factors < 0)[:, None, :], x.shape)] = np.nan
        span = None
        if self.span is not None:
            span = self.span[safe, self.columns[events][:, None]]
            span[outside] = np.nan
        if spec.model == "trade-to-trade":
            x = self._over_spans(safe, x, span)
        return Sample(
            tau=self.tau, y=y, x=x, estimation=spec.estimation, event_window=spec.event_window, span=span
        )

    def _over_spans(self, index: Int64Array, x: Float64Array, span: Float64Array | None) -> Float64Array:
        """Sum of the benchmark's returns over the sessions that each asset return covers."""
        if span is None:
            return x
        total = np.zeros_like(x)
        longest = int(np.nanmax(span, initial=1.0))
        for back in range(longest):
            here = span > back
            if back == 0:
                total[here] = x[here]
                continue
            shifted = np.full_like(x, np.nan)
            shifted[:, back:] = x[:, :-back]
            total[here] += shifted[here]
        total[~np.isfinite(span)] = np.nan
        return total


def build_grid(market: Market, placed: Placed, spec: StudySpec, usable: Int64Array, missing: Missing) -> Grid:
    """Columns and event times that the model of `spec` needs for the events `usable`.

    Raises
    ------
    DataError
        When the model needs a benchmark, factors or peers that are not there.
    """
    lead, tail = reach(spec)
    is_thin = spec.model == "trade-to-trade"
    lead += 60 * is_thin  # the benchmark is summed back to the last trade before the estimation window
    tau = np.arange(spec.estimation.start - lead, spec.event_window.end + tail + 1)
    y, span = market.returns, None
    if is_thin or missing == "lump":
        if market.levels is None:
            raise DataError("lumped returns need prices", where="values", remedy="give prices, or use missing=drop")
        y, span = _lumped(market)
    columns = placed.columns[usable]
    return Grid(
        y=y, span=span, rows=placed.rows[usable], columns=columns, factors=_factors(market, placed, spec, usable), tau=tau
    )


def fit_events(grid: Grid, spec: StudySpec) -> tuple[Fit, Abnormal]:
    """Fit every event of `grid`, chunk by chunk on all cores; the chunks, and so every number, are always the same."""
    n = grid.rows.size

    def work(start: int) -> tuple[slice, Fit, Abnormal]:
        sample = grid.sample(spec, slice(start, start + CHUNK))
        fit = MODELS[spec.model](sample, spec)
        return slice(start, min(start + CHUNK, n)), fit, abnormal_returns(sample, fit)

    first = work(0)
    if n <= CHUNK:
        return first[1], first[2]
    fits, abnormals = _Whole(first[1], n), _Whole(first[2], n)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for place, fit, abnormal in itertools.chain([first], pool.map(work, range(CHUNK, n, CHUNK))):
            fits.put(place, fit)
            abnormals.put(place, abnormal)
    return fits.done(), abnormals.done()


def placebo_cars(grid: Grid, spec: StudySpec) -> dict[Window, Placebo]:
    """The whole cross-section re-estimated on every admissible day of the estimation window (methods.md D18)."""
    n = grid.rows.size
    offsets = np.arange(spec.estimation.start, spec.estimation.end + 1)
    out = {w: (np.full((offsets.size, n), np.nan), np.full((offsets.size, n), np.nan)) for w in spec.windows}
    at_once = max(1, CHUNK // max(n, 1))
    for start in range(0, offsets.size, at_once):
        block = offsets[start : start + at_once]
        events = np.tile(np.arange(n), block.size)
        sample = grid.sample(spec, events, np.repeat(block, n))
        fit = MODELS[spec.model](sample, spec)
        abnormal = abnormal_returns(sample, fit)
        for window in spec.windows:
            found = cumulate(fit, abnormal, window, is_log=spec.returns == "log")
            first = np.repeat(block, n)
            is_inside = (first + window.start >= spec.estimation.start) & (first + window.end <= spec.estimation.end)
            whole = is_inside & (found.n_days == window.length)
            for target, values in zip(out[window], (found.car, found.scar), strict=True):
                target[start : start + block.size] = np.where(whole, values, np.nan).reshape(block.size, n)
    return {window: Placebo(car=car, scar=scar) for window, (car, scar) in out.items()}


def _factors(market: Market, placed: Placed, spec: StudySpec, usable: Int64Array) -> Int64Array:
    """Columns of the regressors of every usable event, shape (n, p)."""
    n = usable.size
    if spec.model in ("constant-mean", "comparison-mean"):
        return np.empty((n, 0), dtype=np.int64)
    if spec.model == "factor":
        if not spec.factors:
            raise DataError("the factor model needs factors", where="factors", remedy="name columns, or ff3, carhart, ff5")
        return np.tile([market.column(name) for name in spec.factors], (n, 1)).astype(np.int64)
    if spec.model == "peer":
        names = spec.factors or tuple(name for name in market.names if name != spec.benchmark)
        peers = np.tile([market.column(name) for name in names], (n, 1)).astype(np.int64)
        peers[peers == placed.columns[usable][:, None]] = -1  # an asset is not its own peer
        return peers
    own = [placed.benchmarks[i] or spec.benchmark for i in usable.tolist()]
    if None in own:
        raise DataError(
            f"the {spec.model} model needs a benchmark", where="benchmark", remedy="name a column with --benchmark"
        )
    places = {name: market.column(str(name)) for name in dict.fromkeys(own)}
    return np.array([[places[name]] for name in own], dtype=np.int64).reshape(n, 1)


def _lumped(market: Market) -> tuple[Float64Array, Float64Array]:
    """Returns since the last trade, and the sessions since then; a hole gives one return, on the day it ends."""
    assert market.levels is not None  # the caller has refused returns
    span = np.column_stack([spans(market.levels[:, j]) for j in range(market.levels.shape[1])])
    rows = np.arange(len(span))[:, None] - np.nan_to_num(span, nan=0.0).astype(np.int64)
    before = market.levels[rows, np.arange(span.shape[1])[None, :]]
    with np.errstate(invalid="ignore", divide="ignore"):
        growth = np.where(np.isfinite(span), market.levels / before, np.nan)
        return (np.log(growth) if market.kind == "log" else growth - 1.0), span


class _Whole(Generic[Part]):
    """Room for the pieces of n events, filled as they come, so that no number is held twice."""

    def __init__(self, pattern: Part, n: int) -> None:
        self._pattern = pattern
        self._arrays: dict[str, np.ndarray] = {}
        self._reasons: list[str | None] = [None] * n
        for field in fields(pattern):
            value = getattr(pattern, field.name)
            if isinstance(value, np.ndarray) and field.name != "tau":
                self._arrays[field.name] = np.empty((n, *value.shape[1:]), dtype=value.dtype)

    def put(self, place: slice, part: Part) -> None:
        for name, array in self._arrays.items():
            array[place] = getattr(part, name)
        if isinstance(part, Fit):
            self._reasons[place] = part.reasons

    def done(self) -> Part:
        if isinstance(self._pattern, Fit):
            return replace(self._pattern, **self._arrays, reasons=tuple(self._reasons))
        return replace(self._pattern, **self._arrays)
