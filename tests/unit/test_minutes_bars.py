"""Bars as they come: prices in doubt, sizes, zones, hours beside the session, and files that cannot be used."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.calendars import extended_hours, trading_hours
from eventstudy.errors import InputError
from tests.support.command import eventstudy

CASE = Path(__file__).parents[1] / "golden" / "case8_intraday"
EVENT = pd.DataFrame({"event_id": ["e"], "asset": ["AAA"], "announced_at": ["2023-03-22T18:00:00Z"]})


@pytest.fixture(scope="module")
def given():
    found = pd.read_csv(CASE / "bars.csv")
    found = found[found["symbol"].isin(["AAA", "MKT"]) & (found["start"] > "2022-12-12")].reset_index(drop=True)
    return found.assign(at=pd.to_datetime(found["start"]))


def study(table, events=EVENT, **settings):
    if "at" in table.columns:  # the same starts, as instants
        table = table.assign(start=table["at"]).drop(columns="at")
    settings = {"windows": ["0m:30m"], "calendar": "XNYS", "tests": ["bmp_t"], "bar": "5m", **settings}
    return es.run_study(table, events, **settings)


def only(result):
    (row,) = result.rows
    return row["windows"][0]


def changed(given, start, symbol="AAA", **columns):
    """The bars with numbers of one of them multiplied."""
    out = given.copy()
    here = (out["symbol"] == symbol) & (out["start"] == start)
    assert here.sum() == 1
    for name, factor in columns.items():
        out.loc[here, name] *= factor
    return out


SPIKE = dict.fromkeys(("open", "high", "low", "close"), 1.03)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (dict.fromkeys(("open", "high", "low", "close"), 10.0), "ten times or more away"),
        ({"close": 1.2}, "outside the low and high"),
        (SPIKE, "takes back"),
    ],
)
def test_a_bar_in_doubt_in_the_window_refuses_it_and_on_a_reference_session_passes_that_over(given, columns, words):
    found = only(study(changed(given, "2023-03-22T18:15:00Z", **columns)))
    assert found["reason_code"] == "price-in-doubt"
    assert found["reason"].startswith("price in doubt: AAA: ")
    assert words in found["reason"]
    assert (found["move"], found["paced"], found["verdict"]) == (None, None, "not computable")
    result = study(changed(given, "2023-03-15T18:15:00Z", **columns))
    assert any(text.startswith("price in doubt: AAA") for text in result.warnings)
    found = only(result)
    assert found["reference"]["passed_over"] == {"price-in-doubt": 1}
    assert found["reference"]["used"] == 60
    found = only(study(changed(given, "2023-03-22T18:15:00Z", "MKT", **columns), benchmark="MKT"))
    assert found["benchmark"] is None
    assert found["clock"] is not None


def test_a_price_that_a_person_confirms_is_studied(given):
    table = changed(given, "2023-03-22T18:15:00Z", **SPIKE)
    name = "AAA:2023-03-22T18:15:00Z"
    assert f"--confirm {name}" in only(study(table))["reason"]
    assert only(study(table, confirm=[name]))["move"] == only(study(given))["move"]
    with pytest.raises(InputError, match="no price is in doubt there"):
        study(given, confirm=[name])


def test_a_price_that_is_frozen_is_in_doubt(given):
    table = given.copy()
    here = (table["symbol"] == "AAA") & table["start"].between("2023-03-22T18:00:00Z", "2023-03-22T19:30:00Z")
    for name in ("open", "high", "low", "close"):
        table.loc[here, name] = 59.5
    assert "stands still" in only(study(table))["reason"]


@pytest.mark.parametrize("high", [59.5, 59.53], ids=["without a range", "with the range of the bar before"])
def test_half_an_hour_that_stands_still_as_chance_never_makes_it_is_in_doubt(given, high):
    table = given.copy()
    here = (table["symbol"] == "AAA") & table["start"].between("2023-03-22T18:00:00Z", "2023-03-22T18:30:00Z")
    for name, value in (("open", 59.5), ("high", high), ("low", 59.5), ("close", 59.5)):
        table.loc[here, name] = value
    assert "7 equal closes in a row" in only(study(table))["reason"]


def test_a_wild_minute_that_was_traded_through_is_not_in_doubt(given):
    own = given[given["symbol"] == "AAA"].sort_values("start").reset_index(drop=True)
    i = int(own.index[own["start"] == "2023-03-22T18:15:00Z"][0])
    crash = own.loc[i, "close"] * 0.95
    own.loc[i, ["low", "close"]] = crash  # down 5 % within the bar
    own.loc[i + 1, ["open", "low"]] = crash  # and up again within the next
    found = only(study(own))
    assert found["reason_code"] is None
    assert found["low"]["move"] < -0.045


def test_no_bar_of_the_golden_case_is_in_doubt(given):
    assert not any("doubt" in text for text in study(given).warnings)
    assert only(study(given))["reference"]["passed_over"] == {}


def test_bars_of_a_day_are_counted_from_the_opening_when_coarser_ones_are_made(given):
    found = only(study(given, bar="1h", windows=["0m:60m"], events=EVENT.assign(announced_at="2023-03-22T17:30:00Z")))
    # New York opens at 13:30 UTC: hours end at half past
    assert (found["base"]["at"], found["end"]["at"]) == ("2023-03-22T17:30:00Z", "2023-03-22T18:30:00Z")
    own = given[(given["symbol"] == "AAA") & (given["volume"] > 0)].set_index("start")["close"]
    assert found["end"]["price"] == own["2023-03-22T18:25:00Z"]


def test_every_layout_of_the_zone_gives_the_same_numbers(given):
    given = given[given["symbol"] == "AAA"]
    local = given["at"].dt.tz_convert("America/New_York")
    wanted = only(study(given))
    for starts in (local, local.map(str), local.dt.strftime("%Y-%m-%dT%H:%M:%S%z")):
        assert only(study(given.drop(columns="at").assign(start=starts))) == wanted


def test_hours_before_and_after_the_session():
    days = dt.date(2022, 11, 23), dt.date(2022, 11, 25)
    found = extended_hours("XNYS", *days)
    assert [str(t)[:16] for t in found.opens] == ["2022-11-23T09:00", "2022-11-25T09:00"]
    assert [str(t)[:16] for t in found.closes] == ["2022-11-24T01:00", "2022-11-25T22:00"]  # a half-day ends at 17:00
    with pytest.raises(InputError, match="before and after the session are not known"):
        extended_hours("XTKS", *days)
    assert (extended_hours("fx", *days).closes == trading_hours("fx", *days).closes).all()


def wide(start, end, zone, first, last, minutes, seed=1, drop=()):
    """Closes of one symbol between two local times on weekdays."""
    days = pd.bdate_range(start, end)
    stamps = [
        t
        for day in days
        for t in pd.date_range(f"{day.date()} {first}", f"{day.date()} {last}", freq=f"{minutes}min", tz=zone)
        if not any(a <= t.strftime("%H:%M") < b for a, b in drop)
    ]
    price = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.001, len(stamps))))
    return pd.DataFrame({"start": stamps, "A": price})


def test_pre_market_bars_are_studied_when_asked_for_and_the_document_says_the_hours():
    table = wide("2023-01-03", "2023-03-31", "America/New_York", "07:00", "15:45", 15)
    events = pd.DataFrame({"event_id": ["cpi"], "asset": ["A"], "announced_at": ["2023-03-14T08:30:00-04:00"]})
    plain, extended = (study(table, events, bar="15m", extended=flag) for flag in (False, True))
    assert plain.rows[0]["is_open"] is False
    assert any("outside every session" in text for text in plain.warnings)
    row = extended.rows[0]
    assert (row["is_open"], row["windows"][0]["base"]["at"]) == (True, "2023-03-14T12:30:00Z")
    assert row["hours"]["opens"] == "2023-03-14T08:00:00Z"
    assert row["hours"]["extended"] is True


def test_a_lunch_break_is_crossed_on_every_session():
    table = wide("2023-01-04", "2023-03-31", "Asia/Tokyo", "09:00", "14:45", 15, drop=[("11:30", "12:30")])
    events = pd.DataFrame(
        {
            "event_id": ["before", "in", "after"],
            "asset": ["A"] * 3,
            "announced_at": [f"2023-03-22T{t}:00+09:00" for t in ("11:15", "12:00", "12:30")],
        }
    )
    found = study(table, events, bar="15m", windows=["0m:90m", "0m:15m"], calendar="XTKS")
    before, inside, after = found.rows
    assert (before["is_open"], inside["is_open"], after["is_open"]) == (True, False, True)
    assert (before["windows"][0]["base"]["at"], before["windows"][0]["end"]["at"]) == (
        "2023-03-22T02:15:00Z",
        "2023-03-22T03:45:00Z",
    )
    assert inside["windows"][1]["move"] == after["windows"][1]["move"]  # both from the morning's last bar
    assert inside["windows"][1]["base"]["at"] == "2023-03-22T02:30:00Z"


def test_currencies_are_one_span_from_sunday_to_friday():
    stamps = pd.date_range("2023-01-02", "2023-03-31", freq="15min", tz="UTC")
    local = stamps.tz_convert("America/New_York")
    week = local.day_of_week * 24 + local.hour
    stamps = stamps[(week < 4 * 24 + 17) | (week >= 6 * 24 + 17)]
    price = np.exp(np.cumsum(np.random.default_rng(2).normal(0, 2e-4, stamps.size)))
    events = pd.DataFrame(
        {
            "event_id": ["tokyo", "at-17", "weekend"],
            "asset": ["EUR"] * 3,
            "announced_at": ["2023-03-22T01:00:00Z", "2023-03-22T21:00:00Z", "2023-03-18T12:00:00Z"],
        }
    )
    table = pd.DataFrame({"start": stamps, "EUR": price})
    tokyo, at_17, weekend = study(table, events, bar="15m", windows=["-15m:30m"], calendar="fx").rows
    assert (tokyo["session"], tokyo["windows"][0]["reason_code"]) == ("2023-03-22", None)
    assert (at_17["session"], at_17["windows"][0]["base"]["at"]) == ("2023-03-23", "2023-03-22T20:45:00Z")
    assert weekend["windows"][0]["reason_code"] == "before-reopening"
    assert weekend["session"] == "2023-03-20"


def test_bars_that_overlap_are_an_error_that_says_so(given):
    own = given[given["symbol"] == "AAA"].drop(columns="at")
    later = own.assign(start=(pd.to_datetime(own["start"]) + pd.Timedelta("2min")).dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    with pytest.raises(InputError, match=r"overlap.*give bars of one size"):
        study(pd.concat([own, later]))


def test_a_live_quote_among_the_bars_is_left_out(given):
    quote = given.tail(1).assign(at=pd.Timestamp("2023-03-31T19:57:02Z"), close=61.0)
    assert quote["symbol"].tolist() == ["AAA"]
    found = study(pd.concat([given, quote]))
    assert only(found)["move"] == only(study(given))["move"]
    assert any("1 rows start off the grid" in text for text in found.warnings)


def test_a_thin_symbol_of_another_size_stops_no_other(given):
    thin = given[given["start"].str.endswith(":30:00Z") & (given["symbol"] == "MKT")].assign(symbol="THIN")
    events = pd.concat([EVENT, EVENT.assign(asset="THIN")])
    rows = study(pd.concat([given, thin]), events).rows
    assert [row["status"] for row in rows] == ["ok", "skipped"]
    assert "write 1h, or give finer bars" in rows[1]["reason"]


@pytest.mark.parametrize(
    ("announced", "words"),
    [
        ("2023-03-31T20:00:00Z", "after the last bar"),
        ("2024-03-31T20:00:00Z", "give later bars"),
        ("2031-01-02T15:00:00Z", "give later bars"),
        ("2022-12-12T12:00:00Z", "give earlier bars"),
        ("2010-03-31T20:00:00Z", "give earlier bars"),
    ],
)
def test_an_announcement_outside_the_data_says_what_to_give(given, announced, words):
    found = study(given, EVENT.assign(announced_at=announced))
    assert found.rows[0]["status"] == "skipped"
    assert words in found.rows[0]["reason"]
    assert found.n_refused == 1


def test_a_symbol_without_any_price_says_so_and_one_on_another_calendar_too(given):
    own = given[given["symbol"] == "AAA"]
    assert "rows are without a price" in study(own.assign(close=np.nan)).rows[0]["reason"]
    assert "check the calendar" in study(own, calendar="XTKS").rows[0]["reason"]


def test_a_window_up_to_the_last_bar_of_a_file_has_a_number(given):
    own = given[given["start"] < "2023-03-22T18:00:00Z"]
    assert only(study(own, windows=["-30m:0m"]))["reason_code"] is None


def test_exit_codes_of_the_command(given, tmp_path):
    bars, events = tmp_path / "bars.csv", tmp_path / "events.csv"
    given.drop(columns="at").to_csv(bars, index=False)
    EVENT.to_csv(events, index=False)

    def code(*options):
        start = ("study", "--prices", bars, "--events", events, "--calendar", "XNYS", "--tests", "bmp_t")
        return eventstudy(*start, "--json", *options)

    done = code("--bar", "5m", "--window", "0m:30m")
    assert done.code == 0
    assert json.loads(done.out)["events"][0]["windows"][0]["verdict"] == "strong"
    done = code("--bar", "5m", "--window", "0m:600m")
    assert done.code == 3
    assert "study a shorter one" in json.loads(done.out)["events"][0]["windows"][0]["reason"]
    done = code("--bar", "1m", "--window", "0m:30m")
    assert (done.code, "write 5m, or give finer bars" in done.err) == (1, True)
    assert code("--bar", "5m", "--window", "0m:lunch").code == 2
    given.drop(columns="at").assign(start=given["start"].str[:-1]).to_csv(bars, index=False)
    done = code("--bar", "5m", "--window", "0m:30m")
    assert (done.code, "without a zone" in done.err) == (1, True)
