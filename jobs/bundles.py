"""Bundles: a result with all that it rests on, packed from a database, and computed again from the file alone."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventstudy import __version__
from eventstudy.archive.book import PriceBook
from eventstudy.archive.carry import carry
from eventstudy.archive.verify import any_altered
from eventstudy.bundle import container, prices
from eventstudy.bundle.described import environment, event_of, event_row
from eventstudy.bundle.numbers import Difference, count, differences, results_of
from eventstudy.config.model import Config, StudyConfig
from eventstudy.database import reading
from eventstudy.database.connection import open_database, transaction
from eventstudy.errors import DataError, EventStudyError, InputError, StoreError
from eventstudy.events import releases
from eventstudy.hints import hint
from eventstudy.prices.assets import symbols_of
from eventstudy.records import Event
from eventstudy.report.cells import terms
from eventstudy.store import collections, content, ledger, write
from eventstudy.store.history import put_versions
from eventstudy.study.members import ArchivedReturns
from eventstudy.study.results import EventResult
from jobs import bundled_plans, plan
from jobs.bundled_bars import packed, unpacked
from jobs.countdown import Countdown
from jobs.minutes import step as clock_step
from jobs.minutes.bars import Bars
from jobs.pull import Faults
from jobs.study_step import Key, StudyStep, compute, entries_of

_STUDIES = ("studies", "clock_studies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """What became of computing a bundle again.

    Attributes
    ----------
    manifest : mapping
    differences : sequence of Difference
        Of the results.
    altered : sequence of str
        What in the bundle itself is not what was packed.
    environment : sequence of Difference
        What is another here than where it was packed.
    n_values : int
        Values that were compared.
    plans : mapping
        Event → what is to be said of its plan, for events that have one.
    """

    manifest: Mapping[str, Any]
    differences: Sequence[Difference]
    altered: Sequence[str]
    environment: Sequence[Difference]
    n_values: int
    plans: Mapping[str, dict[str, Any]]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs but rounding."""
        return not self.altered and all(found.is_rounding for found in self.differences)


def bundle(database: Path, name: str, path: Path, talk: Callable[[str], None] = lambda _: None) -> Reproduction:
    """Pack an event, or all events of a study, and prove that the file gives its results again.

    Parameters
    ----------
    database : Path
    name : str
        Id of an event or of a study.
    path : Path
        The file.
    talk : callable
        Where it says how far it is.

    Raises
    ------
    InputError
        When there is no such event or study, or it has no results.
    StoreError
        When the stored results or prices are not what was written, or are not those of the settings, events and prices
        that they were computed from; there is no file then.
    """
    with closing(reading.connect(database)) as connection:
        connection.execute("begin")
        config = _settings(connection)
        found = _chosen(connection, name)
        for event in found:
            content.refuse_altered(connection, event.event_id)
        if name not in {event.event_id for event in found}:
            chosen = {key: tuple(s for s in getattr(config, key) if s.id == name) for key in _STUDIES}
            config = config.model_copy(update=chosen)
        context = _context(config, connection, found)
        assets = {asset for event in found for asset in event.assets}
        used = assets | {asset for study in config.all_studies for asset in study.explained_by}
        keys = prices.needed(config, connection, sorted(used))
        studies = {study.id for study in config.all_studies}
        known = _known(connection, found)
        results = {
            event.event_id: {
                study: part for study, part in results_of(connection, event.event_id).items() if study in studies
            }
            for event in found
        }
        parts = {
            "README.txt": _readme(name, connection).encode(),
            "settings.json": container.dumped(_only(connection, config, keys)),
            "events.json": container.dumped(
                {
                    "events": [event_row(event) for event in found],
                    "context": [event_row(event) for event in context],
                    **({"happened": packed(Bars.of(config, connection), found)} if config.clock_studies else {}),
                }
            ),
            "results.json": container.dumped(results),
            "environment.json": container.dumped(environment(plan.versions_of_libraries())),
            **prices.written(connection, keys, known),
            **bundled_plans.packed(connection, [event.event_id for event in found]),
        }
        (as_of,) = connection.execute(
            "select max(fetched_at) from snapshots where fetched_at <= ?", (known,)
        ).fetchone()
    about = {"bundle": name, "as_of": as_of, "command": f"eventstudy bundle {name}", "code_version": __version__}
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.zip"
        container.write(draft, parts, about)
        again = reproduce(draft, talk)
        if not again.is_equal:
            wrong = [*again.altered, *(f"{d.what}: {d.bundled} stored, {d.here} now" for d in again.differences)]
            raise StoreError(
                f"the stored results of {name} are not those of the settings, events and prices ({wrong[0]}); "
                "`eventstudy run` brings them up to date"
            )
        container.write(path, parts, about)
    return again


