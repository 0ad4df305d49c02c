-- What other versions of eventstudy had of prices: the archive's part of the schema of 0.1.0.

create table series (
    series_id integer primary key,
    source text not null,
    symbol text not null,
    bar text not null,
    unique (source, symbol, bar)
) strict;

create table snapshots (
    snapshot_id integer primary key,
    source text not null,
    symbol text not null,
    bar text not null,
    asked_from text not null,
    asked_to text not null,
    fetched_at text not null,
    row_count integer not null,
    new_rows integer not null,
    content_hash text not null,
    currency text not null,
    version text not null,
    notes text not null check (json_valid(notes)),
    answered_from text,
    answered_to text,
    covered_to text,
    stored_hash text,
    covered_from text,
    seal text
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

create table packed_bars (
    snapshot_id integer primary key references snapshots,
    data blob not null
) strict;

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

create table events (
    event_id text primary key,
    title text not null,
    announced_at text not null,
    earliest text not null,
    latest text not null,
    kind text not null,
    url text not null,
    note text not null,
    zone text not null,
    tags text not null check (json_valid(tags)),
    assets text not null check (json_valid(assets)),
    status text not null check (status in ('ok', 'partial', 'skipped', 'failed', 'context', 'pending')),
    reason text,
    version integer not null default 1,
    origin text not null default 'config',
    place text not null default '',
    missing_since text,
    retired_at text,
    retired_by text check (retired_by in ('hand', 'feed')),
    retired_reason text
) strict;

create view bars as
select s.source, s.symbol, s.bar, date(v.session * 86400, 'unixepoch') as session, v.snapshot_id,
       strftime('%Y-%m-%dT%H:%M:%S+00:00', v.instant, 'unixepoch') as instant, v.close, v.dividend,
       v.open, v.high, v.low, v.volume, v.split, v.adjusted,
       case when s.bar = '1d' then null else strftime('%Y-%m-%dT%H:%M:%S+00:00', v.label, 'unixepoch') end as starts
from bar_versions v join series s using (series_id);
