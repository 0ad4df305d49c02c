"""`eventstudy demo`, as a person meets it."""

from __future__ import annotations

import json
import re

from tests.support import passes
from tests.support.command import eventstudy


def test_it_ends_well_and_names_its_files(demo):
    assert (demo.done.code, demo.done.err) == (0, "")
    named = dict(re.findall(r"^(Report|All|Database): +(.+)$", demo.done.out, re.MULTILINE))
    assert named == {
        "Report": str(demo.folder / "reports" / "xi-visits-russia-2023.html"),
        "All": str(demo.folder / "reports" / "index.html"),
        "Database": str(demo.database),
    }
    assert len(list((demo.folder / "reports").glob("*.html"))) == 13  # ten, all, and the digest twice


def test_it_writes_nowhere_else(demo):
    assert [p.name for p in demo.folder.parent.iterdir()] == ["var"]
    of_readers = {"eventstudy.db-shm", "eventstudy.db-wal"}  # there as long as nobody who may write closed it last
    assert {p.name for p in demo.folder.iterdir()} - of_readers == {
        "eventstudy.db",
        "eventstudy.db.heartbeat.json",
        "eventstudy.db.run.lock",
        "reports",
    }


def test_the_table_has_every_asset_of_every_event_and_fits_eighty_columns(demo):
    lines = demo.done.out.split("\n\n")[0].splitlines()
    assert max(map(len, lines)) <= 80
    rows = [line for line in lines[2:] if line.startswith("  ")]
    ((assets,),) = passes.rows(demo.database, "select sum(json_array_length(assets)) from events")
    assert len(rows) == assets == 34
    assert any(line.startswith("  2015-01-15  EURCHF        [0,0]     \u221214.4%    \u2212170") for line in rows)
    assert sum("not computable" in line for line in rows) == 1


def test_a_second_time_changes_nothing(demo):
    before, files = passes.dump(demo.database), passes.pages(demo.folder / "reports")
    again = eventstudy("demo", "--dir", demo.folder, "--json")
    assert again.code == 0
    answer = json.loads(again.out)
    assert (answer["schema"], answer["results_written"], answer["status"]) == ("eventstudy.run/1", 0, "ok")
    assert {event["status"] for event in answer["events"]} == {"ok", "partial"}
    assert passes.dump(demo.database) == before
    assert passes.pages(demo.folder / "reports") == files


def test_a_dry_run_of_the_demo_says_what_it_would_study_and_writes_nothing(tmp_path):
    done = eventstudy("demo", "--dir", tmp_path / "var", "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert "Plan: 10 to study" in done.out
    assert not (tmp_path / "var").exists()


def test_the_database_is_sound(demo):
    assert passes.faults(demo.database) == []
