"""One reader of tables: files as people have them give the numbers that stand in them, or say what is to be typed."""

from __future__ import annotations

import datetime as dt
import gzip
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import DataError
from eventstudy.tables.dates import parse
from eventstudy.tables.options import Options
from eventstudy.tables.reading import of_frame, read_table
from eventstudy.tables.roles import understood
from eventstudy.tables.shapes import Wide, joined, wide

FILES = Path(__file__).parents[1] / "data" / "tables"  # made by make.py there
BASE = pd.read_csv(FILES / "base.csv")
DAYS = BASE["date"].to_numpy().astype("datetime64[D]")


def read(path: Path, **options: object) -> Wide:
    return wide(read_table(path, Options(**options)))  # type: ignore[arg-type]


def assert_base(found: Wide, suffix: str = "") -> None:
    order = np.argsort(found.days)
    np.testing.assert_array_equal(found.days[order], DAYS)
    for name in ("MKT", "AAA", "BBB"):
        numbers = found.numbers[order, found.names.index(name + suffix)]
        np.testing.assert_allclose(numbers, BASE[name], rtol=0, atol=1e-9)


def write(folder: Path, text: str, name: str = "prices.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def problem(path: Path, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        read(path, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("base.csv", ""),
        ("prices.csv.gz", ""),
        ("prices.zip", ""),
        ("unicode.txt", ""),
        ("wide.parquet", ""),
        ("german.csv", "read with a decimal comma"),
        ("broker.csv", "dates are read month first"),
        ("stooq.txt", "read as Stooq's: symbols are the column <TICKER>, prices the column <CLOSE>"),
        ("yfinance.csv", "read as Yahoo's: the symbols MKT, AAA, BBB; prices are the column Close"),
        ("refinitiv.csv", "read as Refinitiv's: symbols are the column Instrument, prices the column Price Close"),
        ("crsp.csv", "read as CRSP's: symbols are the column TICKER, prices the column PRC / CFACPR"),
        ("datastream.csv", "dates are read day first"),
        ("serial.xlsx", "dates are read as the day numbers of Excel"),
        ("long.dta", "read as long: symbols are the column symbol, prices the column close"),
    ],
)
def test_a_file_gives_the_numbers_that_stand_in_it_and_what_was_recognised_is_said(name: str, said: str) -> None:
    found = read(FILES / name)
    assert_base(found)
    assert any(said in note for note in found.notes) if said else found.notes == ()


def dated(form: Callable[[dt.date], str], numbers: str = "{:.4f}", sep: str = ",") -> str:
    """The rows of the base table, its dates in a form."""
    rows = (
        sep.join((form(day), *(numbers.format(x) for x in row)))
        for day, row in zip(DAYS.tolist(), BASE[["MKT", "AAA", "BBB"]].to_numpy(), strict=True)
    )
    return "\n".join(rows) + "\n"


def us(day: dt.date) -> str:
    return f"{day:%m/%d/%Y}"


