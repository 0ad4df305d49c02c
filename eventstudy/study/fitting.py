"""From samples to fits, abnormal returns, windows and placebo days, in chunks of rows, and tests of single events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from types import ModuleType
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from eventstudy.abnormal import Abnormal, Cumulated, abnormal_returns, cumulate
from eventstudy.compiled import loops
from eventstudy.inference.laws import symmetric_ps
from eventstudy.inference.panel import Placebo
from eventstudy.inference.single import EventWindows
from eventstudy.inference.volatility import beaver_p, log_variance_ratio
from eventstudy.models.diagnostics import Diagnostics, diagnose
from eventstudy.models.least_squares import forecast, one_regressor_by_loops
from eventstudy.parallel import in_order
from eventstudy.records import Fit, Float64Array, Inference, Int64Array, Sample
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import event_tests
from eventstudy.spec import StudySpec, Window
from eventstudy.study.estimates import regression
from eventstudy.study.room import Room
from eventstudy.study.samples import CompiledResiduals, Hat, Samples
from eventstudy.sums import quadratic, row_sum

ITERATIVE_CHUNK = 256  # rows at a time of models that search for each row: it takes seconds, and is told of
PLACEBO_CHUNK = 2048  # rows at a time, which stay in the cache
TESTED = 256  # rows tested at a time

Part = TypeVar("Part", Fit, Abnormal, Cumulated)
Estimator = Callable[[Sample, slice], Fit]


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """The rows of a study, fitted.

    Attributes
    ----------
    spec : StudySpec
    samples : Samples
        n rows; the arrays below follow them.
    fit : Fit
    daily : Abnormal
    cumulated : tuple of Cumulated
        One per window.
    placebos : dict of Window to Placebo, or None
        None where none was estimated.
    """

    spec: StudySpec
    samples: Samples
    fit: Fit
    daily: Abnormal
    cumulated: tuple[Cumulated, ...]
    placebos: dict[Window, Placebo] | None

    def wants(self, test: str) -> bool:
        """Whether the study asks for a test."""
        return self.spec.tests is None or test in self.spec.tests

    def single_tests(self, i: int, position: int) -> tuple[Inference, ...]:
        """Tests of row `i` over the window at `position`, those that the study wants."""
        car = self.cumulated[position].car
        if not np.isfinite(car[i]):
            (found,) = self._tests_of(np.array([i]), position)
            return found
        first = i - i % TESTED
        if self._tested.get(position, (None,))[0] != first:
            rows = first + np.flatnonzero(np.isfinite(car[first : first + TESTED]))
            found_there = dict(zip(rows.tolist(), self._tests_of(rows, position), strict=True))
            self._tested[position] = first, found_there
        return self._tested[position][1][i]

    def _tests_of(self, rows: Int64Array, position: int) -> list[tuple[Inference, ...]]:
        found, fit = self.cumulated[position], self.fit
        events = EventWindows(
            car=found.car[rows],
            se=found.se[rows],
            df=fit.df[rows],
            n_estimation=fit.n_estimation[rows],
            n_days=found.n_days[rows],
            residuals=np.asarray(fit.residuals[rows]),
            placebo=None if self.placebos is None else self.placebos[found.window].car.T[rows],
            hac_variance=self.robust_variance[position][rows] if self._has_hac_z else None,
            alternative=self.spec.alternative,
        )
        wanted = [test.of_events(events) for name, test in event_tests().items() if self.wants(name)]
        return list(zip(*wanted, strict=True)) if wanted else [()] * rows.size

    @cached_property
    def _tested(self) -> dict[int, tuple[int, dict[int, tuple[Inference, ...]]]]:
        """By window the rows that were tested last: the first of them, and their tests."""
        return {}

    def window_reason(self, i: int, position: int) -> str | None:
        """Why the window at `position` has no number for row `i`, or what is short about it."""
        found, present = self.cumulated[position], int(self.cumulated[position].n_days[i])
        label, wanted = found.window.label, found.window.length
        if (refusal := self.samples.refusal(i, found.window)) is not None:
            return refusal
        if np.isfinite(found.car[i]):
            is_final = self.samples.ends is not None and self.samples.ends[i] <= found.window.end
            short = f"{present} of {wanted} days have a return"
            if is_final:
                short += ", the last of them that of the delisting"
            return None if present == wanted else short
        if self._past[position][i]:
            return f"the window {label} runs past the data"
        at_zero = self.daily.ar[i, self.daily.tau == 0]
        if found.window.start <= 0 <= found.window.end and not np.isfinite(at_zero).all():
            return f"day 0 has no return of {self._lacking(i, Window(0, 0))}"
        if present == 0:
            return f"no day of the window {label} has a return of {self._lacking(i, found.window)}"
        return f"the first return in the window {label} also covers sessions before it"

    @cached_property
    def window_reasons(self) -> dict[tuple[int, int], str]:
        """`window_reason` of every row and window that has one."""
        out = {}
        for position, found in enumerate(self.cumulated):
            is_short = ~np.isfinite(found.car) | (found.n_days < found.window.length)
            for i in np.flatnonzero(is_short).tolist():
                if (reason := self.window_reason(i, position)) is not None:
                    out[i, position] = reason
        return out

    def _lacking(self, i: int, window: Window) -> str:
        """Which of the asset of row `i` and what explains it has no return on the days of `window`."""
        sample = self.samples.sample(np.array([i]))
        days = sample.columns(window)
        is_there = np.isfinite(sample.y[0, days])
        x = sample.x[0, days]
        names = self.samples.explained_by(i)
        lost = [name for name, column in zip(names, x.T, strict=True) if not np.isfinite(column).any()]
        if MODELS[self.spec.model].regressors == "peers":
            lost = ["any of its peers"] if lost and len(lost) == len(names) else []
        elif MODELS[self.spec.model].regressors == "benchmark":
            lost = [f"the benchmark {name}" for name in lost]
        own = [] if is_there.any() else [f"the asset {self.samples.assets[i]}"]
        return ", nor of ".join([*own, *lost]) or "the asset together with what explains it"

    @cached_property
    def is_whole(self) -> tuple[NDArray[np.bool_], ...]:
        """Per window, whether each row has all of its days: a return of each, or one that covers several."""
        samples, out = self.samples, []
        for found in self.cumulated:
            window = found.window
            days = found.n_days
            if samples.span is not None:
                tau = np.arange(window.start, window.end + 1)
                at = np.clip(samples.y_at[:, None] + tau - int(samples.tau[0]), 0, samples.span.size - 1)
                present = np.isfinite(self.daily.ar[:, self.daily.columns(window)])
                days = np.where(present, samples.span[at], 0.0).sum(axis=1)
            wanted: Int64Array | int = window.length
            if samples.ends is not None:
                wanted = np.clip(samples.ends - window.start + 1, 0, window.length)
            out.append(np.isfinite(found.car) & (days == wanted))
        return tuple(out)

    @cached_property
    def p_values(self) -> tuple[Float64Array, ...]:
        """Per window the p of every row's t test, shape (n,); NaN where there is none."""
        df = np.where(self.fit.df > 0, self.fit.df, np.nan)
        return tuple(symmetric_ps(found.scar, df, self.spec.alternative) for found in self.cumulated)

    @cached_property
    def variance_ratios(self) -> tuple[Float64Array, ...]:
        """Log variance ratio of every window and row, shape (n,) each."""
        daily = self.daily
        return tuple(log_variance_ratio(daily.ar[:, daily.columns(w)], self.fit.s2) for w in self.spec.windows)

    @cached_property
    def beaver(self) -> tuple[Float64Array, Float64Array]:
        """Beaver's U of every row and day, and its p under F(1, df); shape (n, L2) each."""
        return self.daily.sar**2, beaver_p(self.daily.sar, self.fit.df[:, None])

    @cached_property
    def _has_hac_z(self) -> bool:
        return self.is_robust and self.wants("hac_z")

    @property
    def is_robust(self) -> bool:
        """Whether the variance that does not trust the residuals to be independent is known for the model."""
        model = MODELS[self.spec.model]
        return not (model.line or model.is_volatility or model.lumped == "always")

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """Residual diagnostics of every row, a chunk at a time."""
        parts = [self._diagnosed(slice(start, start + self.samples.chunk)) for start in self._starts]
        return Diagnostics(
            **{name: np.concatenate([getattr(part, name) for part in parts]) for name in Diagnostics.__slots__}
        )

    @cached_property
    def robust_variance(self) -> tuple[Float64Array, ...]:
        """Variance of the CAR of every window and row, whatever the serial correlation: shape (n,) each.

        L × long-run variance of a session + x_W' V_HAC x_W: serial correlation in both parts of the error.
        """
        found, out = self.diagnostics, []
        k = self.fit.theta.shape[1]
        for window, cumulated in zip(self.spec.windows, self.cumulated, strict=True):
            inside = self.daily.columns(window)
            present = np.isfinite(self.daily.ar[:, inside])
            variance = cumulated.n_days * found.long_run_variance
            if k:
                x = row_sum(np.where(present[:, :, None], self.fit.design[:, inside], 0.0).swapaxes(1, 2))
                variance = variance + quadratic(x, found.hac_covariance)
            out.append(variance)
        return tuple(out)

    @cached_property
    def _past(self) -> tuple[NDArray[np.bool_], ...]:
        return tuple(self.samples.runs_past(window) for window in self.spec.windows)

    @property
    def _starts(self) -> range:
        return range(0, max(self.samples.n, 1), self.samples.chunk)

    def _diagnosed(self, rows: slice) -> Diagnostics:
        problem = regression(self.samples.sample(rows), self.spec)
        gram = self.fit.gram_inverse[rows]
        residuals = np.asarray(self.fit.residuals[rows])
        if not gram.shape[1]:  # the mean difference is regressed on a constant, though it is not taken off
            present = np.isfinite(residuals)
            with np.errstate(invalid="ignore", divide="ignore"):
                mean = row_sum(np.where(present, residuals, 0.0)) / present.sum(axis=1)
                gram = 1.0 / present.sum(axis=1)[:, None, None]
            residuals = residuals - mean[:, None]
        elif problem.scale is not None:
            residuals = residuals / problem.scale
        width, k = residuals.shape[1], problem.x.shape[2]
        return diagnose(problem.y[:, :width], problem.x[:, :width], residuals, gram[:, :k, :k])


