"""Tables of prices with a price in doubt: what `eventstudy study` and `run_study` publish of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from eventstudy import StudySpec, run_study
from eventstudy.errors import DataError
from tests.support.command import eventstudy

N, AT = 260, 220
DAYS = pd.bdate_range("2020-01-06", periods=N)
DAY0 = f"{DAYS[AT]:%Y-%m-%d}"
SPEC = StudySpec(
    returns="simple", estimation=(-120, -11), event_window=(-2, 2), windows=[(0, 0), (0, 2)], min_estimation=60
)


def table() -> pd.DataFrame:
    """Three assets and a market; AAA gains 8 % on day 0."""
    rng = np.random.default_rng(5)
    market = rng.normal(0, 0.008, N)
    moves = market[:, None] + rng.normal(0, 0.01, (N, 3))
    moves[AT, 0] += 0.08
    prices = 100.0 * np.cumprod(1.0 + np.column_stack([moves, market]), axis=0)
    out = pd.DataFrame(prices, columns=["AAA", "BBB", "CCC", "MKT"])
    out.insert(0, "date", DAYS.strftime("%Y-%m-%d"))
    return out


EVENTS = pd.DataFrame({"event_id": ["a", "b"], "asset": ["AAA", "BBB"], "date": [DAY0, DAY0]})


def study(prices: pd.DataFrame, **more: object) -> dict:
    return run_study(prices, EVENTS, SPEC, benchmark="MKT", **more).to_dict()


def times(factor: float, column: str, first: int, end: int | None = None) -> pd.DataFrame:
    out = table()
    out.loc[first : (first if end is None else end - 1), column] *= factor
    return out


def test_an_undisturbed_table_has_no_doubt():
    assert not [w for w in study(table())["warnings"] if "mend it" in w or "left out" in w]


@pytest.mark.parametrize("values", ["prices", "returns"])
@pytest.mark.parametrize(
    ("column", "refused"), [("AAA", ["a"]), ("MKT", ["a", "b"]), ("CCC", [])], ids=["asset", "benchmark", "another"]
)
def test_a_tick_on_day_0_is_never_a_reaction(column, refused, values):
    prices = times(10.0, column, AT)
    if values == "returns":
        prices[["AAA", "BBB", "CCC", "MKT"]] = prices[["AAA", "BBB", "CCC", "MKT"]].pct_change(fill_method=None)
    found = {event["event_id"]: event for event in study(prices, values=values)["events"]}
    assert [name for name, event in found.items() if event["status"] == "skipped"] == refused
    for name in refused:
        assert found[name]["reason"].startswith(f"price in doubt: {column}: ")
        assert f"--confirm {column}:{DAY0}" in found[name]["reason"]


@pytest.mark.parametrize("length", [1, 12, 25])
@pytest.mark.parametrize("column", ["AAA", "MKT"])
def test_days_in_doubt_of_the_estimation_window_are_as_if_they_were_missing(column, length):
    first = AT - 60
    blank = table().set_index("date").pct_change(fill_method=None).reset_index()
    blank.loc[first : first + length, column] = np.nan  # the returns that the prices in doubt would make
    found = study(times(100.0, column, first, first + length))
    wanted = study(blank, values="returns")
    assert found["events"][0]["status"] == "ok"
    assert found["events"] == wanted["events"]
    assert found["aggregate"] == wanted["aggregate"]
    (note,) = [w for w in found["warnings"] if w.startswith(f"{column}: price ten times or more away")]
    assert "left out" in note


def test_too_many_days_in_doubt_are_a_reason():
    (event, _) = study(times(100.0, "AAA", AT - 80, AT - 25))["events"]
    assert event["status"] == "skipped"
    assert event["reason"].startswith("price in doubt: AAA: ")
    assert "estimation days with returns, 60 are required" in event["reason"]


def test_only_the_windows_that_hold_the_price_are_refused():
    (event, _) = study(times(10.0, "AAA", AT + 2))["events"]
    zero, three = event["windows"]
    assert event["status"] == "ok"
    assert zero["car"] == pytest.approx(0.08, abs=0.03)
    assert three["car"] is None
    assert three["reason"].startswith("price in doubt: AAA: ")


def test_a_price_that_a_person_confirms_counts_and_is_named():
    ruined = times(0.1, "AAA", AT, N)
    assert study(ruined)["events"][0]["status"] == "skipped"
    found = study(ruined, confirm=[f"AAA:{DAY0}"])
    assert found["events"][0]["windows"][0]["car"] == pytest.approx(-0.9, abs=0.03)
    assert found["spec"]["confirm"] == [f"AAA:{DAY0}"]
    assert any("confirmed by --confirm" in w for w in found["warnings"])
    with pytest.raises(DataError, match="no price is in doubt there"):
        study(ruined, confirm=["AAA:2020-01-07"])


@pytest.mark.parametrize("factor", [0.36, 4.0, 0.86])
def test_a_crash_and_a_takeover_get_their_number(factor):
    (event, _) = study(times(factor, "AAA", AT, N))["events"]
    assert (1.0 + event["windows"][0]["car"]) / factor == pytest.approx(1.08, abs=0.05)


def test_a_lumped_return_does_not_bridge_a_change_of_unit():
    prices = times(100.0, "AAA", AT - 60, N)
    (event, _) = study(prices, missing="lump")["events"]
    assert abs(event["windows"][0]["car"] - 0.08) < 0.03
    assert event["sigma"] < 0.02


def test_the_command_says_so_by_its_code(tmp_path):
    times(10.0, "AAA", AT + 2).to_csv(tmp_path / "p.csv", index=False)
    EVENTS.to_csv(tmp_path / "e.csv", index=False)
    windows = ("--estimation", "-120:-11", "--event-window", "-2:2", "--window", "0:0", "--window", "0:2")
    given = ("study", "--prices", tmp_path / "p.csv", "--events", tmp_path / "e.csv", "--benchmark", "MKT", *windows)
    assert eventstudy(*given).code == 3
    done = eventstudy(*given, "--confirm", f"AAA:{DAYS[AT + 2]:%Y-%m-%d}")
    assert (done.code, "confirmed by --confirm" in done.out) == (0, True)


@pytest.mark.parametrize("values", ["prices", "returns"])
def test_a_table_filled_up_over_the_day_of_the_news_gives_no_reaction(values):
    prices = table()
    columns = list(prices.columns[1:])
    prices.loc[AT, columns] = prices.loc[AT - 1, columns]
    if values == "returns":
        prices[columns] = prices[columns].pct_change(fill_method=None)
    found = study(prices, values=values)
    assert {event["status"] for event in found["events"]} == {"skipped"}
    assert all("no price of the table moved on" in event["reason"] for event in found["events"])


def test_returns_in_excess_of_a_rate_are_in_doubt_on_a_day_that_was_filled_up():
    prices = table()
    columns = list(prices.columns[1:])
    prices.loc[AT, columns] = prices.loc[AT - 1, columns]
    factors = pd.DataFrame(np.random.default_rng(6).normal(0, 0.01, (N, 3)), columns=["Mkt-RF", "SMB", "HML"])
    factors = factors.assign(date=prices["date"], RF=0.0001)[["date", "Mkt-RF", "SMB", "HML", "RF"]]
    found = run_study(prices, EVENTS, replace(SPEC, model="ff3"), factor_returns=factors, units="decimal").to_dict()
    assert any("in excess of the column RF" in warning for warning in found["warnings"])
    assert all("no price of the table moved on" in event["reason"] for event in found["events"])


def test_a_day_and_a_month_that_changed_places_are_refused_with_the_date_that_was_meant():
    prices = table()
    row = int(np.flatnonzero(prices["date"] == "2020-11-05")[0])
    prices.loc[row, "date"] = "2020-05-11"
    with pytest.raises(DataError, match="write 2020-11-05"):
        study(prices)
    assert study(table().sample(frac=1.0, random_state=1))["events"] == study(table())["events"]  # in no order at all


@pytest.mark.parametrize("values", ["prices", "returns"])
def test_weeks_whose_dates_are_a_day_off_are_in_doubt_however_quiet_the_prices(values):
    monday = AT - DAYS[AT].day_of_week
    for step, words in ((-1, "a bar on Sunday, and none on Friday"), (1, "a bar on Saturday")):
        prices = table()
        if values == "returns":
            prices[["AAA", "BBB", "CCC", "MKT"]] = prices[["AAA", "BBB", "CCC", "MKT"]].pct_change(fill_method=None)
        rows = slice(monday, monday + 9)
        prices.loc[rows, "date"] = (DAYS[monday : monday + 10] + pd.Timedelta(days=step)).strftime("%Y-%m-%d")
        for event in study(prices, values=values)["events"]:
            assert (event["status"], words in event["reason"]) == ("skipped", True)
            assert event["reason"].startswith("price in doubt: ")


def test_a_table_of_weeks_from_sunday_to_thursday_is_studied_and_told():
    prices = table()
    prices["date"] = (DAYS - pd.Timedelta(days=1)).strftime("%Y-%m-%d")
    found = study(prices)
    assert [event["status"] for event in found["events"]] == ["ok", "ok"]
    assert any("where the venue trades from Monday to Friday all dates are a day early" in w for w in found["warnings"])


def beside(step: int) -> pd.DataFrame:
    """The table, all dates of AAA `step` days off; the others stand on their own days."""
    prices = table()
    own = prices[["date", "AAA"]].assign(date=(DAYS + pd.Timedelta(days=step)).strftime("%Y-%m-%d"))
    return prices.drop(columns="AAA").merge(own, on="date", how="outer").sort_values("date")


def test_one_asset_of_a_table_whose_weeks_run_from_tuesday_to_saturday_is_in_doubt():
    late, other = study(beside(1))["events"]
    assert (late["status"], "a bar on Saturday, and none on a day before it" in late["reason"]) == ("skipped", True)
    assert other["status"] == "ok"


def test_one_asset_of_a_table_whose_weeks_run_from_sunday_to_thursday_is_told_and_a_calendar_decides():
    found = study(beside(-1))
    assert [w.split(":")[0] for w in found["warnings"] if "all dates are a day early" in w] == ["AAA"]
    early, other = study(beside(-1), calendar="XNYS")["events"]
    assert (early["status"], "which is no session, and none on " in early["reason"]) == ("skipped", True)
    assert early["reason"].startswith("price in doubt: AAA: week whose dates seem to be a day off")
    assert other["status"] == "ok"
    assert [event["status"] for event in study(table(), calendar="XNYS")["events"]] == ["ok", "ok"]
