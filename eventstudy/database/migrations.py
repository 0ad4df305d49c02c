"""The schema of the results database, as numbered migrations that are never edited once released.

Every table is STRICT; instants are ISO 8601 text in UTC, sessions ISO dates, returns decimals.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from eventstudy.database.m0002_prices import m0002_prices
from eventstudy.database.m0003_events import m0003_events
from eventstudy.database.m0004_passes import m0004_passes
from eventstudy.database.m0005_digest import m0005_digest
from eventstudy.database.m0006_reach import m0006_reach
from eventstudy.database.m0007_seal import m0007_seal

migrations = Migrations("eventstudy")

_TABLES_0001 = """
create table runs (
    run_id integer primary key,
    trigger text not null,
    started_at text not null,
    finished_at text,
    status text not null check (status in ('running', 'ok', 'partial', 'failed', 'interrupted')),
    events_ok integer not null default 0,
    events_skipped integer not null default 0,
    events_failed integer not null default 0,
    results_written integer not null default 0,
    code_version text not null,
    config_hash text not null,
    versions text not null check (json_valid(versions))
) strict;

create table run_steps (
    run_id integer not null references runs on delete cascade,
    position integer not null,
    step text not null,
    subject text not null,
    status text not null check (status in ('ok', 'skipped', 'failed')),
    reason text,
    primary key (run_id, position)
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
    notes text not null check (json_valid(notes))
) strict;
create index snapshots_by_symbol on snapshots (source, symbol, bar, fetched_at);

create table bars (
    source text not null,
    symbol text not null,
    bar text not null,
    session text not null,
    snapshot_id integer not null references snapshots,
    instant text not null,
    close real check (close is null or close > 0),
    dividend real not null,
    primary key (source, symbol, bar, session, snapshot_id)
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
    reason text
) strict;

create table studies (
    study_id text primary key,
    position integer not null,
    title text not null,
    spec text not null check (json_valid(spec)),
    config_hash text not null
) strict;

create table analyses (
    analysis_id integer primary key,
    study_id text not null references studies,
    event_id text not null references events,
    asset text not null,
    asset_title text not null,
    position integer not null,
    alignment text not null check (alignment in ('main', 'earliest', 'latest')),
    status text not null check (status in ('ok', 'skipped', 'failed')),
    reason text,
    day0 text,
    price_before real,
    price_at real,
    instant_before text,
    instant_at text,
    n_estimation integer,
    df real,
    sigma real,
    r_squared real,
    coefficients text not null check (json_valid(coefficients)),
    diagnostics text not null check (json_valid(diagnostics)),
    provenance text not null check (json_valid(provenance)),
    notes text not null check (json_valid(notes)),
    method text not null,
    code_version text not null,
    config_hash text not null,
    input_hash text not null,
    run_id integer not null references runs,
    unique (study_id, event_id, asset, alignment)
) strict;
create index analyses_by_event on analyses (event_id);

create table window_results (
    analysis_id integer not null references analyses on delete cascade,
    window_start integer not null,
    window_end integer not null,
    is_primary integer not null check (is_primary in (0, 1)),
    n_days integer not null,
    car real,
    car_se real,
    car_low real,
    car_high real,
    scar real,
    bhar real,
    mde real,
    t real,
    p real,
    p_adjusted real,
    placebo_p real,
    verdict text not null,
    context text not null check (json_valid(context)),
    placebo text not null check (json_valid(placebo)),
    reason text,
    primary key (analysis_id, window_start, window_end)
) strict, without rowid;

create table tests (
    analysis_id integer not null,
    window_start integer not null,
    window_end integer not null,
    name text not null,
    null_hypothesis text not null,
    statistic real,
    distribution text not null,
    df real,
    p_value real,
    n integer not null,
    reason text,
    source text not null,
    primary key (analysis_id, window_start, window_end, name),
    foreign key (analysis_id, window_start, window_end) references window_results on delete cascade
) strict, without rowid;

create table daily (
    analysis_id integer not null references analyses on delete cascade,
    tau integer not null,
    session text not null,
    return real,
    expected real,
    ar real,
    ar_se real,
    sar real,
    car real,
    car_se real,
    primary key (analysis_id, tau)
) strict, without rowid;

create table joint_tests (
    study_id text not null references studies,
    event_id text not null references events,
    alignment text not null,
    window_start integer not null,
    window_end integer not null,
    name text not null,
    null_hypothesis text not null,
    statistic real,
    distribution text not null,
    df real,
    p_value real,
    n integer not null,
    reason text,
    source text not null,
    primary key (study_id, event_id, alignment, window_start, window_end, name)
) strict, without rowid;
"""

_VIEWS_0001 = """
create view reactions as
select a.study_id as study, a.event_id, e.title, e.announced_at, a.asset, a.day0,
       w.window_start, w.window_end, w.car, w.car_se, w.t, w.p, w.p_adjusted, w.placebo_p,
       coalesce(w.verdict, 'not computable') as verdict, a.status, coalesce(w.reason, a.reason) as reason,
       w.car_low, w.car_high, w.mde, w.is_primary, w.context,
       a.code_version, a.config_hash, a.input_hash
from analyses a
join events e using (event_id)
join studies s using (study_id)
left join window_results w using (analysis_id)
where a.alignment = 'main'
order by e.announced_at, a.event_id, s.position, a.position, w.window_start desc, w.window_end;

create view daily_reactions as
select a.study_id as study, a.event_id, a.asset, d.tau, d.session, d.return, d.expected, d.ar, d.ar_se, d.sar,
       a.code_version, a.config_hash, a.input_hash
from daily d join analyses a using (analysis_id)
where a.alignment = 'main';

create view alignments as
select a.study_id as study, a.event_id, a.asset, a.alignment, a.day0, w.window_start, w.window_end,
       w.car, w.t, w.p, w.placebo_p, w.verdict, a.status, coalesce(w.reason, a.reason) as reason,
       a.code_version, a.config_hash, a.input_hash
from analyses a left join window_results w using (analysis_id);

create view averages as
select a.study_id as study, a.asset, w.window_start, w.window_end, count(w.car) as n_events,
       avg(w.car) as caar, avg(abs(w.car)) as mean_absolute_car, avg(w.car > 0) as share_positive,
       sum(w.verdict in ('strong', 'moderate')) as n_reactions
from analyses a join window_results w using (analysis_id)
where a.alignment = 'main' and w.car is not null
group by a.study_id, a.asset, w.window_start, w.window_end;

create view latest_runs as
select * from runs order by run_id desc limit 50;

create view price_revisions as
select b.source, b.symbol, b.bar, b.session, b.close, b.dividend, s.fetched_at,
       lag(b.close) over versions as previous_close, lag(s.fetched_at) over versions as previous_fetched_at,
       b.snapshot_id
from bars b join snapshots s using (snapshot_id)
where (b.source, b.symbol, b.bar, b.session) in
      (select source, symbol, bar, session from bars group by 1, 2, 3, 4 having count(*) > 1)
window versions as (partition by b.source, b.symbol, b.bar, b.session order by b.snapshot_id);
"""


@migrations()
def m0001_results(db: Database) -> None:
    """Runs, prices, events, studies, results and the views for people."""
    for statement in (_TABLES_0001 + _VIEWS_0001).split(";\n"):
        if statement.strip():
            db.execute(statement)


# Later migrations stand in modules of their own; they apply in this order.
migrations()(m0002_prices)
migrations()(m0003_events)
migrations()(m0004_passes)
migrations()(m0005_digest)
migrations()(m0006_reach)
migrations()(m0007_seal)