def fit_samples(
    samples: Samples,
    spec: StudySpec,
    estimator: Estimator | None = None,
    whole: int | None = None,
    room: Room = np.empty,
) -> Fitted:
    """Fit every row of `samples` and cumulate its abnormal returns over every window; without placebo days.

    A CAR is NaN where the sessions cannot fill the window: it is never silently shortened, nor made longer. That is
    where the window runs past the data, where its first return also covers sessions before it (methods.md A4), or where
    one of its returns rests on a price in doubt.
    Chunk by chunk on all cores; no number depends on the chunks.

    Parameters
    ----------
    estimator : callable, optional
        Makes the fit of a sample from the rows of a slice; the model's batch kernel, or its compiled loops, when None.
    whole : int, optional
        Number of rows of the study, where these are a part of it: on which it depends how they are computed.
    room : Room
        For arrays of all rows.
    """
    n = samples.n
    whole = whole or n
    compiled = loops(whole) if spec.model == "market" and samples.span is None and estimator is None else None
    if compiled:
        fit, daily, cumulated = _by_loops(compiled, samples, spec, room)
    else:
        make = estimator or (lambda sample, _rows: MODELS[spec.model](sample, spec))
        fit, daily, cumulated = _by_chunks(make, samples, spec, whole, room)
    if samples.doubts and any(fit.reasons):
        reasons = tuple(reason and _with_doubt(samples, i, reason) for i, reason in enumerate(fit.reasons))
        fit = replace(fit, reasons=reasons)
    filled = tuple(_filled(samples, daily, found) for found in cumulated)
    return Fitted(spec=spec, samples=samples, fit=fit, daily=daily, cumulated=filled, placebos=None)


