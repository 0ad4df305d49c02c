"""Migration 2: whole bars of any size, keyed by numbers; rebased history as one row; marks made when an answer came.

What migration 1 stored is carried over row by row. Never edited once released.
"""

from __future__ import annotations

from sqlite_utils import Database

_TABLES = """
create table series (
    series_id integer primary key,
    source text not null,
    symbol text not null,
    bar text not null,
    unique (source, symbol, bar)
) strict;

create table bar_versions (
    series_id integer not null references series,
    label integer not null,
    snapshot_id integer not null references snapshots,
    session integer not null,
    instant integer not null,
    close real,
    open real,
    high real,
    low real,
    volume real,
    dividend real,
    split real,
    adjusted real,
    primary key (series_id, label, snapshot_id)
) strict, without rowid;

create table rebases (
    series_id integer not null references series,
    snapshot_id integer not null references snapshots,
    field text not null check (field in ('close', 'adjusted')),
    first_label integer not null,
    last_label integer not null,
    factor real not null check (factor > 0),
    why text not null,
    primary key (series_id, snapshot_id, field, first_label)
) strict, without rowid;

create table bar_marks (
    series_id integer not null references series,
    label integer not null,
    snapshot_id integer not null references snapshots,
    rule text not null,
    detail text not null,
    primary key (series_id, label, snapshot_id, rule)
) strict, without rowid;

create table packed_bars (
    snapshot_id integer primary key references snapshots,
    data blob not null
) strict;

alter table snapshots add column answered_from text;
alter table snapshots add column answered_to text;
alter table snapshots add column covered_to text;
alter table snapshots add column stored_hash text;
"""

# An answer covers the days up to the last one asked for, or, when it came within five days of that one and rows may
# have been missing still, up to its last session.
_CARRY_OVER = """
insert into series (source, symbol, bar) select distinct source, symbol, bar from snapshots order by 1, 2, 3;

insert into bar_versions (series_id, label, snapshot_id, session, instant, close, dividend)
select s.series_id, cast(strftime('%s', b.session) as integer), b.snapshot_id,
       cast(strftime('%s', b.session) as integer) / 86400, cast(strftime('%s', b.instant) as integer),
       b.close, b.dividend
from bars b join series s using (source, symbol, bar);

update snapshots set
    answered_to = (select max(b.session) from bars b
                   where (b.source, b.symbol, b.bar, b.snapshot_id)
                       = (snapshots.source, snapshots.symbol, snapshots.bar, snapshots.snapshot_id)),
    answered_from = (select min(b.session) from bars b
                     where (b.source, b.symbol, b.bar, b.snapshot_id)
                         = (snapshots.source, snapshots.symbol, snapshots.bar, snapshots.snapshot_id));

update snapshots set covered_to =
    case when julianday(substr(fetched_at, 1, 10)) - julianday(asked_to) > 5 then asked_to
         when answered_to >= asked_from then answered_to end;

drop view price_revisions;
drop table bars;
"""

_VIEWS = """
create view bars as
select s.source, s.symbol, s.bar, date(v.session * 86400, 'unixepoch') as session, v.snapshot_id,
       strftime('%Y-%m-%dT%H:%M:%S+00:00', v.instant, 'unixepoch') as instant, v.close, v.dividend,
       v.open, v.high, v.low, v.volume, v.split, v.adjusted,
       case when s.bar = '1d' then null else strftime('%Y-%m-%dT%H:%M:%S+00:00', v.label, 'unixepoch') end as starts
from bar_versions v join series s using (series_id);

create view price_revisions as
with several as (select series_id, label from bar_versions group by 1, 2 having count(*) > 1)
select s.source, s.symbol, s.bar, date(v.session * 86400, 'unixepoch') as session, v.close, v.dividend, n.fetched_at,
       lag(v.close) over versions as previous_close, lag(n.fetched_at) over versions as previous_fetched_at,
       v.snapshot_id, lag(v.dividend) over versions as previous_dividend,
       case when s.bar = '1d' then null else strftime('%Y-%m-%dT%H:%M:%S+00:00', v.label, 'unixepoch') end as starts
from several join bar_versions v using (series_id, label) join series s using (series_id)
     join snapshots n using (snapshot_id)
window versions as (partition by v.series_id, v.label order by v.snapshot_id);

create view price_rebases as
select s.source, s.symbol, s.bar, r.field, date(r.first_label, 'unixepoch') as first_session,
       date(r.last_label, 'unixepoch') as last_session, r.factor, r.why, n.fetched_at, r.snapshot_id
from rebases r join series s using (series_id) join snapshots n using (snapshot_id);
"""


def m0002_prices(db: Database) -> None:
    """Whole bars of any size under a number for their series, rebased history, marks and coverage."""
    for statement in (_TABLES + _CARRY_OVER + _VIEWS).split(";\n"):
        if statement.strip():
            db.execute(statement)
