"""The same 90 days of three symbols as people have them: run in this folder, with openpyxl, pandas and pyarrow.

The numbers are the first columns of ../cases/prices.csv (seeded random walks of this project's); nothing of a
vendor's is in the files, only the layouts are theirs.
"""

from __future__ import annotations

import gzip
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd


def base(rows: slice = slice(330, 420), columns: int = 3) -> pd.DataFrame:
    frame = pd.read_csv(Path(__file__).parents[1] / "cases" / "prices.csv").iloc[rows, : columns + 1]
    frame["AAA"] = (frame["AAA"] * 20).round(4)  # above a thousand, so that thousands are written
    return frame.round(4).reset_index(drop=True)


def long(wide: pd.DataFrame) -> pd.DataFrame:
    return wide.melt("date", var_name="symbol", value_name="close").dropna()


def day(text: str, form: str) -> str:
    return pd.Timestamp(text).strftime(form)


def german(wide: pd.DataFrame, folder: Path) -> None:
    """An Excel export of a German desk: semicolons, decimal comma, thousands, Windows-1252, empty lines at the end."""

    def number(x: float) -> str:
        return f"{x:,.4f}".replace(",", "_").replace(".", ",").replace("_", ".")

    lines = [";".join(["Kurstag", *wide.columns[1:], "Überschuß"])]
    lines += [";".join([day(d, "%d.%m.%Y"), *map(number, row), "n.a."]) for d, *row in wide.itertuples(index=False)]
    lines += [";" * wide.shape[1]] * 2
    (folder / "german.csv").write_bytes("\r\n".join(lines).encode("cp1252"))


def broker(wide: pd.DataFrame, folder: Path) -> None:
    """An export of a US broker: quotes, dollars, month first, newest first, and a disclaimer below."""
    rows = [f'"{s}","{day(d, "%m/%d/%Y")}","${x:,.4f}"' for d, s, x in long(wide)[::-1].itertuples(index=False)]
    below = ["", '"Past performance, as ever, is no guarantee."', "Date downloaded 11/28/2026 3:29 pm"]
    text = "\n".join(['"Symbol","Trade Date","Close/Last"', *rows, *below])
    (folder / "broker.csv").write_text("\ufeff" + text, encoding="utf-8")


def stooq(wide: pd.DataFrame, folder: Path) -> None:
    head = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>"
    rows = [f"{s},D,{day(d, '%Y%m%d')},000000,{x},{x},{x},{x},1000,0" for d, s, x in long(wide).itertuples(index=False)]
    (folder / "stooq.txt").write_text("\n".join([head, *rows]) + "\n")


def yahoo(wide: pd.DataFrame, folder: Path) -> None:
    """A download per symbol, whose raw closes differ from the adjusted ones by a dividend to come."""
    (folder / "yahoo").mkdir(exist_ok=True)
    for symbol in wide.columns[1:]:
        rows = [
            f"{d},{2 * x},{2 * x},{2 * x},{2 * x},{x},1000" for d, x in zip(wide["date"], wide[symbol], strict=True)
        ]
        text = "\n".join(["Date,Open,High,Low,Close,Adj Close,Volume", *rows])
        (folder / "yahoo" / f"{symbol}.csv").write_text(text + "\n")


def yfinance(wide: pd.DataFrame, folder: Path) -> None:
    """What DataFrame.to_csv makes of yfinance.download: three lines of names."""
    names = list(wide.columns[1:])
    fields = ["Close", "Open", "Volume"]
    lines = [
        ",".join(["Price", *(f for f in fields for _ in names)]),
        ",".join(["Ticker", *(names * len(fields))]),
        ",".join(["Date", *[""] * (len(fields) * len(names))]),
    ]
    lines += [",".join(map(str, [d, *row, *row, *[1000] * len(names)])) for d, *row in wide.itertuples(index=False)]
    (folder / "yfinance.csv").write_text("\n".join(lines) + "\n")


