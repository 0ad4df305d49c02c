"""What the figures of a page are drawn from."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.database.reading import Row
from eventstudy.report import cells
from eventstudy.report.clock.words import label, zone_of
from eventstudy.report.findings import move_over, placebo_count
from eventstudy.report.paths import since
from eventstudy.report.study.words import Document, band_level
from eventstudy.report.text import place, share
from eventstudy.report.words import say
from eventstudy.study.clock.primary import primary_of


@dataclass(frozen=True, kw_only=True)
class AssetFacts:
    """What the figures of an event are drawn from: one asset of the first study.

    Attributes
    ----------
    title : str
        Name of the asset; untrusted.
    days : sequence of Row
        Of the view `daily`, by τ.
    window : Row
        The primary one, of `window_results`; ``placebo`` holds the abnormal moves of its placebo days.
    spec : Row
        The specification of the study.
    sigma, df : float or None
        Standard deviation of the residuals, and degrees of freedom.
    source : str
        The line that says where the numbers are from.
    """

    title: str
    days: Sequence[Row]
    window: Row
    spec: Row
    sigma: float | None = None
    df: float | None = None
    source: str = ""

    @property
    def words(self) -> dict[str, str]:
        """What a caption may ask for."""
        at_least, total = placebo_count(self.window)
        beyond = share((total - at_least) / total, 0) if total else ""
        return {"level": self.level, "placebo": cells.placebo_words(self.window), "percentile": beyond}

    @property
    def level(self) -> str:
        """Level of the confidence band: ``95 %``."""
        return cells.level(self.spec)

    @functools.cached_property
    def move(self) -> float | None:
        """Simple return over the window."""
        return move_over(self.days, self.window, self.spec["returns"])

    @functools.cached_property
    def path(self) -> Sequence[Row]:
        """The cumulative abnormal return, from the last price before the news or the window, whichever is first."""
        return since(self.days, min(self.window["window_start"], 0) - 1, self.sigma)

    @property
    def has_number(self) -> bool:
        """Whether its primary window was tested."""
        return self.window["car"] is not None and self.window["p_adjusted"] is not None

    @property
    def has_interval(self) -> bool:
        """Whether there is a p and an interval."""
        return self.window["p"] is not None and self.window["car_low"] is not None

    @property
    def is_by_ordinary_days(self) -> bool:
        """Whether the verdict speaks of a move although the interval holds zero."""
        low, high = self.window["car_low"], self.window["car_high"]
        holds_zero = low is not None and high is not None and low <= 0 <= high
        return holds_zero and self.window["verdict"] not in ("none", "not computable")

    @property
    def critical(self) -> float:
        """The t quantile that the stored interval was made with."""
        half = (self.window["car_high"] - self.window["car_low"]) / 2
        return float(half / self.window["car_se"]) if self.window["car_se"] else 0.0

    @property
    def freedom(self) -> float:
        """Degrees of freedom of t; infinite where its law is normal."""
        return math.inf if self.df is None else self.df


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """What the figures of all assets of an event together are drawn from: those of the first study with a number."""

    assets: Sequence[AssetFacts]
    source: str = ""

    @property
    def words(self) -> dict[str, str]:
        """What a caption may ask for."""
        return {"level": self.assets[0].level if self.assets else ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts:
    """What the figures of a study by the minute are drawn from: one asset.

    Attributes
    ----------
    title : str
        Name of the asset; untrusted.
    document : Row
        As `eventstudy study --bar … --json` has it for an event, with ``tape`` and ``placebo``.
    verdict : str
        Of its primary window.
    source : str
        The line that says where the numbers are from.
    """

    title: str
    document: Row
    verdict: str
    source: str = ""

    @property
    def words(self) -> dict[str, str]:
        """What a caption may ask for."""
        primary = primary_of(self.document)
        return {"window": label(primary["window"]) if primary else ""}

    @property
    def time(self) -> str:
        """Head of a column of times: ``Time in New York``."""
        return say("clock.column.time", place=place(zone_of(self.document)))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFacts:
    """What the figures of a study are drawn from: one group of events.

    Attributes
    ----------
    title : str
        Name of the group; untrusted.
    group : mapping
        Its entry of ``aggregate`` in the document of the study.
    members : sequence of mapping
        Its entries of ``events``.
    spec : mapping
        The specification of the study.
    groups : sequence of mapping
        The entries of the groups that all events fall into; empty for one of them.
    source : str
        The line that says where the numbers are from.
    """

    title: str
    group: Document
    members: Sequence[Document]
    spec: Document
    groups: Sequence[Document] = ()
    source: str = ""

    @property
    def words(self) -> dict[str, str]:
        """What a caption may ask for."""
        return {"level": self.level}

    @property
    def level(self) -> str:
        """Level of the confidence band: ``95 %``."""
        return band_level(self.spec)
