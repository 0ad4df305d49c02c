"""What was looked at: how much, how often, what was left out, what would change the verdict, what could not be seen."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eventstudy.database.reading import Row
from eventstudy.report import cells, text
from eventstudy.report.findings import spec_of
from eventstudy.report.narrative import RANK, chance
from eventstudy.report.study.words import Document, label
from eventstudy.report.titles import titled
from eventstudy.report.words import say
from eventstudy.store.read import EventResults
from eventstudy.study.conclusion import answering

Line = tuple[str, str]  # what it is about, and a sentence or more

AUTOCORRELATED = (1.5, 2.5)  # Durbin-Watson beyond these
SMALL = 0.05  # p of a diagnostic that speaks against the model


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tests there were, and how many of them came out small before and after allowing for others."""

    tests: int
    small: int
    small_adjusted: int
    expected: float


def of_event(results: EventResults) -> tuple[Line, ...]:
    """The lines of an announcement; empty where nothing was studied."""
    rows = results.analyses
    if not rows:
        return ()
    first = [row for row in rows if row["study_id"] == rows[0]["study_id"] and row["alignment"] == "main"]
    lines = [
        ("looked.counted", _counted(results, rows)),
        ("looked.days", _days(first)),
        ("looked.left", _left(results, rows)),
        ("looked.residuals", _residuals(first)),
        ("looked.releases", _releases(results, first)),
        ("looked.change", _change(results, first)),
        ("looked.unseen", _unseen(results, first)),
    ]
    return tuple((say(key), words) for key, words in lines if words)


def _counted(results: EventResults, rows: Sequence[Row]) -> str:
    """The number of tests, and how many came out small with nothing allowed for and with Holm's method."""
    windows = [(row, window) for row in rows for window in results.windows(row["analysis_id"])]
    found = _tally((window, spec_of(row["spec"])["alpha"]) for row, window in windows)
    if not found.tests:
        return ""
    minutes = sum(
        len((document["minutes"] or {}).get("curve") or ()) for document in results.documents.values() if document
    )
    parts = {
        "assets": {row["asset"] for row in rows},
        "studies": {row["study_id"] for row in rows},
        "windows": {(w["window_start"], w["window_end"]) for _, w in windows},
        "readings": {row["alignment"] for row in rows},
    }
    factors = [say(f"looked.of_{name}", n=len(each)) for name, each in parts.items()]
    if minutes:
        factors.append(say("looked.of_minutes", n=minutes))
    return text.capital(say("looked.counted.event", factors=text.listed(factors), n=found.tests)) + " " + _chance(found)


def _tally(windows: Iterable[tuple[Row, float]]) -> Tally:
    known = [(window, alpha) for window, alpha in windows if window["p"] is not None]
    return Tally(
        len(known),
        sum(window["p"] <= alpha for window, alpha in known),
        sum((window["p_adjusted"] or 0.0) <= alpha for window, alpha in known if window["p_adjusted"] is not None),
        sum(alpha for _, alpha in known),
    )


def _chance(found: Tally) -> str:
    expected = text.about(found.expected)
    none = say("looked.none")
    return say("looked.chance", small=found.small or none, adjusted=found.small_adjusted or none, expected=expected)


def _days(first: Sequence[Row]) -> str:
    days = [row["n_estimation"] for row in first if row["n_estimation"]]
    return _estimation(days, spec_of(first[0]["spec"]))


def _estimation(days: Sequence[int], spec: Document) -> str:
    if not days:
        return ""
    n = text.span(min(days), max(days))
    if "estimation" not in spec or "event_window" not in spec:
        return say("looked.days.clock", n=n)
    return say("looked.days.event", n=n, estimation=label(spec["estimation"]), window=label(spec["event_window"]))


