"""Mean correlation between events, and how much of it reaches a mean of cumulative abnormal returns.

Kolari & Pynnönen 2010; for windows that overlap in part, Kolari, Pape & Pynnönen 2018.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy.inference.daily import BLOCK
from eventstudy.records import Float64Array, Int64Array

PAIRWISE_LIMIT = 1500  # events up to which pairs with missing days are correlated one by one
FEWEST_COMMON_DAYS = 3

DayNumbers = NDArray[np.integer]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCorrelation:
    """Dependence between the events of a panel.

    Attributes
    ----------
    residual : float
        Mean correlation of estimation residuals on common calendar days, over pairs whose windows overlap.
    overlap : float
        Mean over all pairs of the share of the window that the two have in common: 1 on one common date, 0 when
        no two windows touch.
    """

    residual: float
    overlap: float

    @property
    def mean(self) -> float:
        """Mean correlation r̄ between the cumulative abnormal returns of two events."""
        return self.residual * self.overlap


def cross_correlation(
    residuals: Float64Array, estimation_days: DayNumbers, window_days: DayNumbers, rows: Int64Array
) -> CrossCorrelation:
    """Estimate the dependence between events.

    Up to 1,500 events with one common window: r̄ is the mean pairwise Pearson correlation on common days. Otherwise
    pairs count as often as their windows share a day, and each product of standardised residuals once, which is
    linear in the number of events. Where no day is missing both equal the identity
    r̄ = (N mean_t z̄_t² - 1) / (N - 1).

    Parameters
    ----------
    residuals : Float64Array
        Shape (n, L1), estimation residuals; NaN = missing.
    estimation_days, window_days : DayNumbers
        Shapes (n, L1) and (n, L), calendar number of every day; -1 = no session.
    rows : Int64Array
        Shape (N,), the events meant.
    """
    if rows.size < 2:
        return CrossCorrelation(residual=0.0, overlap=0.0)
    windows = window_days[rows]
    if rows.size <= PAIRWISE_LIMIT and (windows == windows[0]).all():
        aligned = align(residuals[rows], estimation_days[rows])
        return CrossCorrelation(residual=mean_pairwise(aligned), overlap=1.0)
    return _sweep(residuals, estimation_days, windows, rows)


def align(residuals: Float64Array, days: DayNumbers) -> Float64Array:
    """Rearrange residuals to a column per calendar day; shape (N, days that any event has), NaN = missing."""
    calendar, place = np.unique(days, return_inverse=True)
    out = np.full((len(days), calendar.size), np.nan)
    np.put_along_axis(out, place.reshape(days.shape), residuals, axis=1)
    return out[:, np.isfinite(out).any(axis=0)]


def mean_pairwise(values: Float64Array) -> float:
    """Mean over pairs of rows of the Pearson correlation on the columns that both have.

    Pairs with fewer than three common columns, or without variation, are left out; 0 when no pair is left.
    """
    present = np.isfinite(values).astype(float)
    x = np.where(present > 0, values, 0.0)
    count = present @ present.T
    total = x @ present.T  # [i, j]: sum of row i over the columns of j
    square = (x * x) @ present.T
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = x @ x.T - total * total.T / count
        spread = square - total**2 / count
        r = covariance / np.sqrt(spread * spread.T)
    upper = np.triu_indices(len(values), 1)
    found = r[upper][count[upper] >= FEWEST_COMMON_DAYS]
    found = found[np.isfinite(found)]
    return float(found.mean()) if found.size else 0.0


def _sweep(
    residuals: Float64Array, estimation_days: DayNumbers, windows: DayNumbers, rows: Int64Array
) -> CrossCorrelation:
    """Go through the calendar; on each day the events whose window holds it form all their pairs at once.

    With S the sum and Q the sum of squares of z over those events on one estimation day, S² - Q is the sum of
    z_i z_j over ordered pairs, and C² - C the number of pairs.
    """
    far = np.iinfo(windows.dtype).max
    first, last = np.where(windows < 0, far, windows).min(axis=1), windows.max(axis=1)
    arrivals: dict[int, list[Group]] = {}
    for group in _groups(first, last):
        arrivals.setdefault(group.first, []).append(group)
    dated = estimation_days[rows]
    span = (int(np.where(dated < 0, far, dated).min()), int(dated.max()))
    state = np.zeros((3, span[1] - span[0] + 1))
    inside: list[tuple[Group, Float64Array]] = []
    products, pairs, shared, present = 0.0, 0.0, 0, 0
    for day in sorted({*np.unique(windows).tolist()} - {-1}):
        for group in arrivals.get(day, ()):
            inside.append((group, _moments(residuals, estimation_days, rows[group.members], span)))
            state += inside[-1][1]
        active = sum(group.members.size for group, _ in inside)
        products += float((state[0] ** 2 - state[1]).sum())
        pairs += float((state[2] ** 2 - state[2]).sum())
        shared += active * (active - 1)
        present += active
        for group, moments in inside:
            if group.last == day:
                state -= moments
        inside = [(group, moments) for group, moments in inside if group.last > day]
    residual = products / pairs if pairs > 0.5 else 0.0  # a count, up to rounding
    return CrossCorrelation(residual=residual, overlap=shared / ((rows.size - 1) * present))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Events whose window starts and ends on the same days."""

    first: int
    last: int
    members: Int64Array


def _groups(first: DayNumbers, last: DayNumbers) -> list[Group]:
    order = np.lexsort((last, first))
    bounds = np.column_stack([first, last])[order]
    cuts = np.flatnonzero((bounds[1:] != bounds[:-1]).any(axis=1)) + 1
    return [
        Group(first=int(first[members[0]]), last=int(last[members[0]]), members=members)
        for members in np.split(order, cuts)
    ]


def _moments(
    residuals: Float64Array, estimation_days: DayNumbers, rows: Int64Array, span: tuple[int, int]
) -> Float64Array:
    """Sum of z, of z², and count, per calendar day; shape (3, days in span). z is centred with mean square 1."""
    width = span[1] - span[0] + 1
    out = np.zeros((3, width))
    for start in range(0, rows.size, BLOCK):
        block = rows[start : start + BLOCK]
        e = residuals[block]
        present = np.isfinite(e)
        count = present.sum(axis=1, keepdims=True)
        e[~present] = 0.0
        e -= e.sum(axis=1, keepdims=True) / count
        e[~present] = 0.0
        scale = np.sqrt(np.einsum("nt,nt->n", e, e)[:, None] / count)
        present &= scale > 0
        e /= np.where(scale > 0, scale, 1.0)
        moments = (e, e * e, present.astype(np.float64))
        days = estimation_days[block]
        if (days == days[0]).all():
            dated = days[0] >= 0
            out[:, days[0][dated] - span[0]] += [m.sum(axis=0)[dated] for m in moments]
        else:
            place = np.maximum(days - span[0], 0).astype(np.int64).ravel()
            out += [np.bincount(place, m.ravel(), width) for m in moments]
    return out
