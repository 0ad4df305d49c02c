"""Tests over all assets of one event together, which share one date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from eventstudy.abnormal import Abnormal, abnormal_returns, cumulate
from eventstudy.errors import EventStudyError
from eventstudy.inference.laws import Hypothesis
from eventstudy.inference.single import max_t_placebo, t_test
from eventstudy.models.single import fit_one
from eventstudy.records import Fit, Inference, Sample, StudySpec, Window
from eventstudy.registry.models import MODELS
from eventstudy.returns import ReturnSeries, sample_at
from eventstudy.study.results import Reaction

PORTFOLIO_T = Hypothesis(
    name="portfolio_t",
    null="the equal-weight portfolio of the assets, as quoted, has no abnormal return",
    distribution="t",
    source="portfolio method; Brown & Warner 1980, exact forecast variance",
)


def joint_tests(
    reactions: Sequence[Reaction], spec: StudySpec, series: Mapping[str, ReturnSeries | EventStudyError]
) -> tuple[tuple[str, Window, Inference], ...]:
    """`portfolio_t` and `max_t_placebo` for the main alignment, a pair per window.

    The portfolio test is exact under any correlation between the assets; the placebo test moves all assets together
    through time and so keeps their correlation, fat tails and skew (methods.md D5p, D18, E1).
    """
    rows = [r for r in reactions if r.alignment == "main" and r.status == "ok"]
    if not rows:
        return ()
    portfolio = _portfolio(rows, spec, series)
    out: list[tuple[str, Window, Inference]] = []
    for position, window in enumerate(spec.windows):
        out.append(("main", window, _portfolio_t(portfolio, len(rows), spec, window)))
        out.append(("main", window, _max_t(rows, position)))
    return tuple(out)


def _portfolio(
    rows: Sequence[Reaction], spec: StudySpec, series: Mapping[str, ReturnSeries | EventStudyError]
) -> tuple[Fit, Abnormal] | str:
    """The equal-weight portfolio of the assets, fitted as one asset; a reason when it has no return."""
    if len(rows) < 2:
        return "needs at least two assets with results"
    samples: list[Sample] = []
    clocks = set()
    for row in rows:
        found = series[row.asset]
        assert isinstance(found, ReturnSeries)  # an asset with a result has returns
        index = int(np.searchsorted(found.sessions, np.datetime64(row.day0, "D")))
        sample = sample_at(found, [index], spec)
        positions = np.clip(index + sample.tau, 0, found.sessions.size - 1)
        clocks.add(found.instants[positions].tobytes())
        samples.append(sample)
    if len(clocks) > 1:
        return "the assets' prices are taken at different times, so no portfolio of them has one return"
    pooled = replace(
        samples[0],
        y=np.mean([sample.y for sample in samples], axis=0),
        x=np.mean([sample.x for sample in samples], axis=0),
    )
    fit = fit_one(pooled, MODELS[spec.model](pooled, spec))
    return fit.reasons[0] or (fit, abnormal_returns(pooled, fit))


def _portfolio_t(portfolio: tuple[Fit, Abnormal] | str, n: int, spec: StudySpec, window: Window) -> Inference:
    """Exact t test of the portfolio's CAR."""
    if isinstance(portfolio, str):
        return PORTFOLIO_T.refuse(portfolio, n)
    fit, abnormal = portfolio
    found = cumulate(fit, abnormal, window, is_log=spec.returns == "log")
    test = t_test(float(found.car[0]), float(found.se[0]), float(fit.df[0]), n=n, alternative=spec.alternative)
    return replace(test, name=PORTFOLIO_T.name, null=PORTFOLIO_T.null, source=PORTFOLIO_T.source)


def _max_t(rows: Sequence[Reaction], position: int) -> Inference:
    common = sorted(set.intersection(*(set(row.placebo_days) for row in rows)))
    columns = []
    for row in rows:
        assert row.placebo_scar is not None  # a row with status ok has its placebo days
        place = {day: i for i, day in enumerate(row.placebo_days)}
        columns.append(row.placebo_scar[[place[day] for day in common], position])
    scars = [row.windows[position].scar for row in rows]
    statistics = np.array([np.nan if scar is None else scar for scar in scars])
    return max_t_placebo(statistics, np.column_stack(columns))[0]
