"""What a study is told: windows, and every setting with its default spelled out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from eventstudy.errors import InputError

Returns = Literal["simple", "log"]
Alternative = Literal["two-sided", "greater", "less"]
Missing = Literal["drop", "lump"]
Partial = Literal["drop", "keep"]

FARTHEST = 100_000  # sessions from τ = 0: four centuries of trading days, and an array that fits in memory


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Inclusive offsets in sessions around event day τ = 0.

    Attributes
    ----------
    start, end : int
        First and last τ; ``start <= end``, neither farther from 0 than ``FARTHEST``.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise InputError(
                "a window must not end before it starts",
                value=f"{self.start}:{self.end}",
                remedy=f"write {self.end}:{self.start}",
            )
        if max(-self.start, self.end) > FARTHEST:
            raise InputError(
                "no price series is that long",
                value=f"{self.start}:{self.end}",
                remedy=f"stay within {FARTHEST} sessions",
            )

    @classmethod
    def parse(cls, value: object) -> Window:
        """Read ``"-1:1"``, ``(-1, 1)``, ``[-1, 1]`` or a Window."""
        if isinstance(value, Window):
            return value
        if isinstance(value, str):
            match = re.fullmatch(r"\s*([+-]?\d+)\s*[:,]\s*([+-]?\d+)\s*", value.strip("[]() "))
            if match:
                return cls(int(match[1]), int(match[2]))
        elif isinstance(value, Iterable):
            pair = list(value)
            if len(pair) == 2 and all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in pair):
                return cls(int(pair[0]), int(pair[1]))
        raise InputError("not a window of two whole numbers", value=value, remedy='write for example "0:1" or [0, 1]')

    @property
    def length(self) -> int:
        """Number of sessions, both ends included."""
        return self.end - self.start + 1

    @property
    def label(self) -> str:
        """The window as printed, for example ``[0,1]``."""
        return f"[{self.start},{self.end}]"

    def contains(self, other: Window) -> bool:
        """Whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


