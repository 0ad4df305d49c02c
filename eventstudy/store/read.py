"""What is stored of events and their results, row by row: standard library only."""

from __future__ import annotations

import array
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from eventstudy.database.reading import Row, rows
from eventstudy.errors import InputError
from eventstudy.hints import hint

# The condition that passes look at an event: not at one that was retired, that stood in the settings and does no
# longer, or that its feed lost before it came.
LIVE = "(retired_at is null and (missing_since is null or (origin <> 'config' and missing_since >= latest)))"

TOGETHER = 192  # analyses that are read together, some 30 kB each: in 0.7 of the time of event by event

_BATCH = "with batch as (select value as event_id from json_each(?)) "


def event(connection: sqlite3.Connection, event_id: str) -> Row:
    """One event.

    Raises
    ------
    InputError
        When it is not stored.
    """
    return EventBatch(connection, [event_id]).results(event_id).event


class EventBatch:
    """What is stored of some events: each table is read once for all of them, when it is first asked for.

    Parameters
    ----------
    connection : sqlite3.Connection
    event_ids : sequence of str
    """

    def __init__(self, connection: sqlite3.Connection, event_ids: Sequence[str]) -> None:
        self.connection, self._ids = connection, event_ids
        self._found: dict[str, dict[str, list[Row]]] = {}

    def rows(self, sql: str, event_id: str) -> list[Row]:
        """The rows of an event; `sql` selects those of all, with `event_id`, from `batch`, which holds their ids."""
        if sql not in self._found:
            ids = json.dumps(self._ids, ensure_ascii=False)  # what is no Unicode is refused, as everywhere
            try:
                self._found[sql] = _grouped(rows(self.connection, _BATCH + sql, (ids,)), "event_id")
            except sqlite3.OperationalError:
                if len(self._ids) == 1:
                    raise
                return EventBatch(self.connection, [event_id]).rows(sql, event_id)  # it may be the row of another
        return self._found[sql].get(event_id, [])

    def results(self, event_id: str) -> EventResults:
        """What is stored of one of the events.

        Raises
        ------
        InputError
            When it is not stored.
        """
        if found := self.rows("select e.* from batch join events e using (event_id)", event_id):
            return EventResults(self.connection, found[0], self)
        known = [row["event_id"] for row in rows(self.connection, "select event_id from events")]
        remedy = hint(event_id, known, "see `eventstudy query events`")
        raise InputError("no such event is stored", where="event", value=event_id, remedy=remedy)


