"""The numbers of an event are the same bits, whatever events stand beside it and however they are cut into chunks."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.models.diagnostics import diagnose
from eventstudy.records import Float64Array, Int64Array, Sample, StudySpec
from eventstudy.registry.models import MODELS
from eventstudy.sums import combine, cross_products, quadratic, row_dot, row_sum
from tests.support.studies import walk

# Every model with every variant; the two that `arch` searches for are followed event by event.
CASES = [
    (name, variant)
    for name, model in MODELS.items()
    if not model.factors and not name.endswith("garch")
    for variant in ("", *model.variants)
]
SPEC = StudySpec(estimation=(-60, -12), event_window=(-11, 11), windows=[(0, 0), (-1, 1), (-9, 11)], min_estimation=30)
WALK = walk("ABCDEFGH", 300).drop(columns="date").to_numpy()
RETURNS = np.diff(np.log(WALK), axis=0)


def batch(days: Int64Array, columns: int, holes: bool) -> Sample:
    """Samples around some days: the asset is the column after the regressors, and a third of them has a hole."""
    tau = np.arange(SPEC.estimation.start - 2, SPEC.event_window.end + 3)
    y = RETURNS[days[:, None] + tau, 4 + days[:, None] % 4]
    if holes:
        y[days % 3 == 0, 20:23] = np.nan
        y[days % 4 == 0, -8] = np.nan
    x = RETURNS[days[:, None] + tau][:, :, :columns]
    span = np.where(np.isfinite(y), 1.0, np.nan)
    return Sample(tau=tau, y=y, x=x, estimation=SPEC.estimation, event_window=SPEC.event_window, span=span)


def part(sample: Sample, rows: Int64Array, transposed: bool) -> Sample:
    """Some rows of `sample`, in this order; `transposed` lays an event's days far apart in memory."""

    def lie(values: Float64Array) -> Float64Array:
        return np.asfortranarray(values) if transposed else np.ascontiguousarray(values)

    assert sample.span is not None
    return replace(sample, y=lie(sample.y[rows]), x=lie(sample.x[rows]), span=lie(sample.span[rows]))


def numbers(model: str, sample: Sample, variant: str) -> dict[str, np.ndarray]:
    """Every array of an event's fit, abnormal returns and windows."""
    spec = replace(SPEC, model=model, variant=variant)
    fit = MODELS[model](sample, spec)
    daily = abnormal_returns(sample, fit)
    found = {"fit": fit, "daily": daily} | {w.label: cumulate(fit, daily, w, is_log=True) for w in SPEC.windows}
    return {
        f"{name}.{field.name}": np.asarray(getattr(record, field.name))
        for name, record in found.items()
        for field in fields(record)
        if isinstance(getattr(record, field.name), np.ndarray) and field.name != "tau"
    }


def assert_bits(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray], rows: Int64Array) -> None:
    for name, values in found.items():
        assert values.astype(float).tobytes() == wanted[name][rows].astype(float).tobytes(), name


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize(("model", "chosen"), CASES)
def test_chunks_order_and_neighbours_change_no_bit_of_an_event(
    model: str, chosen: str, columns: int, transposed: bool
) -> None:
    days = np.arange(70, 88)
    whole = batch(days, columns, holes=True)
    wanted = numbers(model, whole, chosen)
    for size in range(1, days.size + 1):
        for start in range(0, days.size, size):
            rows = np.arange(start, min(start + size, days.size))
            assert_bits(numbers(model, part(whole, rows, transposed), chosen), wanted, rows)
    for rows in (np.arange(days.size)[::-1], np.random.default_rng(1).permutation(days.size), np.repeat(days - 70, 30)):
        assert_bits(numbers(model, part(whole, rows, transposed), chosen), wanted, rows)


@settings(max_examples=60)
@given(st.integers(1, 40), st.integers(1, 300), st.integers(1, 4), st.randoms(use_true_random=False))
@example(2, 9, 2, None)
def test_the_bits_of_a_sum_depend_on_its_row_alone(n: int, width: int, k: int, random: object) -> None:
    rng = np.random.default_rng(random.randint(0, 2**32) if random else 0)  # type: ignore[attr-defined]  # Random
    a, b = rng.standard_normal((2, n, width))
    x, matrix = rng.standard_normal((n, width, k)), rng.standard_normal((n, 1, k, k))
    matrix = matrix + matrix.swapaxes(-1, -2)
    whole = row_sum(a), row_dot(a, b), combine(x, matrix[:, :, 0]), quadratic(x, matrix), cross_products(x, x[:, :, :1])
    np.testing.assert_allclose(whole[4], x.transpose(0, 2, 1) @ x[:, :, :1], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(whole[3], np.einsum("nti,nij,ntj->nt", x, matrix[:, 0], x), rtol=1e-9, atol=1e-9)
    order = rng.permutation(n)
    for lie in (np.ascontiguousarray, np.asfortranarray):
        for rows in (order, *(order[i : i + 1] for i in range(n)), np.repeat(order, 3)):
            one, other, three, four = (lie(values[rows]) for values in (a, b, x, matrix))
            found = (
                *(row_sum(one), row_dot(one, other), combine(three, four[:, :, 0]), quadratic(three, four)),
                cross_products(three, three[:, :, :1]),
            )
            assert [f.tobytes() for f in found] == [w[rows].tobytes() for w in whole]


@pytest.mark.parametrize("width", [60, 61, 119])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_neighbours_change_no_bit_of_the_diagnostics(width: int, k: int) -> None:
    rng = np.random.default_rng(width * k)
    y, x = rng.standard_normal((12, width)), rng.standard_normal((12, width, k))
    y[::3, 7] = np.nan
    gram = np.linalg.inv(x.transpose(0, 2, 1) @ x)
    whole = diagnose(y, x, y, gram)
    for rows in (*(np.array([i]) for i in range(12)), np.arange(12)[::-1], np.repeat(np.arange(12), 2)):
        found = diagnose(y[rows], x[rows], y[rows], gram[rows])
        for field in fields(whole):
            assert getattr(found, field.name).tobytes() == getattr(whole, field.name)[rows].tobytes(), field.name
