-- The schema of the results database. Every table is STRICT; an instant is text, YYYY-MM-DDTHH:MM:SSZ, as
-- eventstudy/instants.py writes it and nothing else may; sessions are ISO dates, returns decimals; a reference names its
-- column, without which Datasette shows nothing of the table. Edited freely until 1.0.0; numbered migrations come after it.

-- passes

create table runs (
    run_id integer primary key,
    trigger text not null,
    started_at text not null check (started_at glob '????-??-??T??:??:??Z'),
    finished_at text check (finished_at glob '????-??-??T??:??:??Z'),
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
    run_id integer not null references runs (run_id) on delete cascade,
    position integer not null,
    step text not null,
    subject text not null,
    status text not null check (status in ('ok', 'skipped', 'failed')),
    reason text,
    primary key (run_id, position)
) strict;

create table settings (
    settings_id integer primary key check (settings_id = 1),
    text text not null check (json_valid(text))
) strict;

create table cursors (
    name text primary key,
    value text not null
) strict, without rowid;

-- of rows as eventstudy/store/sealed.py writes them; of a pass with the number of its notices
create table table_hashes (
    table_name text not null,
    part text not null default '',
    content_hash text not null,
    primary key (table_name, part)
) strict, without rowid;

create table notices (
    notice_id integer primary key,
    key text not null unique,
    kind text not null check (kind in ('result', 'verdict', 'moved', 'retired', 'failure', 'repair', 'collection')),
    run_id integer references runs (run_id) on delete cascade,
    created_at text not null check (created_at glob '????-??-??T??:??:??Z'),
    event_id text references events (event_id) on delete cascade,
    study_id text references studies (study_id),
    step text,
    subject text,
    reason text,
    payload text check (payload is null or json_valid(payload)),
    ended_at text check (ended_at glob '????-??-??T??:??:??Z'),
    content_hash text not null
) strict;

create index notices_by_run on notices (run_id);

create unique index open_failures on notices (step, subject) where kind = 'failure' and ended_at is null;

create table deliveries (
    notice_id integer not null references notices (notice_id) on delete cascade,
    channel text not null check (channel in ('page', 'command', 'webhook')),
    delivered_at text not null check (delivered_at glob '????-??-??T??:??:??Z'),
    primary key (notice_id, channel)
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
    fetched_at text not null check (fetched_at glob '????-??-??T??:??:??Z'),
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
    series_id integer not null references series (series_id),
    label integer not null,
    snapshot_id integer not null references snapshots (snapshot_id),
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
    series_id integer not null references series (series_id),
    snapshot_id integer not null references snapshots (snapshot_id),
    field text not null check (field in ('close', 'adjusted')),
    first_label integer not null,
    last_label integer not null,
    factor real not null check (factor > 0),
    why text not null,
    primary key (series_id, snapshot_id, field, first_label)
) strict, without rowid;

create table bar_flags (
    series_id integer not null references series (series_id),
    label integer not null,
    snapshot_id integer not null references snapshots (snapshot_id),
    rule text not null,
    detail text not null,
    primary key (series_id, label, snapshot_id, rule)
) strict, without rowid;

create table confirmed_prices (
    series_id integer not null references series (series_id),
    label integer not null,
    rule text not null,
    snapshot_id integer not null references snapshots (snapshot_id),
    confirmed_by text not null check (confirmed_by <> ''),
    confirmed_at text not null check (confirmed_at glob '????-??-??T??:??:??Z'),
    reason text not null check (reason <> ''),
    primary key (series_id, label, rule, snapshot_id)
) strict, without rowid;


-- events: as they are, as they were, and what passes know of them

create table events (
    event_id text primary key,
    title text not null,
    announced_at text not null check (announced_at glob '????-??-??T??:??:??Z'),
    earliest text not null check (earliest glob '????-??-??T??:??:??Z'),
    latest text not null check (latest glob '????-??-??T??:??:??Z'),
    kind text not null,
    url text not null,
    note text not null,
    zone text not null,
    tags text not null check (json_valid(tags)),
    assets text not null check (json_valid(assets)),
    claims text not null default '[]' check (json_valid(claims)),
    status text not null check (status in ('ok', 'partial', 'skipped', 'failed', 'context', 'pending')),
    reason text,
    version integer not null default 1,
    origin text not null default 'config',
    place text not null default '',
    missing_since text check (missing_since glob '????-??-??T??:??:??Z'),
    retired_at text check (retired_at glob '????-??-??T??:??:??Z'),
    retired_by text check (retired_by in ('hand', 'feed')),
    retired_reason text,
    retired_status text
) strict;

