"""Where the numbers of every event are, and what is made of them when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.records import Fit, Float64Array, Int64Array, Sample
from eventstudy.spec import StudySpec
from eventstudy.study.frame import Market, growth

CHUNK = 4096  # events at a time, whose returns take some 8 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where the numbers of every usable event are: columns of returns, and the sessions of its event time.

    Attributes
    ----------
    market : Market
    y : Float64Array
        Shape (T, S), returns of all assets.
    by_asset : Float64Array
        Shape (S, T + 2 margin), the same with an asset's returns side by side in memory, and `margin` missing ones
        before and after: an event's returns are then one piece of it.
    margin : int
        0 where no event reaches beyond the data, else the length of `tau`.
    span : Int64Array or None
        Shape (T, S), sessions since the last trade, 0 without one; None when a return covers one session.
    rows, columns : Int64Array
        Shape (n,), session of day 0 and column of the asset.
    factors : Int64Array
        Shape (n, p), columns of the regressors; a column of -1 is left out of a peer portfolio.
    tau : Int64Array
        Shape (T',), event time of the samples.
    """

    market: Market
    y: Float64Array
    span: Int64Array | None
    rows: Int64Array
    columns: Int64Array
    factors: Int64Array
    tau: Int64Array
    by_asset: Float64Array
    margin: int

    @property
    def has_common_date(self) -> bool:
        """Whether there are events, and all share day 0."""
        return self.rows.size > 0 and bool((self.rows == self.rows[0]).all())

    @property
    def chunk(self) -> int:
        """Events at a time, so that their regressors take no more room than one benchmark each."""
        return max(1, CHUNK // max(int(self.factors.shape[1]), 1))

    def sample(self, spec: StudySpec, events: slice | Int64Array, shift: int | Int64Array = 0) -> Sample:
        """Returns of some events around day 0, or around a day `shift` sessions later; NaN beyond the data."""
        rows = np.asarray(self.rows[events] + shift)
        if self.span is None:
            return self._pieces(spec, rows, self.columns[events], self.factors[events])
        index = rows[:, None] + self.tau[None, :]
        outside = (index < 0) | (index >= len(self.y))
        safe = np.clip(index, 0, len(self.y) - 1)
        columns, factors = self.columns[events][:, None], self.factors[events][:, None, :]
        y = self.y[safe, columns]
        y[outside] = np.nan
        covered = self.span[safe, columns]
        x = self._over(safe, covered, factors)
        span = np.where(outside | (covered == 0), np.nan, covered)
        x[outside] = np.nan
        x[np.broadcast_to(factors < 0, x.shape)] = np.nan
        return Sample(tau=self.tau, y=y, x=x, estimation=spec.estimation, event_window=spec.event_window, span=span)

    def _pieces(self, spec: StudySpec, rows: Int64Array, columns: Int64Array, factors: Int64Array) -> Sample:
        """The sample where every return covers one session."""
        width = self.tau.size
        start = self.start(rows)
        y = sliding_window_view(self.by_asset, width, axis=1)[columns, start]
        x = self._x(start, factors, width)
        return Sample(tau=self.tau, y=y, x=x, estimation=spec.estimation, event_window=spec.event_window)

    def start(self, rows: Int64Array) -> Int64Array:
        """Place in `by_asset` of the first session of the samples around `rows`."""
        start, last = rows + int(self.tau[0]) + self.margin, self.by_asset.shape[1] - self.tau.size
        assert self.margin or not start.size or (start.min() >= 0 and start.max() <= last)  # else there is a margin
        return np.clip(start, 0, last)

    def _x(self, start: Int64Array, factors: Int64Array, width: int) -> Float64Array:
        pieces = sliding_window_view(self.by_asset, width, axis=1)
        x = np.ascontiguousarray(pieces[factors, start[:, None]].transpose(0, 2, 1))
        if factors.size and factors.min() < 0:
            x[np.broadcast_to(factors[:, None, :] < 0, x.shape)] = np.nan
        return x

    def regressors(self, spec: StudySpec, rows: Int64Array) -> Float64Array:
        """Regressors of the estimation windows of the events `rows`, shape (n, L1, p); not for lumped returns."""
        before = spec.estimation.start - int(self.tau[0])
        start = self.start(self.rows[rows]) + before
        return self._x(start, self.factors[rows], spec.estimation.length)

    def _over(self, index: Int64Array, covered: Int64Array, factors: Int64Array) -> Float64Array:
        """Return of the regressors over the sessions that each of the asset's returns covers (methods.md A5, A6)."""
        levels = self.market.levels
        assert levels is not None  # there are no spans without prices
        now, before = levels[index[:, :, None], factors], levels[(index - covered)[:, :, None], factors]
        return np.where(covered[:, :, None] > 0, growth(now, before, self.market.kind), np.nan)


class Hat:
    """Hat diagonal x'(X'X)^{-1}x of the estimation days, made from the regressors when it is asked for."""

    def __init__(self, grid: Grid, spec: StudySpec, gram_inverse: Float64Array) -> None:
        self._grid, self._spec, self._gram_inverse = grid, spec, gram_inverse

    @property
    def shape(self) -> tuple[int, int]:
        """Number of events and of estimation days."""
        return self._grid.rows.size, self._spec.estimation.length

    def __getitem__(self, rows: Int64Array, /) -> Float64Array:
        x, gram = self._grid.regressors(self._spec, rows), self._gram_inverse[rows]
        hat = np.empty(x.shape[:2])
        hat[:] = gram[:, :1, 0]
        for i in range(x.shape[2]):  # x_i (2 g_0i + Σ_j g_ij x_j)
            slope = 2.0 * gram[:, :1, i + 1] + gram[:, i + 1, 1:2] * x[:, :, 0]
            for j in range(1, x.shape[2]):
                slope += gram[:, i + 1, j + 1 : j + 2] * x[:, :, j]
            slope *= x[:, :, i]
            hat += slope
        return hat


class CompiledResiduals:
    """Residuals of a market model, made by the compiled loops when they are asked for."""

    def __init__(self, compiled: ModuleType, grid: Grid, spec: StudySpec, fit: Fit) -> None:
        self._compiled, self._fit, self._length = compiled, fit, spec.estimation.length
        start = grid.start(grid.rows) + spec.estimation.start - int(grid.tau[0])
        self._data = (grid.by_asset, grid.columns, grid.factors[:, 0].copy(), start, fit.theta)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of events and of estimation days."""
        return self._data[3].size, self._length

    def __getitem__(self, rows: Any, /) -> Float64Array:
        events = np.atleast_1d(np.arange(self.shape[0])[rows])
        out = np.empty((events.size, self._length))
        self.write(events, out)
        return out[0] if np.ndim(rows) == 0 and not isinstance(rows, slice) else out

    def write(self, events: Int64Array, out: Float64Array) -> None:
        """Write the residuals of some events into the first columns of `out`."""
        self._compiled.market_residuals(*self._data, events, out, self._length)

    def standardised(self, events: Int64Array, out: Float64Array) -> None:
        """Write e / (s √(1 - h)) of some events into the first columns of `out`."""
        fit = self._fit
        self._compiled.market_sar(*self._data, fit.gram_inverse, fit.s2, events, out, self._length)
