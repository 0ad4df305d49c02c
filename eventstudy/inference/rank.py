"""Sign and rank tests: no normal distribution assumed (methods.md D10-D13g)."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from eventstudy.inference.batch import Batch, cross_sectional_deviation, run_of
from eventstudy.inference.daily import DailySum, midranks, positive_share
from eventstudy.inference.laws import Details, Hypothesis, binomial_half_p
from eventstudy.inference.panel import Panel, requires
from eventstudy.inference.parametric import SMALLEST_INFLATION, correlation_inflation
from eventstudy.records import Float64Array, Inference, Int64Array
from eventstudy.registry.tests import TESTS

ROUNDING = 1e-12  # what sums of ranks may be off by
NO_SPREAD = "the standardised cumulative abnormal returns do not vary"

SIGN = Hypothesis.of(TESTS["sign_z"])
GENERALIZED_SIGN = Hypothesis.of(TESTS["generalized_sign_z"])
CORRADO = Hypothesis.of(TESTS["corrado_rank_z"])
CZ_RANK = Hypothesis.of(TESTS["corrado_zivney_rank_z"])
CZ_SIGN = Hypothesis.of(TESTS["corrado_zivney_sign_z"])
CZ_RANK_FPC = Hypothesis.of(TESTS["corrado_zivney_rank_fpc_z"])
CZ_SIGN_FPC = Hypothesis.of(TESTS["corrado_zivney_sign_fpc_z"])
COWAN = Hypothesis.of(TESTS["cowan_sign_z"])
GRANK = Hypothesis.of(TESTS["grank_t"])
GRANK_KP = Hypothesis.of(TESTS["grank_kp_t"])
GRANK_Z = Hypothesis.of(TESTS["grank_z"])


@requires(SIGN)
def sign_z(panel: Panel) -> Inference:
    """(w - N/2) / (√N / 2) with w the positive CARs; the exact binomial p is among the details."""
    positive = int((panel.car > 0).sum())
    alternative = panel.batch.spec.alternative
    exact = binomial_half_p(positive, panel.n, alternative)
    return SIGN.symmetric(
        (positive - panel.n / 2) / (math.sqrt(panel.n) / 2),
        math.inf,
        panel.n,
        alternative,
        details=[("positive", positive), ("p_exact", exact)],
    )


@requires(GENERALIZED_SIGN)
def generalized_sign_z(panel: Panel) -> Inference:
    """(w - N p̂) / √(N p̂ (1 - p̂)), p̂ the mean share of positive sums of as many estimation days as the window has."""
    share = np.concatenate(panel.batch.each_block(_shares, panel.n_days))
    return _sign_test(GENERALIZED_SIGN, panel, share, "sums")


def _shares(batch: Batch, block: slice, lengths: Int64Array) -> Float64Array:
    residuals = batch.some(batch.fit.residuals, block)
    if (lengths == lengths[0]).all():
        return positive_share(residuals, int(lengths[0]), batch.loops)
    return np.concatenate(
        [positive_share(residuals[lengths == k], k, batch.loops) for k in np.unique(lengths).tolist()]
    )


def _scaled_ranks(scale: Float64Array, batch: Batch, block: slice) -> Float64Array:
    sar = np.concatenate([batch.estimation_sar(block), batch.some(batch.abnormal.sar, block) * scale], axis=1)
    scores: Float64Array = midranks(sar) / (np.isfinite(sar).sum(axis=1) + 1)[:, None] - 0.5
    return scores


@requires(CORRADO)
def corrado_rank_z(panel: Panel) -> Inference:
    """Rank statistic of abnormal returns over the window, divided by √((T - L) / (T - 1))."""
    return _rank_test(CORRADO, panel, panel.batch.rank_and_sign_sums[0], finite_population=True)


@requires(CZ_RANK)
def corrado_zivney_rank_z(panel: Panel) -> Inference:
    """Rank statistic of standardised abnormal returns, those of event days over their cross-sectional deviation."""
    return _rank_test(CZ_RANK, panel, panel.batch.standardised_rank_sums, finite_population=False)


@requires(CZ_SIGN)
def corrado_zivney_sign_z(panel: Panel) -> Inference:
    """Sign statistic of abnormal returns about each event's median over estimation and event days."""
    return _rank_test(CZ_SIGN, panel, panel.batch.rank_and_sign_sums[1], finite_population=False)


@requires(GRANK)
def grank_t(panel: Panel) -> Inference:
    """Z √((T - 2) / (T - 1 - Z²)) with the window as one cumulative day among T - 1 estimation days; t(T - 2)."""
    return _grank_t(GRANK, panel, panel.cumulative_rank_sums)


@requires(GRANK_KP)
def grank_kp_t(panel: Panel) -> Inference:
    """As ``grank_t``, the standardised CAR scaled by √(1 - r̄) before ranking, for events of one date."""
    if not panel.batch.has_common_date:
        return GRANK_KP.refuse("the events do not share one date", panel.n)
    rbar = panel.correlation.mean
    if correlation_inflation(panel) < SMALLEST_INFLATION or rbar >= 1:
        return GRANK_KP.refuse(f"the mean correlation {rbar:.3f} leaves nothing to scale by", panel.n)
    if not panel.scar_deviation > 0:
        return GRANK_KP.refuse(NO_SPREAD, panel.n)
    scores = panel.batch.cumulative_rank_sums(panel.scar / panel.scar_deviation * math.sqrt(1 - rbar))
    return _grank_t(GRANK_KP, panel, scores, rbar=rbar)


