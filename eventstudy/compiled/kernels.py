"""The loops. Each releases the lock of the interpreter, so that threads run side by side; compiled once, then kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from eventstudy.records import Float64Array, Int64Array

FAR = 1e300  # stands for a missing value in a sort

_compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def sort_keys(values: Float64Array, keys: Float64Array, low: int, present: Int64Array) -> None:
    """Write into `keys` the `values` with their column in the lowest bits, and count those of every row.

    Parameters
    ----------
    low : int
        Mask of those bits.
    """
    bits = keys.view(np.int64)
    n, width = values.shape
    for i in range(n):
        count = 0
        for t in range(width):
            value = values[i, t]
            if np.isnan(value):
                keys[i, t] = FAR
            else:
                keys[i, t] = value + 0.0
                count += 1
        for t in range(width):
            bits[i, t] = (bits[i, t] & ~low) | t
        present[i] = count


@_compiled
def columns_of(bits: Int64Array, low: int, present: Int64Array, doubtful: np.ndarray) -> None:
    """Replace sorted keys by their columns; mark rows in which two values look equal."""
    n, width = bits.shape
    for i in range(n):
        is_doubtful = False
        for k in range(1, present[i]):
            if (bits[i, k] ^ bits[i, k - 1]) & ~low == 0:
                is_doubtful = True
        doubtful[i] = is_doubtful
        for k in range(width):
            bits[i, k] &= low


@_compiled
def rank_sum(
    columns: Int64Array, present: Int64Array, doubtful: np.ndarray, first: int, extra: int, total: Float64Array
) -> None:
    """Add to `total` the rank over (days present + `extra`) of the first columns among themselves."""
    n = len(columns)
    for i in range(n):
        if doubtful[i]:
            continue
        days = present[i]
        later = 0
        if first < columns.shape[1]:
            for k in range(days):
                later += columns[i, k] >= first
        weight = 1.0 / (days - later + extra)
        rank = 0
        for k in range(days):
            column = columns[i, k]
            if column < first:
                rank += 1
                total[column] += rank * weight


@_compiled
def sign_sum(values: Float64Array, median: Float64Array, total: Int64Array) -> None:
    """Add to `total` the sign of every value about the median of its row."""
    n, width = values.shape
    for i in range(n):
        middle = median[i]
        for t in range(width):
            total[t] += (values[i, t] > middle) - np.int64(values[i, t] < middle)


@_compiled
def window_among_days(
    sar: Float64Array, event: Float64Array, moved: Float64Array, count: Int64Array, own: Float64Array
) -> None:
    """Place each event's window among its days: what it adds to their scores, and its own score (GRANK)."""
    n, width = sar.shape
    for i in range(n):
        here = event[i]
        days = width
        above = equal = 0
        for t in range(width):
            days -= np.isnan(sar[i, t])
            above += sar[i, t] > here
            equal += sar[i, t] == here
        weight = 1.0 / (days + 2)
        own[i] = (1 + days - above - 0.5 * equal) * weight - 0.5
        for t in range(width):
            if not np.isnan(sar[i, t]):
                count[t] += 1
                moved[t] += weight * ((sar[i, t] > here) + 0.5 * (sar[i, t] == here)) - 0.5


@_compiled
def close_up(values: Float64Array, out: Float64Array) -> int:
    """Copy the values that are present, one after the other; return their number."""
    total = 0.0
    for t in range(len(values)):
        out[t] = values[t]
        total += values[t]
    if not np.isnan(total):
        return len(values)
    days = 0
    for t in range(len(values)):
        if not np.isnan(values[t]):
            out[days] = values[t]
            days += 1
    return days


