"""What a page shows, read from the results database: strings ready to print, and charts.

Its values are not frozen, see `eventstudy.study.results`; nothing changes them.
"""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventstudy.database.reading import Row
from eventstudy.report import cells, looked, planned, text
from eventstudy.report.cells import Cells
from eventstudy.report.claims import ClaimView, claim_views
from eventstudy.report.clock.view import ClockStudyView, clock_studies
from eventstudy.report.figures.drawn import AssetFacts, Drawn, EventFacts, drawn
from eventstudy.report.findings import linked_answer, of_first_study, spec_of
from eventstudy.report.linked import anchor, bare
from eventstudy.report.minute import readings
from eventstudy.report.narrative import LEAD, chance
from eventstudy.report.strongest import MOST_FULL, strongest
from eventstudy.report.titles import titled
from eventstudy.report.words import say
from eventstudy.store.read import EventBatch, EventResults


@dataclass(slots=True, kw_only=True)
class AssetView:
    """One asset of one study; every string is ready to print, and `values` has the numbers of some.

    With very many assets only the strongest are shown in full; of the others there are no windows, tests and days.
    """

    asset: str
    title: str
    status: str
    has_number: bool
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
    windows: tuple[Cells, ...]
    tests: tuple[Cells, ...]
    days: tuple[Cells, ...]
    fit: str
    notes: tuple[str, ...]
    figures: tuple[Drawn, ...]
    is_full: bool
    anchor: str
    values: dict[str, float | None]


@dataclass(slots=True, kw_only=True)
class AlignmentView:
    """The first session under one reading of the announcement's time."""

    title: str
    reading: str
    session: str
    window: str
    car: str
    t: str
    p: str
    placebo: str
    word: str
    mark: str


@dataclass(slots=True, kw_only=True)
class StudyView:
    """One study of the event."""

    study_id: str
    title: str
    window: str
    level: str
    chance: str
    assets: tuple[AssetView, ...]
    shown: str
    joint: tuple[Cells, ...]
    methods: tuple[str, ...]
    input_hash: str
    figures: tuple[Drawn, ...]


@dataclass(slots=True, kw_only=True)
class EventView:
    """A whole page; `linked` are the sentences of the answer with links to rows, `lead` and `rest` the same without.

    `earliest` and `latest` are instants as stored, and so is `fetched`, that of the newest prices that it rests on.
    """

    event_id: str
    title: str
    announced: str
    earliest: str
    latest: str
    kind: str
    url: str
    note: str
    status: str
    reason: str
    verdict: str
    word: str
    mark: str
    answer: tuple[str, tuple[str, ...]]
    lead: str
    rest: tuple[str, ...]
    linked: tuple[str, ...]
    studies: tuple[StudyView, ...]
    by_clock: tuple[ClockStudyView, ...]
    alignments: tuple[AlignmentView, ...]
    depends: str
    notes: tuple[str, ...]
    provenance: tuple[Cells, ...]
    fetched: str
    terms: tuple[str, ...]
    command: str
    aside: str
    claims: tuple[ClaimView, ...]
    twins: str
    looked: tuple[looked.Line, ...]
    plan: dict[str, Any] | None


