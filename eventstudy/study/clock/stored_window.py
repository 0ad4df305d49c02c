"""A window by the minute, as the results database keeps it."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
from scipy.special import stdtrit

from eventstudy.database.reading import Row
from eventstudy.study.clock.document import without_code
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.statistics import PACE_DF
from eventstudy.study.clock.stored_ends import window_of
from eventstudy.study.clock.stored_tests import tests_of
from eventstudy.study.results import WindowResult
from eventstudy.study.verdict import verdict

LAW_SD = math.sqrt(PACE_DF / (PACE_DF - 2))  # of the t law, by which the paced statistic is stretched

# Code of a refusal → what to do about it in the service, beside what its sentence says.
REMEDIES: dict[str, str] = {
    "too-few-reference-sessions": "collect bars as they come (`captures: standing: [{bar}]`), or lower fewest_sessions",
    "no-bar-after": "its bars come with the next pass, if the source has them",
}


def window_result(spec: ClockSpec, row: Row, found: Row) -> WindowResult:
    """A window: the move less what the paced reference moves lead one to expect, and the tests on it.

    ``t`` is the paced statistic, on which the verdict rests; ``car_se`` is such that it is ``car`` over it.
    """
    paced, base, end = found["paced"], found["base"] or {}, found["end"] or {}
    car = se = interval = None
    if paced is not None and found["move"] is not None:
        se = paced["s"] * math.sqrt(1 + 1 / paced["n"]) * paced["pace"]
        car = found["move"] - paced["mean"] * paced["pace"]
        half = float(stdtrit(PACE_DF, 1 - spec.alpha / 2)) / LAW_SD * se
        interval = (car - half, car + half)
    context = _inside(row, found)
    word = verdict(found["p_adjusted"], (paced or {}).get("placebo_p"), spec.alpha, is_confounded=bool(context))
    return WindowResult(
        window=window_of(found["window"]),
        is_primary=found["is_primary"],
        n_days=int((found["reference"] or {}).get("used") or 0),
        car=car,
        car_se=se,
        scar=None if car is None or not se else car / se,
        bhar=None,
        interval=interval,
        mde=found["mde"],
        tests=tuple(tests_of(found)),
        p_adjusted=found["p_adjusted"],
        verdict=word,
        context=context,
        placebo=np.empty(0),
        reason=_reason(spec, row, found) if found["p_adjusted"] is None else None,
        prices=(base.get("price"), end.get("price")),
    )


def _reason(spec: ClockSpec, row: Row, found: Row) -> str:
    """Why a window has no verdict, and what to do."""
    reason = str(found["reason"] or without_code(found["paced_reason"]))
    remedy = REMEDIES.get(found["reason_code"])
    if found["reason_code"] == "no-bar-after" and _is_over(row, found):
        return reason
    return f"{reason}; {remedy.format(bar=spec.bar)}" if remedy else reason


def _is_over(row: Row, found: Row) -> bool:
    """Whether bars of the session came after the news, so that no pass will bring the one that a window lacks."""
    t0 = dt.datetime.fromisoformat(row["announced_at"]).timestamp()
    return not found["window"][1].startswith("next") and any(start >= t0 for start, *_ in row["tape"])


def _inside(row: Row, found: Row) -> tuple[str, ...]:
    """Scheduled releases that came out between the base of a window and its end."""
    if not (found["base"] and found["end"]):
        return ()
    t0 = dt.datetime.fromisoformat(row["announced_at"])
    first, last = ((dt.datetime.fromisoformat(found[side]["at"]) - t0).total_seconds() / 60 for side in ("base", "end"))
    # what came before the news and after its last price is in the move as well
    return tuple(c["event_id"] for c in row["context"] if c["is_context"] and first <= c["minutes"] < last)
