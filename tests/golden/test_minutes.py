"""The intraday golden case through the command line: made by a slow, independent reference of methods-intraday."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

from tests.support.command import eventstudy

CASE = Path(__file__).parent / "case8_intraday"
EXPECTED = json.loads((CASE / "expected.json").read_text("utf-8"))["events"]
WINDOWS = ("0m:5m", "0m:30m", "0m:60m", "-30m:0m", "-10m:20m", "0m:close")
NAMES = {"p": "p_value", "paced_p": "paced_p_value"}
PARTS = ("clock", "paced", "benchmark", "benchmark_paced", "low", "high")


def label(window):
    return tuple(end if isinstance(end, str) else f"{end}m" for end in window)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    events = tmp_path_factory.mktemp("case8") / "events.csv"
    rows = {(e["event_id"], e["asset"]): e["announced_at"] for e in EXPECTED}
    with events.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["event_id", "asset", "announced_at"])
        table.writerows([*key, at] for key, at in rows.items())
    options = [part for window in WINDOWS for part in (f"--window={window}",)]
    prices = ("--prices", CASE / "bars.csv", "--events", events, "--calendar", "XNYS", "--benchmark", "MKT")
    done = eventstudy("study", "--bar", "5m", *prices, *options, "--json")
    assert done.code == 3, done.err  # some windows are refused
    document = json.loads(done.out)
    assert document["schema"] == "eventstudy.intraday/1"
    return {
        (event["event_id"], event["asset"], tuple(window["window"])): (event, window)
        for event in document["events"]
        for window in event["windows"]
    }


def is_close(a, b):
    if isinstance(b, float):
        return a is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-15)
    return a == b


def ids(row):
    return f"{row['event_id']}-{':'.join(label(row['window']))}"


@pytest.mark.parametrize("wanted", EXPECTED, ids=ids)
def test_every_figure_of_the_case(found, wanted):
    event, window = found[wanted["event_id"], wanted["asset"], label(wanted["window"])]
    assert window["reason_code"] == wanted.get("reason")
    if "session" in wanted:
        assert (event["session"], event["is_open"]) == (wanted["session"], wanted["is_open"])
    if "move" in wanted:
        assert is_close(window["move"], wanted["move"])
        for side in ("base", "end"):
            assert window[side]["at"] == wanted[f"{side}_at"]
            assert is_close(window[side]["price"], wanted[f"{side}_price"])
    for part in PARTS:
        figures = wanted.get(part)
        if not figures or "reason" in figures:
            # `low` and `high` of a refused window keep their move; a part without figures is null with a reason
            if part not in ("low", "high"):
                assert window[part] is None
                assert window.get(f"{part}_reason") or window["reason"]
            continue
        for name, value in figures.items():
            assert is_close(window[part][NAMES.get(name, name)], value), (part, name)


def test_the_case_is_whole(found):
    assert len(found) == len(EXPECTED) == 144
