"""Studies by the minute in the service beyond single events: averages, neighbours, and bars that a person confirms."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.config.load import load_config
from eventstudy.config.model import CollectionConfig
from eventstudy.errors import ConfigError, DataError
from jobs.collections.table import characteristics
from tests.support.command import eventstudy
from tests.support.passes import answer, run, write_config

NEW_YORK = ZoneInfo("America/New_York")
BARS = Path(__file__).parents[1] / "golden" / "case8_intraday" / "bars.csv"
DAYS = ("2023-02-14", "2023-02-28", "2023-03-07", "2023-03-09", "2023-03-14", "2023-03-28")
SPIKE = "2023-03-14T14:15:00Z"
SURPRISE = (0.3, -1.2, 0.7, 0.1, -0.4, 1.5)
NIGHT = dt.timedelta(days=1)


def at(day: str, clock: str = "10:00") -> str:
    return dt.datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=NEW_YORK).isoformat()


EVENTS = [
    *(
        {"id": f"e{i}", "title": f"Release {i}", "announced_at": at(day), "assets": ["AAA"], "tags": ["rate"]}
        for i, day in enumerate(DAYS)
    ),
    {"id": "twin", "title": "A correction", "announced_at": at(DAYS[5], "10:10"), "assets": ["AAA"], "tags": ["rate"]},
]
STUDY = {"id": "fast", "bar": "5m", "windows": ["0m:30m", "0m:close", "median"], "mask_events": False}
MORE = {
    "studies": [STUDY],
    "captures": {"bars": []},
    "collections": [
        {"id": "rates", "title": "Rates", "tag": "rate", "regress": ["surprise"], "characteristics": "surprises.csv"}
    ],
}


def bars() -> pd.DataFrame:
    """The bars of AAA, one of them a price that the next takes back."""
    table = pd.read_csv(BARS, dtype=str)
    table = table[table["symbol"] == "AAA"].reset_index(drop=True)
    (row,) = table.index[pd.to_datetime(table["start"], utc=True) == pd.Timestamp(SPIKE)]
    for name in ("high", "close"):
        table.loc[row, name] = str(float(table.loc[row, name]) * 1.1)
    return table


def settings(folder: Path, **more: object) -> Path:
    bars().to_csv(folder / "bars.csv", index=False)
    pd.DataFrame({"event_id": [e["id"] for e in EVENTS], "surprise": [*SURPRISE, 0.0]}).to_csv(
        folder / "surprises.csv", index=False
    )
    columns = {"date": "start"}
    source = {"kind": "files", "path": f"{folder}/bars.csv", "bar": "5m", "currency": "USD", "columns": columns}
    text = {
        "version": 1,
        "database": f"{folder}/es.db",
        "reports": f"{folder}/reports",
        "sources": {"minutes": source},
        "assets": {"AAA": {"source": "minutes", "calendar": "XNYS", "title": "Alpha shares"}},
        "events": EVENTS,
        **MORE,
        **more,
    }
    for collection in text["collections"]:
        if collection.get("characteristics"):
            collection["characteristics"] = f"{folder}/{Path(collection['characteristics']).name}"
    path = folder / "config.yaml"
    path.write_text(json.dumps(text), encoding="utf-8")  # which is YAML as well
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What one pass left."""
    folder = tmp_path_factory.mktemp("averages")
    result = run(settings(folder))
    assert result.troubles == []
    return folder


@pytest.fixture(scope="module")
def by_hand():
    """The document of the same on files: `run_study` of the same bars and events."""
    events = pd.DataFrame(
        {
            "event_id": [e["id"] for e in EVENTS],
            "asset": "AAA",
            "announced_at": [e["announced_at"] for e in EVENTS],
            "surprise": [*SURPRISE, 0.0],
        }
    )
    return es.run_study(bars(), events, bar="5m", windows=STUDY["windows"], calendar="XNYS", regress=["surprise"])


