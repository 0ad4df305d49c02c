"""Factors in Kenneth French's daily layout. The files are made by these tests; nothing of his is in them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DataError, NoDataInRange, UnknownSymbol, UnreadableFile
from eventstudy.prices.factors import FactorSource, looks_like_factors, read_factors
from eventstudy.study.factors import french_frame, joined
from tests.support.command import eventstudy

MADE = """\
This file was created by a test of eventstudy, in the layout of a data library.
The 1-month rate is made up, too.

,Mkt-RF,SMB,HML,RF
20230313,    0.50,   -0.25,    0.10,   0.018
20230314,   -1.50,    0.75,  -99.99,   0.018
20230315,    0.25,   -0.10,   -0.40,   0.018

Copyright 2023 the tests
"""
FIRST, LAST = dt.date(2023, 3, 13), dt.date(2023, 3, 15)


def zipped(text: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("made.CSV", text)
    return data.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    out = tmp_path / "made_daily.CSV"
    out.write_text(MADE, encoding="utf-8")
    return out


@pytest.mark.parametrize("data", [MADE.encode(), MADE.replace("\n", "\r\n").encode(), zipped(MADE)])
def test_percent_becomes_decimals_and_codes_of_missing_days_nothing(data: bytes) -> None:
    table = read_factors(data, "made")
    assert [str(day) for day in table.sessions] == ["2023-03-13", "2023-03-14", "2023-03-15"]
    assert table.returns["SMB"].tolist() == pytest.approx([-0.0025, 0.0075, -0.001])
    assert np.isnan(table.returns["HML"]).tolist() == [False, True, False]
    assert table.returns["Mkt"].tolist() == pytest.approx([0.00518, -0.01482, 0.00268])
    assert list(table.returns) == ["Mkt-RF", "SMB", "HML", "RF", "Mkt"]


def test_names_are_trimmed_and_both_codes_are_missing() -> None:
    table = read_factors(b"prose\n\n,Mom   \n20230313,-999\n20230314,  0.31\n", "made")
    assert (list(table.returns), np.isnan(table.returns["Mom"]).tolist()) == (["Mom"], [True, False])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("20230314", "20230341", "made, line 6: not a day (got '20230341')"),
        ("20230314", "20230313", "made, line 6: the days are out of order, or one stands twice"),
        ("20230313", "202303", "made, line 5: not a day: these are monthly or yearly factors"),
        ("0.75", "O.75", "made, line 6: SMB is not a number (got 'O.75')"),
        ("-1.50", "-150", "made, line 6: Mkt-RF cannot be a return in percent (got '-150')"),
        ("-1.50", "nan", "made, line 6: Mkt-RF cannot be a return"),
        ("0.75,  -99.99", "0.75", "made, line 6: 3 numbers for 4 factors"),
        (",Mkt-RF,SMB", ",SMB,SMB", "made, line 4: a factor stands twice"),
        (",Mkt-RF,SMB,HML,RF", "nothing", "no table of factors"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        read_factors(MADE.replace(old, new).encode(), "made")
    assert words in str(caught.value)


@pytest.mark.parametrize("data", [zipped(MADE)[:60], b"PK\x05\x06" + bytes(18)], ids=["cut", "empty"])
def test_a_damaged_archive_is_named(data: bytes) -> None:
    with pytest.raises(DataError, match="the zip archive cannot be read"):
        read_factors(data, "made")


def test_a_plain_table_of_decimals_is_not_taken_for_one_of_his() -> None:
    assert looks_like_factors(MADE.encode())
    assert looks_like_factors(zipped(MADE))
    for text in ("date,Mkt-RF,SMB\n20230313,0.01,0.02\n", ",Mkt-RF\n20230313,0.01\n", "x\n,A\n2023-03-13,1\n", ""):
        assert not looks_like_factors(text.encode())


def test_a_factor_is_an_index_that_earns_its_return(path: Path) -> None:
    source = FactorSource(place=str(path))
    found = source.fetch("Mkt", FIRST, LAST)
    assert found.close.tolist() == pytest.approx(100 * np.cumprod([1.00518, 1 - 0.01482, 1.00268]))
    assert [str(t)[:16] for t in found.instants] == [f"2023-03-{day}T20:00" for day in (13, 14, 15)]
    assert source.fetch("Mkt", dt.date(2023, 3, 14), LAST).close.tolist() == found.close[1:].tolist()
    hole = source.fetch("HML", FIRST, LAST).close
    assert np.isnan(hole).tolist() == [False, True, False]
    assert source.facts.bars == ("1d",)


def test_what_the_file_does_not_have(path: Path, tmp_path: Path) -> None:
    source = FactorSource(place=str(path))
    with pytest.raises(UnknownSymbol, match="the file has Mkt-RF, SMB, HML, RF, Mkt"):
        source.fetch("CMA", FIRST, LAST)
    with pytest.raises(NoDataInRange, match="the file runs from 2023-03-13 to 2023-03-15"):
        source.fetch("SMB", dt.date(2024, 1, 1), dt.date(2024, 2, 1))
    with pytest.raises(NoDataInRange, match="no bars of size '5m'; it has 1d"):
        source.fetch("SMB", FIRST, LAST, "5m")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        FactorSource(place=str(tmp_path / "no.csv")).fetch("SMB", FIRST, LAST)
    path.write_text(MADE.replace("0.75", "?"), encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"made_daily.CSV, line 6: SMB"):
        FactorSource(place=str(path)).fetch("SMB", FIRST, LAST)


# --- in a study -------------------------------------------------------------------------------------------------


def study_files(folder: Path) -> tuple[pd.DataFrame, Path, Path]:
    """Prices that load on three factors, those in percent as two files in his layout, and the events."""
    rng = np.random.default_rng(1)
    days = pd.bdate_range("2022-01-03", periods=200)
    names = ["Mkt-RF", "SMB", "HML", "Mom"]
    percent = pd.DataFrame(np.round(rng.normal(0, 0.8, (200, 4)), 2), columns=names).assign(RF=0.01)
    earned = (percent["Mkt-RF"] + 0.5 * percent["SMB"] + percent["RF"] + rng.normal(0, 0.1, 200)) / 100
    prices = pd.DataFrame({"date": days.strftime("%Y-%m-%d"), "A": 50 * np.cumprod(1 + earned)})
    prices.to_csv(folder / "prices.csv", index=False)
    (folder / "events.csv").write_text(f"event_id,asset,date\ne,A,{prices['date'][150]}\n", encoding="utf-8")
    for name, columns in (("three.CSV", ["Mkt-RF", "SMB", "HML", "RF"]), ("mom.CSV", ["Mom"])):
        lines = [
            f"{day:%Y%m%d},{','.join(map(str, row))}" for day, row in zip(days, percent[columns].values, strict=True)
        ]
        text = "\n".join(["Made by a test.", "", ",".join(["", *columns]), *lines, "", "Copyright: none"])
        (folder / name).write_text(text, encoding="utf-8")
    return percent, folder / "three.CSV", folder / "mom.CSV"


def run(folder: Path, *options: object) -> dict[str, object]:
    import json

    common = ("--prices", folder / "prices.csv", "--events", folder / "events.csv", "--returns", "simple", "--json")
    done = eventstudy("study", *common, "--estimation=-100:-11", "--min-estimation", 50, *options)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_factor_models_by_name_on_his_files_are_least_squares(tmp_path: Path) -> None:
    percent, three, mom = study_files(tmp_path)
    ours = percent.drop(columns="Mom").div(100).assign(date=pd.read_csv(tmp_path / "prices.csv")["date"])
    ours[["date", "Mkt-RF", "SMB", "HML", "RF"]].to_csv(tmp_path / "ours.csv", index=False)
    found = run(tmp_path, "--model", "ff3", "--factor-file", three)
    plain = run(tmp_path, "--model", "ff3", "--factor-file", tmp_path / "ours.csv")
    got = found["events"][0]["coefficients"]
    assert got == pytest.approx(plain["events"][0]["coefficients"], rel=1e-9)
    assert got["Mkt-RF"] == pytest.approx(1.0, abs=0.1)
    assert got["SMB"] == pytest.approx(0.5, abs=0.1)
    four = run(tmp_path, "--model", "carhart", "--factor-file", three, "--factor-file", mom)
    assert list(four["events"][0]["coefficients"]) == ["alpha", "Mkt-RF", "SMB", "HML", "Mom"]


def test_the_whole_market_of_his_file_is_a_benchmark(tmp_path: Path) -> None:
    _, three, _ = study_files(tmp_path)
    found = run(tmp_path, "--benchmark", "Mkt", "--factor-file", three)
    assert found["events"][0]["coefficients"]["beta"] == pytest.approx(1.0, abs=0.3)


def test_in_python_the_frame_is_the_argument(tmp_path: Path) -> None:
    _, three, mom = study_files(tmp_path)
    frame = joined([french_frame(three), french_frame(mom)])
    assert list(frame.columns) == ["date", "Mkt-RF", "SMB", "HML", "RF", "Mkt", "Mom"]
    spec = es.StudySpec(model="ff3", returns="simple", estimation=(-100, -11), min_estimation=50)
    result = es.run_study(
        pd.read_csv(tmp_path / "prices.csv"), pd.read_csv(tmp_path / "events.csv"), spec, factor_returns=frame
    )
    assert result.n_skipped == 0


def test_two_files_with_the_same_factor_are_refused(tmp_path: Path) -> None:
    _, three, _ = study_files(tmp_path)
    with pytest.raises(DataError, match="two factor files have this column"):
        joined([french_frame(three), french_frame(three)])


@pytest.mark.parametrize("broken", ["\n20230105,0.10,0.01", "2023-01-04,0.10,0.01\n20230105,0.10,0.01"])
def test_days_after_the_end_of_the_table_are_named(broken):
    text = f",Mkt-RF,RF\n20230103,0.10,0.01\n{broken}\n"
    with pytest.raises(DataError, match=r"f.csv, line [34].*a day after the end of the table"):
        read_factors(text.encode(), "f.csv")


def test_a_return_in_another_unit_is_named_and_the_worst_day_of_the_market_is_none():
    days = "".join(f"202301{day:02},{(-1) ** day * 0.3},0.01\n" for day in range(2, 32))
    assert read_factors(f",Mkt-RF,RF\n{days}20230201,-17.44,0.01\n".encode(), "f.csv")
    with pytest.raises(DataError, match=r"f.csv, line 32: Mkt-RF moved as no factor does in a day .*'30 %'"):
        read_factors(f",Mkt-RF,RF\n{days}20230201,30.0,0.01\n".encode(), "f.csv")


def test_a_second_table_is_no_part_of_the_first():
    text = ",Mkt-RF,RF\n20230103,0.10,0.01\n\n  Equal weighted\n,Mkt-RF,RF\n20230103,0.20,0.01\n\nCopyright\n"
    assert read_factors(text.encode(), "f.csv").returns["Mkt-RF"].tolist() == [0.001]
