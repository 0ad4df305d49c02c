"""A first pass and a second one: CPU per event, and the size of the database, by how many announcements there are.

    python bench/first_pass.py              # 500, 2,000 and 10,000 announcements
    python bench/first_pass.py 500          # only so many

Announcements come from a CSV feed; each has three currencies in two studies, five windows and 120 placebo days, on the
bundled rates of the ECB, pages included. Every pass is `eventstudy run` in a process of its own. Our modules are
compiled first, as pip does when it installs them: where Python may not keep what it compiles, that is a second of each
pass.
"""

from __future__ import annotations

import compileall
import csv
import datetime as dt
import itertools
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import eventstudy
import jobs

SETTINGS = """\
version: 1
database: {folder}/es.db
reports: {folder}/reports
sources:
  ecb: {{kind: ecb}}
assets:
{assets}
  basket: {{basket: {{members: [{names}], leave_one_out: true}}}}
studies:
  - id: total
    model: constant-mean
    returns: simple
    estimation: [-135, -16]
    event_window: [-5, 5]
    windows: [[0, 0], [0, 1], [-1, 1], [-5, -1], [-5, 5]]
  - id: relative
    model: market
    benchmark: basket
    returns: simple
    estimation: [-135, -16]
    event_window: [-5, 5]
    windows: [[0, 0], [0, 1], [-1, 1], [-5, -1], [-5, 5]]
feeds:
  - {{id: list, kind: csv, path: {folder}/events.csv}}
"""
PAIRS = ("EURUSD", "GBPUSD", "USDJPY", "USDCHF", "USDCAD", "AUDUSD", "NZDUSD", "USDSEK", "USDNOK", "EURCHF")


def write(folder: Path, count: int) -> Path:
    """Settings and the feed."""
    chance = random.Random(1)
    assets = "\n".join(f"  {pair}: {{source: ecb}}" for pair in PAIRS)
    text = SETTINGS.format(folder=folder, assets=assets, names=", ".join(PAIRS))
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    first = dt.datetime(2002, 1, 2, 9, tzinfo=dt.UTC)
    triples = list(itertools.combinations(PAIRS, 3))
    with (folder / "events.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "title", "announced_at", "assets"])
        for i in range(count):
            moment = first + dt.timedelta(days=chance.randrange(8600), minutes=chance.randrange(600))
            table.writerow(
                [f"e{i}", f"Announcement {i}", f"{moment:%Y-%m-%dT%H:%MZ}", ";".join(chance.choice(triples))]
            )
    return path


def cpu_of(path: Path) -> tuple[float, int]:
    """Seconds of CPU of one pass, and its exit code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "eventstudy", "run", "--config", str(path)], capture_output=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.returncode


def main() -> None:
    for package in (eventstudy, jobs):
        for place in package.__path__:
            compileall.compile_dir(place, quiet=1)
    print("announcements  first pass  per event  code  database with -wal  per event  second pass  code")
    for count in [int(word) for word in sys.argv[1:]] or [500, 2000, 10000]:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            path = write(folder, count)
            first, code = cpu_of(path)
            size = sum(file.stat().st_size for file in folder.glob("es.db*") if "json" not in file.name)
            second, again = cpu_of(path)
            print(
                f"{count:>13,} {first:>9.1f} s {1000 * first / count:>7.1f} ms {code:>5} {size / 1e6:>15.1f} MB "
                f"{size / 1e3 / count:>7.1f} kB {second:>10.1f} s {again:>5}",
                flush=True,
            )


if __name__ == "__main__":
    main()
