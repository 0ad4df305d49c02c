"""The loops. Each releases the lock of the interpreter, so that threads run side by side; compiled once, then kept.

An index that is computed is unsigned: one below zero would count from the end, and a loop that allows for it takes one
number at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from eventstudy.records import Float64Array, Int64Array

FAR = 1e300  # stands for a missing value in a sort

_compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True, error_model="numpy")
# For long sums: taken in several parts at once, the same ones each time, so that their order is the machine's own.
_summing: Callable[..., Any] = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc"})


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
def add_scores(
    keys: Int64Array,
    low: int,
    present: Int64Array,
    doubtful: np.ndarray,
    ranks: Float64Array,
    among_first: Float64Array,
    signs: Int64Array,
) -> None:
    """Add up what sorted rows say of their columns; mark those in which two values look equal, and leave them out.

    Parameters
    ----------
    keys : Int64Array
        Shape (n, T), bits of those of `sort_keys`, in order.
    ranks : Float64Array
        Shape (T,), added to: rank over (days present + 1).
    among_first : Float64Array
        Shape (≤ T,), added to: rank of the first columns among themselves over (those present + 2); may be empty.
    signs : Int64Array
        Shape (T,), added to: sign about the median; or empty.
    """
    n, width = keys.shape
    order, mask, end = keys.view(np.uint64), np.uint64(low), np.uint64(among_first.size)
    rank, inner = np.empty(width), np.empty(width)
    for i in range(n):
        row, days = order[i], present[i]
        equal = 0
        for k in range(1, days):
            equal += (row[k] ^ row[k - 1]) <= mask
        doubtful[i] = equal > 0
        if equal:
            continue
        if days < width:
            for t in range(width):
                rank[t] = inner[t] = 0.0
        for k in range(days):
            rank[row[k] & mask] = k + 1
        weight, middle = 1.0 / (days + 1), 0.5 * (days + 1)
        for t in range(width):
            ranks[t] += rank[t] * weight
        for t in range(signs.size):
            signs[t] += (rank[t] > middle) - np.int64((rank[t] < middle) & (rank[t] > 0.0))
        if among_first.size:
            held = 0
            for k in range(days):
                held += (row[k] & mask) < end
                inner[row[k] & mask] = held
            weight = 1.0 / (held + 2)
            for t in range(among_first.size):
                among_first[t] += inner[t] * weight


@_compiled
def add_days(values: Float64Array, total: Float64Array, count: Int64Array, share: Float64Array) -> None:
    """Add up the values of each day, and their number; write the share of each row that is positive."""
    n, width = values.shape
    for i in range(n):
        days = positive = 0
        for t in range(width):
            is_there = not np.isnan(values[i, t])
            total[t] += values[i, t] if is_there else 0.0
            count[t] += is_there
            days += is_there
            positive += values[i, t] > 0.0
        share[i] = positive / days


@_compiled
def window_among_days(
    sar: Float64Array, event: Float64Array, moved: Float64Array, count: Int64Array, own: Float64Array
) -> None:
    """Place each event's window among its first days: what it adds to their scores, and its own score (GRANK)."""
    n, width = len(sar), moved.size
    plain = 0  # rows in which no day is missing, nor equal to the window
    for i in range(n):
        here, row = event[i], sar[i, :width]
        above = equal = missing = 0
        for t in range(width):
            above += row[t] > here
            equal += row[t] == here
            missing += np.isnan(row[t])
        days = width - missing
        weight = 1.0 / (days + 2)
        own[i] = (1 + days - above - 0.5 * equal) * weight - 0.5
        if missing == 0 and equal == 0:
            plain += 1
            for t in range(width):
                moved[t] += weight if row[t] > here else 0.0
            continue
        for t in range(width):
            is_there = not np.isnan(row[t])
            count[t] += is_there
            moved[t] += (weight if row[t] > here else 0.5 * weight if row[t] == here else 0.0) - 0.5 * is_there
    for t in range(width):
        count[t] += plain
        moved[t] -= 0.5 * plain


