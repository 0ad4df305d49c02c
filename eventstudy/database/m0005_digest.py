"""Migration 5: what a verdict was before a later pass changed it, and which intraday bars were captured."""

from __future__ import annotations

from sqlite_utils import Database

_CHANGES = """
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
) strict, without rowid
"""

_CAPTURES = """
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
) strict, without rowid
"""


def m0005_digest(db: Database) -> None:
    """The tables `verdict_changes` and `captures`."""
    db.execute(_CHANGES)
    db.execute(_CAPTURES)
    db.execute("create index verdict_changes_by_event on verdict_changes (event_id)")
    # the digest asks for what one pass wrote
    db.execute("create index analyses_by_run on analyses (run_id)")
