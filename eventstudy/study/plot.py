"""The path of the average abnormal return around the event, as a matplotlib figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from eventstudy.abnormal import cumulate
from eventstudy.errors import DataError
from eventstudy.inference.interval import mean_interval
from eventstudy.inference.panel import build_panels
from eventstudy.records import Float64Array
from eventstudy.spec import Window
from eventstudy.study.averages import GroupResult, average_days
from eventstudy.study.findings import Findings

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_power(
    curve: Sequence[tuple[int, float]], asked: Mapping[str, tuple[int, float]], *, target: float, title: str
) -> Figure:
    """Power by the number of events, with a mark for each of `asked`; see ``Power.plot``."""
    figure = _figure("plot")
    axes = figure.add_subplot()
    axes.plot([n for n, _ in curve], [100 * p for _, p in curve], color="C0", marker="o", markersize=3)
    for marker, (label, (n, p)) in zip("ox", asked.items(), strict=False):
        axes.plot(n, 100 * p, marker, markersize=9, label=label)
    axes.axhline(100 * target, color="0.3", linewidth=0.8, linestyle=":")
    axes.set(xlabel="events", ylabel="found, % of the time", xscale="log", ylim=(0, 103), title=title)
    axes.legend(frameon=False)
    return figure


def plot_caar(result: Findings, group: str = "all") -> Figure:
    """AAR as bars, CAAR as a line with its band, both in percent; see ``StudyResult.plot_caar``."""
    figure = _figure("plot_caar")
    chosen = next((found for found in result.groups if found.name == group), None)
    if chosen is None:
        known = ", ".join(found.name for found in result.groups)
        raise DataError("there is no such group", where="group", value=group, remedy=f"groups are {known}")
    tau = result.daily.tau
    path = 100 * caar_path(result, chosen)
    steps = [100 * (day["aar"] or 0.0) for day in average_days(chosen, result.daily.ar, tau)]
    axes = figure.add_subplot()
    axes.bar(tau, steps, color="0.75", width=0.6, label="AAR")
    axes.plot(tau, path[0], color="C0", marker="o", markersize=3, label="CAAR")
    axes.fill_between(
        tau, path[1], path[2], color="C0", alpha=0.2, linewidth=0, label=f"{1 - result.spec.alpha:.0%} band"
    )
    axes.axhline(0, color="0.3", linewidth=0.8)
    axes.axvline(0, color="0.3", linewidth=0.8, linestyle=":")
    axes.set(
        xlabel="sessions from the event",
        ylabel="abnormal return, %",
        title=f"{group}: {max(panel.n for panel in chosen.panels)} events, {result.spec.model} model",
    )
    axes.legend(frameon=False)
    return figure


def _figure(where: str) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        remedy = 'pip install "eventstudy-service[plot]"'
        raise DataError("plots need matplotlib", where=where, remedy=remedy) from None
    return Figure(figsize=(8, 4.5), layout="constrained")  # not pyplot: no window, no global state


def caar_path(result: Findings, group: GroupResult) -> Float64Array:
    """CAAR from the first day of the event window to each day, and the ends of its interval; shape (3, L2)."""
    first = int(result.daily.tau[0])
    batch = group.panels[0].batch
    is_log = result.spec.returns == "log"
    windows = [Window(first, int(last)) for last in result.daily.tau]
    cumulated = [cumulate(result.fit, result.daily, window, is_log=is_log) for window in windows]
    members = np.zeros(result.usable.size, dtype=bool)
    members[batch.rows] = True  # the events of the primary window at every day, so that the line is of one set
    is_kept = result.spec.partial == "keep" or result.spec.is_lumped
    counted = None if is_kept else [found.n_days == found.window.length for found in cumulated]
    panels = build_panels(
        result.spec,
        result.fit,
        result.daily,
        cumulated,
        tau=batch.tau,
        days=batch.days,
        sample=batch.sample,
        members=members,
        counted=counted,
    )
    out = np.full((3, len(panels)), np.nan)
    for j, panel in enumerate(panels):
        interval = mean_interval(panel)
        if panel.n:
            out[0, j] = panel.car.mean()
        if interval is not None:
            out[1:, j] = interval.low, interval.high
    return out