WindowLike = Window | tuple[int, int] | Sequence[int] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySpec:
    """Every setting of a study; nothing is implied.

    Attributes
    ----------
    model : str
        Expected-return model, one of ``eventstudy.registry.models.MODELS``.
    returns : {"simple", "log"}
    estimation, event_window : Window
        Inclusive offsets in sessions; the estimation window ends before the event window starts.
    windows : tuple of Window
        Windows whose cumulative abnormal return is tested; the first is the primary one.
    benchmark : str or None
        Asset or column that the market models explain returns with.
    factors : tuple of str
        Assets or columns of a factor or peer model.
    missing : {"drop", "lump"}
        ``drop``: a day without a price gives no return that day and the next. ``lump``: the day that ends the hole
        carries the whole return.
    partial : {"drop", "keep"}
        Whether an event counts in averages over a window of which it has not all days.
    min_estimation : int or None
        Fewest non-missing estimation days; None means 100, or the whole window when that is shorter.
    alternative : {"two-sided", "greater", "less"}
    tests : tuple of str or None
        Names of the tests wanted; None means all.
    alpha : float
        Level of intervals and verdicts.
    power : float
        Power at which the minimum detectable effect is stated.
    seed : int
        Seed of the resampling tests.
    draws : int
        Draws of the resampling tests.
    lags, leads : int
        Benchmark lags and leads of the Dimson model.
    variant : str
        Variant of the model, for example ``distributed`` for Dimson.
    """

    model: str = "market"
    returns: Returns = "log"
    estimation: Window = Window(-250, -11)
    event_window: Window = Window(-10, 10)
    windows: tuple[Window, ...] = (Window(0, 0), Window(0, 1), Window(-1, 1))
    benchmark: str | None = None
    factors: tuple[str, ...] = ()
    missing: Missing = "drop"
    partial: Partial = "drop"
    min_estimation: int | None = None
    alternative: Alternative = "two-sided"
    tests: tuple[str, ...] | None = None
    alpha: float = 0.05
    power: float = 0.8
    seed: int = 0
    draws: int = 999
    lags: int = 1
    leads: int = 1
    variant: str = ""

    if TYPE_CHECKING:  # what __post_init__ makes of windows is stricter than what it takes

        def __init__(
            self,
            *,
            model: str = ...,
            returns: Returns = ...,
            estimation: WindowLike = ...,
            event_window: WindowLike = ...,
            windows: WindowLike | Iterable[WindowLike] = ...,
            benchmark: str | None = ...,
            factors: Iterable[str] = ...,
            missing: Missing = ...,
            partial: Partial = ...,
            min_estimation: int | None = ...,
            alternative: Alternative = ...,
            tests: Iterable[str] | None = ...,
            alpha: float = ...,
            power: float = ...,
            seed: int = ...,
            draws: int = ...,
            lags: int = ...,
            leads: int = ...,
            variant: str = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        put = object.__setattr__  # the dataclass is frozen; this is its one place of normalisation
        put(self, "estimation", Window.parse(self.estimation))
        put(self, "event_window", Window.parse(self.event_window))
        given: object = self.windows  # one window alone is welcome too, whatever the annotation says
        windows = [given] if isinstance(given, (str, Window)) else list(self.windows)
        put(self, "windows", tuple(dict.fromkeys(Window.parse(w) for w in windows)))
        put(self, "factors", tuple(self.factors))
        if self.tests is not None:
            put(self, "tests", tuple(self.tests))
        self._check()

    def _check(self) -> None:
        if self.returns not in ("simple", "log"):
            raise InputError(
                "unknown kind of returns", where="returns", value=self.returns, remedy="write simple or log"
            )
        if self.missing not in ("drop", "lump"):
            raise InputError("unknown policy", where="missing", value=self.missing, remedy="write drop or lump")
        if self.partial not in ("drop", "keep"):
            raise InputError("unknown policy", where="partial", value=self.partial, remedy="write drop or keep")
        if self.alternative not in ("two-sided", "greater", "less"):
            raise InputError(
                "unknown alternative",
                where="alternative",
                value=self.alternative,
                remedy="write two-sided, greater or less",
            )
        if not self.windows:
            raise InputError("no window to test", where="windows", remedy="name at least one, for example [0, 0]")
        if self.estimation.end >= self.event_window.start:
            raise InputError(
                f"the estimation window {self.estimation.label} overlaps the event window {self.event_window.label}",
                where="estimation",
                value=self.estimation.label,
                remedy=f"end it at {self.event_window.start - 1} or earlier",
            )
        for window in self.windows:
            if window.end >= self.estimation.start and window.start <= self.estimation.end:
                raise InputError(
                    f"the window {window.label} overlaps the estimation window {self.estimation.label}",
                    where="windows",
                    value=window.label,
                    remedy="move one of the two",
                )
            if not self.event_window.contains(window):
                raise InputError(
                    f"the window {window.label} is not inside the event window {self.event_window.label}",
                    where="windows",
                    value=window.label,
                    remedy="widen the event window",
                )
        for name, value in (("alpha", self.alpha), ("power", self.power)):
            if not 0 < value < 1:
                raise InputError("must lie between 0 and 1", where=name, value=value, remedy="write for example 0.05")

    @property
    def explained_by(self) -> tuple[str, ...]:
        """Assets or columns whose returns explain those of the events: the factors, or else the benchmark."""
        return self.factors or ((self.benchmark,) if self.benchmark is not None else ())

    @property
    def is_lumped(self) -> bool:
        """Whether a return covers all sessions since the last trade, and not one session."""
        return self.missing == "lump" or self.model == "trade-to-trade"

    @property
    def required_estimation(self) -> int:
        """Fewest non-missing estimation days that are accepted."""
        if self.min_estimation is not None:
            return self.min_estimation
        return min(100, self.estimation.length)

    def to_dict(self) -> dict[str, Any]:
        """Every setting as JSON-ready values, in a fixed order."""
        return {
            name: ([w.start, w.end] if isinstance(w := getattr(self, name), Window) else _plain(w))
            for name in self.__slots__
        }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [[w.start, w.end] if isinstance(w, Window) else w for w in value]
    return value
