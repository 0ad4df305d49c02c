"""Mean correlation between events, and how much of it reaches a mean of cumulative abnormal returns.

Kolari & Pynnönen 2010; for windows that overlap in part, Kolari, Pape & Pynnönen 2018.
"""

from __future__ import annotations

from collections import defaultdict
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DateGroup:
    """Events of one date, and sums over them by calendar day of their estimation windows.

    Attributes
    ----------
    members : Int64Array
        Positions of the events among all N.
    first_day : int
        Calendar number of the first column of `moments`.
    moments : Float64Array
        Shape (3, days): sum of the standardised residuals z, sum of z², and number of z.
    """

    members: Int64Array
    first_day: int
    moments: Float64Array

    def columns(self, origin: int) -> slice:
        """Columns of its days on a calendar that starts at `origin`."""
        start = self.first_day - origin
        return slice(start, start + self.moments.shape[1])


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


def group_by_date(
    residuals: Float64Array, estimation_days: DayNumbers, rows: Int64Array, day0: Int64Array
) -> tuple[DateGroup, ...]:
    """Standardise residuals and add them up over the events of each date, in the order of the dates.

    Parameters
    ----------
    residuals, estimation_days
        Shape (n, L1); missing residuals are NaN, days without a session -1.
    rows, day0
        Shape (N,): the events meant, and their dates.
    """
    order = np.argsort(day0, kind="stable")
    cuts = np.flatnonzero(np.diff(day0[order])) + 1
    groups = []
    for members in np.split(order, cuts):
        days = estimation_days[rows[members]]
        far = np.iinfo(days.dtype).max
        span = (int(np.where(days < 0, far, days).min()), int(days.max()))
        moments = _moments(residuals, estimation_days, rows[members], span)
        groups.append(DateGroup(members=members, first_day=span[0], moments=moments))
    return tuple(groups)


def correlation_by_overlap(groups: tuple[DateGroup, ...], windows: DayNumbers) -> CrossCorrelation:
    """Estimate the dependence between events in time linear in their number.

    Goes through the calendar; on each day the events whose window holds it form all their pairs at once. With S the
    sum and Q the sum of squares of z over those events on one estimation day, S² - Q is the sum of z_i z_j over
    ordered pairs, and C² - C their number. So pairs count as often as their windows share a day. Where all share one
    window and no day is missing this is the identity r̄ = (N mean_t z̄_t² - 1) / (N - 1).

    Parameters
    ----------
    windows : DayNumbers
        Shape (N, L), calendar number of the days of the window, -1 = no session. Events of one date are taken to
        share their window.
    """
    far = np.iinfo(windows.dtype).max
    arriving, leaving = defaultdict(list), defaultdict(list)
    for group in groups:
        days = windows[group.members]
        arriving[int(np.where(days < 0, far, days).min())].append(group)
        leaving[int(days.max())].append(group)
    origin = min(group.first_day for group in groups)
    state = np.zeros((3, max(group.first_day + group.moments.shape[1] for group in groups) - origin))
    active, shared, present, products, pairs = 0, 0, 0, 0.0, 0.0
    for day in sorted({*np.unique(windows).tolist()} - {-1}):
        for group in arriving[day]:
            state[:, group.columns(origin)] += group.moments
            active += group.members.size
        products += float((state[0] ** 2 - state[1]).sum())
        pairs += float((state[2] ** 2 - state[2]).sum())
        shared += active * (active - 1)
        present += active
        for group in leaving[day]:
            state[:, group.columns(origin)] -= group.moments
            active -= group.members.size
    residual = products / pairs if pairs > 0.5 else 0.0  # a count, up to rounding
    return CrossCorrelation(residual=residual, overlap=shared / ((len(windows) - 1) * present))


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
