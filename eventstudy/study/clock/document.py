"""The JSON of a study by the minute: every key present, null where there is no number, and a reason beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eventstudy import __version__
from eventstudy.inference.multiple import holm
from eventstudy.records import Float64Array
from eventstudy.study.clock.bars import MINUTE, Bars
from eventstudy.study.clock.minutes import minutes
from eventstudy.study.clock.path import path
from eventstudy.study.clock.reaction import MEDIAN_SPAN, ClockReaction, WindowReaction, bars_of_pace
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.statistics import BenchmarkTest, ClockTest, share_as_low
from eventstudy.study.clock.windows import REFUSALS, Measured
from eventstudy.study.verdict import verdict

SCHEMA = "eventstudy.intraday/1"
NOT_ASKED = "a window that begins before the announcement, or ends in another session, has none"


def document(settings: Mapping[str, Any], events: Sequence[dict[str, Any]], warnings: Sequence[str]) -> dict[str, Any]:
    """Everything that a study by the minute found."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "spec": dict(settings),
        "events": list(events),
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


def event_dict(reaction: ClockReaction, spec: ClockSpec) -> dict[str, Any]:
    """One announcement and one asset."""
    event, bars, place = reaction.event, reaction.bars, reaction.place
    before = reaction.before
    return {
        "event_id": event.event_id,
        "asset": event.asset,
        "group": event.group,
        "announced_at": instant(event.earliest),
        "announced_until": None if event.is_exact else instant(event.latest),
        "session": None if place is None or bars is None else str(bars.market.labels[place.session]),
        "is_open": None if place is None else place.is_open,
        "status": reaction.status,
        "reason": reaction.why,
        "price_before": _price_before(before),
        "opening_gap": _opening_gap(reaction, before),
        "mixed_bar": _mixed_bar(reaction, before),
        "overlaps": [{"event_id": name, "minutes": minutes} for name, minutes in reaction.overlaps],
        "windows": [window_dict(reaction, found, spec) for found in reaction.windows],
        "path": path(reaction),
        "minutes": minutes(reaction, spec),
    }


def window_dict(reaction: ClockReaction, found: WindowReaction, spec: ClockSpec) -> dict[str, Any]:
    """One window: figures, or null with the code and the words of a reason."""
    code, measured = found.reason_code, found.found.measured
    refused = REFUSALS[code] if code else None
    paced = found.paced
    out: dict[str, Any] = {
        "window": list(found.window.bounds),
        "reason_code": code,
        "reason": refused,
        "move": found.move,
        "base": _side(measured, measured.base, measured.at, found),
        "end": _side(measured, measured.end, measured.until, found),
        "reference": {
            "requested": spec.reference_sessions,
            "used": found.found.size,
            "passed_over": dict(found.found.passed_over),
            "masked": found.found.masked,
        },
        "clock": None if found.clock is None else _test(found.clock),
    }
    out["paced"] = (
        None
        if paced is None
        else {"pace": float(found.found.pace[0]), "bars": bars_of_pace(measured.bars), **_test(paced)}
    )
    if paced is None:
        out["paced_reason"] = refused or REFUSALS["no-pace"]
    for name, is_paced in (("benchmark", False), ("benchmark_paced", True)):
        test = found.benchmark_test(is_paced=is_paced)
        out[name] = {"symbol": reaction.benchmark, **_benchmark(test)} if isinstance(test, BenchmarkTest) else None
        if isinstance(test, str):
            out[f"{name}_reason"] = refused or ("no benchmark is named" if not reaction.benchmark else REFUSALS[test])
    for name, is_low in (("low", True), ("high", False)):
        out[name] = _extreme(found, is_low=is_low)
        if out[name] is None:
            out[f"{name}_reason"] = _why_no_extreme(found)
    out["from_previous_close"] = _from_previous_close(found)
    out["volume"] = _volume(found)
    out["realised_volatility"] = _realised_volatility(found)
    for name in ("from_previous_close", "volume", "realised_volatility"):
        if out[name] is None:
            out[f"{name}_reason"] = refused or _why_nothing(name)
    out |= {"p_adjusted": None, "mde": found.mde(spec.alpha, spec.power), "verdict": "not computable"}
    return out


def _test(found: ClockTest) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("n", "mean", "s", "t", "df", "p_value", "placebo_p")}


def _benchmark(found: BenchmarkTest) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("n", "alpha", "beta", "ar", "se", "t", "df", "p_value")}


def _side(measured: Measured, places: Any, seen_from: Any, found: WindowReaction) -> dict[str, Any] | None:
    """Price, end and age of the bar that a window begins or ends with."""
    if not found.is_measured:
        return None
    bars, place = measured.bars, int(places[0])
    moment = int(seen_from[0]) + (found.window.start * MINUTE if places is measured.base else 0)
    age = (moment - int(bars.ends[place])) / MINUTE
    return {"price": float(bars.close[place]), "at": instant(bars.ends[place]), "age_minutes": age}


def _price_before(before: Measured | None) -> dict[str, Any] | None:
    if before is None:
        return None
    bars, place, at = before.bars, int(before.base[0]), int(before.at[0])
    seen_from = int(bars.stretch_closes[place]) if before.is_last_close[0] else at
    low, high = (int(np.searchsorted(bars.ends, seen_from + side, side="right")) for side in MEDIAN_SPAN)
    return {
        "price": float(bars.close[place]),
        "at": instant(bars.ends[place]),
        "age_minutes": (at - int(bars.ends[place])) / MINUTE,
        "median_price": float(np.median(bars.close[low:high])) if high > low else None,
    }


