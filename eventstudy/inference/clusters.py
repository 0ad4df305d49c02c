"""Errors clustered by date, by asset, or by both (Cameron, Gelbach & Miller 2011)."""

from __future__ import annotations

import math

import numpy as np

from eventstudy.inference.laws import Details, Hypothesis
from eventstudy.inference.panel import Panel, requires
from eventstudy.records import Float64Array, Inference, Int64Array
from eventstudy.registry.tests import TESTS

ROUNDING = 1e-12

DATE = Hypothesis.of(TESTS["cluster_t"])
FIRM = Hypothesis.of(TESTS["firm_cluster_t"])
TWO_WAY = Hypothesis.of(TESTS["two_way_cluster_t"])


@requires(DATE)
def cluster_t(panel: Panel) -> Inference:
    """Mean CAR with a variance clustered by announcement day, G clusters; t(G - 1)."""
    return _one_way(DATE, panel, panel.batch.day0, "all events share one date: there is a single cluster")


@requires(FIRM)
def firm_cluster_t(panel: Panel) -> Inference:
    """Mean CAR with a variance clustered by asset, G clusters; t(G - 1)."""
    return _one_way(FIRM, panel, panel.batch.firm, "all events are of one asset: there is a single cluster")


@requires(TWO_WAY)
def two_way_cluster_t(panel: Panel) -> Inference:
    """Mean CAR with the variance by date plus that by asset less that by both; t(G - 1), G the fewer clusters."""
    _, date = np.unique(panel.batch.day0, return_inverse=True)
    _, firm = np.unique(panel.batch.firm, return_inverse=True)
    dates, firms = int(date.max()) + 1, int(firm.max()) + 1
    if min(dates, firms) < 2:
        return TWO_WAY.refuse("all events share one date, or one asset: there is a single cluster", panel.n)
    _, both = np.unique(date * firms + firm, return_inverse=True)
    variance = _variance(panel.car, date) + _variance(panel.car, firm) - _variance(panel.car, both)
    if not variance > (ROUNDING * float(np.abs(panel.car).max())) ** 2:
        return TWO_WAY.refuse("the two-way variance is not positive: the clusters are too few", panel.n)
    details = [("date_clusters", dates), ("firm_clusters", firms)]
    return _over_error(TWO_WAY, panel, variance, min(dates, firms) - 1, details)


def _one_way(hypothesis: Hypothesis, panel: Panel, labels: Int64Array, alone: str) -> Inference:
    """Clustered by one label of every event; `alone` is the reason of a single cluster."""
    _, cluster = np.unique(labels, return_inverse=True)
    groups = int(cluster.max()) + 1
    if groups < 2:
        return hypothesis.refuse(alone, panel.n)
    return _over_error(hypothesis, panel, _variance(panel.car, cluster), groups - 1, [("clusters", groups)])


def _variance(car: Float64Array, cluster: Int64Array) -> float:
    """G / (G - 1) N⁻² Σ_g (Σ_i in g (x_i - x̄))², of two clusters or more (CR1)."""
    sums = np.bincount(cluster, car - car.mean())
    return sums.size / (sums.size - 1) * float((sums**2).sum()) / car.size**2


def _over_error(hypothesis: Hypothesis, panel: Panel, variance: float, df: int, details: Details) -> Inference:
    error = math.sqrt(variance)
    is_noise = error <= ROUNDING * float(np.abs(panel.car).max())  # sums of a cluster that cancel out
    statistic = math.nan if is_noise else float(panel.car.mean()) / error
    return hypothesis.symmetric(statistic, df, panel.n, panel.batch.spec.alternative, details=[*details, ("se", error)])