def _left(results: EventResults, rows: Sequence[Row]) -> str:
    """Assets and windows without a number, and why."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row["alignment"] != "main":
            continue
        name = titled(row["asset_title"])
        if row["status"] != "ok":
            reasons.setdefault(text.spoken(row["reason"] or say("event.no_test")), []).append(name)
            continue
        for window in results.windows(row["analysis_id"]):
            if window["reason"]:
                named = say("looked.window_of", asset=name, window=cells.label_by(window, row["bar"]))
                reasons.setdefault(text.spoken(window["reason"]), []).append(named)
    if not reasons:
        return say("looked.left.none")
    return " ".join(
        say("looked.left.reason", names=text.capital(text.listed(list(dict.fromkeys(names)))), reason=reason)
        for reason, names in reasons.items()
    )


def _residuals(first: Sequence[Row]) -> str:
    """The diagnostics in words, assets with the same ones together."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row in first:
        values = json.loads(row["diagnostics"])
        if not values:
            continue
        faults: list[str] = []
        watson = values.get("durbin_watson")
        if watson is not None and not AUTOCORRELATED[0] <= watson <= AUTOCORRELATED[1]:
            faults.append("follow")
        faults += [
            fault
            for name, fault in (("arch_lm_p", "cluster"), ("jarque_bera_p", "tails"))
            if values.get(name) is not None and values[name] < SMALL
        ]
        found.setdefault(tuple(faults), []).append(titled(row["asset_title"]))
    said = []
    for kinds, names in found.items():
        listed = text.capital(text.listed(names))
        if kinds:
            words = text.listed([say(f"looked.residuals.{kind}") for kind in kinds])
            said.append(say("looked.residuals.found", names=listed, faults=words))
        else:
            said.append(say("looked.residuals.none", names=listed))
    if any(found):
        said.append(say("looked.residuals.means"))
    return " ".join(said)


def _releases(results: EventResults, first: Sequence[Row]) -> str:
    """Scheduled releases that came between the two prices of the verdict; nothing where there are no such prices."""
    windows = [window for row in first for window in results.windows(row["analysis_id"])[:1]]
    if not windows:
        return ""
    priced = {event_id for window in windows for event_id in json.loads(window["context"])}
    return say("looked.releases.found", n=len(priced)) if priced else say("looked.releases.none")


def _change(results: EventResults, first: Sequence[Row]) -> str:
    """How large the move would have had to be, and which other look gives another verdict."""
    leads = [(row, window) for row in first for window in results.windows(row["analysis_id"])[:1]]
    leads = [(row, window) for row, window in leads if window["p_adjusted"] is not None and window["car"] is not None]
    if not leads:
        return ""
    row, window = min(
        leads,
        key=lambda lead: (
            RANK.index(lead[1]["verdict"]) if lead[1]["verdict"] in RANK else len(RANK),
            -abs(lead[1]["t"] or 0.0) if lead[1]["verdict"] in RANK else 0.0,
        ),
    )
    spec, asset = spec_of(row["spec"]), titled(row["asset_title"])
    said = []
    low, high = window["car_low"], window["car_high"]
    if low is not None and high is not None:
        size = text.spoken_percent((high - low) / 2)
        by_days = ""
        rare = _rare(window, spec)
        if rare is not None:
            by_days = say("looked.change.days", size=text.spoken_percent(rare), share=text.share(spec["alpha"]))
        is_beyond = low > 0 or high < 0
        key = "looked.change.smaller" if is_beyond else "looked.change.larger"
        said.append(say(key, asset=asset, size=size, days=by_days, move=text.spoken_percent(window["car"])))
    others = _otherwise(results, row, window)
    if others:
        said.append(say("looked.change.others", asset=asset, looks=say("list.semicolon").join(others)))
    else:
        said.append(say("looked.change.none", asset=asset))
    return " ".join(said)


def _rare(window: Row, spec: Row) -> float | None:
    """The size that a move has to exceed for its placebo p, (1 + days as extreme) / (1 + days), to be at most alpha."""
    ordered = sorted(map(abs, window["placebo"]), reverse=True)
    most = int(spec["alpha"] * (1 + len(ordered))) - 1  # days as extreme
    if window["placebo_p"] is None or most < 0 or spec.get("alternative", "two-sided") != "two-sided":
        return None
    return float(ordered[most])