@_compiled
def positive_share(values: Float64Array, length: int, share: Float64Array) -> None:
    """Share of positive sums of `length` consecutive present values; NaN where there is none."""
    n, width = values.shape
    piece, double, sums = np.empty(width), np.empty(width), np.empty(width)
    for i in range(n):
        days = close_up(values[i], piece)
        n_sums = days - length + 1
        if n_sums < 1:
            share[i] = np.nan
            continue
        sums[:n_sums] = 0.0
        power, start, held = 1, 0, days
        while True:
            if length & power:
                for t in range(n_sums):
                    sums[t] += piece[start + t]
                start += power
            if start == length:
                break
            held -= power
            for t in range(held):
                double[t] = piece[t] + piece[t + power]
            piece, double = double, piece
            power *= 2
        positive = 0
        for t in range(n_sums):
            positive += sums[t] > 0
        share[i] = positive / n_sums


@_compiled
def market_residuals(
    pool: Float64Array,
    y_at: Int64Array,
    x_at: Int64Array,
    theta: Float64Array,
    events: Int64Array,
    out: Float64Array,
    width: int,
) -> None:
    """Write the residuals of the estimation windows of some events of a market model.

    Parameters
    ----------
    pool : Float64Array
        Shape (P,), returns of all assets, one after the other.
    y_at, x_at : Int64Array
        Shape (n,), places in `pool` of the window's first session, of the asset and of its benchmark.
    theta : Float64Array
        Shape (n, 2), alpha and beta.
    events : Int64Array
        Shape (N,), those wanted.
    out : Float64Array
        Shape (N, ≥ width), whose first columns are written.
    width : int
        L1, sessions of the window.
    """
    for i in range(len(events)):
        event = events[i]
        alpha, beta = theta[event, 0], theta[event, 1]
        y, x = pool[y_at[event] : y_at[event] + width], pool[x_at[event] : x_at[event] + width]
        for t in range(width):
            out[i, t] = y[t] - alpha - beta * x[t]


@_compiled
def market_sar(
    pool: Float64Array,
    y_at: Int64Array,
    x_at: Int64Array,
    theta: Float64Array,
    gram: Float64Array,
    s2: Float64Array,
    events: Int64Array,
    out: Float64Array,
    width: int,
) -> None:
    """The same residuals over s √(1 - h), into the first `width` columns of `out`; NaN where that is not above zero.

    Parameters
    ----------
    gram : Float64Array
        Shape (n, 2, 2), inverse cross-product of the regressors.
    s2 : Float64Array
        Shape (n,).
    """
    for i in range(len(events)):
        event = events[i]
        alpha, beta, variance = theta[event, 0], theta[event, 1], s2[event]
        constant, cross, square = gram[event, 0, 0], 2.0 * gram[event, 0, 1], gram[event, 1, 1]
        y, x = pool[y_at[event] : y_at[event] + width], pool[x_at[event] : x_at[event] + width]
        for t in range(width):
            scale = np.sqrt(variance * (1.0 - constant - x[t] * (cross + square * x[t])))
            out[i, t] = (y[t] - alpha - beta * x[t]) / scale if scale > 0 else np.nan


@_compiled
def market_model(
    pool: Float64Array,
    y_at: Int64Array,
    x_at: Int64Array,
    length: int,
    m: Int64Array,
    sums: Float64Array,
) -> None:
    """Least squares of an asset on a benchmark in every estimation window.

    Parameters
    ----------
    pool : Float64Array
        Shape (P,), returns of all assets, one after the other.
    y_at, x_at : Int64Array
        Shape (n,), places in `pool` of the window's first session, of the asset and of its benchmark.
    length : int
        L1, sessions of the window.
    m : Int64Array
        Shape (n,), written: days on which both have a return.
    sums : Float64Array
        Shape (n, 6), written: means of y and x, sums of squares of y and x about them, slope, SSR.
    """
    for i in range(len(y_at)):
        y, x = pool[y_at[i] : y_at[i] + length], pool[x_at[i] : x_at[i] + length]
        y_mean = x_mean = 0.0
        for t in range(length):
            y_mean += y[t]
            x_mean += x[t]
        days = length
        is_complete = not np.isnan(y_mean + x_mean)
        if not is_complete:
            y_mean = x_mean = 0.0
            days = 0
            for t in range(length):
                if not np.isnan(y[t] + x[t]):
                    y_mean += y[t]
                    x_mean += x[t]
                    days += 1
        y_mean /= days
        x_mean /= days
        yy = xx = xy = 0.0
        for t in range(length):
            dy, dx = y[t] - y_mean, x[t] - x_mean
            if is_complete or not np.isnan(dy + dx):
                yy += dy * dy
                xx += dx * dx
                xy += dx * dy
        slope, ssr = xy / xx, 0.0
        for t in range(length):
            rest = (y[t] - y_mean) - slope * (x[t] - x_mean)
            if is_complete or not np.isnan(rest):
                ssr += rest * rest
        m[i] = days
        sums[i, 0], sums[i, 1], sums[i, 2], sums[i, 3], sums[i, 4], sums[i, 5] = y_mean, x_mean, yy, xx, slope, ssr


