"""Tests on the average over events of each day: valid under any correlation between the events of one date.

methods.md D5, D5p, D5h, D16 and D17.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eventstudy.abnormal import Cumulated, abnormal_returns, cumulate
from eventstudy.errors import CannotEstimate
from eventstudy.inference.batch import Batch
from eventstudy.inference.laws import Hypothesis, f_sf
from eventstudy.inference.panel import Panel, requires
from eventstudy.models.diagnostics import long_run_variance
from eventstudy.records import Fit, Float64Array, Inference, Int64Array, Sample, Window
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS

HAC_LAGS = 4
WORST_CONDITION = 1e10  # of the residual correlation matrix
FEWEST_DAYS = 30  # of a portfolio or joint fit, methods.md A3; fewer where the study asks for fewer

CRUDE = Hypothesis.of(TESTS["crude_dependence_t"])
CRUDE_LONG = Hypothesis.of(TESTS["crude_dependence_long_t"])
HAC = Hypothesis.of(TESTS["hac_portfolio_z"])
HAC_LONG = Hypothesis.of(TESTS["hac_portfolio_long_z"])
PORTFOLIO = Hypothesis.of(TESTS["portfolio_t"])
MVRM = Hypothesis.of(TESTS["mvrm_f"])
CALENDAR = Hypothesis.of(TESTS["calendar_time_t"])


@requires(CRUDE)
def crude_dependence_t(panel: Panel) -> Inference:
    """Sum of AAR over √L times the deviation of the average residual in the estimation window; t(M - 1)."""
    return _crude(CRUDE, panel, with_error=False)


@requires(CRUDE_LONG)
def crude_dependence_long_t(panel: Panel) -> Inference:
    """As ``crude_dependence_t``, over √(1 + L / M): over L days the error of the fitted model adds up to L² / M."""
    return _crude(CRUDE_LONG, panel, with_error=True)


@requires(HAC)
def hac_portfolio_z(panel: Panel) -> Inference:
    """Sum of AAR over the root of L times the long-run variance of the average residual."""
    return _hac(HAC, panel, with_error=False)


@requires(HAC_LONG)
def hac_portfolio_long_z(panel: Panel) -> Inference:
    """As ``hac_portfolio_z``, over √(1 + L / M)."""
    return _hac(HAC_LONG, panel, with_error=True)


@requires(PORTFOLIO)
def portfolio_t(panel: Panel) -> Inference:
    """Exact t of the equal-weight portfolio of the assets, refitted on days on which all have a return.

    A mean of log returns is not the return of a portfolio, so log returns, and the benchmark's, are made simple first.
    """
    aligned = _aligned(panel.batch)
    is_log = panel.batch.spec.returns == "log"
    y, x = (np.expm1(aligned.y), np.expm1(aligned.x)) if is_log else (aligned.y, aligned.x)
    portfolio = replace(aligned, y=y.mean(axis=0, keepdims=True), x=x[:1])
    fit, measure = _refit(portfolio, panel)
    return PORTFOLIO.symmetric(
        float(measure.scar[0]),
        float(fit.df[0]),
        panel.n,
        panel.batch.spec.alternative,
        details=[
            ("car", float(measure.car[0])),
            ("se", float(measure.se[0])),
            ("estimation_days", float(fit.n_estimation[0])),
        ],
    )


@requires(MVRM)
def mvrm_f(panel: Panel) -> Inference:
    """Joint F that no asset reacted, from the multivariate regression with common regressors.

    F = (M - k - N + 1) / (N (M - k)) · c' S⁻¹ c / g with c the CARs, S the residual covariance SSR / (M - k) and
    g = L + x_W'(X'X)⁻¹x_W, the same for all assets.
    """
    if panel.batch.spec.alternative != "two-sided":
        raise CannotEstimate("the joint test is two-sided only")
    if not MODELS[panel.batch.spec.model].is_least_squares:
        raise CannotEstimate("the joint test needs a model fitted by least squares")
    fit, measure = _refit(_aligned(panel.batch), panel)
    df = float(fit.df[0])
    rest = df - panel.n + 1
    if rest < 1:
        raise CannotEstimate(f"{panel.n} assets need more than {panel.n - 1} degrees of freedom, there are {df:.0f}")
    e = np.asarray(fit.residuals)
    e = e[:, np.isfinite(e).all(axis=0)]
    e = e - e.mean(axis=1, keepdims=True)
    g = float(measure.se[0] ** 2 / fit.s2[0])
    scale = np.sqrt((e**2).sum(axis=1) / df)
    correlation = (e / scale[:, None]) @ (e / scale[:, None]).T / df
    if np.linalg.cond(correlation) > WORST_CONDITION:
        raise CannotEstimate("the residuals of the assets are collinear, as when the benchmark is their own mean")
    c = measure.car / scale
    statistic = rest / (panel.n * df) * float(c @ np.linalg.solve(correlation, c)) / g
    return MVRM.report(
        statistic,
        f_sf(statistic, panel.n, rest),
        panel.n,
        df=rest,
        details=[("df_numerator", panel.n), ("df_denominator", rest)],
    )


@requires(CALENDAR)
def calendar_time_t(panel: Panel) -> Inference:
    """Mean over calendar days of the average abnormal return of all events whose window holds the day; t(P - 1)."""
    batch = panel.batch
    days = batch.days[batch.rows, batch.columns(panel.window)]
    ar = batch.abnormal.ar[batch.rows, panel.columns]
    present = np.isfinite(ar)
    days, ar = (days.ravel(), ar.ravel()) if present.all() else (days[present], ar[present])
    place = days - days.min(initial=0)
    events = np.bincount(place)
    averages = np.bincount(place, ar)[events > 0] / events[events > 0]
    periods = averages.size
    if periods < 2:
        return CALENDAR.refuse("the windows cover a single calendar day", panel.n)
    error = float(averages.std(ddof=1)) / math.sqrt(periods)
    statistic = float(averages.mean()) / error if error > 0 else math.nan
    return CALENDAR.symmetric(
        statistic, periods - 1, panel.n, batch.spec.alternative, details=[("periods", float(periods))]
    )


def _crude(hypothesis: Hypothesis, panel: Panel, *, with_error: bool) -> Inference:
    average = panel.batch.average_residual
    if average.size < 2:
        return hypothesis.refuse("fewer than two estimation days", panel.n)
    deviation = float(average.std(ddof=1))
    total, length = _window_total(panel)
    error = math.sqrt(_days(length, average.size, with_error=with_error)) * deviation
    statistic = total / error if error > 0 else math.nan
    return hypothesis.symmetric(statistic, average.size - 1, panel.n, panel.batch.spec.alternative)


def _hac(hypothesis: Hypothesis, panel: Panel, *, with_error: bool) -> Inference:
    average = panel.batch.average_residual
    if average.size <= HAC_LAGS:
        return hypothesis.refuse(f"{average.size} estimation days, more than {HAC_LAGS} are needed", panel.n)
    total, length = _window_total(panel)
    variance = _days(length, average.size, with_error=with_error) * long_run_variance(average, HAC_LAGS)
    statistic = total / math.sqrt(variance) if variance > 0 else math.nan
    return hypothesis.symmetric(statistic, math.inf, panel.n, panel.batch.spec.alternative)


def _days(length: int, estimation: int, *, with_error: bool) -> float:
    """Variance of the sum over a window in days: L, or L + L² / M."""
    return length * (1 + length / estimation) if with_error else float(length)


def _window_total(panel: Panel) -> tuple[float, int]:
    """Sum of AAR over the window, and the days it has."""
    average = panel.batch.average_ar[panel.columns]
    present = np.isfinite(average)
    return float(average[present].sum()), int(present.sum())


def _aligned(batch: Batch) -> Sample:
    """Put the events' returns on one calendar; raises ``CannotEstimate`` where that cannot be done.

    A day counts where every asset has a return and all share the regressors (after a holiday of one market, lumped
    benchmark returns differ); elsewhere all are NaN, so that weights are fixed and one fit serves all.
    """
    if not batch.has_common_date:
        raise CannotEstimate("the events do not share one date")
    if batch.sample is None:
        raise CannotEstimate("raw returns were not kept")
    if batch.sample.span is not None:
        raise CannotEstimate("trade-to-trade returns span different days and form no portfolio")
    days = batch.days[batch.rows]
    event_days = days[:, batch.columns(batch.spec.event_window)]
    if not (event_days == event_days[0]).all():
        raise CannotEstimate("the event windows hold different sessions")
    calendar, place = _calendar(days)
    y = _on_calendar(batch.sample.y[batch.rows], place, calendar.size)
    x = _on_calendar(batch.sample.x[batch.rows], place, calendar.size)
    complete = np.isfinite(y).all(axis=0) & (x == x[0]).all(axis=(0, 2))
    tau = np.arange(calendar.size) - int(np.searchsorted(calendar, batch.day0[0]))
    estimation = days[:, batch.columns(batch.spec.estimation)]
    first = np.where(estimation < 0, estimation.max(), estimation).min(axis=1).max()
    last = estimation.max(axis=1).min()
    if first > last:
        raise CannotEstimate("the estimation windows of the assets do not overlap")
    return Sample(
        tau=tau,
        y=np.where(complete, y, np.nan),
        x=np.where(complete[:, None], x, np.nan),
        estimation=Window(int(tau[calendar == first][0]), int(tau[calendar == last][0])),
        event_window=batch.spec.event_window,
    )


def _calendar(days: NDArray[np.integer]) -> tuple[NDArray[np.integer], Int64Array]:
    """All days of all rows in order, and the place of every entry of `days` among them."""
    if (days == days[0]).all():
        return days[0], np.broadcast_to(np.arange(days.shape[1]), days.shape)
    calendar, place = np.unique(days, return_inverse=True)
    return calendar, place.reshape(days.shape)


def _on_calendar(values: Float64Array, place: Int64Array, width: int) -> Float64Array:
    """Move the second axis of `values` to the columns `place` of a calendar of `width` days; NaN elsewhere."""
    out = np.full((values.shape[0], width, *values.shape[2:]), np.nan)
    out[np.arange(len(values))[:, None], place] = values
    return out


def _refit(sample: Sample, panel: Panel) -> tuple[Fit, Cumulated]:
    """Fit the study's model to aligned returns and cumulate over the window; raises ``CannotEstimate``."""
    spec = panel.batch.spec
    floor = max(FEWEST_DAYS, panel.batch.fit.theta.shape[1] + 10)
    fit = MODELS[spec.model](sample, replace(spec, min_estimation=min(spec.required_estimation, floor)))
    if fit.reasons[0] is not None:
        raise CannotEstimate(f"on days on which every asset has a return: {fit.reasons[0]}")
    measure = cumulate(fit, abnormal_returns(sample, fit), panel.window, is_log=spec.returns == "log")
    if not np.isfinite(measure.scar).all():
        raise CannotEstimate(f"the window {panel.window.label} holds no day (or no day 0) on which all have a return")
    return fit, measure
