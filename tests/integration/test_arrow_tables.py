"""Tables of polars and pyarrow go in and out with the numbers that frames of pandas have."""

from __future__ import annotations

import datetime as dt
import math
import sys

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from tests.support.passes import run, write_config

pa = pytest.importorskip("pyarrow")
pl = pytest.importorskip("polars")

SPEC = es.StudySpec(estimation=(-120, -11), windows=[(0, 1)], event_window=(-2, 2))


@pytest.fixture(scope="module")
def frames():
    chance = np.random.default_rng(4)
    dates = pd.bdate_range("2021-01-04", periods=300)
    prices = pd.DataFrame(100 * np.exp(np.cumsum(chance.normal(0, 0.01, (300, 3)), axis=0)), columns=["MKT", "A", "B"])
    prices.insert(0, "date", dates)
    prices.loc[7, "A"] = np.nan
    events = pd.DataFrame(
        {"event_id": ["one", "two"], "asset": ["A", "B"], "date": [dates[200], dates[250]], "group": ["x", "y"]}
    )
    return prices, events


def in_polars(frame):
    found = pl.DataFrame({name: frame[name].tolist() for name in frame}, nan_to_null=True)
    return found.with_columns(pl.col("date").cast(pl.Date))


OTHERS = {
    "polars": in_polars,
    "polars with categories": lambda frame: in_polars(frame).with_columns(pl.col(pl.String).cast(pl.Categorical)),
    "pyarrow": lambda frame: in_polars(frame).to_arrow(),
    "whatever exports the stream": lambda frame: Exporter(in_polars(frame)),
}


class Exporter:
    """Nothing but the stream."""

    def __init__(self, inner):
        self._inner = inner

    def __arrow_c_stream__(self, requested_schema=None):
        return self._inner.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("of", OTHERS.values(), ids=OTHERS)
def test_a_study_of_other_tables_has_the_numbers_of_pandas(frames, of):
    wanted = es.run_study(*frames, SPEC, benchmark="MKT").to_dict()
    assert [event["status"] for event in wanted["events"]] == ["ok", "ok"]
    assert es.run_study(*(of(frame) for frame in frames), SPEC, benchmark="MKT").to_dict() == wanted


def test_factors_and_bars_may_be_of_polars_too(frames):
    prices, events = frames
    factors = pd.DataFrame({"date": prices["date"], "F": np.random.default_rng(5).normal(0, 0.01, len(prices))})
    asked = {"spec": es.StudySpec(estimation=(-120, -11), model="factor", returns="simple"), "factors": ["F"]}
    wanted = es.run_study(prices, events, factor_returns=factors, **asked).to_dict()
    found = es.run_study(in_polars(prices), events, factor_returns=in_polars(factors), **asked).to_dict()
    assert found == wanted
    starts = pd.date_range("2023-03-06T14:30Z", periods=78, freq="5min").append(
        pd.date_range("2023-03-07T14:30Z", periods=78, freq="5min")
    )
    bars = pd.DataFrame({"start": starts, "A": 100 + np.arange(len(starts)) % 5})
    news = pd.DataFrame({"event_id": ["one"], "asset": ["A"], "announced_at": ["2023-03-07T15:00Z"]})
    by_clock = {"bar": "5m", "windows": ["0m:30m"], "calendar": "XNYS"}
    wanted = es.run_study(bars, news, **by_clock).to_dict()
    assert wanted["events"][0]["asset"] == "A"
    assert es.run_study(pl.from_pandas(bars), pl.from_pandas(news), **by_clock).to_dict() == wanted


def test_what_is_no_table_is_refused_in_a_line(frames):
    prices, events = frames
    with pytest.raises(es.EventStudyError, match=r"prices.*not a table.*list"):
        es.run_study(prices.to_numpy().tolist(), events)
    with pytest.raises(es.EventStudyError, match=r"events.*LazyFrame.*collect"):
        es.run_study(prices, in_polars(events).lazy())


def test_a_library_that_is_absent_is_named_with_how_to_get_it(frames, database, monkeypatch):
    prices, events = (in_polars(frame) for frame in frames)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(es.EventStudyError, match=r"prices: a table of polars needs pyarrow.*\[parquet\]"):
        es.run_study(prices, events)
    monkeypatch.undo()
    for absent in ("polars", "pyarrow"):  # without both, one installation is enough
        monkeypatch.setitem(sys.modules, absent, None)
        with pytest.raises(es.EventStudyError, match=r"needs polars.*\[polars\]"):
            es.open_results(database, frames="polars")
    with pytest.raises(es.EventStudyError, match=r"needs pyarrow.*\[parquet\]"):
        es.open_results(database, frames="arrow")
    with pytest.raises(es.EventStudyError, match=r"dask.*pandas, polars or arrow"):
        es.open_results(database, frames="dask")


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    folder = tmp_path_factory.mktemp("arrow")
    assert run(write_config(folder)).exit_code == 0
    return folder / "es.db"


ASKED = {
    "reactions": lambda results: results.reactions(asset="USDCNY"),
    "daily": lambda results: results.daily(),
    "events": lambda results: results.events(),
    "prices": lambda results: results.prices("USDCNY"),
    "strongest": lambda results: results.query("strongest"),
    "nothing": lambda results: results.collections(),
    "sql": lambda results: results.query("select 1 as n, null as empty, 'a' as text union select 2, null, null"),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_every_reader_gives_the_same_in_any_library(database, ask):
    wanted = ask(es.open_results(database))
    arrow, polars = (ask(es.open_results(database, frames=name)) for name in ("arrow", "polars"))
    assert (type(arrow), type(polars)) == (pa.Table, pl.DataFrame)
    rows = [[cell(value) for value in row] for row in wanted.to_numpy(dtype=object).tolist()]
    for found in (arrow.to_pylist(), polars.to_dicts()):
        assert [[cell(value) for value in row.values()] for row in found] == rows
    assert arrow.column_names == polars.columns == list(wanted.columns)


def cell(value):
    """A cell as any library has it: nothing where there is none."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return pd.Timestamp(value) if isinstance(value, dt.datetime) else value


def test_ends_of_windows_are_texts_where_minutes_and_words_stand_together(database):
    both = "select 5 as window_start, 30 as window_end union all select 'open', 60"
    found = es.open_results(database, frames="arrow").query(both)
    assert found.to_pylist() == [{"window_start": "5", "window_end": 30}, {"window_start": "open", "window_end": 60}]


def test_types_are_those_of_the_units(database):
    found = es.open_results(database, frames="polars").reactions()
    assert found.schema["announced_at"].time_zone == "UTC"
    assert (found.schema["car"], found.schema["is_headline"], found.schema["day0"].is_temporal()) == (
        pl.Float64,
        pl.Boolean,
        True,
    )
    assert found.filter(pl.col("is_headline"))["car"].null_count() == 0
