"""An announcement by the minute is looked at night after night, and studied again when what it rests on is another."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from eventstudy.store import states
from tests.integration.test_minutes_pass import on_files
from tests.support.command import eventstudy
from tests.support.passes import answer, rows, run

NEWS = dt.date(2023, 3, 22)
BAR = "label = unixepoch('2023-03-22T18:10:00Z')"


def night(folder: Path, whole: list[str], day: dt.date) -> int:
    """A pass on the evening of a day with the bars until then; the number of the pass that the results are from."""
    until = [line for line in whole if line.startswith("symbol") or line.split(",")[1][:10] <= f"{day}"]
    (folder / "bars.csv").write_text("".join(until), "utf-8")
    at = dt.datetime.combine(day, dt.time(23, 30), dt.UTC)
    connection = sqlite3.connect(folder / "es.db", isolation_level=None)
    with contextlib.closing(connection), contextlib.suppress(sqlite3.OperationalError):  # there is none as yet
        states.put_pending(connection, [("boundary", "bars came")])  # as on each night with standing captures
    assert run(folder / "config.yaml", now=lambda: at).counts["ok"] == 1
    ((found,),) = rows(folder / "es.db", "select distinct run_id from analyses")
    return int(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    on_files(tmp_path, "5m")
    return tmp_path


def test_bars_of_later_sessions_do_not_bear_on_an_announcement_and_a_corrected_one_does(folder: Path):
    """Its windows end on its own day; the session after tells whether the last price of it is to be trusted."""
    whole = (folder / "bars.csv").read_text("utf-8").splitlines(keepends=True)
    first = night(folder, whole, NEWS)
    second = night(folder, whole, NEWS + dt.timedelta(days=1))
    assert second > first
    assert [night(folder, whole, NEWS + dt.timedelta(days=n)) for n in (2, 5, 6)] == [second] * 3
    before = answer(folder / "es.db", "select move from reactions where window_end = 30")
    i = next(i for i, text in enumerate(whole) if "2023-03-22T18:25:00Z" in text)
    *head, high, low, close, volume = whole[i].split(",")
    middle = (float(high) + float(low)) / 2
    whole[i] = ",".join([*head, high, low, repr(middle), volume])
    assert night(folder, whole, NEWS + dt.timedelta(days=7)) > second
    ((was,), (now,)) = (*before, *answer(folder / "es.db", "select move from reactions where window_end = 30"))
    assert (1 + now) / (1 + was) == pytest.approx(middle / float(close), rel=1e-9)


def test_bars_that_are_altered_are_refused_and_once_they_are_mended_studied_again(folder: Path):
    whole = (folder / "bars.csv").read_text("utf-8").splitlines(keepends=True)
    night(folder, whole, NEWS)
    ((close,),) = rows(folder / "es.db", f"select close from bar_versions where {BAR}")
    _set(folder, close * 1.01)
    at = dt.datetime.combine(NEWS + dt.timedelta(days=1), dt.time(23, 30), dt.UTC)
    (folder / "bars.csv").write_text("".join(line for line in whole if "2023-03-24" not in line), "utf-8")
    run(folder / "config.yaml", now=lambda: at)
    ((reason,),) = answer(folder / "es.db", "select distinct reason from reactions")
    assert reason.startswith("the stored bars of AAA are not those that came")
    _set(folder, close)
    run(folder / "config.yaml", now=lambda: at + dt.timedelta(days=1))
    assert answer(folder / "es.db", "select distinct reason from reactions") == [(None,)]


def _set(folder: Path, close: float) -> None:
    connection = sqlite3.connect(folder / "es.db", isolation_level=None)
    connection.execute(f"update bar_versions set close = ? where {BAR}", (close,))
    connection.close()


@pytest.mark.parametrize(("bar", "start"), [("5m", "2023-03-22T18:10:00Z"), ("15m", "2023-03-22T18:00:00Z")])
def test_what_a_person_confirms_of_a_bar_holds_for_the_longer_one_that_is_made_of_it(tmp_path: Path, bar, start):
    """A price ten per cent off ends the quarter of an hour after the news; it is confirmed by either name."""
    on_files(tmp_path, "15m")
    whole = (tmp_path / "bars.csv").read_text("utf-8").splitlines(keepends=True)
    i = next(i for i, text in enumerate(whole) if "2023-03-22T18:10:00Z" in text)
    *head, high, low, close, volume = whole[i].split(",")
    whole[i] = ",".join([*head, str(float(high) * 1.1), low, str(float(close) * 1.1), volume])
    (tmp_path / "bars.csv").write_text("".join(whole), "utf-8")
    run(tmp_path / "config.yaml")
    of = "select window_end, price_at, verdict, reason from reactions where window_end = 15"
    ((_, _, verdict, reason),) = answer(tmp_path / "es.db", of)
    assert (verdict, reason.startswith("price in doubt: AAA")) == ("not computable", True)
    assert "`eventstudy prices confirm AAA 2023-03-22T18:00:00Z --bar 15m`" in reason
    files = ("--config", tmp_path / "config.yaml", "--by", "Ann Lee", "--reason", "as on the tape")
    done = eventstudy("prices", "confirm", "AAA", start, "--bar", bar, *files)
    assert done.code == 0, done.err
    run(tmp_path / "config.yaml")
    ((_, at, verdict, reason),) = answer(tmp_path / "es.db", of)
    assert (at, verdict, reason) == (float(close) * 1.1, "strong", None)
    page = (tmp_path / "reports" / "boundary.html").read_text("utf-8")
    assert "which a person confirmed, is confirmed with it" in page
