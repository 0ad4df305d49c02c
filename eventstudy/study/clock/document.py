"""The JSON of a study by the minute: every key present, null where there is no number, and a reason beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eventstudy import __version__
from eventstudy.inference.multiple import holm
from eventstudy.study.clock.activity import realised_volatility, volume
from eventstudy.study.clock.bars import MINUTE
from eventstudy.study.clock.before import after_opening, mixed_bar, news_at, opening_gap, price_before
from eventstudy.study.clock.extremes import extremes
from eventstudy.study.clock.hours import Market
from eventstudy.study.clock.minutes import minutes
from eventstudy.study.clock.notes import notes
from eventstudy.study.clock.path import path
from eventstudy.study.clock.plain import instant, number
from eventstudy.study.clock.reaction import ClockReaction, WindowReaction, bars_of_pace
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.statistics import BenchmarkTest, ClockTest
from eventstudy.study.clock.windows import REFUSALS
from eventstudy.study.verdict import verdict

SCHEMA = "eventstudy.intraday/1"
OPEN = "the market was open at the announcement"
NO_NUMBER = "there is no paced test"


def document(
    settings: Mapping[str, Any],
    events: Sequence[dict[str, Any]],
    warnings: Sequence[str],
    averages: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that a study by the minute found; `averages` as `eventstudy.study.clock.aggregate` gives them."""
    found = averages or {"aggregate": [], "group_differences": [], "regressions": []}
    return {
        "schema": SCHEMA,
        "version": __version__,
        "spec": dict(settings),
        "events": list(events),
        **found,
        "warnings": list(warnings),
    }


def judge(events: Sequence[dict[str, Any]], spec: ClockSpec) -> None:
    """Fill in Holm's p over the assets of each event, window by window, and the verdicts that rest on it."""
    by_event: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        if event["windows"]:
            by_event.setdefault(event["event_id"], []).append(event)
    for assets in by_event.values():
        for w in range(len(spec.windows)):
            rows = [event["windows"][w] for event in assets]
            p = holm(np.array([np.nan if row["paced"] is None else row["paced"]["p_value"] for row in rows]))
            for row, value in zip(rows, p.tolist(), strict=True):
                row["p_adjusted"] = number(value)
                placebo = row["paced"]["placebo_p"] if row["paced"] else None
                row["verdict"] = verdict(row["p_adjusted"], placebo, spec.alpha, is_confounded=False)
                if row["p_adjusted"] is None:
                    row["p_adjusted_reason"] = row["verdict_reason"] = row["reason"] or row["paced_reason"]


def event_dict(reaction: ClockReaction, spec: ClockSpec) -> dict[str, Any]:
    """One announcement and one asset."""
    event, bars, place = reaction.event, reaction.bars, reaction.place
    before = reaction.before
    placed = None if place is None or bars is None else (bars.market, place)
    out: dict[str, Any] = {
        "event_id": event.event_id,
        "asset": event.asset,
        "group": event.group,
        "announced_at": instant(event.earliest) if event.earliest or event.latest else None,
        "announced_until": None if event.is_exact else instant(event.latest),
        "session": str(placed[0].labels[placed[1].session]) if placed else None,
        "is_open": placed[1].is_open if placed else None,
        "hours": _hours(placed[0], placed[1].session, spec) if placed else None,
        "status": reaction.status,
        "reason": reaction.why,
        "price_before": price_before(reaction, before),
        "opening_gap": opening_gap(reaction, before),
        "mixed_bar": mixed_bar(reaction, before),
        "overlaps": [{"event_id": name, "minutes": minutes} for name, minutes in reaction.overlaps],
        "windows": [
            {**window_dict(reaction, found, spec), "is_primary": k == reaction.primary}
            for k, found in enumerate(reaction.windows)
        ],
        "path": path(reaction, spec.alpha),
        "minutes": minutes(reaction, spec),
    }
    why = out["reason"]
    shut = None if place is None or not place.is_open else OPEN
    reasons = {
        "announced_at": why,
        "price_before": why or REFUSALS["no-bar-before"],
        "opening_gap": shut or why or "the first bar does not start at the opening, or has no opening price",
        "mixed_bar": why or "no bar has the announcement in its middle",
        "path": why or "no window that begins at the announcement has reference sessions",
        "minutes": why or "the minute is known",
    }
    out |= {f"{name}_reason": words for name, words in reasons.items() if out[name] is None}
    return out


