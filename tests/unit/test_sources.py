"""Kinds of source: the settings of each, and kinds that other distributions bring."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstudy.config.load import load_config
from eventstudy.errors import ConfigError
from eventstudy.prices import open_source
from eventstudy.prices.ecb import EcbSource
from eventstudy.prices.ecb_live import DAILY_FILE, LiveEcbSource
from eventstudy.prices.factors import FactorSource
from eventstudy.prices.files import FileSource
from eventstudy.prices.source import BARS, SourceFacts
from eventstudy.prices.yahoo.intraday import HISTORY
from eventstudy.prices.yahoo.source import YahooSource
from eventstudy.registry import installed
from tests.support.passes import NOW, rows, run, write_config

PLUGIN = """
import datetime as dt
import numpy as np
from eventstudy.errors import InputError, UnknownSymbol
from eventstudy.prices.source import SourceFacts, check_question
from eventstudy.records import Snapshot


class Constant:
    version = "constant 1"
    facts = SourceFacts(bars=("1d",), snapshot_time="noon UTC", delay="none", currency="XXX", calendar="weekdays")

    def __init__(self, name, level):
        self.name, self.level = name, level

    def fetch(self, symbol, start, end, bar="1d"):
        check_question(self, symbol, start, end, bar)
        if symbol != "ONE":
            raise UnknownSymbol("there is only ONE", source=self.name, symbol=symbol)
        days = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + 1)
        days = days[np.is_busday(days)]
        wave = self.level * (1 + 0.01 * np.sin(np.arange(days.size)))
        return Snapshot(
            source=self.name, symbol=symbol, currency="XXX", version=self.version, sessions=days,
            instants=days.astype("datetime64[ns]") + np.timedelta64(12, "h"), close=wave,
            dividends=np.zeros(days.size),
        )


def make(name, settings, now):
    unknown = set(settings) - {"level"}
    if unknown:
        raise InputError("unknown key", where=min(unknown), remedy="known here: level")
    return Constant(name, settings.get("level", 1.0))


def broken(name, settings, now):
    raise RuntimeError("no licence")


def nothing(name, settings, now):
    return object()
