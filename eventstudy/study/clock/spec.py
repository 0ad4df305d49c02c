"""What a study by the minute is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from eventstudy.errors import InputError
from eventstudy.study.clock.bars import MINUTE, SIZES
from eventstudy.study.clock.reference import FEWEST_SESSIONS, REFERENCE_SESSIONS
from eventstudy.study.clock.windows import CLOSE, ClockWindow

DEFAULT_MINUTES = (1, 5, 15, 30, 60)  # Ederington & Lee 1993; methods-intraday, J
# Windows by the names that other data sets gave them (methods-intraday, J).
NAMED: dict[str, ClockWindow] = {
    "statement": ClockWindow(-10, 20),
    "press-conference": ClockWindow(-10, 60),
}

ClockWindowLike = ClockWindow | str | tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSpec:
    """Every setting of a study by the minute.

    Attributes
    ----------
    bar : str
        Size of a bar: ``1m``, ``2m``, ``5m``, ``10m``, ``15m``, ``30m`` or ``1h``.
    windows : tuple of ClockWindow
        The first is the primary one; after 1, 5, 15, 30 and 60 minutes and to the close when none is given.
    calendar : str
        Whose opening hours count where an event names no calendar.
    benchmark : str or None
        Symbol whose move over the same minutes is taken off.
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
    alpha, power : float
    """

    bar: str = "5m"
    windows: tuple[ClockWindow, ...] = ()
    calendar: str | None = None
    benchmark: str | None = None
    reference_sessions: int = REFERENCE_SESSIONS
    fewest_sessions: int = FEWEST_SESSIONS
    mask_events: bool = False
    clock: Literal["venue", "announcement"] = "venue"
    gap_class: Literal["any", "same"] = "any"
    snap_seconds: int = 0
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
            reference_sessions: int = ...,
            fewest_sessions: int = ...,
            mask_events: bool = ...,
            clock: str = ...,
            gap_class: str = ...,
            snap_seconds: int = ...,
            alpha: float = ...,
            power: float = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        if self.bar not in SIZES:
            raise InputError("no such size of bar", where="bar", value=self.bar, remedy=f"write {', '.join(SIZES)}")
        given: Any = self.windows
        listed = [given] if isinstance(given, (str, ClockWindow)) else list(given)
        windows = [NAMED[w] if isinstance(w, str) and w in NAMED else ClockWindow.parse(w) for w in listed]
        if not windows:
            minutes = [m for m in DEFAULT_MINUTES if m >= SIZES[self.bar]]
            windows = [*(ClockWindow(0, m) for m in minutes), ClockWindow(0, CLOSE)]
        object.__setattr__(self, "windows", tuple(dict.fromkeys(windows)))
        for name, known in (("clock", ("venue", "announcement")), ("gap_class", ("any", "same"))):
            if getattr(self, name) not in known:
                raise InputError(
                    "not known", where=name, value=getattr(self, name), remedy=f"write {' or '.join(known)}"
                )
        for name in ("alpha", "power"):
            if not 0 < getattr(self, name) < 1:
                raise InputError(
                    "must lie between 0 and 1", where=name, value=getattr(self, name), remedy="write for example 0.05"
                )
        if not 3 <= self.fewest_sessions <= self.reference_sessions:
            raise InputError(
                "must be at least 3 and no more than the reference sessions",
                where="fewest_sessions",
                value=self.fewest_sessions,
                remedy=f"write for example {FEWEST_SESSIONS}",
            )

    @property
    def size(self) -> int:
        """Length of a bar, nanoseconds."""
        return SIZES[self.bar] * MINUTE

    def to_dict(self) -> dict[str, Any]:
        """Every setting as JSON-ready values, in a fixed order."""
        out = {name: getattr(self, name) for name in self.__slots__}
        return {**out, "windows": [list(window.bounds) for window in self.windows]}