def window_dict(reaction: ClockReaction, found: WindowReaction, spec: ClockSpec) -> dict[str, Any]:
    """One window: figures, or null with the code and the words of a reason."""
    measured, refused = found.found.measured, found.reason
    if reaction.reason is not None and found.reason_code in ("no-bar-before", "no-bar-after"):
        refused = reaction.reason  # the announcement lies outside the bars
    paced = found.paced
    out: dict[str, Any] = {
        "window": list(found.window.bounds),
        "name": found.window.name or None,
        "reason_code": found.reason_code,
        "reason": refused,
        "move": found.move,
        "base": _base(reaction, found),
        "end": _end(found),
        "move_after_opening": after_opening(reaction, found),
        "reference": {
            "requested": spec.reference_sessions,
            "used": found.found.size,
            "passed_over": dict(found.found.passed_over),
            "masked": found.found.masked,
        },
        "clock": None if found.clock is None else _test(found.clock),
        "paced": None,
    }
    reasons = {name: refused or REFUSALS["no-bar-after"] for name in ("move", "base", "end") if out[name] is None}
    if found.clock is None:
        reasons["clock"] = refused or coded("no-variation")
    if out["move_after_opening"] is None:
        reasons["move_after_opening"] = OPEN if reaction.place and reaction.place.is_open else refused or NO_OPENING
    if paced is not None:
        pace, short = float(found.found.pace[0]), number(found.found.short_pace)
        out["paced"] = {"pace": pace, "bars": bars_of_pace(measured.bars), "short_pace": short, **_test(paced)}
    else:
        reasons["paced"] = refused or coded(found.no_pace or "no-pace")
    for name, is_paced in (("benchmark", False), ("benchmark_paced", True)):
        test = found.benchmark_test(is_paced=is_paced)
        out[name] = {"symbol": reaction.benchmark, **_benchmark(test)} if isinstance(test, BenchmarkTest) else None
        if isinstance(test, str):
            reasons[name] = refused or (coded(test) if reaction.benchmark else _no_benchmark(reaction, spec))
    for name, is_paced in (("factors", False), ("factors_paced", True)):
        test = found.factor_test(is_paced=is_paced)
        out[name] = _factors(reaction.factors, test) if isinstance(test, BenchmarkTest) else None
        if isinstance(test, str):
            reasons[name] = refused or (coded(test) if reaction.factors else "no factors are named")
    out |= extremes(found)
    out["volume"], out["realised_volatility"] = volume(found), realised_volatility(found)
    for name in ("low", "high", "from_previous_close", "volume", "realised_volatility"):
        if out[name] is None:
            reasons[name] = why_nothing(found, name)
    out |= {
        "p_adjusted": None,
        "mde": found.mde(spec.alpha, spec.power),
        "verdict": "not computable",
        "notes": notes(reaction, found),
    }
    if out["mde"] is None:
        reasons["mde"] = reasons.get("paced", NO_NUMBER)
    return out | {f"{name}_reason": words for name, words in reasons.items()}


NO_OPENING = "the first bar does not start at the opening, or has no opening price"


def coded(code: str) -> str:
    """A reason that begins with its code."""
    return f"{code}: {REFUSALS[code]}"


def without_code(reason: str) -> str:
    """The words of a reason, whether it begins with a code or not."""
    return next((words for code, words in REFUSALS.items() if reason == coded(code)), reason)


def _no_benchmark(reaction: ClockReaction, spec: ClockSpec) -> str:
    named = reaction.event.benchmark or spec.benchmark
    return "the asset is the benchmark itself" if named == reaction.event.asset else "no benchmark is named"


def _hours(market: Market, session: int, spec: ClockSpec) -> dict[str, Any]:
    """When the session opens and closes; whether that takes in trading before and after the ordinary hours."""
    return {
        "calendar": market.name,
        "zone": market.zone,
        "opens": instant(market.opens[session]),
        "closes": instant(market.closes[session]),
        "extended": spec.extended,
    }


def _test(found: ClockTest) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("n", "mean", "s", "t", "df", "p_value", "placebo_p")}


def _benchmark(found: BenchmarkTest) -> dict[str, Any]:
    names = ("ar", "se", "t", "df", "p_value")
    head = {"move": found.moves[0], "n": found.n, "alpha": found.alpha, "beta": found.slopes[0]}
    return head | {name: getattr(found, name) for name in names}


def _factors(symbols: Sequence[str], found: BenchmarkTest) -> dict[str, Any]:
    return {
        "symbols": list(symbols),
        "moves": dict(zip(symbols, found.moves, strict=True)),
        "n": found.n,
        "coefficients": {"alpha": found.alpha, **dict(zip(symbols, found.slopes, strict=True))},
        **{name: getattr(found, name) for name in ("ar", "se", "t", "df", "p_value")},
    }


def _base(reaction: ClockReaction, found: WindowReaction) -> dict[str, Any] | None:
    """Price and end of the bar that a window begins with, and how old it was then."""
    if not found.has_prices:
        return None
    measured, window = found.found.measured, found.window
    ended = int(measured.bars.ends[measured.base[0]])
    start = window.start if window.inner is None else window.inner[0]
    age = (news_at(reaction) + start * MINUTE - ended) / MINUTE
    return {"price": float(measured.base_price[0]), "at": instant(ended), "age_minutes": age}


def _end(found: WindowReaction) -> dict[str, Any] | None:
    """Price and end of the bar that a window ends with, and how much earlier than the window that is."""
    if not found.has_prices:
        return None
    measured = found.found.measured
    ended = int(measured.bars.ends[measured.end[0]])
    age = 0.0 if found.window.is_next else (int(measured.until[0]) - ended) / MINUTE
    return {"price": float(measured.end_price[0]), "at": instant(ended), "age_minutes": age}


def why_nothing(found: WindowReaction, name: str) -> str:
    """Why a window has no such part."""
    if name in ("low", "high"):
        if not found.window.is_after:
            return "a window that begins before the announcement, or ends in another session, has none"
        if found.is_measured:
            return "the bars have no lows and highs, or none lies wholly after the announcement"
    if name == "from_previous_close" and found.has_prices:
        return "the session before has no close"
    if found.reason is not None:
        return found.reason
    return "there is no volume in the window, or none at this time of day; give bars with volume"
