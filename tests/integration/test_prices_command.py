"""`eventstudy prices`: what people and programs see of the archive."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.support.command import Done, eventstudy
from tests.support.passes import dump, rows, write_config
from tests.support.series import weekdays

CSV = """\
date,close,open,high,low,volume,dividend,split
2023-01-03,100.5,100,101,99.5,1000,0,1
2023-01-04,101.25,100.5,102,100,,0.5,1
2023-01-05,0,101,102,100,900,,1
2023-01-06,102,101,103,100.5,900,,1
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path)


def prices(config: Path, command: str, *arguments: object) -> Done:
    return eventstudy("prices", command, *arguments, "--config", config)


def answer(done: Done) -> dict:
    assert done.code == 0, done.err
    return json.loads(done.out)


@pytest.fixture
def imported(config: Path, tmp_path: Path) -> Path:
    file = tmp_path / "p.csv"
    file.write_text(CSV)
    done = prices(
        config, "import", file, "--source", "desk", "--symbol", "ABC", "--currency", "USD", "--calendar", "XNYS"
    )
    assert (done.code, done.out) == (0, "4 bars, 4 new or changed\n")
    return config


def test_pull_what_the_events_need_and_then_nothing(config, tmp_path):
    plan = answer(prices(config, "pull", "--dry-run", "--json"))
    assert plan["schema"] == "eventstudy.prices.plan/1"
    assert [(row["source"], row["symbol"]) for row in plan["questions"]] == [("ecb", "USDCNY"), ("ecb", "EURUSD")]
    assert not (tmp_path / "es.db").exists()
    done = answer(prices(config, "pull", "--json"))
    assert done["schema"] == "eventstudy.prices.pull/1"
    assert done["bars_written"] == rows(tmp_path / "es.db", "select count(*) from bars")[0][0] > 100
    before = dump(tmp_path / "es.db")
    assert prices(config, "pull").out == "2 series, 0 new or revised bars, 0 faults\n"
    assert dump(tmp_path / "es.db") == before
    assert answer(prices(config, "pull", "--dry-run", "--json"))["questions"] == []


def test_pull_some_days_of_one_symbol(config, tmp_path):
    prices(config, "pull", "ecb:GBPUSD", "--from", "2016-06-01", "--to", "2016-06-30")
    assert rows(tmp_path / "es.db", "select symbol, min(session), max(session), count(*) from bars") == [
        ("GBPUSD", "2016-06-01", "2016-06-30", 22)
    ]


def test_a_symbol_that_does_not_exist_is_told_and_costs_no_other(config):
    done = prices(config, "pull", "ecb:EURXXX", "EURUSD", "--from", "2023-03-01", "--to", "2023-03-31")
    assert done.code == 1
    assert "EURXXX from ecb" in done.err
    assert "23 new or revised bars, 1 fault" in done.out
    assert "known are ecb" in prices(config, "pull", "nowhere:EURUSD").err
    assert (
        "ends (2023-01-01) before it starts"
        in prices(config, "pull", "EURUSD", "--from", "2023-02-01", "--to", "2023-01-01").err
    )


def test_days_that_are_still_to_come_are_refused(config):
    done = prices(config, "pull", "ecb:EURUSD", "--from", "2199-01-01", "--to", "2199-02-01")
    assert done.code == 1
    assert "the range starts after today" in done.err


def test_show_tells_bars_and_what_looks_wrong(imported):
    found = answer(prices(imported, "show", "ABC", "--json"))
    assert found["schema"] == "eventstudy.prices.show/1"
    assert (found["source"], found["currency"], len(found["bars"])) == ("desk", "USD", 4)
    assert found["bars"][1] == {
        "session": "2023-01-04",
        "close": 101.25,
        "open": 100.5,
        "high": 102.0,
        "low": 100.0,
        "volume": None,
        "dividend": 0.5,
        "split": 1.0,
        "adjusted": None,
        "priced_at": "2023-01-04T21:00:00Z",
    }
    assert [(m["session"], m["rule"], m["left_out"]) for m in found["marks"]] == [
        ("2023-01-05", "not-positive", True),
        ("2023-01-05", "range", True),
    ]
    shown = prices(imported, "show", "ABC", "--last", "2")
    assert shown.out.splitlines()[-1].split()[:2] == ["2023-01-06", "102"]
    assert "not-positive" in shown.err


def test_show_as_of_a_time_before_the_first_answer(imported):
    assert "the first answer came" in prices(imported, "show", "ABC", "--as-of", "2020-01-01").err
    done = prices(imported, "show", "ABC", "--as-of", "2020-01-01T00:00")
    assert (done.code, "write 2023-03-17T07:00Z" in done.err) == (2, True)


