"""A database of another version is refused, and the commands in the refusal carry over what cannot be made again."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import json
import re
import shlex
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.archive import bars
from eventstudy.archive import read as archive_read
from eventstudy.archive.confirmations import confirm
from eventstudy.database.connection import open_database
from eventstudy.evidence.flags import Flag
from tests.support.command import eventstudy
from tests.support.passes import rows, write_config
from tests.support.series import SYMBOL, daily, day, part, span, weekdays

OLD_SCHEMA = Path(__file__).parents[1] / "data" / "old" / "schema_0_1.sql"
OLD_MIGRATIONS = ("m0001_results", "m0002_archive", "m0007_seals")
DAYS = weekdays("2023-01-02", 60)
CLOSE = np.round(np.linspace(100.0, 130.0, 60) + np.arange(60) % 3 / 7, 4)
ADDED = {
    "schema": "eventstudy.events/1",
    "events": [
        {
            "id": "by-hand",
            "title": "Added by hand",
            "announced_at": "2023-03-17T07:00:00.250000Z",
            "kind": "announcement",
            "assets": ["USDCNY"],
            "tags": ["china"],
            "state": {"status": "ok", "origin": "added"},
        }
    ],
}


def fill(connection: sqlite3.Connection) -> None:
    """Four answers: forty bars, a revision with a later bar, all of it restated after a split, and five-minute bars."""
    none = np.ones(60)
    whole = daily(DAYS, CLOSE, splits=none)
    first = part(whole, slice(0, 40))
    archive.save(connection, first, asked=span(first), fetched_at=day(1))
    revised = part(daily(DAYS, CLOSE + np.where(np.arange(60) == 30, 0.5, 0.0), splits=none), slice(25, 45))
    archive.save(connection, revised, asked=span(revised), fetched_at=day(2))
    splits = np.where(np.arange(60) == 50, 4.0, 1.0)
    restated = daily(DAYS, (CLOSE + np.where(np.arange(60) == 30, 0.5, 0.0)) / 4.0, splits=splits)
    archive.save(connection, restated, asked=span(restated), fetched_at=day(3))
    starts = (np.datetime64("2023-03-17T14:30", "ns") + np.arange(6) * np.timedelta64(5, "m")).astype("datetime64[ns]")
    minutes = daily(starts.astype("datetime64[D]"), CLOSE[:6], bar="5m", starts=starts)
    minutes = dataclasses.replace(minutes, instants=starts + np.timedelta64(5, "m"))
    archive.save(connection, minutes, asked=span(minutes), fetched_at=day(4))
    twice = part(daily(DAYS, CLOSE, symbol="B"), np.array([0, 1, 1, 2]))
    archive.save(connection, twice, asked=span(twice), fetched_at=day(5))
    bars_now = bars.read(connection, SYMBOL)
    label = int(bars_now.labels[3])
    flag = Flag(label=label, session=bars_now.sessions[3], rule="range", detail="", since=label)
    confirm(connection, SYMBOL, bars_now, [flag], by="Ann", reason="seen", at=day(6))


@pytest.fixture
def folder(tmp_path):
    """Settings, and in the place of the database one of 0.1.0 with the archive that `known.db` has, too."""
    write_config(tmp_path)
    db = open_database(tmp_path / "known.db")
    fill(db.conn)
    db.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "es.db", isolation_level=None)) as old:
        old.executescript(OLD_SCHEMA.read_text("utf-8"))
        old.execute("create table _sqlite_migrations (migration_set text, name text, applied_at text)")
        old.executemany("insert into _sqlite_migrations values ('eventstudy', ?, '')", [(n,) for n in OLD_MIGRATIONS])
        old.execute("attach ? as known", (str(tmp_path / "known.db"),))
        for table in ("series", "snapshots", "bar_versions"):  # of which ours have columns that came later
            names = ", ".join(row[1] for row in old.execute(f"pragma main.table_info({table})"))
            old.execute(f"insert into main.{table} ({names}) select {names} from known.{table}")
        old.execute("insert into main.rebases select * from known.rebases")
        old.execute("insert into main.bar_marks select * from known.bar_flags")
        old.execute("create table confirmed_prices as select * from known.confirmed_prices")
        old.execute("update snapshots set fetched_at = replace(fetched_at, 'Z', '+00:00')")
    return tmp_path


def refusal(folder: Path) -> list[str]:
    done = eventstudy("run", "--config", folder / "config.yaml")
    assert (done.code, done.out) == (1, "")
    return done.err.splitlines()


def as_the_old_version_did(line: str, folder: Path) -> None:
    """What `eventstudy query … --format csv > FILE` and `events list … > FILE` of 0.1.0 write."""
    words = shlex.split(line)
    target = folder / words[-1]
    if words[1] == "events":
        target.write_text(json.dumps(ADDED), encoding="utf-8")
        return
    with contextlib.closing(sqlite3.connect(words[words.index("--db") + 1])) as old:
        found = old.execute(words[2])
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([column[0] for column in found.description])
            writer.writerows(found)


def follow(lines: list[str], folder: Path) -> None:
    """Type every command of the refusal, in the folder of the settings."""
    new = lines.index(next(line for line in lines if "and with this version" in line))
    for i, line in enumerate(lines):
        words = shlex.split(line) if line.startswith("  ") else []
        if words[:1] == ["mkdir"]:
            (folder / words[1]).mkdir()
        elif words[:1] == ["mv"]:
            shutil.move(words[1], words[2])
        elif words[:1] == ["rm"]:
            Path(words[2]).unlink(missing_ok=True)
        elif words and i < new:
            as_the_old_version_did(line, folder)
        elif words:
            done = eventstudy(*words[1:3], folder / words[3], "--config", folder / "config.yaml")
            assert done.code == 0, done.err


@pytest.mark.parametrize(
    "command", [("run",), ("status",), ("query", "reactions"), ("prices", "verify"), ("events", "list")]
)
def test_every_command_refuses_it_with_code_1_and_leaves_it_alone(folder, command):
    before = (folder / "es.db").read_bytes()
    done = eventstudy(*command, "--config", folder / "config.yaml")
    assert (done.code, done.out) == (1, "")
    assert "was made by another version of eventstudy" in done.err
    assert re.search(r"^  eventstudy prices import carried$", done.err, re.MULTILINE)
    assert (folder / "es.db").read_bytes() == before


def test_the_commands_carry_over_every_price_as_it_was_known_at_any_time(folder):
    follow(refusal(folder), folder)
    with archive_read.reading(folder / "known.db") as known, archive_read.reading(folder / "es.db") as carried:
        for key in (SYMBOL, ("s", "A", "5m"), ("s", "B", "1d")):
            for when in (1, 2, 3, 4, 5):
                was, now = (bars.read(connection, key, as_of=day(when)) for connection in (known, carried))
                for name in ("labels", "sessions", "instants", "values"):
                    assert np.array_equal(getattr(was, name), getattr(now, name), equal_nan=name == "values")
        described = [archive_read.described(connection, SYMBOL, None) for connection in (known, carried)]
        assert described[0] == described[1]
        assert archive_read.revisions(known, None, 99) == archive_read.revisions(carried, None, 99)
        for table in ("rebases", "bar_flags", "confirmed_prices"):
            found = [connection.execute(f"select * from {table}").fetchall() for connection in (known, carried)]
            assert found[0] == found[1] != []
    done = eventstudy("prices", "verify", "--config", folder / "config.yaml")
    assert (done.code, "3 series, 5 answers, 70 bars: sound" in done.err) == (0, True), done.err


def test_the_commands_carry_over_the_events_that_were_added_by_hand(folder):
    follow(refusal(folder), folder)
    found = rows(folder / "es.db", "select event_id, title, announced_at, origin, tags from events")
    assert found == [("by-hand", "Added by hand", "2023-03-17T07:00:00Z", "added", '["china"]')]
    assert eventstudy("run", "--config", folder / "config.yaml").code == 0
    assert rows(folder / "es.db", "select status from events where event_id = 'by-hand'") == [("ok",)]


def test_what_is_stored_already_is_not_carried_over_twice(folder):
    follow(refusal(folder), folder)
    done = eventstudy("prices", "import", folder / "carried", "--config", folder / "config.yaml")
    assert (done.code, "line 2: answers of s:A are stored already" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("name", "edit", "says"),
    [
        ("bars", ("close", "shut"), "bars.csv, line 2: no column 'close'"),
        ("bars", ("100.0", "a hundred"), "bars.csv, line 2: could not convert string to float"),
        ("snapshots", ("2024-01-02T00:00:00+00:00", "yesterday"), "snapshots.csv, line 2: Invalid isoformat string"),
        ("bars", ("s,A", "s,Z"), "there is no answer 1 of s:Z"),
    ],
)
def test_a_file_that_was_changed_is_named_with_its_line_and_nothing_is_written(folder, name, edit, says):
    lines = refusal(folder)
    (folder / "carried").mkdir()
    for line in lines:
        if line.startswith("  eventstudy query"):
            as_the_old_version_did(line, folder)
    (folder / "es.db").unlink()
    path = folder / "carried" / f"{name}.csv"
    path.write_text(path.read_text("utf-8").replace(*edit, 1), encoding="utf-8")
    done = eventstudy("prices", "import", folder / "carried", "--config", folder / "config.yaml")
    assert (done.code, says in done.err) == (1, True), done.err
    assert rows(folder / "es.db", "select count(*) from snapshots") == [(0,)]


def test_a_file_without_its_name_is_wrong_usage(folder):
    (folder / "p.csv").write_text("date,close\n2023-01-02,1.0\n", encoding="utf-8")
    assert eventstudy("prices", "import", folder / "p.csv", "--source", "s").code == 2
    assert eventstudy("prices", "import", folder, "--source", "s").code == 2
