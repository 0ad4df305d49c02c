"""`eventstudy init`: settings for data of one's own that `run` and `report` take at once."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
from pathlib import Path

import pytest

from eventstudy.config.load import load_config
from eventstudy.config.model import Config, StudyConfig
from eventstudy.config.sources import KINDS
from tests.support.command import eventstudy
from tests.support.passes import rows

DATA = Path(__file__).parents[1] / "data"
CASES = DATA / "cases"
# Bars of AAA and a market MKT as the vendors write them; made by tests/data/tables/make.py.
TABLES = (
    "bloomberg.xlsx",
    "broker.csv",
    "crsp.csv",
    "datastream.csv",
    "german.csv",
    "long.dta",
    "prices.csv.gz",
    "prices.zip",
    "refinitiv.csv",
    "serial.xlsx",
    "stooq.txt",
    "unicode.txt",
    "wide.parquet",
    "yahoo",
    "yfinance.csv",
)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def take(name: str, place: Path) -> None:
    source = DATA / "tables" / name
    if source.is_dir():
        shutil.copytree(source, place / name)
    else:
        shutil.copy(source, place)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_any_vendor_becomes_a_page_by_the_line_that_init_prints(place, name):
    take(name, place)
    done = eventstudy("init", name)
    assert (done.code, done.err) == (0, "")
    assert "is taken for the market of the others" in done.out
    config = load_config(place / "config.yaml", {})
    assert [study.model for study in config.studies] == ["market", "constant-mean"]
    line = shlex.split(done.out.splitlines()[-1])
    answer = eventstudy(*line[1:])
    assert (answer.code, answer.err) == (0, "")
    lines = csv.DictReader((DATA / "tables" / "base.csv").read_text("utf-8").splitlines())
    close = {line["date"]: float(line["AAA"]) for line in lines}
    fall = 1 - close["2020-07-17"] / close["2020-07-16"]
    said = " ".join(answer.out.split())
    assert (
        f"fell {fall:.2%}".replace("%", " %") + " by its first price after the announcement, on Friday 17 July" in said
    )


def test_prices_and_events_of_ones_own_are_studied_by_run(place):
    for name in ("prices.csv", "events.csv"):
        shutil.copy(CASES / name, place)
    done = eventstudy(
        "init", "prices.csv", "--events", "events.csv", "--zone", "America/New_York", "--close-time", "16:00"
    )
    assert (done.code, done.err) == (0, "")
    assert "6 announcements" in done.out
    assert done.out.splitlines()[-1].strip() == "eventstudy run"
    assert eventstudy("run").code == 0
    sql = "select event_id, day0 from reactions where study = 'relative' and is_primary order by 1"
    days = rows(place / "var" / "eventstudy.db", sql)
    assert days[0] == ("e1", "2020-07-15")
    assert len(days) == 6


def test_a_dry_run_prints_the_settings_that_would_be_written(place):
    shutil.copy(CASES / "prices.csv", place)
    before = sorted(place.iterdir())
    done = eventstudy("init", "prices.csv", "--dry-run")
    assert (done.code, sorted(place.iterdir())) == (0, before)
    assert "Would write config.yaml." in done.err
    assert eventstudy("init", "prices.csv").code == 0
    assert done.out == (place / "config.yaml").read_text("utf-8")
    again = eventstudy("init", "prices.csv", "--dry-run")
    assert (again.code, again.out) == (0, done.out)
    assert "config.yaml is there already, and stays." in again.err
    assert "Would write" not in again.err


def test_two_lines_of_names_are_called_fields_of_each_symbol(place):
    days = "".join(f"2020-01-{day:02},{day},{day + 1},9,9\n" for day in range(1, 31))
    (place / "p.csv").write_text(f"Price,Close,Close,Volume,Volume\nTicker,A,B,A,B\n{days}", encoding="utf-8")
    done = eventstudy("init", "p.csv")
    assert done.code == 0
    assert "p.csv: a column per symbol and field, 2 of them, 2020-01-01 to 2020-01-30" in done.err + done.out


def test_factors_of_kenneth_french_are_levels(place):
    take("french.CSV", place)
    assert eventstudy("init", "french.CSV").code == 0
    config = load_config(place / "config.yaml", {})
    assert config.sources["factors"].kind == "factors"
    assert list(config.assets) == ["Mkt-RF", "RF", "Mkt"]


def days_of(*heads):
    """A table with a column for each name, of 40 days."""
    lines = [
        f"2020-{i // 28 + 1:02}-{i % 28 + 1:02}," + ",".join(str(100 + i % 7 + j) for j in range(len(heads)))
        for i in range(40)
    ]
    return "\n".join([",".join(("date", *heads)), *lines, ""])


def test_what_yahoo_calls_a_thing_by_has_its_name_for_a_title(place):
    assert eventstudy("init", "--yahoo", "AAPL,^GDAXI,DX-Y.NYB,EURUSD=X,ZZZQ").code == 0
    assets = load_config(place / "config.yaml", {}).assets
    assert {name: (asset.symbol, asset.title) for name, asset in assets.items()} == {
        "AAPL": (None, "Apple"),
        "GDAXI": ("^GDAXI", "the DAX"),
        "DX-Y.NYB": (None, "the ICE US dollar index"),
        "EURUSD=X": (None, ""),  # a pair, which pages call the euro against the US dollar
        "ZZZQ": (None, ""),
    }


@pytest.mark.parametrize(
    ("heads", "yahoo", "names"),
    [
        (("^GSPC", "GSPC"), "", {"^GSPC": "^GSPC", "GSPC": "GSPC"}),
        (("GSPC", "^GSPC"), "", {"^GSPC": "^GSPC", "GSPC": "GSPC"}),
        (("AAPL", "MKT"), "AAPL,^MKT", {"AAPL": "AAPL", "MKT": "MKT", "yahoo:AAPL": "AAPL", "^MKT": "^MKT"}),
        (("a/b", "x:y", "007", "yes"), "", {"a/b": "a/b", "x:y": "x:y", "007": "007", "yes": "yes"}),
        (("A" * 90, "A" * 91), "", {"A" * 80: "A" * 90, "files:" + "A" * 74: "A" * 91}),
    ],
)
def test_every_symbol_has_a_name_of_its_own_in_whatever_order_they_come(place, heads, yahoo, names):
    (place / "p.csv").write_text(days_of(*heads), encoding="utf-8")
    done = eventstudy("init", "p.csv", *(("--yahoo", yahoo) if yahoo else ()))
    assert (done.code, done.err) == (0, "")
    assets = load_config(place / "config.yaml", {}).assets
    assert {name: asset.symbol or name for name, asset in assets.items()} == names
    assert eventstudy("init", "--check").code == 0


def test_symbols_of_yahoo_need_no_file(place):
    done = eventstudy("init", "--yahoo", "AAPL, MSFT,^GSPC")
    assert (done.code, done.err) == (0, "")
    config = load_config(place / "config.yaml", {})
    assert {name: asset.symbol or name for name, asset in config.assets.items()} == {
        "AAPL": "AAPL",
        "MSFT": "MSFT",
        "GSPC": "^GSPC",
    }
    assert config.studies[0].benchmark == "GSPC"


def test_every_setting_stands_there_in_a_comment(place):
    shutil.copy(CASES / "prices.csv", place)
    eventstudy("init", "prices.csv", "--yahoo", "AAPL")
    text = (place / "config.yaml").read_text("utf-8")
    keys = set(re.findall(r"^[\s#-]*(\w+):", text, re.MULTILINE))
    wanted = {*Config.model_fields, *StudyConfig.model_fields, *KINDS["files"].keys, *KINDS["yahoo"].keys}
    assert wanted - {"clock_studies"} <= keys  # the studies by the minute, which stand among the studies of the file


@pytest.mark.parametrize("key", ["alpha", "seed", "retry"])
def test_a_comment_without_its_sign_is_a_setting(place, key):
    shutil.copy(CASES / "prices.csv", place)
    eventstudy("init", "prices.csv")
    path = place / "config.yaml"
    new = re.sub(
        rf"^( *)# ({key}:.*\n(?:#   .*\n)*)",
        lambda m: m[1] + m[2].replace("\n#", "\n"),
        path.read_text(),
        flags=re.MULTILINE,
    )
    path.write_text(new, encoding="utf-8")
    config = load_config(path, {})
    assert key in config.model_fields_set | config.studies[0].model_fields_set


def test_settings_that_are_there_are_never_written_over(place):
    shutil.copy(CASES / "prices.csv", place)
    (place / "config.yaml").write_text("mine", encoding="utf-8")
    done = eventstudy("init", "prices.csv")
    assert done.code == 1
    assert "there are settings already" in done.err
    assert (place / "config.yaml").read_text("utf-8") == "mine"
    assert sorted(p.name for p in place.iterdir()) == ["config.yaml", "prices.csv"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "give a file of prices"),
        (("nothing.csv",), 2, "does not exist"),
        (("prices.csv", "--benchmark", "MTK"), 1, "did you mean 'MKT'"),
        (("prices.csv", "--events", "prices.csv"), 1, "no column"),
        (("prices.csv", "--zone", "EST5"), 2, "unknown time zone"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(place, arguments, code, words):
    shutil.copy(CASES / "prices.csv", place)
    done = eventstudy("init", *arguments)
    assert done.code == code
    assert words in done.err
    assert not (place / "config.yaml").exists()


@pytest.mark.parametrize("cell", ["12.4.5", "-3", "9" * 400])
def test_a_price_that_is_none_is_said_before_settings_are_written(place, cell):
    (place / "p.csv").write_text(f"date,AAA,BBB\n2020-01-02,1,\n2020-01-03,1,\n2020-01-06,{cell},\n", encoding="utf-8")
    done = eventstudy("init", "p.csv")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("Error: p.csv, line 4, column AAA: ")
    assert not (place / "config.yaml").exists()


def test_check_names_what_is_wrong_and_writes_nothing(place):
    shutil.copy(CASES / "prices.csv", place)
    shutil.copy(CASES / "events.csv", place)
    eventstudy("init", "prices.csv", "--events", "events.csv")
    assert eventstudy("init", "--check").code == 0
    (place / "events.csv").write_text("event_id,asset,date\ne1,NOPE,2020-07-15\n", encoding="utf-8")
    (place / "prices.csv").write_text("date,MKT\nsoon,1\n", encoding="utf-8")
    done = eventstudy("init", "--check")
    assert done.code == 1
    assert "sources.files" in done.err
    assert "NOPE" in done.err
    assert not (place / "var").exists()