FRENCH = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
SWEDISH = ["jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sept", "okt", "nov", "dec"]
POLISH = ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"]
GERMAN = ["Mo", "Di", "Mi", "Do", "Fr"]
HEADS = "Date,MKT,AAA,BBB\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HEADS + dated(lambda d: f"{d:%Y%m%d}T000000"), id="no signs in a time"),
        pytest.param(HEADS + dated(lambda d: f"{d:%a} {d:%d %b %Y}"), id="a short weekday"),
        pytest.param(HEADS + dated(lambda d: f'"{d:%A}, {d:%B} {d.day}, {d.year}"'), id="a long weekday"),
        pytest.param(HEADS + dated(lambda d: f'"{GERMAN[d.weekday()]}, {d:%d.%m.%Y}"'), id="a German weekday"),
        pytest.param(HEADS + dated(lambda d: f"{d.day} {FRENCH[d.month - 1]} {d.year}"), id="French months"),
        pytest.param(HEADS + dated(lambda d: f"{d.day} {SWEDISH[d.month - 1]} {d.year}"), id="Swedish months"),
        pytest.param(HEADS + dated(lambda d: f"{d.day} {POLISH[d.month - 1]} {d.year}"), id="Polish months"),
        pytest.param(HEADS + dated(lambda d: f"{d.day}/{d:%b}/{d.year}"), id="months between slashes"),
        pytest.param(HEADS + dated(lambda d: f"{d:%Y. %m. %d}."), id="Hungarian"),
        pytest.param(
            HEADS.replace("Date", "Tag,Datum") + dated(lambda d: f"{GERMAN[d.weekday()]},{d:%d.%m.%Y}"),
            id="a column of weekdays",
        ),
        pytest.param(
            HEADS.replace("Date", "Year,Month,Day") + dated(lambda d: f"{d.year},{d.month},{d.day}"),
            id="a column for each part of a date",
        ),
        pytest.param(HEADS.replace("Date", "Date,Time") + dated(lambda d: f"{d},16:00"), id="a time beside it"),
        pytest.param(HEADS + dated(lambda d: f'="{us(d)}"', '="{:.4f}"'), id="protected from a spreadsheet"),
        pytest.param(HEADS + dated(lambda d: f'"=""{us(d)}"""'), id="protected, in quotes"),
        pytest.param(HEADS + dated(str).replace("\n2020-03", f"\n{HEADS}2020-03", 1), id="names on every page"),
        pytest.param(
            "Security,MKT,AAA,BBB\nStart Date,1/1/2019,1/1/2019,1/1/2019\n"
            "End Date,,,\nPeriod,D,D,D\nCurrency,USD,USD,USD\n"
            "\nDates,PX_LAST,PX_LAST,PX_LAST\n" + dated(us),
            id="lines of Bloomberg's between whose and what",
        ),
    ],
)
def test_dates_and_names_are_found_however_a_program_writes_them(text: str, tmp_path: Path) -> None:
    found = read(write(tmp_path, text))
    np.testing.assert_array_equal(found.days, DAYS)
    for i, name in enumerate(("MKT", "AAA", "BBB")):
        assert found.names[i] == name
        np.testing.assert_allclose(found.numbers[:, i], BASE[name], rtol=0, atol=5.1e-5)


@pytest.mark.parametrize(
    "cell", ["mar 17, 2023", "Mar 17 2023", "17. März 2023", "17 de marzo de 2023", "17th March 2023"]
)
def test_a_month_is_no_weekday_of_another_language(cell: str) -> None:
    found = parse(pd.Series([cell]), Options())
    assert [str(day) for day in found.days] == ["2023-03-17"]


@pytest.mark.parametrize("cell", ["3 Jui 2020", "3 Apple 2020", "Xyz, 2020-01-01"])
def test_a_word_that_is_no_month_and_no_weekday_makes_no_date(cell: str) -> None:
    assert parse(pd.Series([cell]), Options()).wrong.all()


def test_several_times_a_day_are_no_daily_data(tmp_path: Path) -> None:
    day = "2020-01-02,{}:00,1,2\n"
    text = "Date,Time,A,B\n" + "".join(day.format(hour) for hour in range(10, 16))
    assert (
        "these are bars of 1h, and prices of days are asked for (got '2020-01-02T10:00, then 2020-01-02T11:00')"
        in problem(write(tmp_path, text))
    )


def test_a_time_beside_each_row_of_a_long_table_with_a_row_a_day_says_when_the_price_was_taken(tmp_path: Path) -> None:
    text = "Date,Time,Ticker,Close\n" + "".join(
        f"{day},16:00,{name},{price}\n"
        for name in ("MKT", "AAA", "BBB")
        for day, price in zip(DAYS, BASE[name], strict=True)
    )
    assert_base(read(write(tmp_path, text)))


def test_two_digit_years_are_asked_for_in_the_forms_that_fit_every_line(tmp_path: Path) -> None:
    said = problem(write(tmp_path, HEADS + dated(lambda d: f"{d:%d.%m.%y}")))
    assert said.endswith("write --date-format %d.%m.%y")


