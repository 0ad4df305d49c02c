"""One study of files into a results database, in one transaction."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlite_utils import Database

from eventstudy import __version__
from eventstudy.config.model import content_hash
from eventstudy.errors import InputError
from eventstudy.evidence.flags import IN_DOUBT
from eventstudy.instants import stamp
from eventstudy.records import Int64Array
from eventstudy.store import collections, content, sealed, summaries, write
from eventstudy.store.bulk import announced
from eventstudy.store.bulk.announced import EVENTS
from eventstudy.store.bulk.rows import Rows, describe
from eventstudy.store.collections import Collected
from eventstudy.store.ledger import Run
from eventstudy.study.document import averaged
from eventstudy.study.estimates import check_in_bulk
from eventstudy.study.findings import Findings
from eventstudy.study.method import method_line

TRIGGER = "study"
# Bytes of a day, and of what an event has beside its days with a row for each window, as SQLite stores them.
DAY_BYTES, EVENT_BYTES, WINDOW_BYTES = 75, 1_500, 330

Talk = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written.

    Attributes
    ----------
    events, analyses, windows, days : int
        New rows.
    checked : str
        How many fits were computed a second time.
    """

    events: int
    analyses: int
    windows: int
    days: int
    checked: str


def size(result: Findings) -> int:
    """About how many bytes the database of a study will have."""
    of_event = EVENT_BYTES + WINDOW_BYTES * len(result.spec.windows) + DAY_BYTES * result.daily.tau.size
    return len(result.placed.event_ids) * of_event


def put_study(
    connection: sqlite3.Connection,
    result: Findings,
    frame: pd.DataFrame,
    *,
    study_id: str,
    title: str,
    run: Run,
    talk: Talk,
) -> Written:
    """Write a study with its events, inside a transaction of the caller.

    A hundredth of the fits is computed a second time by statsmodels first. Of the tests of single events the t test is
    written. p is adjusted by Holm across the assets of an event, as passes do.

    Parameters
    ----------
    frame : DataFrame
        The table of events by the names that have a meaning, see `eventstudy.study.placing.rows_of`.
    study_id, title : str
    run : Run
        What the rows are written under.
    talk : callable
        Called with how many events are written, and of how many.

    Raises
    ------
    InputError
        When the database has such a study, or one of the events is another there.
    NumbersDisagree
        When statsmodels finds another fit.
    """
    if connection.execute("select 1 from studies where study_id = ?", (study_id,)).fetchone():
        raise InputError(
            "the database has a study of this name", where="--as", value=study_id, remedy="give this one another name"
        )
    checked = check_in_bulk(result.samples, result.spec, result.fit)
    run_id = run.ensure(connection)
    placed, table = result.placed, Rows(result)
    chosen = _once(placed.event_ids, placed.assets)
    days = np.full(len(placed.event_ids), np.datetime64("NaT", "D"))
    days[result.usable] = result.samples.day0.astype("datetime64[D]")
    events = announced.announcements(placed.event_ids, placed.assets, days, frame)
    states = _states(result, chosen, list(dict.fromkeys(placed.event_ids)))
    fresh = announced.put(connection, zip(events, states, strict=True), run.started_at)
    config_hash = content_hash(result.settings)
    position = connection.execute("select coalesce(max(position) + 1, 0) from studies").fetchone()[0]
    write.put_study(connection, study_id, position, title, result.settings, config_hash)
    described = write.Descriptions(connection)
    number = described(*describe())
    methods = {asset: method_line(result.spec, asset) for asset in dict.fromkeys(placed.assets)}
    first = connection.execute("select coalesce(max(analysis_id), 0) + 1 from analyses").fetchone()[0]
    places = _places(placed.event_ids, chosen)
    counts = {"windows": 0, "days": 0}
    joint, done = content.joint_of([], described.described), 0
    for block in table.blocks(chosen, EVENTS, number):
        analyses = []
        for k, (i, head) in enumerate(zip(block.positions, block.heads, strict=True)):
            asset = placed.assets[i]
            reason = result.reasons[i]
            text = ("[]", "[]", methods[asset])
            row = (
                *(study_id, placed.event_ids[i], asset, asset, places[done + k], "main"),
                *("ok" if reason is None else "skipped", reason, *head[:3], None, None, None, None, *head[3:8], "{}"),
                *(*map(described.text, text), __version__, config_hash, head[8], run_id),
            )
            held = content.hash_of(
                (*text, *row), block.windows[k], block.tests[k], [], block.days[k], joint, described.described
            )
            analyses.append((first + done + k, *row, held))
        write.put_rows(connection, "analyses", analyses)
        numbered = range(first + done, first + done + len(analyses))
        for name, parts in (
            ("window_results", block.windows),
            ("window_tests", block.tests),
            (write.EVENT_DAYS, block.days),
        ):
            write.put_rows(
                connection, name, ((n, *row) for n, rows in zip(numbered, parts, strict=True) for row in rows)
            )
        counts["windows"] += sum(map(len, block.windows))
        counts["days"] += sum(map(len, block.days))
        done += len(analyses)
        talk(done, int(chosen.size))
    run.results_written += done
    _collect(
        connection,
        result,
        chosen,
        Collected(
            collection_id=study_id, title=title, study_id=study_id, asset=None, tag=None, kind=None, is_list=True
        ),
        checked,
        run,
    )
    return Written(events=fresh, analyses=done, checked=checked, **counts)