def crsp(wide: pd.DataFrame, folder: Path) -> None:
    """Negative prices are bid-ask averages; the first return of each is C; prices before a split have a factor."""
    numbers = {name: 10001 + i for i, name in enumerate(wide.columns[1:])}
    rows = []
    for i, (d, s, x) in enumerate(long(wide).itertuples(index=False)):
        factor = 2 if i % len(wide) < 40 else 1
        price = x * factor * (-1 if i % 17 == 3 else 1)
        ret = "C" if i % len(wide) == 0 else "-99.0" if i % 40 == 1 else "0.01"
        rows.append(f"{numbers[s]},{day(d, '%Y%m%d')},{s},{price:.4f},{ret},1000,{factor}")
    (folder / "crsp.csv").write_text("\n".join(["PERMNO,date,TICKER,PRC,RET,VOL,CFACPR", *rows]) + "\n")


def refinitiv(wide: pd.DataFrame, folder: Path) -> None:
    rows = [f"{s},{d}T00:00:00Z,{x}" for d, s, x in long(wide).itertuples(index=False)]
    (folder / "refinitiv.csv").write_text("\n".join(["Instrument,Date,Price Close", *rows]) + "\n")


def datastream(wide: pd.DataFrame, folder: Path) -> None:
    names = list(wide.columns[1:])
    lines = [["Name", *(f"{n} - TOT RETURN IND" for n in names)], ["Code", *names], ["CURRENCY", *["U$"] * len(names)]]
    lines += [[day(d, "%d/%m/%Y"), *map(str, row)] for d, *row in wide.itertuples(index=False)]
    (folder / "datastream.csv").write_text("\n".join(",".join(line) for line in lines) + "\n")


def bloomberg(wide: pd.DataFrame, folder: Path) -> None:
    """A sheet with securities in merged cells above their fields, holes as Bloomberg writes them."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "About"
    sheet.append(["made by a test"])
    sheet = book.create_sheet("BDH")
    sheet.append([None, *(cell for n in wide.columns[1:] for cell in (f"{n} US Equity", None))])
    sheet.append(["Dates", *(cell for _ in wide.columns[1:] for cell in ("PX_LAST", "PX_VOLUME"))])
    for d, *row in wide.itertuples(index=False):
        sheet.append([pd.Timestamp(d).to_pydatetime(), *(cell for x in row for cell in (x, "#N/A N/A"))])
    book.save(folder / "bloomberg.xlsx")


def excel(wide: pd.DataFrame, folder: Path) -> None:
    """Dates as bare serial numbers, as a sheet pasted as values has them."""
    book = openpyxl.Workbook()
    book.active.append(["Tag", *wide.columns[1:]])
    for d, *row in wide.itertuples(index=False):
        book.active.append([(pd.Timestamp(d) - pd.Timestamp("1899-12-30")).days, *row])
    book.save(folder / "serial.xlsx")


def binary(wide: pd.DataFrame, folder: Path) -> None:
    dated = wide.assign(date=pd.to_datetime(wide["date"]))
    dated.set_index("date").to_parquet(folder / "wide.parquet")
    long(dated).to_stata(folder / "long.dta", write_index=False, convert_dates={"date": "td"})
    text = wide.to_csv(index=False).encode()
    (folder / "prices.csv.gz").write_bytes(gzip.compress(text, mtime=0))
    with zipfile.ZipFile(folder / "prices.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("prices.csv", (2026, 1, 1, 0, 0, 0)), text)
    (folder / "unicode.txt").write_text(wide.to_csv(index=False, sep="\t"), encoding="utf-16")


def french(wide: pd.DataFrame, folder: Path) -> None:
    """The benchmark's simple returns, in percent."""
    percent = 100 * wide["MKT"].pct_change().fillna(0)
    rows = [f"{day(d, '%Y%m%d')},{x:10.6f},   0.000" for d, x in zip(wide["date"], percent, strict=True)]
    text = "\n".join(
        ["Made by a test, in the layout of a data library.", "", ",Mkt-RF,RF", *rows, "", "Copyright: none"]
    )
    (folder / "french.CSV").write_text(text + "\n")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    table = base(slice(None), 6) if len(sys.argv) > 1 else base()
    for write in (
        german,
        broker,
        stooq,
        yahoo,
        yfinance,
        crsp,
        refinitiv,
        datastream,
        bloomberg,
        excel,
        binary,
        french,
    ):
        write(table, target)
    table.to_csv(target / "base.csv", index=False)
