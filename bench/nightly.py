"""A night without news: seconds of processor time of a pass over finished events, by how many there are.

    python bench/nightly.py                 # 100 and 1,000 events, half a minute of which most is to make them
    python bench/nightly.py --events 10000  # the first pass alone takes some six minutes

Makes a database for each number of events in a temporary folder, or in `--folder`, where it is found again; then runs
`eventstudy run` as a process of its own, and the parts of the pass one by one in this process.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAD = """\
version: 1
database: {folder}/es.db
reports: {folder}/reports
sources:
  ecb: {{kind: ecb}}
assets:
  EURUSD: {{source: ecb}}
  USDCNY: {{source: ecb}}
studies:
  - id: total
    model: constant-mean
    returns: simple
    estimation: [-60, -11]
    event_window: [-2, 2]
    windows: [[0, 0], [0, 1]]
events:
"""
EVENT = '  - {{id: e{0}, title: Event {0}, announced_at: "{1:%Y-%m-%dT%H:%MZ}", assets: [USDCNY, EURUSD]}}\n'
REPEATS = 3


def write_settings(folder: Path, count: int) -> Path:
    """Settings with so many events, all long finished."""
    chance = random.Random(1)
    first = dt.datetime(2006, 1, 3, 7, tzinfo=dt.UTC)
    days = (first + dt.timedelta(days=chance.randrange(6500)) for _ in range(count))
    path = folder / "config.yaml"
    path.write_text(
        HEAD.format(folder=folder) + "".join(EVENT.format(i, day) for i, day in enumerate(days)), encoding="utf-8"
    )
    return path


def command(path: Path) -> float:
    """Seconds of CPU of `eventstudy run` as a process, imports included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "eventstudy", "run", "--config", str(path)], capture_output=True, check=False
    )
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr.decode())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def parts(path: Path) -> tuple[float, float]:
    """Seconds of CPU of reading the settings, and of the plan, in a process that has imported everything."""
    from eventstudy.cli.common import load
    from jobs import plan

    gc.disable()  # as the command does
    began = time.process_time()
    config, events = load(path)
    read = time.process_time()
    if plan.read_plan(config, events, dt.datetime.now(dt.UTC)).has_events:
        raise SystemExit("something is due: nothing is measured")
    return read - began, time.process_time() - read


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    print(f"{'events':>7}  {'first pass':>10}  {'no news':>8}  {'of it: settings':>15}  {'plan':>6}  {'rest':>6}")
    with tempfile.TemporaryDirectory() as temporary:
        for count in given.events:
            folder = (given.folder or Path(temporary)) / str(count)
            folder.mkdir(parents=True, exist_ok=True)
            path = write_settings(folder, count)
            first = command(path)
            whole = min(command(path) for _ in range(REPEATS))
            settings, plan = (min(times) for times in zip(*(parts(path) for _ in range(REPEATS)), strict=True))
            rest = whole - settings - plan
            print(f"{count:>7,}  {first:>9.1f}s  {whole:>7.2f}s  {settings:>14.2f}s  {plan:>5.2f}s  {rest:>5.2f}s")


if __name__ == "__main__":
    main()
