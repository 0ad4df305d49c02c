"""Passes of the main job in a folder of their own: a small one that takes a tenth of a second, and what they left."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eventstudy.config.load import load_config
from eventstudy.config.model import Config
from eventstudy.database import reading
from eventstudy.events.build import from_config
from eventstudy.store.heartbeat import Heartbeat, heartbeat
from jobs import nightly

NOW = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)

SMALL = """\
version: 1
database: {folder}/es.db
reports: {folder}/reports
releases: []
sources:
  ecb: {{kind: ecb}}
assets:
  EURUSD: {{source: ecb}}
  USDCNY: {{source: ecb, title: the dollar in yuan}}
  USDRUB: {{source: ecb}}
studies:
  - id: total
    model: constant-mean
    returns: simple
    estimation: [-60, -11]
    event_window: [-2, 2]
    windows: [[0, 0], [0, 1]]
events:
  - {{id: visit, title: A visit, announced_at: "2023-03-17T07:00Z", assets: [USDCNY, EURUSD]}}
  - {{id: meeting, title: A meeting, announced_at: "2022-09-15T07:00Z", assets: [USDCNY]}}
schedule: {{at: "23:30", zone: UTC, days: mon-sun}}
"""

# A second study, by an edit: it stands where the events begin.
RELATIVE = """\
  - id: relative
    model: market
    benchmark: EURUSD
    returns: simple
    estimation: [-60, -11]
    event_window: [-2, 2]
    windows: [[0, 0], [0, 1]]
events:
"""


def write_config(folder: Path, *edits: tuple[str, str], more: str = "") -> Path:
    """The small settings in `folder`, with every (old, new) of `edits` replaced and `more` events."""
    text = SMALL.format(folder=folder).replace("schedule:", f"{more}schedule:")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def run(path: Path, **options: Any) -> nightly.PassResult:
    """One pass at a fixed time."""
    config, events = loaded(path)
    return nightly.run(config, events, **{"now": lambda: NOW, "trigger": "test", **options})


def loaded(path: Path) -> tuple[Config, tuple[Any, ...]]:
    config = load_config(path, environ={})
    return config, from_config(config, path.name)


def rows(database: Path, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()


def answer(database: Path, sql: str, **options: Any) -> list[tuple[Any, ...]]:
    """The rows that `eventstudy query` gives."""
    with reading.select(database, sql, **options) as found:
        return list(found.rows)


def dump(database: Path) -> list[str]:
    """Every statement that would rebuild the database, sorted: a copy keeps its tables in another order."""
    connection = sqlite3.connect(database)
    try:
        return sorted(connection.iterdump())
    finally:
        connection.close()


_UNIT = "study_id, event_id, asset, alignment"
_RESULTS = {
    "events": "select * from events",
    "studies": "select * from studies",
    "bars": "select source, symbol, bar, session, instant, close, dividend from bars",
    "analyses": f"select {_UNIT}, asset_title, position, status, reason, day0, price_before, price_at, df, sigma, "
    "coefficients, diagnostics, n.text as notes, m.text as method, code_version, config_hash, input_hash "
    "from analyses join texts n on n.text_id = notes_id join texts m on m.text_id = method_id",
    "windows": f"select {_UNIT}, w.* from window_results w join analyses using (analysis_id)",
    "tests": f"select {_UNIT}, t.* from tests t join analyses using (analysis_id)",
    "daily": f"select {_UNIT}, d.* from daily d join analyses using (analysis_id)",
    "joint": "select * from joint_tests",
}


def results(database: Path) -> dict[str, list[str]]:
    """Everything stored but numbers of rows and runs, which depend on the order of work; sorted."""
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    try:
        return {
            name: sorted(
                repr([(key, row[key]) for key in row.keys() if key != "analysis_id"])  # noqa: SIM118  # a Row iterates over values
                for row in connection.execute(sql)
            )
            for name, sql in _RESULTS.items()
        }
    finally:
        connection.close()


def states(database: Path) -> list[tuple[Any, ...]]:
    """What passes know of every event, for comparison as `results`."""
    return rows(
        database,
        "select event_id, state_key, open_until, is_settled, pending_reason, is_page_due, answer, failures "
        "from event_states",
    )


def faults(database: Path) -> list[Any]:
    """What SQLite itself finds wrong with the file; empty when nothing is."""
    connection = sqlite3.connect(database)
    try:
        integrity = [row for row in connection.execute("pragma integrity_check") if row != ("ok",)]
        return [*integrity, *connection.execute("pragma foreign_key_check")]
    finally:
        connection.close()


def pages(folder: Path) -> dict[str, tuple[str, int]]:
    """Name → (content, time of last change) of every file in `folder`, hidden ones included."""
    return {p.name: (p.read_text("utf-8"), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


def unsettle(database: Path) -> None:
    """Make the next pass ask for everything again, as if no day had been settled by an answer."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("update snapshots set covered_to = null")
    connection.close()


class Down:
    """A source that fails, as `kind` says, for the symbols in `symbols` (all when None)."""

    def __init__(self, real: Any, error: Callable[[str], Exception], symbols: set[str] | None = None) -> None:
        self.name, self.version = real.name, real.version
        self._real, self._error, self._symbols = real, error, symbols

    def fetch(self, symbol: str, start: dt.date, end: dt.date) -> Any:
        if self._symbols is None or symbol in self._symbols:
            raise self._error(symbol)
        return self._real.fetch(symbol, start, end)


def beat(folder: Path) -> Heartbeat:
    """The heartbeat beside the database of `folder`."""
    found = heartbeat(folder / "es.db")
    assert found is not None
    return found


def revise_a_price(connection: sqlite3.Connection) -> None:
    """Another answer, ten minutes later, with a price of EURUSD of 17 March 2023 that is 1 % higher."""
    connection.execute(
        "insert into snapshots (source, symbol, bar, asked_from, asked_to, fetched_at, row_count, new_rows, "
        "content_hash, currency, version, notes) select source, symbol, bar, asked_from, asked_to, "
        "'2026-11-20T23:40:00Z', 1, 1, '', currency, version, notes from snapshots where symbol = 'EURUSD' limit 1"
    )
    connection.execute(
        "insert into bar_versions (series_id, label, snapshot_id, session, instant, close, dividend) "
        "select series_id, label, last_insert_rowid(), session, instant, close * 1.01, dividend from bar_versions "
        "join series using (series_id) where symbol = 'EURUSD' and session = 19433"  # 2023-03-17
    )
