"""What must not change, or must change in a known way, when the same events are written down differently."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstudy.inference import multiple
from eventstudy.inference.panel import Panel
from eventstudy.records import Alternative, StudySpec
from eventstudy.registry.tests import TESTS, group_tests
from tests.support.panels import panels

SPEC = StudySpec(
    returns="simple", estimation=(-45, -6), event_window=(-1, 2), windows=[(0, 1)], min_estimation=20, draws=199
)
T = 48
RESAMPLED = {"sign_flip", "bootstrap_t", "wild_bootstrap_t"}
# Reversing every sign reverses these; the sign tests treat zero and the median one-sidedly but draws have neither.
ODD = set(group_tests()) - {"mvrm_f", "generalized_sign_z", "max_t_placebo", "placebo"}
SAMPLES = settings(max_examples=10)


@st.composite
def events(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns, market and dates of 3 to 12 events on one date, on dates that overlap, or far apart."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, step = draw(st.integers(3, 12)), draw(st.sampled_from([0, 1, 100]))
    days = step * np.arange(n)[:, None] + np.arange(T)
    market, common = rng.normal(0, 0.01, (2, int(days.max()) + 1))
    y = market[days] + common[days] + rng.normal(0, 0.02, (n, T))
    y[rng.random(y.shape) < draw(st.sampled_from([0.0, 0.05]))] = np.nan
    return y, market[days][:, :, None], days


def run(y: np.ndarray, x: np.ndarray, days: np.ndarray, spec: StudySpec = SPEC) -> Panel:
    return panels(y, x, spec, days=days)[0]


def assert_same(panel: Panel, other: Panel, names: set[str], sign: float = 1.0) -> None:
    for name in sorted(names):
        first, second = TESTS[name].of_group(panel), TESTS[name].of_group(other)
        assert (first.reason is None) == (second.reason is None), name
        if first.reason is None:
            assert second.statistic == pytest.approx(sign * (first.statistic or 0.0), rel=1e-6, abs=1e-9), name
            assert second.p_value == pytest.approx(first.p_value, rel=1e-6, abs=1e-9), name


@SAMPLES
@given(events(), st.sampled_from([0.01, 100.0]))
def test_the_unit_of_returns_does_not_matter(data: tuple[np.ndarray, ...], unit: float) -> None:
    y, x, days = data
    assert_same(run(y, x, days), run(unit * y, unit * x, days), set(group_tests()))


@SAMPLES
@given(events(), st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(data: tuple[np.ndarray, ...], random: st.DataObject) -> None:
    y, x, days = data
    order = list(range(len(y)))
    random.shuffle(order)  # type: ignore[attr-defined]
    enumerated = {"sign_flip"}
    assert_same(run(y, x, days), run(y[order], x[order], days[order]), set(group_tests()) - RESAMPLED | enumerated)


@SAMPLES
@given(events(), st.integers(-500, 500))
def test_the_origin_of_the_calendar_does_not_matter(data: tuple[np.ndarray, ...], shift: int) -> None:
    y, x, days = data
    assert_same(run(y, x, 1000 + days), run(y, x, 1000 + days + shift), set(group_tests()))


@SAMPLES
@given(events())
def test_the_other_sign_gives_the_opposite_statistic(data: tuple[np.ndarray, ...]) -> None:
    y, x, days = data
    assert_same(run(y, x, days), run(-y, -x, days), ODD - {"bootstrap_t", "wild_bootstrap_t"}, sign=-1.0)


@SAMPLES
@given(events(), st.floats(-0.01, 0.01))
def test_a_constant_in_the_returns_moves_alpha_only(data: tuple[np.ndarray, ...], constant: float) -> None:
    y, x, days = data
    assert_same(run(y, x, days), run(y + constant, x, days), set(group_tests()))


@SAMPLES
@given(events())
def test_one_sided_p_values_are_two_ends_of_one_law(data: tuple[np.ndarray, ...]) -> None:
    def p_values(alternative: Alternative) -> dict[str, float | None]:
        panel = run(*data, dataclasses.replace(SPEC, alternative=alternative))
        return {name: test.of_group(panel).p_value for name, test in group_tests().items()}

    both, greater, less = p_values("two-sided"), p_values("greater"), p_values("less")
    assert greater["mvrm_f"] is less["mvrm_f"] is None
    for name in set(group_tests()) - RESAMPLED - {"mvrm_f", "wilcoxon"}:
        ends = greater[name], less[name]
        if ends[0] is not None and ends[1] is not None:
            assert sum(ends) == pytest.approx(1.0), name  # type: ignore[arg-type]
            assert both[name] == pytest.approx(2 * min(ends)), name  # type: ignore[type-var]


@SAMPLES
@given(events())
def test_an_event_counted_twice_is_not_two_events_to_the_tests_of_one_date(data: tuple[np.ndarray, ...]) -> None:
    """The same asset twice on one date: the portfolio is the same, and the correction sees the correlation."""
    y, x, days = data
    once = run(y, x, np.broadcast_to(days[0], days.shape))
    twice = run(np.repeat(y, 2, axis=0), np.repeat(x, 2, axis=0), np.broadcast_to(days[0], (2 * len(y), T)))
    if once.n == len(y):
        assert_same(once, twice, {"portfolio_t", "crude_dependence_t", "hac_portfolio_z"})
        assert twice.correlation.mean > once.correlation.mean


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30))
def test_adjusted_p_values_are_ordered_and_no_smaller(values: list[float | None]) -> None:
    p = np.array([math.nan if v is None else v for v in values])
    holm, bh, by = multiple.holm(p), multiple.bh(p), multiple.by(p)
    finite = np.isfinite(p)
    for adjusted in (holm, bh, by):
        assert (np.isfinite(adjusted) == finite).all()
        assert (adjusted[finite] >= p[finite] - 1e-15).all()
        assert (adjusted[finite] <= 1).all()
        order = np.argsort(p[finite], kind="stable")
        assert (np.diff(adjusted[finite][order]) >= 0).all()
    assert (bh[finite] <= by[finite] + 1e-15).all()
    assert (bh[finite] <= holm[finite] + 1e-15).all()
