"""A table of events, placed on the sessions of a market: each row gets a place, or a reason why it has none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.order import names_at
from eventstudy.records import Float64Array, Int64Array, SessionArray
from eventstudy.registry.models import MODELS
from eventstudy.spec import StudySpec
from eventstudy.study.announced import announced_days
from eventstudy.study.frame import Market
from eventstudy.study.overlap import in_estimation, overlaps, without_reason
from eventstudy.study.own_sessions import own_rows
from eventstudy.tables import dates
from eventstudy.tables.reading import of_frame
from eventstudy.tables.roles import spelt_alike, understood
from eventstudy.tables.table import Table

ALL = "all"  # the group of all events
TIMES = ("time", "times", "time_of_day", "uhrzeit", "announcement_time", "announced_time", "hour")
TIME = re.compile(
    r"(?:\d{4}-\d\d-\d\d[T ]|\d{1,2}[./]\d{1,2}[./]\d{2,4} )?"  # a date, or none
    r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?"
    r"(?:Z|[+-]\d\d:?\d\d|\s*[A-Z]{2,5})?",
    re.IGNORECASE,
)
MIDNIGHT = re.compile(r"(?:^|[T ])0?0:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?$")
# What others call the columns that every event needs; taken only where nothing has the name itself.
ALIASES = {
    "event_id": ("id", "event", "eventid"),
    "asset": ("symbol", "ticker", "ric", "isin", "permno", "security", "stock"),
    "date": ("eventdate", "datum"),
}
# What else people call the columns that not every event needs: refused with the name that is meant.
MEANT = {
    "group": ("grp", "gruppe", "cohort", "groupname", "groupid", "grouplabel", "eventgroup"),
    "weight": ("wgt", "wt", "weighting", "gewicht", "gewichtung", "eventweight"),
    "benchmark": (
        "bm",
        "bmk",
        "bench",
        "marketindex",
        "benchmarkid",
        "benchmarksymbol",
        "benchmarkticker",
        "benchmarkasset",
    ),
    "announced_at": ("announced", "announcement", "announcedon", "announcementdate", "publishedat", "releasedat"),
    "delisting_return": ("dlret", "delistingret", "delisting"),
}
OF_A_TIME = {
    "zone": ("tz", "timezone", "tzname", "zeitzone"),
    "calendar": ("exchange", "mic", "venue", "cal", "marketcalendar", "kalender"),
}
# Words for a time of day that calendars of earnings have.
PARTS_OF_A_DAY = (
    *("amc", "bmo", "dmh", "after close", "before open", "after market close", "before market open", "after hours"),
    *("after-hours", "pre-market", "premarket", "post-market", "aftermarket", "during market hours", "vorbörslich"),
    "nachbörslich",
)
COLUMNS = (
    "event_id",
    "asset",
    "date",
    "announced_at",
    "calendar",
    "zone",
    "group",
    "weight",
    "benchmark",
    "delisting_return",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Events in the order of the table; arrays have shape (n,).

    Attributes
    ----------
    event_ids, assets : tuple of str
    groups : tuple of str or None
    weights : Float64Array or None
    characteristics : DataFrame
        Columns that this package gives no meaning to, for cross-sectional regressions.
    benchmarks : tuple of str or None
        Per event; None = the study's.
    rows : Int64Array
        Session of event day 0, -1 where there is none.
    columns : Int64Array
        Column of the asset, -1 where there is none.
    reasons : tuple of str or None
        Why an event was skipped.
    notes : tuple of str
        What a reader must know, each beginning with the event.
    calendars : tuple of str or None
        Per event, the calendar of its venue; empty where none is named.
    delisting : tuple of float or None
        Per event, the return after the last price of the asset, of the kind of the study's; empty where none is given.
    """

    event_ids: tuple[str, ...]
    assets: tuple[str, ...]
    groups: tuple[str | None, ...]
    weights: Float64Array | None
    characteristics: pd.DataFrame
    benchmarks: tuple[str | None, ...]
    rows: Int64Array
    columns: Int64Array
    reasons: tuple[str | None, ...]
    notes: tuple[str, ...]
    calendars: tuple[str | None, ...] = ()
    delisting: tuple[float | None, ...] = ()


