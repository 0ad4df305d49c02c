"""How a pass ended: its result, its exit code, its heartbeat. Imports little, for nights without news."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eventstudy.config.model import Config, NotifyConfig
from eventstudy.database import beside
from eventstudy.database.connection import prove_sound, translated
from eventstudy.errors import EventStudyError, LockHeld, SourceError, StoreError
from eventstudy.store import backup, ledger
from jobs.plan import Plan

Outcome = tuple[str, str | None]

MOST_TROUBLES = 20  # in the heartbeat, and in a message
# A look at every page takes seconds where there are many, and a night without news is to take none.
SOUND_FOR = dt.timedelta(days=7)

# Database → the reason that this process told: where the heartbeat cannot be written, no try is to tell it again.
_told: dict[Path, str] = {}


@dataclass(slots=True)
class PassResult:
    """What a pass did.

    Attributes
    ----------
    status : str
        ``ok``, ``partial``, ``failed``, or ``interrupted`` when it was asked to stop.
    exit_code : int
        0; 3 when an event was skipped or failed, or waits to be tried again, or something beside the events went wrong;
        5 when a source was down.
    outcomes : dict of str to (str, str or None)
        Event id → status and reason, of every event of the pass, those that it left alone included.
    studied : list of str
        Events that it looked at.
    troubles : list of str
        What went wrong beside the outcomes: sources that failed, pages that could not be written, attempts that are to
        be repeated.
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

    def interrupt(self) -> None:
        """Note that the pass was asked to stop, once."""
        if self.status != "interrupted":
            self.troubles.append("the pass was asked to stop; the next one does the rest")
            self.status = "interrupted"

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
            if ready.standings[event_id].status not in ("skipped", "failed"):
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
        told: str | None = None,
        checked_at: dt.datetime | None = None,
    ) -> None:
        """Write the heartbeat; only a pass over all events that worked counts as good for a monitor.

        Parameters
        ----------
        database : Path
        now : datetime
            UTC.
        reason : str, optional
            Why the pass broke off, or could not begin.
        told : str, optional
            The reason, if it was told to whom the settings name.
        checked_at : datetime, optional
            When the database was last proved sound, if it was now.

        Raises
        ------
        StoreError
            When it cannot be written.
        """
        before = _heartbeat(database)
        is_done = self.is_whole and self.status != "interrupted" and reason is None
        troubles = self.troubles[:MOST_TROUBLES]
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
                    # what is wrong with the service is so still after a look at single events
                    troubles=troubles if self.is_whole or not before else before.troubles,
                    single_troubles=() if self.is_whole else troubles,
                    told=None if is_done else told or (before.told if before else None),
                    checked_at=checked_at or (before.checked_at if before else None),
                ),
            )
        if is_done:
            _told.pop(database, None)


@contextlib.contextmanager
def accounted(
    database: Path,
    now: Callable[[], dt.datetime],
    *,
    is_whole: bool = True,
    is_locked: bool = True,
    notify: NotifyConfig | None = None,
) -> Iterator[None]:
    """Let the heartbeat, and who wants to know, learn that a pass broke off, or cannot begin, whatever the reason.

    Parameters
    ----------
    database : Path
    now : callable
        Gives the present UTC instant.
    is_whole : bool
        Whether the pass is one over all events; of others nobody is told.
    is_locked : bool
        Whether the lock of the database is held here. Where it is not, and another pass is at work, nothing is written:
        the heartbeat is that pass's.
    notify : NotifyConfig, optional
        Whom to tell, of every reason once in a row.
    """
    try:
        yield
    except LockHeld:
        raise
    except Exception as error:
        with contextlib.ExitStack() as held:
            try:
                if not is_locked:
                    held.enter_context(ledger.lock(database))
            except EventStudyError:
                raise error from None
            _broken(database, now(), error, is_whole, notify if is_whole else None)
        raise


def proved_sound(database: Path, now: dt.datetime) -> dt.datetime:
    """When every page of the database was last looked at; looks at them now, if that is long ago.

    Raises
    ------
    Damaged
        When one is not what was written.
    """
    before = _heartbeat(database)
    last = before.checked_at if before else None
    if last is not None and dt.timedelta(0) <= now - last < SOUND_FOR:
        return last
    prove_sound(database)
    return now


def _broken(database: Path, now: dt.datetime, error: Exception, is_whole: bool, notify: NotifyConfig | None) -> None:
    """Let the heartbeat say that a pass ended in an error, if it can be written at all."""
    code = error.exit_code if isinstance(error, EventStudyError) else 1
    result = PassResult(status="failed", exit_code=code, is_whole=is_whole)
    before, reason, told = _heartbeat(database), f"{type(error).__name__}: {error}", None
    if notify is not None and reason not in (_told.get(database), before.told if before else None):
        from jobs.notify import notify as send  # most passes have no use for it

        words = f"Event studies: a pass broke off, or could not begin\n\n* {error}\n"
        wrong = send(notify, words, {"schema": "eventstudy.digest/1", "troubles": [str(error)]})
        if not wrong:
            told = _told[database] = reason
        reason = "; ".join([reason, *wrong])
    with contextlib.suppress(StoreError):  # with a full disk not even that can be written
        result.beat(database, now, reason=reason, told=told)


def _heartbeat(database: Path) -> beside.Heartbeat | None:
    try:
        return beside.heartbeat(database)
    except StoreError:
        return None  # a damaged heartbeat is replaced


def kept(ready: Plan, config: Config, *, is_whole: bool) -> PassResult:
    """The result of a pass that found nothing to do: everything is as the last one left it."""
    outcome = PassResult(is_whole=is_whole)
    for item in ready.items:
        before = ready.standings[item.event.event_id]
        outcome.outcomes[item.event.event_id] = (before.status, before.reason)
    outcome.pages = {event_id: config.reports / f"{event_id}.html" for event_id in outcome.outcomes}
    outcome.pages[""] = config.reports / "index.html"
    outcome.remind(ready)
    outcome.judge()
    outcome.carry_over(ready.down)
    return outcome


def is_backed_up(config: Config) -> bool:
    """Whether there is nothing to copy: no copies are wanted, or the newest is of the database as it is."""
    return config.backups is None or backup.is_backed_up(config.database, config.backups.folder)
