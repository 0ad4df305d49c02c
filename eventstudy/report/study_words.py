"""Words of the page of many events: windows, what was expected, the method line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventstudy.registry.models import MODELS
from eventstudy.report import text
from eventstudy.report.narrative import NUMBERS

# What ``StudyResult.to_dict()`` gives, or a part of it.
Document = Mapping[str, Any]

RESAMPLED = "resampling tests: seed {seed}, {draws} draws"
MISSING = {
    "drop": "missing days left out, never filled",
    "lump": "the day after a hole carries the whole return",
}
SIDES = {"two-sided": "two-sided", "greater": "one-sided (a rise)", "less": "one-sided (a fall)"}


def label(window: Sequence[int]) -> str:
    """A window as the tables write it: ``[−1,1]``."""
    return f"[{window[0]},{window[1]}]".replace("-", text.MINUS)


def when(window: Sequence[int]) -> str:
    """A window as a sentence begins with it."""
    start, end = window
    if start == end:
        return f"{text.capital(_distance(start))} the event day" if start else "On the event day"
    if start == 0:
        return f"Over the event day and the {_sessions(end)} after it"
    if end == 0:
        return f"Over the event day and the {_sessions(-start)} before it"
    if start < 0 < end:
        return f"Over the {_sessions(end - start + 1)} from {_distance(start)} to {_distance(end)} the event day"
    near, far = sorted((abs(start), abs(end)))
    side = "before" if end < 0 else "after"
    return f"Over the {_sessions(end - start + 1)} from {near} to {far} {side} the event day"


def share(value: float, digits: int = 2) -> str:
    """A level or a share as percent, with no more digits than it needs."""
    return f"{round(100 * value, digits):g}{text.THIN}%"


def band_level(spec: Document) -> str:
    """Level of an interval that leaves out alpha on each side that the tests look at."""
    return share(1 - spec["alpha"] * (1 if spec["alternative"] == "two-sided" else 2))


def expectation(spec: Document) -> str:
    """What an abnormal return is measured from, as the end of a sentence."""
    own = MODELS[spec["model"]].ordinary
    return own or ("what the benchmark explains" if spec["benchmark"] else "what the factors explain")


def points(value: float, spec: Document) -> str:
    """The size of an abnormal return as a sentence says it; for volumes, of its logarithm."""
    said = text.spoken_points(value)
    return said.replace("percentage points", "log points") if spec["values"] == "volume" else said


def method(spec: Document) -> str:
    """Every convention of the study in one sentence; nothing that bears on the numbers is left out."""
    explained = ", ".join(spec["factors"]) or spec["benchmark"] or ""
    variant = f", {spec['variant']}" if spec["variant"] else ""
    lags = f", {spec['lags']} lags and {spec['leads']} leads" if spec["model"] == "dimson" else ""
    measured = {
        "prices": f"{spec['returns']} returns from prices",
        "returns": f"{spec['returns']} returns as given",
        "volume": "logarithms of volume; read the percentages as log points",
    }[spec["values"]]
    parts = [
        f"{text.capital(spec['model'])} model{f' on {explained}' if explained else ''}{variant}{lags}",
        measured,
        f"estimation window {label(spec['estimation'])}, at least {spec['min_estimation']} days",
        f"event window {label(spec['event_window'])}",
        f"{'exact ' if MODELS[spec['model']].is_least_squares else ''}forecast-error variance",
        f"{SIDES[spec['alternative']]} tests at the {share(spec['alpha'])} level",
        MISSING[spec["missing"]],
    ]
    if spec["drop_overlapping"]:
        parts.append("events that overlap an earlier one of their asset left out")
    if spec["tests"]:
        parts.append(f"only the tests {', '.join(spec['tests'])}")
    return "; ".join([*parts, RESAMPLED.format(**spec)]) + "."


def _sessions(n: int) -> str:
    return "session" if n == 1 else f"{_count(n)} sessions"


def _distance(offset: int) -> str:
    n = abs(offset)
    return f"{_count(n)} {'session' if n == 1 else 'sessions'} {'before' if offset < 0 else 'after'}"


def _count(n: int) -> str:
    return NUMBERS[n] if n < len(NUMBERS) else str(n)
