"""A file whose dates are all a day early, on an asset whose calendar the settings name: no verdict, until confirmed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.command import eventstudy
from tests.support.passes import rows, run, write_config

DAYS = np.arange(np.datetime64("2022-10-03"), np.datetime64("2023-05-01"))
DAYS = DAYS[np.is_busday(DAYS)]
CLOSES = np.round(100 * np.exp(np.cumsum(np.random.default_rng(11).normal(0, 0.01, DAYS.size))), 4)


def config(folder: Path, calendar: str, step: int) -> Path:
    lines = [f"{day},{close}" for day, close in zip(DAYS + step, CLOSES, strict=True)]
    (folder / "p.csv").write_text("\n".join(["date,AAA", *lines, ""]))
    return write_config(
        folder,
        ("  ecb: {kind: ecb}", f"  ecb: {{kind: files, path: {folder}/p.csv}}"),
        ("  EURUSD: {source: ecb}\n  USDCNY: {source: ecb, title: the dollar in yuan}\n  USDRUB: {source: ecb}\n",
         f"  AAA: {{source: ecb{calendar}}}\n"),
        ("assets: [USDCNY, EURUSD]", "assets: [AAA]"),
        ('  - {id: meeting, title: A meeting, announced_at: "2022-09-15T07:00Z", assets: [USDCNY]}\n', ""),
    )  # fmt: skip


def story(folder: Path) -> tuple[str, str | None]:
    [found] = rows(folder / "es.db", "select status, reason from events where event_id = 'visit'")
    return found


def test_days_that_the_calendar_of_the_settings_holds_closed_beside_sessions_without_a_bar_are_in_doubt(tmp_path):
    path = config(tmp_path, ", calendar: XNYS", -1)
    assert run(path).exit_code == 3
    status, reason = story(tmp_path)
    assert status == "failed"
    assert reason.startswith("price in doubt: AAA: week whose dates seem to be a day off on 2023-03-16 (a bar on 2023-")
    assert "2023-03-16" in eventstudy("prices", "doubts", "AAA", "--config", path).out
    own = ("--by", "Ann Lee", "--reason", "as on the tape", "--dry-run", "--config", path)
    assert "a day off" in eventstudy("prices", "confirm", "AAA", "2023-03-16", *own).out


def test_where_the_settings_say_that_there_is_no_calendar_its_bars_count(tmp_path):
    path = config(tmp_path, ", calendar: none", -1)
    assert run(path).exit_code == 0
    assert story(tmp_path) == ("ok", None)
    assert "no price is in doubt" in eventstudy("prices", "doubts", "--config", path).out


@pytest.mark.parametrize(
    ("calendar", "is_told"), [("", True), (", calendar: XSAU", False), (", calendar: none", False)]
)
def test_weeks_from_sunday_to_thursday_are_told_where_no_calendar_is_named(tmp_path, calendar, is_told):
    assert run(config(tmp_path, calendar, -1)).exit_code == 0
    [(notes,)] = rows(tmp_path / "es.db", "select text from analyses join texts on text_id = notes_id")
    assert ("all dates are a day early: name its calendar" in notes) == is_told