def test_what_is_exported_can_be_imported_again_to_the_last_digit(imported, tmp_path):
    first = prices(imported, "export", "ABC")
    again = tmp_path / "again.csv"
    assert prices(imported, "export", "ABC", "--output", again).code == 0
    assert again.read_text() == first.out
    assert prices(imported, "import", again, "--source", "copy", "--symbol", "ABC").code == 0
    assert prices(imported, "export", "ABC", "--source", "copy").out == first.out
    assert "several sources" in prices(imported, "export", "ABC").err


def test_import_the_same_file_again_and_then_a_correction(imported, tmp_path):
    file = tmp_path / "p.csv"
    arguments = ("--source", "desk", "--symbol", "ABC", "--currency", "USD", "--calendar", "XNYS")
    assert prices(imported, "import", file, *arguments).out == "4 bars, 0 new or changed\n"
    file.write_text(CSV.replace("101.25", "101.5"))
    assert prices(imported, "import", file, *arguments, "--dry-run").out == "4 bars; nothing was written\n"
    assert prices(imported, "import", file, *arguments).out == "4 bars, 1 new or changed\n"
    (revision,) = answer(prices(imported, "revisions", "ABC", "--json"))["revisions"]
    assert (revision["session"], revision["before"], revision["after"]) == ("2023-01-04", 101.25, 101.5)
    assert revision["change"] == pytest.approx(101.5 / 101.25 - 1)
    assert "2023-01-04" in prices(imported, "revisions").out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("date,open\n2023-01-03,1\n", "line 1: there is no column close"),
        ("date,close,close\n2023-01-03,1,2\n", "line 1: a column that is unknown or stands twice (got 'close')"),
        ("date,close,colour\n2023-01-03,1,2\n", "(got 'colour'); known are date, close"),
        (
            "date,close\n2023-01-03,1\n03.01.2023,1\n",
            "line 3, column date: not a date (got '03.01.2023'); write the date as 2023-03-17",
        ),
        ('date,close\n2023-01-03,"1,5"\n2023-01-04,1.5\n', "line 2, column close: a decimal comma"),
        (
            'date,close\n2023-01-03,"1,500"\n',
            "may be thousands or a decimal fraction (got '1,500'); write --decimal , or",
        ),
        ("date,close\n2023-01-03,1,2\n", "line 2: 3 cells under 2 columns"),
        ("date,close\n2023-01-03\n", "line 2: 1 cell under 2 columns"),
        ("date,close\n", "there is no price"),
        ("date,close,priced_at\n2023-01-03,1,2023-01-03T10:00\n", "priced_at: not an instant with a zone"),
        ('date,close\n"2023-01-03,1\n', "line"),
        ("date,close\n2023-01-03,1e400\n", "line 2, column close: not a number (got '1e400')"),
        ("date,close\n2023-01-03,1_000\n", "line 2, column close: not a number (got '1_000')"),
        ("date,close\n2023-01-03,\u0661\u0662\n", "line 2, column close: not a number"),
        ("date,close\n2023-W11-5,1\n", "line 2, column date: not a date (got '2023-W11-5')"),
        ("date,close\n1650-01-03,1\n", "line 2, column date: not a date (got '1650-01-03')"),
        ("date,close,priced_at\n2023-01-03,1,0001-01-01T00:00+14:00\n", "priced_at: not an instant"),
        ("date,close,priced_at\n2023-01-03,1,2013-01-03T21:00Z\n", "line 2, priced_at: not of this day"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_line(config, tmp_path, text, told):
    file = tmp_path / "bad.csv"
    file.write_text(text)
    done = prices(config, "import", file, "--source", "desk", "--symbol", "ABC")
    assert (done.code, told in done.err) == (1, True), done.err
    assert not (tmp_path / "es.db").exists()


def test_a_clock_that_cannot_be_is_told(config, tmp_path):
    file = tmp_path / "p.csv"
    file.write_text(CSV)
    told = {
        ("--at", "25:00"): "not a time of day",
        ("--at", "16:00+05:00"): "not a time of day",
        ("--zone", "Mars/Base"): "unknown time zone",
        ("--calendar", "NOPE"): "unknown calendar",
        ("--calendar", "XTKS"): "p.csv, date: 2023-01-03 is no session of XTKS",
        ("--source", ""): "must not be empty",
    }
    for words, problem in told.items():
        done = prices(config, "import", file, "--source", "desk", "--symbol", "ABC", *words)
        assert (done.code, problem in done.err) == (2 if words[0] in ("--at", "--zone") else 1, True), done.err


def test_an_import_without_dividends_keeps_those_that_are_known(imported, tmp_path):
    whole, bare = tmp_path / "whole.csv", tmp_path / "bare.csv"
    whole.write_text("date,close,dividend\n2023-02-01,10,\n2023-02-02,9,1\n")
    bare.write_text("date,close\n2023-02-01,10\n2023-02-02,9\n")
    arguments = ("--source", "desk", "--symbol", "DIV")
    assert prices(imported, "import", whole, *arguments).out == "2 bars, 2 new or changed\n"
    assert prices(imported, "import", bare, *arguments).out == "2 bars, 0 new or changed\n"
    shown = answer(prices(imported, "show", "DIV", "--json"))
    assert [bar["dividend"] for bar in shown["bars"]] == [None, 1.0]


def test_verify_is_silent_until_something_is_changed_behind_its_back(imported, tmp_path):
    found = answer(prices(imported, "verify", "--json"))
    assert (found["schema"], found["is_sound"], found["bars"]) == ("eventstudy.prices.verify/1", True, 4)
    assert {row["check"] for row in found["findings"]} == {"not-positive", "range"}
    connection = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    connection.execute("update bar_versions set close = 101.0 where close = 101.25")
    connection.close()
    done = prices(imported, "verify", "--json")
    broken = [row for row in json.loads(done.out)["findings"] if row["grade"] == "fault"]
    assert (done.code, [row["check"] for row in broken]) == (1, ["hash"])
    connection = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    connection.execute("update bar_versions set close = 101.25 where close = 101.0")
    connection.execute("delete from bar_versions where close = 102.0")
    connection.close()
    done = prices(imported, "verify")
    assert (done.code, "wrote 4 bars, and 3 are there" in done.out) == (1, True)


def test_verify_holds_the_bars_against_the_calendar(config, tmp_path):
    prices(config, "pull", "EURUSD", "--from", "2023-03-01", "--to", "2023-03-31")
    connection = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    connection.execute("delete from bar_versions where session = 19436")  # 2023-03-20
    connection.close()
    done = prices(config, "verify", "--json")
    assert [(row["check"], row["detail"]) for row in json.loads(done.out)["findings"]][1:] == [
        ("no-bar", "session without a bar: 2023-03-20")
    ]


def test_without_an_archive_every_reader_says_what_to_do(config):
    for command in (("show", "ABC"), ("export", "ABC"), ("verify",), ("revisions",)):
        done = prices(config, *command)
        assert (done.code, "there is no results database" in done.err) == (1, True)


def test_hostile_names_stay_harmless(config, tmp_path):
    file = tmp_path / "p.csv"
    file.write_text(CSV)
    name = "x'; drop table bar_versions; --\x1b[2J"
    assert prices(config, "import", file, "--source", "desk", "--symbol", name).code == 0
    shown = prices(config, "show", name)
    assert shown.code == 0
    assert "\x1b" not in shown.out + shown.err
    assert "\x1b" not in prices(config, "verify").out
    assert rows(tmp_path / "es.db", "select count(*) from bar_versions") == [(4,)]


# --- files that hold a part of a series ------------------------------------------------------------------------------

WEEKDAYS = weekdays("2023-01-02", 120)


def csv_of(path, closes, splits=None):
    rows = [
        f"{day},{close!r},{split}" for day, close, split in zip(WEEKDAYS, closes, splits or [""] * 120, strict=True)
    ]
    path.write_text("\n".join(["date,close,split", *rows]) + "\n")
    return path


def closes_of(config, symbol="X"):
    return [bar["close"] for bar in answer(prices(config, "show", symbol, "--json"))["bars"]]


def only(path, first, last):
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *rows[first:last]]) + "\n")
    return path