def event_view(connection: sqlite3.Connection, event_id: str, batch: EventBatch | None = None) -> EventView:
    """Everything that the page of one event says; it is read with those of its batch, alone when None."""
    results = (batch or EventBatch(connection, [event_id])).results(event_id)
    event = results.event
    plan = planned.of_event(connection, event) if results.is_planned else None
    rows, joint = results.analyses, results.joint_tests
    main = [row for row in rows if row["alignment"] == "main"]
    daily = [row for row in main if row["bar"] == "1d"]
    verdict, said = linked_answer(results)
    sentences = tuple(map(bare, said))
    source = cells.source_line(results.answers)
    studies = tuple(
        _study(
            results,
            [row for row in daily if row["study_id"] == study],
            [test for test in joint if test["study_id"] == study],
            source=source if study == daily[0]["study_id"] else None,
        )
        for study in dict.fromkeys(row["study_id"] for row in daily)
    )
    by_clock = clock_studies(results, [row for row in main if row["bar"] != "1d"], source)
    alignments, depends = _alignments(results)
    return EventView(
        event_id=event_id,
        title=text.plain(event["title"]),
        announced=text.announced(event),
        earliest=event["earliest"],
        latest=event["latest"],
        kind=event["kind"],
        url=event["url"],
        note=text.plain(event["note"]),
        status=event["status"],
        reason=text.spoken(event["reason"] or ""),
        verdict=verdict,
        word=text.verdict_word(verdict, _end(results, main)),
        mark=text.VERDICT_MARKS[verdict],
        answer=(verdict, sentences),
        lead=" ".join(sentences[:LEAD]),
        rest=sentences[LEAD:],
        linked=said,
        studies=studies,
        by_clock=by_clock,
        alignments=alignments,
        depends=depends,
        notes=tuple(
            dict.fromkeys(
                [note for study in studies for asset in study.assets for note in asset.notes]
                + [note for study in by_clock for asset in study.assets for note in asset.notes]
            )
        ),
        provenance=cells.provenance_cells(results.answers),
        fetched=max((answer["fetched_at"] for answer in results.answers), default=""),
        terms=cells.terms(results.answers),
        command=_command(event),
        aside=text.aside(event),
        claims=claim_views(results),
        twins=say("event.twins", n=len(results.twins), ids=text.listed(results.twins)) if results.twins else "",
        looked=(*planned.line(plan), *looked.of_event(results)),
        plan=plan,
    )


def _end(results: EventResults, main: Sequence[Row]) -> int:
    """Where the window ends that the verdict of the page is read from."""
    ends = (window["window_end"] for row in main for window in results.windows(row["analysis_id"])[:1])
    end = next(ends, 0)
    return end if isinstance(end, int) else 0


def _study(results: EventResults, rows: Sequence[Row], joint: Sequence[Row], *, source: str | None) -> StudyView:
    """The view of a study; with figures where their `source` is given."""
    spec = spec_of(rows[0]["spec"])
    facts = [_facts(results, row, spec, source or "") for row in rows]
    numbered = [of_asset for of_asset in facts if of_asset.has_number]
    full = facts
    if len(facts) > MOST_FULL:
        full = strongest(numbered, [of_asset.window for of_asset in numbered], MOST_FULL)
    in_full = set(map(id, full))
    assets = tuple(
        _asset(results, row, of_asset, is_full=id(of_asset) in in_full, is_drawn=source is not None)
        for row, of_asset in zip(rows, facts, strict=True)
    )
    # The line opens with the asset's name, which is all that tells the lines of one study apart.
    methods = dict.fromkeys(text.capital(text.given(row["method"].removeprefix(f"{row['asset']}: "))) for row in rows)
    return StudyView(
        study_id=rows[0]["study_id"],
        title=text.given(rows[0]["study_title"]),
        window=next((a.window for a in assets if a.window), ""),
        level=cells.level(spec),
        chance=chance(spec["power"]),
        assets=assets,
        shown=say("event.shown", shown=len(full), total=len(rows)) if len(full) < len(rows) else "",
        joint=tuple(map(cells.joint_cells, sorted(joint, key=cells.window_order))) if len(numbered) > 1 else (),
        methods=tuple(methods),
        input_hash=rows[0]["input_hash"],
        figures=drawn(EventFacts(assets=numbered, source=source)) if source is not None else (),
    )


def _facts(results: EventResults, row: Row, spec: Row, source: str) -> AssetFacts:
    windows = results.windows(row["analysis_id"])
    return AssetFacts(
        title=text.capital(titled(row["asset_title"])),
        days=results.days(row["analysis_id"]),
        window=windows[0] if windows else _NO_WINDOW,
        spec=spec,
        sigma=row["sigma"],
        df=row["df"],
        source=source,
    )


