"""Regressions by formula, and errors in one and in two kinds of clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import grunfeld

from eventstudy.errors import InputError
from eventstudy.inference.cross_section import Design, Explained, explain
from eventstudy.study.formula import design_of

FRAME = pd.DataFrame(
    {
        "car": [0.01, 0.02, -0.01, 0.03, 0.00, -0.02],
        "surprise": [1.0, 2.0, np.nan, 4.0, 5.0, 7.0],
        "sector": ["oil", "bank", "oil", None, "tech", "bank"],
        "book to market": [1.0, 1.0, 2.0, 3.0, 5.0, 8.0],
    }
)


def test_a_formula_makes_dummies_and_leaves_out_what_is_not_known() -> None:
    found = design_of("car ~ surprise + C(sector) + np.log(Q('book to market'))", FRAME)
    assert found.names == (
        "constant",
        "C(sector)[T.oil]",
        "C(sector)[T.tech]",
        "surprise",
        "np.log(Q('book to market'))",
    )
    assert found.terms == {"C(sector)": slice(1, 3)}
    by_hand = {
        0: [1, 1, 0, 1, 0],
        1: [1, 0, 0, 2, 0],
        4: [1, 0, 1, 5, np.log(5)],
        5: [1, 0, 0, 7, np.log(8)],
    }
    for i in range(6):  # the third has no surprise, the fourth no sector
        assert found.x[i].tolist() == pytest.approx(by_hand[i]) if i in by_hand else np.isnan(found.x[i]).all()
    assert np.isnan(found.y).tolist() == [False, False, True, True, False, False]


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("car ~ surprize", "there is no such column: surprize"),
        ("car ~ C(secktor)", "there is no such column: secktor"),
        ("car ~ Q('size')", "there is no such column"),
        ("car ~ surprise +", "cannot be read"),
        ("~ surprise", "needs one thing on its left"),
        ("sector ~ surprise", "a category on its left"),
        ("car ~ np.log(sector)", "cannot be evaluated"),
        ("car ~ surprise.to_csv('x')", "there is no such function"),
        ("car ~ __import__('os').system('true')", "there is no such function"),
        ("car ~ np.loadtxt('x')", "there is no such function"),
        ("car ~ open('x')", "there is no such column: open"),
        ("car ~ np.log([surprise for x in surprise])", "columns, numbers and functions"),
    ],
)
def test_a_formula_that_cannot_be_names_what_is_wrong(formula: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        design_of(formula, FRAME)


def errors(found: Explained) -> list[float]:
    return [dict(test.details)["se"] for test in found.coefficients]


def investment() -> tuple[list[np.ndarray], pd.Series, pd.Series]:
    """Grunfeld's first ten firms, as Stata has them."""
    data = grunfeld.load_pandas().data.iloc[:200]
    return [data[name].to_numpy() for name in ("invest", "value", "capital")], data["firm"], data["year"]


def test_clustered_errors_are_those_of_stata() -> None:
    (y, value, capital), firm, _ = investment()
    x = np.column_stack([value, capital])
    by_firm = explain(Design.with_constant(y, x, ("value", "capital"), clusters=(firm.to_numpy(),)), "cluster")
    # regress invest mvalue kstock, cluster(company); Stata 11, in the tests of statsmodels
    assert errors(by_firm) == pytest.approx([20.425202580078, 0.01589433647768, 0.08496711097464], rel=1e-7)
    assert {test.df for test in by_firm.coefficients} == {9.0}


def test_two_kinds_of_clusters_are_added_less_their_intersections() -> None:
    (y, value, capital), firm, year = investment()
    x = np.column_stack([np.ones(200), value, capital])
    codes = [pd.factorize(kind)[0] for kind in (firm, year)]
    both = np.arange(200)  # each firm once a year
    bread = np.linalg.inv(x.T @ x)
    e = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]

    def variance(code: np.ndarray) -> np.ndarray:
        sums = np.array([(x[code == g] * e[code == g, None]).sum(axis=0) for g in np.unique(code)])
        return bread @ sums.T @ sums @ bread

    parts = [variance(code) for code in (*codes, both)]
    # ivreg2 invest mvalue kstock, cluster(company year), without its small-sample factor
    large = np.sqrt(np.diag(parts[0] + parts[1] - parts[2]))
    assert large.tolist() == pytest.approx([18.411420987265, 0.01543448599542, 0.07407184066336], rel=1e-7)
    factors = [g / (g - 1) * 199 / 197 for g in (10, 20, 200)]  # of each kind its own: Cameron, Gelbach & Miller 2011
    wanted = np.sqrt(np.diag(sum(f * part for f, part in zip([*factors[:2], -factors[2]], parts, strict=True))))
    found = explain(Design(y=y, x=x, names=("a", "b", "c"), clusters=(firm.to_numpy(), year.to_numpy())), "cluster")
    assert errors(found) == pytest.approx(wanted.tolist(), rel=1e-9)
    assert found.n_clusters == (10, 20)
    assert {test.df for test in found.coefficients} == {9.0}  # of the fewer


def test_the_joint_test_is_that_of_the_sums_of_squares() -> None:
    rng = np.random.default_rng(4)
    kind = np.repeat([0, 1, 2, 3], 15)
    y = rng.normal(size=60) + 0.3 * kind
    x = np.column_stack([np.ones(60), *(kind == k for k in (1, 2, 3))])
    found = explain(Design(y=y, x=x, names=("1", "b", "c", "d"), terms={"kind": slice(1, 4)}), "nonrobust").terms[0]
    within = sum(((y[kind == k] - y[kind == k].mean()) ** 2).sum() for k in range(4))
    between = ((y - y.mean()) ** 2).sum() - within
    assert found.statistic == pytest.approx(between / 3 / (within / 56))
    assert (found.df, dict(found.details)["df_numerator"]) == (56, 3)


def test_an_event_that_alone_decides_a_coefficient_has_no_hc3() -> None:
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(20), np.arange(20) == 7, rng.normal(size=20)])
    design = Design(y=rng.normal(size=20), x=x, names=("a", "b", "c"), clusters=(np.arange(20) // 4,))
    assert all("1 event decides" in (test.reason or "") for test in explain(design, "HC3").coefficients)
    assert all(test.reason is None for test in explain(design, "HC1").coefficients)


def test_a_mean_within_one_cluster_has_no_clustered_error() -> None:
    kind = np.repeat(np.arange(5), 4)
    x = np.column_stack([kind == 0, kind == 1, kind > 1])
    design = Design(y=np.random.default_rng(5).normal(size=20), x=x, names=("a", "b", "c"), clusters=(kind,))
    reasons = [test.reason or "" for test in explain(design, "cluster").coefficients]
    assert ["its error is zero" in reason for reason in reasons] == [True, True, False]
