"""Words of the page of many events: windows, what was expected, the method line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventstudy.registry.models import MODELS
from eventstudy.report import text
from eventstudy.report.clock.words import horizon
from eventstudy.report.clock.words import label as clock_label
from eventstudy.report.words import count, known, say

# What ``StudyResult.to_dict()`` gives, or a part of it.
Document = Mapping[str, Any]


def label(window: Sequence[int] | Sequence[str]) -> str:
    """A window as the tables write it: ``[−1,1]``, or by the minute ``[0m, 30m]``."""
    if isinstance(window[0], str):
        return clock_label([str(end) for end in window])
    return f"[{window[0]},{window[1]}]".replace("-", text.MINUS)


def when(window: Sequence[int] | Sequence[str]) -> str:
    """A window as a sentence begins with it."""
    if isinstance(window[0], str):
        return text.capital(horizon([str(end) for end in window]))
    return _when([int(end) for end in window])


def _when(window: Sequence[int]) -> str:
    start, end = window
    if start == end:
        if not start:
            return say("when.day0")
        return say("when.other", n=abs(start), Count=text.capital(count(abs(start))), side=_side(start))
    if start == 0:
        return say("when.after", n=end, count=count(end))
    if end == 0:
        return say("when.before", n=-start, count=count(-start))
    length = count(end - start + 1)
    if start < 0 < end:
        return say("when.around", count=length, start=_distance(start), end=_distance(end))
    near, far = sorted((abs(start), abs(end)))
    return say("when.aside", count=length, near=near, far=far, side=_side(end))


def band_level(spec: Document) -> str:
    """Level of an interval that leaves out alpha on each side that the tests look at."""
    return text.share(1 - spec["alpha"] * (1 if spec["alternative"] == "two-sided" else 2))


def expectation(spec: Document) -> str:
    """What an abnormal return is measured from, as the end of a sentence."""
    if "bar" in spec:
        return say("usual.clock")
    if own := MODELS[spec["model"]].ordinary:
        return known(f"usual.{spec['model']}", own)
    return say("usual.benchmark" if spec["benchmark"] else "usual.factors")


def points(value: float, spec: Document) -> str:
    """The size of an abnormal return as a sentence says it; for volumes, of its logarithm; for changes, in points."""
    if spec["values"] == "changes":
        return say("number.basis_points", number=text.number(round(abs(value) * 10_000, 2)))
    if spec["values"] != "volume":
        return text.spoken_points(value)
    return say("number.log_points", number=text.without_sign(text.spoken_percent(value)))


def method(spec: Document) -> str:
    """Every convention of the study in one sentence; nothing that bears on the numbers is left out."""
    explained = ", ".join(spec["factors"]) or spec["benchmark"] or ""
    if "bar" in spec:
        return _by_the_minute(spec, explained)
    model = text.capital(spec["model"])
    model = say("method.model_on", model=model, explained=explained) if explained else say("method.model", model=model)
    if spec["variant"]:
        model = say("method.variant", model=model, variant=spec["variant"])
    if spec["model"] == "dimson":
        model = say("method.lags", model=model, lags=spec["lags"], leads=spec["leads"])
    parts = [
        model,
        say(f"method.{spec['values']}", returns=spec["returns"]),
        say("method.estimation", window=label(spec["estimation"]), least=spec["min_estimation"]),
        say("method.event_window", window=label(spec["event_window"])),
        say("method.exact_variance" if MODELS[spec["model"]].is_least_squares else "method.variance"),
        say(f"method.level.{spec['alternative']}", alpha=text.share(spec["alpha"])),
        say(f"method.missing.{spec['missing']}"),
    ]
    if spec["drop_overlapping"]:
        parts.append(say("method.overlapping"))
    if spec["tests"]:
        parts.append(say("method.tests", tests=", ".join(spec["tests"])))
    parts.append(say("method.resampled", seed=spec["seed"], draws=spec["draws"]))
    return say("method.end", parts="; ".join(parts))


def _by_the_minute(spec: Document, explained: str) -> str:
    parts = [
        say("method.clock", bar=spec["bar"], n=spec["reference_sessions"], least=spec["fewest_sessions"]),
        say("method.clock.paced"),
        say("method.clock.masked" if spec["mask_events"] else "method.clock.not_masked"),
        *([say("method.clock.extended")] if spec["extended"] else []),
        *([say("method.clock.explained", explained=explained)] if explained else []),
        say("method.level.two-sided", alpha=text.share(spec["alpha"])),
        say("method.resampled", seed=spec["seed"], draws=spec["draws"]),
    ]
    return say("method.end", parts="; ".join(parts))


def _distance(offset: int) -> str:
    return say("when.distance", n=abs(offset), count=count(abs(offset)), side=_side(offset))


def _side(offset: int) -> str:
    return say("side.before" if offset < 0 else "side.after")
