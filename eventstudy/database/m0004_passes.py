"""Migration 4: what a pass knows of every event, so that the next one looks only at what is due."""

from __future__ import annotations

from sqlite_utils import Database

STATEMENTS = """
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

create table marks (
    name text primary key,
    value text not null
) strict, without rowid;

create view attempts as
select a.attempt_id, a.run_id, a.event_id, a.started_at, a.seconds, a.outcome, a.reason, a.failures,
       a.results_written, r.trigger, r.code_version, r.versions, r.config_hash, a.state_key, a.input_hash
from event_attempts a join runs r using (run_id)
order by a.attempt_id desc;

create view retry_queue as
select r.event_id, e.title, r.attempts, r.first_failed_at, r.last_failed_at, r.next_attempt,
       r.next_attempt is null as gave_up, r.reason
from retries r join events e using (event_id)
order by r.next_attempt is null, r.next_attempt, r.event_id
"""


def m0004_passes(db: Database) -> None:
    """States, retries and attempts of events; every event of an older database is looked at once more."""
    for statement in STATEMENTS.split(";\n"):
        db.execute(statement)
