"""Samples, the one input of the engine: a row per event, asset, alignment and clock, wherever its returns come from.

An arranger (`study.from_table`, `study.from_archive`) lays series of returns one after the other in a pool and says
where each row begins. A row is a stretch of the pool: its columns are event time τ, from before the estimation window
to the end of the event window. What days they are, on whose calendar, and whether they follow each other is the
arranger's affair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from eventstudy.compiled import WORTH, loops
from eventstudy.evidence.flags import IN_DOUBT
from eventstudy.inference.batch import Written
from eventstudy.inference.correlation import DayTable
from eventstudy.records import Fit, Float64Array, InstantArray, Int64Array, Sample
from eventstudy.spec import Window

CHUNK = 1024  # rows at a time, whose returns take some 2 MB and stay in the cache
BEYOND = 1_000_000  # a day that no window reaches
LEFT_OUT = -1  # in place of a regressor that a row has not

Rows = slice | Int64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Where the returns of n rows are.

    A series of N returns stands in `pool` with `margin` missing ones before and after it; so do its days in `days`.

    Attributes
    ----------
    event_ids, assets : tuple of str
        Length n.
    tau : Int64Array
        Shape (T,), event time of the columns, one by one.
    estimation, event_window : Window
    pool : Float64Array
        Shape (P,), decimal returns of all series, assets and regressors alike; NaN = missing.
    span : Float64Array or None
        Shape (P,), sessions that each return covers; None where all cover one.
    y_at : Int64Array
        Shape (n,), place in `pool` of each row's first column.
    x_at : Int64Array
        Shape (n, p), the same of its regressors; ``LEFT_OUT`` for one that it has not.
    begin, end : Int64Array
        Shape (n,), places of the first return of the row's series and after its last one: a row may be shifted as long
        as it stays within `margin` of them, and further than that counts as that.
    margin : int
        0, where no row reaches beyond its series and none is shifted, else T or more.
    days : NDArray
        Shape (Q,), days since 1970 of the sessions, -1 for none.
    days_at : Int64Array
        Shape (n,), place in `days` of each row's first column.
    instants : InstantArray or None
        Shape (Q,), UTC instants at which the prices were taken, where they are known.
    regressor_names : tuple of str
        What explains the rows, where all are explained by the same.
    benchmarks : tuple of str or None
        Of each row, where they differ.
    refused : mapping of (int, Window) to str
        Rows and windows for which there is no number, and why.
    ends : Int64Array or None
        Shape (n,), event time of the day on which the asset was delisted, after which there is nothing to observe;
        ``BEYOND`` where it was not, or its return is not known.
    notes : tuple of str
        What a reader must know of the returns in tested windows.
    doubts : mapping of int to str
        Place in `pool` of every return that a price in doubt would make → its words.
    """

    event_ids: tuple[str, ...]
    assets: tuple[str, ...]
    tau: Int64Array
    estimation: Window
    event_window: Window
    pool: Float64Array
    span: Float64Array | None
    y_at: Int64Array
    x_at: Int64Array
    begin: Int64Array
    end: Int64Array
    margin: int
    days: NDArray[np.integer[Any]]
    days_at: Int64Array
    instants: InstantArray | None = None
    doubts: Mapping[int, str] = field(default_factory=dict)
    regressor_names: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] | None = None
    refused: Mapping[tuple[int, Window], str] = field(default_factory=dict)
    ends: Int64Array | None = None
    notes: tuple[str, ...] = ()

    def explained_by(self, i: int) -> tuple[str, ...]:
        """Names of the regressors of row `i`."""
        return self.regressor_names if self.benchmarks is None else (self.benchmarks[i],)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.event_ids)

    @property
    def day0(self) -> Int64Array:
        """Days since 1970 of each row's day τ = 0; shape (n,)."""
        found: Int64Array = self.days[self.days_at - int(self.tau[0])].astype(np.int64)
        return found

    @property
    def has_common_date(self) -> bool:
        """Whether there are rows, and all share day 0."""
        return self.n > 0 and bool((self.day0 == self.day0[0]).all())

    @property
    def chunk(self) -> int:
        """Rows at a time, so that their regressors take no more room than one benchmark each."""
        return max(1, CHUNK // max(int(self.x_at.shape[1]), 1))

    @property
    def day_table(self) -> DayTable:
        """Days of every row and column."""
        return DayTable(numbers=self.days, starts=self.days_at, width=self.tau.size)

    def sample(self, rows: Rows, shift: int | Int64Array = 0) -> Sample:
        """Returns of some rows around day 0, or around a day `shift` sessions later; NaN beyond the data."""
        width = self.tau.size
        start = self._start(rows, shift, width)
        return Sample(
            tau=self.tau,
            y=sliding_window_view(self.pool, width)[start],
            x=self._x(rows, start - self.y_at[rows], width),
            estimation=self.estimation,
            event_window=self.event_window,
            span=None if self.span is None else sliding_window_view(self.span, width)[start],
        )

    def distinct(self, rows: Int64Array, shifts: Int64Array) -> tuple[Int64Array, Int64Array, Int64Array]:
        """Every row shifted by every number of sessions, where those with the same returns count as one.

        Returns
        -------
        Int64Array, Int64Array
            A row and a shift for each of those that differ.
        Int64Array
            Shape (n, S), the place among them of every row and shift.
        """
        beside = np.where(self.x_at[rows] == LEFT_OUT, self.pool.size, self.x_at[rows] - self.y_at[rows, None])
        _, kind = np.unique(beside, axis=0, return_inverse=True)
        start = self._start(rows[:, None], shifts, self.tau.size) + kind.reshape(-1, 1) * self.pool.size
        _, first, place = np.unique(start, return_index=True, return_inverse=True)
        return rows[first // shifts.size], shifts[first % shifts.size], place.reshape(start.shape)

    def regressors(self, window: Window, rows: Rows) -> Float64Array:
        """Regressors of one window of some rows, shape (n, length, p)."""
        offset = np.zeros_like(self.y_at[rows]) + (window.start - int(self.tau[0]))
        return self._x(rows, offset, window.length)

    def runs_past(self, window: Window) -> NDArray[np.bool_]:
        """Whether `window` of each row reaches before the first or after the last session; shape (n,)."""
        day0 = self.y_at - int(self.tau[0])
        past: NDArray[np.bool_] = (day0 + window.start < self.begin) | (day0 + window.end >= self.end)
        return past

    def in_doubt(self, window: Window) -> NDArray[np.bool_]:
        """Whether a return of each row in `window`, or of what explains it, rests on a price in doubt; shape (n,)."""
        return self._first_doubt(window, slice(None))[0]

    def doubt(self, row: int, window: Window) -> str | None:
        """The reason that begins with the first price in doubt that a row rests on in `window`; None without one."""
        is_there, place = self._first_doubt(window, slice(row, row + 1))
        return f"{IN_DOUBT}: {self.doubts[int(place[0])]}" if is_there[0] else None

    def refusal(self, row: int, window: Window) -> str | None:
        """Why there is no number for a row and a window, whatever its returns are: a price in doubt, or a hole."""
        return self.doubt(row, window) or self.refused.get((row, window))

    def _first_doubt(self, window: Window, rows: slice) -> tuple[NDArray[np.bool_], Int64Array]:
        """Whether there is one in `window` of some rows, and its place in the pool; shape (n,) each."""
        y_at, x_at = self.y_at[rows], self.x_at[rows]
        if not self.doubts:
            return np.zeros(y_at.size, dtype=bool), np.zeros(y_at.size, dtype=np.int64)
        places = np.array(sorted(self.doubts), dtype=np.int64)
        start = np.column_stack([y_at, x_at])  # of the asset, then of all that explains it
        is_out = start == LEFT_OUT
        start = start + (window.start - int(self.tau[0]))
        end = start + window.length
        start[:, 1:] -= self.estimation.start - int(self.tau[0])  # lags and leads that the model reads
        end[:, 1:] += int(self.tau[-1]) - self.event_window.end
        first = np.append(places, np.iinfo(np.int64).max)[np.searchsorted(places, start)]
        found = (first < end) & ~is_out
        which = found.argmax(axis=1)
        return found.any(axis=1), np.take_along_axis(first, which[:, None], axis=1)[:, 0]

    def _start(self, rows: Rows, shift: int | Int64Array, width: int) -> Int64Array:
        start = self.y_at[rows] + shift
        found: Int64Array = np.clip(start, self.begin[rows] - self.margin, self.end[rows] + self.margin - width)
        assert self.margin or (found == start).all()  # else there is a margin
        return found

    def _x(self, rows: Rows, offset: Int64Array, width: int) -> Float64Array:
        """Stretches of the pool, `offset` from the first column of each regressor; shape (n, width, p)."""
        at = self.x_at[rows]
        is_out = at == LEFT_OUT
        start = np.where(is_out, 0, at + offset[:, None])
        x = np.ascontiguousarray(sliding_window_view(self.pool, width)[start].transpose(0, 2, 1))
        if is_out.any():
            x[np.broadcast_to(is_out[:, None, :], x.shape)] = np.nan
        return x


class Hat:
    """Hat diagonal x'(X'X)^{-1}x of the estimation days, made from the regressors when it is asked for."""

    def __init__(self, samples: Samples, gram_inverse: Float64Array) -> None:
        self._samples, self._gram_inverse = samples, gram_inverse

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of estimation days."""
        return self._samples.n, self._samples.estimation.length

    def __getitem__(self, rows: Rows, /) -> Float64Array:
        x, gram = self._samples.regressors(self._samples.estimation, rows), self._gram_inverse[rows]
        hat = gram[:, :1, 0]
        for i in range(x.shape[2]):  # x_i (2 g_0i + Σ_j g_ij x_j)
            slope = gram[:, i + 1, 1:2] * x[:, :, 0]
            slope += 2.0 * gram[:, :1, i + 1]
            for j in range(1, x.shape[2]):
                slope += gram[:, i + 1, j + 1 : j + 2] * x[:, :, j]
            slope *= x[:, :, i]
            hat = np.add(hat, slope, out=slope)
        return np.broadcast_to(hat, x.shape[:2])


class CompiledResiduals(Written):
    """Residuals of a market model, made by the compiled loops when they are asked for."""

    def __init__(self, compiled: ModuleType, samples: Samples, fit: Fit) -> None:
        self._compiled, self._fit, self._length = compiled, fit, samples.estimation.length
        before = samples.estimation.start - int(samples.tau[0])
        self._data = (samples.pool, samples.y_at + before, samples.x_at[:, 0] + before, fit.theta)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of estimation days."""
        return self._data[1].size, self._length

    def __getitem__(self, rows: Any, /) -> Float64Array:
        rows = np.arange(*rows.indices(self.shape[0])) if isinstance(rows, slice) else np.asarray(rows)
        events = np.flatnonzero(rows) if rows.dtype == bool else np.atleast_1d(rows)
        out = np.empty((events.size, self._length))
        self.write(events, out)
        return out[0] if rows.ndim == 0 else out

    def __getstate__(self) -> tuple[Any, ...]:
        return self._fit, self._length, self._data  # a module cannot be packed, and is the same everywhere

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._fit, self._length, self._data = state
        compiled = loops(WORTH)
        assert compiled is not None  # it was there where this was packed; a cluster has one environment
        self._compiled = compiled

    def take(self, events: Int64Array) -> CompiledResiduals:
        """The residuals of some rows, with no more returns than they are made from."""
        _, y_at, x_at, _ = self._data
        at = np.concatenate([y_at[events], x_at[events]])
        pool = sliding_window_view(self._data[0], self._length)[at].ravel()
        places = np.arange(at.size, dtype=np.int64) * self._length
        some = {name: getattr(self._fit, name)[events] for name in ("theta", "gram_inverse", "s2")}
        out = CompiledResiduals.__new__(CompiledResiduals)
        data = (pool, places[: events.size], places[events.size :], some["theta"])
        out.__setstate__((replace(self._fit, **some), self._length, data))
        return out

    def write(self, events: Int64Array, out: Float64Array) -> None:
        """Write the residuals of some rows into the first columns of `out`."""
        self._compiled.market_residuals(*self._data, events, out, self._length)

    def standardised(self, events: Int64Array, out: Float64Array) -> None:
        """Write e / (s √(1 - h)) of some rows into the first columns of `out`."""
        fit = self._fit
        self._compiled.market_sar(*self._data, fit.gram_inverse, fit.s2, events, out, self._length)


def averages(samples: Samples, groups: Sequence[Int64Array]) -> Samples:
    """A row for each group of rows: the mean of their returns, and of their regressors, day by day.

    The days are those of the first row of each group. A day without the return of one of them has none.
    """
    n, width, p = len(groups), samples.tau.size, samples.x_at.shape[1]
    pool = np.empty((n, 1 + p, width))
    doubts: dict[int, str] = {}
    sample, end = samples.sample(np.concatenate(groups)), 0
    for i, rows in enumerate(groups):
        own, end = slice(end, end + rows.size), end + rows.size
        pool[i, 0], pool[i, 1:] = sample.y[own].mean(axis=0), sample.x[own].mean(axis=0).T
        for at in np.append(samples.y_at[rows], samples.x_at[rows]).tolist() if samples.doubts else ():
            inside = (place - at for place in samples.doubts if at != LEFT_OUT)
            doubts |= {i * (1 + p) * width + j: samples.doubts[at + j] for j in inside if 0 <= j < width}
    firsts = [int(rows[0]) for rows in groups]
    y_at = np.arange(n, dtype=np.int64) * (1 + p) * width
    return replace(
        samples,
        event_ids=tuple(samples.event_ids[i] for i in firsts),
        assets=tuple("the portfolio of " + ", ".join(samples.assets[i] for i in rows.tolist()) for rows in groups),
        pool=pool.ravel(),
        span=None,
        benchmarks=None,
        refused={},
        ends=None,
        y_at=y_at,
        x_at=y_at[:, None] + width * np.arange(1, p + 1, dtype=np.int64),
        begin=y_at,
        end=y_at + width,
        margin=0,
        days_at=samples.days_at[firsts],
        doubts=doubts,
    )
