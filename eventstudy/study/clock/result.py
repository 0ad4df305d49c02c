"""Studies by the minute on files and frames: what was found, for programs and people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from eventstudy.atomic import put
from eventstudy.errors import DataError, InputError
from eventstudy.study.clock.aggregate import Member, averages
from eventstudy.study.clock.announcements import read_clock_events
from eventstudy.study.clock.document import document, judge
from eventstudy.study.clock.parquet import bars_in
from eventstudy.study.clock.part import Others
from eventstudy.study.clock.parts import ClockStudy, Together, checked, cuts_of, in_one, in_parts
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.summary import flat, summary
from eventstudy.study.clock.table import BarTable, FiledBars, FrameBars
from eventstudy.study.rows import put_frame
from eventstudy.study.spread.run import Spread
from eventstudy.study.spread.saved import begun
from eventstudy.study.spread.workers import workers
from eventstudy.tables.table import Table


@dataclass(frozen=True, kw_only=True)
class ClockResult:
    """A finished study by the minute.

    Attributes
    ----------
    spec : ClockSpec
    rows : tuple of dict
        The events as the JSON has them, in the order of the table.
    warnings : tuple of str
    members : tuple of Member
        What each of the events adds to averages.
    characteristics : DataFrame
        Columns of the table of events that may explain the moves.
    """

    spec: ClockSpec
    rows: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    members: tuple[Member, ...] = ()
    characteristics: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def n_refused(self) -> int:
        """Windows without a test, and events without any window."""
        return sum(
            sum(window["reason_code"] is not None for window in row["windows"]) if row["windows"] else 1
            for row in self.rows
        )

    @cached_property
    def events(self) -> pd.DataFrame:
        """A row per event, asset and window: move, paced t and p, and the verdict or the reason."""
        out = []
        for row in self.rows:
            head = {name: row[name] for name in ("event_id", "asset", "group", "announced_at", "session")}
            out += [{**head, **flat(window, row)} for window in row["windows"] or [None]]
        return pd.DataFrame(out)

    @cached_property
    def averages(self) -> dict[str, Any]:
        """``aggregate``, ``group_differences`` and ``regressions`` of the document (H13)."""
        return averages(self.members, self.spec, self.characteristics)

    @cached_property
    def aggregate(self) -> pd.DataFrame:
        """A row per group and window: the mean move with its interval, and the word."""
        return pd.DataFrame(
            [
                {
                    "group": group["group"],
                    **{k: v for k, v in row.items() if k not in ("tests", "moves", "paced", "left_out", "caar_ci")},
                    "window": ":".join(row["window"]),
                    "caar_low": row["caar_ci"][0],
                    "caar_high": row["caar_ci"][1],
                }
                for group in self.averages["aggregate"]
                for row in group["windows"]
            ]
        )

    @cached_property
    def tests(self) -> pd.DataFrame:
        """A row per group, window and test of the paced moves, and of the moves; which of them holds, and why."""
        return pd.DataFrame(
            [
                {"group": group["group"], "window": ":".join(row["window"]), "of": of, **test}
                for group in self.averages["aggregate"]
                for row in group["windows"]
                for of, tests in (("paced", row["tests"]), ("moves", row["moves"]["tests"]))
                for test in tests
            ]
        )

    def write(self, folder: Path, more: Mapping[str, Any] | None = None) -> dict[str, int]:
        """Write ``study.json``, the document without its events, and ``windows.parquet``, `events`, into `folder`.

        Each file is replaced in one step, the document last.

        Parameters
        ----------
        folder : Path
        more : mapping, optional
            What else the document says.

        Returns
        -------
        dict
            Name of the table → its rows.

        Raises
        ------
        DataError
            When pyarrow is not installed.
        OSError
            When the folder cannot be written.
        """
        count = put_frame(self.events, folder / "windows.parquet")
        whole = {**document(self.spec.to_dict(), (), self.warnings, self.averages), **(more or {})}
        del whole["events"]
        put(folder / "study.json", json.dumps(whole, indent=1).encode())
        return {"windows": count}

    def to_dict(self) -> dict[str, Any]:
        """The document that ``eventstudy study --bar`` prints as JSON."""
        return document(self.spec.to_dict(), self.rows, self.warnings, self.averages)

    def summary(self) -> str:
        """Text for people: a line per event, asset and window, and of many events one per window."""
        return summary(self.spec, self.rows, self.averages["aggregate"] if len(self.rows) > 1 else (), self.warnings)

    def __str__(self) -> str:
        return self.summary()


def run_clock_study(
    bars: pd.DataFrame | BarTable,
    events: pd.DataFrame,
    spec: ClockSpec,
    others: Mapping[str, Others] | None = None,
) -> ClockResult:
    """Study announcements by the minute (methods-intraday, H1 to H13).

    Parameters
    ----------
    bars : DataFrame or BarTable
        Long (``symbol, start, open, high, low, close, volume``) or wide (start, then a column of closes per symbol);
        starts carry an offset or Z.
    events : DataFrame
        ``event_id, asset, announced_at``, or ``earliest, latest``; optionally ``calendar, zone, group, benchmark``;
        other columns may explain the moves.
    spec : ClockSpec
    others : mapping of str to Others, optional
        Asset → what else happened to it; of those that are not named, the announcements of the table.

    Returns
    -------
    ClockResult

    Raises
    ------
    InputError
        When bars, events or settings as a whole cannot be used. One bad event never raises: it has its reason.
    """
    table: BarTable = FrameBars(bars) if isinstance(bars, pd.DataFrame) else bars
    study, characteristics = prepared_study(table, events, spec, others)
    warnings = tuple(table.warnings)
    return _result(in_one(study), study, characteristics, warnings)


def run_clock_study_on(bars: FiledBars, events: pd.DataFrame, spec: ClockSpec, spread: Spread) -> ClockResult:
    """The same in parts, by the workers of a cluster; to the last bit.

    Raises
    ------
    InputError
        As of `run_clock_study`; when there is no such cluster, or nothing to go on with.
    """
    study, characteristics = prepared_study(bars, events, spec)
    warnings = tuple(bars.warnings)
    with workers(spread.cluster, spread.progress) as by:
        cuts = [] if spread.resume else cuts_of(study, study.runs(), by.n, spread.parts)
        saved = None
        if spread.folder is not None:
            ends = [cut.stop for cut in cuts]
            saved = begun(spread.folder, study.ingredients(bars), ends, resume=spread.resume)
            cuts = saved.cuts
        found = in_parts(study, bars, by, cuts, saved)
    return _result(found, study, characteristics, warnings)


def prepared_study(
    table: BarTable, events: pd.DataFrame, spec: ClockSpec, others: Mapping[str, Others] | None = None
) -> tuple[ClockStudy, pd.DataFrame]:
    """A study before it is measured, and the columns of the events that may explain the moves.

    Raises
    ------
    InputError
        As of `run_clock_study`.
    """
    found, reasons, characteristics = read_clock_events(events, spec.calendar)
    for name in spec.regress:
        if name not in characteristics.columns:
            known = ", ".join(map(str, characteristics.columns)) or "none"
            raise DataError(
                "there is no such column", where="regress", value=name, remedy=f"further columns are {known}"
            )
    reasons = checked(table, spec, found, reasons)
    return ClockStudy(table=table, spec=spec, events=found, reasons=reasons, others=others or {}), characteristics


def _result(
    found: Together, study: ClockStudy, characteristics: pd.DataFrame, warnings: tuple[str, ...]
) -> ClockResult:
    judge(found.rows, study.spec)
    return ClockResult(
        spec=study.spec,
        rows=tuple(found.rows),
        warnings=tuple(dict.fromkeys([*warnings, *found.warnings])),
        members=tuple(found.members),
        characteristics=characteristics,
    )


def run_by_clock(
    bars: pd.DataFrame | Table | Path | str,
    events: pd.DataFrame | Table,
    spec: ClockSpec | None,
    *,
    bar: str,
    settings: Mapping[str, Any],
    spread: Spread | None = None,
) -> ClockResult:
    """Study bars in a frame, a table, or Parquet files, by `spec` with the settings that are given besides.

    Raises
    ------
    InputError
        As of `run_clock_study`, and for a setting that there is not.
    """
    known = ClockSpec.__slots__
    for name in settings:
        if name not in known:
            raise InputError("there is no such setting", where=name, remedy=f"settings are {', '.join(known)}")
    spec = ClockSpec(bar=bar, **settings) if spec is None else replace(spec, bar=bar, **settings)
    table: FiledBars
    if isinstance(bars, (str, Path)):
        found = bars_in(Path(bars), "prices")
        if found is None:
            raise DataError("not Parquet", where="prices", value=str(bars), remedy="read it with pandas")
        table = found
    else:
        table = FrameBars(_frame(bars), "prices")
    if spread is None:
        return run_clock_study(table, _frame(events), spec)
    return run_clock_study_on(table, _frame(events), spec, spread)


def _frame(table: pd.DataFrame | Table) -> pd.DataFrame:
    """A table under its names; one whose rows are named by their times, with these as its first column."""
    if isinstance(table, Table):
        return table.frame.set_axis(list(table.header), axis=1)
    return table.reset_index() if isinstance(table.index, pd.DatetimeIndex) else table
