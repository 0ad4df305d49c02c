"""A pass that breaks off, or cannot begin, leaves word of it: in the outbox, or where that cannot be, the heartbeat."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from eventstudy.config.model import NotifyConfig
from eventstudy.errors import EventStudyError, LockHeld, StoreError
from eventstudy.store import ledger
from jobs.notify import deliver_broken, send_broken
from jobs.outcome import PassResult, last_heartbeat


@contextlib.contextmanager
def accounted(
    database: Path, now: Callable[[], dt.datetime], *, is_whole: bool = True, notify: NotifyConfig | None = None
) -> Iterator[None]:
    """Let it be known that a pass broke off, or cannot begin, whatever the reason; nothing while another is at work.

    Parameters
    ----------
    database : Path
    now : callable
        Gives the present UTC instant.
    is_whole : bool
        Whether the pass is one over all events; of others nobody is notified.
    notify : NotifyConfig, optional
        Whom to notify, of every reason once in a row.
    """
    try:
        yield
    except LockHeld:
        raise
    except Exception as error:
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(ledger.lock(database))
            except LockHeld:
                raise error from None
            except StoreError:
                pass  # which is why it broke off, or soon will be
            _broken(database, now(), error, is_whole, notify)
        raise


def _broken(database: Path, now: dt.datetime, error: Exception, is_whole: bool, notify: NotifyConfig | None) -> None:
    """Write down that a pass ended in an error, and notify: in the database, or else in the heartbeat alone."""
    code = error.exit_code if isinstance(error, EventStudyError) else 1
    result = PassResult(status="failed", exit_code=code, is_whole=is_whole)
    reason, notified, wrong = f"{type(error).__name__}: {error}", None, []
    if is_whole:
        is_usable = not isinstance(error, (StoreError, sqlite3.Error, OSError)) and database.is_file()
        try:
            if not is_usable:
                raise StoreError("not usable")
            wrong = deliver_broken(database, reason, notify, now)
        except (StoreError, sqlite3.Error):
            before = last_heartbeat(database)
            if notify is not None and (before is None or before.notified != reason):
                wrong = send_broken(notify, reason)
                notified = None if wrong else reason
    with contextlib.suppress(StoreError):  # with a full disk not even that can be written
        reason = "; ".join([reason, *wrong])
        result.beat(database, now, reason=reason, notified=notified, is_last_resort=True)
