"""How a pass ended: its result, its exit code, its heartbeat. Imports little, for nights without news."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from eventstudy.config import Config
from eventstudy.errors import SourceError, StoreError
from eventstudy.store import beside
from jobs.plan import Plan

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

    def beat(self, database: Path, now: dt.datetime) -> None:
        """Write the heartbeat; only a pass over all events that worked counts as good for a monitor."""
        try:
            before = beside.heartbeat(database)
        except StoreError:
            before = None  # a damaged heartbeat is replaced
        is_done = self.is_whole and self.status != "interrupted"
        beside.beat(
            database,
            beside.Heartbeat(
                finished_at=now,
                status=self.status,
                exit_code=self.exit_code,
                events=self.counts,
                last_good=now if self.is_good else before.last_good if before else None,
                last_whole=now if is_done else before.last_whole if before else None,
            ),
        )


def kept(ready: Plan, config: Config, *, is_whole: bool) -> PassResult:
    """The result of a pass that found nothing to do: everything is as the last one left it."""
    outcome = PassResult(is_whole=is_whole)
    for item in ready.items:
        before = ready.standings[item.event.event_id]
        outcome.outcomes[item.event.event_id] = (before.status, before.reason)
    outcome.pages = {event_id: config.reports / f"{event_id}.html" for event_id in outcome.outcomes}
    outcome.pages[""] = config.reports / "index.html"
    outcome.judge()
    return outcome


def is_backed_up(config: Config) -> bool:
    """Whether there is nothing to copy: no copies are wanted, or the newest is not older than the database."""
    if config.backups is None:
        return True
    changed = config.database.stat().st_mtime_ns
    copies = config.backups.folder.glob(f"{config.database.stem}-*Z.db")
    return any(copy.stat().st_mtime_ns >= changed for copy in copies)
