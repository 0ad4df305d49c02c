"""From placed events to fits and abnormal returns, in chunks, so that memory does not grow with the windows' length."""

from __future__ import annotations

from dataclasses import fields, replace
from types import ModuleType
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from eventstudy.abnormal import Abnormal, Cumulated, abnormal_returns, cumulate
from eventstudy.compiled import loops
from eventstudy.errors import DataError
from eventstudy.inference.panel import Placebo
from eventstudy.models.least_squares import forecast, one_regressor_by_loops, with_intercept
from eventstudy.models.thin import spans
from eventstudy.parallel import in_order
from eventstudy.records import Fit, Float64Array, Int64Array, Sample
from eventstudy.registry.models import MODELS
from eventstudy.spec import StudySpec, Window
from eventstudy.study.frame import Market, Missing, growth
from eventstudy.study.grid import CompiledResiduals, Grid, Hat
from eventstudy.study.placing import Placed

TILE = 64  # sessions turned at a time: four times as fast as all at once

Part = TypeVar("Part", Fit, Abnormal, Cumulated)


def build_grid(
    market: Market, placed: Placed, spec: StudySpec, usable: Int64Array, missing: Missing, *, has_placebos: bool
) -> Grid:
    """Columns and event times that the model of `spec` needs for the events `usable`.

    Parameters
    ----------
    has_placebos : bool
        Whether samples will also be taken around days of the estimation window.

    Raises
    ------
    DataError
        When the model needs a benchmark, factors or peers that are not there, or returns that cannot be lumped.
    """
    model = MODELS[spec.model]
    lead, tail = model.reach(spec)
    y, span = market.returns, None
    if model.lumped == "always" or missing == "lump":
        if market.levels is None:
            raise DataError("lumped returns need prices", where="values", remedy="give prices, or use missing=drop")
        if model.lumped == "never":
            raise DataError(
                f"the {spec.model} model cannot use returns over several sessions",
                where="missing",
                value=missing,
                remedy="use drop, or --model trade-to-trade",
            )
        y, span = _lumped(market, market.levels)
    tau = np.arange(spec.estimation.start - lead, spec.event_window.end + tail + 1)
    rows = placed.rows[usable]
    is_inside = not has_placebos and rows.size > 0 and rows.min() + tau[0] >= 0 and rows.max() + tau[-1] < len(y)
    margin = 0 if is_inside else tau.size
    return Grid(
        market=market,
        y=y,
        span=span,
        rows=rows,
        columns=placed.columns[usable],
        factors=_factors(market, placed, spec, usable),
        tau=tau,
        by_asset=_by_asset(y, margin) if span is None else np.empty((0, 0)),
        margin=margin,
    )


def fit_events(grid: Grid, spec: StudySpec) -> tuple[Fit, Abnormal, tuple[Cumulated, ...]]:
    """Fit every event of `grid` and cumulate its abnormal returns over every window.

    A CAR is NaN where the sessions cannot fill the window: it is never silently shortened, nor made longer. That is
    where the window runs past the data, or where its first return also covers sessions before it (methods.md A4).
    Chunk by chunk on all cores; the chunks, and so every number, are always the same.
    """
    n = grid.rows.size
    compiled = loops(n) if spec.model == "market" and grid.span is None else None

    def work(start: int) -> tuple[Fit, Abnormal, tuple[Cumulated, ...]]:
        events = slice(start, min(start + grid.chunk, n))
        if compiled:
            sample, fit = _by_loops(compiled, grid, spec, events)
        else:
            sample = grid.sample(spec, events)
            fit = MODELS[spec.model](sample, spec)
        abnormal = abnormal_returns(sample, fit)
        return fit, abnormal, tuple(cumulate(fit, abnormal, w, is_log=spec.returns == "log") for w in spec.windows)

    first = work(0)
    # what can be made again from the rest would take more memory than all the rest
    has_hat = MODELS[spec.model].has_design_hat and grid.span is None and n > grid.chunk
    left_out = ("residuals", "leverage") if compiled else ("leverage",) if has_hat else ()
    fits, abnormals = _Whole(first[0], n, left_out), _Whole(first[1], n)
    cumulated = [_Whole(found, n) for found in first[2]]

    def keep(start: int) -> None:
        place, (fit, abnormal, windows) = slice(start, min(start + grid.chunk, n)), work(start) if start else first
        fits.put(place, fit)
        abnormals.put(place, abnormal)
        for whole, found in zip(cumulated, windows, strict=True):
            whole.put(place, found)

    for _ in in_order(keep, range(0, n, grid.chunk)):
        pass
    fit, abnormal = fits.done(), abnormals.done()
    if compiled:
        fit = replace(fit, residuals=CompiledResiduals(compiled, grid, spec, fit))
    if left_out:
        fit = replace(fit, leverage=Hat(grid, spec, fit.gram_inverse))
    return fit, abnormal, tuple(_filled(grid, abnormal, whole.done()) for whole in cumulated)


def _by_loops(compiled: ModuleType, grid: Grid, spec: StudySpec, events: slice) -> tuple[Sample, Fit]:
    """Market model by the compiled loops: the sample of the event windows, and the fit without residuals."""
    columns, benchmark, start = grid.columns[events], grid.factors[events][:, 0], grid.start(grid.rows[events])
    before = spec.estimation.start - int(grid.tau[0])
    estimates = one_regressor_by_loops(compiled, grid.by_asset, columns, benchmark, start + before, spec)
    window = spec.event_window
    pieces = sliding_window_view(grid.by_asset, window.length, axis=1)
    first = start + window.start - int(grid.tau[0])
    x = pieces[benchmark, first][:, :, None]
    tau = np.arange(window.start, window.end + 1)
    sample = Sample(tau=tau, y=pieces[columns, first], x=x, estimation=spec.estimation, event_window=window)
    return sample, forecast(estimates, spec, names=("alpha", "beta"), design=with_intercept(x))


