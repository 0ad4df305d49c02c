"""Prices out of CSV and Parquet files: what is right is read as it stands, what is wrong is named with its line."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import NoDataInRange, UnknownSymbol, UnreadableFile
from eventstudy.prices.files import FileSource
from eventstudy.tables.roles import ALIASES
from tests.support.passes import NOW, loaded, rows, run, write_config

FIRST, LAST = dt.date(2023, 3, 1), dt.date(2023, 3, 31)
WIDE = "date,AAA,BBB\n2023-03-16,10,20.5\n2023-03-17,11.5,\n2023-03-20,12,21\n"
LONG = """\
Datum,Ticker,Kurs,Hoch
2023-03-16,AAA,10,10.5
2023-03-16,BBB,20,20.5
2023-03-17,AAA,11,11.5
2023-03-17,BBB,21,21.5
"""
GERMAN = {"date": "Datum", "symbol": "Ticker", "close": "Kurs", "high": "Hoch"}


def source(folder: Path, text: str | bytes = WIDE, name: str = "prices.csv", **settings: Any) -> FileSource:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return FileSource(path=path, now=lambda: NOW, **settings)


def fetch(found: FileSource, symbol: str = "AAA") -> Any:
    return found.fetch(symbol, FIRST, LAST, found.bar)


def refusal(found: FileSource, symbol: str = "AAA") -> str:
    with pytest.raises(UnreadableFile) as caught:
        fetch(found, symbol)
    return str(caught.value)


# --- what is right ----------------------------------------------------------------------------------------------


def test_a_wide_file_has_a_column_per_symbol(tmp_path: Path) -> None:
    found = source(tmp_path, currency="USD", zone="America/New_York", close_time=dt.time(16))
    got = fetch(found)
    assert ([str(day) for day in got.sessions], got.close.tolist()) == (
        ["2023-03-16", "2023-03-17", "2023-03-20"],
        [10, 11.5, 12],
    )
    assert [str(t)[:16] for t in got.instants] == [f"2023-03-{day}T20:00" for day in (16, 17, 20)]
    assert (got.currency, got.bar, got.starts) == ("USD", "1d", None)
    assert np.isnan(got.dividends).all()  # nothing is said of them
    assert got.reach == (None, dt.date(2023, 3, 20))
    assert got.version.startswith("prices.csv ")
    assert np.isnan(fetch(found, "BBB").close).tolist() == [False, True, False]
    assert found.facts.snapshot_time.endswith("16:00 America/New_York")


def test_without_a_closing_time_a_date_ends_at_its_midnight(tmp_path: Path) -> None:
    got = fetch(source(tmp_path, zone="Europe/Berlin"))
    assert [str(t)[:16] for t in got.instants] == [f"2023-03-{day}T23:00" for day in (16, 17, 20)]


@pytest.mark.parametrize(
    ("header", "saturday", "sunday"),
    [
        ("date,close", "", ""),
        ("date,close", "11", "11"),  # filled with the close of Friday
        ("date,close,volume", "11,0", "11,"),
        ("date,close,volume", "11.2,0", ","),  # a price without a trade
    ],
)
def test_rows_of_weekends_without_trading_are_no_sessions(tmp_path, header, saturday, sunday):
    busy = ",900" if "volume" in header else ""
    rows_of_week = [f"2023-03-16,10{busy}", f"2023-03-17,11{busy}", f"2023-03-18,{saturday}", f"2023-03-19,{sunday}"]
    text = "\n".join([header, *rows_of_week, f"2023-03-20,12{busy}", f"2023-03-21,11.5{busy}"])
    got = fetch(source(tmp_path, text, "AAA.csv", shape="long"))
    assert [str(day)[-2:] for day in got.sessions] == ["16", "17", "20", "21"]
    assert "2 rows of weekends without trading, left out" in got.notes


@pytest.mark.parametrize("weekend", [("11.5", "11"), ("11", "11.5")])
def test_a_weekend_that_trades_stays_even_where_one_close_repeats(tmp_path, weekend):
    text = "date,close\n2023-03-17,11\n2023-03-18,{}\n2023-03-19,{}\n2023-03-20,12\n".format(*weekend)
    got = fetch(source(tmp_path, text, "AAA.csv", shape="long"))
    assert got.sessions.size == 4


def test_a_blank_day_of_the_week_stays_a_session_without_a_price(tmp_path):
    text = "date,close\n2023-03-15,11\n2023-03-16,\n2023-03-17,12\n"
    assert np.isnan(fetch(source(tmp_path, text, "AAA.csv", shape="long")).close).tolist() == [False, True, False]


def test_blanks_before_the_first_and_after_the_last_price_are_no_sessions(tmp_path: Path) -> None:
    got = fetch(source(tmp_path, "date,AAA\n2023-03-15,\n2023-03-16,1\n2023-03-17,\n2023-03-20,2\n2023-03-21,NA\n"))
    assert [str(day) for day in got.sessions] == ["2023-03-16", "2023-03-17", "2023-03-20"]


def test_a_long_file_with_columns_of_any_name(tmp_path: Path) -> None:
    found = source(tmp_path, LONG, shape="long", columns=GERMAN)
    got = fetch(found, "BBB")
    assert (got.close.tolist(), got.high.tolist(), got.low) == ([20, 21], [20.5, 21.5], None)


def test_every_role_is_read(tmp_path: Path) -> None:
    text = (
        "Date,Symbol,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits\n"
        "2023-03-16,AAA,1,3,0.5,2,1.9,100,0,0\n2023-03-17,AAA,2,4,1,3,2.9,0,0.25,2\n"
    )
    got = fetch(source(tmp_path, text, shape="long"))
    assert (got.open.tolist(), got.high.tolist(), got.low.tolist()) == ([1, 2], [3, 4], [0.5, 1])
    assert (got.close.tolist(), got.adjusted.tolist(), got.volume.tolist()) == ([2, 3], [1.9, 2.9], [100, 0])
    assert (got.dividends.tolist(), got.splits.tolist()) == ([0, 0.25], [1, 2])


def test_in_a_folder_the_name_of_the_file_is_the_symbol(tmp_path: Path) -> None:
    source(tmp_path, "date,close\n2023-03-16,1\n", "AAA.csv")
    source(tmp_path, "date,price\n2023-03-16,2\n", "B B.csv")
    (tmp_path / "notes.md").write_text("not prices")
    (tmp_path / ".hidden.csv").write_text("no")
    found = FileSource(path=tmp_path, now=lambda: NOW)
    assert [fetch(found, name).close.tolist() for name in ("AAA", "B B")] == [[1], [2]]
    assert fetch(found, "AAA").notes[0].startswith("AAA.csv, SHA-256 ")


def test_in_a_folder_of_wide_files_the_columns_are_the_symbols(tmp_path: Path) -> None:
    source(tmp_path, "date,AAA\n2023-03-16,1\n", "one.csv")
    source(tmp_path, "date,BBB\n2023-03-16,2\n", "two.csv")
    found = FileSource(path=tmp_path, now=lambda: NOW)
    assert [fetch(found, name).close.tolist() for name in ("AAA", "BBB")] == [[1], [2]]
    source(tmp_path, "date,BBB\n2023-03-16,2\n", "three.csv")
    assert "three.csv, two.csv: the symbol stands in several files" in refusal(
        FileSource(path=tmp_path, now=lambda: NOW), "BBB"
    )


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_separators_and_a_byte_order_mark(tmp_path: Path, mark: str) -> None:
    assert fetch(source(tmp_path, "\ufeff" + WIDE.replace(",", mark))).close.tolist() == [10, 11.5, 12]


def test_newest_first_is_turned_round_and_said(tmp_path: Path) -> None:
    head, *lines = WIDE.splitlines()
    got = fetch(source(tmp_path, "\n".join([head, *reversed(lines)])))
    assert got.close.tolist() == [10, 11.5, 12]
    assert got.notes[-1] == "the file has the newest date first; turned round"


def test_times_in_the_file_are_the_instants(tmp_path: Path) -> None:
    text = "date,AAA\n2023-03-16T17:30:00+01:00,1\n2023-03-17 17:30,2\n2023-03-20 00:00:00,3\n20230321,4\n"
    got = fetch(source(tmp_path, text, zone="Europe/Berlin", close_time=dt.time(17, 35)))
    assert [str(t)[:16] for t in got.instants] == [
        "2023-03-16T16:30",
        "2023-03-17T16:30",
        "2023-03-20T16:35",  # a midnight is how programs write a bare date
        "2023-03-21T16:35",
    ]


def test_bars_of_less_than_a_day(tmp_path: Path) -> None:
    text = "time,AAA\n2023-03-17 09:30,1\n2023-03-17 09:35,2\n2023-03-17T13:40Z,3\n"
    found = source(tmp_path, text, bar="5m", zone="America/New_York")
    got = fetch(found)
    assert [str(t)[11:16] for t in got.starts] == ["13:30", "13:35", "13:40"]
    assert [str(t)[11:16] for t in got.instants] == ["13:35", "13:40", "13:45"]
    assert set(map(str, got.sessions)) == {"2023-03-17"}
    with pytest.raises(NoDataInRange, match="no bars of size '1d'; it has 5m"):
        found.fetch("AAA", FIRST, LAST)


def test_a_bar_that_is_not_over_is_left_out_and_said(tmp_path: Path) -> None:
    found = source(tmp_path, "date,AAA\n2026-11-19,1\n2026-11-20,2\n2026-11-23,3\n")
    got = found.fetch("AAA", dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    assert got.close.tolist() == [1]
    assert got.notes[-1] == "not finished when fetched, left out: 2 bars from 2026-11-21T00:00 UTC on"


# --- what is wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("11.5", "1,150.00", "line 3: 4 cells under 3 columns"),
        ("11.5", '"1.150,00"', "line 3, column AAA: a decimal comma, or a thousands separator, among numbers with a"),
        ("11.5", '"11,5"', "line 3, column AAA: a decimal comma, or a thousands separator, among numbers with a"),
        ("11.5", '"1,15.00"', "line 3, column AAA: not a number (got '1,15.00')"),
        ("11.5", "eleven", "line 3, column AAA: not a number (got 'eleven')"),
        ("11.5", "11.5 ?", "line 3, column AAA: not a number"),
        ("11.5", "12 %", "line 3, column AAA: not a number"),
        ("11.5", "١١", "line 3, column AAA: not a number"),
        ("11.5", "inf", "line 3, column AAA: too large"),
        ("11.5", "1e999", "line 3, column AAA: too large"),
        ("11.5", "-11.5", "line 3, column AAA: a negative number (got '-11.5')"),
        ("11.5", "0", "line 3, column AAA: a price of zero"),
        ("2023-03-17", "17.03.2023", "line 3, column date: not a date (got '17.03.2023')"),
        ("2023-03-17", "2023-02-30", "line 3, column date: not a date"),
        ("2023-03-17", "", "line 3, column date: not a date"),
        ("2023-03-17", "2023-03-16", "line 3: a date stands twice (got '2023-03-16'); see also prices.csv, line 2"),
        ("2023-03-17", "2023-03-15", "line 3: the dates are in no order (got '2023-03-15'); sort the file"),
        ("2023-03-17", "2023-03-16 15:00", "line 3: a date stands twice"),
        ("2023-03-17", "2023-03-26 02:30", "line 3: the clocks of Europe/Berlin leapt over this time"),
        ("2023-03-17", "9999-12-31", "line 3, column date: not a date"),
        ("BBB", "AAA", "two columns have the same name (got 'AAA')"),
        (",20.5", "", "line 2: 2 cells under 3 columns"),
        ("11.5", '"11.5', "not CSV"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    message = refusal(source(tmp_path, WIDE.replace(old, new, 1), zone="Europe/Berlin"))
    assert "prices.csv" in message
    assert words in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        (b"\xff\xfe\x00", "UTF-16 that is cut short"),
        (b"date,AAA\n2023-03-16,\x00\n", "line 2: holds a zero byte"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, text: str | bytes, words: str) -> None:
    assert words in refusal(source(tmp_path, text))


def test_a_line_number_counts_blank_lines(tmp_path: Path) -> None:
    assert "line 5, column AAA: not a number" in refusal(source(tmp_path, "date,AAA\n\n2023-03-16,1\n\n2023-03-17,x\n"))


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    message = refusal(source(tmp_path, LONG, shape="long", columns={**GERMAN, "close": "Preis"}))
    assert (
        "prices.csv, columns.close: there is no such column (got 'Preis'); columns are Datum, Ticker, Kurs" in message
    )
    unknown = LONG.replace("Kurs", "Preis")
    assert "no column of prices" in refusal(source(tmp_path, unknown, shape="long", columns={"symbol": "Ticker"}))


def test_symbols_and_files_that_are_not_there(tmp_path: Path) -> None:
    found = source(tmp_path)
    with pytest.raises(UnknownSymbol, match="did you mean 'AAA'"):
        fetch(found, "AAB")
    with pytest.raises(UnknownSymbol, match="known are AAA, BBB"):
        fetch(found, "../../x")
    with pytest.raises(UnreadableFile, match="cannot be read: No such file"):
        fetch(FileSource(path=tmp_path / "no.csv", now=lambda: NOW))
    (tmp_path / "empty").mkdir()
    assert "no file in this folder" in refusal(FileSource(path=tmp_path / "empty", now=lambda: NOW))


def test_a_range_or_a_column_without_a_price(tmp_path: Path) -> None:
    found = source(tmp_path, "date,AAA,BBB\n2023-03-16,1,\n2023-03-17,2,\n")
    with pytest.raises(NoDataInRange, match="they run from 2023-03-16 to 2023-03-17"):
        found.fetch("AAA", dt.date(2024, 1, 1), dt.date(2024, 1, 31))
    with pytest.raises(NoDataInRange, match=r"no price in prices.csv"):
        fetch(found, "BBB")


# --- Parquet ----------------------------------------------------------------------------------------------------


def test_without_pyarrow_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "fastparquet", None)
    message = refusal(source(tmp_path, b"PAR1", "prices.parquet"))
    assert 'Parquet needs pyarrow, which is not installed; pip install "eventstudy-service[parquet]"' in message


def test_a_parquet_file_is_read_as_a_csv_file_is(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra [parquet] is not installed")
    days = pd.to_datetime(["2023-03-16", "2023-03-17", "2023-03-20"])
    for name, index in (("days", days), ("zoned", days.tz_localize("America/New_York"))):
        frame = pd.DataFrame({"AAA": [10, 11.5, 12], "BBB": [20.5, np.nan, 21]}, index=index.rename("date"))
        frame.to_parquet(tmp_path / f"{name}.parquet")
        found = FileSource(path=tmp_path / f"{name}.parquet", now=lambda: NOW, zone="America/New_York")
        plain = source(tmp_path, zone="America/New_York")
        for symbol in ("AAA", "BBB"):
            got, wanted = fetch(found, symbol), fetch(plain, symbol)
            np.testing.assert_array_equal(got.close, wanted.close)
            np.testing.assert_array_equal(got.sessions, wanted.sessions)
            np.testing.assert_array_equal(got.instants, wanted.instants)
    pd.DataFrame({"date": ["2023-03-16"], "AAA": [-1.0]}).to_parquet(tmp_path / "bad.parquet")
    holes = pd.DataFrame({"date": ["2023-03-16", "2023-03-17"], "AAA": pd.array([10, None], dtype="Int64")})
    holes.to_parquet(tmp_path / "holes.parquet")
    assert fetch(FileSource(path=tmp_path / "holes.parquet", now=lambda: NOW)).close.tolist() == [10.0]
    bad = FileSource(path=tmp_path / "bad.parquet", now=lambda: NOW)
    assert "bad.parquet, row 1, column AAA: a negative number" in refusal(bad)
    assert "not a Parquet file" in refusal(source(tmp_path, b"PAR1", "cut.parquet"))


# --- in a pass --------------------------------------------------------------------------------------------------


def test_a_pass_studies_prices_of_a_file(tmp_path: Path) -> None:
    days = pd.bdate_range("2022-06-01", "2023-04-28")
    price = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, days.size)))
    text = "date,FUND\n" + "".join(f"{day:%Y-%m-%d},{p:.4f}\n" for day, p in zip(days, price, strict=True))
    source(tmp_path, text, "fund.csv")
    entry = (
        f"  own: {{kind: files, path: {tmp_path}/fund.csv, zone: Europe/Berlin, close_time: '17:35', currency: EUR}}\n"
    )
    path = write_config(
        tmp_path,
        ("assets:\n", f"{entry}assets:\n  FUND: {{source: own}}\n"),
        ("assets: [USDCNY, EURUSD]", "assets: [FUND]"),
    )
    assert run(path).exit_code == 0
    found = rows(tmp_path / "es.db", "select status from analyses where asset = 'FUND'")
    assert set(found) == {("ok",)}
    config, _ = loaded(path)
    assert config.sources["own"].close_time == "17:35"


def test_every_role_of_the_settings_has_names_in_files() -> None:
    from eventstudy.config.sources import ROLES

    assert set(ROLES) <= set(ALIASES)