def reproduce(path: Path, talk: Callable[[str], None] = lambda _: None) -> Reproduction:
    """Compute what a bundle holds again, from its settings and prices alone, and compare every value.

    Raises
    ------
    DataError
        When it is no bundle, or a part of it cannot be read.
    """
    manifest, parts, changed = container.read(path)
    altered = [f"{name} is not what was packed" for name in changed]
    bundled = _json(path, parts, "results.json")
    config = Config.model_validate({**_json(path, parts, "settings.json"), "database": "es.db", "reports": "reports"})
    told = _json(path, parts, "events.json")
    events = [event_of(row) for row in told["events"]]
    context = [event_of(row) for row in told["context"]]
    here: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in container.PRICES:
            file = Path(folder) / f"{name}.csv"
            file.write_bytes(parts.get(f"prices/{name}.csv", b""))
        with closing(open_database(Path(folder) / "es.db")) as db:
            with transaction(db) as connection:
                carry(connection, Path(folder))
            if wrong := any_altered(db.conn):
                altered.append(wrong)
            step = _step(config, db, [*events, *context])
            step.bars = unpacked(config, db.conn, told.get("happened", {}))
            with transaction(db) as connection:
                for position, (study, spec) in enumerate(plan.specs(config)):
                    title, bar = study.title or study.id, spec.get("bar", "1d")
                    write.put_study(connection, study.id, position, title, spec, "", bar)
            countdown = Countdown(talk, len(events))
            for event in events:
                countdown.step(event.title)
                here[event.event_id] = _again(step, event)
    packed = _json(path, parts, bundled_plans.PART) if bundled_plans.PART in parts else {}
    planned, strange = bundled_plans.held(config, events, packed, manifest)
    altered += strange
    known = environment(plan.versions_of_libraries())
    return Reproduction(
        manifest=manifest,
        differences=list(differences(bundled, here)),
        altered=altered,
        environment=list(differences(_json(path, parts, "environment.json"), known)),
        n_values=count(bundled),
        plans=planned,
    )


def _again(step: StudyStep, event: Event) -> dict[str, Any]:
    """The results of one event, computed and stored as a pass does."""
    computed = compute(step, [event])[event.event_id]
    clocked = clock_step.compute(step.all_bars(), event, step.context(event), {})
    with transaction(step.db) as connection:
        write.put_event(connection, event, "pending", None)
        put_versions(connection, [(event, None, None)], step.now)
        run_id, describe = step.record.ensure(connection), write.Descriptions(connection)
        results: list[tuple[StudyConfig, Key, EventResult]] = []
        for study, key, result in computed.results:
            if isinstance(result, EventStudyError):
                return {study.id: {"error": str(result)}}
            results.append((study, key, result))
        entries = entries_of(step, event, results, clocked)
        write.put_results(connection, entries, describe=describe, run_id=run_id)
    return results_of(step.db.conn, event.event_id)


def _step(config: Config, db: Any, events: Sequence[Event]) -> StudyStep:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    record = ledger.Run(trigger="reproduce", started_at=now, code_version=__version__, config_hash="", versions={})
    return StudyStep(
        config=config,
        db=db,
        record=record,
        archived=ArchivedReturns(PriceBook(config, db.conn)),
        context=plan.context_near(config, events),
        faults=Faults(),
        now=now,
        clock=lambda: now,
    )


