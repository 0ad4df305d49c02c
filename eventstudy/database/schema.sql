-- The schema of the results database. Every table is STRICT; instants are ISO 8601 text in UTC, sessions ISO dates,
-- returns decimals. Edited freely until 1.0.0; numbered migrations come after it.

-- passes

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

create table marks (
    name text primary key,
    value text not null
) strict, without rowid;


-- prices: answers of sources, append-only

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
    seal text,
    calendar text not null default ''
) strict;

create index snapshots_by_symbol on snapshots (source, symbol, bar, fetched_at);

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


-- events: as they are, as they were, and what passes know of them

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

create table event_states (
    event_id text primary key references events on delete cascade,
    state_key text not null,
    open_until text not null,
    is_settled integer not null check (is_settled in (0, 1)),
    changed text,
    is_page_due integer not null check (is_page_due in (0, 1)),
    answer text check (answer is null or json_valid(answer))
) strict, without rowid;

create table retries (
    event_id text primary key references events on delete cascade,
    attempts integer not null check (attempts > 0),
    first_failed_at text not null,
    last_failed_at text not null,
    next_attempt text,
    reason text not null
) strict, without rowid;

create table event_attempts (
    attempt_id integer primary key,
    run_id integer not null references runs on delete cascade,
    event_id text not null references events on delete cascade,
    started_at text not null,
    seconds real not null,
    outcome text not null check (outcome in ('ok', 'partial', 'skipped', 'failed', 'pending')),
    reason text,
    failures integer not null,
    results_written integer not null,
    state_key text not null,
    input_hash text
) strict;

create index attempts_by_event on event_attempts (event_id);

create index attempts_by_run on event_attempts (run_id);

create table captures (
    event_id text not null references events on delete cascade,
    source text not null,
    symbol text not null,
    bar text not null,
    due_at text not null,
    done_at text not null,
    asked_from text not null,
    asked_to text not null,
    new_rows integer not null,
    reason text,
    primary key (event_id, source, symbol, bar, due_at)
) strict, without rowid;


-- results

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

create index analyses_by_run on analyses (run_id);

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

create table verdict_changes (
    run_id integer not null references runs on delete cascade,
    study_id text not null references studies,
    event_id text not null references events on delete cascade,
    asset text not null,
    window_start integer not null,
    window_end integer not null,
    old_verdict text not null,
    new_verdict text not null,
    old_car real,
    new_car real,
    old_t real,
    new_t real,
    old_day0 text,
    new_day0 text,
    is_new_version integer not null check (is_new_version in (0, 1)),
    is_new_settings integer not null check (is_new_settings in (0, 1)),
    is_new_inputs integer not null check (is_new_inputs in (0, 1)),
    primary key (run_id, study_id, event_id, asset, window_start, window_end)
) strict, without rowid;

create index verdict_changes_by_event on verdict_changes (event_id);


-- views for people

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

create view attempts as
select a.attempt_id, a.run_id, a.event_id, a.started_at, a.seconds, a.outcome, a.reason, a.failures,
       a.results_written, r.trigger, r.code_version, r.versions, r.config_hash, a.state_key, a.input_hash
from event_attempts a join runs r using (run_id)
order by a.attempt_id desc;

create view retry_queue as
select r.event_id, e.title, r.attempts, r.first_failed_at, r.last_failed_at, r.next_attempt,
       r.next_attempt is null as gave_up, r.reason
from retries r join events e using (event_id)
order by r.next_attempt is null, r.next_attempt, r.event_id;

create view event_history as
select v.event_id, v.version, v.seen_at, v.changed, v.title, coalesce(v.stated, v.earliest) as announced_at,
       v.earliest, v.latest, v.origin, v.place, e.status, e.missing_since, e.retired_at, e.retired_by, e.retired_reason
from event_versions v join events e using (event_id)
order by v.event_id, v.version;

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
