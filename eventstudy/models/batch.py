"""Constant-mean and market model for very many events of one panel, by running sums (methods.md H).

The moments of an estimation window are differences of running sums, so an event costs a few look-ups whatever the
window's length. Differences of sums cancel; what keeps them within 1e-10 of the one-by-one answer:

* returns and benchmark are centred, asset by asset, before they are summed;
* the sums start afresh every ``SLAB`` sessions, so what happened long before does not weigh on them;
* the squares left in a window are compared with the sums they were cut from. An outlier elsewhere in the slab, a
  benchmark that stands still, a fit without error and a negative rest all show there, and such an event goes through
  `eventstudy.models.least_squares` instead, as do those with too few days, which get their reason there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from eventstudy.errors import InputError
from eventstudy.models.least_squares import least_squares
from eventstudy.records import Float64Array, Int64Array, StudySpec

COEFFICIENTS = {"constant-mean": 1, "market": 2}

SLAB = 1024  # event rows served by one set of running sums
BLOCK = 16  # assets in one set, so that it stays in the cache
CHUNK = 4096  # events at a time on the one-by-one route
SWEEPS = 4  # running sums cost as much as going through the panel this many times, window by window
ROUNDING = 16 * np.finfo(float).eps  # error of a running sum, relative to its end
ACCURACY = 1e-11  # wanted of the sums of squares of a window


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
    """Sessions around the events of a few assets: `y` of shape (assets, T) and `x` of shape (T,), NaN = missing."""

    y: Float64Array
    x: Float64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What n estimation windows say; every array has shape (n,).

    ``x_precision`` is one over the sum of squares of the benchmark about its mean, 0 in the constant-mean model.
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

    def work(group: tuple[int, Int64Array]) -> Batch:
        slab, events = group
        columns, asset = np.unique(assets[events], return_inverse=True)
        first = slab * SLAB + spec.estimation.start
        panel = _cut(returns, x, columns, first, (slab + 1) * SLAB + spec.event_window.end)
        start = rows[events] - slab * SLAB
        moments, reasons = _moments(panel, asset, start, spec, k)
        window_start = start + spec.event_window.start - spec.estimation.start
        return _abnormal(events, moments, reasons, panel, asset, window_start, spec, k)

    # Groups are the same, and come in the same order, on any number of cores.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield from pool.map(work, _groups(rows, assets, returns.shape[1]))


def _groups(rows: Int64Array, assets: Int64Array, n_assets: int) -> Iterator[tuple[int, Int64Array]]:
    """Slab, and positions of the events of at most ``BLOCK`` assets in it, asset by asset."""
    blocks = -(-n_assets // BLOCK)
    key = (rows // SLAB) * (blocks * BLOCK) + assets
    order = np.argsort(key, kind="stable")
    group = key[order] // BLOCK
    edges = np.flatnonzero(np.diff(group)) + 1
    for members in np.split(order, edges) if order.size else ():
        yield int(rows[members[0]] // SLAB), members


def _cut(returns: Float64Array, x: Float64Array, columns: Int64Array, first: int, last: int) -> Panel:
    """Sessions `first` to `last`, exclusive, of some columns; NaN beyond the ends of the panel."""
    out = Panel(y=np.full((columns.size, last - first), np.nan), x=np.full(last - first, np.nan))
    low, high = max(first, 0), min(last, len(returns))
    out.y[:, low - first : high - first] = returns[low:high, columns].T
    out.x[low - first : high - first] = x[low:high]
    return out


def _moments(
    panel: Panel, asset: Int64Array, start: Int64Array, spec: StudySpec, k: int
) -> tuple[Moments, dict[int, str]]:
    """Moments of every event, by running sums where they are worth it and accurate; reasons of those without."""
    length = spec.estimation.length
    is_dense = asset.size * length > SWEEPS * panel.y.size
    moments, is_accurate = (_moments_of_sums if is_dense else _moments_of_windows)(panel, asset, start, length, k)
    doubtful = ~is_accurate | (moments.m < max(spec.required_estimation, k + 1))
    reasons: dict[int, str] = {}
    again = np.flatnonzero(doubtful)
    for part in np.split(again, range(CHUNK, again.size, CHUNK)) if again.size else ():
        single, why = _moments_one_by_one(panel, asset[part], start[part], spec, k)
        for name in Moments.__slots__:
            getattr(moments, name)[part] = getattr(single, name)
        reasons.update({int(part[i]): reason for i, reason in enumerate(why) if reason})
    return moments, reasons


def _moments_of_sums(
    panel: Panel, asset: Int64Array, start: Int64Array, length: int, k: int
) -> tuple[Moments, NDArray[np.bool_]]:
    """Moments as differences of running sums, and whether each event's are accurate."""
    centred = _centre(panel)
    is_complete, present, y, x = centred.is_complete, centred.present, centred.y, centred.x

    def total(values: Float64Array) -> Float64Array:
        running = np.zeros((len(values), values.shape[1] + 1))
        np.cumsum(values, axis=1, out=running[:, 1:])
        at = start if len(values) == 1 else start + asset * running.shape[1]
        flat = running.ravel()
        return flat[at + length] - flat[at]

    m = np.full(asset.size, float(length)) if is_complete else total(present.astype(float))
    sums = (m, total(y), total(x), total(y * y), total(x * x), total(x * y))
    ends = np.einsum("at,at->a", y, y)[asset], np.broadcast_to(np.einsum("at,at->a", x, x), len(y))[asset]
    return _solve(sums, ends, centred, asset, k)


