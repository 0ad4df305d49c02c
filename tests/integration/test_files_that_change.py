"""A file of prices is never down: what changed in it is read by the next pass, which no retry has to wait for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import eventstudy
from tests.support.passes import dump, rows, run, write_config

DAYS = [str(day) for day in np.arange("2022-10-03", "2023-05-01", dtype="datetime64[D]") if np.is_busday(day)]
CLOSES = np.round(100 * np.exp(np.cumsum(np.random.default_rng(11).normal(0, 0.01, len(DAYS)))), 4)
DAY0 = DAYS.index("2023-03-17")
MOVE = CLOSES[DAY0] / CLOSES[DAY0 - 1] - 1
PRIMARY = "select move from reactions where event_id = 'visit' and is_primary"


def config(folder: Path) -> Path:
    return write_config(
        folder,
        ("  ecb: {kind: ecb}", f"  ecb: {{kind: files, path: {folder}/p.csv}}"),
        ("  EURUSD: {source: ecb}\n  USDCNY: {source: ecb, title: the dollar in yuan}\n  USDRUB: {source: ecb}\n",
         "  AAA: {source: ecb}\n"),
        ("assets: [USDCNY, EURUSD]", "assets: [AAA]"),
        ('  - {id: meeting, title: A meeting, announced_at: "2022-09-15T07:00Z", assets: [USDCNY]}\n', ""),
    )  # fmt: skip


def put(folder: Path, changed: Mapping[str, str | None] | None = None, last: int = len(DAYS)) -> None:
    cells = {day: f"{price}" for day, price in zip(DAYS[:last], CLOSES, strict=False)} | dict(changed or {})
    lines = [f"{day},{cell}" for day, cell in cells.items() if cell is not None]
    (folder / "p.csv").write_text("\n".join(["date,AAA", *lines, ""]))


def move(folder: Path) -> float | None:
    ((found,),) = rows(folder / "es.db", PRIMARY)
    return found


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(dict.fromkeys(DAYS[DAY0 - 4 : DAY0]), id="days that were left out"),
        pytest.param({DAYS[DAY0]: f"{CLOSES[DAY0] * 1.03:.4f}"}, id="a price that was wrong"),
        pytest.param({DAYS[DAY0 - 40]: f"{CLOSES[DAY0 - 40] * 1.02:.4f}"}, id="one of the estimation window"),
    ],
)
def test_what_changed_long_after_an_event_was_finished_is_read_by_the_next_pass(
    tmp_path: Path, changed: Mapping[str, str | None]
) -> None:
    path = config(tmp_path)
    put(tmp_path, changed)
    assert run(path).exit_code == 0
    assert run(path).studied == []
    put(tmp_path)
    assert run(path).studied == ["visit"]
    assert move(tmp_path) == pytest.approx(MOVE, abs=1e-12)
    before = dump(tmp_path / "es.db")
    assert run(path).studied == []
    assert dump(tmp_path / "es.db") == before


def test_a_file_that_lacks_the_days_of_an_event_is_no_failure_that_waits_for_another_attempt(tmp_path: Path) -> None:
    path = config(tmp_path)
    put(tmp_path, dict.fromkeys(DAYS[:-8]))  # days that come after all windows are there
    for _ in range(2):
        result = run(path)
        assert (result.exit_code, result.outcomes["visit"][0]) == (3, "skipped")
        assert "no finished price between" in (result.outcomes["visit"][1] or "")
        assert rows(tmp_path / "es.db", "select count(*) from retry_queue") == [(0,)]
    put(tmp_path)
    assert (run(path).exit_code, move(tmp_path)) == (0, pytest.approx(MOVE, abs=1e-12))


def test_a_file_that_changes_where_no_event_looks_studies_nothing_again(tmp_path: Path) -> None:
    path = config(tmp_path)
    put(tmp_path, last=len(DAYS) - 1)
    assert run(path).exit_code == 0
    put(tmp_path)
    assert run(path).studied == []
    assert run(path).results_written == 0


def test_one_cause_is_one_line_however_many_symbols_met_it(tmp_path: Path) -> None:
    assets = "  AAA: {source: ecb}\n  BBB: {source: ecb}\n"
    second = '  - {id: second, title: Another, announced_at: "2023-03-20T07:00Z", assets: [BBB]}\n'
    text = config(tmp_path).read_text("utf-8").replace("  AAA: {source: ecb}\n", assets)
    path = tmp_path / "config.yaml"
    path.write_text(text.replace("schedule:", f"{second}schedule:"), "utf-8")
    (tmp_path / "p.csv").write_text("date,AAA,BBB\nnot,a\n")
    done = eventstudy("run", "--config", path)
    assert done.code == 3
    (line,) = (line for line in done.err.splitlines() if "p.csv, line 2" in line)
    assert line.startswith("visit, second: skipped: ecb: p.csv, line 2")
