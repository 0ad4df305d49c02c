"""The digest of a night, read from the results database and from nothing else: what the page and the text tell."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eventstudy.database import reading
from eventstudy.database.reading import Row
from eventstudy.errors import AlteredResults, InputError
from eventstudy.report import text
from eventstudy.report.digest import lines as digest_lines
from eventstudy.report.digest.lines import Change, Line
from eventstudy.report.findings import event_answer
from eventstudy.report.narrative import LEAD, RANK
from eventstudy.store import content, notices
from eventstudy.store.read import EventResults

SCHEMA = "eventstudy.digest/1"

# Told one by one; the rest is counted.
MOST_REACTIONS = 25
MOST_LINES = 50

# Where a verdict stands in the order of the digest: those that can be credited first, then what says nothing.
NONE = "not computable"
_ORDER = (*RANK, "none", "pending", NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """The passes that the digest is of.

    Attributes
    ----------
    date : str
        ISO date, UTC, on which the passes began.
    run_ids : tuple of int
    started_at, finished_at : str
        First beginning and last end, UTC.
    status : str
        ``ok`` when every pass was; otherwise that of the last one that was not, stops apart from which others followed.
    stopped : int
        Passes that were stopped before their end, and were not the last.
    events_skipped, events_failed, results_written : int
        The first two of the last pass, the third over all.
    """

    date: str
    run_ids: tuple[int, ...]
    started_at: str
    finished_at: str
    status: str
    stopped: int
    events_skipped: int
    events_failed: int
    results_written: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """One announcement that was studied, and its answer."""

    event_id: str
    title: str
    date: str
    verdict: str
    t: float | None
    placebo_p: float | None
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All that is told of a night.

    Attributes
    ----------
    night : Passes
    studied, clear : int
        Announcements that were studied and have a verdict, and those among them with a strong or moderate reaction.
    reactions : tuple of Reaction
        The clearest first.
    changed : tuple of Change
        Verdicts that are other than they were.
    collections : tuple of Line
        Averages over announcements that came to something else, which has stood for two passes.
    revised : tuple of Line
        Prices that a source changed, a line per symbol.
    called_off : tuple of Line
        Announcements that were taken out of the passes; their results stay, and are no longer kept up.
    moved : tuple of Line
        Announcements that were moved, with both times.
    failed : tuple of Line
        Steps that went wrong.
    repaired : tuple of Line
        What goes well again.
    without, waiting : tuple of Line
        Announcements that failed or were skipped in an earlier pass, and those that are too young.
    more : mapping of str to int
        Of long lists the first are told; how many are not.
    is_news : bool
        Whether there is a notice of these passes: anything was studied, changed, or went wrong that had not before.
    """

    night: Passes
    studied: int
    clear: int
    reactions: tuple[Reaction, ...]
    changed: tuple[Change, ...]
    collections: tuple[Line, ...]
    revised: tuple[Line, ...]
    called_off: tuple[Line, ...]
    moved: tuple[Line, ...]
    failed: tuple[Line, ...]
    repaired: tuple[Line, ...]
    without: tuple[Line, ...]
    waiting: tuple[Line, ...]
    more: Mapping[str, int]
    is_news: bool

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"schema": SCHEMA, **asdict(self)}


def digest_of_day(connection: sqlite3.Connection) -> Digest | None:
    """The digest of the newest day that had a pass with news; None before the first one.

    With the passes right before it that broke off, which may have left no digest of their own.
    """
    runs = reading.rows(
        connection,
        "with ended as (select * from runs where status <> 'running'), "
        "today as (select min(run_id) as first from ended where substr(started_at, 1, 10) = "
        "(select substr(started_at, 1, 10) from ended order by run_id desc limit 1)) "
        "select * from ended where run_id > coalesce((select max(run_id) from ended, today where run_id < first "
        "and status <> 'interrupted'), 0) order by run_id",
    )
    return _digest(connection, runs) if runs else None


def digest_of_runs(connection: sqlite3.Connection, run_ids: Sequence[int]) -> Digest | None:
    """The digest of those of some passes that ended; None where there is none."""
    runs = reading.rows(
        connection,
        "select * from runs where run_id in (select value from json_each(?)) and status <> 'running' order by run_id",
        (json.dumps(run_ids),),
    )
    return _digest(connection, runs) if runs else None


def digest_of_run(connection: sqlite3.Connection, run_id: int) -> Digest:
    """The digest of one pass: of its results, those that no later pass replaced.

    Raises
    ------
    InputError
        When there is no such pass, or it is not finished.
    """
    runs = reading.rows(connection, "select * from runs where run_id = ? and status <> 'running'", (run_id,))
    if not runs:
        remedy = "`eventstudy query latest_runs` shows them"
        raise InputError("no such finished pass", where="run", value=run_id, remedy=remedy)
    return _digest(connection, runs)


