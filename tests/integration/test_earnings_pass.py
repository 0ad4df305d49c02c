"""Earnings dates in a pass: asked for, studied, moved, studied anew, and kept when Yahoo is down."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Done, eventstudy
from tests.support.passes import rows
from tests.support.yahoo_earnings import EarningsServer
from tests.support.yahoo_server import SERVER_ERROR, chart

SETTINGS = """\
version: 1
releases: []
database: {folder}/es.db
reports: {folder}/reports
sources:
  yahoo: {{kind: yahoo, endpoint: {url}, cache: {folder}/cache, pace: 0}}
assets:
  Goldman: {{source: yahoo, symbol: GS, title: Goldman Sachs}}
studies:
  - id: total
    model: constant-mean
    returns: simple
    estimation: [-60, -11]
    event_window: [-2, 2]
    windows: [[0, 0]]
    min_estimation: 50
feeds:
  - {{id: earnings, kind: yahoo-earnings, source: yahoo}}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def call(path: Path, *words: Any) -> Done:
    return eventstudy(*words, "--config", path)


def closes() -> list[tuple[str, float]]:
    """Every weekday of 2025, with a price that wanders a little."""
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=n) for n in range(365)]
    weekdays = [day for day in days if day.weekday() < 5]
    return [(f"{day} 09:30", 100 + (7 * n % 13) / 10) for n, day in enumerate(weekdays)]


def test_a_pass_with_earnings_dates(path):
    with EarningsServer() as yahoo:
        path.write_text(SETTINGS.format(folder=path.parent, url=yahoo.url), encoding="utf-8")
        yahoo.serve("GS", chart(closes()))
        yahoo.pages["GS"] = ["January 15, 2099 at 7 AM EST", "October 14, 2025 at 7 AM EDT"]

        for words in (("run", "--dry-run"), ("events", "list"), ("doctor",)):
            assert call(path, *words).code == 0
        assert yahoo.log == []

        assert call(path, "run").code == 0
        query = "select event_id, status from events order by event_id"
        assert rows(path.parent / "es.db", query) == [
            ("gs-earnings-2025q3", "ok"),
            ("gs-earnings-2098q4", "pending"),
        ]
        day0 = "select distinct day0 from reactions where event_id = 'gs-earnings-2025q3'"
        assert rows(path.parent / "es.db", day0) == [("2025-10-14",)]

        yahoo.pages["GS"][1] = "October 16, 2025 at 5 PM EDT"
        assert json.loads(call(path, "run", "--json").out)["results_written"] == 1
        assert rows(path.parent / "es.db", day0) == [("2025-10-17",)]  # five in the afternoon: the day after

        yahoo.trouble.extend([SERVER_ERROR] * 8)
        done = call(path, "run", "--json")
        assert done.code == 3
        assert json.loads(done.out)["troubles"] == ["GS from yahoo: Yahoo's server failed (HTTP 500); try again later"]
        assert rows(path.parent / "es.db", day0) == [("2025-10-17",)]
        assert rows(path.parent / "es.db", query)[0] == ("gs-earnings-2025q3", "ok")

        yahoo.trouble.clear()
        yahoo.trouble.extend([SERVER_ERROR] * 8)
        done = call(path, "events", "import", "--json")
        assert done.code == 3
        assert "Yahoo's server failed" in done.err
        assert yahoo.escapes == []
