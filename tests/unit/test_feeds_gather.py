"""Whose an id is, what is kept, what is gone, and what is called off; with the database that passes leave."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from eventstudy.config.load import load_config
from eventstudy.database.connection import open_database, transaction
from eventstudy.errors import ConfigError
from eventstudy.events import known as known_as
from eventstudy.events.gather import Gathered
from eventstudy.store import by_hand as hand
from eventstudy.store import history, write
from eventstudy.store.sync import gather, remember
from tests.support.feeds import drop
from tests.support.passes import NOW, rows, write_config

FEEDS = """\
feeds:
  - {{id: desk, kind: csv, path: {0}/desk.csv, assets: [USDCNY]}}
  - {{id: other, kind: csv, path: {0}/other.csv, assets: [EURUSD]}}
"""
HEAD = "id,title,announced_at,status\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Settings with two feeds, both of them files without a row."""
    write_config(tmp_path, ("schedule:", f"{FEEDS.format(tmp_path)}schedule:"))
    drop(tmp_path, "desk.csv", HEAD)
    drop(tmp_path, "other.csv", HEAD)
    return tmp_path


def look(folder: Path, now: dt.datetime = NOW) -> Gathered:
    return gather(load_config(folder / "config.yaml", {}), now)


def keep(folder: Path, now: dt.datetime = NOW) -> Gathered:
    """Gather and write down, as a pass does."""
    config = load_config(folder / "config.yaml", {})
    gathered = gather(config, now)
    hand.write_feeds(config.database, gathered, now)
    return gathered


def ids(gathered: Gathered) -> list[str]:
    return [event.event_id for event in gathered.events]


def marks(folder: Path, event_id: str) -> tuple[object, ...]:
    (found,) = rows(
        folder / "es.db", "select missing_since, retired_by, retired_reason from events where event_id = ?", event_id
    )
    return found


def test_without_a_database_the_settings_and_the_files_are_all(folder):
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-05-04T07:00Z,\n")
    found = look(folder)
    assert ids(found) == ["x", "meeting", "visit"]
    assert found.origins["x"] == ("desk", "desk.csv:2")
    assert not (folder / "es.db").exists()


def test_settings_win_then_what_was_added_then_the_feeds_in_their_order(folder):
    row = "{0},{1},2022-05-04T07:00Z,\n"
    drop(folder, "desk.csv", HEAD + "".join(row.format(x, "desk") for x in ("visit", "mine", "both")))
    drop(folder, "other.csv", HEAD + "".join(row.format(x, "other") for x in ("both", "alone")))
    config = load_config(folder / "config.yaml", {})
    reading = hand.read_file(
        drop(folder, "mine.csv", HEAD + row.format("mine", "by hand")), config.feeds[0], config.assets, NOW
    )
    hand.write_changes(config.database, hand.compare(reading.items, Gathered(), {}), NOW)
    found = look(folder)
    titles = {event.event_id: event.title for event in found.events}
    assert titles == {
        "visit": "A visit",
        "meeting": "A meeting",
        "mine": "by hand",
        "both": "desk",
        "alone": "other",
    }
    assert found.notes == [
        "visit: config.yaml counts, in place of desk (desk.csv:2)",
        "mine: added (mine.csv:2) counts, in place of desk (desk.csv:3)",
        "both: desk (desk.csv:4) counts, in place of other (other.csv:2)",
    ]
    assert found.problems == []


def test_a_moved_event_is_a_version_and_the_same_again_is_none(folder):
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-05-04T07:00Z,\n")
    keep(folder)
    keep(folder)
    drop(folder, "desk.csv", f"{HEAD}y,Y,2022-05-04T07:00Z,\nx,X,2022-05-05T07:00Z,\n")
    keep(folder)
    keep(folder)
    assert rows(
        folder / "es.db", "select version, changed, stated from event_versions where event_id = 'x' order by version"
    ) == [(1, "[]", "2022-05-04T07:00:00Z"), (2, '["earliest", "latest", "stated"]', "2022-05-05T07:00:00Z")]
    assert rows(folder / "es.db", "select announced_at, place from events where event_id = 'x'") == [
        ("2022-05-05T07:00:00Z", "desk.csv:3")
    ]


