"""A thousand announcements by the minute: 500 symbols, a year of minute bars in Parquet, five windows each.

Usage: python bench/minutes.py [SYMBOLS] [EVENTS]. Prints time, and the largest memory of the process that studies.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd


def make(folder: Path, symbols: int, events: int) -> None:
    """Write bars.parquet, a row group per symbol, and events.csv."""
    import exchange_calendars
    import pyarrow as pa
    import pyarrow.parquet as pq

    calendar = exchange_calendars.get_calendar("XNYS", start="2022-01-03", end="2022-12-30")
    minutes = calendar.minutes
    rng = np.random.default_rng(1)
    names = ["MKT", *(f"S{i:03d}" for i in range(symbols - 1))]
    writer = None
    for name in names:
        move = 0.0004 * rng.standard_normal(minutes.size)
        close = 100 * np.exp(np.cumsum(move))
        spread = np.abs(0.0003 * rng.standard_normal((2, minutes.size)))
        table = pa.table(
            {
                "symbol": pa.array([name] * minutes.size).dictionary_encode(),
                "start": pa.array(minutes.as_unit("us").to_numpy(), type=pa.timestamp("us", tz="UTC")),
                "open": close * np.exp(-move),
                "high": close * (1 + spread[0]),
                "low": close * (1 - spread[1]),
                "close": close,
                "volume": rng.integers(1, 1000, minutes.size).astype(float),
            }
        )
        writer = writer or pq.ParquetWriter(folder / "bars.parquet", table.schema)
        writer.write_table(table, row_group_size=minutes.size)
    writer.close()
    chosen = rng.integers(90 * 390, minutes.size - 390, events)
    frame = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(events)],
            "asset": rng.choice(names[1:], events),
            "announced_at": minutes[chosen].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    frame.to_csv(folder / "events.csv", index=False)


def main() -> None:
    symbols, events = (
        (int(a) for a in (*sys.argv[1:], "500", "1000")[:2]) if len(sys.argv) < 3 else map(int, sys.argv[1:3])
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make(folder, symbols, events)
        files = ["--prices", str(folder / "bars.parquet"), "--events", str(folder / "events.csv")]
        windows = [f"--window={w}" for w in ("0m:5m", "0m:30m", "0m:60m", "-10m:20m", "0m:close")]
        command = [sys.executable, "-m", "eventstudy", "study", "--bar", "1m", *files, "--calendar", "XNYS", *windows]
        start = time.perf_counter()
        with (folder / "out.json").open("w") as out:
            done = subprocess.run([*command, "--benchmark", "MKT", "--json"], stdout=out, check=False)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        print(
            f"{symbols} symbols, {events} events, exit code {done.returncode}: {seconds:.1f} s, {peak:.2f} GiB at most"
        )


if __name__ == "__main__":
    main()