def test_a_file_in_a_new_unit_restates_what_is_stored_before_it(config, tmp_path):
    arguments = ("--source", "desk", "--symbol", "X")
    old = [100.0 + i for i in range(120)]
    splits = ["1.5" if i == 100 else "" for i in range(120)]
    first = only(csv_of(tmp_path / "a.csv", old), 0, 90)
    later = only(csv_of(tmp_path / "b.csv", [price / 1.5 for price in old], splits), 80, 120)
    assert prices(config, "import", first, *arguments).code == 0
    assert prices(config, "import", later, *arguments).out == "40 bars, 30 new or changed\n"
    assert closes_of(config) == pytest.approx([price / 1.5 for price in old], rel=1e-12)
    shown = answer(prices(config, "show", "X", "--json"))
    assert [(step["first_session"], step["why"]) for step in shown["rebases"]] == [
        ("2023-01-02", f"1.5 for 1 split on {WEEKDAYS[100]}; bars that the source no longer has likewise")
    ]


def test_a_file_that_would_leave_later_prices_in_another_unit_is_refused(config, tmp_path):
    arguments = ("--source", "desk", "--symbol", "X")
    old = [100.0 + i for i in range(120)]
    assert prices(config, "import", csv_of(tmp_path / "a.csv", old), *arguments).code == 0
    halved = only(csv_of(tmp_path / "b.csv", [price / 2 for price in old]), 10, 60)
    done = prices(config, "import", halved, *arguments)
    assert (done.code, f"the file restates the prices up to {WEEKDAYS[59]}" in done.err) == (1, True)
    assert closes_of(config) == old


