"""Total returns from adjusted closes or dividends: in the source of files, in tables, and what is said of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eventstudy.prices.files import FileSource
from eventstudy.records import Snapshot
from eventstudy.tables.reading import read_table
from eventstudy.tables.shapes import wide
from eventstudy.tables.total_return import implied_dividends, total_return_prices

# 100 → 102 → ex-dividend of 6.12 (6 % of 102) at 97 → 98; adjusted: what came before the ex-day times 0.94
CLOSE = np.array([100.0, 102.0, 97.0, 98.0])
ADJUSTED = np.array([94.0, 95.88, 97.0, 98.0])
DAYS = ["2023-03-14", "2023-03-15", "2023-03-16", "2023-03-17"]


def fetched(folder: Path, name: str = "AAA") -> Snapshot:
    now = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    found = FileSource(path=folder, now=lambda: now, zone="America/New_York", close_time=dt.time(16))
    return found.fetch(name, dt.date(2023, 3, 1), dt.date(2023, 3, 31))


def test_dividends_that_adjusted_closes_imply() -> None:
    """The ex-day earns 97/95.88 = 1.011681; so (97 + D)/102 is that, and D = 6.191489."""
    paid = implied_dividends(CLOSE, ADJUSTED)
    assert paid is not None
    assert paid.tolist() == [0, 0, pytest.approx(102 * 97 / 95.88 - 97), 0]
    total = total_return_prices(CLOSE, paid)
    assert total[1:] / total[:-1] == pytest.approx(ADJUSTED[1:] / ADJUSTED[:-1], rel=1e-12)


def test_rounding_is_no_dividend() -> None:
    rng = np.random.default_rng(1)
    price = np.round(40 * np.exp(np.cumsum(0.01 * rng.standard_normal(500))), 2)
    assert implied_dividends(price, np.round(price * 0.87654321, 2)).tolist() == [0] * 500  # type: ignore[union-attr]
    half = np.round(price * np.where(np.arange(500) < 250, 0.98, 1.0), 4)
    assert np.flatnonzero(implied_dividends(price, half)).tolist() == [250]  # type: ignore[arg-type]


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_splits_that_one_column_has_alone_are_no_dividend(factor: float) -> None:
    assert implied_dividends(CLOSE, CLOSE * np.array([factor, factor, 1, 1])) is None


def yahoo(**columns: np.ndarray) -> pd.DataFrame:
    bar = {"Date": DAYS, "Open": CLOSE, "High": CLOSE + 1, "Low": CLOSE - 1, "Close": CLOSE}
    return pd.DataFrame({**bar, **columns, "Volume": 1000})


def test_a_download_of_yahoos_has_total_returns_in_the_source_of_files(tmp_path: Path) -> None:
    yahoo(**{"Adj Close": ADJUSTED}).to_csv(tmp_path / "AAA.csv", index=False)
    found = fetched(tmp_path)
    total = total_return_prices(found.close, found.dividends)
    assert total[1:] / total[:-1] == pytest.approx(ADJUSTED[1:] / ADJUSTED[:-1], rel=1e-9)
    assert found.close.tolist() == CLOSE.tolist(), "prices as quoted stay"
    assert "AAA.csv: total returns from the column Adj Close, which implies 1 dividend" in found.notes


def test_adjusted_closes_take_the_place_of_closes_that_are_not_adjusted_for_a_split(tmp_path: Path) -> None:
    yahoo(**{"Adj Close": CLOSE * [0.1, 0.1, 1, 1]}).to_csv(tmp_path / "AAA.csv", index=False)
    found = fetched(tmp_path)
    assert found.close == pytest.approx([10, 10.2, 97, 98])
    assert found.high == pytest.approx([10.1, 10.3, 98, 99])
    assert "AAA.csv: prices are the column Adj Close, which is adjusted for more than dividends" in found.notes


def test_dividends_of_a_file_are_said(tmp_path: Path) -> None:
    yahoo(Dividends=np.array([0, 0, 6.12, 0])).to_csv(tmp_path / "AAA.csv", index=False)
    found = fetched(tmp_path)
    assert found.dividends.tolist() == [0, 0, 6.12, 0]
    assert "AAA.csv: total returns with the column Dividends" in found.notes


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("shape", ["fields", "long"])
def test_tables_of_a_study_add_dividends_to_closes(shape: str, turn: int, tmp_path: Path) -> None:
    frame = yahoo(Dividends=np.array([0, 0, 6.12, 0]))[::turn]
    if shape == "long":
        other = frame.assign(Symbol="BBB", Dividends=0.0)
        frame = pd.concat([frame.assign(Symbol="AAA"), other])
    frame.to_csv(tmp_path / "AAA.csv", index=False)
    found = wide(read_table(tmp_path / "AAA.csv"))
    total = found.numbers[np.argsort(found.days), 0]
    assert total[1:] / total[:-1] == pytest.approx([1.02, 103.12 / 102, 98 / 97], rel=1e-12)
    if shape == "long":
        assert found.numbers[np.argsort(found.days), 1].tolist() == CLOSE.tolist()
    assert any("the dividends of Dividends (write --column adjusted=Close" in note for note in found.notes)


def test_adjusted_closes_come_before_dividends_in_tables_of_a_study(tmp_path: Path) -> None:
    yahoo(**{"Adj Close": ADJUSTED, "Dividends": np.array([0, 0, 6.12, 0])}).to_csv(tmp_path / "AAA.csv", index=False)
    found = wide(read_table(tmp_path / "AAA.csv"))
    assert found.numbers[:, 0].tolist() == ADJUSTED.tolist()
    assert found.notes[-1].endswith("prices are the column Adj Close")
