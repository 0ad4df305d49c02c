"""One announcement from the archive, by the minute and by days: CPU of a pass that studies it and writes its page.

Usage: python bench/one_event.py [SIZE] [SESSIONS] [--extended]. Bars of SIZE (1m) of a share and its benchmark over
SESSIONS (80), the last of them six after the announcement, and five windows; with --extended bars from 04:00 to 20:00,
and a study of them. Beside it the same announcement on 350 daily closes, with as many windows. Both kinds of pass run
in turn, in this process, on what a first one stored; prints the least and the median of each, and the differences.
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import exchange_calendars
import numpy as np
import pandas as pd

from eventstudy.config.load import load_config
from eventstudy.events.build import from_config
from jobs import nightly

SETTINGS = """\
version: 1
database: {folder}/es.db
reports: {folder}/reports
releases: []
captures: {{bars: []}}
sources:
  mine: {{kind: files, path: {folder}/prices.csv, bar: {bar}, currency: USD, columns: {{date: start}}}}
assets:
  AAA: {{source: mine, calendar: XNYS}}
  MKT: {{source: mine, calendar: XNYS}}
studies:
  - {{id: one, benchmark: MKT, alpha: 0.05, {study}}}
events:
  - {{id: news, title: The news, announced_at: "2023-03-22T18:00Z", assets: [AAA]}}
"""
MINUTES = "bar: {bar}, extended: {extended}, windows: [[0m, 5m], [0m, 30m], [-10m, 20m], [0m, close], [0m, next-open]]"
DAYS = (
    "model: market, returns: log, estimation: [-250, -11], event_window: [-5, 5], "
    "windows: [[0, 0], [0, 1], [-1, 1], [0, 5], [-5, -1]]"
)
REPEATS = 10
NOW = dt.datetime(2023, 4, 10, 23, 30, tzinfo=dt.UTC)


def starts_of(
    calendar: exchange_calendars.ExchangeCalendar, day: pd.Timestamp, bar: str, hours: list[str]
) -> list[str]:
    """When the bars of a session begin."""
    first, last = calendar.session_open(day), calendar.session_close(day)
    if hours:
        first, last = (pd.Timestamp(f"{day:%Y-%m-%d} {hour}", tz=calendar.tz) for hour in hours)
    return pd.date_range(first, last, freq=pd.Timedelta(bar), inclusive="left").map(pd.Timestamp.isoformat).tolist()


def write(folder: Path, starts: list[str], bar: str, study: str) -> Path:
    """Prices of both symbols that begin at `starts`, and settings."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    tables = []
    for symbol in ("AAA", "MKT"):
        move = 0.0005 * rng.standard_normal(len(starts))
        close = np.round(50 * np.exp(np.cumsum(move)), 4)
        opening = np.round(close * np.exp(-move), 4)
        high, low = np.maximum(opening, close) * 1.0003, np.minimum(opening, close) * 0.9997
        prices = {"open": opening, "high": high.round(4), "low": low.round(4), "close": close}
        tables.append(pd.DataFrame({"symbol": symbol, "start": starts, **prices, "volume": 100}))
    pd.concat(tables).to_csv(folder / "prices.csv", index=False)
    path = folder / "config.yaml"
    path.write_text(SETTINGS.format(folder=folder, bar=bar, study=study), encoding="utf-8")
    return path


def cpu_of(path: Path, alpha: float) -> float:
    """Seconds of CPU of a pass at another level than before, so that all is studied anew."""
    path.write_text(re.sub(r"alpha: [\d.]+", f"alpha: {alpha:.3f}", path.read_text("utf-8")), encoding="utf-8")
    config = load_config(path, environ={})
    events = from_config(config, path.name)
    before = time.process_time()
    done = nightly.run(config, events, now=lambda: NOW, trigger="bench")
    assert done.exit_code == 0, done.troubles
    return time.process_time() - before


def main() -> None:
    words = [word for word in sys.argv[1:] if word[0].isdigit()]
    sessions = int(next((word for word in words if word.isdigit()), 80))
    bar = next((word for word in words if not word.isdigit()), "1m")
    extended = "--extended" in sys.argv
    calendar = exchange_calendars.get_calendar("XNYS", start="2021-11-01", end="2023-03-31")
    days = calendar.sessions_in_range("2021-11-10", "2023-03-30")
    hours = ["04:00", "20:00"] if extended else []
    starts = [start for day in days[-sessions:] for start in starts_of(calendar, day, bar, hours)]
    with tempfile.TemporaryDirectory() as place:
        study = MINUTES.format(bar=bar, extended=str(extended).lower())
        paths = {
            f"bars of {bar}": write(Path(place) / "minutes", starts, bar, study),
            "days": write(Path(place) / "days", days.strftime("%Y-%m-%d").tolist(), "1d", DAYS),
        }
        for path in paths.values():
            cpu_of(path, 0.05)  # the first has the prices to store, and libraries to load
        found: dict[str, list[float]] = {name: [] for name in paths}
        for k in range(REPEATS):
            for name, path in paths.items():
                found[name].append(cpu_of(path, 0.04 - 0.001 * k))
    print(f"{len(starts):,} bars of each of two symbols; seconds of CPU, least and median of {REPEATS} passes")
    for name, times in found.items():
        print(f"{name:>12}: {min(times):.3f}  {statistics.median(times):.3f}")
    by_minute, by_day = found.values()
    least, middle = (of(by_minute) - of(by_day) for of in (min, statistics.median))
    print(f"{'beyond':>12}: {least:.3f}  {middle:.3f}")


if __name__ == "__main__":
    main()