"""
ENTRIES = """\
[eventstudy.sources]
constant = made_by_a_test:make
broken = made_by_a_test:broken
nothing = made_by_a_test:nothing
absent = made_by_a_test:no_such_function
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A real distribution on the path, as pip would put it there."""
    site = tmp_path / "site"
    info = site / "made_by_a_test-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "made_by_a_test.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: made-by-a-test\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "made_by_a_test", raising=False)
    installed.cache_clear()
    yield
    installed.cache_clear()


def with_source(folder: Path, entry: str) -> Path:
    return write_config(folder, ("  ecb: {kind: ecb}\n", f"  ecb: {{kind: ecb}}\n  more: {entry}\n"))


def opened(folder: Path, entry: str) -> object:
    config = load_config(with_source(folder, entry), environ={})
    return open_source("more", config.sources["more"], lambda: NOW)


# --- kinds of ours ----------------------------------------------------------------------------------------------


def test_every_kind_is_opened_with_its_settings(tmp_path: Path) -> None:
    assert opened(tmp_path, "{kind: ecb}") == EcbSource(name="more")
    live = opened(tmp_path, "{kind: ecb, live: true, timeout: 3}")
    assert isinstance(live, LiveEcbSource)
    assert (live.name, live.url, live.timeout, live.attempts) == ("more", DAILY_FILE, 3.0, 4)
    elsewhere = opened(tmp_path, "{kind: ecb, live: true, url: 'http://localhost/x.zip', attempts: 1}")
    assert (elsewhere.url, elsewhere.attempts) == ("http://localhost/x.zip", 1)
    yahoo = opened(tmp_path, "{kind: yahoo, prepost: true, pace: 0, attempts: 7}")
    assert isinstance(yahoo, YahooSource)
    assert (yahoo.prepost, yahoo.pace, yahoo.attempts) == (True, 0.0, 7)
    text = "{kind: files, path: p.csv, shape: long, columns: {close: Kurs}, bar: 5m, zone: Asia/Tokyo, currency: JPY}"
    files = opened(tmp_path, text)
    assert isinstance(files, FileSource)
    assert (files.path, files.shape, files.bar, files.zone, files.currency) == (
        Path("p.csv"),
        "long",
        "5m",
        "Asia/Tokyo",
        "JPY",
    )
    factors = opened(tmp_path, "{kind: factors, path: f.csv}")
    assert isinstance(factors, FactorSource)
    assert factors.place == "f.csv"
    for source in (live, yahoo, files, factors):
        assert isinstance(source.facts, SourceFacts)
        assert set(source.facts.bars) <= set(BARS)
    assert tuple(HISTORY) == tuple(BARS)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{kind: ebc}", "sources.more.kind: there is no such kind of source (got 'ebc'); did you mean 'ecb'?"),
        ("{kind: zzz}", "known are ecb, yahoo, files, factors; a plug-in brings others"),
        (
            "{kind: yahoo, pase: 1}",
            "sources.more.pase: unknown key: a source of kind yahoo has no such setting; did you mean 'pace'?",
        ),
        ("{kind: ecb, prepost: true}", "sources.more.prepost: unknown key"),
        ("{kind: ecb, url: 'http://x'}", "sources.more.url: the bundled ecb history has no network; add live: true"),
        ("{kind: yahoo, pace: -1}", "sources.more.pace"),
        ("{kind: yahoo, attempts: 0}", "sources.more.attempts"),
        ("{kind: yahoo, prepost: 'yes'}", "sources.more.prepost"),
        ("{kind: files}", "sources.more.path: is missing; name a file or a folder"),
        ("{kind: files, path: p, columns: {price: X}}", "sources.more.columns.price: no such column of this shape"),
        ("{kind: files, path: p, shape: long, columns: {clos: X}}", "did you mean 'close'?"),
        ("{kind: files, path: p, bar: 2m}", "sources.more.bar"),
        ("{kind: files, path: p, bar: 5m, close_time: '16:00'}", "only daily bars have a close_time"),
        ("{kind: files, path: p, close_time: '25:00'}", "not a time of day"),
        ("{kind: files, path: p, zone: Mars}", "unknown time zone"),
        ("{kind: factors}", "a factor source has either a path or a url"),
        ("{kind: factors, path: p, url: 'http://x'}", "a factor source has either a path or a url"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, entry: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(with_source(tmp_path, entry), environ={})
    assert words in str(caught.value)


def test_a_setting_from_the_environment(tmp_path: Path) -> None:
    path = with_source(tmp_path, "{kind: yahoo}")
    config = load_config(path, environ={"EVENTSTUDY_SOURCES__MORE__PACE": "2.5"})
    assert config.sources["more"].pace == 2.5


# --- kinds of others ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("plugin")
def test_a_pass_studies_the_prices_of_a_plugin(tmp_path: Path) -> None:
    path = write_config(
        tmp_path,
        ("  ecb: {kind: ecb}\n", "  ecb: {kind: ecb}\n  more: {kind: constant, level: 7}\n"),
        ("assets:\n", "assets:\n  ONE: {source: more}\n"),
        ("assets: [USDCNY, EURUSD]", "assets: [ONE]"),
    )
    assert run(path).exit_code == 0
    found = rows(tmp_path / "es.db", "select distinct source, symbol from bars where source = 'more'")
    assert found == [("more", "ONE")]
    assert rows(tmp_path / "es.db", "select distinct status from analyses where asset = 'ONE'") == [("ok",)]


@pytest.mark.usefixtures("plugin")
def test_a_plugin_checks_its_own_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sources.more.colour: unknown key; known here: level"):
        opened(tmp_path, "{kind: constant, colour: red}")


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("broken", r"the plug-in made_by_a_test:broken cannot be used \(RuntimeError: no licence\)"),
        ("absent", "the plug-in made_by_a_test:no_such_function cannot be used"),
        ("nothing", "gives no source: it has no name, version, facts, fetch"),
    ],
)
def test_a_plugin_that_stumbles_is_named(tmp_path: Path, kind: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        opened(tmp_path, f"{{kind: {kind}}}")


@pytest.mark.usefixtures("plugin")
def test_a_kind_that_is_nearly_a_plugin(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'constant'"):
        opened(tmp_path, "{kind: constnat}")


def test_a_plugin_that_was_removed_is_missed_when_it_is_opened(tmp_path: Path) -> None:
    settings = load_config(with_source(tmp_path, "{kind: ecb}"), environ={}).sources["more"]
    gone = settings.model_copy(update={"kind": "gone"})
    with pytest.raises(ConfigError, match="install the package that brings it"):
        open_source("more", gone, lambda: dt.datetime.now(dt.UTC))