def _with_doubt(samples: Samples, row: int, reason: str) -> str:
    """Why a row has no fit; with the first price in doubt, whose days were left out, where there is one."""
    doubt = samples.doubt(row, samples.estimation)
    return reason if doubt is None else f"{doubt}; {reason}"


def _by_chunks(
    make: Estimator, samples: Samples, spec: StudySpec, whole: int, room: Room
) -> tuple[Fit, Abnormal, tuple[Cumulated, ...]]:
    """Fits, abnormal returns and windows of every chunk, on all cores, put together."""
    n = samples.n
    chunk = min(samples.chunk, ITERATIVE_CHUNK) if MODELS[spec.model].is_iterative else samples.chunk

    def work(start: int) -> tuple[Fit, Abnormal, tuple[Cumulated, ...]]:
        rows = slice(start, min(start + chunk, n))
        sample = samples.sample(rows)
        fit = make(sample, rows)
        abnormal = abnormal_returns(sample, fit)
        return fit, abnormal, tuple(cumulate(fit, abnormal, w, is_log=spec.returns == "log") for w in spec.windows)

    first = fit, daily, cumulated = work(0)
    # what can be made again from the rest would take more memory than all the rest
    has_hat = MODELS[spec.model].has_design_hat and samples.span is None and whole > samples.chunk
    if n > chunk:
        fits, abnormals = _Whole(fit, n, room, ("leverage",) if has_hat else ()), _Whole(daily, n, room)
        windows = [_Whole(found, n, room) for found in cumulated]

        def keep(start: int) -> None:
            fit, abnormal, cumulated = work(start) if start else first
            place = slice(start, min(start + chunk, n))
            fits.put(place, fit)
            abnormals.put(place, abnormal)
            for window, found in zip(windows, cumulated, strict=True):
                window.put(place, found)

        for _ in in_order(keep, range(0, n, chunk)):
            pass
        fit, daily, cumulated = fits.done(), abnormals.done(), tuple(window.done() for window in windows)
    return replace(fit, leverage=Hat(samples, fit.gram_inverse)) if has_hat else fit, daily, cumulated


