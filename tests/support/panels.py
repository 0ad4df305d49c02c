"""Panels for the tests of inference, from arrays of returns."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.inference.panel import Panel, Placebo, build_panels
from eventstudy.records import Float64Array, Sample, StudySpec, Window
from eventstudy.registry.models import MODELS


def panels(
    y: Float64Array,
    x: Float64Array,
    spec: StudySpec,
    *,
    days: np.ndarray | None = None,
    members: np.ndarray | None = None,
    placebos: dict[Window, Placebo] | None = None,
    firms: np.ndarray | None = None,
) -> tuple[Panel, ...]:
    """One panel per window of `spec`.

    Parameters
    ----------
    y, x
        Shapes (n, T) and (T, p) or (n, T, p); columns run from the start of the estimation window to the end of the
        event window.
    days
        Shape (n, T); by default all events share their dates.
    firms
        Shape (n,); by default every event has an asset of its own.
    """
    tau = np.arange(spec.estimation.start, spec.event_window.end + 1)
    if x.ndim == 2:
        x = np.broadcast_to(x, (len(y), *x.shape))
    if days is None:
        days = np.broadcast_to(1000 + tau, y.shape)
    sample = Sample(tau=tau, y=y, x=x, estimation=spec.estimation, event_window=spec.event_window)
    fit = MODELS[spec.model](sample, spec)
    abnormal = abnormal_returns(sample, fit)
    measures = [cumulate(fit, abnormal, window, is_log=spec.returns == "log") for window in spec.windows]
    return build_panels(
        spec,
        fit,
        abnormal,
        measures,
        tau=tau,
        days=days,
        sample=sample,
        firms=firms,
        members=members,
        placebos=placebos,
    )


def inflation(n: int, correlation: float, *, estimates_variance: bool = False) -> float:
    """By how much correlation makes the variance of a test that ignores it too small (methods.md D8, F6).

    A test that estimates the variance in the cross-section finds it too small by the factor 1 - r̄ as well.
    """
    return (1 + (n - 1) * correlation) / (1 - correlation if estimates_variance else 1.0)
