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


def own_days(rows: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Returns of A and of MKT from each of the rows to the next."""
    levels = np.log(PRICES.loc[rows, ["A", "MKT"]].to_numpy())
    steps = np.diff(levels, axis=0, prepend=np.nan)
    return steps[:, 0], steps[:, 1]


def test_a_blank_among_prices_is_a_day_on_which_the_asset_was_closed(tmp_path: Path) -> None:
    """Windows count the asset's own sessions, and the benchmark is cumulated over the same span; by numpy."""
    closed = (70, DAY + 1)
    table = PRICES.astype(object)
    table.loc[list(closed), "A"] = ""
    done = run_cli(tmp_path, table, ONE, *MARKET)
    y, x = own_days([row for row in range(200) if row not in closed])
    day0 = DAY - 1  # one own session fewer before it
    beta, alpha = np.polyfit(x[day0 - 60 : day0 - 5], y[day0 - 60 : day0 - 5], 1)
    ar = y - alpha - beta * x
    wanted = [ar[day0], ar[day0 : day0 + 2].sum()]
    assert [w["car"] for w in done.event("e1")["windows"]] == pytest.approx(wanted, rel=1e-9)
    assert windows(done) == [(1, True, None), (2, True, None)]
    assert done.event("e1")["n_estimation"] == 55
    assert done.event("e1")["days"][6]["session"] == DATES[DAY + 2]
    covered = f"the return of {DATES[DAY + 2]} covers that day too, and so do those that explain it"
    assert done.json["warnings"] == [f"e1: A has no price on {DATES[DAY + 1]}; {covered}"]
    other = events(("e1", "B", DATES[DAY]))
    assert run_cli(tmp_path, table, other, *MARKET).event("e1") == run_cli(tmp_path, PRICES, other, *MARKET).event("e1")


def test_factors_are_cumulated_over_the_span_of_the_asset(tmp_path: Path) -> None:
    table, rate = with_cell(DAY + 1, "A"), 0.0001
    rng = np.random.default_rng(8)
    factors = pd.DataFrame(
        {"date": DATES, "F": 0.01 * rng.standard_normal(200), "mkt": 0.01 * rng.standard_normal(200)}
    )
    factors = factors.assign(smb=0.01 * rng.standard_normal(200), hml=0.01 * rng.standard_normal(200), rf=rate)
    path = tmp_path / "factors.csv"
    factors.to_csv(path, index=False)
    options = (*SHORT, "--model", "ff3", "--returns", "simple", "--factor-file", str(path))
    day = run_cli(tmp_path, table, ONE, *options).event("e1")
    found = next(entry for entry in day["days"] if entry["session"] == DATES[DAY + 2])
    own = PRICES["A"][DAY + 2] / PRICES["A"][DAY] - 1 - ((1 + rate) ** 2 - 1)
    assert (found["tau"], found["return"]) == (1, pytest.approx(own, rel=1e-9))
    two = [np.prod(1 + factors.loc[[DAY + 1, DAY + 2], name]) - 1 for name in ("mkt", "smb", "hml")]
    wanted = day["coefficients"]["alpha"] + sum(
        slope * value for slope, value in zip(list(day["coefficients"].values())[1:], two, strict=True)
    )
    assert found["expected"] == pytest.approx(wanted, rel=1e-9)


def test_day_0_on_which_the_asset_was_closed_moves_to_its_next_session(tmp_path: Path) -> None:
    done = run_cli(tmp_path, with_cell(DAY, "A"), ONE, *MARKET)
    assert done.event("e1")["day0"] == DATES[DAY + 1]
    assert done.json["warnings"][0] == f"e1: A has no price on {DATES[DAY]}; day 0 moved to {DATES[DAY + 1]}"
    table = PRICES.copy()
    table.loc[DAY:, "A"] = np.nan
    reason = f"A has no price on {DATES[DAY]} or later; its last is of {DATES[DAY - 1]}"
    assert fate(run_cli(tmp_path, table, ONE, *MARKET)) == (3, "skipped", reason)


def test_an_asset_that_ends_has_a_part_of_its_window(tmp_path: Path) -> None:
    table = PRICES.copy()
    table.loc[DAY + 1 :, "A"] = np.nan
    done = run_cli(tmp_path, table, ONE, *MARKET)
    assert windows(done) == [(1, True, None), (1, True, "1 of 2 days have a return")]
    assert done.json["warnings"] == [PARTIAL]


def test_a_blank_on_a_session_of_the_calendar_is_missing_and_refuses_its_windows(tmp_path: Path) -> None:
    """No holiday of New York lies near: 23 to 25 May 2022 are days DAY to DAY + 2."""
    assert DATES[DAY] == "2022-05-23"
    table = with_cell(DAY + 1, "A")
    why = f"A has no price on {DATES[DAY + 1]}, a session of XNYS"
    for options, stated in (
        (("--calendar", "XNYS"), ONE),
        ((), "event_id,asset,announced_at,calendar\ne1,A,2022-05-23T08:00-04:00,XNYS\n"),
    ):
        done = run_cli(tmp_path, table, stated, *MARKET, *options)
        assert windows(done) == [(1, True, None), (1, False, why)]
        assert done.exit_code == 3
        assert [w["n"] for w in done.json["aggregate"][0]["windows"]] == [1, 0]
    lumped = run_cli(tmp_path, table, ONE, *MARKET, "--calendar", "XNYS", "--missing", "lump", "--window", "0:2")
    assert lumped.event("e1")["windows"][2]["car"] is not None
    gone = run_cli(tmp_path, PRICES.drop(index=DAY + 1)[["date", "A", "MKT"]], ONE, *MARKET, "--calendar", "XNYS")
    assert windows(gone)[1] == (1, False, why)  # the row is not even there
    benchmark = run_cli(tmp_path, with_cell(DAY + 1, "MKT"), ONE, *MARKET, "--calendar", "XNYS")
    assert windows(benchmark)[1][2] == f"the benchmark MKT has no price on {DATES[DAY + 1]}, a session of XNYS"
    day0 = run_cli(tmp_path, with_cell(DAY, "A"), ONE, *MARKET, "--calendar", "XNYS")
    assert fate(day0) == (3, "skipped", f"A has no price on {DATES[DAY]}, a session of XNYS")


def test_a_session_without_any_price_of_three_assets_is_a_closure(tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES.drop(index=DAY + 1), ONE, *MARKET, "--calendar", "XNYS")
    assert windows(done) == [(1, True, None), (2, True, None)]
    assert f"nothing has a price on {DATES[DAY + 1]}, a session of XNYS; counted as closed" in done.json["warnings"]


def test_weekends_that_repeat_friday_are_no_sessions(tmp_path: Path) -> None:
    daily = PRICES.assign(date=pd.to_datetime(PRICES["date"])).set_index("date").asfreq("D").ffill().reset_index()
    done = run_cli(tmp_path, daily, ONE, *MARKET)
    assert done.event("e1") == run_cli(tmp_path, PRICES, ONE, *MARKET).event("e1")
    assert done.json["warnings"] == [
        "prices: 2022-01-08 and 77 more days of weekends repeat the day before; counted as no session"
    ]


def test_a_blank_among_returns_stays_on_the_days_of_the_table(tmp_path: Path) -> None:
    table = PRICES.set_index("date").apply(np.log).diff().reset_index()
    table.loc[[70, DAY + 1], "A"] = np.nan
    done = run_cli(tmp_path, table, ONE, *MARKET, "--values", "returns")
    assert done.event("e1")["n_estimation"] == 54
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


def test_a_price_that_cannot_be_one_on_day_0_is_missing_and_no_day_off(tmp_path: Path) -> None:
    for text in ("-99", "0", "inf"):
        assert fate(run_cli(tmp_path, with_cell(DAY, "A", text), ONE, *MARKET)) == (3, "skipped", NO_DAY0)


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


def test_another_event_of_the_asset_in_the_estimation_window_is_noted_and_masked_on_request(tmp_path: Path) -> None:
    two = events(("e1", "A", DATES[DAY]), ("e2", "A", DATES[DAY + 40]), ("e3", "B", DATES[DAY + 40]))
    options = ("--benchmark", "MKT", *SHORT)
    done = run_cli(tmp_path, PRICES, two, *options)
    assert done.json["warnings"] == [
        "e2: its estimation window holds another event of the asset (e1); --mask-events leaves such days out"
    ]
    returns = np.log(PRICES.drop(columns="date")).diff()
    rows = [row for row in range(DAY - 20, DAY + 35) if not DAY - 5 <= row <= DAY + 5]  # without e1's event window
    beta, alpha = np.polyfit(returns["MKT"][rows], returns["A"][rows], 1)
    wanted = returns["A"][DAY + 40] - alpha - beta * returns["MKT"][DAY + 40]
    for table, extra in (
        (PRICES, ()),
        (returns.assign(date=PRICES["date"])[["date", *returns]], ("--values", "returns")),
    ):
        masked = run_cli(tmp_path, table, two, *options, "--mask-events", *extra)
        found = masked.event("e2")
        assert (found["n_estimation"], masked.json["spec"]["mask_events"]) == (44, True)
        assert found["windows"][0]["car"] == pytest.approx(wanted, rel=1e-9)
        assert masked.json["warnings"] == []
        for other in ("e1", "e3"):
            same, before = masked.event(other)["windows"], done.event(other)["windows"]
            assert [w["car"] for w in same] == pytest.approx([w["car"] for w in before], rel=1e-12)


@pytest.mark.parametrize("kind", ["log", "simple"])
def test_a_delisting_return_follows_the_last_price_and_completes_the_window(kind: str, tmp_path: Path) -> None:
    table = PRICES.copy()
    table.loc[DAY + 1 :, "A"] = np.nan
    column = f"event_id,asset,date,delisting_return\ne1,A,{DATES[DAY]},-0.3\ne2,B,{DATES[DAY]},\n"
    options = (*MARKET[:-6], "--window", "0:3", "--min-estimation", "30", "--returns", kind)
    done = run_cli(tmp_path, table, column, *options)
    found = done.event("e1")
    day = next(entry for entry in found["days"] if entry["session"] == DATES[DAY + 1])
    assert day["return"] == pytest.approx(np.log(0.7) if kind == "log" else -0.3, rel=1e-12)
    window = found["windows"][-1]
    assert (window["n_days"], window["reason"]) == (
        2,
        "2 of 4 days have a return, the last of them that of the delisting",
    )
    assert (done.json["aggregate"][0]["windows"][-1]["n"], done.json["warnings"]) == (2, [])
    flag = run_cli(tmp_path, table, ONE, *options, "--delisting-return", "-0.3").event("e1")
    assert flag["windows"][-1]["car"] == window["car"]
    assert (
        run_cli(tmp_path, PRICES, ONE, *options, "--delisting-return", "-0.3").event("e1")["windows"][-1]["n_days"] == 4
    )
    wrong = run_cli(tmp_path, table, column.replace("-0.3", "-30"), *options)
    assert fate(wrong)[2] == "its delisting return cannot be one: -30; write -0.3 for -30 %; -1 needs simple returns"


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
    returns = PRICES.set_index("date").apply(np.log).diff().reset_index().astype(object)
    returns.loc[DAY, "A"] = text
    assert fate(run_cli(tmp_path, returns, ONE, *MARKET, "--values", "returns")) == (3, "skipped", NO_DAY0)
    assert run_cli(tmp_path, with_cell(DAY, "A", text), ONE, *MARKET).event("e1")["day0"] == DATES[DAY + 1]


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
