"""What ``eventstudy study`` does with data as they come: a result, a note, and exit code 3 for what was skipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.studies import SHORT, Done, events, run_cli, walk

PRICES = walk()
DATES = PRICES["date"].tolist()
DAY = 100
ONE = events(("e1", "A", DATES[DAY]))
MARKET = ("--benchmark", "MKT", *SHORT)
NO_DAY0 = "day 0 has no return of the asset A"
PARTIAL = (
    "[0,1]: 0 of 1 events have all days; 1 has a part of them, left out of averages (--partial keep takes them in)"
)


def with_cell(row: int, column: str, text: str = "") -> pd.DataFrame:
    table = PRICES.astype(object)
    table.loc[row, column] = text
    return table


def by_hand(rows: slice, day0: int = DAY, asset: str = "A") -> tuple[float, float]:
    """CAR over the return rows `rows` and its standard error, by numpy's least squares on the whole window."""
    returns = np.log(PRICES.drop(columns="date")).diff()
    y, x = returns[asset].to_numpy(), returns["MKT"].to_numpy()
    estimation = slice(day0 - 60, day0 - 5)
    design = np.column_stack([np.ones(55), x[estimation]])
    theta, ssr, *_ = np.linalg.lstsq(design, y[estimation], rcond=None)
    total = np.array([rows.stop - rows.start, x[rows].sum()])
    variance = ssr[0] / 53 * (total[0] + total @ np.linalg.inv(design.T @ design) @ total)
    return float(y[rows].sum() - total @ theta), float(np.sqrt(variance))


def windows(done: Done, event_id: str = "e1") -> list[tuple[int, bool, str | None]]:
    return [(w["n_days"], w["car"] is not None, w["reason"]) for w in done.event(event_id)["windows"]]


def fate(done: Done, event_id: str = "e1") -> tuple[int, str, str | None]:
    found = done.event(event_id)
    return done.exit_code, found["status"], found["reason"]


# --- whole data ---


def test_an_ordinary_event(tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, ONE, *MARKET)
    assert fate(done) == (0, "ok", None)
    for window, rows in zip(done.event("e1")["windows"], (slice(100, 101), slice(100, 102)), strict=True):
        assert (window["car"], window["car_se"]) == pytest.approx(by_hand(rows), rel=1e-10)
    assert done.json["warnings"] == []
    assert done.stderr == ""


def test_the_document_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    found = run_cli(tmp_path, PRICES, ONE, *MARKET).json
    assert found["schema"] == "eventstudy.study/1"
    assert {"schema", "version", "spec", "events", "aggregate", "warnings"} <= set(found)
    event, group = found["events"][0], found["aggregate"][0]
    assert set(event) == {
        "event_id", "asset", "group", "day0", "status", "reason", "n_estimation", "df", "coefficients", "sigma",
        "r_squared", "days", "windows",
    }  # fmt: skip
    assert {"tau", "session", "return", "expected", "ar", "ar_se", "sar"} <= set(event["days"][0])
    assert {"window", "n_days", "car", "car_se", "scar", "bhar", "tests"} <= set(event["windows"][0])
    assert {"group", "n_events", "days", "windows"} <= set(group)
    assert set(group["days"][0]) == {"tau", "n", "aar", "aar_se_cross"}
    average = {"window", "n", "caar", "caar_ci", "median_car", "share_positive", "mean_bhar", "tests"}
    assert average <= set(group["windows"][0])
    fixed = ["name", "null", "statistic", "distribution", "df", "p_value", "n", "reason", "source"]
    for tests in (event["windows"][0]["tests"], group["windows"][0]["tests"]):
        assert all(list(test)[:9] == fixed for test in tests)
        assert all((test["p_value"] is None) == (test["reason"] is not None) for test in tests)
    assert found["spec"]["estimation"] == [-60, -6]
    assert found["spec"]["min_estimation"] == 30
    assert found["spec"]["seed"] == 0


# --- missing days ---


def test_a_hole_in_the_estimation_window_costs_its_two_returns(tmp_path: Path) -> None:
    done = run_cli(tmp_path, with_cell(70, "A"), ONE, *MARKET)
    assert done.event("e1")["n_estimation"] == 53
    assert done.exit_code == 0


