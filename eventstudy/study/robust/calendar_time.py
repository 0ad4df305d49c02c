"""Alpha of a portfolio in calendar time: every day, all events whose window holds it (Jaffe 1974, Mandelker 1974)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eventstudy.inference.cross_section import Design, explain
from eventstudy.records import Inference
from eventstudy.spec import Window
from eventstudy.study.averages import GroupResult
from eventstudy.study.findings import Findings
from eventstudy.study.robust.asked import Estimator

MODELS_WITH_ALPHA = ("constant-mean", "market", "factor")
SOURCE = "Jaffe 1974; Mandelker 1974; Fama 1998"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarTime:
    """What the portfolio earned beyond what explains it.

    Attributes
    ----------
    group : str
    window : Window
    estimator : {"ols", "white", "wls"}
    n_days : int
        Days on which a window of any event was open.
    mean_events : float or None
        Of the events on such a day.
    names : tuple of str
        ``alpha``, a decimal return a session, and what explains the portfolio.
    coefficients : tuple of Inference
    reason : str or None
        Why there is none.
    """

    group: str
    window: Window
    estimator: Estimator
    n_days: int
    mean_events: float | None
    names: tuple[str, ...]
    coefficients: tuple[Inference, ...]
    reason: str | None = None


def calendar_time(result: Findings, estimator: Estimator) -> tuple[CalendarTime, ...]:
    """The portfolio of every group and window.

    The portfolio is the mean of the raw simple returns, explained by the mean of what explains them: the study's
    benchmark or factors. Of returns in excess of a risk-free rate alpha is one too.
    """
    refusal = _refusal(result)
    return tuple(
        CalendarTime(
            group=group.name,
            window=window,
            estimator=estimator,
            n_days=0,
            mean_events=None,
            names=(),
            coefficients=(),
            reason=refusal,
        )
        if refusal
        else _of_group(result, group, window, estimator)
        for group in result.groups
        for window in result.spec.windows
    )


def _refusal(result: Findings) -> str | None:
    if result.settings["values"] not in ("prices", "returns"):
        return "a portfolio is held, and so of returns"
    if result.spec.returns != "simple":
        return "the return of a portfolio is the mean of simple returns, and these are logarithmic: --returns simple"
    if result.spec.model not in MODELS_WITH_ALPHA or result.spec.is_lumped:
        return f"the model has no alpha to explain a portfolio with; use {', '.join(MODELS_WITH_ALPHA)}"
    return None


def _of_group(result: Findings, group: GroupResult, window: Window, estimator: Estimator) -> CalendarTime:
    rows, columns = group.members, result.daily.columns(window)
    samples, tau = result.samples, np.arange(window.start, window.end + 1)
    days = samples.days[samples.days_at[rows, None] - int(samples.tau[0]) + tau]
    returns = result.daily.returns[rows][:, columns]
    explained_by = result.fit.design[rows][:, columns, 1:]  # the constant is the portfolio's own
    present = np.isfinite(returns) & np.isfinite(explained_by).all(axis=2) & (days >= 0)
    days, returns, explained_by = days[present], returns[present], explained_by[present]
    _, place = np.unique(days, return_inverse=True)
    n = np.bincount(place)
    portfolio = np.bincount(place, returns) / n
    factors = [np.bincount(place, column) / n for column in explained_by.T]
    names = result.fit.names[1:]
    design = Design(
        y=portfolio,
        x=np.column_stack([np.ones(n.size), *factors]),
        names=("alpha", *names),
        weights=n.astype(float) if estimator == "wls" else None,
    )
    explained = explain(design, "HC1" if estimator == "white" else "nonrobust", result.spec.alternative)
    return CalendarTime(
        group=group.name,
        window=window,
        estimator=estimator,
        n_days=int(n.size),
        mean_events=float(n.mean()) if n.size else None,
        names=design.names,
        coefficients=tuple(
            replace(test, name="calendar_time_alpha_t", source=SOURCE, reason=_words(test.reason, n.size))
            for test in explained.coefficients
        ),
    )


def _words(reason: str | None, n: int) -> str | None:
    return f"the windows cover {n} calendar days" if reason and reason.startswith(f"{n} events") else reason


def calendar_time_row(found: CalendarTime) -> dict[str, Any]:
    """One portfolio for a frame: alpha with its error and p, and the loadings."""
    row: dict[str, Any] = {"group": found.group, "window": found.window.label, "n_days": found.n_days}
    row |= {"mean_events": found.mean_events, "reason": found.reason}
    for name, test in zip(found.names, found.coefficients, strict=True):
        row[name] = dict(test.details).get("estimate")
        if name == "alpha":
            row |= {"se": dict(test.details).get("se"), "t": test.statistic, "p": test.p_value, "reason": test.reason}
    return row
