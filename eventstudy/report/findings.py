"""From stored rows to the findings that sentences are made of, and the answer for an event."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence

from eventstudy.database import reading
from eventstudy.database.reading import Row
from eventstudy.report import text
from eventstudy.report.clock.words import clock_answer
from eventstudy.report.linked import anchor, bare
from eventstudy.report.minute import is_uncertain, readings
from eventstudy.report.narrative import Finding, answer
from eventstudy.report.titles import titled
from eventstudy.report.words import say
from eventstudy.store.read import EventResults


def event_answer(results: EventResults) -> tuple[str, tuple[str, ...]]:
    """Verdict and sentences of an event, from the first study."""
    verdict, sentences = linked_answer(results)
    return verdict, tuple(map(bare, sentences))


def linked_answer(results: EventResults) -> tuple[str, tuple[str, ...]]:
    """Verdict and sentences of an event, from the first study, whose numbers lead to their rows: see `linked`."""
    event, rows = results.event, results.analyses
    if event["kind"] == "context":
        return "not computable", (say("answer.context"),)
    lead = of_first_study(rows)
    is_pending = event["status"] == "pending"
    if not lead:
        if event["retired_at"]:
            return "not computable", (say("answer.retired"),)
        reason = text.spoken(event["reason"] or say("answer.not_studied")).removesuffix(say("answer.yet"))
        said = say("answer.reason_yet" if is_pending else "answer.reason", reason=reason)
        return "pending" if is_pending else "not computable", (said,)
    if lead[0]["bar"] != "1d":
        verdict, sentences = clock_answer(results, lead)
        return ("pending" if is_pending and verdict == "not computable" else verdict), sentences
    context = _context(results, lead)
    findings = [finding(results, row, context, _sessions(rows, row)) for row in lead]
    _, differing, _ = readings(results, lead)
    depends = say("minute.depends", assets=text.listed(differing)) if differing else ""
    verdict, sentences = answer(findings, _same_day(lead, context), depends)
    if is_pending and verdict == "not computable":
        return "pending", (say("answer.not_yet"), *sentences[1:])
    return verdict, sentences


def _context(results: EventResults, lead: Sequence[Row]) -> dict[str, Row]:
    """The context events by id that were priced in a primary window, or came on the day of a first session."""
    firsts = (window for row in lead for window in results.windows(row["analysis_id"])[:1])
    priced = {event_id for window in firsts for event_id in json.loads(window["context"])}
    found = {row["context"]: row for row in results.context}
    if others := priced - found.keys():
        sql = "select * from events where event_id in (select value from json_each(?))"
        found |= {row["event_id"]: row for row in reading.rows(results.connection, sql, (json.dumps(sorted(others)),))}
    return dict(sorted(found.items()))


def of_first_study(rows: Sequence[Row]) -> list[Row]:
    """The analyses that the answer is made of: main alignment, first study."""
    main = [row for row in rows if row["alignment"] == "main"]
    return [row for row in main if row["study_id"] == main[0]["study_id"]]


def _sessions(rows: Sequence[Row], row: Row) -> set[str]:
    """The first session under each reading of the time, of one asset of one study."""
    same = (r for r in rows if (r["study_id"], r["asset"]) == (row["study_id"], row["asset"]))
    return {r["day0"] for r in same if r["day0"]}


def finding(results: EventResults, row: Row, context: dict[str, Row], sessions: set[str]) -> Finding:
    """What can be told of one analysis.

    Parameters
    ----------
    results : EventResults
    row : Row
        Of its analyses, with the study's spec.
    context : dict of str to Row
        The context events by id.
    sessions : set of str
        The first session under each reading of the event's time.
    """
    first = next(iter(results.windows(row["analysis_id"])), None)
    title = titled(row["asset_title"])
    if first is None or first["car"] is None or first["p_adjusted"] is None:
        reason = (first or {}).get("reason") or row["reason"] or say("others.untested")
        return Finding(title=title, verdict="not computable", reason=text.spoken(reason))
    days = results.days(row["analysis_id"])
    dates = tuple(d["session"] for d in days if first["window_start"] <= d["tau"] <= first["window_end"])
    spec = spec_of(row["spec"])
    day0 = next((d for d in days if d["tau"] == 0), {"return": None, "sar": None})
    before = next((d["return"] for d in days if d["tau"] == first["window_start"] - 1), None)
    at_least, placebos = placebo_count(first)
    return Finding(
        title=title,
        verdict=first["verdict"],
        days=dates,
        start=first["window_start"],
        timing="covered"
        if len(sessions) > 1 and sessions <= set(dates)
        else "assumed"
        if is_uncertain(results.event, row)
        else "known",
        move=move_over(days, first, spec["returns"]),
        abnormal=first["car"],
        previous=_simple(before, spec["returns"]),
        benchmark=_benchmark(results, spec),
        t=first["t"],
        p_adjusted=first["p_adjusted"],
        placebo_p=first["placebo_p"],
        alternative=spec["alternative"],
        first_move=_simple(day0["return"], spec["returns"]),
        first_t=day0["sar"],
        at_least=at_least,
        placebos=placebos,
        mde=first["mde"],
        power=spec["power"],
        context=tuple(text.plain(context[c]["title"]) for c in json.loads(first["context"]) if c in context),
        row=anchor(row),
    )


@functools.lru_cache(maxsize=64)
def spec_of(stored: str) -> Row:
    """The settings of a study, not to be changed: all its analyses have the same."""
    spec: Row = json.loads(stored)
    return spec


def placebo_count(window: Row) -> tuple[int, int]:
    """Placebo days at least as extreme as the event, and how many there are; both 0 where there are too few.

    The count is that of the test itself, whose p is (1 + count) / (1 + days) on the side that was asked for.
    """
    total = len(window["placebo"])
    if window["placebo_p"] is None:
        return 0, 0
    return round(window["placebo_p"] * (1 + total)) - 1, total


def _benchmark(results: EventResults, spec: Row) -> str | None:
    """Name of what a study explains returns by: empty for factors, None for the asset's own average."""
    benchmark = spec["benchmark"]
    if not benchmark:
        return "" if spec["factors"] else None
    found = results.connection.execute("select asset_title from analyses where asset = ? limit 1", (benchmark,))
    (title,) = found.fetchone() or (benchmark,)
    known = titled(title)
    return say("measure.benchmark_symbol", symbol=benchmark) if known == say("name.symbol", symbol=title) else known


def move_over(days: Sequence[Row], window: Row, kind: str) -> float | None:
    """Return over a window, simple, whatever the study's kind of returns; days without a return are left out."""
    inside = [d["return"] for d in days if window["window_start"] <= d["tau"] <= window["window_end"]]
    present = [r for r in inside if r is not None]
    if not present:
        return None
    return math.expm1(sum(present)) if kind == "log" else math.prod(1.0 + r for r in present) - 1.0


def _simple(value: float | None, kind: str) -> float | None:
    return value if value is None or kind == "simple" else math.expm1(value)


def _same_day(lead: Sequence[Row], context: dict[str, Row]) -> list[str]:
    """Titles of releases on the calendar day of the first session, whether priced in it or later."""
    days = {row["day0"] for row in lead if row["day0"]}
    found = (c for c in context.values() if any(c["earliest"][:10] <= d <= c["latest"][:10] for d in days))
    return [text.plain(c["title"]) for c in found]