def test_a_hole_inside_a_window_is_in_its_row(tmp_path: Path) -> None:
    done = run_cli(tmp_path, with_cell(DAY + 1, "A"), ONE, *MARKET)
    assert windows(done) == [(1, True, None), (1, True, "1 of 2 days have a return")]


@pytest.mark.parametrize(
    ("column", "who"),
    [("A", "the asset A"), ("MKT", "the benchmark MKT"), ("A,MKT", "the asset A, nor of the benchmark MKT")],
)
def test_no_return_on_day_0_says_whose_it_is(column: str, who: str, tmp_path: Path) -> None:
    table = PRICES.set_index("date").apply(np.log).diff().reset_index()
    table.loc[DAY, column.split(",")] = np.nan
    done = run_cli(tmp_path, table, ONE, *MARKET, "--values", "returns")
    assert fate(done) == (3, "skipped", f"day 0 has no return of {who}")
    assert done.event("e1")["day0"] == DATES[DAY]
    assert done.json["aggregate"][0]["n_events"] == 0


def test_lumped_returns_are_explained_over_the_same_sessions(tmp_path: Path) -> None:
    """The asset does not trade on day 1; its return of day 2 covers both, and so does the benchmark's."""
    table = with_cell(DAY + 1, "A")
    options = (*MARKET[:-6], "--window", "0:2", "--min-estimation", "30", "--missing", "lump")
    found = run_cli(tmp_path, table, ONE, *options).event("e1")
    day = next(day for day in found["days"] if day["tau"] == 2)
    price, market = PRICES["A"], PRICES["MKT"]
    assert day["return"] == pytest.approx(np.log(price[102] / price[100]), rel=1e-12)
    beta = found["coefficients"]["beta"]
    wanted = found["coefficients"]["alpha"] + beta * np.log(market[102] / market[100])
    assert day["expected"] == pytest.approx(wanted, rel=1e-10)


def test_a_return_that_reaches_back_before_the_window_is_not_in_it(tmp_path: Path) -> None:
    done = run_cli(tmp_path, with_cell(DAY - 1, "A"), ONE, *MARKET, "--missing", "lump")
    reason = "the first return in the window [0,0] also covers sessions before it"
    assert fate(done) == (3, "skipped", reason)


def test_too_little_history(tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, events(("e1", "A", DATES[20]), ("e2", "A", DATES[DAY])), *MARKET)
    assert fate(done) == (3, "skipped", "14 estimation days with returns, 30 are required")
    assert fate(done, "e2")[1] == "ok"


def test_days_without_any_price_are_no_sessions(tmp_path: Path) -> None:
    daily = PRICES.assign(date=pd.to_datetime(PRICES["date"])).set_index("date").asfreq("D").reset_index()
    done = run_cli(tmp_path, daily, ONE, *MARKET)
    assert done.event("e1") == run_cli(tmp_path, PRICES, ONE, *MARKET).event("e1")
    assert done.json["warnings"] == [
        "prices: nothing has a price on 2022-01-08 and 77 more days; counted as no session"
    ]


def test_windows_of_which_a_part_is_observed_are_counted_and_left_out_of_averages_unless_kept(tmp_path: Path) -> None:
    table = PRICES.set_index("date").apply(np.log).diff().reset_index()
    table.loc[DAY + 1 :, "A"] = np.nan  # delisted after day 0
    two = events(("e1", "A", DATES[DAY]), ("e2", "B", DATES[DAY + 20]))
    done = run_cli(tmp_path, table, two, *MARKET, "--values", "returns")
    assert windows(done) == [(1, True, None), (1, True, "1 of 2 days have a return")]
    averages = done.json["aggregate"][0]["windows"]
    assert [(w["n"], w["n_partial"]) for w in averages] == [(2, 0), (1, 1)]
    assert averages[1]["caar"] == pytest.approx(by_hand(slice(DAY + 20, DAY + 22), DAY + 20, "B")[0], rel=1e-9)
    assert done.json["warnings"] == [PARTIAL.replace("0 of 1", "1 of 2")]
    text = run_cli(tmp_path, table, two, *MARKET, "--values", "returns", json_wanted=False).stdout
    assert "1 more with a part of its days, left out" in text
    kept = run_cli(tmp_path, table, two, *MARKET, "--values", "returns", "--partial", "keep")
    (one, _), (two_days, _) = by_hand(slice(DAY, DAY + 1)), by_hand(slice(DAY + 20, DAY + 22), DAY + 20, "B")
    assert kept.json["aggregate"][0]["windows"][1]["caar"] == pytest.approx((one + two_days) / 2, rel=1e-9)
    assert kept.json["spec"]["partial"] == "keep"


