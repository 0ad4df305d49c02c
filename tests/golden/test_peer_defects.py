"""Mistakes of other event-study programs, each computed beside what is right: ours is the right one, and not the other.

What is right is worked out here with plain numpy, one firm at a time. docs/validation.md says who makes which mistake.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

import eventstudy as es

M, L, FIRMS, SPARE = 60, 5, 8, 16
NAMES = [f"F{i}" for i in range(FIRMS)]
FIRST = pd.Timestamp("2021-01-04")
LABELS = {"[0,0]": 1, "[0,4]": L}


@dataclass(frozen=True)
class ByHand:
    """Market model of one firm and its event window."""

    residuals: np.ndarray
    leverage: np.ndarray
    ar: np.ndarray
    s: float
    market: np.ndarray
    market_event: np.ndarray

    @property
    def spread(self) -> float:
        return float(((self.market - self.market.mean()) ** 2).sum())

    def day_factor(self) -> np.ndarray:
        """Variance of each AR over s²."""
        return 1 + 1 / M + (self.market_event - self.market.mean()) ** 2 / self.spread

    def car_factor(self, length: int) -> float:
        """Variance of the CAR over s²."""
        shift = self.market_event[:length].sum() - length * self.market.mean()
        return float(length + length**2 / M + shift**2 / self.spread)

    def scar(self, length: int) -> float:
        return float(self.ar[:length].sum() / (self.s * math.sqrt(self.car_factor(length))))


def by_hand(returns: pd.DataFrame, name: str, later: int = 0) -> ByHand:
    """Of the firm `name`, its event `later` sessions after row M."""
    y, market = (returns[column].to_numpy()[later : later + M + L] for column in (name, "MKT"))
    design = np.column_stack([np.ones(M), market[:M]])
    theta = np.linalg.lstsq(design, y[:M], rcond=None)[0]
    residuals = y[:M] - design @ theta
    return ByHand(
        residuals=residuals,
        leverage=np.einsum("tk,kl,tl->t", design, np.linalg.inv(design.T @ design), design),
        ar=y[M:] - theta[0] - theta[1] * market[M:],
        s=math.sqrt(residuals @ residuals / (M - 2)),
        market=market[:M],
        market_event=market[M:],
    )


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    """Firms of one date whose errors are correlated, on a market that has a wild week at the event."""
    rng = np.random.default_rng(11)
    days = M + L + SPARE
    market = 0.01 * rng.standard_normal(days)
    market[M : M + L] += [0.02, -0.02, 0.02, -0.02, 0.03]
    errors = math.sqrt(0.7) * rng.standard_t(4, (days, FIRMS)) + math.sqrt(0.3) * rng.standard_t(4, (days, 1))
    y = market[:, None] * rng.uniform(0.5, 1.5, FIRMS) + 0.015 * errors
    y[M : M + L] += 0.01
    frame = pd.DataFrame(np.column_stack([market, y]), columns=["MKT", *NAMES])
    frame.insert(0, "date", pd.bdate_range(FIRST, periods=days))
    return frame


def study(returns: pd.DataFrame, events: pd.DataFrame, **settings: Any) -> es.StudyResult:
    usual: dict[str, Any] = {"returns": "simple", "estimation": (-M, -1), "event_window": (0, L - 1)}
    spec = es.StudySpec(**{**usual, "windows": [(0, 0), (0, L - 1)], **settings})
    return es.run_study(returns, events, spec, benchmark="MKT", values="returns")


@pytest.fixture(scope="module")
def found(returns: pd.DataFrame) -> Any:
    events = pd.DataFrame({"event_id": NAMES, "asset": NAMES, "date": returns["date"].iloc[M]})
    return study(returns, events).to_dict()


@pytest.fixture(scope="module")
def firms(returns: pd.DataFrame) -> list[ByHand]:
    return [by_hand(returns, name) for name in NAMES]


def window_of(result: Any, label: str) -> Any:
    return next(w for w in result["windows"] if "[{},{}]".format(*w["window"]) == label)


def aggregate(found: Any, label: str, name: str) -> Any:
    return next(test for test in window_of(found["aggregate"][0], label)["tests"] if test["name"] == name)


def check(ours: float, right: float, wrong: float) -> None:
    """Ours is right to ten digits, and the mistake would move it by more than a tenth of a per cent."""
    assert ours == pytest.approx(right, rel=1e-10)
    assert abs(wrong / right - 1) > 1e-3


# --- one firm --------------------------------------------------------------------------------------------------------


def test_residual_variance_counts_the_parameters(found: Any, firms: list[ByHand]) -> None:
    """Wrong: divided by n, or by n - 1, after an intercept and a slope were estimated; and n - 1 degrees of freedom."""
    for event, firm in zip(found["events"], firms, strict=True):
        square = float(firm.residuals @ firm.residuals)
        for divisor in (M, M - 1):
            check(event["sigma"] ** 2, square / (M - 2), square / divisor)
        assert event["df"] == M - 2


def test_standard_errors_hold_the_forecast_error(found: Any, firms: list[ByHand]) -> None:
    """Wrong: s for a day, and s √L for a window."""
    for event, firm in zip(found["events"], firms, strict=True):
        for day, factor in zip(event["days"], firm.day_factor(), strict=True):
            check(day["ar_se"], firm.s * math.sqrt(factor), firm.s)
        for label, length in LABELS.items():
            se = window_of(event, label)["car_se"]
            check(se, firm.s * math.sqrt(firm.car_factor(length)), firm.s * math.sqrt(length))


def test_parameter_error_of_a_window_is_that_of_its_sum(found: Any, firms: list[ByHand]) -> None:
    """Wrong: days added up as if their parameter errors were independent; or L times the sum of squares; or no L²/M."""
    for event, firm in zip(found["events"], firms, strict=True):
        ours = (window_of(event, "[0,4]")["car_se"] / firm.s) ** 2
        deviations = firm.market_event - firm.market.mean()
        squares = float((deviations**2).sum()) / firm.spread
        for wrong in (
            float(firm.day_factor().sum()),
            L + L**2 / M + L * squares,
            L + float(deviations.sum()) ** 2 / firm.spread,
        ):
            check(ours, firm.car_factor(L), wrong)


def test_event_days_do_not_enter_the_variance_of_the_mean_model(returns: pd.DataFrame) -> None:
    """Wrong: the variance of all residuals, those of the event among them, so that an event hides itself."""
    events = pd.DataFrame({"event_id": ["e"], "asset": ["F0"], "date": returns["date"].iloc[M]})
    shocked = returns.assign(F0=returns["F0"].where(returns.index < M, returns["F0"] + 0.2))
    ours = study(shocked, events, model="constant-mean").to_dict()["events"][0]["sigma"]
    y = shocked["F0"].to_numpy()[: M + L]
    check(ours, y[:M].std(ddof=1), (y - y[:M].mean()).std())


def test_far_tails_keep_their_digits(returns: pd.DataFrame) -> None:
    """Wrong: 1 - cdf, which is zero, or noise, beyond 1e-16."""
    shocked = returns.assign(F0=returns["F0"].where(returns.index != M, 0.6))
    events = pd.DataFrame({"event_id": ["e"], "asset": ["F0"], "date": returns["date"].iloc[M]})
    result = study(shocked, events).to_dict()
    test = window_of(result["events"][0], "[0,0]")["tests"][0]
    z = aggregate(result, "[0,0]", "time_series_z")
    for wrong in (
        2 * (1 - stats.t.cdf(abs(test["statistic"]), test["df"])),
        2 * (1 - stats.norm.cdf(abs(z["statistic"]))),
    ):
        assert wrong == 0
    df, t = test["df"], test["statistic"]
    assert 0 < test["p_value"] < 1e-16
    assert test["p_value"] == pytest.approx(special.betainc(df / 2, 0.5, df / (df + t * t)), rel=1e-9)
    assert z["p_value"] == pytest.approx(math.erfc(abs(z["statistic"]) / math.sqrt(2)), rel=1e-9)
    assert z["p_value"] > 0


# --- many firms ------------------------------------------------------------------------------------------------------


def patell(standardised: list[float]) -> float:
    """Sum over the root of N times the variance of t(M - 2)."""
    return sum(standardised) / math.sqrt(FIRMS * (M - 2) / (M - 4))


def test_patell_over_several_days(found: Any, firms: list[ByHand]) -> None:
    """Wrong: sums of SAR_s / √s taken for unit variance; it is Σ 1/s, so that 5 % tests of 11 days reject 26 %."""
    wrong = [float((f.ar / (f.s * np.sqrt(f.day_factor())) / np.sqrt(np.arange(1, L + 1))).sum()) for f in firms]
    check(aggregate(found, "[0,4]", "patell_z")["statistic"], patell([f.scar(L) for f in firms]), patell(wrong))
    variance = sum(1 / s for s in range(1, 12))
    assert 2 * special.ndtr(-1.959964 / math.sqrt(variance)) == pytest.approx(0.26, abs=0.005)


def test_patell_standardises_by_the_regression_error(found: Any, firms: list[ByHand]) -> None:
    """Wrong: by the sample standard deviation of the residuals, which is too small by √((M - 2) / (M - 1))."""
    wrong = [f.scar(1) * f.s / f.residuals.std(ddof=1) for f in firms]
    right = patell([f.scar(1) for f in firms])
    check(aggregate(found, "[0,0]", "patell_z")["statistic"], right, patell(wrong))
    assert patell(wrong) / right == pytest.approx(math.sqrt((M - 1) / (M - 2)))


def test_bmp_standardises_by_the_forecast_error(returns: pd.DataFrame) -> None:
    """Wrong: CAR / (s √L), without the error of the fitted model, which differs from date to date."""
    dates = returns["date"].iloc[[M + 2 * i for i in range(FIRMS)]].to_numpy()
    found = study(returns, pd.DataFrame({"event_id": NAMES, "asset": NAMES, "date": dates})).to_dict()
    firms = [by_hand(returns, name, later=2 * i) for i, name in enumerate(NAMES)]

    def over_error(values: list[float]) -> float:
        return float(np.mean(values) / (np.std(values, ddof=1) / math.sqrt(FIRMS)))

    wrong = over_error([float(f.ar.sum()) / (f.s * math.sqrt(L)) for f in firms])
    check(aggregate(found, "[0,4]", "bmp_t")["statistic"], over_error([f.scar(L) for f in firms]), wrong)


def grank(firms: list[ByHand], scale: float) -> float:
    """GRANK-t with the cross-sectionally standardised SCAR times `scale` as the cumulative day."""
    scar = np.array([f.scar(L) for f in firms])
    past = np.array([f.residuals / (f.s * np.sqrt(1 - f.leverage)) for f in firms])
    values = np.column_stack([past, scale * scar / scar.std(ddof=1)])
    t = M + 1
    mean = (stats.rankdata(values, axis=1) / (t + 1) - 0.5).mean(axis=0)
    z = mean[-1] / math.sqrt((mean**2).mean())
    return float(z * math.sqrt((t - 2) / (t - 1 - z**2)))


def test_grank_does_not_shrink_the_event_before_it_is_ranked(found: Any, firms: list[ByHand]) -> None:
    """Wrong: the whole correlation adjustment inside the ranks, which take care of correlation by themselves."""
    correlations = np.corrcoef([f.residuals for f in firms])[np.triu_indices(FIRMS, 1)]
    r = float(correlations.mean())
    assert r > 0.1
    wrong = grank(firms, math.sqrt((1 - r) / (1 + (FIRMS - 1) * r)))
    check(aggregate(found, "[0,4]", "grank_t")["statistic"], grank(firms, 1.0), wrong)
    check(aggregate(found, "[0,4]", "grank_kp_t")["statistic"], grank(firms, math.sqrt(1 - r)), wrong)


# --- thin trading ----------------------------------------------------------------------------------------------------


def test_trade_to_trade_drift_grows_with_the_days_since_the_last_trade() -> None:
    """Wrong: 1/√d in place of √d as the regressor of the daily drift, and 1 in place of d in the forecast variance."""
    rng = np.random.default_rng(3)
    size, day0 = 140, 125
    market = 0.01 * rng.standard_normal(size)
    prices = pd.DataFrame(
        {"MKT": np.exp(np.cumsum(market)), "P": np.exp(np.cumsum(0.003 + market + 0.02 * rng.standard_normal(size)))}
    )
    silent = rng.random(size) < 0.4
    silent[[0, day0 - 1, day0]] = False
    prices.loc[silent, "P"] = np.nan
    prices.insert(0, "date", pd.bdate_range(FIRST, periods=size))
    spec = es.StudySpec(
        model="trade-to-trade", estimation=(-120, -1), event_window=(0, 9), windows=[(0, 9)], min_estimation=30
    )
    events = pd.DataFrame({"event_id": ["e"], "asset": ["P"], "date": prices["date"].iloc[day0]})
    ours = es.run_study(prices, events, spec, benchmark="MKT").to_dict()["events"][0]

    traded = np.flatnonzero(~silent)
    now, d = traded[1:], np.diff(traded).astype(float)
    y, m = (np.diff(np.log(prices[name].to_numpy()[traded])) for name in ("P", "MKT"))
    before, after = (now >= day0 - 120) & (now < day0), now >= day0
    inside = after & (now <= day0 + 9)

    def fit(drift: np.ndarray, days: np.ndarray) -> tuple[float, float]:
        """Slope of the drift, and the variance of the CAR when `drift` goes with it and `days` with the noise."""
        design = np.column_stack([drift, m / np.sqrt(d)])[before]
        theta, square, *_ = np.linalg.lstsq(design, (y / np.sqrt(d))[before], rcond=None)
        x = np.array([d[inside].sum(), m[inside].sum()])
        noise = days[inside].sum() + x @ np.linalg.inv(design.T @ design) @ x
        return float(theta[0]), float(square[0] / (before.sum() - 2) * noise)

    alpha, variance = fit(np.sqrt(d), d)
    wrong_alpha, wrong_variance = fit(1 / np.sqrt(d), np.ones_like(d))
    check(ours["coefficients"]["alpha"], alpha, wrong_alpha)
    check(ours["windows"][0]["car_se"] ** 2, variance, wrong_variance)


# --- events and state ------------------------------------------------------------------------------------------------


def test_a_saturday_moves_on_to_monday(returns: pd.DataFrame) -> None:
    """Wrong: back to Friday, whose price was made before the news."""
    saturday = pd.Timestamp("2021-04-03")
    assert saturday.day_name() == "Saturday"
    events = pd.DataFrame(
        {
            "event_id": ["dated", "timed"],
            "asset": ["F0", "F1"],
            "date": [saturday, None],
            "announced_at": [None, "2021-04-03T12:00Z"],
            "calendar": [None, "ecb"],
        }
    )
    result = study(returns, events, estimation=(-40, -1)).to_dict()
    # Easter Monday is a business day of the table, and no day of ECB fixings.
    assert [event["day0"] for event in result["events"]] == ["2021-04-05", "2021-04-06"]


def test_five_events_of_one_firm_are_five(returns: pd.DataFrame) -> None:
    """Wrong: results kept by ticker, of which the last one is left."""
    rows = [M - 4, M - 3, M - 2, M - 1, M]
    events = pd.DataFrame({"event_id": list("abcde"), "asset": "F0", "date": returns["date"].iloc[rows].to_numpy()})
    result = study(returns, events, estimation=(-50, -1))
    assert len({row["asset"]: row for row in result.to_dict()["events"]}) == 1
    assert list(result.events["event_id"]) == list("abcde")
    assert result.events["car[0,0]"].nunique() == 5
    assert result.to_dict()["aggregate"][0]["n_events"] == 5


def test_two_studies_share_nothing(returns: pd.DataFrame) -> None:
    """Wrong: returns kept on the class, so that a second study's data answer for the first."""
    events = pd.DataFrame({"event_id": ["e"], "asset": ["F0"], "date": returns["date"].iloc[M]})
    first = study(returns, events)
    before = first.to_dict()
    other = study(returns.assign(F0=returns["F1"]), events)
    assert other.to_dict()["events"] != before["events"]
    assert first.to_dict() == before
    assert study(returns, events).to_dict() == before


def test_numbers_are_numbers_and_errors_are_exceptions(returns: pd.DataFrame) -> None:
    """Wrong: CARs as text with asterisks; an error class beside Exception, which ends a batch."""
    events = pd.DataFrame({"event_id": ["e", "x"], "asset": ["F0", "nobody"], "date": returns["date"].iloc[M]})
    result = study(returns, events)
    assert result.events["car[0,0]"].dtype == np.float64
    assert list(result.events["status"]) == ["ok", "skipped"]
    assert issubclass(es.EventStudyError, Exception)