create index events_by_earliest on events (earliest);

create index context_events on events (latest, earliest) where kind = 'context';

create index events_by_time on events (announced_at, event_id);

create index events_without_result on events (announced_at) where status in ('failed', 'skipped', 'partial');

create table event_versions (
    event_id text not null references events (event_id),
    version integer not null check (version >= 1),
    seen_at text not null check (seen_at glob '????-??-??T??:??:??Z'),
    origin text not null,
    place text not null,
    title text not null,
    earliest text not null check (earliest glob '????-??-??T??:??:??Z'),
    latest text not null check (latest glob '????-??-??T??:??:??Z'),
    stated text check (stated glob '????-??-??T??:??:??Z'),
    zone text not null,
    kind text not null,
    assets text not null check (json_valid(assets)),
    url text not null,
    note text not null,
    tags text not null check (json_valid(tags)),
    claims text not null default '[]' check (json_valid(claims)),
    changed text not null check (json_valid(changed)),
    primary key (event_id, version)
) strict, without rowid;

create table event_states (
    event_id text primary key references events (event_id) on delete cascade,
    state_key text not null,
    open_until text not null check (open_until glob '????-??-??T??:??:??Z'),
    is_settled integer not null check (is_settled in (0, 1)),
    pending_reason text,
    is_page_due integer not null check (is_page_due in (0, 1)),
    answer text check (answer is null or json_valid(answer)),
    answer_hash text,
    failures integer not null default 0 check (failures >= 0),
    first_failed_at text check (first_failed_at glob '????-??-??T??:??:??Z'),
    last_failed_at text check (last_failed_at glob '????-??-??T??:??:??Z'),
    next_attempt text check (next_attempt glob '????-??-??T??:??:??Z'),
    fault text,
    check ((failures = 0) = (fault is null))
) strict, without rowid;

