"""What a page shows, read from the results database: strings ready to print, and the numbers that charts need."""

from __future__ import annotations

import json
import math
import shlex
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.records import Window
from eventstudy.report import text
from eventstudy.report.figures import path_figure, placebo_figure
from eventstudy.report.narrative import Finding, answer
from eventstudy.store import read
from eventstudy.store.read import Row

TEST_WORDS = {
    "t": "t test, exact forecast variance",
    "placebo": "Placebo days",
    "sample_quantile": "Sample quantile of the residuals",
    "hac_z": "Robust to serial correlation (Newey-West)",
    "portfolio_t": "Equal-weight portfolio of the assets, as quoted",
    "max_t_placebo": "Largest |t| of all assets, against placebo days",
}
DIAGNOSTIC_WORDS = {
    "durbin_watson": "Durbin-Watson (near 2: no autocorrelation)",
    "arch_lm_p": "ARCH-LM p (small: volatility clusters)",
    "jarque_bera_p": "Jarque-Bera p (small: not normal)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetView:
    """One asset of one study; every string is ready to print."""

    asset: str
    title: str
    status: str
    reason: str
    verdict: str
    mark: str
    word: str
    session: str
    prices: str
    move: str
    car: str
    interval: str
    t: str
    p_adjusted: str
    placebo: str
    mde: str
    window: str
    windows: tuple[tuple[str, ...], ...]
    tests: tuple[tuple[str, ...], ...]
    days: tuple[tuple[str, ...], ...]
    diagnostics: tuple[tuple[str, str], ...]
    coefficients: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    method: str
    path: str
    histogram: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentView:
    """The first session under one reading of the announcement's time."""

    title: str
    reading: str
    session: str
    car: str
    t: str
    p: str
    placebo: str
    word: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyView:
    """One study of the event."""

    study_id: str
    title: str
    window: str
    assets: tuple[AssetView, ...]
    joint: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """A whole page."""

    event_id: str
    title: str
    announced: str
    kind: str
    url: str
    note: str
    status: str
    reason: str
    verdict: str
    word: str
    mark: str
    lead: str
    rest: tuple[str, ...]
    studies: tuple[StudyView, ...]
    alignments: tuple[AlignmentView, ...]
    depends: str
    provenance: tuple[tuple[str, ...], ...]
    hashes: tuple[tuple[str, str], ...]
    command: str


def event_view(connection: sqlite3.Connection, event_id: str) -> EventView:
    """Everything that the page of one event says."""
    event = read.event(connection, event_id)
    rows = read.analyses(connection, event_id)
    joint = read.joint_tests(connection, event_id)
    main = [row for row in rows if row["alignment"] == "main"]
    groups = {
        study: tuple(_asset(connection, row) for row in main if row["study_id"] == study)
        for study in dict.fromkeys(row["study_id"] for row in main)
    }
    studies = tuple(
        StudyView(
            study_id=study,
            title=next(row["study_title"] for row in main if row["study_id"] == study),
            window=next((a.window for a in assets if a.window), ""),
            assets=assets,
            joint=_joint([test for test in joint if test["study_id"] == study]),
        )
        for study, assets in groups.items()
    )
    lead = _of_first_study(main)
    verdict, sentences = event_answer(connection, event, lead)
    alignments, depends = _alignments(connection, rows, lead)
    return EventView(
        event_id=event_id,
        title=event["title"],
        announced=text.announced(event),
        kind=event["kind"],
        url=event["url"],
        note=event["note"],
        status=event["status"],
        reason=event["reason"] or "",
        verdict=verdict,
        word=text.VERDICT_WORDS[verdict],
        mark=text.VERDICT_MARKS[verdict],
        lead=" ".join(filter(None, sentences[:3])),
        rest=sentences[3:],
        studies=studies,
        alignments=alignments,
        depends=depends,
        provenance=_provenance(main),
        hashes=tuple((row["study_id"], row["input_hash"]) for row in main if row["position"] == 0),
        command=_command(event),
    )


def event_answer(connection: sqlite3.Connection, event: Row, lead: Sequence[Row] | None = None) -> tuple[str, tuple[str, ...]]:
    """Verdict and sentences of an event, from the first study.

    Parameters
    ----------
    connection : sqlite3.Connection
    event : Row
        As stored.
    lead : sequence of Row, optional
        Its analyses by the first study under the main alignment, where the caller has them.
    """
    if lead is None:
        analyses = read.analyses(connection, event["event_id"])
        lead = _of_first_study([row for row in analyses if row["alignment"] == "main"])
    if not lead:
        return "not computable", (text.capital(event["reason"] or "not studied yet") + ".",)
    context = {row["event_id"]: row for row in read.rows(connection, "select * from events where kind = 'context'")}
    return answer([_finding(connection, row, context) for row in lead], _same_day(lead, context))


def _of_first_study(main: Sequence[Row]) -> list[Row]:
    return [row for row in main if row["study_id"] == main[0]["study_id"]]


def primary(connection: sqlite3.Connection, row: Row) -> Row | None:
    """The window that the verdict of an analysis is read from; None when it was not studied."""
    found = read.windows(connection, row["analysis_id"])
    return found[0] if found else None


def _asset(connection: sqlite3.Connection, row: Row) -> AssetView:
    windows = read.windows(connection, row["analysis_id"])
    days = read.daily(connection, row["analysis_id"])
    first = windows[0] if windows else None
    spec = json.loads(row["spec"])
    level = f"{1 - spec['alpha']:.0%}".replace("%", "\u202f%")
    found = read.tests(connection, row["analysis_id"], first["window_start"], first["window_end"]) if first else []
    verdict = first["verdict"] if first else "not computable"
    is_shown = first is not None and first["car"] is not None
    critical = _critical(first) if is_shown and first else 0.0
    return AssetView(
        asset=row["asset"],
        title=text.capital(row["asset_title"]),
        status=row["status"],
        reason=(first or {}).get("reason") or row["reason"] or "",
        verdict=verdict,
        mark=text.VERDICT_MARKS[verdict],
        word=text.VERDICT_WORDS[verdict],
        session=text.short_day(row["day0"]) if row["day0"] else "\u2013",
        prices=f"{text.price(row['price_before'])} \u2192 {text.price(row['price_at'])}",
        move=text.percent(_move(days, first, spec["returns"])) if first else "\u2013",
        car=text.percent(first["car"]) if first else "\u2013",
        interval=text.interval(first["car_low"], first["car_high"]) if first else "\u2013",
        t=text.statistic(first["t"]) if first else "\u2013",
        p_adjusted=text.p_value(first["p_adjusted"]) if first else "\u2013",
        placebo=_placebo_words(first) if first else "\u2013",
        mde=text.percent(first["mde"], signed=False, digits=2) if first else "\u2013",
        window=_label(first) if first else "",
        windows=tuple(_window_cells(window) for window in sorted(windows, key=_window_order)),
        tests=tuple(_test_cells(test) for test in found),
        days=tuple(_day_cells(d) for d in days),
        diagnostics=tuple(
            (DIAGNOSTIC_WORDS.get(name, name), text.statistic(value) if name == "durbin_watson" else text.p_value(value))
            for name, value in json.loads(row["diagnostics"]).items()
        ),
        coefficients=tuple((name, f"{value:.6g}") for name, value in json.loads(row["coefficients"]).items()),
        notes=tuple(json.loads(row["notes"])),
        method=row["method"],
        path=path_figure(text.capital(row["asset_title"]), days, critical, level) if is_shown else "",
        histogram=placebo_figure(
            text.capital(row["asset_title"]), json.loads(first["placebo"]), first["car"], _window_words(first)
        )
        if is_shown and first
        else "",
    )


def _finding(connection: sqlite3.Connection, row: Row, context: dict[str, Row]) -> Finding:
    first = primary(connection, row)
    if first is None or first["car"] is None:
        reason = (first or row)["reason"] or "no number"
        return Finding(title=row["asset_title"], verdict="not computable", reason=reason)
    days = read.daily(connection, row["analysis_id"])
    inside = [d for d in days if first["window_start"] <= d["tau"] <= first["window_end"]]
    kind = json.loads(row["spec"])["returns"]
    day0 = next(d for d in days if d["tau"] == 0)
    draws = json.loads(first["placebo"])
    return Finding(
        title=row["asset_title"],
        verdict=first["verdict"],
        days=tuple(d["session"] for d in inside),
        move=_move(days, first, kind),
        previous=next((_simple(d["return"], kind) for d in days if d["tau"] == -1), None),
        t=first["t"],
        p_adjusted=first["p_adjusted"],
        first_move=_simple(day0["return"], kind),
        first_t=day0["sar"],
        at_least=sum(abs(v) >= abs(first["car"]) for v in draws),
        placebos=len(draws),
        mde=first["mde"],
        context=tuple(context[c]["title"] for c in json.loads(first["context"]) if c in context),
    )


def _same_day(lead: Sequence[Row], context: dict[str, Row]) -> list[str]:
    """Titles of releases on the calendar day of the first session, whether priced in it or later."""
    days = {row["day0"] for row in lead if row["day0"]}
    return [c["title"] for c in context.values() if any(c["earliest"][:10] <= d <= c["latest"][:10] for d in days)]


def _alignments(
    connection: sqlite3.Connection, rows: Sequence[Row], lead: Sequence[Row]
) -> tuple[tuple[AlignmentView, ...], str]:
    """Every reading of an uncertain time, on the first session alone, and whether the verdict depends on it."""
    study = lead[0]["study_id"] if lead else None
    readings = {"main": "as stated or earliest", "earliest": "earliest possible", "latest": "latest possible"}
    out: list[AlignmentView] = []
    verdicts: dict[str, set[str]] = {}
    for row in rows:
        several = sum(r["asset"] == row["asset"] and r["study_id"] == study for r in rows) > 1
        if row["study_id"] != study or not several:
            continue
        day = next((w for w in read.windows(connection, row["analysis_id"]) if _label(w) == "[0,0]"), None)
        if day is None or day["car"] is None:
            continue
        verdicts.setdefault(row["asset"], set()).add(day["verdict"])
        out.append(
            AlignmentView(
                title=text.capital(row["asset_title"]),
                reading=readings[row["alignment"]],
                session=text.short_day(row["day0"]),
                car=text.percent(day["car"]),
                t=text.statistic(day["t"]),
                p=text.p_value(day["p_adjusted"]),
                placebo=text.p_value(day["placebo_p"]),
                word=text.VERDICT_WORDS[day["verdict"]],
                mark=text.VERDICT_MARKS[day["verdict"]],
            )
        )
    differing = [row["asset_title"] for row in lead if len(verdicts.get(row["asset"], ())) > 1]
    if not out:
        depends = "Every minute of the stated interval leads to the same session, so nothing depends on it."
    elif differing:
        depends = f"The verdict depends on the minute for {text.listed(differing)}."
    else:
        depends = "The verdict is the same whichever session is the right one."
    return tuple(out), depends


def _joint(tests: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            TEST_WORDS.get(t["name"], t["name"]),
            f"[{t['window_start']},{t['window_end']}]",
            text.statistic(t["statistic"]),
            text.p_value(t["p_value"]),
            t["reason"] or "",
        )
        for t in sorted(tests, key=_window_order)
    )