def test_an_event_that_vanished_is_kept_studied_and_marked(folder):
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-05-04T07:00Z,\n")
    keep(folder)
    drop(folder, "desk.csv", HEAD)
    found = keep(folder)
    assert "x" in ids(found)
    assert found.gone == {"x"}
    assert marks(folder, "x") == ("2026-11-20T23:30:00Z", None, None)
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-05-04T07:00Z,\n")
    keep(folder)
    assert marks(folder, "x") == (None, None, None)


def test_one_that_vanished_before_it_was_announced_waits(folder):
    drop(folder, "desk.csv", f"{HEAD}x,X,2026-12-24T07:00Z,\n")
    assert "x" in ids(keep(folder))
    drop(folder, "desk.csv", HEAD)
    assert "x" not in ids(keep(folder))
    later = NOW + dt.timedelta(days=90)
    assert "x" not in ids(keep(folder, later))
    assert rows(folder / "es.db", "select status, reason from events where event_id = 'x'") == [
        ("pending", known_as.GONE)
    ]


@pytest.mark.parametrize(
    "broken",
    [None, b"id,title\n\xff", HEAD + ",No id,2022-05-04T07:00Z,\n", HEAD + "x,X,soon,\n"],
    ids=["no file", "no text", "a row without an id", "its own row is wrong"],
)
def test_what_cannot_be_read_leaves_what_is_stored(folder, broken):
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-05-04T07:00Z,\n")
    keep(folder)
    if broken is None:
        (folder / "desk.csv").unlink()
    else:
        drop(folder, "desk.csv", broken)
    found = keep(folder)
    assert len(found.problems) == 1
    assert "x" in ids(found)
    assert marks(folder, "x") == (None, None, None)


def test_one_that_is_called_off_is_retired_until_it_is_on_again(folder):
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-05-04T07:00Z,\n")
    keep(folder)
    drop(folder, "desk.csv", f"{HEAD}x,X,,cancelled\n")
    assert "x" not in ids(keep(folder))
    assert marks(folder, "x") == (None, "feed", "called off by desk (desk.csv:2)")
    drop(folder, "desk.csv", HEAD)
    assert "x" not in ids(keep(folder))
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-06-04T07:00Z,\n")
    assert "x" in ids(keep(folder))
    assert marks(folder, "x") == (None, None, None)


def test_a_feed_cannot_bring_back_what_was_retired_by_hand(folder):
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-05-04T07:00Z,\n")
    found = keep(folder)
    event = next(event for event in found.events if event.event_id == "x")
    assert hand.retire(folder / "es.db", event, None, "a rumour", NOW)
    assert not hand.retire(folder / "es.db", event, None, "a rumour", NOW)
    assert "x" not in ids(keep(folder))
    assert marks(folder, "x") == (None, "hand", "a rumour")
    assert hand.take_back(folder / "es.db", "x", NOW)
    assert "x" in ids(keep(folder))


def test_events_of_a_feed_that_the_settings_no_longer_have_rest(folder):
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-05-04T07:00Z,\n")
    keep(folder)
    path = folder / "config.yaml"
    path.write_text(path.read_text("utf-8").replace("id: desk", "id: renamed").replace("desk.csv", "none.csv"))
    assert "x" not in ids(keep(folder))
    assert marks(folder, "x")[0] is not None


def test_what_moves_into_the_future_waits_at_once(folder):
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-05-04T07:00Z,\n")
    keep(folder)
    db = open_database(folder / "es.db")
    with transaction(db) as connection:
        connection.execute("update events set status = 'ok' where event_id = 'x'")
    db.close()
    drop(folder, "desk.csv", f"{HEAD}x,X,2027-05-04T07:00Z,\n")
    keep(folder)
    assert rows(folder / "es.db", "select status, reason from events where event_id = 'x'") == [
        ("pending", "not announced yet")
    ]


