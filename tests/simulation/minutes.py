"""How often studies by the minute reject where nothing happened, and find what did.

Run from the top of the repository; two minutes of one core::

    python -m tests.simulation.minutes

Sessions of 78 five-minute bars with a U of volatility over the day, a level of volatility that differs from day to day
and persists (an autoregression of .95 with standard deviation .45 of its logarithm) and shocks of Student's t with 5
degrees of freedom; overnight moves of four bars. An announcement at one clock time of each session, a window of half an
hour, all of it measured by the code that users run.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np

from eventstudy.study.clock.bars import MINUTE, make_bars
from eventstudy.study.clock.hours import DAY, NONE, Market
from eventstudy.study.clock.notes import DIFFERS
from eventstudy.study.clock.reaction import ClockEvent, react
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.statistics import two_sided

BARS, SIZE = 78, 5 * MINUTE
OPENS = (9 * 60 + 30) * MINUTE
BREAK = (11 * 60 + 30, 12 * 60 + 30)  # minutes of the day, where there is one
BEFORE, WINDOW = 100, 6  # bars of the plain statistic, and of the window
FIRST = 75  # sessions before the first announcement
CLOCKS = {"night": 8 * 60, "the open": 9 * 60 + 30, "09:45": 9 * 60 + 45, "noon": 12 * 60, "15:30": 15 * 60 + 30}
SPEC = ClockSpec(bar="5m", windows="0m:30m", calendar="24/7")


@dataclass(frozen=True, kw_only=True)
class World:
    """What bars are like.

    Attributes
    ----------
    holes : float
        Share of bars that are missing.
    has_break : bool
        Whether an hour at noon is not traded.
    effect : float
        Jump at the announcement, in standard deviations of the window's move on that day.
    lull : float
        Level of volatility of the twelve bars before the announcement, on its day alone.
    """

    holes: float = 0.0
    has_break: bool = False
    effect: float = 0.0
    lull: float = 1.0


def simulate(rng, sessions, clock, world):
    """p of the plain, the clock's and the paced statistic, both placebos, and the day's level; a row per session."""
    level = np.empty(sessions)
    level[0] = 0.45 * rng.standard_normal()
    for day in range(1, sessions):
        level[day] = 0.95 * level[day - 1] + 0.45 * math.sqrt(1 - 0.95**2) * rng.standard_normal()
    shape = 1 + 1.5 * (2 * np.arange(BARS) / (BARS - 1) - 1) ** 2
    scale = 0.001 * np.exp(level)[:, None] * shape
    first = max(0, (clock - 570) // 5)
    noise = rng.standard_t(5, (sessions, BARS)) / math.sqrt(5 / 3)
    returns = scale * noise
    night = 0.004 * np.exp(level) * rng.standard_t(5, sessions) / math.sqrt(5 / 3)
    is_at_night = clock <= 570
    spread = np.sqrt((scale[:, first : first + WINDOW] ** 2).sum(axis=1) + is_at_night * (0.004 * np.exp(level)) ** 2)
    days = np.arange(sessions)
    opens = days * DAY + OPENS
    starts = opens[:, None] + np.arange(BARS) * SIZE
    is_there = rng.random((sessions, BARS)) >= world.holes
    breaks = np.full((2, sessions), NONE)
    if world.has_break:
        breaks = days * DAY + np.array(BREAK)[:, None] * MINUTE
        is_there &= ~((starts >= breaks[0][:, None]) & (starts < breaks[1][:, None]))
        returns[(starts >= breaks[0][:, None]) & (starts < breaks[1][:, None])] = 0.0
    market = Market(
        name="simulated",
        zone="UTC",
        labels=days.astype("datetime64[D]"),
        opens=opens,
        closes=opens + BARS * SIZE,
        break_starts=breaks[0],
        break_ends=breaks[1],
    )
    total = np.cumsum(np.column_stack([night, returns]).ravel()).reshape(sessions, BARS + 1)[:, 1:]
    out = []
    for day in range(FIRST, sessions):
        prices = total.copy() if world.effect or world.lull != 1 else total
        if world.effect:
            prices[day, first:] += world.effect * spread[day]
        if world.lull != 1:
            change = np.zeros(BARS)
            change[first - 12 : first] = (world.lull - 1) * returns[day, first - 12 : first]
            prices[day] += np.cumsum(change)
        some = slice(day - FIRST, day + 1)
        there = is_there[some]
        close = np.exp(prices[some][there])
        flat = dict.fromkeys(("open", "high", "low", "close"), close)
        bars = make_bars("A", market, SIZE, starts[some][there], flat)
        at = day * DAY + clock * MINUTE
        found = react(ClockEvent(event_id="e", asset="A", earliest=at, latest=at), at, bars, SPEC).windows[0]
        if found.clock is None or found.paced is None:
            continue
        base, end = int(found.found.measured.base[0]), int(found.found.measured.end[0])
        before = np.diff(np.log(bars.close[base - BEFORE : base + 1]))
        n = end - base
        plain = (found.move - n * before.mean()) / (before.std(ddof=1) * math.sqrt(n))
        paced = found.paced
        short = found.found.short_pace / float(found.found.pace[0])
        out.append(
            (
                two_sided(plain, BEFORE - 1),
                found.clock.p_value,
                two_sided(paced.t, paced.n - 1),
                paced.p_value,
                found.clock.placebo_p,
                paced.placebo_p,
                level[day],
                short,
            )
        )
    return np.array(out)


PLAIN, CLOCK, PACED_N, PACED, CLOCK_PLACEBO, PACED_PLACEBO, LEVEL, SHORT = range(8)


def rejected(p, level):
    """Per cent of the p that reject."""
    return 100 * float((p <= level).mean())


def wildest(found):
    """The fifth of days with the highest level."""
    return found[found[:, LEVEL] >= np.quantile(found[:, LEVEL], 0.8)]


def many(seed, samples, clock, world):
    """Some samples out of worlds of 400 sessions each."""
    rng = np.random.default_rng(seed)
    parts, n = [], 0
    while n < samples:
        part = simulate(rng, 400, clock, world)
        parts.append(part)
        n += len(part)
    return np.concatenate(parts)


def sizes(found, column):
    """Per cent rejected at 5, 1 and 0.1 per cent, as text."""
    return " / ".join(f"{rejected(found[:, column], a):.{d}f}" for a, d in ((0.05, 1), (0.01, 1), (0.001, 2)))


def main() -> None:
    """Write the table of docs/minutes.md."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 4000

    def tell(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    tell("| announcement | plain t | clock t | paced t(N−1) | paced t(8) | clock t, wildest | paced t(8), wildest |")
    tell("|---|---|---|---|---|---|---|")
    worlds = {name: (clock, World()) for name, clock in CLOCKS.items()}
    worlds |= {
        "noon, a tenth of the bars missing": (CLOCKS["noon"], World(holes=0.1)),
        "13:30, a break at noon": (13 * 60 + 30, World(has_break=True)),
    }
    placebos = []
    for seed, (name, (clock, world)) in enumerate(worlds.items()):
        found = many(seed, samples, clock, world)
        wild = wildest(found)
        cells = [sizes(found, c) for c in (PLAIN, CLOCK, PACED_N, PACED)] + [sizes(wild, c) for c in (CLOCK, PACED)]
        tell(f"| {name} | {' | '.join(cells)} |")
        placebos.append([rejected(found[:, c], 0.05) for c in (CLOCK_PLACEBO, PACED_PLACEBO)])
    low, high = np.min(placebos, axis=0), np.max(placebos, axis=0)
    tell(f"\nPlacebo p at 5 %: clock {low[0]:.1f} to {high[0]:.1f}, paced {low[1]:.1f} to {high[1]:.1f}.")
    power = many(50, samples // 4, CLOCKS["noon"], World(effect=3.0))
    found = [rejected(power[:, column], 0.05) for column in (PACED, CLOCK)]
    tell(f"Power at 3 s.d., noon: {found[0]:.0f} % paced, {found[1]:.0f} % clock.")
    lull = many(51, samples // 4, CLOCKS["noon"], World(lull=0.6))
    said = 100 * float((lull[:, SHORT] <= 1 / DIFFERS).mean())
    share = rejected(lull[:, PACED], 0.05)
    tell(f"A lull (the last 12 bars at .6 of their level), noon: {share:.1f} % rejected; {said:.0f} % say so.")


if __name__ == "__main__":
    main()
