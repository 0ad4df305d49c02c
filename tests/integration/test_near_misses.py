"""A name that is nearly right is asked back about, and a value that no data could make right is wrong usage."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import eventstudy
from tests.support.passes import run, write_config

ROOT = Path(__file__).parents[2]
AT = ("--title", "X", "--at", "2023-03-17T07:00Z", "--asset")
TABLES = ("study", "--prices", "tests/data/cases/prices.csv", "--events", "tests/data/cases/events.csv", "--benchmark")


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = write_config(tmp_path_factory.mktemp("place"))
    run(path)
    return path


@pytest.mark.parametrize(
    ("words", "code", "meant"),
    [
        (("rport",), 2, "Did you mean 'report'?"),
        (("report", "vist"), 1, "did you mean 'visit'?"),
        (("report", *AT, "gbpusd"), 1, "did you mean 'GBPUSD'?"),
        (("report", *AT, "GBP/USD"), 1, "did you mean 'GBPUSD'?"),
        (("report", *AT, "usd/cny"), 1, "did you mean 'USDCNY'?"),
        (("report", *AT, "USDCYN"), 1, "did you mean 'USDCNY'?"),
        (("report", *AT, "USDMXM"), 1, "did you mean 'USDMXN'?"),  # no asset: the source has it
        (("report", *AT, "ecb:SDUMXN"), 1, "did you mean 'USDMXN'?"),
        (("report", *AT, "AAPL"), 1, "known are EURUSD"),  # nearly no pair
        (("prices", "pull", "usd/mxm"), 1, "did you mean 'USDMXN'?"),
        (
            ("report", "--title", "X", "--at", "2023-03-17", "--zone", "Europe/Berln", "--asset", "EURUSD"),
            2,
            "/Berlin'",
        ),
        (("run", "--event", "vist"), 2, "did you mean 'visit'?"),
        (("bundle", "totl"), 1, "did you mean 'total'?"),
        (("claims", "x", "--event", "vist"), 1, "did you mean 'visit'?"),
        (("query", "reactons"), 1, "did you mean 'reactions'?"),
        (("query", "select carr from reactions"), 1, "did you mean 'car'?"),
        (("query", "select * from reactons"), 1, "did you mean 'reactions'?"),
        (("query", "strongest", "--columns", "carr"), 1, "did you mean 'car'?"),
        (("export", "reactions", "--asset", "eurusd", "-o", "{folder}/x.csv"), 0, "did you mean 'EURUSD'?"),
        (("events", "list", "--asset", "eurusd"), 0, "did you mean 'EURUSD'?"),
        (("prices", "show", "eurusd"), 1, "did you mean 'EURUSD'?"),
        (("prices", "revisions", "usd/cny"), 1, "did you mean 'USDCNY'?"),
        (("prices", "pull", "usdcny"), 1, "did you mean 'USDCNY'?"),
        (("prices", "pull", "ebc:USDCNY"), 1, "did you mean 'ecb'?"),
        (("study", "--stored", "--study", "totl"), 2, "did you mean 'total'?"),
        (("study", "--stored", "--event", "vist"), 1, "did you mean 'visit'?"),
        (("study", "--stored", "--kind", "anouncement"), 1, "did you mean 'announcement'?"),
        ((*TABLES, "MTK"), 1, "did you mean 'MKT'?"),
        ((*TABLES, "MKT", "--tests", "patel_z"), 2, "did you mean 'patell_z'?"),
        ((*TABLES, "MKT", "--calendar", "XNYX"), 2, "did you mean 'XNYS'?"),
    ],
)
def test_a_near_miss_is_asked_about(config, words, code, meant):
    ours = () if "--prices" in words or words == ("rport",) else ("--config", config)
    done = eventstudy(*(word.format(folder=config.parent) for word in words), *ours)
    assert done.code == code
    assert meant in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("prices", "pull", "--from", "2023-02-01", "--to", "2023-01-01"), "swap them"),
        (("schedule", "--health", "nowhere"), "write for example 127.0.0.1:9090"),
        (("init", "--yahoo", "AAPL", "--zone", "Mars"), "unknown time zone 'Mars'"),
        (("init", "--yahoo", "AAPL", "--close-time", "25:00"), "write for example 17:35"),
        ((*TABLES, "MKT", "--confirm", "AAA"), "is not ASSET:DATE"),
        (("query", 'select "\udce4"'), "not valid UTF-8"),
        (("prices", "show", "\udce4"), "not valid UTF-8"),
    ],
)
def test_a_value_that_is_wrong_whatever_the_data_are_is_code_2_in_one_line(config, words, says):
    done = eventstudy(*words, *(() if "--prices" in words else ("--config", config)))
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("report", "visit", "--out"),
        ("report", "visit", "--pdf"),
        ("query", "reactions", "-o"),
        ("export", "reactions", "-o"),
        ("export", "reactions", "--dry-run", "-o"),
        ("bundle", "visit", "-o"),
        ("prices", "export", "USDCNY", "--output"),
        ("plan", "--event", "visit", "-o"),
        *((*TABLES, "MKT", option) for option in ("-o", "--report", "--pdf", "--into")),
    ],
)
def test_a_file_is_refused_before_any_work_where_there_is_no_folder_for_it(config, words):
    folder = config.parent
    before = sorted(folder.rglob("*"))
    done = eventstudy(*words, folder / "no" / "file.csv", *(() if "--prices" in words else ("--config", config)))
    assert (done.code, done.out) == (2, "")
    assert f"there is no folder '{folder / 'no'}'" in done.err
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("name", ["USDCNY", "ecb:USDCNY"])
def test_an_asset_and_a_symbol_name_the_same_prices_everywhere(config, name):
    for command in ("show", "pull", "export", "doubts"):
        assert eventstudy("prices", command, name, "--config", config).code == 0


def test_a_symbol_of_a_source_that_is_no_asset_can_be_pulled(config):
    done = eventstudy("prices", "pull", "USDMXN", "--from", "2023-03-01", "--to", "2023-03-10", "--config", config)
    assert (done.code, done.out) == (0, "1 series, 8 new or revised bars, 0 faults\n")


def test_settings_that_are_named_and_are_not_there_are_not_replaced_by_others(tmp_path, monkeypatch):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "eventstudy.db").touch()
    monkeypatch.chdir(tmp_path)
    done = eventstudy("status", "--config", "other.yaml")
    assert done.code == 1
    assert "other.yaml: there is no such file" in done.err


def test_text_in_utf8_is_read_in_a_locale_that_knows_ascii_alone(config):
    line = [sys.executable, "-m", "eventstudy", "query", "select 'Grüße 中' as ä", "--format", "csv", "--db"]
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = subprocess.run([*line, str(config.with_name("es.db"))], env=env, capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout.decode()) == (0, "ä\nGrüße 中\n"), done.stderr