@pytest.mark.parametrize(
    ("sign", "words"), [(b"BZh9", "packed by bzip2"), (b"\xfd7zXZ\0", "packed by xz"), (b"%PDF-1.4", "a PDF")]
)
def test_a_file_of_another_kind_is_called_what_it_is(sign: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(sign + bytes(range(256)))
    assert f"x.csv: {words}, and no table" in problem(tmp_path / "x.csv")


def test_a_sheet_of_bloomberg_is_found_behind_another_and_has_its_fields_under_merged_names() -> None:
    found = read(FILES / "bloomberg.xlsx")
    assert_base(found, " US Equity")
    assert any("the sheet BDH" in note for note in found.notes)


def test_downloads_of_yahoo_are_joined_on_their_adjusted_closes() -> None:
    tables = [read_table(FILES / "yahoo" / f"{name}.csv") for name in ("MKT", "AAA", "BBB")]
    together = joined(tables, "prices")
    assert_base(wide(together))
    assert "AAA.csv: read as Yahoo's: the symbol AAA; prices are the column Adj Close" in together.notes


def one_symbol(line: str) -> str:
    """Lines of AAA, each made of its date d, its price x, and prices above and below."""
    rows = zip(BASE["date"], BASE["AAA"], strict=True)
    return "".join(line.format(d=d, x=f"{x:.4f}", c=f"{x:.4f}".replace(".", ",")) + "\n" for d, x in rows)


@pytest.mark.parametrize(
    "text",
    [
        "Data,Otwarcie,Najwyższy,Najniższy,Zamknięcie,Wolumen\n" + one_symbol("{d},1,9,1,{x},1000"),
        "Date;Ouverture;Plus haut;Plus bas;Clôture;Volume\n" + one_symbol("{d};1,5 €;9,5 €;1 €;{c} €;1000"),
        '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"\n'
        + one_symbol('"{d}","{c}","1","9","1","81,55M","0,6%"'),
        "Fecha;Último;Apertura;Máximo;Mínimo;Vol.;% var.\n" + one_symbol("{d};{c};1;9;1;980,50K;-0,1%"),
        "Date,Open,High,Low,Last,Close,Number of Shares,Number of Trades,Turnover\n"
        + one_symbol("{d},1,9,1,7,{x},5,5,5"),
        '"","AAA.Open","AAA.High","AAA.Low","AAA.Close","AAA.Volume"\n' + one_symbol('"{d}",1,9,1,{x},5'),
        "Date,Close_AAA,Volume_AAA\n" + one_symbol("{d},{x},5"),
        "date,\"('Close', 'AAA')\",\"('Volume', 'AAA')\"\n" + one_symbol("{d},{x},5"),
        "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient\n"
        + one_symbol("{d},1,9,1,5,{x},1000,0.0,1.0"),
        "date,close,volume,adjClose,adjHigh,adjOpen,adjVolume,divCash,splitFactor\n"
        + one_symbol("{d},5,9,{x},9,1,5,0.0,1.0"),
        "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n"
        + one_symbol("{d}\t1\t9\t1\t{x}\t5\t0\t15"),
        "Time,Open,High,Low,Last,Change,%Chg,Volume\n"
        + one_symbol("{d},1,9,1,{x},0.5,+0.33%,5")
        + "Downloaded from X\n",
        "日付,始値,高値,安値,終値,出来高\n" + one_symbol("{d},1,9,1,{x},1000"),
        'Date,"Close price\n(GBX)",Volume\n' + one_symbol("{d},{x},5"),
        "Datum;Eröffnung;Schluss;Tageshoch;Tagestief;Umsatz (€);Umsatz (Stück)\n" + one_symbol("{d};1;{c};9;1;5,5;7"),
        "Datum;Opening;Hoogste;Laagste;Slotkoers;Volume\n" + one_symbol("{d};1;9;1;{c};7"),
        "Datum;Senaste;Öppning;Högst;Lägst;Vol.;+/- %\n" + one_symbol("{d};{c};1;9;1;1,2M;0,5%"),
        "Tarih;Şimdi;Açılış;Yüksek;Düşük;Hac.;Fark %\n" + one_symbol("{d};{c};1;9;1;1,2M;0,5%"),
        "Дата;Цена;Откр.;Макс.;Мин.;Объём;Изм. %\n" + one_symbol("{d};{c};1;9;1;1,2M;0,5%"),
        "日期,收盘,开盘,高,低,交易量,涨跌幅\n" + one_symbol("{d},{x},1,9,1,1.2M,0.5%"),
        "일자,종가,대비,등락률,시가,고가,저가,거래량\n" + one_symbol("{d},{x},3,0.1,1,9,1,5"),
        "<TICKER>,<DTYYYYMMDD>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n" + one_symbol("AAA,{d},1,9,1,{x},5"),
        "Date,Close\n" + one_symbol("{d},{x}"),
    ],
    ids=[
        "Polish", "French", "Investing", "Spanish", "Euronext", "quantmod", "flat", "tuples", "Vantage", "Tiingo",
        "MetaTrader", "Barchart", "Japanese", "unit", "Frankfurt", "Dutch", "Swedish", "Turkish", "Russian", "Chinese",
        "Korean", "Metastock", "alone",
    ],
)  # fmt: skip
def test_fields_of_one_symbol_are_known_by_the_names_of_portals_and_programs(text: str, tmp_path: Path) -> None:
    found = read(write(tmp_path, text, "AAA.csv"))
    assert found.names == ("AAA",)
    np.testing.assert_allclose(found.numbers[:, 0], BASE["AAA"], rtol=0, atol=1e-9)


def test_lines_and_columns_of_central_banks_beside_their_values_are_passed_over(tmp_path: Path) -> None:
    heads = "DATE,TIME PERIOD,AAA,AAA_FLAGS\nEinheit,,USD,\nDimension,,Eins,\nStand vom,,01.06.2023 16:00:00 Uhr,\n"
    found = read(write(tmp_path, heads + one_symbol("{d},01 Dec 2021,{x},a remark")))
    assert found.names == ("AAA",)
    np.testing.assert_allclose(found.numbers[:, 0], BASE["AAA"], rtol=0, atol=1e-9)


def test_a_column_of_numbers_is_no_remark_whatever_its_name(tmp_path: Path) -> None:
    found = read(write(tmp_path, "date,RED_FLAGS,AAA,AAA_FLAGS\n" + one_symbol("{d},7,{x},")))
    assert found.names == ("RED_FLAGS", "AAA")
    remarks = write(tmp_path, "no,TIME PERIOD,AAA\n" + one_symbol("1,{d},{x}"))
    assert read(remarks, columns={"date": "TIME PERIOD"}).days.tolist() == DAYS.tolist()


def test_decimals_are_numbers() -> None:
    frame = BASE.assign(AAA=[Decimal(f"{x:.4f}") for x in BASE["AAA"]])
    assert_base(wide(of_frame(frame, "prices")))


def test_japanese_text_is_no_western_text(tmp_path: Path) -> None:
    text = "日付,終値,出来高\n" + "".join(f"{y}年3月1日,{p},1000\n" for y, p in ((2021, 5), (2022, 6), (2023, 7)))
    found = read(write(tmp_path, text, "7203.csv", "shift_jis"))
    assert (found.names, found.days.astype(str).tolist()) == (("7203",), ["2021-03-01", "2022-03-01", "2023-03-01"])
    assert "7203.csv: not UTF-8; read as Shift-JIS (Japanese)" in found.notes


@pytest.mark.parametrize("cell", ["2020Q1", "2020-Q1", "Q1 2020", "2020-03", "2020H1", "1980"])
def test_quarters_months_and_years_are_called_so(cell: str, tmp_path: Path) -> None:
    text = "Period,A,B\n" + "".join(f"{cell[:-1]}{n},{n},{n}\n" for n in range(1, 5))
    assert "a quarter, a month or a year, and no day" in problem(write(tmp_path, text))


@pytest.mark.parametrize("origin", [dt.date(1960, 1, 1), dt.date(1904, 1, 1)], ids=["SAS and Stata", "Excel's 1904"])
def test_day_numbers_of_another_origin_are_not_read_as_those_of_excel(origin: dt.date, tmp_path: Path) -> None:
    text = HEADS + dated(lambda d: str((d - origin).days))
    assert "line 2, column Date: day numbers that are not Excel's" in problem(write(tmp_path, text))
    excel = read(write(tmp_path, HEADS + dated(lambda d: str((d - dt.date(1899, 12, 30)).days))))
    np.testing.assert_array_equal(excel.days, DAYS)


def test_cyrillic_text_of_windows_is_no_western_text(tmp_path: Path) -> None:
    text = "Дата;Закрытие;Объём\n" + "".join(f"{d:02}.03.2023;{d},5;1000\n" for d in (13, 14, 15))
    found = read(write(tmp_path, text, "GAZP.csv", "cp1251"))
    assert (found.names, found.numbers[:, 0].tolist()) == (("GAZP",), [13.5, 14.5, 15.5])
    assert "GAZP.csv: not UTF-8; read as Windows-1251 (Cyrillic)" in found.notes


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["R$ 1.234,56", "R$ 9,50"], [1234.56, 9.5]),
        (["1\u00a0234,56 zł", "9,50 zł"], [1234.56, 9.5]),
        (["₹ 1,23,456.78", "₹9.50"], [123456.78, 9.5]),
        (["1,234.56 kr", "Rs. 9.50"], [1234.56, 9.5]),
        (["12,34,567.89", "-1,23,456.00"], [1234567.89, -123456.0]),
        (["1.234,56-", "9,50"], [-1234.56, 9.5]),
        (["9,50- EUR", "0,25"], [-9.5, 0.25]),
    ],
    ids=["real", "zloty", "rupee", "krona", "lakh", "SAP", "SAP and currency"],
)
def test_numbers_are_read_as_countries_and_programs_write_them(
    cells: list[str], numbers: list[float], tmp_path: Path
) -> None:
    text = "date;A\n" + "".join(f"2020-01-{day:02};{cell}\n" for day, cell in enumerate(cells, start=1))
    assert read(write(tmp_path, text)).numbers[:, 0].tolist() == numbers


