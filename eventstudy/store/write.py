"""The one writer of results. Each function runs inside a transaction of the caller."""

from __future__ import annotations

import functools
import itertools
import json
import math
import operator
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventstudy.evidence.flags import IN_DOUBT
from eventstudy.instants import stamp
from eventstudy.records import Event, Inference
from eventstudy.spec import Window
from eventstudy.store import content, sealed, verdicts
from eventstudy.study.clock.stored_ends import StoredWindow
from eventstudy.study.results import EventResult, Reaction, WindowResult

# As `content` reads the rows: texts last.
EVENT_DAYS = "event_days (analysis_id, tau, return, expected, ar_se, car, car_se, beaver_u_p, session)"
# The tables of what belongs to an analysis, in the order of `_rows_of`.
_OF_ANALYSES = ("window_results", "window_tests", "placebos", EVENT_DAYS)
AT_ONCE = 128  # rows of a statement: by itself, one takes a third longer

EVENT_COLUMNS = (
    "event_id",
    "title",
    "announced_at",
    "earliest",
    "latest",
    "kind",
    "url",
    "note",
    "zone",
    "tags",
    "assets",
    "claims",
)


def event_row(event: Event) -> tuple[str, ...]:
    """What is stored of an event as announced, in the order of `EVENT_COLUMNS`."""
    earliest = stamp(event.earliest)
    is_exact = event.earliest == event.latest  # nearly all are, and a pass without news spends its time here
    return (
        event.event_id,
        event.title,
        earliest if is_exact else stamp(event.announced_at),
        earliest,
        earliest if is_exact else stamp(event.latest),
        event.kind,
        event.url,
        event.note,
        event.zone,
        _list(event.tags),
        _list(event.assets),
        _list(event.claims),
    )


@functools.lru_cache(maxsize=1024)
def _list(texts: tuple[str, ...]) -> str:
    return json.dumps(texts)


def put_event(connection: sqlite3.Connection, event: Event, status: str, reason: str | None) -> bool:
    """Insert or update an event; return whether anything changed."""
    row = {**dict(zip(EVENT_COLUMNS, event_row(event), strict=True)), "status": status, "reason": reason}
    return _upsert(connection, "events", "event_id", row)


def put_study(
    connection: sqlite3.Connection,
    study_id: str,
    position: int,
    title: str,
    spec: Mapping[str, Any],
    config_hash: str,
    bar: str = "1d",
) -> bool:
    """Insert or update a study of days, or of bars by the minute; return whether anything changed."""
    row = {
        "study_id": study_id,
        "position": position,
        "title": title,
        "bar": bar,
        "window_unit": "sessions" if bar == "1d" else "minutes",
        "spec": json.dumps(spec),
        "config_hash": config_hash,
    }
    with sealed.sealing(connection, sealed.STUDIES):
        return _upsert(connection, "studies", "study_id", row)


def put_settings(connection: sqlite3.Connection, settings: Mapping[str, Any]) -> bool:
    """Write the settings that bear on results, those of the newest pass; return whether anything changed."""
    return _upsert(connection, "settings", "settings_id", {"settings_id": 1, "text": json.dumps(settings)})


def stored_inputs(connection: sqlite3.Connection, event_id: str) -> dict[str, tuple[str, str, str]]:
    """Study id → (code version, config hash, input hash) of the results stored for an event."""
    rows = connection.execute(
        "select distinct study_id, code_version, config_hash, input_hash from analyses where event_id = ?", (event_id,)
    )
    return {study: (code, config, inputs) for study, code, config, inputs in rows}


def is_as_stored(connection: sqlite3.Connection, event: Event) -> bool:
    """Whether the stored event is `event` still, or is not stored yet: somebody may have edited it meanwhile."""
    columns = ", ".join(EVENT_COLUMNS)
    found = connection.execute(
        f"select {columns} from events where event_id = ?",  # noqa: S608  # names of ours
        (event.event_id,),
    ).fetchone()
    return found is None or found == event_row(event)


