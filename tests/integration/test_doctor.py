"""`eventstudy doctor` on set-ups that are broken in one way each: it says which, on one line, and changes nothing."""

from __future__ import annotations

import json
import os
import sqlite3

import pytest

from tests.support.command import eventstudy
from tests.support.passes import run, write_config


def checks(path):
    done = eventstudy("doctor", "--config", path, "--json")
    found = {check["name"]: (check["state"], check["found"]) for check in json.loads(done.out)["checks"]}
    return done.code, found


def test_a_sound_set_up(tmp_path):
    path = write_config(tmp_path)
    code, found = checks(path)
    assert code == 0
    assert found["database"][0] == found["last run"][0] == "note"
    assert [p.name for p in tmp_path.iterdir()] == ["config.yaml"]
    run(path)
    code, found = checks(path)
    assert code == 0
    assert {state for state, _ in found.values()} == {"ok"}
    assert "2 events" in found["database"][1]
    assert found["last run"][1] == "2026-11-20T23:30:00Z, ok"


def test_settings_that_are_not_there(tmp_path):
    code, found = checks(tmp_path / "config.yaml")
    assert code == 1
    assert found["settings"][0] == "bad"
    assert found["ECB rates"][0] == "ok"


def test_every_mistake_in_the_settings_is_a_line(tmp_path):
    path = write_config(tmp_path, ("model: constant-mean", "model: psychic"), ("zone: UTC", "zoen: UTC"))
    done = eventstudy("doctor", "--config", path)
    assert done.code == 1
    assert sum(line.startswith("bad   settings") for line in done.out.splitlines()) == 2
    assert "Traceback" not in done.out + done.err


def _newer(folder):
    connection = sqlite3.connect(folder / "es.db", isolation_level=None)
    connection.execute(
        "insert into _sqlite_migrations (migration_set, name, applied_at) values ('eventstudy', 'm9999_future', '')"
    )


def _orphan(folder):
    connection = sqlite3.connect(folder / "es.db", isolation_level=None)
    connection.execute("delete from events where event_id = 'visit'")


def _half(folder):
    whole = (folder / "es.db").read_bytes()
    (folder / "es.db").write_bytes(whole[: len(whole) // 2])


def _text(folder):
    (folder / "es.db").write_text("nonsense " * 1000)


def _heartbeat(folder):
    (folder / "es.db.heartbeat.json").write_text('{"finished_at": ')


def _gone(folder):
    (folder / "es.db").unlink()


def _broke_off(folder):
    path = folder / "es.db.heartbeat.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "failed", "reason": "StoreError: disk full"}))


def _old_heartbeat(folder):
    (folder / "es.db.heartbeat.json").write_text("{}")


@pytest.mark.parametrize(
    ("damage", "name", "says"),
    [
        (_newer, "database", "newer version of eventstudy (m9999_future)"),
        (_orphan, "database", "broken references"),
        (_half, "database", "`eventstudy restore`"),
        (_text, "database", "`eventstudy restore`"),
        (_gone, "database", "is gone, though a pass finished on it"),
        (_broke_off, "last run", "failed: StoreError: disk full"),
        (_heartbeat, "last run", "heartbeat"),
        (_old_heartbeat, "last run", "heartbeat"),
    ],
)
def test_damage_is_named(tmp_path, damage, name, says):
    path = write_config(tmp_path)
    run(path)
    damage(tmp_path)
    code, found = checks(path)
    assert code == 1
    assert found[name][0] == "bad"
    assert says in found[name][1]
    assert {state for other, (state, _) in found.items() if other != name} == {"ok"}


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)  # real rights do not hold root back
    code, found = checks(write_config(tmp_path))
    assert (code, found["pages"][0], found["its folder"][0]) == (1, "bad", "bad")
    assert found["its folder"][1].endswith("change its rights, or `database:`")


def test_reports_where_a_file_is(tmp_path):
    path = write_config(tmp_path)
    (tmp_path / "reports").write_text("a file in the way")
    code, found = checks(path)
    assert (code, found["pages"][0]) == (1, "bad")
