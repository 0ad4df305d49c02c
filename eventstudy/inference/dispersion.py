"""Did the variance rise at the event? How far standardised abnormal returns scatter, fat tails allowed for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eventstudy.inference.panel import Panel
from eventstudy.inference.volatility import t_variance
from eventstudy.records import Float64Array

CUT = 2.0  # standard deviations beyond which a value counts as that many: a few large ones decide nothing
CRITICAL = 1.75  # strikes some 5 % of groups of thirty whose variance is as before, normal or Student t(4)
TOLERABLE_RISE = 0.1  # of the mean score, about that at which a nominal 5 % test rejects 6.5 %
SUMS = 4096  # drawn to see how sums of several days scatter


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispersion:
    """How far the SCARs of a group scatter over its events; NaN where that is unknown.

    Attributes
    ----------
    ratio : float
        Their variance over what the estimation windows and r̄ predict; 1 = no rise.
    rise : float
        Relative excess of the mean of min(s², 4) over that of the estimation windows.
    z : float
        The same excess over its standard error.
    """

    ratio: float
    rise: float
    z: float

    @property
    def has_risen(self) -> bool:
        """Whether the rise is beyond chance, and large enough to matter."""
        return self.z > CRITICAL and self.rise > TOLERABLE_RISE


def dispersion(panel: Panel, rbar: float) -> Dispersion:
    """Compare the scatter of SCARs about their mean with that of sums of estimation residuals.

    Each s is a SCAR less the mean, over √((1 - 1/N)(1 - r̄) df / (df - 2)); the score min(s², 4) of it has, without a
    rise, the mean and the variance that it has for sums of L standardised residuals, whatever their tails.
    """
    if panel.n < 2 or rbar >= 1 or (panel.df <= 2).any():
        return Dispersion(ratio=math.nan, rise=math.nan, z=math.nan)
    expected = (1 - rbar) * t_variance(panel.df)
    ratio = float(panel.scar.var(ddof=1) / expected.mean())
    usual = np.minimum(_sums(panel) ** 2, CUT**2)
    if usual.size == 0 or not usual.std() > 0:
        return Dispersion(ratio=ratio, rise=math.nan, z=math.nan)
    s = (panel.scar - panel.scar.mean()) / np.sqrt(expected * (1 - 1 / panel.n))
    excess = float(np.minimum(s**2, CUT**2).mean() - usual.mean())
    return Dispersion(
        ratio=ratio, rise=excess / float(usual.mean()), z=excess / float(usual.std()) * math.sqrt(panel.n)
    )


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