def test_a_file_settles_no_days_that_it_has_nothing_of(config, tmp_path):
    file = tmp_path / "hole.csv"
    file.write_text("date,close\n2016-01-04,7.1\n2020-09-01,6.8\n")
    assert prices(config, "import", file, "--source", "ecb", "--symbol", "USDCNY").code == 0
    done = prices(config, "pull", "ecb:USDCNY", "--from", "2016-01-04", "--to", "2020-09-01", "--dry-run", "--json")
    assert [(q["from"], q["to"]) for q in answer(done)["questions"]] == [("2016-01-04", "2020-09-01")]


def test_a_day_that_is_still_to_come_is_named_with_its_line(config, tmp_path):
    file = tmp_path / "typo.csv"
    file.write_text("date,close\n2016-01-04,7.1\n2162-01-05,6.8\n")
    done = prices(config, "import", file, "--source", "desk", "--symbol", "X")
    assert done.code == 1
    assert "line 3, date: a day that is still to come (got '2162-01-05')" in done.err


def test_a_file_that_holds_only_corrections_takes_nothing_back(config, tmp_path):
    arguments = ("--source", "desk", "--symbol", "X")
    old = [100.0 + i for i in range(120)]
    prices(config, "import", csv_of(tmp_path / "a.csv", old), *arguments)
    (tmp_path / "c.csv").write_text(f"date,close\n{WEEKDAYS[5]},105.5\n{WEEKDAYS[20]},120.25\n")
    assert prices(config, "import", tmp_path / "c.csv", *arguments).out == "2 bars, 2 new or changed\n"
    assert answer(prices(config, "show", "X", "--json"))["marks"] == []


def test_the_currency_of_prices_can_be_told_later(config, tmp_path):
    file, arguments = csv_of(tmp_path / "a.csv", [100.0 + i for i in range(120)]), ("--source", "desk", "--symbol", "X")
    prices(config, "import", file, *arguments)
    assert prices(config, "import", file, *arguments, "--currency", "EUR").out == "120 bars, 120 new or changed\n"
    shown = answer(prices(config, "show", "X", "--json"))
    assert (shown["currency"], shown["marks"]) == ("EUR", [])


def test_what_was_exported_is_not_news(config, tmp_path):
    arguments = ("--source", "desk", "--symbol", "X")
    prices(config, "import", csv_of(tmp_path / "a.csv", [100.0 + i for i in range(120)]), *arguments)
    prices(config, "export", "X", "--output", tmp_path / "x.csv")
    assert prices(config, "import", tmp_path / "x.csv", *arguments).out == "120 bars, 0 new or changed\n"


def test_a_dividend_that_changed_shows_the_dividend(config, tmp_path):
    for paid in ("1", "1.25"):
        (tmp_path / "d.csv").write_text(f"date,close,dividend\n2023-02-01,10,0\n2023-02-02,9,{paid}\n")
        prices(config, "import", tmp_path / "d.csv", "--source", "desk", "--symbol", "X")
    (row,) = answer(prices(config, "revisions", "X", "--json"))["revisions"]
    assert (row["what"], row["before"], row["after"], row["change"]) == ("dividend", 1.0, 1.25, None)
    assert "nothing of this symbol is stored" in prices(config, "revisions", "NOSUCH").err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("pull", "ecb:", "--dry-run"), "no symbol after the colon"),
        (("pull", "EURUSD", "--to", "1990-01-01"), "--to: the range ends (1990-01-01)"),
        (("pull", "EURUSD", "--from", "2190-01-01"), "the range starts after today"),
    ],
)
def test_questions_that_cannot_be_asked(config, arguments, told):
    done = prices(config, *arguments)
    assert (done.code, told in done.err) == (1, True), done.err


@pytest.mark.parametrize("moment", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"])
def test_a_time_at_the_edge_of_the_calendar(imported, moment):
    done = prices(imported, "show", "ABC", "--as-of", moment)
    assert (done.code, "--as-of" in done.err) == (2, True)


def test_show_takes_a_source_and_symbol_or_the_name_of_an_asset(config, tmp_path):
    prices(config, "pull", "ecb:USDJPY", "--from", "2023-03-01", "--to", "2023-03-10")
    by_symbol = answer(prices(config, "show", "USDJPY", "--json"))
    assert answer(prices(config, "show", "ecb:USDJPY", "--json")) == by_symbol
    assert "are stored" in prices(config, "show", "nothing-like-it").err
