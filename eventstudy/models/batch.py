"""Constant-mean and market model for very many events of one panel, in pieces that stay in the cache (methods.md H).

Events are taken asset by asset, a thousand at a time. Returns are stated about the mean of their asset, so that the
moments of a window keep their digits whatever the scale. Where they would not all the same, a benchmark that stands
still, a fit almost without error or a spell unlike the rest, and where days are too few, the event goes through
`eventstudy.models.least_squares` instead, and gets its reason there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from eventstudy.errors import InputError
from eventstudy.models.least_squares import least_squares
from eventstudy.parallel import in_order
from eventstudy.records import Float64Array, Int64Array, StudySpec

COEFFICIENTS = {"constant-mean": 1, "market": 2}

CHUNK = 16384  # events at a time: fewer make the threads wait for each other, more make no difference
SLAB = 8192  # sessions of day 0 that a chunk may span, which bounds the piece of the panel that it is cut from
ASSETS = 256  # of one chunk, for the same reason
TILE = 64  # sessions turned at a time: four times as fast as a column in one go
EPSILON = np.finfo(float).eps
ROUNDING = 16 * EPSILON  # error of a sum of squares, relative to the whole of it
ACCURACY = 1e-11  # wanted of what is left when means and the benchmark's share are taken off


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Abnormal returns of n events; NaN where there is none.

    Attributes
    ----------
    events : Int64Array
        Shape (n,), positions of these events among those asked for.
    n_estimation : Int64Array
        Shape (n,), non-missing estimation days M.
    theta : Float64Array
        Shape (n, k): alpha, and beta of the market model.
    s2 : Float64Array
        Shape (n,), SSR / (M - k).
    ar, sar : Float64Array
        Shape (n, L2), abnormal returns of the event window, raw and over their forecast standard error.
    car, car_se : Float64Array
        Shape (n, W), one column for each of ``spec.windows``.
    reasons : dict of int to str
        Position among those asked for → why the event has no estimates.
    """

    events: Int64Array
    n_estimation: Int64Array
    theta: Float64Array
    s2: Float64Array
    ar: Float64Array
    sar: Float64Array
    car: Float64Array
    car_se: Float64Array
    reasons: dict[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Sessions around the events of a few assets, NaN = missing.

    Attributes
    ----------
    y, xy : Float64Array
        Shape (assets, T), returns less `y_pivot`, and their product with `x`.
    y_pivot : Float64Array
        Shape (assets,), means of the assets over all T sessions.
    x : Benchmark
        Of the same T sessions.
    """

    y: Float64Array
    xy: Float64Array
    y_pivot: Float64Array
    x: Benchmark


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """Consecutive sessions of the benchmark, NaN = missing.

    Attributes
    ----------
    values : Float64Array
        Shape (T,), returns less `pivot`.
    total, square : Float64Array
        Shape (T,), sum of the values, and of their squares, over the estimation window that starts there.
    pivot : float
        Mean over all sessions that there are.
    """

    values: Float64Array
    total: Float64Array
    square: Float64Array
    pivot: float

    @classmethod
    def of(cls, x: Float64Array, margin: int, length: int) -> Benchmark:
        """`x` with `margin` missing sessions on either side, for windows of `length` sessions."""
        pivot = float(_means(x[None, :])[0])
        values = np.full(x.size + 2 * margin, np.nan)
        values[margin : margin + x.size] = x - pivot
        windows = sliding_window_view(np.append(values, np.full(length - 1, np.nan)), length)
        return cls(
            values=values,
            total=np.einsum("nt->n", windows),
            square=np.einsum("nt,nt->n", windows, windows),
            pivot=pivot,
        )

    def part(self, first: int, last: int) -> Benchmark:
        """Sessions `first` to `last`, exclusive, counted from the start of `values`."""
        here = slice(first, last)
        return replace(self, values=self.values[here], total=self.total[here], square=self.square[here])


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What n estimation windows say; every array has shape (n,).

    Means are those of the pivoted returns of the panel. ``x_precision`` is one over the sum of squares of the
    benchmark about its mean, 0 in the constant-mean model.
    """

    m: Int64Array
    y_mean: Float64Array
    x_mean: Float64Array
    beta: Float64Array
    x_precision: Float64Array
    s2: Float64Array


def fit_batch(
    returns: Float64Array, benchmark: Float64Array | None, rows: Int64Array, assets: Int64Array, spec: StudySpec
) -> Batch:
    """Abnormal returns of every event (row, asset) of a panel, in the order asked for.

    The parameters and errors are those of `batches`, which needs less memory and time.
    """
    n, width, windows = rows.size, spec.event_window.length, len(spec.windows)
    whole = Batch(
        events=np.arange(n),
        n_estimation=np.zeros(n, dtype=np.int64),
        theta=np.empty((n, COEFFICIENTS.get(spec.model, 0))),
        s2=np.empty(n),
        ar=np.empty((n, width)),
        sar=np.empty((n, width)),
        car=np.empty((n, windows)),
        car_se=np.empty((n, windows)),
        reasons={},
    )
    for part in batches(returns, benchmark, rows, assets, spec):
        for name in ("n_estimation", "theta", "s2", "ar", "sar", "car", "car_se"):
            getattr(whole, name)[part.events] = getattr(part, name)
        whole.reasons.update(part.reasons)
    return whole


def batches(
    returns: Float64Array, benchmark: Float64Array | None, rows: Int64Array, assets: Int64Array, spec: StudySpec
) -> Iterator[Batch]:
    """Abnormal returns of the events (row, asset) of a panel, a few assets and sessions at a time.

    Parameters
    ----------
    returns : Float64Array
        Shape (T, S), decimal returns of S assets on T sessions, NaN = missing.
    benchmark : Float64Array or None
        Shape (T,), for the market model.
    rows, assets : Int64Array
        Shape (n,), session of event day 0 and column of the asset. Windows may reach beyond the panel: those
        sessions count as missing.
    spec : StudySpec
        With model ``market`` or ``constant-mean``.

    Raises
    ------
    InputError
        For another model, or a market model without a benchmark.
    """
    k = COEFFICIENTS.get(spec.model)
    if k is None:
        raise InputError("no batch kernel for this model", where="model", value=spec.model)
    if benchmark is None and k > 1:
        raise InputError("the market model needs a benchmark", where="benchmark")
    x = np.zeros(len(returns)) if benchmark is None or k == 1 else benchmark

    margin = max(-spec.estimation.start, -spec.event_window.start, spec.event_window.end, 0) + 1
    around = Benchmark.of(x, margin, spec.estimation.length)

    def work(events: Int64Array) -> Batch:
        with np.errstate(invalid="ignore", divide="ignore"):  # of events without enough days, which have no numbers
            return fit(events)

    def fit(events: Int64Array) -> Batch:
        columns, asset = np.unique(assets[events], return_inverse=True)
        first = int(rows[events].min()) + min(spec.estimation.start, spec.event_window.start)
        last = int(rows[events].max()) + max(spec.estimation.end, spec.event_window.end)
        panel = _cut(returns, around.part(margin + first, margin + last + 1), columns, first)
        day0 = rows[events] - first
        moments, is_accurate = _moments(panel, asset, day0 + spec.estimation.start, spec.estimation.length, k)
        reasons: dict[int, str] = {}
        doubtful = np.flatnonzero(~is_accurate | (moments.m < max(spec.required_estimation, k + 1)))
        if doubtful.size:
            single, why = _moments_one_by_one(returns, x, rows[events[doubtful]], assets[events[doubtful]], spec, k)
            single.y_mean[:] -= panel.y_pivot[asset[doubtful]]
            single.x_mean[:] -= panel.x.pivot
            for name in Moments.__slots__:
                getattr(moments, name)[doubtful] = getattr(single, name)
            reasons = {int(events[doubtful[i]]): reason for i, reason in enumerate(why) if reason}
        return _abnormal(events, moments, reasons, panel, asset, day0, spec, k)

    yield from in_order(work, _chunks(rows, assets))


def _chunks(rows: Int64Array, assets: Int64Array) -> Iterator[Int64Array]:
    """Positions of at most ``CHUNK`` events of neighbouring assets and sessions, asset by asset."""
    if not rows.size:
        return
    slab = (rows - rows.min()) // SLAB
    order = np.argsort((slab * (int(assets.max()) // ASSETS + 1) + assets // ASSETS) * ASSETS + assets % ASSETS)
    block = slab[order] * (int(assets.max()) // ASSETS + 1) + assets[order] // ASSETS
    for members in np.split(order, np.flatnonzero(np.diff(block)) + 1):
        for start in range(0, members.size, CHUNK):
            yield members[start : start + CHUNK]


def _cut(returns: Float64Array, x: Benchmark, columns: Int64Array, first: int) -> Panel:
    """Sessions of some columns from `first` on, as many as `x` has; NaN beyond the ends of the panel."""
    last = first + x.values.size
    low, high = max(first, 0), min(last, len(returns))
    y = np.empty((columns.size, last - first))
    y[:, : low - first] = y[:, high - first :] = np.nan
    is_block = int(columns[-1]) - int(columns[0]) + 1 == columns.size
    chosen = slice(int(columns[0]), int(columns[-1]) + 1) if is_block else columns
    for start in range(low, high, TILE):
        stop = min(start + TILE, high)
        y[:, start - first : stop - first] = returns[start:stop, chosen].T
    y_pivot = _means(y)
    y -= y_pivot[:, None]
    return Panel(y=y, xy=y * x.values, y_pivot=y_pivot, x=x)


def _means(values: Float64Array) -> Float64Array:
    """Mean of what is present in every row; 0 for an empty one."""
    mean: Float64Array = values.mean(axis=1)
    holed = np.flatnonzero(np.isnan(mean))
    if holed.size:
        present = np.isfinite(values[holed])
        mean[holed] = np.where(present, values[holed], 0.0).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    return mean


def _moments(
    panel: Panel, asset: Int64Array, start: Int64Array, length: int, k: int
) -> tuple[Moments, NDArray[np.bool_]]:
    """Moments of every event, and whether they survive the cancellation in them."""
    sums = _sums(panel, asset, start, length)
    holed = np.flatnonzero(np.isnan(sums[1]) | np.isnan(sums[2]))
    if holed.size:
        for values, found in zip(sums, _sums_with_holes(panel, asset[holed], start[holed], length), strict=True):
            values[holed] = found
    m, y_sum, x_sum, yy_all, xx_all, xy = sums
    pivot = panel.y_pivot[asset]
    y_mean, x_mean = y_sum / m, x_sum / m
    yy, xx, xy = yy_all - y_mean * y_sum, xx_all - x_mean * x_sum, xy - x_mean * y_sum
    beta = xy / xx if k > 1 else np.zeros(asset.size)
    ssr = yy - beta * xy
    # a return also loses digits when its asset's mean is taken off it
    is_accurate = ssr * ACCURACY > ROUNDING * yy_all
    is_accurate &= ssr * ACCURACY**2 > m * (EPSILON * pivot) ** 2
    if k > 1:
        is_accurate &= xx * ACCURACY > ROUNDING * xx_all
        is_accurate &= xx * ACCURACY**2 > m * (EPSILON * panel.x.pivot) ** 2
    moments = Moments(
        m=m.astype(np.int64),
        y_mean=y_mean,
        x_mean=x_mean,
        beta=beta,
        x_precision=1.0 / xx if k > 1 else np.zeros(asset.size),
        s2=ssr / (m - k),
    )
    return moments, is_accurate


def _sums(panel: Panel, asset: Int64Array, start: Int64Array, length: int) -> tuple[Float64Array, ...]:
    """Number of days of every window, and the sums of y, x, yy, xx and xy over them; NaN where a day is missing."""
    y = sliding_window_view(panel.y, length, axis=1)[asset, start]
    y_sum, yy = np.einsum("nt->n", y), np.einsum("nt,nt->n", y, y)
    del y  # its memory serves the next one while it is in the cache
    xy = np.einsum("nt->n", sliding_window_view(panel.xy, length, axis=1)[asset, start])
    return np.full(asset.size, float(length)), y_sum, panel.x.total[start], yy, panel.x.square[start], xy


def _sums_with_holes(panel: Panel, asset: Int64Array, start: Int64Array, length: int) -> tuple[Float64Array, ...]:
    """The same over the days on which asset and benchmark both have a return."""
    y = sliding_window_view(panel.y, length, axis=1)[asset, start]
    x = sliding_window_view(panel.x.values, length)[start]
    absent = np.isnan(y) | np.isnan(x)
    y[absent] = x[absent] = 0.0
    pairs = ((y, y), (x, x), (x, y))
    squares = (np.einsum("nt,nt->n", a, b) for a, b in pairs)
    return (length - absent.sum(axis=1), y.sum(axis=1), x.sum(axis=1), *squares)


def _moments_one_by_one(
    returns: Float64Array, x: Float64Array, rows: Int64Array, assets: Int64Array, spec: StudySpec, k: int
) -> tuple[Moments, tuple[str | None, ...]]:
    """Moments of the returns as they stand, by the general route, and why an event has none."""
    days = rows[:, None] + np.arange(spec.estimation.start, spec.estimation.end + 1)
    safe = np.clip(days, 0, len(returns) - 1)
    y = np.where(safe == days, returns[safe, assets[:, None]], np.nan)
    fit = least_squares(y, x[safe][:, :, None][:, :, : k - 1], spec)
    lost = np.array([reason is not None for reason in fit.reasons])
    theta = np.where(lost[:, None], np.nan, fit.theta)
    none = np.zeros(rows.size)
    beta, x_precision = (theta[:, 1], fit.gram_inverse[:, 1, 1]) if k > 1 else (none, none)
    x_mean = -fit.gram_inverse[:, 0, 1] / x_precision if k > 1 else np.zeros(rows.size)
    s2 = np.where(lost, np.nan, fit.ssr / (fit.m - k))
    y_mean = theta[:, 0] + beta * x_mean
    return Moments(m=fit.m, y_mean=y_mean, x_mean=x_mean, beta=beta, x_precision=x_precision, s2=s2), fit.reasons


def _abnormal(
    events: Int64Array,
    moments: Moments,
    reasons: dict[int, str],
    panel: Panel,
    asset: Int64Array,
    day0: Int64Array,
    spec: StudySpec,
    k: int,
) -> Batch:
    """Abnormal returns of `events`, whose day 0 are the sessions `day0` of the panel."""
    width, zero = spec.event_window.length, -spec.event_window.start
    first = day0 - zero
    dx = sliding_window_view(panel.x.values, width)[first]
    dx -= moments.x_mean[:, None]
    ar = sliding_window_view(panel.y, width, axis=1)[asset, first]
    ar -= moments.y_mean[:, None]
    variance = moments.beta[:, None] * dx
    ar -= variance
    np.square(dx, out=variance)
    variance *= (moments.s2 * moments.x_precision)[:, None]
    variance += (moments.s2 * (1.0 + 1.0 / moments.m))[:, None]
    sar = ar / np.sqrt(variance, out=variance)
    present = None
    used, shift = ar, dx
    if np.isnan(ar.sum()):
        present = np.isfinite(ar)
        used, shift = np.where(present, ar, 0.0), np.where(present, dx, 0.0)
    car, car_se = np.empty((events.size, len(spec.windows))), np.empty((events.size, len(spec.windows)))
    for j, window in enumerate(spec.windows):
        inside = slice(zero + window.start, zero + window.end + 1)
        days = float(window.length) if present is None else present[:, inside].sum(axis=1)
        np.einsum("nt->n", used[:, inside], out=car[:, j])
        x_sum = np.einsum("nt->n", shift[:, inside])
        car_se[:, j] = moments.s2 * (days + days**2 / moments.m + moments.x_precision * x_sum**2)
        if present is not None:
            lost = days == 0
            if window.start <= 0 <= window.end:
                lost |= ~present[:, zero]
            car[lost, j] = car_se[lost, j] = np.nan
    np.sqrt(car_se, out=car_se)
    alpha = panel.y_pivot[asset] + moments.y_mean - moments.beta * (panel.x.pivot + moments.x_mean)
    return Batch(
        events=events,
        n_estimation=moments.m,
        theta=np.column_stack([alpha, moments.beta])[:, :k],
        s2=moments.s2,
        ar=ar,
        sar=sar,
        car=car,
        car_se=car_se,
        reasons=reasons,
    )
