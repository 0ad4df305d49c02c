"""What a study of one event finds, for the store to keep and the report to tell.

A pass makes three hundred of these values for an announcement. They are not frozen, since to make a frozen one takes
three times as long; nothing changes them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from eventstudy.records import Float64Array, Inference, Window


class WindowEnds(Protocol):
    """A window: sessions, or minutes, or a word for an end of it by the clock."""

    @property
    def start(self) -> int | str:
        """First session, or minute."""
        ...

    @property
    def end(self) -> int | str:
        """Last session, or minute."""
        ...


Verdict = str  # "strong", "moderate", "weak", "none", "confounded", "not computable"


@dataclass(slots=True, kw_only=True)
class DayResult:
    """One session of the event window; numbers are None where the day has no return.

    `beaver_u_p` is the p of Beaver's U, the squared standardised abnormal return, under F(1, df).
    """

    tau: int
    session: dt.date
    ret: float | None
    expected: float | None
    ar: float | None
    ar_se: float | None
    sar: float | None
    car: float | None
    car_se: float | None
    beaver_u_p: float | None = None


@dataclass(slots=True, kw_only=True)
class WindowResult:
    """One window of one asset.

    Attributes
    ----------
    window : WindowEnds
    is_primary : bool
        Whether the verdict of the event is read from this window.
    n_days : int
        Sessions with a return inside the window.
    car, car_se, scar, bhar : float or None
        Decimal; `scar` is car/car_se.
    interval : tuple of float or None
        Confidence interval of the CAR at level 1 - alpha.
    mde : float or None
        Smallest move that the study would detect with the stated power, decimal.
    tests : tuple of Inference
    p_adjusted : float or None
        Holm's p across the assets of the event.
    verdict : str
    context : tuple of str
        Ids of events of kind ``context`` priced in the same window.
    placebo : Float64Array
        Shape (B,): the CAR of every placebo day, decimal.
    reason : str or None
        Why there is no number.
    avar : float or None
        Log variance ratio: ln of the mean squared abnormal return over the residual variance.
    prices : tuple of float or None
        Price before the first session of the window, and price at its last session.
    """

    window: WindowEnds
    is_primary: bool
    n_days: int
    car: float | None
    car_se: float | None
    scar: float | None
    bhar: float | None
    interval: tuple[float, float] | None
    mde: float | None
    tests: tuple[Inference, ...]
    p_adjusted: float | None
    verdict: Verdict
    context: tuple[str, ...]
    placebo: Float64Array
    reason: str | None
    avar: float | None = None
    prices: tuple[float | None, float | None] = (None, None)


@dataclass(slots=True, kw_only=True)
class Reaction:
    """One asset under one alignment of one event, as one study sees it.

    Attributes
    ----------
    status : {"ok", "skipped", "failed"}
    reason : str or None
    first_session : date or None
        First session of the estimation window.
    day0 : date or None
    prices : tuple
        (price before, price at day 0); None where missing.
    instants : tuple
        UTC instants of those two prices, ISO text.
    diagnostics, coefficients : tuple of (str, float or None)
    notes : tuple of str
    """

    study_id: str
    event_id: str
    asset: str
    alignment: str
    status: str
    reason: str | None
    first_session: dt.date | None = None
    day0: dt.date | None = None
    prices: tuple[float | None, float | None] = (None, None)
    instants: tuple[str | None, str | None] = (None, None)
    n_estimation: int | None = None
    df: float | None = None
    sigma: float | None = None
    r_squared: float | None = None
    coefficients: tuple[tuple[str, float | None], ...] = ()
    diagnostics: tuple[tuple[str, float | None], ...] = ()
    days: tuple[DayResult, ...] = ()
    windows: tuple[WindowResult, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """All reactions of one event in one study, and the tests over its assets together."""

    study_id: str
    event_id: str
    reactions: tuple[Reaction, ...]
    joint: tuple[tuple[str, Window, Inference], ...]  # (alignment, window, test)
