"""A week of nights, with real yfinance; and the checks of the soak catch what they are there for."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import random
import sqlite3

import numpy as np
import pytest

from eventstudy.archive import flags
from eventstudy.config.load import load_config
from eventstudy.errors import NoDataInRange
from eventstudy.events.build import from_config
from jobs import nightly
from tests.soak import everything, year, zones
from tests.soak.silent import silent_year
from tests.soak.world import INDEX, PlainSource, Size, World, cut, write_settings
from tests.support import passes

SMALL = Size(nights=5, events=10, symbols=4)


@pytest.mark.long
def test_a_week_of_real_yfinance_loses_nothing_and_doubles_nothing(tmp_path):
    found = year.soak(tmp_path, Size(nights=7, events=14, symbols=5), share=0.2, talk=lambda _: None)
    assert found.broken == []
    assert found.injected["calls"] > 40
    assert found.injected["corrected"] == 7
    assert sum(n for kind, n in found.injected.items() if kind not in ("calls", "stopped", "corrected")) > 3
    assert {night.status for night in found.nights[:7]} - {"ok"}  # the faults were met
    assert found.nights[-1].status == "ok"


@pytest.mark.slow
def test_a_week_of_a_plain_source_with_corrections(tmp_path):
    found = year.soak(tmp_path, SMALL, share=0.3, plain=True, talk=lambda _: None)
    assert found.broken == []
    assert found.injected["corrected"] == 5


def test_a_correction_that_was_missed_would_be_seen(tmp_path, monkeypatch):
    check = year._true

    def later(found, database, world, events):
        world.closes["INDEX"] *= 1.001  # of which no pass has heard
        check(found, database, world, events)

    monkeypatch.setattr(year, "_true", later)
    found = year.soak(tmp_path, Size(nights=2, events=3, symbols=2), share=0.0, plain=True, talk=lambda _: None)
    assert found.broken == ["9 prices of event windows are not those that the source has"]


@pytest.mark.parametrize(
    ("damage", "promise"),
    [
        ("delete from analyses where event_id = 'e00001'", "analyses: "),
        ("update window_results set car = car + 1e-9", "windows: "),
        ("update events set status = 'pending' where event_id = 'e00001'", "1 announcements have no result"),
        ("update runs set status = 'running'", "a pass was left open"),
    ],
)
def test_a_loss_would_be_seen(tmp_path, monkeypatch, damage, promise):
    check = year._check

    def damaged(found, config, *rest):
        connection = sqlite3.connect(config.database)
        connection.execute(damage)
        connection.commit()
        connection.close()
        check(found, config, *rest)

    monkeypatch.setattr(year, "_check", damaged)
    found = year.soak(tmp_path, Size(nights=2, events=3, symbols=2), share=0.0, plain=True, talk=lambda _: None)
    assert any(promise in broken for broken in found.broken), found.broken


@pytest.mark.long
def test_a_source_that_has_no_bars_or_old_ones_night_after_night_costs_none_of_them(tmp_path, monkeypatch):
    """Two nights without bars, and two without those of the last sessions: they are asked for again."""
    honest = PlainSource.fetch

    def late(source, symbol, start, end, *, bar="1d"):
        found = honest(source, symbol, start, end, bar=bar)
        night = source.now().date()
        if bar == "1d" or symbol != "S000":
            return found
        if night in (dt.date(2025, 1, 8), dt.date(2025, 1, 9)):
            raise NoDataInRange("no bar in these dates", source=source.name, symbol=symbol)
        if night in (dt.date(2025, 1, 14), dt.date(2025, 1, 15)):
            return cut(found, found.sessions <= np.datetime64("2025-01-13"))
        return found

    monkeypatch.setattr(PlainSource, "fetch", late)
    monkeypatch.setattr(year, "_disturbance", lambda _: "")
    found = year.soak(
        tmp_path, Size(nights=10, events=10, symbols=1), share=0.0, plain=True, is_all_on=True, talk=lambda _: None
    )
    assert found.broken == []


@pytest.mark.long
def test_nights_with_everything_on_lose_nothing_and_answer_claims_as_the_prices_are(tmp_path, monkeypatch):
    held = {}

    def faults(database, world, bars, events):
        held.update(database=database, given=(world, bars, events))
        return check(database, world, bars, events)

    check = everything.faults
    monkeypatch.setattr(everything, "faults", faults)
    monkeypatch.setattr(year, "KILLED", 0.2)
    monkeypatch.setattr(year, "FULL", 0.2)
    found = year.soak(tmp_path, Size(nights=12, events=24, symbols=2), share=0.1, is_all_on=True, talk=lambda _: None)
    assert found.broken == []
    assert found.injected["killed"]
    assert found.injected["full"]
    night = held["given"][0].size.night(0).timestamp()
    for damage, words in (
        ("delete from bar_versions where label % 9000 = 0 and label % 86400 <> 0", "bars are lost"),
        (f"delete from bar_versions where label > {night:.0f} and label % 86400 <> 0", "bars are lost"),
        ("update claims set answer = 'supported' where answer = 'not supported'", "claims have a wrong answer"),
        ("update window_results set verdict = 'strong' where verdict = 'none'", "windows by the minute"),
    ):
        connection = sqlite3.connect(tmp_path / "damaged.db")
        with contextlib.closing(sqlite3.connect(held["database"])) as sound:
            sound.backup(connection)
        connection.execute("pragma foreign_keys = off")
        connection.execute(damage)
        connection.commit()
        connection.close()
        assert any(words in fault for fault in check(tmp_path / "damaged.db", *held["given"])), damage


def test_a_window_that_the_prices_of_the_benchmark_do_not_reach_has_no_verdict(tmp_path):
    class Behind(PlainSource):
        """The benchmark is a session behind."""

        def fetch(self, symbol, start, end, *, bar="1d"):
            found = super().fetch(symbol, start, end, bar=bar)
            cut = {name: getattr(found, name)[:-1] for name in ("sessions", "instants", "close", "dividends")}
            return dataclasses.replace(found, **cut) if symbol == INDEX else found

    size, clock = Size(nights=3, events=3, symbols=2), year.Clock()
    config = load_config(write_settings(tmp_path, size, {"kind": "yahoo"}), environ={})
    events = from_config(config)
    clock.moment = size.night(1)  # the session after the first announcement
    with year._asking(Behind(World(size), 0.0, random.Random(1), clock)):
        nightly.run(config, events[:1], now=clock, trigger="test")
    sql = "select window_end, verdict, reason from reactions where event_id = 'e00000' order by 1"
    (_, verdict, _), (_, refused, reason) = passes.rows(config.database, sql)
    assert (verdict == "not computable", refused) == (False, "not computable")
    assert reason.startswith("INDEX has no price on 2025-01-07; the prices end on 2025-01-06")


SILENT = Size(nights=3, events=6, symbols=3)


def test_no_verdict_of_a_week_of_silent_faults_is_wrong(tmp_path):
    found = silent_year(tmp_path, SILENT, lying=0.5)
    assert sum(found.hit.values()) > 10
    assert len(found.hit) > 3
    assert found.refused
    assert found.wrong == {}


def test_a_wrong_verdict_of_a_silent_fault_would_be_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(flags, "examine", lambda *_, **__: [])
    found = silent_year(tmp_path, SILENT, lying=0.5, kinds=("× 100",))
    assert found.n_wrong > 0
    assert found.gaps[0].startswith("GAP: × 100: market/e0")


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe"])
def test_every_weekday_has_its_pass_where_clocks_change(tmp_path, zone):
    first, last = (
        (dt.date(2027, 3, 10), dt.date(2027, 3, 18)) if "York" in zone else (dt.date(2027, 4, 1), dt.date(2027, 4, 9))
    )
    at = zones.nights(tmp_path, zone, zones.TIMES[zone], first, last)
    assert zones.wrong(at, zone, first, last) == []
    assert len(at) == 7
    assert zones.wrong(at[1:], zone, first, last) == [f"{first}: 0 passes, not 1"]
    assert zones.wrong([*at, at[-1]], zone, first, last) == [f"{last}: 2 passes, not 1"]
