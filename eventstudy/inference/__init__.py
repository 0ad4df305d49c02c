"""Tests: every one returns an ``Inference`` with a number, or with the reason why there is none.

``SINGLE_TESTS`` are of one event and asset; ``AGGREGATE_TESTS`` take a ``Panel`` of events. Both are in the order in
which results list them (design 8.1).
"""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.inference import parametric, portfolio, rank, resampling, signed_rank, single
from eventstudy.inference.panel import Panel
from eventstudy.records import Inference

SINGLE_TESTS: dict[str, Callable[..., Inference]] = {
    "t": single.t_test,
    "sample_quantile": single.sample_quantile,
    "placebo": single.placebo,
    "hac_z": single.hac_z,
}

AGGREGATE_TESTS: dict[str, Callable[[Panel], Inference]] = {
    test.__name__: test
    for test in (
        parametric.cross_sectional_t,
        parametric.time_series_z,
        portfolio.crude_dependence_t,
        portfolio.hac_portfolio_z,
        portfolio.portfolio_t,
        parametric.patell_z,
        parametric.adjusted_patell_z,
        parametric.bmp_t,
        parametric.adjusted_bmp_t,
        parametric.skewness_adjusted_t,
        parametric.jackknife_t,
        parametric.cluster_t,
        portfolio.calendar_time_t,
        parametric.precision_weighted_z,
        parametric.random_effects_t,
        portfolio.mvrm_f,
        rank.sign_z,
        rank.generalized_sign_z,
        rank.corrado_rank_z,
        rank.corrado_zivney_rank_z,
        rank.corrado_zivney_sign_z,
        rank.grank_t,
        rank.grank_kp_t,
        rank.grank_z,
        signed_rank.wilcoxon,
        resampling.sign_flip,
        resampling.bootstrap_t,
        resampling.wild_bootstrap_t,
        resampling.placebo,
        resampling.max_t_placebo,
    )
}

# Of the assets of one event: each alone, and together.
EVENT_TESTS = (*SINGLE_TESTS, "portfolio_t", "max_t_placebo")
