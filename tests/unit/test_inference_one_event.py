"""One event cannot show that the variance rose at it: what is then called valid, how often it errs, how it is told."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import eventstudy as es
from eventstudy.inference.panel import Panel
from eventstudy.inference.validity import validity, with_number
from eventstudy.registry.tests import TESTS, group_tests
from eventstudy.report.looked import of_study
from eventstudy.report.study.answer import answer
from eventstudy.report.study.page import render_study
from tests.support.panels import panels

M = 60
SPEC = es.StudySpec(
    returns="simple", estimation=(-M, -1), event_window=(0, 2), windows=[(0, 0), (0, 2)], model="constant-mean"
)
DOUBLED = TESTS["doubled_variance_t"]


def one(y: np.ndarray, x: np.ndarray | None = None, spec: es.StudySpec = SPEC, position: int = 0) -> Panel:
    return panels(y[None, :], np.empty((y.size, 0)) if x is None else x, spec)[position]


def share_rejected(rise: float, length: int) -> float:
    """Closed form: the CAR is normal with variance σ²(rise · L + L² / M), and is held against s²(L + L² / M)."""
    critical = stats.t.ppf(0.975, M - 1) * math.sqrt(2)
    true, believed = rise * length + length**2 / M, length + length**2 / M
    return float(2 * stats.t.sf(critical * math.sqrt(believed / true), M - 1))


# --- how often it rejects a true null --------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 3])
def test_it_keeps_its_level_whatever_the_rise_up_to_twice(length: int) -> None:
    shares = [share_rejected(rise, length) for rise in np.linspace(0.5, 2, 16)]
    assert max(shares) == shares[-1] <= 0.05
    assert shares[-1] > 0.045
    assert 0.005 < share_rejected(1, length) < 0.01, "conservative where nothing rose"
    assert share_rejected(3, length) > 0.09, "what more than doubled is not allowed for"


@pytest.mark.long
@pytest.mark.parametrize(("rise", "position"), [(1, 0), (2, 0), (2, 1), (4, 0)])
def test_studies_of_one_event_reject_as_often_as_the_closed_form_says(rise: float, position: int) -> None:
    draws = 4000
    y = np.random.default_rng(3).normal(0.001, 0.02, (draws, M + 3))
    y[:, M:] = 0.001 + (y[:, M:] - 0.001) * math.sqrt(rise)
    found = [DOUBLED.of_group(one(row, position=position)).p_value for row in y]
    wanted = share_rejected(rise, (1, 3)[position])
    assert np.mean([p is not None and p <= 0.05 for p in found]) == pytest.approx(
        wanted, abs=4 * math.sqrt(wanted * (1 - wanted) / draws)
    )


# --- the number -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_it_is_the_forecast_of_statsmodels_with_its_variance_doubled(alternative: str) -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(0, 0.01, (M + 3, 1))
    y = 0.0002 + 1.3 * x[:, 0] + rng.normal(0, 0.02, M + 3)
    spec = dataclasses.replace(SPEC, model="market", alternative=alternative)
    found = DOUBLED.of_group(one(y, x, spec))
    fitted = sm.OLS(y[:M], sm.add_constant(x[:M])).fit()
    forecast = fitted.get_prediction(sm.add_constant(x, has_constant="add")[M : M + 1])
    t = float((y[M] - forecast.predicted_mean[0]) / np.sqrt(forecast.var_pred_mean[0] + fitted.scale))
    p = {"two-sided": lambda t: 2 * stats.t.sf(abs(t), M - 2), "greater": lambda t: stats.t.sf(t, M - 2)}
    p["less"] = lambda t: stats.t.cdf(t, M - 2)
    told = dict(found.details)
    assert (found.df, found.n, found.reason) == (M - 2, 1, None)
    assert (found.statistic, found.p_value) == pytest.approx((t / math.sqrt(2), p[alternative](t / math.sqrt(2))))
    assert (told["t"], told["t_p_value"]) == pytest.approx((t, p[alternative](t)))


@given(move=st.floats(-0.2, 0.2), seed=st.integers(0, 99))
def test_it_never_says_more_than_t(move: float, seed: int) -> None:
    y = np.random.default_rng(seed).normal(0, 0.02, M + 3)
    y[M] = move
    found = DOUBLED.of_group(one(y))
    told = dict(found.details)
    assert found.p_value is not None
    assert told["t_p_value"] <= found.p_value <= 1
    assert np.sign(found.statistic) == np.sign(told["t"])


def test_of_several_events_it_has_no_number() -> None:
    y = np.random.default_rng(0).normal(size=(2, M + 3))
    found = DOUBLED.of_group(panels(y, np.empty((M + 3, 0)), SPEC)[0])
    assert (found.p_value, found.reason) == (None, "2 events, the test is of one by itself")


# --- what is called valid, and what is told ---------------------------------------------------------------------------


def test_of_one_event_nothing_holds_that_takes_the_variance_from_the_estimation_window() -> None:
    panel = one(np.random.default_rng(0).normal(size=M + 3))
    judged = [with_number(found, TESTS[found.name].of_group(panel)) for found in validity(panel)]
    assert [found.name for found in judged if found.is_valid] == ["doubled_variance_t"]
    for found in judged:
        if "stable_variance" in TESTS[found.name].needs and found.name in ("patell_z", "time_series_z", "portfolio_t"):
            assert "one event is too few to show whether it rose" in found.reason


def test_a_long_window_has_a_variance_of_its_own() -> None:
    """Over 21 days `calendar_time_t` takes the variance from the window, so it holds whatever the rise."""
    spec = dataclasses.replace(SPEC, estimation=(-240, -1), event_window=(0, 20), windows=[(0, 20)])
    panel = one(np.random.default_rng(0).normal(size=261), spec=spec)
    valid = [found.name for found in validity(panel) if found.is_valid]
    assert valid == ["doubled_variance_t", "calendar_time_t"]


def study(move: float) -> es.StudyResult:
    rng = np.random.default_rng(5)
    dates = pd.bdate_range("2020-01-01", periods=400)
    market, own = rng.normal(0, 0.01, 400), rng.normal(0, 0.01, 400)
    own[300] = move
    returns = pd.DataFrame({"date": dates, "MKT": market, "AAA": market + own})
    events = pd.DataFrame({"event_id": ["e1"], "asset": ["AAA"], "date": [dates[300]]})
    spec = es.StudySpec(returns="simple", event_window=(-2, 2), windows=[(0, 0)])
    return es.run_study(returns, events, spec, benchmark="MKT", values="returns")


@pytest.mark.parametrize(("move", "verdict"), [(0.0, "none"), (0.024, "none"), (0.035, "moderate"), (0.08, "strong")])
def test_the_conclusion_is_the_careful_one_and_t_stands_beside_it(move: float, verdict: str) -> None:
    result = study(move)
    document = result.to_dict()
    (t,) = (test for test in document["events"][0]["windows"][0]["tests"] if test["name"] == "t")
    careful = 2 * stats.t.sf(abs(t["statistic"]) / math.sqrt(2), t["df"])
    found, sentences = answer(document)
    assert found == verdict == ("strong" if careful <= 0.01 else "moderate" if careful <= 0.05 else "none")
    said = " ".join(sentences).replace("\u2212", "-").replace("\u00a0", " ")
    assert f"(t = {t['statistic'] / math.sqrt(2):.2f}, p" in said
    assert f"did not rise at the event, which one event cannot show: t = {t['statistic']:.2f}, p" in said
    assert ("That t finds a reaction of" in said) == (verdict == "none")
    looked = dict(of_study(document))
    assert "which t finds four times out of five if the variance did not rise" in looked["What could not be seen"]
    car, needed = abs(t["statistic"]), stats.t.ppf(0.975, t["df"]) * math.sqrt(2)
    size = f"{100 * needed * document['events'][0]['windows'][0]['car_se']:.2f}"
    told = "A mean more than {}" if car < needed else "A mean nearer than {}"
    assert looked["What would change the verdict"].startswith(told.format(size))
    lines = result.summary().splitlines()
    (at,) = (i for i, line in enumerate(lines) if "doubled_variance_t" in line)
    assert lines[at + 1].split("before")[1].split()[0] == f"{t['statistic']:.3f}"
    assert "which one event cannot show" in render_study(document)


def test_every_test_that_needs_the_old_variance_is_asked_for_it() -> None:
    """By their own formulas: which take s² of the estimation window, or its residuals, for the day of the event."""
    of_the_window = {
        "time_series_z", "crude_dependence_t", "crude_dependence_long_t", "hac_portfolio_z", "hac_portfolio_long_z",
        "portfolio_t", "patell_z", "adjusted_patell_z", "precision_weighted_z", "mvrm_f", "corrado_rank_z", "placebo",
        "max_t_placebo",
    }  # fmt: skip
    assert {name for name, test in group_tests().items() if "stable_variance" in test.needs} == of_the_window