# --- ends of the data ---


def test_a_window_past_the_end_is_refused_and_the_other_kept(tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, events(("e1", "A", DATES[-1])), *MARKET)
    assert windows(done) == [(1, True, None), (1, False, "the window [0,1] runs past the data")]
    assert [w["n"] for w in done.json["aggregate"][0]["windows"]] == [1, 0]
    assert [day["tau"] for day in done.event("e1")["days"]] == [-5, -4, -3, -2, -1, 0]
    assert done.json["warnings"] == ["the window [0,1] runs past the data for 1 event: no number for it there"]


def test_a_window_past_the_beginning_is_refused(tmp_path: Path) -> None:
    options = "--model comparison-mean --estimation -60:-6 --event-window -5:5 --window -3:0 --min-estimation 30"
    done = run_cli(tmp_path, PRICES, events(("e1", "A", DATES[2])), *options.split())
    assert fate(done) == (3, "skipped", "the window [-3,0] runs past the data")


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("2010-01-04", "2010-01-04 is before the first session of the prices, 2022-01-03"),
        ("2030-01-04", "2030-01-04 is after the last session of the prices, 2022-10-07"),
        ("2022-10-08", "2022-10-08 is after the last session of the prices, 2022-10-07"),
        ("2022-01-03", "0 estimation days with returns, 30 are required"),
    ],
)
def test_events_at_and_beyond_the_ends(date: str, reason: str, tmp_path: Path) -> None:
    assert fate(run_cli(tmp_path, PRICES, events(("e1", "A", date)), *MARKET)) == (3, "skipped", reason)


def test_a_weekend_moves_forward_and_is_noted(tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, events(("e1", "A", "2022-05-21")), *MARKET)
    assert done.event("e1")["day0"] == "2022-05-23"  # Saturday → Monday, never Friday
    assert done.json["warnings"] == ["e1: 2022-05-21 is no session; day 0 moved to 2022-05-23"]
    assert done.exit_code == 0


# --- wrong values ---


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0", "a price that is zero or negative"),
        ("-5", "a price that is zero or negative"),
        ("inf", "an infinite value"),
        ("1e400", "an infinite value"),
    ],
)
def test_impossible_prices_count_as_missing(text: str, what: str, tmp_path: Path) -> None:
    done = run_cli(tmp_path, with_cell(DAY + 1, "A", text), ONE, *MARKET)
    assert windows(done)[1] == (1, True, "1 of 2 days have a return")
    assert done.json["warnings"] == [f"A: {what} on {DATES[DAY + 1]}; counted as missing", PARTIAL]


def test_a_simple_return_that_loses_more_than_everything(tmp_path: Path) -> None:
    table = PRICES.set_index("date").pct_change().reset_index()
    table.loc[DAY + 1, "A"] = -1.0
    done = run_cli(tmp_path, table, ONE, *MARKET, "--values", "returns", "--returns", "simple")
    assert windows(done)[1] == (1, True, "1 of 2 days have a return")
    what = f"A: a simple return of -100 % or less on {DATES[DAY + 1]}; counted as missing"
    assert done.json["warnings"] == [what, PARTIAL]


def test_a_likely_split_is_named_and_kept(tmp_path: Path) -> None:
    table = PRICES.copy()
    table.loc[150:, "B"] /= 3
    done = run_cli(tmp_path, table, ONE, *MARKET)
    assert done.json["warnings"] == [f"B: a return beyond ±50% on {DATES[150]}; is it a split?"]


@pytest.mark.parametrize("text", ["abc", "12,34.5", "true", "1_000", "12 %"])
def test_a_cell_that_is_no_number_is_an_error_that_names_it(text: str, tmp_path: Path) -> None:
    done = run_cli(tmp_path, with_cell(DAY, "A", text), ONE, *MARKET)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"Error: prices.csv, line {DAY + 2}, column A: not a number (got '{text}')")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("text", ["nan", "NA", "N/A", "null", " "])
def test_words_for_missing_are_missing(text: str, tmp_path: Path) -> None:
    assert fate(run_cli(tmp_path, with_cell(DAY, "A", text), ONE, *MARKET)) == (3, "skipped", NO_DAY0)