def _by_loops(
    compiled: ModuleType, samples: Samples, spec: StudySpec, room: Room
) -> tuple[Fit, Abnormal, tuple[Cumulated, ...]]:
    """The same of the market model by the compiled loops, which write every number where it stays."""
    window, first, pool = spec.event_window, int(samples.tau[0]), samples.pool
    before, inside = spec.estimation.start - first, window.start - first
    y_at, x_at = samples.y_at, samples.x_at[:, 0]
    estimates = one_regressor_by_loops(compiled, pool, y_at + before, x_at + before, spec)
    shape = samples.n, window.length
    design, expected = room((*shape, 2), np.float64), room(shape, np.float64)
    fit = forecast(estimates, spec, names=("alpha", "beta"), design=design, expected=expected)
    names = ("returns", "ar", "se", "sar")
    daily = Abnormal(tau=np.arange(window.start, window.end + 1), **{name: room(shape, np.float64) for name in names})
    cumulated = tuple(
        Cumulated(
            window=w,
            n_days=room((samples.n,), np.int64),
            **{name: room((samples.n,), np.float64) for name in ("car", "se", "scar", "bhar")},
        )
        for w in spec.windows
    )
    law = fit.theta, fit.gram_inverse, fit.s2
    days = fit.design, fit.expected, daily.returns, daily.ar, daily.se, daily.sar

    def work(start: int) -> None:
        rows = slice(start, start + samples.chunk)
        here = [values[rows] for values in days]
        theta, gram, s2 = (values[rows] for values in law)
        compiled.market_days(pool, y_at[rows] + inside, x_at[rows] + inside, theta, gram, s2, *here)
        for found in cumulated:
            w, at = found.window, daily.columns(found.window)
            needed = -window.start if max(window.start, w.start) <= 0 <= min(window.end, w.end) else -1
            out = (values[rows] for values in (found.n_days, found.car, found.se, found.scar, found.bhar))
            compiled.market_window(gram, s2, *here[:4], at.start, at.stop, needed, spec.returns == "log", *out)

    for _ in in_order(work, range(0, samples.n, samples.chunk)):
        pass
    fit = replace(fit, residuals=CompiledResiduals(compiled, samples, fit), leverage=Hat(samples, fit.gram_inverse))
    return fit, daily, cumulated


def _filled(samples: Samples, abnormal: Abnormal, found: Cumulated) -> Cumulated:
    """`found` without the numbers of windows that the sessions cannot fill."""
    lost = samples.runs_past(found.window) | samples.in_doubt(found.window)
    if samples.span is not None:
        lost = lost | _covers_earlier(samples, samples.span, abnormal, found.window)
    lost[[i for i, window in samples.refused if window == found.window]] = True
    for values in (found.car, found.se, found.scar, found.bhar):
        values[lost] = np.nan
    return found