def _asset(results: EventResults, row: Row, facts: AssetFacts, *, is_full: bool, is_drawn: bool) -> AssetView:
    windows, first = results.windows(row["analysis_id"]), facts.window
    has_number = facts.has_number
    move = facts.move if windows else None
    return AssetView(
        asset=row["asset"],
        title=facts.title,
        status=row["status"],
        has_number=has_number,
        reason=text.spoken(first["reason"] or ("" if has_number else row["reason"] or say("event.no_test"))),
        verdict=first["verdict"],
        mark=text.VERDICT_MARKS[first["verdict"]],
        word=text.verdict_word(first["verdict"], first["window_end"]),
        session=text.short_day(row["day0"]) if row["day0"] else text.NONE,
        prices=say("event.prices", before=text.price(first["price_before"]), after=text.price(first["price_at"])),
        move=text.percent(move),
        car=text.percent(first["car"]),
        interval=text.interval(first["car_low"], first["car_high"]),
        t=text.statistic(first["t"]),
        p_adjusted=text.p_value(first["p_adjusted"]),
        placebo=cells.placebo_words(first),
        mde=text.percent(first["mde"], signed=False, digits=2),
        window=cells.label(first) if windows else "",
        windows=tuple(map(cells.window_cells, sorted(windows, key=cells.window_order))) if is_full else (),
        tests=tuple(map(cells.test_cells, results.tests(row["analysis_id"]))) if is_full else (),
        days=cells.day_cells(facts.days) if is_full else (),
        fit=cells.fit(row) if is_full else "",
        notes=text.notes(row["notes"]),
        figures=drawn(facts) if has_number and is_full and is_drawn else (),
        is_full=is_full,
        anchor=anchor(row),
        values={"move": move, "car": first["car"], "p_adjusted": first["p_adjusted"]},
    )


# Stands in for the primary window of an analysis that has none.
_NO_WINDOW: Row = {
    **dict.fromkeys(("car", "car_low", "car_high", "mde", "t", "p_adjusted", "placebo_p", "reason")),
    **dict.fromkeys(("price_before", "price_at")),
    "window_end": 0,
    "verdict": "not computable",
    "placebo": (),
}


def _alignments(results: EventResults) -> tuple[tuple[AlignmentView, ...], str]:
    """Every reading of an uncertain time by the first study, and whether the verdict depends on it."""
    lead = of_first_study(results.analyses)
    if not any(row["status"] == "ok" for row in lead) or lead[0]["bar"] != "1d":
        return (), ""
    found, differing, alone = readings(results, lead)
    if differing:
        depends = say("minute.depends", assets=text.listed(differing))
    elif alone:
        depends = say("minute.alone", assets=text.listed(alone))
    else:
        is_known = results.event["earliest"] == results.event["latest"]
        depends = "" if is_known else say("minute.same_verdict" if found else "minute.same_session")
    return tuple(_alignment(results.event, row, window) for row, window in found), depends


def _alignment(event: Row, row: Row, window: Row) -> AlignmentView:
    is_stated = row["alignment"] == "main" and event["announced_at"] != event["earliest"]
    return AlignmentView(
        title=text.capital(titled(row["asset_title"])),
        reading=say("minute.stated" if is_stated else f"minute.{row['alignment']}"),
        session=text.short_day(row["day0"]),
        window=cells.label(window),
        car=text.percent(window["car"]),
        t=text.statistic(window["t"]),
        p=text.p_value(window["p_adjusted"]),
        placebo=text.p_value(window["placebo_p"]),
        word=text.verdict_word(window["verdict"], window["window_end"]),
        mark=text.VERDICT_MARKS[window["verdict"]],
    )


def _command(event: Row) -> str:
    """What computes the page again, in the folder of its config.yaml."""
    if "ad-hoc" not in json.loads(event["tags"]):
        return f"eventstudy run --event {event['event_id']}"
    parts = ["eventstudy", "report", "--title", event["title"]]
    if event["announced_at"] != event["earliest"] or event["earliest"] == event["latest"]:
        parts += ["--at", event["announced_at"]]
    if event["earliest"] != event["latest"]:
        parts += ["--between", event["earliest"], event["latest"]]
    for asset in json.loads(event["assets"]):
        parts += ["--asset", asset]
    return shlex.join(parts)
