"""Averages over announcements, computed again when a member changed, and what they come to."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from eventstudy import __version__
from eventstudy.config.minutes import ClockStudyConfig
from eventstudy.config.model import CollectionConfig, Config, StudyConfig, content_hash
from eventstudy.database.connection import tend, transaction
from eventstudy.database.faults import is_damage
from eventstudy.database.reading import Row
from eventstudy.records import Event
from eventstudy.store import collections, sealed, summaries, write
from eventstudy.store.collections import Collected, Key
from eventstudy.store.ledger import Run
from jobs.collections import plan as collect_plan

if TYPE_CHECKING:
    from eventstudy.study.members import ArchivedReturns, Member

DEFAULT_FEWEST = 5
AD_HOC = "ad-hoc"  # of announcements given on the command line: no property of theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A collection that there are enough members for.

    Attributes
    ----------
    collected : Collected
    settings : CollectionConfig
    members : tuple of (str, str)
        Event and asset.
    key : (str, str, str)
        Code version, config hash and input hash.
    """

    collected: Collected
    settings: CollectionConfig
    members: tuple[tuple[str, str], ...]
    key: Key


def collect(
    config: Config,
    db: Database,
    record: Run,
    archived: Callable[[], ArchivedReturns],
    *,
    started: dt.datetime,
    stop: Callable[[], bool],
    talk: Callable[[str], None],
) -> list[str]:
    """Bring all collections up to date, one transaction each; return what went wrong.

    Parameters
    ----------
    archived : callable
        Gives the returns of all assets, which a night without news does not read.
    started : datetime
        When the pass began, UTC.
    """
    wanted = {found.collected.collection_id: found for found in wanted_collections(config, db.conn)}
    stored = collections.keys(db.conn)
    gone = sorted(set(stored) - set(wanted))
    if gone:
        with transaction(db) as connection:
            record.ensure(connection)
            collections.drop(connection, gone)
    wrong: list[str] = []
    due = {name: found for name, found in wanted.items() if stored.get(name) != found.key}
    events = collections.live_events(db.conn) if due else []
    for name, found in due.items():
        if stop():
            return wrong
        talk(found.collected.title)
        try:
            _look(config, db, record, archived, found, events, started)
            record.note_good("collect", name)
        except Exception as error:  # one collection that fails must not take the others with it
            if is_damage(error):
                raise
            reason = f"{type(error).__name__}: {error}"
            record.note("collect", name, "failed", reason)
            wrong.append(f"the collection {name}: {reason}")
    concluded = collections.conclusions(db.conn, started)
    if concluded:
        with transaction(db) as connection:
            collections.conclude(connection, concluded, run_id=record.ensure(connection), at=started)
    return wrong


def put_in_order(db: Database, run_id: int, *, has_news: bool) -> None:
    """After a change of results: drop texts that nothing refers to, and make what queries ask of all events anew."""
    if has_news or not sealed.hold(db.conn):
        with transaction(db) as connection:
            write.discard_texts(connection)
            summaries.make(connection, run_id)
        tend(db)


def is_due(config: Config, connection: sqlite3.Connection, now: dt.datetime) -> bool:
    """Whether a pass that begins `now` would compute, conclude or publish something."""
    wanted = {found.collected.collection_id: found.key for found in wanted_collections(config, connection)}
    return (
        wanted != collections.keys(connection)
        or bool(collections.conclusions(connection, now))
        or any(row["is_page_due"] for row in collections.overview(connection))
    )


def _look(
    config: Config,
    db: Database,
    record: Run,
    archived: Callable[[], ArchivedReturns],
    found: Wanted,
    events: Sequence[Event],
    started: dt.datetime,
) -> None:
    from eventstudy.study.members import members_of  # all of statistics, needless in most nights

    settings, chosen = found.settings, set(found.members)
    members = [
        member
        for member in members_of(events, compare=settings.compare)
        if (member.event.event_id, member.asset) in chosen
    ]
    study = next(study for study in config.all_studies if study.id == found.collected.study_id)
    if isinstance(study, ClockStudyConfig):
        from jobs.minutes.averages import averages

        document, checked = averages(config, db.conn, study, settings, members)
    else:
        document, checked = _by_days(study, settings, members, archived())
    if settings.plan is not None:
        run = collect_plan.frozen(config, settings, events)
        document = {**document, "plan": collect_plan.held(settings.plan, run)}
    with transaction(db) as connection:
        run_id = record.ensure(connection)
        collections.put(
            connection, found.collected, document, checked=checked, key=found.key, run_id=run_id, at=started
        )


