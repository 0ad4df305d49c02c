"""Tests of many events against those of R's estudy2 and crseEventStudy, which were run on the same table of returns."""

from __future__ import annotations

import csv
import functools
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy import stats

import eventstudy as es

HERE = Path(__file__).parent / "data"
DAYS = range(-5, 6)
FIRMS, DAY0, M, L = 20, 140, 110, 11
# Ours → theirs, and what theirs is of ours.
ALIKE = {
    "cross_sectional_t": ("t_test", 1.0),
    "crude_dependence_t": ("brown_warner_1985", 1.0),
    "patell_z": ("patell", math.sqrt((M - 1) / (M - 2))),  # by the sample deviation of the residuals, not by s
    "bmp_t": ("boehmer", 1.0),
    "sign_z": ("sign_test", 1.0),
    "cowan_sign_z": ("generalized_sign_test", 1.0),
    "corrado_rank_z": ("rank_test", 1.0),
    "corrado_zivney_sign_z": ("corrado_sign_test", 1.0),
}
# Ours → the t and the p of theirs, and the number of clusters that p is of; ours is of one degree of freedom less.
CLUSTERED = {
    "cluster_t": ("t.val.one.clustered", "p.val.one.clustered", ("unique.cl1",)),
    "firm_cluster_t": ("tcl2", "pcl2", ("unique.cl2",)),
    "two_way_cluster_t": ("tcl12", "pcl12", ("unique.cl1", "unique.cl2")),
}


@functools.cache
def expected() -> dict[tuple[str, str], float]:
    with (HERE / "r_expected.csv").open(encoding="utf-8", newline="") as file:
        return {(row["statistic"], row["tau"]): float(row["value"]) for row in csv.DictReader(file)}


def found(events: pd.DataFrame, windows: list[str]) -> dict[str, dict[str, Any]]:
    """Window → test → what `run_study` says of it."""
    spec = es.StudySpec(
        model="market", returns="simple", estimation=(-120, -11), event_window=(-5, 5), windows=tuple(windows)
    )
    returns = pd.read_csv(HERE / "r_returns.csv")
    done = es.run_study(returns, events, spec, benchmark="MKT", values="returns").to_dict()
    (group,) = done["aggregate"]
    by_window = zip(windows, group["windows"], strict=True)
    return {window: {test["name"]: test for test in of["tests"]} | {"mean": of["caar"]} for window, of in by_window}


@functools.cache
def of_one_date() -> dict[str, dict[str, Any]]:
    returns = pd.read_csv(HERE / "r_returns.csv")
    firms = [str(name) for name in returns if str(name).startswith("F")]
    assert len(firms) == FIRMS
    events = pd.DataFrame({"event_id": firms, "asset": firms, "date": returns["date"].iloc[DAY0]})
    return found(events, [f"{day}:{day}" for day in DAYS] + ["-5:5"])


@functools.cache
def of_many_dates() -> dict[str, Any]:
    events = pd.read_csv(HERE / "r_events.csv")
    events.insert(0, "event_id", [f"e{n}" for n in range(len(events))])
    return found(events, ["0:2"])["0:2"]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("name", ALIKE)
def test_estudy2_says_the_same_of_a_day(name: str, day: int) -> None:
    theirs, factor = ALIKE[name]
    ours = of_one_date()[f"{day}:{day}"][name]["statistic"] * factor
    assert ours == pytest.approx(expected()[theirs, str(day)], rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("day", DAYS)
def test_estudy2_adds_the_same_ranks_of_a_day(day: int) -> None:
    positive = expected()["wilcoxon_test", str(day)]  # the sum of ranks; ours is told in standard deviations
    z = (positive - FIRMS * (FIRMS + 1) / 4) / math.sqrt(FIRMS * (FIRMS + 1) * (2 * FIRMS + 1) / 24)
    assert of_one_date()[f"{day}:{day}"]["wilcoxon"]["statistic"] == pytest.approx(z, rel=1e-12)


def test_estudy2_leaves_the_finite_population_out_of_the_rank_test_of_a_window() -> None:
    ours = of_one_date()["-5:5"]["corrado_rank_z"]["statistic"]
    short = math.sqrt(1 - (L - 1) / (M + L - 1))
    assert ours * short == pytest.approx(expected()["car_rank_test", "NA"], rel=1e-9)


def test_crse_event_study_has_the_same_mean_and_plain_t() -> None:
    ours = of_many_dates()
    assert ours["mean"] == pytest.approx(expected()["mean.abnormal.ret", "NA"], rel=1e-11)
    plain = ours["cross_sectional_t"]
    assert plain["statistic"] == pytest.approx(expected()["t.val.nonclustered", "NA"], rel=1e-11)
    assert plain["p_value"] == pytest.approx(expected()["p.val.nonclustered", "NA"], rel=1e-10)


@pytest.mark.parametrize("name", CLUSTERED)
def test_crse_event_study_clusters_alike_and_counts_one_degree_of_freedom_more(name: str) -> None:
    ours, (t, p, clusters) = of_many_dates()[name], CLUSTERED[name]
    fewest = min(expected()[each, "NA"] for each in clusters)
    assert ours["statistic"] == pytest.approx(expected()[t, "NA"], rel=1e-10)
    assert ours["df"] == fewest - 1
    assert 2 * stats.t.sf(abs(ours["statistic"]), fewest) == pytest.approx(expected()[p, "NA"], rel=1e-9)
