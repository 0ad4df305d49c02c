"""``run_study`` and its result: frames, text, picture, and the same numbers as the command."""

from __future__ import annotations

import dataclasses
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

import eventstudy as es
from eventstudy.errors import InputError
from eventstudy.study.options import Options, StudyOptions
from tests.support.studies import SHORT, run_cli, walk

PRICES = walk("ABCDEFGH", 320)
DATES = PRICES["date"].tolist()


def table() -> pd.DataFrame:
    """24 events of 8 assets on 24 dates in two groups, with a characteristic and a weight."""
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "event_id": [f"e{i:02d}" for i in range(24)],
            "asset": [*"ABCDEFGH"] * 3,
            "date": [DATES[80 + 9 * i] for i in range(24)],
            "group": ["good", "bad"] * 12,
            "size": rng.standard_normal(24),
            "weight": rng.uniform(1, 2, 24),
        }
    )


def spec(**changes: Any) -> es.StudySpec:
    settings: dict[str, Any] = {"windows": [(0, 0), "0:1"], "min_estimation": 30} | changes
    return es.StudySpec(estimation=(-60, -6), event_window="-5:5", **settings)


@pytest.fixture(scope="module")
def result() -> es.StudyResult:
    return es.run_study(PRICES, table(), spec(), benchmark="MKT", equivalence=0.02, regress=["size"])


def test_the_command_prints_what_to_dict_gives(result: es.StudyResult, tmp_path: Path) -> None:
    options = (*SHORT, "--benchmark", "MKT", "--equivalence", "0.02", "--regress", "size")
    assert run_cli(tmp_path, PRICES, table().to_csv(index=False), *options).json == json.loads(
        json.dumps(result.to_dict())
    )


def test_frames_and_document_agree(result: es.StudyResult) -> None:
    document = result.to_dict()
    assert result.events.shape[0] == len(document["events"]) == 24
    assert result.abnormal.shape == (24, 11)
    assert list(result.abnormal.columns) == list(range(-5, 6))
    for i, event in enumerate(document["events"]):
        assert list(result.abnormal.index[i]) == [event["event_id"], event["asset"]]
        assert result.abnormal.iloc[i].tolist() == [day["ar"] for day in event["days"]]
        row, test = result.events.iloc[i], event["windows"][1]["tests"][0]
        assert (row["t[0,1]"], row["p[0,1]"]) == (test["statistic"], test["p_value"])
        assert (row["p_holm[0,1]"], row["p_bh[0,1]"], row["p_by[0,1]"]) == (test["p_holm"], test["p_bh"], test["p_by"])
    assert list(result.aggregate["group"].unique()) == ["all", "bad", "good"]
    first = document["aggregate"][0]["windows"][0]
    assert result.aggregate.loc[0, "caar"] == first["caar"] == pytest.approx(result.abnormal[0].mean())
    assert len(result.tests) == 3 * 2 * len(first["tests"])
    assert result.to_frame() is result.aggregate


def test_tables_with_dates_in_other_forms_give_the_same(result: es.StudyResult) -> None:
    index = pd.DatetimeIndex(PRICES["date"]).tz_localize("America/New_York")
    for prices, date in (
        (PRICES.set_index(index).drop(columns="date"), pd.to_datetime(table()["date"])),
        (PRICES.set_index("date"), pd.to_datetime(table()["date"]).dt.date),
        (PRICES.set_index(pd.PeriodIndex(DATES, freq="D")).drop(columns="date"), table()["date"] + "T00:00:00-05:00"),
    ):
        again = es.run_study(
            prices, table().assign(date=date), spec(), benchmark="MKT", equivalence=0.02, regress=["size"]
        )
        assert again.to_dict() == result.to_dict()


def test_numbers_as_names(result: es.StudyResult) -> None:
    prices = PRICES.rename(columns={"A": 1, "MKT": 2})
    found = es.run_study(prices, table().head(1).assign(asset=1), spec(), benchmark="2").to_dict()["events"][0]
    assert found["windows"][0]["car"] == result.to_dict()["events"][0]["windows"][0]["car"]


def test_the_result_is_frozen_and_survives_pickling(result: es.StudyResult) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.warnings = ()  # type: ignore[misc]  # that is the point
    assert pickle.loads(pickle.dumps(result)).to_dict() == result.to_dict()


def test_summary_is_for_people_and_escaped_for_html() -> None:
    events = table().head(3).assign(event_id=["<b>", "y", "z"], asset=["Q", "B", "C"])
    found = es.run_study(PRICES, events, spec(), benchmark="MKT")
    text = found.summary()
    assert "Model: market (MKT)" in text
    assert "Events: 2 studied, 1 skipped" in text
    assert "Skipped: <b> (Q): there is no column 'Q' in the prices" in text
    assert str(found) == text
    assert "&lt;b&gt;" in found._repr_html_()
    assert text.count("patell_z") == 0
    assert found.summary(all_tests=True).count(" patell_z") == 2 * 3  # two windows, three groups


