"""The JSON of a study by the minute: every key present, null where there is no number, and a reason beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eventstudy import __version__
from eventstudy.inference.multiple import holm
from eventstudy.records import Float64Array
from eventstudy.study.clock.bars import MINUTE
from eventstudy.study.clock.extremes import extremes
from eventstudy.study.clock.hours import Market
from eventstudy.study.clock.minutes import minutes
from eventstudy.study.clock.notes import notes
from eventstudy.study.clock.path import path
from eventstudy.study.clock.plain import instant, number
from eventstudy.study.clock.reaction import MEDIAN_SPAN, ClockReaction, WindowReaction, bars_of_pace
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.statistics import BenchmarkTest, ClockTest, share_as_low
from eventstudy.study.clock.windows import REFUSALS, Measured
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
        "price_before": _price_before(reaction, before),
        "opening_gap": _opening_gap(reaction, before),
        "mixed_bar": _mixed_bar(reaction, before),
        "overlaps": [{"event_id": name, "minutes": minutes} for name, minutes in reaction.overlaps],
        "windows": [window_dict(reaction, found, spec) for found in reaction.windows],
        "path": path(reaction, spec.alpha),
        "minutes": minutes(reaction, spec),
    }
    why = out["reason"]
    shut = None if place is None or not place.is_open else OPEN
    reasons = {
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
    paced = found.paced
    out: dict[str, Any] = {
        "window": list(found.window.bounds),
        "name": found.window.name or None,
        "reason_code": found.reason_code,
        "reason": refused,
        "move": found.move,
        "base": _base(reaction, found),
        "end": _end(found),
        "move_after_opening": _after_opening(reaction, found),
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
    out["volume"], out["realised_volatility"] = _volume(found), _realised_volatility(found)
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
    age = (_news(reaction) + start * MINUTE - ended) / MINUTE
    return {"price": float(measured.base_price[0]), "at": instant(ended), "age_minutes": age}


def _end(found: WindowReaction) -> dict[str, Any] | None:
    """Price and end of the bar that a window ends with, and how much earlier than the window that is."""
    if not found.has_prices:
        return None
    measured = found.found.measured
    ended = int(measured.bars.ends[measured.end[0]])
    age = 0.0 if found.window.is_next else (int(measured.until[0]) - ended) / MINUTE
    return {"price": float(measured.end_price[0]), "at": instant(ended), "age_minutes": age}


def _news(reaction: ClockReaction) -> int:
    """The instant that the age of a price before the news is seen from."""
    assert reaction.place is not None
    return reaction.place.at if reaction.place.is_open else reaction.event.earliest


def _after_opening(reaction: ClockReaction, found: WindowReaction) -> float | None:
    """Log move from the first price after the reopening to the window's end (H3)."""
    opening = first_price(reaction)
    if opening is None or not found.has_prices:
        return None
    return float(np.log(found.found.measured.end_price[0] / opening))


def first_price(reaction: ClockReaction) -> float | None:
    """The price at the reopening; None in an open market, or where no bar starts then."""
    bars, place = reaction.bars, reaction.place
    if bars is None or place is None or place.is_open:
        return None
    first = int(np.searchsorted(bars.starts, place.at, side="left"))
    if first >= bars.starts.size or bars.starts[first] != place.at or not np.isfinite(bars.open[first]):
        return None
    return float(bars.open[first])


def _price_before(reaction: ClockReaction, before: Measured | None) -> dict[str, Any] | None:
    """The last price before the news, and the median of the bars that ended 20 to 10 minutes before it (H10)."""
    if before is None:
        return None
    bars, place, at = before.bars, int(before.base[0]), int(before.at[0])
    seen_from = int(bars.stretch_closes[place]) if before.is_last_close[0] else at
    low, high = (int(np.searchsorted(bars.ends, seen_from + side, side="right")) for side in MEDIAN_SPAN)
    median = float(np.median(bars.close[low:high])) if high > low else None
    clock = next((w.clock for w in reaction.windows if w.clock is not None), None)
    differs = None
    if median is not None and clock is not None:
        differs = bool(abs(np.log(median / bars.close[place])) > clock.s / 2)
    return {
        "price": float(bars.close[place]),
        "at": instant(bars.ends[place]),
        "age_minutes": (_news(reaction) - int(bars.ends[place])) / MINUTE,
        "median_price": median,
        "median_differs": differs,
    }


def _opening_gap(reaction: ClockReaction, before: Measured | None) -> float | None:
    """Log move from the last close to the first price after the reopening; null where that is not at the opening."""
    opening = first_price(reaction)
    if before is None or opening is None:
        return None
    return float(np.log(opening / before.bars.close[before.base[0]]))


def _mixed_bar(reaction: ClockReaction, before: Measured | None) -> dict[str, Any] | None:
    """The bar in whose middle the announcement came, from the price before it."""
    bars, place = reaction.bars, reaction.place
    if before is None or bars is None or place is None or not place.is_open:
        return None
    i = int(np.searchsorted(bars.starts, place.at, side="left")) - 1
    if i < 0 or not bars.starts[i] < place.at < bars.ends[i]:
        return None
    base = bars.close[before.base[0]]
    return {
        name: number(np.log(values[i] / base))
        for name, values in (("move", bars.close), ("low", bars.low), ("high", bars.high))
    }


def inside(measured: Measured, values: Float64Array) -> Float64Array:
    """Sum of the values of the bars after the base up to the end, on each session."""
    ends = np.column_stack([measured.base + 1, measured.end + 1]).ravel()
    first, beyond = int(ends.min()), int(ends.max())
    found: Float64Array = np.add.reduceat(np.append(values[first:beyond], 0.0), ends - first)[::2]
    return found


def _volume(found: WindowReaction) -> dict[str, Any] | None:
    """ln of the volume in the window over its median at the same clock time, with its one-sided placebo p (H12)."""
    if found.reason_code is not None:
        return None
    totals = inside(found.found.measured, np.nan_to_num(found.found.measured.bars.volume))
    median = float(np.median(totals[1:]))
    if not (totals[0] > 0 and median > 0):
        return None
    return {
        "total": float(totals[0]),
        "median": median,
        "log_ratio": float(np.log(totals[0] / median)),
        "n": totals.size - 1,
        "p_value": share_as_low(-float(totals[0]), -totals[1:]),
    }


def _realised_volatility(found: WindowReaction) -> dict[str, Any] | None:
    """Sum of the squared returns inside the window, with its one-sided placebo p (H12)."""
    if found.reason_code is not None:
        return None
    totals = inside(found.found.measured, found.found.measured.bars.squares)
    median = float(np.median(totals[1:]))
    return {
        "value": float(totals[0]),
        "median": median,
        "n": totals.size - 1,
        "p_value": share_as_low(-float(totals[0]), -totals[1:]),
    }


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
