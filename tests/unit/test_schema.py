"""The schema says what it holds, and docs/schema.md says the same."""

from __future__ import annotations

import re
import sqlite3

import pytest

from eventstudy.database import columns as meanings
from eventstudy.database import units
from eventstudy.database.tables import TABLES
from eventstudy.store.queries import QUERIES
from tests.docs import schema_diagram, schema_page


@pytest.fixture(scope="module")
def connection() -> sqlite3.Connection:
    return schema_page.database()


def everything(connection) -> dict[str, list[str]]:
    names = [*schema_page.tables(connection, "table"), *schema_page.tables(connection, "view")]
    return {name: [column for column, _, _ in schema_page.columns(connection, name)] for name in names}


def test_the_committed_page_and_its_picture_are_what_the_database_says(connection):
    assert schema_page.PAGE.read_text("utf-8") == schema_page.page(), "run python -m tests.docs.schema_page"
    picture = schema_diagram.picture(connection)
    assert schema_diagram.IMAGE.read_text("utf-8") == picture, "run python -m tests.docs.schema_page"
    tables = schema_page.tables(connection, "table")
    assert sorted(re.findall(r'class="name">(\w+)<', picture)) == sorted(tables)
    # each reference is an arrow, or a name in the box of its table
    named = [
        name for words in re.findall(r'class="to">→? ?([^<]+)<', picture) for name in words.strip(", ").split(", ")
    ]
    pairs = sum(len(to) for to in schema_diagram.references(connection, tables).values())
    assert picture.count('class="line"') + len(named) == pairs > 40


def test_every_table_and_column_has_a_meaning(connection):
    found = everything(connection)
    assert set(TABLES) == set(found)
    assert [(t, c) for t, names in found.items() for c in names if not meanings.meaning(t, c)] == []


def test_every_number_instant_and_date_has_a_unit(connection):
    """Of a table the type says what is a number; what a sentence says to be in UTC is an instant."""
    lacking = [
        (table, name)
        for table in schema_page.tables(connection, "table")
        for name, kind, _ in schema_page.columns(connection, table)
        if kind in ("integer", "real") and not units.unit(name, table)
    ]
    assert lacking == []
    for table, names in everything(connection).items():
        for name in names:
            is_utc = (meanings.meaning(table, name) or "").rstrip(".").endswith("UTC")
            assert not is_utc or name == "zone" or units.unit(name, table) == units.INSTANT, (table, name)


def test_no_unit_is_left_over(connection):
    used = {column for names in everything(connection).values() for column in names}
    used |= {column for query in QUERIES.ours for column in query.columns}
    assert units.NAMES - used == set()


def test_no_meaning_is_left_over(connection):
    found = everything(connection)
    assert [(t, c) for t, said in meanings.COLUMNS.items() for c in said if c not in found[t]] == []
    used = {c for t, names in found.items() for c in names if c not in meanings.COLUMNS.get(t, {})}
    assert set(meanings.COMMON) - used == set()


def test_every_table_is_strict(connection):
    strict = {row[1]: row[5] for row in connection.execute("pragma table_list") if row[2] == "table"}
    assert {name for name in schema_page.tables(connection, "table") if not strict[name]} == set()


def test_the_contract_of_the_views_for_people(connection):
    promised = (
        "study, event_id, title, announced_at, kind, asset, asset_title, day0, window_start, window_end, bar, "
        "window_unit, price_before, price_at, move, car, car_se, car_low, car_high, t, p, p_adjusted, placebo_p, "
        "mde, verdict, context, is_headline, is_primary, status, reason, code_version, config_hash, input_hash"
    )
    views = everything(connection)
    assert set(promised.split(", ")) <= set(views["reactions"])
    days = "study, event_id, asset, tau, session, return, expected, ar, ar_se, sar"
    assert views["daily_reactions"][:10] == days.split(", ")
    for view in ("reactions", "daily_reactions", "alignments"):
        assert {"study", "code_version", "config_hash", "input_hash"} <= set(views[view])
    assert {"event_tags", "verdict_history", "revised_results", "latest_runs", "price_revisions"} <= set(views)


def test_no_view_has_an_order_of_its_own(connection):
    found = connection.execute("select name, sql from sqlite_schema where type = 'view'").fetchall()
    outside = [
        (name, sql.replace("(partition by v.series_id, v.label order by v.snapshot_id)", "")) for name, sql in found
    ]
    assert [name for name, sql in outside if "order by" in sql] == []


def test_every_instant_is_checked_to_be_spelled_in_one_way(connection):
    """Of every column that a sentence of the documentation says to be in UTC."""
    checked = "check ({0} glob '????-??-??T??:??:??Z')"
    for table in schema_page.tables(connection, "table"):
        (sql,) = connection.execute("select sql from sqlite_schema where name = ?", (table,)).fetchone()
        for name, kind, _ in schema_page.columns(connection, table):
            if kind == "text" and "UTC" in (meanings.meaning(table, name) or "") and name != "zone":
                assert checked.format(name) in sql, (table, name)
