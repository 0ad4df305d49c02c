"""Did the variance rise at the event? How far standardised abnormal returns scatter, fat tails allowed for.

Two looks at a window of several days: at the sums, whose scatter counts in the end, and at the single days, which are
more of them and carry less of the error of the fitted model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eventstudy.inference.panel import Panel
from eventstudy.inference.volatility import t_variance
from eventstudy.records import Float64Array

WEIGHED_FROM = 2.0  # standard deviations: the score s²/(1 + s²/4) of any larger value is between 2 and 4
CRITICAL = 1.75  # strikes some 5 % of groups of thirty whose variance is as before, normal or Student t(4)
CRITICAL_OF_TWO = 2.05  # the same for the larger of two looks
TOLERABLE_RISE = 0.1  # of the mean score, about that at which a nominal 5 % test rejects 6.5 %
SUMS = 4096  # drawn to see how sums of several days scatter


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispersion:
    """How far the abnormal returns of a group scatter over its events; NaN where that is unknown.

    Attributes
    ----------
    ratio : float
        Variance of the SCARs over what the estimation windows and r̄ predict; 1 = no rise.
    rise : float
        Relative excess of the mean score over that of the estimation windows, of the look that shows more.
    z : float
        The same excess over its standard error.
    critical : float
        The `z` that is beyond chance.
    """

    ratio: float
    rise: float
    z: float
    critical: float = CRITICAL

    @property
    def has_risen(self) -> bool:
        """Whether the rise is beyond chance, and large enough to matter."""
        return self.z > self.critical and self.rise > TOLERABLE_RISE


def dispersion(panel: Panel, rbar: float, rbar_days: float) -> Dispersion:
    """Compare the scatter of abnormal returns about their mean with that of the estimation residuals.

    Each s is a SCAR less the mean, over √((1 - 1/N)(1 - r̄) df / (df - 2)); the score of it has, without a rise, the
    mean and the variance that it has for sums of L standardised residuals, whatever their tails. So it is with the
    abnormal return of every single day.

    Parameters
    ----------
    panel : Panel
    rbar, rbar_days : float
        Mean correlation between the cumulative abnormal returns of two events, and between those of the days that are
        as far from day 0.
    """
    if panel.n < 2 or rbar >= 1 or rbar_days >= 1 or (panel.df <= 2).any():
        return Dispersion(ratio=math.nan, rise=math.nan, z=math.nan)
    expected = (1 - rbar) * t_variance(panel.df)
    ratio = float(panel.scar.var(ddof=1) / expected.mean())
    s = (panel.scar - panel.scar.mean()) / np.sqrt(expected * (1 - 1 / panel.n))
    looks = [_look(score(s)[:, None], score(_sums(panel)))]
    if (days := panel.batch.abnormal.sar[panel.batch.rows, panel.columns]).shape[1] > 1:
        looks.append(_look(_day_scores(days, (1 - rbar_days) * t_variance(panel.df)), score(panel.batch.pooled_sar)))
    rise, z = max(looks, key=lambda look: -math.inf if math.isnan(look[1]) else look[1])
    return Dispersion(ratio=ratio, rise=rise, z=z, critical=CRITICAL if len(looks) == 1 else CRITICAL_OF_TWO)


def score(s: Float64Array) -> Float64Array:
    """s²/(1 + s²/4): a few large values decide nothing."""
    square = s**2
    return square / (1 + square / WEIGHED_FROM**2)


def _look(scores: Float64Array, usual: Float64Array) -> tuple[float, float]:
    """Relative excess of the mean of the scores of N events, shape (N, days), and the same in standard errors.

    Where the scores of an event resemble each other, as in times that are calm or wild, they count as fewer.
    """
    if usual.size == 0 or not usual.std() > 0:
        return math.nan, math.nan
    known = np.isfinite(scores)
    count = known.sum(axis=1)
    excess = np.where(known, scores - usual.mean(), 0.0).sum(axis=1)
    total = int(count.sum())
    error = float(usual.std()) * math.sqrt(total)
    if scores.shape[1] > 1:
        error = max(error, float(excess.std(ddof=1)) * math.sqrt(count.size))
    return float(excess.sum()) / total / float(usual.mean()), float(excess.sum()) / error


def _day_scores(sar: Float64Array, expected: Float64Array) -> Float64Array:
    """Scores of the standardised abnormal returns of single days about their mean over the events; shape (N, days)."""
    count = np.isfinite(sar).sum(axis=0)
    mean = np.where(np.isfinite(sar), sar, 0.0).sum(axis=0) / np.maximum(count, 1)
    room = np.where(count > 1, 1 - 1 / np.maximum(count, 1), np.nan)
    return score((sar - mean) / np.sqrt(expected[:, None] * room))


def kurtosis(panel: Panel) -> float:
    """Excess kurtosis of the standardised estimation residuals; NaN where it is unknown."""
    if panel.n == 0:
        return math.nan
    values = panel.batch.pooled_sar
    if values.size == 0 or not values.std() > 0:
        return math.nan
    square = (values - values.mean()) ** 2
    return float((square**2).mean() / square.mean() ** 2 - 3)


def _sums(panel: Panel) -> Float64Array:
    """Sums of as many standardised residuals as the window has days, over √L; the residuals themselves for one day."""
    values, length = panel.batch.pooled_sar, int(np.median(panel.n_days))
    if length <= 1 or values.size == 0:
        return values
    drawn = np.random.default_rng(0).integers(0, values.size, (length, SUMS))
    total: Float64Array = values[drawn].sum(axis=0) / math.sqrt(length)
    return total
