"""Tests over all assets of one event together, which share one date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.errors import EventStudyError
from eventstudy.inference.single import max_t_placebo, t_test
from eventstudy.models import MODELS
from eventstudy.models.single import fit_one
from eventstudy.records import Inference, Sample, StudySpec, Window
from eventstudy.results import Reaction
from eventstudy.returns import ReturnSeries, sample_at

PORTFOLIO_NULL = "the equal-weight portfolio of the assets, as quoted, has no abnormal return"
PORTFOLIO_SOURCE = "portfolio method; Brown & Warner 1980, exact forecast variance"


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
    out: list[tuple[str, Window, Inference]] = []
    for position, window in enumerate(spec.windows):
        out.append(("main", window, portfolio_t(rows, spec, series, window)))
        out.append(("main", window, _max_t(rows, position)))
    return tuple(out)


def portfolio_t(
    rows: Sequence[Reaction], spec: StudySpec, series: Mapping[str, ReturnSeries | EventStudyError], window: Window
) -> Inference:
    """Exact t test of the equal-weight portfolio's CAR; needs two assets on the same sessions."""
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
    reason = None
    if len(rows) < 2:
        reason = "needs at least two assets with results"
    elif len(clocks) > 1:
        reason = "the assets' prices are taken at different times, so no portfolio of them has one return"
    if reason is None:
        pooled = Sample(
            tau=samples[0].tau,
            y=np.mean([s.y for s in samples], axis=0),
            x=np.mean([s.x for s in samples], axis=0),
            estimation=spec.estimation,
            event_window=spec.event_window,
        )
        fit = fit_one(pooled, spec, MODELS[spec.model](pooled, spec))
        reason = fit.reasons[0]
    if reason is None:
        found_car = cumulate(fit, abnormal_returns(pooled, fit), window, is_log=spec.returns == "log")
        test = t_test(
            float(found_car.car[0]), float(found_car.se[0]), float(fit.df[0]), n=len(rows), alternative=spec.alternative
        )
        return _renamed(test)
    return Inference(
        name="portfolio_t",
        null=PORTFOLIO_NULL,
        statistic=None,
        distribution="t",
        df=None,
        p_value=None,
        n=len(rows),
        reason=reason,
        source=PORTFOLIO_SOURCE,
    )


def _renamed(test: Inference) -> Inference:
    return Inference(
        name="portfolio_t",
        null=PORTFOLIO_NULL,
        statistic=test.statistic,
        distribution=test.distribution,
        df=test.df,
        p_value=test.p_value,
        n=test.n,
        reason=test.reason,
        source=PORTFOLIO_SOURCE,
    )


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