@_summing
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
    of, one = np.uint64(length), np.uint64(1)
    for i in range(n):
        held = np.uint64(close_up(values[i], piece))
        if held < of:
            share[i] = np.nan
            continue
        n_sums = held - of + one
        for t in range(n_sums):
            sums[t] = 0.0
        power, start = one, np.uint64(0)
        while True:
            if of & power:
                for t in range(n_sums):
                    sums[t] += piece[start + t]
                start += power
            if start == of:
                break
            held -= power
            for t in range(held):
                double[t] = piece[t] + piece[power + t]
            piece, double = double, piece
            power += power
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


@_summing
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
        y_mean = x_mean = days = 0.0
        for t in range(length):
            is_there = not np.isnan(y[t] + x[t])
            y_mean += y[t] if is_there else 0.0
            x_mean += x[t] if is_there else 0.0
            days += is_there
        y_mean /= days
        x_mean /= days
        yy = xx = xy = ssr = 0.0
        for t in range(length):
            is_there = not np.isnan(y[t] + x[t])
            dy, dx = y[t] - y_mean if is_there else 0.0, x[t] - x_mean if is_there else 0.0
            yy += dy * dy
            xx += dx * dx
            xy += dx * dy
        slope = xy / xx
        for t in range(length):
            rest = (y[t] - y_mean) - slope * (x[t] - x_mean)
            ssr += rest * rest if not np.isnan(rest) else 0.0
        m[i] = np.int64(days)
        sums[i, 0], sums[i, 1], sums[i, 2], sums[i, 3], sums[i, 4], sums[i, 5] = y_mean, x_mean, yy, xx, slope, ssr


@_compiled
def market_days(
    pool: Float64Array,
    y_at: Int64Array,
    x_at: Int64Array,
    theta: Float64Array,
    gram: Float64Array,
    s2: Float64Array,
    design: Float64Array,
    expected: Float64Array,
    returns: Float64Array,
    ar: Float64Array,
    se: Float64Array,
    sar: Float64Array,
) -> None:
    """Write the days of the event window of some events of a market model, as `eventstudy.abnormal` has them.

    Parameters
    ----------
    y_at, x_at : Int64Array
        Shape (n,), places in `pool` of the window's first session, of the asset and of its benchmark.
    theta, gram, s2 : Float64Array
        Shapes (n, 2), (n, 2, 2) and (n,).
    design : Float64Array
        Shape (n, L2, 2), written, as what follows: shape (n, L2) each.
    """
    n, length = ar.shape
    for i in range(n):
        alpha, beta, variance = theta[i, 0], theta[i, 1], s2[i]
        constant, cross, square = gram[i, 0, 0], gram[i, 0, 1], gram[i, 1, 1]
        y, x = pool[y_at[i] : y_at[i] + length], pool[x_at[i] : x_at[i] + length]
        for t in range(length):
            design[i, t, 0], design[i, t, 1] = 1.0, x[t]
        for t in range(length):
            line = alpha + beta * x[t]
            left = y[t] - line
            error = np.sqrt((constant + 2.0 * cross * x[t] + x[t] * (square * x[t]) + 1.0) * variance)
            returns[i, t], expected[i, t], ar[i, t] = y[t], line, left
            se[i, t] = np.nan if np.isnan(left) else error
            sar[i, t] = left / error if error > 0 else np.nan


@_compiled
def market_window(
    gram: Float64Array,
    s2: Float64Array,
    design: Float64Array,
    expected: Float64Array,
    returns: Float64Array,
    ar: Float64Array,
    first: int,
    end: int,
    needed: int,
    is_log: bool,
    n_days: Int64Array,
    car: Float64Array,
    se: Float64Array,
    scar: Float64Array,
    bhar: Float64Array,
) -> None:
    """Write the abnormal returns of some events cumulated over a window, as `eventstudy.abnormal.cumulate` has them.

    Parameters
    ----------
    gram, s2, design, expected, returns, ar : Float64Array
        As of `market_days`.
    first, end : int
        First column of the window, and the one after its last.
    needed : int
        Column of the day without which there is no number, -1 for none.
    n_days, car, se, scar, bhar
        Shape (n,), written.
    """
    for i in range(len(ar)):
        days, total, x_sum = 0, 0.0, 0.0
        actual = forecast = 0.0 if is_log else 1.0
        for t in range(first, end):
            if np.isnan(ar[i, t]):
                continue
            days += 1
            total += ar[i, t]
            x_sum += design[i, t, 1]
            if is_log:
                actual += returns[i, t]
                forecast += expected[i, t]
            else:
                actual *= 1.0 + returns[i, t]
                forecast *= 1.0 + expected[i, t]
        n_days[i] = days
        if days == 0 or (needed >= 0 and np.isnan(ar[i, needed])):
            car[i] = se[i] = scar[i] = bhar[i] = np.nan
            continue
        slope = days * (gram[i, 0, 0] * days + 2.0 * gram[i, 0, 1] * x_sum) + x_sum * (gram[i, 1, 1] * x_sum)
        error = np.sqrt(s2[i] * (days + slope))
        grown = np.expm1(actual) - np.expm1(forecast) if is_log else actual - forecast
        car[i], se[i] = total, error
        scar[i] = total / error if error > 0 else np.nan
        bhar[i] = grown if np.isfinite(grown) else np.nan


