"""The record of passes: one lock, and one row per pass that changed something."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from eventstudy.database.connection import NOTICE_SECONDS, log, open_database, transaction, translated
from eventstudy.database.files import lock_file
from eventstudy.errors import LockHeld
from eventstudy.instants import stamp
from eventstudy.store import notices, sealed

if TYPE_CHECKING:
    from sqlite_utils import Database


STATUS_LOOKS = 0.5  # seconds; `eventstudy status` holds the lock of a scheduler for a moment, to see whether one runs


@contextlib.contextmanager
def lock(database: Path, role: str = "run", patience: float = 0.0) -> Iterator[None]:
    """Hold the lock of `role` on `database`; the kernel frees it whenever and however the process ends.

    Parameters
    ----------
    database : Path
    role : {"run", "schedule"}
        Only one ``run`` writes at a time, be it a pass or a command; only one ``schedule`` starts runs.
    patience : float
        Seconds to wait for a process that has it; who that is, is said after a while.

    Raises
    ------
    LockHeld
        When another process has it all that time.
    StoreError
        When the lock file cannot be written.
    """
    path = lock_file(database, role)
    with contextlib.ExitStack() as held:
        with translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = held.enter_context(path.open("a+", encoding="utf-8"))
        try:
            _take(file, patience=STATUS_LOOKS if role == "schedule" else min(patience, NOTICE_SECONDS))
        except BlockingIOError:
            file.seek(0)
            said = f"another {role} is active on {database} ({file.read().strip() or 'an unknown process'})"
            if patience <= NOTICE_SECONDS:
                raise LockHeld(f"{said}; wait for it, or stop it") from None
            log.warning("%s; waiting up to %.0f seconds for it", said, patience)
            try:
                _take(file, patience - NOTICE_SECONDS)
            except BlockingIOError:
                raise LockHeld(f"{said}; wait for it, or stop it") from None
        with contextlib.suppress(OSError):  # on a full disk the lock is held all the same; it only does not say by whom
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), f"pid {os.getpid()}".encode())
        yield


@contextlib.contextmanager
def writing(database: Path) -> Iterator[sqlite3.Connection]:
    """One transaction of a command, while no pass and no other command writes; raises as `lock` does."""
    with lock(database):
        db = open_database(database)
        try:
            with translated(database), transaction(db) as connection:
                yield connection
        finally:
            db.close()


def _take(file: IO[str], patience: float) -> None:
    """Take the lock of `file`, at once or, if somebody only looks whether it is taken, within `patience` seconds."""
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.02)
        else:
            return


@dataclass(slots=True)
class Run:
    """One pass. Its row is written with the first change, so that a run without news leaves no trace but a heartbeat.

    Attributes
    ----------
    trigger : str
        What started it: ``demo``, ``run``, ``report`` or ``schedule``.
    started_at : datetime
        UTC.
    code_version, config_hash : str
    versions : dict of str to str
        Of the libraries that numbers depend on.
    """

    trigger: str
    started_at: dt.datetime
    code_version: str
    config_hash: str
    versions: dict[str, str]
    run_id: int | None = None
    steps: list[tuple[str, str, str, str | None]] = field(default_factory=list)
    results_written: int = 0
    _good: list[tuple[str, str]] = field(default_factory=list)

    def ensure(self, connection: sqlite3.Connection) -> int:
        """The run's id; inserts its row, inside the caller's transaction, when it has none yet."""
        if not self._is_written(connection):
            cursor = connection.execute(
                "insert into runs (trigger, started_at, status, code_version, config_hash, versions) "
                "values (?, ?, 'running', ?, ?, ?)",
                (
                    self.trigger,
                    stamp(self.started_at),
                    self.code_version,
                    self.config_hash,
                    json.dumps(self.versions, sort_keys=True),
                ),
            )
            self.run_id = int(cursor.lastrowid or 0)
        assert self.run_id is not None  # just set, or found in the table
        return self.run_id

    def note(self, step: str, subject: str, status: str, reason: str | None = None) -> None:
        """Remember a step; steps are written when the run finishes."""
        self.steps.append((step, _text(subject), status, None if reason is None else _text(reason)))
        if status == "ok":
            self.note_good(step, subject)

    def note_good(self, step: str, subject: str) -> None:
        """Remember that a step went well that may have failed before."""
        self._good.append((step, _text(subject)))

    def finish(self, db: Database, finished_at: dt.datetime, status: str, counts: Mapping[str, int]) -> None:
        """Write down the steps, with a notice of what went wrong that had not before, and close the run's row.

        A run that has no row gets one if there is such news. What is noted after a first call, a second one adds.

        Parameters
        ----------
        status : {"ok", "partial", "failed", "interrupted"}
        counts : mapping
            Events under ``ok``, ``skipped`` and ``failed``.
        """
        lasting = notices.lasting(db.conn)
        bad = {(step, subject): reason or "" for step, subject, status_, reason in self.steps if status_ != "ok"}
        mended = [place for place in self._good if place in lasting and place not in bad]
        is_news = mended or any(not notices.is_lasting(db.conn, *place, reason) for place, reason in bad.items())
        if not (is_news or self._is_written(db.conn)):
            return
        with transaction(db) as connection:
            run_id = self.ensure(connection)
            for place, reason in bad.items():
                notices.fail(connection, *place, reason, finished_at, run_id)
            for place in mended:
                notices.mend(connection, *place, finished_at, run_id)
            connection.execute(
                "update runs set finished_at = ?, status = ?, events_ok = ?, events_skipped = ?, events_failed = ?, "
                "results_written = ? where run_id = ?",
                (
                    stamp(finished_at),
                    status,
                    counts["ok"],
                    counts["skipped"],
                    counts["failed"],
                    self.results_written,
                    run_id,
                ),
            )
            connection.executemany(
                "insert into run_steps values (?, ?, ?, ?, ?, ?) on conflict do nothing",
                [(run_id, position, *step) for position, step in enumerate(self.steps)],
            )
            sealed.seal_part(connection, sealed.PASSES, run_id)

    def _is_written(self, connection: sqlite3.Connection) -> bool:
        """Whether the row is there: it goes when the transaction that inserted it is rolled back."""
        return connection.execute("select 1 from runs where run_id = ?", (self.run_id,)).fetchone() is not None


def _text(given: str) -> str:
    """As the database can hold it: a name that is no text must not cost the pass."""
    return given.encode("utf-8", "backslashreplace").decode()


def put_attempt(
    connection: sqlite3.Connection,
    *,
    run_id: int,
    event_id: str,
    started_at: dt.datetime,
    seconds: float,
    outcome: tuple[str, str | None],
    failures: int,
    results_written: int,
    state_key: str,
    input_hash: str | None,
) -> None:
    """Add one attempt at an event, inside a transaction of the caller.

    Parameters
    ----------
    run_id : int
    event_id : str
    started_at : datetime
        UTC.
    seconds : float
        How long it took.
    outcome : (str, str or None)
        Status and reason.
    failures : int
        Attempts that failed in a row, this one counted.
    results_written : int
        Studies computed anew.
    state_key, input_hash : str
        What it rested on; see docs/schema.md.
    """
    connection.execute(
        "insert into event_attempts (run_id, event_id, started_at, seconds, outcome, reason, failures, "
        "results_written, state_key, input_hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run_id,
            event_id,
            stamp(started_at),
            round(seconds, 3),
            *outcome,
            failures,
            results_written,
            state_key,
            input_hash,
        ),
    )


def is_broken_off(connection: sqlite3.Connection) -> bool:
    """Whether the newest run was killed, or told to stop, before its end."""
    newest = connection.execute("select status from runs order by run_id desc limit 1").fetchone()
    return newest is not None and newest[0] in ("running", "interrupted")


def close_interrupted(db: Database, now: dt.datetime) -> int:
    """Mark runs that a killed process left open; only call while holding the lock."""
    running = db.execute("select run_id from runs where status = 'running'").fetchall()
    if not running:
        return 0
    with transaction(db) as connection:
        for (run_id,) in running:
            connection.execute(
                "update runs set status = 'interrupted', finished_at = ? where run_id = ?", (stamp(now), run_id)
            )
            sealed.seal_part(connection, sealed.PASSES, run_id)
    return len(running)