def test_the_summary_marks_what_is_not_valid_on_one_date() -> None:
    market = PRICES["MKT"].to_numpy() / PRICES["MKT"].iloc[0]
    prices = PRICES.assign(**{name: PRICES[name] * market for name in "ABCDEFGH"})
    events = pd.DataFrame({"event_id": "x", "asset": [*"ABCDEFGH"], "date": DATES[100]})
    text = es.run_study(prices, events, spec(model="constant-mean", windows=[(0, 0)])).summary(all_tests=True)
    assert "8 events on one date; average correlation 0." in text
    assert "! cross_sectional_t" in text
    assert "the events are correlated" in text


def test_group_differences(result: es.StudyResult) -> None:
    from scipy import stats

    cars = [result.events.loc[result.events["group"] == name, "car[0,1]"] for name in ("bad", "good")]
    row = result.group_differences.iloc[1]
    assert (row["first"], row["second"], row["window"]) == ("bad", "good", "[0,1]")
    assert row["welch_t"] == pytest.approx(stats.ttest_ind(*cars, equal_var=False).statistic)
    assert row["rank_sum_p"] == pytest.approx(stats.mannwhitneyu(*cars).pvalue)
    found = result.to_dict()["group_differences"][1]
    assert (found["groups"], found["window"]) == (["bad", "good"], [0, 1])
    assert found["difference"] == pytest.approx(cars[0].mean() - cars[1].mean())


def test_no_groups_no_differences() -> None:
    found = es.run_study(PRICES, table().drop(columns="group"), spec(), benchmark="MKT")
    assert found.group_differences.empty
    assert found.to_dict()["group_differences"] == []


def test_regression_is_that_of_statsmodels(result: es.StudyResult) -> None:
    wanted = OLS(
        result.events["car[0,1]"].to_numpy(), np.column_stack([np.ones(24), table()["size"]])
    ).fit(cov_type="HC3", use_t=True)  # fmt: skip
    frame = result.regress(["size"], window=(0, 1), covariance="HC3").to_frame()
    assert frame["estimate"].tolist() == pytest.approx(list(wanted.params))
    assert frame["se"].tolist() == pytest.approx(list(wanted.bse))
    assert frame["p_value"].tolist() == pytest.approx(list(wanted.pvalues))
    found = result.to_dict()["regressions"][1]
    assert [c["coefficient"] for c in found["coefficients"]] == ["constant", "size"]
    assert found["coefficients"][1]["test"]["estimate"] == pytest.approx(wanted.params[1])


def test_on_one_date_the_regression_is_held_against_history() -> None:
    events = pd.DataFrame({"event_id": "x", "asset": [*"ABCDEFGH"], "date": DATES[100], "size": range(8)})
    found = es.run_study(PRICES, events, spec(), benchmark="MKT").regress(["size"])
    assert [test.name for test in found.against_history] == ["cross_section_history_t"] * 2
    assert "p_against_history" in found.to_frame().columns


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["nope"], {}, "no such column"),
        (["size"], {"window": (0, 3)}, "the study has no such window"),
        (["size"], {"covariance": "HC9"}, "unknown covariance"),
        ("car ~ size", {"cluster_by": ("firm",)}, "no such column"),
        ("car ~ size", {"cluster_by": ("date", "asset", "group")}, "two kinds of clusters"),
        ("car ~ size", {"cluster_by": "date", "covariance": "HC1"}, "is not of clusters"),
    ],
)
def test_regressions_that_cannot_be(
    names: list[str] | str, options: dict[str, Any], message: str, result: es.StudyResult
) -> None:
    with pytest.raises(InputError, match=message):
        result.regress(names, **options)


def test_mde_and_equivalence_follow_from_the_error_of_the_mean(result: es.StudyResult) -> None:
    from scipy import stats

    found = result.to_dict()["aggregate"][0]["windows"][0]
    half = (found["caar_ci"][1] - found["caar_ci"][0]) / 2
    se = half / stats.t.ppf(0.975, 23)
    assert found["caar_se"] == pytest.approx(se)
    p = max(stats.t.cdf((found["caar"] - 0.02) / se, 23), stats.t.sf((found["caar"] + 0.02) / se, 23))
    assert found["equivalence"] == {"margin": 0.02, "p_value": pytest.approx(p), "reason": None}
    shift = found["mde"] / se
    power = stats.nct.sf(stats.t.ppf(0.975, 23), 23, shift) + stats.nct.cdf(stats.t.ppf(0.025, 23), 23, shift)
    assert power == pytest.approx(0.8)


def test_the_mean_bhar_and_the_precision_weighted_mean(result: es.StudyResult) -> None:
    found = result.to_dict()["aggregate"][0]["windows"][1]
    events = result.events
    assert found["mean_bhar"] == pytest.approx(events["bhar[0,1]"].mean())
    weight = events["car_se[0,1]"] ** -2.0
    assert found["precision_weighted_caar"] == pytest.approx((weight * events["car[0,1]"]).sum() / weight.sum())
    assert found["bhar_test"]["name"] == "bhar_skewness_adjusted_t"
    weights = table()["weight"]
    assert found["weighted_caar"] == pytest.approx((weights * events["car[0,1]"]).sum() / weights.sum())