create table event_attempts (
    attempt_id integer primary key,
    run_id integer not null references runs (run_id) on delete cascade,
    event_id text not null references events (event_id) on delete cascade,
    started_at text not null check (started_at glob '????-??-??T??:??:??Z'),
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

create table assets (
    asset text primary key,
    title text not null,
    settings text not null check (json_valid(settings))
) strict, without rowid;

create table captures (
    event_id text not null references events (event_id) on delete cascade,
    source text not null,
    symbol text not null,
    bar text not null,
    due_at text not null check (due_at glob '????-??-??T??:??:??Z'),
    done_at text not null check (done_at glob '????-??-??T??:??:??Z'),
    asked_from text not null,
    asked_to text not null,
    new_rows integer not null,
    reason text,
    primary key (event_id, source, symbol, bar, due_at)
) strict, without rowid;

create index captures_by_due on captures (due_at);


-- plans: what a study would do, frozen before its prices; append-only, and the clock that writes them never goes back

create table plans (
    event_id text not null references events (event_id),
    plan_version integer not null check (plan_version >= 1),
    planned_at text not null check (planned_at glob '????-??-??T??:??:??Z'),
    planned_by text,
    stage text not null check (stage in ('before the announcement', 'before the prices', 'after the prices')),
    first_price_at text check (first_price_at glob '????-??-??T??:??:??Z'),
    code_version text not null,
    plan text not null check (json_valid(plan)),
    plan_hash text not null,
    primary key (event_id, plan_version),
    check ((stage = 'after the prices') = (first_price_at is not null))
) strict, without rowid;

create trigger plans_stay before update on plans begin select raise(abort, 'a plan is never changed'); end;

create trigger plans_remain before delete on plans begin select raise(abort, 'a plan is never taken out'); end;

create trigger plans_follow before insert on plans
when new.planned_at < (select max(planned_at) from plans where event_id = new.event_id)
begin select raise(abort, 'a plan cannot be earlier than the one before it'); end;


-- results; texts that repeat stand once

create table texts (
    text_id integer primary key,
    text text not null unique
) strict;

create table test_descriptions (
    description_id integer primary key,
    name text not null,
    null_hypothesis text not null,
    distribution text not null,
    source text not null,
    unique (name, null_hypothesis, distribution, source)
) strict;

create table studies (
    study_id text primary key,
    position integer not null,
    title text not null,
    bar text not null default '1d',
    window_unit text not null default 'sessions' check (window_unit in ('sessions', 'minutes')),
    spec text not null check (json_valid(spec)),
    config_hash text not null
) strict;

create table standing_captures (
    source text not null,
    symbol text not null,
    bar text not null,
    collected_from text not null,
    collected_to text not null,
    primary key (source, symbol, bar)
) strict, without rowid;

create table analyses (
    analysis_id integer primary key,
    study_id text not null references studies (study_id),
    event_id text not null references events (event_id),
    asset text not null,
    asset_title text not null,
    position integer not null,
    alignment text not null check (alignment in ('main', 'earliest', 'latest')),
    status text not null check (status in ('ok', 'skipped', 'failed')),
    reason text,
    first_session text,
    last_session text,
    day0 text,
    price_before real,
    price_at real,
    instant_before text check (instant_before glob '????-??-??T??:??:??Z'),
    instant_at text check (instant_at glob '????-??-??T??:??:??Z'),
    n_estimation integer,
    df real,
    sigma real,
    r_squared real,
    coefficients text not null check (json_valid(coefficients)),
    diagnostics text not null check (json_valid(diagnostics)),
    answers_id integer not null references texts (text_id),
    notes_id integer not null references texts (text_id),
    method_id integer not null references texts (text_id),
    code_version text not null,
    config_hash text not null,
    input_hash text not null,
    run_id integer not null references runs (run_id),
    content_hash text not null,
    unique (study_id, event_id, asset, alignment)
) strict;

create index analyses_by_event on analyses (event_id);

create index analyses_by_asset on analyses (asset);

create index analyses_by_day0 on analyses (day0);

create index analyses_by_run on analyses (run_id);

create table window_results (
    analysis_id integer not null references analyses (analysis_id) on delete cascade,
    window_start any not null check (typeof(window_start) in ('integer', 'text')),
    window_end any not null check (typeof(window_end) in ('integer', 'text')),
    is_primary integer not null check (is_primary in (0, 1)),
    n_days integer not null,
    price_before real,
    price_at real,
    car real,
    car_se real,
    car_low real,
    car_high real,
    bhar real,
    avar real,
    mde real,
    t real,
    p real,
    p_adjusted real,
    placebo_p real,
    verdict text not null,
    context text not null check (json_valid(context)),
    reason text,
    primary key (analysis_id, window_start, window_end),
    check ((verdict = 'not computable') = (p_adjusted is null))
) strict, without rowid;

create index windows_by_t on window_results (abs(t)) where is_primary;

create table clock_documents (
    analysis_id integer primary key references analyses (analysis_id) on delete cascade,
    document text not null check (json_valid(document))
) strict;

create table placebos (
    analysis_id integer not null,
    window_start any not null check (typeof(window_start) in ('integer', 'text')),
    window_end any not null check (typeof(window_end) in ('integer', 'text')),
    cars blob not null,
    primary key (analysis_id, window_start, window_end),
    foreign key (analysis_id, window_start, window_end) references window_results on delete cascade
) strict, without rowid;

create table window_tests (
    analysis_id integer not null,
    window_start any not null check (typeof(window_start) in ('integer', 'text')),
    window_end any not null check (typeof(window_end) in ('integer', 'text')),
    description_id integer not null references test_descriptions (description_id),
    statistic real,
    df real,
    p_value real,
    n integer not null,
    reason text,
    primary key (analysis_id, window_start, window_end, description_id),
    foreign key (analysis_id, window_start, window_end) references window_results on delete cascade
) strict, without rowid;

create table event_days (
    analysis_id integer not null references analyses (analysis_id) on delete cascade,
    tau integer not null,
    session text not null,
    return real,
    expected real,
    ar_se real,
    car real,
    car_se real,
    beaver_u_p real,
    primary key (analysis_id, tau)
) strict, without rowid;

create index days_before on event_days (abs(car / car_se)) where tau = -1;

create table event_tests (
    study_id text not null references studies (study_id),
    event_id text not null references events (event_id),
    alignment text not null,
    window_start any not null check (typeof(window_start) in ('integer', 'text')),
    window_end any not null check (typeof(window_end) in ('integer', 'text')),
    description_id integer not null references test_descriptions (description_id),
    statistic real,
    df real,
    p_value real,
    n integer not null,
    reason text,
    primary key (event_id, study_id, alignment, window_start, window_end, description_id)
) strict, without rowid;

create table claims (
    event_id text not null references events (event_id) on delete cascade,
    position integer not null,
    text text not null,
    sentence text not null,
    asset text,
    answer text not null check (answer in ('supported', 'not supported', 'cannot be checked')),
    because text not null,
    claimed real,
    measured real,
    unit text not null,
    route text not null,
    session text,
    is_proxy integer not null check (is_proxy in (0, 1)),
    reaction text check (reaction in ('supported', 'not supported', 'cannot be checked')),
    reaction_because text not null,
    checked_at text not null check (checked_at glob '????-??-??T??:??:??Z'),
    details text not null check (json_valid(details)),
    primary key (event_id, position)
) strict, without rowid;

create table verdict_changes (
    run_id integer not null references runs (run_id) on delete cascade,
    study_id text not null references studies (study_id),
    event_id text not null references events (event_id) on delete cascade,
    asset text not null,
    window_start any not null check (typeof(window_start) in ('integer', 'text')),
    window_end any not null check (typeof(window_end) in ('integer', 'text')),
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


-- averages over events

-- by rowid: without it SQLite reads all of a row to compare its key, and warnings of many members are megabytes
create table collection_studies (
    collection_id text primary key not null,
    study_id text not null references studies (study_id),
    title text not null,
    asset text,
    tag text,
    kind text,
    is_list integer not null check (is_list in (0, 1)),
    n_members integer not null,
    settings text not null check (json_valid(settings)),
    differences text not null check (json_valid(differences)),
    regressions text not null check (json_valid(regressions)),
    plan text check (plan is null or json_valid(plan)),
    checked text not null,
    verdict text,
    stands_since text check (stands_since glob '????-??-??T??:??:??Z'),
    notified_verdict text,
    times_looked integer not null check (times_looked > 0),
    first_looked_at text not null check (first_looked_at glob '????-??-??T??:??:??Z'),
    looked_at text not null check (looked_at glob '????-??-??T??:??:??Z'),
    is_page_due integer not null check (is_page_due in (0, 1)),
    code_version text not null,
    config_hash text not null,
    input_hash text not null,
    run_id integer not null references runs (run_id),
    members_hash text not null default '',
    content_hash text not null default '',
    warnings text not null check (json_valid(warnings)), -- last, so that nothing is read through it
    check ((verdict is null) = (stands_since is null))
) strict;

create table collection_members (
    collection_id text not null references collection_studies (collection_id) on delete cascade,
    event_id text not null references events (event_id) on delete cascade,
    asset text not null,
    group_name text,
    reason text,
    primary key (collection_id, event_id, asset)
) strict, without rowid;

create table collection_groups (
    collection_id text not null references collection_studies (collection_id) on delete cascade,
    group_name text not null,
    position integer not null,
    design text not null check (json_valid(design)),
    days text not null check (json_valid(days)),
    primary key (collection_id, group_name)
) strict, without rowid;

create table collection_windows (
    collection_id text not null,
    group_name text not null,
    window_start any not null check (typeof(window_start) in ('integer', 'text')),
    window_end any not null check (typeof(window_end) in ('integer', 'text')),
    position integer not null,
    n_events integer not null,
    caar real,
    caar_low real,
    caar_high real,
    caar_se real,
    median_car real,
    share_positive real,
    mean_bhar real,
    mde real,
    measures text not null check (json_valid(measures)),
    test text,
    statistic real,
    p real,
    p_adjusted real,
    verdict text,
    primary key (collection_id, group_name, window_start, window_end),
    foreign key (collection_id, group_name) references collection_groups on delete cascade
) strict, without rowid;

create table collection_window_tests (
    collection_id text not null,
    group_name text not null,
    window_start any not null check (typeof(window_start) in ('integer', 'text')),
    window_end any not null check (typeof(window_end) in ('integer', 'text')),
    description_id integer not null references test_descriptions (description_id),
    position integer not null,
    statistic real,
    df real,
    p_value real,
    n integer not null,
    reason text,
    is_valid integer not null check (is_valid in (0, 1)),
    validity text not null,
    details text not null check (json_valid(details)),
    primary key (collection_id, group_name, window_start, window_end, description_id),
    foreign key (collection_id, group_name, window_start, window_end) references collection_windows on delete cascade
) strict, without rowid;


-- kept answers: of very many events they take long to make; made at the end of a pass, and of no use from the next change on,
-- when the row of `summaries` goes; the named queries then ask the results themselves. What narrows an answer stands in
-- the rows that are gone through for it, as numbers, and they stand in its order

create table summaries (
    run_id integer primary key
) strict;

create table event_classes (
    class_id integer primary key,
    kind text not null,
    tags text not null check (json_valid(tags)),
    unique (kind, tags)
) strict;

create table kept_windows (
    window_id integer primary key,
    study_id text not null,
    window_start any check (typeof(window_start) in ('integer', 'text', 'null')),
    window_end any check (typeof(window_end) in ('integer', 'text', 'null')),
    is_primary integer not null check (is_primary in (0, 1)),
    is_before integer not null check (is_before in (0, 1)),
    unique (study_id, window_start, window_end)
) strict;

create unique index kept_primary_windows on kept_windows (study_id) where is_primary;

create unique index kept_days_before on kept_windows (study_id) where is_before;

create table kept_events (
    place integer primary key,
    last_place integer not null check (last_place >= place),
    class_id integer not null,
    size real,
    verdicts text not null
) strict;

create table kept_reactions (
    place integer primary key,
    window_id integer not null,
    analysis_id integer not null,
    asset text not null,
    announced_on integer not null,
    class_id integer not null,
    verdict text,
    size real
) strict;

create index kept_by_size on kept_reactions (window_id, size, asset, announced_on, class_id, verdict, analysis_id);

create index kept_by_asset on kept_reactions (asset);

create table average_reactions (
    average_id integer primary key,
    grouping text not null check (grouping in ('tag', 'year', 'weekday')),
    window_id integer not null,
    label any not null check (typeof(label) in ('integer', 'text')),
    asset text not null,
    n integer not null,
    median_car real,
    mean_car real,
    mean_low real,
    mean_high real,
    share_positive real,
    share_clear real,
    unique (grouping, window_id, label, asset)
) strict;

create table average_members (
    average_id integer not null,
    place integer not null,
    car real not null,
    is_clear integer not null check (is_clear in (0, 1)),
    announced_on integer not null,
    class_id integer not null,
    primary key (average_id, place)
) strict, without rowid;

create table study_disagreements (
    study_id text not null,
    other_study text not null,
    event_id text not null,
    asset text not null,
    window_start any not null check (typeof(window_start) in ('integer', 'text')),
    window_end any not null check (typeof(window_end) in ('integer', 'text')),
    announced_at text not null check (announced_at glob '????-??-??T??:??:??Z'),
    analysis_id integer not null,
    other_analysis integer not null,
    is_primary integer not null check (is_primary in (0, 1)),
    class_id integer not null,
    verdict text not null,
    size real,
    primary key (study_id, announced_at, event_id, asset, other_study, window_start, window_end)
) strict, without rowid;

create trigger summaries_after_result after insert on analyses begin delete from summaries; end;

create trigger summaries_after_loss after delete on analyses begin delete from summaries; end;

create trigger summaries_after_event after update of announced_at, kind, tags on events begin delete from summaries; end;

create trigger summaries_after_number after update of car, t, verdict, is_primary on window_results begin delete from summaries; end;

create trigger summaries_after_day after update of car, car_se on event_days begin delete from summaries; end;

create trigger summaries_after_place after update of day0, alignment on analyses begin delete from summaries; end;

create trigger summaries_after_study after update of bar, position on studies begin delete from summaries; end;


-- views for people, without an order of their own; a foreign key makes every left join an inner one, and SQLite leaves
-- out those of which a question wants no column; what is 0 or 1 is cast, since a program that asks with the text '1' finds
-- it only so

create view reactions as
select a.study_id as study, a.event_id, e.title, e.announced_at, e.kind, a.asset, a.asset_title, a.day0,
       w.window_start, w.window_end, s.bar, s.window_unit, w.price_before, w.price_at,
       w.price_at / w.price_before - 1 as move, w.car, w.car_se, w.car_low, w.car_high, w.t, w.p, w.p_adjusted,
       w.placebo_p, w.mde, coalesce(w.verdict, 'not computable') as verdict, coalesce(w.context, '[]') as context,
       cast(s.position = 0 as integer) as is_headline, w.is_primary, a.status, coalesce(w.reason, a.reason) as reason,
       a.code_version, a.config_hash, a.input_hash, a.content_hash, a.position
from analyses a
left join events e using (event_id)
left join studies s using (study_id)
left join window_results w using (analysis_id)
where a.alignment = 'main';

create view clock_reactions as
select a.study_id as study, a.event_id, e.title, e.announced_at, a.asset, a.day0, s.bar,
       json_extract(w.value, '$.window[0]') as window_start, json_extract(w.value, '$.window[1]') as window_end,
       json_extract(w.value, '$.move') as log_move, json_extract(w.value, '$.base.price') as price_before, json_extract(w.value, '$.base.at') as base_at,
       json_extract(w.value, '$.end.price') as price_at, json_extract(w.value, '$.end.at') as end_at,
       json_extract(w.value, '$.reference.used') as n_reference,
       json_extract(w.value, '$.paced.t') as paced_t, json_extract(w.value, '$.paced.p_value') as paced_p,
       json_extract(w.value, '$.paced.placebo_p') as paced_placebo_p, json_extract(w.value, '$.paced.pace') as pace,
       json_extract(w.value, '$.clock.t') as clock_t, json_extract(w.value, '$.clock.p_value') as clock_p,
       json_extract(w.value, '$.clock.placebo_p') as clock_placebo_p,
       json_extract(w.value, '$.low.move') as low_move, json_extract(w.value, '$.low.at') as low_at,
       json_extract(w.value, '$.high.move') as high_move, json_extract(w.value, '$.high.at') as high_at,
       json_extract(w.value, '$.verdict') as clock_verdict, json_extract(w.value, '$.reason_code') as reason_code
from analyses a join clock_documents d using (analysis_id) join json_each(d.document, '$.windows') w
left join events e using (event_id) left join studies s using (study_id);

create view daily as
select d.analysis_id, d.tau, d.session, d.return, d.expected, d.return - d.expected as ar, d.ar_se,
       (d.return - d.expected) / d.ar_se as sar,
       d.car, d.car_se,
       (d.return - d.expected) * (d.return - d.expected) / (d.ar_se * d.ar_se) as beaver_u, d.beaver_u_p
from event_days d;

create view daily_reactions as
select a.study_id as study, a.event_id, a.asset, d.tau, d.session, d.return, d.expected, d.ar, d.ar_se, d.sar,
       d.car, d.car_se, d.beaver_u, d.beaver_u_p, s.bar, cast(s.position = 0 as integer) as is_headline, a.code_version, a.config_hash, a.input_hash
from daily d join analyses a using (analysis_id) left join studies s using (study_id)
where a.alignment = 'main';

create view alignments as
select a.study_id as study, a.event_id, a.asset, a.alignment, a.day0, w.window_start, w.window_end,
       w.car, w.t, w.p, w.placebo_p, coalesce(w.verdict, 'not computable') as verdict, a.status,
       coalesce(w.reason, a.reason) as reason, a.code_version, a.config_hash, a.input_hash
from analyses a left join window_results w using (analysis_id);

create view tests as
select t.analysis_id, t.window_start, t.window_end, d.name, d.null_hypothesis, t.statistic, d.distribution, t.df,
       t.p_value, t.n, t.reason, d.source
from window_tests t join test_descriptions d using (description_id);

create view joint_tests as
select t.study_id, t.event_id, t.alignment, t.window_start, t.window_end, d.name, d.null_hypothesis, t.statistic,
       d.distribution, t.df, t.p_value, t.n, t.reason, d.source
from event_tests t join test_descriptions d using (description_id);

create view collections as
select c.collection_id, c.title, c.study_id as study, c.asset, c.tag, c.kind, w.group_name, w.window_start, w.window_end,
       s.bar, s.window_unit, cast(w.position = 0 as integer) as is_primary, w.n_events, w.caar, w.caar_low, w.caar_high, w.median_car,
       w.share_positive, w.mean_bhar, w.mde, w.test, w.statistic, w.p, w.p_adjusted, cast(w.test is not null as integer) as is_valid,
       w.verdict, c.times_looked, c.stands_since, c.code_version, c.config_hash, c.input_hash
from collection_windows w join collection_studies c using (collection_id) left join studies s using (study_id);

create view collection_tests as
select t.collection_id, t.group_name, t.window_start, t.window_end, d.name, d.null_hypothesis, t.statistic,
       d.distribution, t.df, t.p_value, t.n, t.is_valid, t.validity, t.reason, d.source
from collection_window_tests t join test_descriptions d using (description_id);

create view event_tags as
select e.event_id, t.value as tag from events e, json_each(e.tags) t;

create view verdict_history as
select v.run_id, r.started_at, v.study_id as study, s.title as study_title, v.event_id, e.title, v.asset,
       v.window_start, v.window_end, v.old_verdict, v.new_verdict, v.old_car, v.new_car, v.old_t, v.new_t,
       v.old_day0, v.new_day0, v.is_new_version, v.is_new_settings, v.is_new_inputs
from verdict_changes v join runs r using (run_id) left join studies s using (study_id)
     left join events e using (event_id);

create view latest_runs as
select * from runs where run_id > (select max(run_id) from runs) - 50;

create view attempts as
select a.attempt_id, a.run_id, a.event_id, a.started_at, a.seconds, a.outcome, a.reason, a.failures,
       a.results_written, r.trigger, r.code_version, r.versions, r.config_hash, a.state_key, a.input_hash
from event_attempts a join runs r using (run_id);

create view retry_queue as
select s.event_id, e.title, s.failures as attempts, s.first_failed_at, s.last_failed_at, s.next_attempt,
       cast(s.next_attempt is null as integer) as gave_up, s.fault as reason
from event_states s join events e using (event_id)
where s.failures > 0;

create view event_history as
select v.event_id, v.version, v.seen_at, v.changed, v.title, coalesce(v.stated, v.earliest) as announced_at,
       v.earliest, v.latest, v.origin, v.place, e.status, e.missing_since, e.retired_at, e.retired_by, e.retired_reason
from event_versions v join events e using (event_id);

create view bars as
select s.source, s.symbol, s.bar, date(v.session * 86400, 'unixepoch') as session, v.snapshot_id,
       strftime('%Y-%m-%dT%H:%M:%SZ', v.instant, 'unixepoch') as instant, v.close, v.dividend,
       v.open, v.high, v.low, v.volume, v.split, v.adjusted,
       case when s.bar <> '1d' then strftime('%Y-%m-%dT%H:%M:%SZ', v.label, 'unixepoch') end as starts
from bar_versions v join series s using (series_id);

create view price_revisions as
with several as (select series_id, label from bar_versions group by 1, 2 having count(*) > 1)
select s.source, s.symbol, s.bar, date(v.session * 86400, 'unixepoch') as session, v.close, v.dividend, n.fetched_at,
       lag(v.close) over versions as previous_close, lag(n.fetched_at) over versions as previous_fetched_at,
       v.snapshot_id, lag(v.dividend) over versions as previous_dividend,
       case when s.bar <> '1d' then strftime('%Y-%m-%dT%H:%M:%SZ', v.label, 'unixepoch') end as starts
from several join bar_versions v using (series_id, label) join series s using (series_id)
     join snapshots n using (snapshot_id)
window versions as (partition by v.series_id, v.label order by v.snapshot_id);

create view price_rebases as
select s.source, s.symbol, s.bar, r.field, date(r.first_label, 'unixepoch') as first_session,
       date(r.last_label, 'unixepoch') as last_session, r.factor, r.why, n.fetched_at, r.snapshot_id
from rebases r join series s using (series_id) join snapshots n using (snapshot_id);

create view result_answers as
select a.analysis_id, n.snapshot_id, n.source, n.symbol, n.bar, n.version, n.fetched_at, n.content_hash
from analyses a join texts t on t.text_id = a.answers_id
cross join json_each(t.text) j cross join snapshots n on n.snapshot_id = j.value;

create view revised_results as
with used as materialized (
    select d.answers_id, n.source, n.symbol, n.bar, n.snapshot_id
    from (select distinct answers_id from analyses) d join texts t on t.text_id = d.answers_id, json_each(t.text) j
         join snapshots n on n.snapshot_id = j.value
), revised as materialized (
    select * from price_revisions where previous_fetched_at is not null
)
select a.study_id as study, a.event_id, e.title, a.asset, a.day0, a.status, r.source, r.symbol, r.session,
       r.previous_close, r.close, r.previous_dividend, r.dividend, r.fetched_at,
       cast(r.snapshot_id <= u.snapshot_id as integer) as is_computed_since, a.run_id
from revised r join used u using (source, symbol, bar) join analyses a using (answers_id)
left join events e using (event_id)
where a.alignment = 'main' and r.session between a.first_session and a.last_session;