def place_events(
    table: Table,
    frame: pd.DataFrame,
    market: Market,
    spec: StudySpec,
    *,
    drop_overlapping: bool = False,
    mask_events: bool = False,
    delisting_return: float | None = None,
) -> Placed:
    """Place every row of a table shaped like ``events.csv``.

    Parameters
    ----------
    table : Table
        As it stands.
    frame : DataFrame
        Its rows by the names that have a meaning, see `rows_of`: ``event_id, asset`` and ``date`` (event day 0; a date
        that is no session moves to the next one, never back) or ``announced_at, calendar``; optionally ``group, weight,
        benchmark``.
    market : Market
    spec : StudySpec
        For the event window, by which events of one asset are found to overlap.
    drop_overlapping : bool
        Skip an event whose event window overlaps an earlier one of the same asset, instead of flagging it.

    Raises
    ------
    DataError
        When a required column is missing or nearly so, the table is empty, a date has a time of day or may mean two
        days, or ``date`` and ``announced_at`` contradict each other.
    """
    ids = _texts(frame, "event_id")
    event_ids, nameless = tuple(filter(None, ids)), []
    if len(event_ids) < len(ids):
        nameless = [i for i, name in enumerate(ids) if not name]
        event_ids = tuple([name or f"row {i + 2}" for i, name in enumerate(ids)])
    codes, texts = _coded(frame, "asset")
    assets = names_at([name or "" for name in texts], codes)
    benchmarks = _texts(frame, "benchmark")
    place = {name: j for j, name in enumerate(market.names)}
    columns = np.array([place.get(name or "", -1) for name in texts], dtype=np.int64)[codes]
    reasons: list[str | None] = [None] * len(assets)
    for i in np.flatnonzero(columns < 0).tolist():
        reasons[i] = f"there is no column {assets[i]!r} in the prices" if assets[i] else "no asset is named"
    weights = _weights(frame, reasons)
    delisting = _delisting(frame, delisting_return, spec, reasons)
    if MODELS[spec.model].needs_benchmark:
        _benchmarks(benchmarks, spec, place, reasons)
    notes = [f"{event_ids[i]}: no event_id; named after its row" for i in nameless]
    calendars = _texts(frame, "calendar") if "calendar" in frame.columns else ()
    rows = _rows(table, frame, market, event_ids, reasons, notes)
    if not spec.is_lumped:
        _own_day0(rows, columns, calendars, market, event_ids, reasons, notes)
    _repeated(event_ids, assets, reasons)
    overlaps(rows, columns, event_ids, reasons, notes, spec, drop_overlapping)
    if not mask_events:
        in_estimation(rows, columns, event_ids, reasons, notes, spec)
    live = without_reason(reasons)
    places = np.full_like(rows, -1)
    places[live] = rows[live]
    return Placed(
        event_ids=event_ids,
        assets=assets,
        groups=_texts(frame, "group"),
        weights=weights,
        characteristics=frame.drop(columns=[c for c in frame.columns if c in COLUMNS]),
        benchmarks=benchmarks,
        rows=places,
        columns=columns,
        reasons=tuple(reasons),
        notes=tuple(notes),
        calendars=calendars,
        delisting=delisting,
    )


def _own_day0(
    rows: Int64Array,
    columns: Int64Array,
    calendars: Sequence[str | None],
    market: Market,
    event_ids: Sequence[str],
    reasons: list[str | None],
    notes: list[str],
) -> None:
    """Move day 0 from days on which the asset was closed to its next session, in place; notes it."""
    if market.levels is None:
        return
    known: dict[tuple[int, str | None], tuple[Int64Array | None, int]] = {}
    for i in np.flatnonzero((rows >= 0) & market.with_own_sessions()[columns]).tolist():
        if reasons[i] is not None:
            continue
        key = (int(columns[i]), calendars[i] if calendars else None)
        if key not in known:
            priced = np.flatnonzero(np.isfinite(market.levels[:, key[0]]))
            known[key] = own_rows(market, *key), int(priced[-1]) if priced.size else len(market.sessions)
        (own, last), row = known[key], int(rows[i])
        if row > last:
            name, day = market.names[key[0]], market.sessions[row]
            reasons[i] = f"{name} has no price on {day} or later; its last is of {market.sessions[last]}"
        elif own is not None and own[np.searchsorted(own, row)] != row:
            rows[i] = own[np.searchsorted(own, row)]
            name, day = market.names[key[0]], market.sessions[row]
            notes.append(f"{event_ids[i]}: {name} has no price on {day}; day 0 moved to {market.sessions[rows[i]]}")


