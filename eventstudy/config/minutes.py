"""Settings of a study by the minute: bars, and windows by the clock."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from eventstudy.bar_sizes import MINUTES
from eventstudy.config.fields import AssetName, Number, Slug, Whole
from eventstudy.config.minute_windows import SAME_AS, MinuteWindow, length_of, read_window
from eventstudy.config.sources import Section
from eventstudy.errors import InputError

Bar = Literal["1m", "5m", "15m", "30m", "1h"]
# Settings of a daily study that one by the minute has none of → what it has instead.
_DAILY: dict[str, str] = {
    "estimation": "remove it; it is compared with earlier sessions, see reference_sessions",
    "event_window": "remove it; the windows say what is looked at",
    "min_estimation": "write fewest_sessions",
    "missing": "remove it; a bar that lacks is never filled",
    "partial": "remove it",
    "tests": "remove it; all tests by the minute are computed",
    "alternative": "remove it; tests are two-sided",
    "seed": "remove it",
    "draws": "remove it",
    "lags": "remove it",
    "leads": "remove it",
    "variant": "remove it",
}


class ClockStudyConfig(Section):
    """A study by the minute; see `eventstudy.study.clock.spec.ClockSpec` for each field."""

    id: Slug
    title: str = ""
    bar: Bar
    windows: tuple[Annotated[MinuteWindow, BeforeValidator(read_window)], ...] = ()
    model: Literal["constant-mean", "market", "factor"] | None = None
    returns: Literal["log"] = "log"
    benchmark: AssetName | None = None
    factors: tuple[AssetName, ...] = ()
    reference_sessions: Whole = Field(default=60, ge=3, le=1000)
    fewest_sessions: Whole = Field(default=20, ge=3)
    mask_events: bool = Field(default=True, strict=True)
    clock: Literal["venue", "announcement"] = "venue"
    gap_class: Literal["any", "same"] = "any"
    snap_seconds: Whole = Field(default=0, ge=0, le=59)
    extended: bool = Field(default=False, strict=True)
    alpha: Number = Field(default=0.05, gt=0, lt=1)
    power: Number = Field(default=0.8, gt=0, lt=1)

    @model_validator(mode="before")
    @classmethod
    def _not_daily(cls, raw: Any) -> Any:
        for name in raw if isinstance(raw, dict) else ():
            if name in _DAILY:
                raise InputError("a study by the minute has no such setting", where=name, remedy=_DAILY[name])
        return raw

    @field_validator("bar", mode="before")
    @classmethod
    def _known_bar(cls, value: object) -> object:
        if value not in MINUTES:
            raise InputError(
                "no such size of bar",
                value=value,
                remedy=f"write {', '.join(MINUTES)}; without bar it is a daily study",
            )
        return value

    @model_validator(mode="after")
    def _consistent(self) -> ClockStudyConfig:
        if self.fewest_sessions > self.reference_sessions:
            raise InputError(
                "more sessions are needed than are looked for",
                where="fewest_sessions",
                value=self.fewest_sessions,
                remedy=f"write {self.reference_sessions} or less",
            )
        if self.model == "market" and self.benchmark is None:
            raise InputError("the market model needs a benchmark", where="benchmark", remedy="name an asset")
        if self.model == "factor" and not self.factors:
            raise InputError("the factor model needs the names of assets", where="factors", remedy="list some")
        size = MINUTES[self.bar]
        for window in self.windows:
            short = length_of(window)
            if short is not None and short < size:
                raise InputError(
                    f"the window is shorter than a bar of {self.bar}",
                    where="windows",
                    value=window,
                    remedy=f"write for example [0m, {size}m], or a smaller bar",
                )
        plain = [SAME_AS.get(w, w) for w in self.windows]
        twice = next((w for i, w in enumerate(self.windows) if plain[i] in plain[:i]), None)
        if twice is not None:
            raise InputError("this window stands twice", where="windows", value=twice, remedy="keep one of the two")
        return self

    @property
    def explained_by(self) -> tuple[str, ...]:
        """Assets whose moves are looked at beside those of the event's: the benchmark and the factors."""
        return tuple(dict.fromkeys((*([self.benchmark] if self.benchmark else []), *self.factors)))


def is_by_the_minute(raw: object) -> bool:
    """Whether a study as written is one by the minute."""
    return isinstance(raw, ClockStudyConfig) or (isinstance(raw, dict) and raw.get("bar", "1d") != "1d")