def retire_studies(connection: sqlite3.Connection, study_ids: Sequence[str]) -> None:
    """Put the studies that the settings no longer have behind those that they have, `study_ids`."""
    with sealed.sealing(connection, sealed.STUDIES):
        connection.execute(
            "update studies set position = ? where study_id not in (select value from json_each(?)) and position <> ?",
            (len(study_ids), json.dumps(study_ids), len(study_ids)),
        )


@dataclass(slots=True, kw_only=True)
class Entry:
    """What a study found of an event, and what is written beside it.

    Attributes
    ----------
    result : EventResult
    titles, method, provenance : mapping
        By asset: its title, the method line, and the numbers of the answers that its prices are from.
    key : (str, str, str)
        Code version, config hash and input hash, written on every row.
    documents : mapping of str to str
        By asset: the JSON of what a study by the minute found.
    """

    result: EventResult
    titles: Mapping[str, str]
    method: Mapping[str, str]
    provenance: Mapping[str, Sequence[int]]
    key: tuple[str, str, str]
    documents: Mapping[str, str] = field(default_factory=dict)


def put_results(
    connection: sqlite3.Connection, entries: Sequence[Entry], *, describe: Descriptions, run_id: int
) -> None:
    """Replace everything stored for the (study, event) of each entry: full rows, deleted and inserted as one unit."""
    units = [(entry.result.study_id, entry.result.event_id) for entry in entries]
    before = [verdicts.verdicts_of(connection, *unit) for unit in units]
    for unit in units:
        _delete(connection, unit)
    (number,) = connection.execute("select coalesce(max(analysis_id), 0) + 1 from analyses").fetchone()
    tables: dict[str, _Rows] = {name: [] for name in ("analyses", *_OF_ANALYSES, "clock_documents", "event_tests")}
    for unit, entry in zip(units, entries, strict=True):
        joint = sorted(
            ((w.start, w.end, *_test(test, describe), alignment) for alignment, w, test in entry.result.joint),
            key=operator.itemgetter(-1, 0, 1, 2),
        )
        tables["event_tests"] += [(*unit, alignment, *row) for *row, alignment in joint]
        joint_content = content.joint_of(joint, describe.described)
        for position, reaction in enumerate(entry.result.reactions):
            asset = reaction.asset
            document = entry.documents.get(asset)
            texts = (
                json.dumps(entry.provenance.get(asset, ())),
                _list(reaction.notes),
                entry.method.get(asset, ""),
            )
            row = (
                *(*unit, asset, entry.titles.get(asset) or asset, position),
                *(reaction.alignment, reaction.status, reaction.reason),
                reaction.first_session.isoformat() if reaction.first_session else None,
                reaction.days[-1].session.isoformat() if reaction.days else None,
                reaction.day0.isoformat() if reaction.day0 else None,
                *(*reaction.prices, *reaction.instants),
                *(reaction.n_estimation, reaction.df, reaction.sigma, reaction.r_squared),
                json.dumps(dict(reaction.coefficients)),
                json.dumps(dict(reaction.diagnostics)),
                *(*map(describe.text, texts), *entry.key, run_id),
            )
            parts = _rows_of(reaction, describe)
            held = content.hash_of((*texts, *row), *parts, joint_content, describe.described, document)
            tables["analyses"].append((number, *row, held))
            for table, rows in zip(_OF_ANALYSES, parts, strict=True):
                tables[table] += [(number, *row) for row in rows]
            if document is not None:
                tables["clock_documents"].append((number, document))
            number += 1
    for table, rows in tables.items():
        put_rows(connection, table, rows)
    for unit, verdicts_before in zip(units, before, strict=True):
        verdicts.remember_changes(connection, unit, verdicts_before, run_id=run_id)


