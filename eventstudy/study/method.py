"""The method line: every convention of a study in one sentence."""

from __future__ import annotations

from eventstudy.records import StudySpec
from eventstudy.registry.models import MODELS


def method_line(spec: StudySpec, asset: str) -> str:
    """One sentence for the page and for `analyses.method`; nothing that bears on the number is left out."""
    model = MODELS[spec.model].words.format(benchmark=spec.benchmark)
    sides = {"two-sided": "two-sided", "greater": "one-sided (a rise)", "less": "one-sided (a fall)"}[spec.alternative]
    return (
        f"{asset}: {model}; {spec.returns} returns; estimation window {spec.estimation.label}, "
        f"at least {spec.required_estimation} sessions; residual variance SSR/(M - k), exact forecast-error variance; "
        f"{sides} t test with M - k degrees of freedom at the {spec.alpha:.0%} level, Holm across the event's assets; "
        f"placebo: every admissible day of the estimation window re-estimated; missing days left out, never filled."
    )
