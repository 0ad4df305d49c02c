"""Bars in Parquet files: the numbers of a table, however the file is laid out, and no more of it read than needed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import InputError
from eventstudy.study.clock import parquet as module
from eventstudy.study.clock.parquet import ParquetBars

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

CASE = Path(__file__).parents[1] / "golden" / "case8_intraday"
EVENTS = pd.DataFrame(
    {
        "event_id": ["a", "b"],
        "asset": ["AAA", "BBB"],
        "announced_at": ["2023-03-22T18:00:00Z", "2023-03-28T16:00:00Z"],
    }
)
SETTINGS = {"bar": "5m", "windows": ["0m:30m"], "calendar": "XNYS", "benchmark": "MKT", "tests": ["bmp_t"]}


@pytest.fixture(scope="module")
def frame():
    found = pd.read_csv(CASE / "bars.csv")
    return found.assign(start=pd.to_datetime(found["start"]))


@pytest.fixture(scope="module")
def wanted(frame):
    return es.run_study(frame, EVENTS, **SETTINGS).rows


def in_groups(tables, path):
    """A file with a row group per table."""
    with pq.ParquetWriter(path, pa.Table.from_pandas(tables[0], preserve_index=False).schema) as writer:
        for table in tables:
            writer.write_table(pa.Table.from_pandas(table, preserve_index=False))
    return path


def by_symbol(frame, folder):
    return in_groups([rows for _, rows in frame.groupby("symbol")], folder / "bars.parquet")


def by_time(frame, folder):
    ordered = frame.sort_values(["start", "symbol"])
    return in_groups([ordered.iloc[i : i + 2000] for i in range(0, len(ordered), 2000)], folder / "bars.parquet")


def as_text(frame, folder):
    text = frame.assign(start=frame["start"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    text.to_parquet(folder / "bars.pq", index=False)
    return folder / "bars.pq"


def in_folders(frame, folder):
    for symbol, rows in frame.groupby("symbol"):
        (folder / f"symbol={symbol}").mkdir()
        rows.drop(columns="symbol").to_parquet(folder / f"symbol={symbol}" / "part.parquet", index=False)
    return folder


@pytest.mark.parametrize("layout", [by_symbol, by_time, as_text, in_folders])
def test_every_layout_gives_the_numbers_of_the_table(frame, wanted, layout, tmp_path):
    assert es.run_study(layout(frame, tmp_path), EVENTS, **SETTINGS).rows == wanted


def test_wide_files_have_a_column_of_closes_per_symbol(frame, tmp_path):
    table = frame.pivot_table(index="start", columns="symbol", values="close").reset_index()
    table.to_parquet(tmp_path / "bars.parquet", index=False)
    found = es.run_study(tmp_path / "bars.parquet", EVENTS, **SETTINGS)
    assert found.rows == es.run_study(table, EVENTS, **SETTINGS).rows
    assert found.rows[0]["windows"][0]["reason_code"] is None


def test_only_row_groups_that_are_needed_are_read(frame, wanted, tmp_path, monkeypatch):
    path = by_symbol(frame, tmp_path)
    read = []
    original = ParquetBars._read
    monkeypatch.setattr(ParquetBars, "_read", lambda self, group, own: read.append(own) or original(self, group, own))
    assert es.run_study(path, EVENTS, **SETTINGS).rows == wanted
    assert sorted(symbol for own in read for symbol in own) == ["AAA", "BBB", "MKT"]  # and CCC is not


def test_bars_before_what_is_mostly_needed_are_read_when_sessions_are_lacking(frame, wanted, tmp_path, monkeypatch):
    path = by_time(frame, tmp_path)
    monkeypatch.setattr(module, "EARLIER", 30 * 86_400_000_000_000)  # too few for sixty sessions
    starts = []
    original = ParquetBars._read
    monkeypatch.setattr(
        ParquetBars, "_read", lambda self, group, own: starts.append(group.first) or original(self, group, own)
    )
    assert es.run_study(path, EVENTS, **SETTINGS).rows == wanted
    first = int(frame["start"].min().tz_convert("UTC").as_unit("ns").value)
    assert starts[0] > first  # a part at first
    assert min(starts) == first  # all, when that was not enough


def test_a_benchmark_whose_bars_are_years_away_is_the_reason_of_the_event(frame, tmp_path):
    is_benchmark = frame["symbol"] == "MKT"
    moved = frame.assign(start=frame["start"].where(~is_benchmark, frame["start"] - pd.Timedelta(days=3000)))
    found = es.run_study(by_symbol(moved, tmp_path), EVENTS, **SETTINGS)
    assert {row["reason"] for row in found.rows} == {"there are no bars of MKT near it"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.assign(start=t["start"].dt.tz_localize(None)), "times without a zone"),
        (lambda t: t.drop(columns="close"), "no column close"),
    ],
)
def test_files_that_cannot_be_used_say_why(frame, change, words, tmp_path):
    change(frame).to_parquet(tmp_path / "bars.parquet", index=False)
    with pytest.raises(InputError, match=words):
        es.run_study(tmp_path / "bars.parquet", EVENTS, **SETTINGS)


def test_what_is_no_parquet_file_says_so(tmp_path):
    (tmp_path / "bars.parquet").write_text("symbol,start,close\n", "utf-8")
    for path in (tmp_path / "bars.parquet", tmp_path / "bars.csv"):
        with pytest.raises(InputError, match="Parquet"):
            es.run_study(path, EVENTS, **SETTINGS)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no Parquet file"):
        es.run_study(tmp_path / "empty", EVENTS, **SETTINGS)
