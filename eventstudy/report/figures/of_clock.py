"""The figures of a study by the minute: what each found, and the numbers that it shows."""

from __future__ import annotations

import math

from eventstudy.instants import parse
from eventstudy.report import text
from eventstudy.report.clock.words import horizon, label, local_time
from eventstudy.report.figures.chart import Chart
from eventstudy.report.figures.draw import binned
from eventstudy.report.figures.facts import ClockFacts
from eventstudy.report.figures.minute_curve import USUAL, curve_figure, curve_rows
from eventstudy.report.figures.minute_placebo import moves_of, placebo_figure
from eventstudy.report.figures.minute_tape import marked, tape_figure
from eventstudy.report.narrative import moved
from eventstudy.report.titles import name_of
from eventstudy.report.words import say
from eventstudy.study.clock.primary import primary_of


def tape(facts: ClockFacts) -> Chart | None:
    """The bars about the news."""
    document = facts.document
    svg = tape_figure(facts.title, document)
    if not svg:
        return None
    window = marked(document)
    return Chart(
        svg=svg,
        note=say("clock.tape_marked", window=label(window["window"])) if window else "",
        title=_finding(facts),
        columns=(facts.time, *(say(f"clock.column.{name}") for name in ("open", "high", "low", "close"))),
        rows=[
            (local_time(start, document), *(text.price(value) for value in values))
            for start, *values in document["tape"]
        ],
    )


def _finding(facts: ClockFacts) -> str:
    """How far the price moved in the primary window, and whether that is usual."""
    asset, first = name_of(facts.title), primary_of(facts.document)
    if first is None or first["move"] is None:
        return say("clock.tape.found_none", asset=facts.title)
    said = {
        "Asset": text.capital(asset.head),
        "moved": moved(math.expm1(first["move"]), asset),
        "when": horizon(first["window"]),
    }
    if facts.verdict == "not computable":
        return say("clock.tape.moved", **said)
    return say("clock.tape.found", clause=say(f"clock.{facts.verdict}"), **said)


def sessions(facts: ClockFacts) -> Chart | None:
    """The move among those of other sessions at this time of day."""
    svg = placebo_figure(facts.title, facts.document)
    if not svg:
        return None
    own, others, extreme = moves_of(facts.document)
    return Chart(
        svg=svg,
        title=say("clock.sessions.found" if extreme else "clock.sessions.found_none", n=extreme, total=len(others)),
        columns=(say("clock.column.paced_move"), say("clock.column.sessions"), say("clock.column.rank")),
        rows=[
            (text.percent(middle), str(count), str(at_least))
            for middle, count, at_least in binned(others, own, "two-sided").table()
        ],
    )


def curve(facts: ClockFacts) -> Chart | None:
    """The answer at every minute that the news may have come at."""
    svg = curve_figure(facts.title, facts.document)
    if not svg:
        return None
    rows = curve_rows(facts.document)
    unusual = sum(abs(row["paced_t"]) > USUAL for row in rows)
    return Chart(
        svg=svg,
        title=say("clock.curve.found" if unusual else "clock.curve.found_none", n=unusual, total=len(rows)),
        columns=(facts.time, say("clock.column.paced"), say("column.p")),
        rows=[
            (
                local_time(parse(f"{row['at'][:19]}Z").timestamp(), facts.document),
                text.statistic(row["paced_t"]),
                text.p_value(row["paced_p"]),
            )
            for row in rows
        ],
    )