def _opening_gap(reaction: ClockReaction, before: Measured | None) -> float | None:
    """Log move from the last close to the first price after the reopening; null where that is not at the opening."""
    bars, place = reaction.bars, reaction.place
    if before is None or bars is None or place is None or place.is_open:
        return None
    first = int(np.searchsorted(bars.starts, place.at, side="left"))
    if first >= bars.starts.size or bars.starts[first] != place.at or not np.isfinite(bars.open[first]):
        return None
    return float(np.log(bars.open[first] / bars.close[before.base[0]]))


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


def _extreme(found: WindowReaction, *, is_low: bool) -> dict[str, Any] | None:
    """Lowest or highest move of the window, how rare it is by the clock, and by the pace (H8)."""
    if not found.window.is_after or not found.is_measured:
        return None
    measured = found.found.measured
    price, place = measured.extremes(is_low=is_low)
    if place[0] < 0:
        return None
    moves = np.log(price / measured.bars.close[measured.base])
    out: dict[str, Any] = {"move": float(moves[0]), "at": instant(measured.bars.starts[place[0]])}
    out |= {"p_value": None, "paced_p_value": None}
    if found.reason_code is None:
        moves = moves if is_low else -moves
        out["p_value"] = share_as_low(float(moves[0]), moves[1:])
        if found.is_paced:
            paced = moves / found.found.pace
            out["paced_p_value"] = share_as_low(float(paced[0]), paced[1:][found.has_pace])
    return out


def _why_no_extreme(found: WindowReaction) -> str:
    if not found.window.is_after:
        return NOT_ASKED
    if not found.is_measured:
        return REFUSALS[found.found.measured.refusal(0) or "no-bar-after"]
    return "the bars have no lows and highs, or none lies wholly after the announcement"


def _from_previous_close(found: WindowReaction) -> dict[str, Any] | None:
    """The window's end, low and high against the close of the session before, as newspapers count."""
    measured = found.found.measured
    if not found.is_measured:
        return None
    price = previous_close(measured.bars, int(measured.sessions[0]))
    if price is None:
        return None
    out: dict[str, Any] = {
        "price": price,
        "move": float(np.log(measured.bars.close[measured.end[0]] / price)),
        "low": None,
        "high": None,
    }
    for name, is_low in (("low", True), ("high", False)):
        extreme, places = measured.extremes(is_low=is_low)
        if found.window.is_after and places[0] >= 0:
            out[name] = {"move": float(np.log(extreme[0] / price)), "at": instant(measured.bars.starts[places[0]])}
    return out


def previous_close(bars: Bars, session: int) -> float | None:
    """Close of the last bar of the session before; None where that has none."""
    last = int(np.searchsorted(bars.sessions, session, side="left")) - 1
    if last < 0 or bars.sessions[last] != session - 1:
        return None
    return float(bars.close[last])


def _rows(found: WindowReaction, values: Float64Array) -> list[Float64Array]:
    """Values of the bars inside the window on the announcement's session, then on each reference session."""
    measured = found.found.measured
    return [values[int(measured.base[row]) + 1 : int(measured.end[row]) + 1] for row in range(measured.code.size)]


def _volume(found: WindowReaction) -> dict[str, Any] | None:
    """ln of the volume in the window over its median at the same clock time, with its one-sided placebo p (H12)."""
    if found.reason_code is not None:
        return None
    totals = np.array([np.nansum(rows) for rows in _rows(found, found.found.measured.bars.volume)])
    median = float(np.median(totals[1:]))
    if not (totals[0] > 0 and median > 0):
        return None
    return {
        "log_ratio": float(np.log(totals[0] / median)),
        "n": totals.size - 1,
        "p_value": share_as_low(-float(totals[0]), -totals[1:]),
    }


def _realised_volatility(found: WindowReaction) -> dict[str, Any] | None:
    """Sum of the squared returns inside the window, with its one-sided placebo p (H12)."""
    if found.reason_code is not None:
        return None
    measured = found.found.measured
    logs = np.log(measured.bars.close)
    totals = np.array(
        [
            float((np.diff(logs[int(b) : int(e) + 1]) ** 2).sum())
            for b, e in zip(measured.base, measured.end, strict=True)
        ]
    )
    return {"value": float(totals[0]), "n": totals.size - 1, "p_value": share_as_low(-float(totals[0]), -totals[1:])}


def _why_nothing(name: str) -> str:
    if name == "volume":
        return "there is no volume in the window, or none at this time of day"
    return "the session before has no close" if name == "from_previous_close" else REFUSALS["no-bar-after"]


def instant(nanoseconds: int | np.integer) -> str:
    """An instant as text in UTC; fractions of a second are shown where there are any."""
    text = str(np.datetime64(int(nanoseconds), "ns"))
    head, _, fraction = text.partition(".")
    return f"{head}.{fraction.rstrip('0')}Z" if fraction.strip("0") else f"{head}Z"


def number(value: float | np.floating) -> float | None:
    """A plain float; None for NaN and infinity."""
    plain = float(value)
    return plain if math.isfinite(plain) else None