def _collect(
    connection: sqlite3.Connection, result: Findings, chosen: Int64Array, collected: Collected, checked: str, run: Run
) -> None:
    """Write the averages of the study as a collection of all of its events."""
    document = averaged(result)
    document["events"] = [document["events"][i] for i in chosen.tolist()]
    key = (__version__, content_hash(result.settings), content_hash([document["events"]]))
    assert run.run_id is not None  # the study is written
    collections.put(connection, collected, document, checked=checked, key=key, run_id=run.run_id, at=run.started_at)
    del document  # which has every event, and is not read again
    found = collections.conclusions(connection, run.started_at)
    collections.conclude(connection, found, run_id=run.run_id, at=run.started_at)
    summaries.make(connection, run.run_id)


def refuse_passes(db: Database) -> None:
    """Refuse a database that passes write: their next one would take these events for some that left its settings.

    Raises
    ------
    InputError
    """
    found = db.conn.execute("select trigger from runs where trigger <> ? limit 1", (TRIGGER,)).fetchone()
    if found:
        raise InputError(
            f"passes write this database ({found[0]})", where="--into", remedy="name a file of its own for studies"
        )


def new_run(result: Findings, now: dt.datetime, versions: dict[str, str]) -> Run:
    """The row that a study of files stands under in the table of passes."""
    return Run(TRIGGER, now, __version__, content_hash(result.settings), versions)


def _once(event_ids: tuple[str, ...], assets: tuple[str, ...]) -> Int64Array:
    """Rows of the table, an event with an asset once: what stands twice has been refused."""
    seen: dict[tuple[str, str], int] = {}
    for i, key in enumerate(zip(event_ids, assets, strict=True)):
        seen.setdefault(key, i)
    return np.array(list(seen.values()), dtype=np.int64)


def _places(event_ids: tuple[str, ...], chosen: Int64Array) -> list[int]:
    """Number of each row among those of its event."""
    counts: dict[str, int] = {}
    out = []
    for i in chosen.tolist():
        out.append(counts.get(event_ids[i], 0))
        counts[event_ids[i]] = out[-1] + 1
    return out


def _states(result: Findings, chosen: Int64Array, event_ids: list[str]) -> list[tuple[str, str | None]]:
    """Status and reason of every event, by the rules of passes."""
    reasons: dict[str, list[str | None]] = {event_id: [] for event_id in event_ids}
    for i in chosen.tolist():
        why = result.reasons[i]
        named = None if why is None else write.about(result.placed.assets[i], why)
        reasons[result.placed.event_ids[i]].append(named)
    out: list[tuple[str, str | None]] = []
    for event_id in event_ids:
        told = [why for why in reasons[event_id] if why is not None]
        status = "ok" if not told else "partial" if len(told) < len(reasons[event_id]) else "skipped"
        if any(IN_DOUBT in why for why in told):
            status = "failed"
        out.append((status, "; ".join(told) or None))
    return out


def finish(connection: sqlite3.Connection, run: Run, now: dt.datetime, study_id: str, written: Written) -> None:
    """Close the row of the run, inside the transaction of the caller."""
    assert run.run_id is not None  # the study is written
    counts = dict(connection.execute("select status, count(*) from events group by 1").fetchall())
    connection.execute(
        "update runs set finished_at = ?, status = ?, events_ok = ?, events_skipped = ?, events_failed = ?, "
        "results_written = ? where run_id = ?",
        (
            stamp(now),
            "ok" if not counts.keys() - {"ok"} else "partial",
            counts.get("ok", 0),
            counts.get("skipped", 0) + counts.get("partial", 0),
            counts.get("failed", 0),
            written.analyses,
            run.run_id,
        ),
    )
    write.put_rows(connection, "run_steps", [(run.run_id, 0, "study", study_id, "ok", written.checked)])
    sealed.seal_part(connection, sealed.PASSES, run.run_id)
