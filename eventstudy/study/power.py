"""How many events it takes, before a study: power of the average reaction, by the closed form (methods.md D21).

Beside it, where there are returns, the same by studies of days that are drawn from them.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from eventstudy.errors import InputError
from eventstudy.inference.effect import effective_n, mde_exact, power_z
from eventstudy.records import Alternative
from eventstudy.study import drawn_days

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MOST = 10_000_000  # events; beyond it no number is needed, and with correlated events there may be none


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What a study of so many events can see.

    Attributes
    ----------
    events : int
    effect : float
        True average abnormal return, decimal (0.01 = 1 %).
    sigma : float
        Standard deviation of the abnormal return of one event on one day, decimal.
    days : int
        Length of the window.
    correlation : float
        Mean correlation between two events; 0 for events on dates of their own.
    alpha, target : float
        Level of the test, and the power that is wished for.
    alternative : str
    effective_events : float
        Independent events that say as much.
    power : float
        How often a test of level `alpha` finds the effect.
    detectable : float
        Smallest effect that is found as often as `target`, decimal.
    events_needed : int or None
        Fewest events with which `effect` is found as often as `target`; None where no number is enough.
    curve : tuple of (int, float)
        Numbers of events, and the power of each.
    simulated : float or None
        How often the same test finds the effect where it is added to days that were drawn from returns.
    """

    events: int
    effect: float
    sigma: float
    days: int
    correlation: float
    alpha: float
    target: float
    alternative: Alternative
    effective_events: float
    power: float
    detectable: float
    events_needed: int | None
    curve: tuple[tuple[int, float], ...]
    simulated: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The document that `eventstudy power --json` prints."""
        return {"schema": "eventstudy.power/1", **asdict(self)}

    def plot(self) -> Figure:
        """The curve, as a matplotlib figure; needs the extra `plot`."""
        from eventstudy.study.plot import plot_power

        asked = {"closed form": (self.events, self.power)}
        if self.simulated is not None:
            asked["days drawn from returns"] = self.events, self.simulated
        title = f"an average reaction of {self.effect:.2%}, σ {self.sigma:.2%} a day, level {self.alpha:.3g}"
        return plot_power(self.curve, asked, target=self.target, title=title)


def power(
    events: int,
    effect: float,
    sigma: float | None = None,
    *,
    days: int = 1,
    correlation: float | None = None,
    alpha: float = 0.05,
    target: float = 0.8,
    alternative: Alternative = "two-sided",
    returns: pd.DataFrame | None = None,
    one_date: bool = False,
    draws: int = 10_000,
    seed: int = 0,
) -> Power:
    """Power of a study of `events` events, before it is done.

    A z test with a known variance: events are alike, and their abnormal returns normal, independent over the days of
    the window, and correlated by `correlation` with each other (MacKinlay 1997, eq. 22, with N / (1 + (N - 1) r) events
    in place of N).

    Parameters
    ----------
    events : int
    effect, sigma : float
        Decimals; see `Power`. Without `sigma` it is that of `returns`.
    days : int
    correlation : float
        Without it that of `returns` where the events have one date, else 0.
    alpha, target : float
    alternative : {"two-sided", "greater", "less"}
    returns : DataFrame, optional
        Daily returns, a column for each asset; abnormal is what differs from the mean of each.
    one_date : bool
        Whether all events have one date, each with an asset of its own.
    draws, seed : int
        Studies that are drawn from `returns`, and where chance begins.

    Raises
    ------
    InputError
        For a number that cannot be one of these.
    """
    known = None if returns is None else drawn_days.abnormal(returns)
    if known is not None and returns is not None:
        sigma = drawn_days.deviation(known) if sigma is None else sigma
        if correlation is None and one_date:
            correlation = drawn_days.correlation(returns)
    if sigma is None:
        raise InputError("is not known", where="sigma", remedy="write a decimal, 0.02 for 2 %, or give returns")
    correlation = correlation or 0.0
    for name, value, is_right, remedy in (
        ("events", events, events >= 1, "write a whole number from 1 on"),
        ("effect", effect, math.isfinite(effect), "write a decimal, 0.01 for 1 %"),
        ("sigma", sigma, math.isfinite(sigma) and sigma > 0, "write a decimal above 0, 0.02 for 2 %"),
        ("days", days, days >= 1, "write a whole number from 1 on"),
        ("draws", draws, draws >= 1, "write a whole number from 1 on"),
        ("correlation", correlation, 0.0 <= correlation <= 1.0, "write a number from 0 to 1"),
        ("alpha", alpha, 0.0 < alpha < 1.0, "write a number between 0 and 1, for example 0.05"),
        ("target", target, 0.0 < target < 1.0, "write a number between 0 and 1, for example 0.8"),
    ):
        if not is_right:
            raise InputError("not possible", where=name, value=value, remedy=remedy)
    spread = sigma * math.sqrt(days)

    def of(n: int) -> float:
        return power_z(effect, spread, effective_n(n, correlation), alpha, alternative)

    worth = effective_n(events, correlation)
    simulated = None
    if known is not None:
        rng = np.random.default_rng(seed)
        drawn = drawn_days.means(known, events, days, draws, one_date=one_date, rng=rng) + effect
        simulated = float(_is_found(drawn * math.sqrt(worth) / spread, alpha, alternative).mean())
    return Power(
        events=events,
        effect=effect,
        sigma=sigma,
        days=days,
        correlation=correlation,
        alpha=alpha,
        target=target,
        alternative=alternative,
        effective_events=worth,
        power=of(events),
        detectable=mde_exact(spread / math.sqrt(worth), math.inf, alpha, target, alternative),
        events_needed=_fewest(of, target),
        curve=tuple((n, of(n)) for n in _steps(events)),
        simulated=simulated,
    )


def _is_found(z: Any, alpha: float, alternative: Alternative) -> Any:
    if alternative == "two-sided":
        return np.abs(z) > -ndtri(alpha / 2)
    return (z if alternative == "greater" else -z) > -ndtri(alpha)


def _fewest(of: Any, target: float) -> int | None:
    """The smallest number that is enough; power never falls with more events."""
    if of(MOST) < target:
        return None
    low, high = 0, 1
    while of(high) < target:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if of(middle) < target else (low, middle)
    return high


def _steps(events: int) -> list[int]:
    """Numbers of events round the one that is asked about: from one to ten times as many."""
    return sorted({max(1, round(events * share)) for share in (0.1, 0.2, 0.5, 1, 2, 5, 10)} | {1})