def test_sizes_behind_a_number_are_counted(tmp_path: Path) -> None:
    text = "date,A\n2020-01-01,1.2M\n2020-01-02,980.50K\n2020-01-03,2 Mrd.\n"
    assert read(write(tmp_path, text)).numbers[:, 0].tolist() == [1.2e6, 980_500.0, 2e9]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_dividends_and_splits_among_prices_are_left_out_and_said(end: str, tmp_path: Path) -> None:
    rows = one_symbol("{d}\t1\t{x}\t1,000").splitlines()
    rows.insert(50, rows[49].split("\t")[0] + "\t0.24 Dividend")
    rows.insert(20, rows[19].split("\t")[0] + "\t4:1 Stock Splits\t\t")
    text = end.join(["Date\tOpen\tAdj Close**\tVolume", *rows])
    found = read(write(tmp_path, text, "AAA.tsv"))
    np.testing.assert_allclose(found.numbers[:, 0], BASE["AAA"], rtol=0, atol=1e-9)
    assert "AAA.tsv: lines that tell of a dividend or a split are left out: 2" in found.notes
    rows[60] = rows[60].replace(BASE["date"][58], "soon")
    assert "AAA.tsv, line 62" in problem(
        write(tmp_path, "\n".join(["Date\tOpen\tAdj Close**\tVolume", *rows]), "AAA.tsv")
    )


