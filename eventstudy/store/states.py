"""What passes know of every event, one row each, read in one go and written with the results."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from eventstudy.config.model import RetryConfig
from eventstudy.instants import stamp
from eventstudy.store import sealed
from eventstudy.store.write import EVENT_COLUMNS


class EventState(NamedTuple):  # made for every event in every pass, and a dataclass takes four times as long to make
    """One stored event, and what the last look at it found.

    Attributes
    ----------
    row : tuple
        The event as stored, in the order of `eventstudy.store.write.EVENT_COLUMNS`.
    status, reason : str, str or None
    state_key : str or None
        None when no pass has looked at it; the fields that follow then mean nothing.
    open_until : str or None
        UTC; further sessions may change its results until then.
    is_settled : bool
        No further session is awaited.
    pending_reason : str or None
        Why it must be looked at again though settled.
    is_page_due : bool
    failures : int
        Attempts that failed in a row.
    next_attempt : str or None
        UTC; None with failures means that nobody tries again.
    fault : str or None
        Why the last of them failed.
    """

    row: tuple[Any, ...]
    status: str
    reason: str | None
    state_key: str | None = None
    open_until: str | None = None
    is_settled: bool = False
    pending_reason: str | None = None
    is_page_due: bool = True
    failures: int = 0
    next_attempt: str | None = None
    fault: str | None = None


def event_states(connection: sqlite3.Connection) -> dict[str, EventState]:
    """Event id → what is known of it, for all stored events."""
    columns = ", ".join(f"e.{name}" for name in EVENT_COLUMNS)
    cut = len(EVENT_COLUMNS)
    found = connection.execute(
        f"select {columns}, e.status, e.reason, s.state_key, s.open_until, s.is_settled, s.pending_reason, "  # noqa: S608  # our own names
        "coalesce(s.is_page_due, 1), coalesce(s.failures, 0), s.next_attempt, s.fault "
        "from events e left join event_states s using (event_id)"
    )
    return {row[0]: EventState(row[:cut], *row[cut:]) for row in found}


def put(
    connection: sqlite3.Connection, event_id: str, state_key: str, open_until: str, *, is_settled: bool, is_news: bool
) -> None:
    """Write down what a look at an event found; news, or another key, make its page due.

    Parameters
    ----------
    connection : sqlite3.Connection
        Inside a transaction of the caller.
    event_id, state_key, open_until : str
    is_settled, is_news : bool
    """
    old = connection.execute(
        "select state_key, open_until, is_settled, pending_reason from event_states where event_id = ?", (event_id,)
    ).fetchone()
    if not is_news and old == (state_key, open_until, int(is_settled), None):
        return
    is_news = is_news or old is None or old[0] != state_key
    connection.execute(
        "insert into event_states (event_id, state_key, open_until, is_settled, is_page_due) values (?, ?, ?, ?, ?) "
        "on conflict (event_id) do update set state_key = excluded.state_key, open_until = excluded.open_until, "
        "is_settled = excluded.is_settled, pending_reason = null, "
        "is_page_due = max(is_page_due, excluded.is_page_due), "
        "answer = case when excluded.is_page_due then null else answer end",
        (event_id, state_key, open_until, int(is_settled), int(is_news)),
    )


def delay(policy: RetryConfig, event_id: str, failures: int) -> dt.timedelta | None:
    """How long to wait after so many failures in a row; None when enough was tried.

    The wait doubles from failure to failure up to the longest, and is stretched by up to a quarter, the same for the
    same event and failure on any machine, so that events that failed together do not all come back together.
    """
    if failures >= policy.attempts:
        return None
    doublings = min(failures - 1, 62)  # more would overflow, and are past any longest wait
    wait = min(policy.first.total_seconds() * 2**doublings, policy.longest.total_seconds())
    share = hashlib.sha256(f"{event_id}\0{failures}".encode()).digest()[0] / 256
    return dt.timedelta(seconds=round(wait * (1 + share / 4)))


def fail(connection: sqlite3.Connection, policy: RetryConfig, event_id: str, at: dt.datetime, fault: str) -> int:
    """Note that an attempt at an event that has its state failed, and when the next is due.

    Returns the failures in a row; inside a transaction of the caller.
    """
    failures: int
    (failures,) = connection.execute("select failures + 1 from event_states where event_id = ?", (event_id,)).fetchone()
    wait = delay(policy, event_id, failures)
    connection.execute(
        "update event_states set failures = ?1, first_failed_at = coalesce(first_failed_at, ?2), last_failed_at = ?2, "
        "next_attempt = ?3, fault = ?4 where event_id = ?5",
        (failures, stamp(at), stamp(at + wait) if wait else None, fault, event_id),
    )
    return failures


def succeed(connection: sqlite3.Connection, event_id: str) -> bool:
    """Note that an attempt did not fail; return whether the one before did."""
    cursor = connection.execute(
        "update event_states set failures = 0, first_failed_at = null, last_failed_at = null, next_attempt = null, "
        "fault = null where event_id = ? and failures > 0",
        (event_id,),
    )
    return cursor.rowcount > 0


def next_attempts(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Event id and time, UTC, of every further attempt at an event that failed."""
    return connection.execute(
        "select event_id, next_attempt from event_states where next_attempt is not null"
    ).fetchall()


def forget_context(connection: sqlite3.Connection, event_id: str) -> None:
    """An event that became context is studied no longer: nothing is known of it, and nobody tries again."""
    connection.execute("delete from event_states where event_id = ?", (event_id,))


def put_page_due(connection: sqlite3.Connection, event_ids: Iterable[str]) -> None:
    """Note that the pages of events must be made anew, inside a transaction of the caller."""
    connection.executemany(
        "update event_states set is_page_due = 1, answer = null where event_id = ?", [(e,) for e in event_ids]
    )