def test_a_collection_by_the_minute_is_the_study_of_its_members_on_files(folder, by_hand):
    names = "window_start, window_end, bar, window_unit, n_events, caar, caar_low, mde, test, statistic, p, verdict"
    found = answer(folder / "es.db", f"select {names} from collections where group_name = 'all' order by rowid")
    (everything,) = by_hand.averages["aggregate"]
    assert [row[:4] for row in found] == [
        (0, 30, "5m", "minutes"),
        (0, "close", "5m", "minutes"),
        ("-20m:-10m", "10m:20m", "5m", "minutes"),
    ]
    for row, wanted in zip(found, everything["windows"], strict=True):
        assert row[4] == wanted["n"]
        for value, expected in zip(row[5:8], (wanted["caar"], wanted["caar_ci"][0], wanted["mde"]), strict=True):
            assert math.isclose(value, expected, rel_tol=1e-9)
        test = next(t for t in wanted["tests"] if t["name"] == row[8])
        assert math.isclose(row[9], test["statistic"], rel_tol=1e-9)
        assert math.isclose(row[10], test["p_value"], rel_tol=1e-9)


def test_two_announcements_that_share_bars_count_once_and_tell_of_each_other(folder):
    """Both on one day, ten minutes apart; of the half hours that overlap, averages take the first."""
    ((reason,),) = answer(folder / "es.db", "select reason from collection_members where event_id = 'twin'")
    assert reason is None  # its median window, which ends before, has its own bars
    assert answer(folder / "es.db", "select n_events from collections order by rowid limit 1") == [(5,)]
    document = json.loads(
        answer(
            folder / "es.db",
            "select document from clock_documents join analyses using (analysis_id) where event_id = 'e5'",
        )[0][0]
    )
    assert document["overlaps"] == [{"event_id": "twin", "minutes": 10.0, "title": "A correction"}]
    page = (folder / "reports" / "e5.html").read_text("utf-8")
    assert "A window shares bars with one of A correction (10 minutes later)" in page


def test_two_announcements_that_share_bars_count_once_though_one_is_about_another_asset_too(tmp_path):
    both = {"AAA": {"source": "minutes", "calendar": "XNYS"}}
    both["BBB"] = {**both["AAA"], "symbol": "AAA"}
    events = [*EVENTS[:-1], {**EVENTS[-1], "assets": ["AAA", "BBB"]}]
    assert run(settings(tmp_path, assets=both, events=events)).troubles == []
    # five of the announcements of AAA as when `twin` was of it alone, and `twin` of BBB, which has no other
    assert answer(tmp_path / "es.db", "select n_events from collections order by rowid limit 1") == [(6,)]


def test_the_surprise_explains_the_moves_as_least_squares_by_hand_do(folder):
    stored = json.loads(answer(folder / "es.db", "select regressions from collection_studies")[0][0])[0]
    assert stored["window"] == ["0m", "30m"]
    usable = [0, 1, 2, 3, 5]  # the fourth rests on a price in doubt
    moves = {
        event_id: json.loads(document)["windows"][0]
        for event_id, document in answer(
            folder / "es.db", "select event_id, document from clock_documents join analyses using (analysis_id)"
        )
    }
    y = [moves[f"e{i}"]["move"] - moves[f"e{i}"]["clock"]["mean"] for i in usable]
    x = np.column_stack([np.ones(5), [SURPRISE[i] for i in usable]])
    slope = np.linalg.lstsq(x, np.array(y), rcond=None)[0][1]
    (found,) = (c["test"]["estimate"] for c in stored["coefficients"] if c["coefficient"] == "surprise")
    assert math.isclose(found, slope, rel_tol=1e-9)


def test_the_page_of_a_collection_by_the_minute_says_minutes_and_shows_what_explains(folder):
    page = (folder / "reports" / "collections" / "rates.html").read_text("utf-8")
    assert "In the first 30 minutes, the 5 events" in page
    assert "what is usual at their time of day" in page
    assert "[0m, 30m]" in page
    assert "surprise" in page
    assert "BHAR" not in page
    assert "6 of 6 numbers of single events are those stored with them" in page
    assert "Rates" in (folder / "reports" / "index.html").read_text("utf-8")


