"""What a study by the minute is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from eventstudy.errors import InputError
from eventstudy.inference.cross_section import Covariance
from eventstudy.registry.tests import TESTS
from eventstudy.study.clock.bars import MINUTE, SIZES
from eventstudy.study.clock.named import NAMED, FrankfurtWindow
from eventstudy.study.clock.reference import FEWEST_SESSIONS, PACE_MINUTES, REFERENCE_SESSIONS
from eventstudy.study.clock.statistics import PACE_DF
from eventstudy.study.clock.windows import CLOSE, NEXT_OPEN, ClockWindow

DEFAULT_MINUTES = (1, 5, 15, 30, 60)  # Ederington & Lee 1993; methods-intraday, J

ClockWindowLike = ClockWindow | FrankfurtWindow | str | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSpec:
    """Every setting of a study by the minute.

    Attributes
    ----------
    bar : str
        Size of a bar: ``1m``, ``2m``, ``5m``, ``10m``, ``15m``, ``30m`` or ``1h``.
    windows : tuple of ClockWindow or FrankfurtWindow
        The first is the primary one; after 1, 5, 15, 30 and 60 minutes, to the close and to the next opening when none
        is given. ``statement``, ``press-conference``, ``median`` and ``ea-mpd`` are known by name.
    calendar : str
        Whose opening hours count where an event names no calendar.
    benchmark : str or None
        Symbol whose move over the same minutes is taken off.
    factors : tuple of str
        Symbols whose moves over the same minutes explain the asset's together.
    reference_sessions, fewest_sessions : int
        Earlier sessions that are looked for, and that are needed.
    mask_events : bool
        Pass over sessions with another event of the asset inside the window.
    clock : {"venue", "announcement"}
        Whose clocks are compared; ``announcement`` is the zone in which the time was written.
    gap_class : {"any", "same"}
        Whether an announcement in a shut market is compared with all reopenings, or with gaps as long in days.
    snap_seconds : int
        An announcement this few seconds past a minute is set to it.
    extended : bool
        Whether the sessions go from the opening of pre-market trading to the close of post-market trading.
    confirm : tuple of str
        ``SYMBOL:START`` of every bar whose price is in doubt, and right all the same.
    regress : tuple of str
        Columns of the events to explain the moves with.
    covariance : str
        Standard errors of that regression.
    tests : tuple of str or None
        Tests of groups of events that are wanted; None means all.
    seed, draws : int
        Of the resampling tests.
    alpha, power : float
    """

    bar: str = "5m"
    windows: tuple[ClockWindow | FrankfurtWindow, ...] = ()
    calendar: str | None = None
    benchmark: str | None = None
    factors: tuple[str, ...] = ()
    reference_sessions: int = REFERENCE_SESSIONS
    fewest_sessions: int = FEWEST_SESSIONS
    mask_events: bool = False
    clock: Literal["venue", "announcement"] = "venue"
    gap_class: Literal["any", "same"] = "any"
    snap_seconds: int = 0
    extended: bool = False
    confirm: tuple[str, ...] = ()
    regress: tuple[str, ...] = ()
    covariance: Covariance = "HC3"
    tests: tuple[str, ...] | None = None
    seed: int = 0
    draws: int = 999
    alpha: float = 0.05
    power: float = 0.8

    if TYPE_CHECKING:  # what __post_init__ makes of windows is stricter than what it takes

        def __init__(
            self,
            *,
            bar: str = ...,
            windows: ClockWindowLike | Iterable[ClockWindowLike] = ...,
            calendar: str | None = ...,
            benchmark: str | None = ...,
            factors: Iterable[str] = ...,
            reference_sessions: int = ...,
            fewest_sessions: int = ...,
            mask_events: bool = ...,
            clock: str = ...,
            gap_class: str = ...,
            snap_seconds: int = ...,
            extended: bool = ...,
            confirm: Iterable[str] = ...,
            regress: Iterable[str] = ...,
            covariance: Covariance = ...,
            tests: Iterable[str] | None = ...,
            seed: int = ...,
            draws: int = ...,
            alpha: float = ...,
            power: float = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        if self.bar not in SIZES:
            raise InputError("no such size of bar", where="bar", value=self.bar, remedy=f"write {', '.join(SIZES)}")
        given: Any = self.windows
        listed = [given] if isinstance(given, (str, ClockWindow, FrankfurtWindow)) else list(given)
        windows = [window for given in listed for window in read_window(given)]
        if not windows:
            minutes = [m for m in DEFAULT_MINUTES if m >= SIZES[self.bar]]
            windows = [*(ClockWindow(0, m) for m in minutes), ClockWindow(0, CLOSE), ClockWindow(0, NEXT_OPEN)]
        object.__setattr__(self, "windows", tuple(dict.fromkeys(windows)))
        for name in ("factors", "confirm", "regress"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        if self.tests is not None:
            object.__setattr__(self, "tests", tuple(self.tests))
            for name in self.tests:
                TESTS.check(name, "tests")
        if self.covariance not in get_args(Covariance):
            known = ", ".join(get_args(Covariance))
            raise InputError("unknown covariance", where="covariance", value=self.covariance, remedy=f"use {known}")
        for name, words in (("clock", ("venue", "announcement")), ("gap_class", ("any", "same"))):
            if getattr(self, name) not in words:
                raise InputError(
                    "not known", where=name, value=getattr(self, name), remedy=f"write {' or '.join(words)}"
                )
        for name in ("alpha", "power"):
            if not 0 < getattr(self, name) < 1:
                raise InputError(
                    "must lie between 0 and 1", where=name, value=getattr(self, name), remedy="write for example 0.05"
                )
        self._check_sessions()

    def _check_sessions(self) -> None:
        if self.fewest_sessions < 3:
            raise InputError(
                "must be at least 3",
                where="fewest_sessions",
                value=self.fewest_sessions,
                remedy=f"write for example {FEWEST_SESSIONS}",
            )
        if self.reference_sessions < self.fewest_sessions:
            raise InputError(
                f"less than the {self.fewest_sessions} sessions that a test needs (fewest_sessions)",
                where="reference_sessions",
                value=self.reference_sessions,
                remedy=f"write {self.fewest_sessions} or more",
            )

    @property
    def size(self) -> int:
        """Length of a bar, nanoseconds."""
        return SIZES[self.bar] * MINUTE

    def to_dict(self) -> dict[str, Any]:
        """Every setting as JSON-ready values, in a fixed order."""
        out = {name: getattr(self, name) for name in self.__slots__}
        out |= {name: list(out[name]) for name in ("factors", "confirm", "regress")}
        return {
            **out,
            "tests": None if self.tests is None else list(self.tests),
            "windows": [list(window.bounds) for window in self.windows],
            "returns": "log",
            "pace_minutes": PACE_MINUTES,
            "pace_law": PACE_DF,
        }


def read_window(given: object) -> tuple[ClockWindow | FrankfurtWindow, ...]:
    """A window as it is written, or those that a name stands for."""
    if isinstance(given, FrankfurtWindow):
        return (given,)
    if isinstance(given, (list, tuple)) and len(given) == 2 and given[0] == "ea-mpd":
        given = "-".join(given)
    if isinstance(given, str) and given.strip() in NAMED:
        return NAMED[given.strip()]
    try:
        return (ClockWindow.parse(given),)
    except InputError as error:
        if isinstance(given, str) and re.search("[a-z]", given.replace("m", "")) and ":" not in given:
            remedy = f"write for example 0m:30m, or a name: {', '.join(NAMED)}"
            raise InputError(error.problem, where=error.where, value=error.value, remedy=remedy) from None
        raise
