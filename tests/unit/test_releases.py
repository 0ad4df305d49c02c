"""The releases of central banks that are known to the minute: whose they are, near what, and what they confound."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from eventstudy.config.load import load_config
from eventstudy.events import releases
from eventstudy.instants import parse
from eventstudy.prices.assets import currencies
from eventstudy.records import Event, Window
from eventstudy.study.verdict import priced_context
from tests.support.command import eventstudy
from tests.support.passes import rows, write_config

SHIPPED = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture(scope="module")
def config():
    return load_config(SHIPPED, {})


def event(at: str, *assets: str, title: str = "News", until: str | None = None, kind: str = "announcement") -> Event:
    return Event(event_id="news", title=title, earliest=parse(at), latest=parse(until or at), assets=assets, kind=kind)


def ids(found: list[Event]) -> list[str]:
    return sorted(release.event_id for release in found)


def test_the_files_are_whole_and_in_order():
    for key, count in (("fomc", 562), ("ecb", 587)):
        found = releases.releases(key)
        assert len(found) == count
        assert len({release.event_id for release in found}) == count
        assert [r.earliest for r in found] == sorted(r.earliest for r in found)


def test_a_release_near_an_announcement_of_a_concerned_asset_is_found(config):
    assert ids(releases.near(config, [event("2022-09-08T08:00:00Z", "EURUSD")])) == [
        "ecb-press-conference-2022-09-08",
        "ecb-press-release-2022-09-08",
    ]
    # of the dollar's side: minutes of 17 August 2022, and nothing else within a week before and ten days after
    assert ids(releases.near(config, [event("2022-08-17T08:00:00Z", "USDJPY")])) == ["fomc-minutes-2022-08-17"]


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (event("2022-09-08T12:15:00Z", "EURGBP"), 0),  # the decision itself, to the minute
        (event("2022-09-08T08:00:00Z", "EURGBP", title="The ECB raises rates by 75 basis points"), 0),
        (event("2022-09-08T08:00:00Z", "EURGBP", title="A recebo"), 2),  # a word that only holds the letters
        (event("2022-09-08T08:00:00Z", "USDJPY"), 0),  # no euro in it
    ],
)
def test_what_was_announced_is_no_other_news(config, given, left):
    assert len(releases.near(config, [given])) == left


def test_a_context_of_the_users_own_stands_for_a_release_in_it(config):
    own = event("2022-09-08T12:00:00Z", until="2022-09-08T14:00:00Z", kind="context")
    assert releases.near(config, [own, event("2022-09-08T08:00:00Z", "EURGBP")]) == []


def test_a_key_switches_them_off(config):
    off = config.model_copy(update={"releases": ()})
    assert releases.near(off, [event("2022-09-08T08:00:00Z", "EURUSD")]) == []


@pytest.mark.parametrize(
    ("asset", "symbol", "found"),
    [
        ("share", "AAPL", {"USD"}),
        ("share", "SAP.DE", {"EUR"}),
        ("share", "7203.T", set()),
        ("share", "^GSPC", {"USD"}),
        ("share", "^GDAXI", {"EUR"}),
        ("share", "^N225", set()),
        ("share", "JPY=X", {"USD", "JPY"}),
        ("share", "BTC-EUR", {"EUR"}),
        ("dollar-index", None, {"USD", "EUR", "JPY", "GBP", "CAD", "SEK", "CHF"}),
        ("EURCHF", None, {"EUR", "CHF"}),
    ],
)
def test_an_asset_is_made_of_currencies(config, asset, symbol, found):
    if symbol is not None:
        ecb = config.sources["ecb"]
        yahoo = ecb.model_copy(update={"kind": "yahoo"})
        entry = config.assets["EURUSD"].model_copy(update={"source": "yahoo", "symbol": symbol})
        config = config.model_copy(
            update={"sources": {**config.sources, "yahoo": yahoo}, "assets": {**config.assets, asset: entry}}
        )
    assert currencies(config, asset) == found


INSTANTS = np.array([f"2022-09-{day:02}T12:15" for day in (5, 6, 7, 8, 9, 12, 13)], dtype="datetime64[ns]")
DAY0 = 2  # 7 September


@pytest.mark.parametrize(
    ("at", "window", "confounds"),
    [
        ("2022-09-06T12:15:00Z", (0, 0), True),  # at the price before: the next one is the first that can know
        ("2022-09-06T12:14:59Z", (0, 0), False),
        ("2022-09-07T12:14:59Z", (0, 0), True),
        ("2022-09-07T12:15:00Z", (0, 0), False),
        ("2022-09-07T12:15:00Z", (0, 1), True),
        ("2022-09-08T12:15:00Z", (0, 1), False),
        ("2022-09-08T18:00:00Z", (-2, 4), False),  # priced on the second day after
        ("2022-09-05T18:00:00Z", (-2, 4), False),  # priced on the day before
        ("2022-09-07T18:00:00Z", (-2, 4), True),
        ("2022-09-06T18:00:00Z", (-2, -1), False),
        ("2022-09-06T18:00:00Z", (2, 4), False),
    ],
)
def test_a_release_confounds_by_its_first_possible_price_on_day_0_or_the_day_after(at, window, confounds):
    release = Event(event_id="r", title="r", earliest=parse(at), latest=parse(at), kind="context", concerns="EUR")
    assert bool(priced_context([release], INSTANTS, DAY0, Window(*window), {"EUR", "USD"})) is confounds
    assert priced_context([release], INSTANTS, DAY0, Window(*window), {"USD"}) == ()


def test_a_context_of_the_users_own_confounds_every_window_that_prices_it():
    own = event("2022-09-05T18:00:00Z", kind="context")
    assert priced_context([own], INSTANTS, DAY0, Window(-1, 1), frozenset()) == ("news",)
    assert priced_context([own], INSTANTS, DAY0, Window(0, 1), frozenset()) == ()


def test_the_page_says_what_was_checked_and_what_is_not_on_file(config):
    said = releases.checked(config, event("2025-12-20T08:00:00Z", "USDJPY"), ())
    assert "none on file around these days" in said
    assert "none is on file after 10 December 2025" in said
    assert "ECB" not in said
    assert "does not show its cause" in said


def test_dates_are_those_of_the_file():
    with (Path(releases.__file__).parent / "fomc.csv").open(encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    assert releases.releases("fomc")[0].earliest == dt.datetime(1994, 2, 4, 16, 5, tzinfo=dt.UTC)
    assert first["announced_at"] == "1994-02-04T16:05:00Z"


def test_a_release_is_context_of_a_pass_and_is_listed_when_asked_for_alone(tmp_path):
    more = '  - {id: news, title: News, announced_at: "2022-09-08T08:00Z", assets: [EURUSD]}\n'
    path = write_config(tmp_path, ("releases: []\n", ""), more=more)
    arguments = ("--config", path)
    assert eventstudy("run", *arguments).code == 0
    # the fixing of 14:15 in Frankfurt is taken at the minute of the decision: the next one is the first to know
    sql = "select context from reactions where event_id = 'news' and asset = 'EURUSD' and window_end = ?"
    assert rows(tmp_path / "es.db", sql, 0) == [("[]",)]
    assert rows(tmp_path / "es.db", sql, 1) == [
        ('["ecb-press-release-2022-09-08", "ecb-press-conference-2022-09-08"]',)
    ]
    assert "ecb-press" not in eventstudy("events", "list", *arguments).out
    assert "ecb-press-release-2022-09-08" in eventstudy("events", "list", *arguments, "--origin", "releases").out
    before = rows(tmp_path / "es.db", "select count(*), max(version) from event_versions")
    assert eventstudy("run", *arguments).code == 0
    assert rows(tmp_path / "es.db", "select count(*) from runs") == [(1,)]
    assert rows(tmp_path / "es.db", "select count(*), max(version) from event_versions") == before
    (page,) = (tmp_path / "reports").glob("news.html")
    assert "checked against the releases of the" in page.read_text("utf-8").lower()