@_summing
def add_by_date(residuals: Float64Array, group: Int64Array, moments: Float64Array) -> None:
    """Add standardised residuals, and their number, to the estimation days of each event's date.

    Parameters
    ----------
    residuals : Float64Array
        Shape (n, L1); NaN is left out.
    group : Int64Array
        Shape (n,), the date of each event.
    moments : Float64Array
        Shape (2, G, L1), added to.
    """
    n, width = residuals.shape
    for i in range(n):
        row, total, number = residuals[i], moments[0, group[i]], moments[1, group[i]]
        mean = square = count = 0.0
        for t in range(width):
            is_there = not np.isnan(row[t])
            mean += row[t] if is_there else 0.0
            count += is_there
        mean /= count
        for t in range(width):
            square += (row[t] - mean) ** 2 if not np.isnan(row[t]) else 0.0
        if square > 0:
            scale = 1.0 / np.sqrt(square / count)
            for t in range(width):
                is_there = not np.isnan(row[t])
                total[t] += (row[t] - mean) * scale if is_there else 0.0
                number[t] += is_there


@_summing
def overlap(
    days: Int64Array,
    firsts: Int64Array,
    lasts: Int64Array,
    sizes: Int64Array,
    columns: Int64Array,
    totals: Float64Array,
    moments: Float64Array,
) -> tuple[float, float, float, float]:
    """Go through the calendar; on each day all events whose window holds it form their pairs.

    Parameters
    ----------
    days : Int64Array
        Shape (D,), every day of a window, in order.
    firsts, lasts, sizes : Int64Array
        Shape (G,), first and last day of each date's window, and its events.
    columns : Int64Array
        Shape (G,), where its estimation days begin.
    totals : Float64Array
        Shape (G,), number of its residuals.
    moments : Float64Array
        Shape (2, G, width).

    Returns
    -------
    tuple
        Products of residuals and their pairs, pairs of events, and events, summed over the days.
    """
    width = moments.shape[2]
    total, number = np.zeros(columns.max() + width), np.zeros(columns.max() + width)
    arrivals = np.argsort(firsts)
    inside = np.empty(firsts.size, dtype=np.int64)
    n_inside = arrived = 0
    active = held = products = pairs = shared = present = 0.0
    for day in days:
        while arrived < firsts.size and firsts[arrivals[arrived]] <= day:
            g = arrivals[arrived]
            here = slice(columns[g], columns[g] + width)
            total[here] += moments[0, g]
            number[here] += moments[1, g]
            inside[n_inside] = g
            n_inside += 1
            active += sizes[g]
            held += totals[g]
            arrived += 1
        low, high = total.size, 0
        for p in range(n_inside):
            low, high = min(low, columns[inside[p]]), max(high, columns[inside[p]] + width)
        for k in range(low, high):
            products += total[k] ** 2
            pairs += number[k] ** 2
        products -= held
        pairs -= held
        shared += active * (active - 1)
        present += active
        kept = 0
        for p in range(n_inside):
            g = inside[p]
            if lasts[g] > day:
                inside[kept] = g
                kept += 1
                continue
            here = slice(columns[g], columns[g] + width)
            total[here] -= moments[0, g]
            number[here] -= moments[1, g]
            active -= sizes[g]
            held -= totals[g]
        n_inside = kept
    return products, pairs, shared, present