def _moments_of_windows(
    panel: Panel, asset: Int64Array, start: Int64Array, length: int, k: int
) -> tuple[Moments, NDArray[np.bool_]]:
    """Moments summed over each window by itself, for few events on a long panel, and whether each is accurate."""
    centred = _centre(panel)
    y = sliding_window_view(centred.y, length, axis=1)[asset, start]
    if centred.is_complete:
        x = sliding_window_view(centred.x[0], length)[start]
        m = np.full(asset.size, float(length))
    else:
        x = sliding_window_view(centred.x, length, axis=1)[asset, start]
        m = sliding_window_view(centred.present, length, axis=1)[asset, start].sum(axis=1).astype(float)
    yy, xx, xy = (np.einsum("nt,nt->n", a, b) for a, b in ((y, y), (x, x), (x, y)))
    return _solve((m, y.sum(axis=1), x.sum(axis=1), yy, xx, xy), (yy, xx), centred, asset, k)


@dataclass(frozen=True, slots=True, kw_only=True)
class Centred:
    """A panel less the mean of each asset and of the benchmark, 0 on missing days.

    `x` has one row where no day is missing: it is then the same for every asset.
    """

    is_complete: bool
    present: NDArray[np.bool_]
    y: Float64Array
    x: Float64Array
    y_mean: Float64Array
    x_mean: float


def _centre(panel: Panel) -> Centred:
    present = np.isfinite(panel.y) & np.isfinite(panel.x)
    is_complete = bool(present.all())
    y_mean = np.where(present, panel.y, 0.0).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    x_mean = float(np.nanmean(panel.x))
    return Centred(
        is_complete=is_complete,
        present=present,
        y=np.where(present, panel.y - y_mean[:, None], 0.0),
        x=(panel.x - x_mean)[None, :] if is_complete else np.where(present, panel.x - x_mean, 0.0),
        y_mean=y_mean,
        x_mean=x_mean,
    )


