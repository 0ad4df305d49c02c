"""How a pass ended: its result, its exit code, its heartbeat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eventstudy.database.connection import prove_sound, translated
from eventstudy.errors import SourceError, StoreError
from eventstudy.store import heartbeat as heartbeats
from eventstudy.store.backup import prove_unaltered
from jobs.plan import Plan

Outcome = tuple[str, str | None]

MOST_TROUBLES = 20  # in the heartbeat, and in a message
# A look at every page takes seconds where there are many, and a night without news is to take none.
SOUND_FOR = dt.timedelta(days=7)


@dataclass(slots=True)
class PassResult:
    """What a pass did.

    Attributes
    ----------
    status : str
        ``ok``, ``partial``, ``failed``, or ``interrupted`` when it was asked to stop.
    exit_code : int
        0; 3 when the pass was interrupted, an event was skipped or failed or waits to be tried again, or something
        beside the events went wrong; 5 when a source was down.
    outcomes : dict of str to (str, str or None)
        Event id → status and reason, of every event of the pass, those that it left alone included.
    studied : list of str
        Events that it looked at.
    troubles : list of str
        What went wrong beside the outcomes: sources that failed, pages that could not be written, attempts that are to
        be repeated.
    recorded : set of str
        Those of them that the ledger, and so the digest, has, or that were delivered.
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
    recorded: set[str] = field(default_factory=set)
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

    @property
    def unrecorded(self) -> list[str]:
        """The troubles that a person has not been told of, and that no digest has."""
        return [trouble for trouble in self.troubles if trouble not in self.recorded]

    def add_recorded(self, troubles: Iterable[str]) -> None:
        """Add what went wrong that is also a step in the ledger."""
        found = list(troubles)
        self.troubles += found
        self.recorded.update(found)

    def interrupt(self) -> None:
        """Note that the pass was asked to stop, once."""
        if self.status != "interrupted":
            self.troubles.append("the pass was asked to stop; the next one does the rest")
            self.status, self.exit_code = "interrupted", 3

    def add_late(self, troubles: Sequence[str]) -> None:
        """Add what went wrong after the pass was judged; in front, since it is the service itself that is ill."""
        self.troubles[:0] = troubles
        self.exit_code = self.exit_code or (3 if troubles else 0)

    def judge(self, *, is_down: bool = False) -> None:
        """Set status and exit code by what happened, unless the pass was interrupted."""
        counts = self.counts
        is_bad = bool(counts["skipped"] + counts["failed"] + len(self.troubles))
        is_failed = not counts["ok"] and counts["skipped"] + counts["failed"]
        if self.status != "interrupted":
            self.status = "ok" if not is_bad else "failed" if is_failed else "partial"
            self.exit_code = SourceError.exit_code if is_down else 3 if is_bad else 0

    def remind(self, ready: Plan) -> None:
        """Name what was wrong with events that wait to be tried again, and do not count as skipped or failed."""
        by_fault: dict[str, list[tuple[str, str]]] = {}
        for event_id, (fault, why) in ready.awaited.items():
            if ready.states[event_id].status not in ("skipped", "failed"):
                by_fault.setdefault(fault, []).append((event_id, why))
        for fault, waiting in by_fault.items():
            (first, why), *others = waiting
            more = f" and {len(others):,} more" if others else ""
            self.troubles.append(f"{first}{more}: {fault}; {why}")

    def carry_over(self, down: Mapping[str, str]) -> None:
        """A source that was down when it was last asked is down still, as long as events wait to ask it again.

        Parameters
        ----------
        down : mapping of str to str
            Sources that gave nothing when they were last asked → when an event is to ask them again.
        """
        if not down or self.status == "interrupted" or self.exit_code == SourceError.exit_code:
            return
        for source, why in sorted(down.items()):
            self.troubles.append(f"{source} was down when it was last asked, and is not asked now: {why}")
        self.status = "partial" if self.status == "ok" else self.status
        self.exit_code = SourceError.exit_code

    def beat(
        self,
        database: Path,
        now: dt.datetime,
        *,
        reason: str | None = None,
        notified: str | None = None,
        checked_at: dt.datetime | None = None,
        is_last_resort: bool = False,
    ) -> None:
        """Write the heartbeat; only a pass over all events that worked counts as good for a monitor.

        Parameters
        ----------
        database : Path
        now : datetime
            UTC.
        reason : str, optional
            Why the pass broke off, or could not begin.
        notified : str, optional
            The reason, if somebody was notified of it and the database does not know.
        checked_at : datetime, optional
            When the database was last proved sound, if it was now.
        is_last_resort : bool
            As of `eventstudy.store.heartbeat.beat`.

        Raises
        ------
        StoreError
            When it cannot be written.
        """
        before = last_heartbeat(database)
        is_done = self.is_whole and self.status != "interrupted" and reason is None
        troubles = self.troubles[:MOST_TROUBLES]
        with translated(database):
            heartbeats.beat(
                database,
                heartbeats.Heartbeat(
                    finished_at=now,
                    status=self.status,
                    exit_code=self.exit_code,
                    events=self.counts,
                    last_good=now if self.is_good else before.last_good if before else None,
                    last_whole=now if is_done else before.last_whole if before else None,
                    reason=reason,
                    # what is wrong with the service is so still after a look at single events
                    troubles=troubles if self.is_whole or not before else before.troubles,
                    single_troubles=() if self.is_whole else troubles,
                    notified=None if is_done else notified or (before.notified if before else None),
                    checked_at=checked_at or (before.checked_at if before else None),
                ),
                is_last_resort=is_last_resort,
            )


def proved_sound(database: Path, now: dt.datetime, *, run_id: int | None) -> dt.datetime:
    """When the database was last looked at; looks now, if that is long ago.

    At every page, every price, and every result that the pass `run_id` did not write itself.

    Raises
    ------
    StoreError
        When something is not what was written.
    """
    before = last_heartbeat(database)
    last = before.checked_at if before else None
    if last is not None and dt.timedelta(0) <= now - last < SOUND_FOR:
        return last
    prove_sound(database)
    prove_unaltered(database, but_of=run_id)
    return now


def last_heartbeat(database: Path) -> heartbeats.Heartbeat | None:
    """The last heartbeat; None before the first, or where it is damaged: it is then replaced."""
    try:
        return heartbeats.heartbeat(database)
    except StoreError:
        return None