def _settings(connection: sqlite3.Connection) -> Config:
    """The settings of the newest pass, as far as they bear on results."""
    found = connection.execute("select text from settings").fetchone()
    if found is None:
        raise StoreError("no pass has written its settings here; `eventstudy run` does")
    return Config.model_validate(json.loads(found[0]))


def _only(connection: sqlite3.Connection, config: Config, keys: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The settings, with those assets alone whose prices are packed."""
    row: dict[str, Any] = json.loads(connection.execute("select text from settings").fetchone()[0])
    held, ids = set(keys), {study.id for study in config.all_studies}
    row["assets"] = {name: part for name, part in row["assets"].items() if symbols_of(config, name) <= held}
    row["studies"] = [study for study in row["studies"] if study["id"] in ids]
    row["sources"] = {name: part for name, part in row["sources"].items() if name in {source for source, _ in held}}
    return row


def _chosen(connection: sqlite3.Connection, name: str) -> list[Event]:
    events = {event.event_id: event for event in collections.live_events(connection)}
    of_event, of_study = (
        [row[0] for row in connection.execute(f"select distinct event_id from analyses where {key} = ?", (name,))]  # noqa: S608  # names of ours
        for key in ("event_id", "study_id")
    )
    ids = of_event or sorted(of_study)
    found = [events[event_id] for event_id in ids if event_id in events]
    if not found and name in events:
        raise InputError(
            "the event has no results yet", where="bundle", value=name, remedy="`eventstudy run` studies what is due"
        )
    if not found:
        studies = [row[0] for row in connection.execute("select distinct study_id from analyses")]
        otherwise = "`eventstudy query events` lists events; their results are there after a pass"
        remedy = hint(name, [*events, *studies], otherwise)
        raise InputError("no event or study with results has this id", where="bundle", value=name, remedy=remedy)
    return found


def _known(connection: sqlite3.Connection, events: Sequence[Event]) -> str:
    """When the newest results of the events were computed; of what came later they know nothing."""
    ids = json.dumps([event.event_id for event in events])
    (found,) = connection.execute(
        "select max(coalesce(r.finished_at, (select max(t.started_at) from event_attempts t "
        "where t.run_id = r.run_id), r.started_at)) from runs r where run_id in "
        "(select run_id from analyses where event_id in (select value from json_each(?)))",
        (ids,),
    ).fetchone()
    return str(found)


def _context(config: Config, connection: sqlite3.Connection, events: Sequence[Event]) -> list[Event]:
    """What may explain the moves of the events: releases that are on file know whom they concern."""
    known = {release.event_id: release for key in releases.BANKS for release in releases.releases(key)}
    stored = [event for event in collections.live_events(connection) if event.kind == "context"]
    near = plan.context_near(config, [known.get(event.event_id, event) for event in stored])
    found = {other.event_id: other for event in events for other in near(event)}
    return [found[event_id] for event_id in sorted(found)]


def _json(path: Path, parts: Mapping[str, bytes], name: str) -> Any:
    try:
        return json.loads(parts[name])
    except (KeyError, ValueError) as error:
        raise DataError(f"{name} cannot be read: {error}", where=str(path), remedy="pack it again") from None


def _readme(name: str, connection: sqlite3.Connection) -> str:
    used = terms(reading.rows(connection, "select distinct source, version from snapshots"))
    return "".join([_README.format(name=name), *(f"\n{words}\n" for words in used)])


_README = (
    "Results of {name}, with all that they rest on.\n\n"
    "  eventstudy reproduce THIS_FILE\n\n"
    "computes them again from settings.json, events.json and prices/ alone, and compares every value with\n"
    "results.json to the last digit. Returns are decimals, instants UTC. The prices have the form that\n"
    "`eventstudy prices import FOLDER` reads. environment.json names the versions that computed the results,\n"
    "manifest.json has a SHA-256 of every part: it shows accident, not intent.\n"
)
