"""A slow reading of methods-intraday, H1 to H8, in loops and scipy: nothing of the code under test is used.

Bars are lists of dicts, in the order of time, with aware datetimes; sessions are (label, open, close) of one market
without breaks. What it gives has the names of the intraday golden case.
"""

from __future__ import annotations

import bisect
import datetime as dt
import math
from zoneinfo import ZoneInfo

import numpy as np
from scipy import stats

MINUTE = dt.timedelta(minutes=1)
REFERENCE, FEWEST, DF = 60, 20, 8


class Refused(Exception):
    pass


class Series:
    """The bars of one symbol inside the sessions."""

    def __init__(self, rows, sessions, size, zone):
        self.zone = ZoneInfo(zone)
        self.size, self.sessions = size * MINUTE, sessions
        opens = [o for _, o, _ in sessions]
        has_volume = any(row["volume"] and row["volume"] > 0 for row in rows)
        self.bars = []
        for row in rows:
            if math.isnan(row["close"]) or (has_volume and row["volume"] == 0):
                continue
            k = bisect.bisect_right(opens, row["start"]) - 1
            if k < 0 or row["start"] >= sessions[k][2]:
                continue
            ends = min(row["start"] + self.size, sessions[k][2])
            clock = row["start"].astimezone(self.zone).time()
            self.bars.append({**row, "k": k, "end": ends, "clock": clock})
        self.ends = [bar["end"] for bar in self.bars]

    def before(self, moment):
        """The last bar that had ended, or None."""
        i = bisect.bisect_right(self.ends, moment) - 1
        return self.bars[i] if i >= 0 else None

    def adjacent(self):
        """Start, end, session and log return of every bar that follows the one before at once."""
        for one, two in zip(self.bars, self.bars[1:], strict=False):
            if one["end"] == two["start"] and one["k"] == two["k"]:
                yield two, math.log(two["close"] / one["close"])


def window_of(series, k, t, is_open, window, closes_at, zone):  # noqa: C901, PLR0912  # the method, line by line
    """Base, end and move of one window in session k."""
    a, b = window
    _, opens, closes = series.sessions[k]
    if not is_open and a < 0:
        raise Refused("before-reopening")
    if t is None or (is_open and not opens <= t < closes):
        raise Refused("clock-outside-session")
    if b == "close" and closes_at is not None and closes.astimezone(zone).time() != closes_at:
        raise Refused("other-close")
    until = closes if b == "close" else t + b * MINUTE
    if until > closes:
        raise Refused("session-closes")
    length = (closes - t) if b == "close" else (b - a) * MINUTE
    limit = max(2 * series.size, length / 4)
    base = series.before(t + a * MINUTE)
    seen_from = t + a * MINUTE
    if not is_open:
        if base is None or base["k"] != k - 1:
            raise Refused("no-bar-before")
        seen_from = series.sessions[k - 1][2]
    elif base is None or base["k"] != k:
        if a == 0 and t < opens + series.size and base is not None and base["k"] == k - 1:
            seen_from = series.sessions[k - 1][2]
        else:
            raise Refused("no-bar-before")
    if seen_from - base["end"] > limit:
        raise Refused("stale-base")
    end = series.before(until)
    if end is None or end["k"] != k:
        raise Refused("no-bar-after")
    if (b == "close" or b > 0) and end["start"] < t:
        raise Refused("no-bar-after")
    if b != "close" and b <= 0 and end["start"] <= base["start"]:
        raise Refused("no-bar-after")
    if until - end["end"] > limit:
        raise Refused("stale-end")
    found = {"base": base, "end": end, "move": math.log(end["close"] / base["close"]), "at": t}
    if a == 0:
        i, j = bisect.bisect_left(series.ends, t), bisect.bisect_right(series.ends, until)
        inside = [bar for bar in series.bars[i:j] if bar["start"] >= t and bar["k"] == k]
        for side, pick in (("low", min), ("high", max)):
            if inside:
                value = pick(bar[side] for bar in inside)
                where = next(bar for bar in inside if bar[side] == value)
                found[side] = (math.log(value / base["close"]), where["start"])
    return found


