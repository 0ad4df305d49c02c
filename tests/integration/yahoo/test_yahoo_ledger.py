"""Every row of the fault table through a whole pass: the right data or the right error, and the ledger says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from eventstudy.archive import read as archive_read
from tests.support import passes
from tests.support import yahoo_server as yahoo
from tests.support.passes import rows, write_config
from tests.support.yahoo_server import YahooServer, chart
from tests.support.yahoo_week import new_symbol

DAYS = np.arange(np.datetime64("2022-06-01"), np.datetime64("2023-04-14"))
DAYS = DAYS[np.is_busday(DAYS)]
PRICES = np.round(100 * np.exp(np.cumsum(np.random.default_rng(7).normal(0, 0.01, DAYS.size))), 4)
HOLE = 150  # a session of the estimation window
EVENT_DAY = int(np.searchsorted(DAYS, np.datetime64("2023-03-17")))


def history(prices: np.ndarray = PRICES, **more: object) -> dict:
    return chart([(f"{day} 09:30", float(p)) for day, p in zip(DAYS, prices, strict=True)], **more)


def stamp(position: int) -> int:
    return history()["chart"]["result"][0]["timestamp"][position]


class Desk:
    """A pass over a share in good health and an ill one, and a look at what it left."""

    def __init__(self, folder: Path, server: YahooServer, cache: Path) -> None:
        self.server, self.good, self.ill = server, new_symbol(), new_symbol()
        self.database = folder / "es.db"
        server.serve(self.good, history())
        text = (
            f"  yahoo: {{kind: yahoo, endpoint: {server.url}, cache: {cache}, pace: 0, attempts: 2, timeout: 0.6}}\n"
            f"assets:\n  good: {{source: yahoo, symbol: {self.good}}}\n  ill: {{source: yahoo, symbol: {self.ill}}}\n"
        )
        self.path = write_config(folder, ("assets:\n", text), ("assets: [USDCNY, EURUSD]", "assets: [good, ill]"))

    def run(self, days: int = 0) -> int:
        now = passes.NOW + dt.timedelta(days=days)
        return passes.run(self.path, is_full=True, now=lambda: now).exit_code

    def ledger(self) -> list[tuple[str, str]]:
        """Status and reason of every pull of the ill share."""
        sql = "select status, reason from run_steps where step = 'pull' and subject = ? order by run_id"
        return rows(self.database, sql, f"yahoo:{self.ill}")

    def results(self, asset: str) -> int:
        sql = "select count(*) from analyses where asset = ? and status = 'ok'"
        return rows(self.database, sql, asset)[0][0]

    def archived(self) -> dict[str, object]:
        with archive_read.reading(self.database) as connection:
            return archive_read.described(connection, ("yahoo", self.ill, "1d"), None)


@pytest.fixture
def desk(tmp_path, server, cache_dir) -> Desk:
    return Desk(tmp_path, server, cache_dir)


NO_PRICES = yahoo.Fault(body='{"chart":{"result":[{"meta":{"currency":"USD"},"timestamp":[1],"indicators":{}}]}}')
TABLE = {
    "404": (yahoo.NOT_FOUND, "no such symbol, or delisted"),
    "429 for ever": (yahoo.TOO_MANY, "too many requests (HTTP 429)"),
    "500": (yahoo.SERVER_ERROR, "Yahoo's server failed (HTTP 500)"),
    "502": (yahoo.BAD_GATEWAY, "Yahoo is closed for maintenance"),
    "401": (yahoo.UNAUTHORIZED, "Yahoo refused to talk to us (HTTP 401)"),
    "HTML": (yahoo.WEB_PAGE, "the answer is not JSON"),
    "truncated JSON": (yahoo.CUT_SHORT, "the answer is not JSON, or was cut short"),
    "reset": (yahoo.RESET, "the connection failed"),
    "timeout": (yahoo.STALL, "no answer in time"),
    "slow body": (yahoo.DRIP, "no answer in time"),
    "422": (yahoo.TOO_OLD, "must be within the last 730 days"),
    "400": (yahoo.NO_DATES, "Yahoo holds nothing for these dates"),
    "null result": (yahoo.NULL_RESULT, ""),
    "empty result": (yahoo.EMPTY_RESULT, ""),
    "a part is missing": (NO_PRICES, ""),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_fault_is_in_the_ledger_and_never_a_result_and_the_next_pass_mends_it(desk, name):
    fault, words = TABLE[name]
    desk.server.fail(desk.ill, fault)
    assert desk.run() in (0, 3)  # not 5: the other share was there
    ((status, reason),) = desk.ledger()
    assert (status, words in reason) == ("failed", True), reason
    assert (desk.results("good") > 0, desk.results("ill")) == (True, 0)
    assert rows(desk.database, "select count(*) from bars where symbol = ?", desk.ill) == [(0,)]
    desk.server.standing.clear()
    desk.server.serve(desk.ill, history())
    assert desk.run(days=2) == 0
    assert desk.results("ill") > 0
    assert desk.ledger()[-1][0] == "ok"


def test_null_bars_are_a_fault_when_all_are_and_a_note_when_one_is(desk):
    desk.server.serve(desk.ill, chart([(f"{day} 09:30", None) for day in DAYS]))
    assert desk.run() == 3
    assert "has a closing price" in desk.ledger()[0][1]
    answer = history()
    answer["chart"]["result"][0]["indicators"]["quote"][0]["close"][HOLE] = None
    desk.server.serve(desk.ill, answer)
    assert desk.run(days=2) == 0
    assert str(DAYS[HOLE]) not in {bar["session"] for bar in desk.archived()["bars"]}
    notes = rows(desk.database, "select notes from snapshots where symbol = ?", desk.ill)[0][0]
    assert f"no closing price, left out: {DAYS[HOLE]}" in notes


def test_a_duplicate_stamp_a_live_row_and_rows_out_of_order_leave_one_bar_a_day(desk):
    until = EVENT_DAY + 6
    answer = chart([(f"{day} 09:30", float(p)) for day, p in zip(DAYS[:until], PRICES, strict=False)])
    (result,) = answer["chart"]["result"]
    tables = (result["indicators"]["quote"][0], result["indicators"]["adjclose"][0])
    for column in (result["timestamp"], *(column for table in tables for column in table.values())):
        column.insert(HOLE + 1, column[HOLE])  # twice
        column[160], column[161] = column[161], column[160]  # out of order
        column.append(column[-1])
    result["timestamp"][-1] += 3600 * 4 + 2  # the last day once more, as a live quote
    desk.server.serve(desk.ill, answer)
    assert desk.run() == 0
    bars = desk.archived()["bars"]
    first = until - len(bars)
    assert len(bars) > 100
    assert [bar["session"] for bar in bars] == [str(day) for day in DAYS[first:until]]
    assert [bar["close"] for bar in bars] == PRICES[first:until].tolist()
    notes = rows(desk.database, "select notes from snapshots where symbol = ?", desk.ill)[0][0]
    assert "came more than once" in notes
    assert "out of order" in notes


def test_a_revised_history_is_a_revision_and_the_result_follows(desk):
    desk.server.serve(desk.ill, history())
    desk.run()
    car = "select car from reactions where asset = 'ill' and is_primary"
    before = rows(desk.database, car)
    revised = PRICES.copy()
    revised[EVENT_DAY] *= 1.03
    desk.server.serve(desk.ill, history(revised))
    assert desk.run(days=1) == 0
    found = rows(
        desk.database,
        "select session, previous_close, close from price_revisions where symbol = ? and previous_close is not null",
        desk.ill,
    )
    assert found == [(str(DAYS[EVENT_DAY]), PRICES[EVENT_DAY], revised[EVENT_DAY])]
    assert rows(desk.database, car) != before


def test_a_dividend_day_is_counted_once_and_agrees_with_the_sources_own(desk):
    answer = history(events={"dividends": {"1": {"amount": 2.0, "date": stamp(EVENT_DAY)}}})
    adjusted = PRICES.copy()
    adjusted[:EVENT_DAY] *= 1 - 2.0 / PRICES[EVENT_DAY - 1]
    answer["chart"]["result"][0]["indicators"]["adjclose"] = [{"adjclose": adjusted.tolist()}]
    desk.server.serve(desk.ill, answer)
    assert desk.run() == 0
    bars = desk.archived()["bars"]
    assert [(bar["session"], bar["dividend"]) for bar in bars if bar["dividend"]] == [(str(DAYS[EVENT_DAY]), 2.0)]
    ((found,),) = rows(
        desk.database,
        "select return from daily_reactions where asset = 'ill' and tau = 0 and event_id = 'visit'",
    )
    assert found == pytest.approx((PRICES[EVENT_DAY] + 2.0) / PRICES[EVENT_DAY - 1] - 1)


def test_a_split_day_is_no_move(desk):
    split = {"date": stamp(EVENT_DAY), "numerator": 2, "denominator": 1, "splitRatio": "2:1"}
    desk.server.serve(desk.ill, history(events={"splits": {"1": split}}))  # Yahoo has restated what comes before
    assert desk.run() == 0
    ((found,),) = rows(
        desk.database, "select return from daily_reactions where asset = 'ill' and tau = 0 and event_id = 'visit'"
    )
    assert found == pytest.approx(PRICES[EVENT_DAY] / PRICES[EVENT_DAY - 1] - 1)
    assert desk.archived()["marks"] == []


def test_another_currency_from_one_day_on_is_left_out_and_said(desk):
    desk.server.serve(desk.ill, history(currency="GBp"))
    desk.run()
    later = np.datetime64("2023-03-31") <= DAYS
    desk.server.serve(desk.ill, history(np.where(later, PRICES / 100.0, PRICES), currency="GBP"))
    path = desk.path.read_text("utf-8").replace("2023-03-17T07:00Z", "2023-04-12T07:00Z")
    desk.path.write_text(path, "utf-8")
    desk.run(days=1)
    marks = [(mark["session"], mark["rule"]) for mark in desk.archived()["marks"] if mark["left_out"]]
    assert ("2023-03-31", "currency") in marks
    notes = rows(
        desk.database,
        "select text from analyses join texts on text_id = notes_id where asset = 'ill' and event_id = 'visit'",
    )
    assert "change of currency on 2023-03-31 (GBp to GBP); left out" in notes[0][0]
