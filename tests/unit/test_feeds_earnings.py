"""Earnings dates from the loopback Yahoo: one event per report, however often its date is moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstudy.config.load import load_config
from eventstudy.events.gather import Gathered
from eventstudy.store import by_hand as hand
from eventstudy.store.sync import gather
from tests.support.passes import rows
from tests.support.yahoo_earnings import EarningsServer
from tests.support.yahoo_server import SERVER_ERROR, TOO_MANY, UNAUTHORIZED, WEB_PAGE, Fault

NOW = dt.datetime(2026, 1, 10, 12, tzinfo=dt.UTC)

SETTINGS = """\
version: 1
releases: []
database: {folder}/es.db
sources:
  yahoo: {{kind: yahoo, endpoint: {url}, cache: {folder}/cache, pace: 0}}
assets:
  Goldman: {{source: yahoo, symbol: GS, title: Goldman Sachs}}
  0700.HK: {{source: yahoo}}
studies:
  - id: total
    model: constant-mean
    returns: simple
    estimation: [-60, -11]
    event_window: [-2, 2]
    windows: [[0, 0]]
feeds:
  - {{id: earnings, kind: yahoo-earnings, source: yahoo, {more}}}
"""


@pytest.fixture
def yahoo() -> Iterator[EarningsServer]:
    with EarningsServer() as server:
        server.pages = {
            "GS": ["April 14, 2026 at 7 AM EDT", "January 15, 2026 at 7 AM EST", "October 14, 2025 at 7 AM EDT"],
            "0700.HK": ["March 18, 2026 at 12 AM EDT"],
        }
        yield server
        assert server.escapes == []


def keep(folder: Path, yahoo: EarningsServer, more: str = "tags: [results]", *, ask: bool = True) -> Gathered:
    path = folder / "config.yaml"
    path.write_text(SETTINGS.format(folder=folder, url=yahoo.url, more=more), encoding="utf-8")
    config = load_config(path, {})
    gathered = gather(config, NOW, ask=ask)
    hand.write_feeds(config.database, gathered, NOW)
    return gathered


def times(gathered: Gathered) -> dict[str, str]:
    return {event.event_id: f"{event.announced_at:%Y-%m-%dT%H:%MZ}" for event in gathered.events}


KNOWN = {
    "gs-earnings-2025q3": "2025-10-14T11:00Z",
    "gs-earnings-2025q4": "2026-01-15T12:00Z",
    "0700.hk-earnings-2025q4": "2026-03-18T04:00Z",
    "gs-earnings-2026q1": "2026-04-14T11:00Z",
}


def test_the_dates_of_each_symbol_with_their_times(tmp_path, yahoo):
    found = keep(tmp_path, yahoo)
    assert found.problems == []
    assert times(found) == KNOWN
    by_id = {event.event_id: event for event in found.events}
    event = by_id["gs-earnings-2025q4"]
    assert (event.title, event.assets) == ("Goldman Sachs reports results", ("Goldman",))
    assert (event.tags, event.is_exact) == (("results", "earnings"), True)
    day = by_id["0700.hk-earnings-2025q4"]
    assert (day.is_exact, day.zone) == (False, "America/New_York")  # midnight is no time: only the day is known


def test_a_date_that_moves_over_the_end_of_a_quarter_is_the_same_report(tmp_path, yahoo):
    keep(tmp_path, yahoo)
    yahoo.pages["GS"][0] = "March 30, 2026 at 7 AM EDT"
    yahoo.pages["GS"][1] = "January 16, 2026 at 8 AM EST"
    assert times(keep(tmp_path, yahoo)) == {
        **KNOWN,
        "gs-earnings-2026q1": "2026-03-30T11:00Z",
        "gs-earnings-2025q4": "2026-01-16T13:00Z",
    }
    assert rows(
        tmp_path / "es.db", "select event_id, max(version) from event_versions group by 1 having count(*) > 1"
    ) == [("gs-earnings-2025q4", 2), ("gs-earnings-2026q1", 2)]


def test_two_reports_in_one_quarter_are_two(tmp_path, yahoo):
    yahoo.pages["GS"] = ["March 28, 2026 at 7 AM EDT", "January 7, 2026 at 7 AM EST"]
    both = {"gs-earnings-2025q4": "2026-01-07T12:00Z", "gs-earnings-2025q4-b": "2026-03-28T11:00Z"}
    found = times(keep(tmp_path, yahoo))
    assert {event_id: at for event_id, at in found.items() if event_id.startswith("gs")} == both
    yahoo.pages["GS"] = ["March 29, 2026 at 7 AM EDT"]  # the older one scrolls off the list
    found = times(keep(tmp_path, yahoo))
    both["gs-earnings-2025q4-b"] = "2026-03-29T11:00Z"
    assert {event_id: at for event_id, at in found.items() if event_id.startswith("gs")} == both


def test_a_report_to_come_that_cannot_be_read_stops_no_other(tmp_path, yahoo):
    yahoo.market = [
        ("GS", "Gold\x00man", "2026-01-15T12:30:00.000Z", "BMO"),
        ("0700.HK", "Tencent", "2026-01-14T00:00:00.000Z", "TNS"),
    ]
    found = keep(tmp_path, yahoo, "scope: market, days: 10")
    assert list(times(found)) == ["0700.hk-earnings-2025q4"]
    assert len(found.problems) == 1


def test_only_a_date_to_come_that_yahoo_drops_is_gone(tmp_path, yahoo):
    keep(tmp_path, yahoo)
    yahoo.pages["GS"] = ["January 15, 2026 at 7 AM EST"]
    found = keep(tmp_path, yahoo)
    assert found.gone == {"gs-earnings-2026q1"}
    assert set(times(found)) == set(KNOWN) - {"gs-earnings-2026q1"}
    yahoo.log.clear()
    assert times(keep(tmp_path, yahoo, ask=False)) == times(found)
    assert yahoo.log == []


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (SERVER_ERROR, "GS from yahoo: Yahoo's server failed (HTTP 500)"),
        (TOO_MANY, "GS from yahoo: too many requests"),
        (UNAUTHORIZED, "GS from yahoo: Yahoo refused to talk to us"),
        (WEB_PAGE, "GS from yahoo: the page holds no table of earnings dates"),
        (Fault(body="<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"), "GS from yahoo: yfinance cannot read"),
    ],
    ids=["500", "429", "401", "another page", "another table"],
)
def test_a_symbol_that_fails_is_named_and_its_events_stay(tmp_path, yahoo, fault, says):
    keep(tmp_path, yahoo)
    yahoo.pages["0700.HK"] = ["March 19, 2026 at 4 AM EDT"]
    # the answers to as many attempts as the source makes, each of which asks twice where it is refused
    yahoo.trouble.extend([fault] * (8 if fault.status >= 400 else 4))
    found = keep(tmp_path, yahoo)
    assert [str(problem)[: len(says)] for problem in found.problems] == [says]
    assert times(found) == {**KNOWN, "0700.hk-earnings-2025q4": "2026-03-19T08:00Z"}
    assert found.gone == set()


def test_a_passing_failure_is_tried_again(tmp_path, yahoo):
    yahoo.trouble.extend([SERVER_ERROR] * 2)
    found = keep(tmp_path, yahoo)
    assert (found.problems, times(found)) == ([], KNOWN)


def test_the_calendar_of_the_market_gives_the_assets_that_are_known(tmp_path, yahoo):
    yahoo.market = [
        ("GS", "The Goldman Sachs Group", "2026-01-15T12:30:00.000Z", "BMO"),
        ("0700.HK", "Tencent", "2026-01-14T00:00:00.000Z", "TNS"),
        ("GS", "The Goldman Sachs Group", "2026-01-15T14:30:00.000Z", "BMO"),  # the call, two hours later
        *((f"S{i}", "Somebody", "2026-01-15T12:30:00.000Z", "AMC") for i in range(150)),
    ]
    found = keep(tmp_path, yahoo, "scope: market, days: 10")
    assert found.problems == []
    assert times(found) == {
        "0700.hk-earnings-2025q4": "2026-01-14T05:00Z",
        "gs-earnings-2025q4": "2026-01-15T12:30Z",
    }
    assert {event.title for event in found.events} == {
        "The Goldman Sachs Group reports results",
        "Tencent reports results",
    }
    assert [body["offset"] for body in yahoo.bodies] == [0, 100]


@pytest.mark.parametrize("fault", [SERVER_ERROR, WEB_PAGE, Fault(body='{"finance": {"error": {"code": "x"}}}')])
def test_a_calendar_that_fails_is_one_problem(tmp_path, yahoo, fault):
    yahoo.market = [("GS", "G", "2026-01-15T12:30:00.000Z", "BMO")]
    keep(tmp_path, yahoo, "scope: market")
    yahoo.trouble.extend([fault] * 8)
    found = keep(tmp_path, yahoo, "scope: market")
    assert len(found.problems) == 1
    assert str(found.problems[0]).startswith("the earnings calendar from yahoo: ")
    assert times(found) == {"gs-earnings-2025q4": "2026-01-15T12:30Z"}


def test_an_empty_calendar_is_no_problem(tmp_path, yahoo):
    found = keep(tmp_path, yahoo, "scope: market")
    assert (found.problems, found.events) == ([], ())