def test_the_command_of_the_page_gives_the_same_averages_again(folder, monkeypatch):
    monkeypatch.chdir(folder)
    done = eventstudy("study", "--stored", "--study", "fast", "--tag", "rate", "--json")
    assert done.code == 3, done.err  # one window rests on a price in doubt
    (window, *_) = json.loads(done.out)["aggregate"][0]["windows"]
    stored = answer(folder / "es.db", "select caar, statistic from collections order by rowid limit 1")[0]
    test = next(t for t in window["tests"] if t["statistic"] == pytest.approx(stored[1], rel=1e-9))
    assert (window["caar"], test["is_valid"]) == (pytest.approx(stored[0], rel=1e-9), True)
    refused = eventstudy("study", "--stored", "--study", "fast", "--tag", "rate", "--alpha", "0.1")
    assert refused.code == 2
    assert "--alpha is set in the study fast" in refused.err


def test_a_bar_in_doubt_is_told_and_a_person_confirms_it(folder, monkeypatch):
    """The spike lies in the half hour after the fourth release; the command that the reason names makes it a number."""
    monkeypatch.chdir(folder)
    of = "select reason from reactions where event_id = 'e4' and window_end = 30"
    ((reason,),) = answer(folder / "es.db", of)
    assert reason.startswith("price in doubt: AAA")
    assert f"`eventstudy prices confirm AAA {SPIKE} --bar 5m`" in reason
    said = ("--by", "Ann Lee", "--reason", "as on the tape")
    wrong = eventstudy("prices", "confirm", "AAA", "2023-03-14T14:20:00Z", "--bar", "5m", *said)
    assert wrong.code == 1
    assert f"in doubt are {SPIKE}" in wrong.err
    assert eventstudy("prices", "confirm", "AAA", "2023-03-14", "--bar", "5m", *said).code == 2
    dry = eventstudy("prices", "confirm", "AAA", SPIKE, "--bar", "5m", *said, "--dry-run")
    assert (dry.code, dry.out.startswith("would be confirmed: ")) == (0, True)
    done = eventstudy("prices", "confirm", "AAA", SPIKE, "--bar", "5m", *said)
    assert done.code == 0, done.err
    result = run(folder / "config.yaml")
    assert result.troubles == []
    ((reason, move),) = answer(
        folder / "es.db", "select reason, move from reactions where event_id = 'e4' and window_end = 30"
    )
    assert reason is None
    assert move is not None
    assert answer(folder / "es.db", "select n_events, times_looked from collections order by rowid limit 1") == [(6, 2)]


@pytest.mark.parametrize(
    ("collection", "words"),
    [
        ({"regress": ["surprise"]}, "go together"),
        ({"characteristics": "x.csv"}, "go together"),
        ({"study": "fats"}, "no such study"),
    ],
)
def test_a_mistake_in_a_collection_is_told_with_what_to_do(tmp_path, collection, words):
    with pytest.raises(ConfigError, match=words):
        load_config(settings(tmp_path, collections=[{"id": "rates", "tag": "rate", **collection}]), environ={})


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (None, "cannot be read"),
        ("event_id,other\ne0,1\n", "no such column"),
        ("event_id,surprise\ne0,1\ne0,2\n", "stands twice"),
    ],
)
def test_a_table_that_explains_nothing_is_told_with_what_to_do(tmp_path, cells, words):
    path = tmp_path / "surprises.csv"
    if cells is not None:
        path.write_text(cells, "utf-8")
    found = CollectionConfig(id="rates", tag="rate", regress=("surprise",), characteristics=path)
    with pytest.raises(DataError, match=words):
        characteristics(found, ["e0"])


def test_extended_hours_are_a_setting_that_the_page_tells(tmp_path):
    fast = "studies:\n  - {id: fast, bar: 5m, extended: true, windows: [[0m, 30m]]}\n"
    (study,) = load_config(write_config(tmp_path, ("studies:\n", fast)), environ={}).clock_studies
    assert study.extended
