"""Half-days, Thanksgiving, the end of summer time and last bars, by hand, through the command line and the database."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path

import pandas as pd
import pytest

from tests.support import minutes_by_hand as by_hand
from tests.support.command import eventstudy
from tests.support.passes import answer, run, write_config
from tests.unit.test_minutes_by_hand import ANNOUNCED, NAMES, SIZE, WINDOWS, ZONE, bars, is_same, sessions

ENDS = [f"{a}m:{b}" if b == "close" else f"{a}m:{b}m" for a, b in WINDOWS]
NIGHT = dt.datetime(2022, 12, 5, 23, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def wanted():
    """Announcement and window → the figures of the slow reading."""
    known = sessions("2022-08-01", "2022-12-15")
    own = {
        symbol: by_hand.Series(rows.to_dict("records"), known, SIZE, ZONE) for symbol, rows in bars().groupby("symbol")
    }
    return {
        (at, ends): by_hand.study(own["AAA"], own["MKT"], dt.datetime.fromisoformat(at), bounds, ZONE)
        for at in ANNOUNCED
        for ends, bounds in zip(ENDS, WINDOWS, strict=True)
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bars in a file, the announcements in another and in settings, and a pass over them."""
    folder = tmp_path_factory.mktemp("hand")
    table = bars()
    table["start"] = pd.to_datetime(table["start"], utc=True).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    table.to_csv(folder / "bars.csv", index=False)
    pd.DataFrame({"event_id": ANNOUNCED, "asset": "AAA", "announced_at": ANNOUNCED}).to_csv(
        folder / "events.csv", index=False
    )
    path = write_config(folder)
    head, _, _ = path.read_text("utf-8").partition("sources:")
    listed = "".join(
        f"  - {{id: e{i}, title: News {i}, announced_at: '{at}', assets: [AAA]}}\n" for i, at in enumerate(ANNOUNCED)
    )
    windows = ", ".join(f'"{ends}"' for ends in ENDS)
    path.write_text(
        f"""{head}sources:
  file: {{kind: files, path: {folder}/bars.csv, bar: 30m, currency: USD, columns: {{date: start}}}}
assets:
  AAA: {{source: file, calendar: XNYS}}
  MKT: {{source: file, calendar: XNYS}}
studies:
  - {{id: hand, bar: 30m, benchmark: MKT, mask_events: false, windows: [{windows}]}}
captures: {{bars: []}}
events:
{listed}""",
        "utf-8",
    )
    run(path, now=lambda: NIGHT)
    return folder


def compare(window, figures, where):
    assert window["reason_code"] == figures.get("reason"), where
    if "move" in figures:
        assert is_same(window["move"], figures["move"]), where
        assert is_same(window["base"]["at"], figures["base_at"]), where
        assert is_same(window["end"]["at"], figures["end_at"]), where
    for part in ("clock", "paced", "benchmark", "benchmark_paced", "low", "high"):
        for name, value in figures.get(part, {}).items():
            if name == "reason":
                assert window[part] is None, where
            else:
                assert is_same(window[part][NAMES.get(name, name)], value), (*where, part, name)


def test_the_command_line_gives_the_figures_of_a_slow_reading(folder: Path, wanted):
    files = ("--prices", folder / "bars.csv", "--events", folder / "events.csv")
    more = [part for ends in ENDS for part in (f"--window={ends}",)]
    done = eventstudy("study", "--bar", "30m", *files, "--calendar", "XNYS", "--benchmark", "MKT", *more, "--json")
    assert done.code == 3  # some windows are refused
    rows = {row["event_id"]: row for row in json.loads(done.out)["events"]}
    for (at, ends), figures in wanted.items():
        compare(rows[at]["windows"][ENDS.index(ends)], figures, (at, ends))


def test_the_database_holds_the_figures_of_a_slow_reading(folder: Path, wanted):
    documents = {
        event_id: json.loads(text)
        for event_id, text in answer(
            folder / "es.db", "select event_id, document from clock_documents join analyses using (analysis_id)"
        )
    }
    assert len(documents) == len(ANNOUNCED)
    stored = {
        (event_id, start, end): rest
        for event_id, start, end, *rest in answer(
            folder / "es.db", "select event_id, window_start, window_end, t, p, placebo_p, car from reactions"
        )
    }
    tested = 0
    for (at, ends), figures in wanted.items():
        name, bounds = f"e{ANNOUNCED.index(at)}", WINDOWS[ENDS.index(ends)]
        compare(documents[name]["windows"][ENDS.index(ends)], figures, (at, ends))
        t, p, placebo, car = stored[name, *bounds]
        if "reason" in figures or "reason" in figures["paced"]:
            assert (t, p, car) == (None, None, None)
            continue
        paced = figures["paced"]
        for found, value in ((t, paced["t"]), (p, paced["p"]), (placebo, paced["placebo_p"])):
            assert math.isclose(found, value, rel_tol=1e-9), (at, ends)
        assert math.isclose(car, figures["move"] - paced["mean"] * paced["pace"], rel_tol=1e-9, abs_tol=1e-13)
        tested += 1
    assert tested > len(ANNOUNCED)
