"""What of a part goes to who puts the study together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.abnormal import Abnormal, Cumulated
from eventstudy.inference.panel import Placebo
from eventstudy.records import Fit, Int64Array, Window
from eventstudy.study.spread.part import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What of a part goes to who puts the study together: everything but returns and residuals.

    Attributes
    ----------
    fit, daily, cumulated, placebos
        As of ``Fitted``; arrays by day of the estimation window are left out.
    is_whole : tuple of NDArray of bool
    reasons : tuple of str or None
    window_reasons : dict
        See ``Fitted``.
    has_refusals : bool
    before, after : Int64Array
        Shape (n,), sessions from each row's first column back to the first of its series, and on to its end.
    days : NDArray
        Days of the sessions, see ``Samples``.
    days_at : Int64Array
    tau, regressor_names, benchmarks
        See ``Samples``.
    n_regressors : int
    notes : tuple of str
    told, confirmed, shared
        See ``Part``.
    width : int
        Days that have a residual.
    """

    fit: Fit
    daily: Abnormal
    cumulated: tuple[Cumulated, ...]
    placebos: dict[Window, Placebo] | None
    is_whole: tuple[NDArray[np.bool_], ...]
    reasons: tuple[str | None, ...]
    window_reasons: dict[tuple[int, int], str]
    has_refusals: bool
    before: Int64Array
    after: Int64Array
    days: NDArray[np.integer[Any]]
    days_at: Int64Array
    tau: Int64Array
    regressor_names: tuple[str, ...]
    benchmarks: tuple[str, ...] | None
    n_regressors: int
    notes: tuple[str, ...]
    told: dict[str, tuple[str, ...]]
    confirmed: set[str]
    shared: int
    width: int


def brief_of(part: Part, *, is_light: bool = False) -> Brief:
    """What is told of a part; `is_light` of what tests read alone, where the worker itself writes the rows."""
    result = part.result
    samples, fit = result.samples, result.fit
    width = fit.residuals.shape[1]
    none = np.empty((samples.n, 0))
    fit, daily = replace(fit, residuals=none, leverage=none), result.daily
    if is_light:
        design = np.empty((samples.n, 0, fit.theta.shape[1]))
        fit = replace(fit, expected=none, base=none, design=design, gram_inverse=none[:, :, None])
        daily = replace(daily, returns=none, se=none)
    return Brief(
        fit=fit,
        daily=daily,
        cumulated=result.cumulated,
        placebos=result.placebos,
        is_whole=result.is_whole,
        reasons=result.reasons,
        window_reasons=result.window_reasons,
        has_refusals=result.has_refusals,
        before=samples.y_at - samples.begin,
        after=samples.end - samples.y_at,
        days=samples.days,
        days_at=samples.days_at,
        tau=samples.tau,
        regressor_names=samples.regressor_names,
        benchmarks=samples.benchmarks,
        n_regressors=samples.x_at.shape[1],
        notes=samples.notes,
        told=part.told,
        confirmed=part.confirmed,
        shared=part.shared,
        width=width,
    )
