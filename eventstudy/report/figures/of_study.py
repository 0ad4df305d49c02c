"""The figures of many events: what each found, and the numbers that it shows."""

from __future__ import annotations

from collections import Counter

import numpy as np

from eventstudy.report import text
from eventstudy.report.figures import draw
from eventstudy.report.figures.assets import Interval, forest_figure
from eventstudy.report.figures.chart import Chart
from eventstudy.report.figures.events import calendar_figure, paths_figure, quantiles
from eventstudy.report.figures.facts import GroupFacts
from eventstudy.report.study import path as study_path
from eventstudy.report.study.words import label
from eventstudy.report.words import say
from eventstudy.study.conclusion import answering, window_verdict


def mean_path(facts: GroupFacts) -> Chart | None:
    """The mean cumulative abnormal return; by the minute there is none, as each window is one move."""
    if not facts.group["days"]:
        return None
    days = study_path.mean_path(facts.group, facts.members, whole=_is_whole(facts))
    critical = study_path.critical_value(facts.group)
    svg = draw.path_figure(facts.title, days, critical, facts.level)
    if not svg:
        return None
    window = facts.group["windows"][0]
    verdict = window_verdict(window, facts.spec["alpha"])
    title = say(
        f"figure.mean.{verdict}", n=window["n"], window=label(window["window"]), mean=text.percent(window["caar"])
    )
    return Chart(
        svg=svg,
        title=title,
        columns=(say("column.session"), say("column.caar"), say("figure.column.low"), say("figure.column.high")),
        rows=[
            (
                text.offset(day["tau"]),
                text.percent(day["car"]),
                *(text.percent(day["car"] + way * critical * day["car_se"]) for way in (-1, 1)),
            )
            for day in days
        ],
    )


def distribution(facts: GroupFacts) -> Chart | None:
    """The cumulative abnormal returns of the events over the first window."""
    window = facts.group["windows"][0]
    cars = [car for event in facts.members if (car := event["windows"][0]["car"]) is not None]
    svg = draw.distribution_figure(facts.title, cars, window["caar"], label(window["window"])) if cars else ""
    if not svg:
        return None
    rises = sum(car > 0 for car in cars)
    return Chart(
        svg=svg,
        title=say("figure.distribution.found" if rises else "figure.distribution.found_none", n=rises, total=len(cars)),
        columns=(say("column.car"), say("column.events")),
        rows=[
            (text.percent(middle), str(held))
            for middle, held, _ in draw.binned(tuple(cars), np.inf, "two-sided").table()
        ],
    )


def every_path(facts: GroupFacts) -> Chart | None:
    """The running CAR of each event, with the quantiles of all."""
    taus = [day["tau"] for day in facts.group["days"]]
    members = [event for event in facts.members if event["windows"][0]["car"] is not None]
    if len(members) < 3 or len(taus) < 2:
        return None
    paths = study_path.running(members, taus, whole=_is_whole(facts))
    known = np.isfinite(paths).sum(axis=0) > 0
    enough = int(known.argmin()) if not known.all() else len(taus)
    if enough < 2:
        return None
    taus, paths = taus[:enough], paths[:, :enough]
    levels = quantiles(paths)
    low, high = (text.percent(float(levels[row, -1])) for row in (1, 3))
    title = say("figure.paths.found", low=low, high=high)
    return Chart(
        svg=paths_figure(title, taus, paths),
        title=title,
        columns=(say("column.session"), *(say("figure.column.quantile", n=n) for n in (5, 25, 50, 75, 95))),
        rows=[
            (text.offset(tau), *(text.percent(float(value)) for value in levels[:, day]))
            for day, tau in enumerate(taus)
        ],
    )


def calendar(facts: GroupFacts) -> Chart | None:
    """Every event on its date, as high as its CAR over the first window."""
    found = sorted((event["day0"], car) for event in facts.members if (car := event["windows"][0]["car"]) is not None)
    if len({day for day, _ in found}) < 2:
        return None
    dates = Counter(day for day, _ in found)
    day, most = max(dates.items(), key=lambda item: (item[1], item[0]))
    crowded = say("figure.calendar.crowded", n=most, total=len(found), date=text.day(day))
    title = crowded if most > 1 else say("figure.calendar.apart", n=len(found))
    return Chart(
        svg=calendar_figure(title, found),
        title=title,
        columns=(say("figure.column.year"), say("column.events"), say("figure.column.mean"), say("column.rose")),
        rows=_by_year(found),
    )


def groups(facts: GroupFacts) -> Chart | None:
    """The mean of every group over the first window, with its interval."""
    found = []
    for group in facts.groups:
        window = group["windows"][0]
        low, high = window["caar_ci"]
        if low is None or high is None:
            continue
        test = answering(window)
        p = text.p_value(test["p_value"]) if test else text.NONE
        ends = {"low": low, "high": high, "holm_low": low, "holm_high": high}
        name = group["group"]
        found.append(Interval(title=name, move=window["caar"], p=str(window["n"]), p_holm=p, **ends))
    if len(found) < 2:
        return None
    lowest, highest = (way(found, key=lambda group: group.move) for way in (min, max))
    title = say(
        "figure.groups.found",
        low=text.percent(lowest.move),
        lowest=lowest.title,
        high=text.percent(highest.move),
        highest=highest.title,
    )
    window_words = label(facts.group["windows"][0]["window"])
    return Chart(
        svg=forest_figure(
            title, found, say("figure.distribution.axis", window=window_words), (say("column.events"), say("column.p"))
        ),
        title=title,
        columns=(
            say("column.group"),
            say("column.caar"),
            say("figure.column.low"),
            say("figure.column.high"),
            say("column.events"),
            say("column.p"),
        ),
        rows=[(g.title, *map(text.percent, (g.move, g.low, g.high)), g.p, g.p_holm) for g in found],
    )


def _by_year(found: list[tuple[str, float]]) -> list[tuple[str, ...]]:
    years: dict[str, list[float]] = {}
    for day, car in found:
        years.setdefault(day[:4], []).append(car)
    return [
        (
            year,
            str(len(cars)),
            text.percent(sum(cars) / len(cars)),
            text.percent(sum(car > 0 for car in cars) / len(cars), signed=False, digits=0),
        )
        for year, cars in years.items()
    ]


def _is_whole(facts: GroupFacts) -> bool:
    """Whether an event counts only as far as no day of it is missing."""
    spec = facts.spec
    return bool(spec["partial"] == "drop" and spec["missing"] == "drop" and spec["model"] != "trade-to-trade")
