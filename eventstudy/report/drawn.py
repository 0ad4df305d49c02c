"""The figures of a page, drawn from its facts by the entries of `eventstudy.registry.figures`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.database.reading import Row
from eventstudy.errors import InputError
from eventstudy.registry.figures import FIGURES, Figure
from eventstudy.report import cells, figures, paths, study_path
from eventstudy.report.study_words import Document, band_level, label
from eventstudy.report.words import known, say


@dataclass(frozen=True, slots=True, kw_only=True)
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
    sigma : float or None
        Standard deviation of the residuals.
    """

    title: str
    days: Sequence[Row]
    window: Row
    spec: Row
    sigma: float | None = None

    @property
    def words(self) -> dict[str, str]:
        """What a caption may ask for."""
        return {"level": self.level, "placebo": cells.placebo_words(self.window)}

    @property
    def level(self) -> str:
        """Level of the confidence band: ``95 %``."""
        return cells.level(self.spec)

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
    """

    title: str
    group: Document
    members: Sequence[Document]
    spec: Document

    @property
    def words(self) -> dict[str, str]:
        """What a caption may ask for."""
        return {"level": self.level}

    @property
    def level(self) -> str:
        """Level of the confidence band: ``95 %``."""
        return band_level(self.spec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A figure on a page: its name, the line above it, and SVG."""

    name: str
    caption: str
    svg: str


def drawn(facts: AssetFacts | GroupFacts) -> tuple[Drawn, ...]:
    """The figures of a page that have something to show; of a plug-in that fails, the caption says why."""
    page = "event" if isinstance(facts, AssetFacts) else "study"
    ours = [_draw(figure, facts) for figure in FIGURES.ours if figure.page == page]
    others = [_draw_plugin(name, page, facts) for name in FIGURES.others]
    return tuple(found for found in (*ours, *others) if found is not None)


def _draw(figure: Figure, facts: AssetFacts | GroupFacts) -> Drawn | None:
    svg = figure.draw(facts)
    if not svg:
        return None
    caption = known(f"figure.{figure.name}", figure.caption).format(**facts.words)
    if figure.name == "path" and isinstance(facts, AssetFacts) and facts.is_by_ordinary_days:
        caption = say("figure.path.placebo_alone", caption=caption)
    return Drawn(name=figure.name, caption=caption, svg=svg)


def _draw_plugin(name: str, page: str, facts: AssetFacts | GroupFacts) -> Drawn | None:
    try:
        figure = FIGURES[name]
        return _draw(figure, facts) if figure.page == page else None
    except Exception as error:  # noqa: BLE001  # whatever a plug-in stumbles over, the rest of the page stands
        words = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        return Drawn(name=name, caption=say("figure.failed", name=name, why=words), svg="")


def path(facts: AssetFacts) -> str:
    """Draw the cumulative abnormal return."""
    window = facts.window
    days = paths.since(facts.days, min(window["window_start"], 0) - 1, facts.sigma)
    for day in days:  # where the verdict is read, the error is the one that its test had
        if day["tau"] == window["window_end"] and window["window_start"] <= 0:
            day["car_se"] = window["car_se"]
    return figures.path_figure(facts.title, days, facts.critical, facts.level, verdict_at=window["window_end"])


def placebo_days(facts: AssetFacts) -> str:
    """Draw the event among its placebo days."""
    return figures.placebo_figure(facts.title, facts.window, facts.spec["alternative"])


def mean_path(facts: GroupFacts) -> str:
    """Draw the mean cumulative abnormal return; by the minute there is none, as each window is one move."""
    spec = facts.spec
    if not facts.group["days"]:
        return ""
    whole = spec["partial"] == "drop" and spec["missing"] == "drop" and spec["model"] != "trade-to-trade"
    days = study_path.mean_path(facts.group, facts.members, whole=whole)
    return figures.path_figure(facts.title, days, study_path.critical_value(facts.group), facts.level)


def distribution(facts: GroupFacts) -> str:
    """Draw the cumulative abnormal returns of the events over the first window."""
    window = facts.group["windows"][0]
    cars = [car for event in facts.members if (car := event["windows"][0]["car"]) is not None]
    return figures.distribution_figure(facts.title, cars, window["caar"], label(window["window"])) if cars else ""
