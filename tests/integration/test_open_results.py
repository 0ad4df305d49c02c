"""Stored results as DataFrames hold what the database holds, typed, and say what is wrong in a line."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from tests.support.passes import rows, run, write_config


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frames")
    more = "collections: [{id: yuan, asset: USDCNY, fewest: 2}]\n"
    assert run(write_config(folder, more=more)).exit_code == 0
    return folder / "es.db"


@pytest.fixture(scope="module")
def results(database):
    return es.open_results(database)


def test_reactions_are_those_of_the_view(database, results):
    found = results.reactions(asset="USDCNY", window=(0, 1))
    stored = rows(
        database,
        "select event_id, car, t, verdict, announced_at, day0 from reactions where asset = 'USDCNY' and "
        "window_start = 0 and window_end = 1 order by announced_at, event_id",
    )
    assert len(stored) > 1
    assert found[["event_id", "car", "t", "verdict"]].to_numpy().tolist() == [list(row[:4]) for row in stored]
    assert found["announced_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").tolist() == [row[4] for row in stored]
    assert found["day0"].dt.strftime("%Y-%m-%d").tolist() == [row[5] for row in stored]


def test_columns_have_the_types_that_their_units_say(results):
    types = results.reactions().dtypes
    assert str(types["announced_at"].tz) == "UTC"
    assert types["car"] == types["placebo_p"] == np.dtype(float)
    assert types["is_headline"] == "boolean"
    assert types["day0"].kind == "M"


def test_filters_narrow(results):
    everything = results.reactions()
    assert set(results.reactions(since=dt.date(2023, 3, 1))["event_id"]) == set(
        everything.loc[everything["announced_at"] >= "2023-03-01T00:00Z", "event_id"]
    )
    assert (results.reactions(min_t=0.5)["t"].abs() >= 0.5).all()
    assert len(results.reactions(event="visit")) < len(everything)
    assert set(results.daily(event="visit", asset="USDCNY")["tau"]) == {-2, -1, 0, 1, 2}
    assert set(results.collections()["collection_id"]) == {"yuan"}
    assert set(results.events(asset="USDCNY", kind="announcement")["event_id"]) == {"visit", "meeting"}


@pytest.mark.parametrize("name", ["reactions", "by-year", "by-weekday"])
def test_a_named_query_takes_days_and_instants_as_the_methods_do(results, name):
    whole = results.query(name, since="2023-03-17", until="2023-03-17")
    assert not whole.empty
    for day in (dt.date(2023, 3, 17), dt.datetime(2023, 3, 17, 12, tzinfo=dt.UTC), "2023-03-17T12:00:00Z"):
        assert whole.equals(results.query(name, since=day, until=day))


def test_prices_are_the_bars_of_the_archive(database, results):
    found = results.prices("USDCNY")
    stored = rows(database, "select session, close from bars where symbol = 'USDCNY' order by session")
    assert found["session"].dt.strftime("%Y-%m-%d").tolist() == [session for session, _ in stored]
    assert found["close"].tolist() == [close for _, close in stored]
    assert str(found["priced_at"].dt.tz) == "UTC"


def test_named_queries_and_sql_answer_too(database, results):
    assert results.query("strongest", since="2022")["t"].abs().is_monotonic_decreasing
    assert results.query("select count(*) as n from reactions where p < :p", p=2)["n"].tolist() == [
        rows(database, "select count(p) from reactions")[0][0]
    ]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda r: r.reactions(asset="USDCNX"), "There is no asset 'USDCNX' here"),
        (lambda r: r.prices("EURXXX"), "no prices of this symbol are stored"),
        (lambda r: r.query("strongest", colour="red"), "is no option of this"),
        (lambda r: r.query("delete from events"), "only reading is possible here"),
        (lambda r: es.open_results(r.path.with_name("none.db")), "there is no results database"),
        (lambda _: es.open_results(__file__), "is not a results database"),
    ],
)
def test_a_mistake_is_an_error_in_a_line(results, ask, says):
    with pytest.raises(es.EventStudyError, match=says):
        ask(results)


def test_what_was_altered_is_not_given(database, tmp_path):
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("vacuum into ?", (str(tmp_path / "es.db"),))
    with closing(sqlite3.connect(tmp_path / "es.db")) as connection:
        connection.execute("update window_results set car = car * 1.5")
        connection.commit()
    with es.open_results(tmp_path / "es.db") as results:
        assert isinstance(results.events(), pd.DataFrame)
        with pytest.raises(es.EventStudyError, match="not what was written"):
            results.reactions()