def _window_order(row: Row) -> tuple[int, int]:
    return (row["window_end"] - row["window_start"], -row["window_end"])


def _window_cells(w: Row) -> tuple[str, ...]:
    return (
        _label(w),
        str(w["n_days"]),
        text.percent(w["car"]),
        text.interval(w["car_low"], w["car_high"]),
        text.statistic(w["t"]),
        text.p_value(w["p"]),
        text.p_value(w["p_adjusted"]),
        text.p_value(w["placebo_p"]),
        w["reason"] or text.VERDICT_WORDS[w["verdict"]],
    )


def _test_cells(t: Row) -> tuple[str, ...]:
    law = t["distribution"] + (f"({t['df']:.0f})" if t["df"] is not None else "")
    return (
        TEST_WORDS.get(t["name"], t["name"]),
        text.percent(t["statistic"]) if t["name"] in ("placebo", "sample_quantile") else text.statistic(t["statistic"]),
        law,
        text.p_value(t["p_value"]),
        t["reason"] or t["source"],
    )


def _day_cells(d: Row) -> tuple[str, ...]:
    return (
        str(d["tau"]).replace("-", text.MINUS),
        text.short_day(d["session"]),
        text.percent(d["return"]),
        text.percent(d["ar"]),
        text.statistic(d["sar"]),
        text.percent(d["car"]),
    )


