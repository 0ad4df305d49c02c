"""The tests of a window by the minute, as the results database keeps them."""

from __future__ import annotations

from typing import Any

from eventstudy.database.reading import Row
from eventstudy.records import Inference

NULL = "the move is one of those of earlier sessions at the same clock time"
PACED = "in units of how lively each session was before"
HERE = "methods-intraday"


def tests_of(found: Row) -> list[Inference]:
    """The paced test as ``t`` and ``placebo``; the others by their own names, beside it."""
    out: list[Inference] = []
    paced, clock = found["paced"], found["clock"]
    if paced is not None:
        out.append(_test("t", f"{NULL}, {PACED}", paced, f"{HERE} H6"))
        out.append(_placebo("placebo", f"{NULL}, {PACED}", paced, f"{HERE} H6"))
    if clock is not None:
        out.append(_test("clock_t", NULL, clock, f"{HERE} H5"))
        out.append(_placebo("clock_placebo", NULL, clock, f"{HERE} H5"))
    for name in ("benchmark", "benchmark_paced", "factors", "factors_paced"):
        if found.get(name) is not None:
            null = "the move is what the benchmark, or the factors, over the same minutes lead one to expect"
            out.append(_test(f"{name}_t", null, found[name], f"{HERE} H7"))
    return out


def _test(name: str, null: str, test: dict[str, Any], source: str) -> Inference:
    return Inference(
        name=name,
        null=null,
        statistic=test["t"],
        distribution="t",
        df=test["df"],
        p_value=test["p_value"],
        n=test["n"],
        source=source,
    )


def _placebo(name: str, null: str, test: dict[str, Any], source: str) -> Inference:
    return Inference(
        name=name,
        null=null,
        statistic=None,
        distribution="empirical",
        df=None,
        p_value=test["placebo_p"],
        n=test["n"],
        source=source,
    )