@requires(GRANK_Z)
def grank_z(panel: Panel) -> Inference:
    """Ū_0 √(12 N (T + 1) / (T - 1)), which takes the events as independent."""
    scores = panel.cumulative_rank_sums
    if scores is None:
        return GRANK_Z.refuse(NO_SPREAD, panel.n)
    t = int((scores.count > 0).sum())
    statistic = float(scores.mean[-1]) * math.sqrt(12 * panel.n * (t + 1) / (t - 1))
    return GRANK_Z.symmetric(statistic, math.inf, panel.n, panel.batch.spec.alternative)


@requires(CZ_RANK_FPC)
def corrado_zivney_rank_fpc_z(panel: Panel) -> Inference:
    """As ``corrado_zivney_rank_z``, divided by √((T - L) / (T - 1)); on one date with the deviation over √(1 - r̄).

    Events of one date that are correlated by r̄ scatter by (1 - r̄) σ² about their mean.
    """
    batch = panel.batch
    if not batch.has_common_date:
        return _rank_test(CZ_RANK_FPC, panel, batch.standardised_rank_sums, finite_population=True)
    rbar = panel.correlation.mean
    if rbar >= 1:
        return CZ_RANK_FPC.refuse(f"the mean correlation {rbar:.3f} leaves nothing to scale by", panel.n)
    scale = math.sqrt(1 - rbar) / cross_sectional_deviation(batch.abnormal.sar, run_of(batch.rows))

    scores = batch.daily(partial(_scaled_ranks, scale))
    return _rank_test(CZ_RANK_FPC, panel, scores, finite_population=True, details=[("rbar", rbar)])


@requires(CZ_SIGN_FPC)
def corrado_zivney_sign_fpc_z(panel: Panel) -> Inference:
    """As ``corrado_zivney_sign_z``, divided by √((T - L) / (T - 1))."""
    return _rank_test(CZ_SIGN_FPC, panel, panel.batch.rank_and_sign_sums[1], finite_population=True)


@requires(COWAN)
def cowan_sign_z(panel: Panel) -> Inference:
    """(w - N p̂) / √(N p̂ (1 - p̂)), p̂ the mean share of positive days of the estimation windows (Cowan 1992)."""
    return _sign_test(COWAN, panel, panel.batch.positive_days, "days")


def _sign_test(hypothesis: Hypothesis, panel: Panel, share: Float64Array, what: str) -> Inference:
    """Positive CARs against the mean over events of the `share` of their estimation windows that is positive."""
    phat = float(share[np.isfinite(share)].mean()) if np.isfinite(share).any() else math.nan
    if not 0 < phat < 1:
        return hypothesis.refuse(f"the estimation windows hold no {what} of both signs", panel.n)
    positive = int((panel.car > 0).sum())
    statistic = (positive - panel.n * phat) / math.sqrt(panel.n * phat * (1 - phat))
    details = [("positive", positive), ("phat", phat)]
    return hypothesis.symmetric(statistic, math.inf, panel.n, panel.batch.spec.alternative, details=details)


def _rank_test(
    hypothesis: Hypothesis, panel: Panel, sums: DailySum, *, finite_population: bool, details: Details = ()
) -> Inference:
    """Sum over the window of G_t = N_t^{-1/2} Σ score over √L times the root mean square of G over all T days."""
    present = sums.count > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        g = sums.total / np.sqrt(sums.count)
    window = np.zeros(present.size, dtype=bool)
    window[present.size - panel.batch.abnormal.tau.size :][panel.columns] = True
    window &= present
    length, days = int(window.sum()), int(present.sum())
    scale = math.sqrt(float((g[present] ** 2).mean()) * length)
    if length == 0 or scale == 0:
        return hypothesis.refuse("the scores do not vary over days", panel.n)
    if finite_population:
        scale *= math.sqrt((days - length) / (days - 1))
    statistic = float(g[window].sum()) / scale
    return hypothesis.symmetric(statistic, math.inf, panel.n, panel.batch.spec.alternative, details=details)


def _grank_t(hypothesis: Hypothesis, panel: Panel, scores: DailySum | None, *, rbar: float | None = None) -> Inference:
    if scores is None:
        return hypothesis.refuse(NO_SPREAD, panel.n)
    present = scores.count > 0
    mean, count = scores.mean[present], scores.count[present]
    t = count.size
    scale = math.sqrt(float((count / count[-1] * mean**2).mean()))
    z = float(mean[-1]) / scale if scale > 0 else math.nan
    if not z**2 < (t - 1) * (1 - ROUNDING):
        return hypothesis.refuse("too few estimation days to judge the rank of the window", panel.n)
    details = [("Z", z)] if rbar is None else [("Z", z), ("rbar", rbar)]
    statistic = z * math.sqrt((t - 2) / (t - 1 - z**2))
    return hypothesis.symmetric(statistic, t - 2, panel.n, panel.batch.spec.alternative, details=details)
