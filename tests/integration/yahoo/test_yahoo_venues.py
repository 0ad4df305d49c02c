"""Prices from Yahoo on the sessions of their venue, without a word in the settings: from the answer to day 0."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.passes import rows, run, write_config
from tests.support.yahoo_server import chart

Rows = list[tuple[str, float]]


def prices(first: str, last: str, *, without: tuple[str, ...] = (), open_at: str = "09:30", seed: int = 3) -> Rows:
    """A close for every weekday, holidays too, around 100."""
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    days = days[np.is_busday(days)]
    closes = 100.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, days.size)))
    return [(f"{day} {open_at}", round(c, 4)) for day, c in zip(days, closes, strict=True) if str(day) not in without]


@pytest.fixture
def study(tmp_path: Path, server: Any, cache_dir: Path) -> Any:
    """One event on the shares of Yahoo's, studied in one pass; its row of `analyses`."""

    def go(announced_at: str, *symbols: str, more: str = "") -> dict[str, Any]:
        source = f"  yahoo: {{kind: yahoo, endpoint: '{server.url}', cache: '{cache_dir}', pace: 0, attempts: 1}}\n"
        names = {f"A{n}": symbol for n, symbol in enumerate(symbols)}
        entries = "".join(f"  {name}: {{source: yahoo, symbol: '{symbol}'{more}}}\n" for name, symbol in names.items())
        other = "".join(
            f"  - {{id: e{name.lower()}, title: E, announced_at: '{announced_at}', assets: [{name}]}}\n"
            for name in reversed(names)
        )
        path = write_config(
            tmp_path,
            ("  ecb: {kind: ecb}\n", f"  ecb: {{kind: ecb}}\n{source}"),
            ("assets:\n", f"assets:\n{entries}"),
            ("    windows:", "    min_estimation: 40\n    windows:"),
            more=other,
        )
        code = run(path).exit_code
        found = rows(
            tmp_path / "es.db",
            "select status, reason, day0, n_estimation, text from analyses left join texts on text_id = notes_id"
            " where event_id = 'ea0'",
        )
        return dict(zip(("status", "reason", "day0", "n_estimation", "notes"), found[0], strict=True), code=code)

    return go


def test_news_at_the_former_close_of_tokyo_reacts_on_the_next_day(server, study):
    server.serve("7203.T", chart(prices("2023-09-01", "2024-03-29"), zone="Asia/Tokyo", hours=("09:00", "15:30")))
    assert study("2024-02-06T15:00+09:00", "7203.T")["day0"] == "2024-02-07"


def test_news_a_minute_before_the_former_close_of_tokyo_reacts_on_the_same_day(server, study):
    server.serve("7203.T", chart(prices("2023-09-01", "2024-03-29"), zone="Asia/Tokyo", hours=("09:00", "15:30")))
    assert study("2024-02-06T14:59+09:00", "7203.T")["day0"] == "2024-02-06"


def test_news_in_the_afternoon_of_a_half_day_reacts_after_the_holiday(server, study):
    server.serve("GS", chart(prices("2024-02-01", "2024-08-16")))
    assert study("2024-07-03T14:00-04:00", "GS")["day0"] == "2024-07-05"


def test_a_missing_bar_of_day_0_does_not_move_day_0_on(server, study):
    server.serve("GS", chart(prices("2023-09-01", "2024-04-26", without=("2024-03-13",))))
    found = study("2024-03-13T10:00-04:00", "GS")
    assert (found["status"], found["day0"]) == ("skipped", "2024-03-13")
    assert "no price on 2024-03-13, the first session that could react" in found["reason"]


def test_a_return_that_spans_a_missing_session_is_refused_too(server, study):
    server.serve("GS", chart(prices("2023-09-01", "2024-04-26", without=("2024-03-13",))))
    found = study("2024-03-14T10:00-04:00", "GS")
    assert (found["status"], found["day0"]) == ("skipped", "2024-03-14")
    assert "no price on 2024-03-13, the session before" in found["reason"]


def test_a_missing_session_of_the_estimation_window_costs_its_two_returns(server, study):
    server.serve("GS", chart(prices("2023-09-01", "2024-04-26", without=("2024-02-07",))))
    found = study("2024-03-13T10:00-04:00", "GS")
    assert (found["status"], found["n_estimation"]) == ("ok", 50 - 2)
    assert "A0: no bar of 2024-02-07, a session of its venue" in found["notes"]


def test_a_window_that_is_refused_beside_one_that_is_not_ends_the_pass_with_3(server, study, tmp_path):
    server.serve("GS", chart(prices("2023-09-01", "2024-04-26", without=("2024-03-14",))))
    found = study("2024-03-13T10:00-04:00", "GS")
    assert (found["status"], found["code"]) == ("ok", 3)
    windows = "window_results w join analyses using (analysis_id) where event_id = 'ea0' and alignment = 'main'"
    states = rows(tmp_path / "es.db", f"select window_end, verdict = 'not computable' from {windows} order by 1")
    assert states == [(0, 0), (1, 1)]
    (told,) = rows(tmp_path / "es.db", "select subject, reason from notices where kind = 'failure'")
    assert told[0] == "ea0"
    assert told[1].startswith("no number for A0 over [0,1]: A0 has no price on 2024-03-14")
    assert run(tmp_path / "config.yaml").exit_code == 0  # nothing that another pass could mend


