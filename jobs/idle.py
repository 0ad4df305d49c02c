"""A night without news: found out and ended without the libraries that a pass with news takes a second to load."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from eventstudy.config.model import Config
from eventstudy.database import beside
from eventstudy.records import Event
from eventstudy.store import ledger
from jobs import outcome, plan
from jobs.chores import has_chores


def rest(
    config: Config, events: Sequence[Event], *, now: Callable[[], dt.datetime], only: Sequence[str] | None = None
) -> outcome.PassResult | None:
    """The whole pass, when there is nothing to do but to write the heartbeat; None, and nothing done, when there is.

    Raises
    ------
    LockHeld
        When another run is active.
    Damaged
        When the database is not what was written.
    """
    is_whole = only is None
    account = outcome.accounted(config.database, now, is_whole=is_whole, notify=config.notify)
    with account, ledger.lock(config.database):
        ready = plan.read_plan(config, events, now(), only=only)
        if beside.log_bytes(config.database):  # a reader that is gone by now kept it from being folded in
            return None
        if not ready.is_idle or not outcome.is_backed_up(config) or has_chores(config, events, now()):
            return None
        result = outcome.kept(ready, config, is_whole=is_whole)
        checked_at = outcome.proved_sound(config.database, now()) if is_whole else None
        result.beat(config.database, now(), checked_at=checked_at)
        return result