@pytest.mark.parametrize("cell", ["#ERROR", '"$$ER: E100,INVALID CODE"', ""])
def test_columns_that_a_vendor_could_not_find_are_left_out_and_said(cell: str, tmp_path: Path) -> None:
    rows = [
        f"{d},{m},{cell},{a},{cell},{b}" for d, m, a, b in BASE[["date", "MKT", "AAA", "BBB"]].itertuples(index=False)
    ]
    found = read(write(tmp_path, "\n".join(["Name,MKT,#ERROR,AAA,#ERROR,BBB", *rows])))
    assert_base(found)
    assert found.names == ("MKT", "AAA", "BBB")
    assert any(
        "a column called #ERROR, as a vendor calls what it could not find, is left out" in n for n in found.notes
    )


@pytest.mark.parametrize("away", [0, 3])
def test_tables_beside_each_other_are_joined_by_their_dates(away: int, tmp_path: Path) -> None:
    left = [f"{d},{m},{a}" for d, m, a in BASE[["date", "MKT", "AAA"]].itertuples(index=False)]
    right = [f"{d},{b}" for d, b in BASE[["date", "BBB"]].itertuples(index=False)][away:] + [","] * away
    heads = ["MKT US Equity,,,,BBB US Equity,", "Date,PX_LAST,TOT_RETURN_INDEX_GROSS_DVDS,,Date,PX_LAST"]
    text = "\n".join([*heads, *(f"{a},,{b}" for a, b in zip(left, right, strict=True))])
    found = read(write(tmp_path, text))
    assert found.names == ("MKT US Equity", "BBB US Equity")
    np.testing.assert_array_equal(found.days, DAYS)
    np.testing.assert_allclose(found.numbers[:, 0], BASE["AAA"])  # the total return index is taken before the price
    np.testing.assert_allclose(found.numbers[:, 1], BASE["BBB"].where(BASE.index >= away))
    twice = text + "\n" + f"{left[5]},,,"
    assert problem(write(tmp_path, twice)).startswith(f"prices.csv, line {len(BASE) + 3}: a date stands twice")