def _repeated(event_ids: Sequence[str], assets: Sequence[str], reasons: list[str | None]) -> None:
    """Refuse an event that stands twice with one asset; the first one counts."""
    if len(set(event_ids)) == len(event_ids):
        return
    seen: dict[tuple[str, str], int] = {}
    for i, key in enumerate(zip(event_ids, assets, strict=True)):
        if reasons[i] is None and (first := seen.setdefault(key, i)) != i:
            reasons[i] = f"stands twice with the asset {key[1]}; row {first + 2} counts"


def rows_of(events: pd.DataFrame | Table) -> tuple[Table, pd.DataFrame]:
    """A table of events, and its rows under the names that have a meaning; checks the columns as a whole.

    Names that differ from these in case and spaces alone are understood.

    Raises
    ------
    DataError
        When a required column is missing or nearly so, or the table is empty.
    """
    table = events if isinstance(events, Table) else of_frame(events.reset_index(drop=True), "events")
    return table, _checked(table)


def _checked(table: Table) -> pd.DataFrame:
    given = {name: role for role, name in table.roles_given().items()}
    given |= _by_alias(table.header, given)
    rest = [name for name in table.header if name not in given]
    names = given | understood(rest, [role for role in COLUMNS if role not in given.values()], "events")
    _refuse_meant(table.header, names)
    frame = table.frame.set_axis([names.get(name, name) for name in table.header], axis=1).reset_index(drop=True)
    if frame.columns.has_duplicates:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise DataError("two columns have the same name", where="events", value=twice, remedy="rename one")
    for name in ("event_id", "asset"):
        if name not in frame.columns:
            raise DataError(
                f"there is no column {name}",
                where="events",
                remedy="columns are event_id, asset and date, or event_id, asset, announced_at and calendar; or "
                + table.options.mapping(name, "NAME"),
            )
    if "date" not in frame.columns and "announced_at" not in frame.columns:
        raise DataError(
            "there is neither a column date nor announced_at",
            where="events",
            remedy=f"add one, or {table.options.mapping('date', 'NAME')}",
        )
    if not len(frame):
        raise DataError("there is no event", where="events", remedy="add a row")
    if ALL in _texts(frame, "group"):
        raise DataError("all is the name of the group of all events", where="events, group", remedy="rename the group")
    return frame


def _refuse_meant(header: Sequence[str], names: Mapping[str, str]) -> None:
    """Refuse another word for a column that has a meaning and is not there."""
    there = set(names.values())
    words = MEANT if "announced_at" not in there else MEANT | OF_A_TIME
    for role, meant in words.items():
        is_needless = role in there or (role == "announced_at" and "date" in there)
        found = next((name for name in header if name not in names and spelt_alike(name) in meant), None)
        if found is not None and not is_needless:
            raise DataError(
                "a column that is nearly one that has a meaning",
                where="events",
                value=found,
                remedy=f"did you mean {role}? If it is another thing, give it a name of its own",
            )


