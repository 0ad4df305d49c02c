"""The archive of another version, as CSV files that `eventstudy query` of that version wrote, brought in as it was.

Answers keep their times, their hashes and every version of every bar; their seals are made anew.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eventstudy.archive import seal
from eventstudy.archive.bars import DAILY, DAY_SECONDS, FIELDS, Key, series_of
from eventstudy.errors import DataError
from eventstudy.instants import parse, stamp

_EPOCH = dt.date(1970, 1, 1).toordinal()
_TEXTS = ("asked_from", "asked_to", "content_hash", "currency", "version", "notes")
_OPTIONAL = ("answered_from", "answered_to", "covered_from", "covered_to", "stored_hash")

Row = Mapping[str, str]


@dataclass(slots=True)
class _Numbers:
    """What the numbers of the files are here."""

    series: dict[Key, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)


def carry(connection: sqlite3.Connection, folder: Path) -> dict[str, int]:
    """Write what the files of `folder` hold; return how many rows each has.

    Parameters
    ----------
    connection : sqlite3.Connection
        Inside a transaction of the caller.
    folder : Path
        With ``snapshots.csv`` and ``bars.csv``, and the others of `_FILES` if there are any.

    Raises
    ------
    DataError
        When a file is missing or holds something else, naming file and line, or when a series is stored already.
    """
    numbers, count = _Numbers(), dict[str, int]()
    for name, put in _FILES.items():
        path = folder / f"{name}.csv"
        count[name] = 0
        if name in ("snapshots", "bars") or path.is_file():
            for line, row in _rows(path):
                try:
                    put(connection, row, numbers)
                except (KeyError, ValueError, TypeError, sqlite3.IntegrityError) as error:
                    problem = f"no column {error}" if isinstance(error, KeyError) else str(error)
                    where, remedy = f"{path}, line {line}", "write the file again, as the refusal of the database said"
                    raise DataError(problem, where=where, remedy=remedy) from error
                count[name] += 1
    for key in numbers.series:
        found = connection.execute(
            "select snapshot_id from snapshots where source = ? and symbol = ? and bar = ? order by 1", key
        )
        for (snapshot_id,) in found.fetchall():
            seal.put(connection, key, snapshot_id)
    return count


def _answer(connection: sqlite3.Connection, row: Row, numbers: _Numbers) -> None:
    key = _key(row)
    if key not in numbers.series:
        if connection.execute("select 1 from snapshots where source = ? and symbol = ? and bar = ?", key).fetchone():
            raise ValueError(f"answers of {key[0]}:{key[1]} are stored already")
        numbers.series[key] = series_of(connection, key) or _insert(
            connection, "series", dict(zip(("source", "symbol", "bar"), key, strict=True))
        )
    json.loads(row["notes"])
    numbers.answers[row["snapshot_id"]] = _insert(
        connection,
        "snapshots",
        {
            **dict(zip(("source", "symbol", "bar"), key, strict=True)),
            "fetched_at": stamp(parse(row["fetched_at"])),
            **{name: int(row[name]) for name in ("row_count", "new_rows")},
            **{name: row[name] for name in _TEXTS},
            **{name: row[name] or None for name in _OPTIONAL},
            "calendar": row.get("calendar") or "",
        },
    )


def _bar(connection: sqlite3.Connection, row: Row, numbers: _Numbers) -> None:
    key, day = _key(row), dt.date.fromisoformat(row["session"]).toordinal() - _EPOCH
    label = day * DAY_SECONDS if key[2] == DAILY else _seconds(row["starts"])
    values = {name: float(row[name]) if row[name] else None for name in FIELDS}
    times = {"label": label, "session": day, "instant": _seconds(row["instant"])}
    _insert(connection, "bar_versions", {**_place(row, numbers), **times, **values})


def _rebase(connection: sqlite3.Connection, row: Row, numbers: _Numbers) -> None:
    labels = {name: int(row[name]) for name in ("first_label", "last_label")}
    rest = {"field": row["field"], "factor": float(row["factor"]), "why": row["why"]}
    _insert(connection, "rebases", {**_place(row, numbers), **labels, **rest})


def _flag(connection: sqlite3.Connection, row: Row, numbers: _Numbers) -> None:
    rest = {"label": int(row["label"]), "rule": row["rule"], "detail": row["detail"]}
    _insert(connection, "bar_flags", {**_place(row, numbers), **rest})


def _confirmation(connection: sqlite3.Connection, row: Row, numbers: _Numbers) -> None:
    rest = {name: row[name] for name in ("rule", "confirmed_by", "confirmed_at", "reason")}
    _insert(connection, "confirmed_prices", {**_place(row, numbers), "label": int(row["label"]), **rest})


_FILES = {"snapshots": _answer, "bars": _bar, "rebases": _rebase, "flags": _flag, "confirmations": _confirmation}


def _key(row: Row) -> Key:
    return row["source"], row["symbol"], row["bar"]


def _place(row: Row, numbers: _Numbers) -> dict[str, int]:
    if row["snapshot_id"] not in numbers.answers or _key(row) not in numbers.series:
        raise ValueError(f"there is no answer {row['snapshot_id']} of {row['source']}:{row['symbol']}")
    return {"series_id": numbers.series[_key(row)], "snapshot_id": numbers.answers[row["snapshot_id"]]}


def _seconds(text: str) -> int:
    return int(parse(text).timestamp())


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Line and cells of every row."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            yield from ((reader.line_num, row) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        remedy = "write the file again, as the refusal of the database said"
        raise DataError(str(error), where=str(path), remedy=remedy) from error


# By hand, as in `eventstudy.store.write`.
def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, object]) -> int:
    marks = ", ".join(itertools.repeat("?", len(row)))
    cursor = connection.execute(
        f"insert into {table} ({', '.join(row)}) values ({marks})",  # noqa: S608  # names of ours
        tuple(row.values()),
    )
    return int(cursor.lastrowid or 0)