def outcome_of(connection: sqlite3.Connection, event_id: str, *, patient: bool) -> tuple[str, str | None]:
    """Status and reason of an event, from what the headline study says of its assets.

    ``ok`` when every asset has a result, ``partial`` when some have, and when none has ``pending`` or ``skipped``.
    That another study has none is said in its own rows. But ``failed`` when a window of any study rests on a price in
    doubt: that is for a person to mend or to confirm.

    Parameters
    ----------
    patient : bool
        Whether the event is so young that its prices may still come.
    """
    doubts = connection.execute(
        "select distinct coalesce(w.reason, a.reason) from analyses a left join window_results w "
        "using (analysis_id) join studies s using (study_id) where a.event_id = ?1 and a.alignment = 'main' "
        "and substr(coalesce(w.reason, a.reason), 1, length(?2)) = ?2 order by s.position, a.position",
        (event_id, IN_DOUBT),
    ).fetchall()
    rows = connection.execute(
        "select a.asset, a.status = 'ok', a.reason from analyses a join studies s using (study_id) "
        "where a.event_id = ? and a.alignment = 'main' and s.position = 0 order by a.position",
        (event_id,),
    ).fetchall()
    reasons = [about(asset, reason) for asset, is_ok, reason in rows if not is_ok]
    if doubts:
        told = [reason for (reason,) in doubts]
        return "failed", "; ".join(
            [*told, *(reason for reason in reasons if not any(doubt in reason for doubt in told))]
        )
    if not reasons:
        return "ok", None
    without = "pending" if patient else "skipped"
    return ("partial" if len(reasons) < len(rows) else without), "; ".join(reasons)


def refused_window(connection: sqlite3.Connection, event_id: str) -> str | None:
    """The first window without a number beside others of its asset that have one, with the reason; None for none.

    What rests on a price in doubt is not among them: it fails the event, see `outcome_of`.
    """
    found = connection.execute(
        "select a.asset, s.window_unit, w.window_start, w.window_end, w.reason, count(*) over () - 1 "
        "from window_results w join analyses a using (analysis_id) join studies s using (study_id) "
        "where a.event_id = ?1 and a.alignment = 'main' and a.status = 'ok' and w.verdict = 'not computable' "
        "and w.reason is not null and substr(w.reason, 1, length(?2)) <> ?2 "
        "order by s.position, a.position, w.is_primary desc limit 1",
        (event_id, IN_DOUBT),
    ).fetchone()
    if found is None:
        return None
    asset, unit, *ends, reason, others = found
    window = (StoredWindow if unit == "minutes" else Window)(*ends)
    return f"no number for {asset} over {window.label}: {reason}" + (f" (and {others:,} more)" if others else "")


def about(asset: str, reason: str) -> str:
    """The reason with the asset in front, unless it begins with it."""
    return reason if reason.startswith(asset) else f"{asset}: {reason}"


def forget_missing(connection: sqlite3.Connection, event_id: str, study_ids: Sequence[str], *, run_id: int) -> int:
    """Delete results of studies that are not among `study_ids`, as changes of the run; return how many units went."""
    gone = [
        study
        for (study,) in connection.execute("select distinct study_id from analyses where event_id = ?", (event_id,))
        if study not in study_ids
    ]
    for study in gone:
        before = verdicts.verdicts_of(connection, study, event_id)
        _delete(connection, (study, event_id))
        verdicts.remember_changes(connection, (study, event_id), before, run_id=run_id)
    return len(gone)


def has_results(connection: sqlite3.Connection, event_id: str) -> bool:
    """Whether anything could be computed for an event."""
    found = connection.execute("select 1 from analyses where event_id = ? and status = 'ok' limit 1", (event_id,))
    return found.fetchone() is not None


def discard_texts(connection: sqlite3.Connection) -> None:
    """Delete the texts that no result refers to any more."""
    connection.execute(
        "delete from texts where text_id not in (select answers_id from analyses union select notes_id from analyses "
        "union select method_id from analyses)"
    )


def _delete(connection: sqlite3.Connection, unit: tuple[str, str]) -> None:
    connection.execute("delete from analyses where study_id = ? and event_id = ?", unit)
    connection.execute("delete from event_tests where study_id = ? and event_id = ?", unit)


_Rows = list[tuple[Any, ...]]


