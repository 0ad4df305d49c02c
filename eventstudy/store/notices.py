"""The outbox: whatever a person is to be told is one row, written in the transaction that made it true.

A channel (the digest's page, a command, a webhook) delivers what it has not delivered yet, and stamps it. A failure
lasts until the same step goes well: while it lasts with the same reason it is no news.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from eventstudy.instants import stamp
from eventstudy.store import cursors

Kind = Literal["result", "verdict", "moved", "retired", "failure", "repair", "collection"]

PAGE, COMMAND, WEBHOOK = "page", "command", "webhook"

# What a notice says; not when a failure ended, which comes later.
_HASHED = ("key", "kind", "run_id", "created_at", "event_id", "study_id", "step", "subject", "reason", "payload")
_COLUMNS = ", ".join(_HASHED)

# Steps whose repair shows in nothing else: an event that fails no longer has results, which are told.
_TOLD_WHEN_REPAIRED = ("events", "source", "report", "backup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a channel has to deliver.

    Attributes
    ----------
    notice_id : int
    run_id : int or None
        The pass that it belongs to; None until there was one.
    kind : str
    step, reason : str or None
        Of a failure, or of a repair.
    """

    notice_id: int
    run_id: int | None
    kind: Kind
    step: str | None
    reason: str | None


def put(
    connection: sqlite3.Connection,
    kind: Kind,
    key: Sequence[object],
    at: str,
    *,
    run_id: int | None = None,
    event_id: str | None = None,
    study_id: str | None = None,
    subject: str | None = None,
    reason: str | None = None,
    payload: dict[str, Any] | None = None,
) -> None:
    """Add a notice, unless there is one with its key; inside the transaction that makes it true.

    Parameters
    ----------
    connection : sqlite3.Connection
    kind : str
    key : sequence
        What, together with the kind, tells it from all others.
    at : str
        UTC.
    run_id : int, optional
        The pass; left out when it is not the doing of one, and the next over all events takes it on.
    event_id, study_id, subject, reason : str, optional
    payload : dict, optional
    """
    _add(
        connection,
        key=":".join(map(str, (kind, *key))),
        kind=kind,
        run_id=run_id,
        created_at=at,
        event_id=event_id,
        study_id=study_id,
        subject=subject,
        reason=reason,
        payload=None if payload is None else json.dumps(payload),
    )


def withdraw(connection: sqlite3.Connection, kind: Kind, event_id: str) -> dict[str, Any] | None:
    """Take back the notice of an event that no pass has taken on yet; return its payload, None where there is none."""
    row = connection.execute(
        "delete from notices where kind = ? and event_id = ? and run_id is null returning payload", (kind, event_id)
    ).fetchone()
    return None if row is None else json.loads(row[0] or "{}")


def is_lasting(connection: sqlite3.Connection, step: str, subject: str, reason: str) -> bool:
    """Whether a step of a pass has failed before with that reason, and not gone well since."""
    found = connection.execute(
        "select 1 from notices where kind = 'failure' and step = ? and subject = ? and reason = ? and ended_at is null",
        (step, subject, reason),
    )
    return found.fetchone() is not None


def fail(
    connection: sqlite3.Connection, step: str, subject: str, reason: str, at: dt.datetime, run_id: int | None
) -> bool:
    """Note that a step went wrong, inside the caller's transaction; return whether that is news."""
    if is_lasting(connection, step, subject, reason):
        return False
    _end(connection, step, subject, at)  # what was wrong before, if anything was, is not what is wrong now
    (number,) = connection.execute(
        "select count(*) from notices where kind = 'failure' and step = ? and subject = ?", (step, subject)
    ).fetchone()
    is_event = connection.execute("select 1 from events where event_id = ?", (subject,)).fetchone() is not None
    _add(
        connection,
        key=f"failure:{step}:{subject}:{number}",
        kind="failure",
        run_id=run_id,
        created_at=stamp(at),
        event_id=subject if is_event else None,
        step=step,
        subject=subject,
        reason=reason,
    )
    return True


def mend(connection: sqlite3.Connection, step: str, subject: str, at: dt.datetime, run_id: int | None) -> None:
    """Note that a step goes well, inside the caller's transaction."""
    for notice_id, reason in _end(connection, step, subject, at):
        if step in _TOLD_WHEN_REPAIRED:
            _add(
                connection,
                key=f"repair:{notice_id}",
                kind="repair",
                run_id=run_id,
                created_at=stamp(at),
                step=step,
                subject=subject,
                reason=reason,
            )