def _otherwise(results: EventResults, lead: Row, window: Row) -> list[str]:
    """Other looks at an asset that come to another verdict: windows by study and verdict, none that ends beforehand."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in results.analyses:
        if row["asset"] != lead["asset"]:
            continue
        for other in results.windows(row["analysis_id"]):
            is_before = isinstance(other["window_end"], int) and other["window_end"] < 0
            if other["p_adjusted"] is not None and other["verdict"] != window["verdict"] and not is_before:
                study = text.given(row["study_title"])
                if row["alignment"] != "main":
                    study = say("looked.change.reading", study=study)
                found.setdefault((study, other["verdict"]), []).append(cells.label_by(other, row["bar"]))
    return [
        say("looked.change.look", study=study, windows=", ".join(windows), verdict=text.verdict_word(verdict))
        for (study, verdict), windows in found.items()
    ]


def _unseen(results: EventResults, first: Sequence[Row]) -> str:
    sizes = [
        window["mde"]
        for row in first
        for window in results.windows(row["analysis_id"])[:1]
        if window["mde"] is not None
    ]
    said = []
    if sizes:
        size = text.percent(min(sizes), signed=False, digits=2)
        if len(set(sizes)) > 1:
            size = say("looked.unseen.range", low=size, high=text.percent(max(sizes), signed=False, digits=2))
        said.append(say("looked.unseen.small", size=size, chance=chance(spec_of(first[0]["spec"])["power"])))
    said.append(say("looked.unseen.daily" if first[0]["bar"] == "1d" else "looked.unseen.minutes"))
    said += [say("looked.unseen.wild"), say("looked.unseen.other")]
    return " ".join(said)


def of_study(document: Document) -> tuple[Line, ...]:
    """The lines of a study of many events."""
    spec, events = document["spec"], document["events"]
    done = [event for event in events if event["status"] == "ok"]
    if not done:
        return ()
    groups = [group for group in document["aggregate"] if group["windows"]]
    tests = [(t, t["is_valid"]) for group in groups for w in group["windows"] for t in w["tests"]]
    numbered = [(t["p_value"], is_valid) for t, is_valid in tests if t["p_value"] is not None]
    small = [is_valid for p, is_valid in numbered if p <= spec["alpha"]]
    counted = say(
        "looked.counted.study",
        events=say("looked.of_events", n=len(done)),
        groups=say("looked.of_groups", n=len(groups)),
        windows=say("looked.of_windows", n=len(groups[0]["windows"])),
        n=len(numbered),
        small=len(small) or say("looked.none"),
        holding=sum(small) or say("looked.none"),
        level=text.share(spec["alpha"]),
    )
    days = [event["n_estimation"] for event in done if event.get("n_estimation")]
    first = document["aggregate"][0]["windows"][0]
    low, high = first["caar_ci"]
    change = ""
    if low is not None and high is not None:
        doubled = (test := answering(first)) is not None and "t_p_value" in test
        needed = (high - low) / 2 * (math.sqrt(2) if doubled else 1)
        key = "looked.change.mean_smaller" if abs(first["caar"]) > needed else "looked.change.mean_larger"
        change = say(key, size=text.spoken_percent(needed), mean=text.percent(first["caar"]))
    seen = text.percent(first["mde"], signed=False, digits=2) if first["mde"] is not None else ""
    key, wild = ("one", say("looked.unseen.wild")) if first["n"] == 1 else ("mean", "")
    small_unseen = say(f"looked.unseen.{key}", size=seen, chance=chance(spec["power"])) if seen else ""
    lines = [
        ("looked.counted", text.capital(counted)),
        ("looked.days", _estimation(days, spec)),
        ("looked.left", _left_of_study(events)),
        ("looked.change", change),
        ("looked.unseen", " ".join(filter(None, (small_unseen, wild, say("looked.unseen.cause"))))),
    ]
    return tuple((say(key), words) for key, words in lines if words)


def _left_of_study(events: Sequence[Document]) -> str:
    reasons: dict[str, int] = {}
    for event in events:
        if event["status"] != "ok":
            reason = text.spoken(event["reason"] or say("event.no_test"))
            reasons[reason] = reasons.get(reason, 0) + 1
    if not reasons:
        return say("looked.left.no_event")
    most = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    said = [say("looked.left.events", n=n, reason=reason) for reason, n in most[:3]]
    if len(most) > 3:
        said.append(say("looked.left.more", n=len(most) - 3))
    return " ".join(said)