def in_batches(connection: sqlite3.Connection, event_ids: Sequence[str]) -> dict[str, EventBatch]:
    """The batch of each event, in which it is read together with those beside it."""
    found = connection.execute(
        "select event_id, count(*) from analyses where event_id in (select value from json_each(?)) group by event_id",
        (json.dumps(event_ids),),
    )
    sizes = dict(found.fetchall())
    total, groups = 0, dict[int, list[str]]()
    for event_id in event_ids:
        groups.setdefault(total // TOGETHER, []).append(event_id)
        total += sizes.get(event_id, 0)
    return {event_id: batch for ids in groups.values() for batch in (EventBatch(connection, ids),) for event_id in ids}


class EventResults:
    """What is stored of one event, read once and table by table.

    Parameters
    ----------
    connection : sqlite3.Connection
    event : Row
    batch : EventBatch, optional
        With which it is read; alone when None.
    """

    def __init__(self, connection: sqlite3.Connection, event: Row, batch: EventBatch | None = None) -> None:
        self.connection, self.event = connection, event
        self._batch = batch or EventBatch(connection, [event["event_id"]])

    def _rows(self, sql: str) -> list[Row]:
        return self._batch.rows(sql, self.event["event_id"])

    @cached_property
    def analyses(self) -> list[Row]:
        """Every stored analysis, studies and assets in their order."""
        return self._rows(
            "select a.*, n.text as notes, m.text as method, s.title as study_title, s.spec, s.bar "
            "from batch cross join analyses a using (event_id) "
            "join studies s using (study_id) join texts n on n.text_id = a.notes_id "
            "join texts m on m.text_id = a.method_id order by s.position, a.position"
        )

    @cached_property
    def joint_tests(self) -> list[Row]:
        """Tests over the assets together."""
        return self._rows(
            "select event_id, study_id, name, window_start, window_end, statistic, p_value, reason "
            "from batch join joint_tests using (event_id)"
        )

    @cached_property
    def documents(self) -> dict[int, Row]:
        """What studies by the minute found, by the number of the analysis."""
        found = self._rows(
            "select a.event_id, d.* from batch cross join analyses a using (event_id) "
            "join clock_documents d using (analysis_id)"
        )
        return {row["analysis_id"]: json.loads(row["document"]) for row in found}

    @property
    def is_planned(self) -> bool:
        """Whether it has a plan."""
        return bool(self._rows("select distinct event_id from batch join plans using (event_id)"))

    @cached_property
    def claims(self) -> list[Row]:
        """The answers to its claims, as the newest pass found them."""
        return self._rows("select c.* from batch join claims c using (event_id) order by position")

    @cached_property
    def answers(self) -> list[Row]:
        """The newest answer of every source and symbol that its analyses rest on, its time taken as it is stated."""
        return self._rows(
            "select distinct a.event_id, r.source, r.symbol, r.version, r.fetched_at, r.content_hash "
            "from batch cross join analyses a using (event_id) join result_answers r using (analysis_id) "
            "where a.alignment = 'main'"
        )

    @cached_property
    def context(self) -> list[Row]:
        """Context events between the days of its first sessions, these included; their id is `context`."""
        return self._rows(
            "select d.event_id, c.event_id as context, c.title, c.earliest, c.latest "
            "from (select event_id, min(day0) as first, max(day0) || 'T99' as last "
            "from batch cross join analyses using (event_id) group by event_id) d "
            "cross join events c on c.kind = 'context' and c.latest >= d.first and c.earliest <= d.last"
        )

    @cached_property
    def twins(self) -> list[str]:
        """Ids of other live events with the same time that share an asset with it."""
        found = self._rows(
            "select e.event_id, o.event_id as other, o.assets from batch cross join events e using (event_id) "  # noqa: S608  # see LIVE
            f"join (select event_id, earliest, latest, kind, assets from events where {LIVE}) o "
            "on (o.earliest, o.latest, o.kind) = (e.earliest, e.latest, e.kind) and o.event_id <> e.event_id"
        )
        own = set(json.loads(self.event["assets"])) if found else set()
        return sorted(row["other"] for row in found if not own.isdisjoint(json.loads(row["assets"])))

    def windows(self, analysis_id: int) -> list[Row]:
        """Windows of an analysis, the primary one first, then by their length; `placebo` holds the CARs of that one."""
        return self._windows.get(analysis_id, [])

    def tests(self, analysis_id: int) -> list[Row]:
        """Tests of the primary window of an analysis."""
        return self._tests.get(analysis_id, [])

    def days(self, analysis_id: int) -> list[Row]:
        """Sessions of the event window of an analysis, with the columns of the view `daily`."""
        return self._days.get(analysis_id, [])

    @cached_property
    def _windows(self) -> dict[int, list[Row]]:
        found = self._rows(
            "select a.event_id, w.*, p.cars as placebo "
            "from batch cross join analyses a using (event_id) join window_results w using (analysis_id) "
            "left join placebos p on w.is_primary and p.analysis_id = w.analysis_id "
            "and p.window_start = w.window_start and p.window_end = w.window_end "
            "order by w.analysis_id, w.is_primary desc, typeof(w.window_end), w.window_end - w.window_start, "
            "w.window_start desc"
        )
        for row in found:
            row["placebo"] = unpacked(row["placebo"] or b"")
        return _grouped(found, "analysis_id")

    @cached_property
    def _tests(self) -> dict[int, list[Row]]:
        found = self._rows(
            "select a.event_id, analysis_id, t.name, t.statistic, t.distribution, t.df, t.p_value, t.reason, t.source "
            "from batch cross join analyses a using (event_id) cross join window_results w using (analysis_id) "
            "cross join tests t using (analysis_id, window_start, window_end) where w.is_primary"
        )
        return _grouped(found, "analysis_id")

    @cached_property
    def _days(self) -> dict[int, list[Row]]:
        found = self._rows(
            "select a.event_id, d.* from batch cross join analyses a using (event_id) "
            "join event_days d using (analysis_id) order by analysis_id, tau"
        )
        return {analysis_id: list(_running(days)) for analysis_id, days in _grouped(found, "analysis_id").items()}


# Of the headline study of one announcement, asset by asset; an interval is so many errors wide.
PATHS = """\
select a.asset, d.tau, d.car, d.car_se, (w.car_high - w.car) / w.car_se as critical
from analyses a join studies s using (study_id) join event_days d using (analysis_id)
     left join window_results w on w.analysis_id = a.analysis_id and w.is_primary
where a.event_id = :event and a.alignment = 'main' and s.position = 0 and d.car is not null
order by a.position, a.asset, d.tau"""


def _grouped(found: Iterable[Row], by: str) -> dict[Any, list[Row]]:
    out: dict[Any, list[Row]] = {}
    for row in found:
        out.setdefault(row[by], []).append(row)
    return out


def _running(days: Iterable[Row]) -> Iterator[Row]:
    """What the view `daily` adds to a row: it would take the sum anew for every session."""
    total = 0.0
    for row in days:
        ret, expected, se = row["return"], row["expected"], row["ar_se"]
        ar = None if ret is None or expected is None else ret - expected
        total += ar or 0.0
        row["ar"], row["sar"] = ar, ar / se if ar is not None and se else None
        row["car"] = None if row["car_se"] is None else total
        yield row


def answers(connection: sqlite3.Connection, analysis_ids: Iterable[int]) -> list[Row]:
    """The newest answer of every source and symbol that analyses rest on, each once."""
    return rows(
        connection,
        "select distinct source, symbol, version, fetched_at, content_hash from result_answers "
        "where analysis_id in (select value from json_each(?))",
        (json.dumps(list(analysis_ids)),),
    )


def newest_answers(connection: sqlite3.Connection, series: Iterable[tuple[str, str]]) -> list[int]:
    """Numbers of the newest answers of (source, symbol), without those that have none."""
    found = (
        connection.execute("select max(snapshot_id) from snapshots where source = ? and symbol = ?", key).fetchone()[0]
        for key in sorted(series)
    )
    return [number for number in found if number is not None]


def newest_bars(connection: sqlite3.Connection, series: Iterable[tuple[str, str, str]]) -> list[int]:
    """Numbers of the newest answers of (source, symbol, bar), without those that have none."""
    found = (
        connection.execute(
            "select max(snapshot_id) from snapshots where source = ? and symbol = ? and bar = ?", key
        ).fetchone()[0]
        for key in sorted(series)
    )
    return [number for number in found if number is not None]


def collected_bars(connection: sqlite3.Connection) -> list[Row]:
    """How many sessions of bars there are of every series by the minute, from when to when, and if passes add to it."""
    return rows(
        connection,
        "select s.source, s.symbol, s.bar, count(distinct v.session) as sessions, "
        "date(min(v.session) * 86400, 'unixepoch') as first_session, "
        "date(max(v.session) * 86400, 'unixepoch') as last_session, "
        "exists (select 1 from standing_captures c where (c.source, c.symbol, c.bar) = (s.source, s.symbol, s.bar)) "
        "as is_collected from series s join bar_versions v using (series_id) "
        "where s.bar <> '1d' and v.close is not null group by series_id order by s.symbol, s.source, s.bar",
    )


def fewest_sessions(connection: sqlite3.Connection) -> int | None:
    """Reference sessions that the studies by the minute need, the least of them; None when there are none."""
    (found,) = connection.execute(
        "select min(json_extract(spec, '$.fewest_sessions')) from studies where window_unit = 'minutes'"
    ).fetchone()
    return None if found is None else int(found)


def written_by(connection: sqlite3.Connection, run_id: int | None) -> set[str]:
    """Events some results of which a pass wrote; none of a pass that wrote nothing down."""
    found = connection.execute("select distinct event_id from analyses where run_id = ?", (run_id,))
    return {event_id for (event_id,) in found}


def unpacked(cars: bytes) -> tuple[float, ...]:
    """The CARs of a row of `placebos`: little-endian numbers of four bytes, in the order of time."""
    found = array.array("f", cars)
    if sys.byteorder == "big":
        found.byteswap()
    return tuple(found)