def _solve(
    sums: tuple[Float64Array, ...], ends: tuple[Float64Array, Float64Array], centred: Centred, asset: Int64Array, k: int
) -> tuple[Moments, NDArray[np.bool_]]:
    """Moments of every event from its sums (m, y, x, yy, xx, xy), and whether they survive the cancellation.

    `ends` are the largest running sums of yy and xx that entered each event's, whose rounding it inherits.
    """
    m, y_sum, x_sum, yy, xx, xy = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        y_mean, x_mean = y_sum / m, x_sum / m
        yy, xx, xy = yy - m * y_mean**2, xx - m * x_mean**2, xy - m * x_mean * y_mean
        beta = xy / xx if k > 1 else np.zeros(asset.size)
        ssr = yy - beta * xy
        is_accurate = ssr * ACCURACY > ROUNDING * ends[0]
        if k > 1:
            is_accurate &= xx * ACCURACY > ROUNDING * ends[1]
        moments = Moments(
            m=m.astype(np.int64),
            y_mean=centred.y_mean[asset] + y_mean,
            x_mean=centred.x_mean + x_mean,
            beta=beta,
            x_precision=1.0 / xx if k > 1 else np.zeros(asset.size),
            s2=ssr / (m - k),
        )
    return moments, is_accurate


def _moments_one_by_one(
    panel: Panel, asset: Int64Array, start: Int64Array, spec: StudySpec, k: int
) -> tuple[Moments, tuple[str | None, ...]]:
    y = sliding_window_view(panel.y, spec.estimation.length, axis=1)[asset, start]
    x = sliding_window_view(panel.x, spec.estimation.length)[start]
    fit = least_squares(y, x[:, :, None][:, :, : k - 1], spec)
    lost = np.array([reason is not None for reason in fit.reasons])
    theta = np.where(lost[:, None], np.nan, fit.theta)
    none = np.zeros(asset.size)
    beta, x_precision = (theta[:, 1], fit.gram_inverse[:, 1, 1]) if k > 1 else (none, none)
    with np.errstate(invalid="ignore", divide="ignore"):
        x_mean = -fit.gram_inverse[:, 0, 1] / x_precision if k > 1 else none
        s2 = np.where(lost, np.nan, fit.ssr / (fit.m - k))
    y_mean = theta[:, 0] + beta * x_mean
    return Moments(m=fit.m, y_mean=y_mean, x_mean=x_mean, beta=beta, x_precision=x_precision, s2=s2), fit.reasons


def _abnormal(
    events: Int64Array,
    moments: Moments,
    reasons: dict[int, str],
    panel: Panel,
    asset: Int64Array,
    first: Int64Array,
    spec: StudySpec,
    k: int,
) -> Batch:
    """Abnormal returns of `events`, whose event windows start at the sessions `first` of the panel."""
    width, day0 = spec.event_window.length, -spec.event_window.start
    dx = sliding_window_view(panel.x, width)[first] - moments.x_mean[:, None]
    ar = sliding_window_view(panel.y, width, axis=1)[asset, first]
    ar -= moments.y_mean[:, None]
    ar -= moments.beta[:, None] * dx
    inside = np.zeros((width, len(spec.windows)))
    for j, window in enumerate(spec.windows):
        inside[day0 + window.start : day0 + window.end + 1, j] = 1.0
    present = np.isfinite(ar)
    used, shift = (ar, dx) if present.all() else (np.where(present, ar, 0.0), np.where(present, dx, 0.0))
    count = present.astype(float) @ inside
    lost = count == 0
    if 0 <= day0 < width:
        lost |= ~present[:, [day0]] & (inside[day0] > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_error = 1.0 / moments.m[:, None]
        precision, s2 = moments.x_precision[:, None], moments.s2[:, None]
        sar = ar / np.sqrt(s2 * (1.0 + mean_error + precision * dx**2))
        car_se = np.sqrt(s2 * (count + count**2 * mean_error + precision * (shift @ inside) ** 2))
    return Batch(
        events=events,
        n_estimation=moments.m,
        theta=np.column_stack([moments.y_mean - moments.beta * moments.x_mean, moments.beta])[:, :k],
        s2=moments.s2,
        ar=ar,
        sar=sar,
        car=np.where(lost, np.nan, used @ inside),
        car_se=np.where(lost, np.nan, car_se),
        reasons={int(events[i]): reason for i, reason in reasons.items()},
    )