def put_all_pages_due(connection: sqlite3.Connection) -> None:
    """Note that every page of an event must be made anew, inside a transaction of the caller."""
    connection.execute("update event_states set is_page_due = 1, answer = null")


def pages_due(connection: sqlite3.Connection) -> set[str]:
    """Events whose page does not say what is stored of them."""
    found = connection.execute(
        "select event_id from events left join event_states using (event_id) where coalesce(is_page_due, 1)"
    )
    return {event_id for (event_id,) in found}


def withdrawn_pages_due(connection: sqlite3.Connection, written: Collection[str]) -> list[str]:
    """Retired and missing events whose page does not say so yet, or is not among those `written`."""
    found = connection.execute(
        "select event_id, is_page_due from events join event_states using (event_id) "
        "where (retired_at is not null or missing_since is not null) and kind <> 'context' order by event_id"
    )
    return [event_id for event_id, is_due in found if is_due or event_id not in written]


def with_stale_results(connection: sqlite3.Connection, now: str) -> dict[str, str]:
    """Event id → kind, of events that became context and have a state still, or are to come and have results."""
    found = connection.execute(
        "select event_id, kind from events e where (kind = 'context' and exists (select 1 from event_states s where "
        "s.event_id = e.event_id)) or (status in ('pending', 'skipped') and latest > ? "
        "and exists (select 1 from analyses a where a.event_id = e.event_id and a.status = 'ok')) order by event_id",
        (now,),
    )
    return dict(found.fetchall())


def published(connection: sqlite3.Connection, answers: Iterable[tuple[str, str, tuple[str, ...]]]) -> None:
    """Pages are in place: note (event, verdict, sentences) of each for the index."""
    connection.executemany(
        "update event_states set is_page_due = 0, answer = ?1, answer_hash = ?2 where event_id = ?3",
        [
            (text, sealed.answer_hash(event_id, text), event_id)
            for event_id, text in ((event_id, json.dumps([verdict, *said])) for event_id, verdict, said in answers)
        ],
    )


def answers(connection: sqlite3.Connection) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Event id → verdict and sentences, of every event whose page is up to date, as they were written."""
    found = connection.execute(f"{sealed.ANSWERS} and not is_page_due")
    known = (
        (event_id, json.loads(text))
        for event_id, text, held in found
        if held in (None, sealed.answer_hash(event_id, text))
    )
    return {event_id: (said[0], tuple(said[1:])) for event_id, said in known}


def newest_snapshot(connection: sqlite3.Connection) -> int:
    """Number of the newest answer with daily prices, which studies rest on; 0 when there is none."""
    found = connection.execute(
        "select snapshot_id from snapshots where bar = '1d' order by snapshot_id desc limit 1"
    ).fetchone()
    return int(found[0]) if found else 0


def newest_answer(connection: sqlite3.Connection) -> int:
    """Number of the newest answer with prices, of days or of minutes; 0 when there is none."""
    return int(connection.execute("select coalesce(max(snapshot_id), 0) from snapshots").fetchone()[0])


def prices_since(connection: sqlite3.Connection, snapshot_id: int) -> dict[tuple[str, str], tuple[str, str]]:
    """(Source, symbol) → first and last session that daily prices changed or came for after a snapshot.

    A snapshot without rows of its own, which can only say that all of a series is to be read in another way, counts
    for every session.
    """
    found = connection.execute(
        "select source, symbol, iif(is_silent, '', date(first * 86400, 'unixepoch')), "
        "iif(is_silent, '9999', date(last * 86400, 'unixepoch')) from (select s.source, s.symbol, "
        "min(v.session) as first, max(v.session) as last, max(v.session is null) as is_silent "
        "from snapshots s left join series x on x.source = s.source and x.symbol = s.symbol and x.bar = s.bar "
        "left join bar_versions v on v.series_id = x.series_id and v.snapshot_id = s.snapshot_id "
        "where s.snapshot_id > ? and s.bar = '1d' group by s.source, s.symbol)",
        (snapshot_id,),
    )
    return {(source, symbol): (first, last) for source, symbol, first, last in found}


def put_pending(connection: sqlite3.Connection, reasons: Iterable[tuple[str, str]]) -> None:
    """Note (event, why) of events that must be looked at again, inside a transaction of the caller."""
    connection.executemany(
        "update event_states set pending_reason = ? where event_id = ?", [(why, event_id) for event_id, why in reasons]
    )


def index_key(connection: sqlite3.Connection, pages: Collection[str], version: str) -> str:
    """SHA-256 of all that the index of events shows: equal keys, equal bytes."""
    digest = hashlib.sha256(version.encode())
    # SQLite puts the rows together: in Python it would be a third of what a pass without news takes
    (events,) = connection.execute(
        "select json_group_array(json_array(e.event_id, e.title, e.announced_at, e.earliest, e.latest, e.zone, e.kind, "
        "e.status, e.reason, e.retired_at, e.missing_since, s.answer, s.is_page_due)) "
        "from (select * from events order by event_id) e "
        "left join event_states s using (event_id)"
    ).fetchone()
    digest.update(events.encode())
    known = {event_id for (event_id,) in connection.execute("select event_id from events")}
    digest.update("\n".join(sorted(known.intersection(pages))).encode())
    for sql in (
        "select study_id, position from studies order by study_id",
        "select * from collections where group_name = 'all' and is_primary",
        "select * from latest_runs where status <> 'running' order by run_id desc limit 1",
    ):
        digest.update(repr(connection.execute(sql).fetchall()).encode())
    return digest.hexdigest()
