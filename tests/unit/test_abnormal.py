"""Cumulative abnormal returns and their exact variance, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.records import Sample
from eventstudy.registry.models import MODELS
from eventstudy.spec import StudySpec, Window

M = 60
EVENT = Window(-3, 4)


def made(model: str, holes: tuple[int, ...] = ()):  # sample, fit and abnormal returns
    spec = StudySpec(model=model, returns="simple", estimation=(-70, -11), event_window=EVENT, windows=[(0, 0)])
    tau = np.arange(-70, 5)
    rng = np.random.default_rng(5)
    x = rng.normal(0, 0.01, (1, tau.size, 1))
    y = 0.001 + 0.8 * x[:, :, 0] + rng.normal(0, 0.02, (1, tau.size))
    for hole in holes:
        y[0, tau == hole] = np.nan
    sample = Sample(tau=tau, y=y, x=x, estimation=spec.estimation, event_window=EVENT)
    fit = MODELS[model](sample, spec)
    return sample, fit, abnormal_returns(sample, fit)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_constant_mean_car_has_variance_l_plus_l_squared_over_m(length: int) -> None:
    sample, fit, abnormal = made("constant-mean")
    past = sample.y[0, :M]
    found = cumulate(fit, abnormal, Window(0, length - 1), is_log=False)
    inside = sample.y[0, (sample.tau >= 0) & (sample.tau < length)]
    assert found.car[0] == pytest.approx(inside.sum() - length * past.mean(), rel=1e-12)
    assert found.se[0] ** 2 == pytest.approx(past.var(ddof=1) * (length + length**2 / M), rel=1e-12)


@pytest.mark.parametrize("window", [Window(0, 0), Window(0, 1), Window(-3, 4)])
def test_market_model_car_has_the_variance_of_mikkelson_and_partch(window: Window) -> None:
    sample, fit, abnormal = made("market")
    x, y = sample.x[0, :M, 0], sample.y[0, :M]
    beta = np.cov(x, y)[0, 1] / x.var(ddof=1)
    residual = y - y.mean() - beta * (x - x.mean())
    s2 = residual @ residual / (M - 2)
    inside = sample.x[0, (sample.tau >= window.start) & (sample.tau <= window.end), 0]
    length = window.length
    shift = (inside.sum() - length * x.mean()) ** 2 / ((x - x.mean()) ** 2).sum()
    found = cumulate(fit, abnormal, window, is_log=False)
    assert found.se[0] ** 2 == pytest.approx(s2 * (length + length**2 / M + shift), rel=1e-11)


def test_windows_add_up() -> None:
    _, fit, abnormal = made("market")
    parts = [cumulate(fit, abnormal, w, is_log=False).car[0] for w in (Window(-3, -1), Window(0, 1), Window(2, 4))]
    assert sum(parts) == pytest.approx(cumulate(fit, abnormal, Window(-3, 4), is_log=False).car[0], rel=1e-12)


def test_a_missing_day_is_skipped_and_counted() -> None:
    _, fit, abnormal = made("market", holes=(1,))
    found = cumulate(fit, abnormal, Window(0, 2), is_log=False)
    assert found.n_days[0] == 2
    assert np.isfinite(found.car[0])
    whole = (
        cumulate(fit, abnormal, Window(0, 0), is_log=False).car
        + cumulate(fit, abnormal, Window(2, 2), is_log=False).car
    )
    assert found.car == pytest.approx(whole)


def test_a_missing_day_adds_no_variance() -> None:
    sample, fit, abnormal = made("constant-mean", holes=(1,))
    past = sample.y[0, :M]
    found = cumulate(fit, abnormal, Window(0, 2), is_log=False)
    assert found.se[0] ** 2 == pytest.approx(past.var(ddof=1) * (2 + 2**2 / M), rel=1e-12)


def test_a_missing_announcement_day_leaves_no_number() -> None:
    _, fit, abnormal = made("market", holes=(0,))
    assert np.isnan(cumulate(fit, abnormal, Window(-1, 1), is_log=False).car[0])
    assert np.isfinite(cumulate(fit, abnormal, Window(1, 2), is_log=False).car[0])


@pytest.mark.parametrize("is_log", [False, True])
def test_buy_and_hold_compounds(is_log: bool) -> None:
    _, fit, abnormal = made("market")
    inside = (abnormal.tau >= 0) & (abnormal.tau <= 2)
    grow = np.expm1 if is_log else (lambda r: r)
    wanted = np.prod(1 + grow(abnormal.returns[0, inside])) - np.prod(1 + grow(fit.expected[0, inside]))
    assert cumulate(fit, abnormal, Window(0, 2), is_log=is_log).bhar[0] == pytest.approx(wanted, rel=1e-12)


def test_adding_a_constant_to_all_returns_moves_alpha_alone() -> None:
    sample, fit, abnormal = made("market")
    moved = Sample(tau=sample.tau, y=sample.y + 0.01, x=sample.x, estimation=sample.estimation, event_window=EVENT)
    spec = StudySpec(model="market", returns="simple", estimation=(-70, -11), event_window=EVENT, windows=[(0, 0)])
    other = MODELS["market"](moved, spec)
    assert other.theta[0, 0] - fit.theta[0, 0] == pytest.approx(0.01)
    assert other.theta[0, 1] == pytest.approx(fit.theta[0, 1])
    assert abnormal_returns(moved, other).ar == pytest.approx(abnormal.ar)
