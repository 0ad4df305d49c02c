"""What a study found as Parquet files: a row per event, per window and per day, some thousand events at a time."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy import __version__
from eventstudy.atomic import replacing
from eventstudy.errors import DataError
from eventstudy.records import Int64Array
from eventstudy.study.document import SCHEMA, averages
from eventstudy.study.findings import Findings
from eventstudy.study.result import StudyResult
from eventstudy.study.robust.found import robust_dict

EVENTS = 20_000  # at a time: some 420,000 rows of days, 40 MB
OF_RESULTS = ("windows", "days")  # tables that have events with a result alone

Columns = dict[str, Any]


def average_rows(result: Findings) -> tuple[list[str], list[tuple[Any, ...]]]:
    """A row for every test of every average: its columns, and the rows, windows in the order of the study."""
    of_test = ("statistic", "distribution", "df", "p_value", "is_valid", "validity", "reason")
    names = ["group_name", "window_start", "window_end", "n_events", "caar", "caar_low", "caar_high", "test", *of_test]
    rows = []
    for group in averages(result)["aggregate"]:
        for window in group["windows"]:
            head = (group["group"], *window["window"], window["n"], window["caar"], *window["caar_ci"])
            tests = sorted(window["tests"], key=lambda test: (not test["is_valid"], test["name"]))
            for test in tests:
                told = (int(test[name]) if name == "is_valid" else test[name] for name in of_test)
                rows.append((*head, test["name"], *told))
    return names, rows


def write_study(result: StudyResult, folder: Path, more: Mapping[str, Any] | None = None) -> dict[str, int]:
    """Write ``study.json``, ``events.parquet``, ``windows.parquet`` and ``days.parquet`` into `folder`.

    The document has no events: these are the rows of the tables. Each file is replaced in one step, the document last.
    Tables that workers have written are moved here as they are: folders of the same names, with a file for each part.

    Parameters
    ----------
    result : StudyResult
    folder : Path
    more : mapping, optional
        What else the document says.

    Returns
    -------
    dict
        Name of a table → its rows.

    Raises
    ------
    DataError
        When pyarrow is not installed.
    OSError
        When the folder cannot be written.
    """
    counts = {"events": put_rows(result, "events", folder / "events.parquet")}
    for name in OF_RESULTS:
        place = folder / f"{name}.parquet"
        if result.written is None:
            counts[name] = put_rows(result, name, place)
        else:
            counts[name] = result.written.rows[name]
            take_out(place)
            shutil.move(result.written.folder / name, place)
    robustness = None if result.robust is None else robust_dict(result.robust)
    whole = {"schema": SCHEMA, "version": __version__, **averages(result), "robustness": robustness, **(more or {})}
    with replacing(folder / "study.json") as temporary, temporary.open("w", encoding="ascii") as stream:
        stream.writelines(json.JSONEncoder(indent=1).iterencode(whole))  # a line at a time: it may have many warnings
    return counts


def put_rows(result: Findings, name: str, path: Path) -> int:
    """Write the table called `name` to `path`; gives its rows.

    Raises
    ------
    DataError
        When pyarrow is not installed.
    OSError
        When it cannot be written.
    """
    pa, pq = _pyarrow()
    tables: Mapping[str, Callable[[Findings, Int64Array], Columns]]
    tables = {"events": _events, "windows": _windows, "days": _days}
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with _replaced(path) as temporary:
        writer: Any = None
        for positions in _some(result, is_all=name == "events"):
            table = pa.table(tables[name](result, positions))
            writer = writer or pq.ParquetWriter(temporary, table.schema)
            writer.write_table(table)
            count += table.num_rows
        writer.close()
    return count


def put_frame(frame: pd.DataFrame, path: Path) -> int:
    """Write a frame to `path`; gives its rows.

    Raises
    ------
    DataError
        When pyarrow is not installed.
    OSError
        When it cannot be written.
    """
    pa, pq = _pyarrow()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _replaced(path) as temporary:
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), temporary)
    return len(frame)


@contextlib.contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """A temporary file that takes the place of a table, of one file or in parts."""
    with replacing(path) as temporary:
        yield temporary
        if path.is_dir():
            take_out(path)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise DataError(
            "Parquet needs pyarrow, which is not installed",
            where="--out",
            remedy='pip install "eventstudy-service[parquet]"',
        ) from None
    return pa, pq


def take_out(path: Path) -> None:
    """Remove a table, of one file or in parts, and nothing else that stands in its folder."""
    for part in path.glob("[0-9]*.parquet"):
        part.unlink()
    with contextlib.suppress(FileNotFoundError):
        path.rmdir() if path.is_dir() else path.unlink()


def _some(result: Findings, *, is_all: bool) -> Iterator[Int64Array]:
    """Events of the table, or rows of those with a result, in their order; at least once."""
    n = len(result.placed.event_ids) if is_all else result.usable.size
    for start in range(0, max(n, 1), EVENTS):
        chosen = np.arange(start, min(start + EVENTS, n))
        if not is_all:
            chosen = chosen[[result.reasons[i] is None for i in result.usable[chosen].tolist()]]
        yield chosen


def _events(result: Findings, positions: Int64Array) -> Columns:
    import pyarrow as pa

    placed, fit, some = result.placed, result.fit, positions.tolist()
    row = np.full(len(placed.event_ids), -1, dtype=np.int64)
    row[result.usable] = np.arange(result.usable.size)
    rows = row[positions]
    reasons = [result.reasons[i] for i in some]
    is_there = rows >= 0

    def number(values: Any) -> Any:
        out = np.full(len(some), np.nan)
        out[is_there] = values[rows[is_there]]
        return pa.array(out, from_pandas=True)

    days = np.full(len(some), np.datetime64("NaT", "D"))
    days[is_there] = _session(result, rows[is_there], 0)
    with np.errstate(invalid="ignore"):
        sigma = np.sqrt(fit.s2)
    return {
        **_names(result, positions),
        "group": pa.array([placed.groups[i] for i in some], pa.string()),
        "day0": pa.array(days),
        "status": pa.array(["ok" if reason is None else "skipped" for reason in reasons], pa.string()),
        "reason": pa.array(reasons, pa.string()),
        "n_estimation": number(fit.n_estimation.astype(float)),
        "df": number(fit.df),
        **{name: number(fit.theta[:, k]) for k, name in enumerate(fit.names)},
        "sigma": number(sigma),
        "r_squared": number(fit.r_squared),
    }


def _windows(result: Findings, rows: Int64Array) -> Columns:
    import pyarrow as pa

    n = len(result.cumulated)
    names = _names(result, result.usable[rows], n)

    def number(values: list[Any]) -> Any:
        return pa.array(np.column_stack([found[rows] for found in values]).ravel(), from_pandas=True)

    why = result.window_reasons
    return {
        **names,
        "window_start": pa.array(np.tile([found.window.start for found in result.cumulated], rows.size)),
        "window_end": pa.array(np.tile([found.window.end for found in result.cumulated], rows.size)),
        "n_days": number([found.n_days for found in result.cumulated]),
        **{
            column: number([getattr(found, name) for found in result.cumulated])
            for column, name in (("car", "car"), ("car_se", "se"), ("t", "scar"), ("bhar", "bhar"))
        },
        "p": number(list(result.p_values)),
        **{name: number([found[name] for found in result.adjusted]) for name in result.adjusted[0]},
        "reason": pa.array([why.get((i, w)) for i in rows.tolist() for w in range(n)], pa.string()),
    }


def _days(result: Findings, rows: Int64Array) -> Columns:
    import pyarrow as pa

    daily = result.daily
    sessions = np.column_stack([_session(result, rows, int(t)) for t in daily.tau]).reshape(rows.size, -1)
    is_there = ~np.isnat(sessions).ravel()  # a day beyond the data has no row
    numbers = {
        "return": daily.returns,
        "expected": result.fit.expected,
        "ar": daily.ar,
        "ar_se": daily.se,
        "sar": daily.sar,
    }
    names = _names(result, result.usable[rows], daily.tau.size)
    kept = pa.array(is_there)
    return {
        **{name: column.filter(kept) for name, column in names.items()},
        "tau": pa.array(np.tile(daily.tau, rows.size)[is_there]),
        "session": pa.array(sessions.ravel()[is_there]),
        **{name: pa.array(found[rows].ravel()[is_there], from_pandas=True) for name, found in numbers.items()},
    }


def _names(result: Findings, positions: Int64Array, times: int = 1) -> Columns:
    """Event and asset of some rows of the table, each so many times."""
    import pyarrow as pa

    take = pa.array(np.repeat(np.arange(positions.size), times))
    some, placed = positions.tolist(), result.placed
    columns = {"event_id": placed.event_ids, "asset": placed.assets}
    return {name: pa.array([texts[i] for i in some], pa.string()).take(take) for name, texts in columns.items()}


def _session(result: Findings, rows: Int64Array, tau: int) -> Any:
    """The session at `tau` of some rows; NaT beyond the data."""
    samples = result.samples
    days = samples.days[samples.days_at[rows] + (tau - int(samples.tau[0]))].astype(np.int64)
    return np.where(days < 0, np.datetime64("NaT", "D"), days.astype("datetime64[D]"))
