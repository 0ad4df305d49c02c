"""What the page of a study of many events shows, made from the JSON document of `eventstudy study`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventstudy.report import text
from eventstudy.report.figures import distribution_figure, path_figure

Document = Mapping[str, Any]
Cells = tuple[str, ...]

# Longer lists are cut on the page; the JSON has every row.
MOST_ROWS = 200
# Two-sided 95 % point of the normal law, for the band of the mean path.
CRITICAL = 1.959963984540054
# The first of these that holds for the design gives the answer.
ANSWERING = (
    "portfolio_t",
    "adjusted_bmp_t",
    "bmp_t",
    "cluster_t",
    "cross_sectional_t",
    "calendar_time_t",
    "placebo",
    "generalized_sign_z",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowView:
    """Tests of one group over one window: those that hold for the design, and the others."""

    label: str
    valid: tuple[Cells, ...]
    invalid: tuple[Cells, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """One group of events."""

    name: str
    heading: str
    design: str
    averages: tuple[Cells, ...]
    windows: tuple[WindowView, ...]
    path: str
    distribution: str
    days: tuple[Cells, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPage:
    """The whole page; every string is ready to print."""

    title: str
    verdict: str
    mark: str
    word: str
    sentences: Cells
    groups: tuple[GroupView, ...]
    differences: tuple[Cells, ...]
    events: tuple[Cells, ...]
    n_events: int
    skipped: tuple[Cells, ...]
    warnings: Cells
    method: str
    command: str


def study_page(document: Document, *, title: str, command: str) -> StudyPage:
    """Turn a document into what its page shows."""
    done = [event for event in document["events"] if event["status"] == "ok"]
    skipped = [event for event in document["events"] if event["status"] != "ok"]
    first = document["aggregate"][0]
    verdict, sentences = _answer(first, document["spec"], len(done), len(skipped))
    return StudyPage(
        title=title or "Event study",
        verdict=verdict,
        mark=text.VERDICT_MARKS[verdict],
        word=text.VERDICT_WORDS[verdict],
        sentences=sentences,
        groups=tuple(_group(group, done) for group in document["aggregate"]),
        differences=tuple(_difference(found) for found in document.get("group_differences") or ()),
        events=tuple(_event(event) for event in done[:MOST_ROWS]),
        n_events=len(done),
        skipped=tuple((e["event_id"], e["asset"], e["day0"] or "", e["reason"] or "") for e in skipped[:MOST_ROWS]),
        warnings=tuple(document["warnings"][:MOST_ROWS]),
        method=_method(document["spec"]),
        command=command,
    )


def _answer(group: Document, spec: Document, done: int, skipped: int) -> tuple[str, Cells]:
    window = group["windows"][0]
    label, events = _label(window["window"]), f"{done} event{'' if done == 1 else 's'}"
    left_out = f" {skipped} more could not be studied; the reasons stand below." if skipped else ""
    if window["caar"] is None:
        return "not computable", (f"No event has a number over {label}.{left_out}",)
    way = "rose" if window["caar"] > 0 else "fell"
    size = text.spoken_percent(window["caar"])
    sentence = f"Over {label}, the {events} {way} {size} more than expected, on average."
    if done == 1:
        sentence = f"Over {label}, the event's asset {way} {size} more than expected."
    chosen = _chosen(window["tests"])
    if chosen is None:
        return "not computable", (sentence, f"No test holds for this design.{left_out}")
    p, alpha = chosen["p_value"], spec["alpha"]
    verdict = "none" if p > alpha else "strong" if p <= alpha / 5 else "moderate"
    said = {
        "none": "That is no more than chance brings: no detectable reaction",
        "moderate": "That is more than chance explains well: a moderate reaction",
        "strong": "That is far more than chance explains: a strong reaction",
    }[verdict]
    evidence = f"({chosen['name']} = {text.statistic(chosen['statistic'])}, {text.p_phrase(p)})"
    mde = window.get("mde")
    found = (
        f" A mean reaction of {text.spoken_percent(mde)} would be found with {spec['power']:.0%} power." if mde else ""
    )
    return verdict, (f"{sentence} {said} {evidence}.", f"{chosen['name']}: {chosen['validity']}.{found}{left_out}")


def _chosen(tests: Sequence[Document]) -> Document | None:
    by_name = {test["name"]: test for test in tests if test["is_valid"] and test["p_value"] is not None}
    return next((by_name[name] for name in ANSWERING if name in by_name), None)


def _group(group: Document, done: Sequence[Document]) -> GroupView:
    design = group["design"]
    members = [e for e in done if group["group"] in ("all", e["group"])]
    window = group["windows"][0]
    cars = [c for e in members if (c := e["windows"][0]["car"]) is not None]
    name = "All events" if group["group"] == "all" else group["group"]
    dates = "one date" if design["n_dates"] == 1 else f"{design['n_dates']} dates"
    correlation = design["average_correlation"]
    worth = "" if correlation is None else f"; mean correlation {correlation:.3f}"
    if design["n_effective"] is not None and design["n_events"] > 1:
        worth += f", worth {design['n_effective']:.1f} independent events"
    return GroupView(
        name=name,
        heading=name,
        design=f"{design['n_events']} events on {dates}{worth}.",
        averages=tuple(_average(w) for w in group["windows"]),
        windows=tuple(_tests(w) for w in group["windows"]),
        path=path_figure(name, _mean_path(members, correlation or 0.0), CRITICAL, f"95{text.THIN}%"),
        distribution=distribution_figure(name, cars, window["caar"], _label(window["window"])) if cars else "",
        days=tuple(
            (
                str(d["tau"]).replace("-", text.MINUS),
                str(d["n"]),
                text.percent(d["aar"]),
                text.percent(d["aar_se_cross"], signed=False),
            )
            for d in group["days"]
        ),
    )


def _mean_path(members: Sequence[Document], correlation: float) -> list[dict[str, Any]]:
    """Mean running CAR of the events over the event window, with its standard error.

    That is the cross-sectional one, widened for the mean correlation between events (Kolari & Pynnönen 2010).
    """
    running: dict[int, list[float]] = {}
    for event in members:
        total = 0.0
        for day in event["days"]:
            total += day["ar"] or 0.0
            running.setdefault(day["tau"], []).append(total)
    out = []
    n_all = max((len(values) for values in running.values()), default=0)
    inflation = (1 + (n_all - 1) * correlation) / (1 - correlation) if correlation < 1 else 1.0
    wider = math.sqrt(max(inflation, 1.0))
    for tau, values in sorted(running.items()):
        n, mean = len(values), math.fsum(values) / len(values)
        spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1) / n) if n > 1 else None
        out.append({"tau": tau, "ar": mean, "car": mean, "car_se": spread and spread * wider})
    return out


def _average(w: Document) -> Cells:
    low, high = w["caar_ci"]
    share = w["share_positive"]
    return (
        _label(w["window"]),
        str(w["n"]),
        text.percent(w["caar"]),
        text.interval(low, high),
        text.percent(w["median_car"]),
        "\u2013" if share is None else f"{share:.0%}".replace("%", f"{text.THIN}%"),
        text.percent(w["mean_bhar"]),
        text.percent(w.get("mde"), signed=False, digits=2),
    )


def _tests(w: Document) -> WindowView:
    cells: dict[bool, list[Cells]] = {True: [], False: []}
    for test in w["tests"]:
        law = test["distribution"] + (f"({test['df']:.0f})" if test["df"] is not None else "")
        why = test["reason"] or test["validity"]
        row = (test["name"], text.statistic(test["statistic"]), law, text.p_value(test["p_value"]), why)
        cells[bool(test["is_valid"]) and test["reason"] is None].append(row)
    return WindowView(label=_label(w["window"]), valid=tuple(cells[True]), invalid=tuple(cells[False]))


def _difference(found: Document) -> Cells:
    tests = "; ".join(f"{t['name']}: {t['reason'] or text.p_phrase(t['p_value'])}" for t in found["tests"])
    mark = "" if found["is_valid"] else "does not hold here: "
    return (
        " less ".join(found["groups"]),
        _label(found["window"]),
        text.percent(found["difference"]),
        tests,
        mark + found["validity"],
    )


def _event(event: Document) -> Cells:
    w = event["windows"][0]
    t = next((test for test in w["tests"] if test["name"] == "t"), None)
    return (
        event["event_id"],
        event["asset"],
        event["day0"] or "",
        event["group"] or "",
        text.percent(w["car"]),
        text.statistic(t["statistic"] if t else None),
        text.p_value(t["p_value"] if t else None),
        text.p_value(t.get("p_holm") if t else None),
        w["reason"] or "",
    )


def _method(spec: Document) -> str:
    explained = ", ".join(spec["factors"]) or spec["benchmark"] or "nothing"
    return (
        f"{spec['model']} model on {explained}; {spec['returns']} returns from {spec['values']}; estimation window "
        f"{_label(spec['estimation'])}, at least {spec['min_estimation']} days; event window "
        f"{_label(spec['event_window'])}; {spec['alternative']} tests at the {spec['alpha']:.0%} level; exact "
        f"forecast-error variance; missing days: {spec['missing']}; seed {spec['seed']}, {spec['draws']} draws."
    )


def _label(window: Sequence[int]) -> str:
    return f"[{window[0]},{window[1]}]".replace("-", text.MINUS)
