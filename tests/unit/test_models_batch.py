"""The kernel where sums of squares are dangerous."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.errors import InputError
from eventstudy.models import MODELS, batch
from eventstudy.records import Sample, StudySpec

SPEC = StudySpec(estimation=(-130, -11), event_window=(-5, 5), windows=("0:0", "-5:5"), min_estimation=100)
SESSIONS, ASSETS, EVENTS = 2600, 3, 3000


def panel(unit: float = 0.01, mean: float = 0.0):
    rng = np.random.default_rng(4)
    x = rng.standard_normal(SESSIONS)
    y = x[:, None] * [0.5, 1.0, 1.5] + rng.standard_normal((SESSIONS, ASSETS))
    return unit * y + mean, unit * x + mean


def events():
    """Many, anywhere, with windows inside the panel."""
    rng = np.random.default_rng(5)
    return rng.integers(130, SESSIONS - 5, EVENTS), rng.integers(0, ASSETS, EVENTS)


def one_by_one(y, x, rows, assets, spec=SPEC):
    days = rows[:, None] + np.arange(spec.estimation.start, spec.event_window.end + 1)
    sample = Sample(
        tau=np.arange(spec.estimation.start, spec.event_window.end + 1),
        y=y[days, assets[:, None]],
        x=x[days][:, :, None],
        estimation=spec.estimation,
        event_window=spec.event_window,
    )
    fit = MODELS[spec.model](sample, spec)
    return fit, abnormal_returns(sample, fit)


def check(y, x, monkeypatch) -> int:
    """Compare all events with the market model; the number of those that took the slow route."""
    doubtful = 0
    plain = batch._moments_one_by_one

    def counted(returns, x, rows, *rest):
        nonlocal doubtful
        doubtful += rows.size
        return plain(returns, x, rows, *rest)

    monkeypatch.setattr(batch, "_moments_one_by_one", counted)
    rows, assets = events()
    found = batch.fit_batch(y, x, rows, assets, SPEC)
    fit, abnormal = one_by_one(y, x, rows, assets)
    np.testing.assert_allclose(found.s2, fit.s2, rtol=1e-10)
    np.testing.assert_allclose(found.theta[:, 1], fit.theta[:, 1], rtol=1e-10)
    np.testing.assert_allclose(found.sar, abnormal.sar, rtol=1e-10, atol=1e-10)
    whole = cumulate(fit, abnormal, SPEC.windows[1], is_log=False)
    np.testing.assert_allclose(found.car_se[:, 1], whole.se, rtol=1e-10)
    assert found.reasons == {i: reason for i, reason in enumerate(fit.reasons) if reason}
    return doubtful


@pytest.mark.parametrize(("unit", "mean"), [(0.01, 0.0), (1.0, 100.0), (1e-8, 0.0)])
def test_ordinary_returns_in_any_unit_need_no_second_look(unit, mean, monkeypatch):
    assert check(*panel(unit, mean), monkeypatch) == 0


def test_one_bad_return_keeps_its_digits_and_costs_its_neighbours_nothing(monkeypatch):
    y, x = panel()
    y[1100, 1] = 1e3
    assert check(y, x, monkeypatch) == 0


def test_a_quiet_spell_after_a_wild_one_keeps_its_digits(monkeypatch):
    y, x = panel()
    y[700:] *= 1e-7
    x[700:] *= 1e-7
    assert check(y, x, monkeypatch) >= 0


def test_a_level_far_from_the_rest_of_the_series_takes_the_slow_route(monkeypatch):
    """The mean of the asset is then no pivot for the window: what is left of its squares has too few digits."""
    y, x = panel()
    y[:700] += 10.0
    assert check(y, x, monkeypatch) > 0


def test_benchmark_that_stands_still_and_asset_on_itself_have_the_models_reasons(monkeypatch):
    y, x = panel()
    x[400:700] = 0.001
    y[:, 2] = 2.0 * x + 0.0001
    assert check(y, x, monkeypatch) > 0
    found = batch.fit_batch(y, x, np.array([600, 1000, 1000]), np.array([0, 0, 2]), SPEC)
    assert sorted(found.reasons) == [0, 2]
    assert "do not vary" in found.reasons[0]
    assert "no residual variance" in found.reasons[2]
    assert np.isnan(found.car[[0, 2]]).all()
    assert np.isfinite(found.car[1]).all()


def test_windows_beyond_the_panel_are_missing_days():
    y, x = panel()
    rows, assets = np.array([5, 120, SESSIONS - 1, SESSIONS - 3]), np.zeros(4, dtype=int)
    found = batch.fit_batch(y, x, rows, assets, SPEC)
    assert found.n_estimation.tolist() == [0, 110, 120, 120]
    assert list(found.reasons) == [0]
    assert np.isfinite(found.ar[2]).tolist() == [True] * 6 + [False] * 5
    assert np.isfinite(found.ar[3]).tolist() == [True] * 8 + [False] * 3


@pytest.mark.parametrize(("model", "has_benchmark"), [("huber", True), ("market", False)])
def test_what_the_kernel_cannot_do_is_refused(model, has_benchmark):
    y, x = panel()
    spec = StudySpec(model=model, estimation=(-130, -11), event_window=(-5, 5))
    with pytest.raises(InputError, match=r"kernel|benchmark"):
        batch.fit_batch(y, x if has_benchmark else None, np.array([200]), np.array([0]), spec)


def test_no_events_are_no_error():
    y, x = panel()
    nothing = np.array([], dtype=int)
    assert batch.fit_batch(y, x, nothing, nothing, SPEC).car.shape == (0, 2)
