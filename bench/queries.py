"""Twelve questions of analysts: milliseconds of CPU, by how many announcements the results database has.

    python bench/queries.py                # 2,000 and 100,000 announcements; some ten minutes
    python bench/queries.py 2000           # only so many

The database is made as anybody can make one: `eventstudy study --into`, twice, with the market model and a constant
mean, on 500 simulated series of 20 years. For each question: what SQLite takes for its first 1,000 rows, the least of
three, and the whole command as a process, start included, least and median of fifteen, all questions in turn. Then
every query with each of its options and each pair of them: which answers take more than 50 ms, as the least of nine.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.database import reading
from eventstudy.store.queries import QUERIES

ASSETS = 500
TAGS = ("china", "rates", "earnings", "merger", "war", "election")
QUESTIONS: tuple[tuple[str, dict[str, object]], ...] = (
    ("strongest", {}),
    ("reactions", {"asset": "A001", "since": "2015", "min_t": 2}),
    ("reactions", {"event": "e000017"}),
    ("by-tag", {}),
    ("by-tag", {"since": "2022"}),
    ("by-tag", {"since": "2015", "kind": "merger"}),
    ("by-year", {"asset": "A001"}),
    ("by-year", {"kind": "merger"}),
    ("by-weekday", {}),
    ("by-weekday", {"since": "2015"}),
    ("by-weekday", {"tag": "china"}),
    ("by-tag", {"window": "-1:1", "window_start": -1, "window_end": 1}),
    ("collections", {}),
    ("disagreements", {}),
    ("before", {"min_t": 2}),
    ("failed", {}),
    ("changed", {}),
    ("revised", {}),
)
TURNS = 15
VALUES: dict[str, tuple[object, ...]] = {
    "event": ("e000017",),
    "asset": ("A001",),
    "study": ("constant-mean",),
    "kind": ("merger",),
    "tag": ("china",),
    "verdict": ("strong", "none"),
    "since": ("2015", "2022"),
    "until": ("2008",),
    "min_t": (2.0, 0.5, 5.0),
    "window": ("-1:1",),
}
ALLOWED = 50.0  # milliseconds


def write(folder: Path, count: int) -> None:
    """Prices and events."""
    chance = np.random.default_rng(7)
    days = pd.bdate_range("2004-01-01", periods=5200)
    market = chance.normal(0, 0.01, len(days))
    series = {"MKT": 100 * np.exp(np.cumsum(market))}
    for number in range(ASSETS):
        returns = chance.uniform(0.5, 1.5) * market + chance.normal(0, 0.012, len(days))
        series[f"A{number:03d}"] = 50 * np.exp(np.cumsum(returns))
    pd.DataFrame(series, index=days.rename("date")).round(6).reset_index().to_parquet(folder / "prices.parquet")
    places = chance.integers(300, len(days) - 30, count)
    pd.DataFrame(
        {
            "event_id": [f"e{n:06d}" for n in range(count)],
            "asset": [f"A{n:03d}" for n in chance.integers(0, ASSETS, count)],
            "date": days[places].strftime("%Y-%m-%d"),
            "title": [f"Announcement {n}" for n in range(count)],
            "kind": chance.choice(["meeting", "earnings", "merger"], count),
            "tags": [";".join(chance.choice(TAGS, 2, replace=False)) for _ in range(count)],
        }
    ).to_csv(folder / "events.csv", index=False)


def cpu_of(*arguments: object) -> tuple[float, str]:
    """Seconds of CPU of a command, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    line = [sys.executable, "-m", "eventstudy", *map(str, arguments)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stderr


def asked(database: Path, name: str, given: dict[str, object], turns: int = 3) -> tuple[float, int]:
    """Milliseconds of CPU of the first 1,000 rows, and how many they are."""
    query = QUERIES[name]
    statement = query.statement(given, query.limit)
    times = []
    with contextlib.closing(reading.connect(database)) as connection:
        for _ in range(turns):
            began = time.process_time()
            rows = connection.execute(statement, given).fetchmany(1000)
            times.append(time.process_time() - began)
    return 1e3 * min(times), len(rows)


def processes(database: Path) -> dict[str, list[float]]:
    """Seconds of CPU of each question as a command, and of `--version`, which asks no database; all in turn."""
    lines: dict[str, tuple[object, ...]] = {"--version": ("--version",)}
    for name, given in QUESTIONS:
        options = [f"--{key.replace('_', '-')}={given[key]}" for key in given if key in QUERIES[name].filters]
        lines[" ".join([name, *options])] = "query", name, *options, "--limit", 20, "--db", database
    out: dict[str, list[float]] = {words: [] for words in lines}
    for _, (words, line) in itertools.product(range(TURNS), lines.items()):
        out[words].append(cpu_of(*line)[0])
    return out


def every() -> list[tuple[str, dict[str, object]]]:
    """Every query of ours with none of its options, each with each of its values, and each pair of them."""
    out: list[tuple[str, dict[str, object]]] = []
    for query in QUERIES.ours:
        out.append((query.name, {}))
        out += [(query.name, {option: value}) for option in query.filters for value in VALUES[option]]
        pairs = itertools.combinations(query.filters, 2)
        out += [(query.name, {option: VALUES[option][0] for option in pair}) for pair in pairs]
    return [(name, given | {"window_start": -1, "window_end": 1}) for name, given in out]


def main() -> None:
    """Print a table for each number of announcements."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # commands are compiled, as those that are installed
    for count in [int(word) for word in sys.argv[1:]] or [2000, 100_000]:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            write(folder, count)
            database = folder / "es.db"
            files = ("--prices", folder / "prices.parquet", "--events", folder / "events.csv", "--benchmark", "MKT")
            for name in ("market", "constant-mean"):
                seconds, said = cpu_of("study", *files, "--model", name, "--into", database, "--as", name)
                print(f"{seconds:.1f} s of CPU: {said.strip().splitlines()[-1].partition(': ')[2]}")
            print(f"{database.stat().st_size / 1e6:,.0f} MB\n\nquestion | SQL | rows seen | command\n---|--:|--:|--:")
            answers = [("", ""), *(asked(database, name, given) for name, given in QUESTIONS)]
            for (words, found), (took, rows) in zip(processes(database).items(), answers, strict=True):
                said = f"{1e3 * min(found):.0f}, {1e3 * statistics.median(found):.0f}"
                print(f"`{words}` | {took and f'{took:.1f}'} | {rows} | {said}", flush=True)
            combinations = every()
            slow = [(took, *one) for one in combinations if (took := asked(database, *one, 9)[0]) > ALLOWED]
            print(f"\n{len(slow)} of {len(combinations)} take more than {ALLOWED:g} ms", *slow, "", sep="\n")


if __name__ == "__main__":
    main()