def lasting(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """(Step, subject) of everything that failed and has not gone well since."""
    return set(
        connection.execute("select step, subject from notices where kind = 'failure' and ended_at is null").fetchall()
    )


def silent_sources(connection: sqlite3.Connection) -> set[str]:
    """Sources that gave nothing when they were last asked."""
    return {subject for step, subject in lasting(connection) if step == "source"}


def is_any_of(connection: sqlite3.Connection, run_ids: Sequence[int]) -> bool:
    """Whether there is a notice of some pass of `run_ids`."""
    found = connection.execute(
        "select 1 from notices where run_id in (select value from json_each(?)) limit 1", (json.dumps(run_ids),)
    )
    return found.fetchone() is not None


def without_pass(connection: sqlite3.Connection) -> bool:
    """Whether there are notices that no pass has taken on yet."""
    return connection.execute("select 1 from notices where run_id is null limit 1").fetchone() is not None


def take_on(connection: sqlite3.Connection, run_id: int) -> None:
    """Let a pass tell what became true outside of passes, inside the caller's transaction."""
    found = connection.execute(f"select notice_id, {_COLUMNS} from notices where run_id is null").fetchall()  # noqa: S608
    rows = [(number, dict(zip(_HASHED, row, strict=True)) | {"run_id": run_id}) for number, *row in found]
    connection.executemany(
        "update notices set run_id = ?, content_hash = ? where notice_id = ?",
        [(run_id, _hash(row.values()), number) for number, row in rows],
    )


def altered_passes(connection: sqlite3.Connection, run_id: int | None = None) -> Iterator[int | None]:
    """The passes, or the one pass, with a notice that is not what was written; None for those that no pass has yet."""
    which = "" if run_id is None else "where run_id = ?"
    rows = connection.execute(
        f"select content_hash, {_COLUMNS} from notices {which} order by run_id",  # noqa: S608
        () if run_id is None else (run_id,),
    )
    wrong = (row[1 + _HASHED.index("run_id")] for row in map(tuple, rows) if _hash(row[1:]) != row[0])
    yield from dict.fromkeys(wrong)


def begin_channels(connection: sqlite3.Connection, channels: Iterable[str]) -> None:
    """From here on `channels` are to be told of; not of all that was before. Inside the caller's transaction."""
    connection.executemany(
        "insert into cursors select ?, coalesce(max(notice_id), 0) + 1 from notices where run_id is not null "
        "on conflict (name) do nothing",
        [(channel,) for channel in channels],
    )


def undelivered(connection: sqlite3.Connection, channel: str) -> list[Notice]:
    """What `channel` has not delivered yet, in the order of time."""
    found = connection.execute(
        "select notice_id, run_id, kind, step, reason from notices n where notice_id >= ? "
        "and (run_id is not null or (step = 'pass' and ? <> 'page')) and not exists (select 1 from "
        "deliveries d where d.notice_id = n.notice_id and d.channel = ?) order by notice_id",
        (int(cursors.cursor(connection, channel) or 0), channel, channel),
    )
    names = ("notice_id", "run_id", "kind", "step", "reason")
    return [Notice(**dict(zip(names, row, strict=True))) for row in found]


def put_delivered(connection: sqlite3.Connection, waiting: Iterable[Notice], channel: str, at: dt.datetime) -> None:
    """Stamp notices that were delivered, inside a transaction of the caller."""
    connection.executemany(
        "insert into deliveries values (?, ?, ?) on conflict do nothing",
        [(notice.notice_id, channel, stamp(at)) for notice in waiting],
    )


def _add(connection: sqlite3.Connection, **notice: object) -> None:
    values = [notice.get(name) for name in _HASHED]
    connection.execute(
        f"insert into notices ({_COLUMNS}, content_hash) values (?{', ?' * len(_HASHED)}) on conflict (key) do nothing",  # noqa: S608
        (*values, _hash(values)),
    )


def _hash(values: Iterable[object]) -> str:
    return hashlib.sha256(repr(tuple(values)).encode("utf-8", "surrogatepass")).hexdigest()


def _end(connection: sqlite3.Connection, step: str, subject: str, at: dt.datetime) -> list[tuple[int, str]]:
    """End a failure that lasts; return number and reason of what ended, at most one."""
    return connection.execute(
        "update notices set ended_at = ? where kind = 'failure' and step = ? and subject = ? and ended_at is null "
        "returning notice_id, reason",
        (stamp(at), step, subject),
    ).fetchall()
