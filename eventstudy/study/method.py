"""The method line: every convention of a study in one sentence."""

from __future__ import annotations

import functools

from eventstudy.records import StudySpec
from eventstudy.registry.models import MODELS
from eventstudy.study.fitting import has_placebos

MISSING = "missing days left out, never filled"


@functools.lru_cache(maxsize=256)
def method_line(spec: StudySpec, asset: str) -> str:
    """One sentence for the page and for `analyses.method`; nothing that bears on the number is left out."""
    entry = MODELS[spec.model]
    model = entry.words.format(benchmark=spec.benchmark)
    if entry.regressors in ("factors", "peers"):
        model = f"{model} on {', '.join(spec.explained_by)}" if spec.explained_by else model
    options = [spec.variant] if spec.variant else []
    options += [f"{spec.lags} lags and {spec.leads} leads"] if spec.model == "dimson" else []
    model = ", ".join([model, *options])
    placebo = "every admissible day of the estimation window re-estimated" if has_placebos(spec) else "not estimated"
    missing = "the return over a hole stands on the session that ends it" if spec.is_lumped else MISSING
    sides = {"two-sided": "two-sided", "greater": "one-sided (a rise)", "less": "one-sided (a fall)"}[spec.alternative]
    variance = "" if entry.is_volatility else "residual variance SSR/(M - k), "
    law = "normal law" if entry.is_volatility else "M - k degrees of freedom"
    return (
        f"{asset}: {model}; {spec.returns} returns; estimation window {spec.estimation.label}, "
        f"at least {spec.required_estimation} sessions; {variance}"
        f"{'' if entry.line or entry.is_volatility else 'exact '}forecast-error variance; "
        f"{sides} t test with {law} at the {spec.alpha:.0%} level, Holm across the event's assets; "
        f"placebo: {placebo}; {missing}."
    )
