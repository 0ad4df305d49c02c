"""How long a pass takes to know its events, when they stand in one CSV file: read anew, and when it is as it was.

Run ``python bench/feeds.py``. Times vary with the machine; the ratio says what matters.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from pathlib import Path

from eventstudy.config.load import load_config
from eventstudy.store import by_hand as hand
from eventstudy.store.sync import gather

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
SETTINGS = """\
version: 1
database: {folder}/es.db
sources: {{ecb: {{kind: ecb}}}}
assets: {{USDCNY: {{source: ecb}}}}
studies:
  - {{id: total, model: constant-mean, returns: simple,
     estimation: [-60, -11], event_window: [-2, 2], windows: [[0, 0]]}}
feeds:
  - {{id: desk, kind: csv, path: {folder}/desk.csv, assets: [USDCNY]}}
"""


def measure(count: int) -> tuple[float, float, float]:
    """Seconds to read `count` events anew, to write them, and to gather them when nothing changed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.yaml").write_text(SETTINGS.format(folder=folder), encoding="utf-8")
        rows = (f"e{i},Event {i},20{i % 20 + 2:02}-{i % 12 + 1:02}-{i % 28 + 1:02}T07:00Z\n" for i in range(count))
        (folder / "desk.csv").write_text("id,title,announced_at\n" + "".join(rows), encoding="utf-8")
        config = load_config(folder / "config.yaml", {})
        anew, again = [], []
        for _ in range(3):
            start = time.perf_counter()
            gathered = gather(config, NOW)
            anew.append(time.perf_counter() - start)
        start = time.perf_counter()
        hand.write_feeds(config.database, gathered, NOW)
        write = time.perf_counter() - start
        for _ in range(3):
            start = time.perf_counter()
            hand.write_feeds(config.database, gather(config, NOW), NOW)
            again.append(time.perf_counter() - start)
        return min(anew), write, min(again)


def main() -> None:
    print(f"{'events':>8} {'read anew':>10} {'first write':>12} {'unchanged, read and written':>28} {'ratio':>6}")
    for count in (100, 1_000, 10_000):
        anew, write, again = measure(count)
        print(f"{count:8,} {anew:9.3f}s {write:11.3f}s {again:27.3f}s {(anew + write) / again:6.1f}")


if __name__ == "__main__":
    main()