def _covers_earlier(samples: Samples, span: Float64Array, abnormal: Abnormal, window: Window) -> NDArray[np.bool_]:
    tau = np.arange(window.start, window.end + 1)
    covered = span[np.clip(samples.y_at[:, None] + tau - int(samples.tau[0]), 0, span.size - 1)]
    present = np.isfinite(abnormal.ar[:, (abnormal.tau >= window.start) & (abnormal.tau <= window.end)])
    is_longer: NDArray[np.bool_] = (present & (covered > tau - window.start + 1)).any(axis=1)
    return is_longer


def placebo_cars(samples: Samples, spec: StudySpec, room: Room = np.empty) -> dict[Window, Placebo]:
    """Every row re-estimated on every admissible day of its estimation window (methods.md D18).

    Rows of one series have days in common, each of which is estimated once.
    """
    offsets = np.arange(spec.estimation.start, spec.estimation.end + 1)
    shape = (offsets.size, samples.n)
    out = {w: Placebo(car=room(shape, np.float64), scar=room(shape, np.float64)) for w in spec.windows}
    for start in range(0, samples.n, samples.chunk):
        rows = np.arange(start, min(start + samples.chunk, samples.n))
        first, shift, place = samples.distinct(rows, offsets)
        found: list[list[Float64Array]] = [[] for _ in out]
        for low in range(0, first.size, PLACEBO_CHUNK):
            some = slice(low, low + PLACEBO_CHUNK)
            for pieces, numbers in zip(found, _on_other_days(samples, spec, first[some], shift[some]), strict=True):
                pieces.append(numbers)
        for (window, draws), pieces in zip(out.items(), found, strict=True):
            is_inside = (offsets + window.start >= spec.estimation.start) & (
                offsets + window.end <= spec.estimation.end
            )
            for target, values in zip((draws.car, draws.scar), np.concatenate(pieces, axis=1), strict=True):
                target[:, rows] = np.where(is_inside, values[place], np.nan).T
    return out


def _on_other_days(samples: Samples, spec: StudySpec, rows: Int64Array, shift: Int64Array) -> Iterator[Float64Array]:
    """Per window CAR and standardised CAR of some rows, each shifted, shape (2, n); NaN where a day is missing."""
    sample = samples.sample(rows, shift)
    fit = MODELS[spec.model](sample, spec)
    abnormal = abnormal_returns(sample, fit)
    for window in spec.windows:
        found = cumulate(fit, abnormal, window, is_log=spec.returns == "log", with_bhar=False)
        yield np.where(found.n_days == window.length, (found.car, found.scar), np.nan)


def has_placebos(spec: StudySpec) -> bool:
    """Whether placebo days are estimated for a few events: asked for by name, or, where that is quick, not left out."""
    if spec.tests is not None:
        return not {"placebo", "max_t_placebo"}.isdisjoint(spec.tests)
    return not MODELS[spec.model].is_iterative


class _Whole(Generic[Part]):
    """Room for the pieces of n rows, filled by many threads at once, so that no number is held twice."""

    def __init__(self, pattern: Part, n: int, room: Room, without: tuple[str, ...] = ()) -> None:
        self._pattern: Part = pattern
        self._arrays: dict[str, NDArray[Any]] = {}
        self._constant: dict[str, NDArray[Any]] = {}
        self._reasons: list[str | None] = [None] * n
        for field in fields(pattern):
            value: Any = getattr(pattern, field.name)
            if isinstance(value, np.ndarray) and field.name not in ("tau", *without):
                if value.size and not any(value.strides):  # one number for all
                    self._constant[field.name] = np.broadcast_to(value.ravel()[0], (n, *value.shape[1:]))
                    continue
                self._arrays[field.name] = room((n, *value.shape[1:]), value.dtype)

    def put(self, place: slice, part: Part) -> None:
        for name, array in self._arrays.items():
            array[place] = getattr(part, name)
        if isinstance(part, Fit):
            self._reasons[place] = part.reasons

    def done(self) -> Part:
        whole: dict[str, Any] = self._arrays | self._constant
        if isinstance(self._pattern, Fit):
            whole["reasons"] = tuple(self._reasons)
        return replace(self._pattern, **whole)
