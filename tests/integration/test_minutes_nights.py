"""Nights on which the daily prices of a venue lack, and its bars, those before and after the session too, are there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eventstudy.calendars import named_calendar
from tests.support.command import eventstudy
from tests.support.passes import answer, run
from tests.support.yahoo_server import SERVER_ERROR, YahooServer, chart, with_prepost

pytestmark = pytest.mark.long  # four passes over sixty days of bars

JUMP = 0.03  # log return of the first bar after 16:30 on the ninth
SETTINGS = """\
version: 1
database: {folder}/es.db
reports: {folder}/reports
releases: []
sources:
  yahoo: {{kind: yahoo, endpoint: '{url}', cache: {folder}/yf, pace: 0, timeout: 5, prepost: true}}
assets:
  AAA: {{source: yahoo, calendar: XNYS}}
studies:
  - id: days
    model: constant-mean
    returns: simple
    estimation: [-60, -11]
    event_window: [-1, 1]
    windows: [[0, 0], [0, 1]]
  - id: fast
    bar: 5m
    extended: true
    reference_sessions: 20
    windows: [[0m, 30m], [0m, close], [0m, next-open]]
captures: {{bars: [], standing: [5m]}}
events:
  - {{id: noon, title: News at noon, announced_at: "2022-11-08T12:00-05:00", assets: [AAA]}}
  - {{id: evening, title: News in the evening, announced_at: "2022-11-09T16:30-05:00", assets: [AAA]}}
schedule: {{at: "23:30", zone: UTC, days: mon-sun}}
"""
# When a pass runs, and the last days that Yahoo then has prices of the day and bars of.
NIGHTS = {
    "before": ("2022-11-07T23:30", "2022-11-07", "2022-11-07"),
    "silent": ("2022-11-09T01:30", "2022-11-07", "2022-11-08"),
    "down": ("2022-11-10T01:30", "2022-11-08", "2022-11-09"),
    "again": ("2022-11-11T01:30", "2022-11-10", "2022-11-10"),
}


def market() -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Closes of days, and of five minutes from 09:00 to 18:00, which pass through them at 16:00."""
    rng = np.random.default_rng(5)
    sessions, _ = named_calendar("XNYS").sessions(dt.date(2022, 7, 1), dt.date(2022, 11, 10))
    days = [str(day) for day in sessions]
    daily = dict(zip(days, 100 * np.exp(np.cumsum(0.01 * rng.standard_normal(len(days)))), strict=True))
    bars = {}
    for day in days[-30:]:
        clock = pd.date_range(f"{day} 09:00", f"{day} 17:55", freq="5min").strftime("%H:%M").tolist()
        path = np.cumsum(0.0007 * rng.standard_normal(len(clock)))
        path += np.log(daily[day]) - path[clock.index("15:55")]
        path[clock.index("16:30") :] += JUMP * (day == "2022-11-09")
        bars |= {(day, at): float(np.exp(level)) for at, level in zip(clock, path, strict=True)}
    return daily, bars


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """What stood in the database, on the pages and in the exit codes after each night."""
    folder: Path = tmp_path_factory.mktemp("nights")
    daily, bars = market()
    out = {}
    with YahooServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        (folder / "config.yaml").write_text(SETTINGS.format(folder=folder, url=server.url))
        for name, (at, last_day, last_bar) in NIGHTS.items():
            server.now = now = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)
            rows = [(f"{day} 09:30", price) for day, price in daily.items() if day <= last_day]
            server.serve("AAA", chart(rows, exchange="NYQ"))
            rows = [(f"{day} {clock}", price) for (day, clock), price in bars.items() if day <= last_bar]
            fine = chart(rows, is_intraday=True, exchange="NYQ")
            server.serve("AAA", with_prepost(fine, ("09:00", "18:00")), "5m")
            server.standing.clear()
            if name == "down":
                server.fail("AAA 1d", SERVER_ERROR)
            result = run(folder / "config.yaml", now=lambda now=now: now)
            values = answer(
                folder / "es.db",
                "select study, event_id, window_end, move, price_before, price_at, verdict, reason from reactions",
            )
            pages = {page.stem: page.read_text() for page in (folder / "reports").glob("*.html")}
            out[name] = {"code": result.exit_code, "rows": {row[:3]: row[3:] for row in values}, "pages": pages}
            if name in ("before", "down"):
                packed = eventstudy("bundle", "noon", "--db", folder / "es.db", "-o", folder / "x.zip")
                out[name]["packed"] = (packed.code, packed.err.strip())
    return {**out, "daily": daily, "bars": bars}


SAID = "no daily price yet; its close is that of the last bar of 5m, without any dividend"


def test_a_day_without_a_daily_price_is_studied_on_the_last_bar_of_its_session_and_the_page_says_so(nights):
    """Its close is 15:55's, not that of the evening; news at noon is judged in the same night."""
    found, daily = nights["silent"], nights["daily"]
    move, before, at, verdict, reason = found["rows"]["days", "noon", 0]
    assert (before, at) == pytest.approx((daily["2022-11-07"], daily["2022-11-08"]), rel=1e-12)
    assert move == pytest.approx(daily["2022-11-08"] / daily["2022-11-07"] - 1, rel=1e-9)
    assert (verdict != "not computable", reason) == (True, None)
    assert f"8 November 2022: {SAID}" in found["pages"]["noon"]
    assert found["code"] == 0


def test_a_source_that_is_down_for_days_costs_no_result_that_bars_give(nights):
    found, daily = nights["down"], nights["daily"]
    assert found["code"] == 5
    assert found["rows"]["days", "noon", 1][2] == pytest.approx(daily["2022-11-09"], rel=1e-12)
    assert f"9 November 2022: {SAID}" in found["pages"]["noon"]
    assert found["packed"] == (0, "")


def test_once_the_daily_price_is_there_it_takes_the_place(nights):
    found = nights["again"]
    assert found["code"] == 0
    assert SAID not in found["pages"]["noon"]


def test_news_after_the_close_is_studied_on_the_bars_of_the_evening(nights):
    """16:30 to 17:00 by hand; to the next opening is known the night after, when pre-market begins at 09:00."""
    bars, found = nights["bars"], nights["down"]["rows"]
    move, before, at, verdict, _ = found["fast", "evening", 30]
    assert (before, at) == (bars["2022-11-09", "16:25"], bars["2022-11-09", "16:55"])
    assert move == pytest.approx(at / before - 1, rel=1e-9)
    assert verdict == "strong"
    assert found["fast", "evening", "next-open"][4].startswith("no bar lies in the window after the announcement")
    assert nights["again"]["rows"]["fast", "evening", "next-open"][2] == bars["2022-11-10", "09:00"]
    page = nights["again"]["pages"]["evening"]
    assert "trading before and after the ordinary hours included" in page
    assert "From the last price of the session before, trading after its close included" in page
    assert "as newspapers count" not in page


def test_an_event_that_is_not_studied_yet_says_so_when_it_is_to_be_packed(nights):
    code, said = nights["before"]["packed"]
    assert (code, "the event has no results yet" in said) == (1, True)
