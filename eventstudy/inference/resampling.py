"""Tests whose null law is made from the data: sign flips, bootstraps, placebo dates (methods.md D14, D18, D19).

Draws depend on the seed and on the number of events only, never on how the work is split.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from eventstudy.inference import single
from eventstudy.inference.laws import Hypothesis, empirical_p, exceedances
from eventstudy.inference.panel import Panel, requires
from eventstudy.inference.parametric import mean_over_error
from eventstudy.records import Float64Array, Inference
from eventstudy.registry.tests import TESTS
from eventstudy.sums import row_dot

SIGN_FLIP_EXACT = 14  # events up to which all 2^N assignments are enumerated
DRAWN_AT_ONCE = 200_000  # values, which stay in cache
EIGHTS_AT_ONCE = 64  # groups of eight events whose signs are drawn together

SIGN_FLIP = Hypothesis.of(TESTS["sign_flip"])
BOOTSTRAP = Hypothesis.of(TESTS["bootstrap_t"])
WILD = Hypothesis.of(TESTS["wild_bootstrap_t"])


@requires(SIGN_FLIP)
def sign_flip(panel: Panel) -> Inference:
    """Mean SCAR among the means under all assignments of signs (up to 14 events), else under random ones."""
    s, spec = panel.scar, panel.batch.spec
    observed = float(s.mean())
    if panel.n <= SIGN_FLIP_EXACT:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=panel.n)))
        p = int(exceedances(signs @ s / panel.n, observed, spec.alternative)) / len(signs)
        return SIGN_FLIP.report(observed, p, panel.n, details=[("assignments", len(signs))])
    draws = signed_sums(s, spec.draws, spec.seed) / panel.n
    return SIGN_FLIP.report(
        observed, empirical_p(draws, observed, spec.alternative), panel.n, details=[("draws", draws.size)]
    )


@requires(BOOTSTRAP)
def bootstrap_t(panel: Panel) -> Inference:
    """Studentised mean SCAR among that of resampled events about the sample mean.

    The details hold the 1 - alpha bootstrap-t interval of the mean SCAR.
    """
    rng = np.random.default_rng(panel.batch.spec.seed)
    s, n = panel.scar, panel.n
    draws = []
    for size in _batches(panel):
        drawn = s[rng.integers(0, n, size=(size, n))]
        draws.append(_studentised(drawn.sum(axis=1), row_dot(drawn, drawn), n, float(s.mean())))
    return _bootstrap(BOOTSTRAP, panel, np.concatenate(draws))


@requires(WILD)
def wild_bootstrap_t(panel: Panel) -> Inference:
    """Studentised mean SCAR among that of centred SCARs with random signs."""
    centred = panel.scar - panel.scar.mean()
    square = np.full(1, float((centred * centred).sum()))  # signs leave squares as they are
    sums = signed_sums(centred, panel.batch.spec.draws, panel.batch.spec.seed)
    return _bootstrap(WILD, panel, _studentised(sums, square, panel.n, 0.0))


def placebo(panel: Panel) -> Inference:
    """CAAR among the CAARs re-estimated at placebo dates; any correlation, tails and skewness."""
    if panel.n == 0 or panel.placebo is None:
        return single.PLACEBO.refuse("no placebo dates were estimated for this group and window", panel.n)
    car = panel.placebo.car
    present = np.isfinite(car)
    full = present.mean(axis=1) >= 1 - single.MISSING_SHARE
    means = np.where(present, car, 0.0).sum(axis=1)[full] / present.sum(axis=1)[full]
    (found,) = single.placebo(np.array([panel.car.mean()]), means[None], panel.batch.spec.alternative, n=panel.n)
    return found


def max_t_placebo(panel: Panel) -> Inference:
    """Largest |SCAR| among the events against its largest value at placebo dates."""
    if panel.n == 0 or panel.placebo is None:
        return single.MAX_T.refuse("no placebo dates were estimated for this group and window", panel.n)
    if panel.batch.spec.alternative != "two-sided":
        return single.MAX_T.refuse("the joint test is two-sided only", panel.n)
    (joint,), _ = single.max_t_placebo(panel.scar[None], panel.placebo.scar[None])
    return joint


def _batches(panel: Panel) -> Iterator[int]:
    """How many draws to make at a time; they add up to ``spec.draws``."""
    left = panel.batch.spec.draws
    while left > 0:
        size = min(left, max(1, DRAWN_AT_ONCE // panel.n))
        left -= size
        yield size


def signed_sums(values: Float64Array, draws: int, seed: int) -> Float64Array:
    """Sums of `values` under random signs; shape (draws,).

    Eight signs are one random byte, and the 256 sums that eight values can have are looked up.
    """
    rng = np.random.default_rng(seed)
    eights = np.append(values, np.zeros(-values.size % 8)).reshape(-1, 8)
    patterns = 2.0 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float64) - 1.0
    out = np.zeros(draws)
    for start in range(0, len(eights), EIGHTS_AT_ONCE):
        sums = eights[start : start + EIGHTS_AT_ONCE] @ patterns.T
        pattern = rng.integers(0, 256, size=(draws, len(sums)), dtype=np.uint8)
        out += sums.take(pattern + 256 * np.arange(len(sums))).sum(axis=1)
    return out


def _studentised(total: Float64Array, square: Float64Array, n: int, centre: float) -> Float64Array:
    """(mean - centre) / (sd / √n) of n values from their sum and sum of squares; infinite where they do not vary."""
    mean = total / n
    variance = np.maximum(square - n * mean**2, 0.0) / (n - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = (mean - centre) / np.sqrt(variance / n)
    return np.where(np.isnan(t), 0.0, t)


def _bootstrap(hypothesis: Hypothesis, panel: Panel, draws: Float64Array) -> Inference:
    """Judge the observed t among `draws`; the interval runs from mean - t*(1 - alpha/2) se to mean - t*(alpha/2) se."""
    spec, n = panel.batch.spec, panel.n
    observed = mean_over_error(panel.scar)
    if math.isnan(observed):
        return hypothesis.refuse("the standardised cumulative abnormal returns do not vary", n)
    mean, se = float(panel.scar.mean()), float(panel.scar.std(ddof=1)) / math.sqrt(n)
    low, high = np.quantile(draws, [spec.alpha / 2, 1 - spec.alpha / 2], method="inverted_cdf")
    details = [("ci_low", mean - high * se), ("ci_high", mean - low * se), ("draws", draws.size)]
    return hypothesis.report(observed, empirical_p(draws, observed, spec.alternative), n, details=details)
