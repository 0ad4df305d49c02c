"""A database of made-up prices for the tests of claims: every number that a claim can meet is set here by hand.

Prices before 13 March 2023 go to and fro between two of them. From then on, in the order of `DAYS`:

| asset | closes | low and high of 17 March |
|---|---|---|
| AAA | 100, 101, 100, 100, 99.76; 102 | 99.40, 100.20; of 20 March 99.50, 103.00 |
| ICE (title: ICE US dollar index) | as AAA | as AAA |
| CLO | as AAA | none: closes alone |
| USDJPY | 133, 134, 133.5, 133, 131.80; 131 | 131.50, 133.50 |
| SPL | 50 on 17 March, and two shares for one on 20 March | none |
| DBT | as AAA, and a low of 100.50 on 17 March, above the close: in doubt | |
| MIN | as AAA, with bars of five minutes on 17 March, see `minutes` | as AAA |
"""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path

import numpy as np

from eventstudy.archive import answers as archive
from eventstudy.config.load import load_config
from eventstudy.database.connection import open_database, transaction
from eventstudy.events.build import from_config
from eventstudy.records import Snapshot
from jobs import nightly
from tests.support.passes import NOW
from tests.support.series import weekdays

DAYS = [np.datetime64(f"2023-03-{day}", "D") for day in (13, 14, 15, 16, 17, 20)]
AAA = [100.0, 101.0, 100.0, 100.0, 99.76, 102.0]
YEN = [133.0, 134.0, 133.5, 133.0, 131.8, 131.0]
LOWS = {"AAA": {4: (99.4, 100.2), 5: (99.5, 103.0)}, "USDJPY": {4: (131.5, 133.5)}}
BEFORE = 90

CONFIG = """\
version: 1
database: {folder}/es.db
reports: {folder}/reports
releases: []
sources:
  desk: {{kind: files, path: {folder}/bars.csv, shape: long, close_time: "21:00", zone: UTC, currency: USD}}
assets:
  AAA: {{source: desk, title: Acme}}
  ICE: {{source: desk, title: the ICE US dollar index}}
  CLO: {{source: desk, title: Clove}}
  USDJPY: {{source: desk, title: the dollar in yen}}
  SPL: {{source: desk, title: Splendid}}
  MIN: {{source: desk, title: Minerva}}
  DBT: {{source: desk, title: Doubtful}}
studies:
  - {{id: total, model: constant-mean, returns: simple, estimation: [-60, -11], event_window: [-2, 1],
     windows: [[0, 0]]}}
events:
  - id: visit
    title: A visit
    announced_at: "2023-03-17T07:00Z"
    assets: [AAA, ICE, CLO, USDJPY, SPL, MIN]
    claims:
      - The dollar index extended its loss after the news of the visit, falling as much as 0.5%.
      - Acme rose 3%.
  - {{id: alone, title: One asset, announced_at: "2023-03-17T07:00Z", assets: [AAA]}}
  - {{id: between, title: Some time, announced_between: ["2023-03-17T07:00Z", "2023-03-18T07:00Z"], assets: [AAA]}}
  - {{id: doubt, title: Of a price in doubt, announced_at: "2023-03-17T07:00Z", assets: [DBT]}}
  - {{id: monday, title: On Monday, announced_at: "2023-03-20T07:00Z", assets: [AAA, CLO],
     claims: ["</td><script>alert(1)</script> & \u202eClove rose 2.2%"]}}
"""


def build(folder: Path) -> Path:
    """Settings, prices and one pass in `folder`; return its config.yaml."""
    (folder / "bars.csv").write_text(_table(), encoding="utf-8")
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(folder=folder), encoding="utf-8")
    config = load_config(path, environ={})
    nightly.run(config, from_config(config, path.name), now=lambda: NOW, trigger="test")
    with contextlib.closing(open_database(config.database)) as db, transaction(db) as connection:
        asked = (dt.date(2023, 3, 16), dt.date(2023, 3, 18))
        archive.save(connection, minutes(), asked=asked, fetched_at=NOW)
    return path


def _table() -> str:
    days = [*weekdays("2022-11-07", BEFORE), *DAYS]
    lines = ["symbol,date,open,high,low,close,split"]
    for symbol in ("AAA", "ICE", "CLO", "USDJPY", "SPL", "MIN", "DBT"):
        last = YEN if symbol == "USDJPY" else [50.0, 50.2] * 3 if symbol == "SPL" else AAA
        swing = (132.5, 133.0) if symbol == "USDJPY" else (50.0, 50.2) if symbol == "SPL" else (100.0, 100.5)
        closes = [swing[i % 2] for i in range(BEFORE)] + last
        own = LOWS.get("USDJPY" if symbol == "USDJPY" else "AAA", {}) if symbol not in ("CLO", "SPL") else {}
        for i, (day, close) in enumerate(zip(days, closes, strict=True)):
            low, high = own.get(i - BEFORE, (close, close)) if own else ("", "")
            if symbol == "DBT" and i == BEFORE + 4:
                low, high = 100.5, 101.0
            split = 2 if symbol == "SPL" and i == BEFORE + 5 else 1
            lines.append(f"{symbol},{day},,{high},{low},{close},{split}")
    return "\n".join(lines) + "\n"


def minutes() -> Snapshot:
    """Bars of five minutes of MIN on 17 March, from midnight to 21:00 UTC; the close before is 100.

    Until the news at 07:00 they stand at 99.90 (low 99.85); then at 99.70, with a low of 99.30 at 12:00 and 99.80 at
    14:30; from 18:00 on at 99.76.
    """
    starts = np.datetime64("2023-03-17T00:00", "ns") + np.arange(252) * np.timedelta64(5, "m")
    hours = np.arange(252) / 12
    close = np.where(hours < 7, 99.9, np.where(hours < 18, 99.7, 99.76))
    close[hours == 14.5] = 99.8
    low = np.where(hours < 7, 99.85, close)
    low[hours == 12] = 99.3
    return Snapshot(
        source="desk",
        symbol="MIN",
        currency="USD",
        version="1",
        bar="5m",
        sessions=starts.astype("datetime64[D]"),
        starts=starts,
        instants=starts + np.timedelta64(5, "m"),
        close=close,
        high=close,
        low=low,
        dividends=np.full(252, np.nan),
    )
