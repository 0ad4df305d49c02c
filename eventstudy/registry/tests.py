"""Tests: what each says before it has seen data, when it holds, and where its code is.

A test of another distribution is a `SignificanceTest` too, named by an entry point of the group ``eventstudy.tests``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from eventstudy.registry import Registry, load

if TYPE_CHECKING:
    from eventstudy.records import Inference

NO_REACTION = "the cumulative abnormal return is zero"
NO_MEAN = "the mean cumulative abnormal return is zero"
NO_STANDARDISED_MEAN = "the mean standardised cumulative abnormal return is zero"
LIKE_SINGLE_DAYS = "standardised cumulative abnormal returns rank like single days of the estimation window"
WITHIN_DATE = "any correlation between events of one date"
REGIME = "any correlation, tails and skewness, in the volatility regime of the placebo dates"

NORMAL_APPROXIMATION = 10
# Fewest events whose dispersion on the event day is estimated well enough: with 5 a nominal 5 % test rejects some
# 12 % of the time, with 20 some 7 % (docs/validation.md).
DISPERSION = 30
ASSETS_TOGETHER = ("portfolio_t", "max_t_placebo")  # also computed over the assets of one event
SKEWNESS = 50  # fewest events whose skewness is more than noise
RANKS = 3  # with fewer events a sum of ranks or signs can hardly reject at all
SIGN_RESOLUTION = 6  # with fewer events no assignment of signs gives p ≤ 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SignificanceTest:
    """One test, of a single event, of a group of events, or of both.

    Attributes
    ----------
    name, null, source : str
        Contract name, the null hypothesis in a sentence, and the citation.
    law : str
        Law of the statistic under the null; ``t`` becomes ``normal`` where its degrees of freedom are infinite.
    words : str
        What a page calls it; its name where empty.
    is_move : bool
        Its statistic is the abnormal move itself.
    event, events, group : str
        Its code as ``module:function``; empty where there is none. From an ``EventWindow``, or, of many events at once,
        from ``EventWindows``, one inference each; and from a ``Panel``.
    fewest : int
        Events of a group without which it has no number.
    holds_for : str
        What a group has to be like for it to be valid.
    valid_from : int
        Fewest events of a group for which it is.
    needs : tuple of str
        Functions of `eventstudy.inference.validity` that may object to a design.
    rank : int
        Place among the tests that a summary shows, 0 for none: exact or robust before powerful, one of a family.
    is_resampled, needs_placebos : bool
        Its law is made from the data; by estimating again on placebo dates.
    reads : {"rows", "sums", "dates", "returns"}
        What it takes of a group whose parts are with several workers: the numbers of each event; sums over blocks of
        events; sums over the events of each date; or the raw returns of all.
    """

    name: str
    null: str
    law: str
    source: str
    words: str = ""
    is_move: bool = False
    event: str = ""
    events: str = ""
    group: str = ""
    fewest: int = 2
    holds_for: str = ""
    valid_from: int = 2
    needs: tuple[str, ...] = ()
    rank: int = 0
    is_resampled: bool = False
    needs_placebos: bool = False
    reads: Literal["rows", "sums", "dates", "returns"] = "rows"

    @property
    def is_of_events(self) -> bool:
        """Whether there is one of a single event."""
        return bool(self.event or self.events)

    def of_events(self, events: Any) -> list[Inference]:
        """Compute it for each of the events of an ``EventWindows``."""
        if self.events:
            found: list[Inference] = load(self.events)(events)
            return found
        return [load(self.event)(event) for event in events.one_by_one()]

    def of_group(self, panel: Any) -> Inference:
        """Compute it for the events of a ``Panel``."""
        found: Inference = load(self.group)(panel)
        return found


TESTS: Registry[SignificanceTest] = Registry(
    "test",
    SignificanceTest,
    SignificanceTest(
        name="t",
        words="t test, exact forecast variance",
        null=NO_REACTION,
        law="t",
        source="Campbell, Lo & MacKinlay 1997, ch. 4; exact forecast variance",
        events="eventstudy.inference.single:t_of",
    ),
    SignificanceTest(
        name="sample_quantile",
        words="Sample quantile of the residuals",
        is_move=True,
        null="the cumulative abnormal return is an ordinary draw from the estimation window",
        law="empirical",
        source="Gelbach, Helland & Klick 2013",
        events="eventstudy.inference.single:sample_quantile_of",
    ),
    SignificanceTest(
        name="hac_z",
        words="Robust to serial correlation (Newey-West)",
        null=NO_REACTION,
        law="normal",
        source="Newey & West 1987",
        events="eventstudy.inference.single:hac_z_of",
    ),
    SignificanceTest(
        name="cross_sectional_t",
        null=NO_MEAN,
        law="t",
        source="Brown & Warner 1980, cross-sectional form",
        group="eventstudy.inference.parametric:cross_sectional_t",
        holds_for="independent events; a rise in variance is allowed for",
        valid_from=2,
        needs=("independent",),
        rank=7,
    ),
    SignificanceTest(
        name="time_series_z",
        null=NO_MEAN,
        law="normal",
        source="MacKinlay 1997, eq. 19-20",
        group="eventstudy.inference.parametric:time_series_z",
        fewest=1,
        holds_for="independent events, no rise in variance",
        valid_from=1,
        needs=("independent", "stable_variance"),
    ),
    SignificanceTest(
        name="doubled_variance_t",
        null=NO_REACTION,
        law="t",
        source="Campbell, Lo & MacKinlay 1997, ch. 4; exact forecast variance, doubled",
        group="eventstudy.inference.parametric:doubled_variance_t",
        fewest=1,
        holds_for="one event; allows for a variance up to doubled, not more",
        valid_from=1,
        rank=13,
    ),
    SignificanceTest(
        name="crude_dependence_t",
        null=NO_MEAN,
        law="t",
        source="Brown & Warner 1980, crude dependence adjustment",
        group="eventstudy.inference.portfolio:crude_dependence_t",
        fewest=1,
        holds_for=f"{WITHIN_DATE}, short windows; no rise in variance",
        valid_from=1,
        needs=("dates_apart", "stable_variance", "very_short_window"),
        reads="sums",
    ),
    SignificanceTest(
        name="crude_dependence_long_t",
        null=NO_MEAN,
        law="t",
        source="Brown & Warner 1980, with the error of the fitted model, √(1 + L / M)",
        group="eventstudy.inference.portfolio:crude_dependence_long_t",
        fewest=1,
        holds_for=f"{WITHIN_DATE}, windows of any length; no rise in variance",
        valid_from=1,
        needs=("dates_apart", "stable_variance"),
        reads="sums",
    ),
    SignificanceTest(
        name="hac_portfolio_z",
        null=NO_MEAN,
        law="normal",
        source="Newey & West 1987, Bartlett, 4 lags",
        group="eventstudy.inference.portfolio:hac_portfolio_z",
        fewest=1,
        holds_for=f"{WITHIN_DATE}, serial correlation, short windows and long estimation",
        valid_from=1,
        needs=("dates_apart", "stable_variance", "long_estimation", "very_short_window"),
        reads="sums",
    ),
    SignificanceTest(
        name="hac_portfolio_long_z",
        null=NO_MEAN,
        law="normal",
        source="Newey & West 1987, Bartlett, 4 lags, with the error of the fitted model, √(1 + L / M)",
        group="eventstudy.inference.portfolio:hac_portfolio_long_z",
        fewest=1,
        holds_for=f"{WITHIN_DATE}, serial correlation, windows of any length and long estimation",
        valid_from=1,
        needs=("dates_apart", "stable_variance", "long_estimation"),
        reads="sums",
    ),
    SignificanceTest(
        name="portfolio_t",
        words="Equal-weight portfolio of the assets, as quoted",
        null="the cumulative abnormal return of the equal-weight portfolio, simple returns, is zero",
        law="t",
        source="Jaffe 1974; Binder 1985 (average of the multivariate regression)",
        group="eventstudy.inference.portfolio:portfolio_t",
        fewest=1,
        holds_for="exact under any correlation between the assets; no rise in variance",
        valid_from=1,
        needs=("common_date", "stable_variance"),
        rank=1,
        reads="returns",
    ),
    SignificanceTest(
        name="patell_z",
        null=NO_STANDARDISED_MEAN,
        law="normal",
        source="Patell 1976",
        group="eventstudy.inference.parametric:patell_z",
        fewest=1,
        holds_for="independent events, no rise in variance",
        valid_from=1,
        needs=("independent", "stable_variance"),
    ),
    SignificanceTest(
        name="adjusted_patell_z",
        null=NO_STANDARDISED_MEAN,
        law="normal",
        source="Kolari & Pynnönen 2010",
        group="eventstudy.inference.parametric:adjusted_patell_z",
        holds_for="corrected for correlation; no rise in variance",
        valid_from=2,
        needs=("stable_variance",),
        reads="dates",
    ),
    SignificanceTest(
        name="bmp_t",
        null=NO_STANDARDISED_MEAN,
        law="t",
        source="Boehmer, Musumeci & Poulsen 1991",
        group="eventstudy.inference.parametric:bmp_t",
        holds_for="independent events; a rise in variance is allowed for",
        valid_from=2,
        needs=("independent",),
        rank=6,
    ),
    SignificanceTest(
        name="adjusted_bmp_t",
        null=NO_STANDARDISED_MEAN,
        law="t",
        source="Kolari & Pynnönen 2010",
        group="eventstudy.inference.parametric:adjusted_bmp_t",
        holds_for="corrected for correlation; a proportional rise in variance is allowed for",
        valid_from=2,
        rank=2,
        reads="dates",
    ),
    SignificanceTest(
        name="skewness_adjusted_t",
        null=NO_MEAN,
        law="normal",
        source="Hall 1992",
        group="eventstudy.inference.parametric:skewness_adjusted_t",
        fewest=3,
        holds_for="independent events, skewed, with light tails: fat ones inflate it",
        valid_from=SKEWNESS,
        needs=("independent", "light_tails"),
    ),
    SignificanceTest(
        name="jackknife_t",
        null=NO_STANDARDISED_MEAN,
        law="t",
        source="after Giaccotto & Sfiridis 1996",
        group="eventstudy.inference.parametric:jackknife_t",
        fewest=3,
        holds_for="independent events; conservative",
        valid_from=NORMAL_APPROXIMATION,
        needs=("independent",),
    ),
    SignificanceTest(
        name="cluster_t",
        null=NO_MEAN,
        law="t",
        source="cluster-robust variance (CR1), clusters = event dates",
        group="eventstudy.inference.clusters:cluster_t",
        holds_for=f"{WITHIN_DATE}, a rise in variance",
        valid_from=2,
        needs=("clusters", "dates_apart"),
        rank=4,
    ),
    SignificanceTest(
        name="firm_cluster_t",
        null=NO_MEAN,
        law="t",
        source="cluster-robust variance (CR1), clusters = assets; Cameron, Gelbach & Miller 2011",
        group="eventstudy.inference.clusters:firm_cluster_t",
        holds_for="independent assets, of which each may have many events; a rise in variance",
        valid_from=2,
        needs=("firm_clusters", "independent"),
    ),
    SignificanceTest(
        name="two_way_cluster_t",
        null=NO_MEAN,
        law="t",
        source="clusters = event dates and assets; Cameron, Gelbach & Miller 2011",
        group="eventstudy.inference.clusters:two_way_cluster_t",
        holds_for="any correlation between events of one date, and of one asset; a rise in variance",
        valid_from=2,
        needs=("clusters", "firm_clusters", "dates_apart"),
    ),
    SignificanceTest(
        name="calendar_time_t",
        null="the mean daily abnormal return of the calendar-time portfolio is zero",
        law="t",
        source="Jaffe 1974; Mandelker 1974; Fama 1998",
        group="eventstudy.inference.portfolio:calendar_time_t",
        fewest=1,
        holds_for="overlapping windows and correlation within a day are allowed for; short windows",
        valid_from=1,
        needs=("periods", "short_window"),
        rank=5,
    ),
    SignificanceTest(
        name="precision_weighted_z",
        null="the precision-weighted mean cumulative abnormal return is zero",
        law="normal",
        source="inverse-variance weighting, methods C6",
        group="eventstudy.inference.parametric:precision_weighted_z",
        fewest=1,
        holds_for="independent events, light tails, no rise in variance",
        valid_from=1,
        needs=("independent", "stable_variance", "light_days"),
    ),
    SignificanceTest(
        name="random_effects_t",
        null="the mean of the events' true effects is zero",
        law="t",
        source="DerSimonian & Laird 1986; Hartung & Knapp 2001, Sidik & Jonkman 2002",
        group="eventstudy.inference.parametric:random_effects_t",
        holds_for="independent events; effects may differ",
        valid_from=2,
        needs=("independent",),
    ),
    SignificanceTest(
        name="mvrm_f",
        null="the cumulative abnormal return of every asset is zero",
        law="F",
        source="Schipper & Thompson 1983; Binder 1985",
        group="eventstudy.inference.portfolio:mvrm_f",
        fewest=1,
        holds_for="exact under any correlation; normal returns, no rise in variance",
        valid_from=1,
        needs=("common_date", "stable_variance", "light_days"),
        reads="returns",
    ),
    SignificanceTest(
        name="sign_z",
        null="a positive cumulative abnormal return is as likely as a negative one",
        law="normal",
        source="Brown & Warner 1980",
        group="eventstudy.inference.rank:sign_z",
        fewest=1,
        holds_for="independent events, symmetric returns",
        valid_from=NORMAL_APPROXIMATION,
        needs=("independent",),
    ),
    SignificanceTest(
        name="generalized_sign_z",
        null="cumulative abnormal returns are as often positive as in the estimation window",
        law="normal",
        source="Cowan 1992",
        group="eventstudy.inference.rank:generalized_sign_z",
        fewest=1,
        holds_for="independent events; skewness is allowed for",
        valid_from=NORMAL_APPROXIMATION,
        needs=("independent", "short_window"),
        rank=9,
        reads="sums",
    ),
    SignificanceTest(
        name="cowan_sign_z",
        null="cumulative abnormal returns are as often positive as the single days of the estimation window",
        law="normal",
        source="Cowan 1992, as published: p̂ from single days",
        group="eventstudy.inference.rank:cowan_sign_z",
        fewest=1,
        holds_for="independent events; skewness is allowed for in windows of one day",
        valid_from=NORMAL_APPROXIMATION,
        needs=("independent",),
        reads="sums",
    ),
    SignificanceTest(
        name="corrado_rank_z",
        null="abnormal returns of the window rank like those of other days",
        law="normal",
        source="Corrado 1989; Cowan 1992; finite-population factor",
        group="eventstudy.inference.rank:corrado_rank_z",
        fewest=1,
        holds_for=f"{WITHIN_DATE}, fat tails; no rise in variance",
        valid_from=RANKS,
        needs=("dates_apart", "stable_variance"),
        reads="sums",
    ),
    SignificanceTest(
        name="corrado_zivney_rank_z",
        null="standardised abnormal returns of the window rank like those of other days",
        law="normal",
        source="Corrado & Zivney 1992",
        group="eventstudy.inference.rank:corrado_zivney_rank_z",
        holds_for="several dates apart, fat tails, a rise in variance; short windows",
        valid_from=DISPERSION,
        needs=("several_dates", "dates_apart", "short_window"),
        rank=10,
        reads="sums",
    ),
    SignificanceTest(
        name="corrado_zivney_rank_fpc_z",
        null="standardised abnormal returns of the window rank like those of other days",
        law="normal",
        source="Corrado & Zivney 1992; finite-population factor, and √(1 - r̄) on one date",
        group="eventstudy.inference.rank:corrado_zivney_rank_fpc_z",
        holds_for=f"{WITHIN_DATE}, fat tails, a rise in variance, windows of any length",
        valid_from=DISPERSION,
        needs=("dates_apart",),
        reads="dates",
    ),
    SignificanceTest(
        name="corrado_zivney_sign_z",
        null="abnormal returns of the window lie above the median as often as below",
        law="normal",
        source="Corrado & Zivney 1992",
        group="eventstudy.inference.rank:corrado_zivney_sign_z",
        fewest=1,
        holds_for=f"{WITHIN_DATE}, fat tails, skewness; short windows",
        valid_from=RANKS,
        needs=("dates_apart", "short_window"),
        reads="sums",
    ),
    SignificanceTest(
        name="corrado_zivney_sign_fpc_z",
        null="abnormal returns of the window lie above the median as often as below",
        law="normal",
        source="Corrado & Zivney 1992; finite-population factor",
        group="eventstudy.inference.rank:corrado_zivney_sign_fpc_z",
        fewest=1,
        holds_for=f"{WITHIN_DATE}, fat tails, skewness, windows of any length",
        valid_from=RANKS,
        needs=("dates_apart",),
        reads="sums",
    ),
    SignificanceTest(
        name="grank_t",
        null=LIKE_SINGLE_DAYS,
        law="t",
        source="Kolari & Pynnönen 2011",
        group="eventstudy.inference.rank:grank_t",
        holds_for="several dates apart, fat tails, a rise in variance",
        valid_from=DISPERSION,
        needs=("several_dates", "dates_apart", "shaped_like_days"),
        rank=11,
        reads="sums",
    ),
    SignificanceTest(
        name="grank_kp_t",
        null=LIKE_SINGLE_DAYS,
        law="t",
        source="Kolari & Pynnönen 2011, scaled by √(1 - r̄) for a common date",
        group="eventstudy.inference.rank:grank_kp_t",
        holds_for="one date, any correlation, fat tails, a proportional rise in variance",
        valid_from=DISPERSION,
        needs=("common_date", "shaped_like_days"),
        rank=12,
        reads="dates",
    ),
    SignificanceTest(
        name="grank_z",
        null=LIKE_SINGLE_DAYS,
        law="normal",
        source="Kolari & Pynnönen 2011, independent events",
        group="eventstudy.inference.rank:grank_z",
        holds_for="independent events, fat tails",
        valid_from=DISPERSION,
        needs=("independent", "shaped_like_days"),
        reads="sums",
    ),
    SignificanceTest(
        name="wilcoxon",
        null="cumulative abnormal returns are symmetric about zero",
        law="exact",
        source="Wilcoxon 1945",
        group="eventstudy.inference.signed_rank:wilcoxon",
        fewest=1,
        holds_for="independent events, symmetric returns",
        valid_from=SIGN_RESOLUTION,
        needs=("independent",),
    ),
    SignificanceTest(
        name="sign_flip",
        null="standardised cumulative abnormal returns are independent and symmetric about zero",
        law="exact",
        source="Fisher 1935; randomisation of signs",
        group="eventstudy.inference.resampling:sign_flip",
        holds_for="independent events, symmetric returns",
        valid_from=SIGN_RESOLUTION,
        needs=("independent",),
        is_resampled=True,
    ),
    SignificanceTest(
        name="bootstrap_t",
        null=NO_STANDARDISED_MEAN,
        law="bootstrap",
        source="Efron & Tibshirani 1993, bootstrap-t over events",
        group="eventstudy.inference.resampling:bootstrap_t",
        fewest=3,
        holds_for="independent events, any shape",
        valid_from=NORMAL_APPROXIMATION,
        needs=("independent",),
        is_resampled=True,
    ),
    SignificanceTest(
        name="wild_bootstrap_t",
        null=NO_STANDARDISED_MEAN,
        law="bootstrap",
        source="Liu 1988; Rademacher signs on centred values",
        group="eventstudy.inference.resampling:wild_bootstrap_t",
        fewest=3,
        holds_for="independent events, a rise in variance",
        valid_from=NORMAL_APPROXIMATION,
        needs=("independent",),
        is_resampled=True,
    ),
    SignificanceTest(
        name="placebo",
        words="Placebo days",
        is_move=True,
        null="the announcement date is like any other date",
        law="empirical",
        source="randomisation over time; Brown & Warner 1985 design",
        events="eventstudy.inference.single:placebo_of",
        group="eventstudy.inference.resampling:placebo",
        fewest=1,
        holds_for=REGIME,
        valid_from=1,
        needs=("placebo_dates", "placebo_windows", "stable_variance"),
        rank=8,
        is_resampled=True,
        needs_placebos=True,
    ),
    SignificanceTest(
        name="max_t_placebo",
        words="Largest |t| of all assets, against placebo days",
        null="no asset reacted: the announcement date is like any other date for all of them",
        law="empirical",
        source="Westfall & Young 1993, single step, over placebo dates",
        group="eventstudy.inference.resampling:max_t_placebo",
        fewest=1,
        holds_for=REGIME,
        valid_from=1,
        needs=("placebo_dates", "placebo_windows", "stable_variance", "steady_variance"),
        rank=3,
        is_resampled=True,
        needs_placebos=True,
    ),
)


def event_tests() -> dict[str, SignificanceTest]:
    """Tests of one event, in the order in which results list them."""
    return {name: test for name, test in TESTS.items() if test.is_of_events}


def group_tests() -> dict[str, SignificanceTest]:
    """Tests of a group of events, in the order in which results list them."""
    return {name: test for name, test in TESTS.items() if test.group}


def recommended() -> tuple[str, ...]:
    """Names of the tests of which a summary shows the first valid ones."""
    ranked = [test for test in TESTS.values() if test.rank]
    return tuple(test.name for test in sorted(ranked, key=lambda test: test.rank))
