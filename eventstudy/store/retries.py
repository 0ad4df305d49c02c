"""The retry queue: when an event that failed is tried again, and when nobody tries any more."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3

from eventstudy.config.model import RetryConfig
from eventstudy.instants import stamp


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


def fail(connection: sqlite3.Connection, policy: RetryConfig, event_id: str, at: dt.datetime, reason: str) -> int:
    """Note that an attempt at an event failed, inside a transaction of the caller; return the failures in a row."""
    row = connection.execute("select attempts from retries where event_id = ?", (event_id,)).fetchone()
    failures = (row[0] if row else 0) + 1
    wait = delay(policy, event_id, failures)
    connection.execute(
        "insert into retries values (?, ?, ?, ?, ?, ?) on conflict (event_id) do update set "
        "attempts = excluded.attempts, last_failed_at = excluded.last_failed_at, "
        "next_attempt = excluded.next_attempt, reason = excluded.reason",
        (event_id, failures, stamp(at), stamp(at), stamp(at + wait) if wait else None, reason),
    )
    return failures


def clear(connection: sqlite3.Connection, event_id: str) -> bool:
    """Note that an attempt did not fail; return whether the event was in the queue."""
    return connection.execute("delete from retries where event_id = ?", (event_id,)).rowcount > 0