def test_an_asset_that_the_settings_lost_is_a_problem_of_that_event(folder):
    drop(folder, "desk.csv", f"{HEAD}x,X,2022-05-04T07:00Z,\n")
    keep(folder)
    drop(folder, "desk.csv", HEAD)
    path = folder / "config.yaml"
    text = path.read_text("utf-8").replace("  USDCNY: {", "  GBPUSD: {").replace("USDCNY", "EURUSD")
    path.write_text(text.replace("assets: [EURUSD, EURUSD]", "assets: [EURUSD]"))
    found = look(folder)
    assert "x" not in ids(found)
    assert [str(problem).partition(" (")[0] for problem in found.problems] == [
        "x: assets: there is no such asset any more"
    ]


def test_what_is_stored_is_the_same_event_again(folder):
    names = "id,title,earliest,latest,announced_at,zone,note,tags"
    times = "2022-05-04T07:00:00.25Z,2022-05-04T09:00Z,2022-05-04T07:00:00.25Z"
    text = f'{names}\nx,X,{times},Asia/Tokyo,"n\nn",a|b\n'
    drop(folder, "desk.csv", text)
    first = {event.event_id: event for event in keep(folder).events}
    again = {event_id: known.event for event_id, known in history.known_events(folder / "es.db").items()}
    assert repr(again["x"]) == repr(first["x"])  # results are found again by a hash of this text


def test_only_some_events_at_hand_marks_nothing_missing(folder):
    keep(folder)
    config = load_config(folder / "config.yaml", {})
    db = open_database(config.database)
    with transaction(db) as connection:
        (event, *_) = gather(config, NOW).events
        write.put_event(connection, event, "ok", None)
        remember(connection, [event], None, NOW)
    db.close()
    assert rows(config.database, "select count(*) from events where missing_since is not null") == [(0,)]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("{id: added, kind: csv, path: a.csv}", "feeds[added].id: this word is taken"),
        ("{id: a, kind: csv}", "feeds[a].path: a feed of kind csv needs a path"),
        ("{id: a, kind: yahoo-earnings}", "feeds[a].source: a feed of kind yahoo-earnings needs a source"),
        ("{id: a, kind: yahoo-earnings, source: ecb}", "feeds[a].source: this source knows no earnings"),
        ("{id: a, kind: yahoo-earnings, source: yaho}", "feeds[a].source: there is no such source"),
        ("{id: a, kind: csv, path: a.csv, scope: market}", "feeds[a].scope: a feed of kind csv has no scope"),
        ("{id: a, kind: ics, path: a.ics, columns: {id: x}}", "feeds[a].columns: a feed of kind ics has no columns"),
        (
            "{id: a, kind: csv, path: a.csv, columns: {titel: x}}",
            "an event has no such field (got 'titel'); did you mean",
        ),
        ("{id: a, kind: csv, path: a.csv, assets: [X]}", "feeds[a].assets: there is no such asset"),
        ("{id: a, kind: csv, path: a.csv, zone: Mars}", "feeds[a].zone: unknown time zone"),
        ("{id: a, kind: xml, path: a.xml}", "feeds[a].kind: there is no such kind of feed"),
    ],
)
def test_settings_of_a_feed_that_cannot_be(tmp_path, settings, says):
    path = write_config(tmp_path, ("schedule:", f"feeds:\n  - {settings}\nschedule:"))
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    assert says in str(caught.value)


def test_a_pass_that_was_killed_between_row_and_version_is_made_up_for(folder):
    """The row of an event and its version are two units of work: a crash between them must lose neither."""
    for when in ("2022-05-04", "2022-05-05"):
        drop(folder, "desk.csv", f"{HEAD}x,X,{when}T07:00Z,\n")
        event = next(event for event in look(folder).events if event.event_id == "x")
        db = open_database(folder / "es.db")
        with transaction(db) as connection:
            write.put_event(connection, event, "ok", None)  # and then the process was killed
        db.close()
        assert look(folder).has_news
        keep(folder)
    found = rows(folder / "es.db", "select version, earliest, origin from event_versions where event_id = 'x'")
    assert found == [(1, "2022-05-04T07:00:00Z", "desk"), (2, "2022-05-05T07:00:00Z", "desk")]
    assert not look(folder).has_news
