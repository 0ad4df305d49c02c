"""A stored price that was altered by accident gives no number, and is told of."""

from __future__ import annotations

import random
import sqlite3
import struct

import pytest

from tests.support.command import eventstudy
from tests.support.passes import rows, run, write_config


def flip(database, seed):
    """Flip one bit of one stored number of a bar."""
    random_ = random.Random(seed)
    connection = sqlite3.connect(database)
    column = random_.choice(["close", "instant", "session"])
    bars = connection.execute(
        f"select series_id, label, snapshot_id, {column} from bar_versions where {column} is not null"
    ).fetchall()
    *key, value = random_.choice(bars)
    if column == "close":
        [bits] = struct.unpack("<Q", struct.pack("<d", value))
        [value] = struct.unpack("<d", struct.pack("<Q", bits ^ (1 << random_.randrange(62))))
    else:
        value ^= 1 << random_.randrange(20)
    connection.execute(
        f"update bar_versions set {column} = ? where series_id = ? and label = ? and snapshot_id = ?", (value, *key)
    )
    connection.commit()
    connection.close()


@pytest.mark.parametrize("seed", range(12))
def test_a_bit_that_flipped_in_a_stored_bar_gives_no_number(tmp_path, seed):
    path = write_config(tmp_path)
    assert run(path).exit_code == 0
    database = tmp_path / "es.db"
    shown = "select event_id, asset, window_start, window_end, car, t, verdict from reactions order by 1, 2, 3, 4"
    before = set(rows(database, shown))
    flip(database, seed)
    result = run(path, is_full=True)
    assert result.exit_code == 3
    assert not {row for row in rows(database, shown) if row[4] is not None} - before
    assert "are damaged" in rows(database, "select max(reason) from analyses where status <> 'ok'")[0][0]
    assert any("are damaged" in trouble for trouble in result.troubles)
    found = eventstudy("doctor", "--config", path)
    assert found.code == 1
    assert "not what was written" in found.out or "not those that came" in found.out


def test_what_was_put_right_is_told_of_and_studied_again(tmp_path):
    path, database = write_config(tmp_path), tmp_path / "es.db"
    run(path)
    shown = "select event_id, asset, window_start, car, t, verdict from reactions order by 1, 2, 3"
    before = rows(database, shown)

    def scale(factor):
        connection = sqlite3.connect(database)
        connection.execute("update bar_versions set close = close * ? where series_id = 1", (factor,))
        connection.commit()
        connection.close()

    scale(2.0)
    assert run(path, is_full=True).exit_code == 3
    scale(0.5)
    assert run(path, is_full=True).exit_code == 0
    assert rows(database, shown) == before
    assert rows(database, "select count(*) from notices where kind = 'failure' and ended_at is null") == [(0,)]