def test_a_price_in_doubt_is_told_before_a_window_that_is_refused(server, study, tmp_path):
    ticked = [
        (day, 10 * close if day[:10] == "2024-03-13" else close) for day, close in prices("2023-09-01", "2024-04-26")
    ]
    server.serve("GS", chart(prices("2023-09-01", "2024-04-26", without=("2024-03-14",))))
    server.serve("MS", chart(ticked))
    study("2024-03-13T10:00-04:00", "GS", "MS")
    path = tmp_path / "config.yaml"
    path.write_text(path.read_text("utf-8").replace("assets: [A0]}", "assets: [A0, A1]}"), encoding="utf-8")
    assert run(path).exit_code == 3
    ((status, reason),) = rows(tmp_path / "es.db", "select status, reason from events where event_id = 'ea0'")
    assert (status, reason[:14]) == ("failed", "price in doubt")
    told = rows(tmp_path / "es.db", "select reason from notices where subject = 'ea0' and kind = 'failure' order by 1")
    assert any(words.startswith("price in doubt: A1") for (words,) in told)


def test_bars_on_holidays_and_weekends_are_no_sessions(server, study):
    extra = [("2024-03-09 09:30", 1000.0), ("2024-03-10 09:30", 1001.0)]
    server.serve("GS", chart(sorted(prices("2023-09-01", "2024-04-26") + extra)))
    found = study("2024-03-11T10:00-04:00", "GS")
    assert (found["status"], found["day0"], found["n_estimation"]) == ("ok", "2024-03-11", 50)
    assert "A0: a bar of 2024-01-15, no session of its venue, left out" in found["notes"]


def test_without_a_calendar_the_bars_are_the_sessions(server, study):
    server.serve("GS", chart(prices("2023-09-01", "2024-04-26", without=("2024-03-13",))))
    found = study("2024-03-13T10:00-04:00", "GS", more=", calendar: none")
    assert (found["status"], found["day0"]) == ("ok", "2024-03-14")


def test_a_calendar_of_the_settings_wins(server, study):
    server.serve("GS", chart(prices("2023-09-01", "2024-04-26")))
    found = study("2024-03-28T10:00-04:00", "GS", more=", calendar: XLON")  # closed in London on Easter Monday
    assert found["day0"] == "2024-03-28"
    assert study("2024-03-29T10:00-04:00", "GS", more=", calendar: XLON")["day0"] == "2024-04-02"


@pytest.mark.parametrize(("shares", "day0"), [(2, "2024-03-13"), (3, "2024-03-14")])
def test_a_day_on_which_no_share_of_three_traded_is_a_closure_that_the_calendar_lacks(server, study, shares, day0):
    symbols = ["GS", "MS", "JPM"][:shares]
    for n, symbol in enumerate(symbols):
        server.serve(symbol, chart(prices("2023-09-01", "2024-04-26", without=("2024-03-13",), seed=n)))
    found = study("2024-03-13T10:00-04:00", *symbols)
    assert (found["status"], found["day0"]) == ("ok" if shares == 3 else "skipped", day0)
    if shares == 3:
        assert "A0: no asset of its venue has a bar of 2024-03-13, taken for a day off" in found["notes"]


def test_a_day_on_which_one_share_of_three_traded_is_a_session(server, study):
    for n, symbol in enumerate(("GS", "MS", "JPM")):
        without = () if symbol == "JPM" else ("2024-03-13",)
        server.serve(symbol, chart(prices("2023-09-01", "2024-04-26", without=without, seed=n)))
    assert study("2024-03-13T10:00-04:00", "GS", "MS", "JPM")["status"] == "skipped"


def test_a_coin_has_a_session_on_every_day(server, study):
    days = np.arange(np.datetime64("2023-09-01"), np.datetime64("2024-04-26"))
    closes = 100.0 * np.exp(np.cumsum(np.random.default_rng(9).normal(0, 0.03, days.size)))
    served = [(f"{day} 00:00", round(c, 4)) for day, c in zip(days, closes, strict=True)]
    server.serve("BTC-USD", chart(served, zone="UTC", kind="CRYPTOCURRENCY", hours=("00:00", "23:59")))
    found = study("2024-03-09T10:00+00:00", "BTC-USD")
    assert (found["status"], found["day0"], found["n_estimation"]) == ("ok", "2024-03-09", 50)


def test_a_year_beyond_the_calendar_says_to_upgrade(server, study, monkeypatch):
    monkeypatch.setattr("eventstudy.calendars.exchange.ExchangeCalendar.last_day", dt.date(2024, 3, 14))
    server.serve("GS", chart(prices("2023-09-01", "2024-04-26")))
    found = study("2024-03-13T10:00-04:00", "GS")
    assert found["status"] == "skipped"
    assert "ends on 2024-03-14" in found["reason"]
    assert "upgrade exchange_calendars" in found["reason"]