def _by_days(
    study: StudyConfig, settings: CollectionConfig, members: Sequence[Member], archived: ArchivedReturns
) -> tuple[dict[str, Any], str]:
    """The document of members on daily prices, and how many fits were computed twice."""
    from eventstudy.study.document import averaged
    from eventstudy.study.estimates import check_in_bulk
    from eventstudy.study.members import study_members
    from jobs.collections.table import characteristics

    result = study_members(
        members,
        archived,
        study.to_group_spec(),
        characteristics=characteristics(settings, [member.event.event_id for member in members]),
        regress=settings.regress,
    )
    return averaged(result), check_in_bulk(result.samples, result.spec, result.fit)


def _files_of(settings: CollectionConfig) -> Iterator[str]:
    """Hashes of the table that explains the moves, and of the plan; of each that there is."""
    for path in (settings.characteristics, settings.plan):
        if path is not None:
            try:
                yield hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError as error:
                yield str(error)


def wanted_collections(config: Config, connection: sqlite3.Connection) -> Iterator[Wanted]:
    """The collections of the settings, or those by default, that have the fewest members or more."""
    by_study: dict[str, list[Row]] = {study.id: [] for study in config.all_studies}
    for row in collections.candidates(connection):
        if row["study_id"] in by_study and row["asset"] in config.assets:
            by_study[row["study_id"]].append(row)
    studies = {study.id: study for study in config.all_studies}
    headline = config.all_studies[0].id
    chosen: Iterable[CollectionConfig]
    chosen = default_collections(by_study.get(headline, ())) if config.collections is None else config.collections
    for settings in chosen:
        study = studies.get(settings.study or headline)
        if study is None:
            continue
        rows = [row for row in by_study[study.id] if _is_member(row, settings)]
        if len(rows) < settings.fewest:
            continue
        groups = {label for row in rows for label in settings.compare if label in _tags(row["tags"])}
        tags = {row["event_id"]: row["tags"] for row in rows} if groups else {}
        inputs = [(row["event_id"], row["asset"], row["config_hash"], row["input_hash"]) for row in rows]
        yield Wanted(
            collected=Collected(
                collection_id=settings.id,
                title=settings.title or settings.id,
                study_id=study.id,
                asset=settings.asset,
                tag=settings.tag,
                kind=settings.kind,
                is_list=bool(settings.events),
            ),
            settings=settings,
            members=tuple((row["event_id"], row["asset"]) for row in rows),
            key=(
                __version__,
                content_hash(settings.model_dump(mode="json"), collect_plan.spec_of_group(study).to_dict()),
                content_hash(inputs, tags, *_files_of(settings)),
            ),
        )


def default_collections(rows: Iterable[Row]) -> list[CollectionConfig]:
    """Each asset × tag and asset × kind with five events or more."""
    found: dict[tuple[str, str, str], int] = {}
    titles: dict[str, str] = {}
    for row in rows:
        titles[row["asset"]] = row["asset_title"]
        tags = [tag for tag in _tags(row["tags"]) if tag != AD_HOC]
        for by, value in (*(("tag", tag) for tag in dict.fromkeys(tags)), ("kind", row["kind"])):
            found[by, value, row["asset"]] = found.get((by, value, row["asset"]), 0) + 1
    out: dict[str, CollectionConfig] = {}
    for (by, value, asset), count in sorted(found.items()):
        if count < DEFAULT_FEWEST:
            continue
        name = _name(by, value, asset)
        title = f"{'Tag' if by == 'tag' else 'Kind'} {value}: {titles[asset]}"
        out[name] = CollectionConfig.model_validate({"id": name, "title": title, by: value, "asset": asset})
    return list(out.values())


@functools.lru_cache(maxsize=1024)  # most announcements have those of another
def _tags(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))


def _name(*parts: str) -> str:
    """An id that tells `parts` from all others, as much of them in it as an id can hold."""
    plain = "-".join(re.sub(r"[^a-z0-9._]+", "-", part.lower()).strip("-") for part in parts)
    if plain == "-".join(parts).lower() and len(plain) <= 80:
        return plain
    return f"{plain[:66]}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}"


def _is_member(row: Mapping[str, str], settings: CollectionConfig) -> bool:
    return (
        (settings.tag is None or settings.tag in _tags(row["tags"]))
        and (settings.kind is None or settings.kind == row["kind"])
        and (settings.asset is None or settings.asset == row["asset"])
        and (not settings.events or row["event_id"] in settings.events)
    )