@pytest.mark.parametrize("step", [1, -1])
def test_tables_beside_each_other_may_each_have_days_that_the_other_lacks(step: int, tmp_path: Path) -> None:
    left = ["03/14/2023,1", "03/15/2023,2", "03/17/2023,3"][::step]
    right = ["03/14/2023,4", "03/16/2023,5", "03/17/2023,6"][::step]
    rows = [f"{a},{b}" for a, b in zip(left, right, strict=True)]
    found = read(write(tmp_path, "\n".join(["A US Equity,,B US Equity,", "Date,PX_LAST,Date,PX_LAST", *rows])))
    assert found.days.astype(str).tolist() == ["2023-03-14", "2023-03-15", "2023-03-16", "2023-03-17"]
    np.testing.assert_array_equal(found.numbers, [[1, 4], [2, np.nan], [np.nan, 5], [3, 6]])


def test_tables_beside_each_other_whose_own_dates_are_in_no_order_are_not_put_in_order(tmp_path: Path) -> None:
    rows = ["2023-03-14,1,2023-03-14,4", "2023-03-17,2,2023-03-16,5", "2023-03-15,3,2023-03-17,6"]
    found = read(write(tmp_path, "\n".join(["A US Equity,,B US Equity,", "Date,PX_LAST,Date,PX_LAST", *rows])))
    assert found.days.astype(str).tolist()[:3] == ["2023-03-14", "2023-03-17", "2023-03-15"], "who reads it refuses it"


@pytest.mark.parametrize(
    "head", ["Date,Close (AAA),Close (BBB)", "Date,Adj Close (AAA),Volume (AAA),Adj Close (BBB),Volume (BBB)"]
)
def test_fields_of_several_symbols_in_brackets_are_those_of_several_symbols(head: str, tmp_path: Path) -> None:
    has_volume = "Volume" in head
    rows = [
        f"{d},{a},9,{b},9" if has_volume else f"{d},{a},{b}"
        for d, a, b in BASE[["date", "AAA", "BBB"]].itertuples(index=False)
    ]
    found = read(write(tmp_path, "\n".join([head, *rows])))
    assert found.names == (("AAA", "BBB") if has_volume else ("Close (AAA)", "Close (BBB)"))
    np.testing.assert_allclose(found.numbers, BASE[["AAA", "BBB"]], rtol=0, atol=1e-9)