def _filled(grid: Grid, abnormal: Abnormal, found: Cumulated) -> Cumulated:
    """`found` without the numbers of windows that the sessions cannot fill."""
    lost = runs_past(grid, found.window)
    if grid.span is not None:
        lost = lost | _covers_earlier(grid, abnormal, found.window)
    for values in (found.car, found.se, found.scar, found.bhar):
        values[lost] = np.nan
    return found


def runs_past(grid: Grid, window: Window) -> NDArray[np.bool_]:
    """Whether `window` of each event reaches before the first or after the last session; shape (n,)."""
    return (grid.rows + window.start < 0) | (grid.rows + window.end >= len(grid.y))


def _covers_earlier(grid: Grid, abnormal: Abnormal, window: Window) -> NDArray[np.bool_]:
    assert grid.span is not None  # only called then
    tau = np.arange(window.start, window.end + 1)
    index = np.clip(grid.rows[:, None] + tau, 0, len(grid.y) - 1)
    span = grid.span[index, grid.columns[:, None]]
    present = np.isfinite(abnormal.ar[:, (abnormal.tau >= window.start) & (abnormal.tau <= window.end)])
    is_longer: NDArray[np.bool_] = (present & (span > tau - window.start + 1)).any(axis=1)
    return is_longer


def placebo_cars(grid: Grid, spec: StudySpec) -> dict[Window, Placebo]:
    """The whole cross-section re-estimated on every admissible day of the estimation window (methods.md D18)."""
    n = grid.rows.size
    offsets = np.arange(spec.estimation.start, spec.estimation.end + 1)
    out = {w: (np.full((offsets.size, n), np.nan), np.full((offsets.size, n), np.nan)) for w in spec.windows}
    at_once = max(1, grid.chunk // max(n, 1))
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
    n, regressors = usable.size, MODELS[spec.model].regressors
    if regressors == "benchmark":
        if not any(placed.benchmarks):
            return np.full((n, 1), market.column(spec.benchmark or "", "benchmark"), dtype=np.int64)
        own = [placed.benchmarks[i] or spec.benchmark or "" for i in usable.tolist()]
        places = {name: market.column(name, "benchmark") for name in dict.fromkeys(own)}
        return np.array([[places[name]] for name in own], dtype=np.int64).reshape(n, 1)
    if regressors == "factors":
        if not spec.factors:
            raise DataError(
                "the factor model needs factors", where="factors", remedy="name columns, or ff3, carhart, ff5"
            )
        return np.tile(np.array([market.column(name, "factors") for name in spec.factors]), (n, 1))
    if regressors == "peers":
        names = spec.factors or tuple(name for name in market.names if name != spec.benchmark)
        peers = np.tile(np.array([market.column(name, "factors") for name in names], dtype=np.int64), (n, 1))
        peers[peers == placed.columns[usable][:, None]] = -1  # an asset is not its own peer
        return peers
    return np.empty((n, 0), dtype=np.int64)


def _lumped(market: Market, levels: Float64Array) -> tuple[Float64Array, Int64Array]:
    """Returns since the last trade, and the sessions since then; a hole gives one return, on the day it ends."""
    span = np.nan_to_num(np.column_stack([spans(column) for column in levels.T])).astype(np.int64)
    before = levels[np.arange(len(span))[:, None] - span, np.arange(span.shape[1])[None, :]]
    return np.where(span > 0, growth(levels, before, market.kind), np.nan), span


def _by_asset(y: Float64Array, margin: int) -> Float64Array:
    """`y` with an asset per row, and `margin` missing sessions before and after."""
    if not margin and y.flags.f_contiguous:
        return y.T
    out = np.empty((y.shape[1], len(y) + 2 * margin))
    out[:, :margin] = out[:, margin + len(y) :] = np.nan
    for start in range(0, len(y), TILE):
        piece = y[start : start + TILE]
        out[:, margin + start : margin + start + len(piece)] = piece.T
    return out


class _Whole(Generic[Part]):
    """Room for the pieces of n events, filled by many threads at once, so that no number is held twice."""

    def __init__(self, pattern: Part, n: int, without: tuple[str, ...] = ()) -> None:
        self._pattern: Part = pattern
        self._arrays: dict[str, NDArray[Any]] = {}
        self._constant: dict[str, NDArray[Any]] = {}
        self._reasons: list[str | None] = [None] * n
        for field in fields(pattern):
            value: Any = getattr(pattern, field.name)
            if isinstance(value, np.ndarray) and field.name not in ("tau", *without):
                if value.size and not any(value.strides):  # one number for all
                    self._constant[field.name] = np.broadcast_to(value.ravel()[0], (n, *value.shape[1:]))
                    continue
                self._arrays[field.name] = np.empty((n, *value.shape[1:]), dtype=value.dtype)

    def put(self, place: slice, part: Part) -> None:
        for name, array in self._arrays.items():
            array[place] = getattr(part, name)
        if isinstance(part, Fit):
            self._reasons[place] = part.reasons

    def done(self) -> Part:
        whole: dict[str, Any] = self._arrays | self._constant
        if isinstance(self._pattern, Fit):
            whole["reasons"] = tuple(self._reasons)
        return replace(self._pattern, **whole)
