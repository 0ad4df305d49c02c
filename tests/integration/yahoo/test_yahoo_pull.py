"""From a Yahoo on loopback, through real yfinance, into the archive: what is asked, and what a split does."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.database.connection import open_database
from eventstudy.store import ledger
from jobs import pull
from tests.support.yahoo_server import chart, refusal
from tests.support.yahoo_week import AFTER, CLOSES, FIRST, WEEK

NEXT = [("2023-10-10 09:30", 110.0), ("2023-10-11 09:30", 111.0)]


@pytest.fixture
def db(tmp_path):
    opened = open_database(tmp_path / "es.db")
    yield opened
    opened.close()


@pytest.fixture
def ask(db, source, symbol, monkeypatch):
    monkeypatch.setattr(pull, "open_source", lambda *_: source)

    def run(last: dt.date, now: dt.datetime = AFTER) -> pull.Faults:
        record = ledger.Run(trigger="test", started_at=now, code_version="", config_hash="", versions={})
        config = SimpleNamespace(sources={"yahoo": None})
        wanted = {("yahoo", symbol): (FIRST, last)}
        return pull.pull(config, db, record, wanted, now=lambda: now, stop=lambda: False, talk=lambda _: None)

    return run


def closes(db, symbol: str) -> list[float]:
    return archive.load(db.conn, "yahoo", symbol, asset=symbol).prices.tolist()


def test_a_pull_of_finished_days_is_asked_once(db, server, symbol, ask):
    server.serve(symbol, chart(WEEK))
    years_later = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert ask(dt.date(2023, 10, 9), years_later) == {}
    before, asked = list(db.conn.iterdump()), len(server.asked(symbol))
    assert ask(dt.date(2023, 10, 9), years_later) == {}
    assert len(server.asked(symbol)) == asked
    assert list(db.conn.iterdump()) == before
    assert closes(db, symbol) == CLOSES


def test_new_days_bring_an_overlap_and_the_same_day_again_brings_nothing(db, server, symbol, ask):
    server.serve(symbol, chart(WEEK))
    ask(dt.date(2023, 10, 9))
    server.serve(symbol, chart([*WEEK, *NEXT[:1]]))
    ask(dt.date(2023, 10, 10))
    before = list(db.conn.iterdump())
    ask(dt.date(2023, 10, 10))
    assert list(db.conn.iterdump()) == before
    assert db.execute("select new_rows from snapshots").fetchall() == [(len(WEEK),)]  # the tenth is not finished yet


def test_a_split_rebases_what_is_stored_and_the_past_stays_readable(db, server, source, symbol, ask, monkeypatch):
    server.serve(symbol, chart(WEEK))
    ask(dt.date(2023, 10, 9))
    halved = [(moment, close / 2.0) for moment, close in [*WEEK, *NEXT]]
    split = {"splits": {"1696944600": {"date": 1696944600, "numerator": 2, "denominator": 1, "splitRatio": "2:1"}}}
    answer = chart(halved, events=split)
    (quote,) = answer["chart"]["result"][0]["indicators"]["quote"]
    quote["volume"] = [2 * volume for volume in quote["volume"]]  # restated too
    server.serve(symbol, answer)
    later = dt.datetime(2023, 10, 12, tzinfo=dt.UTC)
    object.__setattr__(source, "now", lambda: later)  # the clock of the source, which is frozen
    assert ask(dt.date(2023, 10, 11), later) == {}
    assert closes(db, symbol) == [close / 2.0 for _, close in [*WEEK, *NEXT]]
    assert db.execute("select factor from price_rebases where field = 'close'").fetchall() == [(0.5,)]
    assert db.execute("select count(*) from bars").fetchone() == (len(WEEK) + len(NEXT),)
    then = archive.load(db.conn, "yahoo", symbol, asset=symbol, as_of=AFTER)
    assert then.prices.tolist() == CLOSES


def test_a_refusal_stores_nothing_and_the_next_pull_completes_it(db, server, symbol, ask):
    server.serve(symbol, chart(WEEK))
    server.fail(symbol, refusal(404, "Not Found", "No data found, symbol may be delisted"))
    assert ask(dt.date(2023, 10, 9))
    assert db.execute("select count(*) from snapshots").fetchone() == (0,)
    server.standing.clear()
    assert ask(dt.date(2023, 10, 9)) == {}
    assert np.isfinite(closes(db, symbol)).all()
