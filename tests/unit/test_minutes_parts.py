"""The parts of a study by the minute beside the moves: medians, next sessions, paths, averages, and their reasons."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.errors import InputError
from eventstudy.study.clock.named import EA_MPD
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.windows import ClockWindow
from tests.support.command import eventstudy

CASE = Path(__file__).parents[1] / "golden" / "case8_intraday"
WINDOWS = ("0m:30m", "0m:close", "statement", "median", "ea-mpd-conference", "0m:next-open", "0m:next-close")
EVENTS = pd.DataFrame(
    [
        ("noon", "AAA", "2023-03-22T18:00:00Z", 1.0),
        ("soon-after", "AAA", "2023-03-22T18:10:00Z", 9.0),
        ("before-the-open", "AAA", "2023-03-14T12:30:00Z", -1.0),
        ("winter", "BBB", "2023-03-08T15:00:00Z", 0.5),
        ("quiet", "BBB", "2023-03-28T16:00:00Z", 0.25),
        ("thin", "CCC", "2023-03-29T16:00:00Z", -2.0),
        ("late", "BBB", "2023-03-23T19:50:00Z", 3.0),
        ("no-time", "BBB", "", 3.0),
    ],
    columns=["event_id", "asset", "announced_at", "surprise"],
)


@pytest.fixture(scope="module")
def bars():
    found = pd.read_csv(CASE / "bars.csv")
    found["at"] = pd.to_datetime(found["start"])
    return found


@pytest.fixture(scope="module")
def result():
    return es.run_study(
        pd.read_csv(CASE / "bars.csv"),
        EVENTS,
        bar="5m",
        windows=WINDOWS,
        calendar="XNYS",
        benchmark="MKT",
        regress=["surprise"],
        tests=["cross_sectional_t", "bmp_t", "sign_z"],
    )


@pytest.fixture(scope="module")
def rows(result):
    return {row["event_id"]: row for row in result.to_dict()["events"]}


def closes(bars, symbol, first, last):
    """Closes of the bars that start in [first, last)."""
    own = bars[(bars["symbol"] == symbol) & bars["close"].notna() & (bars["volume"] > 0)].set_index("at").sort_index()
    return own.loc[first:last, "close"].to_numpy()


def window(row, name):
    return row["windows"][WINDOWS.index(name)]


def test_whatever_is_null_has_a_reason(result):
    def look(value, where):
        if isinstance(value, dict):
            for name, part in value.items():
                if part is None and name not in ("reason", "reason_code", "name", "group", "announced_until"):
                    assert value.get(f"{name}_reason") or value.get("reason"), (where, name)
                look(part, f"{where}.{name}")
        elif isinstance(value, list):
            for i, part in enumerate(value):
                look(part, f"{where}[{i}]")

    for row in result.to_dict()["events"]:
        for part in (row, *row["windows"]):
            look({k: v for k, v in part.items() if k not in ("path", "windows")}, row["event_id"])
        if row["path"]:
            look({k: v for k, v in row["path"].items() if not isinstance(v, list)}, row["event_id"])


def test_median_windows_go_from_median_to_median(bars, rows):
    # bars that end in (17:40, 17:50] start at 17:40 and 17:45; in (18:10, 18:20] at 18:10 and 18:15
    base = np.median(closes(bars, "AAA", "2023-03-22T17:40Z", "2023-03-22T17:49Z"))
    end = np.median(closes(bars, "AAA", "2023-03-22T18:10Z", "2023-03-22T18:19Z"))
    found = window(rows["noon"], "median")
    assert (found["base"]["price"], found["end"]["price"]) == (base, end)
    assert found["move"] == pytest.approx(math.log(end / base), rel=1e-12)
    assert rows["noon"]["price_before"]["median_price"] == base
    assert found["window"] == ["-20m:-10m", "10m:20m"]


def test_windows_of_the_euro_area_database_go_by_frankfurts_clock():
    def at(text, part):
        instant = int(pd.Timestamp(text).value)
        return next(w for w in EA_MPD if w.part == part).at(instant)

    # 13:45 in Frankfurt until June 2022, 14:15 since; 2023-03-16 is winter time
    assert at("2020-03-12T12:45Z", "release") == ClockWindow(-20, 25, (-10, 15), "ea-mpd release")
    assert at("2023-03-16T13:15Z", "release") == ClockWindow(-20, 25, (-10, 15), "ea-mpd release")
    assert at("2023-03-16T13:15Z", "conference") == ClockWindow(15, 110, (25, 100), "ea-mpd conference")
    assert at("2023-05-04T12:15Z", "monetary-event") == ClockWindow(-20, 110, (-10, 100), "ea-mpd monetary-event")


@pytest.mark.parametrize(
    ("when", "is_apart"),
    [
        ("2022-06-09T11:45Z", False),
        ("2022-06-09T12:30Z", False),
        ("2022-07-27T18:00Z", True),
        ("2022-07-27T05:00Z", True),
    ],
)
def test_a_window_of_the_euro_area_database_is_of_announcements_about_noon_in_frankfurt_alone(when, is_apart):
    instant = int(pd.Timestamp(when).value)
    assert {w.at(instant).is_apart for w in EA_MPD} == {is_apart}


def test_a_statement_in_the_evening_has_no_window_of_the_euro_area_database(rows):
    found = window(rows["noon"], "ea-mpd-conference")
    assert (found["move"], found["reason_code"]) == (None, "other-hour")
    assert "name the window in minutes" in found["reason"]


def test_the_next_session_is_the_one_after_the_event_s(bars, rows):
    base = closes(bars, "AAA", "2023-03-22T17:55Z", "2023-03-22T17:59Z")[-1]
    following = closes(bars, "AAA", "2023-03-23T13:30Z", "2023-03-23T19:59Z")
    assert window(rows["noon"], "0m:next-open")["move"] == pytest.approx(math.log(following[0] / base), rel=1e-12)
    assert window(rows["noon"], "0m:next-close")["move"] == pytest.approx(math.log(following[-1] / base), rel=1e-12)
    # before the opening the session is that of the opening, and the next is the day after
    base = closes(bars, "AAA", "2023-03-13T13:30Z", "2023-03-13T19:59Z")[-1]
    following = closes(bars, "AAA", "2023-03-15T13:30Z", "2023-03-15T19:59Z")
    found = window(rows["before-the-open"], "0m:next-close")
    assert found["move"] == pytest.approx(math.log(following[-1] / base), rel=1e-12)


def test_the_opening_gap_and_the_move_after_it_are_the_whole_move(rows):
    row = rows["before-the-open"]
    found = window(row, "0m:30m")
    assert row["opening_gap"] + found["move_after_opening"] == pytest.approx(found["move"], rel=1e-9)
    assert "minutes old" in found["notes"][0]
    assert row["price_before"]["age_minutes"] == 16.5 * 60  # from the close to 08:30 in New York


def test_the_path_meets_the_windows(rows):
    path, found = rows["noon"]["path"], window(rows["noon"], "0m:30m")
    assert path["move"][path["minutes"].index(0)] == 0
    assert path["move"][path["minutes"].index(30)] == pytest.approx(found["move"], rel=1e-12)
    assert path["drift_before"]["move"] == -path["move"][0]
    kept = window(rows["noon"], "0m:close")["move"] / found["move"]
    assert path["kept"] == pytest.approx(kept, rel=1e-12)
    assert path["course"] == "held"
    # the band of H9 at the window's end is the interval of H5
    clock = found["clock"]
    half = stats.t.ppf(0.975, clock["n"] - 1) * clock["s"] * math.sqrt(1 + 1 / clock["n"])
    assert path["high"][path["minutes"].index(30)] == pytest.approx(clock["mean"] + half, rel=1e-9)
    inner, outer = (np.array(path[name], dtype=float) for name in ("high", "max_high"))
    assert np.nanmin(outer - inner) >= 0
    assert rows["before-the-open"]["path"]["minutes"][0] == 0


def test_newspapers_count_from_the_close_before(bars, rows):
    found = window(rows["noon"], "0m:30m")["from_previous_close"]
    own = bars[(bars["symbol"] == "AAA") & (bars["volume"] > 0)].set_index("at").sort_index()
    close = closes(bars, "AAA", "2023-03-21T13:30Z", "2023-03-21T19:59Z")[-1]
    assert found["price"] == close
    assert found["day"]["low"]["move"] == pytest.approx(math.log(own.loc["2023-03-22", "low"].min() / close), rel=1e-12)
    inside = own.loc["2023-03-22T18:00Z":"2023-03-22T18:29Z", "low"].min()
    assert found["low"]["move"] == pytest.approx(math.log(inside / close), rel=1e-12)


def test_averages_test_the_paced_t_of_events_that_share_no_bar(result, rows):
    found = result.to_dict()["aggregate"][0]["windows"][0]
    counted = ("noon", "before-the-open", "winter", "quiet", "thin")
    s = np.array([window(rows[name], "0m:30m")["paced"]["t"] for name in counted])
    own = {test["name"]: test for test in found["tests"]}
    assert own["cross_sectional_t"]["statistic"] == pytest.approx(stats.ttest_1samp(s, 0).statistic, rel=1e-9)
    moves = {test["name"]: test for test in found["moves"]["tests"]}
    ar = np.array(
        [(w := window(rows[name], "0m:30m"))["move"] - w["clock"]["mean"] for name in counted]  # abnormal moves
    )
    assert found["caar"] == pytest.approx(ar.mean(), rel=1e-9)
    assert moves["cross_sectional_t"]["statistic"] == pytest.approx(stats.ttest_1samp(ar, 0).statistic, rel=1e-9)
    reasons = {row["event_id"]: row["reason"] for row in found["left_out"]}
    assert set(reasons) == {"soon-after", "late", "no-time"}
    assert "judged with it" in reasons["soon-after"]
    assert rows["soon-after"]["overlaps"][0] == {"event_id": "noon", "minutes": -10.0}
    surprise = EVENTS.set_index("event_id").loc[list(counted), "surprise"].to_numpy()
    slope = result.to_dict()["regressions"][0]["coefficients"][1]["test"]
    assert slope["estimate"] == pytest.approx(np.polyfit(surprise, ar, 1)[0], rel=1e-8)
    assert result.n_refused == sum(w["reason_code"] is not None for row in rows.values() for w in row["windows"]) + 1


def test_volume_and_volatility_are_held_against_the_same_time_of_day(rows, bars):
    found = window(rows["noon"], "0m:30m")
    own = bars[(bars["symbol"] == "AAA") & (bars["volume"] > 0) & bars["close"].notna()].set_index("at").sort_index()
    inside = own.loc["2023-03-22T18:00Z":"2023-03-22T18:29Z"]
    assert found["volume"]["total"] == inside["volume"].sum()
    logs = np.log(own.loc["2023-03-22T17:55Z":"2023-03-22T18:29Z", "close"])
    assert found["realised_volatility"]["value"] == pytest.approx((logs.diff() ** 2).sum(), rel=1e-12)


def test_the_command_line_prints_what_python_gives(tmp_path):
    events = tmp_path / "events.csv"
    EVENTS.head(2).to_csv(events, index=False)
    options = ("--calendar", "XNYS", "--window", "0m:30m", "--window", "median", "--tests", "bmp_t", "--json")
    done = eventstudy("study", "--bar", "5m", "--prices", CASE / "bars.csv", "--events", events, *options)
    found = es.run_study(
        pd.read_csv(CASE / "bars.csv"),
        EVENTS.head(2),
        bar="5m",
        windows=["0m:30m", "median"],
        calendar="XNYS",
        tests=["bmp_t"],
    )
    assert done.code == 0
    assert json.loads(done.out) == json.loads(json.dumps(found.to_dict()))
    settings = ClockSpec(bar="5m", windows=["0m:30m", "median"], calendar="XNYS", tests=["bmp_t"])
    assert es.run_study(pd.read_csv(CASE / "bars.csv"), EVENTS.head(2), settings).to_dict() == found.to_dict()
    assert list(found.events["verdict"]) == [w["verdict"] for row in found.rows for w in row["windows"]]
    assert "Mean abnormal move of all" in found.summary()


def test_a_group_of_one_event_is_judged_carefully_and_t_stands_beside_it():
    bars, events = pd.read_csv(CASE / "bars.csv"), EVENTS.head(4).assign(group=["x", "y", "y", "y"])
    found = es.run_study(bars, events, bar="5m", windows=["0m:30m"], calendar="XNYS")
    (paced,) = (g["windows"][0]["paced"] for g in found.to_dict()["aggregate"] if g["group"] == "x")
    t, df = paced["caar"] / paced["caar_se"], 59  # 60 reference sessions, about their mean
    careful, plain = (2 * stats.t.sf(abs(t) / root, df) for root in (math.sqrt(2), 1))
    said = f"doubled_variance_t p = {careful:.4f} (t p = {plain:.4f} if its variance did not rise)"
    assert said in found.summary().split("Mean abnormal move of x (1 event)")[1].splitlines()[1]


def test_settings_of_days_are_refused_by_the_minute():
    frame = pd.DataFrame({"event_id": ["a"], "asset": ["A"], "announced_at": ["2023-03-22T18:00:00Z"]})
    for settings in ({"equivalence": 0.01}, {"spec": es.StudySpec()}, {"lunch": 1}):
        with pytest.raises(InputError, match=r"minute|no such setting"):
            es.run_study(frame, frame, bar="5m", **settings)
    with pytest.raises(InputError, match="size of a bar"):
        es.run_study(frame, frame, windows=["0m:30m"])
    done = eventstudy("study", "--bar", "5m", "--prices", "x", "--events", CASE / "bars.csv", "--model", "garch")
    assert done.code == 2
    assert "--model garch is of days" in done.err