def study(series, benchmark, announced, window, zone_name):  # noqa: C901, PLR0912  # the same
    """One announcement and window, as the golden case has it."""
    zone, sessions = ZoneInfo(zone_name), series.sessions
    opens = [o for _, o, _ in sessions]
    k = bisect.bisect_right(opens, announced) - 1
    is_open = k >= 0 and announced < sessions[k][2]
    t = announced
    if not is_open:
        k += 1
        t = sessions[k][1]
    out = {"session": str(sessions[k][0]), "is_open": is_open}
    closes_at = sessions[k][2].astimezone(zone).time() if window[1] == "close" else None
    try:
        own = window_of(series, k, t, is_open, window, None, zone)
    except Refused as why:
        return {"reason": str(why)}
    out |= {"base_price": own["base"]["close"], "base_at": own["base"]["end"], "end_price": own["end"]["close"]}
    out |= {"end_at": own["end"]["end"], "move": own["move"]}
    rows, passed = [], {}
    first = series.bars[0]["k"]
    for j in range(k - 1, first - 1, -1):
        moment = on_day(sessions, j, t, k, zone) if is_open else sessions[j][1]
        try:
            rows.append((j, window_of(series, j, moment, is_open, window, closes_at, zone)))
        except Refused as why:
            passed[str(why)] = passed.get(str(why), 0) + 1
        if len(rows) == REFERENCE:
            break
    out["passed_over"] = passed
    has_tests = len(rows) >= FEWEST
    if not has_tests:
        out["reason"] = "too-few-reference-sessions"
    moves = [found["move"] for _, found in rows]
    v = paces(series, [(k, own), *rows], window[0]) if has_tests else [None] * (1 + len(rows))
    for side, sign in (("low", 1), ("high", -1)):
        if side in own:
            part = {"move": own[side][0], "at": own[side][1]}
            if has_tests:
                those = [found[side][0] for _, found in rows if side in found]
                part["p"] = share(sign * own[side][0], [sign * x for x in those])
                if v[0] and sum(x is not None for x in v[1:]) >= FEWEST:
                    scaled = [
                        sign * found[side][0] / x
                        for (_, found), x in zip(rows, v[1:], strict=True)
                        if x and side in found
                    ]
                    part["paced_p"] = share(sign * own[side][0] / v[0], scaled)
            out[side] = part
    if not has_tests:
        return out
    out["clock"] = test(own["move"], moves, None)
    z = [m / x for m, x in zip(moves, v[1:], strict=True) if x]
    is_paced = v[0] and len(z) >= FEWEST
    out["paced"] = {"pace": v[0], **test(own["move"] / v[0], z, DF)} if is_paced else {"reason": "no-pace"}
    if benchmark is not None:
        try:
            theirs = window_of(benchmark, k, t, is_open, window, None, zone)["move"]
        except Refused:
            theirs = None
        pairs = []
        for (j, found), m, x in zip(rows, moves, v[1:], strict=True):
            try:
                pairs.append((m, window_of(benchmark, j, found["at"], is_open, window, closes_at, zone)["move"], x))
            except Refused:
                continue
        out["benchmark"] = regression(own["move"], theirs, [(m, b, 1.0) for m, b, _ in pairs], 1.0, None)
        if is_paced:
            out["benchmark_paced"] = regression(own["move"], theirs, [p for p in pairs if p[2]], v[0], DF)
    return out


def on_day(sessions, j, t, k, zone):
    """The same wall-clock time of session j: the first of two, None where the clocks skip it."""
    shown = t.astimezone(zone)
    days = shown.date() - sessions[k][0]
    naive = dt.datetime.combine(sessions[j][0] + days, shown.time())
    found = naive.replace(tzinfo=zone, fold=0)
    back = found.astimezone(dt.UTC).astimezone(zone)
    return found.astimezone(dt.UTC) if back.replace(tzinfo=None) == naive else None


def paces(series, rows, a):
    """v of each row: the announcement's first, then the reference sessions."""
    size = series.size // MINUTE
    count = max(12, math.ceil(180 / size))
    chosen = {j for j, _ in rows[1:]}
    by_clock = {}
    returns = list(series.adjacent())
    for bar, r in returns:
        if bar["k"] in chosen:
            by_clock.setdefault(bar["clock"], []).append(r)
    scale = {clock: math.sqrt(sum(r * r for r in found) / len(found)) for clock, found in by_clock.items()}
    out = []
    for _, found in rows:
        until = found["at"] + min(a, 0) * MINUTE
        u = []
        for bar, r in reversed(returns):
            s = scale.get(bar["clock"])
            if bar["end"] <= until and s:
                u.append(r / s)
            if len(u) == count:
                break
        v = math.sqrt(sum(x * x for x in u) / len(u)) if len(u) == count else 0.0
        out.append(v or None)
    return out


def test(own, others, df):
    n, mean, s = len(others), float(np.mean(others)), float(np.std(others, ddof=1))
    t = (own - mean) / (s * math.sqrt(1 + 1 / n))
    p = 2 * stats.t.sf(abs(t) * math.sqrt(8 / 6), df) if df else 2 * stats.t.sf(abs(t), n - 1)
    centre = (own + sum(others)) / (n + 1)
    placebo = (1 + sum(abs(x - centre) >= abs(own - centre) * (1 - 1e-12) for x in others)) / (n + 1)
    return {"n": n, "mean": mean, "s": s, "t": t, "df": df or n - 1, "p": p, "placebo_p": placebo}


def share(own, others):
    return (1 + sum(x <= own for x in others)) / (len(others) + 1)


def regression(own, theirs, pairs, v0, df):
    if theirs is None or len(pairs) < FEWEST:
        return {"reason": "no-benchmark"}
    x = np.array([[1 / v, b / v] for _, b, v in pairs])
    y = np.array([m / v for m, _, v in pairs])
    inverse = np.linalg.inv(x.T @ x)
    alpha, beta = inverse @ x.T @ y
    residual = y - x @ [alpha, beta]
    s2 = float(residual @ residual) / (len(pairs) - 2)
    x0 = np.array([1 / v0, theirs / v0])
    ar = own / v0 - float(x0 @ [alpha, beta])
    se = math.sqrt(s2 * (1 + float(x0 @ inverse @ x0)))
    t = ar / se
    p = 2 * stats.t.sf(abs(t) * math.sqrt(8 / 6), df) if df else 2 * stats.t.sf(abs(t), len(pairs) - 2)
    return {
        "n": len(pairs),
        "alpha": alpha,
        "beta": beta,
        "ar": ar,
        "se": se,
        "t": t,
        "df": df or len(pairs) - 2,
        "p": p,
    }
