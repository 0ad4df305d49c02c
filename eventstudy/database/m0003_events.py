"""Migration 3: where an event comes from, every version of it, and whether it is retired."""

from __future__ import annotations

from sqlite_utils import Database

_STATEMENTS = """
alter table events add column version integer not null default 1;
alter table events add column origin text not null default 'config';
alter table events add column place text not null default '';
alter table events add column missing_since text;
alter table events add column retired_at text;
alter table events add column retired_by text check (retired_by in ('hand', 'feed'));
alter table events add column retired_reason text;

update events set origin = 'report' where exists (select 1 from json_each(tags) where value = 'ad-hoc');

create table event_versions (
    event_id text not null references events,
    version integer not null check (version >= 1),
    seen_at text not null,
    origin text not null,
    place text not null,
    title text not null,
    earliest text not null,
    latest text not null,
    stated text,
    zone text not null,
    kind text not null,
    assets text not null check (json_valid(assets)),
    url text not null,
    note text not null,
    tags text not null check (json_valid(tags)),
    changed text not null check (json_valid(changed)),
    primary key (event_id, version)
) strict, without rowid;

create table feed_readings (
    feed text primary key,
    fingerprint text not null,
    items integer not null
) strict, without rowid;

insert into event_versions
select event_id, 1, coalesce((select min(started_at) from runs), strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
       origin, '', title, earliest, latest,
       case when earliest = latest or announced_at <> earliest then announced_at end,
       zone, kind, assets, url, note, tags, '[]'
from events;

create view event_history as
select v.event_id, v.version, v.seen_at, v.changed, v.title, coalesce(v.stated, v.earliest) as announced_at,
       v.earliest, v.latest, v.origin, v.place, e.status, e.missing_since, e.retired_at, e.retired_by, e.retired_reason
from event_versions v join events e using (event_id)
order by v.event_id, v.version;
"""


def m0003_events(db: Database) -> None:
    """Add the columns and the table, and make what is stored the first version of every event."""
    for statement in _STATEMENTS.split(";\n"):
        if statement.strip():
            db.execute(statement)
