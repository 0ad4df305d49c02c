"""What ``eventstudy study`` does with a table of events as it comes: one bad row never stops the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.studies import SHORT, Done, events, run_cli, walk

PRICES = walk()
DATES = PRICES["date"].tolist()
DAY = 100
ONE = events(("e1", "A", DATES[DAY]))
MARKET = ("--benchmark", "MKT", *SHORT)


def fate(done: Done, event_id: str = "e1") -> tuple[int, str, str | None]:
    found = done.event(event_id)
    return done.exit_code, found["status"], found["reason"]


# --- the table of events ---


def test_names_stay_text(tmp_path: Path) -> None:
    names = {"A": "NA", "B": "007", "C": "1e5", "D": "TRUE"}
    table = events(*((name, name, DATES[DAY]) for name in names.values()))
    done = run_cli(tmp_path, PRICES.rename(columns=names), table, *MARKET)
    assert [(e["event_id"], e["asset"], e["status"]) for e in done.json["events"]] == [
        (name, name, "ok") for name in names.values()
    ]


def test_spaces_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    text = "\ufeff" + PRICES.to_csv(index=False).replace(",", ", ")
    done = run_cli(tmp_path, text, f"\ufeff event_id , asset,date \n e1 ,A , {DATES[DAY]} \n", *MARKET)
    assert done.event("e1") == run_cli(tmp_path, PRICES, ONE, *MARKET).event("e1")


def test_one_event_of_several_assets_and_several_of_one(tmp_path: Path) -> None:
    table = events(("x", "A", DATES[80]), ("x", "B", DATES[80]), ("y", "A", DATES[DAY]), ("z", "A", DATES[120]))
    done = run_cli(tmp_path, PRICES, table, *MARKET)
    assert [(e["event_id"], e["asset"], e["day0"]) for e in done.json["events"]] == [
        ("x", "A", DATES[80]), ("x", "B", DATES[80]), ("y", "A", DATES[DAY]), ("z", "A", DATES[120]),
    ]  # fmt: skip
    assert done.json["aggregate"][0]["n_events"] == 4


def test_a_row_that_stands_twice_counts_once(tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, events(("e1", "A", DATES[DAY]), ("e1", "A", DATES[DAY])), *MARKET)
    assert [e["reason"] for e in done.json["events"]] == [None, "stands twice with the asset A; row 2 counts"]
    assert done.json["aggregate"][0]["n_events"] == 1
    assert done.exit_code == 3


@pytest.mark.parametrize("backwards", [False, True])
def test_overlapping_events_are_flagged_or_dropped(backwards: bool, tmp_path: Path) -> None:
    rows = [("e1", "A", DATES[100]), ("e2", "A", DATES[102]), ("e3", "A", DATES[112]), ("e4", "B", DATES[101])]
    table = events(*(rows[::-1] if backwards else rows))
    flagged = run_cli(tmp_path, PRICES, table, *MARKET)
    assert flagged.exit_code == 0
    assert sorted(flagged.json["warnings"]) == [
        "e2: its event window overlaps that of e1 (same asset): the two are confounded",
        "e3: its estimation window holds another event of the asset (e1); --mask-events leaves such days out",
        "e3: its event window overlaps that of e2 (same asset): the two are confounded",
    ]
    dropped = run_cli(tmp_path, PRICES, table, *MARKET, "--drop-overlapping")
    assert {name: dropped.event(name)["status"] for name in ("e1", "e2", "e3", "e4")} == {
        "e1": "ok", "e2": "skipped", "e3": "ok", "e4": "ok",
    }  # fmt: skip
    assert dropped.exit_code == 3


def test_an_unknown_asset_does_not_stop_the_others(tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, events(("e1", "Q", DATES[DAY]), ("e2", "A", DATES[DAY])), *MARKET)
    assert fate(done) == (3, "skipped", "there is no column 'Q' in the prices")
    assert fate(done, "e2")[1] == "ok"


def test_benchmarks_per_event(tmp_path: Path) -> None:
    columns = "event_id,asset,date,benchmark"
    rows = [("e1", "A", DATES[DAY], "MKT"), ("e2", "B", DATES[DAY], "Z"), ("e3", "C", DATES[DAY], "")]
    done = run_cli(tmp_path, PRICES, events(*rows, columns=columns), *SHORT)
    assert done.event("e1") == run_cli(tmp_path, PRICES, ONE, *MARKET).event("e1")
    assert fate(done, "e2") == (3, "skipped", "there is no column 'Z' in the prices for its benchmark")
    assert fate(done, "e3") == (3, "skipped", "it has no benchmark; fill in its column, or name one for all events")


def test_weights(tmp_path: Path) -> None:
    columns = "event_id,asset,date,weight"
    rows = [("e1", "A", DATES[DAY], "1"), ("e2", "B", DATES[DAY], "3"), ("e3", "C", DATES[DAY], "-1")]
    done = run_cli(tmp_path, PRICES, events(*rows, columns=columns), *MARKET)
    cars = [done.event(name)["windows"][0]["car"] for name in ("e1", "e2")]
    assert done.json["aggregate"][0]["windows"][0]["weighted_caar"] == pytest.approx((cars[0] + 3 * cars[1]) / 4)
    assert fate(done, "e3") == (3, "skipped", "its weight is not a number of zero or more: -1")


def test_nothing_left_to_study(tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, events(("e1", "Q", DATES[DAY])), *MARKET)
    assert done.exit_code == 3
    group = done.json["aggregate"][0]
    assert (group["group"], group["n_events"]) == ("all", 0)
    for window in group["windows"]:
        assert (window["n"], window["caar"], window["caar_ci"]) == (0, None, [None, None])
        assert all(test["p_value"] is None and test["reason"] for test in window["tests"])
    shown = run_cli(tmp_path, PRICES, events(("e1", "Q", DATES[DAY])), *MARKET, json_wanted=False)
    assert "Events: 0 studied, 1 skipped" in shown.stdout
    assert "Skipped: e1 (Q): there is no column 'Q' in the prices" in shown.stdout


@pytest.mark.parametrize("count", [1, 2])
def test_few_events_have_reasons_where_a_test_needs_more(count: int, tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, events(*((f"e{i}", "ABCD"[i], DATES[DAY]) for i in range(count))), *MARKET)
    tests = {test["name"]: test for test in done.json["aggregate"][0]["windows"][0]["tests"]}
    assert (tests["cross_sectional_t"]["p_value"] is None) == (count == 1)
    assert tests["portfolio_t"]["p_value"] is not None
    assert done.exit_code == 0


@pytest.mark.parametrize("model", ["constant-mean", "market"])
def test_an_asset_that_stands_still(model: str, tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES.assign(A=5.0), ONE, *MARKET, "--model", model)
    assert fate(done)[:2] == (3, "skipped")
    assert "no residual variance" in str(fate(done)[2])


@pytest.mark.parametrize("model", ["market", "market-adjusted"])
def test_an_asset_on_itself(model: str, tmp_path: Path) -> None:
    done = run_cli(tmp_path, PRICES, events(("e1", "MKT", DATES[DAY])), *MARKET, "--model", model)
    assert "no residual variance" in str(fate(done)[2])
    assert any("MKT is both a treated asset and a benchmark" in text for text in done.json["warnings"])


# --- announcements ---


@pytest.mark.parametrize(
    ("when", "calendar", "zone", "day0"),
    [
        ("2022-06-01T15:59:59-04:00", "XNYS", "", "2022-06-01"),
        ("2022-06-01T16:00:00-04:00", "XNYS", "", "2022-06-02"),  # at the close is too late for it
        ("2022-06-05T12:00Z", "XNYS", "", "2022-06-06"),  # a Sunday
        ("2022-06-20T15:00Z", "XNYS", "", "2022-06-21"),  # Juneteenth
        ("2022-06-21T12:14Z", "ecb", "", "2022-06-21"),
        ("2022-06-21T12:15Z", "ecb", "", "2022-06-22"),  # 14:15 in Frankfurt, the minute of the fixing
        ("2022-07-05T20:59Z", "fx", "", "2022-07-05"),
        ("2022-07-05T21:00Z", "fx", "", "2022-07-06"),
        ("2022-06-01T15:59", "XNYS", "America/New_York", "2022-06-01"),
    ],
)
def test_the_first_session_that_could_react(when: str, calendar: str, zone: str, day0: str, tmp_path: Path) -> None:
    columns = "event_id,asset,announced_at,calendar,zone"
    done = run_cli(tmp_path, PRICES, events(("e1", "A", when, calendar, zone), columns=columns), *MARKET)
    assert (done.exit_code, done.event("e1")["day0"]) == (0, day0)


def test_a_half_day_closes_early(tmp_path: Path) -> None:
    table, columns = walk(start="2022-07-01"), "event_id,asset,announced_at,calendar"  # the day after Thanksgiving
    rows = [("in", "A", "2022-11-25T12:59-05:00", "XNYS"), ("out", "B", "2022-11-25T13:00-05:00", "XNYS")]
    done = run_cli(tmp_path, table, events(*rows, columns=columns), *MARKET)
    assert [done.event(name)["day0"] for name in ("in", "out")] == ["2022-11-25", "2022-11-28"]


def test_a_day_without_its_minute_is_counted_from_its_beginning_and_noted(tmp_path: Path) -> None:
    columns = "event_id,asset,announced_at,calendar,zone"
    row = ("e1", "A", "2022-06-01", "XNYS", "America/New_York")
    done = run_cli(tmp_path, PRICES, events(row, columns=columns), *MARKET)
    assert done.event("e1")["day0"] == "2022-06-01"
    assert done.json["warnings"] == ["e1: the minute is not known; day 0 is 2022-06-01, but may be 2022-06-02"]


@pytest.mark.parametrize(
    ("when", "calendar", "reason"),
    [
        ("2022-06-01T15:00", "XNYS", "announced_at: a time without a zone"),
        ("2022-06-01", "XNYS", "announced_at: a date without a zone"),
        ("2022-06-01T15:00Z", "", "calendar: a time needs a calendar"),
        ("2022-06-01T15:00Z", "XXXX", "calendar: unknown calendar"),
        ("", "XNYS", "announced_at: there is neither a date nor a time"),
        (
            "2099-06-01T15:00Z",
            "XNYS",
            "the calendar XNYS knows no session after 2099-06-01T15:00:00+00:00: it ends on 2035",
        ),
        ("1950-06-01T15:00Z", "XNYS", "the calendar XNYS knows no session after 1950-06-01T15:00:00+00:00"),
        ("9999-12-31T15:00Z", "fx", "announced_at: no price is that old"),
        ("soon", "fx", "announced_at: not an ISO 8601 date or time"),
    ],
)
def test_an_announcement_without_a_place_is_skipped(when: str, calendar: str, reason: str, tmp_path: Path) -> None:
    columns = "event_id,asset,announced_at,calendar"
    rows = [("e1", "A", when, calendar), ("e2", "B", "2022-06-01T15:00Z", "XNYS")]
    done = run_cli(tmp_path, PRICES, events(*rows, columns=columns), *MARKET)
    assert fate(done)[:2] == (3, "skipped")
    assert str(fate(done)[2]).startswith(reason)
    assert fate(done, "e2")[1] == "ok"