@_compiled
def add_by_date(
    residuals: Float64Array, days: Int64Array, group: Int64Array, low: Int64Array, moments: Float64Array
) -> None:
    """Add standardised residuals, their squares and their number to the calendar days of each event's date.

    Parameters
    ----------
    residuals, days : array
        Shape (n, L1); NaN and -1 are left out.
    group : Int64Array
        Shape (n,), the date of each event.
    low : Int64Array
        Shape (G,), day of the first column of each date.
    moments : Float64Array
        Shape (3, G, columns), added to.
    """
    n, width = residuals.shape
    for i in range(n):
        mean = 0.0
        count = 0
        for t in range(width):
            if not np.isnan(residuals[i, t]):
                mean += residuals[i, t]
                count += 1
        mean /= count
        square = 0.0
        for t in range(width):
            if not np.isnan(residuals[i, t]):
                square += (residuals[i, t] - mean) ** 2
        if not square > 0:
            continue
        scale = np.sqrt(square / count)
        g = group[i]
        for t in range(width):
            day = days[i, t] - low[g]
            if days[i, t] >= 0 and not np.isnan(residuals[i, t]):
                z = (residuals[i, t] - mean) / scale
                moments[0, g, day] += z
                moments[1, g, day] += z * z
                moments[2, g, day] += 1.0


@_compiled
def overlap(
    days: Int64Array,
    first: Int64Array,
    last: Int64Array,
    size: Int64Array,
    column: Int64Array,
    width: Int64Array,
    moments: Float64Array,
    state: Float64Array,
    out: Float64Array,
) -> None:
    """Go through the calendar; on each day all events whose window holds it form their pairs.

    Parameters
    ----------
    days : Int64Array
        Shape (D,), every day of a window, in order.
    first, last, size : Int64Array
        Shape (G,), first and last day of each date's window, and its events.
    column, width : Int64Array
        Shape (G,), where its estimation days stand in `state`.
    moments : Float64Array
        The three moments of each date, shape (3, width), one date after the other.
    state : Float64Array
        Shape (3, days), zeros; changed.
    out : Float64Array
        Shape (4,), added to: products, pairs, shared days, days present.
    """
    offset = np.cumsum(3 * width) - 3 * width
    arrivals = np.argsort(first)
    inside = np.empty(len(first), dtype=np.int64)
    n_inside = arrived = 0
    active = 0.0
    for day in days:
        while arrived < len(first) and first[arrivals[arrived]] <= day:
            g = arrivals[arrived]
            for j in range(3):
                for k in range(width[g]):
                    state[j, column[g] + k] += moments[offset[g] + j * width[g] + k]
            inside[n_inside] = g
            n_inside += 1
            active += size[g]
            arrived += 1
        low, high = state.shape[1], 0
        for p in range(n_inside):
            low, high = min(low, column[inside[p]]), max(high, column[inside[p]] + width[inside[p]])
        for k in range(low, high):
            out[0] += state[0, k] ** 2 - state[1, k]
            out[1] += state[2, k] ** 2 - state[2, k]
        out[2] += active * (active - 1)
        out[3] += active
        kept = 0
        for p in range(n_inside):
            g = inside[p]
            if last[g] > day:
                inside[kept] = g
                kept += 1
                continue
            for j in range(3):
                for k in range(width[g]):
                    state[j, column[g] + k] -= moments[offset[g] + j * width[g] + k]
            active -= size[g]
        n_inside = kept