def _rows_of(reaction: Reaction, describe: Descriptions) -> tuple[_Rows, _Rows, _Rows, _Rows]:
    """Windows, tests, placebo days and sessions of an analysis as `content` reads them."""
    windows: _Rows = []
    tests: _Rows = []
    placebos: _Rows = []
    for found in sorted(reaction.windows, key=_order):
        place = (found.window.start, found.window.end)
        windows.append((*place, *_window(found)))
        tests += sorted([(*place, *_test(test, describe)) for test in found.tests])  # no two have one description
        if found.placebo.size:  # four bytes are enough to draw with; the p was counted before
            placebos.append((*place, found.placebo.astype("<f4").tobytes()))
    days = [
        (d.tau, d.ret, d.expected, d.ar_se, d.car, d.car_se, d.beaver_u_p, d.session.isoformat()) for d in reaction.days
    ]
    return windows, tests, placebos, days


def _order(found: WindowResult) -> tuple[bool, int | str, bool, int | str]:
    """As SQLite sorts windows: numbers before words."""
    start, end = found.window.start, found.window.end
    return isinstance(start, str), start, isinstance(end, str), end


def _window(found: WindowResult) -> tuple[Any, ...]:
    """The columns of `window_results` after its key."""
    tests = {test.name: test for test in found.tests}
    t, placebo = tests.get("t"), tests.get("placebo")
    return (
        int(found.is_primary),
        found.n_days,
        *found.prices,
        found.car,
        found.car_se,
        *(found.interval or (None, None)),
        found.bhar,
        found.avar,
        found.mde,
        t.statistic if t else None,
        t.p_value if t else None,
        found.p_adjusted,
        placebo.p_value if placebo else None,
        found.verdict,
        _list(found.context),
        found.reason or (t.reason if t else None),
    )


class Descriptions:
    """Numbers of the descriptions of tests, and of texts; both are written down when they are new.

    Not to be used after a transaction failed.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        found = connection.execute(
            "select name, null_hypothesis, distribution, source, description_id from test_descriptions"
        )
        self._known: dict[tuple[str, str, str, str], int] = {row[:4]: row[4] for row in found}
        self._texts: dict[str, int] = {}
        self.described = content.descriptions(connection)

    def __call__(self, name: str, null: str, distribution: str, source: str) -> int:
        """Give the number of a description."""
        key = (name, null, distribution, source)
        if key not in self._known:
            added = self._connection.execute("insert into test_descriptions values (null, ?, ?, ?, ?)", key)
            number = int(added.lastrowid or 0)
            self._known[key], self.described[number] = number, content.description_hash(key)
        return self._known[key]

    def text(self, text: str) -> int:
        """Give the number of a text."""
        if text not in self._texts:
            self._connection.execute("insert into texts (text) values (?) on conflict do nothing", (text,))
            found = self._connection.execute("select text_id from texts where text = ?", (text,))
            (self._texts[text],) = found.fetchone()
        return self._texts[text]


def _test(test: Inference, describe: Descriptions) -> tuple[Any, ...]:
    """The columns of a test after the window."""
    df = test.df if test.df is not None and math.isfinite(test.df) else None
    described = describe(test.name, test.null, test.distribution, test.source)
    return described, test.statistic, df, test.p_value, test.n, test.reason


# Names of tables and columns below are this module's own; values always go through parameters. By hand, not through
# sqlite-utils, which looks at the table before every batch: the eleven days of an analysis take 36 us, there 545.


def put_rows(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows that have all columns of the table, in its order or in that which is named with it."""
    left = iter(rows)
    while some := list(itertools.islice(left, AT_ONCE)):
        marks = ", ".join("?" for _ in some[0])
        places = ", ".join([f"({marks})"] * len(some))
        connection.execute(f"insert into {table} values {places}", [*itertools.chain.from_iterable(some)])  # noqa: S608  # see above


def _upsert(connection: sqlite3.Connection, table: str, key: str, row: Mapping[str, Any]) -> bool:
    columns = ", ".join(row)
    old = connection.execute(
        f"select {columns} from {table} where {key} = ?",  # noqa: S608  # see above
        (row[key],),
    ).fetchone()
    if old == tuple(row.values()):
        return False
    marks = ", ".join("?" for _ in row)
    updates = ", ".join(f"{name} = excluded.{name}" for name in row if name != key)
    connection.execute(
        f"insert into {table} ({columns}) values ({marks}) "  # noqa: S608  # see above
        f"on conflict ({key}) do update set {updates}",
        tuple(row.values()),
    )
    return True