def test_day_numbers_of_excel_are_found_below_a_title(tmp_path: Path) -> None:
    table = BASE.assign(date=(pd.to_datetime(BASE["date"]) - pd.Timestamp("1899-12-30")).dt.days)
    text = "Closing prices,,,\nSource: a vendor,,,\n\n" + table.to_csv(index=False)
    found = read(write(tmp_path, text))
    assert_base(found)
    assert "prices.csv: dates are read as the day numbers of Excel" in found.notes


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("head", ["date", "", "Kurstag", "period"])
def test_the_first_column_of_dates_is_the_date_column_whatever_its_name(
    delimiter: str, head: str, tmp_path: Path
) -> None:
    text = BASE.rename(columns={"date": head}).to_csv(index=False, sep=delimiter, decimal=",")
    found = read(write(tmp_path, text))
    assert_base(found)
    assert found.notes == ("prices.csv: read with a decimal comma",)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "NA",
        "n/a",
        "#N/A",
        "#N/A N/A",
        "n.a.",
        "-",
        ".",
        "NULL",
        "#NV",
        "NaN",
        "ND",
        "n.v.",
        "#N/A Real Time",
        "#WERT!",
        "#¡REF!",
        "#NAME?",
        "n/d",
    ],
)
def test_what_vendors_write_for_nothing_is_missing(token: str, tmp_path: Path) -> None:
    table = BASE.astype(object)
    table.loc[7, "AAA"] = token
    found = read(write(tmp_path, table.to_csv(index=False)))
    expected = BASE["AAA"].to_numpy().copy()
    expected[7] = np.nan
    np.testing.assert_array_equal(found.numbers[:, found.names.index("AAA")], expected)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "date,A\n2020-01-01,1\n2020-01-02,abc\n2020-01-03,x\n",
            (
                "prices.csv, line 3, column A: not a number, and so 1 more cell (got 'abc'); write 1234.5; leave a "
                "missing value blank"
            ),
        ),
        (
            'date,A,"two\nlines"\n2020-01-01,1,2\n\n2020-01-02,x,3\n',
            "prices.csv, line 5, column A: not a number (got 'x'); write 1234.5; leave a missing value blank",
        ),
        (
            "date,A\n2020-01-01,1\n2020-13-02,2\n2020-01-03,3\n",
            "prices.csv, line 3, column date: not a date (got '2020-13-02'); write the date as 2023-03-17",
        ),
        (
            "date,A\n01/02/2020,1\n02/02/2020,2\n",
            (
                "prices.csv, line 2, column date: a date whose day and month cannot be told apart, and so in 1 more "
                "line (got '01/02/2020'); write --date-format day-first or --date-format month-first"
            ),
        ),
        (
            "date,A,B\n2020-01-01,1,2\n2020-01-02,1\n2020-01-03,1,2\n",
            (
                "prices.csv, line 3: 2 cells under 3 columns; correct the line; put quotes around a text that holds "
                "the separator"
            ),
        ),
        (
            "date,A\n30.01.2020,1\n31.01.2020,2\n01.13.2020,3\n",
            "prices.csv, line 4, column date: not a date (got '01.13.2020'); write the date as 2023-03-17",
        ),
        (
            "a,b\nx,1\n",
            (
                "prices.csv: there is no column of dates: none is called date, and the first holds none (got 'a'); "
                "write --column date=NAME"
            ),
        ),
    ],
)
def test_a_fault_is_one_line_with_the_line_of_the_file_and_what_to_type(text: str, says: str, tmp_path: Path) -> None:
    assert problem(write(tmp_path, text)) == says


@pytest.mark.parametrize(("order", "day"), [("day-first", "2020-02-01"), ("month-first", "2020-01-02")])
def test_an_ambiguous_date_is_read_as_is_said(order: str, day: str, tmp_path: Path) -> None:
    path = write(tmp_path, "date,A\n01/02/2020,1\n02/03/2020,2\n")
    assert str(read(path, date_format=order).days[0]) == day


def test_one_comma_with_three_digits_behind_it_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, 'date,A\n2020-01-01,"1,234"\n2020-01-02,"1,235"\n')
    assert "write --decimal , or --decimal ." in problem(path)
    assert read(path, decimal=",").numbers[0, 0] == 1.234
    assert read(path, decimal=".").numbers[0, 0] == 1234.0


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_a_packed_file_that_grows_beyond_all_bounds_is_refused(kind: str, tmp_path: Path) -> None:
    zeros, path = b"0" * 200_000_000, tmp_path / f"prices.csv.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(zeros))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("prices.csv", zeros)
    assert "it unpacks to more than 64 MB" in problem(path)


@pytest.mark.parametrize("name", ["wide.parquet", "long.dta", "serial.xlsx", "prices.csv.gz", "prices.zip"])
def test_a_file_that_is_cut_short_is_one_line(name: str, tmp_path: Path) -> None:
    data = (FILES / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) * 2 // 3])
    assert problem(tmp_path / name).startswith(f"{name}: ")


def test_the_columns_of_yfinance_are_read_from_a_frame_too() -> None:
    values = BASE.drop(columns="date")
    frame = pd.concat({"Close": values, "Volume": values * 0 + 1000.0}, axis=1).set_axis(pd.to_datetime(BASE["date"]))
    assert_base(wide(of_frame(frame, "prices")))


@pytest.mark.parametrize(("name", "meant"), [("weights", "weight"), ("weigth", "weight"), ("Bench", "benchmark")])
def test_a_slip_of_a_name_is_asked_about(name: str, meant: str) -> None:
    with pytest.raises(DataError, match=f"did you mean {meant}"):
        understood(["event_id", name], ("event_id", "weight", "benchmark"), "events")


@pytest.mark.parametrize("name", ["height", "book_to_market", "sector", "size", "id"])
def test_another_name_is_left_alone(name: str) -> None:
    assert understood([name], ("event_id", "weight", "benchmark"), "events") == {}
