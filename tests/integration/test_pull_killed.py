"""SIGKILL during a pull, at moments of no one's choosing: the archive verifies, and the next pull completes it."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import signal
import sqlite3
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.archive import read as archive_read
from eventstudy.archive.verify import verify
from eventstudy.database import connection as store
from jobs import prices
from tests.support import passes
from tests.support.passes import NOW, loaded, write_config

SYMBOLS = ("EURUSD", "USDJPY", "GBPUSD", "USDCHF", "USDSEK", "USDCAD", "USDCNY", "AUDUSD")
YEARS = ((dt.date(2015, 1, 1), dt.date(2017, 1, 1)), (dt.date(2020, 1, 1), dt.date(2023, 1, 1)))
DAYS = {("ecb", symbol): YEARS for symbol in SYMBOLS}
TRIALS = 20


def pull(path: Path) -> tuple[dict, int]:
    config, _ = loaded(path)
    return prices.pull_prices(config, DAYS, now=lambda: NOW, talk=lambda _: None, bar="1d")


def killed_after(path: Path, seconds: float) -> bool:
    """Pull in a process of its own and kill it; whether it was still at work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child only computes and leaves
        child = os.fork()
    if child == 0:
        try:
            pull(path)
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def content(database: Path) -> list[str]:
    """Every bar and what is covered; not the numbers of rows, which depend on how often work was broken off."""
    connection = sqlite3.connect(database)
    try:
        bars = connection.execute("select source, symbol, bar, session, instant, close, dividend from bars").fetchall()
        asked = connection.execute("select source, symbol, asked_from, covered_to from snapshots").fetchall()
    finally:
        connection.close()
    return sorted(map(str, [*bars, *asked]))


@pytest.mark.long
def test_sigkill_at_any_moment_of_a_pull(tmp_path):
    whole = tmp_path / "whole"
    whole.mkdir()
    path = write_config(whole)
    began = time.monotonic()
    faults, written = pull(path)
    took = time.monotonic() - began
    assert (faults, written > 8000) == ({}, True)
    expected = content(whole / "es.db")
    chance, hits = random.Random(41), 0
    for trial in range(TRIALS):
        folder = tmp_path / str(trial)
        folder.mkdir()
        path = write_config(folder)
        hits += killed_after(path, chance.uniform(0.0, took))
        if (folder / "es.db").exists():
            store.open_database(folder / "es.db").close()  # rolls back what was broken off, and migrates
            with archive_read.reading(folder / "es.db") as connection:
                assert list(verify(connection, {})) == []
                for (symbol,) in connection.execute("select symbol from series"):
                    assert archive.load(connection, "ecb", symbol, asset=symbol).prices.size  # whole units of work
        assert pull(path)[0] == {}
        assert content(folder / "es.db") == expected
        assert passes.faults(folder / "es.db") == []
        assert pull(path) == ({}, 0)
        shutil.rmtree(folder)
    assert hits >= TRIALS // 2


def test_the_first_price_after_years_that_nobody_asked_for_is_left_out(tmp_path):
    path = write_config(tmp_path)
    pull(path)
    with archive_read.reading(tmp_path / "es.db") as connection:
        prices = [archive.load(connection, *key, asset=key[1]).prices for key in DAYS]
    assert [int(np.isnan(found).sum()) for found in prices] == [1] * len(SYMBOLS)
