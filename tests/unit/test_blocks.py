"""A block of events gives each the bits that it has alone; what two computations disagree on fails its event alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from eventstudy.errors import NumbersDisagree
from eventstudy.records import StudySpec
from eventstudy.registry.models import MODELS
from eventstudy.returns import return_series
from eventstudy.study import estimates
from eventstudy.study import event as study
from eventstudy.study.event import Request, study_events
from eventstudy.study.fitting import fit_samples
from eventstudy.study.from_archive import Aligned, samples_of_archive
from tests.unit.test_study_event import event, prices

SPECS = {
    "mean": StudySpec(model="constant-mean"),
    "market": StudySpec(model="market", benchmark="M"),
    "factor": StudySpec(model="factor", factors=("M", "F")),
    "dimson": StudySpec(model="dimson", benchmark="M", lags=2, variant="distributed"),
    "adjusted": StudySpec(model="market-adjusted", benchmark="M"),
    "lumped": StudySpec(model="trade-to-trade", benchmark="M"),
}
SHAPE = {
    "returns": "simple",
    "estimation": (-60, -11),
    "event_window": (-5, 5),
    "windows": [(0, 0), (-1, 1), (-5, 5)],
    "min_estimation": 30,
}


def spec_of(name: str) -> StudySpec:
    return StudySpec(**{**{n: getattr(SPECS[name], n) for n in StudySpec.__slots__}, **SHAPE})


def requests(name: str) -> list[Request]:
    """Seven events on three assets, of which one has holes, and some have a day 0 without a price."""
    spec = spec_of(name)
    others = [prices(other, seed=seed) for other, seed in (("M", 8), ("F", 9)) if other in spec.explained_by]
    series = {
        asset: return_series(prices(asset, seed=seed, hole=hole), others, "simple", is_lumped=spec.is_lumped)
        for asset, seed, hole in (("A", 1, ()), ("B", 2, (95, 120, 153)), ("C", 3, (130,)))
    }
    days = (90, 120, 121, 140, 150, 170, 190)
    made = [dataclasses.replace(event(day=day, assets=tuple(series)), event_id=f"e{day}") for day in days]
    return [Request(event=one, study_id=name, spec=spec, series=series) for one in made]


def plain(value: object) -> object:
    """A result as nested tuples of text, numbers to the last bit."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, float):
        return value.hex()
    if dataclasses.is_dataclass(value):
        return tuple(plain(getattr(value, field.name)) for field in dataclasses.fields(value))
    return tuple(map(plain, value)) if isinstance(value, (tuple, list)) else value


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("name", SPECS)
def test_no_bit_depends_on_the_block(name, size):
    asked = requests(name)
    whole = study_events(asked)
    parts = [found for i in range(0, len(asked), size) for found in study_events(asked[i : i + size])]
    assert plain(parts) == plain(whole)
    assert sum(reaction.status == "ok" for found in whole for reaction in found.reactions) >= 12


def test_studies_may_share_a_block():
    mixed = [request for pair in zip(requests("mean"), requests("market"), strict=True) for request in pair]
    found = study_events(mixed)
    assert [(f.study_id, f.event_id) for f in found] == [(r.study_id, r.event.event_id) for r in mixed]
    assert plain(found[1::2]) == plain(study_events(requests("market")))


@pytest.mark.parametrize(
    ("quantity", "change"),
    [
        ("the coefficient beta", lambda fit: {"theta": fit.theta * np.array([1.0, 1 + 1e-8])}),
        ("the residual variance", lambda fit: {"s2": fit.s2 * (1 + 1e-8)}),
        ("the expected return", lambda fit: {"expected": fit.expected + 1e-10}),
        ("the covariance of alpha and alpha", lambda fit: {"gram_inverse": fit.gram_inverse * (1 + 1e-8)}),
    ],
)
def test_a_fit_that_statsmodels_and_the_kernel_disagree_on_fails_its_event_and_no_other(monkeypatch, quantity, change):
    real = study.estimate

    def off(sample, spec, kernel):
        fit = real(sample, spec, kernel)
        for name, new in change(fit).items():
            getattr(fit, name)[0] = new[0]
        return fit

    monkeypatch.setattr(study, "estimate", off)
    found = study_events(requests("market"))
    assert isinstance(found[0], NumbersDisagree)
    assert found[0].subject == "e90: A"
    assert quantity in found[0].quantity
    assert repr(found[0].stored) in str(found[0])
    assert repr(found[0].kernel) in str(found[0])
    assert isinstance(study_events(requests("market")[:1])[0], NumbersDisagree)  # by itself as in a block


def test_a_difference_of_rounding_is_none(monkeypatch):
    real = study.estimate
    monkeypatch.setattr(
        study,
        "estimate",
        lambda *a: dataclasses.replace(fit := real(*a), theta=fit.theta * (1 + 1e-13), s2=fit.s2 * (1 - 1e-13)),
    )
    assert not any(isinstance(found, NumbersDisagree) for found in study_events(requests("market")))


def samples(name):
    asked = requests(name)
    rows = [
        Aligned(event_id=request.event.event_id, alignment=found, series=series)
        for request in asked
        for series in request.series.values()
        for found in study.align(request.event, series.sessions, series.instants)
    ]
    return samples_of_archive(rows, spec_of(name))


def test_of_a_study_in_bulk_a_hundredth_is_computed_twice_and_said_so():
    rows, spec = samples("market"), spec_of("market")
    fit = fit_samples(rows, spec).fit
    usable = sum(reason is None for reason in fit.reasons)
    assert estimates.check_in_bulk(rows, spec, fit) == (
        f"{estimates.LEAST} of {usable} fits were computed a second time, by statsmodels, and agree"
    )
    wrong = dataclasses.replace(fit, s2=fit.s2 * (1 + 1e-6))
    with pytest.raises(NumbersDisagree, match="the residual variance"):
        estimates.check_in_bulk(rows, spec, wrong)


def test_every_model_is_estimated_twice():
    alone = [model.name for model in MODELS.ours if not estimates.has_second(model.name)]
    assert alone == ["garch", "egarch"]  # whose variances are followed anew instead