def _by_alias(header: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Column → role, for the roles of `ALIASES` whose own name no column has."""
    by_key = {spelt_alike(name): name for name in reversed(header) if name not in given}
    there = {*by_key, *map(spelt_alike, given.values())}
    found = {}
    for role, aliases in ALIASES.items():
        # what dates stand beside an instant is not known
        is_needed = spelt_alike(role) not in there and not (role == "date" and "announcedat" in there)
        name = next((by_key[alias] for alias in aliases if alias in by_key), None)
        if is_needed and name is not None:
            found[name] = role
    return found


def _benchmarks(
    benchmarks: Sequence[str | None], spec: StudySpec, place: dict[str, int], reasons: list[str | None]
) -> None:
    """Refuse an event whose own benchmark is not there, or that has none when others have."""
    if spec.benchmark is None and not any(benchmarks):
        raise DataError(
            f"the {spec.model} model needs a benchmark", where="benchmark", remedy="name a column with --benchmark"
        )
    if spec.benchmark in place and not any(benchmarks):
        return
    for i, own in enumerate(benchmarks):
        name = own or spec.benchmark
        if name is None:
            reasons[i] = reasons[i] or "it has no benchmark; fill in its column, or name one for all events"
        elif name not in place:
            reasons[i] = reasons[i] or f"there is no column {name!r} in the prices for its benchmark"


def _rows(
    table: Table,
    frame: pd.DataFrame,
    market: Market,
    event_ids: Sequence[str],
    reasons: list[str | None],
    notes: list[str],
) -> Int64Array:
    """Session of event day 0 of every row; writes reasons and notes."""
    days: SessionArray = np.full(len(frame), np.datetime64("NaT", "D"))
    is_dated = np.zeros(len(frame), dtype=bool)
    notes += table.notes
    if "date" in frame.columns:
        stamps = dates.parse(frame["date"], table.options)
        _refuse_times(table, frame, stamps)
        if stamps.is_ambiguous:
            dates.refuse(stamps, frame["date"], table.place, table.options, "date")
        notes += [f"events: {note}" for note in stamps.notes]
        days, is_dated = stamps.days, ~stamps.is_blank
        for i in np.flatnonzero(stamps.wrong).tolist():
            reasons[i] = reasons[i] or f"not a date: {str(frame['date'].iloc[i]).strip()!r}; {dates.REMEDY}"
    timed = np.flatnonzero(~is_dated).tolist()
    if timed:
        days[timed], _ = announced_days(frame, timed, event_ids, reasons, notes)
    _refuse_other_days(table, frame, days, is_dated & ~np.isnat(days))
    _refuse_conflicts(table, frame, market, days, is_dated & ~np.isnat(days), event_ids)
    known = ~np.isnat(days)
    rows = np.full(len(frame), -1, dtype=np.int64)
    codes, each = pd.factorize(days[known].astype(np.int64))  # many events have few days
    rows[known] = np.searchsorted(market.sessions, each.astype("datetime64[D]"), side="left")[codes]
    first, last = market.sessions[0], market.sessions[-1]
    for i in np.flatnonzero(known & (days > last)).tolist():
        reasons[i] = reasons[i] or f"{days[i]} is after the last session of the prices, {last}"
    for i in np.flatnonzero(known & (days < first)).tolist():
        reasons[i] = reasons[i] or f"{days[i]} is before the first session of the prices, {first}"
    moved = known & (days <= last) & (market.sessions[np.clip(rows, 0, market.sessions.size - 1)] != days)
    notes += [
        f"{event_ids[i]}: {days[i]} is no session; day 0 moved to {market.sessions[rows[i]]}"
        for i in np.flatnonzero(moved).tolist()
        if reasons[i] is None
    ]
    return rows


def _refuse_times(table: Table, frame: pd.DataFrame, stamps: dates.Stamps) -> None:
    """Refuse a time of day beside or inside the date of day 0: which session it leads to is for a calendar to say."""
    remedy = "put date and time into announced_at, as 2023-03-17T16:30-04:00, and name the exchange in calendar"
    for beside in () if stamps.is_blank.all() else [name for name in frame.columns if name not in COLUMNS]:
        cells = _times_in(frame, beside)
        if cells:
            raise DataError(f"a column {beside} beside date", where=table.name, value=cells[0], remedy=remedy)
    late = np.flatnonzero(stamps.seconds)
    if late.size:
        i = int(late[0])
        more = f", and so have {late.size - 1} more" if late.size > 1 else ""
        where = f"{table.place(i)}, column date"
        raise DataError(
            f"the date has a time of day{more}", where=where, value=str(frame["date"].iloc[i]), remedy=remedy
        )


def _times_in(frame: pd.DataFrame, column: str) -> list[str]:
    """Cells of a column that say a time of day: all where its name says so, else where most of them look like it."""
    cells = [cell for cell in _texts(frame, column) if cell and cell.strip("0:. ")]
    if str(column).strip().lower().replace(" ", "_") in TIMES:
        return cells
    if isinstance(frame[column].dtype, np.dtype) and frame[column].dtype.kind in "fiub":
        return []
    found = [c for c in cells if c.lower() in PARTS_OF_A_DAY or (TIME.fullmatch(c) and not MIDNIGHT.search(c))]
    return found if 2 * len(found) > len(cells) else []


def _refuse_other_days(table: Table, frame: pd.DataFrame, days: SessionArray, is_dated: NDArray[np.bool_]) -> None:
    """Refuse a second column that by its name has day 0, where its days are others."""
    for name in (name for name in frame.columns if spelt_alike(str(name)) in ALIASES["date"]):
        others = dates.parse(frame[name], table.options)
        differ = np.flatnonzero(is_dated & ~others.is_blank & (others.days != days))
        if differ.size:
            i = int(differ[0])
            raise DataError(
                f"date and {name} both have the day of an event, and do not agree: date is {days[i]}",
                where=table.place(i),
                value=str(frame[name].iloc[i]),
                remedy=f"keep one of the two, or give {name} a name that says what else it is",
            )


def _refuse_conflicts(
    table: Table,
    frame: pd.DataFrame,
    market: Market,
    days: SessionArray,
    is_dated: NDArray[np.bool_],
    event_ids: Sequence[str],
) -> None:
    """Refuse a date and an instant of one event that do not lead to the same session."""
    if "announced_at" not in frame.columns:
        return
    stated = _texts(frame, "announced_at")
    both = [i for i in np.flatnonzero(is_dated).tolist() if stated[i]]
    if not both:
        return
    wrong: list[str | None] = [None] * len(frame)
    first, last = announced_days(frame, both, event_ids, wrong, [])
    sessions = market.sessions
    same = np.zeros(len(both), dtype=bool)
    for found in (first, last):
        known = ~np.isnat(found)
        same[known] |= np.searchsorted(sessions, found[known]) == np.searchsorted(sessions, days[both][known])
    bad = [k for k in range(len(both)) if not same[k]]
    if not bad:
        return
    k, i = bad[0], both[bad[0]]
    why = wrong[i] or f"announced_at leads to day 0 on {first[k]}"
    more = f"; so do {len(bad) - 1} more rows" if len(bad) > 1 else ""
    raise DataError(
        f"date and announced_at are both filled in and do not agree: date is {days[i]}, {why}{more}",
        where=table.place(i),
        value=stated[i],
        remedy="leave one of the two blank: announced_at, with calendar, or date, which is event day 0",
    )


def _delisting(
    frame: pd.DataFrame, default: float | None, spec: StudySpec, reasons: list[str | None]
) -> tuple[float | None, ...]:
    """Delisting returns as the study's kind of return; a reason where one cannot be."""
    if "delisting_return" not in frame.columns and default is None:
        return ()
    if "delisting_return" in frame.columns:
        given = pd.to_numeric(frame["delisting_return"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        cells = _texts(frame, "delisting_return")
    else:
        given, cells = np.full(len(frame), np.nan), (None,) * len(frame)
    out: list[float | None] = []
    for i, (value, cell) in enumerate(zip(given.tolist(), cells, strict=True)):
        simple = default if cell is None else value
        is_possible = simple is None or simple > -1.0 or (simple == -1.0 and spec.returns == "simple")
        if not is_possible:
            reasons[i] = reasons[i] or (
                f"its delisting return cannot be one: {cell or default}; write -0.3 for -30 %; -1 needs simple returns"
            )
        out.append(simple if simple is None or spec.returns == "simple" or not is_possible else float(np.log1p(simple)))
    return tuple(out)


def _weights(frame: pd.DataFrame, reasons: list[str | None]) -> Float64Array | None:
    if "weight" not in frame.columns:
        return None
    weights = pd.to_numeric(frame["weight"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    for i in np.flatnonzero(~(np.isfinite(weights) & (weights >= 0))).tolist():
        reasons[i] = reasons[i] or f"its weight is not a number of zero or more: {frame['weight'].iloc[i]}"
    return weights


def _texts(frame: pd.DataFrame, column: str) -> tuple[str | None, ...]:
    """Cells of a column as stripped text; None where blank, or where there is no such column."""
    if column not in frame.columns:
        return (None,) * len(frame)
    is_text = isinstance(frame[column].dtype, pd.StringDtype)
    if is_text and column != "event_id":
        codes, texts = _coded(frame, column)
        return tuple(map(texts.__getitem__, codes.tolist()))
    cells, blank = frame[column].to_numpy(dtype=object).tolist(), frame[column].isna()
    if is_text and not blank.any():
        stripped = tuple(map(str.strip, cells))
        return stripped if "" not in stripped else tuple([text or None for text in stripped])
    return tuple([None if lost else str(cell).strip() or None for cell, lost in zip(cells, blank, strict=True)])


def _coded(frame: pd.DataFrame, column: str) -> tuple[Int64Array, list[str | None]]:
    """Cells of a column as `_texts`, one text for all that share it; and the place of each cell's among them."""
    cells = frame[column]
    if not isinstance(cells.dtype, pd.StringDtype):
        cells = pd.Series(_texts(frame, column), dtype=object)
    codes, names = pd.factorize(cells)
    return codes.astype(np.int64), [*(name.strip() or None for name in names.tolist()), None]
