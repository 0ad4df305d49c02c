"""Bars of every asset, collected as they come: what is asked for, what is lost, and what it makes possible."""

from __future__ import annotations

import datetime as dt

import pytest

from eventstudy.config.load import load_config
from eventstudy.config.model import CapturesConfig
from eventstudy.records import Event
from jobs.minutes.capture_plan import due as captures_due
from jobs.minutes.capture_plan import planned
from jobs.minutes.standing_plan import due, not_collected, words_of_loss
from tests.support.passes import write_config

NOW = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)  # a Friday
DAY = dt.timedelta(days=1)
FAST = "studies:\n  - {id: fast, bar: 5m, windows: [[0m, 30m]]}\n"


def config(folder):
    path = write_config(
        folder, ("schedule:", "captures: {bars: [1m], standing: [5m]}\nschedule:"), ("studies:\n", FAST)
    )
    return load_config(path, environ={})


def asked(folder, there, now=NOW):
    found = due(config(folder), {"ecb": {"5m"}}, there, now)
    return {item.symbol: item for item in found}


def test_a_new_asset_is_asked_for_as_far_back_as_the_source_goes(tmp_path):
    item = asked(tmp_path, {})["EURUSD"]
    assert (item.bar, item.start, item.end, item.lost) == ("5m", dt.date(2026, 9, 22), dt.date(2026, 11, 20), None)


def test_the_next_pass_asks_from_the_last_day_that_is_there(tmp_path):
    there = {("ecb", "EURUSD", "5m"): (dt.date(2026, 9, 22), dt.date(2026, 11, 17))}
    found = asked(tmp_path, there)
    assert found["EURUSD"].start == dt.date(2026, 11, 17)
    assert found["USDCNY"].start == dt.date(2026, 9, 22)


def test_days_that_the_source_has_dropped_are_lost_and_the_coarser_bars_are_named(tmp_path):
    there = {("ecb", "EURUSD", "5m"): (dt.date(2026, 5, 1), dt.date(2026, 9, 10))}
    item = asked(tmp_path, there)["EURUSD"]
    assert item.lost == (dt.date(2026, 9, 11), dt.date(2026, 9, 21))
    assert words_of_loss(item) == (
        "5m bars of EURUSD from 2026-09-11 to 2026-09-21 are lost for ever: ecb has dropped them; "
        "bars of 1h are still to be had for 730 days"
    )


def test_a_weekend_that_is_dropped_is_no_loss(tmp_path):
    monday = dt.datetime(2026, 11, 19, tzinfo=dt.UTC)  # the source goes back to Monday 21 September
    there = {("ecb", "EURUSD", "5m"): (dt.date(2026, 5, 1), dt.date(2026, 9, 18))}
    assert asked(tmp_path, there, monday)["EURUSD"].lost is None


def test_a_source_without_such_bars_is_not_asked(tmp_path):
    assert list(due(config(tmp_path), {"ecb": {"1d"}}, {}, NOW)) == []


def test_a_study_by_the_minute_plans_the_bars_of_its_reference_sessions(tmp_path):
    settings, deep = planned(config(tmp_path))
    assert settings.bars == ("1m", "5m")
    at = NOW - 2 * DAY
    event = Event(event_id="visit", title="A visit", earliest=at, latest=at, assets=("EURUSD",))

    def starts(there):
        found = captures_due(
            settings, [event], lambda _: [("yahoo", "E")], {"yahoo": {"1m", "5m"}}, {}, NOW, deep, there
        )
        return {item.bar: item.start for item in found}

    # two weekdays before for the bars of the settings; 60 sessions and more before, as far as the source goes
    assert starts({}) == {"1m": dt.date(2026, 11, 16), "5m": dt.date(2026, 9, 22)}
    there = {("yahoo", "E", "5m"): (dt.date(2026, 8, 1), dt.date(2026, 11, 19))}
    assert starts(there)["5m"] == dt.date(2026, 11, 19)


def test_nothing_is_collected_unless_asked_for():
    assert CapturesConfig().standing == ()


@pytest.mark.parametrize(
    ("captures", "bars", "wanted"),
    [
        ("", ["5m"], [("ecb", "5m")]),
        ("captures: {standing: [5m]}\n", ["5m", "15m"], []),  # coarser bars are made of them
        ("captures: {standing: [5m]}\n", ["1m"], [("ecb", "1m")]),
        ("", ["1h"], []),  # the source remembers as many sessions as are compared with
    ],
)
def test_bars_that_a_study_needs_and_nothing_collects_are_named(tmp_path, captures, bars, wanted):
    studies = "".join(f"  - {{id: s-{bar}, bar: {bar}, windows: [[0m, 60m]]}}\n" for bar in bars)
    edits = ("schedule:", f"{captures}schedule:"), ("studies:\n", f"studies:\n{studies}")
    path = write_config(tmp_path, *edits, ("kind: ecb", "kind: yahoo"))
    assert list(not_collected(load_config(path, environ={}))) == wanted