def _digest(connection: sqlite3.Connection, runs: Sequence[Row]) -> Digest:
    ids = json.dumps([run["run_id"] for run in runs])
    for run in runs:
        content.refuse_altered_pass(connection, run["run_id"])
    studied = _studied(connection, ids)
    changed = digest_lines.changes(connection, ids)
    averages = digest_lines.collections(connection, ids)
    revised = digest_lines.revisions(connection, runs)
    called_off = digest_lines.called_off(connection, ids)
    moved = digest_lines.moved(connection, ids)
    failed = digest_lines.failures(connection, ids)
    repaired = digest_lines.repaired(connection, ids)
    named = {line.event_id for line in failed}
    unstudied = digest_lines.events(connection, ("failed", "skipped"))
    without = [line for line in unstudied if line.event_id not in named]
    waiting = digest_lines.events(connection, ("pending",))
    clearest = studied[:MOST_REACTIONS]
    events = {event["event_id"]: event for event in _rows_of(connection, [row["event_id"] for row in clearest])}
    lists: dict[str, Sequence[Change | Line]] = {
        "changed": changed,
        "collections": averages,
        "revised": revised,
        "called_off": called_off,
        "moved": moved,
        "failed": failed,
        "repaired": repaired,
        "without": without,
        "waiting": waiting,
    }
    stopped = [run for run in runs[:-1] if run["status"] == "interrupted"]
    wrong = [run["status"] for run in runs if run["status"] != "ok" and run not in stopped]
    night = Passes(
        date=runs[-1]["started_at"][:10],
        run_ids=tuple(run["run_id"] for run in runs),
        started_at=runs[0]["started_at"],
        finished_at=max(run["finished_at"] or run["started_at"] for run in runs),
        status=wrong[-1] if wrong else "ok",
        stopped=len(stopped),
        events_skipped=runs[-1]["events_skipped"],
        events_failed=runs[-1]["events_failed"],
        results_written=sum(run["results_written"] for run in runs),
    )
    return Digest(
        night=night,
        studied=sum(row["verdict"] not in (None, NONE) for row in studied),
        clear=sum(row["verdict"] in ("strong", "moderate") for row in studied),
        reactions=tuple(_reaction(connection, _known(events, row["event_id"]), row) for row in clearest),
        changed=tuple(changed[:MOST_LINES]),
        collections=tuple(averages[:MOST_LINES]),
        revised=tuple(revised[:MOST_LINES]),
        called_off=tuple(called_off[:MOST_LINES]),
        moved=tuple(moved[:MOST_LINES]),
        failed=tuple(failed[:MOST_LINES]),
        repaired=tuple(repaired[:MOST_LINES]),
        without=tuple(without[:MOST_LINES]),
        waiting=tuple(waiting[:MOST_LINES]),
        more={
            "reactions": len(studied) - len(clearest),
            **{name: max(len(items) - MOST_LINES, 0) for name, items in lists.items()},
        },
        is_news=notices.is_any_of(connection, [run["run_id"] for run in runs]),
    )


def _studied(connection: sqlite3.Connection, ids: str) -> list[Row]:
    """The clearest reaction of every announcement that was studied, by its first study; clearest first."""
    found = reading.rows(
        connection,
        "select a.event_id, s.position, w.verdict, w.t, w.placebo_p from analyses a join studies s using (study_id) "
        "left join window_results w on w.analysis_id = a.analysis_id and w.is_primary where a.alignment = 'main' "
        "and a.event_id in (select event_id from analyses where run_id in (select value from json_each(?))) "
        "order by a.event_id, s.position, a.position",
        (ids,),
    )
    clearest: dict[str, Row] = {}
    for row in found:
        known = clearest.get(row["event_id"])
        if known is None or (row["position"] == known["position"] and _clarity(row) < _clarity(known)):
            clearest[row["event_id"]] = row
    return sorted(clearest.values(), key=lambda row: (*_clarity(row), row["event_id"]))


def _clarity(row: Row) -> tuple[int, float, float]:
    verdict = row["verdict"] or NONE
    p = 1.0 if row["placebo_p"] is None else row["placebo_p"]
    place = _ORDER.index(verdict) if verdict in _ORDER else -1  # altered: it comes first, and is said
    return place, -abs(row["t"] or 0.0), p


def _known(events: Mapping[str, Row], event_id: str) -> Row:
    if event_id not in events:
        raise content.altered_event(event_id)
    return events[event_id]


def _reaction(connection: sqlite3.Connection, event: Row, row: Row) -> Reaction:
    try:
        content.refuse_altered(connection, event["event_id"])
        verdict, sentences = event_answer(EventResults(connection, event))
        date = text.short_day(text.local_date(event).isoformat())
    except AlteredResults as wrong:
        verdict, sentences, row = NONE, (str(wrong),), {"t": None, "placebo_p": None}
        date = event["announced_at"]  # as it stands, which may be no instant
    wanted = sentences[: 3 if verdict == NONE else LEAD]
    return Reaction(
        event_id=event["event_id"],
        title=text.plain(event["title"]),
        date=date,
        verdict=verdict,
        t=row["t"] if row["t"] is not None and math.isfinite(row["t"]) else None,  # JSON knows no infinity
        placebo_p=row["placebo_p"],
        sentences=wanted,
    )


def _rows_of(connection: sqlite3.Connection, event_ids: Sequence[str]) -> list[Row]:
    return reading.rows(
        connection,
        "select * from events where event_id in (select value from json_each(?))",
        (json.dumps(event_ids),),
    )