def _placebo_words(w: Row) -> str:
    draws = json.loads(w["placebo"])
    if not draws or w["car"] is None:
        return "\u2013"
    return f"{sum(abs(v) >= abs(w['car']) for v in draws)} of {len(draws)}"


def _critical(w: Row) -> float:
    """The t quantile that the stored interval was made with."""
    half = (w["car_high"] - w["car_low"]) / 2
    return float(half / w["car_se"]) if w["car_se"] else 0.0


def _move(days: Sequence[Row], window: Row, kind: str) -> float | None:
    """Return over a window, simple, whatever the study's kind of returns."""
    inside = [d["return"] for d in days if window["window_start"] <= d["tau"] <= window["window_end"]]
    if any(r is None for r in inside) or not inside:
        return None
    return math.expm1(sum(inside)) if kind == "log" else math.prod(1.0 + r for r in inside) - 1.0


def _simple(value: float | None, kind: str) -> float | None:
    return value if value is None or kind == "simple" else math.expm1(value)


def _label(w: Row) -> str:
    return Window(w["window_start"], w["window_end"]).label


def _window_words(w: Row) -> str:
    length = w["window_end"] - w["window_start"] + 1
    return "one session" if length == 1 else f"{length} sessions"


def _provenance(rows: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    found = {
        (p["source"], p["symbol"], p["version"], p["fetched_at"][:19].replace("T", " ") + " UTC", p["content_hash"][:12])
        for row in rows
        for p in json.loads(row["provenance"])
    }
    return tuple(sorted(found))


def _command(event: Row) -> str:
    if "ad-hoc" not in json.loads(event["tags"]):
        return f"eventstudy run --event {event['event_id']}"
    parts = ["eventstudy", "report", "--title", event["title"]]
    if event["earliest"] == event["latest"]:
        parts += ["--at", event["announced_at"]]
    else:
        parts += ["--between", event["earliest"], event["latest"]]
    for asset in json.loads(event["assets"]):
        parts += ["--asset", asset]
    return shlex.join(parts)
