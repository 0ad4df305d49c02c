"""The numbers of the demo against a computation that shares nothing with the program but the ECB's file."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, stats

from tests.support import ecb_by_hand as hand
from tests.support.passes import rows, run, write_config

FIRST, LAST = 135, 15  # the estimation window is day0 - 135 … day0 - 16
M = FIRST - LAST
ANNOUNCED = {
    "xi-visits-russia-2023": "2023-03-17T07:00+00:00",
    "beijing-meeting-2022": "2022-02-03T16:00+00:00",
    "snb-floor-2015": "2015-01-15T09:30+00:00",
    "pboc-devaluation-2015": "2015-08-11T01:15+00:00",
    "brexit-vote-2016": "2016-06-23T21:00+00:00",
    "invasion-of-ukraine-2022": "2022-02-24T03:00+00:00",
    "samarkand-meeting-2022": "2022-09-14T19:00+00:00",
    "xi-state-visit-2019": "2019-06-04T21:00+00:00",
}
UNITS = [
    (event, asset)
    for event, assets in {
        "xi-visits-russia-2023": ("dollar-index", "USDCNY", "USDJPY"),
        "beijing-meeting-2022": ("dollar-index", "USDRUB"),
        "snb-floor-2015": ("EURCHF", "USDCHF"),
        "pboc-devaluation-2015": ("USDCNY", "AUDUSD"),
        "brexit-vote-2016": ("GBPUSD", "EURGBP"),
        "samarkand-meeting-2022": ("USDJPY",),
    }.items()
    for asset in assets
]


def day_of(event: str) -> int:
    return hand.day0(dt.datetime.fromisoformat(ANNOUNCED[event]))


def window_row(demo, study, event, asset, start, end):
    names = "car, car_se, t, p, df, mde, car_low, car_high, cars, placebo_p, w.verdict, is_primary, day0"
    (row,) = rows(
        demo.database,
        f"select {names} from window_results w left join placebos using (analysis_id, window_start, window_end) "
        "join analyses using (analysis_id) where study_id = ? and event_id = ? "
        "and asset = ? and alignment = 'main' and window_start = ? and window_end = ?",
        study,
        event,
        asset,
        start,
        end,
    )
    return dict(zip((name.removeprefix("w.") for name in names.split(", ")), row, strict=True))


def test_the_founding_event_is_an_ordinary_day(demo):
    found = window_row(demo, "total", "xi-visits-russia-2023", "dollar-index", 0, 0)
    i = day_of("xi-visits-russia-2023")
    prices = hand.price("dollar-index")
    assert found["day0"] == "2023-03-17" == str(hand.table()[0][i])
    assert prices[i] == pytest.approx(104.2145, abs=5e-5)
    assert hand.simple_returns(prices)[i] == pytest.approx(-0.00237, abs=5e-6)
    (stored,) = rows(
        demo.database,
        "select return from daily_reactions where study = 'total' and event_id = 'xi-visits-russia-2023' "
        "and asset = 'dollar-index' and tau = 0",
    )
    assert stored[0] == pytest.approx(hand.simple_returns(prices)[i], abs=1e-12)
    assert -0.5 < found["t"] < -0.2
    assert found["verdict"] == "none"
    assert found["is_primary"] == 1


@pytest.mark.parametrize(
    ("event", "asset", "day", "move", "at_least"),
    [
        ("snb-floor-2015", "EURCHF", "2015-01-15", -0.144, 100),
        ("pboc-devaluation-2015", "USDCNY", "2015-08-11", 0.0186, 15),
        ("brexit-vote-2016", "GBPUSD", "2016-06-24", -0.078, 10),
    ],
)
def test_real_reactions_are_strong(demo, event, asset, day, move, at_least):
    found = window_row(demo, "total", event, asset, 0, 0)
    assert found["day0"] == day
    assert hand.simple_returns(hand.price(asset))[day_of(event)] == pytest.approx(move, rel=5e-3)
    assert abs(found["t"]) > at_least
    assert found["verdict"] == "strong"


def test_the_beijing_meeting_is_not_handed_the_move_of_others(demo):
    day = window_row(demo, "total", "beijing-meeting-2022", "dollar-index", 0, 0)
    assert -3.5 < day["t"] < -2.5
    assert day["verdict"] == "confounded"
    two_days = window_row(demo, "total", "beijing-meeting-2022", "dollar-index", 0, 1)
    assert (two_days["verdict"], two_days["is_primary"]) == ("confounded", 1)
    ((context,),) = rows(
        demo.database,
        "select context from reactions where study = 'total' and event_id = 'beijing-meeting-2022' "
        "and asset = 'dollar-index' and window_start = 0 and window_end = 0",
    )
    assert json.loads(context) == ["ecb-meeting-2022-02"]


def sample(event, asset):
    """Returns of asset and factor over the estimation window and from day -5 to day 5."""
    i = day_of(event)
    y, x = hand.simple_returns(hand.price(asset)), hand.simple_returns(hand.factor(asset))
    est, evt = slice(i - FIRST, i - LAST), slice(i - 5, i + 6)
    return y[est], x[est], y[evt], x[evt]


def inferences(demo, study, event, asset, start, end):
    return {
        name: (statistic, df, p)
        for name, statistic, df, p in rows(
            demo.database,
            "select t.name, t.statistic, t.df, t.p_value from tests t join analyses using (analysis_id) "
            "where study_id = ? and event_id = ? and asset = ? and alignment = 'main' "
            "and window_start = ? and window_end = ?",
            study,
            event,
            asset,
            start,
            end,
        )
    }


@pytest.mark.parametrize(("event", "asset"), UNITS)
@pytest.mark.parametrize("study", ["total", "relative"])
def test_one_day_equals_the_prediction_of_statsmodels(demo, study, event, asset):
    y, x, y_evt, x_evt = sample(event, asset)
    design = np.ones((y.size, 1)) if study == "total" else sm.add_constant(x)
    ahead = np.ones((11, 1)) if study == "total" else sm.add_constant(x_evt)
    fit = sm.OLS(y, design, missing="drop").fit()
    prediction = fit.get_prediction(ahead)
    found = window_row(demo, study, event, asset, 0, 0)
    ar = y_evt[5] - prediction.predicted_mean[5]
    assert found["car"] == pytest.approx(ar, abs=1e-10)
    assert found["car_se"] == pytest.approx(prediction.se_obs[5], abs=1e-10)
    assert found["df"] == fit.df_resid == np.isfinite(y).sum() - design.shape[1]
    assert found["p"] == pytest.approx(
        2 * stats.t.sf(abs(ar / prediction.se_obs[5]), fit.df_resid), rel=1e-8, abs=1e-300
    )
    low, high = prediction.conf_int(obs=True, alpha=0.05)[5] - prediction.predicted_mean[5]
    assert (found["car_low"] - ar, found["car_high"] - ar) == pytest.approx((low, high), abs=1e-10)


@pytest.mark.parametrize(("event", "asset"), UNITS[:4])
@pytest.mark.parametrize("window", [(0, 1), (-1, 1), (-5, -1), (-5, 5)])
@pytest.mark.parametrize("study", ["total", "relative"])
def test_several_days_equal_the_dummy_regression(demo, study, event, asset, window):
    y, x, y_evt, x_evt = sample(event, asset)
    inside = slice(window[0] + 5, window[1] + 6)
    length = window[1] - window[0] + 1
    common = [np.ones(M + length)] if study == "total" else [np.ones(M + length), np.r_[x, x_evt[inside]] / 1e-2]
    dummies = np.eye(M + length)[:, M:]
    fit = sm.OLS(np.r_[y, y_evt[inside]], np.column_stack([*common, dummies])).fit()
    weights = np.r_[np.zeros(len(common)), np.ones(length)]
    found = window_row(demo, study, event, asset, *window)
    assert found["car"] == pytest.approx(weights @ fit.params, abs=1e-10)
    assert found["car_se"] == pytest.approx(np.sqrt(weights @ fit.cov_params() @ weights), abs=1e-10)
    assert found["t"] == pytest.approx(found["car"] / found["car_se"], rel=1e-12)


def test_market_adjusted_estimates_a_variance_and_nothing_else(tmp_path):
    adjusted = ("model: constant-mean", "model: market-adjusted\n    benchmark: AUDUSD")
    path = write_config(tmp_path, adjusted, ("  EURUSD: ", "  AUDUSD: {source: ecb}\n  EURUSD: "))
    assert run(path).exit_code == 0
    found = rows(
        tmp_path / "es.db",
        "select asset, car, car_se, df from window_results join analyses using (analysis_id) "
        "where event_id = 'visit' and window_end = 1",
    )
    i = day_of("xi-visits-russia-2023")
    for asset, car, se, df in found:
        excess = hand.simple_returns(hand.price(asset)) - hand.simple_returns(hand.price("AUDUSD"))
        assert car == pytest.approx(excess[i : i + 2].sum(), abs=1e-12)
        assert se == pytest.approx(np.sqrt(2) * excess[i - 60 : i - 10].std(ddof=1), abs=1e-12)
        assert df == 49
    assert len(found) == 2


def scars(y):
    """AR and SAR of the last day given the M days that end 16 days before it, at every day: constant-mean model."""
    out = np.full((2, y.size), np.nan)
    for i in range(FIRST, y.size):
        est = y[i - FIRST : i - LAST]
        ar = y[i] - est.mean()
        out[:, i] = ar, ar / (est.std(ddof=1) * np.sqrt(1 + 1 / M))
    return out


def test_every_placebo_day_is_estimated_again(demo):
    event, asset = "xi-visits-russia-2023", "dollar-index"
    i = day_of(event)
    start = i - 2 * FIRST
    ars = scars(hand.simple_returns(hand.price(asset))[start : i + 1])[0]
    draws = ars[i - FIRST - start : i - LAST - start]
    found = window_row(demo, "total", event, asset, 0, 0)
    assert np.frombuffer(found["cars"], dtype="<f4") == pytest.approx(draws, rel=1e-6)
    assert draws.size == M
    assert found["placebo_p"] == pytest.approx((1 + (np.abs(draws) >= abs(ars[-1])).sum()) / (1 + M), abs=1e-12)


def test_the_joint_placebo_moves_the_assets_together(demo):
    event = "pboc-devaluation-2015"
    i = day_of(event)
    start = i - 2 * FIRST
    sars = np.array(
        [
            scars(hand.simple_returns(hand.price(a))[start : i + 1])[1]
            for a in ("USDCNY", "USDKRW", "AUDUSD", "dollar-index")
        ]
    )
    largest = np.abs(sars).max(axis=0)
    draws = largest[i - FIRST - start : i - LAST - start]
    (found,) = rows(demo.database, JOINT, "total", event, "max_t_placebo")
    assert found[0] == pytest.approx(largest[-1], abs=1e-9)
    assert found[2] == pytest.approx((1 + (draws >= largest[-1]).sum()) / (1 + M), abs=1e-12)


JOINT = (
    "select statistic, df, p_value from joint_tests where study_id = ? and event_id = ? and name = ? "
    "and window_start = 0 and window_end = 0"
)


def test_the_portfolio_is_one_asset(demo):
    event, assets = "brexit-vote-2016", ("GBPUSD", "EURGBP", "USDJPY", "dollar-index")
    units = [sample(event, asset) for asset in assets]
    y, x = np.mean([u[0] for u in units], axis=0), np.mean([u[1] for u in units], axis=0)
    y_evt, x_evt = np.mean([u[2] for u in units], axis=0), np.mean([u[3] for u in units], axis=0)
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    prediction = fit.get_prediction(sm.add_constant(x_evt))
    (found,) = rows(demo.database, JOINT, "relative", event, "portfolio_t")
    t = (y_evt[5] - prediction.predicted_mean[5]) / prediction.se_obs[5]
    assert found == pytest.approx((t, M - 2, 2 * stats.t.sf(abs(t), M - 2)), rel=1e-8)


def test_holm_goes_over_the_assets_of_the_event(demo):
    found = rows(
        demo.database,
        "select study, event_id, window_start, window_end, p, p_adjusted from reactions where p is not null",
    )
    families = {}
    for *key, p, adjusted in found:
        families.setdefault(tuple(key), []).append((p, adjusted))
    assert max(len(family) for family in families.values()) == 4
    for family in families.values():
        steps = [min(1.0, (len(family) - k) * p) for k, (p, _) in enumerate(sorted(family))]
        by_hand = [max(steps[: k + 1]) for k in range(len(steps))]
        assert [adjusted for _, adjusted in sorted(family)] == pytest.approx(by_hand, rel=1e-12, abs=1e-300)


def test_the_smallest_detectable_move_has_the_stated_power(demo):
    found = window_row(demo, "total", "xi-visits-russia-2023", "dollar-index", 0, 0)
    critical = stats.t.isf(0.025, M - 1)

    def power(shift):
        return stats.nct.sf(critical, M - 1, shift) + stats.nct.cdf(-critical, M - 1, shift)

    shift = optimize.brentq(lambda d: power(d) - 0.8, 1, 6, xtol=1e-12)
    assert found["mde"] / found["car_se"] == pytest.approx(shift, rel=1e-6)


@pytest.mark.parametrize("study", ["total", "relative"])
def test_the_robust_test_allows_for_serial_correlation(demo, study):
    y, x, y_evt, x_evt = sample("xi-visits-russia-2023", "dollar-index")
    design = np.ones((M, 1)) if study == "total" else sm.add_constant(x)
    ahead = (np.ones((11, 1)) if study == "total" else sm.add_constant(x_evt))[5:7]
    fit = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": False})
    e = fit.resid - fit.resid.mean()
    gamma = [(e[j:] @ e[: M - j]) / M for j in range(5)]
    long_run = gamma[0] + 2 * sum((1 - j / 5) * gamma[j] for j in range(1, 5))
    total = ahead.sum(axis=0)
    car = (y_evt[5:7] - ahead @ fit.params).sum()
    z = car / np.sqrt(2 * long_run + total @ fit.cov_params() @ total)
    found = inferences(demo, study, "xi-visits-russia-2023", "dollar-index", 0, 1)["hac_z"]
    assert found[0] == pytest.approx(z, abs=1e-9)
    assert found[2] == pytest.approx(2 * stats.norm.sf(abs(z)), abs=1e-9)


def test_the_sample_quantile_ranks_sums_of_residuals(demo):
    y, _, y_evt, _ = sample("xi-visits-russia-2023", "USDCNY")
    residuals = y - y.mean()
    sums = residuals[1:] + residuals[:-1]
    car = (y_evt[5:7] - y.mean()).sum()
    found = inferences(demo, "total", "xi-visits-russia-2023", "USDCNY", 0, 1)["sample_quantile"]
    assert found[2] == pytest.approx((1 + (np.abs(sums) >= abs(car)).sum()) / (1 + sums.size), abs=1e-12)


def test_the_running_car_ends_where_the_whole_window_does(demo):
    found = rows(
        demo.database,
        "select d.car, d.car_se, w.car, w.car_se from daily d join window_results w using (analysis_id) "
        "where tau = 5 and window_start = -5 and window_end = 5 and w.car is not null",
    )
    assert len(found) > 50
    for car, se, whole, whole_se in found:
        assert (car, se) == pytest.approx((whole, whole_se), rel=1e-10, abs=1e-15)


def test_an_asset_without_a_price_has_a_reason_and_stops_no_other(demo):
    found = {
        asset: (status, reason)
        for asset, status, reason in rows(
            demo.database,
            "select asset, status, reason from analyses "
            "where event_id = 'xi-visits-russia-2023' and study_id = 'total'",
        )
    }
    status, reason = found.pop("USDRUB")
    assert status == "skipped"
    assert reason.startswith("no price on 2023-03-17")
    assert "2022-03-01" in reason
    assert "suspended" in reason
    assert {status for status, _ in found.values()} == {"ok"}
    assert len(found) == 3
