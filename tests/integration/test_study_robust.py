"""Other ways to the same answer, each against the same computed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS, WLS

import eventstudy as es
from tests.support.studies import run_cli

ASSETS = [f"A{i:02d}" for i in range(24)]
DATES = pd.bdate_range("2021-01-04", periods=320)
WINDOWS = [(0, 9), (0, 0)]
SPEC = es.StudySpec(
    model="market", returns="simple", estimation=(-150, -11), event_window=(-5, 15), windows=WINDOWS, benchmark="MKT"
)
KNOWN = pd.DataFrame(
    {
        "asset": [*ASSETS, *ASSETS],
        "date": [DATES[0]] * 24 + [DATES[290]] * 24,
        "size": [*range(24), *range(24, 0, -1)],
        "book_to_market": [(7 * i) % 24 for i in range(24)] * 2,
    }
)


def returns() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    market = rng.normal(0, 0.01, 320)
    return pd.DataFrame(
        {"MKT": market, **{name: rng.uniform(0.5, 1.5) * market + rng.normal(0, 0.015, 320) for name in ASSETS}},
        index=DATES,
    )


RETURNS = returns()
PRICES = (100 * (1 + RETURNS).cumprod()).rename_axis("date").reset_index()
DAYS = {"A00": 200, "A05": 203, "A11": 240}
EVENTS = pd.DataFrame(
    {"event_id": [*"xyz"], "asset": [*DAYS], "date": [DATES[day] for day in DAYS.values()], "group": ["u", "u", "v"]}
)


@pytest.fixture(scope="module")
def result() -> es.StudyResult:
    asked = es.Robustness(calendar_time="white", match=KNOWN, match_groups=2, donors=(*ASSETS[12:], "A05"))
    return es.run_study(PRICES, EVENTS, SPEC, robustness=asked)


def test_alpha_in_calendar_time_is_that_of_a_portfolio_made_by_hand(result: es.StudyResult) -> None:
    held = pd.concat(
        [RETURNS[["MKT"]].assign(r=RETURNS[name]).iloc[day : day + 10].reset_index() for name, day in DAYS.items()]
    ).groupby("index")
    portfolio, n = held.mean(), held.size()
    x = np.column_stack([np.ones(len(n)), portfolio["MKT"]])
    assert (len(n), n.max()) == (23, 2)
    for estimator, fit in (
        ("white", OLS(portfolio["r"], x).fit(cov_type="HC1", use_t=True)),
        ("ols", OLS(portfolio["r"], x).fit()),
        ("wls", WLS(portfolio["r"], x, weights=n).fit()),
    ):
        if estimator == "white":
            found = result.robust.calendar_time[0]
        else:
            asked = es.Robustness(calendar_time=estimator)
            found = es.run_study(PRICES, EVENTS, SPEC, robustness=asked).robust.calendar_time[0]
        assert [test.statistic for test in found.coefficients] == pytest.approx(list(fit.tvalues), rel=1e-8)
        assert [test.p_value for test in found.coefficients] == pytest.approx(list(fit.pvalues), rel=1e-7)
        assert (found.n_days, found.names) == (23, ("alpha", "beta"))


def test_there_is_no_portfolio_of_log_returns() -> None:
    spec = es.StudySpec(**{**_settings(), "returns": "log"})
    found = es.run_study(PRICES, EVENTS, spec, robustness=es.Robustness(calendar_time="ols")).robust
    assert "mean of simple returns" in (found.calendar_time[0].reason or "")


def _settings() -> dict[str, Any]:
    names = ("model", "estimation", "event_window", "windows", "benchmark")
    return {name: getattr(SPEC, name) for name in names}


def alike_by_hand(asset: str, day: int) -> list[str]:
    """Halves by size, and within each by book-to-market; without assets that have an event near."""
    known = KNOWN[KNOWN["date"] < DATES[day]].groupby("asset").last()
    big = known["size"] >= known["size"].sort_values().iloc[12]
    half = known[big == big[asset]]
    rich = half["book_to_market"] >= half["book_to_market"].sort_values().iloc[6]
    near = {name for name, other in DAYS.items() if abs(other - day) <= 20}
    return [name for name in half.index[rich == rich[asset]] if name not in near]


def test_buy_and_hold_returns_are_held_against_assets_alike(result: es.StudyResult) -> None:
    found = result.robust.matched
    rows = found.events[found.events["window"] == "[0,9]"].set_index("event_id")
    differences = []
    for (asset, day), event_id in zip(DAYS.items(), "xyz", strict=True):
        alike = alike_by_hand(asset, day)
        bought = (1 + RETURNS.iloc[day : day + 10]).prod() - 1
        assert rows.loc[event_id, "n_matched"] == len(alike)
        assert rows.loc[event_id, "bhr"] == pytest.approx(bought[asset], rel=1e-9)
        assert rows.loc[event_id, "matched"] == pytest.approx(bought[alike].mean(), rel=1e-9)
        differences.append(bought[asset] - bought[alike].mean())
    t = np.mean(differences) / (np.std(differences, ddof=1) / np.sqrt(3))
    assert found.tests[es.Window(0, 9)][0].statistic == pytest.approx(t)


def test_an_asset_that_ends_earns_what_the_rest_of_its_portfolio_does() -> None:
    alike = alike_by_hand("A11", 240)
    prices = PRICES.copy()
    prices.loc[244:, alike[0]] = np.nan
    asked = es.Robustness(match=KNOWN, match_groups=2)
    found = es.run_study(prices, EVENTS, SPEC, robustness=asked).robust.matched.events
    inside = (1 + RETURNS.iloc[240:250][alike]).copy()
    inside.iloc[4:, 0] = inside.iloc[4:, 1:].mean(axis=1)
    own = found[(found["event_id"] == "z") & (found["window"] == "[0,9]")].iloc[0]
    assert own["matched"] == pytest.approx((inside.prod() - 1).mean(), rel=1e-9)


def test_characteristics_of_the_event_day_are_not_known_before_it() -> None:
    late = KNOWN.assign(date=DATES[240])
    found = es.run_study(PRICES, EVENTS, SPEC, robustness=es.Robustness(match=late)).robust.matched.events
    assert found["reason"].eq("its characteristics were not known before day 0").all()


def test_the_gap_is_ranked_among_those_of_the_donors(result: es.StudyResult) -> None:
    by_id = {found.event_id: found for found in result.robust.synthetic}
    assert by_id["x"].left_out == {"A05": "has an event of its own"}
    assert by_id["y"].left_out == {"A05": "is the treated asset"}
    assert len(by_id["z"].weights) == 13
    found = by_id["x"]
    donors = ASSETS[12:]
    before, inside = RETURNS.iloc[50:190], RETURNS.iloc[200:210]

    def size(name: str, others: list[str], weights: np.ndarray) -> float:
        left = before[name] - before[others] @ weights
        return float((inside[name] - inside[others] @ weights).sum() / np.sqrt((left**2).mean()))

    own = size("A00", donors, np.array([found.weights[name] for name in donors]))
    test = found.gaps[es.Window(0, 9)]
    assert test.statistic == pytest.approx(own, rel=1e-6)
    from eventstudy.inference.synthetic import simplex_weights  # held against another optimiser in tests/golden

    others = {name: [other for other in donors if other != name] for name in donors}
    sizes = [size(n, o, simplex_weights(before[n].to_numpy(), before[o].to_numpy())) for n, o in others.items()]
    assert test.p_value == pytest.approx((1 + sum(abs(s) >= abs(own) for s in sizes)) / 13)
    assert test.n == 13


def test_the_command_writes_what_python_gives(result: es.StudyResult, tmp_path: Path) -> None:
    KNOWN.to_csv(tmp_path / "known.csv", index=False)
    options = (
        *("--benchmark", "MKT", "--returns", "simple", "--estimation=-150:-11", "--event-window=-5:15"),
        *("--window", "0:9", "--window", "0:0", "--calendar-time", "white", "--match", str(tmp_path / "known.csv")),
        *("--match-groups", "2", "--donors", ",".join([*ASSETS[12:], "A05"])),
    )
    table = EVENTS.to_csv(index=False)
    done = run_cli(tmp_path, PRICES.to_csv(index=False, float_format="%.17g"), table, *options)
    assert done.exit_code == 0, done.stderr
    assert done.json["robustness"] == json.loads(json.dumps(result.to_dict()["robustness"]))
    said = result.summary()
    assert "Portfolio in calendar time, white errors" in said
    assert "alike by size, book_to_market (in 2 groups each)" in said
    assert "left out: A05 has an event of its own" in said


@pytest.mark.parametrize(
    ("asked", "values", "message"),
    [
        ({"donors": ("nope", "A01")}, "prices", "donors: there is no such column"),
        ({"donors": ("A01", "A02")}, "volume", "nobody holds volume"),
        ({"match": KNOWN.drop(columns="asset")}, "prices", "match: there is no column asset"),
        ({"match": KNOWN[["asset", "date"]]}, "prices", "match: there is no characteristic"),
        ({"match": KNOWN.assign(asset="nope")}, "prices", "match: none of its assets has a price"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], values: Any, message: str) -> None:
    with pytest.raises(es.EventStudyError, match=message):
        es.run_study(PRICES, EVENTS, SPEC, values=values, robustness=es.Robustness(**asked))
