"""Every figure against a slow second reading of the method, over daylight saving's end, Thanksgiving and last bars."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.calendars import trading_hours
from tests.support import minutes_by_hand as by_hand

ZONE = "America/New_York"
SIZE = 30
WINDOWS = ((0, 30), (-60, 30), (0, "close"), (-90, -30))
NAMES = {"p": "p_value", "paced_p": "paced_p_value"}
ANNOUNCED = (
    "2022-11-04T14:00:00Z",  # the last day of summer time in New York
    "2022-11-07T15:00:00Z",  # the first of winter time
    "2022-11-06T06:30:00Z",  # in the repeated hour
    "2022-11-23T21:00:00Z",  # at the close, before Thanksgiving
    "2022-11-24T15:00:00Z",  # Thanksgiving
    "2022-11-25T16:00:00Z",  # a half-day
    "2022-11-25T17:40:00Z",
    "2022-11-25T18:00:00Z",  # its close
    "2022-11-28T18:15:00Z",  # after it, later than it closed, in the middle of a bar
    "2022-11-30T20:30:00Z",  # the last bar
    "2022-11-30T21:00:00Z",  # nothing after it
)


def sessions(start, end):
    hours = trading_hours("XNYS", dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    columns = (hours.opens, hours.closes)
    instants = ([pd.Timestamp(x, tz="UTC").to_pydatetime() for x in column] for column in columns)
    return list(zip(hours.labels.astype(object), *instants, strict=True))


def bars():
    """Half-hour bars of a share and a benchmark with wild and calm days, holes, idle rows and rows at the close."""
    rng = np.random.default_rng(8)
    out = []
    for symbol in ("MKT", "AAA"):
        price = 50.0
        for _, opens, closes in sessions("2022-08-15", "2022-11-30"):
            day = math.exp(0.4 * rng.standard_normal())
            price *= math.exp(0.01 * rng.standard_normal())
            for k in range((closes - opens) // dt.timedelta(minutes=SIZE)):
                start = opens + k * dt.timedelta(minutes=SIZE)
                last, price = price, price * math.exp(day * 0.002 * rng.standard_t(5))
                volume = 0.0 if rng.random() < 0.02 else float(rng.integers(1, 1000))
                high, low = max(last, price) * (1 + 0.001 * rng.random()), min(last, price) * 0.9995
                if rng.random() > 0.05:
                    out.append((symbol, start, last, high, low, price, volume))
            out.append((symbol, closes, price, price, price, price, 5.0))  # an auction
    return pd.DataFrame(out, columns=["symbol", "start", "open", "high", "low", "close", "volume"])


@pytest.fixture(scope="module")
def both():
    table = bars()
    known = sessions("2022-08-01", "2022-12-15")
    own = {}
    for symbol, rows in table.groupby("symbol"):
        own[symbol] = by_hand.Series(rows.to_dict("records"), known, SIZE, ZONE)
    events = pd.DataFrame({"event_id": ANNOUNCED, "asset": "AAA", "announced_at": ANNOUNCED})
    windows = [f"{a}m:{b}" if b == "close" else f"{a}m:{b}m" for a, b in WINDOWS]
    result = es.run_study(table, events, bar="30m", windows=windows, calendar="XNYS", benchmark="MKT")
    assert not any("made of bars" in text for text in result.warnings)  # the auctions' rows say nothing of the size
    return own, {row["event_id"]: row for row in result.to_dict()["events"]}


def is_same(found, wanted):
    if isinstance(wanted, dt.datetime):
        return found == wanted.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return found is not None and math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-14)


@pytest.mark.parametrize("announced", ANNOUNCED)
def test_every_figure_is_that_of_a_slow_reading(both, announced):
    own, rows = both
    for bounds, found in zip(WINDOWS, rows[announced]["windows"], strict=True):
        wanted = by_hand.study(own["AAA"], own["MKT"], dt.datetime.fromisoformat(announced), bounds, ZONE)
        assert found["reason_code"] == wanted.get("reason"), bounds
        if "move" in wanted:
            assert rows[announced]["session"] == wanted["session"]
            assert is_same(found["move"], wanted["move"])
            assert is_same(found["base"]["at"], wanted["base_at"])
            assert is_same(found["end"]["at"], wanted["end_at"])
            assert found["reference"]["passed_over"] == wanted["passed_over"]
        for part in ("clock", "paced", "benchmark", "benchmark_paced", "low", "high"):
            figures = wanted.get(part, {})
            if "reason" in figures:
                assert found[part] is None
                assert figures["reason"] in found[f"{part}_reason"]
                continue
            for name, value in figures.items():
                assert is_same(found[part][NAMES.get(name, name)], value), (bounds, part, name)


def test_the_days_have_windows_of_every_kind(both):
    _, rows = both
    codes = {found["reason_code"] for row in rows.values() for found in row["windows"]}
    assert codes >= {None, "before-reopening", "session-closes", "no-bar-after"}