# --- dates ---


def test_unsorted_dates_are_sorted_and_noted(tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES.iloc[::-1], ONE, *MARKET)
    assert done.event("e1") == run_cli(tmp_path, PRICES, ONE, *MARKET).event("e1")
    assert done.json["warnings"] == ["prices: the dates were not in order; they have been sorted"]


@pytest.mark.parametrize(("factor", "status", "fate_of_rows"), [(1, "ok", "agree"), (2, "skipped", "disagree")])
def test_a_date_that_stands_twice(factor: int, status: str, fate_of_rows: str, tmp_path: Path) -> None:
    again = PRICES.iloc[[DAY]].copy()
    again["A"] *= factor
    table = pd.concat([PRICES.iloc[: DAY + 1], again, PRICES.iloc[DAY + 1 :]])
    done = run_cli(tmp_path, table, ONE, *MARKET)
    assert done.event("e1")["status"] == status
    assert done.json["warnings"][0].startswith(f"prices: {DATES[DAY]} stands 2 times; the rows {fate_of_rows}")


@pytest.mark.parametrize("form", ["%Y-%m-%d 00:00:00-05:00", "%Y-%m-%dT16:00:00Z", "%Y%m%d"])
def test_dates_with_times_are_the_days_as_written(form: str, tmp_path: Path) -> None:
    table = PRICES.assign(date=pd.to_datetime(PRICES["date"]).dt.strftime(form))
    done = run_cli(tmp_path, table, ONE, *MARKET)
    assert done.event("e1") == run_cli(tmp_path, PRICES, ONE, *MARKET).event("e1")


@pytest.mark.parametrize(
    ("form", "said"), [("%d/%m/%Y", "day first"), ("%m/%d/%Y", "month first"), ("%d.%m.%Y", "day first")]
)
def test_the_order_of_day_and_month_is_seen_in_the_column_and_said(form: str, said: str, tmp_path: Path) -> None:
    text = pd.to_datetime(PRICES["date"]).dt.strftime(form)
    done = run_cli(tmp_path, PRICES.assign(date=text), ONE, *MARKET)
    assert done.event("e1") == run_cli(tmp_path, PRICES, ONE, *MARKET).event("e1")
    assert done.json["warnings"] == [f"prices.csv: dates are read {said}"]


def test_dates_that_may_mean_two_days_are_asked_for_by_name(tmp_path: Path) -> None:
    table = PRICES.iloc[:10]  # 3 to 14 January, of which the last two would tell
    text = pd.to_datetime(table["date"]).dt.strftime("%d/%m/%Y")
    done = run_cli(tmp_path, table.assign(date=text).iloc[:8], ONE, *MARKET)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: prices.csv, line 2, column date: a date whose day and month cannot be told apart, and so in 7 more "
        "lines (got '03/01/2022'); write --date-format day-first or --date-format month-first\n"
    )
    done = run_cli(tmp_path, PRICES, events(("e1", "A", "05/06/2022")), *MARKET)
    assert (done.exit_code, done.stdout) == (1, "")
    assert (
        "events.csv, line 2, column date: a date whose day and month cannot be told apart (got '05/06/2022')"
        in done.stderr
    )
    days = {
        order: run_cli(tmp_path, PRICES, events(("e1", "A", "05/06/2022")), *MARKET, "--date-format", order)
        for order in ("day-first", "month-first", "%d/%m/%Y")
    }
    assert {order: found.event("e1")["day0"] for order, found in days.items()} == {
        "day-first": "2022-06-06", "month-first": "2022-05-06", "%d/%m/%Y": "2022-06-06",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["%Y", "%Y-%m"])
def test_what_is_no_date_is_refused(form: str, tmp_path: Path) -> None:
    text = pd.to_datetime(PRICES["date"]).dt.strftime(form)
    done = run_cli(tmp_path, PRICES.assign(date=text), ONE, *MARKET)
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: prices.csv, line 2, column date: not a date, and so in 199 more lines (got '{text[0]}'); "
        "write the date as 2023-03-17\n"
    )
    done = run_cli(tmp_path, PRICES, events(("e1", "A", text[DAY])), *MARKET)
    assert fate(done) == (3, "skipped", f"not a date: '{text[DAY]}'; write the date as 2023-03-17")
