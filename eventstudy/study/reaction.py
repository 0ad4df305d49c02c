"""The reaction of one asset under one alignment: fit, abnormal returns, windows, placebo days."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eventstudy.abnormal import Abnormal, abnormal_returns, cumulate
from eventstudy.calendars import Alignment, session_date
from eventstudy.errors import CannotEstimate
from eventstudy.inference.effect import confidence_interval, mde_exact
from eventstudy.inference.single import hac_z, placebo, sample_quantile, t_test
from eventstudy.models.diagnostics import Diagnostics, diagnose
from eventstudy.models.single import estimation_regressors, fit_one
from eventstudy.records import Alternative, Event, Fit, Float64Array, Inference, StudySpec, Window
from eventstudy.registry.models import MODELS
from eventstudy.returns import ReturnSeries, sample_at
from eventstudy.study.results import DayResult, Reaction, WindowResult
from eventstudy.study.verdict import priced_context

MOST_MARKS = 5  # named in the notes of a result


def react(
    event: Event,
    study_id: str,
    spec: StudySpec,
    series: ReturnSeries,
    alignment: Alignment,
    primary: Window,
    context: Sequence[Event],
) -> Reaction:
    """Everything one study finds out about one asset; a reason instead where the data do not allow it."""
    index = alignment.index
    sample = sample_at(series, [index], spec)
    before, at = (f"{np.datetime_as_string(series.instants[i], unit='s')}Z" for i in (index - 1, index))
    head = Reaction(
        study_id=study_id,
        event_id=event.event_id,
        asset=series.asset,
        alignment=alignment.name,
        status="skipped",
        reason=None,
        day0=session_date(alignment.session),
        prices=(number(series.prices[index - 1]), number(series.prices[index])),
        instants=(before, at),
        notes=series.notes,
    )
    try:
        _require_day0(series, index)
        fit = fit_one(sample, MODELS[spec.model](sample, spec))
        if fit.reasons[0] is not None:
            raise CannotEstimate(fit.reasons[0])
    except CannotEstimate as reason:
        return replace(head, reason=str(reason))
    abnormal = abnormal_returns(sample, fit)
    diagnostics = diagnose(*estimation_regressors(sample, fit))
    placebos = PlaceboDays(series, index, spec)
    windows = tuple(
        _window(window, series, index, spec, fit, abnormal, diagnostics, placebos, window == primary, context)
        for window in spec.windows
    )
    return replace(
        head,
        status="ok",
        n_estimation=int(fit.n_estimation[0]),
        df=number(fit.df[0]),
        sigma=number(math.sqrt(fit.s2[0])),
        r_squared=number(fit.r_squared[0]),
        coefficients=tuple((name, number(value)) for name, value in zip(fit.names, fit.theta[0], strict=True)),
        diagnostics=(
            ("durbin_watson", diagnostics.durbin_watson),
            ("arch_lm_p", diagnostics.arch_lm.p_value),
            ("jarque_bera_p", diagnostics.jarque_bera.p_value),
        ),
        days=_days(series, index, fit, abnormal),
        windows=windows,
        placebo_scar=np.column_stack([placebos.scar[w] for w in spec.windows]),
        placebo_days=tuple(session_date(series.sessions[i]) for i in placebos.index.tolist()),
        notes=(*series.notes, *_notes(series, index, spec)),
    )


class PlaceboDays:
    """Every admissible day of the estimation window, re-estimated as if it were the event (methods.md D18).

    Attributes
    ----------
    index : numpy.ndarray
        Shape (B,), positions of the placebo days in the series.
    car, scar : dict of Window to Float64Array
        Shape (B,) each; NaN where the window would leave the estimation window or could not be estimated.
    """

    def __init__(self, series: ReturnSeries, index: int, spec: StudySpec) -> None:
        tau = np.arange(spec.estimation.start, spec.estimation.end + 1)
        tau = tau[tau + index > 0]
        self.index = index + tau
        sample = sample_at(series, self.index.tolist(), spec)
        fit = MODELS[spec.model](sample, spec)
        abnormal = abnormal_returns(sample, fit)
        self.car: dict[Window, Float64Array] = {}
        self.scar: dict[Window, Float64Array] = {}
        for window in spec.windows:
            inside = (tau + window.start >= spec.estimation.start) & (tau + window.end <= spec.estimation.end)
            found = cumulate(fit, abnormal, window, is_log=spec.returns == "log")
            whole = inside & (found.n_days == window.length)
            self.car[window] = np.where(whole, found.car, np.nan)
            self.scar[window] = np.where(whole, found.scar, np.nan)


def _window(
    window: Window,
    series: ReturnSeries,
    index: int,
    spec: StudySpec,
    fit: Fit,
    abnormal: Abnormal,
    diagnostics: Diagnostics,
    placebos: PlaceboDays,
    is_primary: bool,
    context: Sequence[Event],
) -> WindowResult:
    found = cumulate(fit, abnormal, window, is_log=spec.returns == "log")
    car, se, n_days = float(found.car[0]), float(found.se[0]), int(found.n_days[0])
    reason = _no_window(series, index, window, car)
    draws = placebos.car[window][np.isfinite(placebos.car[window])]
    df, m = float(fit.df[0]), int(fit.n_estimation[0])
    tests: tuple[Inference, ...] = ()
    if reason is None:
        tests = (
            t_test(car, se, df, n=m, alternative=spec.alternative),
            placebo(car, draws, spec.alternative),
            sample_quantile(car, fit.residuals[0], n_days, spec.alternative),
            hac_z(car, _hac_variance(fit, abnormal, window, diagnostics), m, spec.alternative),
        )
    after = series.instants[max(index + window.start - 1, 0)]
    until = series.instants[min(index + window.end, series.instants.size - 1)]
    return WindowResult(
        window=window,
        is_primary=is_primary,
        n_days=n_days,
        car=None if reason else number(car),
        car_se=None if reason else number(se),
        scar=None if reason else number(found.scar[0]),
        bhar=None if reason else number(found.bhar[0]),
        interval=None if reason else confidence_interval(car, se, df, spec.alpha),
        mde=None if reason else number(se * _detectable(df, spec.alpha, spec.power, spec.alternative)),
        tests=tests,
        p_adjusted=None,
        verdict="not computable",
        context=priced_context(context, after, until),
        placebo=draws,
        reason=reason,
    )


def _require_day0(series: ReturnSeries, index: int) -> None:
    for position, what in ((index, "the first session that could react"), (index - 1, "the session before")):
        if not np.isfinite(series.prices[position]):
            raise CannotEstimate(f"no price on {series.sessions[position]}, {what}{_why(series, position)}")
    if series.x.shape[1] and not np.isfinite(series.x[index]).all():
        raise CannotEstimate(
            f"the benchmark has no return on {series.sessions[index]}, the first session that could react"
        )


def _why(series: ReturnSeries, position: int) -> str:
    """What the source says of where its prices end, else the date of the last one."""
    said = [note for note in series.notes if "run from" in note]
    before = series.sessions[: position + 1][np.isfinite(series.prices[: position + 1])]
    return f"; {said[0]}" if said else f"; the last price before it is of {before[-1]}" if before.size else ""


def _no_window(series: ReturnSeries, index: int, window: Window, car: float) -> str | None:
    if index + window.end >= series.sessions.size:
        return f"the window {window.label} is not complete yet: the prices end on {series.sessions[-1]}"
    if index + window.start < 1:
        return f"the window {window.label} starts before the prices, which begin on {series.sessions[0]}"
    if not math.isfinite(car):
        return f"no return inside the window {window.label}"
    return None


def _hac_variance(fit: Fit, abnormal: Abnormal, window: Window, diagnostics: Diagnostics) -> float:
    """L × long-run variance of a session + x_W' V_HAC x_W: serial correlation in both parts of the error."""
    inside = (abnormal.tau >= window.start) & (abnormal.tau <= window.end) & np.isfinite(abnormal.ar[0])
    if fit.theta.shape[1] == 0:
        return float(inside.sum() * diagnostics.long_run_variance)
    x_sum = fit.design[0, inside].sum(axis=0)
    return float(inside.sum() * diagnostics.long_run_variance + x_sum @ diagnostics.hac_covariance @ x_sum)


