"""Announcements by the minute: a year of minute bars in Parquet, five windows each, with a benchmark.

Usage: python bench/minutes.py [SYMBOLS] [EVENTS] [--mixed] [local:N …]. 50 symbols (4.9 million bars) and 100
announcements unless told otherwise; the promise is of 500 and 1,000. With --mixed the bars stand in the order of time,
all symbols in every row group. Prints seconds of CPU and of the clock, and the largest memory of a process; then the
same on a cluster of N processes, workers included, and whether the document was the same.
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
import pyarrow as pa
import pyarrow.parquet as pq

MIXED = 5 * 390  # minutes of all symbols in a row group


def make(folder: Path, symbols: int, events: int, *, is_mixed: bool = False) -> None:
    """Write bars.parquet, a row group per symbol or per some days, and events.csv."""
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start="2022-01-03", end="2022-12-30")
    minutes = calendar.minutes
    rng = np.random.default_rng(1)
    names = ["MKT", *(f"S{i:03d}" for i in range(symbols - 1))]
    starts = pa.array(minutes.as_unit("us").to_numpy(), type=pa.timestamp("us", tz="UTC"))
    schema = pa.schema(
        [
            ("symbol", pa.string()),
            ("start", starts.type),
            *((name, pa.float64()) for name in ("open", "high", "low", "close", "volume")),
        ]
    )
    with pq.ParquetWriter(folder / "bars.parquet", schema, use_dictionary=["symbol"]) as writer:
        if is_mixed:
            tables = [_bars(rng, name, starts, schema) for name in names]
            for first in range(0, minutes.size, MIXED):
                some = pa.concat_tables([table.slice(first, MIXED) for table in tables])
                writer.write_table(some.sort_by("start"), row_group_size=some.num_rows)
        else:
            for name in names:
                writer.write_table(_bars(rng, name, starts, schema), row_group_size=minutes.size)
    chosen = rng.integers(90 * 390, minutes.size - 390, events)
    frame = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(events)],
            "asset": rng.choice(names[1:], events),
            "announced_at": minutes[chosen].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    frame.to_csv(folder / "events.csv", index=False)


def _bars(rng: np.random.Generator, name: str, starts: pa.Array, schema: pa.Schema) -> pa.Table:
    n = len(starts)
    move = 0.0004 * rng.standard_normal(n, dtype=np.float32)
    close = 100 * np.exp(np.cumsum(move, dtype=float))
    spread = 1 + np.abs(0.0003 * rng.standard_normal((2, n), dtype=np.float32))
    opening = close * np.exp(-move)
    high, low = np.maximum(opening, close) * spread[0], np.minimum(opening, close) / spread[1]
    columns = [[name] * n, starts, opening, high, low, close, rng.integers(1, 1000, n).astype(float)]
    return pa.table(columns, schema=schema)


def main() -> None:
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    symbols, events = [*numbers, *(50, 100)[len(numbers) :]]
    is_mixed = "--mixed" in sys.argv
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make(folder, symbols, events, is_mixed=is_mixed)
        files = ["--prices", str(folder / "bars.parquet"), "--events", str(folder / "events.csv")]
        windows = [f"--window={w}" for w in ("0m:5m", "0m:30m", "0m:60m", "-10m:20m", "0m:close")]
        command = [sys.executable, "-m", "eventstudy", "study", "--bar", "1m", *files, "--calendar", "XNYS", *windows]
        found = []
        for where in ("one process", *(a for a in sys.argv[1:] if a.startswith("local:"))):
            more = [] if where == "one process" else ["--cluster", where]
            print(f"{symbols} symbols, {events} events, {where}: ", end="", flush=True)
            found.append(measured([*command, "--benchmark", "MKT", "--json", *more], folder / "out.json"))
        if len(found) > 1:
            print("the same document" if len(set(found)) == 1 else "THE DOCUMENTS DIFFER")


def measured(command: list[str], path: Path) -> bytes:
    """Run a command and print what it took; gives what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with path.open("w") as out:
        done = subprocess.run(command, stdout=out, check=False)
    seconds = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"exit code {done.returncode}, {cpu:.1f} s of CPU, {seconds:.1f} s by the clock, "
        f"{usage.ru_maxrss / 2**20:.2f} GiB at most"
    )
    return path.read_bytes()


if __name__ == "__main__":
    main()