def test_the_plot_shows_the_path_with_its_band(result: es.StudyResult, tmp_path: Path) -> None:
    figure = result.plot_caar("good")
    axes = figure.axes[0]
    path = 100 * result.abnormal[(result.events["group"] == "good").to_numpy()].mean().cumsum()
    assert axes.lines[0].get_ydata() == pytest.approx(path.to_numpy())
    assert [bar.get_height() for bar in axes.patches] == pytest.approx(path.diff().fillna(path.iloc[0]).tolist())
    figure.savefig(tmp_path / "caar.svg")
    with pytest.raises(InputError, match="no such group"):
        result.plot_caar("ugly")


def test_everything_skipped_still_has_all_forms() -> None:
    found = es.run_study(PRICES, table().assign(asset="Q"), spec(), benchmark="MKT", regress=["size"])
    assert found.n_skipped == 24
    assert found.events["status"].eq("skipped").all()
    assert found.abnormal.isna().all(axis=None)
    assert found.aggregate["n"].tolist() == [0, 0]
    assert found.tests["p_value"].isna().all()
    assert found.plot_caar() is not None
    assert found.summary()


def test_an_event_without_a_result_has_no_numbers_in_the_frames() -> None:
    prices = PRICES.copy()
    prices.loc[80, "A"] = -1.0  # day 0 of the first event, whose other days have returns
    found = es.run_study(prices, table().head(2), spec(), benchmark="MKT")
    assert found.events["status"].tolist() == ["skipped", "ok"]
    assert found.abnormal.isna().all(axis=1).tolist() == [True, False]
    assert found.events["df"].isna().tolist() == [True, False]


def test_the_default_study_needs_no_spec() -> None:
    found = es.run_study(PRICES, table().tail(1), benchmark="MKT")
    assert found.spec.estimation == es.Window(-250, -11)
    assert found.n_skipped == 0


def test_unknown_names_are_errors() -> None:
    for changes, message in (({"model": "nope"}, "unknown model"), ({"tests": ("nope",)}, "unknown test")):
        with pytest.raises(InputError, match=message):
            es.run_study(PRICES, table(), spec(**changes), benchmark="MKT")


def test_a_formula_is_the_regression_of_statsmodels(result: es.StudyResult, tmp_path: Path) -> None:
    from statsmodels.formula.api import ols

    frame = table().assign(car=result.events["car[0,1]"])
    wanted = ols("car ~ size + C(group)", frame).fit(
        cov_type="cluster", cov_kwds={"groups": frame["asset"].factorize()[0]}, use_t=True
    )
    formula = "car ~ size + C(group)"
    found = result.regress(formula, (0, 1), cluster_by="asset")
    assert found.to_frame()["se"].tolist() == pytest.approx(list(wanted.bse))
    assert found.to_frame()["p_value"].tolist() == pytest.approx(list(wanted.pvalues))
    assert (found.clusters, found.errors) == ({"asset": 8}, "clustered by asset (8)")
    options = (*SHORT, "--benchmark", "MKT", "--formula", formula, "--cluster-by", "asset")
    done = run_cli(tmp_path, PRICES, table().to_csv(index=False), *options)
    told = done.json["regressions"][1]
    assert [c["test"]["estimate"] for c in told["coefficients"]] == pytest.approx(list(wanted.params))
    assert (told["formula"], told["clusters"], told["covariance"]) == (formula, {"asset": 8}, "cluster")
    assert done.json["spec"]["cluster_by"] == ["asset"]


@pytest.mark.parametrize("options", [{}, {"folder": Path("parts")}, {"folder": Path("parts"), "bar": "5m"}])
def test_a_study_that_is_not_in_parts_cannot_go_on_with_them(options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="resume: a study that is not in parts has none to go on from"):
        es.run_study(PRICES, table(), spec(), benchmark="MKT", resume=True, **options)


def test_an_option_that_there_is_not_is_named_with_the_one_that_is_meant() -> None:
    with pytest.raises(InputError, match="benchmrak: there is no such option; did you mean 'benchmark'"):
        es.run_study(PRICES, table(), spec(), benchmrak="MKT")


def test_the_types_of_the_options_are_those_of_their_defaults() -> None:
    typed = Options.__annotations__
    assert {field.name: field.type for field in dataclasses.fields(StudyOptions)} == {
        name: kind.__forward_arg__ for name, kind in typed.items()
    }


@pytest.mark.parametrize(("option", "value"), [("values", "returns"), ("equivalence", 0.01)])
def test_an_option_of_days_is_none_of_minutes(option: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"{option}: is of days, not of minutes"):
        es.run_study(PRICES, table(), bar="5m", **{option: value})
