"""What `verify` finds: contradictions with the source, bars outside the hours, keys that lead nowhere."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.archive.verify import Finding, calendars_of, verify
from eventstudy.config.load import load_config
from eventstudy.database.connection import open_database
from tests.support.passes import write_config
from tests.support.series import daily, day, part, span, weekdays

N = 40
DAYS = weekdays("2023-01-03", N)
CLOSE = 50.0 * np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.02, N)))
PAID = np.where(np.arange(N) == 20, 1.5, 0.0)
# Yahoo's way: the dividend is taken off the price before
ADJUSTED = np.where(np.arange(N) < 20, CLOSE * (1.0 - 1.5 / CLOSE[19]), CLOSE)


@pytest.fixture
def connection(tmp_path):
    db = open_database(tmp_path / "a.db")
    yield db.conn
    db.close()


def found(connection, snapshot, calendar: str | None = None) -> list[Finding]:
    archive.save(connection, snapshot, asked=span(snapshot), fetched_at=day(400))
    return list(verify(connection, {("s", "A"): calendar} if calendar else {}))


def test_adjusted_closes_made_yahoos_way_agree_with_closes_and_dividends(connection):
    assert found(connection, daily(DAYS, CLOSE, dividends=PAID, adjusted=ADJUSTED)) == []


def test_a_dividend_in_days_that_nobody_asked_for_is_no_fault(connection):
    whole = daily(DAYS, CLOSE, dividends=PAID, adjusted=ADJUSTED)
    assert found(connection, part(whole, slice(0, 12))) == []
    assert found(connection, part(whole, slice(28, N))) == []


def test_a_dividend_that_the_source_forgot_in_one_of_the_two_is_a_fault(connection):
    (finding,) = found(connection, daily(DAYS, CLOSE, adjusted=ADJUSTED))
    assert (finding.check, finding.is_broken) == ("adjusted", True)
    assert str(DAYS[20]) in finding.detail


def test_adjusted_closes_of_another_share_are_a_fault(connection):
    (finding,) = found(connection, daily(DAYS, CLOSE, adjusted=CLOSE[::-1].copy()))
    assert finding.check == "adjusted"


def test_intraday_bars_outside_the_hours_are_told(connection):
    starts = np.array(["2023-03-15T12:00", "2023-03-15T13:30", "2023-03-15T19:30"], "datetime64[ns]")
    bars = daily(np.repeat(np.datetime64("2023-03-15"), 3), [1.0, 2.0, 3.0], bar="30m", starts=starts, instants=starts)
    (finding,) = found(connection, bars, "XNYS")
    assert (finding.check, finding.is_broken) == ("off-session", False)


def test_instants_that_run_back_are_a_fault(connection):
    snapshot = daily(DAYS[:3], CLOSE[:3])
    late = dataclasses.replace(snapshot, instants=snapshot.instants[[0, 2, 1]])
    assert [f.check for f in found(connection, late)] == ["order"]


def test_a_key_that_leads_nowhere_is_a_fault(connection):
    connection.execute("pragma foreign_keys = off")
    connection.execute("insert into bar_marks values (9, 0, 9, 'duplicate', '')")
    assert [(f.check, f.is_broken) for f in verify(connection, {})] == [("keys", True), ("keys", True)]


def test_a_calendar_that_ends_before_the_bars_ends_no_verification(connection):
    findings = found(connection, daily(weekdays("2040-06-01", 5), CLOSE[:5]), "XNYS")
    assert [(f.check, f.is_broken) for f in findings] == [("calendar", False)]
    assert "upgrade exchange_calendars" in findings[0].detail


def test_calendars_come_from_the_settings(tmp_path):
    entries = {
        "GS": "source: yahoo",
        "NIKKEI": "source: yahoo, symbol: ^N225, calendar: XTKS",
        "TENCENT": "source: yahoo, symbol: 0700.HK, calendar: none",
    }
    more = "".join(f"  {name}: {{{text}}}\n" for name, text in entries.items())
    path = write_config(
        tmp_path,
        ("  ecb: {kind: ecb}\n", "  ecb: {kind: ecb}\n  yahoo: {kind: yahoo}\n"),
        ("assets:\n", f"assets:\n{more}"),
    )
    assert calendars_of(load_config(path, environ={})) == {
        ("yahoo", "^N225"): "XTKS",
        ("yahoo", "0700.HK"): "none",
    }


def test_without_a_calendar_of_the_settings_the_one_that_the_source_names_counts(connection):
    thanksgiving = np.array(["2022-11-23", "2022-11-24", "2022-11-28"], dtype="datetime64[D]")
    assert {f.check for f in found(connection, daily(thanksgiving, CLOSE[:3], calendar="XNYS"))} == {
        "no-bar",
        "no-session",
    }
    assert list(verify(connection, {("s", "A"): "none"})) == []