@functools.cache
def _detectable(df: float, alpha: float, power: float, alternative: Alternative) -> float:
    """Smallest detectable move in standard errors: it depends on nothing else, and its search takes milliseconds."""
    return mde_exact(1.0, df, alpha, power, alternative)


def _days(series: ReturnSeries, index: int, fit: Fit, abnormal: Abnormal) -> tuple[DayResult, ...]:
    """Day by day; the running CAR starts at the event window's start and carries its own standard error."""
    running, running_se = _running(fit, abnormal)
    out = []
    for j, tau in enumerate(abnormal.tau.tolist()):
        position = index + tau
        if not 0 <= position < series.sessions.size:
            continue
        out.append(
            DayResult(
                tau=tau,
                session=session_date(series.sessions[position]),
                ret=number(abnormal.returns[0, j]),
                expected=number(fit.expected[0, j]),
                ar=number(abnormal.ar[0, j]),
                ar_se=number(abnormal.se[0, j]),
                sar=number(abnormal.sar[0, j]),
                car=number(running[j]),
                car_se=number(running_se[j]),
            )
        )
    return tuple(out)


def _running(fit: Fit, abnormal: Abnormal) -> tuple[Float64Array, Float64Array]:
    """CAR from the event window's start to each day, and its standard error: `cumulate` for every end at once.

    NaN before the first return, and from day 0 on when that has none.
    """
    ar = abnormal.ar[0]
    present = np.isfinite(ar)
    x_sum = np.cumsum(np.where(present[:, None], fit.design[0], 0.0), axis=0)
    factor = np.cumsum(np.where(present, fit.base[0], 0.0))
    factor = factor + np.einsum("tk,kl,tl->t", x_sum, fit.gram_inverse[0], x_sum)
    lost = np.cumsum(present) == 0
    lost |= (abnormal.tau >= 0) & ~present[abnormal.tau == 0].all()
    car = np.where(lost, np.nan, np.cumsum(np.where(present, ar, 0.0)))
    return car, np.where(lost, np.nan, np.sqrt(fit.s2[0] * factor))


def _notes(series: ReturnSeries, index: int, spec: StudySpec) -> tuple[str, ...]:
    window = slice(max(index + spec.event_window.start, 0), index + spec.event_window.end + 1)
    notes = _marked(series, index, spec)
    if series.stale[window].any():
        days = ", ".join(str(s) for s in series.sessions[window][series.stale[window]])
        notes.append(
            f"the benchmark had no new price before the asset's on {days}; its move is counted a session later"
        )
    return tuple(notes)


def _marked(series: ReturnSeries, index: int, spec: StudySpec) -> list[str]:
    """Bars that look wrong, from the price before the estimation window to the end of the event window."""
    used = series.sessions[max(index + spec.estimation.start - 1, 0) : index + spec.event_window.end + 1]
    found = list(dict.fromkeys(words for session, words in series.marks if used[0] <= session <= used[-1]))
    more = len(found) - MOST_MARKS
    return found[:MOST_MARKS] + ([f"{series.asset}: {more} more bars look wrong in these windows"] if more > 0 else [])


def number(value: float | np.floating) -> float | None:
    """A plain float, None for NaN or infinity."""
    plain = float(value)
    return plain if math.isfinite(plain) else None
