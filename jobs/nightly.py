"""One pass: sync events → pull → capture → study → collect → publish → notify → back up → heartbeat."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlite_utils import Database

from eventstudy import __version__, atomic
from eventstudy.archive.book import PriceBook
from eventstudy.bundle.described import settings_row
from eventstudy.config.model import Config, content_hash
from eventstudy.database.connection import fold_in, open_database, prove_sound, transaction, translated
from eventstudy.database.faults import is_damage
from eventstudy.errors import StoreError
from eventstudy.events.gather import Gathered
from eventstudy.events.known import NOT_YET, UNSEEN
from eventstudy.instants import stamp
from eventstudy.records import Event
from eventstudy.report import appearance
from eventstudy.report.digest.page import publish_digest
from eventstudy.report.places import COLLECTIONS, FOLDERS, INDEX
from eventstudy.report.publish import publish_collection, publish_event, sync
from eventstudy.store import backup, claims, collections, cursors, ledger, notices, read, states, write
from eventstudy.store.sync import write_down
from jobs import files, notify, plan
from jobs.account import accounted
from jobs.collections.step import collect, put_in_order
from jobs.countdown import Countdown
from jobs.index_pages import publish_index_due
from jobs.minutes.captures import capture, renew
from jobs.outcome import Outcome, PassResult, proved_sound
from jobs.pages import renew_pages
from jobs.plan import STUDY, WAIT, Plan
from jobs.pull import Faults, pull, spans, windows
from jobs.stored import holds, stored_outcome, was_moved

if TYPE_CHECKING:
    from eventstudy.study.members import ArchivedReturns

__all__ = ["PassResult", "run"]

CLOCK_SLACK = dt.timedelta(minutes=1)  # by which a clock that is kept right may be moved


def run(
    config: Config,
    events: Sequence[Event],
    *,
    now: Callable[[], dt.datetime],
    trigger: str,
    only: Sequence[str] | None = None,
    is_full: bool = False,
    gathered: Gathered | None = None,
    stop: Callable[[], bool] = lambda: False,
    talk: Callable[[str], None] = lambda _text: None,
) -> PassResult:
    """Run one pass under the lock of the database.

    Parameters
    ----------
    config : Config
    events : sequence of Event
        All known events; those of kind ``context`` explain the others.
    now : callable
        Gives the present UTC instant.
    trigger : str
        Written to the ledger.
    only : sequence of str, optional
        Ids of the events to study, due or not; those of all that are due when None.
    is_full : bool
        Look at every event that has been announced, due or not.
    gathered : Gathered, optional
        Where `events` come from, and what is wrong with their feeds; needless when they are only some of all.
    stop : callable
        Asked between units of work; True ends the pass after the one at hand.
    talk : callable
        Receives a line of progress.

    Raises
    ------
    LockHeld
        When another run is active.
    StoreError
        When the database or the folder of the reports cannot be used.
    """
    account = accounted(config.database, now, is_whole=only is None, notify=config.notify)
    with account, ledger.lock(config.database):
        db = open_database(config.database)
        with contextlib.closing(db), translated(config.database), appearance.appearing(config):
            return Pass(
                config=config,
                db=db,
                events=_unedited(db, events, gathered),
                gathered=gathered,
                only=only,
                is_full=is_full,
                clock=now,
                stop=stop,
                talk=talk,
                started=now(),
                trigger=trigger,
            ).run()


@dataclass(slots=True, kw_only=True)
class Pass:
    """One pass over all events, or over those in `only`; every method is a step, which a night without news skips fast.

    Attributes
    ----------
    config, db, events, gathered, only, is_full, stop, talk, trigger
        As of `run`.
    clock : callable
        Gives the present UTC instant.
    started : datetime
        UTC.
    record : Run
        Its row in the ledger.
    plan : Plan
        What is to be done, made anew once prices have come.
    faults : Faults
        What was wrong with the sources.
    returns : ArchivedReturns or None
        Of the prices that came, once a step has computed.
    result : PassResult
    """

    config: Config
    db: Database
    events: Sequence[Event]
    gathered: Gathered | None
    only: Sequence[str] | None
    is_full: bool
    clock: Callable[[], dt.datetime]
    stop: Callable[[], bool]
    talk: Callable[[str], None]
    started: dt.datetime
    trigger: str
    record: ledger.Run = field(init=False)
    plan: Plan = field(init=False)
    faults: Faults = field(default_factory=Faults)
    returns: ArchivedReturns | None = None
    result: PassResult = field(init=False)

    def run(self) -> PassResult:
        """Take all steps."""
        self.begin()
        self.sync()
        self.pull()
        self.capture()
        self.study()
        self.collect()
        self.check_claims()
        self.publish()
        self.notify()
        is_copied = self.back_up()
        self.beat(is_copied=is_copied)
        return self.result

    @property
    def is_whole(self) -> bool:
        """Whether it goes over all events."""
        return self.only is None

    def begin(self) -> None:
        """Plan; put in order what a killed pass left."""
        self.record = ledger.Run(
            trigger=self.trigger,
            started_at=self.started,
            code_version=__version__,
            config_hash=content_hash(self.config.model_dump(mode="json")),
            versions=plan.versions_of_libraries(),
        )
        self.result = PassResult(is_whole=self.is_whole)
        renew_pages(self.db)
        self._make_plan()
        ledger.close_interrupted(self.db, self.started)
        reports = self.config.reports
        for folder in {self.config.database.parent, reports, *(reports / name for name in FOLDERS)}:
            atomic.sweep(folder)
        notify.begin(self.config, self.db)

    def _make_plan(self) -> None:
        self.plan = plan.make(
            self.config, self.events, self.db.conn, self.started, only=self.only, is_full=self.is_full
        )

    def sync(self) -> None:
        """Write the events and studies as they are now, and take on what became true since the last pass."""
        self._sync_events()
        write_down(self.db, self.events, self.gathered, self.started)
        # that an announcement was called off is news, and so is that a run that broke off is made good
        if self.is_whole and (notices.without_pass(self.db.conn) or ledger.is_broken_off(self.db.conn)):
            with transaction(self.db) as connection:
                notices.take_on(connection, self.record.ensure(connection))
        if self.gathered is None:
            return
        wrong = set()
        for problem in self.gathered.problems:
            where = getattr(problem, "where", "") or "announcements"
            wrong.add(where)
            self.record.note("events", where, "failed", str(problem))
            self.result.add_recorded([str(problem)])
        for step, subject in notices.lasting(self.db.conn):
            if step == "events" and subject not in wrong:
                self.record.note_good(step, subject)

    def _sync_events(self) -> None:
        """Keep an event's outcome until it is studied again.

        One that moved into the future, or is studied no longer, loses its results, and its verdicts count as changed.
        """
        ready, now = self.plan, self.started
        items = {item.event.event_id: item for item in ready.items}
        with transaction(self.db) as connection:
            for position, (study, spec) in enumerate(plan.specs(self.config)):
                name, bar = study.title or study.id, spec.get("bar", "1d")
                write.put_study(connection, study.id, position, name, spec, content_hash(spec), bar)
            claims.put_assets(
                connection,
                {name: (asset.title, asset.origin) for name, asset in self.config.assets.items()},
            )
            write.put_settings(connection, settings_row(self.config))
            write.retire_studies(connection, [study.id for study in self.config.all_studies])
            for event in ready.unsynced:
                before = ready.states.get(event.event_id)
                is_early = event.latest > now and not holds(connection, event, before)
                if is_early:
                    states.succeed(connection, event.event_id)
                    # what is stored of another time goes, reasons why there is no result included
                    has_other = before is not None and was_moved(event, before)
                    if has_other and write.stored_inputs(connection, event.event_id):
                        write.forget_missing(connection, event.event_id, (), run_id=self.record.ensure(connection))
                if event.kind == "context":
                    write.put_event(connection, event, "context", None)
                    continue
                outcome: Outcome = (before.status, before.reason) if before else ("context", None)
                if is_early:
                    outcome = ("pending", NOT_YET)
                elif outcome[0] == "context":
                    outcome = ("pending", UNSEEN)
                is_news = write.put_event(connection, event, *outcome)
                item = items.get(event.event_id)
                if item is not None and item.action == WAIT:
                    until = stamp(item.open_until)
                    states.put(connection, event.event_id, item.key, until, is_settled=False, is_news=is_news)
            for event_id, kind in states.with_stale_results(connection, stamp(now)).items():
                write.forget_missing(connection, event_id, (), run_id=self.record.ensure(connection))
                states.put_page_due(connection, [event_id])
                if kind == "context":
                    with contextlib.suppress(OSError):  # it is studied no longer, and its page would say that it is
                        (self.config.reports / f"{event_id}.html").unlink()
                    states.forget_context(connection, event_id)

    def pull(self) -> None:
        """Ask for the prices that the events due need, and note which events those that came bear on."""
        ready = self.plan
        wanted = spans(self.config, [*(item.event for item in ready.due), *ready.recent, *ready.reread], self.started)
        again = windows(self.config, ready.again, self.started)
        if ready.reread:
            whole = spans(self.config, ready.reread, self.started)
            again |= {key: whole[key] for key in whole if key[0] in ready.files}
        self.faults = pull(
            self.config,
            self.db,
            self.record,
            wanted,
            now=self.clock,
            stop=self.stop,
            talk=self.talk,
            again=again,
        )
        if ready.files and not self.stop():
            self.result.add_recorded(
                renew(self.config, self.db, self.record, ready.files, now=self.clock, talk=self.talk)
            )
            with transaction(self.db) as connection:
                files.put_read(connection, ready.files)
        self._note_prices()
        self._note_silent()
        if wanted or self.plan.unsynced or ready.files:
            self._make_plan()
        self.result.add_recorded(self.faults.said)

    def _note_prices(self) -> None:
        """Remember which events the prices that came lately bear on, so that a pass that is killed here loses none."""
        newest = states.newest_snapshot(self.db.conn)
        if newest <= int(cursors.cursor(self.db.conn, cursors.PRICES) or 0):
            return
        changes = plan.changed_prices(self.config, self.db.conn, states.event_states(self.db.conn))
        with transaction(self.db) as connection:
            states.put_pending(connection, changes.items())
            cursors.put_cursor(connection, cursors.PRICES, str(newest))

    def _note_silent(self) -> None:
        """Remember which sources gave nothing, until they give something."""
        before = notices.silent_sources(self.db.conn)
        silent, back = self.faults.silent - before, before & self.faults.answered
        if not (silent or back):
            return
        with transaction(self.db) as connection:
            run_id = self.record.ensure(connection)
            for source in sorted(silent):
                notices.fail(connection, "source", source, "it gave nothing at all", self.clock(), run_id)
            for source in sorted(back):
                notices.mend(connection, "source", source, self.clock(), run_id)

    def capture(self) -> None:
        """Ask for intraday bars before their source drops them."""
        chosen = [event for event in self.events if self.only is None or event.event_id in self.only]
        newest = states.newest_answer(self.db.conn)
        self.result.add_recorded(
            capture(
                self.config,
                self.db,
                self.record,
                chosen,
                now=self.clock,
                stop=self.stop,
                talk=self.talk,
                is_whole=self.is_whole,
            )
        )
        if self.config.clock_studies and states.newest_answer(self.db.conn) > newest:
            self._make_plan()  # bars that came bear on studies by the minute

    def archived(self) -> ArchivedReturns:
        """Returns of the prices as they are after the pull, for all steps that compute."""
        from eventstudy.study.members import ArchivedReturns  # all of statistics, needless in most nights

        if self.returns is None:
            self.returns = ArchivedReturns(PriceBook(self.config, self.db.conn))
        return self.returns

    def study(self) -> None:
        """Go over the events of the plan, in their order."""
        with contextlib.ExitStack() as until_the_end:
            self._study(until_the_end)

    def _study(self, until_the_end: contextlib.ExitStack) -> None:
        step = None
        if self.plan.due:
            from jobs.on_cluster import Studies
            from jobs.study_step import (  # all of statistics, needless in most nights
                BLOCK,
                WRITTEN,
                StudyStep,
                study_ahead,
                study_and_store,
            )

            step = StudyStep(
                config=self.config,
                db=self.db,
                record=self.record,
                archived=self.archived(),
                context=plan.context_near(self.config, self.events),
                faults=self.faults,
                now=self.started,
                clock=self.clock,
                by=until_the_end.enter_context(Studies(self.config.cluster, self.record)),
            )
        due, begun = self.plan.due, 0
        countdown = Countdown(self.talk, len(due))
        # An announcement has rows all over the indices: what is written together writes each page of them once.
        written = until_the_end.enter_context(contextlib.ExitStack())
        for item in self.plan.items:
            if self.stop():
                self.result.interrupt()
                break
            event_id = item.event.event_id
            if step is not None and item.action == STUDY:
                if begun % WRITTEN == 0:
                    written.close()
                    if begun % BLOCK == 0:
                        study_ahead(step, due[begun : begun + BLOCK])
                    written.enter_context(transaction(self.db))
                begun += 1
                countdown.step(item.event.title)
                self.result.studied.append(event_id)
                self.result.outcomes[event_id] = study_and_store(step, item)
            else:
                self.result.outcomes[event_id] = stored_outcome(self.plan.states.get(event_id))
        self.result.results_written = self.record.results_written
        if step is not None:
            self.result.add_recorded(step.late)

    def collect(self) -> None:
        """Average over the announcements of every collection, after a pass over all events."""
        if self.is_whole and self.result.status != "interrupted":
            self.result.add_recorded(
                collect(
                    self.config,
                    self.db,
                    self.record,
                    self.archived,
                    started=self.started,
                    stop=self.stop,
                    talk=self.talk,
                )
            )

    def check_claims(self) -> None:
        """Check what events were said to have done to prices, where an event or its bars of minutes are new."""
        wanted = claims.to_check(self.db.conn, self.result.studied)
        if not wanted or self.result.status == "interrupted":
            return
        from eventstudy.claims.stored import check_stored  # needless in most nights

        with transaction(self.db) as connection:
            states.put_page_due(connection, check_stored(connection, wanted, self.started))

    def publish(self) -> None:
        """Write the pages that are due; then how the pass went, so that one that cannot be written is in the ledger."""
        result = self.result
        self._publish_events()
        self._publish_collections()
        result.remind(self.plan)
        result.troubles += self._of_the_clock()
        result.judge(is_down=bool(self.faults.silent))
        result.carry_over({name: why for name, why in self.plan.down.items() if name not in self.faults.answered})
        if self.is_whole and result.status != "interrupted":
            self.record.note_good("pass", "")
        self._finish()
        result.pages[""] = self.config.reports / f"{INDEX}.html"
        result.add_late([*self._publish_digest(), *publish_index_due(self.db, self.config, self.record.run_id)])

    def _of_the_clock(self) -> list[str]:
        """That the clock went back in the pass."""
        now = self.clock()
        if now + CLOCK_SLACK >= self.started:
            return []
        told = f"the clock went back in the pass, from {stamp(self.started)} to {stamp(now)}"
        return [f"{told}; set it right: what a pass does goes by it"]

    def _finish(self) -> None:
        self.record.finish(self.db, self.clock(), self.result.status, self.result.counts)
        put_in_order(self.db, self.record.run_id or 0, has_news=self.result.results_written > 0)

    def _publish_events(self) -> None:
        """One page that fails is named and stops no other; one that is left is due still."""
        result, reports = self.result, self.config.reports
        due = states.pages_due(self.db.conn)
        withdrawn = states.withdrawn_pages_due(self.db.conn, plan.pages_in(reports)) if self.is_whole else []
        due |= {*self.plan.pages, *withdrawn}
        new = due & read.written_by(self.db.conn, self.record.run_id)
        fresh = read.in_batches(self.db.conn, [event_id for event_id in result.outcomes if event_id in new])
        done = []
        for event_id in [*result.outcomes, *(e for e in withdrawn if e not in result.outcomes)]:
            page = reports / f"{event_id}.html"
            if event_id in due or (event_id in result.studied and not page.exists()):
                if self.stop():
                    result.interrupt()
                    break
                try:
                    page, answer = publish_event(
                        self.db.conn, reports, event_id, fresh=fresh.pop(event_id, None), sync=False
                    )
                    done.append((event_id, *answer))
                    self.record.note_good("report", event_id)
                except Exception as error:  # a page that cannot be made must not take the others with it
                    if is_damage(error):
                        raise
                    wrong = f"{type(error).__name__}: {error}"
                    result.add_recorded([f"the page of {event_id}: {wrong}"])
                    self.record.note("report", event_id, "failed", wrong)
                    continue
            result.pages[event_id] = page
        result.add_recorded(unsynced := sync(reports) if done else [])
        if done and not unsynced:
            with transaction(self.db) as connection:
                states.published(connection, done)

    def _publish_collections(self) -> None:
        """Write the pages of collections that are due, and take away those of collections that are no more."""
        if not self.is_whole or self.result.status == "interrupted":
            return
        folder = self.config.reports / COLLECTIONS
        stored = collections.overview(self.db.conn)
        there = {page.stem: page for page in folder.glob("*.html")}
        for name in set(there) - {row["collection_id"] for row in stored}:
            there[name].unlink(missing_ok=True)
        done = []
        for row in stored:
            name = row["collection_id"]
            if not row["is_page_due"] and name in there:
                continue
            try:
                publish_collection(self.config.database, self.config.reports, name, but_of=self.record.run_id)
                done.append(name)
                self.record.note_good("report", f"{COLLECTIONS}/{name}")
            except Exception as error:  # a page that cannot be made must not take the others with it
                if is_damage(error):
                    raise
                wrong = f"{type(error).__name__}: {error}"
                self.result.add_recorded([f"the page of the collection {name}: {wrong}"])
                self.record.note("report", f"{COLLECTIONS}/{name}", "failed", wrong)
        if any(row["is_page_due"] for row in stored if row["collection_id"] in done):
            with transaction(self.db) as connection:
                collections.published(connection, done)

    def _publish_digest(self) -> list[str]:
        """Write the digest, if it has something to deliver; return what went wrong, which takes no result with it."""
        waiting = notices.undelivered(self.db.conn, notices.PAGE)
        is_there = (self.config.reports / "digest.html").exists()
        if is_there and not waiting and self.record.run_id is None:
            return []
        try:
            publish_digest(self.config.database, self.config.reports)
        except Exception as error:  # whatever it is, the results and the other pages are there
            if is_damage(error):
                raise
            return [f"the digest: {type(error).__name__}: {error}"]
        if waiting:
            with transaction(self.db) as connection:
                notices.put_delivered(connection, waiting, notices.PAGE, self.clock())
        return []

    def notify(self, *, late: Sequence[str] | None = None) -> None:
        """Deliver what was not delivered yet to whom the settings name, after a pass over all events.

        Parameters
        ----------
        late : sequence of str, optional
            What went wrong since a first message.
        """
        if self.is_whole:
            wrong = notify.deliver(self.config, self.db, self.result, self.record.run_id, self.clock(), late=late)
            self.result.add_late(wrong)

    def back_up(self) -> bool:
        """Copy the database after a good pass, if the settings say where; return whether it was copied.

        A copy that fails leaves the results as good, and is told of.
        """
        settings = self.config.backups
        fold_in(self.db)  # before the copy, which remembers how the file was
        if settings is None or not self.result.is_good:
            return False
        folder = str(settings.folder)
        was_bad = ("backup", folder) in notices.lasting(self.db.conn)
        if not was_bad and backup.is_backed_up(self.config.database, settings.folder):
            return False
        problem = self._copy()
        late = [problem] if problem else []
        if problem is None and not was_bad:
            return True
        if problem is None:
            self.record.note_good("backup", folder)
        else:
            self.result.add_late(late)
            self.record.note("backup", folder, "failed", problem)
        self._finish()
        self.result.add_late(self._publish_digest())  # the page is older than that
        self.result.recorded.update(late)
        self.notify(late=late)
        fold_in(self.db)
        # what was written just now is to be in the copy
        return problem is None and self._copy() is None

    def _copy(self) -> str | None:
        """Copy the database; return why that could not be."""
        settings = self.config.backups
        assert settings is not None  # else nobody asks for a copy
        try:
            backup.back_up(self.config.database, settings.folder, keep=settings.keep, now=self.clock())
        except StoreError as error:
            if not is_damage(error):
                return f"no backup was made: {error}"
            prove_sound(self.config.database)
            return f"no backup was made: what was written to {settings.folder} is not what stands there"
        return None

    def beat(self, *, is_copied: bool) -> None:
        """Write the heartbeat; every page of the database is looked at for it once a week."""
        checked_at = None
        if is_copied:
            checked_at = self.clock()
        elif self.is_whole:
            checked_at = proved_sound(self.config.database, self.clock(), run_id=self.record.run_id)
        self.result.beat(self.config.database, self.clock(), checked_at=checked_at)


def _unedited(db: Database, events: Sequence[Event], gathered: Gathered | None) -> Sequence[Event]:
    """Without those added by hand that were edited since they were read: the next pass reads them again."""
    added = {event_id for event_id, (origin, _) in gathered.origins.items() if origin == "added"} if gathered else set()
    return [e for e in events if e.event_id not in added or write.is_as_stored(db.conn, e)]
