"""How a pass ended: its result, its exit code, its heartbeat. Imports little, for nights without news."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from eventstudy.config import Config
from eventstudy.errors import EventStudyError, SourceError, StoreError
from eventstudy.store import backup, beside
from eventstudy.store.database import translated
from jobs.plan import WAIT, Item, Plan

Outcome = tuple[str, str | None]


@dataclass(slots=True)
class PassResult:
    """What a pass did.

    Attributes
    ----------
    status : str
        ``ok``, ``partial``, ``failed``, or ``interrupted`` when it was asked to stop.
    exit_code : int
        0; 3 when an event was skipped or failed, or a price could not be asked for; 5 when a source was down.
    outcomes : dict of str to (str, str or None)
        Event id → status and reason, of every event of the pass, those that it left alone included.
    studied : list of str
        Events that it looked at.
    troubles : list of str
        What went wrong beside the events: sources that failed, pages that could not be written.
    pages : dict of str to Path
        Event id → its report; the index under ``""``.
    results_written : int
    is_whole : bool
        Whether the pass was to go over all events.
    """

    status: str = "ok"
    exit_code: int = 0
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    studied: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    pages: dict[str, Path] = field(default_factory=dict)
    results_written: int = 0
    is_whole: bool = True

    @property
    def is_good(self) -> bool:
        """Whether it went over all events, no source was down, and not everything failed."""
        return self.is_whole and self.status in ("ok", "partial") and self.exit_code != SourceError.exit_code

    @property
    def counts(self) -> dict[str, int]:
        """Events under ``ok``, ``skipped`` and ``failed``."""
        groups = {"ok": ("ok", "partial"), "skipped": ("skipped",), "failed": ("failed",)}
        statuses = [status for status, _ in self.outcomes.values()]
        return {name: sum(status in group for status in statuses) for name, group in groups.items()}

    def judge(self, *, is_down: bool = False) -> None:
        """Set status and exit code by what happened, unless the pass was interrupted."""
        counts = self.counts
        is_bad = bool(counts["skipped"] + counts["failed"] + len(self.troubles))
        if self.status != "interrupted":
            self.status = "ok" if not is_bad else "partial" if counts["ok"] else "failed"
            self.exit_code = SourceError.exit_code if is_down else 3 if is_bad else 0

    def carry_over(self, ready: Plan, database: Path) -> None:
        """A source that was down when it was last asked is down still, as long as events wait to ask it again."""
        before = _heartbeat(database)
        waiting = [item.reason for item in ready.items if item.action == WAIT and _failed(ready, item)]
        if before is not None and before.exit_code == SourceError.exit_code and waiting:
            self.troubles.append(f"a source was down when it was last asked, and nothing was asked now: {waiting[0]}")
            self.status = "partial" if self.status == "ok" else self.status
            self.exit_code = SourceError.exit_code

    def beat(self, database: Path, now: dt.datetime, reason: str | None = None) -> None:
        """Write the heartbeat; only a pass over all events that worked counts as good for a monitor.

        Raises
        ------
        StoreError
            When it cannot be written.
        """
        before = _heartbeat(database)
        is_done = self.is_whole and self.status != "interrupted" and reason is None
        with translated(database):
            beside.beat(
                database,
                beside.Heartbeat(
                    finished_at=now,
                    status=self.status,
                    exit_code=self.exit_code,
                    events=self.counts,
                    last_good=now if self.is_good else before.last_good if before else None,
                    last_whole=now if is_done else before.last_whole if before else None,
                    reason=reason,
                ),
            )


def broken(database: Path, now: dt.datetime, error: Exception, *, is_whole: bool) -> None:
    """Let the heartbeat say that a pass ended in an error, if it can be written at all."""
    code = error.exit_code if isinstance(error, EventStudyError) else 1
    result = PassResult(status="failed", exit_code=code, is_whole=is_whole)
    with contextlib.suppress(StoreError):
        result.beat(database, now, reason=f"{type(error).__name__}: {error}")


def _heartbeat(database: Path) -> beside.Heartbeat | None:
    try:
        return beside.heartbeat(database)
    except StoreError:
        return None  # a damaged heartbeat is replaced


def _failed(ready: Plan, item: Item) -> bool:
    before = ready.standings.get(item.event.event_id)
    return before is not None and before.failures > 0


def kept(ready: Plan, config: Config, *, is_whole: bool) -> PassResult:
    """The result of a pass that found nothing to do: everything is as the last one left it."""
    outcome = PassResult(is_whole=is_whole)
    for item in ready.items:
        before = ready.standings[item.event.event_id]
        outcome.outcomes[item.event.event_id] = (before.status, before.reason)
    outcome.pages = {event_id: config.reports / f"{event_id}.html" for event_id in outcome.outcomes}
    outcome.pages[""] = config.reports / "index.html"
    outcome.judge()
    outcome.carry_over(ready, config.database)
    return outcome


def is_backed_up(config: Config) -> bool:
    """Whether there is nothing to copy: no copies are wanted, or the newest is of the database as it is."""
    return config.backups is None or backup.is_backed_up(config.database, config.backups.folder)
