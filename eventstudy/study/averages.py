"""Averages over the events of a group: AAR by day, CAAR by window with its interval, power and volatility."""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from eventstudy.inference.batch import run_of
from eventstudy.inference.effect import equivalence_p, mde_exact
from eventstudy.inference.interval import MeanInterval, mean_interval
from eventstudy.inference.panel import Panel
from eventstudy.inference.parametric import skewness_adjusted_t
from eventstudy.inference.validity import Validity, validity
from eventstudy.inference.volatility import log_u_t, log_variance_ratio, variance_ratio
from eventstudy.parallel import in_order
from eventstudy.records import Alternative, Float64Array, Inference, Int64Array
from eventstudy.registry.tests import TESTS
from eventstudy.sums import column_moments

MANY = 20_000  # events, whose tests are computed side by side


@dataclass(frozen=True, kw_only=True)
class GroupResult:
    """Averages and tests of one group of events; a test is computed when it is first asked for, and kept.

    Attributes
    ----------
    name : str
        ``all`` or the label in the column ``group``.
    members : Int64Array
        Positions of its events among the usable ones.
    panels : tuple of Panel
        One per window.
    names : tuple of str
        Tests that the study wants, in the order in which results list them.
    bhar : tuple of Float64Array
        Per window, buy-and-hold abnormal returns of the panel's events.
    weights : Float64Array or None
        Shape (n,), of all usable events.
    partial : tuple of int
        Per window, events with a number that have not all of its days.
    """

    name: str
    members: Int64Array
    panels: tuple[Panel, ...]
    names: tuple[str, ...]
    bhar: tuple[Float64Array, ...]
    weights: Float64Array | None
    partial: tuple[int, ...]

    @cached_property
    def tests(self) -> tuple[tuple[Inference, ...], ...]:
        """Every test of every window."""
        if self.members.size >= MANY:  # what one test computes alone, another core can do beside it
            keys = itertools.product(range(len(self.panels)), self.names)
            # those that use all cores by themselves come last, so that none of the others is left over
            alone_first = sorted(keys, key=lambda key: TESTS[key[1]].reads != "rows")
            for _ in in_order(lambda key: self.test(*key), alone_first):
                pass
        return tuple(tuple(self.test(w, name) for name in self.names) for w in range(len(self.panels)))

    def test(self, position: int, name: str) -> Inference:
        """One test of the window at `position`."""
        key = (position, name)
        if key not in self._found:
            self._found[key] = TESTS[name].of_group(self.panels[position])
        return self._found[key]

    @cached_property
    def _found(self) -> dict[tuple[int, str], Inference]:
        return {}

    def valid(self, position: int) -> tuple[Validity, ...]:
        """Which tests are valid for the dates, number and correlation of the group's events in one window."""
        return validity(self.panels[position])


def average_days(group: GroupResult, ar: Float64Array, tau: Int64Array) -> list[dict[str, Any]]:
    """AAR of every day with its cross-sectional standard error, decimal returns.

    Parameters
    ----------
    ar : Float64Array
        Shape (n, L2), abnormal returns of all usable events.
    tau : Int64Array
        Shape (L2,).
    """
    count, mean, variance = column_moments(ar, run_of(group.members))
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(variance / count)
    return [
        {"tau": t, "n": n, "aar": number(a), "aar_se_cross": number(s) if n > 1 else None}
        for t, n, a, s in zip(tau.tolist(), count.tolist(), mean.tolist(), se.tolist(), strict=True)
    ]


def average_window(group: GroupResult, position: int, margin: float | None = None) -> dict[str, Any]:
    """Averages of the window at `position`, decimal returns; None where there is no number.

    Parameters
    ----------
    margin : float, optional
        Size of an effect that would not matter; adds the test that the mean effect is smaller.
    """
    panel, bhar = group.panels[position], group.bhar[position]
    interval = mean_interval(panel)
    out: dict[str, Any] = {
        "window": [panel.window.start, panel.window.end],
        "n": panel.n,
        "n_partial": group.partial[position],
        "caar": _mean(panel.car),
        "caar_ci": [number(interval.low), number(interval.high)] if interval else [None, None],
        "caar_ci_basis": interval.basis if interval else None,
        "caar_se": number(interval.se) if interval else None,
        "mde": _mde(panel, interval),
        "median_car": number(np.median(panel.car)) if panel.n else None,
        "share_positive": _mean((panel.car > 0).astype(float)),
        "mean_bhar": _mean(bhar),
        "precision_weighted_caar": _weighted(panel.car, panel.se**-2.0),
    }
    if group.weights is not None:
        weights = group.weights[panel.batch.rows]
        out["weighted_caar"] = _weighted(panel.car, weights)
    if margin is not None:
        out["equivalence"] = _equivalence(panel, interval, margin)
    return out


def bhar_test(group: GroupResult, position: int) -> Inference:
    """Skewness-adjusted t of the mean buy-and-hold abnormal return, which is skewed to the right (methods.md C5)."""
    found = skewness_adjusted_t(replace(group.panels[position], car=group.bhar[position]))
    return replace(found, name="bhar_skewness_adjusted_t", null="the mean buy-and-hold abnormal return is zero")


def volatility(group: GroupResult, position: int) -> tuple[float | None, float | None, Inference]:
    """Event-induced variance ratio, mean AVAR, and the test of log U (methods.md C7), of one window."""
    panel = group.panels[position]
    batch = panel.batch
    avar = log_variance_ratio(batch.abnormal.ar[batch.rows, panel.columns], batch.fit.s2[batch.rows])
    avar = avar[np.isfinite(avar)]
    test = log_u_t(panel.scar, panel.df, batch.spec.alternative)
    return number(variance_ratio(panel.scar, panel.df)) if panel.n else None, _mean(avar), test


def _mean(values: Float64Array) -> float | None:
    return number(values.mean()) if values.size else None


def _weighted(values: Float64Array, weights: Float64Array) -> float | None:
    return number((weights * values).sum() / weights.sum()) if weights.sum() > 0 else None


def _mde(panel: Panel, interval: MeanInterval | None) -> float | None:
    if interval is None:
        return None
    spec = panel.batch.spec
    return number(interval.se * unit_mde(interval.df, spec.alpha, spec.power, spec.alternative))


def _equivalence(panel: Panel, interval: MeanInterval | None, margin: float) -> dict[str, Any]:
    if interval is None:
        return {"margin": margin, "p_value": None, "reason": "no standard error of the mean can be estimated"}
    p = equivalence_p(float(panel.car.mean()), interval.se, interval.df, margin)
    return {"margin": margin, "p_value": number(p), "reason": None}


@functools.lru_cache(maxsize=1024)
def unit_mde(df: float, alpha: float, power: float, alternative: Alternative) -> float:
    """Minimum detectable effect in standard errors; it depends on the degrees of freedom alone."""
    return mde_exact(1.0, df, alpha, power, alternative)


def number(value: float | np.floating) -> float | None:
    """A plain float; None for NaN and infinity."""
    plain = float(value)
    return plain if math.isfinite(plain) else None
