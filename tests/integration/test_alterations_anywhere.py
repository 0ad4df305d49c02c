"""Of hundreds of seeded corruptions of any table, none changes what is shown without a word of it."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from contextlib import closing

import pytest

from eventstudy.database import reading
from eventstudy.errors import EventStudyError
from eventstudy.report import publish
from eventstudy.report.collection_page import render_collection
from eventstudy.report.digest.night import digest_of_day, digest_of_run
from eventstudy.store import content
from eventstudy.store.queries import QUERIES, of_table
from tests.support.alterations import alter_any
from tests.support.passes import NOW, RELATIVE, rows, run, write_config

SEEDS = 400
VIEWS = ("verdict_history", "latest_runs", "tests", "daily_reactions", "alignments", "joint_tests", "collection_tests")
TOLD = "not what was written"
SECOND = f"""\
{RELATIVE}  - {{id: later, title: A later one, announced_at: "2022-03-01T07:00Z", assets: [EURUSD]}}
"""
MOVED = ('"2022-03-01T07:00Z"', '"2022-11-10T14:00Z"')
CLAIM = ("title: A visit,", "title: A visit, claims: ['The dollar rose 0.1 % against the yuan.'],")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The file that two passes left: results of two studies, a collection, a claim, and a verdict that changed."""
    folder = tmp_path_factory.mktemp("anywhere")
    more = "collections: [{id: yuan, asset: USDCNY, fewest: 2}]\n"
    for day, edits in enumerate([(("events:\n", SECOND), CLAIM), (("events:\n", SECOND), CLAIM, MOVED)]):
        path = write_config(folder, *edits, more=more)
        assert run(path, now=lambda day=day: NOW + dt.timedelta(days=day)).exit_code == 0
    for table in ("claims", "verdict_changes", "run_steps", "collection_members"):
        assert rows(folder / "es.db", f"select 1 from {table}"), table
    with closing(sqlite3.connect(folder / "es.db")) as connection:
        connection.execute("vacuum into ?", (str(folder / "whole.db"),))
    return (folder / "whole.db").read_bytes()


def shown(database, folder):
    """What people see of the database, by what shows it; None where it is refused."""
    found = {}

    def show(name, make):
        try:
            found[name] = make()
        except (EventStudyError, sqlite3.Error):
            found[name] = None

    def ask(query):
        statement = query.statement({}, query.limit)
        with reading.select(database, statement, {}, check=content.first_checked) as answer:
            return repr(list(answer.rows))

    for query in [*QUERIES.ours, *map(of_table, VIEWS)]:
        show(f"query {query.name or query.table}", lambda query=query: ask(query))
    with closing(reading.connect(database)) as connection:

        def page(event_id):
            path, _ = publish.publish_event(connection, folder, event_id)
            return path.read_text("utf-8")

        def assets():
            return "".join(path.read_text("utf-8") for path in publish.publish_assets(connection, folder, since=0))

        for event_id in ("visit", "meeting", "later"):
            show(f"page of {event_id}", lambda event_id=event_id: page(event_id))
        show("pages of assets", assets)
        show("digest", lambda: repr(digest_of_day(connection)))
        show("digest of the first pass", lambda: repr(digest_of_run(connection, 1)))
    show("index", lambda: "".join(path.read_text("utf-8") for path in publish.publish_index(database, folder)))
    show("collection", lambda: render_collection(database, "yuan"))
    return found


FOUND = (
    "update analyses set alignment = '-ain' where analysis_id = (select min(analysis_id) from analyses)",
    "update analyses set study_id = 'tot!l' where analysis_id = (select max(analysis_id) from analyses)",
    "update notices set kind = 'mowed' where kind = 'moved'",
    "update notices set payload = replace(payload, '07:00', '06:00') where kind = 'moved'",
    "update notices set payload = replace(payload, 'T07', 'T97') where kind = 'moved'",
    "update notices set run_id = 514 where kind = 'moved'",
    "update notices set run_id = 1 where kind = 'moved'",
)


@pytest.mark.parametrize("statement", FOUND)
def test_what_chance_found_stays_found(whole, tmp_path, statement):
    before, after = tmp_path / "before.db", tmp_path / "after.db"
    for database in (before, after):
        database.write_bytes(whole)
    with closing(sqlite3.connect(after, isolation_level=None)) as connection:
        connection.execute("pragma ignore_check_constraints = 1")
        for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            connection.execute(f"drop trigger {name}")
        assert connection.execute(statement).rowcount == 1
    known, told = shown(before, tmp_path), shown(after, tmp_path)
    changed = [name for name in known if told[name] != known[name]]
    assert changed
    assert [name for name in changed if isinstance(told[name], str) and TOLD not in told[name]] == []


@pytest.mark.long
def test_no_corruption_of_any_table_changes_what_is_shown_unseen(whole, tmp_path):
    database = tmp_path / "es.db"
    database.write_bytes(whole)
    before = shown(database, tmp_path)
    refused = [name for name, told in before.items() if not isinstance(told, str) or TOLD in told]
    assert (len(before), refused) == (len(QUERIES.ours) + len(VIEWS) + 8, [])
    unseen, seen = [], 0
    for seed in range(SEEDS):
        database = tmp_path / f"{seed}.db"
        database.write_bytes(whole)
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            what = alter_any(connection, random.Random(seed))
        after = shown(database, tmp_path)
        database.unlink()
        changed = [name for name in before if after[name] != before[name]]
        seen += any(not isinstance(after[name], str) or TOLD in after[name] for name in changed)
        unseen += [
            f"seed {seed}, {name}: {what}"
            for name in changed
            if isinstance(after[name], str) and TOLD not in after[name]
        ]
    assert unseen == []
    assert seen > SEEDS // 4
